/* The complement of a schema node, as a node: the union, over its keywords, of what breaks one.
 *
 * One level at a time: parts of the node appear as `not` of themselves and are turned when they are
 * expanded, so that recursive schemas have finite complements. What has none among our nodes is
 * refused with the keyword's place. */
#include <string.h>

#include "text/schema_int.h"

struct snot {
    struct sctx *c;
    struct sch *s;   /* the node */
    struct schs *to; /* ways to break it */
};

/* A new alternative for values of these types only. */
static struct sch *way(struct snot *n, uint8_t types)
{
    struct sch *w = sc_sch(n->c, n->s->ptr);

    if (n->c->b.rc)
        return w;
    w->types = types;
    sc_add(n->c, n->to, w);
    return w;
}

static struct sch *not_of(struct sctx *c, struct sch *s)
{
    struct sch *w;

    if (s == c->any)
        return c->none;
    if (s == c->none)
        return c->any;
    w = sc_sch(c, s->ptr);
    if (!c->b.rc)
        w->not = s;
    return w;
}

static void refuse(struct snot *n, const char *keyword)
{
    (void)sc_fail(n->c, ERR_UNSUPPORTED, n->s->ptr,
                  "\"%s\" within \"not\" (or where a schema must not hold) cannot be enforced",
                  keyword);
}

static void set_prop(struct snot *n, struct sch *w, struct skey key, struct sch *value,
                     bool required)
{
    w->prop = sc_new(n->c, 1, sizeof(*w->prop));
    w->required = sc_new(n->c, 1, sizeof(*w->required));
    if (n->c->b.rc)
        return;
    w->prop[w->n_prop++] = (struct sprop){ key, value };
    if (required)
        w->required[w->n_required++] = key;
}

static void set_item(struct snot *n, struct sch *w, uint32_t i, struct sch *value)
{
    w->min_items = i + 1;
    for (uint32_t k = 0; k < i; k++)
        sc_add(n->c, &w->prefix, n->c->any);
    sc_add(n->c, &w->prefix, value);
}

static void not_numbers(struct snot *n)
{
    const struct sch *s = n->s;

    if (s->min)
        way(n, ST_NUM)->below = s->min;
    if (s->max)
        way(n, ST_NUM)->above = s->max;
    if (s->above)
        way(n, ST_NUM)->max = s->above;
    if (s->below)
        way(n, ST_NUM)->min = s->below;
    if (s->multiple)
        way(n, ST_NUM)->no_multiple = s->multiple;
    if (s->no_multiple)
        way(n, ST_NUM)->multiple = s->no_multiple;
}

static void not_strings(struct snot *n)
{
    const struct sch *s = n->s;
    struct sch *w;

    if (s->min_len)
        way(n, ST_STR)->max_len = s->min_len - 1;
    if (s->max_len != SCHEMA_NO_MAX)
        way(n, ST_STR)->min_len = s->max_len + 1;
    for (uint32_t i = 0; i < s->n_pattern; i++) {
        const struct spattern *p = &s->pattern[i];

        w = way(n, ST_STR);
        w->pattern = sc_new(n->c, 1, sizeof(*w->pattern));
        if (!w->pattern)
            return;
        w->pattern[w->n_pattern++] =
            (struct spattern){ .text = p->may_hold.s ? p->may_hold : p->text,
                               .negated = !p->negated };
    }
    if (s->n_not_in)
        refuse(n, "const");
}

static void not_arrays(struct snot *n)
{
    const struct sch *s = n->s;
    struct sch *w;

    for (uint32_t i = 0; i < s->prefix.n && !n->c->b.rc; i++)
        set_item(n, way(n, ST_ARR), i, not_of(n->c, s->prefix.at[i]));
    if (s->items == n->c->none) {
        way(n, ST_ARR)->min_items = s->prefix.n + 1;
    } else if (s->items && s->items != n->c->any) {
        w = way(n, ST_ARR);
        w->contains = not_of(n->c, s->items);
        w->contains_from = s->prefix.n;
    }
    if (s->contains && s->min_contains) {
        w = way(n, ST_ARR);
        w->contains = s->contains;
        w->min_contains = 0;
        w->max_contains = s->min_contains - 1;
    }
    if (s->contains && s->max_contains != SCHEMA_NO_MAX) {
        w = way(n, ST_ARR);
        w->contains = s->contains;
        w->min_contains = s->max_contains + 1;
    }
    if (s->unev_items && s->unev_items != n->c->any)
        refuse(n, "unevaluatedItems");
    if (s->min_items)
        way(n, ST_ARR)->max_items = s->min_items - 1;
    if (s->max_items != SCHEMA_NO_MAX)
        way(n, ST_ARR)->min_items = s->max_items + 1;
    if (s->unique)
        refuse(n, "uniqueItems");
}

