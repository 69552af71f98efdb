/* Latent attention: a matrix product per head, and copies between rows of heads. */
#include <string.h>

#include "base/num.h"
#include "compute/cpu/exec.h"

#define HEAD_ROWS  64U /* weight rows of a share */
#define HEAD_BLOCK 8U  /* heads of a share of preparing */

size_t scratch_head_linear(const struct device *d, const struct op *op)
{
    const struct weight *w = op->head_linear.w;
    const struct linear_kernel *k = &d->k.linear[w->type];

    return k->scratch_bytes ? round_up(k->scratch_bytes((uint32_t)w->ne[0]), 64) : 0;
}

/* Activations of head h, token t at row h * n_tok + t: a head's product reads them one after
 * another. */
static void prepare_heads(const struct exec *x, const struct linear_kernel *k, uint32_t n_tok)
{
    const struct op_head_linear *o = &x->op->head_linear;
    uint32_t n_in = (uint32_t)o->w->ne[0], share;
    uint32_t n_block = (o->n_head + HEAD_BLOCK - 1) / HEAD_BLOCK;
    size_t act_row = act_row_bytes(k->format, n_in);

    while (exec_share(x, 0, n_tok * n_block, &share)) {
        uint32_t t = share / n_block, first = share % n_block * HEAD_BLOCK;
        uint32_t end = min_u32(first + HEAD_BLOCK, o->n_head);
        const float *src = exec_row(x, x->op->src, t);

        for (uint32_t h = first; h < end; h++)
            x->k->act_prepare[k->format](n_in, src + (size_t)h * o->src_stride,
                                         x->p->act + ((size_t)h * n_tok + t) * act_row);
    }
}

void exec_head_linear(const struct exec *x)
{
    const struct op_head_linear *o = &x->op->head_linear;
    const struct linear_kernel *k = &x->k->linear[o->w->type];
    uint32_t n_tok = exec_rows(x, x->op->dst), n_row = (uint32_t)o->w->ne[1], share;
    uint32_t step = (uint32_t)round_up(HEAD_ROWS, k->row_tile ? k->row_tile : 1);
    uint32_t n_tile = (n_row + step - 1) / step;
    struct linear_job job = { .row_bytes = o->w->row_bytes,
                              .n_in = (uint32_t)o->w->ne[0],
                              .n_tok = n_tok,
                              .act_stride = act_row_bytes(k->format, (uint32_t)o->w->ne[0]),
                              .y_stride = exec_stride(x, x->op->dst),
                              .scratch = x->scratch };

    if (!n_tok)
        return;
    prepare_heads(x, k, n_tok);
    exec_barrier(x);
    while (exec_share(x, 1, o->n_head * n_tile, &share)) {
        uint32_t h = share / n_tile, first = share % n_tile * step;

        job.n_row = min_u32(step, n_row - first);
        job.w = o->w->data + ((size_t)h * n_row + first) * o->w->row_bytes;
        job.act = x->p->act + (size_t)h * n_tok * job.act_stride;
        job.y = exec_row(x, x->op->dst, 0) + (size_t)h * o->dst_stride + first;
        (n_tok >= k->gemm_min_tok ? k->gemm : k->gemv)(&job);
    }
}

void exec_copy_heads(const struct exec *x)
{
    const struct op_copy_heads *o = &x->op->copy_heads;
    uint32_t n = exec_rows(x, x->op->dst), t;

    while (exec_share(x, 0, n, &t)) {
        const float *src = exec_row(x, x->op->src, t);
        float *dst = exec_row(x, x->op->dst, t);

        for (uint32_t h = 0; h < o->n_head; h++)
            memcpy(dst + (size_t)h * o->dst_stride, src + (size_t)h * o->src_stride,
                   o->n_col * sizeof(*dst));
    }
}
