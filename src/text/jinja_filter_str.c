/* Filters that make strings. */
#include "text/jinja_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

static struct jval f_upper(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jstr_case(r, jv_to_str(r, in), JCASE_UPPER);
}

static struct jval f_lower(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jstr_case(r, jv_to_str(r, in), JCASE_LOWER);
}

static struct jval f_capitalize(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jstr_case(r, jv_to_str(r, in), JCASE_CAPITAL);
}

static bool starts_word(uint32_t before)
{
    return before == 0 || before == '-' || before == '(' || before == '{' || before == '[' ||
           before == '<' || jchar_is_space(before);
}

/* Words begin behind white space, hyphens and brackets only: "it's" keeps its small s. */
static struct jval f_title(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t i = 0, mark = r->out->len;
    uint32_t before = 0;

    (void)v;
    in = jv_plain(jv_to_str(r, in));
    while (i < in.len && !r->rc) {
        size_t from = i;
        uint32_t c = jchar_next(in.u.s, in.len, &i);
        struct jval one = jv_strn(in.u.s + from, i - from);

        if (c < 0x80) {
            char small = (char)(starts_word(before) ? jchar_upper(c) : jchar_lower(c));

            jr_write(r, &small, 1);
        } else {
            one = jstr_case(r, one, starts_word(before) ? JCASE_UPPER : JCASE_LOWER);
            jr_write(r, one.u.s, one.len);
        }
        before = c;
    }
    return jr_take(r, mark);
}

static struct jval f_trim(struct jrun *r, struct jval in, const struct jval *v)
{
    bool has_chars = v[0].kind != JV_UNSET && v[0].kind != JV_NONE;

    in = jv_to_str(r, in);
    if (has_chars && v[0].kind != JV_STR)
        jr_fail(r, "strip arg must be None or str, not %s", jv_type(&v[0]));
    if (!jr_step(r, in.len))
        return in;
    return jstr_strip(in, has_chars ? &v[0] : NULL, true, true);
}

static struct jval f_replace(struct jrun *r, struct jval in, const struct jval *v)
{
    int64_t n;

    if (!jv_to_int(r, &v[2], -1, &n))
        return in;
    return jstr_replace(r, jv_plain(jv_to_str(r, in)), jv_plain(jv_to_str(r, v[0])),
                        jv_plain(jv_to_str(r, v[1])), n);
}

static struct jval f_center(struct jrun *r, struct jval in, const struct jval *v)
{
    int64_t width;

    if (!jv_to_int(r, &v[0], 80, &width))
        return in;
    return jstr_pad(r, jv_to_str(r, in), width, jv_lit(" "), '^');
}

static struct jval f_format(struct jrun *r, struct jval in, const struct jargs *a)
{
    struct jval *at = jr_new(r, a->n_pos, sizeof(*at)), args;
    struct jdict *d;

    if (a->n_pos && a->n_key) {
        jr_fail(r, "can't handle positional and keyword arguments at the same time");
        return in;
    }
    if (!at)
        return in;
    if (a->n_key) {
        args = jv_dict(r, &d);
        for (size_t i = 0; d && i < a->n_key; i++)
            (void)jdict_set(r, d, a->key[i].key, a->key[i].value);
    } else {
        if (a->n_pos)
            memcpy(at, a->pos, a->n_pos * sizeof(*at));
        args = jv_list(r, at, a->n_pos, JV_TUPLE);
    }
    return r->rc ? in : jstr_percent(r, jv_to_str(r, in), args);
}

static struct jval f_indent(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval pad, lines, out;
    size_t mark = r->out->len;
    int64_t width;

    if (in.kind != JV_STR) {
        if (in.kind == JV_UNDEF)
            jr_fail_undef(r, in);
        else
            jr_fail(r, "indent: '%s' is not a string", jv_type(&in));
        return in;
    }
    if (v[0].kind == JV_STR)
        pad = v[0];
    else if (jv_to_int(r, &v[0], 4, &width))
        pad = jv_repeat(r, jv_lit(" "), width);
    else
        return in;
    lines = jstr_lines(r, jv_concat(r, in, jv_lit("\n")), false);
    for (size_t i = 0; !r->rc && i < lines.u.list->n; i++) {
        const struct jval *line = &lines.u.list->at[i];
        bool wanted = i == 0 ? jv_truth(&v[1]) : line->len || jv_truth(&v[2]);

        if (i)
            jr_write(r, "\n", 1);
        if (wanted)
            jr_write(r, pad.u.s, pad.len);
        jr_write(r, line->u.s, line->len);
    }
    out = jr_take(r, mark);
    out.flag = in.flag;
    return out;
}

