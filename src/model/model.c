/* Opening a model: keys, weights, layer plans; and the list of ops for a context. */
#include "model/model.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "model/block.h"
#include "model/priv.h"

static enum err_code open_layers(struct model *m, struct err *e)
{
    struct weight_dims *dims = arena_new_n(&m->arena, m->hp.n_layer, sizeof(*dims));
    enum err_code rc = ERR_OK;

    m->layers = arena_new_n(&m->arena, m->hp.n_layer, sizeof(*m->layers));
    if (!dims || !m->layers)
        return err_set(e, ERR_OOM, "no memory for the plans of %u layers", m->hp.n_layer);
    for (uint32_t il = 0; il < m->hp.n_layer && !rc; il++)
        rc = layer_dims(&dims[il], &m->hp, m->g, il, e);
    if (!rc)
        rc = weights_load(&m->w, &m->hp, dims, m->g, &m->arena, e);
    if (!rc)
        rc = rope_tables_build(&m->rope, &m->hp, &m->w, &m->arena, e);
    for (uint32_t il = 0; il < m->hp.n_layer && !rc; il++)
        layer_plan_build(&m->layers[il], &m->hp, &dims[il], &m->w, &m->rope, il);
    return rc;
}

/* A refusal that does not say so yet names the architecture. */
static enum err_code refused(const struct model *m, enum err_code rc, struct err *e)
{
    char text[sizeof(e->text)];

    if (!e || (rc != ERR_FORMAT && rc != ERR_UNSUPPORTED) || !m->hp.t.name ||
        strstr(e->text, m->hp.t.name))
        return rc;
    memcpy(text, e->text, sizeof(text));
    return err_set(e, rc, "%s (architecture \"%s\")", text, m->hp.t.name);
}

enum err_code model_open_as(struct model **out, const struct gguf *g, const struct arch_traits *row,
                            struct err *e)
{
    struct model *m = mem_alloc_zero(MEM_MODEL, sizeof(*m));
    enum err_code rc;

    *out = NULL;
    if (!m)
        return err_set(e, ERR_OOM, "no memory for a model's tables");
    m->g = g;
    arena_init(&m->arena, MEM_MODEL, 64U * 1024U, MODEL_TABLE_BYTES_MAX);
    rc = hparams_read(&m->hp, g, row, &m->arena, e);
    if (!rc)
        rc = open_layers(m, e);
    if (!rc)
        rc = model_info_build(m, e);
    if (rc) {
        rc = refused(m, rc, e);
        model_close(m);
        return rc;
    }
    *out = m;
    return ERR_OK;
}

enum err_code model_open(struct model **out, const struct gguf *g, struct err *e)
{
    return model_open_as(out, g, NULL, e);
}

void model_close(struct model *m)
{
    if (!m)
        return;
    arena_finish(&m->arena);
    mem_free(m);
}

const struct model_info *model_info(const struct model *m)
{
    return &m->info;
}

static struct operand embed_rows(const struct build *b, const struct stored *s, struct op_embed how)
{
    struct op op = build_op(OP_EMBED);

    op.dst = plan_value(b->b, ROWS_TOK, 1, (uint32_t)s->w->ne[0]);
    op.embed = how;
    op.embed.w = s->w;
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand add_rows(const struct build *b, struct operand x, struct operand y)
{
    struct op op = build_op(OP_ADD);

    op.src = x;
    op.src2 = y;
    op.dst = plan_value(b->b, ROWS_TOK, 1, x.width);
    op.scalar.scale = 1.0F;
    plan_add(b->b, &op);
    return op.dst;
}

static struct operand build_input(const struct build *b)
{
    const struct stored *w = b->w->global;
    float scale = b->hp->embd_scale != 0.0F ? b->hp->embd_scale : 1.0F;
    struct operand x;

    if (b->hp->t.embd_scale == EMBD_SQRT_N_EMBD)
        scale = sqrtf((float)b->hp->n_embd);
    x = embed_rows(b, &w[W_TOKEN_EMBD], (struct op_embed){ .scale = scale });
    if (w[W_TOKEN_TYPES].w)
        x = add_rows(
            b, x,
            embed_rows(b, &w[W_TOKEN_TYPES], (struct op_embed){ .scale = 1.0F, .row_0 = true }));
    if (w[W_POSITION_EMBD].w)
        x = add_rows(
            b, x,
            embed_rows(b, &w[W_POSITION_EMBD], (struct op_embed){ .scale = 1.0F, .by_pos = true }));
    return b->hp->t.embd_norm ? build_norm(b, &w[W_TOKEN_EMBD_NORM], x, operand_none()) : x;
}

static struct operand build_head(const struct build *b, struct operand x)
{
    const struct stored *w = b->w->global;
    const struct stored *head = w[W_OUTPUT].w ? &w[W_OUTPUT] : &w[W_TOKEN_EMBD];
    struct build_end end = build_plain();
    struct op cap = build_op(OP_SOFTCAP);
    struct operand logits;

