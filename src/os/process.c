/* Child processes of this program: started by fork and execve of our own file, ended by waiting.
 *
 * Between fork and execve the child may only make calls that are safe in a signal handler: the
 * parent has other threads, which hold locks. A child that cannot be started tells why through a
 * pipe that execve closes. */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "os/cpu_int.h"
#include "os/os_int.h"
#include "os/sys.h"

#define FD_GIVEN      3
#define FD_HIGH       10 /* files of the child are moved above this before 0 to 3 are filled */
#define FDS_MAX       65536U
#define WAIT_STEP_MS  5U
#define PROC_TEXT_MAX 4096U

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define RANGE_CLOEXEC 4U /* CLOSE_RANGE_CLOEXEC, linux/close_range.h */

/* What the child needs, made before the fork. */
struct child {
    const struct process_params *params;
    char **env;
    int fd_null, fd_report;
    pid_t parent;
    rlim_t n_fd;
};

/* ---- in the child ---- */

static void mark_rest(int first, rlim_t n_fd)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0U, RANGE_CLOEXEC) == 0)
        return;
    for (rlim_t fd = (rlim_t)first; fd < n_fd; fd++)
        (void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
}

/* Files 0 to 3, then nothing; all sources were moved out of the way, so that none overwrites
 * another. False with errno. */
static bool arrange_files(struct child *c)
{
    int null = fcntl(c->fd_null, F_DUPFD_CLOEXEC, FD_HIGH), err = null, given = -1;

    if (null < 0)
        return false;
    if (c->params->fd_err >= 0)
        err = fcntl(c->params->fd_err, F_DUPFD_CLOEXEC, FD_HIGH);
    if (c->params->fd >= 0)
        given = fcntl(c->params->fd, F_DUPFD_CLOEXEC, FD_HIGH);
    if (err < 0 || (c->params->fd >= 0 && given < 0))
        return false;
    if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(err, STDERR_FILENO) < 0)
        return false;
    if (given >= 0 && dup2(given, FD_GIVEN) < 0)
        return false;
    mark_rest(given >= 0 ? FD_GIVEN + 1 : FD_GIVEN, c->n_fd);
    return true;
}

