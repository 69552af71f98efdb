/* Proves: answers of the built-in model held to a shape are calls that the parser reads; free text
 * is what it would be without a shape; a spent budget closes the thought and the answer goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "os/file.h"
#include "text/shape.h"

struct answer {
    struct buf text, content, thought, args;
    enum finish finish;
    uint32_t n_thought, n_call, n_whole;
};

static struct engine *guide;
static struct js *tools;

static const char tools_text[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":99},\"b\":{\"type\":"
    "\"string\",\"maxLength\":8}},\"required\":[\"a\"],\"additionalProperties\":false}}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"now\"}}]";

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answer *a = ev->arg;

    (void)arg;
    (void)buf_add(&a->text, ev->text, ev->len);
    if (ev->kind != EV_DONE)
        return;
    if (ev->finish == FINISH_ERROR)
        fail_msg("%s", ev->err->text);
    a->finish = ev->finish;
    a->n_thought = ev->timing->n_thought;
}

static void on_piece(void *arg, const struct dialect_event *ev)
{
    struct answer *a = arg;

    if (ev->kind == DIALECT_CONTENT)
        (void)buf_add(&a->content, ev->text, ev->len);
    if (ev->kind == DIALECT_REASONING)
        (void)buf_add(&a->thought, ev->text, ev->len);
    if (ev->kind == DIALECT_CALL_ARGS)
        (void)buf_add(&a->args, ev->text, ev->len);
    a->n_call += ev->kind == DIALECT_CALL_BEGIN;
    a->n_whole += ev->kind == DIALECT_CALL_END;
}

static void answer_finish(struct answer *a)
{
    buf_finish(&a->text);
    buf_finish(&a->content);
    buf_finish(&a->thought);
    buf_finish(&a->args);
}

static void ask(const char *prompt, struct engine_request *r, float temperature, struct answer *out)
{
    struct sampling s = sampling_defaults();
    struct ids ids;
    struct err e = { 0 };
    uint64_t id;

    *out = (struct answer){ 0 };
    buf_init(&out->text, MEM_OTHER, 1U << 20);
    buf_init(&out->content, MEM_OTHER, 1U << 20);
    buf_init(&out->thought, MEM_OTHER, 1U << 20);
    buf_init(&out->args, MEM_OTHER, 1U << 20);
    ids_init(&ids);
    assert_int_equal(tok_encode(engine_tok(guide), prompt, strlen(prompt),
                                (struct tok_params){ .parse_special = true }, &ids, &e),
                     ERR_OK);
    s.temperature = temperature;
    s.seed = 7;
    s.has_seed = true;
    r->tokens = ids.at;
    r->n_tok = (uint32_t)ids.n;
    r->sampling = &s;
    r->special = true;
    r->on_event = on_event;
    r->arg = out;
    if (engine_submit(guide, r, &id, &e))
        fail_msg("%s", e.text);
    assert_int_equal(engine_run(guide, &e), ERR_OK);
    ids_finish(&ids);
}

static void read_back(const struct shape_spec *q, struct answer *a)
{
    struct dialect_params p = { .dialect = q->dialect,
                                .calls = q->tools != NULL,
                                .reasoning = q->reasoning,
                                .tools = q->tools,
                                .prompt = q->prompt,
                                .prompt_len = q->prompt_len,
                                .on_event = on_piece,
                                .arg = a };
    struct dialect_stream *s = NULL;

    assert_int_equal(dialect_stream_open(&s, &p, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, buf_str(&a->text), a->text.len, NULL), ERR_OK);
    assert_int_equal(dialect_end(s, a->finish != FINISH_EOS, NULL), ERR_OK);
    dialect_stream_close(s);
}

static const char user[] = "<|im_start|>user\nHow do I list my models?<|im_end|>\n<|im_start|>"
                           "assistant\n";

/* Calls and nothing else, in every dialect, also from a model that was never taught one. */
static void test_required(void **state)
{
    size_t n;
    const struct dialect_row *rows = dialect_rows(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct dialect d = { .row = &rows[i] };
        struct shape_spec p = { .dialect = &d,
                                .tok = engine_tok(guide),
                                .tools = tools,
                                .choice = SHAPE_REQUIRED,
                                .one_call = true };
        struct engine_request r = { .n_predict = 600 };
        struct shape *s = NULL;
        struct answer a;
        struct err e = { 0 };

        if (shape_open(&s, &p, NULL, &e))
            fail_msg("%s: %s", rows[i].name, e.text);
        r.grammar = shape_grammar(s);
        ask(user, &r, 0.8F, &a);
        read_back(&p, &a);
        if (a.finish == FINISH_EOS && (a.n_whole != 1 || a.content.len))
            fail_msg("%s: %s", rows[i].name, buf_str(&a.text));
        if (a.finish != FINISH_EOS && a.n_call > 1)
            fail_msg("%s, cut: %s", rows[i].name, buf_str(&a.text));
        answer_finish(&a);
        shape_close(s);
    }
}

