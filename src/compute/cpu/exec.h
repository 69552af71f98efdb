/* The CPU device's inside: objects, and how one op is computed by a team of threads.
 *
 * All threads of the pool walk the plan together. An op has up to OP_PHASES phases with a barrier
 * after each; inside a phase the threads take numbered shares of work from a counter, so that a
 * slow or interrupted thread takes fewer. Which thread computes a share never changes its bits. */
#ifndef COMPUTE_CPU_EXEC_H
#define COMPUTE_CPU_EXEC_H

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "compute/cpu/kernels.h"
#include "compute/cpu/state/kernels.h"
#include "compute/device.h"
#include "compute/plan_int.h"
#include "os/pool.h"

#define OP_PHASES 3U

struct device {
    struct pool *pool;
    struct cpu_kernels k;
    struct state_kernels states;
    uint32_t n_thread;
};

struct kv_store {
    struct kv_layer *layers;
    uint32_t n_layer, n_page;
    enum kv_type type_k, type_v;
    size_t *page_k, *page_v; /* bytes of a page, per layer */
    uint8_t **k, **v;        /* [n_layer]: pages of [n_head][KV_PAGE_TOK][head]; v NULL: in k */

    uint32_t n_state, n_state_slot;
    size_t *state_at;  /* [n_state + 1]: floats before layer i in a slot; the last: a slot's */
    float *states;     /* [n_state_slot][state_at[n_state]] */
    uint8_t *slot_use; /* [n_state_slot] enum slot_use: checks a batch, else all zero */
};

/* What compile() works out for an op. */
struct op_exec {
    bool barrier_before; /* it touches what an op since the last barrier wrote, or overwrites it */
    bool prepare;        /* linear: the activations are not prepared yet */
    bool sort;           /* moe_linear: the rows are not sorted by expert yet */
    uint32_t i_rope;     /* rope: index of its table */
};

/* Cosines and sines of one theta table for the tokens of a batch: [n_tok][n_rot / 2] each. */
struct rope_table {
    const float *theta;
    uint32_t n_pair;
    float mag;
    float *cos, *sin;
};

/* Rows (t, k) of a batch in the order of their experts. */
struct moe_sort {
    uint32_t *order;  /* [n_tok * n_used] row indices */
    uint32_t *first;  /* [n_expert + 1] into order */
    uint32_t *active; /* experts that have rows */
    uint32_t n_active;
};

/* The tokens of one sequence of a batch. */
struct seq_run {
    uint32_t seq, first, n_tok;
};

struct program {
    struct device *device;
    const struct plan *plan;
    struct arena arena;
    struct plan_layout layout;
    uint8_t *values; /* layout.bytes */
    uint8_t *act;    /* prepared activations of the current linear */
    size_t act_bytes;
    uint8_t *scratch; /* n_thread * scratch_bytes */
    size_t scratch_bytes;
    struct op_exec *ops;
    atomic_uint *tickets; /* [n_op * OP_PHASES + 1] */
    struct rope_table *ropes;
    uint32_t n_rope;
    struct moe_sort sort;
    uint32_t n_tok_max, n_out_max;
    atomic_uint stop_at; /* op before which to stop; UINT32_MAX: run to the end */

    /* the running batch */
    const struct batch *batch;
    struct kv_store *kv;
    struct seq_run *runs; /* [n_tok_max] */
    uint32_t n_run;
};

/* One thread's view of a running op. */
struct exec {
    struct program *p;
    const struct op *op;
    uint32_t i_op, i_thread, n_thread;
    uint8_t *scratch; /* this thread's */
    const struct cpu_kernels *k;
};

/* ---- helpers of the ops ---- */
static inline uint32_t exec_rows(const struct exec *x, struct operand o)
{
    const struct value *v = &x->p->plan->values[o.value];

    return (v->rows == ROWS_TOK ? x->p->batch->n_tok : x->p->batch->n_out) * v->rows_mul;
}

static inline size_t exec_stride(const struct exec *x, struct operand o)
{
    return x->p->plan->values[o.value].width;
}

static inline float *exec_row(const struct exec *x, struct operand o, size_t row)
{
    float *base = (float *)(void *)(x->p->values + x->p->layout.offsets[o.value]);

    return base + row * exec_stride(x, o) + o.col;
}

