/* Sixteen floats: one AVX-512 register, or two of AVX2. The same operations in both, rounded the
 * same way, so that what is written with them gives the same bits on both.
 *
 * Included by instruction-set files only; each compiles its own copy. */
#ifndef COMPUTE_CPU_X86_V16_H
#define COMPUTE_CPU_X86_V16_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

#if defined(__AVX512F__)

typedef __m512 v16;
typedef struct {
    __m512d a, b;
} v16d;

#define V16_LOW(n) ((__mmask16)((1U << (n)) - 1U))

static ATTR_INLINE v16 v16_set(float x)
{
    return _mm512_set1_ps(x);
}
static ATTR_INLINE v16 v16_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
/* n < 16: the rest are zeros, and are not touched in memory. */
static ATTR_INLINE v16 v16_load_n(const float *p, uint32_t n)
{
    return _mm512_maskz_loadu_ps(V16_LOW(n), p);
}
static ATTR_INLINE void v16_store(float *p, v16 x)
{
    _mm512_storeu_ps(p, x);
}
static ATTR_INLINE void v16_store_n(float *p, v16 x, uint32_t n)
{
    _mm512_mask_storeu_ps(p, V16_LOW(n), x);
}
static ATTR_INLINE v16 v16_load_f16(const uint16_t *p)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
static ATTR_INLINE v16 v16_load_bf16(const uint16_t *p)
{
    __m512i v = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));

    return _mm512_castsi512_ps(_mm512_slli_epi32(v, 16));
}
static ATTR_INLINE void v16_store_f16(uint16_t *p, v16 x)
{
    _mm256_storeu_si256((__m256i *)(void *)p,
                        _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
static ATTR_INLINE v16 v16_add(v16 x, v16 y)
{
    return _mm512_add_ps(x, y);
}
static ATTR_INLINE v16 v16_sub(v16 x, v16 y)
{
    return _mm512_sub_ps(x, y);
}
static ATTR_INLINE v16 v16_mul(v16 x, v16 y)
{
    return _mm512_mul_ps(x, y);
}
static ATTR_INLINE v16 v16_div(v16 x, v16 y)
{
    return _mm512_div_ps(x, y);
}
/* x * y + z, c - x * y */
static ATTR_INLINE v16 v16_fma(v16 x, v16 y, v16 z)
{
    return _mm512_fmadd_ps(x, y, z);
}
static ATTR_INLINE v16 v16_fnma(v16 x, v16 y, v16 z)
{
    return _mm512_fnmadd_ps(x, y, z);
}
/* y when either is NaN */
static ATTR_INLINE v16 v16_min(v16 x, v16 y)
{
    return _mm512_min_ps(x, y);
}
static ATTR_INLINE v16 v16_max(v16 x, v16 y)
{
    return _mm512_max_ps(x, y);
}
static ATTR_INLINE v16 v16_abs(v16 x)
{
    return _mm512_abs_ps(x);
}
/* magnitude of x, sign of s */
static ATTR_INLINE v16 v16_with_sign(v16 x, v16 s)
{
    return _mm512_or_ps(_mm512_abs_ps(x), _mm512_and_ps(s, _mm512_set1_ps(-0.0F)));
}
/* x < y ? a : b */
static ATTR_INLINE v16 v16_if_less(v16 x, v16 y, v16 a, v16 b)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_LT_OQ), b, a);
}
static ATTR_INLINE v16 v16_round(v16 x)
{
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/* x * 2^n for whole n in -127..128 */
static ATTR_INLINE v16 v16_scale_2(v16 x, v16 n)
{
    return _mm512_scalef_ps(x, n);
}
static ATTR_INLINE __m256 v16_low(v16 x)
{
    return _mm512_castps512_ps256(x);
}
static ATTR_INLINE __m256 v16_high(v16 x)
{
    return _mm512_extractf32x8_ps(x, 1);
}
static ATTR_INLINE v16d v16d_zero(void)
{
    return (v16d){ _mm512_setzero_pd(), _mm512_setzero_pd() };
}
static ATTR_INLINE v16d v16d_add(v16d s, v16 x)
{
    s.a = _mm512_add_pd(s.a, _mm512_cvtps_pd(v16_low(x)));
    s.b = _mm512_add_pd(s.b, _mm512_cvtps_pd(v16_high(x)));
    return s;
}
static ATTR_INLINE v16d v16d_add_square(v16d s, v16 x)
{
    __m512d a = _mm512_cvtps_pd(v16_low(x)), b = _mm512_cvtps_pd(v16_high(x));

    s.a = _mm512_fmadd_pd(a, a, s.a);
    s.b = _mm512_fmadd_pd(b, b, s.b);
    return s;
}
static ATTR_INLINE double v16d_sum(v16d s)
{
    __m512d v = _mm512_add_pd(s.a, s.b);
    __m256d q = _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1));
    __m128d h = _mm_add_pd(_mm256_castpd256_pd128(q), _mm256_extractf128_pd(q, 1));

    return _mm_cvtsd_f64(_mm_add_sd(h, _mm_unpackhi_pd(h, h)));
}

