/* tojson: Python's json.dumps with ensure_ascii, indent, separators and sort_keys. */
#include "text/jinja_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct json_style {
    bool ascii, sort, has_indent;
    struct jval indent, item, key; /* strings */
};

static void write_value(struct jrun *r, const struct json_style *st, const struct jval *v,
                        size_t depth);

static void write_escape(struct jrun *r, uint32_t c)
{
    static const char from[] = "\"\\\n\r\t\f\b", to[] = "\"\\nrtfb";
    const char *p = c && c < 0x80 ? strchr(from, (int)c) : NULL;
    char text[16];
    int n;

    if (p)
        n = snprintf(text, sizeof(text), "\\%c", to[p - from]);
    else if (c < 0x10000)
        n = snprintf(text, sizeof(text), "\\u%04x", c);
    else
        n = snprintf(text, sizeof(text), "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                     0xDC00 + ((c - 0x10000) & 0x3FF));
    jr_write(r, text, (size_t)n);
}

static void write_string(struct jrun *r, const struct json_style *st, const struct jval *v)
{
    size_t plain = 0, i = 0;

    jr_write(r, "\"", 1);
    while (i < v->len && !r->rc) {
        size_t from = i;
        uint32_t c = jchar_next(v->u.s, v->len, &i);

        if (c >= 0x20 && c != '"' && c != '\\' && !(st->ascii && c > 0x7F))
            continue;
        jr_write(r, v->u.s + plain, from - plain);
        write_escape(r, c);
        plain = i;
    }
    jr_write(r, v->u.s + plain, v->len - plain);
    jr_write(r, "\"", 1);
}

static void write_float(struct jrun *r, double f)
{
    char text[40];
    size_t n = jfloat_text(f, text);

    if (isnan(f))
        jr_write(r, "NaN", 3);
    else if (isinf(f))
        jr_write(r, f < 0 ? "-Infinity" : "Infinity", f < 0 ? 9 : 8);
    else
        jr_write(r, text, n);
}

static void new_line(struct jrun *r, const struct json_style *st, size_t depth)
{
    if (!st->has_indent)
        return;
    jr_write(r, "\n", 1);
    for (size_t i = 0; i < depth && !r->rc; i++)
        jr_write(r, st->indent.u.s, st->indent.len);
}

static void write_list(struct jrun *r, const struct json_style *st, const struct jlist *l,
                       size_t depth)
{
    jr_write(r, "[", 1);
    for (size_t i = 0; i < l->n && !r->rc; i++) {
        if (i)
            jr_write(r, st->item.u.s, st->item.len);
        new_line(r, st, depth + 1);
        write_value(r, st, &l->at[i], depth + 1);
    }
    if (l->n)
        new_line(r, st, depth);
    jr_write(r, "]", 1);
}

static void write_key(struct jrun *r, const struct json_style *st, const struct jval *key)
{
    switch (key->kind) {
    case JV_STR:
        write_string(r, st, key);
        return;
    case JV_INT:
    case JV_BIG:
    case JV_FLOAT:
    case JV_BOOL:
    case JV_NONE:
        jr_write(r, "\"", 1);
        write_value(r, st, key, 0);
        jr_write(r, "\"", 1);
        return;
    default:
        jr_fail(r, "keys must be str, int, float, bool or None, not %s", jv_type(key));
    }
}

static void write_dict(struct jrun *r, const struct json_style *st, const struct jdict *d,
                       size_t depth)
{
    struct jpair *order = st->sort ? jr_new(r, d->n, sizeof(*order)) : NULL;

    for (size_t i = 0; order && i < d->n; i++)
        order[i] = (struct jpair){ .key = d->at[i].key, .value = jv_int((int64_t)i) };
    if (order)
        jv_sort(r, order, d->n, false);
    jr_write(r, "{", 1);
    for (size_t i = 0; i < d->n && !r->rc; i++) {
        const struct jpair *p = &d->at[order ? (size_t)order[i].value.u.i : i];

        if (i)
            jr_write(r, st->item.u.s, st->item.len);
        new_line(r, st, depth + 1);
        write_key(r, st, &p->key);
        jr_write(r, st->key.u.s, st->key.len);
        write_value(r, st, &p->value, depth + 1);
    }
    if (d->n)
        new_line(r, st, depth);
    jr_write(r, "}", 1);
}

static void write_value(struct jrun *r, const struct json_style *st, const struct jval *v,
                        size_t depth)
{
    if (!jr_nest(r))
        return;
    switch (v->kind) {
    case JV_NONE:
        jr_write(r, "null", 4);
        break;
    case JV_BOOL:
        jr_write(r, v->u.b ? "true" : "false", v->u.b ? 4 : 5);
        break;
    case JV_INT:
    case JV_BIG:
        jv_write_str(r, v);
        break;
    case JV_FLOAT:
        write_float(r, v->u.f);
        break;
    case JV_STR:
        write_string(r, st, v);
        break;
    case JV_LIST:
    case JV_TUPLE:
        write_list(r, st, v->u.list, depth);
        break;
    case JV_DICT:
        write_dict(r, st, v->u.dict, depth);
        break;
    default:
        jr_fail(r, "Object of type %s is not JSON serializable", jv_type(v));
    }
    jr_unnest(r);
}

static bool read_separators(struct jrun *r, struct json_style *st, const struct jval *v)
{
    const struct jlist *l = v->u.list;

    if (v->kind == JV_UNSET || v->kind == JV_NONE)
        return true;
    if ((v->kind != JV_LIST && v->kind != JV_TUPLE) || l->n != 2 || l->at[0].kind != JV_STR ||
        l->at[1].kind != JV_STR) {
        jr_fail(r, "tojson: separators must be a pair of strings");
        return false;
    }
    st->item = l->at[0];
    st->key = l->at[1];
    return true;
}

/* a: value, ensure_ascii, indent, separators, sort_keys */
struct jval jv_to_json(struct jrun *r, const struct jval *a)
{
    struct json_style st = {
        .ascii = jv_truth(&a[1]), .sort = jv_truth(&a[4]), .item = jv_lit(", "), .key = jv_lit(": ")
    };
    size_t mark = r->out->len;
    int64_t n;

    if (a[2].kind == JV_STR) {
        st.indent = a[2];
        st.has_indent = true;
    } else if (a[2].kind != JV_UNSET && a[2].kind != JV_NONE) {
        if (!jv_to_int(r, &a[2], 0, &n))
            return jv_none();
        st.indent = jv_repeat(r, jv_lit(" "), n);
        st.has_indent = true;
    }
    if (st.has_indent)
        st.item = jv_lit(",");
    if (!read_separators(r, &st, &a[3]))
        return jv_none();
    write_value(r, &st, &a[0], 0);
    return jr_take(r, mark);
}
