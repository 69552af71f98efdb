/* Inside serve/ only: /v1/responses. */
#ifndef SERVE_OPENAI_RESPONSES_INT_H
#define SERVE_OPENAI_RESPONSES_INT_H

#include "serve/exchange_int.h"

enum response_status {
    RESPONSE_IN_PROGRESS,
    RESPONSE_COMPLETED,
    RESPONSE_INCOMPLETE,
    RESPONSE_FAILED,
    RESPONSE_CANCELLED,
};

struct response {
    struct exchange x;
    char id[64];
    bool store; /* what was asked for; false once storing has failed */
    struct job_str previous_id, instructions;
    struct job_str input; /* this turn's items, a JSON list: what is stored */
    /* As they were sent, JSON text; absent: defaults are written. */
    struct job_str tools, tool_choice, text, metadata, max_tool_calls;
    struct job_str effort, summary, truncation, user, service_tier, prompt_cache_key,
        safety_identifier;
    int64_t completed_unix_s;
    uint64_t n_event; /* sequence numbers */
};

/* All but the input. */
void response_parse(struct response *s);
/* Turns into messages: instructions, the stored turns (n of them, oldest first; bodies as
 * response_write_stored gives them), this request's input. */
void response_parse_input(struct response *s, const struct store_response *chain, uint32_t n);

/* The response object; error: RESPONSE_FAILED. */
void response_write(struct jsonw *w, const struct response *s, enum response_status status,
                    const struct http_error *error);
/* An item; whole: with its contents. */
void response_write_item(struct jsonw *w, const struct response *s, const struct answer_choice *c,
                         const struct answer_item *it, bool whole);
void response_write_part(struct jsonw *w, const struct response *s, const struct answer_choice *c,
                         const struct answer_item *it, bool whole);
enum response_status response_status(const struct response *s);
/* {"input":[…],"response":{…}} */
void response_write_stored(struct jsonw *w, const struct response *s);

/* The stream's records. */
void response_stream_begin(struct response *s);
void response_stream_item(struct response *s, const struct answer_choice *c,
                          const struct answer_item *it, enum item_step step, const char *text,
                          size_t len);
void response_stream_end(struct response *s);
void response_stream_fail(struct response *s, const struct http_error *error);

#endif
