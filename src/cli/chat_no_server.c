/* Builds without the server: every conversation is computed by this process. */
#include "cli/chat_place.h"

#include <stdio.h>

#include "assets/assets.h"

enum err_code chat_place(struct chat_opts *o, const struct positionals *rest, struct client *room,
                         char *name, struct err *e)
{
    (void)room;
    (void)name;
    (void)e;
    o->server = NULL;
    if (rest->n)
        o->model = rest->at[0];
    return ERR_OK;
}

enum err_code chat_choose(const struct chat *c, const char *word, char *name, struct err *e)
{
    (void)c;
    if (!word)
        return err_set(e, ERR_NOT_FOUND, "which model? give the path of a .gguf file");
    (void)snprintf(name, CHAT_MODEL_BYTES, "%s", word);
    return ERR_OK;
}

const char *chat_where(const struct chat *c)
{
    (void)c;
    return "";
}

void chat_names(const struct chat *c, void (*fn)(void *arg, const char *name), void *arg)
{
    (void)c;
    fn(arg, ASSET_GUIDE);
}

enum err_code chat_server_use(struct chat *c, const char *model, struct err *e)
{
    (void)c;
    (void)model;
    return err_set(e, ERR_UNSUPPORTED, "this build asks no servers");
}

enum err_code chat_server_answer(struct chat *c, struct chat_out *out, struct err *e)
{
    (void)out;
    return chat_server_use(c, "", e);
}
