/* Proves: checked arithmetic reports overflow exactly where the true result does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"

static const uint64_t edges[] = {
    0,
    1,
    2,
    3,
    63,
    64,
    UINT32_MAX,
    1ULL << 32,
    (1ULL << 32) + 1,
    1ULL << 63,
    UINT64_MAX,
    UINT64_MAX - 1,
    UINT64_MAX / 2,
    UINT64_MAX / 3,
};

/* Proves: add and mul overflow exactly when the result is larger than the type, over all edges. */
static void overflow_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        for (size_t k = 0; k < COUNT_OF(edges); k++) {
            uint64_t a = edges[i], b = edges[k], r;

            assert_int_equal(add_u64(a, b, &r), b > UINT64_MAX - a);
            if (b <= UINT64_MAX - a)
                assert_true(r - a == b);
            assert_int_equal(mul_u64(a, b, &r), a != 0 && b > UINT64_MAX / a);
            if (a != 0 && b <= UINT64_MAX / a)
                assert_true(r / a == b && r % a == 0);
        }
    }
}

/* Proves: the size_t forms agree with the same rule. */
static void size_forms_agree(void **state)
{
    size_t r;

    (void)state;
    assert_false(add_size(SIZE_MAX - 1, 1, &r));
    assert_true(r == SIZE_MAX);
    assert_true(add_size(SIZE_MAX, 1, &r));
    assert_false(mul_size(SIZE_MAX / 2, 2, &r));
    assert_true(mul_size(SIZE_MAX / 2 + 1, 2, &r));
    assert_false(mul_size(0, SIZE_MAX, &r));
    assert_int_equal(r, 0);
}

/* Proves: rounding up gives the next multiple, or reports that there is none. */
static void aligning_up(void **state)
{
    uint64_t up;

    (void)state;
    for (uint64_t align = 1; align <= 65; align++) {
        for (uint64_t x = 0; x < 200; x++) {
            assert_false(align_up_u64(x, align, &up));
            assert_true(up >= x && up - x < align && up % align == 0);
            assert_true(round_up((size_t)x, (size_t)align) == up);
        }
    }
    assert_true(align_up_u64(UINT64_MAX, 2, &up));
    assert_false(align_up_u64(UINT64_MAX - 31, 32, &up));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overflow_is_exact),
        cmocka_unit_test(size_forms_agree),
        cmocka_unit_test(aligning_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
