/* Filters and temperatures: each takes the candidates and leaves fewer, or changes their logits.
 *
 * Sources: top-p (nucleus) arXiv:1904.09751, typical arXiv:2202.00666, min-p arXiv:2407.01082,
 * top-n-sigma arXiv:2411.07641, mirostat arXiv:2007.14966; "exclude top choices" and dynamic
 * temperature have no paper. Sums run in f32 in the order of the array: thresholds that fall on a
 * sum exactly (0.4 + 0.3 >= 0.7) come out as in other programs. */
#include <float.h>
#include <math.h>

#include "base/num.h"
#include "engine/sampler_int.h"

/* How far sorted prefixes grow at a time: the first is mostly enough. */
#define SORT_FIRST 128U

float smp_finite(float logit)
{
    if (logit > FLT_MAX)
        return FLT_MAX;
    return logit >= -FLT_MAX ? logit : -FLT_MAX; /* NaN too */
}

void smp_list(struct sampler *s, float logit_min)
{
    struct cands *c = &s->list;

    c->n = 0;
    c->is_sorted = false;
    for (uint32_t id = 0; id < s->n_vocab; id++) {
        float logit = s->dense[id];

        if (logit >= logit_min && logit > -INFINITY)
            c->at[c->n++] = (struct cand){ .id = (int32_t)id, .logit = logit };
    }
    s->is_dense = false;
}

void smp_list_all(struct sampler *s)
{
    if (s->is_dense)
        smp_list(s, -INFINITY);
}

static float list_max(const struct cands *c)
{
    float max = -INFINITY;

    if (c->is_sorted && c->n)
        return c->at[0].logit;
    for (size_t i = 0; i < c->n; i++)
        max = c->at[i].logit > max ? c->at[i].logit : max;
    return max;
}

void smp_softmax(struct sampler *s)
{
    struct cands *c = &s->list;
    float max = list_max(c), sum = 0;

    for (size_t i = 0; i < c->n; i++) {
        c->at[i].p = expf(c->at[i].logit - max);
        sum += c->at[i].p;
    }
    for (size_t i = 0; i < c->n; i++)
        c->at[i].p /= sum;
}

static void keep_sorted_top(struct sampler *s, size_t k)
{
    struct cands *c = &s->list;

    cands_sort_top(c->at, c->n, c->is_sorted ? c->n : 0, k);
    c->n = min_size(c->n, k);
    c->is_sorted = true;
}

void smp_top_k(struct sampler *s, int32_t k)
{
    if (k <= 0)
        return;
    if (s->is_dense && (size_t)k < s->n_vocab / 4) {
        s->list.n = cands_top_of(s->dense, s->n_vocab, (size_t)k, s->list.at);
        s->list.is_sorted = true;
        s->is_dense = false;
        return;
    }
    smp_list_all(s);
    keep_sorted_top(s, (size_t)k);
}

/* Sorts another stretch when i reaches the end of what is in order. */
static void sorted_up_to(struct cand *at, size_t n, size_t i, size_t *n_sorted)
{
    size_t want;

    if (i < *n_sorted)
        return;
    want = min_size(n, *n_sorted ? *n_sorted * 4 : SORT_FIRST);
    cands_sort_top(at, n, *n_sorted, want);
    *n_sorted = want;
}

void smp_top_p(struct sampler *s, float p, size_t min_keep)
{
    struct cands *c = &s->list;
    size_t n_sorted, i;
    float sum = 0;

    if (p >= 1.0f)
        return;
    smp_list_all(s);
    smp_softmax(s);
    n_sorted = c->is_sorted ? c->n : 0;
    for (i = 0; i < c->n; i++) {
        sorted_up_to(c->at, c->n, i, &n_sorted);
        sum += c->at[i].p;
        if (sum >= p && i + 1 >= min_keep) {
            c->n = i + 1;
            break;
        }
    }
    c->is_sorted = true;
}

/* Throws out what is below logit_min, keeping the order; nothing when too few would be left. */
static bool keep_from(struct cands *c, float logit_min, size_t min_keep)
{
    size_t n = 0, to = 0;

    for (size_t i = 0; i < c->n; i++)
        n += c->at[i].logit >= logit_min;
    if (n == 0 || n < min_keep)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].logit >= logit_min)
            c->at[to++] = c->at[i];
    c->n = n;
    return true;
}

void smp_min_p(struct sampler *s, float p, size_t min_keep)
{
    struct cands *c = &s->list;

    if (p <= 0.0f)
        return;
    if (s->is_dense) {
        smp_list(s, floats_max(s->dense, s->n_vocab) + logf(p));
        if (c->n >= max_size(min_keep, 1))
            return;
        smp_list(s, -INFINITY);
    } else if (keep_from(c, list_max(c) + logf(p), min_keep)) {
        return;
    }
    keep_sorted_top(s, max_size(min_keep, 1));
}

