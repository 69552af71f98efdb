/* A conjunction of schema nodes as alternatives without applicators (a disjunctive normal form):
 * references and allOf join the conjunction, anyOf, oneOf, if and dependencies fork it.
 *
 * A node joins a conjunction once, so that references in a circle end. A conjunction that contains
 * a node and its complement, or allows no type, is dropped at once. */
#include <string.h>

#include "text/schema_int.h"

#define EXPAND_DEPTH_MAX 300U
#define FEW_REQUIRED     4U
#define SUBSETS_MAX      4U /* alternatives: of more, one at a time is taken to hold */

/* What is still to be joined: a node, or a choice among lists of nodes. */
struct pend {
    struct sch *s;
    struct schs *choice; /* [n] */
    uint32_t n;
    const struct pend *after;
};

struct branch {
    struct schs atom;
    uint8_t types;
    const struct pend *nodes, *choices;
};

struct expand {
    struct sctx *c;
    struct sflats *out;
    unsigned depth;
};

static void want(struct expand *x, struct branch *b, struct sch *s)
{
    struct pend *p = s ? sc_new(x->c, 1, sizeof(*p)) : NULL;

    if (!p)
        return;
    *p = (struct pend){ .s = s, .after = b->nodes };
    b->nodes = p;
}

static struct schs *fork_to(struct expand *x, struct branch *b, uint32_t n)
{
    struct pend *p = sc_new(x->c, 1, sizeof(*p));
    struct schs *choice = sc_new(x->c, n, sizeof(*choice));

    if (!p || !choice)
        return NULL;
    *p = (struct pend){ .choice = choice, .n = n, .after = b->choices };
    b->choices = p;
    return choice;
}

static bool conj_empty(struct sctx *c, const struct schs *list, unsigned depth);

/* Which alternatives of a oneOf cannot hold together: for these nothing needs to be excluded. */
static void find_disjoint(struct sctx *c, struct sgroup *g)
{
    uint32_t n = g->alt.n;
    uint8_t *d;

    if (g->disjoint || g->busy || n > 1000)
        return;
    d = sc_new(c, (size_t)n * n, 1);
    g->busy = true;
    for (uint32_t i = 0; d && i < n; i++) {
        for (uint32_t k = i + 1; k < n && !c->b.rc; k++) {
            struct schs pair = { 0 };

            sc_add(c, &pair, g->alt.at[i]);
            sc_add(c, &pair, g->alt.at[k]);
            d[i * n + k] = d[k * n + i] = conj_empty(c, &pair, 0);
        }
    }
    g->busy = false;
    g->disjoint = d;
}

/* Every set of the alternatives may hold: what several of them evaluate is evaluated. */
static void join_subsets(struct expand *x, struct branch *b, const struct sgroup *g)
{
    uint32_t n = (1U << g->alt.n) - 1;
    struct schs *to = fork_to(x, b, n);

    for (uint32_t set = 1; to && set <= n; set++) {
        for (uint32_t i = 0; i < g->alt.n; i++) {
            if (set >> i & 1)
                sc_add(x->c, &to[set - 1], g->alt.at[i]);
        }
    }
}

static void join_group(struct expand *x, struct branch *b, struct sgroup *g)
{
    struct sctx *c = x->c;
    struct schs *to;

    if (c->has_unev && !g->exactly_one && g->alt.n <= SUBSETS_MAX) {
        join_subsets(x, b, g);
        return;
    }
    to = fork_to(x, b, g->alt.n);
    if (g->exactly_one)
        find_disjoint(c, g);
    for (uint32_t i = 0; to && i < g->alt.n && !c->b.rc; i++) {
        sc_add(c, &to[i], g->alt.at[i]);
        for (uint32_t k = 0; g->exactly_one && k < g->alt.n && !c->b.rc; k++) {
            if (k != i && !(g->disjoint && g->disjoint[i * g->alt.n + k]) && sc_work(c, 1))
                sc_add(c, &to[i], sc_not(c, g->alt.at[k]));
        }
    }
}

