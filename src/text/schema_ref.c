/* References, resolved within the document: JSON pointers, anchors, and the resources that $id
 * makes of its parts. A resource of another document is refused: nothing is fetched. */
#include <string.h>

#include "text/schema_int.h"

#define URI_BYTES_MAX 4096U

struct sres {
    const struct js *js;
    const char *uri, *ptr; /* absolute as far as the document says; JSON pointer */
    struct sres *after;
};

/* ---- URIs ---- */

struct uri {
    struct skey scheme, authority, path, query; /* s NULL: none */
};

static struct skey until(const char **at, const char *stops)
{
    struct skey k = { *at, strcspn(*at, stops) };

    *at += k.len;
    return k;
}

/* Without its fragment, which the caller has cut off. */
static struct uri uri_of(const char *s)
{
    struct uri u = { 0 };
    size_t n = strcspn(s, ":/?#");

    if (n && s[n] == ':') {
        u.scheme = (struct skey){ s, n };
        s += n + 1;
    }
    if (s[0] == '/' && s[1] == '/') {
        s += 2;
        u.authority = until(&s, "/?#");
    }
    u.path = until(&s, "?#");
    if (*s == '?') {
        s++;
        u.query = until(&s, "#");
    }
    return u;
}

static size_t put(char *out, size_t n, struct skey k)
{
    if (k.len)
        memcpy(out + n, k.s, k.len);
    return n + k.len;
}

/* Takes "." and ".." out of path[0..n), in place; returns its new length. */
static size_t without_dots(char *path, size_t n)
{
    size_t to = 0;

    for (size_t i = 0; i < n;) {
        size_t end = i;
        bool is_last;

        while (end < n && path[end] != '/')
            end++;
        is_last = end == n;
        if (end - i == 2 && path[i] == '.' && path[i + 1] == '.') {
            to -= to > 1; /* the segment before and its slash */
            while (to && path[to - 1] != '/')
                to--;
        } else if (end - i != 1 || path[i] != '.') {
            memmove(path + to, path + i, end - i + !is_last);
            to += end - i + !is_last;
        }
        i = end + 1;
    }
    return to;
}

/* ref (whose fragment is left out) as seen from base. */
static const char *resolve(struct sctx *c, const char *base, const char *ref)
{
    struct uri b = uri_of(base), r = uri_of(ref), t = r;
    size_t n = 0, from, dir = 0, cap = strlen(base) + strlen(ref) + 8;
    char *out = cap <= URI_BYTES_MAX ? sc_new(c, cap, 1) : NULL;
    bool merge = false;

    if (!out) {
        (void)sc_fail(c, ERR_LIMIT, "", "identifiers longer than %u bytes", URI_BYTES_MAX);
        return "";
    }
    if (!r.scheme.s) {
        t.scheme = b.scheme;
        if (!r.authority.s) {
            t.authority = b.authority;
            merge = r.path.len && r.path.s[0] != '/';
            if (!r.path.len) {
                t.path = b.path;
                t.query = r.query.s ? r.query : b.query;
            }
        }
    }
    if (t.scheme.s) {
        n = put(out, n, t.scheme);
        out[n++] = ':';
    }
    if (t.authority.s) {
        n = put(out, put(out, n, (struct skey){ "//", 2 }), t.authority);
    }
    from = n;
    for (size_t i = 0; merge && i < b.path.len; i++)
        dir = b.path.s[i] == '/' ? i + 1 : dir;
    if (merge && dir)
        n = put(out, n, (struct skey){ b.path.s, dir });
    else if (merge && b.authority.s)
        out[n++] = '/';
    n = put(out, n, t.path);
    n = from + without_dots(out + from, n - from);
    if (t.query.s) {
        out[n++] = '?';
        n = put(out, n, t.query);
    }
    out[n] = '\0';
    return out;
}

/* The text before '#'. */
static const char *without_fragment(struct sctx *c, const char *s)
{
    size_t n = strcspn(s, "#");
    char *out = sc_new(c, n + 1, 1);

    if (!out)
        return "";
    memcpy(out, s, n);
    return out;
}

/* ---- the document's resources ---- */

static const char *own_id(const struct sctx *c, const struct js *v)
{
    const char *id = js_str(js_get(v, "$id"), NULL);

    return id && *id != '#' && !(c->is_old && js_get(v, "$ref")) ? id : NULL;
}

