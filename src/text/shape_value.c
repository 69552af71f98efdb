/* Values in notations of their own: text as it stands up to a mark, nested elements, keyword
 * arguments and braces. What a notation cannot say is written as JSON, which all their parsers
 * read. */
#include <string.h>

#include "text/shape_int.h"

#define NESTED_DEPTH_MAX  8U
#define NESTED_VALUES_MAX 2000U

/* Longer strings are held to their length by leaving out the first character of their end. */
#define RAW_LEN_MAX   200U
#define RAW_LEN_BOUND 1000U

static const char looks_json[] = "^[ \t\r\n]*([-0-9\\[{]|true|false|null)";

/* The expression that finds a mark, at the start only with anchored. */
static bool add_without(struct sctx *c, struct rx_set *set, const char *mark, const char *before,
                        const char *behind)
{
    char *text = sc_new(c, 2 * strlen(mark) + strlen(before) + 8, 1);
    size_t n = 0;
    struct err e;
    enum err_code rc;

    if (!text)
        return false;
    for (; *before; before++)
        text[n++] = *before;
    for (; *mark; mark++) {
        if (strchr("^$\\.*+?()[]{}|/", *mark))
            text[n++] = '\\';
        text[n++] = *mark;
    }
    for (; *behind; behind++)
        text[n++] = *behind;
    rc = rx_add(set, text, n, true, &e);
    if (rc)
        (void)sc_fail(c, rc, "", "%s", e.text);
    return !rc;
}

/* Any characters but those that a mark begins with, so many of them, then next. */
static uint32_t raw_long(struct sbuild *s, const struct sraw *as, const uint32_t len[2],
                         uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t rule = gb_rule(b), n = 0, from = 0x20, chars;
    struct cp_range plain[4];

    for (uint32_t c = 0x20; c < 0x7F; c++) {
        bool is_mark = c == (uint8_t)as->end[0] || (c == '\\' && as->is_quoted);

        if (is_mark && c > from)
            plain[n++] = (struct cp_range){ from, c - 1 };
        if (is_mark)
            from = c + 1;
    }
    plain[n++] = (struct cp_range){ from, 0x7E };
    plain[n++] = (struct cp_range){ 0xA0, 0x10FFFF };
    chars = gb_ranges(b, plain, n, GNODE_RET);
    gb_run(b, chars, plain, n, GNODE_RET);
    gb_rule_set(b, rule, chars);
    return gb_rep(b, rule, len[0], len[1], next);
}

static uint32_t raw_flat(struct sbuild *s, const struct sflat *f, const struct sraw *as,
                         uint32_t next)
{
    struct sctx *c = &s->c;
    struct rx_set set;
    uint32_t len[2] = { 0, SCHEMA_NO_MAX };
    bool trim = s->row->flags & DIALECT_TRIM_LINES;
    bool direct = as->is_direct;

    rx_init(&set, &c->a, c->b.cost);
    if (!sflat_strings(c, f, &set, len) || len[0] > len[1])
        return GNODE_FAIL;
    if (set.n == 0 && !as->no_json && len[1] != SCHEMA_NO_MAX && len[1] > RAW_LEN_MAX)
        return raw_long(s, as, len, next);
    if (len[1] != SCHEMA_NO_MAX && len[1] > RAW_LEN_BOUND)
        len[1] = len[0] > RAW_LEN_BOUND ? len[0] : RAW_LEN_BOUND;
    if (!add_without(c, &set, as->end, "", "") ||
        (as->is_quoted && !add_without(c, &set, "\\", "", "")) ||
        (as->no_json && !add_without(c, &set, "", looks_json, "")))
        return GNODE_FAIL;
    if (direct && s->row->kind == DIALECT_XML && !add_without(c, &set, "<![CDATA[", "^", ""))
        return GNODE_FAIL;
    if (direct && trim && !add_without(c, &set, "\n", "^", ""))
        return GNODE_FAIL;
    return sc_raw(c, &set, len[0], len[1], next);
}

