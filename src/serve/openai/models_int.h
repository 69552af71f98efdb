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

/* What is ready in memory, looked at once. */
struct loaded {
    struct instance_info at[RUNTIME_INSTANCES_MAX];
    uint32_t n;
};
void loaded_take(struct loaded *l, const struct app *app);
/* The i-th instance of this model; NULL: there are not so many. */
const struct instance_info *loaded_of(const struct loaded *l, const struct library_model *m,
                                      uint32_t i);

/* The error of a model that is not there; text stands in room. */
#define MODEL_UNKNOWN_BYTES 768U
struct http_error model_unknown(const struct app *app, const char *id,
                                char room[MODEL_UNKNOWN_BYTES]);

#endif