/* Orders candidates by how far their surprise is from the expected one, and keeps the nearest. */
void smp_typical(struct sampler *s, float p, size_t min_keep)
{
    struct cands *c = &s->list;
    size_t n_sorted = 0, n = 0;
    float entropy = 0, sum = 0;

    if (p >= 1.0f)
        return;
    smp_list_all(s);
    keep_sorted_top(s, c->n);
    smp_softmax(s);
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].p > 0.0f)
            entropy += -c->at[i].p * logf(c->at[i].p);
    for (size_t i = 0; i < c->n; i++) {
        float distance = c->at[i].p > 0.0f ? fabsf(-logf(c->at[i].p) - entropy) : FLT_MAX;

        s->tmp[i] = (struct cand){ .id = (int32_t)i, .logit = -distance };
    }
    while (n < c->n) {
        struct cand *t = &s->tmp[n];

        sorted_up_to(s->tmp, c->n, n, &n_sorted);
        n++;
        sum += c->at[t->id].p;
        if (sum > p && n >= min_keep)
            break;
    }
    for (size_t i = 0; i < n; i++)
        s->tmp[i] = c->at[s->tmp[i].id];
    for (size_t i = 0; i < n; i++)
        c->at[i] = s->tmp[i];
    c->n = n;
    c->is_sorted = false;
}

/* With the given chance, removes every token that reaches the threshold but the least of them. */
void smp_xtc(struct sampler *s, float probability, float threshold, size_t min_keep)
{
    struct cands *c = &s->list;
    size_t n_sorted, last = 0;

    if (probability <= 0.0f || threshold > 0.5f)
        return;
    smp_list_all(s);
    if (c->n < 2 || smp_random(s) > (double)probability)
        return;
    smp_softmax(s);
    n_sorted = c->is_sorted ? c->n : 0;
    for (size_t i = 0; i < c->n; i++) {
        sorted_up_to(c->at, c->n, i, &n_sorted);
        if (c->at[i].p < threshold)
            break;
        last = i;
    }
    c->is_sorted = n_sorted == c->n;
    if (last == 0 || c->n - last < min_keep)
        return;
    for (size_t i = last; i < c->n; i++)
        c->at[i - last] = c->at[i];
    c->n -= last;
}

/* Keeps what lies within n standard deviations below the best logit. */
void smp_top_n_sigma(struct sampler *s, float n)
{
    struct cands *c = &s->list;
    double mean = 0, var = 0;
    float min;

    if (n <= 0.0f)
        return;
    smp_list_all(s);
    if (c->n < 2)
        return;
    for (size_t i = 0; i < c->n; i++)
        mean += (double)c->at[i].logit;
    mean /= (double)c->n;
    for (size_t i = 0; i < c->n; i++) {
        double d = (double)c->at[i].logit - mean;

        var += d * d;
    }
    min = (float)((double)list_max(c) - (double)n * sqrt(var / (double)c->n));
    (void)keep_from(c, min, 1);
}

static void keep_best(struct sampler *s)
{
    if (s->is_dense)
        smp_top_k(s, 1);
    smp_list_all(s);
    keep_sorted_top(s, 1);
}

void smp_temp(struct sampler *s, float t)
{
    /* Below this a division only overflows. */
    if (t < 1e-9f) {
        keep_best(s);
    } else if (s->is_dense) {
        for (uint32_t id = 0; id < s->n_vocab; id++)
            s->dense[id] = s->dense[id] == -INFINITY ? -INFINITY : smp_finite(s->dense[id] / t);
    } else {
        for (size_t i = 0; i < s->list.n; i++) {
            s->list.at[i].logit = smp_finite(s->list.at[i].logit / t);
            /* Rounding can make neighbours equal, whose ids then decide. */
            if (i > 0 && s->list.at[i].logit == s->list.at[i - 1].logit)
                s->list.is_sorted = false;
        }
    }
}

/* The temperature moves from t - delta to t + delta with the entropy of the distribution. */
void smp_temp_ext(struct sampler *s, float t, float delta, float exponent)
{
    struct cands *c = &s->list;
    float low = t > delta ? t - delta : 0.0f, high = smp_finite(t + delta), entropy = 0;

    if (delta <= 0.0f) {
        smp_temp(s, t);
        return;
    }
    smp_list_all(s);
    if (c->n < 2)
        return;
    smp_softmax(s);
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].p > 0.0f)
            entropy -= c->at[i].p * logf(c->at[i].p);
    t = low + (high - low) * powf(entropy / logf((float)c->n), exponent);
    smp_temp(s, t <= FLT_MAX ? t : FLT_MAX);
}

void smp_mirostat(struct sampler *s, float mu)
{
    struct cands *c = &s->list;
    size_t n = 0;

    smp_list_all(s);
    smp_softmax(s);
    for (size_t i = 0; i < c->n; i++)
        n += -log2f(c->at[i].p) <= mu;
    if (n == 0) {
        keep_best(s);
        return;
    }
    n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (-log2f(c->at[i].p) <= mu)
            c->at[n++] = c->at[i];
    c->n = n;
}
