/* A set of regular expressions and a range of lengths as one deterministic automaton: subsets of
 * nodes, which of the expressions have matched already, and how many characters were read. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/regex_int.h"

#define DFA_EDGES_MAX 1000000U
#define DFA_WORK_MAX  60000000U
#define DFA_BUCKETS   64U /* at first */

/* What a state stands for. */
struct subset {
    uint64_t matched;
    uint32_t n, count, index, hash;
    uint32_t *node; /* sorted: RX_CHAR and RX_END */
    struct subset *chain;
};

struct dfa {
    const struct rx_set *s;
    uint32_t min, max;
    struct subset **bucket, **subset;
    uint32_t n_bucket, n_subset, cap_subset, n_edge;
    uint32_t *mark, now, *stack, *list; /* [n_node + 1] closures */
    uint32_t *cut;                      /* borders of the current state's ranges */
    size_t cap_cut;
    uint64_t work, n_told; /* of the work, what the set's cost knows */
    uint64_t matched;
    uint32_t n_list;
    enum err_code rc;
    struct err *e;
};

static void too_big(struct dfa *d)
{
    if (!d->rc)
        d->rc = arena_starved(d->s->a)
                    ? err_set(d->e, ERR_OOM, "no memory for the states of regular expressions")
                    : err_set(d->e, ERR_LIMIT,
                              "the regular expressions and lengths need too many states");
}

static void tell_cost(struct dfa *d)
{
    if (!gcost_add(d->s->cost, d->work - d->n_told) && !d->rc)
        d->rc = gcost_error(d->s->cost, d->e);
    d->n_told = d->work;
}

static void *fresh(struct dfa *d, size_t n, size_t size)
{
    void *p = arena_new_n(d->s->a, n, size);

    if (!p)
        too_big(d);
    return p;
}

static void begin_list(struct dfa *d, uint64_t matched)
{
    d->now++;
    d->n_list = 0;
    d->matched = matched;
}

/* Adds what node i reaches without reading. */
static void reach(struct dfa *d, uint32_t i, bool at_begin, bool at_end)
{
    uint32_t n = 0;

    d->stack[n++] = i;
    while (n) {
        uint32_t k = d->stack[--n];
        const struct rx_node *x = &d->s->node[k];

        d->work++;
        if (d->mark[k] == d->now)
            continue;
        d->mark[k] = d->now;
        if (x->op == RX_SPLIT) {
            d->stack[n++] = x->next;
            d->stack[n++] = x->alt;
        } else if (x->op == RX_MATCH) {
            d->matched |= (uint64_t)1 << x->id;
        } else if ((x->op == RX_BEGIN && at_begin) || (x->op == RX_END && at_end)) {
            d->stack[n++] = x->next;
        } else if (x->op != RX_BEGIN) {
            d->list[d->n_list++] = k;
        }
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Nodes of expressions that have matched say nothing new. */
static void tidy_list(struct dfa *d)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < d->n_list; k++) {
        if (!(d->matched >> d->s->node[d->list[k]].id & 1))
            d->list[n++] = d->list[k];
    }
    d->n_list = n;
    qsort(d->list, n, sizeof(*d->list), by_number);
}

static bool grow_subsets(struct dfa *d)
{
    uint32_t cap = d->cap_subset ? d->cap_subset * 2 : 64;
    struct subset **at;

    if (d->n_subset < d->cap_subset)
        return true;
    at = d->n_subset >= RX_STATES_MAX ? NULL : fresh(d, cap, sizeof(struct subset *));
    if (!at) {
        too_big(d);
        return false;
    }
    if (d->n_subset)
        memcpy(at, d->subset, d->n_subset * sizeof(struct subset *));
    d->subset = at;
    d->cap_subset = cap;
    return true;
}

/* Four times the buckets, when there are more states than that. */
static bool grow_buckets(struct dfa *d)
{
    uint32_t n = d->n_bucket ? 4 * d->n_bucket : DFA_BUCKETS;

    if (d->n_subset < d->n_bucket)
        return true;
    d->bucket = fresh(d, n, sizeof(struct subset *));
    if (!d->bucket)
        return false;
    d->n_bucket = n;
    for (uint32_t i = 0; i < d->n_subset; i++) {
        struct subset *x = d->subset[i];

        x->chain = d->bucket[x->hash % n];
        d->bucket[x->hash % n] = x;
    }
    return true;
}

