/* Whether a value that the schema itself contains (in enum or const) satisfies a node. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "text/schema_int.h"

#define VALID_DEPTH_MAX 200U

static bool equal(const struct js *a, const struct js *b, unsigned depth)
{
    size_t n, m;
    const char *s, *t;

    if (js_is_num(a) && js_is_num(b))
        return sc_compare(a, b) == 0;
    if (sc_type_of(a) != sc_type_of(b) || js_len(a) != js_len(b) || depth > VALID_DEPTH_MAX)
        return false;
    switch (js_kind(a)) {
    case JS_STR:
        s = js_str(a, &n);
        t = js_str(b, &m);
        return n == m && memcmp(s, t, n) == 0;
    case JS_ARR:
        for (size_t i = 0; i < js_len(a); i++) {
            if (!equal(js_at(a, i), js_at(b, i), depth + 1))
                return false;
        }
        return true;
    case JS_OBJ:
        for (void *it = js_first(a); it; it = js_next(a, it)) {
            const struct js *other = js_get(b, js_key(it, NULL));

            if (!other || !equal(js_value(it), other, depth + 1))
                return false;
        }
        return true;
    default:
        return true;
    }
}

static bool is_multiple(const struct js *v, const struct js *of, bool doubtful)
{
    long double q;

    if (js_kind(v) == JS_INT && js_kind(of) == JS_INT)
        return js_int(v) % js_int(of) == 0;
    q = (long double)js_num(v) / (long double)js_num(of);
    return fabsl(q) < 1e15L ? fabsl(q - roundl(q)) < 1e-9L * fmaxl(1.0L, fabsl(q)) : doubtful;
}

static bool valid_number(const struct sch *s, const struct js *v)
{
    if ((s->min && sc_compare(v, s->min) < 0) || (s->max && sc_compare(v, s->max) > 0) ||
        (s->above && sc_compare(v, s->above) <= 0) || (s->below && sc_compare(v, s->below) >= 0))
        return false;
    return (!s->multiple || is_multiple(v, s->multiple, false)) &&
           (!s->no_multiple || !is_multiple(v, s->no_multiple, true));
}

static bool valid_text(struct sctx *c, const struct sch *s, struct skey text)
{
    size_t n = utf8_count(text.s, text.len);
    struct rx_set set;

    if (n < s->min_len || n > s->max_len)
        return false;
    rx_init(&set, &c->a, c->b.cost);
    for (uint32_t i = 0; i < s->n_pattern; i++) {
        const struct spattern *p = &s->pattern[i];
        struct err e;
        enum err_code rc = rx_add(&set, p->text.s, p->text.len, p->negated, &e);

        if (rc) {
            (void)sc_fail(c, rc, s->ptr, "%s", e.text);
            return false;
        }
    }
    for (uint32_t i = 0; i < s->n_not_in; i++) {
        if (skey_eq(s->not_in[i], text))
            return false;
    }
    return s->n_pattern == 0 || rx_matches(&set, text.s, text.len);
}

static bool valid_array(struct sctx *c, const struct sch *s, const struct js *v)
{
    size_t n = js_len(v), n_contained = 0;

    if (n < s->min_items || n > s->max_items)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct sch *item = i < s->prefix.n ? s->prefix.at[i] : s->items;

        if (item && !sc_valid(c, item, js_at(v, i)))
            return false;
        n_contained +=
            s->contains && i >= s->contains_from && sc_valid(c, s->contains, js_at(v, i));
        for (size_t k = 0; s->unique && k < i; k++) {
            if (equal(js_at(v, i), js_at(v, k), 0))
                return false;
        }
    }
    return !s->contains || (n_contained >= s->min_contains && n_contained <= s->max_contains);
}

static bool valid_member(struct sctx *c, const struct sch *s, struct skey key, const struct js *v)
{
    bool known = false;

    for (uint32_t i = 0; i < s->n_prop; i++) {
        if (!skey_eq(s->prop[i].key, key))
            continue;
        known = true;
        if (!sc_valid(c, s->prop[i].value, v))
            return false;
    }
    for (uint32_t i = 0; i < s->n_by_pattern; i++) {
        if (!sc_matches(c, s->by_pattern[i].key, key, s->ptr))
            continue;
        known = true;
        if (!sc_valid(c, s->by_pattern[i].value, v))
            return false;
    }
    if (!known && s->additional && !sc_valid(c, s->additional, v))
        return false;
    return !s->names || sc_valid_key(c, s->names, key);
}

bool sc_has_key(const struct js *v, struct skey key)
{
    return js_get(v, key.s) && strlen(key.s) == key.len;
}

bool sc_equal(const struct js *a, const struct js *b)
{
    return equal(a, b, 0);
}

bool sc_may_be_some(struct sctx *c, const struct ssome *some, struct skey key, const char *ptr)
{
    for (uint32_t i = 0; i < some->n_key; i++) {
        if (skey_eq(some->key[i].key, key))
            return false;
    }
    for (uint32_t i = 0; i < some->n_avoid; i++) {
        if (sc_matches(c, some->avoid[i].key, key, ptr))
            return false;
    }
    return (!some->match || sc_matches(c, *some->match, key, ptr)) &&
           (!some->names || sc_valid_key(c, some->names, key));
}

static bool valid_some(struct sctx *c, const struct sch *s, const struct js *v)
{
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        if (sc_may_be_some(c, s->some, k, s->ptr) && sc_valid(c, s->some->value, js_value(it)))
            return true;
    }
    return false;
}

static bool valid_object(struct sctx *c, const struct sch *s, const struct js *v)
{
    if (js_len(v) < s->min_props || js_len(v) > s->max_props)
        return false;
    for (uint32_t i = 0; i < s->n_required; i++) {
        if (!sc_has_key(v, s->required[i]))
            return false;
    }
    if (s->some && !valid_some(c, s, v))
        return false;
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        if (!valid_member(c, s, k, js_value(it)))
            return false;
    }
    for (const struct sdep *d = s->deps; d; d = d->after) {
        if (sc_has_key(v, d->key) && !sc_valid(c, d->then, v))
            return false;
    }
    return true;
}

static bool valid_applicators(struct sctx *c, const struct sch *s, const struct js *v)
{
    for (uint32_t i = 0; i < s->all.n; i++) {
        if (!sc_valid(c, s->all.at[i], v))
            return false;
    }
    for (const struct sgroup *g = s->groups; g; g = g->after) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < g->alt.n; i++)
            n += sc_valid(c, g->alt.at[i], v);
        if (n == 0 || (g->exactly_one && n != 1))
            return false;
    }
    if ((s->not &&sc_valid(c, s->not, v)) || (s->ref && !sc_valid(c, s->ref, v)))
        return false;
    if (s->if_) {
        const struct sch *then = sc_valid(c, s->if_, v) ? s->then : s->else_;

        return !then || sc_valid(c, then, v);
    }
    return true;
}

static bool is_listed(struct sctx *c, const struct sch *s, const struct js *v)
{
    if (!sc_work(c, s->n_value / 16))
        return false;
    for (uint32_t i = 0; i < s->n_value; i++) {
        if (s->value[i] == v) /* lists are shared between atoms */
            return true;
    }
    for (uint32_t i = 0; i < s->n_value; i++) {
        if (equal(s->value[i], v, 0))
            return true;
    }
    return false;
}

