/* Models in memory: which are loaded, by whom, for how long, and who works in them.
 *
 * Lives in the daemon on the loop's thread; one worker process per loaded model. Requests name a
 * model; a missing one is loaded on demand (JIT). One that is not in the library's list is looked
 * for on disk once more before it is refused. A worker that dies costs its own jobs, each of which
 * gets JOB_EV_FAILED, and is started again by the next request. */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "library/library.h"
#include "os/loop.h"
#include "runtime/job.h"
#include "runtime/worker.h"

#define RUNTIME_INSTANCES_MAX 64U
#define RUNTIME_ID_BYTES      256U
#define RUNTIME_QUEUE_DEFAULT                                                                      \
    128U /* jobs an instance runs and keeps waiting; more are JOB_ERR_BUSY */

struct runtime;

/* How much memory a load may take. */
enum guardrail { GUARD_OFF, GUARD_RELAXED, GUARD_BALANCED, GUARD_STRICT };

struct runtime_settings {
    bool jit;           /* load on demand                                         */
    double jit_ttl_s;   /* idle time after which such a model is unloaded; 0 = never */
    bool jit_keep_last; /* at most one such model; the others leave before a load */
    enum guardrail guardrail;
    uint32_t queue_max;       /* per instance; 0 = RUNTIME_QUEUE_DEFAULT */
    uint64_t cache_bytes_max; /* of cached prefixes per instance, 0 = default */
    char volatile_lines[512]; /* as in struct worker_open */
};

/* How to load; zero = default. */
struct load_options {
    uint32_t n_ctx, n_batch, n_parallel, n_thread, n_expert_used;
    enum kv_type type_k, type_v;
    bool has_kv_type;
    double ttl_s;           /* idle time, 0 = stays */
    const char *identifier; /* NULL: the key, or key:2 … */
};

/* DOWN: its worker died; the next request starts it again as it was. */
enum instance_state { INSTANCE_LOADING, INSTANCE_READY, INSTANCE_CLOSING, INSTANCE_DOWN };
enum instance_work { WORK_IDLE, WORK_PROMPT, WORK_GENERATING, WORK_EMBEDDING };

/* A loaded model, as lists show it; pointers are valid until the loop goes on. */
struct instance_info {
    const char *id;
    const struct library_model *model;
    enum instance_state state;
    enum instance_work work;
    bool is_jit;
    float load_share;
    double load_s; /* how long loading took */
    double ttl_s, idle_s;
    int64_t last_used_unix_ms; /* 0 = never */
    uint32_t n_job, n_waiting; /* running and waiting; waiting alone */
    uint32_t n_parallel;
    int32_t pid;
    uint64_t rss_bytes;
    struct worker_ready ready; /* INSTANCE_READY */
    struct engine_stats stats; /* the last that the worker sent */
};

/* What happened, for logs and /api/v1/events. */
enum runtime_event_kind {
    RT_LOAD_BEGIN,
    RT_LOAD_PROGRESS, /* share */
    RT_LOAD_END,
    RT_LOAD_FAILED, /* text; detail: the same with the file's path, for the log alone */
    RT_UNLOADED,    /* text: why ("asked", "idle", "replaced", "crashed", "closing") */
    RT_JOB_BEGIN,   /* job; text: the prompt when somebody listens for it (runtime_want_prompts) */
    RT_JOB_END,     /* job, done; text: the answer, likewise */
    RT_LOG,         /* text: a line of a worker's log, level */
};
struct runtime_event {
    enum runtime_event_kind kind;
    const char *instance, *model_key, *model_path;
    float share;
    uint64_t job;
    const struct job_done *done;
    const char *text, *detail;
    size_t len;
    int level; /* enum log_level */
    double seconds;
};
typedef void (*runtime_event_fn)(void *arg, const struct runtime_event *ev);

/* What the user wants of a model when a request does not say: fills members of *load that are 0 and
 * members of *sampling that are not given (struct job_sampling.given). Either may be NULL. */
typedef void (*runtime_defaults_fn)(void *arg, const char *key, struct load_options *load,
                                    struct job_sampling *sampling);

struct runtime_params {
    struct loop *loop;
    struct library *library;
    struct runtime_settings settings;
    runtime_event_fn on_event;    /* may be NULL */
    runtime_defaults_fn defaults; /* may be NULL */
    void *arg;                    /* of both */
    bool no_sandbox;
};

enum err_code runtime_open(struct runtime **out, const struct runtime_params *p, struct err *e);
/* Kills what still runs; jobs end without events. NULL is fine. */
void runtime_close(struct runtime *r);
void runtime_set(struct runtime *r, const struct runtime_settings *s);
const struct runtime_settings *runtime_get(const struct runtime *r);
void runtime_want_prompts(struct runtime *r, bool on);

/* No new jobs from now on (JOB_ERR_CLOSING); done() when the running ones have ended. */
void runtime_drain(struct runtime *r, void (*done)(void *arg), void *arg);

/* ---- jobs ---- */
struct job_target {
    const char *model; /* identifier, key, key@variant; NULL or "": the only loaded one */
    double ttl_s;      /* when this job loads the model; 0 = the settings' */
    uint32_t n_ctx;    /* at least so much context; 0 = any */
    bool wants_embeddings, wants_ranking; /* kind of model that the job needs; neither: text */
    bool any_type;                        /* tokens and the like: every model has them */
};

/* Queues a job. *id is never 0. Events come later, never from inside; the last one has is_last.
 * What is known to fail at once comes as an event too. ERR_OOM only. */
enum err_code runtime_submit(struct runtime *r, const struct job_target *t, const struct job *job,
                             job_event_fn on_event, void *arg, uint64_t *id, struct err *e);
/* No event of it comes afterwards; the worker stops within a step. Unknown ids are fine. */
void runtime_cancel(struct runtime *r, uint64_t id);

/* ---- loading ---- */
enum load_event_kind { LOAD_PROGRESS, LOAD_READY, LOAD_FAILED };
struct load_event {
    enum load_event_kind kind;
    float share;
    const struct instance_info *info; /* LOAD_READY */
    enum job_error error;             /* LOAD_FAILED; why, for anybody: */
    const char *text;
    const char *detail; /* the same with the file's path: for the owner alone */
};
typedef void (*load_event_fn)(void *arg, const struct load_event *ev);

/* Loads another instance of a model, explicitly (no JIT rules). Events come later; the last is
 * LOAD_READY or LOAD_FAILED. */
enum err_code runtime_load(struct runtime *r, const char *model, const struct load_options *o,
                           load_event_fn on_event, void *arg, uint64_t *id, struct err *e);
/* Gives up waiting; the load itself ends when nobody else waits for it. */
void runtime_load_cancel(struct runtime *r, uint64_t id);

/* What a load would take, in bytes, and whether the guardrail lets it. */
struct load_estimate {
    uint64_t weight_bytes, cache_bytes, scratch_bytes, total_bytes, free_bytes;
    uint32_t n_ctx;
    bool fits;
};
enum err_code runtime_estimate(struct runtime *r, const char *model, const struct load_options *o,
                               struct load_estimate *out, struct err *e);

/* Ends an instance: running jobs are ended with JOB_ERR_CLOSING. ERR_NOT_FOUND. */
enum err_code runtime_unload(struct runtime *r, const char *id, struct err *e);

/* ---- lists ---- */
uint32_t runtime_n_instance(const struct runtime *r);
void runtime_instance(const struct runtime *r, uint32_t i, struct instance_info *out);
bool runtime_find(const struct runtime *r, const char *id, struct instance_info *out);

#endif
