/* Proves: the JSON door is strict, keeps order, and what the writer prints the reader gives back.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/jsonw.h"

static struct js *parsed(const char *text)
{
    struct err e = { 0 };
    struct js *v;

    if (js_parse(&v, text, strlen(text), &e))
        fail_msg("%s", e.text);
    return v;
}

/* Proves: every kind of value is told apart and read exactly; absent things are harmless. */
static void reads_every_kind(void **state)
{
    struct js *v = parsed("{\"n\":null,\"b\":true,\"i\":-9007199254740993,\"r\":0.5,"
                          "\"s\":\"\\u00e4\\u0000x\",\"a\":[1,2],\"o\":{}}");
    size_t len;

    (void)state;
    assert_int_equal(js_kind(js_get(v, "n")), JS_NULL);
    assert_true(js_bool(js_get(v, "b")));
    assert_true(js_int(js_get(v, "i")) == -9007199254740993);
    assert_true(js_num(js_get(v, "r")) == 0.5);
    assert_memory_equal(js_str(js_get(v, "s"), &len), "\xC3\xA4\0x", 5);
    assert_int_equal(len, 4);
    assert_int_equal(js_len(js_get(v, "a")), 2);
    assert_int_equal(js_int(js_at(js_get(v, "a"), 1)), 2);
    assert_null(js_at(js_get(v, "a"), 2));
    assert_int_equal(js_kind(js_get(v, "o")), JS_OBJ);
    assert_int_equal(js_len(v), 7);
    assert_null(js_get(v, "absent"));
    assert_null(js_get(NULL, "x"));
    assert_null(js_str(js_get(v, "i"), &len));
    assert_int_equal(js_int(js_get(v, "s")), 0);
    js_close(v);
    js_close(NULL);
}

/* Proves: members come in the order of the text. */
static void keeps_key_order(void **state)
{
    struct js *v = parsed("{\"z\":1,\"a\":2,\"m\":3,\"b\":4}");
    char order[5] = "";
    size_t n = 0, len;

    (void)state;
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        assert_int_equal(js_int(js_value(it)), n + 1);
        order[n++] = js_key(it, &len)[0];
        assert_int_equal(len, 1);
    }
    assert_string_equal(order, "zamb");
    js_close(v);
}

/* Proves: what RFC 8259 forbids or leaves open is refused with a place. */
static void refuses_what_is_not_strict(void **state)
{
    static const char *const bad[] = {
        "",          "{",         "[1,]",         "{\"a\":1,\"a\":2}",
        "nul",       "01",        "1.",           "NaN",
        "Infinity",  "'a'",       "\"\t\"",       "\"\\ud800\"",
        "[1] x",     "\"\xFF\"",  "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
        "{\"a\" 1}", "1e400",     "[1 2]",        "\xEF\xBB\xBF{}",
        "{a:1}",     "\"unended", "/* */ 1",      "-",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err e = { 0 };
        struct js *v;

        if (js_parse(&v, bad[i], strlen(bad[i]), &e) != ERR_FORMAT)
            fail_msg("accepted: %s", bad[i]);
        assert_null(v);
        assert_non_null(strstr(e.text, "line"));
    }
}

/* Proves: nesting is bounded, so that hostile text cannot exhaust the stack. */
static void nesting_is_bounded(void **state)
{
    static char deep[200000];
    struct js *v;

    (void)state;
    memset(deep, '[', sizeof(deep));
    assert_int_equal(js_parse(&v, deep, sizeof(deep), NULL), ERR_FORMAT);
    assert_null(v);
}

/* Proves: a text whose tree would take a hundred times its size is refused before it is built; one
 * that is only long, or that speaks of brackets in a string, is not. */
static void trees_are_bounded(void **state)
{
    const size_t n = JS_TREE_BYTES_MAX / 200;
    char *text = malloc(3 * n + 8);
    struct err e = { 0 };
    struct js *v;

    (void)state;
    assert_non_null(text);
    for (int quoted = 0; quoted < 2; quoted++) {
        size_t len = 0;

        text[len++] = '[';
        if (quoted)
            text[len++] = '"';
        for (size_t i = 0; i < n; i++, len += 3)
            memcpy(text + len, i + 1 < n ? "{}," : "{} ", 3);
        if (quoted)
            text[len++] = '"';
        text[len++] = ']';
        assert_int_equal(js_parse(&v, text, len, &e), quoted ? ERR_OK : ERR_LIMIT);
        assert_int_equal(js_len(v), quoted);
        js_close(v);
    }
    free(text);
}

