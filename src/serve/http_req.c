/* One request's way: head, checks, body, handler, answer. The checks are all here, so that no
 * handler can forget one. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/sys.h"
#include "serve/http_int.h"

#define ERROR_BYTES_MAX   (64U << 10)
#define METHODS_BYTES     40U
#define CONNECTION_TENANT (1ULL << 63) /* sets connections apart from keys */

/* ---- accessors ---- */

const char *http_path(const struct http_req *q)
{
    return q->path;
}

const char *http_rest(const struct http_req *q)
{
    return q->rest ? q->rest : "";
}

enum http_method http_method(const struct http_req *q)
{
    return q->method;
}

const char *http_header(const struct http_req *q, const char *name)
{
    return wire_header(q, name);
}

const char *http_query(const struct http_req *q, const char *name)
{
    return wire_query(q, name);
}

const char *http_body(const struct http_req *q, size_t *len)
{
    *len = q->body.len;
    return buf_str(&q->body);
}

struct arena *http_arena(struct http_req *q)
{
    return &q->arena;
}

enum http_family http_family(const struct http_req *q)
{
    return q->family;
}

uint64_t http_tenant(const struct http_req *q)
{
    return q->tenant;
}

bool http_is_local(const struct http_req *q)
{
    return q->conn->is_local;
}

unsigned http_scopes(const struct http_req *q)
{
    return q->scopes;
}

void http_on_gone(struct http_req *q, void (*fn)(void *arg), void *arg)
{
    q->on_gone = fn;
    q->gone_arg = arg;
}

void http_answers_soon(struct http_req *q)
{
    q->is_soon = true;
}

/* ---- answers ---- */

void http_add_header(struct http_req *q, const char *name, const char *value)
{
    struct http_header *header = arena_new(&q->arena, sizeof(*header));

    if (!header)
        return;
    header->name = arena_strndup(&q->arena, name, strlen(name));
    header->value = arena_strndup(&q->arena, value, strlen(value));
    if (!header->name || !header->value)
        return;
    header->next = q->headers;
    q->headers = header;
}

static bool is_answered(const struct http_req *q)
{
    return q->state >= REQ_REPLY;
}

void http_reply(struct http_req *q, int status, const char *content_type, const void *body,
                size_t len)
{
    if (is_answered(q))
        return;
    buf_finish(&q->answer);
    buf_init(&q->answer, MEM_REQUEST, SIZE_MAX / 2);
    if (!buf_add(&q->answer, body, len)) {
        /* No memory for the answer: the client learns that much. */
        buf_clear(&q->answer);
        status = 503;
    }
    q->state = REQ_REPLY;
    q->status = status;
    q->content_type =
        content_type ? arena_strndup(&q->arena, content_type, strlen(content_type)) : NULL;
    q->on_gone = NULL;
    http_conn_phase(q->conn, CONN_SEND,
                    clock_s() + q->h->limits.stall_s + (double)len / HTTP_RATE_BYTES_S);
    http_wake(q);
}

void http_reply_json(struct http_req *q, int status, const struct buf *json)
{
    if (json->failed) {
        http_reply_error(q,
                         &(struct http_error){ .status = 500, .text = "no memory for the answer" });
        return;
    }
    http_reply(q, status, "application/json", buf_str(json), json->len);
}

void http_reply_error(struct http_req *q, const struct http_error *error)
{
    struct buf out;

    if (error->retry_after_s > 0) {
        char seconds[16];

        (void)snprintf(seconds, sizeof(seconds), "%u", error->retry_after_s);
        http_add_header(q, "Retry-After", seconds);
    }
    if (error->status == 401)
        http_add_header(q, "WWW-Authenticate", "Bearer");
    buf_init(&out, MEM_REQUEST, ERROR_BYTES_MAX);
    http_error_write(&out, q->family, error);
    http_reply(q, error->status, "application/json", buf_str(&out), out.len);
    buf_finish(&out);
}

static void refuse(struct http_req *q, int status, const char *code, const char *text)
{
    q->h->stats.n_refused++;
    http_reply_error(q, &(struct http_error){ .status = status, .code = code, .text = text });
}

/* ---- the head ---- */

struct http_req *http_req_begin(struct http *h, struct http_conn *c, void *wire, const char *method,
                                const char *path)
{
    struct http_req *q = mem_alloc_zero(MEM_REQUEST, sizeof(*q));

    if (!q)
        return NULL;
    q->h = h;
    q->conn = c;
    q->wire = wire;
    q->began_s = q->moved_s = q->said_s = clock_s();
    arena_init(&q->arena, MEM_REQUEST, HTTP_ARENA_BLOCK, HTTP_ARENA_MAX);
    buf_init(&q->answer, MEM_REQUEST, SIZE_MAX / 2);
    q->method_name = arena_strndup(&q->arena, method, strlen(method));
    q->path = arena_strndup(&q->arena, path, strlen(path));
    if (!q->method_name || !q->path) {
        arena_finish(&q->arena);
        mem_free(q);
        return NULL;
    }
    c->q = q;
    h->stats.n_request++;
    h->n_busy++;
    return q;
}

