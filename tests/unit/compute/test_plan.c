/* Proves: values that live at the same time never share memory, and those that do not, do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compute/plan.h"
#include "compute/plan_int.h"
#include "support/fixtures.h"

static struct op add_op(struct operand dst, struct operand a, struct operand b)
{
    return (struct op){ .kind = OP_ADD, .dst = dst, .src = a, .src2 = b, .scalar = { 1.0F } };
}

/* A random chain: each op adds two earlier values of a small window. */
static struct plan *random_plan(uint64_t *seed, uint32_t n_op)
{
    struct plan_builder b;
    struct plan *p = NULL;
    struct operand recent[4];

    plan_begin(&b);
    for (uint32_t i = 0; i < 4; i++)
        recent[i] = plan_value(&b, ROWS_TOK, 1, 64);
    for (uint32_t i = 0; i < n_op; i++) {
        struct operand dst = plan_value(&b, ROWS_TOK, 1 + (uint32_t)(test_random(seed) % 3), 64);
        struct operand x = recent[test_random(seed) % 4], y = recent[test_random(seed) % 4];
        struct op op;

        b.plan.values[dst.value].rows_mul = 1;
        op = add_op(dst, x, y);
        plan_add(&b, &op);
        recent[test_random(seed) % 4] = dst;
        b.plan.output = dst;
    }
    assert_int_equal(plan_end(&b, &p, NULL), ERR_OK);
    return p;
}

/* First and last op that touch a value, by looking at every op. */
static bool life_of(const struct plan *p, uint32_t value, uint32_t *first, uint32_t *last)
{
    bool found = false;

    for (uint32_t i = 0; i < p->n_op; i++) {
        struct op_operand o[OP_OPERANDS_MAX];
        uint32_t n = op_operands(&p->ops[i], o);

        for (uint32_t k = 0; k < n; k++) {
            if (o[k].operand.value != value)
                continue;
            if (!found)
                *first = i;
            *last = i;
            found = true;
        }
    }
    if (found && p->output.value == value)
        *last = p->n_op;
    return found;
}

/* Proves: in random plans no two values overlap in both time and memory. */
static void lives_never_collide(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (uint32_t round = 0; round < 50; round++) {
        struct plan *p = random_plan(&seed, 40);
        struct plan_layout l;
        struct arena a;

        arena_init(&a, MEM_OTHER, 4096, 1U << 24);
        assert_int_equal(plan_layout(p, 5, 2, &a, &l, NULL), ERR_OK);
        for (uint32_t v = 0; v < p->n_value; v++) {
            uint32_t first, last;
            size_t bytes = value_bytes(p, v, 5, 2);

            if (!life_of(p, v, &first, &last))
                continue;
            assert_true(l.offsets[v] % 64 == 0 && l.offsets[v] + bytes <= l.bytes);
            for (uint32_t w = v + 1; w < p->n_value; w++) {
                uint32_t first2, last2;

                if (!life_of(p, w, &first2, &last2) || last2 < first || last < first2)
                    continue;
                assert_true(l.offsets[v] + bytes <= l.offsets[w] ||
                            l.offsets[w] + value_bytes(p, w, 5, 2) <= l.offsets[v]);
            }
        }
        arena_finish(&a);
        plan_destroy(p);
    }
}

/* Proves: a long chain of short-lived values needs the memory of a few, not of all. */
static void chain_reuses_memory(void **state)
{
    struct plan_builder b;
    struct plan *p = NULL;
    struct plan_layout l;
    struct arena a;
    struct operand x;

    (void)state;
    plan_begin(&b);
    x = plan_value(&b, ROWS_TOK, 1, 16);
    for (uint32_t i = 0; i < 1000; i++) {
        struct operand y = plan_value(&b, ROWS_TOK, 1, 16);
        struct op op = add_op(y, x, x);

        plan_add(&b, &op);
        x = y;
    }
    b.plan.output = x;
    assert_int_equal(plan_end(&b, &p, NULL), ERR_OK);
    arena_init(&a, MEM_OTHER, 4096, 1U << 24);
    assert_int_equal(plan_layout(p, 4, 1, &a, &l, NULL), ERR_OK);
    assert_true(l.bytes <= 3 * value_bytes(p, 0, 4, 1));
    arena_finish(&a);
    plan_destroy(p);
}

/* Proves: without memory a builder says so at the end and leaks nothing. */
static void builder_fails_once(void **state)
{
    struct plan_builder b;
    struct plan *p = NULL;
    struct err e = { 0 };
    size_t before = mem_in_use(MEM_MODEL);

    (void)state;
    for (uint64_t n = 1; n < 5; n++) {
        struct op op;

        plan_begin(&b);
        (void)mem_fail_at(n, 1);
        op = add_op(plan_value(&b, ROWS_TOK, 1, 16), operand_none(), operand_none());
        op.src = op.dst;
        plan_add(&b, &op);
        b.plan.output = op.dst;
        if (plan_end(&b, &p, &e) == ERR_OK)
            plan_destroy(p);
        else
            assert_int_equal(e.code, ERR_OOM);
        (void)mem_fail_at(0, 0);
        assert_int_equal(mem_in_use(MEM_MODEL), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_never_collide),
        cmocka_unit_test(chain_reuses_memory),
        cmocka_unit_test(builder_fails_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
