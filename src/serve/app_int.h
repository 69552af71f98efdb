/* Inside serve/ only: what handlers share, and what each file contributes to the route table. */
#ifndef SERVE_APP_INT_H
#define SERVE_APP_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonw.h"
#include "library/library.h"
#include "os/loop.h"
#include "runtime/runtime.h"
#include "serve/config_int.h"
#include "serve/http.h"
#include "store/store.h"

struct feed; /* subscribers of /api/v1/events and of the log (feed.c) */

struct app {
    struct loop *loop;
    struct http *http;
    struct runtime *runtime;
    struct library *library;
    struct store *store;
    struct feed *feed;
    struct config config; /* $HEARTH_HOME/config.json */
    double started_s;     /* clock_s() */
    const char *home;
    bool closing;
    uint32_t n_signal;
    struct fresh *fresh;         /* fresh.c */
    double looked_s;             /* when the library had last looked for a list */
    struct loop_timer resources; /* house_events.c, while somebody listens */
};

#define ROUTE_BODY_SMALL (1U << 20)
/* The loop parses it, and serves nobody else meanwhile: a third of a second at most. It is more
 * text than any context holds. */
#define ROUTE_BODY_CHAT (16U << 20)

/* ---- route tables, one for each file of handlers; joined in serve.c ---- */
struct route_table {
    const struct http_route *at;
    uint32_t n;
};
extern const struct route_table routes_openai; /* openai/: models, chat, completions, embeddings */
extern const struct route_table routes_responses; /* openai/responses */
extern const struct route_table routes_anthropic; /* anthropic/ */
extern const struct route_table routes_native;    /* native/: /api/v1, /api/v0 */
extern const struct route_table routes_extra;     /* rerank, tokenize, detokenize */
extern const struct route_table routes_house;     /* health, greeting, metrics, events */
extern const struct route_table routes_daemon;    /* /hearth/…: status, port, keys, log, end */
extern const struct route_table routes_control;   /* /hearth/…: load, unload, ps, estimate */

/* ---- fresh.c: lists of models of now ---- */
/* Calls then(q, app) when the library has looked through its folders, unless the client goes; or at
 * once with the list as it is, when it cannot. */
void app_look(struct app *app, struct http_req *q, void (*then)(struct http_req *q, void *app));
/* The same, at once when it has looked within the last second. */
void app_fresh(struct app *app, struct http_req *q, void (*then)(struct http_req *q, void *app));
void app_fresh_close(struct app *app); /* after the library */

/* Random lower-case letters and digits behind a prefix, e.g. "chatcmpl-"; hex with new_hex. */
void new_id(char *out, size_t cap, const char *prefix, uint32_t n);
void new_hex(char *out, size_t cap, const char *prefix, uint32_t n);

#endif
