/* JSON to schema nodes: types of the keywords' values checked, references resolved within the
 * document. Keywords that would change what is valid but cannot be enforced are refused here. */
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

/* ptr + "/" + key with ~ and / escaped. */
static const char *child_n(struct sctx *c, const char *ptr, struct skey key)
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

static const char *child(struct sctx *c, const char *ptr, const char *key)
{
    return child_n(c, ptr, (struct skey){ key, strlen(key) });
}

static const char *child_i(struct sctx *c, const char *ptr, size_t i)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%zu", i);
    return child(c, ptr, text);
}

struct sparse {
    struct sctx *c;
    struct sch *s;
    const struct js *v, *base;
};

static void wrong(struct sparse *p, const char *key, const char *expected)
{
    (void)sc_fail(p->c, ERR_FORMAT, child(p->c, p->s->ptr, key), "expected %s", expected);
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

    return v && p->c->skips && is_skipped(p->c, child(p->c, p->s->ptr, key)) ? NULL : v;
}

static struct sch *sub(struct sparse *p, const char *key)
{
    const struct js *v = get(p, key);

    return v ? sc_parse(p->c, v, child(p->c, p->s->ptr, key), p->base) : NULL;
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
    ptr = child(p->c, p->s->ptr, key);
    for (size_t i = 0; i < js_len(v) && !p->c->b.rc; i++)
        sc_add(p->c, out, sc_parse(p->c, js_at(v, i), child_i(p->c, ptr, i), p->base));
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

static void add_pattern(struct sparse *p, struct skey text, bool is_format)
{
    p->s->pattern[p->s->n_pattern++] = (struct spattern){ text, false, is_format };
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
            (void)sc_fail(p->c, rc, child(p->c, s->ptr, "pattern"), "%s", e.text);
        add_pattern(p, k, false);
    }
    if (format) {
        const char *rx;

        k.s = js_str(format, &k.len);
        rx = k.s ? sc_format(k) : NULL;
        if (!k.s)
            wrong(p, "format", "a string");
        else if (!rx)
            (void)sc_fail(p->c, ERR_UNSUPPORTED, child(p->c, s->ptr, "format"),
                          "format \"%.60s\" cannot be enforced", k.s);
        else if (*rx)
            add_pattern(p, (struct skey){ rx, strlen(rx) }, true);
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
    const char *ptr = child(p->c, p->s->ptr, key);
    struct sprop *at = v ? sc_new(p->c, js_len(v), sizeof(*at)) : NULL;

    if (v && js_kind(v) != JS_OBJ)
        wrong(p, key, "an object of schemas");
    if (!at || js_kind(v) != JS_OBJ)
        return NULL;
    for (void *it = js_first(v); it && !p->c->b.rc; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        at[*n].key = k;
        at[(*n)++].value = sc_parse(p->c, js_value(it), child_n(p->c, ptr, k), p->base);
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
    const char *ptr = child_n(c, child(c, p->s->ptr, key), name);
    struct sdep *d = sc_new(c, 1, sizeof(*d));

    if (!d)
        return;
    d->key = name;
    d->forbid = sc_sch(c, ptr);
    d->forbid->prop = sc_new(c, 1, sizeof(*d->forbid->prop));
    if (c->b.rc)
        return;
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
            child_n(p->c, child(p->c, s->ptr, "patternProperties"), s->by_pattern[i].key));
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

/* unevaluated...: false says the same as additional...: false where nothing else evaluates. */
static void parse_unevaluated(struct sparse *p, const char *key)
{
    static const char *const others[] = {
        "allOf",        "anyOf",   "oneOf", "not", "if", "$ref", "dependentSchemas",
        "dependencies", "contains"
    };
    const struct js *v = get(p, key);
    bool alone = true;

    if (!v || js_bool(v))
        return;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        alone = alone && !get(p, others[i]);
    if (!alone) {
        (void)sc_fail(p->c, ERR_UNSUPPORTED, child(p->c, p->s->ptr, key),
                      "\"%s\" cannot be enforced beside other schemas", key);
    } else if (strcmp(key, "unevaluatedItems") == 0) {
        p->s->items = p->s->items ? p->s->items : sub(p, key);
    } else {
        p->s->additional = p->s->additional ? p->s->additional : sub(p, key);
    }
}

/* ---- references ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* The next part of a JSON pointer in a URI fragment, unescaped into out (room for all of it). */
static size_t pointer_part(const char **at, char *out)
{
    size_t n = 0;
    const char *s = *at;

    for (; *s && *s != '/'; s++) {
        char ch = *s;

        if (ch == '%' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
            ch = (char)(hex_digit(s[1]) * 16 + hex_digit(s[2]));
            s += 2;
        }
        if (n && out[n - 1] == '~' && (ch == '0' || ch == '1'))
            out[n - 1] = ch == '0' ? '\x01' : '/'; /* ~0 must not meet a following digit */
        else
            out[n++] = ch;
    }
    for (size_t i = 0; i < n; i++) {
        if (out[i] == '\x01')
            out[i] = '~';
    }
    out[n] = '\0';
    *at = s;
    return n;
}

static const struct js *follow(struct sctx *c, const struct js *v, const char *pointer)
{
    char *part = sc_new(c, strlen(pointer) + 1, 1);

    while (part && v && *pointer == '/') {
        pointer++;
        (void)pointer_part(&pointer, part);
        if (js_kind(v) == JS_ARR) {
            size_t i = 0;
            bool digits = *part != '\0';

            for (const char *k = part; *k && digits; k++) {
                digits = *k >= '0' && *k <= '9' && i < 100000000U;
                i = i * 10 + (size_t)(*k - '0');
            }
            v = digits ? js_at(v, i) : NULL;
        } else {
            v = js_kind(v) == JS_OBJ ? js_get(v, part) : NULL;
        }
    }
    return *pointer ? NULL : v;
}

/* The schema with this $anchor (draft-07: $id "#name") below v, searched to a limited depth. */
static const struct js *find_anchor(struct sctx *c, const struct js *v, const char *name,
                                    unsigned depth)
{
    const char *anchor = js_str(js_get(v, "$anchor"), NULL), *id = js_str(js_get(v, "$id"), NULL);
    const struct js *found = NULL;

    if (depth > SCHEMA_DEPTH_MAX || !sc_work(c, 1))
        return NULL;
    if (js_kind(v) == JS_OBJ && anchor && strcmp(anchor, name) == 0)
        return v;
    if (js_kind(v) == JS_OBJ && c->is_old && id && *id == '#' && strcmp(id + 1, name) == 0)
        return v;
    if (js_kind(v) == JS_OBJ) {
        for (void *it = js_first(v); it && !found; it = js_next(v, it)) {
            const struct js *kid = js_value(it);
            const char *sub_id = js_str(js_get(kid, "$id"), NULL);

            if (js_kind(kid) == JS_OBJ && sub_id && *sub_id != '#')
                continue; /* a resource of its own */
            found = find_anchor(c, kid, name, depth + 1);
        }
    } else if (js_kind(v) == JS_ARR) {
        for (size_t i = 0; i < js_len(v) && !found; i++)
            found = find_anchor(c, js_at(v, i), name, depth + 1);
    }
    return found;
}

static void parse_ref(struct sparse *p)
{
    struct sctx *c = p->c;
    const char *ref = js_str(get(p, "$ref"), NULL), *ptr = child(c, p->s->ptr, "$ref");
    const char *id = js_str(js_get(c->root, "$id"), NULL);
    const struct js *base = p->base, *to = NULL;
    size_t n = id ? strcspn(id, "#") : 0;

    if (!ref) {
        wrong(p, "$ref", "a string");
        return;
    }
    if (id && n && strstr(id, ":") && strncmp(ref, id, n) == 0 && (ref[n] == '#' || !ref[n])) {
        base = c->root;
        ref += n;
    } else if (*ref != '#') {
        (void)sc_fail(c, ERR_UNSUPPORTED, ptr, "reference to another document: \"%.100s\"", ref);
        return;
    }
    ref += *ref == '#';
    if (*ref == '\0' || *ref == '/')
        to = follow(c, base, ref);
    else
        to = find_anchor(c, base, ref, 0);
    if (!to || (js_kind(to) != JS_OBJ && js_kind(to) != JS_BOOL)) {
        (void)sc_fail(c, ERR_FORMAT, ptr, "\"#%.100s\" does not point at a schema", ref);
        return;
    }
    ptr = p->s->ptr;
    if (base == c->root && *ref) {
        size_t n_root = strlen(c->root_ptr), n_ref = strlen(ref);
        char *joined = sc_new(c, n_root + n_ref + 1, 1);

        if (!joined)
            return;
        memcpy(joined, c->root_ptr, n_root);
        memcpy(joined + n_root, ref, n_ref);
        ptr = joined;
    }
    p->s->ref = sc_parse(c, to, ptr, base);
}

/* Every keyword that says something here, and those that say nothing about what is valid. */
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
    "description",
    "else",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
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
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "then",
    "title",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "writeOnly",
};

static void refuse_unknown(struct sparse *p)
{
    for (void *it = js_first(p->v); it && !p->c->b.rc; it = js_next(p->v, it)) {
        struct skey k;
        bool found = false;

        k.s = js_key(it, &k.len);
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !found; i++)
            found = strlen(known[i]) == k.len && memcmp(known[i], k.s, k.len) == 0;
        if (!found)
            (void)sc_fail(p->c, ERR_UNSUPPORTED, child_n(p->c, p->s->ptr, k),
                          "unknown keyword \"%.60s\"", k.s);
    }
}

static void parse_object(struct sparse *p)
{
    static const char *const refused[] = { "$dynamicRef", "$recursiveRef" };

    if (p->c->mode == SCHEMA_STRICT)
        refuse_unknown(p);
    if (get(p, "$ref")) {
        parse_ref(p);
        if (p->c->is_old)
            return;
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (get(p, refused[i]))
            (void)sc_fail(p->c, ERR_UNSUPPORTED, child(p->c, p->s->ptr, refused[i]),
                          "\"%s\" cannot be enforced", refused[i]);
    }
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
    const char *id = js_str(js_get(v, "$id"), NULL);
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
    if (id && *id != '#')
        base = v;
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
    }
    c->depth--;
    return m->sch;
}
