/* POST /v1/chat/completions: the whole answer, and its stream. */
#include <string.h>

#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

struct chat {
    struct exchange x;
    bool v0;
    bool has_role[JOB_CHOICES_MAX]; /* the choice's first delta was sent */
    char id[40];
    const char *head; /* of each chunk, up to the choice's index; NULL: none was written yet */
    size_t head_len;
};

static struct chat *chat_of(struct exchange *x)
{
    return (struct chat *)x; /* its first member */
}

/* ---- the whole answer ---- */
static void write_calls(struct jsonw *w, const struct exchange *x, const struct answer_choice *c)
{
    jsonw_arr(w);
    for (const struct answer_item *it = c->first; it; it = it->next) {
        if (it->kind != ITEM_CALL || it->is_dropped)
            continue;
        jsonw_obj(w);
        jsonw_key_str(w, "id", it->id);
        jsonw_key_str(w, "type", "function");
        jsonw_key(w, "function");
        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_job_str(w, request_own_name(&x->request, it->name));
        jsonw_key(w, "arguments");
        jsonw_buf(w, &it->text);
        jsonw_obj_end(w);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

static void write_joined(struct jsonw *w, const char *key, const struct answer_choice *c,
                         enum item_kind kind)
{
    struct buf b;

    buf_init(&b, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    answer_join(c, kind, &b);
    jsonw_key(w, key);
    jsonw_buf(w, &b);
    if (b.failed)
        w->out->failed = true;
    buf_finish(&b);
}

static void write_probs(struct jsonw *w, const struct exchange *x, struct answer_choice *c)
{
    jsonw_key(w, "logprobs");
    if (!x->request.job.logprobs) {
        jsonw_null(w);
        return;
    }
    jsonw_obj(w);
    jsonw_key(w, "content");
    answer_write_probs(w, c, c->n_prob_told, answer_n_prob(c));
    c->n_prob_told = answer_n_prob(c);
    jsonw_key_null(w, "refusal");
    jsonw_obj_end(w);
}

static void write_choice(struct jsonw *w, struct exchange *x, struct answer_choice *c)
{
    jsonw_obj(w);
    jsonw_key_uint(w, "index", c->index);
    jsonw_key(w, "message");
    jsonw_obj(w);
    jsonw_key_str(w, "role", "assistant");
    if (answer_has(c, ITEM_TEXT) || !answer_has(c, ITEM_CALL))
        write_joined(w, "content", c, ITEM_TEXT);
    else
        jsonw_key_null(w, "content");
    if (answer_has(c, ITEM_REASONING)) {
        write_joined(w, "reasoning_content", c, ITEM_REASONING);
        if (x->harmony)
            write_joined(w, "reasoning", c, ITEM_REASONING);
    }
    jsonw_key(w, "tool_calls");
    write_calls(w, x, c);
    jsonw_obj_end(w);
    write_probs(w, x, c);
    jsonw_key_str(w, "finish_reason", openai_finish(c->done.finish));
    jsonw_obj_end(w);
}

static void reply(struct exchange *x)
{
    struct chat *chat = chat_of(x);
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    openai_write_head(&w, x, chat->id, "chat.completion");
    jsonw_key(&w, "choices");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < x->answer.n_choice; i++)
        write_choice(&w, x, &x->answer.choices[i]);
    jsonw_arr_end(&w);
    openai_write_usage(&w, x);
    openai_write_stats(&w, x, chat->v0);
    jsonw_key_str(&w, "system_fingerprint", x->model);
    jsonw_obj_end(&w);
    exchange_reply(x, 200);
}

/* ---- the stream ---- */
/* The same in all chunks, and most of each: written once. */
static void chunk_head(struct jsonw *w, struct exchange *x)
{
    struct chat *chat = chat_of(x);

    if (chat->head) {
        (void)buf_add(w->out, chat->head, chat->head_len);
        return;
    }
    jsonw_obj(w);
    openai_write_head(w, x, chat->id, "chat.completion.chunk");
    jsonw_key_str(w, "system_fingerprint", x->model);
    jsonw_key(w, "choices");
    jsonw_arr(w);
    jsonw_obj(w);
    jsonw_key(w, "index");
    chat->head_len = w->out->len;
    chat->head = w->out->failed ? NULL : arena_strndup(&x->arena, w->out->data, w->out->len);
}

static struct jsonw chunk_begin(struct exchange *x, struct answer_choice *c)
{
    struct chat *chat = chat_of(x);
    struct jsonw w = exchange_write(x);

    chunk_head(&w, x);
    jsonw_uint(&w, c->index);
    jsonw_key(&w, "delta");
    jsonw_obj(&w);
    if (!chat->has_role[c->index])
        jsonw_key_str(&w, "role", "assistant");
    chat->has_role[c->index] = true;
    return w;
}

/* Behind the delta's members; finish: NULL while the choice goes on. */
static void chunk_end(struct exchange *x, struct jsonw *w, struct answer_choice *c,
                      const char *finish, bool with_stats)
{
    static const char plain[] = "},\"logprobs\":null,\"finish_reason\":null}]";

    if (!finish && !x->request.job.logprobs) {
        (void)buf_add(w->out, plain, sizeof(plain) - 1);
    } else {
        jsonw_obj_end(w);
        write_probs(w, x, c);
        jsonw_key_str(w, "finish_reason", finish);
        jsonw_obj_end(w);
        jsonw_arr_end(w);
    }
    if (x->request.include_usage)
        jsonw_key_null(w, "usage");
    if (with_stats)
        openai_write_stats(w, x, true);
    jsonw_obj_end(w);
    exchange_record(x, NULL);
}

static void call_chunk(struct exchange *x, struct answer_choice *c, const struct answer_item *it,
                       enum item_step step, const char *text, size_t len)
{
    struct jsonw w = chunk_begin(x, c);

    jsonw_key(&w, "tool_calls");
    jsonw_arr(&w);
    jsonw_obj(&w);
    jsonw_key_uint(&w, "index", it->i_call);
    if (step == ITEM_BEGIN) {
        jsonw_key_str(&w, "id", it->id);
        jsonw_key_str(&w, "type", "function");
    }
    jsonw_key(&w, "function");
    jsonw_obj(&w);
    if (step == ITEM_BEGIN) {
        jsonw_key(&w, "name");
        jsonw_job_str(&w, request_own_name(&x->request, it->name));
    }
    jsonw_key(&w, "arguments");
    jsonw_strn(&w, text, len);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    jsonw_arr_end(&w);
    chunk_end(x, &w, c, NULL, false);
}

static void on_item(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                    enum item_step step, const char *text, size_t len)
{
    struct jsonw w;

    if (it->kind == ITEM_CALL && step == ITEM_BEGIN)
        openai_call_id(c, it);
    if (!x->request.stream || step == ITEM_END)
        return;
    if (it->kind == ITEM_CALL) {
        call_chunk(x, c, it, step, text, len);
        return;
    }
    if (step == ITEM_BEGIN)
        return;
    w = chunk_begin(x, c);
    jsonw_key(&w, it->kind == ITEM_TEXT ? "content" : "reasoning_content");
    jsonw_strn(&w, text, len);
    if (it->kind == ITEM_REASONING && x->harmony) {
        jsonw_key(&w, "reasoning");
        jsonw_strn(&w, text, len);
    }
    chunk_end(x, &w, c, NULL, false);
}

static void on_choice_end(struct exchange *x, struct answer_choice *c)
{
    struct jsonw w;

    if (!x->request.stream)
        return;
    w = chunk_begin(x, c);
    chunk_end(x, &w, c, openai_finish(c->done.finish), chat_of(x)->v0);
}

static void on_end(struct exchange *x)
{
    if (x->request.stream)
        openai_stream_end(x, chat_of(x)->id, "chat.completion.chunk");
    else
        reply(x);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "messages", [JOB_PART_VARIABLES] = "chat_template_kwargs",
    [JOB_PART_TOOLS] = "tools",     [JOB_PART_SHAPE] = "response_format",
    [JOB_PART_BIAS] = "logit_bias", [JOB_PART_STOPS] = "stop",
};

static const struct exchange_ops ops = {
    .bytes = sizeof(struct chat),
    .fields = fields,
    .item = on_item,
    .choice_end = on_choice_end,
    .end = on_end,
    .fail = openai_stream_fail,
};

void openai_chat(struct http_req *q, struct app *app, bool v0)
{
    struct exchange *x = exchange_open(app, q, &ops);

    if (!x)
        return;
    chat_of(x)->v0 = v0;
    new_id(chat_of(x)->id, sizeof(chat_of(x)->id), "chatcmpl-", 21);
    chat_parse(&x->reader, x->body, &x->request);
    exchange_submit(x);
}
