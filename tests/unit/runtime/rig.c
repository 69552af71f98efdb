/* A worker in a thread of the test, and the daemon's end of its socket. */
#include "rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assets/assets.h"
#include "os/net.h"
#include "os/sys.h"

#define WAIT_MS  200U
#define N_SILENT 300U /* so many silent waits are a failure */

struct job_str str(const char *s)
{
    return (struct job_str){ s, strlen(s) };
}

struct worker_open rig_guide(void)
{
    struct asset a;
    struct worker_open o = { .is_asset = true, .n_ctx = 1024, .n_thread = 1, .no_sandbox = true };

    if (!asset_find(ASSET_GUIDE, &a) || !a.size)
        skip();
    (void)snprintf(o.path, sizeof(o.path), "%s", ASSET_GUIDE);
    return o;
}

struct worker_open rig_file(const char *path)
{
    struct worker_open o = { .n_thread = 1, .no_sandbox = true };

    (void)snprintf(o.path, sizeof(o.path), "%s", path);
    return o;
}

static void worker_thread(void *arg)
{
    struct rig *r = arg;

    r->exit_code = worker_main(r->worker_fd);
}

/* ---- events ---- */

static void hear_call(struct heard *h, const struct job_event *ev)
{
    if (ev->kind == JOB_EV_CALL_BEGIN)
        (void)buf_addf(&h->calls, "%s(", ev->name);
    else if (ev->kind == JOB_EV_CALL_ARGS)
        (void)buf_add(&h->calls, ev->text, ev->len);
    else if (ev->kind == JOB_EV_CALL_END)
        (void)buf_adds(&h->calls, ");");
    h->n_call += ev->kind == JOB_EV_CALL_END;
    h->n_cut += ev->kind == JOB_EV_CALL_CUT;
}

static void hear_tokens(struct heard *h, const struct job_event *ev)
{
    for (uint32_t i = 0; i < ev->n_token; i++) {
        const struct job_token *t = &ev->tokens[i];

        h->n_token++;
        if (isnan(t->self.logprob)) {
            assert_int_equal(h->n_token, 1); /* the first token of a prompt has none */
            continue;
        }
        h->logprob_sum += (double)t->self.logprob;
        assert_true(t->self.logprob <= 0);
        for (uint32_t k = 1; k < t->n_top; k++)
            assert_true(t->top[k].logprob <= t->top[k - 1].logprob);
    }
}

static void hear_vector(struct heard_job *j, const struct job_event *ev)
{
    assert_true(ev->input < 16 && ev->n_vector <= 1024);
    memcpy(j->vectors[ev->input], ev->vector, ev->n_vector * sizeof(float));
    j->n_vector[ev->input] = ev->n_vector;
    j->n_vectors++;
}

static void hear_end(struct heard_job *j, struct heard *h, const struct job_event *ev)
{
    if (ev->kind == JOB_EV_DONE) {
        assert_false(h->is_done);
        h->is_done = true;
        h->done = *ev->done;
        if (ev->done->stop.s)
            (void)snprintf(h->stop, sizeof(h->stop), "%s", ev->done->stop.s);
    } else {
        assert_true(ev->is_last);
        j->failed = true;
        j->error = ev->error;
        j->part = ev->part;
        (void)snprintf(j->why, sizeof(j->why), "%s", ev->text);
    }
    j->is_over = ev->is_last;
}

static void hear(struct heard_job *j, const struct job_event *ev)
{
    struct heard *h = &j->choice[ev->choice];

    assert_false(j->is_over); /* nothing comes behind the last event */
    j->n_event++;
    switch (ev->kind) {
    case JOB_EV_BEGIN:
        j->has_begun = true;
        if (ev->text)
            (void)buf_add(&j->prompt, ev->text, ev->len);
        break;
    case JOB_EV_PROMPT:
        h->n_prompt_event++;
        h->n_prompt = ev->n_total;
        break;
    case JOB_EV_REASONING:
        (void)buf_add(&h->thought, ev->text, ev->len);
        break;
    case JOB_EV_CONTENT:
    case JOB_EV_TEXT:
        (void)buf_add(&h->text, ev->text, ev->len);
        break;
    case JOB_EV_TOKENS:
        hear_tokens(h, ev);
        break;
    case JOB_EV_VECTOR:
        hear_vector(j, ev);
        break;
    case JOB_EV_IDS:
        assert_true(ev->n_id <= 4096);
        memcpy(j->ids, ev->ids, ev->n_id * sizeof(int32_t));
        j->n_id = ev->n_id;
        break;
    case JOB_EV_DONE:
    case JOB_EV_FAILED:
        hear_end(j, h, ev);
        break;
    default:
        hear_call(h, ev);
        break;
    }
}

