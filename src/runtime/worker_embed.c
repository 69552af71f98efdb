/* Embeddings and rankings: one text at a time through the model, then pooled on the host. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/pool.h"
#include "os/sys.h"
#include "runtime/worker_int.h"

#define ROWS_BYTES_MAX ((size_t)4 << 30) /* hidden states of one text */

/* For causal rerankers whose file has no template for pairs: what they were trained to judge by its
 * last token. */
static const char judge_text[] =
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and "
    "the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
    "<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that "
    "answer "
    "the query\n<Query>: {query}\n<Document>: {document}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n";

/* ---- preparing ---- */

static enum err_code encode(const struct task *t, const char *s, size_t len, bool add, bool parse,
                            struct ids *out, struct err *e)
{
    const bool must_fit = t->job.overflow == JOB_OVERFLOW_ERROR;
    const struct tok_params p = { .add_special = add,
                                  .parse_special = parse,
                                  .stop = &t->stop,
                                  .n_max = must_fit ? prompt_worth(t) : 0 };

    return tok_encode(engine_tok(t->w->g), s, len, p, out, e);
}

/* What the file gives for pairs, with {query} and {document} in it. */
static struct gguf_str pair_template(const struct engine *g)
{
    struct gguf_str s = { 0 };
    bool found = false;

    if (gguf_get_str(engine_gguf(g), "tokenizer.chat_template.rerank", &s, &found, NULL) || !found)
        return (struct gguf_str){ judge_text, strlen(judge_text) };
    return s;
}

static bool begins(struct gguf_str s, size_t at, const char *what)
{
    return s.len - at >= strlen(what) && memcmp(s.s + at, what, strlen(what)) == 0;
}

/* The texts of strangers between marks of the template: only the marks become control tokens. */
static enum err_code judge(const struct task *t, const struct job_input *in, struct ids *out,
                           struct err *e)
{
    static const char q[] = "{query}", d[] = "{document}";
    const struct gguf_str s = pair_template(t->w->g);
    enum err_code rc = ERR_OK;
    size_t at = 0, i = 0;

    while (!rc && i < s.len) {
        bool is_q = begins(s, i, q), is_d = begins(s, i, d);
        struct job_str text = is_q ? t->job.query : in->text;

        if (!is_q && !is_d) {
            i++;
            continue;
        }
        rc = encode(t, s.s + at, i - at, false, true, out, e);
        if (!rc)
            rc = encode(t, text.s, text.len, false, false, out, e);
        at = i += strlen(is_q ? q : d);
    }
    return rc ? rc : encode(t, s.s + at, s.len - at, false, true, out, e);
}

/* [CLS] query [SEP] document [SEP]; in vocabularies with <s> and </s> two of the latter stand
 * between. */
static enum err_code pair(const struct task *t, const struct job_input *in, struct ids *out,
                          struct err *e)
{
    const struct tok *tok = engine_tok(t->w->g);
    enum err_code rc = encode(t, t->job.query.s, t->job.query.len, true, false, out, e);
    size_t at;

    if (!rc && tok_adds_eos(tok) && !ids_add(out, tok_eos(tok)))
        rc = err_set(e, ERR_OOM, "no memory for a text");
    if (rc)
        return rc;
    at = out->n;
    rc = encode(t, in->text.s, in->text.len, true, false, out, e);
    /* The second text has no beginning of its own. */
    if (!rc && out->n > at && out->at[at] == tok_bos(tok) && tok_adds_bos(tok)) {
        memmove(out->at + at, out->at + at + 1, (out->n - at - 1) * sizeof(*out->at));
        out->n--;
    }
    return rc;
}

static enum err_code add_ids(const struct job_input *in, uint32_t n_vocab, struct ids *out,
                             struct err *e)
{
    for (uint32_t i = 0; i < in->n_tok; i++) {
        if (in->tokens[i] < 0 || (uint32_t)in->tokens[i] >= n_vocab)
            return err_set(e, ERR_ARG, "token %u is %d, the vocabulary has %u", i, in->tokens[i],
                           n_vocab);
        if (!ids_add(out, in->tokens[i]))
            return err_set(e, ERR_OOM, "no memory for %u tokens", in->n_tok);
    }
    return ERR_OK;
}

