/* Attention over the paged cache, one pass with a running softmax (Milakov and Gimelshein 2018; Dao
 * 2022).
 *
 * A share of work is a few tokens of one sequence and one K/V head with all query heads that read
 * it, so that a page fetched once serves them all. Each (token, query head) walks its own visible
 * positions page by page in ascending order: its sums never depend on the other tokens of the tile
 * (law 4). */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/cpu/exec.h"

#define TILE_ROWS                                                                                  \
    32U /* (token, query head) pairs of a share, at most, when a token has fewer heads */

/* State of one (token, query head): running maximum and sum, and head_v accumulated values. */
struct row_state {
    float max, sum;
};

struct tile {
    const struct op_attention *o;
    uint32_t first, n_tok; /* tokens of the batch */
    uint32_t kv_head, n_group;
    float *acc; /* [n_tok * n_group][head_v] */
    struct row_state *rows;
    float *s;               /* [KV_PAGE_TOK] scores */
    float *page_k, *page_v; /* unpacked pages of compressed caches */
    enum kv_type type_v;    /* as stored, and elements from one row of V to the next */
    uint32_t stride_v;
};

static uint32_t tile_tokens(const struct op_attention *o)
{
    return max_u32(1, TILE_ROWS / (o->n_head / o->n_head_kv));
}

size_t scratch_attention(const struct op *op)
{
    const struct op_attention *o = &op->attention;
    size_t rows = (size_t)tile_tokens(o) * (o->n_head / o->n_head_kv);
    size_t floats = round_up(rows * o->head_v, 16) + round_up(rows * 2, 16) + KV_PAGE_TOK +
                    (size_t)KV_PAGE_TOK * (o->head_k + o->head_v) + 32;

    return round_up(floats * sizeof(float), 64);
}

static void carve(const struct exec *x, struct tile *t)
{
    size_t rows = (size_t)tile_tokens(t->o) * t->n_group;
    float *at = (float *)(void *)x->scratch;

    t->acc = at;
    at += round_up(rows * t->o->head_v, 16);
    t->rows = (struct row_state *)(void *)at;
    at += round_up(rows * 2, 16);
    t->s = at;
    at += KV_PAGE_TOK;
    t->page_k = at;
    t->page_v = at + round_up((size_t)KV_PAGE_TOK * t->o->head_k, 16);
}

/* Positions [*lo, *hi) that a token at pos may see. */
static void visible(const struct op_attention *o, uint32_t pos, uint32_t n_kv, uint32_t *lo,
                    uint32_t *hi)
{
    uint32_t half = o->n_window / 2;

    *lo = 0;
    *hi = o->causal ? pos + 1 : n_kv;
    switch (o->window) {
    case WINDOW_NONE:
        break;
    case WINDOW_CAUSAL:
        *lo = pos >= o->n_window ? pos - o->n_window + 1 : 0;
        break;
    case WINDOW_CHUNK:
        *lo = pos / o->n_window * o->n_window;
        break;
    case WINDOW_SYMMETRIC:
        *lo = pos > half ? pos - half : 0;
        *hi = n_kv - pos > half ? pos + half + 1 : n_kv;
        break;
    }
    if (*hi > n_kv)
        *hi = n_kv;
}

static float alibi_slope(const struct op_attention *o, uint32_t head)
{
    uint32_t p = 1;
    double b = (double)o->alibi;

    while (p * 2 <= o->n_head)
        p *= 2;
    if (head < p)
        return (float)exp2(-b * (head + 1) / p);
    return (float)exp2(-b * (2.0 * (head - p) + 1) / (2.0 * p));
}

/* Adds n cached positions, the first at `pos0`, to one row's state. k and v point at the first one.
 */
