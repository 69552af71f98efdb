/* Proves: the ops of latent attention (a product per head, copies between rows of heads) do what
 * the plain product and a plain copy do, and order themselves among the other ops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "rig.h"

#define N_TOK  40U
#define N_HEAD 11U /* more than one block of heads */
#define GAP    5U  /* columns after each head that belong to others */

static void make_tokens(int32_t *tokens, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        tokens[i] = (int32_t)((i * 41 + (i >> 2) * 13) % RIG_VOCAB);
}

static struct op head_linear_op(const struct weight *w, struct operand src, uint32_t src_stride,
                                struct operand dst, uint32_t dst_stride)
{
    struct op op = rig_op(OP_HEAD_LINEAR);

    op.src = src;
    op.dst = dst;
    op.head_linear = (struct op_head_linear){
        .w = w, .n_head = (uint32_t)w->ne[2], .src_stride = src_stride, .dst_stride = dst_stride
    };
    return op;
}

static void add_linear(struct rig *r, const struct weight *w, struct operand src,
                       struct operand dst)
{
    struct op op = rig_op(OP_LINEAR);

    op.src = src;
    op.dst = dst;
    op.linear = (struct op_linear){ .w = w, .scale = 1, .add = operand_none() };
    plan_add(&r->b, &op);
}

struct head_case {
    enum dtype type;
    uint32_t n_in, n_out;
};

/* A plan whose output is [heads of head_linear with gaps | the same heads by plain products]. */
static void open_heads(struct rig *r, const struct head_case *c, uint32_t n_thread,
                       struct weight views[N_HEAD])
{
    uint32_t stride = c->n_out + GAP, half = N_HEAD * stride;
    struct operand in, out;
    const struct weight *w;
    struct op op;

    rig_begin(r, 3);
    in = rig_input(r, N_HEAD * (c->n_in + GAP));
    w = rig_weight(r, c->type, c->n_in, c->n_out, N_HEAD, -1, 1);
    out = plan_value(&r->b, ROWS_TOK, 1, 2 * half);
    op = head_linear_op(w, operand_cols(in, GAP, in.width - GAP), c->n_in + GAP,
                        operand_cols(out, 0, half), stride);
    plan_add(&r->b, &op);
    for (uint32_t h = 0; h < N_HEAD; h++) {
        views[h] = *w;
        views[h].ne[2] = 1;
        views[h].data += (size_t)h * c->n_out * w->row_bytes;
        add_linear(r, &views[h], operand_cols(in, GAP + h * (c->n_in + GAP), c->n_in),
                   operand_cols(out, half + h * stride, c->n_out));
    }
    assert_int_equal(rig_finish(r, out, n_thread, NULL), ERR_OK);
}

/* Proves: head_linear gives the bytes of one plain product per head, for every way a type prepares
 * its activations, few tokens and many, one thread and three. */
static void head_linear_is_linear_per_head(void **state)
{
    static const struct head_case heads[] = {
        { DT_F32, 24, 70 },    { DT_F16, 40, 33 },     { DT_BF16, 64, 16 },
        { DT_Q8_0, 96, 130 },  { DT_Q4_0, 64, 64 },    { DT_Q4_K, 256, 20 },
        { DT_Q6_K, 512, 100 }, { DT_IQ4_XS, 256, 65 }, { DT_Q5_1, 32, 8 },
    };
    static const uint32_t counts[] = { 1, 5, N_TOK };
    int32_t tokens[N_TOK];

    (void)state;
    make_tokens(tokens, N_TOK);
    for (uint32_t i = 0; i < COUNT_OF(heads) * 2; i++) {
        const struct head_case *c = &heads[i / 2];
        struct weight views[N_HEAD];
        struct rig r;
        uint32_t stride = c->n_out + GAP;
        float *out;

        if (!dtype_info((uint32_t)c->type)->quantize)
            continue;
        open_heads(&r, c, i % 2 ? 3 : 1, views);
        out = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r.width, sizeof(*out));
        for (uint32_t k = 0; k < COUNT_OF(counts); k++) {
            struct rig_piece p = { tokens, counts[k], 0, STATE_NONE, 0 };

            assert_int_equal(rig_run(&r, &p, 1, NULL, out), ERR_OK);
            for (uint32_t at = 0; at < counts[k] * N_HEAD; at++) {
                const float *row = out + (size_t)(at / N_HEAD) * r.width;
                const float *head = row + (size_t)(at % N_HEAD) * stride;

                assert_memory_equal(head, head + (size_t)N_HEAD * stride, c->n_out * sizeof(*out));
                assert_true(head[0] != 0.0F);
            }
        }
        mem_free(out);
        rig_end(&r);
    }
}

