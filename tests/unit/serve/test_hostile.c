/* Proves: clients that drip, flood, lie, leave or never read cost a bounded amount of time and
 * memory, and nobody else notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "base/attr.h"
#include "os/sys.h"
#include "support/http_client.h"
#include "unit/serve/rig.h"

#define N_MALFORMED 10000U

static void pause_ms(long ms)
{
    const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    (void)nanosleep(&t, NULL);
}

/* The server still answers, at once and rightly. */
static void assert_well(struct rig *r)
{
    struct answer a;

    client_ask(r->port, "GET /quick HTTP/1.1\r\n", NULL, &a);
    assert_int_equal(a.status, 200);
    answer_finish(&a);
}

/* Sends text byte by byte until the server closes; false: all of it could be sent. */
static bool drips_to_the_end(int fd, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (!client_try_send(fd, p, 1))
            return true;
        pause_ms(2);
    }
    return false;
}

/* Proves: a head that drips in is cut off by its own deadline, however regularly bytes come, and on
 * a connection that has served requests before, too. */
static void head_drip(void **state)
{
    static const struct rig_limits limits = { .head_s = 0.05 };
    char text[4000] = "GET /quick HTTP/1.1\r\nHost: localhost\r\nX: ";
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
    rig_open(&r, &limits, NULL);
    for (int i = 0; i < 2; i++) {
        client_begin(&c, client_tcp(r.port));
        if (i == 1) {
            client_sends(c.fd, "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client_answer(&c, &a);
            answer_finish(&a);
        }
        assert_true(drips_to_the_end(c.fd, text));
        assert_well(&r);
        client_end(&c);
    }
    rig_close(&r);
}

/* Proves: so is a body, with a length and in chunks. */
static void body_drip(void **state)
{
    static const struct rig_limits limits = { .body_s = 0.05 };
    static const char *const heads[] = {
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n",
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    char text[4000];
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    for (int i = 0; i < 2; i++) {
        int fd = client_tcp(r.port);

        client_sends(fd, heads[i]);
        for (size_t k = 0; k + 1 < sizeof(text); k++)
            text[k] = i == 0 ? 'x' : "1\r\nx\r\n"[k % 6];
        text[sizeof(text) - 1] = '\0';
        assert_true(drips_to_the_end(fd, text));
        assert_well(&r);
        client_close(fd);
    }
    rig_close(&r);
}

/* Proves: a silent connection is closed after its idle time, used or not. */
static void idle(void **state)
{
    static const struct rig_limits limits = { .idle_s = 0.3 };
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    client_begin(&c, client_tcp(r.port));
    assert_int_equal(client_drain(&c), 0);
    client_end(&c);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client_answer(&c, &a);
    assert_int_equal(a.status, 200);
    answer_finish(&a);
    assert_int_equal(client_drain(&c), 0);
    client_end(&c);
    rig_close(&r);
}

/* Proves: a silent stream gets comments, so that nothing on the way takes it for dead. */
static void pings(void **state)
{
    static const struct rig_limits limits = { .ping_s = 0.01 };
    struct client c;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "GET /v1/silent HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (!c.in.data || !strstr(c.in.data, ": ping\n\n\r\n8\r\n: ping\n\n")) {
        char piece[256];
        ssize_t n = recv(c.fd, piece, sizeof(piece), 0);

        assert_true(n > 0);
        assert_true(buf_add(&c.in, piece, (size_t)n));
    }
    client_end(&c);
    rig_close(&r);
}

/* A client whose system holds little of what it leaves unread: it may be tens of MiB. */
static int client_small(uint16_t port)
{
    const int bytes = 1 << 16;
    int fd = client_tcp(port);

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
    return fd;
}

/* Proves: a client that never reads its stream is dropped when too much waits for it, or when
 * nothing moves; memory stays within the limit. */
static void never_reads(void **state)
{
    static const struct rig_limits by_size = { .unsent_max = 1U << 18 };
    static const struct rig_limits by_time = { .stall_s = 0.05, .unsent_max = 1U << 30 };
    struct rig r;
    int fd;

    (void)state;
    rig_open(&r, &by_size, NULL);
    fd = client_small(r.port);
    client_sends(fd, "GET /v1/stream?n=100000000&size=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    rig_wait(&rig_n_gone, 1);
    assert_true(mem_in_use(MEM_REQUEST) < (2U << 20));
    assert_well(&r);
    client_close(fd);
    rig_close(&r);
    rig_open(&r, &by_time, NULL);
    fd = client_small(r.port);
    client_sends(fd, "GET /v1/stream?n=1500&size=10000&hold=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    rig_wait(&rig_n_gone, 1);
    client_close(fd);
    assert_well(&r);
    rig_close(&r);
}

/* Proves: a stream from which records are missing does not end like a whole one. */
static void cut_stream(void **state)
{
    static const struct rig_limits limits = { .unsent_max = 1U << 18 };
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "GET /v1/stream?n=100000000&size=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    rig_wait(&rig_n_gone, 1);
    client_answer(&c, &a);
    assert_int_equal(a.is_closed, 1);
    answer_finish(&a);
    client_end(&c);
    assert_well(&r);
    rig_close(&r);
}

/* Proves: how much one turn brings is not held against a client that reads, neither all of it nor
 * what comes in later turns while it still reads. */
static void large_turns(void **state)
{
    static const struct rig_limits limits = { .unsent_max = 1U << 16 };
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "GET /v1/burst HTTP/1.1\r\nHost: localhost\r\n\r\n");
    pause_ms(20);
    client_answer(&c, &a);
    assert_false(a.is_closed);
    assert_int_equal(a.body.len, 40 * (10000 + 8));
    answer_finish(&a);
    client_sends(c.fd, "GET /v1/stream?n=2&size=4000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    pause_ms(20);
    client_answer(&c, &a);
    assert_false(a.is_closed);
    assert_int_equal(a.body.len, 2 * (2 * (4000000 + 8) + 12));
    answer_finish(&a);
    client_end(&c);
    rig_close(&r);
}

/* Proves: a slow but steady reader of a long stream gets every byte. */
static void slow_reader(void **state)
{
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "GET /v1/stream?n=40&size=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    pause_ms(20);
    client_answer(&c, &a);
    assert_false(a.is_closed);
    assert_int_equal(a.body.len, 40 * (2 * (10000 + 8) + 12));
    answer_finish(&a);
    client_end(&c);
    rig_close(&r);
}

/* Proves: a body that is announced too large is refused before it comes; one that grows too large,
 * as soon as it does. The refusal arrives although the client goes on sending. */
static void large_bodies(void **state)
{
    static const char *const heads[] = {
        "POST /v1/large HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n",
        "POST /v1/large HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5F5E100\r\n",
    };
    static char block[1U << 20];
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    memset(block, 'x', sizeof(block));
    rig_open(&r, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        client_begin(&c, client_tcp(r.port));
        client_sends(c.fd, heads[i]);
        for (int k = 0; k < 90; k++) {
            if (!client_try_send(c.fd, block, sizeof(block)))
                break;
        }
        client_answer(&c, &a);
        assert_int_equal(a.status, 413);
        assert_false(a.is_closed);
        assert_non_null(strstr(buf_str(&a.body), "request_too_large"));
        assert_true(mem_in_use(MEM_REQUEST) < (2U << 20));
        answer_finish(&a);
        client_end(&c);
    }
    assert_well(&r);
    rig_close(&r);
}

/* Proves: large bodies of many clients together stay below their limit: 503 for those beyond. */
static void bodies_in_sum(void **state)
{
    static const struct rig_limits limits = { .bodies_max = 3U << 20 };
    static char block[(1U << 20) - 1];
    struct client c[4];
    struct answer a;
    struct rig r;

    (void)state;
    memset(block, 'x', sizeof(block));
    rig_open(&r, &limits, NULL);
    for (int i = 0; i < 4; i++) {
        client_begin(&c[i], client_tcp(r.port));
        client_sends(
            c[i].fd,
            "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n");
        if (i < 3)
            client_send(c[i].fd, block, sizeof(block));
    }
    for (struct http_stats s = { 0 }; s.bytes_in < 3 * sizeof(block);)
        rig_stats(&r, &s);
    client_send(c[3].fd, block, sizeof(block));
    client_answer(&c[3], &a);
    assert_int_equal(a.status, 503);
    answer_finish(&a);
    for (int i = 0; i < 3; i++) {
        client_send(c[i].fd, block, 1);
        client_answer(&c[i], &a);
        assert_int_equal(a.status, 200);
        answer_finish(&a);
        client_end(&c[i]);
    }
    client_end(&c[3]);
    assert_well(&r);
    rig_close(&r);
}

/* Proves: a client that waits for permission to send its body gets it, or the refusal instead. */
static void expects(void **state)
{
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                       "Expect: 100-continue\r\n\r\n");
    client_answer(&c, &a);
    assert_int_equal(a.status, 100);
    answer_finish(&a);
    client_sends(c.fd, "hi");
    client_answer(&c, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(buf_str(&a.body), "hi");
    answer_finish(&a);
    client_sends(c.fd, "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n"
                       "Expect: 100-continue\r\n\r\n");
    client_answer(&c, &a);
    assert_int_equal(a.status, 413);
    answer_finish(&a);
    client_end(&c);
    rig_close(&r);
}

/* Proves: chunks of any size, with extensions and trailers, and requests sent in one go are
 * answered in order, those that take longer too. */
static void pipelined(void **state)
{
    static const char request[] =
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: u\r\n\r\n"
        "GET /v1/later?size=5 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
        "GET /v1/stream?n=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static const char *const bodies[] = { "abcd", "xxxxx", "{\"ok\":true}",
                                          "event: tick\ndata: xxxx\n\ndata: xxxx\n\n" };
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    for (int i = 0; i < 5; i++)
        client_sends(c.fd, request);
    for (int i = 0; i < 20; i++) {
        client_answer(&c, &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(buf_str(&a.body), bodies[i % 4]);
        answer_finish(&a);
    }
    client_end(&c);
    rig_close(&r);
}

/* Proves: a client may leave after any byte of its request, or of the answer. */
static void leaves_at_any_byte(void **state)
{
    static const char request[] = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5"
                                  "\r\n\r\nhello"
                                  "GET /v1/stream?n=20 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct http_stats s = { .n_connection_now = 99 };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    for (size_t n = 0; n < sizeof(request); n++) {
        int fd = client_tcp(r.port);

        client_send(fd, request, n);
        client_close(fd);
    }
    for (size_t n = 1; n < 500; n += 7) {
        int fd = client_tcp(r.port);
        char byte;

        client_send(fd, request, sizeof(request) - 1);
        for (size_t k = 0; k < n && recv(fd, &byte, 1, 0) == 1; k++) {
        }
        client_close(fd);
    }
    assert_well(&r);
    while (s.n_connection_now > 1) /* the one that asks */
        rig_stats(&r, &s);
    assert_int_equal(s.n_stream_now, 0);
    rig_close(&r);
    assert_int_equal(mem_in_use(MEM_REQUEST), 0);
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* A request with some bytes changed, taken away, doubled or cut off. */
static size_t mutate(char *out, size_t cap, const char *seed, uint64_t *x)
{
    static const char spice[] = "\r\n\0 :;%/\\\xFF\x01,\"chunked0123456789";
    size_t len = strlen(seed);

    memcpy(out, seed, len);
    for (uint64_t k = next_random(x) % 6; k > 0 && len > 0; k--) {
        size_t at = next_random(x) % len, n = next_random(x) % 8;

        switch (next_random(x) % 4) {
        case 0:
            out[at] = spice[next_random(x) % (sizeof(spice) - 1)];
            break;
        case 1:
            len = at;
            break;
        case 2:
            n = n < len - at ? n : len - at;
            memmove(out + at, out + at + n, len - at - n);
            len -= n;
            break;
        default:
            n = n < len - at ? n : len - at;
            n = n < cap - len ? n : cap - len;
            memmove(out + at + n, out + at, len - at);
            len += n;
            break;
        }
    }
    return len;
}

/* Proves: ten thousand malformed requests neither stop the server nor stay in its memory. */
static void malformed(void **state)
{
    static const struct rig_limits limits = { .half_s = 0.002 };
    static const char *const seeds[] = {
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        ("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n0\r\n\r\n"),
        "GET /v1/models/%20?a=b&c HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n",
        "GET /v1/stream?n=2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.0\r\nOrigin: http://localhost\r\n\r\n",
    };
    uint64_t x = 0x9E3779B97F4A7C15U;
    struct http_stats s = { .n_connection_now = 99 };
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    for (unsigned i = 0; i < N_MALFORMED; i++) {
        char request[1024];
        int fd = client_tcp(r.port);
        size_t len = mutate(request, sizeof(request), seeds[next_random(&x) % COUNT_OF(seeds)], &x);

        (void)client_try_send(fd, request, len);
        client_half_close(fd);
        if (i % 8 == 0) { /* reads to the end: whatever it is, it comes to one */
            struct client c;

            client_begin(&c, fd);
            (void)client_drain(&c);
            client_end(&c);
        } else {
            client_close(fd);
        }
        if (i % 1000 == 0)
            assert_well(&r);
    }
    while (s.n_connection_now > 1)
        rig_stats(&r, &s);
    rig_close(&r);
    assert_int_equal(mem_in_use(MEM_REQUEST), 0);
}

/* Proves: when all places are taken, the connection that has been idle for longest makes room; one
 * that is at work does not. */
static void makes_room(void **state)
{
    static const struct rig_limits limits = { .n_connection_max = 4 };
    int busy[2], idle_fd[6];
    struct client c;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    for (int i = 0; i < 2; i++) {
        busy[i] = client_tcp(r.port);
        client_sends(busy[i],
                     "POST /v1/never HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    }
    rig_wait(&rig_n_held, 2);
    for (int i = 0; i < 6; i++)
        idle_fd[i] = client_tcp(r.port);
    client_begin(&c, idle_fd[0]);
    assert_int_equal(client_drain(&c), 0);
    client_end(&c);
    for (int i = 1; i < 6; i++)
        client_close(idle_fd[i]);
    assert_well(&r);
    assert_int_equal(rig_n_gone, 0);
    client_close(busy[0]);
    client_close(busy[1]);
    rig_wait(&rig_n_gone, 2);
    rig_close(&r);
}

/* Proves: who fills all places with heads that never end does not keep the owner out, who comes
 * over the Unix socket. */
static void owner_gets_in(void **state)
{
    static const struct rig_limits limits = { .n_connection_max = 4 };
    struct http_stats stats = { 0 };
    int fd[4];
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    for (size_t i = 0; i < COUNT_OF(fd); i++) {
        fd[i] = client_tcp(r.port);
        client_sends(fd[i], "GET ");
    }
    for (unsigned n = 0; n < 10 || stats.n_refused == 0; n++) {
        int late = n < 10 ? -1 : client_tcp(r.port); /* by now their heads have begun */
        struct client c;
        struct answer a;

        for (size_t i = 0; n < 5 && i < COUNT_OF(fd); i++)
            client_sends(fd[i], "/");
        client_begin(&c, client_unix(r.path));
        client_sends(c.fd, "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
        client_answer(&c, &a);
        assert_int_equal(a.status, 200);
        answer_finish(&a);
        client_end(&c);
        if (late >= 0)
            client_close(late);
        rig_stats(&r, &stats);
    }
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        client_close(fd[i]);
    rig_close(&r);
}

/* Proves: a thousand idle connections are kept, and hinder nobody. */
static void thousand_idle(void **state)
{
    static int fd[1000];
    struct http_stats s;
    struct answer a;
    struct rig r;

    (void)state;
    if (file_limit_raise() < 2 * COUNT_OF(fd) + 100)
        skip();
    rig_open(&r, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(fd); i++) {
        struct client c;

        fd[i] = client_tcp(r.port);
        client_sends(fd[i], "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client_begin(&c, fd[i]);
        client_answer(&c, &a);
        assert_int_equal(a.status, 200);
        answer_finish(&a);
        buf_finish(&c.in);
    }
    rig_stats(&r, &s);
    assert_int_equal(s.n_connection_now, COUNT_OF(fd) + 1);
    assert_true(mem_in_use(MEM_REQUEST) < COUNT_OF(fd) * 1024);
    assert_well(&r);
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        client_close(fd[i]);
    rig_close(&r);
}

/* Proves: when the port is closed, idle connections end, and a busy one after its answer; the Unix
 * socket goes on. */
static void stops_listening(void **state)
{
    struct client quiet, busy;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&quiet, client_tcp(r.port));
    client_begin(&busy, client_tcp(r.port));
    client_sends(busy.fd, "GET /v1/stream?n=5000&size=10 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (struct http_stats s = { 0 }; s.n_stream_now == 0 && s.bytes_out < 100000;)
        rig_stats(&r, &s); /* it runs, or has ended already */
    rig_control(&r, "/hearth/unlisten");
    assert_int_equal(client_drain(&quiet), 0);
    client_answer(&busy, &a);
    assert_int_equal(a.status, 200);
    assert_false(a.is_closed);
    answer_finish(&a);
    client_end(&quiet);
    client_end(&busy);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_drip),
        cmocka_unit_test(body_drip),
        cmocka_unit_test(idle),
        cmocka_unit_test(pings),
        cmocka_unit_test(never_reads),
        cmocka_unit_test(cut_stream),
        cmocka_unit_test(large_turns),
        cmocka_unit_test(slow_reader),
        cmocka_unit_test(large_bodies),
        cmocka_unit_test(bodies_in_sum),
        cmocka_unit_test(expects),
        cmocka_unit_test(pipelined),
        cmocka_unit_test(leaves_at_any_byte),
        cmocka_unit_test(malformed),
        cmocka_unit_test(makes_room),
        cmocka_unit_test(owner_gets_in),
        cmocka_unit_test(thousand_idle),
        cmocka_unit_test(stops_listening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
