/* The sampler chain: parameters, memory of the text, the run, the draw.
 *
 * The random numbers are splitmix64 (Steele, Lea, Flood 2014): one state word, equally good for
 * every seed. The draw inverts the cumulative sum over the survivors in the order of the array,
 * which is determined by logits and chain alone. */
#include "engine/sampler.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/attr.h"
#include "base/num.h"
#include "engine/sampler_int.h"
#include "os/sys.h"

#define SAMPLER_ARENA_BYTES_MAX ((size_t)1 << 30)
#define SAMPLER_VOCAB_MAX       (1U << 24)
#define SAMPLER_BIAS_MAX        (1U << 20)

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

double smp_random(struct sampler *s)
{
    return (double)(next_random(&s->rng) >> 11) * 0x1p-53;
}

int32_t smp_prev(const struct sampler *s, uint32_t i)
{
    return s->prev[(s->n_accepted - 1 - i) & (s->prev_cap - 1)];
}

uint32_t smp_n_prev(const struct sampler *s, int32_t last_n)
{
    uint64_t n = s->n_accepted < s->prev_cap ? s->n_accepted : s->prev_cap;

    return last_n >= 0 && (uint64_t)last_n < n ? (uint32_t)last_n : (uint32_t)n;
}

/* ---- parameters ---- */

static enum err_code want(bool ok, const char *name, double value, const char *range, struct err *e)
{
    if (ok)
        return ERR_OK;
    return err_set(e, ERR_ARG, "sampling: %s is %g, expected %s", name, value, range);
}

static bool is_finite(float x)
{
    return x >= -FLT_MAX && x <= FLT_MAX;
}

static enum err_code check_bias(const struct sampler_op *op, uint32_t n_vocab, struct err *e)
{
    if (op->bias.n > SAMPLER_BIAS_MAX)
        return err_set(e, ERR_ARG, "sampling: %zu entries of logit_bias, limit %u", op->bias.n,
                       SAMPLER_BIAS_MAX);
    for (size_t i = 0; i < op->bias.n; i++) {
        const struct logit_bias *b = &op->bias.at[i];

        if (b->id < 0 || (uint32_t)b->id >= n_vocab)
            return err_set(e, ERR_ARG, "sampling: logit_bias names token %d, the vocabulary has %u",
                           b->id, n_vocab);
        if (!is_finite(b->bias) && b->bias != -INFINITY)
            return err_set(e, ERR_ARG, "sampling: logit_bias of token %d is %g", b->id,
                           (double)b->bias);
    }
    return ERR_OK;
}

static enum err_code check_penalties(const struct sampler_op *op, struct err *e)
{
    enum err_code rc = want(op->penalties.repeat > 0 && is_finite(op->penalties.repeat),
                            "repeat_penalty", (double)op->penalties.repeat, "a number above 0", e);

    if (!rc)
        rc = want(is_finite(op->penalties.frequency), "frequency_penalty",
                  (double)op->penalties.frequency, "a finite number", e);
    if (!rc)
        rc = want(is_finite(op->penalties.presence), "presence_penalty",
                  (double)op->penalties.presence, "a finite number", e);
    return rc;
}

static enum err_code check_dry(const struct sampler_op *op, struct err *e)
{
    enum err_code rc = want(is_finite(op->dry.multiplier), "dry_multiplier",
                            (double)op->dry.multiplier, "a finite number", e);

    if (!rc)
        rc = want(is_finite(op->dry.base), "dry_base", (double)op->dry.base, "a finite number", e);
    if (!rc)
        rc = want(op->dry.allowed_length >= 0, "dry_allowed_length", op->dry.allowed_length,
                  "0 or more", e);
    if (!rc)
        rc = want(op->dry.n_breaker <= DRY_BREAKERS_MAX, "the number of DRY sequence breakers",
                  (double)op->dry.n_breaker, "256 at most", e);
    for (size_t i = 0; !rc && i < op->dry.n_breaker; i++) {
        size_t n = op->dry.breakers[i].n;

        rc = want(n >= 1 && n <= DRY_BREAKER_TOK_MAX, "the length of a DRY sequence breaker",
                  (double)n, "1 to 32 tokens", e);
    }
    return rc;
}

