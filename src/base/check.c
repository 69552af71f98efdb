/* The end of a process whose own code is wrong. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "hearth: internal error at %s:%d: %s is false; please report this\n",
                  file, line, condition);
    abort();
}
