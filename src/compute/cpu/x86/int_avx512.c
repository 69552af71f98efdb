/* Integer kernels for AVX-512 without VNNI. Types with blocks of 32, and IQ4_XS, keep
 * their AVX2 kernels. */
#include "compute/cpu/x86/gemm_avx512.h"
#include "compute/cpu/x86/int_table.h"

TYPES_256(LINEAR_256)
TYPES_IQ(LINEAR_256)

void x86_init_int_avx512(struct cpu_kernels *k)
{
    TYPES_256(ENTRY_256)
    TYPES_IQ(ENTRY_256)
}
