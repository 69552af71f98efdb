/* hearth bench: prompt processing and generation, measured after a warm-up. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/num.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/open.h"
#include "cli/units.h"
#include "os/file.h"
#include "os/sys.h"

#define REPEATS_MAX 100U

struct bench {
    const char *model;
    uint32_t n_prompt, n_generate, depth, parallel, repeats;
    bool json;
    struct engine_opts engine;

    struct engine *g;
    double load_ms;
    double pp[REPEATS_MAX], tg[REPEATS_MAX]; /* tokens a second */
    uint32_t n_pp, n_tg;
};

/* Ids that spread over the vocabulary: the embedding rows that are read differ from token to token.
 */
static void fill_tokens(struct bench *b, int32_t *ids, uint32_t n, uint32_t salt)
{
    uint32_t n_vocab = engine_model(b->g)->n_vocab;

    for (uint32_t i = 0; i < n; i++)
        ids[i] = (int32_t)((uint64_t)(i + 1 + salt) * 2654435761U % n_vocab);
}

static bool ignore_row(void *arg, uint32_t i, const float *logits)
{
    (void)arg;
    (void)i;
    (void)logits;
    return !interrupt_seen(false);
}

static enum err_code measure_prompt(struct bench *b, const int32_t *ids, double *tok_s,
                                    struct err *e)
{
    struct score_params p = {
        .tokens = ids, .n_tok = b->n_prompt, .last_only = true, .n_past = b->depth
    };
    double start = clock_s();
    enum err_code rc = engine_score(b->g, &p, ignore_row, NULL, e);

    *tok_s = (double)b->n_prompt / (clock_s() - start);
    return rc;
}

/* One sequence: the same steps that an answer takes, without sampling's share. */
static enum err_code measure_steps(struct bench *b, const int32_t *ids, double *tok_s,
                                   struct err *e)
{
    struct score_params p = {
        .tokens = ids, .n_tok = b->n_generate, .n_batch = 1, .n_past = b->depth
    };
    double start = clock_s();
    enum err_code rc = engine_score(b->g, &p, ignore_row, NULL, e);

    *tok_s = (double)b->n_generate / (clock_s() - start);
    return rc;
}

struct parallel_job {
    double first_s, last_s; /* of tokens after every prompt is done */
    uint64_t n_tok;
    struct err err;
};

static void on_parallel(void *arg, const struct engine_event *ev)
{
    struct parallel_job *job = ev->arg;

    (void)arg;
    if (ev->kind == EV_TOKEN) {
        job->last_s = clock_s();
        if (!job->n_tok++)
            job->first_s = job->last_s;
    } else if (ev->kind == EV_DONE && ev->finish == FINISH_ERROR && ev->err) {
        job->err = *ev->err;
    }
}

/* Several sequences at once, through the scheduler: tokens of all, per second. */
static enum err_code measure_parallel(struct bench *b, const int32_t *ids, double *tok_s,
                                      struct err *e)
{
    struct parallel_job job = { 0 };
    struct sampling greedy = sampling_defaults();
    struct engine_request r = { .tokens = ids,
                                .n_tok = max_u32(b->depth, 1),
                                .n_predict = b->n_generate,
                                .sampling = &greedy,
                                .ignore_eos = true,
                                .no_cache = true,
                                .on_event = on_parallel,
                                .arg = &job };
    enum err_code rc = ERR_OK;

    greedy.temperature = 0.0F;
    for (uint32_t i = 0; !rc && i < b->parallel; i++) {
        uint64_t id;

        rc = engine_submit(b->g, &r, &id, e);
    }
    if (!rc)
        rc = engine_run(b->g, e);
    if (!rc && job.err.code) {
        *e = job.err;
        rc = job.err.code;
    }
    *tok_s = job.n_tok > b->parallel
                 ? (double)(job.n_tok - b->parallel) / (job.last_s - job.first_s)
                 : 0.0;
    return rc;
}

static enum err_code measure(struct bench *b, int32_t *ids, struct err *e)
{
    enum err_code rc = ERR_OK;

