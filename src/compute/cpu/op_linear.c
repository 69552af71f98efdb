/* Matrix products: activations are prepared once (shared by the products that read the same
 * columns), then the threads take tiles of weight rows. */
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/cpu/exec.h"

#define GEMV_ROWS     64U /* weight rows of one share when there are few tokens */
#define GEMM_ROWS     64U /* and when there are many */
#define MOE_TOK_BLOCK 64U /* tokens of one expert whose results wait in scratch */

static const struct linear_kernel *kernel_of(const struct cpu_kernels *k, const struct weight *w)
{
    return &k->linear[w->type];
}

const struct weight *op_matrix(const struct op *op)
{
    switch (op->kind) {
    case OP_LINEAR:
        return op->linear.w;
    case OP_MOE_LINEAR:
        return op->moe_linear.w;
    case OP_HEAD_LINEAR:
        return op->head_linear.w;
    default:
        return NULL;
    }
}

size_t act_bytes_of(const struct device *d, const struct op *op, size_t n_row)
{
    const struct weight *w = op_matrix(op);

    return n_row * act_row_bytes(kernel_of(&d->k, w)->format, (uint32_t)w->ne[0]);
}

static size_t kernel_scratch(const struct device *d, const struct weight *w)
{
    const struct linear_kernel *k = kernel_of(&d->k, w);

    return k->scratch_bytes ? round_up(k->scratch_bytes((uint32_t)w->ne[0]), 64) : 0;
}

size_t scratch_linear(const struct device *d, const struct op *op)
{
    return kernel_scratch(d, op->linear.w);
}

size_t scratch_moe_linear(const struct device *d, const struct op *op)
{
    return kernel_scratch(d, op->moe_linear.w) + (size_t)MOE_TOK_BLOCK * GEMM_ROWS * sizeof(float);
}

/* Rows of weights a share takes: small enough that every thread gets several, whole row tiles. */
static uint32_t rows_of_share(const struct exec *x, const struct linear_kernel *k, uint32_t n_row,
                              bool many)
{
    uint32_t rows = n_row / (x->n_thread * 4) + 1;

    rows = min_u32(rows, many ? GEMM_ROWS : GEMV_ROWS);
    return (uint32_t)round_up(rows, k->row_tile ? k->row_tile : 1);
}

/* y = add + scale * (y + b) over a tile of rows and all tokens. */
static void finish_tile(const struct exec *x, uint32_t first, uint32_t n_row, uint32_t n_tok)
{
    const struct op_linear *o = &x->op->linear;
    const float *b = weight_f32(o->b);
    bool has_add = operand_present(o->add);

    if (!b && !has_add && o->scale == 1.0F)
        return;
    for (uint32_t t = 0; t < n_tok; t++) {
        float *y = exec_row(x, x->op->dst, t) + first;
        const float *add = has_add ? exec_row(x, o->add, t) + first : NULL;

        for (uint32_t r = 0; b && r < n_row; r++)
            y[r] += b[first + r];
        if (o->scale != 1.0F)
            x->k->scale(n_row, o->scale, y);
        if (add)
            x->k->add(n_row, add, y, 1.0F, y);
    }
}

void exec_linear(const struct exec *x)
{
    const struct op *op = x->op;
    const struct weight *w = op->linear.w;
    const struct linear_kernel *k = kernel_of(x->k, w);
    size_t act_row = act_row_bytes(k->format, op->src.width);
    uint32_t n_tok = exec_rows(x, op->dst), n_row = op->dst.width, share, step;
    bool many = n_tok >= k->gemm_min_tok;
    struct linear_job job = { .row_bytes = w->row_bytes,
                              .n_in = op->src.width,
                              .n_tok = n_tok,
                              .act_stride = act_row,
                              .y_stride = exec_stride(x, op->dst),
                              .act = x->p->act,
                              .scratch = x->scratch };

    if (!n_tok)
        return;
    if (x->p->ops[x->i_op].prepare) {
        while (exec_share(x, 0, n_tok, &share))
            x->k->act_prepare[k->format](op->src.width, exec_row(x, op->src, share),
                                         x->p->act + share * act_row);
        exec_barrier(x);
    }
    step = rows_of_share(x, k, n_row, many);
    while (exec_share(x, 1, (n_row + step - 1) / step, &share)) {
        uint32_t first = share * step;

        job.n_row = min_u32(step, n_row - first);
        job.w = w->data + first * w->row_bytes;
        job.y = exec_row(x, op->dst, 0) + first;
        (many ? k->gemm : k->gemv)(&job);
        finish_tile(x, first, job.n_row, n_tok);
    }
}

/* ---- experts ---- */

static int32_t expert_of(const struct exec *x, uint32_t n_used, uint32_t row)
{
    int32_t id;

    memcpy(&id, exec_row(x, x->op->src2, row / n_used) + row % n_used, sizeof(id));
    return id;
}

