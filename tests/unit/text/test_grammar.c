/* Proves: what cannot be enforced, contradicts itself or is no schema is refused with the keyword's
 * place; hostile grammars end quickly; a position can be kept over gmatch_compact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
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
    { "{\"not\":{\"uniqueItems\":true}}", "/not", ERR_UNSUPPORTED },
    { "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":1},"
      "\"uniqueItems\":true,\"minItems\":3}",
      NULL, ERR_ARG },
    { "{\"type\":\"integer\",\"multipleOf\":2.5e9,\"minimum\":1,\"maximum\":2000000000}", "",
      ERR_ARG },
};

/* Unknown keywords are refused strictly and ignored otherwise; laxly also what cannot be enforced.
 */
static void modes_differ(void **state)
{
    static const struct {
        const char *schema;
        enum schema_mode mode;
        enum err_code rc;
        const char *pointer;
    } cases[] = {
        { "{\"properties\":{\"a\":{\"colour\":1}}}", SCHEMA_STRICT, ERR_UNSUPPORTED,
          "/properties/a/colour" },
        { "{\"properties\":{\"a\":{\"colour\":1}}}", SCHEMA_PLAIN, ERR_OK, "" },
        { "{\"title\":\"t\",\"$defs\":{},\"readOnly\":true}", SCHEMA_STRICT, ERR_OK, "" },
        { "{\"type\":\"string\",\"format\":\"zzz\",\"maxLength\":2}", SCHEMA_PLAIN, ERR_UNSUPPORTED,
          "/format" },
        { "{\"type\":\"string\",\"format\":\"zzz\",\"maxLength\":2}", SCHEMA_LAX, ERR_OK, "" },
        { "{\"not\":{\"uniqueItems\":true},\"$defs\":{\"x\":{\"$dynamicRef\":\"#q\",\"$"
          "dynamicAnchor\":"
          "\"q\"},\"y\":{\"$dynamicAnchor\":\"q\"}},\"items\":{\"$ref\":\"#/$defs/x\"}}",
          SCHEMA_LAX, ERR_OK, "" },
        { "{\"minimum\":\"3\"}", SCHEMA_LAX, ERR_FORMAT, "/minimum" },
        { "false", SCHEMA_LAX, ERR_ARG, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct grammar_place place;
        struct grammar *g;
        struct js *list;
        struct buf text;
        struct err e = { 0 };

        buf_init(&text, MEM_OTHER, 4096);
        (void)buf_addf(&text, "[%s]", cases[i].schema);
        assert_int_equal(js_parse(&list, buf_str(&text), text.len, NULL), ERR_OK);
        if (grammar_of_schema_as(&g, js_at(list, 0), cases[i].mode, NULL, NULL, &place, &e) !=
            cases[i].rc)
            fail_msg("%s: %s", cases[i].schema, e.text);
        if (cases[i].rc)
            assert_string_equal(place.pointer, cases[i].pointer);
        grammar_close(g);
        js_close(list);
        buf_finish(&text);
    }
}

/* Whatever is read of an array of distinct items, some way on is left. */
static void distinct_items_never_get_stuck(void **state)
{
    static const char *const schemas[] = {
        "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\",\"maxLength\":1,"
        "\"pattern\":\"[ab]\"}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"minItems\":4,\"items\":{\"type\":\"integer\","
        "\"minimum\":8,\"maximum\":11}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"aa\",\"ab\",\"b\",\"abc\"]"
        "},"
        "\"minItems\":3}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"maxItems\":6,\"items\":{\"type\":\"array\","
        "\"maxItems\":1,\"items\":{\"type\":\"boolean\"}}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"prefixItems\":[{\"type\":\"boolean\"},{"
        "\"type\":"
        "\"boolean\"}],\"items\":{\"type\":\"null\"}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"minItems\":2,\"prefixItems\":[{\"const\":1},{"
        "\"const\":2},{\"enum\":[1,2,3]}],\"maxItems\":4,\"items\":{\"enum\":[2,4,5]}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"minItems\":2,\"maxItems\":4,\"items\":{"
        "\"enum\":"
        "[1,2,3]},\"contains\":{\"const\":1},\"maxContains\":1}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"prefixItems\":[{\"enum\":[\"a\",1]}],\"items\":"
        "{"
        "\"const\":\"a\"},\"contains\":{\"const\":\"a\"}}",
        "{\"type\":\"array\",\"uniqueItems\":true,\"minItems\":3,\"items\":{\"type\":\"array\","
        "\"maxItems\":1,\"items\":{\"type\":\"boolean\"}},\"contains\":{\"maxItems\":0},"
        "\"maxContains\":2}",
        "{\"type\":\"object\",\"minProperties\":3,\"propertyNames\":{\"enum\":[\"a\",\"b\",\"c\"]},"
        "\"additionalProperties\":{\"type\":\"null\"}}",
        "{\"type\":\"object\",\"minProperties\":2,\"maxProperties\":3,\"propertyNames\":{"
        "\"pattern\":"
        "\"^[ab]{1,2}$\"},\"additionalProperties\":{\"type\":\"null\"}}",
    };
    uint64_t seed = 3;

    (void)state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        struct grammar *g;
        struct js *schema;
        struct gmatch *m;

        assert_int_equal(js_parse(&schema, schemas[i], strlen(schemas[i]), NULL), ERR_OK);
        assert_int_equal(grammar_of_schema(&g, schema, NULL, NULL), ERR_OK);
        assert_int_equal(gmatch_open(&m, g, true, (size_t)64 << 20, NULL), ERR_OK);
        for (unsigned round = 0; round < 100; round++) {
            uint32_t at = gmatch_start(m);
            struct buf text;

            buf_init(&text, MEM_OTHER, 1U << 16);
            while (!gmatch_must_end(m, at) && text.len < 400) {
                uint8_t ways[256];
                unsigned n = 0, c;

                for (c = 0; c < 256; c++) {
                    uint32_t to = at;

                    assert_int_equal(gmatch_byte(m, &to, (uint8_t)c, NULL), ERR_OK);
                    if (to && c != ' ' && c != '\n')
                        ways[n++] = (uint8_t)c;
                }
                if (n == 0)
                    fail_msg("%s is stuck behind %s", schemas[i], buf_str(&text));
                c = ways[test_random(&seed) % n];
                (void)buf_addc(&text, (char)c);
                assert_int_equal(gmatch_byte(m, &at, (uint8_t)c, NULL), ERR_OK);
            }
            buf_finish(&text);
        }
        gmatch_close(m);
        grammar_close(g);
        js_close(schema);
    }
}

