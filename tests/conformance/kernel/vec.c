/* Norms, activations, rope, attention and the small vector kernels, against double arithmetic, for
 * lengths that are no multiple of a register; canaries after the outputs. */
#include <math.h>

#include "base/num.h"
#include "conformance/kernel/kernel_test.h"

#define N_MAX  1100U
#define CANARY 54321.0F

static const uint32_t lengths[] = { 1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 96, 100, 255, 896, 1027 };

static void expect_near(const char *what, const char *isa, float got, double want, double tolerance)
{
    if (!(fabs((double)got - want) <= tolerance))
        fail_msg("%s %s: %.9g instead of %.9g (tolerance %.3g)", isa, what, (double)got, want,
                 tolerance);
}

static void guard(float *out, uint32_t n)
{
    for (uint32_t i = n; i < n + 32; i++)
        out[i] = CANARY;
}

static void check_guard(const float *out, uint32_t n)
{
    for (uint32_t i = n; i < n + 32; i++)
        assert_true(out[i] == CANARY);
}

static void check_norm(const struct cpu_kernels *k, enum norm_kind kind, uint32_t n,
                       const float *in, bool full)
{
    const float *x = in, *w = in + N_MAX, *b = in + 2 * (size_t)N_MAX,
                *add = in + 3 * (size_t)N_MAX;
    float out[N_MAX + 32];
    double mean = 0, sum = 0, eps = (double)1e-5F;

    for (uint32_t i = 0; kind == NORM_LAYER && i < n; i++)
        mean += (double)x[i] / n;
    for (uint32_t i = 0; i < n; i++)
        sum += ((double)x[i] - mean) * ((double)x[i] - mean);
    if (kind != NORM_L2)
        sum /= n;
    memcpy(out, x, n * sizeof(float)); /* in place */
    guard(out, n);
    k->norm(kind, n, out, full ? w : NULL, full ? b : NULL, 1e-5F, full ? add : NULL, out);
    check_guard(out, n);
    for (uint32_t i = 0; i < n; i++) {
        double y = ((double)x[i] - mean) / sqrt(sum + eps);
        double size = (fabs((double)x[i]) + fabs(mean)) / sqrt(sum + eps) + 3;

        y = full ? y * (double)w[i] + (double)b[i] + (double)add[i] : y;
        expect_near("norm", k->isa, out[i], y, 8 * 0x1p-24 * size);
    }
}

/* Proves: all norms, with and without weight, bias and residual, in place. */
void norm_is_close(void **state)
{
    const struct isas *isas = *state;
    static float in[4 * N_MAX];
    struct rnd r = { .state = 3 };

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t l = 0; l < COUNT_OF(lengths); l++)
            for (unsigned kind = 0; kind < 3; kind++) {
                fill_floats(&r, 0, 4 * (size_t)N_MAX, in);
                check_norm(&isas->k[i], (enum norm_kind)kind, lengths[l], in, l % 2);
            }
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double activate(enum act_kind act, double x, double up)
{
    double g = fmin(x, 7), u = fmax(-7, fmin(up, 7));

    switch (act) {
    case ACT_SILU:
        return x * sigmoid(x) * up;
    case ACT_GELU_TANH:
        return x * sigmoid(2 * sqrt(2 / 3.14159265358979323846) * x * (1 + 0.044715 * x * x)) * up;
    case ACT_GELU_ERF:
        return 0.5 * x * erfc(-x / sqrt(2)) * up;
    case ACT_RELU:
        return fmax(x, 0) * up;
    case ACT_RELU_SQ:
        return x > 0 ? x * x * up : 0;
    case ACT_SIGMOID:
        return sigmoid(x) * up;
    case ACT_SWIGLU_CLAMP:
        return g * sigmoid(1.702 * g) * (u + 1);
    }
    return 0;
}

/* Proves: every activation, gated and not, over the range where it bends. */
void glu_is_close(void **state)
{
    const struct isas *isas = *state;
    struct rnd r = { .state = 4 };
    float gate[N_MAX], up[N_MAX], out[N_MAX + 32];

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t l = 0; l < COUNT_OF(lengths); l++)
            for (unsigned act = 0; act <= ACT_SWIGLU_CLAMP; act++) {
                uint32_t n = lengths[l];
                bool gated = act == ACT_SWIGLU_CLAMP || l % 2;

                for (uint32_t e = 0; e < n; e++) {
                    gate[e] = 12 * rnd_float(&r);
                    up[e] = 9 * rnd_float(&r);
                }
                guard(out, n);
                isas->k[i].glu((enum act_kind)act, n, gate, gated ? up : NULL, out);
                check_guard(out, n);
                for (uint32_t e = 0; e < n; e++) {
                    double y =
                        activate((enum act_kind)act, (double)gate[e], gated ? (double)up[e] : 1);
                    double u = gated ? fabs((double)up[e]) + 1 : 1;

                    expect_near("glu", isas->k[i].isa, out[e], y,
                                5e-7 * (fabs((double)gate[e]) + 1) * u + 2e-7 * fabs(y));
                }
            }
}

