/* Proves: the CPU device attends, rotates, routes and stops as plan.h says, on ops small enough to
 * be worked out naively in double. Whole models are the conformance tests' subject. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compute/device.h"
#include "formats/dtype.h"
#include "support/fixtures.h"

#define N_TOK   70U /* more than a page */
#define N_HEAD  4U
#define N_KV    2U
#define HEAD    16U
#define N_VOCAB 80U
#define WIDTH   (N_HEAD * HEAD)

/* embed q, k, v from three tables, write the cache, attend: everything comes from the tables. */
struct rig {
    struct weight q, k, v;
    float *table_q, *table_k, *table_v;
    struct plan *plan;
    struct device *dev;
    struct program *prog;
    struct kv_store *kv;
    size_t page_bytes;
};

static float *random_table(uint64_t *seed, uint32_t width, struct weight *w)
{
    float *t = mem_alloc(MEM_OTHER, sizeof(float) * width * N_VOCAB);

    assert_non_null(t);
    for (uint32_t i = 0; i < width * N_VOCAB; i++)
        t[i] = test_uniform(seed);
    *w = (struct weight){ .name = "table",
                          .type = DT_F32,
                          .ne = { width, N_VOCAB, 1, 1 },
                          .row_bytes = width * sizeof(float),
                          .data = (const uint8_t *)t };
    return t;
}

static void add_embed(struct plan_builder *b, struct operand dst, const struct weight *w)
{
    struct op op = { .kind = OP_EMBED, .dst = dst, .embed = { .w = w, .scale = 1.0F } };

    op.src = op.src2 = op.dst2 = operand_none();
    plan_add(b, &op);
}

/* Where V is: in rows of its own, in the front of K's, or in rows that repeat the front of K's. */
enum value_place { V_APART, V_IN_K, V_LIKE_K };

struct rig_how {
    enum value_place v;
    enum kv_type type;
    uint32_t n_thread;
};

/* Rows of V that repeat the front of K's heads. */
static void repeat_keys(struct rig *r, uint32_t head_v)
{
    for (uint32_t i = 0; i < N_VOCAB * N_KV; i++)
        memcpy(r->table_v + (size_t)i * head_v, r->table_k + (size_t)i * HEAD,
               head_v * sizeof(float));
}

static void rig_open_how(struct rig *r, struct op_attention a, struct rig_how how)
{
    struct plan_builder b;
    struct operand q, k, v, out;
    struct op op;
    uint64_t seed = 3;
    struct err e = { 0 };
    struct kv_params kp;
    bool in_k = how.v == V_IN_K;

    r->table_q = random_table(&seed, WIDTH, &r->q);
    r->table_k = random_table(&seed, N_KV * HEAD, &r->k);
    r->table_v = random_table(&seed, N_KV * a.head_v, &r->v);
    if (how.v == V_LIKE_K)
        repeat_keys(r, a.head_v);
    plan_begin(&b);
    q = plan_value(&b, ROWS_TOK, 1, WIDTH);
    k = plan_value(&b, ROWS_TOK, 1, N_KV * HEAD);
    v = plan_value(&b, ROWS_TOK, 1, N_KV * a.head_v);
    out = plan_value(&b, ROWS_TOK, 1, N_HEAD * a.head_v);
    a.layer = plan_kv_layer(&b, (struct kv_layer){ N_KV, HEAD, a.head_v, in_k });
    add_embed(&b, q, &r->q);
    add_embed(&b, k, &r->k);
    add_embed(&b, v, &r->v);
    op = (struct op){ .kind = OP_KV_WRITE, .src = k, .src2 = v, .kv_write = { a.layer } };
    if (in_k)
        op.src2 = operand_none();
    op.dst = op.dst2 = operand_none();
    plan_add(&b, &op);
    op = (struct op){ .kind = OP_ATTENTION, .dst = out, .src = q, .attention = a };
    op.src2 = op.dst2 = operand_none();
    plan_add(&b, &op);
    b.plan.output = out;
    assert_int_equal(plan_end(&b, &r->plan, &e), ERR_OK);
    assert_int_equal(
        cpu_device_ops.open(&r->dev, &(struct device_params){ .n_thread = how.n_thread }, &e),
        ERR_OK);
    assert_int_equal(cpu_device_ops.compile(r->dev, r->plan, N_TOK, N_TOK, &r->prog, &e), ERR_OK);
    kp = (struct kv_params){ .layers = r->plan->kv_layers,
                             .n_layer = 1,
                             .n_page = 4,
                             .type_k = how.type,
                             .type_v = KV_F32 };
    r->page_bytes = cpu_device_ops.kv_page_bytes(r->dev, &kp);
    if (how.v == V_LIKE_K)
        kp.type_v = how.type;
    assert_int_equal(cpu_device_ops.kv_create(r->dev, &kp, &r->kv, &e), ERR_OK);
}

