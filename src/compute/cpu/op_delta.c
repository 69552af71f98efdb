/* Gated delta rule (Yang, Kautz and Hatamizadeh 2024): a matrix per head that is read at a key,
 * corrected towards the value, and read at the query.
 *
 * The columns of the matrix never meet: a share of work is a block of columns of one value head of
 * one sequence, all its tokens in order. A block is stored as head_dim rows of STATE_COLS columns
 * (the last one may be narrower), so that every loop runs over contiguous memory. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "compute/cpu/exec.h"
#include "compute/cpu/state/math.h"

#define LANES 16U

size_t scratch_delta_rule(const struct op *op)
{
    return 2 * round_up(op->delta_rule.head_dim, 16) * sizeof(float);
}

/* out = x * scale / sqrt(sum x^2 + eps) */
static void normalise(uint32_t n, const float *x, float eps, float scale, float *out)
{
    float lane[LANES] = { 0 }, inverse;
    uint32_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (uint32_t l = 0; l < LANES; l++)
            lane[l] += x[i + l] * x[i + l];
    for (; i < n; i++)
        lane[i % LANES] += x[i] * x[i];
    inverse = scale / sqrtf(state_lanes_sum(lane) + eps);
    for (i = 0; i < n; i++)
        out[i] = x[i] * inverse;
}

/* Columns [col, col + n) of value head h at token t. */
static void delta_token(const struct exec *x, uint32_t t, uint32_t h, uint32_t col, uint32_t n,
                        float *s)
{
    const struct op_delta_rule *o = &x->op->delta_rule;
    const float *bias = weight_f32(o->dt_bias);
    uint32_t d = o->head_dim;
    uint32_t hk = o->key_head == KEY_HEAD_MOD ? h % o->n_head_k : h / (o->n_head_v / o->n_head_k);
    float *q = (float *)(void *)x->scratch, *k = q + round_up(d, 16);
    float alpha = exec_row(x, o->alpha, t)[h], beta = exec_row(x, o->beta, t)[h];
    struct delta_step step = {
        .n_col = n,
        .head_dim = d,
        .s = s,
        .q = q,
        .k = k,
        .v = exec_row(x, o->v, t) + (size_t)h * d + col,
        .out = exec_row(x, x->op->dst, t) + (size_t)h * d + col,
        .beta = 1.0F / (1.0F + expf(-beta)),
        .decay = expf(state_softplus(bias ? alpha + bias[h] : alpha) * weight_f32(o->a)[h]),
    };

    normalise(d, exec_row(x, x->op->src, t) + (size_t)hk * d, o->eps, 1.0F / sqrtf((float)d), q);
    normalise(d, exec_row(x, x->op->src2, t) + (size_t)hk * d, o->eps, 1.0F, k);
    x->p->device->states.delta(&step);
}

void exec_delta_rule(const struct exec *x)
{
    const struct op_delta_rule *o = &x->op->delta_rule;
    uint32_t d = o->head_dim, n_block = (d + STATE_COLS - 1) / STATE_COLS;
    uint32_t per_seq = o->n_head_v * n_block, share;

    while (exec_share(x, 0, x->p->n_run * per_seq, &share)) {
        struct seq_run run = x->p->runs[share / per_seq];
        uint32_t h = share % per_seq / n_block, col = share % n_block * STATE_COLS;
        uint32_t n = min_u32(STATE_COLS, d - col);
        size_t first = ((size_t)h * d + col) * d; /* whole blocks before this one */
        float *s = exec_state_begin(x, o->state, run.seq, first, (size_t)n * d);

        for (uint32_t t = 0; t < run.n_tok; t++)
            delta_token(x, run.first + t, h, col, n, s);
    }
}
