/* Inside serve/ only: what the OpenAI endpoints share with each other and with the native beta,
 * which adds three objects to the same answers. */
#ifndef SERVE_OPENAI_OPENAI_INT_H
#define SERVE_OPENAI_OPENAI_INT_H

#include <stdbool.h>

#include "serve/exchange_int.h"

/* Handlers; v0: with the objects of native/v0.c. */
void openai_chat(struct http_req *q, struct app *app, bool v0);
void openai_completions(struct http_req *q, struct app *app, bool v0);
void openai_embeddings(struct http_req *q, struct app *app);

/* All fields of a chat. */
void chat_parse(struct reader *r, const struct js *body, struct request *q);

/* The member "usage" for n choices a prompt, and its value alone. */
void openai_write_usage(struct jsonw *w, const struct exchange *x);
/* {"usage"…"stats"} and what v0 adds; c: whose end is told. */
void openai_write_stats(struct jsonw *w, const struct exchange *x, bool v0);
const char *openai_finish(enum job_finish finish);
/* id, object, created, model and system_fingerprint of an open object. */
void openai_write_head(struct jsonw *w, const struct exchange *x, const char *id,
                       const char *object);
/* The streamed record of usage, with empty choices, and the last one. */
void openai_stream_end(struct exchange *x, const char *id, const char *object);
void openai_stream_fail(struct exchange *x, const struct http_error *error);

/* The id that the model gave, as its template may want it back, else nine digits; different for
 * every call of an answer. */
void openai_call_id(const struct answer_choice *c, struct answer_item *it);

/* In native/v0.c: the members stats, model_info and runtime. */
void v0_write_stats(struct jsonw *w, const struct exchange *x);

#endif
