/* Compute pool: wake, run, barrier, done.
 *
 * Who waits spins for a few microseconds, because the next step of a plan is usually that near, and
 * then sleeps in the kernel, because on a shared machine a member may have lost its core to
 * somebody else: spinning would then take the core that this member needs.
 *
 * Each wait is for a change of one 32-bit word. A sleeper announces itself in n_asleep before it
 * looks at the word for the last time; a waker changes the word before it looks at n_asleep. Both
 * use sequentially consistent order, so at least one of them sees the other and no wake-up is lost.
 */
#include "os/pool.h"

#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "os/cpu.h"
#include "os/sys.h"
#include "os/thread.h"

#define SPIN_S      20e-6 /* about what one futex sleep and wake-up costs */
#define SPIN_PAUSES 16U   /* between looks at the clock                   */
#define LINE_BYTES  64U

/* A word that somebody waits for, alone on its cache line. */
struct gate {
    _Alignas(LINE_BYTES) _Atomic uint32_t word;
    _Atomic uint32_t n_asleep;
};

struct member {
    struct pool *pool;
    struct thread thread;
    uint32_t i_thread;
};

struct pool {
    struct gate job;     /* number of jobs given out so far                        */
    struct gate done;    /* number of jobs that all members have finished          */
    struct gate barrier; /* number of barriers passed                              */
    _Alignas(LINE_BYTES) _Atomic uint32_t n_arrived; /* at the current barrier     */
    _Alignas(LINE_BYTES) _Atomic uint32_t n_running; /* members still in fn        */
    _Alignas(LINE_BYTES) _Atomic uint32_t ticket;

    /* Written by member 0 before it opens the job gate, read by the others after it: no atomics. */
    _Alignas(LINE_BYTES) void (*fn)(void *arg, uint32_t i_thread, uint32_t n_thread);
    void *arg;
    bool must_end;

    uint32_t n_thread;
    double spin_s; /* 0 when there are more members than cores */
    struct member members[];
};

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst); /* keeps the loop */
#endif
}

static void futex_wait(_Atomic uint32_t *word, uint32_t old)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
}

static void futex_wake_all(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

/* Waits until the word is no longer `old`. What was written before gate_open is visible after. */
static void gate_wait(struct gate *g, uint32_t old, double spin_s)
{
    if (spin_s > 0.0) {
        double until = clock_s() + spin_s;

        do {
            for (unsigned i = 0; i < SPIN_PAUSES; i++) {
                if (atomic_load_explicit(&g->word, memory_order_acquire) != old)
                    return; /* acquire: pairs with the store in gate_open */
                pause_briefly();
            }
        } while (clock_s() < until);
    }
    atomic_fetch_add(&g->n_asleep, 1); /* pairs with the load in gate_open */
    while (atomic_load(&g->word) == old)
        futex_wait(&g->word, old);
    atomic_fetch_sub(&g->n_asleep, 1);
}

static void gate_open(struct gate *g, uint32_t value)
{
    atomic_store(&g->word, value);
    if (atomic_load(&g->n_asleep) > 0)
        futex_wake_all(&g->word);
}

/* Runs the current job as member i; whoever finishes last opens the done gate. */
static void run_share(struct pool *p, uint32_t i_thread, uint32_t i_job)
{
    p->fn(p->arg, i_thread, p->n_thread);
    /* Release of each member's writes and acquire of all by the last, which passes them on to
     * member 0 through the done gate. */
    if (atomic_fetch_sub_explicit(&p->n_running, 1, memory_order_acq_rel) == 1)
        gate_open(&p->done, i_job);
}

static void member_main(void *arg)
{
    struct member *m = arg;
    struct pool *p = m->pool;

    for (uint32_t i_job = 1;; i_job++) {
        gate_wait(&p->job, i_job - 1U, p->spin_s);
        if (p->must_end)
            break;
        run_share(p, m->i_thread, i_job);
    }
}

enum err_code pool_create(struct pool **out, uint32_t n_thread, struct err *e)
{
    struct pool *p;

    *out = NULL;
    if (n_thread < 1 || n_thread > POOL_THREADS_MAX)
        return err_set(e, ERR_ARG, "a pool must have 1 to %u threads, not %u", POOL_THREADS_MAX,
                       n_thread);
    p = mem_alloc_zero(MEM_OTHER, sizeof(*p) + n_thread * sizeof(p->members[0]));
    if (!p)
        return err_set(e, ERR_OOM, "no memory for a pool of %u threads", n_thread);
    p->n_thread = n_thread;
    p->spin_s = n_thread <= cpu_info()->n_logical ? SPIN_S : 0.0;
    for (uint32_t i = 1; i < n_thread; i++) {
        enum err_code rc;

        p->members[i].pool = p;
        p->members[i].i_thread = i;
        rc = thread_start(&p->members[i].thread, "compute", member_main, &p->members[i], e);
        if (rc) {
            pool_destroy(p);
            return rc;
        }
    }
    *out = p;
    return ERR_OK;
}

void pool_destroy(struct pool *p)
{
    if (!p)
        return;
    p->must_end = true;
    gate_open(&p->job, atomic_load(&p->job.word) + 1U);
    for (uint32_t i = 1; i < p->n_thread; i++)
        thread_join(&p->members[i].thread);
    mem_free(p);
}

uint32_t pool_n_thread(const struct pool *p)
{
    return p->n_thread;
}

void pool_run(struct pool *p, void (*fn)(void *arg, uint32_t i_thread, uint32_t n_thread),
              void *arg)
{
    uint32_t i_job = atomic_load_explicit(&p->job.word, memory_order_relaxed) + 1U;

    atomic_store_explicit(&p->ticket, 0, memory_order_relaxed); /* the job gate publishes it */
    if (p->n_thread == 1) {
        fn(arg, 0, 1);
        return;
    }
    p->fn = fn;
    p->arg = arg;
    atomic_store_explicit(&p->n_running, p->n_thread, memory_order_relaxed);
    gate_open(&p->job, i_job);
    run_share(p, 0, i_job);
    gate_wait(&p->done, i_job - 1U, p->spin_s);
}

void pool_barrier(struct pool *p)
{
    /* Cannot move before this member has arrived, so a relaxed look is enough. */
    uint32_t n_passed = atomic_load_explicit(&p->barrier.word, memory_order_relaxed);

    /* acq_rel: the last to arrive has seen what all others wrote before, and hands it on. */
    if (atomic_fetch_add_explicit(&p->n_arrived, 1, memory_order_acq_rel) + 1U == p->n_thread) {
        atomic_store_explicit(&p->n_arrived, 0, memory_order_relaxed);
        gate_open(&p->barrier, n_passed + 1U);
    } else {
        gate_wait(&p->barrier, n_passed, p->spin_s);
    }
}

uint32_t pool_ticket(struct pool *p)
{
    return atomic_fetch_add_explicit(&p->ticket, 1, memory_order_relaxed);
}

void pool_ticket_reset(struct pool *p)
{
    atomic_store_explicit(&p->ticket, 0, memory_order_relaxed); /* the next barrier publishes it */
}
