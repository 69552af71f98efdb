/* Integer matrix products for many tokens with AVX2: the plan of gemm_avx512.h with 16 rows in two
 * registers, three tokens, and sums of products of bytes in 16 bits as long as they fit. */
#ifndef COMPUTE_CPU_X86_GEMM_AVX2_H
#define COMPUTE_CPU_X86_GEMM_AVX2_H

#include "compute/cpu/x86/linear_256.h"
#include "compute/cpu/x86/linear_32.h"

#define GEMM_ROWS        16U
#define GEMM_TOKS        480U /* tokens whose accumulators are kept */
#define MICRO_TOK        3U   /* tokens in registers                */
#define GEMM_MIN_TOK_256 8U   /* below, reading rows anew for every four tokens is cheaper */

struct tile_256 {
    uint8_t w[2][64][32];  /* [8 rows][4 columns] each */
    int16_t sc[2][16][16]; /* twice for each row       */
    int32_t off[2][8][8];  /* pairs of words           */
    float d[2][8], dmin[2][8];
};

struct tile_32 {
    uint8_t w[2][64][32];         /* plus the type's bias */
    float d[2][8][8], m[2][8][8]; /* m: minima, or scales of second halves */
};

struct gemm_scratch {
    float acc[GEMM_TOKS][GEMM_ROWS];
    union {
        struct tile_256 k;
        struct tile_32 s;
    } tile;
    uint8_t rows[8][256];
};

static size_t gemm_scratch_bytes(uint32_t n_in)
{
    (void)n_in;
    return sizeof(struct gemm_scratch);
}

static ATTR_INLINE void store_256(void *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)p, v);
}

/* 8 x 8 words of four bytes: out[i] gets word i of every row. */
static ATTR_INLINE void transpose_8(const uint8_t *rows, size_t stride, uint8_t *out)
{
    __m256i a[8], b[8];

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        a[i] = load_256(rows + i * stride);
    UNROLL
    for (unsigned i = 0; i < 8; i += 2) {
        b[i] = _mm256_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_epi32(a[i], a[i + 1]);
    }
    UNROLL
    for (unsigned i = 0; i < 8; i += 4) {
        a[i] = _mm256_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm256_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm256_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        store_256(out + 32 * i, _mm256_permute2x128_si256(a[i], a[i + 4], 0x20));
        store_256(out + 32 * (i + 4), _mm256_permute2x128_si256(a[i], a[i + 4], 0x31));
    }
}

static ATTR_INLINE void expand_row_256(struct tile_256 *tile, uint8_t *bytes, unsigned h,
                                       unsigned r, const struct regs_256 *regs,
                                       struct kind_256 kind)
{
    int16_t sc[16], off[16];

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        store_256(bytes + 32 * i, regs->q[i]);
    store_256(sc, regs->sc);
    store_256(off, regs->off);
    for (unsigned g = 0; g < 8; g++) {
        int16_t *even = &tile->sc[h][2 * g][2 * r], *odd = &tile->sc[h][2 * g + 1][2 * r];

        even[0] = even[1] = sc[g];
        odd[0] = odd[1] = sc[8 + g];
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
        for (unsigned r = 0; r < 8; r++) {
            struct regs_256 regs;

            load(w + min_u32(8 * h + r, n_row - 1) * row_bytes, &regs);
            expand_row_256(&s->tile.k, s->rows[r], h, r, &regs, kind);
        }
        for (unsigned c = 0; c < 8; c++)
            transpose_8(s->rows[0] + 32 * c, 256, s->tile.k.w[h][8 * c]);
    }
}

static ATTR_INLINE __m256i broadcast_u32(const void *p)
{
    return _mm256_set1_epi32((int)load_u32(p));
}

/* Runs of kind.n_run x 4 columns stay in 16 bits; a group of 16 or 32 is one run or more. */
static ATTR_INLINE void micro_total(const struct tile_256 *tile,
                                    const struct act_q8_256 *const a[MICRO_TOK], unsigned n,
                                    struct kind_256 kind, __m256i total[2][MICRO_TOK])
{
    for (unsigned i0 = 0; i0 < 64; i0 += kind.n_run) {
        __m256i sum[2][MICRO_TOK];
        __m256i sc0 = load_256(tile->sc[0][i0 / 4]), sc1 = load_256(tile->sc[1][i0 / 4]);

        UNROLL
        for (unsigned t = 0; t < n; t++)
            sum[0][t] = sum[1][t] = _mm256_setzero_si256();
        UNROLL
        for (unsigned i = 0; i < kind.n_run; i++) {
            __m256i w0 = load_256(tile->w[0][i0 + i]), w1 = load_256(tile->w[1][i0 + i]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m256i x = broadcast_u32(a[t]->q + 4 * (i0 + i));

                sum[0][t] = _mm256_add_epi16(sum[0][t], dot_pairs(w0, x, kind));
                sum[1][t] = _mm256_add_epi16(sum[1][t], dot_pairs(w1, x, kind));
            }
        }
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            total[0][t] = dot_words(total[0][t], sum[0][t], sc0);
            total[1][t] = dot_words(total[1][t], sum[1][t], sc1);
        }
    }
}

