/* Evaluating expressions: a walk over the nodes. */
#include "text/jinja_int.h"

#include <string.h>

static struct jval name(struct jrun *r, const struct jnode *n)
{
    struct jval v = jscope_get(r, n->sym);

    if (v.kind == JV_UNSET)
        v = jglobal_find(&r->t->sym[n->sym]);
    return v.kind == JV_UNSET ? jv_undef_name(r, r->t->sym[n->sym]) : v;
}

static struct jval sequence(struct jrun *r, const struct jnode *n)
{
    struct jval *at = jr_new(r, n->n, sizeof(*at));

    for (uint32_t i = 0; at && i < n->n && !r->rc; i++)
        at[i] = jeval(r, n->kid[i]);
    return jv_list(r, at, at ? n->n : 0, n->kind == JN_LIST ? JV_LIST : JV_TUPLE);
}

static struct jval dict(struct jrun *r, const struct jnode *n)
{
    struct jdict *d;
    struct jval v = jv_dict(r, &d);

    for (uint32_t i = 0; d && i < n->n && !r->rc; i += 2) {
        struct jval key = jeval(r, n->kid[i]), value = jeval(r, n->kid[i + 1]);

        (void)jdict_set(r, d, key, value);
    }
    return v;
}

static struct jval math(struct jrun *r, const struct jnode *n)
{
    struct jval v = jeval(r, n->kid[0]);

    for (uint32_t i = 1; i < n->n && !r->rc; i++) {
        struct jval right = jeval(r, n->kid[i]);

        r->line = n->line;
        v = jop_math(r, n->op[i - 1], v, right);
    }
    return v;
}

static struct jval concat(struct jrun *r, const struct jnode *n)
{
    struct jval v = jv_plain(jv_to_str(r, jeval(r, n->kid[0])));

    for (uint32_t i = 1; i < n->n && !r->rc; i++)
        v = jv_concat(r, v, jv_plain(jv_to_str(r, jeval(r, n->kid[i]))));
    return v;
}

static struct jval logic(struct jrun *r, const struct jnode *n)
{
    struct jval v = jv_none();

    for (uint32_t i = 0; i < n->n && !r->rc; i++) {
        v = jeval(r, n->kid[i]);
        if (jv_truth(&v) == (n->kind == JN_OR))
            break;
    }
    return v;
}

static bool holds(struct jrun *r, enum jop op, const struct jval *a, const struct jval *b)
{
    int cmp;

    switch (op) {
    case JO_EQ:
        return jv_eq(r, a, b);
    case JO_NE:
        return !jv_eq(r, a, b);
    case JO_IN:
        return jv_in(r, a, b);
    case JO_NOTIN:
        return !jv_in(r, a, b);
    default:
        break;
    }
    if (!jv_order(r, a, b, op, &cmp))
        return false;
    if ((a->kind == JV_FLOAT && a->u.f != a->u.f) || (b->kind == JV_FLOAT && b->u.f != b->u.f))
        return false; /* not a number: no order */
    return op == JO_LT ? cmp < 0 : op == JO_LE ? cmp <= 0 : op == JO_GT ? cmp > 0 : cmp >= 0;
}

static struct jval compare(struct jrun *r, const struct jnode *n)
{
    struct jval left = jeval(r, n->kid[0]);
    bool ok = true;

    for (uint32_t i = 1; i < n->n && ok && !r->rc; i++) {
        struct jval right = jeval(r, n->kid[i]);

        if (r->rc)
            break;
        r->line = n->line;
        ok = holds(r, n->op[i - 1], &left, &right);
        left = right;
    }
    return jv_bool(ok);
}

static struct jval cond(struct jrun *r, const struct jnode *n)
{
    struct jval test = jeval(r, n->b);

    if (r->rc)
        return jv_none();
    if (jv_truth(&test))
        return jeval(r, n->a);
    if (n->c)
        return jeval(r, n->c);
    return jv_undef_text(r, jv_lit("the inline if-expression evaluated to false and no else "
                                   "section was defined"));
}

static struct jval item(struct jrun *r, const struct jnode *n)
{
    struct jval obj = jeval(r, n->a), bound[3];

    if (n->b->kind != JN_SLICE) {
        struct jval key = jeval(r, n->b);

        r->line = n->line;
        return jop_item(r, obj, key);
    }
    bound[0] = n->b->a ? jeval(r, n->b->a) : jv_none();
    bound[1] = n->b->b ? jeval(r, n->b->b) : jv_none();
    bound[2] = n->b->c ? jeval(r, n->b->c) : jv_none();
    r->line = n->line;
    return jop_slice(r, obj, bound);
}

/* ---- arguments ---- */

static void add_star(struct jrun *r, struct jvec *v, struct jval star)
{
    struct jiter it;
    struct jval x;

    if (r->rc || !jiter_open(r, &it, star))
        return;
    while (jiter_next(r, &it, &x))
        (void)jvec_add(r, v, x);
}