static struct jval f_truncate(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval end = v[2].kind == JV_UNSET ? jv_lit("...") : jv_to_str(r, v[2]), space;
    int64_t length, leeway, n_end = (int64_t)jstr_count(&end);
    size_t cut, n;

    if (!jv_len(&in, &n))
        jr_fail(r, "object of type '%s' has no len()", jv_type(&in));
    if (!jv_to_int(r, &v[0], 255, &length) || !jv_to_int(r, &v[3], 5, &leeway) || r->rc)
        return in;
    if (length < n_end || leeway < 0) {
        jr_fail(r, "expected length >= %lld, got %lld", (long long)n_end, (long long)length);
        return in;
    }
    if (leeway > INT32_MAX || length > INT32_MAX || (int64_t)n <= length + leeway)
        return in;
    if (in.kind != JV_STR || !jr_step(r, in.len)) {
        jr_fail(r, "truncate: '%s' is not a string", jv_type(&in));
        return in;
    }
    in.len = jstr_offset(&in, (size_t)(length - n_end));
    space = jv_lit(" ");
    cut = jv_truth(&v[1]) ? SIZE_MAX : jstr_rfind(r, &in, &space, in.len);
    if (cut != SIZE_MAX)
        in.len = cut;
    in.own = NULL;
    return jv_concat(r, in, end);
}

static struct jval f_wordcount(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t i = 0;
    int64_t n = 0;
    bool in_word = false;

    (void)v;
    in = jv_to_str(r, in);
    while (i < in.len && jr_step(r, 0)) {
        uint32_t c = jchar_next(in.u.s, in.len, &i);
        bool is_word = jchar_is_word(c);

        n += is_word && !in_word;
        in_word = is_word;
    }
    return jv_int(n);
}

/* ---- wordwrap ---- */

struct wrap {
    int64_t width, column;
    struct jval sep;
    bool break_words, break_hyphens;
    bool is_first_line, has_line;
    struct jval held; /* white space that waits for the next word */
};

static void wrap_break(struct jrun *r, struct wrap *w)
{
    jr_write(r, w->sep.u.s, w->sep.len);
    w->column = 0;
    w->is_first_line = false;
    w->held.len = 0;
}

static void wrap_put(struct jrun *r, struct wrap *w, struct jval word)
{
    jr_write(r, w->held.u.s, w->held.len);
    w->column += (int64_t)jstr_count(&w->held);
    w->held.len = 0;
    jr_write(r, word.u.s, word.len);
    w->column += (int64_t)jstr_count(&word);
}

static void wrap_word(struct jrun *r, struct wrap *w, struct jval word)
{
    int64_t n = (int64_t)jstr_count(&word), space = (int64_t)jstr_count(&w->held);

    if (w->column + space + n <= w->width) {
        wrap_put(r, w, word);
        return;
    }
    while (n > w->width && w->break_words && !r->rc) { /* fills the rest of this line first */
        int64_t room = w->width - w->column - space;
        struct jval head = word;

        if (room > 0) {
            head.len = jstr_offset(&word, (size_t)room);
            wrap_put(r, w, head);
            word.u.s += head.len;
            word.len -= head.len;
            n -= room;
        } else if (room == 0) {
            wrap_put(r, w, jv_lit("")); /* white space that just fits stays, as in textwrap */
        }
        wrap_break(r, w);
        space = 0;
    }
    if (w->column + space + n > w->width && w->column > 0)
        wrap_break(r, w);
    wrap_put(r, w, word);
}

/* The end of the piece that starts at i: words may end behind a hyphen between letters. */
static size_t wrap_piece(const struct wrap *w, const struct jval *s, size_t i)
{
    size_t from = i;
    uint32_t before = 0;

    while (i < s->len) {
        size_t next = i, after;
        uint32_t c = jchar_next(s->u.s, s->len, &next);

        if (jchar_is_space(c))
            break;
        after = next;
        if (c == '-' && w->break_hyphens && i > from && jchar_is_alpha(before) && next < s->len &&
            jchar_is_alpha(jchar_next(s->u.s, s->len, &after)))
            return next;
        before = c;
        i = next;
    }
    return i;
}

