/* Proves: the same miniature in every common mixture of tensor types gives the logits of its
 * exactly dequantised weights, within the stored tolerance (what rounding activations to eight bits
 * costs); whole, token by token and in pieces with the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"

#define SET     "models-quant"
#define TOK_MAX 512U
/* A gap of one among some 15,000 logits: 2.9 at most where each is off by 0.45 in the middle. */
#define GAP_MAX 3.5

/* All sequences, in batches of `chunk`; *n values. */
static float *compute(const struct js *seqs, const char *gguf, uint32_t chunk, size_t n)
{
    struct mini_params p = { .n_tok_max = TOK_MAX, .kv = KV_F32 };
    float *out = mem_alloc_n(MEM_OTHER, n, sizeof(*out));
    char path[FIXTURE_PATH_BYTES];
    int32_t tokens[TOK_MAX];
    struct err e = { 0 };
    struct mini r;
    size_t at = 0;

    assert_non_null(out);
    if (mini_open(&r, fixture_path(path, SET, gguf), &p, &e))
        fail_msg("%s: %s", gguf, e.text);
    for (size_t i = 0; i < js_len(seqs); i++) {
        uint32_t n_tok = (uint32_t)js_len(js_at(seqs, i));

        assert_true(n_tok <= TOK_MAX && at + (size_t)n_tok * r.width <= n);
        for (uint32_t k = 0; k < n_tok; k++)
            tokens[k] = (int32_t)js_int(js_at(js_at(seqs, i), k));
        if (mini_run(&r, tokens, n_tok, chunk, out + at, &e))
            fail_msg("%s: %s", gguf, e.text);
        at += (size_t)n_tok * r.width;
    }
    assert_int_equal(at, n);
    mini_close(&r);
    return out;
}

/* The largest gap of one logit, in units of what rounding may add to each of them: the square root
 * of tolerance, of the logits' root mean square. */
static double worst_gap(const float *got, const float *want, size_t n, double tolerance)
{
    double sum = 0, worst = 0;

    for (size_t i = 0; i < n; i++) {
        sum += (double)want[i] * (double)want[i];
        worst = fmax(worst, fabs((double)got[i] - (double)want[i]));
    }
    return worst / sqrt(tolerance * sum / (double)n);
}

static bool check_one(const struct js *seqs, const struct js *item)
{
    static const uint32_t chunks[] = { 1, 17 };
    const char *gguf = js_str(js_get(item, "gguf"), NULL);
    double tolerance = js_num(js_get(item, "tolerance_nmse_vs_dequantized")), error, gap;
    size_t n;
    float *want = fixture_f32(SET, js_str(js_get(item, "dequantized_logits"), NULL), &n);
    float *got = compute(seqs, gguf, 0, n);
    bool good;

    error = nmse(got, want, n);
    gap = worst_gap(got, want, n, tolerance);
    good = error <= tolerance && gap <= GAP_MAX;
    print_message("%-16s %.2e of %.1e, one logit %.2f of %.1f%s\n", gguf, error, tolerance, gap,
                  GAP_MAX, good ? "" : "  WRONG");
    for (size_t i = 0; i < COUNT_OF(chunks); i++) {
        float *cut = compute(seqs, gguf, chunks[i], n);

        if (memcmp(got, cut, n * sizeof(*got)) != 0) {
            print_message("  batches of %u differ\n", chunks[i]);
            good = false;
        }
        mem_free(cut);
    }
    mem_free(want);
    mem_free(got);
    return good;
}

static void mixtures_give_their_logits(void **state)
{
    const struct js *models;
    struct js *index;
    size_t n_bad = 0;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    models = js_get(index, "models");
    assert_true(js_len(models) > 0);
    for (size_t i = 0; i < js_len(models); i++)
        n_bad += !check_one(js_get(index, "sequences"), js_at(models, i));
    js_close(index);
    assert_int_equal(n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(mixtures_give_their_logits) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
