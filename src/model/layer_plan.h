/* What is known of a layer once keys, tensors and traits have been weighed: all that the block
 * builder reads. Nothing here depends on an architecture's name. */
#ifndef MODEL_LAYER_PLAN_H
#define MODEL_LAYER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "compute/plan.h"
#include "model/hparams.h"
#include "model/weights.h"

struct mixer_ops;

/* Angles per position of n_rot / 2 pairs, and what multiplies cos and sin. */
struct rope_table {
    const float *theta;
    float mag;
};

/* All tables of a model: full and windowed layers, short and long context. Entries that are equal
 * share their numbers. */
struct rope_tables {
    struct rope_table at[2][2]; /* [windowed][long] */
    uint32_t n_ctx_short;       /* longest context of the short factors; UINT32_MAX: no choice */
};

struct layer_plan {
    const struct mixer_ops *mixer;
    uint32_t n_head, n_head_kv, head_k, head_v, n_rot;
    bool rotate;
    const struct rope_table *rope; /* [2]: short, long */
    float attn_scale, attn_cap, alibi;
    bool causal;
    enum window_kind window;
    uint32_t n_window;
    uint32_t kv_from; /* the layer whose K and V are read: its own, or an earlier one's */
    struct weight_dims dims;
    float temp; /* query temperature, the length it counts in and where it begins */
    uint32_t temp_len, temp_offset;
    bool is_moe;
    uint32_t n_ff, n_ff_exp, n_ff_shexp, n_expert_used;
};

/* Widths for the weight table; before the weights are looked up. */
enum err_code layer_dims(struct weight_dims *d, const struct hparams *hp, const struct gguf *g,
                         uint32_t il, struct err *e);

/* The model's angle tables (architectures.md, 6.1). */
enum err_code rope_tables_build(struct rope_tables *r, const struct hparams *hp,
                                const struct weights *w, struct arena *a, struct err *e);

/* The layer whose K and V layer il reads: of the last n_shared_kv layers, windowed ones read the
 * last-but-one that has its own, full ones the last. */
uint32_t kv_source(const struct hparams *hp, uint32_t il);

/* The rest, from hparams and what weights are there. */
void layer_plan_build(struct layer_plan *l, const struct hparams *hp, const struct weight_dims *d,
                      const struct weights *w, const struct rope_tables *r, uint32_t il);

#endif
