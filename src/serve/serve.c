/* The daemon from start to end: what is opened in which order, and how it closes. */
#include "serve/serve.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/net.h"
#include "os/path.h"
#include "os/process.h"
#include "os/sys.h"
#include "serve/house_int.h"

#define CLOSING_STEP_S 0.02 /* looks at the last answers so often, while closing only */
#define CLOSING_S      5.0  /* what the last answers get to be sent */
#define INFO_BYTES     512U

/* What is listed first wins where two tables have the same row. */
static const struct route_table *const tables[] = {
    &routes_openai, &routes_responses, &routes_anthropic, &routes_native,
    &routes_extra,  &routes_house,     &routes_daemon,    &routes_control,
};

struct daemon {
    struct app app;
    const struct serve_params *params;
    char home[PATH_BYTES_MAX];
    char pid_path[PATH_BYTES_MAX], socket_path[PATH_BYTES_MAX], info_path[PATH_BYTES_MAX];
    struct pid_file pid_file;
    bool has_pid_file;
    struct http_route *routes;
    uint32_t n_route;
    double closing_s; /* when the last job had ended */
    struct loop_timer closing_timer;
};

/* ---- the port ---- */

/* Where other programs of this user find the port. */
static enum err_code write_info(const struct daemon *d, struct err *e)
{
    enum err_code rc;
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_OTHER, INFO_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "host");
    jsonw_str(&w, http_address(d->app.http));
    jsonw_key(&w, "pid");
    jsonw_int(&w, process_self());
    jsonw_key(&w, "port");
    jsonw_uint(&w, http_port(d->app.http));
    jsonw_obj_end(&w);
    rc = buf_check(&b, "server.json", e);
    if (!rc)
        rc = file_write(d->info_path, b.data, b.len, e);
    buf_finish(&b);
    return rc;
}

/* A port that was asked for by number is the one for the next time too. The file is read anew: it
 * may have been edited since the start. */
static void remember_port(struct daemon *d, uint16_t port)
{
    struct config *c = mem_alloc_zero(MEM_OTHER, sizeof(*c));
    struct err e = { 0 };

    d->app.config.port = port;
    if (!c)
        return;
    if (config_open(c, d->home, &e) == ERR_OK && c->port != port) {
        c->port = port;
        (void)config_save(c, d->home, &e);
    }
    if (e.code)
        log_warn("serve", "the port is not remembered: %s", e.text);
    config_close(c);
    mem_free(c);
}

enum err_code app_listen(struct app *app, const char *address, int32_t port, struct err *e)
{
    struct daemon *d = (struct daemon *)(void *)app; /* its first member */
    enum err_code rc;
    struct err why;
    uint16_t used;

    rc = http_listen(app->http, address ? address : app->config.address,
                     port >= 0 ? (uint16_t)port : app->config.port, &used, e);
    if (rc)
        return rc;
    /* Without the file others do not find the port by themselves; that is no reason to stop. */
    if (write_info(d, &why))
        log_warn("serve", "%s", why.text);
    if (port > 0)
        remember_port(d, used);
    log_info("serve", "listening on http://%s:%u", http_address(app->http), used);
    return ERR_OK;
}

void app_unlisten(struct app *app)
{
    const struct daemon *d = (const struct daemon *)(const void *)app;

    if (!http_port(app->http))
        return;
    http_unlisten(app->http);
    (void)remove(d->info_path);
    log_info("serve", "no longer listening");
}

static struct http_settings settings_of(const struct app *app)
{
    return (struct http_settings){ .cors = app->config.cors,
                                   .require_key = app->config.require_key,
                                   .origins = app->config.origins,
                                   .hosts = app->config.hosts };
}

enum err_code app_set_cors(struct app *app, bool cors, struct err *e)
{
    struct http_settings s;

    app->config.cors = cors;
    s = settings_of(app);
    return http_set(app->http, &s, e);
}

/* ---- the end ---- */

/* The last answers are on their way: waits until they are sent. */
static void on_closing(struct loop_timer *t)
{
    struct daemon *d = t->arg;
    const double now = clock_s();

    if (http_n_busy(d->app.http) == 0 || now > d->closing_s + CLOSING_S ||
        loop_timer_at(d->app.loop, t, now + CLOSING_STEP_S, on_closing, d, NULL))
        loop_stop(d->app.loop);
}

