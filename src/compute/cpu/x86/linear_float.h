/* Linear kernels with f32 activations: F32, F16, BF16, and every type that is dequantised first.
 *
 * Included by the AVX2 and the AVX-512 files. A product is a dot product in sixteen lanes (lane
 * i % 16 for column i, one fma a step) and one tree: the same for every tile of rows and tokens. */
#ifndef COMPUTE_CPU_X86_LINEAR_FLOAT_H
#define COMPUTE_CPU_X86_LINEAR_FLOAT_H

#include "base/num.h"
#include "compute/cpu/kernels.h"
#include "compute/cpu/unpack.h"
#include "compute/cpu/x86/v16.h"

#if defined(__AVX512F__)
#define TILE_ROWS 4U
#define TILE_TOKS 6U
#else
#define TILE_ROWS 2U
#define TILE_TOKS 2U
#endif
#define FEW_ROWS  4U             /* rows in flight for few tokens                 */
#define ACT_BLOCK (256U * 1024U) /* bytes of activations that stay in cache       */

enum float_type { FLOAT_32, FLOAT_16, FLOAT_BRAIN };

static ATTR_INLINE v16 load_weights(const uint8_t *row, uint32_t i, enum float_type type)
{
    if (type == FLOAT_32)
        return v16_load((const float *)(const void *)row + i);
    if (type == FLOAT_16)
        return v16_load_f16((const uint16_t *)(const void *)row + i);
    return v16_load_bf16((const uint16_t *)(const void *)row + i);
}

static ATTR_INLINE v16 load_weights_n(const uint8_t *row, uint32_t i, uint32_t n,
                                      enum float_type type)
{
    if (type == FLOAT_32)
        return v16_load_n((const float *)(const void *)row + i, n);
    if (type == FLOAT_16)
        return v16_load_f16_n((const uint16_t *)(const void *)row + i, n);
    return v16_load_bf16_n((const uint16_t *)(const void *)row + i, n);
}

/* Fetches the share of the next rows that column i of FEW_ROWS rows stands for. */
static ATTR_INLINE void fetch_ahead(const uint8_t *rows, size_t group_bytes, size_t i,
                                    enum float_type type)
{
    size_t element = type == FLOAT_32 ? sizeof(float) : sizeof(uint16_t);
    const char *p = (const char *)rows + max_size(group_bytes, 16U * 1024U) + i * element;

    for (size_t at = 0; at < 16 * FEW_ROWS * element; at += 64)
        _mm_prefetch(p + at, _MM_HINT_T1);
}

/* n_row x n_tok results; x is padded with zeros to whole vectors. */
static ATTR_INLINE void tile_float(const struct linear_job *j, uint32_t r0, uint32_t t0,
                                   uint32_t n_row, uint32_t n_tok, enum float_type type)
{
    v16 acc[TILE_ROWS > FEW_ROWS ? TILE_ROWS : FEW_ROWS][TILE_TOKS];
    const uint8_t *w[TILE_ROWS > FEW_ROWS ? TILE_ROWS : FEW_ROWS];
    const float *x[TILE_TOKS];
    uint32_t i = 0;

    UNROLL
    for (uint32_t r = 0; r < n_row; r++)
        w[r] = j->w + (r0 + r) * j->row_bytes;
    UNROLL
    for (uint32_t t = 0; t < n_tok; t++)
        x[t] = (const float *)(const void *)(j->act + (t0 + t) * j->act_stride);
    UNROLL
    for (uint32_t r = 0; r < n_row; r++) {
        UNROLL
        for (uint32_t t = 0; t < n_tok; t++)
            acc[r][t] = v16_set(0.0F);
    }
    for (; i + 16 <= j->n_in; i += 16) {
        v16 v[TILE_ROWS > FEW_ROWS ? TILE_ROWS : FEW_ROWS];

        if (n_row == FEW_ROWS && n_tok == 1) /* the next rows, in the order of addresses */
            fetch_ahead(w[0], FEW_ROWS * j->row_bytes, FEW_ROWS * i, type);
        UNROLL
        for (uint32_t r = 0; r < n_row; r++)
            v[r] = load_weights(w[r], i, type);
        UNROLL
        for (uint32_t t = 0; t < n_tok; t++) {
            v16 a = v16_load(x[t] + i);

            UNROLL
            for (uint32_t r = 0; r < n_row; r++)
                acc[r][t] = v16_fma(v[r], a, acc[r][t]);
        }
    }
    UNROLL
    for (uint32_t r = 0; r < n_row; r++) {
        v16 v = v16_set(0.0F);

        if (i < j->n_in)
            v = load_weights_n(w[r], i, j->n_in - i, type);
        UNROLL
        for (uint32_t t = 0; t < n_tok; t++) {
            if (i < j->n_in)
                acc[r][t] = v16_fma(v, v16_load(x[t] + i), acc[r][t]);
            j->y[(t0 + t) * j->y_stride + r0 + r] = v16_sum(acc[r][t]);
        }
    }
}

