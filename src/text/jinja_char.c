/* Characters: classes and case, by table for everything beyond ASCII; code points of a string. */
#include "text/jinja_int.h"

#include <string.h>

#include "base/utf8.h"
#include "text/jinja_char_int.h"
#include "text/unicode.h"

uint32_t jchar_next(const char *s, size_t len, size_t *i)
{
    uint32_t c = (unsigned char)s[*i];
    unsigned n = 1;

    if (c >= 0x80)
        n = utf8_decode(s + *i, len - *i, &c);
    *i += n ? n : 1;
    return c;
}

static bool in_ranges(const struct jchar_range *t, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (c > t[mid].to)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && c >= t[lo].from;
}

static uint32_t map(const struct jchar_map *t, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (c > t[mid].to)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || c < t[lo].from || (c - t[lo].from) % t[lo].step)
        return c;
    return (uint32_t)((int32_t)c + t[lo].delta);
}

bool jchar_is_space(uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool jchar_is_alpha(uint32_t c)
{
    if (c < 0x80)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    return (unicode_class(c) & UC_LETTER) != 0;
}

bool jchar_is_digit(uint32_t c)
{
    if (c < 0x80)
        return c >= '0' && c <= '9';
    return in_ranges(jchar_digit, COUNT_OF(jchar_digit), c);
}

bool jchar_is_word(uint32_t c)
{
    return c == '_' || jchar_is_alpha(c) || (unicode_class(c) & UC_NUMBER) != 0;
}

bool jchar_is_printable(uint32_t c)
{
    if (c < 0x7F)
        return c >= 0x20;
    return !(unicode_class(c) & (UC_CONTROL | UC_SPACE | UC_UNASSIGNED));
}

uint32_t jchar_upper(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    return map(jchar_to_upper, COUNT_OF(jchar_to_upper), c);
}

uint32_t jchar_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return map(jchar_to_lower, COUNT_OF(jchar_to_lower), c);
}

static const struct jchar_special *special(uint32_t c)
{
    for (size_t i = 0; c >= 0x80 && i < COUNT_OF(jchar_special_upper); i++) {
        if (jchar_special_upper[i].c == c)
            return &jchar_special_upper[i];
    }
    return NULL;
}

bool jchar_is_lower(uint32_t c)
{
    return jchar_upper(c) != c || special(c) ||
           (c >= 0x80 && in_ranges(jchar_small, COUNT_OF(jchar_small), c));
}

bool jchar_is_upper(uint32_t c)
{
    return jchar_lower(c) != c;
}

/* Letters that look like two have a form of their own at the start of a word; Georgian has none. */
static uint32_t title(uint32_t c)
{
    if (c >= 0x1C4 && c <= 0x1CC)
        return (c - 0x1C4) / 3 * 3 + 0x1C5;
    if (c >= 0x1F1 && c <= 0x1F3)
        return 0x1F2;
    return c >= 0x10D0 && c <= 0x10FF ? c : jchar_upper(c);
}

/* Writes c in the wanted case; at most 3 characters of 4 bytes. */
static size_t put_case(uint32_t c, enum jcase how, char *out)
{
    const struct jchar_special *s = how == JCASE_LOWER ? NULL : special(c);
    size_t n = 0;

    if (how == JCASE_LOWER)
        return c == 0x130 ? (memcpy(out, "i\xCC\x87", 3), 3) : utf8_encode(jchar_lower(c), out);
    if (!s)
        return utf8_encode(how == JCASE_TITLE ? title(c) : jchar_upper(c), out);
    for (size_t i = 0; i < 3; i++) {
        uint32_t part = how == JCASE_TITLE ? s->title[i] : s->upper[i];

        if (part)
            n += utf8_encode(part, out + n);
    }
    return n;
}

static enum jcase case_of(uint32_t c, enum jcase how, bool is_first, bool after_letter)
{
    switch (how) {
    case JCASE_TITLE:
        return after_letter ? JCASE_LOWER : JCASE_TITLE;
    case JCASE_CAPITAL:
        return is_first ? JCASE_TITLE : JCASE_LOWER;
    case JCASE_SWAP:
        return jchar_is_upper(c) ? JCASE_LOWER : JCASE_UPPER;
    default:
        return how;
    }
}

/* Capital sigma at the end of a word is a final sigma in lower case. */
static bool is_final_sigma(const struct jval *s, size_t i, uint32_t c, bool after_letter)
{
    size_t next = i;

    if (c != 0x3A3 || !after_letter)
        return false;
    return i >= s->len || !jchar_is_alpha(jchar_next(s->u.s, s->len, &next));
}

static bool is_ascii(const struct jval *s)
{
    for (size_t i = 0; i < s->len; i++) {
        if ((unsigned char)s->u.s[i] >= 0x80)
            return false;
    }
    return true;
}

struct jval jstr_case(struct jrun *r, struct jval s, enum jcase how)
{
    char *out;
    size_t n = 0, i = 0;
    bool after_letter = false;

    if (!jr_step(r, s.len) || s.len > SIZE_MAX / 8)
        return s;
    out = jr_new(r, is_ascii(&s) ? s.len : s.len * 3, 1); /* 2 bytes become at most 6 */
    if (!out)
        return s;
    while (i < s.len) {
        size_t from = i;
        uint32_t c = jchar_next(s.u.s, s.len, &i);
        enum jcase one = case_of(c, how, from == 0, after_letter);

        if (one == JCASE_LOWER && is_final_sigma(&s, i, c, after_letter))
            n += utf8_encode(0x3C2, out + n);
        else
            n += put_case(c, one, out + n);
        after_letter = jchar_is_upper(c) || jchar_is_lower(c);
    }
    s.u.s = out;
    s.len = n;
    s.own = NULL;
    return s;
}

size_t jstr_count(const struct jval *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->len; i++)
        n += ((unsigned char)s->u.s[i] & 0xC0) != 0x80;
    return n;
}

size_t jstr_offset(const struct jval *s, size_t i)
{
    size_t at = 0;

    while (i > 0 && at < s->len) {
        do {
            at++;
        } while (at < s->len && ((unsigned char)s->u.s[at] & 0xC0) == 0x80);
        i--;
    }
    return at;
}

static bool in_set(const struct jval *chars, const char *c, size_t n)
{
    size_t i = 0;

    while (i < chars->len) {
        size_t from = i;

        (void)jchar_next(chars->u.s, chars->len, &i);
        if (i - from == n && memcmp(chars->u.s + from, c, n) == 0)
            return true;
    }
    return false;
}

static bool is_stripped(const struct jval *chars, const char *s, size_t n)
{
    size_t i = 0;

    return chars ? in_set(chars, s, n) : jchar_is_space(jchar_next(s, n, &i));
}

struct jval jstr_strip(struct jval s, const struct jval *chars, bool left, bool right)
{
    while (left && s.len) {
        size_t n = 0;

        (void)jchar_next(s.u.s, s.len, &n);
        if (!is_stripped(chars, s.u.s, n))
            break;
        s.u.s += n;
        s.len -= n;
    }
    while (right && s.len) {
        size_t n = 1;

        while (n < s.len && n < 4 && ((unsigned char)s.u.s[s.len - n] & 0xC0) == 0x80)
            n++;
        if (!is_stripped(chars, s.u.s + s.len - n, n))
            break;
        s.len -= n;
    }
    return s;
}
