/* Calls with one element a parameter. Values are text; they become JSON by the type that the tool's
 * schema gives the parameter, and strings where it gives none. */
#include <string.h>

#include "base/jsonw.h"
#include "text/dialect_int.h"

/* The "properties" of the called function's parameters; NULL: unknown. */
static const struct js *find_props(const struct dialect_stream *s)
{
    for (size_t i = 0; i < js_len(s->p.tools); i++) {
        const struct js *t = js_at(s->p.tools, i), *f = js_get(t, "function");
        const char *name = js_str(js_get(f ? f : t, "name"), NULL);

        if (name && strcmp(name, buf_str(&s->header)) == 0)
            return js_get(js_get(f ? f : t, "parameters"), "properties");
    }
    return NULL;
}

char ds_param_type(const struct js *props, const char *key)
{
    const struct js *prop = js_get(props, key), *type = js_get(prop, "type");
    const char *name = js_str(type, NULL);

    if (!prop)
        return 's';
    if (name)
        return strcmp(name, "string") == 0 ? 's' : 'j';
    for (size_t i = 0; i < js_len(type); i++) {
        name = js_str(js_at(type, i), NULL);
        if (name && strcmp(name, "string") == 0)
            return 's';
    }
    if (type)
        return 'j';
    return js_get(prop, "enum") ? 's' : 'j'; /* anyOf, $ref, … */
}

static void put(struct dialect_stream *s, const char *text)
{
    ds_emit(s, DIALECT_CALL_ARGS, text, strlen(text));
}

void ds_xml_begin(struct dialect_stream *s)
{
    s->props = find_props(s);
    s->any_arg = false;
    s->mode = DS_PARAM;
}

static void finish_call(struct dialect_stream *s)
{
    ds_begin(s);
    put(s, s->any_arg ? "}" : "{}");
    ds_call_whole(s);
}

static void param_byte(struct dialect_stream *s, char c)
{
    const char *const marks[] = { s->row->arg, s->row->call_end, s->row->close };
    unsigned which;
    enum match m = ds_expect(s, c, marks, 3, &which);

    if (m == MATCH_NO) {
        ds_fail(s);
    } else if (m == MATCH_FULL && which == 0) {
        ds_begin(s);
        ds_clear(s, &s->header);
        s->mode = DS_KEY;
    } else if (m == MATCH_FULL) {
        finish_call(s);
        if (which == 1)
            ds_after_call(s);
        else
            ds_leave(s);
    }
}

static void value_begin(struct dialect_stream *s)
{
    ds_clear(s, &s->args);
    s->val_begun = s->val_nl = s->cdata = false;
    s->mode = DS_VAL;
    if (s->val_quote == 's')
        put(s, "\"");
}

static void key_byte(struct dialect_stream *s, char c)
{
    const char *end = s->row->key_end;
    size_t n = strlen(end);
    struct buf json;

    (void)buf_addc(&s->header, c);
    if (s->header.len >= HEADER_MAX) {
        ds_fail(s);
        return;
    }
    if (s->header.len < n || memcmp(s->header.data + s->header.len - n, end, n) != 0)
        return;
    s->header.len -= n;
    s->header.data[s->header.len] = '\0';
    if (!s->header.len || strpbrk(s->header.data, "<>\n")) {
        ds_fail(s);
        return;
    }
    buf_init(&json, MEM_REQUEST, 8 * HEADER_MAX);
    (void)buf_adds(&json, s->any_arg ? ", " : "{");
    jsonw_quote(&json, s->header.data, s->header.len);
    (void)buf_adds(&json, ": ");
    s->failed = s->failed || json.failed;
    ds_emit(s, DIALECT_CALL_ARGS, buf_str(&json), json.len);
    buf_finish(&json);
    s->any_arg = true;
    s->val_quote = ds_param_type(s->props, s->header.data);
    if (s->row->val || strstr(end, "string="))
        s->mode = DS_VAL_AT;
    else
        value_begin(s);
}

/* Before a value: its own opening mark, or an attribute that says its type. */
static void value_at(struct dialect_stream *s, char c)
{
    const char *const marks[] = { s->row->val, s->row->val ? NULL : "true\">",
                                  s->row->val ? NULL : "false\">" };
    unsigned which;
    enum match m = ds_expect(s, c, marks, 3, &which);

    if (m == MATCH_NO)
        ds_fail(s);
    if (m != MATCH_FULL)
        return;
    if (which)
        s->val_quote = which == 1 ? 's' : 'j';
    value_begin(s);
}

static void value_char(struct dialect_stream *s, char c)
{
    bool first = !s->val_begun;

    s->val_begun = true;
    if (s->row->flags & DIALECT_TRIM_LINES) {
        if (first && c == '\n')
            return;
        if (s->val_nl && s->val_quote == 's')
            ds_put_char(s, '\n');
        else if (s->val_nl)
            (void)buf_addc(&s->args, '\n');
        s->val_nl = c == '\n';
        if (s->val_nl)
            return;
    }
    if (s->val_quote == 's')
        ds_put_char(s, c);
    else
        (void)buf_addc(&s->args, c);
}

static void value_end(struct dialect_stream *s)
{
    const char *v = buf_str(&s->args);
    size_t len = s->args.len;
    struct buf json;

    s->mode = DS_PARAM;
    if (s->val_quote == 's') {
        put(s, "\"");
        return;
    }
    while (len && ds_is_blank(*v)) {
        v++;
        len--;
    }
    while (len && ds_is_blank(v[len - 1]))
        len--;
    if (jscan_is_value(v, len)) {
        ds_emit(s, DIALECT_CALL_ARGS, v, len);
        return;
    }
    buf_init(&json, MEM_REQUEST, 8 * (size_t)DIALECT_CALL_MAX);
    jsonw_quote(&json, v, len);
    s->failed = s->failed || json.failed;
    ds_emit(s, DIALECT_CALL_ARGS, buf_str(&json), json.len);
    buf_finish(&json);
}

static void value_byte(struct dialect_stream *s, char c)
{
    char held[HOLD_MAX];
    uint32_t rest;
    unsigned which;
    const char *const marks[] = { s->cdata ? "]]>" : s->row->val_end,
                                  s->val_begun ? NULL : "<![CDATA[" };
    enum match m;

    s->hold[s->n_hold++] = c;
    m = dialect_match(s->hold, s->n_hold, marks, 2, &which);
    if (m == MATCH_PART)
        return;
    if (m == MATCH_FULL) {
        s->n_hold = 0;
        if (which == 1) {
            s->cdata = s->val_begun = true;
        } else if (s->cdata) {
            s->cdata = false;
        } else {
            value_end(s);
        }
        return;
    }
    rest = s->n_hold - 1;
    memcpy(held, s->hold, s->n_hold);
    s->n_hold = 0;
    value_char(s, held[0]);
    for (uint32_t i = 1; i <= rest; i++)
        value_byte(s, held[i]);
}

void ds_xml_byte(struct dialect_stream *s, char c)
{
    switch (s->mode) {
    case DS_PARAM:
        param_byte(s, c);
        break;
    case DS_KEY:
        key_byte(s, c);
        break;
    case DS_VAL_AT:
        value_at(s, c);
        break;
    default:
        value_byte(s, c);
        break;
    }
}
