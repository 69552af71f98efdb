/* Files that only grow: logs. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "os/os_int.h"

enum err_code file_append_open(struct file_append *f, const char *path, struct err *e)
{
    struct stat st;

    f->n_bytes = 0;
    f->_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->_fd < 0)
        return os_fail(e, errno, "open", path);
    if (fstat(f->_fd, &st) == 0 && st.st_size > 0)
        f->n_bytes = (uint64_t)st.st_size;
    return ERR_OK;
}

bool file_append(struct file_append *f, const void *data, size_t len)
{
    ssize_t n;

    do {
        n = write(f->_fd, data, len);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        f->n_bytes += (uint64_t)n;
    return n == (ssize_t)len;
}

void file_append_close(struct file_append *f)
{
    if (f->_fd >= 0)
        (void)close(f->_fd);
    f->_fd = -1;
}
