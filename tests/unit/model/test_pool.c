/* Proves: every way from hidden states to one vector gives what its definition gives in double
 * precision: tokens alone, mean, first, last, the classifier with its hidden layer and norm, dense
 * heads, length 1; by element and by cosine. And heads that do not fit are refused by name. Needs
 * no fixtures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/pool.h"
#include "support/fixtures.h"
#include "support/mini.h"
#include "support/tiny.h"

#define N_EMBD 32U
#define N_TOK  5U

#define SIZES                                                                                      \
    .n_layer = 1, .n_embd = N_EMBD, .n_ff = 48, .n_head = 4, .n_head_kv = 4, .head = 8,            \
    .n_rot = 8, .n_vocab = 64, .eps = 1e-3, .base = 10000.0, .n_ctx = 128

static const struct tiny reranker = { .arch = "nomic-bert",
                                      SIZES,
                                      .layer_norm = true,
                                      .norm_bias = true,
                                      .sees_all = true,
                                      .headless = true,
                                      .layout = TINY_AFTER_ADD,
                                      .fused_qkv = true,
                                      .embd_norm = true,
                                      .n_cls = 3 };
static const struct tiny causal = { .arch = "llama", SIZES, .adjacent = true, .n_cls = 3 };
static const struct tiny dense = { .arch = "llama", SIZES, .adjacent = true, .n_dense_head = 7 };
static const struct tiny plain = { .arch = "llama", SIZES, .adjacent = true };

struct open_model {
    struct gguf *g;
    struct model *m;
};

static const char *scratch(void)
{
    static char path[64];

    (void)snprintf(path, sizeof(path), "/tmp/hearth-pool-%ld.gguf", (long)getpid());
    return path;
}

static enum err_code try_open(const struct tiny *t, struct open_model *o, struct err *e)
{
    o->m = NULL;
    assert_int_equal(tiny_write(t, scratch(), e), ERR_OK);
    assert_int_equal(gguf_open(&o->g, scratch(), e), ERR_OK);
    return model_open(&o->m, o->g, e);
}

static void end(struct open_model *o)
{
    model_close(o->m);
    gguf_close(o->g);
    (void)unlink(scratch());
}

/* y = W x + b, as the file says. */
static void product(const char *stem, bool biased, uint32_t n_in, uint32_t n_out, double *x)
{
    char name[64];
    float w[N_EMBD * N_EMBD], b[N_EMBD];
    double y[N_EMBD];

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    tiny_fill(name, (size_t)n_in * n_out, n_in, w);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    tiny_fill(name, n_out, n_out, b);
    for (uint32_t o = 0; o < n_out; o++) {
        y[o] = biased ? (double)b[o] : 0.0;
        for (uint32_t i = 0; i < n_in; i++)
            y[o] += (double)w[o * n_in + i] * x[i];
    }
    memcpy(x, y, n_out * sizeof(*x));
}

static void layer_norm(const struct tiny *t, double *x)
{
    float w[N_EMBD], b[N_EMBD];
    double mean = 0.0, square = 0.0;

    tiny_fill("cls.norm.weight", N_EMBD, N_EMBD, w);
    tiny_fill("cls.norm.bias", N_EMBD, N_EMBD, b);
    for (uint32_t i = 0; i < N_EMBD && t->layer_norm; i++)
        mean += x[i] / N_EMBD;
    for (uint32_t i = 0; i < N_EMBD; i++)
        square += (x[i] - mean) * (x[i] - mean) / N_EMBD;
    for (uint32_t i = 0; i < N_EMBD; i++)
        x[i] = (x[i] - mean) / sqrt(square + t->eps) * (double)w[i] +
               (t->norm_bias ? (double)b[i] : 0.0);
}

/* What `how` makes of the rows, by definition; the number of values. */
static uint32_t expected(const struct tiny *t, struct pool_params how, const float *rows, double *x)
{
    bool last = how.pooling == POOL_LAST || (how.pooling == POOL_RANK && !t->sees_all);
    double sum = 0.0;

    for (uint32_t c = 0; c < N_EMBD; c++) {
        x[c] = 0.0;
        for (uint32_t i = 0; i < N_TOK; i++)
            x[c] += (double)rows[i * N_EMBD + c] / N_TOK;
        if (how.pooling != POOL_MEAN)
            x[c] = (double)rows[(last ? N_TOK - 1 : 0) * N_EMBD + c];
    }
    if (how.pooling == POOL_RANK) {
        product("cls", true, N_EMBD, N_EMBD, x);
        for (uint32_t c = 0; c < N_EMBD; c++)
            x[c] = tanh(x[c]);
        layer_norm(t, x);
        product("cls.output", true, N_EMBD, t->n_cls, x);
        for (uint32_t i = 0; i < t->n_cls; i++)
            sum += exp(x[i]);
        for (uint32_t i = 0; i < t->n_cls && !t->sees_all; i++)
            x[i] = exp(x[i]) / sum;
        return t->n_cls;
    }
    if (t->n_dense_head) {
        product("dense_2", false, N_EMBD, t->n_dense_head, x);
        product("dense_3", false, t->n_dense_head, N_EMBD, x);
    }
    for (uint32_t c = 0; c < N_EMBD; c++)
        sum += x[c] * x[c];
    for (uint32_t c = 0; c < N_EMBD && how.normalise; c++)
        x[c] /= sqrt(sum);
    return N_EMBD;
}

