/* Requests to the daemon. */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/fetch.h"
#include "os/file.h"
#include "os/net.h"
#include "os/process.h"
#include "os/sys.h"

#define ANSWER_BYTES_MAX (64U << 20)
#define RECORD_BYTES_MAX (16U << 20)
#define URL_BYTES        2048U
#define CALL_S           60.0
#define START_WAIT_MS    15000U
#define START_STEP_MS    20U

static enum err_code place(struct client *c, struct err *e)
{
    enum err_code rc;

    c->base[0] = '\0';
    c->host = NULL;
    c->key = NULL;
    rc = path_home(c->home, e);

    return rc ? rc : path_join(c->socket, c->home, "run/hearth.sock", e);
}

static bool answers(const struct client *c)
{
    int fd = -1;

    if (net_connect_unix(&fd, c->socket, NULL))
        return false;
    net_close(&fd);
    return true;
}

enum err_code client_find(struct client *c, struct err *e)
{
    enum err_code rc = place(c, e);

    if (rc || answers(c))
        return rc;
    return err_set(e, ERR_NOT_FOUND,
                   "no daemon is running; `hearth daemon up` or `hearth serve` starts one");
}

enum err_code client_need(struct client *c, struct err *e)
{
    static const char *const argv[] = { "hearth", "serve", "--background", NULL };
    struct process_params p = { .argv = argv, .fd = -1, .fd_err = -1, .detach = true };
    struct process daemon = { 0 };
    struct process_end end;
    char pid_file[PATH_BYTES_MAX];
    bool ended = false;
    enum err_code rc = place(c, e);

    if (rc || answers(c))
        return rc;
    rc = dir_create(c->home, e); /* it could not even log why that fails */
    if (!rc)
        rc = path_join(pid_file, c->home, "run/hearth.pid", e);
    if (!rc)
        rc = process_start(&daemon, &p, e);
    for (uint32_t waited = 0; !rc && waited < START_WAIT_MS; waited += START_STEP_MS) {
        if (ended)
            sleep_ms(START_STEP_MS);
        else
            ended = process_wait(&daemon, START_STEP_MS, &end);
        if (answers(c))
            return ERR_OK;
        if (ended && !pid_file_holder(pid_file)) /* else another one is just coming up */
            break;
    }
    if (rc)
        return rc;
    return err_set(e, ERR_IO,
                   "the daemon does not come up; %.200s/logs says why, or run `hearth serve`",
                   c->home);
}

/* ---- servers elsewhere ---- */

bool client_is_elsewhere(const struct positionals *rest)
{
    return rest->host || rest->has_port;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && value[0] ? value : NULL;
}

void client_at(struct client *c, const struct positionals *rest)
{
    const char *host = rest->host ? rest->host : "127.0.0.1";
    bool is_v6 = strchr(host, ':') != NULL;

    *c = (struct client){ .host = host, .key = variable("HEARTH_API_KEY") };
    if (!c->key)
        c->key = variable("LM_API_TOKEN");
    (void)snprintf(c->base, sizeof(c->base), "http://%s%s%s:%u", is_v6 ? "[" : "", host,
                   is_v6 ? "]" : "", rest->has_port ? rest->port : CLIENT_PORT);
}

/* ---- calls ---- */

/* "error": {"message"} or "error": text, in every family. */
static const char *error_text(const struct js *answer)
{
    const struct js *error = js_get(answer, "error");
    const char *text = js_str(error, NULL);

    return text ? text : js_str(js_get(error, "message"), NULL);
}

static enum err_code http_failed(const struct client *c, int status, const struct js *answer,
                                 struct err *e)
{
    const char *text = error_text(answer);

    if (text && c->host && (status == 401 || status == 403))
        return err_set(e, ERR_ARG, "%.400s (%s answers so%s)", text, c->base,
                       c->key ? " to this HEARTH_API_KEY"
                              : "; HEARTH_API_KEY should hold a key of it");
    if (text)
        return err_set(e, status == 404 ? ERR_NOT_FOUND : ERR_ARG, "%.500s", text);
    return err_set(e, ERR_IO, "%s answered with status %d", c->host ? c->base : "the daemon",
                   status);
}

/* The place of a request, and what only a server elsewhere needs. */
static void aim(const struct client *c, const char *path, char url[URL_BYTES], struct fetch *f)
{
    (void)snprintf(url, URL_BYTES, "%s%s", c->host ? c->base : "http://localhost", path);
    f->url = url;
    f->unix_socket = c->host ? NULL : c->socket;
    f->bearer = c->key;
}

