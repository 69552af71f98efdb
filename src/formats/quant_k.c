/* Reading the K types: super-blocks of 256 whose groups have their own small scales (and minima),
 * which are in turn multiples of the block's d (and dmin). */
#include "formats/quant_k.h"

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"

void q3_k_scales(const uint8_t packed[12], int8_t scales[16])
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
        unsigned high = packed[8 + i % 4] >> 2 * (i / 4) & 3;

        scales[i] = (int8_t)((int)(low | high << 4) - 32);
    }
}

void q4_k_scales(const uint8_t packed[12], uint8_t scales[8], uint8_t mins[8])
{
    for (unsigned i = 0; i < 4; i++) {
        scales[i] = packed[i] & 63;
        mins[i] = packed[4 + i] & 63;
        scales[4 + i] = (uint8_t)((packed[8 + i] & 15) | packed[i] >> 6 << 4);
        mins[4 + i] = (uint8_t)(packed[8 + i] >> 4 | packed[4 + i] >> 6 << 4);
    }
}

void q2_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q2_k *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);
        float dmin = f16_to_f32(b->dmin);

        for (unsigned e = 0; e < QK_K; e++) {
            unsigned q = b->qs[e / 128 * 32 + e % 32] >> 2 * (e / 32 % 4) & 3;
            float scale = d * (float)(b->scales[e / 16] & 15);
            float min = dmin * (float)(b->scales[e / 16] >> 4);

            out[e] = scale * (float)q - min;
        }
    }
}

void q3_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q3_k *b = blocks;
    int8_t scales[16];

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);

        q3_k_scales(b->scales, scales);
        for (unsigned e = 0; e < QK_K; e++) {
            int low = b->qs[e / 128 * 32 + e % 32] >> 2 * (e / 32 % 4) & 3;
            int high = b->hmask[e % 32] >> e / 32 & 1;

            out[e] = d * (float)scales[e / 16] * (float)(low + 4 * high - 4);
        }
    }
}

void q4_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q4_k *b = blocks;
    uint8_t scales[8], mins[8];

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);
        float dmin = f16_to_f32(b->dmin);

        q4_k_scales(b->scales, scales, mins);
        for (unsigned g = 0; g < 8; g++) {
            const uint8_t *qs = b->qs + g / 2 * 32;
            float scale = d * (float)scales[g];
            float min = dmin * (float)mins[g];

            for (unsigned j = 0; j < 32; j++)
                out[32 * g + j] = scale * (float)(qs[j] >> 4 * (g % 2) & 15) - min;
        }
    }
}

void q5_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q5_k *b = blocks;
    uint8_t scales[8], mins[8];

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);
        float dmin = f16_to_f32(b->dmin);

        q4_k_scales(b->scales, scales, mins);
        for (unsigned g = 0; g < 8; g++) {
            const uint8_t *qs = b->qs + g / 2 * 32;
            float scale = d * (float)scales[g];
            float min = dmin * (float)mins[g];

            for (unsigned j = 0; j < 32; j++) {
                unsigned q = (qs[j] >> 4 * (g % 2) & 15) + 16U * (b->qh[j] >> g & 1U);

                out[32 * g + j] = scale * (float)q - min;
            }
        }
    }
}

void q6_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q6_k *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        float d = f16_to_f32(b->d);

        for (unsigned e = 0; e < QK_K; e++) {
            unsigned half = e / 128, quarter = e / 32 % 4, j = e % 32;
            int low = b->ql[64 * half + 32 * (quarter % 2) + j] >> 4 * (quarter / 2) & 15;
            int high = b->qh[32 * half + j] >> 2 * quarter & 3;

            out[e] = d * (float)b->scales[e / 16] * (float)((low | high << 4) - 32);
        }
    }
}

void q8_k_read(size_t n, const void *blocks, float *out)
{
    const struct block_q8_k *b = blocks;

    for (; n >= QK_K; n -= QK_K, b++, out += QK_K) {
        for (unsigned e = 0; e < QK_K; e++)
            out[e] = b->d * (float)b->qs[e];
    }
}
