/* Merging neighbours, best rank first, the leftmost among equals: byte-pair encoding, and
 * SentencePiece's variant where a token's score gives the rank.
 *
 * Short pieces scan for the best pair; long ones keep pairs in a heap, so that a megabyte without
 * any cut costs n log n. Pairs made stale by a later merge are recognised by their length. */
#include "text/tok_int.h"

#define SCAN_MAX 24U /* pieces up to so many symbols are scanned */

/* The sym of left and right joined; rank TOK_RANK_NONE when they do not join. */
static uint32_t join(const struct tok_work *w, const char *piece, const struct sym *left,
                     const struct sym *right, uint32_t *rank)
{
    const struct tok *t = w->t;
    uint32_t s = TOK_SYM_NONE;

    *rank = TOK_RANK_NONE;
    if (t->model == TOK_BPE) {
        if (left->sym != TOK_SYM_NONE && right->sym != TOK_SYM_NONE)
            s = tok_merge_find(t, left->sym, right->sym, rank);
    } else if (left->len + right->len <= t->max_len) {
        s = strs_find(&t->spell, piece + left->at, left->len + right->len);
        if (s != TOK_SYM_NONE)
            *rank = t->rank[s];
    }
    if (!work_may_make(w, s)) {
        *rank = TOK_RANK_NONE;
        s = TOK_SYM_NONE;
    }
    return s;
}

static void merge_scan(struct tok_work *w, const char *piece, size_t n)
{
    uint32_t rank[SCAN_MAX], sym[SCAN_MAX];
    struct sym *s = w->sym;

    for (size_t i = 0; i + 1 < n; i++)
        sym[i] = join(w, piece, &s[i], &s[i + 1], &rank[i]);
    while (n > 1) {
        size_t best = 0;

        for (size_t i = 1; i + 1 < n; i++) {
            if (rank[i] < rank[best])
                best = i;
        }
        if (rank[best] == TOK_RANK_NONE)
            break;
        s[best].sym = sym[best];
        s[best].len += s[best + 1].len;
        n--;
        for (size_t i = best + 1; i < n; i++) {
            s[i] = s[i + 1];
            rank[i - 1] = rank[i];
            sym[i - 1] = sym[i];
        }
        if (best > 0)
            sym[best - 1] = join(w, piece, &s[best - 1], &s[best], &rank[best - 1]);
        if (best + 1 < n)
            sym[best] = join(w, piece, &s[best], &s[best + 1], &rank[best]);
    }
    for (size_t i = 0; i < n; i++)
        s[i].next = i + 1 < n ? (uint32_t)i + 1 : UINT32_MAX;
}

static bool is_before(const struct pair *a, const struct pair *b)
{
    return a->rank < b->rank || (a->rank == b->rank && a->left < b->left);
}

static bool heap_push(struct tok_work *w, struct pair p)
{
    size_t i = w->n_heap;

    if (!work_need(w, (void **)&w->heap, &w->heap_cap, i + 1, sizeof(*w->heap)))
        return false;
    w->n_heap++;
    while (i > 0 && is_before(&p, &w->heap[(i - 1) / 2])) {
        w->heap[i] = w->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    w->heap[i] = p;
    return true;
}

static struct pair heap_pop(struct tok_work *w)
{
    struct pair top = w->heap[0], last = w->heap[--w->n_heap];
    size_t i = 0;

    for (;;) {
        size_t k = 2 * i + 1;

        if (k >= w->n_heap)
            break;
        if (k + 1 < w->n_heap && is_before(&w->heap[k + 1], &w->heap[k]))
            k++;
        if (!is_before(&w->heap[k], &last))
            break;
        w->heap[i] = w->heap[k];
        i = k;
    }
    w->heap[i] = last;
    return top;
}

static bool pair_add(struct tok_work *w, const char *piece, uint32_t left, uint32_t right)
{
    struct pair p = { .left = left };

    if (left == UINT32_MAX || right == UINT32_MAX)
        return true;
    p.sym = join(w, piece, &w->sym[left], &w->sym[right], &p.rank);
    p.len = w->sym[left].len + w->sym[right].len;
    return p.rank == TOK_RANK_NONE || heap_push(w, p);
}

static bool merge_heap(struct tok_work *w, const char *piece, size_t n)
{
    struct sym *s = w->sym;

    w->n_heap = 0;
    for (size_t i = 0; i < n; i++) {
        s[i].prev = i > 0 ? (uint32_t)i - 1 : UINT32_MAX;
        s[i].next = i + 1 < n ? (uint32_t)i + 1 : UINT32_MAX;
        if (i > 0 && !pair_add(w, piece, (uint32_t)i - 1, (uint32_t)i))
            return false;
        if (!work_goes_on(w, 1))
            return false;
    }
    while (w->n_heap > 0) {
        struct pair p = heap_pop(w);
        struct sym *left = &s[p.left];
        uint32_t right = left->next;

        if (!work_goes_on(w, 1))
            return false;
        if (left->len == 0 || right == UINT32_MAX || left->len + s[right].len != p.len)
            continue;
        left->sym = p.sym;
        left->len = p.len;
        left->next = s[right].next;
        s[right].len = 0;
        if (left->next != UINT32_MAX)
            s[left->next].prev = p.left;
        if (!pair_add(w, piece, left->prev, p.left) || !pair_add(w, piece, p.left, left->next))
            return false;
    }
    return true;
}

bool tok_merge(struct tok_work *w, const char *piece, size_t n)
{
    /* No token spells more than max_len bytes. */
    w->is_full = w->t->max_len && n / w->t->max_len >= w->n_stop - w->out->n;
    if (w->is_full)
        return false;
    if (n > SCAN_MAX)
        return merge_heap(w, piece, n);
    merge_scan(w, piece, n);
    return true;
}
