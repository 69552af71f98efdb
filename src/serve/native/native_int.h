/* Inside serve/ only: the native API, version 1, and what its files share. */
#ifndef SERVE_NATIVE_NATIVE_INT_H
#define SERVE_NATIVE_NATIVE_INT_H

#include "serve/exchange_int.h"

/* ---- version 0 ---- */
void v0_models(struct http_req *q, void *arg);
void v0_model(struct http_req *q, void *arg);
void v0_chat(struct http_req *q, void *arg);
void v0_completions(struct http_req *q, void *arg);
void v0_embeddings(struct http_req *q, void *arg);

/* ---- version 1 ---- */
void v1_models(struct http_req *q, void *arg);
void v1_load(struct http_req *q, void *arg);
void v1_unload(struct http_req *q, void *arg);
void v1_chat(struct http_req *q, void *arg);

/* Names of thoughts' settings that a model allows, the default first; NULL-terminated, empty: the
 * model does not think aloud. */
#define REASONING_OPTIONS 6U
void reasoning_options(const struct library_model *m, const char *out[REASONING_OPTIONS]);

struct native_chat {
    struct exchange x;
    char id[64];
    bool store;
    struct job_str previous_id, system_prompt;
    struct job_str said; /* the user's message of this turn, JSON text: what is stored */
    bool is_loading, prompt_begun, prompt_ended; /* of the stream */
};

void native_parse(struct native_chat *s);
/* Turns into messages: the system prompt, the stored turns (oldest first), this one. */
void native_parse_input(struct native_chat *s, const struct store_response *chain, uint32_t n);

/* The whole answer. */
void native_write_result(struct jsonw *w, const struct native_chat *s);
/* {"system_prompt":…,"messages":[…]}: one turn in the shape of templates. */
void native_write_stored(struct jsonw *w, const struct native_chat *s);

/* The stream's records. */
void native_stream_event(struct native_chat *s, const struct job_event *ev);
void native_stream_begin(struct native_chat *s);
void native_stream_item(struct native_chat *s, const struct answer_item *it, enum item_step step,
                        const char *text, size_t len);
void native_stream_end(struct native_chat *s);
void native_stream_fail(struct native_chat *s, const struct http_error *error);

#endif