/* Proves: a product after head_linear prepares its activations anew, although the one before it
 * read the same columns. */
static void activations_are_not_mixed_up(void **state)
{
    int32_t tokens[N_TOK];
    struct rig r;
    struct rig_piece p = { tokens, N_TOK, 0, STATE_NONE, 0 };
    struct operand in, out, heads;
    const struct weight *w, *per_head;
    struct op op;
    float *got;

    (void)state;
    make_tokens(tokens, N_TOK);
    rig_begin(&r, 9);
    in = rig_input(&r, 64);
    w = rig_weight(&r, DT_Q8_0, 64, 48, 1, -1, 1);
    per_head = rig_weight(&r, DT_Q8_0, 32, 16, 2, -1, 1);
    out = plan_value(&r.b, ROWS_TOK, 1, 96);
    heads = plan_value(&r.b, ROWS_TOK, 1, 32);
    add_linear(&r, w, in, operand_cols(out, 0, 48));
    op = head_linear_op(per_head, in, 32, heads, 16);
    plan_add(&r.b, &op);
    add_linear(&r, w, in, operand_cols(out, 48, 48));
    assert_int_equal(rig_finish(&r, out, 3, NULL), ERR_OK);
    got = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r.width, sizeof(*got));
    assert_int_equal(rig_run(&r, &p, 1, NULL, got), ERR_OK);
    for (uint32_t t = 0; t < N_TOK; t++)
        assert_memory_equal(got + t * 96, got + t * 96 + 48, 48 * sizeof(*got));
    mem_free(got);
    rig_end(&r);
}

/* Proves: copy_heads builds rows of [own | shared] pieces: each head's own columns, and one head
 * for all (stride 0). */
static void copies_heads_and_spreads_one(void **state)
{
    int32_t tokens[N_TOK];
    struct rig r;
    struct rig_piece p = { tokens, N_TOK, 0, STATE_NONE, 0 };
    struct operand in, out;
    struct op op = rig_op(OP_COPY_HEADS);
    float *got;

    (void)state;
    make_tokens(tokens, N_TOK);
    rig_begin(&r, 4);
    in = rig_input(&r, 4 * 10 + 3); /* heads of 7 in every 10 columns | 3 shared */
    out = plan_value(&r.b, ROWS_TOK, 1, 4 * 10);
    op.src = operand_cols(in, 0, 40);
    op.dst = out;
    op.copy_heads = (struct op_copy_heads){ 4, 7, 10, 10 };
    plan_add(&r.b, &op);
    op.src = operand_cols(in, 40, 3);
    op.dst = operand_cols(out, 7, 33);
    op.copy_heads = (struct op_copy_heads){ 4, 3, 0, 10 };
    plan_add(&r.b, &op);
    assert_int_equal(rig_finish(&r, out, 3, NULL), ERR_OK);
    got = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r.width, sizeof(*got));
    assert_int_equal(rig_run(&r, &p, 1, NULL, got), ERR_OK);
    for (uint32_t t = 0; t < N_TOK; t++) {
        const float *row = rig_input_row(&r, tokens[t]);

        for (uint32_t h = 0; h < 4; h++) {
            assert_memory_equal(got + t * 40 + h * 10, row + h * 10, 7 * sizeof(*got));
            assert_memory_equal(got + t * 40 + h * 10 + 7, row + 40, 3 * sizeof(*got));
        }
    }
    mem_free(got);
    rig_end(&r);
}