static bool valid(struct sctx *c, const struct sch *s, const struct js *v, bool listed)
{
    uint8_t type = sc_type_of(v);
    struct skey text;

    if (!(type & s->types))
        return false;
    if (s->has_enum && !listed && !is_listed(c, s, v))
        return false;
    if ((type & ST_NUM) && !valid_number(s, v))
        return false;
    text.s = js_str(v, &text.len);
    if (type == ST_STR && !valid_text(c, s, text))
        return false;
    if (type == ST_ARR && !valid_array(c, s, v))
        return false;
    if (type == ST_OBJ && !valid_object(c, s, v))
        return false;
    return valid_applicators(c, s, v) && sc_valid_unevaluated(c, s, v);
}

static bool satisfies(struct sctx *c, const struct sch *s, const struct js *v, bool listed)
{
    bool ok;

    if (s == c->any || c->b.rc)
        return true;
    if (!sc_work(c, 4))
        return false;
    if (++c->depth > SCHEMA_DEPTH_MAX)
        (void)sc_fail(c, ERR_LIMIT, s->ptr, "schemas refer to each other without end");
    ok = !c->b.rc && valid(c, s, v, listed);
    c->depth--;
    return ok;
}

bool sc_valid(struct sctx *c, const struct sch *s, const struct js *v)
{
    return satisfies(c, s, v, false);
}

bool sc_valid_own(struct sctx *c, const struct sch *s, uint32_t i)
{
    return satisfies(c, s, s->value[i], true);
}

/* A name of a property, as a string value. */
bool sc_valid_key(struct sctx *c, const struct sch *s, struct skey key)
{
    struct err e;
    struct js *v = NULL;
    struct buf text;
    bool ok = false;

    buf_init(&text, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    jsonw_quote(&text, key.s, key.len);
    if (!text.failed && !js_parse(&v, buf_str(&text), text.len, &e))
        ok = sc_valid(c, s, v);
    js_close(v);
    buf_finish(&text);
    return ok;
}
