/* A tool's arguments: JSON in most dialects; else one element a parameter, keyword arguments or
 * braces, whose values are JSON or, for strings, text as it is. */
#include <string.h>

#include "text/shape_int.h"

#define STRING_MARK "<|\"|>"

/* Longer strings are held to their length by leaving out the first character of their end. */
#define RAW_LEN_MAX   200U
#define RAW_LEN_BOUND 1000U

struct notation {
    struct sbuild *s;
    const struct js *props;
};

/* The expression that finds a mark, at the start only with anchored. */
static bool add_without(struct sctx *c, struct rx_set *set, const char *mark, const char *before,
                        const char *behind)
{
    char *text = sc_new(c, 2 * strlen(mark) + 8, 1);
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

/* Strings of one alternative as they stand, up to `end` (a mark that they do not contain), then
 * next. direct: no line breaks at their borders, which would be layout. */
static uint32_t raw_flat(struct sbuild *s, const struct sflat *f, const char *end, bool direct,
                         uint32_t next)
{
    struct sctx *c = &s->c;
    struct rx_set set;
    uint32_t len[2] = { 0, SCHEMA_NO_MAX };
    bool trim = s->row->flags & DIALECT_TRIM_LINES;

    rx_init(&set, &c->a, c->b.cost);
    if (!sflat_strings(c, f, &set, len) || len[0] > len[1])
        return GNODE_FAIL;
    if (set.n == 0 && len[1] != SCHEMA_NO_MAX && len[1] > RAW_LEN_MAX) {
        static const struct cp_range plain[] = { { 0x20, 0x3B },
                                                 { 0x3D, 0x7E },
                                                 { 0xA0, 0x10FFFF } };
        uint32_t rule = gb_rule(&c->b);

        uint32_t chars = gb_ranges(&c->b, plain, 3, GNODE_RET);

        gb_run(&c->b, chars, plain, 3, GNODE_RET);
        gb_rule_set(&c->b, rule, chars);
        return gb_rep(&c->b, rule, len[0], len[1], next);
    }
    if (len[1] != SCHEMA_NO_MAX && len[1] > RAW_LEN_BOUND)
        len[1] = len[0] > RAW_LEN_BOUND ? len[0] : RAW_LEN_BOUND;
    if (!add_without(c, &set, end, "", ""))
        return GNODE_FAIL;
    if (direct && s->row->kind == DIALECT_XML && !add_without(c, &set, "<![CDATA[", "^", ""))
        return GNODE_FAIL;
    if (direct && trim &&
        (!add_without(c, &set, "\n", "^", "") || !add_without(c, &set, "\n", "", "$")))
        return GNODE_FAIL;
    return sc_raw(c, &set, len[0], len[1], next);
}

static bool raw_ok(const struct sbuild *s, const char *v, size_t len, const char *end)
{
    if (strlen(v) != len || strstr(v, end) || strncmp(v, "<![CDATA[", 9) == 0)
        return false;
    return !(s->row->flags & DIALECT_TRIM_LINES) || !len || (v[0] != '\n' && v[len - 1] != '\n');
}

/* The strings among the values of a list, as they stand, then next. */
static uint32_t raw(struct sbuild *s, const struct schs *value, const char *end, bool direct,
                    uint32_t next)
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
            entry = gb_split(&c->b, entry, raw_flat(s, f, end, direct, next));
            continue;
        }
        v = sflat_values(c, f, &n);
        for (uint32_t k = 0; k < n && !c->b.rc; k++) {
            size_t len = 0;
            const char *text = js_str(v[k], &len);

            if (text && raw_ok(s, text, len, end))
                entry = gb_split(&c->b, entry, gb_bytes(&c->b, text, len, next));
        }
    }
    return entry;
}

static uint32_t json(struct sbuild *s, const struct schs *value, uint32_t next)
{
    return gb_call(&s->c.b, sc_rule(&s->c, value, false), next);
}

/* ---- one element a parameter ---- */