static void wrap_line(struct jrun *r, struct wrap *w, struct jval s)
{
    size_t i = 0;

    w->column = 0;
    w->held = jv_lit("");
    w->is_first_line = true;
    while (i < s.len && jr_step(r, 0)) {
        size_t end = wrap_piece(w, &s, i);

        if (end > i) {
            wrap_word(r, w, jv_strn(s.u.s + i, end - i));
            i = end;
            continue;
        }
        while (end < s.len) {
            size_t next = end;

            if (!jchar_is_space(jchar_next(s.u.s, s.len, &next)))
                break;
            end = next;
        }
        if (w->column > 0 || w->is_first_line)
            w->held = jv_strn(s.u.s + i, end - i);
        i = end;
    }
}

static struct jval f_wordwrap(struct jrun *r, struct jval in, const struct jval *v)
{
    struct wrap w = { .sep = v[2].kind == JV_STR ? v[2] : jv_lit("\n"),
                      .break_words = v[1].kind == JV_UNSET || jv_truth(&v[1]),
                      .break_hyphens = v[3].kind == JV_UNSET || jv_truth(&v[3]) };
    size_t mark = r->out->len;
    struct jval lines;

    if (in.kind != JV_STR)
        jr_fail(r, "wordwrap: '%s' is not a string", jv_type(&in));
    if (!jv_to_int(r, &v[0], 79, &w.width))
        return in;
    if (w.width <= 0) {
        jr_fail(r, "invalid width %lld (must be > 0)", (long long)w.width);
        return in;
    }
    lines = r->rc ? jv_none() : jstr_lines(r, in, false);
    for (size_t i = 0; !r->rc && i < lines.u.list->n; i++) {
        if (i)
            jr_write(r, w.sep.u.s, w.sep.len);
        wrap_line(r, &w, lines.u.list->at[i]);
    }
    return jr_take(r, mark);
}

/* ---- markup and URLs ---- */

static void put_entity(struct jrun *r, const struct jval *s, size_t *i)
{
    static const struct {
        const char *name, *text;
    } known[] = {
        { "&amp;", "&" }, { "&lt;", "<" },   { "&gt;", ">" },   { "&quot;", "\"" },
        { "&#39;", "'" }, { "&#34;", "\"" }, { "&apos;", "'" }, { "&nbsp;", "\xC2\xA0" }
    };

    for (size_t k = 0; k < COUNT_OF(known); k++) {
        size_t n = strlen(known[k].name);

        if (s->len - *i >= n && memcmp(s->u.s + *i, known[k].name, n) == 0) {
            jr_write(r, known[k].text, strlen(known[k].text));
            *i += n;
            return;
        }
    }
    jr_write(r, s->u.s + (*i)++, 1);
}

/* Copies what is not a tag or comment; once a closing bracket was missed none is looked for again.
 */
static void put_untagged(struct jrun *r, const struct jval *s)
{
    struct jval end_comment = jv_lit("-->"), end_tag = jv_lit(">");
    bool has_comment = true, has_tag = true;
    size_t i = 0, plain = 0;

    while (i < s->len && jr_step(r, 0)) {
        size_t end = SIZE_MAX, n = 1;

        if (s->u.s[i] == '<' && has_comment && s->len - i >= 4 &&
            memcmp(s->u.s + i, "<!--", 4) == 0) {
            end = jstr_find(s, &end_comment, i + 4);
            has_comment = end != SIZE_MAX;
            n = 3;
        }
        if (end == SIZE_MAX && s->u.s[i] == '<' && has_tag) {
            end = jstr_find(s, &end_tag, i + 1);
            has_tag = end != SIZE_MAX;
            n = 1;
        }
        if (end == SIZE_MAX) {
            i++;
            continue;
        }
        jr_write(r, s->u.s + plain, i - plain);
        i = plain = end + n;
    }
    jr_write(r, s->u.s + plain, s->len - plain);
}

