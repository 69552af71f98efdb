/* Proves: who may ask is decided by tables that a reader can check; routes, error shapes and ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "serve/app_int.h"
#include "serve/http_int.h"

/* Proves: addresses, localhost and configured names pass, whatever the port; nothing else does. */
static void hosts(void **state)
{
    static const struct {
        const char *host;
        bool ok;
    } rows[] = {
        { "localhost", true },
        { "LOCALHOST:1234", true },
        { "127.0.0.1", true },
        { "127.0.0.1:1234", true },
        { "192.168.178.20:80", true },
        { "[::1]", true },
        { "[::1]:1234", true },
        { "[fe80::1:2]:1", true },
        { "box.lan:1234", true },
        { "Box", true },
        { "", false },
        { "evil.example", false },
        { "localhost.", false },
        { "localhost.evil", false },
        { "127.0.0.1.evil", false },
        { "127.0.0", false },
        { "127.0.0.256", false },
        { "127.0.0.1.1", false },
        { "1.2.3.4:", true },
        { "1.2.3.4:123456", false },
        { "1.2.3.4:a", false },
        { "[::1", false },
        { "[]", false },
        { "[evil]", false },
        { "[::1]x", false },
        { ":80", false },
        { "a@127.0.0.1", false },
        { "box.lan2", false },
        { "lan", false },
        { "127.0.0.1 ", false },
        { "0x7f.0.0.1", false },
        { "2130706433", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (http_host_ok(rows[i].host, "box.lan box") != rows[i].ok)
            fail_msg("host %s: expected %d", rows[i].host, rows[i].ok);
    }
    assert_false(http_host_ok("box", NULL));
}

/* Proves: the server's own pages, those of loopback and those named by the user may read answers.
 */
static void origins(void **state)
{
    static const struct http_settings closed = { .origins = "https://app.example obsidian://x" };
    static const struct http_settings open = { .cors = true };
    static const struct {
        const char *origin, *host;
        enum http_origin expected;
    } rows[] = {
        { NULL, "localhost:1234", ORIGIN_NONE },
        { "http://192.168.1.2:1234", "192.168.1.2:1234", ORIGIN_NONE },
        { "http://localhost:5173", "localhost:1234", ORIGIN_KNOWN },
        { "https://127.0.0.1", "localhost:1234", ORIGIN_KNOWN },
        { "http://[::1]:8080", "localhost:1234", ORIGIN_KNOWN },
        { "https://app.example", "localhost:1234", ORIGIN_KNOWN },
        { "obsidian://x", "localhost:1234", ORIGIN_KNOWN },
        { "https://app.example:444", "localhost:1234", ORIGIN_FOREIGN },
        { "https://evil.example", "localhost:1234", ORIGIN_FOREIGN },
        { "http://localhost.evil", "localhost:1234", ORIGIN_FOREIGN },
        { "http://192.168.1.3", "192.168.1.2:1234", ORIGIN_FOREIGN },
        { "http://127.0.0.1.evil", "localhost:1234", ORIGIN_FOREIGN },
        { "http://[::2]", "localhost", ORIGIN_FOREIGN },
        { "null", "localhost:1234", ORIGIN_FOREIGN },
        { "", "localhost:1234", ORIGIN_FOREIGN },
        { "file://", "localhost", ORIGIN_FOREIGN },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (http_origin_of(rows[i].origin, rows[i].host, &closed) != rows[i].expected)
            fail_msg("origin %s of host %s", rows[i].origin, rows[i].host);
        assert_int_equal(http_origin_of(rows[i].origin, rows[i].host, &open),
                         rows[i].origin ? ORIGIN_ANY : ORIGIN_NONE);
    }
}

/* Proves: a key is found in either header; another scheme is no key. */
static void key_texts(void **state)
{
    size_t len;

    (void)state;
    assert_string_equal(http_key_text("Bearer abc", NULL, &len), "abc");
    assert_int_equal(len, 3);
    assert_string_equal(http_key_text("bearer  abc", "x", &len), "abc");
    assert_string_equal(http_key_text(NULL, "xyz", &len), "xyz");
    assert_string_equal(http_key_text("Basic abc", "xyz", &len), "xyz");
    assert_null(http_key_text("Basic abc", NULL, &len));
    assert_null(http_key_text("Bearer ", NULL, &len));
    assert_null(http_key_text(NULL, "", &len));
}

static void handler(struct http_req *q, void *arg)
{
    (void)q;
    (void)arg;
}

/* Proves: exact paths win over prefixes, long prefixes over short ones; methods are told apart;
 * local routes do not exist for others. */
static void finds_routes(void **state)
{
    static const struct http_route routes[] = {
        { HTTP_GET, "/a/*", handler, FAMILY_PLAIN, 0, 0, false },
        { HTTP_GET, "/a/b/*", handler, FAMILY_PLAIN, 0, 0, false },
        { HTTP_GET, "/a/b/c", handler, FAMILY_PLAIN, 0, 0, false },
        { HTTP_POST, "/a/b/c", handler, FAMILY_PLAIN, 0, 0, false },
        { HTTP_GET, "/h", handler, FAMILY_PLAIN, 0, 0, true },
    };
    static const struct {
        const char *path;
        enum http_method method;
        bool local;
        int expected; /* -1: none */
        const char *rest;
        unsigned methods;
    } rows[] = {
        { "/a/b/c", HTTP_GET, false, 2, NULL, HTTP_GET | HTTP_POST },
        { "/a/b/c", HTTP_POST, false, 3, NULL, HTTP_GET | HTTP_POST },
        { "/a/b/c", HTTP_DELETE, false, -1, NULL, HTTP_GET | HTTP_POST },
        { "/a/b/cd", HTTP_GET, false, 1, "cd", HTTP_GET },
        { "/a/b/", HTTP_GET, false, 0, "b/", HTTP_GET },
        { "/a/x/y", HTTP_GET, false, 0, "x/y", HTTP_GET },
        { "/a/", HTTP_GET, false, -1, NULL, 0 },
        { "/a", HTTP_GET, false, -1, NULL, 0 },
        { "", HTTP_GET, false, -1, NULL, 0 },
        { "/h", HTTP_GET, false, -1, NULL, 0 },
        { "/h", HTTP_GET, true, 4, NULL, HTTP_GET },
    };
    struct http_match m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        http_route_find(&m, routes, COUNT_OF(routes), rows[i].method, rows[i].path, rows[i].local);
        assert_ptr_equal(m.route, rows[i].expected < 0 ? NULL : &routes[rows[i].expected]);
        assert_int_equal(m.methods, rows[i].methods);
        if (rows[i].rest)
            assert_string_equal(m.rest, rows[i].rest);
    }
    assert_int_equal(http_family_of("/v1/messages/count_tokens"), FAMILY_ANTHROPIC);
    assert_int_equal(http_family_of("/v1/messagesx"), FAMILY_OPENAI);
    assert_int_equal(http_family_of("/v1"), FAMILY_OPENAI);
    assert_int_equal(http_family_of("/v10"), FAMILY_PLAIN);
    assert_int_equal(http_family_of("/api/v1/chat"), FAMILY_NATIVE);
    assert_int_equal(http_family_of("/api/v0/models"), FAMILY_OPENAI);
}

