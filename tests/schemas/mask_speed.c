/* How long schemas take to compile and masks to make, with a published vocabulary of 150,000
 * tokens; tokens are drawn blindly, which meets more positions than a model does. Run by `meson
 * test --benchmark masks`; prints, judges nothing. With an argument: only schemas that hold it. The
 * last number of a line is a sum over all masks, to compare builds by. */
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
#define N_REPEAT    3U /* of everything: the best time of each mask counts, the machine is shared */

/* Other work on the machine must not count. */
static double cpu_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct tok *tok;
static struct gvocab *vocab;
static const char *only; /* NULL: all */

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
    /* An order: objects in objects, bounded strings, numbers with ranges. */
    ("{\"type\":\"object\",\"properties\":{\"customer\":{\"type\":\"object\",\"properties\":{"
     "\"name\":"
     "{\"type\":\"string\",\"minLength\":1,\"maxLength\":40},\"email\":{\"type\":\"string\","
     "\"format\":"
     "\"email\"},\"address\":{\"type\":\"object\",\"properties\":{\"street\":{\"type\":\"string\","
     "\"maxLength\":60},\"zip\":{\"type\":\"string\",\"pattern\":\"^[0-9]{5}(-[0-9]{4})?$\"}},"
     "\"required\":[\"street\",\"zip\"]}},\"required\":[\"name\",\"address\"]},\"lines\":{\"type\":"
     "\"array\",\"minItems\":1,\"maxItems\":20,\"items\":{\"type\":\"object\",\"properties\":{"
     "\"sku\":"
     "{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}-[0-9]{4,8}$\"},\"count\":{\"type\":\"integer\","
     "\"minimum\":1,\"maximum\":999},\"price\":{\"type\":\"number\",\"minimum\":0}},\"required\":"
     "[\"sku\",\"count\"]}}},\"required\":[\"customer\",\"lines\"]}"),
    "{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_]{2,30}(/[a-z0-9_]{1,20}){0,4}$\"}",
    "{\"type\":\"string\",\"pattern\":\"[A-Za-z ]{20,60}$\"}",
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"uri\"}}",
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"email\"}}",
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"uuid\"}}",
    ("{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":-12345,\"maximum\":"
     "987654321}}"),
    ("{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"red\",\"green\",\"blue\","
     "\"redder\"]}}"),
    "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\"}}",
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"hostname\"}}",
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"ipv6\"}}",
    "{\"type\":\"string\",\"pattern\":\"foo\"}",
    "{\"type\":\"string\",\"pattern\":\"[0-9]{3}\"}",
    "{\"type\":\"string\",\"pattern\":\"foo\",\"maxLength\":100}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\S+@\\\\S+$\"}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\S+@\\\\S+\\\\.\\\\S+$\",\"maxLength\":64}",
    "{\"type\":\"string\",\"pattern\":\"^[^,]+(, [^,]+)*$\"}",
    "{\"type\":\"string\",\"pattern\":\"^[^,]{1,30}(, [^,]{1,30}){0,9}$\"}",
    "{\"type\":\"string\",\"pattern\":\"^(https?://)?[^/]+/.+\\\\.(png|jpe?g)$\"}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\w+( \\\\w+){2,12}[.!?]$\"}",
    "{\"type\":\"string\",\"pattern\":\"^[\\\\p{L} ]{3,50}$\"}",
    "{\"type\":\"string\",\"pattern\":\"^#[0-9a-f]{6}$\"}",
    ("{\"type\":\"object\",\"patternProperties\":{\"^[a-z]+$\":{\"type\":\"string\"},\"^x-"
     "\":{\"type\":\"number\"}},\"additionalProperties\":false}"),
    ("{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\"},\""
     "additionalProperties\":{\"type\":\"integer\"}}"),
    ("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":30}"
     ",\"uniqueItems\":true,\"minItems\":3}"),
    ("{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":"
     "\"integer\"},\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength"
     "\":20},\"uniqueItems\":true}}},\"uniqueItems\":true}"),
    "{\"not\":{\"const\":\"no\"}}",
    "{\"type\":\"string\",\"not\":{\"pattern\":\"foo\"}}",
    "{\"type\":\"string\",\"not\":{\"enum\":[\"no\",\"never\"]}}",
    ("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"s"
     "tring\",\"pattern\":\"^(?:[A-Z]{2}-)?[0-9]{2,9}(?:[a-z]|[.])*$\"}},\"additionalPrope"
     "rties\":{\"type\":\"string\",\"maxLength\":50}}"),
};

