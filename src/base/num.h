/* Checked arithmetic for sizes that come from outside. Each returns true on overflow (the result is
 * then unspecified), so that `if (mul_u64(a, b, &n)) return err_set(...)` reads as the refusal. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

static inline ATTR_NODISCARD bool add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
    *sum = a + b;
    return *sum < a;
}

static inline ATTR_NODISCARD bool mul_u64(uint64_t a, uint64_t b, uint64_t *product)
{
    *product = a * b;
    return a != 0 && *product / a != b;
}

static inline ATTR_NODISCARD bool add_size(size_t a, size_t b, size_t *sum)
{
    *sum = a + b;
    return *sum < a;
}

static inline ATTR_NODISCARD bool mul_size(size_t a, size_t b, size_t *product)
{
    *product = a * b;
    return a != 0 && *product / a != b;
}

/* x rounded up to a multiple of align (align > 0); true when that overflows. */
static inline ATTR_NODISCARD bool align_up_u64(uint64_t x, uint64_t align, uint64_t *up)
{
    uint64_t rest = x % align;

    return add_u64(x, rest ? align - rest : 0, up);
}

/* For our own sizes, where overflow cannot happen. */
static inline size_t round_up(size_t x, size_t align)
{
    return (x + align - 1) / align * align;
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