static enum err_code check_xtc(const struct sampler_op *op, struct err *e)
{
    enum err_code rc = want(op->xtc.probability >= 0 && op->xtc.probability <= 1, "xtc_probability",
                            (double)op->xtc.probability, "0 to 1", e);

    if (!rc)
        rc = want(op->xtc.threshold >= 0 && is_finite(op->xtc.threshold), "xtc_threshold",
                  (double)op->xtc.threshold, "0 or more", e);
    return rc;
}

static enum err_code check_temp_ext(const struct sampler_op *op, struct err *e)
{
    enum err_code rc =
        want(is_finite(op->temp.t), "temperature", (double)op->temp.t, "a finite number", e);

    if (!rc)
        rc = want(is_finite(op->temp.delta), "dynamic temperature range", (double)op->temp.delta,
                  "a finite number", e);
    if (!rc)
        rc = want(is_finite(op->temp.exponent), "dynamic temperature exponent",
                  (double)op->temp.exponent, "a finite number", e);
    return rc;
}

static enum err_code check_op(const struct sampler_op *op, uint32_t n_vocab, struct err *e)
{
    static const char *const p_name[] = {
        [SMP_TYPICAL] = "typical_p",
        [SMP_TOP_P] = "top_p",
        [SMP_MIN_P] = "min_p",
    };
    enum err_code rc;

    switch (op->kind) {
    case SMP_LOGIT_BIAS:
        return check_bias(op, n_vocab, e);
    case SMP_PENALTIES:
        return check_penalties(op, e);
    case SMP_DRY:
        return check_dry(op, e);
    case SMP_TOP_K:
        return ERR_OK;
    case SMP_TOP_N_SIGMA:
        return want(is_finite(op->sigma.n), "top_n_sigma", (double)op->sigma.n, "a finite number",
                    e);
    case SMP_TYPICAL:
    case SMP_TOP_P:
    case SMP_MIN_P:
        return want(op->p.p >= 0 && is_finite(op->p.p), p_name[op->kind], (double)op->p.p,
                    "0 or more", e);
    case SMP_XTC:
        return check_xtc(op, e);
    case SMP_TEMP:
        return want(is_finite(op->temp.t), "temperature", (double)op->temp.t, "a finite number", e);
    case SMP_TEMP_EXT:
        return check_temp_ext(op, e);
    case SMP_MIROSTAT2:
        rc = want(op->mirostat.tau >= 0 && is_finite(op->mirostat.tau), "mirostat_tau",
                  (double)op->mirostat.tau, "0 or more", e);
        if (!rc)
            rc = want(op->mirostat.eta >= 0 && is_finite(op->mirostat.eta), "mirostat_eta",
                      (double)op->mirostat.eta, "0 or more", e);
        return rc;
    case SMP_KIND_COUNT:
        break;
    }
    return err_set(e, ERR_ARG, "sampling: unknown operator %d", (int)op->kind);
}

static enum err_code check_params(const struct sampler_params *p, struct err *e)
{
    if (p->n_vocab == 0 || p->n_vocab > SAMPLER_VOCAB_MAX)
        return err_set(e, ERR_ARG, "sampling: a vocabulary of %u tokens, expected 1 to %u",
                       p->n_vocab, SAMPLER_VOCAB_MAX);
    if (p->n_op > SAMPLER_OPS_MAX)
        return err_set(e, ERR_ARG, "sampling: a chain of %zu operators, limit %u", p->n_op,
                       SAMPLER_OPS_MAX);
    for (size_t i = 0; i < p->n_op; i++) {
        enum err_code rc = check_op(&p->ops[i], p->n_vocab, e);

        if (rc)
            return rc;
    }
    return ERR_OK;
}

/* ---- creation ---- */

/* How far back an operator looks. */
static uint32_t op_window(const struct sampler_op *op)
{
    int32_t n = 0;

    if (op->kind == SMP_PENALTIES)
        n = op->penalties.last_n > 0 ? op->penalties.last_n : 0;
    else if (op->kind == SMP_DRY)
        n = op->dry.last_n;
    return n < 0 ? SAMPLER_PREV_MAX : min_u32((uint32_t)n, SAMPLER_PREV_MAX);
}

