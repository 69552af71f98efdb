/* POST /v1/messages: the whole answer, its stream, and the counting of its prompt. */
#include <string.h>

#include "serve/anthropic/messages_int.h"
#include "serve/write_int.h"

struct message {
    struct exchange x;
    bool has_block; /* the stream's first block has begun */
    char id[40];
};

static struct message *self_of(struct exchange *x)
{
    return (struct message *)x; /* its first member */
}

static const char *stop_reason(const struct job_done *d)
{
    static const char *const names[] = {
        [JOB_END_EOS] = "end_turn",        [JOB_END_STOP] = "stop_sequence",
        [JOB_END_TOOL_CALLS] = "tool_use", [JOB_END_LENGTH] = "max_tokens",
        [JOB_END_CONTEXT] = "max_tokens",  [JOB_END_CANCELLED] = "end_turn",
    };

    return names[d->finish];
}

static void write_stop(struct jsonw *w, const struct answer_choice *c)
{
    jsonw_key_str(w, "stop_reason", stop_reason(&c->done));
    jsonw_key(w, "stop_sequence");
    if (c->done.finish == JOB_END_STOP)
        jsonw_job_str(w, c->done.stop);
    else
        jsonw_null(w);
}

/* What came from the cache is not counted as input again. */
static void write_usage(struct jsonw *w, const struct exchange *x, uint64_t n_prompt,
                        uint64_t n_cached, uint64_t n_out)
{
    const struct job_done *d = &x->answer.choices[0].done;

    jsonw_key(w, "usage");
    jsonw_obj(w);
    jsonw_key_uint(w, "input_tokens", n_prompt > n_cached ? n_prompt - n_cached : 0);
    jsonw_key_uint(w, "output_tokens", n_out);
    jsonw_key_uint(w, "cache_creation_input_tokens", 0);
    jsonw_key_uint(w, "cache_read_input_tokens", n_cached);
    if (x->request.cache_debug && x->answer.choices[0].is_done) {
        if (d->miss_at == JOB_MISS_NONE)
            jsonw_key_null(w, "first_miss");
        else
            jsonw_key_uint(w, "first_miss", d->miss_at);
    }
    jsonw_obj_end(w);
}

static void write_head(struct jsonw *w, struct exchange *x)
{
    jsonw_key_str(w, "id", self_of(x)->id);
    jsonw_key_str(w, "type", "message");
    jsonw_key_str(w, "role", "assistant");
    jsonw_key_str(w, "model", x->model);
}

/* A call's arguments as an object; {} when they are none (cut short). */
static void write_input(struct jsonw *w, const struct answer_item *it)
{
    struct js *v = NULL;

    jsonw_key(w, "input");
    if (js_parse(&v, buf_str(&it->text), it->text.len, NULL) == ERR_OK && js_kind(v) == JS_OBJ)
        jsonw_raw(w, it->text.data, it->text.len);
    else
        jsonw_raw(w, "{}", 2);
    js_close(v);
}

/* whole: with its contents, else as a block begins. */
static void write_block(struct jsonw *w, const struct exchange *x, const struct answer_item *it,
                        bool whole)
{
    static const struct buf nothing;
    const struct buf *text = whole ? &it->text : &nothing;

    jsonw_obj(w);
    switch (it->kind) {
    case ITEM_REASONING:
        jsonw_key_str(w, "type", "thinking");
        jsonw_key(w, "thinking");
        jsonw_buf(w, text);
        jsonw_key_str(w, "signature", whole ? "local" : "");
        break;
    case ITEM_TEXT:
        jsonw_key_str(w, "type", "text");
        jsonw_key(w, "text");
        jsonw_buf(w, text);
        break;
    case ITEM_CALL:
        jsonw_key_str(w, "type", "tool_use");
        jsonw_key_str(w, "id", it->item_id);
        jsonw_key(w, "name");
        jsonw_job_str(w, request_own_name(&x->request, it->name));
        if (whole) {
            write_input(w, it);
        } else {
            jsonw_key(w, "input");
            jsonw_raw(w, "{}", 2);
        }
        break;
    }
    jsonw_obj_end(w);
}

static void reply(struct exchange *x)
{
    const struct answer_choice *c = &x->answer.choices[0];
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    write_head(&w, x);
    jsonw_key(&w, "content");
    jsonw_arr(&w);
    for (const struct answer_item *it = c->first; it; it = it->next) {
        if (!it->is_dropped)
            write_block(&w, x, it, true);
    }
    jsonw_arr_end(&w);
    write_stop(&w, c);
    write_usage(&w, x, c->done.n_prompt, c->done.n_cached, c->done.n_generated);
    jsonw_obj_end(&w);
    exchange_reply(x, 200);
}

