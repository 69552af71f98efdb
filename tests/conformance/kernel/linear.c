/* Linear kernels of every type and instruction set: the same bits however the work is cut, the same
 * bits as the scalar reference for integer types, near the exact product, and near the fixtures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "conformance/kernel/kernel_test.h"
#include "formats/blocks.h"
#include "support/fixtures.h"

#define ROWS_MAX 67U
#define TOKS_MAX 37U
#define STRIDE   96U

/* Memory whose end is the end of the readable: a byte read past it ends the program. */
struct fenced {
    uint8_t *map;
    size_t map_bytes;
};

static void *fenced_open(struct fenced *f, size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = round_up(n, page);

    f->map_bytes = bytes + page;
    f->map = mmap(NULL, f->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(f->map != MAP_FAILED);
    assert_int_equal(mprotect(f->map + bytes, page, PROT_NONE), 0);
    return f->map + bytes - n;
}

static void fenced_close(struct fenced *f)
{
    munmap(f->map, f->map_bytes);
}

struct problem {
    struct fenced fence;
    enum dtype type;
    uint32_t n_in;
    size_t row_bytes;
    uint8_t *w;
    float *x;
};

static void problem_open(struct problem *p, struct rnd *r, enum dtype type, uint32_t n_in)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);

    p->type = type;
    p->n_in = n_in;
    p->row_bytes = (size_t)n_in / info->block_n * info->block_bytes;
    p->w = fenced_open(&p->fence, p->row_bytes * ROWS_MAX);
    p->x = mem_alloc(MEM_OTHER, (size_t)n_in * TOKS_MAX * sizeof(float));
    assert_non_null(p->x);
    fill_blocks(r, type, (size_t)n_in * ROWS_MAX, p->w);
    for (uint32_t t = 0; t < TOKS_MAX; t++)
        fill_floats(r, t % 8 == 7 ? 1 + t / 8 % 4 : 0, n_in, p->x + (size_t)t * n_in);
}

static void problem_close(struct problem *p)
{
    fenced_close(&p->fence);
    mem_free(p->x);
}

/* Activations of all tokens as one instruction set prepares them. */
static uint8_t *prepare(const struct cpu_kernels *k, const struct problem *p)
{
    enum act_format format = k->linear[p->type].format;
    size_t stride = act_row_bytes(format, p->n_in);
    uint8_t *act = mem_alloc_zero(MEM_OTHER, stride * TOKS_MAX);

    assert_non_null(act);
    for (uint32_t t = 0; t < TOKS_MAX; t++)
        k->act_prepare[format](p->n_in, p->x + (size_t)t * p->n_in, act + t * stride);
    return act;
}

struct cut {
    uint32_t r0, n_row, t0, n_tok;
    bool use_gemm;
};

/* Runs a part of the problem; what lies outside of it in y must stay as it was. */
static void run_cut(const struct cpu_kernels *k, const struct problem *p, const uint8_t *act,
                    struct cut c, float *y)
{
    const struct linear_kernel *lin = &k->linear[p->type];
    size_t stride = act_row_bytes(lin->format, p->n_in);
    size_t scratch = round_up(lin->scratch_bytes(p->n_in), 64);
    uint8_t *memory = mem_alloc(MEM_OTHER, scratch + 64);
    struct linear_job j = { .w = p->w + c.r0 * p->row_bytes,
                            .row_bytes = p->row_bytes,
                            .n_in = p->n_in,
                            .n_row = c.n_row,
                            .n_tok = c.n_tok,
                            .act = act + c.t0 * stride,
                            .act_stride = stride,
                            .y = y + (size_t)c.t0 * STRIDE + c.r0,
                            .y_stride = STRIDE,
                            .scratch = memory };

    assert_non_null(memory);
    memset(memory, 0xA5, scratch + 64);
    (c.use_gemm ? lin->gemm : lin->gemv)(&j);
    for (size_t i = scratch; i < scratch + 64; i++)
        assert_int_equal(memory[i], 0xA5);
    mem_free(memory);
}

