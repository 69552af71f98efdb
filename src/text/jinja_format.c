/* Formatting: the % operator and str.format, with one common field type. */
#include "text/jinja_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

#define PRECISION_MAX 1000
#define WIDTH_MAX     1000000

struct field {
    struct jval fill; /* one character */
    char align;       /* < > ^ =, 0 = by type */
    char sign;        /* + - or space, 0 = - */
    char type, comma;
    bool alt, zero;
    int64_t width, prec; /* prec -1: none */
};

/* Writes sign and digits with the field's padding. */
static void put_padded(struct jrun *r, const struct field *f, struct jval sign, struct jval body)
{
    int64_t len = (int64_t)(sign.len + jstr_count(&body)), left = 0, right = 0;
    struct jval pad;

    if (f->width > len) {
        int64_t extra = f->width - len;

        left = f->align == '<' ? 0 : f->align == '^' ? extra / 2 : extra;
        right = extra - left;
    }
    if (f->align == '=')
        jr_write(r, sign.u.s, sign.len);
    pad = jv_repeat(r, f->fill, left);
    jr_write(r, pad.u.s, pad.len);
    if (f->align != '=')
        jr_write(r, sign.u.s, sign.len);
    jr_write(r, body.u.s, body.len);
    pad = jv_repeat(r, f->fill, right);
    jr_write(r, pad.u.s, pad.len);
}

static void put_text(struct jrun *r, struct field f, struct jval s)
{
    if (f.prec >= 0 && (uint64_t)f.prec < jstr_count(&s))
        s.len = jstr_offset(&s, (size_t)f.prec);
    if (!f.align || f.align == '=')
        f.align = '<';
    put_padded(r, &f, jv_lit(""), s);
}

static struct jval sign_of(const struct field *f, bool is_neg, const char *prefix)
{
    static const char *const texts[4][4] = { { "", "0x", "0o", "0b" },
                                             { "-", "-0x", "-0o", "-0b" },
                                             { "+", "+0x", "+0o", "+0b" },
                                             { " ", " 0x", " 0o", " 0b" } };
    int row = is_neg ? 1 : f->sign == '+' ? 2 : f->sign == ' ' ? 3 : 0;
    int col = *prefix == 0 ? 0 : prefix[1] == 'x' ? 1 : prefix[1] == 'o' ? 2 : 3;

    return jv_lit(texts[row][col]);
}

/* Digits with commas between groups of three (of the part before the point). */
static struct jval group_digits(struct jrun *r, struct jval s, char comma)
{
    size_t whole = 0, mark = r->out->len;

    while (whole < s.len && s.u.s[whole] >= '0' && s.u.s[whole] <= '9')
        whole++;
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            jr_write(r, &comma, 1);
        jr_write(r, s.u.s + i, 1);
    }
    jr_write(r, s.u.s + whole, s.len - whole);
    return jr_take(r, mark);
}

static void put_number(struct jrun *r, struct field f, bool is_neg, const char *prefix,
                       struct jval digits)
{
    if (f.comma)
        digits = group_digits(r, digits, f.comma);
    if (f.zero && !f.align) {
        f.align = '=';
        f.fill = jv_lit("0");
    }
    if (!f.align)
        f.align = '>';
    put_padded(r, &f, sign_of(&f, is_neg, prefix), digits);
}

