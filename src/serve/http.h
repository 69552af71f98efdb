/* HTTP: requests in, answers out.
 *
 * Everything happens on the loop's thread. A handler gets a whole, bounded request and answers at
 * once or later; a stream is written piece by piece. Who checks what: this room checks deadlines,
 * sizes, Host and Origin, CORS, keys and scopes before a handler is called, so that no handler can
 * forget it. */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "os/loop.h"
#include "runtime/job.h"
#include "store/store.h"

#define HTTP_CONNECTIONS_MAX 4096U /* over TCP */
#define HTTP_LOCAL_MAX       64U   /* over the Unix socket, so that the owner always gets in */
#define HTTP_HEAD_BYTES      (24U << 10)  /* per connection: request line, headers, answer's head */
#define HTTP_BODY_MAX        (64U << 20)  /* larger ones are 413 as soon as that is known */
#define HTTP_BODIES_MAX      (256U << 20) /* of all connections together: else 503 */
#define HTTP_HEAD_DEADLINE_S 10.0         /* from the first byte of a head to its last */
#define HTTP_BODY_DEADLINE_S 30.0         /* plus a second for every 64 KiB */
#define HTTP_IDLE_S          120.0        /* keep-alive */
/* What a stream's client may leave unread when more comes, or twice what one turn of the loop
 * brought if that is more: beyond it is too slow and is dropped, as it is after HTTP_STALL_S
 * without progress. Its job pauses no one else's. */
#define HTTP_UNSENT_MAX (1U << 20)
#define HTTP_STALL_S    30.0
#define HTTP_PING_S     15.0 /* a comment line in a silent stream */
/* Records that follow each other faster than this go together: a send costs more than a record, and
 * nobody reads faster. The first one goes at once. Not so long when HTTP_GATHER_BYTES wait. */
#define HTTP_GATHER_S     0.02
#define HTTP_GATHER_BYTES 8192U

struct http;     /* the server */
struct http_req; /* one request, until it is answered or gone */

enum http_method { HTTP_GET = 1U, HTTP_POST = 2U, HTTP_DELETE = 4U };

/* Whose manners a path has: the shape of errors and 404s. */
enum http_family { FAMILY_OPENAI, FAMILY_ANTHROPIC, FAMILY_NATIVE, FAMILY_PLAIN };

struct http_route {
    enum http_method method;
    const char *path; /* "/v1/models"; a last "*" takes the rest, decoded: http_rest */
    void (*handler)(struct http_req *q, void *arg); /* arg: of the server */
    enum http_family family;
    unsigned scopes; /* enum key_scope that a key must have; 0 = open to all */
    size_t body_max; /* 0 = no body */
    bool local_only; /* only over the Unix socket */
};

struct http_settings {
    bool cors;           /* any origin; else loopback origins and those named below */
    bool require_key;    /* always; a bind beyond loopback requires keys in any case */
    const char *origins; /* further allowed origins, separated by blanks; may be NULL */
    const char *hosts;   /* further names in Host, separated by blanks; may be NULL */
};

struct http_params {
    struct loop *loop;
    struct store *store;             /* keys; NULL: there are none */
    const struct http_route *routes; /* n_route of them; longest path first among equals */
    uint32_t n_route;
    void *arg;             /* for handlers */
    const char *unix_path; /* always listening there: whoever opens it is trusted, without key */
    struct http_settings settings; /* strings are copied */
};

/* ERR_IO (the socket), ERR_OOM. */
enum err_code http_open(struct http **out, const struct http_params *p, struct err *e);
/* Drops what runs (http_on_gone); the loop must not run afterwards. NULL is fine. */
void http_close(struct http *h);
enum err_code http_set(struct http *h, const struct http_settings *s, struct err *e);

/* The TCP listener. ERR_ARG, ERR_IO (in use); ERR_UNSUPPORTED: beyond loopback without any key. */
enum err_code http_listen(struct http *h, const char *address, uint16_t port, uint16_t *used,
                          struct err *e);
void http_unlisten(struct http *h);       /* answers that run go on */
uint16_t http_port(const struct http *h); /* 0 = not listening */
const char *http_address(const struct http *h);

/* On: every request that does not come over the Unix socket gets 503. */
void http_refuse(struct http *h, bool on);
uint32_t http_n_busy(const struct http *h); /* requests that are not completely answered */

struct http_stats {
    uint64_t n_request, n_connection_now, n_stream_now, n_refused;
    uint64_t n_by_status[6]; /* [2] = 2xx … */
    uint64_t bytes_in, bytes_out;
};
void http_stats(const struct http *h, struct http_stats *out);

/* ---- the request ---- */
const char *http_path(const struct http_req *q);
const char *http_rest(const struct http_req *q); /* what "*" stands for, percent-decoded */
enum http_method http_method(const struct http_req *q);
const char *http_header(const struct http_req *q, const char *name); /* NULL: absent */
const char *http_query(const struct http_req *q, const char *name);  /* NULL: absent */
const char *http_body(const struct http_req *q, size_t *len);        /* NUL-terminated */
struct arena *http_arena(struct http_req *q);                        /* dies with the request */
enum http_family http_family(const struct http_req *q);
uint64_t http_tenant(const struct http_req *q); /* the key, else the client's connection */
bool http_is_local(const struct http_req *q);   /* came over the Unix socket */
unsigned http_scopes(const struct http_req *q);

/* fn(arg) once, when the client has gone before its answer was complete (never afterwards): cancel
 * what was begun for it. The request is dead after fn. */
void http_on_gone(struct http_req *q, void (*fn)(void *arg), void *arg);

/* The answer will come soon and by itself, without a model's work: a client that closes its writing
 * half meanwhile, as some do behind each request, gets it. From all others that is taken for
 * leaving, which looks the same. */
void http_answers_soon(struct http_req *q);

/* ---- the answer: either whole … ---- */
/* Further header of the answer; before it begins. */
void http_add_header(struct http_req *q, const char *name, const char *value);
/* Sends and ends; the body is copied. q is dead afterwards. */
void http_reply(struct http_req *q, int status, const char *content_type, const void *body,
                size_t len);
void http_reply_json(struct http_req *q, int status, const struct buf *json);

/* An error in the shape of the request's family. code and param may be NULL. */
struct http_error {
    int status;
    const char *type; /* NULL: what the family says for the status */
    const char *code, *param;
    const char *text;
    uint32_t retry_after_s;
};
void http_reply_error(struct http_req *q, const struct http_error *error);
/* The error object alone, for streams that have begun: {"error":{…}} and the like. */
void http_error_write(struct buf *out, enum http_family family, const struct http_error *error);
/* What a failed job means: status, code, type. text is borrowed. */
void http_error_of_job(struct http_error *out, enum job_error error, const char *text,
                       uint32_t retry_after_s);

/* … or a stream of server-sent events. ---- */
void http_stream_begin(struct http_req *q, bool pings); /* 200, text/event-stream */
bool http_stream_begun(const struct http_req *q);
/* One record: optional "event: name", "data: json" on one line. Gathered and sent together with
 * what else is ready. false: the client has gone or is too slow (http_on_gone will come). */
bool http_stream_event(struct http_req *q, const char *name, const char *json, size_t len);
void http_stream_end(struct http_req *q); /* q is dead afterwards */

#endif
