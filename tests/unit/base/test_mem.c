/* Proves: counted allocation is aligned, counted by kind, and can be made to fail on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* Proves: every block starts on a cache line, is counted while it lives, and not afterwards. */
static void blocks_are_aligned_and_counted(void **state)
{
    void *block[64];
    size_t sum = 0;

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        block[i] = i % 2 ? mem_alloc(MEM_KV, i * 7) : mem_alloc_zero(MEM_KV, i * 7);
        assert_non_null(block[i]);
        assert_int_equal((uintptr_t)block[i] % MEM_ALIGN, 0);
        memset(block[i], 0xA5, i * 7);
        sum += i * 7;
        assert_int_equal(mem_in_use(MEM_KV), sum);
    }
    for (size_t i = 0; i < 64; i++)
        mem_free(block[i]);
    mem_free(NULL);
    assert_int_equal(mem_in_use(MEM_KV), 0);
    assert_string_equal(mem_kind_name(MEM_KV), "kv");
}

/* Proves: zeroed memory is zero, and products that overflow are refused. */
static void zeroed_and_checked(void **state)
{
    unsigned char *p = mem_alloc_n(MEM_OTHER, 100, 3);

    (void)state;
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    mem_free(p);
    assert_null(mem_alloc_n(MEM_OTHER, SIZE_MAX / 2, 3));
    assert_null(mem_alloc(MEM_OTHER, SIZE_MAX));
    assert_null(mem_alloc_zero(MEM_OTHER, SIZE_MAX - 100));
    assert_null(mem_strndup(MEM_OTHER, "x", SIZE_MAX));
}

/* Proves: growing and shrinking keep the common part; a refused growth keeps the old block. */
static void realloc_keeps_contents(void **state)
{
    char *p = mem_realloc(MEM_OTHER, NULL, 4), *grown;

    (void)state;
    memcpy(p, "abcd", 4);
    p = mem_realloc(MEM_OTHER, p, 4000);
    assert_memory_equal(p, "abcd", 4);
    (void)mem_fail_at(1, 0);
    grown = mem_realloc(MEM_OTHER, p, 8000);
    (void)mem_fail_at(0, 0);
    assert_null(grown);
    assert_memory_equal(p, "abcd", 4);
    p = mem_realloc(MEM_OTHER, p, 2);
    assert_memory_equal(p, "ab", 2);
    mem_free(p);
    assert_int_equal(mem_in_use(MEM_OTHER), 0);
}

/* Proves: exactly the n-th allocation fails, or all from it on, and the counter tells how many. */
static void fails_on_request(void **state)
{
    (void)state;
    for (int all_after = 0; all_after <= 1; all_after++) {
        (void)mem_fail_at(3, all_after);
        for (int i = 1; i <= 5; i++) {
            void *p = mem_alloc(MEM_OTHER, 8);
            int must_fail = i == 3 || (all_after && i > 3);

            assert_int_equal(p == NULL, must_fail);
            mem_free(p);
        }
        assert_int_equal(mem_fail_at(0, 0), 5);
    }
}

/* Proves: string copies end with NUL. */
static void strndup_ends_with_nul(void **state)
{
    char *s = mem_strndup(MEM_OTHER, "hearth", 3);

    (void)state;
    assert_string_equal(s, "hea");
    mem_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_counted), cmocka_unit_test(zeroed_and_checked),
        cmocka_unit_test(realloc_keeps_contents),         cmocka_unit_test(fails_on_request),
        cmocka_unit_test(strndup_ends_with_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
