/* Which tokens may come next: positions of a grammar against a vocabulary.
 *
 * A gvocab may be used by any threads at once after gvocab_create; it keeps tables for grammars
 * behind a lock of its own. Masks are remembered in the gmatch, which is followed with one gvocab
 * alone and closed before it. */
#ifndef TEXT_GRAMMAR_MASK_H
#define TEXT_GRAMMAR_MASK_H

#include "text/grammar.h"
#include "text/tok.h"

#define GTOKEN_BYTES_MAX 4096U /* a longer token is never allowed */

enum gtoken_kind {
    GTOKEN_TEXT,  /* stands for its bytes                                 */
    GTOKEN_OTHER, /* only where a grammar names it                        */
    GTOKEN_END,   /* ends an answer: where the text may end               */
};

struct gtoken {
    const char *s;
    size_t len;
    enum gtoken_kind kind;
};

struct gvocab;

/* tok[n] by id; the bytes are copied. */
enum err_code gvocab_create(struct gvocab **out, const struct gtoken *tok, uint32_t n,
                            struct err *e);
/* The same for a tokenizer. */
enum err_code gvocab_of_tok(struct gvocab **out, const struct tok *t, struct err *e);
void gvocab_destroy(struct gvocab *v); /* NULL is fine */

/* Makes the tables of the grammar's classes of characters that the vocabulary does not have yet: a
 * few milliseconds each, once, else of the first mask. Any thread. */
enum err_code gvocab_learn(const struct gvocab *v, const struct grammar *g, struct err *e);

/* Bit id of word id / 64: the tokens that may come at the position. mask has room for all tokens;
 * no bit at all means that only a text that cannot go on was possible. */
enum err_code gmatch_mask(struct gmatch *m, const struct gvocab *v, uint32_t at, uint64_t *mask,
                          struct err *e);

/* The position after a token, 0 when it may not come. An end token stays where it is. */
enum err_code gmatch_accept(struct gmatch *m, const struct gvocab *v, uint32_t *at, int32_t id,
                            struct err *e);

#endif
