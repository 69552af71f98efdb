/* Proves: error sentences are one clean line of valid UTF-8, whatever names they quote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/utf8.h"

/* Proves: control characters of a quoted name do not reach the terminal or the log. */
static void controls_become_spaces(void **state)
{
    struct err e;

    (void)state;
    assert_int_equal(err_set(&e, ERR_FORMAT, "key %s", "a\n\x1B[31mb\x7F"), ERR_FORMAT);
    assert_string_equal(e.text, "key a  [31mb ");
}

/* Proves: a long sentence is cut between characters. */
static void long_text_is_cut_at_a_character(void **state)
{
    char name[2 * ERR_TEXT_BYTES + 1];
    struct err e;

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        memset(name, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(name); i += 3)
            memcpy(name + i, "\xE2\x82\xAC", 4);
        (void)err_set(&e, ERR_IO, "%s", name);
        assert_true(utf8_valid(e.text, strlen(e.text)));
        assert_true(strlen(e.text) > ERR_TEXT_BYTES - 5);
    }
}

/* Proves: a caller may want only the code, and every code has a name. */
static void code_alone_and_names(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_OOM, "unused %d", 1), ERR_OOM);
    for (int c = ERR_OK; c <= ERR_TEMPLATE; c++)
        assert_string_not_equal(err_name((enum err_code)c), "unknown");
    assert_string_equal(err_name((enum err_code)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_become_spaces),
        cmocka_unit_test(long_text_is_cut_at_a_character),
        cmocka_unit_test(code_alone_and_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
