/* Proves: the CPU table is sane on this machine and control groups of both versions are obeyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/cpu.h"
#include "os/cpu_int.h"
#include "os/file.h"
#include "os/path.h"

/* Proves: counts are at least 1 and ordered, memory is known, and the table does not change. */
static void table_is_sane(void **state)
{
    const struct cpu_info *c = cpu_info();

    (void)state;
    assert_true(c->n_physical >= 1 && c->n_physical <= c->n_logical);
    assert_true(c->n_logical <= (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
    assert_true(c->ram_bytes > 0 && c->ram_available <= c->ram_bytes);
    assert_true(strlen(c->name) > 0);
    assert_ptr_equal(cpu_info(), c);
}

/* Proves: wider features come only with what they build on, and the mask removed its bit. */
static void features_imply_their_base(void **state)
{
    uint32_t f = cpu_info()->features;

    (void)state;
    assert_false(f & CPU_SSE42); /* main() masked it */
    if (f & (CPU_AVX512_VNNI | CPU_AVX512_VBMI | CPU_AVX512_BF16))
        assert_true(f & CPU_AVX512);
    if (f & (CPU_AVX512 | CPU_AVX_VNNI))
        assert_true(f & CPU_AVX2);
}

/* Proves: every feature has its own name and nothing else has one. */
static void features_have_names(void **state)
{
    (void)state;
    for (uint32_t bit = 1; bit <= CPU_NEON_I8MM; bit <<= 1) {
        assert_non_null(cpu_feature_name(bit));
        for (uint32_t other = 1; other < bit; other <<= 1)
            assert_string_not_equal(cpu_feature_name(bit), cpu_feature_name(other));
    }
    assert_null(cpu_feature_name(0));
    assert_null(cpu_feature_name(CPU_AVX2 | CPU_SSE42));
}

/* ---- control groups, in a made-up tree ---- */

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[PATH_BYTES_MAX], *slash;

    assert_int_equal(path_join(path, folder, name, NULL), ERR_OK);
    slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(dir_create(path, NULL), ERR_OK);
    *slash = '/';
    assert_int_equal(file_write(path, text, strlen(text), NULL), ERR_OK);
}

static struct cgroup_limits limits_of(const char *self)
{
    char path[PATH_BYTES_MAX];
    struct cgroup_limits l;
    struct buf b;

    put("self", self);
    assert_int_equal(path_join(path, folder, "self", NULL), ERR_OK);
    buf_init(&b, MEM_OTHER, 65536);
    cgroup_read(&l, &b, path, folder);
    buf_finish(&b);
    return l;
}

static int make_tree(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/hearth-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_tree(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

/* Proves: no groups, or groups without limits, limit nothing. */
static void absent_limits_limit_nothing(void **state)
{
    struct cgroup_limits l = limits_of("0::/a\n7:freezer:/b\nnonsense\n");

    (void)state;
    assert_true(l.n_cpu == UINT32_MAX && l.ram_bytes == UINT64_MAX);
    put("a/cpu.max", "max 100000\n");
    put("a/memory.max", "max\n");
    l = limits_of("0::/a\n");
    assert_true(l.n_cpu == UINT32_MAX && l.ram_available == UINT64_MAX);
}

/* Proves: in version 2 the strictest of a group and its parents counts, CPUs are rounded up, and
 * page cache does not count as used. */
static void version_2(void **state)
{
    struct cgroup_limits l;

    (void)state;
    put("cpu.max", "800000 100000\n");
    put("a/cpu.max", "250000 100000\n");
    put("a/b/cpu.max", "max 100000\n");
    put("a/memory.max", "1000000\n");
    put("a/memory.current", "700000\n");
    put("a/memory.stat", "anon 1\ninactive_file 300000\nactive_file 100000\n");
    put("a/b/memory.max", "2000000\n");
    l = limits_of("0::/a/b\n");
    assert_int_equal(l.n_cpu, 3);
    assert_int_equal(l.ram_bytes, 1000000);
    assert_int_equal(l.ram_available, 700000);
    l = limits_of("0::/not/seen/from/here\n"); /* inside a container: only the root is visible */
    assert_int_equal(l.n_cpu, 8);
}

/* Proves: version 1 keeps CPU and memory in folders of their own. */
static void version_1(void **state)
{
    struct cgroup_limits l;

    (void)state;
    put("cpu,cpuacct/x/cpu.cfs_quota_us", "50000\n");
    put("cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
    put("memory/x/memory.limit_in_bytes", "5000\n");
    put("memory/x/memory.usage_in_bytes", "4000\n");
    put("memory/x/memory.stat", "total_inactive_file 500\ntotal_active_file 0\n");
    put("memory/memory.limit_in_bytes", "9223372036854771712\n");
    l = limits_of("4:memory:/x\n2:cpu,cpuacct:/x\n1:name=systemd:/\n0::/\n");
    assert_int_equal(l.n_cpu, 1);
    assert_int_equal(l.ram_bytes, 5000);
    assert_int_equal(l.ram_available, 1500);
    put("cpu,cpuacct/x/cpu.cfs_quota_us", "-1\n");
    l = limits_of("2:cpu,cpuacct:/x\n");
    assert_true(l.n_cpu == UINT32_MAX);
}

/* Proves: absurd numbers in the files do no harm. */
static void absurd_limits(void **state)
{
    struct cgroup_limits l;

    (void)state;
    put("a/cpu.max", "99999999999999999999 0\n");
    put("a/memory.max", "0\n");
    l = limits_of("0::/a\n");
    assert_true(l.n_cpu == UINT32_MAX);
    assert_int_equal(l.ram_available, 0);
}

#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sane),
        cmocka_unit_test(features_imply_their_base),
        cmocka_unit_test(features_have_names),
        IN_TREE(absent_limits_limit_nothing),
        IN_TREE(version_2),
        IN_TREE(version_1),
        IN_TREE(absurd_limits),
    };

    cpu_mask(~(uint32_t)CPU_SSE42);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
