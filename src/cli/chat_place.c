/* The place of a conversation, and the names of its models. */
#include "cli/chat_place.h"

#include <stdio.h>
#include <string.h>

#include "assets/assets.h"
#include "cli/choose.h"
#include "cli/pick.h"
#include "cli/remote.h"
#include "library/library.h"
#include "os/file.h"
#include "serve/folders.h"

#define PICK_LOADED_MAX 256U

/* The first option given that a server cannot be asked for; NULL: none. */
static const char *own_option(const struct chat_opts *o)
{
    const struct sampling s = sampling_defaults();
    const struct engine_opts *g = &o->engine;
    const struct {
        bool given;
        const char *name;
    } rows[] = {
        { o->template_path != NULL, "template" },
        { o->grammar_path != NULL, "grammar" },
        { o->dialect != NULL, "dialect" },
        { o->reasoning_budget != 0, "reasoning-budget" },
        { o->mirostat != 0, "mirostat" },
        { o->sampling.xtc_probability > s.xtc_probability, "xtc-probability" },
        { o->sampling.dry_multiplier > s.dry_multiplier, "dry-multiplier" },
        { g->device != NULL, "device" },
        { g->gpu_layers != 0, "gpu-layers" },
        { g->n_thread != 0, "threads" },
        { g->n_ctx != 0, "context" },
        { g->n_batch != 0, "batch" },
        { g->kv_type != NULL, "kv-type" },
        { g->loras.n != 0, "lora" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].given)
            return rows[i].name;
    return NULL;
}

/* A file rather than a name: it is there, or it is written like one. */
static bool is_path(const char *word)
{
    size_t len = strlen(word);

    return file_exists(word) || word[0] == '/' || word[0] == '.' ||
           (len > 5 && strcmp(word + len - 5, ".gguf") == 0);
}

static enum err_code choose(const struct client *there, const char *word, const char *current,
                            char *name, struct err *e)
{
    struct choosing p = { .word = word,
                          .there = there && there->host ? there : NULL,
                          .current = current };
    struct chosen chosen;
    enum err_code rc = choose_model(&chosen, &p, e);

    if (!rc && !chosen.is_llm)
        rc =
            err_set(e, ERR_UNSUPPORTED, "%.200s is an embedding model: it cannot chat", chosen.key);
    if (!rc)
        (void)snprintf(name, CHAT_MODEL_BYTES, "%s", chosen.key);
    return rc;
}

enum err_code chat_choose(const struct chat *c, const char *word, char *name, struct err *e)
{
    if (word && !c->server && is_path(word)) {
        (void)snprintf(name, CHAT_MODEL_BYTES, "%s", word);
        return ERR_OK;
    }
    return choose(c->server, word, c->key, name, e);
}

const char *chat_where(const struct chat *c)
{
    return !c->server ? "" : c->server->host ? c->server->base : "the daemon";
}

void chat_names(const struct chat *c, void (*fn)(void *arg, const char *name), void *arg)
{
    struct library *library = NULL;
    struct js *list = NULL;

    if (c->server && c->server->host) {
        (void)remote_models(c->server, &list, NULL);
    } else if (!library_here(&library, NULL)) {
        for (uint32_t i = 0; i < library_n(library); i++) {
            const struct library_model *m = library_at(library, i);

            if (m->type == MODEL_LLM && m->is_selected)
                fn(arg, m->key);
        }
    }
    for (size_t i = 0; i < js_len(list); i++)
        if (js_str(js_get(js_at(list, i), "modelKey"), NULL))
            fn(arg, js_str(js_get(js_at(list, i), "modelKey"), NULL));
    js_close(list);
    library_close(library);
}

/* ---- what is loaded already ---- */

static bool is_llm(const struct js *m)
{
    const char *type = js_str(js_get(m, "type"), NULL);

    return type && strcmp(type, "llm") == 0 && js_str(js_get(m, "identifier"), NULL);
}

