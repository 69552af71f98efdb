/* Methods of lists, dictionaries, ranges, numbers, loops and cyclers; the global functions; calls.
 */
#include "text/jinja_int.h"

#include <math.h>
#include <string.h>

static struct jval m_get(struct jrun *r, struct jval self, const struct jval *v)
{
    const struct jval *found = jdict_get(r, self.u.dict, &v[0]);

    if (found)
        return *found;
    return v[1].kind == JV_UNSET ? jv_none() : v[1];
}

static struct jval view(struct jval self, enum jflag which)
{
    self.kind = JV_VIEW;
    self.flag = (uint8_t)which;
    return self;
}

static struct jval m_keys(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    return view(self, JF_VIEW_KEYS);
}

static struct jval m_values(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    return view(self, JF_VIEW_VALUES);
}

static struct jval m_items(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    return view(self, JF_VIEW_ITEMS);
}

/* Values never change, so that a copy is the value itself. */
static struct jval m_copy(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    return self;
}

static struct jval m_fromkeys(struct jrun *r, struct jval self, const struct jval *v)
{
    struct jdict *d;
    struct jval out = jv_dict(r, &d), x;
    struct jiter it;

    (void)self;
    if (r->rc || !jiter_open(r, &it, v[0]))
        return jv_none();
    while (jiter_next(r, &it, &x))
        (void)jdict_set(r, d, x, v[1].kind == JV_UNSET ? jv_none() : v[1]);
    return out;
}

static struct jval m_count(struct jrun *r, struct jval self, const struct jval *v)
{
    struct jiter it;
    struct jval x;
    int64_t n = 0;

    if (!jiter_open(r, &it, self))
        return jv_none();
    while (jiter_next(r, &it, &x))
        n += jv_eq(r, &x, &v[0]);
    return jv_int(n);
}

static struct jval m_index(struct jrun *r, struct jval self, const struct jval *v)
{
    int64_t from, to, i = 0, n;
    size_t len;
    struct jiter it;
    struct jval x;

    if (!jv_to_int(r, &v[1], 0, &from) || !jv_to_int(r, &v[2], INT64_MAX, &to) ||
        !jiter_open(r, &it, self) || !jv_len(&self, &len))
        return jv_none();
    n = (int64_t)len;
    from = from < 0 ? from + n : from;
    to = to < 0 ? to + n : to;
    for (; jiter_next(r, &it, &x); i++) {
        if (i >= from && i < to && jv_eq(r, &x, &v[0]))
            return jv_int(i);
    }
    jr_fail(r, "the value is not in the %s", jv_type(&self));
    return jv_none();
}

/* Lists change in place only by these two, and only by what holds nothing itself: so no list can
 * come to hold itself. jinja2's sandbox refuses both; published templates call them all the same.
 */
static struct jval m_append(struct jrun *r, struct jval self, const struct jval *v)
{
    struct jval *at = jr_new(r, 1, sizeof(*at)), more;

    if (!at)
        return jv_none();
    if (v[0].kind > JV_STR) {
        jr_fail(r, "append to a list: expected a text or a number, found %s", jv_type(&v[0]));
        return jv_none();
    }
    at[0] = v[0];
    more = jv_list_concat(r, self, jv_list(r, at, 1, JV_LIST));
    if (!r->rc)
        *self.u.own_list = *more.u.list;
    return jv_none();
}

static struct jval m_pop(struct jrun *r, struct jval self, const struct jval *v)
{
    const struct jlist *l = self.u.list;
    int64_t i, n = (int64_t)l->n;
    struct jval out, *at;

    if (!jv_to_int(r, &v[0], -1, &i))
        return jv_none();
    i = i < 0 ? i + n : i;
    if (i < 0 || i >= n) {
        jr_fail(r, n ? "pop index out of range" : "pop from empty list");
        return jv_none();
    }
    out = l->at[i];
    at = jr_new(r, l->n, sizeof(*at));
    if (!at || !jr_step(r, l->n * 16))
        return jv_none();
    memcpy(at, l->at, (size_t)i * sizeof(*at));
    memcpy(at + i, l->at + i + 1, (size_t)(n - i - 1) * sizeof(*at));
    self.u.own_list->at = at;
    self.u.own_list->n--;
    self.u.own_list->own = NULL;
    return out;
}

