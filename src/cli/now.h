/* The clock that templates see. */
#ifndef CLI_NOW_H
#define CLI_NOW_H

#include <stdint.h>

#include "base/err.h"

struct now {
    int64_t unix_s;
    int32_t zone_s; /* seconds east of Greenwich */
};

struct now now_local(void);

/* ISO 8601: 2024-07-26T12:30:00, with an optional fraction and an optional zone (Z, +02:00).
 * Without a zone the time is taken as it stands. */
enum err_code now_parse(const char *text, struct now *out, struct err *e);

#endif
