/* JSON writing. */
#include "base/jsonw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void jsonw_init(struct jsonw *w, struct buf *out)
{
    *w = (struct jsonw){ .out = out };
}

static void before_value(struct jsonw *w)
{
    if (w->_need_comma)
        (void)buf_addc(w->out, ',');
    w->_need_comma = true;
}

static void open_with(struct jsonw *w, char c)
{
    before_value(w);
    (void)buf_addc(w->out, c);
    w->_need_comma = false;
}

static void close_with(struct jsonw *w, char c)
{
    (void)buf_addc(w->out, c);
    w->_need_comma = true;
}

void jsonw_obj(struct jsonw *w)
{
    open_with(w, '{');
}

void jsonw_obj_end(struct jsonw *w)
{
    close_with(w, '}');
}

void jsonw_arr(struct jsonw *w)
{
    open_with(w, '[');
}

void jsonw_arr_end(struct jsonw *w)
{
    close_with(w, ']');
}

void jsonw_key(struct jsonw *w, const char *key)
{
    jsonw_keyn(w, key, strlen(key));
}

void jsonw_keyn(struct jsonw *w, const char *key, size_t len)
{
    jsonw_strn(w, key, len);
    (void)buf_addc(w->out, ':');
    w->_need_comma = false;
}

void jsonw_str(struct jsonw *w, const char *s)
{
    jsonw_strn(w, s, strlen(s));
}

static void escape_control(struct buf *out, unsigned char c)
{
    static const char names[] = "btn?fr"; /* 8 to 13; 11 has no short form */

    if (c >= 8 && c <= 13 && c != 11)
        (void)buf_addf(out, "\\%c", names[c - 8]);
    else
        (void)buf_addf(out, "\\u%04x", c);
}

void jsonw_quote(struct buf *out, const char *s, size_t len)
{
    size_t plain = 0, i = 0;

    (void)buf_addc(out, '"');
    while (i < len) {
        unsigned char c = (unsigned char)s[i];
        uint32_t cp;
        unsigned n = utf8_decode(s + i, len - i, &cp);

        if (n && c >= 0x20 && c != '"' && c != '\\') {
            i += n;
            continue;
        }
        (void)buf_add(out, s + plain, i - plain);
        if (!n)
            (void)buf_adds(out, "\xEF\xBF\xBD");
        else if (c < 0x20)
            escape_control(out, c);
        else
            (void)buf_addf(out, "\\%c", c);
        plain = ++i;
    }
    (void)buf_add(out, s + plain, len - plain);
    (void)buf_addc(out, '"');
}

void jsonw_strn(struct jsonw *w, const char *s, size_t len)
{
    before_value(w);
    jsonw_quote(w->out, s, len);
}

void jsonw_int(struct jsonw *w, int64_t v)
{
    before_value(w);
    (void)buf_addf(w->out, "%lld", (long long)v);
}

void jsonw_uint(struct jsonw *w, uint64_t v)
{
    before_value(w);
    (void)buf_addf(w->out, "%llu", (unsigned long long)v);
}

void jsonw_num(struct jsonw *w, double v)
{
    char text[40];

    before_value(w);
    if (!isfinite(v)) {
        (void)buf_adds(w->out, "null");
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, v);
        if (digits == 17 || strtod(text, NULL) == v)
            break;
    }
    (void)buf_adds(w->out, text);
}

void jsonw_fixed(struct jsonw *w, double v, int decimals)
{
    before_value(w);
    if (isfinite(v))
        (void)buf_addf(w->out, "%.*f", decimals, v);
    else
        (void)buf_adds(w->out, "null");
}

void jsonw_bool(struct jsonw *w, bool v)
{
    before_value(w);
    (void)buf_adds(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
    before_value(w);
    (void)buf_adds(w->out, "null");
}

/* 2.0 stays a real: readers tell the two apart. */
static void write_real(struct jsonw *w, double v)
{
    size_t at = w->out->len;

    jsonw_num(w, v);
    if (!w->out->failed && !strpbrk(w->out->data + at, ".en"))
        (void)buf_adds(w->out, ".0");
}

static void write_object(struct jsonw *w, const struct js *v)
{
    jsonw_obj(w);
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        size_t len;
        const char *key = js_key(it, &len);

        jsonw_keyn(w, key, len);
        jsonw_js(w, js_value(it));
    }
    jsonw_obj_end(w);
}

/* As deep as the parser lets values be. */
void jsonw_js(struct jsonw *w, const struct js *v)
{
    size_t len;
    const char *s;

    switch (js_kind(v)) {
    case JS_NULL:
        jsonw_null(w);
        return;
    case JS_BOOL:
        jsonw_bool(w, js_bool(v));
        return;
    case JS_INT:
        jsonw_int(w, js_int(v));
        return;
    case JS_REAL:
        write_real(w, js_num(v));
        return;
    case JS_STR:
        s = js_str(v, &len);
        jsonw_strn(w, s, len);
        return;
    case JS_ARR:
        jsonw_arr(w);
        for (size_t i = 0; i < js_len(v); i++)
            jsonw_js(w, js_at(v, i));
        jsonw_arr_end(w);
        return;
    case JS_OBJ:
        write_object(w, v);
        return;
    }
}

void jsonw_raw(struct jsonw *w, const char *json, size_t len)
{
    before_value(w);
    (void)buf_add(w->out, json, len);
}
