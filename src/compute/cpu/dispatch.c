/* Fills the kernel table: the reference first, then ascending instruction sets. The only file that
 * looks at processor features. */
#include "compute/cpu/kernels.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"

size_t act_row_bytes(enum act_format f, uint32_t n)
{
    if (f == ACT_FMT_F32)
        return round_up((size_t)n * sizeof(float), 64);
    return round_up(n, CPU_GROUP) / CPU_GROUP * sizeof(struct act_q8_256);
}

void cpu_kernels_init(struct cpu_kernels *k, uint32_t features)
{
    static_assert(sizeof(struct act_q8_256) == 320 && sizeof(struct act_q8_32) == 320,
                  "both formats take whole cache lines");

    memset(k, 0, sizeof(*k));
    cpu_kernels_init_ref(k);
    (void)features;
}
