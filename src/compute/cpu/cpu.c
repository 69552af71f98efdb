/* The CPU device: opening, compiling a plan, running a batch. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/cpu/exec.h"
#include "os/cpu.h"

static void cpu_close(struct device *d)
{
    if (!d)
        return;
    pool_destroy(d->pool);
    mem_free(d);
}

static enum err_code cpu_open(struct device **out, const struct device_params *p, struct err *e)
{
    const struct cpu_info *info = cpu_info();
    struct device *d = mem_alloc_zero(MEM_OTHER, sizeof(*d));
    enum err_code rc;

    *out = NULL;
    if (!d)
        return err_set(e, ERR_OOM, "no memory for the CPU device");
    d->n_thread = p->n_thread ? p->n_thread : info->n_physical;
    d->n_thread = min_u32(d->n_thread, POOL_THREADS_MAX);
    cpu_kernels_init(&d->k, info->features & ~p->cpu_features_off);
    state_kernels_init(&d->states, info->features & ~p->cpu_features_off);
    rc = pool_create(&d->pool, d->n_thread, e);
    if (rc) {
        cpu_close(d);
        return rc;
    }
    *out = d;
    return ERR_OK;
}

static void cpu_describe(const struct device *d, struct device_info *out)
{
    const struct cpu_info *info = cpu_info();

    *out = (struct device_info){ .backend = "cpu",
                                 .n_thread = d->n_thread,
                                 .mem_bytes = info->ram_bytes };
    (void)snprintf(out->name, sizeof(out->name), "%s", info->name);
    (void)snprintf(out->isa, sizeof(out->isa), "%s", d->k.isa);
}

/* The weights that recurrent ops read as they are; false from n on. */
static bool plain_weight(const struct op *op, uint32_t i, const struct weight **w)
{
    const struct weight *of[3] = { NULL };

    if (op->kind == OP_CONV1D) {
        of[0] = op->conv1d.w;
        of[1] = op->conv1d.b;
    } else if (op->kind == OP_SSM_SCAN) {
        of[0] = op->ssm_scan.a;
        of[1] = op->ssm_scan.d;
        of[2] = op->ssm_scan.dt_bias;
    } else if (op->kind == OP_DELTA_RULE) {
        of[0] = op->delta_rule.a;
        of[1] = op->delta_rule.dt_bias;
    }
    *w = i < COUNT_OF(of) ? of[i] : NULL;
    return i < COUNT_OF(of);
}

static bool cpu_can(const struct device *d, const struct op *op, struct err *e)
{
    const struct weight *w = op_matrix(op), *plain;

    if (op->kind == OP_EMBED && !d->k.dequantize[op->embed.w->type])
        w = op->embed.w;
    else if (w && w->type < DT_LIMIT && d->k.linear[w->type].gemv)
        w = NULL;
    for (uint32_t i = 0; !w && plain_weight(op, i, &plain); i++)
        w = plain && plain->type != DT_F32 ? plain : NULL;
    if (!w)
        return true;
    (void)err_set(e, ERR_UNSUPPORTED, "tensor %s: the CPU device cannot compute with type %s",
                  w->name, dtype_info(w->type) ? dtype_info(w->type)->name : "unknown");
    return false;
}

/* ---- compile ---- */

static void cpu_program_destroy(struct program *p)
{
    if (!p)
        return;
    mem_free(p->values);
    mem_free(p->act);
    mem_free(p->scratch);
    arena_finish(&p->arena);
    mem_free(p);
}

static size_t rows_max(const struct program *p, struct operand o)
{
    const struct value *v = &p->plan->values[o.value];

    return (size_t)(v->rows == ROWS_TOK ? p->n_tok_max : p->n_out_max) * v->rows_mul;
}