static void add_keys(const struct exec *x, const struct tile *t, uint32_t i_row, uint32_t pos0,
                     uint32_t n, const void *k, const void *v)
{
    const struct op_attention *o = t->o;
    const struct cpu_kernels *fn = x->k;
    uint32_t tok = t->first + i_row / t->n_group;
    uint32_t head = t->kv_head * t->n_group + i_row % t->n_group;
    const float *q = exec_row(x, x->op->src, tok) + (size_t)head * o->head_k;
    struct row_state *st = &t->rows[i_row];
    float *acc = t->acc + (size_t)i_row * o->head_v, max;

    if (x->p->kv->type_k == KV_F16)
        fn->qk_f16(n, o->head_k, q, k, t->s);
    else
        fn->qk_f32(n, o->head_k, q, k, t->s);
    fn->scale(n, o->scale, t->s);
    if (o->alibi != 0.0F) {
        float slope = alibi_slope(o, head), pos = (float)x->p->batch->pos[tok];

        for (uint32_t j = 0; j < n; j++)
            t->s[j] -= slope * fabsf(pos - (float)(pos0 + j));
    }
    if (o->cap != 0.0F)
        fn->softcap(n, o->cap, t->s);
    max = fn->max(n, t->s);
    if (max > st->max) {
        float shrink = expf(st->max - max);

        fn->scale(o->head_v, shrink, acc);
        st->sum *= shrink;
        st->max = max;
    }
    st->sum += fn->exp_sum(n, st->max, t->s);
    if (t->type_v == KV_F16)
        fn->pv_f16(n, o->head_v, t->stride_v, t->s, v, acc);
    else
        fn->pv_f32(n, o->head_v, t->stride_v, t->s, v, acc);
}

/* One head of one page; compressed caches are unpacked into scratch first. */
static const void *head_of_page(enum kv_type type, const uint8_t *pages, size_t page_bytes,
                                uint32_t page, uint32_t kv_head, uint32_t head, uint32_t n,
                                float *unpacked)
{
    size_t row = kv_row_bytes(type, head);
    const uint8_t *at = pages + page * page_bytes + (size_t)kv_head * KV_PAGE_TOK * row;

    if (type == KV_F16 || type == KV_F32)
        return at;
    kv_rows_load(type, head, n, at, unpacked);
    return unpacked;
}

static size_t elem_bytes(enum kv_type t)
{
    return t == KV_F16 ? 2 : 4; /* everything else is read as f32 */
}

static void walk_pages(const struct exec *x, const struct tile *t, const struct batch_seq *seq)
{
    const struct op_attention *o = t->o;
    const struct kv_store *kv = x->p->kv;
    uint32_t n_row = t->n_tok * t->n_group, lo, hi, end = 0, begin = UINT32_MAX;

    for (uint32_t i = 0; i < t->n_tok; i++) {
        visible(o, x->p->batch->pos[t->first + i], seq->n_kv, &lo, &hi);
        begin = min_u32(begin, lo);
        end = max_u32(end, hi);
    }
    for (uint32_t at = begin / KV_PAGE_TOK * KV_PAGE_TOK; at < end; at += KV_PAGE_TOK) {
        uint32_t page = seq->pages[at / KV_PAGE_TOK], n_page = min_u32(KV_PAGE_TOK, seq->n_kv - at);
        const uint8_t *k = head_of_page(kv->type_k, kv->k[o->layer], kv->page_k[o->layer], page,
                                        t->kv_head, o->head_k, n_page, t->page_k);
        const uint8_t *v = k;

        CHECK(page < kv->n_page);
        if (!kv->layers[o->layer].v_in_k)
            v = head_of_page(kv->type_v, kv->v[o->layer], kv->page_v[o->layer], page, t->kv_head,
                             o->head_v, n_page, t->page_v);
        for (uint32_t i = 0; i < n_row; i++) {
            visible(o, x->p->batch->pos[t->first + i / t->n_group], seq->n_kv, &lo, &hi);
            lo = max_u32(lo, at);
            hi = min_u32(hi, at + KV_PAGE_TOK);
            if (lo < hi)
                add_keys(x, t, i, lo, hi - lo,
                         k + (size_t)(lo - at) * o->head_k * elem_bytes(kv->type_k),
                         v + (size_t)(lo - at) * t->stride_v * elem_bytes(t->type_v));
        }
    }
}

/* A sink takes part in maximum and sum but has no value: left out of the maximum, a large one
 * overflows. */
