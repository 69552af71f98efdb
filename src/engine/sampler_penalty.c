/* What looks back at the text: logit bias, repetition penalties, DRY ("don't repeat yourself").
 *
 * DRY finds, for every earlier place where the text ended as it ends now, how long the agreement is
 * (Z algorithm over the reversed window, linear time), and makes the token that followed there less
 * likely, exponentially in that length. Sequence breakers end what may be compared; they are
 * tracked as tokens arrive, so that many hostile breakers cost no more than their number. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "engine/sampler_int.h"

void smp_bias(struct sampler *s, const struct sampler_op *op)
{
    struct cands *c = &s->list;
    size_t n = 0;

    for (size_t i = 0; s->is_dense && i < op->bias.n; i++) {
        float *logit = &s->dense[op->bias.at[i].id];

        if (*logit > -INFINITY)
            *logit = op->bias.at[i].bias == -INFINITY ? -INFINITY
                                                      : smp_finite(*logit + op->bias.at[i].bias);
    }
    if (s->is_dense)
        return;
    for (size_t k = 0; k < c->n; k++) {
        float logit = c->at[k].logit;

        for (size_t i = 0; i < op->bias.n; i++)
            if (op->bias.at[i].id == c->at[k].id)
                logit += op->bias.at[i].bias;
        if (logit == -INFINITY)
            continue;
        c->at[n] = c->at[k];
        c->at[n++].logit = smp_finite(logit);
    }
    c->n = n;
    c->is_sorted = false;
}

static float penalised(const struct sampler_op *op, float logit, uint32_t count)
{
    if (count == 0 || logit == -INFINITY)
        return logit;
    /* Dividing a negative logit would make the token more likely. */
    if (logit <= 0)
        logit *= op->penalties.repeat;
    else
        logit /= op->penalties.repeat;
    return smp_finite(smp_finite(logit) - (float)count * op->penalties.frequency -
                      op->penalties.presence);
}

void smp_penalties(struct sampler *s, const struct sampler_op *op)
{
    uint32_t n = op->penalties.last_n > 0 ? smp_n_prev(s, op->penalties.last_n) : 0;
    struct cands *c = &s->list;

    if (n == 0 || (op->penalties.repeat == 1.0f && op->penalties.frequency == 0.0f &&
                   op->penalties.presence == 0.0f))
        return;
    for (uint32_t i = 0; i < n; i++)
        s->count[smp_prev(s, i)]++;
    for (size_t i = 0; !s->is_dense && i < c->n; i++)
        c->at[i].logit = penalised(op, c->at[i].logit, s->count[c->at[i].id]);
    for (uint32_t i = 0; i < n; i++) {
        int32_t id = smp_prev(s, i);

        if (s->is_dense)
            s->dense[id] = penalised(op, s->dense[id], s->count[id]);
        s->count[id] = 0;
    }
    c->is_sorted = false;
}

/* z[k] = how many tokens agree between r and r shifted by k, at most limit. */
static void agreement(const int32_t *r, uint32_t n, uint32_t limit, uint32_t *z)
{
    uint32_t left = 0, right = 0; /* r[left .. right) is known to agree with r[0 .. right - left) */

    z[0] = limit;
    for (uint32_t k = 1; k < n; k++) {
        uint32_t len = k < right ? min_u32(z[k - left], right - k) : 0;

        /* A value that was cut to the limit may be short of the known stretch: extending it again
         * is harmless, it is cut the same way. */
        while (len < limit && k + len < n && r[len] == r[k + len])
            len++;
        z[k] = min_u32(len, limit);
        if (k + len > right) {
            left = k;
            right = k + len;
        }
    }
}

static float dry_penalty(const struct sampler_op *op, uint32_t len)
{
    float exponent = (float)len - (float)op->dry.allowed_length;

    if (op->dry.base > 1.000001f) {
        float most = floorf(logf(FLT_MAX) / logf(op->dry.base));

        exponent = exponent > most ? most : exponent;
    }
    return op->dry.multiplier * powf(op->dry.base, exponent);
}

