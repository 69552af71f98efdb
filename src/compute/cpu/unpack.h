/* Weight blocks as small integers: the common form of every type with an integer kernel.
 *
 * Plain C, included by the reference and by the instruction-set files (each compiles its own copy,
 * hence all static). The products of the common forms, and so the result of a linear kernel, are:
 *
 *   super-blocks of 256 (activations Q8_256), per super-block in ascending order
 *     T   = sum over 16 groups g of sc[g] * (sum over the group of q * x)    exact in int32
 *     M   = sum over 16 groups g of off[g] * sum16[g]                        exact in int32
 *     d has been multiplied by the type's unit (unpack_iq.h; else 1)
 *     UNPACK_OFF:  acc = fma(d * dx, (float)(T - M), acc)
 *     UNPACK_MIN:  acc = fma(d * dx, (float)T, acc); acc = fma(-(dmin * dx), (float)M, acc)
 *   blocks of 32, or of several groups of 32 (activations Q8_32), per group in ascending order
 *     I   = sum of q * x                                                     exact in int32
 *     acc = fma(d * dx, (float)I, acc)
 *     with a minimum: acc = fma(m * dx, (float)sum, acc)
 *     with a scale for each half: I of the first 16, then acc = fma(m * dx, (float)J, acc) where J
 * is the sum of the other 16
 *
 * Every kernel of every instruction set keeps to these sequences, so all of them agree bit for bit.
 */
#ifndef COMPUTE_CPU_UNPACK_H
#define COMPUTE_CPU_UNPACK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "formats/blocks.h"
#include "formats/dtype.h"

/* Types without a form here or in unpack_iq.h: their rows are dequantised and multiplied as f32. */
/* clang-format off */
#define DEQUANTIZED_TYPES(X)                                                  \
    X(Q8_1) X(Q8_K) X(I8) X(I16) X(I32) X(I64) X(F64)
/* clang-format on */

struct unpacked_256 {
    uint8_t q[256];
    int16_t sc[16];
    int16_t off[16];
    uint16_t d, dmin; /* half floats */
};

struct unpacked_32 {
    int8_t q[32];
    float d, m; /* m: the minimum, or the second half's scale */
};

/* Six-bit scales and minima of Q4_K and Q5_K as bytes: sc 0..7, then m 0..7. */
static inline ATTR_UNUSED void unpack_scales_k4(const uint8_t packed[12], uint8_t out[16])
{
    uint32_t p[3], o[4];

    memcpy(p, packed, sizeof(p));
    o[0] = p[0] & 0x3f3f3f3fU;
    o[1] = (p[2] & 0x0f0f0f0fU) | ((p[0] >> 2) & 0x30303030U);
    o[2] = p[1] & 0x3f3f3f3fU;
    o[3] = ((p[2] >> 4) & 0x0f0f0f0fU) | ((p[1] >> 2) & 0x30303030U);
    memcpy(out, o, sizeof(o));
}

/* Six-bit scales of Q3_K as bytes 0..63. */
static inline ATTR_UNUSED void unpack_scales_k3(const uint8_t packed[12], uint8_t out[16])
{
    uint32_t p[3], o[4];

    memcpy(p, packed, sizeof(p));
    o[0] = (p[0] & 0x0f0f0f0fU) | ((p[2] << 4) & 0x30303030U);
    o[1] = (p[1] & 0x0f0f0f0fU) | ((p[2] << 2) & 0x30303030U);
    o[2] = ((p[0] >> 4) & 0x0f0f0f0fU) | (p[2] & 0x30303030U);
    o[3] = ((p[1] >> 4) & 0x0f0f0f0fU) | ((p[2] >> 2) & 0x30303030U);
    memcpy(out, o, sizeof(o));
}

static inline ATTR_UNUSED void unpack_q2_k(const void *block, struct unpacked_256 *u)
{
    const struct block_q2_k *b = block;

    for (unsigned h = 0; h < 2; h++)
        for (unsigned s = 0; s < 4; s++)
            for (unsigned j = 0; j < 32; j++)
                u->q[128 * h + 32 * s + j] = (uint8_t)((b->qs[32 * h + j] >> (2 * s)) & 3U);
    for (unsigned g = 0; g < 16; g++) {
        u->sc[g] = (int16_t)(b->scales[g] & 15U);
        u->off[g] = (int16_t)(b->scales[g] >> 4);
    }
    u->d = b->d;
    u->dmin = b->dmin;
}

