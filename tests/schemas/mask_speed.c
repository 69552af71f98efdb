/* How long schemas take to compile and masks to make, with a published vocabulary of 150,000
 * tokens; tokens are drawn blindly, which meets more positions than a model does. Run by `meson
 * test --benchmark masks`; prints, judges nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "engine/sampler.h"
#include "support/fixtures.h"
#include "text/grammar_mask.h"

#define MATCH_BYTES ((size_t)64 << 20)
#define N_MASK      4000U
#define N_STEP      80U

/* Other work on the machine must not count. */
static double cpu_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct tok *tok;
static struct gvocab *vocab;

static const char *const schemas[] = {
    "{}",
    "{\"type\":\"string\"}",
    "{\"type\":\"string\",\"maxLength\":9}",
    "{\"type\":\"string\",\"minLength\":200,\"maxLength\":400}",
    "{\"type\":\"string\",\"pattern\":\"^[A-Z][a-z]+( [A-Z][a-z]+)*$\"}",
    "{\"type\":\"string\",\"format\":\"date-time\"}",
    "{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":-7,\"maximum\":120}}",
    "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\",\"maxLength\":12}}",
    ("{\"type\":\"object\",\"properties\":{\"kind\":{\"enum\":[\"a\",\"b\"]},\"v\":{\"type\":"
     "\"number\"},\"next\":{\"$ref\":\"#\"}},\"required\":[\"kind\"],\"additionalProperties\":"
     "false}"),
    ("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"notes\":{\"type\":"
     "\"array\",\"items\":{\"type\":\"string\",\"maxLength\":80}}},\"required\":[\"name\"]}"),
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"},\"minProperties\":2}",
};

