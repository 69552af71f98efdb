/* hearth key create | ls | rm: who may use the server. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/table.h"

#define BODY_BYTES 8192U
#define PATH_BYTES 128U
#define JSON_BYTES (8U << 20)

static void write_key(struct buf *b, const char *name, const struct opt_list *scopes)
{
    struct jsonw w;

    jsonw_init(&w, b);
    jsonw_obj(&w);
    jsonw_key(&w, "name");
    jsonw_str(&w, name);
    jsonw_key(&w, "scopes");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < scopes->n; i++)
        jsonw_str(&w, scopes->at[i]);
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
}

static void print_js(const struct js *v)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    (void)js_write(v, &b);
    (void)puts(buf_str(&b));
    buf_finish(&b);
}

static int create(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[NAME]",
        .summary = "Make an API key; its secret is shown this once",
        .details = "Scopes: inference, models.read, models.load, models.download, admin.\n"
                   "Without --scope: inference and models.read.",
    };
    static const struct opt_list usual = { { "inference", "models.read" }, 2 };
    struct opt_list scopes = { .n = 0 };
    bool json = false;
    const struct opt rows[] = {
        { .name = "scope",
          .kind = OPT_LIST,
          .to = &scopes,
          .arg = "SCOPE",
          .help = "what the key may do; may be repeated" },
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    struct client c;
    struct buf body;
    struct js *answer = NULL;
    struct err e = { 0 };
    enum err_code err;
    int rc = args_begin(argc, argv, "hearth key create", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (rest.n > 1)
        return usage("hearth key create takes one name");
    buf_init(&body, MEM_OTHER, BODY_BYTES);
    write_key(&body, rest.n ? rest.at[0] : "", scopes.n ? &scopes : &usual);
    err = client_need(&c, &e);
    if (!err)
        err = client_call(&c, "POST", "/hearth/keys", &body, &answer, &e);
    buf_finish(&body);
    if (!err && !js_str(js_get(answer, "key"), NULL))
        err = err_set(&e, ERR_FORMAT, "the server's answer has no key in it");
    if (!err && json) {
        print_js(answer);
    } else if (!err) {
        (void)printf("%s\n", js_str(js_get(answer, "key"), NULL));
        (void)fprintf(stderr, "This secret is not shown again. Programs send it as\n"
                              "  Authorization: Bearer SECRET\n"
                              "and from now on the server wants a key of all of them.\n");
    }
    js_close(answer);
    return err ? fail(&e) : EXIT_DONE;
}

static void day(char *out, size_t cap, int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;

    out[0] = '\0';
    if (unix_s > 0 && localtime_r(&t, &tm))
        (void)strftime(out, cap, "%Y-%m-%d", &tm);
}

static void scopes_cell(struct table *t, const struct js *scopes)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, BODY_BYTES);
    for (size_t i = 0; i < js_len(scopes); i++)
        (void)buf_addf(&b, "%s%s", i ? " " : "", js_str(js_at(scopes, i), NULL));
    table_cell(t, "%s", buf_str(&b));
    buf_finish(&b);
}

static int list(int argc, char **argv)
{
    static const struct command cmd = { .summary = "List the API keys" };
    static const char *const headings[] = { "ID", "NAME", "SCOPES", "CREATED", "USED" };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON array" },
    };
    struct positionals rest;
    struct client c;
    const struct js *keys;
    struct js *answer = NULL;
    struct table t;
    struct err e = { 0 };
    int rc = args_begin(argc, argv, "hearth key ls", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_need(&c, &e) || client_call(&c, "GET", "/hearth/keys", NULL, &answer, &e))
        return fail(&e);
    keys = js_get(answer, "keys");
    if (json) {
        print_js(keys);
        js_close(answer);
        return EXIT_DONE;
    }
    table_begin(&t, headings, COUNT_OF(headings));
    for (size_t i = 0; i < js_len(keys); i++) {
        const struct js *k = js_at(keys, i);
        char created[16], used[16];

        day(created, sizeof(created), js_int(js_get(k, "createdUnixSeconds")));
        day(used, sizeof(used), js_int(js_get(k, "usedUnixSeconds")));
        table_cell(&t, "%s", js_str(js_get(k, "id"), NULL));
        table_cell(&t, "%s", js_str(js_get(k, "name"), NULL));
        scopes_cell(&t, js_get(k, "scopes"));
        table_cell(&t, "%s", created);
        table_cell(&t, "%s", used);
    }
    if (js_len(keys))
        table_print(&t);
    else if (js_bool(js_get(answer, "lost")))
        (void)puts("There are no keys; they may have been lost with a damaged database.\n"
                   "The server answers nobody until `hearth key create` has made one.");
    else
        (void)puts("There are no keys: programs on this machine need none.");
    table_end(&t);
    js_close(answer);
    return EXIT_DONE;
}

static int drop(int argc, char **argv)
{
    static const struct command cmd = { .args = "ID", .summary = "Delete an API key" };
    struct positionals rest;
    struct client c;
    struct err e = { 0 };
    char path[PATH_BYTES];
    int rc = args_begin(argc, argv, "hearth key rm", &cmd, NULL, 0, &rest);

    if (rc >= 0)
        return rc;
    if (rest.n != 1 || strlen(rest.at[0]) > 16 || strpbrk(rest.at[0], "/?#%"))
        return usage("hearth key rm needs the ID of a key; `hearth key ls` lists them");
    (void)snprintf(path, sizeof(path), "/hearth/keys/%s", rest.at[0]);
    if (client_need(&c, &e) || client_call(&c, "DELETE", path, NULL, NULL, &e))
        return fail(&e);
    (void)fprintf(stderr, "Deleted %s.\n", rest.at[0]);
    return EXIT_DONE;
}

int cmd_key(int argc, char **argv)
{
    static const struct command cmd = { .summary = "API keys of the server" };
    static const struct command table[] = {
        { .name = "create", .summary = "Make a key", .run = create },
        { .name = "ls", .summary = "List them", .run = list },
        { .name = "rm", .summary = "Delete one", .run = drop },
        { .name = NULL },
    };

    return commands_run("hearth key", &cmd, table, argc, argv);
}
