/* Proves: mailboxes keep order and their bound, wake their owner, and lose nothing between threads.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/mailbox.h"
#include "os/sys.h"

#define N_SENDER 3U
#define N_EACH   2000U
#define BOX_MAX  64U

struct letter {
    struct msg msg;
    uint32_t i_sender, number;
};

static bool is_readable(const struct mailbox *box)
{
    struct pollfd p = { .fd = box->wake_fd, .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

/* Proves: messages come out in order, all at once, and the descriptor is readable meanwhile only.
 */
static void takes_in_order(void **state)
{
    struct letter l[3] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
    struct mailbox box;
    struct msg *m;

    (void)state;
    assert_int_equal(mailbox_init(&box, 8, NULL), ERR_OK);
    assert_null(mailbox_take(&box));
    assert_false(is_readable(&box));
    for (unsigned i = 0; i < 3; i++)
        assert_true(mailbox_post(&box, &l[i].msg));
    assert_true(is_readable(&box));
    m = mailbox_take(&box);
    for (unsigned i = 0; i < 3; i++, m = m->next)
        assert_ptr_equal(m, &l[i].msg);
    assert_null(m);
    assert_false(is_readable(&box));
    mailbox_finish(&box);
}

/* Proves: a full box refuses and leaves the message to the sender; taking makes room again. */
static void full_box_refuses(void **state)
{
    struct letter l[3] = { 0 };
    struct mailbox box;

    (void)state;
    assert_int_equal(mailbox_init(&box, 2, NULL), ERR_OK);
    assert_true(mailbox_post(&box, &l[0].msg));
    assert_true(mailbox_post(&box, &l[1].msg));
    assert_false(mailbox_post(&box, &l[2].msg));
    assert_ptr_equal(mailbox_take(&box), &l[0].msg);
    assert_true(mailbox_post(&box, &l[2].msg));
    assert_ptr_equal(mailbox_take(&box), &l[2].msg);
    mailbox_finish(&box);
}

/* Proves: waiting on an empty box ends at its time limit, not before. */
static void wait_times_out(void **state)
{
    struct mailbox box;
    double start = clock_s();

    (void)state;
    assert_int_equal(mailbox_init(&box, 2, NULL), ERR_OK);
    assert_null(mailbox_wait(&box, 20));
    assert_true(clock_s() - start >= 0.020);
    assert_null(mailbox_wait(&box, 0));
    mailbox_finish(&box);
}

struct sender {
    struct thread thread;
    struct mailbox *box, *back; /* letters return through `back` for the next use */
    struct letter *letters;
    uint32_t i_sender;
};

static void send_all(void *arg)
{
    struct sender *s = arg;
    uint32_t n_sent = 0;
    struct msg *free_list = NULL;

    for (uint32_t i = 0; i < 4; i++) {
        s->letters[i].msg.next = free_list;
        free_list = &s->letters[i].msg;
    }
    while (n_sent < N_EACH) {
        struct letter *l;
        struct msg *next;

        if (!free_list)
            free_list = mailbox_wait(s->back, UINT32_MAX);
        next = free_list->next;
        l = (struct letter *)free_list;
        l->i_sender = s->i_sender;
        l->number = n_sent++;
        assert_true(mailbox_post(s->box, &l->msg));
        free_list = next;
    }
}

/* Proves: with several senders nothing is lost, doubled or reordered within one sender. */
static void threads_lose_nothing(void **state)
{
    struct letter letters[N_SENDER][4] = { 0 };
    struct sender s[N_SENDER] = { 0 };
    uint32_t n_seen[N_SENDER] = { 0 }, n_total = 0;
    struct mailbox box, back[N_SENDER];

    (void)state;
    assert_int_equal(mailbox_init(&box, BOX_MAX, NULL), ERR_OK);
    for (uint32_t i = 0; i < N_SENDER; i++) {
        assert_int_equal(mailbox_init(&back[i], BOX_MAX, NULL), ERR_OK);
        s[i] = (struct sender){ .box = &box, .back = &back[i], .i_sender = i };
        s[i].letters = letters[i];
        assert_int_equal(thread_start(&s[i].thread, "sender", send_all, &s[i], NULL), ERR_OK);
    }
    while (n_total < N_SENDER * N_EACH) {
        for (struct msg *m = mailbox_wait(&box, UINT32_MAX), *next; m; m = next) {
            struct letter *l = (struct letter *)m;
            uint32_t from = l->i_sender;

            next = m->next;
            assert_int_equal(l->number, n_seen[from]);
            n_seen[from]++;
            n_total++;
            assert_true(mailbox_post(&back[from], m));
        }
    }
    for (uint32_t i = 0; i < N_SENDER; i++) {
        thread_join(&s[i].thread);
        (void)mailbox_take(&back[i]);
        mailbox_finish(&back[i]);
    }
    mailbox_finish(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_in_order),
        cmocka_unit_test(full_box_refuses),
        cmocka_unit_test(wait_times_out),
        cmocka_unit_test(threads_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
