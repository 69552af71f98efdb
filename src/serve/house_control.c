/* Control of the daemon by the commands of this machine, over the Unix socket alone. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "os/process.h"
#include "os/sys.h"
#include "serve/house_int.h"

#define CONTROL_BODY  (64U << 10)
#define REPLY_BYTES   (1U << 20)
#define ADDRESS_BYTES 256U

static void refuse(struct http_req *q, const struct err *e)
{
    http_reply_error(q, &(struct http_error){ .status = e->code == ERR_NOT_FOUND     ? 404
                                                        : e->code == ERR_ARG         ? 400
                                                        : e->code == ERR_LIMIT       ? 400
                                                        : e->code == ERR_FORMAT      ? 400
                                                        : e->code == ERR_UNSUPPORTED ? 400
                                                                                     : 500,
                                              .code = err_name(e->code),
                                              .text = e->text });
}

/* An empty body is an empty object. NULL: refused. */
static bool body_of(struct http_req *q, struct js **out)
{
    struct err e = { 0 };
    size_t len;
    const char *text = http_body(q, &len);

    *out = NULL;
    if (len == 0)
        return true;
    if (js_parse(out, text, len, &e) == ERR_OK && js_kind(*out) == JS_OBJ)
        return true;
    js_close(*out);
    if (!e.code)
        (void)err_set(&e, ERR_FORMAT, "the body is not a JSON object");
    refuse(q, &e);
    return false;
}

static void begin(struct jsonw *w, struct buf *b)
{
    buf_init(b, MEM_REQUEST, REPLY_BYTES);
    jsonw_init(w, b);
    jsonw_obj(w);
}

static void finish(struct http_req *q, struct jsonw *w, struct buf *b)
{
    jsonw_obj_end(w);
    http_reply_json(q, 200, b);
    buf_finish(b);
}

/* ---- state ---- */

static void write_listener(struct jsonw *w, const struct app *app)
{
    const uint16_t port = http_port(app->http);

    jsonw_key(w, "listening");
    jsonw_bool(w, port != 0);
    jsonw_key(w, "address");
    if (port)
        jsonw_str(w, http_address(app->http));
    else
        jsonw_null(w);
    jsonw_key(w, "port");
    jsonw_uint(w, port);
}

static void status(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct jsonw w;
    struct buf b;

    begin(&w, &b);
    jsonw_key(&w, "pid");
    jsonw_int(&w, process_self());
    jsonw_key(&w, "version");
    jsonw_str(&w, HEARTH_VERSION);
    jsonw_key(&w, "uptimeSeconds");
    jsonw_fixed(&w, clock_s() - app->started_s, 1);
    jsonw_key(&w, "closing");
    jsonw_bool(&w, app->closing);
    write_listener(&w, app);
    jsonw_key(&w, "keysLost");
    jsonw_bool(&w, store_keys_lost(app->store));
    jsonw_key(&w, "models");
    jsonw_uint(&w, library_n(app->library));
    jsonw_key(&w, "instances");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < runtime_n_instance(app->runtime); i++) {
        struct instance_info info;

        runtime_instance(app->runtime, i, &info);
        jsonw_obj(&w);
        jsonw_key(&w, "identifier");
        jsonw_str(&w, info.id);
        jsonw_key(&w, "sizeBytes");
        jsonw_uint(&w, info.model->size_bytes);
        jsonw_key(&w, "pid");
        jsonw_int(&w, info.pid);
        jsonw_obj_end(&w);
    }
    jsonw_arr_end(&w);
    finish(q, &w, &b);
}

/* ---- the port ---- */

/* Where it listened before it goes on listening when the new place cannot be had. */
static enum err_code move(struct app *app, const char *address, int32_t port, struct err *e)
{
    const uint16_t old_port = http_port(app->http);
    char old[ADDRESS_BYTES];
    struct err ignored;

    (void)snprintf(old, sizeof(old), "%s", http_address(app->http));
    app_unlisten(app);
    if (app_listen(app, address, port, e) == ERR_OK)
        return ERR_OK;
    if (old_port)
        (void)app_listen(app, old, old_port, &ignored);
    return e->code;
}

static enum err_code start(struct app *app, const struct js *j, struct err *e)
{
    const struct js *port = js_get(j, "port"), *bind = js_get(j, "bind"), *cors = js_get(j, "cors");
    const char *address = js_str(bind, NULL);
    int32_t number = -1;