    if (b->hp->logit_scale != 0.0F && b->hp->t.logit_scale == LOGITS_DIVIDE)
        end.scale = 1.0F / b->hp->logit_scale;
    if (b->hp->logit_scale != 0.0F && b->hp->t.logit_scale == LOGITS_MULTIPLY)
        end.scale = b->hp->logit_scale;
    logits = build_linear(b, head, x, end);
    if (b->hp->cap_final == 0.0F)
        return logits;
    cap.src = logits;
    cap.dst = plan_value(b->b, b->rows, 1, logits.width);
    cap.scalar.scale = b->hp->cap_final;
    plan_add(b->b, &cap);
    return cap.dst;
}

/* The embeddings of all layers beside each other: each layer's share of a projection of x, normed,
 * plus its share of a row of its own table; absent in models without. */
static struct operand build_ple(const struct build *b, struct operand x)
{
    const struct stored *w = b->w->global;
    struct build_end end = { .add = operand_none(), .scale = 1.0F / sqrtf((float)b->hp->n_embd) };
    struct op norm = build_op(OP_NORM), scale = build_op(OP_SCALE);

    if (!b->hp->n_ple)
        return operand_none();
    norm.src = build_linear(b, &w[W_PLE_MODEL_PROJ], x, end);
    norm.norm = (struct op_norm){
        .kind = b->hp->t.norm,
        .group = b->hp->n_ple,
        .eps = b->hp->eps,
        .w = w[W_PLE_PROJ_NORM].w,
        .b = w[W_PLE_PROJ_NORM].b,
        .add =
            embed_rows(b, &w[W_PLE_EMBD], (struct op_embed){ .scale = sqrtf((float)b->hp->n_ple) }),
    };
    norm.dst = plan_value(b->b, ROWS_TOK, 1, norm.src.width);
    plan_add(b->b, &norm);
    scale.src = norm.dst;
    scale.dst = plan_value(b->b, ROWS_TOK, 1, norm.src.width);
    scale.scalar.scale = sqrtf(0.5F);
    plan_add(b->b, &scale);
    return scale.dst;
}

static struct operand build_layers(struct build *b, const struct model *m, bool embeddings)
{
    struct operand x = build_input(b), ple = build_ple(b, x);
    uint32_t n_ple = m->hp.n_ple;

    for (uint32_t il = 0; il < m->hp.n_layer; il++) {
        b->il = il;
        b->ple = n_ple ? operand_cols(ple, il * n_ple, n_ple) : ple;
        b->b->layer = (uint16_t)il;
        b->l = &m->layers[il];
        b->lw = &m->w.layers[il];
        x = build_block(b, x, !embeddings && il + 1 == m->hp.n_layer);
    }
    b->b->layer = UINT16_MAX;
    return build_norm(b, &m->w.global[m->hp.t.out_norm_is_embd ? W_TOKEN_EMBD_NORM : W_OUTPUT_NORM],
                      x, operand_none());
}

enum err_code model_plan(const struct model *m, const struct model_plan_params *p,
                         struct plan **out, struct err *e)
{
    uint32_t n_ctx = p->n_ctx ? p->n_ctx : m->info.n_ctx_train;
    const struct weight *pos = m->w.global[W_POSITION_EMBD].w;
    struct plan_builder pb;
    uint32_t kv_layers[MODEL_LAYERS_MAX];
    struct build b = {
        .b = &pb, .hp = &m->hp, .w = &m->w, .rows = ROWS_TOK, .kv_layers = kv_layers
    };
    struct operand x;

    *out = NULL;
    if (n_ctx > MODEL_CTX_MAX)
        return err_set(e, ERR_LIMIT, "a context of %u tokens: at most %u are possible", n_ctx,
                       MODEL_CTX_MAX);
    if (pos && n_ctx > pos->ne[1])
        return err_set(e, ERR_LIMIT, "a context of %u tokens: the model has %llu learned positions",
                       n_ctx, (unsigned long long)pos->ne[1]);
    if (!p->embeddings && m->hp.t.headless)
        return err_set(e, ERR_UNSUPPORTED, "%s models give embeddings, not text", m->info.arch);
    b.is_long = n_ctx > m->rope.n_ctx_short;
    plan_begin(&pb);
    x = build_layers(&b, m, p->embeddings);
    pb.plan.output = p->embeddings ? x : build_head(&b, x);
    pb.plan.n_embd = m->hp.n_embd;
    pb.plan.n_vocab = m->hp.n_vocab;
    return plan_end(&pb, out, e);
}
