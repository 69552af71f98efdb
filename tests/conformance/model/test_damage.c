/* Proves: a model file with anything wrong is refused by a sentence that names what is wrong, or it
 * runs; nothing is leaked. For every miniature: every tensor lost, of another shape, or with a NaN;
 * every number among the keys absurd, zero, odd, infinite or not a number. Needs no fixtures. */
#include <math.h>
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
#include "support/mini.h"
#include "support/tiny.h"

#define N_TOK       4U
#define LAYERS_MAX  16U /* longer miniatures are about their length */
#define TENSORS_MAX 512U
#define NAME_BYTES  80U

static const char *scratch(void)
{
    static char path[TINY_PATH_BYTES];

    return tiny_path(path, "damage");
}

/* The same family, as small as it can be. */
static struct tiny small(const struct tiny *t)
{
    struct tiny s = *t;

    s.n_embd = 8;
    s.n_ff = s.n_ff ? 8 : 0;
    s.n_vocab = 12;
    s.n_ff_exp = s.n_ff_exp ? 4 : 0;
    s.n_ff_shared = s.n_ff_shared ? 4 : 0;
    return s;
}

/* Opens, and computes four tokens where it can. ERR_OK, or why it was refused. */
static enum err_code try_run(const struct tiny *t, struct err *e)
{
    static const int32_t tokens[N_TOK] = { 1, 4, 5, 6 };
    struct mini_params p = {
        .n_ctx = 32, .n_tok_max = N_TOK, .kv = KV_F16, .embeddings = t->headless
    };
    size_t before = mem_in_use(MEM_MODEL);
    struct mini r = { 0 };
    enum err_code rc;
    float *out;

    assert_int_equal(tiny_write(t, scratch(), e), ERR_OK);
    rc = mini_open(&r, scratch(), &p, e);
    if (!rc && model_info(r.m)->n_ctx_train >= N_TOK) {
        out = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r.width, sizeof(*out));
        assert_non_null(out);
        rc = mini_run(&r, tokens, N_TOK, 0, out, e);
        mem_free(out);
    }
    mini_close(&r);
    (void)unlink(scratch());
    assert_int_equal(mem_in_use(MEM_MODEL), before);
    assert_true(!rc || strlen(e->text) > 10);
    return rc;
}

struct tensors {
    uint32_t n;
    char name[TENSORS_MAX][NAME_BYTES];
    uint32_t n_dims[TENSORS_MAX];
};

static void list_tensors(const struct tiny *t, struct tensors *out)
{
    struct gguf *g = NULL;
    struct err e = { 0 };

    if (tiny_write(t, scratch(), &e) || gguf_open(&g, scratch(), &e))
        fail_msg("%s", e.text);
    out->n = (uint32_t)gguf_n_tensor(g);
    assert_true(out->n <= TENSORS_MAX);
    for (uint32_t i = 0; i < out->n; i++) {
        (void)snprintf(out->name[i], NAME_BYTES, "%s", gguf_tensor_at(g, i)->name);
        out->n_dims[i] = gguf_tensor_at(g, i)->n_dims;
    }
    gguf_close(g);
}

/* Tensors whose absence is another, whole model. */
static bool may_be_absent(const char *name)
{
    static const char *const names[] = {
        "output.weight",                             /* tied                              */
        "output.bias",          "rope_freqs.weight", /* no divisors  */
        "token_types.weight",   "output_norm.bias",  "token_embd_norm.bias",
        "position_embd.weight", /* refused where nothing else tells places apart */
    };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strstr(name, ".nextn.") || strstr(name, "attn_q.scale") ||
           strstr(name, "ffn_down_exps.scale");
}

/* Rows that take K for V where layers that attend to everything have no V. */
static bool may_lack_v(const struct tiny *t, const char *name)
{
    return t->v_norm && strcmp(name, "blk.2.attn_v.weight") == 0;
}

/* Dimensions that nothing but the tensor tells. */
static bool may_be_longer(const char *name, uint32_t dim)
{
    return strstr(name, ".nextn.") || (dim == 1 && (strcmp(name, "token_types.weight") == 0 ||
                                                    strcmp(name, "position_embd.weight") == 0));
}

static void check_tensor(const struct tiny *base, const char *name, uint32_t n_dims, size_t *n_bad)
{
    const char *const lost[] = { name, NULL };
    struct tiny t = *base;
    struct err e = { 0 };

    t.lost = lost;
    if (try_run(&t, &e) == ERR_OK && !may_be_absent(name) && !may_lack_v(base, name)) {
        print_message("%s: runs without %s\n", t.arch, name);
        (*n_bad)++;
    }
    t.lost = NULL;
    t.bad_tensor = name;
    for (t.bad_dim = 0; t.bad_dim < n_dims; t.bad_dim++) {
        enum err_code rc = try_run(&t, &e);

        if (may_be_longer(name, t.bad_dim) || (rc && strstr(e.text, "blk.")) ||
            (rc && strstr(e.text, name)))
            continue;
        print_message("%s: %s longer in dimension %u: %s\n", t.arch, name, t.bad_dim,
                      rc ? e.text : "runs");
        (*n_bad)++;
    }
    t.bad_tensor = NULL;
    t.nan_tensor = name;
    if (n_dims == 1 && !strstr(name, "inp_shexp") /* a matrix of one row */ &&
        (try_run(&t, &e) != ERR_FORMAT || !strstr(e.text, name))) {
        print_message("%s: %s with a NaN: \"%s\"\n", t.arch, name, e.text);
        (*n_bad)++;
    }
}