/* One super-block of 16 rows and n tokens. */
static ATTR_INLINE void micro_256(const struct tile_256 *tile, const uint8_t *act, size_t stride,
                                  unsigned n, struct kind_256 kind, float (*acc)[GEMM_ROWS])
{
    const unsigned n_pair = kind.is_32 ? 4 : 8;
    const struct act_q8_256 *a[MICRO_TOK];
    __m256i total[2][MICRO_TOK];

    UNROLL
    for (unsigned t = 0; t < n; t++) {
        a[t] = (const struct act_q8_256 *)(const void *)(act + t * stride);
        total[0][t] = total[1][t] = _mm256_setzero_si256();
    }
    micro_total(tile, a, n, kind, total);
    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256 d = _mm256_loadu_ps(tile->d[h]), dmin = _mm256_loadu_ps(tile->dmin[h]);

        UNROLL
        for (unsigned t = 0; t < n; t++) {
            const int16_t *sums = kind.is_32 ? a[t]->sum32 : a[t]->sum16;
            __m256 dx = _mm256_set1_ps(a[t]->d), y = _mm256_loadu_ps(acc[t] + 8 * h);
            __m256i off = _mm256_setzero_si256(), sum = total[h][t];

            UNROLL
            for (unsigned p = 0; p < n_pair; p++)
                off = dot_words(off, load_256(tile->off[h][p]), broadcast_u32(sums + 2 * p));
            if (!kind.has_min && !kind.is_wide)
                sum = _mm256_sub_epi32(sum, off);
            y = _mm256_fmadd_ps(_mm256_mul_ps(d, dx), _mm256_cvtepi32_ps(sum), y);
            if (kind.has_min)
                y = _mm256_fnmadd_ps(_mm256_mul_ps(dmin, dx), _mm256_cvtepi32_ps(off), y);
            _mm256_storeu_ps(acc[t] + 8 * h, y);
        }
    }
}

static void gemm_store(const struct linear_job *j, const struct gemm_scratch *s, uint32_t r0,
                       uint32_t t0, uint32_t n_tok)
{
    uint32_t n_row = min_u32(GEMM_ROWS, j->n_row - r0);

    for (uint32_t t = 0; t < n_tok; t++)
        memcpy(j->y + (t0 + t) * j->y_stride + r0, s->acc[t], n_row * sizeof(float));
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
                for (; t + 3 <= n_tok; t += 3)
                    micro_256(tile, act + t * j->act_stride, j->act_stride, 3, kind, s->acc + t);
                for (; t < n_tok; t++)
                    micro_256(tile, act + t * j->act_stride, j->act_stride, 1, kind, s->acc + t);
            }
            gemm_store(j, s, r0, t0, n_tok);
        }
    }
}

/* n_block blocks of 32 of eight rows into half h of the tile. */
static ATTR_INLINE void expand_half_32(struct gemm_scratch *s, const uint8_t *const w[8],
                                       unsigned h, uint32_t n_block, load_32_fn load,
                                       struct kind_32 kind)
{
    struct tile_32 *tile = &s->tile.s;

    for (uint32_t b = 0; b < n_block; b++) {
        const uint8_t *at[8];
        uint32_t sub = b % kind.per;

        UNROLL
        for (unsigned r = 0; r < 8; r++) {
            at[r] = w[r] + b / kind.per * kind.block_bytes;
            store_256(s->rows[r] + 32 * b, load(at[r], sub));
        }
        _mm256_storeu_ps(tile->d[h][b], first_scales(at, kind, sub));
        if (has_second(kind))
            _mm256_storeu_ps(tile->m[h][b], second_scales(at, kind, sub));
        transpose_8(s->rows[0] + 32 * b, 256, tile->w[h][8 * b]);
    }
}

static ATTR_INLINE void expand_32(struct gemm_scratch *s, const struct linear_job *j, uint32_t r0,
                                  uint32_t b0, load_32_fn load, struct kind_32 kind)
{
    uint32_t n_block = min_u32(8, j->n_in / 32 - b0);

    for (unsigned h = 0; h < 2; h++) {
        const uint8_t *w[8];

        for (unsigned r = 0; r < 8; r++)
            w[r] = j->w + min_u32(r0 + 8 * h + r, j->n_row - 1) * j->row_bytes +
                   b0 / kind.per * kind.block_bytes;
        expand_half_32(s, w, h, n_block, load, kind);
    }
}

/* Sums of halves [from, to) of one group: sum[t] += w . x. Small elements stay in 16 bits for half
 * of the group. */