static void rig_open(struct rig *r, struct op_attention a, uint32_t n_thread)
{
    rig_open_how(r, a, (struct rig_how){ V_APART, KV_F32, n_thread });
}

static void rig_close(struct rig *r)
{
    cpu_device_ops.kv_destroy(r->kv);
    cpu_device_ops.program_destroy(r->prog);
    cpu_device_ops.close(r->dev);
    plan_destroy(r->plan);
    mem_free(r->table_q);
    mem_free(r->table_k);
    mem_free(r->table_v);
}

/* Runs tokens [from, from + n) of the sequence id(i) = i, in pages that are not in order. */
static enum err_code rig_run(struct rig *r, uint32_t from, uint32_t n, const atomic_bool *cancel,
                             struct err *e)
{
    static const uint32_t pages[] = { 2, 0, 3 };
    int32_t ids[N_TOK];
    uint32_t pos[N_TOK], seq[N_TOK];
    struct batch_seq s = { .pages = pages, .n_kv = from + n };
    struct batch b = { .n_tok = n, .token = ids, .pos = pos, .seq = seq, .seqs = &s, .n_seq = 1 };

    for (uint32_t i = 0; i < n; i++) {
        ids[i] = (int32_t)(from + i);
        pos[i] = from + i;
        seq[i] = 0;
    }
    b.cancel = cancel;
    return cpu_device_ops.run(r->prog, r->kv, &b, e);
}

/* May token i see position j? By the masks' definitions. */
static bool sees(const struct op_attention *a, int64_t i, int64_t j)
{
    int64_t n = a->n_window;

    if (a->causal && j > i)
        return false;
    switch (a->window) {
    case WINDOW_CAUSAL:
        return i - j < n;
    case WINDOW_CHUNK:
        return j >= i / n * n;
    case WINDOW_SYMMETRIC:
        return llabs(i - j) <= n / 2;
    default:
        return true;
    }
}

static void naive(const struct rig *r, const struct op_attention *a, uint32_t i, uint32_t h,
                  double *out)
{
    const float *q = r->table_q + i * WIDTH + h * HEAD;
    uint32_t g = h / (N_HEAD / N_KV);
    double p[N_TOK], sum = 0.0, max = -1e300, sink;

    for (uint32_t j = 0; j < N_TOK; j++) {
        const float *k = r->table_k + j * N_KV * HEAD + g * HEAD;
        double s = 0.0;

        for (uint32_t d = 0; d < HEAD; d++)
            s += (double)q[d] * (double)k[d];
        s *= (double)a->scale;
        if (a->alibi != 0.0F) /* 4 heads are a power of two: 2^(-b (h + 1) / 4) */
            s -= exp2(-(double)a->alibi * (h + 1) / N_HEAD) * fabs((double)i - j);
        if (a->cap != 0.0F)
            s = (double)a->cap * tanh(s / (double)a->cap);
        p[j] = sees(a, i, j) ? s : (double)-INFINITY;
        max = p[j] > max ? p[j] : max;
    }
    sink = a->sinks ? (double)((const float *)(const void *)a->sinks->data)[h] : (double)-INFINITY;
    max = sink > max ? sink : max;
    for (uint32_t j = 0; j < N_TOK; j++)
        sum += p[j] = exp(p[j] - max);
    sum += exp(sink - max);
    memset(out, 0, HEAD * sizeof(*out));
    for (uint32_t j = 0; j < N_TOK; j++) {
        for (uint32_t d = 0; d < HEAD; d++)
            out[d] += p[j] / sum * (double)r->table_v[j * N_KV * HEAD + g * HEAD + d];
    }
}

static void check_attention(struct op_attention a)
{
    struct rig r;
    struct err e = { 0 };

    rig_open(&r, a, 2);
    assert_int_equal(rig_run(&r, 0, N_TOK, NULL, &e), ERR_OK);
    for (uint32_t i = 0; i < N_TOK; i++) {
        for (uint32_t h = 0; h < N_HEAD; h++) {
            const float *got = cpu_device_ops.output(r.prog) + i * WIDTH + h * HEAD;
            double want[HEAD];

            naive(&r, &a, i, h, want);
            for (uint32_t d = 0; d < HEAD; d++) /* 70 terms below 1, f32: 70 ulps at most */
                assert_true(fabs((double)got[d] - want[d]) < 1e-5);
        }
    }
    rig_close(&r);
}

static struct op_attention plain(void)
{
    return (struct op_attention){ .n_head = N_HEAD,
                                  .n_head_kv = N_KV,
                                  .head_k = HEAD,
                                  .head_v = HEAD,
                                  .scale = 0.7F,
                                  .causal = true };
}

