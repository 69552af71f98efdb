/* Gated delta net (Yang et al. 2024; architectures.md, 6.4): a matrix per value head that forgets,
 * and is corrected by what it would have answered. */
#include "model/mixer.h"

struct delta_gates {
    struct operand beta, alpha;
};

/* Two products, or one whose columns are per key head: its values' betas, then their alphas. */
static struct delta_gates gates(const struct build *b, struct operand x)
{
    const struct stored *both = layer_weight(b->lw, W_SSM_BA);
    uint32_t n_key = b->hp->ssm.n_group, per = b->hp->ssm.n_rank / n_key;
    struct op_copy_heads how = {
        .n_head = n_key, .n_col = per, .src_stride = 2 * per, .dst_stride = per
    };
    struct delta_gates g;
    struct operand all;

    if (both->w) {
        all = build_linear(b, both, x, build_plain());
        g.beta = build_pick_heads(b, all, how);
        g.alpha = build_pick_heads(b, operand_cols(all, per, all.width - per), how);
        return g;
    }
    g.beta = build_linear(b, layer_weight(b->lw, W_SSM_BETA), x, build_plain());
    g.alpha = build_linear(b, layer_weight(b->lw, W_SSM_ALPHA), x, build_plain());
    return g;
}

static struct operand delta_build(const struct build *b, struct operand x, struct build_end end)
{
    uint32_t dim = b->hp->ssm.n_state, n_value = b->hp->ssm.n_rank;
    uint32_t n_k = b->hp->ssm.n_group * dim, n_v = n_value * dim;
    struct operand all =
        build_conv1d(b, layer_weight(b->lw, W_SSM_CONV),
                     build_linear(b, layer_weight(b->lw, W_ATTN_QKV), x, build_plain()), true);
    struct delta_gates g = gates(b, x);
    struct op op = build_op(OP_DELTA_RULE);
    struct operand z;

    op.src = operand_cols(all, 0, n_k);
    op.src2 = operand_cols(all, n_k, n_k);
    op.dst = plan_value(b->b, ROWS_TOK, 1, n_v);
    op.delta_rule = (struct op_delta_rule){
        .head_dim = dim,
        .n_head_k = b->hp->ssm.n_group,
        .n_head_v = n_value,
        .state = plan_state(b->b, n_v * dim),
        .key_head = layer_weight(b->lw, W_SSM_BA)->w ? KEY_HEAD_DIV : KEY_HEAD_MOD,
        .eps = b->hp->eps,
        .v = operand_cols(all, 2 * n_k, n_v),
        .beta = g.beta,
        .alpha = g.alpha,
        .a = layer_weight(b->lw, W_SSM_A)->w,
        .dt_bias = layer_weight(b->lw, W_SSM_DT_BIAS)->w,
    };
    plan_add(b->b, &op);
    build_norm_into(b, layer_weight(b->lw, W_SSM_NORM), op.dst, dim, op.dst);
    z = build_linear(b, layer_weight(b->lw, W_ATTN_GATE), x, build_plain());
    return build_linear(b, layer_weight(b->lw, W_SSM_OUT), build_glu(b, ACT_SILU, z, op.dst), end);
}

static enum err_code delta_check(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    bool both = layer_weight(w, W_SSM_BA)->w != NULL;
    bool beta = layer_weight(w, W_SSM_BETA)->w != NULL;
    bool alpha = layer_weight(w, W_SSM_ALPHA)->w != NULL;

    (void)hp;
    if (both && (beta || alpha))
        return weights_unexpected(W_SSM_BA, il, "the layer has separate products too", e);
    if (!both && !(beta && alpha))
        return weights_missing(beta ? W_SSM_ALPHA : W_SSM_BETA, il,
                               "a gated delta net needs it, or a fused ssm_ba", e);
    return ERR_OK;
}

const struct mixer_ops mixer_delta = {
    .name = "delta-net",
    .id = W_SSM_CONV,
    .needs = ROLE_BIT(W_SSM_CONV) | ROLE_BIT(W_ATTN_QKV) | ROLE_BIT(W_ATTN_GATE) |
             ROLE_BIT(W_SSM_A) | ROLE_BIT(W_SSM_NORM) | ROLE_BIT(W_SSM_OUT) |
             ROLE_BIT(W_SSM_DT_BIAS),
    .may = ROLE_BIT(W_SSM_BETA) | ROLE_BIT(W_SSM_ALPHA) | ROLE_BIT(W_SSM_BA),
    .check = delta_check,
    .build = delta_build,
};
