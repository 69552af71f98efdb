/* The body of POST /api/v1/chat becomes a job. */
#include <string.h>

#include "base/attr.h"
#include "serve/native/native_int.h"
#include "serve/openai/models_int.h"
#include "serve/write_int.h"

static const char *const text_types[] = { "message", "text" };

void reasoning_options(const struct library_model *m, const char *out[REASONING_OPTIONS])
{
    uint32_t n = 0;

    if (m->reasons && (m->reasons_switch || !m->reasons_levels))
        out[n++] = "on";
    if (m->reasons_switch)
        out[n++] = "off";
    if (m->reasons_levels) {
        out[n++] = "medium";
        out[n++] = "low";
        out[n++] = "high";
    }
    out[n] = NULL;
}

/* A value that the model does not allow is an error; unknown models are refused later, for that. */
static void check_reasoning(struct native_chat *s, const char *name)
{
    const struct app *app = s->x.app;
    const char *options[REASONING_OPTIONS];
    struct reader *r = &s->x.reader;
    struct listed l;

    if (!read_ok(r) || !s->x.request.target.model ||
        !listed_find(app, s->x.request.target.model, &l))
        return;
    reasoning_options(l.model, options);
    for (uint32_t i = 0; options[i]; i++) {
        if (strcmp(options[i], name) == 0)
            return;
    }
    if (l.model->reasons || strcmp(name, "off") != 0) /* no thoughts are off already */
        read_fail(r, "invalid_value", "reasoning", "'reasoning': '%s' is not possible with %s",
                  name, l.id);
}

static void read_reasoning(struct native_chat *s)
{
    static const char *const names[] = { "off", "on", "low", "medium", "high" };
    struct job *job = &s->x.request.job;
    int i =
        read_choice(&s->x.reader, s->x.body, "reasoning", READ_OPTIONAL, names, COUNT_OF(names));

    if (i < 0)
        return;
    job->reasoning = i == 0 ? REASONING_OFF : REASONING_ON;
    if (i > 1)
        job->effort = (struct job_str){ names[i], strlen(names[i]) };
    check_reasoning(s, names[i]);
}

static void refuse_integrations(struct reader *r, const struct js *body)
{
    const struct js *list = read_list(r, body, "integrations", READ_OPTIONAL);

    if (!js_len(list))
        return;
    read_fail(r, "permission_denied", "integrations", "the use of MCP servers is not enabled");
    r->error.status = 403;
}

void native_parse(struct native_chat *s)
{
    static const char *const keys[] = {
        "model",
        "input",
        "system_prompt",
        "integrations",
        "stream",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "repeat_penalty",
        "max_output_tokens",
        "reasoning",
        "context_length",
        "store",
        "previous_response_id",
        "context_overflow",
        "cache_debug",
        "ttl",
    };
    struct reader *r = &s->x.reader;
    const struct js *body = s->x.body;
    struct request *q = &s->x.request;
    int64_t n = 0;

    read_keys(r, body, keys, COUNT_OF(keys));
    (void)read_any(r, body, "model", READ_REQUIRED);
    request_generation(r, body, 1, q);
    request_limit(r, body, "max_output_tokens", q);
    read_reasoning(s);
    refuse_integrations(r, body);
    if (read_int(r, body, "context_length", 1, INT32_MAX, &n))
        q->target.n_ctx = (uint32_t)n;
    (void)read_bool(r, body, "store", &s->store);
    if (read_str(r, body, "system_prompt", READ_OPTIONAL, &s->system_prompt))
        s->system_prompt = read_keep(r, s->system_prompt.s, s->system_prompt.len);
    if (read_name(r, body, "previous_response_id", READ_OPTIONAL, REQUEST_ID_MAX,
                  &s->previous_id)) {
        s->previous_id = read_keep(r, s->previous_id.s, s->previous_id.len);
        if (s->previous_id.s && strncmp(s->previous_id.s, "resp_", 5) != 0)
            read_fail(r, "invalid_value", "previous_response_id",
                      "'previous_response_id' begins with resp_");
    }
    q->job.kind = JOB_CHAT;
}