static inline ATTR_UNUSED void unpack_q3_k(const void *block, struct unpacked_256 *u)
{
    const struct block_q3_k *b = block;
    uint8_t sc[16];

    for (unsigned h = 0; h < 2; h++)
        for (unsigned s = 0; s < 4; s++)
            for (unsigned j = 0; j < 32; j++) {
                unsigned low = (b->qs[32 * h + j] >> (2 * s)) & 3U;
                unsigned high = (b->hmask[j] >> (4 * h + s)) & 1U;

                u->q[128 * h + 32 * s + j] = (uint8_t)(low | (high << 2));
            }
    unpack_scales_k3(b->scales, sc);
    for (unsigned g = 0; g < 16; g++) {
        u->sc[g] = (int16_t)(sc[g] - 32);
        u->off[g] = (int16_t)(4 * u->sc[g]);
    }
    u->d = u->dmin = b->d;
}

static inline ATTR_UNUSED void unpack_q4_k(const void *block, struct unpacked_256 *u)
{
    const struct block_q4_k *b = block;
    uint8_t sc[16];

    for (unsigned a = 0; a < 4; a++)
        for (unsigned j = 0; j < 32; j++) {
            u->q[64 * a + j] = b->qs[32 * a + j] & 15U;
            u->q[64 * a + 32 + j] = b->qs[32 * a + j] >> 4;
        }
    unpack_scales_k4(b->scales, sc);
    for (unsigned g = 0; g < 16; g++) {
        u->sc[g] = sc[g / 2];
        u->off[g] = sc[8 + g / 2];
    }
    u->d = b->d;
    u->dmin = b->dmin;
}

static inline ATTR_UNUSED void unpack_q5_k(const void *block, struct unpacked_256 *u)
{
    const struct block_q5_k *b = block;
    uint8_t sc[16];

    for (unsigned a = 0; a < 4; a++)
        for (unsigned j = 0; j < 32; j++) {
            unsigned low = b->qs[32 * a + j], high = b->qh[j] >> (2 * a);

            u->q[64 * a + j] = (uint8_t)((low & 15U) | ((high & 1U) << 4));
            u->q[64 * a + 32 + j] = (uint8_t)((low >> 4) | ((high & 2U) << 3));
        }
    unpack_scales_k4(b->scales, sc);
    for (unsigned g = 0; g < 16; g++) {
        u->sc[g] = sc[g / 2];
        u->off[g] = sc[8 + g / 2];
    }
    u->d = b->d;
    u->dmin = b->dmin;
}

static inline ATTR_UNUSED void unpack_q6_k(const void *block, struct unpacked_256 *u)
{
    const struct block_q6_k *b = block;

    for (unsigned h = 0; h < 2; h++)
        for (unsigned j = 0; j < 32; j++) {
            unsigned a = b->ql[64 * h + j], c = b->ql[64 * h + 32 + j], t = b->qh[32 * h + j];

            u->q[128 * h + j] = (uint8_t)((a & 15U) | ((t << 4) & 0x30U));
            u->q[128 * h + 32 + j] = (uint8_t)((c & 15U) | ((t << 2) & 0x30U));
            u->q[128 * h + 64 + j] = (uint8_t)((a >> 4) | (t & 0x30U));
            u->q[128 * h + 96 + j] = (uint8_t)((c >> 4) | ((t >> 2) & 0x30U));
        }
    for (unsigned g = 0; g < 16; g++) {
        u->sc[g] = b->scales[g];
        u->off[g] = (int16_t)(32 * b->scales[g]);
    }
    u->d = u->dmin = b->d;
}

/* Table values are shifted by 128 to be unsigned. */
static inline ATTR_UNUSED void unpack_iq4_xs(const void *block, struct unpacked_256 *u)
{
    const struct block_iq4_xs *b = block;

    for (unsigned g = 0; g < 8; g++) {
        unsigned low = (b->scales_l[g / 2] >> (4 * (g % 2))) & 15U;
        unsigned high = (b->scales_h >> (2 * g)) & 3U;

        u->sc[2 * g] = u->sc[2 * g + 1] = (int16_t)((int)(low | (high << 4)) - 32);
        u->off[2 * g] = u->off[2 * g + 1] = (int16_t)(128 * u->sc[2 * g]);
        for (unsigned j = 0; j < 16; j++) {
            u->q[32 * g + j] = (uint8_t)(iq4_values[b->qs[16 * g + j] & 15U] + 128);
            u->q[32 * g + 16 + j] = (uint8_t)(iq4_values[b->qs[16 * g + j] >> 4] + 128);
        }
    }
    u->d = u->dmin = b->d;
}

