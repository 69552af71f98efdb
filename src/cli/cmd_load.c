/* hearth load. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/choose.h"
#include "cli/commands.h"
#include "cli/loading.h"
#include "cli/units.h"
#include "os/file.h"
#include "os/sys.h"

#define BODY_BYTES 16384U
#define JSON_BYTES (64U << 20)
#define KV_TYPES   "f16|f32|bf16|q8_0|q4_0"

/* Tokens drafted ahead: the options are known so that each is refused by its name. The last one
 * asks for what is so anyway. */
static const struct draft {
    const char *name;
    enum opt_kind kind;
} drafts[] = {
    { "speculative-draft-mtp", OPT_FLAG },
    { "speculative-draft-simple", OPT_FLAG },
    { "speculative-draft-model", OPT_STR },
    { "speculative-draft-max-tokens", OPT_STR },
    { "speculative-draft-min-tokens", OPT_STR },
    { "speculative-draft-min-continue-probability", OPT_STR },
    { "no-speculative-draft-mtp", OPT_FLAG },
};
#define N_DRAFT COUNT_OF(drafts)

struct load {
    struct load_wish wish;
    const char *gpu;
    bool estimate_only, yes, exact, local, json;

    bool draft_given[N_DRAFT], draft_flag; /* their values are of no use */
    const char *draft_text;

    struct client client;
};

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

/* What cannot be had, by name. */
static enum err_code check_options(const struct load *o, struct err *e)
{
    const char *not_there = o->exact           ? "exact"
                            : o->local         ? "local"
                            : o->estimate_only ? "estimate-only"
                            : o->wish.n_thread ? "threads"
                                               : NULL;

    for (size_t i = 0; i + 1 < N_DRAFT; i++)
        if (o->draft_given[i])
            return err_set(e, ERR_UNSUPPORTED,
                           "--%s: this version drafts no tokens ahead; leave the option out",
                           drafts[i].name);
    if (o->client.host && not_there)
        return err_set(e, ERR_UNSUPPORTED,
                       "--%s is for models of this machine: it does not go "
                       "with --host or --port",
                       not_there);
    return check_gpu(o->gpu, e);
}

/* More context than the model was made for is not worth its memory: answers fall apart there. */
static void limit_context(struct load *o, uint32_t n_max)
{
    char asked[32], most[32];

    if (!n_max || o->wish.n_ctx <= n_max)
        return;
    units_grouped(asked, sizeof(asked), o->wish.n_ctx);
    units_grouped(most, sizeof(most), n_max);
    (void)fprintf(stderr, "warning: %s has a context of %s tokens at most: taking that, not %s\n",
                  o->wish.model, most, asked);
    o->wish.n_ctx = n_max;
}

/* ---- estimate ---- */

static void print_memory(const char *what, const struct js *answer, const char *key)
{
    char text[32];

    units_memory(text, sizeof(text), (uint64_t)js_int(js_get(answer, key)));
    (void)fprintf(stderr, "%-24s%s\n", what, text);
}

static enum err_code print_js(const struct js *v, struct err *e)
{
    struct buf b;
    enum err_code rc;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    (void)js_write(v, &b);
    (void)buf_addc(&b, '\n');
    rc = buf_check(&b, "the answer", e);
    if (!rc)
        rc = stdout_write(buf_str(&b), b.len, e);
    buf_finish(&b);
    return rc;
}

static enum err_code estimate(const struct load *o, struct err *e)
{
    static const char path[] = "/hearth/estimate";
    const struct client *c = &o->client;
    struct js *answer = NULL;
    struct buf body;
    char context[32];
    enum err_code rc;

    buf_init(&body, MEM_OTHER, BODY_BYTES);
    load_body(c, &o->wish, &body);
    rc = client_call(c, "POST", path, &body, &answer, e);
    if (rc == ERR_NOT_FOUND && client_call(c, "POST", "/hearth/rescan", NULL, NULL, e) == ERR_OK)
        rc = client_call(c, "POST", path, &body, &answer, e); /* put there just now */
    buf_finish(&body);
    if (!rc && o->json)
        rc = print_js(answer, e);
    if (rc || o->json) {
        js_close(answer);
        return rc;
    }
    units_grouped(context, sizeof(context), (uint64_t)js_int(js_get(answer, "contextLength")));
    (void)fprintf(stderr, "Model: %s\nContext Length: %s\n", o->wish.model, context);
    if (o->gpu)
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

static void tell_loaded(const struct load *o, const struct js *instance, double seconds)
{
    uint64_t bytes = (uint64_t)js_int(js_get(instance, "sizeBytes")); /* elsewhere: not told */
    char took[32], size[32];

    units_elapsed(took, sizeof(took), seconds);
    units_bytes(size, sizeof(size), bytes);
    (void)fprintf(stderr, "Loaded in %s", took);
    if (o->client.host)
        (void)fprintf(stderr, " on %s", o->client.host);
    if (bytes)
        (void)fprintf(stderr, " (%s)", size);
    (void)fprintf(stderr, ".\nUse the identifier \"%s\" in the API.\n", load_identifier(instance));
}

static enum err_code load(const struct load *o, struct err *e)
{
    double started_s = clock_s();
    struct js *instance = NULL;
    enum err_code rc = load_instance(&o->client, &o->wish, &instance, e);

