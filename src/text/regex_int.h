/* Regular expressions of JSON Schema (ECMA-262, code points) as automata over characters.
 *
 * A set of expressions, each to match or not to match, becomes one deterministic automaton: the
 * strings that satisfy them all and a range of lengths. Searching is unanchored, as `pattern` says.
 * Backreferences, word borders and look-around (but for one at the very start) are refused. */
#ifndef TEXT_REGEX_INT_H
#define TEXT_REGEX_INT_H

#include "base/arena.h"
#include "text/grammar_int.h"

#define REGEX_NODES_MAX 60000U
#define REGEX_SET_MAX   60U /* expressions of a set: one bit each */
#define REGEX_NO_MAX    UINT32_MAX

enum rx_op { RX_CHAR, RX_SPLIT, RX_BEGIN, RX_END, RX_MATCH };

struct rx_node {
    uint8_t op, id; /* expression */
    uint32_t next, alt, n_range;
    const struct cp_range *range;
};

struct rx_set {
    struct arena *a;
    struct gcost *cost; /* NULL: not counted */
    struct rx_node *node;
    uint32_t n_node, cap_node, start[REGEX_SET_MAX], n;
    uint64_t negated; /* bit i: expression i must not match */
};

struct rx_edge {
    uint32_t from, to, target;
};

struct rx_state {
    uint32_t n_edge;
    bool accepts, live;
    struct rx_edge *edge; /* sorted, disjoint */
};

struct rx_dfa {
    struct rx_state *state; /* 0 is the start */
    uint32_t n_state;
};

/* Everything of a set lives in the arena. */
void rx_init(struct rx_set *s, struct arena *a, struct gcost *cost);
/* Adds an expression; ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. */
enum err_code rx_add(struct rx_set *s, const char *pattern, size_t len, bool negated,
                     struct err *e);
/* Adds "is none of these strings" (invalid UTF-8 among them is ERR_FORMAT). */
enum err_code rx_add_not_in(struct rx_set *s, const char *const *text, const size_t *len, size_t n,
                            struct err *e);
/* Whether text satisfies the whole set. ERR_OOM and the like count as no. */
bool rx_matches(const struct rx_set *s, const char *text, size_t len);
/* The automaton of the set and lengths min..max in characters; dead ends are not live. */
enum err_code rx_compile(const struct rx_set *s, uint32_t min, uint32_t max, struct rx_dfa *out,
                         struct err *e);

/* Characters of its shortest text; REGEX_NO_MAX: it has none. ERR_OOM and the like as well. */
uint32_t rx_shortest(const struct rx_set *s, const struct rx_dfa *d);
#define RX_STATES_MAX 60000U /* of an automaton */

/* regex_near.c: for each state the first one that no n_char characters tell from it (or itself,
 * where to find out would take too long); exact: no number of characters does. near[n_state].
 * ERR_OOM. What `cost` does not allow is found out by the next one who adds to it. */
enum err_code rx_near(const struct rx_dfa *d, uint32_t n_char, struct gcost *cost, uint32_t *near,
                      bool *exact);

/* regex_parse.c to regex_dfa.c */
uint32_t rx_node(struct rx_set *s, struct rx_node n); /* UINT32_MAX: too many */

#endif
