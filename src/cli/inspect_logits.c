/* hearth inspect logits, hearth inspect embedding: the numbers behind the words. */
#include <string.h>

#include "base/num.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/open.h"
#include "model/pool.h"
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
        .details =
            "--context decides between long and short rope factors; --batch feeds at most N\n"
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

#define ROWS_BYTES_MAX ((size_t)4 << 30) /* hidden states of one text */

struct embedding_job {
    struct pool_params pool;
    uint32_t n_embd;
    struct buf rows, out; /* float32: hidden states; what is made of them */
};

static bool keep_row(void *arg, uint32_t i, const float *row)
{
    struct embedding_job *job = arg;

    (void)i;
    return buf_add(&job->rows, row, job->n_embd * sizeof(*row));
}

static enum err_code embed(struct engine *g, const struct ids *ids, struct embedding_job *job,
                           struct err *e)
{
    struct score_params p = { .tokens = ids->at, .n_tok = (uint32_t)ids->n };
    const struct model *m = engine_loaded(g);
    size_t n_row = job->pool.pooling == POOL_NONE ? ids->n : 1;
    size_t width = model_pool_width(m, job->pool.pooling);
    enum err_code rc;
    float *out;

    job->n_embd = engine_model(g)->n_embd;
    rc = engine_score(g, &p, keep_row, job, e);
    if (buf_check(&job->rows, "the hidden states", e))
        return ERR_LIMIT;
    if (rc)
        return rc;
    out = mem_alloc_n(MEM_REQUEST, n_row * width, sizeof(*out));
    if (!out)
        return err_set(e, ERR_OOM, "no memory for vectors of %zu", width);
    rc = model_pool(m, &job->pool, (const float *)(const void *)job->rows.data, p.n_tok, out, e);
    if (!rc && !buf_add(&job->out, out, n_row * width * sizeof(*out)))
        rc = buf_check(&job->out, "the embedding", e);
    mem_free(out);
    return rc;
}

static enum err_code choose_pooling(const char *name, const struct model *m, enum pooling *out,
                                    struct err *e)
{
    static const char *const names[] = { "none", "mean", "cls", "last", "rank" };

    *out = model_pooling(m);
    for (size_t i = 0; name && i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            *out = (enum pooling)i;
    }
    if (*out == POOL_RANK && !model_pool_width(m, POOL_RANK))
        return err_set(e, ERR_UNSUPPORTED,
                       "pooling 'rank' needs a reranker's classifier head, "
                       "which this model does not have");
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
    struct embedding_job job = { .pool.normalise = !raw };
    struct engine *g = NULL;
    struct ids ids;
    struct err e = { 0 };
    enum err_code rc;

    ids_init(&ids);
    buf_init(&job.rows, MEM_REQUEST, ROWS_BYTES_MAX);
    buf_init(&job.out, MEM_REQUEST, ROWS_BYTES_MAX);
    rc = open_engine(&g, model, o, true, &e);
    if (!rc)
        rc = embedding_ids(g, tokens, text, &ids, &e);
    if (!rc)
        rc = choose_pooling(pooling, engine_loaded(g), &job.pool.pooling, &e);
    if (!rc)
        rc = embed(g, &ids, &job, &e);
    if (!rc)
        rc = write_output(path, buf_str(&job.out), job.out.len, &e);
    buf_finish(&job.rows);
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
