/* Super-block types with AVX2 registers: reading blocks, and the product with few tokens.
 *
 * Included by the AVX2 and the AVX-512 files, each compiling its own copy. The order of operations
 * is that of unpack.h; whole numbers may be summed in any order.
 *
 * A block becomes eight registers of unsigned elements in natural order, register i holding groups
 * 2i and 2i + 1 of 16 in its halves. Elements are below 128, so that a product of pairs fits 16
 * bits and saturation cannot happen; but see is_wide.
 */
#ifndef COMPUTE_CPU_X86_LINEAR_256_H
#define COMPUTE_CPU_X86_LINEAR_256_H

#include <immintrin.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/num.h"
#include "compute/cpu/kernels.h"
#include "compute/cpu/unpack.h"

#define PREFETCH_BYTES (16U * 1024U) /* ahead, at least: the time one line takes to come */

struct regs_256 {
    __m256i q[8];
    __m256i sc;  /* word i of the halves: scale of group 2i, of 2i + 1 */
    __m256i off; /* 16 words, or 8 and zeros when groups are of 32     */
    uint32_t d;  /* d, and dmin above it */
};

/* What distinguishes the super-block types at compile time. */
struct kind_256 {
    size_t block_bytes;
    bool has_min;   /* UNPACK_MIN                              */
    bool is_32;     /* groups of 32: off belongs to sum32      */
    bool is_wide;   /* elements plus 128, up to 255: pairs need their sign (dot_pairs) */
    uint32_t n_run; /* columns / 4 whose products with 127 fit 16 bits */
    float unit;     /* of the scales: d is multiplied by it             */
};

typedef void (*load_256_fn)(const uint8_t *block, struct regs_256 *r);

static ATTR_INLINE __m256i load_256(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

static ATTR_INLINE __m128i load_128(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

static ATTR_INLINE uint32_t load_u32(const void *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static ATTR_INLINE uint32_t load_u16(const void *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static ATTR_INLINE void load_scales_k4(const uint8_t *packed, struct regs_256 *r)
{
    uint8_t bytes[16];
    __m256i words;

    unpack_scales_k4(packed, bytes);
    words = _mm256_cvtepu8_epi16(load_128(bytes));
    r->sc = _mm256_permute4x64_epi64(words, 0x44);
    r->off = _mm256_zextsi128_si256(_mm256_extracti128_si256(words, 1));
}

static ATTR_INLINE void load_q4_k(const uint8_t *block, struct regs_256 *r)
{
    const struct block_q4_k *b = (const struct block_q4_k *)(const void *)block;
    const __m256i low = _mm256_set1_epi8(15);

    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        __m256i v = load_256(b->qs + 32 * i);

        r->q[2 * i] = _mm256_and_si256(v, low);
        r->q[2 * i + 1] = _mm256_and_si256(_mm256_srli_epi16(v, 4), low);
    }
    load_scales_k4(b->scales, r);
    r->d = load_u32(&b->d);
}

static ATTR_INLINE void load_q5_k(const uint8_t *block, struct regs_256 *r)
{
    const struct block_q5_k *b = (const struct block_q5_k *)(const void *)block;
    const __m256i low = _mm256_set1_epi8(15), bit = _mm256_set1_epi8(16);
    const __m256i qh = load_256(b->qh);

    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        __m256i v = load_256(b->qs + 32 * i);
        __m256i h0 =
            i < 2 ? _mm256_slli_epi16(qh, 4 - 2 * (int)i) : _mm256_srli_epi16(qh, 2 * (int)i - 4);
        __m256i h1 =
            i < 2 ? _mm256_slli_epi16(qh, 3 - 2 * (int)i) : _mm256_srli_epi16(qh, 2 * (int)i - 3);

        r->q[2 * i] = _mm256_or_si256(_mm256_and_si256(v, low), _mm256_and_si256(h0, bit));
        r->q[2 * i + 1] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(v, 4), low),
                                          _mm256_and_si256(h1, bit));
    }
    load_scales_k4(b->scales, r);
    r->d = load_u32(&b->d);
}

/* Sixteen signed bytes, group g in byte g, as words. */
static ATTR_INLINE void load_scales_16(__m128i bytes, struct regs_256 *r)
{
    const __m128i split = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);

    r->sc = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(bytes, split));
}

