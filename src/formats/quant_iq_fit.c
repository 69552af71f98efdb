/* Nearest grid points by branch and bound.
 *
 * With a scale s, a point g costs sum(w (x - s g)^2), up to a constant the sum over its elements of
 * w (s g)^2 - 2 w x s g. A point splits into two halves; the cost of every possible half is put
 * into a table, so that a point costs two look-ups, and all points that share a first half are
 * skipped when that half with the cheapest second one cannot win. */
#include "formats/quant_iq_fit.h"

#include <math.h>
#include <string.h>

#define N_CANDIDATE 10U
#define NEAR        3U /* multiples tried for each group */
#define ROUNDS      2U
#define DELTA       0.125F
#define ELEMENTS    256U

static uint8_t byte_of(const struct iq_kind *kind, unsigned point, unsigned j)
{
    return (uint8_t)(kind->grid8 ? kind->grid8[point] >> 8 * j : kind->grid4[point] >> 8 * j);
}

static float value_of(const struct iq_kind *kind, uint8_t byte)
{
    return kind->signs == IQ_TERNARY ? (float)(int8_t)byte : (float)byte;
}

/* The rising list of values that the grid's elements take. */
static void collect_values(struct iq_search *s)
{
    for (unsigned p = 0; p < s->kind->n_point; p++) {
        for (unsigned j = 0; j < s->dim; j++) {
            float v = value_of(s->kind, byte_of(s->kind, p, j));
            unsigned i = s->n_digit;

            while (i > 0 && s->values[i - 1] > v)
                i--;
            if ((i > 0 && s->values[i - 1] == v) || s->n_digit == 8)
                continue;
            memmove(s->values + i + 1, s->values + i, (s->n_digit - i) * sizeof(*s->values));
            s->values[i] = v;
            s->n_digit++;
        }
    }
}

/* Code of one half of a point: its digits, the first lowest. */
static unsigned half_code(const struct iq_search *s, unsigned point, unsigned half)
{
    unsigned n = s->dim / 2, code = 0;

    for (unsigned j = n; j-- > 0;) {
        float v = value_of(s->kind, byte_of(s->kind, point, half * n + j));
        unsigned digit = 0;

        while (digit + 1 < s->n_digit && s->values[digit] < v)
            digit++;
        code = code * s->n_digit + digit;
    }
    return code;
}

void iq_search_init(struct iq_search *s, const struct iq_kind *kind)
{
    uint16_t at[IQ_CODES_MAX + 1] = { 0 };

    memset(s, 0, sizeof(*s));
    s->kind = kind;
    s->dim = kind->grid8 ? 8 : 4;
    collect_values(s);
    s->n_code =
        s->dim == 8 ? s->n_digit * s->n_digit * s->n_digit * s->n_digit : s->n_digit * s->n_digit;
    for (unsigned p = 0; p < kind->n_point; p++)
        s->start[half_code(s, p, 0) + 1]++;
    for (unsigned c = 0; c < s->n_code; c++) {
        s->start[c + 1] = (uint16_t)(s->start[c + 1] + s->start[c]);
        at[c] = s->start[c];
    }
    for (unsigned p = 0; p < kind->n_point; p++) {
        unsigned i = at[half_code(s, p, 0)]++;

        s->point[i] = (uint16_t)p;
        s->second[i] = (uint8_t)half_code(s, p, 1);
    }
}

/* For one vector: sums of w x g and w g^2 of every half, shifted by delta. */
struct tables {
    float xg[2][IQ_CODES_MAX], gg[2][IQ_CODES_MAX];
};

static void make_tables(struct tables *t, const struct iq_search *s, const float *x, const float *w,
                        float delta)
{
    unsigned n = s->dim / 2;

    for (unsigned half = 0; half < 2; half++) {
        float *xg = t->xg[half], *gg = t->gg[half];
        unsigned size = 1;

        xg[0] = gg[0] = 0;
        for (unsigned j = 0; j < n; j++, size *= s->n_digit) {
            float wj = w[half * n + j], wx = wj * x[half * n + j];

            for (unsigned digit = s->n_digit; digit-- > 0;) { /* downwards: digit 0 is in place */
                float v = s->values[digit] + delta;

                for (unsigned i = 0; i < size; i++) {
                    xg[digit * size + i] = xg[i] + wx * v;
                    gg[digit * size + i] = gg[i] + wj * v * v;
                }
            }
        }
    }
}