    if (app->closing)
        return err_set(e, ERR_CANCELLED, "the daemon is ending");
    if (port && (js_kind(port) != JS_INT || js_int(port) < 0 || js_int(port) > 65535))
        return err_set(e, ERR_ARG, "'port' is a number from 0 to 65535");
    if ((bind && !address) || (cors && js_kind(cors) != JS_BOOL))
        return err_set(e, ERR_ARG, "'bind' is a text, 'cors' is true or false");
    if (port)
        number = (int32_t)js_int(port);
    if (cors && app_set_cors(app, js_bool(cors), e))
        return e->code;
    if (http_port(app->http) && (number < 0 || number == http_port(app->http)) &&
        (!address || strcmp(address, http_address(app->http)) == 0))
        return ERR_OK; /* it already is as wanted */
    if (number < 0 && http_port(app->http))
        number = http_port(app->http);
    return move(app, address, number, e);
}

static void server_start(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct err e = { 0 };
    struct jsonw w;
    struct js *j;
    struct buf b;

    if (!body_of(q, &j))
        return;
    if (start(app, j, &e)) {
        refuse(q, &e);
    } else {
        begin(&w, &b);
        write_listener(&w, app);
        finish(q, &w, &b);
    }
    js_close(j);
}

static void server_stop(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct jsonw w;
    struct buf b;

    app_unlisten(app);
    begin(&w, &b);
    write_listener(&w, app);
    finish(q, &w, &b);
}

static void server_shutdown(struct http_req *q, void *arg)
{
    struct js *j;
    bool now;

    if (!body_of(q, &j))
        return;
    now = js_bool(js_get(j, "now"));
    js_close(j);
    http_reply(q, 200, "application/json", "{}", 2);
    app_shutdown(arg, now);
}

/* ---- keys ---- */

static void write_key(struct jsonw *w, const struct store_key *k)
{
    jsonw_key(w, "id");
    jsonw_str(w, k->id);
    jsonw_key(w, "name");
    jsonw_str(w, k->name);
    jsonw_key(w, "scopes");
    jsonw_arr(w);
    for (unsigned one = 1; one <= KEY_SCOPES_ALL; one <<= 1) {
        if (k->scopes & one)
            jsonw_str(w, key_scope_name(one));
    }
    jsonw_arr_end(w);
    jsonw_key(w, "createdUnixSeconds");
    jsonw_int(w, k->created_unix_s);
    jsonw_key(w, "usedUnixSeconds");
    if (k->used_unix_s)
        jsonw_int(w, k->used_unix_s);
    else
        jsonw_null(w);
}

static void keys_list(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct jsonw w;
    struct buf b;

    begin(&w, &b);
    jsonw_key(&w, "keys");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < store_n_key(app->store); i++) {
        struct store_key k;

        store_key_at(app->store, i, &k);
        jsonw_obj(&w);
        write_key(&w, &k);
        jsonw_obj_end(&w);
    }
    jsonw_arr_end(&w);
    jsonw_key(&w, "lost");
    jsonw_bool(&w, store_keys_lost(app->store));
    finish(q, &w, &b);
}

/* A request that waits for the store to make or delete a key. */
struct key_call {
    struct http_req *q; /* NULL: the client has gone */
};

static void key_call_gone(void *arg)
{
    struct key_call *k = arg;

    k->q = NULL; /* the store calls back all the same */
}

static struct key_call *key_call_begin(struct http_req *q)
{
    struct key_call *k = mem_alloc(MEM_OTHER, sizeof(*k));

    if (!k) {
        http_reply_error(q, &(struct http_error){ .status = 500, .text = "out of memory" });
        return NULL;
    }
    k->q = q;
    http_on_gone(q, key_call_gone, k);
    http_answers_soon(q);
    return k;
}

static void on_key(void *arg, const char *secret, const struct store_key *key,
                   const struct err *err)
{
    struct key_call *k = arg;
    struct jsonw w;
    struct buf b;

    if (k->q && err) {
        refuse(k->q, err);
    } else if (k->q) {
        begin(&w, &b);
        if (key)
            write_key(&w, key);
        if (secret) {
            jsonw_key(&w, "key");
            jsonw_str(&w, secret);
        }
        finish(k->q, &w, &b);
    }
    mem_free(k);
}

