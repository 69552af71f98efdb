/* Mailbox: the one way in which threads talk. Bounded; any thread posts, one owner takes.
 *
 * A message is a struct that begins with `struct msg`; posting hands it over. */
#ifndef OS_MAILBOX_H
#define OS_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "os/thread.h"

struct msg {
    struct msg *next;
};

struct mailbox {
    int wake_fd; /* readable while messages wait: for an event loop */
    struct lock _lock;
    struct cond _cond;
    struct msg *_first, *_last;
    uint32_t _n, _n_max;
};

enum err_code mailbox_init(struct mailbox *box, uint32_t n_max, struct err *e);
void mailbox_finish(struct mailbox *box); /* must be empty */

/* Any thread. Takes ownership of m, or returns false (box full) and leaves it to the caller. */
bool mailbox_post(struct mailbox *box, struct msg *m);

/* Owner thread: all messages at once, oldest first; NULL when there are none. */
struct msg *mailbox_take(struct mailbox *box);

/* Owner thread: the same, but sleeps up to timeout_ms for the first message (UINT32_MAX: for ever).
 */
struct msg *mailbox_wait(struct mailbox *box, uint32_t timeout_ms);

#endif
