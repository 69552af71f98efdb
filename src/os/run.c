/* Child processes by posix_spawn: pipes for input and output, one poll loop for both. */
#include "os/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/sys.h"

#define POLL_MS 100

extern char **environ;

struct child {
    pid_t pid;
    int in, out; /* our ends; -1: closed */
    size_t n_sent;
};

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static enum err_code start(struct child *c, const struct run_call *call, struct err *e)
{
    char *const argv[] = { (char *)(uintptr_t)call->program, NULL };
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t pipe;

    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        rc = errno;
        shut(&in[0]);
        shut(&in[1]);
        return err_set(e, ERR_IO, "no pipe to %s: %s", call->program, strerror(rc));
    }
    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE); /* this program ignores it; others rely on it */
    rc = posix_spawn_file_actions_init(&actions);
    rc = rc ? rc : posix_spawnattr_init(&attr);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    rc = rc ? rc : posix_spawnattr_setsigdefault(&attr, &pipe);
    rc = rc ? rc : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    rc = rc ? rc : posix_spawnp(&c->pid, call->program, &actions, &attr, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attr);
    shut(&in[0]);
    shut(&out[1]);
    c->in = in[1];
    c->out = out[0];
    if (!rc)
        (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    if (rc) {
        shut(&c->in);
        shut(&c->out);
        return err_set(e, rc == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s cannot be run: %s",
                       call->program, strerror(rc));
    }
    return ERR_OK;
}

static void send_some(struct child *c, const struct run_call *call)
{
    ssize_t n = c->n_sent < call->n_input
                    ? write(c->in, call->input + c->n_sent, call->n_input - c->n_sent)
                    : 0;

    if (n > 0)
        c->n_sent += (size_t)n;
    if (c->n_sent == call->n_input || (n < 0 && errno != EAGAIN && errno != EINTR))
        shut(&c->in); /* all of it, or nobody reads any more */
}

static void receive_some(struct child *c, struct buf *out)
{
    char piece[4096];
    ssize_t n = read(c->out, piece, sizeof(piece));

    if (n > 0)
        (void)buf_add(out, piece, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        shut(&c->out);
}

static enum err_code talk(struct child *c, const struct run_call *call, struct buf *out,
                          struct err *e)
{
    double until = clock_s() + (double)call->timeout_ms * 1e-3;

    if (!call->n_input)
        shut(&c->in);
    while (c->out >= 0) {
        struct pollfd fds[2] = { { .fd = c->out, .events = POLLIN },
                                 { .fd = c->in, .events = POLLOUT } };

        if (interrupt_seen(false))
            return err_set(e, ERR_CANCELLED, "%s was stopped", call->program);
        if (call->timeout_ms && clock_s() >= until)
            return err_set(e, ERR_LIMIT, "%s took longer than %u s and was stopped", call->program,
                           call->timeout_ms / 1000U);
        if (poll(fds, 2, POLL_MS) < 0 && errno != EINTR)
            return err_set(e, ERR_IO, "%s: %s", call->program, strerror(errno));
        if (fds[1].revents && c->in >= 0)
            send_some(c, call);
        if (fds[0].revents)
            receive_some(c, out);
    }
    return ERR_OK;
}

/* Its output is closed, but it may go on: wait no longer than it was given. */
static enum err_code reap(struct child *c, const struct run_call *call, bool killed, int *exit_code,
                          struct err *e)
{
    double until = clock_s() + (double)call->timeout_ms * 1e-3;
    enum err_code rc = ERR_OK;
    int status = 0;
    pid_t done;

    while ((done = waitpid(c->pid, &status, killed ? 0 : WNOHANG)) != c->pid) {
        if (done < 0 && errno != EINTR)
            return err_set(e, ERR_IO, "%s: %s", call->program, strerror(errno));
        if (!killed && (interrupt_seen(false) || (call->timeout_ms && clock_s() >= until))) {
            rc = interrupt_seen(false)
                     ? err_set(e, ERR_CANCELLED, "%s was stopped", call->program)
                     : err_set(e, ERR_LIMIT, "%s did not end and was stopped", call->program);
            (void)kill(c->pid, SIGKILL);
            killed = true;
        } else if (!killed) {
            (void)poll(NULL, 0, 5);
        }
    }
    *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return rc;
}

enum err_code run_program(const struct run_call *call, struct buf *out, int *exit_code,
                          struct err *e)
{
    struct child c = { .in = -1, .out = -1 };
    enum err_code rc = start(&c, call, e), ended;

    *exit_code = -1;
    if (rc)
        return rc;
    rc = talk(&c, call, out, e);
    if (rc)
        (void)kill(c.pid, SIGKILL);
    shut(&c.in);
    shut(&c.out);
    ended = reap(&c, call, rc != ERR_OK, exit_code, e);
    return rc ? rc : ended;
}
