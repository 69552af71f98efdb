/* Proves: miniature models written by this suite give what a plain double-precision forward pass
 * gives, whole and token by token, for every family that the loader must tell apart. Needs no
 * fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"
#include "support/tiny.h"

#define N_TOK   40U
#define N_VOCAB 96U

/* Sizes of all: a head that n_embd does not fill, three layers. */
#define SIZES                                                                                      \
    .n_layer = 3, .n_embd = 32, .n_ff = 48, .n_head = 4, .n_head_kv = 2, .head = 16, .n_rot = 16,  \
    .n_vocab = N_VOCAB, .eps = 1e-3, .base = 10000.0, .n_ctx = 128

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
};

static void path_of(char out[64])
{
    (void)snprintf(out, 64, "/tmp/hearth-tiny-%ld.gguf", (long)getpid());
}

static double error_of(const struct tiny *t, const int32_t *tokens, uint32_t chunk)
{
    struct mini_params p = { .n_tok_max = N_TOK, .kv = KV_F32 };
    float *got, *want;
    double *ref;
    struct err e = { 0 };
    struct mini r;
    char path[64];
    double error;

    path_of(path);
    if (tiny_write(t, path, &e) || mini_open(&r, path, &p, &e))
        fail_msg("%s: %s", t->arch, e.text);
    got = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * N_VOCAB, sizeof(*got));
    want = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * N_VOCAB, sizeof(*want));
    assert_true(got && want);
    if (mini_run(&r, tokens, N_TOK, chunk, got, &e))
        fail_msg("%s: %s", t->arch, e.text);
    ref = forward_ref(t, tokens, N_TOK);
    for (size_t i = 0; i < (size_t)N_TOK * N_VOCAB; i++)
        want[i] = (float)ref[i];
    error = nmse(got, want, (size_t)N_TOK * N_VOCAB);
    mem_free(ref);
    mem_free(got);
    mem_free(want);
    mini_close(&r);
    (void)unlink(path);
    return error;
}

static void tokens_make(int32_t tokens[N_TOK])
{
    uint64_t state = 5;

    for (uint32_t i = 0; i < N_TOK; i++)
        tokens[i] = (int32_t)(test_random(&state) % N_VOCAB);
}

/* Every description, in one batch and one token at a time. */
static void test_forward(void **state)
{
    int32_t tokens[N_TOK];

    (void)state;
    tokens_make(tokens);
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        double whole = error_of(&models[i], tokens, 0), single = error_of(&models[i], tokens, 1);

        print_message("%-10s %.1e %.1e\n", models[i].arch, whole, single);
        assert_true(whole < 1e-10);
        assert_true(whole == single);
    }
}

/* Norms and biases that a file holds as halves are used all the same. */
static void test_half_vectors(void **state)
{
    struct tiny t = models[7];
    int32_t tokens[N_TOK];
    double error;

    (void)state;
    tokens_make(tokens);
    t.half_vectors = true;
    error = error_of(&t, tokens, 0);
    assert_true(error > 0.0 && error < 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forward),
                                        cmocka_unit_test(test_half_vectors) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
