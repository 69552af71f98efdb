/* Proves: the tensor types' table and reading of blocks agree with the fixtures, f16 and bf16 with
 * arithmetic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/sha256.h"
#include "formats/dtype.h"
#include "formats/iq_grids.h"
#include "support/fixtures.h"

#define QUANTS "quants"

/* Reading a block is a product or two, in one order: there is nothing to tolerate. (A tolerance of
 * the largest value hid elements of blocks with small scales, whose scales reach over 40 powers of
 * two in random blocks.) */
static void expect_same(const float *got, const float *want, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(&got[i], &want[i], sizeof(got[i])) != 0)
            fail_msg("%s: element %zu is %.9g, expected %.9g", what, i, (double)got[i],
                     (double)want[i]);
    }
}

static void check_file(const struct dtype_info *info, const char *type, const char *kind)
{
    char bin[64], deq[64];
    struct buf blocks;
    size_t n;
    float *want, *got;

    (void)snprintf(bin, sizeof(bin), "%s%s.bin", type, kind);
    (void)snprintf(deq, sizeof(deq), "%s%s.deq.f32", type, kind);
    blocks = fixture_read(QUANTS, bin);
    want = fixture_f32(QUANTS, deq, &n);
    assert_int_equal(n % info->block_n, 0);
    assert_int_equal(n / info->block_n * info->block_bytes, blocks.len);
    got = mem_alloc_n(MEM_OTHER, n, sizeof(*got));
    assert_non_null(got);
    info->dequantize(n, blocks.data, got);
    expect_same(got, want, n, bin);
    mem_free(got);
    mem_free(want);
    buf_finish(&blocks);
}

/* Proves: numbers, names and sizes of all types, and what their blocks mean. */
static void types_match_the_fixtures(void **state)
{
    struct js *index;
    const struct js *types;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(QUANTS, "index.json");
    types = js_get(index, "types");
    assert_true(js_len(types) > 0);
    for (size_t i = 0; i < js_len(types); i++) {
        const struct js *t = js_at(types, i);
        const char *name = js_str(js_get(t, "type"), NULL);
        uint32_t id = (uint32_t)js_int(js_get(t, "type_id"));
        const struct dtype_info *info = dtype_info(id);
        enum dtype by_name;

        if (!info)
            fail_msg("type %u (%s) is not known", id, name);
        assert_string_equal(info->name, name);
        assert_true(dtype_by_name(name, &by_name) && by_name == id);
        assert_int_equal(info->block_n, js_int(js_get(t, "block_size")));
        assert_int_equal(info->block_bytes, js_int(js_get(t, "type_size")));
        check_file(info, name, "");
        check_file(info, name, ".rand");
    }
    js_close(index);
}

/* Proves: removed and future numbers have no row, names ignore case, sizes are checked. */
static void strange_types_are_refused(void **state)
{
    enum dtype type = DT_F32;
    uint64_t bytes = 0;
    struct err e = { 0 };

    (void)state;
    assert_null(dtype_info(4));
    assert_null(dtype_info(5));
    assert_null(dtype_info(31));
    assert_null(dtype_info(DT_LIMIT));
    assert_null(dtype_info(UINT32_MAX));
    assert_true(dtype_by_name("q4_k", &type));
    assert_int_equal(type, DT_Q4_K);
    assert_false(dtype_by_name("q4_", &type));
    assert_false(dtype_by_name("", &type));
    assert_int_equal(dtype_bytes(DT_Q4_K, 512, &bytes, &e), ERR_OK);
    assert_int_equal(bytes, 288);
    assert_int_equal(dtype_bytes(DT_Q4_K, 100, &bytes, &e), ERR_FORMAT);
    assert_int_equal(dtype_bytes(99, 256, &bytes, &e), ERR_FORMAT);
    assert_int_equal(dtype_bytes(DT_F32, UINT64_MAX / 2, &bytes, &e), ERR_FORMAT);
}

static uint32_t bits_of(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

/* Proves: every half float becomes its value, and comes back as itself. */
static void halves_convert_exactly(void **state)
{
    (void)state;
    for (uint32_t h = 0; h <= UINT16_MAX; h++) {
        float f = f16_to_f32((uint16_t)h);
        int exponent = h >> 10 & 31;
        int mantissa = h & 0x3FF;
        double value = exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24);

        assert_int_equal(bits_of(f) >> 31, h >> 15);
        if (exponent == 31 && mantissa) {
            assert_true(isnan(f));
            assert_true(isnan(f16_to_f32(f32_to_f16(f))));
            continue;
        }
        if (exponent == 31)
            assert_true(isinf(f));
        else
            assert_true(fabs((double)f) == value);
        assert_int_equal(f32_to_f16(f), h);
    }
}

/* Proves: between two halves the nearer is taken, and the even one at the middle. */
static void halves_round_to_nearest_even(void **state)
{
    (void)state;
    for (uint32_t h = 0; h < 0x7C00; h++) {
        float low = f16_to_f32((uint16_t)h);
        float high = h + 1 < 0x7C00 ? f16_to_f32((uint16_t)(h + 1)) : 65536.0F;
        float middle = (float)(((double)low + (double)high) / 2);

        assert_int_equal(f32_to_f16(middle), h & 1 ? h + 1 : h);
        assert_int_equal(f32_to_f16(nextafterf(middle, 0)), h);
        assert_int_equal(f32_to_f16(nextafterf(middle, INFINITY)), h + 1);
        assert_int_equal(f32_to_f16(-middle), 0x8000U | (h & 1 ? h + 1 : h));
    }
    assert_int_equal(f32_to_f16(INFINITY), 0x7C00);
    assert_int_equal(f32_to_f16(-1e30F), 0xFC00);
    assert_true(isnan(f16_to_f32(f32_to_f16(NAN))));
}

