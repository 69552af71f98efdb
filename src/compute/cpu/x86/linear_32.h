/* Types with blocks of 32 in AVX2 registers: reading blocks, and the product with few tokens.
 *
 * Included by the AVX2 and the AVX-512 files, each compiling its own copy. The order of operations
 * is that of unpack.h. Eight rows at a time: their sums of one block become the lanes of a
 * register.
 */
#ifndef COMPUTE_CPU_X86_LINEAR_32_H
#define COMPUTE_CPU_X86_LINEAR_32_H

#include "compute/cpu/x86/linear_256.h"

/* Elements of group `sub` of a block plus kind.bias, as unsigned bytes in natural order. */
typedef __m256i (*load_32_fn)(const uint8_t *block, uint32_t sub);

enum scale_32 { SCALE_HALF, SCALE_HALF_MIN, SCALE_E8M0, SCALE_E4M3_PAIR };

struct kind_32 {
    size_t block_bytes;
    enum scale_32 scale; /* at the block's start */
    int32_t bias;        /* below 128: elements plus bias are below 32 */
    uint32_t per;        /* groups of 32 in a block */
};

static ATTR_INLINE __m256i nibbles(const uint8_t *qs)
{
    __m128i v = load_128(qs);
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(v), _mm_srli_epi16(v, 4), 1);

    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

static ATTR_INLINE __m256i load_q8_0(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return _mm256_xor_si256(load_256(block + 2), _mm256_set1_epi8(-128));
}

static ATTR_INLINE __m256i load_q4_0(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return nibbles(block + 2);
}

static ATTR_INLINE __m256i load_q4_1(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return nibbles(block + 4);
}

static ATTR_INLINE __m256i look_up(const int8_t table[16], int bias, const uint8_t *qs)
{
    __m128i shifted = _mm_add_epi8(load_128(table), _mm_set1_epi8((char)bias));

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(shifted), nibbles(qs));
}

static ATTR_INLINE __m256i load_iq4_nl(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return look_up(iq4_values, 128, block + 2);
}

static ATTR_INLINE __m256i load_mxfp4(const uint8_t *block, uint32_t sub)
{
    (void)sub;
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

static ATTR_INLINE __m256i load_q5_0(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return load_q5(block + 2, block + 6);
}

static ATTR_INLINE __m256i load_q5_1(const uint8_t *block, uint32_t sub)
{
    (void)sub;
    return load_q5(block + 4, block + 8);
}

/* Groups of 16: low nibbles, high nibbles. */
static ATTR_INLINE __m256i load_nvfp4(const uint8_t *block, uint32_t sub)
{
    __m128i v = load_128(block + 4 + 16 * sub), low = _mm_and_si128(v, _mm_set1_epi8(15));
    __m128i high = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15));
    __m128i shifted = _mm_add_epi8(load_128(fp4_values_x2), _mm_set1_epi8(12));
    __m256i code = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi64(low, high)),
                                           _mm_unpackhi_epi64(low, high), 1);

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(shifted), code);
}

static ATTR_INLINE __m256i load_q1_0(const uint8_t *block, uint32_t sub)
{
    return _mm256_and_si256(spread_bits(block + 2 + 4 * sub), _mm256_set1_epi8(2));
}

/* Four elements a byte, the first at the bottom. */
static ATTR_INLINE __m256i load_q2_0(const uint8_t *block, uint32_t sub)
{
    const __m256i byte = _mm256_setr_epi64x(0x0101010100000000, 0x0303030302020202,
                                            0x0505050504040404, 0x0707070706060606);
    __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)(block + 2 + 8 * sub));
    __m256i v = _mm256_shuffle_epi8(_mm256_broadcastq_epi64(eight), byte);

    v = _mm256_blend_epi16(v, _mm256_srli_epi16(v, 4), 0xaa);
    v = _mm256_blendv_epi8(v, _mm256_srli_epi16(v, 2), _mm256_set1_epi16((int16_t)0xff00));
    return _mm256_and_si256(v, _mm256_set1_epi8(3));
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

/* Half of unsigned e4m3 scales at byte `at` of eight blocks: see unpack_e4m3_half. */
static ATTR_INLINE __m256 e4m3_8(const uint8_t *const w[8], size_t at)
{
    __m256i x = _mm256_setr_epi32(w[0][at], w[1][at], w[2][at], w[3][at], w[4][at], w[5][at],
                                  w[6][at], w[7][at]);
    __m256i seven = _mm256_and_si256(x, _mm256_set1_epi32(0x7f));
    __m256i bits = _mm256_add_epi32(_mm256_slli_epi32(seven, 20), _mm256_set1_epi32(119 << 23));
    __m256 tiny = _mm256_mul_ps(_mm256_cvtepi32_ps(seven), _mm256_set1_ps(0x1p-10F));
    __m256i is_tiny = _mm256_cmpgt_epi32(_mm256_set1_epi32(8), seven);
    __m256i is_nan = _mm256_cmpeq_epi32(x, _mm256_set1_epi32(0x7f));

    bits = _mm256_blendv_epi8(bits, _mm256_castps_si256(tiny), is_tiny);
    return _mm256_castsi256_ps(_mm256_andnot_si256(is_nan, bits));
}