/* Proves: every mask, cap, slope and sink is what its definition says. */
static void attention_follows_its_definition(void **state)
{
    const float sink[N_HEAD] = { 5.0F, -3.0F, 0.5F, 90.0F };
    struct weight sinks = { .name = "sinks", .type = DT_F32, .ne = { N_HEAD, 1, 1, 1 } };
    struct op_attention a = plain();

    (void)state;
    sinks.data = (const uint8_t *)sink;
    check_attention(a);
    a.window = WINDOW_CAUSAL;
    a.n_window = 5;
    check_attention(a);
    a.window = WINDOW_CHUNK;
    a.n_window = 24;
    check_attention(a);
    a = plain();
    a.cap = 0.9F;
    a.sinks = &sinks;
    check_attention(a);
    a = plain();
    a.causal = false;
    check_attention(a);
    a.window = WINDOW_SYMMETRIC;
    a.n_window = 9;
    a.alibi = 8.0F;
    check_attention(a);
}

/* Proves: one batch, single steps and any number of threads give the same bytes (law 4). */
static void cuts_and_threads_change_nothing(void **state)
{
    struct rig one, two;
    struct err e = { 0 };

    (void)state;
    rig_open(&one, plain(), 1);
    rig_open(&two, plain(), 3);
    assert_int_equal(rig_run(&one, 0, N_TOK, NULL, &e), ERR_OK);
    for (uint32_t i = 0; i < N_TOK; i++) {
        assert_int_equal(rig_run(&two, i, 1, NULL, &e), ERR_OK);
        assert_memory_equal(cpu_device_ops.output(two.prog),
                            cpu_device_ops.output(one.prog) + i * WIDTH, WIDTH * sizeof(float));
    }
    rig_close(&one);
    rig_close(&two);
}

/* Proves: a set flag ends a run with ERR_CANCELLED on every number of threads, and the next run
 * works. */
static void cancelling_stops_all_threads(void **state)
{
    const atomic_bool yes = true;

    (void)state;
    for (uint32_t n_thread = 1; n_thread <= 4; n_thread++) {
        struct rig r;
        struct err e = { 0 };

        rig_open(&r, plain(), n_thread);
        for (uint32_t i = 0; i < 20; i++)
            assert_int_equal(rig_run(&r, 0, N_TOK, &yes, &e), ERR_CANCELLED);
        assert_int_equal(rig_run(&r, 0, N_TOK, NULL, &e), ERR_OK);
        rig_close(&r);
    }
}

/* Proves: a copied page holds what its source held, and only so many positions of it. */
static void pages_are_copied(void **state)
{
    struct rig r;
    struct err e = { 0 };
    float want[WIDTH];

    (void)state;
    rig_open(&r, plain(), 1);
    assert_int_equal(rig_run(&r, 0, 30, NULL, &e), ERR_OK);
    memcpy(want, cpu_device_ops.output(r.prog) + (size_t)29 * WIDTH, sizeof(want));
    cpu_device_ops.kv_copy_page(r.kv, 2, 1, 29);
    {
        const uint32_t pages[] = { 1 }, pos = 29, seq = 0;
        const int32_t id = 29;
        struct batch_seq s = { .pages = pages, .n_kv = 30 };
        struct batch b = {
            .n_tok = 1, .token = &id, .pos = &pos, .seq = &seq, .seqs = &s, .n_seq = 1
        };

        assert_int_equal(cpu_device_ops.run(r.prog, r.kv, &b, &e), ERR_OK);
    }
    assert_memory_equal(cpu_device_ops.output(r.prog), want, sizeof(want));
    rig_close(&r);
}

/* Proves: values inside of the keys' rows are those that a copy of them would be, bit for bit, in
 * every type of cache, whatever the type of other values is; they are copied with their page; and
 * they take no memory. */
static void values_inside_of_keys(void **state)
{
    static const enum kv_type types[] = { KV_F32, KV_F16, KV_BF16 };
    struct op_attention a = plain();
    struct err e = { 0 };

    (void)state;
    a.head_v = HEAD - 5;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        size_t bytes = (types[i] == KV_F32 ? 4 : 2) * (size_t)HEAD * N_KV * KV_PAGE_TOK;
        struct rig in, like;

        rig_open_how(&in, a, (struct rig_how){ V_IN_K, types[i], 2 });
        rig_open_how(&like, a, (struct rig_how){ V_LIKE_K, types[i], 2 });
        assert_int_equal(in.page_bytes, bytes);
        assert_true(like.page_bytes > bytes);
        assert_int_equal(rig_run(&in, 0, N_TOK, NULL, &e), ERR_OK);
        assert_int_equal(rig_run(&like, 0, N_TOK, NULL, &e), ERR_OK);
        assert_memory_equal(cpu_device_ops.output(in.prog), cpu_device_ops.output(like.prog),
                            (size_t)N_TOK * N_HEAD * a.head_v * sizeof(float));
        cpu_device_ops.kv_copy_page(in.kv, 2, 1, KV_PAGE_TOK);
        rig_close(&in);
        rig_close(&like);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_inside_of_keys),
        cmocka_unit_test(attention_follows_its_definition),
        cmocka_unit_test(cuts_and_threads_change_nothing),
        cmocka_unit_test(cancelling_stops_all_threads),
        cmocka_unit_test(pages_are_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
