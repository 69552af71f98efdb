/* Published shapes as rows, and the keys and tensors that a file of each has. Only speed is meant
 * to be like the original's: the weights are random. */
#include "model/arch_shapes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "model/model.h"

/* clang-format off */
static const struct shape shapes[] = {
    { .name = "llama-3.2-1b", .arch = "llama", .n_layer = 16, .n_embd = 2048, .n_ff = 8192,
      .n_head = 32, .n_head_kv = 8, .head = 64, .n_vocab = 128256, .n_ctx = 131072,
      .freq_base = 500000.0F, .eps = 1e-5F, .freqs_factor = 32.0F, .n_ctx_orig = 8192,
      .tied = true },
    { .name = "llama-3.1-8b", .arch = "llama", .n_layer = 32, .n_embd = 4096, .n_ff = 14336,
      .n_head = 32, .n_head_kv = 8, .head = 128, .n_vocab = 128256, .n_ctx = 131072,
      .freq_base = 500000.0F, .eps = 1e-5F, .freqs_factor = 8.0F, .n_ctx_orig = 8192 },
    { .name = "qwen2.5-0.5b", .arch = "qwen2", .n_layer = 24, .n_embd = 896, .n_ff = 4864,
      .n_head = 14, .n_head_kv = 2, .head = 64, .n_vocab = 151936, .n_ctx = 32768,
      .freq_base = 1000000.0F, .eps = 1e-6F, .tied = true, .qkv_bias = true },
    { .name = "qwen3-0.6b", .arch = "qwen3", .n_layer = 28, .n_embd = 1024, .n_ff = 3072,
      .n_head = 16, .n_head_kv = 8, .head = 128, .n_vocab = 151936, .n_ctx = 40960,
      .freq_base = 1000000.0F, .eps = 1e-6F, .tied = true, .qk_norm = true },
    { .name = "qwen3-4b", .arch = "qwen3", .n_layer = 36, .n_embd = 2560, .n_ff = 9728,
      .n_head = 32, .n_head_kv = 8, .head = 128, .n_vocab = 151936, .n_ctx = 40960,
      .freq_base = 1000000.0F, .eps = 1e-6F, .tied = true, .qk_norm = true },
    { .name = "qwen3-30b-a3b", .arch = "qwen3moe", .n_layer = 48, .n_embd = 2048, .n_ff = 6144,
      .n_head = 32, .n_head_kv = 4, .head = 128, .n_vocab = 151936, .n_ctx = 40960,
      .n_expert = 128, .n_expert_used = 8, .n_ff_exp = 768, .freq_base = 1000000.0F, .eps = 1e-6F,
      .qk_norm = true },
    { .name = "gemma-3-1b", .arch = "gemma3", .n_layer = 26, .n_embd = 1152, .n_ff = 6912,
      .n_head = 4, .n_head_kv = 1, .head = 256, .n_vocab = 262144, .n_ctx = 32768,
      .n_window = 512, .freq_base = 1000000.0F, .eps = 1e-6F, .tied = true, .qk_norm = true,
      .around = true },
    { .name = "gpt-oss-20b", .arch = "gpt-oss", .n_layer = 24, .n_embd = 2880, .n_ff = 2880,
      .n_head = 64, .n_head_kv = 8, .head = 64, .n_vocab = 201088, .n_ctx = 131072,
      .n_expert = 32, .n_expert_used = 4, .n_ff_exp = 2880, .n_window = 128,
      .freq_base = 150000.0F, .eps = 1e-5F, .yarn_factor = 32.0F, .n_ctx_orig = 4096,
      .qkv_bias = true, .sinks = true },
    { .name = "nomic-embed", .arch = "nomic-bert", .n_layer = 12, .n_embd = 768, .n_ff = 3072,
      .n_head = 12, .n_head_kv = 12, .head = 64, .n_vocab = 30522, .n_ctx = 2048,
      .freq_base = 1000.0F, .eps = 1e-12F, .encoder = true },
};

static const char *const names[] = {
    "llama-3.2-1b", "llama-3.1-8b", "qwen2.5-0.5b", "qwen3-0.6b", "qwen3-4b", "qwen3-30b-a3b",
    "gemma-3-1b", "gpt-oss-20b", "nomic-embed", NULL
};
/* clang-format on */

const char shape_tok_kind[] = "gpt2";

const char *const *model_shapes(void)
{
    return names;
}

const struct shape *shape_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        if (strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    return NULL;
}

/* ---- keys ---- */

struct key_out {
    const struct shape *s;
    struct gguf_out *o;
    struct err *e;
    enum err_code rc;
};

static const char *key_name(const struct key_out *k, const char *suffix, char out[96])
{
    (void)snprintf(out, 96, "%s.%s", k->s->arch, suffix);
    return out;
}

