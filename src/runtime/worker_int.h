/* The worker's inside: three threads, and what goes between them.
 *
 *   I/O      owns the socket and the tasks; never computes
 *   prepare  parses, renders, tokenises, compiles; answers what needs no engine
 *   engine   owns the engine
 *
 * A task goes I/O -> prepare -> engine -> I/O, or back from any of them, and belongs to the thread
 * that holds it, but for its atomics. Frames for the daemon go to the I/O thread in parcels, of
 * which each thread has a few: when all of them wait for the socket, the thread waits too. */
#ifndef RUNTIME_WORKER_INT_H
#define RUNTIME_WORKER_INT_H

#include <stdatomic.h>

#include "base/stop.h"
#include "os/loop.h"
#include "os/mailbox.h"
#include "os/sandbox.h"
#include "os/thread.h"
#include "runtime/job.h"
#include "runtime/wire_int.h"
#include "runtime/worker.h"
#include "text/prompt.h"
#include "text/shape.h"

#define PARCELS          16U
#define PARCEL_BYTES_MIN 4096U /* always there: failures can be told without memory */

enum note_kind {
    NOTE_TASK,   /* to prepare and engine: work; to I/O: it is over */
    NOTE_PARCEL, /* to I/O: frames */
    NOTE_OPENED, /* to I/O: the engine is there; or could not be opened */
    NOTE_FAILED, /* to I/O: the engine is lost */
    NOTE_CLEAR,  /* to the engine: drop cached prefixes */
    NOTE_STOP,   /* to prepare and engine: end */
};

struct note {
    struct msg msg;
    enum note_kind kind;
};

struct parcel {
    struct note note;
    struct mailbox *home;
    struct buf frames;
};

/* A thread's way to the daemon. */
struct outbox {
    struct worker *w;
    struct mailbox spare; /* parcels that can be filled */
    struct parcel parcels[PARCELS];
    struct parcel *filling; /* NULL: none */
};

enum task_cancel { TASK_RUNS, TASK_CANCELLED, TASK_CLOSING };

struct task;

/* One choice of a job that generates. */
struct answer {
    struct task *task;
    uint32_t index;
    struct dialect_stream *stream;
    struct job_done done;
    uint32_t n_call; /* whole calls */
    bool is_over;
    bool has_begun;   /* some text was shown */
    bool owes_prompt; /* which is to be repeated and was not yet */
};

struct task {
    struct note note;
    struct task *next;         /* in the I/O thread's list */
    struct task *next_waiting; /* in the preparing thread's */
    uint64_t tenant, turn;     /* whose turn it is decides who is prepared first */
    struct worker *w;
    uint64_t id;
    double t_received;
    atomic_int cancel;                      /* enum task_cancel */
    struct stop_ask stop;                   /* asks the same */
    atomic_ullong request[JOB_CHOICES_MAX]; /* the engine's ids, 0: none; written by its thread */
    uint8_t *body;                          /* as it came; NULL: was read */
    size_t body_len;

    struct arena arena;
    struct js *json;
    struct job job;
    enum job_part part;   /* that is being looked at */
    enum job_error error; /* with err.code: how it failed */
    struct err err;

    /* prepared */
    struct js *messages, *tools, *kwargs, *schema;
    struct buf prompt; /* rendered, or JOB_TEXT's own */
    struct prompt_bars bars;
    struct ids ids;
    uint32_t n_keep; /* rolling window: tokens that always stay at the beginning */
    struct shape *shape;
    struct grammar *grammar; /* of JOB_TEXT */
    struct sampling sampling;
    const char **stops;
    uint32_t n_stop;
    struct ids *inputs; /* JOB_EMBED, JOB_RERANK */
    struct answer *answers;
    uint32_t n_answer;

    /* engine */
    struct task *next_run;
    uint32_t i_next; /* answer or input whose turn is next */
    uint32_t n_over;
    uint64_t n_input_tok;
    bool was_admitted; /* the engine has begun with it */
    double t_begun;
};

struct worker {
    struct worker_open open;

    /* set by the engine's thread before NOTE_OPENED; immutable afterwards */
    struct engine *g;
    struct prompt_format format;
    bool has_format;

