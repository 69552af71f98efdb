/* Jobs on the daemon's side: handed to a worker, their events passed on. */
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

#define EVENT_ARENA_BLOCK ((size_t)16 << 10)

/* ---- lists ---- */

static void list_add(struct rt_job **first, struct rt_job **last, uint32_t *n, struct rt_job *j)
{
    j->prev = *last;
    j->next = NULL;
    if (*last)
        (*last)->next = j;
    else
        *first = j;
    *last = j;
    ++*n;
}

static void list_remove(struct rt_job **first, struct rt_job **last, uint32_t *n, struct rt_job *j)
{
    if (j->prev)
        j->prev->next = j->next;
    else
        *first = j->next;
    if (j->next)
        j->next->prev = j->prev;
    else
        *last = j->prev;
    --*n;
}

static void leave_list(struct runtime *r, struct rt_job *j)
{
    struct instance *in = j->in;

    if (in)
        list_remove(&in->first, &in->last, &in->n_job, j);
    else if (j->asked)
        list_remove(&r->sought.first, &r->sought.last, &r->sought.n, j);
    else
        list_remove(&r->refused.first, &r->refused.last, &r->refused.n, j);
}

struct rt_job *rt_job_find(struct runtime *r, uint64_t id)
{
    struct rt_job *j = r->job[id % RT_JOBS_MAX];

    return j && j->id == id ? j : NULL;
}

static void job_free(struct runtime *r, struct rt_job *j)
{
    if (rt_job_find(r, j->id) == j) /* else its place may be another's by now */
        r->job[j->id % RT_JOBS_MAX] = NULL;
    r->n_job--;
    buf_finish(&j->text);
    buf_finish(&j->answer);
    mem_free(j->asked);
    mem_free(j);
}

static struct rt_job *job_new(struct runtime *r, job_event_fn on_event, void *arg)
{
    struct rt_job *j;
    uint32_t place = r->next_place, n = 0;

    while (r->job[place] && n++ < RT_JOBS_MAX)
        place = (place + 1) % RT_JOBS_MAX;
    j = r->job[place] ? NULL : mem_alloc_zero(MEM_REQUEST, sizeof(*j));
    if (!j)
        return NULL;
    r->next_place = (place + 1) % RT_JOBS_MAX;
    j->id = r->serial++ * RT_JOBS_MAX + place;
    j->on_event = on_event;
    j->arg = arg;
    j->t_submit = clock_s();
    buf_init(&j->text, MEM_REQUEST, JOB_BYTES_MAX);
    buf_init(&j->answer, MEM_REQUEST, RT_ANSWER_BYTES);
    r->job[place] = j;
    r->n_job++;
    return j;
}

/* ---- refusing ---- */

/* j is in no list. */
static void refuse_loose(struct runtime *r, struct rt_job *j, enum job_error error, const char *why)
{
    struct err cut;

    (void)err_set(&cut, ERR_ARG, "%s", why);
    memcpy(j->why, cut.text, sizeof(j->why));
    buf_finish(&j->text); /* many may wait to be told, and a text may be large */
    buf_init(&j->text, MEM_REQUEST, JOB_BYTES_MAX);
    j->in = NULL;
    j->error = error;
    if (error == JOB_ERR_BUSY && !j->retry_after_s)
        j->retry_after_s = RT_RETRY_AFTER_S;
    list_add(&r->refused.first, &r->refused.last, &r->refused.n, j);
    rt_soon(r);
}

void rt_job_refuse(struct runtime *r, struct rt_job *j, enum job_error error, const char *why)
{
    if (!j->in && j->error)
        return;
    leave_list(r, j);
    refuse_loose(r, j, error, why);
}

/* What came after `in` was asked to leave goes on with another worker, behind those who wait. */
static void make_way(struct instance *in)
{
    struct runtime *r = in->r;
    struct err e = { 0 };
    struct instance *fresh = NULL;

    if (r->closing)
        rt_jobs_refuse(in, JOB_ERR_CLOSING, "the server is shutting down");
    else
        fresh = instance_new(r, &in->model, &in->opts, in->id, true, &e);
    if (!fresh)
        rt_jobs_refuse(in, JOB_ERR_BUSY, e.text);
    while (in->first) {
        struct rt_job *j = in->first;

        leave_list(r, j);
        j->in = fresh;
        list_add(&fresh->first, &fresh->last, &fresh->n_job, j);
    }
    if (fresh)
        fresh->waits = rt_somebody_waits(r);
    instance_close(in, "replaced");
    if (fresh && !fresh->waits)
        rt_try_start(fresh);
}

