/* Reading blocks of grid points and ternary blocks into registers: linear_256.h for the types of
 * unpack_iq.h. Points come from the grids by plain loads, which processors of both kinds do faster
 * than a gather. */
#ifndef COMPUTE_CPU_X86_LINEAR_IQ_H
#define COMPUTE_CPU_X86_LINEAR_IQ_H

#include "compute/cpu/unpack_iq.h"
#include "compute/cpu/x86/linear_256.h"

/* Sets the eighth bit of bytes below 128 where it makes the number of ones even. */
static ATTR_INLINE __m256i even_signs(__m256i seven)
{
    const __m256i odd = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -128, -128, 0, -128, 0, 0, -128, -128, 0, 0, -128, 0, -128, -128, 0));
    const __m256i low = _mm256_set1_epi8(15);
    __m256i folded = _mm256_xor_si256(seven, _mm256_srli_epi16(seven, 4));

    return _mm256_or_si256(seven, _mm256_shuffle_epi8(odd, _mm256_and_si256(folded, low)));
}

/* Words of four bytes with 4 x 7 bits at the bottom, as bytes of signs. */
static ATTR_INLINE __m256i signs_4x7(__m256i rest)
{
    __m256i v = _mm256_and_si256(rest, _mm256_set1_epi32(0x7f));

    v = _mm256_or_si256(v, _mm256_and_si256(_mm256_slli_epi32(rest, 1), _mm256_set1_epi32(0x7f00)));
    v = _mm256_or_si256(v,
                        _mm256_and_si256(_mm256_slli_epi32(rest, 2), _mm256_set1_epi32(0x7f0000)));
    v = _mm256_or_si256(
        v, _mm256_and_si256(_mm256_slli_epi32(rest, 3), _mm256_set1_epi32(0x7f000000)));
    return even_signs(v);
}

/* Register i of magnitudes with the signs of word i, plus the bias. */
static ATTR_INLINE __m256i apply_signs(__m256i v, __m256i signs, unsigned i, unsigned bias)
{
    const __m256i byte =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201U);
    __m256i s = _mm256_permutevar8x32_epi32(signs, _mm256_set1_epi32((int)i));
    __m256i all = _mm256_set1_epi8((char)bias), negative;

    s = _mm256_shuffle_epi8(s, byte);
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    (void)negative;
    return _mm256_mask_sub_epi8(_mm256_add_epi8(all, v), _mm256_test_epi8_mask(s, bit), all, v);
#else
    negative = _mm256_cmpeq_epi8(_mm256_and_si256(s, bit), bit);
    return _mm256_sub_epi8(_mm256_add_epi8(all, _mm256_xor_si256(v, negative)), negative);
#endif
}

static ATTR_INLINE __m256i points_8(const uint64_t *grid, unsigned a, unsigned b, unsigned c,
                                    unsigned d)
{
    return _mm256_setr_epi64x((long long)grid[a], (long long)grid[b], (long long)grid[c],
                              (long long)grid[d]);
}

/* Eight points of four. */
static ATTR_INLINE __m256i points_4(const uint32_t *grid, const uint16_t at[8])
{
    return _mm256_setr_epi32((int)grid[at[0]], (int)grid[at[1]], (int)grid[at[2]], (int)grid[at[3]],
                             (int)grid[at[4]], (int)grid[at[5]], (int)grid[at[6]],
                             (int)grid[at[7]]);
}

static ATTR_INLINE __m256i points_bytes(const uint32_t *grid, const uint8_t *qs)
{
    const uint16_t at[8] = { qs[0], qs[1], qs[2], qs[3], qs[4], qs[5], qs[6], qs[7] };

    return points_4(grid, at);
}

/* Sixteen numbers of points: bytes, and a ninth bit of each. */
static ATTR_INLINE void ninth_bits(const uint8_t qs[16], const uint8_t high[2], uint16_t at[16])
{
    const __m256i bit = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,
                                          8192, 16384, -32768);
    __m256i bits = _mm256_and_si256(_mm256_set1_epi16((int16_t)load_u16(high)), bit);
    __m256i ninth = _mm256_and_si256(_mm256_cmpeq_epi16(bits, bit), _mm256_set1_epi16(256));
    __m256i low = _mm256_cvtepu8_epi16(load_128(qs));

    _mm256_storeu_si256((__m256i *)(void *)at, _mm256_or_si256(low, ninth));
}

