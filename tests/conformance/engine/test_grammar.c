/* Proves: answers held to a schema are sentences of it, from the built-in model at any temperature,
 * alone and beside others; an answer that is cut short is a beginning of one. What a grammar needs
 * can be learned beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "os/file.h"
#include "os/thread.h"
#include "text/grammar.h"

#define TEXT_BYTES 16384U
#define N_SEED     6U

static const char *const schemas[] = {
    "{\"type\":\"boolean\"}",
    "{\"type\":\"integer\",\"minimum\":-3,\"maximum\":1200}",
    "{\"enum\":[\"red\",\"green\",{\"blue\":[1,2]}]}",
    "{\"type\":\"string\",\"maxLength\":20}",
    "{\"type\":\"string\",\"format\":\"date\"}",
    "{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}-[0-9]{4}$\"}",
    "{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},\"maxItems\":"
    "5}",
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":12},"
    "\"age\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":150},\"ok\":{\"type\":\"boolean\"}},"
    "\"required\":[\"name\",\"age\"],\"additionalProperties\":false}",
    "{\"$ref\":\"#/$defs/tree\",\"$defs\":{\"tree\":{\"type\":\"object\",\"properties\":{\"v\":"
    "{\"type\":\"integer\",\"minimum\":0,\"maximum\":9},\"left\":{\"$ref\":\"#/$defs/tree\"}},"
    "\"required\":[\"v\"],\"additionalProperties\":false}}}",
};

struct answer {
    char text[TEXT_BYTES];
    size_t len;
    enum finish finish;
    bool is_done;
};

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answer *a = ev->arg;

    (void)arg;
    assert_true(a->len + ev->len < TEXT_BYTES);
    if (ev->len)
        memcpy(a->text + a->len, ev->text, ev->len);
    a->len += ev->len;
    if (ev->kind == EV_DONE) {
        if (ev->finish == FINISH_ERROR)
            fail_msg("%s", ev->err->text);
        a->finish = ev->finish;
        a->is_done = true;
    }
}

static struct engine *open_guide(void)
{
    const char *root = getenv("HEARTH_SOURCE");
    struct engine_params p = { .n_ctx = 1024, .n_seq = N_SEED };
    struct engine *g = NULL;
    struct err e = { 0 };
    char path[4096];
    struct engine_source src = { .path = path };

    (void)snprintf(path, sizeof(path), "%s/assets/hearth-guide.gguf", root ? root : ".");
    if (!file_exists(path))
        skip();
    if (engine_open(&g, &src, &p, NULL, NULL, &e))
        fail_msg("%s", e.text);
    return g;
}

/* Follows the text byte by byte: false where it leaves the grammar; *whole: it may end here. */
static bool follows(const struct grammar *g, const struct answer *a, bool *whole)
{
    struct gmatch *m = NULL;
    struct err e = { 0 };
    uint32_t at;

    assert_int_equal(gmatch_open(&m, g, true, 1U << 24, &e), ERR_OK);
    at = gmatch_start(m);
    for (size_t i = 0; at && i < a->len; i++)
        assert_int_equal(gmatch_byte(m, &at, (uint8_t)a->text[i], &e), ERR_OK);
    *whole = at && gmatch_may_end(m, at);
    gmatch_close(m);
    return at != 0;
}

static void answer_all(struct engine *g, const struct grammar *grammar, uint32_t n_predict,
                       struct answer *answers)
{
    static const char prompt[] =
        "<|im_start|>user\nGive me one.<|im_end|>\n<|im_start|>assistant\n";
    struct ids ids;
    struct err e = { 0 };

    ids_init(&ids);
    assert_int_equal(tok_encode(engine_tok(g), prompt, strlen(prompt),
                                (struct tok_params){ .parse_special = true }, &ids, &e),
                     ERR_OK);
    for (uint32_t i = 0; i < N_SEED; i++) {
        struct sampling s = sampling_defaults();
        struct engine_request r = { .tokens = ids.at,
                                    .n_tok = (uint32_t)ids.n,
                                    .n_predict = n_predict,
                                    .sampling = &s,
                                    .grammar = grammar,
                                    .on_event = on_event,
                                    .arg = &answers[i] };
        uint64_t id;

        memset(&answers[i], 0, sizeof(answers[i]));
        s.temperature = (float)i * 0.5F;
        s.seed = i;
        s.has_seed = true;
        if (engine_submit(g, &r, &id, &e))
            fail_msg("%s", e.text);
    }
    assert_int_equal(engine_run(g, &e), ERR_OK);
    ids_finish(&ids);
}