/* A job has left in. */
static void job_left(struct instance *in)
{
    bool any_sent = false;

    for (const struct rt_job *j = in->first; j && !any_sent; j = j->next)
        any_sent = j->sent;
    if (!in->n_job)
        instance_idle(in);
    else if (rt_must_leave(in) && in->state == INSTANCE_READY && in->fd >= 0 && !any_sent)
        make_way(in);
}

static void send_cancel(struct instance *in, uint64_t id)
{
    if (in->fd < 0)
        return;
    (void)wire_send(&in->wire, WIRE_CANCEL, id, NULL, 0, NULL);
    loop_watch_events(in->r->loop, &in->watch,
                      wire_unsent(&in->wire) ? LOOP_IN | LOOP_OUT : LOOP_IN);
}

void rt_jobs_refuse(struct instance *in, enum job_error error, const char *why)
{
    while (in->first) {
        struct rt_job *j = in->first;

        if (j->sent)
            send_cancel(in, j->id);
        rt_job_refuse(in->r, j, error, why);
    }
}

void rt_jobs_after_crash(struct instance *in, const char *why)
{
    struct rt_job *j = in->first, *next;

    for (; j; j = next) {
        next = j->next;
        if (j->begun || j->was_sent_again || j->text.len == 0) {
            rt_job_refuse(in->r, j, JOB_ERR_WORKER, why);
        } else {
            j->was_sent_again = j->sent;
            j->sent = false;
        }
    }
}

static void tell_job_end(struct runtime *r, const struct instance *in, struct rt_job *j,
                         const struct job_done *done)
{
    struct runtime_event ev = { .kind = RT_JOB_END,
                                .instance = in ? in->id : "",
                                .model_key = in ? in->model.key : "",
                                .model_path = in ? in->model.path : "",
                                .job = j->id,
                                .done = done,
                                .text = r->want_prompts ? buf_str(&j->answer) : NULL,
                                .len = j->answer.len,
                                .seconds = clock_s() - j->t_submit };

    rt_tell(r, &ev);
}

void rt_jobs_deliver(struct runtime *r)
{
    while (r->refused.first) {
        struct rt_job *j = r->refused.first;
        struct job_event ev = { .kind = JOB_EV_FAILED,
                                .is_last = true,
                                .error = j->error,
                                .part = j->part,
                                .text = j->why,
                                .len = strlen(j->why),
                                .retry_after_s = j->retry_after_s };
        job_event_fn fn = j->on_event;
        void *arg = j->arg;

        leave_list(r, j);
        r->job[j->id % RT_JOBS_MAX] = NULL; /* cancelling it from inside does nothing */
        tell_job_end(r, NULL, j, NULL);
        fn(arg, &ev);
        job_free(r, j);
    }
}

void rt_jobs_close(struct runtime *r)
{
    for (uint32_t i = 0; i < RT_JOBS_MAX; i++) {
        struct rt_job *j = r->job[i];

        if (!j)
            continue;
        leave_list(r, j);
        job_free(r, j);
    }
}

/* ---- submitting ---- */

/* key NULL: the model is not known yet. */
static bool write_text(struct runtime *r, struct rt_job *j, const struct job *job, const char *key)
{
    struct job mine = *job;

    mine.want_prompt = mine.want_prompt || r->want_prompts;
    if (r->defaults && key)
        r->defaults(r->arg, key, NULL, &mine.sampling);
    return job_write(&mine, &j->text) && !j->text.failed;
}

/* A missing model is loaded for this job. */
static struct instance *load_for(struct runtime *r, const struct job_target *t,
                                 const struct library_model *m, struct err *e)
{
    struct load_options o = { .n_ctx = t->n_ctx, .ttl_s = t->ttl_s };
    char id[RUNTIME_ID_BYTES];
    struct instance *in;

    if (r->defaults)
        r->defaults(r->arg, m->key, &o, NULL);
    if (o.ttl_s <= 0.0)
        o.ttl_s = r->settings.jit_ttl_s;
    rt_unique_id(r, m->key, id);
    in = instance_new(r, m, &o, id, true, e);
    if (!in)
        return NULL;
    rt_evict_for(in);
    return in;
}

