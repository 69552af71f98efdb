/* Folders: what is in them. Any thread. */
#ifndef OS_DIR_H
#define OS_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct dir_entry {
    const char *name; /* in the arena */
    bool is_folder;
    uint64_t size;
    int64_t mtime_ns;        /* since 1970 */
    uint64_t device, number; /* the same pair: the same file or folder, whatever its name */
};

/* The regular files and folders in a folder, sorted by the bytes of their names; links are
 * followed, dangling ones, sockets and the like left out, and so are names that begin with a dot.
 * At most n_max: ERR_LIMIT when there are more. ERR_NOT_FOUND, ERR_IO, ERR_OOM. */
enum err_code dir_list(struct arena *a, const char *path, uint32_t n_max, struct dir_entry **out,
                       uint32_t *n, struct err *e);

/* What is at a path (name: path itself); false: nothing, or neither file nor folder. */
bool dir_look(const char *path, struct dir_entry *out);

#endif