static bool raw_ok(const struct sbuild *s, const char *v, size_t len, const struct sraw *as)
{
    if (strlen(v) != len || strstr(v, as->end) || strncmp(v, "<![CDATA[", 9) == 0 ||
        (as->is_quoted && strchr(v, '\\')) || (as->no_json && jscan_is_value(v, len)))
        return false;
    return !(s->row->flags & DIALECT_TRIM_LINES) || v[0] != '\n';
}

uint32_t sh_raw(struct sbuild *s, const struct schs *value, const struct sraw *as, uint32_t next)
{
    struct sctx *c = &s->c;
    struct sflats flats = { 0 };
    uint32_t entry = GNODE_FAIL, n;

    if (!sc_expand(c, value, &flats))
        return GNODE_FAIL;
    for (uint32_t i = 0; i < flats.n && !c->b.rc; i++) {
        const struct sflat *f = &flats.at[i];
        const struct js **v;

        if (!(f->types & ST_STR))
            continue;
        if (!sflat_has_enum(f)) {
            entry = gb_split(&c->b, entry, raw_flat(s, f, as, next));
            continue;
        }
        v = sflat_values(c, f, &n);
        for (uint32_t k = 0; k < n && !c->b.rc; k++) {
            size_t len = 0;
            const char *text = js_str(v[k], &len);

            if (text && raw_ok(s, text, len, as))
                entry = gb_split(&c->b, entry, gb_bytes(&c->b, text, len, next));
        }
    }
    return entry;
}

/* ---- JSON ---- */

uint32_t sh_json(struct sbuild *s, const struct schs *value, uint32_t next)
{
    return gb_call(&s->c.b, sc_rule(&s->c, value, false), next);
}

/* The values that are of some types, too. */
static void of_types(struct sbuild *s, const struct schs *value, uint8_t types, struct schs *out)
{
    struct sch *only = sc_sch(&s->c, "");

    only->types = types;
    *out = (struct schs){ 0 };
    for (uint32_t i = 0; i < value->n; i++)
        sc_add(&s->c, out, value->at[i]);
    sc_add(&s->c, out, only);
}

uint32_t sh_json_of(struct sbuild *s, const struct schs *value, uint8_t types, uint32_t next)
{
    struct schs some;

    of_types(s, value, types, &some);
    return s->c.b.rc ? GNODE_FAIL : sh_json(s, &some, next);
}

/* ---- keys ---- */

/* Values may be spelled as in Python: keyword arguments, and elements of templates that print
 * values as they are. */
static bool is_python(const struct sbuild *s)
{
    return s->row->kind == DIALECT_PYTHON ||
           (s->row->kind == DIALECT_XML && !(s->row->flags & DIALECT_ELEMENTS));
}

