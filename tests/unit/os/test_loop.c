/* Proves: the event loop tells of files, moments, departed peers and signals, in order, and nothing
 * of what was taken off it, even within the same round. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/loop.h"
#include "os/net.h"
#include "os/sys.h"
#include "os/thread.h"

#define N_TIMER    1000U
#define TOO_LATE_S 60.0
#define N_PAIR     32U
#define BYTES_TOLD 3U

static struct loop *open_loop(void)
{
    struct loop *l;

    assert_int_equal(loop_open(&l, NULL), ERR_OK);
    return l;
}

static void run(struct loop *l)
{
    struct err e = { 0 };

    assert_int_equal(loop_run(l, &e), ERR_OK);
}

/* A stop that should not be needed: a hanging test ends here, and fails. */
static void too_late(struct loop_timer *t)
{
    (void)t;
    fail_msg("the loop waits for something that never comes");
}

/* ---- moments ---- */

struct alarm_case {
    struct loop *loop;
    struct loop_timer timer[N_TIMER];
    double at[N_TIMER];
    double last_s;
    uint32_t n_rung;
};

static void on_alarm(struct loop_timer *t)
{
    struct alarm_case *c = t->arg;
    double at = c->at[t - c->timer];

    assert_true(at >= c->last_s);
    assert_true(clock_s() >= at);
    assert_false(loop_timer_is_set(t));
    c->last_s = at;
    if (++c->n_rung == N_TIMER - N_TIMER / 4)
        loop_stop(c->loop);
}

/* Proves: timers come in the order of their moments, never early, also after some were moved and
 * others stopped. */
static void timers_in_order(void **state)
{
    static struct alarm_case c;
    const double start = clock_s();

    (void)state;
    c = (struct alarm_case){ .loop = open_loop() };
    for (uint32_t i = 0; i < N_TIMER; i++) {
        c.at[i] = start + (double)(i * 7919U % N_TIMER) * 2e-5;
        assert_int_equal(loop_timer_at(c.loop, &c.timer[i], c.at[i], on_alarm, &c, NULL), ERR_OK);
    }
    for (uint32_t i = 0; i < N_TIMER; i += 4)
        loop_timer_stop(c.loop, &c.timer[i]);
    for (uint32_t i = 1; i < N_TIMER; i += 3) {
        if (i % 4 == 0)
            continue;
        c.at[i] = start + (double)(i * 104729U % N_TIMER) * 3e-5;
        assert_int_equal(loop_timer_at(c.loop, &c.timer[i], c.at[i], on_alarm, &c, NULL), ERR_OK);
    }
    run(c.loop);
    assert_int_equal(c.n_rung, N_TIMER - N_TIMER / 4);
    for (uint32_t i = 0; i < N_TIMER; i++)
        assert_false(loop_timer_is_set(&c.timer[i]));
    loop_timer_stop(c.loop, &c.timer[0]);
    loop_close(c.loop);
}

struct again {
    struct loop *loop;
    struct loop_timer timer, other;
    uint32_t n;
    int fds[2];
    struct loop_watch watch;
};

static void again_at_once(struct loop_timer *t)
{
    struct again *a = t->arg;

    a->n++;
    assert_int_equal(loop_timer_at(a->loop, t, 0, again_at_once, a, NULL), ERR_OK);
}

static void stop_loop(struct loop_watch *w, unsigned events)
{
    struct again *a = w->arg;

    assert_true(events & LOOP_IN);
    if (a->n >= 10)
        loop_stop(a->loop);
}

/* Proves: a timer that always sets itself to a moment long past starves no file. */
static void busy_timer_starves_nobody(void **state)
{
    struct again a = { .loop = open_loop() };
    size_t n;

    (void)state;
    assert_int_equal(net_pair(a.fds, NULL), ERR_OK);
    assert_int_equal(net_write(a.fds[0], "x", 1, &n, NULL), ERR_OK);
    assert_int_equal(loop_watch(a.loop, &a.watch, a.fds[1], LOOP_IN, stop_loop, &a, NULL), ERR_OK);
    assert_int_equal(loop_timer_at(a.loop, &a.timer, 0, again_at_once, &a, NULL), ERR_OK);
    run(a.loop);
    assert_true(a.n >= 10);
    loop_close(a.loop);
    assert_false(loop_timer_is_set(&a.timer));
    net_close(&a.fds[0]);
    net_close(&a.fds[1]);
}

static void stop_other(struct loop_timer *t)
{
    struct again *a = t->arg;

    loop_timer_stop(a->loop, t == &a->timer ? &a->other : &a->timer);
    a->n++;
    loop_stop(a->loop);
}