/* ---- the input: one message of the user's ---- */
static struct job_str item_text(struct reader *r, const struct js *item)
{
    static const char *const keys[] = { "type", "content" };
    struct job_str type = { NULL, 0 }, text = { NULL, 0 };

    if (!read_is(r, item, JS_OBJ) || !read_str(r, item, "type", READ_REQUIRED, &type))
        return text;
    if (job_str_is(type, "image"))
        read_fail(r, "unsupported_value", "type",
                  "images are not supported: the models of this server read text only");
    else if (read_choice(r, item, "type", READ_REQUIRED, text_types, COUNT_OF(text_types)) >= 0)
        (void)read_str(r, item, "content", READ_REQUIRED, &text);
    read_keys(r, item, keys, COUNT_OF(keys));
    return text;
}

static void write_items(struct reader *r, struct jsonw *w, const struct js *list)
{
    size_t n = js_len(list);

    if (n == 0)
        read_fail(r, "invalid_value", NULL, "'input' is empty");
    if (n > 1)
        jsonw_arr(w);
    for (size_t i = 0; i < n && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);
        struct job_str text = item_text(r, js_at(list, i));

        if (n > 1) {
            jsonw_obj(w);
            jsonw_key_str(w, "type", "text");
            jsonw_key(w, "text");
        }
        jsonw_job_str(w, text);
        if (n > 1)
            jsonw_obj_end(w);
        read_leave(r, in);
    }
    if (n > 1)
        jsonw_arr_end(w);
}

/* The message as JSON text, to be stored too. */
static void read_input(struct native_chat *s)
{
    struct reader *r = &s->x.reader;
    const struct js *input = read_any(r, s->x.body, "input", READ_REQUIRED);
    size_t mark = read_enter(r, "input"), len;
    const char *text = js_str(input, &len);
    struct jsonw w;
    struct buf b;

    if (!input) {
        read_leave(r, mark);
        return;
    }
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key_str(&w, "role", "user");
    jsonw_key(&w, "content");
    if (text)
        jsonw_strn(&w, text, len);
    else if (read_is(r, input, JS_ARR))
        write_items(r, &w, input);
    jsonw_obj_end(&w);
    if (b.failed)
        read_fail_memory(r);
    s->said = read_keep(r, buf_str(&b), b.len);
    buf_finish(&b);
    read_leave(r, mark);
}

static struct js *parse_turn(struct reader *r, const struct store_response *turn)
{
    struct err e = { ERR_OK, "" };
    struct js *body = NULL;

    if (js_parse(&body, turn->body, turn->body_len, &e))
        read_fail(r, "previous_response_not_found", "previous_response_id",
                  "a stored response is damaged: %s", e.text);
    return body;
}

/* The system prompt goes with the conversation, unless a new one is given. */
static void take_system_prompt(struct native_chat *s, const struct store_response *latest)
{
    struct js *body = parse_turn(&s->x.reader, latest);
    size_t len;
    const char *text = js_str(js_get(body, "system_prompt"), &len);

    if (text)
        s->system_prompt = read_keep(&s->x.reader, text, len);
    js_close(body);
}

static void add_turn(struct native_chat *s, const struct store_response *turn)
{
    struct js *body = parse_turn(&s->x.reader, turn);
    const struct js *messages = js_get(body, "messages");

    for (size_t i = 0; i < js_len(messages); i++)
        jsonw_js(&s->x.request._w, js_at(messages, i));
    js_close(body);
}

void native_parse_input(struct native_chat *s, const struct store_response *chain, uint32_t n)
{
    struct reader *r = &s->x.reader;
    struct request *q = &s->x.request;

    read_input(s);
    if (n && !s->system_prompt.s)
        take_system_prompt(s, &chain[n - 1]);
    messages_begin(q);
    if (s->system_prompt.len)
        messages_text(q, "system", s->system_prompt);
    for (uint32_t i = 0; i < n && read_ok(r); i++)
        add_turn(s, &chain[i]);
    if (read_ok(r))
        jsonw_raw(&q->_w, s->said.s, s->said.len);
    messages_end(r, q);
}
