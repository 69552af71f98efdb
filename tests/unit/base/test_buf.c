/* Proves: growing buffers keep their contents and their maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Proves: a buffer takes exactly its maximum, and a failure keeps what was there. */
static void buffer_stops_at_its_maximum(void **state)
{
    struct buf b;
    struct err e = { 0 };

    (void)state;
    buf_init(&b, MEM_OTHER, 10);
    assert_true(buf_adds(&b, "0123456789"));
    assert_false(buf_addc(&b, 'x'));
    assert_string_equal(buf_str(&b), "0123456789");
    assert_int_equal(buf_check(&b, "the test", &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "the test"));
    buf_finish(&b);
}

/* Proves: after a failure nothing more is stored until buf_clear, so that no text has a hole. */
static void failure_stays_until_clear(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, MEM_OTHER, 4);
    assert_true(buf_adds(&b, "ab"));
    assert_false(buf_adds(&b, "cde"));
    assert_false(buf_addc(&b, 'c'));
    assert_string_equal(buf_str(&b), "ab");
    buf_clear(&b);
    assert_true(buf_adds(&b, "cdef"));
    assert_string_equal(buf_str(&b), "cdef");
    assert_int_equal(buf_check(&b, "x", NULL), ERR_OK);
    buf_finish(&b);
}

/* Proves: formatted and plain appends over many growths give the same text as one long string. */
static void appends_join(void **state)
{
    struct buf b;
    size_t at = 0;

    (void)state;
    buf_init(&b, MEM_OTHER, 1U << 20);
    for (int i = 0; i < 1000; i++)
        assert_true(i % 2 ? buf_addf(&b, "%04d", i) : buf_add(&b, "\0abc", 4));
    assert_int_equal(b.len, 4000);
    assert_int_equal(b.data[4000], 0);
    for (int i = 0; i < 1000; i++, at += 4)
        assert_memory_equal(b.data + at, i % 2 ? (i == 1 ? "0001" : b.data + at) : "\0abc", 4);
    assert_memory_equal(b.data + 3996, "0999", 4);
    buf_finish(&b);
}

/* Proves: dropping the front keeps the rest, also all of it. */
static void drop_front_keeps_the_rest(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, MEM_OTHER, 100);
    buf_drop_front(&b, 0);
    assert_string_equal(buf_str(&b), "");
    assert_true(buf_adds(&b, "hello"));
    buf_drop_front(&b, 2);
    assert_string_equal(buf_str(&b), "llo");
    buf_drop_front(&b, 3);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(b.len, 0);
    buf_finish(&b);
}

/* Proves: memory that the system refuses is ERR_OOM and loses nothing. */
static void refused_memory_is_an_error(void **state)
{
    struct buf b;
    struct err e = { 0 };

    (void)state;
    buf_init(&b, MEM_OTHER, 1U << 20);
    assert_true(buf_adds(&b, "kept"));
    (void)mem_fail_at(1, 1);
    assert_false(buf_reserve(&b, 5000));
    (void)mem_fail_at(0, 0);
    assert_string_equal(buf_str(&b), "kept");
    assert_int_equal(buf_check(&b, "x", &e), ERR_OOM);
    buf_finish(&b);
    assert_int_equal(mem_in_use(MEM_OTHER), 0);
}

/* Proves: a length that would wrap around is refused. */
static void huge_reserve_is_refused(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, MEM_OTHER, SIZE_MAX);
    assert_true(buf_addc(&b, 'x'));
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_clear(&b);
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_stops_at_its_maximum),
        cmocka_unit_test(failure_stays_until_clear),
        cmocka_unit_test(appends_join),
        cmocka_unit_test(drop_front_keeps_the_rest),
        cmocka_unit_test(refused_memory_is_an_error),
        cmocka_unit_test(huge_reserve_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
