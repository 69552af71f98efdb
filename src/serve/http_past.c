/* Answers that go past the wire, written to the connection's file by ourselves, as libmicrohttpd
 * can send none there: while a body comes in it takes no answer, and when it looks at a connection
 * again whose client has closed its writing half meanwhile, it reads that end first and gives up.
 * Nothing else is under way in that direction, and the connection ends with it. */
#include <stdio.h>

#include "base/num.h"
#include "os/sys.h"
#include "serve/http_int.h"

#define STEP_S 0.005 /* between two tries at a socket that is full */

static bool write_head(struct buf *out, const struct http_req *q, size_t len)
{
    (void)buf_addf(out, "HTTP/1.1 %d %s\r\nConnection: close\r\n", q->status,
                   wire_reason(q->status));
    if (q->content_type)
        (void)buf_addf(out, "Content-Type: %s\r\n", q->content_type);
    for (const struct http_header *h = q->headers; h; h = h->next)
        (void)buf_addf(out, "%s: %s\r\n", h->name, h->value);
    return buf_addf(out, "Content-Length: %zu\r\n\r\n", len);
}

/* The wire closes the connection in the next turn. */
static void end(struct http_req *q)
{
    q->state = REQ_GONE;
    http_wake(q);
    http_conn_drop(q->conn);
}

void http_past_more(struct http_req *q)
{
    const double now = clock_s();
    size_t n = 0;

    if (net_write(q->conn->fd, q->answer.data + q->answer_at, q->answer.len - q->answer_at, &n,
                  NULL) != ERR_OK) {
        end(q);
        return;
    }
    q->answer_at += n;
    if (n > 0)
        q->moved_s = now;
    if (q->answer_at == q->answer.len || now > q->moved_s + q->h->limits.stall_s)
        end(q);
    else
        http_conn_phase(q->conn, CONN_SEND, now + STEP_S);
}

bool http_past(struct http_req *q)
{
    struct buf whole;

    if (!q->conn->is_half && !net_has_ended(q->conn->fd))
        return false;
    q->is_past = true;
    buf_init(&whole, MEM_REQUEST, SIZE_MAX / 2);
    if (!write_head(&whole, q, q->answer.len) ||
        (!q->is_head && !buf_add(&whole, buf_str(&q->answer), q->answer.len))) {
        buf_finish(&whole);
        end(q);
        return true;
    }
    buf_finish(&q->answer);
    q->answer = whole;
    q->answer_at = 0;
    q->moved_s = clock_s();
    http_past_more(q);
    return true;
}

void http_past_refuse(struct http_req *q, const struct buf *body)
{
    struct buf head;
    size_t n;

    buf_init(&head, MEM_REQUEST, HTTP_HEAD_BYTES);
    if (write_head(&head, q, body->len) &&
        net_write(q->conn->fd, head.data, head.len, &n, NULL) == ERR_OK && n == head.len)
        (void)net_write(q->conn->fd, buf_str(body), body->len, &n, NULL);
    buf_finish(&head);
}
