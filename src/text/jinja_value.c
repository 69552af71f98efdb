/* Making values, and what every value can be asked. */
#include "text/jinja_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

struct jval jv_none(void)
{
    return (struct jval){ .kind = JV_NONE };
}

struct jval jv_unset(void)
{
    return (struct jval){ .kind = JV_UNSET };
}

struct jval jv_bool(bool b)
{
    return (struct jval){ .kind = JV_BOOL, .u.b = b };
}

struct jval jv_int(int64_t i)
{
    return (struct jval){ .kind = JV_INT, .u.i = i };
}

struct jval jv_float(double f)
{
    return (struct jval){ .kind = JV_FLOAT, .u.f = f };
}

struct jval jv_strn(const char *s, size_t len)
{
    return (struct jval){ .kind = JV_STR, .u.s = s, .len = len };
}

struct jval jv_lit(const char *s)
{
    return jv_strn(s, strlen(s));
}

struct jval jv_copy(struct jrun *r, const char *s, size_t len)
{
    char *copy = len && jr_step(r, len) ? jr_new(r, len, 1) : NULL;

    if (!copy)
        return jv_lit("");
    memcpy(copy, s, len);
    return jv_strn(copy, len);
}

/* Long strings get room behind them, so that the next piece is added in place. */
#define OWNER_BYTES_MIN 256U

struct jval jv_concat(struct jrun *r, struct jval a, struct jval b)
{
    struct jowner *own = a.own;
    size_t len = a.len + b.len, cap;

    if (b.len == 0 || a.len == 0)
        return b.len == 0 ? a : b;
    if (own && a.u.s + a.len == own->data + own->used && own->cap - own->used >= b.len) {
        if (!jr_step(r, b.len))
            return a;
        memcpy(own->data + own->used, b.u.s, b.len);
        own->used += b.len;
        a.len = len;
        return a;
    }
    if (!jr_step(r, len))
        return a;
    cap = len >= OWNER_BYTES_MIN ? len + len / 2 : len;
    own = jr_new(r, sizeof(*own) + cap, 1);
    if (!own)
        return a;
    memcpy(own->data, a.u.s, a.len);
    memcpy(own->data + a.len, b.u.s, b.len);
    own->used = len;
    own->cap = cap;
    a.u.s = own->data;
    a.len = len;
    a.own = own;
    return a;
}

struct jval jv_repeat(struct jrun *r, struct jval s, int64_t n)
{
    size_t len;
    char *out;

    if (n <= 0 || s.len == 0)
        return jv_strn("", 0);
    if (mul_size(s.len, (size_t)n, &len) || len > r->bytes_max) {
        jr_limit(r, "a repeated string would need more than %zu bytes", r->bytes_max);
        return s;
    }
    if (!jr_step(r, len))
        return s;
    out = jr_new(r, len, 1);
    if (!out)
        return s;
    for (size_t i = 0; i < len; i += s.len)
        memcpy(out + i, s.u.s, s.len);
    return jv_strn(out, len);
}

struct jval jv_list(struct jrun *r, struct jval *at, size_t n, enum jkind kind)
{
    struct jlist *l = jr_new(r, 1, sizeof(*l));

    if (!l)
        return jv_none();
    l->at = at;
    l->n = n;
    return (struct jval){ .kind = (uint8_t)kind, .u.list = l };
}

struct jval jv_list_concat(struct jrun *r, struct jval a, struct jval b)
{
    const struct jlist *x = a.u.list, *y = b.u.list;
    struct jlist *l = jr_new(r, 1, sizeof(*l));
    struct jlist_owner *own = x->own;
    size_t n = x->n + y->n;

    if (!l || !jr_step(r, y->n * 16))
        return a;
    if (!own || x->at + x->n != own->at + own->used || own->cap - own->used < y->n) {
        size_t cap = n + n / 2;

        if (!jr_step(r, x->n * 16))
            return a;
        own = jr_new(r, sizeof(*own) + cap * sizeof(struct jval), 1);
        if (!own)
            return a;
        own->cap = cap;
        own->used = x->n;
        if (x->n)
            memcpy(own->at, x->at, x->n * sizeof(struct jval));
        l->at = own->at;
    } else {
        l->at = x->at;
    }
    if (y->n)
        memcpy(own->at + own->used, y->at, y->n * sizeof(struct jval));
    own->used += y->n;
    l->n = n;
    l->own = own;
    return (struct jval){ .kind = a.kind, .u.list = l };
}

struct jval jv_pair(struct jrun *r, struct jval a, struct jval b)
{
    struct jval *at = jr_new(r, 2, sizeof(*at));

    if (!at)
        return jv_none();
    at[0] = a;
    at[1] = b;
    return jv_list(r, at, 2, JV_TUPLE);
}

static struct jval undef(struct jrun *r, struct jundef what)
{
    struct jundef *u = jr_new(r, 1, sizeof(*u));

    if (u)
        *u = what;
    return (struct jval){ .kind = JV_UNDEF, .u.undef = u };
}

struct jval jv_undef_name(struct jrun *r, struct jval name)
{
    return undef(r, (struct jundef){ .name = name });
}

struct jval jv_undef_attr(struct jrun *r, struct jval obj, struct jval name, bool is_security)
{
    return undef(r, (struct jundef){ .name = name, .obj = obj, .is_security = is_security });
}

struct jval jv_undef_text(struct jrun *r, struct jval text)
{
    return undef(r, (struct jundef){ .text = text });
}

bool jv_is(const struct jval *v, const char *text)
{
    return v->kind == JV_STR && v->len == strlen(text) && memcmp(v->u.s, text, v->len) == 0;
}

