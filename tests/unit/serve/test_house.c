/* Proves: a daemon comes up in its home, tells how it is, is controlled over its Unix socket, and
 * ends in order. The dialects' routes are left out. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/json.h"
#include "os/file.h"
#include "os/sys.h"
#include "os/thread.h"
#include "serve/app_int.h"
#include "serve/feed_int.h"
#include "serve/serve.h"
#include "support/http_client.h"

const struct route_table routes_openai, routes_responses, routes_anthropic, routes_native,
    routes_extra, routes_control;

struct daemon_run {
    struct thread thread;
    struct serve_params params;
    enum err_code rc;
    struct err e;
    _Atomic int port; /* -1: not ready */
    char home[64], sock[128];
};

static void on_ready(void *arg, const char *address, uint16_t port)
{
    struct daemon_run *d = arg;

    assert_string_equal(address, "127.0.0.1");
    d->port = port;
}

static void run(void *arg)
{
    struct daemon_run *d = arg;

    d->rc = serve_run(&d->params, &d->e);
}

static void start(struct daemon_run *d)
{
    const double until = clock_s() + CLIENT_WAIT_S;

    memset(d, 0, sizeof(*d));
    (void)snprintf(d->home, sizeof(d->home), "/tmp/hearth-house-XXXXXX");
    assert_non_null(mkdtemp(d->home));
    assert_int_equal(setenv("HEARTH_HOME", d->home, 1), 0);
    (void)snprintf(d->sock, sizeof(d->sock), "%s/run/hearth.sock", d->home);
    d->port = -1;
    d->params = (struct serve_params){ .listen = true,
                                       .level = LOG_INFO,
                                       .port = 0,
                                       .background = true,
                                       .no_foreign = true,
                                       .on_ready = on_ready,
                                       .arg = d };
    assert_int_equal(thread_start(&d->thread, "daemon", run, d, NULL), ERR_OK);
    while (d->port < 0) {
        CHECK(clock_s() < until);
        (void)usleep(1000);
    }
}

static void remove_tree(const char *path)
{
    char child[512];
    DIR *dir = opendir(path);
    struct dirent *at;

    while (dir && (at = readdir(dir))) {
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
            continue;
        (void)snprintf(child, sizeof(child), "%s/%s", path, at->d_name);
        if (unlink(child) != 0)
            remove_tree(child);
    }
    if (dir)
        (void)closedir(dir);
    (void)rmdir(path);
}

/* Over the Unix socket. */
static void control(struct daemon_run *d, const char *method, const char *path, const char *body,
                    struct answer *a)
{
    char head[512];
    struct client c;

    client_begin(&c, client_unix(d->sock));
    (void)snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
                   method, path, strlen(body));
    client_sends(c.fd, head);
    client_sends(c.fd, body);
    client_answer(&c, a);
    client_end(&c);
}

static struct js *control_json(struct daemon_run *d, const char *method, const char *path,
                               const char *body, int status)
{
    struct answer a;
    struct js *j;

    control(d, method, path, body, &a);
    if (a.status != status)
        fail_msg("%s %s: %d %s", method, path, a.status, buf_str(&a.body));
    assert_int_equal(js_parse(&j, buf_str(&a.body), a.body.len, NULL), ERR_OK);
    answer_finish(&a);
    return j;
}

static void stop(struct daemon_run *d)
{
    struct answer a;

    control(d, "POST", "/hearth/shutdown", "", &a);
    assert_int_equal(a.status, 200);
    answer_finish(&a);
    thread_join(&d->thread);
    assert_int_equal(d->rc, ERR_OK);
    assert_false(file_exists(d->sock));
    remove_tree(d->home);
}

static void ask(struct daemon_run *d, const char *head, int status, const char *has)
{
    struct answer a;

    client_ask((uint16_t)d->port, head, NULL, &a);
    assert_int_equal(a.status, status);
    if (!strstr(buf_str(&a.body), has))
        fail_msg("%s: %s not in %s", head, has, buf_str(&a.body));
    answer_finish(&a);
}