    for (uint32_t r = 0; !rc && r <= b->repeats; r++) { /* the first is the warm-up */
        uint32_t at = r ? r - 1 : 0;

        fill_tokens(b, ids, max_u32(max_u32(b->n_prompt, b->n_generate), b->depth), r * 7919);
        if (b->n_prompt)
            rc = measure_prompt(b, ids, &b->pp[at], e);
        if (!rc && b->n_generate)
            rc = b->parallel > 1 ? measure_parallel(b, ids, &b->tg[at], e)
                                 : measure_steps(b, ids, &b->tg[at], e);
        if (!rc && interrupt_seen(false))
            rc = err_set(e, ERR_CANCELLED, "interrupted");
    }
    b->n_pp = b->n_prompt ? b->repeats : 0;
    b->n_tg = b->n_generate ? b->repeats : 0;
    return rc;
}

/* ---- report ---- */

static double median(const double *x, uint32_t n)
{
    double sorted[REPEATS_MAX];

    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = i;

        while (k > 0 && sorted[k - 1] > x[i]) {
            sorted[k] = sorted[k - 1];
            k--;
        }
        sorted[k] = x[i];
    }
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0;
}

static void json_speeds(struct jsonw *w, const char *key, uint32_t n_tok, const double *x,
                        uint32_t n)
{
    jsonw_key(w, key);
    jsonw_obj(w);
    jsonw_key(w, "n");
    jsonw_uint(w, n_tok);
    jsonw_key(w, "tok_s");
    jsonw_arr(w);
    for (uint32_t i = 0; i < n; i++)
        jsonw_fixed(w, x[i], 2);
    jsonw_arr_end(w);
    jsonw_obj_end(w);
}

static enum err_code report_json(const struct bench *b, const struct device_info *d, struct err *e)
{
    const struct model_info *m = engine_model(b->g);
    struct jsonw w;
    struct buf out;
    enum err_code rc;

    buf_init(&out, MEM_OTHER, 1U << 20);
    jsonw_init(&w, &out);
    jsonw_obj(&w);
    jsonw_key(&w, "model");
    jsonw_str(&w, b->model);
    jsonw_key(&w, "arch");
    jsonw_str(&w, m->arch);
    jsonw_key(&w, "type");
    jsonw_str(&w, m->type_name);
    jsonw_key(&w, "params");
    jsonw_uint(&w, m->n_param);
    jsonw_key(&w, "bytes");
    jsonw_uint(&w, gguf_bytes(engine_gguf(b->g)));
    jsonw_key(&w, "threads");
    jsonw_uint(&w, d->n_thread);
    jsonw_key(&w, "device");
    jsonw_str(&w, d->backend);
    jsonw_key(&w, "kernels");
    jsonw_str(&w, d->isa);
    jsonw_key(&w, "depth");
    jsonw_uint(&w, b->depth);
    jsonw_key(&w, "parallel");
    jsonw_uint(&w, b->parallel);
    jsonw_key(&w, "load_ms");
    jsonw_fixed(&w, b->load_ms, 1);
    jsonw_key(&w, "peak_rss_bytes");
    jsonw_uint(&w, peak_rss_bytes());
    json_speeds(&w, "pp", b->n_prompt, b->pp, b->n_pp);
    json_speeds(&w, "tg", b->n_generate, b->tg, b->n_tg);
    jsonw_obj_end(&w);
    (void)buf_addc(&out, '\n');
    rc = stdout_write(buf_str(&out), out.len, e);
    buf_finish(&out);
    return rc;
}

