/* Radix tree over token ids at the grain of a page: shared beginnings are computed once.
 *
 * A node is the page that holds it, so the tree can never outgrow the cache. Whoever holds a
 * reference to a page of the tree holds one to all pages above it: a node that only the tree holds
 * has no held descendant, and eviction from the leaves upwards reaches every idle page. Children
 * are in a plain list: their number is that of different continuations. */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "engine/cache_int.h"

enum err_code prefix_init(struct prefix *t, struct pages *pages, struct pages *states,
                          struct err *e)
{
    *t = (struct prefix){ .pages = pages, .states = states, .first_root = PAGE_NONE };
    t->node = mem_alloc_n(MEM_KV, pages->n, sizeof(*t->node));
    if (!t->node)
        return err_set(e, ERR_OOM, "no memory for the prefixes of %u cache pages", pages->n);
    return ERR_OK;
}

void prefix_finish(struct prefix *t)
{
    mem_free(t->node);
    *t = (struct prefix){ 0 };
}

static uint32_t *first_of(struct prefix *t, uint32_t parent)
{
    return parent == PAGE_NONE ? &t->first_root : &t->node[parent].first_child;
}

static uint32_t first_child(const struct prefix *t, uint32_t parent)
{
    return parent == PAGE_NONE ? t->first_root : t->node[parent].first_child;
}

