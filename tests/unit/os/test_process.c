/* Proves: children of this program get the files they should and no others, end as told, die with
 * their parent; and one process at a time holds a pid file. The test runs itself as the child. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/attr.h"
#include "os/net.h"
#include "os/process.h"
#include "os/sys.h"

#define LONG_MS 60000U
#define FDS_TRY 200

/* ---- what the child does, by its first argument ---- */

static bool is_null_device(int fd)
{
    struct stat mine, null;

    return fstat(fd, &mine) == 0 && stat("/dev/null", &null) == 0 && mine.st_rdev == null.st_rdev &&
           S_ISCHR(mine.st_mode);
}

/* Exit code 0 when files 0 to 2 are the null device, 3 as expected, and nothing else is open. */
static int child_files(bool has_given)
{
    sigset_t mask;

    if (!is_null_device(0) || !is_null_device(1) || !is_null_device(2))
        return 1;
    if ((fcntl(3, F_GETFD) >= 0) != has_given)
        return 2;
    for (int fd = has_given ? 4 : 3; fd < FDS_TRY; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            return 3;
    }
    if (sigprocmask(SIG_SETMASK, NULL, &mask) != 0 || sigismember(&mask, SIGTERM))
        return 4;
    if (has_given && write(3, "hello", 5) != 5)
        return 5;
    return 0;
}

/* Starts a grandchild that waits, tells its pid through file 3, and ends. */
static int child_parent(bool die_with_parent)
{
    const char *const argv[] = { "test", "sleep", NULL };
    const struct process_params params = {
        .argv = argv,
        .fd = -1,
        .fd_err = -1,
        .detach = !die_with_parent,
        .die_with_parent = die_with_parent,
    };
    struct process p;

    if (process_start(&p, &params, NULL) || write(3, &p.pid, sizeof(p.pid)) != sizeof(p.pid))
        return 1;
    return 0;
}

/* Which of the variables of gets_some_variables() are there, one bit each. */
static int child_env(void)
{
    static const char *const names[] = { "TEST_NAME",  "TEST_BEGIN_X",  "X_TEST_END",
                                         "TEST_NAMED", "X_TEST_BEGIN_", "TEST_END_X" };
    int bits = 0;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        bits |= getenv(names[i]) ? 1 << i : 0;
    return bits;
}

static int child_main(const char *what)
{
    struct pid_file f;
    int32_t other;

    if (strcmp(what, "files") == 0)
        return child_files(true);
    if (strcmp(what, "no-files") == 0)
        return child_files(false);
    if (strcmp(what, "seven") == 0)
        return 7;
    if (strcmp(what, "env") == 0)
        return child_env();
    if (strcmp(what, "stderr") == 0)
        return write(2, "oops", 4) == 4 ? 0 : 1;
    if (strcmp(what, "parent") == 0)
        return child_parent(true);
    if (strcmp(what, "far-parent") == 0)
        return child_parent(false);
    if (strcmp(what, "sleep") == 0)
        return (int)sleep(LONG_MS / 1000);
    if (strcmp(what, "hold") == 0) {
        if (pid_file_take(&f, getenv("TEST_PID_FILE"), &other, NULL))
            return 1;
        (void)!write(3, "!", 1);
        return (int)sleep(LONG_MS / 1000);
    }
    return 99;
}

/* ---- the tests ---- */

static struct process start(const char *what, int fd, int fd_err)
{
    const char *const argv[] = { "test", what, NULL };
    const struct process_params params = {
        .argv = argv, .fd = fd, .fd_err = fd_err, .die_with_parent = true
    };
    struct process p;
    struct err e = { 0 };

    assert_int_equal(process_start(&p, &params, &e), ERR_OK);
    assert_true(p.pid > 0);
    return p;
}

static void ends_with(struct process *p, bool signalled, int code)
{
    struct process_end end;

    assert_true(process_wait(p, LONG_MS, &end));
    assert_int_equal(end.code, code);
    assert_int_equal(end.signalled, signalled);
    assert_int_equal(p->pid, 0);
    assert_int_equal(p->pidfd, -1);
    assert_false(process_ended(p, &end));
    assert_false(process_wait(p, 0, &end));
}

/* Proves: a child gets the variables that are meant for it, by their name, its beginning or its
 * end, and no others; all of them when nothing is said. */
static void gets_some_variables(void **state)
{
    static const char *const names[] = { "TEST_NAME",  "TEST_BEGIN_X",  "X_TEST_END",
                                         "TEST_NAMED", "X_TEST_BEGIN_", "TEST_END_X" };
    static const char *const env[] = { "TEST_NAME", "TEST_BEGIN_*", "*_TEST_END",
                                       "LD_*",      "*SAN_OPTIONS", NULL };
    static const char *const argv[] = { "test", "env", NULL };
    struct process_params params = { .argv = argv, .fd = -1, .fd_err = -1 };
    struct process p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(setenv(names[i], "1", 1), 0);
    assert_int_equal(process_start(&p, &params, NULL), ERR_OK);
    ends_with(&p, false, 0x3F);
    params.env = env;
    assert_int_equal(process_start(&p, &params, NULL), ERR_OK);
    ends_with(&p, false, 7);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(unsetenv(names[i]), 0);
}

/* Reads exactly len bytes, waiting as long as a slow machine needs. */
static void read_whole(int fd, void *to, size_t len)
{
    size_t n = 0, n_step;

    while (n < len) {
        assert_true(fd_readable(fd, LONG_MS));
        assert_int_equal(net_read(fd, (char *)to + n, len - n, &n_step, NULL), ERR_OK);
        n += n_step;
    }
}

