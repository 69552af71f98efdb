/* Inside os/ only: the system's own words for what went wrong. */
#ifndef OS_OS_INT_H
#define OS_OS_INT_H

#include <stddef.h>

#include "base/err.h"

#define OS_WHY_BYTES 128U

/* The system's sentence for an errno value; text[OS_WHY_BYTES] is the caller's room for it. */
const char *os_why(int errnum, char *text);

/* Sets e to "VERB PATH: WHY" with ERR_NOT_FOUND for a missing file or folder, ERR_OOM when memory
 * is short, else ERR_IO. */
enum err_code os_fail(struct err *e, int errnum, const char *verb, const char *path);

#endif
