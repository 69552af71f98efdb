/* A worker in a thread of the test, and the daemon's end of its socket. */
#ifndef TESTS_UNIT_RUNTIME_RIG_H
#define TESTS_UNIT_RUNTIME_RIG_H

#include "os/thread.h"
#include "runtime/wire.h"
#include "runtime/worker.h"

#define RIG_JOBS 64U

/* What came of one choice. */
struct heard {
    struct buf text, thought, calls; /* calls: "name(arguments)", ';' behind whole ones */
    uint32_t n_call, n_cut, n_prompt_event, n_token, n_prompt;
    struct job_done done;
    char stop[64];
    bool is_done;
    double logprob_sum;
};

struct heard_job {
    bool is_over, has_begun;
    bool failed;
    enum job_error error;
    enum job_part part;
    char why[ERR_TEXT_BYTES];
    struct buf prompt;
    struct heard choice[JOB_CHOICES_MAX];
    int32_t ids[4096];
    uint32_t n_id;
    float vectors[16][1024];
    uint32_t n_vector[16], n_vectors;
    uint32_t n_event;
    uint32_t ended; /* as which of all jobs, from 1 */
};

struct rig {
    int fd;
    int worker_fd;
    struct wire wire;
    struct thread thread;
    int exit_code;
    bool is_ready, is_refused, is_gone;
    uint32_t n_loading;
    struct worker_ready ready;
    struct worker_stats stats;
    uint32_t n_stats;
    char refusal[1024], log[512];
    struct heard_job *jobs; /* [RIG_JOBS], by job id */
    uint32_t n_ended;       /* jobs */
    bool patient;           /* tries again what had no memory */
};

/* The built-in model, or a file. */
struct worker_open rig_guide(void);
struct worker_open rig_file(const char *path);

/* Starts and opens; the outcome is in is_ready or is_refused. */
void rig_start(struct rig *r, const struct worker_open *o);
/* The same with a worker that is there already, at the other end of fd. */
void rig_attach(struct rig *r, int fd, const struct worker_open *o);
void rig_send(struct rig *r, enum wire_kind kind, uint64_t job, const void *body, size_t len);
void rig_job(struct rig *r, uint64_t id, const struct job *job);
/* Reads until the job is over; fails the test when nothing comes for long. */
struct heard_job *rig_wait(struct rig *r, uint64_t id);
/* One round of reading; false when nothing came within timeout_ms. */
bool rig_read(struct rig *r, uint32_t timeout_ms);
/* The same, and both in one. */
struct heard_job *rig_ask(struct rig *r, uint64_t id, const struct job *job);
/* Closes the socket (unless it is) and joins; returns the worker's exit code. */
int rig_stop(struct rig *r);

struct job_str str(const char *s);

#endif
