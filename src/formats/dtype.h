/* Tensor element types of GGUF: numbers, block layouts, reference quantise and dequantise.
 *
 * One row per type; a block of `block_n` elements is `block_bytes` bytes. All multi-byte fields are
 * little-endian. The reference codecs define what the bytes mean for every device. */
#ifndef FORMATS_DTYPE_H
#define FORMATS_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Values are GGUF's type numbers. */
enum dtype {
    DT_F32 = 0,
    DT_F16 = 1,
    DT_Q4_0 = 2,
    DT_Q4_1 = 3,
    DT_Q5_0 = 6,
    DT_Q5_1 = 7,
    DT_Q8_0 = 8,
    DT_Q8_1 = 9,
    DT_Q2_K = 10,
    DT_Q3_K = 11,
    DT_Q4_K = 12,
    DT_Q5_K = 13,
    DT_Q6_K = 14,
    DT_Q8_K = 15,
    DT_IQ2_XXS = 16,
    DT_IQ2_XS = 17,
    DT_IQ3_XXS = 18,
    DT_IQ1_S = 19,
    DT_IQ4_NL = 20,
    DT_IQ3_S = 21,
    DT_IQ2_S = 22,
    DT_IQ4_XS = 23,
    DT_I8 = 24,
    DT_I16 = 25,
    DT_I32 = 26,
    DT_I64 = 27,
    DT_F64 = 28,
    DT_IQ1_M = 29,
    DT_BF16 = 30,
    DT_TQ1_0 = 34,
    DT_TQ2_0 = 35,
    DT_MXFP4 = 39,
    DT_NVFP4 = 40,
    DT_Q1_0 = 41,
    DT_Q2_0 = 42,
    DT_LIMIT = 64 /* type numbers are below this */
};

struct dtype_info {
    const char *name;     /* as GGUF tools print it, "Q4_K" */
    uint16_t block_n;     /* elements a block */
    uint16_t block_bytes; /* bytes a block    */
    bool is_quantized;

    /* n elements (a multiple of block_n) from blocks to f32. NULL when the type cannot be read. */
    void (*dequantize)(size_t n, const void *blocks, float *out);

    /* n elements (a multiple of block_n) of one row into blocks, so that the squared error,
     * weighted by importance, is small. importance: n weights >= 0 of the row's columns, or NULL.
     * For quantised types NaN counts as 0 and what is beyond +-65504 as that. NULL function when
     * the type cannot be written. */
    void (*quantize)(size_t n, const float *in, const float *importance, void *blocks);
    bool needs_importance; /* poor without an importance matrix */
};

/* The row of a type number, NULL when unknown (also for numbers from outside). */
const struct dtype_info *dtype_info(uint32_t type);

/* By name, case-insensitively; false when unknown. */
bool dtype_by_name(const char *name, enum dtype *type);

/* Bytes of n elements (a multiple of block_n: ERR_FORMAT otherwise, or when the product overflows).
 */
enum err_code dtype_bytes(uint32_t type, uint64_t n, uint64_t *bytes, struct err *e);

/* What the four-bit codes of IQ4_NL and IQ4_XS mean; and of MXFP4 and NVFP4, twice the value. */
extern const int8_t iq4_values[16];
extern const int8_t fp4_values_x2[16];

/* Half and brain floats; scalar, exact, round to nearest even on the way down. */
float f16_to_f32(uint16_t h);
uint16_t f32_to_f16(float f);
float bf16_to_f32(uint16_t h);
uint16_t f32_to_bf16(float f);

#endif