/* A small language, as people write it for GBNF. */
static const char language[] =
    "root ::= stmt+\n"
    "stmt ::= ws (\"let \" name \" = \" expr | \"print(\" expr \")\" | \"if \" expr \" {\" stmt* "
    "ws \"}\") \";\\n\"\n"
    "expr ::= term ((\" + \" | \" - \" | \" * \" | \" == \") term)*\n"
    "term ::= name | number | text | \"(\" expr \")\" | name \"(\" (expr (\", \" expr)*)? \")\"\n"
    "name ::= [a-zA-Z_] [a-zA-Z0-9_]*\n"
    "number ::= \"-\"? [0-9]{1,12} (\".\" [0-9]+)?\n"
    "text ::= \"\\\"\" ([^\"\\\\\\n] | \"\\\\\" [nt\"\\\\])* \"\\\"\"\n"
    "ws ::= [ \\t\\n]*\n";

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

    if (*text == '{')
        assert_int_equal(js_parse(&schema, text, strlen(text), NULL), ERR_OK);
    from = cpu_s();
    if (schema ? grammar_of_schema(&g, schema, NULL, &e)
               : grammar_of_gbnf(&g, text, strlen(text), NULL, &e))
        fail_msg("%.100s: %s", text, e.text);
    assert_int_equal(gvocab_learn(vocab, g, NULL), ERR_OK);
    *ms = (cpu_s() - from) * 1e3;
    js_close(schema);
    return g;
}

/* The masks of one repetition into took[N_MASK]; returns how many. */
static size_t follow(const struct grammar *g, double *took, bool first, uint64_t *sum)
{
    uint32_t n_tok = tok_n_vocab(tok);
    uint64_t *mask = mem_alloc_n(MEM_OTHER, n_tok / 64 + 1, sizeof(*mask)), seed = 5;
    size_t n = 0;

    assert_non_null(mask);
    for (unsigned round = 0; round < N_MASK / N_STEP; round++) {
        struct gmatch *m;
        uint32_t at;

        assert_int_equal(gmatch_open(&m, g, false, MATCH_BYTES, NULL), ERR_OK);
        at = gmatch_start(m); /* a new request each time: nothing is remembered */
        for (unsigned step = 0; step < N_STEP; step++) {
            double from = cpu_s(), us;
            int32_t id;

            assert_int_equal(gmatch_mask(m, vocab, at, mask, NULL), ERR_OK);
            us = (cpu_s() - from) * 1e6;
            took[n] = first || us < took[n] ? us : took[n];
            n++;
            for (uint32_t i = 0; first && i < (n_tok + 63) / 64; i++)
                *sum = (*sum ^ mask[i]) * 0x9E3779B97F4A7C15U + (*sum >> 31);
            id = choose(mask, n_tok, &seed);
            if (id < 0 || tok_is_end(tok, id))
                break;
            assert_int_equal(gmatch_accept(m, vocab, &at, id, NULL), ERR_OK);
        }
        gmatch_close(m);
    }
    mem_free(mask);
    return n;
}

static void walk(const char *text)
{
    static double took[N_MASK];
    double ms, mean = 0;
    struct grammar *g;
    uint64_t sum = 0;
    size_t n = 0;

    if (only && !strstr(text, only))
        return;
    g = compile(text, &ms);
    for (unsigned i = 0; i < N_REPEAT; i++)
        n = follow(g, took, i == 0, &sum);
    for (size_t i = 0; i < n; i++)
        mean += took[i] / (double)n;
    qsort(took, n, sizeof(*took), by_time);
    (void)printf("%-60.*s compile %5.1f ms, %5zu masks: median %6.1f us, p99 %7.1f, max %7.1f, "
                 "mean %6.1f, sum %08x\n",
                 (int)(strcspn(text, "\n") < 60 ? strcspn(text, "\n") : 60), text, ms, n,
                 took[n / 2], took[n * 99 / 100], took[n - 1], mean, (unsigned)(sum >> 32));
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

/* An enum of two hundred strings. */
static void words(void)
{
    static const char *const part[] = { "an",  "bel", "cor", "du", "est",
                                        "for", "ga",  "hin", "in", "ka" };
    struct buf text;

    buf_init(&text, MEM_OTHER, 1U << 20);
    (void)buf_adds(&text, "{\"type\":\"array\",\"items\":{\"enum\":[");
    for (unsigned i = 0; i < 200; i++)
        (void)buf_addf(&text, "%s\"%s%s %s%u\"", i ? "," : "", part[i % 10], part[i / 10 % 10],
                       part[i * 7 % 10], i / 100);
    (void)buf_adds(&text, "]}}");
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
    walk(language);
    words();
    hundred();
    if (!only)
        draws();
    gvocab_destroy(vocab);
    tok_close(tok);
    gguf_close(g);
    buf_finish(&model);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(speed) };

    only = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests_name("masks", tests, NULL, NULL);
}
