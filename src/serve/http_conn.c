/* A connection's life beside the wire: phases with absolute deadlines, and whether the client is
 * still there.
 *
 * libmicrohttpd owns the file and reads and writes it. We watch the same file in our own loop, for
 * two things that it does not tell: the first byte of a request (from which the head's deadline
 * counts, however slowly the rest drips in), and the client's leaving while a handler works. */
#include "base/log.h"
#include "base/mem.h"
#include "os/sys.h"
#include "serve/http_int.h"

/* ---- what is still coming in from clients that were refused ---- */

/* Closing a socket with unread bytes resets it, and the client may never see the answer that
 * refused its body. So a duplicate stays open for a moment and swallows what comes. */
struct linger {
    struct http *h;
    struct linger *prev, *next;
    int fd;
    struct loop_watch watch;
    struct loop_timer timer;
};

static void linger_end(struct linger *l)
{
    loop_unwatch(l->h->loop, &l->watch);
    loop_timer_stop(l->h->loop, &l->timer);
    net_close(&l->fd);
    if (l->prev)
        l->prev->next = l->next;
    else
        l->h->lingers = l->next;
    if (l->next)
        l->next->prev = l->prev;
    l->h->n_linger--;
    mem_free(l);
}

void http_conn_end_lingers(struct http *h)
{
    while (h->lingers)
        linger_end(h->lingers);
}

static void on_linger_time(struct loop_timer *t)
{
    linger_end(t->arg);
}

static void on_linger(struct loop_watch *w, unsigned events)
{
    struct linger *l = w->arg;
    char waste[16384];
    size_t n;

    (void)events;
    if (net_read(l->fd, waste, sizeof(waste), &n, NULL) != ERR_OK)
        linger_end(l);
}

static void linger_begin(struct http *h, int fd)
{
    struct linger *l;

    if (h->n_linger >= HTTP_LINGER_MAX)
        return;
    l = mem_alloc_zero(MEM_REQUEST, sizeof(*l));
    if (!l)
        return;
    l->h = h;
    h->n_linger++;
    l->next = h->lingers;
    if (l->next)
        l->next->prev = l;
    h->lingers = l;
    l->fd = net_dup(fd);
    if (l->fd < 0 ||
        loop_timer_at(h->loop, &l->timer, clock_s() + HTTP_LINGER_S, on_linger_time, l, NULL) ||
        loop_watch(h->loop, &l->watch, l->fd, LOOP_IN, on_linger, l, NULL))
        linger_end(l);
}

/* ---- phases ---- */

/* Busy connections first: the last one has been idle for longest. */
static void list_front(struct http_conn *c)
{
    struct http *h = c->h;

    if (h->first == c)
        return;
    if (c->prev)
        c->prev->next = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (h->last == c)
        h->last = c->prev;
    c->prev = NULL;
    c->next = h->first;
    if (h->first)
        h->first->prev = c;
    h->first = c;
    if (!h->last)
        h->last = c;
}

static void list_remove(struct http_conn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->h->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        c->h->last = c->prev;
}

void http_conn_drop(struct http_conn *c)
{
    if (c->is_dead)
        return;
    c->is_dead = true;
    loop_unwatch(c->h->loop, &c->watch);
    loop_timer_stop(c->h->loop, &c->timer);
    net_shutdown(c->fd);
    c->h->wants_run = true;
}

static void on_stream_time(struct http_conn *c, double now)
{
    const struct http_limits *limits = &c->h->limits;
    struct http_req *q = c->q;

    if (q->answer_at < q->answer.len && now - q->moved_s >= limits->stall_s) {
        log_info("http", "a client that does not read its stream is dropped");
        c->h->stats.n_refused++;
        http_req_gone(q);
        return;
    }
    if (q->has_pings && now - q->said_s >= limits->ping_s && q->answer_at == q->answer.len) {
        q->said_s = now;
        if (buf_adds(&q->answer, ": ping\n\n"))
            http_wake(q);
    }
    http_conn_stream(c);
}

static void on_deadline(struct loop_timer *t)
{
    struct http_conn *c = t->arg;
    const double now = clock_s();

    if (c->phase == CONN_WORK && c->q && c->q->state == REQ_STREAM) {
        on_stream_time(c, now);
        return;
    }
    if (c->phase == CONN_SEND && c->q && c->q->is_past) {
        http_past_more(c->q);
        return;
    }
    if (c->phase == CONN_SEND && c->q && now - c->q->moved_s < c->h->limits.stall_s &&
        c->q->state == REQ_ENDED) {
        http_conn_phase(c, CONN_SEND, c->q->moved_s + c->h->limits.stall_s);
        return;
    }
    if (c->phase != CONN_IDLE && !c->is_half) {
        c->h->stats.n_refused++;
        log_info("http", "a connection is closed: its %s takes too long",
                 c->phase == CONN_HEAD   ? "head"
                 : c->phase == CONN_BODY ? "body"
                                         : "answer");
    }
    if (c->q)
        http_req_gone(c->q);
    else
        http_conn_drop(c);
}

