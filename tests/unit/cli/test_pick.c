/* Proves: what is typed at a list narrows it as people expect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/pick.h"

/* A part counts for more than letters in their order; the case of letters does not matter. */
static void fits(void **state)
{
    (void)state;
    assert_int_equal(fit_of("qwen/qwen3-8b", "WEN3"), FIT_PART);
    assert_int_equal(fit_of("qwen/qwen3-8b", "qwen/qwen3-8b"), FIT_PART);
    assert_int_equal(fit_of("qwen/qwen3-8b", ""), FIT_PART);
    assert_int_equal(fit_of("qwen/qwen3-8b", "q38b"), FIT_LETTERS);
    assert_int_equal(fit_of("qwen/qwen3-8b", "Q8B"), FIT_LETTERS);
    assert_int_equal(fit_of("qwen/qwen3-8b", "8q"), FIT_NONE);
    assert_int_equal(fit_of("qwen/qwen3-8b", "qwen/qwen3-8bb"), FIT_NONE);
    assert_int_equal(fit_of("", "a"), FIT_NONE);
    assert_int_equal(fit_of("", ""), FIT_PART);
}

/* No list is no question. */
static void empty(void **state)
{
    struct err e = { 0 };
    uint32_t which = 7;

    (void)state;
    assert_int_equal(pick_one("Which?", NULL, 0, &which, &e), ERR_ARG);
    assert_int_equal(which, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits),
        cmocka_unit_test(empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
