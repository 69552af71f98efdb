/* Proves: the recurrent ops compute what architectures.md 6.4 and 6.5 say (against plain formulas
 * in double), with the same bytes for every cut of a sequence, every company in the batch and every
 * number of threads; and that a run never touches the state it starts from. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/cpu.h"
#include "rig.h"

#define N_TOK 40U

/* An op with its shapes. */
struct op_case {
    const char *name;
    struct operand (*build)(struct rig *r, const struct op_case *c);
    void (*naive)(const struct rig *r, const struct op_case *c, const int32_t *tokens, double *out);
    uint32_t width, taps, head_dim, n_head, n_head_k, n_group, n_state;
    bool extras; /* bias, activation, d: what an op may have or not */
    bool other;  /* centred; Mamba-2; key heads by division */
};

static double softplus(double x)
{
    return log1p(exp(x));
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* ---- conv1d: width, taps ---- */

static struct operand build_conv(struct rig *r, const struct op_case *c)
{
    struct op op = rig_op(OP_CONV1D);
    bool stateful = !c->other && c->taps > 1;

    op.src = rig_input(r, c->width);
    op.dst = plan_value(&r->b, ROWS_TOK, 1, c->width);
    op.conv1d = (struct op_conv1d){
        .w = rig_weight(r, DT_F32, c->taps, c->width, 1, -1, 1),
        .b = c->extras ? rig_weight(r, DT_F32, c->width, 1, 1, -1, 1) : NULL,
        .silu = c->extras,
        .centred = c->other,
        .state = stateful ? plan_state(&r->b, (c->taps - 1) * c->width) : STATE_NONE,
    };
    plan_add(&r->b, &op);
    return op.dst;
}

static void naive_conv(const struct rig *r, const struct op_case *c, const int32_t *tokens,
                       double *out)
{
    const float *w = rig_numbers(&r->w[1]), *b = rig_numbers(&r->w[2]);
    int before = (int)(c->other ? c->taps / 2 : c->taps - 1);

    for (uint32_t t = 0; t < N_TOK; t++) {
        for (uint32_t i = 0; i < c->width; i++) {
            double y = c->extras ? (double)b[i] : 0;

            for (uint32_t k = 0; k < c->taps; k++) {
                int at = (int)t + (int)k - before;

                if (at >= 0 && at < (int)N_TOK)
                    y += (double)w[i * c->taps + k] * (double)rig_input_row(r, tokens[at])[i];
            }
            out[t * c->width + i] = c->extras ? y * sigmoid(y) : y;
        }
    }
}

/* ---- ssm_scan: n_head, head_dim (1: Mamba-1), n_group, n_state. Row: x | dt | B | C ---- */

static struct operand build_ssm(struct rig *r, const struct op_case *c)
{
    uint32_t d_inner = c->n_head * c->head_dim, n_bc = c->n_group * c->n_state;
    struct operand row = rig_input(r, d_inner + c->n_head + 2 * n_bc);
    struct op op = rig_op(OP_SSM_SCAN);

    op.src = operand_cols(row, 0, d_inner);
    op.src2 = operand_cols(row, d_inner, c->n_head);
    op.dst = plan_value(&r->b, ROWS_TOK, 1, d_inner);
    op.ssm_scan = (struct op_ssm_scan){
        .kind = c->other ? SSM_MAMBA2 : SSM_MAMBA1,
        .n_head = c->n_head,
        .n_group = c->n_group,
        .n_state = c->n_state,
        .state = plan_state(&r->b, d_inner * c->n_state),
        .b = operand_cols(row, d_inner + c->n_head, n_bc),
        .c = operand_cols(row, d_inner + c->n_head + n_bc, n_bc),
        .a = rig_weight(r, DT_F32, c->other ? 1 : c->n_state, c->n_head, 1, -2, 0),
        .d = c->extras ? rig_weight(r, DT_F32, c->n_head, 1, 1, -1, 1) : NULL,
        .dt_bias = c->extras ? rig_weight(r, DT_F32, c->n_head, 1, 1, -3, 1) : NULL,
    };
    plan_add(&r->b, &op);
    return op.dst;
}

static void naive_ssm(const struct rig *r, const struct op_case *c, const int32_t *tokens,
                      double *out)
{
    const float *a = rig_numbers(&r->w[1]), *d = rig_numbers(&r->w[2]),
                *bias = rig_numbers(&r->w[3]);
    uint32_t d_inner = c->n_head * c->head_dim, n_bc = c->n_group * c->n_state;
    double *s = mem_alloc_n(MEM_OTHER, (size_t)d_inner * c->n_state, sizeof(*s));

    for (uint32_t t = 0; t < N_TOK; t++) {
        const float *x = rig_input_row(r, tokens[t]), *dt = x + d_inner, *b = dt + c->n_head;

        for (uint32_t i = 0; i < d_inner; i++) {
            uint32_t h = i / c->head_dim, g = h / (c->n_head / c->n_group);
            double step = softplus((double)dt[h] + (c->extras ? (double)bias[h] : 0)), y = 0;

            for (uint32_t n = 0; n < c->n_state; n++) {
                double fade = (double)a[c->other ? h : h * c->n_state + n];
                double *v = &s[(size_t)i * c->n_state + n];

                *v = *v * exp(step * fade) + step * (double)x[i] * (double)b[g * c->n_state + n];
                y += *v * (double)b[n_bc + g * c->n_state + n];
            }
            out[t * d_inner + i] = y + (c->extras ? (double)d[h] * (double)x[i] : 0);
        }
    }
    mem_free(s);
}

/* ---- delta_rule: head_dim, n_head_k, n_head. Row: q | k | v | beta | alpha ---- */

static struct operand build_delta(struct rig *r, const struct op_case *c)
{
    uint32_t n_k = c->n_head_k * c->head_dim, n_v = c->n_head * c->head_dim;
    struct operand row = rig_input(r, 2 * n_k + n_v + 2 * c->n_head);
    struct op op = rig_op(OP_DELTA_RULE);

    op.src = operand_cols(row, 0, n_k);
    op.src2 = operand_cols(row, n_k, n_k);
    op.dst = plan_value(&r->b, ROWS_TOK, 1, n_v);
    op.delta_rule = (struct op_delta_rule){
        .head_dim = c->head_dim,
        .n_head_k = c->n_head_k,
        .n_head_v = c->n_head,
        .state = plan_state(&r->b, n_v * c->head_dim),
        .key_head = c->other ? KEY_HEAD_DIV : KEY_HEAD_MOD,
        .eps = 1e-6F,
        .v = operand_cols(row, 2 * n_k, n_v),
        .beta = operand_cols(row, 2 * n_k + n_v, c->n_head),
        .alpha = operand_cols(row, 2 * n_k + n_v + c->n_head, c->n_head),
        .a = rig_weight(r, DT_F32, c->n_head, 1, 1, -1, 0),
        .dt_bias = c->extras ? rig_weight(r, DT_F32, c->n_head, 1, 1, -3, 1) : NULL,
    };
    plan_add(&r->b, &op);
    return op.dst;
}

static double inverse_length(uint32_t n, const float *x)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return 1 / sqrt(sum + 1e-6);
}

