/* Blocks of 32 (Q1_0: 128, Q2_0: 64) with one scale, and for Q4_1 and Q5_1 a minimum. */
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"

void q4_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_q4_0 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < 16; j++) {
            out[j] = (float)((b->qs[j] & 15) - 8) * d;
            out[j + 16] = (float)((b->qs[j] >> 4) - 8) * d;
        }
    }
}

void q4_1_read(size_t n, const void *blocks, float *out)
{
    const struct block_q4_1 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);
        float m = f16_to_f32(b->m);

        for (unsigned j = 0; j < 16; j++) {
            out[j] = (float)(b->qs[j] & 15) * d + m;
            out[j + 16] = (float)(b->qs[j] >> 4) * d + m;
        }
    }
}

/* The 32 codes 0 .. 31 of a block with fifth bits. */
static void five_bits(const uint8_t qh[4], const uint8_t qs[16], uint8_t q[32])
{
    for (unsigned j = 0; j < 16; j++) {
        unsigned low = qh[j / 8] >> j % 8 & 1;
        unsigned high = qh[2 + j / 8] >> j % 8 & 1;

        q[j] = (uint8_t)((qs[j] & 15) | low << 4);
        q[j + 16] = (uint8_t)(qs[j] >> 4 | high << 4);
    }
}

void q5_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_q5_0 *b = blocks;
    uint8_t q[32];

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);

        five_bits(b->qh, b->qs, q);
        for (unsigned j = 0; j < QK; j++)
            out[j] = (float)(q[j] - 16) * d;
    }
}

void q5_1_read(size_t n, const void *blocks, float *out)
{
    const struct block_q5_1 *b = blocks;
    uint8_t q[32];

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);
        float m = f16_to_f32(b->m);

        five_bits(b->qh, b->qs, q);
        for (unsigned j = 0; j < QK; j++)
            out[j] = (float)q[j] * d + m;
    }
}

void q8_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_q8_0 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < QK; j++)
            out[j] = (float)b->qs[j] * d;
    }
}

void q8_1_read(size_t n, const void *blocks, float *out)
{
    const struct block_q8_1 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < QK; j++)
            out[j] = (float)b->qs[j] * d;
    }
}

void q1_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_q1_0 *b = blocks;

    for (; n >= 128; n -= 128, b++, out += 128) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < 128; j++)
            out[j] = b->qs[j / 8] >> j % 8 & 1 ? d : -d;
    }
}

void q2_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_q2_0 *b = blocks;

    for (; n >= 64; n -= 64, b++, out += 64) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < 64; j++)
            out[j] = (float)((b->qs[j / 4] >> 2 * (j % 4) & 3) - 1) * d;
    }
}
