/* Speed of the linear kernels: weights larger than the caches for one token, and a matrix product.
 *
 * --bench [MiB [type ...]]: bytes a second of gemv as a share of a plain read loop over the same
 * memory, and operations a second of gemm (multiply and add counted separately). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/num.h"
#include "conformance/kernel/kernel_test.h"
#include "formats/blocks.h"

#define N_IN   2048U
#define N_TOK  512U
#define N_ROW  1024U
#define ROUNDS 5U

struct bench {
    struct isas isas;
    size_t bytes;
    uint8_t *w, *act, *scratch;
    float *x, *y;
    double read; /* bytes a second of the plain loop */
};

/* Time of this thread alone: other programs disturb less. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double best_of(void (*run)(struct bench *, const void *), struct bench *b, const void *arg)
{
    double best = 1e9;

    for (unsigned i = 0; i < ROUNDS; i++) {
        double start = now(), took;

        run(b, arg);
        took = now() - start;
        best = took < best ? took : best;
    }
    return best;
}

static void read_all(struct bench *b, const void *arg)
{
    const uint64_t *p = (const uint64_t *)(const void *)b->w;
    uint64_t sum[8] = { 0 };

    (void)arg;
    for (size_t i = 0; i + 8 <= b->bytes / 8; i += 8)
        for (unsigned l = 0; l < 8; l++)
            sum[l] += p[i + l];
    b->y[0] = (float)(sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7]);
}

struct what {
    const struct linear_kernel *kernel;
    struct linear_job job;
};

static void run_gemv(struct bench *b, const void *arg)
{
    const struct what *w = arg;

    (void)b;
    w->kernel->gemv(&w->job);
}

static void run_gemm(struct bench *b, const void *arg)
{
    const struct what *w = arg;
    struct linear_job j = w->job;

    (void)b;
    for (uint32_t r = 0; r < w->job.n_row; r += 64) { /* as the executor shares rows */
        j.w = w->job.w + r * j.row_bytes;
        j.y = w->job.y + r;
        j.n_row = min_u32(64, w->job.n_row - r);
        w->kernel->gemm(&j);
    }
}

static void fill_rows(struct bench *b, enum dtype type, size_t row_bytes)
{
    struct rnd r = { .state = 1 };
    size_t some = row_bytes * 16;

    fill_blocks(&r, type, (size_t)N_IN * 16, b->w);
    if (type == DT_MXFP4)
        for (size_t at = 0; at < some; at += sizeof(struct block_mxfp4))
            b->w[at] = (uint8_t)(120U + b->w[at] % 8U);
    for (size_t at = some; at + some <= b->bytes; at += some)
        memcpy(b->w + at, b->w, some);
}

static void bench_type(struct bench *b, enum dtype type)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);
    size_t row_bytes = (size_t)N_IN / info->block_n * info->block_bytes;

    fill_rows(b, type, row_bytes);
    for (uint32_t i = 0; i < b->isas.n; i++) {
        const struct cpu_kernels *k = &b->isas.k[i];
        const struct linear_kernel *lin = &k->linear[type];
        size_t stride = act_row_bytes(lin->format, N_IN);
        struct what w = { .kernel = lin };
        double gemv, gemm, few;

        if (i && lin->gemv == b->isas.k[i - 1].linear[type].gemv)
            continue;
        for (uint32_t t = 0; t < N_TOK; t++)
            k->act_prepare[lin->format](N_IN, b->x + (size_t)t * N_IN, b->act + t * stride);
        w.job = (struct linear_job){ .w = b->w,
                                     .row_bytes = row_bytes,
                                     .n_in = N_IN,
                                     .n_row = (uint32_t)(b->bytes / row_bytes / 16 * 16),
                                     .n_tok = 1,
                                     .act = b->act,
                                     .act_stride = stride,
                                     .y = b->y,
                                     .y_stride = 0,
                                     .scratch = b->scratch };
        if (i == 0)
            w.job.n_row /= 16;
        gemv = (double)w.job.n_row * (double)row_bytes / best_of(run_gemv, b, &w);
        w.job.n_row = i ? N_ROW : 32;
        w.job.n_tok = 16;
        w.job.y_stride = N_ROW;
        few = 2.0 * w.job.n_row * w.job.n_tok * N_IN / best_of(run_gemm, b, &w);
        w.job.n_tok = N_TOK;
        gemm = 2.0 * w.job.n_row * w.job.n_tok * N_IN / best_of(run_gemm, b, &w);
        printf("%-8s %-12s gemv %6.2f GB/s (%3.0f %% of reading)   gemm %6.1f Gop/s   "
               "with 16 tokens %6.1f\n",
               info->name, k->isa, gemv * 1e-9, 100 * gemv / b->read, gemm * 1e-9, few * 1e-9);
    }
}

int bench_main(int argc, char **argv)
{
    static struct bench b;
    static const char *const usual[] = { "F32",    "F16",    "BF16",  "Q8_0", "Q4_0", "Q4_1",
                                         "Q5_0",   "Q2_K",   "Q3_K",  "Q4_K", "Q5_K", "Q6_K",
                                         "IQ4_NL", "IQ4_XS", "MXFP4", "IQ3_S" };
    struct rnd r = { .state = 2 };
    int n = argc > 1 ? argc - 1 : (int)COUNT_OF(usual);

    b.bytes = (size_t)(argc > 0 ? strtoul(argv[0], NULL, 10) : 256) << 20;
    isas_open(&b.isas);
    b.w = mem_alloc(MEM_OTHER, b.bytes);
    b.act = mem_alloc(MEM_OTHER, (size_t)N_TOK * N_IN * 4);
    b.x = mem_alloc(MEM_OTHER, (size_t)N_TOK * N_IN * 4);
    b.scratch = mem_alloc(MEM_OTHER, 1U << 20);
    b.y = mem_alloc(MEM_OTHER, max_size((size_t)N_TOK * N_ROW * 4, b.bytes / 256));
    if (!b.w || !b.act || !b.x || !b.scratch || !b.y)
        return 1;
    memset(b.w, 1, b.bytes);
    memset(b.y, 0, max_size((size_t)N_TOK * N_ROW * 4, b.bytes / 256));
    fill_floats(&r, 0, (size_t)N_TOK * N_IN, b.x);
    b.read = (double)b.bytes / best_of(read_all, &b, NULL);
    printf("plain read loop: %.2f GB/s over %zu MiB\n", b.read * 1e-9, b.bytes >> 20);
    for (int i = 0; i < n; i++) {
        enum dtype type;

        if (dtype_by_name(argc > 1 ? argv[i + 1] : usual[i], &type))
            bench_type(&b, type);
    }
    return 0;
}