static uint32_t n_common(const int32_t *a, const int32_t *b, uint32_t n)
{
    uint32_t i = 0;

    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* The child that agrees with most of the next n tokens. */
static uint32_t best_child(const struct prefix *t, uint32_t parent, const int32_t *token,
                           uint32_t n, uint32_t *n_best)
{
    uint32_t best = PAGE_NONE;

    *n_best = 0;
    for (uint32_t c = first_child(t, parent); c != PAGE_NONE; c = t->node[c].next) {
        uint32_t k = n_common(t->node[c].token, token, min_u32(n, t->node[c].n_tok));

        if (k > *n_best) {
            *n_best = k;
            best = c;
        }
    }
    return best;
}

/* The child that agrees with 64 tokens (full), or the longest shorter one with a state that agrees
 * as a whole. */
static uint32_t whole_child(struct prefix *t, uint32_t parent, const int32_t *token, uint32_t n,
                            bool full)
{
    uint32_t best = PAGE_NONE;

    for (uint32_t c = *first_of(t, parent); c != PAGE_NONE; c = t->node[c].next) {
        const struct prefix_node *m = &t->node[c];

        if (m->n_tok > n || (m->n_tok == KV_PAGE_TOK) != full ||
            (!full &&
             (m->state == PAGE_NONE || (best != PAGE_NONE && m->n_tok <= t->node[best].n_tok))))
            continue;
        if (n_common(m->token, token, m->n_tok) == m->n_tok)
            best = c;
    }
    return best;
}

uint32_t prefix_miss(const struct prefix *t, const int32_t *token, uint32_t n_tok)
{
    uint32_t at = PAGE_NONE, i = 0, n;

    while (i < n_tok && first_child(t, at) != PAGE_NONE) {
        at = best_child(t, at, token + i, n_tok - i, &n);
        i += n;
        if (at == PAGE_NONE || (n < t->node[at].n_tok && i < n_tok))
            return i;
    }
    return UINT32_MAX;
}

static struct prefix_hit match_states(struct prefix *t, const int32_t *token, uint32_t n_tok,
                                      uint32_t *pages)
{
    struct prefix_hit hit = { .partial = PAGE_NONE, .state = PAGE_NONE };
    uint32_t at = PAGE_NONE;

    for (uint32_t i = 0; i < n_tok; i += KV_PAGE_TOK) {
        uint32_t leaf = whole_child(t, at, token + i, n_tok - i, false);

        if (leaf != PAGE_NONE) {
            hit.n_full = i / KV_PAGE_TOK;
            hit.partial = leaf;
            hit.n_partial = t->node[leaf].n_tok;
            hit.state = t->node[leaf].state;
        }
        at = whole_child(t, at, token + i, n_tok - i, true);
        if (at == PAGE_NONE)
            break;
        pages[i / KV_PAGE_TOK] = at;
        if (t->node[at].state != PAGE_NONE)
            hit = (struct prefix_hit){ .n_full = i / KV_PAGE_TOK + 1,
                                       .partial = PAGE_NONE,
                                       .state = t->node[at].state };
    }
    for (uint32_t i = 0; i < hit.n_full; i++) {
        page_ref(t->pages, pages[i]);
        t->node[pages[i]].last_use = t->tick;
    }
    if (hit.partial != PAGE_NONE) {
        page_ref(t->pages, hit.partial);
        t->node[hit.partial].last_use = t->tick;
    }
    if (hit.state != PAGE_NONE)
        page_ref(t->states, hit.state);
    return hit;
}

struct prefix_hit prefix_match(struct prefix *t, const int32_t *token, uint32_t n_tok,
                               uint32_t *pages)
{
    struct prefix_hit hit = { .partial = PAGE_NONE, .state = PAGE_NONE };
    uint32_t at = PAGE_NONE, n;

    t->tick++;
    if (t->states)
        return match_states(t, token, n_tok, pages);
    for (uint32_t i = 0; i < n_tok; i += KV_PAGE_TOK) {
        at = best_child(t, at, token + i, n_tok - i, &n);
        if (at == PAGE_NONE)
            break;
        page_ref(t->pages, at);
        t->node[at].last_use = t->tick;
        if (n < KV_PAGE_TOK) {
            hit.partial = at;
            hit.n_partial = n;
            break;
        }
        pages[hit.n_full++] = at;
    }
    return hit;
}

static void node_remove(struct prefix *t, uint32_t page)
{
    struct prefix_node *n = &t->node[page];

    CHECK(n->n_tok > 0 && n->first_child == PAGE_NONE);
    if (n->prev == PAGE_NONE)
        *first_of(t, n->parent) = n->next;
    else
        t->node[n->prev].next = n->next;
    if (n->next != PAGE_NONE)
        t->node[n->next].prev = n->prev;
    n->n_tok = 0;
    if (n->state != PAGE_NONE)
        page_drop(t->states, n->state);
    page_drop(t->pages, page);
}

static void node_insert(struct prefix *t, uint32_t parent, const int32_t *token, uint32_t n_tok,
                        uint32_t page)
{
    struct prefix_node *n = &t->node[page];
    uint32_t *first = first_of(t, parent);

    CHECK(n->n_tok == 0);
    *n = (struct prefix_node){ .n_tok = n_tok,
                               .parent = parent,
                               .first_child = PAGE_NONE,
                               .next = *first,
                               .prev = PAGE_NONE,
                               .state = PAGE_NONE,
                               .last_use = t->tick };
    memcpy(n->token, token, n_tok * sizeof(*token));
    if (*first != PAGE_NONE)
        t->node[*first].prev = page;
    *first = page;
    page_ref(t->pages, page);
}

uint32_t prefix_add(struct prefix *t, uint32_t parent, const int32_t *token, uint32_t n_tok,
                    uint32_t page)
{
    CHECK(n_tok >= 1 && n_tok <= KV_PAGE_TOK);
    CHECK(parent == PAGE_NONE || t->node[parent].n_tok == KV_PAGE_TOK);
    t->tick++;
    for (uint32_t c = *first_of(t, parent), next; c != PAGE_NONE; c = next) {
        struct prefix_node *n = &t->node[c];
        uint32_t k = n_common(n->token, token, min_u32(n_tok, n->n_tok));

        next = n->next;
        if (k == n_tok && (!t->states || n->n_tok == n_tok)) {
            n->last_use = t->tick;
            return c;
        }
        /* The new page says all that this one said, and more. (With states each end counts.) */
        if (!t->states && k == n->n_tok && t->pages->n_ref[c] == 1)
            node_remove(t, c);
    }
    node_insert(t, parent, token, n_tok, page);
    return page;
}

void prefix_keep_state(struct prefix *t, uint32_t page, uint32_t slot)
{
    struct prefix_node *n = &t->node[page];

    CHECK(n->n_tok > 0);
    if (n->state != PAGE_NONE)
        return;
    page_ref(t->states, slot);
    n->state = slot;
}

bool prefix_evict_state(struct prefix *t)
{
    struct prefix_node *oldest = NULL;

    for (uint32_t i = 0; i < t->pages->n; i++) {
        struct prefix_node *n = &t->node[i];

        if (n->n_tok && n->state != PAGE_NONE && t->states->n_ref[n->state] == 1 &&
            (!oldest || n->last_use < oldest->last_use))
            oldest = n;
    }
    if (!oldest)
        return false;
    page_drop(t->states, oldest->state);
    oldest->state = PAGE_NONE;
    return true;
}

bool prefix_evict(struct prefix *t)
{
    uint32_t oldest = PAGE_NONE;

    for (uint32_t i = 0; i < t->pages->n; i++) {
        const struct prefix_node *n = &t->node[i];

        if (n->n_tok && n->first_child == PAGE_NONE && t->pages->n_ref[i] == 1 &&
            (oldest == PAGE_NONE || n->last_use < t->node[oldest].last_use))
            oldest = i;
    }
    if (oldest == PAGE_NONE)
        return false;
    node_remove(t, oldest);
    return true;
}

uint32_t prefix_n_idle(const struct prefix *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->pages->n; i++)
        n += t->node[i].n_tok > 0 && t->pages->n_ref[i] == 1;
    return n;
}
