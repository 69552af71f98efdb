/* Writing the K types. Each group is fitted alone; then the groups' scales (and minima) become
 * small multiples of common ones, the neighbours of each rounded multiple are tried, and the common
 * ones are fitted again to what came out. */
#include <math.h>
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/quant_fit.h"

#define ROUNDS 2U

static const float *next(const float *importance)
{
    return importance ? importance + QK_K : NULL;
}

/* ---- scale and minimum: Q2_K, Q4_K, Q5_K ---- */

struct line_block {
    float d, dmin; /* as halves */
    unsigned n_group, size;
    float q_max, s_max;       /* largest code, largest multiple */
    float scale[16], min[16]; /* multiples */
    struct fit_line free[16]; /* what each group alone would like */
    float q[QK_K];
};

static struct fit_line line_of(const struct line_block *b, float scale, float min)
{
    return (struct fit_line){ b->d * scale, -b->dmin * min };
}

/* The best multiples near what the group would like, and its codes. */
static void choose_line(struct line_block *b, const struct fit *f, unsigned g)
{
    float scale0 = fit_code(b->free[g].d * fit_inverse(b->d), 0, b->s_max);
    float min0 = fit_code(-b->free[g].m * fit_inverse(b->dmin), 0, b->s_max);
    unsigned first = g * b->size;
    float best = INFINITY;

    for (int i = -1; i <= 1; i++) {
        for (int k = -1; k <= 1; k++) {
            float scale = scale0 + (float)i, min = min0 + (float)k, error;

            if (scale < 0 || min < 0 || scale > b->s_max || min > b->s_max)
                continue;
            error = fit_min_error(f, first, b->size, b->q_max, line_of(b, scale, min), NULL);
            if (error < best) {
                best = error;
                b->scale[g] = scale;
                b->min[g] = min;
            }
        }
    }
    (void)fit_min_error(f, first, b->size, b->q_max, line_of(b, b->scale[g], b->min[g]),
                        b->q + first);
}

/* Common factors by least squares over the whole block: x = d * (scale q) - dmin * min. */
static void refit_line(struct line_block *b, const struct fit *f)
{
    double aa = 0, ab = 0, bb = 0, xa = 0, xb = 0, det;

    for (unsigned e = 0; e < QK_K; e++) {
        double a = (double)(b->scale[e / b->size] * b->q[e]), m = (double)-b->min[e / b->size];
        double w = (double)f->w[e], x = (double)f->x[e];

        aa += w * a * a;
        ab += w * a * m;
        bb += w * m * m;
        xa += w * x * a;
        xb += w * x * m;
    }
    det = aa * bb - ab * ab;
    if (det > 1e-9 * aa * bb && det > 0) {
        float d = fit_half((float)((xa * bb - xb * ab) / det));
        float dmin = fit_half((float)((xb * aa - xa * ab) / det));

        if (d > 0 && dmin > 0) {
            b->d = d;
            b->dmin = dmin;
        }
    } else if (aa > 0 && bb <= 0) {
        b->d = fit_half((float)(xa / aa));
    }
}

static float line_error(const struct line_block *b, const struct fit *f)
{
    float error = 0;

    for (unsigned e = 0; e < QK_K; e++) {
        struct fit_line t = line_of(b, b->scale[e / b->size], b->min[e / b->size]);
        float gap = f->x[e] - (t.d * b->q[e] + t.m);

        error += f->w[e] * gap * gap;
    }
    return error;
}

static void fit_line_block(struct line_block *b, const struct fit *f)
{
    struct line_block kept;
    float best = INFINITY, d = 0, m = 0;

    b->n_group = QK_K / b->size;
    for (unsigned g = 0; g < b->n_group; g++) {
        b->free[g] = fit_min(f, g * b->size, b->size, b->q_max, true);
        d = b->free[g].d > d ? b->free[g].d : d;
        m = -b->free[g].m > m ? -b->free[g].m : m;
    }
    b->d = fit_half(d / b->s_max);
    b->dmin = fit_half(m / b->s_max);
    kept = *b;
    for (unsigned round = 0; round < ROUNDS; round++) {
        float error;

        for (unsigned g = 0; g < b->n_group; g++)
            choose_line(b, f, g);
        error = line_error(b, f);
        if (error < best) {
            best = error;
            kept = *b;
        }
        refit_line(b, f);
    }
    *b = kept;
}

void q2_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q2_k *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K, importance = next(importance)) {
        struct line_block b = { .size = 16, .q_max = 3, .s_max = 15 };

        fit_load(&f, in, importance, QK_K);
        fit_line_block(&b, &f);
        out->d = fit_to_f16(b.d);
        out->dmin = fit_to_f16(b.dmin);
        for (unsigned g = 0; g < 16; g++)
            out->scales[g] = (uint8_t)((unsigned)b.scale[g] | (unsigned)b.min[g] << 4);
        memset(out->qs, 0, sizeof(out->qs));
        for (unsigned e = 0; e < QK_K; e++)
            out->qs[e / 128 * 32 + e % 32] |= (uint8_t)((unsigned)b.q[e] << 2 * (e / 32 % 4));
    }
}

static void pack_six_bits(const struct line_block *b, uint8_t packed[12])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned s0 = (unsigned)b->scale[i], s4 = (unsigned)b->scale[4 + i];
        unsigned m0 = (unsigned)b->min[i], m4 = (unsigned)b->min[4 + i];

        packed[i] = (uint8_t)(s0 | (s4 >> 4) << 6);
        packed[4 + i] = (uint8_t)(m0 | (m4 >> 4) << 6);
        packed[8 + i] = (uint8_t)((s4 & 15) | (m4 & 15) << 4);
    }
}

