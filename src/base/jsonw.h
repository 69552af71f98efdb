/* JSON text written piece by piece into a buffer: commas and quotes are its business, balance is
 * the caller's. Invalid UTF-8 becomes U+FFFD. Numbers print shortest-exact; NaN and infinities as
 * null. */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

struct jsonw {
    struct buf *out; /* borrowed; look at buf_check() at the end */
    bool _need_comma;
};

void jsonw_init(struct jsonw *w, struct buf *out);
void jsonw_obj(struct jsonw *w);
void jsonw_obj_end(struct jsonw *w);
void jsonw_arr(struct jsonw *w);
void jsonw_arr_end(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_keyn(struct jsonw *w, const char *key, size_t len); /* may contain NUL */
void jsonw_str(struct jsonw *w, const char *s);
void jsonw_strn(struct jsonw *w, const char *s, size_t len);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_uint(struct jsonw *w, uint64_t v);
void jsonw_num(struct jsonw *w, double v);
void jsonw_fixed(struct jsonw *w, double v, int decimals);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* text that already is one JSON value */
void jsonw_raw(struct jsonw *w, const char *json, size_t len);

/* A value that was read; numbers keep their value, not their spelling. */
void jsonw_js(struct jsonw *w, const struct js *v);

/* Only the quoted string, for other writers: ensure_ascii is never applied. */
void jsonw_quote(struct buf *out, const char *s, size_t len);

#endif
