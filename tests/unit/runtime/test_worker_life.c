/* Proves: jobs end when they are cancelled, when the worker closes and when the daemon goes;
 * nothing is left of them; a worker behind its shut doors answers as one without. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/net.h"
#include "os/process.h"
#include "os/sys.h"
#include "rig.h"
#include "support/fixtures.h"

#define QUESTION "[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]"

static struct job question(uint32_t n_predict)
{
    struct job job = { .kind = JOB_CHAT, .messages = str(QUESTION), .n_predict = n_predict };

    job.sampling.given = JOB_HAS_TEMPERATURE;
    return job;
}

/* Ends as late as the context allows. */
static struct job endless(const struct rig *r, struct logit_bias bias[16])
{
    struct job job = question(0);

    for (int32_t i = 0; i < 16; i++)
        bias[i] = (struct logit_bias){ (int32_t)r->ready.n_vocab - 1 - i, -1e9F };
    job.sampling.bias = bias;
    job.sampling.n_bias = 16;
    return job;
}

static void wait_for_text(struct rig *r, uint64_t id)
{
    for (uint32_t i = 0; !r->jobs[id].choice[0].text.len; i++) {
        assert_true(i < 10000 && !r->jobs[id].is_over);
        (void)rig_read(r, 100);
    }
}