/* The best point for a scale and what it costs. */
static float nearest(const struct tables *t, const struct iq_search *s, float scale,
                     uint16_t *point)
{
    float cost[2][IQ_CODES_MAX], least = INFINITY, best = INFINITY;
    unsigned first = 0, found = 0;

    for (unsigned c = 0; c < s->n_code; c++) {
        cost[0][c] = scale * (scale * t->gg[0][c] - 2 * t->xg[0][c]);
        cost[1][c] = scale * (scale * t->gg[1][c] - 2 * t->xg[1][c]);
    }
    for (unsigned c = 0; c < s->n_code; c++) {
        least = cost[1][c] < least ? cost[1][c] : least;
        first = cost[0][c] < cost[0][first] ? c : first;
    }
    for (unsigned k = 0; k < s->n_code; k++) {
        unsigned c = first + k < s->n_code ? first + k : first + k - s->n_code;

        if (cost[0][c] + least >= best)
            continue;
        for (unsigned i = s->start[c]; i < s->start[c + 1]; i++) {
            float sum = cost[0][c] + cost[1][s->second[i]];

            if (sum < best) {
                best = sum;
                found = i;
            }
        }
    }
    *point = s->point[found];
    return best;
}

/* What a group would be with one scale. */
struct pick {
    float cost;
    uint16_t point[8];
    uint8_t delta[4]; /* of each eight */
};

/* The group's vectors with one delta, or (delta_group 8) the better for each. */
static void pick_group(const struct iq_search *s, const float *x, const float *w,
                       const float *scales, unsigned n_scale, struct pick *picks)
{
    unsigned n_vector = s->kind->group / s->dim, n_delta = s->kind->delta_group ? 2 : 1;
    struct pick one[2][N_CANDIDATE];
    float vector_cost[2][N_CANDIDATE];
    struct tables t;

    memset(one, 0, sizeof(one));
    for (unsigned v = 0; v < n_vector; v++) {
        for (unsigned k = 0; k < n_delta; k++) {
            float delta = n_delta == 1 ? 0 : k ? -DELTA : DELTA;

            make_tables(&t, s, x + v * s->dim, w + v * s->dim, delta);
            for (unsigned i = 0; i < n_scale; i++) {
                vector_cost[k][i] = nearest(&t, s, scales[i], &one[k][i].point[v]);
                one[k][i].cost += vector_cost[k][i];
                one[k][i].delta[v * s->dim / 8] = (uint8_t)k;
            }
        }
        if (s->kind->delta_group != 8)
            continue;
        for (unsigned i = 0; i < n_scale; i++) { /* one[0] collects the winners */
            if (vector_cost[1][i] >= vector_cost[0][i])
                continue;
            one[0][i].cost += vector_cost[1][i] - vector_cost[0][i];
            one[0][i].point[v] = one[1][i].point[v];
            one[0][i].delta[v] = 1;
        }
    }
    for (unsigned i = 0; i < n_scale; i++)
        picks[i] =
            s->kind->delta_group == 32 && one[1][i].cost < one[0][i].cost ? one[1][i] : one[0][i];
}

/* The scale that the group would like, of candidates from cutting off much to nothing. */
static float free_scale(const struct iq_search *s, const float *x, const float *w)
{
    struct pick picks[N_CANDIDATE];
    float scales[N_CANDIDATE], largest = 0;
    unsigned best = 0;

    for (unsigned j = 0; j < s->kind->group; j++)
        largest = fabsf(x[j]) > largest ? fabsf(x[j]) : largest;
    for (unsigned i = 0; i < N_CANDIDATE; i++)
        scales[i] = largest / s->values[s->n_digit - 1] * (0.35F + 0.085F * (float)i);
    pick_group(s, x, w, scales, N_CANDIDATE, picks);
    for (unsigned i = 1; i < N_CANDIDATE; i++)
        best = picks[i].cost < picks[best].cost ? i : best;
    return scales[best];
}