/* Eight scales, a word for each group of 32. */
static ATTR_INLINE void set_scales_32(__m128i words, unsigned bias, struct regs_256 *r)
{
    r->sc = _mm256_broadcastsi128_si256(words);
    r->off = _mm256_zextsi128_si256(_mm_mullo_epi16(words, _mm_set1_epi16((int16_t)bias)));
}

/* 2 * code + 1 of eight words of four bytes that have the code on top. */
static ATTR_INLINE void set_top_scales(__m256i rest, unsigned bias, struct regs_256 *r)
{
    __m256i top = _mm256_srli_epi32(rest, 28);
    __m128i code = _mm_packs_epi32(_mm256_castsi256_si128(top), _mm256_extracti128_si256(top, 1));

    set_scales_32(_mm_add_epi16(_mm_add_epi16(code, code), _mm_set1_epi16(1)), bias, r);
}

/* Nibbles of eight bytes, one for each group of 16. */
static ATTR_INLINE void set_nibble_scales(const uint8_t scales[8], struct regs_256 *r)
{
    __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)scales);
    __m128i code = _mm_and_si128(_mm_unpacklo_epi8(v, _mm_srli_epi16(v, 4)), _mm_set1_epi8(15));
    __m128i odd = _mm_add_epi8(_mm_add_epi8(code, code), _mm_set1_epi8(1));

    load_scales_16(odd, r);
    r->off = _mm256_slli_epi16(_mm256_cvtepi8_epi16(odd), 6);
}

static ATTR_INLINE void load_iq2_xxs(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq2_xxs *b = (const struct block_iq2_xxs *)(const void *)block;
    const __m256i order = _mm256_setr_epi32(1, 3, 5, 7, 0, 2, 4, 6);
    __m256i v0 = _mm256_permutevar8x32_epi32(load_256(b->qs), order);
    __m256i v1 = _mm256_permutevar8x32_epi32(load_256(b->qs + 16), order);
    __m256i rest = _mm256_permute2x128_si256(v0, v1, 0x20), signs = signs_4x7(rest);

    static_assert(BIAS_IQ2 == 64, "shifts stand for products with the bias");
    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *at = block + 2 + 8 * i;

        r->q[i] =
            apply_signs(points_8(iq2_xxs_grid, at[0], at[1], at[2], at[3]), signs, i, BIAS_IQ2);
    }
    set_top_scales(rest, BIAS_IQ2, r);
    r->d = load_u16(&b->d);
}

static ATTR_INLINE void load_iq2_xs(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq2_xs *b = (const struct block_iq2_xs *)(const void *)block;
    __m256i seven = _mm256_packus_epi16(_mm256_srli_epi16(load_256(b->qs), 9),
                                        _mm256_srli_epi16(load_256(b->qs + 16), 9));
    __m256i signs = even_signs(_mm256_permute4x64_epi64(seven, 0xd8));

    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        const uint16_t *qs = b->qs + 4 * i;

        r->q[i] = apply_signs(
            points_8(iq2_xs_grid, qs[0] & 511U, qs[1] & 511U, qs[2] & 511U, qs[3] & 511U), signs, i,
            BIAS_IQ2);
    }
    set_nibble_scales(b->scales, r);
    r->d = load_u16(&b->d);
}

static ATTR_INLINE void load_iq2_s(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq2_s *b = (const struct block_iq2_s *)(const void *)block;
    __m256i signs = load_256(b->qs + 32);

    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *qs = b->qs + 4 * i;
        unsigned h = b->qh[i];

        r->q[i] =
            apply_signs(points_8(iq2_s_grid, qs[0] | (h << 8 & 0x300U), qs[1] | (h << 6 & 0x300U),
                                 qs[2] | (h << 4 & 0x300U), qs[3] | (h << 2 & 0x300U)),
                        signs, i, BIAS_IQ2);
    }
    set_nibble_scales(b->scales, r);
    r->d = load_u16(&b->d);
}

