/* The HTTP server as a whole: listeners, settings, and its share in each turn of the loop. */
#include "serve/http.h"

#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/sys.h"
#include "serve/http_int.h"

static const struct http_limits default_limits = {
    .n_connection_max = HTTP_CONNECTIONS_MAX,
    .head_bytes = HTTP_HEAD_BYTES,
    .bodies_max = HTTP_BODIES_MAX,
    .unsent_max = HTTP_UNSENT_MAX,
    .head_s = HTTP_HEAD_DEADLINE_S,
    .body_s = HTTP_BODY_DEADLINE_S,
    .idle_s = HTTP_IDLE_S,
    .stall_s = HTTP_STALL_S,
    .ping_s = HTTP_PING_S,
    .gather_s = HTTP_GATHER_S,
    .half_s = 0.1,
};

/* ---- turns of the loop ---- */

void http_wake(struct http_req *q)
{
    if (q->is_dirty)
        return;
    q->is_dirty = true;
    q->next_dirty = q->h->dirty;
    q->h->dirty = q;
}

/* A stream that has just sent something gathers what comes next. *wait_ms: until it has done so. */
static bool gathers(const struct http_req *q, double now, uint32_t *wait_ms)
{
    const size_t unsent = q->answer.len - q->answer_at;
    const double left_s = q->sent_s + q->h->limits.gather_s - now;

    if (q->state != REQ_STREAM || q->is_slow || unsent == 0 || unsent >= HTTP_GATHER_BYTES ||
        q->sent_s <= 0.0 || left_s <= 0.0)
        return false;
    *wait_ms = min_u32(*wait_ms, (uint32_t)(left_s * 1000.0) + 1);
    return true;
}

static void flush_one(struct http *h, struct http_req *q)
{
    if (q->is_slow && q->state == REQ_STREAM) {
        log_info("http", "a client that reads too slowly is dropped");
        h->stats.n_refused++;
        http_req_gone(q); /* woken again */
        return;
    }
    if (!q->is_suspended)
        return; /* the wire asks by itself */
    if (q->state == REQ_STREAM && q->is_queued && q->answer_at == q->answer.len)
        return; /* it has asked already */
    if (q->is_soon && q->state == REQ_REPLY && http_past(q))
        return;
    q->is_suspended = false;
    wire_resume(q);
    h->wants_run = true;
}

/* What was added since the last turn goes to the wire, all pieces of a stream together. Returns how
 * long those that gather may still wait. */
static uint32_t flush_dirty(struct http *h)
{
    struct http_req *lists[] = { h->held, h->dirty };
    const double now = lists[0] || lists[1] ? clock_s() : 0.0;
    uint32_t wait_ms = UINT32_MAX;

    h->held = h->dirty = NULL;
    for (unsigned i = 0; i < COUNT_OF(lists); i++) {
        for (struct http_req *q = lists[i], *next; q; q = next) {
            next = q->next_dirty;
            if (gathers(q, now, &wait_ms)) {
                q->next_dirty = h->held;
                h->held = q;
            } else {
                q->is_dirty = false;
                flush_one(h, q);
            }
        }
    }
    return wait_ms;
}

static uint32_t on_turn(void *arg)
{
    struct http *h = arg;
    uint32_t wait_ms, held_ms;

    h->turn++;
    held_ms = flush_dirty(h);
    if (h->wants_run) {
        h->wants_run = false;
        wire_run(h->wire);
    }
    /* Handlers that ran just now may have answered other requests. */
    if (h->dirty || h->wants_run)
        return 0;
    wait_ms = wire_wait_ms(h->wire);
    h->wants_run = wait_ms == 0; /* the wire has something left to do */
    return min_u32(wait_ms, held_ms);
}

static void on_wire(struct loop_watch *w, unsigned events)
{
    struct http *h = w->arg;

    (void)events;
    h->wants_run = false;
    wire_run(h->wire);
}

/* ---- listeners ---- */

static void on_pause_over(struct loop_timer *t)
{
    struct http_listener *l = t->arg;

    l->n_empty = 0;
    loop_watch_events(l->h->loop, &l->watch, LOOP_IN);
}

static void on_listener(struct loop_watch *w, unsigned events)
{
    struct http_listener *l = w->arg;
    unsigned n = 0;
    int fd;

    (void)events;
    for (; n < HTTP_ACCEPTS_MAX && net_accept(l->fd, &fd); n++)
        http_conn_add(l->h, fd, l->is_local);
    l->n_empty = n > 0 ? 0 : l->n_empty + 1;
    /* Somebody waits, but no file is left for him: not to be asked at once again. */
    if (l->n_empty >= HTTP_EMPTY_MAX &&
        loop_timer_at(l->h->loop, &l->timer, clock_s() + HTTP_PAUSE_S, on_pause_over, l, NULL) ==
            ERR_OK)
        loop_watch_events(l->h->loop, w, 0);
}

static void listener_close(struct http_listener *l)
{
    loop_timer_stop(l->h->loop, &l->timer);
    loop_unwatch(l->h->loop, &l->watch);
    net_close(&l->fd);
}

static enum err_code listener_watch(struct http_listener *l, struct err *e)
{
    enum err_code rc = loop_watch(l->h->loop, &l->watch, l->fd, LOOP_IN, on_listener, l, e);

    if (rc)
        net_close(&l->fd);
    return rc;
}

enum err_code http_listen(struct http *h, const char *address, uint16_t port, uint16_t *used,
                          struct err *e)
{
    const bool is_wide = !net_is_loopback(address);
    enum err_code rc;

