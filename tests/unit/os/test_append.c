/* Proves: files that grow, sockets that are ended and doubled, and the limit of open files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/file.h"
#include "os/net.h"
#include "os/sys.h"

/* Proves: what is appended comes behind what is there, and nobody else may read it. */
static void appends(void **state)
{
    char dir[] = "/tmp/hearth-append-XXXXXX", path[64];
    struct file_append f;
    struct stat st;
    struct buf text;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/log", dir);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(file_append_open(&f, path, NULL), ERR_OK);
        assert_int_equal(f.n_bytes, 4 * i);
        assert_true(file_append(&f, "abc\n", 4));
        assert_int_equal(f.n_bytes, 4 * i + 4);
        file_append_close(&f);
        file_append_close(&f);
    }
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    buf_init(&text, MEM_OTHER, 64);
    assert_int_equal(file_read(&text, path, NULL), ERR_OK);
    assert_string_equal(buf_str(&text), "abc\nabc\n");
    buf_finish(&text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(file_append_open(&f, path, NULL), ERR_NOT_FOUND);
}

/* Proves: a doubled socket lives on when the first is closed, until it is ended. */
static void doubles_and_ends(void **state)
{
    int fds[2], twin;
    char byte;
    size_t n;

    (void)state;
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    twin = net_dup(fds[0]);
    assert_true(twin >= 0);
    net_close(&fds[0]);
    assert_int_equal(net_read(fds[1], &byte, 1, &n, NULL), ERR_OK);
    assert_int_equal(n, 0);
    net_shutdown(twin);
    assert_int_equal(net_read(fds[1], &byte, 1, &n, NULL), ERR_CANCELLED);
    net_close(&twin);
    net_close(&fds[1]);
}

/* Proves: the limit is told, and asking twice changes nothing. */
static void raises_limit(void **state)
{
    const uint32_t n = file_limit_raise();

    (void)state;
    assert_true(n >= 64);
    assert_int_equal(file_limit_raise(), n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(doubles_and_ends),
        cmocka_unit_test(raises_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
