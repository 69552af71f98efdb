/* The body of POST /v1/messages becomes a job. */
#include <string.h>

#include "base/attr.h"
#include "serve/anthropic/messages_int.h"
#include "serve/write_int.h"

static const char *const text_types[] = { "text" };
static const struct part_types text_parts = { text_types, 1 };

static bool type_is(const struct js *block, const char *type)
{
    struct job_str s = { NULL, 0 };

    s.s = js_str(js_get(block, "type"), &s.len);
    return job_str_is(s, type);
}

/* ---- a user's blocks: texts go into one message, each result of a tool into one of its own ----
 */
static void add_result(struct reader *r, struct request *q, const struct js *block)
{
    static const char mark[] = "Error: "; /* templates have no other place for it */
    struct job_str id = { NULL, 0 }, text;
    bool is_error = false;
    char *marked;

    text = messages_joined(r, "content", read_any(r, block, "content", READ_OPTIONAL), &text_parts);
    (void)read_str(r, block, "tool_use_id", READ_REQUIRED, &id);
    (void)read_bool(r, block, "is_error", &is_error);
    if (is_error && read_ok(r)) {
        marked = arena_new(r->arena, text.len + sizeof(mark));
        if (!marked) {
            read_fail_memory(r);
            return;
        }
        memcpy(marked, mark, sizeof(mark) - 1);
        memcpy(marked + sizeof(mark) - 1, text.s, text.len);
        text = (struct job_str){ marked, text.len + sizeof(mark) - 1 };
    }
    messages_result(q, id, text);
}

/* A document is text when it comes as text. */
static struct job_str document_text(struct reader *r, const struct js *block)
{
    const struct js *source = read_object(r, block, "source", READ_REQUIRED);
    struct job_str text = { NULL, 0 };
    size_t mark = read_enter(r, "source");

    if (source && !type_is(source, "text") && !type_is(source, "content"))
        read_fail(r, "unsupported_value", "type", "documents are supported as plain text only");
    else if (source && type_is(source, "content"))
        text = messages_joined(r, "content", read_any(r, source, "content", READ_REQUIRED),
                               &text_parts);
    else
        (void)read_str(r, source, "data", READ_REQUIRED, &text);
    read_leave(r, mark);
    return text;
}

static void add_user_text(struct request *q, struct job_str text, bool *is_open)
{
    struct jsonw *w = &q->_w;

    if (!*is_open) {
        w = messages_add(q, "user");
        jsonw_key(w, "content");
        jsonw_arr(w);
    }
    *is_open = true;
    jsonw_obj(w);
    jsonw_key_str(w, "type", "text");
    jsonw_key(w, "text");
    jsonw_job_str(w, text);
    jsonw_obj_end(w);
}

static void end_user_text(struct request *q, bool *is_open)
{
    if (*is_open) {
        jsonw_arr_end(&q->_w);
        messages_added(q);
    }
    *is_open = false;
}

static void add_user_blocks(struct reader *r, struct request *q, const struct js *list)
{
    size_t mark = read_enter(r, "content"), n = js_len(list);
    bool is_open = false;

    if (n == 0)
        read_fail(r, "invalid_value", NULL, "'%s' is empty", r->path);
    for (size_t i = 0; i < n && read_ok(r); i++) {
        const struct js *block = js_at(list, i);
        struct job_str text = { NULL, 0 };
        size_t in = read_enter_at(r, i);

        if (type_is(block, "tool_result")) {
            end_user_text(q, &is_open);
            add_result(r, q, block);
        } else if (type_is(block, "document")) {
            add_user_text(q, document_text(r, block), &is_open);
        } else if (messages_part(r, block, &text_parts, &text)) {
            add_user_text(q, text, &is_open);
        }
        read_leave(r, in);
    }
    end_user_text(q, &is_open);
    read_leave(r, mark);
}

/* ---- the assistant's blocks ---- */
static void add_call(struct reader *r, struct request *q, struct turn *t, const struct js *block)
{
    struct job_str id = { NULL, 0 }, name = { NULL, 0 };

    (void)read_str(r, block, "id", READ_REQUIRED, &id);
    (void)read_str(r, block, "name", READ_REQUIRED, &name);
    turn_call(t, q, id, name, read_json(r, read_object(r, block, "input", READ_OPTIONAL)));
}

static void read_assistant_block(struct reader *r, struct request *q, struct turn *t,
                                 const struct js *block)
{
    struct job_str s = { NULL, 0 };

    if (type_is(block, "tool_use")) {
        add_call(r, q, t, block);
    } else if (type_is(block, "thinking")) {
        if (read_str(r, block, "thinking", READ_REQUIRED, &s))
            turn_thoughts(t, s);
    } else if (!type_is(block, "redacted_thinking") && messages_part(r, block, &text_parts, &s)) {
        turn_text(t, s);
    }
}

static void add_assistant(struct reader *r, struct request *q, const struct js *content,
                          bool is_last)
{
    size_t mark = read_enter(r, "content"), len;
    const char *s = js_str(content, &len);
    struct turn t;

    turn_init(&t);
    if (s)
        turn_text(&t, (struct job_str){ s, len });
    for (size_t i = 0; !s && i < js_len(content) && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);

        read_assistant_block(r, q, &t, js_at(content, i));
        read_leave(r, in);
    }
    q->job.continue_last = is_last && t.text.len && !t.n_call;
    turn_end(&t, r, q, true);
    turn_finish(&t);
    read_leave(r, mark);
}

