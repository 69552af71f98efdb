/* Proves: every stored chat template renders as jinja2 does, byte for byte, and fails where it
 * fails, with the template's own message where it raises one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonw.h"
#include "support/fixtures.h"
#include "text/template.h"

#define SET "chat-templates"

struct score {
    unsigned n, n_ok, n_lenient;
};

/* "2026-09-15T12:34:56" as seconds since 1970. */
static int64_t read_clock(const struct js *v)
{
    int y = 0, mon = 0, d = 0, h = 0, min = 0, s = 0;
    int64_t days = 0;

    assert_int_equal(sscanf(js_str(v, NULL), "%d-%d-%dT%d:%d:%d", &y, &mon, &d, &h, &min, &s), 6);
    for (int i = 1970; i < y; i++)
        days += i % 4 == 0 && (i % 100 != 0 || i % 400 == 0) ? 366 : 365;
    for (int i = 1; i < mon; i++)
        days += i == 2 ? (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 29 : 28)
                       : (i == 4 || i == 6 || i == 9 || i == 11 ? 30 : 31);
    return (days + d - 1) * 86400 + h * 3600 + min * 60 + s;
}

static void show(const char *what, const char *s, size_t len, size_t from)
{
    from = from > 60 ? from - 60 : 0;
    printf("    %s: ...%.*s\n", what, (int)(len - from > 160 ? 160 : len - from), s + from);
}

static bool same_text(const char *id, const struct js *expected, const struct buf *out)
{
    size_t len, i = 0;
    const char *s = js_str(expected, &len);

    if (out->len == len && memcmp(buf_str(out), s, len) == 0)
        return true;
    while (i < len && i < out->len && s[i] == out->data[i])
        i++;
    printf("  %s: differs at byte %zu of %zu (got %zu)\n", id, i, len, out->len);
    show("expected", s, len, i);
    show("got", buf_str(out), out->len, i);
    return false;
}

/* One case: what came out, against `expected` or `error`. */
static void judge(const char *id, const struct js *c, enum err_code rc, const struct buf *out,
                  const struct err *e, struct score *score)
{
    const struct js *error = js_get(c, "error");
    const char *message = js_str(js_get(error, "message"), NULL);
    bool ok;

    score->n++;
    if (!error) {
        ok = rc == ERR_OK && same_text(id, js_get(c, "expected"), out);
        if (rc)
            printf("  %s: failed: %s\n", id, e->text);
    } else if (strcmp(js_str(js_get(error, "kind"), NULL), "raise") == 0) {
        ok = rc == ERR_TEMPLATE && strcmp(e->text, message) == 0;
        if (!ok)
            printf("  %s: expected to raise '%s', got '%s'\n", id, message, rc ? e->text : "text");
    } else {
        ok = true; /* being more lenient than Python is allowed here, but worth a line */
        score->n_lenient += rc == ERR_OK;
        if (!rc)
            printf("  %s: renders, jinja2 fails: %s\n", id, message);
    }
    score->n_ok += ok;
}

static void run_case(const char *id, const struct js *source, const struct js *c, int64_t now,
                     struct score *score)
{
    struct err e = { 0 };
    struct tmpl *t = NULL;
    struct buf out;
    size_t len;
    const char *s = js_str(source, &len);
    enum err_code rc = tmpl_open(&t, s, len, &e);

    buf_init(&out, MEM_OTHER, 1U << 28);
    if (!rc)
        rc = tmpl_render(t, js_get(c, "context"), now, 0, NULL, &out, &e);
    judge(id, c, rc, &out, &e, score);
    buf_finish(&out);
    tmpl_close(t);
}

/* The template's file, wrapped as a JSON string, so that it reads like the unit cases. */
static struct js *read_source(const char *name)
{
    struct buf text = fixture_read(SET, name), json;
    struct js *v = NULL;

    buf_init(&json, MEM_OTHER, 1U << 26);
    jsonw_quote(&json, buf_str(&text), text.len);
    assert_int_equal(js_parse(&v, json.data, json.len, NULL), ERR_OK);
    buf_finish(&json);
    buf_finish(&text);
    return v;
}

static void run_template(const char *name, struct score *score)
{
    char file[256], id[512];
    struct js *root, *source;
    const struct js *cases;

    snprintf(file, sizeof(file), "%s.cases.json", name);
    root = fixture_json(SET, file);
    snprintf(file, sizeof(file), "%s.jinja", name);
    source = read_source(file);
    cases = js_get(root, "cases");
    for (size_t i = 0; i < js_len(cases); i++) {
        const struct js *c = js_at(cases, i);

        snprintf(id, sizeof(id), "%s / %s", name, js_str(js_get(c, "name"), NULL));
        run_case(id, source, c, read_clock(js_get(root, "now")), score);
    }
    js_close(source);
    js_close(root);
}

/* All templates with all their conversations. */
static void test_templates(void **state)
{
    struct score score = { 0 };
    struct js *index;
    const struct js *list;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    list = js_get(index, "templates");
    for (size_t i = 0; i < js_len(list); i++)
        run_template(js_str(js_get(js_at(list, i), "name"), NULL), &score);
    printf("templates: %u of %u cases, %u more lenient\n", score.n_ok, score.n, score.n_lenient);
    js_close(index);
    assert_int_equal(score.n_ok, score.n);
    assert_true(score.n > 0);
}

/* Small tests of the language itself. */
static void test_units(void **state)
{
    struct score score = { 0 };
    struct js *root;
    const struct js *cases;

    (void)state;
    if (!fixtures_dir())
        skip();
    root = fixture_json(SET, "jinja-unit.json");
    cases = js_get(root, "cases");
    for (size_t i = 0; i < js_len(cases); i++) {
        const struct js *c = js_at(cases, i);
        char id[64];

        snprintf(id, sizeof(id), "unit %lld", (long long)js_int(js_get(c, "id")));
        run_case(id, js_get(c, "template"), c, read_clock(js_get(root, "now")), &score);
    }
    printf("units: %u of %u cases, %u more lenient\n", score.n_ok, score.n, score.n_lenient);
    js_close(root);
    assert_int_equal(score.n_ok, score.n);
    assert_true(score.n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
