/* Shape facts: the metadata keys "<architecture>.*", read the same way for every architecture and
 * checked against named limits (architectures.md, section 2). */
#ifndef MODEL_HPARAMS_H
#define MODEL_HPARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "formats/gguf.h"
#include "model/arch.h"
#include "model/model.h"

#define HPARAMS_HEAD_MAX 65536U /* elements of one head */
#define HPARAMS_ROWS_MAX (1U << 30)
#define HPARAMS_SSM_MAX  (1U << 16) /* state size, rank, groups */

enum rope_scaling { RSCALE_NONE, RSCALE_LINEAR, RSCALE_YARN, RSCALE_LONGROPE };

struct hparams {
    struct arch_traits t; /* the row, changed by its fixup */

    uint32_t n_layer;     /* executed                                     */
    uint32_t n_layer_all; /* with trailing multi-token-prediction blocks  */
    uint32_t n_embd, n_vocab, n_ctx_train;

    /* One entry per layer of n_layer_all. */
    uint32_t *n_head, *n_head_kv, *n_ff, *n_ff_exp, *n_expert_used;
    bool *windowed, *rotated;
    bool *recurrent; /* what the keys say; NULL: nothing */

    uint32_t head_k, head_v, n_rot;             /* of full layers     */
    uint32_t head_k_swa, head_v_swa, n_rot_swa; /* of windowed layers */

    float eps;
    float attn_scale, embd_scale, residual_scale, logit_scale; /* 0 = unset */
    float clamp_qkv;                                           /* 0 = none  */
    float cap_attn, cap_final, alibi;                          /* 0 = none  */
    float temp;                                                /* query temperature, 0 = none */

    struct {
        enum rope_scaling scaling;
        float base, base_swa;
        float factor; /* >= tiny; 1 = unscaled */
        float attn_factor, beta_fast, beta_slow, log_multiplier;
        bool in_attn_scale; /* the magnitude is part of attn_scale, not of the rotation */
        uint32_t n_ctx_orig;
    } rope;

    bool causal;
    uint32_t n_window; /* 0: no windowed layer */

    uint32_t n_expert, n_ff_shexp; /* n_ff_shexp 0: the tensor tells */
    uint32_t n_expert_shared;
    enum router_score score;
    bool renormalise;
    float expert_scale;
    uint32_t n_expert_group, n_expert_group_used;
    uint32_t n_dense_lead; /* leading layers that must not have experts */

    struct { /* latent attention; 0 = none */
        uint32_t r_q, r_kv, head_k, head_v;
    } mla;

    struct { /* of layers with a state; 0 = none */
        uint32_t n_tap, n_inner, n_state, n_rank, n_group;
        bool norm_dt_b_c;
        uint32_t n_short_tap; /* short convolution */
    } ssm;

    uint32_t n_shared_kv; /* trailing layers without K and V of their own */
    uint32_t n_ple;       /* width of a layer's own embedding, 0 = none   */

    enum pooling pooling;
    /* What the heads behind the pooled vector must have; 0 = not said. */
    uint32_t n_label, dense_in[2], dense_out[2], n_token_type, n_embd_out;
};

/* Arrays come from the arena. row: NULL = the one that the file names. */
enum err_code hparams_read(struct hparams *hp, const struct gguf *g, const struct arch_traits *row,
                           struct arena *a, struct err *e);

#endif
