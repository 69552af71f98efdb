/* Plain elements: f32, f16, bf16, f64 and integers. Conversions work on bits alone, so that every
 * machine and compiler gives the same result, subnormals included. */
#include <stdint.h>
#include <string.h>

#include "formats/codecs.h"
#include "formats/dtype.h"

static float float_of(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

static uint32_t bits_of(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

float f16_to_f32(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = h >> 10 & 31;
    uint32_t mantissa = h & 0x3FF;

    if (exponent == 31)
        return float_of(sign | 0x7F800000U | mantissa << 13);
    if (exponent)
        return float_of(sign | (exponent + 112) << 23 | mantissa << 13);
    /* A multiple of 2^-24, exact in f32. */
    return float_of(sign | bits_of((float)mantissa * 0x1p-24F));
}

/* x >> shift (1 .. 31), rounded to the nearest, ties to even. */
static uint32_t shift_round(uint32_t x, uint32_t shift)
{
    uint32_t half = 1U << (shift - 1);

    return (x + (half - 1) + (x >> shift & 1)) >> shift;
}

uint16_t f32_to_f16(float f)
{
    uint32_t x = bits_of(f);
    uint32_t sign = x >> 16 & 0x8000;
    uint32_t a = x & 0x7FFFFFFF;

    if (a > 0x7F800000) /* NaN stays NaN: the quiet bit keeps the mantissa from becoming zero */
        return (uint16_t)(sign | 0x7E00 | (a >> 13 & 0x1FF));
    if (a >= 0x477FF000) /* 65520 and more round to infinity */
        return (uint16_t)(sign | 0x7C00);
    if (a >= 0x38800000) /* 2^-14: normal */
        return (uint16_t)(sign | shift_round(a - (112U << 23), 13));
    if (a < 0x33000000) /* below 2^-25 */
        return (uint16_t)sign;
    return (uint16_t)(sign | shift_round((a & 0x7FFFFF) | 0x800000, 126 - (a >> 23)));
}

float bf16_to_f32(uint16_t h)
{
    return float_of((uint32_t)h << 16);
}

uint16_t f32_to_bf16(float f)
{
    uint32_t x = bits_of(f);

    if ((x & 0x7FFFFFFF) > 0x7F800000)
        return (uint16_t)(x >> 16 | 0x40);
    return (uint16_t)((x + 0x7FFF + (x >> 16 & 1)) >> 16);
}

void f32_read(size_t n, const void *blocks, float *out)
{
    memcpy(out, blocks, n * sizeof(float));
}

void f16_read(size_t n, const void *blocks, float *out)
{
    const uint16_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = f16_to_f32(in[i]);
}

void bf16_read(size_t n, const void *blocks, float *out)
{
    const uint16_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = bf16_to_f32(in[i]);
}

void f64_read(size_t n, const void *blocks, float *out)
{
    const double *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

void i8_read(size_t n, const void *blocks, float *out)
{
    const int8_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

void i16_read(size_t n, const void *blocks, float *out)
{
    const int16_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

void i32_read(size_t n, const void *blocks, float *out)
{
    const int32_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

void i64_read(size_t n, const void *blocks, float *out)
{
    const int64_t *in = blocks;

    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

void f32_write(size_t n, const float *in, const float *importance, void *blocks)
{
    (void)importance;
    memcpy(blocks, in, n * sizeof(float));
}

void f16_write(size_t n, const float *in, const float *importance, void *blocks)
{
    uint16_t *out = blocks;

    (void)importance;
    for (size_t i = 0; i < n; i++)
        out[i] = f32_to_f16(in[i]);
}

void bf16_write(size_t n, const float *in, const float *importance, void *blocks)
{
    uint16_t *out = blocks;

    (void)importance;
    for (size_t i = 0; i < n; i++)
        out[i] = f32_to_bf16(in[i]);
}
