/* The response object of /v1/responses and its items. */
#include <string.h>

#include "serve/openai/responses_int.h"
#include "serve/write_int.h"

static const char *status_name(enum response_status status)
{
    static const char *const names[] = { "in_progress", "completed", "incomplete", "failed",
                                         "cancelled" };

    return names[status];
}

enum response_status response_status(const struct response *s)
{
    switch (s->x.answer.choices[0].done.finish) {
    case JOB_END_LENGTH:
    case JOB_END_CONTEXT:
        return RESPONSE_INCOMPLETE;
    case JOB_END_CANCELLED:
        return RESPONSE_CANCELLED;
    default:
        return RESPONSE_COMPLETED;
    }
}

void response_write_part(struct jsonw *w, const struct response *s, const struct answer_choice *c,
                         const struct answer_item *it, bool whole)
{
    static const struct buf nothing;

    jsonw_obj(w);
    jsonw_key_str(w, "type", it->kind == ITEM_TEXT ? "output_text" : "reasoning_text");
    jsonw_key(w, "text");
    jsonw_buf(w, whole ? &it->text : &nothing);
    if (it->kind == ITEM_TEXT) {
        jsonw_key(w, "annotations");
        jsonw_raw(w, "[]", 2);
        jsonw_key(w, "logprobs");
        if (whole && s->x.request.job.logprobs)
            answer_write_probs(w, c, it->prob_from, it->prob_end);
        else
            jsonw_raw(w, "[]", 2);
    }
    jsonw_obj_end(w);
}

static void write_content(struct jsonw *w, const struct response *s, const struct answer_choice *c,
                          const struct answer_item *it, bool whole)
{
    jsonw_key(w, "content");
    jsonw_arr(w);
    if (whole)
        response_write_part(w, s, c, it, true);
    jsonw_arr_end(w);
}

void response_write_item(struct jsonw *w, const struct response *s, const struct answer_choice *c,
                         const struct answer_item *it, bool whole)
{
    static const char *const types[] = { "reasoning", "message", "function_call" };
    static const struct buf nothing;
    const char *status = !whole                         ? "in_progress"
                         : it->is_cut || it->is_dropped ? "incomplete"
                                                        : "completed";

    jsonw_obj(w);
    jsonw_key_str(w, "id", it->item_id);
    jsonw_key_str(w, "type", types[it->kind]);
    switch (it->kind) {
    case ITEM_REASONING:
        if (!whole)
            jsonw_key_str(w, "status", status);
        jsonw_key(w, "summary");
        jsonw_raw(w, "[]", 2);
        write_content(w, s, c, it, whole);
        break;
    case ITEM_TEXT:
        jsonw_key_str(w, "role", "assistant");
        jsonw_key_str(w, "status", status);
        write_content(w, s, c, it, whole);
        break;
    case ITEM_CALL:
        jsonw_key_str(w, "call_id", it->id);
        jsonw_key(w, "name");
        jsonw_job_str(w, request_own_name(&s->x.request, it->name));
        jsonw_key(w, "arguments");
        jsonw_buf(w, whole ? &it->text : &nothing);
        jsonw_key_str(w, "status", status);
        break;
    }
    jsonw_obj_end(w);
}

static void write_output(struct jsonw *w, const struct response *s)
{
    const struct answer_choice *c = &s->x.answer.choices[0];

    jsonw_key(w, "output");
    jsonw_arr(w);
    for (const struct answer_item *it = c->first; it; it = it->next) {
        /* a stream has shown what turned out to be no call: its place must stay */
        if (!it->is_dropped || s->x.request.stream)
            response_write_item(w, s, c, it, true);
    }
    jsonw_arr_end(w);
}

static void write_usage(struct jsonw *w, const struct response *s)
{
    struct answer_usage u;

    answer_usage(&s->x.answer, 1, &u);
    jsonw_key(w, "usage");
    jsonw_obj(w);
    jsonw_key_uint(w, "input_tokens", u.n_prompt);
    jsonw_key(w, "input_tokens_details");
    jsonw_obj(w);
    jsonw_key_uint(w, "cached_tokens", u.n_cached);
    if (s->x.request.cache_debug) {
        if (u.miss_at == JOB_MISS_NONE)
            jsonw_key_null(w, "first_miss");
        else
            jsonw_key_uint(w, "first_miss", u.miss_at);
    }
    jsonw_obj_end(w);
    jsonw_key_uint(w, "output_tokens", u.n_generated);
    jsonw_key(w, "output_tokens_details");
    jsonw_obj(w);
    jsonw_key_uint(w, "reasoning_tokens", u.n_reasoning);
    jsonw_obj_end(w);
    jsonw_key_uint(w, "total_tokens", u.n_prompt + u.n_generated);
    jsonw_obj_end(w);
}

