/* What the process as a whole takes of the system: open files, and the allocator's habits. */
#include <malloc.h>
#include <sys/resource.h>

#include "os/sys.h"

#define FILES_WANTED 65536U

uint32_t file_limit_raise(void)
{
    struct rlimit limit;
    rlim_t wanted;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    wanted = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur < FILES_WANTED ? (uint32_t)limit.rlim_cur : FILES_WANTED;
}

void memory_be_frugal(void)
{
#ifdef M_ARENA_MAX
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10); /* also keeps it from growing */
#endif
}
