/* What the devices of this room know about plans beyond the public header. */
#ifndef COMPUTE_PLAN_INT_H
#define COMPUTE_PLAN_INT_H

#include "compute/plan.h"

#define OP_OPERANDS_MAX 6 /* delta_rule */

struct op_operand {
    struct operand operand;
    bool is_written; /* rope reads and writes its dst: listed once, as written */
};

/* The operands an op touches. */
uint32_t op_operands(const struct op *op, struct op_operand out[OP_OPERANDS_MAX]);

/* The state an op reads and writes; STATE_NONE for most. */
uint32_t op_state(const struct op *op);

/* Bytes of a value for so many rows, a multiple of 64. */
size_t value_bytes(const struct plan *p, uint32_t value, uint32_t n_tok, uint32_t n_out);

#endif
