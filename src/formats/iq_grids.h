/* Points that the codes of IQ1, IQ2 and IQ3 blocks index (iq_grids_gen.c), and their signs.
 *
 * A point is a little-endian word with one byte an element, element 0 lowest: magnitudes for IQ2
 * and IQ3, the signed numbers -1, 0, 1 for IQ1. */
#ifndef FORMATS_IQ_GRIDS_H
#define FORMATS_IQ_GRIDS_H

#include <stdint.h>

extern const uint64_t iq2_xxs_grid[256];
extern const uint64_t iq2_xs_grid[512];
extern const uint64_t iq2_s_grid[1024];
extern const uint64_t iq1_grid[2048];
extern const uint32_t iq3_xxs_grid[256];
extern const uint32_t iq3_s_grid[512];

/* Seven stored sign bits with the eighth that makes the number of ones even. */
static inline uint8_t iq_signs(uint32_t seven)
{
    uint32_t ones = seven & 127;

    ones ^= ones >> 4;
    ones ^= ones >> 2;
    ones ^= ones >> 1;
    return (uint8_t)((seven & 127) | (ones & 1) << 7);
}

#endif
