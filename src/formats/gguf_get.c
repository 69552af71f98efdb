/* Values of GGUF keys as C numbers and strings: any width in, range checked. */
#include <math.h>
#include <string.h>

#include "formats/gguf_int.h"

const char *gguf_type_name(enum gguf_type type)
{
    static const char *const names[GGUF_TYPE_COUNT] = {
        [GGUF_U8] = "u8",   [GGUF_I8] = "i8",   [GGUF_U16] = "u16", [GGUF_I16] = "i16",
        [GGUF_U32] = "u32", [GGUF_I32] = "i32", [GGUF_F32] = "f32", [GGUF_BOOL] = "bool",
        [GGUF_STR] = "str", [GGUF_ARR] = "arr", [GGUF_U64] = "u64", [GGUF_I64] = "i64",
        [GGUF_F64] = "f64",
    };

    return (unsigned)type < GGUF_TYPE_COUNT ? names[type] : "unknown";
}

size_t gguf_type_bytes(enum gguf_type type)
{
    static const uint8_t bytes[GGUF_TYPE_COUNT] = {
        [GGUF_U8] = 1,  [GGUF_I8] = 1,  [GGUF_U16] = 2, [GGUF_I16] = 2,
        [GGUF_U32] = 4, [GGUF_I32] = 4, [GGUF_F32] = 4, [GGUF_BOOL] = 1,
        [GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8,
    };

    return bytes[type];
}

#define A_BOOL "a boolean"

/* A number of any type: an integer as sign and magnitude, or a real. */
struct number {
    bool is_int, negative;
    uint64_t magnitude;
    double real;
};

static struct number of_i64(int64_t v)
{
    /* 0 - x in unsigned arithmetic is right for the smallest number too. */
    return (struct number){ true, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, (double)v };
}

static struct number of_u64(uint64_t v)
{
    return (struct number){ true, false, v, (double)v };
}

/* An element of any scalar type; it need not be aligned. False when it is no number or truth. */
static bool load(enum gguf_type type, const uint8_t *at, struct number *out)
{
    unsigned bits = 8 * (unsigned)gguf_type_bytes(type);
    uint64_t raw = 0;
    float f;
    double d;

    *out = of_u64(0);
    memcpy(&raw, at, bits / 8);
    switch (type) {
    case GGUF_U8:
    case GGUF_U16:
    case GGUF_U32:
    case GGUF_U64:
    case GGUF_BOOL:
        *out = of_u64(raw);
        return true;
    case GGUF_I8:
    case GGUF_I16:
    case GGUF_I32:
    case GGUF_I64:
        if (raw >> (bits - 1) && bits < 64)
            raw |= UINT64_MAX << bits;
        *out = of_i64((int64_t)raw);
        return true;
    case GGUF_F32:
        memcpy(&f, at, sizeof(f));
        *out = (struct number){ .real = (double)f };
        return true;
    case GGUF_F64:
        memcpy(&d, at, sizeof(d));
        *out = (struct number){ .real = d };
        return true;
    default:
        return false;
    }
}

static enum err_code wrong(const struct gguf *g, const struct gguf_kv *kv, const char *expected,
                           struct err *e)
{
    char shown[SHOWN_BYTES];

    return err_set(e, ERR_FORMAT, "%s: %s must be %s, found %s%s", g->path,
                   gguf_shown(shown, kv->key.s, kv->key.len), expected,
                   kv->type == GGUF_ARR ? "an array of " : "", gguf_type_name(kv->arr_type));
}

static enum err_code out_of_range(const struct gguf *g, const struct gguf_kv *kv, double found,
                                  struct err *e)
{
    char shown[SHOWN_BYTES];

    return err_set(e, ERR_FORMAT, "%s: %s is out of range: %.17g", g->path,
                   gguf_shown(shown, kv->key.s, kv->key.len), found);
}

static enum err_code element(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                             struct number *out, struct err *e)
{
    char shown[SHOWN_BYTES];

    if (i >= kv->n)
        return err_set(e, ERR_ARG, "%s: element %llu of %s, which has %llu", g->path,
                       (unsigned long long)i, gguf_shown(shown, kv->key.s, kv->key.len),
                       (unsigned long long)kv->n);
    if (!load(kv->arr_type, kv->data + i * gguf_type_bytes(kv->arr_type), out))
        return wrong(g, kv, "a number", e);
    if (kv->arr_type == GGUF_BOOL && out->magnitude > 1)
        return out_of_range(g, kv, out->real, e);
    return ERR_OK;
}

enum err_code gguf_elem_u64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            uint64_t *out, struct err *e)
{
    struct number v = { 0 };
    enum err_code c = element(g, kv, i, &v, e);

    if (c)
        return c;
    if (!v.is_int)
        return wrong(g, kv, "an integer", e);
    if (v.negative)
        return out_of_range(g, kv, v.real, e);
    *out = v.magnitude;
    return ERR_OK;
}

enum err_code gguf_elem_i64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            int64_t *out, struct err *e)
{
    struct number v = { 0 };
    enum err_code c = element(g, kv, i, &v, e);

