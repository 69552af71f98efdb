/* Proves: programs get their input, give their output and exit code, and are ended in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/run.h"
#include "os/sys.h"

static enum err_code run(const char *program, const char *input, size_t n, uint32_t ms,
                         struct buf *out, int *code, struct err *e)
{
    struct run_call c = { .program = program, .input = input, .n_input = n, .timeout_ms = ms };

    return run_program(&c, out, code, e);
}

static void test_run(void **state)
{
    size_t n = 300000; /* more than a pipe holds, both ways */
    char *text = malloc(n);
    struct err e = { 0 };
    struct buf out;
    int code;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', n);
    buf_init(&out, MEM_OTHER, 1U << 20);
    assert_int_equal(run("cat", text, n, 60000, &out, &code, &e), ERR_OK);
    assert_int_equal(code, 0);
    assert_int_equal(out.len, n);
    assert_memory_equal(out.data, text, n);
    buf_clear(&out);
    assert_int_equal(run("false", text, n, 60000, &out, &code, &e), ERR_OK);
    assert_int_equal(code, 1);
    assert_int_equal(out.len, 0);
    for (int i = 0; i < 20; i++) /* its input breaks off at another place each time */
        assert_int_equal(run("true", text, n, 60000, &out, &code, &e), ERR_OK);
    assert_int_equal(run("/no/such/program", NULL, 0, 60000, &out, &code, &e), ERR_NOT_FOUND);
    buf_finish(&out);
    buf_init(&out, MEM_OTHER, 100);
    assert_int_equal(run("cat", text, n, 60000, &out, &code, &e), ERR_OK);
    assert_true(out.failed && out.len <= 100);
    buf_finish(&out);
    free(text);
}

static void test_timeout(void **state)
{
    struct err e = { 0 };
    struct buf out;
    int code;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 20);
    assert_int_equal(run("yes", NULL, 0, 100, &out, &code, &e), ERR_LIMIT);
    assert_int_equal(code, 128 + 9);
    assert_true(out.len > 0);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_run),
                                        cmocka_unit_test(test_timeout) };

    os_init();
    return cmocka_run_group_tests_name("os-process", tests, NULL, NULL);
}
