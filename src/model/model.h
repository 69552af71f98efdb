/* Models: an open GGUF file -> checked weights, a plan per layer, and the list of ops that computes
 * it.
 *
 * After model_open nothing depends on the architecture's name: it lives in arch*.c alone.
 * Immutable; any thread may read. The GGUF must outlive the model; weights stay where they are
 * mapped. Facts: architectures.md (traits, keys, tensors, forward pass). */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "compute/plan.h"
#include "formats/gguf.h"

#define MODEL_LAYERS_MAX  1024U
#define MODEL_EMBD_MAX    (1U << 20)
#define MODEL_HEADS_MAX   4096U
#define MODEL_EXPERTS_MAX 4096U
#define MODEL_FF_MAX      (1U << 24)
#define MODEL_CTX_MAX     (1U << 27)

struct model;

enum pooling { POOL_NONE, POOL_MEAN, POOL_CLS, POOL_LAST, POOL_RANK };

struct model_info {
    char arch[64];
    char name[128];     /* general.name, "" when absent */
    char type_name[32]; /* "Q4_K_M" by general.file_type, else the commonest tensor type */
    uint64_t n_param;   /* elements of all tensors */
    uint64_t n_active;  /* of them read for one token (experts: the chosen share) */
    uint64_t weight_bytes;
    uint32_t n_layer, n_embd, n_vocab, n_ctx_train;
    uint32_t n_ctx_max; /* positions the model can tell apart: learned ones, else MODEL_CTX_MAX */
    uint32_t n_head, n_head_kv, head_k, head_v, n_ff; /* of the first attention layer */
    uint32_t n_expert, n_expert_used;
    bool is_causal;
    bool has_logits;      /* false: encoders without a head */
    enum pooling pooling; /* what the file names; model_pooling (pool.h) says what to do */
    uint32_t n_label;     /* scores of a reranker, 0 = it is none */
};

/* Checks metadata and tensors. ERR_UNSUPPORTED: architecture or feature, by name; ERR_FORMAT: key
 * or tensor, expected and found; ERR_OOM. Of the data only vectors (norms,
 * biases, scales) are read: they must be numbers. Of a head alone (gguf_open_head) nothing is read:
 * info and the sizes in a plan are the same, but nothing can be computed with it. */
enum err_code model_open(struct model **out, const struct gguf *g, struct err *e);
void model_close(struct model *m); /* NULL is fine */

/* Lays an adapter (GGUF with general.type "adapter", adapter.type "lora") over the model, before
 * model_plan and by the model's only user; plans made before do not know it. Several add up. scale:
 * 1 = as trained. The adapter's file must outlive the model. ERR_FORMAT: not an adapter, one of
 * another architecture, or of other shapes; ERR_UNSUPPORTED: it changes what cannot be changed
 * (embeddings, norms, experts); ERR_OOM: the model is then to be closed. */
enum err_code model_add_lora(struct model *m, const struct gguf *adapter, float scale,
                             struct err *e);

/* Uses n experts a token instead of the file's number, before model_plan. ERR_ARG: the model has no
 * experts, or not so many to choose from. */
enum err_code model_use_experts(struct model *m, uint32_t n, struct err *e);

const struct model_info *model_info(const struct model *m);

/* The plan for a context of n_ctx tokens (it decides between long and short rope factors; 0 =
 * trained). With embeddings the output is the final hidden states of all tokens instead of logits.
 * The plan refers to the model's weights and tables: the model must outlive it. plan_destroy() by
 * the caller. */
struct model_plan_params {
    uint32_t n_ctx;
    bool embeddings;
};
enum err_code model_plan(const struct model *m, const struct model_plan_params *p,
                         struct plan **out, struct err *e);

/* Appends one line per layer: mixer, heads, rope, window, feed-forward, for `inspect` and golden
 * tests. */
void model_print_layers(const struct model *m, struct buf *out);

/* Supported architecture names, NULL-terminated, in table order. */
const char *const *model_archs(void);

/* ---- published shapes with random weights, for speed measurements ---- */
struct shape_params {
    const char *shape; /* "llama-3.2-1b" … see model_shapes() */
    uint32_t n_layer;  /* 0 = as published */
    uint64_t seed;
    const char *type; /* "Q4_K_M", "Q8_0", "F16", … : file type or tensor type name */
};
const char *const *model_shapes(void); /* NULL-terminated */
/* Writes a GGUF that any program can read, with a small well-formed tokenizer padded to the
 * published vocabulary. progress(done, total) may be NULL; when it returns false nothing
 * is left of the file: ERR_CANCELLED. */
enum err_code model_make_shape(const char *path, const struct shape_params *p,
                               bool (*progress)(void *arg, uint64_t done, uint64_t total),
                               void *arg, struct err *e);

#endif
