/* The packed six-bit scales of the K types, for codecs and kernels. */
#ifndef FORMATS_QUANT_K_H
#define FORMATS_QUANT_K_H

#include <stdint.h>

/* Q3_K: 16 scales -32 .. 31 of 16 elements each. */
void q3_k_scales(const uint8_t packed[12], int8_t scales[16]);

/* Q4_K and Q5_K: 8 scales and minima 0 .. 63 of 32 elements each. */
void q4_k_scales(const uint8_t packed[12], uint8_t scales[8], uint8_t mins[8]);

#endif