/* A whole recurrent layer, in which every op waits for the one before it. */
static void open_chain(struct rig *r, uint32_t n_thread)
{
    const uint32_t d = 16, n_v = 4 * d; /* 2 key heads, 4 value heads */
    const uint32_t n_conv = 4 * d + n_v;
    struct operand in, conv, y, heads;
    struct op op;

    rig_begin(r, 21);
    in = rig_input(r, n_conv + 8);
    conv = plan_value(&r->b, ROWS_TOK, 1, n_conv);
    y = plan_value(&r->b, ROWS_TOK, 1, n_v);
    heads = plan_value(&r->b, ROWS_TOK, 1, 4 * 24);
    op = rig_op(OP_CONV1D);
    op.src = operand_cols(in, 0, n_conv);
    op.dst = conv;
    op.conv1d = (struct op_conv1d){ .w = rig_weight(r, DT_F32, 4, n_conv, 1, -1, 1),
                                    .silu = true,
                                    .state = plan_state(&r->b, 3 * n_conv) };
    plan_add(&r->b, &op);
    op = rig_op(OP_DELTA_RULE);
    op.src = operand_cols(conv, 0, 2 * d);
    op.src2 = operand_cols(conv, 2 * d, 2 * d);
    op.dst = y;
    op.delta_rule = (struct op_delta_rule){ .head_dim = d,
                                            .n_head_k = 2,
                                            .n_head_v = 4,
                                            .eps = 1e-6F,
                                            .state = plan_state(&r->b, n_v * d),
                                            .v = operand_cols(conv, 4 * d, n_v),
                                            .beta = operand_cols(in, n_conv, 4),
                                            .alpha = operand_cols(in, n_conv + 4, 4),
                                            .a = rig_weight(r, DT_F32, 4, 1, 1, -1, 0) };
    plan_add(&r->b, &op);
    op = head_linear_op(rig_weight(r, DT_F32, d, 20, 4, -1, 1), y, d, heads, 24);
    plan_add(&r->b, &op);
    op = rig_op(OP_COPY_HEADS);
    op.src = operand_cols(y, 0, 4);
    op.dst = operand_cols(heads, 20, heads.width - 20);
    op.copy_heads = (struct op_copy_heads){ .n_head = 4, .n_col = 4, .dst_stride = 24 };
    plan_add(&r->b, &op);
    assert_int_equal(rig_finish(r, heads, n_thread, NULL), ERR_OK);
}

/* Proves: ops of different kinds in a row give the same bytes on one thread and on three, at once
 * and token by token. */
static void chains_are_ordered(void **state)
{
    int32_t tokens[N_TOK];
    struct rig one, three;
    struct rig_piece all = { tokens, N_TOK, 0, STATE_NONE, 0 };
    float *want, *got;

    (void)state;
    make_tokens(tokens, N_TOK);
    open_chain(&one, 1);
    open_chain(&three, 3);
    want = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * one.width, sizeof(*want));
    got = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * one.width, sizeof(*got));
    assert_int_equal(rig_run(&one, &all, 1, NULL, want), ERR_OK);
    for (uint32_t again = 0; again < 20; again++) {
        assert_int_equal(rig_run(&three, &all, 1, NULL, got), ERR_OK);
        assert_memory_equal(want, got, (size_t)N_TOK * one.width * sizeof(*got));
    }
    for (uint32_t t = 0; t < N_TOK; t++) {
        struct rig_piece p = { tokens + t, 1, t, t ? (t + 1) % 2 : STATE_NONE, t % 2 };

        assert_int_equal(rig_run(&three, &p, 1, NULL, got + (size_t)t * one.width), ERR_OK);
    }
    assert_memory_equal(want, got, (size_t)N_TOK * one.width * sizeof(*got));
    mem_free(want);
    mem_free(got);
    rig_end(&one);
    rig_end(&three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_linear_is_linear_per_head),
        cmocka_unit_test(activations_are_not_mixed_up),
        cmocka_unit_test(copies_heads_and_spreads_one),
        cmocka_unit_test(chains_are_ordered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
