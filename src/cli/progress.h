/* A progress bar on standard error: spinner, bar in eighths of a cell, percent. On anything but a
 * terminal it prints nothing for short work and a plain line per tenth for long work. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *verb, *what;
    double started_s, drawn_s;
    uint32_t i_frame, tenth;
    bool is_tty, is_quiet, is_drawn;
};

/* verb and what ("Loading", a path) must outlive the bar; quiet: nothing is ever shown. */
void progress_begin(struct progress *p, const char *verb, const char *what, bool quiet);
void progress_show(struct progress *p,
                   float share);       /* 0 .. 1; may be called as often as one likes */
void progress_end(struct progress *p); /* clears the line, shows the cursor again */

#endif
