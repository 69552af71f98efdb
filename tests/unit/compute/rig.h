/* A plan of a few ops with made weights, run on the CPU device. The rows that the ops read come
 * from an embedding table, so that a test knows them from the tokens. */
#ifndef TESTS_UNIT_COMPUTE_RIG_H
#define TESTS_UNIT_COMPUTE_RIG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "compute/device.h"
#include "formats/dtype.h"

#define RIG_VOCAB   64U
#define RIG_WEIGHTS 16U
#define RIG_SLOTS   8U
#define RIG_TOK_MAX 128U
#define RIG_SEQ_MAX 4U

struct rig {
    struct plan_builder b;
    struct plan *plan;
    struct device *dev;
    struct program *prog;
    struct kv_store *kv;
    struct weight w[RIG_WEIGHTS]; /* in the order they were made; w[0]: the table of rig_input */
    uint32_t n_w, width;          /* of the output */
    uint64_t random;
    uint32_t features_off; /* of the processor: set before rig_finish */
};

/* Some tokens of one sequence, from one state slot to another. */
struct rig_piece {
    const int32_t *tokens;
    uint32_t n_tok, pos, state_in, state_out;
};

void rig_begin(struct rig *r, uint64_t seed);
/* Uniform in [lo, hi). */
float rig_random(struct rig *r, float lo, float hi);
/* A weight of random numbers, of any type that has an encoder. */
const struct weight *rig_weight(struct rig *r, enum dtype type, uint32_t ne0, uint32_t ne1,
                                uint32_t ne2, float lo, float hi);
/* Numbers of an F32 weight. */
const float *rig_numbers(const struct weight *w);
/* Rows of `width` random numbers in [-1, 1), one for each token id. */
struct operand rig_input(struct rig *r, uint32_t width);
const float *rig_input_row(const struct rig *r, int32_t token);
/* An op without operands. */
struct op rig_op(enum op_kind kind);
/* Builds the plan whose output is `out` and compiles it. */
enum err_code rig_finish(struct rig *r, struct operand out, uint32_t n_thread, struct err *e);
void rig_end(struct rig *r);

/* One batch; out: the rows of all pieces, [n_tok][width]. cancel may be NULL. */
enum err_code rig_run(struct rig *r, const struct rig_piece *pieces, uint32_t n_piece,
                      const atomic_bool *cancel, float *out);

#endif
