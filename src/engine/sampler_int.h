/* Inside of the sampler: its state, and what chain, filters and penalties share.
 *
 * A run begins "dense": every token is a candidate and its logit stands in one array indexed by id.
 * Operators that touch few tokens (bias, penalties) work there; the first one that throws tokens
 * out turns the array into a list of candidates. With the usual chain the list never gets longer
 * than top-k. */
#ifndef ENGINE_SAMPLER_INT_H
#define ENGINE_SAMPLER_INT_H

#include "base/arena.h"
#include "engine/sampler.h"

/* Where one of the breakers was seen last: kept up to date token by token. */
struct dry_state {
    size_t n;
    struct token_seq *breakers; /* [n] */
    uint32_t **fail;            /* [n] failure table of Knuth-Morris-Pratt */
    uint32_t *matched;          /* [n] tokens of the breaker that the text ends with */
    uint64_t start;             /* position of the first token of the latest match */
    uint32_t len;               /* of the longest match that starts there, 0 = none yet */
};

struct op_state {
    struct dry_state *dry;
    float mu; /* mirostat: surprise that is still let through, in bits */
};

struct sampler {
    struct arena arena;
    uint32_t n_vocab;
    struct sampler_op *ops;
    struct op_state *state;
    size_t n_op;
    uint64_t rng;

    bool is_dense;
    float *dense;      /* [n_vocab] */
    struct cands list; /* room for n_vocab */
    struct cand *tmp;  /* [n_vocab], with SMP_TYPICAL only */
    uint32_t *count;   /* [n_vocab], zero between operators */

    int32_t *prev;     /* ring of the last accepted tokens */
    uint32_t prev_cap; /* a power of two, or 0 when no operator looks back */
    uint64_t n_accepted;
    int32_t *recent; /* [prev_cap] the window, newest first, for DRY */
    uint32_t *z;     /* [prev_cap] */
};

/* Uniform in [0, 1). */
double smp_random(struct sampler *s);

/* The i-th accepted token, newest first; i < smp_n_prev. */
int32_t smp_prev(const struct sampler *s, uint32_t i);
uint32_t smp_n_prev(const struct sampler *s, int32_t last_n); /* < 0: all that is remembered */

/* Turns the dense array into a list of those with at least this logit, in order of id. */
void smp_list(struct sampler *s, float logit_min);
void smp_list_all(struct sampler *s);
void smp_softmax(struct sampler *s);

/* Penalties must not produce infinities: an infinite logit has no softmax. */
float smp_finite(float logit);

/* ---- sampler_select.c: order is by falling logit, equal ones by rising id ---- */

/* Brings the best k of n to the front, in order; the first n_done are already the best, in order.
 */
void cands_sort_top(struct cand *at, size_t n, size_t n_done, size_t k);
/* The best k tokens of logits[n], in order, into at (room for n); returns how many (-INFINITY is
 * never taken). */
size_t cands_top_of(const float *logits, size_t n, size_t k, struct cand *at);
float floats_max(const float *x, size_t n); /* -INFINITY when empty */

/* ---- sampler_ops.c: one operator each ---- */
void smp_top_k(struct sampler *s, int32_t k);
void smp_top_p(struct sampler *s, float p, size_t min_keep);
void smp_min_p(struct sampler *s, float p, size_t min_keep);
void smp_typical(struct sampler *s, float p, size_t min_keep);
void smp_xtc(struct sampler *s, float probability, float threshold, size_t min_keep);
void smp_top_n_sigma(struct sampler *s, float n);
void smp_temp(struct sampler *s, float t);
void smp_temp_ext(struct sampler *s, float t, float delta, float exponent);
void smp_mirostat(struct sampler *s, float mu);

/* ---- sampler_penalty.c ---- */
void smp_bias(struct sampler *s, const struct sampler_op *op);
void smp_penalties(struct sampler *s, const struct sampler_op *op);
void smp_dry(struct sampler *s, const struct sampler_op *op, const struct dry_state *d);
/* NULL: out of memory. */
struct dry_state *dry_state_new(struct arena *a, const struct token_seq *breakers, size_t n);
void dry_state_accept(struct dry_state *d, uint64_t pos, int32_t id);

#endif
