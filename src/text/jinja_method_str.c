/* Methods of strings, as Python's str has them. */
#include "text/jinja_int.h"

#include <string.h>

#include "base/utf8.h"

static bool need_str(struct jrun *r, const struct jval *v)
{
    if (v->kind == JV_STR)
        return true;
    if (v->kind == JV_UNDEF)
        jr_fail_undef(r, *v);
    else
        jr_fail(r, "must be str, not %s", jv_type(v));
    return false;
}

static struct jval m_upper(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jstr_case(r, s, JCASE_UPPER);
}

static struct jval m_lower(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jstr_case(r, s, JCASE_LOWER);
}

static struct jval m_title(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jstr_case(r, s, JCASE_TITLE);
}

static struct jval m_capitalize(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jstr_case(r, s, JCASE_CAPITAL);
}

static struct jval m_swapcase(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jstr_case(r, s, JCASE_SWAP);
}

static struct jval m_casefold(struct jrun *r, struct jval s, const struct jval *v)
{
    s = jstr_case(r, s, JCASE_LOWER);
    (void)v;
    return jstr_replace(r, s, jv_lit("\xC3\x9F"), jv_lit("ss"), -1);
}

static struct jval strip(struct jrun *r, struct jval s, const struct jval *v, bool left, bool right)
{
    bool has_chars = v[0].kind != JV_UNSET && v[0].kind != JV_NONE;

    if (!jr_step(r, s.len) || (has_chars && !need_str(r, &v[0])))
        return s;
    return jstr_strip(s, has_chars ? &v[0] : NULL, left, right);
}

static struct jval m_strip(struct jrun *r, struct jval s, const struct jval *v)
{
    return strip(r, s, v, true, true);
}

static struct jval m_lstrip(struct jrun *r, struct jval s, const struct jval *v)
{
    return strip(r, s, v, true, false);
}

static struct jval m_rstrip(struct jrun *r, struct jval s, const struct jval *v)
{
    return strip(r, s, v, false, true);
}

static struct jval m_split(struct jrun *r, struct jval s, const struct jval *v)
{
    int64_t n;

    if (!jv_to_int(r, &v[1], -1, &n))
        return jv_none();
    return jstr_split(r, s, &v[0], n);
}

static struct jval m_rsplit(struct jrun *r, struct jval s, const struct jval *v)
{
    int64_t n;

    if (!jv_to_int(r, &v[1], -1, &n))
        return jv_none();
    return jstr_rsplit(r, s, &v[0], n);
}

static struct jval m_splitlines(struct jrun *r, struct jval s, const struct jval *v)
{
    return jstr_lines(r, s, jv_truth(&v[0]));
}

/* Cuts s to the code points [start, end); the offset of its new begin goes to *skipped. False when
 * start lies behind the end. */
static bool window(struct jrun *r, struct jval *s, const struct jval *v, size_t *skipped)
{
    int64_t n = (int64_t)jstr_count(s), from, to;
    size_t at;

    *skipped = 0;
    if (v[0].kind == JV_UNSET && v[1].kind == JV_UNSET)
        return jr_step(r, s->len);
    if (!jr_step(r, s->len) || !jv_to_int(r, &v[0], 0, &from) || !jv_to_int(r, &v[1], n, &to))
        return false;
    from = from < 0 ? (from + n < 0 ? 0 : from + n) : from;
    to = to < 0 ? to + n : to > n ? n : to;
    if (from > n || to < from)
        return false;
    *skipped = (size_t)from;
    at = jstr_offset(s, (size_t)from);
    s->u.s += at;
    s->len -= at;
    s->len = jstr_offset(s, (size_t)(to - from));
    return true;
}

static bool has_affix(const struct jval *s, const struct jval *x, bool at_end)
{
    if (x->len > s->len)
        return false;
    return x->len == 0 || memcmp(at_end ? s->u.s + s->len - x->len : s->u.s, x->u.s, x->len) == 0;
}

static struct jval affix(struct jrun *r, struct jval s, const struct jval *v, bool at_end)
{
    size_t skipped;
    bool found = false;

    if (v[0].kind != JV_TUPLE && v[0].kind != JV_STR) {
        jr_fail(r, "%s first arg must be str or a tuple of str, not %s",
                at_end ? "endswith" : "startswith", jv_type(&v[0]));
        return jv_none();
    }
    if (!window(r, &s, v + 1, &skipped))
        return jv_bool(false);
    if (v[0].kind == JV_STR)
        return jv_bool(has_affix(&s, &v[0], at_end));
    for (size_t i = 0; i < v[0].u.list->n && !found; i++) {
        if (!need_str(r, &v[0].u.list->at[i]))
            break;
        found = has_affix(&s, &v[0].u.list->at[i], at_end);
    }
    return jv_bool(found);
}

