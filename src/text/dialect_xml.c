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

/* Types of JSON by the first character of a value, and by name. */
static const struct {
    const char *name, *first;
    uint8_t bit;
} types[] = {
    { "string", "\"", 1 },
    { "number", "-0123456789", 2 },
    { "integer", "-0123456789", 2 },
    { "boolean", "tf", 4 },
    { "null", "n", 8 },
    { "object", "{", 16 },
    { "array", "[", 32 },
};
#define TYPE_STRING  1U
#define TYPE_UNKNOWN 128U

static unsigned type_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].bit;
    return TYPE_UNKNOWN;
}

static unsigned type_of_value(const struct js *v)
{
    static const uint8_t bits[] = { [JS_NULL] = 8, [JS_BOOL] = 4, [JS_INT] = 2, [JS_REAL] = 2,
                                    [JS_STR] = 1,  [JS_ARR] = 32, [JS_OBJ] = 16 };

    return bits[js_kind(v)];
}

/* Bits of the types that a schema allows; UNKNOWN among them where it does not say so plainly. */
static unsigned types_of(const struct js *schema)
{
    static const char *const groups[] = { "anyOf", "oneOf" };
    const struct js *type = js_get(schema, "type"), *values = js_get(schema, "enum");
    unsigned bits = 0;

    if (js_kind(type) == JS_STR)
        return type_named(js_str(type, NULL));
    for (size_t i = 0; i < js_len(type); i++)
        bits |= type_named(js_str(js_at(type, i), NULL));
    for (size_t i = 0; !bits && i < js_len(values); i++)
        bits |= type_of_value(js_at(values, i));
    if (!bits && js_get(schema, "const"))
        bits = type_of_value(js_get(schema, "const"));
    for (unsigned g = 0; g < 2 && !bits; g++) {
        const struct js *list = js_get(schema, groups[g]);

        for (size_t i = 0; i < js_len(list); i++) {
            const struct js *one = js_get(js_at(list, i), "type");

            bits |= js_kind(one) == JS_STR ? type_named(js_str(one, NULL)) : TYPE_UNKNOWN;
        }
    }
    return bits ? bits : TYPE_UNKNOWN;
}

char ds_schema_type(const struct js *schema)
{
    unsigned bits = types_of(schema);

    return bits == TYPE_STRING                                    ? 's'
           : (bits & (TYPE_STRING | TYPE_UNKNOWN)) == TYPE_STRING ? 'u'
                                                                  : 'j';
}

/* Text that may be JSON of one of the types beside text. */
bool ds_union_is_json(const struct js *schema, const char *text, size_t len)
{
    unsigned bits = types_of(schema) & ~TYPE_STRING;

    if (!len || !text[0] || !jscan_is_value(text, len))
        return false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if ((types[i].bit & bits) && strchr(types[i].first, text[0]))
            return true;
    return false;
}

char ds_param_type(const struct js *props, const char *key)
{
    const struct js *prop = js_get(props, key);

    return prop ? ds_schema_type(prop) : 's';
}

static void put(struct dialect_stream *s, const char *text)
{
    ds_emit(s, DIALECT_CALL_ARGS, text, strlen(text));
}

static void put_buf(struct dialect_stream *s, struct buf *json)
{
    s->failed = s->failed || json->failed;
    ds_emit(s, DIALECT_CALL_ARGS, buf_str(json), json->len);
    buf_finish(json);
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
    s->val_begun = s->val_nl = s->val_lines = s->cdata = false;
    s->mode = DS_VAL;
    if (s->val_quote == 's')
        put(s, "\"");
}

/* Where parameters are elements, the ends of the call and the section look like one at first. */
static bool ends_elements(struct dialect_stream *s)
{
    const struct dialect_row *r = s->row;
    const char *const ends[] = { r->call_end, r->close };

    for (unsigned i = 0; i < 2; i++) {
        const char *end = ends[i];
        size_t n = strlen(r->arg), key = s->header.len;

        if (strncmp(end, r->arg, n) != 0 || strncmp(end + n, s->header.data, key) != 0 ||
            strcmp(end + n + key, r->key_end) != 0)
            continue;
        finish_call(s);
        if (i == 0)
            ds_after_call(s);
        else
            ds_leave(s);
        return true;
    }
    return false;
}

/* The mark that ends the element's value. */
static bool mark_value(struct dialect_stream *s)
{
    size_t n = strlen(s->row->val_end), key = s->header.len;

    if (s->header.data[0] == '/' || n + key + 2 > sizeof(s->val_mark))
        return false;
    memcpy(s->val_mark, s->row->val_end, n);
    memcpy(s->val_mark + n, s->header.data, key);
    memcpy(s->val_mark + n + key, ">", 2);
    s->val_depth = 0;
    s->val_scanned = 0;
    return true;
}

