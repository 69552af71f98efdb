/* One loaded model: a worker process from its start to its end. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "os/net.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

#define MODEL_TEXT_BYTES ((size_t)64 << 10)

/* ---- creation ---- */

static const char *keep(struct arena *a, const char *s, bool *ok)
{
    char *copy = arena_strndup(a, s ? s : "", s ? strlen(s) : 0);

    *ok = *ok && copy;
    return copy ? copy : "";
}

/* The library's list may change while the model is loaded: the instance keeps its own copy. */
static bool copy_model(struct instance *in, const struct library_model *m)
{
    struct library_model *to = &in->model;
    bool ok = true;

    *to = *m;
    to->key = keep(&in->arena, m->key, &ok);
    to->short_key = keep(&in->arena, m->short_key, &ok);
    to->variant = keep(&in->arena, m->variant, &ok);
    to->publisher = keep(&in->arena, m->publisher, &ok);
    to->display_name = keep(&in->arena, m->display_name, &ok);
    to->arch = keep(&in->arena, m->arch, &ok);
    to->arch_name = keep(&in->arena, m->arch_name, &ok);
    to->quant = keep(&in->arena, m->quant, &ok);
    to->params = keep(&in->arena, m->params, &ok);
    to->path = keep(&in->arena, m->path, &ok);
    to->shown_path = keep(&in->arena, m->shown_path, &ok);
    to->why = keep(&in->arena, m->why, &ok);
    return ok;
}

struct instance *instance_new(struct runtime *r, const struct library_model *m,
                              const struct load_options *o, const char *id, bool is_jit,
                              struct err *e)
{
    struct instance *in;

    if (r->n == RUNTIME_INSTANCES_MAX) {
        (void)err_set(e, ERR_LIMIT, "%u models are loaded, which is the limit; unload one",
                      RUNTIME_INSTANCES_MAX);
        return NULL;
    }
    if (strlen(m->path) >= WORKER_PATH_BYTES) {
        (void)err_set(e, ERR_LIMIT, "the path of %.200s is longer than %u bytes", m->key,
                      WORKER_PATH_BYTES - 1);
        return NULL;
    }
    in = mem_alloc_zero(MEM_OTHER, sizeof(*in));
    if (!in) {
        (void)err_set(e, ERR_OOM, "no memory to load %.200s", m->key);
        return NULL;
    }
    in->r = r;
    in->fd = -1;
    in->is_jit = is_jit;
    in->opts = *o;
    in->opts.identifier = NULL;
    in->t_begin = in->t_idle = clock_s();
    (void)snprintf(in->id, sizeof(in->id), "%s", id);
    arena_init(&in->arena, MEM_OTHER, 4096, MODEL_TEXT_BYTES);
    if (!copy_model(in, m)) {
        arena_finish(&in->arena);
        mem_free(in);
        (void)err_set(e, ERR_OOM, "no memory to load %.200s", m->key);
        return NULL;
    }
    r->at[r->n++] = in;
    return in;
}

/* ---- the end ---- */

static void drop_wire(struct instance *in)
{
    loop_unwatch(in->r->loop, &in->watch);
    if (in->fd < 0)
        return;
    wire_finish(&in->wire);
    net_close(&in->fd);
}

static void drop_process(struct instance *in)
{
    drop_wire(in);
    rt_words_close(in);
    loop_unwatch(in->r->loop, &in->death);
    loop_timer_stop(in->r->loop, &in->grace);
    rt_bury(in->r, &in->process);
}

void instance_free(struct instance *in)
{
    struct runtime *r = in->r;
    uint32_t i = 0;

    drop_process(in);
    loop_timer_stop(r->loop, &in->ttl);
    while (i < r->n && r->at[i] != in)
        i++;
    for (r->n--; i < r->n; i++)
        r->at[i] = r->at[i + 1];
    rt_soon(r); /* perhaps others were to leave for it */
    arena_finish(&in->arena);
    mem_free(in);
}

void instance_fail(struct instance *in, enum job_error error, const char *why)
{
    struct runtime *r = in->r;
    char shown[ERR_TEXT_BYTES];
    struct runtime_event ev = { .kind = RT_LOAD_FAILED,
                                .instance = in->id,
                                .model_key = in->model.key,
                                .model_path = in->model.path,
                                .text = shown,
                                .detail = why };

    rt_shown(shown, why, &in->model);
    ev.len = strlen(shown);
    log_warn("runtime", "%s: %s", in->id, why);
    if (error == JOB_ERR_LOAD)
        rt_seek(r); /* perhaps its file has gone, and the list should say so */
    rt_tell(r, &ev);
    rt_loads_fail(in, error, shown, why);
    rt_jobs_refuse(in, error, shown);
    instance_free(in);
    rt_room_made(r);
}

