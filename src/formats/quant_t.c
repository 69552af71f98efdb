/* Ternary types of 256: d times -1, 0 or 1.
 *
 * TQ1_0 puts five digits in a byte: the byte is ceil(256 * v / 243) of the base-three number v, so
 * that the digits come out from the top by multiplying by three modulo 256. Three runs share a
 * block: 32 bytes with 5 digits each, 16 with 5, and 4 with 4; digit i of byte j of a run of w
 * bytes is element i * w + j of the run. */
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/quant_fit.h"

static const uint8_t powers[5] = { 1, 3, 9, 27, 81 };

/* n_digit digits of each of width bytes, as described above. */
static float *tq1_0_run(const uint8_t *bytes, unsigned width, unsigned n_digit, float d, float *out)
{
    for (unsigned i = 0; i < n_digit; i++) {
        for (unsigned j = 0; j < width; j++) {
            unsigned rest = (uint8_t)(bytes[j] * powers[i]);

            *out++ = (float)((int)(rest * 3 >> 8) - 1) * d;
        }
    }
    return out;
}

void tq1_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_tq1_0 *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        out = tq1_0_run(b->qs, 32, 5, d, out);
        out = tq1_0_run(b->qs + 32, 16, 5, d, out);
        out = tq1_0_run(b->qh, 4, 4, d, out);
    }
}

void tq2_0_read(size_t n, const void *blocks, float *out)
{
    const struct block_tq2_0 *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);

        for (unsigned e = 0; e < QK_K; e++) {
            int q = b->qs[e / 128 * 32 + e % 32] >> 2 * (e / 32 % 4) & 3;

            out[e] = (float)(q - 1) * d;
        }
    }
}

/* ---- writing ---- */

/* Codes 0 .. 2 and d; for weights that are ternary already this is exact. */
static uint16_t ternary(const float *in, const float *importance, uint8_t q[QK_K])
{
    static const float range[2] = { -1, 1 };
    struct fit f;
    float codes[QK_K];
    uint16_t d;

    fit_load(&f, in, importance, QK_K);
    d = fit_to_f16(fit_scale(f.x, f.w, QK_K, -1, 1));
    (void)fit_scale_error(f.x, f.w, QK_K, range, f16_to_f32(d), codes);
    for (unsigned e = 0; e < QK_K; e++)
        q[e] = (uint8_t)((int)codes[e] + 1);
    return d;
}

/* The inverse of tq1_0_run. */
static const uint8_t *tq1_0_pack(const uint8_t *q, unsigned width, unsigned n_digit, uint8_t *bytes)
{
    for (unsigned j = 0; j < width; j++) {
        unsigned v = 0;

        for (unsigned i = 0; i < 5; i++)
            v = v * 3 + (i < n_digit ? q[i * width + j] : 0);
        bytes[j] = (uint8_t)((v * 256 + 242) / 243);
    }
    return q + (size_t)width * n_digit;
}

void tq1_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_tq1_0 *b = blocks;
    uint8_t q[QK_K];

    for (; n >= QK_K; n -= QK_K, b++, in += QK_K) {
        const uint8_t *at = q;

        b->d = ternary(in, importance, q);
        at = tq1_0_pack(at, 32, 5, b->qs);
        at = tq1_0_pack(at, 16, 5, b->qs + 32);
        (void)tq1_0_pack(at, 4, 4, b->qh);
        importance = importance ? importance + QK_K : NULL;
    }
}

void tq2_0_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_tq2_0 *b = blocks;
    uint8_t q[QK_K];

    for (; n >= QK_K; n -= QK_K, b++, in += QK_K) {
        b->d = ternary(in, importance, q);
        memset(b->qs, 0, sizeof(b->qs));
        for (unsigned e = 0; e < QK_K; e++)
            b->qs[e / 128 * 32 + e % 32] |= (uint8_t)(q[e] << 2 * (e / 32 % 4));
        importance = importance ? importance + QK_K : NULL;
    }
}