static ATTR_INLINE void gemv_float(const struct linear_job *j, enum float_type type)
{
    uint32_t r = 0;

    for (; r + FEW_ROWS <= j->n_row; r += FEW_ROWS)
        for (uint32_t t = 0; t < j->n_tok; t++)
            tile_float(j, r, t, FEW_ROWS, 1, type);
    for (; r < j->n_row; r++)
        for (uint32_t t = 0; t < j->n_tok; t++)
            tile_float(j, r, t, 1, 1, type);
}

/* Tokens in blocks whose activations stay in the second-level cache. */
static ATTR_INLINE void gemm_float(const struct linear_job *j, enum float_type type)
{
    uint32_t block = max_u32(ACT_BLOCK / (j->n_in * 4U + 1U) / TILE_TOKS, 1) * TILE_TOKS;

    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += block) {
        uint32_t end = min_u32(t0 + block, j->n_tok), r = 0, t;

        for (; r + TILE_ROWS <= j->n_row; r += TILE_ROWS) {
            for (t = t0; t + TILE_TOKS <= end; t += TILE_TOKS)
                tile_float(j, r, t, TILE_ROWS, TILE_TOKS, type);
            for (; t < end; t++)
                tile_float(j, r, t, TILE_ROWS, 1, type);
        }
        for (; r < j->n_row; r++)
            for (t = t0; t < end; t++)
                tile_float(j, r, t, 1, 1, type);
    }
}

static size_t float_scratch_bytes(uint32_t n_in)
{
    (void)n_in;
    return 0;
}

static size_t dequantized_scratch_bytes(uint32_t n_in)
{
    return round_up((size_t)TILE_ROWS * n_in * sizeof(float), 64);
}

/* Tiles of rows become f32 in scratch and are then used by all tokens. */
static void linear_dequantized(const struct linear_job *j, enum dtype type)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);
    struct linear_job f = *j;

    f.w = j->scratch;
    f.row_bytes = j->n_in * sizeof(float);
    for (uint32_t r = 0; r < j->n_row; r += TILE_ROWS) {
        f.n_row = min_u32(TILE_ROWS, j->n_row - r);
        f.y = j->y + r;
        for (uint32_t i = 0; i < f.n_row; i++)
            info->dequantize(j->n_in, j->w + (r + i) * j->row_bytes,
                             (float *)j->scratch + (size_t)i * j->n_in);
        gemm_float(&f, FLOAT_32);
    }
}

/* clang-format off */
#define LINEAR_FLOAT(type, how)                                                            \
    static void gemv_##type(const struct linear_job *j) { gemv_float(j, how); }            \
    static void gemm_##type(const struct linear_job *j) { gemm_float(j, how); }
LINEAR_FLOAT(F32, FLOAT_32)
LINEAR_FLOAT(F16, FLOAT_16)
LINEAR_FLOAT(BF16, FLOAT_BRAIN)

#define LINEAR_DEQUANTIZED(type)                                                           \
    static void linear_##type(const struct linear_job *j) { linear_dequantized(j, DT_##type); }
DEQUANTIZED_TYPES(LINEAR_DEQUANTIZED)

#define FLOAT_ENTRY(type)                                                                  \
    k->linear[DT_##type] = (struct linear_kernel){                                         \
        .format = ACT_FMT_F32, .gemv = gemv_##type, .gemm = gemm_##type,                   \
        .gemm_min_tok = 4, .row_tile = 4, .scratch_bytes = float_scratch_bytes };
#define DEQUANTIZED_ENTRY(type)                                                            \
    if (k->linear[DT_##type].gemv)                                                         \
        k->linear[DT_##type] = (struct linear_kernel){                                     \
            .format = ACT_FMT_F32, .gemv = linear_##type, .gemm = linear_##type,           \
            .gemm_min_tok = 4, .row_tile = 4, .scratch_bytes = dequantized_scratch_bytes };
/* clang-format on */

static void init_linear_float(struct cpu_kernels *k)
{
    FLOAT_ENTRY(F32)
    FLOAT_ENTRY(F16)
    FLOAT_ENTRY(BF16)
    DEQUANTIZED_TYPES(DEQUANTIZED_ENTRY)
}

#endif