    if (c)
        return c;
    if (!v.is_int)
        return wrong(g, kv, "an integer", e);
    if (v.magnitude > (uint64_t)INT64_MAX + v.negative)
        return out_of_range(g, kv, v.real, e);
    /* -(m - 1) - 1: the smallest number has no positive twin. */
    *out = v.negative ? -(int64_t)(v.magnitude - 1) - 1 : (int64_t)v.magnitude;
    return ERR_OK;
}

enum err_code gguf_elem_f64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i, double *out,
                            struct err *e)
{
    struct number v = { 0 };
    enum err_code c = element(g, kv, i, &v, e);

    if (!c)
        *out = v.real;
    return c;
}

enum err_code gguf_elem_str(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            struct gguf_str *out, struct err *e)
{
    const uint8_t *at = kv->data;
    char shown[SHOWN_BYTES];
    uint64_t len;

    if (i >= kv->n)
        return err_set(e, ERR_ARG, "%s: element %llu of %s, which has %llu", g->path,
                       (unsigned long long)i, gguf_shown(shown, kv->key.s, kv->key.len),
                       (unsigned long long)kv->n);
    if (kv->arr_type != GGUF_STR)
        return wrong(g, kv, "a string", e);
    if (kv->type == GGUF_ARR)
        at += g->parts[0].str_at[kv->i_first + i];
    memcpy(&len, at, sizeof(len));
    out->s = (const char *)at + sizeof(len);
    out->len = (size_t)len;
    return ERR_OK;
}

/* The key as a scalar; NULL with *c set when it is absent (ERR_OK) or an array. */
static const struct gguf_kv *scalar(const struct gguf *g, const char *key, bool *found,
                                    const char *expected, struct err *e, enum err_code *c)
{
    const struct gguf_kv *kv = gguf_find(g, key);

    *c = ERR_OK;
    if (found)
        *found = kv != NULL;
    if (kv && (kv->type == GGUF_ARR || (kv->type == GGUF_BOOL && strcmp(expected, A_BOOL) != 0))) {
        *c = wrong(g, kv, expected, e);
        return NULL;
    }
    return kv;
}

enum err_code gguf_get_u64(const struct gguf *g, const char *key, uint64_t *out, bool *found,
                           struct err *e)
{
    enum err_code c;
    const struct gguf_kv *kv = scalar(g, key, found, "an integer", e, &c);

    return kv ? gguf_elem_u64(g, kv, 0, out, e) : c;
}

enum err_code gguf_get_u32(const struct gguf *g, const char *key, uint32_t *out, bool *found,
                           struct err *e)
{
    uint64_t v = *out;
    enum err_code c = gguf_get_u64(g, key, &v, found, e);

    if (!c && v > UINT32_MAX)
        c = out_of_range(g, gguf_find(g, key), (double)v, e);
    if (!c)
        *out = (uint32_t)v;
    return c;
}

enum err_code gguf_get_i32(const struct gguf *g, const char *key, int32_t *out, bool *found,
                           struct err *e)
{
    enum err_code c;
    const struct gguf_kv *kv = scalar(g, key, found, "an integer", e, &c);
    int64_t v;

    if (!kv)
        return c;
    c = gguf_elem_i64(g, kv, 0, &v, e);
    if (!c && (v < INT32_MIN || v > INT32_MAX))
        c = out_of_range(g, kv, (double)v, e);
    if (!c)
        *out = (int32_t)v;
    return c;
}

enum err_code gguf_get_f32(const struct gguf *g, const char *key, float *out, bool *found,
                           struct err *e)
{
    enum err_code c;
    const struct gguf_kv *kv = scalar(g, key, found, "a number", e, &c);
    double v;

    if (!kv)
        return c;
    c = gguf_elem_f64(g, kv, 0, &v, e);
    /* Infinity and NaN pass as they are; a finite double beyond f32 does not. */
    if (!c && isfinite(v) && fabs(v) > 3.4028234663852886e38)
        c = out_of_range(g, kv, v, e);
    if (!c)
        *out = (float)v;
    return c;
}

enum err_code gguf_get_bool(const struct gguf *g, const char *key, bool *out, bool *found,
                            struct err *e)
{
    enum err_code c;
    const struct gguf_kv *kv = scalar(g, key, found, A_BOOL, e, &c);
    struct number v = { 0 };

    if (!kv)
        return c;
    if (!load(kv->type, kv->data, &v) || !v.is_int)
        return wrong(g, kv, A_BOOL, e);
    if (v.negative || v.magnitude > 1)
        return out_of_range(g, kv, v.real, e);
    *out = v.magnitude == 1;
    return ERR_OK;
}

enum err_code gguf_get_str(const struct gguf *g, const char *key, struct gguf_str *out, bool *found,
                           struct err *e)
{
    enum err_code c;
    const struct gguf_kv *kv = scalar(g, key, found, "a string", e, &c);

    return kv ? gguf_elem_str(g, kv, 0, out, e) : c;
}
