/* Sampling: logits -> one token, by a chain of small operators over one candidate array.
 *
 * One owner thread per sampler. Deterministic for a seed. No allocation per token. */
#ifndef ENGINE_SAMPLER_H
#define ENGINE_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cand {
    int32_t id;
    float logit;
    float p; /* filled by operators that need it and by the final softmax */
};

/* Candidates that are left; thrown-out ones are removed from the array. */
struct cands {
    struct cand *at;
    size_t n;
    bool is_sorted; /* by falling logit, equal logits by rising id */
};

enum sampler_kind {
    SMP_LOGIT_BIAS,
    SMP_PENALTIES,
    SMP_DRY,
    SMP_TOP_N_SIGMA,
    SMP_TOP_K,
    SMP_TYPICAL,
    SMP_TOP_P,
    SMP_MIN_P,
    SMP_XTC,
    SMP_TEMP,     /* <= 0: only the best is left */
    SMP_TEMP_EXT, /* entropy-based dynamic temperature */
    SMP_MIROSTAT2,
    SMP_KIND_COUNT
};

#define SAMPLER_OPS_MAX     32U
#define SAMPLER_PREV_MAX    65536U /* last_n is cut to this */
#define DRY_BREAKERS_MAX    256U
#define DRY_BREAKER_TOK_MAX 32U

struct logit_bias {
    int32_t id;
    float bias; /* -INFINITY forbids the token */
};

struct token_seq {
    const int32_t *at;
    size_t n;
};

struct sampler_op {
    enum sampler_kind kind;
    union {
        struct {
            const struct logit_bias *at;
            size_t n;
        } bias;
        struct {
            int32_t last_n; /* <= 0: off */
            float repeat, frequency, presence;
        } penalties;
        struct {
            float multiplier, base;
            int32_t allowed_length, last_n; /* last_n < 0: everything so far */
            const struct token_seq *breakers;
            size_t n_breaker;
        } dry;
        struct {
            int32_t k; /* <= 0: all */
        } top_k;
        struct {
            float p;
            size_t min_keep;
        } p; /* top_p, min_p, typical */
        struct {
            float probability, threshold;
            size_t min_keep;
        } xtc;
        struct {
            float n;
        } sigma;
        struct {
            float t, delta, exponent;
        } temp;
        struct {
            float tau, eta;
        } mirostat;
    };
};

struct sampler_params {
    const struct sampler_op *ops; /* copied, with everything they point to */
    size_t n_op;
    uint64_t seed;
    uint32_t n_vocab;
};

struct sampler;

/* ERR_ARG names the operator and the value out of range. */
enum err_code sampler_create(struct sampler **out, const struct sampler_params *p, struct err *e);
void sampler_destroy(struct sampler *s); /* NULL is fine */

/* Tells the sampler that this token now belongs to the text (prompt tokens too: penalties see
 * them). */
void sampler_accept(struct sampler *s, int32_t id);

/* Runs the chain. mask: NULL, or n_vocab bits (bit id of word id / 64) of the tokens that are
 * allowed; it comes first. Result: the survivors with probabilities, in s; valid until the next
 * call. ERR_ARG: NaN logits, or nothing allowed. */
enum err_code sampler_run(struct sampler *s, const float *logits, const uint64_t *mask,
                          struct cands *out, struct err *e);

/* sampler_run, then one draw. Does not accept it. */
enum err_code sampler_sample(struct sampler *s, const float *logits, const uint64_t *mask,
                             int32_t *id, struct err *e);

/* The usual settings of a chat, turned into a chain in the usual order. */
struct sampling {
    float temperature;                                         /* 0 = greedy */
    int32_t top_k;                                             /* 0 = off */
    float top_p, min_p, typical_p;                             /* 1, 0, 1 = off */
    float repeat_penalty, frequency_penalty, presence_penalty; /* 1, 0, 0 = off */
    int32_t penalty_last_n;
    float dry_multiplier, dry_base; /* 0 = off */
    int32_t dry_allowed_length, dry_last_n;
    float xtc_probability, xtc_threshold;
    int32_t mirostat; /* 0 or 2 */
    float mirostat_tau, mirostat_eta;
    uint64_t seed;
    bool has_seed; /* false: a fresh one each time */
    const struct logit_bias *bias;
    size_t n_bias;
    const struct token_seq *dry_breakers;
    size_t n_dry_breaker;
};

/* Sensible defaults: temperature 0.8, top-k 40, top-p 0.95, min-p 0.05, no penalties. */
struct sampling sampling_defaults(void);

/* ERR_ARG names the field out of range. */
enum err_code sampler_for(struct sampler **out, const struct sampling *s, uint32_t n_vocab,
                          struct err *e);

#endif
