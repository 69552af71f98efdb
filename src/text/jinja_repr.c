/* Printing values as Python's str() and repr() do, and escaping for markup. */
#include "text/jinja_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The shortest digits that read back as f, then Python's choice of notation. */
size_t jfloat_text(double f, char text[40])
{
    char digits[32];
    int exp, prec = fabs(f) < 1e-300 ? 1 : 15; /* 15 digits are always right for normal numbers */
    size_t n;

    if (!isfinite(f))
        return (size_t)snprintf(text, 40, "%s", isnan(f) ? "nan" : f < 0 ? "-inf" : "inf");
    do {
        (void)snprintf(digits, sizeof(digits), "%.*e", prec - 1, f);
    } while (prec++ < 17 && strtod(digits, NULL) != f);
    exp = (int)strtol(strchr(digits, 'e') + 1, NULL, 10);
    prec--;
    if (exp < -4 || exp >= 16) {
        size_t end = (size_t)(strchr(digits, 'e') - digits);

        while (digits[end - 1] == '0')
            end--;
        if (digits[end - 1] == '.')
            end--;
        return (size_t)snprintf(text, 40, "%.*se%+03d", (int)end, digits, exp);
    }
    n = (size_t)snprintf(text, 40, "%.*f", prec - 1 - exp > 1 ? prec - 1 - exp : 1, f);
    while (text[n - 1] == '0' && text[n - 2] != '.')
        text[--n] = '\0';
    return n;
}

static void write_float(struct jrun *r, double f)
{
    char text[40];
    size_t n = jfloat_text(f, text);

    jr_write(r, text, n);
}

static void write_lit(struct jrun *r, const char *s)
{
    jr_write(r, s, strlen(s));
}

static void write_code(struct jrun *r, uint32_t c)
{
    char text[16];
    int n = snprintf(text, sizeof(text),
                     c < 0x100     ? "\\x%02x"
                     : c < 0x10000 ? "\\u%04x"
                                   : "\\U%08x",
                     c);

    jr_write(r, text, (size_t)n);
}

