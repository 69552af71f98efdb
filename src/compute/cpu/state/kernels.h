/* Inner steps of the recurrent ops: one token, one block of columns of a state.
 *
 * Written once in plain C (step.h) and compiled for every instruction set: nothing is contracted or
 * reordered, so all copies give the same bytes. Columns never meet, so neither the block's width
 * nor the order of shares matters (law 4). */
#ifndef COMPUTE_CPU_STATE_KERNELS_H
#define COMPUTE_CPU_STATE_KERNELS_H

#include <stdint.h>

#define STATE_COLS 32U /* columns of a block at most; the fast width */

/* A block of channels of a selective scan; s and a: [n_state][n_col]. For every n, j: s = s * decay
 * + in[j] * b[n]; out[j] = sum over n of s * c[n]. decay: [n_col]; or, when a is given, exp(dt[j] *
 * a). */
struct ssm_step {
    uint32_t n_col, n_state;
    float *s;
    const float *a, *dt, *decay, *in;
    const float *b, *c; /* [n_state] */
    float *out;
};

/* A block of columns of one head of a delta rule; s: [head_dim][n_col]. */
struct delta_step {
    uint32_t n_col, head_dim;
    float *s;
    const float *q, *k; /* [head_dim] normalised */
    const float *v;     /* [n_col] */
    float beta, decay;
    float *out; /* [n_col] */
};

struct state_kernels {
    void (*ssm)(const struct ssm_step *j);
    void (*delta)(const struct delta_step *j);
    /* out = softplus(x + bias); bias may be NULL. */
    void (*softplus)(uint32_t n, const float *x, const float *bias, float *out);
};

/* Fills the table for these features (enum cpu_feature of os/cpu.h). */
void state_kernels_init(struct state_kernels *k, uint32_t features);

void state_init_ref(struct state_kernels *k);
void state_init_avx2(struct state_kernels *k);
void state_init_avx512(struct state_kernels *k);

#endif
