/* Blocks of 32 (Q1_0: 128, Q2_0: 64) with one scale, and for Q4_1 and Q5_1 a minimum. */
#include <math.h>
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/quant_fit.h"

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

/* ---- writing ---- */

/* Codes 0 .. 15 (from `first` up) of elements j and j + half into nibbles. */
static void pack_nibbles(const float *q, float first, uint8_t *qs)
{
    for (unsigned j = 0; j < 16; j++)
        qs[j] = (uint8_t)((unsigned)(int)(q[j] - first) & 15) |
                (uint8_t)(((unsigned)(int)(q[j + 16] - first) & 15) << 4);
}

static void pack_fifth_bits(const float *q, float first, uint8_t qh[4])
{
    memset(qh, 0, 4);
    for (unsigned j = 0; j < QK; j++)
        qh[j / 8] |= (uint8_t)(((unsigned)(int)(q[j] - first) >> 4 & 1) << j % 8);
}

/* d as stored, and the codes for it. */
static uint16_t write_scaled(const struct fit *f, unsigned n, float lo, float hi, float *q)
{
    const float range[2] = { lo, hi };
    uint16_t d = fit_to_f16(fit_scale(f->x, f->w, n, lo, hi));

    (void)fit_scale_error(f->x, f->w, n, range, f16_to_f32(d), q);
    return d;
}

static const float *next(const float *importance, size_t n)
{
    return importance ? importance + n : NULL;
}

void q4_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q4_0 *b = blocks;
    struct fit f;
    float q[QK];

    for (; n >= QK; n -= QK, b++, in += QK, importance = next(importance, QK)) {
        fit_load(&f, in, importance, QK);
        b->d = write_scaled(&f, QK, -8, 7, q);
        pack_nibbles(q, -8, b->qs);
    }
}

void q5_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q5_0 *b = blocks;
    struct fit f;
    float q[QK];

    for (; n >= QK; n -= QK, b++, in += QK, importance = next(importance, QK)) {
        fit_load(&f, in, importance, QK);
        b->d = write_scaled(&f, QK, -16, 15, q);
        pack_nibbles(q, -16, b->qs);
        pack_fifth_bits(q, -16, b->qh);
    }
}

/* The same with a minimum of either sign. */
static struct fit_line write_line(const struct fit *f, float hi, float *q)
{
    struct fit_line line = fit_min(f, 0, QK, hi, false);

    line.d = fit_half(line.d);
    line.m = fit_half(line.m);
    (void)fit_min_error(f, 0, QK, hi, line, q);
    return line;
}

void q4_1_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q4_1 *b = blocks;
    struct fit f;
    float q[QK];

    for (; n >= QK; n -= QK, b++, in += QK, importance = next(importance, QK)) {
        struct fit_line line;

        fit_load(&f, in, importance, QK);
        line = write_line(&f, 15, q);
        b->d = fit_to_f16(line.d);
        b->m = fit_to_f16(line.m);
        pack_nibbles(q, 0, b->qs);
    }
}

void q5_1_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q5_1 *b = blocks;
    struct fit f;
    float q[QK];

    for (; n >= QK; n -= QK, b++, in += QK, importance = next(importance, QK)) {
        struct fit_line line;

        fit_load(&f, in, importance, QK);
        line = write_line(&f, 31, q);
        b->d = fit_to_f16(line.d);
        b->m = fit_to_f16(line.m);
        pack_nibbles(q, 0, b->qs);
        pack_fifth_bits(q, 0, b->qh);
    }
}

/* The largest magnitude becomes 127: with so many codes a search gains nothing. */
static float write_bytes(const struct fit *f, unsigned n, bool half, int8_t *qs)
{
    float largest = 0, d, inverse;

    for (unsigned j = 0; j < n; j++)
        largest = fabsf(f->x[j]) > largest ? fabsf(f->x[j]) : largest;
    d = half ? fit_half(largest / 127) : largest / 127;
    inverse = fit_inverse(d);
    for (unsigned j = 0; j < n; j++)
        qs[j] = (int8_t)fit_code(f->x[j] * inverse, -127, 127);
    return d;
}

void q8_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q8_0 *b = blocks;
    struct fit f;

    (void)importance;
    for (; n >= QK; n -= QK, b++, in += QK) {
        fit_load(&f, in, NULL, QK);
        b->d = fit_to_f16(write_bytes(&f, QK, true, b->qs));
    }
}

void q8_1_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q8_1 *b = blocks;
    struct fit f;

    (void)importance;
    for (; n >= QK; n -= QK, b++, in += QK) {
        float d, sum = 0;

        fit_load(&f, in, NULL, QK);
        d = write_bytes(&f, QK, true, b->qs);
        for (unsigned j = 0; j < QK; j++)
            sum += (float)b->qs[j];
        b->d = fit_to_f16(d);
        b->s = fit_to_f16(d * sum);
    }
}

void q8_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q8_k *b = blocks;
    struct fit f;

    (void)importance;
    for (; n >= QK_K; n -= QK_K, b++, in += QK_K) {
        fit_load(&f, in, NULL, QK_K);
        b->d = write_bytes(&f, QK_K, false, b->qs);
        for (unsigned g = 0; g < 16; g++) {
            int sum = 0;

            for (unsigned j = 0; j < 16; j++)
                sum += b->qs[16 * g + j];
            b->bsums[g] = (int16_t)sum;
        }
    }
}

void q1_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q1_0 *b = blocks;
    struct fit f;

    for (; n >= 128; n -= 128, b++, in += 128, importance = next(importance, 128)) {
        float sum = 0, weight = 0;

        fit_load(&f, in, importance, 128);
        memset(b->qs, 0, sizeof(b->qs));
        for (unsigned j = 0; j < 128; j++) {
            sum += f.w[j] * fabsf(f.x[j]);
            weight += f.w[j];
            b->qs[j / 8] |= (uint8_t)((f.x[j] >= 0) << j % 8);
        }
        b->d = fit_to_f16(sum / weight);
    }
}

void q2_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q2_0 *b = blocks;
    struct fit f;
    float q[64];

    for (; n >= 64; n -= 64, b++, in += 64, importance = next(importance, 64)) {
        fit_load(&f, in, importance, 64);
        b->d = write_scaled(&f, 64, -1, 2, q);
        memset(b->qs, 0, sizeof(b->qs));
        for (unsigned j = 0; j < 64; j++)
            b->qs[j / 4] |= (uint8_t)((unsigned)(int)(q[j] + 1) << 2 * (j % 4));
    }
}