static ATTR_INLINE void load_q6_k(const uint8_t *block, struct regs_256 *r)
{
    const struct block_q6_k *b = (const struct block_q6_k *)(const void *)block;
    const __m256i low = _mm256_set1_epi8(15), pair = _mm256_set1_epi8(0x30);
    __m128i scales = load_128(b->scales);

    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256i a = load_256(b->ql + 64 * h), c = load_256(b->ql + 64 * h + 32);
        __m256i t = load_256(b->qh + 32 * h);
        __m256i t0 = _mm256_and_si256(_mm256_slli_epi16(t, 4), pair);
        __m256i t1 = _mm256_and_si256(_mm256_slli_epi16(t, 2), pair);
        __m256i t2 = _mm256_and_si256(t, pair);
        __m256i t3 = _mm256_and_si256(_mm256_srli_epi16(t, 2), pair);

        r->q[4 * h] = _mm256_or_si256(_mm256_and_si256(a, low), t0);
        r->q[4 * h + 1] = _mm256_or_si256(_mm256_and_si256(c, low), t1);
        r->q[4 * h + 2] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(a, 4), low), t2);
        r->q[4 * h + 3] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(c, 4), low), t3);
    }
    load_scales_16(scales, r);
    r->off = _mm256_slli_epi16(_mm256_cvtepi8_epi16(scales), 5);
    r->d = load_u16(&b->d);
}

static ATTR_INLINE void load_q2_k(const uint8_t *block, struct regs_256 *r)
{
    const struct block_q2_k *b = (const struct block_q2_k *)(const void *)block;
    const __m256i two = _mm256_set1_epi8(3);
    __m128i scales = load_128(b->scales), low = _mm_set1_epi8(15);

    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256i v = load_256(b->qs + 32 * h);

        UNROLL
        for (unsigned s = 0; s < 4; s++)
            r->q[4 * h + s] = _mm256_and_si256(_mm256_srli_epi16(v, 2 * (int)s), two);
    }
    load_scales_16(_mm_and_si128(scales, low), r);
    r->off = _mm256_cvtepu8_epi16(_mm_and_si128(_mm_srli_epi16(scales, 4), low));
    r->d = load_u32(&b->d);
}

/* Scales of Q3_K plus 32: nibbles of the first two words of four bytes, pairs of bits of the third.
 * The load begins two bytes early to end with the block. */
static ATTR_INLINE __m128i scales_k3(const struct block_q3_k *b)
{
    const __m128i nibbles_of = _mm_setr_epi8(2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6, 7, 8, 9);
    const __m128i pairs_of =
        _mm_setr_epi8(10, 11, 12, 13, 10, 11, 12, 13, 10, 11, 12, 13, 10, 11, 12, 13);
    __m128i v = load_128((const uint8_t *)b + offsetof(struct block_q3_k, scales) - 2);
    __m128i low = _mm_srlv_epi32(_mm_shuffle_epi8(v, nibbles_of), _mm_setr_epi32(0, 0, 4, 4));
    __m128i high = _mm_srlv_epi32(_mm_shuffle_epi8(v, pairs_of), _mm_setr_epi32(0, 2, 4, 6));

    low = _mm_and_si128(low, _mm_set1_epi8(15));
    high = _mm_slli_epi16(_mm_and_si128(high, _mm_set1_epi8(3)), 4);
    return _mm_or_si128(low, high);
}

static ATTR_INLINE void load_q3_k(const uint8_t *block, struct regs_256 *r)
{
    const struct block_q3_k *b = (const struct block_q3_k *)(const void *)block;
    const __m256i two = _mm256_set1_epi8(3), bit = _mm256_set1_epi8(4);
    const __m256i high = load_256(b->hmask);
    __m128i scales = _mm_sub_epi8(scales_k3(b), _mm_set1_epi8(32));

    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256i v = load_256(b->qs + 32 * h);

        UNROLL
        for (unsigned s = 0; s < 4; s++) {
            unsigned at = 4 * h + s;
            __m256i top = at < 2 ? _mm256_slli_epi16(high, 2 - (int)at)
                                 : _mm256_srli_epi16(high, (int)at - 2);

            r->q[at] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(v, 2 * (int)s), two),
                                       _mm256_and_si256(top, bit));
        }
    }
    load_scales_16(scales, r);
    r->off = _mm256_slli_epi16(_mm256_cvtepi8_epi16(scales), 2);
    r->d = load_u16(&b->d);
}

