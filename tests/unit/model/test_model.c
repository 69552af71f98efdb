/* Proves: what a model must have is asked for by name, what it must not have is refused, limits
 * hold, running out of memory is an error, and the printed plans of known models stay as they are.
 * Needs no fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "model/arch.h"
#include "support/mini.h"
#include "support/tiny.h"

#define SIZES                                                                                      \
    .n_layer = 2, .n_embd = 32, .n_ff = 48, .n_head = 4, .n_head_kv = 2, .head = 16, .n_rot = 16,  \
    .n_vocab = 64, .eps = 1e-3, .base = 10000.0, .n_ctx = 128

static const struct tiny plain = { .arch = "llama", SIZES, .adjacent = true };
static const struct tiny biased = { .arch = "qwen2", SIZES, .qkv_bias = true };
static const struct tiny normed = { .arch = "qwen3", SIZES, .qk_norm = TINY_QK_HEAD };
static const struct tiny around = {
    .arch = "gemma2", SIZES, .layout = TINY_AROUND, .tied = true, .window = 7, .period = 2
};
static const struct tiny mixed = {
    .arch = "llama", SIZES, .adjacent = true, .n_expert = 4, .n_used = 2
};

static const char *scratch(void)
{
    static char path[64];

    (void)snprintf(path, sizeof(path), "/tmp/hearth-model-%ld.gguf", (long)getpid());
    return path;
}

/* Opens a written description; the model is thrown away. */
static enum err_code open_tiny(const struct tiny *t, struct err *e)
{
    struct gguf *g = NULL;
    struct model *m = NULL;
    enum err_code rc = tiny_write(t, scratch(), e);

    if (!rc)
        rc = gguf_open(&g, scratch(), e);
    assert_int_equal(rc, ERR_OK);
    rc = model_open(&m, g, e);
    assert_true((rc == ERR_OK) == (m != NULL));
    model_close(m);
    gguf_close(g);
    (void)unlink(scratch());
    return rc;
}

static void refused(const struct tiny *t, enum err_code code, const char *says)
{
    struct err e = { 0 };
    enum err_code rc = open_tiny(t, &e);

    if (rc != code || !strstr(e.text, says))
        fail_msg("expected code %d and \"%s\", found code %d and \"%s\"", (int)code, says, (int)rc,
                 e.text);
}

