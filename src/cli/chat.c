/* The conversation's messages. */
#include "cli/chat.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/chat_place.h"
#include "os/sys.h"

void chat_cut(struct chat *c, uint32_t n_message)
{
    while (c->n_message > n_message) {
        struct message *m = &c->messages[--c->n_message];

        mem_free(m->text);
        mem_free(m->calls);
        mem_free(m->name);
        mem_free(m->id);
    }
}

enum err_code chat_set_system(struct chat *c, const char *text, struct err *e)
{
    char *copy = NULL;

    if (text && *text) {
        copy = mem_strndup(MEM_REQUEST, text, strlen(text));
        if (!copy)
            return err_set(e, ERR_OOM, "no memory for the system prompt");
    }
    mem_free(c->system);
    c->system = copy;
    return ERR_OK;
}

enum err_code chat_add(struct chat *c, const char *role, const char *text, size_t len,
                       struct err *e)
{
    char *copy = mem_strndup(MEM_REQUEST, text, len);

    if (copy && c->n_message == c->cap) {
        uint32_t cap = c->cap ? c->cap * 2 : 16;
        struct message *grown = mem_realloc(MEM_REQUEST, c->messages, cap * sizeof(*grown));

        if (grown) {
            c->messages = grown;
            c->cap = cap;
        } else {
            mem_free(copy);
            copy = NULL;
        }
    }
    if (!copy)
        return err_set(e, ERR_OOM, "no memory for a message of %zu bytes", len);
    c->messages[c->n_message++] = (struct message){ .role = role, .text = copy };
    return ERR_OK;
}

void chat_clear(struct chat *c)
{
    chat_cut(c, 0);
    c->has_timing = false;
}

/* What the user gave, then what the file recommends, then the defaults. */
static void pick_sampling(struct chat *c)
{
    const struct sampling file = engine_sampling(c->g);

    c->sampling = c->o->sampling;
    if (!c->o->given.temp)
        c->sampling.temperature = file.temperature;
    if (!c->o->given.top_k)
        c->sampling.top_k = file.top_k;
    if (!c->o->given.top_p)
        c->sampling.top_p = file.top_p;
    if (!c->o->given.min_p)
        c->sampling.min_p = file.min_p;
    if (!c->o->given.repeat) {
        c->sampling.repeat_penalty = file.repeat_penalty;
        c->sampling.penalty_last_n = file.penalty_last_n;
    }
}

/* ---- the model ---- */

static void close_engine(struct chat *c)
{
    prompt_format_close(&c->format);
    buf_finish(&c->template_text);
    tmpl_close(c->own_template);
    c->own_template = NULL;
    engine_close(c->g);
    c->g = NULL;
}

static enum err_code use_engine(struct chat *c, const char *model, struct err *e)
{
    enum err_code rc = open_engine(&c->g, model, &c->o->engine, false, e);

    if (!rc && !engine_model(c->g)->has_logits)
        rc = err_set(e, ERR_UNSUPPORTED,
                     "%s is an embedding model: it cannot chat; see 'hearth inspect embedding'",
                     model);
    if (!rc && !engine_tok(c->g))
        rc = err_set(e, ERR_UNSUPPORTED, "%s has no tokenizer: it can only be used with token ids",
                     model);
    if (!rc)
        pick_sampling(c);
    if (!rc)
        rc = chat_pick_template(c, e);
    if (rc) {
        close_engine(c);
        return rc;
    }
    (void)snprintf(c->model, sizeof(c->model), "%s", model);
    (void)snprintf(c->key, sizeof(c->key), "%s", model);
    c->n_ctx = engine_n_ctx(c->g);
    return ERR_OK;
}

/* The one in use makes room first: two at once may be more than the memory holds. */
static enum err_code change_engine(struct chat *c, const char *model, struct err *e)
{
    char before[CHAT_MODEL_BYTES];
    enum err_code rc;

    memcpy(before, c->model, sizeof(before));
    close_engine(c);
    c->model[0] = '\0';
    rc = use_engine(c, model, e);
    if (rc && before[0])
        (void)use_engine(c, before, NULL);
    return rc;
}

enum err_code chat_use(struct chat *c, const char *model, struct err *e)
{
    c->has_timing = false;
    if (c->server)
        return chat_server_use(c, model, e);
    return change_engine(c, model, e);
}

/* ---- life ---- */

enum err_code chat_open(struct chat *c, const struct chat_opts *o, struct err *e)
{
    bool terminal = tty_is(1);
    enum err_code rc;

    *c = (struct chat){ .o = o,
                        .server = o->server,
                        .reasoning = o->reasoning,
                        .to_terminal = terminal,
                        .color = strcmp(o->color, "always") == 0 ||
                                 (strcmp(o->color, "auto") == 0 && terminal) };
    buf_init(&c->answer, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    rc = chat_load_shapes(c, e);
    if (!rc)
        rc = chat_use(c, o->model, e);
    if (!rc && !o->no_system)
        rc = chat_set_system(c, o->system ? o->system : CHAT_SYSTEM, e);
    if (rc)
        chat_close(c);
    return rc;
}

void chat_close(struct chat *c)
{
    chat_cut(c, 0);
    mem_free(c->messages);
    mem_free(c->system);
    buf_finish(&c->answer);
    for (uint32_t i = 0; i < CHAT_CALLS_MAX; i++)
        buf_finish(&c->calls[i].args);
    chat_free_shapes(c);
    close_engine(c);
    *c = (struct chat){ .o = NULL };
}