static void set_timer(struct http_conn *c, double at_s)
{
    /* Without memory for a timer there is no deadline: such a connection does not live on. */
    c->timer_s = at_s;
    if (loop_timer_at(c->h->loop, &c->timer, at_s, on_deadline, c, NULL))
        http_conn_drop(c);
}

void http_conn_phase(struct http_conn *c, enum conn_phase phase, double deadline_s)
{
    if (c->is_dead)
        return;
    c->phase = phase;
    /* The wire's edge-triggered reading misses an end that comes together with bytes. */
    if (c->is_half && phase <= CONN_BODY)
        deadline_s = clock_s() + c->h->limits.half_s;
    if (deadline_s > 0)
        set_timer(c, deadline_s);
    else
        loop_timer_stop(c->h->loop, &c->timer);
}

void http_conn_stream(struct http_conn *c)
{
    const struct http_limits *limits = &c->h->limits;
    const struct http_req *q = c->q;
    const bool has_unsent = q->answer_at < q->answer.len;
    const double at_s = has_unsent ? q->moved_s + limits->stall_s : q->said_s + limits->ping_s;

    if (c->is_dead)
        return;
    if (!has_unsent && !q->has_pings) {
        loop_timer_stop(c->h->loop, &c->timer);
        return;
    }
    /* One that comes earlier stays: it looks at both and comes here again. */
    if (c->phase != CONN_WORK || !loop_timer_is_set(&c->timer) || c->timer_s > at_s)
        set_timer(c, at_s);
}

void http_conn_idle(struct http_conn *c)
{
    if (c->is_dead)
        return;
    list_front(c);
    c->idle_turn = c->h->turn;
    http_conn_phase(c, CONN_IDLE, clock_s() + c->h->limits.idle_s);
    loop_watch_events(c->h->loop, &c->watch, LOOP_IN);
}

/* ---- what the loop tells ---- */

static void on_conn(struct loop_watch *w, unsigned events)
{
    struct http_conn *c = w->arg;
    struct http *h = c->h;

    if (events & LOOP_GONE) {
        /* Level-triggered: it would come for ever. What it still sent is served, if that can be
         * done at once. */
        c->is_half = true;
        loop_unwatch(h->loop, w);
        if (c->phase == CONN_WORK && c->q && !c->q->is_soon)
            http_req_gone(c->q);
        else if (c->phase <= CONN_BODY)
            http_conn_phase(c, c->phase, 0);
        return;
    }
    if (c->phase != CONN_IDLE) {
        loop_watch_events(h->loop, w, 0); /* the wire's business */
        return;
    }
    /* The wire may have served the byte that this event tells of, earlier in this turn. */
    if (c->idle_turn != h->turn)
        http_conn_phase(c, CONN_HEAD, clock_s() + h->limits.head_s);
}

/* ---- coming and going ---- */

static bool has_room(const struct http *h, bool is_local)
{
    return is_local ? h->n_conn_local < HTTP_LOCAL_MAX
                    : h->n_conn - h->n_conn_local < h->limits.n_connection_max;
}

/* Makes room by the connection that has been idle for longest. */
static bool make_room(struct http *h, bool is_local)
{
    struct http_conn *c = h->last;

    if (has_room(h, is_local))
        return true;
    while (c && (c->phase != CONN_IDLE || c->is_dead || c->is_local != is_local))
        c = c->prev;
    if (!c)
        return false;
    http_conn_drop(c);
    wire_run(h->wire);
    return has_room(h, is_local);
}

void http_conn_add(struct http *h, int fd, bool is_local)
{
    struct http_conn *c = NULL;

    if (make_room(h, is_local))
        c = mem_alloc_zero(MEM_REQUEST, sizeof(*c));
    if (!c) {
        h->stats.n_refused++;
        net_close(&fd);
        return;
    }
    c->h = h;
    c->fd = fd;
    c->is_local = is_local;
    c->id = ++h->n_conn_ever;
    h->n_conn++;
    h->n_conn_local += is_local;
    list_front(c);
    if (loop_watch(h->loop, &c->watch, fd, LOOP_IN, on_conn, c, NULL) != ERR_OK) {
        net_close(&fd);
        http_conn_closed(c);
        return;
    }
    http_conn_idle(c);
    if (c->is_dead || !wire_add(h->wire, c)) {
        if (c->is_dead)
            net_close(&fd);
        http_conn_closed(c);
    }
    h->wants_run = true;
}

void http_conn_closed(struct http_conn *c)
{
    struct http *h = c->h;

    loop_unwatch(h->loop, &c->watch);
    loop_timer_stop(h->loop, &c->timer);
    if (c->lingers)
        linger_begin(h, c->fd);
    list_remove(c);
    h->n_conn--;
    h->n_conn_local -= c->is_local;
    mem_free(c);
}
