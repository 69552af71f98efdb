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

enum err_code prefix_init(struct prefix *t, struct pages *pages, struct err *e)
{
    *t = (struct prefix){ .pages = pages, .first_root = PAGE_NONE };
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

static uint32_t n_common(const int32_t *a, const int32_t *b, uint32_t n)
{
    uint32_t i = 0;

    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* The child that agrees with most of the next n tokens. */
static uint32_t best_child(struct prefix *t, uint32_t parent, const int32_t *token, uint32_t n,
                           uint32_t *n_best)
{
    uint32_t best = PAGE_NONE;

    *n_best = 0;
    for (uint32_t c = *first_of(t, parent); c != PAGE_NONE; c = t->node[c].next) {
        uint32_t k = n_common(t->node[c].token, token, min_u32(n, t->node[c].n_tok));

        if (k > *n_best) {
            *n_best = k;
            best = c;
        }
    }
    return best;
}

struct prefix_hit prefix_match(struct prefix *t, const int32_t *token, uint32_t n_tok,
                               uint32_t *pages)
{
    struct prefix_hit hit = { .partial = PAGE_NONE };
    uint32_t at = PAGE_NONE, n;

    t->tick++;
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
        if (k == n_tok) {
            n->last_use = t->tick;
            return c;
        }
        /* The new page says all that this one said, and more. */
        if (k == n->n_tok && t->pages->n_ref[c] == 1)
            node_remove(t, c);
    }
    node_insert(t, parent, token, n_tok, page);
    return page;
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
