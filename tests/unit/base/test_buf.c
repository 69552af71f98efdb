/* Proves: growing buffers keep their contents and their maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_stops_at_its_maximum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
