/* UTF-8 by the table of well-formed sequences in RFC 3629, section 4. */
#include "base/utf8.h"

/* Length announced by a first byte, and the range its second byte must lie in; 0 when never first.
 */
static unsigned announced(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (c < 0x80)
        return 1;
    if (c < 0xC2)
        return 0;
    if (c < 0xE0)
        return 2;
    if (c < 0xF0) {
        if (c == 0xE0)
            *low = 0xA0;
        if (c == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (c > 0xF4)
        return 0;
    if (c == 0xF0)
        *low = 0x90;
    if (c == 0xF4)
        *high = 0x8F;
    return 4;
}

/* How many bytes at s are a valid beginning of the n announced ones. */
static unsigned valid_prefix(const unsigned char *s, size_t len, unsigned n, unsigned char low,
                             unsigned char high)
{
    unsigned i = 1;

    if (n > 1 && len > 1 && s[1] >= low && s[1] <= high) {
        i = 2;
        while (i < n && i < len && (s[i] & 0xC0) == 0x80)
            i++;
    }
    return i;
}

unsigned utf8_decode(const char *text, size_t len, uint32_t *cp)
{
    static const unsigned char first_mask[5] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    const unsigned char *s = (const unsigned char *)text;
    unsigned char low, high;
    unsigned n = announced(s[0], &low, &high);
    uint32_t c;

    *cp = UTF8_REPLACEMENT;
    if (!n || n > len || valid_prefix(s, len, n, low, high) != n)
        return 0;
    c = s[0] & first_mask[n];
    for (unsigned i = 1; i < n; i++)
        c = (c << 6) | (s[i] & 0x3FU);
    *cp = c;
    return n;
}

unsigned utf8_encode(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0U | (cp >> 6));
        out[1] = (char)(0x80U | (cp & 0x3FU));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0U | (cp >> 12));
        out[1] = (char)(0x80U | ((cp >> 6) & 0x3FU));
        out[2] = (char)(0x80U | (cp & 0x3FU));
        return 3;
    }
    out[0] = (char)(0xF0U | (cp >> 18));
    out[1] = (char)(0x80U | ((cp >> 12) & 0x3FU));
    out[2] = (char)(0x80U | ((cp >> 6) & 0x3FU));
    out[3] = (char)(0x80U | (cp & 0x3FU));
    return 4;
}

size_t utf8_whole_bytes(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t back = len < 3 ? len : 3;

    for (size_t i = 1; i <= back; i++) {
        const unsigned char *p = s + len - i;
        unsigned char low, high;
        unsigned n;

        if ((*p & 0xC0) == 0x80)
            continue;
        n = announced(*p, &low, &high);
        if (n > i && valid_prefix(p, i, n, low, high) == i)
            return len - i;
        return len;
    }
    return len;
}

bool utf8_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(s + i, len - i, &cp);

        if (!n)
            return false;
        i += n;
    }
    return true;
}

size_t utf8_count(const char *s, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; count++) {
        uint32_t cp;
        unsigned n = utf8_decode(s + i, len - i, &cp);

        i += n ? n : 1;
    }
    return count;
}

bool utf8_has_control(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)s[i];

        if (c < ' ' || c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < len && (unsigned char)s[i + 1] >= 0x80 &&
            (unsigned char)s[i + 1] < 0xA0)
            return true;
    }
    return false;
}