/* Each of these lost one tensor and is refused by its name. */
static void test_lost(void **state)
{
    static const struct {
        const struct tiny *t;
        const char *name;
    } cases[] = {
        { &plain, "blk.1.attn_norm.weight" },      { &plain, "blk.1.ffn_norm.weight" },
        { &plain, "output_norm.weight" },          { &plain, "token_embd.weight" },
        { &plain, "blk.0.attn_q.weight" },         { &plain, "blk.0.attn_v.weight" },
        { &plain, "blk.1.attn_output.weight" },    { &plain, "blk.1.ffn_up.weight" },
        { &plain, "blk.1.ffn_down.weight" },       { &around, "blk.0.post_attention_norm.weight" },
        { &around, "blk.1.post_ffw_norm.weight" }, { &biased, "blk.1.attn_k.bias" },
        { &biased, "blk.0.attn_k.bias" },          { &normed, "blk.1.attn_q_norm.weight" },
        { &mixed, "blk.1.ffn_down_exps.weight" },  { &mixed, "blk.0.ffn_up_exps.weight" },
        { &mixed, "blk.0.ffn_gate_inp.weight" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const lost[] = { cases[i].name, NULL };
        struct tiny t = *cases[i].t;

        t.lost = lost;
        refused(&t, ERR_FORMAT, cases[i].name);
    }
}

/* Both of a pair lost in one layer: the other layer shows that they belong there. */
static void test_lost_pair(void **state)
{
    static const char *const lost[] = { "blk.1.attn_q_norm.weight", "blk.1.attn_k_norm.weight",
                                        NULL };
    struct tiny t = normed;

    (void)state;
    t.lost = lost;
    refused(&t, ERR_FORMAT, "blk.1.attn_q_norm.weight is missing");
}

/* A tensor too many is refused by its name: norms that the layout lacks, layers that are not there,
 * names that nothing reads, biases of tensors that are absent. */
static void test_extra(void **state)
{
    static const char *const names[] = {
        "blk.0.post_attention_norm.weight",
        "blk.1.post_ffw_norm.weight",
        "blk.0.attn_output_norm.weight",
        "blk.0.attn_norm_2.weight",
        "blk.2.attn_norm.weight",
        "blk.99999999999.attn_norm.weight",
        "blk.0.surprise.weight",
        "surprise",
        "token_embd_norm.weight",
        "blk.0.ffn_gate_inp.bias",
        "blk.0.attn_qkv.bias",
        "blk.0.attn_norm.wait",
        "blk..attn_norm.weight",
        "blk.1.attn_norm",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct tiny t = plain;

        t.extra = names[i];
        refused(&t, ERR_FORMAT, names[i]);
    }
}

/* Old files with one tensor per expert get a sentence of their own. */
static void test_expert_files(void **state)
{
    struct tiny t = mixed;

    (void)state;
    t.extra = "blk.0.ffn_down.0.weight";
    refused(&t, ERR_UNSUPPORTED, "one tensor per expert");
}

/* Numbers that make no model. */
static void test_keys(void **state)
{
    struct tiny t = plain;

    (void)state;
    t.n_rot = 7;
    refused(&t, ERR_FORMAT, "llama.rope.dimension_count");
    t.n_rot = 18;
    refused(&t, ERR_FORMAT, "llama.rope.dimension_count");
    t = plain;
    t.n_head_kv = 3;
    refused(&t, ERR_FORMAT, "head_count_kv");
    t = plain;
    t.eps = -1.0;
    refused(&t, ERR_FORMAT, "llama.attention.layer_norm_rms_epsilon");
    t.eps = 0.0; /* the key is left out */
    refused(&t, ERR_FORMAT, "llama.attention.layer_norm_rms_epsilon is missing");
    t = plain;
    t.base = -2.0;
    refused(&t, ERR_FORMAT, "llama.rope.freq_base");
    t = plain;
    t.n_ctx = 0;
    refused(&t, ERR_FORMAT, "llama.context_length is missing");
    t = mixed;
    t.n_used = 5;
    refused(&t, ERR_FORMAT, "llama.expert_used_count");
    t = mixed;
    t.n_used = 0;
    refused(&t, ERR_FORMAT, "expert_used_count");
    t = plain;
    t.arch = "no-such-thing";
    refused(&t, ERR_UNSUPPORTED, "no-such-thing");
    refused(&t, ERR_UNSUPPORTED, "how it puts them together");
    t.extra = "blk.1.time_mix_w1.weight"; /* what is missing is named */
    refused(&t, ERR_UNSUPPORTED, "\"no-such-thing\" is not supported");
    refused(&t, ERR_UNSUPPORTED, "blk.1.time_mix_w1.weight");
    t.arch = "llama";
    refused(&t, ERR_FORMAT, "\"llama\"");
    refused(&t, ERR_FORMAT, "blk.1.time_mix_w1.weight");
}

/* The list of names and the rows are the same, in the same order. */
static void test_names(void **state)
{
    const char *const *names = model_archs();
    size_t n = 0;

    (void)state;
    for (; names[n]; n++) {
        assert_non_null(arch_at(n));
        assert_string_equal(names[n], arch_at(n)->name);
        assert_ptr_equal(arch_find(names[n], strlen(names[n])), arch_at(n));
    }
    assert_null(arch_at(n));
    assert_null(arch_find("llam", 4));
}

static void printed(const struct tiny *t, const char *want)
{
    struct gguf *g = NULL;
    struct model *m = NULL;
    struct err e = { 0 };
    struct buf out;

    buf_init(&out, MEM_OTHER, 1U << 20);
    if (tiny_write(t, scratch(), &e) || gguf_open(&g, scratch(), &e) || model_open(&m, g, &e))
        fail_msg("%s", e.text);
    model_print_layers(m, &out);
    assert_string_equal(buf_str(&out), want);
    buf_finish(&out);
    model_close(m);
    gguf_close(g);
    (void)unlink(scratch());
}

/* One line a layer with all that was decided. */
static void test_print(void **state)
{
    (void)state;
    printed(&plain,
            "layer 0: attention heads 4/2 of 16/16 rope adjacent 16 theta 1..0.0003162 mag 1 scale "
            "0.25 window none | ffn 48 silu gated | norm rms AF eps 0.001\n"
            "layer 1: attention heads 4/2 of 16/16 rope adjacent 16 theta 1..0.0003162 mag 1 scale "
            "0.25 window none | ffn 48 silu gated | norm rms AF eps 0.001\n");
    printed(&around,
            "layer 0: attention heads 4/2 of 16/16 rope halves 16 theta 1..0.0003162 mag 1 scale "
            "0.25 cap 50 window causal 7 | ffn 48 gelu gated | norm rms AaFf eps 0.001\n"
            "layer 1: attention heads 4/2 of 16/16 rope halves 16 theta 1..0.0003162 mag 1 scale "
            "0.25 cap 50 window none | ffn 48 gelu gated | norm rms AaFf eps 0.001\n");
    printed(&mixed,
            "layer 0: attention heads 4/2 of 16/16 rope adjacent 16 theta 1..0.0003162 mag 1 scale "
            "0.25 window none | ffn 48 silu gated experts 2 of 4 softmax renormalised | norm rms "
            "AF eps 0.001\n"
            "layer 1: attention heads 4/2 of 16/16 rope adjacent 16 theta 1..0.0003162 mag 1 scale "
            "0.25 window none | ffn 48 silu gated experts 2 of 4 softmax renormalised | norm rms "
            "AF eps 0.001\n");
}

/* Every allocation may fail: an error, nothing lost, nothing crashed. */
static void test_memory(void **state)
{
    struct gguf *g = NULL;
    struct err e = { 0 };
    enum err_code rc = ERR_OOM;
    size_t before;

    (void)state;
    if (tiny_write(&mixed, scratch(), &e) || gguf_open(&g, scratch(), &e))
        fail_msg("%s", e.text);
    before = mem_in_use(MEM_MODEL);
    for (uint64_t n = 1; rc; n++) {
        struct model_plan_params p = { 0 };
        struct model *m = NULL;
        struct plan *plan = NULL;

        (void)mem_fail_at(n, 1);
        rc = model_open(&m, g, &e);
        if (!rc)
            rc = model_plan(m, &p, &plan, &e);
        (void)mem_fail_at(0, 0);
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        plan_destroy(plan);
        model_close(m);
        assert_int_equal(mem_in_use(MEM_MODEL), before);
        assert_true(n < 1000);
    }
    gguf_close(g);
    (void)unlink(scratch());
}

static bool on_bytes(void *arg, uint64_t done, uint64_t total)
{
    assert_true(done <= total);
    *(uint64_t *)arg = total - done;
    return true;
}

static bool stop_at_once(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    return false;
}

/* A published shape with one layer is a model with sane logits; names that are none are refused. */
static void test_shape(void **state)
{
    struct shape_params p = { .shape = "qwen3-0.6b", .n_layer = 1, .seed = 3, .type = "TQ2_0" };
    struct mini_params mp = { .n_ctx = 64, .n_tok_max = 4 };
    int32_t tokens[] = { 1, 300, 151935 };
    uint64_t left = 1;
    struct err e = { 0 };
    struct mini r;
    double sum = 0.0;
    float *out;

    (void)state;
    if (model_make_shape(scratch(), &p, on_bytes, &left, &e) || mini_open(&r, scratch(), &mp, &e))
        fail_msg("%s", e.text);
    assert_int_equal(left, 0);
    assert_string_equal(model_info(r.m)->name, "qwen3-0.6b");
    assert_int_equal(model_info(r.m)->n_layer, 1);
    out = mem_alloc_n(MEM_OTHER, (size_t)3 * r.width, sizeof(*out));
    assert_non_null(out);
    assert_int_equal(mini_run(&r, tokens, 3, 0, out, &e), ERR_OK);
    for (uint32_t i = 0; i < r.width; i++)
        sum += (double)out[i] * (double)out[i] / r.width;
    assert_true(sum > 1e-3 && sum < 1e3);
    mem_free(out);
    mini_close(&r);
    p.shape = "no-such-shape";
    assert_int_equal(model_make_shape(scratch(), &p, NULL, NULL, &e), ERR_NOT_FOUND);
    p.shape = "qwen3-0.6b";
    p.type = "no-such-type";
    assert_int_equal(model_make_shape(scratch(), &p, NULL, NULL, &e), ERR_ARG);
    (void)unlink(scratch());
    p.type = "Q8_0";
    assert_int_equal(model_make_shape(scratch(), &p, stop_at_once, NULL, &e), ERR_CANCELLED);
    assert_int_not_equal(access(scratch(), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),  cmocka_unit_test(test_lost_pair),
        cmocka_unit_test(test_extra), cmocka_unit_test(test_expert_files),
        cmocka_unit_test(test_keys),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_print), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
