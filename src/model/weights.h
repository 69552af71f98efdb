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
    W_DENSE_2,
    W_DENSE_3,
    W_PLE_EMBD, /* per-layer embeddings: rows, projection, norm */
    W_PLE_MODEL_PROJ,
    W_PLE_PROJ_NORM,
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
    /* latent attention */
    W_MLA_Q_A,
    W_MLA_Q_A_NORM,
    W_MLA_Q_B,
    W_MLA_KV_A,
    W_MLA_KV_A_NORM,
    W_MLA_K_B,
    W_MLA_V_B,
    W_MLA_KV_B, /* old files: K_B and V_B in one; split when loaded */
    /* layers with a state */
    W_SHORTCONV_IN,
    W_SHORTCONV,
    W_SHORTCONV_OUT,
    W_ATTN_GATE,
    W_SSM_IN,
    W_SSM_CONV,
    W_SSM_X,
    W_SSM_DT,
    W_SSM_DT_BIAS,
    W_SSM_A,
    W_SSM_D,
    W_SSM_NORM,
    W_SSM_DT_NORM,
    W_SSM_B_NORM,
    W_SSM_C_NORM,
    W_SSM_BETA,
    W_SSM_ALPHA,
    W_SSM_BA,
    W_SSM_OUT,
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
    /* experts beside a dense part */
    W_ROUTER_SCALE,
    W_EXPS_NORM,
    W_FFN_POST_NORM_1,
    W_FFN_POST_NORM_2,
    /* per-layer embeddings and the end of a layer */
    W_PLE_GATE,
    W_PLE_PROJ,
    W_PLE_POST_NORM,
    W_LAYER_SCALE,
    W_COUNT
};

#define W_LAYER_COUNT (W_COUNT - W_GLOBAL_COUNT)
#define ROLE_BIT(r)   (UINT64_C(1) << ((r)-W_GLOBAL_COUNT)) /* sets of a layer's roles */

/* What an adapter adds to a product: scale * b (a x). */
struct lora {
    const struct weight *a, *b; /* [n_in, rank], [rank, n_out] */
    float scale;
    const struct lora *next;
};

/* One role's tensors; w == NULL: absent. Vectors are f32. The product is scale * (w x + b): where
 * the file scales the product alone, the bias has been divided by it. */
struct stored {
    const struct weight *w, *b;
    const struct weight *e_scale; /* experts: f32 [n_expert] or NULL */
    float scale;
    const struct lora *lora; /* or NULL */
    bool weightless;         /* a norm that has no tensor and is done all the same */
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

/* The widths that the table's dimensions stand for. */
struct weight_dims {
    uint32_t n_embd, n_vocab;
    uint32_t n_head, n_head_kv, head_k, head_v, n_rot;
    uint32_t n_ff, n_ff_exp, n_ff_shexp, n_expert;
    uint32_t n_qkv;            /* attn_qkv of this layer */
    uint32_t r_q, r_kv;        /* ranks of latent attention */
    uint32_t n_ple, n_ple_all; /* per-layer embedding; of all layers together */
    uint32_t conv_taps, conv_width;
    uint32_t ssm_inner, ssm_state;
    uint32_t ssm_rank;                /* of Mamba-1: rank of dt          */
    uint32_t ssm_in, ssm_x, ssm_dt;   /* widths of the products          */
    uint32_t ssm_norm, ssm_norm_rows; /* the gated norm: one row a group */
    bool is_mamba1;
};

/* Looks every role up, checks shapes and what is missing, and that no tensor is left over. `dims`
 * gives n_layer entries. Tables and converted vectors come from the arena; data stays mapped. */
enum err_code weights_load(struct weights *w, const struct hparams *hp,
                           const struct weight_dims *dims, const struct gguf *g, struct arena *a,
                           struct err *e);

/* ---- between the files of weights ---- */

const char *weight_role_stem(enum weight_role r);

/* What follows the stem in the name of a role's own tensor: ".weight", ".bias", ".scale" or "". */
const char *weight_role_ending(enum weight_role r);

/* Is this role's tensor only used as the matrix of a plain product? */
bool weight_role_is_product(enum weight_role r);

/* weights_split.c: K_B and V_B from KV_B, where they are not there themselves. */
enum err_code weights_split_kv_b(struct layer_weights *w, const struct weight_dims *d,
                                 struct arena *a, struct err *e);

/* weights_check.c: which weights each layer needs, and that layers agree. */
enum err_code weights_check_layer(const struct layer_weights *w, const struct hparams *hp,
                                  const struct gguf *g, uint32_t il, struct err *e);
enum err_code weights_check_model(const struct weights *w, const struct hparams *hp, struct err *e);
/* The errors of both sorts. */
enum err_code weights_missing(enum weight_role r, uint32_t il, const char *why, struct err *e);
enum err_code weights_unexpected(enum weight_role r, uint32_t il, const char *why, struct err *e);

/* The first tensor that has no role in any architecture; NULL: there is none. */
const char *weights_first_unknown(const struct gguf *g);

/* No tensor of the file is without a role. */
enum err_code weights_check_claimed(const struct hparams *hp, const struct gguf *g, struct err *e);

#endif
