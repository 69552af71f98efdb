/* The worker's first thread: socket in, socket out, tasks in between. */
#include "runtime/worker.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "model/pool.h"
#include "os/net.h"
#include "os/sys.h"
#include "runtime/worker_int.h"

/* All notes that can be on their way at once: tasks, parcels, and one of each other kind. */
#define NOTES_MAX (2 * WORKER_QUEUE_MAX + 4 * PARCELS)

#define PARCEL_LARGE (1U << 20) /* bytes: a larger one is given back */

#define EXIT_GOOD    0
#define EXIT_REFUSED 1
#define EXIT_BROKEN  3

static void end(struct worker *w, int exit_code)
{
    w->exit_code = exit_code;
    loop_stop(w->loop);
}

/* ---- sending ---- */

static void put_parcel(struct worker *w, struct msg *m)
{
    m->next = NULL;
    if (w->parcels_last)
        w->parcels_last->next = m;
    else
        w->parcels = m;
    w->parcels_last = m;
}

static void give_back(struct parcel *p)
{
    buf_clear(&p->frames);
    if (p->frames.cap > PARCEL_LARGE) { /* a large answer went through */
        struct buf small;

        buf_init(&small, MEM_REQUEST, p->frames.max);
        if (buf_reserve(&small, PARCEL_BYTES_MIN)) { /* else it stays large */
            buf_finish(&p->frames);
            p->frames = small;
        }
    }
    CHECK(mailbox_post(p->home, &p->note.msg));
}

/* Sends on with the parcel at hand; false: the socket takes no more. */
static bool send_parcel(struct worker *w, enum err_code *rc)
{
    struct parcel *p = w->sending;
    size_t n;

    *rc = net_write(w->fd, p->frames.data + w->sent, p->frames.len - w->sent, &n, NULL);
    w->sent += n;
    if (*rc || w->sent < p->frames.len)
        return *rc == ERR_OK && n > 0;
    w->sending = NULL;
    give_back(p);
    return true;
}

/* Sends what the socket takes: own frames and parcels, each as a whole. */
static void pump(struct worker *w)
{
    enum err_code rc = ERR_OK;
    bool full = false;

    while (!rc && !full) {
        if (w->sending) {
            full = !send_parcel(w, &rc);
        } else if (wire_unsent(&w->wire)) {
            rc = wire_flush(&w->wire, NULL);
            full = wire_unsent(&w->wire);
        } else if (w->parcels) {
            w->sending = (struct parcel *)w->parcels;
            w->sent = 0;
            w->parcels = w->parcels->next;
            if (!w->parcels)
                w->parcels_last = NULL;
        } else {
            break;
        }
    }
    if (w->wire.out.failed) /* a frame is cut: nothing that follows would be understood */
        end(w, EXIT_BROKEN);
    else if (rc)
        end(w, w->exit_code); /* the daemon has gone */
    loop_watch_events(w->loop, &w->socket, full ? LOOP_IN | LOOP_OUT : LOOP_IN);
    if (!rc && !full && w->closing && !w->n_task)
        end(w, w->exit_code);
}

/* ---- tasks ---- */

void task_over(struct task *t, struct outbox *out)
{
    outbox_post(out);
    CHECK(mailbox_post(&t->w->to_io, &t->note.msg));
}

static void forget_task(struct worker *w, struct task *t)
{
    struct task **at = &w->tasks;

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    w->n_task--;
    task_destroy(t);
}

static void cancel_task(struct task *t, enum task_cancel why)
{
    int runs = TASK_RUNS;

    (void)atomic_compare_exchange_strong(&t->cancel, &runs, why);
    task_stop(t);
}

/* The event of a job that was not even begun. */
static void fail_job(struct worker *w, uint64_t id, enum job_error error, const char *text)
{
    const struct job_event ev = { .kind = JOB_EV_FAILED,
                                  .error = error,
                                  .text = text,
                                  .len = strlen(text),
                                  .retry_after_s = error == JOB_ERR_BUSY,
                                  .is_last = true };
    size_t begun = wire_frame_begin(&w->wire.out, WIRE_EVENT, id);

    (void)wire_event_write(&ev, &w->wire.out);
    wire_frame_end(&w->wire.out, begun);
}

static void take_job(struct worker *w, const struct wire_frame *f)
{
    struct err e = { 0 };
    struct task *t;
    enum err_code rc;

    if (w->closing || w->n_task >= WORKER_QUEUE_MAX) {
        fail_job(w, f->job, w->closing ? JOB_ERR_CLOSING : JOB_ERR_BUSY,
                 w->closing ? "the model is being unloaded" : "the model's queue is full");
        return;
    }
    rc = f->is_lost ? err_set(&e, ERR_OOM, "the model's process has no memory for the request")
                    : task_create(&t, w, f->job, f->body, f->len, &e);
    if (rc) {
        fail_job(w, f->job, JOB_ERR_INTERNAL, e.text);
        return;
    }
    t->next = w->tasks;
    w->tasks = t;
    w->n_task++;
    CHECK(mailbox_post(&w->to_prepare, &t->note.msg));
}

