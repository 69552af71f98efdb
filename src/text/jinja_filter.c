/* Filters: looking them up, running them, and those that take any value. */
#include "text/jinja_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jval jattr_get(struct jrun *r, struct jval item, const struct jval *attr)
{
    size_t i = 0;

    if (attr->kind == JV_UNSET || attr->kind == JV_NONE)
        return item;
    if (attr->kind != JV_STR)
        return jop_item(r, item, *attr);
    while (i <= attr->len && !r->rc) {
        size_t end = i;
        struct jval key;
        bool is_num = true;

        for (; end < attr->len && attr->u.s[end] != '.'; end++)
            is_num = is_num && jchar_is_digit((unsigned char)attr->u.s[end]);
        key = jv_strn(attr->u.s + i, end - i);
        if (is_num && key.len > 0 && key.len < 18)
            (void)jbig_parse(&r->arena, key.u.s, key.len, 10, false, &key);
        item = jop_item(r, item, key);
        i = end + 1;
    }
    return item;
}

struct jval jfold_case(struct jrun *r, struct jval v, bool is_sensitive)
{
    return v.kind == JV_STR && !is_sensitive ? jstr_case(r, v, JCASE_LOWER) : v;
}

/* ---- numbers ---- */

static struct jval f_abs(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval zero = jv_int(0);

    (void)v;
    if (in.kind == JV_FLOAT)
        return jv_float(fabs(in.u.f));
    if (jv_is_intlike(&in))
        return jop_neg(r, in, jint_cmp(&in, &zero) < 0);
    if (in.kind == JV_UNDEF)
        jr_fail_undef(r, in);
    else
        jr_fail(r, "bad operand type for abs(): '%s'", jv_type(&in));
    return in;
}

/* A string as Python's float() reads it; false when it would not. */
static bool parse_float(struct jrun *r, struct jval s, double *f)
{
    char *text, *end;
    size_t n = 0;

    s = jstr_strip(s, NULL, true, true);
    text = jr_new(r, s.len + 1, 1);
    if (!text || s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.u.s[i];
        bool digits = i > 0 && i + 1 < s.len && jchar_is_digit((unsigned char)s.u.s[i - 1]) &&
                      jchar_is_digit((unsigned char)s.u.s[i + 1]);

        if (c == '_' && digits)
            continue;
        if (!c || c == '(' || (c | 32) == 'x' || (c | 32) == 'p')
            return false;
        text[n++] = c;
    }
    *f = strtod(text, &end);
    return end == text + n && !jchar_is_space((unsigned char)text[0]);
}

static bool parse_int(struct jrun *r, struct jval s, int64_t base, struct jval *out)
{
    bool is_neg;
    char *text;
    size_t n = 0;

    s = jstr_strip(s, NULL, true, true);
    is_neg = s.len && s.u.s[0] == '-';
    if (s.len && (s.u.s[0] == '-' || s.u.s[0] == '+')) {
        s.u.s++;
        s.len--;
    }
    if (s.len > 2 && s.u.s[0] == '0') {
        int letter = s.u.s[1] | 32;
        int64_t named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;

        if (named && (base == named || base == 0)) {
            s.u.s += 2;
            s.len -= 2;
            base = named;
        }
    }
    base = base ? base : 10;
    text = jr_new(r, s.len + 1, 1);
    if (!text || base < 2 || base > 36 || !jr_step(r, s.len))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int c = (unsigned char)s.u.s[i], d = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;

        if (c == '_' && i > 0 && i + 1 < s.len && s.u.s[i - 1] != '_')
            continue;
        if (d < 0 || d >= base || (c > '9' && c < 'A') || c >= 0x80)
            return false;
        text[n++] = s.u.s[i];
    }
    return n > 0 && jbig_parse(&r->arena, text, n, (unsigned)base, is_neg, out);
}