static bool op_copy(struct sampler *s, size_t i, const struct sampler_op *op)
{
    s->ops[i] = *op;
    if (op->kind == SMP_LOGIT_BIAS && op->bias.n) {
        struct logit_bias *at = arena_new_n(&s->arena, op->bias.n, sizeof(*at));

        if (!at)
            return false;
        memcpy(at, op->bias.at, op->bias.n * sizeof(*at));
        s->ops[i].bias.at = at;
    } else if (op->kind == SMP_DRY) {
        s->state[i].dry = dry_state_new(&s->arena, op->dry.breakers, op->dry.n_breaker);
        s->ops[i].dry.breakers = NULL;
        return s->state[i].dry;
    } else if (op->kind == SMP_MIROSTAT2) {
        s->state[i].mu = 2.0f * op->mirostat.tau;
    }
    return true;
}

static bool has_op(const struct sampler_params *p, enum sampler_kind kind)
{
    for (size_t i = 0; i < p->n_op; i++)
        if (p->ops[i].kind == kind)
            return true;
    return false;
}

static bool window_new(struct sampler *s, const struct sampler_params *p)
{
    uint32_t n = 0;

    for (size_t i = 0; i < p->n_op; i++)
        n = max_u32(n, op_window(&p->ops[i]));
    if (n == 0)
        return true;
    for (s->prev_cap = 1; s->prev_cap < n;)
        s->prev_cap *= 2;
    s->prev = arena_new_n(&s->arena, s->prev_cap, sizeof(*s->prev));
    s->count = arena_new_n(&s->arena, s->n_vocab, sizeof(*s->count));
    if (has_op(p, SMP_DRY)) {
        s->recent = arena_new_n(&s->arena, s->prev_cap, sizeof(*s->recent));
        s->z = arena_new_n(&s->arena, s->prev_cap, sizeof(*s->z));
        if (!s->recent || !s->z)
            return false;
    }
    return s->prev && s->count;
}

static bool sampler_fill(struct sampler *s, const struct sampler_params *p)
{
    s->n_vocab = p->n_vocab;
    s->rng = p->seed;
    s->ops = arena_new_n(&s->arena, p->n_op, sizeof(*s->ops));
    s->state = arena_new_n(&s->arena, p->n_op, sizeof(*s->state));
    s->dense = arena_new_n(&s->arena, p->n_vocab, sizeof(*s->dense));
    s->list.at = arena_new_n(&s->arena, p->n_vocab, sizeof(*s->list.at));
    if (!s->ops || !s->state || !s->dense || !s->list.at)
        return false;
    if (has_op(p, SMP_TYPICAL)) {
        s->tmp = arena_new_n(&s->arena, p->n_vocab, sizeof(*s->tmp));
        if (!s->tmp)
            return false;
    }
    for (size_t i = 0; i < p->n_op; i++) {
        if (!op_copy(s, i, &p->ops[i]))
            return false;
        s->n_op++;
    }
    return window_new(s, p);
}

enum err_code sampler_create(struct sampler **out, const struct sampler_params *p, struct err *e)
{
    struct sampler *s;
    enum err_code rc;

    *out = NULL;
    rc = check_params(p, e);
    if (rc)
        return rc;
    s = mem_alloc_zero(MEM_REQUEST, sizeof(*s));
    if (!s)
        return err_set(e, ERR_OOM, "sampling: no memory");
    arena_init(&s->arena, MEM_REQUEST, 64U * 1024U, SAMPLER_ARENA_BYTES_MAX);
    if (!sampler_fill(s, p)) {
        sampler_destroy(s);
        return err_set(e, ERR_OOM, "sampling: no memory for %u candidates", p->n_vocab);
    }
    *out = s;
    return ERR_OK;
}

void sampler_destroy(struct sampler *s)
{
    if (!s)
        return;
    arena_finish(&s->arena);
    mem_free(s);
}

void sampler_accept(struct sampler *s, int32_t id)
{
    if (id < 0 || (uint32_t)id >= s->n_vocab || s->prev_cap == 0)
        return;
    s->prev[s->n_accepted & (s->prev_cap - 1)] = id;
    for (size_t i = 0; i < s->n_op; i++)
        if (s->state[i].dry)
            dry_state_accept(s->state[i].dry, s->n_accepted, id);
    s->n_accepted++;
}

/* ---- the run ---- */

