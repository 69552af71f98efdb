/* Whether long work is to be given up: asked now and then by whoever does it, at least every few
 * milliseconds. Work that is given up fails with ERR_CANCELLED. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>
#include <stddef.h>

struct stop_ask {
    bool (*asked)(void *arg); /* true: give up. Cheap, and on the thread that does the work */
    void *arg;
};

/* NULL: never. */
static inline bool stop_asked(const struct stop_ask *s)
{
    return s && s->asked(s->arg);
}

#endif