    if (!rc && o->json)
        rc = print_js(instance, e);
    else if (!rc)
        tell_loaded(o, instance, clock_s() - started_s);
    js_close(instance);
    return rc;
}

/* ---- options ---- */

#define SIZE_ROWS  6U
#define OTHER_ROWS 8U
#define LOAD_ROWS  (SIZE_ROWS + OTHER_ROWS + N_DRAFT)

static void size_rows(struct load *o, struct opt rows[SIZE_ROWS])
{
    const struct opt mine[SIZE_ROWS] = {
        { .letter = 'c',
          .name = "context-length",
          .kind = OPT_U32,
          .to = &o->wish.n_ctx,
          .arg = "N",
          .min = 1,
          .max = 1U << 27,
          .help = "context in tokens, at most what the model was made for" },
        { .name = "parallel",
          .kind = OPT_U32,
          .to = &o->wish.n_parallel,
          .arg = "N",
          .min = 1,
          .max = 256,
          .help = "answers at once, default 4" },
        { .name = "batch",
          .kind = OPT_U32,
          .to = &o->wish.n_batch,
          .arg = "N",
          .min = 1,
          .max = 4096,
          .help = "tokens computed in one step" },
        { .letter = 't',
          .name = "threads",
          .kind = OPT_U32,
          .to = &o->wish.n_thread,
          .arg = "N",
          .max = 256,
          .help = "threads; default: the physical cores" },
        { .name = "cache-type-k",
          .kind = OPT_CHOICE,
          .to = &o->wish.type_k,
          .arg = "TYPE",
          .choices = KV_TYPES,
          .help = "type of cached keys" },
        { .name = "cache-type-v",
          .kind = OPT_CHOICE,
          .to = &o->wish.type_v,
          .arg = "TYPE",
          .choices = KV_TYPES,
          .help = "type of cached values" },
    };

    memcpy(rows, mine, sizeof(mine));
}

static void other_rows(struct load *o, struct opt rows[OTHER_ROWS])
{
    const struct opt mine[OTHER_ROWS] = {
        { .name = "ttl",
          .kind = OPT_U32,
          .to = &o->wish.ttl_s,
          .arg = "SECONDS",
          .min = 1,
          .max = 1U << 30,
          .help = "unload after so long without work" },
        { .name = "identifier",
          .kind = OPT_STR,
          .to = &o->wish.identifier,
          .arg = "ID",
          .help = "its name in the API" },
        { .name = "gpu",
          .kind = OPT_STR,
          .to = &o->gpu,
          .arg = "off|max|0-1",
          .help = "share on the GPU (this build: off)" },
        { .name = "exact",
          .kind = OPT_FLAG,
          .to = &o->exact,
          .help = "MODEL is a file's path below its models folder" },
        { .name = "local",
          .kind = OPT_FLAG,
          .to = &o->local,
          .help = "only models of this machine",
          .is_hidden = true },
        { .name = "estimate-only",
          .kind = OPT_FLAG,
          .to = &o->estimate_only,
          .help = "say what it would take, load nothing" },
        { .name = "json",
          .kind = OPT_FLAG,
          .to = &o->json,
          .help = "the loaded instance, or the estimate, as one JSON object" },
        { .letter = 'y',
          .name = "yes",
          .kind = OPT_FLAG,
          .to = &o->yes,
          .help = "ask nothing: of several models take the first" },
    };

    memcpy(rows, mine, sizeof(mine));
}

static void draft_rows(struct load *o, struct opt rows[N_DRAFT])
{
    for (size_t i = 0; i < N_DRAFT; i++)
        rows[i] = (struct opt){ .name = drafts[i].name,
                                .kind = drafts[i].kind,
                                .to = drafts[i].kind == OPT_FLAG ? (void *)&o->draft_flag
                                                                 : (void *)&o->draft_text,
                                .arg = "VALUE",
                                .help = "",
                                .given = &o->draft_given[i],
                                .is_hidden = true };
}

int cmd_load(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[MODEL]",
        .summary = "Load a model into memory",
        .details = "MODEL is a key of `hearth ls` or a part of one. Where several fit, or without\n"
                   "MODEL, a terminal is asked. Starts the daemon when none runs.",
        .takes_host = true,
    };
    struct load o = { 0 };
    struct opt rows[LOAD_ROWS];
    struct positionals rest;
    struct choosing p;
    struct chosen chosen;
    struct err e = { 0 };
    int rc;

    size_rows(&o, rows);
    other_rows(&o, rows + SIZE_ROWS);
    draft_rows(&o, rows + SIZE_ROWS + OTHER_ROWS);
    rc = args_begin(argc, argv, "hearth load", &cmd, rows, LOAD_ROWS, &rest);
    if (rc >= 0)
        return rc;
    if (rest.n > 1)
        return usage("hearth load takes one MODEL; `hearth ls` lists those at hand");
    if (o.exact && !rest.n)
        return usage("--exact needs the path of a model's file; `hearth ls --json` has the paths");
    if (client_is_elsewhere(&rest))
        client_at(&o.client, &rest);
    p = (struct choosing){ .word = rest.n ? rest.at[0] : NULL,
                           .there = o.client.host ? &o.client : NULL,
                           .take_first = o.yes,
                           .exact = o.exact };
    if (check_options(&o, &e) || choose_model(&chosen, &p, &e))
        return fail(&e);
    o.wish.model = chosen.key;
    limit_context(&o, chosen.n_ctx_max);
    if (!o.client.host && client_need(&o.client, &e))
        return fail(&e);
    return (o.estimate_only ? estimate(&o, &e) : load(&o, &e)) ? fail(&e) : EXIT_DONE;
}
