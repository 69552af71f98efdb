/* Proves: arenas hand out zeroed, aligned, disjoint memory up to their maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

/* Proves: every piece is aligned, zero, and keeps its contents while others come and go. */
static void pieces_are_zero_and_disjoint(void **state)
{
    unsigned char *piece[200];
    struct arena a;

    (void)state;
    arena_init(&a, MEM_OTHER, 256, 1U << 20);
    for (size_t i = 0; i < 200; i++) {
        piece[i] = arena_new(&a, i);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % 16, 0);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(piece[i][k], 0);
        memset(piece[i], (int)i, i);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k < i; k++)
            assert_int_equal(piece[i][k], i);
    }
    arena_finish(&a);
    assert_int_equal(mem_in_use(MEM_OTHER), 0);
}

/* Proves: the maximum holds to the byte, and a refusal leaves the arena usable. */
static void maximum_is_exact(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, MEM_OTHER, 64, 160);
    assert_non_null(arena_new(&a, 64));
    assert_null(arena_new(&a, 97));
    assert_non_null(arena_new(&a, 96));
    assert_null(arena_new(&a, 1));
    assert_int_equal(arena_bytes(&a), 160);
    arena_finish(&a);
    arena_finish(&a);
}

/* Proves: sizes near the top of the address space are refused and do not wrap around. */
static void huge_sizes_are_refused(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, MEM_OTHER, 64, SIZE_MAX);
    assert_null(arena_new(&a, SIZE_MAX));
    assert_null(arena_new(&a, SIZE_MAX - 15));
    assert_null(arena_new_n(&a, SIZE_MAX / 2, 3));
    assert_null(arena_strndup(&a, "x", SIZE_MAX));
    assert_non_null(arena_new_n(&a, 3, 5));
    arena_finish(&a);
}

/* Proves: copies end with NUL and may contain NUL. */
static void strndup_copies_bytes(void **state)
{
    struct arena a;
    char *s;

    (void)state;
    arena_init(&a, MEM_OTHER, 64, 4096);
    s = arena_strndup(&a, "ab\0cd", 4);
    assert_memory_equal(s, "ab\0c", 5);
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    arena_finish(&a);
}

/* Proves: a refused block is NULL at once and later calls succeed again. */
static void refused_memory_is_null(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, MEM_OTHER, 64, 4096);
    (void)mem_fail_at(1, 0);
    assert_null(arena_new(&a, 8));
    assert_non_null(arena_new(&a, 8));
    (void)mem_fail_at(0, 0);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zero_and_disjoint), cmocka_unit_test(maximum_is_exact),
        cmocka_unit_test(huge_sizes_are_refused),       cmocka_unit_test(strndup_copies_bytes),
        cmocka_unit_test(refused_memory_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