/* Proves: the same of brain floats, on both sides of the middle and at the top. */
static void brain_floats_round_to_nearest_even(void **state)
{
    (void)state;
    for (uint32_t h = 0; h < 0x7F80; h++) {
        float low = bf16_to_f32((uint16_t)h);
        float middle;
        uint32_t bits = h << 16 | 0x8000;

        memcpy(&middle, &bits, sizeof(middle));
        assert_int_equal(bits_of(low), h << 16);
        assert_int_equal(f32_to_bf16(low), h);
        assert_int_equal(f32_to_bf16(middle), h & 1 ? h + 1 : h);
        assert_int_equal(f32_to_bf16(nextafterf(middle, 0)), h);
        assert_int_equal(f32_to_bf16(nextafterf(middle, INFINITY)), h + 1);
    }
    assert_true(isnan(bf16_to_f32(f32_to_bf16(NAN))));
    assert_true(isinf(bf16_to_f32(f32_to_bf16(INFINITY))));
}

/* Proves: the eighth sign makes the number of negative elements even, the seven stay. */
static void signs_are_even(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < 128; s++) {
        unsigned ones = 0;

        for (unsigned j = 0; j < 8; j++)
            ones += iq_signs(s) >> j & 1;
        assert_int_equal(ones % 2, 0);
        assert_int_equal(iq_signs(s) & 127, s);
    }
}

/* ---- the grids ---- */

struct grid {
    const char *name;
    const void *at;
    size_t n, point_bytes;
    uint8_t values[8]; /* that an element may have */
    const char *sha256;
};

static void check_points(const struct grid *g)
{
    const uint8_t *v = g->at;

    for (size_t k = 0; k < g->n * g->point_bytes; k++)
        assert_non_null(memchr(g->values, v[k], sizeof(g->values)));
    for (size_t k = 0; k < g->n; k++)
        for (size_t m = 0; m < k; m++)
            if (memcmp(v + k * g->point_bytes, v + m * g->point_bytes, g->point_bytes) == 0)
                fail_msg("%s: points %zu and %zu are the same", g->name, m, k);
}

/* Proves: no point of a grid has changed. The fixtures read most of them, but not all (of IQ1 a
 * fourth is not read): those are held by what a grid is, different points of few values, and by the
 * digest of the tables. */
static void grids_stand_fast(void **state)
{
    static const struct grid grids[] = {
        { "IQ2_XXS",
          iq2_xxs_grid,
          256,
          8,
          { 8, 25, 43, 43, 43, 43, 43, 43 },
          "05826b5d3e472a3a78f196be62ac78acf81df0f909626e12ab9fa2a5d490dd54" },
        { "IQ2_XS",
          iq2_xs_grid,
          512,
          8,
          { 8, 25, 43, 43, 43, 43, 43, 43 },
          "06e47aaca60b4dc1d9b5a3f34540437058a6b142b4d7a59d5ded769b4d1bf1de" },
        { "IQ2_S",
          iq2_s_grid,
          1024,
          8,
          { 8, 25, 43, 43, 43, 43, 43, 43 },
          "e1aa1473412b0552c2174c30ef22ab4073f6a181b85a17056e8249bd2932fd88" },
        { "IQ1",
          iq1_grid,
          2048,
          8,
          { 255, 0, 1, 1, 1, 1, 1, 1 },
          "07540ffc1aeaf6ad4d97e96b0fcc765aae39671d4ae4a27bbd0e796fde167c6a" },
        { "IQ3_XXS",
          iq3_xxs_grid,
          256,
          4,
          { 4, 12, 20, 28, 36, 44, 52, 62 },
          "46e35f5a997efdee6c99ce57854c8a0d4f0ff8ca57e5e8a60c0793ea580acf5d" },
        { "IQ3_S",
          iq3_s_grid,
          512,
          4,
          { 1, 3, 5, 7, 9, 11, 13, 15 },
          "bd1af4945a1717c65610b0284e4628b9a1ba3b306fae3a06f6e5f597356e349f" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(grids); i++) {
        const struct grid *g = &grids[i];
        char digest[SHA256_HEX_BYTES];
        uint8_t hash[SHA256_BYTES];
        struct sha256 sha;

        check_points(g);
        sha256_init(&sha);
        sha256_add(&sha, g->at, g->n * g->point_bytes);
        sha256_end(&sha, hash);
        sha256_hex(hash, digest);
        if (strcmp(digest, g->sha256) != 0)
            fail_msg("%s: the grid's digest is %s", g->name, digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_match_the_fixtures),
        cmocka_unit_test(strange_types_are_refused),
        cmocka_unit_test(halves_convert_exactly),
        cmocka_unit_test(halves_round_to_nearest_even),
        cmocka_unit_test(brain_floats_round_to_nearest_even),
        cmocka_unit_test(signs_are_even),
        cmocka_unit_test(grids_stand_fast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