static struct jval m_is_integer(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    return jv_bool(self.kind != JV_FLOAT || (isfinite(self.u.f) && floor(self.u.f) == self.u.f));
}

static struct jval m_bit_length(struct jrun *r, struct jval self, const struct jval *v)
{
    double f = fabs(jv_num(&self));
    int exp = 0;

    (void)r;
    (void)v;
    if (self.kind == JV_INT) {
        uint64_t m = self.u.i < 0 ? 0 - (uint64_t)self.u.i : (uint64_t)self.u.i;

        for (; m; m >>= 1)
            exp++;
        return jv_int(exp);
    }
    if (f >= 1.0)
        (void)frexp(f, &exp);
    return jv_int(exp);
}

static struct jval m_cycle(struct jrun *r, struct jval self, const struct jargs *a)
{
    return jloop_method(r, self.u.loop, "cycle", a);
}

static struct jval m_changed(struct jrun *r, struct jval self, const struct jargs *a)
{
    return jloop_method(r, self.u.loop, "changed", a);
}

static struct jval m_next(struct jrun *r, struct jval self, const struct jval *v)
{
    struct jcycler *c = self.u.cycler;
    struct jval x = c->items->at[c->pos];

    (void)r;
    (void)v;
    c->pos = (c->pos + 1) % c->items->n;
    return x;
}

static struct jval m_reset(struct jrun *r, struct jval self, const struct jval *v)
{
    (void)r;
    (void)v;
    self.u.cycler->pos = 0;
    return jv_none();
}

struct kind_methods {
    enum jkind kind;
    struct jmethod_def def; /* without function: the sandbox refuses it */
};

static const struct kind_methods methods[] = {
    { JV_DICT, { "get", "key! default", m_get, NULL } },
    { JV_DICT, { "keys", "", m_keys, NULL } },
    { JV_DICT, { "values", "", m_values, NULL } },
    { JV_DICT, { "items", "", m_items, NULL } },
    { JV_DICT, { "copy", "", m_copy, NULL } },
    { JV_DICT, { "fromkeys", "iterable! value", m_fromkeys, NULL } },
    { JV_DICT, { "clear", NULL, NULL, NULL } },
    { JV_DICT, { "pop", NULL, NULL, NULL } },
    { JV_DICT, { "popitem", NULL, NULL, NULL } },
    { JV_DICT, { "setdefault", NULL, NULL, NULL } },
    { JV_DICT, { "update", NULL, NULL, NULL } },
    { JV_LIST, { "count", "value!", m_count, NULL } },
    { JV_LIST, { "index", "value! start stop", m_index, NULL } },
    { JV_LIST, { "copy", "", m_copy, NULL } },
    { JV_LIST, { "append", "value!", m_append, NULL } },
    { JV_LIST, { "clear", NULL, NULL, NULL } },
    { JV_LIST, { "extend", NULL, NULL, NULL } },
    { JV_LIST, { "insert", NULL, NULL, NULL } },
    { JV_LIST, { "pop", "index", m_pop, NULL } },
    { JV_LIST, { "remove", NULL, NULL, NULL } },
    { JV_LIST, { "reverse", NULL, NULL, NULL } },
    { JV_LIST, { "sort", NULL, NULL, NULL } },
    { JV_TUPLE, { "count", "value!", m_count, NULL } },
    { JV_TUPLE, { "index", "value! start stop", m_index, NULL } },
    { JV_RANGE, { "count", "value!", m_count, NULL } },
    { JV_RANGE, { "index", "value! start stop", m_index, NULL } },
    { JV_FLOAT, { "is_integer", "", m_is_integer, NULL } },
    { JV_INT, { "bit_length", "", m_bit_length, NULL } },
    { JV_BIG, { "bit_length", "", m_bit_length, NULL } },
    { JV_LOOP, { "cycle", NULL, NULL, m_cycle } },
    { JV_LOOP, { "changed", NULL, NULL, m_changed } },
    { JV_CYCLER, { "next", "", m_next, NULL } },
    { JV_CYCLER, { "reset", "", m_reset, NULL } },
};

