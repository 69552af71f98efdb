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
    enum weight_role id; /* the tensor that identifies it                    */
    uint64_t needs, may; /* ROLE_BITs of its weights: all needed; allowed too */

    /* What more must hold; NULL: nothing. */
    enum err_code (*check)(const struct layer_weights *w, const struct hparams *hp, uint32_t il,
                           struct err *e);

    /* end + the mixer of x: the residual is added by the last operation. */
    struct operand (*build)(const struct build *b, struct operand x, struct build_end end);
};

extern const struct mixer_ops mixer_attention, mixer_short_conv, mixer_latent, mixer_mamba1,
    mixer_mamba2, mixer_delta, mixer_none;

/* The first of the table whose tensor is there. Without any: none where the layer has nothing but a
 * feed-forward part, else attention. */
const struct mixer_ops *mixer_of(const struct layer_weights *w);

/* The depthwise convolution s of x, over the tokens before it; both ways in models that are not
 * causal. */
struct operand build_conv1d(const struct build *b, const struct stored *s, struct operand x,
                            bool silu);

#endif
