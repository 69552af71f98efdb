/* Selective state spaces (architectures.md, 6.5): Mamba (Gu and Dao 2023) and Mamba-2 (Dao and Gu
 * 2024). */
#include "model/mixer.h"

/* dst = scan of x; the state is new. */
static struct operand scan(const struct build *b, struct operand x, struct operand dt,
                           const struct op_ssm_scan *how)
{
    struct op op = build_op(OP_SSM_SCAN);

    op.src = x;
    op.src2 = dt;
    op.dst = plan_value(b->b, ROWS_TOK, 1, x.width);
    op.ssm_scan = *how;
    op.ssm_scan.n_state = b->hp->ssm.n_state;
    op.ssm_scan.state = plan_state(b->b, x.width * b->hp->ssm.n_state);
    op.ssm_scan.a = layer_weight(b->lw, W_SSM_A)->w;
    op.ssm_scan.d = layer_weight(b->lw, W_SSM_D)->w;
    plan_add(b->b, &op);
    return op.dst;
}

/* Norms of dt, B and C: with weights where there are some. */
static void norm_in_place(const struct build *b, enum weight_role r, struct operand x)
{
    const struct stored *s = layer_weight(b->lw, r);

    if (s->w || b->hp->ssm.norm_dt_b_c)
        build_norm_into(b, s, x, x.width, x);
}

static struct operand mamba1_build(const struct build *b, struct operand x, struct build_end end)
{
    uint32_t n = b->hp->ssm.n_inner, r = b->hp->ssm.n_rank, n_state = b->hp->ssm.n_state;
    struct operand xz = build_linear(b, layer_weight(b->lw, W_SSM_IN), x, build_plain());
    struct operand u =
        build_conv1d(b, layer_weight(b->lw, W_SSM_CONV), operand_cols(xz, 0, n), true);
    struct operand all = build_linear(b, layer_weight(b->lw, W_SSM_X), u, build_plain());
    struct operand dt = operand_cols(all, 0, r);
    struct op_ssm_scan how = { .kind = SSM_MAMBA1,
                               .n_head = n,
                               .n_group = 1,
                               .b = operand_cols(all, r, n_state),
                               .c = operand_cols(all, r + n_state, n_state) };
    struct operand y;

    norm_in_place(b, W_SSM_DT_NORM, dt);
    norm_in_place(b, W_SSM_B_NORM, how.b);
    norm_in_place(b, W_SSM_C_NORM, how.c);
    y = scan(b, u, build_linear(b, layer_weight(b->lw, W_SSM_DT), dt, build_plain()), &how);
    y = build_glu(b, ACT_SILU, operand_cols(xz, n, n), y);
    return build_linear(b, layer_weight(b->lw, W_SSM_OUT), y, end);
}

static struct operand mamba2_build(const struct build *b, struct operand x, struct build_end end)
{
    const struct weight_dims *d = &b->l->dims;
    uint32_t n = d->ssm_inner, n_bc = d->ssm_norm_rows * b->hp->ssm.n_state;
    struct operand all = build_linear(b, layer_weight(b->lw, W_SSM_IN), x, build_plain());
    struct operand u =
        build_conv1d(b, layer_weight(b->lw, W_SSM_CONV), operand_cols(all, n, d->conv_width), true);
    struct op_ssm_scan how = { .kind = SSM_MAMBA2,
                               .n_head = d->ssm_dt,
                               .n_group = d->ssm_norm_rows,
                               .b = operand_cols(u, n, n_bc),
                               .c = operand_cols(u, n + n_bc, n_bc),
                               .dt_bias = layer_weight(b->lw, W_SSM_DT_BIAS)->w };
    struct operand y =
        scan(b, operand_cols(u, 0, n), operand_cols(all, n + d->conv_width, d->ssm_dt), &how);

    y = build_glu(b, ACT_SILU, operand_cols(all, 0, n), y);
    build_norm_into(b, layer_weight(b->lw, W_SSM_NORM), y, d->ssm_norm, y);
    return build_linear(b, layer_weight(b->lw, W_SSM_OUT), y, end);
}

static enum err_code mamba_check(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    static const enum weight_role norms[] = { W_SSM_DT_NORM, W_SSM_B_NORM, W_SSM_C_NORM };
    uint32_t n = 0;

    (void)hp;
    for (uint32_t i = 0; i < 3; i++)
        n += layer_weight(w, norms[i])->w != NULL;
    for (uint32_t i = 0; i < 3 && n > 0; i++)
        if (!layer_weight(w, norms[i])->w)
            return weights_missing(norms[i], il, "dt, B and C are normalised together", e);
    return ERR_OK;
}

#define BOTH                                                                                       \
    (ROLE_BIT(W_SSM_IN) | ROLE_BIT(W_SSM_CONV) | ROLE_BIT(W_SSM_A) | ROLE_BIT(W_SSM_D) |           \
     ROLE_BIT(W_SSM_OUT) | ROLE_BIT(W_SSM_DT_BIAS))

const struct mixer_ops mixer_mamba1 = {
    .name = "mamba-1",
    .id = W_SSM_X,
    .needs = BOTH | ROLE_BIT(W_SSM_X) | ROLE_BIT(W_SSM_DT),
    .may = ROLE_BIT(W_SSM_DT_NORM) | ROLE_BIT(W_SSM_B_NORM) | ROLE_BIT(W_SSM_C_NORM),
    .check = mamba_check,
    .build = mamba1_build,
};

const struct mixer_ops mixer_mamba2 = {
    .name = "mamba-2",
    .id = W_SSM_IN,
    .needs = BOTH | ROLE_BIT(W_SSM_NORM),
    .build = mamba2_build,
};
