/* hearth unload. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/pick.h"
#include "cli/remote.h"

static enum err_code unload_one(const struct client *c, const char *id, struct err *e)
{
    enum err_code rc = unload_instance(c, id, e);

    if (!rc)
        (void)fprintf(stderr, "Unloaded %s%s%s.\n", id, c->host ? " on " : "",
                      c->host ? c->host : "");
    return rc;
}

static const char *id_at(const struct js *list, size_t i)
{
    const char *id = js_str(js_get(js_at(list, i), "identifier"), NULL);

    return id ? id : "";
}

static enum err_code unload_all(const struct client *c, const struct js *list, struct err *e)
{
    size_t n = js_len(list);

    for (size_t i = 0; i < n; i++) {
        enum err_code rc = unload_one(c, id_at(list, i), e);

        if (rc && rc != ERR_NOT_FOUND) /* it may have left by itself meanwhile */
            return rc;
    }
    (void)fprintf(stderr, n ? "%zu unloaded.\n" : "No model is loaded.\n", n);
    return ERR_OK;
}

static enum err_code ask(const struct js *list, uint32_t n, uint32_t *which, struct err *e)
{
    struct pick_item *items = mem_alloc_zero(MEM_OTHER, n * sizeof(*items));
    enum err_code rc;

    if (!items)
        return err_set(e, ERR_OOM, "no memory for the list of models");
    for (uint32_t i = 0; i < n; i++) {
        const char *key = js_str(js_get(js_at(list, i), "modelKey"), NULL);

        items[i] = (struct pick_item){ id_at(list, i), key };
        if (key && strcmp(key, items[i].name) == 0)
            items[i].note = NULL;
    }
    (void)fprintf(stderr, "--all unloads all of them.\n");
    rc = pick_one("Unload which?", items, n, which, e);
    mem_free(items);
    return rc;
}

/* The only one, or the one that is chosen. */
static enum err_code unload_some(const struct client *c, const struct js *list, struct err *e)
{
    uint32_t n = js_len(list) < PICK_ITEMS_MAX ? (uint32_t)js_len(list) : PICK_ITEMS_MAX, which = 0;
    enum err_code rc = ERR_OK;

    if (!n)
        return err_set(e, ERR_NOT_FOUND, "no model is loaded");
    if (n > 1 && !pick_can_ask())
        return err_set(e, ERR_ARG, "%u models are loaded: name one (`hearth ps`) or give --all", n);
    if (n > 1)
        rc = ask(list, n, &which, e);
    return rc ? rc : unload_one(c, id_at(list, which), e);
}

static enum err_code unload_named(const struct client *c, const char *id, struct err *e)
{
    enum err_code rc = unload_one(c, id, e);

    if (rc == ERR_NOT_FOUND)
        rc = err_set(e, rc, "'%.200s' is not loaded; `hearth ps` lists what is", id);
    return rc;
}

int cmd_unload(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[IDENTIFIER]",
        .summary = "Take a model out of memory",
        .details = "Without IDENTIFIER: the only one that is loaded; of several, a terminal is\n"
                   "asked.",
        .takes_host = true,
    };
    bool all = false;
    const struct opt rows[] = {
        { .letter = 'a', .name = "all", .kind = OPT_FLAG, .to = &all, .help = "all of them" },
    };
    struct positionals rest;
    struct client c;
    struct js *list = NULL;
    struct err e = { 0 };
    enum err_code err = ERR_OK;
    int rc = args_begin(argc, argv, "hearth unload", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (rest.n > 1 || (rest.n && all))
        return usage("hearth unload takes one identifier, or --all");
    if (client_is_elsewhere(&rest))
        client_at(&c, &rest);
    else
        err = client_find(&c, &e);
    if (err == ERR_NOT_FOUND && all) { /* none runs, so none is loaded */
        (void)fprintf(stderr, "No model is loaded.\n");
        return EXIT_DONE;
    }
    if (!err && rest.n)
        err = unload_named(&c, rest.at[0], &e);
    else if (!err)
        err = instances_of(&c, &list, &e);
    if (!err && !rest.n)
        err = all ? unload_all(&c, list, &e) : unload_some(&c, list, &e);
    js_close(list);
    return err ? fail(&e) : EXIT_DONE;
}
