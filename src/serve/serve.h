/* The daemon: owns the sockets, the library, the store and the models in memory.
 *
 * One thread runs the loop. `hearth serve` and the daemon that commands start in the background are
 * the same program. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

struct serve_params {
    bool listen;         /* open the TCP port at once; else when `hearth server start` asks */
    const char *address; /* NULL: as configured, else 127.0.0.1 */
    int32_t port;        /* -1: as configured, else 1234; 0: a free one */
    bool cors, has_cors;
    bool background; /* no words on standard output, log into a file */
    bool no_sandbox;
    enum log_level level;
    bool no_foreign; /* do not look into ~/.lmstudio/models */
    /* Called once when requests can be answered. port 0: not listening. May be NULL. */
    void (*on_ready)(void *arg, const char *address, uint16_t port);
    void *arg;
};

/* Runs until it is told to stop (SIGTERM, SIGINT, /hearth/shutdown). ERR_CANCELLED: another daemon
 * owns this home, its pid is in the sentence; ERR_IO. */
enum err_code serve_run(const struct serve_params *p, struct err *e);

#endif