static void answers_are_sentences(void **state)
{
    static struct answer answers[N_SEED];
    struct engine *g = open_guide();

    (void)state;
    for (size_t k = 0; k < COUNT_OF(schemas); k++) {
        struct grammar *grammar = NULL;
        struct js *schema = NULL;
        struct err e = { 0 };

        assert_int_equal(js_parse(&schema, schemas[k], strlen(schemas[k]), &e), ERR_OK);
        if (grammar_of_schema(&grammar, schema, NULL, &e))
            fail_msg("%s: %s", schemas[k], e.text);
        for (uint32_t n_predict = 2; n_predict <= 300; n_predict += 298) {
            answer_all(g, grammar, n_predict, answers);
            for (uint32_t i = 0; i < N_SEED; i++) {
                bool whole;

                assert_true(answers[i].is_done);
                if (!follows(grammar, &answers[i], &whole) ||
                    (answers[i].finish == FINISH_EOS && !whole))
                    fail_msg("%s: %.*s", schemas[k], (int)answers[i].len, answers[i].text);
            }
        }
        js_close(schema);
        grammar_close(grammar);
    }
    engine_close(g);
}

/* ---- learning ---- */

static const char held[] = "{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\","
                           "\"maxLength\":9}}";

static struct grammar *grammar_of(const char *text)
{
    struct grammar *g = NULL;
    struct js *schema = NULL;
    struct err e = { 0 };

    assert_int_equal(js_parse(&schema, text, strlen(text), &e), ERR_OK);
    if (grammar_of_schema(&g, schema, NULL, &e))
        fail_msg("%s: %s", text, e.text);
    js_close(schema);
    return g;
}

struct learner {
    struct thread thread;
    struct engine *g;
    const struct grammar *grammar;
    enum err_code rc;
};

static void learn(void *arg)
{
    struct learner *l = arg;

    for (unsigned i = 0; i < 3 && !l->rc; i++)
        l->rc = engine_learn_grammar(l->g, l->grammar, NULL);
}

/* Several threads may learn at once; what they learned is kept with the model, no request adds to
 * it, and answers are those of an engine that learned nothing. */
static void learned_once(void **state)
{
    static struct answer answers[N_SEED], others[N_SEED];
    static const char *const of_learner[] = { held,
                                              "{\"type\":\"string\",\"pattern\":\"^[a-q]{9}$\"}",
                                              held };
    struct learner l[COUNT_OF(of_learner)] = { 0 };
    struct engine *g = open_guide(), *fresh = open_guide();
    struct grammar *first;
    struct err e = { 0 };
    size_t before = mem_in_use(MEM_MODEL), known;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(l); i++) {
        l[i].g = g;
        l[i].grammar = grammar_of(of_learner[i]);
        if (thread_start(&l[i].thread, "learner", learn, &l[i], &e))
            fail_msg("%s", e.text);
    }
    for (size_t i = 0; i < COUNT_OF(l); i++) {
        thread_join(&l[i].thread);
        assert_int_equal(l[i].rc, ERR_OK);
    }
    known = mem_in_use(MEM_MODEL);
    assert_true(known > before);
    first = grammar_of(held); /* another one, of the same classes of characters */
    assert_int_equal(engine_learn_grammar(g, first, &e), ERR_OK);
    assert_int_equal(mem_in_use(MEM_MODEL), known);
    answer_all(g, first, 40, answers);
    assert_int_equal(mem_in_use(MEM_MODEL), known);
    answer_all(fresh, first, 40, others);
    assert_true(mem_in_use(MEM_MODEL) > known);
    for (uint32_t i = 0; i < N_SEED; i++) {
        assert_int_equal(answers[i].len, others[i].len);
        assert_memory_equal(answers[i].text, others[i].text, others[i].len);
    }
    for (size_t i = 0; i < COUNT_OF(l); i++)
        grammar_close((struct grammar *)l[i].grammar);
    grammar_close(first);
    engine_close(fresh);
    engine_close(g);
}

/* Without memory learning says so, wherever it ran out, leaves nothing half known and can be tried
 * again. */
static void learning_needs_memory(void **state)
{
    static struct answer answers[N_SEED];
    struct engine *g = open_guide();
    struct grammar *grammar = grammar_of(held);
    struct err e = { 0 };
    enum err_code rc = ERR_OOM;
    size_t before = mem_in_use(MEM_MODEL);
    bool whole;
    uint64_t n = 0;

    (void)state;
    while (rc == ERR_OOM && ++n < 1000) {
        (void)mem_fail_at(n, 1);
        rc = engine_learn_grammar(g, grammar, &e);
        (void)mem_fail_at(0, 0);
        assert_true(rc == ERR_OOM || rc == ERR_OK);
        if (n == 1)
            assert_int_equal(mem_in_use(MEM_MODEL), before);
    }
    assert_int_equal(rc, ERR_OK);
    assert_true(n > 3);
    answer_all(g, grammar, 40, answers);
    assert_true(follows(grammar, &answers[0], &whole));
    grammar_close(grammar);
    engine_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_sentences),
        cmocka_unit_test(learned_once),
        cmocka_unit_test(learning_needs_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