static void compare_cut(const struct cpu_kernels *k, const struct problem *p, const float *y,
                        const float *want, struct cut c)
{
    for (uint32_t t = 0; t < TOKS_MAX; t++)
        for (uint32_t r = 0; r < STRIDE; r++) {
            bool inside = r >= c.r0 && r - c.r0 < c.n_row && t >= c.t0 && t - c.t0 < c.n_tok;
            size_t at = (size_t)t * STRIDE + r;
            float canary = -12345.0F;
            const float *expected = inside ? want + at : &canary;

            if (memcmp(y + at, expected, sizeof(float)) != 0)
                fail_msg("%s %s %s n_in %u cut r %u+%u t %u+%u: row %u token %u is %.9g, not %.9g",
                         k->isa, dtype_info((uint32_t)p->type)->name, c.use_gemm ? "gemm" : "gemv",
                         p->n_in, c.r0, c.n_row, c.t0, c.n_tok, r, t, (double)y[at],
                         (double)*expected);
        }
}

static void check_cuts(const struct cpu_kernels *k, const struct problem *p, const uint8_t *act,
                       const float *want)
{
    static const uint32_t rows[] = { 1, 3, 16, 17, 31, 64 }, toks[] = { 1, 2, 5, 16, 33 };
    float *y = mem_alloc(MEM_OTHER, sizeof(float) * STRIDE * TOKS_MAX);

    assert_non_null(y);
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t n_row = rows[i % 6], n_tok = toks[i / 6 % 5];
        struct cut c = { (ROWS_MAX - n_row) * (i % 2), n_row, (TOKS_MAX - n_tok) * (i % 3) / 2,
                         n_tok, i >= 30 };

        for (size_t e = 0; e < (size_t)STRIDE * TOKS_MAX; e++)
            y[e] = -12345.0F;
        run_cut(k, p, act, c, y);
        compare_cut(k, p, y, want, c);
    }
    mem_free(y);
}

static const uint32_t *widths_of(enum dtype type)
{
    static const uint32_t any[] = { 256, 1024, 7, 16, 333, 0 };
    static const uint32_t small[] = { 256, 32, 96, 896, 2048, 0 };
    static const uint32_t middle[] = { 256, 128, 384, 2048, 0 };
    static const uint32_t super[] = { 256, 512, 1792, 2048, 0 };
    uint32_t n = dtype_info((uint32_t)type)->block_n;

    return n == 1 ? any : n == 32 ? small : n < 256 ? middle : super;
}

static void check_type(const struct isas *isas, enum dtype type)
{
    const uint32_t *widths = widths_of(type);
    struct rnd r = { .state = 77U + (unsigned)type };

    for (; *widths; widths++) {
        struct problem p;
        float *want = mem_alloc_zero(MEM_OTHER, sizeof(float) * STRIDE * TOKS_MAX);
        struct cut all = { 0, ROWS_MAX, 0, TOKS_MAX, false };

        problem_open(&p, &r, type, *widths);
        assert_non_null(want);
        for (uint32_t i = 0; i < isas->n; i++) {
            const struct cpu_kernels *k = &isas->k[i];
            uint8_t *act = prepare(k, &p);

            /* one truth for all instruction sets, or one for each */
            if (i == 0 || k->linear[type].format == ACT_FMT_F32)
                run_cut(k, &p, act, all, want);
            check_cuts(k, &p, act, want);
            mem_free(act);
        }
        problem_close(&p);
        mem_free(want);
    }
}

/* Proves: an output element has the same bits for every cut into rows and tokens, by gemv and gemm,
 * and for integer types on every instruction set; nothing outside the outputs is written. */
void linear_bits_agree(void **state)
{
    for (unsigned type = 0; type < DT_LIMIT; type++)
        if (((struct isas *)*state)->k[0].linear[type].gemv)
            check_type(*state, (enum dtype)type);
}

