/* Proves: no sequence of bytes makes opening a GGUF file crash, hang or take much memory, and what
 * is accepted can be read to its last byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "gguf_walk.h"
#include "support/fixtures.h"

#define BAD "bad-gguf"

/* What contradicts the format itself. The other fixtures are well-formed files whose keys or
 * tensors make no model, which others refuse. */
static const char *const refused_here[] = {
    "empty.gguf",
    "trunc-magic.gguf",
    "trunc-counts.gguf",
    "trunc-key-length.gguf",
    "trunc-key.gguf",
    "trunc-kv-value.gguf",
    "trunc-array-header.gguf",
    "trunc-array-data.gguf",
    "trunc-before-tensor-info.gguf",
    "trunc-tensor-dims.gguf",
    "trunc-no-data.gguf",
    "trunc-data.gguf",
    "bad-magic.gguf",
    "version-0.gguf",
    "version-99.gguf",
    "kv-count-2-63.gguf",
    "tensor-count-2-63.gguf",
    "kv-count-plus-1.gguf",
    "key-length-huge.gguf",
    "string-length-past-eof.gguf",
    "array-length-2-62.gguf",
    "array-of-arrays.gguf",
    "kv-type-13.gguf",
    "duplicate-key.gguf",
    "empty-key.gguf",
    "alignment-0.gguf",
    "alignment-3.gguf",
    "ndims-5.gguf",
    "ndims-0.gguf",
    "dims-overflow.gguf",
    "dim-negative.gguf",
    "dim-zero.gguf",
    "type-unknown.gguf",
    "type-removed.gguf",
    "row-not-multiple-of-block.gguf",
    "offset-misaligned.gguf",
    "offset-past-end.gguf",
    "offset-overlap.gguf",
    "duplicate-tensor.gguf",
    "tensor-name-too-long.gguf",
    "split-count.gguf",
};

static bool is_refused_here(const char *file)
{
    for (size_t i = 0; i < COUNT_OF(refused_here); i++) {
        if (strcmp(refused_here[i], file) == 0)
            return true;
    }
    return false;
}

/* Reading the head alone comes to the same. */
static void check_head(const char *path, enum err_code code, const struct err *as)
{
    struct err e = { 0 };
    struct gguf *g = NULL;

    assert_int_equal(gguf_open_head(&g, path, &e), code);
    if (code)
        assert_string_equal(e.text, as->text);
    gguf_close(g);
}

/* Proves: every broken fixture is refused with a sentence that names the file, by this layer when
 * the format is broken; the others can be walked; what is said does not depend on how they are
 * read.
 */
static void fixtures_are_refused(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct js *index;
    const struct js *files;
    size_t n_refused = 0;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(BAD, "index.json");
    files = js_get(index, "files");
    for (size_t i = 0; i < js_len(files); i++) {
        const char *file = js_str(js_get(js_at(files, i), "file"), NULL);
        struct err e = { 0 };
        struct gguf *g = NULL;
        enum err_code c = gguf_open(&g, fixture_path(path, BAD, file), &e);

        if (is_refused_here(file) && !c)
            fail_msg("%s was accepted", file);
        n_refused += c != ERR_OK;
        check_head(path, c, &e);
        if (c) {
            assert_null(g);
            assert_int_equal(e.code, c);
            assert_non_null(strstr(e.text, file));
        } else {
            assert_true(gguf_walk(g) > 0);
        }
        gguf_close(g);
    }
    assert_true(n_refused >= COUNT_OF(refused_here));
    js_close(index);
}

/* An aligned copy, so that reading past its end is seen. */
static enum err_code open_copy(const uint8_t *data, size_t len, uint64_t *sum)
{
    void *copy = mem_alloc(MEM_OTHER, len);
    struct gguf *g = NULL;
    struct err e = { 0 };
    enum err_code c;

    assert_non_null(copy);
    memcpy(copy, data, len);
    c = gguf_open_memory(&g, copy, len, "copy", &e);
    if (c)
        assert_true(e.text[0] != '\0');
    else
        *sum += gguf_walk(g);
    gguf_close(g);
    mem_free(copy);
    return c;
}

