/* Miniature models of our own: a description, a GGUF file of it with weights that follow from the
 * tensors' names, and a slow forward pass in double precision written straight from the
 * description. What the product computes from the file must agree with it. */
#ifndef TESTS_SUPPORT_TINY_H
#define TESTS_SUPPORT_TINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Where norms sit: see architectures.md, section 4. */
enum tiny_layout {
    TINY_BEFORE,
    TINY_AROUND,
    TINY_ON_OUTPUT,
    TINY_SHARED, /* parallel */
    TINY_WEIGHTLESS,
    TINY_AFTER_ADD,
    TINY_SINGLE /* a layer is a mixer or a feed-forward part */
};
enum tiny_act { TINY_SILU, TINY_GELU, TINY_GELU_ERF, TINY_RELU_SQ, TINY_CLAMPED };
enum tiny_mask { TINY_CAUSAL, TINY_CHUNK, TINY_SYMMETRIC };
enum tiny_qk_norm {
    TINY_QK_NONE,
    TINY_QK_HEAD,      /* one weight of a head's length */
    TINY_QK_EACH_HEAD, /* each head its own             */
    TINY_QK_ROW,       /* over all heads together       */
    TINY_QK_BARE       /* no weight; rotated layers     */
};
enum tiny_score { TINY_SOFTMAX, TINY_SIGMOID, TINY_OF_CHOSEN, TINY_SOFTPLUS };

struct tiny {
    const char *arch;
    uint32_t n_layer, n_embd, n_ff, n_head, n_head_kv, head, n_rot, n_vocab;
    double eps, base, base_swa;
    uint32_t n_ctx, n_ctx_orig;

    /* ---- the block ---- */
    enum tiny_layout layout;
    bool layer_norm, norm_bias, tied;
    bool parallel; /* with a norm of its own before the FFN; the key says so */
    bool norm_2;   /* attn_norm_2: of attention in parallel blocks; else after the first add,
                      the input added once more */
    bool ffn_norm_is_post; /* the norm before the FFN is called post_attention_norm */
    bool out_is_embd;      /* the final norm is called token_embd_norm */
    bool embd_norm, positions, types;
    bool embd_sqrt; /* embedding times sqrt(n_embd) */
    bool headless;  /* what is compared are the last hidden states */
    double embd_scale, residual_scale, logit_div, logit_mul; /* 0 = none */
    bool scale_keys; /* they are written as keys, and attn_scale; else the row knows them */
    double cap_attn, cap_final; /* 0 = none */
    bool caps_by_row;           /* they are not written */
    bool head_bias;             /* output.bias */
    bool layer_scale;
    uint32_t n_ple;        /* width of per-layer embeddings */
    uint32_t n_nextn;      /* blocks behind the executed ones */
    uint32_t n_cls;        /* outputs of a classifier with a hidden layer of n_embd and a norm */
    uint32_t n_dense_head; /* width between dense_2 and dense_3 */

    /* ---- attention ---- */
    uint32_t window, period; /* layer il is windowed unless il % period == period - 1 */
    enum tiny_mask mask;
    bool period_key; /* the pattern is written; else the row knows it */
    bool by_layer;   /* written as an array of booleans */
    bool by_row;     /* window and temperature are the row's, shortened; no keys */
    bool wrong_window_key, zero_window_key; /* a key that says something else */
    bool swa_by_row;                        /* base_swa is not written */
    bool window_unscaled;                   /* windowed layers: base_swa, no scaling */
    bool sees_all;                          /* both ways */
    bool adjacent, no_rope, rope_windowed;
    bool sections;      /* a key that changes the pairing of one family */
    bool untuned;       /* rope.scaling.finetuned = false */
    uint32_t rope_skip; /* every nth layer does not rotate; 0 = all do */
    double factor;      /* 0 = no scaling */
    bool yarn;          /* else linear */
    double log_multiplier;
    double attn_factor, beta_fast, beta_slow; /* 0 = the usual 1, 32, 1 */
    bool old_factor_key, no_scaling; /* rope.scale_linear; the type is "none" whatever the factor */
    bool causal_key;                 /* attention.causal is written */
    bool freqs;                      /* rope_freqs; of full layers only where full_freqs */
    bool full_freqs;
    bool longrope; /* factors for short and long contexts; short ones when n_ctx <= n_ctx_orig */
    double attn_scale; /* 0 = 1 / sqrt(head) */
    double alibi, clamp, temp;
    uint32_t temp_len, temp_offset;
    bool temp_unrotated; /* only layers without rotation, and the row knows it; else a key */
    enum tiny_qk_norm qk_norm;
    bool qk_late; /* Q and K norms after the rotation */
    bool qkv_bias, out_bias, fused_qkv, sinks;
    bool gated;                   /* attn_q holds a gate behind each head's query */
    bool v_norm;                  /* without a weight */
    uint32_t head_swa, n_rot_swa; /* of windowed layers; 0 = the same */
    uint32_t n_head_kv_swa;
    bool k_is_v; /* full layers have no attn_v */
    uint32_t n_shared_kv;
    uint32_t r_q, r_kv, head_v; /* latent attention; r_q 0: attn_q */
    float q_scale;              /* 0, or attn_q.scale: multiplies the product, not the bias */

