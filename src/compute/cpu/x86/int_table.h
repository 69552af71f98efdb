/* The integer kernels' entries, for the instruction set whose gemm file was included before. */
#ifndef COMPUTE_CPU_X86_INT_TABLE_H
#define COMPUTE_CPU_X86_INT_TABLE_H

#include "compute/cpu/x86/gemv_256.h"
#include "compute/cpu/x86/linear_iq.h"
#include "compute/cpu/x86/x86.h"

#define GEMM_MIN_TOK 4U /* of types by 32; those by 256: GEMM_MIN_TOK_256 of the gemm file */

/* clang-format off */
#define TYPES_256(X) X(q2_k, Q2_K) X(q3_k, Q3_K) X(q4_k, Q4_K) X(q5_k, Q5_K) X(q6_k, Q6_K)
#define TYPES_IQ(X)                                                             \
    X(iq2_xxs, IQ2_XXS) X(iq2_xs, IQ2_XS) X(iq2_s, IQ2_S)                       \
    X(iq3_xxs, IQ3_XXS) X(iq3_s, IQ3_S) X(iq1_s, IQ1_S) X(iq1_m, IQ1_M)         \
    X(tq1_0, TQ1_0) X(tq2_0, TQ2_0)
#define TYPES_WIDE(X) X(iq4_xs, IQ4_XS)
#define TYPES_32(X)                                                             \
    X(q4_0, Q4_0) X(q4_1, Q4_1) X(q5_0, Q5_0) X(q5_1, Q5_1) X(q8_0, Q8_0)       \
    X(iq4_nl, IQ4_NL) X(mxfp4, MXFP4)                                           \
    X(nvfp4, NVFP4) X(q1_0, Q1_0) X(q2_0, Q2_0)

#define LINEAR_256(name, type)                                                  \
    static void gemv_##name(const struct linear_job *j)                         \
    {                                                                           \
        gemv_256(j, load_##name, kind_##name);                                  \
    }                                                                           \
    static void gemm_##name(const struct linear_job *j)                         \
    {                                                                           \
        gemm_256(j, load_##name, kind_##name);                                  \
    }
#define LINEAR_32(name, type)                                                   \
    static void gemv_##name(const struct linear_job *j)                         \
    {                                                                           \
        gemv_32(j, load_##name, kind_##name);                                   \
    }                                                                           \
    static void gemm_##name(const struct linear_job *j)                         \
    {                                                                           \
        gemm_32(j, load_##name, kind_##name);                                   \
    }
#define ENTRY(name, type, act, min)                                             \
    k->linear[DT_##type] = (struct linear_kernel){                              \
        .format = (act), .gemv = gemv_##name, .gemm = gemm_##name,              \
        .gemm_min_tok = (min), .row_tile = GEMM_ROWS,                           \
        .scratch_bytes = gemm_scratch_bytes };
#define ENTRY_256(name, type) ENTRY(name, type, ACT_FMT_Q8_256, GEMM_MIN_TOK_256)
#define ENTRY_32(name, type) ENTRY(name, type, ACT_FMT_Q8_32, GEMM_MIN_TOK)
/* clang-format on */

#endif
