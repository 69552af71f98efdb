/* Proves: what the server refuses before a handler is called, and in whose words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/http_client.h"
#include "unit/serve/rig.h"

struct row {
    const char *head; /* lines without the empty one; Host: localhost unless it has one */
    const char *body;
    int status;
    const char *has; /* in head or body of the answer; NULL: nothing in particular */
};

static void check(struct rig *r, const struct row *rows, size_t n)
{
    struct answer a;

    for (size_t i = 0; i < n; i++) {
        client_ask(r->port, rows[i].head, rows[i].body, &a);
        if (a.status != rows[i].status || a.is_closed)
            fail_msg("%s\nexpected %d, got %d %s", rows[i].head, rows[i].status, a.status,
                     buf_str(&a.body));
        if (rows[i].has && !strstr(buf_str(&a.head), rows[i].has) &&
            !strstr(buf_str(&a.body), rows[i].has))
            fail_msg("%s\nexpected %s in %s%s", rows[i].head, rows[i].has, buf_str(&a.head),
                     buf_str(&a.body));
        answer_finish(&a);
    }
}

/* Proves: unknown paths and methods, in the shape of their family; HEAD and OPTIONS. */
static void routes(void **state)
{
    static const struct row rows[] = {
        { "GET /nothing HTTP/1.1\r\n", NULL, 404,
          "\"Unexpected endpoint or method. (GET /nothing)\"" },
        { "POST /v1/nothing HTTP/1.1\r\n", "{}", 404, "\"type\":\"invalid_request_error\"" },
        { "POST /v1/messages/x HTTP/1.1\r\n", "{}", 404, "\"type\":\"not_found_error\"" },
        { "GET /api/v1/x HTTP/1.1\r\n", NULL, 404, "\"type\":\"invalid_request\"}" },
        { "GET /v1/echo HTTP/1.1\r\n", NULL, 405, "Allow: POST, OPTIONS" },
        { "PUT /quick HTTP/1.1\r\n", NULL, 405, "(PUT /quick)" },
        { "DELETE /quick HTTP/1.1\r\n", NULL, 405, "Allow: GET, HEAD, OPTIONS" },
        { "OPTIONS /quick HTTP/1.1\r\n", NULL, 204, "Allow: GET, HEAD, OPTIONS" },
        { "OPTIONS /nothing HTTP/1.1\r\n", NULL, 404, NULL },
        { "GET /hearth/stats HTTP/1.1\r\n", NULL, 404, NULL },
        { "DELETE /api/v1/thing/a/b HTTP/1.1\r\n", NULL, 200, "a/b" },
        { "GET http://localhost:99/v1/models/x HTTP/1.1\r\n", NULL, 200, "x" },
        { "GET http://evil.example/v1/models/x HTTP/1.1\r\n", NULL, 403, NULL },
        { "POST /v1/messages HTTP/1.1\r\n", "{}", 429, "Retry-After: 7" },
        { "POST /v1/messages HTTP/1.1\r\n", "{}", 429, "\"rate_limit_error\"" },
    };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    check(&r, rows, COUNT_OF(rows));
    rig_close(&r);
}

/* Proves: HEAD gets the head of the answer alone, and the connection goes on. */
static void head_method(void **state)
{
    struct client c;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    client_sends(c.fd, "HEAD /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (!c.in.data || !strstr(c.in.data, "{\"ok\":true}")) {
        char piece[4096];
        ssize_t n = recv(c.fd, piece, sizeof(piece), 0);

        assert_true(n > 0);
        assert_true(buf_add(&c.in, piece, (size_t)n));
    }
    /* two heads, one body */
    assert_non_null(strstr(c.in.data, "\r\n\r\nHTTP/1.1 200"));
    client_end(&c);
    rig_close(&r);
}

/* Proves: a refused request with a short body does not cost the connection; HEAD of a stream ends
 * what its handler began. */
static void goes_on(void **state)
{
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    client_begin(&c, client_tcp(r.port));
    for (int i = 0; i < 3; i++) {
        client_sends(c.fd, "POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: 5\r\n\r\nhello");
        client_answer(&c, &a);
        assert_int_equal(a.status, 404);
        assert_false(a.is_closed);
        answer_finish(&a);
    }
    client_sends(c.fd, "HEAD /v1/silent HTTP/1.1\r\nHost: localhost\r\n\r\n");
    rig_wait(&rig_n_gone, 1);
    assert_int_equal(rig_n_held, 0);
    client_end(&c);
    rig_close(&r);
}