static void on_drained(void *arg)
{
    struct daemon *d = arg;

    d->closing_s = clock_s();
    on_closing(&d->closing_timer);
}

void app_shutdown(struct app *app, bool now)
{
    struct daemon *d = (struct daemon *)(void *)app;

    if (now || app->closing) {
        log_info("serve", "ending now");
        loop_stop(app->loop);
        return;
    }
    log_info("serve", "ending after the answers that run");
    app->closing = true;
    app_unlisten(app);
    http_refuse(app->http, true);
    feed_end(app->feed);
    d->closing_timer.arg = d;
    runtime_drain(app->runtime, on_drained, d);
}

static void on_terminate(void *arg, int signal, uint32_t n)
{
    struct app *app = arg;

    (void)n;
    (void)signal;
    app->n_signal++;
    app_shutdown(app, app->n_signal > 1);
}

/* ---- the beginning ---- */

static enum err_code join_routes(struct daemon *d, struct err *e)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++)
        d->n_route += tables[t]->n;
    d->routes = mem_alloc_n(MEM_OTHER, d->n_route, sizeof(*d->routes));
    if (!d->routes)
        return err_set(e, ERR_OOM, "no memory for %u routes", d->n_route);
    d->n_route = 0;
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        if (tables[t]->n > 0)
            memcpy(d->routes + d->n_route, tables[t]->at, tables[t]->n * sizeof(*d->routes));
        d->n_route += tables[t]->n;
    }
    return ERR_OK;
}

static enum err_code take_home(struct daemon *d, struct err *e)
{
    char run[PATH_BYTES_MAX];
    int32_t other = 0;
    enum err_code rc = path_home(d->home, e);

    if (!rc)
        rc = path_join(run, d->home, "run", e);
    if (!rc)
        rc = dir_create(run, e);
    if (!rc)
        rc = path_join(d->pid_path, run, "hearth.pid", e);
    if (!rc)
        rc = path_join(d->socket_path, run, "hearth.sock", e);
    if (!rc)
        rc = path_join(d->info_path, run, "server.json", e);
    if (rc)
        return rc;
    rc = pid_file_take(&d->pid_file, d->pid_path, &other, e);
    if (rc == ERR_CANCELLED)
        return err_set(e, ERR_LIMIT,
                       "%s: a daemon with pid %d is running; `hearth server start` opens its port, "
                       "`hearth daemon down` ends it",
                       d->home, other);
    d->has_pid_file = !rc;
    return rc;
}

static enum err_code open_store(struct daemon *d, struct err *e)
{
    char path[PATH_BYTES_MAX], aside[PATH_BYTES_MAX] = "";
    enum err_code rc = path_join(path, d->home, "hearth.db", e);

    if (!rc)
        rc = store_open(&d->app.store, &(struct store_params){ .loop = d->app.loop, .path = path },
                        aside, e);
    if (!rc && aside[0])
        log_error("serve", "%s was damaged and is now %s; stored responses in it are lost", path,
                  aside);
    if (!rc && store_keys_lost(d->app.store))
        log_error("serve", "API keys may have been lost with a damaged hearth.db: the port answers "
                           "nobody until `hearth key create` has made one");
    return rc;
}

static enum err_code open_library(struct daemon *d, struct err *e)
{
    const char *folders[LIBRARY_FOLDERS_MAX];
    struct library_params p = { .loop = d->app.loop,
                                .folders = folders,
                                .n_folder = d->app.config.n_folder,
                                .no_foreign = d->params->no_foreign };
    enum err_code rc;

    for (uint32_t i = 0; i < p.n_folder; i++)
        folders[i] = d->app.config.folders[i];
    rc = library_open(&d->app.library, &p, e);
    if (!rc)
        rc = library_scan(d->app.library, NULL, NULL, e);
    return rc;
}

/* runtime_defaults_fn: the configuration's, below what was asked for. */
static void on_defaults(void *arg, const char *key, struct load_options *load,
                        struct job_sampling *sampling)
{
    const struct app *app = arg;
    const struct model_defaults *d = config_model(&app->config, key);

