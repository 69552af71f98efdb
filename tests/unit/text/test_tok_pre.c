/* Proves: the scanners cut every text exactly as the patterns they stand for, with PCRE2 as judge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "config.h"
#include "support/fixtures.h"
#include "text/pre.h"
#include "text/unicode.h"

#if HEARTH_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define APOS         "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
#define GPT2         "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"
#define LEAD         "[^\\r\\n\\p{L}\\p{N}]?"
#define PUNCT        " ?[^\\s\\p{L}\\p{N}]+"
#define SPACES       "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define WORDS        APOS "|" LEAD "\\p{L}+|"
#define UP(c)        "((?=[" c "])([^a-z]))"
#define LOW(c)       "((?=[" c "])([^A-Z]))"
#define CASE(c, end) LEAD UP(c) "*" LOW(c) "+" end "|" LEAD UP(c) "+" LOW(c) "*" end "|"
#define ASCII_PUNCT  "[!-\\/:-@\\[-`{-~]"
#define CLAUSES                                                                                    \
    ASCII_PUNCT "[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+"
#define HAN      "\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{F900}-\\x{FAFF}"
#define DIGITS3  "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))"
#define KANA_HAN "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{30FF}]+"
#define CASCADE                                                                                    \
    "\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|"                \
    "\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}"
#define STOPS        "(\\s|.,!?\\x{2026}\\x{3002}\\x{FF0C}\\x{3001}\\x{964}\\x{6D4}\\x{60C})"
#define DEEPSEEK_CJK "(?:(?!\\s)[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}])+"

static const struct {
    const char *name;
    const char *patterns[7];
} oracle[] = {
    { "default", { "[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]" } },
    { "falcon", { "[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]" } },
    { "gpt-2", { GPT2 } },
    { "starcoder", { "\\p{N}", GPT2 } },
    { "llama-bpe", { WORDS "\\p{N}{1,3}|" PUNCT "[\\r\\n]*|" SPACES } },
    { "jais-2", { WORDS "\\p{N}{1,3}|" PUNCT "[\\r\\n]*|" CASCADE } },
    { "qwen2", { WORDS "\\p{N}|" PUNCT "[\\r\\n]*|" SPACES } },
    { "bailingmoe", { WORDS "\\p{N}|" PUNCT "[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+" } },
    { "qwen35",
      { APOS "|" LEAD "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" SPACES } },
    { "seed-coder", { WORDS "\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|" SPACES } },
    { "minicpm5", { "\\p{N}{1,3}", WORDS "\\p{N}+|" PUNCT "[\\r\\n]*|" SPACES } },
    { "laguna", { "[^\\n]+|[\\n]+", WORDS "\\p{N}|" PUNCT "[\\r\\n]*|" SPACES } },
    { "tekken", { CASE("\\p{L}", "") "\\p{N}|" PUNCT "[\\r\\n\\/]*|" SPACES } },
    { "gpt-4o", { CASE("\\p{L}", APOS "?") "\\p{N}{1,3}|" PUNCT "[\\r\\n\\/]*|" SPACES } },
    { "granite-embed-multi-97m",
      { CASE("\\p{L}\\p{M}", APOS "?") "\\p{N}{1,3}|" PUNCT "[\\r\\n\\/]*|" SPACES } },
    { "youtu",
      { "[\\x{AC00}-\\x{D7A3}\\x{3131}-\\x{318E}]+|[\\x{FF01}\\x{2026}\\x{201C}\\x{201D}\\x{2018}"
        "\\x{2019}\\x{2014}\\x{FF1A}\\x{FF1B}\\x{FF0C}\\x{3001}-\\x{303F}\\x{FE30}-\\x{FE4F}]+|"
        "[\\x{3105}-\\x{312F}]+|" KANA_HAN,
        LEAD "[\\p{L}\\p{M}]*[\\p{L}\\p{M}]+" APOS "?|\\p{N}|" PUNCT "[\\r\\n\\/]*|" SPACES } },
    { "tiny_aya",
      { DIGITS3, LEAD "[\\p{L}\\p{M}]*[\\p{L}\\p{M}]+" APOS "?|\\p{N}{1,3}|" PUNCT
                      "[\\r\\n\\/]*|" SPACES } },
    { "kimi-k2",
      { "[" HAN "]+|" LEAD "(?:(?![" HAN "])\\p{L})+" APOS "?|\\p{N}{1,3}|" PUNCT
        "[\\r\\n]*|" SPACES } },
    { "exaone-moe",
      { APOS "|" LEAD "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}|" PUNCT
             "[\\r\\n\\/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+" } },
    { "deepseek-v3", { "\\p{N}{1,3}", KANA_HAN, CLAUSES "[\\r\\n]*|" SPACES } },
    { "afmoe",
      { DIGITS3,
        "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{F900}-\\x{FAFF}\\x{3040}-\\x{30FF}"
        "\\x{FF65}-\\x{FF9F}\\x{2F00}-\\x{2FDF}\\x{E40}-\\x{EFF}\\x{1780}-\\x{17FF}"
        "\\x{1000}-\\x{109F}\\x{AA60}-\\x{AA7F}\\x{A9E0}-\\x{A9FF}\\x{AC00}-\\x{D7AF}"
        "\\x{1100}-\\x{11FF}]+",
        CLAUSES "[\\r\\n]*|" SPACES } },
    { "spark2_5", { "\\p{N}{1,3}", KANA_HAN, CLAUSES "|[\\r\\n]|\\s+(?!\\S)|\\s+", "\\p{N}" } },
    { "deepseek-coder", { "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", DEEPSEEK_CJK, "\\p{N}" } },
    { "deepseek-llm",
      { "[\\r\\n]",
        /* The palette holds cased letters of these ranges alone. */
        "\\s?[A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{386}-\\x{3F5}"
        "\\x{400}-\\x{481}\\x{1E00}-\\x{1F15}\\x{1FBE}\\x{212A}-\\x{212D}]+",
        "\\s?(?:(?!\\x{3000})[!-\\/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}"
        "\\x{3000}-\\x{3002}])+",
        "\\s+$", DEEPSEEK_CJK, "\\p{N}+" } },
    { "bloom", { " ?[^" STOPS "]+" } },
    { "viking", { " ?[^" STOPS "]+", "\\p{N}" } },
    { "chameleon",
      { "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )", "\\p{N}",
        "[\\p{P}!-\\/:-@\\[-`{-~]", GPT2 } },
    { "superbpe", { "\\p{N}+", "(?=([0-9]{3})+(?![0-9]))" } },
    { "gemma4", { "[^\\n]+|[\\n]+" } },
};

