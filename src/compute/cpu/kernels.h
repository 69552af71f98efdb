/* CPU kernels: one table of functions, filled by the scalar reference first and then by every
 * instruction set the processor has, in ascending order.
 *
 * Kernels take plain pointers and integers. No globals. Pointers need no alignment unless stated.
 *
 * Law 4 inside the kernels: for one instruction set, an output element is always summed in the same
 * order. `gemv` and `gemm` of one type therefore give the same bits for the same row and the same
 * activation, whatever n_row and n_tok are. How: all products inside a group of 256 columns are
 * summed exactly (integers, below 2^24 before they become floats, or in one fixed tree), and the
 * groups are added in ascending order.
 */
#ifndef COMPUTE_CPU_KERNELS_H
#define COMPUTE_CPU_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compute/plan.h"
#include "formats/dtype.h"

#define CPU_GROUP 256U /* columns an activation group */

/* How activations are prepared for a weight type. */
enum act_format {
    ACT_FMT_F32,    /* as they are                                                             */
    ACT_FMT_Q8_256, /* struct act_q8_256 per 256 columns: for types with 256-element blocks    */
    ACT_FMT_Q8_32,  /* struct act_q8_32 per 256 columns, the last one padded with zeros        */
};

struct act_q8_256 {
    int8_t q[256];
    int16_t sum16[16]; /* sums of q over each 16 columns */
    int16_t sum32[8];  /* and over each 32               */
    float d;           /* x = d * q                      */
    float pad[3];
};

struct act_q8_32 {
    int8_t q[256];
    int32_t sum[8]; /* of q over each block of 32 */
    float d[8];     /* x = d * q per block of 32  */
};

/* y[t * y_stride + r] = row r . activation t, for r < n_row, t < n_tok. */
struct linear_job {
    const uint8_t *w; /* first row */
    size_t row_bytes;
    uint32_t n_in, n_row, n_tok;
    const uint8_t *act; /* prepared activations */
    size_t act_stride;  /* bytes from one token's to the next */
    float *y;
    size_t y_stride; /* floats */
    void *scratch;   /* of this thread, 64-byte aligned, scratch_bytes(n_in) */
};

struct linear_kernel {
    enum act_format format;
    /* Few tokens: streams each weight once. */
    void (*gemv)(const struct linear_job *j);
    /* Many tokens: expands tiles of rows once and reuses them. Same bits. */
    void (*gemm)(const struct linear_job *j);
    uint32_t gemm_min_tok; /* gemm pays from this many tokens */
    uint32_t row_tile;     /* rows are best split at multiples of this */
    size_t (*scratch_bytes)(uint32_t n_in);
};

struct cpu_kernels {
    const char *isa; /* "scalar", "avx2", "avx512", "avx512-vnni" */

    struct linear_kernel linear[DT_LIMIT]; /* every readable type has an entry */

    /* Prepares one row of n floats; returns nothing; out has act_row_bytes(format, n). */
    void (*act_prepare[3])(uint32_t n, const float *x, void *out);

    /* Row i of a weight as f32 (embedding). Types through dtype_info where no kernel exists. */
    void (*dequantize[DT_LIMIT])(size_t n, const void *blocks, float *out);

    /* out = add (may be NULL) + norm(x) * w (may be NULL) + b (may be NULL); out may be x. */
    void (*norm)(enum norm_kind kind, uint32_t n, const float *x, const float *w, const float *b,
                 float eps, const float *add, float *out);

    /* out = act(gate) * up (up may be NULL); out may be gate or up. */
    void (*glu)(enum act_kind act, uint32_t n, const float *gate, const float *up, float *out);

    /* n_rot elements of x in place, cos and sin of n_rot / 2 pairs (already times mag). */
    void (*rope)(enum rope_pairing pairing, uint32_t n_rot, const float *cos, const float *sin,
                 float *x);

    /* out = x + scale * y; out may be x. */
    void (*add)(uint32_t n, const float *x, const float *y, float scale, float *out);

    /* Cache rows: f32 <-> f16, round to nearest even. */
    void (*f32_to_f16_row)(size_t n, const float *x, uint16_t *out);

    /* Attention over one page of one head. k: n x head rows in cache type (f16 or f32).
     * s[j] = q . k[j]; j < n <= KV_PAGE_TOK. */
    void (*qk_f16)(uint32_t n, uint32_t head, const float *q, const uint16_t *k, float *s);
    void (*qk_f32)(uint32_t n, uint32_t head, const float *q, const float *k, float *s);
    /* acc[d] += sum over j ascending of p[j] * v[j][d], one rounding per step; d < head. Rows of v
     * are `stride` elements apart. */
    void (*pv_f16)(uint32_t n, uint32_t head, uint32_t stride, const float *p, const uint16_t *v,
                   float *acc);
    void (*pv_f32)(uint32_t n, uint32_t head, uint32_t stride, const float *p, const float *v,
                   float *acc);
    /* s[j] = exp(s[j] - max) in place; returns the sum in a fixed order. */
    float (*exp_sum)(uint32_t n, float max, float *s);
    float (*max)(uint32_t n, const float *s);

    /* x[i] = cap * tanh(x[i] / cap) in place. */
    void (*softcap)(uint32_t n, float cap, float *x);
    /* x[i] *= s */
    void (*scale)(size_t n, float s, float *x);
};

/* Fills the table for these features (enum cpu_feature of os/cpu.h). */
void cpu_kernels_init(struct cpu_kernels *k, uint32_t features);

/* Bytes of one prepared row of n columns, a multiple of 64. */
size_t act_row_bytes(enum act_format f, uint32_t n);

/* The scalar reference alone: complete, and what the others are tested against. */
void cpu_kernels_init_ref(struct cpu_kernels *k);

#endif
