/* Steps of the recurrent ops for any processor. */
#include "compute/cpu/state/step.h"

void state_init_ref(struct state_kernels *k)
{
    *k = steps;
}
