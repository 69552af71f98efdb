/* Proves: inside the sandbox nothing new can be opened, reached, started or signalled, by any
 * thread, and what a worker needs goes on. Each case runs in a child that enters the sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "os/file.h"
#include "os/mailbox.h"
#include "os/net.h"
#include "os/pool.h"
#include "os/sandbox.h"
#include "os/sandbox_int.h"
#include "os/sys.h"
#include "os/thread.h"

#define NO_MEANS 77 /* the kernel or the build has no filter */

/* Before the doors are shut. */
struct world {
    int fds[2];
    struct file_map map;
    int file;
    struct thread before;
    struct lock lock;
    struct cond go;
    bool is_shut, before_ok;
    struct pool *pool;
};

#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            (void)fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #cond, strerror(errno));         \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static bool refused(long result)
{
    return result < 0 && (errno == EPERM || errno == EACCES);
}

static bool files_are_shut(void)
{
    struct stat st;

    EXPECT(refused(open("/etc/passwd", O_RDONLY)));
    EXPECT(refused(open("/tmp/hearth-sandbox-new", O_WRONLY | O_CREAT, 0600)));
    EXPECT(refused(open("/proc/self/mem", O_RDWR)));
    EXPECT(refused(unlink("/tmp/hearth-sandbox-none")));
    EXPECT(refused(mkdir("/tmp/hearth-sandbox-dir", 0700)));
    EXPECT(refused(rename("/tmp/hearth-a", "/tmp/hearth-b")));
    EXPECT(refused(symlink("/etc", "/tmp/hearth-sandbox-link")));
    EXPECT(refused(chdir("/")));
    EXPECT(refused(stat("/etc/passwd", &st)));
    EXPECT(refused(syscall(SYS_memfd_create, "x", 0)));
    return true;
}

static bool network_is_shut(struct world *w)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(9) };
    int pair[2];

    EXPECT(refused(socket(AF_INET, SOCK_STREAM, 0)));
    EXPECT(refused(socket(AF_UNIX, SOCK_STREAM, 0)));
    EXPECT(refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)));
    EXPECT(refused(connect(w->fds[0], (struct sockaddr *)&at, sizeof(at))));
    EXPECT(refused(bind(w->fds[0], (struct sockaddr *)&at, sizeof(at))));
    return true;
}

static bool programs_are_shut(void)
{
    char program[] = "/bin/true", *argv[] = { program, NULL };
    void *p;

    EXPECT(refused(execv(argv[0], argv)));
    EXPECT(refused(fork()));
    EXPECT(refused(syscall(SYS_vfork)));
    EXPECT(syscall(SYS_clone3, NULL, (size_t)0) < 0 && errno == ENOSYS);
    EXPECT(refused(kill(getppid(), 0)));
    EXPECT(refused(kill(getpid(), SIGTERM)));
    EXPECT(refused(syscall(SYS_tgkill, getppid(), getppid(), 0)));
    EXPECT(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0);
    EXPECT(refused(syscall(SYS_ptrace, 0, 0, 0, 0)));
    EXPECT(refused(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                        -1, 0) == MAP_FAILED
                       ? -1
                       : 0));
    p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(p != MAP_FAILED);
    EXPECT(refused(mprotect(p, 4096, PROT_READ | PROT_EXEC)));
    EXPECT(mprotect(p, 4096, PROT_READ) == 0);
    EXPECT(munmap(p, 4096) == 0);
    return true;
}

static void later_thread(void *arg)
{
    bool *ok = arg;

    *ok = files_are_shut();
}

static void add_one(void *arg, uint32_t i_thread, uint32_t n_thread)
{
    uint32_t *sums = arg;

    (void)n_thread;
    sums[i_thread]++;
}

static int compare(const void *a, const void *b)
{
    return (int)*(const uint32_t *)a - (int)*(const uint32_t *)b;
}