static void add_star2(struct jrun *r, struct jargs *out, struct jpair *at, struct jval star)
{
    const struct jdict *d = star.u.dict;

    if (star.kind != JV_DICT) {
        jr_fail(r, "argument after ** must be a mapping, not %s", jv_type(&star));
        return;
    }
    for (size_t i = 0; i < d->n && !r->rc; i++) {
        if (d->at[i].key.kind != JV_STR)
            jr_fail(r, "keywords must be strings");
        at[out->n_key++] = d->at[i];
    }
}

bool jeval_args(struct jrun *r, const struct jarg_node *n, struct jargs *out)
{
    struct jval *pos, star2 = jv_unset();
    struct jpair *key;
    struct jvec v = { 0 };
    size_t n_key;

    *out = (struct jargs){ 0 };
    if (!n)
        return !r->rc;
    pos = n->n_pos ? jr_new(r, n->n_pos, sizeof(*pos)) : NULL;
    for (uint32_t i = 0; pos && i < n->n_pos && !r->rc; i++)
        pos[i] = jeval(r, n->pos[i]);
    out->pos = pos;
    out->n_pos = pos ? n->n_pos : 0;
    if (n->star) {
        v = (struct jvec){ .at = pos, .n = out->n_pos, .cap = out->n_pos };
        add_star(r, &v, jeval(r, n->star));
        out->pos = v.at;
        out->n_pos = v.n;
    }
    if (n->star2)
        star2 = jeval(r, n->star2);
    n_key = n->n_key + (star2.kind == JV_DICT ? star2.u.dict->n : 0);
    key = n_key ? jr_new(r, n_key, sizeof(*key)) : NULL;
    for (uint32_t i = 0; key && i < n->n_key && !r->rc; i++)
        key[out->n_key++] = (struct jpair){ .key = n->key[i], .value = jeval(r, n->value[i]) };
    if (n->star2 && !r->rc)
        add_star2(r, out, key, star2);
    out->key = key;
    return !r->rc;
}

static struct jval call(struct jrun *r, const struct jnode *n)
{
    struct jval f = jeval(r, n->a);
    struct jargs a;

    if (!jeval_args(r, n->arg, &a))
        return jv_none();
    r->line = n->line;
    return jcall(r, f, &a);
}

struct jval jeval_filter(struct jrun *r, const struct jnode *n, struct jval in)
{
    struct jargs a;

    if (!jeval_args(r, n->arg, &a))
        return jv_none();
    r->line = n->line;
    if (!n->filter) {
        jr_fail(r, "no filter named '%.*s'", jr_cut(&n->val), n->val.u.s);
        return in;
    }
    return jfilter_run(r, n->filter, in, &a);
}

static struct jval test(struct jrun *r, const struct jnode *n)
{
    struct jval v = jeval(r, n->a);
    struct jargs a;

    if (!jeval_args(r, n->arg, &a))
        return jv_none();
    r->line = n->line;
    if (!n->test) {
        jr_fail(r, "no test named '%.*s'", jr_cut(&n->val), n->val.u.s);
        return v;
    }
    return jv_bool(jtest_run(r, n->test, v, &a));
}

static struct jval not_value(struct jrun *r, const struct jnode *n)
{
    struct jval v = jeval(r, n->a);

    return jv_bool(!jv_truth(&v));
}

static struct jval sign(struct jrun *r, const struct jnode *n)
{
    return jop_neg(r, jeval(r, n->a), n->kind == JN_NEG);
}

static struct jval attr(struct jrun *r, const struct jnode *n)
{
    struct jval obj = jeval(r, n->a);

    r->line = n->line;
    return jop_attr(r, obj, n->val);
}

static struct jval filter(struct jrun *r, const struct jnode *n)
{
    struct jval in = jeval(r, n->a);

    return r->rc ? in : jeval_filter(r, n, in);
}

struct jval jeval(struct jrun *r, const struct jnode *n)
{
    static struct jval (*const run[])(struct jrun *, const struct jnode *) = {
        [JN_NAME] = name,     [JN_LIST] = sequence, [JN_TUPLE] = sequence, [JN_DICT] = dict,
        [JN_MATH] = math,     [JN_CONCAT] = concat, [JN_AND] = logic,      [JN_OR] = logic,
        [JN_NOT] = not_value, [JN_NEG] = sign,      [JN_POS] = sign,       [JN_COMPARE] = compare,
        [JN_COND] = cond,     [JN_ATTR] = attr,     [JN_ITEM] = item,      [JN_CALL] = call,
        [JN_FILTER] = filter, [JN_TEST] = test,
    };
    struct jval v;

    if (n->kind == JN_CONST)
        return n->val;
    if (!jr_step(r, 0) || !jr_nest(r))
        return jv_none();
    r->line = n->line;
    if (n->kind >= COUNT_OF(run) || !run[n->kind]) { /* a slice among several subscripts */
        jr_fail(r, "a slice cannot be used here");
        v = jv_none();
    } else {
        v = run[n->kind](r, n);
    }
    jr_unnest(r);
    return v;
}
