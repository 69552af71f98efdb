/* Preloaded into the program by the test of clocks: the wall clock of a process is the system's
 * plus a number of seconds that the file named by LD_CLOCK_SHIM holds, mapped here, so that it can
 * jump at any moment. Other clocks are as they are. The system is called without detours:
 * sanitizers intercept these functions too. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_s;

/* Before main, and before a worker shuts its doors. */
__attribute__((constructor)) static void open_offset(void)
{
    const char *path = getenv("LD_CLOCK_SHIM");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*offset_s), PROT_READ, MAP_SHARED, fd, 0);

    if (fd >= 0)
        (void)close(fd);
    if (p != MAP_FAILED)
        offset_s = p;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, t);

    if (rc == 0 && offset_s && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        t->tv_sec += (time_t)*offset_s;
    return rc;
}

time_t time(time_t *to)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (to)
        *to = t.tv_sec;
    return t.tv_sec;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    struct timespec t = { 0 };
    int rc = clock_gettime(CLOCK_REALTIME, &t);

    (void)zone;
    *to = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
    return rc;
}
