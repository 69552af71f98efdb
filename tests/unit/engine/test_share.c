/* Proves: tenants are served equally whatever they ask for, idling earns no credit and debts end;
 * prompts beside answers stretch a step by no more than the stated share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/share_int.h"

static void the_least_served_is_the_best(void **state)
{
    static struct fair f;
    uint32_t a = fair_enter(&f, 1), b = fair_enter(&f, 2);

    (void)state;
    assert_int_not_equal(a, b);
    assert_int_equal(fair_enter(&f, 1), a);
    fair_charge(&f, a, 100);
    assert_int_equal(fair_balance(&f, a), -100);
    assert_int_equal(fair_balance(&f, b), 0);
    fair_charge(&f, b, 130);
    assert_int_equal(fair_balance(&f, a), 0);
    assert_int_equal(fair_balance(&f, b), -30);
}

static void idling_earns_nothing_and_debts_end(void **state)
{
    static struct fair f;
    uint32_t a = fair_enter(&f, 1), b = fair_enter(&f, 2);

    (void)state;
    fair_leave(&f, b);
    fair_charge(&f, a, 1000000); /* alone: nobody to owe to */
    assert_int_equal(fair_balance(&f, a), 0);
    b = fair_enter(&f, 2);
    assert_int_equal(fair_balance(&f, b), 0);
    fair_charge(&f, b, 1U << 30);
    assert_int_equal(fair_balance(&f, b), -TENANT_DEBT_MAX);
    assert_int_equal(fair_balance(&f, a), 0);
    fair_leave(&f, b); /* the debt outlives a pause between two requests */
    assert_int_equal(fair_balance(&f, fair_enter(&f, 2)), -TENANT_DEBT_MAX);
}

static void places_of_the_absent_are_used_again(void **state)
{
    static struct fair f;
    uint32_t kept = fair_enter(&f, 7);

    (void)state;
    for (uint64_t id = 100; id < 100 + 3 * TENANTS_MAX; id++) {
        uint32_t place = fair_enter(&f, id);

        assert_int_not_equal(place, kept);
        fair_charge(&f, place, 5);
        fair_leave(&f, place);
    }
    assert_int_equal(fair_enter(&f, 7), kept);
}

/* A machine on which a step takes `base` seconds and each prompt token `each` more. */
static void steady(double base, double each, double limit)
{
    struct pace p = { 0 };
    double worst = 0.0;
    uint32_t n_sum = 0;

    pace_note(&p, 4, 0, base);
    for (int i = 0; i < 500; i++) {
        uint32_t n = pace_budget(&p, 4, 1, 512);
        double took = base + each * n;

        pace_note(&p, 4, n, took);
        n_sum += n;
        if (i > 20 && took > worst)
            worst = took;
    }
    assert_true(n_sum >= 400 * PACE_TOK_MIN);
    assert_true(worst <= limit);
}

static void prompts_leave_answers_their_pace(void **state)
{
    (void)state;
    steady(0.040, 0.001, 0.040 * PACE_STRETCH * 1.01);
    steady(0.040, 0.0001, 0.040 * PACE_STRETCH * 1.01);
    steady(0.005, 0.010, 0.005 + 0.010 * PACE_TOK_MIN); /* never less than they need to move */
    steady(1.0, 1e-6, 1.001);                           /* a batch is never overfull */
}

/* Proves: the further a prompt has come, the more its tokens cost, and the fewer of them a step
 * takes: the last steps take little longer than the first ones. */
static void long_prompts_keep_the_pace(void **state)
{
    struct pace p = { 0 };
    double longest = 0.0, shortest = 1e9;
    uint32_t at = 0;

    (void)state;
    pace_note(&p, 2, 0, 0.090);
    for (int i = 0; at < 8000; i++) {
        uint32_t n = pace_budget(&p, 2, 1, 512);
        double took = 0.090 + n * (0.012 + 0.030 * at / 8000.0);

        pace_note(&p, 2, n, took);
        at += n;
        if (i < 20 || n == 0)
            continue;
        longest = took > longest ? took : longest;
        shortest = took < shortest ? took : shortest;
    }
    assert_true(longest < 1.3 * shortest);
    assert_true(longest < 0.090 * PACE_STRETCH * 1.1);
}

static void more_answers_are_measured_anew(void **state)
{
    struct pace p = { 0 };
    uint32_t n_zero = 0;

    (void)state;
    pace_note(&p, 1, 0, 0.040);
    for (int i = 0; i < 10; i++) {
        uint32_t n = pace_budget(&p, 16, 1, 512);

        n_zero += n == 0;
        pace_note(&p, 16, n, 0.080 + 0.001 * n);
    }
    assert_true(n_zero >= 1);
    assert_true(pace_budget(&p, 16, 1, 512) > 40);
}

static void crowds_of_prompts_get_more(void **state)
{
    struct pace p = { 0 };

    (void)state;
    pace_note(&p, 4, 0, 0.040);
    pace_note(&p, 4, 10, 0.050);
    assert_int_equal(pace_budget(&p, 4, 4, 512), pace_budget(&p, 4, 1, 512));
    assert_true(pace_budget(&p, 4, 12, 512) > 2 * pace_budget(&p, 4, 1, 512));
    assert_int_equal(pace_budget(&p, 4, 1000, 512), pace_budget(&p, 4, 2000, 512));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_served_is_the_best),
        cmocka_unit_test(idling_earns_nothing_and_debts_end),
        cmocka_unit_test(places_of_the_absent_are_used_again),
        cmocka_unit_test(prompts_leave_answers_their_pace),
        cmocka_unit_test(long_prompts_keep_the_pace),
        cmocka_unit_test(crowds_of_prompts_get_more),
        cmocka_unit_test(more_answers_are_measured_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