static inline ATTR_UNUSED void unpack_q4_0(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q4_0 *b = block;

    (void)sub;
    for (unsigned j = 0; j < 16; j++) {
        u->q[j] = (int8_t)((b->qs[j] & 15) - 8);
        u->q[16 + j] = (int8_t)((b->qs[j] >> 4) - 8);
    }
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

static inline ATTR_UNUSED void unpack_q4_1(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q4_1 *b = block;

    (void)sub;
    for (unsigned j = 0; j < 16; j++) {
        u->q[j] = (int8_t)(b->qs[j] & 15);
        u->q[16 + j] = (int8_t)(b->qs[j] >> 4);
    }
    u->d = f16_to_f32(b->d);
    u->m = f16_to_f32(b->m);
}

/* Elements of Q5_0 and Q5_1 as 0..31. */
static inline ATTR_UNUSED void unpack_five_bits(const uint8_t qh[4], const uint8_t *qs, int8_t *q)
{
    uint32_t high;

    memcpy(&high, qh, sizeof(high));
    for (unsigned j = 0; j < 16; j++) {
        q[j] = (int8_t)((qs[j] & 15U) | (((high >> j) & 1U) << 4));
        q[16 + j] = (int8_t)((qs[j] >> 4) | (((high >> (16 + j)) & 1U) << 4));
    }
}

static inline ATTR_UNUSED void unpack_q5_0(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q5_0 *b = block;

    (void)sub;
    unpack_five_bits(b->qh, b->qs, u->q);
    for (unsigned j = 0; j < 32; j++)
        u->q[j] = (int8_t)(u->q[j] - 16);
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

static inline ATTR_UNUSED void unpack_q5_1(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q5_1 *b = block;

    (void)sub;
    unpack_five_bits(b->qh, b->qs, u->q);
    u->d = f16_to_f32(b->d);
    u->m = f16_to_f32(b->m);
}

static inline ATTR_UNUSED void unpack_q8_0(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q8_0 *b = block;

    (void)sub;
    memcpy(u->q, b->qs, 32);
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

static inline ATTR_UNUSED void unpack_iq4_nl(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_iq4_nl *b = block;

    (void)sub;
    for (unsigned j = 0; j < 16; j++) {
        u->q[j] = iq4_values[b->qs[j] & 15U];
        u->q[16 + j] = iq4_values[b->qs[j] >> 4];
    }
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

/* 2^(e - 128): half the block's scale, because the table holds twice the values. */
static inline ATTR_UNUSED float unpack_e8m0_half(uint8_t e)
{
    uint32_t bits = e >= 2 ? (uint32_t)(e - 1) << 23 : 0x00200000U << e;
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

static inline ATTR_UNUSED void unpack_mxfp4(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_mxfp4 *b = block;

    (void)sub;
    for (unsigned j = 0; j < 16; j++) {
        u->q[j] = fp4_values_x2[b->qs[j] & 15U];
        u->q[16 + j] = fp4_values_x2[b->qs[j] >> 4];
    }
    u->d = unpack_e8m0_half(b->e);
    u->m = 0;
}

/* Half of an unsigned e4m3, because the table holds twice the values; see quant_fp4.c. */
static inline ATTR_UNUSED float unpack_e4m3_half(uint8_t x)
{
    uint32_t bits = ((uint32_t)(x & 0x7f) << 20) + (119U << 23);
    float f;

    if (x == 0x7f)
        return 0;
    if ((x & 0x78) == 0)
        return (float)(x & 7) * 0x1p-10F;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

/* ---- blocks of several groups of 32: group `sub` ---- */

static inline ATTR_UNUSED void unpack_nvfp4(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_nvfp4 *b = block;

    for (unsigned h = 0; h < 2; h++)
        for (unsigned j = 0; j < 8; j++) {
            unsigned code = b->qs[16 * sub + 8 * h + j];

            u->q[16 * h + j] = fp4_values_x2[code & 15U];
            u->q[16 * h + 8 + j] = fp4_values_x2[code >> 4];
        }
    u->d = unpack_e4m3_half(b->d[2 * sub]);
    u->m = unpack_e4m3_half(b->d[2 * sub + 1]);
}

static inline ATTR_UNUSED void unpack_q1_0(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q1_0 *b = block;

    for (unsigned j = 0; j < 32; j++)
        u->q[j] = (b->qs[4 * sub + j / 8] >> (j % 8)) & 1 ? 1 : -1;
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

static inline ATTR_UNUSED void unpack_q2_0(const void *block, uint32_t sub, struct unpacked_32 *u)
{
    const struct block_q2_0 *b = block;

    for (unsigned j = 0; j < 32; j++)
        u->q[j] = (int8_t)(((b->qs[8 * sub + j / 4] >> (2 * (j % 4))) & 3) - 1);
    u->d = f16_to_f32(b->d);
    u->m = 0;
}

#endif