/* The worker has ended; end NULL: it is not known how. */
static void gone(struct instance *in, const struct process_end *end)
{
    struct runtime *r = in->r;
    struct err why;

    rt_words_close(in); /* before it is told how it ended */
    if (in->state == INSTANCE_CLOSING) {
        rt_tell_instance(in, RT_UNLOADED, in->why_closed);
        instance_free(in);
        rt_room_made(r);
        rt_soon(r);
        return;
    }
    if (in->shot)
        (void)err_set(&why, ERR_FORMAT, "the worker of '%.200s' sent nonsense and was ended",
                      in->id);
    else if (end && end->signalled)
        (void)err_set(&why, ERR_DEVICE, "the worker of '%.200s' was ended by signal %d%s", in->id,
                      end->code, end->killed ? " (perhaps for lack of memory)" : "");
    else
        (void)err_set(&why, ERR_DEVICE, "the worker of '%.200s' ended unexpectedly (code %d)",
                      in->id, end ? end->code : -1);
    if (in->state == INSTANCE_LOADING) {
        instance_fail(in, JOB_ERR_LOAD, why.text);
        return;
    }
    log_error("runtime", "%s", why.text);
    drop_process(in);
    in->state = INSTANCE_DOWN;
    in->work = WORK_IDLE;
    rt_tell_instance(in, RT_UNLOADED, "crashed");
    rt_jobs_after_crash(in, why.text);
    if (in->n_job) { /* not begun: another worker does them */
        in->state = INSTANCE_LOADING;
        rt_try_start(in);
    } else {
        instance_idle(in);
    }
    rt_room_made(r);
}

static void on_grace(struct loop_timer *t)
{
    struct instance *in = t->arg;

    log_warn("runtime", "%s did not close in time and is ended", in->id);
    process_kill(&in->process); /* lost() or on_death() does the rest */
}

static void on_death(struct loop_watch *w, unsigned events)
{
    struct instance *in = w->arg;
    struct process_end end;

    (void)events;
    if (!process_ended(&in->process, &end))
        return;
    loop_unwatch(in->r->loop, w);
    gone(in, &end);
}

/* The worker's socket has closed, or it sent nonsense: it ends, which may last. */
static void lost(struct instance *in)
{
    struct loop *loop = in->r->loop;
    struct process_end end;

    drop_wire(in);
    if (in->shot)
        process_kill(&in->process);
    if (process_ended(&in->process, &end)) {
        gone(in, &end);
        return;
    }
    if (!loop_timer_is_set(&in->grace))
        (void)loop_timer_at(loop, &in->grace, clock_s() + RT_CLOSE_GRACE_S, on_grace, in, NULL);
    if (in->process.pidfd < 0 ||
        loop_watch(loop, &in->death, in->process.pidfd, LOOP_IN, on_death, in, NULL))
        gone(in, NULL);
}

void instance_close(struct instance *in, const char *why)
{
    struct runtime *r = in->r;

    in->why_closed = why;
    loop_timer_stop(r->loop, &in->ttl);
    if (in->fd < 0) {
        rt_tell_instance(in, RT_UNLOADED, why);
        instance_free(in);
        rt_room_made(r);
        return;
    }
    in->state = INSTANCE_CLOSING;
    if (wire_send(&in->wire, WIRE_CLOSE, 0, NULL, 0, NULL))
        process_kill(&in->process);
    loop_watch_events(r->loop, &in->watch, wire_unsent(&in->wire) ? LOOP_IN | LOOP_OUT : LOOP_IN);
    (void)loop_timer_at(r->loop, &in->grace, clock_s() + RT_CLOSE_GRACE_S, on_grace, in, NULL);
}

/* ---- busy and idle ---- */

static void on_ttl(struct loop_timer *t)
{
    struct instance *in = t->arg;

    if (!in->n_job)
        instance_close(in, "idle");
}

void instance_busy(struct instance *in)
{
    loop_timer_stop(in->r->loop, &in->ttl);
}

void instance_idle(struct instance *in)
{
    in->work = WORK_IDLE;
    in->t_idle = clock_s();
    if (in->state != INSTANCE_READY && in->state != INSTANCE_DOWN)
        return;
    if (rt_must_leave(in))
        instance_close(in, "replaced");
    else if (in->opts.ttl_s > 0.0)
        (void)loop_timer_at(in->r->loop, &in->ttl, in->t_idle + in->opts.ttl_s, on_ttl, in, NULL);
}

/* ---- what the worker says ---- */

static enum instance_work work_of(enum worker_work w)
{
    switch (w) {
    case WORKER_PROMPT:
        return WORK_PROMPT;
    case WORKER_GENERATING:
        return WORK_GENERATING;
    case WORKER_EMBEDDING:
        return WORK_EMBEDDING;
    default:
        return WORK_IDLE;
    }
}