static struct jval f_int(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval preset = v[0].kind == JV_UNSET ? jv_int(0) : v[0], out;
    int64_t base;
    double f;

    if (!jv_to_int(r, &v[1], 10, &base))
        return in;
    if (jv_is_intlike(&in))
        return in.kind == JV_BOOL ? jv_int(in.u.b) : in;
    if (in.kind == JV_FLOAT)
        return isnan(in.u.f) ? preset : jint_from_float(r, in.u.f);
    if (in.kind == JV_UNDEF) {
        jr_fail_undef(r, in);
        return in;
    }
    if (in.kind != JV_STR)
        return preset;
    if (parse_int(r, in, base, &out))
        return out;
    if (parse_float(r, in, &f) && isfinite(f))
        return jint_from_float(r, f);
    return preset;
}

static struct jval f_float(struct jrun *r, struct jval in, const struct jval *v)
{
    double f;

    if (jv_is_num(&in))
        return jv_float(jv_num(&in));
    if (in.kind == JV_UNDEF)
        jr_fail_undef(r, in);
    if (in.kind == JV_STR && parse_float(r, in, &f))
        return jv_float(f);
    return v[0].kind == JV_UNSET ? jv_float(0.0) : v[0];
}

/* Half to even of the exact binary value, as Python rounds. */
static double round_to(double f, int64_t digits)
{
    char text[400];
    double scale;

    if (!isfinite(f) || digits > 300)
        return f;
    if (digits >= 0) {
        (void)snprintf(text, sizeof(text), "%.*f", (int)digits > 40 ? 40 : (int)digits, f);
        return fabs(f) > 1e300 ? f : strtod(text, NULL);
    }
    scale = pow(10.0, (double)-digits);
    return isfinite(scale) ? nearbyint(f / scale) * scale : 0.0;
}

static struct jval round_int(struct jrun *r, struct jval in, int64_t digits)
{
    struct jval ten = jv_int(10), scale, q, m, twice, half;
    int cmp;

    if (in.kind == JV_BOOL)
        in = jv_int(in.u.b);
    if (digits >= 0)
        return in;
    scale = jint_pow(r, &ten, digits < -4000 ? 4000 : -digits);
    jint_divmod(r, &in, &scale, &q, &m);
    twice = jint_add(r, &m, &m, false);
    cmp = jint_cmp(&twice, &scale);
    half = jv_int(cmp > 0 || (cmp == 0 && q.kind == JV_INT && (q.u.i & 1)));
    q = jint_add(r, &q, &half, false);
    return jint_mul(r, &q, &scale);
}

static struct jval f_round(struct jrun *r, struct jval in, const struct jval *v)
{
    int64_t digits;
    double f, scale;

    if (!jv_to_int(r, &v[0], 0, &digits))
        return in;
    if (!jv_is_num(&in)) {
        if (in.kind == JV_UNDEF)
            jr_fail_undef(r, in);
        else
            jr_fail(r, "type %s doesn't define __round__ method", jv_type(&in));
        return in;
    }
    f = jv_num(&in);
    if (v[1].kind == JV_UNSET || jv_is(&v[1], "common"))
        return jv_is_intlike(&in) ? round_int(r, in, digits) : jv_float(round_to(f, digits));
    if (!jv_is(&v[1], "ceil") && !jv_is(&v[1], "floor")) {
        jr_fail(r, "method must be common, ceil or floor");
        return in;
    }
    scale = pow(10.0, (double)digits);
    return jv_float((jv_is(&v[1], "ceil") ? ceil(f * scale) : floor(f * scale)) / scale);
}

static struct jval f_filesizeformat(struct jrun *r, struct jval in, const struct jval *v)
{
    static const char letters[] = "kMGTPEZY";
    bool is_binary = jv_truth(&v[0]);
    double base = is_binary ? 1024.0 : 1000.0, bytes, unit = base;
    struct jval number = f_float(r, in, v + 2);
    char text[64];
    size_t i = 0;