    /* ---- feed-forward ---- */
    enum tiny_act act;
    bool ungated; /* down(act(up)) */
    bool fused_up, ffn_bias;
    uint32_t n_ff_step, n_head_step; /* more in each layer than in the one before */
    uint32_t n_expert, n_used;       /* 0: dense */
    uint32_t n_ff_exp, n_ff_shared;  /* 0: n_ff; 0: no shared expert */
    bool shared_gate, router_bias, expert_bias, select_bias, fused_exps, weigh_input;
    bool expert_scale; /* ffn_down_exps.scale */
    uint32_t n_dense;  /* leading layers without experts */
    uint32_t every;    /* with it, layers il % every != every - 1 are dense */
    bool beside;       /* the dense part runs too, norms of its own */
    uint32_t n_group, n_group_used;
    enum tiny_score score;
    bool score_key;    /* it is written; else the row knows it */
    bool keep_weights; /* the router's weights are not renormalised */
    bool norm_key;     /* expert_weights_norm = true is written */
    double weight_scale;

    /* ---- other mixers ---- */
    const char *mixers; /* of layer il % length: 'a'ttention, short 'c'onvolution, 'd'elta net,
                           's'elective scan (Mamba-2), 'm'amba-1, or 'f'eed-forward alone; NULL:
                           attention */
    bool mod_heads;   /* delta net: ssm_beta and ssm_alpha, value head h reads key head h mod hk */
    bool dt_norms;    /* Mamba-1: norms of dt, B and C with weights */
    bool norm_dt_b_c; /* Mamba-1: bare norms; by a key */

    /* ---- the file ---- */
    bool half_vectors; /* norms and biases stored as F16 */
    bool half_matrices;
    const char *const *lost; /* tensors to leave out, NULL-terminated; NULL: none */
    const char *extra;       /* a tensor [n_embd] too many, or NULL */
    const char *bad_key;     /* this key, if it is written at all, has another value, */
    double bad_value;        /* or one entry too many */
    const char *bad_tensor;  /* this tensor's dimension bad_dim is one more */
    uint32_t bad_dim;
    const char *nan_tensor; /* this tensor's last value is not a number */
};

/* Sizes of the mixers with a state. */
#define TINY_TAPS  3U
#define TINY_STATE 8U  /* and a head of the delta net */
#define TINY_HEADS 4U  /* value heads, scan heads     */
#define TINY_GROUP 2U  /* key heads, groups of B and C */
#define TINY_INNER 48U /* of the scan                 */
#define TINY_RANK  5U  /* of Mamba-1's dt             */

#define TINY_LAYERS_MAX 64U

/* ---- what holds of layer il ---- */
char tiny_mixer(const struct tiny *t, uint32_t il);
bool tiny_windowed(const struct tiny *t, uint32_t il);
bool tiny_rotated(const struct tiny *t, uint32_t il);
bool tiny_has_experts(const struct tiny *t, uint32_t il);
bool tiny_owns_kv(const struct tiny *t, uint32_t il);  /* else it reads another layer's */
uint32_t tiny_head(const struct tiny *t, uint32_t il); /* of queries and keys, and values */
uint32_t tiny_head_kv(const struct tiny *t, uint32_t il);
uint32_t tiny_n_rot(const struct tiny *t, uint32_t il);
uint32_t tiny_n_ff_exp(const struct tiny *t);
uint32_t tiny_n_ff(const struct tiny *t, uint32_t il);
uint32_t tiny_n_head(const struct tiny *t, uint32_t il);

/* A path for this process's file of that name; in memory where there is such a folder, as thousands
 * of files are written and each is made safe on the disk. */
#define TINY_PATH_BYTES 96U
const char *tiny_path(char out[TINY_PATH_BYTES], const char *name);

/* Writes the file. */
enum err_code tiny_write(const struct tiny *t, const char *path, struct err *e);

/* The values of a tensor: n of them, rows of n_in. */
void tiny_fill(const char *name, size_t n, uint32_t n_in, float *out);

/* tiny_models.c: one or more for every row of the table. */
const struct tiny *tiny_models(size_t *n);
#define TINY_TOK   40U /* a good length to compare: longer than windows, within n_ctx */
#define TINY_VOCAB 96U

/* The same family with other sizes: what `seed` makes of them. */
struct tiny tiny_varied(const struct tiny *t, uint64_t seed);

/* Writes, computes in batches of `chunk` and compares with forward_ref: the normalised squared
 * error, infinite when the model is refused. row: see struct mini_params. */
struct arch_traits;
double tiny_error(const struct tiny *t, uint32_t chunk, const struct arch_traits *row,
                  struct err *e);

/* forward_ref.c: logits of all n tokens [n x n_vocab], of headless models their hidden states
 * [n x n_embd]; freed with mem_free. */
double *forward_ref(const struct tiny *t, const int32_t *tokens, uint32_t n);

#endif
