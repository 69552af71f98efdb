/* Proves: typed reads convert and refuse as promised, lookups find what is there, and a small file
 * made byte by byte means what the format says. */
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
#include "base/mem.h"
#include "formats/gguf.h"
#include "os/file.h"
#include "support/fixtures.h"

/* A file under construction; numbers are little-endian as the machine's. */
struct made {
    struct buf b;
};

static void add(struct made *m, const void *data, size_t len)
{
    assert_true(buf_add(&m->b, data, len));
}

static void add_u32(struct made *m, uint32_t v)
{
    add(m, &v, sizeof(v));
}

static void add_u64(struct made *m, uint64_t v)
{
    add(m, &v, sizeof(v));
}

static void add_str(struct made *m, const char *s)
{
    add_u64(m, strlen(s));
    add(m, s, strlen(s));
}

static struct made begin(uint32_t version, uint64_t n_tensor, uint64_t n_kv)
{
    struct made m;

    buf_init(&m.b, MEM_OTHER, 1 << 20);
    add(&m, "GGUF", 4);
    add_u32(&m, version);
    add_u64(&m, n_tensor);
    add_u64(&m, n_kv);
    return m;
}

static void add_key(struct made *m, const char *key, enum gguf_type type, const void *value,
                    size_t len)
{
    add_str(m, key);
    add_u32(m, type);
    add(m, value, len);
}

static enum err_code open_made(struct gguf **g, const struct made *m, struct err *e)
{
    return gguf_open_memory(g, m->b.data, m->b.len, "made", e);
}

static struct gguf *must_open(const struct made *m)
{
    struct gguf *g;
    struct err e = { 0 };

    if (open_made(&g, m, &e))
        fail_msg("%s", e.text);
    return g;
}

/* Proves: any integer width is accepted where it fits and refused where it does not. */
static void integers_convert_in_range(void **state)
{
    static const struct {
        const char *key;
        enum gguf_type type;
        int64_t value;
        size_t len;
    } keys[] = {
        { "u8", GGUF_U8, 200, 1 },          { "i8", GGUF_I8, -100, 1 },
        { "u16", GGUF_U16, 60000, 2 },      { "i16", GGUF_I16, -3, 2 },
        { "u32", GGUF_U32, 4000000000, 4 }, { "i32", GGUF_I32, -7, 4 },
        { "u64", GGUF_U64, 5000000000, 8 }, { "i64", GGUF_I64, INT64_MIN, 8 },
    };
    struct made m = begin(3, 0, COUNT_OF(keys));
    struct gguf *g;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        add_key(&m, keys[i].key, keys[i].type, &keys[i].value, keys[i].len);
    g = must_open(&m);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        int64_t v = keys[i].value;
        uint32_t u32 = 1;
        uint64_t u64 = 1;
        int32_t i32 = 1;
        int64_t i64 = 1;
        float f = 1;

        assert_int_equal(gguf_get_u32(g, keys[i].key, &u32, NULL, NULL),
                         v >= 0 && v <= UINT32_MAX ? ERR_OK : ERR_FORMAT);
        assert_int_equal(gguf_get_u64(g, keys[i].key, &u64, NULL, NULL),
                         v >= 0 ? ERR_OK : ERR_FORMAT);
        assert_int_equal(gguf_get_i32(g, keys[i].key, &i32, NULL, NULL),
                         v >= INT32_MIN && v <= INT32_MAX ? ERR_OK : ERR_FORMAT);
        assert_int_equal(gguf_elem_i64(g, gguf_find(g, keys[i].key), 0, &i64, NULL), ERR_OK);
        assert_int_equal(gguf_get_f32(g, keys[i].key, &f, NULL, NULL), ERR_OK);
        assert_true(i64 == v && f == (float)v);
        assert_true(v < 0 ? u64 == 1 : u64 == (uint64_t)v);
    }
    gguf_close(g);
    buf_finish(&m.b);
}

/* Proves: strings, truths, reals and arrays are not taken for one another; messages name the key.
 */