static void put_int(struct jrun *r, struct field f, struct jval v)
{
    char text[72];
    size_t at = sizeof(text);
    struct jval s, zero = jv_int(0);
    bool is_neg = jint_cmp(&v, &zero) < 0;
    unsigned base = (f.type | 32) == 'x' ? 16 : f.type == 'o' ? 8 : f.type == 'b' ? 2 : 10;
    const char *prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";

    if (v.kind == JV_BOOL)
        v = jv_int(v.u.b);
    if (base == 10) {
        s = jv_to_str(r, v);
        s.u.s += is_neg;
        s.len -= is_neg;
    } else if (v.kind == JV_BIG) {
        jr_limit(r, "this integer is too large for base %u", base);
        return;
    } else {
        uint64_t m = is_neg ? 0 - (uint64_t)v.u.i : (uint64_t)v.u.i;

        do {
            text[--at] = (f.type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[m % base];
            m /= base;
        } while (m);
        s = jv_copy(r, text + at, sizeof(text) - at);
    }
    if (f.prec > (int64_t)s.len)
        s = jstr_pad(r, s, f.prec, jv_lit("0"), '>');
    put_number(r, f, is_neg, f.alt ? prefix : "", s);
}

static void put_float(struct jrun *r, struct field f, double v)
{
    char text[PRECISION_MAX + 350], fmt[8] = "%.*f";
    bool is_neg = signbit(v) && !isnan(v);
    int prec = (int)(f.prec < 0 ? 6 : f.prec), n;

    if (prec > PRECISION_MAX) {
        jr_limit(r, "a precision of more than %d digits", PRECISION_MAX);
        return;
    }
    if (f.type == 'n' || f.type == 0)
        f.type = 'g';
    if (f.alt)
        memcpy(fmt, "%#.*f", 6);
    fmt[strlen(fmt) - 1] = f.type == '%' ? 'f' : f.type;
    if (!isfinite(v)) {
        (void)snprintf(text, sizeof(text), "%s", isnan(v) ? "nan" : "inf");
    } else {
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
        n = snprintf(text, sizeof(text) - 1, fmt, prec, fabs(f.type == '%' ? v * 100.0 : v));
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
        if (f.type == '%')
            memcpy(text + n, "%", 2);
    }
    put_number(r, f, is_neg, "", jv_copy(r, text, strlen(text)));
}

/* ---- the % operator ---- */

struct percent {
    struct jval args;
    size_t i_arg;
    bool is_markup, used_map;
};

static struct jval next_arg(struct jrun *r, struct percent *p)
{
    if (p->args.kind == JV_TUPLE) {
        if (p->i_arg < p->args.u.list->n)
            return p->args.u.list->at[p->i_arg++];
    } else if (p->i_arg++ == 0) {
        return p->args;
    }
    jr_fail(r, "not enough arguments for format string");
    return jv_none();
}

static int64_t read_num(struct jrun *r, const struct jval *fmt, size_t *i)
{
    int64_t n = 0;

    while (*i < fmt->len && fmt->u.s[*i] >= '0' && fmt->u.s[*i] <= '9') {
        n = n * 10 + (fmt->u.s[(*i)++] - '0');
        if (n > WIDTH_MAX) {
            jr_limit(r, "a field of more than %d characters", WIDTH_MAX);
            return 0;
        }
    }
    return n;
}

static int64_t star_or_num(struct jrun *r, struct percent *p, const struct jval *fmt, size_t *i)
{
    struct jval v;
    int64_t n = 0;

    if (*i >= fmt->len || fmt->u.s[*i] != '*')
        return read_num(r, fmt, i);
    ++*i;
    v = next_arg(r, p);
    if (jv_to_int(r, &v, 0, &n) && (n > WIDTH_MAX || n < -WIDTH_MAX))
        jr_limit(r, "a field of more than %d characters", WIDTH_MAX);
    return r->rc ? 0 : n;
}

static void put_value(struct jrun *r, struct percent *p, struct field f, struct jval v)
{
    size_t mark = r->out->len;

    switch (f.type) {
    case 'r':
    case 'a':
        jv_write_repr(r, &v);
        v = jr_take(r, mark);
        break;
    case 's':
        v = p->is_markup ? jv_escape(r, v) : jv_to_str(r, v);
        break;
    case 'c':
        if (v.kind == JV_INT && v.u.i >= 0 && v.u.i < 0x110000) {
            char text[4];

            v = jv_copy(r, text, utf8_encode((uint32_t)v.u.i, text));
        } else if (v.kind != JV_STR || jstr_count(&v) != 1) {
            jr_fail(r, "%%c requires int or char");
        }
        break;
    default:
        if (!jv_is_num(&v)) {
            jr_fail(r, "%%%c format: a real number is required, not %s", f.type, jv_type(&v));
        } else if (strchr("eEfFgG", f.type)) {
            put_float(r, f, jv_num(&v));
        } else {
            put_int(r, f, v.kind == JV_FLOAT ? jint_from_float(r, v.u.f) : v);
        }
        return;
    }
    f.align = f.align == '<' ? '<' : '>';
    f.fill = jv_lit(" ");
    if (!r->rc)
        put_text(r, f, v);
}

/* One directive behind its '%'. */
static void percent_field(struct jrun *r, struct percent *p, const struct jval *fmt, size_t *i)
{
    struct field f = { .fill = jv_lit(" "), .prec = -1 };
    struct jval v = jv_unset();

    if (*i < fmt->len && fmt->u.s[*i] == '(') {
        const char *end = memchr(fmt->u.s + *i, ')', fmt->len - *i);
        struct jval key;

        if (!end || p->args.kind != JV_DICT) {
            jr_fail(r, "%s", end ? "format requires a mapping" : "incomplete format key");
            return;
        }
        key = jv_strn(fmt->u.s + *i + 1, (size_t)(end - fmt->u.s) - *i - 1);
        *i = (size_t)(end - fmt->u.s) + 1;
        p->used_map = true;
        if (!jdict_get(r, p->args.u.dict, &key)) {
            jr_fail(r, "key '%.*s' not found", jr_cut(&key), key.u.s);
            return;
        }
        v = *jdict_get(r, p->args.u.dict, &key);
    }
    for (; *i < fmt->len && fmt->u.s[*i] && strchr("-+ 0#", fmt->u.s[*i]); ++*i) {
        char c = fmt->u.s[*i];

        f.align = c == '-' ? '<' : f.align;
        f.sign = c == '+' || (c == ' ' && f.sign != '+') ? c : f.sign;
        f.zero = f.zero || c == '0';
        f.alt = f.alt || c == '#';
    }
    f.width = star_or_num(r, p, fmt, i);
    if (f.width < 0) {
        f.align = '<';
        f.width = -f.width;
    }
    if (*i < fmt->len && fmt->u.s[*i] == '.') {
        ++*i;
        f.prec = star_or_num(r, p, fmt, i);
    }
    while (*i < fmt->len && fmt->u.s[*i] && strchr("hlL", fmt->u.s[*i]))
        ++*i;
    f.type = *i < fmt->len ? fmt->u.s[(*i)++] : 0;
    if (f.type == '%') {
        jr_write(r, "%", 1);
        return;
    }
    if (!f.type || !strchr("diouxXeEfFgGcrsa", f.type)) {
        jr_fail(r, f.type ? "unsupported format character" : "incomplete format");
        return;
    }
    put_value(r, p, f, v.kind == JV_UNSET ? next_arg(r, p) : v);
}

/* Python takes anything with subscripts for a mapping, which need not be used up. */
static bool has_items(const struct jval *v)
{
    return v->kind == JV_DICT || v->kind == JV_LIST || v->kind == JV_RANGE || v->kind == JV_UNDEF;
}

struct jval jstr_percent(struct jrun *r, struct jval fmt, struct jval args)
{
    struct percent p = { .args = args, .is_markup = fmt.flag & JF_MARKUP };
    size_t mark = r->out->len, i = 0;
    struct jval v;

    while (i < fmt.len && !r->rc) {
        const char *hit = memchr(fmt.u.s + i, '%', fmt.len - i);
        size_t end = hit ? (size_t)(hit - fmt.u.s) : fmt.len;

        jr_write(r, fmt.u.s + i, end - i);
        i = end + 1;
        if (hit)
            percent_field(r, &p, &fmt, &i);
    }
    if (args.kind == JV_TUPLE ? p.i_arg < args.u.list->n : p.i_arg == 0 && !has_items(&args))
        jr_fail(r, "not all arguments converted during string formatting");
    v = jr_take(r, mark);
    v.flag = fmt.flag;
    return v;
}

/* ---- str.format ---- */

struct formatter {
    const struct jargs *a;
    size_t i_auto;
    bool is_markup;
};

/* [[fill]align][sign][#][0][width][,][.precision][type] */
static bool parse_spec(struct jrun *r, const struct jval *s, struct field *f)
{
    size_t i = 0, first = 0;
    bool has_fill = false;

    *f = (struct field){ .fill = jv_lit(" "), .prec = -1 };
    if (s->len)
        (void)jchar_next(s->u.s, s->len, &first);
    if (first && first < s->len && s->u.s[first] && strchr("<>^=", s->u.s[first])) {
        has_fill = true;
        f->fill = jv_strn(s->u.s, first);
        f->align = s->u.s[first];
        i = first + 1;
    } else if (s->len && s->u.s[0] && strchr("<>^=", s->u.s[0])) {
        f->align = s->u.s[i++];
    }
    if (i < s->len && s->u.s[i] && strchr("+- ", s->u.s[i]))
        f->sign = s->u.s[i++];
    if (i < s->len && s->u.s[i] == '#')
        f->alt = s->u.s[i++] == '#';
    if (i < s->len && s->u.s[i] == '0') {
        f->zero = s->u.s[i++] == '0';
        if (!has_fill)
            f->fill = jv_lit("0");
    }
    f->width = read_num(r, s, &i);
    if (i < s->len && (s->u.s[i] == ',' || s->u.s[i] == '_'))
        f->comma = s->u.s[i++];
    if (i < s->len && s->u.s[i] == '.') {
        i++;
        f->prec = read_num(r, s, &i);
    }
    if (i < s->len)
        f->type = s->u.s[i++];
    if (i < s->len && !r->rc)
        jr_fail(r, "invalid format specifier");
    return !r->rc;
}

static void put_formatted(struct jrun *r, const struct formatter *fm, struct jval v,
                          const struct jval *spec)
{
    struct field f;

    if (spec->len == 0) {
        v = fm->is_markup ? jv_escape(r, v) : jv_to_str(r, v);
        jr_write(r, v.u.s, v.len);
        return;
    }
    if (!parse_spec(r, spec, &f))
        return;
    if (v.kind == JV_STR && (f.type == 's' || !f.type)) {
        put_text(r, f, v);
    } else if (jv_is_intlike(&v) && (!f.type || strchr("bdoxXn", f.type))) {
        if (v.kind == JV_BOOL && !f.type)
            put_text(r, f, jv_to_str(r, v));
        else
            put_int(r, f, v);
    } else if (jv_is_num(&v) && f.type && strchr("eEfFgGn%", f.type)) {
        put_float(r, f, jv_num(&v));
    } else if (v.kind == JV_FLOAT && !f.type) {
        if (f.prec >= 0)
            put_float(r, f, v.u.f);
        else
            put_number(r, f, signbit(v.u.f), "", jv_to_str(r, jv_float(fabs(v.u.f))));
    } else if (jv_is_num(&v) || v.kind == JV_STR) {
        jr_fail(r, "unknown format code '%c' for object of type '%s'", f.type, jv_type(&v));
    } else {
        jr_fail(r, "unsupported format string passed to %s.__format__", jv_type(&v));
    }
}

static bool all_digits(struct jval s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.u.s[i] < '0' || s.u.s[i] > '9')
            return false;
    }
    return s.len > 0;
}