/* {"name": text, "scopes": [text…]}; without scopes: inference and reading the list of models. */
static enum err_code read_scopes(unsigned *scopes, const struct js *list, struct err *e)
{
    *scopes = list ? 0 : KEY_INFERENCE | KEY_MODELS_READ;
    if (list && (js_kind(list) != JS_ARR || js_len(list) == 0))
        return err_set(e, ERR_ARG, "'scopes' is a list of names");
    for (size_t i = 0; i < js_len(list); i++) {
        size_t len = 0;
        const char *name = js_str(js_at(list, i), &len);
        unsigned one = name ? key_scope_named(name, len) : 0;

        if (!one)
            return err_set(e, ERR_ARG,
                           "unknown scope %.40s: there are inference, models.read, models.load, "
                           "models.download and admin",
                           name ? name : "");
        *scopes |= one;
    }
    return ERR_OK;
}

static enum err_code create_key(struct app *app, struct key_call *k, const struct js *j,
                                struct err *e)
{
    const char *name = js_str(js_get(j, "name"), NULL);
    unsigned scopes;
    enum err_code rc = read_scopes(&scopes, js_get(j, "scopes"), e);

    return rc ? rc : store_key_create(app->store, name ? name : "", scopes, on_key, k, e);
}

static void keys_create(struct http_req *q, void *arg)
{
    struct key_call *k;
    struct err e = { 0 };
    struct js *j;

    if (!body_of(q, &j))
        return;
    k = key_call_begin(q);
    if (k && create_key(arg, k, j, &e)) {
        refuse(q, &e);
        mem_free(k);
    }
    js_close(j);
}

static void keys_delete(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct key_call *k = key_call_begin(q);
    struct err e = { 0 };

    if (k && store_key_delete(app->store, http_rest(q), on_key, k, &e)) {
        refuse(q, &e);
        mem_free(k);
    }
}

/* ---- models on disk ---- */

static void tell_models(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct jsonw w;
    struct buf b;

    begin(&w, &b);
    jsonw_key(&w, "models");
    jsonw_uint(&w, library_n(app->library));
    finish(q, &w, &b);
}

static void rescan(struct http_req *q, void *arg)
{
    app_look(arg, q, tell_models);
}

/* ---- the log ---- */

static bool has_word(const char *list, const char *word)
{
    const size_t n = strlen(word);

    for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL) {
        if (strcspn(list, ",") == n && strncmp(list, word, n) == 0)
            return true;
    }
    return false;
}

static void log_stream(struct http_req *q, void *arg)
{
    struct app *app = arg;
    const char *source = http_query(q, "source"), *filter = http_query(q, "filter");
    unsigned topics = 0;

    if (!source || strcmp(source, "model") == 0) {
        topics |= !filter || has_word(filter, "input") ? (unsigned)FEED_INPUT : 0U;
        topics |= !filter || has_word(filter, "output") ? (unsigned)FEED_OUTPUT : 0U;
    } else if (strcmp(source, "server") == 0) {
        topics = FEED_LOG;
    } else if (strcmp(source, "runtime") == 0) {
        topics = FEED_WORKER_LOG;
    }
    if (topics) {
        feed_join(app->feed, q, topics);
        return;
    }
    http_reply_error(q, &(struct http_error){ .status = 400,
                                              .param = filter ? "filter" : "source",
                                              .text = "'source' is model, server or runtime; "
                                                      "'filter' is input, output or both" });
}

static const struct http_route rows[] = {
    { HTTP_GET, "/hearth/status", status, FAMILY_PLAIN, 0, 0, true },
    { HTTP_POST, "/hearth/server/start", server_start, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_POST, "/hearth/server/stop", server_stop, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_POST, "/hearth/shutdown", server_shutdown, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_GET, "/hearth/keys", keys_list, FAMILY_PLAIN, 0, 0, true },
    { HTTP_POST, "/hearth/keys", keys_create, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_DELETE, "/hearth/keys/*", keys_delete, FAMILY_PLAIN, 0, 0, true },
    { HTTP_POST, "/hearth/rescan", rescan, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_GET, "/hearth/log/stream", log_stream, FAMILY_PLAIN, 0, 0, true },
};

const struct route_table routes_daemon = { rows, COUNT_OF(rows) };