/* Proves: a cancelled job ends as such, before its time, and others go on. */
static void cancelled_jobs_end(void **state)
{
    struct worker_open o = rig_guide();
    struct logit_bias bias[16];
    struct heard_job *j;
    struct job job;
    struct rig r;

    (void)state;
    o.n_ctx = 8192;
    rig_start(&r, &o);
    job = endless(&r, bias);
    rig_job(&r, 1, &job);
    rig_job(&r, 2, &job);
    wait_for_text(&r, 1);
    wait_for_text(&r, 2);
    rig_send(&r, WIRE_CANCEL, 1, NULL, 0);
    j = rig_wait(&r, 1);
    assert_false(j->failed);
    assert_int_equal(j->choice[0].done.finish, JOB_END_CANCELLED);
    assert_false(r.jobs[2].is_over);
    rig_send(&r, WIRE_CANCEL, 2, NULL, 0);
    rig_send(&r, WIRE_CANCEL, 3, NULL, 0); /* nobody */
    (void)rig_wait(&r, 2);
    job = question(20);
    j = rig_ask(&r, 1, &job);
    assert_false(j->failed);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: told to close, the worker ends its jobs with the reason, refuses others, and exits. */
static void closing_ends_all(void **state)
{
    struct worker_open o = rig_guide();
    struct logit_bias bias[16];
    struct job job;
    struct rig r;

    (void)state;
    o.n_ctx = 8192;
    o.n_seq = 2;
    rig_start(&r, &o);
    job = endless(&r, bias);
    for (uint64_t id = 1; id <= 5; id++)
        rig_job(&r, id, &job);
    wait_for_text(&r, 1);
    rig_send(&r, WIRE_CLOSE, 0, NULL, 0);
    for (uint64_t id = 1; id <= 5; id++) {
        struct heard_job *j = rig_wait(&r, id);

        assert_true(j->failed && j->error == JOB_ERR_CLOSING);
    }
    while (!r.is_gone)
        (void)rig_read(&r, 100);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: more jobs than the queue holds are told so, and the rest is answered. */
static void queues_are_bounded(void **state)
{
    struct worker_open o = rig_guide();
    struct logit_bias bias[16];
    struct heard_job *j;
    struct job job;
    struct rig r;

    (void)state;
    o.n_ctx = 8192;
    rig_start(&r, &o);
    job = endless(&r, bias);
    for (uint32_t i = 0; i < WORKER_QUEUE_MAX; i++)
        rig_job(&r, 1, &job); /* they share a number; nobody else cares */
    job = question(5);
    j = rig_ask(&r, 2, &job);
    assert_true(j->failed && j->error == JOB_ERR_BUSY);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: a daemon that goes, at any moment, takes the worker with it, and no memory stays. */
static void the_worker_ends_with_the_daemon(void **state)
{
    struct worker_open o = rig_guide();
    size_t before[MEM_KIND_COUNT];

    (void)state;
    o.n_ctx = 8192;
    for (unsigned round = 0; round < 6; round++) {
        struct logit_bias bias[16];
        struct job job;
        struct rig r;

        rig_start(&r, round == 0 ? NULL : &o);
        job = endless(&r, bias);
        for (uint64_t id = 1; id <= 6 && round > 1; id++)
            rig_job(&r, id, &job);
        if (round > 3)
            wait_for_text(&r, 1);
        assert_int_equal(rig_stop(&r), 0);
        for (int k = 0; k < MEM_KIND_COUNT; k++) {
            if (round > 0)
                assert_int_equal(mem_in_use((enum mem_kind)k), before[k]);
            before[k] = mem_in_use((enum mem_kind)k);
        }
    }
}

/* Proves: a stream that is not the daemon's is the end, without harm. */
static void nonsense_is_the_end(void **state)
{
    static const struct {
        enum wire_kind kind;
        const char *body;
    } cases[] = { { WIRE_JOB, "{}" },        { WIRE_READY, "{}" }, { WIRE_OPEN, "" },
                  { WIRE_OPEN, "[1]" },      { WIRE_CANCEL, "" },  { WIRE_OPEN, "{\"path\":3}" },
                  { WIRE_EVENT, "\x01\x02" } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig r;

        rig_start(&r, NULL);
        rig_send(&r, cases[i].kind, 1, cases[i].body, strlen(cases[i].body));
        while (!r.is_gone)
            (void)rig_read(&r, 100);
        assert_int_equal(rig_stop(&r), 3);
    }
}

static size_t request_bytes(void)
{
    return mem_in_use(MEM_REQUEST) + mem_in_use(MEM_OTHER) + mem_in_use(MEM_MODEL);
}

/* Reads until all of n jobs are over; they share the number 1. */
static void count_down(struct rig *r, uint32_t n)
{
    for (uint32_t i = 0; n; i++) {
        assert_true(i < 100000);
        (void)rig_read(r, 100);
        if (!r->jobs[1].is_over)
            continue;
        r->jobs[1].is_over = false;
        n--;
    }
}

/* Proves: 2,000 jobs of every kind and outcome leave no byte behind. */
static void jobs_leave_nothing(void **state)
{
    struct worker_open o = rig_guide();
    struct job_input in = { .text = str("some words") };
    struct job jobs[6];
    size_t before = 0;
    struct rig r;

    (void)state;
    rig_start(&r, &o);
    jobs[0] = question(2);
    jobs[1] = question(3);
    jobs[1].json_object = true;
    jobs[2] = (struct job){
        .kind = JOB_TEXT, .inputs = &in, .n_input = 1, .n_predict = 2, .logprobs = true, .n_top = 4
    };
    jobs[3] = (struct job){ .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1 };
    jobs[4] = question(0);
    jobs[4].messages = str("[{\"role\":3}]");
    jobs[5] = question(2);
    jobs[5].n_choice = 3;
    jobs[5].tools = str("[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]");
    for (uint32_t i = 0; i < 2000; i++) {
        struct job *job = &jobs[i % 6];

        (void)rig_ask(&r, 1, job);
        if (i % 12 == 11) { /* and one that is not waited for */
            struct job late = question(50);

            rig_job(&r, 1, &late);
            rig_send(&r, WIRE_CANCEL, 1, NULL, 0);
            r.jobs[1].is_over = r.jobs[1].choice[0].is_done = false;
            count_down(&r, 1);
        }
        if (i == 200)
            before = request_bytes();
    }
    for (uint32_t i = 0; request_bytes() > before && i < 100; i++)
        (void)rig_read(&r, 20); /* the last task is being put away */
    assert_true(request_bytes() <= before);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: an allocation that fails, whichever it is, costs its job at most. */
static void memory_may_run_out(void **state)
{
    struct worker_open o = rig_guide();
    struct job job = question(3);
    uint32_t n_failed = 0, n_good = 0;
    struct rig r;

    (void)state;
    rig_start(&r, &o);
    job.json_object = true;
    (void)rig_ask(&r, 1, &job); /* what is made once is there */
    for (uint64_t n = 1; n < 4000; n += 1 + n / 16) {
        struct heard_job *j;

        r.patient = true;
        (void)mem_fail_at(n, 0);
        j = rig_ask(&r, 1, &job);
        (void)mem_fail_at(0, 0);
        r.patient = false;
        n_failed += j->failed;
        n_good += !j->failed;
        if (j->failed)
            assert_true(j->error == JOB_ERR_INTERNAL || j->error == JOB_ERR_INVALID);
    }
    assert_true(n_failed > 5 && n_good > 0);
    assert_false(rig_ask(&r, 1, &job)->failed);
    assert_int_equal(rig_stop(&r), 0);
}

/* ---- a process of its own, doors shut ---- */

static void start_process(struct rig *r, struct process *p, const struct worker_open *o)
{
    const char *const argv[] = { "hearth", "worker", NULL };
    struct process_params params = { .argv = argv, .fd_err = -1 };
    struct err e = { 0 };
    int fds[2];

    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    params.fd = fds[1];
    if (process_start(p, &params, &e))
        fail_msg("%s", e.text);
    net_close(&fds[1]);
    rig_attach(r, fds[0], o);
}

/* Proves: in a process whose doors are shut everything works as before, whoever asks it to end. */
static void doors_are_shut(void **state)
{
    struct worker_open o = rig_guide();
    struct job_input in = { .text = str("word") };
    struct process_end end;
    struct heard_job *j;
    struct process p;
    struct job job;
    struct rig r;

    (void)state;
    o.no_sandbox = false;
    start_process(&r, &p, &o);
    if (r.is_refused)
        fail_msg("%s", r.refusal);
    assert_true(r.is_ready);
    job = question(20);
    job.n_choice = 2;
    job.logprobs = true;
    process_signal(&p, SIGTERM); /* as a service manager does to all of a group */
    process_signal(&p, SIGINT);
    j = rig_ask(&r, 1, &job);
    assert_false(j->failed);
    assert_true(j->choice[0].text.len && j->choice[1].is_done);
    job.json_object = true;
    assert_false(rig_ask(&r, 1, &job)->failed);
    job = (struct job){ .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1 };
    assert_false(rig_ask(&r, 1, &job)->failed);
    rig_send(&r, WIRE_CLOSE, 0, NULL, 0);
    while (!r.is_gone)
        (void)rig_read(&r, 100);
    assert_true(process_wait(&p, 20000, &end));
    assert_false(end.signalled);
    assert_int_equal(end.code, 0);
    (void)rig_stop(&r);
}

/* ---- vectors ---- */

static bool open_fixture(struct rig *r, const char *name)
{
    char path[FIXTURE_PATH_BYTES];
    struct worker_open o = rig_file(fixture_path(path, "archs", name));

    o.embeddings = true;
    o.n_ctx = 256;
    rig_start(r, &o);
    if (!r->is_ready)
        fail_msg("%s", r->refusal);
    return true;
}

static double length(const float *v, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return sum;
}

/* Proves: each input gets a vector of length one, the same alone and in company; fewer dimensions
 * are the first ones; raw ones have their own length. Text is not generated. */
static void inputs_become_vectors(void **state)
{
    const char *const models[] = { "bert.gguf", "qwen3-embedding.gguf" };
    const int32_t a[] = { 10, 11, 12, 13 }, b[] = { 20, 21 };
    struct job_input in[3] = { { .tokens = a, .n_tok = 4 },
                               { .tokens = b, .n_tok = 2 },
                               { .tokens = a, .n_tok = 4 } };

    (void)state;
    for (size_t m = 0; m < COUNT_OF(models); m++) {
        struct job job = { .kind = JOB_EMBED, .inputs = in, .n_input = 3 };
        struct heard_job *j;
        struct rig r;
        float first[64];

        (void)open_fixture(&r, models[m]);
        assert_true(r.ready.can_embed && !r.ready.has_logits);
        j = rig_ask(&r, 1, &job);
        assert_false(j->failed);
        assert_int_equal(j->n_vectors, 3);
        assert_int_equal(j->n_vector[0], 64);
        assert_int_equal(r.ready.n_embd, 64);
        assert_int_equal(j->choice[0].done.n_prompt, 10);
        assert_true(length(j->vectors[1], 64) > 0.999 && length(j->vectors[1], 64) < 1.001);
        assert_memory_equal(j->vectors[0], j->vectors[2], sizeof(first));
        memcpy(first, j->vectors[0], sizeof(first));
        job.n_dimension = 16;
        job.raw_vectors = true;
        j = rig_ask(&r, 1, &job);
        assert_int_equal(j->n_vector[0], 16);
        for (uint32_t i = 1; i < 16; i++) /* the same direction */
            assert_true(j->vectors[0][i] * first[0] - j->vectors[0][0] * first[i] < 1e-3F);
        job.n_dimension = 65;
        assert_true(rig_ask(&r, 1, &job)->failed);
        job = question(3);
        j = rig_ask(&r, 1, &job);
        assert_true(j->failed && j->error == JOB_ERR_INVALID);
        assert_int_equal(rig_stop(&r), 0);
    }
}

/* Proves: a ranking has one score a document, the same for the same text. */
static void documents_are_ranked(void **state)
{
    const char *const models[] = { "bert-rerank.gguf", "qwen3-rerank.gguf" };
    struct job_input in[3] = { { .text = str("abc") },
                               { .text = str("xyz xyz") },
                               { .text = str("abc") } };

    (void)state;
    for (size_t m = 0; m < COUNT_OF(models); m++) {
        struct job job = { .kind = JOB_RERANK, .inputs = in, .n_input = 3, .query = str("a b") };
        struct heard_job *j;
        struct rig r;

        (void)open_fixture(&r, models[m]);
        assert_true(r.ready.can_rank);
        j = rig_ask(&r, 1, &job);
        if (j->failed && strstr(j->why, "tokenizer")) {
            assert_int_equal(rig_stop(&r), 0);
            continue; /* a file that computes on ids alone */
        }
        if (j->failed)
            fail_msg("%s: %s", models[m], j->why);
        assert_int_equal(j->n_vectors, 3);
        assert_int_equal(j->n_vector[0], 1);
        assert_true(j->vectors[0][0] == j->vectors[2][0]);
        assert_true(j->vectors[0][0] != j->vectors[1][0]);
        assert_int_equal(rig_stop(&r), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancelled_jobs_end),    cmocka_unit_test(closing_ends_all),
        cmocka_unit_test(queues_are_bounded),    cmocka_unit_test(the_worker_ends_with_the_daemon),
        cmocka_unit_test(nonsense_is_the_end),   cmocka_unit_test(jobs_leave_nothing),
        cmocka_unit_test(memory_may_run_out),    cmocka_unit_test(doors_are_shut),
        cmocka_unit_test(inputs_become_vectors), cmocka_unit_test(documents_are_ranked),
    };

    os_init();
    if (argc > 1 && strcmp(argv[1], "worker") == 0) {
        process_ignore_terminate();
        _Exit(worker_main(3)); /* this program is run anew; leaks are looked for in threads only */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
