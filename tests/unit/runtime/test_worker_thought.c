/* Proves: thoughts come apart from the answer, are counted, cut by a budget, kept in the text when
 * asked, and followed by what a schema holds.
 *
 * The model is the built-in one with another template of the same length, which opens a thought. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assets/assets.h"
#include "formats/gguf.h"
#include "os/file.h"
#include "rig.h"
#include "support/fixtures.h"

static const char thinking[] =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}{# </think> ";

static struct rig rig;
static char path[64] = "/tmp/hearth-thought-XXXXXX";

/* A copy of the model whose template is ours, filled up by a comment. */
static bool write_model(void)
{
    struct asset a;
    struct gguf *g = NULL;
    struct gguf_str old = { 0 };
    struct buf copy;
    bool found = false;
    size_t at;
    int fd;

    if (!asset_find(ASSET_GUIDE, &a) || !a.size)
        return false;
    assert_int_equal(gguf_open_memory(&g, a.data, a.size, "guide", NULL), ERR_OK);
    assert_int_equal(gguf_get_str(g, "tokenizer.chat_template", &old, &found, NULL), ERR_OK);
    assert_true(found && old.len > sizeof(thinking) + 2);
    at = (size_t)(old.s - (const char *)a.data);
    buf_init(&copy, MEM_OTHER, a.size);
    assert_true(buf_add(&copy, a.data, a.size));
    memset(copy.data + at, ' ', old.len);
    memcpy(copy.data + at, thinking, sizeof(thinking) - 1);
    memcpy(copy.data + at + old.len - 2, "#}", 2);
    gguf_close(g);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(file_write(path, copy.data, copy.len, NULL), ERR_OK);
    buf_finish(&copy);
    return true;
}

static int open_model(void **state)
{
    struct worker_open o = { .n_ctx = 1024, .n_thread = 1, .no_sandbox = true };

    (void)state;
    if (!write_model())
        return 0;
    (void)snprintf(o.path, sizeof(o.path), "%s", path);
    rig_start(&rig, &o);
    (void)unlink(path); /* it is mapped */
    return rig.is_ready ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    return rig.is_ready ? rig_stop(&rig) : 0;
}

static struct job question(void)
{
    struct job job = { .kind = JOB_CHAT,
                       .messages = str("[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]"),
                       .n_predict = 80 };

    if (!rig.is_ready)
        skip();
    job.sampling.given = JOB_HAS_TEMPERATURE;
    return job;
}

static struct heard *ask(const struct job *job)
{
    struct heard_job *j = rig_ask(&rig, 1, job);

    if (j->failed)
        fail_msg("%s", j->why);
    return &j->choice[0];
}

/* Proves: what stands behind an opened thought is one, token by token, until its mark. */
static void thoughts_are_told_apart(void **state)
{
    struct job job = question();
    const struct heard *h;

    (void)state;
    assert_true(rig.ready.reasons);
    assert_string_equal(rig.ready.reasoning, "think");
    h = ask(&job);
    assert_true(h->thought.len > 10);
    assert_int_equal(h->text.len, 0);
    assert_int_equal(h->done.n_reasoning + (h->done.finish == JOB_END_EOS), h->done.n_generated);
}

/* Proves: kept thoughts are text. */
static void thoughts_can_be_kept(void **state)
{
    struct job job = question();
    const struct heard *h;

    (void)state;
    job.keep_reasoning = true;
    h = ask(&job);
    assert_int_equal(h->thought.len, 0);
    assert_true(h->text.len > 10);
    assert_int_equal(h->done.n_reasoning, 0);
}

/* Proves: a budget ends the thought, and the answer follows. */
static void budgets_end_thoughts(void **state)
{
    struct job job = question();
    const struct heard *h;

    (void)state;
    job.reasoning_budget = 6;
    h = ask(&job);
    assert_true(h->thought.len > 0);
    assert_true(h->text.len > 0);
    assert_true(h->done.n_reasoning >= 6 && h->done.n_reasoning < 20);
    assert_null(strstr(buf_str(&h->text), "think"));
}

/* Proves: a schema holds what follows the thought, not the thought. */
static void schemas_hold_what_follows(void **state)
{
    struct job job = question();
    const struct heard *h;
    struct js *j = NULL;

    (void)state;
    job.reasoning_budget = 6;
    job.n_predict = 300;
    job.schema =
        str("{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,"
            "\"maximum\":5}},\"required\":[\"n\"],\"additionalProperties\":false}");
    h = ask(&job);
    assert_true(h->thought.len > 0);
    if (js_parse(&j, buf_str(&h->text), h->text.len, NULL) || js_kind(j) != JS_OBJ)
        fail_msg("%s", buf_str(&h->text));
    js_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thoughts_are_told_apart),
        cmocka_unit_test(thoughts_can_be_kept),
        cmocka_unit_test(budgets_end_thoughts),
        cmocka_unit_test(schemas_hold_what_follows),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
