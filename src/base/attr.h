/* Compiler-specific attributes behind neutral names; the only place that knows a compiler. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#if defined(__GNUC__) || defined(__clang__)
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NODISCARD         __attribute__((warn_unused_result))
#define ATTR_UNUSED            __attribute__((unused))
#define ATTR_NORETURN          __attribute__((noreturn))
#define LIKELY(x)              __builtin_expect(!!(x), 1)
#define UNLIKELY(x)            __builtin_expect(!!(x), 0)
#else
#define ATTR_PRINTF(fmt, args)
#define ATTR_NODISCARD
#define ATTR_UNUSED
#define ATTR_NORETURN
#define LIKELY(x)   (x)
#define UNLIKELY(x) (x)
#endif

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
