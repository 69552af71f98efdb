/* The automaton inside of a grammar, and how the compilers build it.
 *
 * Nodes are instructions of a pushdown automaton: a thread stands at a node with a stack of return
 * addresses. Fragments are built back to front: every gb_ function takes the node that follows and
 * returns the node to enter, so that nothing is patched but loops. Failure is sticky: after the
 * first error the functions return node 0, which never matches. */
#ifndef TEXT_GRAMMAR_INT_H
#define TEXT_GRAMMAR_INT_H

#include "base/arena.h"
#include "base/attr.h"
#include "text/grammar.h"

#define GRAMMAR_NODE_MAX  2000000U
#define GRAMMAR_NODE_MASK 0x7FFFFFFFU
#define GRAMMAR_RULE_MAX  200000U
#define GRAMMAR_REP_MAX   200000U
#define GRAMMAR_COUNT_MAX 1000000000U /* of a repetition */

struct cp_range {
    uint32_t from, to;
};

enum gop {
    GN_FAIL,  /* matches nothing                                               */
    GN_BYTE,  /* lo..hi, then next                                             */
    GN_SPLIT, /* next or alt                                                   */
    GN_CALL,  /* rule alt, then next                                           */
    GN_RET,   /* end of a rule                                                 */
    GN_REP,   /* repetition alt, then next                                     */
    GN_TOK,   /* token alt, then next                                          */
    GN_NTOK,  /* any token but alt, then next                                  */
    GN_CTRL,  /* any control token but the grammar's marks, then next          */
    GN_TEXT,  /* next, only where texts are followed without a vocabulary      */
    /* Arrays of distinct items: see grammar_uniq.c. */
    GN_U_OPEN,
    GN_U_ITEM,
    GN_U_DONE,
    GN_U_CLOSE,
    GN_U_MORE, /* next, while rule alt has values that are no items yet        */
    GN_U_NEED, /* next, if the rule of repetition alt has at least lo values   */
};

struct gnode {
    uint8_t op, lo, hi;
    bool live : 1;    /* some way from here leads to the end of the rule */
    bool is_free : 1; /* of free text (gmatch_is_free) */
    unsigned set : 6; /* BYTE: begins a character of this set of the grammar, see gb_run; 0: none */
    uint32_t next, alt;
    unsigned
        near : 31;  /* BYTE: where it makes no difference for GRAMMAR_NEAR characters; 0: nowhere */
    bool whole : 1; /* BYTE: one of a `whole` set begins, of as many */
};

#define GRAMMAR_NEAR 33U /* one more than the bytes of tokens that masks take by it */

struct grule {
    uint32_t entry;
    bool live, nullable;
    uint32_t n_text; /* its texts, if they are counted: see grammar_count.c */
};

/* A set of characters: range[first] .. range[first + n - 1], tidy. */
struct gset {
    uint32_t first, n;
    bool in_row; /* behind one of its characters may come the next: worth a table of tokens */
    bool whole;  /* a union: somewhere all of it may come many times, leading here and there */
};

#define GRAMMAR_SETS_MAX 63U /* 0 is none */
#define GRAMMAR_SET_MIN  10U /* characters: a smaller one is no set of its own */

#define GRAMMAR_MANY 4097U /* a count that is as good as endless */

/* Characters that are in the same sets. */
struct gatom {
    uint64_t in;       /* bit of each set */
    uint64_t ascii[2]; /* those of one byte */
    uint32_t sample;   /* one of more bytes; 0: none */
};

#define GRAMMAR_ATOMS_MAX 128U /* with more, `whole` sets are not looked for */

struct grep {
    uint32_t rule, lo, hi;
};

struct grammar {
    struct gnode *node; /* [n_node]; 0 fails, 1 is a RET */
    struct grule *rule; /* [n_rule]; 0 is the root */
    struct grep *rep;
    uint32_t n_node, n_rule, n_rep, cap_node, cap_rule, cap_rep;
    struct gset set[GRAMMAR_SETS_MAX + 1U];
    struct cp_range *range;
    uint32_t n_set, n_range, cap_range, n_atom;
    struct gatom *atom;   /* [n_atom] or NULL */
    uint64_t behind[128]; /* sets that begin behind a byte that stands for itself */
    int32_t *mark;        /* [n_mark] control tokens that mean something to the grammar */
    uint32_t n_mark;
    bool has_tokens;
};

