/* hearth server start | stop | status: the TCP port of the daemon. hearth status: what is loaded.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/units.h"
#include "os/net.h"

#define BODY_BYTES 4096U
#define JSON_BYTES (64U << 20)

static const char keys_lost_text[] =
    "API keys may have been lost with a damaged database: the server answers nobody\n"
    "until `hearth key create` has made one.\n";

static int64_t port_of(const struct js *status)
{
    return js_int(js_get(status, "port"));
}

static enum err_code ask(const struct client *c, const char *path, const struct buf *body,
                         int64_t *port, struct err *e)
{
    struct js *answer = NULL;
    enum err_code rc = client_call(c, "POST", path, body, &answer, e);

    if (!rc)
        *port = port_of(answer);
    js_close(answer);
    return rc;
}

/* *keys_lost (may be NULL): the port answers nobody until a key is made. */
static enum err_code status_port(int64_t *port, bool *keys_lost, struct err *e)
{
    struct client c;
    struct js *answer = NULL;
    enum err_code rc = client_find(&c, e);

    *port = 0;
    if (keys_lost)
        *keys_lost = false;
    if (!rc)
        rc = client_call(&c, "GET", "/hearth/status", NULL, &answer, e);
    if (!rc)
        *port = port_of(answer);
    if (!rc && keys_lost)
        *keys_lost = js_bool(js_get(answer, "keysLost"));
    js_close(answer);
    return rc;
}

static void write_start(struct buf *b, const char *bind, uint32_t port, bool has_port, bool cors,
                        bool has_cors)
{
    struct jsonw w;

    jsonw_init(&w, b);
    jsonw_obj(&w);
    if (has_port) {
        jsonw_key(&w, "port");
        jsonw_uint(&w, port);
    }
    if (bind) {
        jsonw_key(&w, "bind");
        jsonw_str(&w, bind);
    }
    if (has_cors) {
        jsonw_key(&w, "cors");
        jsonw_bool(&w, cors);
    }
    jsonw_obj_end(&w);
}

static int start(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Open the server's port; starts the daemon when none runs",
        .details = "The address may also come from LMS_SERVER_HOST.",
    };
    uint32_t port = 0;
    const char *bind = NULL;
    bool cors = false, has_port = false, has_cors = false;
    const struct opt rows[] = {
        { .letter = 'p',
          .name = "port",
          .kind = OPT_U32,
          .to = &port,
          .arg = "N",
          .max = 65535,
          .given = &has_port,
          .help = "TCP port, 0 = a free one; default: the last used, else 1234" },
        { .name = "bind",
          .kind = OPT_STR,
          .to = &bind,
          .arg = "ADDRESS",
          .help = "listen on this address; default: 127.0.0.1" },
        { .name = "cors",
          .kind = OPT_FLAG,
          .to = &cors,
          .given = &has_cors,
          .help = "let web pages of any origin use the server" },
    };
    struct positionals rest;
    struct client c;
    struct buf body;
    struct err e = { 0 };
    int64_t used = 0;
    int rc = args_begin(argc, argv, "hearth server start", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (!bind)
        bind = getenv("LMS_SERVER_HOST");
    if (bind && !net_is_loopback(bind))
        (void)fprintf(stderr, "warning: other machines can reach %s; an API key is required\n",
                      bind);
    if (cors)
        (void)fprintf(stderr, "warning: any web page you visit can use this server\n");
    if (client_need(&c, &e))
        return fail(&e);
    buf_init(&body, MEM_OTHER, BODY_BYTES);
    write_start(&body, bind, port, has_port, cors, has_cors);
    rc = ask(&c, "/hearth/server/start", &body, &used, &e) ? fail(&e) : EXIT_DONE;
    buf_finish(&body);
    if (rc == EXIT_DONE)
        (void)fprintf(stderr, "The server listens on port %lld.\n", (long long)used);
    return rc;
}

static int stop(int argc, char **argv)
{
    static const struct command cmd = { .summary = "Close the server's port; models stay loaded" };
    struct positionals rest;
    struct client c;
    struct err e = { 0 };
    int64_t port = 0, now = 0;
    int rc = args_begin(argc, argv, "hearth server stop", &cmd, NULL, 0, &rest);

    if (rc >= 0)
        return rc;
    if (status_port(&port, NULL, &e))
        return fail(&e);
    if (!port) {
        (void)err_set(&e, ERR_NOT_FOUND, "the server is not running");
        return fail(&e);
    }
    if (client_find(&c, &e) || ask(&c, "/hearth/server/stop", NULL, &now, &e))
        return fail(&e);
    (void)fprintf(stderr, "The server on port %lld is stopped.\n", (long long)port);
    return EXIT_DONE;
}

