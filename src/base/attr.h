/* Compiler-specific attributes behind neutral names; the only place that knows a compiler. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#if defined(__GNUC__) || defined(__clang__)
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NODISCARD         __attribute__((warn_unused_result))
#define ATTR_UNUSED            __attribute__((unused))
#define ATTR_NORETURN          __attribute__((noreturn))
#define ATTR_INLINE            inline __attribute__((always_inline, unused))
#define LIKELY(x)              __builtin_expect(!!(x), 1)
#define UNLIKELY(x)            __builtin_expect(!!(x), 0)
#else
#define ATTR_PRINTF(fmt, args)
#define ATTR_NODISCARD
#define ATTR_UNUSED
#define ATTR_NORETURN
#define ATTR_INLINE inline
#define LIKELY(x)   (x)
#define UNLIKELY(x) (x)
#endif

/* Before a loop with a small constant count: unrolled fully, so that arrays become registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 64")
#else
#define UNROLL
#endif

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