static void pack_groups_of_32(const float *q, uint8_t qs[128])
{
    memset(qs, 0, 128);
    for (unsigned e = 0; e < QK_K; e++)
        qs[e / 64 * 32 + e % 32] |= (uint8_t)(((unsigned)q[e] & 15) << 4 * (e / 32 % 2));
}

void q4_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q4_k *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K, importance = next(importance)) {
        struct line_block b = { .size = 32, .q_max = 15, .s_max = 63 };

        fit_load(&f, in, importance, QK_K);
        fit_line_block(&b, &f);
        out->d = fit_to_f16(b.d);
        out->dmin = fit_to_f16(b.dmin);
        pack_six_bits(&b, out->scales);
        pack_groups_of_32(b.q, out->qs);
    }
}

void q5_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q5_k *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K, importance = next(importance)) {
        struct line_block b = { .size = 32, .q_max = 31, .s_max = 63 };

        fit_load(&f, in, importance, QK_K);
        fit_line_block(&b, &f);
        out->d = fit_to_f16(b.d);
        out->dmin = fit_to_f16(b.dmin);
        pack_six_bits(&b, out->scales);
        pack_groups_of_32(b.q, out->qs);
        memset(out->qh, 0, sizeof(out->qh));
        for (unsigned e = 0; e < QK_K; e++)
            out->qh[e % 32] |= (uint8_t)(((unsigned)b.q[e] >> 4) << e / 32);
    }
}

/* ---- scale alone: Q3_K, Q6_K ---- */

struct scale_block {
    float d;            /* as a half */
    float range[2];     /* of codes */
    float multiples[2]; /* of scales */
    float scale[16], free[16];
    float q[QK_K];
};

/* As choose_line; returns the error. */
static float choose_scale(struct scale_block *b, const struct fit *f, unsigned g)
{
    const float *x = f->x + 16 * g, *w = f->w + 16 * g;
    float scale0 = fit_code(b->free[g] * fit_inverse(b->d), b->multiples[0], b->multiples[1]);
    float best = INFINITY;

    for (int i = -1; i <= 1; i++) {
        float scale = scale0 + (float)i, error;

        if (scale < b->multiples[0] || scale > b->multiples[1])
            continue;
        error = fit_scale_error(x, w, 16, b->range, b->d * scale, NULL);
        if (error < best) {
            best = error;
            b->scale[g] = scale;
        }
    }
    (void)fit_scale_error(x, w, 16, b->range, b->d * b->scale[g], b->q + 16 * g);
    return best;
}

static void refit_scale(struct scale_block *b, const struct fit *f)
{
    double xa = 0, aa = 0;

    for (unsigned e = 0; e < QK_K; e++) {
        double a = (double)(b->scale[e / 16] * b->q[e]), w = (double)f->w[e];

        xa += w * a * (double)f->x[e];
        aa += w * a * a;
    }
    if (aa > 0)
        b->d = fit_half((float)(xa / aa));
}

static void fit_scale_block(struct scale_block *b, const struct fit *f)
{
    struct scale_block kept;
    float best = INFINITY, largest = 0;

    for (unsigned g = 0; g < 16; g++) {
        b->free[g] = fit_scale(f->x + 16 * g, f->w + 16 * g, 16, b->range[0], b->range[1]);
        largest = fabsf(b->free[g]) > fabsf(largest) ? b->free[g] : largest;
    }
    b->d = fit_half(largest / b->multiples[0]);
    kept = *b;
    for (unsigned round = 0; round < ROUNDS; round++) {
        float error = 0;

        for (unsigned g = 0; g < 16; g++)
            error += choose_scale(b, f, g);
        if (error < best) {
            best = error;
            kept = *b;
        }
        refit_scale(b, f);
    }
    *b = kept;
}

void q3_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q3_k *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K, importance = next(importance)) {
        struct scale_block b = { .range = { -4, 3 }, .multiples = { -32, 31 } };

        fit_load(&f, in, importance, QK_K);
        fit_scale_block(&b, &f);
        memset(out, 0, sizeof(*out));
        out->d = fit_to_f16(b.d);
        for (unsigned i = 0; i < 16; i++) {
            unsigned scale = (unsigned)((int)b.scale[i] + 32);

            out->scales[i % 8] |= (uint8_t)((scale & 15) << 4 * (i / 8));
            out->scales[8 + i % 4] |= (uint8_t)((scale >> 4) << 2 * (i / 4));
        }
        for (unsigned e = 0; e < QK_K; e++) {
            unsigned q = (unsigned)((int)b.q[e] + 4);

            out->qs[e / 128 * 32 + e % 32] |= (uint8_t)((q & 3) << 2 * (e / 32 % 4));
            out->hmask[e % 32] |= (uint8_t)((q >> 2) << e / 32);
        }
    }
}

void q6_k_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_q6_k *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K, importance = next(importance)) {
        struct scale_block b = { .range = { -32, 31 }, .multiples = { -128, 127 } };

        fit_load(&f, in, importance, QK_K);
        fit_scale_block(&b, &f);
        memset(out, 0, sizeof(*out));
        out->d = fit_to_f16(b.d);
        for (unsigned i = 0; i < 16; i++)
            out->scales[i] = (int8_t)b.scale[i];
        for (unsigned e = 0; e < QK_K; e++) {
            unsigned half = e / 128, quarter = e / 32 % 4, j = e % 32;
            unsigned q = (unsigned)((int)b.q[e] + 32);

            out->ql[64 * half + 32 * (quarter % 2) + j] |= (uint8_t)((q & 15) << 4 * (quarter / 2));
            out->qh[32 * half + j] |= (uint8_t)((q >> 4) << 2 * quarter);
        }
    }
}