static void write_json(struct jsonw *w, const char *key, struct job_str json, const char *otherwise)
{
    jsonw_key(w, key);
    if (json.s)
        jsonw_raw(w, json.s, json.len);
    else
        jsonw_raw(w, otherwise, strlen(otherwise));
}

static void write_str(struct jsonw *w, const char *key, struct job_str s)
{
    jsonw_key(w, key);
    jsonw_job_str(w, s);
}

static void write_num(struct jsonw *w, const char *key, const struct job_sampling *p, unsigned bit,
                      double v, const char *otherwise)
{
    jsonw_key(w, key);
    if (p->given & bit)
        jsonw_num(w, v);
    else
        jsonw_raw(w, otherwise, strlen(otherwise));
}

/* What was asked for, said back. */
static void write_request(struct jsonw *w, const struct response *s)
{
    const struct job *job = &s->x.request.job;
    const struct job_sampling *p = &job->sampling;

    write_json(w, "tools", s->tools, "[]");
    write_json(w, "tool_choice", s->tool_choice, "\"auto\"");
    jsonw_key_bool(w, "parallel_tool_calls", !job->no_parallel_calls);
    write_json(w, "max_tool_calls", s->max_tool_calls, "null");
    jsonw_key_str(w, "truncation", s->truncation.s ? s->truncation.s : "disabled");
    write_json(w, "text", s->text, "{\"format\":{\"type\":\"text\"}}");
    jsonw_key(w, "reasoning");
    jsonw_obj(w);
    write_str(w, "effort", s->effort);
    write_str(w, "summary", s->summary);
    jsonw_obj_end(w);
    write_num(w, "temperature", p, JOB_HAS_TEMPERATURE, p->temperature, "null");
    write_num(w, "top_p", p, JOB_HAS_TOP_P, p->top_p, "null");
    write_num(w, "presence_penalty", p, JOB_HAS_PRESENCE, p->presence, "0");
    write_num(w, "frequency_penalty", p, JOB_HAS_FREQUENCY, p->frequency, "0");
    jsonw_key_uint(w, "top_logprobs", job->n_top);
    if (job->n_predict)
        jsonw_key_uint(w, "max_output_tokens", job->n_predict);
    else
        jsonw_key_null(w, "max_output_tokens");
}

static void write_state(struct jsonw *w, const struct response *s, enum response_status status,
                        const struct http_error *error)
{
    jsonw_key_str(w, "status", status_name(status));
    jsonw_key(w, "error");
    if (status == RESPONSE_FAILED && error) {
        jsonw_obj(w);
        jsonw_key_str(w, "code", error->code ? error->code : "server_error");
        jsonw_key_str(w, "message", error->text);
        jsonw_obj_end(w);
    } else {
        jsonw_null(w);
    }
    jsonw_key(w, "incomplete_details");
    if (status == RESPONSE_INCOMPLETE)
        jsonw_raw(w, "{\"reason\":\"max_output_tokens\"}", 30);
    else
        jsonw_null(w);
    write_str(w, "instructions", s->instructions);
    jsonw_key_str(w, "model", s->x.model);
    write_str(w, "previous_response_id", s->previous_id);
}

void response_write(struct jsonw *w, const struct response *s, enum response_status status,
                    const struct http_error *error)
{
    bool over = status != RESPONSE_IN_PROGRESS;

    jsonw_obj(w);
    jsonw_key_str(w, "id", s->id);
    jsonw_key_str(w, "object", "response");
    jsonw_key(w, "created_at");
    jsonw_int(w, s->x.created_unix_s);
    jsonw_key(w, "completed_at");
    if (over && status != RESPONSE_FAILED)
        jsonw_int(w, s->completed_unix_s);
    else
        jsonw_null(w);
    write_state(w, s, status, error);
    if (over) {
        write_output(w, s);
    } else {
        jsonw_key(w, "output");
        jsonw_raw(w, "[]", 2);
    }
    write_request(w, s);
    if (over)
        write_usage(w, s);
    else
        jsonw_key_null(w, "usage");
    jsonw_key_bool(w, "store", s->store);
    jsonw_key_bool(w, "background", false);
    jsonw_key_str(w, "service_tier", s->service_tier.s ? s->service_tier.s : "default");
    write_json(w, "metadata", s->metadata, "{}");
    write_str(w, "user", s->user);
    write_str(w, "safety_identifier", s->safety_identifier);
    write_str(w, "prompt_cache_key", s->prompt_cache_key);
    jsonw_obj_end(w);
}

void response_write_stored(struct jsonw *w, const struct response *s)
{
    jsonw_obj(w);
    write_json(w, "input", s->input, "[]");
    jsonw_key(w, "response");
    response_write(w, s, response_status(s), NULL);
    jsonw_obj_end(w);
}
