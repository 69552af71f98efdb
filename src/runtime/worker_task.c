/* Tasks: a job with all that it needs on its way through the worker. */
#include <string.h>

#include "os/sys.h"
#include "runtime/worker_int.h"

/* Lists of numbers that a job of the largest size can hold. */
#define TASK_ARENA_BYTES_MAX ((size_t)1 << 30)

static enum err_code make_answers(struct task *t, struct err *e)
{
    uint32_t n = t->job.n_choice ? t->job.n_choice : 1;

    t->answers = arena_new_n(&t->arena, n, sizeof(*t->answers));
    if (!t->answers)
        return err_set(e, ERR_OOM, "no memory for a job");
    t->n_answer = n;
    for (uint32_t i = 0; i < n; i++) {
        t->answers[i].task = t;
        t->answers[i].index = i;
        t->answers[i].done.miss_at = JOB_MISS_NONE;
    }
    return ERR_OK;
}

bool task_is_cancelled(void *arg)
{
    const struct task *t = arg;

    return atomic_load(&t->cancel) != TASK_RUNS;
}

enum err_code task_create(struct task **out, struct worker *w, uint64_t id, const uint8_t *body,
                          size_t len, struct err *e)
{
    struct task *t = mem_alloc_zero(MEM_REQUEST, sizeof(*t));

    *out = NULL;
    if (!t)
        return err_set(e, ERR_OOM, "no memory for a job");
    t->body = mem_alloc(MEM_REQUEST, len);
    if (!t->body) {
        mem_free(t);
        return err_set(e, ERR_OOM, "no memory for a job of %zu bytes", len);
    }
    if (len)
        memcpy(t->body, body, len);
    t->body_len = len;
    t->note.kind = NOTE_TASK;
    t->w = w;
    t->id = id;
    t->t_received = clock_s();
    t->tenant = job_tenant_of((const char *)t->body, len);
    atomic_init(&t->cancel, TASK_RUNS);
    t->stop = (struct stop_ask){ task_is_cancelled, t };
    for (uint32_t i = 0; i < JOB_CHOICES_MAX; i++)
        atomic_init(&t->request[i], 0);
    arena_init(&t->arena, MEM_REQUEST, 4096, TASK_ARENA_BYTES_MAX);
    buf_init(&t->prompt, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    ids_init(&t->ids);
    *out = t;
    return ERR_OK;
}

enum err_code task_read(struct task *t, struct err *e)
{
    enum err_code rc = js_parse(&t->json, (const char *)t->body, t->body_len, e);

    if (!rc)
        rc = job_read(&t->job, t->json, &t->arena, e);
    if (!rc)
        rc = make_answers(t, e);
    mem_free(t->body);
    t->body = NULL;
    return rc;
}

void task_destroy(struct task *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < t->n_answer; i++)
        answer_close(&t->answers[i]);
    for (uint32_t i = 0; t->inputs && i < t->job.n_input; i++)
        ids_finish(&t->inputs[i]);
    shape_close(t->shape);
    grammar_close(t->grammar);
    ids_finish(&t->ids);
    buf_finish(&t->prompt);
    prompt_bars_finish(&t->bars);
    js_close(t->messages);
    js_close(t->tools);
    js_close(t->kwargs);
    js_close(t->schema);
    arena_finish(&t->arena);
    js_close(t->json);
    mem_free(t->body);
    mem_free(t);
}

void task_stop(struct task *t)
{
    for (uint32_t i = 0; i < JOB_CHOICES_MAX; i++) {
        uint64_t id = atomic_load(&t->request[i]);

        if (id)
            engine_cancel(t->w->g, id);
    }
}

static enum job_error error_of(enum err_code code)
{
    switch (code) {
    case ERR_ARG:
    case ERR_FORMAT:
    case ERR_UNSUPPORTED:
    case ERR_TEMPLATE:
    case ERR_LIMIT:
    case ERR_NOT_FOUND:
        return JOB_ERR_INVALID;
    default:
        return JOB_ERR_INTERNAL;
    }
}

void task_fail(struct task *t, enum job_error error, const struct err *e)
{
    if (t->err.code)
        return;
    t->err = *e;
    if (!t->err.code)
        t->err.code = ERR_OOM; /* something has to be there */
    t->error = error == JOB_ERR_COUNT ? error_of(e->code) : error;
}

bool task_tell_failure(struct task *t, struct outbox *out)
{
    int cancel = atomic_load(&t->cancel);
    struct job_done done = { .miss_at = JOB_MISS_NONE };
    struct job_event ev = { .kind = JOB_EV_FAILED, .is_last = true };

    if (cancel == TASK_CLOSING) {
        ev.error = JOB_ERR_CLOSING;
        ev.text = "the model is being unloaded";
    } else if (cancel == TASK_CANCELLED) {
        if (t->n_answer)
            done = t->answers[0].done;
        done.finish = JOB_END_CANCELLED;
        ev.kind = JOB_EV_DONE;
        ev.done = &done;
    } else if (t->err.code) {
        ev.error = t->error;
        ev.part = t->part;
        ev.text = t->err.text;
    } else {
        return false;
    }
    ev.len = ev.text ? strlen(ev.text) : 0;
    (void)outbox_event(out, t->id, &ev);
    return true;
}

void task_tell_done(struct task *t, struct outbox *out, uint32_t n_tok)
{
    const struct job_done done = { .finish = JOB_END_EOS,
                                   .n_prompt = n_tok,
                                   .miss_at = JOB_MISS_NONE,
                                   .queue_s = t->t_begun > 0 ? t->t_begun - t->t_received : 0,
                                   .prompt_s = t->t_begun > 0 ? clock_s() - t->t_begun : 0 };
    const struct job_event ev = { .kind = JOB_EV_DONE, .done = &done, .is_last = true };

    (void)outbox_event(out, t->id, &ev);
}
