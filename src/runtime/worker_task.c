/* Tasks: a job with all that it needs on its way through the worker. */
#include <string.h>

#include "os/sys.h"
#include "runtime/worker_int.h"

/* Lists of numbers that a job of the largest size can hold. */
#define TASK_ARENA_BYTES_MAX ((size_t)1 << 30)

static enum err_code read_job(struct task *t, const uint8_t *body, size_t len, struct err *e)
{
    enum err_code rc = js_parse(&t->json, (const char *)body, len, e);

    return rc ? rc : job_read(&t->job, t->json, &t->arena, e);
}

/* Answers are there from the beginning: the I/O thread cancels them. */
static enum err_code make_answers(struct task *t, struct err *e)
{
    t->n_answer = t->job.n_choice ? t->job.n_choice : 1;
    t->answers = arena_new_n(&t->arena, t->n_answer, sizeof(*t->answers));
    if (!t->answers)
        return err_set(e, ERR_OOM, "no memory for a job");
    for (uint32_t i = 0; i < t->n_answer; i++) {
        t->answers[i].task = t;
        t->answers[i].index = i;
        t->answers[i].done.miss_at = JOB_MISS_NONE;
        atomic_init(&t->answers[i].request, 0);
        ids_init(&t->answers[i].generated);
    }
    return ERR_OK;
}

enum err_code task_create(struct task **out, struct worker *w, uint64_t id, const uint8_t *body,
                          size_t len, struct err *e)
{
    struct task *t = mem_alloc_zero(MEM_REQUEST, sizeof(*t));
    enum err_code rc;

    *out = NULL;
    if (!t)
        return err_set(e, ERR_OOM, "no memory for a job");
    t->note.kind = NOTE_TASK;
    t->w = w;
    t->id = id;
    t->t_received = clock_s();
    atomic_init(&t->cancel, TASK_RUNS);
    arena_init(&t->arena, MEM_REQUEST, 4096, TASK_ARENA_BYTES_MAX);
    buf_init(&t->prompt, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    ids_init(&t->ids);
    rc = read_job(t, body, len, e);
    if (!rc)
        rc = make_answers(t, e);
    if (rc) {
        task_destroy(t);
        return rc;
    }
    *out = t;
    return ERR_OK;
}

void task_destroy(struct task *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; t->answers && i < t->n_answer; i++)
        answer_close(&t->answers[i]);
    for (uint32_t i = 0; t->inputs && i < t->job.n_input; i++)
        ids_finish(&t->inputs[i]);
    shape_close(t->shape);
    grammar_close(t->grammar);
    ids_finish(&t->ids);
    buf_finish(&t->prompt);
    js_close(t->messages);
    js_close(t->tools);
    js_close(t->kwargs);
    js_close(t->schema);
    arena_finish(&t->arena);
    js_close(t->json);
    mem_free(t);
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
    const struct job_done done = { .finish = JOB_END_CANCELLED, .miss_at = JOB_MISS_NONE };
    struct job_event ev = { .kind = JOB_EV_FAILED, .is_last = true };

    if (cancel == TASK_CLOSING) {
        ev.error = JOB_ERR_CLOSING;
        ev.text = "the model is being unloaded";
    } else if (cancel == TASK_CANCELLED) {
        ev.kind = JOB_EV_DONE;
        ev.done = &done;
    } else if (t->err.code) {
        ev.error = t->error;
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
