/* Published shapes of well-known models, for files with random weights. */
#ifndef MODEL_ARCH_SHAPES_H
#define MODEL_ARCH_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/gguf.h"

/* What a tensor is for: decides its type in a mixture and the numbers in it. */
enum shape_use {
    USE_EMBD,
    USE_OUTPUT,
    USE_MATRIX,
    USE_V,      /* attn_v, fused QKV: kept finer in mixtures */
    USE_DOWN,   /* ffn_down: the same                        */
    USE_EXPERT, /* stacked experts                           */
    USE_EXPERT_DOWN,
    USE_PLAIN, /* f32 matrices: routers                     */
    USE_ONES,  /* norm weights                              */
    USE_SMALL, /* biases, sinks                             */
    USE_FREQS  /* rope_freqs                                */
};

struct shape_tensor {
    char name[GGUF_NAME_BYTES_MAX];
    enum shape_use use;
    uint32_t il; /* layer */
    uint32_t n_dims;
    uint64_t ne[GGUF_DIMS_MAX];
};

struct shape {
    const char *name, *arch;
    uint32_t n_layer, n_embd, n_ff, n_head, n_head_kv, head, n_vocab, n_ctx;
    uint32_t n_expert, n_expert_used, n_ff_exp, n_window;
    float freq_base, eps;
    float freqs_factor; /* of rope_freqs; 0: no such tensor */
    float yarn_factor;
    uint32_t n_ctx_orig;
    bool tied, qkv_bias, qk_norm, sinks, around, encoder;
};

/* tokenizer.ggml.model of all of them: byte-level BPE, whatever the original has. */
extern const char shape_tok_kind[];

const struct shape *shape_find(const char *name);

/* Writes the architecture's keys. */
enum err_code shape_keys(const struct shape *s, uint32_t n_layer, struct gguf_out *o,
                         struct err *e);

/* Calls fn for every tensor in file order, until it fails. */
enum err_code shape_walk(const struct shape *s, uint32_t n_layer,
                         enum err_code (*fn)(void *arg, const struct shape_tensor *t,
                                             struct err *e),
                         void *arg, struct err *e);

/* The divisors of a rope_freqs tensor: n values. */
void shape_freqs(const struct shape *s, uint32_t n, float *out);

#endif
