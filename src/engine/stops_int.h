/* Stop strings over a stream of text: what may be shown, and where it ends. */
#ifndef ENGINE_STOPS_INT_H
#define ENGINE_STOPS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct stops;

/* Text that may be shown, valid until the next call. */
struct stops_text {
    const char *at;
    size_t len;
    uint32_t which; /* the stop string's index, with found */
    bool found;     /* a stop string is complete and begins behind this text: feed nothing more */
};

/* n strings, copied. ERR_ARG: too many, empty, too long, not UTF-8. */
enum err_code stops_create(struct stops **out, const char *const *strings, uint32_t n,
                           struct err *e);
void stops_destroy(struct stops *s); /* NULL is fine */

/* Takes len bytes (whole characters) and gives everything that is not shown yet but for the longest
 * end that could still become a stop string. Of several stop strings the one that is complete first
 * counts; of those that end together, the one that begins first. */
enum err_code stops_feed(struct stops *s, const char *text, size_t len, struct stops_text *out,
                         struct err *e);

/* The end of the text: what was held back. */
void stops_end(struct stops *s, struct stops_text *out);

#endif
