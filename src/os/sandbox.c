/* The sandbox of workers: Landlock (landlock.c) and a filter of system calls by libseccomp.
 *
 * The filter is a list of what is allowed; all else fails with EPERM. It holds what the C library,
 * threads and an engine whose files are open need. Where a call is allowed in part only, the C
 * library has been checked to cope with the refusal: clone3 is said not to exist, so that threads
 * are made with clone, whose flags a filter can see. */
#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/attr.h"
#include "config.h"
#include "os/os_int.h"
#include "os/sandbox_int.h"

#if HEARTH_HAVE_SECCOMP

#include <seccomp.h>

static const int allowed[] = {
    /* memory (mmap and mprotect see below) */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(mincore),
    /* files that are open */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(sendto),
    SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(shutdown),
    /* waiting */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd2), SCMP_SYS(futex), SCMP_SYS(restart_syscall), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    /* time and chance */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getrandom),
    /* threads and signals of our own */
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address), SCMP_SYS(rseq), SCMP_SYS(membarrier), SCMP_SYS(gettid),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* questions about ourselves */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(times)
};

#define PRCTL_NAME_MEMORY 0x53564d41 /* PR_SET_VMA: newer C libraries name their heaps */

/* Those with a condition on one argument: (argument & mask) == value. */
static const struct {
    int call;
    unsigned i_arg;
    scmp_datum_t mask, value;
} in_part[] = {
    { SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
    { SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
    { SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD },
    { SCMP_SYS(prlimit64), 2, UINT64_MAX, 0 }, /* no new limits: only asking */
    { SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL },
    { SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL },
    { SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD },
    { SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD },
    { SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME },
    { SCMP_SYS(prctl), 0, UINT32_MAX, PR_GET_NAME },
    { SCMP_SYS(prctl), 0, UINT32_MAX, PRCTL_NAME_MEMORY },
};

/* Returns 0 or a negative errno, like the library. */
static int add_rules(scmp_filter_ctx f)
{
    int why = 0;

    for (size_t i = 0; i < COUNT_OF(allowed) && !why; i++)
        why = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < COUNT_OF(in_part) && !why; i++)
        why = seccomp_rule_add(
            f, SCMP_ACT_ALLOW, in_part[i].call, 1,
            SCMP_CMP(in_part[i].i_arg, SCMP_CMP_MASKED_EQ, in_part[i].mask, in_part[i].value));
    if (!why) /* abort and the like: signals to this process alone */
        why = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)getpid()));
    if (!why)
        why = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return why;
}

static enum err_code filter_calls(struct sandbox_result *out, struct err *e)
{
    char text[OS_WHY_BYTES];
    scmp_filter_ctx f;
    int why;

    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
        out->absent = "the kernel has no filter for system calls (seccomp)";
        return ERR_OK;
    }
    f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!f)
        return err_set(e, ERR_OOM, "no memory for the filter of system calls");
    why = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!why)
        why = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    if (!why)
        why = add_rules(f);
    if (!why)
        why = seccomp_load(f);
    seccomp_release(f);
    if (why)
        return err_set(e, ERR_DEVICE, "cannot filter system calls: %s", os_why(-why, text));
    out->seccomp = true;
    return ERR_OK;
}

#else

static enum err_code filter_calls(struct sandbox_result *out, struct err *e)
{
    (void)e;
    out->absent = "this program was built without libseccomp";
    return ERR_OK;
}

#endif

enum err_code sandbox_enter(struct sandbox_result *out, struct err *e)
{
    enum err_code rc;

    *out = (struct sandbox_result){ .landlock_abi = landlock_abi() };
    if (!out->landlock_abi)
        out->absent = "the kernel has no Landlock";
    else if ((rc = landlock_enter(out->landlock_abi, e)) != ERR_OK)
        return rc;
    return filter_calls(out, e);
}

void sandbox_prefer_oom(int score)
{
    /* 1 and not 0: the one value that also stops cores that are piped to a program (core(5)) */
    const struct rlimit no_core = { 1, 1 };
    char text[16];
    int n = snprintf(text, sizeof(text), "%d\n", score);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (fd < 0)
        return;
    /* a system that refuses (a container without the file's owner) keeps its own order */
    if (write(fd, text, (size_t)n) < 0)
        errno = 0;
    (void)close(fd);
}
