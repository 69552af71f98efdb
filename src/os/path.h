/* Paths and the home of Hearth's files. Any thread. */
#ifndef OS_PATH_H
#define OS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define PATH_BYTES_MAX 4096U

/* dir/name into out[PATH_BYTES_MAX]; ERR_LIMIT when longer. */
enum err_code path_join(char *out, const char *dir, const char *name, struct err *e);

/* Last component of a path (points into it). */
const char *path_base(const char *path);

/* $HEARTH_HOME, else ~/.hearth, into out[PATH_BYTES_MAX]; not created. */
enum err_code path_home(char *out, struct err *e);

#endif