static enum job_error error_of(enum err_code rc)
{
    switch (rc) {
    case ERR_NOT_FOUND:
        return JOB_ERR_NOT_FOUND;
    case ERR_ARG:
        return JOB_ERR_INVALID;
    case ERR_LIMIT:
        return JOB_ERR_BUSY;
    case ERR_UNSUPPORTED:
    case ERR_FORMAT:
        return JOB_ERR_LOAD;
    default:
        return JOB_ERR_INTERNAL;
    }
}

void rt_job_send(struct instance *in, struct rt_job *j)
{
    struct err e = { 0 };

    j->sent = true;
    if (j->waited && j->load_s <= 0.0)
        j->load_s = clock_s() - j->t_submit;
    if (wire_send(&in->wire, WIRE_JOB, j->id, buf_str(&j->text), j->text.len, &e) == ERR_OK) {
        loop_watch_events(in->r->loop, &in->watch,
                          wire_unsent(&in->wire) ? LOOP_IN | LOOP_OUT : LOOP_IN);
        return;
    }
    rt_job_refuse(in->r, j, e.code == ERR_LIMIT ? JOB_ERR_BUSY : JOB_ERR_WORKER, e.text);
    job_left(in);
}

void rt_jobs_send(struct instance *in)
{
    uint64_t waiting[RT_JOBS_MAX];
    struct runtime *r = in->r;
    uint32_t n = 0;

    if (in->state != INSTANCE_READY || in->fd < 0)
        return;
    for (struct rt_job *j = in->first; j && n < RT_JOBS_MAX; j = j->next) {
        if (!j->sent)
            waiting[n++] = j->id;
    }
    for (uint32_t i = 0; i < n; i++) { /* one that cannot be sent may end others */
        struct rt_job *j = rt_job_find(r, waiting[i]);

        if (j && j->in == in)
            rt_job_send(in, j);
    }
}

/* The last quarter of a queue is for tenants who hold less than a quarter of it: nobody's flood
 * shuts the others out. */
static bool has_place(const struct instance *in, uint64_t tenant)
{
    const uint32_t n_max = in->r->settings.queue_max, n_kept = n_max / 4;
    uint32_t n = 0;

    if (in->n_job < n_max - n_kept || in->n_job >= n_max)
        return in->n_job < n_max;
    for (const struct rt_job *j = in->first; j; j = j->next)
        n += j->tenant == tenant;
    return n < n_kept;
}

/* Puts a job with its text ready into an instance. */
static void give(struct instance *in, struct rt_job *j)
{
    struct runtime *r = in->r;

    if (!has_place(in, j->tenant)) {
        struct err e;

        (void)err_set(&e, ERR_LIMIT, "%u requests run or wait for '%.200s' already; try later",
                      in->n_job, in->id);
        refuse_loose(r, j, JOB_ERR_BUSY, e.text);
        return;
    }
    j->in = in;
    list_add(&in->first, &in->last, &in->n_job, j);
    instance_busy(in);
    if (in->state == INSTANCE_READY && in->fd >= 0 && !(in->leaves && rt_somebody_waits(r))) {
        rt_job_send(in, j);
        return;
    }
    j->waited = true;
    if (in->state == INSTANCE_DOWN) {
        in->state = INSTANCE_LOADING;
        in->share = 0.0F;
        rt_try_start(in);
    }
    rt_soon(r); /* tells it about loading */
}

static void place(struct runtime *r, const struct job_target *t, const struct job *job,
                  struct rt_job *j)
{
    const struct library_model *m = NULL;
    struct instance *in = NULL;
    struct err why = { 0 };
    enum err_code rc = rt_pick(r, t, &in, &m, &why);
    bool is_new = false;

    if (!rc && !write_text(r, j, job, in ? in->model.key : m->key))
        rc = buf_check(&j->text, "the request", &why);
    if (!rc && !in) {
        in = load_for(r, t, m, &why);
        is_new = in != NULL;
        rc = in ? ERR_OK : why.code;
    }
    if (rc) {
        j->part = rc == ERR_ARG ? JOB_PART_MODEL : JOB_PART_NONE; /* of another kind */
        refuse_loose(r, j, error_of(rc), why.text);
        return;
    }
    give(in, j);
    if (is_new)
        rt_try_start(in);
}

