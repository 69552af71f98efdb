/* What tokenizers need to know of Unicode (15.1): classes, lower case, base letters.
 *
 * Pure functions over constant tables: any thread. */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A character's class is a set of bits; general category Z has UC_SPACE alone. */
enum unicode_class {
    UC_NUMBER = 1,      /* N                                                     */
    UC_LETTER = 2,      /* L                                                     */
    UC_MARK = 4,        /* M                                                     */
    UC_PUNCT = 8,       /* P                                                     */
    UC_SYMBOL = 16,     /* S                                                     */
    UC_CONTROL = 32,    /* Cc, Cf, Cs, Co                                        */
    UC_SPACE = 64,      /* White_Space, beside UC_CONTROL for tab, newline ...   */
    UC_UNASSIGNED = 128 /* Cn                                                    */
};

#define UNICODE_MAX 0x10FFFFU

uint8_t unicode_class(uint32_t cp); /* UC_UNASSIGNED beyond UNICODE_MAX */

/* Simple lower case; cp itself when it has none. */
uint32_t unicode_to_lower(uint32_t cp);

/* The first character of the canonical decomposition (NFD), cp itself when it has none. The rest of
 * a decomposition consists of marks, which accent stripping drops anyway; of a Hangul syllable only
 * the leading consonant stays. */
uint32_t unicode_base_char(uint32_t cp);

/* Chinese characters as BERT's tokenizer cuts them out, and as Kimi's pattern means them. */
bool unicode_is_cjk_bert(uint32_t cp);
bool unicode_is_han(uint32_t cp);

/* Decodes one character leniently: overlong forms and surrogates count as what they spell, anything
 * else that is broken, and everything beyond UNICODE_MAX, is one byte of U+FFFD. len >= 1. Returns
 * the bytes used, 1..4. */
unsigned unicode_decode(const char *s, size_t len, uint32_t *cp);

#endif