const struct jmethod_def *jmethod_find(const struct jval *v, const struct jval *name,
                                       bool *is_unsafe)
{
    *is_unsafe = false;
    if (v->kind == JV_STR)
        return jmethod_find_str(name);
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].kind == v->kind && jv_is(name, methods[i].def.name)) {
            *is_unsafe = !methods[i].def.run && !methods[i].def.run_raw;
            return &methods[i].def;
        }
    }
    return NULL;
}

/* ---- global functions ---- */

static bool add_keys(struct jrun *r, struct jdict *d, const struct jargs *a)
{
    for (size_t i = 0; i < a->n_key; i++)
        (void)jdict_set(r, d, a->key[i].key, a->key[i].value);
    return !r->rc;
}

static bool add_pairs(struct jrun *r, struct jdict *d, struct jval src)
{
    struct jiter it;
    struct jval x, pair;

    if (src.kind == JV_DICT) {
        for (size_t i = 0; i < src.u.dict->n; i++)
            (void)jdict_set(r, d, src.u.dict->at[i].key, src.u.dict->at[i].value);
        return !r->rc;
    }
    if (!jiter_open(r, &it, src))
        return false;
    while (jiter_next(r, &it, &x)) {
        pair = jv_to_list(r, x, JV_LIST);
        if (r->rc)
            return false;
        if (pair.u.list->n != 2) {
            jr_fail(r, "dictionary update sequence element has length %zu; 2 is required",
                    pair.u.list->n);
            return false;
        }
        (void)jdict_set(r, d, pair.u.list->at[0], pair.u.list->at[1]);
    }
    return !r->rc;
}

static bool fill_dict(struct jrun *r, struct jdict *d, const struct jargs *a)
{
    if (a->n_pos > 1) {
        jr_fail(r, "dict expected at most 1 argument, got %zu", a->n_pos);
        return false;
    }
    return (a->n_pos == 0 || add_pairs(r, d, a->pos[0])) && add_keys(r, d, a);
}

static struct jval g_dict(struct jrun *r, const struct jargs *a)
{
    struct jdict *d;
    struct jval v = jv_dict(r, &d);

    if (d)
        (void)fill_dict(r, d, a);
    return v;
}

static struct jval g_namespace(struct jrun *r, const struct jargs *a)
{
    struct jns *ns = jr_new(r, 1, sizeof(*ns));

    if (!ns || !fill_dict(r, &ns->d, a))
        return jv_none();
    return (struct jval){ .kind = JV_NS, .u.ns = ns };
}

static struct jval g_cycler(struct jrun *r, const struct jargs *a)
{
    struct jcycler *c = jr_new(r, 1, sizeof(*c));
    struct jvec v = { 0 };

    if (a->n_pos == 0)
        jr_fail(r, "at least one item has to be provided");
    for (size_t i = 0; i < a->n_pos; i++)
        (void)jvec_add(r, &v, a->pos[i]);
    if (!c)
        return jv_none();
    c->items = jvec_list(r, &v).u.list;
    return (struct jval){ .kind = JV_CYCLER, .u.cycler = c };
}

static struct jval g_joiner(struct jrun *r, const struct jargs *a)
{
    struct jjoiner *j = jr_new(r, 1, sizeof(*j));
    struct jval v[JARG_MAX];

    if (!j || !jargs_bind(r, "joiner", "sep", a, v))
        return jv_none();
    j->sep = v[0].kind == JV_UNSET ? jv_lit(", ") : v[0];
    return (struct jval){ .kind = JV_JOINER, .u.joiner = j };
}

static struct jval g_raise(struct jrun *r, const struct jargs *a)
{
    struct jval v[JARG_MAX], s;

    if (!jargs_bind(r, "raise_exception", "message!", a, v))
        return jv_none();
    s = jv_to_str(r, v[0]);
    jr_raise(r, s.u.s, s.len);
    return jv_none();
}

static struct jval g_strftime(struct jrun *r, const struct jargs *a)
{
    struct jval v[JARG_MAX];

    if (!jargs_bind(r, "strftime_now", "format!", a, v))
        return jv_none();
    if (v[0].kind != JV_STR) {
        jr_fail(r, "strftime_now() argument must be str, not %s", jv_type(&v[0]));
        return jv_none();
    }
    return jtime_format(r, v[0]);
}

