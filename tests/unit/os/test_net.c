/* Proves: listeners on addresses and paths, their refusals, and sockets that never wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "os/net.h"
#include "os/sys.h"

static char folder[] = "/tmp/hearth-net-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

/* Proves: port 0 takes a free port and says which; the same again is refused by name; accepted
 * sockets do not wait. */
static void tcp_listener(void **state)
{
    int fd, second, client, served;
    uint16_t port, other;
    struct err e;
    char byte;
    size_t n;

    (void)state;
    assert_int_equal(net_listen_tcp(&fd, "127.0.0.1", 0, &port, &e), ERR_OK);
    assert_true(port != 0);
    assert_false(net_accept(fd, &served));
    assert_int_equal(net_listen_tcp(&second, "127.0.0.1", port, &other, &e), ERR_IO);
    assert_int_equal(second, -1);
    assert_non_null(strstr(e.text, "127.0.0.1 port "));
    client = connect_to(port);
    while (!net_accept(fd, &served)) {
    }
    assert_int_equal(net_read(served, &byte, 1, &n, &e), ERR_OK);
    assert_int_equal(n, 0);
    net_close(&served);
    net_close(&client);
    net_close(&client);
    net_close(&fd);
    assert_int_equal(fd, -1);
}

/* Proves: what is no address, and what is none of this machine's, is ERR_ARG. */
static void bad_addresses(void **state)
{
    static const char *const bad[] = { "", "192.0.2.77" };
    uint16_t port;
    struct err e;
    int fd;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(net_listen_tcp(&fd, bad[i], 0, &port, &e), ERR_ARG);
        assert_int_equal(fd, -1);
    }
}

/* Proves: the socket file is private, a left-over one is replaced, a live one and any other file
 * are not. */
static void unix_listener(void **state)
{
    char path[64], plain[64], absent[64], long_path[200];
    int fd, second, client, served;
    struct stat st;
    struct err e;
    FILE *f;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/s.sock", folder);
    (void)snprintf(plain, sizeof(plain), "%s/file", folder);
    (void)snprintf(absent, sizeof(absent), "%s/none/s", folder);
    assert_int_equal(net_connect_unix(&client, path, &e), ERR_NOT_FOUND);
    assert_int_equal(net_listen_unix(&fd, path, &e), ERR_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(net_listen_unix(&second, path, &e), ERR_IO);
    assert_int_equal(net_connect_unix(&client, path, &e), ERR_OK);
    assert_true(net_accept(fd, &served));
    net_close(&served);
    net_close(&client);
    net_close(&fd);
    assert_int_equal(net_connect_unix(&client, path, &e), ERR_NOT_FOUND);
    assert_int_equal(net_listen_unix(&fd, path, &e), ERR_OK);
    net_close(&fd);
    f = fopen(plain, "w");
    assert_non_null(f);
    (void)fclose(f);
    assert_int_equal(net_listen_unix(&fd, plain, &e), ERR_IO);
    assert_int_equal(access(plain, F_OK), 0);
    assert_int_equal(net_listen_unix(&fd, absent, &e), ERR_NOT_FOUND);
    memset(long_path, 'a', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(net_listen_unix(&fd, long_path, &e), ERR_LIMIT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(plain), 0);
}

/* Proves: a full socket takes nothing more without waiting, everything arrives, and a closed end is
 * ERR_CANCELLED for the reader and an error, not a signal, for the writer. */
static void pair_never_waits(void **state)
{
    static char block[65536];
    size_t n, n_put = 0, n_got = 0;
    struct err e;
    int fds[2];

    (void)state;
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    for (unsigned i = 0; i < 10000; i++) {
        assert_int_equal(net_write(fds[0], block, sizeof(block), &n, &e), ERR_OK);
        if (n == 0)
            break;
        n_put += n;
    }
    assert_int_equal(n, 0);
    do {
        assert_int_equal(net_read(fds[1], block, sizeof(block), &n, &e), ERR_OK);
        n_got += n;
    } while (n > 0);
    assert_true(n_put > 0);
    assert_int_equal(n_got, n_put);
    assert_int_equal(net_write(fds[0], NULL, 0, &n, &e), ERR_OK);
    assert_int_equal(net_write(fds[1], "last", 4, &n, &e), ERR_OK);
    net_close(&fds[1]);
    assert_int_equal(net_write(fds[0], "x", 1, &n, &e), ERR_IO);
    assert_int_equal(net_read(fds[0], block, sizeof(block), &n, &e), ERR_OK);
    assert_int_equal(n, 4);
    assert_int_equal(net_read(fds[0], block, sizeof(block), &n, &e), ERR_CANCELLED);
    net_close(&fds[0]);
}

/* Proves: which addresses mean this machine alone. */
static void loopback(void **state)
{
    (void)state;
    assert_true(net_is_loopback("127.0.0.1"));
    assert_true(net_is_loopback("127.255.3.4"));
    assert_true(net_is_loopback("::1"));
    assert_true(net_is_loopback("::ffff:127.0.0.1"));
    assert_true(net_is_loopback("localhost"));
    assert_false(net_is_loopback("0.0.0.0"));
    assert_false(net_is_loopback("::"));
    assert_false(net_is_loopback("128.0.0.1"));
    assert_false(net_is_loopback(""));
    assert_false(net_is_loopback("localhost.example"));
    assert_false(net_is_loopback("127.0.0.1.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_listener),  cmocka_unit_test(bad_addresses),
        cmocka_unit_test(unix_listener), cmocka_unit_test(pair_never_waits),
        cmocka_unit_test(loopback),
    };

    os_init();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
