/* Mixers: the kinds of layer that move information between tokens. The one place where a new
 * architecture may need code (architectures.md, 5.4). */
#ifndef MODEL_MIXER_H
#define MODEL_MIXER_H

#include <stdbool.h>
#include <stdint.h>

#include "compute/plan.h"
#include "model/block.h"
#include "model/layer_plan.h"

struct mixer_ops {
    const char *name;
    bool (*present)(const struct layer_weights *w); /* which tensors identify it */

    /* end + the mixer of x: the residual is added by the last operation. */
    struct operand (*build)(const struct build *b, struct operand x, struct build_end end);
};

extern const struct mixer_ops mixer_attention;

/* The first of the table whose tensors are there; attention when there are none. */
const struct mixer_ops *mixer_of(const struct layer_weights *w);

#endif
