/* The wire: the only file that knows libmicrohttpd, which parses requests and frames answers.
 *
 * It runs without threads or sockets of its own: we hand it connections, watch its epoll file in
 * our loop and let it run when that is readable. A request that a handler keeps is suspended;
 * everything that happens to it later (an answer, a piece of a stream, the client's leaving) is
 * noted in it, and the connection is resumed, so that the library asks for it.
 *
 * Traps: an answer can be queued only in the first call for a request and in the last one; a reader
 * that has nothing must suspend, else it is called for ever; suspended connections are not watched
 * and must be resumed before the end; a closed one is told of by on_connection, before its file
 * closes. */
#include <microhttpd.h>

#include <string.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/http_int.h"

#define STREAM_BLOCK_BYTES 16384U

struct wire {
    struct MHD_Daemon *daemon;
    struct http *h;
    int fd;
    bool was_closed; /* the connection that is being added */
};

/* ---- requests ---- */

const char *wire_header(const struct http_req *q, const char *name)
{
    return MHD_lookup_connection_value(q->wire, MHD_HEADER_KIND, name);
}

const char *wire_query(const struct http_req *q, const char *name)
{
    return MHD_lookup_connection_value(q->wire, MHD_GET_ARGUMENT_KIND, name);
}

struct counter {
    const char *name;
    uint32_t n;
};

static enum MHD_Result count_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    struct counter *c = cls;

    (void)kind;
    (void)value;
    if (strcasecmp(key, c->name) == 0)
        c->n++;
    return MHD_YES;
}

uint32_t wire_n_header(const struct http_req *q, const char *name)
{
    struct counter c = { .name = name };

    (void)MHD_get_connection_values(q->wire, MHD_HEADER_KIND, count_header, &c);
    return c.n;
}

/* What RFC 9110 (5.6.2) lets a name consist of. */
static bool is_token(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "!#$%&'*+-.^_`|~";

    return *s && s[strspn(s, letters)] == '\0';
}

/* Traps of the library: a blank before the colon stays in the name, and what a folded line goes on
 * with is put behind the name. In both cases others may have read a length where it reads none. */
static enum MHD_Result look_at_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                      const char *value)
{
    static const char *const lengths[] = { "Content-Length", "Transfer-Encoding" };
    bool *ok = cls;

    (void)kind;
    (void)value;
    *ok = is_token(key);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        const size_t n = strlen(lengths[i]);

        if (strncasecmp(key, lengths[i], n) == 0 && key[n] != '\0')
            *ok = false;
    }
    return *ok ? MHD_YES : MHD_NO;
}

bool wire_headers_ok(const struct http_req *q)
{
    bool ok = true;

    (void)MHD_get_connection_values(q->wire, MHD_HEADER_KIND, look_at_header, &ok);
    return ok;
}

const char *wire_reason(int status)
{
    return MHD_get_reason_phrase_for((unsigned)status);
}

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10U;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10U;
    return 16;
}

/* %00 stays as it is: a path that ends earlier than it looks would be another one. */
size_t http_unescape(char *s)
{
    size_t n = 0;

    for (const char *p = s; *p; p++) {
        unsigned high = 16, low = 16;

        if (*p == '%') {
            high = hex_digit(p[1]);
            low = high < 16 ? hex_digit(p[2]) : 16;
        }
        if (low < 16 && high * 16 + low > 0) {
            s[n++] = (char)(high * 16 + low);
            p += 2;
        } else {
            s[n++] = *p;
        }
    }
    s[n] = '\0';
    return n;
}

static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *s)
{
    (void)cls;
    (void)connection;
    return http_unescape(s);
}

/* ---- answers ---- */

static ssize_t on_stream(void *cls, uint64_t pos, char *to, size_t max)
{
    struct http_req *q = cls;
    size_t n;

    (void)pos;
    if (q->state == REQ_GONE)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    n = http_stream_take(q, to, max);
    if (n > 0)
        return (ssize_t)n;
    if (q->state == REQ_ENDED)
        return MHD_CONTENT_READER_END_OF_STREAM;
    q->is_suspended = true;
    MHD_suspend_connection(q->wire);
    return 0;
}

static void add_headers(struct MHD_Response *r, const struct http_req *q)
{
    if (q->content_type)
        (void)MHD_add_response_header(r, "Content-Type", q->content_type);
    for (const struct http_header *header = q->headers; header; header = header->next)
        (void)MHD_add_response_header(r, header->name, header->value);
    if (q->conn->is_last)
        (void)MHD_add_response_header(r, "Connection", "close");
}

