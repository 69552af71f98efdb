/* The engine's thread: opens the model, then steps while there is work and sleeps while there is
 * none. Jobs wait here until the engine has a place for one of their answers; the next place goes
 * to the tenant that has had least. */
#include <string.h>

#include "assets/assets.h"
#include "base/check.h"
#include "base/num.h"
#include "os/sys.h"
#include "runtime/worker_int.h"

#define ANSWERS_MAX 768U /* that the engine has at once; it takes 1024, and more wait here */
#define EMBED_SEQS  16U  /* texts that share a batch, unless the daemon says otherwise */
#define STATS_S     1.0

/* ---- opening ---- */

static bool on_progress(void *arg, float share)
{
    struct worker *w = arg;

    (void)outbox_frame(&w->engine_out, WIRE_LOADING, 0, &share, sizeof(share));
    outbox_post(&w->engine_out);
    return !atomic_load(&w->stopping);
}

static enum err_code source_of(const struct worker_open *o, struct engine_source *src,
                               struct err *e)
{
    struct asset a;

    *src = (struct engine_source){ .path = o->path };
    if (!o->is_asset)
        return ERR_OK;
    if (!asset_find(o->path, &a) || !a.size)
        return err_set(e, ERR_NOT_FOUND, "this build carries no model '%.100s'", o->path);
    src->data = a.data;
    src->size = a.size;
    return ERR_OK;
}

static enum err_code open_all(struct worker *w, struct err *e)
{
    const struct worker_open *o = &w->open;
    struct engine_params p = { .n_thread = o->n_thread,
                               .n_ctx = o->n_ctx,
                               .n_batch = o->n_batch,
                               .n_seq = o->n_seq,
                               .type_k = o->type_k,
                               .type_v = o->type_v,
                               .cache_bytes_max = o->cache_bytes_max,
                               .n_expert_used = o->n_expert_used,
                               .embeddings = o->embeddings };
    struct engine_source src;
    enum err_code rc = source_of(o, &src, e);

    if (o->embeddings && !p.n_seq)
        p.n_seq = EMBED_SEQS;
    if (!rc)
        rc = engine_open(&w->g, &src, &p, on_progress, w, e);
    if (!rc && engine_tok(w->g)) {
        rc = engine_format(w->g, NULL, NULL, o->dialect, &w->format, e);
        w->has_format = rc == ERR_OK;
    }
    if (!rc)
        w->n_seq = engine_n_seq(w->g);
    return rc;
}

/* ---- the list of tasks ---- */

static void add_task(struct worker *w, struct task *t)
{
    t->next_run = NULL;
    if (w->running_last)
        w->running_last->next_run = t;
    else
        w->running = t;
    w->running_last = t;
    w->told_idle = false;
}

static void remove_task(struct worker *w, struct task *t)
{
    struct task *before = NULL, *at = w->running;

    while (at && at != t) {
        before = at;
        at = at->next_run;
    }
    CHECK(at);
    if (before)
        before->next_run = t->next_run;
    else
        w->running = t->next_run;
    if (w->running_last == t)
        w->running_last = before;
}

static bool embeds(const struct task *t)
{
    return t->job.kind == JOB_EMBED || t->job.kind == JOB_RERANK;
}

static bool has_more(const struct task *t)
{
    return t->i_next < (embeds(t) ? t->job.n_input : t->n_answer);
}

static struct task *next_task(const struct worker *w)
{
    struct task *t = w->running;

    while (t && !has_more(t))
        t = t->next_run;
    return t;
}

/* Ends tasks whose answers are all over. */
static void end_tasks(struct worker *w)
{
    struct task *next;

    for (struct task *t = w->running; t; t = next) {
        next = t->next_run;
        if (embeds(t) || t->n_over < t->n_answer)
            continue;
        (void)task_tell_failure(t, &w->engine_out);
        remove_task(w, t);
        task_over(t, &w->engine_out);
    }
}

void engine_answer_over(struct answer *a)
{
    a->task->w->n_running_answer--;
}

/* An answer that never began. */
static void skip_answer(struct answer *a)
{
    a->is_over = true;
    a->task->n_over++;
}

