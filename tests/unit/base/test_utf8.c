/* Proves: UTF-8 decoding accepts exactly what RFC 3629 allows, for every code point and for every
 * byte sequence of up to four bytes that could matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

/* The definition, written the slow way: decode by the announced length, then refuse what is not the
 * shortest form, is a surrogate or lies beyond the last plane. */
static unsigned slow_decode(const unsigned char *s, size_t len, uint32_t *cp)
{
    unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t c;

    *cp = UTF8_REPLACEMENT;
    if (n == 0 || s[0] >= 0xF8 || n > len)
        return 0;
    c = n == 1 ? s[0] : s[0] & (0x7FU >> n);
    for (unsigned i = 1; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
        c = c * 64 + s[i] - 0x80U;
    }
    if (c < smallest[n] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        return 0;
    *cp = c;
    return n;
}

static unsigned n_differ(const unsigned char *s, size_t len)
{
    uint32_t cp, expected;
    unsigned n_expected = slow_decode(s, len, &expected);

    return utf8_decode((const char *)s, len, &cp) != n_expected || cp != expected;
}

/* Proves: decode(encode(c)) == c for all code points but surrogates, which are refused. */
static void every_code_point_survives(void **state)
{
    unsigned n_wrong = 0;

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char s[UTF8_BYTES_MAX];
        uint32_t back;
        unsigned n = utf8_encode(c, s), n_back = utf8_decode(s, n, &back);

        if (c >= 0xD800 && c <= 0xDFFF)
            n_wrong += n_back != 0 || back != UTF8_REPLACEMENT;
        else
            n_wrong += n_back != n || back != c;
    }
    assert_int_equal(n_wrong, 0);
}

/* Proves: all sequences of one to three bytes, and all four-byte ones whose last bytes are at the
 * borders of their ranges, are judged as the definition does, at every length given. */
static void every_sequence_is_judged_right(void **state)
{
    static const unsigned char border[] = { 0x00, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xFF };
    unsigned n_wrong = 0;
    unsigned char s[4];

    (void)state;
    for (uint32_t v = 0; v < 1U << 24; v++) {
        s[0] = (unsigned char)(v >> 16);
        s[1] = (unsigned char)(v >> 8);
        s[2] = (unsigned char)v;
        if ((v & 0xFFFF) == 0)
            n_wrong += n_differ(s, 1);
        if ((v & 0xFF) == 0)
            n_wrong += n_differ(s, 2);
        n_wrong += n_differ(s, 3);
        for (unsigned k = 0; s[0] >= 0xE0 && k < sizeof(border); k++) {
            s[3] = border[k];
            n_wrong += n_differ(s, 4);
        }
    }
    assert_int_equal(n_wrong, 0);
}

/* Proves: cutting a valid text anywhere leaves out exactly the bytes of the cut character. */
static void whole_bytes_at_every_cut(void **state)
{
    static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
    static const unsigned char start_of[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };

    (void)state;
    for (size_t cut = 0; cut <= sizeof(text) - 1; cut++)
        assert_int_equal(utf8_whole_bytes(text, cut), start_of[cut]);
}

/* Proves: what can never become a character is not held back. */
static void broken_ends_are_kept(void **state)
{
    static const char *const broken[] = { "\x80",         "\xBF\xBF\xBF", "\xFF",
                                          "\xC0",         "\xE0\x80",     "\xED\xA0",
                                          "\xF4\x90",     "\xF0\x80\x80", "\xF5\x80\x80",
                                          "a\x80\x80\x80" };
    static const char *const cut[] = { "\xC2", "\xE0", "\xE0\xA0", "\xF0\x90", "\xF4\x8F\xBF" };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(utf8_whole_bytes(broken[i], strlen(broken[i])), strlen(broken[i]));
    for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
        assert_int_equal(utf8_whole_bytes(cut[i], strlen(cut[i])), 0);
}

/* Proves: validity and counting agree with decoding. */
/* Proves: C0, DEL and C1 are found wherever they stand, and nothing else is. */
static void controls_are_found(void **state)
{
    static const char text[] = "a\xC3\xA4\xC2\xA0\xE2\x82\xAC\xC2";

    (void)state;
    assert_false(utf8_has_control(text, sizeof(text) - 1));
    assert_true(utf8_has_control(text, sizeof(text)));
    for (unsigned c = 0; c < 0x100; c++) {
        const char one[] = { 'a', (char)c }, two[] = { '\xC2', (char)c };

        assert_int_equal(utf8_has_control(one, 2), c < ' ' || c == 0x7F);
        assert_int_equal(utf8_has_control(two, 2), c < ' ' || c == 0x7F || (c >= 0x80 && c < 0xA0));
    }
}

static void valid_and_count(void **state)
{
    (void)state;
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("a\0\xC3\xA4", 4));
    assert_false(utf8_valid("a\xC3", 2));
    assert_int_equal(utf8_count("", 0), 0);
    assert_int_equal(utf8_count("a\xC3\xA4\xFF\xF0\x9F\x98\x80", 8), 4);
    assert_int_equal(utf8_count("\xE2\x82", 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives),
        cmocka_unit_test(every_sequence_is_judged_right),
        cmocka_unit_test(whole_bytes_at_every_cut),
        cmocka_unit_test(broken_ends_are_kept),
        cmocka_unit_test(controls_are_found),
        cmocka_unit_test(valid_and_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
