/* Streamed text for a terminal, its lines broken at blanks instead of inside words.
 *
 * A word is held back until it is known whether it fits the line. What is to be copied from the
 * terminal stays whole: in fenced code, in rows of tables and within a word that is longer than the
 * line no break is put; there the terminal goes on in the next line by itself, which copying
 * undoes. Text comes in pieces of whole characters, without control characters other than \n and
 * \t. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WRAP_BLANKS_MAX 256U

struct wrap {
    uint32_t columns; /* of the terminal; may change at any time. 0: no breaks at all */

    uint32_t at;                  /* column of the cursor, 0 = the first */
    struct buf word;              /* held back */
    uint32_t width;               /* its columns */
    bool is_joined;               /* what comes next belongs to the word, whatever it is */
    bool is_unspaced;             /* its last character is of a script without blanks */
    bool may_break;               /* before it */
    char blanks[WRAP_BLANKS_MAX]; /* before it, held back, too */
    uint32_t n_blank;
    bool has_words; /* on this line */
    bool is_row;    /* this line is a table's */
    char fence;     /* of the code block that is open: '`', '~'; 0: none */
    uint32_t n_fence;
};

void wrap_init(struct wrap *w, uint32_t columns);
void wrap_finish(struct wrap *w);

/* Appends what can be shown now to out, with breaks. */
void wrap_text(struct wrap *w, const char *text, size_t len, struct buf *out);
/* Appends what was held back: the text pauses or ends. */
void wrap_flush(struct wrap *w, struct buf *out);
/* Behind a flush: a line was begun by somebody else. */
void wrap_line(struct wrap *w);

#endif