/* Nobody is there: not the same as an answer that says "not found". */
static enum err_code unreachable(const struct client *c, enum err_code rc, int status,
                                 struct err *e)
{
    if (rc != ERR_NOT_FOUND || status)
        return rc;
    if (c->host)
        return err_set(e, ERR_IO,
                       "no server answers at %s; `hearth server start` opens one, with --bind for "
                       "other machines",
                       c->base);
    return err_set(e, ERR_IO, "the daemon has ended; `hearth daemon up` starts it again");
}

static bool goes_on(void *arg)
{
    (void)arg;
    return !interrupt_seen(false);
}

static enum err_code call(const struct client *c, struct fetch *f, const char *path,
                          const struct buf *body, struct js **answer, struct err *e)
{
    char url[URL_BYTES];
    struct buf text;
    struct js *root = NULL;
    enum err_code rc;

    if (answer)
        *answer = NULL;
    aim(c, path, url, f);
    f->body = body ? buf_str(body) : NULL;
    f->body_len = body ? body->len : 0;
    f->answer = &text;
    buf_init(&text, MEM_REQUEST, ANSWER_BYTES_MAX);
    rc = unreachable(c, fetch_run(f, e), f->status, e);
    if (!rc && text.len && js_parse(&root, buf_str(&text), text.len, e) && f->status < 400)
        rc = ERR_FORMAT;
    if (!rc && f->status >= 400)
        rc = http_failed(c, f->status, root, e);
    buf_finish(&text);
    if (!rc && answer)
        *answer = root;
    else
        js_close(root);
    return rc;
}

enum err_code client_call(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e)
{
    return call(c, &(struct fetch){ .method = method, .total_s = CALL_S }, path, body, answer, e);
}

enum err_code client_work(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e)
{
    enum err_code rc;

    interrupt_watch(true);
    rc = call(c, &(struct fetch){ .method = method, .goes_on = goes_on }, path, body, answer, e);
    interrupt_watch(false);
    if (interrupt_seen(true) && rc)
        rc = err_set(e, ERR_CANCELLED, "interrupted");
    return rc;
}

/* ---- streams ---- */

struct following {
    client_event_fn on_event;
    void *arg;
    struct buf text; /* not yet whole records */
    struct fetch *fetch;
    bool stopped;
};

/* One record: lines "event: …" and "data: …". False: enough. */
static bool one_record(struct following *s, char *record)
{
    char *line = record, *next;
    const char *name = "";
    struct js *data = NULL;
    bool goes_on = true;

    for (; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strncmp(line, "event: ", 7) == 0)
            name = line + 7;
        else if (strncmp(line, "data: ", 6) == 0 && !data)
            (void)js_parse(&data, line + 6, strlen(line + 6), NULL);
    }
    if (data)
        goes_on = s->on_event(s->arg, name, data);
    js_close(data);
    return goes_on;
}

static bool on_data(void *arg, const char *data, size_t len)
{
    struct following *s = arg;
    char *end;

    if (interrupt_seen(false))
        return false;
    if (!buf_add(&s->text, data, len))
        return false;
    if (s->fetch->status >= 400) /* no stream: the error's body, read at the end */
        return true;
    while (s->text.len && (end = strstr(s->text.data, "\n\n")) != NULL) {
        end[1] = '\0';
        if (!one_record(s, s->text.data)) {
            s->stopped = true;
            return false;
        }
        buf_drop_front(&s->text, (size_t)(end + 2 - s->text.data));
    }
    return true;
}

enum err_code client_stream(const struct client *c, const char *method, const char *path,
                            const struct buf *body, client_event_fn on_event, void *arg,
                            struct err *e)
{
    char url[URL_BYTES];
    struct following s = { .on_event = on_event, .arg = arg };
    struct fetch f = { .method = method,
                       .body = body ? buf_str(body) : NULL,
                       .body_len = body ? body->len : 0,
                       .on_data = on_data,
                       .goes_on = goes_on,
                       .arg = &s };
    struct js *error = NULL;
    enum err_code rc;

    s.fetch = &f;
    aim(c, path, url, &f);
    buf_init(&s.text, MEM_REQUEST, RECORD_BYTES_MAX);
    interrupt_watch(true);
    rc = unreachable(c, fetch_run(&f, e), f.status, e);
    if (rc == ERR_CANCELLED && s.stopped)
        rc = ERR_OK;
    else if (interrupt_seen(false))
        rc = err_set(e, ERR_CANCELLED, "interrupted");
    interrupt_watch(false);
    (void)interrupt_seen(true);
    if (!rc && f.status >= 400) {
        (void)js_parse(&error, buf_str(&s.text), s.text.len, NULL);
        rc = http_failed(c, f.status, error, e);
        js_close(error);
    }
    buf_finish(&s.text);
    return rc;
}
