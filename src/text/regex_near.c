/* States of an automaton that few characters cannot tell apart: refined, a character a round, from
 * whether they accept (Moore, Gedanken-experiments on sequential machines, 1956). */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_run_int.h"
#include "text/regex_int.h"

#define WORK_MAX 8000000U /* edges that are looked at */

struct refine {
    const struct rx_dfa *d;
    uint32_t *of, *next,
        *slot; /* [n_state] classes: their first state; [cap] a table of states + 1 */
    uint32_t cap;
};

/* The k-th edge to a live state, taken together with those behind it that lead to the same class.
 */
static bool edge_at(const struct refine *r, uint32_t i, uint32_t *k, struct rx_edge *out)
{
    const struct rx_state *s = &r->d->state[i];

    while (*k < s->n_edge && !r->d->state[s->edge[*k].target].live)
        (*k)++;
    if (*k == s->n_edge)
        return false;
    *out = s->edge[(*k)++];
    out->target = r->of[out->target];
    for (; *k < s->n_edge && s->edge[*k].from == out->to + 1 &&
           r->d->state[s->edge[*k].target].live && r->of[s->edge[*k].target] == out->target;
         (*k)++)
        out->to = s->edge[*k].to;
    return true;
}

static bool alike(const struct refine *r, uint32_t a, uint32_t b)
{
    struct rx_edge x, y;
    uint32_t i = 0, k = 0;
    bool more = r->of[a] == r->of[b];

    while (more) {
        bool has = edge_at(r, a, &i, &x), has_too = edge_at(r, b, &k, &y);

        if (has != has_too || (has && (x.from != y.from || x.to != y.to || x.target != y.target)))
            return false;
        if (!has)
            return true;
    }
    return false;
}

static uint64_t hash_of(const struct refine *r, uint32_t i)
{
    struct rx_edge x;
    uint64_t h = gm_mix(7, r->of[i]);

    for (uint32_t k = 0; edge_at(r, i, &k, &x);)
        h = gm_mix(gm_mix(h, (uint64_t)x.from << 32 | x.to), x.target);
    return h >> 9;
}

/* One character more; returns how many classes there are. */
static uint32_t refine(struct refine *r)
{
    uint32_t n = 0, *swap = r->of;

    memset(r->slot, 0, r->cap * sizeof(*r->slot));
    for (uint32_t i = 0; i < r->d->n_state; i++) {
        uint32_t at = (uint32_t)hash_of(r, i) & (r->cap - 1);

        while (r->slot[at] && !alike(r, r->slot[at] - 1, i))
            at = (at + 1) & (r->cap - 1);
        if (!r->slot[at]) {
            r->slot[at] = i + 1;
            n++;
        }
        r->next[i] = r->slot[at] - 1;
    }
    r->of = r->next;
    r->next = swap;
    return n;
}

/* The first of the classes: whether states accept, and whether they are live. */
static void begin(struct refine *r)
{
    uint32_t first[3] = { UINT32_MAX, UINT32_MAX, UINT32_MAX };

    for (uint32_t i = 0; i < r->d->n_state; i++) {
        const struct rx_state *s = &r->d->state[i];
        unsigned kind = !s->live ? 0 : s->accepts ? 1 : 2;

        if (first[kind] == UINT32_MAX)
            first[kind] = i;
        r->of[i] = first[kind];
    }
}

enum err_code rx_near(const struct rx_dfa *d, uint32_t n_char, struct gcost *cost, uint32_t *near,
                      bool *exact)
{
    struct refine r = { .d = d, .cap = 64 };
    uint64_t work = 0;
    uint32_t n_class = 0, n;
    bool ok;

    *exact = true;
    for (uint32_t i = 0; i < d->n_state; i++) {
        near[i] = i;
        work += d->state[i].n_edge + 1U;
    }
    if (work * n_char > WORK_MAX)
        return ERR_OK;
    while (r.cap < 2 * d->n_state)
        r.cap *= 2;
    r.of = mem_alloc_n(MEM_REQUEST, d->n_state, sizeof(*r.of));
    r.next = mem_alloc_n(MEM_REQUEST, d->n_state, sizeof(*r.next));
    r.slot = mem_alloc_n(MEM_REQUEST, r.cap, sizeof(*r.slot));
    ok = r.of && r.next && r.slot;
    if (ok)
        begin(&r);
    *exact = false;
    for (uint32_t k = 0; k < n_char && ok && !*exact && gcost_add(cost, work); k++) {
        n = refine(&r);
        *exact = n == n_class;
        n_class = n;
    }
    if (ok)
        memcpy(near, r.of, d->n_state * sizeof(*near));
    mem_free(r.of);
    mem_free(r.next);
    mem_free(r.slot);
    return ok ? ERR_OK : ERR_OOM;
}
