/* Proves: the verdicts of fixtures/json-schema. A schema either is refused or never accepts an
 * invalid text; the grammars decide every listed text as listed. Prints how many schemas are
 * refused and how many valid texts accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "text/grammar.h"

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* 1 accepted, 0 not. */
static int verdict(const struct grammar *g, const char *s, size_t len)
{
    bool is_hex = len >= 4 && memcmp(s, "hex:", 4) == 0;
    struct gmatch *m;
    uint32_t at;
    int yes;

    assert_int_equal(gmatch_open(&m, g, true, (size_t)256 << 20, NULL), ERR_OK);
    at = gmatch_start(m);
    for (size_t i = is_hex ? 4 : 0; i < len && at; i += is_hex ? 2 : 1) {
        uint32_t v = (uint8_t)s[i];

        if (is_hex)
            v = (uint32_t)(hex_digit(s[i]) * 16 + hex_digit(s[i + 1]));
        if (is_hex && v == 0xFF) {
            uint32_t id = 0;

            for (unsigned k = 0; k < 8; k++)
                id = id << 4 | (uint32_t)hex_digit(s[i + 2 + k]);
            assert_int_equal(gmatch_token(m, &at, (int32_t)id, NULL), ERR_OK);
            i += 8;
        } else {
            assert_int_equal(gmatch_byte(m, &at, (uint8_t)v, NULL), ERR_OK);
        }
    }
    yes = at && gmatch_may_end(m, at);
    gmatch_close(m);
    return yes;
}

/* No schema of the suite accepts an invalid text; few are refused. */
static void schemas_never_accept_invalid(void **state)
{
    struct js *all = fixture_json("json-schema", "schemas.json");
    unsigned n_refused = 0, n_valid = 0, n_accepted = 0, n_wrong = 0;

    (void)state;
    for (size_t i = 0; i < js_len(all); i++) {
        const struct js *group = js_at(all, i), *tests = js_get(group, "tests");
        struct grammar *g;
        struct err e;

        if (grammar_of_schema(&g, js_get(group, "schema"), NULL, &e)) {
            print_message("refused: %s: %s\n", js_str(js_get(group, "description"), NULL), e.text);
            n_refused++;
            continue;
        }
        for (size_t k = 0; k < js_len(tests); k++) {
            bool valid = js_bool(js_get(js_at(tests, k), "valid"));
            size_t len;
            const char *text = js_str(js_get(js_at(tests, k), "text"), &len);
            int yes = verdict(g, text, len);

            n_valid += valid;
            n_accepted += valid && yes;
            if (yes && !valid) {
                print_error("%s: accepts %s\n", js_str(js_get(group, "description"), NULL), text);
                n_wrong++;
            }
        }
        grammar_close(g);
    }
    print_message("%zu schemas, %u refused; %u of %u valid texts accepted\n", js_len(all),
                  n_refused, n_accepted, n_valid);
    js_close(all);
    assert_int_equal(n_wrong, 0);
}

static unsigned check_list(const struct js *item, const struct grammar *g, const char *name,
                           int expected)
{
    const struct js *list = js_get(item, name);
    unsigned n_wrong = 0;

    for (size_t k = 0; k < js_len(list); k++) {
        size_t len;
        const char *text = js_str(js_at(list, k), &len);

        if (verdict(g, text, len) == expected)
            continue;
        print_error("%s: wrong about %s\n", js_str(js_get(item, "description"), NULL), text);
        n_wrong++;
    }
    return n_wrong;
}

/* Grammars and schemas of grammars.json decide each text as listed; invalid ones are refused. */
static void grammars_decide_as_listed(void **state)
{
    struct js *all = fixture_json("json-schema", "grammars.json");
    unsigned n_wrong = 0;

    (void)state;
    for (size_t i = 0; i < js_len(all); i++) {
        const struct js *item = js_at(all, i);
        const char *kind = js_str(js_get(item, "kind"), NULL);
        struct grammar *g;
        struct err e = { 0 };
        size_t len = 0;
        const char *source = js_str(js_get(item, "source"), &len);
        enum err_code rc = source ? grammar_of_gbnf(&g, source, len, NULL, &e)
                                  : grammar_of_schema(&g, js_get(item, "schema"), NULL, &e);
        bool must_fail = strcmp(kind, "gbnf-invalid") == 0;

        if (must_fail != (rc != ERR_OK)) {
            print_error("%s: %s\n", js_str(js_get(item, "description"), NULL), e.text);
            n_wrong++;
        }
        if (!rc) {
            n_wrong += check_list(item, g, "accept", 1) + check_list(item, g, "reject", 0);
            grammar_close(g);
        }
    }
    print_message("%zu grammars\n", js_len(all));
    js_close(all);
    assert_int_equal(n_wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_never_accept_invalid),
        cmocka_unit_test(grammars_decide_as_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
