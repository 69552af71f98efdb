/* Reading what a person types: line editing, history, several lines at once.
 *
 * An entry ends with Enter. It goes on over several lines when a line ends with a backslash,
 * between two lines that hold only """, and while a pasted text has more lines. libedit does the
 * editing where the build has it and standard input is a terminal; otherwise lines are read
 * plainly. */
#ifndef CLI_LINEEDIT_H
#define CLI_LINEEDIT_H

#include "base/buf.h"
#include "base/err.h"

#define LINEEDIT_ENTRY_BYTES_MAX (64U << 20)
#define LINEEDIT_HISTORY_MAX     1000U

enum line_result {
    LINE_READ,
    LINE_END,       /* Ctrl-D, or the end of the input */
    LINE_INTERRUPT, /* Ctrl-C with nothing typed */
    LINE_DROPPED,   /* Ctrl-C: what was typed is dropped */
    LINE_FAILED,    /* the entry is too large */
};

struct lineedit;

/* history_path: where entries are kept between runs, or NULL. words: beginnings of entries that Tab
 * completes, ended by NULL; "/model x" may be one. Must outlive the editor. */
enum err_code lineedit_open(struct lineedit **out, const char *history_path,
                            const char *const *words, struct err *e);
void lineedit_close(struct lineedit *le); /* NULL is fine */

/* Clears `entry` and reads one into it, without its last line break. Line breaks inside are kept.
 */
enum line_result lineedit_read(struct lineedit *le, const char *prompt, struct buf *entry);

/* Remembers an entry, now and in the history file. ERR_IO: it could not be written; warn once. */
enum err_code lineedit_remember(struct lineedit *le, const char *entry, struct err *e);

#endif
