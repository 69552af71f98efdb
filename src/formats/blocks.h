/* Layouts of quantised blocks, as GGUF files hold them: little-endian, no padding.
 *
 * Scales named d, dmin, m are half floats (f16_to_f32) unless said otherwise. "Element e" counts
 * within the block. How bytes become numbers is defined by the dequantisers of this room; the
 * comments here are what a kernel needs. All structs may be used on mapped tensor data: the data
 * of a tensor is aligned to at least 8 bytes and every size below keeps its fields aligned. */
#ifndef FORMATS_BLOCKS_H
#define FORMATS_BLOCKS_H

#include <assert.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "blocks are used as they lie in the file: little-endian machines only"
#endif

#define QK   32U  /* elements of the simple blocks  */
#define QK_K 256U /* elements of the super-blocks   */

#define BLOCK_SIZE_IS(name, bytes)                                                                 \
    static_assert(sizeof(struct name) == (bytes), "the file format fixes the layout of " #name)

/* ---- simple blocks of 32: qs[j] holds element j (low nibble) and j + 16 (high nibble) ---- */

struct block_q4_0 { /* d * (q - 8) */
    uint16_t d;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q4_0, 18);

struct block_q4_1 { /* d * q + m */
    uint16_t d, m;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q4_1, 20);

struct block_q5_0 { /* d * (q - 16); fifth bit of element e: bit e of qh (little-endian u32) */
    uint16_t d;
    uint8_t qh[4];
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q5_0, 22);

struct block_q5_1 { /* d * q + m */
    uint16_t d, m;
    uint8_t qh[4];
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q5_1, 24);

struct block_q8_0 { /* d * q */
    uint16_t d;
    int8_t qs[32];
};
BLOCK_SIZE_IS(block_q8_0, 34);

struct block_q8_1 { /* d * q; s = d * (sum of q), for products with types that have a minimum */
    uint16_t d, s;
    int8_t qs[32];
};
BLOCK_SIZE_IS(block_q8_1, 36);

struct block_q1_0 { /* 128 elements: bit e (least significant first) set: +d, clear: -d */
    uint16_t d;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q1_0, 18);

struct block_q2_0 { /* 64 elements: two bits each, element e at bits 2*(e%4) of qs[e/4] */
    uint16_t d;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_q2_0, 18);

/* ---- super-blocks of 256 ---- */

struct block_q2_k {     /* d * sc * q - dmin * m, 16 groups of 16 */
    uint8_t scales[16]; /* group g: sc = low nibble, m = high nibble */
    uint8_t qs[64];     /* element 128a + 32b + j: bits 2b.. of qs[32a + j] */
    uint16_t d, dmin;
};
BLOCK_SIZE_IS(block_q2_k, 84);

struct block_q3_k {     /* d * (sc - 32) * (q - 4), 16 groups of 16 */
    uint8_t hmask[32];  /* third bit of element 32b + j: bit b of hmask[j] */
    uint8_t qs[64];     /* low two bits as in q2_k */
    uint8_t scales[12]; /* six bits: low nibbles of sc 0..7 / 8..15 in the nibbles of bytes 0..7,
                         * upper pairs of sc 4k + i in bits 2k.. of byte 8 + i */
    uint16_t d;
};
BLOCK_SIZE_IS(block_q3_k, 110);

struct block_q4_k { /* d * sc * q - dmin * m, 8 groups of 32 */
    uint16_t d, dmin;
    uint8_t scales[12]; /* six bits: sc 0..3 in bytes 0..3, m 0..3 in bytes 4..7 (low six bits);
                         * sc / m 4..7: low nibble / high nibble of bytes 8..11, upper pairs in
                         * the top two bits of bytes 0..3 / 4..7 */
    uint8_t qs[128];    /* groups 2a (low nibbles) and 2a + 1 (high) in qs[32a .. 32a + 31] */
};
BLOCK_SIZE_IS(block_q4_k, 144);

struct block_q5_k { /* as q4_k; fifth bit of element 32g + j: bit g of qh[j] */
    uint16_t d, dmin;
    uint8_t scales[12];
    uint8_t qh[32];
    uint8_t qs[128];
};
BLOCK_SIZE_IS(block_q5_k, 176);

struct block_q6_k {    /* d * sc * (q - 32), 16 groups of 16 */
    uint8_t ql[128];   /* half a: elements 128a + j, + 32 in the low nibbles of ql[64a + j],
                        * [64a + 32 + j]; + 64, + 96 in their high nibbles (j < 32) */
    uint8_t qh[64];    /* upper pairs of those four: bits 0, 2, 4, 6 of qh[32a + j] */
    int8_t scales[16]; /* element e: scales[e / 16] */
    uint16_t d;
};
BLOCK_SIZE_IS(block_q6_k, 210);

struct block_q8_k { /* d * q; d is a float; activations only, never in files */
    float d;
    int8_t qs[256];
    int16_t bsums[16]; /* sums of 16 neighbours */
};
BLOCK_SIZE_IS(block_q8_k, 292);

/* ---- super-blocks whose elements are points of a grid (iq_grids.h) ----
 * A grid point gives 8 (iq2, iq1) or 4 (iq3) neighbours. Where signs take seven bits, the eighth
 * makes the number of negative ones even. */

struct block_iq2_xxs { /* per 32: four grid bytes, then a u32: 4 x 7 sign bits, 4 bits scale */
    uint16_t d;
    uint16_t qs[32]; /* d * (0.5 + scale) * 0.25 * grid */
};
BLOCK_SIZE_IS(block_iq2_xxs, 66);

struct block_iq2_xs { /* qs: 9 bits grid, 7 bits signs */
    uint16_t d;
    uint16_t qs[32];
    uint8_t scales[8]; /* a nibble per 16 elements: d * (0.5 + scale) * 0.25 * grid */
};
BLOCK_SIZE_IS(block_iq2_xs, 74);

struct block_iq2_s { /* qs[0..31] grid low bytes, qs[32..63] eight sign bits each */
    uint16_t d;
    uint8_t qs[64];
    uint8_t qh[8];     /* per 32: two more grid bits for each of its four points */
    uint8_t scales[8]; /* as iq2_xs */
};
BLOCK_SIZE_IS(block_iq2_s, 82);

struct block_iq3_xxs { /* qs[0..63] grid points of four, then per 32 a u32 as in iq2_xxs */
    uint16_t d;
    uint8_t qs[96]; /* d * (0.5 + scale) * 0.5 * grid */
};
BLOCK_SIZE_IS(block_iq3_xxs, 98);

struct block_iq3_s {
    uint16_t d;
    uint8_t qs[64];    /* low byte of each grid point of four */
    uint8_t qh[8];     /* per 32: ninth bit of its eight points */
    uint8_t signs[32]; /* bit j of signs[i]: element 8i + j is negative */
    uint8_t scales[4]; /* a nibble per 32: d * (1 + 2 * scale) * grid */
};
BLOCK_SIZE_IS(block_iq3_s, 110);

struct block_iq1_s { /* d * (2 * scale + 1) * (grid + delta), grid in -1, 0, 1 */
    uint16_t d;
    uint8_t qs[32]; /* low byte of each grid point of eight */
    uint16_t qh[8]; /* per 32: 4 x 3 more bits, bits 12..14 scale, bit 15: delta -1/8, else +1/8 */
};
BLOCK_SIZE_IS(block_iq1_s, 50);

struct block_iq1_m { /* no d: the top nibbles of the four u16 in scales are its four nibbles */
    uint8_t qs[32];
    uint8_t qh[16];    /* a nibble per point of eight: 3 more grid bits, the sign of delta */
    uint8_t scales[8]; /* u16 k: 3 bits for each of the four groups of 16 of 64k .. 64k + 63 */
};
BLOCK_SIZE_IS(block_iq1_m, 56);

/* ---- 4 bits through a table of 16 values (iq4_values in dtype.h) ---- */

struct block_iq4_nl { /* 32 elements: d * table[q], nibbles as in q4_0 */
    uint16_t d;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_iq4_nl, 18);

struct block_iq4_xs { /* 256: d * (scale - 32) * table[q] */
    uint16_t d;
    uint16_t scales_h;   /* group g of 32: upper pair of its scale at bits 2g */
    uint8_t scales_l[4]; /* its low nibble: low (even g) or high half of scales_l[g / 2] */
    uint8_t qs[128];     /* group g: qs[16g ..], nibbles as in q4_0 */
};
BLOCK_SIZE_IS(block_iq4_xs, 136);

/* ---- ternary, 256 elements: d * (q - 1) ---- */

struct block_tq1_0 { /* five elements a byte in base three, as fractions of 256 (see quant_t.c) */
    uint8_t qs[48];
    uint8_t qh[4];
    uint16_t d;
};
BLOCK_SIZE_IS(block_tq1_0, 54);

struct block_tq2_0 { /* two bits: element 128a + 32b + j in bits 2b of qs[32a + j] */
    uint8_t qs[64];
    uint16_t d;
};
BLOCK_SIZE_IS(block_tq2_0, 66);

/* ---- four-bit floats: e2m1 codes, nibbles as in q4_0 ---- */

struct block_mxfp4 { /* 32 elements: 2^(e - 127) * e2m1 */
    uint8_t e;
    uint8_t qs[16];
};
BLOCK_SIZE_IS(block_mxfp4, 17);

struct block_nvfp4 { /* 64 elements: groups of 16, each with its own unsigned e4m3 scale */
    uint8_t d[4];
    uint8_t qs[32]; /* group g: element j, j + 8 in the nibbles of qs[8g + j] */
};
BLOCK_SIZE_IS(block_nvfp4, 36);

#endif
