/* The stream of /v1/responses: every record has its type and a number. */
#include <string.h>

#include "serve/openai/responses_int.h"
#include "serve/write_int.h"

static struct jsonw event_begin(struct response *s, const char *type)
{
    struct jsonw w = exchange_write(&s->x);

    jsonw_obj(&w);
    jsonw_key_str(&w, "type", type);
    jsonw_key_uint(&w, "sequence_number", s->n_event++);
    return w;
}

static void event_end(struct response *s, struct jsonw *w, const char *type)
{
    jsonw_obj_end(w);
    exchange_record(&s->x, type);
}

static void response_event(struct response *s, const char *type, enum response_status status,
                           const struct http_error *error)
{
    struct jsonw w = event_begin(s, type);

    jsonw_key(&w, "response");
    response_write(&w, s, status, error);
    event_end(s, &w, type);
}

void response_stream_begin(struct response *s)
{
    response_event(s, "response.created", RESPONSE_IN_PROGRESS, NULL);
    response_event(s, "response.in_progress", RESPONSE_IN_PROGRESS, NULL);
}

void response_stream_end(struct response *s)
{
    enum response_status status = response_status(s);

    /* the API has no event of its own for an answer that was cancelled */
    response_event(s, status == RESPONSE_COMPLETED ? "response.completed" : "response.incomplete",
                   status, NULL);
    exchange_stream_end(&s->x);
}

void response_stream_fail(struct response *s, const struct http_error *error)
{
    struct jsonw w = event_begin(s, "error");

    jsonw_key_str(&w, "code", error->code ? error->code : "server_error");
    jsonw_key_str(&w, "message", error->text);
    jsonw_key_str(&w, "param", error->param);
    event_end(s, &w, "error");
    s->store = false; /* only what ended well is kept */
    response_event(s, "response.failed", RESPONSE_FAILED, error);
    exchange_stream_end(&s->x);
}

static void item_event(struct response *s, const char *type, const struct answer_choice *c,
                       const struct answer_item *it, bool whole)
{
    struct jsonw w = event_begin(s, type);

    jsonw_key_uint(&w, "output_index", it->index);
    jsonw_key(&w, "item");
    response_write_item(&w, s, c, it, whole);
    event_end(s, &w, type);
}

static void write_place(struct jsonw *w, const struct answer_item *it)
{
    jsonw_key_str(w, "item_id", it->item_id);
    jsonw_key_uint(w, "output_index", it->index);
    if (it->kind != ITEM_CALL)
        jsonw_key_uint(w, "content_index", 0);
}

static void part_event(struct response *s, const char *type, const struct answer_choice *c,
                       const struct answer_item *it, bool whole)
{
    struct jsonw w = event_begin(s, type);

    write_place(&w, it);
    jsonw_key(&w, "part");
    response_write_part(&w, s, c, it, whole);
    event_end(s, &w, type);
}

/* key: "delta" with a piece, "text" or "arguments" with all of it; probs from..end go along. */
static void text_event(struct response *s, const char *type, const struct answer_choice *c,
                       const struct answer_item *it, const char *key, struct job_str text,
                       size_t from)
{
    struct jsonw w = event_begin(s, type);

    write_place(&w, it);
    jsonw_key(&w, key);
    jsonw_strn(&w, text.s, text.len);
    if (it->kind == ITEM_CALL && strcmp(key, "arguments") == 0) {
        jsonw_key(&w, "name");
        jsonw_job_str(&w, request_own_name(&s->x.request, it->name));
    }
    if (it->kind == ITEM_TEXT) {
        jsonw_key(&w, "logprobs");
        if (s->x.request.job.logprobs)
            answer_write_probs(&w, c, from, answer_n_prob(c));
        else
            jsonw_raw(&w, "[]", 2);
    }
    event_end(s, &w, type);
}

void response_stream_item(struct response *s, const struct answer_choice *c,
                          const struct answer_item *it, enum item_step step, const char *text,
                          size_t len)
{
    static const char *const deltas[] = { "response.reasoning_text.delta",
                                          "response.output_text.delta",
                                          "response.function_call_arguments.delta" };
    static const char *const ends[] = { "response.reasoning_text.done", "response.output_text.done",
                                        "response.function_call_arguments.done" };
    bool has_part = it->kind != ITEM_CALL;
    struct job_str all = { buf_str(&it->text), it->text.len };

    switch (step) {
    case ITEM_BEGIN:
        item_event(s, "response.output_item.added", c, it, false);
        if (has_part)
            part_event(s, "response.content_part.added", c, it, false);
        break;
    case ITEM_DELTA:
        text_event(s, deltas[it->kind], c, it, "delta", (struct job_str){ text, len },
                   c->n_prob_told);
        break;
    case ITEM_END:
        text_event(s, ends[it->kind], c, it, has_part ? "text" : "arguments", all, it->prob_from);
        if (has_part)
            part_event(s, "response.content_part.done", c, it, true);
        item_event(s, "response.output_item.done", c, it, true);
        break;
    }
}