static struct jval key_arg(struct jrun *r, const struct formatter *fm, struct jval name)
{
    for (size_t i = 0; i < fm->a->n_key; i++) {
        if (jv_eq(r, &fm->a->key[i].key, &name))
            return fm->a->key[i].value;
    }
    jr_fail(r, "format: no argument '%.*s'", jr_cut(&name), name.u.s);
    return jv_none();
}

/* name.attr[index]: the value it stands for. */
static struct jval field_value(struct jrun *r, struct formatter *fm, struct jval name)
{
    size_t n = 0, i;
    struct jval v, head = name;

    while (n < name.len && name.u.s[n] != '.' && name.u.s[n] != '[')
        n++;
    head.len = n;
    if (n == 0 || all_digits(head)) {
        size_t at = 0;
        int64_t k = n ? read_num(r, &head, &at) : (int64_t)fm->i_auto++;

        if ((uint64_t)k >= fm->a->n_pos) {
            jr_fail(r, "replacement index %lld out of range for positional args tuple",
                    (long long)k);
            return jv_none();
        }
        v = fm->a->pos[k];
    } else {
        v = key_arg(r, fm, head);
    }
    for (i = n; i < name.len && !r->rc;) {
        bool is_item = name.u.s[i] == '[';
        size_t from = ++i, at = 0;
        struct jval key;

        while (i < name.len &&
               (is_item ? name.u.s[i] != ']' : name.u.s[i] != '.' && name.u.s[i] != '['))
            i++;
        key = jv_strn(name.u.s + from, i - from);
        if (is_item && all_digits(key))
            key = jv_int(read_num(r, &key, &at));
        v = is_item ? jop_item(r, v, key) : jop_attr(r, v, key);
        i += is_item && i < name.len;
    }
    return v;
}

