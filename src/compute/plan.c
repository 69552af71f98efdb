/* Building plans: growing arrays, and the checks that keep a wrong plan from reaching a device.
 * What is checked here is our own code, so a failure is a CHECK and not an error. */
#include "compute/plan_int.h"

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
    mem_free(b->plan.states);
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

uint32_t plan_state(struct plan_builder *b, uint32_t n_float)
{
    void *states = b->plan.states;

    CHECK(n_float > 0);
    if (b->failed ||
        !grow(&states, b->plan.n_state, &b->_state_cap, PLAN_VALUES_MAX, sizeof(*b->plan.states))) {
        b->failed = true;
        return 0;
    }
    b->plan.states = states;
    b->plan.states[b->plan.n_state] = (struct state_layer){ .n_float = n_float };
    return b->plan.n_state++;
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
    CHECK(op->src.width == l->n_head * l->head_k && l->v_in_k == !operand_present(op->src2));
    CHECK(l->v_in_k ? l->head_v <= l->head_k : op->src2.width == l->n_head * l->head_v);
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

static void check_moe_weigh(const struct plan *p, const struct op *op)
{
    const struct value *src = &p->values[op->src.value], *dst = &p->values[op->dst.value];

    CHECK(op->src.width == op->dst.width && op->src2.width == op->moe_weigh.n_used);
    CHECK(dst->rows == src->rows && src->rows_mul == 1 && dst->rows_mul == op->moe_weigh.n_used);
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

static uint64_t n_element(const struct weight *w)
{
    return w->ne[0] * w->ne[1] * w->ne[2] * w->ne[3];
}

/* NULL, or one of n elements. */
static void check_vector(const struct weight *w, uint64_t n)
{
    CHECK(!w || n_element(w) == n);
}

/* A row for every token, in another value than the result. */
static void check_per_token(const struct plan *p, const struct op *op, struct operand o,
                            uint32_t width)
{
    check_operand(p, o);
    check_same_rows(p, o, op->dst);
    CHECK(o.width == width && o.value != op->dst.value);
}

static void check_state(const struct plan *p, uint32_t state, uint64_t n_float)
{
    CHECK(state < p->n_state && p->states[state].n_float == n_float);
}

static void check_conv1d(const struct plan *p, const struct op *op)
{
    const struct op_conv1d *o = &op->conv1d;
    uint64_t taps = o->w->ne[0];

    check_per_token(p, op, op->src, op->dst.width);
    CHECK(taps > 0 && taps <= CONV_TAPS_MAX && n_element(o->w) == taps * op->dst.width);
    check_vector(o->b, op->dst.width);
    CHECK((o->centred || taps == 1) == (o->state == STATE_NONE));
    if (o->state != STATE_NONE)
        check_state(p, o->state, (taps - 1) * op->dst.width);
}

static void check_ssm_scan(const struct plan *p, const struct op *op)
{
    const struct op_ssm_scan *o = &op->ssm_scan;
    uint32_t d_inner = op->dst.width;

    CHECK(o->n_head > 0 && o->n_group > 0 && o->n_state > 0);
    CHECK(d_inner % o->n_head == 0 && o->n_head % o->n_group == 0);
    CHECK(o->kind == SSM_MAMBA2 || o->n_head == d_inner);
    check_per_token(p, op, op->src, d_inner);
    check_per_token(p, op, op->src2, o->n_head);
    check_per_token(p, op, o->b, o->n_group * o->n_state);
    check_per_token(p, op, o->c, o->n_group * o->n_state);
    CHECK(o->a);
    check_vector(o->a, (uint64_t)o->n_head * (o->kind == SSM_MAMBA1 ? o->n_state : 1));
    check_vector(o->d, o->n_head);
    check_vector(o->dt_bias, o->n_head);
    check_state(p, o->state, (uint64_t)d_inner * o->n_state);
}

static void check_delta_rule(const struct plan *p, const struct op *op)
{
    const struct op_delta_rule *o = &op->delta_rule;

    CHECK(o->head_dim > 0 && o->n_head_k > 0 && o->n_head_v % o->n_head_k == 0);
    CHECK(op->dst.width == o->n_head_v * o->head_dim);
    check_per_token(p, op, op->src, o->n_head_k * o->head_dim);
    check_per_token(p, op, op->src2, o->n_head_k * o->head_dim);
    check_per_token(p, op, o->v, op->dst.width);
    check_per_token(p, op, o->beta, o->n_head_v);
    check_per_token(p, op, o->alpha, o->n_head_v);
    CHECK(o->a);
    check_vector(o->a, o->n_head_v);
    check_vector(o->dt_bias, o->n_head_v);
    check_state(p, o->state, (uint64_t)op->dst.width * o->head_dim);
}

/* n_head pieces of n columns, `stride` apart, inside `width`. */
static void check_heads(uint32_t width, uint32_t n_head, uint64_t n, uint32_t stride)
{
    CHECK(n > 0 && n_head > 0 && (uint64_t)(n_head - 1) * stride + n <= width);
}

static void check_head_linear(const struct plan *p, const struct op *op)
{
    const struct op_head_linear *o = &op->head_linear;

    check_same_rows(p, op->src, op->dst);
    CHECK(op->src.value != op->dst.value && o->w->ne[2] == o->n_head);
    check_heads(op->src.width, o->n_head, o->w->ne[0], o->src_stride);
    check_heads(op->dst.width, o->n_head, o->w->ne[1], o->dst_stride);
    CHECK(o->dst_stride >= o->w->ne[1] || o->n_head == 1);
}

static void check_copy_heads(const struct plan *p, const struct op *op)
{
    const struct op_copy_heads *o = &op->copy_heads;

    check_same_rows(p, op->src, op->dst);
    CHECK(op->src.value != op->dst.value);
    check_heads(op->src.width, o->n_head, o->n_col, o->src_stride);
    check_heads(op->dst.width, o->n_head, o->n_col, o->dst_stride);
    CHECK(o->dst_stride >= o->n_col || o->n_head == 1);
}

/* Sequences' states are walked in the order of their tokens, so the values need every token once;
 * two ops on one state would have no order. */
static void check_stateful(const struct plan *p, uint32_t i_op)
{
    const struct op *op = &p->ops[i_op];
    const struct value *dst = &p->values[op->dst.value];
    uint32_t state = op_state(op);

    CHECK(dst->rows == ROWS_TOK && dst->rows_mul == 1);
    for (uint32_t i = 0; state != STATE_NONE && i < i_op; i++)
        CHECK(op_state(&p->ops[i]) != state);
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
    case OP_MOE_WEIGH:
        check_moe_weigh(p, op);
        break;
    case OP_MOE_SUM:
        CHECK(op->src.width == op->dst.width && op->src.value != op->dst.value);
        CHECK(!operand_present(op->src2) || op->src2.width == op->moe_sum.n_used);
        break;
    case OP_GATHER_ROWS:
        CHECK(p->values[op->dst.value].rows == ROWS_OUT &&
              p->values[op->src.value].rows == ROWS_TOK);
        CHECK(op->src.width == op->dst.width && op->src.value != op->dst.value);
        break;
    case OP_CONV1D:
        check_conv1d(p, op);
        break;
    case OP_SSM_SCAN:
        check_ssm_scan(p, op);
        break;
    case OP_DELTA_RULE:
        check_delta_rule(p, op);
        break;
    case OP_HEAD_LINEAR:
        check_head_linear(p, op);
        break;
    case OP_COPY_HEADS:
        check_copy_heads(p, op);
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
    for (uint32_t i = 0; i < b->plan.n_op; i++) {
        enum op_kind kind = b->plan.ops[i].kind;

        if (kind == OP_CONV1D || kind == OP_SSM_SCAN || kind == OP_DELTA_RULE)
            check_stateful(&b->plan, i);
    }
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
    mem_free(p->states);
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
        [OP_MOE_WEIGH] = "moe_weigh",
        [OP_MOE_SUM] = "moe_sum",
        [OP_ADD] = "add",
        [OP_MUL] = "mul",
        [OP_SCALE] = "scale",
        [OP_SOFTCAP] = "softcap",
        [OP_CLAMP] = "clamp",
        [OP_GATHER_ROWS] = "gather_rows",
        [OP_CONV1D] = "conv1d",
        [OP_SSM_SCAN] = "ssm_scan",
        [OP_DELTA_RULE] = "delta_rule",
        [OP_HEAD_LINEAR] = "head_linear",
        [OP_COPY_HEADS] = "copy_heads",
    };

    return names[kind];
}