static struct jval f_striptags(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t mark = r->out->len, i;
    struct jval words;

    (void)v;
    in = jv_plain(jv_to_str(r, in));
    put_untagged(r, &in);
    words = jstr_split(r, jr_take(r, mark), &(struct jval){ .kind = JV_NONE }, -1);
    in = r->rc ? in : jstr_join(r, jv_lit(" "), words);
    for (i = 0; i < in.len && !r->rc;) {
        if (in.u.s[i] == '&')
            put_entity(r, &in, &i);
        else
            jr_write(r, in.u.s + i++, 1);
    }
    return jr_take(r, mark);
}

static void put_quoted(struct jrun *r, struct jval s, bool for_query)
{
    s = jv_to_str(r, s);
    for (size_t i = 0; i < s.len && !r->rc; i++) {
        unsigned char c = (unsigned char)s.u.s[i];
        char text[4];

        if (c < 0x80 && (jchar_is_alpha(c) || jchar_is_digit(c) ||
                         (c && strchr(for_query ? "_.-~" : "_.-~/", c)))) {
            jr_write(r, s.u.s + i, 1);
        } else if (c == ' ' && for_query) {
            jr_write(r, "+", 1);
        } else {
            (void)snprintf(text, sizeof(text), "%%%02X", c);
            jr_write(r, text, 3);
        }
    }
}

static struct jval f_urlencode(struct jrun *r, struct jval in, const struct jval *v)
{
    size_t mark = r->out->len;
    struct jval list, pair;

    (void)v;
    if (in.kind == JV_DICT) {
        in.kind = JV_VIEW;
        in.flag = JF_VIEW_ITEMS;
    }
    if (in.kind == JV_STR || in.kind == JV_NONE || jv_is_num(&in)) {
        put_quoted(r, in, false);
        return jr_take(r, mark);
    }
    list = jv_to_list(r, in, JV_LIST);
    for (size_t i = 0; !r->rc && i < list.u.list->n; i++) {
        pair = jv_to_list(r, list.u.list->at[i], JV_LIST);
        if (!r->rc && pair.u.list->n != 2)
            jr_fail(r, "urlencode needs pairs");
        if (r->rc)
            break;
        if (i)
            jr_write(r, "&", 1);
        put_quoted(r, pair.u.list->at[0], true);
        jr_write(r, "=", 1);
        put_quoted(r, pair.u.list->at[1], true);
    }
    return jr_take(r, mark);
}

static struct jval f_xmlattr(struct jrun *r, struct jval in, const struct jval *v)
{
    bool space = v[0].kind == JV_UNSET || jv_truth(&v[0]), is_first = true;
    size_t mark = r->out->len;

    if (in.kind != JV_DICT) {
        jr_fail(r, "'%s' object has no attribute 'items'", jv_type(&in));
        return in;
    }
    for (size_t i = 0; i < in.u.dict->n && !r->rc; i++) {
        const struct jpair *p = &in.u.dict->at[i];
        struct jval key, value;

        if (p->value.kind == JV_NONE || p->value.kind == JV_UNDEF)
            continue;
        key = jv_escape(r, p->key);
        value = jv_escape(r, p->value);
        if (space || !is_first)
            jr_write(r, " ", 1);
        is_first = false;
        jr_write(r, key.u.s, key.len);
        jr_write(r, "=\"", 2);
        jr_write(r, value.u.s, value.len);
        jr_write(r, "\"", 1);
    }
    return jr_take(r, mark);
}

static const struct jfilter_def filters[] = {
    { "capitalize", "", f_capitalize, NULL },
    { "center", "width", f_center, NULL },
    { "format", NULL, NULL, f_format },
    { "indent", "width first blank", f_indent, NULL },
    { "lower", "", f_lower, NULL },
    { "replace", "old! new! count", f_replace, NULL },
    { "striptags", "", f_striptags, NULL },
    { "title", "", f_title, NULL },
    { "trim", "chars", f_trim, NULL },
    { "truncate", "length killwords end leeway", f_truncate, NULL },
    { "upper", "", f_upper, NULL },
    { "urlencode", "", f_urlencode, NULL },
    { "wordcount", "", f_wordcount, NULL },
    { "wordwrap", "width break_long_words wrapstring break_on_hyphens", f_wordwrap, NULL },
    { "xmlattr", "autospace", f_xmlattr, NULL },
};

const struct jfilter_def *jfilter_str(size_t *n)
{
    *n = COUNT_OF(filters);
    return filters;
}
