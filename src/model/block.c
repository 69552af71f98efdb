/* The one block (architectures.md, 6.0): norms, mixer, feed-forward and residual adds in the order
 * that all layouts share; a step whose tensor is absent is skipped. Which absences are legal was
 * settled when the weights were checked. */
#include "model/block.h"

#include "base/check.h"
#include "model/mixer.h"

struct op build_op(enum op_kind kind)
{
    struct operand none = operand_none();

    return (struct op){ .kind = kind, .dst = none, .dst2 = none, .src = none, .src2 = none };
}

struct build_end build_plain(void)
{
    return (struct build_end){ .add = operand_none(), .scale = 1.0F };
}

/* Rows of a new value beside x. */
static struct operand new_beside(const struct build *b, uint32_t width)
{
    return plan_value(b->b, b->rows, 1, width);
}

/* y + what an adapter adds, times scale. */
static struct operand add_lora(const struct build *b, const struct lora *l, struct operand x,
                               struct operand y, float scale)
{
    struct op down = build_op(OP_LINEAR), up = build_op(OP_LINEAR);

    down.src = x;
    up.src = down.dst = new_beside(b, (uint32_t)l->a->ne[1]);
    down.linear = (struct op_linear){ .w = l->a, .scale = 1.0F, .add = operand_none() };
    plan_add(b->b, &down);
    up.dst = new_beside(b, y.width);
    up.linear = (struct op_linear){ .w = l->b, .scale = l->scale * scale, .add = y };
    plan_add(b->b, &up);
    return up.dst;
}

struct operand build_linear(const struct build *b, const struct stored *s, struct operand x,
                            struct build_end end)
{
    struct op op = build_op(OP_LINEAR);

    CHECK(s->w);
    op.src = x;
    op.dst = new_beside(b, (uint32_t)s->w->ne[1]);
    op.linear =
        (struct op_linear){ .w = s->w, .b = s->b, .scale = s->scale * end.scale, .add = end.add };
    plan_add(b->b, &op);
    for (const struct lora *l = s->lora; l; l = l->next)
        op.dst = add_lora(b, l, x, op.dst, end.scale);
    return op.dst;
}

static struct op norm_op(const struct build *b, const struct stored *s, uint32_t group)
{
    struct op op = build_op(OP_NORM);

    op.norm = (struct op_norm){ .kind = b->hp->t.norm,
                                .group = group,
                                .eps = b->hp->eps,
                                .w = s->w,
                                .b = s->b,
                                .add = operand_none() };
    return op;
}

void build_norm_into(const struct build *b, const struct stored *s, struct operand x,
                     uint32_t group, struct operand dst)
{
    struct op op = norm_op(b, s, group);

    op.norm.w_per_column = s->w && s->w->ne[0] * s->w->ne[1] > group;
    op.src = x;
    op.dst = dst;
    plan_add(b->b, &op);
}

struct operand build_norm(const struct build *b, const struct stored *s, struct operand x,
                          struct operand add)
{
    struct op op = norm_op(b, s, x.width);

    CHECK(s->w || !operand_present(add));
    if (!s->w && !s->weightless)
        return x;
    op.norm.add = add;
    op.src = x;
    op.dst = new_beside(b, x.width);
    plan_add(b->b, &op);
    return op.dst;
}

struct operand build_glu(const struct build *b, enum act_kind act, struct operand gate,
                         struct operand up)
{
    struct op op = build_op(OP_GLU);

    op.src = gate;
    op.src2 = up;
    op.dst = plan_value(b->b, b->rows, b->b->failed ? 1 : b->b->plan.values[gate.value].rows_mul,
                        gate.width);
    op.glu.act = act;
    plan_add(b->b, &op);
    return op.dst;
}

struct operand build_pick_heads(const struct build *b, struct operand x, struct op_copy_heads how)
{
    struct op op = build_op(OP_COPY_HEADS);

    op.src = x;
    op.dst = new_beside(b, how.n_head * how.n_col);
    op.copy_heads = how;
    plan_add(b->b, &op);
    return op.dst;
}

/* Only the rows that ask for an output. */
static struct operand gather(const struct build *b, struct operand x)
{
    struct op op = build_op(OP_GATHER_ROWS);

    op.src = x;
    op.dst = plan_value(b->b, ROWS_OUT, 1, x.width);
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand add_scaled(const struct build *b, struct operand x, float scale,
                                 struct operand y)
{
    struct op op = build_op(OP_ADD);

    op.src = x;
    op.src2 = y;
    op.scalar.scale = scale;
    op.dst = new_beside(b, x.width);
    plan_add(b->b, &op);
    return op.dst;
}

/* x + scale * norm(part), where the norm may be absent: then the part adds x itself. */
struct part {
    struct operand (*build)(const struct build *b, struct operand in, struct build_end end);
    const struct stored *norm; /* on its output */
};

static struct operand residual(const struct build *b, const struct part *p, struct operand in,
                               struct operand x, float scale)
{
    struct operand y;

