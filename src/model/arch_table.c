/* The rows of the trait table (architectures.md, sections 4, 5.1 and 8), in the order of
 * model_archs(). With arch_fixup.c the only place that knows architectures by name. */
#include "model/arch.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"
#include "model/model.h"

/* clang-format off */
static const struct arch_traits rows[] = {
    { .name = "llama", .rope.pairing = ROPE_ADJACENT },
    { .name = "mistral3", .rope.pairing = ROPE_ADJACENT },
    { .name = "qwen2" },
    { .name = "qwen3" },
    { .name = "qwen3moe" },
    { .name = "gemma2", .layout = LAYOUT_AROUND, .act = ACT_GELU_TANH,
      .embd_scale = EMBD_SQRT_N_EMBD, .cap_attn = 50.0F, .cap_final = 30.0F,
      .window = { WINDOW_CAUSAL, 2, 4096, 0.0F, WROPE_SAME }, .fixup = fix_gemma_27b },
    { .name = "gemma3", .layout = LAYOUT_AROUND, .act = ACT_GELU_TANH,
      .embd_scale = EMBD_SQRT_N_EMBD,
      .window = { WINDOW_CAUSAL, 6, 0, 10000.0F, WROPE_UNSCALED }, .fixup = fix_gemma_27b },
    { .name = "phi3", .ignore_window = true },
    { .name = "smollm3", .rope = { ROPE_ADJACENT, ROPE_SKIP_EACH_NTH, 4, false } },
    { .name = "olmo2", .layout = LAYOUT_ON_OUTPUT,
      .window = { WINDOW_CAUSAL, 4, 0, 0.0F, WROPE_UNSCALED } },
    { .name = "granite", .logit_scale = LOGITS_DIVIDE, .rope.pairing = ROPE_ADJACENT,
      .fixup = fix_granite },
    { .name = "granitemoe", .logit_scale = LOGITS_DIVIDE, .rope.pairing = ROPE_ADJACENT,
      .fixup = fix_granite },
    { .name = "gpt-oss", .ffn_norm_is_post = true, .act = ACT_SWIGLU_CLAMP,
      .window = { WINDOW_CAUSAL, 2, 0, 0.0F, WROPE_SAME },
      .moe = { SCORE_SOFTMAX_OF_CHOSEN, RNORM_NEVER, false } },
    { .name = "glm4", .layout = LAYOUT_AROUND, .rope.pairing = ROPE_ADJACENT, .fixup = fix_glm4 },
    { .name = "glm4moe", .ffn_norm_is_post = true, .moe = { SCORE_SIGMOID, RNORM_KEY, false } },
    { .name = "cohere2", .norm = NORM_LAYER, .layout = LAYOUT_SHARED,
      .logit_scale = LOGITS_MULTIPLY, .rope = { ROPE_ADJACENT, ROPE_WINDOWED_ONLY, 0, false },
      .window = { WINDOW_CAUSAL, 4, 0, 0.0F, WROPE_SAME } },
    { .name = "command-r", .norm = NORM_LAYER, .layout = LAYOUT_SHARED,
      .logit_scale = LOGITS_MULTIPLY, .rope.pairing = ROPE_ADJACENT },
    { .name = "starcoder2", .norm = NORM_LAYER, .act = ACT_GELU_TANH },
    { .name = "stablelm", .norm = NORM_LAYER, .fixup = fix_stablelm },
    { .name = "gptneox", .norm = NORM_LAYER, .act = ACT_GELU_TANH, .fixup = fix_gptneox },
    { .name = "gpt2", .norm = NORM_LAYER, .act = ACT_GELU_TANH, .rope.layers = ROPE_NO_LAYER },
    { .name = "starcoder", .norm = NORM_LAYER, .act = ACT_GELU_TANH,
      .rope.layers = ROPE_NO_LAYER },
    { .name = "falcon", .norm = NORM_LAYER, .layout = LAYOUT_SHARED, .second_norm = true,
      .act = ACT_GELU_TANH },
    { .name = "phi2", .norm = NORM_LAYER, .layout = LAYOUT_SHARED, .act = ACT_GELU_TANH },
    { .name = "phimoe", .ignore_window = true },
    { .name = "nemotron", .norm = NORM_LAYER, .act = ACT_RELU_SQ },
    { .name = "exaone4", .layout = LAYOUT_ON_OUTPUT, .fixup = fix_exaone4 },
    { .name = "gemma", .act = ACT_GELU_TANH, .embd_scale = EMBD_SQRT_N_EMBD },
    { .name = "qwen2moe", .moe.norm = RNORM_NEVER },
    { .name = "olmoe", .moe.norm = RNORM_NEVER },
    { .name = "deepseek", .rope.pairing = ROPE_ADJACENT, .moe.norm = RNORM_NEVER },
    { .name = "dots1", .moe.norm = RNORM_KEY },
    { .name = "ernie4_5", .rope.pairing = ROPE_ADJACENT },
    { .name = "ernie4_5-moe", .rope.pairing = ROPE_ADJACENT },
    { .name = "hunyuan-dense", .qk_norm_late = true },
    { .name = "seed_oss", .ffn_norm_is_post = true },
    { .name = "arcee", .act = ACT_RELU_SQ, .rope.pairing = ROPE_ADJACENT },
    { .name = "internlm2", .rope.pairing = ROPE_ADJACENT },
    { .name = "minicpm", .logit_scale = LOGITS_DIVIDE, .rope.pairing = ROPE_ADJACENT,
      .fixup = fix_minicpm },
    { .name = "bloom", .norm = NORM_LAYER, .embd_norm = true, .act = ACT_GELU_TANH,
      .alibi = 8.0F, .rope.layers = ROPE_NO_LAYER },
    { .name = "bert", .norm = NORM_LAYER, .layout = LAYOUT_AFTER_ADD, .embd_norm = true,
      .bidirectional = true, .headless = true, .act = ACT_GELU_ERF, .rope.layers = ROPE_NO_LAYER },
    { .name = "nomic-bert", .norm = NORM_LAYER, .layout = LAYOUT_AFTER_ADD, .embd_norm = true,
      .bidirectional = true, .headless = true },
    { .name = "nomic-bert-moe", .norm = NORM_LAYER, .layout = LAYOUT_AFTER_ADD, .embd_norm = true,
      .bidirectional = true, .headless = true, .act = ACT_GELU_ERF, .moe.norm = RNORM_NEVER },
    { .name = "jina-bert-v2", .norm = NORM_LAYER, .layout = LAYOUT_AFTER_ADD, .embd_norm = true,
      .second_norm = true, .bidirectional = true, .headless = true, .act = ACT_GELU_ERF,
      .alibi = 8.0F, .rope.layers = ROPE_NO_LAYER },
    { .name = "gemma-embedding", .layout = LAYOUT_AROUND, .bidirectional = true, .headless = true,
      .act = ACT_GELU_TANH, .embd_scale = EMBD_SQRT_N_EMBD,
      .window = { WINDOW_SYMMETRIC, 6, 0, 10000.0F, WROPE_UNSCALED } },
    { .name = "lfm2", .out_norm_is_embd = true, .window.kind = WINDOW_CAUSAL },
    { .name = "lfm2moe", .out_norm_is_embd = true, .window.kind = WINDOW_CAUSAL,
      .moe.score = SCORE_SIGMOID },
    { .name = "qwen35", .ffn_norm_is_post = true },
    { .name = "qwen35moe", .ffn_norm_is_post = true },
    { .name = "qwen3next", .ffn_norm_is_post = true },
    { .name = "mamba" },
    { .name = "mamba2" },
    { .name = "granitehybrid", .logit_scale = LOGITS_DIVIDE, .rope.pairing = ROPE_ADJACENT,
      .fixup = fix_granite },
    { .name = "deepseek2", .rope.pairing = ROPE_ADJACENT, .moe.norm = RNORM_KEY,
      .fixup = fix_deepseek2 },
    { .name = "gemma4", .layout = LAYOUT_AROUND, .act = ACT_GELU_TANH,
      .embd_scale = EMBD_SQRT_N_EMBD, .attn_scale = 1.0F, .v_norm = true,
      .rope.div_full_only = true,
      .window = { WINDOW_CAUSAL, 0, 0, 10000.0F, WROPE_UNSCALED } },
    { .name = "olmo", .norm = NORM_LAYER, .layout = LAYOUT_WEIGHTLESS,
      .rope.pairing = ROPE_ADJACENT },
    { .name = "granite_swa", .logit_scale = LOGITS_DIVIDE, .rope.pairing = ROPE_ADJACENT,
      .window.kind = WINDOW_CAUSAL, .fixup = fix_granite },
    { .name = "hunyuan-moe", .qk_norm_late = true },
    { .name = "bailingmoe2", .moe = { SCORE_SIGMOID, RNORM_KEY, false } },
    { .name = "qwen2vl" },
    { .name = "qwen3vl" },
    { .name = "qwen3vlmoe" },
    { .name = "exaone" },
    { .name = "minimax-m2", .moe.score = SCORE_SIGMOID },
    { .name = "bailingmoe", .rope.pairing = ROPE_ADJACENT, .moe.norm = RNORM_KEY },
    { .name = "chatglm", .rope.pairing = ROPE_ADJACENT },
    { .name = "jamba", .rope.layers = ROPE_NO_LAYER, .moe.norm = RNORM_NEVER },
    { .name = "nemotron_h", .layout = LAYOUT_SINGLE, .act = ACT_RELU_SQ,
      .rope.layers = ROPE_NO_LAYER },
    { .name = "nemotron_h_moe", .layout = LAYOUT_SINGLE, .act = ACT_RELU_SQ,
      .rope.layers = ROPE_NO_LAYER, .moe = { SCORE_SIGMOID, RNORM_KEY, false } },
    { .name = "llama4", .ignore_window = true, .qk_norm_late = true, .qk_bare_norm = true,
      .rope = { ROPE_ADJACENT, ROPE_SKIP_EACH_NTH, 4, false }, .temp = { 0.1F, 8192, 1 },
      .window = { WINDOW_CHUNK, 4, 8192, 0.0F, WROPE_SAME },
      .moe = { SCORE_SIGMOID, RNORM_NEVER, true }, .fixup = fix_llama4 },
};

