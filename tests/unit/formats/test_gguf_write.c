/* Proves: what the writer writes the reader reads back, in one file and in several; wrong use is an
 * error and leaves no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "gguf_walk.h"
#include "os/file.h"
#include "support/fixtures.h"

#define PATH_BYTES 256U

/* A folder of our own for one test; its files are removed by hand. */
static void temp_dir(char *out)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(out, PATH_BYTES, "%s/hearth-gguf-XXXXXX", base && base[0] ? base : "/tmp");
    assert_non_null(mkdtemp(out));
}

static const char *path_in(char *out, const char *dir, const char *name)
{
    assert_true(snprintf(out, PATH_BYTES, "%s/%s", dir, name) < (int)PATH_BYTES);
    return out;
}

static void ok(enum err_code c, const struct err *e)
{
    if (c)
        fail_msg("%s: %s", err_name(c), e->text);
}

static void write_keys(struct gguf_out *o)
{
    static const int32_t ints[] = { -1, 0, INT32_MAX, INT32_MIN };
    static const uint32_t counts[] = { 7, UINT32_MAX };
    static const float reals[] = { 0.5F, -1.0F, 3.0F };
    static const bool flags[] = { true, false, true };
    static const struct gguf_str words[] = { { "a", 1 }, { "", 0 }, { "three\0x", 7 } };
    struct err e = { 0 };

    ok(gguf_out_str(o, "general.architecture", "llama", 5, &e), &e);
    ok(gguf_out_u16(o, "k.u16", UINT16_MAX, &e), &e);
    ok(gguf_out_u32(o, "k.u32", UINT32_MAX, &e), &e);
    ok(gguf_out_u64(o, "k.u64", UINT64_MAX, &e), &e);
    ok(gguf_out_i32(o, "k.i32", INT32_MIN, &e), &e);
    ok(gguf_out_f32(o, "k.f32", 1e-5F, &e), &e);
    ok(gguf_out_bool(o, "k.bool", true, &e), &e);
    ok(gguf_out_arr_i32(o, "k.ints", ints, COUNT_OF(ints), &e), &e);
    ok(gguf_out_arr_u32(o, "k.counts", counts, COUNT_OF(counts), &e), &e);
    ok(gguf_out_arr_f32(o, "k.reals", reals, COUNT_OF(reals), &e), &e);
    ok(gguf_out_arr_bool(o, "k.flags", flags, COUNT_OF(flags), &e), &e);
    ok(gguf_out_arr_str(o, "k.words", words, COUNT_OF(words), &e), &e);
    ok(gguf_out_arr_str(o, "k.none", NULL, 0, &e), &e);
}

static void check_scalars(const struct gguf *g)
{
    struct err e = { 0 };
    struct gguf_str s = { 0 };
    bool flag = false, found = true;
    uint32_t u = 3;
    uint64_t u64 = 0;
    int32_t i = 0;
    float f = 0;

    ok(gguf_get_str(g, "general.architecture", &s, &found, &e), &e);
    assert_true(found && s.len == 5 && memcmp(s.s, "llama", 5) == 0);
    ok(gguf_get_u32(g, "k.u16", &u, NULL, &e), &e);
    assert_int_equal(u, UINT16_MAX);
    ok(gguf_get_u32(g, "k.u32", &u, NULL, &e), &e);
    assert_int_equal(u, UINT32_MAX);
    ok(gguf_get_u64(g, "k.u64", &u64, NULL, &e), &e);
    assert_true(u64 == UINT64_MAX);
    ok(gguf_get_i32(g, "k.i32", &i, NULL, &e), &e);
    assert_int_equal(i, INT32_MIN);
    ok(gguf_get_f32(g, "k.f32", &f, NULL, &e), &e);
    assert_true(f == 1e-5F);
    ok(gguf_get_bool(g, "k.bool", &flag, NULL, &e), &e);
    assert_true(flag);
    ok(gguf_get_u32(g, "k.absent", &u, &found, &e), &e);
    assert_true(!found && u == UINT32_MAX);
}

