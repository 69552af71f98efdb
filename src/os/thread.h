/* Threads, locks and conditions: the system's, behind our names. */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct thread {
    pthread_t _id;
    bool _runs;
};

/* Starts main_fn(arg) on a new thread with all signals blocked (they go to the first thread). */
enum err_code thread_start(struct thread *t, const char *name, void (*main_fn)(void *), void *arg,
                           struct err *e);
void thread_join(struct thread *t); /* zeroed or joined: does nothing */

struct lock {
    pthread_mutex_t _m;
};

struct cond {
    pthread_cond_t _c; /* on the monotonic clock */
};

/* None of these can fail but by our own misuse, which ends the program. */
void lock_init(struct lock *l);
void lock_finish(struct lock *l);
void lock_take(struct lock *l);
void lock_give(struct lock *l);

void cond_init(struct cond *c);
void cond_finish(struct cond *c);
void cond_wait(struct cond *c, struct lock *l);
/* False when timeout_ms passed. Spurious wake-ups are possible with both. */
bool cond_wait_ms(struct cond *c, struct lock *l, uint32_t timeout_ms);
void cond_wake_one(struct cond *c);
void cond_wake_all(struct cond *c);

#endif
