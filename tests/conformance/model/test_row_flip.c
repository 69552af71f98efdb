/* Proves: the tests of this room notice a wrong trait. Every value of every row that differs from
 * the default is set to the default once; a model of that architecture must then be refused or give
 * other logits. The exceptions are listed with their reasons. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "model/arch.h"
#include "support/fixtures.h"
#include "support/mini.h"
#include "support/tiny.h"

#define SET     "archs"
#define TOK_MAX 256U

struct field {
    const char *name;
    size_t offset, size;
};

#define FIELD(f)                                                                                   \
    {                                                                                              \
#f, offsetof(struct arch_traits, f), sizeof(((struct arch_traits *)0)->f)                  \
    }

static const struct field fields[] = {
    FIELD(norm),
    FIELD(layout),
    FIELD(parallel),
    FIELD(ffn_norm_is_post),
    FIELD(embd_norm),
    FIELD(second_norm),
    FIELD(out_norm_is_embd),
    FIELD(bidirectional),
    FIELD(headless),
    FIELD(act),
    FIELD(embd_scale),
    FIELD(logit_scale),
    FIELD(cap_attn),
    FIELD(cap_final),
    FIELD(attn_scale),
    FIELD(alibi),
    FIELD(qk_norm_late),
    FIELD(v_norm),
    FIELD(rope.pairing),
    FIELD(rope.layers),
    FIELD(rope.nth),
    FIELD(window.kind),
    FIELD(window.period),
    FIELD(window.n_default),
    FIELD(window.freq_base),
    FIELD(window.rope),
    FIELD(moe.score),
    FIELD(moe.norm),
    FIELD(fixup),
    FIELD(ignore_window),
    FIELD(rope.div_full_only),
};

/* Flips that no model here can notice. */
static const struct {
    const char *row, *field, *why;
} unnoticed[] = {
    { "", "ignore_window", "only a warning" },
    { "", "headless", "decides what may be asked for, not what comes out" },
    { "bert", "bidirectional", "the key is there" },
    { "nomic-bert", "bidirectional", "the key is there" },
    { "jina-bert-v2", "bidirectional", "the key is there" },
    { "jina-bert-v2", "second_norm", "a permission that the miniature does not use" },
    { "gemma-embedding", "window.freq_base", "the key is there" },
    { "gemma-embedding", "window.rope", "the miniature has no scaling" },
    { "falcon", "second_norm", "a permission; the miniature has the small model's shape" },
    { "gemma2", "fixup", "only for a number of layers that no miniature has" },
    { "gemma3", "fixup", "the same" },
    { "exaone4", "fixup", "the same" },
    { "granite", "fixup", "the key that it reads is absent" },
    { "granitemoe", "fixup", "the same" },
    { "granitehybrid", "fixup", "the same" },
    { "granite_swa", "fixup", "the same" },
    { "glm4", "fixup", "the same" },
    { "stablelm", "fixup", "only for files that lack ffn_norm" },
    { "gemma2", "cap_attn", "the key is there" },
    { "gemma2", "cap_final", "the key is there" },
    { "gemma2", "window.n_default", "the key is there" },
    { "gemma3", "window.freq_base", "the key is there" },
    { "glm4moe", "moe.score", "the key is there" },
    { "glm4moe", "moe.norm", "the key is there and true" },
    { "gemma4", "window.freq_base", "the key is there" },
    { "gemma4", "window.rope", "the miniature has no scaling" },
    { "gemma4", "rope.div_full_only", "there are as many divisors as full layers have pairs" },
    { "gpt-oss", "moe.norm", "its weights add up to one in any case" },
};

static bool is_listed(const char *row, const char *field)
{
    for (size_t i = 0; i < COUNT_OF(unnoticed); i++)
        if ((!unnoticed[i].row[0] || strcmp(unnoticed[i].row, row) == 0) &&
            strcmp(unnoticed[i].field, field) == 0)
            return true;
    return false;
}

/* Sets a field to its default; false when it has it already. */
static bool flip(struct arch_traits *row, const struct field *f)
{
    static const unsigned char zero[sizeof(struct arch_traits)];
    unsigned char *at = (unsigned char *)row + f->offset;

    if (memcmp(at, zero, f->size) == 0)
        return false;
    if (f->offset == offsetof(struct arch_traits, rope.nth))
        row->rope.nth++; /* there is no "every 0th" layer */
    else
        memset(at, 0, f->size);
    return true;
}

