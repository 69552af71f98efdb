/* hearth inspect sample: a chain of samplers over given logits. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "engine/sampler.h"

#define SAMPLE_BYTES_MAX (64U << 20)

static enum err_code bad_op(const char *name, const char *what, struct err *e)
{
    return err_set(e, ERR_ARG, "operator \"%s\": %s", name, what);
}

/* The i-th argument of an operator, a number. */
static float number(const struct js *op, size_t i, float otherwise)
{
    const struct js *v = js_at(op, i);

    return js_is_num(v) ? (float)js_num(v) : otherwise;
}

static int32_t integer(const struct js *op, size_t i, int32_t otherwise)
{
    const struct js *v = js_at(op, i);
    double n = js_is_num(v) ? js_num(v) : (double)otherwise;

    return n < -2147483647.0 ? -2147483647 : n > 2147483647.0 ? 2147483647 : (int32_t)n;
}

static size_t keep(const struct js *op, size_t i)
{
    int32_t n = integer(op, i, 1);

    return n < 0 ? 0 : (size_t)n;
}

static enum err_code read_breakers(const struct js *arr, struct arena *a, struct sampler_op *out,
                                   struct err *e)
{
    size_t n = js_len(arr);
    struct token_seq *seqs = arena_new_n(a, n, sizeof(*seqs));

    if (!seqs)
        return err_set(e, ERR_OOM, "no memory for %zu sequence breakers", n);
    for (size_t i = 0; i < n; i++) {
        const struct js *seq = js_at(arr, i);
        int32_t *ids = arena_new_n(a, js_len(seq), sizeof(*ids));

        if (!ids || js_kind(seq) != JS_ARR)
            return bad_op("dry", "breakers are arrays of token ids", e);
        for (size_t k = 0; k < js_len(seq); k++)
            ids[k] = (int32_t)js_int(js_at(seq, k));
        seqs[i] = (struct token_seq){ ids, js_len(seq) };
    }
    out->dry.breakers = seqs;
    out->dry.n_breaker = n;
    return ERR_OK;
}

static enum err_code read_bias(const struct js *arr, struct arena *a, struct sampler_op *out,
                               struct err *e)
{
    size_t n = js_len(arr);
    struct logit_bias *at = arena_new_n(a, n, sizeof(*at));

    if (!at || js_kind(arr) != JS_ARR)
        return bad_op("logit_bias", "expected an array of [id, bias]", e);
    for (size_t i = 0; i < n; i++)
        at[i] = (struct logit_bias){ (int32_t)js_int(js_at(js_at(arr, i), 0)),
                                     number(js_at(arr, i), 1, 0.0F) };
    out->bias.at = at;
    out->bias.n = n;
    return ERR_OK;
}

struct op_name {
    const char *name;
    enum sampler_kind kind;
};

static const struct op_name op_names[] = {
    { "temp", SMP_TEMP },
    { "temp_ext", SMP_TEMP_EXT },
    { "top_k", SMP_TOP_K },
    { "top_p", SMP_TOP_P },
    { "min_p", SMP_MIN_P },
    { "typical", SMP_TYPICAL },
    { "xtc", SMP_XTC },
    { "top_n_sigma", SMP_TOP_N_SIGMA },
    { "penalties", SMP_PENALTIES },
    { "dry", SMP_DRY },
    { "logit_bias", SMP_LOGIT_BIAS },
    { "mirostat_v2", SMP_MIROSTAT2 },
};

static enum err_code fill_op(const struct js *op, struct arena *a, struct sampler_op *out,
                             struct err *e)
{
    switch (out->kind) {
    case SMP_TEMP:
        out->temp.t = number(op, 1, 1.0F);
        return ERR_OK;
    case SMP_TEMP_EXT:
        out->temp.t = number(op, 1, 1.0F);
        out->temp.delta = number(op, 2, 0.0F);
        out->temp.exponent = number(op, 3, 1.0F);
        return ERR_OK;
    case SMP_TOP_K:
        out->top_k.k = integer(op, 1, 0);
        return ERR_OK;
    case SMP_TOP_P:
    case SMP_MIN_P:
    case SMP_TYPICAL:
        out->p.p = number(op, 1, 1.0F);
        out->p.min_keep = keep(op, 2);
        return ERR_OK;
    case SMP_XTC:
        out->xtc.probability = number(op, 1, 0.0F);
        out->xtc.threshold = number(op, 2, 0.1F);
        out->xtc.min_keep = keep(op, 3);
        return ERR_OK;
    case SMP_TOP_N_SIGMA:
        out->sigma.n = number(op, 1, 1.0F);
        return ERR_OK;
    case SMP_PENALTIES:
        out->penalties.last_n = integer(op, 1, 0);
        out->penalties.repeat = number(op, 2, 1.0F);
        out->penalties.frequency = number(op, 3, 0.0F);
        out->penalties.presence = number(op, 4, 0.0F);
        return ERR_OK;
    case SMP_MIROSTAT2:
        out->mirostat.tau = number(op, 1, 5.0F);
        out->mirostat.eta = number(op, 2, 0.1F);
        return ERR_OK;
    case SMP_LOGIT_BIAS:
        return read_bias(js_at(op, 1), a, out, e);
    default:
        out->dry.multiplier = number(op, 1, 0.0F);
        out->dry.base = number(op, 2, 1.75F);
        out->dry.allowed_length = integer(op, 3, 2);
        out->dry.last_n = integer(op, 4, -1);
        return js_at(op, 5) ? read_breakers(js_at(op, 5), a, out, e) : ERR_OK;
    }
}

