/* What the commands ask of a server elsewhere, in the words they also hear from the daemon of this
 * machine. The server is asked through the native API (/api/v1), so that any server that speaks it
 * will do; what it does not tell is left out. */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/client.h"

/* Its models: one array of objects as `hearth ls --json` has them (cli.md 2.5), one for each key,
 * deviceIdentifier naming the server; "loadedInstances" is the number of them. To be closed. */
enum err_code remote_models(const struct client *c, struct js **out, struct err *e);

/* What it has loaded: an array of objects as `hearth ps --json` has them (cli.md 2.6). */
enum err_code remote_instances(const struct client *c, struct js **out, struct err *e);

/* Either of the two: of this machine's daemon or of a server elsewhere. */
enum err_code instances_of(const struct client *c, struct js **out, struct err *e);

/* Ends an instance, wherever it is. */
enum err_code unload_instance(const struct client *c, const char *id, struct err *e);

#endif
