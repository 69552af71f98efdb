/* Numbers as people read them. */
#include "cli/units.h"

#include <stdio.h>

static void scaled(char *out, size_t cap, uint64_t n, double base, const char *const *names)
{
    double v = (double)n;
    size_t i = 0;

    while (v >= base && names[i + 1]) {
        v /= base;
        i++;
    }
    if (i == 0)
        (void)snprintf(out, cap, "%llu%s%s", (unsigned long long)n, *names[0] ? " " : "", names[0]);
    else
        (void)snprintf(out, cap, "%.2f %s", v, names[i]);
}

void units_bytes(char *out, size_t cap, uint64_t bytes)
{
    static const char *const names[] = { "B", "KB", "MB", "GB", "TB", NULL };

    scaled(out, cap, bytes, 1000.0, names);
}

void units_memory(char *out, size_t cap, uint64_t bytes)
{
    static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", NULL };

    scaled(out, cap, bytes, 1024.0, names);
}

void units_count(char *out, size_t cap, uint64_t n)
{
    static const char *const names[] = { "", "K", "M", "B", "T", NULL };

    scaled(out, cap, n, 1000.0, names);
}

void units_elapsed(char *out, size_t cap, double seconds)
{
    unsigned long minutes = (unsigned long)(seconds / 60.0);

    if (seconds < 1.0)
        (void)snprintf(out, cap, "%.2fms", seconds * 1000.0);
    else if (minutes == 0)
        (void)snprintf(out, cap, "%.2fs", seconds);
    else if (minutes < 60)
        (void)snprintf(out, cap, "%lum %.2fs", minutes, seconds - (double)minutes * 60.0);
    else
        (void)snprintf(out, cap, "%luh %lum %.2fs", minutes / 60, minutes % 60,
                       seconds - (double)minutes * 60.0);
}

void units_grouped(char *out, size_t cap, uint64_t n)
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), at = 0;

    for (size_t i = 0; i < len && at + 2 < cap; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}
