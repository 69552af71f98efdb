/* Inside serve/ only: what serve.c, the routes of the house and the control routes share. */
#ifndef SERVE_HOUSE_INT_H
#define SERVE_HOUSE_INT_H

#include "serve/feed_int.h"

/* ---- house_events.c ---- */
/* runtime_event_fn: into the feed and the log. */
void house_on_event(void *arg, const struct runtime_event *ev);
/* Somebody began or ceased to listen: prompts, resource use and log lines are wanted or not. */
void house_on_listeners(void *arg);

/* ---- serve.c ---- */
/* Opens the TCP port and writes run/server.json. address NULL: as configured; port -1 likewise. */
enum err_code app_listen(struct app *app, const char *address, int32_t port, struct err *e);
void app_unlisten(struct app *app);
enum err_code app_set_cors(struct app *app, bool cors, struct err *e);
/* Begins to end: running answers end first, unless now. The second call is always now. */
void app_shutdown(struct app *app, bool now);

#endif