static void check(const struct tiny *t, struct pool_params how)
{
    float rows[N_TOK * N_EMBD], got[N_EMBD];
    double want[N_EMBD], dot = 0.0, aa = 0.0, bb = 0.0;
    struct open_model o;
    struct err e = { 0 };
    uint64_t seed = 3;
    uint32_t n;

    if (try_open(t, &o, &e))
        fail_msg("%s", e.text);
    for (uint32_t i = 0; i < N_TOK * N_EMBD; i++)
        rows[i] = test_uniform(&seed);
    n = expected(t, how, rows, want);
    assert_int_equal(model_pool_width(o.m, how.pooling), n);
    assert_int_equal(model_pool(o.m, &how, rows, N_TOK, got, &e), ERR_OK);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(fabs((double)got[i] - want[i]) < 2e-6);
        dot += (double)got[i] * want[i];
        aa += (double)got[i] * (double)got[i];
        bb += want[i] * want[i];
    }
    assert_true(dot / sqrt(aa * bb) > 1.0 - 1e-10);
    if (how.normalise && how.pooling != POOL_RANK)
        assert_true(fabs(aa - 1.0) < 1e-6);
    end(&o);
}

static void ways_follow_their_definitions(void **state)
{
    static const struct tiny *const models[] = { &plain, &dense, &causal, &reranker };
    static const enum pooling ways[] = { POOL_MEAN, POOL_CLS, POOL_LAST };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(models); i++)
        for (size_t k = 0; k < COUNT_OF(ways); k++) {
            check(models[i], (struct pool_params){ ways[k], false });
            check(models[i], (struct pool_params){ ways[k], true });
        }
    check(&causal, (struct pool_params){ POOL_RANK, false });
    check(&reranker, (struct pool_params){ POOL_RANK, false });
    check(&reranker, (struct pool_params){ POOL_RANK, true });
}

/* Every token's vector by itself. */
static void tokens_stay_apart(void **state)
{
    struct pool_params how = { POOL_NONE, false };
    float rows[N_TOK * N_EMBD], got[N_TOK * N_EMBD];
    struct open_model o;
    struct err e = { 0 };
    uint64_t seed = 3;

    (void)state;
    assert_int_equal(try_open(&plain, &o, &e), ERR_OK);
    for (uint32_t i = 0; i < N_TOK * N_EMBD; i++)
        rows[i] = test_uniform(&seed);
    assert_int_equal(model_pool(o.m, &how, rows, N_TOK, got, &e), ERR_OK);
    assert_memory_equal(got, rows, sizeof(rows));
    how.pooling = POOL_RANK;
    assert_int_equal(model_pool(o.m, &how, rows, N_TOK, got, &e), ERR_UNSUPPORTED);
    assert_non_null(strstr(e.text, "classifier"));
    end(&o);
}

/* A norm without the layer before it has nothing to norm. */
static void lonely_norms_are_refused(void **state)
{
    static const char *const lost[] = { "cls.weight", "cls.bias", NULL };
    struct tiny t = causal;
    struct open_model o;
    struct err e = { 0 };

    (void)state;
    t.lost = lost;
    assert_int_equal(try_open(&t, &o, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, "cls.norm.weight"));
    end(&o);
}

/* Keys that say another width than the tensors have. */
static void contradictions_are_refused(void **state)
{
    static const struct {
        const struct tiny *t;
        const char *key;
    } cases[] = {
        { &dense, "dense_2_feat_in" },      { &dense, "dense_2_feat_out" },
        { &dense, "dense_3_feat_in" },      { &dense, "dense_3_feat_out" },
        { &dense, "embedding_length_out" }, { &causal, "classifier.output_labels" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tiny t = *cases[i].t;
        struct open_model o;
        struct err e = { 0 };

        t.bad_key = cases[i].key;
        t.bad_value = 9;
        if (try_open(&t, &o, &e) != ERR_FORMAT || !strstr(e.text, cases[i].key))
            fail_msg("%s: \"%s\"", cases[i].key, e.text);
        end(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(ways_follow_their_definitions),
                                        cmocka_unit_test(tokens_stay_apart),
                                        cmocka_unit_test(lonely_norms_are_refused),
                                        cmocka_unit_test(contradictions_are_refused) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
