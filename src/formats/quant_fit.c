/* Least-squares fits. Candidates for the scale are tried from "the largest value just fits" to
 * "large values are cut off", each gets its best factor by least squares, the smallest error wins.
 * Sums run in eight lanes so that compilers vectorise them without reordering anything. */
#include "formats/quant_fit.h"

#include <math.h>

#include "base/attr.h"
#include "formats/dtype.h"

#define HALF_MAX   65504.0F
#define WEIGHT_MAX 1e12F
#define TINY       1e-30F
#define LANES      8U

void fit_load(struct fit *f, const float *in, const float *importance, unsigned n)
{
    bool any = false;

    for (unsigned i = 0; i < n; i++) {
        float x = in[i] == in[i] ? in[i] : 0;
        float w = importance ? importance[i] : 1;

        x = x > HALF_MAX ? HALF_MAX : x;
        f->x[i] = x < -HALF_MAX ? -HALF_MAX : x;
        w = w >= 0 ? w : 0;
        f->w[i] = w > WEIGHT_MAX ? WEIGHT_MAX : w;
        any = any || f->w[i] > 0;
    }
    for (unsigned i = 0; !any && i < n; i++)
        f->w[i] = 1;
}

uint16_t fit_to_f16(float d)
{
    d = d > HALF_MAX ? HALF_MAX : d;
    return f32_to_f16(d < -HALF_MAX ? -HALF_MAX : d);
}

float fit_half(float d)
{
    return f16_to_f32(fit_to_f16(d));
}

float fit_inverse(float d)
{
    return fabsf(d) < TINY ? 0 : 1 / d;
}

