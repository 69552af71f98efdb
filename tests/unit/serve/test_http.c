/* Proves: requests are parsed, routed, checked and answered, over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/http_client.h"
#include "unit/serve/rig.h"

static void ask(struct rig *r, const char *head, const char *body, struct answer *a)
{
    client_ask(r->port, head, body, a);
    assert_false(a->is_closed);
}

/* Proves: a whole answer, a body sent back, a rest of a path, decoded once. */
static void answers(void **state)
{
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    ask(&r, "GET /quick HTTP/1.1\r\n", NULL, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(buf_str(&a.body), "{\"ok\":true}");
    assert_string_equal(answer_header(&a, "Content-Type"), "application/json");
    answer_finish(&a);
    ask(&r, "POST /v1/echo HTTP/1.1\r\n", "hello", &a);
    assert_string_equal(buf_str(&a.body), "hello");
    answer_finish(&a);
    ask(&r, "GET /v1/models/a%2Fb%20c%2500%00 HTTP/1.1\r\n", NULL, &a);
    assert_string_equal(buf_str(&a.body), "a/b c%00%00");
    answer_finish(&a);
    ask(&r, "GET /v1/later?size=100000 HTTP/1.1\r\n", NULL, &a);
    assert_int_equal(a.body.len, 100000);
    answer_finish(&a);
    rig_close(&r);
}

/* Proves: a stream's records arrive in order and whole, and the connection goes on. */
static void streams(void **state)
{
    struct answer a;
    struct client c;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    for (unsigned i = 0; i < 3; i++) {
        client_sends(c.fd, "GET /v1/stream?n=2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client_answer(&c, &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(answer_header(&a, "Content-Type"), "text/event-stream; charset=utf-8");
        assert_string_equal(answer_header(&a, "X-Accel-Buffering"), "no");
        assert_string_equal(buf_str(&a.body), "event: tick\ndata: xxxx\n\ndata: xxxx\n\n"
                                              "event: tick\ndata: xxxx\n\ndata: xxxx\n\n");
        answer_finish(&a);
    }
    client_end(&c);
    rig_close(&r);
}

/* Chunks of the raw answer to a stream of 100 turns with two records each, which must be whole. */
static unsigned count_chunks(struct rig *r)
{
    static const char record[] = "event: tick\ndata: xxxx\n\ndata: xxxx\n\n";
    int fd = client_tcp(r->port);
    unsigned n_chunk = 0, n_record = 0;
    struct buf text;
    char piece[4096];
    ssize_t n;

    client_sends(fd,
                 "GET /v1/stream?n=100 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    buf_init(&text, MEM_OTHER, 1U << 20);
    while ((n = recv(fd, piece, sizeof(piece), 0)) > 0)
        assert_true(buf_add(&text, piece, (size_t)n));
    for (char *at = strstr(buf_str(&text), "\r\n\r\n"); at; n_chunk++) {
        char *end;
        size_t len;

        at += at == strstr(buf_str(&text), "\r\n\r\n") ? 4 : 2;
        len = strtoul(at, &end, 16);
        if (len == 0)
            break;
        for (at = end + 2; len >= sizeof(record) - 1; len -= sizeof(record) - 1) {
            assert_memory_equal(at, record, sizeof(record) - 1);
            at += sizeof(record) - 1;
            n_record++;
        }
        assert_int_equal(len, 0);
    }
    assert_int_equal(n_record, 100);
    buf_finish(&text);
    client_close(fd);
    return n_chunk;
}

/* Proves: a stream's first records go at once, those that follow soon go together, and its end
 * waits for nothing; not a byte of a record changes. */
static void soon_together(void **state)
{
    static const struct rig_limits gathers = { .gather_s = 60.0 };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    assert_int_equal(count_chunks(&r), 100);
    rig_close(&r);
    rig_open(&r, &gathers, NULL);
    assert_int_equal(count_chunks(&r), 2);
    rig_close(&r);
}

/* Proves: a client that leaves is noticed while nothing is written to it, by closing or by closing
 * its writing half, before the answer and within a stream. */
static void gone(void **state)
{
    static const char *const heads[] = {
        "POST /v1/never HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "GET /v1/silent HTTP/1.1\r\nHost: localhost\r\n\r\n",
    };
    struct rig r;
    unsigned n = 0;

    (void)state;
    rig_open(&r, NULL, NULL);
    for (unsigned i = 0; i < 8; i++) {
        int fd = client_tcp(r.port);

        client_sends(fd, heads[i % 2]);
        rig_wait(&rig_n_held, 1);
        if (i & 4)
            client_half_close(fd);
        else
            client_close(fd);
        rig_wait(&rig_n_gone, ++n);
        assert_int_equal(rig_n_held, 0);
        if (i & 4)
            client_close(fd);
    }
    rig_close(&r);
}

/* Proves: a client that closes its writing half behind its request gets an answer that needs no
 * model, whether it comes at once or in a later turn, read in one piece with the request or not. */
static void half_closed_are_answered(void **state)
{
    static const char *const paths[] = { "/quick", "/v1/soon", "/quick", "/v1/soon?size=9000000" };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    for (unsigned i = 0; i < 80; i++) {
        char head[96];
        struct client c;
        struct answer a;

        (void)snprintf(head, sizeof(head), "GET %s HTTP/1.%u\r\nHost: localhost\r\n\r\n",
                       paths[i % 4], i / 4 % 2);
        client_begin(&c, client_tcp(r.port));
        client_sends(c.fd, head);
        if (i & 8)
            (void)usleep(2000);
        client_half_close(c.fd);
        client_answer(&c, &a);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body.len, i % 2 == 0 ? 11 : i % 4 == 1 ? 4 : 9000000);
        answer_finish(&a);
        client_end(&c);
    }
    assert_int_equal(rig_n_gone, 0);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(streams),
        cmocka_unit_test(gone),
        cmocka_unit_test(soon_together),
        cmocka_unit_test(half_closed_are_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