static ATTR_INLINE void load_iq3_xxs(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq3_xxs *b = (const struct block_iq3_xxs *)(const void *)block;
    __m256i rest = load_256(b->qs + 64), signs = signs_4x7(rest);

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        r->q[i] = apply_signs(points_bytes(iq3_xxs_grid, b->qs + 8 * i), signs, i, BIAS_IQ3_X);
    set_top_scales(rest, BIAS_IQ3_X, r);
    r->d = load_u16(&b->d);
}

static ATTR_INLINE void load_iq3_s(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq3_s *b = (const struct block_iq3_s *)(const void *)block;
    __m256i signs = load_256(b->signs);
    __m128i v = _mm_cvtsi32_si128((int)load_u32(b->scales)), code;

    UNROLL
    for (unsigned i = 0; i < 8; i += 2) {
        uint16_t at[16];

        ninth_bits(b->qs + 8 * i, b->qh + i, at);
        r->q[i] = apply_signs(points_4(iq3_s_grid, at), signs, i, BIAS_IQ3_S);
        r->q[i + 1] = apply_signs(points_4(iq3_s_grid, at + 8), signs, i + 1, BIAS_IQ3_S);
    }
    code = _mm_and_si128(_mm_unpacklo_epi8(v, _mm_srli_epi16(v, 4)), _mm_set1_epi8(15));
    code = _mm_cvtepu8_epi16(_mm_add_epi8(_mm_add_epi8(code, code), _mm_set1_epi8(1)));
    set_scales_32(code, BIAS_IQ3_S, r);
    r->d = load_u16(&b->d);
}

/* Eighths of -1, 0, 1, moved. */
static ATTR_INLINE __m256i eighths(__m256i point, __m256i moved)
{
    __m256i v = _mm256_and_si256(_mm256_slli_epi16(point, 3), _mm256_set1_epi8(-8));

    return _mm256_add_epi8(v, moved);
}

static ATTR_INLINE void load_iq1_s(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq1_s *b = (const struct block_iq1_s *)(const void *)block;
    __m128i code = _mm_srli_epi16(load_128(b->qh), 11);

    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *qs = b->qs + 4 * i;
        unsigned h = b->qh[i], moved = h >> 15 ? BIAS_IQ1 - 1 : BIAS_IQ1 + 1;

        r->q[i] = eighths(points_8(iq1_grid, qs[0] | (h << 8 & 0x700U), qs[1] | (h << 5 & 0x700U),
                                   qs[2] | (h << 2 & 0x700U), qs[3] | (h >> 1 & 0x700U)),
                          _mm256_set1_epi8((char)moved));
    }
    code = _mm_or_si128(_mm_and_si128(code, _mm_set1_epi16(14)), _mm_set1_epi16(1));
    set_scales_32(code, BIAS_IQ1, r);
    r->d = load_u16(&b->d);
}

/* The sign of delta is the top bit of a nibble for each point. */
static ATTR_INLINE void load_iq1_m(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq1_m *b = (const struct block_iq1_m *)(const void *)block;
    uint64_t sc;
    uint8_t odd[16];
    __m128i scales;

    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *qs = b->qs + 4 * i;
        unsigned h = b->qh[2 * i] | (unsigned)b->qh[2 * i + 1] << 8;
        const __m256i bit = _mm256_setr_epi64x(8, 0x80, 0x800, 0x8000);
        __m256i down = _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(h), bit), bit);
        __m256i moved =
            _mm256_add_epi8(_mm256_set1_epi8((char)(BIAS_IQ1 + 1)), _mm256_add_epi8(down, down));

        r->q[i] = eighths(points_8(iq1_grid, qs[0] | (h << 8 & 0x700U), qs[1] | (h << 4 & 0x700U),
                                   qs[2] | (h & 0x700U), qs[3] | (h >> 4 & 0x700U)),
                          moved);
    }
    memcpy(&sc, b->scales, sizeof(sc));
    for (unsigned g = 0; g < 16; g++)
        odd[g] = (uint8_t)(2U * ((unsigned)(sc >> (16 * (g / 4) + 3 * (g % 4))) & 7U) + 1U);
    scales = load_128(odd);
    load_scales_16(scales, r);
    r->off = _mm256_mullo_epi16(_mm256_cvtepi8_epi16(scales), _mm256_set1_epi16(BIAS_IQ1));
    r->d = unpack_iq1_m_d(b->scales);
}

