/* Inside runtime/ only: the daemon's side. Instances own workers; jobs belong to an instance, or to
 * the list of what was refused and is still to be told. */
#ifndef RUNTIME_RUNTIME_INT_H
#define RUNTIME_RUNTIME_INT_H

#include "base/arena.h"
#include "os/process.h"
#include "runtime/runtime.h"
#include "runtime/wire.h"

#define RT_JOBS_MAX      4096U
#define RT_LOADS_MAX     256U
#define RT_ANSWER_BYTES  (1U << 20) /* of an answer kept for whoever listens to the log */
#define RT_CLOSE_GRACE_S 5.0
#define RT_RETRY_AFTER_S 2U
#define RT_CHATTER_MAX   16384U /* frames a second that belong to no job: more are a flood */

struct instance;
struct rt_grave;

/* What a job asked for, kept while its model is being looked for. */
struct rt_asked {
    struct job_target target;
    char model[]; /* target.model */
};

struct rt_job {
    uint64_t id; /* serial * RT_JOBS_MAX + place */
    struct rt_job *prev, *next;
    struct instance *in; /* NULL: refused, or asked is set */
    uint64_t tenant;
    job_event_fn on_event;
    void *arg;
    struct buf text; /* the job, kept until the worker has begun it */
    bool sent, begun, was_sent_again, waited;
    bool told;              /* that its model is loading */
    struct rt_asked *asked; /* its model is being looked for on disk; text is without defaults */
    double t_submit, load_s;
    struct buf answer; /* with want_prompts */

    enum job_error error; /* refused */
    enum job_part part;
    uint32_t retry_after_s;
    char why[ERR_TEXT_BYTES];
};

struct rt_load { /* somebody waits for an explicit load */
    uint64_t id;
    struct rt_load *next;
    struct instance *in; /* NULL: failed, or model is set */
    load_event_fn on_event;
    void *arg;
    char *model; /* being looked for on disk; with it options and their identifier */
    char *identifier;
    struct load_options options;
    enum job_error error;
    char why[ERR_TEXT_BYTES], detail[ERR_TEXT_BYTES];
};

/* What the process says on its standard error (words.c). */
struct rt_words {
    bool is_open;
    int fd;
    struct loop_watch watch;
    uint32_t len, n_line; /* of the line that has begun; lines before it */
    char line[512];
};

struct instance {
    struct runtime *r;
    char id[RUNTIME_ID_BYTES];
    struct arena arena; /* of the model's strings */
    struct library_model model;
    struct load_options opts;
    enum instance_state state;
    enum instance_work work;
    bool is_jit;
    bool waits;         /* for memory that others give back; there is no process yet */
    bool shot;          /* we ended its worker, which sent nonsense */
    uint32_t n_chatter; /* since t_chatter */
    double t_chatter;
    bool leaves; /* closes when it has nothing to do; while others wait for its memory, new jobs do
                    not begin in it */
    const char *doomed; /* why loading is given up; from the loop, as callbacks may be under way */
    const char *why_closed;
    float share;
    double t_begin, load_s, t_idle;
    int64_t last_used_unix_ms;

    struct process process;
    int fd; /* -1: none; while there is a process: it is ending */
    struct wire wire;
    struct loop_watch watch;
    struct rt_words words;
    struct loop_watch death; /* of the process, once its socket has closed */
    struct loop_timer ttl, grace;

    struct rt_job *first, *last;
    uint32_t n_job;
    struct worker_ready ready;
    struct engine_stats stats;
};

struct rt_list {
    struct rt_job *first, *last;
    uint32_t n;
};

struct runtime {
    struct loop *loop;
    struct library *library;
    struct runtime_settings settings;
    runtime_event_fn on_event;
    runtime_defaults_fn defaults;
    void *arg;
    bool no_sandbox, want_prompts, closing;

    struct instance *at[RUNTIME_INSTANCES_MAX];
    uint32_t n;
    struct rt_grave *graves; /* killed workers that have not ended yet */
    struct rt_job *job[RT_JOBS_MAX];
    uint32_t n_job, next_place;
    uint64_t serial;
    struct rt_list refused, sought;
    struct rt_load *loads;
    struct loop_timer soon; /* tells what was refused */
    struct loop_timer seek;
    bool is_seeking;
    uint64_t seek_serial; /* the look began when this was the next number */
    double t_looked;      /* when the last one had ended; 0 = never */
    void (*drained)(void *arg);
    void *drained_arg;
};

/* ---- runtime.c ---- */
void rt_tell(struct runtime *r, const struct runtime_event *ev);
void rt_tell_instance(struct instance *in, enum runtime_event_kind kind, const char *text);
void rt_soon(struct runtime *r); /* run rt_deliver from the loop */
void rt_check_drained(struct runtime *r);

