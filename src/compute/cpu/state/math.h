/* Functions of one number that the recurrent ops share. Plain C that compilers vectorise: a result
 * does not depend on where in a vector its number stood. */
#ifndef COMPUTE_CPU_STATE_MATH_H
#define COMPUTE_CPU_STATE_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

/* exp(x) to 2 ulp; 0 below -87, exp(88) above 88; NaN stays. x = n ln 2 + r, the series of exp(r)
 * to r^7; adding 1.5 * 2^23 leaves the rounded n in the low bits of the sum. */
static inline ATTR_UNUSED float state_exp(float x)
{
    float y = x > 88.0F ? 88.0F : x, shifted, n, r, p, scale;
    uint32_t bits;

    y = y < -87.0F ? -87.0F : y;
    shifted = y * 1.44269504F + 12582912.0F;
    n = shifted - 12582912.0F;
    r = (y - n * 0.693359375F) +
        n * 2.12194440e-4F; /* ln 2 in two parts: n times the first is exact */
    p = r * (1.0F / 5040) + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    memcpy(&bits, &shifted, sizeof(bits));
    bits = (bits - 0x4b400000U + 127U) << 23;
    memcpy(&scale, &bits, sizeof(scale));
    return x < -87.0F ? 0.0F : p * scale;
}

/* ln(1 + exp(x)) to a few ulp. With u = exp(-|x|): max(x, 0) + ln(1 + u), and ln(1 + u) = 2
 * artanh(z), z = u / (2 + u) <= 1/3, by its series to z^15. */
static inline ATTR_UNUSED float state_softplus(float x)
{
    float u = state_exp(x > 0 ? -x : x), z = u / (2.0F + u), w = z * z, p;

    p = w * (1.0F / 15) + 1.0F / 13;
    p = p * w + 1.0F / 11;
    p = p * w + 1.0F / 9;
    p = p * w + 1.0F / 7;
    p = p * w + 1.0F / 5;
    p = p * w + 1.0F / 3;
    p = p * w + 1.0F;
    return (x > 0 ? x : 0.0F) + 2.0F * z * p;
}

/* Sum of 16 lanes, in a fixed tree. */
static inline ATTR_UNUSED float state_lanes_sum(float lane[16])
{
    for (uint32_t half = 8; half > 0; half /= 2)
        for (uint32_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

#endif
