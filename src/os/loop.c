/* Event loop: level-triggered epoll, a heap of moments, one file that wakes it up.
 *
 * Events that were fetched but not yet delivered are kept in the loop: unwatching strikes out those
 * of the watch, so that its owner may free it at once. */
#include "os/loop.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "os/os_int.h"
#include "os/sys.h"

#define EVENTS_MAX      64 /* fetched at once */
#define HEAP_MIN        64U
#define TIMERS_MAX      (1U << 20)
#define SIGNALS_AT_ONCE 8U

struct loop {
    int epoll_fd;
    int stop_fd;
    atomic_bool has_stopped; /* set by loop_stop, read by loop_run: pairs with stop_fd */
    struct loop_watch stop_watch;

    struct epoll_event due[EVENTS_MAX]; /* delivered in order; data.ptr NULL: struck out */
    int n_due;

    struct loop_timer **heap; /* earliest first; heap[i]->_place == i + 1 */
    uint32_t n_timer, cap_timer;

    struct {
        loop_hook_fn fn;
        void *arg;
    } hook[LOOP_HOOKS_MAX];
    uint32_t n_hook;

    int signal_fd;
    struct loop_watch signal_watch;
    sigset_t signals_before;
    void (*on_signal)(void *arg, int signal, uint32_t n);
    void *signal_arg;
    uint32_t n_signal;
};

/* ---- files ---- */

static uint32_t to_epoll(unsigned events)
{
    return EPOLLRDHUP | (events & LOOP_IN ? (uint32_t)EPOLLIN : 0U) |
           (events & LOOP_OUT ? (uint32_t)EPOLLOUT : 0U);
}

static unsigned from_epoll(uint32_t events)
{
    return (events & EPOLLIN ? (unsigned)LOOP_IN : 0U) |
           (events & EPOLLOUT ? (unsigned)LOOP_OUT : 0U) |
           (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? (unsigned)LOOP_GONE : 0U);
}

enum err_code loop_watch(struct loop *l, struct loop_watch *w, int fd, unsigned events,
                         loop_watch_fn on_event, void *arg, struct err *e)
{
    struct epoll_event ev = { .events = to_epoll(events), .data = { .ptr = w } };

    *w = (struct loop_watch){ .fd = fd, .on_event = on_event, .arg = arg, ._events = events };
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
        return os_fail(e, errno, "wait for", "a file");
    w->_watched = true;
    return ERR_OK;
}

void loop_watch_events(struct loop *l, struct loop_watch *w, unsigned events)
{
    struct epoll_event ev = { .events = to_epoll(events), .data = { .ptr = w } };

    if (!w->_watched || events == w->_events)
        return;
    w->_events = events;
    CHECK(epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, w->fd, &ev) == 0);
}

void loop_unwatch(struct loop *l, struct loop_watch *w)
{
    struct epoll_event unused = { 0 };

    if (!w->_watched)
        return;
    w->_watched = false;
    /* a file that was closed before is no longer there: no harm */
    (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, &unused);
    for (int i = 0; i < l->n_due; i++) {
        if (l->due[i].data.ptr == w)
            l->due[i].data.ptr = NULL;
    }
}

static void deliver(struct loop *l)
{
    for (int i = 0; i < l->n_due; i++) {
        struct loop_watch *w = l->due[i].data.ptr;
        /* what the owner has stopped to wait for since is not told */
        unsigned events = w ? from_epoll(l->due[i].events) & (w->_events | LOOP_GONE) : 0;

        l->due[i].data.ptr = NULL;
        if (events)
            w->on_event(w, events);
    }
    l->n_due = 0;
}

/* ---- moments ---- */

static void heap_put(struct loop *l, uint32_t i, struct loop_timer *t)
{
    l->heap[i] = t;
    t->_place = i + 1;
}

static void heap_up(struct loop *l, uint32_t i)
{
    struct loop_timer *t = l->heap[i];

    while (i > 0 && l->heap[(i - 1) / 2]->_at > t->_at) {
        heap_put(l, i, l->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    heap_put(l, i, t);
}

static void heap_down(struct loop *l, uint32_t i)
{
    struct loop_timer *t = l->heap[i];

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= l->n_timer)
            break;
        if (child + 1 < l->n_timer && l->heap[child + 1]->_at < l->heap[child]->_at)
            child++;
        if (l->heap[child]->_at >= t->_at)
            break;
        heap_put(l, i, l->heap[child]);
        i = child;
    }
    heap_put(l, i, t);
}

static enum err_code heap_grow(struct loop *l, struct err *e)
{
    uint32_t cap = l->cap_timer ? 2 * l->cap_timer : HEAP_MIN;
    struct loop_timer **heap;

    if (l->n_timer < l->cap_timer)
        return ERR_OK;
    if (cap > TIMERS_MAX)
        return err_set(e, ERR_OOM, "more than %u timers are set", TIMERS_MAX);
    heap = mem_realloc(MEM_OTHER, l->heap, cap * sizeof(struct loop_timer *));
    if (!heap)
        return err_set(e, ERR_OOM, "no memory for %u timers", cap);
    l->heap = heap;
    l->cap_timer = cap;
    return ERR_OK;
}

enum err_code loop_timer_at(struct loop *l, struct loop_timer *t, double at_s,
                            loop_timer_fn on_time, void *arg, struct err *e)
{
    enum err_code rc;

    if (!t->_place) {
        rc = heap_grow(l, e);
        if (rc)
            return rc;
        heap_put(l, l->n_timer, t);
        l->n_timer++;
    }
    t->on_time = on_time;
    t->arg = arg;
    t->_at = at_s;
    heap_up(l, t->_place - 1);
    heap_down(l, t->_place - 1);
    return ERR_OK;
}