static void cancel_job(struct worker *w, uint64_t id)
{
    for (struct task *t = w->tasks; t; t = t->next)
        if (t->id == id)
            cancel_task(t, TASK_CANCELLED);
}

/* ---- frames ---- */

static enum err_code take_open(struct worker *w, const struct wire_frame *f, struct err *e)
{
    struct js *j = NULL;
    enum err_code rc;

    if (w->has_engine_thread)
        return err_set(e, ERR_FORMAT, "a model was opened already");
    rc = js_parse(&j, (const char *)f->body, f->len, e);
    if (!rc)
        rc = worker_open_read(&w->open, j, e);
    js_close(j);
    if (!rc)
        rc = thread_start(&w->engine, "engine", engine_main, w, e);
    w->has_engine_thread = rc == ERR_OK;
    return rc;
}

static void take_clear(struct worker *w)
{
    if (!atomic_exchange(&w->clearing, true))
        CHECK(mailbox_post(&w->to_engine, &w->clear.msg));
}

static void take_close(struct worker *w)
{
    w->closing = true;
    for (struct task *t = w->tasks; t; t = t->next)
        cancel_task(t, TASK_CLOSING);
}

static enum err_code take_frame(struct worker *w, const struct wire_frame *f, struct err *e)
{
    switch (f->kind) {
    case WIRE_OPEN:
        return take_open(w, f, e);
    case WIRE_CLOSE:
        take_close(w);
        return ERR_OK;
    case WIRE_JOB:
    case WIRE_CANCEL:
    case WIRE_CLEAR:
        break;
    default:
        return err_set(e, ERR_FORMAT, "a frame of kind %u is for the other direction",
                       (unsigned)f->kind);
    }
    if (!w->is_open)
        return err_set(e, ERR_FORMAT, "a job for a model that is not open");
    if (f->kind == WIRE_JOB)
        take_job(w, f);
    else if (f->kind == WIRE_CANCEL)
        cancel_job(w, f->job);
    else
        take_clear(w);
    return ERR_OK;
}

static void on_socket(struct loop_watch *watch, unsigned events)
{
    struct worker *w = watch->arg;
    enum err_code rc = ERR_OK;
    struct wire_frame f;

    if (events & (LOOP_IN | LOOP_GONE)) {
        rc = wire_read(&w->wire, NULL);
        while ((!rc || rc == ERR_CANCELLED) && wire_next(&w->wire, &f))
            if (take_frame(w, &f, NULL))
                rc = ERR_FORMAT;
    }
    if (rc == ERR_CANCELLED)
        end(w, w->exit_code); /* good, unless the model could not be opened */
    else if (rc)
        end(w, EXIT_BROKEN);
    else
        pump(w);
}

/* ---- notes of the other threads ---- */

static void describe(const struct worker *w, struct worker_ready *r)
{
    const struct model_info *m = engine_model(w->g);
    const struct dialect *d = &w->format.dialect;
    bool answers = m->has_logits && !w->open.embeddings;
    struct device_info device;
    struct engine_stats stats;

    engine_device(w->g, &device);
    engine_stats(w->g, &stats); /* the engine's thread sleeps: no job has come yet */
    *r = (struct worker_ready){ .n_ctx = engine_n_ctx(w->g),
                                .n_ctx_train = m->n_ctx_train,
                                .n_seq = w->n_seq,
                                .n_batch = engine_n_batch(w->g),
                                .n_vocab = m->n_vocab,
                                .n_embd = model_pool_width(engine_loaded(w->g), POOL_MEAN),
                                .has_logits = answers,
                                .can_embed = !answers,
                                .can_rank = !answers && m->n_label > 0,
                                .has_template = w->has_format && !w->format.is_fallback,
                                .tools_native = w->has_format && d->native,
                                .reasons = w->has_format && d->reasoning.row,
                                .kv_bytes = stats.kv_bytes,
                                .weight_bytes = m->weight_bytes,
                                .seccomp = w->sandbox.seccomp,
                                .landlock_abi = w->sandbox.landlock_abi };
    memcpy(r->arch, m->arch, sizeof(r->arch));
    memcpy(r->type_name, m->type_name, sizeof(r->type_name));
    memcpy(r->device, device.name, sizeof(r->device));
    if (!w->has_format)
        return;
    (void)snprintf(r->dialect, sizeof(r->dialect), "%s", d->row->name);
    (void)snprintf(r->dialect_found, sizeof(r->dialect_found), "%s", dialect_found_name(d->found));
    if (d->reasoning.row)
        (void)snprintf(r->reasoning, sizeof(r->reasoning), "%s", d->reasoning.row->name);
}

/* The doors are shut, then the daemon is told, then work begins. */
static enum err_code opened(struct worker *w, struct err *e)
{
    struct worker_ready r;
    struct buf text;
    enum err_code rc = ERR_OK;