#else

typedef struct {
    __m256 a, b;
} v16;
typedef struct {
    __m256d a, b, c, d;
} v16d;

static ATTR_INLINE v16 v16_set(float x)
{
    return (v16){ _mm256_set1_ps(x), _mm256_set1_ps(x) };
}
static ATTR_INLINE v16 v16_load(const float *p)
{
    return (v16){ _mm256_loadu_ps(p), _mm256_loadu_ps(p + 8) };
}
/* n < 16: the rest are zeros, and are not touched in memory. */
static ATTR_INLINE v16 v16_load_n(const float *p, uint32_t n)
{
    float buf[16] = { 0 };

    memcpy(buf, p, n * sizeof(float));
    return v16_load(buf);
}
static ATTR_INLINE void v16_store(float *p, v16 x)
{
    _mm256_storeu_ps(p, x.a);
    _mm256_storeu_ps(p + 8, x.b);
}
static ATTR_INLINE void v16_store_n(float *p, v16 x, uint32_t n)
{
    float buf[16];

    v16_store(buf, x);
    memcpy(p, buf, n * sizeof(float));
}
static ATTR_INLINE v16 v16_load_f16(const uint16_t *p)
{
    return (v16){ _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p)),
                  _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(p + 8))) };
}
static ATTR_INLINE v16 v16_load_bf16(const uint16_t *p)
{
    __m256i a = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
    __m256i b = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(p + 8)));

    return (v16){ _mm256_castsi256_ps(_mm256_slli_epi32(a, 16)),
                  _mm256_castsi256_ps(_mm256_slli_epi32(b, 16)) };
}
static ATTR_INLINE void v16_store_f16(uint16_t *p, v16 x)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_cvtps_ph(x.a, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)(void *)(p + 8), _mm256_cvtps_ph(x.b, _MM_FROUND_TO_NEAREST_INT));
}
static ATTR_INLINE v16 v16_add(v16 x, v16 y)
{
    return (v16){ _mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b) };
}
static ATTR_INLINE v16 v16_sub(v16 x, v16 y)
{
    return (v16){ _mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b) };
}
static ATTR_INLINE v16 v16_mul(v16 x, v16 y)
{
    return (v16){ _mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b) };
}
static ATTR_INLINE v16 v16_div(v16 x, v16 y)
{
    return (v16){ _mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b) };
}
/* x * y + z, c - x * y */
static ATTR_INLINE v16 v16_fma(v16 x, v16 y, v16 z)
{
    return (v16){ _mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b) };
}
static ATTR_INLINE v16 v16_fnma(v16 x, v16 y, v16 z)
{
    return (v16){ _mm256_fnmadd_ps(x.a, y.a, z.a), _mm256_fnmadd_ps(x.b, y.b, z.b) };
}
/* y when either is NaN */
static ATTR_INLINE v16 v16_min(v16 x, v16 y)
{
    return (v16){ _mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b) };
}
static ATTR_INLINE v16 v16_max(v16 x, v16 y)
{
    return (v16){ _mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b) };
}
static ATTR_INLINE v16 v16_abs(v16 x)
{
    __m256 sign = _mm256_set1_ps(-0.0F);

    return (v16){ _mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b) };
}
/* magnitude of x, sign of s */
static ATTR_INLINE v16 v16_with_sign(v16 x, v16 s)
{
    __m256 sign = _mm256_set1_ps(-0.0F);

    return (v16){ _mm256_or_ps(_mm256_andnot_ps(sign, x.a), _mm256_and_ps(sign, s.a)),
                  _mm256_or_ps(_mm256_andnot_ps(sign, x.b), _mm256_and_ps(sign, s.b)) };
}
/* x < y ? a : b */
static ATTR_INLINE v16 v16_if_less(v16 x, v16 y, v16 a, v16 b)
{
    return (v16){ _mm256_blendv_ps(b.a, a.a, _mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ)),
                  _mm256_blendv_ps(b.b, a.b, _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ)) };
}
static ATTR_INLINE v16 v16_round(v16 x)
{
    return (v16){ _mm256_round_ps(x.a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
                  _mm256_round_ps(x.b, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC) };
}
/* In two steps, because 2^128 is no float. */
static ATTR_INLINE __m256 v8_scale_2(__m256 x, __m256 n)
{
    const __m256i one = _mm256_set1_epi32(127);
    __m256i i = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(i, 1);
    __m256i rest = _mm256_sub_epi32(i, half);

    x = _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, one), 23)));
    return _mm256_mul_ps(x,
                         _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, one), 23)));
}
/* x * 2^n for whole n in -127..128 */
static ATTR_INLINE v16 v16_scale_2(v16 x, v16 n)
{
    return (v16){ v8_scale_2(x.a, n.a), v8_scale_2(x.b, n.b) };
}
static ATTR_INLINE __m256 v16_low(v16 x)
{
    return x.a;
}
static ATTR_INLINE __m256 v16_high(v16 x)
{
    return x.b;
}
static ATTR_INLINE v16d v16d_zero(void)
{
    __m256d z = _mm256_setzero_pd();

    return (v16d){ z, z, z, z };
}
static ATTR_INLINE v16d v16d_add(v16d s, v16 x)
{
    s.a = _mm256_add_pd(s.a, _mm256_cvtps_pd(_mm256_castps256_ps128(x.a)));
    s.b = _mm256_add_pd(s.b, _mm256_cvtps_pd(_mm256_extractf128_ps(x.a, 1)));
    s.c = _mm256_add_pd(s.c, _mm256_cvtps_pd(_mm256_castps256_ps128(x.b)));
    s.d = _mm256_add_pd(s.d, _mm256_cvtps_pd(_mm256_extractf128_ps(x.b, 1)));
    return s;
}
static ATTR_INLINE v16d v16d_add_square(v16d s, v16 x)
{
    __m256d a = _mm256_cvtps_pd(_mm256_castps256_ps128(x.a));
    __m256d b = _mm256_cvtps_pd(_mm256_extractf128_ps(x.a, 1));
    __m256d c = _mm256_cvtps_pd(_mm256_castps256_ps128(x.b));
    __m256d d = _mm256_cvtps_pd(_mm256_extractf128_ps(x.b, 1));

    s.a = _mm256_fmadd_pd(a, a, s.a);
    s.b = _mm256_fmadd_pd(b, b, s.b);
    s.c = _mm256_fmadd_pd(c, c, s.c);
    s.d = _mm256_fmadd_pd(d, d, s.d);
    return s;
}
static ATTR_INLINE double v16d_sum(v16d s)
{
    __m256d q = _mm256_add_pd(_mm256_add_pd(s.a, s.c), _mm256_add_pd(s.b, s.d));
    __m128d h = _mm_add_pd(_mm256_castpd256_pd128(q), _mm256_extractf128_pd(q, 1));

    return _mm_cvtsd_f64(_mm_add_sd(h, _mm_unpackhi_pd(h, h)));
}

