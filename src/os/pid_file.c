/* One instance of a program: a locked file with the holder's pid inside.
 *
 * The lock belongs to the open file (F_OFD_SETLK): the system lifts it when the holder ends,
 * however that happens, and reading the file elsewhere in the process does not. The file is removed
 * while it is locked; who gets the lock looks whether the file is still the one at that path. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "os/os_int.h"
#include "os/process.h"

#define TAKE_TRIES_MAX 16U
#define READ_TRIES_MAX 20U /* the holder writes its pid right after it got the lock */
#define READ_STEP_NS   5000000L
#define PID_TEXT_BYTES 16U

static int32_t read_pid(int fd)
{
    char text[PID_TEXT_BYTES];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    long pid;

    if (n <= 0)
        return 0;
    text[n] = '\0';
    pid = strtol(text, NULL, 10);
    return pid > 0 && pid <= INT32_MAX ? (int32_t)pid : 0;
}

static int32_t await_pid(int fd)
{
    const struct timespec step = { .tv_nsec = READ_STEP_NS };
    int32_t pid = read_pid(fd);

    for (unsigned i = 0; i < READ_TRIES_MAX && !pid; i++) {
        (void)nanosleep(&step, NULL);
        pid = read_pid(fd);
    }
    return pid;
}

static bool is_at(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

/* Opens and locks; *fd is -1 when the file was replaced meanwhile: try again. */
static enum err_code try_take(int *fd, const char *path, int32_t *other, struct err *e)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int why;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
    if (*fd < 0)
        return os_fail(e, errno, "open", path);
    if (fcntl(*fd, F_OFD_SETLK, &lock) == 0) {
        if (is_at(*fd, path))
            return ERR_OK;
        (void)close(*fd);
        *fd = -1;
        return ERR_OK;
    }
    why = errno;
    if (why == EAGAIN || why == EACCES)
        *other = await_pid(*fd);
    (void)close(*fd);
    *fd = -1;
    if (why == EAGAIN || why == EACCES)
        return err_set(e, ERR_CANCELLED, "%s is held by process %d", path, (int)*other);
    return os_fail(e, why, "lock", path);
}

enum err_code pid_file_take(struct pid_file *f, const char *path, int32_t *other, struct err *e)
{
    char text[PID_TEXT_BYTES];
    int n = snprintf(text, sizeof(text), "%d\n", (int)getpid()), fd = -1;

    f->_fd_plus_1 = 0;
    *other = 0;
    for (unsigned i = 0; i < TAKE_TRIES_MAX && fd < 0; i++) {
        enum err_code rc = try_take(&fd, path, other, e);

        if (rc)
            return rc;
    }
    if (fd < 0)
        return err_set(e, ERR_IO, "cannot lock %s: it is replaced over and over", path);
    f->_fd_plus_1 = fd + 1;
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != (ssize_t)n) {
        enum err_code rc = os_fail(e, errno, "write", path);

        pid_file_give(f, path);
        return rc;
    }
    return ERR_OK;
}

void pid_file_give(struct pid_file *f, const char *path)
{
    if (!f->_fd_plus_1)
        return;
    if (is_at(f->_fd_plus_1 - 1, path))
        (void)unlink(path);
    (void)close(f->_fd_plus_1 - 1);
    f->_fd_plus_1 = 0;
}

int32_t pid_file_holder(const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    int32_t pid = 0;

    if (fd < 0)
        return 0;
    if (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        pid = await_pid(fd);
    (void)close(fd);
    return pid;
}