/* The state of the current list; UINT32_MAX when a forbidden expression has matched. */
static uint32_t state_of(struct dfa *d, uint32_t count)
{
    uint64_t h = d->matched * 31 + count;
    struct subset *x;

    if (d->matched & d->s->negated)
        return UINT32_MAX;
    tidy_list(d);
    for (uint32_t k = 0; k < d->n_list; k++)
        h = (h ^ d->list[k]) * 0x9E3779B97F4A7C15ULL;
    h = (uint32_t)(h ^ h >> 31);
    for (x = d->bucket[h % d->n_bucket]; x; x = x->chain) {
        if (x->hash == h && x->matched == d->matched && x->n == d->n_list && x->count == count &&
            (x->n == 0 || memcmp(x->node, d->list, x->n * sizeof(*x->node)) == 0))
            return x->index;
    }
    x = fresh(d, 1, sizeof(*x));
    if (!x || !grow_subsets(d) || !grow_buckets(d))
        return UINT32_MAX;
    *x = (struct subset){ .matched = d->matched,
                          .n = d->n_list,
                          .count = count,
                          .index = d->n_subset,
                          .hash = (uint32_t)h,
                          .chain = d->bucket[h % d->n_bucket] };
    x->node = fresh(d, x->n, sizeof(*x->node));
    if (!x->node)
        return UINT32_MAX;
    if (x->n)
        memcpy(x->node, d->list, x->n * sizeof(*x->node));
    d->bucket[h % d->n_bucket] = x;
    d->subset[d->n_subset] = x;
    return d->n_subset++;
}

static bool accepts(struct dfa *d, const struct subset *x)
{
    uint64_t all = d->s->n == 64 ? UINT64_MAX : ((uint64_t)1 << d->s->n) - 1;

    begin_list(d, x->matched);
    for (uint32_t k = 0; k < x->n; k++)
        reach(d, x->node[k], d->s->negated >> d->s->node[x->node[k]].id & 1, true);
    return x->count >= d->min && (d->matched & all) == (all & ~d->s->negated);
}

/* Where the state's ranges begin and end: between two neighbours all characters are alike. */
static size_t find_cuts(struct dfa *d, const struct subset *x)
{
    size_t n = 4;
    uint32_t *cut;

    for (uint32_t k = 0; k < x->n; k++)
        n += 2U * d->s->node[x->node[k]].n_range;
    if (n > d->cap_cut) {
        d->cut = fresh(d, 2 * n, sizeof(*d->cut));
        d->cap_cut = 2 * n;
    }
    cut = d->cut;
    if (!cut)
        return 0;
    cut[0] = 0;
    cut[1] = 0xD800;
    cut[2] = 0xE000;
    cut[3] = 0x110000;
    n = 4;
    for (uint32_t k = 0; k < x->n; k++) {
        const struct rx_node *node = &d->s->node[x->node[k]];

        for (uint32_t i = 0; i < node->n_range; i++) {
            cut[n++] = node->range[i].from;
            cut[n++] = node->range[i].to + 1;
        }
    }
    qsort(cut, n, sizeof(*cut), by_number);
    return n;
}

