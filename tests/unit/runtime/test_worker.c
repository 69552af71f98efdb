/* Proves: a worker opens a model or says why not, answers every kind of job, counts rightly, and
 * ends when it is told or its socket closes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"
#include "support/fixtures.h"

static struct job chat(const char *messages)
{
    struct job job = { .kind = JOB_CHAT, .messages = str(messages), .n_predict = 60 };

    job.sampling.given = JOB_HAS_TEMPERATURE; /* greedy */
    return job;
}

#define QUESTION "[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]"

static void good(const struct heard_job *j)
{
    if (j->failed)
        fail_msg("%s", j->why);
}

/* Proves: loading is told, facts are there, an answer comes with its numbers, and a second one
 * finds its prompt in the cache. */
static void it_chats(void **state)
{
    struct worker_open o = rig_guide();
    struct job job = chat(QUESTION);
    struct heard_job *j;
    struct rig r;
    char first[4096];

    (void)state;
    rig_start(&r, &o);
    assert_true(r.is_ready);
    assert_true(r.n_loading > 1);
    assert_int_equal(r.ready.n_ctx, 1024);
    assert_true(r.ready.has_logits && r.ready.has_template && !r.ready.can_embed);
    job.want_prompt = true;
    j = rig_ask(&r, 1, &job);
    good(j);
    assert_true(j->has_begun);
    assert_non_null(strstr(buf_str(&j->prompt), "What is Hearth?"));
    assert_true(j->choice[0].text.len > 10);
    assert_true(j->choice[0].n_prompt_event > 0);
    assert_int_equal(j->choice[0].done.finish, JOB_END_EOS);
    assert_int_equal(j->choice[0].done.n_prompt, j->choice[0].n_prompt);
    assert_true(j->choice[0].done.n_generated > 3);
    (void)snprintf(first, sizeof(first), "%s", buf_str(&j->choice[0].text));
    j = rig_ask(&r, 1, &job);
    good(j);
    assert_string_equal(buf_str(&j->choice[0].text), first);
    assert_true(j->choice[0].done.n_cached > 0);
    assert_true(r.n_stats > 0);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: what cannot be opened is refused in words, and the worker ends. */
static void it_refuses(void **state)
{
    struct worker_open o = rig_file("/nonexistent/model.gguf");
    struct rig r;

    (void)state;
    rig_start(&r, &o);
    assert_true(r.is_refused);
    assert_non_null(strstr(r.refusal, "/nonexistent/model.gguf"));
    assert_int_equal(rig_stop(&r), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_chats),
        cmocka_unit_test(it_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
