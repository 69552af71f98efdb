/* Element-wise kernels, norms and attention in sixteen lanes; see kernels.h for what they compute.
 *
 * Included by the AVX2 and the AVX-512 files. Every sum runs in sixteen lanes and one tree. */
#ifndef COMPUTE_CPU_X86_VEC_H
#define COMPUTE_CPU_X86_VEC_H

#include <math.h>

#include "compute/cpu/kernels.h"
#include "compute/cpu/prepare.h"
#include "compute/cpu/x86/v16_math.h"
#include "compute/cpu/x86/vec_attention.h"

/* The mean of layer norm, and the sum of squares of what is left. */
static double vec_squares(enum norm_kind kind, uint32_t n, const float *x, double *mean)
{
    v16d sum = v16d_zero();
    v16 shift;

    *mean = 0;
    if (kind == NORM_LAYER) {
        for (uint32_t i = 0; i < n; i += 16)
            sum = v16d_add(sum, vec_load(x + i, n - i));
        *mean = v16d_sum(sum) / n;
        sum = v16d_zero();
    }
    shift = v16_set((float)*mean);
    for (uint32_t i = 0; i < n; i += 16) {
        v16 v = v16_sub(vec_load(x + i, n - i), shift);

        if (n - i < 16) { /* zeros beyond the end must stay zeros */
            float rest[16];

            v16_store(rest, v);
            v = v16_load_n(rest, n - i);
        }
        sum = v16d_add_square(sum, v);
    }
    return v16d_sum(sum);
}

static void vec_norm(enum norm_kind kind, uint32_t n, const float *x, const float *w,
                     const float *b, float eps, const float *add, float *out)
{
    double mean, sum = vec_squares(kind, n, x, &mean);
    v16 shift = v16_set((float)mean), scale;

    if (kind != NORM_L2)
        sum /= n;
    scale = v16_set((float)(1.0 / sqrt(sum + (double)eps)));
    for (uint32_t i = 0; i < n; i += 16) {
        v16 v = v16_mul(v16_sub(vec_load(x + i, n - i), shift), scale);

        if (w)
            v = v16_mul(v, vec_load(w + i, n - i));
        if (b)
            v = v16_add(v, vec_load(b + i, n - i));
        if (add)
            v = v16_add(vec_load(add + i, n - i), v);
        vec_store(out + i, v, n - i);
    }
}

/* Bounded below where the result is zero anyway: minus infinity times zero would be NaN. */
static ATTR_INLINE v16 vec_activate(enum act_kind act, v16 x)
{
    v16 zero = v16_set(0.0F), half = v16_set(0.5F);
    v16 g = v16_max(v16_set(-1e4F), x), u;

    switch (act) {
    case ACT_SILU:
        return v16_mul(g, v16_sigmoid(g));
    case ACT_GELU_TANH: /* (1 + tanh u) / 2 = sigmoid 2u */
        u = v16_fma(v16_mul(g, g), v16_set(0.044715F), v16_set(1.0F));
        u = v16_mul(v16_mul(v16_set(1.59576912F), g), u);
        return v16_mul(g, v16_sigmoid(u));
    case ACT_GELU_ERF:
        u = v16_min(v16_set(1e4F), g);
        u = v16_mul(v16_mul(half, u), v16_erfc(v16_mul(v16_abs(u), v16_set(0.707106781F))));
        return v16_if_less(g, zero, u, v16_sub(g, u));
    case ACT_RELU:
        return v16_if_less(x, zero, zero, x);
    case ACT_RELU_SQ:
        return v16_if_less(x, zero, zero, v16_mul(x, x));
    case ACT_SIGMOID:
    case ACT_SWIGLU_CLAMP:
        return v16_sigmoid(x);
    }
    return x;
}

static ATTR_INLINE v16 vec_swiglu_clamp(v16 gate, v16 up)
{
    v16 g = v16_max(v16_set(-1e4F), v16_min(v16_set(7.0F), gate));
    v16 u = v16_max(v16_set(-7.0F), v16_min(v16_set(7.0F), up));

    g = v16_mul(g, v16_sigmoid(v16_mul(v16_set(1.702F), g)));
    return v16_mul(g, v16_add(u, v16_set(1.0F)));
}

static ATTR_INLINE void vec_glu_loop(enum act_kind act, uint32_t n, const float *gate,
                                     const float *up, float *out)
{
    for (uint32_t i = 0; i < n; i += 16) {
        v16 g = vec_load(gate + i, n - i), u = v16_set(0.0F);

        if (up)
            u = vec_load(up + i, n - i);
        if (act == ACT_SWIGLU_CLAMP)
            g = vec_swiglu_clamp(g, u);
        else
            g = up ? v16_mul(vec_activate(act, g), u) : vec_activate(act, g);
        vec_store(out + i, g, n - i);
    }
}