static struct sres *resource_at(const struct sctx *c, const struct js *v)
{
    struct sres *r = c->resources;

    while (r && r->js != v)
        r = r->after;
    return r;
}

static const char *uri_at(const struct sctx *c, const struct js *base)
{
    const struct sres *r = resource_at(c, base);

    return r ? r->uri : "";
}

const struct js *sc_base(struct sctx *c, const struct js *v, const struct js *base, const char *ptr)
{
    const char *id = own_id(c, v);
    struct sres *r;

    if (!id && v != c->root)
        return base;
    if (resource_at(c, v))
        return v;
    r = sc_new(c, 1, sizeof(*r));
    if (!r || !sc_work(c, 1))
        return v;
    *r = (struct sres){ v, "", ptr, c->resources };
    if (id)
        r->uri = resolve(c, v == base ? "" : uri_at(c, base), without_fragment(c, id));
    c->resources = r;
    return v;
}

/* Calls see on every schema below v (v too) at the keywords that hold schemas, until it is true. */
struct walk {
    struct sctx *c;
    bool (*see)(struct walk *w, const struct js *v, const struct js *base, const char *ptr);
    const char *name;        /* an anchor */
    const struct js *within; /* NULL: all resources, else that one only */
    const struct js *found;
    uint32_t n_found;
};

static bool walk(struct walk *w, const struct js *v, const struct js *base, const char *ptr,
                 unsigned depth);

static bool walk_kids(struct walk *w, const struct js *kids, const struct js *base, const char *ptr,
                      unsigned depth)
{
    if (js_kind(kids) == JS_ARR) {
        for (size_t i = 0; i < js_len(kids); i++) {
            if (walk(w, js_at(kids, i), base, sc_child_i(w->c, ptr, i), depth + 1))
                return true;
        }
    }
    for (void *it = js_kind(kids) == JS_OBJ ? js_first(kids) : NULL; it; it = js_next(kids, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        if (walk(w, js_value(it), base, sc_child_n(w->c, ptr, k), depth + 1))
            return true;
    }
    return false;
}

static bool walk(struct walk *w, const struct js *v, const struct js *base, const char *ptr,
                 unsigned depth)
{
    static const char *const one[] = { "additionalItems",
                                       "additionalProperties",
                                       "contains",
                                       "contentSchema",
                                       "else",
                                       "if",
                                       "items",
                                       "not",
                                       "propertyNames",
                                       "then",
                                       "unevaluatedItems",
                                       "unevaluatedProperties" };
    static const char *const many[] = { "$defs",       "allOf",
                                        "anyOf",       "definitions",
                                        "oneOf",       "dependencies",
                                        "prefixItems", "dependentSchemas",
                                        "properties",  "patternProperties" };

    if (js_kind(v) != JS_OBJ || depth > SCHEMA_DEPTH_MAX || !sc_work(w->c, 4))
        return false;
    base = sc_base(w->c, v, base, ptr);
    if (w->within && base != w->within && v == base)
        return false;
    if (w->see && w->see(w, v, base, ptr))
        return true;
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
        const struct js *kid = js_get(v, one[i]);
        const char *to = kid ? sc_child(w->c, ptr, one[i]) : ptr;

        if (kid && js_kind(kid) == JS_ARR ? walk_kids(w, kid, base, to, depth)
                                          : walk(w, kid, base, to, depth + 1))
            return true;
    }
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
        const struct js *kids = js_get(v, many[i]);

        if (kids && walk_kids(w, kids, base, sc_child(w->c, ptr, many[i]), depth))
            return true;
    }
    return false;
}

static void know_resources(struct sctx *c)
{
    struct walk w = { .c = c };

    if (c->walked != c->root)
        (void)walk(&w, c->root, c->root, c->root_ptr, 0);
    c->walked = c->root;
}

/* ---- anchors ---- */

static bool is_named(const struct js *v, const char *key, const char *name)
{
    const char *anchor = js_str(js_get(v, key), NULL);

    return anchor && strcmp(anchor, name) == 0;
}

