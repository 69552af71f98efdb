/* Writing the IQ types: quant_iq_fit.c finds what to store, the functions here pack it. */
#include <math.h>
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/iq_grids.h"
#include "formats/quant_iq_fit.h"

/* Runs a kind's fit over a row; pack writes block i. */
typedef void pack_fn(const struct iq_fit *fit, void *blocks, size_t i);

static void write_row(size_t n, const float *in, const float *importance,
                      const struct iq_kind *kind, pack_fn *pack, void *blocks)
{
    struct iq_search search;
    struct iq_fit fit;
    struct fit f;

    iq_search_init(&search, kind);
    for (size_t i = 0; i < n / QK_K; i++) {
        fit_load(&f, in + i * QK_K, importance ? importance + i * QK_K : NULL, QK_K);
        iq_fit_block(&fit, &search, &f);
        pack(&fit, blocks, i);
    }
}

/* Four times seven sign bits and a scale. */
static uint32_t signs_and_scale(const struct iq_fit *fit, unsigned g)
{
    uint32_t word = (uint32_t)fit->multiple[g] << 28;

    for (unsigned i = 0; i < 4; i++)
        word |= (uint32_t)(fit->signs[4 * g + i] & 127) << 7 * i;
    return word;
}

/* Multiples of 16 groups as nibbles, even ones low. */
static void pack_multiples(const struct iq_fit *fit, unsigned n_byte, uint8_t *scales)
{
    for (unsigned i = 0; i < n_byte; i++)
        scales[i] = (uint8_t)(fit->multiple[2 * i] | fit->multiple[2 * i + 1] << 4);
}

static void pack_iq2_xxs(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq2_xxs *b = (struct block_iq2_xxs *)blocks + i;

    b->d = fit_to_f16(fit->d);
    for (unsigned g = 0; g < 8; g++) {
        uint32_t rest = signs_and_scale(fit, g);
        const uint16_t *p = fit->point + 4 * g;

        b->qs[4 * g] = (uint16_t)(p[0] | p[1] << 8);
        b->qs[4 * g + 1] = (uint16_t)(p[2] | p[3] << 8);
        b->qs[4 * g + 2] = (uint16_t)(rest & 0xFFFF);
        b->qs[4 * g + 3] = (uint16_t)(rest >> 16);
    }
}

static void pack_iq2_xs(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq2_xs *b = (struct block_iq2_xs *)blocks + i;

    b->d = fit_to_f16(fit->d);
    for (unsigned k = 0; k < 32; k++)
        b->qs[k] = (uint16_t)(fit->point[k] | (fit->signs[k] & 127) << 9);
    pack_multiples(fit, 8, b->scales);
}

static void pack_iq2_s(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq2_s *b = (struct block_iq2_s *)blocks + i;

    memset(b, 0, sizeof(*b));
    b->d = fit_to_f16(fit->d);
    for (unsigned k = 0; k < 32; k++) {
        b->qs[k] = (uint8_t)(fit->point[k] & 255);
        b->qs[32 + k] = fit->signs[k];
        b->qh[k / 4] |= (uint8_t)(fit->point[k] >> 8 << 2 * (k % 4));
    }
    pack_multiples(fit, 8, b->scales);
}

static void pack_iq3_xxs(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq3_xxs *b = (struct block_iq3_xxs *)blocks + i;

    b->d = fit_to_f16(fit->d);
    for (unsigned k = 0; k < 64; k++)
        b->qs[k] = (uint8_t)fit->point[k];
    for (unsigned g = 0; g < 8; g++) {
        uint32_t rest = signs_and_scale(fit, g);

        memcpy(b->qs + 64 + 4 * g, &rest, sizeof(rest));
    }
}

static void pack_iq3_s(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq3_s *b = (struct block_iq3_s *)blocks + i;

    memset(b, 0, sizeof(*b));
    b->d = fit_to_f16(fit->d);
    for (unsigned k = 0; k < 64; k++) {
        b->qs[k] = (uint8_t)(fit->point[k] & 255);
        b->qh[k / 8] |= (uint8_t)(fit->point[k] >> 8 << k % 8);
    }
    memcpy(b->signs, fit->signs, sizeof(b->signs));
    pack_multiples(fit, 4, b->scales);
}

static void pack_iq1_s(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq1_s *b = (struct block_iq1_s *)blocks + i;

    b->d = fit_to_f16(fit->d);
    for (unsigned g = 0; g < 8; g++) {
        unsigned qh = (unsigned)fit->multiple[g] << 12 | (unsigned)fit->delta[4 * g] << 15;

        for (unsigned k = 0; k < 4; k++) {
            b->qs[4 * g + k] = (uint8_t)(fit->point[4 * g + k] & 255);
            qh |= (unsigned)fit->point[4 * g + k] >> 8 << 3 * k;
        }
        b->qh[g] = (uint16_t)qh;
    }
}