/* Appends `part` n times, its number for each #. */
static void repeat(struct buf *b, const char *part, const char *between, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        (void)buf_adds(b, i ? between : "");
        for (const char *k = part; *k; k++) {
            if (*k == '#')
                (void)buf_addf(b, "%u", i);
            else
                (void)buf_addc(b, *k);
        }
    }
}

/* What would need endless work is refused by its limits: the test ends, or it does not. */
static void monsters_are_refused(void **state)
{
    static const struct {
        const char *head, *part, *between, *tail;
        unsigned n;
    } cases[] = {
        { "{\"allOf\":[", "{\"anyOf\":[{\"required\":[\"p#\"]},{\"required\":[\"q#\"]}]}", ",",
          "]}", 20 },
        { "{\"oneOf\":[", "{\"type\":\"string\",\"pattern\":\"#.*x#\"}", ",", "]}", 26 },
        { "{\"enum\":[", "\"v#\"", ",", "]}", 100000 },
        { "{\"type\":\"object\",\"dependentSchemas\":{", "\"k#\":{\"required\":[\"m#\"]}", ",",
          "}}", 16 },
        { "{\"type\":\"object\",\"properties\":{", "\"p#\":{\"type\":\"string\"}", ",", "}}",
          20000 },
        { "{\"type\":\"string\",\"pattern\":\"(a|b)*a", "(a|b)", "", "\"}", 18 },
        { "{\"type\":\"string\",\"minLength\":30000,\"pattern\":\"^[a-z]*$", "", "", "\"}", 1 },
        { "{\"type\":\"object\",\"minProperties\":3000,\"properties\":{", "\"p#\":{}", ",", "}}",
          100 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct grammar *g;
        struct js *schema;
        struct buf text;
        struct err e = { 0 };

        buf_init(&text, MEM_OTHER, 16U << 20);
        (void)buf_adds(&text, cases[i].head);
        repeat(&text, cases[i].part, cases[i].between, cases[i].n);
        (void)buf_adds(&text, cases[i].tail);
        if (js_parse(&schema, buf_str(&text), text.len, &e))
            fail_msg("%s: %s", cases[i].head, e.text);
        if (grammar_of_schema(&g, schema, NULL, &e) != ERR_LIMIT)
            fail_msg("%s is not refused: %s", cases[i].head, e.text);
        grammar_close(g);
        js_close(schema);
        buf_finish(&text);
    }
}

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

        if (grammar_of_gbnf(&g, bad_gbnf[i], strlen(bad_gbnf[i]), NULL, NULL) == ERR_OK)
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
    assert_int_equal(grammar_of_gbnf(&g, source, strlen(source), NULL, NULL), ERR_OK);
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

/* ---- cost ---- */

static bool at_third(void *arg)
{
    unsigned *n = arg;

    return ++*n >= 3;
}

/* Proves: whoever waits for a grammar can give it up, and is not asked again afterwards; what would
 * take very long is refused by the number of steps, over all parts of a schema together. */
static void compiling_has_an_end(void **state)
{
    static const char one[] = "{\"type\":\"string\",\"pattern\":\"^(a|b)*a(a|b){13}$\"}";
    struct grammar_place place;
    struct grammar *g = NULL;
    struct js *schema = NULL;
    unsigned n = 0;
    const struct stop_ask stop = { at_third, &n };
    struct buf many;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(js_parse(&schema, one, strlen(one), NULL), ERR_OK);
    assert_int_equal(grammar_of_schema_as(&g, schema, SCHEMA_LAX, &stop, NULL, &place, &e),
                     ERR_CANCELLED);
    assert_null(g);
    assert_int_equal(n, 3);
    assert_int_equal(grammar_of_schema(&g, schema, &place, &e), ERR_OK);
    grammar_close(g);
    js_close(schema);
    buf_init(&many, MEM_OTHER, 1U << 20);
    (void)buf_adds(&many, "{\"additionalProperties\":false,\"properties\":{");
    for (unsigned i = 0; i < 200; i++)
        (void)buf_addf(
            &many,
            "%s\"p%u\":{\"type\":\"string\",\"minLength\":3000,\"maxLength\":3000,"
            "\"pattern\":\"^%u(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z)*$\"}",
            i ? "," : "", i, i);
    (void)buf_adds(&many, "}}");
    assert_int_equal(js_parse(&schema, buf_str(&many), many.len, NULL), ERR_OK);
    assert_int_equal(grammar_of_schema(&g, schema, &place, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "steps"));
    js_close(schema);
    buf_finish(&many);
}

/* Whether a whole text is one of the schema's. */
static bool accepts(const struct grammar *g, const char *text)
{
    struct gmatch *m;
    uint32_t at;
    bool ok;

    assert_int_equal(gmatch_open(&m, g, true, (size_t)64 << 20, NULL), ERR_OK);
    at = gmatch_start(m);
    for (const char *k = text; *k && at; k++)
        assert_int_equal(gmatch_byte(m, &at, (uint8_t)*k, NULL), ERR_OK);
    ok = at && gmatch_may_end(m, at);
    gmatch_close(m);
    return ok;
}

/* What multipleOf must not hold for: digits are counted by remainders, with one digit more. */
static void multiples_are_excluded(void **state)
{
    static const struct {
        const char *schema, *good[6], *bad[6];
    } cases[] = {
        { "{\"type\":\"integer\",\"not\":{\"multipleOf\":3}}",
          { "1", "-4", "34" },
          { "0", "3", "-9", "1.5" } },
        { "{\"type\":\"number\",\"not\":{\"multipleOf\":2}}",
          { "1", "2.5", "-2.5", "4.1" },
          { "0", "2", "-2", "4.0" } },
        { "{\"oneOf\":[{\"type\":\"integer\",\"multipleOf\":3},"
          "{\"type\":\"integer\",\"multipleOf\":5}]}",
          { "3", "5", "-9", "10" },
          { "0", "15", "-15", "30", "7" } },
        { "{\"type\":\"number\",\"multipleOf\":0.5,\"not\":{\"multipleOf\":1.5}}",
          { "0.5", "2", "-1" },
          { "1.5", "3", "-4.5", "0" } },
        { "{\"enum\":[1,2,4.5,\"a\"],\"not\":{\"multipleOf\":2}}",
          { "1", "4.5" },
          { "2", "\"a\"" } },
        { "{\"type\":\"integer\",\"not\":{\"not\":{\"multipleOf\":7}}}", { "7", "14" }, { "8" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct grammar *g = NULL;
        struct js *schema;
        struct err e = { 0 };

        assert_int_equal(js_parse(&schema, cases[i].schema, strlen(cases[i].schema), NULL), ERR_OK);
        if (grammar_of_schema(&g, schema, NULL, &e))
            fail_msg("%s: %s", cases[i].schema, e.text);
        for (unsigned k = 0; k < 6; k++) {
            if (cases[i].good[k] && !accepts(g, cases[i].good[k]))
                fail_msg("%s: %s is refused", cases[i].schema, cases[i].good[k]);
            if (cases[i].bad[k] && accepts(g, cases[i].bad[k]))
                fail_msg("%s: %s is accepted", cases[i].schema, cases[i].bad[k]);
        }
        grammar_close(g);
        js_close(schema);
    }
}

/* What a lax reading passes over is told by name, and a place is told once. */
static void skips_are_named(void **state)
{
    static const char lax[] = "{\"type\":\"string\",\"format\":\"zzz\"}";
    static const char wrong[] = "{\"properties\":{\"a\":{\"minLength\":-1}}}";
    struct grammar *g = NULL;
    struct grammar_place place;
    struct js *schema;
    struct buf skipped;
    struct err e = { 0 };

    (void)state;
    buf_init(&skipped, MEM_OTHER, 4096);
    assert_int_equal(js_parse(&schema, lax, strlen(lax), NULL), ERR_OK);
    assert_int_equal(grammar_of_schema_as(&g, schema, SCHEMA_LAX, NULL, &skipped, NULL, NULL),
                     ERR_OK);
    assert_string_equal(buf_str(&skipped), "/format");
    grammar_close(g);
    js_close(schema);
    buf_finish(&skipped);
    assert_int_equal(js_parse(&schema, wrong, strlen(wrong), NULL), ERR_OK);
    assert_int_equal(grammar_of_schema(&g, schema, &place, &e), ERR_FORMAT);
    assert_string_equal(place.pointer, "/properties/a/minLength");
    assert_null(strstr(e.text, "minLength"));
    assert_int_equal(grammar_of_schema(&g, schema, NULL, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, "/properties/a/minLength"));
    js_close(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiling_has_an_end),
        cmocka_unit_test(refusals_name_the_place),
        cmocka_unit_test(bad_gbnf_is_refused),
        cmocka_unit_test(positions_survive_compaction),
        cmocka_unit_test(modes_differ),
        cmocka_unit_test(multiples_are_excluded),
        cmocka_unit_test(skips_are_named),
        cmocka_unit_test(monsters_are_refused),
        cmocka_unit_test(distinct_items_never_get_stuck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