/* "http://name/path" as proxies send it: the part before the path is checked like a Host. */
static bool strip_absolute(struct http_req *q)
{
    char host[NET_ADDR_BYTES * 4];
    size_t len;

    if (strncasecmp(q->path, "http://", 7) != 0)
        return true;
    q->path += 7;
    len = strcspn(q->path, "/");
    if (len >= sizeof(host))
        return false;
    memcpy(host, q->path, len);
    host[len] = '\0';
    q->path = q->path[len] ? q->path + len : "/";
    return http_host_ok(host, q->h->settings.hosts);
}

/* Lengths that contradict each other let two parsers see two different requests. */
static bool check_framing(struct http_req *q)
{
    const char *length = wire_header(q, "Content-Length");
    const char *coding = wire_header(q, "Transfer-Encoding");
    uint64_t value = 0;

    q->body_total = 0;
    if (!wire_headers_ok(q)) {
        q->body_total = UINT64_MAX; /* whatever follows: it is nobody's next request */
        return false;
    }
    if (coding) {
        q->body_total = UINT64_MAX;
        return !length && strcasecmp(coding, "chunked") == 0 && q->is_http11 &&
               wire_n_header(q, "Transfer-Encoding") == 1;
    }
    if (!length)
        return true;
    if (wire_n_header(q, "Content-Length") != 1 || !*length)
        return false;
    for (const char *p = length; *p; p++) {
        if (*p < '0' || *p > '9' || value > UINT64_MAX / 16)
            return false;
        value = value * 10 + (uint64_t)(*p - '0');
    }
    q->body_total = value;
    return true;
}

static bool check_host(struct http_req *q)
{
    const char *host = wire_header(q, "Host");

    if (q->conn->is_local) {
        (void)strip_absolute(q); /* no name leads here */
        return true;
    }
    if (wire_n_header(q, "Host") > 1 || (!host && q->is_http11))
        return false;
    return strip_absolute(q) && (!host || http_host_ok(host, q->h->settings.hosts));
}

/* Sends what a browser needs to let a page read this answer. */
static void add_cors(struct http_req *q, enum http_origin origin)
{
    if (origin == ORIGIN_ANY) {
        http_add_header(q, "Access-Control-Allow-Origin", "*");
    } else if (origin == ORIGIN_KNOWN) {
        http_add_header(q, "Access-Control-Allow-Origin", wire_header(q, "Origin"));
        http_add_header(q, "Vary", "Origin");
    }
}

