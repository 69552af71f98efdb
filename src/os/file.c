/* Files: mapping, reading whole, folders, standard streams. Writing is in file_out.c.
 *
 * A mapped file that another program shortens raises SIGBUS when the lost pages are touched: no
 * check here can prevent it. What Hearth itself writes is therefore renamed into place
 * (file_out.c): a reader that has mapped the old file keeps it. Who must outlive any file reads it
 * through struct file_in. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "os/os_int.h"
#include "os/path.h"

#define READ_STEP_BYTES ((size_t)64 * 1024)

const char *os_why(int errnum, char *text)
{
    return strerror_r(errnum, text, OS_WHY_BYTES); /* the GNU form: returns the text to use */
}

enum err_code os_fail(struct err *e, int errnum, const char *verb, const char *path)
{
    char text[OS_WHY_BYTES];
    enum err_code code = ERR_IO;

    if (errnum == ENOENT || errnum == ENOTDIR)
        code = ERR_NOT_FOUND;
    if (errnum == ENOMEM)
        code = ERR_OOM;
    return err_set(e, code, "cannot %s %s: %s", verb, path, os_why(errnum, text));
}

/* Opens for reading. flags: O_NONBLOCK so as not to wait for the other end of a pipe, or 0. */
static enum err_code open_to_read(int *fd, struct stat *st, const char *path, int flags,
                                  struct err *e)
{
    enum err_code rc;

    do {
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    } while (*fd < 0 && errno == EINTR);
    if (*fd < 0)
        return os_fail(e, errno, "open", path);
    if (fstat(*fd, st) != 0)
        rc = os_fail(e, errno, "look at", path);
    else if (S_ISDIR(st->st_mode))
        rc = err_set(e, ERR_IO, "cannot read %s: it is a folder", path);
    else
        return ERR_OK;
    (void)close(*fd);
    *fd = -1;
    return rc;
}

/* The same, regular files only; verb: for the message. */
static enum err_code open_regular(int *fd, struct stat *st, const char *verb, const char *path,
                                  struct err *e)
{
    enum err_code rc = open_to_read(fd, st, path, O_NONBLOCK, e);

    if (rc || S_ISREG(st->st_mode))
        return rc;
    (void)close(*fd);
    *fd = -1;
    return err_set(e, ERR_IO, "cannot %s %s: it is not a regular file", verb, path);
}

enum err_code file_map(struct file_map *m, const char *path, struct err *e)
{
    struct stat st;
    enum err_code rc = ERR_OK;
    void *base;
    int fd;

    *m = (struct file_map){ 0 };
    rc = open_regular(&fd, &st, "map", path, e);
    if (rc)
        return rc;
    if (st.st_size == 0)
        goto done;
    if ((uintmax_t)st.st_size > SIZE_MAX) {
        rc = err_set(e, ERR_LIMIT, "cannot map %s: %lld bytes do not fit the address space", path,
                     (long long)st.st_size);
        goto done;
    }
    base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        rc = os_fail(e, errno, "map", path);
        goto done;
    }
    m->base = base;
    m->size = (size_t)st.st_size;
done:
    (void)close(fd); /* the mapping keeps the file */
    return rc;
}

void file_unmap(struct file_map *m)
{
    if (m->base)
        (void)munmap((void *)(uintptr_t)m->base, m->size);
    *m = (struct file_map){ 0 };
}

/* Gives advice about the pages of a range. `whole` leaves out pages that are only partly inside. */
static void advise(const struct file_map *m, size_t offset, size_t len, bool whole, int advice)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), end;

    if (!m->base || offset >= m->size || len == 0)
        return;
    end = len > m->size - offset ? m->size : offset + len;
    if (whole) {
        offset = round_up(offset, page);
        end = end == m->size ? end : end / page * page;
    } else {
        offset = offset / page * page;
    }
    if (offset < end)
        (void)madvise((void *)(uintptr_t)(m->base + offset), end - offset, advice);
}

void file_map_will_need(const struct file_map *m, size_t offset, size_t len)
{
    advise(m, offset, len, false, MADV_WILLNEED);
}

void file_map_dont_need(const struct file_map *m, size_t offset, size_t len)
{
    advise(m, offset, len, true, MADV_DONTNEED);
}

enum err_code file_in_open(struct file_in *f, const char *path, struct err *e)
{
    struct stat st;
    enum err_code rc;

    *f = (struct file_in){ ._fd = -1, .path = path };
    rc = open_regular(&f->_fd, &st, "read", path, e);
    if (!rc)
        f->size = (uint64_t)st.st_size;
    return rc;
}