static enum err_code prepare_input(struct task *t, uint32_t i, struct err *e)
{
    const struct job_input *in = &t->job.inputs[i];
    const struct engine *g = t->w->g;
    struct ids *out = &t->inputs[i];

    if (t->job.kind == JOB_RERANK && !in->text.s)
        return err_set(e, ERR_ARG, "documents are ranked as texts, number %u is none", i);
    if (t->job.kind == JOB_RERANK)
        return engine_model(g)->is_causal ? judge(t, in, out, e) : pair(t, in, out, e);
    if (!in->text.s)
        return add_ids(in, engine_model(g)->n_vocab, out, e);
    if (!engine_tok(g))
        return err_set(e, ERR_UNSUPPORTED, "the model has no tokenizer: send token ids");
    return encode(t, in->text.s, in->text.len, true, false, out, e);
}

static enum err_code check_input(struct task *t, uint32_t i, struct err *e)
{
    struct ids *ids = &t->inputs[i];
    uint32_t n_ctx = engine_n_ctx(t->w->g);

    if (!ids->n)
        return err_set(e, ERR_ARG, "input %u is empty", i);
    if (ids->n > n_ctx && t->job.overflow == JOB_OVERFLOW_ERROR) {
        (void)err_set(e, ERR_LIMIT, "input %u has %s%zu tokens, the context holds %u", i,
                      ids->n > prompt_worth(t) ? "more than " : "",
                      min_size(ids->n, prompt_worth(t)), n_ctx);
        task_fail(t, JOB_ERR_CONTEXT, e);
        return ERR_LIMIT;
    }
    if (ids->n > n_ctx) { /* the end of a text goes, but for the token that closes it */
        ids->at[n_ctx - 1] = ids->at[ids->n - 1];
        ids->n = n_ctx;
    }
    return ERR_OK;
}

enum err_code prepare_inputs(struct task *t, struct err *e)
{
    uint32_t width =
        model_pool_width(engine_loaded(t->w->g), model_pooling(engine_loaded(t->w->g)));
    enum err_code rc = ERR_OK;

    if (!t->job.n_input)
        return err_set(e, ERR_ARG, "there is no input");
    if (t->job.kind == JOB_RERANK && !t->job.query.s)
        return err_set(e, ERR_ARG, "there is no query");
    t->part = JOB_PART_DIMENSION;
    if (t->job.kind == JOB_EMBED && t->job.n_dimension > width)
        return err_set(e, ERR_ARG, "%u dimensions are asked for, the model has %u",
                       t->job.n_dimension, width);
    t->part = JOB_PART_PROMPT;
    t->inputs = arena_new_n(&t->arena, t->job.n_input, sizeof(*t->inputs));
    if (!t->inputs)
        return err_set(e, ERR_OOM, "no memory for %u inputs", t->job.n_input);
    for (uint32_t i = 0; i < t->job.n_input; i++)
        ids_init(&t->inputs[i]);
    for (uint32_t i = 0; !rc && i < t->job.n_input; i++) {
        rc = stop_asked(&t->stop) ? err_set(e, ERR_CANCELLED, "the job was cancelled")
                                  : prepare_input(t, i, e);
        if (!rc)
            rc = check_input(t, i, e);
    }
    return rc;
}

/* ---- computing ---- */

#define TEXTS_MAX 64U /* of one round */

struct round {
    struct task *t;
    struct pool_params pool;
    uint32_t width;    /* of a row */
    uint32_t n_vector; /* values of a vector */
    float *vector;
    struct buf rows; /* hidden states of the text at hand */
    struct err err;
};

static void normalise(float *v, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    if (sum <= 0)
        return;
    for (uint32_t i = 0; i < n; i++)
        v[i] = (float)((double)v[i] / sqrt(sum));
}

static enum err_code send_vector(struct round *r, uint32_t input, uint32_t n_tok)
{
    struct task *t = r->t;
    const struct job *job = &t->job;
    bool ranks = job->kind == JOB_RERANK;
    struct job_event ev = { .kind = JOB_EV_VECTOR,
                            .input = input,
                            .n_input_tok = n_tok,
                            .vector = r->vector,
                            .n_vector = ranks ? 1 : r->n_vector }; /* of two labels the first */