static void add_message(struct reader *r, struct request *q, const struct js *m, bool is_last)
{
    static const char *const roles[] = { "user", "assistant" };
    const struct js *content;
    int role;

    if (!read_is(r, m, JS_OBJ))
        return;
    role = read_choice(r, m, "role", READ_REQUIRED, roles, COUNT_OF(roles));
    content = read_any(r, m, "content", READ_REQUIRED);
    if (!content)
        return;
    if (js_kind(content) != JS_STR && !read_list(r, m, "content", READ_REQUIRED))
        return;
    if (role == 1) {
        add_assistant(r, q, content, is_last);
    } else if (js_kind(content) == JS_STR) {
        struct job_str text;

        text.s = js_str(content, &text.len);
        messages_text(q, "user", text);
    } else {
        add_user_blocks(r, q, content);
    }
}

static void read_messages(struct reader *r, const struct js *body, struct request *q)
{
    const struct js *system = read_any(r, body, "system", READ_OPTIONAL);

    messages_begin(q);
    if (system) {
        (void)messages_add(q, "system");
        messages_content(r, q, "system", system, &text_parts);
        messages_added(q);
    }
    messages_read(r, body, add_message, q);
    messages_end(r, q);
}

/* ---- tools ---- */
static void read_tool(struct reader *r, const struct js *v, struct tool_def *t)
{
    static const char *const types[] = { "custom" };

    if (!read_is(r, v, JS_OBJ))
        return;
    /* tools that Anthropic's own servers run have types of their own */
    (void)read_choice(r, v, "type", READ_OPTIONAL, types, 1);
    (void)read_str(r, v, "name", READ_REQUIRED, &t->name);
    if (read_ok(r) && t->name.len == 0)
        read_fail(r, "invalid_value", "name", "a tool's name is empty");
    (void)read_str(r, v, "description", READ_OPTIONAL, &t->description);
    t->parameters = read_object(r, v, "input_schema", READ_REQUIRED);
    (void)read_bool(r, v, "strict", &t->strict);
}

static void read_tool_choice(struct reader *r, const struct js *body, struct request *q)
{
    static const char *const types[] = { "auto", "none", "any", "tool" };
    const struct js *v = read_object(r, body, "tool_choice", READ_OPTIONAL);
    struct job_str name = { NULL, 0 };
    size_t mark;
    int type;

    if (!v)
        return;
    mark = read_enter(r, "tool_choice");
    type = read_choice(r, v, "type", READ_REQUIRED, types, COUNT_OF(types));
    if (type == 3)
        (void)read_str(r, v, "name", READ_REQUIRED, &name);
    (void)read_bool(r, v, "disable_parallel_tool_use", &q->job.no_parallel_calls);
    read_leave(r, mark);
    if (type >= 0)
        request_tool_choice(r, q, "tool_choice", (enum job_tool_choice)type, name);
}

static void read_thinking(struct reader *r, const struct js *body, struct request *q)
{
    static const char *const types[] = { "adaptive", "enabled", "disabled" };
    static const enum reasoning_mode modes[] = { REASONING_AUTO, REASONING_ON, REASONING_OFF };
    const struct js *v = read_object(r, body, "thinking", READ_OPTIONAL);
    int64_t budget = 0;
    size_t mark;
    int type;

    if (!v)
        return;
    mark = read_enter(r, "thinking");
    type = read_choice(r, v, "type", READ_REQUIRED, types, COUNT_OF(types));
    if (type >= 0)
        q->job.reasoning = modes[type];
    if (read_int(r, v, "budget_tokens", 1, INT32_MAX, &budget) && type == 1)
        q->job.reasoning_budget = (uint32_t)budget;
    read_leave(r, mark);
}

/* output_config.format, and output_format, its older place. */
static void read_output(struct reader *r, const struct js *body, struct request *q)
{
    const struct js *config = read_object(r, body, "output_config", READ_OPTIONAL);
    const struct js *from = config ? config : body;
    const char *key = config ? "format" : "output_format";
    const struct js *format;
    size_t mark = r->path_len;

    if (config)
        mark = read_enter(r, "output_config");
    format = read_object(r, from, key, READ_OPTIONAL);
    if (format) {
        (void)read_enter(r, key);
        request_format(r, format, true, q);
    }
    read_leave(r, mark);
}

void anthropic_parse_prompt(struct reader *r, const struct js *body, struct request *q)
{
    request_tool_list(r, body, read_tool, q);
    read_tool_choice(r, body, q);
    read_messages(r, body, q);
    read_thinking(r, body, q);
    read_output(r, body, q);
}

void anthropic_parse_generation(struct reader *r, const struct js *body, struct request *q)
{
    request_generation(r, body, REQUEST_HEAT_MAX, q);
    request_stops(r, body, "stop_sequences", q);
    request_limit(r, body, "max_tokens", q);
}
