/* Tests: what may stand behind "is". */
#include "text/jinja_int.h"

#include <string.h>

static bool t_defined(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind != JV_UNDEF;
}

static bool t_undefined(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return !t_defined(r, v, arg);
}

static bool t_none(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_NONE;
}

static bool t_boolean(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_BOOL;
}

static bool t_true(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_BOOL && v->u.b;
}

static bool t_false(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_BOOL && !v->u.b;
}

static bool t_integer(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_INT || v->kind == JV_BIG;
}

static bool t_float(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_FLOAT;
}

static bool t_number(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return jv_is_num(v);
}

static bool t_string(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_STR;
}

static bool t_mapping(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_DICT;
}

/* Has a length and takes subscripts; an undefined value has both. */
static bool t_sequence(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_STR || v->kind == JV_LIST || v->kind == JV_TUPLE || v->kind == JV_DICT ||
           v->kind == JV_RANGE || v->kind == JV_UNDEF;
}

static bool t_iterable(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return t_sequence(r, v, arg) || v->kind == JV_VIEW || v->kind == JV_GEN || v->kind == JV_LOOP;
}

static bool t_callable(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_FUNC || v->kind == JV_METHOD || v->kind == JV_MACRO ||
           v->kind == JV_LOOP || v->kind == JV_JOINER || v->kind == JV_UNDEF;
}

static bool t_escaped(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_STR && (v->flag & JF_MARKUP);
}

/* The rest of a division; false (and failed) when there is none. */
static bool is_rest(struct jrun *r, const struct jval *v, struct jval by, int64_t want)
{
    struct jval m = jop_math(r, JO_MOD, *v, by), wanted = jv_int(want);

    return !r->rc && jv_eq(r, &m, &wanted);
}

static bool t_even(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)arg;
    return is_rest(r, v, jv_int(2), 0);
}

static bool t_odd(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)arg;
    return is_rest(r, v, jv_int(2), 1);
}

static bool t_divisibleby(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return is_rest(r, v, arg[0], 0);
}

static bool cased(struct jrun *r, const struct jval *v, bool want_upper)
{
    struct jval s = jv_to_str(r, *v);
    size_t i = 0;
    bool any = false;

    while (i < s.len && jr_step(r, 0)) {
        uint32_t c = jchar_next(s.u.s, s.len, &i);

        if (want_upper ? jchar_is_lower(c) : jchar_is_upper(c))
            return false;
        any = any || (want_upper ? jchar_is_upper(c) : jchar_is_lower(c));
    }
    return any;
}

static bool t_lower(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)arg;
    return cased(r, v, false);
}

static bool t_upper(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)arg;
    return cased(r, v, true);
}

static bool t_eq(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return jv_eq(r, v, arg);
}

static bool t_ne(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return !jv_eq(r, v, arg);
}

static bool t_lt(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    int cmp;

    return jv_order(r, v, arg, JO_LT, &cmp) && cmp < 0;
}

static bool t_le(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    int cmp;

    return jv_order(r, v, arg, JO_LE, &cmp) && cmp <= 0;
}

static bool t_gt(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    int cmp;

    return jv_order(r, v, arg, JO_GT, &cmp) && cmp > 0;
}

static bool t_ge(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    int cmp;

    return jv_order(r, v, arg, JO_GE, &cmp) && cmp >= 0;
}

static bool t_in(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    return jv_in(r, v, arg);
}

static bool t_sameas(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    if (v->kind != arg->kind)
        return false;
    if (v->kind == JV_LIST || v->kind == JV_TUPLE || v->kind == JV_DICT)
        return v->u.s == arg->u.s;
    return jv_eq(r, v, arg);
}

static bool t_filter(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_STR && jfilter_find(v->u.s, v->len);
}

static bool t_test(struct jrun *r, const struct jval *v, const struct jval *arg)
{
    (void)r;
    (void)arg;
    return v->kind == JV_STR && jtest_find(v->u.s, v->len);
}

static const struct jtest_def tests[] = {
    { "boolean", 0, t_boolean }, { "callable", 0, t_callable },
    { "defined", 0, t_defined }, { "divisibleby", 1, t_divisibleby },
    { "eq", 1, t_eq },           { "equalto", 1, t_eq },
    { "==", 1, t_eq },           { "escaped", 0, t_escaped },
    { "even", 0, t_even },       { "false", 0, t_false },
    { "filter", 0, t_filter },   { "float", 0, t_float },
    { "ge", 1, t_ge },           { ">=", 1, t_ge },
    { "gt", 1, t_gt },           { ">", 1, t_gt },
    { "greaterthan", 1, t_gt },  { "in", 1, t_in },
    { "integer", 0, t_integer }, { "iterable", 0, t_iterable },
    { "le", 1, t_le },           { "<=", 1, t_le },
    { "lessthan", 1, t_lt },     { "lower", 0, t_lower },
    { "lt", 1, t_lt },           { "<", 1, t_lt },
    { "mapping", 0, t_mapping }, { "ne", 1, t_ne },
    { "!=", 1, t_ne },           { "none", 0, t_none },
    { "number", 0, t_number },   { "odd", 0, t_odd },
    { "sameas", 1, t_sameas },   { "sequence", 0, t_sequence },
    { "string", 0, t_string },   { "test", 0, t_test },
    { "true", 0, t_true },       { "undefined", 0, t_undefined },
    { "upper", 0, t_upper },
};

const struct jtest_def *jtest_find(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        if (strlen(tests[i].name) == len && memcmp(tests[i].name, name, len) == 0)
            return &tests[i];
    }
    return NULL;
}

bool jtest_run(struct jrun *r, const struct jtest_def *t, struct jval v, const struct jargs *a)
{
    if (!jr_step(r, 0))
        return false;
    if (a->n_pos + a->n_key != t->n_arg) {
        jr_fail(r, "test '%s' takes %u arguments (%zu given)", t->name, t->n_arg,
                a->n_pos + a->n_key);
        return false;
    }
    return t->run(r, &v, a->n_pos ? a->pos : a->n_key ? &a->key[0].value : NULL);
}
