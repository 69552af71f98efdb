/* What the files of the kernel conformance program share. */
#ifndef TESTS_CONFORMANCE_KERNEL_TEST_H
#define TESTS_CONFORMANCE_KERNEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compute/cpu/kernels.h"
#include "formats/dtype.h"

#define ISA_MAX 4U

/* Tables of every instruction set this processor has; the first is the scalar reference. */
struct isas {
    struct cpu_kernels k[ISA_MAX];
    uint32_t n;
};
void isas_open(struct isas *isas);

struct rnd {
    uint64_t state;
};
uint32_t rnd_u32(struct rnd *r);
uint32_t rnd_below(struct rnd *r, uint32_t n);
float rnd_float(struct rnd *r); /* -1 .. 1 */

/* n elements of nasty but finite blocks: zeros, extremes, tiny scales, random bytes. */
void fill_blocks(struct rnd *r, enum dtype type, size_t n, uint8_t *out);
/* Activations: zeros, extremes, tiny, one large among small, random. */
void fill_floats(struct rnd *r, unsigned mode, size_t n, float *out);
#define FILL_MODES 5U

void linear_bits_agree(void **state);
void linear_is_close_to_exact(void **state);
void linear_matches_fixtures(void **state);
void linear_keeps_nan(void **state);

void norm_is_close(void **state);
void glu_is_close(void **state);
void glu_saturates(void **state);
void rope_is_close(void **state);
void add_scale_f16_agree(void **state);
void attention_is_close(void **state);
void exp_and_softcap_are_close(void **state);

int bench_main(int argc, char **argv);

#endif
