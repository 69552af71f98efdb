/* The steps of kernels.h, included by one file per instruction set. Every loop runs over the
 * columns, which are contiguous and independent: compilers vectorise them without reordering. */
#ifndef COMPUTE_CPU_STATE_STEP_H
#define COMPUTE_CPU_STATE_STEP_H

#include <string.h>

#include "base/attr.h"
#include "compute/cpu/state/kernels.h"
#include "compute/cpu/state/math.h"

/* Forced inline: the call with a constant width keeps its sums in registers. */
static ATTR_INLINE void ssm_cols(const struct ssm_step *j, uint32_t n_col)
{
    float sum[STATE_COLS] = { 0 };
    float *restrict s = j->s;
    const float *restrict decay = j->decay, *restrict in = j->in;

    for (uint32_t n = 0; n < j->n_state; n++, s += n_col) {
        float b = j->b[n], c = j->c[n];

        for (uint32_t i = 0; i < n_col; i++) {
            float v = s[i] * decay[i] + in[i] * b;

            s[i] = v;
            sum[i] += v * c;
        }
    }
    memcpy(j->out, sum, n_col * sizeof(*sum));
}

static ATTR_INLINE void ssm_cols_each(const struct ssm_step *j, uint32_t n_col)
{
    float sum[STATE_COLS] = { 0 };
    float *restrict s = j->s;
    const float *restrict a = j->a, *restrict dt = j->dt, *restrict in = j->in;

    for (uint32_t n = 0; n < j->n_state; n++, s += n_col, a += n_col) {
        float b = j->b[n], c = j->c[n];

        for (uint32_t i = 0; i < n_col; i++) {
            float v = s[i] * state_exp(dt[i] * a[i]) + in[i] * b;

            s[i] = v;
            sum[i] += v * c;
        }
    }
    memcpy(j->out, sum, n_col * sizeof(*sum));
}

static ATTR_INLINE void delta_cols(const struct delta_step *j, uint32_t n_col)
{
    float read[STATE_COLS] = { 0 }, sum[STATE_COLS] = { 0 };
    float *restrict s = j->s;

    for (uint32_t i = 0; i < j->head_dim; i++)
        for (uint32_t c = 0; c < n_col; c++)
            read[c] += s[(size_t)i * n_col + c] * j->k[i];
    for (uint32_t c = 0; c < n_col; c++)
        read[c] = j->beta * (j->v[c] - j->decay * read[c]);
    for (uint32_t i = 0; i < j->head_dim; i++) {
        float k = j->k[i], q = j->q[i], decay = j->decay;

        for (uint32_t c = 0; c < n_col; c++) {
            float kept = s[(size_t)i * n_col + c] * decay + k * read[c];

            s[(size_t)i * n_col + c] = kept;
            sum[c] += kept * q;
        }
    }
    memcpy(j->out, sum, n_col * sizeof(*sum));
}

static void step_ssm(const struct ssm_step *j)
{
    if (j->n_col == STATE_COLS && j->a)
        ssm_cols_each(j, STATE_COLS);
    else if (j->n_col == STATE_COLS)
        ssm_cols(j, STATE_COLS);
    else if (j->a)
        ssm_cols_each(j, j->n_col);
    else
        ssm_cols(j, j->n_col);
}

static void step_delta(const struct delta_step *j)
{
    if (j->n_col == STATE_COLS)
        delta_cols(j, STATE_COLS);
    else
        delta_cols(j, j->n_col);
}

static void step_softplus(uint32_t n, const float *x, const float *bias, float *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = state_softplus(bias ? x[i] + bias[i] : x[i]);
}

static const struct state_kernels steps = { step_ssm, step_delta, step_softplus };

#endif
