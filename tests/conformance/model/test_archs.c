/* Proves: miniature models of every supported architecture give the stored logits within the stored
 * tolerance, with an F32 and an F16 cache; and however the tokens are cut into batches, the same
 * bits (law 4). Architectures without a row are counted and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"

#define SET        "archs"
#define TOKENS_MAX 1024U

struct one {
    struct js *root;
    const char *name, *kind, *pooling;
    float *want;
    size_t n_want;
    uint32_t n_ctx;
    double tolerance, tolerance_f16;
    bool cuttable; /* into batches: encoders see a sequence whole */
};

static const char *text_of(const struct js *v, const char *key)
{
    const char *s = js_str(js_get(v, key), NULL);

    return s ? s : "";
}

static bool is_supported(const char *arch)
{
    for (const char *const *a = model_archs(); *a; a++)
        if (strcmp(*a, arch) == 0)
            return true;
    return false;
}

static uint32_t tokens_of(const struct js *seq, int32_t *out)
{
    uint32_t n = (uint32_t)js_len(seq);

    assert_true(n <= TOKENS_MAX);
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int32_t)js_int(js_at(seq, i));
    return n;
}

/* All sequences of a model, in batches of `chunk`; *n values. */
static float *compute(struct one *o, enum kv_type kv, uint32_t chunk, size_t *n)
{
    const struct js *seqs = js_get(o->root, "sequences");
    bool embed = strcmp(o->kind, "embeddings") == 0;
    struct mini_params p = {
        .n_ctx = o->n_ctx, .n_tok_max = TOKENS_MAX, .kv = kv, .embeddings = embed
    };
    int32_t tokens[TOKENS_MAX];
    char path[FIXTURE_PATH_BYTES];
    struct err e = { 0 };
    struct mini r;
    float *rows, *out;

    fixture_path(path, SET, text_of(o->root, "gguf"));
    if (mini_open(&r, path, &p, &e))
        fail_msg("%s: %s", o->name, e.text);
    out = mem_alloc_n(MEM_OTHER, o->n_want + r.width, sizeof(float));
    rows = mem_alloc_n(MEM_OTHER, (size_t)TOKENS_MAX * r.width, sizeof(float));
    assert_non_null(out);
    assert_non_null(rows);
    *n = 0;
    o->cuttable = model_info(r.m)->is_causal;
    for (size_t i = 0; i < js_len(seqs); i++) {
        uint32_t n_tok = tokens_of(js_at(seqs, i), tokens);
        size_t add = (size_t)n_tok * r.width;

        assert_true(embed || *n + add <= o->n_want);
        if (mini_run(&r, tokens, n_tok, chunk, rows, &e))
            fail_msg("%s: %s", o->name, e.text);
        if (embed)
            add = mini_pool(&r, o->pooling, rows, n_tok, out + *n);
        else
            memcpy(out + *n, rows, add * sizeof(float));
        *n += add;
    }
    mem_free(rows);
    mini_close(&r);
    return out;
}

static bool open_one(struct one *o, const struct js *item)
{
    memset(o, 0, sizeof(*o));
    if (!is_supported(text_of(item, "arch")))
        return false;
    o->root = fixture_json(SET, text_of(item, "json"));
    o->name = text_of(item, "name");
    o->kind = text_of(o->root, "kind");
    o->pooling = text_of(o->root, "pooling");
    o->n_ctx = (uint32_t)js_int(js_get(o->root, "n_ctx"));
    o->tolerance = js_num(js_get(o->root, "tolerance_nmse"));
    o->tolerance_f16 = js_num(js_get(o->root, "tolerance_nmse_f16kv"));
    o->want = fixture_f32(SET, text_of(o->root, "output"), &o->n_want);
    return true;
}

static void close_one(struct one *o)
{
    js_close(o->root);
    mem_free(o->want);
}

/* Runs one model in all ways; returns the number of failed comparisons. */
static int check_one(struct one *o)
{
    static const uint32_t chunks[] = { 1, 17 };
    size_t n, n_again;
    float *whole = compute(o, KV_F32, 0, &n), *half = compute(o, KV_F16, 0, &n_again);
    double error, error_f16;
    int n_bad = 0;

    assert_int_equal(n, o->n_want);
    assert_int_equal(n_again, o->n_want);
    error = nmse(whole, o->want, n);
    error_f16 = nmse(half, o->want, n);
    n_bad += !(error <= o->tolerance);
    n_bad += !(error_f16 <= o->tolerance_f16);
    print_message("%-18s f32 %.2e of %.1e   f16 %.2e of %.1e%s", o->name, error, o->tolerance,
                  error_f16, o->tolerance_f16, n_bad ? "  WRONG" : "");
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        float *cut;
        bool same;

        if (!o->cuttable)
            continue;
        cut = compute(o, KV_F32, chunks[i], &n_again);
        same = memcmp(whole, cut, n * sizeof(float)) == 0;
        n_bad += !same;
        if (!same)
            print_message("  batches of %u differ (%.2e)", chunks[i], nmse(cut, whole, n));
        mem_free(cut);
    }
    print_message("\n");
    mem_free(whole);
    mem_free(half);
    return n_bad;
}

/* Every model of the set whose architecture has a row. */
static void test_archs(void **state)
{
    struct js *index;
    uint32_t n_run = 0, n_skip = 0;
    int n_bad = 0;
    struct one o;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    for (size_t i = 0; i < js_len(index); i++) {
        if (!open_one(&o, js_at(index, i))) {
            print_message("%-18s skipped: no row yet\n", text_of(js_at(index, i), "name"));
            n_skip++;
            continue;
        }
        n_bad += check_one(&o);
        n_run++;
        close_one(&o);
    }
    js_close(index);
    print_message("%u models run, %u skipped\n", n_run, n_skip);
    assert_true(n_run > 0);
    assert_int_equal(n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_archs) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
