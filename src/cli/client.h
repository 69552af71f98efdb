/* Talking with a server: the daemon of this home, over its Unix socket, or with --host and --port
 * any other one, over TCP. What can be asked of both is in remote.h. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/args.h"
#include "os/path.h"

#define CLIENT_PORT      1234U
#define CLIENT_URL_BYTES 512U

struct client {
    char home[PATH_BYTES_MAX]; /* of this machine's daemon */
    char socket[PATH_BYTES_MAX];
    char base[CLIENT_URL_BYTES]; /* "http://box:1234"; "": this machine's daemon */
    const char *host;            /* as it was typed, for people; NULL: this machine's daemon */
    const char *key;             /* API key of a server elsewhere, or NULL; borrowed */
};

/* ERR_NOT_FOUND: no daemon runs. */
enum err_code client_find(struct client *c, struct err *e);
/* The same, but starts a daemon in the background when none runs, and waits until it answers. */
enum err_code client_need(struct client *c, struct err *e);
/* Whether --host or --port was given: then client_at, which connects to nothing yet, prepares for
 * that server. Without --host it is one of this machine, without --port it is 1234. The key comes
 * from HEARTH_API_KEY, else from LM_API_TOKEN. */
bool client_is_elsewhere(const struct positionals *rest);
void client_at(struct client *c, const struct positionals *rest);

/* One request with a JSON answer (to be closed; NULL when there is none). body: JSON text or NULL.
 * An HTTP error becomes an err with the server's sentence: ERR_NOT_FOUND for 404, else ERR_ARG.
 * ERR_IO: the server cannot be reached, or does not answer within a minute. */
enum err_code client_call(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e);
/* The same for work that takes its time, such as loading: without a limit, but Ctrl-C ends it with
 * ERR_CANCELLED. */
enum err_code client_work(const struct client *c, const char *method, const char *path,
                          const struct buf *body, struct js **answer, struct err *e);

/* Follows a stream of events until it ends or on_event returns false; name is "" where an event has
 * none. Interrupts (Ctrl-C) end it with ERR_CANCELLED. */
typedef bool (*client_event_fn)(void *arg, const char *name, const struct js *data);
enum err_code client_stream(const struct client *c, const char *method, const char *path,
                            const struct buf *body, client_event_fn on_event, void *arg,
                            struct err *e);

#endif
