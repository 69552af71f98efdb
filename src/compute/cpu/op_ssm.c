/* Selective scan of Mamba-1 (Gu and Dao 2023) and Mamba-2 (Dao and Gu 2024): one channel keeps
 * n_state numbers, which fade and take in the token.
 *
 * A share of work is a block of channels of one group of one sequence, all its tokens in order, so
 * that the block's state stays in the first cache. It is stored as n_state rows of the block's
 * channels. */
#include <string.h>

#include "base/num.h"
#include "compute/cpu/exec.h"
#include "compute/cpu/state/math.h"

/* Channels [col, col + n), which read the same b and c. */
struct block {
    uint32_t col, n, group;
    float *a; /* Mamba-1: [n_state][n], turned around */
};

size_t scratch_ssm_scan(const struct op *op)
{
    return (size_t)op->ssm_scan.n_state * STATE_COLS * sizeof(float);
}

static struct block find_block(const struct exec *x, uint32_t i)
{
    uint32_t span = x->op->dst.width / x->op->ssm_scan.n_group;
    uint32_t n_block = (span + STATE_COLS - 1) / STATE_COLS, at = i % n_block * STATE_COLS;

    return (struct block){ .col = i / n_block * span + at,
                           .n = min_u32(STATE_COLS, span - at),
                           .group = i / n_block,
                           .a = (float *)(void *)x->scratch };
}

static void turn_decays(const struct exec *x, const struct block *k)
{
    uint32_t n_state = x->op->ssm_scan.n_state;
    const float *a = weight_f32(x->op->ssm_scan.a) + (size_t)k->col * n_state;

    for (uint32_t i = 0; i < k->n; i++)
        for (uint32_t n = 0; n < n_state; n++)
            k->a[(size_t)n * k->n + i] = a[(size_t)i * n_state + n];
}

/* dt (after softplus) of every channel, and with Mamba-2 its decay: one of each per head. */
static void head_steps(const struct exec *x, uint32_t t, const struct block *k, float *dt,
                       float *decay)
{
    const struct op_ssm_scan *o = &x->op->ssm_scan;
    const float *raw = exec_row(x, x->op->src2, t), *bias = weight_f32(o->dt_bias);
    uint32_t head_dim = x->op->dst.width / o->n_head;

    if (o->kind == SSM_MAMBA1) {
        x->p->device->states.softplus(k->n, raw + k->col, bias ? bias + k->col : NULL, dt);
        return;
    }
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t h = (k->col + i) / head_dim;
        bool again = i > 0 && (k->col + i) % head_dim > 0;

        dt[i] = again ? dt[i - 1] : state_softplus(bias ? raw[h] + bias[h] : raw[h]);
        decay[i] = again ? decay[i - 1] : state_exp(dt[i] * weight_f32(o->a)[h]);
    }
}

static void scan_token(const struct exec *x, uint32_t t, const struct block *k, float *s)
{
    const struct op_ssm_scan *o = &x->op->ssm_scan;
    const float *src = exec_row(x, x->op->src, t) + k->col, *d = weight_f32(o->d);
    float dt[STATE_COLS], decay[STATE_COLS], in[STATE_COLS];
    float *dst = exec_row(x, x->op->dst, t) + k->col;
    uint32_t head_dim = x->op->dst.width / o->n_head;
    struct ssm_step step = { .n_col = k->n,
                             .n_state = o->n_state,
                             .s = s,
                             .a = o->kind == SSM_MAMBA1 ? k->a : NULL,
                             .dt = dt,
                             .decay = decay,
                             .in = in,
                             .b = exec_row(x, o->b, t) + (size_t)k->group * o->n_state,
                             .c = exec_row(x, o->c, t) + (size_t)k->group * o->n_state,
                             .out = dst };

    head_steps(x, t, k, dt, decay);
    for (uint32_t i = 0; i < k->n; i++)
        in[i] = dt[i] * src[i];
    x->p->device->states.ssm(&step);
    for (uint32_t i = 0; d && i < k->n; i++)
        dst[i] += d[(k->col + i) / head_dim] * src[i];
}

void exec_ssm_scan(const struct exec *x)
{
    const struct op_ssm_scan *o = &x->op->ssm_scan;
    uint32_t span = x->op->dst.width / o->n_group, share;
    uint32_t n_block = (span + STATE_COLS - 1) / STATE_COLS * o->n_group;

    while (exec_share(x, 0, x->p->n_run * n_block, &share)) {
        struct seq_run run = x->p->runs[share / n_block];
        struct block k = find_block(x, share % n_block);
        float *s = exec_state_begin(x, o->state, run.seq, (size_t)k.col * o->n_state,
                                    (size_t)k.n * o->n_state);

        if (o->kind == SSM_MAMBA1)
            turn_decays(x, &k);
        for (uint32_t t = 0; t < run.n_tok; t++)
            scan_token(x, run.first + t, &k, s);
    }
}
