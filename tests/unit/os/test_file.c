/* Proves: files are mapped, read and replaced as a whole, and every refusal says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/file.h"
#include "os/path.h"

/* A fresh folder per test, in *state; removed with all it holds. */
static int make_folder(void **state)
{
    static char name[64];

    (void)snprintf(name, sizeof(name), "/tmp/hearth-test-XXXXXX");
    *state = mkdtemp(name);
    return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = { "f", "g", "fifo", "a/b/c", "a/b", "a", "" };
    char path[PATH_BYTES_MAX];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)path_join(path, *state, names[i], NULL);
        (void)remove(path);
    }
    (void)rmdir(*state);
    return access(*state, F_OK) == 0 ? -1 : 0; /* a temporary file was left behind */
}

static const char *in(void **state, const char *name)
{
    static char path[2][PATH_BYTES_MAX];
    static unsigned turn;

    turn = !turn;
    assert_int_equal(path_join(path[turn], *state, name, NULL), ERR_OK);
    return path[turn];
}

/* Proves: what is written is read back, mapped or copied, also when nothing is in it. */
static void written_is_read(void **state)
{
    static const size_t sizes[] = { 0, 1, 4095, 4096, 300000 };
    static char data[300000];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 31 + i / 256);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *path = in(state, "f");
        struct file_map m;
        struct buf b;
        uint64_t size;

        assert_int_equal(file_write(path, data, sizes[i], NULL), ERR_OK);
        assert_true(file_exists(path));
        assert_int_equal(file_size(path, &size, NULL), ERR_OK);
        assert_int_equal(size, sizes[i]);
        assert_int_equal(file_map(&m, path, NULL), ERR_OK);
        assert_int_equal(m.size, sizes[i]);
        file_map_will_need(&m, 0, SIZE_MAX);
        file_map_dont_need(&m, 1, sizes[i]);
        file_map_will_need(&m, sizes[i], 1);
        if (sizes[i])
            assert_memory_equal(m.base, data, sizes[i]);
        file_unmap(&m);
        file_unmap(&m);
        buf_init(&b, MEM_OTHER, sizeof(data));
        assert_int_equal(file_read(&b, path, NULL), ERR_OK);
        assert_int_equal(b.len, sizes[i]);
        assert_memory_equal(buf_str(&b), data, sizes[i]);
        buf_finish(&b);
    }
}

/* Proves: a file larger than the buffer's maximum is refused with both numbers; a file whose size
 * the system does not tell (as in /proc) too. */
static void large_files_are_refused(void **state)
{
    const char *path = in(state, "f");
    struct err e = { 0 };
    struct buf b;

    assert_int_equal(file_write(path, "0123456789", 10, NULL), ERR_OK);
    buf_init(&b, MEM_OTHER, 9);
    assert_int_equal(file_read(&b, path, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "10 bytes, limit 9"));
    buf_clear(&b);
    assert_int_equal(file_read(&b, "/proc/self/status", &e), ERR_LIMIT);
    buf_finish(&b);
    buf_init(&b, MEM_OTHER, 1U << 20);
    assert_int_equal(file_read(&b, "/proc/self/status", &e), ERR_OK);
    assert_true(b.len > 100);
    buf_finish(&b);
}

