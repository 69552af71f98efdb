/* Functions of sixteen floats: exp, sigmoid, tanh, erfc. The same operations, and so the same bits,
 * with AVX2 and AVX-512. */
#ifndef COMPUTE_CPU_X86_V16_MATH_H
#define COMPUTE_CPU_X86_V16_MATH_H

#include "compute/cpu/x86/v16.h"

/* e^x within 2 units in the last place; 0 below -87.33, infinity above 88.72, NaN for NaN.
 * x = n ln 2 + r; polynomial of Cephes for e^r. */
static ATTR_INLINE v16 v16_exp(v16 x)
{
    v16 bounded = v16_max(v16_set(-88.0F), v16_min(v16_set(89.0F), x));
    v16 n = v16_round(v16_mul(bounded, v16_set(1.44269504F)));
    v16 r = v16_fnma(n, v16_set(-2.12194440e-4F), v16_fnma(n, v16_set(0.693359375F), bounded));
    v16 p = v16_set(1.9875691500e-4F);

    p = v16_fma(p, r, v16_set(1.3981999507e-3F));
    p = v16_fma(p, r, v16_set(8.3334519073e-3F));
    p = v16_fma(p, r, v16_set(4.1665795894e-2F));
    p = v16_fma(p, r, v16_set(1.6666665459e-1F));
    p = v16_fma(p, r, v16_set(5.0000001201e-1F));
    p = v16_add(v16_fma(p, v16_mul(r, r), r), v16_set(1.0F));
    return v16_if_less(x, v16_set(-87.3365F), v16_set(0.0F), v16_scale_2(p, n));
}

/* 1 / (1 + e^-x) */
static ATTR_INLINE v16 v16_sigmoid(v16 x)
{
    v16 one = v16_set(1.0F);

    return v16_div(one, v16_add(one, v16_exp(v16_sub(v16_set(0.0F), x))));
}

/* Near zero a polynomial of Cephes, so that small values keep their precision. */
static ATTR_INLINE v16 v16_tanh(v16 x)
{
    v16 a = v16_abs(x), s = v16_mul(x, x), p = v16_set(-5.70498872745e-3F);
    v16 one = v16_set(1.0F);
    v16 e = v16_exp(v16_add(a, a));
    v16 large = v16_sub(one, v16_div(v16_set(2.0F), v16_add(e, one)));

    p = v16_fma(p, s, v16_set(2.06390887954e-2F));
    p = v16_fma(p, s, v16_set(-5.37397155531e-2F));
    p = v16_fma(p, s, v16_set(1.33314422036e-1F));
    p = v16_fma(p, s, v16_set(-3.33332819422e-1F));
    p = v16_fma(v16_mul(p, s), x, x);
    return v16_if_less(a, v16_set(0.625F), p, v16_with_sign(large, x));
}

/* erfc of x >= 0, absolute error below 2e-7 (Abramowitz and Stegun 7.1.26). */
static ATTR_INLINE v16 v16_erfc(v16 x)
{
    v16 one = v16_set(1.0F);
    v16 t = v16_div(one, v16_fma(x, v16_set(0.3275911F), one));
    v16 p = v16_set(1.061405429F);

    p = v16_fma(p, t, v16_set(-1.453152027F));
    p = v16_fma(p, t, v16_set(1.421413741F));
    p = v16_fma(p, t, v16_set(-0.284496736F));
    p = v16_fma(p, t, v16_set(0.254829592F));
    return v16_mul(v16_mul(p, t), v16_exp(v16_sub(v16_set(0.0F), v16_mul(x, x))));
}

#endif
