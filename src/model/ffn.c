/* The feed-forward part (architectures.md, 6.6): dense, experts, shared expert. */
#include <math.h>

#include "model/block.h"

/* down(act(gate) * up): gate apart, in the first half of up, or none. */
struct ffn_weights {
    const struct stored *gate, *up, *down;
};

static struct operand split_glu(const struct build *b, struct operand both, uint32_t n_ff)
{
    return build_glu(b, b->hp->t.act, operand_cols(both, 0, n_ff), operand_cols(both, n_ff, n_ff));
}

static struct operand dense_hidden(const struct build *b, const struct ffn_weights *w,
                                   struct operand x, uint32_t n_ff)
{
    struct operand up;

    if (w->gate->w) {
        struct operand gate = build_linear(b, w->gate, x, build_plain());

        up = build_linear(b, w->up, x, build_plain());
        return build_glu(b, b->hp->t.act, gate, up);
    }
    up = build_linear(b, w->up, x, build_plain());
    if (up.width == n_ff)
        return build_glu(b, b->hp->t.act, up, operand_none());
    return split_glu(b, up, n_ff);
}

static struct operand dense(const struct build *b, struct operand x, struct build_end end)
{
    struct ffn_weights w = { layer_weight(b->lw, W_FFN_GATE), layer_weight(b->lw, W_FFN_UP),
                             layer_weight(b->lw, W_FFN_DOWN) };

    return build_linear(b, w.down, dense_hidden(b, &w, x, b->l->n_ff), end);
}

struct choice {
    struct operand ids, weights;
};

/* x: the router's input, times `scale`. */
static struct choice route(const struct build *b, struct operand x, float scale)
{
    const struct hparams *hp = b->hp;
    struct op op = build_op(OP_MOE_ROUTE);
    struct choice c;

    op.src = build_linear(b, layer_weight(b->lw, W_ROUTER), x,
                          (struct build_end){ .add = operand_none(), .scale = scale });
    c.ids = op.dst = plan_value(b->b, b->rows, 1, b->l->n_expert_used);
    c.weights = op.dst2 = plan_value(b->b, b->rows, 1, b->l->n_expert_used);
    op.moe_route = (struct op_moe_route){ .n_expert = hp->n_expert,
                                          .n_used = b->l->n_expert_used,
                                          .n_group = hp->n_expert_group,
                                          .n_group_used = hp->n_expert_group_used,
                                          .score = hp->score,
                                          .renormalise = hp->renormalise,
                                          .weight_scale = hp->expert_scale,
                                          .select_bias = layer_weight(b->lw, W_SELECT_BIAS)->w };
    plan_add(b->b, &op);
    return c;
}

static struct operand expert_linear(const struct build *b, enum weight_role r, struct operand x,
                                    const struct choice *c)
{
    const struct stored *s = layer_weight(b->lw, r);
    struct op op = build_op(OP_MOE_LINEAR);

    op.src = x;
    op.src2 = c->ids;
    op.dst = plan_value(b->b, b->rows, b->l->n_expert_used, (uint32_t)s->w->ne[1]);
    op.moe_linear = (struct op_moe_linear){ .w = s->w,
                                            .b = s->b,
                                            .e_scale = s->e_scale,
                                            .n_used = b->l->n_expert_used,
                                            .n_expert = b->hp->n_expert };
    plan_add(b->b, &op);
    return op.dst;
}

/* A row for each chosen expert: x times its weight. */
static struct operand weigh(const struct build *b, struct operand x, struct operand weights)
{
    struct op op = build_op(OP_MOE_WEIGH);

    op.src = x;
    op.src2 = weights;
    op.dst = plan_value(b->b, b->rows, b->l->n_expert_used, x.width);
    op.moe_weigh.n_used = b->l->n_expert_used;
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand experts(const struct build *b, struct operand x, struct choice c,
                              struct build_end end)
{
    struct op op = build_op(OP_MOE_SUM);
    struct operand hidden;

    if (b->hp->t.moe.weigh_input) {
        x = weigh(b, x, c.weights);
        c.weights = operand_none();
    }