/* Bytes of work memory that one thread needs for an op. */
static size_t scratch_of(const struct device *d, const struct op *op)
{
    switch (op->kind) {
    case OP_LINEAR:
        return scratch_linear(d, op);
    case OP_ATTENTION:
        return scratch_attention(op);
    case OP_MOE_ROUTE:
        return 2 * (size_t)op->moe_route.n_expert * sizeof(float);
    case OP_MOE_LINEAR:
        return scratch_moe_linear(d, op);
    case OP_HEAD_LINEAR:
        return scratch_head_linear(d, op);
    case OP_CONV1D:
        return scratch_conv1d(op);
    case OP_SSM_SCAN:
        return scratch_ssm_scan(op);
    case OP_DELTA_RULE:
        return scratch_delta_rule(op);
    default:
        return 0;
    }
}

/* Rows of prepared activations: an expert's and a head's are rows of their own. */
static size_t act_rows_of(const struct program *p, const struct op *op)
{
    switch (op->kind) {
    case OP_LINEAR:
        return rows_max(p, op->src);
    case OP_MOE_LINEAR:
        return rows_max(p, op->dst);
    case OP_HEAD_LINEAR:
        return rows_max(p, op->src) * op->head_linear.n_head;
    default:
        return 0;
    }
}

/* Work memory of the ops: prepared activations, and a block for every thread. */
static void size_scratch(struct program *p, uint32_t *n_expert, size_t *n_sorted)
{
    for (uint32_t i = 0; i < p->plan->n_op; i++) {
        const struct op *op = &p->plan->ops[i];
        size_t n_act = act_rows_of(p, op);

        if (op->kind == OP_MOE_LINEAR) {
            *n_expert = max_u32(*n_expert, op->moe_linear.n_expert);
            *n_sorted = max_size(*n_sorted, n_act);
        }
        p->scratch_bytes = max_size(p->scratch_bytes, round_up(scratch_of(p->device, op), 64));
        if (n_act)
            p->act_bytes = max_size(p->act_bytes, act_bytes_of(p->device, op, n_act));
    }
}

/* What the activation buffer holds while the ops are walked at compile time. */
struct prepared {
    bool valid;
    struct operand src, ids; /* ids: rows sorted by these, or none */
    enum act_format format;
};

static bool same_operand(struct operand a, struct operand b)
{
    return a.value == b.value && (a.value == VALUE_NONE || (a.col == b.col && a.width == b.width));
}

/* Which products find their activations prepared by the one before. head_linear lays them out by
 * head: it always prepares its own, and leaves none that others could use. */
static void plan_preparations(struct program *p)
{
    struct prepared now = { 0 };
    struct operand sorted = operand_none();

    for (uint32_t i = 0; i < p->plan->n_op; i++) {
        const struct op *op = &p->plan->ops[i];
        struct op_operand touched[OP_OPERANDS_MAX];
        uint32_t n = op_operands(op, touched);

        if (op->kind == OP_LINEAR || op->kind == OP_MOE_LINEAR) {
            const struct weight *w = op->kind == OP_LINEAR ? op->linear.w : op->moe_linear.w;
            struct prepared want = { true, op->src,
                                     op->kind == OP_LINEAR ? operand_none() : op->src2,
                                     p->device->k.linear[w->type].format };

            p->ops[i].prepare = !now.valid || !same_operand(now.src, want.src) ||
                                !same_operand(now.ids, want.ids) || now.format != want.format;
            now = want;
        }
        if (op->kind == OP_HEAD_LINEAR) {
            p->ops[i].prepare = true;
            now.valid = false;
        }
        if (op->kind == OP_MOE_LINEAR) {
            p->ops[i].sort = !same_operand(sorted, op->src2);
            sorted = op->src2;
        }
        for (uint32_t k = 0; k < n; k++) {
            if (!touched[k].is_written)
                continue;
            if (touched[k].operand.value == now.src.value ||
                touched[k].operand.value == now.ids.value)
                now.valid = false;
            if (touched[k].operand.value == sorted.value)
                sorted = operand_none();
        }
    }
}

