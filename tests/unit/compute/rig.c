/* See rig.h. */
#include "rig.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void rig_begin(struct rig *r, uint64_t seed)
{
    *r = (struct rig){ .random = seed * 2 + 1 };
    plan_begin(&r->b);
}

float rig_random(struct rig *r, float lo, float hi)
{
    r->random = r->random * 6364136223846793005U + 1442695040888963407U;
    return lo + (hi - lo) * (float)(r->random >> 40) / 16777216.0F;
}

const struct weight *rig_weight(struct rig *r, enum dtype type, uint32_t ne0, uint32_t ne1,
                                uint32_t ne2, float lo, float hi)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);
    size_t n = (size_t)ne0 * ne1 * ne2, row = (size_t)ne0 / info->block_n * info->block_bytes;
    float *x = mem_alloc_n(MEM_OTHER, n, sizeof(*x));
    uint8_t *data = mem_alloc_n(MEM_OTHER, (size_t)ne1 * ne2, row);
    struct weight *w = &r->w[r->n_w];

    CHECK(x && data && r->n_w < RIG_WEIGHTS && ne0 % info->block_n == 0);
    for (size_t i = 0; i < n; i++)
        x[i] = rig_random(r, lo, hi);
    for (size_t i = 0; i < (size_t)ne1 * ne2; i++)
        info->quantize(ne0, x + i * ne0, NULL, data + i * row);
    mem_free(x);
    *w = (struct weight){ .name = "made",
                          .type = (uint32_t)type,
                          .ne = { ne0, ne1, ne2, 1 },
                          .row_bytes = row,
                          .data = data };
    r->n_w++;
    return w;
}

const float *rig_numbers(const struct weight *w)
{
    return (const float *)(const void *)w->data;
}

struct operand rig_input(struct rig *r, uint32_t width)
{
    struct op op = rig_op(OP_EMBED);

    CHECK(r->n_w == 0);
    op.embed.w = rig_weight(r, DT_F32, width, RIG_VOCAB, 1, -1, 1);
    op.embed.scale = 1;
    op.dst = plan_value(&r->b, ROWS_TOK, 1, width);
    plan_add(&r->b, &op);
    return op.dst;
}

const float *rig_input_row(const struct rig *r, int32_t token)
{
    return rig_numbers(&r->w[0]) + (size_t)token * r->w[0].ne[0];
}

struct op rig_op(enum op_kind kind)
{
    return (struct op){ .kind = kind,
                        .dst = operand_none(),
                        .dst2 = operand_none(),
                        .src = operand_none(),
                        .src2 = operand_none() };
}

enum err_code rig_finish(struct rig *r, struct operand out, uint32_t n_thread, struct err *e)
{
    struct device_params dp = { .n_thread = n_thread, .cpu_features_off = r->features_off };
    struct kv_params kp = { .n_page = 1, .type_k = KV_F32, .type_v = KV_F32 };
    enum err_code rc;

    r->b.plan.output = out;
    r->width = out.width;
    rc = plan_end(&r->b, &r->plan, e);
    if (!rc)
        rc = cpu_device_ops.open(&r->dev, &dp, e);
    if (!rc)
        rc = cpu_device_ops.compile(r->dev, r->plan, RIG_TOK_MAX, RIG_TOK_MAX, &r->prog, e);
    if (rc)
        return rc;
    kp.states = r->plan->states;
    kp.n_state = r->plan->n_state;
    kp.n_state_slot = RIG_SLOTS;
    return cpu_device_ops.kv_create(r->dev, &kp, &r->kv, e);
}

void rig_end(struct rig *r)
{
    cpu_device_ops.kv_destroy(r->kv);
    cpu_device_ops.program_destroy(r->prog);
    cpu_device_ops.close(r->dev);
    plan_destroy(r->plan);
    for (uint32_t i = 0; i < r->n_w; i++) {
        void *data;

        memcpy(&data, &r->w[i].data, sizeof(data)); /* ours, though weights are read-only */
        mem_free(data);
    }
    memset(r, 0, sizeof(*r));
}

enum err_code rig_run(struct rig *r, const struct rig_piece *pieces, uint32_t n_piece,
                      const atomic_bool *cancel, float *out)
{
    int32_t token[RIG_TOK_MAX];
    uint32_t pos[RIG_TOK_MAX], seq[RIG_TOK_MAX], page = 0;
    struct batch_seq seqs[RIG_SEQ_MAX] = { { 0 } };
    struct batch b = {
        .token = token, .pos = pos, .seq = seq, .seqs = seqs, .n_seq = n_piece, .cancel = cancel
    };
    enum err_code rc;

    CHECK(n_piece <= RIG_SEQ_MAX);
    for (uint32_t s = 0; s < n_piece; s++) {
        const struct rig_piece *p = &pieces[s];

        seqs[s] = (struct batch_seq){ .pages = &page,
                                      .n_kv = p->pos + p->n_tok,
                                      .state_in = p->state_in,
                                      .state_out = p->state_out };
        for (uint32_t i = 0; i < p->n_tok; i++, b.n_tok++) {
            CHECK(b.n_tok < RIG_TOK_MAX);
            token[b.n_tok] = p->tokens[i];
            pos[b.n_tok] = p->pos + i;
            seq[b.n_tok] = s;
        }
    }
    rc = cpu_device_ops.run(r->prog, r->kv, &b, NULL);
    if (!rc)
        memcpy(out, cpu_device_ops.output(r->prog), (size_t)b.n_tok * r->width * sizeof(*out));
    return rc;
}
