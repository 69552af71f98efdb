/* Filters whose result is a generator: items are made when somebody asks, and only once. */
#include "text/jinja_int.h"

#include <string.h>

/* Opens the source at the first item; false when there is nothing to read. */
static bool start(struct jrun *r, struct jgen *g)
{
    if (g->is_started)
        return true;
    g->is_started = true;
    return jiter_open(r, &g->src, g->in);
}

/* map, select and the like read nothing at all from a false value. */
static bool start_if_true(struct jrun *r, struct jgen *g)
{
    return (g->is_started || jv_truth(&g->in)) && start(r, g);
}

/* ---- map ---- */

static bool next_map(struct jrun *r, struct jgen *g, struct jval *out)
{
    struct jval x;

    if (!start_if_true(r, g) || !jiter_next(r, &g->src, &x))
        return false;
    if (g->filter) {
        *out = jfilter_run(r, g->filter, x, &g->args);
        return !r->rc;
    }
    *out = jattr_get(r, x, &g->attr);
    if (out->kind == JV_UNDEF && g->arg[0].kind != JV_UNSET && g->arg[0].kind != JV_NONE)
        *out = g->arg[0];
    return !r->rc;
}

static struct jval f_map(struct jrun *r, struct jval in, const struct jargs *a)
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in), v[JARG_MAX];

    if (!g)
        return out;
    g->next = next_map;
    if (a->n_pos == 0) {
        if (!jargs_bind(r, "map", "attribute! default", a, v))
            return out;
        g->attr = v[0];
        g->arg[0] = v[1];
        return out;
    }
    if (a->pos[0].kind == JV_STR)
        g->filter = jfilter_find(a->pos[0].u.s, a->pos[0].len);
    if (!g->filter) {
        struct jval name = jv_to_str(r, a->pos[0]);

        jr_fail(r, "no filter named '%.*s'", jr_cut(&name), name.u.s);
    }
    g->args = *a;
    g->args.pos++;
    g->args.n_pos--;
    return out;
}

/* ---- select and reject ---- */

static bool next_select(struct jrun *r, struct jgen *g, struct jval *out)
{
    struct jval x;

    if (!start_if_true(r, g))
        return false;
    while (jiter_next(r, &g->src, out)) {
        bool ok;

        x = g->is_attr ? jattr_get(r, *out, &g->attr) : *out;
        ok = g->test ? jtest_run(r, g->test, x, &g->args) : jv_truth(&x);
        if (ok != g->is_reject)
            return !r->rc;
    }
    return false;
}

static struct jval select(struct jrun *r, struct jval in, const struct jargs *a, bool is_attr,
                          bool is_reject)
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in);
    size_t skip = is_attr ? 2 : 1;

    if (!g)
        return out;
    g->next = next_select;
    g->is_attr = is_attr;
    g->is_reject = is_reject;
    if (is_attr && a->n_pos == 0) {
        jr_fail(r, "missing parameter for attribute name");
        return out;
    }
    if (is_attr)
        g->attr = a->pos[0];
    if (a->n_pos < skip)
        return out;
    if (a->pos[skip - 1].kind == JV_STR)
        g->test = jtest_find(a->pos[skip - 1].u.s, a->pos[skip - 1].len);
    if (!g->test) {
        struct jval name = jv_to_str(r, a->pos[skip - 1]);

        jr_fail(r, "no test named '%.*s'", jr_cut(&name), name.u.s);
    }
    g->args = *a;
    g->args.pos += skip;
    g->args.n_pos -= skip;
    return out;
}

static struct jval f_select(struct jrun *r, struct jval in, const struct jargs *a)
{
    return select(r, in, a, false, false);
}

static struct jval f_reject(struct jrun *r, struct jval in, const struct jargs *a)
{
    return select(r, in, a, false, true);
}

static struct jval f_selectattr(struct jrun *r, struct jval in, const struct jargs *a)
{
    return select(r, in, a, true, false);
}

static struct jval f_rejectattr(struct jrun *r, struct jval in, const struct jargs *a)
{
    return select(r, in, a, true, true);
}

/* ---- unique, batch, slice, items, reverse ---- */

static bool next_unique(struct jrun *r, struct jgen *g, struct jval *out)
{
    if (!start(r, g))
        return false;
    while (jiter_next(r, &g->src, out)) {
        struct jval key = jfold_case(r, jattr_get(r, *out, &g->arg[1]), jv_truth(&g->arg[0]));

        if (jdict_get(r, &g->seen, &key) || r->rc)
            continue;
        return jdict_set(r, &g->seen, key, jv_none());
    }
    return false;
}

static struct jval f_unique(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in);

    if (g) {
        g->next = next_unique;
        g->arg[0] = v[0];
        g->arg[1] = v[1];
    }
    return out;
}

