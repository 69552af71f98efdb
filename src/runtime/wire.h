/* The wire between daemon and worker: frames over a stream socket, both ends on one machine.
 *
 * A frame is a head of 16 bytes and a body. Native byte order; what comes is checked all the same:
 * a worker may have been taken over by a hostile file. Sending never blocks: what the socket does
 * not take waits in a bounded buffer. One owner thread per end. */
#ifndef RUNTIME_WIRE_H
#define RUNTIME_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "runtime/job.h"

#define WIRE_BODY_MAX   JOB_BYTES_MAX
#define WIRE_UNSENT_MAX (256U << 20)

enum wire_kind {
    /* daemon -> worker */
    WIRE_OPEN = 1, /* JSON: struct worker_open (worker.h)  */
    WIRE_JOB,      /* JSON: struct job                     */
    WIRE_CANCEL,   /* no body                              */
    WIRE_CLEAR,    /* drops cached prefixes                */
    WIRE_CLOSE,    /* end running jobs, then exit 0        */
    /* worker -> daemon */
    WIRE_LOADING, /* f32: share                            */
    WIRE_READY,   /* JSON: struct worker_ready             */
    WIRE_REFUSED, /* JSON: {"code","text"}: could not open; the worker exits */
    WIRE_EVENT,   /* a job's event: wire_event_*           */
    WIRE_STATS,   /* JSON, every second while busy and once when it becomes idle */
    WIRE_LOG,     /* u8 level, text                        */
    WIRE_KIND_COUNT
};

struct wire_frame {
    enum wire_kind kind;
    uint64_t job; /* 0 = none */
    const uint8_t *body;
    uint32_t len;
    bool is_lost; /* there was no memory for its body, which is gone: len is 0 */
};

struct wire {
    int fd; /* not owned */
    struct buf in, out;
    size_t _out_at, _in_at;
    size_t _skip;   /* bytes still to come of a body that is thrown away */
    bool _has_lost; /* the first frame in `in` is that one */
};

/* Takes what small frames need both ways, so that they come and go without memory later. */
void wire_init(struct wire *w, int fd);
void wire_finish(struct wire *w);

/* Appends a frame and sends what the socket takes. ERR_LIMIT: too much is unsent; ERR_OOM: nothing
 * was appended; ERR_IO. */
enum err_code wire_send(struct wire *w, enum wire_kind kind, uint64_t job, const void *body,
                        size_t len, struct err *e);
enum err_code wire_flush(struct wire *w, struct err *e);
bool wire_unsent(const struct wire *w); /* wait until the socket is writable, then flush */

/* Reads what is there (ERR_CANCELLED: the other end closed; ERR_FORMAT: no frame), then wire_next
 * gives frame after frame, valid until the next wire_read. A frame for which there is no memory
 * comes without its body; ERR_OOM only when there was none for small ones from the start. */
enum err_code wire_read(struct wire *w, struct err *e);
bool wire_next(struct wire *w, struct wire_frame *f);

/* Events as bodies of WIRE_EVENT. decode: pointers of *ev go into body and the arena; ERR_FORMAT.
 */
bool wire_event_write(const struct job_event *ev, struct buf *out);
enum err_code wire_event_read(struct job_event *ev, const uint8_t *body, size_t len,
                              struct arena *a, struct err *e);

#endif