/* ---- jobs.c ---- */
struct rt_job *rt_job_find(struct runtime *r, uint64_t id);
void rt_job_send(struct instance *in, struct rt_job *j);
void rt_jobs_send(struct instance *in); /* those that a ready instance has not got yet */
/* False: it is of no job that runs there, as after a cancellation. */
bool rt_job_event(struct instance *in, const struct wire_frame *f);
/* Tells the waiting ones how far loading is, or only those that have not heard of it. */
void rt_job_loading(struct instance *in, bool only_new);
void rt_job_refuse(struct runtime *r, struct rt_job *j, enum job_error error, const char *why);
void rt_jobs_refuse(struct instance *in, enum job_error error, const char *why);
/* Jobs that the dead worker had not begun may go to the next one; the others fail. */
void rt_jobs_after_crash(struct instance *in, const char *why);
void rt_jobs_deliver(struct runtime *r);
/* The folders were looked through: jobs older than serial, and those whose model is known now, go
 * on. True: others still wait. */
bool rt_jobs_sought(struct runtime *r, uint64_t serial);
void rt_jobs_close(struct runtime *r);

/* ---- instance.c: one worker's life ---- */
struct instance *instance_new(struct runtime *r, const struct library_model *m,
                              const struct load_options *o, const char *id, bool is_jit,
                              struct err *e);
void instance_free(struct instance *in); /* kills its process */
/* Starts the worker; failure ends the instance's waiters. */
void instance_start(struct instance *in);
void instance_close(struct instance *in, const char *why);
void instance_idle(struct instance *in); /* after its last job, or when loaded: timers */
void instance_busy(struct instance *in);
/* Loading cannot go on: tells all who wait, removes it. */
void instance_fail(struct instance *in, enum job_error error, const char *why);

/* ---- words.c ---- */
/* *fd_err: for the process; closed by the caller. */
enum err_code rt_words_open(struct instance *in, int *fd_err, struct err *e);
void rt_words_close(struct instance *in); /* reads what is there; not open: nothing */

/* ---- grave.c ---- */
/* Kills what still runs and forgets it: *p is empty afterwards. Tells rt_room_made when it has
 * ended. */
void rt_bury(struct runtime *r, struct process *p);
void rt_graves_close(struct runtime *r);

/* ---- pick.c: which instance or model a name means, and room for it ---- */
struct instance *rt_instance_named(const struct runtime *r, const char *id);
/* ERR_NOT_FOUND with a sentence; *in or *m is set. */
enum err_code rt_pick(struct runtime *r, const struct job_target *t, struct instance **in,
                      const struct library_model **m, struct err *e);
void rt_unique_id(const struct runtime *r, const char *key, char out[RUNTIME_ID_BYTES]);
/* Starts in if memory allows, else makes room and lets it wait, or fails it. */
void rt_try_start(struct instance *in);
/* Memory for one more model beside those that are there, bytes; whom (NULL: none) is not counted.
 */
uint64_t rt_room(const struct runtime *r, const struct instance *whom);
/* It waits for memory, and who wanted it has gone: nobody need leave for it. */
bool rt_is_forsaken(const struct instance *in);
bool rt_somebody_waits(const struct runtime *r); /* for memory, and is not forsaken */
/* It was asked to leave, and whom it was to make room for is still there. */
bool rt_must_leave(const struct instance *in);
/* Who need not leave any more goes on. From the loop, as callbacks may be under way. */
void rt_let_stay(struct runtime *r);
void rt_room_made(struct runtime *r);   /* after an instance has gone */
void rt_evict_for(struct instance *in); /* other JIT models leave before a JIT load */

/* ---- seek.c: models that are not in the list ---- */
bool rt_is_unknown(const struct runtime *r, const char *model);
void rt_seek(struct runtime *r); /* looks through the folders soon */

/* ---- loads.c ---- */
/* As rt_jobs_sought. */
bool rt_loads_sought(struct runtime *r, uint64_t serial);
void rt_loads_progress(struct instance *in);
void rt_loads_ready(struct instance *in);
void rt_loads_fail(struct instance *in, enum job_error error, const char *why, const char *detail);
bool rt_loads_wait_for(const struct instance *in);
void rt_loads_deliver(struct runtime *r);
void rt_loads_close(struct runtime *r);

/* ---- shown.c ---- */
/* why with the model's key in place of its file's path, and no other path of its folder. */
void rt_shown(char out[ERR_TEXT_BYTES], const char *why, const struct library_model *m);

/* ---- estimate.c ---- */
/* All but fits. */
void rt_estimate(const struct library_model *m, const struct load_options *o,
                 struct load_estimate *out);

#endif