    if (!p->norm->w)
        return p->build(b, in, (struct build_end){ .add = x, .scale = scale });
    y = p->build(b, in, build_plain());
    if (scale == 1.0F)
        return build_norm(b, p->norm, y, x);
    return add_scaled(b, x, scale, build_norm(b, p->norm, y, operand_none()));
}

/* x + norm(proj(act(gate(x)) * the layer's own embedding)) */
static struct operand add_own_embedding(const struct build *b, struct operand x)
{
    struct operand g;

    if (!operand_present(b->ple))
        return x;
    g = build_linear(b, layer_weight(b->lw, W_PLE_GATE), x, build_plain());
    g = build_glu(b, b->hp->t.act, g, b->ple);
    g = build_linear(b, layer_weight(b->lw, W_PLE_PROJ), g, build_plain());
    return build_norm(b, layer_weight(b->lw, W_PLE_POST_NORM), g, x);
}

static struct operand scale_layer(const struct build *b, struct operand x)
{
    const struct weight *w = layer_weight(b->lw, W_LAYER_SCALE)->w;
    struct op op = build_op(OP_SCALE);

    if (!w)
        return x;
    op.src = x;
    op.dst = new_beside(b, x.width);
    op.scalar.scale = w->data ? *(const float *)(const void *)w->data : 1.0F;
    plan_add(b->b, &op);
    return op.dst;
}

static float residual_scale(const struct build *b)
{
    return b->hp->residual_scale != 0.0F ? b->hp->residual_scale : 1.0F;
}

static bool is_mixer_alone(const struct build *b)
{
    return !b->l->is_moe && !layer_weight(b->lw, W_FFN_UP)->w;
}

/* The feed-forward part and what follows it; y: the residual stream behind the mixer. */
static struct operand second_half(struct build *b, struct operand y,
                                  const struct stored *before_ffn, float scale)
{
    struct part ffn = { build_ffn, layer_weight(b->lw, W_FFN_POST_NORM) };

    if (is_mixer_alone(b))
        return y;
    b->residual = y;
    y = residual(b, &ffn, build_norm(b, before_ffn, y, operand_none()), y, scale);
    y = build_norm(b, layer_weight(b->lw, W_LAYER_OUT_NORM), y, operand_none());
    return scale_layer(b, add_own_embedding(b, y));
}

/* A layer that is nothing but a feed-forward part. */
static struct operand ffn_alone(struct build *b, struct operand x, bool narrow)
{
    const struct stored *norm = layer_weight(b->lw, W_ATTN_NORM), none = { 0 };
    struct part ffn = { build_ffn, &none };

    if (narrow) {
        x = gather(b, x);
        b->rows = ROWS_OUT;
    }
    return residual(b, &ffn, build_norm(b, norm, x, operand_none()), x, residual_scale(b));
}

struct operand build_block(struct build *b, struct operand x, bool narrow)
{
    const struct arch_traits *t = &b->hp->t;
    const struct stored none = { 0 };
    const struct stored *post = layer_weight(b->lw, W_ATTN_POST_NORM);
    const struct stored *second = layer_weight(b->lw, W_ATTN_NORM_2);
    const struct stored *first = layer_weight(b->lw, W_ATTN_NORM);
    struct part mixer = { b->l->mixer->build, t->ffn_norm_is_post ? &none : post };
    struct part ffn = { build_ffn, layer_weight(b->lw, W_FFN_POST_NORM) };
    const struct stored *before_ffn = t->ffn_norm_is_post ? post : layer_weight(b->lw, W_FFN_NORM);
    bool parallel = t->parallel || t->layout == LAYOUT_SHARED;
    float scale = residual_scale(b);
    bool twice = second->w && !first->w; /* the input once more, and a norm */
    struct operand a, in, ffn_in, y;

    if (b->l->mixer == &mixer_none)
        return ffn_alone(b, x, narrow);
    a = build_norm(b, first, x, operand_none());
    in = second->w && first->w ? build_norm(b, second, x, operand_none()) : a;
    ffn_in = before_ffn->w ? x : a; /* of a parallel block */
    y = residual(b, &mixer, in, x, scale);
    if (narrow) {
        y = gather(b, y);
        ffn_in = parallel ? gather(b, ffn_in) : ffn_in;
        x = twice ? gather(b, x) : x;
        b->ple = operand_present(b->ple) ? gather(b, b->ple) : b->ple;
        b->rows = ROWS_OUT;
    }
    if (parallel && !is_mixer_alone(b))
        return residual(b, &ffn, build_norm(b, before_ffn, ffn_in, operand_none()), y, scale);

    y = build_norm(b, layer_weight(b->lw, W_ATTN_OUT_NORM), y, operand_none());
    if (twice)
        y = build_norm(b, second, add_scaled(b, y, 1.0F, x), operand_none());
    return second_half(b, y, before_ffn, scale);
}