static void pack_iq1_m(const struct iq_fit *fit, void *blocks, size_t i)
{
    struct block_iq1_m *b = (struct block_iq1_m *)blocks + i;
    uint16_t sc[4] = { 0 }, d = fit_to_f16(fit->d);

    memset(b->qh, 0, sizeof(b->qh));
    for (unsigned k = 0; k < 32; k++) {
        b->qs[k] = (uint8_t)(fit->point[k] & 255);
        b->qh[k / 2] |= (uint8_t)((fit->point[k] >> 8 | fit->delta[k] << 3) << 4 * (k % 2));
    }
    for (unsigned g = 0; g < 16; g++)
        sc[g / 4] |= (uint16_t)(fit->multiple[g] << 3 * (g % 4));
    for (unsigned k = 0; k < 4; k++)
        sc[k] |= (uint16_t)((d >> 4 * k & 15) << 12);
    memcpy(b->scales, sc, sizeof(sc));
}

void iq2_xxs_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid8 = iq2_xxs_grid,
        .n_point = 256,
        .group = 32,
        .n_multiple = 16,
        .first = 0.125F,
        .step = 0.25F,
        .signs = IQ_SIGNS_EVEN,
    };

    write_row(n, in, importance, &kind, pack_iq2_xxs, blocks);
}

void iq2_xs_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid8 = iq2_xs_grid,
        .n_point = 512,
        .group = 16,
        .n_multiple = 16,
        .first = 0.125F,
        .step = 0.25F,
        .signs = IQ_SIGNS_EVEN,
    };

    write_row(n, in, importance, &kind, pack_iq2_xs, blocks);
}

void iq2_s_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid8 = iq2_s_grid,
        .n_point = 1024,
        .group = 16,
        .n_multiple = 16,
        .first = 0.125F,
        .step = 0.25F,
        .signs = IQ_SIGNS_FREE,
    };

    write_row(n, in, importance, &kind, pack_iq2_s, blocks);
}

void iq3_xxs_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid4 = iq3_xxs_grid,
        .n_point = 256,
        .group = 32,
        .n_multiple = 16,
        .first = 0.25F,
        .step = 0.5F,
        .signs = IQ_SIGNS_EVEN,
    };

    write_row(n, in, importance, &kind, pack_iq3_xxs, blocks);
}

void iq3_s_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid4 = iq3_s_grid,
        .n_point = 512,
        .group = 32,
        .n_multiple = 16,
        .first = 1,
        .step = 2,
        .signs = IQ_SIGNS_FREE,
    };

    write_row(n, in, importance, &kind, pack_iq3_s, blocks);
}

void iq1_s_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid8 = iq1_grid,
        .n_point = 2048,
        .group = 32,
        .delta_group = 32,
        .n_multiple = 8,
        .first = 1,
        .step = 2,
        .signs = IQ_TERNARY,
    };

    write_row(n, in, importance, &kind, pack_iq1_s, blocks);
}

void iq1_m_write(size_t n, const float *in, const float *importance, void *blocks)
{
    static const struct iq_kind kind = {
        .grid8 = iq1_grid,
        .n_point = 2048,
        .group = 16,
        .delta_group = 8,
        .n_multiple = 8,
        .first = 1,
        .step = 2,
        .signs = IQ_TERNARY,
    };

    write_row(n, in, importance, &kind, pack_iq1_m, blocks);
}

/* ---- IQ4: single elements through a table ---- */

/* Codes of 32 elements for scale d and the error that they make. */
static float table_codes(const float *x, const float *w, float d, uint8_t *q)
{
    float inverse = fit_inverse(d), error = 0;
    int32_t index[32] = { 0 };

    for (unsigned i = 0; i < 15; i++) { /* how many of the middles between values are below x */
        float middle = 0.5F * (float)(iq4_values[i] + iq4_values[i + 1]);

        for (unsigned j = 0; j < 32; j++)
            index[j] += x[j] * inverse > middle;
    }
    for (unsigned j = 0; j < 32; j++) {
        float gap = x[j] - d * (float)iq4_values[index[j]];

        error += w[j] * gap * gap;
        q[j] = (uint8_t)index[j];
    }
    return error;
}

/* d by least squares for given codes. */
static float table_refit(const float *x, const float *w, const uint8_t *q, float d)
{
    float xv = 0, vv = 0;

    for (unsigned j = 0; j < 32; j++) {
        float v = (float)iq4_values[q[j]];

        xv += w[j] * x[j] * v;
        vv += w[j] * v * v;
    }
    return vv > 0 ? xv / vv : d;
}

