/* Inside serve/ only: the parts of the HTTP server and what they know of each other.
 *
 * http.c owns listeners and the turn of the loop, http_conn.c a connection's phases and deadlines,
 * http_req.c a request's way through the checks, http_stream.c event streams, http_past.c what the
 * wire cannot send, http_route.c, http_policy.c and http_error.c are pure, http_mhd.c is the wire:
 * the only one that knows libmicrohttpd. */
#ifndef SERVE_HTTP_INT_H
#define SERVE_HTTP_INT_H

#include "os/net.h"
#include "serve/http.h"

#define HTTP_TEXT_BYTES   1024U /* of a setting: origins, hosts */
#define HTTP_PATH_SHOWN   200U  /* of a path in logs and errors */
#define HTTP_DRAIN_MAX    65536U
#define HTTP_LINGER_MAX   64U
#define HTTP_LINGER_S     2.0
#define HTTP_ACCEPTS_MAX  64U /* connections taken in one turn of the loop */
#define HTTP_ARENA_BLOCK  1024U
#define HTTP_ARENA_MAX    (256U << 20)
#define HTTP_EMPTY_MAX    16U
#define HTTP_PAUSE_S      0.1     /* of a listener whose connections cannot be accepted */
#define HTTP_FILES_OTHER  128U    /* open files that are no connections over TCP */
#define HTTP_RATE_BYTES_S 65536.0 /* slowest transfer of a body or an answer that is borne */

/* Deadlines and limits; tests shrink them. */
struct http_limits {
    uint32_t n_connection_max;
    size_t head_bytes, bodies_max, unsent_max;
    double head_s, body_s, idle_s, stall_s, ping_s, gather_s;
    double half_s; /* for what a client sent before it closed its writing half */
};

struct wire;
struct linger;

enum conn_phase {
    CONN_IDLE, /* no byte of a request yet */
    CONN_HEAD,
    CONN_BODY,
    CONN_WORK, /* the handler has the request: the client is watched for leaving */
    CONN_SEND, /* the whole answer is known */
};

struct http_conn {
    struct http *h;
    int fd; /* the wire's, which closes it */
    bool is_local;
    bool is_last; /* no further request after this answer */
    bool is_half; /* the client has closed its writing half */
    bool is_dead; /* shut down by us; the wire will say so */
    bool lingers; /* what the client still sends is read and dropped before closing */
    enum conn_phase phase;
    double began_s;     /* the phase */
    uint64_t idle_turn; /* turn of the loop in which it became idle */
    uint64_t id;
    struct http_req *q;
    struct loop_watch watch;
    struct loop_timer timer;
    double timer_s;                /* when it comes, while it is set */
    struct http_conn *prev, *next; /* of all; the one that was busy last comes first */
};

enum req_state {
    REQ_HEAD,
    REQ_BODY,
    REQ_WORK,
    REQ_REPLY,  /* the answer is known, or being sent */
    REQ_STREAM, /* so is the head of a stream */
    REQ_ENDED,  /* a stream whose last record is known */
    REQ_GONE,   /* the client has gone */
};

struct http_header {
    struct http_header *next;
    const char *name, *value;
};

struct http_req {
    struct http *h;
    struct http_conn *conn;
    void *wire; /* the connection as libmicrohttpd knows it */
    const struct http_route *route;
    enum http_family family;
    enum http_method method;
    enum req_state state;
    const char *method_name, *path, *rest;
    bool is_head, is_http11;
    bool is_suspended, is_dirty; /* in the list of those to be resumed */
    bool is_queued;              /* the wire has the answer */
    bool is_draining;            /* refused, but its body is still read */
    bool is_past;                /* answered past the wire (http_past.c) */
    bool is_soon;                /* http_answers_soon */
    bool has_pings;
    bool is_stream;                    /* was begun as one */
    uint64_t turn;                     /* of the loop, in which records came last */
    size_t turn_bytes, turn_bytes_max; /* of them; the most of any turn */
    bool is_slow;                      /* more is unsent than is allowed: to be dropped */
    unsigned scopes;
    uint64_t tenant;
    double began_s, moved_s, said_s; /* moved: bytes of a stream went out; said: a record came */
    double sent_s;                   /* the wire took bytes of a stream; 0 = not yet */
    struct arena arena;
    struct buf body;
    size_t body_max;
    uint64_t body_total; /* as announced, UINT64_MAX: chunked */
    void (*on_gone)(void *arg);
    void *gone_arg;

    int status;
    const char *content_type;
    struct buf answer; /* whole, or what of a stream is not sent */
    size_t answer_at;
    struct http_header *headers;
    struct http_req *next_dirty;
};

struct http_listener {
    int fd;
    bool is_local;
    unsigned n_empty; /* times in a row that nobody could be accepted */
    struct loop_watch watch;
    struct loop_timer timer;
    struct http *h;
};