/* Proves: the open routes answer. */
static void tells(void **state)
{
    struct daemon_run d;
    struct js *j;

    (void)state;
    start(&d);
    ask(&d, "GET /health HTTP/1.1\r\n", 200, "{\"status\":\"ok\"}");
    ask(&d, "GET /lmstudio-greeting HTTP/1.1\r\n", 200, "{\"lmstudio\":true}");
    ask(&d, "GET /lms-status HTTP/1.1\r\n", 200, "\"package\":\"hearth\"");
    ask(&d, "GET /metrics HTTP/1.1\r\n", 200, "hearth_http_requests_total{status=\"2xx\"} 3\n");
    ask(&d, "GET /metrics HTTP/1.1\r\n", 200, "\nhearth_models_loaded 0\n");
    ask(&d, "GET /hearth/status HTTP/1.1\r\n", 404, "Unexpected endpoint");
    j = control_json(&d, "GET", "/hearth/status", "", 200);
    assert_int_equal(js_int(js_get(j, "pid")), getpid());
    assert_true(js_bool(js_get(j, "listening")));
    assert_int_equal(js_int(js_get(j, "port")), d.port);
    js_close(j);
    stop(&d);
}

/* Proves: the port is closed and opened on demand, and where it is stands in a file. */
static void listens(void **state)
{
    char path[128];
    struct daemon_run d;
    struct buf text;
    struct js *j;

    (void)state;
    start(&d);
    (void)snprintf(path, sizeof(path), "%s/run/server.json", d.home);
    assert_true(file_exists(path));
    j = control_json(&d, "POST", "/hearth/server/stop", "", 200);
    assert_false(js_bool(js_get(j, "listening")));
    assert_false(file_exists(path));
    js_close(j);
    j = control_json(&d, "POST", "/hearth/server/start", "{\"port\":0,\"cors\":true}", 200);
    d.port = (int)js_int(js_get(j, "port"));
    js_close(j);
    ask(&d, "GET /health HTTP/1.1\r\n", 200, "ok");
    j = control_json(&d, "POST", "/hearth/server/start", "{}", 200);
    assert_int_equal(js_int(js_get(j, "port")), d.port); /* it is there already */
    js_close(j);
    buf_init(&text, MEM_OTHER, 4096);
    assert_int_equal(file_read(&text, path, NULL), ERR_OK);
    assert_int_equal(js_parse(&j, text.data, text.len, NULL), ERR_OK);
    assert_int_equal(js_int(js_get(j, "port")), d.port);
    js_close(j);
    buf_finish(&text);
    js_close(control_json(&d, "POST", "/hearth/server/start", "{\"port\":70000}", 400));
    js_close(control_json(&d, "POST", "/hearth/server/start", "[]", 400));
    js_close(control_json(&d, "POST", "/hearth/server/start", "{\"bind\":\"0.0.0.0\"}", 400));
    stop(&d);
}

/* Proves: keys are made, listed and deleted; the first one closes the door. */
static void keys(void **state)
{
    char head[256];
    struct daemon_run d;
    struct js *j;

    (void)state;
    start(&d);
    j = control_json(&d, "POST", "/hearth/keys", "{\"name\":\"n\",\"scopes\":[\"inference\"]}",
                     200);
    ask(&d, "GET /metrics HTTP/1.1\r\n", 401, "invalid_api_key");
    (void)snprintf(head, sizeof(head), "GET /metrics HTTP/1.1\r\nAuthorization: Bearer %s\r\n",
                   js_str(js_get(j, "key"), NULL));
    ask(&d, head, 403, "permission_denied");
    (void)snprintf(head, sizeof(head), "/hearth/keys/%s", js_str(js_get(j, "id"), NULL));
    js_close(j);
    j = control_json(&d, "GET", "/hearth/keys", "", 200);
    assert_int_equal(js_len(js_get(j, "keys")), 1);
    js_close(j);
    js_close(control_json(&d, "DELETE", head, "", 200));
    js_close(control_json(&d, "DELETE", head, "", 404));
    ask(&d, "GET /metrics HTTP/1.1\r\n", 200, "hearth_");
    js_close(control_json(&d, "POST", "/hearth/keys", "{\"scopes\":[\"everything\"]}", 400));
    stop(&d);
}

