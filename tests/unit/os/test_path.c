/* Proves: paths are joined within their bound and Hearth's home follows the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/path.h"

/* Proves: exactly one slash stands between folder and name, and none is invented for no folder. */
static void joins_with_one_slash(void **state)
{
    char out[PATH_BYTES_MAX];

    (void)state;
    assert_int_equal(path_join(out, "a", "b", NULL), ERR_OK);
    assert_string_equal(out, "a/b");
    assert_int_equal(path_join(out, "a/", "b", NULL), ERR_OK);
    assert_string_equal(out, "a/b");
    assert_int_equal(path_join(out, "/", "b", NULL), ERR_OK);
    assert_string_equal(out, "/b");
    assert_int_equal(path_join(out, "", "b", NULL), ERR_OK);
    assert_string_equal(out, "b");
}

/* Proves: the bound is exact, and what is longer gives an error and an empty path. */
static void bound_is_exact(void **state)
{
    char name[PATH_BYTES_MAX + 1], out[PATH_BYTES_MAX];

    (void)state;
    memset(name, 'x', sizeof(name));
    name[PATH_BYTES_MAX - 3] = '\0';
    assert_int_equal(path_join(out, "d", name, NULL), ERR_OK);
    assert_int_equal(strlen(out), PATH_BYTES_MAX - 1);
    assert_int_equal(path_join(out, "dd", name, NULL), ERR_LIMIT);
    assert_string_equal(out, "");
}

/* Proves: the last component is what follows the last slash. */
static void base_is_the_last_component(void **state)
{
    (void)state;
    assert_string_equal(path_base("a/b/c.gguf"), "c.gguf");
    assert_string_equal(path_base("c.gguf"), "c.gguf");
    assert_string_equal(path_base("a/"), "");
}

/* Proves: HEARTH_HOME goes before HOME, an empty one counts as absent, and neither is an error. */
static void home_follows_the_environment(void **state)
{
    char out[PATH_BYTES_MAX];
    struct err e = { 0 };

    (void)state;
    assert_int_equal(setenv("HEARTH_HOME", "/data/hearth", 1), 0);
    assert_int_equal(setenv("HOME", "/home/u", 1), 0);
    assert_int_equal(path_home(out, NULL), ERR_OK);
    assert_string_equal(out, "/data/hearth");
    assert_int_equal(setenv("HEARTH_HOME", "", 1), 0);
    assert_int_equal(path_home(out, NULL), ERR_OK);
    assert_string_equal(out, "/home/u/.hearth");
    assert_int_equal(unsetenv("HEARTH_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(path_home(out, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "HEARTH_HOME"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_with_one_slash),
        cmocka_unit_test(bound_is_exact),
        cmocka_unit_test(base_is_the_last_component),
        cmocka_unit_test(home_follows_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