struct http {
    struct loop *loop;
    struct store *store;
    struct wire *wire;
    struct loop_watch wire_watch;
    const struct http_route *routes;
    uint32_t n_route;
    void *arg;
    struct http_settings settings;
    char origins[HTTP_TEXT_BYTES], hosts[HTTP_TEXT_BYTES];
    struct http_limits limits;

    struct http_listener tcp, local;
    char address[NET_ADDR_BYTES];
    uint16_t port;
    bool is_wide;   /* listens beyond loopback */
    bool is_closed; /* to new requests: shutting down */
    bool wants_run;

    struct http_conn *first, *last;
    struct http_conn *adding; /* handed to the wire just now */
    struct linger *lingers;
    uint32_t n_conn, n_conn_local, n_linger;
    uint64_t turn, n_conn_ever;
    struct http_req *dirty, *held; /* held: streams that gather (HTTP_GATHER_S) */
    uint64_t bodies_bytes;
    uint32_t n_busy;
    struct http_stats stats;
};

/* ---- http.c ---- */
enum err_code http_open_limited(struct http **out, const struct http_params *p,
                                const struct http_limits *limits, struct err *e);
/* An answer or a piece of one is ready: the wire goes on with it in this turn of the loop. */
void http_wake(struct http_req *q);

/* ---- http_conn.c ---- */
/* Takes fd. */
void http_conn_add(struct http *h, int fd, bool is_local);
void http_conn_closed(struct http_conn *c); /* the wire is about to close it; c is dead */
void http_conn_idle(struct http_conn *c);
void http_conn_phase(struct http_conn *c, enum conn_phase phase, double deadline_s);
void http_conn_drop(struct http_conn *c); /* closes it, soon */
void http_conn_end_lingers(struct http *h);
void http_conn_stream(struct http_conn *c); /* sets the timer for pings and stalls */

/* ---- http_req.c: called by the wire ---- */
struct http_req *http_req_begin(struct http *h, struct http_conn *c, void *wire, const char *method,
                                const char *path);
void http_req_head(struct http_req *q);
/* false: refused, and answered past the wire; the connection must be closed. */
bool http_req_body(struct http_req *q, const char *data, size_t len);
void http_req_whole(struct http_req *q);
void http_req_over(struct http_req *q, bool complete); /* frees q */
/* Tells the handler, once. */
void http_req_gone(struct http_req *q);

/* ---- http_stream.c: called by the wire ---- */
/* Bytes for the wire: 0 = nothing now. */
size_t http_stream_take(struct http_req *q, char *to, size_t max);

/* ---- http_past.c ---- */
/* The client has closed its writing half while it waited: its whole answer (REQ_REPLY) goes past
 * the suspended wire. False: it has not. */
bool http_past(struct http_req *q);
void http_past_more(struct http_req *q); /* what the socket did not take yet */
/* q's status, content type and headers with a short body, as far as the socket takes it at once. */
void http_past_refuse(struct http_req *q, const struct buf *body);

/* ---- http_mhd.c ---- */
enum err_code wire_open(struct wire **out, struct http *h, struct err *e);
void wire_close(struct wire *w); /* NULL is fine; everything must be resumed */
int wire_fd(const struct wire *w);
void wire_run(struct wire *w);
uint32_t wire_wait_ms(struct wire *w);              /* UINT32_MAX: for ever */
bool wire_add(struct wire *w, struct http_conn *c); /* false: fd is closed, c is the caller's */
void wire_resume(struct http_req *q);
const char *wire_header(const struct http_req *q, const char *name);
const char *wire_query(const struct http_req *q, const char *name);
uint32_t wire_n_header(const struct http_req *q, const char *name);
/* Whether the headers' names are what they were on the wire: no blanks, no folded lengths. */
bool wire_headers_ok(const struct http_req *q);
const char *wire_reason(int status); /* "Not Found" */
/* Decodes %XX in place, but not %00. Returns the new length. */
size_t http_unescape(char *s);

/* ---- http_route.c ---- */
struct http_match {
    const struct http_route *route; /* NULL: none with this method */
    const char *rest;               /* points into path */
    unsigned methods;               /* that the path has; 0: unknown path */
};
void http_route_find(struct http_match *m, const struct http_route *routes, uint32_t n,
                     enum http_method method, const char *path, bool is_local);
enum http_family http_family_of(const char *path);

/* ---- http_policy.c ---- */
/* Whether a Host header names this machine in a way that no stranger's DNS can choose: an address,
 * localhost, or one of names (separated by blanks). */
bool http_host_ok(const char *host, const char *names);
enum http_origin {
    ORIGIN_NONE,    /* no browser, or the same origin */
    ORIGIN_KNOWN,   /* loopback or configured: named in the answer */
    ORIGIN_ANY,     /* cors is on */
    ORIGIN_FOREIGN, /* may not read answers, nor change anything */
};
enum http_origin http_origin_of(const char *origin, const char *host,
                                const struct http_settings *s);
/* The key's text in the two headers; NULL: none is given. */
const char *http_key_text(const char *authorization, const char *x_api_key, size_t *len);

#endif
