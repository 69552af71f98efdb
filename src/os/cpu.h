/* What the processor can do and how many cores this process may use. */
#ifndef OS_CPU_H
#define OS_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Feature bits. A set bit means: processor and system support it. */
enum cpu_feature {
    CPU_SSE42 = 1U << 0,
    CPU_AVX2 = 1U << 1, /* with FMA and F16C */
    CPU_AVX_VNNI = 1U << 2,
    CPU_AVX512 = 1U << 3, /* F, BW, CD, DQ, VL */
    CPU_AVX512_VNNI = 1U << 4,
    CPU_AVX512_VBMI = 1U << 5,
    CPU_AVX512_BF16 = 1U << 6,
    CPU_AMX_INT8 = 1U << 7, /* the process must still ask the kernel for the tile registers */
    CPU_NEON = 1U << 8,
    CPU_NEON_DOT = 1U << 9,
    CPU_NEON_I8MM = 1U << 10,
};

struct cpu_info {
    char name[64];          /* as the processor calls itself                                     */
    uint32_t features;      /* enum cpu_feature, after the mask                                  */
    uint32_t n_logical;     /* logical cores this process may run on (affinity, cgroup quota)    */
    uint32_t n_physical;    /* distinct physical cores among them, capped by the quota: the      */
                            /* number of threads to compute with; at least 1                     */
    uint64_t ram_bytes;     /* memory of the machine, or the cgroup's limit when smaller         */
    uint64_t ram_available; /* of it, usable without swapping                                    */
    uint64_t l2_bytes, l3_bytes; /* 0 when unknown                                               */
};

/* Looks once; later calls return the same. `mask` of the first call clears features (tests, bug
 * reports): bits set in mask are allowed, ~0U allows all. Call before threads start. */
const struct cpu_info *cpu_info(void);
void cpu_mask(uint32_t allowed);

/* Memory usable without swapping at this moment (cpu_info tells that of its first call): the
 * machine's or the cgroup's, whichever is less; 0 = unknown. Any thread. */
uint64_t ram_available_now(void);

/* "avx2", … for a single feature bit; NULL for an unknown bit. */
const char *cpu_feature_name(uint32_t bit);

#endif