static bool is_plain_key(struct skey key)
{
    bool digit = key.len && key.s[0] >= '0' && key.s[0] <= '9';

    for (size_t i = 0; i < key.len; i++) {
        char k = key.s[i];

        if (!((k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') || (k >= '0' && k <= '9') ||
              k == '_'))
            return false;
    }
    return key.len && !digit;
}

bool sh_key_ok(const struct sbuild *s, struct skey key)
{
    const struct dialect_row *r = s->row;

    if (!key.len || strlen(key.s) != key.len || strpbrk(key.s, "<>\n") || strstr(key.s, r->key_end))
        return false;
    return !(r->flags & DIALECT_ELEMENTS) || (key.s[0] != '/' && key.len < HOLD_MAX / 2);
}

uint32_t sh_member(struct sbuild *s, struct skey key, const char *sign, uint32_t next)
{
    struct gbuild *b = &s->c.b;

    if (!sign) { /* of a dict */
        next = gb_lit(b, "':", sc_ws(&s->c, false, next));
        return strpbrk(key.s, "'\\\n") ? GNODE_FAIL
                                       : gb_lit(b, "'", gb_bytes(b, key.s, key.len, next));
    }
    if (is_plain_key(key))
        return gb_bytes(b, key.s, key.len, gb_lit(b, sign, next));
    return sc_quoted_text(&s->c, key, gb_lit(b, ":", next));
}

char *sh_element_end(struct sbuild *s, const char *key)
{
    size_t n = strlen(s->row->val_end), len = strlen(key);
    char *text = sc_new(&s->c, n + len + 2, 1);

    if (!text)
        return NULL;
    memcpy(text, s->row->val_end, n);
    memcpy(text + n, key, len);
    text[n + len] = '>';
    return text;
}

/* ---- objects ---- */

struct members {
    struct sbuild *s;
    const struct js *schema;
    unsigned depth;
};

static uint32_t nested_pair(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                            uint32_t next)
{
    const struct members *m = arg;
    struct sbuild *s = m->s;
    const struct dialect_row *r = s->row;
    const struct js *schema;
    uint32_t at;

    if (strlen(key.s) != key.len)
        return GNODE_FAIL;
    schema = js_get(js_get(m->schema, "properties"), key.s);
    if (!(r->flags & DIALECT_ELEMENTS))
        return sh_member(s, key, is_python(s) ? NULL : ":",
                         sh_nested(s, value, schema, m->depth, next));
    if (!schema || !sh_key_ok(s, key))
        return GNODE_FAIL;
    at = sh_mark(s, r->val_end, gb_bytes(&c->b, key.s, key.len, gb_lit(&c->b, ">", next)));
    at = sh_nested(s, value, schema, m->depth, at);
    return sh_mark(s, r->arg, gb_bytes(&c->b, key.s, key.len, gb_lit(&c->b, ">", at)));
}

static uint32_t nested_object(struct sbuild *s, const struct sflat *f, const struct js *schema,
                              unsigned depth, uint32_t next)
{
    bool elements = s->row->flags & DIALECT_ELEMENTS;
    struct members m = { s, schema, depth };
    const struct sstyle style = { .open = elements ? "" : "{",
                                  .comma = elements ? "" : ",",
                                  .close = elements ? "" : "}",
                                  .pair = nested_pair,
                                  .arg = &m };
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n; i++)
        n += f->atom[i]->n_prop;
    return n ? sc_arguments(&s->c, f, &style, next) : GNODE_FAIL;
}

/* ---- lists ---- */

/* Lists whose items are all alike; others stay JSON. */
static bool list_limits(const struct sflat *f, uint32_t lim[2])
{
    lim[0] = 0;
    lim[1] = SCHEMA_NO_MAX;
    for (uint32_t i = 0; i < f->n; i++) {
        const struct sch *a = f->atom[i];

        if (a->prefix.n || a->contains || a->unique)
            return false;
        lim[0] = a->min_items > lim[0] ? a->min_items : lim[0];
        lim[1] = a->max_items < lim[1] ? a->max_items : lim[1];
    }
    return lim[0] <= lim[1] && lim[1] > 0;
}

static uint32_t nested_item(struct sbuild *s, const struct schs *value, const struct js *schema,
                            unsigned depth, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    const struct dialect_row *r = s->row;

    if (!(r->flags & DIALECT_ELEMENTS))
        return sh_nested(s, value, schema, depth, next);
    next = sh_mark(s, r->val_end, gb_lit(b, "item>", next));
    return sh_mark(s, r->arg, gb_lit(b, "item>", sh_nested(s, value, schema, depth, next)));
}

static uint32_t nested_list(struct sbuild *s, const struct sflat *f, const struct js *schema,
                            unsigned depth, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    bool elements = s->row->flags & DIALECT_ELEMENTS;
    const struct js *items = js_get(schema, "items");
    struct schs value = { 0 };
    uint32_t lim[2], item, again, at, rest;

    if (!list_limits(f, lim) || !sflat_item(&s->c, f, 0, &value) || (elements && !items))
        return GNODE_FAIL;
    item = gb_rule(b);
    gb_rule_set(b, item, nested_item(s, &value, items, depth, GNODE_RET));
    again = gb_rule(b);
    at = sc_ws(&s->c, false, gb_call(b, item, GNODE_RET));
    gb_rule_set(b, again, elements ? at : gb_lit(b, ",", at));
    if (!elements)
        next = gb_lit(b, "]", next);
    if (lim[1] == SCHEMA_NO_MAX) {
        rest = gb_node(b, GN_SPLIT, GNODE_FAIL, next);
        (void)sc_set_next(&s->c, rest, gb_call(b, again, rest));
        if (lim[0] > 1)
            rest = gb_rep(b, again, lim[0] - 1, lim[0] - 1, rest);
    } else {
        rest = gb_rep(b, again, lim[0] ? lim[0] - 1 : 0, lim[1] - 1, next);
    }
    at = gb_call(b, item, rest);
    if (!lim[0] && !elements)
        at = gb_split(b, next, at);
    return elements ? at : gb_lit(b, "[", at);
}

