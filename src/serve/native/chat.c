/* POST /api/v1/chat: conversations that the server keeps. */
#include <string.h>

#include "serve/native/native_int.h"
#include "serve/write_int.h"

static struct native_chat *self_of(struct exchange *x)
{
    return (struct native_chat *)x; /* its first member */
}

static void write_stats(struct jsonw *w, const struct native_chat *s)
{
    struct answer_usage u;

    answer_usage(&s->x.answer, 1, &u);
    jsonw_key(w, "stats");
    jsonw_obj(w);
    jsonw_key_uint(w, "input_tokens", u.n_prompt);
    jsonw_key_uint(w, "cached_input_tokens", u.n_cached);
    if (s->x.request.cache_debug) {
        if (u.miss_at == JOB_MISS_NONE)
            jsonw_key_null(w, "first_miss");
        else
            jsonw_key_uint(w, "first_miss", u.miss_at);
    }
    jsonw_key_uint(w, "total_output_tokens", u.n_generated);
    jsonw_key_uint(w, "reasoning_output_tokens", u.n_reasoning);
    jsonw_key_seconds(w, "tokens_per_second", u.tokens_per_s);
    jsonw_key_seconds(w, "time_to_first_token_seconds", u.first_token_s);
    if (s->x.load_s > 0)
        jsonw_key_seconds(w, "model_load_time_seconds", s->x.load_s);
    jsonw_obj_end(w);
}

void native_write_result(struct jsonw *w, const struct native_chat *s)
{
    const struct answer_choice *c = &s->x.answer.choices[0];

    jsonw_obj(w);
    jsonw_key_str(w, "model_instance_id", s->x.model);
    jsonw_key(w, "output");
    jsonw_arr(w);
    for (const struct answer_item *it = c->first; it; it = it->next) {
        if (it->kind == ITEM_CALL)
            continue;
        jsonw_obj(w);
        jsonw_key_str(w, "type", it->kind == ITEM_TEXT ? "message" : "reasoning");
        jsonw_key(w, "content");
        jsonw_buf(w, &it->text);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
    write_stats(w, s);
    if (s->store)
        jsonw_key_str(w, "response_id", s->id);
    jsonw_obj_end(w);
}

void native_write_stored(struct jsonw *w, const struct native_chat *s)
{
    const struct answer_choice *c = &s->x.answer.choices[0];
    struct buf text, thoughts;

    buf_init(&text, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    buf_init(&thoughts, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    answer_join(c, ITEM_TEXT, &text);
    answer_join(c, ITEM_REASONING, &thoughts);
    jsonw_obj(w);
    jsonw_key(w, "system_prompt");
    jsonw_job_str(w, s->system_prompt);
    jsonw_key(w, "messages");
    jsonw_arr(w);
    jsonw_raw(w, s->said.s, s->said.len);
    jsonw_obj(w);
    jsonw_key_str(w, "role", "assistant");
    jsonw_key(w, "content");
    jsonw_buf(w, &text);
    if (thoughts.len) {
        jsonw_key(w, "reasoning_content");
        jsonw_buf(w, &thoughts);
    }
    jsonw_obj_end(w);
    jsonw_arr_end(w);
    jsonw_obj_end(w);
    if (text.failed || thoughts.failed)
        w->out->failed = true;
    buf_finish(&text);
    buf_finish(&thoughts);
}

static void tell(struct native_chat *s)
{
    struct jsonw w;

    if (s->x.request.stream) {
        native_stream_end(s);
        return;
    }
    w = exchange_write(&s->x);
    native_write_result(&w, s);
    exchange_reply(&s->x, 200);
}

static void on_stored(struct exchange *x, bool is_stored)
{
    self_of(x)->store = is_stored;
    tell(self_of(x));
}

static void on_end(struct exchange *x)
{
    struct native_chat *s = self_of(x);
    struct jsonw w;

    if (!s->store) {
        tell(s);
        return;
    }
    w = exchange_write(x);
    native_write_stored(&w, s);
    exchange_store(x, s->id, s->previous_id.s, "native", on_stored);
}

static void on_begin(struct exchange *x)
{
    native_stream_begin(self_of(x));
}

static void on_event(struct exchange *x, const struct job_event *ev)
{
    if (x->request.stream)
        native_stream_event(self_of(x), ev);
}

static void on_item(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                    enum item_step step, const char *text, size_t len)
{
    (void)c;
    if (x->request.stream)
        native_stream_item(self_of(x), it, step, text, len);
}

static void on_fail(struct exchange *x, const struct http_error *error)
{
    native_stream_fail(self_of(x), error);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "input",
};

static const struct exchange_ops ops = {
    .bytes = sizeof(struct native_chat),
    .fields = fields,
    .begin = on_begin,
    .event = on_event,
    .item = on_item,
    .end = on_end,
    .fail = on_fail,
};

static void on_chain(struct exchange *x, const struct store_response *chain, uint32_t n)
{
    native_parse_input(self_of(x), chain, n);
    exchange_submit(x);
}

void v1_chat(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &ops);
    struct native_chat *s;

    if (!x)
        return;
    s = self_of(x);
    s->store = true;
    new_hex(s->id, sizeof(s->id), "resp_", 48);
    native_parse(s);
    if (read_ok(&x->reader) && s->previous_id.s)
        exchange_chain(x, s->previous_id.s, "native", 404, on_chain);
    else
        on_chain(x, NULL, 0);
}
