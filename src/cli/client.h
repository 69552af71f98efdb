/* Talking with the daemon of this home, over its Unix socket. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "os/path.h"

struct client {
    char home[PATH_BYTES_MAX];
    char socket[PATH_BYTES_MAX];
};

/* ERR_NOT_FOUND: no daemon runs. */
enum err_code client_find(struct client *c, struct err *e);
/* The same, but starts a daemon in the background when none runs, and waits until it answers. */
enum err_code client_need(struct client *c, struct err *e);

/* One request with a JSON answer (to be closed; NULL when there is none). body: JSON text or NULL.
 * An HTTP error becomes an err with the server's sentence: ERR_NOT_FOUND for 404, else ERR_ARG. */
enum err_code client_call(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e);

/* Follows a stream of events until it ends or on_event returns false; name is "" where an event has
 * none. Interrupts (Ctrl-C) end it with ERR_CANCELLED. */
typedef bool (*client_event_fn)(void *arg, const char *name, const struct js *data);
enum err_code client_stream(const struct client *c, const char *method, const char *path,
                            const struct buf *body, client_event_fn on_event, void *arg,
                            struct err *e);

#endif