/* Ends of pieces in bytes; the patterns are applied as the reference does. */
struct cuts {
    size_t at[4096];
    size_t n;
};

static void cut(const char *pattern, const char *text, const struct cuts *in, struct cuts *out)
{
    int code;
    PCRE2_SIZE where;
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY, &code, &where, NULL);
    pcre2_match_data *match;
    size_t from = 0;

    if (!re)
        fail_msg("pattern %s: error %d at %zu", pattern, code, where);
    match = pcre2_match_data_create_from_pattern(re, NULL);
    out->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        size_t len = in->at[i] - from, gap = 0, at = 0;

        /* Each piece is a text of its own: nothing looks beyond its ends. */
        while (at < len && pcre2_match(re, (PCRE2_SPTR)text + from, len, at, 0, match, NULL) > 0) {
            PCRE2_SIZE *v = pcre2_get_ovector_pointer(match);

            if (v[0] > gap)
                out->at[out->n++] = from + v[0];
            if (v[1] > v[0])
                out->at[out->n++] = from + v[1];
            gap = v[1];
            at = v[1] > at ? v[1] : at;
            if (v[1] == v[0])
                at = v[0] + 1;
        }
        if (gap < len)
            out->at[out->n++] = from + len;
        from = in->at[i];
    }
    pcre2_match_data_free(match);
    pcre2_code_free(re);
}

static void random_text(struct buf *text, uint64_t *seed)
{
    static const char *const words[] = {
        "'s",
        "'LL",
        "'re",
        "'t ",
        "the",
        "Hello",
        "WORLD",
        "camelCase",
        "a",
        " ",
        "  ",
        "    ",
        "\n",
        "\r\n",
        "\n\n",
        "\t",
        " \n ",
        "1",
        "42",
        "1234567",
        "x2",
        "!",
        "?!",
        "...",
        "/",
        "//\n",
        "<sentinel:12>",
        "IMGIMGABZ",
        "$",
        "+=",
        "`",
        "~",
        "(",
        ")",
        "_",
        "-",
        "\"",
        "{",
        "|",
        "                                  ",
        "Z",
        "IMG",
        ",",
        ".",
    };
    static const uint32_t chars[] = {
        0xA0,   0x3000, 0x2028,  0x85,   0x01,   0x7F,   0xE9,    0xC9,    0xDF,   0x130,  0x3A9,
        0x3B1,  0x416,  0x436,   0x5D0,  0x627,  0x661,  0x662,   0x93E,   0x939,  0x94D,  0x966,
        0xE01,  0xE31,  0x300,   0x301,  0x20DD, 0x4E2D, 0x6587,  0x3042,  0x30A2, 0x30FC, 0x3001,
        0x3002, 0xFF0C, 0xFF01,  0xAC00, 0xD55C, 0x3131, 0x3105,  0x2018,  0x2019, 0x201C, 0x2026,
        0x2014, 0xB2,   0xBD,    0x2160, 0x20AC, 0x2192, 0x1F600, 0x1F1E6, 0x200D, 0xFEFF, 0x964,
        0x6D4,  0x60C,  0x20000, 0x1E00, 0x212A, 0xE000, 0x378,   0xFF65,  0x1100, 0x1780, 0xFE30,
    };
    size_t n = 1 + test_random(seed) % 14;

    buf_clear(text);
    for (size_t i = 0; i < n; i++) {
        uint64_t r = test_random(seed) >> 8;
        char utf8[UTF8_BYTES_MAX];

        if (r % 5 < 3)
            buf_adds(text, words[(r >> 8) % COUNT_OF(words)]);
        else
            buf_add(text, utf8, utf8_encode(chars[(r >> 8) % COUNT_OF(chars)], utf8));
    }
}

