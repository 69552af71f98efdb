/* Partial ordering of candidates: what top-k, top-p and the like need instead of a full sort.
 *
 * Quicksort and quickselect by median of three; after too many bad cuts a heap sort takes over, so
 * that no order of logits is worse than n log n. The order is total (ids differ), so the result
 * does not depend on the way there. */
#include <math.h>

#include "base/num.h"
#include "engine/sampler_int.h"

#define SMALL 16U

static inline bool is_before(const struct cand *a, const struct cand *b)
{
    return a->logit > b->logit || (a->logit == b->logit && a->id < b->id);
}

static inline void swap(struct cand *a, struct cand *b)
{
    struct cand t = *a;

    *a = *b;
    *b = t;
}

static void insertion_sort(struct cand *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct cand c = at[i];
        size_t j = i;

        for (; j > 0 && is_before(&c, &at[j - 1]); j--)
            at[j] = at[j - 1];
        at[j] = c;
    }
}

static void sift_down(struct cand *at, size_t i, size_t n)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= n)
            return;
        if (child + 1 < n && is_before(&at[child], &at[child + 1]))
            child++;
        if (!is_before(&at[i], &at[child]))
            return;
        swap(&at[i], &at[child]);
        i = child;
    }
}

static void heap_sort(struct cand *at, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(at, i, n);
    for (size_t i = n; i-- > 1;) {
        swap(&at[0], &at[i]);
        sift_down(at, 0, i);
    }
}

/* Cuts n > SMALL candidates in two and returns the place of the pivot: all before it precede it. */
static size_t partition(struct cand *at, size_t n)
{
    size_t mid = n / 2, i = 0, j = n - 2;
    struct cand pivot;

    if (is_before(&at[mid], &at[0]))
        swap(&at[mid], &at[0]);
    if (is_before(&at[n - 1], &at[mid]))
        swap(&at[n - 1], &at[mid]);
    if (is_before(&at[mid], &at[0]))
        swap(&at[mid], &at[0]);
    swap(&at[mid], &at[n - 2]);
    pivot = at[n - 2];
    for (;;) {
        while (is_before(&at[++i], &pivot))
            ;
        while (is_before(&pivot, &at[--j]))
            ;
        if (i >= j)
            break;
        swap(&at[i], &at[j]);
    }
    swap(&at[i], &at[n - 2]);
    return i;
}

static unsigned cut_budget(size_t n)
{
    unsigned log2 = 0;

    for (; n > 1; n >>= 1)
        log2++;
    return 2 * log2 + 4;
}

static void sort(struct cand *at, size_t n)
{
    unsigned budget = cut_budget(n);

    /* Recursion goes into the smaller part only: its depth is log2(n) at most. */
    while (n > SMALL) {
        size_t cut;

        if (budget-- == 0) {
            heap_sort(at, n);
            return;
        }
        cut = partition(at, n);
        if (cut < n - cut - 1) {
            sort(at, cut);
            at += cut + 1;
            n -= cut + 1;
        } else {
            sort(at + cut + 1, n - cut - 1);
            n = cut;
        }
    }
    insertion_sort(at, n);
}

/* The best k to the front, in any order. */
static void select_top(struct cand *at, size_t n, size_t k)
{
    unsigned budget = cut_budget(n);

    while (k > 0 && k < n) {
        size_t cut;

        if (n <= SMALL || budget-- == 0) {
            heap_sort(at, n);
            return;
        }
        cut = partition(at, n);
        if (k <= cut) {
            n = cut;
        } else {
            at += cut + 1;
            n -= cut + 1;
            k -= cut + 1;
        }
    }
}

void cands_sort_top(struct cand *at, size_t n, size_t n_done, size_t k)
{
    k = min_size(k, n);
    if (k <= n_done)
        return;
    select_top(at + n_done, n - n_done, k - n_done);
    sort(at + n_done, k - n_done);
}

float floats_max(const float *x, size_t n)
{
    float best[16];
    float max = -INFINITY;
    size_t i = 0;

    for (size_t j = 0; j < 16; j++)
        best[j] = -INFINITY;
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 16; j++)
            best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
    for (size_t j = 0; j < 16; j++)
        max = best[j] > max ? best[j] : max;
    for (; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

static float worst_logit(const struct cand *at, size_t n)
{
    float worst = INFINITY;

    for (size_t i = 0; i < n; i++)
        worst = at[i].logit < worst ? at[i].logit : worst;
    return worst;
}

/* Collects what beats the k-th best seen so far, and thins the collection out when it is twice k.
 * Equal logits with a higher id never displace earlier ones, so "greater" alone decides. */
size_t cands_top_of(const float *logits, size_t n, size_t k, struct cand *at)
{
    const size_t cap = min_size(n, 2 * min_size(k, n) + 64), block = 64;
    float floor = -INFINITY;
    size_t n_at = 0;

    k = min_size(k, n);
    for (size_t i0 = 0; i0 < n; i0 += block) {
        size_t i1 = min_size(n, i0 + block);
        int any = 0;

        for (size_t i = i0; i < i1; i++)
            any |= logits[i] > floor;
        if (!any)
            continue;
        for (size_t i = i0; i < i1; i++) {
            if (!(logits[i] > floor))
                continue;
            if (n_at == cap) {
                select_top(at, n_at, k);
                n_at = k;
                floor = worst_logit(at, n_at);
                if (!(logits[i] > floor))
                    continue;
            }
            at[n_at++] = (struct cand){ .id = (int32_t)i, .logit = logits[i] };
        }
    }
    cands_sort_top(at, n_at, 0, k);
    return min_size(n_at, k);
}
