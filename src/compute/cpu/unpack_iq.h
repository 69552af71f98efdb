/* Blocks of grid points and ternary blocks as small integers: the rest of unpack.h's super-blocks.
 *
 * Elements are shifted by the type's bias (off = bias * sc). The scales of these types are odd
 * numbers over a power of two; the numbers are whole here, and the power is the type's UNIT_*, by
 * which d is multiplied before anything else (exactly: d is a half float). */
#ifndef COMPUTE_CPU_UNPACK_IQ_H
#define COMPUTE_CPU_UNPACK_IQ_H

#include "compute/cpu/unpack.h"
#include "formats/iq_grids.h"

#define BIAS_IQ2   64U /* magnitudes up to 43 */
#define BIAS_IQ3_X 64U /* up to 62            */
#define BIAS_IQ3_S 16U /* up to 15            */
#define BIAS_IQ1   9U  /* eighths: 8 + 1      */
#define BIAS_TQ    1U

#define UNIT_IQ2   0.125F
#define UNIT_IQ3_X 0.25F
#define UNIT_IQ1   0.125F

/* Eight magnitudes and their signs, plus the bias. */
static inline ATTR_UNUSED void unpack_point(uint64_t point, unsigned signs, unsigned bias,
                                            uint8_t q[8])
{
    for (unsigned j = 0; j < 8; j++) {
        unsigned v = (unsigned)(point >> (8 * j)) & 255U;

        q[j] = (uint8_t)(signs >> j & 1U ? bias - v : bias + v);
    }
}

static inline ATTR_UNUSED void unpack_odd_scale(struct unpacked_256 *u, unsigned g, unsigned code,
                                                unsigned bias)
{
    u->sc[g] = (int16_t)(2 * code + 1);
    u->off[g] = (int16_t)((int)bias * u->sc[g]);
}

static inline ATTR_UNUSED void unpack_iq2_xxs(const void *block, struct unpacked_256 *u)
{
    const struct block_iq2_xxs *b = block;

    for (unsigned g = 0; g < 8; g++) {
        uint32_t index, rest;

        memcpy(&index, b->qs + 4 * g, sizeof(index));
        memcpy(&rest, b->qs + 4 * g + 2, sizeof(rest));
        for (unsigned i = 0; i < 4; i++)
            unpack_point(iq2_xxs_grid[index >> 8 * i & 255U], iq_signs(rest >> 7 * i), BIAS_IQ2,
                         u->q + 32 * g + 8 * i);
        unpack_odd_scale(u, 2 * g, rest >> 28, BIAS_IQ2);
        unpack_odd_scale(u, 2 * g + 1, rest >> 28, BIAS_IQ2);
    }
    u->d = u->dmin = b->d;
}

static inline ATTR_UNUSED void unpack_iq2_xs(const void *block, struct unpacked_256 *u)
{
    const struct block_iq2_xs *b = block;

    for (unsigned i = 0; i < 32; i++)
        unpack_point(iq2_xs_grid[b->qs[i] & 511U], iq_signs(b->qs[i] >> 9), BIAS_IQ2, u->q + 8 * i);
    for (unsigned g = 0; g < 16; g++)
        unpack_odd_scale(u, g, (b->scales[g / 2] >> (4 * (g % 2))) & 15U, BIAS_IQ2);
    u->d = u->dmin = b->d;
}

static inline ATTR_UNUSED void unpack_iq2_s(const void *block, struct unpacked_256 *u)
{
    const struct block_iq2_s *b = block;

    for (unsigned i = 0; i < 32; i++) {
        unsigned high = (b->qh[i / 4] >> (2 * (i % 4))) & 3U;

        unpack_point(iq2_s_grid[b->qs[i] | high << 8], b->qs[32 + i], BIAS_IQ2, u->q + 8 * i);
    }
    for (unsigned g = 0; g < 16; g++)
        unpack_odd_scale(u, g, (b->scales[g / 2] >> (4 * (g % 2))) & 15U, BIAS_IQ2);
    u->d = u->dmin = b->d;
}

/* Two points of four as one of eight. */
static inline ATTR_UNUSED uint64_t unpack_join(uint32_t first, uint32_t second)
{
    return first | (uint64_t)second << 32;
}

static inline ATTR_UNUSED void unpack_iq3_xxs(const void *block, struct unpacked_256 *u)
{
    const struct block_iq3_xxs *b = block;

    for (unsigned g = 0; g < 8; g++) {
        uint32_t rest;

        memcpy(&rest, b->qs + 64 + 4 * g, sizeof(rest));
        for (unsigned i = 0; i < 4; i++) {
            const uint8_t *qs = b->qs + 8 * g + 2 * i;

            unpack_point(unpack_join(iq3_xxs_grid[qs[0]], iq3_xxs_grid[qs[1]]),
                         iq_signs(rest >> 7 * i), BIAS_IQ3_X, u->q + 32 * g + 8 * i);
        }
        unpack_odd_scale(u, 2 * g, rest >> 28, BIAS_IQ3_X);
        unpack_odd_scale(u, 2 * g + 1, rest >> 28, BIAS_IQ3_X);
    }
    u->d = u->dmin = b->d;
}

