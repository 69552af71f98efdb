/* Structured output: JSON Schema and GBNF compiled to one automaton over bytes and tokens.
 *
 * A struct grammar is immutable: any thread may use it at once. A struct gmatch follows one text
 * through a grammar; it has one owner. Its position is a number (struct-free, so that a caller may
 * keep one and go back to it): positions stay valid until gmatch_compact or gmatch_close.
 *
 * Fail closed: a schema whose constraints cannot all be enforced is refused when it is compiled. A
 * text that the automaton accepts validates; not every valid text is accepted (properties come in
 * the schema's order, white space between tokens is at most a blank or a line break with
 * indentation, numbers with bounds are spelled without exponent, whole numbers as "1" and not
 * "1.0", distinct items without white space and, if objects, with listed properties only). Formats
 * are asserted: `not` over one holds for what is surely not of it. */
#ifndef TEXT_GRAMMAR_H
#define TEXT_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/stop.h"

struct grammar;
struct gmatch;

#define GRAMMAR_SOURCE_BYTES_MAX (8U << 20)
#define GRAMMAR_POINTER_BYTES    512U

/* Where in a schema a refusal has its cause: a JSON pointer, cut at the end when longer. */
struct grammar_place {
    char pointer[GRAMMAR_POINTER_BYTES];
};

/* Compiling takes a second or two at most: what costs more is ERR_LIMIT, and so on every machine,
 * for steps are counted. `stop` may be NULL. */

/* Compiles a GBNF text whose first symbol is `root`. ERR_FORMAT names line and column;
 * ERR_UNSUPPORTED for left recursion, ERR_ARG when no sentence is possible, ERR_LIMIT,
 * ERR_CANCELLED. */
enum err_code grammar_of_gbnf(struct grammar **out, const char *source, size_t len,
                              const struct stop_ask *stop, struct err *e);

/* Compiles a schema (2020-12, draft-07 spellings too), which may be closed afterwards. `place` may
 * be NULL. ERR_FORMAT: no schema; ERR_UNSUPPORTED: a keyword cannot be enforced; ERR_ARG: no value
 * is possible; ERR_LIMIT, ERR_CANCELLED. */
enum err_code grammar_of_schema(struct grammar **out, const struct js *schema,
                                struct grammar_place *place, struct err *e);

/* How strictly a schema is read. */
enum schema_mode {
    SCHEMA_PLAIN,  /* unknown keywords say nothing; what is known is enforced, or refused */
    SCHEMA_STRICT, /* unknown keywords are refused as well, but for notes like "x-..." */
    SCHEMA_LAX,    /* what cannot be enforced is passed over */
};
/* skipped (may be NULL) takes the JSON pointers of what was passed over, with commas between. The
 * error's text names the place only when `place` is NULL: else whoever asked for it says it. */
enum err_code grammar_of_schema_as(struct grammar **out, const struct js *schema,
                                   enum schema_mode mode, const struct stop_ask *stop,
                                   struct buf *skipped, struct grammar_place *place, struct err *e);
void grammar_close(struct grammar *g); /* NULL is fine */

/* Follows a text from the start. bytes_max bounds the memory of what is remembered. The grammar
 * must outlive it. `text_only`: there is no vocabulary, and !<[id]> stands for a character too. */
enum err_code gmatch_open(struct gmatch **out, const struct grammar *g, bool text_only,
                          size_t bytes_max, struct err *e);
void gmatch_close(struct gmatch *m);

uint32_t gmatch_start(const struct gmatch *m);

/* One step from position *at. ERR_OK and *at is the next position, 0 when the byte or token cannot
 * stand here. ERR_LIMIT: too many readings at once or out of the memory bound. */
enum err_code gmatch_byte(struct gmatch *m, uint32_t *at, uint8_t byte, struct err *e);
enum err_code gmatch_token(struct gmatch *m, uint32_t *at, int32_t id, struct err *e);

/* Whether the text may end here; whether it must. */
bool gmatch_may_end(const struct gmatch *m, uint32_t at);
bool gmatch_must_end(const struct gmatch *m, uint32_t at);

/* Nearly everything may come here: text that is not held to anything yet. Worth drawing a token
 * without a mask first, and only asking for one when gmatch_accept refuses what was drawn. */
bool gmatch_is_free(const struct gmatch *m, uint32_t at);

/* Bytes remembered so far; forgets everything but the position *at, which is renumbered. */
size_t gmatch_bytes(const struct gmatch *m);
enum err_code gmatch_compact(struct gmatch *m, uint32_t *at, struct err *e);

#endif