/* Copies the logits; false when one of them is NaN or +infinity. */
static bool load(struct sampler *s, const float *logits)
{
    int bad = 0;

    for (uint32_t i = 0; i < s->n_vocab; i++) {
        s->dense[i] = logits[i];
        bad |= !(logits[i] <= FLT_MAX);
    }
    s->is_dense = true;
    s->list.n = 0;
    return !bad;
}

/* Most words of a mask are all ones or all zeros; the others are told bit by bit, without branches
 * that nothing could predict. */
static void apply_mask(struct sampler *s, const uint64_t *mask)
{
    static const float choice[2] = { -INFINITY, INFINITY };

    for (uint32_t from = 0; from < s->n_vocab; from += 64) {
        uint64_t word = mask[from / 64];
        uint32_t n = s->n_vocab - from < 64 ? s->n_vocab - from : 64;
        float *x = s->dense + from;

        if (word == UINT64_MAX)
            continue;
        for (uint32_t i = 0; i < n; i++) {
            float most = word ? choice[word >> i & 1] : -INFINITY;

            x[i] = x[i] < most ? x[i] : most;
        }
    }
}

static void apply(struct sampler *s, const struct sampler_op *op, const struct op_state *state)
{
    switch (op->kind) {
    case SMP_LOGIT_BIAS:
        smp_bias(s, op);
        break;
    case SMP_PENALTIES:
        smp_penalties(s, op);
        break;
    case SMP_DRY:
        smp_dry(s, op, state->dry);
        break;
    case SMP_TOP_N_SIGMA:
        smp_top_n_sigma(s, op->sigma.n);
        break;
    case SMP_TOP_K:
        smp_top_k(s, op->top_k.k);
        break;
    case SMP_TYPICAL:
        smp_typical(s, op->p.p, op->p.min_keep);
        break;
    case SMP_TOP_P:
        smp_top_p(s, op->p.p, op->p.min_keep);
        break;
    case SMP_MIN_P:
        smp_min_p(s, op->p.p, op->p.min_keep);
        break;
    case SMP_XTC:
        smp_xtc(s, op->xtc.probability, op->xtc.threshold, op->xtc.min_keep);
        break;
    case SMP_TEMP:
        smp_temp(s, op->temp.t);
        break;
    case SMP_TEMP_EXT:
        smp_temp_ext(s, op->temp.t, op->temp.delta, op->temp.exponent);
        break;
    case SMP_MIROSTAT2:
        smp_mirostat(s, state->mu);
        break;
    case SMP_KIND_COUNT:
        break;
    }
}

enum err_code sampler_run(struct sampler *s, const float *logits, const uint64_t *mask,
                          struct cands *out, struct err *e)
{
    *out = (struct cands){ 0 };
    if (!load(s, logits))
        return err_set(e, ERR_ARG, "sampling: the model's logits are not numbers");
    if (mask)
        apply_mask(s, mask);
    for (size_t i = 0; i < s->n_op; i++)
        apply(s, &s->ops[i], &s->state[i]);
    smp_list_all(s);
    if (s->list.n == 0)
        return err_set(e, ERR_ARG, "sampling: no token of the vocabulary is allowed");
    smp_softmax(s);
    *out = s->list;
    return ERR_OK;
}

static const struct cand *draw(struct sampler *s)
{
    const struct cands *c = &s->list;
    const struct cand *last = &c->at[0];
    double u, sum = 0;

    if (c->n == 1)
        return last;
    for (size_t i = 0; i < c->n; i++)
        sum += (double)c->at[i].p;
    u = smp_random(s) * sum;
    sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->at[i].p > 0.0f)
            last = &c->at[i];
        sum += (double)c->at[i].p;
        if (u < sum)
            break;
    }
    return last;
}

enum err_code sampler_sample(struct sampler *s, const float *logits, const uint64_t *mask,
                             int32_t *id, struct err *e)
{
    struct cands c;
    const struct cand *chosen;
    enum err_code rc;

    *id = -1;
    rc = sampler_run(s, logits, mask, &c, e);
    if (rc)
        return rc;
    chosen = draw(s);
    for (size_t i = 0; i < s->n_op; i++) {
        const struct sampler_op *op = &s->ops[i];

        if (op->kind == SMP_MIROSTAT2)
            s->state[i].mu -= op->mirostat.eta * (-log2f(chosen->p) - op->mirostat.tau);
    }
    *id = chosen->id;
    return ERR_OK;
}

