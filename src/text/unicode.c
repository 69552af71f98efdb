/* Lookups in the generated tables, and the few ranges that tokenizers name themselves. */
#include "text/unicode.h"

#include "base/attr.h"
#include "base/utf8.h"
#include "text/unicode_int.h"

#define HANGUL_FIRST 0xAC00U
#define HANGUL_LAST  0xD7A3U
#define HANGUL_L     0x1100U
#define HANGUL_N     588U /* syllables per leading consonant */

uint8_t unicode_class(uint32_t cp)
{
    if (cp > UNICODE_MAX)
        return UC_UNASSIGNED;
    return unicode_class_table[unicode_block[cp >> 8]][cp & 255U];
}

static uint32_t pair_find(const struct unicode_pair *table, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (table[mid].from < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && table[lo].from == cp ? table[lo].to : cp;
}

uint32_t unicode_to_lower(uint32_t cp)
{
    if (cp < 128)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    return pair_find(unicode_lower, unicode_lower_n, cp);
}

uint32_t unicode_base_char(uint32_t cp)
{
    if (cp < 0xC0)
        return cp;
    if (cp >= HANGUL_FIRST && cp <= HANGUL_LAST)
        return HANGUL_L + (cp - HANGUL_FIRST) / HANGUL_N;
    return pair_find(unicode_base, unicode_base_n, cp);
}

struct range {
    uint32_t lo, hi;
};

static bool in_ranges(const struct range *r, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n; i++) {
        if (cp >= r[i].lo && cp <= r[i].hi)
            return true;
    }
    return false;
}

/* The start of the last-but-two range is the widely copied slip 2B920 for 2B820: vocabularies were
 * trained with it. */
bool unicode_is_cjk_bert(uint32_t cp)
{
    static const struct range r[] = {
        { 0x4E00, 0x9FFF },   { 0x3400, 0x4DBF },   { 0x20000, 0x2A6DF }, { 0x2A700, 0x2B73F },
        { 0x2B740, 0x2B81F }, { 0x2B920, 0x2CEAF }, { 0xF900, 0xFAFF },   { 0x2F800, 0x2FA1F },
    };

    return cp >= 0x3400 && in_ranges(r, COUNT_OF(r), cp);
}

bool unicode_is_han(uint32_t cp)
{
    static const struct range r[] = {
        { 0x4E00, 0x9FFF },   { 0x3400, 0x4DBF },   { 0x20000, 0x2A6DF },
        { 0x2A700, 0x2B73F }, { 0x2B740, 0x2B81F }, { 0x2B820, 0x2CEAF },
        { 0x2CEB0, 0x2EBEF }, { 0xF900, 0xFAFF },   { 0x2F800, 0x2FA1F },
    };

    return cp >= 0x3400 && in_ranges(r, COUNT_OF(r), cp);
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

unsigned unicode_decode(const char *s, size_t len, uint32_t *cp)
{
    unsigned char c = (unsigned char)s[0];
    unsigned n = c < 0x80 ? 1 : c < 0xC0 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF8 ? 4 : 0;
    uint32_t v;

    if (n == 1) {
        *cp = c;
        return 1;
    }
    *cp = UTF8_REPLACEMENT;
    if (n == 0 || n > len)
        return 1;
    v = c & (0xFFU >> (n + 1));
    for (unsigned i = 1; i < n; i++) {
        if (!is_tail(s[i]))
            return 1;
        v = v << 6 | ((unsigned char)s[i] & 0x3FU);
    }
    if (v > UNICODE_MAX)
        return 1;
    *cp = v;
    return n;
}
