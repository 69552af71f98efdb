/* Types with blocks of 32 in AVX2 registers: reading blocks, and the product with few tokens.
 *
 * Included by the AVX2 and the AVX-512 files, each compiling its own copy. The order of operations
 * is that of unpack.h. Eight rows at a time: their sums of one block become the lanes of a
 * register.
 */
#ifndef COMPUTE_CPU_X86_LINEAR_32_H
#define COMPUTE_CPU_X86_LINEAR_32_H

#include "compute/cpu/x86/linear_256.h"

/* Elements plus kind.bias, as unsigned bytes in natural order. */
typedef __m256i (*load_32_fn)(const uint8_t *block);

enum scale_32 { SCALE_HALF, SCALE_HALF_MIN, SCALE_E8M0 };

struct kind_32 {
    size_t block_bytes;
    enum scale_32 scale; /* at the block's start */
    int32_t bias;        /* below 128: elements plus bias are below 32 */
};

static ATTR_INLINE __m256i nibbles(const uint8_t *qs)
{
    __m128i v = load_128(qs);
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(v), _mm_srli_epi16(v, 4), 1);

    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

static ATTR_INLINE __m256i load_q8_0(const uint8_t *block)
{
    return _mm256_xor_si256(load_256(block + 2), _mm256_set1_epi8(-128));
}

static ATTR_INLINE __m256i load_q4_0(const uint8_t *block)
{
    return nibbles(block + 2);
}

static ATTR_INLINE __m256i load_q4_1(const uint8_t *block)
{
    return nibbles(block + 4);
}

static ATTR_INLINE __m256i look_up(const int8_t table[16], int bias, const uint8_t *qs)
{
    __m128i shifted = _mm_add_epi8(load_128(table), _mm_set1_epi8((char)bias));

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(shifted), nibbles(qs));
}

static ATTR_INLINE __m256i load_iq4_nl(const uint8_t *block)
{
    return look_up(iq4_values, 128, block + 2);
}

static ATTR_INLINE __m256i load_mxfp4(const uint8_t *block)
{
    return look_up(fp4_values_x2, 12, block + 1);
}

/* Bytes that are -1 where bit e of the u32 is set. */
static ATTR_INLINE __m256i spread_bits(const uint8_t *bits)
{
    const __m256i byte =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201U);
    __m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)load_u32(bits)), byte);

    return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
}

static ATTR_INLINE __m256i load_q5(const uint8_t *qh, const uint8_t *qs)
{
    __m256i set = _mm256_and_si256(spread_bits(qh), _mm256_set1_epi8(16));

    return _mm256_or_si256(nibbles(qs), set);
}

static ATTR_INLINE __m256i load_q5_0(const uint8_t *block)
{
    return load_q5(block + 2, block + 6);
}

static ATTR_INLINE __m256i load_q5_1(const uint8_t *block)
{
    return load_q5(block + 4, block + 8);
}

#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define HAVE_DOT_4 1
#else
#define HAVE_DOT_4 0
#endif

/* Products with elements plus bias, summed by fours; biased_sum(sum of x) must be subtracted. */
static ATTR_INLINE __m256i dot_bytes(__m256i w, __m256i x, struct kind_32 kind)
{
#if HAVE_DOT_4
    (void)kind;
    return _mm256_dpbusd_epi32(_mm256_setzero_si256(), w, x);
#else
    __m256i pairs;

    if (kind.bias < 128) {
        pairs = _mm256_maddubs_epi16(w, x);
    } else { /* pairs would not fit: magnitude times x with the sign of w */
        w = _mm256_xor_si256(w, _mm256_set1_epi8(-128));
        pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
    }
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#endif
}

static ATTR_INLINE int32_t biased_sum(int32_t sum, struct kind_32 kind)
{
    return HAVE_DOT_4 || kind.bias < 128 ? sum * kind.bias : 0;
}

/* Sums of eight registers, in order. */
static ATTR_INLINE __m256i reduce_8(const __m256i v[8])
{
    __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));

    return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20),
                            _mm256_permute2x128_si256(a, b, 0x31));
}