static void check_arrays(const struct gguf *g)
{
    const struct gguf_kv *kv = gguf_find(g, "k.words");
    struct gguf_str s = { 0 };
    struct err e = { 0 };
    uint64_t u = 0;
    int64_t i = 0;
    double d = 0;

    assert_non_null(kv);
    assert_int_equal(kv->type, GGUF_ARR);
    assert_int_equal(kv->arr_type, GGUF_STR);
    assert_int_equal(kv->n, 3);
    ok(gguf_elem_str(g, kv, 2, &s, &e), &e);
    assert_true(s.len == 7 && memcmp(s.s, "three\0x", 7) == 0);
    ok(gguf_elem_str(g, kv, 1, &s, &e), &e);
    assert_int_equal(s.len, 0);
    assert_int_equal(gguf_elem_str(g, kv, 3, &s, &e), ERR_ARG);
    kv = gguf_find(g, "k.ints");
    ok(gguf_elem_i64(g, kv, 3, &i, &e), &e);
    assert_true(i == INT32_MIN);
    assert_int_equal(gguf_elem_u64(g, kv, 0, &u, &e), ERR_FORMAT);
    ok(gguf_elem_f64(g, gguf_find(g, "k.reals"), 1, &d, &e), &e);
    assert_true(d == -1.0);
    ok(gguf_elem_u64(g, gguf_find(g, "k.flags"), 2, &u, &e), &e);
    assert_int_equal(u, 1);
    assert_int_equal(gguf_find(g, "k.none")->n, 0);
}

/* Proves: every kind of key and value comes back. */
static void keys_come_back(void **state)
{
    char dir[PATH_BYTES], path[PATH_BYTES];
    struct gguf_out *o;
    struct gguf *g;
    struct err e = { 0 };

    (void)state;
    temp_dir(dir);
    ok(gguf_out_open(&o, path_in(path, dir, "keys.gguf"), &e), &e);
    write_keys(o);
    ok(gguf_out_commit(o, &e), &e);
    ok(gguf_open(&g, path, &e), &e);
    assert_int_equal(gguf_n_kv(g), 13);
    assert_int_equal(gguf_n_tensor(g), 0);
    check_scalars(g);
    check_arrays(g);
    gguf_close(g);
    (void)unlink(path);
    (void)rmdir(dir);
}

/* Tensors of awkward sizes, their bytes numbered from `first` on, written in pieces of 7. */
static void write_tensors(struct gguf_out *o, const char *prefix, uint8_t first)
{
    static const uint64_t odd[2] = { 3, 5 };
    static const uint64_t blocks[3] = { 64, 2, 3 };
    uint8_t data[3 * 5 * 4 + 64 * 6 / 32 * 17];
    char name[GGUF_NAME_BYTES_MAX];
    struct err e = { 0 };

    (void)snprintf(name, sizeof(name), "%s.odd", prefix);
    ok(gguf_out_tensor(o, name, DT_F32, 2, odd, &e), &e);
    (void)snprintf(name, sizeof(name), "%s.blocks", prefix);
    ok(gguf_out_tensor(o, name, DT_MXFP4, 3, blocks, &e), &e);
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(first + i);
    for (size_t i = 0; i < sizeof(data); i += 7)
        ok(gguf_out_data(o, data + i, sizeof(data) - i < 7 ? sizeof(data) - i : 7, &e), &e);
}

static void check_tensors(const struct gguf *g, const char *prefix, uint8_t first)
{
    char name[GGUF_NAME_BYTES_MAX];
    const struct gguf_tensor *t;

    (void)snprintf(name, sizeof(name), "%s.odd", prefix);
    t = gguf_tensor(g, name);
    assert_non_null(t);
    assert_int_equal(t->bytes, 60);
    assert_true(t->n_dims == 2 && t->ne[0] == 3 && t->ne[1] == 5 && t->ne[2] == 1);
    for (size_t i = 0; i < t->bytes; i++)
        assert_int_equal(t->data[i], (uint8_t)(first + i));
    (void)snprintf(name, sizeof(name), "%s.blocks", prefix);
    t = gguf_tensor(g, name);
    assert_non_null(t);
    assert_int_equal(t->type, DT_MXFP4);
    assert_int_equal(t->bytes, 64 * 6 / 32 * 17);
    assert_int_equal((uintptr_t)t->data % 8, 0);
    for (size_t i = 0; i < t->bytes; i++)
        assert_int_equal(t->data[i], (uint8_t)(first + 60 + i));
}