/* Proves: the child has its given file as 3 and the null device as 0 to 2, no file that the parent
 * forgot to mark, and no blocked signals; whatever number the given file has here. */
static void child_has_its_files(void **state)
{
    int fds[2], leak[20];
    char text[5];
    sigset_t term;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        leak[i] = dup(0); /* without close-on-exec */
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &term, NULL), 0);
    for (unsigned i = 0; i < 2; i++) {
        struct process p;

        assert_int_equal(net_pair(fds, NULL), ERR_OK);
        if (i == 1) { /* the given file is 3 already */
            (void)close(3);
            assert_int_equal(dup2(fds[1], 3), 3);
        }
        p = start("files", i == 1 ? 3 : fds[1], -1);
        ends_with(&p, false, 0);
        read_whole(fds[0], text, sizeof(text));
        assert_memory_equal(text, "hello", 5);
        p = start("no-files", -1, -1);
        ends_with(&p, false, 0);
        net_close(&fds[0]);
        net_close(&fds[1]);
    }
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &term, NULL), 0);
    for (unsigned i = 0; i < 20; i++)
        (void)close(leak[i]);
}

/* Proves: what a child writes to its standard error arrives. */
static void child_has_standard_error(void **state)
{
    struct process p;
    char text[4];
    int fds[2];

    (void)state;
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    p = start("stderr", -1, fds[1]);
    read_whole(fds[0], text, sizeof(text));
    assert_memory_equal(text, "oops", 4);
    ends_with(&p, false, 0);
    net_close(&fds[0]);
    net_close(&fds[1]);
}

/* Proves: exit codes and signals are told, the pid's file becomes readable at the end, and lists of
 * processes know who lives. */
static void ends_are_told(void **state)
{
    struct process_end end;
    struct process p = start("seven", -1, -1);
    int32_t pid;

    (void)state;
    ends_with(&p, false, 7);
    p = start("sleep", -1, -1);
    pid = p.pid;
    assert_true(process_alive(pid));
    assert_true(process_rss_bytes(pid) > 0);
    assert_false(process_ended(&p, &end));
    assert_false(process_wait(&p, 1, &end));
    process_signal(&p, SIGKILL);
    if (p.pidfd >= 0) {
        assert_true(fd_readable(p.pidfd, LONG_MS));
        assert_false(process_alive(pid)); /* a zombie lives no more */
    }
    ends_with(&p, true, SIGKILL);
    assert_false(process_alive(pid));
    assert_int_equal(process_rss_bytes(pid), 0);
    assert_true(process_alive(process_self()));
    assert_false(process_alive(0));
    assert_false(process_alive(-1));
    process_signal(&p, SIGKILL);
}

static void await_end_of(int32_t pid)
{
    for (unsigned i = 0; i < LONG_MS && process_alive(pid); i++)
        (void)poll(NULL, 0, 1);
    assert_false(process_alive(pid));
}

/* Proves: with die_with_parent a grandchild ends when its parent does; detached it goes on. */
static void children_and_their_parents(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct process p;
        int32_t pid;
        int fds[2];

        assert_int_equal(net_pair(fds, NULL), ERR_OK);
        p = start(i == 0 ? "parent" : "far-parent", fds[1], -1);
        read_whole(fds[0], &pid, sizeof(pid));
        ends_with(&p, false, 0);
        if (i == 1) {
            assert_true(process_alive(pid));
            assert_int_equal(getsid(pid), pid);
            assert_int_equal(kill(pid, SIGKILL), 0);
        }
        await_end_of(pid);
        net_close(&fds[0]);
        net_close(&fds[1]);
    }
}

/* Proves: one holder at a time, known by its pid; its death frees the file, whose text then means
 * nothing; giving removes it. */
static void one_holder(void **state)
{
    char folder[] = "/tmp/hearth-pid-XXXXXX", path[64], byte;
    struct pid_file f = { 0 }, second;
    struct process p;
    int32_t other;
    struct err e;
    int fds[2];

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/d.pid", folder);
    assert_int_equal(setenv("TEST_PID_FILE", path, 1), 0);
    assert_int_equal(pid_file_holder(path), 0);
    pid_file_give(&f, path); /* not held: nothing is closed, standard input neither */
    assert_true(fcntl(0, F_GETFD) >= 0);
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    p = start("hold", fds[1], -1);
    read_whole(fds[0], &byte, 1);
    assert_int_equal(pid_file_holder(path), p.pid);
    assert_int_equal(pid_file_take(&f, path, &other, &e), ERR_CANCELLED);
    assert_int_equal(other, p.pid);
    process_signal(&p, SIGKILL);
    ends_with(&p, true, SIGKILL);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(pid_file_holder(path), 0);
    assert_int_equal(pid_file_take(&f, path, &other, &e), ERR_OK);
    assert_int_equal(pid_file_holder(path), process_self());
    assert_int_equal(pid_file_take(&second, path, &other, &e), ERR_CANCELLED);
    assert_int_equal(other, process_self());
    pid_file_give(&f, path);
    pid_file_give(&f, path);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(pid_file_take(&f, folder, &other, &e), ERR_IO);
    assert_int_equal(rmdir(folder), 0);
    net_close(&fds[0]);
    net_close(&fds[1]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_some_variables),        cmocka_unit_test(child_has_its_files),
        cmocka_unit_test(child_has_standard_error),   cmocka_unit_test(ends_are_told),
        cmocka_unit_test(children_and_their_parents), cmocka_unit_test(one_holder),
    };

    os_init();
    if (argc > 1)
        return child_main(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