/* One value head at one token, straight from the formulas; s: [key][value]. */
static void naive_delta_head(uint32_t d, const float *q, const float *k, const float *v,
                             double beta, double decay, double *s, double *out)
{
    double iq = inverse_length(d, q) / sqrt((double)d), ik = inverse_length(d, k);

    for (uint32_t i = 0; i < d * d; i++)
        s[i] *= decay;
    for (uint32_t j = 0; j < d; j++) {
        double read = 0, y = 0;

        for (uint32_t i = 0; i < d; i++)
            read += s[i * d + j] * (double)k[i] * ik;
        for (uint32_t i = 0; i < d; i++) {
            s[i * d + j] += (double)k[i] * ik * beta * ((double)v[j] - read);
            y += s[i * d + j] * (double)q[i] * iq;
        }
        out[j] = y;
    }
}

static void naive_delta(const struct rig *r, const struct op_case *c, const int32_t *tokens,
                        double *out)
{
    const float *a = rig_numbers(&r->w[1]), *bias = rig_numbers(&r->w[2]);
    uint32_t d = c->head_dim, n_k = c->n_head_k * d, n_v = c->n_head * d;
    double *s = mem_alloc_n(MEM_OTHER, (size_t)n_v * d, sizeof(*s));

    for (uint32_t t = 0; t < N_TOK; t++) {
        const float *q = rig_input_row(r, tokens[t]), *k = q + n_k, *v = k + n_k, *beta = v + n_v;

        for (uint32_t h = 0; h < c->n_head; h++) {
            uint32_t hk = c->other ? h / (c->n_head / c->n_head_k) : h % c->n_head_k;
            double alpha = (double)beta[c->n_head + h] + (c->extras ? (double)bias[h] : 0);

            naive_delta_head(d, q + (size_t)hk * d, k + (size_t)hk * d, v + (size_t)h * d,
                             sigmoid((double)beta[h]), exp(softplus(alpha) * (double)a[h]),
                             s + (size_t)h * d * d, out + t * n_v + (size_t)h * d);
        }
    }
    mem_free(s);
}

