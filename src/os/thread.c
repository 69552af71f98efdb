/* POSIX threads behind our names. The calls checked here fail only when we misuse them. */
#include "os/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/check.h"
#include "base/mem.h"
#include "os/os_int.h"

/* The same everywhere, whatever ulimit says: parsers may recurse to their own depth limits. */
#define THREAD_STACK_BYTES ((size_t)8 * 1024 * 1024)
#define THREAD_NAME_BYTES  16U /* the kernel's limit, with NUL */

struct start {
    void (*main_fn)(void *);
    void *arg;
    char name[THREAD_NAME_BYTES];
};

static void *thread_main(void *arg)
{
    struct start s = *(struct start *)arg;

    mem_free(arg);
    (void)pthread_setname_np(pthread_self(), s.name);
    s.main_fn(s.arg);
    return NULL;
}

/* Creates with every signal blocked: the new thread inherits the mask of its creator. */
static int create_blocked(pthread_t *id, const pthread_attr_t *attr, void *arg)
{
    sigset_t all, before;
    int why;

    (void)sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    why = pthread_create(id, attr, thread_main, arg);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return why;
}

enum err_code thread_start(struct thread *t, const char *name, void (*main_fn)(void *), void *arg,
                           struct err *e)
{
    char text[OS_WHY_BYTES];
    pthread_attr_t attr;
    struct start *s;
    int why;

    *t = (struct thread){ 0 };
    s = mem_alloc(MEM_OTHER, sizeof(*s));
    if (!s)
        return err_set(e, ERR_OOM, "no memory to start thread %s", name);
    s->main_fn = main_fn;
    s->arg = arg;
    (void)snprintf(s->name, sizeof(s->name), "%s", name);
    why = pthread_attr_init(&attr);
    if (!why) {
        why = pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
        if (!why)
            why = create_blocked(&t->_id, &attr, s);
        (void)pthread_attr_destroy(&attr);
    }
    if (why) {
        mem_free(s);
        return err_set(e, why == EAGAIN || why == ENOMEM ? ERR_OOM : ERR_IO,
                       "cannot start thread %s: %s", name, os_why(why, text));
    }
    t->_runs = true;
    return ERR_OK;
}

void thread_join(struct thread *t)
{
    if (!t->_runs)
        return;
    CHECK(pthread_join(t->_id, NULL) == 0);
    t->_runs = false;
}

void lock_init(struct lock *l)
{
    CHECK(pthread_mutex_init(&l->_m, NULL) == 0);
}

void lock_finish(struct lock *l)
{
    CHECK(pthread_mutex_destroy(&l->_m) == 0);
}

void lock_take(struct lock *l)
{
    CHECK(pthread_mutex_lock(&l->_m) == 0);
}

void lock_give(struct lock *l)
{
    CHECK(pthread_mutex_unlock(&l->_m) == 0);
}

void cond_init(struct cond *c)
{
    pthread_condattr_t attr;

    CHECK(pthread_condattr_init(&attr) == 0);
    CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&c->_c, &attr) == 0);
    (void)pthread_condattr_destroy(&attr);
}

void cond_finish(struct cond *c)
{
    CHECK(pthread_cond_destroy(&c->_c) == 0);
}

void cond_wait(struct cond *c, struct lock *l)
{
    CHECK(pthread_cond_wait(&c->_c, &l->_m) == 0);
}

bool cond_wait_ms(struct cond *c, struct lock *l, uint32_t timeout_ms)
{
    struct timespec until;
    int why;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += (time_t)(timeout_ms / 1000U);
    until.tv_nsec += (long)(timeout_ms % 1000U) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    why = pthread_cond_timedwait(&c->_c, &l->_m, &until);
    CHECK(why == 0 || why == ETIMEDOUT);
    return why == 0;
}

void cond_wake_one(struct cond *c)
{
    CHECK(pthread_cond_signal(&c->_c) == 0);
}

void cond_wake_all(struct cond *c)
{
    CHECK(pthread_cond_broadcast(&c->_c) == 0);
}