/* Bytes of scratch memory an op touches, for finding out which ops may run without a barrier. */
struct range {
    size_t first, end;
    bool is_written;
};

#define RANGES_MAX 64U

static bool conflicts(const struct range *a, uint32_t n, const struct range *b, uint32_t m)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < m; k++) {
            if ((a[i].is_written || b[k].is_written) && a[i].first < b[k].end &&
                b[k].first < a[i].end)
                return true;
        }
    }
    return false;
}

static uint32_t op_ranges(const struct program *p, const struct op *op, struct range *out)
{
    struct op_operand touched[OP_OPERANDS_MAX];
    uint32_t n = op_operands(op, touched);

    for (uint32_t k = 0; k < n; k++) {
        uint32_t v = touched[k].operand.value;
        size_t at = p->layout.offsets[v];

        out[k] = (struct range){ at, at + value_bytes(p->plan, v, p->n_tok_max, p->n_out_max),
                                 touched[k].is_written };
    }
    return n;
}

/* A product that prepares activations must not overwrite those that others still read; the cache is
 * written and read across ops too. Both are covered by barriers of their own kind. A recurrent
 * state is touched by one op of the plan alone, so it orders nothing. */
static bool needs_order(const struct program *p, uint32_t i, bool kv_written)
{
    const struct op *op = &p->plan->ops[i];

    return p->ops[i].prepare || p->ops[i].sort || (op->kind == OP_ATTENTION && kv_written) ||
           op->kind == OP_KV_WRITE;
}

static void plan_barriers(struct program *p)
{
    struct range open[RANGES_MAX], mine[OP_OPERANDS_MAX];
    uint32_t n_open = 0;
    bool kv_written = false;

    for (uint32_t i = 0; i < p->plan->n_op; i++) {
        const struct op *op = &p->plan->ops[i];
        uint32_t n = op_ranges(p, op, mine);

        if (i == 0 || op->layer != p->plan->ops[i - 1].layer || n_open + n > RANGES_MAX ||
            needs_order(p, i, kv_written) || conflicts(open, n_open, mine, n)) {
            p->ops[i].barrier_before = true;
            n_open = 0;
            kv_written = false;
        }
        memcpy(open + n_open, mine, n * sizeof(*mine));
        n_open += n;
        kv_written = kv_written || op->kind == OP_KV_WRITE;
    }
}

static enum err_code plan_ropes(struct program *p, struct err *e)
{
    p->ropes = arena_new_n(&p->arena, p->plan->n_op, sizeof(*p->ropes));
    if (!p->ropes)
        return err_set(e, ERR_OOM, "no memory for rotation tables");
    for (uint32_t i = 0; i < p->plan->n_op; i++) {
        const struct op_rope *o = &p->plan->ops[i].rope;
        uint32_t r = 0;
        size_t n;

        if (p->plan->ops[i].kind != OP_ROPE || !o->theta)
            continue;
        while (r < p->n_rope && (p->ropes[r].theta != o->theta ||
                                 p->ropes[r].n_pair != o->n_rot / 2 || p->ropes[r].mag != o->mag))
            r++;
        p->ops[i].i_rope = r;
        if (r < p->n_rope)
            continue;
        n = (size_t)p->n_tok_max * (o->n_rot / 2);
        p->ropes[p->n_rope++] =
            (struct rope_table){ .theta = o->theta,
                                 .n_pair = o->n_rot / 2,
                                 .mag = o->mag,
                                 .cos = arena_new_n(&p->arena, n, sizeof(float)),
                                 .sin = arena_new_n(&p->arena, n, sizeof(float)) };
        if (!p->ropes[r].cos || !p->ropes[r].sin)
            return err_set(e, ERR_OOM, "no memory for rotation tables");
    }
    return ERR_OK;
}

static enum err_code alloc_program(struct program *p, struct err *e)
{
    uint32_t n_expert = 0;
    size_t n_sorted = 0;

