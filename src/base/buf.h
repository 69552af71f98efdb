/* Growing bytes with a maximum given at creation. One owner.
 *
 * A failed append (maximum reached, out of memory) leaves the contents and sets `failed`, which
 * stays set: a caller may append many pieces and look once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/mem.h"

struct buf {
    char *data; /* len bytes and a NUL behind them; NULL while empty */
    size_t len, cap, max;
    enum mem_kind kind;
    bool failed;
};

void buf_init(struct buf *b, enum mem_kind kind, size_t max);
void buf_finish(struct buf *b); /* zeroed is fine */

/* Length 0, memory kept, `failed` cleared. */
void buf_clear(struct buf *b);

/* True when everything so far was stored. */
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool buf_addv(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);

/* Room for extra more bytes, so that buf_add cannot fail for them. */
bool buf_reserve(struct buf *b, size_t extra);

/* Drops the first n <= len bytes. */
void buf_drop_front(struct buf *b, size_t n);

/* The text as a C string, "" when empty; valid until the next change. */
const char *buf_str(const struct buf *b);

/* ERR_OK, or ERR_LIMIT / ERR_OOM with a sentence that names `what`. */
enum err_code buf_check(const struct buf *b, const char *what, struct err *e);

#endif
