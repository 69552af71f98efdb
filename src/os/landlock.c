/* Landlock: rights that a thread gives away for itself and for what it starts.
 * https://docs.kernel.org/userspace-api/landlock.html and linux/landlock.h; our own names for all
 * of it, as headers of distributions are older than kernels. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os_int.h"
#include "os/sandbox_int.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

#define ASK_VERSION  1U        /* LANDLOCK_CREATE_RULESET_VERSION */
#define ALL_THREADS  (1U << 3) /* LANDLOCK_RESTRICT_SELF_TSYNC */
#define ABI_RENAME   2         /* versions of the interface, and what they brought */
#define ABI_TRUNCATE 3
#define ABI_NETWORK  4
#define ABI_IOCTL    5
#define ABI_SCOPE    6
#define ABI_THREADS  8

#define FILE_RIGHTS_FIRST ((1ULL << 13) - 1) /* execute, read, write, list, remove, make … */
#define FILE_RENAME       (1ULL << 13)
#define FILE_TRUNCATE     (1ULL << 14)
#define FILE_IOCTL        (1ULL << 15)
#define NET_BIND          (1ULL << 0)
#define NET_CONNECT       (1ULL << 1)
#define SCOPE_ABSTRACT    (1ULL << 0) /* abstract Unix sockets outside */
#define SCOPE_SIGNAL      (1ULL << 1) /* signals to processes outside */

/* struct landlock_ruleset_attr: what is forbidden unless a rule allows it; we have no rules. An
 * older kernel takes the longer struct when what it does not know is 0. */
struct ruleset {
    uint64_t files, network, scope;
};

int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, ASK_VERSION);

    return abi > 0 ? (int)abi : 0;
}

static long restrict_self(int fd, int abi)
{
    if (abi >= ABI_THREADS && syscall(SYS_landlock_restrict_self, fd, ALL_THREADS) == 0)
        return 0;
    return syscall(SYS_landlock_restrict_self, fd, 0U);
}

enum err_code landlock_enter(int abi, struct err *e)
{
    struct ruleset r = { .files = FILE_RIGHTS_FIRST };
    enum err_code rc = ERR_OK;
    char why[OS_WHY_BYTES];
    int fd;

    r.files |= abi >= ABI_RENAME ? FILE_RENAME : 0;
    r.files |= abi >= ABI_TRUNCATE ? FILE_TRUNCATE : 0;
    r.files |= abi >= ABI_IOCTL ? FILE_IOCTL : 0;
    r.network = abi >= ABI_NETWORK ? NET_BIND | NET_CONNECT : 0;
    r.scope = abi >= ABI_SCOPE ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0;
    fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0U);
    if (fd < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || restrict_self(fd, abi) != 0)
        rc = err_set(e, ERR_DEVICE, "cannot enter the Landlock sandbox (version %d): %s", abi,
                     os_why(errno, why));
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
