/* Tables of templates and what they must render to, with one set of variables for all. */
#ifndef TESTS_UNIT_TEXT_TEMPLATE_ROWS_H
#define TESTS_UNIT_TEXT_TEMPLATE_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "text/template.h"

#define ROWS_NOW 1789475696 /* 2026-09-15 12:34:56 */

struct row {
    const char *source, *expected; /* NULL: must fail */
};

static const char rows_context[] =
    "{"
    "\"s\": \"Hello World\", "
    "\"t\": \"  h\\u00e9llo W\\u00f6rld \\u00dfs  \", "
    "\"n\": 7, "
    "\"f\": 2.5, "
    "\"neg\": -3, "
    "\"big\": 123456789012, "
    "\"e\": \"\", "
    "\"z\": 0, "
    "\"b\": true, "
    "\"nb\": false, "
    "\"no\": null, "
    "\"l\": [3, 1, 2], "
    "\"ls\": [\"b\", \"A\", \"c\"], "
    "\"ld\": [{\"n\": \"x\", \"v\": 3, \"k\": {\"d\": 1}}, {\"n\": \"Y\", \"v\": 1, \"k\": {\"d\": "
    "2}}, {\"n\": \"a\", \"v\": 2, \"k\": {\"d\": 1}}], "
    "\"d\": {\"b\": 2, \"A\": 1, \"c\": [1, 2]}, "
    "\"el\": [], "
    "\"ed\": {}, "
    "\"mixed\": [1, \"a\", null, 2.5, true], "
    "\"nest\": [[1, 2], [3, [4, 5]]], "
    "\"html\": \"<b>&'\\\"</b>\", "
    "\"lines\": \"one\\ntwo\\n\\nthree\", "
    "\"m\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": \"assistant\", \"content\": "
    "null}]"
    "}";

/* Compiles and renders one template; the code of whatever failed. */
static inline enum err_code render_row(const char *source, const struct js *context,
                                       const struct tmpl_limits *limits, struct buf *out,
                                       struct err *e)
{
    struct tmpl *t;
    enum err_code rc = tmpl_open(&t, source, strlen(source), e);

    if (!rc)
        rc = tmpl_render(t, context, ROWS_NOW, 0, limits, out, e);
    tmpl_close(t);
    return rc;
}

static inline bool row_ok(const struct row *row, const struct js *context)
{
    struct err e = { 0 };
    struct buf out;
    enum err_code rc;
    bool ok;

    buf_init(&out, MEM_OTHER, 1U << 20);
    rc = render_row(row->source, context, NULL, &out, &e);
    ok = row->expected ? !rc && strcmp(buf_str(&out), row->expected) == 0
                       : rc == ERR_TEMPLATE && strncmp(e.text, "line ", 5) == 0;
    if (rc == ERR_TEMPLATE && strstr(row->source, "raise_exception("))
        ok = row->expected == NULL;
    if (!ok)
        print_error("%s\n  expected: %s\n  got:      %s\n", row->source,
                    row->expected ? row->expected : "an error", rc ? e.text : buf_str(&out));
    buf_finish(&out);
    return ok;
}

/* Fails the running test when any row is wrong; prints each of them. */
static inline void check_rows(const struct row *rows, size_t n)
{
    struct js *context;
    size_t n_bad = 0;

    assert_int_equal(js_parse(&context, rows_context, strlen(rows_context), NULL), ERR_OK);
    for (size_t i = 0; i < n; i++)
        n_bad += !row_ok(&rows[i], context);
    js_close(context);
    assert_int_equal(n_bad, 0);
}

#endif
