/* Integer kernels for AVX-512 with VNNI. */
#include "compute/cpu/x86/gemm_avx512_32.h"
#include "compute/cpu/x86/int_table.h"

TYPES_256(LINEAR_256)
TYPES_IQ(LINEAR_256)
TYPES_WIDE(LINEAR_256)
TYPES_32(LINEAR_32)

void x86_init_int_avx512_vnni(struct cpu_kernels *k)
{
    TYPES_256(ENTRY_256)
    TYPES_IQ(ENTRY_256)
    TYPES_WIDE(ENTRY_256)
    TYPES_32(ENTRY_32)
}
