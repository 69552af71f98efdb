/* The trie of a vocabulary and what a gmatch remembers of masks. */
#ifndef TEXT_GRAMMAR_MASK_INT_H
#define TEXT_GRAMMAR_MASK_INT_H

#include "text/grammar_mask.h"

#define GVOCAB_NONE UINT32_MAX

struct gtrie {
    uint32_t end;   /* the node behind the subtree */
    uint32_t first; /* a token that ends here, or GVOCAB_NONE */
    uint16_t depth; /* 1 for the first byte */
    uint8_t byte;
};

/* A plain character stands for itself in every kind of string: U+0020 and above but for quotes,
 * backslashes, '<', '[' and U+007F .. U+009F. A plain token consists of 1 to GPLAIN_MAX whole ones.
 */
#define GPLAIN_MAX 64U

#define GVOCAB_LONG 32U

/* The trie once more, of the tokens that are not plain. */
struct godd {
    uint32_t end, first, full; /* full: the same node in the whole trie */
    uint16_t depth;
    uint8_t byte;
};

struct gvocab {
    struct gtrie *node; /* [n_node] in the order of a walk */
    uint32_t n_node, n_token, len_max;
    uint32_t *same;    /* [n_token] another token of the same bytes */
    uint8_t *kind;     /* [n_token] enum gtoken_kind */
    uint64_t *control; /* [n_token / 64] bits of GTOKEN_OTHER */
    uint8_t *bytes;    /* of token i: from[i] .. from[i + 1] */
    uint32_t *from;
    struct godd *odd;         /* [n_odd] */
    uint32_t *longer, n_long; /* tokens of more than GVOCAB_LONG bytes */
    uint32_t n_odd, n_plain, n_word;
    uint64_t
        *plain; /* [GPLAIN_MAX + 1][n_word] bits of plain tokens of at most so many characters */
    uint32_t *plain_id, *plain_node; /* [n_plain] in the trie's order; nodes rise */
    uint32_t *end, n_end;            /* the tokens that end an answer */
};

/* A remembered mask of a position. A local one belongs to threads of one rule, whatever called it;
 * `escape` are the trie's nodes where the rule may end before the token does. */
struct gmask {
    uint32_t pos;
    bool local, uses_uniq;
    uint32_t n_escape, cap_escape;
    uint32_t *escape;
    uint64_t *bits;
    struct gmask *chain;
};

#endif
