/* Integer matrix products for many tokens with AVX-512 VNNI: types with groups of 32. The plan is
 * that of gemm_avx512.h. */
#ifndef COMPUTE_CPU_X86_GEMM_AVX512_32_H
#define COMPUTE_CPU_X86_GEMM_AVX512_32_H

#include "compute/cpu/x86/gemm_avx512.h"

/* n_block blocks of 32 of sixteen rows into half h of the tile. */
static ATTR_INLINE void expand_half_32(struct gemm_scratch *s, const uint8_t *const w[16],
                                       unsigned h, uint32_t n_block, load_32_fn load,
                                       struct kind_32 kind)
{
    struct tile_32 *tile = &s->tile.s;

    for (uint32_t b = 0; b < n_block; b++) {
        const uint8_t *at[16];
        uint32_t sub = b % kind.per;

        UNROLL
        for (unsigned r = 0; r < 16; r++) {
            at[r] = w[r] + b / kind.per * kind.block_bytes;
            _mm256_storeu_si256((__m256i *)(void *)(s->rows[r] + 32 * b), load(at[r], sub));
        }
        _mm256_storeu_ps(tile->d[h][b], first_scales(at, kind, sub));
        _mm256_storeu_ps(tile->d[h][b] + 8, first_scales(at + 8, kind, sub));
        if (has_second(kind)) {
            _mm256_storeu_ps(tile->m[h][b], second_scales(at, kind, sub));
            _mm256_storeu_ps(tile->m[h][b] + 8, second_scales(at + 8, kind, sub));
        }
    }
    for (unsigned c = 0; 2 * c < n_block; c++)
        transpose_16(s->rows[0] + 64 * c, 256, tile->w[h][16 * c]);
}

static ATTR_INLINE void expand_32(struct gemm_scratch *s, const struct linear_job *j, uint32_t r0,
                                  uint32_t b0, load_32_fn load, struct kind_32 kind)
{
    uint32_t n_block = min_u32(8, j->n_in / 32 - b0);

    for (unsigned h = 0; h < 2; h++) {
        const uint8_t *w[16];

        for (unsigned r = 0; r < 16; r++)
            w[r] = j->w + min_u32(r0 + 16 * h + r, j->n_row - 1) * j->row_bytes +
                   b0 / kind.per * kind.block_bytes;
        expand_half_32(s, w, h, n_block, load, kind);
    }
}

/* Group b of a type with a scale for each half. */
static ATTR_INLINE void micro_pair(const struct tile_32 *tile, uint32_t b,
                                   const struct act_q8_32 *const a[MICRO_TOK], unsigned n,
                                   struct kind_32 kind, __m512 y[2][MICRO_TOK])
{
    UNROLL
    for (unsigned half = 0; half < 2; half++) {
        __m512i sum[2][MICRO_TOK];

        UNROLL
        for (unsigned t = 0; t < n; t++)
            sum[0][t] = sum[1][t] =
                _mm512_set1_epi32(-kind.bias * sum_16(a[t]->q + 32 * b + 16 * half));
        UNROLL
        for (unsigned i = 4 * half; i < 4 * half + 4; i++) {
            __m512i w0 = _mm512_loadu_si512(tile->w[0][8 * b + i]);
            __m512i w1 = _mm512_loadu_si512(tile->w[1][8 * b + i]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m512i x = broadcast_u32(a[t]->q + 32 * b + 4 * i);

                sum[0][t] = dot_4(sum[0][t], w0, x);
                sum[1][t] = dot_4(sum[1][t], w1, x);
            }
        }
        UNROLL
        for (unsigned h = 0; h < 2; h++) {
            __m512 d = _mm512_loadu_ps(half ? tile->m[h][b] : tile->d[h][b]);

            UNROLL
            for (unsigned t = 0; t < n; t++)
                y[h][t] = _mm512_fmadd_ps(_mm512_mul_ps(d, _mm512_set1_ps(a[t]->d[b])),
                                          _mm512_cvtepi32_ps(sum[h][t]), y[h][t]);
        }
    }
}

