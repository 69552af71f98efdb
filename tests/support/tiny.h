/* Miniature models of our own: a description, a GGUF file of it with weights that follow from the
 * tensors' names, and a slow forward pass in double precision written straight from the
 * description. What the product computes from the file must agree with it. */
#ifndef TESTS_SUPPORT_TINY_H
#define TESTS_SUPPORT_TINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum tiny_layout { TINY_BEFORE, TINY_AROUND, TINY_ON_OUTPUT, TINY_SHARED, TINY_WEIGHTLESS };
enum tiny_act { TINY_SILU, TINY_GELU, TINY_RELU_SQ };

struct tiny {
    const char *arch;
    uint32_t n_layer, n_embd, n_ff, n_head, n_head_kv, head, n_rot, n_vocab;
    uint32_t n_expert, n_used; /* 0: dense */
    uint32_t window, period;   /* layer il is windowed unless il % period == period - 1 */
    enum tiny_layout layout;
    enum tiny_act act;
    bool layer_norm, adjacent, qkv_bias, qk_norm, fused_qkv, fused_up, tied;
    bool ungated;          /* down(act(up)) */
    bool ffn_norm_is_post; /* the norm before the FFN is called post_attention_norm */
    bool qk_late;          /* Q and K norms after the rotation */
    bool keep_weights;     /* the router's weights are not renormalised */
    bool no_rope, embd_norm, positions;
    double embd_scale, residual_scale, logit_div; /* 0 = none; not written as keys */
    double alibi;
    bool embd_sqrt;       /* embedding times sqrt(n_embd) */
    bool window_unscaled; /* windowed layers: base_swa, no scaling */
    double eps, base, base_swa;
    double factor; /* 0 = no scaling */
    bool yarn;     /* else linear */
    uint32_t n_ctx, n_ctx_orig;
    double cap_attn, cap_final; /* 0 = none */
    bool half_vectors;          /* norms and biases stored as F16 */
    const char *mixers;      /* of layer il % length: 'a'ttention, short 'c'onvolution, 'd'elta net,
                                's'elective scan (Mamba-2); NULL: attention */
    bool gated;              /* attn_q holds a gate behind each head's query */
    bool sigmoid;            /* the router's scores */
    bool out_is_embd;        /* the final norm is called token_embd_norm */
    double clamp;            /* of Q, K and V, 0 = none */
    bool logit_key;          /* logit_div is written */
    float q_scale;           /* 0, or attn_q.scale: multiplies the product, not the bias */
    const char *const *lost; /* tensors to leave out, NULL-terminated; NULL: none */
    const char *extra;       /* a tensor [n_embd] too many, or NULL */
};

/* Sizes of the mixers with a state. */
#define TINY_TAPS  3U
#define TINY_STATE 8U  /* and a head of the delta net */
#define TINY_HEADS 4U  /* value heads, scan heads     */
#define TINY_GROUP 2U  /* key heads, groups of B and C */
#define TINY_INNER 48U /* of the scan                 */

char tiny_mixer(const struct tiny *t, uint32_t il);

/* Writes the file. */
enum err_code tiny_write(const struct tiny *t, const char *path, struct err *e);

/* The values of a tensor: n of them, rows of n_in. */
void tiny_fill(const char *name, size_t n, uint32_t n_in, float *out);

/* tiny_models.c: one or more for every row that the fixtures lack, and for the common ones. */
const struct tiny *tiny_models(size_t *n);
#define TINY_TOK   40U /* a good length to compare: longer than windows, within n_ctx */
#define TINY_VOCAB 96U

/* Writes, computes in batches of `chunk` and compares with forward_ref: the normalised squared
 * error, infinite when the model is refused. row: see struct mini_params. */
struct arch_traits;
double tiny_error(const struct tiny *t, uint32_t chunk, const struct arch_traits *row,
                  struct err *e);

/* forward_ref.c: logits of all n tokens [n x n_vocab]; freed with mem_free. */
double *forward_ref(const struct tiny *t, const int32_t *tokens, uint32_t n);

#endif