/* The type as errors about attributes call it. */
static const char *object_type(const struct jval *v, char text[64])
{
    if (v->kind == JV_NONE)
        return "None";
    if (v->kind == JV_NS)
        return "jinja2.utils.Namespace object";
    (void)snprintf(text, 64, "%s object", jv_type(v));
    return text;
}

void jr_fail_undef(struct jrun *r, struct jval v)
{
    const struct jundef *u = v.u.undef;
    char type[64];

    if (!u) {
        jr_fail(r, "the value is undefined");
    } else if (u->text.kind == JV_STR) {
        jr_fail(r, "%.*s", jr_cut(&u->text), u->text.u.s);
    } else if (u->is_security) {
        jr_fail(r, "access to attribute '%.*s' of '%s' object is unsafe", jr_cut(&u->name),
                u->name.u.s, jv_type(&u->obj));
    } else if (u->obj.kind == JV_UNSET) {
        jr_fail(r, "'%.*s' is undefined", jr_cut(&u->name), u->name.u.s);
    } else if (u->name.kind == JV_STR) {
        jr_fail(r, "'%s' has no attribute '%.*s'", object_type(&u->obj, type), jr_cut(&u->name),
                u->name.u.s);
    } else if (u->name.kind == JV_INT) {
        jr_fail(r, "%s has no element %lld", object_type(&u->obj, type), (long long)u->name.u.i);
    } else {
        jr_fail(r, "%s has no such element", object_type(&u->obj, type));
    }
}

bool jvec_add(struct jrun *r, struct jvec *v, struct jval x)
{
    if (v->n == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 8;
        struct jval *grown = jr_new(r, cap, sizeof(*grown));

        if (!grown)
            return false;
        if (v->n)
            memcpy(grown, v->at, v->n * sizeof(*grown));
        v->at = grown;
        v->cap = cap;
    }
    v->at[v->n++] = x;
    return true;
}

struct jval jvec_list(struct jrun *r, struct jvec *v)
{
    return jv_list(r, v->at, v->n, JV_LIST);
}

const char *jv_type(const struct jval *v)
{
    static const char *const names[] = {
        [JV_UNSET] = "Undefined",  [JV_UNDEF] = "Undefined",
        [JV_NONE] = "NoneType",    [JV_BOOL] = "bool",
        [JV_INT] = "int",          [JV_BIG] = "int",
        [JV_FLOAT] = "float",      [JV_STR] = "str",
        [JV_LIST] = "list",        [JV_TUPLE] = "tuple",
        [JV_DICT] = "dict",        [JV_VIEW] = "dict_items",
        [JV_RANGE] = "range",      [JV_GEN] = "generator",
        [JV_FUNC] = "function",    [JV_METHOD] = "builtin_function_or_method",
        [JV_MACRO] = "Macro",      [JV_NS] = "Namespace",
        [JV_LOOP] = "LoopContext", [JV_CYCLER] = "Cycler",
        [JV_JOINER] = "Joiner",
    };

    if (v->kind == JV_VIEW && v->flag != JF_VIEW_ITEMS)
        return v->flag == JF_VIEW_KEYS ? "dict_keys" : "dict_values";
    if (v->kind == JV_STR && (v->flag & JF_MARKUP))
        return "Markup";
    return v->kind == JV_GEN ? v->u.gen->type : names[v->kind];
}

bool jv_truth(const struct jval *v)
{
    size_t n;

    switch (v->kind) {
    case JV_UNSET:
    case JV_UNDEF:
    case JV_NONE:
        return false;
    case JV_BOOL:
        return v->u.b;
    case JV_INT:
        return v->u.i != 0;
    case JV_FLOAT:
        return v->u.f != 0.0;
    default:
        return !jv_len(v, &n) || n > 0;
    }
}

bool jv_is_intlike(const struct jval *v)
{
    return v->kind == JV_BOOL || v->kind == JV_INT || v->kind == JV_BIG;
}

bool jv_is_num(const struct jval *v)
{
    return jv_is_intlike(v) || v->kind == JV_FLOAT;
}

double jv_num(const struct jval *v)
{
    switch (v->kind) {
    case JV_BOOL:
        return v->u.b ? 1.0 : 0.0;
    case JV_INT:
        return (double)v->u.i;
    case JV_BIG:
        return jbig_num(v);
    case JV_FLOAT:
        return v->u.f;
    default:
        return 0.0;
    }
}

bool jv_len(const struct jval *v, size_t *n)
{
    *n = 0;
    switch (v->kind) {
    case JV_UNDEF:
        return true;
    case JV_STR:
        *n = jstr_count(v);
        return true;
    case JV_LIST:
    case JV_TUPLE:
        *n = v->u.list->n;
        return true;
    case JV_DICT:
    case JV_VIEW:
        *n = v->u.dict->n;
        return true;
    case JV_RANGE:
        *n = v->u.range->n;
        return true;
    default:
        return false;
    }
}

bool jv_to_int(struct jrun *r, const struct jval *v, int64_t preset, int64_t *out)
{
    *out = preset;
    if (v->kind == JV_UNSET || v->kind == JV_NONE)
        return true;
    if (v->kind == JV_INT || v->kind == JV_BOOL) {
        *out = v->kind == JV_INT ? v->u.i : v->u.b;
        return true;
    }
    if (v->kind == JV_UNDEF)
        jr_fail_undef(r, *v);
    else if (v->kind == JV_BIG)
        jr_fail(r, "int too large");
    else
        jr_fail(r, "'%s' object cannot be interpreted as an integer", jv_type(v));
    return false;
}
