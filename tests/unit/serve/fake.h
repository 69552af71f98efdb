/* A server without network and models: stands in for HTTP (serve/http.h), for the runtime, the
 * library and the store, so that a test sees which job a request becomes and which bytes a script
 * of events becomes. */
#ifndef TEST_SERVE_FAKE_H
#define TEST_SERVE_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/app_int.h"

#define FAKE_JOBS_MAX  8U
#define FAKE_STORE_MAX 16U

struct http_req {
    struct fake *f;
    const char *path, *rest, *body;
    size_t body_len;
    enum http_family family;
    int status; /* 0 = not answered */
    bool streams, ended, is_json;
    struct buf out; /* the body, or the stream's records as they travel */
    uint32_t retry_after_s;
    void (*gone)(void *arg);
    void *gone_arg;
};

struct fake_job {
    struct job_target target;
    char model[RUNTIME_ID_BYTES];
    struct buf text; /* job_write */
    job_event_fn fn;
    void *arg;
    uint64_t id; /* 0: over */
    bool cancelled;
};

struct fake_load {
    struct load_options options;
    char model[RUNTIME_ID_BYTES], identifier[RUNTIME_ID_BYTES];
    load_event_fn fn;
    void *arg;
    bool cancelled;
};

struct fake_stored {
    char id[STORE_ID_BYTES], previous[STORE_ID_BYTES], family[16], model[RUNTIME_ID_BYTES];
    char *body;
    int64_t stored_unix_s;
};

struct fake {
    struct app app;
    struct http_req q;                   /* the latest request */
    struct fake_job jobs[FAKE_JOBS_MAX]; /* of the latest request */
    uint32_t n_job;
    struct fake_load load;
    uint32_t n_load;
    const struct library_model *models;
    uint32_t n_model;
    struct instance_info instances[4];
    uint32_t n_instance;
    struct runtime_settings settings;
    struct fake_stored stored[FAKE_STORE_MAX];
    uint32_t n_stored;
    bool disk_full;
    uint64_t n_id;
    char unloaded[RUNTIME_ID_BYTES];
    uint64_t fail_at; /* the n-th allocation of the dialects' from now fails, and all after it */
    char *seen;       /* what fake_seen gave */
};

/* Two language models ("qwen/qwen3-8b" is loaded), an embedding model, a ranking model. */
void fake_open(struct fake *f);
void fake_close(struct fake *f);

/* Sends a request to the route of its path, as the server would. body may be NULL. */
void fake_send(struct fake *f, enum http_method method, const char *path, const char *body);
/* A copy of format with the single quotes of its JSON turned into double ones, sent as POST. */
void fake_post(struct fake *f, const char *path, const char *body);

/* The job as JSON text with single quotes, without its tenant, which is 7; "" = there is none. */
const char *fake_job(struct fake *f, uint32_t i);

/* Events for job i, one a line: "[#CHOICE ]WORD rest of the line".
 *   begin [LOAD_SECONDS] | loading SHARE | prompt DONE TOTAL | think TEXT | say TEXT
 *   call N NAME [ID] | args N TEXT | end N | cut N | drop N
 *   token LOGPROB TEXT [LOGPROB ALTERNATIVE …]
 *   done FINISH [STOP TEXT]: 19 prompt tokens, 5 of them cached, 7 generated, 2 of thoughts
 *   done-more: the same while other choices go on
 *   fail ERROR[@PART] TEXT: PART is model, prompt, variables, tools, shape, bias, stops, dimension
 * \n and \xHH in TEXT are bytes. */
void fake_play(struct fake *f, uint32_t i, const char *script);
void fake_event(struct fake *f, uint32_t i, struct job_event *ev);
void fake_gone(struct fake *f);

/* What was sent so far, with single quotes for double ones, times and random ids made plain. */
const char *fake_seen(struct fake *f);
/* Comparisons with fake_seen and fake_job: the whole, or a part of it. */
void fake_is(struct fake *f, const char *expected);
void fake_has(struct fake *f, const char *part);
void fake_job_is(struct fake *f, const char *expected);
/* The body, sent to path, is refused without a job; param and code of the error: NULL is any. */
void fake_refuses(struct fake *f, const char *path, const char *body, int status, const char *param,
                  const char *code);
/* Calls back what the store was asked for. */
void fake_store_run(struct fake *f);

#endif