/* Proves: a timer stopped by another that is due at the same time does not ring. */
static void timer_stops_timer(void **state)
{
    struct again a = { .loop = open_loop() };

    (void)state;
    assert_int_equal(loop_timer_at(a.loop, &a.timer, 1, stop_other, &a, NULL), ERR_OK);
    assert_int_equal(loop_timer_at(a.loop, &a.other, 1, stop_other, &a, NULL), ERR_OK);
    run(a.loop);
    assert_int_equal(a.n, 1);
    loop_close(a.loop);
}

/* ---- files ---- */

struct crowd {
    struct loop *loop;
    struct loop_watch *watch[N_PAIR];
    int fds[N_PAIR][2];
    uint32_t n_told;
    struct loop_timer end;
};

static void free_all_others(struct loop_watch *w, unsigned events)
{
    struct crowd *c = w->arg;

    (void)events;
    c->n_told++;
    for (uint32_t i = 0; i < N_PAIR; i++) {
        loop_unwatch(c->loop, c->watch[i]);
        net_close(&c->fds[i][1]);
        free(c->watch[i]);
        c->watch[i] = NULL;
    }
    loop_stop(c->loop);
}

/* Proves: the first of many due files takes all off the loop and frees their watches, its own too;
 * no other is told. */
static void unwatched_inside_are_silent(void **state)
{
    struct crowd c = { .loop = open_loop() };

    (void)state;
    for (uint32_t i = 0; i < N_PAIR; i++) {
        size_t n;

        c.watch[i] = malloc(sizeof(*c.watch[i]));
        assert_non_null(c.watch[i]);
        assert_int_equal(net_pair(c.fds[i], NULL), ERR_OK);
        assert_int_equal(net_write(c.fds[i][0], "x", 1, &n, NULL), ERR_OK);
        assert_int_equal(
            loop_watch(c.loop, c.watch[i], c.fds[i][1], LOOP_IN, free_all_others, &c, NULL),
            ERR_OK);
    }
    run(c.loop);
    assert_int_equal(c.n_told, 1);
    loop_close(c.loop);
    for (uint32_t i = 0; i < N_PAIR; i++)
        net_close(&c.fds[i][0]);
}

struct peer {
    struct loop *loop;
    struct loop_watch watch;
    struct loop_timer guard;
    int fds[2];
    unsigned seen;
    uint32_t n_in;
    int ends; /* how the other side goes: 0 half, 1 wholly */
};

static void on_peer(struct loop_watch *w, unsigned events)
{
    struct peer *p = w->arg;
    char byte;
    size_t n;

    p->seen |= events;
    if (events & LOOP_GONE) {
        loop_stop(p->loop);
        return;
    }
    assert_true(events & LOOP_IN);
    assert_int_equal(net_read(w->fd, &byte, 1, &n, NULL), ERR_OK);
    assert_int_equal(n, 1);
    if (++p->n_in == BYTES_TOLD) {
        loop_watch_events(p->loop, w, 0); /* only the end from now on */
        assert_int_equal(net_write(p->fds[0], "y", 1, &n, NULL), ERR_OK);
        if (p->ends == 0)
            assert_int_equal(shutdown(p->fds[0], SHUT_WR), 0);
        else
            net_close(&p->fds[0]);
        p->seen = 0;
    }
}

/* Proves: level-triggered reading, and GONE when the peer closes half or all, although nothing else
 * is waited for and unread bytes are left. */
static void departed_peer_is_told(void **state)
{
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        struct peer p = { .loop = open_loop(), .ends = ends };
        size_t n;

        assert_int_equal(net_pair(p.fds, NULL), ERR_OK);
        assert_int_equal(net_write(p.fds[0], "xxx", BYTES_TOLD, &n, NULL), ERR_OK);
        assert_int_equal(n, BYTES_TOLD);
        assert_int_equal(loop_watch(p.loop, &p.watch, p.fds[1], LOOP_IN, on_peer, &p, NULL),
                         ERR_OK);
        assert_int_equal(
            loop_timer_at(p.loop, &p.guard, clock_s() + TOO_LATE_S, too_late, NULL, NULL), ERR_OK);
        run(p.loop);
        assert_int_equal(p.seen, LOOP_GONE);
        loop_unwatch(p.loop, &p.watch);
        loop_unwatch(p.loop, &p.watch);
        loop_close(p.loop);
        net_close(&p.fds[0]);
        net_close(&p.fds[1]);
    }
}

static void on_writable(struct loop_watch *w, unsigned events)
{
    struct peer *p = w->arg;

    assert_true(events & LOOP_OUT);
    loop_stop(p->loop);
}

