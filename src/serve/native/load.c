/* POST /api/v1/models/load and unload. */
#include <string.h>

#include "base/attr.h"
#include "serve/native/native_int.h"
#include "serve/openai/models_int.h"
#include "serve/write_int.h"

#define CONTROL_ARENA_BYTES (256U << 10)

/* A request that waits for a model to load. */
struct load_call {
    struct app *app;
    struct http_req *q;
    uint64_t id;
    bool echo;
};

static void write_config(struct jsonw *w, const struct instance_info *info)
{
    jsonw_key(w, "load_config");
    jsonw_obj(w);
    jsonw_key_uint(w, "context_length", info->ready.n_ctx);
    if (info->model->type == MODEL_LLM) {
        jsonw_key_uint(w, "eval_batch_size", info->ready.n_batch);
        jsonw_key_bool(w, "flash_attention", true);
        if (info->model->n_expert)
            jsonw_key_uint(w, "num_experts", info->model->n_expert_used);
        jsonw_key_bool(w, "offload_kv_cache_to_gpu", false);
        jsonw_key_uint(w, "parallel", info->n_parallel);
    }
    jsonw_obj_end(w);
}

static void reply_loaded(struct load_call *c, const struct instance_info *info)
{
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_REQUEST, CONTROL_ARENA_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key_str(&w, "type", info->model->type == MODEL_LLM ? "llm" : "embedding");
    jsonw_key_str(&w, "instance_id", info->id);
    jsonw_key_seconds(&w, "load_time_seconds", info->load_s);
    jsonw_key_str(&w, "status", "loaded");
    if (c->echo)
        write_config(&w, info);
    jsonw_obj_end(&w);
    http_reply_json(c->q, 200, &b);
    buf_finish(&b);
}

static void on_load(void *arg, const struct load_event *ev)
{
    struct load_call *c = arg;
    struct http_error error;

    if (ev->kind == LOAD_PROGRESS)
        return;
    if (ev->kind == LOAD_READY) {
        reply_loaded(c, ev->info);
    } else {
        http_error_of_job(&error, ev->error, ev->text, 0);
        http_reply_error(c->q, &error);
    }
    mem_free(c);
}

static void on_gone(void *arg)
{
    struct load_call *c = arg;

    runtime_load_cancel(c->app->runtime, c->id);
    mem_free(c);
}

/* "off" and 0 say what is so; more would promise a device that this program does not have. */
static void read_gpu(struct reader *r, const struct js *body)
{
    const struct js *v = read_any(r, body, "gpu", READ_OPTIONAL);
    struct job_str s = { NULL, 0 };
    bool is_off;

    if (!v)
        return;
    s.s = js_str(v, &s.len);
    is_off = job_str_is(s, "off") || (js_is_num(v) && js_num(v) <= 0);
    if (!is_off)
        read_fail(r, "unsupported_value", "gpu", "'gpu': only \"off\": models run on the CPU");
}

static void read_flags(struct reader *r, const struct js *body)
{
    bool flash = true, offload = false;

    if (read_bool(r, body, "flash_attention", &flash) && !flash)
        read_fail(r, "unsupported_value", "flash_attention",
                  "'flash_attention': attention is always computed in one pass");
    if (read_bool(r, body, "offload_kv_cache_to_gpu", &offload) && offload)
        read_fail(r, "unsupported_value", "offload_kv_cache_to_gpu",
                  "'offload_kv_cache_to_gpu': the cache is kept in RAM");
}

static void read_kv_type(struct reader *r, const struct js *body, const char *key,
                         struct load_options *o, enum kv_type *type)
{
    static const char *const names[] = { "f16", "f32", "bf16", "q8_0", "q4_0" };
    static const enum kv_type types[] = { KV_F16, KV_F32, KV_BF16, KV_Q8_0, KV_Q4_0 };
    int i = read_choice(r, body, key, READ_OPTIONAL, names, COUNT_OF(names));

    if (i < 0)
        return;
    *type = types[i];
    o->has_kv_type = true;
}

static void read_u32(struct reader *r, const struct js *body, const char *key, uint32_t *out)
{
    int64_t n = 0;

    if (read_int(r, body, key, 1, INT32_MAX, &n))
        *out = (uint32_t)n;
}

