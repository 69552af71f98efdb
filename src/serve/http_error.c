/* Errors in the words of each API family. */
#include <string.h>

#include "base/jsonw.h"
#include "serve/http_int.h"

#define PLACED_BYTES_MAX (32U << 10)

struct status_type {
    int status;
    const char *openai, *anthropic, *native;
};

static const struct status_type types[] = {
    { 400, "invalid_request_error", "invalid_request_error", "invalid_request" },
    { 401, "invalid_request_error", "authentication_error", "invalid_request" },
    { 403, "invalid_request_error", "permission_error", "invalid_request" },
    { 404, "invalid_request_error", "not_found_error", "invalid_request" },
    { 413, "invalid_request_error", "request_too_large", "invalid_request" },
    { 429, "rate_limit_error", "rate_limit_error", "rate_limit_error" },
    { 501, "invalid_request_error", "invalid_request_error", "not_implemented" },
    { 503, "service_unavailable", "overloaded_error", "internal_error" },
};

static const char *type_of(enum http_family family, const struct http_error *error)
{
    const bool is_ours = error->status >= 500;
    const struct status_type *t = NULL;

    if (error->type)
        return error->type;
    if (family == FAMILY_NATIVE && error->code &&
        (strcmp(error->code, "model_not_found") == 0 || strcmp(error->code, "job_not_found") == 0))
        return error->code;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (types[i].status == error->status)
            t = &types[i];
    }
    if (family == FAMILY_ANTHROPIC)
        return t ? t->anthropic : is_ours ? "api_error" : "invalid_request_error";
    if (family == FAMILY_NATIVE)
        return t ? t->native : is_ours ? "internal_error" : "invalid_request";
    return t ? t->openai : is_ours ? "internal_error" : "invalid_request_error";
}

static void write_member(struct jsonw *w, const char *key, const char *value, bool always)
{
    if (!value && !always)
        return;
    jsonw_key(w, key);
    if (value)
        jsonw_str(w, value);
    else
        jsonw_null(w);
}

/* Anthropic's errors have no member for the field: its place stands in the text. */
static void write_placed(struct jsonw *w, const struct http_error *error)
{
    const char *text = error->text ? error->text : "";
    struct buf b;

    if (!error->param || strstr(text, error->param)) {
        write_member(w, "message", text, true);
        return;
    }
    buf_init(&b, MEM_REQUEST, PLACED_BYTES_MAX);
    (void)buf_addf(&b, "%s: %s", error->param, text);
    write_member(w, "message", b.failed ? text : buf_str(&b), true);
    buf_finish(&b);
}

void http_error_write(struct buf *out, enum http_family family, const struct http_error *error)
{
    const bool all = family == FAMILY_OPENAI || family == FAMILY_PLAIN;
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    if (family == FAMILY_ANTHROPIC)
        write_member(&w, "type", "error", true);
    jsonw_key(&w, "error");
    jsonw_obj(&w);
    if (family == FAMILY_ANTHROPIC) {
        write_member(&w, "type", type_of(family, error), true);
        write_placed(&w, error);
    } else {
        write_member(&w, "message", error->text ? error->text : "", true);
        write_member(&w, "type", type_of(family, error), true);
        write_member(&w, "param", error->param, all);
        write_member(&w, "code", error->code, all);
    }
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
}

void http_error_of_job(struct http_error *out, enum job_error error, const char *text,
                       uint32_t retry_after_s)
{
    static const struct {
        int status;
        const char *code, *param;
    } means[JOB_ERR_COUNT] = {
        [JOB_ERR_INVALID] = { 400, NULL, NULL },
        [JOB_ERR_CONTEXT] = { 400, "context_length_exceeded", NULL },
        [JOB_ERR_NOT_FOUND] = { 404, "model_not_found", "model" },
        [JOB_ERR_LOAD] = { 500, "model_load_failed", NULL },
        [JOB_ERR_MEMORY] = { 400, "insufficient_memory", NULL },
        [JOB_ERR_BUSY] = { 429, "rate_limit_exceeded", NULL },
        [JOB_ERR_WORKER] = { 500, "worker_failed", NULL },
        [JOB_ERR_CLOSING] = { 503, "shutting_down", NULL },
        [JOB_ERR_INTERNAL] = { 500, "internal_error", NULL },
    };

    *out = (struct http_error){
        .status = means[error].status,
        .code = means[error].code,
        .param = means[error].param,
        .text = text,
        .retry_after_s = retry_after_s,
    };
}
