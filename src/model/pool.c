/* Pooling, dense heads and classifiers (architectures.md, section 2: embedding and reranking
 * models). */
#include "model/pool.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "formats/dtype.h"
#include "model/priv.h"

/* Work space: the values between two heads, and a row of a weight. */
struct pool_work {
    float *x, *y, *row;
    uint32_t n;
};

static const struct stored *head_of(const struct model *m, enum weight_role r)
{
    return &m->w.global[r];
}

enum pooling model_pooling(const struct model *m)
{
    if (m->hp.pooling != POOL_NONE)
        return m->hp.pooling;
    return m->hp.causal ? POOL_LAST : POOL_MEAN;
}

uint32_t model_pool_width(const struct model *m, enum pooling pooling)
{
    static const enum weight_role heads[2][2] = { { W_DENSE_3, W_DENSE_2 },
                                                  { W_CLS_OUTPUT, W_CLS } };

    for (uint32_t i = 0; i < 2; i++) {
        const struct weight *w = head_of(m, heads[pooling == POOL_RANK][i])->w;

        if (w)
            return (uint32_t)w->ne[1];
    }
    return pooling == POOL_RANK ? 0 : m->hp.n_embd;
}

static uint32_t widest(const struct model *m)
{
    static const enum weight_role heads[] = { W_DENSE_2, W_DENSE_3, W_CLS, W_CLS_OUTPUT };
    uint32_t n = m->hp.n_embd;

    for (uint32_t i = 0; i < COUNT_OF(heads); i++) {
        const struct weight *w = head_of(m, heads[i])->w;

        if (w && w->ne[0] > n)
            n = (uint32_t)w->ne[0];
        if (w && w->ne[1] > n)
            n = (uint32_t)w->ne[1];
    }
    return n;
}

/* x = scale * (w x + b); nothing when the model has no such head. */
static void apply(struct pool_work *k, const struct stored *s)
{
    const float *b = s->b ? (const float *)(const void *)s->b->data : NULL;
    float *result = k->y;

    if (!s->w)
        return;
    for (uint32_t o = 0; o < s->w->ne[1]; o++) {
        double sum = b ? (double)b[o] : 0.0;

        dtype_info(s->w->type)->dequantize(k->n, s->w->data + o * s->w->row_bytes, k->row);
        for (uint32_t i = 0; i < k->n; i++)
            sum += (double)k->row[i] * (double)k->x[i];
        result[o] = (float)(sum * (double)s->scale);
    }
    k->n = (uint32_t)s->w->ne[1];
    k->y = k->x;
    k->x = result;
}

static void softmax(float *x, uint32_t n)
{
    double sum = 0.0, max = -(double)INFINITY;

    for (uint32_t i = 0; i < n; i++)
        max = fmax(max, (double)x[i]);
    for (uint32_t i = 0; i < n; i++)
        sum += exp((double)x[i] - max);
    for (uint32_t i = 0; i < n; i++)
        x[i] = (float)(exp((double)x[i] - max) / sum);
}

/* The model's kind of norm, of the classifier's hidden vector. */
static void norm(const struct model *m, const struct stored *s, struct pool_work *k)
{
    const float *w = s->w ? (const float *)(const void *)s->w->data : NULL;
    const float *b = s->b ? (const float *)(const void *)s->b->data : NULL;
    double mean = 0.0, square = 0.0;

    if (!w)
        return;
    for (uint32_t i = 0; m->hp.t.norm == NORM_LAYER && i < k->n; i++)
        mean += (double)k->x[i] / k->n;
    for (uint32_t i = 0; i < k->n; i++)
        square += ((double)k->x[i] - mean) * ((double)k->x[i] - mean) / k->n;
    for (uint32_t i = 0; i < k->n; i++)
        k->x[i] =
            (float)(((double)k->x[i] - mean) / sqrt(square + (double)m->hp.eps) * (double)w[i] +
                    (b ? (double)b[i] : 0.0));
}

static void rank(const struct model *m, struct pool_work *k)
{
    apply(k, head_of(m, W_CLS));
    for (uint32_t i = 0; head_of(m, W_CLS)->w && i < k->n; i++)
        k->x[i] = tanhf(k->x[i]);
    norm(m, head_of(m, W_CLS_NORM), k);
    apply(k, head_of(m, W_CLS_OUTPUT));
    if (m->hp.causal && k->n > 1)
        softmax(k->x, k->n);
}

static void normalise(float *x, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    for (uint32_t i = 0; sum > 0.0 && i < n; i++)
        x[i] = (float)((double)x[i] / sqrt(sum));
}

/* The mean of rows [from, to). */
static void take(struct pool_work *k, const float *rows, uint32_t from, uint32_t to)
{
    for (uint32_t c = 0; c < k->n; c++) {
        double sum = 0.0;

        for (uint32_t i = from; i < to; i++)
            sum += (double)rows[(size_t)i * k->n + c];
        k->x[c] = (float)(sum / (to - from));
    }
}

/* One vector from rows [from, to). */
static void pool_one(const struct model *m, const struct pool_params *p, struct pool_work k,
                     const float *rows, uint32_t from, uint32_t to, float *out)
{
    take(&k, rows, from, to);
    if (p->pooling == POOL_RANK) {
        rank(m, &k);
    } else {
        apply(&k, head_of(m, W_DENSE_2));
        apply(&k, head_of(m, W_DENSE_3));
        if (p->normalise)
            normalise(k.x, k.n);
    }
    memcpy(out, k.x, k.n * sizeof(*out));
}

enum err_code model_pool(const struct model *m, const struct pool_params *p, const float *rows,
                         uint32_t n_tok, float *out, struct err *e)
{
    uint32_t width = model_pool_width(m, p->pooling), n = widest(m);
    bool last = p->pooling == POOL_LAST || (p->pooling == POOL_RANK && m->hp.causal);
    struct pool_work k = { .n = m->hp.n_embd };
    float *work;

    if (!width)
        return err_set(e, ERR_UNSUPPORTED,
                       "pooling 'rank' needs a reranker: this model has no classifier head");
    work = mem_alloc_n(MEM_REQUEST, (size_t)n * 3, sizeof(*work));
    if (!work)
        return err_set(e, ERR_OOM, "no memory to pool vectors of %u", n);
    k.x = work;
    k.y = work + n;
    k.row = work + 2 * (size_t)n;
    if (p->pooling == POOL_NONE)
        for (uint32_t i = 0; i < n_tok; i++)
            pool_one(m, p, k, rows, i, i + 1, out + (size_t)i * width);
    else if (p->pooling == POOL_MEAN)
        pool_one(m, p, k, rows, 0, n_tok, out);
    else
        pool_one(m, p, k, rows, last ? n_tok - 1 : 0, last ? n_tok : 1, out);
    mem_free(work);
    return ERR_OK;
}
