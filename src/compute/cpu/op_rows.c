/* Ops that treat every row alone: embedding, norms, activations, rotation, sums. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/cpu/exec.h"

#define COLS_SHARE 1024U /* columns of one share of an elementwise op: a few microseconds */

void exec_embed(const struct exec *x)
{
    const struct op_embed *o = &x->op->embed;
    const struct batch *b = x->p->batch;
    uint32_t n = exec_rows(x, x->op->dst), width = x->op->dst.width, i;

    while (exec_share(x, 0, n, &i)) {
        size_t row = o->row_0 ? 0 : o->by_pos ? b->pos[i] : (size_t)b->token[i];
        float *dst = exec_row(x, x->op->dst, i);

        CHECK(row < o->w->ne[1]);
        x->k->dequantize[o->w->type](width, o->w->data + row * o->w->row_bytes, dst);
        if (o->scale != 1.0F)
            x->k->scale(width, o->scale, dst);
    }
}

void exec_norm(const struct exec *x)
{
    const struct op_norm *o = &x->op->norm;
    uint32_t n_group = x->op->src.width / o->group;
    uint32_t n = exec_rows(x, x->op->dst), i;

    while (exec_share(x, 0, n, &i)) {
        const float *src = exec_row(x, x->op->src, i), *w = weight_f32(o->w), *b = weight_f32(o->b);
        const float *add = operand_present(o->add) ? exec_row(x, o->add, i) : NULL;
        float *dst = exec_row(x, x->op->dst, i);

        for (uint32_t g = 0; g < n_group; g++) {
            size_t at = (size_t)g * o->group, w_at = o->w_per_column ? at : 0;

            x->k->norm(o->kind, o->group, src + at, w ? w + w_at : NULL, b ? b + w_at : NULL,
                       o->eps, add ? add + at : NULL, dst + at);
        }
    }
}

/* Shares of an elementwise op: rows times pieces of columns. False when none is left. */
static bool next_piece(const struct exec *x, uint32_t *row, uint32_t *col, uint32_t *n_col)
{
    uint32_t width = x->op->dst.width;
    uint32_t n_piece = (width + COLS_SHARE - 1) / COLS_SHARE, share;

    if (!exec_share(x, 0, exec_rows(x, x->op->dst) * n_piece, &share))
        return false;
    *row = share / n_piece;
    *col = share % n_piece * COLS_SHARE;
    *n_col = min_u32(COLS_SHARE, width - *col);
    return true;
}

void exec_glu(const struct exec *x)
{
    bool gated = operand_present(x->op->src2);
    uint32_t row, col, n;

    while (next_piece(x, &row, &col, &n))
        x->k->glu(x->op->glu.act, n, exec_row(x, x->op->src, row) + col,
                  gated ? exec_row(x, x->op->src2, row) + col : NULL,
                  exec_row(x, x->op->dst, row) + col);
}

static void multiply(const struct exec *x, uint32_t row, uint32_t col, uint32_t n)
{
    const float *a = exec_row(x, x->op->src, row) + col, *b = exec_row(x, x->op->src2, row);
    float *out = exec_row(x, x->op->dst, row) + col;
    bool one = x->op->src2.width == 1 && x->op->dst.width != 1;

    for (uint32_t i = 0; i < n; i++)
        out[i] = a[i] * (one ? b[0] : b[col + i]);
}

static void clamp(uint32_t n, float limit, const float *src, float *dst)
{
    for (uint32_t i = 0; i < n; i++) {
        float x = src[i] < limit ? src[i] : limit;

        dst[i] = x > -limit ? x : -limit;
    }
}

void exec_elementwise(const struct exec *x)
{
    const struct op *op = x->op;
    uint32_t row, col, n;

    while (next_piece(x, &row, &col, &n)) {
        const float *src = exec_row(x, op->src, row) + col;
        float *dst = exec_row(x, op->dst, row) + col;

        if (op->kind == OP_ADD) {
            x->k->add(n, src, exec_row(x, op->src2, row) + col, op->scalar.scale, dst);
            continue;
        }
        if (op->kind == OP_MUL) {
            multiply(x, row, col, n);
            continue;
        }
        if (op->kind == OP_CLAMP) {
            clamp(n, op->scalar.scale, src, dst);
            continue;
        }
        if (dst != src)
            memcpy(dst, src, n * sizeof(*dst));
        if (op->kind == OP_SCALE)
            x->k->scale(n, op->scalar.scale, dst);
        else
            x->k->softcap(n, op->scalar.scale, dst);
    }
}

void exec_gather(const struct exec *x)
{
    const struct batch *b = x->p->batch;
    uint32_t n = exec_rows(x, x->op->dst), i;

    while (exec_share(x, 0, n, &i))
        memcpy(exec_row(x, x->op->dst, i), exec_row(x, x->op->src, b->out[i]),
               x->op->dst.width * sizeof(float));
}

void exec_rope_tables(const struct exec *x)
{
    const struct batch *b = x->p->batch;
    uint32_t t;

    while (exec_share(x, 0, b->n_tok, &t)) {
        for (uint32_t r = 0; r < x->p->n_rope; r++) {
            const struct rope_table *table = &x->p->ropes[r];
            size_t at = (size_t)t * table->n_pair;

            for (uint32_t i = 0; i < table->n_pair; i++) {
                double angle = (double)b->pos[t] * (double)table->theta[i];

                table->cos[at + i] = (float)(cos(angle) * (double)table->mag);
                table->sin[at + i] = (float)(sin(angle) * (double)table->mag);
            }
        }
    }
}

void exec_rope(const struct exec *x)
{
    const struct op_rope *o = &x->op->rope;
    const struct rope_table *table = o->theta ? &x->p->ropes[x->p->ops[x->i_op].i_rope] : NULL;
    uint32_t n = exec_rows(x, x->op->dst), t;

    while (exec_share(x, 0, n, &t)) {
        float *row = exec_row(x, x->op->dst, t);

        if (o->temp != 0.0F) {
            double at = (double)x->p->batch->pos[t] + (double)o->temp_offset;
            double steps = floor(at / (double)o->temp_len);

            x->k->scale(x->op->dst.width, (float)(1.0 + (double)o->temp * log(1.0 + steps)), row);
        }
        for (uint32_t h = 0; table && h < o->n_head; h++)
            x->k->rope(o->pairing, o->n_rot, table->cos + (size_t)t * table->n_pair,
                       table->sin + (size_t)t * table->n_pair,
                       row + (size_t)h * o->head_dim + o->offset);
    }
}