/* Proves: a file cut at any length is refused, or everything in it can be read. */
static void every_truncation_is_safe(void **state)
{
    struct buf file;
    uint64_t sum = 0;
    size_t n_accepted = 0;

    (void)state;
    file = fixture_read(BAD, "valid.gguf");
    for (size_t len = 0; len < file.len; len++)
        n_accepted += open_copy((const uint8_t *)file.data, len, &sum) == ERR_OK;
    /* At most the last tensor's padding may be missing. */
    assert_true(n_accepted < 32);
    assert_int_equal(open_copy((const uint8_t *)file.data, file.len, &sum), ERR_OK);
    buf_finish(&file);
}

/* Proves: any byte changed to any of the values that counts, lengths and types trip over. */
static void every_flipped_byte_is_safe(void **state)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x08, 0x09, 0x0D, 0x20, 0x7F, 0x80, 0xFF };
    struct buf file;
    uint64_t sum = 0;

    (void)state;
    file = fixture_read(BAD, "valid.gguf");
    for (size_t at = 0; at < file.len; at++) {
        uint8_t *byte = (uint8_t *)file.data + at;
        uint8_t kept = *byte;

        for (size_t v = 0; v < COUNT_OF(values) + 8; v++) {
            unsigned flipped = kept ^ 1U << v % 8;

            *byte = v < COUNT_OF(values) ? values[v] : (uint8_t)(flipped & 255);
            (void)open_copy((const uint8_t *)file.data, file.len, &sum);
        }
        *byte = kept;
    }
    assert_true(sum > 0);
    buf_finish(&file);
}

/* Proves: counts and lengths of 64 bits at any place, the values next to overflow included. */
static void every_word_replaced_is_safe(void **state)
{
    static const uint64_t values[] = {
        UINT64_MAX,        UINT64_MAX - 7,    (uint64_t)1 << 63, ((uint64_t)1 << 63) - 1,
        (uint64_t)1 << 62, (uint64_t)1 << 61, UINT32_MAX,        (uint64_t)1 << 32,
    };
    struct buf file;
    uint64_t sum = 0;

    (void)state;
    file = fixture_read(BAD, "valid.gguf");
    for (size_t at = 0; at + 8 <= file.len; at++) {
        uint64_t kept;

        memcpy(&kept, file.data + at, 8);
        for (size_t v = 0; v < COUNT_OF(values); v++) {
            memcpy(file.data + at, &values[v], 8);
            (void)open_copy((const uint8_t *)file.data, file.len, &sum);
        }
        memcpy(file.data + at, &kept, 8);
    }
    buf_finish(&file);
}

/* Proves: bytes that only begin like a file, and random ones, are refused. */
static void noise_is_refused(void **state)
{
    uint64_t seed = 7, sum = 0;
    uint8_t data[256];

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof(data); i++)
            data[i] = (uint8_t)(test_random(&seed) & (round % 2 ? 0xFF : 3));
        memcpy(data, "GGUF\3\0\0\0", 8);
        memset(data + 9, 0, 7);
        memset(data + 17, 0, 7);
        data[8] &= 3;
        data[16] &= 7;
        (void)open_copy(data, sizeof(data), &sum);
    }
}

/* Proves: failing allocations end in ERR_OOM and leak nothing. */
static void lack_of_memory_is_an_error(void **state)
{
    struct buf file;
    size_t before;

    (void)state;
    file = fixture_read(BAD, "valid.gguf");
    before = mem_in_use(MEM_MODEL);
    for (uint64_t n = 1; n < 100; n++) {
        struct gguf *g = NULL;
        struct err e = { 0 };
        enum err_code c;

        (void)mem_fail_at(n, 1);
        c = gguf_open_memory(&g, file.data, file.len, "valid", &e);
        (void)mem_fail_at(0, 0);
        gguf_close(g);
        assert_int_equal(mem_in_use(MEM_MODEL), before);
        if (!c)
            break;
        assert_int_equal(c, ERR_OOM);
        assert_true(n < 99);
    }
    buf_finish(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_are_refused),       cmocka_unit_test(every_truncation_is_safe),
        cmocka_unit_test(every_flipped_byte_is_safe), cmocka_unit_test(every_word_replaced_is_safe),
        cmocka_unit_test(noise_is_refused),           cmocka_unit_test(lack_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