    if (h->tcp.fd >= 0)
        return err_set(e, ERR_ARG, "already listening on %s port %u", h->address, h->port);
    if (strlen(address) >= sizeof(h->address))
        return err_set(e, ERR_ARG, "address too long: %.80s", address);
    if (is_wide && (!h->store || store_n_key(h->store) == 0))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s can be reached from other machines: make an API key first "
                       "(hearth key create)",
                       address);
    rc = net_listen_tcp(&h->tcp.fd, address, port, &h->port, e);
    if (!rc)
        rc = listener_watch(&h->tcp, e);
    if (rc) {
        h->port = 0;
        return rc;
    }
    h->is_wide = is_wide;
    memcpy(h->address, address, strlen(address) + 1);
    if (used)
        *used = h->port;
    return ERR_OK;
}

void http_unlisten(struct http *h)
{
    struct http_conn *next;

    if (h->tcp.fd < 0)
        return;
    listener_close(&h->tcp);
    h->port = 0;
    for (struct http_conn *c = h->first; c; c = next) {
        next = c->next;
        if (c->is_local)
            continue;
        c->is_last = true;
        if (c->phase == CONN_IDLE)
            http_conn_drop(c);
    }
}

uint16_t http_port(const struct http *h)
{
    return h->port;
}

const char *http_address(const struct http *h)
{
    return h->address;
}

void http_refuse(struct http *h, bool on)
{
    h->is_closed = on;
}

uint32_t http_n_busy(const struct http *h)
{
    return h->n_busy;
}

/* ---- the whole ---- */

static enum err_code copy_setting(char out[HTTP_TEXT_BYTES], const char *text, struct err *e)
{
    size_t len = text ? strlen(text) : 0;

    if (len >= HTTP_TEXT_BYTES)
        return err_set(e, ERR_LIMIT, "a list of names has %zu bytes, at most %u are allowed", len,
                       HTTP_TEXT_BYTES - 1);
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
    return ERR_OK;
}

enum err_code http_set(struct http *h, const struct http_settings *s, struct err *e)
{
    char origins[HTTP_TEXT_BYTES], hosts[HTTP_TEXT_BYTES];
    enum err_code rc = copy_setting(origins, s->origins, e);

    if (!rc)
        rc = copy_setting(hosts, s->hosts, e);
    if (rc)
        return rc;
    memcpy(h->origins, origins, sizeof(origins));
    memcpy(h->hosts, hosts, sizeof(hosts));
    h->settings = *s;
    h->settings.origins = h->origins;
    h->settings.hosts = h->hosts;
    return ERR_OK;
}

static enum err_code open_parts(struct http *h, const struct http_params *p, struct err *e)
{
    enum err_code rc = http_set(h, &p->settings, e);

    if (!rc)
        rc = wire_open(&h->wire, h, e);
    if (!rc)
        rc = loop_watch(h->loop, &h->wire_watch, wire_fd(h->wire), LOOP_IN, on_wire, h, e);
    if (!rc)
        rc = loop_hook(h->loop, on_turn, h, e);
    if (!rc && p->unix_path) {
        rc = net_listen_unix(&h->local.fd, p->unix_path, e);
        if (!rc)
            rc = listener_watch(&h->local, e);
    }
    return rc;
}

enum err_code http_open_limited(struct http **out, const struct http_params *p,
                                const struct http_limits *limits, struct err *e)
{
    struct http *h = mem_alloc_zero(MEM_OTHER, sizeof(*h));
    enum err_code rc;

    *out = NULL;
    if (!h)
        return err_set(e, ERR_OOM, "no memory for the HTTP server");
    h->loop = p->loop;
    h->store = p->store;
    h->routes = p->routes;
    h->n_route = p->n_route;
    h->arg = p->arg;
    h->limits = *limits;
    h->tcp = (struct http_listener){ .fd = -1, .h = h };
    h->local = (struct http_listener){ .fd = -1, .h = h, .is_local = true };
    rc = open_parts(h, p, e);
    if (rc) {
        http_close(h);
        return rc;
    }
    *out = h;
    return ERR_OK;
}

enum err_code http_open(struct http **out, const struct http_params *p, struct err *e)
{
    struct http_limits limits = default_limits;
    const uint32_t n_file = file_limit_raise();

    if (n_file > 0 && n_file < HTTP_CONNECTIONS_MAX + HTTP_FILES_OTHER)
        limits.n_connection_max =
            n_file > 2 * HTTP_FILES_OTHER ? n_file - HTTP_FILES_OTHER : HTTP_FILES_OTHER;
    return http_open_limited(out, p, &limits, e);
}

void http_close(struct http *h)
{
    struct http_conn *next;

    if (!h)
        return;
    if (h->tcp.fd >= 0)
        listener_close(&h->tcp);
    if (h->local.fd >= 0)
        listener_close(&h->local);
    for (struct http_conn *c = h->first; c; c = next) {
        next = c->next;
        if (c->q)
            http_req_gone(c->q);
        c->lingers = false;
    }
    if (h->wire) {
        while (h->dirty)
            (void)flush_dirty(h);
        loop_unwatch(h->loop, &h->wire_watch);
        wire_close(h->wire);
    }
    CHECK(h->n_conn == 0);
    http_conn_end_lingers(h);
    mem_free(h);
}

void http_stats(const struct http *h, struct http_stats *out)
{
    *out = h->stats;
    out->n_connection_now = h->n_conn;
}
