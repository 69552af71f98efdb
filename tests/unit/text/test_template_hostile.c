/* Proves: no template can hang, exhaust memory or crash; every error names the line and the
 * construct; a failed rendering leaves the output as it was. */
#include "unit/text/template_rows.h"

#include "base/mem.h"

struct hostile {
    const char *source;
    enum err_code code;
    const char *text; /* what the error says, somewhere */
};

static void check_hostile(const struct hostile *rows, size_t n)
{
    const struct tmpl_limits limits = { .n_step = 3000000, .bytes = 16U << 20 };
    struct js *context;

    assert_int_equal(js_parse(&context, rows_context, strlen(rows_context), NULL), ERR_OK);
    for (size_t i = 0; i < n; i++) {
        struct err e = { 0 };
        struct buf out;

        buf_init(&out, MEM_OTHER, 1U << 30);
        buf_adds(&out, "kept");
        if (render_row(rows[i].source, context, &limits, &out, &e) != rows[i].code ||
            !strstr(e.text, rows[i].text))
            fail_msg("%s: %s", rows[i].source, e.text);
        assert_string_equal(buf_str(&out), "kept");
        buf_finish(&out);
    }
    js_close(context);
}

#define GROW(what) "{% set ns = namespace(v=" what ") %}{% for i in range(99) %}{% set ns.v = "

/* Time, memory and depth end with the limit's name and the line. */
static void test_limits(void **state)
{
    static const struct hostile rows[] = {
        { "{% for i in range(10**9) %}x{% endfor %}", ERR_TEMPLATE, "range too big" },
        { "\n{{ 'a' * 10**9 }}", ERR_LIMIT, "line 2: {{ }}: a repeated string" },
        { "{{ [1] * 10**9 }}", ERR_LIMIT, "memory" },
        { "{{ 2 ** 100000 }}", ERR_LIMIT, "16384 bits" },
        { "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
          ERR_LIMIT, "steps" },
        { GROW("'a'") "ns.v.replace('a', 'aa') %}{% endfor %}", ERR_LIMIT, "line 1" },
        { GROW("'a'") "ns.v ~ ns.v %}{% endfor %}", ERR_LIMIT, "memory" },
        { GROW("[1]") "ns.v + ns.v %}{% endfor %}", ERR_LIMIT, "memory" },
        { GROW("[1]") "[ns.v, ns.v] %}{% endfor %}{{ ns.v }}", ERR_LIMIT, "steps" },
        { GROW("[1]") "[ns.v, ns.v] %}{% endfor %}{{ ns.v | tojson }}", ERR_LIMIT, "steps" },
        { GROW("(1,)") "(ns.v, ns.v) %}{% endfor %}{{ {ns.v: 1} }}", ERR_LIMIT, "steps" },
        { "{% set ns = namespace(v=[1]) %}{% for i in range(9999) %}{% set ns.v = [ns.v] %}"
          "{% endfor %}{{ ns.v }}",
          ERR_LIMIT, "levels deep" },
        { "{% set ns = namespace(v=[1]) %}{% for i in range(9999) %}{% set ns.v = ns.v | "
          "map('abs') "
          "%}{% endfor %}{{ ns.v | list }}",
          ERR_LIMIT, "levels deep" },
        { "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", ERR_LIMIT, "calls nested" },
        { "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", ERR_LIMIT, "calls nested" },
        { "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
          ERR_LIMIT, "line 1" },
        { "{{ '%1000000000d' % 1 }}", ERR_LIMIT, "field" },
        { "{{ '{:1000000000}'.format(1) }}", ERR_LIMIT, "field" },
        { "{{ '%.1000000000f' % 1 }}", ERR_LIMIT, "field" },
        { "{{ 'a'.center(10**10) }}", ERR_LIMIT, "repeated string" },
        { "{{ [1] | tojson(indent=10**10) }}", ERR_LIMIT, "repeated string" },
        { "{{ [1] | batch(10**12, 1) | list }}", ERR_LIMIT, "memory" },
        { "{{ 'a\tb'.expandtabs(10**12) }}", ERR_LIMIT, "repeated string" },
    };

    (void)state;
    check_hostile(rows, COUNT_OF(rows));
}