/* The first scale of group `sub` of eight blocks, and the second one or the minimum. */
static ATTR_INLINE __m256 first_scales(const uint8_t *const w[8], struct kind_32 kind, uint32_t sub)
{
    return kind.scale == SCALE_E4M3_PAIR ? e4m3_8(w, 2 * sub) : scales_8(w, kind.scale);
}

static ATTR_INLINE __m256 second_scales(const uint8_t *const w[8], struct kind_32 kind,
                                        uint32_t sub)
{
    return kind.scale == SCALE_E4M3_PAIR ? e4m3_8(w, 2 * sub + 1) : halves_8(w, 2);
}

static ATTR_INLINE bool has_second(struct kind_32 kind)
{
    return kind.scale == SCALE_HALF_MIN || kind.scale == SCALE_E4M3_PAIR;
}

/* The sum of sixteen activations. */
static ATTR_INLINE int32_t sum_16(const int8_t *x)
{
    __m128i pairs = _mm_maddubs_epi16(_mm_set1_epi8(1), load_128(x));
    __m128i v = _mm_madd_epi16(pairs, _mm_set1_epi16(1));

    v = _mm_add_epi32(v, _mm_unpackhi_epi64(v, v));
    return _mm_cvtsi128_si32(_mm_add_epi32(v, _mm_shuffle_epi32(v, 1)));
}

/* Sums of the lower and of the upper halves of eight registers. */
static ATTR_INLINE void reduce_8_halves(const __m256i v[8], __m256i out[2])
{
    __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));

    out[0] = _mm256_permute2x128_si256(a, b, 0x20);
    out[1] = _mm256_permute2x128_si256(a, b, 0x31);
}

/* The end of a step with two scales: sums of each half. */
static ATTR_INLINE __m256 step_pair(const uint8_t *const w[8], const struct act_q8_32 *a,
                                    uint32_t b, uint32_t sub, const __m256i v[8],
                                    struct kind_32 kind, __m256 acc)
{
    __m256 dx = _mm256_set1_ps(a->d[b]);
    __m256i sum[2];

    reduce_8_halves(v, sum);
    UNROLL
    for (unsigned h = 0; h < 2; h++) {
        __m256i bias = _mm256_set1_epi32(kind.bias * sum_16(a->q + 32 * b + 16 * h));
        __m256 d = h ? second_scales(w, kind, sub) : first_scales(w, kind, sub);

        acc = _mm256_fmadd_ps(_mm256_mul_ps(d, dx),
                              _mm256_cvtepi32_ps(_mm256_sub_epi32(sum[h], bias)), acc);
    }
    return acc;
}

static ATTR_INLINE __m256 step_8_rows(const uint8_t *const w[8], const struct act_q8_32 *a,
                                      uint32_t b, uint32_t sub, load_32_fn load,
                                      struct kind_32 kind, __m256 acc)
{
    __m256i x = load_256(a->q + 32 * b), v[8], sum;
    __m256 dx = _mm256_set1_ps(a->d[b]);

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        v[i] = dot_bytes(load(w[i], sub), x, kind);
    if (kind.scale == SCALE_E4M3_PAIR)
        return step_pair(w, a, b, sub, v, kind, acc);
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
                uint32_t sub = b % kind.per;

                if (t == 0 && sub == 0)
                    prefetch_ahead(j->w + r0 * j->row_bytes, 8 * j->row_bytes,
                                   8 * (b / kind.per) * kind.block_bytes, 8 * kind.block_bytes);
                acc = step_8_rows(w, a + b / 8, b % 8, sub, load, kind, acc);
                UNROLL
                for (unsigned i = 0; i < 8; i++)
                    w[i] += sub + 1 == kind.per ? kind.block_bytes : 0;
            }
            _mm256_storeu_ps(y, acc);
            memcpy(j->y + t * j->y_stride + r0, y, n_row * sizeof(float));
        }
    }
}

/* clang-format off */
static const struct kind_32 ATTR_UNUSED
    kind_q4_0   = { sizeof(struct block_q4_0),   SCALE_HALF, 8, 1 },
    kind_q4_1   = { sizeof(struct block_q4_1),   SCALE_HALF_MIN, 0, 1 },
    kind_q5_0   = { sizeof(struct block_q5_0),   SCALE_HALF, 16, 1 },
    kind_q5_1   = { sizeof(struct block_q5_1),   SCALE_HALF_MIN, 0, 1 },
    kind_q8_0   = { sizeof(struct block_q8_0),   SCALE_HALF, 128, 1 },
    kind_iq4_nl = { sizeof(struct block_iq4_nl), SCALE_HALF, 128, 1 },
    kind_mxfp4  = { sizeof(struct block_mxfp4),  SCALE_E8M0, 12, 1 },
    kind_nvfp4  = { sizeof(struct block_nvfp4),  SCALE_E4M3_PAIR, 12, 2 },
    kind_q1_0   = { sizeof(struct block_q1_0),   SCALE_HALF, 1, 4 },
    kind_q2_0   = { sizeof(struct block_q2_0),   SCALE_HALF, 1, 2 };
/* clang-format on */

#endif
