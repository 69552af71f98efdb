/* Control groups: how much of the machine a container or service may use. Versions 1 and 2, by
 * https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/.
 *
 * Inside a container /proc/self/cgroup may name the host's path while /sys/fs/cgroup shows the
 * container's own root: folders that do not exist are skipped on the way up, and the root is always
 * looked at. */
#include <stdlib.h>
#include <string.h>

#include "os/cpu_int.h"
#include "os/path.h"

#define GROUP_LINES_MAX 64U
#define GROUP_DEPTH_MAX 64U

static bool number_in(struct buf *b, const char *dir, const char *file, uint64_t *value)
{
    char path[PATH_BYTES_MAX];

    return path_join(path, dir, file, NULL) == ERR_OK && sys_number(b, path, value);
}

static void take_cpu(struct cgroup_limits *l, uint64_t quota_us, uint64_t period_us)
{
    uint64_t n;

    if (period_us == 0 || quota_us > UINT64_MAX - period_us)
        return;
    n = (quota_us + period_us - 1) / period_us;
    n = n ? n : 1;
    if (n < l->n_cpu)
        l->n_cpu = (uint32_t)n;
}

/* limit and use in bytes; file_bytes of the use are page cache, which the kernel drops first. */
static void take_ram(struct cgroup_limits *l, uint64_t limit, uint64_t use, uint64_t file_bytes)
{
    uint64_t held = use > file_bytes ? use - file_bytes : 0;
    uint64_t left = limit > held ? limit - held : 0;

    if (limit < l->ram_bytes)
        l->ram_bytes = limit;
    if (left < l->ram_available)
        l->ram_available = left;
}

/* Bytes of page cache by the group's memory.stat, whose names differ by version. */
static uint64_t cache_bytes(struct buf *b, const char *dir, bool is_v2)
{
    char path[PATH_BYTES_MAX];
    uint64_t active = 0, inactive = 0;

    if (path_join(path, dir, "memory.stat", NULL) || !sys_text(b, path))
        return 0;
    (void)sys_field(buf_str(b), is_v2 ? "active_file" : "total_active_file", &active);
    (void)sys_field(buf_str(b), is_v2 ? "inactive_file" : "total_inactive_file", &inactive);
    return active > UINT64_MAX - inactive ? UINT64_MAX : active + inactive;
}

static void look_v2(struct cgroup_limits *l, struct buf *b, const char *dir)
{
    char path[PATH_BYTES_MAX];
    uint64_t quota, limit, use = 0;
    char *end;

    /* "QUOTA PERIOD"; "max PERIOD" does not begin with a digit */
    if (number_in(b, dir, "cpu.max", &quota)) {
        (void)strtoull(buf_str(b), &end, 10);
        take_cpu(l, quota, strtoull(end, NULL, 10));
    }
    if (path_join(path, dir, "memory.max", NULL) == ERR_OK && sys_number(b, path, &limit)) {
        (void)number_in(b, dir, "memory.current", &use);
        take_ram(l, limit, use, cache_bytes(b, dir, true));
    }
}

static void look_v1(struct cgroup_limits *l, struct buf *b, const char *dir)
{
    uint64_t quota, period, limit, use = 0;

    /* an unlimited quota is -1, which does not begin with a digit */
    if (number_in(b, dir, "cpu.cfs_quota_us", &quota) &&
        number_in(b, dir, "cpu.cfs_period_us", &period))
        take_cpu(l, quota, period);
    if (number_in(b, dir, "memory.limit_in_bytes", &limit)) {
        (void)number_in(b, dir, "memory.usage_in_bytes", &use);
        take_ram(l, limit, use, cache_bytes(b, dir, false));
    }
}

/* Looks at mount/group and every folder above it down to mount itself. */
static void walk_up(struct cgroup_limits *l, struct buf *b, const char *mount, const char *group,
                    bool is_v2)
{
    char dir[PATH_BYTES_MAX];
    size_t n_mount = strlen(mount);

    if (path_join(dir, mount, group[0] == '/' ? group + 1 : group, NULL))
        return;
    for (unsigned depth = 0; depth < GROUP_DEPTH_MAX; depth++) {
        char *slash = strrchr(dir, '/');

        if (is_v2)
            look_v2(l, b, dir);
        else
            look_v1(l, b, dir);
        if (!slash || (size_t)(slash - dir) < n_mount)
            break;
        *slash = '\0';
    }
}

static bool lists(const char *names, const char *name)
{
    size_t len = strlen(name);

    for (const char *p = names; p; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, name, len) == 0 && (p[len] == ',' || p[len] == '\0'))
            return true;
    }
    return false;
}

/* One line of /proc/self/cgroup, "ID:CONTROLLERS:PATH"; version 2 has no controllers there. */
static void look_line(struct cgroup_limits *l, struct buf *b, char *line, const char *root)
{
    char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
    char mount[PATH_BYTES_MAX];

    if (!group)
        return;
    *names++ = '\0';
    *group++ = '\0';
    if (!names[0]) {
        walk_up(l, b, root, group, true);
        return;
    }
    if (!lists(names, "cpu") && !lists(names, "memory"))
        return;
    if (path_join(mount, root, names, NULL) == ERR_OK) /* "cpu,cpuacct" is the folder's name too */
        walk_up(l, b, mount, group, false);
    if (lists(names, "cpu") && strcmp(names, "cpu") != 0 &&
        path_join(mount, root, "cpu", NULL) == ERR_OK)
        walk_up(l, b, mount, group, false);
}

void cgroup_read(struct cgroup_limits *l, struct buf *b, const char *self_path, const char *root)
{
    struct buf lines;
    char *line;

    *l = (struct cgroup_limits){ UINT32_MAX, UINT64_MAX, UINT64_MAX };
    buf_init(&lines, MEM_OTHER, b->max);
    line = sys_text(&lines, self_path) ? lines.data : NULL;
    for (unsigned i = 0; line && *line && i < GROUP_LINES_MAX; i++) {
        char *end = strchr(line, '\n');

        if (end)
            *end++ = '\0';
        look_line(l, b, line, root);
        line = end;
    }
    buf_finish(&lines);
}
