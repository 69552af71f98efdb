/* Reading the IQ types. IQ1, IQ2 and IQ3 store indices into grids of 8 (IQ3: 4) elements with signs
 * beside them; IQ4 looks single elements up in a table. Layouts: blocks.h. */
#include <string.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"
#include "formats/iq_grids.h"

/* Eight magnitudes with their signs: bit j of signs negates element j. */
static void put8(uint64_t point, unsigned signs, float scale, float *out)
{
    for (unsigned j = 0; j < 8; j++) {
        float v = scale * (float)(point >> 8 * j & 255);

        out[j] = signs >> j & 1 ? -v : v;
    }
}

void iq2_xxs_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq2_xxs *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned g = 0; g < 8; g++) {
            const uint16_t *qs = b->qs + 4 * g;
            uint32_t index = qs[0] | (uint32_t)qs[1] << 16;
            uint32_t rest = qs[2] | (uint32_t)qs[3] << 16;
            float scale = d * (0.5F + (float)(rest >> 28)) * 0.25F;

            for (unsigned i = 0; i < 4; i++, out += 8)
                put8(iq2_xxs_grid[index >> 8 * i & 255], iq_signs(rest >> 7 * i), scale, out);
        }
    }
}

/* The scale of the eight elements 8i .. 8i + 7 with a nibble per 16. */
static float iq2_scale(float d, const uint8_t scales[8], unsigned i)
{
    return d * (0.5F + (float)(scales[i / 4] >> 4 * (i / 2 % 2) & 15)) * 0.25F;
}

void iq2_xs_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq2_xs *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned i = 0; i < 32; i++, out += 8)
            put8(iq2_xs_grid[b->qs[i] & 511], iq_signs(b->qs[i] >> 9), iq2_scale(d, b->scales, i),
                 out);
    }
}

void iq2_s_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq2_s *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned i = 0; i < 32; i++, out += 8) {
            unsigned high = b->qh[i / 4] >> 2 * (i % 4) & 3;

            put8(iq2_s_grid[b->qs[i] | high << 8], b->qs[32 + i], iq2_scale(d, b->scales, i), out);
        }
    }
}

/* Two points of four as one of eight. */
static uint64_t join(uint32_t first, uint32_t second)
{
    return first | (uint64_t)second << 32;
}

void iq3_xxs_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq3_xxs *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned g = 0; g < 8; g++) {
            const uint8_t *qs = b->qs + 8 * g;
            uint32_t rest;
            float scale;

            memcpy(&rest, b->qs + 64 + 4 * g, sizeof(rest));
            scale = d * (0.5F + (float)(rest >> 28)) * 0.5F;
            for (unsigned i = 0; i < 4; i++, out += 8)
                put8(join(iq3_xxs_grid[qs[2 * i]], iq3_xxs_grid[qs[2 * i + 1]]),
                     iq_signs(rest >> 7 * i), scale, out);
        }
    }
}

void iq3_s_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq3_s *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned i = 0; i < 32; i++, out += 8) {
            unsigned high = b->qh[i / 4] >> 2 * (i % 4);
            unsigned nibble = b->scales[i / 8] >> 4 * (i / 4 % 2) & 15;

            put8(join(iq3_s_grid[b->qs[2 * i] | (high & 1) << 8],
                      iq3_s_grid[b->qs[2 * i + 1] | (high & 2) << 7]),
                 b->signs[i], d * (float)(1 + 2 * nibble), out);
        }
    }
}

/* Eight of -1, 0, 1 with a shift of an eighth up or down. */
static void put8_ternary(uint64_t point, float scale, float delta, float *out)
{
    for (unsigned j = 0; j < 8; j++)
        out[j] = scale * ((float)(int8_t)(point >> 8 * j & 255) + delta);
}

void iq1_s_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq1_s *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned i = 0; i < 32; i++, out += 8) {
            unsigned qh = b->qh[i / 4];
            unsigned index = b->qs[i] | (qh >> 3 * (i % 4) & 7) << 8;

            put8_ternary(iq1_grid[index], d * (float)(2 * (qh >> 12 & 7) + 1),
                         qh & 0x8000 ? -0.125F : 0.125F, out);
        }
    }
}

void iq1_m_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq1_m *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        uint16_t sc[4];
        float d;

        memcpy(sc, b->scales, sizeof(sc));
        d = f16_to_f32((uint16_t)(sc[0] >> 12 | (sc[1] >> 12) << 4 | (sc[2] >> 12) << 8 |
                                  (sc[3] >> 12) << 12));
        for (unsigned i = 0; i < 32; i++, out += 8) {
            unsigned qh = b->qh[i / 2] >> 4 * (i % 2) & 15;
            unsigned scale = sc[i / 8] >> 3 * (i / 2 % 4) & 7;

            put8_ternary(iq1_grid[b->qs[i] | (qh & 7) << 8], d * (float)(2 * scale + 1),
                         qh & 8 ? -0.125F : 0.125F, out);
        }
    }
}

void iq4_nl_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq4_nl *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = f16_to_f32(b->d);

        for (unsigned j = 0; j < 16; j++) {
            out[j] = d * (float)iq4_values[b->qs[j] & 15];
            out[j + 16] = d * (float)iq4_values[b->qs[j] >> 4];
        }
    }
}

void iq4_xs_read(size_t n, const void *blocks, float *out)
{
    const struct block_iq4_xs *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++) {
        float d = f16_to_f32(b->d);

        for (unsigned g = 0; g < 8; g++, out += 32) {
            int low = b->scales_l[g / 2] >> 4 * (g % 2) & 15;
            int high = b->scales_h >> 2 * g & 3;
            float scale = d * (float)((low | high << 4) - 32);

            for (unsigned j = 0; j < 16; j++) {
                out[j] = scale * (float)iq4_values[b->qs[16 * g + j] & 15];
                out[j + 16] = scale * (float)iq4_values[b->qs[16 * g + j] >> 4];
            }
        }
    }
}