static void every_tensor(void **state)
{
    static struct tensors all;
    size_t n, n_bad = 0, n_run = 0;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct tiny t = small(&models[i]);

        if (t.n_layer > LAYERS_MAX || t.by_row)
            continue;
        list_tensors(&t, &all);
        for (uint32_t k = 0; k < all.n; k++, n_run++)
            check_tensor(&t, all.name[k], all.n_dims[k], &n_bad);
    }
    print_message("%zu tensors damaged in four ways\n", n_run);
    assert_int_equal(n_bad, 0);
}

/* Whole numbers: 2^32 - 1 is refused by the key's name, whatever else runs or is refused. */
static const char *const whole[] = {
    "context_length",
    "embedding_length",
    "block_count",
    "nextn_predict_layers",
    "feed_forward_length",
    "vocab_size",
    "embedding_length_per_layer_input",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.q_lora_rank",
    "attention.kv_lora_rank",
    "attention.key_length",
    "attention.value_length",
    "attention.key_length_mla",
    "attention.value_length_mla",
    "attention.key_length_swa",
    "attention.value_length_swa",
    "attention.shared_kv_layers",
    "rope.dimension_count",
    "rope.dimension_count_swa",
    "rope.scaling.original_context_length",
    "expert_count",
    "expert_used_count",
    "expert_feed_forward_length",
    "expert_shared_feed_forward_length",
    "expert_shared_count",
    "expert_group_count",
    "expert_group_used_count",
    "expert_gating_func",
    "shortconv.l_cache",
    "ssm.conv_kernel",
    "ssm.state_size",
    "ssm.time_step_rank",
    "ssm.group_count",
    "ssm.inner_size",
    "attention.sliding_window_pattern",
    "leading_dense_block_count",
    "full_attention_interval",
};

static const char *const real[] = {
    "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon",
    "attention.clamp_kqv",
    "attn_logit_softcapping",
    "final_logit_softcapping",
    "logit_scale",
    "embedding_scale",
    "residual_scale",
    "attention.scale",
    "rope.freq_base",
    "rope.freq_base_swa",
    "rope.scaling.factor",
    "rope.scaling.yarn_log_multiplier",
    "rope.scaling.attn_factor",
    "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow",
    "attention.temperature_scale",
    "expert_weights_scale",
};

/* Is the key written at all? Then a damaged file differs in length or bytes: cheaper to ask. */
static bool is_written(const struct tiny *t, const char *suffix)
{
    struct gguf *g = NULL;
    struct err e = { 0 };
    char name[96];
    bool found;

    (void)snprintf(name, sizeof(name), "%s.%s", t->arch, suffix);
    if (tiny_write(t, scratch(), &e) || gguf_open(&g, scratch(), &e))
        fail_msg("%s", e.text);
    found = gguf_find(g, name) != NULL;
    gguf_close(g);
    return found;
}

/* The first n_must of the values are refused by the key's name; with the others the file may run.
 */
static void check_key(const struct tiny *base, const char *suffix, const double *values,
                      size_t n_value, size_t n_must, size_t *n_bad)
{
    struct tiny t = *base;

    t.bad_key = suffix;
    for (size_t i = 0; i < n_value && is_written(base, suffix); i++) {
        struct err e = { 0 };
        enum err_code rc;

        t.bad_value = values[i];
        rc = try_run(&t, &e);
        if (i >= n_must || (rc == ERR_FORMAT && strstr(e.text, suffix)))
            continue;
        print_message("%s.%s = %g: %s\n", t.arch, suffix, values[i], rc ? e.text : "runs");
        (*n_bad)++;
    }
}

static void every_key(void **state)
{
    static const double odd[] = { 4294967295.0, 0, 1, 3, 7, 13, 255, 4097, 65537, 2147483648.0 };
    static const double bad[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, -1.0, 0.0, 1e-40, 1e30
    };
    size_t n, n_bad = 0;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct tiny t = small(&models[i]);

        if (t.n_layer > LAYERS_MAX || t.by_row)
            continue;
        for (size_t k = 0; k < COUNT_OF(whole); k++)
            check_key(&t, whole[k], odd, COUNT_OF(odd), 1, &n_bad);
        for (size_t k = 0; k < COUNT_OF(real); k++)
            check_key(&t, real[k], bad, COUNT_OF(bad), 4, &n_bad);
    }
    assert_int_equal(n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_tensor),
                                        cmocka_unit_test(every_key) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