    p->ops = arena_new_n(&p->arena, p->plan->n_op, sizeof(*p->ops));
    p->tickets =
        arena_new_n(&p->arena, (size_t)p->plan->n_op * OP_PHASES + OP_PHASES, sizeof(*p->tickets));
    size_scratch(p, &n_expert, &n_sorted);
    p->sort.order = arena_new_n(&p->arena, n_sorted, sizeof(uint32_t));
    p->sort.first = arena_new_n(&p->arena, (size_t)n_expert + 1, sizeof(uint32_t));
    p->sort.active = arena_new_n(&p->arena, (size_t)n_expert + 1, sizeof(uint32_t));
    p->runs = arena_new_n(&p->arena, p->n_tok_max, sizeof(*p->runs));
    p->values = mem_alloc_zero(MEM_SCRATCH, p->layout.bytes + 64);
    p->act = mem_alloc_zero(MEM_SCRATCH, p->act_bytes + 64);
    p->scratch = mem_alloc_zero(MEM_SCRATCH, p->scratch_bytes * p->device->n_thread + 64);
    if (!p->ops || !p->tickets || !p->sort.order || !p->sort.first || !p->sort.active || !p->runs ||
        !p->values || !p->act || !p->scratch)
        return err_set(e, ERR_OOM, "no memory for work buffers (%zu bytes)",
                       p->layout.bytes + p->act_bytes + p->scratch_bytes * p->device->n_thread);
    return ERR_OK;
}

static enum err_code cpu_compile(struct device *d, const struct plan *plan, uint32_t n_tok_max,
                                 uint32_t n_out_max, struct program **out, struct err *e)
{
    struct program *p;
    enum err_code rc;

    *out = NULL;
    CHECK(n_tok_max > 0);
    for (uint32_t i = 0; i < plan->n_op; i++) {
        if (!cpu_can(d, &plan->ops[i], e))
            return ERR_UNSUPPORTED;
    }
    p = mem_alloc_zero(MEM_SCRATCH, sizeof(*p));
    if (!p)
        return err_set(e, ERR_OOM, "no memory to compile the plan");
    p->device = d;
    p->plan = plan;
    p->n_tok_max = n_tok_max;
    p->n_out_max = n_out_max ? n_out_max : 1;
    arena_init(&p->arena, MEM_SCRATCH, 64 * 1024, SIZE_MAX / 2);
    rc = plan_layout(plan, p->n_tok_max, p->n_out_max, &p->arena, &p->layout, e);
    if (!rc)
        rc = alloc_program(p, e);
    if (!rc)
        rc = plan_ropes(p, e);
    if (rc) {
        cpu_program_destroy(p);
        return rc;
    }
    plan_preparations(p);
    plan_barriers(p);
    *out = p;
    return ERR_OK;
}

/* ---- run ---- */

void exec_barrier(const struct exec *x)
{
    if (x->n_thread > 1)
        pool_barrier(x->p->device->pool);
}

typedef void (*op_fn)(const struct exec *x);

static const op_fn op_fns[OP_KIND_COUNT] = {
    [OP_EMBED] = exec_embed,
    [OP_NORM] = exec_norm,
    [OP_LINEAR] = exec_linear,
    [OP_ROPE] = exec_rope,
    [OP_KV_WRITE] = exec_kv_write,
    [OP_ATTENTION] = exec_attention,
    [OP_GLU] = exec_glu,
    [OP_MOE_ROUTE] = exec_moe_route,
    [OP_MOE_LINEAR] = exec_moe_linear,
    [OP_MOE_WEIGH] = exec_moe_weigh,
    [OP_MOE_SUM] = exec_moe_sum,
    [OP_ADD] = exec_elementwise,
    [OP_MUL] = exec_elementwise,
    [OP_SCALE] = exec_elementwise,
    [OP_SOFTCAP] = exec_elementwise,
    [OP_CLAMP] = exec_elementwise,
    [OP_GATHER_ROWS] = exec_gather,
    [OP_CONV1D] = exec_conv1d,
    [OP_SSM_SCAN] = exec_ssm_scan,
    [OP_DELTA_RULE] = exec_delta_rule,
    [OP_HEAD_LINEAR] = exec_head_linear,
    [OP_COPY_HEADS] = exec_copy_heads,
};

