/* What the files of the scalar reference share. */
#ifndef COMPUTE_CPU_REF_REF_H
#define COMPUTE_CPU_REF_REF_H

#include "compute/cpu/kernels.h"

void ref_init_linear(struct cpu_kernels *k);
void ref_init_vec(struct cpu_kernels *k);
void ref_init_attention(struct cpu_kernels *k);

/* Dot product in 16 lanes, lane i % 16 for column i, and the tree that sums the lanes. */
float ref_dot(uint32_t n, const float *w, const float *x);
float ref_lanes_sum(const float lane[16]);

#endif
