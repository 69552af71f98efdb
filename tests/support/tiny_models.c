/* Descriptions of miniature models, and how far a computed one is from its description. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"
#include "support/tiny.h"

/* Sizes of all: a head that n_embd does not fill, three layers. */
#define SIZES                                                                                      \
    .n_layer = 3, .n_embd = 32, .n_ff = 48, .n_head = 4, .n_head_kv = 2, .head = 16, .n_rot = 16,  \
    .n_vocab = TINY_VOCAB, .eps = 1e-3, .base = 10000.0, .n_ctx = 128

/* clang-format off */
static const struct tiny models[] = {
    { .arch = "llama", SIZES, .adjacent = true },
    { .arch = "llama", SIZES, .adjacent = true, .tied = true, .qkv_bias = true },
    { .arch = "llama", SIZES, .adjacent = true, .factor = 4.0 },
    { .arch = "llama", SIZES, .adjacent = true, .factor = 8.0, .yarn = true, .n_ctx_orig = 64 },
    { .arch = "llama", SIZES, .adjacent = true, .n_expert = 6, .n_used = 2 },
    { .arch = "llama", SIZES, .adjacent = true, .qkv_bias = true, .q_scale = 0.5F },
    { .arch = "mistral3", SIZES, .adjacent = true },
    { .arch = "qwen2", SIZES, .qkv_bias = true, .tied = true },
    { .arch = "qwen3", SIZES, .qk_norm = true },
    { .arch = "qwen3moe", SIZES, .qk_norm = true, .n_expert = 6, .n_used = 3 },
    { .arch = "gemma2",
      SIZES,
      .layout = TINY_AROUND,
      .act = TINY_GELU,
      .tied = true,
      .embd_sqrt = true,
      .window = 7,
      .period = 2,
      .cap_attn = 5.0,
      .cap_final = 9.0 },
    { .arch = "gemma3",
      SIZES,
      .layout = TINY_AROUND,
      .act = TINY_GELU,
      .tied = true,
      .embd_sqrt = true,
      .qk_norm = true,
      .window = 7,
      .period = 3,
      .base_swa = 500.0,
      .window_unscaled = true,
      .factor = 8.0 },
    { .arch = "phi3", SIZES, .fused_qkv = true, .fused_up = true },
    { .arch = "gemma", SIZES, .act = TINY_GELU, .tied = true, .embd_sqrt = true },
    { .arch = "glm4",
      SIZES,
      .layout = TINY_AROUND,
      .adjacent = true,
      .qkv_bias = true,
      .fused_up = true },
    { .arch = "exaone4", SIZES, .layout = TINY_ON_OUTPUT, .qk_norm = true },
    { .arch = "command-r",
      SIZES,
      .layout = TINY_SHARED,
      .layer_norm = true,
      .adjacent = true,
      .tied = true },
    { .arch = "internlm2", SIZES, .adjacent = true },
    { .arch = "ernie4_5", SIZES, .adjacent = true, .tied = true },
    { .arch = "ernie4_5-moe", SIZES, .adjacent = true, .n_expert = 6, .n_used = 2 },
    { .arch = "arcee", SIZES, .adjacent = true, .act = TINY_RELU_SQ, .ungated = true },
    { .arch = "seed_oss", SIZES, .qkv_bias = true, .ffn_norm_is_post = true },
    { .arch = "hunyuan-dense", SIZES, .qk_norm = true, .qk_late = true },
    { .arch = "olmoe", SIZES, .n_expert = 6, .n_used = 2, .keep_weights = true },
    { .arch = "deepseek", SIZES, .adjacent = true, .n_expert = 6, .n_used = 2,
      .keep_weights = true },
    { .arch = "dots1", SIZES, .qk_norm = true, .n_expert = 6, .n_used = 2, .keep_weights = true },
    { .arch = "minicpm", SIZES, .adjacent = true, .embd_scale = 12.0,
      .residual_scale = 0.80829037686547, .logit_div = 8.0 }, /* 1.4 / sqrt(3), 256 / 32 */
    { .arch = "starcoder", SIZES, .layer_norm = true, .act = TINY_GELU, .ungated = true,
      .no_rope = true, .positions = true, .fused_qkv = true, .tied = true },
    { .arch = "bloom", SIZES, .layer_norm = true, .act = TINY_GELU, .ungated = true,
      .no_rope = true, .embd_norm = true, .alibi = 8.0, .fused_qkv = true },
    { .arch = "lfm2", SIZES, .mixers = "ca", .qk_norm = true, .tied = true, .out_is_embd = true,
      .window = 7 },
    { .arch = "lfm2moe", SIZES, .mixers = "cca", .qk_norm = true, .tied = true,
      .out_is_embd = true, .n_expert = 6, .n_used = 2, .sigmoid = true, .window = 7 },
    { .arch = "qwen3next", SIZES, .mixers = "dda", .gated = true, .qk_norm = true,
      .ffn_norm_is_post = true, .n_expert = 6, .n_used = 2 },
    { .arch = "granitehybrid", SIZES, .mixers = "ssa", .adjacent = true, .tied = true,
      .logit_div = 3.0, .logit_key = true },
    { .arch = "mamba2", SIZES, .mixers = "s" },
    { .arch = "olmo", SIZES, .layout = TINY_WEIGHTLESS, .layer_norm = true, .adjacent = true,
      .tied = true, .clamp = 0.7 },
    { .arch = "olmo", SIZES, .layout = TINY_WEIGHTLESS, .layer_norm = true, .adjacent = true,
      .fused_qkv = true, .clamp = 0.7 },
    { .arch = "granite_swa", SIZES, .adjacent = true, .logit_div = 3.0, .logit_key = true,
      .window = 7, .period = 3, .n_expert = 6, .n_used = 2 },
    { .arch = "hunyuan-moe", SIZES, .qk_norm = true, .qk_late = true, .n_expert = 6, .n_used = 2 },
    { .arch = "bailingmoe2", SIZES, .qk_norm = true, .fused_qkv = true, .n_expert = 6,
      .n_used = 2, .sigmoid = true, .keep_weights = true },
};
/* clang-format on */