    if (layer_weight(b->lw, W_EXPS_GATE_UP)->w) {
        hidden = split_glu(b, expert_linear(b, W_EXPS_GATE_UP, x, &c), b->l->n_ff_exp);
    } else if (layer_weight(b->lw, W_EXPS_GATE)->w) {
        struct operand gate = expert_linear(b, W_EXPS_GATE, x, &c);

        hidden = build_glu(b, b->hp->t.act, gate, expert_linear(b, W_EXPS_UP, x, &c));
    } else {
        hidden = build_glu(b, b->hp->t.act, expert_linear(b, W_EXPS_UP, x, &c), operand_none());
    }
    op.src = expert_linear(b, W_EXPS_DOWN, hidden, &c);
    op.src2 = c.weights;
    op.dst = plan_value(b->b, b->rows, 1, op.src.width);
    op.moe_sum =
        (struct op_moe_sum){ .n_used = b->l->n_expert_used, .scale = end.scale, .add = end.add };
    plan_add(b->b, &op);
    return op.dst;
}

/* end + the shared expert, times the sigmoid of its own gate where it has one. */
static struct operand shared_expert(const struct build *b, struct operand x, struct build_end end)
{
    struct ffn_weights w = { layer_weight(b->lw, W_SHEXP_GATE), layer_weight(b->lw, W_SHEXP_UP),
                             layer_weight(b->lw, W_SHEXP_DOWN) };
    const struct stored *router = layer_weight(b->lw, W_SHEXP_ROUTER);
    struct op mul = build_op(OP_MUL), add = build_op(OP_ADD);
    struct operand hidden = dense_hidden(b, &w, x, b->l->n_ff_shexp);

    if (!router->w)
        return build_linear(b, w.down, hidden, end);
    mul.src = build_linear(b, w.down, hidden, build_plain());
    mul.src2 = build_glu(b, ACT_SIGMOID, build_linear(b, router, x, build_plain()), operand_none());
    mul.dst = plan_value(b->b, b->rows, 1, mul.src.width);
    plan_add(b->b, &mul);
    add.src = end.add;
    add.src2 = mul.dst;
    add.dst = plan_value(b->b, b->rows, 1, mul.src.width);
    add.scalar.scale = end.scale;
    plan_add(b->b, &add);
    return add.dst;
}

/* The dense part, and experts that read the residual stream through a norm of their own; so does
 * the router. */
static struct operand beside(const struct build *b, struct operand x, struct build_end end)
{
    struct operand y = b->residual, in = plan_value(b->b, b->rows, 1, y.width), sum;
    struct op add = build_op(OP_ADD);
    struct choice c;

    build_norm_into(b, layer_weight(b->lw, W_ROUTER_SCALE), y, y.width, in);
    c = route(b, in, 1.0F / sqrtf((float)b->hp->n_embd));
    sum = build_norm(b, layer_weight(b->lw, W_FFN_POST_NORM_1), dense(b, x, build_plain()),
                     operand_none());
    y = build_norm(b, layer_weight(b->lw, W_EXPS_NORM), y, operand_none());
    y = build_norm(b, layer_weight(b->lw, W_FFN_POST_NORM_2), experts(b, y, c, build_plain()), sum);
    if (!operand_present(end.add))
        return y;
    add.src = end.add;
    add.src2 = y;
    add.dst = plan_value(b->b, b->rows, 1, y.width);
    add.scalar.scale = end.scale;
    plan_add(b->b, &add);
    return add.dst;
}

struct operand build_ffn(const struct build *b, struct operand x, struct build_end end)
{
    struct operand sum;

    if (!b->l->is_moe)
        return dense(b, x, end);
    if (layer_weight(b->lw, W_EXPS_NORM)->w)
        return beside(b, x, end);
    sum = experts(b, x, route(b, x, 1.0F), end);
    if (!layer_weight(b->lw, W_SHEXP_UP)->w)
        return sum;
    return shared_expert(b, x, (struct build_end){ .add = sum, .scale = end.scale });
}