static bool on_ready(struct instance *in, const struct wire_frame *f, struct err *e)
{
    struct js *j = NULL;
    enum err_code rc = js_parse(&j, (const char *)f->body, f->len, e);

    if (!rc)
        rc = worker_ready_read(&in->ready, j, e);
    js_close(j);
    if (rc)
        return false;
    in->state = INSTANCE_READY;
    in->share = 1.0F;
    in->load_s = clock_s() - in->t_begin;
    log_info("runtime", "%s is loaded: %u tokens of context, %.2f s", in->id, in->ready.n_ctx,
             in->load_s);
    rt_tell_instance(in, RT_LOAD_END, NULL);
    rt_job_loading(in, false);
    rt_jobs_send(in);
    if (!in->n_job)
        instance_idle(in);
    rt_loads_ready(in);
    rt_room_made(in->r); /* it may leave now, and its size is known */
    return true;
}

static void on_refused(struct instance *in, const struct wire_frame *f)
{
    struct js *j = NULL;
    struct err why = { 0 };
    const char *text = NULL, *code = NULL;
    bool lacks_memory, is_asked_wrong;

    if (js_parse(&j, (const char *)f->body, f->len, NULL) == ERR_OK) {
        text = js_str(js_get(j, "text"), NULL);
        code = js_str(js_get(j, "code"), NULL);
    }
    (void)err_set(&why, ERR_FORMAT, "%.400s", text ? text : "the model could not be loaded");
    lacks_memory =
        code && (strcmp(code, err_name(ERR_LIMIT)) == 0 || strcmp(code, err_name(ERR_OOM)) == 0);
    is_asked_wrong = code && strcmp(code, err_name(ERR_ARG)) == 0;
    js_close(j); /* text and code are gone with it */
    instance_fail(in,
                  lacks_memory     ? JOB_ERR_MEMORY
                  : is_asked_wrong ? JOB_ERR_INVALID
                                   : JOB_ERR_LOAD,
                  why.text);
}

static void on_loading(struct instance *in, const struct wire_frame *f)
{
    if (f->len != sizeof(float) || in->state != INSTANCE_LOADING)
        return;
    memcpy(&in->share, f->body, sizeof(float));
    if (!(in->share >= 0.0F && in->share < 1.0F))
        in->share = 0.99F; /* the last word is WIRE_READY's */
    rt_tell_instance(in, RT_LOAD_PROGRESS, NULL);
    rt_job_loading(in, false);
    rt_loads_progress(in);
}

static void on_stats(struct instance *in, const struct wire_frame *f)
{
    struct worker_stats stats;
    struct js *j = NULL;

    if (js_parse(&j, (const char *)f->body, f->len, NULL) == ERR_OK &&
        worker_stats_read(&stats, j, NULL) == ERR_OK) {
        in->stats = stats.engine;
        in->work = work_of(stats.work);
    }
    js_close(j);
}

static void on_log(struct instance *in, const struct wire_frame *f)
{
    struct runtime_event ev = { .kind = RT_LOG,
                                .instance = in->id,
                                .model_key = in->model.key,
                                .model_path = in->model.path,
                                .level = f->len ? f->body[0] : LOG_INFO,
                                .text = (const char *)f->body + 1,
                                .len = f->len ? f->len - 1 : 0 };

    if (f->len)
        rt_tell(in->r, &ev);
}

/* Frames that no request pays for. A worker that was taken over could send them without end, and
 * each costs the daemon more than the worker. */
static bool is_borne(struct instance *in, struct err *e)
{
    const double now = clock_s();

    if (now - in->t_chatter >= 1.0) {
        in->t_chatter = now;
        in->n_chatter = 0;
    }
    if (++in->n_chatter <= RT_CHATTER_MAX)
        return true;
    (void)err_set(e, ERR_LIMIT, "more than %u frames in a second that belong to no job",
                  RT_CHATTER_MAX);
    return false;
}

/* False: the instance is gone. */
static bool on_frame(struct instance *in, const struct wire_frame *f, struct err *e)
{
    const bool is_chatter = f->kind == WIRE_LOADING || f->kind == WIRE_STATS || f->kind == WIRE_LOG;

    if (is_chatter && !is_borne(in, e))
        return false;
    switch (f->kind) {
    case WIRE_LOADING:
        on_loading(in, f);
        return true;
    case WIRE_EVENT:
        return rt_job_event(in, f) || is_borne(in, e);
    case WIRE_STATS:
        on_stats(in, f);
        return true;
    case WIRE_LOG:
        on_log(in, f);
        return true;
    case WIRE_REFUSED:
        if (in->state != INSTANCE_LOADING)
            break;
        on_refused(in, f);
        return false;
    case WIRE_READY:
        if (in->state == INSTANCE_CLOSING || in->doomed)
            return true;
        if (in->state != INSTANCE_LOADING || !on_ready(in, f, e))
            break;
        return true;
    default:
        break;
    }
    if (!e->code)
        (void)err_set(e, ERR_FORMAT, "frame %d is out of place", (int)f->kind);
    return false;
}

