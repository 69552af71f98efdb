/* hearth inspect logits, hearth inspect embedding: the numbers behind the words. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/open.h"
#include "os/file.h"

/* ---- logits ---- */

/* Rows go out as they come: memory stays small for long inputs. */
struct logits_job {
    struct file_out *file; /* NULL: standard output */
    uint32_t n_vocab;
    struct err err;
};

static bool put_row(void *arg, uint32_t i, const float *logits)
{
    struct logits_job *job = arg;
    size_t bytes = job->n_vocab * sizeof(*logits);

    (void)i;
    if (job->file)
        return !file_out_write(job->file, logits, bytes, &job->err);
    return !stdout_write(logits, bytes, &job->err);
}

static enum err_code score_to(struct engine *g, const struct ids *ids, uint32_t n_batch,
                              const char *path, struct err *e)
{
    struct logits_job job = { .n_vocab = engine_model(g)->n_vocab };
    struct score_params p = { .tokens = ids->at, .n_tok = (uint32_t)ids->n, .n_batch = n_batch };
    enum err_code rc = path ? file_out_open(&job.file, path, e) : ERR_OK;

    if (!rc)
        rc = engine_score(g, &p, put_row, &job, e);
    if (rc && job.err.code)
        *e = job.err;
    if (rc || !job.file) {
        file_out_abandon(job.file);
        return rc ? (job.err.code ? job.err.code : rc) : ERR_OK;
    }
    return file_out_commit(job.file, e);
}

int inspect_logits(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Raw little-endian float32 logits, n_tokens x n_vocab, of every position",
        .details = "--context decides between long and short rope factors; --batch feeds at most N "
                   "tokens a step.",
    };
    const char *model = NULL, *tokens = NULL, *path = NULL;
    struct engine_opts o = { .quiet = true };
    struct opt rows[3 + ENGINE_OPTS_ROWS] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .name = "tokens",
          .kind = OPT_STR,
          .to = &tokens,
          .arg = "IDS",
          .help = "token ids parted by commas, or @FILE" },
        { .letter = 'o',
          .name = "out",
          .kind = OPT_STR,
          .to = &path,
          .arg = "FILE",
          .help = "write here instead of standard output" },
    };
    struct positionals rest;
    struct engine *g = NULL;
    struct ids ids;
    struct err e = { 0 };
    enum err_code rc;
    int done;

    engine_opts_rows(&o, rows + 3);
    done = args_begin(argc, argv, "hearth inspect logits", &cmd, rows, COUNT_OF(rows), &rest);
    if (done >= 0)
        return done;
    if (!model || !tokens || rest.n)
        return usage("hearth inspect logits needs --model FILE and --tokens IDS");
    ids_init(&ids);
    rc = ids_argument(tokens, &ids, &e);
    if (!rc)
        rc = open_engine(&g, model, &o, false, &e);
    if (!rc && !engine_model(g)->has_logits)
        rc = err_set(&e, ERR_UNSUPPORTED, "%s has no output head; see 'hearth inspect embedding'",
                     model);
    if (!rc)
        rc = score_to(g, &ids, o.n_batch, path, &e);
    engine_close(g);
    ids_finish(&ids);
    return rc ? fail(&e) : EXIT_DONE;
}

/* ---- embedding ---- */

struct embedding_job {
    enum pooling pooling;
    bool normalize;
    uint32_t n_embd, n_tok;
    struct buf out; /* rows of n_embd float32 */
    double *sum;    /* mean */
};

static bool pool_row(void *arg, uint32_t i, const float *row)
{
    struct embedding_job *job = arg;
    size_t bytes = job->n_embd * sizeof(*row);

    switch (job->pooling) {
    case POOL_NONE:
        return buf_add(&job->out, row, bytes);
    case POOL_CLS:
        return i != 0 || buf_add(&job->out, row, bytes);
    case POOL_LAST:
        return i + 1 != job->n_tok || buf_add(&job->out, row, bytes);
    default:
        for (uint32_t d = 0; d < job->n_embd; d++)
            job->sum[d] += (double)row[d];
        return true;
    }
}

static void normalize_rows(struct embedding_job *job)
{
    float *x = (float *)(void *)job->out.data;
    size_t n_row = job->out.len / (job->n_embd * sizeof(*x));

    for (size_t r = 0; r < n_row; r++, x += job->n_embd) {
        double sum = 0.0;

        for (uint32_t d = 0; d < job->n_embd; d++)
            sum += (double)x[d] * (double)x[d];
        for (uint32_t d = 0; sum > 0.0 && d < job->n_embd; d++)
            x[d] = (float)((double)x[d] / sqrt(sum));
    }
}

static enum err_code embed(struct engine *g, const struct ids *ids, struct embedding_job *job,
                           struct err *e)
{
    struct score_params p = { .tokens = ids->at, .n_tok = (uint32_t)ids->n };
    enum err_code rc;

