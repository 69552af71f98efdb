/* Proves: the tests of this room notice a wrong trait. Every value of every row is changed once: to
 * the default where it differs from it, away from it where it does not; a model of that
 * architecture must then be refused or give other results. What cannot matter is listed with its
 * reason, and a listed flip that is noticed after all fails too. The miniatures of the repository
 * are enough; stored models are asked as well where they are. */
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

#define SET       "archs"
#define TOK_MAX   256U
#define ERROR_MAX 1e-9 /* of a miniature with the right row: some 1e-12 */

enum field_kind { F_BOOL, F_ENUM, F_FLOAT, F_U8, F_U32, F_FUNCTION };

/* What a row's miniatures must have for a default to matter. Permissions, warnings, and what only
 * says more about another value never do. */
enum needs { ALWAYS, LOGITS, ATTENTION, ROTATION, FFN, EXPERTS, QK_NORM, NO_QK_NORM, NEVER };

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset, size;
    int other; /* what a default becomes */
    enum needs needs;
};

#define FIELD(f, kind, other, needs)                                                               \
    {                                                                                              \
#f, kind, offsetof(struct arch_traits, f), sizeof(((struct arch_traits *)0)->f), other,    \
            needs                                                                                  \
    }

static const struct field fields[] = {
    FIELD(norm, F_ENUM, NORM_LAYER, ALWAYS),
    FIELD(layout, F_ENUM, LAYOUT_AROUND, ALWAYS),
    FIELD(parallel, F_BOOL, true, FFN),
    FIELD(ffn_norm_is_post, F_BOOL, true, FFN),
    FIELD(out_norm_is_embd, F_BOOL, true, ALWAYS),
    FIELD(embd_norm, F_BOOL, true, ALWAYS),
    FIELD(second_norm, F_BOOL, true, NEVER),
    FIELD(bidirectional, F_BOOL, true, ALWAYS),
    FIELD(headless, F_BOOL, true, ALWAYS),
    FIELD(ignore_window, F_BOOL, true, NEVER),
    FIELD(act, F_ENUM, ACT_GELU_TANH, FFN),
    FIELD(embd_scale, F_ENUM, EMBD_SQRT_N_EMBD, ALWAYS),
    FIELD(logit_scale, F_ENUM, LOGITS_MULTIPLY, NEVER),
    FIELD(cap_attn, F_FLOAT, 3, ATTENTION),
    FIELD(cap_final, F_FLOAT, 3, LOGITS),
    FIELD(attn_scale, F_FLOAT, 3, ATTENTION),
    FIELD(alibi, F_FLOAT, 3, ATTENTION),
    FIELD(qk_norm_late, F_BOOL, true, QK_NORM),
    FIELD(qk_bare_norm, F_BOOL, true, NO_QK_NORM),
    FIELD(v_norm, F_BOOL, true, ATTENTION),
    FIELD(rope.pairing, F_ENUM, ROPE_ADJACENT, ROTATION),
    FIELD(rope.layers, F_ENUM, ROPE_NO_LAYER, ROTATION),
    FIELD(rope.nth, F_U8, 3, NEVER),
    FIELD(rope.div_full_only, F_BOOL, true, NEVER),
    FIELD(temp.scale, F_FLOAT, 3, NEVER),
    FIELD(temp.len, F_U32, 4096, NEVER),
    FIELD(temp.offset, F_U32, 5, NEVER),
    FIELD(window.kind, F_ENUM, WINDOW_CAUSAL, NEVER),
    FIELD(window.period, F_U8, 5, NEVER),
    FIELD(window.n_default, F_U32, 4096, NEVER),
    FIELD(window.freq_base, F_FLOAT, 3, NEVER),
    FIELD(window.rope, F_ENUM, WROPE_UNSCALED, NEVER),
    FIELD(moe.score, F_ENUM, SCORE_SIGMOID, EXPERTS),
    FIELD(moe.norm, F_ENUM, RNORM_NEVER, EXPERTS),
    FIELD(moe.weigh_input, F_BOOL, true, EXPERTS),
    FIELD(fixup, F_FUNCTION, 0, NEVER),
};

/* What no model here can notice. */
static const struct exception {
    const char *row, *field, *why;
} unnoticed[] = {
    { "phi3", "ignore_window", "only a warning: there is no window in any case" },
    { "phimoe", "ignore_window", "the same" },
    { "gpt-oss", "moe.norm", "its weights add up to one in any case" },
    { "llama4", "qk_norm_late", "a norm without weight does not mind rotations" },
    { "gptneox", "parallel", "a key decides" },
};

static bool is_listed(const char *row, const char *field)
{
    for (size_t i = 0; i < COUNT_OF(unnoticed); i++)
        if (strcmp(unnoticed[i].row, row) == 0 && strcmp(unnoticed[i].field, field) == 0)
            return true;
    return false;
}

static bool is_default(const struct arch_traits *row, const struct field *f)
{
    static const unsigned char zero[sizeof(struct arch_traits)];

    return memcmp((const unsigned char *)row + f->offset, zero, f->size) == 0;
}

