/* Pre-tokenizers: the named rules that cut a text into pieces before byte-level BPE merges.
 *
 * A rule set is a list of passes; each pass looks for its pattern inside every piece that the pass
 * before left, and what lies between two matches becomes a piece too. The patterns are those of the
 * models' tokenizer.json files in the form the GGUF world agreed on; scanners need no backtracking
 * and run in linear time. */
#ifndef TEXT_PRE_H
#define TEXT_PRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stop.h"

struct pre_pass;

struct pre_def {
    const char *name;
    const struct pre_pass *pass;
    uint8_t n_pass;
    uint8_t flags; /* enum pre_flag */
};

enum pre_flag {
    PRE_IGNORE_MERGES = 1, /* a piece that is a token needs no merging                  */
    PRE_KEEP_SPACES = 2,   /* decoding does not tidy spaces before punctuation          */
    PRE_ADD_BOS = 4,       /* unless the file says otherwise                            */
    PRE_ADD_SEP = 8,
    PRE_RAW = 16,   /* merges work on UTF-8 itself, spaces spelled as U+2581            */
    PRE_NO_BOS = 32 /* no default for the BOS token                                     */
};

/* NULL when the name is not known. */
const struct pre_def *pre_find(const char *name, size_t len);

/* All names, for tests and messages: NULL at the end. */
const struct pre_def *pre_at(size_t i);

/* Scratch of one call chain; zero-initialise. */
struct pre_work {
    uint32_t *cp; /* [n] characters */
    uint8_t *cls; /* [n] their classes */
    size_t n, cp_cap, cls_cap;
    uint32_t *end, *end_new; /* piece ends, in characters */
    size_t n_end, end_cap, end_new_cap;
    size_t run_lo, run_hi, run_mark, run_stop; /* the run of white space or digits seen last */
    uint8_t run_cls;
    const struct stop_ask *stop; /* NULL: never */
    bool is_stopped;
};

void pre_finish(struct pre_work *w);

/* Decodes len <= 1 GiB bytes (leniently, see unicode_decode) and cuts them: w->end[0 .. n_end).
 * False: out of memory, or given up (is_stopped). */
bool pre_cut(struct pre_work *w, const struct pre_def *def, const char *text, size_t len);

#endif
