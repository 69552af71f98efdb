/* Reading standard input and writing standard output for the commands that treat data. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "text/tok.h"

#define INPUT_BYTES_MAX (2ULL << 30)

/* All of standard input; the caller finishes b also on failure. */
enum err_code read_input(struct buf *b, struct err *e);

/* Calls fn for every JSON object of a line on standard input; what fn adds to `out` is written with
 * a line break behind it. A line that is no JSON object, or for which fn fails, becomes
 * {"error":"…"}. fn's failures must leave nothing half-written: its output is dropped. */
typedef enum err_code (*line_fn)(void *arg, const struct js *line, struct buf *out, struct err *e);
enum err_code each_line(line_fn fn, void *arg, struct err *e);

/* Writes to standard output, or to the file `path` when it is not NULL. */
enum err_code write_output(const char *path, const void *data, size_t len, struct err *e);

/* Ids parted by blanks or commas; @FILE reads them from a file. */
enum err_code parse_ids(const char *text, size_t len, struct ids *out, struct err *e);
enum err_code ids_argument(const char *arg, struct ids *out, struct err *e);

/* Ids of a JSON array. */
enum err_code ids_of_json(const struct js *arr, struct ids *out, struct err *e);

#endif
