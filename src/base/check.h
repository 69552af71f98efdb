/* Assertions for programmer errors: they stay in release builds and are never reachable by input.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include "base/attr.h"

/* Prints the condition and its place, then ends the process. */
ATTR_NORETURN void check_failed(const char *condition, const char *file, int line);

#define CHECK(cond) (LIKELY(cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

#endif
