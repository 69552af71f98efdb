/* Short convolution (architectures.md, 6.5): two gates around a depthwise convolution over few
 * tokens. Models that see both ways centre it. And what the mixers with a convolution share. */
#include "model/mixer.h"

struct operand build_conv1d(const struct build *b, const struct stored *s, struct operand x,
                            bool silu)
{
    struct op op = build_op(OP_CONV1D);
    uint32_t n_tap = (uint32_t)s->w->ne[0];

    op.src = x;
    op.dst = plan_value(b->b, ROWS_TOK, 1, x.width);
    op.conv1d = (struct op_conv1d){
        .w = s->w, .b = s->b, .silu = silu, .centred = !b->l->causal, .state = STATE_NONE
    };
    if (b->l->causal && n_tap > 1)
        op.conv1d.state = plan_state(b->b, (n_tap - 1) * x.width);
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand multiply(const struct build *b, struct operand x, struct operand y)
{
    struct op op = build_op(OP_MUL);

    op.src = x;
    op.src2 = y;
    op.dst = plan_value(b->b, ROWS_TOK, 1, x.width);
    plan_add(b->b, &op);
    return op.dst;
}

/* out(c * conv(b * u)), in gives b | c | u. */
static struct operand short_conv_build(const struct build *b, struct operand x,
                                       struct build_end end)
{
    uint32_t n = b->hp->n_embd;
    struct operand all = build_linear(b, layer_weight(b->lw, W_SHORTCONV_IN), x, build_plain());
    struct operand bu = multiply(b, operand_cols(all, 0, n), operand_cols(all, 2 * n, n));
    struct operand y = build_conv1d(b, layer_weight(b->lw, W_SHORTCONV), bu, false);

    return build_linear(b, layer_weight(b->lw, W_SHORTCONV_OUT),
                        multiply(b, operand_cols(all, n, n), y), end);
}

const struct mixer_ops mixer_short_conv = {
    .name = "short-conv",
    .id = W_SHORTCONV,
    .needs = ROLE_BIT(W_SHORTCONV) | ROLE_BIT(W_SHORTCONV_IN) | ROLE_BIT(W_SHORTCONV_OUT),
    .build = short_conv_build,
};