/* clang-format off */
static const struct op_case cases[] = {
    { "conv", build_conv, naive_conv, .width = 200, .taps = 4, .extras = true },
    { "conv plain", build_conv, naive_conv, .width = 128, .taps = 3 },
    { "conv long", build_conv, naive_conv, .width = 3, .taps = 64, .extras = true },
    { "conv one tap", build_conv, naive_conv, .width = 20, .taps = 1 },
    { "mamba-1", build_ssm, naive_ssm, .n_head = 70, .head_dim = 1, .n_group = 1, .n_state = 16,
      .extras = true },
    { "mamba-1 odd", build_ssm, naive_ssm, .n_head = 5, .head_dim = 1, .n_group = 1,
      .n_state = 21 },
    { "mamba-2", build_ssm, naive_ssm, .n_head = 4, .head_dim = 48, .n_group = 2, .n_state = 64,
      .extras = true, .other = true },
    { "mamba-2 odd", build_ssm, naive_ssm, .n_head = 6, .head_dim = 7, .n_group = 3, .n_state = 9,
      .other = true },
    { "delta", build_delta, naive_delta, .head_dim = 64, .n_head_k = 2, .n_head = 4,
      .extras = true },
    { "delta odd", build_delta, naive_delta, .head_dim = 41, .n_head_k = 2, .n_head = 6,
      .extras = true, .other = true },
    { "delta small", build_delta, naive_delta, .head_dim = 8, .n_head_k = 1, .n_head = 1 },
};
static const struct op_case centred = {
    "conv centred", build_conv, naive_conv, .width = 140, .taps = 5, .extras = true, .other = true
};
/* clang-format on */

static void open_case(struct rig *r, const struct op_case *c, uint32_t n_thread)
{
    struct operand out;

    rig_begin(r, 7);
    out = c->build(r, c);
    assert_int_equal(rig_finish(r, out, n_thread, NULL), ERR_OK);
}

static void make_tokens(uint32_t seed, int32_t *tokens, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        tokens[i] = (int32_t)((i * 37 + (i >> 3) * 11 + seed * 29) % RIG_VOCAB);
}

static float *rows(const struct rig *r, uint32_t n)
{
    return mem_alloc_n(MEM_OTHER, (size_t)n * r->width, sizeof(float));
}

/* All tokens of one sequence in one batch: what everything else must equal. */
static float *at_once(struct rig *r, const int32_t *tokens, uint32_t n)
{
    float *out = rows(r, n);
    struct rig_piece p = { tokens, n, 0, STATE_NONE, 0 };

    assert_int_equal(rig_run(r, &p, 1, NULL, out), ERR_OK);
    return out;
}

static void assert_same(const struct rig *r, const char *name, const float *a, const float *b,
                        uint32_t n)
{
    if (memcmp(a, b, (size_t)n * r->width * sizeof(*a)) != 0)
        fail_msg("%s: other bytes", name);
}

/* The tolerance: N_TOK steps of a contracting recurrence, each of a few roundings of 2^-24, and
 * sums of up to 64 products. */
static void compare_with_naive(const struct op_case *c)
{
    struct rig r;
    int32_t tokens[N_TOK];
    float *got;
    double *want, max = 0, worst = 0;

    open_case(&r, c, 1);
    make_tokens(1, tokens, N_TOK);
    got = at_once(&r, tokens, N_TOK);
    want = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r.width, sizeof(*want));
    c->naive(&r, c, tokens, want);
    for (uint32_t i = 0; i < N_TOK * r.width; i++) {
        max = fmax(max, fabs(want[i]));
        worst = fmax(worst, fabs(want[i] - (double)got[i]));
        assert_true(isfinite(got[i]));
    }
    if (!(worst <= 5e-6 * max) || max < 0.01)
        fail_msg("%s: off by %g, largest %g", c->name, worst, max);
    mem_free(want);
    mem_free(got);
    rig_end(&r);
}

/* Proves: every op is its formula. */
static void ops_are_their_formulas(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(cases); i++)
        compare_with_naive(&cases[i]);
    compare_with_naive(&centred);
}

