/* Proves: a pool runs every member once per job, its barriers separate phases, its tickets are
 * handed out once. Also meant for the thread sanitizer, which sees missing orderings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "os/pool.h"

#define TEAM_MAX  4U
#define N_JOB     300U
#define N_PHASE   40U
#define N_TICKETS 1000U

struct counts {
    uint32_t n_run[TEAM_MAX]; /* plain: each member writes its own, the caller reads afterwards */
    uint32_t n_thread;
};

static void count_me(void *arg, uint32_t i_thread, uint32_t n_thread)
{
    struct counts *c = arg;

    c->n_run[i_thread]++;
    if (i_thread == 0)
        c->n_thread = n_thread;
}

/* Proves: every member runs every job exactly once, and its writes are visible after pool_run. */
static void every_member_runs_each_job(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= TEAM_MAX; n++) {
        struct counts c = { 0 };
        struct pool *p;

        assert_int_equal(pool_create(&p, n, NULL), ERR_OK);
        assert_int_equal(pool_n_thread(p), n);
        for (uint32_t job = 1; job <= N_JOB; job++) {
            pool_run(p, count_me, &c);
            for (uint32_t i = 0; i < TEAM_MAX; i++)
                assert_int_equal(c.n_run[i], i < n ? job : 0);
        }
        assert_int_equal(c.n_thread, n);
        pool_destroy(p);
    }
}

struct relay {
    struct pool *pool;
    uint32_t value[TEAM_MAX]; /* plain: written before a barrier, read by the neighbour after it */
    uint32_t n_wrong[TEAM_MAX];
};

static void pass_on(void *arg, uint32_t i_thread, uint32_t n_thread)
{
    struct relay *r = arg;
    uint32_t neighbour = (i_thread + 1U) % n_thread;

    for (uint32_t phase = 0; phase < N_PHASE; phase++) {
        r->value[i_thread] = phase * 10U + i_thread;
        pool_barrier(r->pool);
        r->n_wrong[i_thread] += r->value[neighbour] != phase * 10U + neighbour;
        pool_barrier(r->pool);
    }
}

/* Proves: nobody passes a barrier early, and what was written before it is visible after it. */
static void barriers_separate_phases(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= TEAM_MAX; n++) {
        struct relay r = { 0 };

        assert_int_equal(pool_create(&r.pool, n, NULL), ERR_OK);
        for (uint32_t job = 0; job < 20; job++)
            pool_run(r.pool, pass_on, &r);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(r.n_wrong[i], 0);
        pool_destroy(r.pool);
    }
}

struct shares {
    struct pool *pool;
    uint8_t n_taken[2][N_TICKETS];
};

static void take_shares(void *arg, uint32_t i_thread, uint32_t n_thread)
{
    struct shares *s = arg;

    (void)n_thread;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = pool_ticket(s->pool); i < N_TICKETS; i = pool_ticket(s->pool))
            s->n_taken[round][i]++;
        pool_barrier(s->pool);
        if (i_thread == 0)
            pool_ticket_reset(s->pool);
        pool_barrier(s->pool);
    }
}

/* Proves: each ticket goes to exactly one member, and every job and every reset starts at 0. */
static void tickets_are_handed_out_once(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= TEAM_MAX; n++) {
        struct shares s = { 0 };

        assert_int_equal(pool_create(&s.pool, n, NULL), ERR_OK);
        for (uint32_t job = 1; job <= 3; job++) {
            pool_run(s.pool, take_shares, &s);
            for (uint32_t i = 0; i < N_TICKETS; i++) {
                assert_int_equal(s.n_taken[0][i], job);
                assert_int_equal(s.n_taken[1][i], job);
            }
        }
        pool_destroy(s.pool);
    }
}

/* Proves: absurd sizes are refused with a sentence, and destroying nothing is fine. */
static void sizes_are_checked(void **state)
{
    struct err e = { 0 };
    struct pool *p;

    (void)state;
    assert_int_equal(pool_create(&p, 0, &e), ERR_ARG);
    assert_null(p);
    assert_int_equal(pool_create(&p, POOL_THREADS_MAX + 1U, &e), ERR_ARG);
    assert_non_null(strstr(e.text, "257"));
    pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_runs_each_job),
        cmocka_unit_test(barriers_separate_phases),
        cmocka_unit_test(tickets_are_handed_out_once),
        cmocka_unit_test(sizes_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
