/* Four-bit floats (e2m1) with shared scales: MXFP4 (OCP microscaling, scale a power of two for 32)
 * and NVFP4 (scale an unsigned e4m3 for 16). */
#include <math.h>
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/quant_fit.h"

void mxfp4_read(size_t n, const void *blocks, float *out)
{
    const struct block_mxfp4 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = ldexpf(1, (int)b->e - 128); /* half the scale: the table holds twice the value */

        for (unsigned j = 0; j < 16; j++) {
            out[j] = (float)fp4_values_x2[b->qs[j] & 15] * d;
            out[j + 16] = (float)fp4_values_x2[b->qs[j] >> 4] * d;
        }
    }
}

/* Unsigned e4m3: bias 7, subnormals. The top bit means nothing. 0x7F is not a number and reads as
 * zero; 0xFF, which no writer makes, reads as 480. */
static float e4m3_to_f32(uint8_t x)
{
    int exponent = x >> 3 & 15;
    int mantissa = x & 7;

    if (x == 0x7F)
        return 0;
    if (exponent == 0)
        return (float)mantissa * 0x1p-9F;
    return ldexpf((float)(8 + mantissa), exponent - 10);
}

void nvfp4_read(size_t n, const void *blocks, float *out)
{
    const struct block_nvfp4 *b = blocks;

    for (; n >= 64; n -= 64, b++) {
        for (unsigned g = 0; g < 4; g++, out += 16) {
            float d = 0.5F * e4m3_to_f32(b->d[g]);

            for (unsigned j = 0; j < 8; j++) {
                out[j] = (float)fp4_values_x2[b->qs[8 * g + j] & 15] * d;
                out[j + 8] = (float)fp4_values_x2[b->qs[8 * g + j] >> 4] * d;
            }
        }
    }
}

/* ---- writing ---- */

/* Rising values and their codes; zero has two codes, the positive one is written. */
#define N_VALUE 15U
static const float rising[N_VALUE] = { -12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12 };
static const uint8_t code_of[N_VALUE] = { 15, 14, 13, 12, 11, 10, 9, 0, 1, 2, 3, 4, 5, 6, 7 };

/* Codes for scale d (of the doubled values) and the error that they make. */
static float fp4_codes(const float *x, const float *w, unsigned n, float d, uint8_t *q)
{
    float inverse = fit_inverse(d), error = 0;

    for (unsigned j = 0; j < n; j++) {
        unsigned i = fit_nearest(rising, N_VALUE, x[j] * inverse);
        float gap = x[j] - d * rising[i];

        error += w[j] * gap * gap;
        q[j] = code_of[i];
    }
    return error;
}

static float largest_of(const float *x, unsigned n)
{
    float largest = 0;

    for (unsigned j = 0; j < n; j++)
        largest = fabsf(x[j]) > largest ? fabsf(x[j]) : largest;
    return largest;
}

void mxfp4_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_mxfp4 *b = blocks;
    uint8_t q[QK], best_q[QK] = { 0 };
    struct fit f;

    for (; n >= QK; n -= QK, b++, in += QK) {
        float best = INFINITY;
        int exponent, best_e = 0;

        fit_load(&f, in, importance, QK);
        (void)frexpf(largest_of(f.x, QK), &exponent);
        memset(best_q, 0, sizeof(best_q));
        /* The largest is below 2^exponent, and the largest code stands for 12 * 2^(e - 128). */
        for (int e = exponent + 128 - 5; e <= exponent + 128 - 2; e++) {
            float error;

            if (e < 0 || e > 254)
                continue;
            error = fp4_codes(f.x, f.w, QK, ldexpf(1, e - 128), q);
            if (error < best) {
                best = error;
                best_e = e;
                memcpy(best_q, q, sizeof(q));
            }
        }
        b->e = (uint8_t)best_e;
        for (unsigned j = 0; j < 16; j++)
            b->qs[j] = (uint8_t)(best_q[j] | best_q[j + 16] << 4);
        importance = importance ? importance + QK : NULL;
    }
}

/* The largest code 0 .. 0x7E whose value is at most v. */
static int e4m3_below(float v)
{
    int low = 0, high = 0x7E;

    while (low < high) {
        int middle = (low + high + 1) / 2;

        if (e4m3_to_f32((uint8_t)middle) <= v)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void nvfp4_group(const float *x, const float *w, uint8_t *d, uint8_t q[16])
{
    int middle = e4m3_below(largest_of(x, 16) / 6);
    float best = INFINITY;
    uint8_t tried[16];

    for (int code = middle - 4; code <= middle + 8; code++) {
        float error;

        if (code < 0 || code > 0x7E)
            continue;
        error = fp4_codes(x, w, 16, 0.5F * e4m3_to_f32((uint8_t)code), tried);
        if (error < best) {
            best = error;
            *d = (uint8_t)code;
            memcpy(q, tried, sizeof(tried));
        }
    }
}

void nvfp4_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_nvfp4 *b = blocks;
    uint8_t q[16] = { 0 };
    struct fit f;

    for (; n >= 64; n -= 64, b++, in += 64) {
        fit_load(&f, in, importance, 64);
        for (unsigned g = 0; g < 4; g++) {
            nvfp4_group(f.x + 16 * g, f.w + 16 * g, &b->d[g], q);
            for (unsigned j = 0; j < 8; j++)
                b->qs[8 * g + j] = (uint8_t)(q[j] | q[j + 8] << 4);
        }
        importance = importance ? importance + 64 : NULL;
    }
}