static enum MHD_Result queue_answer(struct http_req *q)
{
    enum MHD_Result ok;
    struct MHD_Response *r;

    if (q->state == REQ_REPLY)
        /* The text lives as long as the request, which outlives its sending. */
        r = MHD_create_response_from_buffer(q->answer.len, q->answer.data, MHD_RESPMEM_PERSISTENT);
    else
        r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, on_stream, q,
                                              NULL);
    if (!r)
        return MHD_NO;
    add_headers(r, q);
    ok = MHD_queue_response(q->wire, (unsigned)q->status, r);
    MHD_destroy_response(r);
    q->is_queued = true;
    return ok;
}

/* After a call of ours: the answer, the end, or waiting for one of them. */
static enum MHD_Result go_on(struct http_req *q)
{
    if (q->state == REQ_GONE)
        return MHD_NO;
    if (q->state >= REQ_REPLY)
        return q->is_queued ? MHD_YES : queue_answer(q);
    q->is_suspended = true;
    MHD_suspend_connection(q->wire);
    return MHD_YES;
}

static struct http_conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *n_data, void **con_cls)
{
    struct wire *w = cls;
    struct http_req *q = *con_cls;

    if (!q) {
        struct http_conn *c = conn_of(connection);

        q = c ? http_req_begin(w->h, c, connection, method, url) : NULL;
        if (!q)
            return MHD_NO;
        *con_cls = q;
        q->is_http11 = strcmp(version, "HTTP/1.0") != 0;
        http_req_head(q);
        return q->state >= REQ_REPLY && !q->is_draining ? go_on(q) : MHD_YES;
    }
    if (*n_data > 0) {
        if (!http_req_body(q, data, *n_data))
            return MHD_NO;
        *n_data = 0;
        return MHD_YES;
    }
    if (q->state == REQ_BODY)
        http_req_whole(q);
    return go_on(q);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode why)
{
    struct http_req *q = *con_cls;

    (void)cls;
    (void)connection;
    *con_cls = NULL;
    if (q)
        http_req_over(q, why == MHD_REQUEST_TERMINATED_COMPLETED_OK && q->is_queued);
}

/* ---- connections ---- */

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct wire *w = cls;
    struct http_conn *c = *context;

    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = w->h->adding;
        return;
    }
    *context = NULL;
    if (c && c == w->h->adding)
        w->was_closed = true; /* wire_add tells */
    else if (c)
        http_conn_closed(c);
}

bool wire_add(struct wire *w, struct http_conn *c)
{
    /* The peer's address is of no use here; the library wants one. */
    struct sockaddr none = { .sa_family = AF_UNIX };
    enum MHD_Result ok;

    w->h->adding = c;
    w->was_closed = false;
    ok = MHD_add_connection(w->daemon, c->fd, &none, sizeof(none));
    w->h->adding = NULL;
    return ok == MHD_YES && !w->was_closed;
}

void wire_resume(struct http_req *q)
{
    MHD_resume_connection(q->wire);
}

/* ---- the daemon ---- */

static void on_log(void *cls, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);
static void on_log(void *cls, const char *fmt, va_list ap)
{
    struct buf line;

    (void)cls;
    buf_init(&line, MEM_OTHER, 1024);
    if (buf_addv(&line, fmt, ap))
        log_debug("http", "%s", buf_str(&line));
    buf_finish(&line);
}

enum err_code wire_open(struct wire **out, struct http *h, struct err *e)
{
    const unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
    const union MHD_DaemonInfo *info = NULL;
    struct wire *w = mem_alloc_zero(MEM_OTHER, sizeof(*w));

    *out = NULL;
    if (!w)
        return err_set(e, ERR_OOM, "no memory for the HTTP server");
    w->h = h;
    w->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_access, w, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, h->limits.n_connection_max + HTTP_LOCAL_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, h->limits.head_bytes, MHD_OPTION_CONNECTION_TIMEOUT, 0U,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, w, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        w, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (w->daemon)
        info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info) {
        wire_close(w);
        return err_set(e, ERR_IO, "the HTTP library cannot start");
    }
    w->fd = info->epoll_fd;
    *out = w;
    return ERR_OK;
}

void wire_close(struct wire *w)
{
    if (!w)
        return;
    if (w->daemon)
        MHD_stop_daemon(w->daemon);
    mem_free(w);
}

int wire_fd(const struct wire *w)
{
    return w->fd;
}

void wire_run(struct wire *w)
{
    (void)MHD_run(w->daemon);
}

uint32_t wire_wait_ms(struct wire *w)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (MHD_get_timeout(w->daemon, &ms) != MHD_YES)
        return UINT32_MAX;
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX - 1;
}
