/* The body of POST /v1/responses becomes a job. */
#include <string.h>

#include "base/attr.h"
#include "serve/openai/responses_int.h"
#include "serve/write_int.h"

#define RESPONSE_ITEMS_MAX 65536U

static const char *const input_types[] = { "input_text", "output_text", "text" };
static const struct part_types input_parts = { input_types, COUNT_OF(input_types) };
static const char *const thought_types[] = { "reasoning_text", "summary_text", "text" };
static const struct part_types thought_parts = { thought_types, COUNT_OF(thought_types) };

/* ---- items: what the assistant said in a row becomes one message ---- */
struct items {
    struct reader *r;
    struct request *q;
    struct turn turn;
};

static void add_message(struct items *in, const struct js *item)
{
    static const char *const roles[] = { "user", "system", "developer", "assistant" };
    struct reader *r = in->r;
    int role = read_choice(r, item, "role", READ_REQUIRED, roles, COUNT_OF(roles));
    const struct js *content = read_any(r, item, "content", READ_REQUIRED);

    if (!read_ok(r))
        return;
    if (role == 3) {
        turn_text(&in->turn, messages_joined(r, "content", content, &input_parts));
        return;
    }
    turn_end(&in->turn, r, in->q, false);
    (void)messages_add(in->q, role == 0 ? "user" : "system");
    messages_content(r, in->q, "content", content, &input_parts);
    messages_added(in->q);
}

static void add_call(struct items *in, const struct js *item)
{
    struct job_str id = { NULL, 0 }, name = { NULL, 0 }, args = { NULL, 0 };

    (void)read_str(in->r, item, "call_id", READ_REQUIRED, &id);
    (void)read_str(in->r, item, "name", READ_REQUIRED, &name);
    (void)read_str(in->r, item, "arguments", READ_REQUIRED, &args);
    if (read_ok(in->r))
        turn_call(&in->turn, in->q, id, name, args);
}

static void add_result(struct items *in, const struct js *item)
{
    const struct js *output = read_any(in->r, item, "output", READ_REQUIRED);
    struct job_str id = { NULL, 0 }, text;

    (void)read_str(in->r, item, "call_id", READ_REQUIRED, &id);
    if (!output || !read_ok(in->r))
        return;
    text = messages_joined(in->r, "output", output, &input_parts);
    turn_end(&in->turn, in->r, in->q, false);
    messages_result(in->q, id, text);
}

static void add_reasoning(struct items *in, const struct js *item)
{
    const struct js *content = read_list(in->r, item, "content", READ_OPTIONAL);
    const struct js *summary = read_list(in->r, item, "summary", READ_OPTIONAL);
    const char *key = js_len(content) ? "content" : "summary";
    const struct js *from = js_len(content) ? content : summary;

    if (js_len(from))
        turn_thoughts(&in->turn, messages_joined(in->r, key, from, &thought_parts));
}

/* Stored turns hold calls that were cut off: nobody answered those. */
static bool is_unfinished_call(const struct js *item)
{
    struct job_str s = { NULL, 0 };

    s.s = js_str(js_get(item, "status"), &s.len);
    return job_str_is(s, "incomplete");
}

static void add_item(struct items *in, const struct js *item, bool is_stored)
{
    static const char *const types[] = { "message", "function_call", "function_call_output",
                                         "reasoning", "item_reference" };
    int type;

    if (!read_is(in->r, item, JS_OBJ))
        return;
    type = read_any(in->r, item, "type", READ_OPTIONAL)
               ? read_choice(in->r, item, "type", READ_OPTIONAL, types, COUNT_OF(types))
               : 0;
    switch (type) {
    case 0:
        add_message(in, item);
        break;
    case 1:
        if (!is_stored || !is_unfinished_call(item))
            add_call(in, item);
        break;
    case 2:
        add_result(in, item);
        break;
    case 3:
        add_reasoning(in, item);
        break;
    case 4:
        read_fail(in->r, "unsupported_value", "type",
                  "item_reference is not supported: send the item, or previous_response_id");
        break;
    default:
        break;
    }
}

