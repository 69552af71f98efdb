/* JSON to schema nodes: types of the keywords' values checked. Keywords that would change what is
 * valid but cannot be enforced are refused here. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/schema_int.h"

uint8_t sc_type_of(const struct js *v)
{
    switch (js_kind(v)) {
    case JS_NULL:
        return ST_NULL;
    case JS_BOOL:
        return js_bool(v) ? ST_TRUE : ST_FALSE;
    case JS_INT:
        return ST_INT;
    case JS_REAL:
        return floor(js_num(v)) == js_num(v) ? ST_INT : ST_FRAC;
    case JS_STR:
        return ST_STR;
    case JS_ARR:
        return ST_ARR;
    default:
        return ST_OBJ;
    }
}

const char *sc_child_n(struct sctx *c, const char *ptr, struct skey key)
{
    size_t n = strlen(ptr), k = n;
    char *s = sc_new(c, n + 2 * key.len + 2, 1);

    if (!s)
        return ptr;
    memcpy(s, ptr, n);
    s[k++] = '/';
    for (size_t i = 0; i < key.len; i++) {
        if (key.s[i] == '~' || key.s[i] == '/') {
            s[k++] = '~';
            s[k++] = key.s[i] == '~' ? '0' : '1';
        } else {
            s[k++] = key.s[i];
        }
    }
    return s;
}

const char *sc_child(struct sctx *c, const char *ptr, const char *key)
{
    return sc_child_n(c, ptr, (struct skey){ key, strlen(key) });
}

const char *sc_child_i(struct sctx *c, const char *ptr, size_t i)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%zu", i);
    return sc_child(c, ptr, text);
}

struct sparse {
    struct sctx *c;
    struct sch *s;
    const struct js *v, *base;
};

static void wrong(struct sparse *p, const char *key, const char *expected)
{
    (void)sc_fail(p->c, ERR_FORMAT, sc_child(p->c, p->s->ptr, key), "expected %s", expected);
}

static bool is_skipped(const struct sctx *c, const char *ptr)
{
    for (uint32_t i = 0; c->skips && i < c->skips->n; i++) {
        if (strcmp(c->skips->at[i], ptr) == 0)
            return true;
    }
    return false;
}

static const struct js *get(const struct sparse *p, const char *key)
{
    const struct js *v = js_get(p->v, key);

    return v && p->c->skips && is_skipped(p->c, sc_child(p->c, p->s->ptr, key)) ? NULL : v;
}

static struct sch *sub(struct sparse *p, const char *key)
{
    const struct js *v = get(p, key);

    return v ? sc_parse(p->c, v, sc_child(p->c, p->s->ptr, key), p->base) : NULL;
}

static void list(struct sparse *p, const char *key, struct schs *out)
{
    const struct js *v = get(p, key);
    const char *ptr;

    if (!v)
        return;
    if (js_kind(v) != JS_ARR) {
        wrong(p, key, "an array of schemas");
        return;
    }
    ptr = sc_child(p->c, p->s->ptr, key);
    for (size_t i = 0; i < js_len(v) && !p->c->b.rc; i++)
        sc_add(p->c, out, sc_parse(p->c, js_at(v, i), sc_child_i(p->c, ptr, i), p->base));
}

static void count(struct sparse *p, const char *key, uint32_t *out)
{
    const struct js *v = get(p, key);
    double d = js_num(v);

    if (!v)
        return;
    if (!js_is_num(v) || d < 0 || floor(d) != d)
        wrong(p, key, "a whole number that is not negative");
    else
        *out = d < (double)(SCHEMA_NO_MAX - 1) ? (uint32_t)d : SCHEMA_NO_MAX - 1;
}

static const struct js *number(struct sparse *p, const char *key)
{
    const struct js *v = get(p, key);

    if (v && !js_is_num(v))
        wrong(p, key, "a number");
    return v;
}

static uint8_t type_bits(const struct js *v)
{
    static const struct {
        const char *name;
        uint8_t bits;
    } names[] = { { "null", ST_NULL },   { "boolean", ST_TRUE | ST_FALSE },
                  { "integer", ST_INT }, { "number", ST_NUM },
                  { "string", ST_STR },  { "array", ST_ARR },
                  { "object", ST_OBJ } };
    const char *s = js_str(v, NULL);

    for (size_t i = 0; s && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(s, names[i].name) == 0)
            return names[i].bits;
    }
    return 0;
}

static void parse_type(struct sparse *p)
{
    const struct js *v = get(p, "type");
    uint8_t bits = 0;

    if (!v)
        return;
    if (js_kind(v) == JS_ARR) {
        for (size_t i = 0; i < js_len(v); i++) {
            uint8_t one = type_bits(js_at(v, i));

            if (!one)
                wrong(p, "type", "names of types");
            bits |= one;
        }
    } else {
        bits = type_bits(v);
    }
    if (!bits)
        wrong(p, "type", "the name of a type");
    p->s->types &= bits;
}

static void parse_enum(struct sparse *p)
{
    const struct js *v = get(p, "enum"), *one = get(p, "const");
    struct sch *s = p->s;

    if (v && js_kind(v) != JS_ARR)
        wrong(p, "enum", "an array");
    if (v && !p->c->b.rc) {
        s->has_enum = true;
        s->value = sc_new(p->c, js_len(v), sizeof(struct js *));
        for (size_t i = 0; s->value && i < js_len(v); i++)
            s->value[s->n_value++] = js_at(v, i);
    }
    if (one && v) { /* both: const is an atom of its own */
        struct sch *k = sc_sch(p->c, s->ptr);

        k->has_enum = true;
        k->value = sc_new(p->c, 1, sizeof(struct js *));
        if (k->value)
            k->value[k->n_value++] = one;
        sc_add(p->c, &s->all, k);
    } else if (one) {
        s->has_enum = true;
        s->value = sc_new(p->c, 1, sizeof(struct js *));
        if (s->value)
            s->value[s->n_value++] = one;
    }
}

