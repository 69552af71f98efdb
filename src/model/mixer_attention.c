/* Attention (architectures.md, 6.2): project, split, normalise Q and K, rotate, store K and V, look
 * back, project. And the table of mixers. */
#include <stddef.h>

#include "base/attr.h"
#include "model/mixer.h"

struct qkv {
    struct operand q, k, v; /* k and v are absent where another layer's are read */
    struct operand gate;    /* or absent */
};

/* In place. */
static void clamp(const struct build *b, struct operand x)
{
    struct op op = build_op(OP_CLAMP);

    if (b->hp->clamp_qkv == 0.0F || !operand_present(x))
        return;
    op.src = op.dst = x;
    op.scalar.scale = b->hp->clamp_qkv;
    plan_add(b->b, &op);
}

/* Query and gate stand beside each other in every head: parts them. */
static void split_gate(const struct build *b, struct qkv *p)
{
    const struct layer_plan *l = b->l;
    struct op_copy_heads how = { .n_head = l->n_head,
                                 .n_col = l->head_k,
                                 .src_stride = 2 * l->head_k,
                                 .dst_stride = l->head_k };
    struct operand both = p->q;

    if (both.width != 2 * l->n_head * l->head_k)
        return;
    p->q = build_pick_heads(b, both, how);
    p->gate = build_pick_heads(b, operand_cols(both, l->head_k, both.width - l->head_k), how);
}

/* V's own norm has no weight. Without a projection V is K as it is before norm and rotation. */
static struct operand norm_value(const struct build *b, struct operand v)
{
    const struct stored none = { 0 };
    struct operand out = plan_value(b->b, ROWS_TOK, 1, v.width);

    build_norm_into(b, &none, v, b->l->head_v, out);
    return out;
}

static struct qkv project(const struct build *b, struct operand x)
{
    const struct layer_plan *l = b->l;
    uint32_t n_q = l->n_head * l->head_k, n_k = l->n_head_kv * l->head_k;
    const struct stored *fused = layer_weight(b->lw, W_ATTN_QKV);
    const struct stored *v = layer_weight(b->lw, W_ATTN_V);
    struct qkv p = { .gate = operand_none(), .k = operand_none(), .v = operand_none() };

    if (fused->w) {
        struct operand all = build_linear(b, fused, x, build_plain());

        clamp(b, all);
        p.q = operand_cols(all, 0, n_q);
        p.k = operand_cols(all, n_q, n_k);
        p.v = operand_cols(all, n_q + n_k, l->n_head_kv * l->head_v);
        if (b->hp->t.v_norm)
            p.v = norm_value(b, p.v);
        return p;
    }
    p.q = build_linear(b, layer_weight(b->lw, W_ATTN_Q), x, build_plain());
    clamp(b, p.q);
    split_gate(b, &p);
    if (l->kv_from != b->il)
        return p;
    p.k = build_linear(b, layer_weight(b->lw, W_ATTN_K), x, build_plain());
    clamp(b, p.k);
    p.v = v->w ? build_linear(b, v, x, build_plain()) : p.k;
    if (v->w)
        clamp(b, p.v);
    if (b->hp->t.v_norm)
        p.v = norm_value(b, p.v);
    return p;
}

/* In place. A weight longer than a head: one dimension = one norm over the whole row, two = each
 * head has its own. */
static void norm_heads(const struct build *b, enum weight_role r, struct operand x)
{
    const struct stored *s = layer_weight(b->lw, r);

    if (!operand_present(x))
        return;
    if (s->w)
        build_norm_into(b, s, x, (uint32_t)s->w->ne[0], x);
    else if (b->hp->t.qk_bare_norm && b->l->rotate)
        build_norm_into(b, s, x, b->l->head_k, x);
}

/* In place; temp: the query's temperature, which also comes without a rotation. */
static void rotate(const struct build *b, struct operand x, uint32_t n_head, float temp)
{
    const struct layer_plan *l = b->l;
    struct op op = build_op(OP_ROPE);

    if ((!l->rotate && temp == 0.0F) || !operand_present(x))
        return;
    op.dst = x;
    op.rope = (struct op_rope){ .pairing = b->hp->t.rope.pairing,
                                .n_head = n_head,
                                .head_dim = l->head_k,
                                .n_rot = l->n_rot,
                                .theta = l->rotate ? l->rope[b->is_long].theta : NULL,
                                .mag = l->rope[b->is_long].mag,
                                .temp = temp,
                                .temp_len = l->temp_len,
                                .temp_offset = l->temp_offset };
    plan_add(b->b, &op);
}

/* The plan's kv layer that holds this layer's keys, once those of the batch are in. */
static uint32_t store(const struct build *b, const struct qkv *p)
{
    const struct layer_plan *l = b->l;
    struct op write = build_op(OP_KV_WRITE);

    if (!operand_present(p->k))
        return b->kv_layers[l->kv_from];
    write.src = p->k;
    write.src2 = p->v;
    write.kv_write.layer = plan_kv_layer(
        b->b,
        (struct kv_layer){ .n_head = l->n_head_kv, .head_k = l->head_k, .head_v = l->head_v });
    plan_add(b->b, &write);
    b->kv_layers[b->il] = write.kv_write.layer;
    return write.kv_write.layer;
}

