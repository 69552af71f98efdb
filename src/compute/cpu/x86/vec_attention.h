/* Attention over one page of one head, in sixteen lanes; see kernels.h for what it computes.
 * Included by the AVX2 and the AVX-512 file, each compiling its own copy. */
#ifndef COMPUTE_CPU_X86_VEC_ATTENTION_H
#define COMPUTE_CPU_X86_VEC_ATTENTION_H

#include <math.h>

#include "compute/cpu/kernels.h"
#include "compute/cpu/x86/v16_math.h"

static ATTR_INLINE v16 load_cache(const void *row, uint32_t i, uint32_t n, bool is_half)
{
    if (!is_half)
        return vec_load((const float *)row + i, n);
    return n >= 16 ? v16_load_f16((const uint16_t *)row + i)
                   : v16_load_f16_n((const uint16_t *)row + i, n);
}

/* Scores of n_row <= 4 keys. */
static ATTR_INLINE void vec_qk_rows(uint32_t n_row, uint32_t head, const float *q, const char *k,
                                    bool is_half, float *s)
{
    size_t row = (size_t)head * (is_half ? sizeof(uint16_t) : sizeof(float));
    v16 acc[4];

    UNROLL
    for (uint32_t r = 0; r < n_row; r++)
        acc[r] = v16_set(0.0F);
    for (uint32_t i = 0; i < head; i += 16) {
        v16 v = vec_load(q + i, head - i);

        UNROLL
        for (uint32_t r = 0; r < n_row; r++)
            acc[r] = v16_fma(load_cache(k + r * row, i, head - i, is_half), v, acc[r]);
    }
    UNROLL
    for (uint32_t r = 0; r < n_row; r++)
        s[r] = v16_sum(acc[r]);
}

static ATTR_INLINE void vec_qk(uint32_t n, uint32_t head, const float *q, const char *k,
                               bool is_half, float *s)
{
    size_t row = (size_t)head * (is_half ? sizeof(uint16_t) : sizeof(float));
    uint32_t j = 0;

    for (; j + 4 <= n; j += 4)
        vec_qk_rows(4, head, q, k + j * row, is_half, s + j);
    for (; j < n; j++)
        vec_qk_rows(1, head, q, k + j * row, is_half, s + j);
}

static void vec_qk_f16(uint32_t n, uint32_t head, const float *q, const uint16_t *k, float *s)
{
    vec_qk(n, head, q, (const char *)k, true, s);
}

static void vec_qk_f32(uint32_t n, uint32_t head, const float *q, const float *k, float *s)
{
    vec_qk(n, head, q, (const char *)k, false, s);
}

/* n_vec vectors of rows that are `row` bytes apart, the last one of `last` elements. */
static ATTR_INLINE void vec_pv_columns(uint32_t n, size_t row, const float *p, const char *v,
                                       bool is_half, float *acc, uint32_t n_vec, uint32_t last)
{
    v16 sum[4];

    UNROLL
    for (uint32_t c = 0; c < n_vec; c++)
        sum[c] = vec_load(acc + 16 * c, last);
    for (uint32_t j = 0; j < n; j++) {
        v16 weight = v16_set(p[j]);

        UNROLL
        for (uint32_t c = 0; c < n_vec; c++)
            sum[c] = v16_fma(weight, load_cache(v + j * row, 16 * c, last, is_half), sum[c]);
    }
    UNROLL
    for (uint32_t c = 0; c < n_vec; c++)
        vec_store(acc + 16 * c, sum[c], last);
}

static ATTR_INLINE void vec_pv(uint32_t n, uint32_t head, uint32_t stride, const float *p,
                               const char *v, bool is_half, float *acc)
{
    size_t element = is_half ? sizeof(uint16_t) : sizeof(float), row = stride * element;
    uint32_t d = 0;

    for (; d + 64 <= head; d += 64)
        vec_pv_columns(n, row, p, v + d * element, is_half, acc + d, 4, 16);
    for (; d + 16 <= head; d += 16)
        vec_pv_columns(n, row, p, v + d * element, is_half, acc + d, 1, 16);
    if (d < head)
        vec_pv_columns(n, row, p, v + d * element, is_half, acc + d, 1, head - d);
}

static void vec_pv_f16(uint32_t n, uint32_t head, uint32_t stride, const float *p,
                       const uint16_t *v, float *acc)
{
    vec_pv(n, head, stride, p, (const char *)v, true, acc);
}

static void vec_pv_f32(uint32_t n, uint32_t head, uint32_t stride, const float *p, const float *v,
                       float *acc)
{
    vec_pv(n, head, stride, p, (const char *)v, false, acc);
}

static float vec_exp_sum(uint32_t n, float max, float *s)
{
    v16 sum = v16_set(0.0F), shift = v16_set(max);

    for (uint32_t i = 0; i < n; i += 16) {
        vec_store(s + i, v16_exp(v16_sub(vec_load(s + i, n - i), shift)), n - i);
        sum = v16_add(sum, vec_load(s + i, n - i));
    }
    return v16_sum(sum);
}

static float vec_max(uint32_t n, const float *s)
{
    v16 max = v16_set(-INFINITY);
    float lane[16], top = -INFINITY;
    uint32_t i = 0;

    for (; i + 16 <= n; i += 16)
        max = v16_max(v16_load(s + i), max);
    v16_store(lane, max);
    for (uint32_t l = 0; l < 16; l++)
        top = lane[l] > top ? lane[l] : top;
    for (; i < n; i++)
        top = s[i] > top ? s[i] : top;
    return top;
}

#endif
