/* Proves: the quantisers lose no more than the fixtures' reference does, use the weights they are
 * given, and survive every float. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "formats/dtype.h"
#include "support/fixtures.h"

#define ROW 1024U

/* Rows through the type and back. */
static void round_trip(const struct dtype_info *info, const float *in, const float *importance,
                       size_t n_row, float *out)
{
    size_t row_bytes = ROW / info->block_n * info->block_bytes;
    uint8_t *blocks = mem_alloc(MEM_OTHER, row_bytes);

    assert_non_null(blocks);
    for (size_t r = 0; r < n_row; r++) {
        info->quantize(ROW, in + r * ROW, importance, blocks);
        info->dequantize(ROW, blocks, out + r * ROW);
    }
    mem_free(blocks);
}

/* Proves: on the fixtures' rows the error is at most 5 % above the reference's. */
static void errors_match_the_reference(void **state)
{
    struct js *index;
    const struct js *types;
    unsigned n_bad = 0;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json("quants", "index.json");
    types = js_get(index, "types");
    for (size_t i = 0; i < js_len(types); i++) {
        const struct js *t = js_at(types, i);
        const struct dtype_info *info = dtype_info((uint32_t)js_int(js_get(t, "type_id")));
        double listed = js_num(js_get(t, "quantization_nmse")), ours;
        char name[64];
        size_t n;
        float *src, *out;

        assert_non_null(info);
        assert_non_null(info->quantize);
        (void)snprintf(name, sizeof(name), "%s.src.f32", info->name);
        src = fixture_f32("quants", name, &n);
        assert_int_equal(n % ROW, 0);
        out = mem_alloc_n(MEM_OTHER, n, sizeof(*out));
        assert_non_null(out);
        round_trip(info, src, NULL, n / ROW, out);
        ours = nmse(out, src, n);
        print_message("%-8s nmse %.6g, reference %.6g\n", info->name, ours, listed);
        n_bad += !(ours <= listed * 1.05);
        mem_free(src);
        mem_free(out);
    }
    assert_int_equal(n_bad, 0);
    js_close(index);
}

/* A bell-shaped random row. */
static void bell(float *row, size_t n, float scale, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        float sum = 0;

        for (unsigned k = 0; k < 6; k++)
            sum += test_uniform(seed);
        row[i] = sum * scale;
    }
}

static double weighted_error(const float *a, const float *b, const float *w, size_t n)
{
    double error = 0;

    for (size_t i = 0; i < n; i++)
        error += (double)w[i] * ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return error;
}

/* Proves: with an importance matrix the error that it weighs is smaller than without. */
static void importance_is_used(void **state)
{
    float in[8 * ROW], plain[8 * ROW], weighed[8 * ROW], w[ROW];
    uint64_t seed = 3;

    (void)state;
    bell(in, 8 * ROW, 0.02F, &seed);
    for (size_t i = 0; i < ROW; i++)
        w[i] = i % 5 == 0 ? 100.0F : 0.1F + fabsf(test_uniform(&seed));
    for (uint32_t type = 0; type < DT_LIMIT; type++) {
        const struct dtype_info *info = dtype_info(type);
        double without = 0, with = 0;

        if (!info || !info->quantize || !info->is_quantized || info->block_bytes > 210 ||
            type == DT_Q8_0 || type == DT_Q8_1)
            continue;
        round_trip(info, in, NULL, 8, plain);
        round_trip(info, in, w, 8, weighed);
        for (size_t r = 0; r < 8; r++) {
            without += weighted_error(in + r * ROW, plain + r * ROW, w, ROW);
            with += weighted_error(in + r * ROW, weighed + r * ROW, w, ROW);
        }
        if (!(with < without))
            fail_msg("%s: weighted error %g with the weights, %g without", info->name, with,
                     without);
    }
}

/* Proves: no input makes a quantiser do anything undefined or write blocks that are not finite;
 * zeros stay zeros. */
static void every_float_is_survived(void **state)
{
    static const float nasty[] = { NAN,   INFINITY, -INFINITY, 3.4e38F, -3.4e38F, 1e-45F, -1e-38F,
                                   65505, -65504,   1e-8F,     0.0F,    -0.0F,    1.0F,   6e-8F };
    float in[ROW], out[ROW], w[ROW];
    uint64_t seed = 11;

    (void)state;
    for (uint32_t type = 0; type < DT_LIMIT; type++) {
        const struct dtype_info *info = dtype_info(type);

        if (!info || !info->quantize || !info->is_quantized)
            continue;
        for (unsigned round = 0; round < 40; round++) {
            bell(in, ROW, round % 3 == 0 ? 1.0F : round % 3 == 1 ? 1e-12F : 1e30F, &seed);
            for (size_t i = 0; i < ROW; i++) {
                uint64_t pick = test_random(&seed) % (2 + round);

                in[i] = pick == 0 ? nasty[test_random(&seed) % (sizeof(nasty) / sizeof(*nasty))]
                                  : in[i];
                w[i] =
                    pick == 1 ? nasty[test_random(&seed) % (sizeof(nasty) / sizeof(*nasty))] : 1.0F;
            }
            round_trip(info, in, round % 2 ? w : NULL, 1, out);
            for (size_t i = 0; i < ROW; i++) {
                if (!isfinite(out[i]))
                    fail_msg("%s: element %zu became %g", info->name, i, (double)out[i]);
            }
        }
        memset(in, 0, sizeof(in));
        round_trip(info, in, NULL, 1, out);
        for (size_t i = 0; i < ROW; i++)
            assert_true(out[i] == 0);
    }
}

/* Proves: values that a type can hold come back exactly: multiples of a half float within range. */
static void exact_values_stay(void **state)
{
    static const struct {
        enum dtype type;
        int lo, hi;
    } cases[] = { { DT_Q4_0, -8, 7 }, { DT_Q5_0, -16, 15 }, { DT_Q8_0, -127, 127 },
                  { DT_Q4_1, 0, 15 }, { DT_Q5_1, 0, 31 },   { DT_TQ1_0, -1, 1 },
                  { DT_TQ2_0, -1, 1 } };
    float in[ROW], out[ROW];
    uint64_t seed = 5;

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        unsigned n = (unsigned)(cases[c].hi - cases[c].lo) + 1;

        for (size_t i = 0; i < ROW; i++) /* both ends appear in every block */
            in[i] = 0.25F * (float)((i % 32 == 0   ? cases[c].lo
                                     : i % 32 == 1 ? cases[c].hi
                                                   : cases[c].lo + (int)(test_random(&seed) % n)));
        round_trip(dtype_info(cases[c].type), in, NULL, 1, out);
        for (size_t i = 0; i < ROW; i++) {
            if (out[i] != in[i])
                fail_msg("%s: %g became %g", dtype_info(cases[c].type)->name, (double)in[i],
                         (double)out[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_match_the_reference),
        cmocka_unit_test(importance_is_used),
        cmocka_unit_test(every_float_is_survived),
        cmocka_unit_test(exact_values_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