/* Proves: names of strangers and doubled lengths are refused. */
static void hosts_and_framing(void **state)
{
    static const struct row rows[] = {
        { "GET /quick HTTP/1.1\r\nHost: evil.example\r\n", NULL, 403, "host_not_allowed" },
        { "GET /quick HTTP/1.1\r\nHost: box:1\r\n", NULL, 200, NULL },
        { "GET /quick HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n", NULL, 403, NULL },
        { "GET /quick HTTP/1.0\r\n", NULL, 200, NULL },
        { "POST /v1/echo HTTP/1.1\r\nContent-Length: 2\r\n", "ab", 400, NULL },
        { "POST /v1/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 400, NULL },
        { "POST /v1/echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n", NULL, 400, NULL },
        { "POST /v1/echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", NULL, 400,
          "invalid_framing" },
        { "POST /v1/echo HTTP/1.1\r\nContent-Length: +2\r\n", NULL, 400, NULL },
        { "POST /v1/echo HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n", NULL, 413,
          NULL },
    };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, &(struct http_settings){ .hosts = "box" });
    check(&r, rows, COUNT_OF(rows));
    rig_close(&r);
}

/* Proves: a head that another server may read otherwise is refused, and what follows it is never
 * taken for a next request: blanks before a colon, folded lines. */
static void smuggled(void **state)
{
    static const char next[] = "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static const struct {
        const char *text;
        size_t len;
    } heads[] = {
#define HEAD(text) { text, sizeof(text) - 1 }
        HEAD("Content-Length : 44\r\n\r\n"),
        HEAD("Content-Length\t: 44\r\n\r\n"),
        HEAD("Transfer-Encoding : chunked\r\n\r\n"),
        HEAD("Transfer-Encoding:\r\n chunked\r\n\r\n"),
        HEAD("Content-Length:\r\n 44\r\n\r\n"),
        HEAD("X y: z\r\n\r\n"),
        HEAD("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"),
#undef HEAD
    };
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct client c;
        struct answer a;

        client_begin(&c, client_tcp(r.port));
        client_sends(c.fd, "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\n");
        client_send(c.fd, heads[i].text, heads[i].len);
        (void)client_try_send(c.fd, next, sizeof(next) - 1);
        client_answer(&c, &a);
        assert_int_equal(a.status, 400);
        assert_non_null(strstr(buf_str(&a.body), "invalid_framing"));
        answer_finish(&a);
        assert_int_equal(client_drain(&c), 0);
        client_end(&c);
    }
    rig_close(&r);
}

/* Proves: pages of strangers change nothing and read nothing; preflights pass without a key. */
static void browsers(void **state)
{
    static const struct row closed[] = {
        { "POST /v1/echo HTTP/1.1\r\nOrigin: https://evil.example\r\n", "x", 403,
          "origin_not_allowed" },
        { "OPTIONS /v1/echo HTTP/1.1\r\nOrigin: https://evil.example\r\n"
          "Access-Control-Request-Method: POST\r\n",
          NULL, 403, NULL },
        { "POST /v1/echo HTTP/1.1\r\nOrigin: http://localhost:3000\r\n", "x", 200,
          "Access-Control-Allow-Origin: http://localhost:3000" },
        { "OPTIONS /v1/echo HTTP/1.1\r\nOrigin: https://app.example\r\n"
          "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-y\r\n",
          NULL, 204, "Access-Control-Allow-Headers: x-y" },
        { "GET /v1/stream?n=1 HTTP/1.1\r\nOrigin: https://app.example\r\n", NULL, 200,
          "Access-Control-Allow-Origin: https://app.example" },
        { "GET /v1/nothing HTTP/1.1\r\nOrigin: https://app.example\r\n", NULL, 404,
          "Access-Control-Allow-Origin: https://app.example" },
    };
    static const struct row open[] = {
        { "POST /v1/echo HTTP/1.1\r\nOrigin: https://evil.example\r\n", "x", 401,
          "Access-Control-Allow-Origin: *" },
        { "OPTIONS /v1/echo HTTP/1.1\r\nOrigin: https://evil.example\r\n"
          "Access-Control-Request-Method: POST\r\n"
          "Access-Control-Request-Private-Network: true\r\n",
          NULL, 204, "Access-Control-Allow-Private-Network: true" },
    };
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, &(struct http_settings){ .origins = "https://app.example" });
    check(&r, closed, COUNT_OF(closed));
    client_ask(r.port, "GET /quick HTTP/1.1\r\nOrigin: https://evil.example\r\n", NULL, &a);
    assert_int_equal(a.status, 200);
    assert_null(answer_header(&a, "Access-Control-Allow-Origin"));
    answer_finish(&a);
    rig_close(&r);
    rig_open(&r, NULL, &(struct http_settings){ .cors = true, .require_key = true });
    check(&r, open, COUNT_OF(open));
    rig_close(&r);
}

/* Proves: once there is a key, or when keys are required, nothing but the open routes goes without;
 * a key's scopes count. Keys that were lost keep the server as closed as it was. */
