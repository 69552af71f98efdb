/* Proves: whatever waits, waits by the monotonic clock: timers, mailboxes, conditions and sleeping
 * never look at the wall clock, which here is somewhere else at every look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/loop.h"
#include "os/mailbox.h"
#include "os/sys.h"
#include "os/thread.h"

static atomic_uint n_look; /* at the wall clock */

/* Jumps over decades. */
static int64_t wall_s(void)
{
    unsigned n = atomic_fetch_add(&n_look, 1);

    return n % 2 ? 1000 : INT64_C(0xFFFFFFFF) + n;
}

/* These take the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, t);

    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        t->tv_sec = (time_t)wall_s();
    return rc;
}

time_t time(time_t *to)
{
    time_t t = (time_t)wall_s();

    if (to)
        *to = t;
    return t;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    *to = (struct timeval){ .tv_sec = (time_t)wall_s() };
    return 0;
}

/* Proves: the clocks of this test are the ones that are asked. */
static void wall_clock_jumps(void **state)
{
    int64_t first = clock_unix_s(), second = clock_unix_s();

    (void)state;
    assert_true(first - second > 1000000 || second - first > 1000000);
    assert_true(atomic_load(&n_look) >= 2);
}

struct rung {
    struct loop *loop;
    struct loop_timer timer[8];
    unsigned n;
};

static void on_time(struct loop_timer *t)
{
    struct rung *r = t->arg;

    assert_ptr_equal(t, &r->timer[r->n]); /* in order */
    if (++r->n == COUNT_OF(r->timer))
        loop_stop(r->loop);
}

static void timers_are_steady(void **state)
{
    struct rung r = { .n = 0 };
    double begin = clock_s();
    unsigned before;

    (void)state;
    assert_int_equal(loop_open(&r.loop, NULL), ERR_OK);
    before = atomic_load(&n_look);
    for (unsigned i = COUNT_OF(r.timer); i-- > 0;)
        assert_int_equal(
            loop_timer_at(r.loop, &r.timer[i], begin + 0.002 * (i + 1), on_time, &r, NULL), ERR_OK);
    assert_int_equal(loop_run(r.loop, NULL), ERR_OK);
    assert_int_equal(r.n, COUNT_OF(r.timer));
    assert_true(clock_s() >= begin + 0.002 * COUNT_OF(r.timer));
    assert_int_equal(atomic_load(&n_look), before);
    loop_close(r.loop);
}

static void waits_are_steady(void **state)
{
    const unsigned before = atomic_load(&n_look);
    double begin = clock_s();
    struct mailbox box;
    struct lock lock;
    struct cond cond;

    (void)state;
    assert_int_equal(mailbox_init(&box, 1, NULL), ERR_OK);
    assert_null(mailbox_wait(&box, 5));
    assert_true(clock_s() >= begin + 0.005);
    mailbox_finish(&box);
    lock_init(&lock);
    cond_init(&cond);
    begin = clock_s();
    lock_take(&lock);
    while (cond_wait_ms(&cond, &lock, 5)) {
    }
    lock_give(&lock);
    assert_true(clock_s() >= begin + 0.005);
    cond_finish(&cond);
    lock_finish(&lock);
    sleep_ms(1);
    assert_int_equal(atomic_load(&n_look), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_clock_jumps),
        cmocka_unit_test(timers_are_steady),
        cmocka_unit_test(waits_are_steady),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