/* Sets a field to its default, a default to something else. */
static void flip(struct arch_traits *row, const struct field *f)
{
    unsigned char *at = (unsigned char *)row + f->offset;
    bool was_default = is_default(row, f), yes = true;
    uint8_t u8 = (uint8_t)f->other;
    float number = (float)f->other;

    if (!was_default)
        memset(at, 0, f->size);
    if (!was_default && f->offset == offsetof(struct arch_traits, rope.nth))
        row->rope.nth = 3; /* there is no "every 0th" layer */
    if (was_default)
        memcpy(at,
               f->kind == F_BOOL    ? (const void *)&yes
               : f->kind == F_U8    ? (const void *)&u8
               : f->kind == F_FLOAT ? (const void *)&number
                                    : (const void *)&f->other,
               f->size);
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

/* Do the miniatures of the repository? *n_model: how many there are. */
static bool miniatures_notice(const struct arch_traits *row, uint32_t *n_model)
{
    size_t n;
    const struct tiny *tiny = tiny_models(&n);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        struct err e = { 0 };

        if (strcmp(tiny[i].arch, row->name) != 0)
            continue;
        (*n_model)++;
        any = any || !(tiny_error(&tiny[i], 0, row, &e) < ERROR_MAX);
    }
    return any;
}

/* Do the stored models? index: NULL without. */
static bool fixtures_notice(const struct js *index, const struct arch_traits *row)
{
    for (size_t i = 0; index && i < js_len(index); i++) {
        const struct js *item = js_at(index, i);

        if (strcmp(js_str(js_get(item, "arch"), NULL), row->name) == 0 &&
            fixture_notices(item, row))
            return true;
    }
    return false;
}

static struct js *open_index(void)
{
    return fixtures_dir() ? fixture_json(SET, "index.json") : NULL;
}

/* Every byte of a row is one of the fields above or the name; every row has a miniature, which is
 * content with the row as it is. */
static void rows_are_covered(void **state)
{
    struct js *index = open_index();
    const struct arch_traits *row;

    (void)state;
    for (size_t i = 0; (row = arch_at(i)) != NULL; i++) {
        struct arch_traits rest = *row;
        static const struct arch_traits zero;
        uint32_t n_model = 0;

        rest.name = NULL;
        for (size_t f = 0; f < COUNT_OF(fields); f++)
            memset((unsigned char *)&rest + fields[f].offset, 0, fields[f].size);
        assert_memory_equal(&rest, &zero, sizeof(rest));
        if (miniatures_notice(row, &n_model) || fixtures_notice(index, row))
            fail_msg("%s: something is wrong without any flip", row->name);
        if (n_model == 0)
            fail_msg("%s: no miniature", row->name);
    }
    js_close(index);
}

static bool flip_is_noticed(const struct js *index, const struct arch_traits *row,
                            const struct field *f)
{
    struct arch_traits flipped = *row;
    uint32_t n_model = 0;

    flip(&flipped, f);
    return miniatures_notice(&flipped, &n_model) || fixtures_notice(index, &flipped);
}

/* Values that a row sets. */
static void set_values_matter(void **state)
{
    struct js *index = open_index();
    uint32_t n_noticed = 0, n_listed = 0, n_bad = 0;
    const struct arch_traits *row;

    (void)state;
    for (size_t i = 0; (row = arch_at(i)) != NULL; i++) {
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            bool seen, listed = is_listed(row->name, fields[f].name);

            if (is_default(row, &fields[f]))
                continue;
            seen = flip_is_noticed(index, row, &fields[f]);
            n_noticed += seen;
            n_listed += !seen && listed;
            n_bad += seen == listed;
            if (seen == listed)
                print_message("%s.%s: %s\n", row->name, fields[f].name,
                              seen ? "listed, but noticed" : "nobody notices");
        }
    }
    js_close(index);
    print_message("%u flips noticed, %u known exceptions\n", n_noticed, n_listed);
    assert_int_equal(n_bad, 0);
}

static bool has(const struct tiny *t, enum needs needs)
{
    bool attends = false, rotates = false;

    for (uint32_t il = 0; il < t->n_layer; il++) {
        attends = attends || tiny_mixer(t, il) == 'a';
        rotates = rotates || (tiny_mixer(t, il) == 'a' && tiny_rotated(t, il));
    }
    switch (needs) {
    case LOGITS:
        return !t->headless;
    case ATTENTION:
        return attends && !t->r_kv;
    case ROTATION:
        return rotates && !t->r_kv;
    case FFN:
        return t->n_ff && t->layout != TINY_SHARED && t->layout != TINY_AFTER_ADD &&
               t->layout != TINY_SINGLE;
    case EXPERTS:
        return t->n_expert && !t->score_key;
    case QK_NORM:
        return rotates && (t->qk_norm == TINY_QK_HEAD || t->qk_norm == TINY_QK_EACH_HEAD);
    case NO_QK_NORM:
        return rotates && !t->r_kv && t->qk_norm == TINY_QK_NONE;
    default:
        return needs == ALWAYS;
    }
}

static bool row_has(const struct arch_traits *row, enum needs needs)
{
    size_t n;
    const struct tiny *tiny = tiny_models(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(tiny[i].arch, row->name) == 0 && has(&tiny[i], needs))
            return true;
    return false;
}

/* Values that a row leaves alone. */
static void defaults_matter(void **state)
{
    struct js *index = open_index();
    uint32_t n_noticed = 0, n_bad = 0;
    const struct arch_traits *row;

    (void)state;
    for (size_t i = 0; (row = arch_at(i)) != NULL; i++) {
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            bool seen;

            if (!is_default(row, &fields[f]) || !row_has(row, fields[f].needs))
                continue;
            seen = flip_is_noticed(index, row, &fields[f]);
            n_noticed += seen;
            if (seen == is_listed(row->name, fields[f].name)) {
                print_message("%s.%s: nobody notices\n", row->name, fields[f].name);
                n_bad++;
            }
        }
    }
    js_close(index);
    print_message("%u flips noticed\n", n_noticed);
    assert_int_equal(n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rows_are_covered),
                                        cmocka_unit_test(set_values_matter),
                                        cmocka_unit_test(defaults_matter) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
