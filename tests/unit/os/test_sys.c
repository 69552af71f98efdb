/* Proves: clock, randomness, memory use, interrupts and threads behave as their headers say. */
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/file.h"
#include "os/sys.h"
#include "os/thread.h"

/* Proves: an interrupt sets the flag and does not end the program; reading it can clear it. */
static void interrupt_sets_a_flag(void **state)
{
    (void)state;
    interrupt_watch(true);
    assert_false(interrupt_seen(false));
    assert_int_equal(raise(SIGINT), 0);
    assert_true(interrupt_seen(false));
    assert_true(interrupt_seen(true));
    assert_false(interrupt_seen(false));
    interrupt_watch(false);
}

/* Proves: a reader that has gone is an error, not the end of the process. */
static void closed_pipe_is_an_error(void **state)
{
    int ends[2], saved = dup(STDOUT_FILENO);
    enum err_code rc;

    (void)state;
    os_init();
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
    rc = stdout_write("x", 1, NULL);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    (void)close(ends[1]);
    (void)close(saved);
    assert_int_equal(rc, ERR_IO);
}

/* Proves: time goes forward, seeds differ, memory use is known and counts what was touched. */
static void clocks_seeds_memory(void **state)
{
    const size_t n = (size_t)64 << 20;
    unsigned char some[300], other[300];
    double t = clock_s();
    char *block = mem_alloc(MEM_OTHER, n);

    (void)state;
    assert_non_null(block);
    memset(block, 1, n);
    assert_true(peak_rss_bytes() >= n);
    mem_free(block);
    assert_true(random_bytes(some, sizeof(some)) && random_bytes(other, sizeof(other)));
    assert_memory_not_equal(some, other, sizeof(some));
    assert_true(clock_s() > t);
    assert_true(clock_unix_s() > 1600000000);
    assert_true(random_seed() != random_seed());
}

/* Proves: what is no terminal has the default width. */
static void no_terminal(void **state)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)state;
    assert_false(tty_is(fd));
    assert_int_equal(tty_columns(fd), 80);
    (void)close(fd);
}

struct turn {
    struct lock lock;
    struct cond changed;
    uint32_t whose, n_turns;
};

static void take_turns(struct turn *t, uint32_t me)
{
    for (uint32_t i = 0; i < 200; i++) {
        lock_take(&t->lock);
        while (t->whose != me)
            cond_wait(&t->changed, &t->lock);
        t->whose = 1U - me;
        t->n_turns++;
        cond_wake_all(&t->changed);
        lock_give(&t->lock);
    }
}

static void other_player(void *arg)
{
    take_turns(arg, 1);
}

/* Proves: locks exclude, conditions wake, joining twice is fine. */
static void threads_take_turns(void **state)
{
    struct turn t = { 0 };
    struct thread other;

    (void)state;
    lock_init(&t.lock);
    cond_init(&t.changed);
    assert_int_equal(thread_start(&other, "a name that is too long", other_player, &t, NULL),
                     ERR_OK);
    take_turns(&t, 0);
    thread_join(&other);
    thread_join(&other);
    assert_int_equal(t.n_turns, 400);
    lock_take(&t.lock);
    assert_false(cond_wait_ms(&t.changed, &t.lock, 1001 - 1000));
    lock_give(&t.lock);
    cond_finish(&t.changed);
    lock_finish(&t.lock);
}

/* Proves: characters take the columns that terminals give them. */
static void widths(void **state)
{
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    assert_int_equal(tty_width('a'), 1);
    assert_int_equal(tty_width(0xE4), 1);    /* a with two dots */
    assert_int_equal(tty_width(0x4E00), 2);  /* a Chinese one */
    assert_int_equal(tty_width(0x1F600), 2); /* a face */
    assert_int_equal(tty_width(0x301), 0);   /* an accent for the letter before it */
    assert_int_equal(tty_width('\t'), 1);
}

/* Proves: what is no terminal has the usual size and no other mode. */
static void keys_of_a_pipe(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(tty_columns(ends[0]), 80);
    assert_int_equal(tty_rows(ends[0]), 24);
    assert_null(tty_raw_begin(ends[0]));
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(fd_readable(ends[0], 1000));
    {
        unsigned char byte = 0;

        assert_true(fd_read_byte(ends[0], &byte));
        assert_int_equal(byte, 'x');
        (void)close(ends[1]);
        assert_false(fd_read_byte(ends[0], &byte));
    }
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupt_sets_a_flag), cmocka_unit_test(widths),
        cmocka_unit_test(keys_of_a_pipe),        cmocka_unit_test(closed_pipe_is_an_error),
        cmocka_unit_test(clocks_seeds_memory),   cmocka_unit_test(no_terminal),
        cmocka_unit_test(threads_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
