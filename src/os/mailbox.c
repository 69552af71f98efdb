/* Mailbox: a locked list with a condition for sleepers and a descriptor for event loops.
 *
 * The descriptor is written when the list stops being empty and read when it is taken, both under
 * the lock: it is readable exactly while messages wait. */
#include "os/mailbox.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "os/os_int.h"
#include "os/sys.h"

enum err_code mailbox_init(struct mailbox *box, uint32_t n_max, struct err *e)
{
    *box = (struct mailbox){ .wake_fd = -1, ._n_max = n_max };
    box->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (box->wake_fd < 0)
        return os_fail(e, errno, "create", "a mailbox");
    lock_init(&box->_lock);
    cond_init(&box->_cond);
    return ERR_OK;
}

void mailbox_finish(struct mailbox *box)
{
    if (box->wake_fd < 0)
        return;
    CHECK(!box->_first);
    cond_finish(&box->_cond);
    lock_finish(&box->_lock);
    (void)close(box->wake_fd);
    box->wake_fd = -1;
}

static void set_readable(struct mailbox *box)
{
    const uint64_t one = 1;

    CHECK(write(box->wake_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
}

static void clear_readable(struct mailbox *box)
{
    uint64_t count;

    CHECK(read(box->wake_fd, &count, sizeof(count)) == (ssize_t)sizeof(count));
}

bool mailbox_post(struct mailbox *box, struct msg *m)
{
    bool fits, is_first;

    lock_take(&box->_lock);
    fits = box->_n < box->_n_max;
    is_first = box->_n == 0;
    if (fits) {
        m->next = NULL;
        if (is_first)
            box->_first = m;
        else
            box->_last->next = m;
        box->_last = m;
        box->_n++;
        if (is_first) {
            set_readable(box);
            cond_wake_one(&box->_cond);
        }
    }
    lock_give(&box->_lock);
    return fits;
}

/* Under the lock. */
static struct msg *take_all(struct mailbox *box)
{
    struct msg *first = box->_first;

    if (first)
        clear_readable(box);
    box->_first = NULL;
    box->_last = NULL;
    box->_n = 0;
    return first;
}

struct msg *mailbox_take(struct mailbox *box)
{
    struct msg *first;

    lock_take(&box->_lock);
    first = take_all(box);
    lock_give(&box->_lock);
    return first;
}

struct msg *mailbox_wait(struct mailbox *box, uint32_t timeout_ms)
{
    const double until = clock_s() + (double)timeout_ms / 1000.0;
    struct msg *first;

    lock_take(&box->_lock);
    while (!box->_first) {
        double left_s = until - clock_s();

        if (timeout_ms == UINT32_MAX)
            cond_wait(&box->_cond, &box->_lock);
        else if (left_s > 0)
            (void)cond_wait_ms(&box->_cond, &box->_lock, (uint32_t)(left_s * 1000.0) + 1U);
        else
            break;
    }
    first = take_all(box);
    lock_give(&box->_lock);
    return first;
}