static void keys(void **state)
{
    static const struct row rows[] = {
        { "GET /quick HTTP/1.1\r\n", NULL, 200, NULL },
        { "GET /v1/models HTTP/1.1\r\n", NULL, 401, "invalid_api_key" },
        { "GET /v1/models HTTP/1.1\r\n", NULL, 401, "WWW-Authenticate: Bearer" },
        { "GET /nothing HTTP/1.1\r\n", NULL, 401, NULL },
        { "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer wrong\r\n", NULL, 401, NULL },
        { "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer read\r\n", NULL, 200, NULL },
        { "GET /v1/models HTTP/1.1\r\nx-api-key: all\r\n", NULL, 200, NULL },
        { "POST /v1/echo HTTP/1.1\r\nAuthorization: Bearer read\r\n", "x", 403,
          "permission_denied" },
        { "POST /v1/messages HTTP/1.1\r\nx-api-key: read\r\n", "x", 403, "permission_error" },
        { "POST /v1/messages HTTP/1.1\r\n", "x", 401, "authentication_error" },
        { "DELETE /api/v1/thing/x HTTP/1.1\r\n", NULL, 401, "\"type\":\"invalid_request\"" },
    };
    static const struct row open[] = {
        { "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer lm-studio\r\n", NULL, 200, NULL },
        { "GET /v1/models HTTP/1.1\r\n", NULL, 200, NULL },
    };
    static const struct row lost[] = {
        { "GET /quick HTTP/1.1\r\n", NULL, 200, NULL },
        { "GET /v1/models HTTP/1.1\r\n", NULL, 401, "hearth key create" },
        { "GET /v1/models HTTP/1.1\r\nx-api-key: all\r\n", NULL, 401, NULL },
    };
    struct client c;
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    check(&r, open, COUNT_OF(open));
    rig_keys_lost = true;
    check(&r, lost, COUNT_OF(lost));
    rig_keys_lost = false;
    check(&r, open, COUNT_OF(open));
    rig_n_key = 1;
    check(&r, rows, COUNT_OF(rows));
    /* who can open the Unix socket is trusted, whatever name it uses */
    client_begin(&c, client_unix(r.path));
    client_sends(c.fd, "GET /v1/models HTTP/1.1\r\nHost: any.name\r\n\r\n");
    client_answer(&c, &a);
    assert_int_equal(a.status, 200);
    answer_finish(&a);
    client_end(&c);
    rig_close(&r);
    rig_open(&r, NULL, &(struct http_settings){ .require_key = true });
    client_ask(r.port, "GET /v1/models HTTP/1.1\r\nx-api-key: all\r\n", NULL, &a);
    assert_int_equal(a.status, 401); /* no key is no key */
    answer_finish(&a);
    rig_close(&r);
}

/* Proves: while the daemon ends, everybody but its own commands gets 503, in his family's words. */
static void closing(void **state)
{
    static const struct row rows[] = {
        { "GET /quick HTTP/1.1\r\n", NULL, 503, "shutting_down" },
        { "POST /v1/echo HTTP/1.1\r\n", "x", 503, "Retry-After: 5" },
        { "POST /v1/messages HTTP/1.1\r\n", "x", 503, "overloaded_error" },
    };
    struct http_stats s;
    struct rig r;

    (void)state;
    rig_open(&r, NULL, NULL);
    rig_control(&r, "/hearth/closing");
    check(&r, rows, COUNT_OF(rows));
    rig_stats(&r, &s);
    assert_int_equal(s.n_by_status[5], COUNT_OF(rows));
    rig_close(&r);
}

/* Proves: a bind that others can reach needs a key to be there; one address at a time. */
static void wide_bind(void **state)
{
    struct http_params p = { 0 };
    struct loop *loop;
    struct http *h;
    uint16_t port;
    struct err e;

    (void)state;
    rig_n_key = 0;
    assert_int_equal(loop_open(&loop, &e), ERR_OK);
    p.loop = loop;
    p.store = (struct store *)(void *)&p; /* only the stand-in for keys sees it */
    assert_int_equal(http_open(&h, &p, &e), ERR_OK);
    assert_int_equal(http_listen(h, "0.0.0.0", 0, &port, &e), ERR_UNSUPPORTED);
    assert_int_equal(http_port(h), 0);
    rig_n_key = 1;
    assert_int_equal(http_listen(h, "0.0.0.0", 0, &port, &e), ERR_OK);
    assert_int_equal(http_port(h), port);
    assert_int_equal(http_listen(h, "127.0.0.1", 0, &port, &e), ERR_ARG);
    http_unlisten(h);
    assert_int_equal(http_listen(h, "127.0.0.1", 0, &port, &e), ERR_OK);
    assert_string_equal(http_address(h), "127.0.0.1");
    http_close(h);
    loop_close(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes),    cmocka_unit_test(head_method),
        cmocka_unit_test(goes_on),   cmocka_unit_test(hosts_and_framing),
        cmocka_unit_test(smuggled),  cmocka_unit_test(browsers),
        cmocka_unit_test(keys),      cmocka_unit_test(closing),
        cmocka_unit_test(wide_bind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