static void parse_numbers(struct sparse *p)
{
    struct sch *s = p->s;
    const struct js *xmin = get(p, "exclusiveMinimum"), *xmax = get(p, "exclusiveMaximum");

    s->min = number(p, "minimum");
    s->max = number(p, "maximum");
    if (xmin && js_kind(xmin) == JS_BOOL) { /* draft-04 */
        if (js_bool(xmin)) {
            s->above = s->min;
            s->min = NULL;
        }
    } else {
        s->above = number(p, "exclusiveMinimum");
    }
    if (xmax && js_kind(xmax) == JS_BOOL) {
        if (js_bool(xmax)) {
            s->below = s->max;
            s->max = NULL;
        }
    } else {
        s->below = number(p, "exclusiveMaximum");
    }
    s->multiple = number(p, "multipleOf");
    if (s->multiple && js_num(s->multiple) <= 0)
        wrong(p, "multipleOf", "a number above 0");
}

static void parse_strings(struct sparse *p)
{
    struct sch *s = p->s;
    const struct js *pattern = get(p, "pattern"), *format = get(p, "format");
    struct skey k;

    count(p, "minLength", &s->min_len);
    count(p, "maxLength", &s->max_len);
    s->pattern = pattern || format ? sc_new(p->c, 2, sizeof(*s->pattern)) : NULL;
    if (p->c->b.rc)
        return;
    if (pattern) {
        struct rx_set probe;
        struct err e;
        enum err_code rc;

        k.s = js_str(pattern, &k.len);
        if (!k.s) {
            wrong(p, "pattern", "a string");
            return;
        }
        rx_init(&probe, &p->c->a, p->c->b.cost);
        rc = rx_add(&probe, k.s, k.len, false, &e);
        if (rc)
            (void)sc_fail(p->c, rc, sc_child(p->c, s->ptr, "pattern"), "%s", e.text);
        s->pattern[s->n_pattern++] = (struct spattern){ .text = k };
    }
    if (format) {
        k.s = js_str(format, &k.len);
        if (!k.s)
            wrong(p, "format", "a string");
        else if (!sc_format(p->c, s, k))
            (void)sc_fail(p->c, ERR_UNSUPPORTED, sc_child(p->c, s->ptr, "format"),
                          "format \"%.60s\" cannot be enforced", k.s);
    }
}

static void parse_arrays(struct sparse *p)
{
    struct sch *s = p->s;
    const struct js *items = get(p, "items"), *unique = get(p, "uniqueItems");

    count(p, "minItems", &s->min_items);
    count(p, "maxItems", &s->max_items);
    count(p, "minContains", &s->min_contains);
    count(p, "maxContains", &s->max_contains);
    list(p, "prefixItems", &s->prefix);
    if (items && js_kind(items) == JS_ARR) { /* draft-07: a tuple */
        list(p, "items", &s->prefix);
        s->items = sub(p, "additionalItems");
    } else {
        s->items = sub(p, "items");
    }
    s->contains = sub(p, "contains");
    if (unique && js_kind(unique) != JS_BOOL)
        wrong(p, "uniqueItems", "true or false");
    s->unique = js_bool(unique);
}

static struct sprop *parse_props(struct sparse *p, const char *key, uint32_t *n)
{
    const struct js *v = get(p, key);
    const char *ptr = sc_child(p->c, p->s->ptr, key);
    struct sprop *at = v ? sc_new(p->c, js_len(v), sizeof(*at)) : NULL;

