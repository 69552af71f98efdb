/* Proves: what cannot be enforced, contradicts itself or is no schema is refused with the keyword's
 * place; hostile grammars end quickly; a position can be kept over gmatch_compact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "text/grammar.h"

struct refusal {
    const char *schema, *pointer;
    enum err_code rc;
};

static const struct refusal refusals[] = {
    { "{\"properties\":{\"a/b\":{\"format\":\"zzz\"}}}", "/properties/a~1b/format",
      ERR_UNSUPPORTED },
    { "{\"$ref\":\"http://x.y/z\"}", "/$ref", ERR_UNSUPPORTED },
    { "{\"$ref\":\"#/$defs/a\"}", "/$ref", ERR_FORMAT },
    { "{\"items\":{\"type\":\"strin\"}}", "/items/type", ERR_FORMAT },
    { "{\"pattern\":\"a(\"}", "/pattern", ERR_FORMAT },
    { "{\"pattern\":\"(a)\\\\1\"}", "/pattern", ERR_UNSUPPORTED },
    { "{\"minLength\":-1}", "/minLength", ERR_FORMAT },
    { "{\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}},"
      "\"required\":[\"a\"]}",
      NULL, ERR_OK }, /* other types satisfy it */
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":5,"
      "\"maximum\":4}},\"required\":[\"a\"]}",
      "/properties/a", ERR_ARG },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}", "",
      ERR_ARG },
    { "{\"allOf\":[{\"unevaluatedProperties\":false,\"anyOf\":[{}]}]}",
      "/allOf/0/unevaluatedProperties", ERR_UNSUPPORTED },
    { "{\"not\":{\"uniqueItems\":true}}", "/not", ERR_UNSUPPORTED },
};

/* Each refusal has its code and its place. */
static void refusals_name_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        struct grammar_place place;
        struct grammar *g;
        struct js *schema;
        struct err e = { 0 };

        assert_int_equal(js_parse(&schema, r->schema, strlen(r->schema), NULL), ERR_OK);
        if (grammar_of_schema(&g, schema, &place, &e) != r->rc)
            fail_msg("%s: %s", r->schema, e.text);
        if (r->pointer)
            assert_string_equal(place.pointer, r->pointer);
        grammar_close(g);
        js_close(schema);
    }
}

static const char *const bad_gbnf[] = {
    "",
    "root ::= x",
    "root ::= root",
    "root ::= ws root \"a\" | \"b\"\nws ::= \" \"*",
    "root ::= (\"a\"?){1000000}",
    "root ::= \"a",
    "root ::= [z-a]",
    "root ::= \"a\" )",
    "root ::= \"\\q\"",
    "root ::= a\na ::= b\nb ::= \"x\" a",
    "root ::= <[99999999999]>",
    "root ::= \"a\"{3,2}",
    "root : \"a\"",
};

/* Broken, left-recursive and endless grammars are refused. */
static void bad_gbnf_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_gbnf) / sizeof(bad_gbnf[0]); i++) {
        struct grammar *g;

        if (grammar_of_gbnf(&g, bad_gbnf[i], strlen(bad_gbnf[i]), NULL) == ERR_OK)
            fail_msg("accepted: %s", bad_gbnf[i]);
    }
}

/* Nested counts stay small, and a position survives compaction with its counts and stack. */
static void positions_survive_compaction(void **state)
{
    static const char source[] = "root ::= (\"a\"{1000} \"b\"){1000000} \"c\"";
    struct grammar *g;
    struct gmatch *m;
    uint32_t at;

    (void)state;
    assert_int_equal(grammar_of_gbnf(&g, source, strlen(source), NULL), ERR_OK);
    assert_int_equal(gmatch_open(&m, g, true, (size_t)64 << 20, NULL), ERR_OK);
    at = gmatch_start(m);
    for (unsigned i = 0; i < 1500; i++) {
        uint32_t wrong = at;
        bool b = i % 1001 == 1000;

        assert_int_equal(gmatch_byte(m, &wrong, b ? 'a' : 'b', NULL), ERR_OK);
        assert_int_equal(wrong, 0);
        assert_int_equal(gmatch_byte(m, &at, b ? 'b' : 'a', NULL), ERR_OK);
        assert_int_not_equal(at, 0);
        if (i % 97 == 0)
            assert_int_equal(gmatch_compact(m, &at, NULL), ERR_OK);
    }
    assert_false(gmatch_may_end(m, at));
    gmatch_close(m);
    grammar_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_the_place),
        cmocka_unit_test(bad_gbnf_is_refused),
        cmocka_unit_test(positions_survive_compaction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