/* Up to eight groups of 32 rows and n tokens. */
static ATTR_INLINE void micro_32(const struct tile_32 *tile, const uint8_t *act, size_t stride,
                                 unsigned n, uint32_t n_block, struct kind_32 kind,
                                 float (*acc)[GEMM_ROWS])
{
    const struct act_q8_32 *a[MICRO_TOK];
    __m512 y[2][MICRO_TOK];

    UNROLL
    for (unsigned t = 0; t < n; t++) {
        a[t] = (const struct act_q8_32 *)(const void *)(act + t * stride);
        y[0][t] = _mm512_loadu_ps(acc[t]);
        y[1][t] = _mm512_loadu_ps(acc[t] + 16);
    }
    for (uint32_t b = 0; b < n_block; b++) {
        __m512i sum[2][MICRO_TOK];

        if (kind.scale == SCALE_E4M3_PAIR) {
            micro_pair(tile, b, a, n, kind, y);
            continue;
        }
        UNROLL
        for (unsigned t = 0; t < n; t++)
            sum[0][t] = sum[1][t] = _mm512_set1_epi32(-kind.bias * a[t]->sum[b]);
        UNROLL
        for (unsigned i = 0; i < 8; i++) {
            __m512i w0 = _mm512_loadu_si512(tile->w[0][8 * b + i]);
            __m512i w1 = _mm512_loadu_si512(tile->w[1][8 * b + i]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m512i x = broadcast_u32(a[t]->q + 32 * b + 4 * i);

                sum[0][t] = dot_4(sum[0][t], w0, x);
                sum[1][t] = dot_4(sum[1][t], w1, x);
            }
        }
        UNROLL
        for (unsigned h = 0; h < 2; h++) {
            __m512 d = _mm512_loadu_ps(tile->d[h][b]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m512 dx = _mm512_set1_ps(a[t]->d[b]);

                y[h][t] =
                    _mm512_fmadd_ps(_mm512_mul_ps(d, dx), _mm512_cvtepi32_ps(sum[h][t]), y[h][t]);
                if (kind.scale == SCALE_HALF_MIN)
                    y[h][t] = _mm512_fmadd_ps(_mm512_mul_ps(_mm512_loadu_ps(tile->m[h][b]), dx),
                                              _mm512_set1_ps((float)a[t]->sum[b]), y[h][t]);
            }
        }
    }
    UNROLL
    for (unsigned t = 0; t < n; t++) {
        _mm512_storeu_ps(acc[t], y[0][t]);
        _mm512_storeu_ps(acc[t] + 16, y[1][t]);
    }
}

static ATTR_INLINE void gemm_32(const struct linear_job *j, load_32_fn load, struct kind_32 kind)
{
    struct gemm_scratch *s = j->scratch;
    const struct tile_32 *tile = &s->tile.s;
    size_t stride = j->act_stride;

    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += GEMM_TOKS) {
        uint32_t n_tok = min_u32(GEMM_TOKS, j->n_tok - t0);

        for (uint32_t r0 = 0; r0 < j->n_row; r0 += GEMM_ROWS) {
            memset(s->acc, 0, n_tok * sizeof(s->acc[0]));
            for (uint32_t b = 0; b < j->n_in / 32; b += 8) {
                const uint8_t *act = j->act + t0 * stride + b / 8 * sizeof(struct act_q8_32);
                uint32_t n_block = min_u32(8, j->n_in / 32 - b), t = 0;

                prefetch_ahead(j->w + r0 * j->row_bytes, GEMM_ROWS * j->row_bytes,
                               b / kind.per * GEMM_ROWS * kind.block_bytes,
                               n_block / kind.per * GEMM_ROWS * kind.block_bytes);
                expand_32(s, j, r0, b, load, kind);
                for (; t + 6 <= n_tok; t += 6) {
                    if (t + 12 <= n_tok)
                        prefetch_acts(act + (t + 6) * stride, stride, 6);
                    micro_32(tile, act + t * stride, stride, 6, n_block, kind, s->acc + t);
                }
                for (; t + 3 <= n_tok; t += 3)
                    micro_32(tile, act + t * stride, stride, 3, n_block, kind, s->acc + t);
                for (; t < n_tok; t++)
                    micro_32(tile, act + t * stride, stride, 1, n_block, kind, s->acc + t);
            }
            gemm_store(j, s, r0, t0, n_tok);
        }
    }
}

#endif
