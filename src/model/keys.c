/* Typed, bounded reads of a model's metadata keys. */
#include "model/keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum err_code keys_begin(struct keys *k, const struct gguf *g, struct err *e)
{
    struct gguf_str arch = { "", 0 };
    bool found = false;

    memset(k, 0, sizeof(*k));
    k->g = g;
    k->e = e;
    k->rc = gguf_get_str(g, "general.architecture", &arch, &found, e);
    if (k->rc)
        return k->rc;
    if (!found || arch.len == 0)
        return k->rc = err_set(e, ERR_FORMAT, "key general.architecture is missing: not a model");
    if (arch.len >= sizeof(k->arch) || memchr(arch.s, '\0', arch.len))
        return k->rc = err_set(e, ERR_UNSUPPORTED,
                               "architecture name of %zu bytes: expected at most %zu", arch.len,
                               sizeof(k->arch) - 1);
    memcpy(k->arch, arch.s, arch.len);
    return ERR_OK;
}

void keys_name(const struct keys *k, const char *suffix, char out[KEYS_NAME_BYTES])
{
    (void)snprintf(out, KEYS_NAME_BYTES, "%s.%s", k->arch, suffix);
}

const struct gguf_kv *keys_find(const struct keys *k, const char *suffix)
{
    char name[KEYS_NAME_BYTES];

    keys_name(k, suffix, name);
    return gguf_find(k->g, name);
}

static void refuse_range(struct keys *k, const char *name, uint32_t min, uint32_t max,
                         uint64_t found)
{
    k->rc = err_set(k->e, ERR_FORMAT, "key %s: expected %u .. %u, found %llu", name, min, max,
                    (unsigned long long)found);
}

bool keys_u32(struct keys *k, const char *suffix, uint32_t min, uint32_t max, uint32_t *out)
{
    char name[KEYS_NAME_BYTES];
    uint32_t v = 0;
    bool found = false;

    if (k->rc)
        return false;
    keys_name(k, suffix, name);
    k->rc = gguf_get_u32(k->g, name, &v, &found, k->e);
    if (k->rc || !found)
        return false;
    if (v < min || v > max) {
        refuse_range(k, name, min, max, v);
        return false;
    }
    *out = v;
    return true;
}

bool keys_bool(struct keys *k, const char *suffix, bool *out)
{
    char name[KEYS_NAME_BYTES];
    bool found = false;

    if (k->rc)
        return false;
    keys_name(k, suffix, name);
    k->rc = gguf_get_bool(k->g, name, out, &found, k->e);
    return !k->rc && found;
}

bool keys_f32(struct keys *k, const char *suffix, float min, float *out)
{
    char name[KEYS_NAME_BYTES];
    float v = 0.0F;
    bool found = false;

    if (k->rc)
        return false;
    keys_name(k, suffix, name);
    k->rc = gguf_get_f32(k->g, name, &v, &found, k->e);
    if (k->rc || !found)
        return false;
    if (!isfinite(v) || v < min) {
        k->rc = err_set(k->e, ERR_FORMAT, "key %s: expected a number >= %g, found %g", name,
                        (double)min, (double)v);
        return false;
    }
    *out = v;
    return true;
}

bool keys_positive(struct keys *k, const char *suffix, float *out)
{
    char name[KEYS_NAME_BYTES];
    float v = 0.0F;
    bool found = false;

    if (k->rc)
        return false;
    keys_name(k, suffix, name);
    k->rc = gguf_get_f32(k->g, name, &v, &found, k->e);
    if (k->rc || !found)
        return false;
    if (!isfinite(v) || v <= 0.0F) {
        k->rc =
            err_set(k->e, ERR_FORMAT, "key %s: expected a number > 0, found %g", name, (double)v);
        return false;
    }
    *out = v;
    return true;
}

/* Element i of a key that holds one value for all layers or n of them. */
static uint64_t layer_value(struct keys *k, const struct gguf_kv *kv, uint64_t i)
{
    uint64_t at = kv->type == GGUF_ARR ? i : 0, v = 0;

    k->rc = gguf_elem_u64(k->g, kv, at, &v, k->e);
    return v;
}

static const struct gguf_kv *layers_key(struct keys *k, const char *suffix, uint32_t n)
{
    char name[KEYS_NAME_BYTES];
    const struct gguf_kv *kv;

    if (k->rc)
        return NULL;
    kv = keys_find(k, suffix);
    if (kv && kv->type == GGUF_ARR && kv->n != n) {
        keys_name(k, suffix, name);
        k->rc = err_set(k->e, ERR_FORMAT, "key %s: expected %u values, one a layer, found %llu",
                        name, n, (unsigned long long)kv->n);
        return NULL;
    }
    return kv;
}

bool keys_u32_layers(struct keys *k, const char *suffix, uint32_t n, uint32_t max, uint32_t *out)
{
    const struct gguf_kv *kv = layers_key(k, suffix, n);
    char name[KEYS_NAME_BYTES];

    for (uint32_t i = 0; kv && i < n; i++) {
        uint64_t v = layer_value(k, kv, i);

        if (k->rc)
            return false;
        if (v > max) {
            keys_name(k, suffix, name);
            refuse_range(k, name, 0, max, v);
            return false;
        }
        out[i] = (uint32_t)v;
    }
    return kv != NULL;
}

bool keys_bool_layers(struct keys *k, const char *suffix, uint32_t n, bool *out)
{
    const struct gguf_kv *kv = layers_key(k, suffix, n);

    for (uint32_t i = 0; kv && i < n; i++) {
        out[i] = layer_value(k, kv, i) != 0;
        if (k->rc)
            return false;
    }
    return kv != NULL;
}

void keys_missing(struct keys *k, const char *suffix, const char *expected)
{
    char name[KEYS_NAME_BYTES];

    if (k->rc)
        return;
    keys_name(k, suffix, name);
    k->rc = err_set(k->e, ERR_FORMAT, "key %s is missing: expected %s", name, expected);
}
