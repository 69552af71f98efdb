/* Frames over a stream socket. A head is: u32 length of the body, u8 kind, 3 zero bytes, u64 job.
 */
#include "runtime/wire.h"

#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "os/net.h"
#include "runtime/wire_int.h"

#define READ_BYTES  65536U        /* at least so much room for a read                     */
#define TURN_BYTES  (1U << 20)    /* read in one wire_read, so that nobody else starves   */
#define KEEP_BYTES  (256U * 1024) /* a larger buffer is given back when it becomes empty  */
#define KINDS_CHECK 1U            /* kinds begin here */

void wire_init(struct wire *w, int fd)
{
    *w = (struct wire){ .fd = fd };
    buf_init(&w->in, MEM_REQUEST, (size_t)WIRE_BODY_MAX + TURN_BYTES + 2 * READ_BYTES);
    buf_init(&w->out, MEM_REQUEST, (size_t)WIRE_UNSENT_MAX + WIRE_BODY_MAX);
    (void)buf_reserve(&w->in, READ_BYTES); /* refused: tried again when something comes */
    (void)buf_reserve(&w->out, READ_BYTES);
    w->in.failed = w->out.failed = false;
}

void wire_finish(struct wire *w)
{
    buf_finish(&w->in);
    buf_finish(&w->out);
}

/* Back to the size that small frames need; an empty buffer stays large when memory is short. */
static void shrink(struct buf *b)
{
    struct buf small;

    buf_init(&small, MEM_REQUEST, b->max);
    if (!buf_reserve(&small, READ_BYTES))
        return;
    buf_finish(b);
    *b = small;
}

/* Forgets the bytes before *at, and the memory of what was large. */
static void forget(struct buf *b, size_t *at)
{
    if (*at == b->len) {
        buf_clear(b);
        if (b->cap > KEEP_BYTES)
            shrink(b);
    } else {
        buf_drop_front(b, *at);
    }
    *at = 0;
}

/* ---- sending ---- */

size_t wire_frame_begin(struct buf *out, enum wire_kind kind, uint64_t job)
{
    const uint8_t head[8] = { [4] = (uint8_t)kind };
    size_t at = out->len;

    (void)buf_add(out, head, sizeof(head));
    (void)buf_add(out, &job, sizeof(job));
    return at;
}

void wire_frame_end(struct buf *out, size_t begun)
{
    uint32_t len;

    if (out->failed)
        return;
    len = (uint32_t)(out->len - begun - WIRE_HEAD_BYTES);
    memcpy(out->data + begun, &len, sizeof(len));
}

bool wire_frame(struct buf *out, enum wire_kind kind, uint64_t job, const void *body, size_t len)
{
    size_t at = wire_frame_begin(out, kind, job);

    (void)buf_add(out, body, len);
    wire_frame_end(out, at);
    return !out->failed;
}

bool wire_unsent(const struct wire *w)
{
    return w->_out_at < w->out.len;
}

enum err_code wire_flush(struct wire *w, struct err *e)
{
    while (wire_unsent(w)) {
        size_t n = 0;
        enum err_code rc =
            net_write(w->fd, w->out.data + w->_out_at, w->out.len - w->_out_at, &n, e);

        if (rc)
            return rc;
        if (!n)
            break;
        w->_out_at += n;
    }
    if (!wire_unsent(w) || w->_out_at > TURN_BYTES)
        forget(&w->out, &w->_out_at);
    return ERR_OK;
}

static enum err_code check_room(const struct wire *w, size_t len, struct err *e)
{
    size_t unsent = w->out.len - w->_out_at;

    if (len > WIRE_UNSENT_MAX - min_size(unsent, WIRE_UNSENT_MAX))
        return err_set(e, ERR_LIMIT, "%zu bytes are unsent, no room for %zu more, limit %u", unsent,
                       len, WIRE_UNSENT_MAX);
    return ERR_OK;
}

/* Room for len more bytes, or nothing has changed. */
static enum err_code make_room(struct wire *w, size_t len, struct err *e)
{
    enum err_code rc = check_room(w, len, e);

    if (rc || buf_reserve(&w->out, len))
        return rc;
    w->out.failed = false;
    return err_set(e, ERR_OOM, "no memory for %zu bytes to be sent", len);
}

enum err_code wire_send(struct wire *w, enum wire_kind kind, uint64_t job, const void *body,
                        size_t len, struct err *e)
{
    enum err_code rc;

    if (len > WIRE_BODY_MAX)
        return err_set(e, ERR_LIMIT, "a frame of %zu bytes, limit %u", len, WIRE_BODY_MAX);
    rc = make_room(w, len + WIRE_HEAD_BYTES, e);
    if (rc)
        return rc;
    (void)wire_frame(&w->out, kind, job, body, len);
    return wire_flush(w, e);
}

enum err_code wire_send_frames(struct wire *w, const void *frames, size_t len, struct err *e)
{
    enum err_code rc = make_room(w, len, e);

