/* Proves: a mask allows exactly the tokens that the automaton accepts one by one, along random
 * walks through several grammars; what a walk ends with is accepted as a whole. Prints how long
 * masks take with a large vocabulary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "schemas/gen_schema.h"
#include "support/fixtures.h"
#include "support/mask_walk.h"
#include "text/grammar_int.h"

#define MATCH_BYTES ((size_t)512 << 20)

static struct grammar *compile(const char *source)
{
    struct grammar *g = NULL;
    struct js *schema;
    struct err e = { 0 };

    if (*source != '{') {
        assert_int_equal(grammar_of_gbnf(&g, source, strlen(source), NULL, &e), ERR_OK);
        return g;
    }
    assert_int_equal(js_parse(&schema, source, strlen(source), &e), ERR_OK);
    if (grammar_of_schema(&g, schema, NULL, &e))
        fail_msg("%s", e.text);
    js_close(schema);
    return g;
}

static const char *const grammars[] = {
    "root ::= \"a\" [^\\n]* \"e\" | \"{\" root \"}\"",
    "root ::= <[257]> (!<[300]>)* <[300]> | \"x\"{2,9}",
    "{}",
    "{\"type\":\"string\",\"maxLength\":9}",
    "{\"type\":\"string\",\"minLength\":200,\"maxLength\":400}",
    "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":-7,\"maximum\":120}}",
    "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"a\",\"b\",1,true]}}",
    "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"integer\",\"maximum\":29}}",
    "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\",\"maxLength\":2}}",
    "{\"type\":\"object\",\"properties\":{\"kind\":{\"enum\":[\"a\",\"b\"]},\"v\":{\"type\":"
    "\"number\"},\"next\":{\"$ref\":\"#\"}},\"required\":[\"kind\"],\"additionalProperties\":"
    "false}",
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"},\"minProperties\":2}",
    ("{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"array\",\"items\":{\"pattern\":"
     "\"^a+b?$\",\"type\":\"string\"}}}"),
    /* Sets of characters: in rows, one behind another, less a few, with others beside them,
     * counted, behind a rule's end; several groups that read one set. */
    "{\"type\":\"string\",\"pattern\":\"^[A-Zn][a-z]+([ -][a-z0-9]{2,7})*$\"}",
    "{\"type\":\"string\",\"pattern\":\"[a-z]{3}[0-9\\u00E9]\"}",
    "{\"type\":\"string\",\"pattern\":\"^[^a-dt]{2,5}[^x]*$\",\"maxLength\":11}",
    "{\"type\":\"string\",\"format\":\"email\"}",
    ("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"namest\":{},\"e\":{"
     "\"enum\":"
     "[\"st\",\"sting\",1,10,\"stor\",null]}},\"required\":[\"e\"]}"),
    "root ::= (name | name \".\" [a-z0-9]{1,5} | [a-y]+ \"7\") \": \" root? \nname ::= [a-z\\xE9] "
    "[a-z\\xE90-9]*",
    "root ::= [a-z]* [a-x0-9]* \"1\" | [^a\\n]{3,40} \"]\"",
    /* Whatever comes may come, but leads apart; states that are near; ragged sets. */
    "{\"type\":\"string\",\"pattern\":\"st\"}",
    "{\"type\":\"string\",\"pattern\":\"st\",\"maxLength\":70}",
    "{\"type\":\"string\",\"pattern\":\"[a-z]{5,40}$\"}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\S+e\\\\S+\\\\.\\\\S+$\",\"maxLength\":64}",
    "{\"type\":\"string\",\"pattern\":\"^[\\\\p{L} ]{3,50}$\"}",
    "{\"type\":\"string\",\"pattern\":\"\\\\p{N}|\xD0\xB4\\\\p{L}{2}|tion\"}",
    "{\"type\":\"string\",\"not\":{\"pattern\":\"st|\xC3\xA9\"}}",
    "{\"type\":\"string\",\"pattern\":\"^[a-t]{3,20}x?$\"}",
    "root ::= [a-z\\u0430-\\u043F]{2} [\\u0410-\\u042F]+ \"x\"",
    "root ::= [a-z\\u0430-\\u043F]* [\\u0434-\\u044F ]* \"x\"",
    ("{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"st\"},{\"type\":\"string\",\"pattern\":"
     "\"^[a-z.]{1,30}[.]x$\"}]}"),
    ("{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\",\"pattern\":\"e\","
     "\"maxLength\":50}}"),
    "root ::= ([a-zA-Z] | [a-z0-9] \"1\" | \"\xC3\xA9\")* \"]\"",
};