const struct tiny *tiny_models(size_t *n)
{
    *n = COUNT_OF(models);
    return models;
}

static double compare(struct mini *r, const struct tiny *t, uint32_t chunk, struct err *e)
{
    size_t n = (size_t)TINY_TOK * t->n_vocab;
    float *got = mem_alloc_n(MEM_OTHER, n, sizeof(*got));
    float *want = mem_alloc_n(MEM_OTHER, n, sizeof(*want));
    int32_t tokens[TINY_TOK];
    uint64_t state = 5;
    double error = (double)INFINITY, *ref;

    CHECK(got && want);
    for (uint32_t i = 0; i < TINY_TOK; i++)
        tokens[i] = (int32_t)(test_random(&state) % t->n_vocab);
    if (r->width == t->n_vocab && !mini_run(r, tokens, TINY_TOK, chunk, got, e)) {
        ref = forward_ref(t, tokens, TINY_TOK);
        for (size_t i = 0; i < n; i++)
            want[i] = (float)ref[i];
        error = nmse(got, want, n);
        mem_free(ref);
    }
    mem_free(got);
    mem_free(want);
    return error;
}

double tiny_error(const struct tiny *t, uint32_t chunk, const struct arch_traits *row,
                  struct err *e)
{
    struct mini_params p = { .n_tok_max = TINY_TOK, .kv = KV_F32, .row = row };
    double error = (double)INFINITY;
    struct mini r = { 0 };
    char path[64];

    (void)snprintf(path, sizeof(path), "/tmp/hearth-tiny-%ld.gguf", (long)getpid());
    if (!tiny_write(t, path, e) && !mini_open(&r, path, &p, e))
        error = compare(&r, t, chunk, e);
    mini_close(&r);
    (void)unlink(path);
    return error;
}
