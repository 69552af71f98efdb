/* Small vocabularies for tests of masks, and walks through a grammar that compare a mask with what
 * is accepted, token by token. */
#ifndef SUPPORT_MASK_WALK_H
#define SUPPORT_MASK_WALK_H

#include "text/grammar_mask.h"

struct vocab {
    struct gtoken *tok;
    char *text;
    uint32_t n;
    struct gvocab *v;
};

/* The 256 bytes, an end token (256), one without bytes, then random pieces of what JSON is made of;
 * `dense`: most of them behind few first bytes. None is longer than what masks are exact for. */
struct vocab vocab_make(uint32_t n, uint64_t seed, bool dense);
void vocab_drop(struct vocab *v);

/* A random allowed token, -1: none. Short texts would never end otherwise, so the end is taken half
 * of the time when it may come. */
int32_t vocab_choose(const uint64_t *mask, uint32_t n, uint64_t *seed);

/* A random walk. No token of a mask may be refused; is_exact: what is not in it is. */
void vocab_walk(const struct grammar *g, const struct vocab *v, uint64_t seed, bool is_exact);

#endif
