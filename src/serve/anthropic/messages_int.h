/* Inside serve/ only: POST /v1/messages. */
#ifndef SERVE_ANTHROPIC_MESSAGES_INT_H
#define SERVE_ANTHROPIC_MESSAGES_INT_H

#include "serve/exchange_int.h"

void anthropic_messages(struct http_req *q, void *arg);
void anthropic_count_tokens(struct http_req *q, void *arg);

/* What both have in common: system, messages, tools, thinking, shape of the answer. */
void anthropic_parse_prompt(struct reader *r, const struct js *body, struct request *q);
/* The rest: model, limits, sampling, stream. */
void anthropic_parse_generation(struct reader *r, const struct js *body, struct request *q);

#endif
