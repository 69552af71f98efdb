/* Latent attention (DeepSeek-V2; architectures.md, 6.3) in its absorbed form: keys and values are
 * one short row for all heads, [latent | rotated part], of which the latent is the value too. */
#include "model/mixer.h"

/* The query per head: [plain | rotated]. */
static struct operand query(const struct build *b, struct operand x)
{
    const struct stored *down = layer_weight(b->lw, W_MLA_Q_A);

    if (!down->w)
        return build_linear(b, layer_weight(b->lw, W_ATTN_Q), x, build_plain());
    x = build_linear(b, down, x, build_plain());
    x = build_norm(b, layer_weight(b->lw, W_MLA_Q_A_NORM), x, operand_none());
    return build_linear(b, layer_weight(b->lw, W_MLA_Q_B), x, build_plain());
}

static void rotate(const struct build *b, struct operand x, uint32_t n_head, uint32_t offset)
{
    const struct layer_plan *l = b->l;
    struct op op = build_op(OP_ROPE);

    if (!l->rotate)
        return;
    op.dst = x;
    op.rope = (struct op_rope){ .pairing = b->hp->t.rope.pairing,
                                .n_head = n_head,
                                .head_dim = x.width / n_head,
                                .offset = offset,
                                .n_rot = l->n_rot,
                                .theta = l->rope[b->is_long].theta,
                                .mag = l->rope[b->is_long].mag };
    plan_add(b->b, &op);
}

/* n_head products, one a head, from pieces of x into pieces of dst. */
static void per_head(const struct build *b, enum weight_role r, struct operand x,
                     struct operand dst, struct op_head_linear how)
{
    struct op op = build_op(OP_HEAD_LINEAR);

    op.src = x;
    op.dst = dst;
    op.head_linear = how;
    op.head_linear.w = layer_weight(b->lw, r)->w;
    op.head_linear.n_head = b->l->n_head;
    plan_add(b->b, &op);
}

/* The query against the cached rows: [k_b q | rotated part]. */
static struct operand absorbed_query(const struct build *b, struct operand q, uint32_t row)
{
    const struct layer_plan *l = b->l;
    uint32_t r_kv = l->dims.r_kv, plain = l->head_k - l->n_rot;
    struct operand out = plan_value(b->b, ROWS_TOK, 1, l->n_head * row);
    struct op copy = build_op(OP_COPY_HEADS);

    per_head(b, W_MLA_K_B, q, out,
             (struct op_head_linear){ .src_stride = l->head_k, .dst_stride = row });
    if (!l->n_rot)
        return out;
    copy.src = operand_cols(q, plain, q.width - plain);
    copy.dst = operand_cols(out, r_kv, out.width - r_kv);
    copy.copy_heads = (struct op_copy_heads){
        .n_head = l->n_head, .n_col = l->n_rot, .src_stride = l->head_k, .dst_stride = row
    };
    plan_add(b->b, &copy);
    return out;
}

static struct operand attend(const struct build *b, struct operand q, struct operand kv)
{
    const struct layer_plan *l = b->l;
    uint32_t r_kv = l->dims.r_kv;
    struct op write = build_op(OP_KV_WRITE), op = build_op(OP_ATTENTION);

    write.src = kv;
    write.kv_write.layer = plan_kv_layer(
        b->b, (struct kv_layer){ .n_head = 1, .head_k = kv.width, .head_v = r_kv, .v_in_k = true });
    plan_add(b->b, &write);
    b->kv_layers[b->il] = write.kv_write.layer;
    op.src = q;
    op.dst = plan_value(b->b, ROWS_TOK, 1, l->n_head * r_kv);
    op.attention = (struct op_attention){ .layer = write.kv_write.layer,
                                          .n_head = l->n_head,
                                          .n_head_kv = 1,
                                          .head_k = kv.width,
                                          .head_v = r_kv,
                                          .scale = l->attn_scale,
                                          .cap = l->attn_cap,
                                          .causal = l->causal,
                                          .window = l->window,
                                          .n_window = l->n_window };
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand latent_build(const struct build *b, struct operand x, struct build_end end)
{
    const struct layer_plan *l = b->l;
    uint32_t r_kv = l->dims.r_kv;
    struct operand q = query(b, x), o, y;
    struct operand kv = build_linear(b, layer_weight(b->lw, W_MLA_KV_A), x, build_plain());

    build_norm_into(b, layer_weight(b->lw, W_MLA_KV_A_NORM), operand_cols(kv, 0, r_kv), r_kv,
                    operand_cols(kv, 0, r_kv));
    rotate(b, q, l->n_head, l->head_k - l->n_rot);
    if (l->n_rot)
        rotate(b, operand_cols(kv, r_kv, l->n_rot), 1, 0);
    o = attend(b, absorbed_query(b, q, r_kv + l->n_rot), kv);
    y = plan_value(b->b, ROWS_TOK, 1, l->n_head * l->head_v);
    per_head(b, W_MLA_V_B, o, y,
             (struct op_head_linear){ .src_stride = r_kv, .dst_stride = l->head_v });
    return build_linear(b, layer_weight(b->lw, W_ATTN_OUT), y, end);
}

static enum err_code latent_check(const struct layer_weights *w, const struct hparams *hp,
                                  uint32_t il, struct err *e)
{
    static const char why[] = "latent attention needs it, or attn_q alone";
    static const enum weight_role roles[] = { W_MLA_Q_A, W_MLA_Q_A_NORM, W_MLA_Q_B };
    bool plain = layer_weight(w, W_ATTN_Q)->w != NULL;

    (void)hp;
    for (enum weight_role r = W_MLA_K_B; r <= W_MLA_V_B; r++)
        if (layer_weight(w, r)->b || (layer_weight(w, r)->w && layer_weight(w, r)->scale != 1.0F) ||
            layer_weight(w, r)->e_scale)
            return err_set(e, ERR_UNSUPPORTED, "tensor blk.%u.%s: a bias or scale is not supported",
                           il, weight_role_stem(r));
    for (uint32_t i = 0; i < 3; i++) {
        bool there = layer_weight(w, roles[i])->w != NULL;

        if (plain && there)
            return weights_unexpected(roles[i], il, "the layer has attn_q too", e);
        if (!plain && !there)
            return weights_missing(roles[i], il, why, e);
    }
    return ERR_OK;
}

const struct mixer_ops mixer_latent = {
    .name = "latent-attention",
    .id = W_MLA_KV_A,
    .needs = ROLE_BIT(W_MLA_KV_A) | ROLE_BIT(W_MLA_KV_A_NORM) | ROLE_BIT(W_MLA_K_B) |
             ROLE_BIT(W_MLA_V_B) | ROLE_BIT(W_ATTN_OUT),
    .may = ROLE_BIT(W_ATTN_Q) | ROLE_BIT(W_MLA_Q_A) | ROLE_BIT(W_MLA_Q_A_NORM) |
           ROLE_BIT(W_MLA_Q_B) | ROLE_BIT(W_MLA_KV_B),
    .check = latent_check,
    .build = latent_build,
};