/* With tools on offer, an answer in which no call begins is the same as without. */
static void test_unheld(void **state)
{
    struct dialect d = { .row = dialect_named("hermes") };
    struct shape_spec p = { .dialect = &d, .tok = engine_tok(guide), .tools = tools };
    struct engine_request plain = { .n_predict = 120 }, held = plain;
    struct answer a, b;
    struct shape *s = NULL;

    (void)state;
    assert_int_equal(shape_open(&s, &p, NULL, NULL), ERR_OK);
    held.grammar = shape_grammar(s);
    for (unsigned i = 0; i < 3; i++) {
        ask(user, &plain, (float)i * 0.7F, &a);
        ask(user, &held, (float)i * 0.7F, &b);
        assert_string_equal(buf_str(&a.text), buf_str(&b.text));
        assert_int_equal(a.finish, b.finish);
        assert_true(a.text.len > 10);
        answer_finish(&a);
        answer_finish(&b);
    }
    shape_close(s);
}

/* The thought that the prompt opened is closed after so many tokens; what is held comes behind it.
 */
static void test_budget(void **state)
{
    static const char open[] = "<|im_start|>user\nHow do I list my models?<|im_end|>\n<|im_start|>"
                               "assistant\n<think>\n";
    struct dialect d = { .row = dialect_named("hermes"),
                         .reasoning = { .row = reasoning_named("think") } };
    struct shape_spec p = { .dialect = &d,
                            .tok = engine_tok(guide),
                            .tools = tools,
                            .choice = SHAPE_REQUIRED,
                            .reasoning = true,
                            .prompt = open,
                            .prompt_len = sizeof(open) - 1 };

    (void)state;
    for (unsigned k = 0; k < 2; k++) { /* free, and held to a call */
        struct engine_request r = { .n_predict = 300,
                                    .ignore_eos = k == 0,
                                    .thought = { .dialect = &d, .is_open = true, .budget = 9 } };
        struct shape *s = NULL;
        struct answer a;

        if (k) {
            assert_int_equal(shape_open(&s, &p, NULL, NULL), ERR_OK);
            r.grammar = shape_grammar(s);
        }
        ask(open, &r, 0, &a);
        p.tools = k ? tools : NULL;
        read_back(&p, &a);
        assert_true(a.thought.len > 0);
        assert_true(a.n_thought >= 9 && a.n_thought < 30); /* and the end mark's tokens */
        if (k == 0)
            assert_true(a.content.len > 0);
        else if (a.finish == FINISH_EOS)
            assert_true(a.n_whole >= 1 && a.content.len == 0);
        assert_non_null(strstr(buf_str(&a.text), "</think>"));
        answer_finish(&a);
        shape_close(s);
        p.tools = tools;
    }
}

static int open_guide(void **state)
{
    const char *root = getenv("HEARTH_SOURCE");
    struct engine_params p = { .n_ctx = 1024, .n_seq = 1 };
    struct err e = { 0 };
    char path[4096];
    struct engine_source src = { .path = path };

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/assets/hearth-guide.gguf", root ? root : ".");
    if (js_parse(&tools, tools_text, strlen(tools_text), &e) ||
        engine_open(&guide, &src, &p, NULL, NULL, &e)) {
        print_error("%s\n", e.text);
        return 1;
    }
    return 0;
}

static int close_guide(void **state)
{
    (void)state;
    engine_close(guide);
    js_close(tools);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_required),
                                        cmocka_unit_test(test_unheld),
                                        cmocka_unit_test(test_budget) };

    return cmocka_run_group_tests_name("engine-shape", tests, open_guide, close_guide);
}