static void key_byte(struct dialect_stream *s, char c)
{
    const char *end = s->row->key_end;
    size_t n = strlen(end);
    bool elements = s->row->flags & DIALECT_ELEMENTS;
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
    if (elements && ends_elements(s))
        return;
    if (!s->header.len || strpbrk(s->header.data, "<>\n") || (elements && !mark_value(s))) {
        ds_fail(s);
        return;
    }
    buf_init(&json, MEM_REQUEST, 8 * HEADER_MAX);
    (void)buf_adds(&json, s->any_arg ? ", " : "{");
    jsonw_quote(&json, s->header.data, s->header.len);
    (void)buf_adds(&json, ": ");
    put_buf(s, &json);
    s->any_arg = true;
    s->val_quote = ds_param_type(s->props, s->header.data);
    if (elements && !js_get(s->props, s->header.data))
        s->val_quote = 'e';
    if (s->row->val || s->row->types[0])
        s->mode = DS_VAL_AT;
    else
        value_begin(s);
}

/* Before a value: its own opening mark, or an attribute that says its type. */
static void value_at(struct dialect_stream *s, char c)
{
    const struct dialect_row *r = s->row;
    unsigned which;
    enum match m = r->val ? ds_expect(s, c, &r->val, 1, &which)
                          : ds_expect(s, c, r->types, DIALECT_TYPES, &which);

    if (m == MATCH_NO)
        ds_fail(s);
    if (m != MATCH_FULL)
        return;
    if (!r->val)
        s->val_quote = which == 0 ? 's' : 'j';
    value_begin(s);
}

static void put_value_char(struct dialect_stream *s, char c)
{
    if (s->val_quote == 's')
        ds_put_char(s, c);
    else
        (void)buf_addc(&s->args, c);
}

static void value_char(struct dialect_stream *s, char c)
{
    bool first = !s->val_begun;

    s->val_begun = true;
    if (s->row->flags & DIALECT_TRIM_LINES) {
        if (first && c == '\n') {
            s->val_lines = true;
            return;
        }
        if (s->val_nl)
            put_value_char(s, '\n');
        s->val_nl = c == '\n';
        if (s->val_nl)
            return;
    }
    put_value_char(s, c);
}

/* An element of the same name within the value has ended, not the value. */
static bool ends_inner(struct dialect_stream *s)
{
    size_t n = strlen(s->row->arg), m = s->header.len + 1;
    const char *name = s->val_mark + strlen(s->row->val_end); /* and its ">" */

    for (size_t i = s->val_scanned; i + n + m <= s->args.len; i++)
        if (memcmp(s->args.data + i, s->row->arg, n) == 0 &&
            memcmp(s->args.data + i + n, name, m) == 0)
            s->val_depth++;
    if (!s->val_depth)
        return false;
    s->val_depth--;
    (void)buf_adds(&s->args, s->val_mark);
    s->val_scanned = s->args.len;
    return true;
}

static void tree_end(struct dialect_stream *s)
{
    struct buf json;

    s->mode = DS_PARAM;
    buf_init(&json, MEM_REQUEST, 8 * (size_t)DIALECT_CALL_MAX);
    if (ds_tree_json(&json, s->row, buf_str(&s->args), s->args.len,
                     js_get(s->props, s->header.data))) {
        put_buf(s, &json);
        return;
    }
    s->failed = s->failed || json.failed;
    buf_finish(&json);
    ds_fail(s);
}

static void value_end(struct dialect_stream *s)
{
    const struct js *schema;
    struct buf json;
    const char *v;
    size_t len;

    s->mode = DS_PARAM;
    if (s->val_nl && !s->val_lines) /* a line break at one end only is the value's */
        put_value_char(s, '\n');
    v = buf_str(&s->args);
    len = s->args.len;
    if (s->val_quote == 's') {
        put(s, "\"");
        return;
    }
    if (s->row->flags & DIALECT_ELEMENTS) {
        tree_end(s);
        return;
    }
    while (len && ds_is_blank(*v)) {
        v++;
        len--;
    }
    while (len && ds_is_blank(v[len - 1]))
        len--;
    schema = js_get(s->props, buf_str(&s->header));
    if (s->val_quote == 'u' ? ds_union_is_json(schema, v, len) : jscan_is_value(v, len)) {
        ds_emit(s, DIALECT_CALL_ARGS, v, len);
        return;
    }
    buf_init(&json, MEM_REQUEST, 8 * (size_t)DIALECT_CALL_MAX);
    if (s->val_quote == 'u') {
        jsonw_quote(&json, buf_str(&s->args), s->args.len);
    } else if (!ds_literal_json(&json, v, len)) {
        buf_clear(&json);
        jsonw_quote(&json, v, len);
    }
    put_buf(s, &json);
}

static void value_byte(struct dialect_stream *s, char c)
{
    char held[HOLD_MAX];
    uint32_t rest;
    unsigned which;
    bool elements = s->row->flags & DIALECT_ELEMENTS;
    const char *const marks[] = { s->cdata   ? "]]>"
                                  : elements ? s->val_mark
                                             : s->row->val_end,
                                  s->val_begun || elements ? NULL : "<![CDATA[" };
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
        } else if (!elements || s->val_quote == 's' || !ends_inner(s)) {
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