/* A way on which some property exists. */
static struct ssome *some_way(struct snot *n, struct sch *value)
{
    struct ssome *some = sc_new(n->c, 1, sizeof(*some));
    struct sch *w = way(n, ST_OBJ);

    if (some && !n->c->b.rc) {
        some->value = value;
        w->some = some;
        w->min_props = 1;
    }
    return n->c->b.rc ? NULL : some;
}

static void not_members(struct snot *n)
{
    const struct sch *s = n->s;
    struct ssome *some;

    for (uint32_t i = 0; i < s->n_by_pattern && !n->c->b.rc; i++) {
        if (s->by_pattern[i].value == n->c->any)
            continue;
        some = some_way(n, not_of(n->c, s->by_pattern[i].value));
        if (some)
            some->match = &s->by_pattern[i].key;
    }
    if (s->additional && s->additional != n->c->any) {
        some = some_way(n, not_of(n->c, s->additional));
        if (some) {
            some->key = s->prop;
            some->n_key = s->n_prop;
            some->avoid = s->by_pattern;
            some->n_avoid = s->n_by_pattern;
        }
    }
    if (s->names && s->names != n->c->any) {
        some = some_way(n, n->c->any);
        if (some)
            some->names = not_of(n->c, s->names);
    }
}

/* Whether a way of this property says already that it is absent or wrong. */
static bool may_be_wrong(const struct snot *n, struct skey key)
{
    for (uint32_t i = 0; i < n->s->n_prop; i++) {
        if (skey_eq(n->s->prop[i].key, key))
            return n->s->prop[i].value != n->c->any;
    }
    return false;
}

static void not_objects(struct snot *n)
{
    const struct sch *s = n->s;

    for (uint32_t i = 0; i < s->n_prop && !n->c->b.rc; i++) {
        if (s->prop[i].value != n->c->any) /* of a required one: absent or wrong, as one way */
            set_prop(n, way(n, ST_OBJ), s->prop[i].key, not_of(n->c, s->prop[i].value),
                     !sch_requires(s, s->prop[i].key));
    }
    for (uint32_t i = 0; i < s->n_required && !n->c->b.rc; i++) {
        if (!may_be_wrong(n, s->required[i]))
            set_prop(n, way(n, ST_OBJ), s->required[i], n->c->none, false);
    }
    if (s->additional == n->c->none && s->n_prop == 0 && s->n_by_pattern == 0)
        way(n, ST_OBJ)->min_props = 1;
    else
        not_members(n);
    if (s->unev_props && s->unev_props != n->c->any)
        refuse(n, "unevaluatedProperties");
    if (s->min_props)
        way(n, ST_OBJ)->max_props = s->min_props - 1;
    if (s->max_props != SCHEMA_NO_MAX)
        way(n, ST_OBJ)->min_props = s->max_props + 1;
}

/* ---- every value but one ---- */

static struct sch *not_value(struct sctx *c, const struct js *v, const char *ptr);

static void not_object_value(struct snot *n, const struct js *v)
{
    way(n, ST_OBJ)->min_props = (uint32_t)js_len(v) + 1;
    for (void *it = js_first(v); it && !n->c->b.rc; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        set_prop(n, way(n, ST_OBJ), k, n->c->none, false);
        set_prop(n, way(n, ST_OBJ), k, not_value(n->c, js_value(it), n->s->ptr), true);
    }
}

static void not_array_value(struct snot *n, const struct js *v)
{
    uint32_t len = (uint32_t)js_len(v);

    way(n, ST_ARR)->min_items = len + 1;
    if (len)
        way(n, ST_ARR)->max_items = len - 1;
    for (uint32_t i = 0; i < len && !n->c->b.rc; i++)
        set_item(n, way(n, ST_ARR), i, not_value(n->c, js_at(v, i), n->s->ptr));
}