static struct operand attend(const struct build *b, const struct qkv *p)
{
    const struct layer_plan *l = b->l;
    struct op op = build_op(OP_ATTENTION);

    op.src = p->q;
    op.dst = plan_value(b->b, ROWS_TOK, 1, l->n_head * l->head_v);
    op.attention = (struct op_attention){ .layer = store(b, p),
                                          .n_head = l->n_head,
                                          .n_head_kv = l->n_head_kv,
                                          .head_k = l->head_k,
                                          .head_v = l->head_v,
                                          .scale = l->attn_scale,
                                          .cap = l->attn_cap,
                                          .alibi = l->alibi,
                                          .causal = l->causal,
                                          .window = l->window,
                                          .n_window = l->n_window,
                                          .sinks = layer_weight(b->lw, W_ATTN_SINKS)->w };
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand attention_build(const struct build *b, struct operand x, struct build_end end)
{
    struct qkv p = project(b, x);
    bool late = b->hp->t.qk_norm_late;
    struct operand o;

    for (int step = 0; step < 2; step++) {
        if ((step == 1) == late) {
            norm_heads(b, W_ATTN_Q_NORM, p.q);
            norm_heads(b, W_ATTN_K_NORM, p.k);
        } else {
            rotate(b, p.q, b->l->n_head, b->l->temp);
            rotate(b, p.k, b->l->n_head_kv, 0.0F);
        }
    }
    o = attend(b, &p);
    if (operand_present(p.gate))
        o = build_glu(b, ACT_SIGMOID, p.gate, o);
    return build_linear(b, layer_weight(b->lw, W_ATTN_OUT), o, end);
}

static enum err_code attention_check(const struct layer_weights *w, const struct hparams *hp,
                                     uint32_t il, struct err *e)
{
    bool fused = layer_weight(w, W_ATTN_QKV)->w != NULL, v = layer_weight(w, W_ATTN_V)->w != NULL;
    bool k = layer_weight(w, W_ATTN_K)->w != NULL,
         k_norm = layer_weight(w, W_ATTN_K_NORM)->w != NULL;
    bool own = il + hp->n_shared_kv < hp->n_layer;
    static const char why[] = "attention needs it, or a fused attn_qkv";

    if (fused && (layer_weight(w, W_ATTN_Q)->w || k || v))
        return weights_unexpected(W_ATTN_QKV, il, "the layer has separate projections too", e);
    if (!fused && !layer_weight(w, W_ATTN_Q)->w)
        return weights_missing(W_ATTN_Q, il, why, e);
    if (!fused && own && !k)
        return weights_missing(W_ATTN_K, il, why, e);
    if (!fused && own && !v && !hp->t.v_norm)
        return weights_missing(W_ATTN_V, il, why, e);
    if (own && (layer_weight(w, W_ATTN_Q_NORM)->w != NULL) != k_norm)
        return weights_missing(k_norm ? W_ATTN_Q_NORM : W_ATTN_K_NORM, il,
                               "Q and K are normalised together or not at all", e);
    return ERR_OK;
}

const struct mixer_ops mixer_attention = {
    .name = "attention",
    .id = W_ATTN_OUT,
    .needs = ROLE_BIT(W_ATTN_OUT),
    .may = ROLE_BIT(W_ATTN_Q) | ROLE_BIT(W_ATTN_K) | ROLE_BIT(W_ATTN_V) | ROLE_BIT(W_ATTN_QKV) |
           ROLE_BIT(W_ATTN_Q_NORM) | ROLE_BIT(W_ATTN_K_NORM) | ROLE_BIT(W_ATTN_SINKS),
    .check = attention_check,
    .build = attention_build,
};

/* Layers that are a feed-forward part alone: the block does without. */
const struct mixer_ops mixer_none = { .name = "none", .id = W_FFN_DOWN };

const struct mixer_ops *mixer_of(const struct layer_weights *w)
{
    static const struct mixer_ops *const mixers[] = { &mixer_short_conv, &mixer_latent,
                                                      &mixer_mamba1,     &mixer_mamba2,
                                                      &mixer_delta,      &mixer_attention };

    for (size_t i = 0; i < COUNT_OF(mixers); i++)
        if (layer_weight(w, mixers[i]->id)->w)
            return mixers[i];
    for (enum weight_role r = W_ATTN_Q; r <= W_SSM_OUT; r++)
        if (layer_weight(w, r)->w)
            return &mixer_attention;
    for (enum weight_role r = W_FFN_GATE; r <= W_SHEXP_ROUTER; r++)
        if (layer_weight(w, r)->w)
            return &mixer_none;
    return &mixer_attention;
}