static void key_u32(struct key_out *k, const char *suffix, uint32_t v)
{
    char name[96];

    if (!k->rc)
        k->rc = gguf_out_u32(k->o, key_name(k, suffix, name), v, k->e);
}

static void key_f32(struct key_out *k, const char *suffix, float v)
{
    char name[96];

    if (!k->rc)
        k->rc = gguf_out_f32(k->o, key_name(k, suffix, name), v, k->e);
}

static void key_str(struct key_out *k, const char *suffix, const char *v)
{
    char name[96];

    if (!k->rc)
        k->rc = gguf_out_str(k->o, key_name(k, suffix, name), v, strlen(v), k->e);
}

static void special_keys(struct key_out *k)
{
    const struct shape *s = k->s;
    char name[96];

    if (s->n_expert) {
        key_u32(k, "expert_count", s->n_expert);
        key_u32(k, "expert_used_count", s->n_expert_used);
        key_u32(k, "expert_feed_forward_length", s->n_ff_exp);
    }
    if (s->n_window)
        key_u32(k, "attention.sliding_window", s->n_window);
    if (s->yarn_factor > 0.0F) {
        key_str(k, "rope.scaling.type", "yarn");
        key_f32(k, "rope.scaling.factor", s->yarn_factor);
        key_u32(k, "rope.scaling.original_context_length", s->n_ctx_orig);
    }
    if (s->encoder) {
        key_u32(k, "pooling_type", POOL_MEAN);
        if (!k->rc)
            k->rc = gguf_out_bool(k->o, key_name(k, "attention.causal", name), false, k->e);
        if (!k->rc)
            k->rc = gguf_out_u32(k->o, "tokenizer.ggml.token_type_count", 2, k->e);
    }
}

enum err_code shape_keys(const struct shape *s, uint32_t n_layer, struct gguf_out *o, struct err *e)
{
    struct key_out k = { .s = s, .o = o, .e = e };

    k.rc = gguf_out_str(o, "general.architecture", s->arch, strlen(s->arch), e);
    if (!k.rc)
        k.rc = gguf_out_str(o, "general.name", s->name, strlen(s->name), e);
    key_u32(&k, "context_length", s->n_ctx);
    key_u32(&k, "embedding_length", s->n_embd);
    key_u32(&k, "block_count", n_layer);
    key_u32(&k, "feed_forward_length", s->n_ff);
    key_u32(&k, "attention.head_count", s->n_head);
    key_u32(&k, "attention.head_count_kv", s->n_head_kv);
    key_u32(&k, "attention.key_length", s->head);
    key_u32(&k, "attention.value_length", s->head);
    key_u32(&k, "rope.dimension_count", s->head);
    key_u32(&k, "vocab_size", s->n_vocab);
    key_f32(&k, "rope.freq_base", s->freq_base);
    key_f32(&k, s->encoder ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
            s->eps);
    special_keys(&k);
    return k.rc;
}

/* ---- tensors ---- */

struct walk {
    enum err_code (*fn)(void *arg, const struct shape_tensor *t, struct err *e);
    void *arg;
    struct err *e;
    enum err_code rc;
    bool in_layer;
    uint32_t il;
};

static void give(struct walk *w, const char *name, enum shape_use use, uint64_t n0, uint64_t n1,
                 uint64_t n2)
{
    struct shape_tensor t = { .use = use, .il = w->il, .n_dims = n2 ? 3 : n1 ? 2 : 1 };

    if (w->rc)
        return;
    if (w->in_layer)
        (void)snprintf(t.name, sizeof(t.name), "blk.%u.%s", w->il, name);
    else
        (void)snprintf(t.name, sizeof(t.name), "%s", name);
    t.ne[0] = n0;
    t.ne[1] = n1 ? n1 : 1;
    t.ne[2] = n2 ? n2 : 1;
    t.ne[3] = 1;
    w->rc = w->fn(w->arg, &t, w->e);
}

static void give_vector(struct walk *w, const char *name, enum shape_use use, uint64_t n)
{
    give(w, name, use, n, 0, 0);
}

static void give_attention(struct walk *w, const struct shape *s)
{
    uint64_t n_q = (uint64_t)s->n_head * s->head, n_k = (uint64_t)s->n_head_kv * s->head;

    if (s->encoder) {
        give(w, "attn_qkv.weight", USE_V, s->n_embd, n_q + 2 * n_k, 0);
    } else {
        give(w, "attn_q.weight", USE_MATRIX, s->n_embd, n_q, 0);
        give(w, "attn_k.weight", USE_MATRIX, s->n_embd, n_k, 0);
        give(w, "attn_v.weight", USE_V, s->n_embd, n_k, 0);
    }
    if (s->qkv_bias) {
        give_vector(w, "attn_q.bias", USE_SMALL, n_q);
        give_vector(w, "attn_k.bias", USE_SMALL, n_k);
        give_vector(w, "attn_v.bias", USE_SMALL, n_k);
    }
    give(w, "attn_output.weight", USE_MATRIX, n_q, s->n_embd, 0);
    if (s->sinks) {
        give_vector(w, "attn_output.bias", USE_SMALL, s->n_embd);
        give_vector(w, "attn_sinks.weight", USE_SMALL, s->n_head);
    }
    if (s->qk_norm) {
        give_vector(w, "attn_q_norm.weight", USE_ONES, s->head);
        give_vector(w, "attn_k_norm.weight", USE_ONES, s->head);
    }
}

