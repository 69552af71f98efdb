/* Proves: stop strings end the text exactly where they begin, and never show half of themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/stops_int.h"
#include "support/fixtures.h"

static uint64_t seed = 11;

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(test_random(&seed) % n);
}

/* Where the text before the first complete stop string ends; the whole length when there is none.
 */
static size_t first_stop(const char *text, const char *const *stops, uint32_t n)
{
    size_t len = strlen(text);

    for (size_t end = 1; end <= len; end++) {
        size_t start = len;

        for (uint32_t i = 0; i < n; i++) {
            size_t k = strlen(stops[i]);

            if (k <= end && memcmp(text + end - k, stops[i], k) == 0 && end - k < start)
                start = end - k;
        }
        if (start < len)
            return start;
    }
    return len;
}

/* How many of the last bytes could begin a stop string. */
static size_t must_hold(const char *text, size_t len, const char *const *stops, uint32_t n)
{
    for (size_t k = len; k > 0; k--)
        for (uint32_t i = 0; i < n; i++)
            if (k < strlen(stops[i]) && memcmp(text + len - k, stops[i], k) == 0)
                return k;
    return 0;
}

/* Feeds text in pieces; cut(arg) says how many characters the next one has. */
static void check_text(const char *text, const char *const *stops, uint32_t n, uint64_t cuts)
{
    size_t len = strlen(text), want = first_stop(text, stops, n), n_shown = 0, at = 0;
    struct stops_text t = { 0 };
    struct stops *s;

    assert_int_equal(stops_create(&s, stops, n, NULL), ERR_OK);
    while (at < len && !t.found) {
        size_t end = at + 1;

        while (end < len &&
               (!(cuts >> (end % 64) & 1) || ((unsigned char)text[end] & 0xC0) == 0x80))
            end++;
        assert_int_equal(stops_feed(s, text + at, end - at, &t, NULL), ERR_OK);
        assert_memory_equal(t.at, text + n_shown, t.len);
        n_shown += t.len;
        if (!t.found)
            assert_int_equal(n_shown, end - must_hold(text, end, stops, n));
        at = end;
    }
    if (!t.found) {
        stops_end(s, &t);
        assert_memory_equal(t.at, text + n_shown, t.len);
        n_shown += t.len;
    }
    assert_int_equal(n_shown, want);
    stops_destroy(s);
}

/* Proves: for every way of cutting a short text into pieces, what is shown is the text before the
 * first stop string. */
static void every_cut_gives_the_same_text(void **state)
{
    static const char *const stops[] = { "</s>", "s>a", "\n\n", "\xC3\xA4hm", "bbb" };
    static const char *const texts[] = { "ab</s>c",    "a\n\xE2\x82\xAC\n\nb", "x</</s>>",
                                         "\xC3\xA4hm", "ab\xC3\xA4hbb",        "bbabbb",
                                         "<s>a" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (uint64_t cuts = 0; cuts < 1024; cuts++)
            check_text(texts[i], stops, COUNT_OF(stops), cuts);
}

/* Proves: the same for random texts and stop strings over few, partly long characters. */
static void random_texts_agree_with_plain_search(void **state)
{
    static const char *const letters[] = { "a", "b", "\xC3\xA4", "\xE2\x82\xAC",
                                           "\xF0\x9F\x98\x80" };

    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        char text[256] = "", stop[4][64] = { "" };
        const char *stops[4];
        uint32_t n = rnd(5), n_letter = 2 + rnd(4);

        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t k = 0, len = 1 + rnd(6); k < len; k++)
                strncat(stop[i], letters[rnd(n_letter)], 4);
            stops[i] = stop[i];
        }
        for (uint32_t k = 0, len = rnd(40); k < len; k++)
            strncat(text, letters[rnd(n_letter)], 4);
        check_text(text, stops, n, test_random(&seed));
    }
}

/* Proves: bad stop strings are refused, and failing memory leaves nothing behind. */
static void bad_stops_are_refused(void **state)
{
    char big[ENGINE_STOP_BYTES_MAX + 2];
    const char *one[ENGINE_STOPS_MAX + 1];
    size_t before = mem_in_use(MEM_REQUEST);
    struct stops *s;
    struct err e;

    (void)state;
    memset(big, 'x', sizeof(big));
    big[sizeof(big) - 1] = '\0';
    one[0] = "";
    assert_int_equal(stops_create(&s, one, 1, &e), ERR_ARG);
    one[0] = big;
    assert_int_equal(stops_create(&s, one, 1, &e), ERR_ARG);
    one[0] = "\xFF";
    assert_int_equal(stops_create(&s, one, 1, &e), ERR_ARG);
    for (size_t i = 0; i < COUNT_OF(one); i++)
        one[i] = "stop";
    assert_int_equal(stops_create(&s, one, COUNT_OF(one), &e), ERR_ARG);
    for (uint64_t n = 1; n < 20; n++) {
        struct stops_text t;
        enum err_code rc;

        mem_fail_at(n, 1);
        rc = stops_create(&s, one, 3, &e);
        if (rc == ERR_OK)
            rc = stops_feed(s, "stone", 5, &t, &e);
        mem_fail_at(0, 0);
        stops_destroy(s);
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        assert_int_equal(mem_in_use(MEM_REQUEST), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_gives_the_same_text),
        cmocka_unit_test(random_texts_agree_with_plain_search),
        cmocka_unit_test(bad_stops_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
