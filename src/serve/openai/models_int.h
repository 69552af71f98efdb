/* Inside serve/ only: GET /v1/models, and how the models at hand are listed by all families. */
#ifndef SERVE_OPENAI_MODELS_INT_H
#define SERVE_OPENAI_MODELS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/app_int.h"

void openai_models(struct http_req *q, void *arg);
void openai_model(struct http_req *q, void *arg);

/* A model as lists name it: its key, or key@variant where the bare key means another; or a loaded
 * instance that goes by a name of its own. */
struct listed {
    char id[RUNTIME_ID_BYTES];
    const struct library_model *model;
    bool is_loaded;
    uint32_t n_ctx; /* of the loaded one */
};
/* Calls fn for each: loaded ones first; those that are not loaded too when all. fn returns false
 * to stop. */
void listed_each(const struct app *app, bool all, bool (*fn)(void *arg, const struct listed *l),
                 void *arg);
bool listed_find(const struct app *app, const char *id, struct listed *out);
/* The id of a model that is not named by an instance. */
void listed_id(const struct library_model *m, char out[RUNTIME_ID_BYTES]);
/* The whole list as {"object":"list","data":[…]}, and the one that the path's rest names: each
 * written by fn, whose argument is a struct jsonw. */
void listed_reply_all(struct http_req *q, const struct app *app, bool all,
                      bool (*fn)(void *w, const struct listed *l));
void listed_reply(struct http_req *q, const struct app *app,
                  bool (*fn)(void *w, const struct listed *l));
/* Is this model in memory, under whatever name? *n_ctx of the first such instance. */
bool listed_is_loaded(const struct app *app, const struct library_model *m, uint32_t *n_ctx);

/* The error of a model that is not there; text stands in room. */
#define MODEL_UNKNOWN_BYTES 768U
struct http_error model_unknown(const struct app *app, const char *id,
                                char room[MODEL_UNKNOWN_BYTES]);

#endif
