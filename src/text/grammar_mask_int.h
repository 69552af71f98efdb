/* The trie of a vocabulary, its tokens by classes of characters, and what a gmatch remembers of
 * masks. */
#ifndef TEXT_GRAMMAR_MASK_INT_H
#define TEXT_GRAMMAR_MASK_INT_H

#include "text/grammar_mask.h"
#include "text/grammar_run_int.h"

#define GVOCAB_NONE UINT32_MAX
#define GVOCAB_LONG 32U

struct gtrie {
    uint32_t end;   /* the node behind the subtree */
    uint32_t first; /* a token that ends here, or GVOCAB_NONE */
    uint16_t depth; /* 1 for the first byte */
    uint8_t byte;
    uint8_t height; /* bytes of the longest way down from here; 255 stands for more, too */
};

struct gclasses;

struct gvocab {
    struct gtrie *node; /* [n_node] in the order of a walk */
    uint32_t n_node, n_token, len_max;
    uint32_t n_word;    /* of 64 bits in a mask */
    uint32_t root[256]; /* nodes of first bytes, or GVOCAB_NONE */
    uint32_t *shape;   /* [n_node] the same for nodes that have alike below them, tokens included */
    uint32_t *same;    /* [n_token] another token of the same bytes */
    uint8_t *kind;     /* [n_token] enum gtoken_kind */
    uint64_t *control; /* [n_word] bits of GTOKEN_OTHER */
    uint8_t *bytes;    /* of token i: from[i] .. from[i + 1] */
    uint32_t *from;
    uint32_t *longer, n_long; /* tokens of more than GVOCAB_LONG bytes */
    uint32_t *end, n_end;     /* the tokens that end an answer */
    struct gclasses *classes; /* made when first asked for; its own lock */
};

/* ---- grammar_class.c ---- */

/* The vocabulary as seen from a class of characters. A token is either so many characters of the
 * class and nothing else (pure), or it leaves the class behind n_char of them: that is an exit, at
 * the node of the trie where something else has been read, or not yet a whole character. Exits
 * whose node is reached by the same bytes, with the same below it, make a tail: what follows is
 * tried once for all of them. */
#define GCLASS_MAX 32U /* characters: behind as many, the next one is an exit like any other */

struct gexit {
    uint32_t node, n_char;
};

struct gtail {
    uint32_t first, n; /* exits; n_char rises */
    uint8_t path[4], n_path;
    bool alone; /* tokens that end at the node, nothing below it */
};

struct gclass {
    struct cp_range *range;
    uint32_t n_range;
    uint32_t root;    /* of what is below this node alone; GVOCAB_NONE: of the whole trie */
    bool begins[256]; /* a byte begins a character of the class */
    uint8_t sample;   /* one that is a character; 0: none */
    uint64_t *impure; /* [n_node / 64 + 1] nodes whose byte is no character of the class by itself;
                         NULL with a root */
    uint32_t n_upto;  /* characters of the longest pure token */
    uint64_t *upto;   /* [n_upto + 1][n_word] pure tokens of at most so many characters */
    struct gexit *part; /* tokens that end within a character, which may be one of the class */
    uint32_t n_part, cap_part;
    struct gexit *exit;
    struct gtail *tail; /* sorted by path */
    uint32_t n_exit, n_tail;
    uint32_t by_byte[257]; /* tails whose path begins with a byte */
    /* under the lock of gclasses */
    uint32_t n_ref;
    uint64_t used;
    struct gclass *next;
};

#define GEXCEPT_MAX 16U /* characters, all of one byte */

#define GBELOW_MAX 24U

/* The classes of a grammar's sets; NULL where a set has none. */
struct gruns {
    const struct gvocab *v;
    /* Below a first byte that has much below it, and behind which the set may begin. */
    struct {
        uint8_t byte, set;
        const struct gclass *c;
    } below[GBELOW_MAX];
    uint32_t n_below;
    const struct gclass *of[GRAMMAR_SETS_MAX + 1U];
    uint64_t within[GRAMMAR_SETS_MAX + 1U]; /* bit b of a: all of set a is in set b, too */
    /* A set without a table that is nearly one that has: that set, and what is missing. */
    uint8_t nearly[GRAMMAR_SETS_MAX + 1U];
    uint8_t n_except[GRAMMAR_SETS_MAX + 1U];
    uint8_t except[GRAMMAR_SETS_MAX + 1U][GEXCEPT_MAX];
};

enum err_code gclasses_create(struct gclasses **out, struct err *e);
void gclasses_destroy(struct gclasses *s);
/* Fills m->runs, if that has not been done. */
enum err_code gm_find_runs(struct gmatch *m, const struct gvocab *v, struct err *e);

/* ---- grammar_mask.c ---- */
struct gmask;
struct gmask *gm_find_mask(const struct gmatch *m, uint32_t pos, bool part); /* NULL: none */
/* An empty one, which m keeps. */
struct gmask *gm_new_mask(struct gmatch *m, const struct gvocab *v, uint32_t pos, bool part,
                          struct err *e);

