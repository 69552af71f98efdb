/* Building the list of ops: what the block, the mixers and the feed-forward part share. */
#ifndef MODEL_BLOCK_H
#define MODEL_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "compute/plan.h"
#include "model/hparams.h"
#include "model/layer_plan.h"
#include "model/weights.h"

struct build {
    struct plan_builder *b;
    const struct hparams *hp;
    const struct weights *w;
    const struct layer_plan *l;
    const struct layer_weights *lw;
    bool is_long;         /* the long rope factors */
    enum value_rows rows; /* of the residual stream at this place */
    uint32_t *kv_layers;  /* the plan's kv layer of each layer    */
    uint32_t il;
    struct operand ple;      /* this layer's own embeddings, or absent */
    struct operand residual; /* before the feed-forward part           */
};

/* How a part's result enters the residual stream: add (may be absent) + scale * result. */
struct build_end {
    struct operand add;
    float scale;
};

/* An op whose operands are all absent. */
struct op build_op(enum op_kind kind);

/* w x (+ bias) into a new value of w's width. */
struct operand build_linear(const struct build *b, const struct stored *s, struct operand x,
                            struct build_end end);

/* The row's norm of x over groups of `group` columns into dst (which may be x). */
void build_norm_into(const struct build *b, const struct stored *s, struct operand x,
                     uint32_t group, struct operand dst);

/* norm(x) + add into a new value; x itself when the layer has no such norm. */
struct operand build_norm(const struct build *b, const struct stored *s, struct operand x,
                          struct operand add);

/* act(gate) * up, up may be absent. */
struct operand build_glu(const struct build *b, enum act_kind act, struct operand gate,
                         struct operand up);

/* n_head pieces of n_col columns of x, `stride` apart, side by side in a new value. */
struct operand build_pick_heads(const struct build *b, struct operand x, struct op_copy_heads how);

struct build_end build_plain(void); /* nothing added, scale 1 */

/* One layer: x -> x', with ops for the rows that are still needed. `narrow`: from the mixer on,
 * only rows that ask for an output. */
struct operand build_block(struct build *b, struct operand x, bool narrow);

/* ffn.c: end + the feed-forward part of x. */
struct operand build_ffn(const struct build *b, struct operand x, struct build_end end);

#endif
