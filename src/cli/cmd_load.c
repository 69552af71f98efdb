/* hearth load, hearth unload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/choose.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/units.h"
#include "os/sys.h"

#define BODY_BYTES 16384U
#define KV_TYPES   "f16|f32|bf16|q8_0|q4_0"

struct load {
    const char *model, *gpu, *identifier, *type_k, *type_v;
    uint32_t n_ctx, n_parallel, n_batch, ttl_s, n_thread;
    bool estimate_only, yes;

    struct progress bar;
    double started_s;
    struct err err;
    bool done;
};

static void member(struct jsonw *w, const char *key, const char *text, uint32_t number)
{
    if (!text && !number)
        return;
    jsonw_key(w, key);
    if (text)
        jsonw_str(w, text);
    else
        jsonw_uint(w, number);
}

static void write_body(const struct load *o, struct buf *b)
{
    struct jsonw w;

    jsonw_init(&w, b);
    jsonw_obj(&w);
    member(&w, "model", o->model, 0);
    member(&w, "identifier", o->identifier, 0);
    member(&w, "contextLength", NULL, o->n_ctx);
    member(&w, "parallel", NULL, o->n_parallel);
    member(&w, "batch", NULL, o->n_batch);
    member(&w, "threads", NULL, o->n_thread);
    member(&w, "ttlSeconds", NULL, o->ttl_s);
    member(&w, "cacheTypeK", o->type_k, 0);
    member(&w, "cacheTypeV", o->type_v, 0);
    jsonw_obj_end(&w);
}

/* off, max, or a share: this build has no GPU, so only "off" and 0 can be kept. */
static enum err_code check_gpu(const char *gpu, struct err *e)
{
    char *end;
    double share;

    if (!gpu || strcmp(gpu, "off") == 0)
        return ERR_OK;
    share = strtod(gpu, &end);
    if (strcmp(gpu, "max") != 0 && (*end || end == gpu || !(share >= 0.0 && share <= 1.0)))
        return err_set(e, ERR_ARG, "--gpu %s: expected off, max or a number from 0 to 1", gpu);
    if (strcmp(gpu, "max") == 0 || share > 0.0)
        return err_set(e, ERR_UNSUPPORTED, "--gpu %s: this build computes on the CPU only", gpu);
    return ERR_OK;
}

/* ---- estimate ---- */

static void print_memory(const char *what, const struct js *answer, const char *key)
{
    char text[32];

    units_memory(text, sizeof(text), (uint64_t)js_int(js_get(answer, key)));
    (void)fprintf(stderr, "%-24s%s\n", what, text);
}

static enum err_code estimate(const struct client *c, const struct load *o, const struct buf *body,
                              struct err *e)
{
    struct js *answer = NULL;
    char context[32];
    enum err_code rc = client_call(c, "POST", "/hearth/estimate", body, &answer, e);

    if (rc == ERR_NOT_FOUND && client_call(c, "POST", "/hearth/rescan", NULL, NULL, e) == ERR_OK)
        rc = client_call(c, "POST", "/hearth/estimate", body, &answer, e); /* put there just now */
    if (rc)
        return rc;
    units_grouped(context, sizeof(context), (uint64_t)js_int(js_get(answer, "contextLength")));
    (void)fprintf(stderr, "Model: %s\nContext Length: %s\n", o->model, context);
    (void)fprintf(stderr, "GPU Offload: 0%%\n");
    print_memory("Estimated GPU Memory:", NULL, "");
    print_memory("Estimated Total Memory:", answer, "totalBytes");
    (void)fprintf(stderr, "\nEstimate: %s\n",
                  js_bool(js_get(answer, "fits")) ? "fits the current guardrail setting"
                                                  : "the current guardrail setting refuses it");
    js_close(answer);
    return ERR_OK;
}

/* ---- loading ---- */

