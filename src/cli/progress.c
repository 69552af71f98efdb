/* Progress on the terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "os/path.h"
#include "os/sys.h"

#define REDRAW_S      0.05
#define SHOW_AFTER_S  0.25 /* what ends sooner needs no bar */
#define LINES_AFTER_S 2.0  /* and without a terminal no lines */
#define BAR_CELLS     30U

void progress_begin(struct progress *p, const char *verb, const char *what, bool quiet)
{
    *p = (struct progress){ .verb = verb,
                            .what = path_base(what),
                            .started_s = clock_s(),
                            .is_tty = tty_is(2),
                            .is_quiet = quiet };
}

static void draw(struct progress *p, float share)
{
    static const char *const frames[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    uint32_t n = (uint32_t)(share * (float)(BAR_CELLS * 8) + 0.5F), full = n / 8;
    char bar[BAR_CELLS * 4 + 8] = "";
    size_t at = 0;

    for (uint32_t i = 0; i < full; i++, at += 3)
        memcpy(bar + at, "█", 3);
    if (n % 8) {
        memcpy(bar + at, eighths[n % 8], 3);
        at += 3;
        full++;
    }
    for (; full < BAR_CELLS; full++)
        bar[at++] = ' ';
    bar[at] = '\0';
    (void)fprintf(stderr, "\r\033[?25l%s %s %.40s [%s] %5.1f%%\033[K", frames[p->i_frame++ % 10],
                  p->verb, p->what, bar, (double)share * 100.0);
    (void)fflush(stderr);
    p->is_drawn = true;
}

void progress_show(struct progress *p, float share)
{
    double now = clock_s();
    uint32_t tenth;

    share = share < 0.0F ? 0.0F : share > 1.0F ? 1.0F : share;
    tenth = (uint32_t)(share * 10.0F);
    if (p->is_quiet)
        return;
    if (p->is_tty && now - p->started_s >= SHOW_AFTER_S && now - p->drawn_s >= REDRAW_S) {
        draw(p, share);
        p->drawn_s = now;
    } else if (!p->is_tty && tenth > p->tenth && now - p->started_s >= LINES_AFTER_S) {
        (void)fprintf(stderr, "%s %s: %u%%\n", p->verb, p->what, tenth * 10);
        p->tenth = tenth;
    }
}

void progress_end(struct progress *p)
{
    if (!p->is_drawn)
        return;
    (void)fputs("\r\033[K\033[?25h", stderr);
    (void)fflush(stderr);
    p->is_drawn = false;
}
