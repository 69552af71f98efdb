/* Four-bit floats (e2m1) with shared scales: MXFP4 (OCP microscaling, scale a power of two for 32)
 * and NVFP4 (scale an unsigned e4m3 for 16). */
#include <math.h>

#include "formats/blocks.h"
#include "formats/codecs.h"
#include "formats/dtype.h"

void mxfp4_read(size_t n, const void *blocks, float *out)
{
    const struct block_mxfp4 *b = blocks;

    for (; n >= QK; n -= QK, b++, out += QK) {
        float d = ldexpf(1, (int)b->e - 128); /* half the scale: the table holds twice the value */

        for (unsigned j = 0; j < 16; j++) {
            out[j] = (float)fp4_values_x2[b->qs[j] & 15] * d;
            out[j + 16] = (float)fp4_values_x2[b->qs[j] >> 4] * d;
        }
    }
}

/* Unsigned e4m3: bias 7, subnormals. The top bit means nothing. 0x7F is not a number and reads as
 * zero; 0xFF, which no writer makes, reads as 480. */
static float e4m3_to_f32(uint8_t x)
{
    int exponent = x >> 3 & 15;
    int mantissa = x & 7;

    if (x == 0x7F)
        return 0;
    if (exponent == 0)
        return (float)mantissa * 0x1p-9F;
    return ldexpf((float)(8 + mantissa), exponent - 10);
}

void nvfp4_read(size_t n, const void *blocks, float *out)
{
    const struct block_nvfp4 *b = blocks;

    for (; n >= 64; n -= 64, b++) {
        for (unsigned g = 0; g < 4; g++, out += 16) {
            float d = 0.5F * e4m3_to_f32(b->d[g]);

            for (unsigned j = 0; j < 8; j++) {
                out[j] = (float)fp4_values_x2[b->qs[8 * g + j] & 15] * d;
                out[j + 8] = (float)fp4_values_x2[b->qs[8 * g + j] >> 4] * d;
            }
        }
    }
}
