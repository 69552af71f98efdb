/* The server of the tests: a loop in a thread, and handlers for every way of answering. */
#include "unit/serve/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "os/sys.h"
#include "support/http_client.h"

_Atomic unsigned rig_n_gone, rig_n_held;

static void on_gone(void *arg)
{
    (void)arg;
    rig_n_held--;
    rig_n_gone++;
}

static void quick(struct http_req *q, void *arg)
{
    (void)arg;
    http_reply(q, 200, "application/json", "{\"ok\":true}", 11);
}

static void echo(struct http_req *q, void *arg)
{
    size_t len;
    const char *body = http_body(q, &len);

    (void)arg;
    http_reply(q, 200, "text/plain", body, len);
}

static void rest(struct http_req *q, void *arg)
{
    (void)arg;
    http_reply(q, 200, "text/plain", http_rest(q), strlen(http_rest(q)));
}

static void never(struct http_req *q, void *arg)
{
    (void)arg;
    http_on_gone(q, on_gone, NULL);
    rig_n_held++;
}

/* Answers in a later turn of the loop. */
struct late {
    struct http_req *q;
    struct rig *r;
    struct loop_timer timer;
    unsigned n_left;
    size_t size;
    bool streams, holds; /* holds: does not end after the last record */
};

static void late_gone(void *arg)
{
    struct late *l = arg;

    loop_timer_stop(l->r->loop, &l->timer);
    mem_free(l);
    rig_n_gone++;
}

static void late_time(struct loop_timer *t)
{
    struct late *l = t->arg;
    char *text = mem_alloc(MEM_OTHER, l->size + 1);

    CHECK(text);
    memset(text, 'x', l->size);
    if (!l->streams) {
        http_reply(l->q, 200, "text/plain", text, l->size);
    } else if (l->n_left == 0 && l->holds) {
        mem_free(text);
        return;
    } else if (l->n_left == 0) {
        http_stream_end(l->q);
    } else {
        bool ok = http_stream_event(l->q, "tick", text, l->size) &&
                  http_stream_event(l->q, NULL, text, l->size);

        l->n_left--;
        if (ok) /* else http_on_gone comes */
            CHECK(loop_timer_at(l->r->loop, &l->timer, clock_s(), late_time, l, NULL) == ERR_OK);
        mem_free(text);
        return;
    }
    mem_free(text);
    mem_free(l);
}

static void late_begin(struct http_req *q, struct rig *r, bool streams)
{
    struct late *l = mem_alloc_zero(MEM_OTHER, sizeof(*l));
    const char *n = http_query(q, "n"), *size = http_query(q, "size");

    CHECK(l);
    l->q = q;
    l->r = r;
    l->streams = streams;
    l->holds = http_query(q, "hold");
    l->n_left = n ? (unsigned)strtoul(n, NULL, 10) : 3;
    l->size = size ? strtoul(size, NULL, 10) : 4;
    http_on_gone(q, late_gone, l);
    if (streams)
        http_stream_begin(q, true);
    CHECK(loop_timer_at(r->loop, &l->timer, clock_s(), late_time, l, NULL) == ERR_OK);
}

static void later(struct http_req *q, void *arg)
{
    late_begin(q, arg, false);
}

static void soon(struct http_req *q, void *arg)
{
    http_answers_soon(q);
    late_begin(q, arg, false);
}

static void stream(struct http_req *q, void *arg)
{
    late_begin(q, arg, true);
}

/* All records and the end at once. */
static void burst(struct http_req *q, void *arg)
{
    char text[10000];

    (void)arg;
    memset(text, 'x', sizeof(text));
    http_stream_begin(q, true);
    for (int i = 0; i < 40; i++)
        (void)http_stream_event(q, NULL, text, sizeof(text));
    http_stream_end(q);
}

static void silent(struct http_req *q, void *arg)
{
    (void)arg;
    http_stream_begin(q, true);
    http_on_gone(q, on_gone, NULL);
    rig_n_held++;
}

static void fail(struct http_req *q, void *arg)
{
    struct http_error error;

    (void)arg;
    http_error_of_job(&error, JOB_ERR_BUSY, "too many", 7);
    http_reply_error(q, &error);
}

static void unlisten(struct http_req *q, void *arg)
{
    http_unlisten(((struct rig *)arg)->http);
    http_reply(q, 200, "text/plain", "", 0);
}

static void closing(struct http_req *q, void *arg)
{
    http_refuse(((struct rig *)arg)->http, true);
    http_reply(q, 200, "text/plain", "", 0);
}

static void stats(struct http_req *q, void *arg)
{
    struct http_stats s;

    http_stats(((struct rig *)arg)->http, &s);
    http_reply(q, 200, "application/octet-stream", &s, sizeof(s));
}