/* Proves: one failure in the words of each family. */
static void error_shapes(void **state)
{
    static const struct {
        enum http_family family;
        struct http_error error;
        const char *expected;
    } rows[] = {
        { FAMILY_OPENAI,
          { .status = 404, .code = "model_not_found", .param = "model", .text = "no \"x\"" },
          "{\"error\":{\"message\":\"no \\\"x\\\"\",\"type\":\"invalid_request_error\","
          "\"param\":\"model\",\"code\":\"model_not_found\"}}" },
        { FAMILY_OPENAI,
          { .status = 429, .text = "t" },
          "{\"error\":{\"message\":\"t\",\"type\":\"rate_limit_error\",\"param\":null,"
          "\"code\":null}}" },
        { FAMILY_PLAIN,
          { .status = 500, .text = NULL },
          "{\"error\":{\"message\":\"\",\"type\":\"internal_error\",\"param\":null,"
          "\"code\":null}}" },
        { FAMILY_NATIVE,
          { .status = 404, .code = "model_not_found", .text = "t" },
          "{\"error\":{\"message\":\"t\",\"type\":\"model_not_found\","
          "\"code\":\"model_not_found\"}}" },
        { FAMILY_NATIVE,
          { .status = 400, .text = "t", .param = "p" },
          "{\"error\":{\"message\":\"t\",\"type\":\"invalid_request\",\"param\":\"p\"}}" },
        { FAMILY_ANTHROPIC,
          { .status = 401, .code = "invalid_api_key", .text = "t" },
          "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"t\"}}" },
        { FAMILY_ANTHROPIC,
          { .status = 500, .text = "t" },
          "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"t\"}}" },
        { FAMILY_ANTHROPIC,
          { .status = 503, .text = "t" },
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"t\"}}" },
        { FAMILY_ANTHROPIC,
          { .status = 413, .text = "t" },
          "{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\",\"message\":\"t\"}}" },
        { FAMILY_ANTHROPIC,
          { .status = 400, .type = "own", .text = "t" },
          "{\"type\":\"error\",\"error\":{\"type\":\"own\",\"message\":\"t\"}}" },
    };
    struct buf out;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_init(&out, MEM_OTHER, 4096);
        http_error_write(&out, rows[i].family, &rows[i].error);
        assert_string_equal(buf_str(&out), rows[i].expected);
        buf_finish(&out);
    }
}