#endif

static ATTR_INLINE v16 v16_load_f16_n(const uint16_t *p, uint32_t n)
{
    uint16_t buf[16] = { 0 };

    memcpy(buf, p, n * sizeof(*p));
    return v16_load_f16(buf);
}

static ATTR_INLINE v16 v16_load_bf16_n(const uint16_t *p, uint32_t n)
{
    uint16_t buf[16] = { 0 };

    memcpy(buf, p, n * sizeof(*p));
    return v16_load_bf16(buf);
}

/* Lanes in the tree of ref_lanes_sum. */
static ATTR_INLINE float v16_sum(v16 x)
{
    __m256 e = _mm256_add_ps(v16_low(x), v16_high(x));
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    __m128 h = _mm_add_ps(q, _mm_movehl_ps(q, q));

    return _mm_cvtss_f32(_mm_add_ss(h, _mm_movehdup_ps(h)));
}

/* x of which only n <= 16 elements may be touched */
static ATTR_INLINE v16 vec_load(const float *x, uint32_t n)
{
    return n >= 16 ? v16_load(x) : v16_load_n(x, n);
}

static ATTR_INLINE void vec_store(float *x, v16 v, uint32_t n)
{
    if (n >= 16)
        v16_store(x, v);
    else
        v16_store_n(x, v, n);
}

#endif