static void text_speeds(const char *what, uint32_t n_tok, const double *x, uint32_t n)
{
    double low = x[0], high = x[0];

    if (!n)
        return;
    for (uint32_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    (void)printf("%-12s %5u tokens  %9.2f tok/s  (%.2f to %.2f in %u run%s)\n", what, n_tok,
                 median(x, n), low, high, n, n == 1 ? "" : "s");
}

static void report_text(const struct bench *b, const struct device_info *d)
{
    const struct model_info *m = engine_model(b->g);
    char bytes[32], params[32], load[32], rss[32];

    units_bytes(bytes, sizeof(bytes), gguf_bytes(engine_gguf(b->g)));
    units_count(params, sizeof(params), m->n_param);
    units_elapsed(load, sizeof(load), b->load_ms / 1000.0);
    units_memory(rss, sizeof(rss), peak_rss_bytes());
    (void)printf("model        %s\n             %s, %s parameters, %s, %s\n", b->model, m->arch,
                 params, m->type_name, bytes);
    (void)printf("machine      %s, %u thread%s, %s\n", d->name, d->n_thread,
                 d->n_thread == 1 ? "" : "s", d->isa);
    (void)printf("load         %s, peak memory %s\n", load, rss);
    (void)printf("depth        %u tokens%s", b->depth, b->parallel > 1 ? "" : "\n");
    if (b->parallel > 1)
        (void)printf(", %u sequences at once\n", b->parallel);
    text_speeds("prompt", b->n_prompt, b->pp, b->n_pp);
    text_speeds("generation", b->n_generate, b->tg, b->n_tg);
}

static int bench_run(struct bench *b)
{
    uint32_t longest = max_u32(max_u32(b->n_prompt, b->n_generate), max_u32(b->depth, 1));
    struct device_info d;
    struct err e = { 0 };
    double start = clock_s();
    enum err_code rc;
    int32_t *ids;

    if (!b->engine.n_ctx)
        b->engine.n_ctx = b->depth + max_u32(b->n_prompt, b->n_generate) + 1;
    b->engine.n_seq = b->parallel;
    rc = open_engine(&b->g, b->model, &b->engine, false, &e);
    b->load_ms = (clock_s() - start) * 1000.0;
    if (rc)
        return fail(&e);
    if (!engine_model(b->g)->has_logits)
        b->n_generate = 0; /* an embedding model */
    ids = mem_alloc_n(MEM_REQUEST, longest, sizeof(*ids));
    interrupt_watch(true);
    rc = ids ? measure(b, ids, &e) : err_set(&e, ERR_OOM, "no memory for %u tokens", longest);
    interrupt_watch(false);
    engine_device(b->g, &d);
    if (!rc && b->json)
        rc = report_json(b, &d, &e);
    else if (!rc)
        report_text(b, &d);
    mem_free(ids);
    engine_close(b->g);
    return rc ? fail(&e) : EXIT_DONE;
}

int cmd_bench(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[FILE]",
        .summary = "Measure prompt processing and generation of a model on this machine",
    };
    struct bench b = { .n_prompt = 512, .n_generate = 128, .parallel = 1, .repeats = 5 };
    struct opt rows[7 + ENGINE_OPTS_ROWS] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &b.model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .letter = 'p',
          .name = "prompt",
          .kind = OPT_U32,
          .to = &b.n_prompt,
          .arg = "N",
          .max = 1U << 20,
          .help = "tokens of prompt, default 512; 0: leave out" },
        { .letter = 'n',
          .name = "generate",
          .kind = OPT_U32,
          .to = &b.n_generate,
          .arg = "N",
          .max = 1U << 20,
          .help = "tokens to generate, default 128; 0: leave out" },
        { .letter = 'd',
          .name = "depth",
          .kind = OPT_U32,
          .to = &b.depth,
          .arg = "N",
          .max = 1U << 24,
          .help = "tokens already in the context, default 0" },
        { .name = "parallel",
          .kind = OPT_U32,
          .to = &b.parallel,
          .arg = "N",
          .min = 1,
          .max = ENGINE_SEQS_MAX,
          .help = "sequences that generate at once, default 1" },
        { .letter = 'r',
          .name = "repeat",
          .kind = OPT_U32,
          .to = &b.repeats,
          .arg = "N",
          .min = 1,
          .max = REPEATS_MAX,
          .help = "measurements after the warm-up, default 5" },
        { .name = "json", .kind = OPT_FLAG, .to = &b.json, .help = "one JSON object" },
    };
    struct positionals rest;
    int done;

    engine_opts_rows(&b.engine, rows + 7);
    done = args_begin(argc, argv, "hearth bench", &cmd, rows, COUNT_OF(rows), &rest);
    if (done >= 0)
        return done;
    if (!b.model && rest.n == 1)
        b.model = rest.at[0];
    else if (rest.n)
        return usage("hearth bench takes one model");
    if (!b.model)
        return usage("hearth bench needs --model FILE");
    return bench_run(&b);
}