/* Proves: every way in which a job fails has a status, and those that clients act on a code. */
static void job_errors(void **state)
{
    static const int status[JOB_ERR_COUNT] = { 400, 400, 404, 500, 400, 429, 500, 503, 500 };
    struct http_error error;

    (void)state;
    for (int i = 0; i < JOB_ERR_COUNT; i++) {
        http_error_of_job(&error, (enum job_error)i, "why", 3);
        assert_int_equal(error.status, status[i]);
        assert_string_equal(error.text, "why");
    }
    http_error_of_job(&error, JOB_ERR_CONTEXT, "", 0);
    assert_string_equal(error.code, "context_length_exceeded");
}

/* Proves: percent signs are decoded once, and never into an end of text. */
static void unescapes(void **state)
{
    static const char *const rows[][2] = {
        { "a%20b", "a b" }, { "%2525", "%25" }, { "%00", "%00" },   { "%", "%" },
        { "%4", "%4" },     { "%zz", "%zz" },   { "a%2fB", "a/B" }, { "%C3%a4", "\xC3\xA4" },
    };
    char text[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memcpy(text, rows[i][0], strlen(rows[i][0]) + 1);
        assert_int_equal(http_unescape(text), strlen(rows[i][1]));
        assert_string_equal(text, rows[i][1]);
    }
}

/* Proves: ids have their form, and no two are the same. */
static void ids(void **state)
{
    char a[64], b[64];

    (void)state;
    new_id(a, sizeof(a), "chatcmpl-", 29);
    new_id(b, sizeof(b), "chatcmpl-", 29);
    assert_int_equal(strlen(a), 38);
    assert_int_equal(strspn(a + 9, "0123456789abcdefghijklmnopqrstuvwxyz"), 29);
    assert_string_not_equal(a, b);
    new_hex(a, sizeof(a), "resp_", 48);
    assert_int_equal(strlen(a), 53);
    assert_int_equal(strspn(a + 5, "0123456789abcdef"), 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),        cmocka_unit_test(origins),
        cmocka_unit_test(key_texts),    cmocka_unit_test(finds_routes),
        cmocka_unit_test(error_shapes), cmocka_unit_test(job_errors),
        cmocka_unit_test(unescapes),    cmocka_unit_test(ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