/* Counting sort of the rows (t, k) by expert; inside an expert in ascending order. */
static void sort_rows(const struct exec *x, uint32_t n_row)
{
    const struct op_moe_linear *o = &x->op->moe_linear;
    struct moe_sort *s = &x->p->sort;

    memset(s->first, 0, (o->n_expert + 1) * sizeof(*s->first));
    for (uint32_t r = 0; r < n_row; r++) {
        int32_t id = expert_of(x, o->n_used, r);

        CHECK(id >= 0 && (uint32_t)id < o->n_expert);
        s->first[id + 1]++;
    }
    s->n_active = 0;
    for (uint32_t i = 0; i < o->n_expert; i++) {
        if (s->first[i + 1])
            s->active[s->n_active++] = i;
        s->first[i + 1] += s->first[i];
    }
    for (uint32_t r = 0; r < n_row; r++)
        s->order[s->first[expert_of(x, o->n_used, r)]++] = r;
    for (uint32_t i = o->n_expert; i > 0; i--) /* the fill moved every start to its end */
        s->first[i] = s->first[i - 1];
    s->first[0] = 0;
}

static void prepare_sorted(const struct exec *x, const struct linear_kernel *k, uint32_t n_row)
{
    uint32_t per_tok = x->p->plan->values[x->op->src.value].rows_mul;
    size_t act_row = act_row_bytes(k->format, x->op->src.width);
    uint32_t i;

    while (exec_share(x, 1, n_row, &i)) {
        uint32_t r = x->p->sort.order[i];
        uint32_t src = per_tok == 1 ? r / x->op->moe_linear.n_used : r;

        x->k->act_prepare[k->format](x->op->src.width, exec_row(x, x->op->src, src),
                                     x->p->act + i * act_row);
    }
}

/* Results of one block wait in tmp [n_tok][n_row]; they go to the rows they belong to. */
static void scatter(const struct exec *x, const float *tmp, const uint32_t *order, uint32_t n_tok,
                    const struct linear_job *job, uint32_t expert, uint32_t first)
{
    const struct op_moe_linear *o = &x->op->moe_linear;
    const float *b = weight_f32(o->b), *scale = weight_f32(o->e_scale);

    for (uint32_t t = 0; t < n_tok; t++) {
        float *y = exec_row(x, x->op->dst, order[t]) + first;

        memcpy(y, tmp + (size_t)t * job->n_row, job->n_row * sizeof(*y));
        for (uint32_t r = 0; b && r < job->n_row; r++)
            y[r] += b[(size_t)expert * x->op->dst.width + first + r];
        if (scale)
            x->k->scale(job->n_row, scale[expert], y);
    }
}

/* One tile of one expert's rows, its tokens block by block. */
static void expert_tile(const struct exec *x, const struct linear_kernel *k, uint32_t expert,
                        uint32_t first, struct linear_job *job)
{
    const struct weight *w = x->op->moe_linear.w;
    const struct moe_sort *s = &x->p->sort;
    float *tmp = (float *)(void *)x->scratch;

    job->w = w->data + ((size_t)expert * w->ne[1] + first) * w->row_bytes;
    job->y = tmp;
    job->y_stride = job->n_row;
    job->scratch = x->scratch + (size_t)MOE_TOK_BLOCK * GEMM_ROWS * sizeof(float);
    for (uint32_t at = s->first[expert]; at < s->first[expert + 1]; at += job->n_tok) {
        job->n_tok = min_u32(MOE_TOK_BLOCK, s->first[expert + 1] - at);
        job->act = x->p->act + at * job->act_stride;
        (job->n_tok >= k->gemm_min_tok ? k->gemm : k->gemv)(job);
        scatter(x, tmp, s->order + at, job->n_tok, job, expert, first);
    }
}

void exec_moe_linear(const struct exec *x)
{
    const struct op *op = x->op;
    const struct linear_kernel *k = kernel_of(x->k, op->moe_linear.w);
    uint32_t n_row = op->dst.width, n_sorted = exec_rows(x, op->dst), step, n_tile, share;
    struct linear_job job = { .row_bytes = op->moe_linear.w->row_bytes,
                              .n_in = op->src.width,
                              .act_stride = act_row_bytes(k->format, op->src.width) };

    if (!n_sorted)
        return;
    if (x->p->ops[x->i_op].sort) {
        if (exec_share(x, 0, 1, &share))
            sort_rows(x, n_sorted);
        exec_barrier(x);
    }
    if (x->p->ops[x->i_op].prepare) {
        prepare_sorted(x, k, n_sorted);
        exec_barrier(x);
    }
    step = min_u32(rows_of_share(x, k, n_row * min_u32(x->p->sort.n_active, 8), true), GEMM_ROWS);
    n_tile = (n_row + step - 1) / step;
    while (exec_share(x, 2, x->p->sort.n_active * n_tile, &share)) {
        uint32_t first = share % n_tile * step;

        job.n_row = min_u32(step, n_row - first);
        expert_tile(x, k, x->p->sort.active[share / n_tile], first, &job);
    }
}