static void add_items(struct items *in, const char *key, const struct js *list, bool is_stored)
{
    size_t mark = read_enter(in->r, key);

    if (js_len(list) > RESPONSE_ITEMS_MAX)
        read_fail(in->r, "invalid_value", NULL, "more than %u items", RESPONSE_ITEMS_MAX);
    for (size_t i = 0; i < js_len(list) && read_ok(in->r); i++) {
        size_t at = read_enter_at(in->r, i);

        add_item(in, js_at(list, i), is_stored);
        read_leave(in->r, at);
    }
    read_leave(in->r, mark);
}

static void add_stored(struct items *in, const struct store_response *turn)
{
    struct err e = { ERR_OK, "" };
    struct js *body = NULL;

    if (js_parse(&body, turn->body, turn->body_len, &e)) {
        read_fail(in->r, "previous_response_not_found", "previous_response_id",
                  "the stored response %s is damaged: %s", turn->id, e.text);
        return;
    }
    add_items(in, "input", js_get(body, "input"), true);
    add_items(in, "output", js_get(js_get(body, "response"), "output"), true);
    js_close(body);
}

/* A text is a message of the user's. */
static struct job_str text_item(struct reader *r, const struct js *text)
{
    struct job_str out;
    struct jsonw w;
    struct buf b;
    size_t len;
    const char *s = js_str(text, &len);

    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_arr(&w);
    jsonw_obj(&w);
    jsonw_key_str(&w, "type", "message");
    jsonw_key_str(&w, "role", "user");
    jsonw_key(&w, "content");
    jsonw_strn(&w, s, len);
    jsonw_obj_end(&w);
    jsonw_arr_end(&w);
    if (b.failed)
        read_fail_memory(r);
    out = read_keep(r, buf_str(&b), b.len);
    buf_finish(&b);
    return out;
}

static void add_input(struct items *in, struct response *s)
{
    const struct js *input = read_any(in->r, s->x.body, "input", READ_REQUIRED);
    struct job_str text;

    if (!input)
        return;
    if (js_kind(input) == JS_STR) {
        s->input = text_item(in->r, input);
        text.s = js_str(input, &text.len);
        turn_end(&in->turn, in->r, in->q, false);
        messages_text(in->q, "user", text);
        return;
    }
    if (!read_list(in->r, s->x.body, "input", READ_REQUIRED))
        return;
    if (!js_len(input))
        read_fail(in->r, "invalid_value", "input", "'input' is empty");
    s->input = read_json(in->r, input);
    add_items(in, "input", input, false);
}

void response_parse_input(struct response *s, const struct store_response *chain, uint32_t n)
{
    struct items in = { .r = &s->x.reader, .q = &s->x.request };

    turn_init(&in.turn);
    messages_begin(in.q);
    if (s->instructions.len)
        messages_text(in.q, "system", s->instructions);
    for (uint32_t i = 0; i < n && read_ok(in.r); i++)
        add_stored(&in, &chain[i]);
    add_input(&in, s);
    turn_end(&in.turn, in.r, in.q, false);
    messages_end(in.r, in.q);
    turn_finish(&in.turn);
}

/* ---- the other fields ---- */
static void read_text(struct reader *r, const struct js *body, struct response *s)
{
    static const char *const verbosities[] = { "low", "medium", "high" };
    const struct js *text = read_object(r, body, "text", READ_OPTIONAL), *format;
    size_t mark = read_enter(r, "text");

    (void)read_choice(r, text, "verbosity", READ_OPTIONAL, verbosities, COUNT_OF(verbosities));
    format = read_object(r, text, "format", READ_OPTIONAL);
    if (format) {
        (void)read_enter(r, "format");
        request_format(r, format, true, &s->x.request);
        s->text = read_json(r, text);
    }
    read_leave(r, mark);
}

static void read_reasoning(struct reader *r, const struct js *body, struct response *s)
{
    const struct js *v = read_object(r, body, "reasoning", READ_OPTIONAL);
    size_t mark = read_enter(r, "reasoning");

    if (v) {
        request_effort(r, v, "effort", &s->x.request);
        (void)read_str(r, v, "effort", READ_OPTIONAL, &s->effort);
        (void)read_str(r, v, "summary", READ_OPTIONAL, &s->summary);
    }
    read_leave(r, mark);
}