static uint32_t xml_value(struct notation *o, const char *key, const struct schs *value,
                          uint32_t next)
{
    struct sbuild *s = o->s;
    struct gbuild *b = &s->c.b;
    const char *end = s->row->val_end;
    uint32_t close = sh_mark(s, end, next), text, lines;
    bool typed = strstr(s->row->key_end, "string=") != NULL; /* an attribute says the type */

    if (ds_param_type(o->props, key) != 's' && !typed)
        return sh_lay(s, json(s, value, sh_lay(s, close)));
    text = raw(s, value, end, true, close);
    if (typed)
        return gb_split(b, gb_lit(b, "true\">", text),
                        gb_lit(b, "false\">", json(s, value, close)));
    if (!(s->row->flags & DIALECT_TRIM_LINES))
        return text;
    lines = gb_lit(b, "\n", raw(s, value, end, false, gb_lit(b, "\n", close)));
    return gb_split(b, lines, text);
}

static uint32_t xml_pair(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                         uint32_t next)
{
    struct notation *o = arg;
    const struct dialect_row *r = o->s->row;
    uint32_t at;

    if (!key.len || strlen(key.s) != key.len || strpbrk(key.s, "<>\n") || strstr(key.s, r->key_end))
        return GNODE_FAIL;
    at = xml_value(o, key.s, value, next);
    if (r->val)
        at = sh_lay(o->s, sh_mark(o->s, r->val, at));
    at = gb_bytes(&c->b, key.s, key.len, sh_mark(o->s, r->key_end, at));
    return sh_mark(o->s, r->arg, at);
}

/* ---- keyword arguments and braces ---- */

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

static uint32_t value_pair(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                           uint32_t next)
{
    struct notation *o = arg;
    struct gbuild *b = &c->b;
    bool python = o->s->row->kind == DIALECT_PYTHON;
    uint32_t at = json(o->s, value, next);

    if (!python)
        at = gb_split(
            b, at,
            sh_mark(o->s, STRING_MARK,
                    raw(o->s, value, STRING_MARK, false, sh_mark(o->s, STRING_MARK, next))));
    if (is_plain_key(key))
        return gb_bytes(b, key.s, key.len, gb_lit(b, python ? "=" : ":", at));
    return sc_quoted_text(c, key, gb_lit(b, ":", at));
}

/* ---- all of them ---- */

static uint32_t flat_args(struct sbuild *s, const struct sflat *f, const struct sstyle *style)
{
    struct sctx *c = &s->c;
    const struct js **v;
    uint32_t n;

    if (!sflat_has_enum(f))
        return sc_arguments(c, f, style, GNODE_RET);
    v = style ? NULL : sflat_values(c, f, &n);
    return v && !c->b.rc ? sc_literals(c, v, n, false, GNODE_RET) : GNODE_FAIL;
}

void sh_args(struct sbuild *s, struct stool *t)
{
    struct sctx *c = &s->c;
    struct notation o = { s, js_get(t->params, "properties") };
    bool python = s->row->kind == DIALECT_PYTHON;
    struct sstyle style = { .open = python ? "(" : "{",
                            .comma = ",",
                            .close = python ? ")" : "}",
                            .pair = value_pair,
                            .arg = &o };
    bool json_args = s->row->kind != DIALECT_XML && s->row->kind != DIALECT_BRACES && !python;
    struct schs list = { 0 };
    struct sflats flats = { 0 };
    struct sch *object = sc_sch(c, t->ptr);
    uint32_t entry = GNODE_FAIL;

    if (s->row->kind == DIALECT_XML) {
        style.pair = xml_pair;
        style.open = style.comma = style.close = "";
    }
    t->args = gb_rule(&c->b);
    if (c->b.rc)
        return;
    object->types = ST_OBJ;
    sc_add(c, &list, object);
    if (t->params)
        sc_add(c, &list, sc_root(c, t->params, t->ptr, t->strict ? SCHEMA_STRICT : SCHEMA_LAX));
    else
        object->max_props = 0;
    if (c->b.rc || !sc_expand(c, &list, &flats))
        return;
    for (uint32_t i = 0; i < flats.n && !c->b.rc; i++)
        if (flats.at[i].types & ST_OBJ)
            entry = gb_split(&c->b, entry, flat_args(s, &flats.at[i], json_args ? NULL : &style));
    gb_rule_set(&c->b, t->args, entry);
}