/* The half floats at byte `at` of eight blocks. */
static ATTR_INLINE __m256 halves_8(const uint8_t *const w[8], size_t at)
{
    __m128i v = _mm_setr_epi16((int16_t)load_u16(w[0] + at), (int16_t)load_u16(w[1] + at),
                               (int16_t)load_u16(w[2] + at), (int16_t)load_u16(w[3] + at),
                               (int16_t)load_u16(w[4] + at), (int16_t)load_u16(w[5] + at),
                               (int16_t)load_u16(w[6] + at), (int16_t)load_u16(w[7] + at));

    return _mm256_cvtph_ps(v);
}

static ATTR_INLINE __m256 scales_8(const uint8_t *const w[8], enum scale_32 scale)
{
    __m256i e, normal, tiny, is_tiny;

    if (scale != SCALE_E8M0)
        return halves_8(w, 0);
    e = _mm256_setr_epi32(*w[0], *w[1], *w[2], *w[3], *w[4], *w[5], *w[6], *w[7]);
    normal = _mm256_slli_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), 23);
    tiny = _mm256_sllv_epi32(_mm256_set1_epi32(0x00200000), e); /* see unpack_e8m0_half */
    is_tiny = _mm256_cmpgt_epi32(_mm256_set1_epi32(2), e);
    return _mm256_castsi256_ps(_mm256_blendv_epi8(normal, tiny, is_tiny));
}

static ATTR_INLINE __m256 step_8_rows(const uint8_t *const w[8], const struct act_q8_32 *a,
                                      uint32_t b, load_32_fn load, struct kind_32 kind, __m256 acc)
{
    __m256i x = load_256(a->q + 32 * b), v[8], sum;
    __m256 dx = _mm256_set1_ps(a->d[b]);

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        v[i] = dot_bytes(load(w[i]), x, kind);
    sum = _mm256_sub_epi32(reduce_8(v), _mm256_set1_epi32(biased_sum(a->sum[b], kind)));
    acc = _mm256_fmadd_ps(_mm256_mul_ps(scales_8(w, kind.scale), dx), _mm256_cvtepi32_ps(sum), acc);
    if (kind.scale == SCALE_HALF_MIN)
        acc = _mm256_fmadd_ps(_mm256_mul_ps(halves_8(w, 2), dx), _mm256_set1_ps((float)a->sum[b]),
                              acc);
    return acc;
}

/* Eight rows at a time; past the last row it is repeated and not stored. */
static ATTR_INLINE void gemv_32(const struct linear_job *j, load_32_fn load, struct kind_32 kind)
{
    for (uint32_t r0 = 0; r0 < j->n_row; r0 += 8) {
        uint32_t n_row = min_u32(8, j->n_row - r0);

        for (uint32_t t = 0; t < j->n_tok; t++) {
            const uint8_t *at = j->act + t * j->act_stride, *w[8];
            const struct act_q8_32 *a = (const struct act_q8_32 *)(const void *)at;
            __m256 acc = _mm256_setzero_ps();
            float y[8];

            for (uint32_t i = 0; i < 8; i++)
                w[i] = j->w + (r0 + min_u32(i, n_row - 1)) * j->row_bytes;
            for (uint32_t b = 0; b < j->n_in / 32; b++) {
                if (t == 0)
                    prefetch_ahead(j->w + r0 * j->row_bytes, 8 * j->row_bytes,
                                   8 * b * kind.block_bytes, 8 * kind.block_bytes);
                acc = step_8_rows(w, a + b / 8, b % 8, load, kind, acc);
                UNROLL
                for (unsigned i = 0; i < 8; i++)
                    w[i] += kind.block_bytes;
            }
            _mm256_storeu_ps(y, acc);
            memcpy(j->y + t * j->y_stride + r0, y, n_row * sizeof(float));
        }
    }
}

/* clang-format off */
static const struct kind_32 ATTR_UNUSED
    kind_q4_0   = { sizeof(struct block_q4_0),   SCALE_HALF, 8 },
    kind_q4_1   = { sizeof(struct block_q4_1),   SCALE_HALF_MIN, 0 },
    kind_q5_0   = { sizeof(struct block_q5_0),   SCALE_HALF, 16 },
    kind_q5_1   = { sizeof(struct block_q5_1),   SCALE_HALF_MIN, 0 },
    kind_q8_0   = { sizeof(struct block_q8_0),   SCALE_HALF, 128 },
    kind_iq4_nl = { sizeof(struct block_iq4_nl), SCALE_HALF, 128 },
    kind_mxfp4  = { sizeof(struct block_mxfp4),  SCALE_E8M0, 12 };
/* clang-format on */

#endif
