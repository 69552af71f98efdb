/* Proves: streamed lines break at blanks, never inside words, code or tables, whatever pieces the
 * text comes in. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "cli/wrap.h"

#define TEXT_MAX (1U << 20)

/* What `text` becomes in so many columns, fed `step` bytes at a time (0: all at once; only for
 * ASCII). */
static void wrapped(struct buf *out, const char *text, uint32_t columns, size_t step)
{
    size_t len = strlen(text);
    struct wrap w;

    buf_clear(out);
    wrap_init(&w, columns);
    for (size_t i = 0; i < len; i += step ? step : len) {
        size_t n = !step || i + step > len ? len - i : step;

        wrap_text(&w, text + i, n, out);
    }
    wrap_flush(&w, out);
    wrap_finish(&w);
    assert_false(out->failed);
}

static void check(const char *text, uint32_t columns, const char *want)
{
    struct buf out;

    buf_init(&out, MEM_OTHER, TEXT_MAX);
    wrapped(&out, text, columns, 0);
    assert_string_equal(buf_str(&out), want);
    buf_finish(&out);
}

static void breaks_at_blanks(void **state)
{
    (void)state;
    check("one two three four", 9, "one two\nthree\nfour");
    check("one two", 7, "one two");
    check("one two", 6, "one\ntwo");
    check("one  two   three", 8, "one  two\nthree");
    check("one two three", 0, "one two three");
    check("one two\nthree four", 9, "one two\nthree\nfour");
    check("  indented words here", 10, "  indented\nwords here");
    check("end. \nnext", 5, "end. \nnext");
    check("", 5, "");
    check("a\tb c", 9, "a\tb\nc"); /* b is in the ninth column */
}

/* A word that no line holds is left to the terminal, which copying undoes. */
static void long_words_stay_whole(void **state)
{
    (void)state;
    check("see https://example.org/a/very/long/path now", 13,
          "see\nhttps://example.org/a/very/long/path\nnow");
    check("see https://example.org/a/very/long/path no", 13,
          "see\nhttps://example.org/a/very/long/path no");
    check("abcdefghij", 4, "abcdefghij");
    check("ab abcdefghijkl xy", 5, "ab\nabcdefghijkl xy");
    check("ab abcdefghijkl wxyz", 5, "ab\nabcdefghijkl\nwxyz");
}

static void code_and_tables_stay_whole(void **state)
{
    (void)state;
    check("```c\nint a = b + c; /* long */\n```\nand then more", 8,
          "```c\nint a = b + c; /* long */\n```\nand then\nmore");
    check("  ~~~~\n~~~ is no end of it\n~~~~\nthe end of it", 8,
          "  ~~~~\n~~~ is no end of it\n~~~~\nthe end\nof it");
    check("| a | b and more |\n|---|---|\nwords of text", 8,
          "| a | b and more |\n|---|---|\nwords of\ntext");
    check("`a b c d` e f", 7, "`a b c\nd` e f"); /* one mark is no fence */
    check("say ``` a b c", 7, "say ```\na b c"); /* nor is one within a line */
}

/* Wide characters count twice, marks not at all; scripts without blanks break between characters,
 * but not before a full stop or behind an opening bracket; pictures of several parts stay whole. */
static void other_scripts(void **state)
{
    (void)state;
    check("\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97\xE7\xAC\xA6", 5,
          "\xE4\xB8\xAD\xE6\x96\x87\n\xE5\xAD\x97\xE7\xAC\xA6");
    check("\xE4\xB8\xAD\xE6\x96\x87\xE3\x80\x82\xE5\xAD\x97", 5,
          "\xE4\xB8\xAD\n\xE6\x96\x87\xE3\x80\x82\n\xE5\xAD\x97");
    check("\xE4\xB8\xAD\xE3\x80\x8C\xE6\x96\x87", 4, "\xE4\xB8\xAD\n\xE3\x80\x8C\xE6\x96\x87");
    check("\xE4\xB8\xAD word", 7, "\xE4\xB8\xAD word");
    check("\xE4\xB8\xADword", 5, "\xE4\xB8\xAD\nword");
    check("cafe\xCC\x81 noir", 9, "cafe\xCC\x81 noir");
    check("a \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB b", 4,
          "a\n\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB\nb");
}

/* The width may change between two pieces. */
static void resized(void **state)
{
    struct wrap w;
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, TEXT_MAX);
    wrap_init(&w, 40);
    wrap_text(&w, "one two three four ", 19, &out);
    w.columns = 10;
    wrap_text(&w, "five six seven\n", 15, &out);
    wrap_flush(&w, &out);
    assert_string_equal(buf_str(&out), "one two three four\nfive six\nseven\n");
    wrap_finish(&w);
    buf_finish(&out);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void random_text(char *text, size_t n, uint32_t *seed)
{
    static const char letters[] = "abc    \n-`|~\t";

    for (size_t i = 0; i + 1 < n; i++)
        text[i] = letters[next(seed) % (sizeof(letters) - 1)];
    text[n - 1] = '\0';
}

/* Each break that was put stands in the place of blanks, at least one, and nothing else changed. */
static void same_but_for_blanks(const char *text, const char *out)
{
    while (*text || *out) {
        if (*text == *out) {
            text++;
            out++;
            continue;
        }
        assert_true(*text == ' ' || *text == '\t');
        assert_true(*out == '\n');
        text += strspn(text, " \t");
        if (*text == '\n') /* blanks beyond the edge before a break of the text's own */
            continue;
        out++;
    }
}

/* No word that would have fitted crosses the edge. Lines of code and tables are left out. */
static void no_word_is_cut(const char *out, uint32_t columns)
{
    bool plain = !strpbrk(out, "`~|\t");

    for (size_t len; plain && *out; out += len + (out[len] == '\n')) {
        size_t at = 0;

        len = strcspn(out, "\n");
        while (at < len) {
            size_t start = at + strspn(out + at, " "), end = start + strcspn(out + start, " \n");

            if (at && start < len && end - start <= columns) /* at 0: indented, may be cut */
                assert_int_equal(start / columns, (end - 1) / columns);
            at = end;
        }
    }
}

static void any_text_in_any_pieces(void **state)
{
    struct buf whole, pieces;
    uint32_t seed = 7;
    char text[120];

    (void)state;
    buf_init(&whole, MEM_OTHER, TEXT_MAX);
    buf_init(&pieces, MEM_OTHER, TEXT_MAX);
    for (int i = 0; i < 20000; i++) {
        uint32_t columns = next(&seed) % 20 + 1;

        random_text(text, next(&seed) % (sizeof(text) - 1) + 1, &seed);
        wrapped(&whole, text, columns, 0);
        same_but_for_blanks(text, buf_str(&whole));
        no_word_is_cut(buf_str(&whole), columns);
        wrapped(&pieces, text, columns, next(&seed) % 7 + 1);
        assert_string_equal(buf_str(&whole), buf_str(&pieces));
    }
    buf_finish(&whole);
    buf_finish(&pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_at_blanks),
        cmocka_unit_test(long_words_stay_whole),
        cmocka_unit_test(code_and_tables_stay_whole),
        cmocka_unit_test(other_scripts),
        cmocka_unit_test(resized),
        cmocka_unit_test(any_text_in_any_pieces),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
