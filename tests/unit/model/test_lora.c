/* Proves: an adapter gives what the model gives once the adapter's product is added to its weights,
 * for separate and fused matrices; several scales add up; and adapters that do not fit are refused
 * by name. Needs no fixtures. */
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

#define RANK  4U
#define ALPHA 6.0F
#define SCALE 0.5F
#define N_TOK 12U

#define SIZES                                                                                      \
    .n_layer = 2, .n_embd = 32, .n_ff = 48, .n_head = 4, .n_head_kv = 2, .head = 16, .n_rot = 16,  \
    .n_vocab = 64, .eps = 1e-3, .base = 10000.0, .n_ctx = 128

static const struct tiny plain = { .arch = "llama", SIZES, .adjacent = true };
static const struct tiny fused = { .arch = "phi3", SIZES, .fused_qkv = true, .fused_up = true };

/* What an adapter file says; zero is a good one. */
struct spec {
    const struct tiny *base;
    const char *const *names; /* of the weights, NULL-terminated */
    const char *arch, *type;  /* NULL: the right ones */
    uint32_t more_in, more_out;
    bool half, lonely; /* F16; without the second matrices */
};

static const char *path_of(const char *what)
{
    static char paths[3][64];
    static int i;

    i = (i + 1) % 3;
    (void)snprintf(paths[i], sizeof(paths[i]), "/tmp/hearth-lora-%ld-%s", (long)getpid(), what);
    return paths[i];
}

static struct gguf *base_file(const struct tiny *t)
{
    struct gguf *g = NULL;
    struct err e = { 0 };

    if (tiny_write(t, path_of("base"), &e) || gguf_open(&g, path_of("base"), &e))
        fail_msg("%s", e.text);
    return g;
}

static void factor_name(const char *weight, char which, char out[GGUF_NAME_BYTES_MAX])
{
    (void)snprintf(out, GGUF_NAME_BYTES_MAX, "%s.lora_%c", weight, which);
}

/* Declares (data false) or writes one factor. */
static enum err_code put_factor(struct gguf_out *o, const char *weight, char which, bool half,
                                const uint64_t ne[4], bool data)
{
    char name[GGUF_NAME_BYTES_MAX];
    size_t n = (size_t)(ne[0] * ne[1]);
    struct err e = { 0 };
    enum err_code rc;
    float *v;

    factor_name(weight, which, name);
    if (!data)
        return gguf_out_tensor(o, name, half ? DT_F16 : DT_F32, 2, ne, &e);
    v = mem_alloc_n(MEM_OTHER, n, sizeof(*v));
    assert_non_null(v);
    tiny_fill(name, n, (uint32_t)ne[0], v);
    for (size_t i = 0; half && i < n; i++)
        ((uint16_t *)(void *)v)[i] = f32_to_f16(v[i]);
    rc = gguf_out_data(o, v, n * (half ? sizeof(uint16_t) : sizeof(float)), &e);
    mem_free(v);
    return rc;
}

static struct gguf *adapter_file(const struct gguf *base, const struct spec *s)
{
    const char *arch = s->arch ? s->arch : s->base->arch, *type = s->type ? s->type : "lora";
    struct gguf_out *o = NULL;
    struct gguf *g = NULL;
    struct err e = { 0 };
    enum err_code rc = gguf_out_open(&o, path_of("adapter"), &e);

    rc = rc ? rc : gguf_out_str(o, "general.architecture", arch, strlen(arch), &e);
    rc = rc ? rc : gguf_out_str(o, "general.type", "adapter", 7, &e);
    rc = rc ? rc : gguf_out_str(o, "adapter.type", type, strlen(type), &e);
    rc = rc ? rc : gguf_out_f32(o, "adapter.lora.alpha", ALPHA, &e);
    for (int data = 0; data < 2; data++) {
        for (const char *const *name = s->names; *name && !rc; name++) {
            const struct gguf_tensor *t = gguf_tensor(base, *name);
            uint64_t a[4] = { (t ? t->ne[0] : 8) + s->more_in, RANK, 1, 1 };
            uint64_t b[4] = { RANK, (t ? t->ne[1] : 8) + s->more_out, 1, 1 };

            rc = put_factor(o, *name, 'a', s->half, a, data != 0);
            if (!rc && !s->lonely)
                rc = put_factor(o, *name, 'b', s->half, b, data != 0);
        }
    }
    rc = rc ? rc : gguf_out_commit(o, &e);
    rc = rc ? rc : gguf_open(&g, path_of("adapter"), &e);
    if (rc)
        fail_msg("%s", e.text);
    return g;
}