static bool on_event(void *arg, const char *name, const struct js *data)
{
    struct load *o = arg;
    const char *text;
    char took[32], size[32];

    if (strcmp(name, "progress") == 0) {
        progress_show(&o->bar, (float)js_num(js_get(data, "share")));
        return true;
    }
    progress_end(&o->bar);
    o->done = true;
    if (strcmp(name, "ready") != 0) {
        text = js_str(js_get(data, "error"), NULL);
        (void)err_set(&o->err, ERR_ARG, "%.500s", text ? text : "the model could not be loaded");
        return false;
    }
    units_elapsed(took, sizeof(took), clock_s() - o->started_s);
    units_bytes(size, sizeof(size), (uint64_t)js_int(js_get(data, "sizeBytes")));
    (void)fprintf(stderr, "Loaded in %s (%s).\nUse the identifier \"%s\" in the API.\n", took, size,
                  js_str(js_get(data, "identifier"), NULL));
    return false;
}

static int run(struct load *o)
{
    struct client c;
    struct buf body;
    struct err e = { 0 };
    enum err_code rc = check_gpu(o->gpu, &e);

    if (!rc)
        rc = client_need(&c, &e);
    if (rc)
        return fail(&e);
    buf_init(&body, MEM_OTHER, BODY_BYTES);
    write_body(o, &body);
    o->started_s = clock_s();
    if (o->estimate_only) {
        rc = estimate(&c, o, &body, &e);
    } else {
        progress_begin(&o->bar, "Loading", o->model, false);
        rc = client_stream(&c, "POST", "/hearth/load", &body, on_event, o, &e);
        progress_end(&o->bar);
    }
    buf_finish(&body);
    if (!rc && o->err.code)
        return fail(&o->err);
    if (rc == ERR_CANCELLED)
        (void)err_set(&e, ERR_LIMIT, "loading %.200s was cancelled", o->model);
    if (!rc && !o->done && !o->estimate_only)
        rc = err_set(&e, ERR_IO, "the daemon went away while it was loading %s", o->model);
    return rc ? fail(&e) : EXIT_DONE;
}

#define LOAD_ROWS 11U

static void load_rows(struct load *o, struct opt rows[LOAD_ROWS])
{
    const struct opt mine[LOAD_ROWS] = {
        { .letter = 'c',
          .name = "context-length",
          .kind = OPT_U32,
          .to = &o->n_ctx,
          .arg = "N",
          .min = 1,
          .max = 1U << 27,
          .help = "context in tokens" },
        { .name = "parallel",
          .kind = OPT_U32,
          .to = &o->n_parallel,
          .arg = "N",
          .min = 1,
          .max = 256,
          .help = "answers at once, default 4" },
        { .name = "batch",
          .kind = OPT_U32,
          .to = &o->n_batch,
          .arg = "N",
          .min = 1,
          .max = 4096,
          .help = "tokens computed in one step" },
        { .letter = 't',
          .name = "threads",
          .kind = OPT_U32,
          .to = &o->n_thread,
          .arg = "N",
          .max = 256,
          .help = "threads; default: the physical cores" },
        { .name = "ttl",
          .kind = OPT_U32,
          .to = &o->ttl_s,
          .arg = "SECONDS",
          .min = 1,
          .max = 1U << 30,
          .help = "unload after so long without work" },
        { .name = "identifier",
          .kind = OPT_STR,
          .to = &o->identifier,
          .arg = "ID",
          .help = "its name in the API" },
        { .name = "gpu",
          .kind = OPT_STR,
          .to = &o->gpu,
          .arg = "off|max|0-1",
          .help = "share on the GPU (this build: off)" },
        { .name = "cache-type-k",
          .kind = OPT_CHOICE,
          .to = &o->type_k,
          .arg = "TYPE",
          .choices = KV_TYPES,
          .help = "type of cached keys" },
        { .name = "cache-type-v",
          .kind = OPT_CHOICE,
          .to = &o->type_v,
          .arg = "TYPE",
          .choices = KV_TYPES,
          .help = "type of cached values" },
        { .name = "estimate-only",
          .kind = OPT_FLAG,
          .to = &o->estimate_only,
          .help = "say what it would take, load nothing" },
        { .letter = 'y',
          .name = "yes",
          .kind = OPT_FLAG,
          .to = &o->yes,
          .help = "ask nothing: of several models take the first" },
    };

    memcpy(rows, mine, sizeof(mine));
}

