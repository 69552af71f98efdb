/* Proves: streamed pieces are whole characters and join to what decoding at once gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "support/fixtures.h"
#include "tok_small.h"

static struct small small;
static uint64_t seed = 99;

/* Streams ids, checks every piece on the way. */
static void stream(const struct tok *t, const int32_t *ids, size_t n, bool special, bool raw,
                   struct buf *all)
{
    struct tok_stream s = { .tok = t, .special = special, .raw = raw };
    struct err e = { 0 };

    for (size_t i = 0; i <= n; i++) {
        size_t before = all->len;

        assert_int_equal(i < n ? tok_stream_next(&s, ids[i], all, &e) : tok_stream_end(&s, all, &e),
                         ERR_OK);
        assert_true(utf8_valid(buf_str(all) + before, all->len - before));
    }
}

/* Proves: random tokens of every kind; where the whole is not UTF-8, the pieces still are. */
static void pieces_join_to_the_whole(void **state)
{
    (void)state;
    for (unsigned k = 0; k < SMALL_KINDS; k++) {
        struct tok *t = small_kind(&small, k);
        unsigned n_valid = 0;

        for (unsigned round = 0; round < 3000; round++) {
            int32_t ids[24];
            size_t n = test_random(&seed) % COUNT_OF(ids);
            bool special = round & 1;
            struct buf all, pieces;

            buf_init(&all, MEM_OTHER, 65536);
            buf_init(&pieces, MEM_OTHER, 65536);
            for (size_t i = 0; i < n; i++) {
                uint32_t few = t->n_vocab > 260 ? 260 : 0;

                ids[i] =
                    (int32_t)(test_random(&seed) % 4 ? few + test_random(&seed) % (t->n_vocab - few)
                                                     : test_random(&seed) % t->n_vocab);
            }
            assert_int_equal(tok_decode(t, ids, n, special, &all, NULL), ERR_OK);
            stream(t, ids, n, special, false, &pieces);
            if (utf8_valid(buf_str(&all), all.len)) {
                assert_string_equal(buf_str(&pieces), buf_str(&all));
                n_valid++;
            }
            buf_finish(&all);
            buf_finish(&pieces);
        }
        assert_true(n_valid > 500);
        tok_close(t);
    }
}

/* Proves: raw streams are the tokens' own text, one behind the other. */
static void raw_streams_are_plain(void **state)
{
    struct tok *t = small_kind(&small, 0);
    int32_t the = tok_find(t, "\xE2\x96\x81the", 6);
    struct buf all;

    (void)state;
    buf_init(&all, MEM_OTHER, 1024);
    stream(t, (int32_t[]){ the, the }, 2, false, true, &all);
    assert_string_equal(buf_str(&all), " the the");
    buf_clear(&all);
    stream(t, (int32_t[]){ the, the }, 2, false, false, &all);
    assert_string_equal(buf_str(&all), "the the");
    buf_finish(&all);
    tok_close(t);
}

/* Proves: a cut-off character waits; bytes without hope are U+FFFD at once, or at the end. */
static void broken_bytes_are_replaced(void **state)
{
    static const unsigned char bytes[] = {
        0xF0, 0x9F, 0x98, 0x80, 0xFF, 'a', 0xE2, 0x82, 'b', 0xE2
    };
    struct tok *t = small_kind(&small, 0);
    struct tok_stream s = { .tok = t, .raw = true };
    struct buf all;

    (void)state;
    buf_init(&all, MEM_OTHER, 1024);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        char name[8];

        snprintf(name, sizeof(name), "<0x%02X>", bytes[i]);
        assert_int_equal(tok_stream_next(&s, tok_find(t, name, 6), &all, NULL), ERR_OK);
        if (i < 3)
            assert_int_equal(all.len, 0);
        if (i == 3)
            assert_string_equal(buf_str(&all), "\xF0\x9F\x98\x80");
    }
    assert_string_equal(buf_str(&all), "\xF0\x9F\x98\x80\xEF\xBF\xBD"
                                       "a\xEF\xBF\xBD"
                                       "b");
    assert_int_equal(tok_stream_end(&s, &all, NULL), ERR_OK);
    assert_string_equal(buf_str(&all), "\xF0\x9F\x98\x80\xEF\xBF\xBD"
                                       "a\xEF\xBF\xBD"
                                       "b\xEF\xBF\xBD");
    buf_finish(&all);
    tok_close(t);
}

/* Proves: the three rules that take spaces away, one after the other. */
static void spaces_are_tidied(void **state)
{
    static const char *const pairs[][2] = {
        { "a , b .", "a, b." },  { "a  !", "a !" },
        { "it 's", "it's" },     { "we 're 'll", "we're 'll" },
        { "a ' b", "a'b" },      { "a ' ' b", "a'' b" },
        { "x 't 'm", "x 't'm" }, { " ", " " },
        { " '", " '" },          { "a 'r", "a 'r" },
        { "' a", "' a" },        { "I 've .", "I've." },
    };
    struct tok *t = small_kind(&small, 1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct ids ids;
        struct buf out;

        ids_init(&ids);
        buf_init(&out, MEM_OTHER, 1024);
        assert_int_equal(
            tok_encode(t, pairs[i][0], strlen(pairs[i][0]), (struct tok_params){ 0 }, &ids, NULL),
            ERR_OK);
        assert_int_equal(tok_decode(t, ids.at, ids.n, true, &out, NULL), ERR_OK);
        assert_string_equal(buf_str(&out), pairs[i][1]);
        ids_finish(&ids);
        buf_finish(&out);
    }
    tok_close(t);
}

/* Proves: an id that is no token is the caller's error. */
static void ids_are_checked(void **state)
{
    struct tok *t = small_kind(&small, 0);
    struct tok_stream s = { .tok = t };
    int32_t bad[] = { -1, (int32_t)tok_n_vocab(t) };
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, 1024);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(tok_decode(t, &bad[i], 1, true, &out, NULL), ERR_ARG);
        assert_int_equal(tok_stream_next(&s, bad[i], &out, NULL), ERR_ARG);
        assert_int_equal(tok_piece(t, bad[i], &out, NULL), ERR_ARG);
    }
    assert_int_equal(out.len, 0);
    buf_finish(&out);
    tok_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_join_to_the_whole),  cmocka_unit_test(raw_streams_are_plain),
        cmocka_unit_test(broken_bytes_are_replaced), cmocka_unit_test(spaces_are_tidied),
        cmocka_unit_test(ids_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