    if (!d)
        return;
    if (load) {
        load->n_ctx = load->n_ctx ? load->n_ctx : d->load.n_ctx;
        load->n_batch = load->n_batch ? load->n_batch : d->load.n_batch;
        load->n_parallel = load->n_parallel ? load->n_parallel : d->load.n_parallel;
        load->n_thread = load->n_thread ? load->n_thread : d->load.n_thread;
        load->n_expert_used = load->n_expert_used ? load->n_expert_used : d->load.n_expert_used;
        load->ttl_s = load->ttl_s > 0 ? load->ttl_s : d->load.ttl_s;
        if (!load->has_kv_type && d->load.has_kv_type) {
            load->has_kv_type = true;
            load->type_k = d->load.type_k;
            load->type_v = d->load.type_v;
        }
    }
    if (sampling)
        config_sampling(d, sampling);
}

static enum err_code open_runtime(struct daemon *d, struct err *e)
{
    return runtime_open(&d->app.runtime,
                        &(struct runtime_params){ .loop = d->app.loop,
                                                  .library = d->app.library,
                                                  .settings = d->app.config.runtime,
                                                  .on_event = house_on_event,
                                                  .defaults = on_defaults,
                                                  .arg = &d->app,
                                                  .no_sandbox = d->params->no_sandbox },
                        e);
}

static enum err_code open_http(struct daemon *d, struct err *e)
{
    enum err_code rc = join_routes(d, e);

    if (!rc)
        rc = http_open(&d->app.http,
                       &(struct http_params){ .loop = d->app.loop,
                                              .store = d->app.store,
                                              .routes = d->routes,
                                              .n_route = d->n_route,
                                              .arg = &d->app,
                                              .unix_path = d->socket_path,
                                              .settings = settings_of(&d->app) },
                       e);
    if (!rc && d->params->listen)
        rc = app_listen(&d->app, d->params->address, d->params->port, e);
    return rc;
}

static enum err_code open_all(struct daemon *d, struct err *e)
{
    const struct serve_params *p = d->params;
    struct app *app = &d->app;
    enum err_code rc = take_home(d, e);

    app->home = d->home;
    if (!rc)
        rc = loop_open(&app->loop, e);
    if (!rc)
        rc = config_open(&app->config, d->home, e);
    if (!rc)
        rc = log_out_open(app, p->background, p->level, e);
    if (!rc)
        rc = feed_open(&app->feed, house_on_listeners, app, e);
    if (!rc)
        rc = open_store(d, e);
    if (!rc)
        rc = open_library(d, e);
    if (!rc)
        rc = open_runtime(d, e);
    if (rc)
        return rc;
    if (p->has_cors)
        app->config.cors = p->cors;
    rc = open_http(d, e);
    if (!rc)
        rc = loop_on_terminate(app->loop, on_terminate, app, e);
    house_on_listeners(app);
    return rc;
}

/* In the reverse order: requests end before what they use. */
static void close_all(struct daemon *d)
{
    struct app *app = &d->app;

    if (app->http)
        app_unlisten(app);
    if (app->feed)
        feed_end(app->feed);
    http_close(app->http);
    runtime_close(app->runtime);
    app->runtime = NULL;
    library_close(app->library);
    app_fresh_close(app);
    store_close(app->store);
    log_out_close();
    feed_close(app->feed);
    loop_close(app->loop);
    config_close(&app->config);
    if (d->has_pid_file) {
        (void)remove(d->socket_path);
        pid_file_give(&d->pid_file, d->pid_path);
    }
    mem_free(d->routes);
    mem_free(d);
}

enum err_code serve_run(const struct serve_params *p, struct err *e)
{
    struct daemon *d;
    enum err_code rc;

    memory_be_frugal();
    d = mem_alloc_zero(MEM_OTHER, sizeof(*d));
    if (!d)
        return err_set(e, ERR_OOM, "no memory for the daemon");
    d->params = p;
    d->app.started_s = clock_s();
    rc = open_all(d, e);
    if (!rc) {
        if (p->on_ready)
            p->on_ready(p->arg, http_address(d->app.http), http_port(d->app.http));
        rc = loop_run(d->app.loop, e);
    }
    close_all(d);
    return rc;
}
