/* Loads, asked of this machine's daemon (with progress) or of a server elsewhere. */
#include "cli/loading.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/progress.h"

#define BODY_BYTES  16384U
#define READY_BYTES (1U << 20)

struct loading {
    struct progress bar;
    struct buf ready; /* the instance, JSON text */
    struct err err;
    bool done;
};

static void member(struct jsonw *w, const char *key, const char *text, uint32_t number)
{
    if (!text && !number)
        return;
    jsonw_key(w, key);
    if (text)
        jsonw_str(w, text);
    else
        jsonw_uint(w, number);
}

void load_body(const struct client *c, const struct load_wish *o, struct buf *b)
{
    bool there = c->host != NULL;
    struct jsonw w;

    jsonw_init(&w, b);
    jsonw_obj(&w);
    member(&w, "model", o->model, 0);
    member(&w, "identifier", o->identifier, 0);
    member(&w, there ? "context_length" : "contextLength", NULL, o->n_ctx);
    member(&w, "parallel", NULL, o->n_parallel);
    member(&w, there ? "eval_batch_size" : "batch", NULL, o->n_batch);
    member(&w, "threads", NULL, o->n_thread);
    member(&w, there ? "ttl" : "ttlSeconds", NULL, o->ttl_s);
    member(&w, there ? "k_cache_type" : "cacheTypeK", o->type_k, 0);
    member(&w, there ? "v_cache_type" : "cacheTypeV", o->type_v, 0);
    jsonw_obj_end(&w);
}

const char *load_identifier(const struct js *instance)
{
    const char *id = js_str(js_get(instance, "identifier"), NULL);

    if (!id)
        id = js_str(js_get(instance, "instance_id"), NULL);
    return id ? id : "";
}

static bool on_event(void *arg, const char *name, const struct js *data)
{
    struct loading *l = arg;
    const char *text;

    if (strcmp(name, "progress") == 0) {
        progress_show(&l->bar, (float)js_num(js_get(data, "share")));
        return true;
    }
    l->done = true;
    if (strcmp(name, "ready") == 0) {
        (void)js_write(data, &l->ready);
        return false;
    }
    text = js_str(js_get(data, "error"), NULL);
    (void)err_set(&l->err, ERR_ARG, "%.500s", text ? text : "the model could not be loaded");
    return false;
}

static enum err_code load_here(const struct client *c, const struct load_wish *o,
                               const struct buf *body, struct js **instance, struct err *e)
{
    struct loading l = { .done = false };
    enum err_code rc;

    buf_init(&l.ready, MEM_OTHER, READY_BYTES);
    progress_begin(&l.bar, "Loading", o->model, false);
    rc = client_stream(c, "POST", "/hearth/load", body, on_event, &l, e);
    progress_end(&l.bar);
    if (!rc && l.err.code) {
        *e = l.err;
        rc = e->code;
    }
    if (!rc && !l.done)
        rc = err_set(e, ERR_IO, "the daemon went away while it was loading %s", o->model);
    if (!rc)
        rc = js_parse(instance, buf_str(&l.ready), l.ready.len, e);
    buf_finish(&l.ready);
    return rc;
}

/* It answers when all is done. */
static enum err_code load_there(const struct client *c, const struct load_wish *o,
                                const struct buf *body, struct js **instance, struct err *e)
{
    enum err_code rc;

    (void)fprintf(stderr, "Loading %s on %s ...\n", o->model, c->host);
    rc = client_work(c, "POST", "/api/v1/models/load", body, instance, e);
    if (!rc && !load_identifier(*instance)[0]) {
        js_close(*instance);
        *instance = NULL;
        rc = err_set(e, ERR_FORMAT, "the answer of %s does not name what was loaded", c->base);
    }
    return rc;
}

enum err_code load_instance(const struct client *c, const struct load_wish *o, struct js **instance,
                            struct err *e)
{
    struct buf body;
    enum err_code rc;

    *instance = NULL;
    buf_init(&body, MEM_OTHER, BODY_BYTES);
    load_body(c, o, &body);
    rc = buf_check(&body, "the request", e);
    if (!rc)
        rc = c->host ? load_there(c, o, &body, instance, e) : load_here(c, o, &body, instance, e);
    buf_finish(&body);
    if (rc == ERR_CANCELLED)
        rc = err_set(e, ERR_LIMIT, "loading %.200s was cancelled", o->model);
    return rc;
}