/* Table values plus 128; the scales' parts are put together in words. */
static ATTR_INLINE void load_iq4_xs(const uint8_t *block, struct regs_256 *r)
{
    const struct block_iq4_xs *b = (const struct block_iq4_xs *)(const void *)block;
    const __m256i low = _mm256_set1_epi8(15);
    __m128i table = _mm_add_epi8(load_128(iq4_values), _mm_set1_epi8(-128));
    __m256i values = _mm256_broadcastsi128_si256(table);
    const __m256i nibble_at = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
    const __m256i pair_at = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
    __m256i l = _mm256_srlv_epi32(_mm256_set1_epi32((int)load_u32(b->scales_l)), nibble_at);
    __m256i h = _mm256_srlv_epi32(_mm256_set1_epi32(b->scales_h), pair_at);
    __m256i sc = _mm256_or_si256(_mm256_and_si256(l, _mm256_set1_epi32(15)),
                                 _mm256_slli_epi32(_mm256_and_si256(h, _mm256_set1_epi32(3)), 4));
    __m128i words;

    UNROLL
    for (unsigned i = 0; i < 8; i++) {
        __m128i v = load_128(b->qs + 16 * i);
        __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(v), _mm_srli_epi16(v, 4), 1);

        r->q[i] = _mm256_shuffle_epi8(values, _mm256_and_si256(both, low));
    }
    sc = _mm256_sub_epi32(sc, _mm256_set1_epi32(32));
    words = _mm_packs_epi32(_mm256_castsi256_si128(sc), _mm256_extracti128_si256(sc, 1));
    r->sc = _mm256_broadcastsi128_si256(words);
    r->off = _mm256_zextsi128_si256(_mm_slli_epi16(words, 7));
    r->d = load_u16(&b->d);
}

/* Scale i of both halves in all their words. */
static ATTR_INLINE __m256i spread_scale(__m256i sc, unsigned i)
{
    return _mm256_shuffle_epi8(sc, _mm256_set1_epi16((int16_t)(0x0100 + 0x0202 * i)));
}

static ATTR_INLINE __m256i dot_words(__m256i acc, __m256i a, __m256i b)
{
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    return _mm256_dpwssd_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
}

/* Sums of two products in 16 bits. Of wide elements: without the 128 (then off is not needed), as
 * magnitude times x with the sign of w. */
static ATTR_INLINE __m256i dot_pairs(__m256i w, __m256i x, struct kind_256 kind)
{
    if (!kind.is_wide)
        return _mm256_maddubs_epi16(w, x);
    w = _mm256_xor_si256(w, _mm256_set1_epi8(-128));
    return _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
}

static ATTR_INLINE __m256i total_256(const struct regs_256 *r, const struct act_q8_256 *a,
                                     struct kind_256 kind)
{
    __m256i t0 = _mm256_setzero_si256(), t1 = t0;

    UNROLL
    for (unsigned i = 0; i < 8; i += 2) {
        __m256i p0 = dot_pairs(r->q[i], load_256(a->q + 32 * i), kind);
        __m256i p1 = dot_pairs(r->q[i + 1], load_256(a->q + 32 * i + 32), kind);

        t0 = dot_words(t0, p0, spread_scale(r->sc, i));
        t1 = dot_words(t1, p1, spread_scale(r->sc, i + 1));
    }
    return _mm256_add_epi32(t0, t1);
}

/* Sums of four registers, in order. */
static ATTR_INLINE __m128i reduce_4(const __m256i v[4])
{
    __m256i s = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));

    return _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
}

/* d of four rows, then dmin of four rows. */
static ATTR_INLINE __m256 half_scales(const uint32_t d[4])
{
    const __m128i split = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    __m128i v = _mm_setr_epi32((int)d[0], (int)d[1], (int)d[2], (int)d[3]);

    return _mm256_cvtph_ps(_mm_shuffle_epi8(v, split));
}

/* The next rows lie right behind: while one group of rows is used, memory further on is fetched in
 * the order of addresses. Without this the walk along several rows at once defeats the processor's
 * own prefetching: a quarter of the speed. */
static ATTR_INLINE void prefetch_ahead(const uint8_t *rows, size_t group_bytes, size_t done,
                                       size_t step)
{
    const char *p = (const char *)rows + max_size(group_bytes, PREFETCH_BYTES) + done;

    for (size_t at = 0; at < step; at += 64)
        _mm_prefetch(p + at, _MM_HINT_T1);
}

/* clang-format off */
static const struct kind_256 ATTR_UNUSED
    kind_q2_k   = { sizeof(struct block_q2_k),   true,  false, false, 4, 1.0F },
    kind_q3_k   = { sizeof(struct block_q3_k),   false, false, false, 4, 1.0F },
    kind_q4_k   = { sizeof(struct block_q4_k),   true,  true,  false, 8, 1.0F },
    kind_q5_k   = { sizeof(struct block_q5_k),   true,  true,  false, 4, 1.0F },
    kind_q6_k   = { sizeof(struct block_q6_k),   false, false, false, 2, 1.0F },
    kind_iq4_xs = { sizeof(struct block_iq4_xs), false, true,  true,  1, 1.0F };
/* clang-format on */

#endif
