/* Integer matrix products for few tokens, for the types in blocks of 256: rows are read into
 * registers four at a time (linear_256.h), and up to four tokens share what was read. */
#ifndef COMPUTE_CPU_X86_GEMV_256_H
#define COMPUTE_CPU_X86_GEMV_256_H

#include "compute/cpu/x86/linear_256.h"

#define FEW_TOK 4U /* tokens that share what was read of the weights */

/* One super-block of four rows and n tokens: rows are read once. */
static ATTR_INLINE void step_4_rows(const uint8_t *const w[4],
                                    const struct act_q8_256 *const a[FEW_TOK], unsigned n,
                                    load_256_fn load, struct kind_256 kind, __m128 acc[FEW_TOK])
{
    __m256i total[FEW_TOK][4], offset[FEW_TOK][4];
    uint32_t d[4];
    __m256 scales;

    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        struct regs_256 r;

        load(w[i], &r);
        d[i] = r.d;
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            __m256i sums = load_256(kind.is_32 ? a[t]->sum32 : a[t]->sum16);

            total[t][i] = total_256(&r, a[t], kind);
            offset[t][i] = _mm256_madd_epi16(r.off, sums);
            if (!kind.has_min && !kind.is_wide)
                total[t][i] = _mm256_sub_epi32(total[t][i], offset[t][i]);
        }
    }
    scales = _mm256_mul_ps(half_scales(d), _mm256_set1_ps(kind.unit));
    UNROLL
    for (unsigned t = 0; t < n; t++) {
        __m128 dx = _mm_set1_ps(a[t]->d);

        acc[t] = _mm_fmadd_ps(_mm_mul_ps(_mm256_castps256_ps128(scales), dx),
                              _mm_cvtepi32_ps(reduce_4(total[t])), acc[t]);
        if (kind.has_min)
            acc[t] = _mm_fnmadd_ps(_mm_mul_ps(_mm256_extractf128_ps(scales, 1), dx),
                                   _mm_cvtepi32_ps(reduce_4(offset[t])), acc[t]);
    }
}

/* Four rows and n tokens from t0 on; past the last row or token it is repeated and not stored. */
static ATTR_INLINE void few_256(const struct linear_job *j, uint32_t r0, uint32_t t0, unsigned n,
                                load_256_fn load, struct kind_256 kind)
{
    uint32_t n_row = min_u32(4, j->n_row - r0), n_block = j->n_in / 256;
    const struct act_q8_256 *a[FEW_TOK];
    const uint8_t *w[4], *first = j->w + r0 * j->row_bytes;
    __m128 acc[FEW_TOK];

    for (uint32_t i = 0; i < 4; i++)
        w[i] = first + min_u32(i, n_row - 1) * j->row_bytes;
    for (unsigned t = 0; t < n; t++) {
        const uint8_t *at = j->act + min_u32(t0 + t, j->n_tok - 1) * j->act_stride;

        a[t] = (const struct act_q8_256 *)(const void *)at;
        acc[t] = _mm_setzero_ps();
    }
    for (uint32_t b = 0; b < n_block; b++) {
        if (t0 == 0)
            prefetch_ahead(first, 4 * j->row_bytes, 4 * b * kind.block_bytes, 4 * kind.block_bytes);
        step_4_rows(w, a, n, load, kind, acc);
        UNROLL
        for (unsigned i = 0; i < 4; i++)
            w[i] += kind.block_bytes;
        UNROLL
        for (unsigned t = 0; t < n; t++)
            a[t]++;
    }
    for (unsigned t = 0; t < n && t0 + t < j->n_tok; t++) {
        float y[4];

        _mm_storeu_ps(y, acc[t]);
        memcpy(j->y + (t0 + t) * j->y_stride + r0, y, n_row * sizeof(float));
    }
}

/* Tokens four by four; one or two that are left go alone. */
static ATTR_INLINE void gemv_256(const struct linear_job *j, load_256_fn load, struct kind_256 kind)
{
    for (uint32_t r0 = 0; r0 < j->n_row; r0 += 4) {
        uint32_t t = 0;

        for (; t + 2 < j->n_tok; t += FEW_TOK)
            few_256(j, r0, t, FEW_TOK, load, kind);
        for (; t < j->n_tok; t++)
            few_256(j, r0, t, 1, load, kind);
    }
}

#endif
