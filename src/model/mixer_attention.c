/* Attention (architectures.md, 6.2): project, split, normalise Q and K, rotate, store K and V, look
 * back, project. And the table of mixers. */
#include <stddef.h>

#include "base/attr.h"
#include "model/mixer.h"

struct qkv {
    struct operand q, k, v;
};

static struct qkv project(const struct build *b, struct operand x)
{
    const struct layer_plan *l = b->l;
    uint32_t n_q = l->n_head * l->head_k, n_k = l->n_head_kv * l->head_k;
    const struct stored *fused = layer_weight(b->lw, W_ATTN_QKV);
    struct qkv p;

    if (fused->w) {
        struct operand all = build_linear(b, fused, x, build_plain());

        p.q = operand_cols(all, 0, n_q);
        p.k = operand_cols(all, n_q, n_k);
        p.v = operand_cols(all, n_q + n_k, l->n_head_kv * l->head_v);
    } else {
        p.q = build_linear(b, layer_weight(b->lw, W_ATTN_Q), x, build_plain());
        p.k = build_linear(b, layer_weight(b->lw, W_ATTN_K), x, build_plain());
        p.v = build_linear(b, layer_weight(b->lw, W_ATTN_V), x, build_plain());
    }
    return p;
}

/* In place. A weight longer than a head: one dimension = one norm over the whole row, two = each
 * head has its own. */
static void norm_heads(const struct build *b, enum weight_role r, struct operand x)
{
    const struct stored *s = layer_weight(b->lw, r);

    if (s->w)
        build_norm_into(b, s, x, (uint32_t)s->w->ne[0], x);
}

/* In place; temp: the query's temperature, which also comes without a rotation. */
static void rotate(const struct build *b, struct operand x, uint32_t n_head, float temp)
{
    const struct layer_plan *l = b->l;
    struct op op = build_op(OP_ROPE);

    if (!l->rotate && temp == 0.0F)
        return;
    op.dst = x;
    op.rope = (struct op_rope){ .pairing = b->hp->t.rope.pairing,
                                .n_head = n_head,
                                .head_dim = l->head_k,
                                .n_rot = l->n_rot,
                                .theta = l->rotate ? l->rope[b->is_long].theta : NULL,
                                .mag = l->rope[b->is_long].mag,
                                .temp = temp,
                                .temp_len = l->temp_len };
    plan_add(b->b, &op);
}

static struct operand attend(const struct build *b, const struct qkv *p)
{
    const struct layer_plan *l = b->l;
    struct op write = build_op(OP_KV_WRITE), op = build_op(OP_ATTENTION);
    uint32_t layer = plan_kv_layer(
        b->b,
        (struct kv_layer){ .n_head = l->n_head_kv, .head_k = l->head_k, .head_v = l->head_v });

    write.src = p->k;
    write.src2 = p->v;
    write.kv_write.layer = layer;
    plan_add(b->b, &write);
    op.src = p->q;
    op.dst = plan_value(b->b, ROWS_TOK, 1, l->n_head * l->head_v);
    op.attention = (struct op_attention){ .layer = layer,
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

    for (int step = 0; step < 2; step++) {
        if ((step == 1) == late) {
            norm_heads(b, W_ATTN_Q_NORM, p.q);
            norm_heads(b, W_ATTN_K_NORM, p.k);
        } else {
            rotate(b, p.q, b->l->n_head, b->l->temp);
            rotate(b, p.k, b->l->n_head_kv, 0.0F);
        }
    }
    return build_linear(b, layer_weight(b->lw, W_ATTN_OUT), attend(b, &p), end);
}

static bool attention_present(const struct layer_weights *w)
{
    return layer_weight(w, W_ATTN_OUT)->w != NULL;
}

const struct mixer_ops mixer_attention = { .name = "attention",
                                           .present = attention_present,
                                           .build = attention_build };

const struct mixer_ops *mixer_of(const struct layer_weights *w)
{
    static const struct mixer_ops *const mixers[] = { &mixer_attention };

    for (size_t i = 0; i < COUNT_OF(mixers); i++)
        if (mixers[i]->present(w))
            return mixers[i];
    return &mixer_attention;
}
