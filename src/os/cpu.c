/* The processor and the share of the machine that this process may use. Owns the CPU table: filled
 * once, at the first question, then constant. */
#include "os/cpu.h"

#include <ctype.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "os/cpu_int.h"
#include "os/file.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#define CPUS_MAX          8192U /* the largest NR_CPUS that kernels are built with */
#define WORD_BITS         (8U * sizeof(unsigned long))
#define SYS_FILE_BYTES    (64U * 1024U)
#define CACHE_INDICES_MAX 16U

static struct cpu_info table;
static uint32_t allowed_features = ~0U;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

struct cpu_set {
    unsigned long word[CPUS_MAX / WORD_BITS];
};

static bool set_has(const struct cpu_set *s, uint32_t cpu)
{
    return cpu < CPUS_MAX && (s->word[cpu / WORD_BITS] >> (cpu % WORD_BITS) & 1U);
}

static void set_add(struct cpu_set *s, uint32_t cpu)
{
    if (cpu < CPUS_MAX)
        s->word[cpu / WORD_BITS] |= 1UL << (cpu % WORD_BITS);
}

/* ---- features ---- */

#if defined(__x86_64__)

/* True when the kernel can save the tile registers (it may still want to be asked for them). */
static bool kernel_has_tiles(void)
{
    const long get_supported = 0x1021; /* ARCH_GET_XCOMP_SUPP */
    const unsigned tile_data = 18;     /* XFEATURE_XTILEDATA  */
    uint64_t components = 0;

    return syscall(SYS_arch_prctl, get_supported, &components) == 0 &&
           (components >> tile_data & 1U);
}

/* __builtin_cpu_supports also asks XGETBV whether the system saves the wide registers; features
 * that older compilers have no name for share the registers of one that they know. */
static uint32_t find_features(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0, a1 = 0, b1 = 0, c1 = 0, d1 = 0;
    bool has_f16c = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
    bool has_7_0 = __get_cpuid_count(7, 0, &a, &b, &c, &d);
    bool has_7_1 = has_7_0 && a >= 1 && __get_cpuid_count(7, 1, &a1, &b1, &c1, &d1);
    uint32_t f = 0;

    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2"))
        f |= CPU_SSE42;
    if (has_f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        f |= CPU_AVX2;
    if ((f & CPU_AVX2) && has_7_1 && (a1 & (1U << 4)))
        f |= CPU_AVX_VNNI;
    if ((f & CPU_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        f |= CPU_AVX512;
    if ((f & CPU_AVX512) && __builtin_cpu_supports("avx512vnni"))
        f |= CPU_AVX512_VNNI;
    if ((f & CPU_AVX512) && __builtin_cpu_supports("avx512vbmi"))
        f |= CPU_AVX512_VBMI;
    if ((f & CPU_AVX512) && has_7_1 && (a1 & (1U << 5)))
        f |= CPU_AVX512_BF16;
    if (has_7_0 && (d & (1U << 24)) && (d & (1U << 25)) && kernel_has_tiles())
        f |= CPU_AMX_INT8;
    return f;
}

static void find_name(char *name, size_t cap)
{
    unsigned r[12] = { 0 };
    char text[sizeof(r) + 1];
    const char *first = text;

    if (!__get_cpuid(0x80000004U, &r[8], &r[9], &r[10], &r[11]))
        return;
    for (unsigned i = 0; i < 3; i++)
        (void)__get_cpuid(0x80000002U + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]);
    memcpy(text, r, sizeof(r));
    text[sizeof(r)] = '\0';
    while (*first == ' ')
        first++;
    (void)snprintf(name, cap, "%s", first);
}

#elif defined(__aarch64__)

static uint32_t find_features(void)
{
    unsigned long caps = getauxval(AT_HWCAP), caps2 = getauxval(AT_HWCAP2);
    uint32_t f = 0;

    if (caps & (1UL << 1)) /* HWCAP_ASIMD */
        f |= CPU_NEON;
    if (caps & (1UL << 20)) /* HWCAP_ASIMDDP */
        f |= CPU_NEON_DOT;
    if (caps2 & (1UL << 13)) /* HWCAP2_I8MM */
        f |= CPU_NEON_I8MM;
    return f;
}

static void find_name(char *name, size_t cap)
{
    (void)snprintf(name, cap, "ARM64");
}

#else

static uint32_t find_features(void)
{
    return 0;
}

static void find_name(char *name, size_t cap)
{
    (void)name;
    (void)cap;
}

#endif

/* ---- what /proc and /sys say ---- */

bool sys_text(struct buf *b, const char *path)
{
    buf_clear(b);
    return file_read(b, path, NULL) == ERR_OK;
}

bool sys_number(struct buf *b, const char *path, uint64_t *value)
{
    char *end;

    if (!sys_text(b, path) || !isdigit((unsigned char)*buf_str(b)))
        return false;
    *value = strtoull(buf_str(b), &end, 10);
    if (*end == 'K')
        *value *= 1024U;
    if (*end == 'M')
        *value *= 1024U * 1024U;
    return true;
}

bool sys_field(const char *text, const char *name, uint64_t *value)
{
    size_t len = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, name, len) != 0 || !strchr(": \t", line[len]))
            continue;
        *value = strtoull(line + len + strspn(line + len, ": \t"), NULL, 10);
        return true;
    }
    return false;
}