int cmd_load(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[MODEL]",
        .summary = "Load a model into memory",
        .details =
            "MODEL is a key of `hearth ls` or a part of one; where several fit, a terminal is\n"
            "asked. Starts the daemon when none runs.",
    };
    struct load o = { 0 };
    struct opt rows[LOAD_ROWS];
    struct positionals rest;
    struct err e = { 0 };
    char key[CHOICE_BYTES_MAX];
    int rc;

    load_rows(&o, rows);
    rc = args_begin(argc, argv, "hearth load", &cmd, rows, LOAD_ROWS, &rest);
    if (rc >= 0)
        return rc;
    if (rest.n > 1)
        return usage("hearth load takes one MODEL; `hearth ls` lists those at hand");
    if (choose_model(key, rest.n ? rest.at[0] : NULL, o.yes, &e))
        return fail(&e);
    o.model = key;
    return run(&o);
}

/* ---- unload ---- */

static enum err_code unload_one(const struct client *c, const char *id, struct err *e)
{
    struct jsonw w;
    struct buf body;
    enum err_code rc;

    buf_init(&body, MEM_OTHER, BODY_BYTES);
    jsonw_init(&w, &body);
    jsonw_obj(&w);
    member(&w, "identifier", id, 0);
    jsonw_obj_end(&w);
    rc = client_call(c, "POST", "/hearth/unload", &body, NULL, e);
    buf_finish(&body);
    if (!rc)
        (void)fprintf(stderr, "Unloaded %s.\n", id);
    return rc;
}

static enum err_code unload_list(const struct client *c, const struct js *list, bool all,
                                 struct err *e)
{
    size_t n = js_len(list);

    if (!n && !all)
        return err_set(e, ERR_NOT_FOUND, "no model is loaded");
    if (n > 1 && !all)
        return err_set(e, ERR_ARG, "%zu models are loaded: name one (`hearth ps`) or give --all",
                       n);
    for (size_t i = 0; i < n; i++) {
        enum err_code rc = unload_one(c, js_str(js_get(js_at(list, i), "identifier"), NULL), e);

        if (rc)
            return rc;
    }
    if (all)
        (void)fprintf(stderr, n ? "%zu unloaded.\n" : "No model is loaded.\n", n);
    return ERR_OK;
}

int cmd_unload(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[IDENTIFIER]",
        .summary = "Take a model out of memory",
    };
    bool all = false;
    const struct opt rows[] = {
        { .letter = 'a', .name = "all", .kind = OPT_FLAG, .to = &all, .help = "all of them" },
    };
    struct positionals rest;
    struct client c;
    struct js *list = NULL;
    struct err e = { 0 };
    enum err_code err;
    int rc = args_begin(argc, argv, "hearth unload", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (rest.n > 1 || (rest.n && all))
        return usage("hearth unload takes one identifier, or --all");
    err = client_find(&c, &e);
    if (err == ERR_NOT_FOUND && all) { /* none runs, so none is loaded */
        (void)fprintf(stderr, "No model is loaded.\n");
        return EXIT_DONE;
    }
    if (!err && rest.n)
        err = unload_one(&c, rest.at[0], &e);
    else if (!err)
        err = client_call(&c, "GET", "/hearth/ps", NULL, &list, &e);
    if (!err && !rest.n)
        err = unload_list(&c, list, all, &e);
    js_close(list);
    return err ? fail(&e) : EXIT_DONE;
}