/* Does the first sequence of a stored model come out wrong with this row? */
static bool fixture_notices(const struct js *item, const struct arch_traits *row)
{
    struct js *root = fixture_json(SET, js_str(js_get(item, "json"), NULL));
    const struct js *seq = js_at(js_get(root, "sequences"), 0);
    const char *pooling = js_str(js_get(root, "pooling"), NULL);
    struct mini_params p = { .n_ctx = (uint32_t)js_int(js_get(root, "n_ctx")),
                             .n_tok_max = TOK_MAX,
                             .kv = KV_F32,
                             .embeddings = pooling != NULL,
                             .row = row };
    uint32_t n = (uint32_t)js_len(seq);
    size_t n_want, n_got;
    float *want = fixture_f32(SET, js_str(js_get(root, "output"), NULL), &n_want), *got;
    char path[FIXTURE_PATH_BYTES];
    int32_t tokens[TOK_MAX];
    double error = (double)INFINITY;
    struct err e = { 0 };
    struct mini r;

    assert_true(n <= TOK_MAX);
    for (uint32_t i = 0; i < n; i++)
        tokens[i] = (int32_t)js_int(js_at(seq, i));
    fixture_path(path, SET, js_str(js_get(root, "gguf"), NULL));
    if (!mini_open(&r, path, &p, &e)) {
        n_got = (size_t)n * r.width;
        got = mem_alloc_n(MEM_OTHER, (size_t)(n + 1) * r.width, sizeof(*got));
        assert_non_null(got);
        if ((pooling || n_got <= n_want) && !mini_run(&r, tokens, n, 0, got, &e)) {
            if (pooling)
                n_got = mini_pool(&r, pooling, got, n, got + (size_t)n * r.width);
            error = nmse(pooling ? got + (size_t)n * r.width : got, want, n_got);
        }
        mem_free(got);
    }
    mini_close(&r);
    mem_free(want);
    js_close(root);
    return !(error <= js_num(js_get(item, "tolerance_nmse")));
}

/* Asks every model that has this row; *n_model: how many there are. */
static bool noticed(const struct js *index, const struct arch_traits *row, uint32_t *n_model)
{
    size_t n_tiny;
    const struct tiny *tiny = tiny_models(&n_tiny);
    bool any = false;

    *n_model = 0;
    for (size_t i = 0; i < js_len(index); i++) {
        const struct js *item = js_at(index, i);

        if (strcmp(js_str(js_get(item, "arch"), NULL), row->name) != 0)
            continue;
        (*n_model)++;
        any = any || fixture_notices(item, row);
    }
    for (size_t i = 0; i < n_tiny; i++) {
        struct err e = { 0 };

        if (strcmp(tiny[i].arch, row->name) != 0)
            continue;
        (*n_model)++;
        any = any || !(tiny_error(&tiny[i], 0, row, &e) < 1e-8);
    }
    return any;
}

static void test_row_flip(void **state)
{
    struct js *index;
    uint32_t n_noticed = 0, n_listed = 0, n_alone = 0, n_bad = 0, n_model;
    const struct arch_traits *row;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    for (size_t i = 0; (row = arch_at(i)) != NULL; i++) {
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            struct arch_traits flipped = *row;
            bool seen;

            if (!flip(&flipped, &fields[f]))
                continue;
            seen = noticed(index, &flipped, &n_model);
            n_noticed += seen;
            n_listed += !seen && is_listed(row->name, fields[f].name);
            n_alone += n_model == 0;
            if (!seen && n_model == 0)
                print_message("%s.%s: no model\n", row->name, fields[f].name);
            else if (!seen && !is_listed(row->name, fields[f].name)) {
                print_message("%s.%s: nobody notices\n", row->name, fields[f].name);
                n_bad++;
            }
        }
    }
    js_close(index);
    print_message("%u flips noticed, %u known exceptions, %u in rows without a model\n", n_noticed,
                  n_listed, n_alone);
    assert_int_equal(n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_row_flip) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