static void format_into(struct jrun *r, struct formatter *fm, struct jval fmt, int depth);

/* name[!conversion][:spec], without its braces. */
static void put_field(struct jrun *r, struct formatter *fm, struct jval body, int depth)
{
    size_t n = 0, mark = r->out->len;
    int bracket = 0;
    struct jval name = body, spec = jv_lit(""), v;
    char conv = 0;

    for (; n < body.len && (bracket || (body.u.s[n] != '!' && body.u.s[n] != ':')); n++)
        bracket += (body.u.s[n] == '[') - (body.u.s[n] == ']');
    name.len = n;
    if (n < body.len && body.u.s[n] == '!') {
        conv = n + 1 < body.len ? body.u.s[n + 1] : 0;
        n = min_size(n + 2, body.len);
    }
    if (n < body.len && body.u.s[n] == ':')
        spec = jv_strn(body.u.s + n + 1, body.len - n - 1);
    v = field_value(r, fm, name);
    if (conv == 'r' || conv == 'a') {
        jv_write_repr(r, &v);
        v = jr_take(r, mark);
    } else if (conv == 's') {
        v = jv_to_str(r, v);
    } else if (conv) {
        jr_fail(r, "unknown conversion specifier");
    }
    if (spec.len && memchr(spec.u.s, '{', spec.len)) {
        format_into(r, fm, spec, depth + 1);
        spec = jr_take(r, mark);
    }
    if (!r->rc)
        put_formatted(r, fm, v, &spec);
}