/* ---- jobs whose model is being looked for ---- */

static bool keep_asked(struct runtime *r, const struct job_target *t, const struct job *job,
                       struct rt_job *j)
{
    size_t len = strlen(t->model) + 1;

    j->asked = mem_alloc(MEM_REQUEST, sizeof(*j->asked) + len);
    if (!j->asked || !write_text(r, j, job, NULL)) {
        mem_free(j->asked);
        j->asked = NULL;
        buf_clear(&j->text);
        return false;
    }
    j->asked->target = *t;
    memcpy(j->asked->model, t->model, len);
    j->asked->target.model = j->asked->model;
    list_add(&r->sought.first, &r->sought.last, &r->sought.n, j);
    return true;
}

static void place_asked(struct runtime *r, struct rt_job *j)
{
    struct rt_asked *asked = j->asked;
    struct js *text = NULL;
    struct err e = { 0 };
    struct arena a;
    struct job job;

    leave_list(r, j);
    j->asked = NULL;
    arena_init(&a, MEM_REQUEST, EVENT_ARENA_BLOCK, JOB_BYTES_MAX);
    if (js_parse(&text, buf_str(&j->text), j->text.len, &e) || job_read(&job, text, &a, &e)) {
        refuse_loose(r, j, JOB_ERR_INTERNAL, e.text);
    } else if (r->closing) {
        refuse_loose(r, j, JOB_ERR_CLOSING, "the server is shutting down");
    } else {
        buf_clear(&j->text);
        place(r, &asked->target, &job, j);
    }
    js_close(text);
    arena_finish(&a);
    mem_free(asked);
}

bool rt_jobs_sought(struct runtime *r, uint64_t serial)
{
    struct rt_job *j = r->sought.first, *next;

    for (; j; j = next) {
        next = j->next;
        if (r->closing || j->id / RT_JOBS_MAX < serial || !rt_is_unknown(r, j->asked->model))
            place_asked(r, j);
    }
    return r->sought.n > 0;
}

enum err_code runtime_submit(struct runtime *r, const struct job_target *t, const struct job *job,
                             job_event_fn on_event, void *arg, uint64_t *id, struct err *e)
{
    struct rt_job *j = job_new(r, on_event, arg);

    *id = 0;
    if (!j)
        return err_set(e, ERR_OOM, "no memory for another request (%u run or wait)", r->n_job);
    *id = j->id;
    j->tenant = job->tenant;
    if (r->closing)
        refuse_loose(r, j, JOB_ERR_CLOSING, "the server is shutting down");
    else if (rt_is_unknown(r, t->model) && keep_asked(r, t, job, j))
        rt_seek(r);
    else
        place(r, t, job, j);
    return ERR_OK;
}

void runtime_cancel(struct runtime *r, uint64_t id)
{
    struct rt_job *j = rt_job_find(r, id);
    struct instance *in = j ? j->in : NULL;

    if (!j)
        return;
    if (in && j->sent)
        send_cancel(in, id);
    leave_list(r, j);
    tell_job_end(r, in, j, NULL);
    job_free(r, j);
    if (in)
        job_left(in);
    rt_soon(r);
}

/* ---- events ---- */

/* A callback may have cancelled anything. */
static void tell_share(struct runtime *r, uint64_t id, struct instance *in, float share)
{
    struct rt_job *j = rt_job_find(r, id);

    if (j && j->in == in)
        j->on_event(j->arg, &(struct job_event){
                                .kind = JOB_EV_LOADING, .instance = in->id, .share = share });
}

void rt_job_loading(struct instance *in, bool only_new)
{
    struct runtime *r = in->r;
    struct rt_job *j = in->first, *next;
    const float share = in->share;

    for (; j && j->in == in; j = next) {
        const uint64_t id = j->id, follower = j->next ? j->next->id : 0;
        const bool is_first = !j->told;

        if (j->waited && !j->sent && (is_first || !only_new)) {
            j->told = true;
            if (is_first)
                tell_share(r, id, in, 0.0F);
            if (!is_first || share > 0.0F)
                tell_share(r, id, in, share);
        }
        next = follower ? rt_job_find(r, follower) : NULL;
    }
}

