/* Clock, randomness, memory use, interrupts and terminals. Owns the interrupt flag, the one piece
 * of state that a signal handler can reach. */
#include "os/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "base/check.h"
#include "base/mem.h"

#define TTY_COLUMNS_DEFAULT 80U
#define TTY_ROWS_DEFAULT    24U

static atomic_int interrupt_flag;

void os_init(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    CHECK(sigaction(SIGPIPE, &ignore, NULL) == 0);
}

double clock_s(void)
{
    struct timespec t;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int64_t clock_unix_s(void)
{
    return (int64_t)time(NULL);
}

int32_t clock_zone_s(int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;

    return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

void sleep_ms(uint32_t ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L };

    while (nanosleep(&t, &t) && errno == EINTR)
        ;
}

uint64_t random_seed(void)
{
    uint64_t seed = 0;
    ssize_t n;

    do {
        n = getrandom(&seed, sizeof(seed), 0);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(seed)) { /* a kernel or sandbox without it: differ at least by time */
        struct timespec t;

        CHECK(clock_gettime(CLOCK_REALTIME, &t) == 0);
        seed = ((uint64_t)t.tv_sec * 1000000007U) ^ ((uint64_t)t.tv_nsec << 20) ^
               ((uint64_t)getpid() << 44);
    }
    return seed;
}

bool random_bytes(void *to, size_t len)
{
    unsigned char *p = to;

    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* VmHWM counts this program only; ru_maxrss also remembers the process that started it. */
static uint64_t vm_hwm_bytes(void)
{
    char text[4096];
    const char *line;
    ssize_t n;
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    line = strstr(text, "VmHWM:");
    return line ? strtoull(line + strlen("VmHWM:"), NULL, 10) * 1024U : 0;
}

uint64_t peak_rss_bytes(void)
{
    uint64_t bytes = vm_hwm_bytes();
    struct rusage use;

    if (bytes == 0 && getrusage(RUSAGE_SELF, &use) == 0)
        bytes = (uint64_t)use.ru_maxrss * 1024U;
    return bytes;
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    atomic_store(&interrupt_flag, 1); /* pairs with interrupt_seen; lock-free, hence safe here */
}

void interrupt_watch(bool on)
{
    /* Without SA_RESTART: a read that waits for the user returns, so that the flag is seen. */
    struct sigaction action = { .sa_handler = on ? on_interrupt : SIG_DFL };

    CHECK(sigaction(SIGINT, &action, NULL) == 0);
}

bool interrupt_seen(bool reset)
{
    return (reset ? atomic_exchange(&interrupt_flag, 0) : atomic_load(&interrupt_flag)) != 0;
}

void stderr_silence(void)
{
    if (!freopen("/dev/null", "w", stderr))
        (void)close(2);
}

bool tty_is(int fd)
{
    return isatty(fd) == 1;
}

uint32_t tty_columns(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return TTY_COLUMNS_DEFAULT;
    return size.ws_col;
}

uint32_t tty_rows(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return TTY_ROWS_DEFAULT;
    return size.ws_row;
}

uint32_t tty_width(uint32_t cp)
{
    int n = wcwidth((wchar_t)cp);

    return n < 0 ? 1 : (uint32_t)n;
}

void *tty_raw_begin(int fd)
{
    struct termios *before = mem_alloc(MEM_OTHER, sizeof(*before));
    struct termios raw;

    if (!before || tcgetattr(fd, before) != 0) {
        mem_free(before);
        return NULL;
    }
    raw = *before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSADRAIN, &raw) == 0)
        return before;
    mem_free(before);
    return NULL;
}

void tty_raw_end(int fd, void *mode)
{
    (void)tcsetattr(fd, TCSADRAIN, mode);
    mem_free(mode);
}

bool fd_read_byte(int fd, unsigned char *to)
{
    return read(fd, to, 1) == 1;
}

bool fd_readable(int fd, uint32_t timeout_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, (int)timeout_ms) == 1 && (p.revents & POLLIN);
}