static struct jval m_startswith(struct jrun *r, struct jval s, const struct jval *v)
{
    return affix(r, s, v, false);
}

static struct jval m_endswith(struct jrun *r, struct jval s, const struct jval *v)
{
    return affix(r, s, v, true);
}

static struct jval m_replace(struct jrun *r, struct jval s, const struct jval *v)
{
    int64_t n;

    if (!need_str(r, &v[0]) || !need_str(r, &v[1]) || !jv_to_int(r, &v[2], -1, &n))
        return s;
    if (s.flag & JF_MARKUP)
        return jstr_replace(r, s, jv_escape(r, v[0]), jv_escape(r, v[1]), n);
    return jstr_replace(r, s, v[0], v[1], n);
}

/* The index of v[0] within v[1]..v[2] in code points, or -1. */
static int64_t find(struct jrun *r, struct jval s, const struct jval *v, bool is_last)
{
    size_t skipped, hit;

    if (!need_str(r, &v[0]) || !window(r, &s, v + 1, &skipped))
        return -1;
    hit = is_last ? jstr_rfind(r, &s, &v[0], s.len) : jstr_find(&s, &v[0], 0);
    if (hit == SIZE_MAX)
        return -1;
    s.len = hit;
    return (int64_t)(skipped + jstr_count(&s));
}

static struct jval m_find(struct jrun *r, struct jval s, const struct jval *v)
{
    return jv_int(find(r, s, v, false));
}

static struct jval m_rfind(struct jrun *r, struct jval s, const struct jval *v)
{
    return jv_int(find(r, s, v, true));
}

static struct jval index_of(struct jrun *r, struct jval s, const struct jval *v, bool is_last)
{
    int64_t i = find(r, s, v, is_last);

    if (i < 0)
        jr_fail(r, "substring not found");
    return jv_int(i);
}

static struct jval m_index(struct jrun *r, struct jval s, const struct jval *v)
{
    return index_of(r, s, v, false);
}

static struct jval m_rindex(struct jrun *r, struct jval s, const struct jval *v)
{
    return index_of(r, s, v, true);
}

static struct jval m_count(struct jrun *r, struct jval s, const struct jval *v)
{
    size_t skipped, at = 0, hit;
    int64_t n = 0;

    if (!need_str(r, &v[0]) || !window(r, &s, v + 1, &skipped))
        return jv_int(0);
    if (v[0].len == 0)
        return jv_int((int64_t)jstr_count(&s) + 1);
    while ((hit = jstr_find(&s, &v[0], at)) != SIZE_MAX) {
        n++;
        at = hit + v[0].len;
    }
    return jv_int(n);
}

static struct jval m_join(struct jrun *r, struct jval s, const struct jval *v)
{
    if (v[0].kind == JV_UNDEF) {
        jr_fail_undef(r, v[0]);
        return s;
    }
    return jstr_join(r, s, v[0]);
}

static struct jval m_format(struct jrun *r, struct jval s, const struct jargs *a)
{
    return jstr_format(r, s, a);
}

static struct jval m_format_map(struct jrun *r, struct jval s, const struct jval *v)
{
    struct jargs a = { 0 };

    if (v[0].kind != JV_DICT) {
        jr_fail(r, "format_map() needs a mapping");
        return s;
    }
    a.key = v[0].u.dict->at;
    a.n_key = v[0].u.dict->n;
    return jstr_format(r, s, &a);
}

static struct jval pad(struct jrun *r, struct jval s, const struct jval *v, char how)
{
    int64_t width;

    if (!jv_to_int(r, &v[0], 0, &width))
        return s;
    if (v[1].kind != JV_UNSET && !need_str(r, &v[1]))
        return s;
    return jstr_pad(r, s, width, v[1].kind == JV_UNSET ? jv_lit(" ") : v[1], how);
}

static struct jval m_center(struct jrun *r, struct jval s, const struct jval *v)
{
    return pad(r, s, v, '^');
}

static struct jval m_ljust(struct jrun *r, struct jval s, const struct jval *v)
{
    return pad(r, s, v, '<');
}

static struct jval m_rjust(struct jrun *r, struct jval s, const struct jval *v)
{
    return pad(r, s, v, '>');
}

