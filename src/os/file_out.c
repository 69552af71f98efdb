/* Files written under a temporary name and renamed into place: a crash leaves the old contents or
 * the new, never half of one. Order matters: data, fsync, rename, fsync of the folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/file.h"
#include "os/os_int.h"
#include "os/path.h"
#include "os/sys.h"

#define OUT_BUFFER_BYTES ((size_t)256 * 1024)
#define OUT_NAME_TRIES   16

struct file_out {
    int fd;
    bool has_failed; /* a write went wrong: commit must not rename */
    uint64_t n_bytes;
    size_t n_held; /* in held, not yet written */
    char path[PATH_BYTES_MAX];
    char tmp[PATH_BYTES_MAX];
    unsigned char held[OUT_BUFFER_BYTES];
};

/* Creates path.tmp-XXXXXXXX; several tries, as another process may own a name. */
static enum err_code create_tmp(struct file_out *f, struct err *e)
{
    for (unsigned i = 0; i < OUT_NAME_TRIES; i++) {
        int n = snprintf(f->tmp, sizeof(f->tmp), "%s.tmp-%08x", f->path, (unsigned)random_seed());

        if (n < 0 || (size_t)n >= sizeof(f->tmp))
            return err_set(e, ERR_LIMIT, "path of %zu bytes is too long to write to",
                           strlen(f->path));
        f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (f->fd >= 0)
            return ERR_OK;
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    return os_fail(e, errno, "create", f->path);
}

enum err_code file_out_open(struct file_out **out, const char *path, struct err *e)
{
    size_t len = strlen(path);
    struct file_out *f;
    struct stat st;
    enum err_code rc;

    *out = NULL;
    if (len == 0 || len >= PATH_BYTES_MAX)
        return err_set(e, ERR_ARG, "a file's path must have 1 to %u bytes, this has %zu",
                       PATH_BYTES_MAX - 1U, len);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(e, ERR_IO, "cannot write %s: it is not a regular file", path);
    f = mem_alloc(MEM_OTHER, sizeof(*f));
    if (!f)
        return err_set(e, ERR_OOM, "no memory to write %s", path);
    f->fd = -1;
    f->has_failed = false;
    f->n_bytes = 0;
    f->n_held = 0;
    memcpy(f->path, path, len + 1);
    rc = create_tmp(f, e);
    if (rc) {
        mem_free(f);
        return rc;
    }
    *out = f;
    return ERR_OK;
}

static enum err_code write_all(struct file_out *f, const unsigned char *p, size_t len,
                               struct err *e)
{
    while (len > 0) {
        ssize_t n = write(f->fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            f->has_failed = true;
            return os_fail(e, errno, "write", f->path);
        }
        p += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

static enum err_code flush(struct file_out *f, struct err *e)
{
    size_t n = f->n_held;

    f->n_held = 0;
    return write_all(f, f->held, n, e);
}

enum err_code file_out_write(struct file_out *f, const void *data, size_t len, struct err *e)
{
    enum err_code rc;

    if (f->has_failed)
        return err_set(e, ERR_IO, "cannot write %s: an earlier write failed", f->path);
    if (len > OUT_BUFFER_BYTES - f->n_held) {
        rc = flush(f, e);
        if (rc)
            return rc;
    }
    if (len >= OUT_BUFFER_BYTES) {
        rc = write_all(f, data, len, e);
        if (rc)
            return rc;
    } else if (len > 0) {
        memcpy(f->held + f->n_held, data, len);
        f->n_held += len;
    }
    f->n_bytes += len;
    return ERR_OK;
}

uint64_t file_out_bytes(const struct file_out *f)
{
    return f->n_bytes;
}

/* Makes a rename last. A file system that cannot sync folders is no reason to fail: the file itself
 * is whole. */
static void sync_folder_of(const char *path)
{
    char folder[PATH_BYTES_MAX];
    size_t n = (size_t)(path_base(path) - path);
    int fd;

    CHECK(n < sizeof(folder));
    memcpy(folder, n ? path : ".", n ? n : 1);
    folder[n ? n : 1] = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

enum err_code file_out_commit(struct file_out *f, struct err *e)
{
    enum err_code rc = ERR_OK;

    if (f->has_failed)
        rc = err_set(e, ERR_IO, "cannot write %s: an earlier write failed", f->path);
    else
        rc = flush(f, e);
    if (!rc && fsync(f->fd) != 0)
        rc = os_fail(e, errno, "sync", f->path);
    if (!rc && rename(f->tmp, f->path) != 0)
        rc = os_fail(e, errno, "rename into place", f->path);
    if (rc) {
        file_out_abandon(f);
        return rc;
    }
    (void)close(f->fd);
    sync_folder_of(f->path);
    mem_free(f);
    return ERR_OK;
}

void file_out_abandon(struct file_out *f)
{
    if (!f)
        return;
    (void)close(f->fd);
    (void)unlink(f->tmp);
    mem_free(f);
}

enum err_code file_write(const char *path, const void *data, size_t len, struct err *e)
{
    struct file_out *f;
    enum err_code rc = file_out_open(&f, path, e);

    if (rc)
        return rc;
    rc = file_out_write(f, data, len, e);
    if (rc) {
        file_out_abandon(f);
        return rc;
    }
    return file_out_commit(f, e);
}