static struct sch *not_value(struct sctx *c, const struct js *v, const char *ptr)
{
    struct sch *out = sc_sch(c, ptr), *w;
    struct sgroup *g = sc_new(c, 1, sizeof(*g));
    struct snot n = { c, out, NULL };
    uint8_t type = sc_type_of(v);

    if (!g || !sc_work(c, 1))
        return c->none;
    n.to = &g->alt;
    out->groups = g;
    (void)way(&n, (uint8_t)(ST_ALL & ~(type & ST_NUM ? ST_NUM : type)));
    if (type & ST_NUM) {
        way(&n, ST_NUM)->above = v;
        way(&n, ST_NUM)->below = v;
    } else if (type == ST_STR) {
        w = way(&n, ST_STR);
        w->not_in = sc_new(c, 1, sizeof(*w->not_in));
        if (w->not_in) {
            w->not_in[0].s = js_str(v, &w->not_in[0].len);
            w->n_not_in = 1;
        }
    } else if (type == ST_OBJ) {
        not_object_value(&n, v);
    } else if (type == ST_ARR) {
        not_array_value(&n, v);
    }
    return out;
}

static void not_enum(struct snot *n)
{
    struct sch *w;

    if (!n->s->has_enum)
        return;
    w = way(n, ST_ALL);
    for (uint32_t i = 0; i < n->s->n_value && !n->c->b.rc; i++)
        sc_add(n->c, &w->all, not_value(n->c, n->s->value[i], n->s->ptr));
}

/* ---- applicators ---- */

static void not_groups(struct snot *n)
{
    struct sctx *c = n->c;

    for (const struct sgroup *g = n->s->groups; g && !c->b.rc; g = g->after) {
        struct sch *w = way(n, ST_ALL);

        for (uint32_t i = 0; i < g->alt.n; i++)
            sc_add(c, &w->all, not_of(c, g->alt.at[i]));
        for (uint32_t i = 0; g->exactly_one && i < g->alt.n; i++) {
            for (uint32_t k = i + 1; k < g->alt.n && !c->b.rc; k++) {
                w = way(n, ST_ALL);
                sc_add(c, &w->all, g->alt.at[i]);
                sc_add(c, &w->all, g->alt.at[k]);
            }
        }
    }
}

static void not_applicators(struct snot *n)
{
    struct sctx *c = n->c;
    struct sch *s = n->s, *w;

    for (uint32_t i = 0; i < s->all.n && !c->b.rc; i++)
        way(n, ST_ALL)->not = s->all.at[i];
    not_groups(n);
    if (s->not )
        sc_add(c, &way(n, ST_ALL)->all, s->not );
    if (s->ref)
        way(n, ST_ALL)->not = s->ref;
    if (s->if_ && s->then) {
        w = way(n, ST_ALL);
        sc_add(c, &w->all, s->if_);
        sc_add(c, &w->all, not_of(c, s->then));
    }
    if (s->if_ && s->else_) {
        w = way(n, ST_ALL);
        sc_add(c, &w->all, not_of(c, s->if_));
        sc_add(c, &w->all, not_of(c, s->else_));
    }
    for (const struct sdep *d = s->deps; d && !c->b.rc; d = d->after) {
        w = way(n, ST_OBJ);
        set_prop(n, w, d->key, c->any, true);
        sc_add(c, &w->all, not_of(c, d->then));
    }
}

struct sch *sc_not(struct sctx *c, struct sch *s)
{
    struct sch *out;
    struct sgroup *g;
    struct snot n = { .c = c, .s = s };

    if (s == c->any)
        return c->none;
    if (s == c->none)
        return c->any;
    if (s->negation)
        return s->negation;
    out = sc_sch(c, s->ptr);
    g = sc_new(c, 1, sizeof(*g));
    if (!g || !sc_work(c, 8))
        return c->none;
    out->negation = s;
    out->negation_of = s;
    s->negation = out;
    s->negation_of = out;
    n.to = &g->alt;
    if (s->types != ST_ALL)
        (void)way(&n, (uint8_t)(ST_ALL & ~s->types));
    not_numbers(&n);
    not_strings(&n);
    not_arrays(&n);
    not_objects(&n);
    not_enum(&n);
    not_applicators(&n);
    out->groups = g;
    return out;
}