static int by_time(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static int32_t choose(const uint64_t *mask, uint32_t n, uint64_t *seed)
{
    uint32_t n_seen = 0;
    int32_t found = -1;

    for (uint32_t i = 0; i < n; i++)
        if ((mask[i / 64] >> (i % 64) & 1) && test_random(seed) % ++n_seen == 0)
            found = (int32_t)i;
    return found;
}

static struct grammar *compile(const char *text, double *ms)
{
    struct js *schema = NULL;
    struct grammar *g = NULL;
    struct err e = { 0 };
    double from;

    assert_int_equal(js_parse(&schema, text, strlen(text), NULL), ERR_OK);
    from = cpu_s();
    if (grammar_of_schema(&g, schema, NULL, &e))
        fail_msg("%.100s: %s", text, e.text);
    *ms = (cpu_s() - from) * 1e3;
    js_close(schema);
    return g;
}

static void walk(const char *text)
{
    static double took[N_MASK];
    uint32_t n_tok = tok_n_vocab(tok);
    uint64_t *mask = mem_alloc_n(MEM_OTHER, n_tok / 64 + 1, sizeof(*mask)), seed = 5;
    struct gmatch *m;
    double ms, sum = 0;
    struct grammar *g = compile(text, &ms);
    size_t n = 0;

    assert_non_null(mask);
    for (unsigned round = 0; round < N_MASK / N_STEP; round++) {
        uint32_t at;

        assert_int_equal(gmatch_open(&m, g, false, MATCH_BYTES, NULL), ERR_OK);
        at = gmatch_start(m); /* a new request each time: nothing is remembered */
        for (unsigned step = 0; step < N_STEP; step++) {
            double from = cpu_s();
            int32_t id;

            assert_int_equal(gmatch_mask(m, vocab, at, mask, NULL), ERR_OK);
            took[n] = (cpu_s() - from) * 1e6;
            sum += took[n++];
            id = choose(mask, n_tok, &seed);
            if (id < 0 || tok_is_end(tok, id))
                break;
            assert_int_equal(gmatch_accept(m, vocab, &at, id, NULL), ERR_OK);
        }
        gmatch_close(m);
    }
    qsort(took, n, sizeof(*took), by_time);
    (void)printf("%-60.60s compile %5.1f ms, %5zu masks: median %6.1f us, p99 %7.1f, max %7.1f, "
                 "mean %6.1f\n",
                 text, ms, n, took[n / 2], took[n * 99 / 100], took[n - 1], sum / (double)n);
    mem_free(mask);
    grammar_close(g);
}

/* Objects of a hundred properties. */
static void hundred(void)
{
    static const char *const types[] = {
        "{\"type\":\"string\",\"minLength\":1,\"maxLength\":60}",
        "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100000}",
        "{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"maxItems\":9}",
        "{\"enum\":[\"red\",\"green\",\"blue\"]}",
        "{\"type\":\"string\",\"format\":\"date-time\"}",
        "{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"string\",\"pattern\":\"^[a-z]{3,9}$\"}]}",
    };
    struct buf text;
    double ms, best = 1e9;

    buf_init(&text, MEM_OTHER, 1U << 20);
    (void)buf_adds(&text, "{\"type\":\"object\",\"properties\":{");
    for (unsigned i = 0; i < 100; i++)
        (void)buf_addf(&text, "%s\"property_%u\":%s", i ? "," : "", i, types[i % 6]);
    (void)buf_adds(&text, "},\"required\":[\"property_1\",\"property_50\"]}");
    for (unsigned i = 0; i < 5; i++) {
        grammar_close(compile(buf_str(&text), &ms));
        best = ms < best ? ms : best;
    }
    (void)printf("100 properties: compile %.1f ms\n", best);
    walk(buf_str(&text));
    buf_finish(&text);
}

/* What a draw costs with a mask that lets half of the tokens through, and without. */
static void draws(void)
{
    uint32_t n = tok_n_vocab(tok);
    struct sampling p = sampling_defaults();
    struct sampler *s = NULL;
    float *logits = mem_alloc_n(MEM_OTHER, n, sizeof(*logits));
    uint64_t *mask = mem_alloc_n(MEM_OTHER, n / 64 + 1, sizeof(*mask)), seed = 9;
    double us[2];
    int32_t id;

    assert_non_null(logits);
    assert_non_null(mask);
    for (uint32_t i = 0; i < n; i++)
        logits[i] = 8.0F * test_uniform(&seed);
    for (uint32_t i = 0; i <= n / 64; i++)
        mask[i] = test_random(&seed);
    assert_int_equal(sampler_for(&s, &p, n, NULL), ERR_OK);
    for (unsigned k = 0; k < 2; k++) {
        double from = cpu_s();

        for (unsigned i = 0; i < 200; i++)
            assert_int_equal(sampler_sample(s, logits, k ? mask : NULL, &id, NULL), ERR_OK);
        us[k] = (cpu_s() - from) * 1e6 / 200;
    }
    (void)printf("a draw: %.0f us, with a mask %.0f us\n", us[0], us[1]);
    sampler_destroy(s);
    mem_free(logits);
    mem_free(mask);
}

static void speed(void **state)
{
    struct buf model = fixture_read("tokenizers", "qwen2.gguf");
    struct gguf *g = NULL;
    double from;

    (void)state;
    assert_int_equal(gguf_open_memory(&g, model.data, model.len, "qwen2", NULL), ERR_OK);
    assert_int_equal(tok_open(&tok, g, NULL), ERR_OK);
    from = cpu_s();
    assert_int_equal(gvocab_of_tok(&vocab, tok, NULL), ERR_OK);
    (void)printf("vocabulary of %u tokens: %.0f ms\n", tok_n_vocab(tok), (cpu_s() - from) * 1e3);
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
        walk(schemas[i]);
    hundred();
    draws();
    gvocab_destroy(vocab);
    tok_close(tok);
    gguf_close(g);
    buf_finish(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(speed) };

    return cmocka_run_group_tests_name("masks", tests, NULL, NULL);
}
