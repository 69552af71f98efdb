/* The worker: one loaded model in a process of its own.
 *
 * Opens the model, shuts the doors (os/sandbox.h), and works on jobs until it is told to close or
 * its socket closes. Three threads: one reads and writes the socket and never computes; one
 * prepares jobs (template, tokens, grammar); one owns the engine. */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "text/dialect.h"

#define WORKER_PATH_BYTES 4096U
#define WORKER_QUEUE_MAX  256U /* jobs that run or wait in one worker */

/* What to open; travels as JSON. */
struct worker_open {
    char path[WORKER_PATH_BYTES]; /* or the name of a built-in model */
    bool is_asset;
    bool embeddings;
    uint32_t n_ctx, n_batch, n_seq, n_thread; /* 0 = the engine's default */
    enum kv_type type_k, type_v;
    uint64_t cache_bytes_max; /* for cached prefixes, 0 = what n_seq contexts need */
    uint32_t n_expert_used;   /* 0 = the model's own */
    bool no_sandbox;          /* for debuggers */
    char dialect[64];         /* overrides what is found, "" = find */
    /* Lines of the first message that begin with one of these (separated by line breaks) are known
     * to change with every request (a date, a session's number): the rest of such a line is left
     * out, so that it does not spoil the prefix cache. "" = none. */
    char volatile_lines[512];
};
bool worker_open_write(const struct worker_open *o, struct buf *out);
enum err_code worker_open_read(struct worker_open *out, const struct js *j, struct err *e);

/* What was opened. */
struct worker_ready {
    uint32_t n_ctx, n_ctx_train, n_seq, n_batch, n_vocab, n_embd;
    bool has_logits, can_embed, can_rank, has_template;
    bool tools_native, reasons;
    char arch[64], type_name[32], dialect[64], dialect_found[16], reasoning[32], device[64];
    uint64_t kv_bytes, weight_bytes;
    bool seccomp;
    int landlock_abi;
};
bool worker_ready_write(const struct worker_ready *r, struct buf *out);
enum err_code worker_ready_read(struct worker_ready *out, const struct js *j, struct err *e);

/* What it does, body of WIRE_STATS: every second while busy, and once when it becomes idle. */
enum worker_work { WORKER_IDLE, WORKER_PROMPT, WORKER_GENERATING, WORKER_EMBEDDING };
struct worker_stats {
    enum worker_work work;
    uint32_t n_job;     /* that run or wait */
    uint32_t n_waiting; /* of them, whose turn has not come */
    struct engine_stats engine;
};
bool worker_stats_write(const struct worker_stats *s, struct buf *out);
enum err_code worker_stats_read(struct worker_stats *out, const struct js *j, struct err *e);

/* The program of `hearth worker`: serves socket fd until it ends. Returns the exit code. */
int worker_main(int fd);

#endif
