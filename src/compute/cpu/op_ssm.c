/* Selective scan of Mamba-1 (Gu and Dao 2023) and Mamba-2 (Dao and Gu 2024): one channel keeps
 * n_state numbers, which fade and take in the token.
 *
 * A share of work is a block of channels of one sequence, all its tokens in order, so that the
 * block's state stays in the first cache. */
#include <string.h>

#include "base/num.h"
#include "compute/cpu/exec.h"
#include "compute/cpu/state_math.h"

#define SSM_COLS 32U /* channels of a share: two cache lines of results */
#define LANES    16U

/* s = s * decay + in * b; returns s . c. */
static float step_scalar(uint32_t n, float *restrict s, float decay, float in,
                         const float *restrict b, const float *restrict c)
{
    float lane[LANES] = { 0 };
    uint32_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (uint32_t l = 0; l < LANES; l++) {
            float v = s[i + l] * decay + in * b[i + l];

            s[i + l] = v;
            lane[l] += v * c[i + l];
        }
    }
    for (; i < n; i++) {
        s[i] = s[i] * decay + in * b[i];
        lane[i % LANES] += s[i] * c[i];
    }
    return state_lanes_sum(lane);
}

/* The same with a decay for each number: exp(dt * a). */
static float step_vector(uint32_t n, float *restrict s, const float *restrict a, float dt, float in,
                         const float *restrict b, const float *restrict c)
{
    float lane[LANES] = { 0 };
    uint32_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (uint32_t l = 0; l < LANES; l++) {
            float v = s[i + l] * state_exp(dt * a[i + l]) + in * b[i + l];

            s[i + l] = v;
            lane[l] += v * c[i + l];
        }
    }
    for (; i < n; i++) {
        s[i] = s[i] * state_exp(dt * a[i]) + in * b[i];
        lane[i % LANES] += s[i] * c[i];
    }
    return state_lanes_sum(lane);
}

/* Channels [col, col + n) of token t; s: their state. */
static void scan_token(const struct exec *x, uint32_t t, uint32_t col, uint32_t n, float *s)
{
    const struct op_ssm_scan *o = &x->op->ssm_scan;
    const float *a = weight_f32(o->a), *d = weight_f32(o->d), *bias = weight_f32(o->dt_bias);
    const float *src = exec_row(x, x->op->src, t), *dt_row = exec_row(x, x->op->src2, t);
    const float *b_row = exec_row(x, o->b, t), *c_row = exec_row(x, o->c, t);
    float *dst = exec_row(x, x->op->dst, t), dt = 0, decay = 0;
    uint32_t head_dim = x->op->dst.width / o->n_head, known = UINT32_MAX;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = col + i, h = c / head_dim;
        size_t group = (size_t)(h / (o->n_head / o->n_group)) * o->n_state;
        float *row = s + (size_t)i * o->n_state, y;

        if (h != known) {
            dt = state_softplus(bias ? dt_row[h] + bias[h] : dt_row[h]);
            decay = o->kind == SSM_MAMBA2 ? state_exp(dt * a[h]) : 0;
            known = h;
        }
        if (o->kind == SSM_MAMBA1)
            y = step_vector(o->n_state, row, a + (size_t)c * o->n_state, dt, dt * src[c],
                            b_row + group, c_row + group);
        else
            y = step_scalar(o->n_state, row, decay, dt * src[c], b_row + group, c_row + group);
        dst[c] = d ? y + d[h] * src[c] : y;
    }
}

void exec_ssm_scan(const struct exec *x)
{
    const struct op_ssm_scan *o = &x->op->ssm_scan;
    uint32_t width = x->op->dst.width, n_block = (width + SSM_COLS - 1) / SSM_COLS, share;

    while (exec_share(x, 0, x->p->n_run * n_block, &share)) {
        struct seq_run run = x->p->runs[share / n_block];
        uint32_t col = share % n_block * SSM_COLS, n = min_u32(SSM_COLS, width - col);
        float *s = exec_state_begin(x, o->state, run.seq, (size_t)col * o->n_state,
                                    (size_t)n * o->n_state);

        for (uint32_t t = 0; t < run.n_tok; t++)
            scan_token(x, run.first + t, col, n, s);
    }
}
