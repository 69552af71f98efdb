/* Every kernel of every instruction set this processor has, against the scalar reference and exact
 * arithmetic; with --bench, their speed instead. */
#include "conformance/kernel/kernel_test.h"

int main(int argc, char **argv)
{
    static struct isas isas;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(linear_bits_agree, &isas),
        cmocka_unit_test_prestate(linear_is_close_to_exact, &isas),
        cmocka_unit_test_prestate(linear_matches_fixtures, &isas),
        cmocka_unit_test_prestate(linear_keeps_nan, &isas),
        cmocka_unit_test_prestate(norm_is_close, &isas),
        cmocka_unit_test_prestate(glu_is_close, &isas),
        cmocka_unit_test_prestate(glu_saturates, &isas),
        cmocka_unit_test_prestate(rope_is_close, &isas),
        cmocka_unit_test_prestate(add_scale_f16_agree, &isas),
        cmocka_unit_test_prestate(attention_is_close, &isas),
        cmocka_unit_test_prestate(exp_and_softcap_are_close, &isas),
    };

    if (argc > 1 && strcmp(argv[1], "--bench") == 0)
        return bench_main(argc - 2, argv + 2);
    isas_open(&isas);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
