/* One node for schemas that say the same: forms ask for a date or a name in many places, and what
 * follows from a node (rules, their automata, their masks) is then made once.
 *
 * Only nodes that are complete, without properties, references, conditions and listed values, are
 * compared. Parts are compared as nodes: they have been made one before. */
#include <string.h>

#include "text/schema_int.h"

#define SAME_BUCKETS 512U

struct ssame {
    struct sch *s;
    uint64_t hash;
    struct ssame *chain;
};

static bool is_plain(const struct sch *s)
{
    return !s->n_prop && !s->n_by_pattern && !s->n_required && !s->additional && !s->names &&
           !s->unev_items && !s->unev_props && !s->some && !s->has_enum && !s->all.n &&
           !s->not &&!s->if_ && !s->then && !s->else_ && !s->ref && !s->deps && !s->n_not_in;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ULL;
    return h ^ h >> 29;
}

static uint64_t mix_nodes(uint64_t h, const struct schs *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        h = mix(h, list->at[i]->id);
    return mix(h, list->n);
}

/* Numbers count only as being there: they are compared. */
static uint64_t hash_of(const struct sch *s)
{
    const uint32_t n[] = { s->min_len,   s->max_len,   s->min_items,    s->max_items,
                           s->min_props, s->max_props, s->min_contains, s->max_contains };
    uint64_t h = s->types | (uint64_t)s->unique << 8 | (uint64_t)(s->min != NULL) << 9 |
                 (uint64_t)(s->max != NULL) << 10;

    for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++)
        h = mix(h, n[i]);
    for (uint32_t i = 0; i < s->n_pattern; i++)
        h = mix(h, s->pattern[i].text.len);
    h = mix_nodes(mix(h, s->items ? s->items->id : 0), &s->prefix);
    for (const struct sgroup *g = s->groups; g; g = g->after)
        h = mix_nodes(mix(h, g->exactly_one), &g->alt);
    return h;
}

static bool same_number(const struct js *a, const struct js *b)
{
    return a == b || (a && b && sc_compare(a, b) == 0);
}

static bool same_numbers(const struct sch *a, const struct sch *b)
{
    return same_number(a->min, b->min) && same_number(a->max, b->max) &&
           same_number(a->above, b->above) && same_number(a->below, b->below) &&
           same_number(a->multiple, b->multiple) && same_number(a->no_multiple, b->no_multiple);
}

static bool same_strings(const struct sch *a, const struct sch *b)
{
    if (a->min_len != b->min_len || a->max_len != b->max_len || a->n_pattern != b->n_pattern)
        return false;
    for (uint32_t i = 0; i < a->n_pattern; i++) {
        const struct spattern *p = &a->pattern[i], *q = &b->pattern[i];

        if (!skey_eq(p->text, q->text) || !skey_eq(p->may_hold, q->may_hold) ||
            p->negated != q->negated)
            return false;
    }
    return true;
}

static bool same_nodes(const struct schs *a, const struct schs *b)
{
    return a->n == b->n && (!a->n || memcmp(a->at, b->at, a->n * sizeof(struct sch *)) == 0);
}

static bool same_groups(const struct sgroup *a, const struct sgroup *b)
{
    for (; a && b; a = a->after, b = b->after) {
        if (a->exactly_one != b->exactly_one || !same_nodes(&a->alt, &b->alt))
            return false;
    }
    return !a && !b;
}

static bool same(const struct sch *a, const struct sch *b)
{
    return a->types == b->types && same_numbers(a, b) && same_strings(a, b) &&
           a->min_items == b->min_items && a->max_items == b->max_items &&
           a->min_props == b->min_props && a->max_props == b->max_props &&
           a->min_contains == b->min_contains && a->max_contains == b->max_contains &&
           a->contains_from == b->contains_from && a->contains == b->contains &&
           a->items == b->items && a->unique == b->unique && same_nodes(&a->prefix, &b->prefix) &&
           same_groups(a->groups, b->groups);
}

struct sch *sc_same(struct sctx *c, struct sch *s)
{
    struct ssame *k;
    uint64_t h;

    if (c->b.rc || !is_plain(s))
        return s;
    if (!c->same)
        c->same = sc_new(c, SAME_BUCKETS, sizeof(struct ssame *));
    if (!c->same)
        return s;
    h = hash_of(s);
    for (k = c->same[h % SAME_BUCKETS]; k; k = k->chain) {
        if (k->hash == h && sc_work(c, 1) && same(k->s, s))
            return k->s;
    }
    k = sc_new(c, 1, sizeof(*k));
    if (!k)
        return s;
    *k = (struct ssame){ s, h, c->same[h % SAME_BUCKETS] };
    c->same[h % SAME_BUCKETS] = k;
    return s;
}
