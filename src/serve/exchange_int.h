/* Inside serve/ only: one request that a model answers, from its body to its last byte.
 *
 * A handler opens an exchange (which parses the body), fills x->request, and submits it. Events of
 * its jobs come to the dialect's functions; the dialect ends it with exchange_reply,
 * exchange_stream_end or exchange_refuse. Whether the client goes first or the answer ends first,
 * the exchange cancels what runs and frees itself once nobody holds it. */
#ifndef SERVE_EXCHANGE_INT_H
#define SERVE_EXCHANGE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "runtime/runtime.h"
#include "serve/answer_int.h"
#include "serve/app_int.h"
#include "serve/http.h"
#include "serve/read_int.h"
#include "serve/request_int.h"

struct exchange;

struct exchange_ops {
    size_t bytes; /* of the dialect's struct, whose first member is a struct exchange */
    const char *const *fields; /* [JOB_PART_COUNT] its names of what a job's failure is about */
    /* All but end may be NULL. */
    /* The first bytes of a stream may go out: its prompt was accepted. */
    void (*begin)(struct exchange *x);
    /* Events that are no part of an answer: loading, begin, prompt, vectors, ids, text. */
    void (*event)(struct exchange *x, const struct job_event *ev);
    void (*item)(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                 enum item_step step, const char *text, size_t len);
    void (*choice_end)(struct exchange *x, struct answer_choice *c);
    void (*end)(struct exchange *x); /* all is there: reply, or end the stream */
    /* A stream that has begun fails: the last records, then exchange_stream_end. */
    void (*fail)(struct exchange *x, const struct http_error *error);
    void (*finish)(struct exchange *x);
};

struct exchange_task;

struct exchange {
    struct app *app;
    struct http_req *q; /* NULL: answered, or the client is gone */
    const struct exchange_ops *ops;
    struct arena arena; /* what is kept of the request until the end */
    struct js *body;    /* until it is submitted */
    struct reader reader;
    struct request request;
    struct answer answer;
    struct buf out;               /* the record or body being written */
    char model[RUNTIME_ID_BYTES]; /* the instance that answers */
    bool harmony;                 /* it thinks in channels */
    double load_s;                /* time that loading took, 0 = it was loaded */
    uint32_t n_prompt, n_cached;  /* known when the prompt was accepted */
    int64_t created_unix_s;
    void (*_on_stored)(struct exchange *x, bool is_stored);
    void (*_on_chain)(struct exchange *x, const struct store_response *chain, uint32_t n);
    const char *_family;
    int _unknown_status;
    struct exchange_task *_tasks;
    uint32_t _n_task, _n_open;
    uint32_t _n_hold;
    bool _begun, _over;
};

/* NULL: refused (the body is no JSON object, no memory), and answered so. */
struct exchange *exchange_open(struct app *app, struct http_req *q, const struct exchange_ops *ops);
/* Answers with the reader's error. */
void exchange_refuse(struct exchange *x);
/* Answers with an error; in a stream that has begun by way of ops->fail. */
void exchange_fail(struct exchange *x, const struct http_error *error);

/* Refuses when the reader found something wrong. Else submits n jobs, alike but for one input each
 * when n > 1 (inputs[i] instead of the job's), with n_choice choices each. The body's JSON is
 * freed; failures are answered. */
void exchange_submit(struct exchange *x);
void exchange_submit_each(struct exchange *x, const struct job_input *inputs, uint32_t n);

/* ---- the store ---- */
/* Keeps x->out as the body of response id, which goes on from previous_id (NULL: nothing); then
 * calls fn, unless the client has gone. */
void exchange_store(struct exchange *x, const char *id, const char *previous_id, const char *family,
                    void (*fn)(struct exchange *x, bool is_stored));
/* Fetches the stored turn "previous_response_id" and those before it, oldest first; then calls fn.
 * One that is not there, or of another family, is refused with unknown_status. */
void exchange_chain(struct exchange *x, const char *id, const char *family, int unknown_status,
                    void (*fn)(struct exchange *x, const struct store_response *chain, uint32_t n));

/* Keeps it alive while something else calls back; exchange_drop takes that back. */
void exchange_hold(struct exchange *x);
void exchange_drop(struct exchange *x);
bool exchange_is_over(const struct exchange *x);

/* x->out, empty, to be written. */
struct jsonw exchange_write(struct exchange *x);
/* Sends what was written: as the whole answer … */
void exchange_reply(struct exchange *x, int status);
/* … or as one record of a stream; name may be NULL. */
void exchange_record(struct exchange *x, const char *name);
void exchange_record_text(struct exchange *x, const char *name, const char *data);
void exchange_stream_end(struct exchange *x);
/* Begins the stream and calls ops->begin, if neither has happened. */
void exchange_begin(struct exchange *x);

#endif
