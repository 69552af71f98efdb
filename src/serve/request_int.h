/* Inside serve/ only: what requests of several dialects have in common, from JSON into a job. */
#ifndef SERVE_REQUEST_INT_H
#define SERVE_REQUEST_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "runtime/runtime.h"
#include "serve/read_int.h"

#define REQUEST_TOOLS_MAX    512U
#define REQUEST_MESSAGES_MAX 65536U
#define REQUEST_ID_MAX       255U /* bytes of a stored response's id, as far as one looks */
#define REQUEST_TTL_MAX_S    (365LL * 86400)
#define REQUEST_HEAT_MAX     1e6 /* of a temperature, where a dialect sets no other limit */

/* A tool as any dialect describes it. */
struct tool_def {
    struct job_str name, description;
    const struct js *parameters; /* a JSON Schema; NULL: none */
    bool strict;
    const char *shown; /* the name that the model sees: without special characters, unique */
};

struct request {
    struct job job;
    struct job_target target;
    bool stream, include_usage, cache_debug;
    struct tool_def *tools;
    uint32_t n_tool;
    struct buf messages; /* what job.messages points to */
    struct jsonw _w;
};

void request_init(struct request *q);
void request_finish(struct request *q);

/* "model", and what only serves to choose and load it: ttl; draft_model and preset are refused. */
void request_model(struct reader *r, const struct js *body, struct request *q);
/* A text or a list of them under key. */
void request_stops(struct reader *r, const struct js *body, const char *key, struct request *q);
/* Tokens to generate under key; -1: until the context is full. */
void request_limit(struct reader *r, const struct js *body, const char *key, struct request *q);
/* What all that generates has: the model, sampling, stream, stream_options, context_overflow,
 * cache_debug. */
void request_generation(struct reader *r, const struct js *body, double temperature_max,
                        struct request *q);
/* "none" to "xhigh" under key. */
void request_effort(struct reader *r, const struct js *obj, const char *key, struct request *q);

/* The list "tools", each read by a dialect's function; names must differ. */
typedef void (*request_tool_fn)(struct reader *r, const struct js *v, struct tool_def *out);
void request_tool_list(struct reader *r, const struct js *body, request_tool_fn read,
                       struct request *q);
void request_tool_choice(struct reader *r, struct request *q, const char *key,
                         enum job_tool_choice choice, struct job_str name);
/* The list of OpenAI's two APIs: {"type":"function", …} with its members in "function", or beside
 * it (flat). tool_choice and parallel_tool_calls too. */
void request_openai_tools(struct reader *r, const struct js *body, bool flat, struct request *q);
struct job_str request_shown_name(const struct request *q, struct job_str name);
/* The caller's name of a tool that the model named. */
struct job_str request_own_name(const struct request *q, const char *shown);

/* {"type": "text", "json_object" or "json_schema"}; the schema in "json_schema", or beside (flat).
 */
void request_format(struct reader *r, const struct js *format, bool flat, struct request *q);

/* A list of token ids, under key; *out lies in the arena. */
void request_tokens(struct reader *r, const struct js *body, const char *key,
                    struct job_input *out);
/* What is embedded, ranked or continued, under key: a text, a list of texts, token ids, or lists of
 * them; *out lies in the arena. NULL: refused. */
const struct job_input *request_inputs(struct reader *r, const struct js *body, const char *key,
                                       uint32_t n_max, uint32_t *n);

/* ---- the list of messages: begin, one or more, end ---- */
void messages_begin(struct request *q);
struct jsonw *messages_add(struct request *q, const char *role); /* an open object */
void messages_added(struct request *q);
void messages_end(struct reader *r, struct request *q);
/* The list "messages" of the body, each read by a dialect's function. */
typedef void (*message_fn)(struct reader *r, struct request *q, const struct js *m, bool is_last);
void messages_read(struct reader *r, const struct js *body, message_fn read, struct request *q);
/* One member "content" of a single text. */
void messages_text(struct request *q, const char *role, struct job_str text);
/* A call of an open "tool_calls" list. arguments: JSON text. */
void messages_call(struct jsonw *w, const struct request *q, struct job_str id, struct job_str name,
                   struct job_str arguments);

/* An assistant's message out of several pieces: thoughts, texts and calls in any order. */
struct turn {
    struct buf text, thoughts, calls; /* calls: elements of a list */
    struct jsonw _w;
    uint32_t n_call;
};
void turn_init(struct turn *t);
void turn_finish(struct turn *t);
void turn_text(struct turn *t, struct job_str s);
void turn_thoughts(struct turn *t, struct job_str s);
void turn_call(struct turn *t, const struct request *q, struct job_str id, struct job_str name,
               struct job_str arguments); /* arguments: JSON text */
/* Writes it as a message, unless it is empty and not always wanted, and empties it. */
void turn_end(struct turn *t, struct reader *r, struct request *q, bool always);

/* Content that is a text, or a list of parts {"type", "text"}: those whose type is among types. */
struct part_types {
    const char *const *text; /* n_text of them; others are refused */
    uint32_t n_text;
};
/* Writes "content" into the open message: v is a text or a list of parts, at key of the present
 * place. Images and other kinds are refused with their place. */
void messages_content(struct reader *r, struct request *q, const char *key, const struct js *v,
                      const struct part_types *types);
/* The same as one text: parts on lines of their own, in the arena. Absent: "". */
struct job_str messages_joined(struct reader *r, const char *key, const struct js *v,
                               const struct part_types *types);
/* What a tool gave: a message of the role that templates know for it. */
void messages_result(struct request *q, struct job_str id, struct job_str text);
/* One part: true when it is a text, which goes to *text; else refused. */
bool messages_part(struct reader *r, const struct js *part, const struct part_types *types,
                   struct job_str *text);

#endif
