/* JSON values, read-only: a thin, strict door to jansson, whose header only json.c includes.
 *
 * Strict: duplicate keys, invalid UTF-8, lone surrogates and trailing text are errors; nesting
 * beyond 2048 too; key order is kept. Values belong to the parsed root. One thread at a time per
 * root. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct js; /* any value */

enum js_kind { JS_NULL, JS_BOOL, JS_INT, JS_REAL, JS_STR, JS_ARR, JS_OBJ };

#define JS_TREE_BYTES_MAX (512U << 20) /* of a parsed text's objects, lists and elements, about */

/* Before threads start, in programs: without it memory that runs out while a text is parsed may end
 * the process, or make another text of it. */
void js_init(void);

/* Parses len bytes into *out (to be freed with js_close). ERR_FORMAT names line and column;
 * ERR_LIMIT: JS_TREE_BYTES_MAX; ERR_OOM. */
enum err_code js_parse(struct js **out, const char *text, size_t len, struct err *e);
void js_close(struct js *root); /* NULL is fine; only for what js_parse gave */

enum js_kind js_kind(const struct js *v);
const char *js_kind_name(enum js_kind kind);
bool js_bool(const struct js *v);   /* false unless true                   */
int64_t js_int(const struct js *v); /* 0 unless JS_INT                     */
double js_num(const struct js *v);  /* int or real; 0 for others           */
bool js_is_num(const struct js *v);
const char *js_str(const struct js *v, size_t *len); /* NULL unless JS_STR; len may be NULL */

/* Appends v as compact JSON text, members in their order; false: out of memory or room. */
bool js_write(const struct js *v, struct buf *out);

/* Arrays. */
size_t js_len(const struct js *v); /* elements of an array, members of an object, else 0 */
const struct js *js_at(const struct js *v, size_t i); /* NULL out of range */

/* Objects: v may be NULL (then nothing is found). */
const struct js *js_get(const struct js *v, const char *key);

/* for (void *it = js_first(v); it; it = js_next(v, it)) { js_key(it); js_value(it); } in file order
 */
void *js_first(const struct js *v);
void *js_next(const struct js *v, void *it);
const char *js_key(void *it, size_t *len); /* len may be NULL; keys may contain NUL */
const struct js *js_value(void *it);

#endif