    (void)clock_zone_s(clock_unix_s()); /* reads the zone's file while that is allowed */
    rc = thread_start(&w->prepare, "prepare", prepare_main, w, e);
    w->has_prepare_thread = rc == ERR_OK;
    if (!rc && !w->open.no_sandbox)
        rc = sandbox_enter(&w->sandbox, e);
    if (rc)
        return rc;
    describe(w, &r);
    buf_init(&text, MEM_REQUEST, 65536);
    if (!worker_ready_write(&r, &text) ||
        !wire_frame(&w->wire.out, WIRE_READY, 0, text.data, text.len))
        rc = err_set(e, ERR_OOM, "no memory to tell that the model is open");
    buf_finish(&text);
    w->is_open = rc == ERR_OK;
    return rc;
}

static void take_note(struct worker *w, struct note *note)
{
    switch (note->kind) {
    case NOTE_PARCEL:
        put_parcel(w, &note->msg);
        return;
    case NOTE_TASK:
        forget_task(w, (struct task *)note);
        return;
    case NOTE_OPENED:
        if (opened(w, NULL))
            end(w, EXIT_BROKEN);
        return;
    default: /* NOTE_FAILED: what the engine said goes out first */
        w->closing = true;
        w->exit_code = note == &w->opened ? EXIT_REFUSED : EXIT_BROKEN;
        if (note == &w->failed)
            end(w, EXIT_BROKEN);
        return;
    }
}

static void on_notes(struct loop_watch *watch, unsigned events)
{
    struct worker *w = watch->arg;
    struct msg *next;

    (void)events;
    for (struct msg *m = mailbox_take(&w->to_io); m; m = next) {
        next = m->next;
        take_note(w, (struct note *)m);
    }
    pump(w);
}

/* ---- begin and end ---- */

static enum err_code begin(struct worker *w, int fd, struct err *e)
{
    struct mailbox *boxes[] = { &w->to_io, &w->to_prepare, &w->to_engine };
    enum err_code rc = ERR_OK;

    w->fd = fd;
    w->opened.kind = NOTE_OPENED;
    w->failed.kind = NOTE_FAILED;
    w->clear.kind = NOTE_CLEAR;
    w->stop_prepare.kind = w->stop_engine.kind = NOTE_STOP;
    wire_init(&w->wire, fd);
    for (size_t i = 0; i < COUNT_OF(boxes); i++)
        boxes[i]->wake_fd = -1;
    for (size_t i = 0; !rc && i < COUNT_OF(boxes); i++)
        rc = mailbox_init(boxes[i], NOTES_MAX, e);
    if (!rc)
        rc = outbox_init(&w->prepare_out, w, e);
    if (!rc)
        rc = outbox_init(&w->engine_out, w, e);
    if (!rc)
        rc = loop_open(&w->loop, e);
    if (!rc)
        rc = loop_watch(w->loop, &w->socket, fd, LOOP_IN, on_socket, w, e);
    if (!rc)
        rc = loop_watch(w->loop, &w->notes, w->to_io.wake_fd, LOOP_IN, on_notes, w, e);
    return rc;
}

/* Ends the other threads; what they held is ours again. */
static void join(struct worker *w)
{
    struct mailbox *boxes[] = { &w->to_io, &w->to_prepare, &w->to_engine };

    atomic_store(&w->stopping, true);
    if (w->is_open)
        engine_stop(w->g);
    for (struct task *t = w->tasks; t; t = t->next)
        cancel_task(t, TASK_CLOSING);
    if (w->has_prepare_thread)
        CHECK(mailbox_post(&w->to_prepare, &w->stop_prepare.msg));
    if (w->has_engine_thread)
        CHECK(mailbox_post(&w->to_engine, &w->stop_engine.msg));
    thread_join(&w->prepare);
    thread_join(&w->engine);
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        if (boxes[i]->wake_fd < 0)
            continue;
        (void)mailbox_take(boxes[i]);
        mailbox_finish(boxes[i]);
    }
}

/* Behind join. */
static void finish(struct worker *w)
{
    engine_close(w->g); /* before the grammars of its requests */
    while (w->tasks)
        forget_task(w, w->tasks);
    prompt_format_close(&w->format);
    outbox_finish(&w->prepare_out);
    outbox_finish(&w->engine_out);
    loop_close(w->loop);
    wire_finish(&w->wire);
    net_close(&w->fd);
    mem_free(w);
}

int worker_main(int fd)
{
    struct worker *w = mem_alloc_zero(MEM_OTHER, sizeof(*w));
    struct err e = { 0 };
    int exit_code = EXIT_BROKEN;

    if (!w)
        return EXIT_BROKEN;
    if (!begin(w, fd, &e) && !loop_run(w->loop, &e))
        exit_code = w->exit_code;
    join(w);
    if (exit_code == EXIT_GOOD && w->opened.kind == NOTE_FAILED)
        exit_code = EXIT_REFUSED; /* the daemon went with the refusal, before the note of it came */
    finish(w);
    return exit_code;
}