#define SMALL (1U << 20)
static const struct http_route routes[] = {
    { HTTP_GET, "/quick", quick, FAMILY_PLAIN, 0, 0, false },
    { HTTP_POST, "/v1/echo", echo, FAMILY_OPENAI, KEY_INFERENCE, SMALL, false },
    { HTTP_POST, "/v1/large", echo, FAMILY_OPENAI, KEY_INFERENCE, HTTP_BODY_MAX, false },
    { HTTP_POST, "/v1/never", never, FAMILY_OPENAI, KEY_INFERENCE, SMALL, false },
    { HTTP_GET, "/v1/later", later, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_GET, "/v1/soon", soon, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_GET, "/v1/stream", stream, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_GET, "/v1/burst", burst, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_GET, "/v1/silent", silent, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_POST, "/v1/messages", fail, FAMILY_ANTHROPIC, KEY_INFERENCE, SMALL, false },
    { HTTP_GET, "/v1/models", quick, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_GET, "/v1/models/*", rest, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_DELETE, "/api/v1/thing/*", rest, FAMILY_NATIVE, KEY_MODELS_LOAD, 0, false },
    { HTTP_POST, "/hearth/unlisten", unlisten, FAMILY_PLAIN, 0, SMALL, true },
    { HTTP_POST, "/hearth/closing", closing, FAMILY_PLAIN, 0, SMALL, true },
    { HTTP_GET, "/hearth/stats", stats, FAMILY_PLAIN, 0, 0, true },
};

static void run(void *arg)
{
    struct rig *r = arg;

    CHECK(loop_run(r->loop, NULL) == ERR_OK);
}

static double or_s(double value, double otherwise)
{
    return value > 0 ? value : otherwise;
}

void rig_open(struct rig *r, const struct rig_limits *l, const struct http_settings *settings)
{
    static const struct rig_limits none;
    static unsigned n_rig;
    struct http_params p = { .routes = routes, .n_route = COUNT_OF(routes), .arg = r };
    struct http_limits limits;
    struct err e;

    l = l ? l : &none;
    rig_n_key = rig_n_gone = rig_n_held = 0;
    memset(r, 0, sizeof(*r));
    limits = (struct http_limits){
        .n_connection_max = l->n_connection_max ? l->n_connection_max : 1100,
        .head_bytes = HTTP_HEAD_BYTES,
        .bodies_max = l->bodies_max ? l->bodies_max : HTTP_BODIES_MAX,
        .unsent_max = l->unsent_max ? l->unsent_max : HTTP_UNSENT_MAX,
        .head_s = or_s(l->head_s, 60),
        .body_s = or_s(l->body_s, 60),
        .idle_s = or_s(l->idle_s, 60),
        .stall_s = or_s(l->stall_s, 60),
        .ping_s = or_s(l->ping_s, 60),
        .half_s = or_s(l->half_s, 0.1),
        .gather_s = l->gather_s,
    };
    (void)snprintf(r->path, sizeof(r->path), "/tmp/hearth-test-%ld-%u.sock", (long)getpid(),
                   n_rig++);
    CHECK(loop_open(&r->loop, &e) == ERR_OK);
    p.loop = r->loop;
    p.store = (struct store *)(void *)r; /* only the stand-in for keys sees it */
    p.unix_path = r->path;
    if (settings)
        p.settings = *settings;
    CHECK(http_open_limited(&r->http, &p, &limits, &e) == ERR_OK);
    CHECK(http_listen(r->http, "127.0.0.1", 0, &r->port, &e) == ERR_OK);
    CHECK(thread_start(&r->thread, "server", run, r, &e) == ERR_OK);
}

void rig_close(struct rig *r)
{
    loop_stop(r->loop);
    thread_join(&r->thread);
    http_close(r->http);
    loop_close(r->loop);
    (void)unlink(r->path);
}

void rig_wait(const _Atomic unsigned *counter, unsigned value)
{
    const double until = clock_s() + CLIENT_WAIT_S;

    while (*counter != value) {
        const struct timespec pause = { .tv_nsec = 1000000 };

        CHECK(clock_s() < until);
        (void)nanosleep(&pause, NULL);
    }
}

void rig_control(struct rig *r, const char *path)
{
    struct client c;
    struct answer a;

    client_begin(&c, client_unix(r->path));
    client_sends(c.fd, "POST ");
    client_sends(c.fd, path);
    client_sends(c.fd, " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    client_answer(&c, &a);
    CHECK(a.status == 200);
    answer_finish(&a);
    client_end(&c);
}

void rig_stats(struct rig *r, struct http_stats *out)
{
    struct client c;
    struct answer a;

    client_begin(&c, client_unix(r->path));
    client_sends(c.fd, "GET /hearth/stats HTTP/1.1\r\nHost: x\r\n\r\n");
    client_answer(&c, &a);
    CHECK(a.status == 200 && a.body.len == sizeof(*out));
    memcpy(out, a.body.data, sizeof(*out));
    answer_finish(&a);
    client_end(&c);
}