static int status(int argc, char **argv)
{
    static const struct command cmd = { .summary =
                                            "Say whether the server runs, and on which port" };
    bool json = false, keys_lost;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    int64_t port = 0;
    int rc = args_begin(argc, argv, "hearth server status", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    (void)status_port(&port, &keys_lost, NULL);
    if (json && port)
        (void)printf("{\"running\":true,\"port\":%lld%s}\n", (long long)port,
                     keys_lost ? ",\"keysLost\":true" : "");
    else if (json)
        (void)puts("{\"running\":false}");
    else if (port)
        (void)fprintf(stderr, "The server is running on port %lld.\n", (long long)port);
    else
        (void)fprintf(stderr, "The server is not running.\n");
    if (keys_lost && !json)
        (void)fprintf(stderr, "%s", keys_lost_text);
    return EXIT_DONE;
}

int cmd_server(int argc, char **argv)
{
    static const struct command cmd = { .summary = "The port on which programs reach the models" };
    static const struct command table[] = {
        { .name = "start", .summary = "Open the port (1234)", .run = start },
        { .name = "stop", .summary = "Close it", .run = stop },
        { .name = "status", .summary = "Is it open?", .run = status },
        { .name = NULL },
    };

    return commands_run("hearth server", &cmd, table, argc, argv);
}

/* The port of a server elsewhere that answers, else 0. */
static void look_there(const struct client *c, const struct positionals *rest, int64_t *port,
                       struct js **list, struct err *e)
{
    *port = remote_instances(c, list, e) ? 0 : rest->has_port ? rest->port : (int64_t)CLIENT_PORT;
}

static void look_here(struct client *c, int64_t *port, bool *keys_lost, struct js **list)
{
    (void)status_port(port, keys_lost, NULL);
    if (*port && client_find(c, NULL) == ERR_OK)
        (void)instances_of(c, list, NULL);
}

static void print_json(int64_t port, bool keys_lost, const struct js *list)
{
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "running");
    jsonw_bool(&w, port != 0);
    if (port) {
        jsonw_key(&w, "port");
        jsonw_int(&w, port);
    }
    if (keys_lost) {
        jsonw_key(&w, "keysLost");
        jsonw_bool(&w, true);
    }
    jsonw_key(&w, "models");
    jsonw_arr(&w);
    for (size_t i = 0; i < js_len(list); i++)
        jsonw_js(&w, js_at(list, i));
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    (void)puts(buf_str(&b));
    buf_finish(&b);
}

static void print_plain(const struct js *list, bool keys_lost, int64_t port)
{
    char size[32];

    (void)printf("Server: ON (port: %lld)\n%s", (long long)port, keys_lost ? keys_lost_text : "");
    if (!js_len(list))
        (void)puts("No model is loaded.");
    for (size_t i = 0; i < js_len(list); i++) {
        const struct js *m = js_at(list, i);
        const char *id = js_str(js_get(m, "identifier"), NULL);

        units_bytes(size, sizeof(size), (uint64_t)js_int(js_get(m, "sizeBytes")));
        (void)printf("  %s (%s)\n", id ? id : "", size);
    }
}

int cmd_status(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Say whether the server runs and which models are loaded",
        .takes_host = true,
    };
    bool json = false, keys_lost = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    struct client c;
    struct js *list = NULL;
    struct err e = { 0 };
    int64_t port = 0;
    int rc = args_begin(argc, argv, "hearth status", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_is_elsewhere(&rest)) {
        client_at(&c, &rest);
        look_there(&c, &rest, &port, &list, &e);
    } else {
        look_here(&c, &port, &keys_lost, &list);
    }
    if (json)
        print_json(port, keys_lost, list);
    else if (port)
        print_plain(list, keys_lost, port);
    else if (e.code)
        (void)printf("Server: OFF (%s)\n", e.text);
    else
        (void)puts("Server: OFF\n`hearth server start` opens it.");
    js_close(list);
    return EXIT_DONE;
}
