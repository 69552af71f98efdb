/* Fills the kernel table: the reference first, then ascending instruction sets. The only file that
 * looks at processor features. */
#include "compute/cpu/kernels.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "compute/cpu/state/kernels.h"
#include "compute/cpu/x86/x86.h"
#include "config.h"
#include "os/cpu.h"

size_t act_row_bytes(enum act_format f, uint32_t n)
{
    if (f == ACT_FMT_F32)
        return round_up((size_t)n * sizeof(float), 64);
    return round_up(n, CPU_GROUP) / CPU_GROUP * sizeof(struct act_q8_256);
}

#if HEARTH_ARCH_X86_64
static void init_x86(struct cpu_kernels *k, uint32_t features)
{
    k->isa = "avx2";
    x86_init_float_avx2(k);
    x86_init_int_avx2(k);
    if (!(features & CPU_AVX512))
        return;
    k->isa = "avx512";
    x86_init_float_avx512(k);
    if (features & CPU_AVX512_VNNI) {
        k->isa = "avx512-vnni";
        x86_init_int_avx512_vnni(k);
    } else {
        x86_init_int_avx512(k);
    }
}
#endif

void cpu_kernels_init(struct cpu_kernels *k, uint32_t features)
{
    static_assert(sizeof(struct act_q8_256) == 320 && sizeof(struct act_q8_32) == 320,
                  "both formats take whole cache lines");

    memset(k, 0, sizeof(*k));
    cpu_kernels_init_ref(k);
#if HEARTH_ARCH_X86_64
    if (features & CPU_AVX2)
        init_x86(k, features);
#else
    (void)features;
#endif
}

void state_kernels_init(struct state_kernels *k, uint32_t features)
{
    state_init_ref(k);
#if HEARTH_ARCH_X86_64
    if (features & CPU_AVX2) {
        state_init_avx2(k);
        if (features & CPU_AVX512)
            state_init_avx512(k);
    }
#else
    (void)features;
#endif
}