static void finish_row(const struct exec *x, const struct tile *t, uint32_t i_row)
{
    const struct op_attention *o = t->o;
    uint32_t head = t->kv_head * t->n_group + i_row % t->n_group;
    struct row_state st = t->rows[i_row];
    float *acc = t->acc + (size_t)i_row * o->head_v;

    if (o->sinks) {
        float sink = weight_f32(o->sinks)[head];

        if (sink > st.max) {
            float shrink = expf(st.max - sink);

            x->k->scale(o->head_v, shrink, acc);
            st.sum *= shrink;
            st.max = sink;
        }
        st.sum += expf(sink - st.max);
    }
    x->k->scale(o->head_v, st.sum > 0.0F ? 1.0F / st.sum : 0.0F, acc);
    memcpy(exec_row(x, x->op->dst, t->first + i_row / t->n_group) + (size_t)head * o->head_v, acc,
           o->head_v * sizeof(float));
}

/* Tokens [*first, *first + *n) of tile i: tiles never cross from one sequence to the next. */
static bool find_tile(const struct batch *b, uint32_t per_tile, uint32_t i, uint32_t *first,
                      uint32_t *n)
{
    uint32_t at = 0;

    while (at < b->n_tok) {
        uint32_t end = at, n_tile;

        while (end < b->n_tok && b->seq[end] == b->seq[at])
            end++;
        n_tile = (end - at + per_tile - 1) / per_tile;
        if (i < n_tile) {
            *first = at + i * per_tile;
            *n = min_u32(per_tile, end - *first);
            return true;
        }
        i -= n_tile;
        at = end;
    }
    return false;
}

void exec_attention(const struct exec *x)
{
    const struct op_attention *o = &x->op->attention;
    const struct batch *b = x->p->batch;
    const struct kv_store *kv = x->p->kv;
    bool v_in_k = kv->layers[o->layer].v_in_k;
    struct tile t = { .o = o,
                      .n_group = o->n_head / o->n_head_kv,
                      .type_v = v_in_k ? kv->type_k : kv->type_v,
                      .stride_v = v_in_k ? o->head_k : o->head_v };
    uint32_t per_tile = tile_tokens(o), share;

    carve(x, &t);
    while (exec_share(x, 0, b->n_tok * o->n_head_kv, &share)) {
        t.kv_head = share % o->n_head_kv;
        if (!find_tile(b, per_tile, share / o->n_head_kv, &t.first, &t.n_tok))
            return;
        memset(t.acc, 0, (size_t)t.n_tok * t.n_group * o->head_v * sizeof(float));
        for (uint32_t i = 0; i < t.n_tok * t.n_group; i++)
            t.rows[i] = (struct row_state){ .max = -INFINITY };
        walk_pages(x, &t, &b->seqs[b->seq[t.first]]);
        for (uint32_t i = 0; i < t.n_tok * t.n_group; i++)
            finish_row(x, &t, i);
    }
}

void exec_kv_write(const struct exec *x)
{
    const struct op *op = x->op;
    const struct batch *b = x->p->batch;
    struct kv_store *kv = x->p->kv;
    uint32_t il = op->kv_write.layer, share;
    const struct kv_layer *l = &kv->layers[il];
    size_t row_k = kv_row_bytes(kv->type_k, l->head_k), row_v = kv_row_bytes(kv->type_v, l->head_v);

    while (exec_share(x, 0, b->n_tok, &share)) {
        const struct batch_seq *seq = &b->seqs[b->seq[share]];
        uint32_t pos = b->pos[share], page = seq->pages[pos / KV_PAGE_TOK];

        CHECK(pos < seq->n_kv && page < kv->n_page);
        for (uint32_t h = 0; h < l->n_head; h++) {
            size_t slot = (size_t)h * KV_PAGE_TOK + pos % KV_PAGE_TOK;

            kv_row_store(x->k, kv->type_k, l->head_k,
                         exec_row(x, op->src, share) + (size_t)h * l->head_k,
                         kv->k[il] + page * kv->page_k[il] + slot * row_k);
            if (!l->v_in_k)
                kv_row_store(x->k, kv->type_v, l->head_v,
                             exec_row(x, op->src2, share) + (size_t)h * l->head_v,
                             kv->v[il] + page * kv->page_v[il] + slot * row_v);
        }
    }
}