/* The names alone, for lists; a test compares them with the rows. */
static const char *const names[] = {
    "llama", "mistral3", "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3", "phi3", "smollm3",
    "olmo2", "granite", "granitemoe", "gpt-oss", "glm4", "glm4moe", "cohere2", "command-r",
    "starcoder2", "stablelm", "gptneox", "gpt2", "starcoder", "falcon", "phi2", "phimoe",
    "nemotron", "exaone4", "gemma", "qwen2moe", "olmoe", "deepseek", "dots1", "ernie4_5",
    "ernie4_5-moe", "hunyuan-dense", "seed_oss", "arcee", "internlm2", "minicpm", "bloom",
    "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "gemma-embedding", "lfm2", "lfm2moe",
    "qwen35", "qwen35moe", "qwen3next", "mamba", "mamba2", "granitehybrid", "deepseek2", "gemma4",
    "olmo", "granite_swa", "hunyuan-moe", "bailingmoe2", "qwen2vl", "qwen3vl",
    "qwen3vlmoe", "exaone", "minimax-m2", "bailingmoe", "chatglm", "jamba", "nemotron_h",
    "nemotron_h_moe", "llama4", NULL
};
/* clang-format on */
static_assert(COUNT_OF(names) == COUNT_OF(rows) + 1, "every row has its name in the list");

const struct arch_traits *arch_find(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return &rows[i];
    return NULL;
}

const struct arch_traits *arch_at(size_t i)
{
    return i < COUNT_OF(rows) ? &rows[i] : NULL;
}

const char *const *model_archs(void)
{
    return names;
}