/* w += ALPHA / RANK * SCALE * B A */
static void merge(const struct gguf_tensor *t, float *w)
{
    float *a = mem_alloc_n(MEM_OTHER, RANK * t->ne[0], sizeof(*a));
    float *b = mem_alloc_n(MEM_OTHER, RANK * t->ne[1], sizeof(*b));
    char name[GGUF_NAME_BYTES_MAX];

    assert_non_null(a);
    assert_non_null(b);
    factor_name(t->name, 'a', name);
    tiny_fill(name, RANK * t->ne[0], (uint32_t)t->ne[0], a);
    factor_name(t->name, 'b', name);
    tiny_fill(name, RANK * t->ne[1], RANK, b);
    for (size_t o = 0; o < t->ne[1]; o++)
        for (size_t i = 0; i < t->ne[0]; i++)
            for (size_t r = 0; r < RANK; r++)
                w[o * t->ne[0] + i] +=
                    ALPHA / (float)RANK * SCALE * b[o * RANK + r] * a[r * t->ne[0] + i];
    mem_free(a);
    mem_free(b);
}

static bool is_named(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static struct gguf *merged_file(const struct gguf *base, const char *const *names)
{
    struct gguf_out *o = NULL;
    struct gguf *g = NULL;
    struct err e = { 0 };
    enum err_code rc = gguf_out_open(&o, path_of("merged"), &e);

    for (size_t i = 0; i < gguf_n_kv(base) && !rc; i++)
        rc = gguf_out_copy(o, base, gguf_kv_at(base, i), &e);
    for (size_t i = 0; i < gguf_n_tensor(base) && !rc; i++) {
        const struct gguf_tensor *t = gguf_tensor_at(base, i);

        rc = gguf_out_tensor(o, t->name, t->type, t->n_dims, t->ne, &e);
    }
    for (size_t i = 0; i < gguf_n_tensor(base) && !rc; i++) {
        const struct gguf_tensor *t = gguf_tensor_at(base, i);
        float *w = mem_alloc_n(MEM_OTHER, (size_t)t->bytes, 1);

        assert_non_null(w);
        memcpy(w, t->data, (size_t)t->bytes);
        if (is_named(names, t->name))
            merge(t, w);
        rc = gguf_out_data(o, w, (size_t)t->bytes, &e);
        mem_free(w);
    }
    rc = rc ? rc : gguf_out_commit(o, &e);
    rc = rc ? rc : gguf_open(&g, path_of("merged"), &e);
    if (rc)
        fail_msg("%s", e.text);
    return g;
}

/* Logits of a few tokens; closes g. */
static float *logits(struct gguf *g, const struct gguf *lora, size_t *n)
{
    struct mini_params p = { .n_tok_max = N_TOK, .kv = KV_F32, .lora = lora, .lora_scale = SCALE };
    int32_t tokens[N_TOK];
    struct err e = { 0 };
    struct mini r;
    float *out;

    for (uint32_t i = 0; i < N_TOK; i++)
        tokens[i] = (int32_t)(i * 5 % 64);
    if (mini_begin(&r, g, &p, &e))
        fail_msg("%s", e.text);
    *n = (size_t)N_TOK * r.width;
    out = mem_alloc_n(MEM_OTHER, *n, sizeof(*out));
    assert_non_null(out);
    assert_int_equal(mini_run(&r, tokens, N_TOK, 0, out, &e), ERR_OK);
    mini_close(&r);
    return out;
}

/* Error of the model with its adapter against the merged one; *change: of the bare model. */
static double compare(const struct spec *s, double *change)
{
    struct gguf *base = base_file(s->base), *adapter = adapter_file(base, s);
    size_t n;
    float *want = logits(merged_file(base, s->names), NULL, &n), *bare, *got;
    double error;

    bare = logits(base, NULL, &n);
    got = logits(base_file(s->base), adapter, &n);
    error = nmse(got, want, n);
    *change = nmse(bare, want, n);
    gguf_close(adapter);
    mem_free(want);
    mem_free(bare);
    mem_free(got);
    return error;
}

static void test_merged(void **state)
{
    static const char *const names[] = { "blk.0.attn_q.weight",   "blk.1.attn_output.weight",
                                         "blk.1.ffn_gate.weight", "blk.0.ffn_down.weight",
                                         "output.weight",         NULL };
    static const char *const wide[] = { "blk.0.attn_qkv.weight", "blk.1.ffn_up.weight", NULL };
    struct spec s = { .base = &plain, .names = names };
    double change;

    (void)state;
    assert_true(compare(&s, &change) < 1e-11);
    assert_true(change > 1e-3);
    s.half = true;
    assert_true(compare(&s, &change) < 1e-6);
    s = (struct spec){ .base = &fused, .names = wide };
    assert_true(compare(&s, &change) < 1e-11);
    assert_true(change > 1e-3);
}

static void refused(const struct spec *s, enum err_code code, const char *says)
{
    struct gguf *base = base_file(s->base), *adapter = adapter_file(base, s);
    struct model *m = NULL;
    struct err e = { 0 };
    enum err_code rc = model_open(&m, base, &e);

    assert_int_equal(rc, ERR_OK);
    rc = model_add_lora(m, adapter, 1.0F, &e);
    if (rc != code || !strstr(e.text, says))
        fail_msg("expected code %d and \"%s\", found code %d and \"%s\"", (int)code, says, (int)rc,
                 e.text);
    model_close(m);
    gguf_close(adapter);
    gguf_close(base);
}

static void test_refused(void **state)
{
    static const char *const good[] = { "blk.0.attn_q.weight", NULL };
    static const char *const none[] = { NULL };
    static const char *const embd[] = { "token_embd.weight", NULL };
    static const char *const unknown[] = { "blk.7.attn_q.weight", NULL };
    static const char *const norm[] = { "blk.0.attn_norm.weight", NULL };
    const struct {
        struct spec s;
        enum err_code code;
        const char *says;
    } cases[] = {
        { { .names = none }, ERR_FORMAT, "no tensors" },
        { { .names = embd }, ERR_UNSUPPORTED, "token_embd.weight.lora_a" },
        { { .names = unknown }, ERR_UNSUPPORTED, "blk.7.attn_q.weight.lora_a" },
        { { .names = norm }, ERR_UNSUPPORTED, "blk.0.attn_norm.weight.lora_a" },
        { { .names = good, .arch = "qwen3" }, ERR_FORMAT, "general.architecture" },
        { { .names = good, .type = "other" }, ERR_FORMAT, "adapter.type" },
        { { .names = good, .more_in = 1 }, ERR_FORMAT, "blk.0.attn_q.weight.lora_a" },
        { { .names = good, .more_out = 1 }, ERR_FORMAT, "blk.0.attn_q.weight.lora_a" },
        { { .names = good, .lonely = true }, ERR_FORMAT, "blk.0.attn_q.weight.lora_b is missing" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct spec s = cases[i].s;

        s.base = &plain;
        refused(&s, cases[i].code, cases[i].says);
    }
}

static int clean(void **state)
{
    (void)state;
    (void)unlink(path_of("base"));
    (void)unlink(path_of("adapter"));
    (void)unlink(path_of("merged"));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_merged),
                                        cmocka_unit_test(test_refused) };

    return cmocka_run_group_tests(tests, NULL, clean);
}