static inline const float *weight_f32(const struct weight *w)
{
    return w ? (const float *)(const void *)w->data : NULL;
}

/* The state of layer `state` in a slot. */
static inline float *exec_state(const struct exec *x, uint32_t state, uint32_t slot)
{
    const struct kv_store *kv = x->p->kv;

    return kv->states + slot * kv->state_at[kv->n_state] + kv->state_at[state];
}

/* Copies floats [first, first + n) of the op's state from the slot that a sequence comes from to
 * the one it goes to (zeros at its beginning); gives them there, to be updated in place. Only the
 * thread that owns these floats. */
static inline float *exec_state_begin(const struct exec *x, uint32_t state, uint32_t seq,
                                      size_t first, size_t n)
{
    const struct batch_seq *s = &x->p->batch->seqs[seq];
    float *out = exec_state(x, state, s->state_out) + first;

    if (s->state_in == STATE_NONE)
        memset(out, 0, n * sizeof(*out));
    else
        memcpy(out, exec_state(x, state, s->state_in) + first, n * sizeof(*out));
    return out;
}

/* The next share of phase `phase`, 0 .. n - 1; false when none is left. */
static inline bool exec_share(const struct exec *x, uint32_t phase, uint32_t n, uint32_t *share)
{
    *share = atomic_fetch_add_explicit(&x->p->tickets[x->i_op * OP_PHASES + phase], 1,
                                       memory_order_relaxed);
    return *share < n;
}

/* All threads must call it. */
void exec_barrier(const struct exec *x);

/* ---- ops; called by every thread of the team ---- */
void exec_embed(const struct exec *x);
void exec_norm(const struct exec *x);
void exec_linear(const struct exec *x);
void exec_rope(const struct exec *x);
void exec_kv_write(const struct exec *x);
void exec_attention(const struct exec *x);
void exec_glu(const struct exec *x);
void exec_moe_route(const struct exec *x);
void exec_moe_linear(const struct exec *x);
void exec_moe_weigh(const struct exec *x);
void exec_moe_sum(const struct exec *x);
void exec_elementwise(const struct exec *x); /* add, mul, scale, softcap */
void exec_gather(const struct exec *x);
void exec_conv1d(const struct exec *x);
void exec_ssm_scan(const struct exec *x);
void exec_delta_rule(const struct exec *x);
void exec_head_linear(const struct exec *x);
void exec_copy_heads(const struct exec *x);

/* Fills the rope tables of a batch; shares over tokens with the last ticket. */
void exec_rope_tables(const struct exec *x);

/* Bytes one thread needs for this op with n_tok tokens. */
size_t scratch_linear(const struct device *d, const struct op *op);
size_t scratch_attention(const struct op *op);
size_t scratch_moe_linear(const struct device *d, const struct op *op);
size_t scratch_head_linear(const struct device *d, const struct op *op);
size_t scratch_conv1d(const struct op *op);
size_t scratch_ssm_scan(const struct op *op);
size_t scratch_delta_rule(const struct op *op);
/* The matrix of a linear, moe_linear or head_linear op; NULL for others. */
const struct weight *op_matrix(const struct op *op);
/* Bytes of its prepared activations. */
size_t act_bytes_of(const struct device *d, const struct op *op, size_t n_row);

/* Rows [0, n) of the cache, as f32: position j of a page's head. */
void kv_row_store(const struct cpu_kernels *k, enum kv_type t, uint32_t head, const float *x,
                  void *row);
void kv_rows_load(enum kv_type t, uint32_t head, uint32_t n, const void *rows, float *out);
size_t kv_row_bytes(enum kv_type t, uint32_t head);

enum err_code cpu_kv_create(struct device *d, const struct kv_params *p, struct kv_store **out,
                            struct err *e);
void cpu_kv_destroy(struct kv_store *kv);
size_t cpu_kv_page_bytes(const struct device *d, const struct kv_params *p);
size_t cpu_state_slot_bytes(const struct device *d, const struct kv_params *p);
/* Asserts that a batch names its slots as device.h demands. */
void kv_check_slots(struct kv_store *kv, const struct batch *b, const struct seq_run *runs,
                    uint32_t n_run);
void cpu_kv_copy_page(struct kv_store *kv, uint32_t src, uint32_t dst, uint32_t n_tok);

#endif