/* Proves: large gates of either sign, infinities included, give the limits and never NaN. */
void glu_saturates(void **state)
{
    static const float large[] = { 90, 1e4F, 1e10F, 3e38F, INFINITY };
    const struct isas *isas = *state;

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t l = 0; l < COUNT_OF(large); l++)
            for (unsigned act = 0; act <= ACT_SIGMOID; act++) {
                float x[2] = { large[l], -large[l] }, y[2];

                isas->k[i].glu((enum act_kind)act, 2, x, NULL, y);
                assert_true(y[1] == 0);
                if (act == ACT_SIGMOID)
                    assert_true(y[0] == 1);
                else if (act != ACT_RELU_SQ)
                    assert_true(y[0] == large[l]);
            }
}

/* Proves: both pairings, the same as the reference; the other elements stay. */
void rope_is_close(void **state)
{
    const struct isas *isas = *state;
    struct rnd r = { .state = 6 };
    float cos_t[128], sin_t[128], x[256 + 32], y[256 + 32];

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t n = 2; n <= 256; n += 2)
            for (unsigned pairing = 0; pairing < 2; pairing++) {
                uint32_t half = n / 2;

                fill_floats(&r, 0, n, x);
                fill_floats(&r, 0, half, cos_t);
                fill_floats(&r, 0, half, sin_t);
                guard(x, n);
                memcpy(y, x, sizeof(x));
                isas->k[i].rope((enum rope_pairing)pairing, n, cos_t, sin_t, y);
                check_guard(y, n);
                for (uint32_t p = 0; p < half; p++) {
                    uint32_t a = pairing == ROPE_HALVES ? p : 2 * p;
                    uint32_t b = pairing == ROPE_HALVES ? p + half : 2 * p + 1;
                    double c = (double)cos_t[p], s = (double)sin_t[p];
                    double x0 = (double)x[a], x1 = (double)x[b];

                    expect_near("rope", isas->k[i].isa, y[a], x0 * c - x1 * s, 4 * 0x1p-24);
                    expect_near("rope", isas->k[i].isa, y[b], x0 * s + x1 * c, 4 * 0x1p-24);
                }
            }
}

/* Proves: sums, scales and half floats are those of the reference, bit for bit. */
void add_scale_f16_agree(void **state)
{
    const struct isas *isas = *state;
    struct rnd r = { .state = 8 };
    float x[N_MAX], y[N_MAX], out[N_MAX + 32];
    uint16_t half[N_MAX + 32];

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t l = 0; l < COUNT_OF(lengths); l++) {
            uint32_t n = lengths[l];

            fill_floats(&r, 3, n, x);
            fill_floats(&r, l % 4, n, y);
            guard(out, n);
            isas->k[i].add(n, x, y, 0.7F, out);
            check_guard(out, n);
            for (uint32_t e = 0; e < n; e++)
                assert_true(out[e] == x[e] + 0.7F * y[e]);
            isas->k[i].scale(n, 0.3F, out);
            check_guard(out, n);
            for (uint32_t e = 0; e < n; e++)
                assert_true(out[e] == 0.3F * (x[e] + 0.7F * y[e]));
            memset(half, 0xEE, sizeof(half));
            isas->k[i].f32_to_f16_row(n, x, half);
            for (uint32_t e = 0; e < n; e++)
                assert_int_equal(half[e], f32_to_f16(x[e]));
            assert_int_equal(half[n], 0xEEEE);
        }
}