static void begin_answer(struct worker *w, struct task *t)
{
    struct answer *a = &t->answers[t->i_next++];
    struct err e = { 0 };

    if (t->t_begun == 0)
        t->t_begun = clock_s();
    a->done.queue_s = clock_s() - t->t_received;
    if (t->err.code || atomic_load(&t->cancel) != TASK_RUNS) {
        skip_answer(a);
        return;
    }
    if (answer_submit(a, &e)) {
        task_fail(t, JOB_ERR_COUNT, &e);
        task_stop(t);
        skip_answer(a);
        return;
    }
    w->n_running_answer++;
}

static void begin_answers(struct worker *w)
{
    for (struct task *t; w->n_running_answer < ANSWERS_MAX && (t = next_task(w)) != NULL;) {
        if (embeds(t))
            break;
        begin_answer(w, t);
    }
}

static void embed_some(struct worker *w)
{
    struct task *t = next_task(w);

    if (!t || !embeds(t))
        return;
    if (embed_next(t)) {
        remove_task(w, t);
        task_over(t, &w->engine_out);
    } else if (t->next_run) { /* a long list lets others have their turn */
        remove_task(w, t);
        add_task(w, t);
    }
}

/* ---- statistics ---- */

static enum worker_work work_of(const struct worker *w, const struct engine_stats *now)
{
    if (!w->running)
        return WORKER_IDLE;
    if (embeds(w->running))
        return WORKER_EMBEDDING;
    return now->n_tok_generated > w->n_tok_told ? WORKER_GENERATING : WORKER_PROMPT;
}

static void tell_stats(struct worker *w)
{
    struct worker_stats s = { 0 };
    struct buf text;

    engine_stats(w->g, &s.engine);
    s.work = work_of(w, &s.engine);
    for (const struct task *t = w->running; t; t = t->next_run) {
        s.n_job++;
        s.n_waiting += !t->was_admitted;
    }
    w->n_tok_told = s.engine.n_tok_generated;
    w->t_stats = clock_s();
    w->told_idle = !w->running;
    buf_init(&text, MEM_REQUEST, 8192);
    if (worker_stats_write(&s, &text))
        (void)outbox_frame(&w->engine_out, WIRE_STATS, 0, text.data, text.len);
    buf_finish(&text);
}

/* ---- the loop ---- */

/* false: it is to end. */
static bool take_notes(struct worker *w)
{
    bool idle = !w->running;
    struct msg *next,
        *m = idle ? mailbox_wait(&w->to_engine, UINT32_MAX) : mailbox_take(&w->to_engine);

    for (; m; m = next) {
        struct note *note = (struct note *)m;

        next = m->next;
        if (note->kind == NOTE_STOP)
            return false;
        if (note->kind == NOTE_TASK) {
            add_task(w, (struct task *)m);
        } else {
            atomic_store(&w->clearing, false);
            engine_cache_clear(w->g);
            w->told_idle = false;
        }
    }
    return true;
}

static enum err_code work(struct worker *w, struct err *e)
{
    bool busy = true;
    enum err_code rc = ERR_OK;

    begin_answers(w);
    embed_some(w);
    if (w->n_running_answer)
        rc = engine_step(w->g, &busy, e);
    end_tasks(w);
    if (!w->running ? !w->told_idle : clock_s() - w->t_stats >= STATS_S)
        tell_stats(w);
    outbox_post(&w->engine_out);
    return rc;
}

void engine_main(void *arg)
{
    struct worker *w = arg;
    struct err e = { 0 };

    if (open_all(w, &e)) {
        outbox_refusal(&w->engine_out, &e);
        outbox_post(&w->engine_out);
        w->opened.kind = NOTE_FAILED;
        CHECK(mailbox_post(&w->to_io, &w->opened.msg));
        return;
    }
    w->told_idle = true;
    CHECK(mailbox_post(&w->to_io, &w->opened.msg));
    while (take_notes(w)) {
        if (work(w, &e) == ERR_OK)
            continue;
        outbox_log(&w->engine_out, 1, "the device failed: %s", e.text);
        outbox_post(&w->engine_out);
        CHECK(mailbox_post(&w->to_io, &w->failed.msg));
        return;
    }
}
