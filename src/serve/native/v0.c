/* The native beta: /api/v0, OpenAI's answers with three objects more. */
#include <string.h>

#include "config.h"
#include "serve/native/native_int.h"
#include "serve/openai/models_int.h"
#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

static const char *stop_reason(const struct exchange *x)
{
    return job_finish_name(x->answer.choices[0].done.finish);
}

static void write_runtime(struct jsonw *w)
{
    jsonw_key(w, "runtime");
    jsonw_obj(w);
    jsonw_key_str(w, "name", "hearth-cpu");
    jsonw_key_str(w, "version", HEARTH_VERSION);
    jsonw_key(w, "supported_formats");
    jsonw_arr(w);
    jsonw_str(w, "gguf");
    jsonw_arr_end(w);
    jsonw_obj_end(w);
}

void v0_write_stats(struct jsonw *w, const struct exchange *x)
{
    struct instance_info info;
    struct answer_usage u;

    answer_usage(&x->answer, x->request.job.n_choice ? x->request.job.n_choice : 1, &u);
    jsonw_key(w, "stats");
    jsonw_obj(w);
    jsonw_key_seconds(w, "tokens_per_second", u.tokens_per_s);
    jsonw_key_seconds(w, "time_to_first_token", u.first_token_s);
    jsonw_key_seconds(w, "generation_time", u.generate_s);
    jsonw_key_str(w, "stop_reason", stop_reason(x));
    jsonw_obj_end(w);
    if (runtime_find(x->app->runtime, x->model, &info) && info.model) {
        jsonw_key(w, "model_info");
        jsonw_obj(w);
        jsonw_key_str(w, "arch", info.model->arch);
        jsonw_key_str(w, "quant", info.model->quant);
        jsonw_key_str(w, "format", "gguf");
        jsonw_key_uint(w, "context_length", info.ready.n_ctx);
        jsonw_obj_end(w);
    }
    write_runtime(w);
}

/* ---- lists ---- */
static const char *type_name(const struct library_model *m)
{
    return m->type == MODEL_LLM ? "llm" : "embeddings";
}

static bool write_model(void *arg, const struct listed *l)
{
    const struct library_model *m = l->model;
    struct jsonw *w = arg;

    jsonw_obj(w);
    jsonw_key_str(w, "id", l->id);
    jsonw_key_str(w, "object", "model");
    jsonw_key_str(w, "type", type_name(m));
    jsonw_key_str(w, "publisher", m->publisher);
    jsonw_key_str(w, "arch", m->arch);
    jsonw_key_str(w, "compatibility_type", "gguf");
    jsonw_key_str(w, "quantization", m->quant);
    jsonw_key_str(w, "state", l->is_loaded ? "loaded" : "not-loaded");
    jsonw_key_uint(w, "max_context_length", m->n_ctx_max);
    if (l->is_loaded)
        jsonw_key_uint(w, "loaded_context_length", l->n_ctx);
    jsonw_key(w, "capabilities");
    jsonw_arr(w);
    if (m->tool_use)
        jsonw_str(w, "tool_use");
    jsonw_arr_end(w);
    jsonw_obj_end(w);
    return true;
}

static void list_all(struct http_req *q, void *arg)
{
    listed_reply_all(q, arg, true, write_model);
}

void v0_models(struct http_req *q, void *arg)
{
    app_fresh(arg, q, list_all);
}

void v0_model(struct http_req *q, void *arg)
{
    listed_reply(q, arg, write_model);
}

void v0_chat(struct http_req *q, void *arg)
{
    openai_chat(q, arg, true);
}

void v0_completions(struct http_req *q, void *arg)
{
    openai_completions(q, arg, true);
}

void v0_embeddings(struct http_req *q, void *arg)
{
    openai_embeddings(q, arg);
}
