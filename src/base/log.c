/* The log sink; the only mutable global of the program beside the memory counters. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_BYTES 1024

static void to_stderr(enum log_level level, const char *room, const char *line)
{
    static const char *const names[] = { "", "error", "warning", "info", "debug" };

    (void)fprintf(stderr, "%s: %s: %s\n", names[level], room, line);
}

static enum log_level max_level = LOG_WARN;
static void (*sink)(enum log_level, const char *, const char *) = to_stderr;

void log_setup(enum log_level level, void (*to)(enum log_level, const char *, const char *))
{
    max_level = level;
    sink = to ? to : to_stderr;
}

/* Lines are read on terminals and by programs: what strangers wrote moves no cursor and begins no
 * line of its own. The controls that are two bytes long, C2 80 to C2 9F, do that as well. */
static void clean(unsigned char *p)
{
    for (; *p; p++) {
        if (*p < ' ' || *p == 0x7F)
            *p = ' ';
        if (*p == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0)
            p[0] = p[1] = ' ';
    }
}

static void emit(enum log_level level, const char *room, const char *fmt, va_list ap)
    ATTR_PRINTF(3, 0);
static void emit(enum log_level level, const char *room, const char *fmt, va_list ap)
{
    char line[LOG_LINE_BYTES];

    if (level > max_level)
        return;
    if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
        return;
    clean((unsigned char *)line);
    sink(level, room, line);
}

#define DEFINE_LEVEL(name, level)                                                                  \
    void name(const char *room, const char *fmt, ...)                                              \
    {                                                                                              \
        va_list ap;                                                                                \
                                                                                                   \
        va_start(ap, fmt);                                                                         \
        emit(level, room, fmt, ap);                                                                \
        va_end(ap);                                                                                \
    }

DEFINE_LEVEL(log_error, LOG_ERROR)
DEFINE_LEVEL(log_warn, LOG_WARN)
DEFINE_LEVEL(log_info, LOG_INFO)
DEFINE_LEVEL(log_debug, LOG_DEBUG)
