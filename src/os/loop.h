/* Event loop: one thread waits for files and moments, and never for anything else.
 *
 * Level-triggered epoll. Owner: the thread that calls loop_run; everything here is called by it,
 * except loop_stop. Callbacks may add, change and remove any watch or timer, their own too. */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;

enum loop_event {
    LOOP_IN = 1U,
    LOOP_OUT = 2U,
    LOOP_GONE = 4U, /* the other end closed its writing half or all of it, or the file failed */
};

/* A watched file; embedded in its owner's struct, which must stay where it is while watched. */
struct loop_watch;
typedef void (*loop_watch_fn)(struct loop_watch *w, unsigned events);
struct loop_watch {
    int fd;
    loop_watch_fn on_event;
    void *arg;
    bool _watched;
    unsigned _events;
};

/* A moment; embedded likewise, zero-initialised. */
struct loop_timer;
typedef void (*loop_timer_fn)(struct loop_timer *t);
struct loop_timer {
    loop_timer_fn on_time;
    void *arg;
    double _at;      /* clock_s() */
    uint32_t _place; /* in the heap, counted from 1; 0 = not set */
};

enum err_code loop_open(struct loop **out, struct err *e);
void loop_close(struct loop *l); /* NULL is fine; watched files stay open */

/* Fills *w and watches fd for events. LOOP_GONE always comes, over and over until the file is
 * unwatched. ERR_IO, ERR_OOM. */
enum err_code loop_watch(struct loop *l, struct loop_watch *w, int fd, unsigned events,
                         loop_watch_fn on_event, void *arg, struct err *e);
void loop_watch_events(struct loop *l, struct loop_watch *w, unsigned events);
/* Does nothing when not watched. No event of w comes afterwards, even one that is due already, and
 * *w may be freed at once. Before the file is closed. */
void loop_unwatch(struct loop *l, struct loop_watch *w);

/* Calls on_time once, not before at_s (clock_s()); setting a set timer moves it. ERR_OOM. */
enum err_code loop_timer_at(struct loop *l, struct loop_timer *t, double at_s,
                            loop_timer_fn on_time, void *arg, struct err *e);
void loop_timer_stop(struct loop *l, struct loop_timer *t); /* unset is fine */
bool loop_timer_is_set(const struct loop_timer *t);

/* Called before every wait; returns the longest time in ms to wait (UINT32_MAX: any). At most
 * LOOP_HOOKS_MAX. For libraries that keep their own timers. */
#define LOOP_HOOKS_MAX 4U
typedef uint32_t (*loop_hook_fn)(void *arg);
enum err_code loop_hook(struct loop *l, loop_hook_fn fn, void *arg, struct err *e);

/* Until loop_stop, which may have come before. ERR_IO: the wait itself failed. */
enum err_code loop_run(struct loop *l, struct err *e);
void loop_stop(struct loop *l); /* any thread, and signal handlers */

/* Termination signals (SIGTERM, SIGINT, SIGHUP; but those that are ignored stay so) come as a
 * callback on the loop's thread instead of ending the program: n counts how many have come. Once
 * per process, from its first thread; other threads must have them blocked, as thread_start does.
 */
enum err_code loop_on_terminate(struct loop *l, void (*fn)(void *arg, int signal, uint32_t n),
                                void *arg, struct err *e);

#endif