/* ---- the stream ---- */
static void on_begin(struct exchange *x)
{
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    jsonw_key_str(&w, "type", "message_start");
    jsonw_key(&w, "message");
    jsonw_obj(&w);
    write_head(&w, x);
    jsonw_key(&w, "content");
    jsonw_raw(&w, "[]", 2);
    jsonw_key_null(&w, "stop_reason");
    jsonw_key_null(&w, "stop_sequence");
    write_usage(&w, x, x->n_prompt, x->n_cached, 1);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    exchange_record(x, "message_start");
}

static struct jsonw block_event(struct exchange *x, const char *type, uint32_t index)
{
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    jsonw_key_str(&w, "type", type);
    jsonw_key_uint(&w, "index", index);
    return w;
}

static void delta(struct exchange *x, const struct answer_item *it, const char *type,
                  const char *key, const char *text, size_t len)
{
    struct jsonw w = block_event(x, "content_block_delta", it->index);

    jsonw_key(&w, "delta");
    jsonw_obj(&w);
    jsonw_key_str(&w, "type", type);
    jsonw_key(&w, key);
    jsonw_strn(&w, text, len);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    exchange_record(x, "content_block_delta");
}

static void block_start(struct exchange *x, const struct answer_item *it)
{
    struct jsonw w = block_event(x, "content_block_start", it->index);

    jsonw_key(&w, "content_block");
    write_block(&w, x, it, false);
    jsonw_obj_end(&w);
    exchange_record(x, "content_block_start");
    if (!self_of(x)->has_block)
        exchange_record_text(x, "ping", "{\"type\":\"ping\"}");
    self_of(x)->has_block = true;
}

static void block_stop(struct exchange *x, const struct answer_item *it)
{
    struct jsonw w;

    if (it->kind == ITEM_REASONING)
        delta(x, it, "signature_delta", "signature", "local", 5);
    w = block_event(x, "content_block_stop", it->index);
    jsonw_obj_end(&w);
    exchange_record(x, "content_block_stop");
}

static void on_item(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                    enum item_step step, const char *text, size_t len)
{
    static const char *const types[] = { "thinking_delta", "text_delta", "input_json_delta" };
    static const char *const keys[] = { "thinking", "text", "partial_json" };

    (void)c;
    if (step == ITEM_BEGIN && it->kind == ITEM_CALL)
        new_id(it->item_id, sizeof(it->item_id), "toolu_", 24);
    if (!x->request.stream)
        return;
    if (step == ITEM_BEGIN)
        block_start(x, it);
    else if (step == ITEM_DELTA)
        delta(x, it, types[it->kind], keys[it->kind], text, len);
    else
        block_stop(x, it);
}

static void on_end(struct exchange *x)
{
    const struct answer_choice *c = &x->answer.choices[0];
    struct jsonw w;

    if (!x->request.stream) {
        reply(x);
        return;
    }
    w = exchange_write(x);
    jsonw_obj(&w);
    jsonw_key_str(&w, "type", "message_delta");
    jsonw_key(&w, "delta");
    jsonw_obj(&w);
    write_stop(&w, c);
    jsonw_obj_end(&w);
    write_usage(&w, x, c->done.n_prompt, c->done.n_cached, c->done.n_generated);
    jsonw_obj_end(&w);
    exchange_record(x, "message_delta");
    exchange_record_text(x, "message_stop", "{\"type\":\"message_stop\"}");
    exchange_stream_end(x);
}

static void on_fail(struct exchange *x, const struct http_error *error)
{
    buf_clear(&x->out);
    http_error_write(&x->out, FAMILY_ANTHROPIC, error);
    exchange_record(x, "error");
    exchange_stream_end(x);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "messages",
    [JOB_PART_TOOLS] = "tools",
    [JOB_PART_SHAPE] = "output_config.format",
    [JOB_PART_BIAS] = "logit_bias",
    [JOB_PART_STOPS] = "stop_sequences",
};

static const struct exchange_ops message_ops = {
    .bytes = sizeof(struct message),
    .fields = fields,
    .begin = on_begin,
    .item = on_item,
    .end = on_end,
    .fail = on_fail,
};

void anthropic_messages(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &message_ops);

    if (!x)
        return;
    new_id(self_of(x)->id, sizeof(self_of(x)->id), "msg_", 24);
    anthropic_parse_prompt(&x->reader, x->body, &x->request);
    anthropic_parse_generation(&x->reader, x->body, &x->request);
    x->request.job.kind = JOB_CHAT;
    exchange_submit(x);
}

/* ---- counting ---- */
static void on_counted(struct exchange *x)
{
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    jsonw_key_uint(&w, "input_tokens", x->answer.choices[0].done.n_prompt);
    jsonw_obj_end(&w);
    exchange_reply(x, 200);
}

static const struct exchange_ops count_ops = { .bytes = sizeof(struct exchange),
                                               .fields = fields,
                                               .end = on_counted };

void anthropic_count_tokens(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &count_ops);

    if (!x)
        return;
    request_model(&x->reader, x->body, &x->request);
    anthropic_parse_prompt(&x->reader, x->body, &x->request);
    x->request.job.kind = JOB_COUNT;
    exchange_submit(x);
}