/* Proves: tensors come back whole with the usual and a chosen alignment. */
static void tensors_come_back(void **state)
{
    char dir[PATH_BYTES], path[PATH_BYTES];
    struct err e = { 0 };

    (void)state;
    temp_dir(dir);
    for (uint32_t alignment = 0; alignment <= 4096; alignment = alignment ? alignment * 2 : 8) {
        struct gguf_out *o;
        struct gguf *g;

        ok(gguf_out_open(&o, path_in(path, dir, "t.gguf"), &e), &e);
        if (alignment)
            ok(gguf_out_u32(o, "general.alignment", alignment, &e), &e);
        write_tensors(o, "x", 1);
        ok(gguf_out_commit(o, &e), &e);
        ok(gguf_open(&g, path, &e), &e);
        assert_int_equal(gguf_alignment(g), alignment ? alignment : 32);
        check_tensors(g, "x", 1);
        gguf_will_need(g, gguf_tensor_at(g, 0));
        gguf_dont_need(g, gguf_tensor_at(g, 0));
        gguf_close(g);
    }
    (void)unlink(path);
    (void)rmdir(dir);
}

/* Proves: copying every key of a file gives the same keys. */
static void copied_keys_are_the_same(void **state)
{
    char dir[PATH_BYTES], from[PATH_BYTES], to[PATH_BYTES];
    struct gguf *g, *h;
    struct gguf_out *o;
    struct err e = { 0 };

    (void)state;
    temp_dir(dir);
    ok(gguf_out_open(&o, path_in(from, dir, "from.gguf"), &e), &e);
    write_keys(o);
    ok(gguf_out_u32(o, "general.alignment", 64, &e), &e);
    ok(gguf_out_commit(o, &e), &e);
    ok(gguf_open(&g, from, &e), &e);
    ok(gguf_out_open(&o, path_in(to, dir, "to.gguf"), &e), &e);
    for (size_t i = 0; i < gguf_n_kv(g); i++)
        ok(gguf_out_copy(o, g, gguf_kv_at(g, i), &e), &e);
    write_tensors(o, "x", 0);
    ok(gguf_out_commit(o, &e), &e);
    ok(gguf_open(&h, to, &e), &e);
    assert_int_equal(gguf_n_kv(h), gguf_n_kv(g));
    assert_int_equal(gguf_alignment(h), 64);
    for (size_t i = 0; i < gguf_n_kv(g); i++)
        assert_true(gguf_walk_kv(g, gguf_kv_at(g, i)) == gguf_walk_kv(h, gguf_kv_at(h, i)));
    check_scalars(h);
    check_arrays(h);
    check_tensors(h, "x", 0);
    gguf_close(g);
    gguf_close(h);
    (void)unlink(from);
    (void)unlink(to);
    (void)rmdir(dir);
}

/* Part `no` of `count` (from 0), saying it is part `says`. */
static void write_part(const char *dir, uint16_t no, uint16_t count, uint16_t says, int32_t total)
{
    char path[PATH_BYTES], name[64], prefix[16];
    struct gguf_out *o;
    struct err e = { 0 };

    (void)snprintf(name, sizeof(name), "m-%05u-of-%05u.gguf", no + 1U, count);
    (void)snprintf(prefix, sizeof(prefix), "part%u", no);
    ok(gguf_out_open(&o, path_in(path, dir, name), &e), &e);
    if (no == 0)
        write_keys(o);
    ok(gguf_out_u16(o, "split.no", says, &e), &e);
    ok(gguf_out_u16(o, "split.count", count, &e), &e);
    ok(gguf_out_i32(o, "split.tensors.count", total, &e), &e);
    write_tensors(o, prefix, (uint8_t)(10 * no));
    ok(gguf_out_commit(o, &e), &e);
}

static void remove_parts(const char *dir)
{
    char path[PATH_BYTES], name[64];

    for (unsigned i = 1; i <= 3; i++) {
        (void)snprintf(name, sizeof(name), "m-%05u-of-00003.gguf", i);
        (void)unlink(path_in(path, dir, name));
    }
}

/* Proves: whichever part is named, all tensors and the first part's keys are there. */
static void split_model_opens_by_any_part(void **state)
{
    char dir[PATH_BYTES], path[PATH_BYTES], name[64];
    struct err e = { 0 };

    (void)state;
    temp_dir(dir);
    for (uint16_t i = 0; i < 3; i++)
        write_part(dir, i, 3, i, 6);
    for (unsigned i = 1; i <= 3; i++) {
        struct gguf *g;

        (void)snprintf(name, sizeof(name), "m-%05u-of-00003.gguf", i);
        ok(gguf_open(&g, path_in(path, dir, name), &e), &e);
        assert_int_equal(gguf_n_files(g), 3);
        assert_int_equal(gguf_n_tensor(g), 6);
        check_scalars(g);
        check_arrays(g);
        check_tensors(g, "part0", 0);
        check_tensors(g, "part1", 10);
        check_tensors(g, "part2", 20);
        assert_int_equal(gguf_tensor(g, "part2.odd")->i_file, 2);
        gguf_will_need(g, gguf_tensor(g, "part2.odd"));
        assert_true(gguf_walk(g) > 0);
        gguf_close(g);
    }
    remove_parts(dir);
    (void)rmdir(dir);
}