/* Proves: the writer places commas, escapes what must be escaped, and repairs invalid UTF-8. */
static void writes_valid_text(void **state)
{
    struct jsonw w;
    struct buf b;

    (void)state;
    buf_init(&b, MEM_OTHER, 4096);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "a");
    jsonw_arr(&w);
    jsonw_int(&w, INT64_MIN);
    jsonw_uint(&w, UINT64_MAX);
    jsonw_bool(&w, false);
    jsonw_null(&w);
    jsonw_num(&w, (double)NAN);
    jsonw_fixed(&w, 1.0 / 3.0, 2);
    jsonw_fixed(&w, (double)INFINITY, 2);
    jsonw_arr_end(&w);
    jsonw_key(&w, "\"\\\n");
    jsonw_strn(&w, "\x01\x0B\x7F\b\f\xFFz\0", 8);
    jsonw_key(&w, "r");
    jsonw_raw(&w, "{}", 2);
    jsonw_key(&w, "o");
    jsonw_obj(&w);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    assert_string_equal(
        buf_str(&b),
        "{\"a\":[-9223372036854775808,18446744073709551615,false,null,null,0.33,null],"
        "\"\\\"\\\\\\n\":\"\\u0001\\u000b\x7F\\b\\f\xEF\xBF\xBDz\\u0000\",\"r\":{},\"o\":{}}");
    buf_finish(&b);
}

/* Proves: every double that is printed reads back as the same double. */
static void numbers_survive(void **state)
{
    static const double values[] = { 0.0,
                                     -0.0,
                                     1.0,
                                     0.1,
                                     1.0 / 3.0,
                                     1e22,
                                     1e-300,
                                     5e-324,
                                     1e308,
                                     123456.0,
                                     2.5e-8,
                                     1e15,
                                     -1e16,
                                     3.14159265358979,
                                     4503599627370497.5 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct jsonw w;
        struct buf b;
        struct js *v;

        buf_init(&b, MEM_OTHER, 64);
        jsonw_init(&w, &b);
        jsonw_num(&w, values[i]);
        v = parsed(buf_str(&b));
        assert_true(js_is_num(v));
        assert_true(js_num(v) == values[i]);
        js_close(v);
        buf_finish(&b);
    }
}

/* Proves: any bytes that are valid UTF-8 survive quoting and parsing, NUL and controls included. */
static void strings_survive(void **state)
{
    char text[300];
    size_t n = 0, len;
    struct buf b;
    struct js *v;

    (void)state;
    for (int c = 0; c < 128; c++)
        text[n++] = (char)c;
    memcpy(text + n, "\xC3\xA4\xE2\x80\xA8\xF0\x9F\x98\x80", 9);
    n += 9;
    buf_init(&b, MEM_OTHER, 4096);
    jsonw_quote(&b, text, n);
    assert_int_equal(js_parse(&v, b.data, b.len, NULL), ERR_OK);
    assert_memory_equal(js_str(v, &len), text, n);
    assert_int_equal(len, n);
    js_close(v);
    buf_finish(&b);
}

/* Proves: whichever allocation is refused while a text is parsed, once or all from then on, the
 * outcome is the same value or ERR_OOM: no byte of a string is lost, nothing ends the process. */
static void memory_may_run_out(void **state)
{
    static const char *const plain[] = {
        "[]", "{\"a\":[1,2.5,true,null,\"x\"]}",
        "\"a \\\"long\\\" \\u00e4\\n\\t\\\\ string of parts\"", "123456789012345678",
        "{\"key \\\\ \\u0041 and more and more and more\":-1.25e100}"
    };
    struct buf text, many;

    (void)state;
    buf_init(&text, MEM_REQUEST, 1U << 22);
    buf_init(&many, MEM_REQUEST, 1U << 22);
    (void)buf_addc(&many, '[');
    for (int i = 0; i < 500; i++) /* more than one piece, and a token larger than several */
        (void)buf_addf(&many, "{\"k\":[%d,\"%0*d\\n\"]},", i, i % 97 == 0 ? 9000 : i, i);
    (void)buf_adds(&many, "\"\"]");
    for (size_t k = 0; k <= COUNT_OF(plain); k++) {
        const char *s = k < COUNT_OF(plain) ? plain[k] : buf_str(&many);
        uint64_t n_refused = 0;
        struct js *whole = parsed(s);
        bool is_over = false;
        struct buf right;

        buf_init(&right, MEM_REQUEST, 1U << 22);
        assert_true(js_write(whole, &right));
        js_close(whole);
        for (uint64_t n = 1; !is_over; n += 1 + n / 100) {
            struct js *v = NULL;
            enum err_code rc;

            (void)mem_fail_at(n, (int)(n % 2));
            rc = js_parse(&v, s, strlen(s), NULL);
            is_over = mem_fail_at(0, 0) < n;
            n_refused += rc != ERR_OK;
            assert_true(rc == ERR_OK || rc == ERR_OOM);
            if (rc)
                continue;
            buf_clear(&text);
            assert_true(js_write(v, &text));
            assert_int_equal(text.len, right.len);
            assert_memory_equal(text.data, right.data, text.len);
            js_close(v);
        }
        assert_true(n_refused > 2);
        buf_finish(&right);
    }
    buf_finish(&text);
    buf_finish(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(keeps_key_order),
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(trees_are_bounded),
        cmocka_unit_test(writes_valid_text),
        cmocka_unit_test(numbers_survive),
        cmocka_unit_test(strings_survive),
        cmocka_unit_test(memory_may_run_out),
    };

    js_init();

    return cmocka_run_group_tests(tests, NULL, NULL);
}
