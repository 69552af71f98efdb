/* GET /api/v1/models: everything at hand, with what each can do and where it is loaded. */
#include <stdio.h>
#include <string.h>

#include "serve/native/native_int.h"
#include "serve/openai/models_int.h"
#include "serve/write_int.h"

static const char *text_or_null(const char *s)
{
    return s[0] ? s : NULL;
}

/* Beside what the API's documents have: what a list of loaded models shows (`hearth ps --host`). */
static void write_state(struct jsonw *w, const struct instance_info *info)
{
    jsonw_key_str(w, "status", instance_status(info));
    jsonw_key_uint(w, "queued", info->n_job);
    if (info->ttl_s > 0.0)
        jsonw_key_uint(w, "ttl_ms", (uint64_t)(info->ttl_s * 1000.0));
    else
        jsonw_key_null(w, "ttl_ms");
    jsonw_key_uint(w, "idle_ms", (uint64_t)(info->idle_s * 1000.0));
    if (info->last_used_unix_ms > 0)
        jsonw_key_uint(w, "last_used_unix_ms", (uint64_t)info->last_used_unix_ms);
    else
        jsonw_key_null(w, "last_used_unix_ms");
}

static void write_instance(struct jsonw *w, const struct instance_info *info)
{
    const struct library_model *m = info->model;

    jsonw_obj(w);
    jsonw_key_str(w, "id", info->id);
    jsonw_key(w, "config");
    jsonw_obj(w);
    jsonw_key_uint(w, "context_length", info->ready.n_ctx);
    if (m->type == MODEL_LLM) {
        jsonw_key_uint(w, "eval_batch_size", info->ready.n_batch);
        jsonw_key_uint(w, "parallel", info->n_parallel);
        jsonw_key_bool(w, "flash_attention", true);
        if (m->n_expert)
            jsonw_key_uint(w, "num_experts", m->n_expert_used);
        jsonw_key_bool(w, "offload_kv_cache_to_gpu", false);
    }
    jsonw_obj_end(w);
    write_state(w, info);
    jsonw_obj_end(w);
}

/* The variants of one key stand together in the library. */
static void write_instances(struct jsonw *w, const struct app *app, const struct loaded *loaded,
                            uint32_t first, uint32_t n)
{
    const struct instance_info *info;

    jsonw_key(w, "loaded_instances");
    jsonw_arr(w);
    for (uint32_t i = first; i < first + n; i++) {
        for (uint32_t k = 0; (info = loaded_of(loaded, library_at(app->library, i), k)); k++)
            write_instance(w, info);
    }
    jsonw_arr_end(w);
}

static void write_capabilities(struct jsonw *w, const struct library_model *m)
{
    const char *options[REASONING_OPTIONS];

    jsonw_key(w, "capabilities");
    jsonw_obj(w);
    jsonw_key_bool(w, "vision", false);
    jsonw_key_bool(w, "trained_for_tool_use", m->tool_use);
    reasoning_options(m, options);
    if (options[0]) {
        jsonw_key(w, "reasoning");
        jsonw_obj(w);
        jsonw_key(w, "allowed_options");
        jsonw_arr(w);
        for (uint32_t i = 0; options[i]; i++)
            jsonw_str(w, options[i]);
        jsonw_arr_end(w);
        jsonw_key_str(w, "default", options[0]);
        jsonw_obj_end(w);
    }
    jsonw_obj_end(w);
    jsonw_key_null(w, "description");
}

static void write_variant(struct jsonw *w, const struct library_model *m)
{
    char name[2 * RUNTIME_ID_BYTES];

    (void)snprintf(name, sizeof(name), "%s@%s", m->key, m->variant);
    jsonw_str(w, name);
}

static void write_variants(struct jsonw *w, const struct app *app, const struct library_model *m,
                           uint32_t first, uint32_t n)
{
    jsonw_key(w, "variants");
    jsonw_arr(w);
    for (uint32_t i = first; i < first + n; i++) {
        if (library_at(app->library, i)->type != MODEL_UNUSABLE)
            write_variant(w, library_at(app->library, i));
    }
    jsonw_arr_end(w);
    jsonw_key(w, "selected_variant");
    write_variant(w, m);
}

static void write_model(struct jsonw *w, const struct app *app, const struct loaded *loaded,
                        const struct library_model *m, uint32_t first, uint32_t n)
{
    static const char *const types[] = { "llm", "embedding", "reranker" };

    jsonw_obj(w);
    jsonw_key_str(w, "type", types[m->type]);
    jsonw_key_str(w, "publisher", m->publisher);
    jsonw_key_str(w, "key", m->key);
    jsonw_key_str(w, "display_name", m->display_name);
    if (m->type == MODEL_LLM)
        jsonw_key_str(w, "architecture", text_or_null(m->arch));
    jsonw_key(w, "quantization");
    jsonw_obj(w);
    jsonw_key_str(w, "name", text_or_null(m->quant));
    jsonw_key_uint(w, "bits_per_weight", m->quant_bits);
    jsonw_obj_end(w);
    jsonw_key_uint(w, "size_bytes", m->size_bytes);
    jsonw_key_str(w, "params_string", text_or_null(m->params));
    write_instances(w, app, loaded, first, n);
    jsonw_key_uint(w, "max_context_length", m->n_ctx_max);
    jsonw_key_str(w, "format", "gguf");
    if (m->type == MODEL_LLM)
        write_capabilities(w, m);
    if (n > 1)
        write_variants(w, app, m, first, n);
    jsonw_obj_end(w);
}

/* The variant that the bare key means; NULL: none can be used. */
static const struct library_model *selected(const struct app *app, uint32_t first, uint32_t n)
{
    const struct library_model *found = NULL;

    for (uint32_t i = first; i < first + n; i++) {
        const struct library_model *m = library_at(app->library, i);

        if (m->type != MODEL_UNUSABLE && (!found || m->is_selected))
            found = m;
    }
    return found;
}

static void list_all(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    uint32_t n_all = library_n(app->library), n;
    struct loaded loaded;
    struct jsonw w;
    struct buf b;

    loaded_take(&loaded, app);
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "models");
    jsonw_arr(&w);
    for (uint32_t first = 0; first < n_all; first += n) {
        const struct library_model *m = library_at(app->library, first);

        n = 1;
        while (first + n < n_all && strcmp(library_at(app->library, first + n)->key, m->key) == 0)
            n++;
        m = selected(app, first, n);
        if (m)
            write_model(&w, app, &loaded, m, first, n);
    }
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

void v1_models(struct http_req *q, void *arg)
{
    app_fresh(arg, q, list_all);
}