/* Reads a stream until word has come. */
static void wait_for(struct client *c, const char *word)
{
    while (!strstr(buf_str(&c->in), word)) {
        char piece[4096];
        ssize_t n = read(c->fd, piece, sizeof(piece));

        CHECK(n > 0);
        CHECK(buf_add(&c->in, piece, (size_t)n));
    }
}

/* Proves: events and log lines reach those who listen, until the daemon ends. */
static void feeds(void **state)
{
    struct client events, lines;
    struct daemon_run d;

    (void)state;
    start(&d);
    client_begin(&events, client_tcp((uint16_t)d.port));
    client_sends(events.fd, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_for(&events, "event: resources\ndata: {\"type\":\"resources\",\"resident_bytes\":");
    client_begin(&lines, client_unix(d.sock));
    client_sends(lines.fd, "GET /hearth/log/stream?source=server HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&lines, "200 OK");
    while (!strstr(buf_str(&lines.in), "GET /metrics 200")) {
        ask(&d, "GET /metrics HTTP/1.1\r\n", 200, "hearth_");
        wait_for(&lines, "server.log");
    }
    js_close(control_json(&d, "GET", "/hearth/log/stream?source=x", "", 400));
    stop(&d);
    (void)client_drain(&events);
    (void)client_drain(&lines);
    client_end(&events);
    client_end(&lines);
}

/* Proves: looking for models again answers with how many there are. */
static void rescans(void **state)
{
    struct daemon_run d;
    struct js *j;

    (void)state;
    start(&d);
    j = control_json(&d, "POST", "/hearth/rescan", "", 200);
    assert_int_equal(js_kind(js_get(j, "models")), JS_INT);
    js_close(j);
    stop(&d);
}

/* Proves: a configuration with a mistake is named and nothing is left running. */
static void bad_config(void **state)
{
    struct serve_params p = { .port = 0, .background = true, .no_foreign = true };
    char home[64] = "/tmp/hearth-house-XXXXXX", path[128];
    struct err e;

    (void)state;
    assert_non_null(mkdtemp(home));
    assert_int_equal(setenv("HEARTH_HOME", home, 1), 0);
    (void)snprintf(path, sizeof(path), "%s/config.json", home);
    assert_int_equal(file_write(path, "{\"server\":{\"port\":\"x\"}}", 23, &e), ERR_OK);
    assert_int_equal(serve_run(&p, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, "server.port"));
    remove_tree(home);
}

/* Proves: those who listen from elsewhere leave places to the owner. */
static void owner_can_listen(void **state)
{
    static struct client others[FEED_REMOTE_MAX];
    struct daemon_run d;
    struct client late, owner;

    (void)state;
    start(&d);
    for (unsigned i = 0; i < FEED_REMOTE_MAX; i++) {
        client_begin(&others[i], client_tcp((uint16_t)d.port));
        client_sends(others[i].fd, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        wait_for(&others[i], "HTTP/1.1 200");
    }
    client_begin(&late, client_tcp((uint16_t)d.port));
    client_sends(late.fd, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_for(&late, "HTTP/1.1 503");
    client_end(&late);
    client_begin(&owner, client_unix(d.sock));
    client_sends(owner.fd, "GET /hearth/log/stream?source=server HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&owner, "HTTP/1.1 200");
    client_end(&owner);
    for (unsigned i = 0; i < FEED_REMOTE_MAX; i++)
        client_end(&others[i]);
    stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells),
        cmocka_unit_test(listens),
        cmocka_unit_test(keys),
        cmocka_unit_test(feeds),
        cmocka_unit_test(rescans),
        cmocka_unit_test(bad_config),
        cmocka_unit_test(owner_can_listen),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
