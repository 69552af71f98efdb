/* Server-sent events: records wait in the request's buffer until the wire asks for bytes. What one
 * turn of the loop adds is sent together; what a slow client leaves lying is bounded. */
#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "os/sys.h"
#include "serve/http_int.h"

#define DROP_FRONT_BYTES 65536U

void http_stream_begin(struct http_req *q, bool pings)
{
    if (q->state >= REQ_REPLY)
        return;
    q->state = REQ_STREAM;
    q->status = 200;
    q->has_pings = pings;
    q->content_type = "text/event-stream; charset=utf-8";
    http_add_header(q, "Cache-Control", "no-cache");
    http_add_header(q, "X-Accel-Buffering", "no");
    q->moved_s = q->said_s = clock_s();
    q->h->stats.n_stream_now++;
    q->is_stream = true;
    http_conn_stream(q->conn);
    http_wake(q);
}

bool http_stream_begun(const struct http_req *q)
{
    return q->is_stream;
}

/* Whether the client has left more unread than it may, when len bytes come. What has come in this
 * turn it had no chance to read: it is not held against it, however much that is (a response that
 * echoes long instructions, three times over). */
static bool is_too_slow(struct http_req *q, size_t len)
{
    const size_t unsent = q->answer.len - q->answer_at;
    size_t allowed;

    if (q->turn != q->h->turn) {
        q->turn = q->h->turn;
        q->turn_bytes = 0;
    }
    allowed = max_size(q->h->limits.unsent_max, 2 * q->turn_bytes_max);
    if (unsent > q->turn_bytes && unsent - q->turn_bytes > allowed)
        return true;
    q->turn_bytes += len;
    q->turn_bytes_max = max_size(q->turn_bytes_max, q->turn_bytes);
    return false;
}

bool http_stream_event(struct http_req *q, const char *name, const char *json, size_t len)
{
    const size_t unsent = q->answer.len - q->answer_at;
    bool ok = true;

    if (q->state != REQ_STREAM || q->is_slow)
        return false;
    if (is_too_slow(q, len)) {
        /* Told to the handler in the next turn: it is in the middle of something now. */
        q->is_slow = true;
        http_wake(q);
        return false;
    }
    if (name)
        ok = buf_adds(&q->answer, "event: ") && buf_adds(&q->answer, name) &&
             buf_addc(&q->answer, '\n');
    ok = ok && buf_adds(&q->answer, "data: ") && buf_add(&q->answer, json, len) &&
         buf_add(&q->answer, "\n\n", 2);
    if (!ok)
        q->is_slow = true;
    q->said_s = clock_s();
    if (unsent == 0) {
        q->moved_s = q->said_s;
        http_conn_stream(q->conn);
    }
    http_wake(q);
    return ok;
}

void http_stream_end(struct http_req *q)
{
    if (q->state != REQ_STREAM)
        return;
    q->on_gone = NULL;
    if (q->is_slow) /* records are missing: it breaks off in the next turn */
        return;
    q->state = REQ_ENDED;
    q->moved_s = clock_s();
    http_conn_phase(q->conn, CONN_SEND, q->moved_s + q->h->limits.stall_s);
    http_wake(q);
}

size_t http_stream_take(struct http_req *q, char *to, size_t max)
{
    size_t n = q->answer.len - q->answer_at;

    n = n < max ? n : max;
    if (n == 0)
        return 0;
    memcpy(to, q->answer.data + q->answer_at, n);
    q->answer_at += n;
    q->moved_s = q->sent_s = clock_s();
    q->h->stats.bytes_out += n;
    if (q->answer_at == q->answer.len) {
        buf_clear(&q->answer);
        q->answer_at = 0;
        if (q->state == REQ_STREAM)
            http_conn_stream(q->conn); /* from now on it is silence that counts */
    } else if (q->answer_at >= DROP_FRONT_BYTES) {
        buf_drop_front(&q->answer, q->answer_at);
        q->answer_at = 0;
    }
    return n;
}