/* Adds s to the branch; false when nothing is left. */
static bool join(struct expand *x, struct branch *b, struct sch *s)
{
    struct sctx *c = x->c;
    struct schs *to;

    if (s == c->any)
        return true;
    for (uint32_t i = 0; i < b->atom.n; i++) {
        if (b->atom.at[i] == s)
            return true;
        if (b->atom.at[i]->negation_of == s)
            return false;
    }
    b->types &= s->types;
    if (!b->types || !sc_work(c, 1 + b->atom.n))
        return false;
    sc_add(c, &b->atom, s);
    if (s->not )
        want(x, b, sc_not(c, s->not ));
    for (uint32_t i = s->all.n; i-- > 0;) /* the last wanted comes first: keys keep their order */
        want(x, b, s->all.at[i]);
    want(x, b, s->ref);
    for (struct sgroup *g = s->groups; g && !c->b.rc; g = g->after)
        join_group(x, b, g);
    if (s->if_ && (s->then || s->else_ || c->has_unev) && (to = fork_to(x, b, 2)) != NULL) {
        sc_add(c, &to[0], s->if_);
        if (s->then)
            sc_add(c, &to[0], s->then);
        if (s->then || s->else_)
            sc_add(c, &to[1], sc_not(c, s->if_));
        if (s->else_)
            sc_add(c, &to[1], s->else_);
    }
    for (const struct sdep *d = s->deps; d && !c->b.rc; d = d->after) {
        to = fork_to(x, b, 2);
        if (!to)
            return false;
        sc_add(c, &to[0], d->forbid);
        sc_add(c, &to[1], d->then);
        sc_add(c, &to[1], d->present);
    }
    return c->b.rc == ERR_OK;
}

static void keep(struct expand *x, const struct branch *b)
{
    struct sflats *o = x->out;

    if (sflat_range_empty(&(struct sflat){ b->atom.at, b->atom.n, b->types }) &&
        !(b->types & ~ST_NUM))
        return;
    if (o->n >= SCHEMA_FLATS_MAX) {
        (void)sc_fail(x->c, ERR_LIMIT, b->atom.n ? b->atom.at[0]->ptr : "",
                      "more than %u alternatives", SCHEMA_FLATS_MAX);
        return;
    }
    if (o->n == o->cap) {
        uint32_t cap = o->cap ? o->cap * 2 : 4;
        struct sflat *at = sc_new(x->c, cap, sizeof(*at));

        if (!at)
            return;
        if (o->n)
            memcpy(at, o->at, o->n * sizeof(*at));
        o->at = at;
        o->cap = cap;
    }
    o->at[o->n++] = (struct sflat){ b->atom.at, b->atom.n, b->types };
}

static bool forbids(const struct sctx *c, const struct sch *s, struct skey key)
{
    for (uint32_t i = 0; i < s->n_prop; i++) {
        if (skey_eq(s->prop[i].key, key))
            return s->prop[i].value == c->none;
    }
    return s->additional == c->none && !s->n_by_pattern;
}

/* Whether an object would have to have a property that it must not have. Only few names are looked
 * at: complements require one each, and fork most. */
static bool lacks_required(struct sctx *c, const struct branch *b)
{
    for (uint32_t i = 0; i < b->atom.n && b->types == ST_OBJ; i++) {
        const struct sch *s = b->atom.at[i];

        for (uint32_t k = 0; k < s->n_required && s->n_required <= FEW_REQUIRED; k++) {
            for (uint32_t j = 0; j < b->atom.n; j++) {
                if (!sc_work(c, 1) || forbids(c, b->atom.at[j], s->required[k]))
                    return true;
            }
        }
    }
    return false;
}

static void run(struct expand *x, struct branch b)
{
    struct sctx *c = x->c;
    const struct pend *p;

    if (++x->depth > EXPAND_DEPTH_MAX)
        (void)sc_fail(c, ERR_LIMIT, b.atom.n ? b.atom.at[0]->ptr : "",
                      "too many choices at one place");
    while (b.nodes && !c->b.rc) {
        p = b.nodes;
        b.nodes = p->after;
        if (!join(x, &b, p->s)) {
            x->depth--;
            return;
        }
    }
    if (!c->b.rc && !b.choices)
        keep(x, &b);
    if (!c->b.rc && b.choices && !lacks_required(c, &b)) {
        p = b.choices;
        b.choices = p->after;
        for (uint32_t i = 0; i < p->n && sc_work(c, 1 + b.atom.n); i++) {
            struct branch fork = b;

            fork.atom.at = sc_new(c, b.atom.n + 4, sizeof(struct sch *));
            if (!fork.atom.at)
                break;
            if (b.atom.n)
                memcpy(fork.atom.at, b.atom.at, b.atom.n * sizeof(struct sch *));
            fork.atom.cap = b.atom.n + 4;
            for (uint32_t k = p->choice[i].n; k-- > 0;)
                want(x, &fork, p->choice[i].at[k]);
            run(x, fork);
        }
    }
    x->depth--;
}

bool sc_expand(struct sctx *c, const struct schs *list, struct sflats *out)
{
    struct expand x = { c, out, 0 };
    struct branch b = { .types = ST_ALL };

    for (uint32_t i = list->n; i-- > 0;)
        want(&x, &b, list->at[i]);
    run(&x, b);
    return c->b.rc == ERR_OK;
}

/* ---- questions to a conjunction ---- */

