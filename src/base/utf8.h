/* UTF-8: decoding, encoding, whole characters. Strict: no overlong forms, no surrogates, at most
 * U+10FFFF (RFC 3629). Any thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BYTES_MAX   4U
#define UTF8_REPLACEMENT 0xFFFDU

/* Decodes the character at s (len >= 1 bytes there) into *cp and returns its length 1..4. Invalid
 * or cut-off: returns 0 and *cp = UTF8_REPLACEMENT. */
unsigned utf8_decode(const char *s, size_t len, uint32_t *cp);

/* Writes cp (<= 0x10FFFF) to out[UTF8_BYTES_MAX] and returns its length. */
unsigned utf8_encode(uint32_t cp, char *out);

/* How many of the first len bytes end at a character's border: a cut-off but so far valid sequence
 * at the very end is left out, anything else (invalid bytes too) is kept. What is left out is at
 * most 3. */
size_t utf8_whole_bytes(const char *s, size_t len);

bool utf8_valid(const char *s, size_t len);

/* Characters that a terminal or a reader of lines obeys: C0, DEL and C1 (C2 80 to C2 9F). */
bool utf8_has_control(const char *s, size_t len);

/* Number of characters; an invalid byte counts as one. */
size_t utf8_count(const char *s, size_t len);

#endif
