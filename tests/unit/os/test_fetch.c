/* Proves: requests reach a server over TCP and over a Unix socket as they should, answers come back
 * whole or in pieces, and every failure has its code. The server is a thread of this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "os/fetch.h"
#include "os/net.h"
#include "os/sys.h"
#include "os/thread.h"

#define LONG_MS 60000U

/* Answers one connection with `answer` after it has read `want` from the client; keeps the request.
 */
struct server {
    int listener;
    const char *want, *answer;
    bool stays; /* leaves the connection open until the client closes it */
    struct thread thread;
    struct buf request;
};

static void serve(void *arg)
{
    struct server *s = arg;
    char block[4096];
    size_t n, len = strlen(s->answer);
    int fd;

    if (!fd_readable(s->listener, LONG_MS) || !net_accept(s->listener, &fd))
        return;
    while (!strstr(buf_str(&s->request), s->want) && fd_readable(fd, LONG_MS)) {
        if (net_read(fd, block, sizeof(block), &n, NULL))
            break;
        (void)buf_add(&s->request, block, n);
    }
    (void)net_write(fd, s->answer, len, &n, NULL);
    while (s->stays && fd_readable(fd, LONG_MS) &&
           net_read(fd, block, sizeof(block), &n, NULL) == ERR_OK) {
    }
    net_close(&fd);
}

static void server_start(struct server *s, uint16_t *port)
{
    assert_int_equal(net_listen_tcp(&s->listener, "127.0.0.1", 0, port, NULL), ERR_OK);
    buf_init(&s->request, MEM_OTHER, 1U << 20);
    assert_int_equal(thread_start(&s->thread, "server", serve, s, NULL), ERR_OK);
}

static void server_stop(struct server *s)
{
    thread_join(&s->thread);
    net_close(&s->listener);
    buf_finish(&s->request);
}

/* Proves: method, path, body, key and type arrive; a 404 is an answer; no Expect, no redirection.
 */
static void tcp_request(void **state)
{
    struct server s = { .want = "{\"a\":1}",
                        .answer = "HTTP/1.1 404 Not Found\r\nLocation: /elsewhere\r\n"
                                  "Content-Length: 5\r\nConnection: close\r\n\r\nhello" };
    struct fetch f = {
        .method = "POST", .body = "{\"a\":1}", .body_len = 7, .bearer = "sk-x:y", .total_s = 60
    };
    struct buf answer;
    struct err e = { 0 };
    char url[64];
    uint16_t port;

    (void)state;
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:9", 1), 0);
    buf_init(&answer, MEM_OTHER, 100);
    server_start(&s, &port);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1/x?y=z", port);
    f.url = url;
    f.answer = &answer;
    assert_int_equal(fetch_run(&f, &e), ERR_OK);
    assert_int_equal(f.status, 404);
    assert_string_equal(buf_str(&answer), "hello");
    thread_join(&s.thread);
    assert_non_null(strstr(buf_str(&s.request), "POST /v1/x?y=z HTTP/1.1\r\n"));
    assert_non_null(strstr(buf_str(&s.request), "Authorization: Bearer sk-x:y\r\n"));
    assert_non_null(strstr(buf_str(&s.request), "Content-Type: application/json\r\n"));
    assert_null(strstr(buf_str(&s.request), "Expect"));
    server_stop(&s);
    buf_finish(&answer);
}

/* Proves: the same over a Unix socket, with a method of its own. */
static void unix_request(void **state)
{
    struct server s = { .want = "\r\n\r\n",
                        .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
    struct fetch f = { .method = "DELETE", .url = "http://localhost/k" };
    char folder[] = "/tmp/hearth-fetch-XXXXXX", path[64];
    struct buf answer;
    struct err e = { 0 };

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/s", folder);
    f.unix_socket = path;
    buf_init(&answer, MEM_OTHER, 100);
    f.answer = &answer;
    assert_int_equal(fetch_run(&f, &e), ERR_NOT_FOUND);
    assert_int_equal(net_listen_unix(&s.listener, path, NULL), ERR_OK);
    buf_init(&s.request, MEM_OTHER, 1U << 20);
    assert_int_equal(thread_start(&s.thread, "server", serve, &s, NULL), ERR_OK);
    assert_int_equal(fetch_run(&f, &e), ERR_OK);
    assert_int_equal(f.status, 200);
    thread_join(&s.thread);
    assert_non_null(strstr(buf_str(&s.request), "DELETE /k HTTP/1.1\r\n"));
    server_stop(&s);
    buf_finish(&answer);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static bool take_first(void *arg, const char *data, size_t len)
{
    struct buf *b = arg;

    (void)buf_add(b, data, len);
    return false;
}

/* Proves: a stream is handed on as it comes and ends when the caller has enough; an answer that is
 * too long, that never comes, or that breaks off is an error; so is a key with a line break. */
static void ends_of_answers(void **state)
{
    static const struct {
        const char *answer;
        bool streams, stays;
        double total_s;
        enum err_code code;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ndata: 1\n\n", true, true, 60,
          ERR_CANCELLED },
        { "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789", false, false, 60,
          ERR_LIMIT },
        { "", false, true, 0.05, ERR_LIMIT },
        { "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0", false, false, 60, ERR_IO },
    };
    struct fetch f = { .method = "GET" };
    struct err e = { 0 };
    char url[64];
    uint16_t port;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct server s = { .want = "\r\n\r\n",
                            .answer = cases[i].answer,
                            .stays = cases[i].stays };
        struct buf answer;

        buf_init(&answer, MEM_OTHER, 10);
        server_start(&s, &port);
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
        f.url = url;
        f.total_s = cases[i].total_s;
        f.on_data = cases[i].streams ? take_first : NULL;
        f.arg = &answer;
        f.answer = cases[i].streams ? NULL : &answer;
        assert_int_equal(fetch_run(&f, &e), cases[i].code);
        if (cases[i].streams)
            assert_string_equal(buf_str(&answer), "data: 1\n\n");
        server_stop(&s);
        buf_finish(&answer);
    }
    assert_int_equal(fetch_run(&f, &e), ERR_NOT_FOUND);
    f.bearer = "a\r\nHost: b";
    assert_int_equal(fetch_run(&f, &e), ERR_ARG);
    f.url = "file:///etc/passwd";
    assert_int_equal(fetch_run(&f, &e), ERR_ARG);
}

static bool not_for_long(void *arg)
{
    return ++*(unsigned *)arg < 3;
}

/* Proves: who no longer wants to wait for a silent server is asked, and heard. */
static void silence_can_be_left(void **state)
{
    struct server s = { .want = "\r\n\r\n", .answer = "", .stays = true };
    unsigned n_asked = 0;
    struct fetch f = { .method = "GET", .goes_on = not_for_long, .arg = &n_asked };
    struct buf answer;
    struct err e = { 0 };
    char url[64];
    uint16_t port;

    (void)state;
    buf_init(&answer, MEM_OTHER, 10);
    server_start(&s, &port);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    f.url = url;
    f.answer = &answer;
    assert_int_equal(fetch_run(&f, &e), ERR_CANCELLED);
    assert_int_equal(n_asked, 3);
    server_stop(&s);
    buf_finish(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_request),
        cmocka_unit_test(unix_request),
        cmocka_unit_test(ends_of_answers),
        cmocka_unit_test(silence_can_be_left),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