/* How many of the last n tokens lie behind the latest breaker. */
static uint32_t behind_breaker(const struct sampler *s, const struct dry_state *d, uint32_t n)
{
    uint64_t age;

    if (d->len == 0)
        return n;
    age = s->n_accepted - 1 - d->start; /* 0: the breaker's first token is the newest */
    return age < n ? (uint32_t)age + 1 - d->len : n;
}

void smp_dry(struct sampler *s, const struct sampler_op *op, const struct dry_state *d)
{
    const uint32_t allowed = (uint32_t)op->dry.allowed_length;
    uint32_t n, limit;
    struct cands *c = &s->list;

    if (op->dry.multiplier == 0.0f || op->dry.base < 1.0f || op->dry.last_n == 0)
        return;
    n = smp_n_prev(s, op->dry.last_n);
    if (n <= allowed)
        return;
    limit = behind_breaker(s, d, n);
    if (limit < allowed)
        return;
    for (uint32_t i = 0; i < n; i++)
        s->recent[i] = smp_prev(s, i);
    agreement(s->recent, n, limit, s->z);
    /* count = longest agreement + 1, so that an agreement of 0 (allowed_length 0) is told from
     * none. */
    for (uint32_t k = 1; k < n; k++) {
        uint32_t *most = &s->count[s->recent[k - 1]];

        if (s->z[k] >= allowed)
            *most = max_u32(*most, s->z[k] + 1);
    }
    /* A breaker of one token is never made less likely: it is there to end repetitions. */
    for (size_t i = 0; i < d->n; i++)
        if (d->breakers[i].n == 1 && d->breakers[i].at[0] >= 0 &&
            (uint32_t)d->breakers[i].at[0] < s->n_vocab)
            s->count[d->breakers[i].at[0]] = 0;
    for (size_t i = 0; !s->is_dense && i < c->n; i++) {
        uint32_t most = s->count[c->at[i].id];

        if (most)
            c->at[i].logit = smp_finite(c->at[i].logit - dry_penalty(op, most - 1));
    }
    for (uint32_t k = 0; k < n; k++) {
        int32_t id = s->recent[k];

        if (s->is_dense && s->count[id] && s->dense[id] > -INFINITY)
            s->dense[id] = smp_finite(s->dense[id] - dry_penalty(op, s->count[id] - 1));
        s->count[id] = 0;
    }
    c->is_sorted = false;
}

static bool breaker_copy(struct arena *a, struct dry_state *d, size_t i, const struct token_seq *b)
{
    int32_t *at = arena_new_n(a, b->n, sizeof(*at));

    d->fail[i] = arena_new_n(a, b->n, sizeof(**d->fail));
    if (!at || !d->fail[i])
        return false;
    memcpy(at, b->at, b->n * sizeof(*at));
    d->breakers[i] = (struct token_seq){ .at = at, .n = b->n };
    for (uint32_t k = 1, len = 0; k < b->n; k++) {
        while (len && at[k] != at[len])
            len = d->fail[i][len - 1];
        len += at[k] == at[len];
        d->fail[i][k] = len;
    }
    return true;
}

struct dry_state *dry_state_new(struct arena *a, const struct token_seq *breakers, size_t n)
{
    struct dry_state *d = arena_new(a, sizeof(*d));

    if (!d)
        return NULL;
    d->n = n;
    d->breakers = arena_new_n(a, n, sizeof(*d->breakers));
    d->fail = arena_new_n(a, n, sizeof(*d->fail));
    d->matched = arena_new_n(a, n, sizeof(*d->matched));
    if (!d->breakers || !d->fail || !d->matched)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!breaker_copy(a, d, i, &breakers[i]))
            return NULL;
    return d;
}

void dry_state_accept(struct dry_state *d, uint64_t pos, int32_t id)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct token_seq *b = &d->breakers[i];
        uint32_t len = d->matched[i];
        uint64_t start;

        while (len && (len == b->n || b->at[len] != id))
            len = d->fail[i][len - 1];
        len += b->at[len] == id;
        d->matched[i] = len;
        if (len < b->n)
            continue;
        start = pos + 1 - len;
        if (d->len == 0 || start > d->start || (start == d->start && len > d->len)) {
            d->start = start;
            d->len = len;
        }
    }
}
