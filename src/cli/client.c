/* Requests to the daemon. */
#include "cli/client.h"

#include <stdio.h>
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
    enum err_code rc = path_home(c->home, e);

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

/* ---- calls ---- */

/* "error": {"message"} or "error": text, in every family. */
static const char *error_text(const struct js *answer)
{
    const struct js *error = js_get(answer, "error");
    const char *text = js_str(error, NULL);

    return text ? text : js_str(js_get(error, "message"), NULL);
}

static enum err_code http_failed(int status, const struct js *answer, struct err *e)
{
    const char *text = error_text(answer);

    if (text)
        return err_set(e, status == 404 ? ERR_NOT_FOUND : ERR_ARG, "%.500s", text);
    return err_set(e, ERR_IO, "the daemon answered with status %d", status);
}

enum err_code client_call(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e)
{
    char url[URL_BYTES];
    struct buf text;
    struct js *root = NULL;
    struct fetch f = { .method = method,
                       .unix_socket = c->socket,
                       .url = url,
                       .body = body ? buf_str(body) : NULL,
                       .body_len = body ? body->len : 0,
                       .total_s = CALL_S,
                       .answer = &text };
    enum err_code rc;

    if (answer)
        *answer = NULL;
    (void)snprintf(url, sizeof(url), "http://localhost%s", path);
    buf_init(&text, MEM_REQUEST, ANSWER_BYTES_MAX);
    rc = fetch_run(&f, e);
    if (!rc && text.len && js_parse(&root, buf_str(&text), text.len, e) && f.status < 400)
        rc = ERR_FORMAT;
    if (!rc && f.status >= 400)
        rc = http_failed(f.status, root, e);
    buf_finish(&text);
    if (!rc && answer)
        *answer = root;
    else
        js_close(root);
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

static bool goes_on(void *arg)
{
    (void)arg;
    return !interrupt_seen(false);
}

enum err_code client_stream(const struct client *c, const char *method, const char *path,
                            const struct buf *body, client_event_fn on_event, void *arg,
                            struct err *e)
{
    char url[URL_BYTES];
    struct following s = { .on_event = on_event, .arg = arg };
    struct fetch f = { .method = method,
                       .unix_socket = c->socket,
                       .url = url,
                       .body = body ? buf_str(body) : NULL,
                       .body_len = body ? body->len : 0,
                       .on_data = on_data,
                       .goes_on = goes_on,
                       .arg = &s };
    struct js *error = NULL;
    enum err_code rc;

    s.fetch = &f;
    (void)snprintf(url, sizeof(url), "http://localhost%s", path);
    buf_init(&s.text, MEM_REQUEST, RECORD_BYTES_MAX);
    interrupt_watch(true);
    rc = fetch_run(&f, e);
    if (rc == ERR_CANCELLED && s.stopped)
        rc = ERR_OK;
    else if (interrupt_seen(false))
        rc = err_set(e, ERR_CANCELLED, "interrupted");
    interrupt_watch(false);
    (void)interrupt_seen(true);
    if (!rc && f.status >= 400) {
        (void)js_parse(&error, buf_str(&s.text), s.text.len, NULL);
        rc = http_failed(f.status, error, e);
        js_close(error);
    }
    buf_finish(&s.text);
    return rc;
}