/* What an error says: line, construct, reason. */
static void test_sentences(void **state)
{
    static const struct hostile rows[] = {
        { "a\n{% for x in missing.y %}{% endfor %}", ERR_TEMPLATE,
          "line 2: {% for %}: 'missing' is undefined" },
        { "{{ d.nokey.x }}", ERR_TEMPLATE,
          "line 1: {{ }}: 'dict object' has no attribute 'nokey'" },
        { "{% if 1 < 'a' %}{% endif %}", ERR_TEMPLATE,
          "line 1: {% if %}: '<' not supported between instances of 'int' and 'str'" },
        { "\n\n{% set x = s + 1 %}", ERR_TEMPLATE,
          "line 3: {% set %}: can only concatenate str (not \"int\") to str" },
        { "{{ l.insert(0, 1) }}", ERR_TEMPLATE,
          "line 1: {{ }}: access to attribute 'insert' of 'list' object is unsafe" },
        { "{{ s.__class__.x }}", ERR_TEMPLATE, "access to attribute '__class__'" },
        { "{% if x %}", ERR_TEMPLATE, "line 1: {% if %}: unexpected end of the template" },
        { "\n{{ 1 | nosuch }}", ERR_TEMPLATE, "line 2: no filter named 'nosuch'" },
        { "{{ 1 is nosuch }}", ERR_TEMPLATE, "line 1: no test named 'nosuch'" },
        { "{% nosuch %}", ERR_TEMPLATE, "line 1: template: encountered unknown tag 'nosuch'" },
        { "{% include 'x' %}", ERR_TEMPLATE, "cannot load other templates" },
        { "{{ 1 + }}", ERR_TEMPLATE, "line 1: {{ }}: expected an expression" },
        { "{{ 'a }}", ERR_TEMPLATE, "line 1: string without its closing quote" },
        { "{{ $ }}", ERR_TEMPLATE, "line 1: unexpected character '$'" },
        { "{{ \xFF }}", ERR_TEMPLATE, "UTF-8" },
    };

    (void)state;
    check_hostile(rows, COUNT_OF(rows));
}

/* raise_exception gives its message and nothing else; a long one is cut at a character. */
static void test_raise(void **state)
{
    struct err e = { 0 };
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 20);
    assert_int_equal(render_row("x{{ raise_exception('only \xC3\xA9') }}", NULL, NULL, &out, &e),
                     ERR_TEMPLATE);
    assert_string_equal(e.text, "only \xC3\xA9");
    assert_int_equal(render_row("{{ raise_exception('\xC3\xA9' * 1000) }}", NULL, NULL, &out, &e),
                     ERR_TEMPLATE);
    assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 2);
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

static enum err_code open_repeated(const char *head, const char *part, size_t n, const char *tail)
{
    struct buf text;
    struct tmpl *t;
    enum err_code rc;

    buf_init(&text, MEM_OTHER, 1U << 24);
    buf_adds(&text, head);
    for (size_t i = 0; i < n; i++)
        buf_adds(&text, part);
    buf_adds(&text, tail);
    rc = tmpl_open(&t, text.data, text.len, NULL);
    tmpl_close(t);
    buf_finish(&text);
    return rc;
}

/* Nesting ends compiling early; long flat chains are fine. */
static void test_depth_of_source(void **state)
{
    const size_t n = 100000;

    (void)state;
    assert_int_equal(open_repeated("{{ ", "(", n, " }}"), ERR_LIMIT);
    assert_int_equal(open_repeated("{{ ", "-", n, "1 }}"), ERR_LIMIT);
    assert_int_equal(open_repeated("{{ ", "not ", n, "1 }}"), ERR_LIMIT);
    assert_int_equal(open_repeated("{{ a", ".a", n, " }}"), ERR_LIMIT);
    assert_int_equal(open_repeated("{{ a", " | e", n, " }}"), ERR_LIMIT);
    assert_int_equal(open_repeated("", "{% if 1 %}", n, ""), ERR_LIMIT);
    assert_int_equal(open_repeated("{{ 1", " + 1", n, " }}"), ERR_OK);
    assert_int_equal(open_repeated("{{ 1", " ~ 1", n, " }}"), ERR_OK);
    assert_int_equal(open_repeated("{% if 1 %}", "{% elif 1 %}", n, "{% endif %}"), ERR_OK);
    assert_int_equal(open_repeated("", "a", TMPL_SOURCE_BYTES_MAX + 1, ""), ERR_LIMIT);
}

/* The caller's own limits hold. */
static void test_own_limits(void **state)
{
    static const char source[] = "{% macro f(n) %}{{ f(n - 1) if n }}{% endmacro %}{{ f(20) }}"
                                 "{% for i in range(1000) %}{{ i ~ 'text' }}{% endfor %}";
    const struct tmpl_limits fine = { .n_step = 20000, .bytes = 1U << 20, .n_depth = 25 };
    struct tmpl_limits few;
    struct tmpl *t;
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 20);
    assert_int_equal(tmpl_open(&t, source, strlen(source), NULL), ERR_OK);
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &fine, &out, NULL), ERR_OK);
    few = fine;
    few.n_step = 1000;
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &few, &out, NULL), ERR_LIMIT);
    few = fine;
    few.bytes = 4000;
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &few, &out, NULL), ERR_LIMIT);
    few = fine;
    few.n_depth = 15;
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &few, &out, NULL), ERR_LIMIT);
    tmpl_close(t);
    buf_finish(&out);
}

static bool is_third(void *arg)
{
    return ++*(uint32_t *)arg == 3;
}

/* Who renders asks every few thousand steps whether the text is still wanted, and gives up. */
static void test_given_up(void **state)
{
    static const char source[] = "a{% for i in range(1000) %}{% for j in range(1000) %}{{ i * j }}"
                                 "{% endfor %}{% endfor %}";
    uint32_t n_asked = 0;
    const struct stop_ask stop = { is_third, &n_asked };
    const struct tmpl_limits fine = { .stop = &stop };
    struct tmpl *t;
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 24);
    assert_int_equal(tmpl_open(&t, source, strlen(source), NULL), ERR_OK);
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &fine, &out, NULL), ERR_CANCELLED);
    assert_int_equal(out.len, 0);
    assert_int_equal(n_asked, 3);
    tmpl_close(t);
    buf_finish(&out);
}