    struct mailbox to_io, to_prepare, to_engine;
    struct thread prepare, engine;
    struct outbox prepare_out, engine_out;
    struct note opened, failed, clear, stop_prepare, stop_engine;
    atomic_bool stopping;
    atomic_bool clearing; /* the note `clear` is on its way */

    /* the I/O thread's own */
    int fd;
    struct wire wire;
    struct loop *loop;
    struct loop_watch socket, notes;
    struct msg *parcels, *parcels_last; /* to be sent */
    struct parcel *sending;
    size_t sent;
    struct task *tasks;
    uint32_t n_task;
    bool is_open, has_engine_thread, has_prepare_thread, closing;
    int exit_code;
    struct sandbox_result sandbox;

    /* the engine thread's own */
    struct task *running, *running_last;
    uint32_t n_running_answer, n_seq;
    double t_stats;
    uint64_t n_tok_told; /* generated, in the statistics that were sent last */
    bool told_idle;
};

/* ---- worker.c ---- */
/* Hands a task that is over back to the I/O thread, behind its last event. */
void task_over(struct task *t, struct outbox *out);

/* ---- worker_out.c ---- */
enum err_code outbox_init(struct outbox *o, struct worker *w, struct err *e);
void outbox_finish(struct outbox *o);
/* Adds a frame. Waits for a parcel; false: no memory for it, nothing was added. Small frames always
 * find room. */
bool outbox_frame(struct outbox *o, enum wire_kind kind, uint64_t job, const void *body,
                  size_t len);
bool outbox_event(struct outbox *o, uint64_t job, const struct job_event *ev);
/* Why the model could not be opened. */
void outbox_refusal(struct outbox *o, const struct err *e);
void outbox_log(struct outbox *o, int level, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Sends what was added. */
void outbox_post(struct outbox *o);

/* ---- worker_task.c ---- */
enum err_code task_create(struct task **out, struct worker *w, uint64_t id, const uint8_t *body,
                          size_t len, struct err *e);
/* Reads what came; the answers are there afterwards. */
enum err_code task_read(struct task *t, struct err *e);
void task_destroy(struct task *t);
bool task_is_cancelled(void *task); /* for stop_ask. Any thread */
/* Ends all of its requests as soon as they can. Any thread. */
void task_stop(struct task *t);
/* Remembers why it failed, unless it did before; the error's code decides when error is
 * JOB_ERR_COUNT. */
void task_fail(struct task *t, enum job_error error, const struct err *e);
/* The last event, when it failed or was cancelled; true: it was sent. */
bool task_tell_failure(struct task *t, struct outbox *out);
/* The one JOB_EV_DONE of jobs that generate nothing. */
void task_tell_done(struct task *t, struct outbox *out, uint32_t n_tok);

/* ---- worker_prepare.c ---- */
void prepare_main(void *arg);
/* The job's stops, sampling and grammar, once its prompt is there. */
enum err_code prepare_generation(struct task *t, struct err *e);

/* ---- worker_chat.c ---- */
/* Tokens beyond which a text that must fit is not worth more work: what is longer is refused
 * without its exact number. */
size_t prompt_worth(const struct task *t);
/* Renders and tokenises the conversation, cut to the context as the job allows. */
enum err_code prepare_chat(struct task *t, struct err *e);
/* JOB_TEXT. */
enum err_code prepare_text(struct task *t, struct err *e);

/* ---- worker_shape.c ---- */
enum err_code prepare_shape(struct task *t, struct err *e);

/* ---- worker_embed.c ---- */
enum err_code prepare_inputs(struct task *t, struct err *e);
/* Computes the next inputs, as many as fit into one batch; true: none is left, or the task failed.
 */
bool embed_next(struct task *t);

/* ---- worker_engine.c ---- */
void engine_main(void *arg);
/* An answer has ended: its place is free. */
void engine_answer_over(struct answer *a);

/* ---- worker_answer.c ---- */
enum err_code answer_open(struct answer *a, struct err *e);
void answer_close(struct answer *a);
void answer_event(void *arg, const struct engine_event *ev);
/* Hands the task's prompt to the engine. */
enum err_code answer_submit(struct answer *a, struct err *e);

#endif
