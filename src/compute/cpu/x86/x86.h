/* What the x86 instruction-set files fill; kernels.h has the entries above them. */
#ifndef COMPUTE_CPU_X86_X86_H
#define COMPUTE_CPU_X86_X86_H

#include "compute/cpu/kernels.h"

void x86_init_float_avx2(struct cpu_kernels *k);
void x86_init_int_avx2(struct cpu_kernels *k);
void x86_init_float_avx512(struct cpu_kernels *k);
void x86_init_int_avx512(struct cpu_kernels *k);
void x86_init_int_avx512_vnni(struct cpu_kernels *k);

#endif
