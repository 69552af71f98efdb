/* The scalar linear kernels: every readable type, and the definition of the integer ones (the
 * sequences of unpack.h). Types without an integer form are dequantised and multiplied as f32. */
#include "compute/cpu/ref/ref.h"

#include <math.h>

#include "base/num.h"
#include "compute/cpu/prepare.h"
#include "compute/cpu/unpack_iq.h"

#define TOK_CHUNK 16U /* tokens that share one unpacked block */
#define LANES     16U /* of a float dot product               */

typedef void (*unpack_256_fn)(const void *block, struct unpacked_256 *u);
typedef void (*unpack_32_fn)(const void *block, uint32_t sub, struct unpacked_32 *u);

/* What a type with groups of 32 has besides elements and a scale. */
enum form_32 { FORM_PLAIN, FORM_MIN, FORM_HALVES };

static int32_t group_dot(uint32_t n, const uint8_t *q, const int8_t *x)
{
    int32_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += q[i] * x[i];
    return sum;
}

static float step_256(const struct unpacked_256 *u, const struct act_q8_256 *a, bool has_min,
                      float unit, float acc)
{
    float d = f16_to_f32(u->d) * unit * a->d;
    int32_t total = 0, offset = 0;

    for (uint32_t g = 0; g < 16; g++) {
        total += u->sc[g] * group_dot(16, u->q + 16 * g, a->q + 16 * g);
        offset += u->off[g] * a->sum16[g];
    }
    if (!has_min)
        return fmaf(d, (float)(total - offset), acc);
    acc = fmaf(d, (float)total, acc);
    return fmaf(-(f16_to_f32(u->dmin) * a->d), (float)offset, acc);
}

static void linear_256(const struct linear_job *j, size_t block_bytes, unpack_256_fn unpack,
                       bool has_min, float unit)
{
    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += TOK_CHUNK) {
        uint32_t n_tok = min_u32(TOK_CHUNK, j->n_tok - t0);

        for (uint32_t r = 0; r < j->n_row; r++) {
            const uint8_t *w = j->w + r * j->row_bytes;
            float acc[TOK_CHUNK] = { 0 };

            for (uint32_t b = 0; b < j->n_in / 256; b++) {
                struct unpacked_256 u;

                unpack(w + b * block_bytes, &u);
                for (uint32_t t = 0; t < n_tok; t++) {
                    const uint8_t *a = j->act + (t0 + t) * j->act_stride;

                    acc[t] = step_256(&u, (const struct act_q8_256 *)(const void *)a + b, has_min,
                                      unit, acc[t]);
                }
            }
            for (uint32_t t = 0; t < n_tok; t++)
                j->y[(t0 + t) * j->y_stride + r] = acc[t];
        }
    }
}

static int32_t signed_dot(uint32_t n, const int8_t *q, const int8_t *x)
{
    int32_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += q[i] * x[i];
    return sum;
}

static float step_32(const struct unpacked_32 *u, const struct act_q8_32 *a, uint32_t b,
                     enum form_32 form, float acc)
{
    const int8_t *x = a->q + 32 * b;

    if (form == FORM_HALVES) {
        acc = fmaf(u->d * a->d[b], (float)signed_dot(16, u->q, x), acc);
        return fmaf(u->m * a->d[b], (float)signed_dot(16, u->q + 16, x + 16), acc);
    }
    acc = fmaf(u->d * a->d[b], (float)signed_dot(32, u->q, x), acc);
    return form == FORM_MIN ? fmaf(u->m * a->d[b], (float)a->sum[b], acc) : acc;
}

/* per: groups of 32 in a block. */
static void linear_32(const struct linear_job *j, size_t block_bytes, uint32_t per,
                      unpack_32_fn unpack, enum form_32 form)
{
    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += TOK_CHUNK) {
        uint32_t n_tok = min_u32(TOK_CHUNK, j->n_tok - t0);

        for (uint32_t r = 0; r < j->n_row; r++) {
            const uint8_t *w = j->w + r * j->row_bytes;
            float acc[TOK_CHUNK] = { 0 };

            for (uint32_t b = 0; b < j->n_in / 32; b++) {
                struct unpacked_32 u;

                unpack(w + b / per * block_bytes, b % per, &u);
                for (uint32_t t = 0; t < n_tok; t++) {
                    const uint8_t *a = j->act + (t0 + t) * j->act_stride;

                    acc[t] = step_32(&u, (const struct act_q8_32 *)(const void *)a + b / 8, b % 8,
                                     form, acc[t]);
                }
            }
            for (uint32_t t = 0; t < n_tok; t++)
                j->y[(t0 + t) * j->y_stride + r] = acc[t];
        }
    }
}

