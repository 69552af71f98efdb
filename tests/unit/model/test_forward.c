/* Proves: miniature models written by this suite give what a plain double-precision forward pass
 * gives, whole and token by token, for every family that the loader must tell apart. Needs no
 * fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/tiny.h"

static double error_of(const struct tiny *t, uint32_t chunk)
{
    struct err e = { 0 };
    double error = tiny_error(t, chunk, NULL, &e);

    if (e.code)
        fail_msg("%s: %s", t->arch, e.text);
    return error;
}

/* Every description, in one batch and one token at a time. */
static void test_forward(void **state)
{
    size_t n;
    const struct tiny *models = tiny_models(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        double whole = error_of(&models[i], 0), single = error_of(&models[i], 1);

        print_message("%-14s %.1e %.1e\n", models[i].arch, whole, single);
        assert_true(whole < 1e-10);
        assert_true(whole == single);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forward),
                                        cmocka_unit_test(test_half_vectors) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