static bool write_escape(struct jrun *r, uint32_t c, char quote)
{
    if (c == (uint32_t)quote || c == '\\') {
        char text[2] = { '\\', (char)c };

        jr_write(r, text, 2);
    } else if (c == '\n' || c == '\r' || c == '\t') {
        write_lit(r, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else if (!jchar_is_printable(c)) {
        write_code(r, c);
    } else {
        return false;
    }
    return true;
}

static void repr_str(struct jrun *r, const struct jval *v)
{
    char quote =
        v->len && memchr(v->u.s, '\'', v->len) && !memchr(v->u.s, '"', v->len) ? '"' : '\'';
    size_t plain = 0, i = 0;

    if (v->flag & JF_MARKUP)
        write_lit(r, "Markup(");
    jr_write(r, &quote, 1);
    while (i < v->len && !r->rc) {
        size_t from = i;
        uint32_t c = jchar_next(v->u.s, v->len, &i);

        if (c != (uint32_t)quote && c != '\\' && jchar_is_printable(c))
            continue;
        jr_write(r, v->u.s + plain, from - plain);
        (void)write_escape(r, c, quote);
        plain = i;
    }
    jr_write(r, v->u.s + plain, v->len - plain);
    jr_write(r, &quote, 1);
    if (v->flag & JF_MARKUP)
        write_lit(r, ")");
}

static void repr_list(struct jrun *r, const struct jval *v)
{
    const struct jlist *l = v->u.list;
    bool is_tuple = v->kind == JV_TUPLE;

    write_lit(r, is_tuple ? "(" : "[");
    for (size_t i = 0; i < l->n && !r->rc; i++) {
        if (i)
            write_lit(r, ", ");
        jv_write_repr(r, &l->at[i]);
    }
    write_lit(r, is_tuple ? (l->n == 1 ? ",)" : ")") : "]");
}

static void repr_dict(struct jrun *r, const struct jdict *d)
{
    write_lit(r, "{");
    for (size_t i = 0; i < d->n && !r->rc; i++) {
        if (i)
            write_lit(r, ", ");
        jv_write_repr(r, &d->at[i].key);
        write_lit(r, ": ");
        jv_write_repr(r, &d->at[i].value);
    }
    write_lit(r, "}");
}

static void repr_view(struct jrun *r, const struct jval *v)
{
    struct jval list = jv_to_list(r, *v, JV_LIST);

    write_lit(r, jv_type(v));
    write_lit(r, "(");
    if (!r->rc)
        repr_list(r, &list);
    write_lit(r, ")");
}

static void repr_range(struct jrun *r, const struct jrange *range)
{
    char text[96];
    int n = range->step == 1
                ? snprintf(text, sizeof(text), "range(%lld, %lld)", (long long)range->start,
                           (long long)range->stop)
                : snprintf(text, sizeof(text), "range(%lld, %lld, %lld)", (long long)range->start,
                           (long long)range->stop, (long long)range->step);

    jr_write(r, text, (size_t)n);
}

static void repr_other(struct jrun *r, const struct jval *v)
{
    char text[160];
    int n;

    switch (v->kind) {
    case JV_FUNC:
        n = jv_is(&(struct jval){ .kind = JV_STR,
                                  .u.s = v->u.func->name,
                                  .len = strlen(v->u.func->name) },
                  "dict")
                ? snprintf(text, sizeof(text), "<class 'dict'>")
                : snprintf(text, sizeof(text), "<function %s>", v->u.func->name);
        break;
    case JV_MACRO:
        n = snprintf(text, sizeof(text), "<Macro '%.*s'>", jr_cut(&v->u.macro->name),
                     v->u.macro->name.u.s);
        break;
    case JV_LOOP:
        n = snprintf(text, sizeof(text), "<LoopContext %zu/%zu>", v->u.loop->i + 1,
                     jloop_length(r, v->u.loop));
        break;
    default:
        n = snprintf(text, sizeof(text), "<%s object>", jv_type(v));
        break;
    }
    jr_write(r, text, (size_t)n);
}

static void write_nested(struct jrun *r, const struct jval *v)
{
    if (!jr_nest(r))
        return;
    switch (v->kind) {
    case JV_LIST:
    case JV_TUPLE:
        repr_list(r, v);
        break;
    case JV_DICT:
        repr_dict(r, v->u.dict);
        break;
    case JV_VIEW:
        repr_view(r, v);
        break;
    case JV_NS:
        write_lit(r, "<Namespace ");
        repr_dict(r, &v->u.ns->d);
        write_lit(r, ">");
        break;
    default:
        repr_other(r, v);
        break;
    }
    jr_unnest(r);
}

void jv_write_repr(struct jrun *r, const struct jval *v)
{
    if (v->kind == JV_STR)
        repr_str(r, v);
    else if (v->kind == JV_UNDEF)
        write_lit(r, "Undefined");
    else
        jv_write_str(r, v);
}

void jv_write_str(struct jrun *r, const struct jval *v)
{
    char text[32];

    switch (v->kind) {
    case JV_UNSET:
    case JV_UNDEF:
        return;
    case JV_NONE:
        write_lit(r, "None");
        return;
    case JV_BOOL:
        write_lit(r, v->u.b ? "True" : "False");
        return;
    case JV_INT:
        jr_write(r, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)v->u.i));
        return;
    case JV_BIG:
        jbig_write(r, v);
        return;
    case JV_FLOAT:
        write_float(r, v->u.f);
        return;
    case JV_STR:
        jr_write(r, v->u.s, v->len);
        return;
    case JV_RANGE:
        repr_range(r, v->u.range);
        return;
    default:
        write_nested(r, v);
        return;
    }
}

struct jval jv_to_str(struct jrun *r, struct jval v)
{
    size_t mark = r->out->len;

    if (v.kind == JV_STR)
        return v;
    jv_write_str(r, &v);
    return jr_take(r, mark);
}

struct jval jv_plain(struct jval v)
{
    if (v.kind == JV_STR)
        v.flag = 0;
    return v;
}

struct jval jv_escape(struct jrun *r, struct jval v)
{
    static const char from[] = "&<>'\"";
    static const char *const to[] = { "&amp;", "&lt;", "&gt;", "&#39;", "&#34;" };
    size_t plain = 0, mark;

    if (v.kind == JV_STR && (v.flag & JF_MARKUP))
        return v;
    v = jv_to_str(r, v);
    mark = r->out->len;
    for (size_t i = 0; i < v.len && !r->rc; i++) {
        const char *p = v.u.s[i] ? strchr(from, v.u.s[i]) : NULL;

        if (!p)
            continue;
        jr_write(r, v.u.s + plain, i - plain);
        write_lit(r, to[p - from]);
        plain = i + 1;
    }
    if (plain) {
        jr_write(r, v.u.s + plain, v.len - plain);
        v = jr_take(r, mark);
    }
    v.flag = JF_MARKUP;
    return v;
}
