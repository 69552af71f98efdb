/* Log: one line per event, tagged by room. Silent below the chosen level.
 *
 * Rooms below the server report failures through struct err; they log only what no caller can know
 * (fallbacks, slow paths). Never prompts, answers or file contents above debug. Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"

enum log_level { LOG_NONE, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Before threads start. The sink gets one line without line break; NULL = standard error. */
void log_setup(enum log_level level,
               void (*sink)(enum log_level, const char *room, const char *line));

void log_error(const char *room, const char *fmt, ...) ATTR_PRINTF(2, 3);
void log_warn(const char *room, const char *fmt, ...) ATTR_PRINTF(2, 3);
void log_info(const char *room, const char *fmt, ...) ATTR_PRINTF(2, 3);
void log_debug(const char *room, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