/* Logical and physical cores of the affinity mask. A core's key is its first hardware thread. */
static void count_cores(struct cpu_info *t, struct buf *b)
{
    struct cpu_set allowed = { 0 }, cores = { 0 };

    if (sched_getaffinity(0, sizeof(allowed), (cpu_set_t *)(void *)&allowed) != 0) {
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        t->n_logical = n > 0 && n < (long)CPUS_MAX ? (uint32_t)n : 1U;
        t->n_physical = t->n_logical;
        return;
    }
    for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
        char path[128];
        uint64_t first = cpu;

        if (!set_has(&allowed, cpu))
            continue;
        t->n_logical++;
        (void)snprintf(path, sizeof(path),
                       "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu);
        if (!sys_number(b, path, &first) || first >= CPUS_MAX)
            first = cpu;
        if (!set_has(&cores, (uint32_t)first))
            t->n_physical++;
        set_add(&cores, (uint32_t)first);
    }
}

static void find_caches(struct cpu_info *t, struct buf *b)
{
    for (unsigned i = 0; i < CACHE_INDICES_MAX; i++) {
        char path[96];
        uint64_t level, size;

        (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cache/index%u/level", i);
        if (!sys_number(b, path, &level))
            break;
        (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cache/index%u/size", i);
        if (!sys_number(b, path, &size))
            continue;
        if (level == 2)
            t->l2_bytes = size;
        if (level == 3)
            t->l3_bytes = size;
    }
}

static void find_memory(struct cpu_info *t, struct buf *b)
{
    uint64_t kib;

    if (!sys_text(b, "/proc/meminfo"))
        return;
    if (sys_field(buf_str(b), "MemTotal", &kib))
        t->ram_bytes = kib * 1024U;
    if (sys_field(buf_str(b), "MemAvailable", &kib))
        t->ram_available = kib * 1024U;
}

static void look(void)
{
    struct cgroup_limits limits;
    struct buf b;

    buf_init(&b, MEM_OTHER, SYS_FILE_BYTES);
    find_name(table.name, sizeof(table.name));
    if (!table.name[0])
        (void)snprintf(table.name, sizeof(table.name), "unknown processor");
    table.features = find_features() & allowed_features;
    count_cores(&table, &b);
    find_caches(&table, &b);
    find_memory(&table, &b);
    cgroup_read(&limits, &b, "/proc/self/cgroup", "/sys/fs/cgroup");
    table.n_logical = max_u32(1, min_u32(table.n_logical, limits.n_cpu));
    table.n_physical = max_u32(1, min_u32(table.n_physical, limits.n_cpu));
    if (limits.ram_bytes < table.ram_bytes)
        table.ram_bytes = limits.ram_bytes;
    if (limits.ram_available < table.ram_available)
        table.ram_available = limits.ram_available;
    buf_finish(&b);
}

const struct cpu_info *cpu_info(void)
{
    (void)pthread_once(&table_once, look);
    return &table;
}

uint64_t ram_available_now(void)
{
    struct cpu_info now = { 0 };
    struct cgroup_limits limits;
    struct buf b;

    buf_init(&b, MEM_OTHER, SYS_FILE_BYTES);
    find_memory(&now, &b);
    cgroup_read(&limits, &b, "/proc/self/cgroup", "/sys/fs/cgroup");
    buf_finish(&b);
    return limits.ram_available < now.ram_available ? limits.ram_available : now.ram_available;
}

void cpu_mask(uint32_t allowed)
{
    allowed_features = allowed;
}

const char *cpu_feature_name(uint32_t bit)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        { CPU_SSE42, "sse4.2" },
        { CPU_AVX2, "avx2" },
        { CPU_AVX_VNNI, "avx_vnni" },
        { CPU_AVX512, "avx512" },
        { CPU_AVX512_VNNI, "avx512_vnni" },
        { CPU_AVX512_VBMI, "avx512_vbmi" },
        { CPU_AVX512_BF16, "avx512_bf16" },
        { CPU_AMX_INT8, "amx_int8" },
        { CPU_NEON, "neon" },
        { CPU_NEON_DOT, "neon_dot" },
        { CPU_NEON_I8MM, "neon_i8mm" },
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].bit == bit)
            return names[i].name;
    }
    return NULL;
}