/* Proves: OUT comes only once it is asked for, and a bad file is an error. */
static void out_on_request(void **state)
{
    struct peer p = { .loop = open_loop() };
    struct err e;

    (void)state;
    assert_int_equal(loop_watch(p.loop, &p.watch, -1, LOOP_IN, on_peer, &p, &e), ERR_IO);
    loop_unwatch(p.loop, &p.watch);
    assert_int_equal(net_pair(p.fds, NULL), ERR_OK);
    assert_int_equal(loop_watch(p.loop, &p.watch, p.fds[1], 0, on_writable, &p, NULL), ERR_OK);
    loop_watch_events(p.loop, &p.watch, LOOP_OUT);
    run(p.loop);
    loop_close(p.loop);
    net_close(&p.fds[0]);
    net_close(&p.fds[1]);
}

/* ---- stopping ---- */

static void stop_from_thread(void *arg)
{
    loop_stop(arg);
}

/* Proves: another thread stops a loop that waits for ever, and a stop that came first counts too.
 */
static void stopped_from_elsewhere(void **state)
{
    struct loop *l = open_loop();
    struct thread t;

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(thread_start(&t, "stopper", stop_from_thread, l, NULL), ERR_OK);
        run(l);
        thread_join(&t);
    }
    loop_stop(l);
    run(l);
    loop_close(l);
}

static uint32_t on_hook(void *arg)
{
    struct again *a = arg;

    if (++a->n == 5)
        loop_stop(a->loop);
    return 1;
}

/* Proves: hooks run before every wait and bound it; a fifth is refused. */
static void hooks_bound_the_wait(void **state)
{
    struct again a = { .loop = open_loop() };
    struct err e;

    (void)state;
    assert_int_equal(loop_hook(a.loop, on_hook, &a, NULL), ERR_OK);
    run(a.loop);
    assert_int_equal(a.n, 5);
    for (unsigned i = 1; i < LOOP_HOOKS_MAX; i++)
        assert_int_equal(loop_hook(a.loop, on_hook, &a, NULL), ERR_OK);
    assert_int_equal(loop_hook(a.loop, on_hook, &a, &e), ERR_LIMIT);
    loop_close(a.loop);
}

struct ending {
    struct loop *loop;
    int signal[4];
    uint32_t n;
};

static void on_end(void *arg, int signal, uint32_t n)
{
    struct ending *g = arg;

    assert_int_equal(n, g->n + 1);
    g->signal[g->n++] = signal;
    if (n == 3)
        loop_stop(g->loop);
    else
        assert_int_equal(kill(getpid(), n == 1 ? SIGINT : SIGTERM), 0);
}

/* Proves: termination signals become counted callbacks and end nothing; a signal that was ignored
 * before stays ignored. */
static void signals_are_callbacks(void **state)
{
    struct ending g = { .loop = open_loop() };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction before;

    (void)state;
    assert_int_equal(sigaction(SIGHUP, &ignore, &before), 0);
    assert_int_equal(loop_on_terminate(g.loop, on_end, &g, NULL), ERR_OK);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    run(g.loop);
    assert_int_equal(g.n, 3);
    assert_int_equal(g.signal[0], SIGTERM);
    assert_int_equal(g.signal[1], SIGINT);
    assert_int_equal(g.signal[2], SIGTERM);
    loop_close(g.loop);
    assert_int_equal(sigaction(SIGHUP, &before, NULL), 0);
}

/* Proves: when memory is short, opening and setting a timer say so, and nothing is lost. */
static void short_of_memory(void **state)
{
    struct loop_timer timers[70] = { { 0 } };
    struct loop *l;
    size_t before = mem_in_use(MEM_OTHER);
    uint32_t n_set = 0;

    (void)state;
    (void)mem_fail_at(1, 1);
    assert_int_equal(loop_open(&l, NULL), ERR_OOM);
    assert_null(l);
    (void)mem_fail_at(0, 0);
    l = open_loop();
    for (uint32_t i = 0; i < 70; i++) {
        (void)mem_fail_at(i >= 64, 1); /* the second growth fails */
        n_set += loop_timer_at(l, &timers[i], 1e12, too_late, NULL, NULL) == ERR_OK;
        (void)mem_fail_at(0, 0);
    }
    assert_int_equal(n_set, 64);
    assert_false(loop_timer_is_set(&timers[69]));
    loop_close(l);
    assert_int_equal(mem_in_use(MEM_OTHER), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_in_order),        cmocka_unit_test(busy_timer_starves_nobody),
        cmocka_unit_test(timer_stops_timer),      cmocka_unit_test(unwatched_inside_are_silent),
        cmocka_unit_test(departed_peer_is_told),  cmocka_unit_test(out_on_request),
        cmocka_unit_test(stopped_from_elsewhere), cmocka_unit_test(hooks_bound_the_wait),
        cmocka_unit_test(signals_are_callbacks),  cmocka_unit_test(short_of_memory),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
