/* unevaluatedItems and unevaluatedProperties: which items and properties nothing else speaks of
 * that stands in the same schema object or is applied to the same value from there.
 *
 * In a conjunction that is what its atoms say which can be reached from the keyword's schema: all
 * of them hold. An alternative that holds though it was not asked for may evaluate more than is
 * seen here, so that less is accepted than could be, never more. */
#include <string.h>

#include "text/schema_int.h"

static bool has(const struct schs *list, const struct sch *s)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->at[i] == s)
            return true;
    }
    return false;
}

struct scope {
    struct sctx *c;
    const struct sflat *f;
    struct schs seen;
};

static bool holds(const struct scope *x, const struct sch *s)
{
    for (uint32_t i = 0; s && i < x->f->n; i++) {
        if (x->f->atom[i] == s)
            return true;
    }
    return s && s == x->c->any;
}

static bool holds_not(const struct scope *x, struct sch *s)
{
    return s && (s == x->c->none || holds(x, s->negation));
}

/* What is applied to the same value as s. sc_parse has bounded how deep that goes. */
static void visit(struct scope *x, struct sch *s)
{
    if (!s || !holds(x, s) || has(&x->seen, s) || !sc_work(x->c, 1 + x->seen.n / 8))
        return;
    sc_add(x->c, &x->seen, s);
    for (uint32_t i = 0; i < s->all.n; i++)
        visit(x, s->all.at[i]);
    visit(x, s->ref);
    for (const struct sgroup *g = s->groups; g; g = g->after) {
        for (uint32_t i = 0; i < g->alt.n; i++)
            visit(x, g->alt.at[i]);
    }
    if (holds(x, s->if_)) {
        visit(x, s->if_);
        visit(x, s->then);
    } else if (holds_not(x, s->if_)) {
        visit(x, s->else_);
    }
    for (const struct sdep *d = s->deps; d; d = d->after) {
        if (sflat_requires(x->f, d->key))
            visit(x, d->then);
    }
}

static bool lists_key(struct sctx *c, const struct sch *s, struct skey key)
{
    for (uint32_t i = 0; i < s->n_prop; i++) {
        if (skey_eq(s->prop[i].key, key))
            return true;
    }
    for (uint32_t i = 0; i < s->n_by_pattern && !c->b.rc; i++) {
        if (sc_matches(c, s->by_pattern[i].key, key, s->ptr))
            return true;
    }
    return false;
}

static bool lists_matches(const struct sch *s, const struct spatterns *m)
{
    for (uint32_t i = 0; i < s->n_by_pattern; i++) {
        for (uint32_t k = 0; k < m->n; k++) {
            if ((m->mask >> k & 1) && skey_eq(m->at[k], s->by_pattern[i].key))
                return true;
        }
    }
    return false;
}

bool sflat_unevaluated(struct sctx *c, const struct sflat *f, struct sch *s, struct skey key,
                       const struct spatterns *matches)
{
    struct scope x = { .c = c, .f = f };

    visit(&x, s);
    for (uint32_t i = 0; i < x.seen.n && !c->b.rc; i++) {
        const struct sch *t = x.seen.at[i];

        if (t->additional || (t != s && t->unev_props) ||
            (matches ? lists_matches(t, matches) : lists_key(c, t, key)))
            return false;
    }
    return true;
}

/* The node of unev_items or one of `contains`. */
static struct sch *or_contained(struct sctx *c, struct sch *s, struct schs *contains)
{
    const struct schs *old = s->unev_or ? &s->unev_or->groups->alt : NULL;
    struct sch *w;
    struct sgroup *g;

    sc_add(c, contains, s->unev_items);
    if (old && old->n == contains->n &&
        memcmp(old->at, contains->at, old->n * sizeof(struct sch *)) == 0)
        return s->unev_or;
    w = sc_sch(c, s->ptr);
    g = sc_new(c, 1, sizeof(*g));
    if (!g || c->b.rc)
        return c->none;
    g->alt = *contains;
    w->groups = g;
    s->unev_or = w;
    return w;
}

struct sch *sflat_unevaluated_item(struct sctx *c, const struct sflat *f, struct sch *s, uint32_t i)
{
    struct scope x = { .c = c, .f = f };
    struct schs contains = { 0 };

    visit(&x, s);
    for (uint32_t k = 0; k < x.seen.n; k++) {
        const struct sch *t = x.seen.at[k];

        if (i < t->prefix.n || t->items || (t != s && t->unev_items))
            return NULL;
        if (t->contains && !c->is_2019)
            sc_add(c, &contains, t->contains);
    }
    return contains.n ? or_contained(c, s, &contains) : s->unev_items;
}

/* ---- of a given value ---- */

struct asked {
    struct sctx *c;
    const struct sch *self; /* whose unevaluated... it is */
    const struct js *v;     /* the array or object */
    struct skey key;
    size_t i;
    bool is_item;
};

static bool speaks_of(const struct asked *a, const struct sch *s)
{
    struct sctx *c = a->c;

    if (!a->is_item)
        return s->additional || (s != a->self && s->unev_props) || lists_key(c, s, a->key);
    return a->i < s->prefix.n || s->items || (s != a->self && s->unev_items) ||
           (s->contains && !c->is_2019 && sc_valid(c, s->contains, js_at(a->v, a->i)));
}

static bool evaluated(const struct asked *a, const struct sch *s);

/* The same of an applied schema, if that holds. */
static bool evaluated_by(const struct asked *a, const struct sch *s)
{
    return s && sc_valid(a->c, s, a->v) && evaluated(a, s);
}

static bool evaluated_below(const struct asked *a, const struct sch *s)
{
    for (uint32_t i = 0; i < s->all.n; i++) {
        if (evaluated_by(a, s->all.at[i]))
            return true;
    }
    for (const struct sgroup *g = s->groups; g; g = g->after) {
        for (uint32_t i = 0; i < g->alt.n; i++) {
            if (evaluated_by(a, g->alt.at[i]))
                return true;
        }
    }
    for (const struct sdep *d = s->deps; d; d = d->after) {
        if (sc_has_key(a->v, d->key) && evaluated_by(a, d->then))
            return true;
    }
    if (s->if_ && sc_valid(a->c, s->if_, a->v)) {
        if (evaluated(a, s->if_) || evaluated_by(a, s->then))
            return true;
    } else if (s->if_ && evaluated_by(a, s->else_)) {
        return true;
    }
    return evaluated_by(a, s->ref);
}

static bool evaluated(const struct asked *a, const struct sch *s)
{
    struct sctx *c = a->c;
    bool yes;

    if (c->b.rc || !sc_work(c, 2))
        return false;
    if (++c->depth > SCHEMA_DEPTH_MAX)
        (void)sc_fail(c, ERR_LIMIT, s->ptr, "schemas refer to each other without end");
    yes = !c->b.rc && (speaks_of(a, s) || evaluated_below(a, s));
    c->depth--;
    return yes;
}

bool sc_valid_unevaluated(struct sctx *c, const struct sch *s, const struct js *v)
{
    struct asked a = { .c = c, .self = s, .v = v };

    a.is_item = js_kind(v) == JS_ARR;
    for (size_t i = 0; a.is_item && s->unev_items && i < js_len(v); i++) {
        a.i = i;
        if (!evaluated(&a, s) && !sc_valid(c, s->unev_items, js_at(v, i)))
            return false;
    }
    if (js_kind(v) != JS_OBJ || !s->unev_props)
        return true;
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        a.key.s = js_key(it, &a.key.len);
        if (!evaluated(&a, s) && !sc_valid(c, s->unev_props, js_value(it)))
            return false;
    }
    return true;
}