static inline ATTR_UNUSED void unpack_iq3_s(const void *block, struct unpacked_256 *u)
{
    const struct block_iq3_s *b = block;

    for (unsigned i = 0; i < 32; i++) {
        unsigned high = (unsigned)b->qh[i / 4] >> (2 * (i % 4));

        unpack_point(unpack_join(iq3_s_grid[b->qs[2 * i] | (high & 1U) << 8],
                                 iq3_s_grid[b->qs[2 * i + 1] | (high & 2U) << 7]),
                     b->signs[i], BIAS_IQ3_S, u->q + 8 * i);
    }
    for (unsigned g = 0; g < 16; g++)
        unpack_odd_scale(u, g, (b->scales[g / 4] >> (4 * (g / 2 % 2))) & 15U, BIAS_IQ3_S);
    u->d = u->dmin = b->d;
}

/* Eight of -1, 0, 1 in eighths, moved by one of them, plus the bias. */
static inline ATTR_UNUSED void unpack_ternary(uint64_t point, bool is_down, uint8_t q[8])
{
    for (unsigned j = 0; j < 8; j++) {
        int v = (int8_t)((point >> (8 * j)) & 255U);

        q[j] = (uint8_t)(8 * v + (is_down ? -1 : 1) + (int)BIAS_IQ1);
    }
}

static inline ATTR_UNUSED void unpack_iq1_s(const void *block, struct unpacked_256 *u)
{
    const struct block_iq1_s *b = block;

    for (unsigned i = 0; i < 32; i++) {
        unsigned qh = b->qh[i / 4];

        unpack_ternary(iq1_grid[b->qs[i] | ((qh >> (3 * (i % 4))) & 7U) << 8], qh >> 15,
                       u->q + 8 * i);
    }
    for (unsigned g = 0; g < 16; g++)
        unpack_odd_scale(u, g, (b->qh[g / 2] >> 12) & 7U, BIAS_IQ1);
    u->d = u->dmin = b->d;
}

/* The half float whose nibbles are on top of the four words of scales. */
static inline ATTR_UNUSED uint16_t unpack_iq1_m_d(const uint8_t scales[8])
{
    unsigned low = (scales[1] >> 4) | (scales[3] & 0xf0U);
    unsigned high = (scales[5] >> 4) | (scales[7] & 0xf0U);

    return (uint16_t)(low | high << 8);
}

static inline ATTR_UNUSED void unpack_iq1_m(const void *block, struct unpacked_256 *u)
{
    const struct block_iq1_m *b = block;
    uint16_t sc[4];

    memcpy(sc, b->scales, sizeof(sc));
    for (unsigned i = 0; i < 32; i++) {
        unsigned qh = (b->qh[i / 2] >> (4 * (i % 2))) & 15U;

        unpack_ternary(iq1_grid[b->qs[i] | (qh & 7U) << 8], qh >> 3, u->q + 8 * i);
    }
    for (unsigned g = 0; g < 16; g++)
        unpack_odd_scale(u, g, (sc[g / 4] >> (3 * (g % 4))) & 7U, BIAS_IQ1);
    u->d = u->dmin = unpack_iq1_m_d(b->scales);
}

static inline ATTR_UNUSED void unpack_tq_scales(struct unpacked_256 *u, uint16_t d)
{
    for (unsigned g = 0; g < 16; g++)
        u->sc[g] = u->off[g] = 1;
    u->d = u->dmin = d;
}

/* n_digit digits of width bytes, from the top: see formats/quant_t.c. */
static inline ATTR_UNUSED void unpack_digits(const uint8_t *bytes, unsigned width, unsigned n_digit,
                                             uint8_t *q)
{
    for (unsigned j = 0; j < width; j++) {
        unsigned rest = bytes[j];

        for (unsigned i = 0; i < n_digit; i++) {
            q[i * width + j] = (uint8_t)(rest * 3U >> 8);
            rest = rest * 3U & 255U;
        }
    }
}

static inline ATTR_UNUSED void unpack_tq1_0(const void *block, struct unpacked_256 *u)
{
    const struct block_tq1_0 *b = block;

    unpack_digits(b->qs, 32, 5, u->q);
    unpack_digits(b->qs + 32, 16, 5, u->q + 160);
    unpack_digits(b->qh, 4, 4, u->q + 240);
    unpack_tq_scales(u, b->d);
}

static inline ATTR_UNUSED void unpack_tq2_0(const void *block, struct unpacked_256 *u)
{
    const struct block_tq2_0 *b = block;

    for (unsigned e = 0; e < 256; e++)
        u->q[e] = (uint8_t)((b->qs[e / 128 * 32 + e % 32] >> (2 * (e / 32 % 4))) & 3U);
    unpack_tq_scales(u, b->d);
}

#endif
