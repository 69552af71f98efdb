/* The cache's book-keeping: pages with reference counts, and the tree of prefixes they hold.
 *
 * Owner: the engine's thread. Nothing here allocates after creation. */
#ifndef ENGINE_CACHE_INT_H
#define ENGINE_CACHE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "compute/plan.h"

#define PAGE_NONE UINT32_MAX
#define PAGES_MAX (1U << 24)

/* ---- pages.c: which pages (or state slots) are in use, and how often ---- */
struct pages {
    uint32_t n, n_free;
    uint32_t *free_list; /* [n], the last n_free-th one is next */
    uint32_t *n_ref;     /* [n] */
};

enum err_code pages_init(struct pages *p, uint32_t n, struct err *e);
void pages_finish(struct pages *p); /* zeroed is fine */

uint32_t page_take(struct pages *p); /* one reference; PAGE_NONE when none is free */
void page_ref(struct pages *p, uint32_t page);
void page_drop(struct pages *p, uint32_t page);

/* Pages that hold this many tokens. */
static inline uint32_t pages_for(uint32_t n_tok)
{
    return n_tok / KV_PAGE_TOK + (n_tok % KV_PAGE_TOK != 0);
}

/* ---- prefix.c: a tree whose node is a page; the path from the root spells the tokens ---- */
struct prefix_node {
    int32_t token[KV_PAGE_TOK];
    uint32_t n_tok; /* 0: the page is no node; < 64: a leaf for ever */
    uint32_t parent, first_child, next, prev;
    uint32_t state; /* slot of the recurrent state behind its last token, or PAGE_NONE */
    uint64_t last_use;
};

/* The tree holds one reference to each of its pages and states.
 *
 * A model with recurrent states can only go on where a state was kept: then a prefix is known as
 * far as the last node on its way that has one. */
struct prefix {
    struct pages *pages;
    struct pages *states;     /* slots of recurrent states; NULL: the model has none */
    struct prefix_node *node; /* [n pages]: the node of a page */
    uint32_t first_root;
    uint64_t tick;
};

/* states: NULL for models without recurrent states. */
enum err_code prefix_init(struct prefix *t, struct pages *pages, struct pages *states,
                          struct err *e);
void prefix_finish(struct prefix *t);

struct prefix_hit {
    uint32_t n_full;  /* whole pages */
    uint32_t partial; /* a page whose first n_partial tokens go on from there, or PAGE_NONE */
    uint32_t n_partial;
    uint32_t state; /* slot of the state behind all that, or PAGE_NONE */
};

/* The longest known beginning of n_tok tokens; its pages go to pages[n_tok / 64]. The caller gets a
 * reference to each of them, to the partial one and to the state. */
struct prefix_hit prefix_match(struct prefix *t, const int32_t *token, uint32_t n_tok,
                               uint32_t *pages);

/* Where the tokens leave the prefix that is nearest to them: index of the first one that differs,
 * UINT32_MAX when they go on where it ends. Takes nothing. */
uint32_t prefix_miss(const struct prefix *t, const int32_t *token, uint32_t n_tok);

/* Makes a page known behind parent (PAGE_NONE: at the beginning): n_tok tokens, 1 .. 64, whose keys
 * and values are in it. Returns the page that holds them in the tree: another one when they were
 * known before. The tree takes its own reference. */
uint32_t prefix_add(struct prefix *t, uint32_t parent, const int32_t *token, uint32_t n_tok,
                    uint32_t page);

/* Keeps the state behind a node's last token, unless it has one. Takes its own reference. */
void prefix_keep_state(struct prefix *t, uint32_t page, uint32_t slot);

/* Forgets the state that was not used for longest, of those that only the tree holds; false: none.
 */
bool prefix_evict_state(struct prefix *t);

/* Frees the page that was not used for longest, of those that only the tree holds; false: none. */
bool prefix_evict(struct prefix *t);

/* Pages that only the tree holds: all of them can be evicted one after the other. */
uint32_t prefix_n_idle(const struct prefix *t);

#endif
