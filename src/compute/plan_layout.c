/* Where values live: one scratch block, in which values of disjoint lifetimes share memory. A value
 * lives from the first op that touches it to the last; the plan's output lives to the end. */
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/plan_int.h"

/* Operands that only one kind of op has: all read. */
static uint32_t op_extra(const struct op *op, struct operand out[3])
{
    switch (op->kind) {
    case OP_LINEAR:
        out[0] = op->linear.add;
        return 1;
    case OP_NORM:
        out[0] = op->norm.add;
        return 1;
    case OP_MOE_SUM:
        out[0] = op->moe_sum.add;
        return 1;
    case OP_SSM_SCAN:
        out[0] = op->ssm_scan.b;
        out[1] = op->ssm_scan.c;
        return 2;
    case OP_DELTA_RULE:
        out[0] = op->delta_rule.v;
        out[1] = op->delta_rule.beta;
        out[2] = op->delta_rule.alpha;
        return 3;
    default:
        return 0;
    }
}

uint32_t op_operands(const struct op *op, struct op_operand out[OP_OPERANDS_MAX])
{
    struct operand extra[3];
    uint32_t n = 0, n_extra = op_extra(op, extra);

    if (op->kind != OP_KV_WRITE)
        out[n++] = (struct op_operand){ op->dst, true };
    if (op->kind == OP_MOE_ROUTE)
        out[n++] = (struct op_operand){ op->dst2, true };
    if (op->kind != OP_EMBED && op->kind != OP_ROPE)
        out[n++] = (struct op_operand){ op->src, false };
    if (operand_present(op->src2))
        out[n++] = (struct op_operand){ op->src2, false };
    for (uint32_t i = 0; i < n_extra; i++) {
        if (operand_present(extra[i]))
            out[n++] = (struct op_operand){ extra[i], false };
    }
    return n;
}

uint32_t op_state(const struct op *op)
{
    switch (op->kind) {
    case OP_CONV1D:
        return op->conv1d.state;
    case OP_SSM_SCAN:
        return op->ssm_scan.state;
    case OP_DELTA_RULE:
        return op->delta_rule.state;
    default:
        return STATE_NONE;
    }
}

size_t value_bytes(const struct plan *p, uint32_t value, uint32_t n_tok, uint32_t n_out)
{
    const struct value *v = &p->values[value];
    size_t rows = (size_t)(v->rows == ROWS_TOK ? n_tok : n_out) * v->rows_mul;

    return round_up(rows * v->width * sizeof(float), 64);
}

struct life {
    uint32_t first, last; /* ops */
    bool is_used;
};

static void find_lives(const struct plan *p, struct life *lives)
{
    for (uint32_t i = 0; i < p->n_op; i++) {
        struct op_operand o[OP_OPERANDS_MAX];
        uint32_t n = op_operands(&p->ops[i], o);

        for (uint32_t k = 0; k < n; k++) {
            struct life *l = &lives[o[k].operand.value];

            if (!l->is_used)
                *l = (struct life){ .first = i, .is_used = true };
            l->last = i;
        }
    }
    lives[p->output.value].last = p->n_op;
}

/* The lowest offset at which `bytes` fit beside the active values (kept sorted by offset). */
static size_t find_gap(const uint32_t *active, uint32_t n_active, const size_t *offsets,
                       const size_t *bytes, size_t want, uint32_t *at)
{
    size_t offset = 0;
    uint32_t i;

    for (i = 0; i < n_active; i++) {
        if (offsets[active[i]] - offset >= want)
            break;
        offset = offsets[active[i]] + bytes[active[i]];
    }
    *at = i;
    return offset;
}

static uint32_t drop_dead(uint32_t *active, uint32_t n_active, const struct life *lives,
                          uint32_t i_op)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n_active; i++) {
        if (lives[active[i]].last >= i_op)
            active[kept++] = active[i];
    }
    return kept;
}

enum err_code plan_layout(const struct plan *p, uint32_t n_tok_max, uint32_t n_out_max,
                          struct arena *a, struct plan_layout *out, struct err *e)
{
    struct life *lives = arena_new_n(a, p->n_value, sizeof(*lives));
    size_t *bytes = arena_new_n(a, p->n_value, sizeof(*bytes));
    uint32_t *active = arena_new_n(a, p->n_value, sizeof(*active));
    uint32_t n_active = 0;

    *out = (struct plan_layout){ .offsets = arena_new_n(a, p->n_value, sizeof(size_t)) };
    if (!lives || !bytes || !active || !out->offsets)
        return err_set(e, ERR_OOM, "no memory to lay out %u values", p->n_value);
    find_lives(p, lives);
    for (uint32_t i = 0; i < p->n_op; i++) {
        struct op_operand o[OP_OPERANDS_MAX];
        uint32_t n = op_operands(&p->ops[i], o);

        n_active = drop_dead(active, n_active, lives, i);
        for (uint32_t k = 0; k < n; k++) {
            uint32_t v = o[k].operand.value, at;

            if (lives[v].first != i || bytes[v])
                continue;
            bytes[v] = value_bytes(p, v, n_tok_max, n_out_max);
            out->offsets[v] = find_gap(active, n_active, out->offsets, bytes, bytes[v], &at);
            memmove(active + at + 1, active + at, (n_active - at) * sizeof(*active));
            active[at] = v;
            n_active++;
            out->bytes = max_size(out->bytes, out->offsets[v] + bytes[v]);
        }
    }
    return ERR_OK;
}
