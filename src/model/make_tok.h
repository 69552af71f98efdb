/* A small, well-formed byte-level vocabulary, padded to any size. */
#ifndef MODEL_MAKE_TOK_H
#define MODEL_MAKE_TOK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "formats/gguf.h"

/* Writes the tokenizer's keys: 256 byte tokens, a few merges, fillers "<f300>", and last the two
 * control tokens that begin and end a text. n_vocab >= 512. */
enum err_code make_tok(struct gguf_out *o, uint32_t n_vocab, struct arena *a, struct err *e);

#endif
