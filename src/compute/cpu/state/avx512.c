/* Steps of the recurrent ops for AVX-512. */
#include "compute/cpu/state/step.h"

void state_init_avx512(struct state_kernels *k)
{
    *k = steps;
}
