/* Control by the commands of this machine: loading with progress, unloading, lists. Only over the
 * Unix socket; the words are those of `hearth ps --json`. */
#include <string.h>

#include "library/element.h"
#include "serve/app_int.h"
#include "serve/write_int.h"

#define CONTROL_BODY (64U << 10)
#define LIST_BYTES   (8U << 20)

/* ---- lists ---- */

static void write_instance(struct jsonw *w, const struct app *app, const struct instance_info *i)
{
    jsonw_obj(w);
    library_element_write(w, app->library, i->model);
    jsonw_key(w, "identifier");
    jsonw_str(w, i->id);
    jsonw_key(w, "ttlMs");
    if (i->ttl_s > 0.0)
        jsonw_uint(w, (uint64_t)(i->ttl_s * 1000.0));
    else
        jsonw_null(w);
    jsonw_key(w, "idleMs");
    jsonw_uint(w, (uint64_t)(i->idle_s * 1000.0));
    jsonw_key(w, "lastUsedTime");
    if (i->last_used_unix_ms)
        jsonw_int(w, i->last_used_unix_ms);
    else
        jsonw_null(w);
    jsonw_key(w, "contextLength");
    jsonw_uint(w, i->ready.n_ctx);
    jsonw_key(w, "status");
    jsonw_str(w, instance_status(i));
    jsonw_key(w, "queued");
    jsonw_uint(w, i->n_job);
    jsonw_key(w, "parallel");
    if (i->model->type == MODEL_LLM)
        jsonw_uint(w, i->n_parallel);
    else
        jsonw_null(w);
    jsonw_key(w, "pid");
    jsonw_int(w, i->pid);
    jsonw_key(w, "memoryBytes");
    jsonw_uint(w, i->rss_bytes);
    jsonw_obj_end(w);
}

static void ps(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_REQUEST, LIST_BYTES);
    jsonw_init(&w, &b);
    jsonw_arr(&w);
    for (uint32_t n = 0; n < runtime_n_instance(app->runtime); n++) {
        struct instance_info info;

        runtime_instance(app->runtime, n, &info);
        if (info.state != INSTANCE_CLOSING && info.state != INSTANCE_DOWN)
            write_instance(&w, app, &info);
    }
    jsonw_arr_end(&w);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

/* ---- bodies ---- */

static void refuse(struct http_req *q, int status, const char *text)
{
    http_reply_error(q, &(struct http_error){ .status = status, .text = text });
}

static struct js *body_of(struct http_req *q)
{
    struct js *j = NULL;
    struct err e = { 0 };
    size_t len;
    const char *text = http_body(q, &len);

    if (js_parse(&j, text, len, &e) == ERR_OK)
        return j;
    refuse(q, 400, e.text);
    return NULL;
}

