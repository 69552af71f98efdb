/* Following a text: threads, their shared stacks, and positions.
 *
 * A thread is a node, a stack and, inside arrays of distinct items, what was seen of them. Stacks
 * are linked cells that exist once each, so that threads and positions share them and two equal
 * positions have the same number. A position is the set of threads that wait for a byte or token;
 * its steps are remembered in a row of 256. */
#ifndef TEXT_GRAMMAR_RUN_INT_H
#define TEXT_GRAMMAR_RUN_INT_H

#include "text/grammar_int.h"
#include "text/grammar_mask.h"

#define GMATCH_SEEN_FEW   1024U /* at first */
#define GMATCH_SEEN_SLOTS 65536U
#define GMATCH_UNKNOWN    UINT32_MAX

enum gcell_kind { GC_FRAME, GC_UNIQ, GC_LIST, GC_BOTTOM, GC_TEXT };

/* TEXT: the text before the last byte, that byte, how many bytes; 0 is the empty text.
 * FRAME: v = return node, parent, repetition's node or 0, rounds that must and may still come.
 * UNIQ: text of the item so far, 0, list of items, outer UNIQ, whether inside an item.
 * LIST: text of an item, 0, the items before it, how many.
 * BOTTOM: whatever called a rule that is looked at alone. */
struct gcell {
    uint32_t kind, v[5];
};

struct gthread {
    uint32_t node, frame, uniq;
};

/* A slot of the set of threads that a closure has met; stale unless it bears the closure's mark. */
struct gseen {
    struct gthread t;
    uint32_t mark;
};

struct gpos {
    uint32_t first, n; /* threads */
    uint32_t row;      /* steps, GMATCH_UNKNOWN until the first */
    uint32_t pass;     /* see struct gmatch */
    uint8_t ahead; /* characters of set_ahead that may come, see grammar_walk.c; if ahead_known */
    uint8_t set_ahead;
    bool ahead_known;
    bool not_whole;  /* see grammar_whole.c */
    uint32_t spread; /* the last of its looks around that came here */
    bool may_end, is_free;
    bool local;    /* of one rule alone: may_end says that the rule may end */
    bool met_uniq; /* local: may_end, because distinct items begin or end here */
};

#define GMATCH_MASK_BUCKETS 512U
struct gmask;
struct gruns;

/* A hash table of indexes, open addressing; 0 is free. */
struct gtable {
    uint32_t *at, cap, n;
};

struct gmatch {
    const struct grammar *g;
    bool text_only;
    size_t bytes_max, bytes;
    struct gcell *cell; /* 0 is unused */
    struct gthread *thread;
    struct gpos *pos; /* 0 is the refusal */
    uint32_t *row;    /* [n_row][256] */
    uint32_t n_cell, n_thread, n_pos, n_row;
    uint32_t cap_cell, cap_thread, cap_pos, cap_row;
    struct gtable cells, poss;
    uint32_t start;
    /* one closure */
    struct gthread *work, *out;
    struct gseen *seen; /* [cap_seen] */
    uint32_t n_work, cap_work, n_out, cap_out, n_seen, cap_seen, mark;
    bool may_end, local, met_uniq;
    /* local: not 0 when the end of an item is passed; then 1 and the items that there are with it
     */
    uint32_t pass;
    struct gsearch *search; /* for texts that are no items yet; NULL until needed */
    enum err_code rc;
    struct gmask **mask; /* [GMATCH_MASK_BUCKETS] or NULL */
    uint32_t n_mask;
    uint32_t spread;    /* looks around, see grammar_whole.c */
    struct gruns *runs; /* of the vocabulary, for the grammar's sets; NULL until the first mask */
};

/* A cell with these values, made when there is none; 0 and m->rc on failure. */
uint32_t gm_cell(struct gmatch *m, enum gcell_kind kind, const uint32_t v[5]);
bool gm_grow(struct gmatch *m, void **at, uint32_t n, uint32_t *cap, size_t size);
uint64_t gm_mix(uint64_t h, uint64_t v);
/* gmatch_token for a token of a vocabulary: one that ends an answer is no "any other" token. */
enum err_code gm_token(struct gmatch *m, uint32_t *at, int32_t id, enum gtoken_kind kind,
                       struct err *e);
bool grammar_has_mark(const struct grammar *g, int32_t id);

/* The position of these threads; of the rule they are in alone (they share a stack); where its
 * caller goes on (with distinct items: up to the next one, which nobody looks at); of both
 * positions' threads. */
enum err_code gm_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t *pos,
                     struct err *e);
enum err_code gm_local_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t *pos,
                           struct err *e);
/* The position of threads inside an item, whatever was read of it: up to the item's end, or with
 * `pass` up to the next item. */
enum err_code gm_inner_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t pass,
                           uint32_t *pos, struct err *e);
/* The position of these threads, of the same kind as another one. */
enum err_code gm_like_pos(struct gmatch *m, uint32_t like, const struct gthread *t, uint32_t n,
                          uint32_t *pos, struct err *e);
/* Where a thread of such a position stands that comes to a node. */
enum err_code gm_behind(struct gmatch *m, uint32_t like, uint32_t node, uint32_t frame,
                        uint32_t *pos, struct err *e);
/* The position of these threads as they are. */
enum err_code gm_kept_pos(struct gmatch *m, const struct gthread *t, uint32_t n, bool may_end,
                          uint32_t *pos, struct err *e);
enum err_code gm_outer_pos(struct gmatch *m, const struct gthread *t, uint32_t *pos, struct err *e);
enum err_code gm_union_pos(struct gmatch *m, uint32_t a, uint32_t b, uint32_t *pos, struct err *e);
/* Counts of repetitions beyond len + 1 taken as len + 1, and threads to where they are near. */
enum err_code gm_clamped_pos(struct gmatch *m, uint32_t len, uint32_t *pos, struct err *e);

/* grammar_mask.c */
void gm_drop_masks(struct gmatch *m);
/* grammar_class.c */
void gm_drop_runs(struct gmatch *m);

/* grammar_uniq.c */
uint32_t gm_uniq_byte(struct gmatch *m, uint32_t uniq, uint8_t byte);
/* Whether the item that ends with these n more bytes was there before. */
bool gm_uniq_has(const struct gmatch *m, uint32_t uniq, const uint8_t *s, uint32_t n);
/* False: the item was there before, or no other is left. */
bool gm_uniq_node(struct gmatch *m, const struct gnode *n, uint32_t *uniq);
uint32_t gm_uniq_n_item(const struct gmatch *m, uint32_t uniq);
/* Drops the threads of a position that could only end in an item that was there before. */
enum err_code gm_uniq_prune(struct gmatch *m, uint32_t *pos, struct err *e);
/* How many items go on behind what was read of the present one. */
uint32_t gm_uniq_n_rest(const struct gmatch *m, uint32_t uniq);
/* Whether it is plain that the present item can become a new one: at a position inside of it (of
 * gm_inner_pos) there are more ways on, each of which leads to an end, than the n_rest items that
 * might be in the way. */
bool gm_uniq_is_open(const struct gmatch *m, uint32_t uniq, uint32_t pos, uint32_t n_rest);
/* The i-th item that goes on behind what was read of the present one: its rest into s (room for
 * cap), at most cap bytes; returns how many. *i counts up; false: no more. */
bool gm_uniq_rest(const struct gmatch *m, uint32_t uniq, uint32_t *i, uint8_t *s, uint32_t cap,
                  uint32_t *n);

#endif