bool sc_matches(struct sctx *c, struct skey pattern, struct skey text, const char *ptr)
{
    struct rx_set set;
    struct err e;
    enum err_code rc;

    rx_init(&set, &c->a, c->b.cost);
    rc = rx_add(&set, pattern.s, pattern.len, false, &e);
    if (rc)
        (void)sc_fail(c, rc, ptr, "%s", e.text);
    return !rc && rx_matches(&set, text.s, text.len);
}

/* What one atom says of a key. */
static void atom_key(struct sctx *c, const struct sflat *f, struct sch *s, struct skey key,
                     struct schs *out)
{
    bool known = false;

    for (uint32_t i = 0; i < s->n_prop; i++) {
        if (skey_eq(s->prop[i].key, key)) {
            sc_add(c, out, s->prop[i].value);
            known = true;
        }
    }
    for (uint32_t i = 0; i < s->n_by_pattern && !c->b.rc; i++) {
        if (sc_matches(c, s->by_pattern[i].key, key, s->ptr)) {
            sc_add(c, out, s->by_pattern[i].value);
            known = true;
        }
    }
    if (!known && s->additional)
        sc_add(c, out, s->additional);
    if (s->unev_props && sflat_unevaluated(c, f, s, key, NULL))
        sc_add(c, out, s->unev_props);
    if (s->names && !sc_valid_key(c, s->names, key))
        sc_add(c, out, c->none);
}

static bool possible(const struct sctx *c, const struct schs *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->at[i] == c->none)
            return false;
    }
    return c->b.rc == ERR_OK;
}

bool sflat_key(struct sctx *c, const struct sflat *f, struct skey key, struct schs *out)
{
    for (uint32_t i = 0; i < f->n && !c->b.rc; i++)
        atom_key(c, f, f->atom[i], key, out);
    return possible(c, out);
}

bool sflat_item(struct sctx *c, const struct sflat *f, uint32_t i, struct schs *out)
{
    for (uint32_t k = 0; k < f->n; k++) {
        struct sch *s = f->atom[k];

        if (i < s->prefix.n)
            sc_add(c, out, s->prefix.at[i]);
        else if (s->items)
            sc_add(c, out, s->items);
        if (s->unev_items && (s = sflat_unevaluated_item(c, f, s, i)) != NULL)
            sc_add(c, out, s);
    }
    return possible(c, out);
}

bool sch_requires(const struct sch *s, struct skey key)
{
    for (uint32_t k = 0; k < s->n_required; k++) {
        if (skey_eq(s->required[k], key))
            return true;
    }
    return false;
}

bool sflat_requires(const struct sflat *f, struct skey key)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (sch_requires(f->atom[i], key))
            return true;
    }
    return false;
}

bool sflat_has_enum(const struct sflat *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->atom[i]->has_enum)
            return true;
    }
    return false;
}

const struct js **sflat_values(struct sctx *c, const struct sflat *f, uint32_t *n)
{
    const struct sch *s = NULL;
    const struct js **at;

    *n = 0;
    for (uint32_t i = 0; i < f->n && !s; i++)
        s = f->atom[i]->has_enum ? f->atom[i] : NULL;
    at = s ? sc_new(c, s->n_value, sizeof(struct js *)) : NULL;
    for (uint32_t i = 0; at && i < s->n_value && !c->b.rc; i++) {
        bool ok = (sc_type_of(s->value[i]) & f->types) != 0;

        for (uint32_t k = 0; k < f->n && ok; k++)
            ok = f->atom[k] == s ? sc_valid_own(c, s, i) : sc_valid(c, f->atom[k], s->value[i]);
        if (ok)
            at[(*n)++] = s->value[i];
    }
    return at;
}

/* Surely empty; false means nothing. */
static bool flat_empty(struct sctx *c, const struct sflat *f, unsigned depth)
{
    uint32_t n;

    if (sflat_has_enum(f)) {
        (void)sflat_values(c, f, &n);
        return n == 0;
    }
    if (!(f->types & ~ST_NUM))
        return sflat_range_empty(f);
    if (f->types != ST_OBJ || depth > 3)
        return false;
    for (uint32_t i = 0; i < f->n; i++) {
        for (uint32_t k = 0; k < f->atom[i]->n_required && !c->b.rc; k++) {
            struct schs list = { 0 };

            if (!sflat_key(c, f, f->atom[i]->required[k], &list) || conj_empty(c, &list, depth + 1))
                return true;
        }
    }
    return false;
}

static bool conj_empty(struct sctx *c, const struct schs *list, unsigned depth)
{
    struct sflats flats = { 0 };

    if (!sc_expand(c, list, &flats))
        return false;
    for (uint32_t i = 0; i < flats.n; i++) {
        if (!flat_empty(c, &flats.at[i], depth))
            return false;
    }
    return true;
}
