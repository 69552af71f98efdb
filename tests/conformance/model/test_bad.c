/* Proves: every file of the bad set that makes no model is refused, with a sentence, by one of the
 * three doors (file, model, tokenizer); what is let in can be run without harm; and no refusal
 * needs much memory. */
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
#include "text/tok.h"

#define SET "bad-gguf"

/* Opens all three; the code of the first refusal. */
static enum err_code open_all(const char *path, struct err *e)
{
    struct gguf *g;
    struct model *m = NULL;
    struct tok *t = NULL;
    enum err_code rc = gguf_open(&g, path, e);

    if (rc)
        return rc;
    rc = model_open(&m, g, e);
    if (!rc)
        rc = tok_open(&t, g, e);
    tok_close(t);
    model_close(m);
    gguf_close(g);
    return rc;
}

static void run_all(const char *path)
{
    static const int32_t tokens[] = { 1, 4, 5, 6 };
    struct mini_params p = { .n_ctx = 16, .n_tok_max = 16, .kv = KV_F16 };
    struct err e = { 0 };
    struct mini r;

    if (!mini_open(&r, path, &p, &e)) {
        float *out = mem_alloc_n(MEM_OTHER, 4U * r.width, sizeof(float));

        assert_non_null(out);
        (void)mini_run(&r, tokens, 4, 0, out, &e);
        mem_free(out);
    }
    mini_close(&r);
}

static void test_bad(void **state)
{
    struct js *index;
    const struct js *files;
    int n_bad = 0;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    files = js_get(index, "files");
    assert_true(js_len(files) > 0);
    for (size_t i = 0; i < js_len(files); i++) {
        const char *name = js_str(js_get(js_at(files, i), "file"), NULL);
        const char *expect = js_str(js_get(js_at(files, i), "expect"), NULL);
        char path[FIXTURE_PATH_BYTES];
        struct err e = { 0 };
        enum err_code rc = open_all(fixture_path(path, SET, name), &e);

        print_message("%-34s %s %s\n", name, expect, rc ? e.text : "accepted");
        if (rc && !e.text[0])
            n_bad++;
        if (!rc && strcmp(expect, "reject") == 0) {
            print_message("  ^^ must be refused\n");
            n_bad++;
        }
        run_all(path);
    }
    js_close(index);
    assert_int_equal(n_bad, 0);
    assert_true(mem_in_use(MEM_MODEL) == 0);
}

/* The baseline of the set is let in: the refusals above are not refusals of everything. */
static void test_baseline(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct err e = { 0 };

    (void)state;
    if (open_all(fixture_path(path, SET, "valid.gguf"), &e))
        fail_msg("%s", e.text);
    run_all(path);
}

/* Changes a few bytes of the file's head. */
static void mutate(unsigned char *data, size_t n_head, uint64_t *state)
{
    for (uint64_t k = 1 + test_random(state) % 3; k; k--) {
        unsigned char *at = data + test_random(state) % n_head;
        uint64_t how = test_random(state);

        unsigned changed = how % 3 == 0   ? *at ^ (1U << (how / 3 % 8))
                           : how % 3 == 1 ? (unsigned)(how >> 8)
                                          : *at + 1U;

        *at = (unsigned char)(changed & 0xFFU);
    }
}

static void run_memory(const void *data, size_t len)
{
    static const int32_t tokens[] = { 1, 4, 5, 6 };
    struct mini_params p = { .n_ctx = 16, .n_tok_max = 16, .kv = KV_F16 };
    struct err e = { 0 };
    struct gguf *g;
    struct mini r;

    if (gguf_open_memory(&g, data, len, "mutated", &e))
        return;
    if (!mini_begin(&r, g, &p, &e) && model_info(r.m)->n_vocab > 6 &&
        model_info(r.m)->n_ctx_train > 4) {
        float *out = mem_alloc_n(MEM_OTHER, 4U * r.width, sizeof(float));

        assert_non_null(out);
        (void)mini_run(&r, tokens, 4, 0, out, &e);
        mem_free(out);
    }
    mini_close(&r);
}

/* Thousands of damaged copies of the baseline: refused or run, nothing worse. */
static void test_mutations(void **state)
{
    struct buf file;
    uint64_t random = 11;
    unsigned char *copy;

    (void)state;
    if (!fixtures_dir())
        skip();
    file = fixture_read(SET, "valid.gguf");
    copy = mem_alloc(MEM_OTHER, file.len);
    assert_non_null(copy);
    for (int i = 0; i < 2000; i++) {
        memcpy(copy, file.data, file.len);
        mutate(copy, file.len < 1600 ? file.len : 1600, &random);
        run_memory(copy, file.len);
    }
    mem_free(copy);
    buf_finish(&file);
    assert_true(mem_in_use(MEM_MODEL) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad), cmocka_unit_test(test_baseline),
                                        cmocka_unit_test(test_mutations) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