static void take_event(struct rig *r, const struct wire_frame *f)
{
    struct job_event ev;
    struct arena a;
    struct err e = { 0 };
    enum err_code rc;

    arena_init(&a, MEM_OTHER, 4096, (size_t)64 << 20);
    rc = wire_event_read(&ev, f->body, f->len, &a, &e);
    if (rc == ERR_OOM && r->patient)
        rc = wire_event_read(&ev, f->body, f->len, &a, &e);
    if (rc)
        fail_msg("%s", e.text);
    assert_true(f->job < RIG_JOBS);
    hear(&r->jobs[f->job], &ev);
    if (ev.is_last)
        r->jobs[f->job].ended = ++r->n_ended;
    arena_finish(&a);
}

static struct js *body(const struct rig *r, const struct wire_frame *f)
{
    struct js *j = NULL;
    enum err_code rc = js_parse(&j, (const char *)f->body, f->len, NULL);

    if (rc == ERR_OOM && r->patient)
        rc = js_parse(&j, (const char *)f->body, f->len, NULL);
    assert_int_equal(rc, ERR_OK);
    return j;
}

static void take(struct rig *r, const struct wire_frame *f)
{
    struct js *j;

    switch (f->kind) {
    case WIRE_LOADING:
        assert_int_equal(f->len, sizeof(float));
        r->n_loading++;
        break;
    case WIRE_READY:
        j = body(r, f);
        assert_int_equal(worker_ready_read(&r->ready, j, NULL), ERR_OK);
        js_close(j);
        r->is_ready = true;
        break;
    case WIRE_REFUSED:
        (void)snprintf(r->refusal, sizeof(r->refusal), "%.*s", (int)f->len, (const char *)f->body);
        r->is_refused = true;
        break;
    case WIRE_STATS:
        j = body(r, f);
        assert_int_equal(worker_stats_read(&r->stats, j, NULL), ERR_OK);
        js_close(j);
        r->n_stats++;
        break;
    case WIRE_LOG:
        (void)snprintf(r->log, sizeof(r->log), "%.*s", (int)f->len - 1, (const char *)f->body + 1);
        break;
    case WIRE_EVENT:
        take_event(r, f);
        break;
    default:
        fail_msg("a frame of kind %u", (unsigned)f->kind);
    }
}

bool rig_read(struct rig *r, uint32_t timeout_ms)
{
    struct wire_frame f;
    struct err e = { 0 };
    enum err_code rc;

    (void)wire_flush(&r->wire, NULL);
    if (r->is_gone || !fd_readable(r->fd, timeout_ms))
        return false;
    rc = wire_read(&r->wire, &e);
    r->is_gone = rc == ERR_CANCELLED || rc == ERR_IO;
    if (rc && !r->is_gone)
        fail_msg("%s", e.text);
    while (wire_next(&r->wire, &f))
        take(r, &f);
    return true;
}

/* ---- ways to use it ---- */

static void wait_until(struct rig *r, const bool *a, const bool *b)
{
    uint32_t n_silent = 0;

    while (!*a && !*b && !r->is_gone) {
        n_silent = rig_read(r, WAIT_MS) ? 0 : n_silent + 1;
        if (n_silent > N_SILENT)
            fail_msg("the worker says nothing");
    }
}