/* Magnitudes to x (negative where a sign had to be the wrong one), signs to out. */
static void split_signs(struct iq_fit *out, const struct fit *f, enum iq_signs kind, float *x)
{
    memcpy(x, f->x, sizeof(f->x));
    for (unsigned i = 0; i < 32 && kind != IQ_TERNARY; i++) {
        unsigned signs = 0, n = 0, weakest = 0;

        for (unsigned j = 0; j < 8; j++) {
            unsigned e = 8 * i + j;

            if (x[e] < 0) {
                signs |= 1U << j;
                n++;
            }
            x[e] = fabsf(x[e]);
            if (f->w[e] * x[e] < f->w[8 * i + weakest] * x[8 * i + weakest])
                weakest = j;
        }
        if (kind == IQ_SIGNS_EVEN && n % 2) {
            signs ^= 1U << weakest;
            x[8 * i + weakest] = -x[8 * i + weakest];
        }
        out->signs[i] = (uint8_t)signs;
    }
}

/* Chooses the multiple and the points of group g for out->d; returns the cost. */
static float choose(struct iq_fit *out, const struct iq_search *s, const float *x, const float *w,
                    const float wish, unsigned g)
{
    const struct iq_kind *kind = s->kind;
    float last = (float)(kind->n_multiple - 1), scales[NEAR], multiples[NEAR];
    float middle = fit_code((wish * fit_inverse(out->d) - kind->first) / kind->step, 0, last);
    unsigned first = g * kind->group, best = 0;
    struct pick picks[NEAR];

    for (unsigned i = 0; i < NEAR; i++) {
        multiples[i] = fit_code(middle + (float)i - 1, 0, last);
        scales[i] = out->d * (kind->first + kind->step * multiples[i]);
    }
    pick_group(s, x + first, w + first, scales, NEAR, picks);
    for (unsigned i = 1; i < NEAR; i++)
        best = picks[i].cost < picks[best].cost ? i : best;
    out->multiple[g] = (uint8_t)multiples[best];
    for (unsigned v = 0; v < kind->group / s->dim; v++)
        out->point[first / s->dim + v] = picks[best].point[v];
    for (unsigned i = 0; i < kind->group / 8; i++)
        out->delta[first / 8 + i] = picks[best].delta[i];
    return picks[best].cost;
}

/* d by least squares for what was chosen. */
static float refit(const struct iq_fit *out, const struct iq_search *s, const float *x,
                   const float *w)
{
    const struct iq_kind *kind = s->kind;
    double xv = 0, vv = 0;

    for (unsigned e = 0; e < ELEMENTS; e++) {
        uint8_t byte = byte_of(kind, out->point[e / s->dim], e % s->dim);
        float multiple = kind->first + kind->step * (float)out->multiple[e / kind->group];
        float delta = kind->delta_group == 0 ? 0 : out->delta[e / 8] ? -DELTA : DELTA;
        double v = (double)(multiple * (value_of(kind, byte) + delta));

        xv += (double)w[e] * (double)x[e] * v;
        vv += (double)w[e] * v * v;
    }
    return vv > 0 && xv > 0 ? fit_half((float)(xv / vv)) : out->d;
}

void iq_fit_block(struct iq_fit *out, const struct iq_search *s, const struct fit *f)
{
    const struct iq_kind *kind = s->kind;
    unsigned n_group = ELEMENTS / kind->group;
    float x[FIT_MAX], wishes[16], largest = 0, best = INFINITY;
    struct iq_fit now;

    memset(&now, 0, sizeof(now));
    split_signs(&now, f, kind->signs, x);
    for (unsigned g = 0; g < n_group; g++) {
        wishes[g] = free_scale(s, x + g * kind->group, f->w + g * kind->group);
        largest = wishes[g] > largest ? wishes[g] : largest;
    }
    now.d = fit_half(largest / (kind->first + kind->step * (float)(kind->n_multiple - 1)));
    *out = now;
    for (unsigned round = 0; round < ROUNDS; round++) {
        float cost = 0;

        for (unsigned g = 0; g < n_group; g++)
            cost += choose(&now, s, x, f->w, wishes[g], g);
        if (cost < best) {
            best = cost;
            *out = now;
        }
        now.d = refit(&now, s, x, f->w);
    }
}