    if (in.kind == JV_STR ? !parse_float(r, in, &bytes) : !jv_is_num(&in)) {
        jr_fail(r, "could not convert to a number: '%s' object", jv_type(&in));
        return in;
    }
    bytes = number.u.f;
    if (bytes == 1.0)
        return jv_lit("1 Byte");
    if (bytes < base) {
        (void)snprintf(text, sizeof(text), "%lld Bytes", (long long)bytes);
        return jv_copy(r, text, strlen(text));
    }
    unit = base * base;
    while (bytes >= unit && i + 1 < sizeof(letters) - 1) {
        unit *= base;
        i++;
    }
    (void)snprintf(text, sizeof(text), "%.1f %c%sB", bytes > 1e30 ? 1e30 : base * bytes / unit,
                   is_binary && i == 0 ? 'K' : letters[i], is_binary ? "i" : "");
    return jv_copy(r, text, strlen(text));
}

/* ---- any value ---- */

static struct jval f_default(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)r;
    if (in.kind == JV_UNDEF || (jv_truth(&v[1]) && !jv_truth(&in)))
        return v[0].kind == JV_UNSET ? jv_lit("") : v[0];
    return in;
}

static struct jval f_attr(struct jrun *r, struct jval in, const struct jval *v)
{
    if (in.kind == JV_UNDEF)
        jr_fail_undef(r, in);
    return jop_attr_only(r, in, jv_to_str(r, v[0]));
}

static struct jval f_string(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jv_to_str(r, in);
}

static struct jval f_safe(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    in = jv_to_str(r, in);
    in.flag = JF_MARKUP;
    return in;
}

static struct jval f_escape(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jv_escape(r, in);
}

static struct jval f_forceescape(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jv_escape(r, jv_plain(jv_to_str(r, in)));
}

static struct jval f_tojson(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval a[5] = { in, v[0], v[1], v[2], v[3] };

    return jv_to_json(r, a);
}

static struct jval f_pprint(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t mark = r->out->len;

    (void)v;
    jv_write_repr(r, &in);
    return jr_take(r, mark);
}

static struct jval f_length(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t n;

    (void)v;
    if (in.kind == JV_LOOP)
        return jv_int((int64_t)jloop_length(r, in.u.loop));
    if (in.kind == JV_STR && !jr_step(r, in.len))
        return in;
    if (!jv_len(&in, &n))
        jr_fail(r, "object of type '%s' has no len()", jv_type(&in));
    return jv_int((int64_t)n);
}

static const struct jfilter_def filters[] = {
    { "abs", "", f_abs, NULL },
    { "attr", "name!", f_attr, NULL },
    { "count", "", f_length, NULL },
    { "d", "default_value boolean", f_default, NULL },
    { "default", "default_value boolean", f_default, NULL },
    { "e", "", f_escape, NULL },
    { "escape", "", f_escape, NULL },
    { "filesizeformat", "binary", f_filesizeformat, NULL },
    { "float", "default", f_float, NULL },
    { "forceescape", "", f_forceescape, NULL },
    { "int", "default base", f_int, NULL },
    { "length", "", f_length, NULL },
    { "pprint", "", f_pprint, NULL },
    { "round", "precision method", f_round, NULL },
    { "safe", "", f_safe, NULL },
    { "string", "", f_string, NULL },
    { "tojson", "ensure_ascii indent separators sort_keys", f_tojson, NULL },
};

const struct jfilter_def *jfilter_find(const char *name, size_t len)
{
    size_t n[4];
    const struct jfilter_def *table[4] = { filters, jfilter_seq(&n[1]), jfilter_gen(&n[2]),
                                           jfilter_str(&n[3]) };

    n[0] = COUNT_OF(filters);
    for (size_t t = 0; t < COUNT_OF(table); t++) {
        for (size_t i = 0; i < n[t]; i++) {
            const char *found = table[t][i].name;

            if (strlen(found) == len && memcmp(found, name, len) == 0)
                return &table[t][i];
        }
    }
    return NULL;
}

struct jval jfilter_run(struct jrun *r, const struct jfilter_def *f, struct jval in,
                        const struct jargs *a)
{
    struct jval v[JARG_MAX];

    if (!jr_step(r, 0))
        return jv_none();
    if (f->run_raw)
        return f->run_raw(r, in, a);
    if (!jargs_bind(r, f->name, f->param, a, v))
        return jv_none();
    return f->run(r, in, v);
}