static uint32_t number(const struct js *j, const char *key)
{
    int64_t v = js_int(js_get(j, key));

    return v > 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static void read_options(const struct js *j, struct load_options *o)
{
    *o = (struct load_options){ .n_ctx = number(j, "contextLength"),
                                .n_batch = number(j, "batch"),
                                .n_parallel = number(j, "parallel"),
                                .n_thread = number(j, "threads"),
                                .n_expert_used = number(j, "experts"),
                                .ttl_s = js_num(js_get(j, "ttlSeconds")),
                                .identifier = js_str(js_get(j, "identifier"), NULL) };
    const char *k = js_str(js_get(j, "cacheTypeK"), NULL);
    const char *v = js_str(js_get(j, "cacheTypeV"), NULL);

    o->has_kv_type = k || v;
    if (k)
        (void)kv_type_by_name(k, &o->type_k);
    if (v)
        (void)kv_type_by_name(v, &o->type_v);
}

/* ---- loading ---- */

struct loading {
    struct app *app;
    struct http_req *q;
    uint64_t id;
};

static void write_load_event(struct buf *b, const struct loading *l, const struct load_event *ev)
{
    struct jsonw w;

    jsonw_init(&w, b);
    if (ev->kind == LOAD_READY) {
        write_instance(&w, l->app, ev->info);
        return;
    }
    jsonw_obj(&w);
    jsonw_key(&w, ev->kind == LOAD_PROGRESS ? "share" : "error");
    if (ev->kind == LOAD_PROGRESS)
        jsonw_fixed(&w, (double)ev->share, 3);
    else
        jsonw_str(&w, ev->detail); /* the owner asks */
    jsonw_obj_end(&w);
}

static void on_load(void *arg, const struct load_event *ev)
{
    static const char *const names[] = { "progress", "ready", "failed" };
    struct loading *l = arg;
    struct buf b;

    buf_init(&b, MEM_REQUEST, LIST_BYTES);
    write_load_event(&b, l, ev);
    (void)http_stream_event(l->q, names[ev->kind], buf_str(&b), b.len);
    buf_finish(&b);
    if (ev->kind == LOAD_PROGRESS)
        return;
    http_stream_end(l->q);
    mem_free(l);
}

static void load_gone(void *arg)
{
    struct loading *l = arg;

    runtime_load_cancel(l->app->runtime, l->id);
    mem_free(l);
}

static void load(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct js *j = body_of(q);
    struct loading *l;
    struct load_options o;
    struct err e = { 0 };
    const char *model;

    if (!j)
        return;
    model = js_str(js_get(j, "model"), NULL);
    l = model ? mem_alloc_zero(MEM_REQUEST, sizeof(*l)) : NULL;
    if (!l) {
        refuse(q, model ? 500 : 400, model ? "no memory" : "'model' is missing");
        js_close(j);
        return;
    }
    *l = (struct loading){ .app = app, .q = q };
    read_options(j, &o);
    http_stream_begin(q, true);
    http_on_gone(q, load_gone, l);
    if (runtime_load(app->runtime, model, &o, on_load, l, &l->id, &e))
        on_load(l, &(struct load_event){ .kind = LOAD_FAILED, .detail = e.text });
    js_close(j);
}

static void estimate(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct js *j = body_of(q);
    const char *model = js_str(js_get(j, "model"), NULL);
    struct load_options o;
    struct load_estimate est;
    struct err e = { 0 };
    struct jsonw w;
    struct buf b;

    if (!j)
        return;
    read_options(j, &o);
    if (runtime_estimate(app->runtime, model ? model : "", &o, &est, &e)) {
        refuse(q, e.code == ERR_NOT_FOUND ? 404 : 400, e.text);
        js_close(j);
        return;
    }
    js_close(j);
    buf_init(&b, MEM_REQUEST, CONTROL_BODY);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "contextLength");
    jsonw_uint(&w, est.n_ctx);
    jsonw_key(&w, "weightBytes");
    jsonw_uint(&w, est.weight_bytes);
    jsonw_key(&w, "cacheBytes");
    jsonw_uint(&w, est.cache_bytes);
    jsonw_key(&w, "totalBytes");
    jsonw_uint(&w, est.total_bytes);
    jsonw_key(&w, "freeBytes");
    jsonw_uint(&w, est.free_bytes);
    jsonw_key(&w, "fits");
    jsonw_bool(&w, est.fits);
    jsonw_obj_end(&w);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

static void unload(struct http_req *q, void *arg)
{
    struct app *app = arg;
    struct js *j = body_of(q);
    const char *id = js_str(js_get(j, "identifier"), NULL);
    struct err e = { 0 };

    if (!j)
        return;
    if (!id)
        refuse(q, 400, "'identifier' is missing");
    else if (runtime_unload(app->runtime, id, &e))
        refuse(q, e.code == ERR_NOT_FOUND ? 404 : 500, e.text);
    else
        http_reply(q, 200, "application/json", "{}", 2);
    js_close(j);
}

static const struct http_route rows[] = {
    { HTTP_GET, "/hearth/ps", ps, FAMILY_PLAIN, 0, 0, true },
    { HTTP_POST, "/hearth/load", load, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_POST, "/hearth/estimate", estimate, FAMILY_PLAIN, 0, CONTROL_BODY, true },
    { HTTP_POST, "/hearth/unload", unload, FAMILY_PLAIN, 0, CONTROL_BODY, true },
};

const struct route_table routes_control = { rows, sizeof(rows) / sizeof(rows[0]) };