static bool work_goes_on(struct world *w)
{
    uint32_t sums[2] = { 0 }, many[64];
    bool later_ok = false;
    struct mailbox box;
    struct thread t;
    char text[8];
    size_t n;
    void *p;

    for (size_t size = 1; size < (size_t)1 << 26; size *= 3) { /* both heaps of the C library */
        p = malloc(size);
        EXPECT(p);
        memset(p, 1, size < 4096 ? size : 4096);
        p = realloc(p, size * 2);
        EXPECT(p);
        free(p);
    }
    EXPECT(w->map.size > 0 && w->map.base[0] != 0xFF);
    file_map_will_need(&w->map, 0, w->map.size);
    EXPECT(pread(w->file, text, 1, 0) == 1);
    EXPECT(net_write(w->fds[0], "x", 1, &n, NULL) == ERR_OK && n == 1);
    EXPECT(fd_readable(w->fds[1], 1000));
    EXPECT(net_read(w->fds[1], text, 1, &n, NULL) == ERR_OK && n == 1);
    EXPECT(clock_s() > 0 && clock_unix_s() > 0 && random_seed() != 0);
    EXPECT(mailbox_init(&box, 1, NULL) == ERR_OK);
    EXPECT(!mailbox_wait(&box, 1));
    mailbox_finish(&box);
    EXPECT(thread_start(&t, "later", later_thread, &later_ok, NULL) == ERR_OK);
    thread_join(&t);
    EXPECT(later_ok);
    pool_run(w->pool, add_one, sums);
    EXPECT(sums[0] == 1 && sums[1] == 1);
    for (uint32_t i = 0; i < 64; i++)
        many[i] = i * 37U % 64U;
    qsort(many, 64, sizeof(many[0]), compare);
    EXPECT(many[63] == 63);
    (void)peak_rss_bytes();
    EXPECT(fprintf(stderr, "%s", "") == 0);
    return true;
}

/* A thread that was there before: the filter must hold for it too. */
static void earlier_thread(void *arg)
{
    struct world *w = arg;

    lock_take(&w->lock);
    while (!w->is_shut)
        cond_wait(&w->go, &w->lock);
    lock_give(&w->lock);
    w->before_ok = files_are_shut();
}

/* Returns the exit code. */
static int in_child(bool (*check)(struct world *))
{
    struct world w = { .file = open("/proc/self/exe", O_RDONLY) };
    struct sandbox_result got;
    char path[4096];
    bool ok;

    lock_init(&w.lock);
    cond_init(&w.go);
    if (w.file < 0 || net_pair(w.fds, NULL) || !program_path(path, sizeof(path)) ||
        file_map(&w.map, path, NULL) || pool_create(&w.pool, 2, NULL) ||
        thread_start(&w.before, "earlier", earlier_thread, &w, NULL))
        return 2;
    if (sandbox_enter(&got, NULL) != ERR_OK)
        return 3;
    if (!got.seccomp)
        return NO_MEANS;
    lock_take(&w.lock);
    w.is_shut = true;
    cond_wake_all(&w.go);
    lock_give(&w.lock);
    ok = check(&w);
    thread_join(&w.before);
    return ok && w.before_ok ? 0 : 1;
}

static bool shut(struct world *w)
{
    return files_are_shut() && network_is_shut(w) && programs_are_shut();
}

static void run_child(bool (*check)(struct world *))
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(in_child(check));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_MEANS)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Proves: files, network, programs, signals and executable memory are refused, not fatal. */
static void doors_are_shut(void **state)
{
    (void)state;
    run_child(shut);
}

/* Proves: memory, maps, open files and sockets, threads old and new, clocks and chance work on. */
static void workers_go_on(void **state)
{
    (void)state;
    run_child(work_goes_on);
}

/* Proves: Landlock alone, without the filter, shuts files, and lets open ones be. */
static void landlock_alone(void **state)
{
    int status, abi = landlock_abi();
    pid_t pid;

    (void)state;
    if (!abi)
        skip();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct sockaddr_in at = { .sin_family = AF_INET };
        int file = open("/proc/self/exe", O_RDONLY), fd;
        char byte;

        if (file < 0 || landlock_enter(abi, NULL) != ERR_OK)
            _exit(2);
        if (!refused(open("/etc/passwd", O_RDONLY)) || !refused(mkdir("/tmp/hearth-x", 0700)))
            _exit(3);
        if (pread(file, &byte, 1, 0) != 1)
            _exit(4);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (abi >= 4 && fd >= 0 && !refused(bind(fd, (struct sockaddr *)&at, sizeof(at))))
            _exit(5);
        if (abi >= 6 && !refused(kill(getppid(), 0)))
            _exit(6);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Proves: a worker's place in the order of the out-of-memory killer, and no core dumps. */
static void first_to_go(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit core;
        char text[16] = { 0 };
        int fd;

        sandbox_prefer_oom(500);
        fd = open("/proc/self/oom_score_adj", O_RDONLY);
        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || strcmp(text, "500\n") != 0)
            _exit(1);
        _exit(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 1 ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doors_are_shut),
        cmocka_unit_test(workers_go_on),
        cmocka_unit_test(landlock_alone),
        cmocka_unit_test(first_to_go),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
