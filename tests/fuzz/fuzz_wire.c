/* Any bytes as what a worker sends: frames come out or the stream is refused; a frame's body as an
 * event is read or refused, and what was read can be written. */
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "os/net.h"
#include "runtime/wire.h"

static void read_event(const uint8_t *body, size_t len)
{
    struct job_event ev;
    struct arena a;
    struct buf again;

    arena_init(&a, MEM_OTHER, 4096, (size_t)64 << 20);
    buf_init(&again, MEM_OTHER, (size_t)64 << 20);
    if (wire_event_read(&ev, body, len, &a, NULL) == ERR_OK)
        CHECK(wire_event_write(&ev, &again) && again.len == len);
    buf_finish(&again);
    arena_finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_frame f;
    struct wire w;
    size_t n = 0;
    int fds[2];

    read_event(data, size);
    if (net_pair(fds, NULL) != ERR_OK)
        return 0;
    wire_init(&w, fds[1]);
    (void)net_write(fds[0], data, size, &n, NULL);
    net_close(&fds[0]);
    while (wire_read(&w, NULL) == ERR_OK)
        while (wire_next(&w, &f))
            read_event(f.body, f.len);
    wire_finish(&w);
    net_close(&fds[1]);
    return 0;
}
