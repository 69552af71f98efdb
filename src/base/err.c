/* Error sentences. Owns nothing but the formatting. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (!e)
        return code;
    e->code = code;
    va_start(ap, fmt);
    n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    if (n < 0)
        e->text[0] = '\0';
    else if ((size_t)n >= sizeof(e->text))
        e->text[utf8_whole_bytes(e->text, sizeof(e->text) - 1)] = '\0';
    for (char *p = e->text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' '; /* names from files may carry control characters: keep one clean line */
    }
    return code;
}

const char *err_name(enum err_code code)
{
    static const char *const names[] = {
        [ERR_OK] = "ok",
        [ERR_ARG] = "argument",
        [ERR_FORMAT] = "format",
        [ERR_UNSUPPORTED] = "unsupported",
        [ERR_LIMIT] = "limit",
        [ERR_OOM] = "out of memory",
        [ERR_IO] = "io",
        [ERR_NOT_FOUND] = "not found",
        [ERR_DEVICE] = "device",
        [ERR_CANCELLED] = "cancelled",
        [ERR_TEMPLATE] = "template",
    };

    if ((unsigned)code >= COUNT_OF(names) || !names[code])
        return "unknown";
    return names[code];
}
