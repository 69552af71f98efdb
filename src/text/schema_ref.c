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

enum sanchor_kind { ANCHOR_PLAIN, ANCHOR_DYNAMIC, ANCHOR_RECURSIVE };

struct sanchor {
    enum sanchor_kind kind;
    const char *name;
    const struct js *js, *base;
    struct sanchor *after;
};

static void add_anchor(struct sctx *c, enum sanchor_kind kind, const char *name, const struct js *v,
                       const struct js *base)
{
    struct sanchor *a = name ? sc_new(c, 1, sizeof(*a)) : NULL;

    if (!a)
        return;
    *a = (struct sanchor){ kind, name, v, base, c->anchors };
    c->anchors = a;
}

static void add_anchors(struct sctx *c, const struct js *v, const struct js *base)
{
    const char *id = js_str(js_get(v, "$id"), NULL);

    add_anchor(c, ANCHOR_PLAIN, js_str(js_get(v, "$anchor"), NULL), v, base);
    add_anchor(c, ANCHOR_DYNAMIC, js_str(js_get(v, "$dynamicAnchor"), NULL), v, base);
    if (id && *id == '#') /* draft-07 */
        add_anchor(c, ANCHOR_PLAIN, id + 1, v, base);
    if (js_bool(js_get(v, "$recursiveAnchor")))
        add_anchor(c, ANCHOR_RECURSIVE, "", v, base);
}

static void walk(struct sctx *c, const struct js *v, const struct js *base, const char *ptr,
                 unsigned depth);

static void walk_kids(struct sctx *c, const struct js *kids, const struct js *base, const char *ptr,
                      unsigned depth)
{
    if (js_kind(kids) == JS_ARR) {
        for (size_t i = 0; i < js_len(kids); i++)
            walk(c, js_at(kids, i), base, sc_child_i(c, ptr, i), depth + 1);
    }
    for (void *it = js_kind(kids) == JS_OBJ ? js_first(kids) : NULL; it; it = js_next(kids, it)) {
        struct skey k;

        k.s = js_key(it, &k.len);
        walk(c, js_value(it), base, sc_child_n(c, ptr, k), depth + 1);
    }
}

/* Every schema below v, at the keywords that hold some, with its resource. */
static void walk(struct sctx *c, const struct js *v, const struct js *base, const char *ptr,
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

    if (js_kind(v) != JS_OBJ || depth > SCHEMA_DEPTH_MAX || !sc_work(c, 4))
        return;
    base = sc_base(c, v, base, ptr);
    add_anchors(c, v, base);
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
        const struct js *kid = js_get(v, one[i]);

        if (js_kind(kid) == JS_ARR)
            walk_kids(c, kid, base, sc_child(c, ptr, one[i]), depth);
        else if (kid)
            walk(c, kid, base, sc_child(c, ptr, one[i]), depth + 1);
    }
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
        const struct js *kids = js_get(v, many[i]);

        if (kids)
            walk_kids(c, kids, base, sc_child(c, ptr, many[i]), depth);
    }
}

/* Fills resources and anchors, once for each document. */
static void know_document(struct sctx *c)
{
    if (c->walked != c->root)
        walk(c, c->root, c->root, c->root_ptr, 0);
    c->walked = c->root;
}

/* ---- anchors ---- */

static const struct js *find_anchor(struct sctx *c, const struct js *base, const char *name)
{
    const struct sanchor *a;

    know_document(c);
    a = c->anchors;
    while (a && (a->kind == ANCHOR_RECURSIVE || a->base != base || strcmp(a->name, name) != 0))
        a = sc_work(c, 1) ? a->after : NULL;
    return a ? a->js : NULL;
}

/* Whether a dynamic reference, whose target `to` is so far, could mean another place as well. */
static bool is_ambiguous(struct sctx *c, const struct js *to, const char *name,
                         enum sanchor_kind kind)
{
    uint32_t n = 0;
    bool own = false;

    know_document(c);
    for (const struct sanchor *a = c->anchors; a && sc_work(c, 1); a = a->after) {
        bool same = a->kind == kind && strcmp(a->name, name) == 0;

        n += same;
        own = own || (same && a->js == to);
    }
    return own && n > 1;
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
            know_document(c);
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
    know_document(c);
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
    if ((kind == SREF_DYNAMIC && is_ambiguous(c, to, fragment, ANCHOR_DYNAMIC)) ||
        (kind == SREF_RECURSIVE && is_ambiguous(c, to, "", ANCHOR_RECURSIVE))) {
        (void)sc_fail(c, ERR_UNSUPPORTED, ptr,
                      "a dynamic reference with more than one possible target cannot be enforced");
        return c->none;
    }
    return sc_parse(c, to, place, in);
}