/* The best d of x[32], of either sign: the table reaches further on its negative side. */
static float table_scale(const float *x, const float *w)
{
    enum { STEPS = 7 };
    float largest = 0, best = INFINITY, d = 0;
    uint8_t q[32];

    for (unsigned j = 0; j < 32; j++)
        largest = fabsf(x[j]) > fabsf(largest) ? x[j] : largest;
    if (largest == 0)
        return 0;
    for (unsigned k = 0; k < 2 * STEPS; k++) {
        float end = k % 2 ? -127.0F : 113.0F;
        float tried = largest / (end * (0.9F + 0.06F * (float)(k / 2))), error;

        (void)table_codes(x, w, tried, q);
        tried = table_refit(x, w, q, tried);
        error = table_codes(x, w, tried, q);
        if (error < best) {
            best = error;
            d = tried;
        }
    }
    return d;
}

static void pack_table_codes(const uint8_t q[32], uint8_t qs[16])
{
    for (unsigned j = 0; j < 16; j++)
        qs[j] = (uint8_t)(q[j] | q[j + 16] << 4);
}

void iq4_nl_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_iq4_nl *b = blocks;
    uint8_t q[32];
    struct fit f;

    for (; n >= QK; n -= QK, b++, in += QK) {
        fit_load(&f, in, importance, QK);
        b->d = fit_to_f16(table_scale(f.x, f.w));
        (void)table_codes(f.x, f.w, f16_to_f32(b->d), q);
        pack_table_codes(q, b->qs);
        importance = importance ? importance + QK : NULL;
    }
}

struct iq4_xs_fit {
    float d;
    float wish[8], scale[8]; /* multiples -32 .. 31 */
    uint8_t q[QK_K];
};

/* As in the K types: neighbours of each rounded multiple are tried. Returns the error. */
static float iq4_xs_choose(struct iq4_xs_fit *b, const struct fit *f)
{
    float sum = 0;

    for (unsigned g = 0; g < 8; g++) {
        const float *x = f->x + 32 * g, *w = f->w + 32 * g;
        float middle = fit_code(b->wish[g] * fit_inverse(b->d), -32, 31), best = INFINITY;

        for (int i = -1; i <= 1; i++) {
            float scale = fit_code(middle + (float)i, -32, 31);
            float error = table_codes(x, w, b->d * scale, b->q + 32 * g);

            if (error < best) {
                best = error;
                b->scale[g] = scale;
            }
        }
        sum += table_codes(x, w, b->d * b->scale[g], b->q + 32 * g);
    }
    return sum;
}

static void iq4_xs_fit(struct iq4_xs_fit *b, const struct fit *f)
{
    struct iq4_xs_fit kept;
    float largest = 0, best = INFINITY;

    for (unsigned g = 0; g < 8; g++) {
        b->wish[g] = table_scale(f->x + 32 * g, f->w + 32 * g);
        largest = fabsf(b->wish[g]) > fabsf(largest) ? b->wish[g] : largest;
    }
    b->d = fit_half(largest / -32);
    kept = *b;
    for (unsigned round = 0; round < 2; round++) {
        float error = iq4_xs_choose(b, f), xv = 0, vv = 0;

        if (error < best) {
            best = error;
            kept = *b;
        }
        for (unsigned e = 0; e < QK_K; e++) {
            float v = b->scale[e / 32] * (float)iq4_values[b->q[e]];

            xv += f->w[e] * f->x[e] * v;
            vv += f->w[e] * v * v;
        }
        b->d = vv > 0 ? fit_half(xv / vv) : b->d;
    }
    *b = kept;
}

void iq4_xs_write(size_t n, const float *in, const float *importance, void *blocks)
{
    struct block_iq4_xs *out = blocks;
    struct fit f;

    for (; n >= QK_K; n -= QK_K, out++, in += QK_K) {
        struct iq4_xs_fit b = { 0 };

        fit_load(&f, in, importance, QK_K);
        iq4_xs_fit(&b, &f);
        memset(out, 0, sizeof(*out));
        out->d = fit_to_f16(b.d);
        for (unsigned g = 0; g < 8; g++) {
            unsigned scale = (unsigned)((int)b.scale[g] + 32);

            out->scales_l[g / 2] |= (uint8_t)((scale & 15) << 4 * (g % 2));
            out->scales_h = (uint16_t)(out->scales_h | scale >> 4 << 2 * g);
            pack_table_codes(b.q + 32 * g, out->qs + 16 * g);
        }
        importance = importance ? importance + QK_K : NULL;
    }
}
