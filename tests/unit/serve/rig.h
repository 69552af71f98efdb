/* A server on a thread of its own, with routes that misbehave on demand. */
#ifndef UNIT_SERVE_RIG_H
#define UNIT_SERVE_RIG_H

#include <stdint.h>

#include "os/thread.h"
#include "serve/http_int.h"

struct rig {
    struct loop *loop;
    struct http *http;
    struct thread thread;
    uint16_t port;
    char path[64]; /* of the Unix socket */
};

extern _Atomic bool rig_keys_lost;  /* there may have been some */
extern _Atomic unsigned rig_n_key;  /* 0: the server is open */
extern _Atomic unsigned rig_n_gone; /* clients that left before their answer */
extern _Atomic unsigned rig_n_held; /* requests that wait for an answer that never comes */

/* Deadlines of this test; 0 = generous ones. */
struct rig_limits {
    double head_s, body_s, idle_s, stall_s, ping_s, half_s, gather_s;
    size_t bodies_max, unsent_max;
    uint32_t n_connection_max;
};
void rig_open(struct rig *r, const struct rig_limits *limits, const struct http_settings *settings);
void rig_close(struct rig *r);
/* Waits until *counter has this value; too long ends the test. */
void rig_wait(const _Atomic unsigned *counter, unsigned value);
/* POST without body over the Unix socket. */
void rig_control(struct rig *r, const char *path);
/* Statistics, taken on the server's thread. */
void rig_stats(struct rig *r, struct http_stats *out);

#endif
