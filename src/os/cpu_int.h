/* Inside os/ only: small texts of /proc and /sys, and the limits of control groups. */
#ifndef OS_CPU_INT_H
#define OS_CPU_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* The whole of a small system file in b (cleared first); false when it cannot be read. */
bool sys_text(struct buf *b, const char *path);

/* The number that a system file begins with ("0-1" gives 0), with K and M as units. */
bool sys_number(struct buf *b, const char *path, uint64_t *value);

/* The number behind `name` at the start of a line of text. */
bool sys_field(const char *text, const char *name, uint64_t *value);

/* UINT32_MAX or UINT64_MAX where nothing limits. */
struct cgroup_limits {
    uint32_t n_cpu; /* rounded up, at least 1 */
    uint64_t ram_bytes;
    uint64_t ram_available; /* limit minus what is used and cannot be dropped */
};

/* The strictest limits of this process's groups and all their parents; versions 1 and 2. The two
 * paths are parameters for tests. */
void cgroup_read(struct cgroup_limits *l, struct buf *b, const char *self_path, const char *root);

#endif
