/* Proves: old files of latent attention, which hold the two matrices behind the latent as one and
 * give only the true head sizes, come to the same logits as the split form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"

#define N_TOK 20U

/* Sizes of the stored model. */
#define N_HEAD 4U
#define R_KV   24U
#define PLAIN  16U /* unrotated part of a head's key */
#define HEAD_K 24U
#define HEAD_V 16U

static const char *joined_path(void)
{
    static char path[64];

    (void)snprintf(path, sizeof(path), "/tmp/hearth-kv-b-%ld.gguf", (long)getpid());
    return path;
}

static bool ends_with(struct gguf_str s, const char *end)
{
    size_t n = strlen(end);

    return s.len >= n && memcmp(s.s + s.len - n, end, n) == 0;
}

static enum err_code write_keys(struct gguf_out *o, const struct gguf *g, struct err *e)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; i < gguf_n_kv(g) && !rc; i++) {
        const struct gguf_kv *kv = gguf_kv_at(g, i);

        if (!ends_with(kv->key, "_mla") && !ends_with(kv->key, ".key_length") &&
            !ends_with(kv->key, ".value_length"))
            rc = gguf_out_copy(o, g, kv, e);
    }
    rc = rc ? rc : gguf_out_u32(o, "deepseek2.attention.key_length", HEAD_K, e);
    return rc ? rc : gguf_out_u32(o, "deepseek2.attention.value_length", HEAD_V, e);
}

/* Head after head: the rows of K, untransposed, then those of V. */
static void join(const float *k, const float *v, float *out)
{
    for (uint32_t h = 0; h < N_HEAD; h++) {
        float *head = out + (size_t)h * (PLAIN + HEAD_V) * R_KV;

        for (uint32_t i = 0; i < PLAIN; i++)
            for (uint32_t c = 0; c < R_KV; c++)
                head[i * R_KV + c] = k[((size_t)h * R_KV + c) * PLAIN + i];
        memcpy(head + (size_t)PLAIN * R_KV, v + (size_t)h * HEAD_V * R_KV,
               HEAD_V * R_KV * sizeof(*v));
    }
}

/* The name of the joined matrix in place of attn_k_b, none in place of attn_v_b, else its own. */
static const char *new_name(const char *name, char out[GGUF_NAME_BYTES_MAX])
{
    const char *part = strstr(name, "attn_k_b");

    if (strstr(name, "attn_v_b"))
        return NULL;
    if (!part)
        return name;
    (void)snprintf(out, GGUF_NAME_BYTES_MAX, "%.*sattn_kv_b.weight", (int)(part - name), name);
    return out;
}

static enum err_code put_tensor(struct gguf_out *o, const struct gguf *g,
                                const struct gguf_tensor *t, bool data, struct err *e)
{
    const uint64_t ne[4] = { R_KV, N_HEAD * (PLAIN + HEAD_V), 1, 1 };
    char name[GGUF_NAME_BYTES_MAX], v_name[GGUF_NAME_BYTES_MAX];
    const char *as = new_name(t->name, name);
    float both[R_KV * N_HEAD * (PLAIN + HEAD_V)];
    const struct gguf_tensor *v;

    if (!as)
        return ERR_OK;
    if (as == t->name && data)
        return gguf_out_data(o, t->data, (size_t)t->bytes, e);
    if (as == t->name)
        return gguf_out_tensor(o, as, t->type, t->n_dims, t->ne, e);
    if (!data)
        return gguf_out_tensor(o, as, DT_F32, 2, ne, e);
    (void)snprintf(v_name, sizeof(v_name), "%s", t->name);
    *(strstr(v_name, "k_b")) = 'v';
    v = gguf_tensor(g, v_name);
    assert_non_null(v);
    join((const float *)(const void *)t->data, (const float *)(const void *)v->data, both);
    return gguf_out_data(o, both, sizeof(both), e);
}

static enum err_code write_joined(const struct gguf *g, struct err *e)
{
    struct gguf_out *o = NULL;
    enum err_code rc = gguf_out_open(&o, joined_path(), e);

    rc = rc ? rc : write_keys(o, g, e);
    for (int data = 0; data < 2; data++)
        for (size_t i = 0; i < gguf_n_tensor(g) && !rc; i++)
            rc = put_tensor(o, g, gguf_tensor_at(g, i), data != 0, e);
    return rc ? rc : gguf_out_commit(o, e);
}

static float *logits(const char *path, size_t *n)
{
    struct mini_params p = { .n_tok_max = N_TOK, .kv = KV_F32 };
    int32_t tokens[N_TOK];
    struct err e = { 0 };
    struct mini r;
    float *out;

    for (uint32_t i = 0; i < N_TOK; i++)
        tokens[i] = (int32_t)(i * 17 % 384);
    if (mini_open(&r, path, &p, &e))
        fail_msg("%s", e.text);
    *n = (size_t)N_TOK * r.width;
    out = mem_alloc_n(MEM_OTHER, *n, sizeof(*out));
    assert_non_null(out);
    assert_int_equal(mini_run(&r, tokens, N_TOK, 0, out, &e), ERR_OK);
    mini_close(&r);
    return out;
}

static void test_joined(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct gguf *g = NULL;
    struct err e = { 0 };
    float *split, *joined;
    size_t n;

    (void)state;
    if (!fixtures_dir())
        skip();
    fixture_path(path, "archs", "deepseek2.gguf");
    if (gguf_open(&g, path, &e) || write_joined(g, &e))
        fail_msg("%s", e.text);
    gguf_close(g);
    split = logits(path, &n);
    joined = logits(joined_path(), &n);
    assert_true(nmse(joined, split, n) < 1e-12);
    mem_free(split);
    mem_free(joined);
    (void)unlink(joined_path());
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_joined) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