static bool has_char(const struct rx_node *n, uint32_t cp)
{
    size_t lo = 0, hi = n->n_range;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (n->range[mid].to < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n->n_range && n->range[lo].from <= cp;
}

static uint32_t step(struct dfa *d, const struct subset *x, uint32_t cp)
{
    uint32_t count = x->count + 1;

    if (d->max == REGEX_NO_MAX && count > d->min)
        count = d->min;
    if (x->count == d->max)
        return UINT32_MAX;
    begin_list(d, x->matched);
    for (uint32_t k = 0; k < x->n; k++) {
        const struct rx_node *n = &d->s->node[x->node[k]];

        d->work++;
        if (n->op == RX_CHAR && has_char(n, cp))
            reach(d, n->next, false, false);
    }
    for (uint32_t k = 0; k < d->s->n; k++) {
        if (!(x->matched >> k & 1))
            reach(d, d->s->start[k], false, false);
    }
    return state_of(d, count);
}

/* The edges of state i. */
static void expand(struct dfa *d, uint32_t i, struct rx_state *out)
{
    const struct subset *x = d->subset[i];
    size_t n = find_cuts(d, x);
    struct rx_edge *edge;

    out->accepts = accepts(d, x);
    if (d->rc)
        return;
    edge = fresh(d, n, sizeof(*edge));
    for (size_t k = 0; k + 1 < n && edge && !d->rc; k++) {
        uint32_t from = d->cut[k], to, target;

        if (from == d->cut[k + 1] || from == 0xD800)
            continue;
        if (from > 0xD800 && from < 0xE000)
            continue;
        to = d->cut[k + 1] - 1;
        target = step(d, x, from);
        if (target == UINT32_MAX)
            continue;
        if (out->n_edge && edge[out->n_edge - 1].target == target &&
            edge[out->n_edge - 1].to + 1 == from) {
            edge[out->n_edge - 1].to = to;
        } else {
            edge[out->n_edge++] = (struct rx_edge){ from, to, target };
            d->n_edge++;
        }
        if (d->work > DFA_WORK_MAX || d->n_edge > DFA_EDGES_MAX)
            too_big(d);
    }
    tell_cost(d);
    out->edge = edge;
}

static void find_live(struct rx_dfa *out)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = out->n_state; i-- > 0;) {
            struct rx_state *x = &out->state[i];
            bool live = x->accepts;

            for (uint32_t k = 0; k < x->n_edge && !live; k++)
                live = out->state[x->edge[k].target].live;
            if (live && !x->live)
                x->live = changed = true;
        }
    }
}

static enum err_code dfa_begin(struct dfa *d)
{
    size_t n = (size_t)d->s->n_node + 1;

    (void)grow_buckets(d);
    d->mark = fresh(d, n, sizeof(*d->mark));
    d->stack = fresh(d, 3 * n, sizeof(*d->stack));
    d->list = fresh(d, n, sizeof(*d->list));
    if (d->rc)
        return d->rc;
    begin_list(d, 0);
    for (uint32_t k = 0; k < d->s->n; k++)
        reach(d, d->s->start[k], true, false);
    (void)state_of(d, 0);
    return d->rc;
}

enum err_code rx_compile(const struct rx_set *s, uint32_t min, uint32_t max, struct rx_dfa *out,
                         struct err *e)
{
    struct dfa d = { .s = s, .min = min, .max = max, .e = e };
    uint32_t cap = 0;

    *out = (struct rx_dfa){ 0 };
    if (dfa_begin(&d))
        return d.rc;
    for (uint32_t i = 0; i < d.n_subset && !d.rc; i++) {
        if (i == cap) {
            uint32_t more = cap ? cap * 2 : 64;
            struct rx_state *at = fresh(&d, more, sizeof(*at));

            if (!at)
                break;
            if (i)
                memcpy(at, out->state, i * sizeof(*at));
            out->state = at;
            cap = more;
        }
        expand(&d, i, &out->state[i]);
        out->n_state = i + 1;
    }
    if (!d.rc)
        find_live(out);
    return d.rc;
}

uint32_t rx_shortest(const struct rx_set *s, const struct rx_dfa *d)
{
    uint32_t *depth = arena_new_n(s->a, d->n_state, sizeof(*depth)); /* states come by depth */

    for (uint32_t i = 0; depth && i < d->n_state; i++) {
        if (d->state[i].accepts)
            return depth[i];
        for (uint32_t k = 0; k < d->state[i].n_edge; k++) {
            uint32_t to = d->state[i].edge[k].target;

            if (to && !depth[to])
                depth[to] = depth[i] + 1;
        }
    }
    return REGEX_NO_MAX;
}

bool rx_matches(const struct rx_set *s, const char *text, size_t len)
{
    struct dfa d = { .s = s, .max = REGEX_NO_MAX };
    uint32_t at = 0;

    if (dfa_begin(&d) || d.n_subset == 0)
        return false;
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(text + i, len - i, &cp);

        if (!n)
            return false;
        i += n;
        at = step(&d, d.subset[at], cp);
        if (at == UINT32_MAX || d.rc)
            return false;
    }
    tell_cost(&d);
    return !d.rc && accepts(&d, d.subset[at]);
}