/* Proves: absent files, folders and pipes are told apart, and a pipe does not make us wait. */
static void refusals_say_why(void **state)
{
    const char *fifo;
    struct file_map m;
    struct err e = { 0 };
    struct buf b;

    buf_init(&b, MEM_OTHER, 100);
    assert_int_equal(file_map(&m, in(state, "absent"), &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "absent"));
    assert_int_equal(file_read(&b, in(state, "absent"), &e), ERR_NOT_FOUND);
    assert_int_equal(file_map(&m, *state, &e), ERR_IO);
    assert_non_null(strstr(e.text, "folder"));
    assert_int_equal(file_read(&b, *state, &e), ERR_IO);
    fifo = in(state, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(file_map(&m, fifo, &e), ERR_IO);
    assert_non_null(strstr(e.text, "regular"));
    assert_null(m.base);
    assert_false(file_exists(*state));
    buf_finish(&b);
}

/* Proves: until the commit the old contents stand, also after a writer gave up. */
static void replaced_only_at_the_end(void **state)
{
    const char *path = in(state, "f");
    struct file_out *out;
    struct buf b;

    buf_init(&b, MEM_OTHER, 100);
    assert_int_equal(file_write(path, "old", 3, NULL), ERR_OK);
    assert_int_equal(file_out_open(&out, path, NULL), ERR_OK);
    assert_int_equal(file_out_write(out, "ne", 2, NULL), ERR_OK);
    assert_int_equal(file_read(&b, path, NULL), ERR_OK);
    assert_string_equal(buf_str(&b), "old");
    file_out_abandon(out);
    file_out_abandon(NULL);
    assert_int_equal(file_out_open(&out, path, NULL), ERR_OK);
    assert_int_equal(file_out_write(out, "ne", 2, NULL), ERR_OK);
    assert_int_equal(file_out_write(out, "w", 1, NULL), ERR_OK);
    assert_int_equal(file_out_bytes(out), 3);
    assert_int_equal(file_out_commit(out, NULL), ERR_OK);
    buf_clear(&b);
    assert_int_equal(file_read(&b, path, NULL), ERR_OK);
    assert_string_equal(buf_str(&b), "new");
    buf_finish(&b);
}

/* Proves: pieces of any size, buffered or not, arrive in order. */
static void pieces_arrive_in_order(void **state)
{
    static unsigned char piece[600000];
    static const size_t sizes[] = { 1, 262143, 0, 600000, 7, 262144, 262145, 3 };
    const char *path = in(state, "g");
    struct file_out *out;
    struct file_map m;
    size_t at = 0;

    assert_int_equal(file_out_open(&out, path, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memset(piece, (int)i, sizes[i]);
        assert_int_equal(file_out_write(out, piece, sizes[i], NULL), ERR_OK);
    }
    assert_int_equal(file_out_commit(out, NULL), ERR_OK);
    assert_int_equal(file_map(&m, path, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            if (m.base[at++] != i)
                fail_msg("piece %zu, byte %zu", i, k);
        }
    }
    assert_int_equal(at, m.size);
    file_unmap(&m);
}

/* Proves: folders are made with their parents, privately, and a file in the way is an error. */
static void folders_with_parents(void **state)
{
    struct err e = { 0 };
    struct stat st;

    assert_int_equal(dir_create(in(state, "a/b/c"), NULL), ERR_OK);
    assert_int_equal(dir_create(in(state, "a/b/c"), NULL), ERR_OK);
    assert_int_equal(stat(in(state, "a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(file_write(in(state, "f"), "", 0, NULL), ERR_OK);
    assert_int_equal(dir_create(in(state, "f"), &e), ERR_IO);
    assert_int_equal(dir_create("", &e), ERR_ARG);
    assert_int_equal(file_write(in(state, "no/such/f"), "", 0, &e), ERR_NOT_FOUND);
    assert_int_equal(file_write(in(state, "a"), "", 0, &e), ERR_IO);
}

/* Proves: a private file is made, an open one is closed to others and keeps its bytes, a folder is
 * refused. */
static void private_files(void **state)
{
    struct stat st;

    assert_int_equal(file_make_private(in(state, "f"), NULL), ERR_OK);
    assert_int_equal(stat(in(state, "f"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(file_write(in(state, "f"), "text", 4, NULL), ERR_OK);
    assert_int_equal(chmod(in(state, "f"), 0644), 0);
    assert_int_equal(file_make_private(in(state, "f"), NULL), ERR_OK);
    assert_int_equal(stat(in(state, "f"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 4);
    assert_int_equal(dir_create(in(state, "a"), NULL), ERR_OK);
    assert_int_equal(file_make_private(in(state, "a"), NULL), ERR_IO);
}

/* Proves: the running program is found. */
static void finds_itself(void **state)
{
    char path[PATH_BYTES_MAX], tiny[4];

    (void)state;
    assert_true(program_path(path, sizeof(path)));
    assert_true(file_exists(path));
    assert_false(program_path(tiny, sizeof(tiny)));
    assert_false(program_path(tiny, 0));
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(written_is_read),        IN_FOLDER(large_files_are_refused),
        IN_FOLDER(refusals_say_why),       IN_FOLDER(replaced_only_at_the_end),
        IN_FOLDER(pieces_arrive_in_order), IN_FOLDER(folders_with_parents),
        IN_FOLDER(private_files),          cmocka_unit_test(finds_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