static void note_begin(struct instance *in, struct rt_job *j, struct job_event *ev)
{
    struct runtime_event rt = { .kind = RT_JOB_BEGIN,
                                .instance = in->id,
                                .model_key = in->model.key,
                                .model_path = in->model.path,
                                .job = j->id,
                                .text = in->r->want_prompts ? ev->text : NULL,
                                .len = ev->len };

    j->begun = true;
    buf_finish(&j->text);
    buf_init(&j->text, MEM_REQUEST, JOB_BYTES_MAX);
    ev->instance = in->id;
    ev->load_s = j->load_s;
    rt_tell(in->r, &rt);
}

static void note_work(struct instance *in, const struct job_event *ev)
{
    if (ev->kind == JOB_EV_PROMPT)
        in->work = WORK_PROMPT;
    else if (ev->kind == JOB_EV_VECTOR)
        in->work = WORK_EMBEDDING;
    else if (ev->kind == JOB_EV_CONTENT || ev->kind == JOB_EV_REASONING ||
             ev->kind == JOB_EV_CALL_ARGS)
        in->work = WORK_GENERATING;
}

/* The last event: the job is out of all lists before its owner hears of it. */
static void last_event(struct instance *in, struct rt_job *j, const struct job_event *ev)
{
    struct runtime *r = in->r;

    leave_list(r, j);
    r->job[j->id % RT_JOBS_MAX] = NULL;
    tell_job_end(r, in, j, ev->done);
    j->on_event(j->arg, ev);
    job_free(r, j);
    in->last_used_unix_ms = clock_unix_s() * 1000;
    job_left(in);
    rt_soon(r);
}

/* What no worker of ours sends: of loading the daemon alone tells, a job begins once, and only an
 * end is the last event. */
static enum err_code check_place(const struct rt_job *j, const struct job_event *ev, struct err *e)
{
    const bool ends = ev->kind == JOB_EV_DONE || ev->kind == JOB_EV_FAILED;

    if (ev->kind == JOB_EV_LOADING || (ev->kind == JOB_EV_BEGIN && j->begun) ||
        (ev->kind == JOB_EV_FAILED && !ev->is_last) || (ev->is_last && !ends))
        return err_set(e, ERR_FORMAT, "an event of kind %u is out of place", (unsigned)ev->kind);
    return ERR_OK;
}

static enum err_code read_event(const struct rt_job *j, const struct wire_frame *f,
                                struct job_event *ev, struct arena *a, struct err *e)
{
    enum err_code rc;

    if (f->is_lost)
        return err_set(e, ERR_OOM, "no memory for a part of the answer");
    rc = wire_event_read(ev, f->body, f->len, a, e);
    return rc ? rc : check_place(j, ev, e);
}

bool rt_job_event(struct instance *in, const struct wire_frame *f)
{
    struct runtime *r = in->r;
    struct rt_job *j = rt_job_find(r, f->job);
    struct job_event ev = { 0 };
    struct arena a;
    struct err e = { 0 };

    if (!j || j->in != in || !j->sent)
        return false; /* cancelled meanwhile */
    arena_init(&a, MEM_REQUEST, EVENT_ARENA_BLOCK, WIRE_BODY_MAX);
    if (read_event(j, f, &ev, &a, &e)) {
        log_error("runtime", "%s: %s", in->id, e.text);
        ev = (struct job_event){ .kind = JOB_EV_FAILED,
                                 .is_last = true,
                                 .error = JOB_ERR_INTERNAL,
                                 .text = e.text,
                                 .len = strlen(e.text) };
        send_cancel(in, j->id);
    }
    note_work(in, &ev);
    if (ev.kind == JOB_EV_BEGIN)
        note_begin(in, j, &ev);
    else if (ev.kind == JOB_EV_IDS || ev.kind == JOB_EV_TEXT)
        ev.instance = in->id;
    if (r->want_prompts && (ev.kind == JOB_EV_CONTENT || ev.kind == JOB_EV_REASONING))
        (void)buf_add(&j->answer, ev.text, ev.len);
    if (ev.is_last)
        last_event(in, j, &ev);
    else
        j->on_event(j->arg, &ev);
    arena_finish(&a);
    return true;
}