static struct jval m_zfill(struct jrun *r, struct jval s, const struct jval *v)
{
    struct jval sign = jv_lit("");
    int64_t width;

    if (!jv_to_int(r, &v[0], 0, &width))
        return s;
    if (s.len && (s.u.s[0] == '-' || s.u.s[0] == '+')) {
        sign = jv_strn(s.u.s, 1);
        s.u.s++;
        s.len--;
        width--;
    }
    return jv_concat(r, sign, jstr_pad(r, s, width, jv_lit("0"), '>'));
}

static struct jval partition(struct jrun *r, struct jval s, const struct jval *v, bool is_last)
{
    struct jval *at = jr_new(r, 3, sizeof(*at));
    size_t hit;

    if (!at || !need_str(r, &v[0]))
        return jv_none();
    if (v[0].len == 0) {
        jr_fail(r, "empty separator");
        return jv_none();
    }
    at[0] = at[1] = at[2] = jv_lit("");
    hit = is_last ? jstr_rfind(r, &s, &v[0], s.len) : jstr_find(&s, &v[0], 0);
    if (hit == SIZE_MAX) {
        at[is_last ? 2 : 0] = s;
    } else {
        at[0] = jv_strn(s.u.s, hit);
        at[1] = v[0];
        at[2] = jv_strn(s.u.s + hit + v[0].len, s.len - hit - v[0].len);
    }
    for (int i = 0; i < 3; i++)
        at[i].flag = s.flag;
    return jv_list(r, at, 3, JV_TUPLE);
}

static struct jval m_partition(struct jrun *r, struct jval s, const struct jval *v)
{
    return partition(r, s, v, false);
}

static struct jval m_rpartition(struct jrun *r, struct jval s, const struct jval *v)
{
    return partition(r, s, v, true);
}

static struct jval m_removeprefix(struct jrun *r, struct jval s, const struct jval *v)
{
    if (need_str(r, &v[0]) && has_affix(&s, &v[0], false)) {
        s.u.s += v[0].len;
        s.len -= v[0].len;
    }
    return s;
}

static struct jval m_removesuffix(struct jrun *r, struct jval s, const struct jval *v)
{
    if (need_str(r, &v[0]) && has_affix(&s, &v[0], true))
        s.len -= v[0].len;
    return s;
}

static struct jval m_expandtabs(struct jrun *r, struct jval s, const struct jval *v)
{
    size_t mark = r->out->len, i = 0, column = 0;
    int64_t tab;
    struct jval spaces;

    if (!jv_to_int(r, &v[0], 8, &tab))
        return s;
    while (i < s.len && !r->rc) {
        size_t from = i;
        uint32_t c = jchar_next(s.u.s, s.len, &i);

        if (c == '\t') {
            size_t n = tab > 0 ? (size_t)tab - column % (size_t)tab : 0;

            spaces = jv_repeat(r, jv_lit(" "), (int64_t)n);
            jr_write(r, spaces.u.s, spaces.len);
            column += n;
            continue;
        }
        jr_write(r, s.u.s + from, i - from);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
    return jr_take(r, mark);
}

/* ---- questions about all characters ---- */

static bool is_alnum(uint32_t c)
{
    return c != '_' && jchar_is_word(c);
}

static bool is_ascii(uint32_t c)
{
    return c < 0x80;
}

static bool all(struct jrun *r, const struct jval *s, bool (*ask)(uint32_t c))
{
    size_t i = 0;

    while (i < s->len && jr_step(r, 0)) {
        if (!ask(jchar_next(s->u.s, s->len, &i)))
            return false;
    }
    return s->len > 0;
}

static struct jval m_isdigit(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(all(r, &s, jchar_is_digit));
}

static bool is_numeric(uint32_t c)
{
    return is_alnum(c) && !jchar_is_alpha(c);
}

static struct jval m_isnumeric(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(all(r, &s, is_numeric));
}

static struct jval m_isalpha(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(all(r, &s, jchar_is_alpha));
}

static struct jval m_isalnum(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(all(r, &s, is_alnum));
}

static struct jval m_isspace(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(all(r, &s, jchar_is_space));
}

static struct jval m_isascii(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(s.len == 0 || all(r, &s, is_ascii));
}

static struct jval m_isprintable(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return jv_bool(s.len == 0 || all(r, &s, jchar_is_printable));
}

static struct jval cased(struct jrun *r, const struct jval *s, bool want_upper)
{
    size_t i = 0;
    bool any = false;