static void vec_glu(enum act_kind act, uint32_t n, const float *gate, const float *up, float *out)
{
    switch (act) {
    case ACT_SILU:
        vec_glu_loop(ACT_SILU, n, gate, up, out);
        break;
    case ACT_GELU_TANH:
        vec_glu_loop(ACT_GELU_TANH, n, gate, up, out);
        break;
    case ACT_GELU_ERF:
        vec_glu_loop(ACT_GELU_ERF, n, gate, up, out);
        break;
    case ACT_RELU:
        vec_glu_loop(ACT_RELU, n, gate, up, out);
        break;
    case ACT_RELU_SQ:
        vec_glu_loop(ACT_RELU_SQ, n, gate, up, out);
        break;
    case ACT_SIGMOID:
        vec_glu_loop(ACT_SIGMOID, n, gate, up, out);
        break;
    case ACT_SWIGLU_CLAMP:
        vec_glu_loop(ACT_SWIGLU_CLAMP, n, gate, up, out);
        break;
    }
}

static void rope_halves(uint32_t n_pair, const float *cos, const float *sin, float *x)
{
    float *a = x, *b = x + n_pair;

    for (uint32_t i = 0; i < n_pair; i += 16) {
        uint32_t n = n_pair - i;
        v16 c = vec_load(cos + i, n), s = vec_load(sin + i, n);
        v16 x0 = vec_load(a + i, n), x1 = vec_load(b + i, n);

        vec_store(a + i, v16_sub(v16_mul(x0, c), v16_mul(x1, s)), n);
        vec_store(b + i, v16_add(v16_mul(x0, s), v16_mul(x1, c)), n);
    }
}

/* Four pairs at a time: cosines doubled, and the pairs' elements exchanged. */
static void rope_adjacent(uint32_t n_pair, const float *cos, const float *sin, float *x)
{
    const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    uint32_t i = 0;

    for (; i + 4 <= n_pair; i += 4) {
        __m256 c = _mm256_castps128_ps256(_mm_loadu_ps(cos + i));
        __m256 s = _mm256_castps128_ps256(_mm_loadu_ps(sin + i));
        __m256 v = _mm256_loadu_ps(x + 2 * i), other = _mm256_permute_ps(v, 0xb1);

        c = _mm256_permutevar8x32_ps(c, twice);
        s = _mm256_permutevar8x32_ps(s, twice);
        v = _mm256_addsub_ps(_mm256_mul_ps(v, c), _mm256_mul_ps(other, s));
        _mm256_storeu_ps(x + 2 * i, v);
    }
    for (; i < n_pair; i++) {
        float x0 = x[2 * i], x1 = x[2 * i + 1];

        x[2 * i] = x0 * cos[i] - x1 * sin[i];
        x[2 * i + 1] = x0 * sin[i] + x1 * cos[i];
    }
}

static void vec_rope(enum rope_pairing pairing, uint32_t n_rot, const float *cos, const float *sin,
                     float *x)
{
    if (pairing == ROPE_HALVES)
        rope_halves(n_rot / 2, cos, sin, x);
    else
        rope_adjacent(n_rot / 2, cos, sin, x);
}

static void vec_add(uint32_t n, const float *x, const float *y, float scale, float *out)
{
    v16 s = v16_set(scale);

    for (uint32_t i = 0; i < n; i += 16) {
        v16 v = v16_mul(s, vec_load(y + i, n - i));

        vec_store(out + i, v16_add(vec_load(x + i, n - i), v), n - i);
    }
}

static void vec_f32_to_f16_row(size_t n, const float *x, uint16_t *out)
{
    size_t i = 0;

    for (; i + 16 <= n; i += 16)
        v16_store_f16(out + i, v16_load(x + i));
    if (i < n) {
        uint16_t rest[16];

        v16_store_f16(rest, v16_load_n(x + i, (uint32_t)(n - i)));
        memcpy(out + i, rest, (n - i) * sizeof(*out));
    }
}

static void vec_softcap(uint32_t n, float cap, float *x)
{
    v16 c = v16_set(cap);

    for (uint32_t i = 0; i < n; i += 16) {
        v16 v = v16_div(vec_load(x + i, n - i), c);

        vec_store(x + i, v16_mul(c, v16_tanh(v)), n - i);
    }
}

static void vec_scale(size_t n, float s, float *x)
{
    size_t i = 0;

    for (; i + 16 <= n; i += 16)
        v16_store(x + i, v16_mul(v16_load(x + i), v16_set(s)));
    for (; i < n; i++)
        x[i] *= s;
}

static void vec_act_q8_256(uint32_t n, const float *x, void *out)
{
    prepare_q8_256(n, x, out);
}

static void vec_act_q8_32(uint32_t n, const float *x, void *out)
{
    prepare_q8_32(n, x, out);
}

static void init_vec(struct cpu_kernels *k)
{
    k->act_prepare[ACT_FMT_Q8_256] = vec_act_q8_256;
    k->act_prepare[ACT_FMT_Q8_32] = vec_act_q8_32;
    k->norm = vec_norm;
    k->glu = vec_glu;
    k->rope = vec_rope;
    k->add = vec_add;
    k->f32_to_f16_row = vec_f32_to_f16_row;
    k->qk_f16 = vec_qk_f16;
    k->qk_f32 = vec_qk_f32;
    k->pv_f16 = vec_pv_f16;
    k->pv_f32 = vec_pv_f32;
    k->exp_sum = vec_exp_sum;
    k->max = vec_max;
    k->softcap = vec_softcap;
    k->scale = vec_scale;
}

#endif
