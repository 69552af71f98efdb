/* Helpers on AVX-512 registers for the integer products: sums of products with and without VNNI,
 * and turning rows into lanes. */
#ifndef COMPUTE_CPU_X86_REGS_512_H
#define COMPUTE_CPU_X86_REGS_512_H

#include <immintrin.h>
#include <stdint.h>

#include "base/attr.h"

/* Sums products of unsigned and signed bytes by fours. Without VNNI w must stay below 128. */
static ATTR_INLINE __m512i dot_4(__m512i acc, __m512i w, __m512i x)
{
#if defined(__AVX512VNNI__)
    return _mm512_dpbusd_epi32(acc, w, x);
#else
    __m512i pairs = _mm512_maddubs_epi16(w, x);

    return _mm512_add_epi32(acc, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#endif
}

static ATTR_INLINE __m512i dot_2(__m512i acc, __m512i w, __m512i x)
{
#if defined(__AVX512VNNI__)
    return _mm512_dpwssd_epi32(acc, w, x);
#else
    return _mm512_add_epi32(acc, _mm512_madd_epi16(w, x));
#endif
}

/* 16 x 16 words of four bytes: out[i] gets word i of every row. */
static ATTR_INLINE void transpose_16(const uint8_t *rows, size_t stride, uint8_t *out)
{
    __m512i a[16], b[16];

    UNROLL
    for (unsigned i = 0; i < 16; i++)
        a[i] = _mm512_loadu_si512(rows + i * stride);
    UNROLL
    for (unsigned i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    UNROLL
    for (unsigned i = 0; i < 16; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        __m512i even_lo = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
        __m512i odd_lo = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
        __m512i even_hi = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
        __m512i odd_hi = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);

        _mm512_storeu_si512(out + 64 * i, _mm512_shuffle_i32x4(even_lo, even_hi, 0x88));
        _mm512_storeu_si512(out + 64 * (i + 4), _mm512_shuffle_i32x4(odd_lo, odd_hi, 0x88));
        _mm512_storeu_si512(out + 64 * (i + 8), _mm512_shuffle_i32x4(even_lo, even_hi, 0xdd));
        _mm512_storeu_si512(out + 64 * (i + 12), _mm512_shuffle_i32x4(odd_lo, odd_hi, 0xdd));
    }
}

#endif