float ref_lanes_sum(const float lane[16])
{
    float s[8];

    for (uint32_t l = 0; l < 8; l++)
        s[l] = lane[l] + lane[l + 8];
    for (uint32_t l = 0; l < 4; l++)
        s[l] += s[l + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}

static void lanes_add(uint32_t n, const float *w, const float *x, float lane[LANES])
{
    uint32_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (uint32_t l = 0; l < LANES; l++)
            lane[l] += w[i + l] * x[i + l];
    for (; i < n; i++)
        lane[i % LANES] += w[i] * x[i];
}

float ref_dot(uint32_t n, const float *w, const float *x)
{
    float lane[LANES] = { 0 };

    lanes_add(n, w, x, lane);
    return ref_lanes_sum(lane);
}

/* Weights as f32, 256 columns at a time: a multiple of every type's block. */
static void linear_dequantized(const struct linear_job *j, enum dtype type)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);

    for (uint32_t t0 = 0; t0 < j->n_tok; t0 += TOK_CHUNK) {
        uint32_t n_tok = min_u32(TOK_CHUNK, j->n_tok - t0);

        for (uint32_t r = 0; r < j->n_row; r++) {
            const uint8_t *w = j->w + r * j->row_bytes;
            float lane[TOK_CHUNK][LANES] = { { 0 } };
            float buf[256];

            for (uint32_t i = 0; i < j->n_in; i += 256) {
                uint32_t n = min_u32(256, j->n_in - i);

                info->dequantize(n, w + i / info->block_n * info->block_bytes, buf);
                for (uint32_t t = 0; t < n_tok; t++) {
                    const uint8_t *a = j->act + (t0 + t) * j->act_stride;

                    lanes_add(n, buf, (const float *)(const void *)a + i, lane[t]);
                }
            }
            for (uint32_t t = 0; t < n_tok; t++)
                j->y[(t0 + t) * j->y_stride + r] = ref_lanes_sum(lane[t]);
        }
    }
}

static size_t no_scratch(uint32_t n_in)
{
    (void)n_in;
    return 0;
}