static void format_into(struct jrun *r, struct formatter *fm, struct jval fmt, int depth)
{
    if (depth > 2) {
        jr_fail(r, "max string recursion exceeded");
        return;
    }
    for (size_t i = 0; i < fmt.len && !r->rc;) {
        char c = fmt.u.s[i];
        size_t end = i + 1;
        int open = 1;

        if (c != '{' && c != '}') {
            while (end < fmt.len && fmt.u.s[end] != '{' && fmt.u.s[end] != '}')
                end++;
            jr_write(r, fmt.u.s + i, end - i);
            i = end;
            continue;
        }
        if (end < fmt.len && fmt.u.s[end] == c) {
            jr_write(r, &c, 1);
            i += 2;
            continue;
        }
        while (end < fmt.len && open) {
            open += (fmt.u.s[end] == '{') - (fmt.u.s[end] == '}');
            end++;
        }
        if (c == '}' || open) {
            jr_fail(r, "%s",
                    c == '}' ? "single '}' encountered in format string"
                             : "expected '}' before end of string");
            return;
        }
        put_field(r, fm, jv_strn(fmt.u.s + i + 1, end - i - 2), depth);
        i = end;
    }
}

struct jval jstr_format(struct jrun *r, struct jval fmt, const struct jargs *a)
{
    struct formatter fm = { .a = a, .is_markup = fmt.flag & JF_MARKUP };
    size_t mark = r->out->len;
    struct jval v;

    format_into(r, &fm, fmt, 0);
    v = jr_take(r, mark);
    v.flag = fmt.flag;
    return v;
}
