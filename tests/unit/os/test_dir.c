/* Proves: folders are listed in order, through links, without what is neither file nor folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "base/arena.h"
#include "os/dir.h"
#include "os/file.h"

static void in(char *path, const char *folder, const char *name)
{
    (void)snprintf(path, 128, "%s/%s", folder, name);
}

/* Proves: names sorted by bytes; sizes, kinds and identities; links followed, dangling ones, pipes
 * and hidden names left out; the bound, a missing folder and a file in its place. */
static void lists_a_folder(void **state)
{
    char folder[] = "/tmp/hearth-dir-XXXXXX", path[128], other[128];
    struct dir_entry *d, one;
    struct arena a;
    struct err e;
    uint32_t n;

    (void)state;
    assert_non_null(mkdtemp(folder));
    arena_init(&a, MEM_OTHER, 4096, 1U << 20);
    assert_int_equal(dir_list(&a, folder, 10, &d, &n, &e), ERR_OK);
    assert_int_equal(n, 0);
    in(path, folder, "b");
    assert_int_equal(file_write(path, "12345", 5, NULL), ERR_OK);
    in(other, folder, "link");
    assert_int_equal(symlink("b", other), 0);
    in(other, folder, "dangling");
    assert_int_equal(symlink("none", other), 0);
    in(other, folder, "pipe");
    assert_int_equal(mkfifo(other, 0600), 0);
    in(other, folder, ".hidden");
    assert_int_equal(file_write(other, "", 0, NULL), ERR_OK);
    in(other, folder, "Z");
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(dir_list(&a, folder, 3, &d, &n, &e), ERR_OK);
    assert_int_equal(n, 3);
    assert_string_equal(d[0].name, "Z");
    assert_true(d[0].is_folder);
    assert_string_equal(d[1].name, "b");
    assert_false(d[1].is_folder);
    assert_int_equal(d[1].size, 5);
    assert_true(d[1].mtime_ns > 0);
    assert_string_equal(d[2].name, "link");
    assert_int_equal(d[1].number, d[2].number);
    assert_int_equal(dir_list(&a, folder, 2, &d, &n, &e), ERR_LIMIT);
    assert_int_equal(dir_list(&a, path, 2, &d, &n, &e), ERR_NOT_FOUND);
    assert_true(dir_look(path, &one));
    assert_int_equal(one.size, 5);
    in(other, folder, "pipe");
    assert_false(dir_look(other, &one));
    assert_int_equal(unlink(other), 0);
    in(other, folder, "dangling");
    assert_int_equal(unlink(other), 0);
    in(other, folder, "link");
    assert_int_equal(unlink(other), 0);
    in(other, folder, ".hidden");
    assert_int_equal(unlink(other), 0);
    in(other, folder, "Z");
    assert_int_equal(rmdir(other), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(dir_list(&a, folder, 2, &d, &n, &e), ERR_NOT_FOUND);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lists_a_folder) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