    if (v && js_kind(v) != JS_OBJ)
        wrong(p, key, "an object of schemas");
    if (!at || js_kind(v) != JS_OBJ)
        return NULL;
    for (void *it = js_first(v); it && !p->c->b.rc; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        at[*n].key = k;
        at[(*n)++].value = sc_parse(p->c, js_value(it), sc_child_n(p->c, ptr, k), p->base);
    }
    return at;
}

static void parse_required(struct sparse *p, const struct js *v, struct sch *to, const char *key)
{
    if (js_kind(v) != JS_ARR) {
        wrong(p, key, "an array of names");
        return;
    }
    to->required = sc_new(p->c, js_len(v), sizeof(*to->required));
    for (size_t i = 0; to->required && i < js_len(v); i++) {
        struct skey k;

        k.s = js_str(js_at(v, i), &k.len);
        if (!k.s) {
            wrong(p, key, "an array of names");
            return;
        }
        to->required[to->n_required++] = k;
    }
}

/* One member of dependentRequired, dependentSchemas or draft-07's dependencies. */
static void parse_dep(struct sparse *p, const char *key, struct skey name, const struct js *v)
{
    struct sctx *c = p->c;
    const char *ptr = sc_child_n(c, sc_child(c, p->s->ptr, key), name);
    struct sdep *d = sc_new(c, 1, sizeof(*d));

    if (!d)
        return;
    d->key = name;
    d->forbid = sc_sch(c, ptr);
    d->forbid->prop = sc_new(c, 1, sizeof(*d->forbid->prop));
    d->present = sc_sch(c, ptr);
    d->present->types = ST_OBJ;
    d->present->required = sc_new(c, 1, sizeof(*d->present->required));
    if (c->b.rc)
        return;
    d->present->required[d->present->n_required++] = name;
    d->forbid->prop[0] = (struct sprop){ name, c->none };
    d->forbid->n_prop = 1;
    if (js_kind(v) == JS_ARR && strcmp(key, "dependentSchemas") != 0) {
        d->then = sc_sch(c, ptr);
        parse_required(p, v, d->then, key);
    } else if (strcmp(key, "dependentRequired") == 0) {
        wrong(p, key, "arrays of names");
        d->then = c->none;
    } else {
        d->then = sc_parse(c, v, ptr, p->base);
    }
    d->after = p->s->deps;
    p->s->deps = d;
}

static void parse_deps(struct sparse *p, const char *key)
{
    const struct js *v = get(p, key);

    if (!v)
        return;
    if (js_kind(v) != JS_OBJ) {
        wrong(p, key, "an object");
        return;
    }
    for (void *it = js_first(v); it && !p->c->b.rc; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        parse_dep(p, key, k, js_value(it));
    }
}

static void parse_objects(struct sparse *p)
{
    struct sch *s = p->s;
    const struct js *required = get(p, "required");

    count(p, "minProperties", &s->min_props);
    count(p, "maxProperties", &s->max_props);
    s->prop = parse_props(p, "properties", &s->n_prop);
    s->by_pattern = parse_props(p, "patternProperties", &s->n_by_pattern);
    for (uint32_t i = 0; i < s->n_by_pattern; i++)
        (void)sc_matches(
            p->c, s->by_pattern[i].key, (struct skey){ "", 0 },
            sc_child_n(p->c, sc_child(p->c, s->ptr, "patternProperties"), s->by_pattern[i].key));
    s->additional = sub(p, "additionalProperties");
    s->names = sub(p, "propertyNames");
    if (required && js_kind(required) != JS_BOOL)
        parse_required(p, required, s, "required");
    parse_deps(p, "dependentRequired");
    parse_deps(p, "dependentSchemas");
    parse_deps(p, "dependencies");
}

static void parse_group(struct sparse *p, const char *key, bool exactly_one)
{
    struct sgroup *g;

    if (!get(p, key))
        return;
    g = sc_new(p->c, 1, sizeof(*g));
    if (!g)
        return;
    g->exactly_one = exactly_one;
    list(p, key, &g->alt);
    g->after = p->s->groups;
    p->s->groups = g;
}

static void parse_applicators(struct sparse *p)
{
    struct sch *s = p->s;

    list(p, "allOf", &s->all);
    parse_group(p, "anyOf", false);
    parse_group(p, "oneOf", true);
    s->not = sub(p, "not");
    s->if_ = sub(p, "if");
    if (s->if_) {
        s->then = sub(p, "then");
        s->else_ = sub(p, "else");
    }
}

