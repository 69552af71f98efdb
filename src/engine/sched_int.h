/* The scheduler: requests in, batches to a device, events out. It knows a device and a tokenizer,
 * but no model: a pretended device is enough to test it.
 *
 * Owner: the engine's thread, but for sched_cancel and sched_stop. */
#ifndef ENGINE_SCHED_INT_H
#define ENGINE_SCHED_INT_H

#include <stdatomic.h>

#include "engine/cache_int.h"
#include "engine/engine.h"
#include "engine/share_int.h"
#include "engine/stops_int.h"
#include "text/grammar_mask.h"

/* Requests that run or wait; a request's id is serial * SCHED_LIVE_MAX + slot. */
#define SCHED_LIVE_MAX 1024U

struct sched_params {
    const struct device_ops *ops;
    struct program *program;
    struct kv_store *kv;         /* NULL: a model without cache (only scores) */
    const struct tok *tok;       /* NULL: no text, no end tokens */
    const struct gvocab *gvocab; /* NULL until a request brings a grammar */
    uint32_t n_ctx, n_batch, n_seq, n_page;
    uint32_t n_state_slot; /* 0: no recurrent states; else at least SCHED_SLOTS_MIN(n_seq) */
    uint32_t n_idle_max;   /* pages kept for later prefixes only; 0 = all */
    uint32_t n_out_max;    /* output rows of one run, at least n_seq */
    uint32_t n_vocab;      /* ids below it are valid */
    uint32_t n_sample;     /* and of them, those below it can be drawn */
    uint32_t row_width;    /* elements of an output row */
    bool rows_per_token;   /* the output has a row for every token, asked for or not */
    bool has_logits;       /* requests can be answered */
    bool is_causal;        /* false: a text cannot be cut into batches */
};

/* Each sequence reads one slot and writes another; a score does so beside them. */
#define SCHED_SLOTS_MIN(n_seq) (2 * (n_seq) + 2)

/* Pages of one timeline of tokens. Those below n_known are in the tree of prefixes. */
struct pages_held {
    uint32_t *at; /* [cap] */
    uint32_t n, cap, n_known;
    uint32_t state, state_next; /* slots of the state so far and of the one behind the batch, or
                                   PAGE_NONE */
};

struct seq;

struct sched {
    struct sched_params p;
    struct pages pages;
    struct pages states; /* slots of recurrent states */
    struct prefix prefix;
    struct fair fair;
    struct pace pace;

    struct seq **running; /* [n_seq], oldest admission first */
    uint32_t n_running;
    struct seq *waiting, *waiting_last; /* list, next to be admitted first */
    uint32_t n_waiting;
    struct seq *live[SCHED_LIVE_MAX]; /* by slot */

    /* The batch that is being put together. */
    int32_t *token;          /* [n_batch] */
    uint32_t *pos, *row_seq; /* [n_batch] */
    uint32_t *out_row;       /* [max(n_out_max, n_batch)] */
    struct batch_seq *batch_seqs;
    struct seq **member;         /* [n_seq] */
    uint32_t n_member, n_answer; /* n_answer of them answer: one token each */
    struct batch batch;

    /* Written by any thread, sequentially consistent throughout. sched_cancel first stores the id,
     * then looks whether the slot is in the running batch; sched_step first declares the batch's
     * slots, then looks for ids: one of them sees the other. */
    atomic_ullong cancel_id[SCHED_LIVE_MAX];
    atomic_bool in_batch[SCHED_LIVE_MAX];
    atomic_ullong serial;      /* of the next request */
    atomic_ullong stop_serial; /* requests before it are to end */
    atomic_bool interrupt;     /* ends the running batch */

    struct engine_stats stats;
};

enum err_code sched_init(struct sched *s, const struct sched_params *p, struct err *e);
void sched_finish(struct sched *s); /* zeroed is fine */

enum err_code sched_submit(struct sched *s, const struct engine_request *r, uint64_t *id,
                           struct err *e);
void sched_cancel(struct sched *s, uint64_t id);
void sched_stop(struct sched *s);
enum err_code sched_step(struct sched *s, bool *busy, struct err *e);
void sched_cache_clear(struct sched *s);
void sched_stats(const struct sched *s, struct engine_stats *out);

/* ---- sched_pages.c: shared by requests and scores ---- */
/* One page, evicting prefixes when none is free; PAGE_NONE: all are in use. */
uint32_t sched_page_take(struct sched *s);
/* Takes the longest known beginning of token[n_tok] and pages up to n_want in sum; false: not
 * enough pages, nothing is held. *n_past: tokens that need not be computed, below n_tok. */
struct hold_params {
    const int32_t *token;
    uint32_t n_tok, n_want, n_spare; /* spare pages that must be left */
    bool use_cache;
};
bool sched_hold(struct sched *s, struct pages_held *h, const struct hold_params *p,
                uint32_t *n_past);
/* What a batch needs of it: pages, and slots where there are states. */
struct batch_seq sched_batch_seq(struct sched *s, struct pages_held *h, uint32_t n_kv);
/* After the batch: its state is the state now, or was never written. */
void sched_batch_done(struct sched *s, struct pages_held *h, bool good);
/* Where a prompt's batch should end so that its state can be kept: the last border between pages
 * before the end; 0: nowhere. */
uint32_t sched_keep_at(const struct sched *s, uint32_t n_tok);
/* Makes the full pages of the first n_past tokens known. */
void sched_publish(struct sched *s, struct pages_held *h, const int32_t *token, uint32_t n_past);
/* Gives all pages back; with keep, what they hold stays known as long as memory allows. */
void sched_release(struct sched *s, struct pages_held *h, const int32_t *token, uint32_t n_past,
                   bool keep);

/* ---- score.c ---- */
enum err_code sched_score(struct sched *s, const struct score_params *p,
                          bool (*row)(void *arg, uint32_t i, const float *logits), void *arg,
                          struct err *e);

enum err_code sched_check_score(const struct sched *s, const struct score_params *p, struct err *e);

/* ---- score_texts.c ---- */
enum err_code sched_score_texts(struct sched *s, const struct score_text *texts, uint32_t n_text,
                                score_row_fn row, void *arg, uint32_t *n_done, struct err *e);

#endif