/* What the minimum of a block can add to an element: cancellation hides it in the weight. */
static double minimum_of(enum dtype type, const uint8_t *block)
{
    uint16_t h;
    size_t at = type == DT_Q2_K ? offsetof(struct block_q2_k, dmin) : 2;
    double range = type == DT_Q2_K ? 15 : type == DT_Q4_K || type == DT_Q5_K ? 63 : 1;

    if (type != DT_Q2_K && type != DT_Q4_K && type != DT_Q5_K && type != DT_Q4_1 && type != DT_Q5_1)
        return 0;
    memcpy(&h, block + at, sizeof(h));
    return fabs((double)f16_to_f32(h)) * range;
}

/* Column i of a prepared row. */
static double act_value(enum act_format format, const void *act, uint32_t i)
{
    const struct act_q8_256 *a = act;
    const struct act_q8_32 *b = act;

    if (format == ACT_FMT_F32)
        return (double)((const float *)act)[i];
    if (format == ACT_FMT_Q8_256)
        return (double)a[i / 256].d * a[i / 256].q[i % 256];
    return (double)b[i / 256].d[i % 256 / 32] * b[i / 256].q[i % 256];
}

static void check_exact(const struct cpu_kernels *k, const struct problem *p, const uint8_t *act,
                        const float *y)
{
    const struct dtype_info *info = dtype_info((uint32_t)p->type);
    enum act_format format = k->linear[p->type].format;
    size_t stride = act_row_bytes(format, p->n_in);
    float *row = mem_alloc(MEM_OTHER, p->n_in * sizeof(float));
    uint32_t n_step = format == ACT_FMT_F32 ? p->n_in / 16 + 8 : p->n_in / 16 + 16;

    assert_non_null(row);
    for (uint32_t r = 0; r < ROWS_MAX; r++) {
        const uint8_t *w = p->w + r * p->row_bytes;

        info->dequantize(p->n_in, w, row);
        for (uint32_t t = 0; t < TOKS_MAX; t++) {
            double exact = 0, size = 0, tolerance;
            float got = y[(size_t)t * STRIDE + r];

            for (uint32_t i = 0; i < p->n_in; i++) {
                double x = act_value(format, act + t * stride, i);

                exact += (double)row[i] * x;
                size +=
                    fabs(x) * (fabs((double)row[i]) +
                               2 * minimum_of(p->type, w + i / info->block_n * info->block_bytes));
            }
            tolerance = n_step * 0x1p-24 * size + 1e-37;
            if (!(fabs((double)got - exact) <= tolerance))
                fail_msg("%s %s n_in %u row %u token %u: %.9g, exact %.9g, tolerance %.3g", k->isa,
                         info->name, p->n_in, r, t, (double)got, exact, tolerance);
        }
    }
    mem_free(row);
}

/* Proves: results differ from exact products of the dequantised weights and the prepared
 * activations by no more than the float additions can lose. */
void linear_is_close_to_exact(void **state)
{
    const struct isas *isas = *state;
    struct rnd r = { .state = 5 };
    float *y = mem_alloc(MEM_OTHER, sizeof(float) * STRIDE * TOKS_MAX);
    struct cut all = { 0, ROWS_MAX, 0, TOKS_MAX, true };

    assert_non_null(y);
    for (unsigned type = 0; type < DT_LIMIT; type++) {
        struct problem p;

        if (!isas->k[0].linear[type].gemv)
            continue;
        problem_open(&p, &r, (enum dtype)type, 512);
        for (uint32_t i = 0; i < isas->n; i++) {
            uint8_t *act = prepare(&isas->k[i], &p);

            run_cut(&isas->k[i], &p, act, all, y);
            check_exact(&isas->k[i], &p, act, y);
            mem_free(act);
        }
        problem_close(&p);
    }
    mem_free(y);
}