void loop_timer_stop(struct loop *l, struct loop_timer *t)
{
    uint32_t i = t->_place - 1;
    struct loop_timer *last;

    if (!t->_place)
        return;
    t->_place = 0;
    last = l->heap[--l->n_timer];
    if (last == t)
        return;
    heap_put(l, i, last);
    heap_up(l, i);
    heap_down(l, last->_place - 1);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
    return t->_place != 0;
}

/* Calls what is due; one that sets itself anew to a moment long past has its turn next round. */
static void run_timers(struct loop *l)
{
    const double now = clock_s();

    for (uint32_t left = l->n_timer; left > 0 && l->n_timer > 0; left--) {
        struct loop_timer *t = l->heap[0];

        if (t->_at > now)
            break;
        loop_timer_stop(l, t);
        t->on_time(t);
    }
}

/* ---- running ---- */

enum err_code loop_hook(struct loop *l, loop_hook_fn fn, void *arg, struct err *e)
{
    if (l->n_hook == LOOP_HOOKS_MAX)
        return err_set(e, ERR_LIMIT, "an event loop has at most %u hooks", LOOP_HOOKS_MAX);
    l->hook[l->n_hook].fn = fn;
    l->hook[l->n_hook].arg = arg;
    l->n_hook++;
    return ERR_OK;
}

/* How long to wait, in ms as epoll counts: -1 = for ever. Rounded up: timers are never early. */
static int wait_ms(struct loop *l)
{
    uint32_t ms = UINT32_MAX;

    for (uint32_t i = 0; i < l->n_hook; i++) {
        uint32_t most = l->hook[i].fn(l->hook[i].arg);

        ms = most < ms ? most : ms;
    }
    if (l->n_timer > 0) {
        double left = ceil((l->heap[0]->_at - clock_s()) * 1000.0);

        if (!(left > 0))
            return 0;
        if (left < (double)ms)
            ms = (uint32_t)left;
    }
    if (ms == UINT32_MAX)
        return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void on_stop(struct loop_watch *w, unsigned events)
{
    uint64_t count;

    (void)events;
    while (read(w->fd, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
}

enum err_code loop_open(struct loop **out, struct err *e)
{
    struct loop *l = mem_alloc_zero(MEM_OTHER, sizeof(*l));
    enum err_code rc = ERR_OK;

    *out = NULL;
    if (!l)
        return err_set(e, ERR_OOM, "no memory for an event loop");
    l->signal_fd = -1;
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll_fd < 0 || l->stop_fd < 0)
        rc = os_fail(e, errno, "create", "an event loop");
    else
        rc = loop_watch(l, &l->stop_watch, l->stop_fd, LOOP_IN, on_stop, l, e);
    if (rc) {
        loop_close(l);
        return rc;
    }
    *out = l;
    return ERR_OK;
}

void loop_close(struct loop *l)
{
    if (!l)
        return;
    for (uint32_t i = 0; i < l->n_timer; i++)
        l->heap[i]->_place = 0;
    if (l->signal_fd >= 0) {
        (void)close(l->signal_fd);
        CHECK(pthread_sigmask(SIG_SETMASK, &l->signals_before, NULL) == 0);
    }
    if (l->stop_fd >= 0)
        (void)close(l->stop_fd);
    if (l->epoll_fd >= 0)
        (void)close(l->epoll_fd);
    mem_free(l->heap);
    mem_free(l);
}

enum err_code loop_run(struct loop *l, struct err *e)
{
    while (!atomic_load(&l->has_stopped)) {
        int n = epoll_wait(l->epoll_fd, l->due, EVENTS_MAX, wait_ms(l));

        if (n < 0 && errno != EINTR)
            return os_fail(e, errno, "wait for", "events");
        l->n_due = n > 0 ? n : 0;
        deliver(l);
        run_timers(l);
    }
    atomic_store(&l->has_stopped, false);
    return ERR_OK;
}

void loop_stop(struct loop *l)
{
    const uint64_t one = 1;
    const int before = errno; /* may interrupt anything */

    atomic_store(&l->has_stopped, true);
    while (write(l->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    errno = before;
}

/* ---- termination ---- */

static void on_signal_file(struct loop_watch *w, unsigned events)
{
    struct loop *l = w->arg;
    struct signalfd_siginfo info;

    (void)events;
    for (unsigned i = 0; i < SIGNALS_AT_ONCE; i++) {
        if (read(w->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
            break;
        l->on_signal(l->signal_arg, (int)info.ssi_signo, ++l->n_signal);
    }
}

enum err_code loop_on_terminate(struct loop *l, void (*fn)(void *arg, int signal, uint32_t n),
                                void *arg, struct err *e)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
    enum err_code rc;
    sigset_t set;

    CHECK(l->signal_fd < 0);
    (void)sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct sigaction now;

        /* ignored from outside (nohup): stays so */
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            (void)sigaddset(&set, signals[i]);
    }
    l->on_signal = fn;
    l->signal_arg = arg;
    l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (l->signal_fd < 0)
        return os_fail(e, errno, "wait for", "signals");
    CHECK(pthread_sigmask(SIG_BLOCK, &set, &l->signals_before) == 0);
    rc = loop_watch(l, &l->signal_watch, l->signal_fd, LOOP_IN, on_signal_file, l, e);
    return rc;
}