/* ---- all of them ---- */

static bool has_value(struct sbuild *s, const struct sflat *f, enum js_kind kind, bool what)
{
    uint32_t n = 0;
    const struct js **v;

    if (!sflat_has_enum(f))
        return true;
    v = sflat_values(&s->c, f, &n);
    for (uint32_t i = 0; i < n && !s->c.b.rc; i++)
        if (js_kind(v[i]) == kind && (kind != JS_BOOL || js_bool(v[i]) == what))
            return true;
    return false;
}

/* True, False and None. */
static uint32_t words(struct sbuild *s, const struct sflat *f, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    bool python = is_python(s);
    uint32_t at = GNODE_FAIL;

    if (python && (f->types & ST_TRUE) && has_value(s, f, JS_BOOL, true))
        at = gb_split(b, at, gb_lit(b, "True", next));
    if (python && (f->types & ST_FALSE) && has_value(s, f, JS_BOOL, false))
        at = gb_split(b, at, gb_lit(b, "False", next));
    if ((f->types & ST_NULL) && has_value(s, f, JS_NULL, false))
        at = gb_split(b, at, gb_lit(b, "None", next));
    return at;
}

/* Strings in the notation's own marks. */
static uint32_t strings(struct sbuild *s, const struct schs *value, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    const char *mark = is_python(s) ? "'" : s->row->val;
    const struct sraw as = { .end = mark, .is_quoted = is_python(s) };

    if (as.is_quoted)
        return gb_lit(b, mark, sh_raw(s, value, &as, gb_lit(b, mark, next)));
    return sh_mark(s, mark, sh_raw(s, value, &as, sh_mark(s, mark, next)));
}

/* What JSON has no words for, in one alternative. */
static uint32_t nested_flat(struct sbuild *s, const struct sflat *f, const struct js *schema,
                            unsigned depth, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    bool elements = s->row->flags & DIALECT_ELEMENTS, is_enum = sflat_has_enum(f);
    struct sflat part = *f;
    uint32_t at = GNODE_FAIL;

    if (!elements)
        at = words(s, f, next);
    part.types = ST_OBJ;
    if ((f->types & ST_OBJ) && !is_enum)
        at = gb_split(b, at, nested_object(s, &part, schema, depth + 1, next));
    part.types = ST_ARR;
    if ((f->types & ST_ARR) && !is_enum)
        at = gb_split(b, at, nested_list(s, &part, schema, depth + 1, next));
    return at;
}

uint32_t sh_nested(struct sbuild *s, const struct schs *value, const struct js *schema,
                   unsigned depth, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    bool elements = s->row->flags & DIALECT_ELEMENTS;
    struct sflats flats = { 0 };
    uint32_t at;

    if (elements && ds_schema_type(schema) != 'j') {
        const struct sraw as = { .end = s->row->arg, .no_json = ds_schema_type(schema) == 'u' };

        at = sh_raw(s, value, &as, next);
        if (!as.no_json)
            return at;
        at = gb_split(b, at, sh_json_of(s, value, (uint8_t)(ST_ALL & ~ST_STR), next));
    } else {
        at = sh_json(s, value, next);
    }
    if (!elements)
        at = gb_split(b, at, strings(s, value, next));
    if (depth >= NESTED_DEPTH_MAX || s->n_nested >= NESTED_VALUES_MAX ||
        !sc_expand(&s->c, value, &flats))
        return at;
    for (uint32_t i = 0; i < flats.n && !b->rc && s->n_nested < NESTED_VALUES_MAX; i++) {
        s->n_nested++;
        at = gb_split(b, at, nested_flat(s, &flats.at[i], schema, depth, next));
    }
    return at;
}