/* A sequence in pieces of n tokens, the first of `first`, through all slots in turn. */
static void run_cut(struct rig *r, const int32_t *tokens, uint32_t first, uint32_t n, float *out)
{
    uint32_t slot = STATE_NONE;

    for (uint32_t at = 0; at < N_TOK;) {
        uint32_t next = slot == STATE_NONE ? 3 : (slot + 1) % RIG_SLOTS;
        struct rig_piece p = { tokens + at, min_u32(at ? n : first, N_TOK - at), at, slot, next };

        assert_int_equal(rig_run(r, &p, 1, NULL, out + (size_t)at * r->width), ERR_OK);
        at += p.n_tok;
        slot = next;
    }
}

/* Proves: any cut of a sequence into batches gives the bytes of one batch. */
static void cuts_do_not_matter(void **state)
{
    int32_t tokens[N_TOK];

    (void)state;
    make_tokens(2, tokens, N_TOK);
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig r;
        float *whole, *cut;

        open_case(&r, &cases[i], 1);
        whole = at_once(&r, tokens, N_TOK);
        cut = rows(&r, N_TOK);
        for (uint32_t n = 1; n < N_TOK; n++) {
            run_cut(&r, tokens, n, N_TOK, cut);
            assert_same(&r, cases[i].name, whole, cut, N_TOK);
            run_cut(&r, tokens, n, n, cut);
            assert_same(&r, cases[i].name, whole, cut, N_TOK);
        }
        mem_free(whole);
        mem_free(cut);
        rig_end(&r);
    }
}

/* Proves: several sequences in a batch, in pieces of all lengths and on three threads, give the
 * bytes of each alone on one. */
static void company_does_not_matter(void **state)
{
    int32_t tokens[3][N_TOK];

    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig one, many;
        float *alone[3], *out;
        uint32_t at[3] = { 0 }, slot[3] = { STATE_NONE, STATE_NONE, STATE_NONE };

        open_case(&one, &cases[i], 1);
        open_case(&many, &cases[i], 3);
        out = rows(&many, RIG_TOK_MAX);
        for (uint32_t s = 0; s < 3; s++) {
            make_tokens(s, tokens[s], N_TOK);
            alone[s] = at_once(&one, tokens[s], N_TOK);
        }
        for (uint32_t step = 0; at[0] + at[1] + at[2] < 3 * N_TOK; step++) {
            struct rig_piece p[3];
            size_t row = 0;

            for (uint32_t s = 0; s < 3; s++) { /* now and then a sequence without tokens */
                uint32_t n = min_u32((step * (s + 2) + s) % 7, N_TOK - at[s]);

                p[s] = (struct rig_piece){ tokens[s] + at[s], n, at[s], slot[s],
                                           2 * s + (slot[s] == 2 * s) };
            }
            if (p[0].n_tok + p[1].n_tok + p[2].n_tok == 0)
                continue;
            assert_int_equal(rig_run(&many, p, 3, NULL, out), ERR_OK);
            for (uint32_t s = 0; s < 3; s++) {
                assert_same(&many, cases[i].name, out + row, alone[s] + (size_t)at[s] * many.width,
                            p[s].n_tok);
                row += (size_t)p[s].n_tok * many.width;
                at[s] += p[s].n_tok;
                slot[s] = p[s].n_tok ? p[s].state_out : slot[s];
            }
        }
        for (uint32_t s = 0; s < 3; s++)
            mem_free(alone[s]);
        mem_free(out);
        rig_end(&one);
        rig_end(&many);
    }
}

/* Proves: a slot that nobody overwrites is a checkpoint: two sequences go on from it at once, a
 * cancelled run and a full one leave it whole, and it serves again. */
static void slots_are_checkpoints(void **state)
{
    int32_t a[N_TOK], b[N_TOK];
    const uint32_t n = 15, rest = N_TOK - 15;

    (void)state;
    make_tokens(4, a, N_TOK);
    make_tokens(5, b, N_TOK);
    memcpy(b, a, n * sizeof(*b)); /* one beginning, two ends */
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        atomic_bool cancel = true;
        struct rig r;
        float *whole_a, *whole_b, *out;
        struct rig_piece begin = { a, n, 0, STATE_NONE, 5 };
        struct rig_piece ends[2] = { { a + n, rest, n, 5, 1 }, { b + n, rest, n, 5, 2 } };

        open_case(&r, &cases[i], 2);
        whole_a = at_once(&r, a, N_TOK);
        whole_b = at_once(&r, b, N_TOK);
        out = rows(&r, RIG_TOK_MAX);
        assert_int_equal(rig_run(&r, &begin, 1, NULL, out), ERR_OK);
        for (uint32_t again = 0; again < 3; again++) {
            assert_int_equal(rig_run(&r, ends, 2, &cancel, out), ERR_CANCELLED);
            assert_int_equal(rig_run(&r, ends, 2, NULL, out), ERR_OK);
            assert_same(&r, cases[i].name, out, whole_a + (size_t)n * r.width, rest);
            assert_same(&r, cases[i].name, out + (size_t)rest * r.width,
                        whole_b + (size_t)n * r.width, rest);
        }
        mem_free(whole_a);
        mem_free(whole_b);
        mem_free(out);
        rig_end(&r);
    }
}