static void reply_preflight(struct http_req *q)
{
    const char *headers = wire_header(q, "Access-Control-Request-Headers");

    http_add_header(q, "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
    if (headers)
        http_add_header(q, "Access-Control-Allow-Headers", headers);
    http_add_header(q, "Access-Control-Max-Age", "86400");
    if (wire_header(q, "Access-Control-Request-Private-Network"))
        http_add_header(q, "Access-Control-Allow-Private-Network", "true");
    http_reply(q, 204, NULL, "", 0);
}

static void list_methods(char out[METHODS_BYTES], unsigned methods)
{
    (void)snprintf(out, METHODS_BYTES, "%s%s%sOPTIONS", methods & HTTP_GET ? "GET, HEAD, " : "",
                   methods & HTTP_POST ? "POST, " : "", methods & HTTP_DELETE ? "DELETE, " : "");
}

static void reply_unknown(struct http_req *q, unsigned methods)
{
    char text[HTTP_PATH_SHOWN + 80], allow[METHODS_BYTES];

    if (methods) {
        list_methods(allow, methods);
        http_add_header(q, "Allow", allow);
    }
    if (methods && strcmp(q->method_name, "OPTIONS") == 0) {
        http_reply(q, 204, NULL, "", 0);
        return;
    }
    (void)snprintf(text, sizeof(text), "Unexpected endpoint or method. (%.16s %.*s)",
                   q->method_name, (int)HTTP_PATH_SHOWN, q->path);
    http_reply_error(q, &(struct http_error){ .status = methods ? 405 : 404, .text = text });
}

/* Lost ones count: who made them wanted the server closed. */
static bool has_keys(const struct http *h)
{
    return h->store && (store_n_key(h->store) > 0 || store_keys_lost(h->store));
}

/* Who asks, and what that one may do. False: answered with 401 or 403. */
static bool check_key(struct http_req *q, unsigned needed)
{
    struct http *h = q->h;
    const char *text;
    char id[9] = { 0 };
    size_t len;

    if (q->conn->is_local)
        return true;
    if (!h->settings.require_key && !h->is_wide && !has_keys(h)) {
        q->scopes = KEY_SCOPES_ALL & ~(unsigned)KEY_ADMIN;
        return true;
    }
    text = http_key_text(wire_header(q, "Authorization"), wire_header(q, "x-api-key"), &len);
    q->scopes = text && h->store ? store_key_check(h->store, text, len, id) : 0;
    if (q->scopes == 0) {
        refuse(q, 401, "invalid_api_key",
               h->store && store_keys_lost(h->store)
                   ? "The API keys were lost with a damaged database; `hearth key create` on the "
                     "server's machine makes a new one."
                   : "A valid API key is needed.");
        return false;
    }
    memcpy(&q->tenant, id, sizeof(q->tenant));
    q->tenant &= ~CONNECTION_TENANT;
    if ((q->scopes & needed) != needed) {
        refuse(q, 403, "permission_denied", "This API key lacks the permission for this.");
        return false;
    }
    return true;
}

static bool check_origin(struct http_req *q, enum http_origin origin)
{
    if (origin != ORIGIN_FOREIGN || q->method == HTTP_GET)
        return true;
    refuse(q, 403, "origin_not_allowed",
           "This web page's origin is not allowed to use the server; name it in \"origins\" of the "
           "server's configuration, or allow all with cors.");
    return false;
}

static enum http_method method_named(const char *name, bool *is_head)
{
    *is_head = strcmp(name, "HEAD") == 0;
    if (*is_head || strcmp(name, "GET") == 0)
        return HTTP_GET;
    if (strcmp(name, "POST") == 0)
        return HTTP_POST;
    return strcmp(name, "DELETE") == 0 ? HTTP_DELETE : 0;
}

static void check_route(struct http_req *q)
{
    const bool is_options = strcmp(q->method_name, "OPTIONS") == 0;
    enum http_origin origin = ORIGIN_NONE;
    struct http_match m;

    if (!q->conn->is_local)
        origin = http_origin_of(wire_header(q, "Origin"), wire_header(q, "Host"), &q->h->settings);
    add_cors(q, origin);
    http_route_find(&m, q->h->routes, q->h->n_route, q->method, q->path, q->conn->is_local);
    q->family = m.route ? m.route->family : http_family_of(q->path);
    q->rest = m.rest;
    if (!check_origin(q, origin))
        return;
    if (is_options && origin != ORIGIN_NONE && wire_header(q, "Access-Control-Request-Method")) {
        reply_preflight(q);
        return;
    }
    if (!m.route) {
        if (check_key(q, 0))
            reply_unknown(q, m.methods);
        return;
    }
    if (m.route->scopes && !check_key(q, m.route->scopes))
        return;
    q->route = m.route;
    q->body_max = m.route->body_max;
    if (q->body_total != UINT64_MAX && q->body_total > q->body_max)
        refuse(q, 413, "request_too_large", "The body is larger than this endpoint accepts.");
}

void http_req_head(struct http_req *q)
{
    struct http *h = q->h;
    const bool is_misframed = !check_framing(q);
    double allowed_s = h->limits.body_s;

    q->method = method_named(q->method_name, &q->is_head);
    q->family = http_family_of(q->path);
    q->tenant = q->conn->id | CONNECTION_TENANT;
    q->scopes = q->conn->is_local ? KEY_SCOPES_ALL : 0;
    if (is_misframed)
        refuse(q, 400, "invalid_framing",
               "Content-Length and Transfer-Encoding are ambiguous, or a header is malformed.");
    else if (!check_host(q))
        refuse(q, 403, "host_not_allowed",
               "The Host header names neither an address nor localhost; further names stand in "
               "\"hosts\" of the server's configuration.");
    else if (h->is_closed && !q->conn->is_local)
        http_reply_error(q, &(struct http_error){ .status = 503,
                                                  .code = "shutting_down",
                                                  .text = "The server is shutting down.",
                                                  .retry_after_s = 5 });
    else
        check_route(q);
    if (is_answered(q)) {
        q->conn->is_last = q->conn->is_last || is_misframed;
        /* A short body is read and dropped, so that the connection can go on. */
        q->is_draining =
            q->body_total > 0 && q->body_total <= HTTP_DRAIN_MAX && !wire_header(q, "Expect");
        q->conn->lingers = q->body_total > 0 && !q->is_draining;
        if (!q->is_draining)
            return;
    }
    buf_init(&q->body, MEM_REQUEST, q->body_max + 1);
    if (!is_answered(q))
        q->state = REQ_BODY;
    if (q->body_total == 0)
        return;
    if (q->body_total != UINT64_MAX)
        allowed_s += (double)q->body_total / HTTP_RATE_BYTES_S;
    http_conn_phase(q->conn, CONN_BODY, clock_s() + allowed_s);
}

/* ---- the body ---- */

/* The wire takes no answer while a body comes in: this one goes past it, and the connection ends.
 */
static bool refuse_past_wire(struct http_req *q, int status, const char *code, const char *text)
{
    const struct http_error error = { .status = status, .code = code, .text = text };
    struct buf body;

    q->h->stats.n_refused++;
    q->status = status;
    q->content_type = "application/json";
    q->headers = NULL;
    buf_init(&body, MEM_REQUEST, ERROR_BYTES_MAX);
    http_error_write(&body, q->family, &error);
    http_past_refuse(q, &body);
    buf_finish(&body);
    q->state = REQ_GONE;
    q->conn->lingers = true;
    return false;
}

bool http_req_body(struct http_req *q, const char *data, size_t len)
{
    struct http *h = q->h;

    h->stats.bytes_in += len;
    if (q->is_draining)
        return true;
    if (q->state != REQ_BODY)
        return false;
    if (len > q->body_max - q->body.len)
        return refuse_past_wire(q, 413, "request_too_large",
                                "The body is larger than this endpoint accepts.");
    if (len > h->limits.bodies_max - h->bodies_bytes)
        return refuse_past_wire(q, 503, "overloaded",
                                "Too many large requests at once; try again later.");
    if (!buf_add(&q->body, data, len))
        return refuse_past_wire(q, 503, "overloaded", "No memory for this request.");
    h->bodies_bytes += len;
    if (q->body_total == UINT64_MAX || q->conn->is_half)
        http_conn_phase(q->conn, CONN_BODY,
                        q->began_s + h->limits.body_s + (double)q->body.len / HTTP_RATE_BYTES_S);
    return true;
}

void http_req_whole(struct http_req *q)
{
    q->state = REQ_WORK;
    http_conn_phase(q->conn, CONN_WORK, 0);
    q->route->handler(q, q->h->arg);
    /* The wire may have read the client's half-close together with its request. */
    if (q->conn->is_half && !q->is_soon && (q->state == REQ_WORK || q->state == REQ_STREAM))
        http_req_gone(q);
}

/* ---- the end ---- */

void http_req_gone(struct http_req *q)
{
    void (*fn)(void *arg) = q->on_gone;

    if (q->state == REQ_GONE)
        return;
    q->state = REQ_GONE;
    q->on_gone = NULL;
    http_wake(q);
    http_conn_drop(q->conn);
    if (fn)
        fn(q->gone_arg);
}

static void log_request(const struct http_req *q)
{
    const double ms = (clock_s() - q->began_s) * 1000.0;
    const char *end = q->state == REQ_GONE && !q->is_past ? ", the client has gone" : "";
    char path[HTTP_PATH_SHOWN];
    size_t n = 0;

    for (const char *p = q->path; *p && n < sizeof(path) - 1; p++) {
        path[n] = *p;
        if (*p < ' ' || *p == 0x7F)
            path[n] = '?';
        n++;
    }
    path[n] = '\0';
    if (q->route && q->route->scopes == 0)
        log_debug("http", "%.16s %s %d %.1f ms%s", q->method_name, path, q->status, ms, end);
    else
        log_info("http", "%.16s %s %d %.1f ms%s", q->method_name, path, q->status, ms, end);
}

static void forget_dirty(struct http_req *q)
{
    struct http_req **lists[] = { &q->h->dirty, &q->h->held };

    for (unsigned i = 0; i < COUNT_OF(lists); i++) {
        struct http_req **at = lists[i];

        while (*at && *at != q)
            at = &(*at)->next_dirty;
        if (*at)
            *at = q->next_dirty;
    }
}

void http_req_over(struct http_req *q, bool complete)
{
    struct http *h = q->h;
    struct http_conn *c = q->conn;

    /* The answer to HEAD is complete when a handler still writes its stream. */
    if (q->state == REQ_STREAM || (!complete && q->state != REQ_GONE))
        http_req_gone(q);
    if (q->is_dirty)
        forget_dirty(q);
    h->stats.n_by_status[q->status / 100 % 6]++;
    log_request(q);
    h->bodies_bytes -= q->body.len;
    h->n_busy--;
    if (q->is_stream)
        h->stats.n_stream_now--;
    else if (complete)
        h->stats.bytes_out += q->answer.len;
    buf_finish(&q->body);
    buf_finish(&q->answer);
    arena_finish(&q->arena);
    c->q = NULL;
    mem_free(q);
    if (complete)
        http_conn_idle(c);
}