static void kinds_are_kept_apart(void **state)
{
    static const float eps = 0.25F;
    static const double huge = 1e300, fine = 0.5;
    static const uint8_t two = 2, one = 1;
    struct made m = begin(2, 0, 7);
    struct gguf *g;
    struct gguf_str s;
    struct err e = { 0 };
    uint32_t u = 0;
    float f = 0;
    bool b = false;

    (void)state;
    add_key(&m, "a.f32", GGUF_F32, &eps, sizeof(eps));
    add_key(&m, "a.f64", GGUF_F64, &fine, sizeof(fine));
    add_key(&m, "a.huge", GGUF_F64, &huge, sizeof(huge));
    add_key(&m, "a.bool", GGUF_BOOL, &one, 1);
    add_key(&m, "a.bad-bool", GGUF_BOOL, &two, 1);
    add_key(&m, "a.one", GGUF_U8, &one, 1);
    add_key(&m, "a.str", GGUF_STR, "\3\0\0\0\0\0\0\0abc", 11);
    g = must_open(&m);
    assert_int_equal(gguf_version(g), 2);
    assert_int_equal(gguf_get_u32(g, "a.f32", &u, NULL, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, "a.f32"));
    assert_non_null(strstr(e.text, "f32"));
    assert_int_equal(gguf_get_f32(g, "a.f64", &f, NULL, &e), ERR_OK);
    assert_true(f == 0.5F);
    assert_int_equal(gguf_get_f32(g, "a.huge", &f, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_bool(g, "a.bool", &b, NULL, &e), ERR_OK);
    assert_true(b);
    assert_int_equal(gguf_get_bool(g, "a.one", &b, NULL, &e), ERR_OK);
    assert_int_equal(gguf_get_bool(g, "a.bad-bool", &b, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_bool(g, "a.f32", &b, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_u32(g, "a.bool", &u, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_str(g, "a.one", &s, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_f32(g, "a.str", &f, NULL, &e), ERR_FORMAT);
    assert_int_equal(gguf_get_str(g, "a.str", &s, NULL, &e), ERR_OK);
    assert_true(s.len == 3 && memcmp(s.s, "abc", 3) == 0);
    gguf_close(g);
    buf_finish(&m.b);
}

static void add_tensor(struct made *m, const char *name, uint64_t ne, uint32_t type,
                       uint64_t offset)
{
    add_str(m, name);
    add_u32(m, 1);
    add_u64(m, ne);
    add_u32(m, type);
    add_u64(m, offset);
}

/* Proves: tensors may lie in any order with gaps; touching is fine, sharing a byte is not. */
static void tensors_may_not_overlap(void **state)
{
    static const uint8_t zeros[512];

    (void)state;
    for (uint64_t second = 0; second <= 128; second += 32) {
        struct made m = begin(3, 2, 0);
        struct gguf *g = NULL;
        enum err_code c;

        add_tensor(&m, "late", 16, DT_F32, 64);
        add_tensor(&m, "early", 8, DT_F32, second);
        add(&m, zeros, sizeof(zeros));
        c = open_made(&g, &m, NULL);
        assert_int_equal(c, second == 64 || second == 96 ? ERR_FORMAT : ERR_OK);
        if (!c) {
            assert_true(gguf_tensor(g, "early")->offset == gguf_data_start(g) + second);
            assert_null(gguf_tensor(g, "earl"));
        }
        gguf_close(g);
        buf_finish(&m.b);
    }
}

/* Proves: big-endian and version 1 files are named as what they are, memory must be aligned. */
static void foreign_files_are_named(void **state)
{
    static const struct {
        uint32_t version;
        const char *word;
    } cases[] = { { 1, "version 1" }, { 4, "version 4" }, { 3U << 24, "big-endian" } };
    struct err e = { 0 };
    struct gguf *g;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct made m = begin(cases[i].version, 0, 0);

        assert_int_equal(open_made(&g, &m, &e), ERR_UNSUPPORTED);
        assert_non_null(strstr(e.text, cases[i].word));
        assert_int_equal(gguf_open_memory(&g, m.b.data + 1, 8, "odd", &e), ERR_ARG);
        buf_finish(&m.b);
    }
    assert_int_equal(gguf_open(&g, "/nonexistent/model.gguf", &e), ERR_NOT_FOUND);
    assert_int_equal(gguf_open(&g, "/", &e), ERR_IO);
}

/* A file of n keys "key.I", an array of n strings, and one tensor of 32 bytes. */
static struct made make_many(uint32_t n)
{
    struct made m;
    char key[32];

    buf_init(&m.b, MEM_OTHER, 1 << 26);
    add(&m, "GGUF\3\0\0\0", 8);
    add_u64(&m, 1);
    add_u64(&m, n + 1U);
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(key, sizeof(key), "key.%u", i);
        add_key(&m, key, GGUF_U32, &i, sizeof(i));
    }
    add_str(&m, "words");
    add_u32(&m, GGUF_ARR);
    add_u32(&m, GGUF_STR);
    add_u64(&m, n);
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(key, sizeof(key), "%u", i);
        add_str(&m, key);
    }
    add_str(&m, "t");
    add_u32(&m, 1);
    add_u64(&m, 8);
    add_u32(&m, DT_F32);
    add_u64(&m, 0);
    while (m.b.len % 32 != 0)
        add(&m, "", 1);
    add(&m, "0123456789abcdef0123456789abcdef", 32);
    return m;
}

static void check_many(const struct gguf *g, uint32_t n)
{
    struct gguf_str s;
    char key[32];

    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = 0;

        (void)snprintf(key, sizeof(key), "key.%u", i);
        assert_int_equal(gguf_get_u32(g, key, &v, NULL, NULL), ERR_OK);
        assert_int_equal(v, i);
        assert_int_equal(gguf_elem_str(g, gguf_find(g, "words"), i, &s, NULL), ERR_OK);
        assert_true(s.len == strlen(key + 4) && memcmp(s.s, key + 4, s.len) == 0);
    }
}

/* Proves: many keys and strings open quickly in memory near the file's size, and are all found. */
static void many_keys_are_found(void **state)
{
    enum { N = 50000 };
    struct made m = make_many(N);
    struct gguf *g;
    size_t before = mem_in_use(MEM_MODEL);

    (void)state;
    g = must_open(&m);
    assert_true(mem_in_use(MEM_MODEL) - before < 4 * m.b.len);
    check_many(g, N);
    gguf_close(g);
    assert_int_equal(mem_in_use(MEM_MODEL), before);
    buf_finish(&m.b);
}

static void make_scratch(char path[64])
{
    int fd;

    (void)snprintf(path, 64, "/tmp/hearth-gguf-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

/* Proves: a head opened alone says all that the file says, however long it is, has tensors without
 * data, and outlives the file: somebody may shorten it while we look. */
static void heads_outlive_their_files(void **state)
{
    enum { N = 50000 }; /* the head is read in several steps */
    struct made m = make_many(N);
    size_t before = mem_in_use(MEM_MODEL);
    const struct gguf_tensor *t;
    struct gguf *g = NULL;
    struct err e = { 0 };
    char path[64];

    (void)state;
    make_scratch(path);
    assert_int_equal(file_write(path, m.b.data, m.b.len, &e), ERR_OK);
    assert_int_equal(gguf_open_head(&g, path, &e), ERR_OK);
    assert_int_equal(truncate(path, 0), 0);
    check_many(g, N);
    t = gguf_tensor(g, "t");
    assert_true(t && !t->data && t->bytes == 32 && t->offset == m.b.len - 32);
    assert_int_equal(gguf_bytes(g), m.b.len);
    gguf_close(g);

    /* Cut off before, it is refused in the words that a mapped one is. */
    assert_int_equal(file_write(path, m.b.data, m.b.len / 2, &e), ERR_OK);
    assert_int_equal(gguf_open_head(&g, path, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, "the file ends inside"));
    assert_int_equal(gguf_open_head(&g, "/nonexistent/model.gguf", &e), ERR_NOT_FOUND);
    assert_int_equal(gguf_open_head(&g, "/", &e), ERR_IO);
    assert_int_equal(mem_in_use(MEM_MODEL), before);
    (void)unlink(path);
    buf_finish(&m.b);
}

/* Proves: a head longer than is borne is refused before its bytes are read, with the limit. */
static void long_heads_are_refused(void **state)
{
    struct made m = begin(3, 0, 1);
    size_t before = mem_in_use(MEM_MODEL);
    struct gguf *g = NULL;
    struct err e = { 0 };
    char path[64];

    (void)state;
    add_str(&m, "long");
    add_u32(&m, GGUF_STR);
    add_u64(&m, 2ULL * GGUF_HEAD_BYTES_MAX);
    make_scratch(path);
    assert_int_equal(file_write(path, m.b.data, m.b.len, &e), ERR_OK);
    assert_int_equal(truncate(path, 3LL * GGUF_HEAD_BYTES_MAX), 0); /* a hole */
    assert_int_equal(gguf_open_head(&g, path, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "limit 134217728"));
    assert_int_equal(gguf_open(&g, path, &e), ERR_OK);
    gguf_close(g);
    assert_int_equal(mem_in_use(MEM_MODEL), before);
    (void)unlink(path);
    buf_finish(&m.b);
}

/* Proves: the well-formed fixture opens with its keys and tensors. */
static void valid_fixture_opens(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct gguf *g;
    struct err e = { 0 };
    uint32_t n = 0;
    bool found = false;

    (void)state;
    if (gguf_open(&g, fixture_path(path, "bad-gguf", "valid.gguf"), &e))
        fail_msg("%s", e.text);
    assert_int_equal(gguf_n_tensor(g), 11);
    assert_int_equal(gguf_get_u32(g, "llama.embedding_length", &n, &found, &e), ERR_OK);
    assert_true(found && n == 8);
    assert_int_equal(gguf_bytes(g), 3424);
    assert_int_equal(gguf_n_files(g), 1);
    gguf_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_convert_in_range), cmocka_unit_test(kinds_are_kept_apart),
        cmocka_unit_test(tensors_may_not_overlap),   cmocka_unit_test(foreign_files_are_named),
        cmocka_unit_test(many_keys_are_found),       cmocka_unit_test(heads_outlive_their_files),
        cmocka_unit_test(long_heads_are_refused),    cmocka_unit_test(valid_fixture_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
