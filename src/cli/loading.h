/* Loading a model into a server's memory, here or elsewhere. */
#ifndef CLI_LOADING_H
#define CLI_LOADING_H

#include <stdint.h>

#include "cli/client.h"

/* What is 0 or NULL is left to the server. */
struct load_wish {
    const char *model, *identifier, *type_k, *type_v;
    uint32_t n_ctx, n_parallel, n_batch, n_thread, ttl_s; /* n_thread: of this machine only */
};

/* The body of a request, in the words of the server's route. */
void load_body(const struct client *c, const struct load_wish *o, struct buf *b);

/* Loads and waits; shows how far it is on standard error. *instance is what the server says of it
 * (to be closed): of this machine an object of `hearth ps --json`, else that of the native API.
 * Ctrl-C ends it: ERR_LIMIT with a sentence. */
enum err_code load_instance(const struct client *c, const struct load_wish *o, struct js **instance,
                            struct err *e);

/* Its name in the API; never NULL. */
const char *load_identifier(const struct js *instance);

#endif
