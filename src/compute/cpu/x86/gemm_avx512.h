/* Integer matrix products for many tokens with AVX-512.
 *
 * Included by the files with and without VNNI. Lanes are rows: 32 rows of one group of 256 columns
 * are expanded once into a tile whose registers hold four columns of sixteen rows; every token then
 * broadcasts its four columns. The tile (L1 and L2) is used by all tokens of a block before the
 * next columns are expanded; the float accumulators wait in scratch. Order of operations: unpack.h.
 */
#ifndef COMPUTE_CPU_X86_GEMM_AVX512_H
#define COMPUTE_CPU_X86_GEMM_AVX512_H

#include "compute/cpu/x86/linear_256.h"
#include "compute/cpu/x86/linear_32.h"
#include "compute/cpu/x86/regs_512.h"

#define GEMM_ROWS        32U
#define GEMM_MIN_TOK_256 5U   /* four share what was read of four rows */
#define GEMM_TOKS        480U /* tokens whose accumulators are kept */
#define MICRO_TOK        6U   /* tokens in registers                */

struct tile_256 {
    uint8_t w[2][64][64]; /* [16 rows][4 columns] each */
    int32_t sc[2][16][16];
    int32_t off[2][8][16]; /* pairs of words */
    float d[2][16], dmin[2][16];
};

struct tile_32 {
    uint8_t w[2][64][64];           /* plus the type's bias */
    float d[2][8][16], m[2][8][16]; /* m: minima, or scales of second halves */
};

struct gemm_scratch {
    float acc[GEMM_TOKS][GEMM_ROWS];
    union {
        struct tile_256 k;
        struct tile_32 s;
    } tile;
    uint8_t rows[16][256];
};

static size_t gemm_scratch_bytes(uint32_t n_in)
{
    (void)n_in;
    return sizeof(struct gemm_scratch);
}

/* Row r of half h of the tile, from registers. */
static ATTR_INLINE void expand_row_256(struct tile_256 *tile, uint8_t *bytes, unsigned h,
                                       unsigned r, const struct regs_256 *regs,
                                       struct kind_256 kind)
{
    int16_t sc[16], off[16];

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        _mm256_storeu_si256((__m256i *)(void *)(bytes + 32 * i), regs->q[i]);
    _mm256_storeu_si256((__m256i *)(void *)sc, regs->sc);
    _mm256_storeu_si256((__m256i *)(void *)off, regs->off);
    if (kind.is_32) {
        for (unsigned g = 0; g < 8; g++)
            tile->sc[h][g][r] = sc[g];
    } else {
        for (unsigned g = 0; g < 8; g++) {
            tile->sc[h][2 * g][r] = sc[g];
            tile->sc[h][2 * g + 1][r] = sc[8 + g];
        }
    }
    for (unsigned p = 0; p < (kind.is_32 ? 4 : 8); p++)
        memcpy(&tile->off[h][p][r], off + 2 * p, sizeof(int32_t));
    tile->d[h][r] = _cvtsh_ss((uint16_t)regs->d) * kind.unit;
    tile->dmin[h][r] = kind.has_min ? _cvtsh_ss((uint16_t)(regs->d >> 16)) : 0;
}

/* Rows past the last repeat it. w: the columns' block of row 0. */
static ATTR_INLINE void expand_256(struct gemm_scratch *s, const uint8_t *w, size_t row_bytes,
                                   uint32_t n_row, load_256_fn load, struct kind_256 kind)
{
    for (unsigned h = 0; h < 2; h++) {
        for (unsigned r = 0; r < 16; r++) {
            struct regs_256 regs;

            load(w + min_u32(16 * h + r, n_row - 1) * row_bytes, &regs);
            expand_row_256(&s->tile.k, s->rows[r], h, r, &regs, kind);
        }
        for (unsigned c = 0; c < 4; c++)
            transpose_16(s->rows[0] + 64 * c, 256, s->tile.k.w[h][16 * c]);
    }
}

static ATTR_INLINE __m512i broadcast_u32(const void *p)
{
    return _mm512_set1_epi32((int)load_u32(p));
}

/* Adds groups' scaled sums of n tokens: total = sum of sc * (q . x). */
static ATTR_INLINE void micro_total(const struct tile_256 *tile,
                                    const struct act_q8_256 *const a[MICRO_TOK], unsigned n,
                                    unsigned n_group, __m512i total[2][MICRO_TOK])
{
    unsigned n_step = 64 / n_group;

    for (unsigned g = 0; g < n_group; g++) {
        __m512i sum[2][MICRO_TOK];
        __m512i sc0 = _mm512_loadu_si512(tile->sc[0][g]);
        __m512i sc1 = _mm512_loadu_si512(tile->sc[1][g]);

        UNROLL
        for (unsigned t = 0; t < n; t++)
            sum[0][t] = sum[1][t] = _mm512_setzero_si512();
        UNROLL
        for (unsigned i = 0; i < n_step; i++) {
            __m512i w0 = _mm512_loadu_si512(tile->w[0][g * n_step + i]);
            __m512i w1 = _mm512_loadu_si512(tile->w[1][g * n_step + i]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m512i x = broadcast_u32(a[t]->q + 4 * (g * n_step + i));

                sum[0][t] = dot_4(sum[0][t], w0, x);
                sum[1][t] = dot_4(sum[1][t], w1, x);
            }
        }
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            total[0][t] = _mm512_add_epi32(total[0][t], _mm512_mullo_epi32(sum[0][t], sc0));
            total[1][t] = _mm512_add_epi32(total[1][t], _mm512_mullo_epi32(sum[1][t], sc1));
        }
    }
}