static bool next_batch(struct jrun *r, struct jgen *g, struct jval *out)
{
    struct jvec v = { 0 };
    struct jval x;

    if (!start(r, g))
        return false;
    while ((g->n == 0 || v.n < g->n) && jiter_next(r, &g->src, &x)) {
        if (!jvec_add(r, &v, x))
            return false;
    }
    if (v.n == 0)
        return false;
    while (v.n < g->n && g->arg[0].kind != JV_UNSET && g->arg[0].kind != JV_NONE) {
        if (!jvec_add(r, &v, g->arg[0]))
            return false;
    }
    *out = jvec_list(r, &v);
    return !r->rc;
}

static struct jval counted(struct jrun *r, struct jval in, const struct jval *v,
                           bool (*next)(struct jrun *r, struct jgen *g, struct jval *out))
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in);
    int64_t n;

    if (!g || !jv_to_int(r, &v[0], 0, &n))
        return out;
    if (v[0].kind == JV_NONE)
        jr_fail(r, "the number of items must be an integer");
    g->next = next;
    g->n = n > 0 ? (size_t)n : 0;
    g->arg[0] = v[1];
    return out;
}

static struct jval f_batch(struct jrun *r, struct jval in, const struct jval *v)
{
    return counted(r, in, v, next_batch);
}

static bool next_slice(struct jrun *r, struct jgen *g, struct jval *out)
{
    size_t len, per, extra, from, n;
    struct jvec v = { 0 };

    if (!g->is_started) {
        g->is_started = true;
        g->in = jv_to_list(r, g->in, JV_LIST);
        if (g->n == 0)
            jr_fail(r, "integer division or modulo by zero");
    }
    if (r->rc || g->i >= g->n)
        return false;
    len = g->in.u.list->n;
    per = len / g->n;
    extra = len % g->n;
    from = g->i * per + (g->i < extra ? g->i : extra);
    n = per + (g->i < extra);
    for (size_t i = 0; i < n && jr_step(r, 0); i++)
        (void)jvec_add(r, &v, g->in.u.list->at[from + i]);
    if (g->i >= extra && g->arg[0].kind != JV_UNSET && g->arg[0].kind != JV_NONE)
        (void)jvec_add(r, &v, g->arg[0]);
    g->i++;
    *out = jvec_list(r, &v);
    return !r->rc;
}

static struct jval f_slice(struct jrun *r, struct jval in, const struct jval *v)
{
    return counted(r, in, v, next_slice);
}

static bool next_item(struct jrun *r, struct jgen *g, struct jval *out)
{
    if (g->in.kind == JV_UNDEF)
        return false;
    if (g->in.kind != JV_DICT) {
        jr_fail(r, "Can only get item pairs from a mapping.");
        return false;
    }
    if (g->i >= g->in.u.dict->n)
        return false;
    *out = jv_pair(r, g->in.u.dict->at[g->i].key, g->in.u.dict->at[g->i].value);
    g->i++;
    return !r->rc;
}

static struct jval f_items(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in);

    (void)v;
    if (g)
        g->next = next_item;
    return out;
}

static bool next_reverse(struct jrun *r, struct jgen *g, struct jval *out)
{
    (void)r;
    if (g->i >= g->in.u.list->n)
        return false;
    *out = g->in.u.list->at[g->in.u.list->n - ++g->i];
    return true;
}

static struct jval f_reverse(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval bound[3] = { jv_none(), jv_none(), jv_int(-1) }, list, out;
    struct jgen *g;

    (void)v;
    if (in.kind == JV_STR)
        return jop_slice(r, in, bound);
    list = jv_to_list(r, in, JV_LIST);
    if (r->rc || in.kind == JV_GEN || in.kind == JV_LOOP)
        return jop_slice(r, list, bound);
    out = jv_gen(r, &g, list);
    if (g) {
        g->next = next_reverse;
        g->type = "list_reverseiterator";
    }
    return out;
}

static const struct jfilter_def filters[] = {
    { "batch", "linecount! fill_with", f_batch, NULL },
    { "items", "", f_items, NULL },
    { "map", NULL, NULL, f_map },
    { "reject", NULL, NULL, f_reject },
    { "rejectattr", NULL, NULL, f_rejectattr },
    { "reverse", "", f_reverse, NULL },
    { "select", NULL, NULL, f_select },
    { "selectattr", NULL, NULL, f_selectattr },
    { "slice", "slices! fill_with", f_slice, NULL },
    { "unique", "case_sensitive attribute", f_unique, NULL },
};

const struct jfilter_def *jfilter_gen(size_t *n)
{
    *n = COUNT_OF(filters);
    return filters;
}
