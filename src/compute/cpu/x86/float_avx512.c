/* Float kernels for AVX-512. */
#include "compute/cpu/x86/linear_float.h"
#include "compute/cpu/x86/vec.h"
#include "compute/cpu/x86/x86.h"

void x86_init_float_avx512(struct cpu_kernels *k)
{
    init_linear_float(k);
    init_vec(k);
}
