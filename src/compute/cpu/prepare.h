/* Rounding activations to eight bits: one definition for every instruction set.
 *
 * Plain C that compilers vectorise, included by the reference and the instruction-set files (each
 * compiles its own copy). q = x * (127 / amax) rounded half to even, d = amax / 127. The result
 * does not depend on the order of evaluation, so every copy gives the same bytes.
 *
 * A group with a NaN or an infinity becomes d = NaN, q = 0: its products are NaN. A group whose
 * largest magnitude is below ACT_TINY (127 / amax could overflow) becomes zero.
 */
#ifndef COMPUTE_CPU_PREPARE_H
#define COMPUTE_CPU_PREPARE_H

#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "compute/cpu/kernels.h"

#define ACT_TINY 1e-35F
#define ACT_INF  0x7f800000U

static inline ATTR_UNUSED float prepare_from_bits(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

/* The largest magnitude, compared as integers: NaN is larger than infinity. */
static inline ATTR_UNUSED float prepare_scale(uint32_t n, const float *x, float *inverse)
{
    uint32_t top = 0;
    float amax;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;

        memcpy(&bits, x + i, sizeof(bits));
        bits &= 0x7fffffffU;
        top = bits > top ? bits : top;
    }
    *inverse = 0;
    if (top >= ACT_INF)
        return prepare_from_bits(ACT_INF | 0x400000U);
    amax = prepare_from_bits(top);
    if (amax < ACT_TINY)
        return 0;
    *inverse = 127.0F / amax;
    return amax / 127.0F;
}

/* Adding 1.5 * 2^23 leaves the rounded integer in the low bits of the sum. */
static inline ATTR_UNUSED void prepare_round(uint32_t n, const float *x, float inverse, int8_t *q)
{
    if (inverse == 0) { /* x may be NaN */
        memset(q, 0, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        float shifted = x[i] * inverse + 12582912.0F;
        int32_t bits;

        memcpy(&bits, &shifted, sizeof(bits));
        q[i] = (int8_t)(bits - 0x4b400000);
    }
}

static inline ATTR_UNUSED int32_t prepare_sum(uint32_t n, const int8_t *q)
{
    int32_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += q[i];
    return sum;
}

static inline ATTR_UNUSED void prepare_q8_256(uint32_t n, const float *x, void *out)
{
    struct act_q8_256 *a = out;

    for (uint32_t i = 0; i + 256 <= n; i += 256, a++) {
        float inverse;

        a->d = prepare_scale(256, x + i, &inverse);
        prepare_round(256, x + i, inverse, a->q);
        for (unsigned g = 0; g < 16; g++)
            a->sum16[g] = (int16_t)prepare_sum(16, a->q + 16 * g);
        for (unsigned g = 0; g < 8; g++)
            a->sum32[g] = (int16_t)(a->sum16[2 * g] + a->sum16[2 * g + 1]);
        memset(a->pad, 0, sizeof(a->pad));
    }
}

static inline ATTR_UNUSED void prepare_q8_32(uint32_t n, const float *x, void *out)
{
    struct act_q8_32 *a = out;

    for (uint32_t i = 0; i < n; i += 256, a++) {
        uint32_t n_block = min_u32(8, (n - i) / 32);

        if (n_block < 8)
            memset(a, 0, sizeof(*a));
        for (uint32_t b = 0; b < n_block; b++) {
            float inverse;

            a->d[b] = prepare_scale(32, x + i + 32 * b, &inverse);
            prepare_round(32, x + i + 32 * b, inverse, a->q + 32 * b);
            a->sum[b] = prepare_sum(32, a->q + 32 * b);
        }
    }
}

/* Padded with zeros to whole cache lines. */
static inline ATTR_UNUSED void prepare_f32(uint32_t n, const float *x, void *out)
{
    memcpy(out, x, n * sizeof(float));
    if (n % 16)
        memset((float *)out + n, 0, (16 - n % 16) * sizeof(float));
}

#endif
