/* Weights by role: every tensor is looked up through one table with symbolic shapes
 * (architectures.md, sections 3 and 5.3). What a layer has is decided by looking, what it must have
 * by the row's layout. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "compute/plan.h"
#include "formats/gguf.h"
#include "model/hparams.h"

enum weight_role {
    /* of the whole model */
    W_TOKEN_EMBD,
    W_TOKEN_EMBD_NORM,
    W_TOKEN_TYPES,
    W_POSITION_EMBD,
    W_OUTPUT_NORM,
    W_OUTPUT,
    W_ROPE_FREQS,
    W_ROPE_LONG,
    W_ROPE_SHORT,
    W_CLS,
    W_CLS_OUTPUT,
    W_CLS_NORM,
    W_GLOBAL_COUNT,

    /* of a layer: norms */
    W_ATTN_NORM = W_GLOBAL_COUNT,
    W_ATTN_NORM_2,
    W_ATTN_POST_NORM,
    W_ATTN_OUT_NORM,
    W_FFN_NORM,
    W_FFN_POST_NORM,
    W_LAYER_OUT_NORM,
    /* attention */
    W_ATTN_Q,
    W_ATTN_K,
    W_ATTN_V,
    W_ATTN_QKV,
    W_ATTN_OUT,
    W_ATTN_Q_NORM,
    W_ATTN_K_NORM,
    W_ATTN_SINKS,
    /* feed-forward */
    W_FFN_GATE,
    W_FFN_UP,
    W_FFN_DOWN,
    W_ROUTER,
    W_SELECT_BIAS,
    W_EXPS_GATE,
    W_EXPS_UP,
    W_EXPS_DOWN,
    W_EXPS_GATE_UP,
    W_SHEXP_GATE,
    W_SHEXP_UP,
    W_SHEXP_DOWN,
    W_SHEXP_ROUTER,
    W_COUNT
};

#define W_LAYER_COUNT (W_COUNT - W_GLOBAL_COUNT)

/* One role's tensors; w == NULL: absent. Vectors are f32. The product is scale * (w x + b): where
 * the file scales the product alone, the bias has been divided by it. */
struct stored {
    const struct weight *w, *b;
    const struct weight *e_scale; /* experts: f32 [n_expert] or NULL */
    float scale;
};

struct layer_weights {
    struct stored at[W_LAYER_COUNT];
};

struct weights {
    struct stored global[W_GLOBAL_COUNT];
    struct layer_weights *layers; /* n_layer */
};

static inline const struct stored *layer_weight(const struct layer_weights *w, enum weight_role r)
{
    return &w->at[r - W_GLOBAL_COUNT];
}

struct layer_plan;

/* The widths that the table's dimensions stand for. */
struct weight_dims {
    uint32_t n_embd, n_vocab;
    uint32_t n_head, n_head_kv, head_k, head_v, n_rot;
    uint32_t n_ff, n_ff_exp, n_ff_shexp, n_expert;
};

/* Looks every role up, checks shapes and what is missing, and that no tensor is left over. `dims`
 * gives n_layer entries. Tables and converted vectors come from the arena; data stays mapped. */
enum err_code weights_load(struct weights *w, const struct hparams *hp,
                           const struct weight_dims *dims, const struct gguf *g, struct arena *a,
                           struct err *e);

/* ---- between weights.c and weights_check.c ---- */

/* The role of "token_embd" or "attn_q"; W_COUNT when no role has this stem. */
enum weight_role weight_role_find(const char *stem, size_t len, bool in_layer);
const char *weight_role_stem(enum weight_role r);

/* Is this role's tensor called ".bias" alone (selection bias)? */
bool weight_role_is_bias(enum weight_role r);

/* weights_check.c: which weights each layer needs, and that layers agree. */
enum err_code weights_check_layer(const struct layer_weights *w, const struct hparams *hp,
                                  const struct gguf *g, uint32_t il, struct err *e);
enum err_code weights_check_model(const struct weights *w, const struct hparams *hp, struct err *e);
/* No tensor of the file is without a role. */
enum err_code weights_check_claimed(const struct hparams *hp, const struct gguf *g, struct err *e);

#endif