/* n_v: columns of a row that are values. */
static void check_page(const struct cpu_kernels *k, uint32_t n, uint32_t head, uint32_t n_v,
                       const float *cache, const uint16_t *half)
{
    const float *q = cache + (size_t)head * KV_PAGE_TOK; /* any further floats */
    float s[2][KV_PAGE_TOK + 32], acc[2][512 + 32];

    for (unsigned f = 0; f < 2; f++) {
        guard(s[f], n);
        for (uint32_t d = 0; d < head; d++)
            acc[f][d] = q[d];
        guard(acc[f], n_v);
    }
    k->qk_f32(n, head, q, cache, s[0]);
    k->qk_f16(n, head, q, half, s[1]);
    k->pv_f32(n, n_v, head, q, cache, acc[0]);
    k->pv_f16(n, n_v, head, q, half, acc[1]);
    for (unsigned f = 0; f < 2; f++) {
        check_guard(s[f], n);
        check_guard(acc[f], n_v);
        for (uint32_t j = 0; j < n; j++) {
            double exact = 0;

            for (uint32_t d = 0; d < head; d++) {
                size_t at = (size_t)j * head + d;

                exact += (double)q[d] * (double)(f ? f16_to_f32(half[at]) : cache[at]);
            }
            expect_near("qk", k->isa, s[f][j], exact, (head / 16 + 8) * 0x1p-24 * head);
        }
        for (uint32_t d = 0; d < n_v; d++) {
            float exact = q[d];

            for (uint32_t j = 0; j < n; j++) {
                size_t at = (size_t)j * head + d;

                exact = fmaf(q[j], f ? f16_to_f32(half[at]) : cache[at], exact);
            }
            assert_true(acc[f][d] == exact);
        }
    }
}

/* Proves: scores of a page are near exact, also for odd heads; weighted values are exactly the
 * chain of fused steps, also of values that are the front of longer rows; nothing beyond the page
 * or the head is written. */
void attention_is_close(void **state)
{
    static const uint32_t heads[] = { 8, 16, 40, 64, 72, 80, 96, 128, 192, 256, 512 };
    static const uint32_t counts[] = { 1, 2, 3, 5, 16, 63, 64 };
    static float cache[(KV_PAGE_TOK + 2) * 512];
    static uint16_t half[KV_PAGE_TOK * 512];
    const struct isas *isas = *state;
    struct rnd r = { .state = 11 };

    fill_floats(&r, 0, COUNT_OF(cache), cache);
    for (uint32_t i = 0; i < COUNT_OF(half); i++)
        half[i] = f32_to_f16(cache[i]);
    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t h = 0; h < COUNT_OF(heads); h++)
            for (uint32_t c = 0; c < COUNT_OF(counts); c++) {
                check_page(&isas->k[i], counts[c], heads[h], heads[h], cache, half);
                check_page(&isas->k[i], counts[c], heads[h], heads[h] * 3 / 4, cache, half);
            }
}

/* Proves: exponentials within a few units in the last place, exact at 0, 0 for very small ones and
 * minus infinity; their sum and the maximum; the soft cap, also near zero and at infinity. */
void exp_and_softcap_are_close(void **state)
{
    const struct isas *isas = *state;
    struct rnd r = { .state = 12 };

    for (uint32_t i = 0; i < isas->n; i++)
        for (uint32_t n = 1; n <= KV_PAGE_TOK; n++) {
            float s[KV_PAGE_TOK + 32], x[KV_PAGE_TOK], cap[KV_PAGE_TOK + 32], max = -INFINITY, sum;
            double total = 0;

            for (uint32_t j = 0; j < n; j++) {
                x[j] = 60 * rnd_float(&r);
                max = x[j] > max ? x[j] : max;
            }
            if (n > 4)
                x[3] = -INFINITY;
            memcpy(s, x, n * sizeof(float));
            memcpy(cap, x, n * sizeof(float));
            assert_true(isas->k[i].max(n, s) >= (n > 4 ? -60.0F : max));
            max = isas->k[i].max(n, s);
            guard(s, n);
            guard(cap, n);
            sum = isas->k[i].exp_sum(n, max, s);
            isas->k[i].softcap(n, 30, cap);
            check_guard(s, n);
            check_guard(cap, n);
            for (uint32_t j = 0; j < n; j++) {
                double e = exp((double)(x[j] - max)), t = 30 * tanh((double)x[j] / 30);

                assert_true(x[j] <= max);
                total += (double)s[j];
                expect_near("exp", isas->k[i].isa, s[j], e, 2 * 0x1p-23 * e + 1.2e-38);
                expect_near("softcap", isas->k[i].isa, cap[j], t, 4 * 0x1p-23 * fabs(t));
            }
            expect_near("sum", isas->k[i].isa, sum, total, 8 * 0x1p-24 * total);
        }
}
