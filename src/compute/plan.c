/* Building plans: growing arrays, and the checks that keep a wrong plan from reaching a device.
 * What is checked here is our own code, so a failure is a CHECK and not an error. */
#include "compute/plan.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"

void plan_begin(struct plan_builder *b)
{
    *b = (struct plan_builder){ .layer = UINT16_MAX };
    b->plan.output = operand_none();
}

void plan_abandon(struct plan_builder *b)
{
    mem_free(b->plan.ops);
    mem_free(b->plan.values);
    mem_free(b->plan.kv_layers);
    plan_begin(b);
}

/* Makes room for one more element; the number of elements is bounded by max. */
static bool grow(void **array, uint32_t n, uint32_t *cap, uint32_t max, size_t size)
{
    uint32_t wanted;
    void *grown;

    if (n < *cap)
        return true;
    wanted = min_u32(max, *cap ? *cap * 2 : 64);
    if (n >= wanted)
        return false;
    grown = mem_realloc(MEM_MODEL, *array, wanted * size);
    if (!grown)
        return false;
    *array = grown;
    *cap = wanted;
    return true;
}

struct operand operand_none(void)
{
    return (struct operand){ .value = VALUE_NONE };
}

bool operand_present(struct operand o)
{
    return o.value != VALUE_NONE;
}

struct operand operand_cols(struct operand o, uint32_t col, uint32_t width)
{
    CHECK(col <= o.width && width <= o.width - col);
    return (struct operand){ .value = o.value, .col = o.col + col, .width = width };
}

struct operand plan_value(struct plan_builder *b, enum value_rows rows, uint32_t rows_mul,
                          uint32_t width)
{
    void *values = b->plan.values;

    CHECK(width > 0 && rows_mul > 0);
    if (b->failed ||
        !grow(&values, b->plan.n_value, &b->_value_cap, PLAN_VALUES_MAX, sizeof(*b->plan.values))) {
        b->failed = true;
        return (struct operand){ .value = 0, .width = width };
    }
    b->plan.values = values;
    b->plan.values[b->plan.n_value] =
        (struct value){ .width = width, .rows = rows, .rows_mul = rows_mul };
    return (struct operand){ .value = b->plan.n_value++, .width = width };
}

void plan_add(struct plan_builder *b, const struct op *op)
{
    void *ops = b->plan.ops;

    if (b->failed || !grow(&ops, b->plan.n_op, &b->_op_cap, PLAN_OPS_MAX, sizeof(*b->plan.ops))) {
        b->failed = true;
        return;
    }
    b->plan.ops = ops;
    b->plan.ops[b->plan.n_op] = *op;
    b->plan.ops[b->plan.n_op].layer = b->layer;
    b->plan.n_op++;
}

uint32_t plan_kv_layer(struct plan_builder *b, struct kv_layer l)
{
    void *layers = b->plan.kv_layers;

    if (b->failed || !grow(&layers, b->plan.n_kv_layer, &b->_kv_cap, PLAN_VALUES_MAX, sizeof(l))) {
        b->failed = true;
        return 0;
    }
    b->plan.kv_layers = layers;
    b->plan.kv_layers[b->plan.n_kv_layer] = l;
    return b->plan.n_kv_layer++;
}

static void check_operand(const struct plan *p, struct operand o)
{
    CHECK(o.value < p->n_value);
    CHECK(o.col <= p->values[o.value].width && o.width <= p->values[o.value].width - o.col);
    CHECK(o.width > 0);
}

/* Do two operands have a row for each other? */
static void check_same_rows(const struct plan *p, struct operand a, struct operand b)
{
    const struct value *va = &p->values[a.value], *vb = &p->values[b.value];

    CHECK(va->rows == vb->rows && va->rows_mul == vb->rows_mul);
}

static void check_linear(const struct plan *p, const struct op *op)
{
    const struct weight *w = op->linear.w;

    check_same_rows(p, op->src, op->dst);
    CHECK(w->ne[0] == op->src.width && w->ne[1] == op->dst.width);
    CHECK(op->dst.value != op->src.value);
    if (operand_present(op->linear.add)) {
        check_operand(p, op->linear.add);
        check_same_rows(p, op->linear.add, op->dst);
        CHECK(op->linear.add.width == op->dst.width && op->linear.add.value != op->dst.value);
    }
}

static void check_attention(const struct plan *p, const struct op *op)
{
    const struct op_attention *a = &op->attention;
    const struct kv_layer *l;

    CHECK(a->layer < p->n_kv_layer);
    l = &p->kv_layers[a->layer];
    CHECK(a->n_head_kv == l->n_head && a->head_k == l->head_k && a->head_v == l->head_v);
    CHECK(a->n_head % a->n_head_kv == 0);
    CHECK(op->src.width == a->n_head * a->head_k && op->dst.width == a->n_head * a->head_v);
    CHECK(op->src.value != op->dst.value);
}

static void check_kv_write(const struct plan *p, const struct op *op)
{
    const struct kv_layer *l;

    CHECK(op->kv_write.layer < p->n_kv_layer);
    l = &p->kv_layers[op->kv_write.layer];
    CHECK(op->src.width == l->n_head * l->head_k && op->src2.width == l->n_head * l->head_v);
}