static bool still_there(const struct runtime *r, const struct instance *in, int32_t pid)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i] == in)
            return in->process.pid == pid && in->fd >= 0;
    }
    return false;
}

static void on_socket(struct loop_watch *w, unsigned events)
{
    struct instance *in = w->arg;
    struct runtime *r = in->r;
    int32_t pid = in->process.pid;
    struct wire_frame f;
    struct err e = { 0 };
    enum err_code rc = ERR_OK, closed;

    if (events & LOOP_OUT)
        rc = wire_flush(&in->wire, &e);
    closed = wire_read(&in->wire, rc ? NULL : &e);
    while (wire_next(&in->wire, &f)) {
        struct err bad = { 0 };
        bool goes_on = on_frame(in, &f, &bad);

        if (!still_there(r, in, pid))
            return;
        if (!goes_on) {
            log_error("runtime", "%s: %s", in->id, bad.text);
            closed = ERR_FORMAT;
            break;
        }
    }
    if (rc || closed) {
        in->shot = closed == ERR_FORMAT || closed == ERR_LIMIT;
        lost(in);
        return;
    }
    loop_watch_events(r->loop, w, wire_unsent(&in->wire) ? LOOP_IN | LOOP_OUT : LOOP_IN);
}

/* ---- start ---- */

static enum err_code send_open(struct instance *in, struct err *e)
{
    const struct load_options *o = &in->opts;
    struct worker_open open = { .is_asset = in->model.is_asset,
                                .embeddings = in->model.type != MODEL_LLM,
                                .n_ctx = o->n_ctx,
                                .n_batch = o->n_batch,
                                .n_seq = o->n_parallel,
                                .n_thread = o->n_thread,
                                .type_k = o->type_k,
                                .type_v = o->type_v,
                                .n_expert_used = o->n_expert_used,
                                .cache_bytes_max = in->r->settings.cache_bytes_max,
                                .no_sandbox = in->r->no_sandbox };
    struct buf text;
    enum err_code rc;

    (void)snprintf(open.path, sizeof(open.path), "%s", in->model.path);
    memcpy(open.volatile_lines, in->r->settings.volatile_lines, sizeof(open.volatile_lines));
    buf_init(&text, MEM_OTHER, WIRE_BODY_MAX);
    (void)worker_open_write(&open, &text);
    rc = buf_check(&text, "the load request", e);
    if (!rc)
        rc = wire_send(&in->wire, WIRE_OPEN, 0, buf_str(&text), text.len, e);
    buf_finish(&text);
    return rc;
}

static enum err_code start_process(struct instance *in, struct err *e)
{
    static const char *const argv[] = { "hearth", "worker", NULL };
    /* What the C library, the loader and sanitizers read. The rest may hold the owner's secrets,
     * which a model's reader has no use for. */
    static const char *const env[] = {
        "HEARTH_CPU_MASK", "TZ",           "TZDIR", "LANG", "LC_*", "LD_*", "MALLOC_*",
        "GLIBC_TUNABLES",  "*SAN_OPTIONS", NULL
    };
    struct process_params p = { .argv = argv, .env = env, .die_with_parent = true };
    int pair[2];
    enum err_code rc = net_pair(pair, e);

    if (rc)
        return rc;
    p.fd = pair[1];
    rc = rt_words_open(in, &p.fd_err, e);
    if (!rc) {
        rc = process_start(&in->process, &p, e);
        net_close(&p.fd_err);
    }
    net_close(&pair[1]);
    if (rc) {
        net_close(&pair[0]);
        return rc;
    }
    in->fd = pair[0];
    wire_init(&in->wire, in->fd);
    return loop_watch(in->r->loop, &in->watch, in->fd, LOOP_IN, on_socket, in, e);
}

void instance_start(struct instance *in)
{
    struct err e = { 0 };
    enum err_code rc;

    in->t_begin = clock_s();
    in->share = 0.0F;
    in->shot = false;
    rt_tell_instance(in, RT_LOAD_BEGIN, NULL);
    rc = start_process(in, &e);
    if (!rc)
        rc = send_open(in, &e);
    if (rc)
        instance_fail(in, JOB_ERR_INTERNAL, e.text);
    else
        loop_watch_events(in->r->loop, &in->watch,
                          wire_unsent(&in->wire) ? LOOP_IN | LOOP_OUT : LOOP_IN);
}