void rig_send(struct rig *r, enum wire_kind kind, uint64_t job, const void *data, size_t len)
{
    struct err e = { 0 };
    enum err_code rc = wire_send(&r->wire, kind, job, data, len, &e);

    r->is_gone = r->is_gone || rc == ERR_IO;
    if (rc && !r->is_gone)
        fail_msg("%s", e.text);
}

static void make_jobs(struct rig *r)
{
    r->jobs = calloc(RIG_JOBS, sizeof(*r->jobs));
    assert_non_null(r->jobs);
    for (uint32_t i = 0; i < RIG_JOBS; i++) {
        buf_init(&r->jobs[i].prompt, MEM_SCRATCH, 1U << 24);
        for (uint32_t k = 0; k < JOB_CHOICES_MAX; k++) {
            buf_init(&r->jobs[i].choice[k].text, MEM_SCRATCH, 1U << 24);
            buf_init(&r->jobs[i].choice[k].thought, MEM_SCRATCH, 1U << 24);
            buf_init(&r->jobs[i].choice[k].calls, MEM_SCRATCH, 1U << 24);
        }
    }
}

static void open_model(struct rig *r, const struct worker_open *o)
{
    struct buf json;

    buf_init(&json, MEM_OTHER, 65536);
    assert_true(worker_open_write(o, &json));
    rig_send(r, WIRE_OPEN, 0, json.data, json.len);
    buf_finish(&json);
    wait_until(r, &r->is_ready, &r->is_refused);
}

void rig_attach(struct rig *r, int fd, const struct worker_open *o)
{
    *r = (struct rig){ .fd = fd };
    make_jobs(r);
    wire_init(&r->wire, fd);
    open_model(r, o);
}

void rig_start(struct rig *r, const struct worker_open *o)
{
    int fds[2];

    *r = (struct rig){ 0 };
    make_jobs(r);
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    r->fd = fds[0];
    r->worker_fd = fds[1];
    wire_init(&r->wire, r->fd);
    assert_int_equal(thread_start(&r->thread, "worker", worker_thread, r, NULL), ERR_OK);
    if (o)
        open_model(r, o);
}

void rig_job(struct rig *r, uint64_t id, const struct job *job)
{
    struct buf json;

    buf_init(&json, MEM_OTHER, JOB_BYTES_MAX);
    if (!job_write(job, &json) && r->patient) {
        buf_clear(&json);
        (void)job_write(job, &json);
    }
    assert_false(json.failed);
    rig_send(r, WIRE_JOB, id, json.data, json.len);
    buf_finish(&json);
}

static void forget(struct heard_job *j)
{
    struct heard_job clean = { .prompt = j->prompt };

    buf_clear(&clean.prompt);
    for (uint32_t k = 0; k < JOB_CHOICES_MAX; k++) {
        struct heard *h = &clean.choice[k];

        h->text = j->choice[k].text;
        h->thought = j->choice[k].thought;
        h->calls = j->choice[k].calls;
        buf_clear(&h->text);
        buf_clear(&h->thought);
        buf_clear(&h->calls);
    }
    *j = clean;
}

struct heard_job *rig_wait(struct rig *r, uint64_t id)
{
    wait_until(r, &r->jobs[id].is_over, &r->is_gone);
    assert_true(r->jobs[id].is_over);
    return &r->jobs[id];
}

struct heard_job *rig_ask(struct rig *r, uint64_t id, const struct job *job)
{
    forget(&r->jobs[id]);
    rig_job(r, id, job);
    return rig_wait(r, id);
}

int rig_stop(struct rig *r)
{
    net_close(&r->fd);
    thread_join(&r->thread);
    wire_finish(&r->wire);
    for (uint32_t i = 0; i < RIG_JOBS; i++) {
        buf_finish(&r->jobs[i].prompt);
        for (uint32_t k = 0; k < JOB_CHOICES_MAX; k++) {
            buf_finish(&r->jobs[i].choice[k].text);
            buf_finish(&r->jobs[i].choice[k].thought);
            buf_finish(&r->jobs[i].choice[k].calls);
        }
    }
    free(r->jobs);
    r->jobs = NULL;
    return r->exit_code;
}
