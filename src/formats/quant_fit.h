/* Least-squares fits that the quantisers share; private to formats/.
 *
 * Everywhere the error that is made small is sum(w * (x - y)^2) with the importance weights w, or
 * w = 1 without them. Codes are kept as floats: all arithmetic on them is exact. */
#ifndef FORMATS_QUANT_FIT_H
#define FORMATS_QUANT_FIT_H

#include <stdbool.h>
#include <stdint.h>

#define FIT_MAX 256U /* elements of the largest block */

/* Values and weights of one block, made safe: NaN becomes 0, magnitudes beyond the largest half
 * float (infinity too) become that, weights that are no finite numbers >= 0 become 0, and weights
 * that are all 0 become 1. */
struct fit {
    float x[FIT_MAX];
    float w[FIT_MAX];
};
void fit_load(struct fit *f, const float *in, const float *importance, unsigned n);

/* v rounded to a whole number (ties to even) within lo .. hi; |v| < 2^22. */
static inline float fit_code(float v, float lo, float hi)
{
    float r = (v + 12582912.0F) - 12582912.0F;

    r = r < lo ? lo : r;
    return r > hi ? hi : r;
}

/* The value that a half float keeps of d; stays finite. */
float fit_half(float d);
uint16_t fit_to_f16(float d);

/* 1 / d, or 0 when d is 0 or so small that the quotient is of no use. */
float fit_inverse(float d);

/* d of x = d * q with whole q in lo .. hi, lo < 0 < hi; d may be negative. n: a multiple of 8. */
float fit_scale(const float *x, const float *w, unsigned n, float lo, float hi);

/* The sum of w * (x - d * q)^2 with q the best codes for d, which go to q unless it is NULL. */
float fit_scale_error(const float *x, const float *w, unsigned n, const float range[2], float d,
                      float *q);

/* d >= 0 and m of x = d * q + m with whole q in 0 .. hi; with m_negative, m <= 0. */
struct fit_line {
    float d, m;
};
struct fit_line fit_min(const struct fit *f, unsigned first, unsigned n, float hi, bool m_negative);

/* As fit_scale_error. */
float fit_min_error(const struct fit *f, unsigned first, unsigned n, float hi, struct fit_line line,
                    float *q);

/* Codes of sixteen (or fewer) rising values: index of the nearest to v. */
unsigned fit_nearest(const float *values, unsigned n_value, float v);

#endif