    while (i < s->len && jr_step(r, 0)) {
        uint32_t c = jchar_next(s->u.s, s->len, &i);

        if (want_upper ? jchar_is_lower(c) : jchar_is_upper(c))
            return jv_bool(false);
        any = any || (want_upper ? jchar_is_upper(c) : jchar_is_lower(c));
    }
    return jv_bool(any);
}

static struct jval m_islower(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return cased(r, &s, false);
}

static struct jval m_isupper(struct jrun *r, struct jval s, const struct jval *v)
{
    (void)v;
    return cased(r, &s, true);
}

static struct jval m_istitle(struct jrun *r, struct jval s, const struct jval *v)
{
    size_t i = 0;
    bool any = false, after_letter = false;

    (void)v;
    while (i < s.len && jr_step(r, 0)) {
        uint32_t c = jchar_next(s.u.s, s.len, &i);
        bool upper = jchar_is_upper(c), lower = jchar_is_lower(c);

        if ((upper && after_letter) || (lower && !after_letter))
            return jv_bool(false);
        after_letter = upper || lower;
        any = any || after_letter;
    }
    return jv_bool(any);
}

static struct jval m_isidentifier(struct jrun *r, struct jval s, const struct jval *v)
{
    size_t i = 0;

    (void)v;
    while (i < s.len && jr_step(r, 0)) {
        bool is_first = i == 0;
        uint32_t c = jchar_next(s.u.s, s.len, &i);

        if (c != '_' && !jchar_is_alpha(c) && (is_first || !jchar_is_digit(c)))
            return jv_bool(false);
    }
    return jv_bool(s.len > 0);
}

static struct jval m_refused(struct jrun *r, struct jval s, const struct jargs *a)
{
    (void)a;
    jr_fail(r, "this method of str is not available to templates");
    return s;
}

static const struct jmethod_def methods[] = {
    { "capitalize", "", m_capitalize, NULL },
    { "casefold", "", m_casefold, NULL },
    { "center", "width! fillchar", m_center, NULL },
    { "count", "sub! start end", m_count, NULL },
    { "encode", NULL, NULL, m_refused },
    { "endswith", "suffix! start end", m_endswith, NULL },
    { "expandtabs", "tabsize", m_expandtabs, NULL },
    { "find", "sub! start end", m_find, NULL },
    { "format", NULL, NULL, m_format },
    { "format_map", "mapping!", m_format_map, NULL },
    { "index", "sub! start end", m_index, NULL },
    { "isalnum", "", m_isalnum, NULL },
    { "isalpha", "", m_isalpha, NULL },
    { "isascii", "", m_isascii, NULL },
    { "isdecimal", "", m_isdigit, NULL },
    { "isdigit", "", m_isdigit, NULL },
    { "isidentifier", "", m_isidentifier, NULL },
    { "islower", "", m_islower, NULL },
    { "isnumeric", "", m_isnumeric, NULL },
    { "isprintable", "", m_isprintable, NULL },
    { "isspace", "", m_isspace, NULL },
    { "istitle", "", m_istitle, NULL },
    { "isupper", "", m_isupper, NULL },
    { "join", "iterable!", m_join, NULL },
    { "ljust", "width! fillchar", m_ljust, NULL },
    { "lower", "", m_lower, NULL },
    { "lstrip", "chars", m_lstrip, NULL },
    { "maketrans", NULL, NULL, m_refused },
    { "partition", "sep!", m_partition, NULL },
    { "removeprefix", "prefix!", m_removeprefix, NULL },
    { "removesuffix", "suffix!", m_removesuffix, NULL },
    { "replace", "old! new! count", m_replace, NULL },
    { "rfind", "sub! start end", m_rfind, NULL },
    { "rindex", "sub! start end", m_rindex, NULL },
    { "rjust", "width! fillchar", m_rjust, NULL },
    { "rpartition", "sep!", m_rpartition, NULL },
    { "rsplit", "sep maxsplit", m_rsplit, NULL },
    { "rstrip", "chars", m_rstrip, NULL },
    { "split", "sep maxsplit", m_split, NULL },
    { "splitlines", "keepends", m_splitlines, NULL },
    { "startswith", "prefix! start end", m_startswith, NULL },
    { "strip", "chars", m_strip, NULL },
    { "swapcase", "", m_swapcase, NULL },
    { "title", "", m_title, NULL },
    { "translate", NULL, NULL, m_refused },
    { "upper", "", m_upper, NULL },
    { "zfill", "width!", m_zfill, NULL },
};

const struct jmethod_def *jmethod_find_str(const struct jval *name)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (jv_is(name, methods[i].name))
            return &methods[i];
    }
    return NULL;
}
