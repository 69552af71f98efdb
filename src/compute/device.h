/* Devices: the table that every backend fills in. Callers know only this header.
 *
 * One owner thread per device and its objects. A plan is compiled into a program (scratch memory,
 * imported weights); a kv store holds the paged cache; run() computes one batch. Parameters are
 * validated above: a backend asserts. ERR_DEVICE: the device failed; ERR_OOM; ERR_CANCELLED. */
#ifndef COMPUTE_DEVICE_H
#define COMPUTE_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "compute/plan.h"

enum kv_type { KV_F16, KV_F32, KV_BF16, KV_Q8_0, KV_Q4_0 };

struct device;   /* an opened device                          */
struct program;  /* a plan compiled for it                    */
struct kv_store; /* pages of K and V for every kv layer        */

struct device_params {         /* zero = default */
    uint32_t n_thread;         /* CPU: 0 = physical cores this process may use */
    uint32_t cpu_features_off; /* CPU: feature bits not to use (tests) */
};

/* One sequence of a batch.
 *
 * Plans with states (plan.h): a run reads the states of all layers from slot state_in (STATE_NONE:
 * all zero, the sequence's beginning) and writes them, as they are after its last token of the
 * batch, to slot state_out. The two always differ: a cancelled or failed run leaves state_in whole
 * (and state_out undefined), so that the run can simply be repeated. And a slot that nobody
 * overwrites is a checkpoint for nothing: keep it, and a later run that names it as state_in goes
 * on from there. Several sequences may read the same slot; no slot that is written in a batch is
 * read or written by another of its sequences. Plans without states look at neither field. */
struct batch_seq {
    const uint32_t *pages; /* page of positions [64 i, 64 i + 64), enough for n_kv */
    uint32_t n_kv;         /* positions cached once this batch's tokens are in */
    uint32_t state_in, state_out;
};

/* Tokens of one sequence are consecutive and their positions ascend by one; with states, every
 * sequence's tokens are one run. Sequences without tokens in the batch are not touched. */
struct batch {
    uint32_t n_tok;
    const int32_t *token; /* [n_tok] */
    const uint32_t *pos;  /* [n_tok] */
    const uint32_t *seq;  /* [n_tok] index into seqs */
    const struct batch_seq *seqs;
    uint32_t n_seq;
    const uint32_t *out; /* [n_out] ascending rows of the batch whose output is wanted */
    uint32_t n_out;
    const atomic_bool *cancel; /* may be NULL; looked at between ops */
};

struct kv_params {
    const struct kv_layer *layers;
    uint32_t n_layer, n_page;
    enum kv_type type_k, type_v;
    const struct state_layer *states; /* of the plan, as layers are */
    uint32_t n_state;
    uint32_t n_state_slot; /* how many states of a whole model the store holds */
};

struct device_info {
    const char *backend; /* "cpu" */
    char name[64];       /* the processor's or card's name */
    uint32_t n_thread;   /* CPU */
    uint64_t mem_bytes;  /* memory it computes in */
    char isa[64];        /* kernels in use, "avx512-vnni" */
};

struct device_ops {
    const char *name;

    void (*describe)(const struct device *d, struct device_info *out);
    enum err_code (*open)(struct device **out, const struct device_params *p, struct err *e);
    void (*close)(struct device *d); /* NULL is fine, as in all destructors here */

    /* Can this op run here (types, shapes)? Pure and cheap. On false, why in e. */
    bool (*can)(const struct device *d, const struct op *op, struct err *e);

    /* The plan must outlive the program. */
    enum err_code (*compile)(struct device *d, const struct plan *p, uint32_t n_tok_max,
                             uint32_t n_out_max, struct program **out, struct err *e);
    void (*program_destroy)(struct program *p);

    enum err_code (*kv_create)(struct device *d, const struct kv_params *p, struct kv_store **out,
                               struct err *e);
    void (*kv_destroy)(struct kv_store *kv);
    size_t (*kv_page_bytes)(const struct device *d, const struct kv_params *p);
    /* Bytes of one state slot: all layers' states; 0 without states. */
    size_t (*state_slot_bytes)(const struct device *d, const struct kv_params *p);

    /* Computes a batch: n_tok <= n_tok_max, n_out <= n_out_max; kv may be NULL for plans without
     * cache and states. */
    enum err_code (*run)(struct program *p, struct kv_store *kv, const struct batch *b,
                         struct err *e);

    /* Rows of the plan's output in host memory, [n_out or n_tok][width], valid until the next run.
     */
    const float *(*output)(struct program *p);

    /* Copies n_tok positions of page src to page dst (a shared page about to be written). */
    void (*kv_copy_page)(struct kv_store *kv, uint32_t src, uint32_t dst, uint32_t n_tok);
};

/* All backends of this build, NULL-terminated; the CPU first. */
const struct device_ops *const *device_all(void);
const struct device_ops *device_by_name(const char *name); /* NULL when unknown */

extern const struct device_ops cpu_device_ops;

/* Names of cache types: "f16" … ; false when unknown. */
bool kv_type_by_name(const char *name, enum kv_type *type);
const char *kv_type_name(enum kv_type type);

#endif