static ATTR_INLINE void load_tq2_0(const uint8_t *block, struct regs_256 *r)
{
    const struct block_tq2_0 *b = (const struct block_tq2_0 *)(const void *)block;
    const __m256i two = _mm256_set1_epi8(3);

    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256i v = load_256(b->qs + 32 * h);

        UNROLL
        for (unsigned s = 0; s < 4; s++)
            r->q[4 * h + s] = _mm256_and_si256(_mm256_srli_epi16(v, 2 * (int)s), two);
    }
    set_scales_32(_mm_set1_epi16(1), BIAS_TQ, r);
    r->d = load_u16(&b->d);
}

/* 3 * v >> 8 of bytes: 1 from 86 on, 2 from 171 on. */
static ATTR_INLINE __m256i top_digit(__m256i v)
{
    __m256i one = _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi8(86)), v);
    __m256i two = _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi8((char)171)), v);

    return _mm256_sub_epi8(_mm256_setzero_si256(), _mm256_add_epi8(one, two));
}

static ATTR_INLINE __m256i times_3(__m256i v)
{
    return _mm256_add_epi8(v, _mm256_add_epi8(v, v));
}

/* Both halves of v times 1 and 3; four bytes times 1, 3, 9, 27. */
static ATTR_INLINE void load_tq1_0(const uint8_t *block, struct regs_256 *r)
{
    const struct block_tq1_0 *b = (const struct block_tq1_0 *)(const void *)block;
    const __m256i powers = _mm256_setr_epi16(1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27);
    __m256i v = load_256(b->qs), w = _mm256_broadcastsi128_si256(load_128(b->qs + 32)), last;

    UNROLL
    for (unsigned i = 0; i < 5; i++) {
        r->q[i] = top_digit(v);
        v = times_3(v);
    }
    w = _mm256_blend_epi32(w, times_3(w), 0xf0);
    r->q[5] = top_digit(w);
    w = times_3(times_3(w));
    r->q[6] = top_digit(w);
    w = times_3(times_3(w));
    last = _mm256_cvtepu8_epi16(_mm_set1_epi32((int)load_u32(b->qh)));
    last = _mm256_and_si256(_mm256_mullo_epi16(last, powers), _mm256_set1_epi16(255));
    last = _mm256_permute4x64_epi64(_mm256_packus_epi16(last, last), 0x88);
    r->q[7] = top_digit(_mm256_blend_epi32(w, last, 0xf0));
    set_scales_32(_mm_set1_epi16(1), BIAS_TQ, r);
    r->d = load_u16(&b->d);
}

/* clang-format off */
static const struct kind_256 ATTR_UNUSED
    kind_iq2_xxs = { sizeof(struct block_iq2_xxs), false, true,  false, 1, UNIT_IQ2 },
    kind_iq2_xs  = { sizeof(struct block_iq2_xs),  false, false, false, 1, UNIT_IQ2 },
    kind_iq2_s   = { sizeof(struct block_iq2_s),   false, false, false, 1, UNIT_IQ2 },
    kind_iq3_xxs = { sizeof(struct block_iq3_xxs), false, true,  false, 1, UNIT_IQ3_X },
    kind_iq3_s   = { sizeof(struct block_iq3_s),   false, true,  false, 4, 1.0F },
    kind_iq1_s   = { sizeof(struct block_iq1_s),   false, true,  false, 4, UNIT_IQ1 },
    kind_iq1_m   = { sizeof(struct block_iq1_m),   false, false, false, 4, UNIT_IQ1 },
    kind_tq1_0   = { sizeof(struct block_tq1_0),   false, true,  false, 8, 1.0F },
    kind_tq2_0   = { sizeof(struct block_tq2_0),   false, true,  false, 8, 1.0F };
/* clang-format on */

#endif