/* ---- grammar_walk.c ---- */

/* Where a rule may end before the token does: at a node of the trie, or behind so many characters
 * of a class (bits of n_char). */
struct gescape {
    const struct gclass *c; /* NULL: node */
    uint32_t set;           /* whose class it is */
    uint32_t node;
    uint64_t n_char;
};

/* A remembered mask of a position. A local one belongs to threads of one rule, whatever called
 * it. A part of a mask is what a walk from the position finds and nothing else. */
struct gmask {
    uint32_t pos;
    bool part, uses_uniq;
    uint32_t n_escape, cap_escape;
    struct gescape *escape;
    uint64_t *bits;
    struct gmask *chain;
};

struct ghit {
    uint32_t at; /* nodes behind the first */
    bool is_set, escapes;
};

/* Behind a position: as many characters of a class may come, whatever they are. */
struct gahead {
    const struct gclass *c; /* NULL: none */
    uint32_t n;
};

struct gwalk {
    struct gmatch *m;
    const struct gvocab *v;
    uint64_t *bits;       /* tokens are added here */
    uint32_t *pos;        /* [len_max + 1] by depth */
    struct gahead *ahead; /* [len_max + 1] of these, where it is known */
    struct gmask *local;  /* where escapes are noted, or NULL */
    bool no_runs;         /* byte by byte */
    struct ghit *hit;     /* of one tail */
    uint32_t n_hit, cap_hit;
    /* first characters that a run at the front does not have, and [n_word] to take them out in */
    const uint8_t *except;
    uint32_t n_except;
    uint64_t *scratch;
    struct err *e;
};

void gw_set_tokens(const struct gvocab *v, uint32_t first, uint64_t *bits);
enum err_code gw_note_escape(struct gwalk *w, struct gescape x);
/* The position behind a byte; 0: none. */
enum err_code gw_step(struct gwalk *w, uint32_t *at, uint8_t byte);
/* What it means to come to a position: tokens that end here may come; the rule may end here. */
struct ghit gw_met(struct gwalk *w, uint32_t pos);
enum err_code gw_arrive(struct gwalk *w, struct ghit h, uint32_t node);
/* The bytes that a position reads, but for those of characters that are all of a set (0: none):
 * reads[256]. */
void gw_reads(const struct gmatch *m, uint32_t pos, uint32_t but, bool *reads);
bool gw_same_run(const struct gmatch *m, const struct gthread *a, const struct gthread *b);

enum gway {
    GWAY_NONE, /* no character of the class can come             */
    GWAY_ONE,  /* any of them, and all lead to the same position */
    GWAY_MIXED
};
enum gway gw_way_on(const struct gmatch *m, uint32_t pos, uint32_t set, struct gthread *out);

/* The whole trie, first byte by first byte: ones that cannot come are not even looked at. */
enum err_code gw_root(struct gwalk *w, uint32_t pos);
/* What is below a node, from the position there; by tables where there are some. */
enum err_code gw_walk_below(struct gwalk *w, uint32_t node, uint32_t pos);
enum err_code gw_below(struct gwalk *w, uint32_t node, uint32_t pos);

/* ---- grammar_tail.c ---- */

/* Leaving a class: at[k] is the position behind k of its characters, 0 for none; with at NULL it is
 * where a token's own bytes lead from `from`. */
struct gleave {
    const struct gclass *c;
    const uint32_t *at;
    uint32_t from;
    bool reads[256], last[256]; /* bytes that are read there; last: behind GCLASS_MAX characters */
};

const uint8_t *gw_node_bytes(const struct gvocab *v, uint32_t node);
enum err_code gw_tails(struct gwalk *w, const struct gleave *l);
/* Tokens of at most n characters of a class; those that end within one more, which up to n may. */
enum err_code gw_pure(struct gwalk *w, const struct gclass *c, uint32_t n);
void gw_parts(struct gwalk *w, const struct gclass *c, uint32_t n);
/* After a walk within a walk: the list of hits moves while it grows, and like the scratch belongs
 * to the outermost. */
void gw_keep(struct gwalk *w, const struct gwalk *inner);
/* What is below a first byte's node, if there are tables for it: else *done is false, and nothing
 * has been done. */
enum err_code gw_front_below(struct gwalk *w, uint32_t node, uint32_t pos, bool *done);
/* The whole vocabulary from a position. */
enum err_code gw_all(struct gwalk *w, uint32_t pos);
/* Tokens that leave a rule behind characters of a class (an escape) and go on at a position. False
 * in *done: some might read on in the class, which this cannot tell apart. */
enum err_code gw_leave(struct gwalk *w, const struct gescape *x, uint32_t pos, bool *done);

/* ---- grammar_whole.c ---- */

/* The same as gw_all where all characters of a set may come many times in a row, though they lead
 * to different positions. Else *done is false, and nothing has been done. */
enum err_code gw_whole(struct gwalk *w, uint32_t pos, bool *done);

#endif
