/* GET /v1/models and /v1/models/{id}: what a request may name as its model. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "serve/openai/models_int.h"
#include "serve/write_int.h"

void listed_id(const struct library_model *m, char out[RUNTIME_ID_BYTES])
{
    bool bare = m->n_variant <= 1 || m->is_selected || strchr(m->key, '@');

    (void)snprintf(out, RUNTIME_ID_BYTES, "%s%s%s", m->key, bare ? "" : "@",
                   bare ? "" : m->variant);
}

void loaded_take(struct loaded *l, const struct app *app)
{
    l->n = 0;
    for (uint32_t i = 0; i < runtime_n_instance(app->runtime) && i < COUNT_OF(l->at); i++) {
        runtime_instance(app->runtime, i, &l->at[l->n]);
        if (l->at[l->n].state == INSTANCE_READY)
            l->n++;
    }
}

static bool is_same(const struct library_model *a, const struct library_model *b)
{
    return strcmp(a->key, b->key) == 0 && strcmp(a->variant, b->variant) == 0;
}

const struct instance_info *loaded_of(const struct loaded *l, const struct library_model *m,
                                      uint32_t i)
{
    for (uint32_t k = 0; k < l->n; k++) {
        if (is_same(l->at[k].model, m) && i-- == 0)
            return &l->at[k];
    }
    return NULL;
}

static void describe(const struct loaded *loaded, const struct library_model *m, struct listed *out)
{
    const struct instance_info *info = loaded_of(loaded, m, 0);

    *out = (struct listed){ "", m, info != NULL, info ? info->ready.n_ctx : 0 };
    listed_id(m, out->id);
}

/* Instances whose identifier is no model's id. */
static bool each_instance(const struct loaded *loaded,
                          bool (*fn)(void *arg, const struct listed *l), void *arg)
{
    for (uint32_t i = 0; i < loaded->n; i++) {
        const struct instance_info *info = &loaded->at[i];
        struct listed l;

        listed_id(info->model, l.id);
        if (strcmp(l.id, info->id) == 0)
            continue;
        (void)snprintf(l.id, sizeof(l.id), "%s", info->id);
        l.model = info->model;
        l.is_loaded = true;
        l.n_ctx = info->ready.n_ctx;
        if (!fn(arg, &l))
            return false;
    }
    return true;
}

void listed_each(const struct app *app, bool all, bool (*fn)(void *arg, const struct listed *l),
                 void *arg)
{
    struct loaded loaded;

    loaded_take(&loaded, app);
    for (int pass = 0; pass < (all ? 2 : 1); pass++) {
        for (uint32_t i = 0; i < library_n(app->library); i++) {
            const struct library_model *m = library_at(app->library, i);
            struct listed l;

            if (m->type == MODEL_UNUSABLE)
                continue;
            describe(&loaded, m, &l);
            if (l.is_loaded == (pass == 0) && !fn(arg, &l))
                return;
        }
        if (pass == 0 && !each_instance(&loaded, fn, arg))
            return;
    }
}

struct search {
    const char *id;
    struct listed *out;
    bool found;
};

static bool is_it(void *arg, const struct listed *l)
{
    struct search *s = arg;

    if (strcmp(l->id, s->id) != 0)
        return true;
    *s->out = *l;
    s->found = true;
    return false;
}

bool listed_find(const struct app *app, const char *id, struct listed *out)
{
    struct search s = { id, out, false };
    const struct library_model *m;
    struct loaded loaded;

    listed_each(app, true, is_it, &s);
    if (s.found)
        return true;
    m = library_find(app->library, id); /* short keys and other spellings */
    if (!m || m->type == MODEL_UNUSABLE)
        return false;
    loaded_take(&loaded, app);
    describe(&loaded, m, out);
    return true;
}

struct http_error model_unknown(const struct app *app, const char *id,
                                char room[MODEL_UNKNOWN_BYTES])
{
    const char *near = library_near(app->library, id);

    (void)snprintf(room, MODEL_UNKNOWN_BYTES, "no model '%.200s' here%s%.250s%s", id,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return (struct http_error){
        .status = 404, .code = "model_not_found", .param = "model", .text = room
    };
}

static const char *type_name(const struct library_model *m)
{
    return m->type == MODEL_LLM ? "llm" : m->type == MODEL_EMBEDDING ? "embeddings" : "reranker";
}

static bool write_model(void *arg, const struct listed *l)
{
    struct jsonw *w = arg;

    jsonw_obj(w);
    jsonw_key_str(w, "id", l->id);
    jsonw_key_str(w, "object", "model");
    jsonw_key(w, "created");
    jsonw_int(w, l->model->modified_unix_s);
    jsonw_key_str(w, "owned_by", "organization_owner");
    jsonw_key_str(w, "type", type_name(l->model));
    jsonw_key_str(w, "state", l->is_loaded ? "loaded" : "not-loaded");
    jsonw_key_uint(w, "max_context_length", l->model->n_ctx_max);
    if (l->is_loaded)
        jsonw_key_uint(w, "loaded_context_length", l->n_ctx);
    jsonw_obj_end(w);
    return true;
}

void listed_reply_all(struct http_req *q, const struct app *app, bool all,
                      bool (*fn)(void *w, const struct listed *l))
{
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key_str(&w, "object", "list");
    jsonw_key(&w, "data");
    jsonw_arr(&w);
    listed_each(app, all, fn, &w);
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

void listed_reply(struct http_req *q, const struct app *app,
                  bool (*fn)(void *w, const struct listed *l))
{
    char room[MODEL_UNKNOWN_BYTES];
    struct http_error error;
    struct listed l;
    struct jsonw w;
    struct buf b;

    if (!listed_find(app, http_rest(q), &l)) {
        error = model_unknown(app, http_rest(q), room);
        http_reply_error(q, &error);
        return;
    }
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    (void)fn(&w, &l);
    http_reply_json(q, 200, &b);
    buf_finish(&b);
}

static void list_all(struct http_req *q, void *arg)
{
    const struct app *app = arg;

    listed_reply_all(q, app, runtime_get(app->runtime)->jit, write_model);
}

void openai_models(struct http_req *q, void *arg)
{
    app_fresh(arg, q, list_all);
}

void openai_model(struct http_req *q, void *arg)
{
    listed_reply(q, arg, write_model);
}