    job->n_embd = engine_model(g)->n_embd;
    job->n_tok = (uint32_t)ids->n;
    job->sum = mem_alloc_n(MEM_REQUEST, job->n_embd, sizeof(*job->sum));
    if (!job->sum)
        return err_set(e, ERR_OOM, "no memory for a vector of %u", job->n_embd);
    rc = engine_score(g, &p, pool_row, job, e);
    for (uint32_t d = 0; !rc && job->pooling == POOL_MEAN && d < job->n_embd; d++) {
        float mean = (float)(job->sum[d] / (double)job->n_tok);

        (void)buf_add(&job->out, &mean, sizeof(mean));
    }
    mem_free(job->sum);
    if (!rc)
        rc = buf_check(&job->out, "the embedding", e);
    if (!rc && job->normalize)
        normalize_rows(job);
    return rc;
}

static enum err_code choose_pooling(const char *name, const struct model_info *info,
                                    enum pooling *out, struct err *e)
{
    static const char *const names[] = { "none", "mean", "cls", "last", "rank" };

    *out = info->pooling;
    for (size_t i = 0; name && i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            *out = (enum pooling)i;
    }
    if (!name && *out == POOL_NONE)
        *out =
            POOL_LAST; /* a model that names no pooling: the last token has seen all the others */
    if (*out == POOL_RANK)
        return err_set(e, ERR_UNSUPPORTED,
                       "pooling 'rank' needs a reranker's classifier head, which %s models "
                       "in this build do not have",
                       info->arch);
    return ERR_OK;
}

static enum err_code embedding_ids(struct engine *g, const char *tokens, const char *text,
                                   struct ids *ids, struct err *e)
{
    if (tokens)
        return ids_argument(tokens, ids, e);
    if (!engine_tok(g))
        return err_set(e, ERR_NOT_FOUND, "the file has no tokenizer: give --tokens");
    return tok_encode(engine_tok(g), text, strlen(text), (struct tok_params){ .add_special = true },
                      ids, e);
}

static int embedding_run(const char *model, const struct engine_opts *o, const char *tokens,
                         const char *text, const char *pooling, bool raw, const char *path)
{
    struct embedding_job job = { .normalize = !raw };
    struct engine *g = NULL;
    struct ids ids;
    struct err e = { 0 };
    enum err_code rc;

    ids_init(&ids);
    buf_init(&job.out, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = open_engine(&g, model, o, true, &e);
    if (!rc)
        rc = embedding_ids(g, tokens, text, &ids, &e);
    if (!rc)
        rc = choose_pooling(pooling, engine_model(g), &job.pooling, &e);
    if (!rc)
        rc = embed(g, &ids, &job, &e);
    if (!rc)
        rc = write_output(path, buf_str(&job.out), job.out.len, &e);
    buf_finish(&job.out);
    engine_close(g);
    ids_finish(&ids);
    return rc ? fail(&e) : EXIT_DONE;
}

int inspect_embedding(int argc, char **argv)
{
    static const struct command cmd = {
        .summary =
            "The embedding as raw float32: one vector, or a row per token with --pooling none",
    };
    const char *model = NULL, *tokens = NULL, *text = NULL, *pooling = NULL, *path = NULL;
    bool raw = false;
    struct engine_opts o = { .quiet = true };
    struct opt rows[6 + ENGINE_OPTS_ROWS] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .name = "tokens",
          .kind = OPT_STR,
          .to = &tokens,
          .arg = "IDS",
          .help = "token ids parted by commas, or @FILE" },
        { .name = "text",
          .kind = OPT_STR,
          .to = &text,
          .arg = "TEXT",
          .help = "text instead of tokens" },
        { .name = "pooling",
          .kind = OPT_CHOICE,
          .to = &pooling,
          .arg = "KIND",
          .choices = "none|mean|cls|last|rank",
          .help = "default: the model's own" },
        { .name = "no-normalize",
          .kind = OPT_FLAG,
          .to = &raw,
          .help = "leave the vector's length as it is" },
        { .letter = 'o',
          .name = "out",
          .kind = OPT_STR,
          .to = &path,
          .arg = "FILE",
          .help = "write here instead of standard output" },
    };
    struct positionals rest;
    int done;

    engine_opts_rows(&o, rows + 6);
    done = args_begin(argc, argv, "hearth inspect embedding", &cmd, rows, COUNT_OF(rows), &rest);
    if (done >= 0)
        return done;
    if (!model || (!tokens == !text) || rest.n)
        return usage(
            "hearth inspect embedding needs --model FILE and either --tokens IDS or --text TEXT");
    return embedding_run(model, &o, tokens, text, pooling, raw, path);
}