/* Proves: scans and delta rules give the same bytes on every instruction set this processor has. */
static void instruction_sets_agree(void **state)
{
    static const uint32_t off[] = { UINT32_MAX, CPU_AVX512 };
    int32_t tokens[N_TOK];

    (void)state;
    make_tokens(6, tokens, N_TOK);
    for (uint32_t i = 0; i < COUNT_OF(cases) * COUNT_OF(off); i++) {
        const struct op_case *c = &cases[i / COUNT_OF(off)];
        struct rig best, less;
        float *a, *b;

        if (c->build == build_conv) /* its activation is a kernel of its own */
            continue;
        open_case(&best, c, 1);
        rig_begin(&less, 7);
        less.features_off = off[i % COUNT_OF(off)];
        assert_int_equal(rig_finish(&less, c->build(&less, c), 1, NULL), ERR_OK);
        a = at_once(&best, tokens, N_TOK);
        b = at_once(&less, tokens, N_TOK);
        assert_same(&best, c->name, a, b, N_TOK);
        mem_free(a);
        mem_free(b);
        rig_end(&best);
        rig_end(&less);
    }
}

/* Proves: a centred convolution needs no cache store, sees both ways, and keeps to its sequence. */
static void centred_keeps_to_its_sequence(void **state)
{
    int32_t tokens[2][N_TOK];
    struct rig r;
    float *alone, *out;

    (void)state;
    open_case(&r, &centred, 2);
    cpu_device_ops.kv_destroy(r.kv);
    r.kv = NULL;
    make_tokens(1, tokens[0], N_TOK);
    make_tokens(2, tokens[1], N_TOK);
    out = rows(&r, 2 * N_TOK);
    assert_int_equal(rig_run(&r,
                             (struct rig_piece[]){ { tokens[0], N_TOK, 0, 0, 0 },
                                                   { tokens[1], N_TOK, 0, 0, 0 } },
                             2, NULL, out),
                     ERR_OK);
    for (uint32_t s = 0; s < 2; s++) {
        alone = at_once(&r, tokens[s], N_TOK);
        assert_same(&r, "centred", alone, out + (size_t)s * N_TOK * r.width, N_TOK);
        mem_free(alone);
    }
    mem_free(out);
    rig_end(&r);
}

/* Proves: a slot's size is that of all layers' states; a weight that is not F32 is refused. */
static void sizes_and_refusals(void **state)
{
    struct state_layer layers[2] = { { 16 }, { 33 } };
    struct kv_params kp = { .states = layers, .n_state = 2 };
    struct rig r;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(cpu_device_ops.state_slot_bytes(NULL, &kp), (16 + 48) * sizeof(float));
    assert_int_equal(cpu_device_ops.state_slot_bytes(NULL, &(struct kv_params){ 0 }), 0);
    rig_begin(&r, 1);
    {
        struct op op = rig_op(OP_CONV1D);

        op.src = rig_input(&r, 8);
        op.dst = plan_value(&r.b, ROWS_TOK, 1, 8);
        op.conv1d.w = rig_weight(&r, DT_F16, 4, 8, 1, -1, 1);
        op.conv1d.state = plan_state(&r.b, 24);
        plan_add(&r.b, &op);
        assert_int_equal(rig_finish(&r, op.dst, 1, &e), ERR_UNSUPPORTED);
        assert_non_null(strstr(e.text, "F16"));
    }
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ops_are_their_formulas),  cmocka_unit_test(cuts_do_not_matter),
        cmocka_unit_test(company_does_not_matter), cmocka_unit_test(slots_are_checkpoints),
        cmocka_unit_test(instruction_sets_agree),  cmocka_unit_test(centred_keeps_to_its_sequence),
        cmocka_unit_test(sizes_and_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