static enum err_code read_op(const struct js *op, struct arena *a, struct sampler_op *out,
                             struct err *e)
{
    const char *name = js_str(js_at(op, 0), NULL);

    if (!name)
        return err_set(e, ERR_ARG, "an operator is an array that begins with its name");
    for (size_t i = 0; i < COUNT_OF(op_names); i++) {
        if (strcmp(name, op_names[i].name) == 0) {
            out->kind = op_names[i].kind;
            return fill_op(op, a, out, e);
        }
    }
    return bad_op(name, "unknown", e);
}

static void write_result(const struct cands *c, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "result");
    jsonw_arr(&w);
    for (size_t i = 0; i < c->n; i++) {
        jsonw_arr(&w);
        jsonw_int(&w, c->at[i].id);
        jsonw_num(&w, (double)c->at[i].p);
        jsonw_arr_end(&w);
    }
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
}

static enum err_code run_chain(const struct js *line, struct arena *a, struct buf *out,
                               struct err *e)
{
    const struct js *logits = js_get(line, "logits"), *prev = js_get(line, "prev"),
                    *ops = js_get(line, "ops");
    size_t n = js_len(logits);
    float *x = arena_new_n(a, n, sizeof(*x));
    struct sampler_op *chain = arena_new_n(a, js_len(ops), sizeof(*chain));
    struct sampler_params p = {
        .ops = chain, .n_op = js_len(ops), .seed = 1, .n_vocab = (uint32_t)n
    };
    struct sampler *s = NULL;
    struct cands left;
    enum err_code rc = ERR_OK;

    if (js_kind(logits) != JS_ARR || !n || js_kind(ops) != JS_ARR)
        return err_set(e, ERR_ARG,
                       "the line needs \"logits\" (not empty) and \"ops\", both arrays");
    if (!x || !chain)
        return err_set(e, ERR_OOM, "no memory for %zu logits", n);
    for (size_t i = 0; i < n; i++)
        x[i] = js_is_num(js_at(logits, i)) ? (float)js_num(js_at(logits, i)) : -INFINITY;
    for (size_t i = 0; !rc && i < js_len(ops); i++)
        rc = read_op(js_at(ops, i), a, &chain[i], e);
    if (!rc)
        rc = sampler_create(&s, &p, e);
    for (size_t i = 0; !rc && i < js_len(prev); i++)
        sampler_accept(s, (int32_t)js_int(js_at(prev, i)));
    if (!rc)
        rc = sampler_run(s, x, NULL, &left, e);
    if (!rc)
        write_result(&left, out);
    sampler_destroy(s);
    return rc;
}

static enum err_code sample_line(void *arg, const struct js *line, struct buf *out, struct err *e)
{
    struct arena a;
    enum err_code rc;

    (void)arg;
    arena_init(&a, MEM_REQUEST, 64 * 1024, SAMPLE_BYTES_MAX);
    rc = run_chain(line, &a, out, e);
    arena_finish(&a);
    return rc;
}

int inspect_sample(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Run a chain of samplers over logits",
        .details =
            "Reads lines {\"logits\":[…],\"prev\":[…],\"ops\":[[\"top_k\",40],…]}.\n"
            "Prints a line {\"result\":[[id,probability],…]} for each, most probable first.\n"
            "Operators: temp, temp_ext, top_k, top_p, min_p, typical, xtc, top_n_sigma,\n"
            "penalties, dry, logit_bias, mirostat_v2.",
    };
    bool jsonl = false;
    const struct opt rows[] = {
        { .name = "jsonl",
          .kind = OPT_FLAG,
          .to = &jsonl,
          .help = "a JSON object a line (the only form)" },
    };
    struct positionals rest;
    struct err e = { 0 };
    int done = args_begin(argc, argv, "hearth inspect sample", &cmd, rows, COUNT_OF(rows), &rest);

    if (done >= 0)
        return done;
    if (!jsonl || rest.n)
        return usage("hearth inspect sample reads lines: give --jsonl");
    return each_line(sample_line, NULL, &e) ? fail(&e) : EXIT_DONE;
}
