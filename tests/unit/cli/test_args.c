/* Proves: options that every command takes are understood, and the places of servers elsewhere are
 * names or addresses and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cli/args.h" /* before cmocka, whose fail() is a macro */

#include <cmocka.h>

#include "base/attr.h"

#define WORDS_MAX 8

/* Parses "x WORDS..." for a command with one option, --port (its own) or none. */
static enum err_code parse(const char *const *words, bool takes_host, struct positionals *rest,
                           struct err *e)
{
    char text[WORDS_MAX][64] = { "x" };
    char *argv[WORDS_MAX + 1] = { text[0] };
    bool wants_help;
    int argc = 1;

    for (; words[argc - 1]; argc++) {
        assert_in_range(argc, 1, WORDS_MAX - 1);
        (void)strncpy(text[argc], words[argc - 1], sizeof(text[0]) - 1);
        argv[argc] = text[argc];
    }
    return args_parse(argc, argv, NULL, 0, takes_host, rest, &wants_help, e);
}

/* Names and addresses pass; schemes, ports, paths and what would end up elsewhere in a URL do not.
 */
static void hosts(void **state)
{
    static const char *const good[] = { "localhost", "box.lan",  "192.168.1.7",         "::1",
                                        "fe80::1",   "my_box-2", "h\xC3\xBCtte.example" };
    static const char *const bad[] = { "",       "http://box", "box:1234", "box/v1",
                                       "me@box", "a b",        "[::1]",    "box?x",
                                       "box#x",  "a\nb",       "box%20",   "\\\\box" };
    char longest[300];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(args_is_host(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(args_is_host(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[255] = '\0';
    assert_true(args_is_host(longest));
    longest[255] = 'a';
    longest[256] = '\0';
    assert_false(args_is_host(longest));
}

/* --host and --port stand anywhere, in both spellings, and only where the command takes them. */
static void places(void **state)
{
    struct positionals rest;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(
        parse((const char *[]){ "--host", "box", "word", "--port=99", NULL }, true, &rest, &e), 0);
    assert_true(rest.has_port);
    assert_int_equal(rest.port, 99);
    assert_int_equal(rest.n, 1);
    assert_int_equal(parse((const char *[]){ "--port", "0", NULL }, true, &rest, &e), 0);
    assert_true(rest.has_port && !rest.host && rest.port == 0);
    assert_int_equal(parse((const char *[]){ "word", NULL }, true, &rest, &e), 0);
    assert_false(rest.has_port);
    assert_null(rest.host);
    assert_int_equal(parse((const char *[]){ "--host", "box", NULL }, false, &rest, &e), ERR_ARG);
    assert_non_null(strstr(e.text, "this machine"));
    assert_int_equal(parse((const char *[]){ "--host", NULL }, true, &rest, &e), ERR_ARG);
    assert_int_equal(parse((const char *[]){ "--host", "http://b", NULL }, true, &rest, &e),
                     ERR_ARG);
}

static void ports(void **state)
{
    static const char *const bad[] = { "65536", "-1", "12x", "", " 1", "99999999999999999999" };
    struct positionals rest;
    struct err e;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(parse((const char *[]){ "--port", bad[i], NULL }, true, &rest, &e),
                         ERR_ARG);
    assert_int_equal(parse((const char *[]){ "--port", "65535", NULL }, true, &rest, &e), 0);
    assert_int_equal(rest.port, 65535);
}

/* Hidden options work, but neither help nor suggestions name them. */
static void hidden(void **state)
{
    bool on = false, shown = false;
    const struct opt rows[] = {
        { .name = "visible", .kind = OPT_FLAG, .to = &shown, .help = "h" },
        { .name = "secret", .kind = OPT_FLAG, .to = &on, .help = "h", .is_hidden = true },
    };
    static const struct command cmd = { .summary = "s" };
    char name[] = "x", good[] = "--secret", slip[] = "--secrets", text[2000] = "";
    char *argv[] = { name, good, NULL }, *wrong[] = { name, slip, NULL };
    struct positionals rest;
    bool wants_help;
    struct err e;
    FILE *to = fmemopen(text, sizeof(text), "w");

    (void)state;
    assert_int_equal(args_parse(2, argv, rows, 2, false, &rest, &wants_help, &e), 0);
    assert_true(on);
    assert_int_equal(args_parse(2, wrong, rows, 2, false, &rest, &wants_help, &e), ERR_ARG);
    assert_null(strstr(e.text, "did you mean"));
    assert_non_null(to);
    args_help(to, "x", &cmd, rows, 2);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "--visible"));
    assert_null(strstr(text, "secret"));
}

/* What comes from elsewhere does not command the terminal. */
static void safe(void **state)
{
    char text[200] = "";
    FILE *to = fmemopen(text, sizeof(text), "w");

    (void)state;
    assert_non_null(to);
    print_safe(to, "a\033[31m\rb\x7F\xC2\x9B"
                   "c\td\n\xC3\xA4\xE2\x80\xA6");
    assert_int_equal(fclose(to), 0);
    assert_string_equal(text, "a?[31m?b??c\td\n\xC3\xA4\xE2\x80\xA6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),  cmocka_unit_test(places), cmocka_unit_test(ports),
        cmocka_unit_test(hidden), cmocka_unit_test(safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
