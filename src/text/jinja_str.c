/* Searching, replacing, splitting and joining strings. Lengths are bytes here; what templates count
 * in code points is converted by the callers. */
#include "text/jinja_int.h"

#include <string.h>

#include "base/num.h"

size_t jstr_find(const struct jval *s, const struct jval *needle, size_t from)
{
    const char *p;

    if (from > s->len)
        return SIZE_MAX;
    if (needle->len == 0)
        return from;
    if (needle->len == 1)
        p = s->len > from ? memchr(s->u.s + from, needle->u.s[0], s->len - from) : NULL;
    else
        p = memmem(s->u.s + from, s->len - from, needle->u.s, needle->len);
    return p ? (size_t)(p - s->u.s) : SIZE_MAX;
}

size_t jstr_rfind(struct jrun *r, const struct jval *s, const struct jval *needle, size_t end)
{
    size_t n = needle->len;

    if (n > end || n == 0)
        return n ? SIZE_MAX : end;
    for (size_t i = end - n + 1; i-- > 0;) {
        if (s->u.s[i] != needle->u.s[0] || s->u.s[i + n - 1] != needle->u.s[n - 1])
            continue;
        if (!jr_step(r, n))
            break;
        if (memcmp(s->u.s + i, needle->u.s, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

static struct jval part(const struct jval *s, size_t from, size_t to)
{
    struct jval v = jv_strn(s->u.s + from, to - from);

    v.flag = s->flag;
    return v;
}

struct jval jstr_replace(struct jrun *r, struct jval s, struct jval from, struct jval to, int64_t n)
{
    size_t at = 0, mark = r->out->len;
    uint8_t flag = s.flag;
    struct jval v;

    if (n < 0)
        n = INT64_MAX;
    if (n == 0 || (from.len && jstr_find(&s, &from, 0) == SIZE_MAX))
        return s;
    for (; n > 0 && !r->rc; n--) {
        size_t hit = jstr_find(&s, &from, at), end;

        if (hit == SIZE_MAX)
            break;
        jr_write(r, s.u.s + at, hit - at);
        jr_write(r, to.u.s, to.len);
        at = end = hit + from.len;
        if (from.len == 0) { /* between all characters */
            if (at >= s.len)
                break;
            (void)jchar_next(s.u.s, s.len, &end);
            jr_write(r, s.u.s + at, end - at);
            at = end;
        }
    }
    jr_write(r, s.u.s + at, s.len - at);
    v = jr_take(r, mark);
    v.flag = flag;
    return v;
}

static size_t skip_space(const struct jval *s, size_t i, bool want)
{
    while (i < s->len) {
        size_t next = i;

        if (jchar_is_space(jchar_next(s->u.s, s->len, &next)) != want)
            break;
        i = next;
    }
    return i;
}

static struct jval split_space(struct jrun *r, struct jval s, int64_t n_max)
{
    struct jvec v = { 0 };
    size_t i = skip_space(&s, 0, true);

    while (i < s.len && jr_step(r, 0)) {
        size_t end = skip_space(&s, i, false);

        if (n_max >= 0 && n_max-- == 0)
            end = s.len;
        (void)jvec_add(r, &v, part(&s, i, end));
        i = skip_space(&s, end, true);
    }
    return jvec_list(r, &v);
}

static bool check_sep(struct jrun *r, const struct jval *sep)
{
    if (sep->kind != JV_STR) {
        jr_fail(r, "must be str or None, not %s", jv_type(sep));
        return false;
    }
    if (sep->len == 0)
        jr_fail(r, "empty separator");
    return sep->len != 0;
}

struct jval jstr_split(struct jrun *r, struct jval s, const struct jval *sep, int64_t n_max)
{
    struct jvec v = { 0 };
    size_t at = 0;

    if (!jr_step(r, s.len))
        return jv_none();
    if (sep->kind == JV_UNSET || sep->kind == JV_NONE)
        return split_space(r, s, n_max);
    if (!check_sep(r, sep))
        return jv_none();
    while (n_max != 0 && jr_step(r, 0)) {
        size_t hit = jstr_find(&s, sep, at);

        if (hit == SIZE_MAX)
            break;
        (void)jvec_add(r, &v, part(&s, at, hit));
        at = hit + sep->len;
        n_max--;
    }
    (void)jvec_add(r, &v, part(&s, at, s.len));
    return jvec_list(r, &v);
}

static struct jval reversed(struct jrun *r, struct jvec *v)
{
    for (size_t i = 0; i < v->n / 2; i++) {
        struct jval t = v->at[i];

        v->at[i] = v->at[v->n - 1 - i];
        v->at[v->n - 1 - i] = t;
    }
    return jvec_list(r, v);
}

/* Byte position where the word that ends at end begins. */
static size_t word_start(const struct jval *s, size_t end)
{
    while (end > 0) {
        size_t i = end - 1, next;

        while (i > 0 && ((unsigned char)s->u.s[i] & 0xC0) == 0x80)
            i--;
        next = i;
        if (jchar_is_space(jchar_next(s->u.s, s->len, &next)))
            break;
        end = i;
    }
    return end;
}

static struct jval rsplit_space(struct jrun *r, struct jval s, int64_t n_max)
{
    struct jvec v = { 0 };

    s = jstr_strip(s, NULL, false, true);
    while (s.len && jr_step(r, 0)) {
        size_t from = n_max-- == 0 ? 0 : word_start(&s, s.len);

        (void)jvec_add(r, &v, part(&s, from, s.len));
        s.len = from;
        s = jstr_strip(s, NULL, false, true);
    }
    return reversed(r, &v);
}

struct jval jstr_rsplit(struct jrun *r, struct jval s, const struct jval *sep, int64_t n_max)
{
    struct jvec v = { 0 };
    size_t end = s.len;

    if (!jr_step(r, s.len))
        return jv_none();
    if (n_max < 0)
        n_max = INT64_MAX;
    if (sep->kind == JV_UNSET || sep->kind == JV_NONE)
        return rsplit_space(r, s, n_max);
    if (!check_sep(r, sep))
        return jv_none();
    while (n_max-- != 0 && jr_step(r, 0)) {
        size_t hit = jstr_rfind(r, &s, sep, end);

        if (hit == SIZE_MAX)
            break;
        (void)jvec_add(r, &v, part(&s, hit + sep->len, end));
        end = hit;
    }
    (void)jvec_add(r, &v, part(&s, 0, end));
    return reversed(r, &v);
}

static bool is_line_break(uint32_t c)
{
    return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

struct jval jstr_lines(struct jrun *r, struct jval s, bool keep_ends)
{
    struct jvec v = { 0 };
    size_t i = 0, from = 0;

    if (!jr_step(r, s.len))
        return jv_none();
    while (i < s.len && !r->rc) {
        size_t at = i;
        uint32_t c = jchar_next(s.u.s, s.len, &i);

        if (!is_line_break(c))
            continue;
        if (c == '\r' && i < s.len && s.u.s[i] == '\n')
            i++;
        (void)jvec_add(r, &v, part(&s, from, keep_ends ? i : at));
        from = i;
    }
    if (from < s.len)
        (void)jvec_add(r, &v, part(&s, from, s.len));
    return jvec_list(r, &v);
}

struct jval jstr_join(struct jrun *r, struct jval sep, struct jval items)
{
    size_t mark = r->out->len, n = 0;
    bool is_markup = sep.flag & JF_MARKUP;
    struct jiter it;
    struct jval x;

    if (!jiter_open(r, &it, items))
        return jv_none();
    while (jiter_next(r, &it, &x)) {
        if (x.kind == JV_UNDEF)
            jr_fail_undef(r, x);
        else if (x.kind != JV_STR)
            jr_fail(r, "sequence item %zu: expected str instance, %s found", n, jv_type(&x));
        if (r->rc)
            break;
        if (is_markup)
            x = jv_escape(r, x);
        if (n++)
            jr_write(r, sep.u.s, sep.len);
        jr_write(r, x.u.s, x.len);
    }
    x = jr_take(r, mark);
    x.flag = sep.flag;
    return x;
}

struct jval jstr_pad(struct jrun *r, struct jval s, int64_t width, struct jval fill, char how)
{
    size_t mark = r->out->len, n = jstr_count(&s), left;
    int64_t extra = width - (int64_t)n;
    struct jval v;

    if (jstr_count(&fill) != 1) {
        jr_fail(r, "the fill character must be exactly one character long");
        return s;
    }
    if (extra <= 0)
        return s;
    left = how == '<' ? 0 : how == '>' ? (size_t)extra : (size_t)extra / 2;
    if (how == '^' && (extra & 1) && (width & 1)) /* as str.center rounds */
        left++;
    v = jv_repeat(r, fill, (int64_t)left);
    jr_write(r, v.u.s, v.len);
    jr_write(r, s.u.s, s.len);
    v = jv_repeat(r, fill, extra - (int64_t)left);
    jr_write(r, v.u.s, v.len);
    v = jr_take(r, mark);
    v.flag = s.flag;
    return v;
}