static void give_ffn(struct walk *w, const struct shape *s)
{
    if (!s->n_expert) {
        give(w, "ffn_gate.weight", USE_MATRIX, s->n_embd, s->n_ff, 0);
        give(w, "ffn_up.weight", USE_MATRIX, s->n_embd, s->n_ff, 0);
        give(w, "ffn_down.weight", USE_DOWN, s->n_ff, s->n_embd, 0);
        return;
    }
    give(w, "ffn_gate_inp.weight", USE_PLAIN, s->n_embd, s->n_expert, 0);
    give(w, "ffn_gate_exps.weight", USE_EXPERT, s->n_embd, s->n_ff_exp, s->n_expert);
    give(w, "ffn_up_exps.weight", USE_EXPERT, s->n_embd, s->n_ff_exp, s->n_expert);
    give(w, "ffn_down_exps.weight", USE_EXPERT_DOWN, s->n_ff_exp, s->n_embd, s->n_expert);
    if (s->sinks) {
        give_vector(w, "ffn_gate_inp.bias", USE_SMALL, s->n_expert);
        give(w, "ffn_gate_exps.bias", USE_SMALL, s->n_ff_exp, s->n_expert, 0);
        give(w, "ffn_up_exps.bias", USE_SMALL, s->n_ff_exp, s->n_expert, 0);
        give(w, "ffn_down_exps.bias", USE_SMALL, s->n_embd, s->n_expert, 0);
    }
}

static void give_norms(struct walk *w, const struct shape *s)
{
    if (s->encoder) {
        give_vector(w, "attn_output_norm.weight", USE_ONES, s->n_embd);
        give_vector(w, "attn_output_norm.bias", USE_SMALL, s->n_embd);
        give_vector(w, "layer_output_norm.weight", USE_ONES, s->n_embd);
        give_vector(w, "layer_output_norm.bias", USE_SMALL, s->n_embd);
        return;
    }
    give_vector(w, "attn_norm.weight", USE_ONES, s->n_embd);
    if (s->around || s->sinks)
        give_vector(w, "post_attention_norm.weight", USE_ONES, s->n_embd);
    if (!s->sinks)
        give_vector(w, "ffn_norm.weight", USE_ONES, s->n_embd);
    if (s->around)
        give_vector(w, "post_ffw_norm.weight", USE_ONES, s->n_embd);
}

enum err_code shape_walk(const struct shape *s, uint32_t n_layer,
                         enum err_code (*fn)(void *arg, const struct shape_tensor *t,
                                             struct err *e),
                         void *arg, struct err *e)
{
    struct walk w = { .fn = fn, .arg = arg, .e = e };

    give(&w, "token_embd.weight", s->tied ? USE_OUTPUT : USE_EMBD, s->n_embd, s->n_vocab, 0);
    if (s->encoder) {
        give(&w, "token_types.weight", USE_PLAIN, s->n_embd, 2, 0);
        give_vector(&w, "token_embd_norm.weight", USE_ONES, s->n_embd);
        give_vector(&w, "token_embd_norm.bias", USE_SMALL, s->n_embd);
    } else {
        give_vector(&w, "output_norm.weight", USE_ONES, s->n_embd);
        if (!s->tied)
            give(&w, "output.weight", USE_OUTPUT, s->n_embd, s->n_vocab, 0);
    }
    if (s->freqs_factor > 0.0F)
        give_vector(&w, "rope_freqs.weight", USE_FREQS, s->head / 2);
    w.in_layer = true;
    for (w.il = 0; w.il < n_layer; w.il++) {
        give_norms(&w, s);
        give_attention(&w, s);
        give_ffn(&w, s);
    }
    return w.rc;
}

/* The scheme of Llama 3.1: short waves stay, long ones are stretched by the factor, between them a
 * blend (factors 1 and 4 of the original context). */
void shape_freqs(const struct shape *s, uint32_t n, float *out)
{
    const double two_pi = 6.283185307179586;

    for (uint32_t i = 0; i < n; i++) {
        double wave = two_pi * pow((double)s->freq_base, (double)i / n);
        double turns = s->n_ctx_orig / wave, blend = (turns - 1.0) / 3.0;

        if (turns >= 4.0)
            out[i] = 1.0F;
        else if (turns <= 1.0)
            out[i] = s->freqs_factor;
        else
            out[i] = (float)(1.0 / ((1.0 - blend) / (double)s->freqs_factor + blend));
    }
}
