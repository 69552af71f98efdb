/* A tool's arguments: JSON in most dialects; else one element a parameter, keyword arguments or
 * braces, whose values are JSON or, for strings, text as it is. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"
#include "text/shape_int.h"

struct notation {
    struct sbuild *s;
    const struct js *params;
};

static const struct js *schema_of(const struct notation *o, const char *key)
{
    return js_get(js_get(o->params, "properties"), key);
}

/* ---- one element a parameter ---- */

/* Text between marks that a value needs when it has characters of elements in it. */
static uint32_t cdata(struct sbuild *s, const struct schs *value, uint32_t close)
{
    static const struct sraw as = { .end = "]]>" };
    uint32_t at = sh_raw(s, value, &as, gb_lit(&s->c.b, as.end, close));

    return gb_lit(&s->c.b, "<![CDATA[", at);
}

static uint32_t text_value(struct sbuild *s, const struct schs *value, bool is_union,
                           uint32_t close)
{
    struct sraw as = { .end = s->row->val_end, .is_direct = true, .no_json = is_union };
    struct gbuild *b = &s->c.b;
    uint32_t text = sh_raw(s, value, &as, close), lines;

    if ((s->row->flags & DIALECT_CDATA) && !is_union)
        text = gb_split(b, text, cdata(s, value, close));
    if (!(s->row->flags & DIALECT_TRIM_LINES))
        return text;
    as.is_direct = false;
    lines = gb_lit(b, "\n", sh_raw(s, value, &as, gb_lit(b, "\n", close)));
    return gb_split(b, lines, text);
}

/* Behind an attribute that says whether it is text. */
static uint32_t typed_value(struct sbuild *s, const struct schs *value, uint32_t close)
{
    struct sraw as = { .end = s->row->val_end, .is_direct = true };
    struct gbuild *b = &s->c.b;
    const char *const *types = s->row->types;
    uint32_t at = sh_mark(s, types[0], sh_raw(s, value, &as, close));
    static const uint8_t of[DIALECT_TYPES] = { 0,       ST_NUM, ST_TRUE | ST_FALSE, ST_OBJ, ST_ARR,
                                               ST_NULL, ST_INT };

    for (unsigned i = 1; i < DIALECT_TYPES && types[i]; i++)
        at = gb_split(
            b, at,
            sh_mark(s, types[i],
                    types[2] ? sh_json_of(s, value, of[i], close) : sh_json(s, value, close)));
    return at;
}

static uint32_t element_value(struct notation *o, const char *key, const struct schs *value,
                              uint32_t close)
{
    struct sraw as = { 0 };

    if (ds_param_type(js_get(o->params, "properties"), key) != 's')
        return sh_nested(o->s, value, schema_of(o, key), 0, close);
    as.end = sh_element_end(o->s, key);
    return sh_raw(o->s, value, &as, close);
}

static uint32_t xml_value(struct notation *o, const char *key, const struct schs *value,
                          uint32_t next)
{
    struct sbuild *s = o->s;
    uint32_t close, at;
    char type;

    if (s->row->flags & DIALECT_ELEMENTS)
        return element_value(
            o, key, value,
            sh_mark(s, s->row->val_end, gb_lit(&s->c.b, key, gb_lit(&s->c.b, ">", next))));
    close = sh_mark(s, s->row->val_end, next);
    if (s->row->types[0])
        return typed_value(s, value, close);
    type = ds_param_type(js_get(o->params, "properties"), key);
    if (type == 'j')
        return sh_lay(s, sh_nested(s, value, schema_of(o, key), 0, sh_lay(s, close)));
    at = text_value(s, value, type == 'u', close);
    if (type == 'u')
        at = gb_split(
            &s->c.b, at,
            sh_lay(s, sh_json_of(s, value, (uint8_t)(ST_ALL & ~ST_STR), sh_lay(s, close))));
    return at;
}

static uint32_t xml_pair(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                         uint32_t next)
{
    struct notation *o = arg;
    const struct dialect_row *r = o->s->row;
    uint32_t at;

    if (!sh_key_ok(o->s, key))
        return GNODE_FAIL;
    at = xml_value(o, key.s, value, next);
    if (r->val)
        at = sh_lay(o->s, sh_mark(o->s, r->val, at));
    at = gb_bytes(&c->b, key.s, key.len, sh_mark(o->s, r->key_end, at));
    return sh_mark(o->s, r->arg, at);
}

/* ---- keyword arguments and braces ---- */

static uint32_t value_pair(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                           uint32_t next)
{
    struct notation *o = arg;
    uint32_t at;

    (void)c;
    if (strlen(key.s) != key.len)
        return GNODE_FAIL;
    at = sh_nested(o->s, value, schema_of(o, key.s), 0, next);
    return sh_member(o->s, key, o->s->row->kind == DIALECT_PYTHON ? "=" : ":", at);
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

/* ---- properties in the order of their names ---- */

struct member {
    const char *key;
    const struct js *value;
};

static int by_name(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int diff = strcasecmp(x->key, y->key);

    return diff ? diff : strcmp(x->key, y->key);
}

/* The same schema, its properties sorted; they are read where `in` says so. */
static void write_sorted(struct sbuild *s, struct jsonw *w, const struct js *v, bool in)
{
    struct member *m = NULL;
    size_t n = 0, max = js_kind(v) == JS_OBJ ? js_len(v) : 0;

    if (js_kind(v) == JS_ARR) {
        jsonw_arr(w);
        for (size_t i = 0; i < js_len(v); i++)
            write_sorted(s, w, js_at(v, i), false);
        jsonw_arr_end(w);
        return;
    }
    if (max)
        m = sc_new(&s->c, max, sizeof(*m));
    if (!m) {
        jsonw_js(w, v);
        return;
    }
    for (void *it = js_first(v); it && n < max; it = js_next(v, it))
        m[n++] = (struct member){ js_key(it, NULL), js_value(it) };
    if (in)
        qsort(m, n, sizeof(*m), by_name);
    jsonw_obj(w);
    for (size_t i = 0; i < n; i++) {
        jsonw_key(w, m[i].key);
        write_sorted(s, w, m[i].value, !in && strcmp(m[i].key, "properties") == 0);
    }
    jsonw_obj_end(w);
}

enum err_code sh_sort(struct sbuild *s, struct stool *t)
{
    enum err_code rc = ERR_OOM;
    struct buf text;
    struct jsonw w;

    if (js_kind(t->params) != JS_OBJ)
        return ERR_OK;
    buf_init(&text, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    jsonw_init(&w, &text);
    write_sorted(s, &w, t->params, false);
    if (!text.failed)
        rc = js_parse(&t->own, text.data, text.len, NULL);
    buf_finish(&text);
    if (rc)
        return gb_fail(&s->c.b, rc, "no memory for a tool's parameters");
    t->params = t->own;
    return ERR_OK;
}

/* ---- */

void sh_args(struct sbuild *s, struct stool *t)
{
    struct sctx *c = &s->c;
    struct notation o = { s, t->params };
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