/* ---- the usual settings ---- */

struct sampling sampling_defaults(void)
{
    return (struct sampling){
        .temperature = 0.8f,
        .top_k = 40,
        .top_p = 0.95f,
        .min_p = 0.05f,
        .typical_p = 1.0f,
        .repeat_penalty = 1.0f,
        .penalty_last_n = 64,
        .dry_base = 1.75f,
        .dry_allowed_length = 2,
        .dry_last_n = -1,
        .xtc_threshold = 0.1f,
        .mirostat_tau = 5.0f,
        .mirostat_eta = 0.1f,
    };
}

static enum err_code check_sampling(const struct sampling *s, struct err *e)
{
    enum err_code rc = want(s->temperature >= 0 && is_finite(s->temperature), "temperature",
                            (double)s->temperature, "0 or more", e);

    if (!rc)
        rc = want(s->top_p >= 0 && s->top_p <= 1, "top_p", (double)s->top_p, "0 to 1", e);
    if (!rc)
        rc = want(s->min_p >= 0 && s->min_p <= 1, "min_p", (double)s->min_p, "0 to 1", e);
    if (!rc)
        rc = want(s->typical_p >= 0 && s->typical_p <= 1, "typical_p", (double)s->typical_p,
                  "0 to 1", e);
    if (!rc)
        rc = want(s->mirostat == 0 || s->mirostat == 2, "mirostat", s->mirostat, "0 or 2", e);
    return rc;
}

/* The look-back part, the same for every way of choosing. */
static size_t chain_penalties(const struct sampling *s, struct sampler_op *ops)
{
    size_t n = 0;

    if (s->n_bias)
        ops[n++] = (struct sampler_op){ SMP_LOGIT_BIAS, .bias = { s->bias, s->n_bias } };
    ops[n++] = (struct sampler_op){ SMP_PENALTIES,
                                    .penalties = { s->penalty_last_n, s->repeat_penalty,
                                                   s->frequency_penalty, s->presence_penalty } };
    if (s->dry_multiplier != 0.0f)
        ops[n++] = (struct sampler_op){ SMP_DRY, .dry = { s->dry_multiplier, s->dry_base,
                                                          s->dry_allowed_length, s->dry_last_n,
                                                          s->dry_breakers, s->n_dry_breaker } };
    return n;
}

static size_t chain_filters(const struct sampling *s, struct sampler_op *ops)
{
    size_t n = 0;

    ops[n++] = (struct sampler_op){ SMP_TOP_K, .top_k = { s->top_k } };
    if (s->typical_p < 1.0f)
        ops[n++] = (struct sampler_op){ SMP_TYPICAL, .p = { s->typical_p, 0 } };
    ops[n++] = (struct sampler_op){ SMP_TOP_P, .p = { s->top_p, 0 } };
    ops[n++] = (struct sampler_op){ SMP_MIN_P, .p = { s->min_p, 0 } };
    ops[n++] = (struct sampler_op){ SMP_XTC, .xtc = { s->xtc_probability, s->xtc_threshold, 0 } };
    return n;
}

enum err_code sampler_for(struct sampler **out, const struct sampling *s, uint32_t n_vocab,
                          struct err *e)
{
    struct sampler_op ops[SAMPLER_OPS_MAX];
    bool is_greedy = s->temperature <= 0.0f;
    size_t n;
    enum err_code rc;

    *out = NULL;
    rc = check_sampling(s, e);
    if (rc)
        return rc;
    n = chain_penalties(s, ops);
    if (!is_greedy && !s->mirostat)
        n += chain_filters(s, ops + n);
    ops[n++] = (struct sampler_op){ SMP_TEMP, .temp = { .t = s->temperature } };
    if (!is_greedy && s->mirostat)
        ops[n++] =
            (struct sampler_op){ SMP_MIROSTAT2, .mirostat = { s->mirostat_tau, s->mirostat_eta } };
    return sampler_create(out,
                          &(struct sampler_params){ .ops = ops,
                                                    .n_op = n,
                                                    .seed = s->has_seed ? s->seed : random_seed(),
                                                    .n_vocab = n_vocab },
                          e);
}
