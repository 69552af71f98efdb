/* Lists of a server elsewhere: its JSON becomes that of our commands. */
#include "cli/remote.h"

#include <string.h>

#include "base/jsonw.h"

#define LIST_BYTES (64U << 20)
#define BODY_BYTES 4096U

/* Copies a member under another name; what is missing or null stays out. */
static void copy(struct jsonw *w, const char *as, const struct js *from, const char *key)
{
    const struct js *v = js_get(from, key);

    if (!v || js_kind(v) == JS_NULL)
        return;
    jsonw_key(w, as);
    jsonw_js(w, v);
}

static void copy_or_null(struct jsonw *w, const char *as, const struct js *from, const char *key)
{
    const struct js *v = js_get(from, key);

    jsonw_key(w, as);
    if (v)
        jsonw_js(w, v);
    else
        jsonw_null(w);
}

static void write_quantization(struct jsonw *w, const struct js *from)
{
    const struct js *q = js_get(from, "quantization");

    if (!js_str(js_get(q, "name"), NULL))
        return;
    jsonw_key(w, "quantization");
    jsonw_obj(w);
    copy(w, "name", q, "name");
    copy(w, "bits", q, "bits_per_weight");
    jsonw_obj_end(w);
}

static void write_model(struct jsonw *w, const struct js *m, const char *host)
{
    const struct js *can = js_get(m, "capabilities");

    copy(w, "type", m, "type");
    copy(w, "modelKey", m, "key");
    copy(w, "format", m, "format");
    copy(w, "displayName", m, "display_name");
    copy(w, "publisher", m, "publisher");
    copy(w, "path", m, "key");
    copy(w, "sizeBytes", m, "size_bytes");
    copy(w, "indexedModelIdentifier", m, "key");
    jsonw_key(w, "deviceIdentifier");
    jsonw_str(w, host);
    copy(w, "paramsString", m, "params_string");
    copy(w, "architecture", m, "architecture");
    write_quantization(w, m);
    copy(w, "variants", m, "variants");
    copy(w, "selectedVariant", m, "selected_variant");
    copy(w, "vision", can, "vision");
    copy(w, "trainedForToolUse", can, "trained_for_tool_use");
    copy(w, "maxContextLength", m, "max_context_length");
}

static void write_instance(struct jsonw *w, const struct js *m, const struct js *in,
                           const char *host)
{
    const struct js *config = js_get(in, "config");

    jsonw_obj(w);
    write_model(w, m, host);
    copy(w, "identifier", in, "id");
    copy_or_null(w, "ttlMs", in, "ttl_ms");
    copy(w, "idleMs", in, "idle_ms");
    copy_or_null(w, "lastUsedTime", in, "last_used_unix_ms");
    copy(w, "contextLength", config, "context_length");
    copy(w, "status", in, "status");
    copy(w, "queued", in, "queued");
    copy_or_null(w, "parallel", config, "parallel");
    jsonw_obj_end(w);
}

static void write_list(struct jsonw *w, const struct js *models, bool loaded, const char *host)
{
    jsonw_arr(w);
    for (size_t i = 0; i < js_len(models); i++) {
        const struct js *m = js_at(models, i), *in = js_get(m, "loaded_instances");

        if (!js_str(js_get(m, "key"), NULL))
            continue;
        for (size_t k = 0; loaded && k < js_len(in); k++)
            if (js_str(js_get(js_at(in, k), "id"), NULL))
                write_instance(w, m, js_at(in, k), host);
        if (loaded)
            continue;
        jsonw_obj(w);
        write_model(w, m, host);
        jsonw_key(w, "loadedInstances");
        jsonw_uint(w, js_len(in));
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

static enum err_code list_of(const struct client *c, bool loaded, struct js **out, struct err *e)
{
    struct js *answer = NULL;
    const struct js *models;
    struct jsonw w;
    struct buf b;
    enum err_code rc = client_call(c, "GET", "/api/v1/models", NULL, &answer, e);

    *out = NULL;
    if (rc == ERR_NOT_FOUND)
        rc = err_set(e, ERR_UNSUPPORTED,
                     "what answers at %s has no /api/v1/models: it is no "
                     "server that Hearth can ask",
                     c->base);
    if (rc)
        return rc;
    models = js_get(answer, "models");
    buf_init(&b, MEM_REQUEST, LIST_BYTES);
    jsonw_init(&w, &b);
    if (js_kind(models) == JS_ARR)
        write_list(&w, models, loaded, c->host);
    else
        rc = err_set(e, ERR_FORMAT, "the answer of %s has no list of models in it", c->base);
    if (!rc)
        rc = buf_check(&b, "the list of models", e);
    if (!rc)
        rc = js_parse(out, buf_str(&b), b.len, e);
    buf_finish(&b);
    js_close(answer);
    return rc;
}

enum err_code remote_models(const struct client *c, struct js **out, struct err *e)
{
    return list_of(c, false, out, e);
}

enum err_code remote_instances(const struct client *c, struct js **out, struct err *e)
{
    return list_of(c, true, out, e);
}

enum err_code instances_of(const struct client *c, struct js **out, struct err *e)
{
    return c->host ? remote_instances(c, out, e)
                   : client_call(c, "GET", "/hearth/ps", NULL, out, e);
}

enum err_code unload_instance(const struct client *c, const char *id, struct err *e)
{
    struct jsonw w;
    struct buf body;
    enum err_code rc;

    buf_init(&body, MEM_OTHER, BODY_BYTES);
    jsonw_init(&w, &body);
    jsonw_obj(&w);
    jsonw_key(&w, c->host ? "instance_id" : "identifier");
    jsonw_str(&w, id);
    jsonw_obj_end(&w);
    rc = client_call(c, "POST", c->host ? "/api/v1/models/unload" : "/hearth/unload", &body, NULL,
                     e);
    buf_finish(&body);
    return rc;
}