    if (rc)
        return rc;
    (void)buf_add(&w->out, frames, len);
    return wire_flush(w, e);
}

/* ---- reading ---- */

/* The frame at `at`; false: it is not whole. */
static bool frame_at(const struct buf *b, size_t at, struct wire_frame *f)
{
    const char *head = b->data + at;
    uint32_t len;

    if (b->len - at < WIRE_HEAD_BYTES)
        return false;
    memcpy(&len, head, sizeof(len));
    memcpy(&f->job, head + 8, sizeof(f->job));
    f->kind = (enum wire_kind)(uint8_t)head[4];
    f->body = (const uint8_t *)head + WIRE_HEAD_BYTES;
    f->len = len;
    return b->len - at - WIRE_HEAD_BYTES >= len;
}

/* All heads that are there, so that wire_next meets good ones only. *want: bytes that the last
 * frame still lacks. */
static enum err_code check_heads(const struct wire *w, size_t *want, struct err *e)
{
    size_t at = w->_in_at;

    *want = 0;
    while (w->in.len - at >= WIRE_HEAD_BYTES) {
        struct wire_frame f = { 0 };
        const char *head = w->in.data + at;
        bool whole = frame_at(&w->in, at, &f);

        if (f.len > WIRE_BODY_MAX || (unsigned)f.kind < KINDS_CHECK || f.kind >= WIRE_KIND_COUNT ||
            head[5] || head[6] || head[7])
            return err_set(e, ERR_FORMAT, "no frame: kind %u of %u bytes", (unsigned)f.kind, f.len);
        if (!whole) {
            *want = f.len + WIRE_HEAD_BYTES - (w->in.len - at);
            break;
        }
        at += f.len + WIRE_HEAD_BYTES;
    }
    return ERR_OK;
}

/* Only the one at the front can be lost; before another one those that are whole are taken. */
static bool frame_is_first(const struct wire *w)
{
    struct wire_frame f;

    return !w->_has_lost && w->in.len >= WIRE_HEAD_BYTES && !frame_at(&w->in, 0, &f);
}

/* The frame at the front cannot become whole: its head stays, its body is passed over. */
static void lose_body(struct wire *w, size_t want)
{
    static const uint32_t none;

    memcpy(w->in.data, &none, sizeof(none));
    w->in.len = WIRE_HEAD_BYTES;
    w->_skip = want;
    w->_has_lost = true;
}

/* Bytes that can be read now, of a frame that lacks `want`; where there is no memory for more,
 * those that fit. */
static size_t make_space(struct wire *w, size_t want)
{
    size_t room = min_size(max_size(want, READ_BYTES), TURN_BYTES);

    if (!w->_skip && buf_reserve(&w->in, room))
        return room;
    w->in.failed = false;
    if (!w->in.data)
        return 0;
    if (w->in.len + 1 == w->in.cap && frame_is_first(w))
        lose_body(w, want);
    return min_size(w->_skip ? w->_skip : room, w->in.cap - 1 - w->in.len);
}

/* *n: bytes taken from the socket; 0: there are no more, or none can be taken before wire_next.
 * *is_last: fewer than there was space for, so that there are no more now. */
static enum err_code read_some(struct wire *w, size_t want, size_t *n, bool *is_last, struct err *e)
{
    size_t room = make_space(w, want);
    enum err_code rc;

    *n = 0;
    *is_last = false;
    if (!room)
        return w->in.len ? ERR_OK : err_set(e, ERR_OOM, "no memory for what is received");
    rc = net_read(w->fd, w->in.data + w->in.len, room, n, e);
    if (rc)
        return rc;
    *is_last = *n < room;
    if (w->_skip)
        w->_skip -= *n;
    else
        w->in.len += *n;
    w->in.data[w->in.len] = '\0';
    return ERR_OK;
}

enum err_code wire_read(struct wire *w, struct err *e)
{
    size_t got = 0, want, n;
    enum err_code rc;
    bool is_last;

    forget(&w->in, &w->_in_at);
    rc = check_heads(w, &want, e);
    while (!rc && got < TURN_BYTES) {
        /* Room for a long frame comes as its bytes come: a head alone is no reason to believe it.
         */
        rc = read_some(w, want, &n, &is_last, e);
        if (rc == ERR_CANCELLED && got)
            return ERR_OK; /* comes again */
        if (rc || !n)
            break;
        got += n;
        rc = check_heads(w, &want, e);
        if (is_last)
            break;
    }
    return rc;
}

bool wire_next(struct wire *w, struct wire_frame *f)
{
    if (w->_skip || w->in.len - w->_in_at < WIRE_HEAD_BYTES || !frame_at(&w->in, w->_in_at, f))
        return false;
    f->is_lost = w->_has_lost;
    w->_has_lost = false;
    w->_in_at += f->len + WIRE_HEAD_BYTES;
    return true;
}