static void expect_refused(const char *dir, const char *name, enum err_code code, const char *word)
{
    char path[PATH_BYTES];
    struct gguf *g;
    struct err e = { 0 };

    assert_int_equal(gguf_open(&g, path_in(path, dir, name), &e), code);
    assert_null(g);
    if (!strstr(e.text, word))
        fail_msg("\"%s\" does not mention \"%s\"", e.text, word);
}

/* Proves: a missing part is named, parts that do not belong together are refused. */
static void incomplete_splits_are_refused(void **state)
{
    char dir[PATH_BYTES], path[PATH_BYTES], other[PATH_BYTES];

    (void)state;
    temp_dir(dir);
    for (uint16_t i = 0; i < 3; i++)
        write_part(dir, i, 3, i, 6);
    (void)unlink(path_in(path, dir, "m-00002-of-00003.gguf"));
    expect_refused(dir, "m-00001-of-00003.gguf", ERR_NOT_FOUND, "m-00002-of-00003.gguf");
    write_part(dir, 1, 3, 2, 6);
    expect_refused(dir, "m-00003-of-00003.gguf", ERR_FORMAT, "expected part 2 of 3");
    write_part(dir, 1, 3, 1, 6);
    write_part(dir, 0, 3, 0, 7);
    expect_refused(dir, "m-00002-of-00003.gguf", ERR_FORMAT, "split.tensors.count");
    write_part(dir, 0, 3, 0, 6);
    assert_int_equal(
        rename(path_in(path, dir, "m-00001-of-00003.gguf"), path_in(other, dir, "renamed.gguf")),
        0);
    expect_refused(dir, "renamed.gguf", ERR_FORMAT, "must be named");
    (void)unlink(other);
    remove_parts(dir);
    (void)rmdir(dir);
}

/* Proves: missing and surplus data, late keys and bad tensors are errors; no file is left. */
static void wrong_use_is_refused(void **state)
{
    static const uint64_t ne[2] = { 32, 2 }, none[1] = { 0 }, short_row[2] = { 16, 4 };
    char dir[PATH_BYTES], path[PATH_BYTES];
    uint8_t data[68] = { 0 };
    struct gguf_out *o;
    struct err e = { 0 };

    (void)state;
    temp_dir(dir);
    ok(gguf_out_open(&o, path_in(path, dir, "w.gguf"), &e), &e);
    assert_int_equal(gguf_out_u32(o, "general.alignment", 3, &e), ERR_ARG);
    assert_int_equal(gguf_out_tensor(o, "", DT_F32, 1, ne, &e), ERR_ARG);
    assert_int_equal(gguf_out_tensor(o, "a", DT_F32, 0, ne, &e), ERR_ARG);
    assert_int_equal(gguf_out_tensor(o, "a", DT_F32, 1, none, &e), ERR_ARG);
    assert_int_equal(gguf_out_tensor(o, "a", 99, 1, ne, &e), ERR_FORMAT);
    assert_int_equal(gguf_out_tensor(o, "a", DT_Q8_0, 2, short_row, &e), ERR_FORMAT);
    ok(gguf_out_tensor(o, "a", DT_Q8_0, 2, ne, &e), &e);
    assert_int_equal(gguf_out_u32(o, "late", 1, &e), ERR_ARG);
    ok(gguf_out_data(o, data, 67, &e), &e);
    assert_int_equal(gguf_out_tensor(o, "b", DT_Q8_0, 2, ne, &e), ERR_ARG);
    assert_int_equal(gguf_out_commit(o, &e), ERR_ARG);
    assert_false(file_exists(path));

    ok(gguf_out_open(&o, path, &e), &e);
    ok(gguf_out_tensor(o, "a", DT_Q8_0, 2, ne, &e), &e);
    ok(gguf_out_data(o, data, 68, &e), &e);
    assert_int_equal(gguf_out_data(o, data, 1, &e), ERR_ARG);
    gguf_out_abandon(o);
    assert_false(file_exists(path));
    (void)rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_back),
        cmocka_unit_test(tensors_come_back),
        cmocka_unit_test(copied_keys_are_the_same),
        cmocka_unit_test(split_model_opens_by_any_part),
        cmocka_unit_test(incomplete_splits_are_refused),
        cmocka_unit_test(wrong_use_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
