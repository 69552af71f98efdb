/* Proves: miniature models written by this suite give what a plain double-precision forward pass
 * gives, whole and token by token, for every family that the loader must tell apart. Needs no
 * fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/tiny.h"

static double error_of(const struct tiny *t, uint32_t chunk)
{
    struct err e = { 0 };
    double error = tiny_error(t, chunk, NULL, &e);

    if (e.code)
        print_message("%s: %s\n", t->arch, e.text);
    return error;
}

/* Every description, in one batch and one token at a time. */
static void test_forward(void **state)
{
    size_t n, n_bad = 0;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        double whole = error_of(&models[i], 0);
        double single = models[i].sees_all ? whole : error_of(&models[i], 1);

        bool good = whole < 1e-10 && whole == single;

        print_message("%-16s %.1e %.1e%s\n", models[i].arch, whole, single, good ? "" : "  WRONG");
        n_bad += !good;
    }
    assert_int_equal(n_bad, 0);
}

/* Families with sizes drawn at random: heads that do not fill the width, one head for keys, odd
 * vocabularies, windows of one token and longer than the text, partial rotations. */
static void test_varied(void **state)
{
    const char *more = getenv("HEARTH_TEST_SEEDS");
    uint64_t n_seed = more ? strtoull(more, NULL, 10) : 1;
    size_t n, n_bad = 0;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        for (uint64_t seed = 1; seed <= n_seed; seed++) {
            struct tiny t = tiny_varied(&models[i], seed);
            double whole = error_of(&t, 0), cut = t.sees_all ? whole : error_of(&t, 7);

            if (whole < 1e-9 && whole == cut)
                continue;
            print_message("%s, seed %llu: %.1e %.1e\n", t.arch, (unsigned long long)seed, whole,
                          cut);
            n_bad++;
        }
    }
    assert_int_equal(n_bad, 0);
}

/* Norms and biases that a file holds as halves are used all the same. */
static void test_half_vectors(void **state)
{
    size_t n;
    const struct tiny *models = tiny_models(&n);
    struct tiny t = models[0];
    double error;

    (void)state;
    t.qkv_bias = true;
    t.half_vectors = true;
    error = error_of(&t, 0);
    assert_true(error > 0.0 && error < 1e-5);
}

/* Matrices as halves with rows that no register fits: what rounding them costs, and no more. */
static void test_half_matrices(void **state)
{
    size_t n;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct tiny t = tiny_varied(&models[0], seed);
        double error;

        t.half_matrices = true;
        error = error_of(&t, 0);
        assert_true(error > 0.0 && error < 1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forward),
                                        cmocka_unit_test(test_varied),
                                        cmocka_unit_test(test_half_vectors),
                                        cmocka_unit_test(test_half_matrices) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