static void check_moe_linear(const struct plan *p, const struct op *op)
{
    const struct op_moe_linear *m = &op->moe_linear;
    const struct value *src = &p->values[op->src.value], *dst = &p->values[op->dst.value];

    CHECK(m->w->ne[0] == op->src.width && m->w->ne[1] == op->dst.width);
    CHECK(m->w->ne[2] == m->n_expert && m->n_used <= m->n_expert);
    CHECK(dst->rows == src->rows && dst->rows_mul == m->n_used);
    CHECK(src->rows_mul == 1 || src->rows_mul == m->n_used);
    CHECK(op->src2.width == m->n_used && op->src.value != op->dst.value);
}

static void check_elementwise(const struct plan *p, const struct op *op)
{
    check_same_rows(p, op->src, op->dst);
    CHECK(op->src.width == op->dst.width);
    if (operand_present(op->src2)) {
        check_same_rows(p, op->src2, op->dst);
        CHECK(op->src2.width == op->dst.width || (op->kind == OP_MUL && op->src2.width == 1));
    }
}

static void check_op(const struct plan *p, const struct op *op)
{
    if (op->kind != OP_KV_WRITE)
        check_operand(p, op->dst);
    if (op->kind != OP_EMBED && op->kind != OP_ROPE)
        check_operand(p, op->src);
    if (operand_present(op->src2))
        check_operand(p, op->src2);
    switch (op->kind) {
    case OP_EMBED:
        CHECK(op->embed.w->ne[0] == op->dst.width);
        break;
    case OP_NORM:
        check_same_rows(p, op->src, op->dst);
        CHECK(op->src.width == op->dst.width && op->src.width % op->norm.group == 0);
        if (operand_present(op->norm.add))
            check_operand(p, op->norm.add);
        break;
    case OP_LINEAR:
        check_linear(p, op);
        break;
    case OP_ROPE:
        CHECK(op->rope.n_head * op->rope.head_dim == op->dst.width && op->rope.n_rot % 2 == 0);
        CHECK(op->rope.offset + op->rope.n_rot <= op->rope.head_dim);
        break;
    case OP_KV_WRITE:
        check_kv_write(p, op);
        break;
    case OP_ATTENTION:
        check_attention(p, op);
        break;
    case OP_MOE_ROUTE:
        CHECK(op->src.width == op->moe_route.n_expert && op->dst.width == op->moe_route.n_used);
        check_operand(p, op->dst2);
        CHECK(op->dst2.width == op->moe_route.n_used && op->dst2.value != op->dst.value);
        break;
    case OP_MOE_LINEAR:
        check_moe_linear(p, op);
        break;
    case OP_MOE_SUM:
        CHECK(op->src.width == op->dst.width && op->src2.width == op->moe_sum.n_used);
        CHECK(op->src.value != op->dst.value);
        break;
    case OP_GATHER_ROWS:
        CHECK(p->values[op->dst.value].rows == ROWS_OUT &&
              p->values[op->src.value].rows == ROWS_TOK);
        CHECK(op->src.width == op->dst.width && op->src.value != op->dst.value);
        break;
    default:
        check_elementwise(p, op);
        break;
    }
}

enum err_code plan_end(struct plan_builder *b, struct plan **out, struct err *e)
{
    struct plan *p;

    *out = NULL;
    p = b->failed ? NULL : mem_alloc_zero(MEM_MODEL, sizeof(*p));
    if (!p) {
        bool full = b->plan.n_op >= PLAN_OPS_MAX || b->plan.n_value >= PLAN_VALUES_MAX;

        plan_abandon(b);
        if (full)
            return err_set(e, ERR_LIMIT, "the model needs more than %u operations", PLAN_OPS_MAX);
        return err_set(e, ERR_OOM, "no memory for the model's plan");
    }
    for (uint32_t i = 0; i < b->plan.n_op; i++)
        check_op(&b->plan, &b->plan.ops[i]);
    check_operand(&b->plan, b->plan.output);
    *p = b->plan;
    plan_begin(b);
    *out = p;
    return ERR_OK;
}

void plan_destroy(struct plan *p)
{
    if (!p)
        return;
    mem_free(p->ops);
    mem_free(p->values);
    mem_free(p->kv_layers);
    mem_free(p);
}

const char *op_name(enum op_kind kind)
{
    static const char *const names[OP_KIND_COUNT] = {
        [OP_EMBED] = "embed",
        [OP_NORM] = "norm",
        [OP_LINEAR] = "linear",
        [OP_ROPE] = "rope",
        [OP_KV_WRITE] = "kv_write",
        [OP_ATTENTION] = "attention",
        [OP_GLU] = "glu",
        [OP_MOE_ROUTE] = "moe_route",
        [OP_MOE_LINEAR] = "moe_linear",
        [OP_MOE_SUM] = "moe_sum",
        [OP_ADD] = "add",
        [OP_MUL] = "mul",
        [OP_SCALE] = "scale",
        [OP_SOFTCAP] = "softcap",
        [OP_GATHER_ROWS] = "gather_rows",
    };

    return names[kind];
}