static void compare(size_t k, const struct buf *text)
{
    static struct cuts a, b;
    struct cuts *in = &a, *out = &b, *tmp;
    struct pre_work w = { 0 };
    size_t at = 0, k_char = 0;

    in->at[0] = text->len;
    in->n = 1;
    for (const char *const *p = oracle[k].patterns; *p; p++) {
        cut(*p, text->data, in, out);
        tmp = in;
        in = out;
        out = tmp;
    }
    assert_true(
        pre_cut(&w, pre_find(oracle[k].name, strlen(oracle[k].name)), text->data, text->len));
    for (size_t i = 0; i < w.n_end || i < in->n; i++) {
        char utf8[UTF8_BYTES_MAX];

        for (; i < w.n_end && k_char < w.end[i]; k_char++)
            at += utf8_encode(w.cp[k_char], utf8);
        if (i >= w.n_end || i >= in->n || at != in->at[i])
            fail_msg("%s: piece %zu of '%s' ends at %zu, expected %zu", oracle[k].name, i,
                     text->data, at, i < in->n ? in->at[i] : 0);
    }
    pre_finish(&w);
}

/* Proves: equal cuts on thousands of random texts that mix scripts, spaces and punctuation. */
static void scanners_equal_their_patterns(void **state)
{
    uint64_t seed = 20;
    struct buf text;

    (void)state;
    buf_init(&text, MEM_OTHER, 65536);
    for (unsigned round = 0; round < 400; round++) {
        random_text(&text, &seed);
        for (size_t k = 0; k < COUNT_OF(oracle); k++)
            compare(k, &text);
    }
    buf_finish(&text);
}
#else
static void scanners_equal_their_patterns(void **state)
{
    (void)state;
    skip();
}
#endif

/* Proves: every name in the list is found, and a wrong one is not. */
static void names_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; pre_at(i); i++)
        assert_ptr_equal(pre_find(pre_at(i)->name, strlen(pre_at(i)->name)), pre_at(i));
    assert_null(pre_find("no-such-pre", 11));
    assert_null(pre_find("gpt-2x", 6));
    assert_null(pre_find("", 0));
}

/* Proves: a megabyte of one character costs no more than linear time and loses nothing. */
static void long_runs_are_linear(void **state)
{
    static const char one[] = { 'a', 'A', ' ', '\n', '1', '!', '\'', '\t', '\xC3', '\xFF' };
    struct buf text;

    (void)state;
    buf_init(&text, MEM_OTHER, 1U << 21);
    for (size_t c = 0; c < sizeof(one); c++) {
        buf_clear(&text);
        for (size_t i = 0; i < 500000; i++)
            buf_addc(&text, one[c]);
        for (size_t i = 0; pre_at(i); i++) {
            struct pre_work w = { 0 };

            assert_true(pre_cut(&w, pre_at(i), text.data, text.len));
            assert_int_equal(w.end[w.n_end - 1], text.len);
            pre_finish(&w);
        }
    }
    buf_finish(&text);
}

/* Proves: classes, lower case and base letters of some well-known characters. */
static void unicode_facts(void **state)
{
    (void)state;
    assert_int_equal(unicode_class('a'), UC_LETTER);
    assert_int_equal(unicode_class('\n'), UC_CONTROL | UC_SPACE);
    assert_int_equal(unicode_class(0x3000), UC_SPACE);
    assert_int_equal(unicode_class(0x0301), UC_MARK);
    assert_int_equal(unicode_class(0x2EBF0), UC_LETTER);
    assert_int_equal(unicode_class(0x0378), UC_UNASSIGNED);
    assert_int_equal(unicode_class(0x110000), UC_UNASSIGNED);
    assert_int_equal(unicode_to_lower(0x130), 'i');
    assert_int_equal(unicode_to_lower(0x416), 0x436);
    assert_int_equal(unicode_base_char(0xC4), 'A');
    assert_int_equal(unicode_base_char(0x1E69), 's');
    assert_int_equal(unicode_base_char(0xD55C), 0x1112);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanners_equal_their_patterns),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(long_runs_are_linear),
        cmocka_unit_test(unicode_facts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
