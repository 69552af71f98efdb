/* Reads everything that an open GGUF file promises to be readable; sanitizers watch. */
#ifndef TESTS_FORMATS_GGUF_WALK_H
#define TESTS_FORMATS_GGUF_WALK_H

#include "formats/gguf.h"

/* A number that depends on every key, every element and the ends of every tensor. */
static inline uint64_t gguf_walk_kv(const struct gguf *g, const struct gguf_kv *kv)
{
    uint64_t sum = 0;

    for (size_t k = 0; k < kv->key.len; k++)
        sum += (uint8_t)kv->key.s[k];
    for (uint64_t i = 0; i < kv->n; i++) {
        struct gguf_str s = { 0 };
        uint64_t u = 0;
        int64_t v = 0;
        double d = 0;

        if (!gguf_elem_str(g, kv, i, &s, NULL)) {
            for (size_t k = 0; k < s.len; k++)
                sum += (uint8_t)s.s[k];
        }
        if (!gguf_elem_u64(g, kv, i, &u, NULL) && !gguf_elem_i64(g, kv, i, &v, NULL))
            sum += u ^ (uint64_t)v;
        if (!gguf_elem_f64(g, kv, i, &d, NULL))
            sum += d > 0;
    }
    return sum;
}

static inline uint64_t gguf_walk(const struct gguf *g)
{
    uint64_t sum = gguf_version(g) + gguf_alignment(g) + gguf_bytes(g);

    for (size_t i = 0; i < gguf_n_kv(g); i++)
        sum += gguf_walk_kv(g, gguf_kv_at(g, i));
    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        for (uint64_t k = 0; k < t->bytes; k += t->bytes < 4096 ? 1 : t->bytes - 1)
            sum += t->data[k];
        sum += gguf_tensor(g, t->name) == t;
    }
    return sum;
}

#endif