static struct jval g_lipsum(struct jrun *r, const struct jargs *a)
{
    (void)a;
    jr_fail(r, "lipsum() is random text and not available");
    return jv_none();
}

static const struct jfunc_def functions[] = {
    { "range", jv_range },          { "dict", g_dict },
    { "lipsum", g_lipsum },         { "cycler", g_cycler },
    { "joiner", g_joiner },         { "namespace", g_namespace },
    { "raise_exception", g_raise }, { "strftime_now", g_strftime },
};

struct jval jglobal_find(const struct jval *name)
{
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (jv_is(name, functions[i].name))
            return (struct jval){ .kind = JV_FUNC, .u.func = &functions[i] };
    }
    return jv_unset();
}

/* ---- calls ---- */

/* The next name of a parameter list into *name; false at its end. */
static bool next_param(const char **param, struct jval *name, bool *is_needed)
{
    size_t n;

    while (**param == ' ')
        ++*param;
    if (!**param)
        return false;
    n = strcspn(*param, " !");
    *name = jv_strn(*param, n);
    *is_needed = (*param)[n] == '!';
    *param += n + *is_needed;
    return true;
}

static bool is_param(const struct jargs *a, size_t i_key, const char *param)
{
    struct jval name;
    bool is_needed;

    while (next_param(&param, &name, &is_needed)) {
        if (name.len == a->key[i_key].key.len &&
            memcmp(name.u.s, a->key[i_key].key.u.s, name.len) == 0)
            return true;
    }
    return false;
}

bool jargs_bind(struct jrun *r, const char *name, const char *param, const struct jargs *a,
                struct jval *v)
{
    const char *list = param;
    struct jval one;
    bool is_needed;
    size_t n = 0;

    for (size_t i = 0; i < JARG_MAX; i++)
        v[i] = jv_unset();
    for (; n < JARG_MAX && next_param(&list, &one, &is_needed); n++) {
        if (n < a->n_pos)
            v[n] = a->pos[n];
        for (size_t k = 0; k < a->n_key; k++) {
            if (one.len != a->key[k].key.len || memcmp(one.u.s, a->key[k].key.u.s, one.len) != 0)
                continue;
            if (v[n].kind != JV_UNSET)
                jr_fail(r, "%s() got multiple values for argument '%.*s'", name, jr_cut(&one),
                        one.u.s);
            v[n] = a->key[k].value;
        }
        if (is_needed && v[n].kind == JV_UNSET)
            jr_fail(r, "%s() missing required argument: '%.*s'", name, jr_cut(&one), one.u.s);
    }
    if (a->n_pos > n)
        jr_fail(r, "%s() takes at most %zu arguments (%zu given)", name, n, a->n_pos);
    for (size_t k = 0; k < a->n_key; k++) {
        if (!is_param(a, k, param))
            jr_fail(r, "%s() got an unexpected keyword argument '%.*s'", name,
                    jr_cut(&a->key[k].key), a->key[k].key.u.s);
    }
    return !r->rc;
}

static struct jval call_method(struct jrun *r, const struct jmethod *m, const struct jargs *a)
{
    struct jval v[JARG_MAX];

    if (m->def->run_raw)
        return m->def->run_raw(r, m->self, a);
    if (!jargs_bind(r, m->def->name, m->def->param, a, v))
        return jv_none();
    return m->def->run(r, m->self, v);
}

static struct jval call_joiner(struct jjoiner *j)
{
    if (j->is_used)
        return j->sep;
    j->is_used = true;
    return jv_lit("");
}

struct jval jcall(struct jrun *r, struct jval f, const struct jargs *a)
{
    if (r->rc)
        return jv_none();
    switch (f.kind) {
    case JV_FUNC:
        return f.u.func->run(r, a);
    case JV_METHOD:
        return call_method(r, f.u.method, a);
    case JV_MACRO:
        return jmacro_call(r, f.u.macro, a);
    case JV_LOOP:
        return jloop_call(r, f.u.loop, a);
    case JV_JOINER:
        return call_joiner(f.u.joiner);
    case JV_UNDEF:
        jr_fail_undef(r, f);
        return jv_none();
    default:
        jr_fail(r, "'%s' object is not callable", jv_type(&f));
        return jv_none();
    }
}