/* clang-format off */
#define LINEAR_256(name, has_min, unit)                                      \
    static void linear_##name(const struct linear_job *j)                    \
    {                                                                        \
        linear_256(j, sizeof(struct block_##name), unpack_##name, has_min, unit); \
    }
#define LINEAR_32(name, per, form)                                           \
    static void linear_##name(const struct linear_job *j)                    \
    {                                                                        \
        linear_32(j, sizeof(struct block_##name), per, unpack_##name, form); \
    }
#define LINEAR_DEQUANTIZED(type)                                             \
    static void linear_##type(const struct linear_job *j)                    \
    {                                                                        \
        linear_dequantized(j, DT_##type);                                    \
    }

LINEAR_256(q2_k, true, 1.0F)
LINEAR_256(q3_k, false, 1.0F)
LINEAR_256(q4_k, true, 1.0F)
LINEAR_256(q5_k, true, 1.0F)
LINEAR_256(q6_k, false, 1.0F)
LINEAR_256(iq4_xs, false, 1.0F)
LINEAR_256(iq2_xxs, false, UNIT_IQ2)
LINEAR_256(iq2_xs, false, UNIT_IQ2)
LINEAR_256(iq2_s, false, UNIT_IQ2)
LINEAR_256(iq3_xxs, false, UNIT_IQ3_X)
LINEAR_256(iq3_s, false, 1.0F)
LINEAR_256(iq1_s, false, UNIT_IQ1)
LINEAR_256(iq1_m, false, UNIT_IQ1)
LINEAR_256(tq1_0, false, 1.0F)
LINEAR_256(tq2_0, false, 1.0F)
LINEAR_32(q4_0, 1, FORM_PLAIN)
LINEAR_32(q4_1, 1, FORM_MIN)
LINEAR_32(q5_0, 1, FORM_PLAIN)
LINEAR_32(q5_1, 1, FORM_MIN)
LINEAR_32(q8_0, 1, FORM_PLAIN)
LINEAR_32(iq4_nl, 1, FORM_PLAIN)
LINEAR_32(mxfp4, 1, FORM_PLAIN)
LINEAR_32(nvfp4, 2, FORM_HALVES)
LINEAR_32(q1_0, 4, FORM_PLAIN)
LINEAR_32(q2_0, 2, FORM_PLAIN)
LINEAR_DEQUANTIZED(F32)
LINEAR_DEQUANTIZED(F16)
LINEAR_DEQUANTIZED(BF16)
DEQUANTIZED_TYPES(LINEAR_DEQUANTIZED)

#define DEQUANTIZED_ENTRY(type) { DT_##type, ACT_FMT_F32, linear_##type },

static const struct {
    enum dtype type;
    enum act_format format;
    void (*linear)(const struct linear_job *j);
} linears[] = {
    { DT_Q2_K,    ACT_FMT_Q8_256, linear_q2_k },
    { DT_Q3_K,    ACT_FMT_Q8_256, linear_q3_k },
    { DT_Q4_K,    ACT_FMT_Q8_256, linear_q4_k },
    { DT_Q5_K,    ACT_FMT_Q8_256, linear_q5_k },
    { DT_Q6_K,    ACT_FMT_Q8_256, linear_q6_k },
    { DT_IQ4_XS,  ACT_FMT_Q8_256, linear_iq4_xs },
    { DT_IQ2_XXS, ACT_FMT_Q8_256, linear_iq2_xxs },
    { DT_IQ2_XS,  ACT_FMT_Q8_256, linear_iq2_xs },
    { DT_IQ2_S,   ACT_FMT_Q8_256, linear_iq2_s },
    { DT_IQ3_XXS, ACT_FMT_Q8_256, linear_iq3_xxs },
    { DT_IQ3_S,   ACT_FMT_Q8_256, linear_iq3_s },
    { DT_IQ1_S,   ACT_FMT_Q8_256, linear_iq1_s },
    { DT_IQ1_M,   ACT_FMT_Q8_256, linear_iq1_m },
    { DT_TQ1_0,   ACT_FMT_Q8_256, linear_tq1_0 },
    { DT_TQ2_0,   ACT_FMT_Q8_256, linear_tq2_0 },
    { DT_Q4_0,    ACT_FMT_Q8_32,  linear_q4_0 },
    { DT_Q4_1,    ACT_FMT_Q8_32,  linear_q4_1 },
    { DT_Q5_0,    ACT_FMT_Q8_32,  linear_q5_0 },
    { DT_Q5_1,    ACT_FMT_Q8_32,  linear_q5_1 },
    { DT_Q8_0,    ACT_FMT_Q8_32,  linear_q8_0 },
    { DT_IQ4_NL,  ACT_FMT_Q8_32,  linear_iq4_nl },
    { DT_MXFP4,   ACT_FMT_Q8_32,  linear_mxfp4 },
    { DT_NVFP4,   ACT_FMT_Q8_32,  linear_nvfp4 },
    { DT_Q1_0,    ACT_FMT_Q8_32,  linear_q1_0 },
    { DT_Q2_0,    ACT_FMT_Q8_32,  linear_q2_0 },
    { DT_F32,     ACT_FMT_F32,    linear_F32 },
    { DT_F16,     ACT_FMT_F32,    linear_F16 },
    { DT_BF16,    ACT_FMT_F32,    linear_BF16 },
    DEQUANTIZED_TYPES(DEQUANTIZED_ENTRY)
};
/* clang-format on */

static void act_f32(uint32_t n, const float *x, void *out)
{
    prepare_f32(n, x, out);
}

static void act_q8_256(uint32_t n, const float *x, void *out)
{
    prepare_q8_256(n, x, out);
}

static void act_q8_32(uint32_t n, const float *x, void *out)
{
    prepare_q8_32(n, x, out);
}

void ref_init_linear(struct cpu_kernels *k)
{
    for (uint32_t i = 0; i < COUNT_OF(linears); i++) {
        const struct dtype_info *info = dtype_info((uint32_t)linears[i].type);

        if (!info || !info->dequantize)
            continue;
        k->dequantize[linears[i].type] = info->dequantize;
        k->linear[linears[i].type] = (struct linear_kernel){
            .format = linears[i].format,
            .gemv = linears[i].linear,
            .gemm = linears[i].linear,
            .gemm_min_tok = TOK_CHUNK,
            .row_tile = 1,
            .scratch_bytes = no_scratch,
        };
    }
    k->act_prepare[ACT_FMT_F32] = act_f32;
    k->act_prepare[ACT_FMT_Q8_256] = act_q8_256;
    k->act_prepare[ACT_FMT_Q8_32] = act_q8_32;
}
