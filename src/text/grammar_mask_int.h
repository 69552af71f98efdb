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

struct gvocab {
    struct gtrie *node; /* [n_node] in the order of a walk */
    uint32_t n_node, n_token, len_max;
    uint32_t *same;    /* [n_token] another token of the same bytes */
    uint8_t *kind;     /* [n_token] enum gtoken_kind */
    uint64_t *control; /* [n_token / 64] bits of GTOKEN_OTHER */
    uint8_t *bytes;    /* of token i: from[i] .. from[i + 1] */
    uint32_t *from;
    uint32_t *end, n_end; /* the tokens that end an answer */
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
