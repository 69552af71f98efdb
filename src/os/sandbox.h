/* Shutting the doors behind a process that has opened all that it needs.
 *
 * libseccomp and Landlock, each where build and kernel have it. Nothing can be opened again. */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"

struct sandbox_result {
    bool seccomp;       /* system calls are filtered                    */
    int landlock_abi;   /* 0: the kernel or build has none              */
    const char *absent; /* why something is missing, NULL: all is there */
};

/* For a worker that has its model mapped and its socket open: from now on no network, no new files,
 * no new programs, no signals to others; memory, threads, clocks and open files go on. The filter
 * of system calls applies to all threads, Landlock to the calling one and those that it starts (to
 * all from version 8 on): call it on the thread that reads what comes from outside. A forbidden
 * call fails with EPERM or EACCES; it does not end the process. ERR_DEVICE: the kernel has a means
 * that then failed (the caller should not go on). */
enum err_code sandbox_enter(struct sandbox_result *out, struct err *e);

/* Makes this process the first to go when memory runs out (oom_score_adj), and limits core dumps,
 * so that prompts are not written to disk. */
void sandbox_prefer_oom(int score);

#endif