/* Thread 0 decides before the barrier, everybody reads after it. It leaves the number of the op to
 * stop at, not a flag: a thread that reads late, when thread 0 has already decided about the next
 * op, must still walk to the next barrier. */
static bool stopped(const struct exec *x)
{
    const atomic_bool *cancel = x->p->batch->cancel;

    if (x->i_thread == 0 && cancel && atomic_load_explicit(cancel, memory_order_relaxed))
        atomic_store_explicit(&x->p->stop_at, x->i_op, memory_order_relaxed);
    exec_barrier(x);
    return atomic_load_explicit(&x->p->stop_at, memory_order_relaxed) == x->i_op;
}

static void run_member(void *arg, uint32_t i_thread, uint32_t n_thread)
{
    struct program *p = arg;
    struct exec x = { .p = p,
                      .i_op = p->plan->n_op,
                      .i_thread = i_thread,
                      .n_thread = n_thread,
                      .scratch = p->scratch + i_thread * p->scratch_bytes,
                      .k = &p->device->k };

    exec_rope_tables(&x);
    for (uint32_t i = 0; i < p->plan->n_op; i++) {
        x.i_op = i;
        x.op = &p->plan->ops[i];
        if (p->ops[i].barrier_before && stopped(&x))
            return;
        op_fns[x.op->kind](&x);
    }
}

static void find_runs(struct program *p, const struct batch *b)
{
    p->n_run = 0;
    for (uint32_t t = 0; t < b->n_tok; t++) {
        if (t == 0 || b->seq[t] != b->seq[t - 1])
            p->runs[p->n_run++] = (struct seq_run){ .seq = b->seq[t], .first = t };
        p->runs[p->n_run - 1].n_tok++;
    }
}

static enum err_code cpu_run(struct program *p, struct kv_store *kv, const struct batch *b,
                             struct err *e)
{
    size_t n_ticket = (size_t)p->plan->n_op * OP_PHASES + OP_PHASES;

    CHECK(b->n_tok > 0 && b->n_tok <= p->n_tok_max && b->n_out <= p->n_out_max);
    CHECK(kv || (p->plan->n_kv_layer == 0 && p->plan->n_state == 0));
    p->batch = b;
    p->kv = kv;
    find_runs(p, b);
    if (p->plan->n_state) {
        CHECK(kv->n_state == p->plan->n_state);
        kv_check_slots(kv, b, p->runs, p->n_run);
    }
    atomic_store(&p->stop_at, UINT32_MAX);
    for (size_t i = 0; i < n_ticket; i++)
        atomic_store_explicit(&p->tickets[i], 0, memory_order_relaxed);
    pool_run(p->device->pool, run_member, p);
    p->batch = NULL;
    if (atomic_load(&p->stop_at) != UINT32_MAX)
        return err_set(e, ERR_CANCELLED, "stopped on request");
    return ERR_OK;
}

static const float *cpu_output(struct program *p)
{
    const struct operand o = p->plan->output;

    return (const float *)(const void *)(p->values + p->layout.offsets[o.value]) + o.col;
}

const struct device_ops cpu_device_ops = {
    .name = "cpu",
    .describe = cpu_describe,
    .open = cpu_open,
    .close = cpu_close,
    .can = cpu_can,
    .compile = cpu_compile,
    .program_destroy = cpu_program_destroy,
    .kv_create = cpu_kv_create,
    .kv_destroy = cpu_kv_destroy,
    .kv_page_bytes = cpu_kv_page_bytes,
    .state_slot_bytes = cpu_state_slot_bytes,
    .run = cpu_run,
    .output = cpu_output,
    .kv_copy_page = cpu_kv_copy_page,
};