static ATTR_INLINE void micro_sums(const uint8_t (*tile)[32], const int8_t *const x[MICRO_TOK],
                                   unsigned n, struct kind_32 kind, unsigned from, unsigned to,
                                   __m256i sum[MICRO_TOK])
{
    const __m256i ones = _mm256_set1_epi16(1);

    UNROLL
    for (unsigned i0 = 4 * from; i0 < 4 * to; i0 += 4) {
        __m256i pairs[MICRO_TOK];

        UNROLL
        for (unsigned t = 0; t < n; t++)
            pairs[t] = _mm256_setzero_si256();
        UNROLL
        for (unsigned i = i0; i < i0 + 4; i++) {
            __m256i w = load_256(tile[i]);

            UNROLL
            for (unsigned t = 0; t < n; t++) {
                __m256i v = broadcast_u32(x[t] + 4 * i);

                if (kind.bias < 128)
                    pairs[t] = _mm256_add_epi16(pairs[t], _mm256_maddubs_epi16(w, v));
                else
                    sum[t] = _mm256_add_epi32(sum[t], dot_bytes(w, v, kind));
            }
        }
        if (kind.bias < 128) {
            UNROLL
            for (unsigned t = 0; t < n; t++)
                sum[t] = _mm256_add_epi32(sum[t], _mm256_madd_epi16(pairs[t], ones));
        }
    }
}

/* Group b of a type with a scale for each half. */
static ATTR_INLINE void micro_pair(const struct tile_32 *tile, unsigned h, uint32_t b,
                                   const struct act_q8_32 *const a[MICRO_TOK], unsigned n,
                                   struct kind_32 kind, __m256 y[MICRO_TOK])
{
    const int8_t *x[MICRO_TOK];

    UNROLL
    for (unsigned half = 0; half < 2; half++) {
        __m256 d = _mm256_loadu_ps(half ? tile->m[h][b] : tile->d[h][b]);
        __m256i sum[MICRO_TOK];

        UNROLL
        for (unsigned t = 0; t < n; t++) {
            x[t] = a[t]->q + 32 * b;
            sum[t] = _mm256_set1_epi32(-kind.bias * sum_16(x[t] + 16 * half));
        }
        micro_sums(tile->w[h] + 8 * b, x, n, kind, half, half + 1, sum);
        UNROLL
        for (unsigned t = 0; t < n; t++)
            y[t] = _mm256_fmadd_ps(_mm256_mul_ps(d, _mm256_set1_ps(a[t]->d[b])),
                                   _mm256_cvtepi32_ps(sum[t]), y[t]);
    }
}

/* Up to eight groups of 8 rows and n tokens. */
static ATTR_INLINE void micro_32(const struct tile_32 *tile, unsigned h, const uint8_t *act,
                                 size_t stride, unsigned n, uint32_t n_block, struct kind_32 kind,
                                 float (*acc)[GEMM_ROWS])
{
    const struct act_q8_32 *a[MICRO_TOK];
    __m256 y[MICRO_TOK];

    UNROLL
    for (unsigned t = 0; t < n; t++) {
        a[t] = (const struct act_q8_32 *)(const void *)(act + t * stride);
        y[t] = _mm256_loadu_ps(acc[t] + 8 * h);
    }
    for (uint32_t b = 0; b < n_block; b++) {
        __m256 d = _mm256_loadu_ps(tile->d[h][b]);
        const int8_t *x[MICRO_TOK];
        __m256i sum[MICRO_TOK];

        if (kind.scale == SCALE_E4M3_PAIR) {
            micro_pair(tile, h, b, a, n, kind, y);
            continue;
        }
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            x[t] = a[t]->q + 32 * b;
            sum[t] = _mm256_set1_epi32(-biased_sum(a[t]->sum[b], kind));
        }
        micro_sums(tile->w[h] + 8 * b, x, n, kind, 0, 2, sum);
        UNROLL
        for (unsigned t = 0; t < n; t++) {
            __m256 dx = _mm256_set1_ps(a[t]->d[b]);

            y[t] = _mm256_fmadd_ps(_mm256_mul_ps(d, dx), _mm256_cvtepi32_ps(sum[t]), y[t]);
            if (kind.scale == SCALE_HALF_MIN)
                y[t] = _mm256_fmadd_ps(_mm256_mul_ps(_mm256_loadu_ps(tile->m[h][b]), dx),
                                       _mm256_set1_ps((float)a[t]->sum[b]), y[t]);
        }
    }
    UNROLL
    for (unsigned t = 0; t < n; t++)
        _mm256_storeu_ps(acc[t] + 8 * h, y[t]);
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
                for (; t + 3 <= n_tok; t += 3)
                    for (unsigned h = 0; h < 2; h++)
                        micro_32(tile, h, act + t * stride, stride, 3, n_block, kind, s->acc + t);
                for (; t < n_tok; t++)
                    for (unsigned h = 0; h < 2; h++)
                        micro_32(tile, h, act + t * stride, stride, 1, n_block, kind, s->acc + t);
            }
            gemm_store(j, s, r0, t0, n_tok);
        }
    }
}

#endif
