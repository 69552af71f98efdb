/* Parcels of frames: filled by one thread, sent and given back by the I/O thread. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/jsonw.h"
#include "runtime/worker_int.h"

#define PARCEL_POST (64U * 1024U) /* a fuller parcel does not wait for the end of a step */
#define WAIT_MS     50U

enum err_code outbox_init(struct outbox *o, struct worker *w, struct err *e)
{
    enum err_code rc;

    *o = (struct outbox){ .w = w, .spare = { .wake_fd = -1 } };
    rc = mailbox_init(&o->spare, PARCELS, e);
    for (uint32_t i = 0; !rc && i < PARCELS; i++) {
        struct parcel *p = &o->parcels[i];

        p->note.kind = NOTE_PARCEL;
        p->home = &o->spare;
        buf_init(&p->frames, MEM_REQUEST, (size_t)WIRE_BODY_MAX + PARCEL_POST + WIRE_HEAD_BYTES);
        if (!buf_reserve(&p->frames, PARCEL_BYTES_MIN))
            rc = err_set(e, ERR_OOM, "no memory for what is to be sent");
        CHECK(mailbox_post(&o->spare, &p->note.msg));
    }
    return rc;
}

void outbox_finish(struct outbox *o)
{
    if (!o->w)
        return;
    if (o->spare.wake_fd >= 0)
        (void)mailbox_take(&o->spare);
    mailbox_finish(&o->spare);
    for (uint32_t i = 0; i < PARCELS; i++)
        buf_finish(&o->parcels[i].frames);
}

/* The parcel at hand, or the next one that comes back. Nobody sends any more once the worker stops:
 * then NULL. */
static struct parcel *parcel(struct outbox *o)
{
    while (!o->filling && !atomic_load(&o->w->stopping)) {
        struct msg *m = mailbox_wait(&o->spare, WAIT_MS);

        if (!m)
            continue;
        o->filling = (struct parcel *)m;
        for (struct msg *rest = m->next, *next; rest; rest = next) {
            next = rest->next;
            CHECK(mailbox_post(&o->spare, rest));
        }
    }
    return o->filling;
}

void outbox_post(struct outbox *o)
{
    struct parcel *p = o->filling;

    if (!p || !p->frames.len)
        return;
    o->filling = NULL;
    CHECK(mailbox_post(&o->w->to_io, &p->note.msg));
}

/* Undoes what did not fit. */
static bool frame_done(struct outbox *o, size_t begun)
{
    struct buf *b = &o->filling->frames;

    if (b->failed) {
        b->failed = false;
        b->len = begun;
        return false;
    }
    wire_frame_end(b, begun);
    if (b->len > PARCEL_POST)
        outbox_post(o);
    return true;
}

bool outbox_frame(struct outbox *o, enum wire_kind kind, uint64_t job, const void *body, size_t len)
{
    for (int round = 0; round < 2; round++) {
        struct parcel *p = parcel(o);
        size_t begun;

        if (!p)
            return true;
        begun = wire_frame_begin(&p->frames, kind, job);
        (void)buf_add(&p->frames, body, len);
        if (frame_done(o, begun))
            return true;
        outbox_post(o); /* an empty parcel may still have room */
    }
    return false;
}

bool outbox_event(struct outbox *o, uint64_t job, const struct job_event *ev)
{
    for (int round = 0; round < 2; round++) {
        struct parcel *p = parcel(o);
        size_t begun;

        if (!p)
            return true;
        begun = wire_frame_begin(&p->frames, WIRE_EVENT, job);
        (void)wire_event_write(ev, &p->frames);
        if (frame_done(o, begun))
            return true;
        outbox_post(o);
    }
    return false;
}

/* Written where it is sent from: it may be memory that is lacking. */
static void write_refusal(struct buf *out, const struct err *e)
{
    size_t begun = wire_frame_begin(out, WIRE_REFUSED, 0);
    struct jsonw j;

    jsonw_init(&j, out);
    jsonw_obj(&j);
    jsonw_key(&j, "code");
    jsonw_str(&j, err_name(e->code));
    jsonw_key(&j, "text");
    jsonw_str(&j, e->text);
    jsonw_obj_end(&j);
    wire_frame_end(out, begun);
}

void outbox_refusal(struct outbox *o, const struct err *e)
{
    struct parcel *p;

    outbox_post(o); /* a parcel that is empty has room for it */
    p = parcel(o);
    if (p)
        write_refusal(&p->frames, e);
}

void outbox_log(struct outbox *o, int level, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    int n;

    line[0] = (char)level;
    va_start(ap, fmt);
    n = vsnprintf(line + 1, sizeof(line) - 1, fmt, ap);
    va_end(ap);
    if (n > 0)
        (void)outbox_frame(o, WIRE_LOG, 0, line, strlen(line + 1) + 1);
}
