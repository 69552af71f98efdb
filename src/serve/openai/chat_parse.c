/* The body of POST /v1/chat/completions becomes a job. */
#include <string.h>

#include "base/attr.h"
#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

static const char *const text_parts[] = { "text" };
static const struct part_types parts = { text_parts, 1 };

static void add_optional(struct reader *r, struct jsonw *w, const struct js *m, const char *key,
                         const char *as)
{
    struct job_str s = { NULL, 0 };

    if (read_str(r, m, key, READ_OPTIONAL, &s) && s.len) {
        jsonw_key(w, as);
        jsonw_strn(w, s.s, s.len);
    }
}

static void add_calls(struct reader *r, struct request *q, const struct js *list)
{
    static const char *const types[] = { "function" };
    size_t mark = read_enter(r, "tool_calls");

    jsonw_key(&q->_w, "tool_calls");
    jsonw_arr(&q->_w);
    for (size_t i = 0; i < js_len(list) && read_ok(r); i++) {
        struct job_str id = { NULL, 0 }, name = { NULL, 0 }, args = { NULL, 0 };
        const struct js *call = js_at(list, i), *f;
        size_t in = read_enter_at(r, i), at;

        if (read_is(r, call, JS_OBJ)) {
            (void)read_choice(r, call, "type", READ_OPTIONAL, types, 1);
            (void)read_str(r, call, "id", READ_OPTIONAL, &id);
            f = read_object(r, call, "function", READ_REQUIRED);
            at = read_enter(r, "function");
            (void)read_str(r, f, "name", READ_REQUIRED, &name);
            (void)read_str(r, f, "arguments", READ_OPTIONAL, &args);
            read_leave(r, at);
            messages_call(&q->_w, q, id, name, args);
        }
        read_leave(r, in);
    }
    jsonw_arr_end(&q->_w);
    read_leave(r, mark);
}

static void add_assistant(struct reader *r, struct request *q, const struct js *m, bool is_last)
{
    const struct js *content = read_any(r, m, "content", READ_OPTIONAL);
    const struct js *calls = read_list(r, m, "tool_calls", READ_OPTIONAL);
    struct jsonw *w = messages_add(q, "assistant");

    if (content || !js_len(calls))
        messages_content(r, q, "content", content, &parts);
    else
        jsonw_key_null(w, "content");
    if (js_get(m, "reasoning_content"))
        add_optional(r, w, m, "reasoning_content", "reasoning_content");
    else
        add_optional(r, w, m, "reasoning", "reasoning_content");
    add_optional(r, w, m, "name", "name");
    if (js_len(calls))
        add_calls(r, q, calls);
    else
        q->job.continue_last =
            is_last && content && js_str(content, NULL) && js_str(content, NULL)[0];
    messages_added(q);
}

static void add_result(struct reader *r, struct request *q, const struct js *m)
{
    struct job_str id = { NULL, 0 }, text;

    text = messages_joined(r, "content", read_any(r, m, "content", READ_REQUIRED), &parts);
    (void)read_str(r, m, "tool_call_id", READ_REQUIRED, &id);
    messages_result(q, id, text);
}

static void add_message(struct reader *r, struct request *q, const struct js *m, bool is_last)
{
    static const char *const roles[] = { "system", "user", "developer", "assistant", "tool" };
    struct jsonw *w;
    int role;

    if (!read_is(r, m, JS_OBJ))
        return;
    role = read_choice(r, m, "role", READ_REQUIRED, roles, COUNT_OF(roles));
    switch (role) {
    case 0:
    case 1:
    case 2: /* a newer name of the system's */
        w = messages_add(q, role == 1 ? "user" : "system");
        messages_content(r, q, "content", read_any(r, m, "content", READ_REQUIRED), &parts);
        add_optional(r, w, m, "name", "name");
        messages_added(q);
        break;
    case 3:
        add_assistant(r, q, m, is_last);
        break;
    case 4:
        add_result(r, q, m);
        break;
    default:
        break;
    }
}

static void refuse_old_functions(struct reader *r, const struct js *body)
{
    static const char *const old[] = { "functions", "function_call" };

    for (size_t i = 0; i < COUNT_OF(old); i++) {
        if (read_any(r, body, old[i], READ_OPTIONAL))
            read_fail(r, "unsupported_parameter", old[i],
                      "'%s' is deprecated and not supported: use 'tools' and 'tool_choice'",
                      old[i]);
    }
}

void chat_parse(struct reader *r, const struct js *body, struct request *q)
{
    const struct js *format;
    int64_t n = 0;

    request_generation(r, body, REQUEST_HEAT_MAX, q);
    request_stops(r, body, "stop", q);
    request_limit(r, body, "max_tokens", q);
    request_limit(r, body, "max_completion_tokens", q);
    request_openai_tools(r, body, false, q); /* before messages: names of tools are mapped */
    messages_begin(q);
    messages_read(r, body, add_message, q);
    messages_end(r, q);
    refuse_old_functions(r, body);
    request_effort(r, body, "reasoning_effort", q);
    q->job.template_kwargs =
        read_json(r, read_object(r, body, "chat_template_kwargs", READ_OPTIONAL));
    format = read_object(r, body, "response_format", READ_OPTIONAL);
    if (format) {
        size_t mark = read_enter(r, "response_format");

        request_format(r, format, false, q);
        read_leave(r, mark);
    }
    if (read_int(r, body, "n", 1, JOB_CHOICES_MAX, &n))
        q->job.n_choice = (uint32_t)n;
    (void)read_bool(r, body, "logprobs", &q->job.logprobs);
    if (read_int(r, body, "top_logprobs", 0, JOB_TOP_MAX, &n)) {
        if (!q->job.logprobs && n > 0)
            read_fail(r, "invalid_value", "top_logprobs", "'top_logprobs' needs 'logprobs': true");
        q->job.n_top = (uint32_t)n;
    }
    q->job.kind = JOB_CHAT;
}