/* However deep the caller would allow it, nesting ends before the stack does. */
static void test_deepest(void **state)
{
    static const char *const sources[] = {
        "{% macro f() %}{% for x in [1] %}{% if x %}{{ ((f() | upper) ~ 'x')[1:] }}{% endif %}"
        "{% endfor %}{% endmacro %}{{ f() }}",
        "{% set ns = namespace(v=[1]) %}{% for i in range(9999) %}"
        "{% set ns.v = ns.v | map('abs') | select %}{% endfor %}{{ ns.v | list }}",
        "{% set ns = namespace(v=[1]) %}{% for i in range(9999) %}{% set ns.v = {'a': ns.v} %}"
        "{% endfor %}{{ ns.v | tojson(indent=1) }}",
    };
    const struct tmpl_limits deep = { .n_depth = UINT32_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        struct buf out;

        buf_init(&out, MEM_OTHER, 1U << 28);
        assert_int_equal(render_row(sources[i], NULL, &deep, &out, NULL), ERR_LIMIT);
        buf_finish(&out);
    }
}

/* Memory may run out anywhere: an error, no leak, no crash. */
static void test_out_of_memory(void **state)
{
    static const char source[] = "{% macro f(x) %}{{ x | upper }}{% endmacro %}{% for m in m %}{{ "
                                 "f(m.role) }}{{ m | tojson }}"
                                 "{% set q = ld | sort(attribute='v') | map(attribute='n') | join "
                                 "%}{{ q * 9000 }}{% endfor %}";
    struct js *context;
    enum err_code rc = ERR_OOM;

    (void)state;
    assert_int_equal(js_parse(&context, rows_context, strlen(rows_context), NULL), ERR_OK);
    for (uint64_t i = 1; rc && i < 200; i++) {
        struct buf out;

        buf_init(&out, MEM_OTHER, 1U << 20);
        mem_fail_at(i, 1);
        rc = render_row(source, context, NULL, &out, NULL);
        mem_fail_at(0, 0);
        assert_true(rc == ERR_OK || rc == ERR_OOM || rc == ERR_LIMIT);
        buf_finish(&out);
    }
    assert_int_equal(rc, ERR_OK);
    js_close(context);
}

/* Ten thousand messages, gathered by concatenation, stay linear. */
static void test_long_conversation(void **state)
{
    static const char source[] = "{% set ns = namespace(s='', l=[]) %}{% for i in range(10000) %}"
                                 "{% set ns.s = ns.s + '<|user|>' + i | string + 'word ' * 40 %}"
                                 "{% set ns.l = ns.l + [i] %}{% endfor %}"
                                 "{{ ns.s | length }} {{ ns.l | length }}";
    const struct tmpl_limits tight = { .n_step = 2000000, .bytes = 64U << 20 };
    struct tmpl *t;
    struct buf out;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 20);
    assert_int_equal(tmpl_open(&t, source, strlen(source), NULL), ERR_OK);
    assert_int_equal(tmpl_render(t, NULL, 0, 0, &tight, &out, NULL), ERR_OK);
    assert_string_equal(buf_str(&out), "2118890 10000");
    tmpl_close(t);
    buf_finish(&out);
}

/* The clock and the zone are the caller's. */
static void test_clock(void **state)
{
    static const struct {
        int64_t now;
        int32_t zone;
        const char *expected;
    } rows[] = {
        { 0, 0, "1970-01-01 00:00:00 Thu 001 W01 1970" },
        { 0, -3600, "1969-12-31 23:00:00 Wed 365 W01 1970" },
        { 951782400, 0, "2000-02-29 00:00:00 Tue 060 W09 2000" },
        { 1609459199, 7200, "2021-01-01 01:59:59 Fri 001 W53 2020" },
        { -1, 0, "1969-12-31 23:59:59 Wed 365 W01 1970" },
        { 4102444800, 0, "2100-01-01 00:00:00 Fri 001 W53 2099" },
    };
    static const char source[] = "{{ strftime_now('%Y-%m-%d %H:%M:%S %a %j W%V %G') }}";
    struct tmpl *t;
    struct buf out;

    (void)state;
    assert_int_equal(tmpl_open(&t, source, strlen(source), NULL), ERR_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_init(&out, MEM_OTHER, 4096);
        assert_int_equal(tmpl_render(t, NULL, rows[i].now, rows[i].zone, NULL, &out, NULL), ERR_OK);
        assert_string_equal(buf_str(&out), rows[i].expected);
        buf_finish(&out);
    }
    tmpl_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_raise),
        cmocka_unit_test(test_depth_of_source),
        cmocka_unit_test(test_own_limits),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_deepest),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_long_conversation),
        cmocka_unit_test(test_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
