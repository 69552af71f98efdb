/* The daemon's side of loaded models: opening, closing, lists. */
#include "runtime/runtime.h"

#include <string.h>

#include "base/mem.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

void rt_tell(struct runtime *r, const struct runtime_event *ev)
{
    if (r->on_event)
        r->on_event(r->arg, ev);
}

void rt_tell_instance(struct instance *in, enum runtime_event_kind kind, const char *text)
{
    struct runtime_event ev = { .kind = kind,
                                .instance = in->id,
                                .model_key = in->model.key,
                                .model_path = in->model.path,
                                .share = in->share,
                                .seconds = in->load_s,
                                .text = text,
                                .len = text ? strlen(text) : 0 };

    rt_tell(in->r, &ev);
}

static void end_doomed(struct runtime *r)
{
    for (uint32_t i = 0; i < r->n;) {
        struct instance *in = r->at[i];

        if (!in->doomed && rt_is_forsaken(in))
            in->doomed = "nobody waits for it any more";
        if (in->doomed) {
            instance_fail(in, JOB_ERR_CLOSING, in->doomed);
            i = 0; /* the list has changed */
        } else {
            i++;
        }
    }
}

static void on_soon(struct loop_timer *t)
{
    struct runtime *r = t->arg;

    end_doomed(r);
    rt_let_stay(r);
    rt_loads_deliver(r);
    rt_jobs_deliver(r);
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i]->state == INSTANCE_LOADING)
            rt_job_loading(r->at[i], true);
    }
    rt_check_drained(r);
}

void rt_soon(struct runtime *r)
{
    /* The heap has room: a failed setting would only delay until the next one. */
    (void)loop_timer_at(r->loop, &r->soon, 0.0, on_soon, r, NULL);
}

enum err_code runtime_open(struct runtime **out, const struct runtime_params *p, struct err *e)
{
    struct runtime *r = mem_alloc_zero(MEM_OTHER, sizeof(*r));

    *out = NULL;
    if (!r)
        return err_set(e, ERR_OOM, "no memory for the list of loaded models");
    r->loop = p->loop;
    r->library = p->library;
    r->on_event = p->on_event;
    r->defaults = p->defaults;
    r->arg = p->arg;
    r->no_sandbox = p->no_sandbox;
    r->serial = 1;
    runtime_set(r, &p->settings);
    *out = r;
    return ERR_OK;
}

void runtime_close(struct runtime *r)
{
    if (!r)
        return;
    r->on_event = NULL;
    rt_jobs_close(r);
    rt_loads_close(r);
    while (r->n)
        instance_free(r->at[r->n - 1]);
    rt_graves_close(r);
    loop_timer_stop(r->loop, &r->soon);
    loop_timer_stop(r->loop, &r->seek);
    mem_free(r);
}

void runtime_set(struct runtime *r, const struct runtime_settings *s)
{
    r->settings = *s;
    if (!r->settings.queue_max)
        r->settings.queue_max = RUNTIME_QUEUE_DEFAULT;
    if (r->settings.queue_max > WORKER_QUEUE_MAX)
        r->settings.queue_max = WORKER_QUEUE_MAX;
}

const struct runtime_settings *runtime_get(const struct runtime *r)
{
    return &r->settings;
}

void runtime_want_prompts(struct runtime *r, bool on)
{
    r->want_prompts = on;
}

/* ---- draining ---- */

void rt_check_drained(struct runtime *r)
{
    void (*done)(void *arg) = r->drained;

    if (!r->closing || !done || r->n_job || r->refused.n)
        return;
    r->drained = NULL;
    done(r->drained_arg);
}

void runtime_drain(struct runtime *r, void (*done)(void *arg), void *arg)
{
    r->closing = true;
    r->drained = done;
    r->drained_arg = arg;
    for (uint32_t i = 0; i < r->n; i++) {
        struct instance *in = r->at[i];

        if (in->state == INSTANCE_LOADING)
            rt_jobs_refuse(in, JOB_ERR_CLOSING, "the server is shutting down");
    }
    rt_soon(r);
}

/* ---- lists ---- */

uint32_t runtime_n_instance(const struct runtime *r)
{
    return r->n;
}

static uint32_t n_parallel(const struct instance *in)
{
    if (in->state == INSTANCE_READY)
        return in->ready.n_seq;
    return in->opts.n_parallel;
}

/* What it is at; a worker that has jobs and did not tell yet is at the beginning of them. */
static enum instance_work work_of(const struct instance *in)
{
    if (!in->n_job)
        return WORK_IDLE;
    if (in->work == WORK_IDLE)
        return in->model.type == MODEL_LLM ? WORK_PROMPT : WORK_EMBEDDING;
    return in->work;
}

void runtime_instance(const struct runtime *r, uint32_t i, struct instance_info *out)
{
    const struct instance *in = r->at[i];
    uint32_t n_slot = n_parallel(in);

    *out = (struct instance_info){ .id = in->id,
                                   .model = &in->model,
                                   .state = in->state,
                                   .work = work_of(in),
                                   .is_jit = in->is_jit,
                                   .load_share = in->share,
                                   .load_s = in->load_s,
                                   .ttl_s = in->opts.ttl_s,
                                   .idle_s = in->n_job ? 0.0 : clock_s() - in->t_idle,
                                   .last_used_unix_ms = in->last_used_unix_ms,
                                   .n_job = in->n_job,
                                   .n_waiting = in->n_job > n_slot ? in->n_job - n_slot : 0,
                                   .n_parallel = n_slot,
                                   .pid = in->process.pid,
                                   .rss_bytes = process_rss_bytes(in->process.pid),
                                   .ready = in->ready,
                                   .stats = in->stats };
    if (in->state == INSTANCE_LOADING)
        out->n_waiting = in->n_job;
}

bool runtime_find(const struct runtime *r, const char *id, struct instance_info *out)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i]->state == INSTANCE_CLOSING || strcmp(r->at[i]->id, id) != 0)
            continue;
        runtime_instance(r, i, out);
        return true;
    }
    return false;
}

enum err_code runtime_unload(struct runtime *r, const char *id, struct err *e)
{
    struct instance *in = rt_instance_named(r, id);

    if (!in)
        return err_set(e, ERR_NOT_FOUND, "no loaded model has the identifier '%.200s'", id);
    if (in->state == INSTANCE_LOADING) {
        in->doomed = "the model was unloaded while it was loading";
        rt_soon(r);
        return ERR_OK;
    }
    rt_jobs_refuse(in, JOB_ERR_CLOSING, "the model was unloaded");
    instance_close(in, "asked");
    return ERR_OK;
}