static void read_load(struct reader *r, const struct js *body, struct load_options *o,
                      struct job_str *model, bool *echo)
{
    static const char *const keys[] = { "model",
                                        "context_length",
                                        "eval_batch_size",
                                        "flash_attention",
                                        "num_experts",
                                        "offload_kv_cache_to_gpu",
                                        "gpu",
                                        "echo_load_config",
                                        "identifier",
                                        "ttl",
                                        "parallel",
                                        "k_cache_type",
                                        "v_cache_type" };
    struct job_str identifier = { NULL, 0 };
    int64_t ttl;

    read_keys(r, body, keys, COUNT_OF(keys));
    (void)read_name(r, body, "model", READ_REQUIRED, RUNTIME_ID_BYTES - 1, model);
    read_u32(r, body, "context_length", &o->n_ctx);
    read_u32(r, body, "eval_batch_size", &o->n_batch);
    read_u32(r, body, "num_experts", &o->n_expert_used);
    read_u32(r, body, "parallel", &o->n_parallel);
    read_flags(r, body);
    read_gpu(r, body);
    read_kv_type(r, body, "k_cache_type", o, &o->type_k);
    read_kv_type(r, body, "v_cache_type", o, &o->type_v);
    (void)read_bool(r, body, "echo_load_config", echo);
    if (read_int(r, body, "ttl", 1, REQUEST_TTL_MAX_S, &ttl))
        o->ttl_s = (double)ttl;
    if (read_name(r, body, "identifier", READ_OPTIONAL, RUNTIME_ID_BYTES - 1, &identifier)) {
        if (identifier.len == 0)
            read_fail(r, "invalid_value", "identifier", "'identifier': 1 to %u bytes",
                      RUNTIME_ID_BYTES - 1);
        o->identifier = identifier.s;
    }
}

static void load(struct http_req *q, struct app *app, struct reader *r, const struct js *body)
{
    struct load_call *c = mem_alloc_zero(MEM_REQUEST, sizeof(*c));
    struct job_str model = { NULL, 0 };
    struct load_options o = { .ttl_s = 0 };
    struct err e = { ERR_OK, "" };

    if (!c) {
        read_fail_memory(r);
        return;
    }
    c->app = app;
    c->q = q;
    read_load(r, body, &o, &model, &c->echo);
    if (read_ok(r) && runtime_load(app->runtime, model.s, &o, on_load, c, &c->id, &e)) {
        read_fail(r, NULL, NULL, "%s", e.text);
        if (e.code == ERR_OOM || e.code == ERR_LIMIT)
            r->error.status = 503;
    }
    if (read_ok(r))
        http_on_gone(q, on_gone, c);
    else
        mem_free(c);
}

static void unload(struct http_req *q, struct app *app, struct reader *r, const struct js *body)
{
    static const char *const keys[] = { "instance_id" };
    struct job_str id = { NULL, 0 };
    struct err e = { ERR_OK, "" };
    struct jsonw w;
    struct buf b;

    read_keys(r, body, keys, COUNT_OF(keys));
    (void)read_name(r, body, "instance_id", READ_REQUIRED, RUNTIME_ID_BYTES - 1, &id);
    if (!read_ok(r))
        return;
    if (runtime_unload(app->runtime, id.s, &e)) {
        read_fail(r, "model_not_found", "instance_id", "%s", e.text);
        r->error.status = 404;
        return;
    }
    buf_init(&b, MEM_REQUEST, CONTROL_ARENA_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "instance_id");
    jsonw_job_str(&w, id);
    jsonw_obj_end(&w);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

/* Parses the body for fn; what fn finds wrong with it is answered here. */
static void with_body(struct http_req *q, struct app *app,
                      void (*fn)(struct http_req *q, struct app *app, struct reader *r,
                                 const struct js *body))
{
    struct err e = { ERR_OK, "" };
    struct js *body = NULL;
    struct reader r;
    struct arena a;
    size_t len;
    const char *text = http_body(q, &len);

    arena_init(&a, MEM_REQUEST, 4096, CONTROL_ARENA_BYTES);
    read_init(&r, &a);
    if (js_parse(&body, text, len, &e))
        read_fail(&r, "invalid_json", NULL, "%s", e.text);
    else if (js_kind(body) != JS_OBJ)
        read_fail(&r, "invalid_json", NULL, "the body must be a JSON object");
    if (read_ok(&r))
        fn(q, app, &r, body);
    if (!read_ok(&r))
        http_reply_error(q, &r.error);
    js_close(body);
    arena_finish(&a);
}

void v1_load(struct http_req *q, void *arg)
{
    with_body(q, arg, load);
}

void v1_unload(struct http_req *q, void *arg)
{
    with_body(q, arg, unload);
}