static bool see_anchor(struct walk *w, const struct js *v, const struct js *base, const char *ptr)
{
    const char *id = js_str(js_get(v, "$id"), NULL);

    (void)base;
    (void)ptr;
    if (!is_named(v, "$anchor", w->name) && !is_named(v, "$dynamicAnchor", w->name) &&
        !(id && *id == '#' && strcmp(id + 1, w->name) == 0)) /* draft-07 */
        return false;
    w->found = v;
    return true;
}

static bool see_dynamic(struct walk *w, const struct js *v, const struct js *base, const char *ptr)
{
    (void)base;
    (void)ptr;
    w->n_found +=
        w->name ? is_named(v, "$dynamicAnchor", w->name) : js_bool(js_get(v, "$recursiveAnchor"));
    return false;
}

static const struct js *find_anchor(struct sctx *c, const struct js *base, const char *name)
{
    struct walk w = { .c = c, .see = see_anchor, .name = name, .within = base };

    know_resources(c);
    (void)walk(&w, base, base, c->root_ptr, 0);
    return w.found;
}

/* How many places a dynamic reference to that name could lead to. */
static uint32_t n_dynamic(struct sctx *c, const char *name)
{
    struct walk w = { .c = c, .see = see_dynamic, .name = name };

    (void)walk(&w, c->root, c->root, c->root_ptr, 0);
    return w.n_found;
}

/* ---- JSON pointers ---- */

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

/* What the pointer leads to; *base becomes the resource it stands in. */
static const struct js *follow(struct sctx *c, const struct js **base, const char *pointer)
{
    const struct js *v = *base;
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
        if (v && *pointer && own_id(c, v)) { /* sc_parse sees to the last one */
            know_resources(c);
            *base = sc_base(c, v, *base, c->root_ptr);
        }
    }
    return *pointer ? NULL : v;
}

/* ---- $ref ---- */

/* The resource that a reference names; NULL: it is in another document. */
static const struct js *resource_of(struct sctx *c, const struct js *base, const char *ref)
{
    const char *uri;
    const struct sres *r;

    if (*ref == '#' || *ref == '\0')
        return base;
    know_resources(c);
    uri = resolve(c, uri_at(c, base), without_fragment(c, ref));
    r = c->resources;
    while (r && strcmp(r->uri, uri) != 0)
        r = r->after;
    return r ? r->js : NULL;
}

/* Where the referenced schema stands: known for pointers into a resource, else the reference. */
static const char *place_of(struct sctx *c, const struct js *base, const char *fragment,
                            const char *otherwise)
{
    const struct sres *r = resource_at(c, base);
    size_t n = r ? strlen(r->ptr) : 0, len = strlen(fragment);
    char *out;

    if (!r || (*fragment && *fragment != '/'))
        return otherwise;
    out = sc_new(c, n + len + 1, 1);
    if (!out)
        return otherwise;
    memcpy(out, r->ptr, n);
    memcpy(out + n, fragment, len);
    return out;
}

struct sch *sc_ref(struct sctx *c, const char *ref, const struct js *base, const char *ptr,
                   enum sref_kind kind)
{
    const struct js *in = resource_of(c, base, ref), *to;
    const char *fragment = strchr(ref, '#');
    const char *place;

    if (!in) {
        (void)sc_fail(c, ERR_UNSUPPORTED, ptr, "reference to another document: \"%.100s\"", ref);
        return c->none;
    }
    fragment = fragment ? fragment + 1 : "";
    place = place_of(c, in, fragment, ptr);
    if (*fragment == '\0' || *fragment == '/')
        to = follow(c, &in, fragment);
    else
        to = find_anchor(c, in, fragment);
    if (!to || (js_kind(to) != JS_OBJ && js_kind(to) != JS_BOOL)) {
        (void)sc_fail(c, ERR_FORMAT, ptr, "\"#%.100s\" does not point at a schema", fragment);
        return c->none;
    }
    if ((kind == SREF_DYNAMIC && is_named(to, "$dynamicAnchor", fragment) &&
         n_dynamic(c, fragment) > 1) ||
        (kind == SREF_RECURSIVE && js_bool(js_get(to, "$recursiveAnchor")) &&
         n_dynamic(c, NULL) > 1)) {
        (void)sc_fail(c, ERR_UNSUPPORTED, ptr,
                      "a dynamic reference with more than one possible target cannot be enforced");
        return c->none;
    }
    return sc_parse(c, to, place, in);
}