#define GNODE_FAIL 0U
#define GNODE_RET  1U

/* What compiling has cost, all parts and attempts together, in steps of some nanoseconds. */
#define GRAMMAR_COST_MAX 60000000U
#define GRAMMAR_COST_ASK 500000U /* steps between two questions to `stop` */

struct gcost {
    const struct stop_ask *stop; /* NULL: nobody to ask */
    uint64_t n, n_asked;
    bool is_stopped;
};

/* False: it is too much, or somebody has stopped it; gcost_error says which. NULL counts nothing.
 */
bool gcost_add(struct gcost *c, uint64_t n);
enum err_code gcost_error(const struct gcost *c, struct err *e);

struct gbuild {
    struct grammar *g;
    struct gcost *cost;
    enum err_code rc;
    struct err *e;
};

enum err_code gb_begin(struct gbuild *b, struct gcost *cost, struct err *e);
bool gb_spend(struct gbuild *b, uint64_t n); /* false: failed */
/* Takes the (checked) grammar out of b, or frees it after a failure. */
enum err_code gb_end(struct gbuild *b, struct grammar **out);
enum err_code gb_fail(struct gbuild *b, enum err_code rc, const char *fmt, ...) ATTR_PRINTF(3, 4);

uint32_t gb_node(struct gbuild *b, enum gop op, uint32_t next, uint32_t alt);
uint32_t gb_rule(struct gbuild *b); /* to be given an entry later */
void gb_rule_set(struct gbuild *b, uint32_t rule, uint32_t entry);
uint32_t gb_byte(struct gbuild *b, uint8_t lo, uint8_t hi, uint32_t next);
uint32_t gb_split(struct gbuild *b, uint32_t a, uint32_t c); /* either may fail */
uint32_t gb_call(struct gbuild *b, uint32_t rule, uint32_t next);
uint32_t gb_rep(struct gbuild *b, uint32_t rule, uint32_t lo, uint32_t hi, uint32_t next);
uint32_t gb_rep_add(struct gbuild *b, uint32_t rule, uint32_t lo, uint32_t hi); /* its index */
uint32_t gb_bytes(struct gbuild *b, const char *s, size_t len, uint32_t next);
uint32_t gb_lit(struct gbuild *b, const char *s, uint32_t next);
/* One character of the range as UTF-8; surrogates are left out. */
uint32_t gb_range(struct gbuild *b, uint32_t from, uint32_t to, uint32_t next);
uint32_t gb_ranges(struct gbuild *b, const struct cp_range *r, size_t n, uint32_t next);

/* Says that from entry, which the functions above have made, every character of the n tidy ranges
 * leads to `next`, so that masks take such characters together. Nodes that begin one of them keep
 * `next` as their alt. What is too small, or one set too many, says nothing. */
void gb_run(struct gbuild *b, uint32_t entry, const struct cp_range *r, size_t n, uint32_t next);

/* Says of what begins at entry, up to `close`, where it is the same for GRAMMAR_NEAR characters (0:
 * nowhere), and whether all of a `whole` set may come so many times. */
void gb_state(struct gbuild *b, uint32_t entry, uint32_t close, uint32_t near, bool whole);

/* Says that all of the n tidy ranges may come many times in a row, leading to different nodes. */
void gb_whole(struct gbuild *b, const struct cp_range *r, size_t n);

/* Sorted, without overlaps, in place; returns how many are left. */
size_t cp_ranges_tidy(struct cp_range *r, size_t n);
/* The first of n tidy ranges that does not end before cp, or n. */
size_t cp_ranges_find(const struct cp_range *r, size_t n, uint32_t cp);
/* What 0..U+10FFFF has beside the n tidy ranges; out has room for n + 1. */
size_t cp_ranges_invert(const struct cp_range *r, size_t n, struct cp_range *out);

/* gbnf.c: grammar_of_gbnf() as a part of something larger. */
enum err_code gbnf_compile(struct grammar **out, const char *source, size_t len, struct gcost *cost,
                           struct err *e);

/* grammar_count.c: how many texts the rules of U_MORE and U_NEED have. */
enum err_code grammar_count(struct grammar *g, struct err *e);

/* grammar_sets.c: what masks want to know of the sets. */
void grammar_sets(struct grammar *g);

/* grammar_check.c: live and nullable rules; refuses left recursion and empty languages. */
enum err_code grammar_check(struct grammar *g, struct gcost *cost, struct err *e);

#endif