/* unevaluated... says the same as additional... where nothing else evaluates. */
static void parse_unevaluated(struct sparse *p, const char *key)
{
    static const char *const others[] = { "allOf",
                                          "anyOf",
                                          "oneOf",
                                          "not",
                                          "if",
                                          "$ref",
                                          "$dynamicRef",
                                          "$recursiveRef",
                                          "dependentSchemas",
                                          "dependencies",
                                          "contains" };
    bool alone = true, is_items = strcmp(key, "unevaluatedItems") == 0;
    struct sch *s = p->s, *v = sub(p, key);

    if (!v)
        return;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        alone = alone && !get(p, others[i]);
    if (alone && is_items)
        s->items = s->items ? s->items : v;
    else if (alone)
        s->additional = s->additional ? s->additional : v;
    else if (is_items)
        s->unev_items = v;
    else
        s->unev_props = v;
    p->c->has_unev = p->c->has_unev || !alone;
}

static void parse_ref(struct sparse *p, const char *key, enum sref_kind kind)
{
    const struct js *v = get(p, key);
    struct sch *to;

    if (!v)
        return;
    if (js_kind(v) != JS_STR) {
        wrong(p, key, "a string");
        return;
    }
    to = sc_ref(p->c, js_str(v, NULL), p->base, sc_child(p->c, p->s->ptr, key), kind);
    if (p->s->ref)
        sc_add(p->c, &p->s->all, to);
    else
        p->s->ref = to;
}

/* Every keyword that says something here, and those that say nothing about what is valid: notes of
 * OpenAPI and of editors among them, and whatever begins with "x-". `nullable` is one: who may not
 * write null writes nothing wrong. */
static const char *const known[] = {
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$ref",
    "$schema",
    "$vocabulary",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "components",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "deprecationMessage",
    "description",
    "discriminator",
    "else",
    "enum",
    "enumDescriptions",
    "enumNames",
    "errorMessage",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "if",
    "items",
    "markdownDescription",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "propertyOrdering",
    "readOnly",
    "required",
    "then",
    "title",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "writeOnly",
    "xml",
};

static void refuse_unknown(struct sparse *p)
{
    for (void *it = js_first(p->v); it && !p->c->b.rc; it = js_next(p->v, it)) {
        struct skey k;
        bool found;

        k.s = js_key(it, &k.len);
        found = k.len > 2 && memcmp(k.s, "x-", 2) == 0;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !found; i++)
            found = strlen(known[i]) == k.len && memcmp(known[i], k.s, k.len) == 0;
        if (!found)
            (void)sc_fail(p->c, ERR_UNSUPPORTED, sc_child_n(p->c, p->s->ptr, k),
                          "unknown keyword \"%.60s\"", k.s);
    }
}

static void parse_object(struct sparse *p)
{
    if (p->c->mode == SCHEMA_STRICT)
        refuse_unknown(p);
    parse_ref(p, "$ref", SREF_PLAIN);
    if (p->c->is_old && p->s->ref)
        return;
    parse_ref(p, "$dynamicRef", SREF_DYNAMIC);
    parse_ref(p, "$recursiveRef", SREF_RECURSIVE);
    parse_type(p);
    parse_enum(p);
    parse_numbers(p);
    parse_strings(p);
    parse_arrays(p);
    parse_objects(p);
    parse_applicators(p);
    parse_unevaluated(p, "unevaluatedProperties");
    parse_unevaluated(p, "unevaluatedItems");
}

struct sch *sc_parse(struct sctx *c, const struct js *v, const char *ptr, const struct js *base)
{
    size_t h;
    struct smemo *m;

    if (c->b.rc)
        return c->none;
    if (js_kind(v) == JS_BOOL)
        return js_bool(v) ? c->any : c->none;
    if (js_kind(v) != JS_OBJ) {
        (void)sc_fail(c, ERR_FORMAT, ptr, "a schema is an object, true or false");
        return c->none;
    }
    if (c->skips && is_skipped(c, ptr))
        return c->any;
    base = sc_base(c, v, base, ptr);
    h = ((uintptr_t)v >> 4) * 0x9E3779B1U % SMEMO_BUCKETS;
    for (m = c->parsed[h]; m; m = m->chain) {
        if (m->js == v && m->base == base)
            return m->sch;
    }
    m = sc_new(c, 1, sizeof(*m));
    if (!m)
        return c->none;
    *m = (struct smemo){ .chain = c->parsed[h], .js = v, .base = base, .sch = sc_sch(c, ptr) };
    c->parsed[h] = m;
    if (++c->depth > SCHEMA_DEPTH_MAX) {
        (void)sc_fail(c, ERR_LIMIT, ptr, "schemas are nested more than %u deep", SCHEMA_DEPTH_MAX);
    } else {
        struct sparse p = { c, m->sch, v, base };

        parse_object(&p);
        m->sch = sc_same(c, m->sch);
    }
    c->depth--;
    return m->sch;
}