static bool read_file(const char *dir, const char *name, const char *suffix, void *out, size_t n)
{
    char path[1024];
    FILE *f;
    size_t got;

    snprintf(path, sizeof(path), "%s/quants/%s%s", dir, name, suffix);
    f = fopen(path, "rb");
    if (!f)
        return false;
    got = fread(out, 1, n, f);
    fclose(f);
    return got == n;
}

static double length(uint32_t n, const float *x)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void check_fixture(const struct isas *isas, const char *dir, enum dtype type)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);
    struct problem p = { .type = type, .n_in = 1024 };
    static float deq[8 * 1024], x[1024], y[STRIDE * TOKS_MAX], xs[1024 * TOKS_MAX];
    static uint8_t w[8 * 1024 * 8];
    double dot[8];
    struct cut c = { 0, 8, 0, 1, false };

    p.row_bytes = 1024U / info->block_n * info->block_bytes;
    p.w = w;
    p.x = xs;
    if (!read_file(dir, info->name, ".bin", w, 8 * p.row_bytes) ||
        !read_file(dir, info->name, ".deq.f32", deq, sizeof(deq)) ||
        !read_file(dir, info->name, ".x.f32", x, sizeof(x)) ||
        !read_file(dir, info->name, ".dot.f64", dot, sizeof(dot)))
        return;
    for (uint32_t t = 0; t < TOKS_MAX; t++)
        memcpy(xs + (size_t)t * 1024, x, sizeof(x));
    for (uint32_t i = 0; i < isas->n; i++) {
        uint8_t *act = prepare(&isas->k[i], &p);
        /* eight bits: rounding by half a step, one part in 127 of the largest, 1024 times */
        double tolerance = isas->k[i].linear[type].format == ACT_FMT_F32 ? 1e-6 : 1e-3;

        run_cut(&isas->k[i], &p, act, c, y);
        for (uint32_t r = 0; r < 8; r++) {
            double error =
                fabs((double)y[r] - dot[r]) / length(1024, deq + 1024U * r) / length(1024, x);

            if (!(error <= tolerance))
                fail_msg("%s %s row %u: error %.3g", isas->k[i].isa, info->name, r, error);
        }
        mem_free(act);
    }
}

/* Proves: products of foreign blocks are right. */
void linear_matches_fixtures(void **state)
{
    const struct isas *isas = *state;
    const char *dir = fixtures_dir();

    if (!dir)
        skip();
    for (unsigned type = 0; type < DT_LIMIT; type++)
        if (isas->k[0].linear[type].gemv)
            check_fixture(isas, dir, (enum dtype)type);
}

/* Proves: an activation that is no number gives results that are none, and harms no other token. */
void linear_keeps_nan(void **state)
{
    static const enum dtype types[] = { DT_Q4_K, DT_Q8_0, DT_F16 };
    const struct isas *isas = *state;
    struct rnd r = { .state = 9 };

    for (uint32_t i = 0; i < isas->n * 3; i++) {
        const struct cpu_kernels *k = &isas->k[i / 3];
        struct problem p;
        float y[STRIDE * TOKS_MAX];
        struct cut all = { 0, ROWS_MAX, 0, TOKS_MAX, true };
        uint8_t *act;

        problem_open(&p, &r, types[i % 3], 512);
        p.x[512 * 4 + 300] = NAN;
        p.x[512 * 5 + 3] = INFINITY;
        act = prepare(k, &p);
        run_cut(k, &p, act, all, y);
        for (uint32_t e = 0; e < STRIDE * 8; e++)
            if (e % STRIDE < ROWS_MAX) {
                uint32_t t = e / STRIDE;

                if (t == 4 || (t == 5 && types[i % 3] != DT_F16))
                    assert_true(isnan(y[e]));
                else if (t != 5)
                    assert_true(isfinite(y[e]));
            }
        mem_free(act);
        problem_close(&p);
    }
}