/* One super-block of 32 rows and n tokens. */
static ATTR_INLINE void micro_256(const struct tile_256 *tile, const uint8_t *act, size_t stride,
                                  unsigned n, struct kind_256 kind, float (*acc)[GEMM_ROWS])
{
    const struct act_q8_256 *a[MICRO_TOK];
    __m512i total[2][MICRO_TOK];
    const unsigned n_pair = kind.is_32 ? 4 : 8;

    UNROLL
    for (unsigned t = 0; t < n; t++) {
        a[t] = (const struct act_q8_256 *)(const void *)(act + t * stride);
        total[0][t] = total[1][t] = _mm512_setzero_si512();
    }
    micro_total(tile, a, n, kind.is_32 ? 8 : 16, total);
    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m512 d = _mm512_loadu_ps(tile->d[h]), dmin = _mm512_loadu_ps(tile->dmin[h]);
        __m512i off[MICRO_TOK];

        UNROLL
        for (unsigned t = 0; t < n; t++)
            off[t] = _mm512_setzero_si512();
        UNROLL
        for (unsigned p = 0; p < n_pair; p++) {
            __m512i o = _mm512_loadu_si512(tile->off[h][p]);

            UNROLL
            for (unsigned t = 0; t < n; t++)
                off[t] = dot_2(off[t], o,
                               broadcast_u32((kind.is_32 ? a[t]->sum32 : a[t]->sum16) + 2 * p));
        }
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            __m512 dx = _mm512_set1_ps(a[t]->d), y = _mm512_loadu_ps(acc[t] + 16 * h);
            __m512i sum = kind.has_min ? total[h][t] : _mm512_sub_epi32(total[h][t], off[t]);

            y = _mm512_fmadd_ps(_mm512_mul_ps(d, dx), _mm512_cvtepi32_ps(sum), y);
            if (kind.has_min)
                y = _mm512_fnmadd_ps(_mm512_mul_ps(dmin, dx), _mm512_cvtepi32_ps(off[t]), y);
            _mm512_storeu_ps(acc[t] + 16 * h, y);
        }
    }
}

static ATTR_INLINE void prefetch_acts(const uint8_t *act, size_t stride, unsigned n)
{
    for (unsigned t = 0; t < n; t++)
        for (unsigned line = 0; line < 5; line++)
            _mm_prefetch((const char *)(act + t * stride + 64 * line), _MM_HINT_T0);
}

/* acc of n_row rows and the tokens from t0 to y. */
static void gemm_store(const struct linear_job *j, const struct gemm_scratch *s, uint32_t r0,
                       uint32_t t0, uint32_t n_tok)
{
    uint32_t n_row = min_u32(GEMM_ROWS, j->n_row - r0);
    __mmask16 low = (__mmask16)((1U << min_u32(n_row, 16)) - 1U);
    __mmask16 high = (__mmask16)((1U << (n_row > 16 ? n_row - 16 : 0)) - 1U);

    for (uint32_t t = 0; t < n_tok; t++) {
        float *y = j->y + (t0 + t) * j->y_stride + r0;

        _mm512_mask_storeu_ps(y, low, _mm512_loadu_ps(s->acc[t]));
        if (n_row > 16)
            _mm512_mask_storeu_ps(y + 16, high, _mm512_loadu_ps(s->acc[t] + 16));
    }
}

static ATTR_INLINE void gemm_256(const struct linear_job *j, load_256_fn load, struct kind_256 kind)
{
    struct gemm_scratch *s = j->scratch;
    const struct tile_256 *tile = &s->tile.k;

    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += GEMM_TOKS) {
        uint32_t n_tok = min_u32(GEMM_TOKS, j->n_tok - t0);

        for (uint32_t r0 = 0; r0 < j->n_row; r0 += GEMM_ROWS) {
            const uint8_t *w = j->w + r0 * j->row_bytes;

            memset(s->acc, 0, n_tok * sizeof(s->acc[0]));
            for (uint32_t b = 0; b < j->n_in / 256; b++) {
                const uint8_t *act = j->act + t0 * j->act_stride + b * sizeof(struct act_q8_256);
                uint32_t t = 0;

                prefetch_ahead(w, GEMM_ROWS * j->row_bytes, b * GEMM_ROWS * kind.block_bytes,
                               GEMM_ROWS * kind.block_bytes);
                expand_256(s, w + b * kind.block_bytes, j->row_bytes, j->n_row - r0, load, kind);
                for (; t + 6 <= n_tok; t += 6) {
                    if (t + 12 <= n_tok)
                        prefetch_acts(act + (t + 6) * j->act_stride, j->act_stride, 6);
                    micro_256(tile, act + t * j->act_stride, j->act_stride, 6, kind, s->acc + t);
                }
                for (; t + 3 <= n_tok; t += 3)
                    micro_256(tile, act + t * j->act_stride, j->act_stride, 3, kind, s->acc + t);
                for (; t < n_tok; t++)
                    micro_256(tile, act + t * j->act_stride, j->act_stride, 1, kind, s->acc + t);
            }
            gemm_store(j, s, r0, t0, n_tok);
        }
    }
}

#endif