enum err_code file_in_read(const struct file_in *f, uint64_t at, void *to, size_t len, size_t *n,
                           struct err *e)
{
    *n = 0;
    while (*n < len) {
        ssize_t got = pread(f->_fd, (char *)to + *n, len - *n, (off_t)(at + *n));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return os_fail(e, errno, "read", f->path);
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return ERR_OK;
}

void file_in_close(struct file_in *f)
{
    if (f->_fd >= 0)
        (void)close(f->_fd);
    f->_fd = -1;
}

/* Appends everything that fd still gives. */
static enum err_code read_all(struct buf *b, int fd, const char *name, struct err *e)
{
    for (;;) {
        size_t room = b->max > b->len ? b->max - b->len : 0;
        size_t step = min_size(room, READ_STEP_BYTES);
        char beyond;
        ssize_t n;

        if (step && !buf_reserve(b, step))
            return buf_check(b, name, e);
        n = step ? read(fd, b->data + b->len, step) : read(fd, &beyond, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return os_fail(e, errno, "read", name);
        if (n == 0)
            break;
        if (!step) {
            b->failed = true;
            return err_set(e, ERR_LIMIT, "%s is larger than %zu bytes", name, b->max);
        }
        b->len += (size_t)n;
        b->data[b->len] = '\0';
    }
    return ERR_OK;
}

enum err_code file_read(struct buf *b, const char *path, struct err *e)
{
    struct stat st;
    enum err_code rc;
    int fd;

    rc = open_to_read(&fd, &st, path, 0, e);
    if (rc)
        return rc;
    if (S_ISREG(st.st_mode) && b->max >= b->len && (uintmax_t)st.st_size > b->max - b->len) {
        b->failed = true;
        rc = err_set(e, ERR_LIMIT, "%s has %lld bytes, limit %zu", path, (long long)st.st_size,
                     b->max);
    } else {
        if (S_ISREG(st.st_mode))
            (void)buf_reserve(b, (size_t)st.st_size);
        rc = read_all(b, fd, path, e);
    }
    (void)close(fd);
    return rc;
}

enum err_code file_read_stdin(struct buf *b, struct err *e)
{
    return read_all(b, STDIN_FILENO, "standard input", e);
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

enum err_code file_size(const char *path, uint64_t *size, struct err *e)
{
    struct stat st;

    *size = 0;
    if (stat(path, &st) != 0)
        return os_fail(e, errno, "look at", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_IO, "%s is not a regular file", path);
    *size = (uint64_t)st.st_size;
    return ERR_OK;
}

enum err_code file_make_private(const char *path, struct err *e)
{
    enum err_code rc = ERR_OK;
    struct stat st;
    int fd;

    do {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return os_fail(e, errno, "open", path);
    if (fstat(fd, &st) != 0)
        rc = os_fail(e, errno, "look at", path);
    else if (!S_ISREG(st.st_mode))
        rc = err_set(e, ERR_IO, "%s is not a regular file", path);
    else if ((st.st_mode & 0777) != 0600 && fchmod(fd, 0600) != 0)
        rc = os_fail(e, errno, "change the mode of", path);
    (void)close(fd);
    return rc;
}

static enum err_code make_one(const char *path, struct err *e)
{
    struct stat st;
    int why;

    if (mkdir(path, 0700) == 0)
        return ERR_OK;
    why = errno;
    if (why == EEXIST && stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return ERR_OK;
        return err_set(e, ERR_IO, "cannot create folder %s: a file has that name", path);
    }
    return os_fail(e, why, "create folder", path);
}

enum err_code dir_create(const char *path, struct err *e)
{
    char part[PATH_BYTES_MAX];
    size_t len = strlen(path);
    enum err_code rc;

    if (len == 0 || len >= sizeof(part))
        return err_set(e, ERR_ARG, "a folder's path must have 1 to %u bytes, this has %zu",
                       PATH_BYTES_MAX - 1U, len);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        rc = make_one(part, e);
        if (rc)
            return rc;
        part[i] = '/';
    }
    return make_one(part, e);
}

enum err_code stdout_write(const void *data, size_t len, struct err *e)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, p, len);

        if (n < 0 && errno == EAGAIN) { /* a terminal that somebody switched to non-blocking */
            struct pollfd wait = { .fd = STDOUT_FILENO, .events = POLLOUT };

            (void)poll(&wait, 1, -1);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return os_fail(e, errno, "write to", "standard output");
        p += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

bool program_path(char *out, size_t cap)
{
    ssize_t n = cap ? readlink("/proc/self/exe", out, cap - 1) : -1;

    if (n < 0 || (size_t)n >= cap - 1) {
        if (cap)
            out[0] = '\0';
        return false;
    }
    out[n] = '\0';
    return true;
}

int64_t program_unix_s(void)
{
    struct stat st;

    return stat("/proc/self/exe", &st) == 0 ? (int64_t)st.st_mtime : 0;
}