static bool is_named(const struct js *m, const char *word)
{
    const char *id = js_str(js_get(m, "identifier"), NULL);

    return id && strcmp(id, word) == 0;
}

static enum err_code pick_loaded(const struct client *c, const struct js *const *found, uint32_t n,
                                 char *name, struct err *e)
{
    struct pick_item items[PICK_LOADED_MAX];
    uint32_t which = 0;
    enum err_code rc = ERR_OK;

    if (n > 1 && !pick_can_ask())
        return err_set(e, ERR_ARG, "%u models are loaded%s%s: name one; `hearth ps` lists them", n,
                       c->host ? " at " : "", c->host ? c->base : "");
    for (uint32_t i = 0; i < n; i++)
        items[i] = (struct pick_item){ js_str(js_get(found[i], "identifier"), NULL), NULL };
    if (n > 1)
        rc = pick_one("Talk with which?", items, n, &which, e);
    if (!rc)
        (void)snprintf(name, CHAT_MODEL_BYTES, "%s", items[which].name);
    return rc;
}

/* *is_there is false when nothing that could be meant is loaded. */
static enum err_code loaded(const struct client *c, const char *word, char *name, bool *is_there,
                            struct err *e)
{
    const struct js *found[PICK_LOADED_MAX];
    struct js *list = NULL;
    uint32_t n = 0;
    enum err_code rc = instances_of(c, &list, e);

    for (size_t i = 0; i < js_len(list) && n < PICK_LOADED_MAX; i++) {
        const struct js *m = js_at(list, i);

        if (is_llm(m) && (!word || is_named(m, word)))
            found[n++] = m;
    }
    *is_there = n > 0;
    if (!rc && n)
        rc = pick_loaded(c, found, n, name, e);
    js_close(list);
    return rc;
}

/* ---- the place ---- */

static enum err_code use_server(struct chat_opts *o, struct client *c, const char *word, char *name,
                                struct err *e)
{
    bool is_there = false;
    enum err_code rc = loaded(c, word, name, &is_there, e);

    o->server = c;
    if (rc)
        return rc;
    if (!is_there && !word && !c->host && !o->ttl_s) { /* the built-in one needs no server */
        o->server = NULL;
        return ERR_OK;
    }
    if (!is_there && !word && !c->host)
        word = ASSET_GUIDE;
    if (!is_there && !word && !pick_can_ask())
        return err_set(e, ERR_NOT_FOUND, "nothing is loaded at %s: name a model", c->base);
    if (!is_there)
        rc = choose(c, word, NULL, name, e);
    if (!rc)
        o->model = name;
    return rc;
}

static enum err_code use_this_process(struct chat_opts *o, const char *word, char *name,
                                      const char *own, struct err *e)
{
    enum err_code rc = ERR_OK;

    if (o->ttl_s)
        return err_set(e, ERR_ARG,
                       "--ttl is for models that the daemon loads: it does not go with %s%s",
                       own ? "--" : "the path of a file", own ? own : "");
    o->server = NULL;
    if (word && is_path(word)) {
        o->model = word;
    } else if (word) {
        rc = choose(NULL, word, NULL, name, e);
        o->model = name;
    }
    return rc;
}

enum err_code chat_place(struct chat_opts *o, const struct positionals *rest, struct client *room,
                         char *name, struct err *e)
{
    const char *word = rest->n ? rest->at[0] : NULL, *own = own_option(o);
    enum err_code rc;

    if (client_is_elsewhere(rest)) {
        if (own)
            return err_set(e, ERR_UNSUPPORTED,
                           "--%s is for the engine of this process: it does not go with --host or "
                           "--port",
                           own);
        client_at(room, rest);
        return use_server(o, room, word, name, e);
    }
    if (own || (word && is_path(word)))
        return use_this_process(o, word, name, own, e);
    rc = o->ttl_s ? client_need(room, e) : client_find(room, NULL);
    if (rc && o->ttl_s)
        return rc;
    return rc ? use_this_process(o, word, name, NULL, e) : use_server(o, room, word, name, e);
}
