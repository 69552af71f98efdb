/* Finding the grid points, signs and scales of a block of 256 for the IQ1, IQ2 and IQ3 types;
 * private to formats/. What differs between the types is in struct iq_kind. */
#ifndef FORMATS_QUANT_IQ_FIT_H
#define FORMATS_QUANT_IQ_FIT_H

#include <stdint.h>

#include "formats/quant_fit.h"

#define IQ_POINTS_MAX 2048U
#define IQ_CODES_MAX  81U
#define IQ_VECTORS    64U /* most points a block has */

enum iq_signs {
    IQ_SIGNS_FREE, /* a bit for each element */
    IQ_SIGNS_EVEN, /* an even number of negative ones in each eight */
    IQ_TERNARY     /* the grid itself has signs; all elements move by delta, +- 1/8 */
};

struct iq_kind {
    const uint64_t *grid8; /* points of eight elements, or */
    const uint32_t *grid4; /* of four */
    unsigned n_point;
    unsigned group;       /* elements that share a scale */
    unsigned delta_group; /* elements that share a delta: 8, 32; 0 without */
    unsigned n_multiple;  /* scales are d * (first + step * i), i < n_multiple */
    float first, step;
    enum iq_signs signs;
};

/* The grid sorted by the first halves of its points. */
struct iq_search {
    const struct iq_kind *kind;
    unsigned dim, n_digit, n_code; /* elements a point, values an element, codes a half */
    float values[8];               /* of the digits, rising */
    uint16_t start[IQ_CODES_MAX + 1];
    uint16_t point[IQ_POINTS_MAX];
    uint8_t second[IQ_POINTS_MAX]; /* code of the second half */
};
void iq_search_init(struct iq_search *s, const struct iq_kind *kind);

struct iq_fit {
    float d;                    /* fits in a half */
    uint8_t multiple[16];       /* of each group */
    uint16_t point[IQ_VECTORS]; /* in element order */
    uint8_t signs[32];          /* of each eight: bit j set for a negative element j */
    uint8_t delta[32];          /* of each eight: 1 for - 1/8 */
};
void iq_fit_block(struct iq_fit *out, const struct iq_search *s, const struct fit *f);

#endif