static float total(const float lanes[LANES])
{
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
           ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/* Codes beyond this multiple of the range cannot round wrongly, but overflow fit_code's trick. */
static float inverse_in_range(float d, const float *x, unsigned n)
{
    float largest = 0, inverse = fit_inverse(d);

    for (unsigned i = 0; i < n; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    if (largest * fabsf(inverse) > 1e6F)
        inverse = (inverse < 0 ? -1e6F : 1e6F) / largest;
    return inverse;
}

struct sums {
    float q, qq, xq;
};

/* Weighted sums over the codes of (x - m) * inverse. */
static struct sums sum_codes(const float *x, const float *w, unsigned n, const float range[2],
                             struct fit_line t)
{
    float sq[LANES] = { 0 }, sqq[LANES] = { 0 }, sxq[LANES] = { 0 };

    for (unsigned i = 0; i < n; i += LANES) {
        for (unsigned l = 0; l < LANES; l++) {
            float q = fit_code((x[i + l] - t.m) * t.d, range[0], range[1]);
            float wq = w[i + l] * q;

            sq[l] += wq;
            sqq[l] += wq * q;
            sxq[l] += wq * x[i + l];
        }
    }
    return (struct sums){ total(sq), total(sqq), total(sxq) };
}

/* How far beyond "the largest value just fits" it pays to go: the fewer codes, the further. */
static float reach(float codes)
{
    return codes < 3 ? 4.0F : codes < 6 ? 1.9F : codes < 12 ? 1.4F : codes < 40 ? 1.2F : 1.05F;
}

/* Tries largest -> side * factor; keeps the best d in *d and how much it explains in *best. */
static void try_side(const float *x, const float *w, unsigned n, const float range[2],
                     const float side_of[2], float *d, float *best)
{
    enum { STEPS = 12 };
    float side = side_of[0], largest = side_of[1];
    float first = 0.9F, step = (reach(fabsf(range[1])) - first) / (STEPS - 1);

    for (unsigned k = 0; k < STEPS; k++) {
        struct fit_line t = { side * (first + step * (float)k) / largest, 0 };
        struct sums s = sum_codes(x, w, n, range, t);

        if (s.qq > 0 && s.xq * s.xq > *best * s.qq) {
            *best = s.xq * s.xq / s.qq;
            *d = s.xq / s.qq;
        }
    }
}

float fit_scale(const float *x, const float *w, unsigned n, float lo, float hi)
{
    const float range[2] = { lo, hi };
    float largest = 0, d = 0, best = 0;

    for (unsigned i = 0; i < n; i++)
        largest = fabsf(x[i]) > fabsf(largest) ? x[i] : largest;
    if (fabsf(largest) < TINY)
        return 0;
    d = largest / (-lo > hi ? lo : hi);
    try_side(x, w, n, range, (float[2]){ lo, largest }, &d, &best);
    /* The other sign of d: with few codes the side with one code more matters. */
    if (lo != -hi && hi < 20)
        try_side(x, w, n, range, (float[2]){ hi, largest }, &d, &best);
    return d;
}

float fit_scale_error(const float *x, const float *w, unsigned n, const float range[2], float d,
                      float *q)
{
    float inverse = inverse_in_range(d, x, n), error[LANES] = { 0 };

    for (unsigned i = 0; i < n; i += LANES) {
        for (unsigned l = 0; l < LANES; l++) {
            float code = fit_code(x[i + l] * inverse, range[0], range[1]);
            float gap = x[i + l] - d * code;

            error[l] += w[i + l] * gap * gap;
            if (q)
                q[i + l] = code;
        }
    }
    return total(error);
}

/* The best line for given codes, and what it explains: of sum(w x^2), this much disappears. */
static float solve(const struct sums *s, float sw, float sx, bool m_negative, struct fit_line *line)
{
    float det = sw * s->qq - s->q * s->q;

    if (s->qq <= 0)
        return -1;
    if (det > 1e-6F * sw * s->qq) {
        line->d = (sw * s->xq - sx * s->q) / det;
        line->m = (s->qq * sx - s->q * s->xq) / det;
    }
    if (det <= 1e-6F * sw * s->qq || (m_negative && line->m > 0))
        *line = (struct fit_line){ s->xq / s->qq, 0 };
    return line->d > 0 ? line->d * s->xq + line->m * sx : -1;
}

struct fit_line fit_min(const struct fit *f, unsigned first, unsigned n, float hi, bool m_negative)
{
    enum { STEPS = 12, ROUNDS = 2 };
    const float *x = f->x + first, *w = f->w + first, range[2] = { 0, hi };
    float low = x[0], high = x[0], sw = 0, sx = 0, best = -1;
    struct fit_line line, kept;
    struct sums s;

    for (unsigned i = 0; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
        sw += w[i];
        sx += w[i] * x[i];
    }
    low = m_negative && low > 0 ? 0 : low;
    if (high - low < TINY)
        return (struct fit_line){ 0, low };
    kept = (struct fit_line){ (high - low) / hi, low };
    for (unsigned k = 0; k < STEPS + ROUNDS; k++) {
        float over = reach(hi) - 0.9F;
        struct fit_line t = { hi * (0.9F + over * (float)k / (STEPS - 1)) / (high - low), low };

        if (k >= STEPS) /* then from the best so far, whose minimum has moved */
            t = (struct fit_line){ fit_inverse(kept.d), kept.m };
        else if (k % 2) /* every other one also cuts off at the low end */
            t.m += (high - low - hi / t.d) / 2;
        t.m = m_negative && t.m > 0 ? 0 : t.m;
        s = sum_codes(x, w, n, range, t);
        line = (struct fit_line){ 0, 0 };
        over = solve(&s, sw, sx, m_negative, &line);
        if (over > best) {
            best = over;
            kept = line;
        }
    }
    return kept;
}

float fit_min_error(const struct fit *f, unsigned first, unsigned n, float hi, struct fit_line line,
                    float *q)
{
    const float *x = f->x + first, *w = f->w + first;
    float inverse = inverse_in_range(line.d, x, n), error[LANES] = { 0 };

    for (unsigned i = 0; i < n; i += LANES) {
        for (unsigned l = 0; l < LANES; l++) {
            float code = fit_code((x[i + l] - line.m) * inverse, 0, hi);
            float gap = x[i + l] - (line.d * code + line.m);

            error[l] += w[i + l] * gap * gap;
            if (q)
                q[i + l] = code;
        }
    }
    return total(error);
}

unsigned fit_nearest(const float *values, unsigned n_value, float v)
{
    unsigned q = 0;

    for (unsigned i = 0; i + 1 < n_value; i++)
        q += v > (values[i] + values[i + 1]) * 0.5F;
    return q;
}