static void read_include(struct reader *r, const struct js *body, struct request *q)
{
    /* What the others would show is never there. */
    static const char *const known[] = {
        "message.output_text.logprobs",  "message.input_image.image_url",
        "reasoning.encrypted_content",   "file_search_call.results",
        "web_search_call.results",       "web_search_call.action.sources",
        "code_interpreter_call.outputs", "computer_call_output.output.image_url"
    };
    const struct js *list = read_list(r, body, "include", READ_OPTIONAL);
    size_t mark = read_enter(r, "include");
    int64_t n_top = 0;

    for (size_t i = 0; i < js_len(list) && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);
        int k = read_one_of(r, js_at(list, i), known, COUNT_OF(known));

        q->job.logprobs = q->job.logprobs || k == 0;
        read_leave(r, in);
    }
    read_leave(r, mark);
    if (read_int(r, body, "top_logprobs", 0, JOB_TOP_MAX, &n_top) && n_top > 0) {
        q->job.logprobs = true;
        q->job.n_top = (uint32_t)n_top;
    }
}

static void keep(struct reader *r, const struct js *body, const char *key, struct job_str *out)
{
    struct job_str s = { NULL, 0 };

    if (read_str(r, body, key, READ_OPTIONAL, &s))
        *out = read_keep(r, s.s, s.len);
}

static void read_echoed(struct reader *r, const struct js *body, struct response *s)
{
    static const char *const truncations[] = { "disabled", "auto" };
    struct job_str id = { NULL, 0 };
    int64_t n;

    s->tools = read_json(r, read_list(r, body, "tools", READ_OPTIONAL));
    s->tool_choice = read_json(r, read_any(r, body, "tool_choice", READ_OPTIONAL));
    s->metadata = read_json(r, read_object(r, body, "metadata", READ_OPTIONAL));
    if (read_int(r, body, "max_tool_calls", 0, INT32_MAX, &n))
        s->max_tool_calls = read_json(r, js_get(body, "max_tool_calls"));
    if (read_choice(r, body, "truncation", READ_OPTIONAL, truncations, 2) == 1) {
        s->x.request.job.overflow = JOB_OVERFLOW_TRUNCATE_MIDDLE;
        s->truncation = (struct job_str){ "auto", 4 };
    }
    keep(r, body, "user", &s->user);
    keep(r, body, "service_tier", &s->service_tier);
    keep(r, body, "prompt_cache_key", &s->prompt_cache_key);
    keep(r, body, "safety_identifier", &s->safety_identifier);
    keep(r, body, "instructions", &s->instructions);
    if (read_name(r, body, "previous_response_id", READ_OPTIONAL, REQUEST_ID_MAX, &id))
        s->previous_id = read_keep(r, id.s, id.len);
}

static void refuse(struct reader *r, const struct js *body)
{
    static const char *const unsupported[] = { "conversation", "prompt" };
    bool background = false;

    if (read_bool(r, body, "background", &background) && background)
        read_fail(r, "unsupported_parameter", "background", "'background': true is not supported");
    for (size_t i = 0; i < COUNT_OF(unsupported); i++) {
        if (read_any(r, body, unsupported[i], READ_OPTIONAL))
            read_fail(r, "unsupported_parameter", unsupported[i], "'%s' is not supported",
                      unsupported[i]);
    }
}

void response_parse(struct response *s)
{
    struct reader *r = &s->x.reader;
    const struct js *body = s->x.body;
    struct request *q = &s->x.request;

    request_generation(r, body, REQUEST_HEAT_MAX, q);
    request_limit(r, body, "max_output_tokens", q);
    request_openai_tools(r, body, true, q);
    read_text(r, body, s);
    read_reasoning(r, body, s);
    read_include(r, body, q);
    read_echoed(r, body, s);
    refuse(r, body);
    s->effort = s->effort.s ? read_keep(r, s->effort.s, s->effort.len) : s->effort;
    s->summary = s->summary.s ? read_keep(r, s->summary.s, s->summary.len) : s->summary;
    s->store = true;
    (void)read_bool(r, body, "store", &s->store);
    if (s->previous_id.s && strncmp(s->previous_id.s, "resp_", 5) != 0)
        read_fail(r, "invalid_value", "previous_response_id",
                  "'previous_response_id' begins with resp_");
    q->job.kind = JOB_CHAT;
}
