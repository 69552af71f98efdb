/* Steps of the recurrent ops for AVX2. */
#include "compute/cpu/state/step.h"

void state_init_avx2(struct state_kernels *k)
{
    *k = steps;
}