static bool set_up(struct child *c)
{
    int high = fcntl(c->fd_report, F_DUPFD_CLOEXEC, FD_HIGH);
    sigset_t none;

    if (high < 0)
        return false;
    c->fd_report = high;
    if (!arrange_files(c))
        return false;
    if (c->params->detach && setsid() < 0)
        return false;
    if (c->params->die_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
            return false;
        if (getppid() != c->parent) /* it ended before we asked */
            _exit(EXIT_FAILURE);
    }
    (void)sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static void child_main(struct child *c)
{
    static const char self[] = "/proc/self/exe";
    ssize_t n;
    int why;

    if (set_up(c))
        (void)execve(self, (char *const *)(uintptr_t)c->params->argv, c->env);
    why = errno;
    do {
        n = write(c->fd_report, &why, sizeof(why));
    } while (n < 0 && errno == EINTR);
    _exit(EXIT_FAILURE);
}

/* ---- in the parent ---- */

/* Waits until the child runs the new program; 0, or the errno that it failed with. */
static int await_exec(int fd)
{
    int why = 0;
    ssize_t n;

    do {
        n = read(fd, &why, sizeof(why));
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(why) ? why : 0;
}

static pid_t spawn(struct child *c, int report[2], int *why)
{
    sigset_t all, before;
    pid_t pid;

    /* No handler of ours runs in the child before its mask is set. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    c->parent = getpid();
    pid = fork();
    *why = errno;
    if (pid == 0)
        child_main(c);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)close(report[1]);
    report[1] = -1;
    if (pid < 0)
        return pid;
    *why = await_exec(report[0]);
    if (*why) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        return -1;
    }
    return pid;
}

/* "A=1" is meant by "A", by a beginning with "*" behind it, or by an end of its name with "*"
 * before it. */
static bool is_meant(const char *variable, const char *pattern)
{
    const size_t len = strcspn(variable, "="), n = strlen(pattern);

    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(variable, pattern, n - 1) == 0;
    if (pattern[0] == '*')
        return len >= n - 1 && strncmp(variable + len - (n - 1), pattern + 1, n - 1) == 0;
    return len == n && strncmp(variable, pattern, n) == 0;
}

static bool is_wanted(const char *variable, const char *const *patterns)
{
    for (; *patterns; patterns++) {
        if (is_meant(variable, *patterns))
            return true;
    }
    return false;
}

/* The child's environment, to be freed unless it is environ; NULL: no memory. */
static char **make_env(const char *const *patterns)
{
    size_t n = 0, k = 0;
    char **env;

    if (!patterns || !environ)
        return environ;
    while (environ[n])
        n++;
    env = mem_alloc_n(MEM_OTHER, n + 1, sizeof(*env));
    for (size_t i = 0; env && i < n; i++) {
        if (is_wanted(environ[i], patterns))
            env[k++] = environ[i];
    }
    if (env)
        env[k] = NULL;
    return env;
}

enum err_code process_start(struct process *p, const struct process_params *params, struct err *e)
{
    struct child c = { .params = params, .fd_null = -1, .n_fd = FDS_MAX };
    int report[2] = { -1, -1 }, why = 0;
    struct rlimit limit;
    pid_t pid = -1;

    *p = (struct process){ .pid = 0, .pidfd = -1 };
    c.env = make_env(params->env);
    if (!c.env && params->env)
        return err_set(e, ERR_OOM, "no memory to start a process of this program");
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FDS_MAX)
        c.n_fd = limit.rlim_cur;
    c.fd_null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (c.fd_null < 0 || pipe2(report, O_CLOEXEC) != 0) {
        why = errno;
    } else {
        c.fd_report = report[1];
        pid = spawn(&c, report, &why);
    }
    if (c.fd_null >= 0)
        (void)close(c.fd_null);
    if (c.env != environ)
        mem_free(c.env);
    for (unsigned i = 0; i < 2; i++) {
        if (report[i] >= 0)
            (void)close(report[i]);
    }
    if (pid < 0) {
        char text[OS_WHY_BYTES];

        return err_set(e, why == ENOMEM || why == EAGAIN ? ERR_OOM : ERR_IO,
                       "cannot start a process of this program: %s", os_why(why, text));
    }
    p->pid = (int32_t)pid;
    p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
    return ERR_OK;
}

void process_signal(const struct process *p, int signal)
{
    if (p->pid > 0)
        (void)kill((pid_t)p->pid, signal);
}

void process_kill(const struct process *p)
{
    process_signal(p, SIGKILL);
}

bool process_ended(struct process *p, struct process_end *end)
{
    int status = 0;
    pid_t pid;

    *end = (struct process_end){ 0 };
    if (p->pid <= 0)
        return false;
    do {
        pid = waitpid((pid_t)p->pid, &status, WNOHANG);
    } while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return false;
    if (pid < 0) /* not ours to wait for: how it ended is lost */
        end->code = -1;
    else if (WIFSIGNALED(status))
        *end = (struct process_end){ .signalled = true,
                                     .killed = WTERMSIG(status) == SIGKILL,
                                     .code = WTERMSIG(status) };
    else
        end->code = WEXITSTATUS(status);
    if (p->pidfd >= 0)
        (void)close(p->pidfd);
    *p = (struct process){ .pid = 0, .pidfd = -1 };
    return true;
}

bool process_wait(struct process *p, uint32_t timeout_ms, struct process_end *end)
{
    const double until = clock_s() + (double)timeout_ms / 1000.0;

    if (p->pid <= 0) {
        *end = (struct process_end){ 0 };
        return false;
    }
    while (!process_ended(p, end)) {
        struct pollfd wait = { .fd = p->pidfd, .events = POLLIN };
        double left_ms = (until - clock_s()) * 1000.0;
        int step = left_ms < (double)INT32_MAX ? (int)left_ms + 1 : INT32_MAX;

        if (!(left_ms > 0))
            return false;
        if (p->pidfd < 0 && step > (int)WAIT_STEP_MS)
            step = (int)WAIT_STEP_MS;
        (void)poll(&wait, 1, step); /* a negative descriptor is only a pause */
    }
    return true;
}

void process_ignore_terminate(void)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };

    for (size_t i = 0; i < COUNT_OF(signals); i++)
        CHECK(sigaction(signals[i], &ignore, NULL) == 0);
}

bool process_alive(int32_t pid)
{
    const char *state;
    char path[64];
    struct buf b;
    bool is_dead;

    if (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno != EPERM))
        return false;
    /* Ended, but not yet waited for by its parent: "PID (NAME) Z …", and NAME may be anything. */
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    buf_init(&b, MEM_OTHER, PROC_TEXT_MAX);
    state = sys_text(&b, path) ? strrchr(buf_str(&b), ')') : NULL;
    is_dead = state && (strncmp(state, ") Z", 3) == 0 || strncmp(state, ") X", 3) == 0);
    buf_finish(&b);
    return !is_dead;
}

enum err_code process_words(int fds[2], struct err *e)
{
    if (pipe2(fds, O_CLOEXEC) != 0) {
        fds[0] = fds[1] = -1;
        return os_fail(e, errno, "create", "a pipe");
    }
    (void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
    return ERR_OK;
}

bool process_words_read(int fd, void *to, size_t cap, size_t *n)
{
    ssize_t got;

    do {
        got = read(fd, to, cap);
    } while (got < 0 && errno == EINTR);
    *n = got > 0 ? (size_t)got : 0;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

int32_t process_self(void)
{
    return (int32_t)getpid();
}

/* Number `place` (0 = the first) of /proc/PID/statm, "SIZE RESIDENT SHARED …" in pages. */
static uint64_t statm_bytes(int32_t pid, unsigned place)
{
    uint64_t n_page = 0;
    char path[64];
    struct buf b;

    if (pid <= 0)
        return 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    buf_init(&b, MEM_OTHER, PROC_TEXT_MAX);
    if (sys_text(&b, path)) {
        const char *at = buf_str(&b);
        char *rest;

        for (unsigned i = 0; i <= place; i++, at = rest)
            n_page = strtoull(at, &rest, 10);
    }
    buf_finish(&b);
    return n_page * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t process_rss_bytes(int32_t pid)
{
    return statm_bytes(pid, 1);
}

uint64_t process_file_bytes(int32_t pid)
{
    return statm_bytes(pid, 2);
}