/* What comes behind a first byte below which there is much. */
static const char *const behind[] = {
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"email\"}}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\w+( \\\\w+){2,12}[.!?]$\"}",
    "{\"type\":\"string\",\"pattern\":\"^[^.]{1,30}([.][^.]{1,9}){0,9}$\"}",
    "{\"type\":\"string\",\"pattern\":\"^(/[a-z0-9_]+)*( [^ e]*[.][\\\\p{L}]+)*$\"}",
    ("root ::= \".\" [a-z]{2,5} \"/\" ([a-z] | [a-z0-9] \" \")* | \" \" name \" \" name\n"
     "name ::= [a-z\\xE9]+ \"1\"?"),
};

/* Mask and acceptance agree for every token at every step; with distinct items a mask may leave
 * tokens out that reach into the next item. */
static void masks_are_exact(void **state)
{
    struct vocab v = vocab_make(1600, 1, false);

    (void)state;
    for (size_t i = 0; i < sizeof(grammars) / sizeof(grammars[0]); i++) {
        struct grammar *g = compile(grammars[i]);

        for (uint64_t seed = 1; seed <= 4; seed++)
            vocab_walk(g, &v, seed * 77,
                       !strstr(grammars[i], "unique") && !strstr(grammars[i], "minProp"));
        grammar_close(g);
    }
    vocab_drop(&v);
}

static void tables_below_are_exact(void **state)
{
    struct vocab v = vocab_make(30000, 3, true);

    (void)state;
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        struct grammar *g = compile(behind[i]);

        vocab_walk(g, &v, 5 + i, true);
        grammar_close(g);
    }
    vocab_drop(&v);
}

#define N_RANDOM 250U

/* Masks of distinct items, and of members that are counted, may leave out what could be read. */
static bool has_distinct(const struct grammar *g)
{
    for (uint32_t i = 0; i < g->n_node; i++) {
        if (g->node[i].op == GN_U_OPEN)
            return true;
    }
    return false;
}

/* The same for schemas that were drawn. */
static void masks_of_random_schemas(void **state)
{
    struct vocab v = vocab_make(1600, 1, false);
    unsigned n = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= N_RANDOM; seed++) {
        struct grammar *g = NULL;
        struct js *schema = NULL;
        struct buf text;
        struct gen gen = { .seed = seed, .out = &text };

        buf_init(&text, MEM_OTHER, 1U << 20);
        gen_schema(&gen);
        assert_int_equal(js_parse(&schema, buf_str(&text), text.len, NULL), ERR_OK);
        if (!grammar_of_schema(&g, schema, NULL, NULL)) {
            vocab_walk(g, &v, seed * 3, !has_distinct(g));
            n++;
        }
        grammar_close(g);
        js_close(schema);
        buf_finish(&text);
    }
    assert_in_range(n, N_RANDOM / 2, N_RANDOM);
    vocab_drop(&v);
}

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_time(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Times of masks along random walks with 150000 tokens; printed, not judged. */
static void masks_are_fast(void **state)
{
    static double took[4000];
    struct vocab v = vocab_make(150000, 2, false);
    uint64_t *mask = mem_alloc_n(MEM_OTHER, v.n / 64 + 1, sizeof(*mask)), seed = 5;

    (void)state;
    for (size_t i = 2; i < sizeof(grammars) / sizeof(grammars[0]); i++) {
        struct grammar *g = compile(grammars[i]);
        size_t n = 0;
        struct gmatch *m;

        assert_int_equal(gmatch_open(&m, g, false, MATCH_BYTES, NULL), ERR_OK);
        for (unsigned round = 0; round < 30 && n < 2000; round++) {
            uint32_t at = gmatch_start(m);

            for (unsigned step = 0; step < 60; step++) {
                double from = now_us();
                int32_t id;

                assert_int_equal(gmatch_mask(m, v.v, at, mask, NULL), ERR_OK);
                took[n++] = now_us() - from;
                id = vocab_choose(mask, v.n, &seed);
                if (id < 0 || id == 256)
                    break;
                assert_int_equal(gmatch_accept(m, v.v, &at, id, NULL), ERR_OK);
            }
        }
        qsort(took, n, sizeof(*took), by_time);
        print_message("%.60s: %zu masks, median %.1f us, p90 %.1f, p99 %.1f, max %.1f; %.1f MB\n",
                      grammars[i], n, took[n / 2], took[n * 9 / 10], took[n * 99 / 100],
                      took[n - 1], (double)gmatch_bytes(m) / 1e6);
        gmatch_close(m);
        grammar_close(g);
    }
    mem_free(mask);
    vocab_drop(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_exact),
        cmocka_unit_test(tables_below_are_exact),
        cmocka_unit_test(masks_of_random_schemas),
        cmocka_unit_test(masks_are_fast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
