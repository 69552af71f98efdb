/* Proves: texts of unequal length computed in one batch give the bytes that each gives alone, for
 * every kind of model that embeds texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "support/mini.h"

#define N_TEXT  3U
#define LONGEST 40U

static const uint32_t lengths[N_TEXT] = { 17, 40, 5 };

/* One batch of all texts, each in a page of its own. */
static void run_together(struct mini *r, int32_t token[N_TEXT][LONGEST])
{
    static const uint32_t pages[N_TEXT] = { 2, 0, 1 };
    int32_t ids[N_TEXT * LONGEST];
    uint32_t pos[N_TEXT * LONGEST], seq[N_TEXT * LONGEST];
    struct batch_seq seqs[N_TEXT];
    struct batch b = { .token = ids, .pos = pos, .seq = seq, .seqs = seqs, .n_seq = N_TEXT };
    struct err e = { 0 };

    for (uint32_t s = 0; s < N_TEXT; s++) {
        seqs[s] = (struct batch_seq){ .pages = &pages[s], .n_kv = lengths[s] };
        for (uint32_t i = 0; i < lengths[s]; i++) {
            ids[b.n_tok] = token[s][i];
            pos[b.n_tok] = i;
            seq[b.n_tok++] = s;
        }
    }
    if (r->ops->run(r->prog, r->kv, &b, &e))
        fail_msg("%s", e.text);
}

static void check_model(const char *name)
{
    char path[FIXTURE_PATH_BYTES];
    struct mini_params p = { .n_tok_max = 3 * KV_PAGE_TOK, .kv = KV_F16, .embeddings = true };
    int32_t token[N_TEXT][LONGEST];
    uint64_t seed = 11;
    size_t row = 0;
    struct mini together, alone;
    struct err e = { 0 };
    float *out;

    /* The context of a plan must not exceed a table of positions; 128 is the shortest. */
    p.n_ctx = 128;
    if (mini_open(&together, fixture_path(path, "archs", name), &p, &e) ||
        mini_open(&alone, path, &p, &e))
        fail_msg("%s: %s", name, e.text);
    assert_true(together.n_page >= N_TEXT);
    for (uint32_t s = 0; s < N_TEXT; s++) {
        for (uint32_t i = 0; i < lengths[s]; i++)
            token[s][i] = (int32_t)(test_random(&seed) % model_info(alone.m)->n_vocab);
    }
    run_together(&together, token);
    out = mem_alloc_n(MEM_OTHER, (size_t)LONGEST * alone.width, sizeof(*out));
    assert_non_null(out);
    for (uint32_t s = 0; s < N_TEXT; s++) {
        if (mini_run(&alone, token[s], lengths[s], 0, out, &e))
            fail_msg("%s: %s", name, e.text);
        assert_memory_equal(together.ops->output(together.prog) + row * alone.width, out,
                            lengths[s] * alone.width * sizeof(*out));
        row += lengths[s];
    }
    mem_free(out);
    mini_close(&together);
    mini_close(&alone);
}

static void unequal_texts_share_a_batch(void **state)
{
    static const char *const names[] = { "bert.gguf", "nomic-bert.gguf", "jina-bert-v2.gguf",
                                         "gemma-embedding.gguf", "qwen3-embedding.gguf" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_model(names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(unequal_texts_share_a_batch) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