    if (!ranks && job->n_dimension && job->n_dimension < r->n_vector) {
        ev.n_vector = job->n_dimension;
        if (!job->raw_vectors)
            normalise(r->vector, ev.n_vector);
    }
    t->n_input_tok += n_tok;
    if (!outbox_event(&t->w->engine_out, t->id, &ev))
        return err_set(&r->err, ERR_OOM, "no memory for a vector of %u", ev.n_vector);
    return ERR_OK;
}

/* Collects the rows of a text; the last one makes its vector. */
static bool take_row(void *arg, uint32_t text, uint32_t i, const float *row)
{
    struct round *r = arg;
    uint32_t input = r->t->i_next + text, n_tok = (uint32_t)r->t->inputs[input].n;
    enum err_code rc = ERR_OK;

    if (atomic_load(&r->t->cancel) != TASK_RUNS)
        return false;
    if (!buf_add(&r->rows, row, r->width * sizeof(*row))) {
        (void)buf_check(&r->rows, "the hidden states", &r->err);
        return false;
    }
    if (i + 1 < n_tok)
        return true;
    rc = model_pool(engine_loaded(r->t->w->g), &r->pool, (const float *)(const void *)r->rows.data,
                    n_tok, r->vector, &r->err);
    if (!rc)
        rc = send_vector(r, input, n_tok);
    buf_clear(&r->rows);
    return rc == ERR_OK;
}

static enum pooling pooling_of(const struct task *t)
{
    const struct engine *g = t->w->g;
    enum pooling p = model_pooling(engine_loaded(g));

    if (t->job.kind == JOB_RERANK)
        return POOL_RANK;
    if (p == POOL_NONE || p == POOL_RANK)
        return engine_model(g)->is_causal ? POOL_LAST : POOL_MEAN;
    return p;
}

static enum err_code compute(struct round *r, uint32_t *n_done)
{
    struct task *t = r->t;
    struct score_text texts[TEXTS_MAX];
    struct err e = { 0 };
    uint32_t n = 0;
    enum err_code rc;

    for (; n < TEXTS_MAX && t->i_next + n < t->job.n_input; n++)
        texts[n] = (struct score_text){ t->inputs[t->i_next + n].at,
                                        (uint32_t)t->inputs[t->i_next + n].n };
    rc = engine_score_texts(t->w->g, texts, n, take_row, r, n_done, &e);
    if (rc && !r->err.code)
        r->err = e;
    return rc;
}

static void embed_round(struct task *t)
{
    struct round r = { .t = t,
                       .pool = { .pooling = pooling_of(t), .normalise = !t->job.raw_vectors },
                       .width = engine_n_row(t->w->g) };
    uint32_t n_done = 0;

    r.n_vector = model_pool_width(engine_loaded(t->w->g), r.pool.pooling);
    r.vector = mem_alloc_n(MEM_REQUEST, r.n_vector, sizeof(*r.vector));
    buf_init(&r.rows, MEM_REQUEST, ROWS_BYTES_MAX);
    if (!r.vector)
        (void)err_set(&r.err, ERR_OOM, "no memory for a vector of %u", r.n_vector);
    else
        (void)compute(&r, &n_done);
    if (r.err.code && atomic_load(&t->cancel) == TASK_RUNS)
        task_fail(t, JOB_ERR_COUNT, &r.err);
    t->i_next += n_done;
    buf_finish(&r.rows);
    mem_free(r.vector);
}

bool embed_next(struct task *t)
{
    if (t->t_begun == 0)
        t->t_begun = clock_s();
    t->was_admitted = true;
    if (atomic_load(&t->cancel) == TASK_RUNS)
        embed_round(t);
    if (task_tell_failure(t, &t->w->engine_out))
        return true;
    if (t->i_next < t->job.n_input)
        return false;
    task_tell_done(t, &t->w->engine_out, (uint32_t)t->n_input_tok);
    return true;
}
