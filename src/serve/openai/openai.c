/* What the OpenAI endpoints share: heads, usage, ends of streams; their routes. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "os/sys.h"
#include "serve/openai/models_int.h"
#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

const char *openai_finish(enum job_finish finish)
{
    static const char *const names[] = {
        [JOB_END_EOS] = "stop",       [JOB_END_STOP] = "stop",
        [JOB_END_LENGTH] = "length",  [JOB_END_TOOL_CALLS] = "tool_calls",
        [JOB_END_CONTEXT] = "length", [JOB_END_CANCELLED] = "stop",
    };

    return names[finish];
}

void openai_write_head(struct jsonw *w, const struct exchange *x, const char *id,
                       const char *object)
{
    jsonw_key_str(w, "id", id);
    jsonw_key_str(w, "object", object);
    jsonw_key(w, "created");
    jsonw_int(w, x->created_unix_s);
    jsonw_key_str(w, "model", x->model);
}

void openai_write_usage(struct jsonw *w, const struct exchange *x)
{
    const struct request *q = &x->request;
    struct answer_usage u;

    answer_usage(&x->answer, q->job.n_choice ? q->job.n_choice : 1, &u);
    jsonw_key(w, "usage");
    jsonw_obj(w);
    jsonw_key_uint(w, "prompt_tokens", u.n_prompt);
    jsonw_key_uint(w, "completion_tokens", u.n_generated);
    jsonw_key_uint(w, "total_tokens", u.n_prompt + u.n_generated);
    jsonw_key(w, "prompt_tokens_details");
    jsonw_obj(w);
    jsonw_key_uint(w, "cached_tokens", u.n_cached);
    if (q->cache_debug) {
        if (u.miss_at == JOB_MISS_NONE)
            jsonw_key_null(w, "first_miss");
        else
            jsonw_key_uint(w, "first_miss", u.miss_at);
    }
    jsonw_obj_end(w);
    jsonw_key(w, "completion_tokens_details");
    jsonw_obj(w);
    jsonw_key_uint(w, "reasoning_tokens", u.n_reasoning);
    jsonw_obj_end(w);
    jsonw_obj_end(w);
}

void openai_write_stats(struct jsonw *w, const struct exchange *x, bool v0)
{
    if (v0) {
        v0_write_stats(w, x);
        return;
    }
    jsonw_key(w, "stats");
    jsonw_obj(w);
    jsonw_obj_end(w);
}

void openai_stream_end(struct exchange *x, const char *id, const char *object)
{
    if (x->request.include_usage) {
        struct jsonw w = exchange_write(x);

        jsonw_obj(&w);
        openai_write_head(&w, x, id, object);
        jsonw_key_str(&w, "system_fingerprint", x->model);
        jsonw_key(&w, "choices");
        jsonw_arr(&w);
        jsonw_arr_end(&w);
        openai_write_usage(&w, x);
        jsonw_obj_end(&w);
        exchange_record(x, NULL);
    }
    exchange_record_text(x, NULL, "[DONE]");
    exchange_stream_end(x);
}

void openai_stream_fail(struct exchange *x, const struct http_error *error)
{
    buf_clear(&x->out);
    http_error_write(&x->out, FAMILY_OPENAI, error);
    exchange_record(x, NULL);
    exchange_stream_end(x);
}

void openai_call_id(const struct answer_choice *c, struct answer_item *it)
{
    while (!it->id[0] || answer_id_is_taken(c, it)) {
        (void)snprintf(it->id, sizeof(it->id), "%u",
                       100000000U + (unsigned)(random_seed() % 900000000U));
    }
}

static void chat(struct http_req *q, void *arg)
{
    openai_chat(q, arg, false);
}

static void completions(struct http_req *q, void *arg)
{
    openai_completions(q, arg, false);
}

static void embeddings(struct http_req *q, void *arg)
{
    openai_embeddings(q, arg);
}

static const struct http_route routes[] = {
    { HTTP_GET, "/v1/models", openai_models, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_GET, "/v1/models/*", openai_model, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_POST, "/v1/chat/completions", chat, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT,
      false },
    { HTTP_POST, "/v1/completions", completions, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT,
      false },
    { HTTP_POST, "/v1/embeddings", embeddings, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT,
      false },
};
const struct route_table routes_openai = { routes, COUNT_OF(routes) };
