/* One model made ready: file, tokenizer, template, model, plan, device, cache, scheduler.
 *
 * Opening touches headers only: weights are mapped and read ahead in the background. */
#include "engine/engine.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "engine/sched_int.h"
#include "os/cpu.h"
#include "os/thread.h"

/* Of the default cache: so many sequences may be full at once, and all may hold so many tokens. */
#define SEQS_FULL_MAX   4U
#define SEQ_SHARE_TOK   1024U
#define OUT_BYTES_MAX   ((size_t)64 << 20)
#define SCRATCH_RESERVE ((uint64_t)256 << 20)
/* Kept recurrent states, while they take no more than an eighth of the memory. */
#define CHECKPOINTS_MAX 32U

struct engine {
    struct gguf *gguf;
    struct gguf *loras[ENGINE_LORAS_MAX];
    uint32_t n_lora;
    struct tok *tok;
    struct lock gvocab_lock;
    struct gvocab *gvocab; /* of tok, under the lock; NULL until a grammar comes, then for good */
    struct tmpl *tmpl;
    struct err tok_err, tmpl_err;
    struct model *model;
    struct plan *plan;
    const struct device_ops *ops;
    struct device *device;
    struct program *program;
    struct kv_store *kv;
    struct kv_params kv_params;
    struct engine_params p; /* with the defaults filled in */
    uint32_t n_ctx;
    bool n_seq_asked;
    bool is_ready; /* sched is initialised */
    struct sched sched;
};

struct opening {
    struct engine *g;
    const struct engine_source *src;
    const struct engine_params *asked;
    engine_progress_fn progress;
    void *arg;
};

static enum err_code report(const struct opening *o, float share, struct err *e)
{
    if (!o->progress || o->progress(o->arg, share))
        return ERR_OK;
    return err_set(e, ERR_CANCELLED, "loading %s was cancelled", o->src->path);
}

/* ---- parts ---- */

static enum err_code open_file(const struct opening *o, struct err *e)
{
    if (o->src->data)
        return gguf_open_memory(&o->g->gguf, o->src->data, o->src->size, o->src->path, e);
    return gguf_open(&o->g->gguf, o->src->path, e);
}

/* A file that says it has no tokenizer ("none") computes on ids. One that says nothing, or names a
 * kind that is not known, is refused: it is damaged or newer than this program, and its text would
 * be nonsense. */
static enum err_code open_tok(struct engine *g, struct err *e)
{
    enum err_code rc = tok_open(&g->tok, g->gguf, &g->tok_err);

    if (rc == ERR_OK || (rc == ERR_NOT_FOUND && gguf_find(g->gguf, "tokenizer.ggml.model")))
        return ERR_OK;
    if (e)
        *e = g->tok_err;
    return rc;
}

static enum err_code open_template(struct engine *g, struct err *e)
{
    struct gguf_str source = { 0 };
    bool found = false;
    enum err_code rc;

    rc = gguf_get_str(g->gguf, "tokenizer.chat_template", &source, &found, &g->tmpl_err);
    if (rc == ERR_OK && !found)
        rc = err_set(&g->tmpl_err, ERR_NOT_FOUND, "%s has no chat template", gguf_path(g->gguf));
    if (rc == ERR_OK)
        rc = tmpl_open(&g->tmpl, source.s, source.len, &g->tmpl_err);
    if (rc != ERR_OOM)
        return ERR_OK;
    return err_set(e, ERR_OOM, "no memory for the chat template");
}

static enum err_code open_device(struct engine *g, struct err *e)
{
    struct device_params dp = { .n_thread = g->p.n_thread,
                                .cpu_features_off = g->p.cpu_features_off };

    g->ops = device_by_name(g->p.device);
    if (!g->ops)
        return err_set(e, ERR_NOT_FOUND, "there is no device called %s in this build", g->p.device);
    return g->ops->open(&g->device, &dp, e);
}

/* ---- sizes ---- */

static enum err_code check_params(const struct engine_params *p, struct err *e)
{
    if (p->n_batch > ENGINE_BATCH_MAX)
        return err_set(e, ERR_ARG, "batch size is %u, expected 1 to %u", p->n_batch,
                       ENGINE_BATCH_MAX);
    if (p->n_seq > ENGINE_SEQS_MAX)
        return err_set(e, ERR_ARG, "%u sequences at once, expected 1 to %u", p->n_seq,
                       ENGINE_SEQS_MAX);
    if (p->n_ctx > MODEL_CTX_MAX)
        return err_set(e, ERR_ARG, "context length is %u, expected 1 to %u", p->n_ctx,
                       MODEL_CTX_MAX);
    if (p->n_page > PAGES_MAX)
        return err_set(e, ERR_ARG, "%u cache pages, expected 1 to %u", p->n_page, PAGES_MAX);
    return ERR_OK;
}

static void fill_defaults(struct engine *g, const struct engine_params *asked)
{
    const struct model_info *m = model_info(g->model);
    struct engine_params *p = &g->p;
    uint32_t n_train = m->n_ctx_train ? m->n_ctx_train : ENGINE_CTX_DEFAULT;

    *p = *asked;
    if (!p->device)
        p->device = "cpu";
    p->embeddings = p->embeddings || !m->has_logits;
    g->n_seq_asked = p->n_seq != 0;
    if (!p->n_seq)
        p->n_seq = ENGINE_SEQS_DEFAULT;
    if (!p->n_batch)
        p->n_batch = ENGINE_BATCH_DEFAULT;
    p->n_batch = max_u32(p->n_batch, p->n_seq);
    g->n_ctx = min_u32(p->n_ctx ? p->n_ctx : min_u32(n_train, ENGINE_CTX_DEFAULT), m->n_ctx_max);
    /* Without a causal mask the first token sees the last: a text is one batch. */
    if (!m->is_causal) {
        g->n_ctx = min_u32(g->n_ctx, ENGINE_BATCH_MAX);
        p->n_batch = max_u32(p->n_batch, g->n_ctx);
    }
}

static enum err_code make_plan(struct engine *g, struct err *e)
{
    struct model_plan_params pp = { .n_ctx = g->n_ctx, .embeddings = g->p.embeddings };

    plan_destroy(g->plan);
    g->plan = NULL;
    return model_plan(g->model, &pp, &g->plan, e);
}

/* Memory that the cache may take: what is free, less the weights, which come out of the same. */
static uint64_t cache_budget(const struct engine *g)
{
    uint64_t ram = cpu_info()->ram_available, used = gguf_bytes(g->gguf) + SCRATCH_RESERVE;

    if (ram == 0)
        return UINT64_MAX;
    /* Weights that do not fit are read from the disk again and again; the cache must not be. */
    return used < ram - ram / 8 ? ram - used : ram / 8;
}

/* Slots for recurrent states come first: without them nothing runs. Fewer sequences at once when
 * nobody asked for their number. */
static enum err_code choose_slots(struct engine *g, uint64_t *budget, struct err *e)
{
    uint64_t bytes = g->ops->state_slot_bytes(g->device, &g->kv_params), n_keep;
    uint32_t n_min;

    g->kv_params.n_state_slot = 0;
    if (g->plan->n_state == 0 || bytes == 0)
        return ERR_OK;
    while (!g->n_seq_asked && g->p.n_seq > 1 && SCHED_SLOTS_MIN(g->p.n_seq) * bytes > *budget / 2)
        g->p.n_seq--;
    n_min = SCHED_SLOTS_MIN(g->p.n_seq);
    if (n_min * bytes > *budget)
        return err_set(
            e, ERR_LIMIT,
            "the recurrent states of %u sequences need %llu MiB, about %llu MiB are free",
            g->p.n_seq, (unsigned long long)(n_min * bytes >> 20),
            (unsigned long long)(*budget >> 20));
    n_keep = *budget / 8 / bytes;
    g->kv_params.n_state_slot =
        n_min + (n_keep < CHECKPOINTS_MAX ? (uint32_t)n_keep : CHECKPOINTS_MAX);
    *budget -= n_min * bytes;
    return ERR_OK;
}

uint64_t engine_cache_tokens(uint32_t n_ctx, uint32_t n_seq)
{
    uint64_t full = (uint64_t)n_ctx * min_u32(n_seq, SEQS_FULL_MAX);
    uint64_t shares = (uint64_t)min_u32(n_ctx, SEQ_SHARE_TOK) * n_seq;

    return full > shares ? full : shares;
}

/* Chooses pages, and lowers a context that nobody asked for until it fits. */
static enum err_code choose_pages(struct engine *g, struct err *e)
{
    uint64_t budget = cache_budget(g), n_fit, page_bytes;
    uint32_t n_each = pages_for(g->n_ctx), n_ctx = g->n_ctx;

    g->kv_params = (struct kv_params){ .layers = g->plan->kv_layers,
                                       .n_layer = g->plan->n_kv_layer,
                                       .states = g->plan->states,
                                       .n_state = g->plan->n_state,
                                       .type_k = g->p.type_k,
                                       .type_v = g->p.type_v };
    if (choose_slots(g, &budget, e))
        return ERR_LIMIT;
    page_bytes = g->ops->kv_page_bytes(g->device, &g->kv_params);
    n_fit = page_bytes ? budget / page_bytes : PAGES_MAX;
    if (g->p.n_page > n_fit || (g->p.n_ctx && n_each > n_fit) || n_fit == 0)
        return err_set(e, ERR_LIMIT,
                       "the cache of %u tokens needs %llu MiB, about %llu MiB are free: choose a "
                       "shorter context or a smaller cache type",
                       max_u32(n_ctx, g->p.n_page * KV_PAGE_TOK),
                       (unsigned long long)(max_u32(n_each, g->p.n_page) * page_bytes >> 20),
                       (unsigned long long)(budget >> 20));
    if (n_each > n_fit) {
        n_each = (uint32_t)n_fit;
        g->n_ctx = n_each * KV_PAGE_TOK;
    }
    if (!g->p.n_page) {
        uint64_t n = engine_cache_tokens(n_each * KV_PAGE_TOK, g->p.n_seq) / KV_PAGE_TOK;

        n = n < n_fit ? n : n_fit;
        g->p.n_page = n < PAGES_MAX ? (uint32_t)n : PAGES_MAX;
    }
    g->kv_params.n_page = g->p.n_page;
    return ERR_OK;
}

/* The plan and the cache's size depend on each other: a shorter context can mean other rotation
 * factors, but never other cache layers. */
static enum err_code plan_and_pages(struct engine *g, struct err *e)
{
    uint32_t n_ctx = g->n_ctx;
    enum err_code rc = make_plan(g, e);

    if (!rc)
        rc = choose_pages(g, e);
    if (!rc && g->n_ctx != n_ctx)
        rc = make_plan(g, e);
    if (!rc)
        g->kv_params.layers = g->plan->kv_layers;
    if (!rc)
        g->kv_params.states = g->plan->states;
    return rc;
}

static uint32_t n_out_max(const struct engine *g)
{
    size_t row = (size_t)g->plan->output.width * sizeof(float);
    size_t n = min_size(g->p.n_batch, OUT_BYTES_MAX / max_size(row, 1));

    return max_u32((uint32_t)n, g->p.n_seq);
}

static enum err_code start_sched(struct engine *g, struct err *e)
{
    const struct model_info *m = model_info(g->model);
    const struct operand out = g->plan->output;
    bool per_token = g->plan->values[out.value].rows == ROWS_TOK;
    uint32_t n_sample = m->n_vocab;
    struct sched_params sp = { .ops = g->ops,
                               .program = g->program,
                               .kv = g->kv,
                               .tok = g->tok,
                               .n_ctx = g->n_ctx,
                               .n_batch = g->p.n_batch,
                               .n_seq = g->p.n_seq,
                               .n_page = g->p.n_page,
                               .n_state_slot = g->kv_params.n_state_slot,
                               .n_out_max = n_out_max(g),
                               .n_vocab = m->n_vocab,
                               .row_width = out.width,
                               .rows_per_token = per_token,
                               .is_causal = m->is_causal };
    enum err_code rc;

    if (g->p.cache_bytes_max && g->ops->kv_page_bytes(g->device, &g->kv_params)) {
        uint64_t n = g->p.cache_bytes_max / g->ops->kv_page_bytes(g->device, &g->kv_params);

        sp.n_idle_max = n < PAGES_MAX ? max_u32((uint32_t)n, 1) : PAGES_MAX;
    }
    CHECK(out.col == 0 && out.width == g->plan->values[out.value].width);
    /* Matrices are often padded to more rows than the vocabulary has: those are never drawn. */
    if (g->tok)
        n_sample = min_u32(n_sample, tok_n_vocab(g->tok));
    sp.n_sample = n_sample;
    sp.has_logits =
        m->has_logits && m->is_causal && !g->p.embeddings && !per_token && out.width >= n_sample;
    rc = sched_init(&g->sched, &sp, e);
    g->is_ready = rc == ERR_OK;
    return rc;
}

/* Asks for all weights to be read in the background. */
static enum err_code read_ahead(const struct opening *o, struct err *e)
{
    const struct gguf *gguf = o->g->gguf;
    size_t n = gguf_n_tensor(gguf);

    if (cpu_info()->ram_available && gguf_bytes(gguf) > cpu_info()->ram_available)
        return ERR_OK;
    for (size_t i = 0; i < n; i++) {
        gguf_will_need(gguf, gguf_tensor_at(gguf, i));
        if (i % 16 == 0 && report(o, 0.3f + 0.3f * (float)i / (float)n, e))
            return ERR_CANCELLED;
    }
    return ERR_OK;
}

/* ---- opening ---- */

static enum err_code open_loras(const struct opening *o, struct err *e)
{
    struct engine *g = o->g;
    enum err_code rc = ERR_OK;

    if (o->asked->n_lora > ENGINE_LORAS_MAX)
        return err_set(e, ERR_LIMIT, "%u adapters, limit %u", o->asked->n_lora, ENGINE_LORAS_MAX);
    for (uint32_t i = 0; !rc && i < o->asked->n_lora; i++) {
        rc = gguf_open(&g->loras[g->n_lora], o->asked->loras[i].path, e);
        if (!rc)
            rc = model_add_lora(g->model, g->loras[g->n_lora++], o->asked->loras[i].scale, e);
    }
    return rc;
}

static enum err_code open_model(const struct opening *o, struct err *e)
{
    struct engine *g = o->g;
    enum err_code rc = open_file(o, e);

    if (!rc)
        rc = report(o, 0.1f, e);
    if (!rc)
        rc = model_open(&g->model, g->gguf, e);
    if (!rc && o->asked->n_expert_used)
        rc = model_use_experts(g->model, o->asked->n_expert_used, e);
    if (!rc)
        rc = open_loras(o, e);
    if (!rc)
        rc = open_tok(g, e);
    if (!rc)
        rc = report(o, 0.3f, e);
    if (!rc)
        rc = open_template(g, e);
    return rc;
}

static enum err_code open_compute(const struct opening *o, struct err *e)
{
    struct engine *g = o->g;
    enum err_code rc;

    fill_defaults(g, o->asked);
    rc = open_device(g, e);
    if (!rc)
        rc = plan_and_pages(g, e);
    if (!rc)
        rc = read_ahead(o, e);
    if (!rc)
        rc = g->ops->compile(g->device, g->plan, g->p.n_batch, n_out_max(g), &g->program, e);
    if (!rc)
        rc = report(o, 0.9f, e);
    if (!rc && (g->plan->n_kv_layer || g->plan->n_state))
        rc = g->ops->kv_create(g->device, &g->kv_params, &g->kv, e);
    if (!rc)
        rc = start_sched(g, e);
    if (!rc)
        rc = report(o, 1.0f, e);
    return rc;
}

enum err_code engine_open(struct engine **out, const struct engine_source *src,
                          const struct engine_params *p, engine_progress_fn progress, void *arg,
                          struct err *e)
{
    static const struct engine_params no_params = { 0 };
    struct opening o = {
        .src = src, .asked = p ? p : &no_params, .progress = progress, .arg = arg
    };
    enum err_code rc;

    *out = NULL;
    rc = check_params(o.asked, e);
    if (!rc)
        rc = report(&o, 0.0f, e);
    if (rc)
        return rc;
    o.g = mem_alloc_zero(MEM_MODEL, sizeof(*o.g));
    if (!o.g)
        return err_set(e, ERR_OOM, "no memory to open %s", src->path);
    lock_init(&o.g->gvocab_lock);
    rc = open_model(&o, e);
    if (!rc)
        rc = open_compute(&o, e);
    if (rc) {
        engine_close(o.g);
        return rc;
    }
    *out = o.g;
    return ERR_OK;
}

void engine_close(struct engine *g)
{
    if (!g)
        return;
    if (g->is_ready)
        sched_finish(&g->sched);
    if (g->ops) {
        g->ops->kv_destroy(g->kv);
        g->ops->program_destroy(g->program);
        g->ops->close(g->device);
    }
    plan_destroy(g->plan);
    model_close(g->model);
    tmpl_close(g->tmpl);
    gvocab_destroy(g->gvocab);
    lock_finish(&g->gvocab_lock);
    tok_close(g->tok);
    for (uint32_t i = 0; i < g->n_lora; i++)
        gguf_close(g->loras[i]);
    gguf_close(g->gguf);
    mem_free(g);
}

/* ---- facts ---- */

const struct gguf *engine_gguf(const struct engine *g)
{
    return g->gguf;
}

const struct model_info *engine_model(const struct engine *g)
{
    return model_info(g->model);
}

const struct model *engine_loaded(const struct engine *g)
{
    return g->model;
}

const struct tok *engine_tok(const struct engine *g)
{
    return g->tok;
}

const struct err *engine_tok_error(const struct engine *g)
{
    return g->tok ? NULL : &g->tok_err;
}

const struct tmpl *engine_template(const struct engine *g)
{
    return g->tmpl;
}

const struct err *engine_template_error(const struct engine *g)
{
    return g->tmpl ? NULL : &g->tmpl_err;
}

/* A recommended number, unless it lies outside [min, max]. */
static void recommended(const struct engine *g, const char *key, float min, float max, float *out)
{
    float v = *out;

    if (gguf_get_f32(g->gguf, key, &v, NULL, NULL) == ERR_OK && v >= min && v <= max)
        *out = v;
}

struct sampling engine_sampling(const struct engine *g)
{
    struct sampling s = sampling_defaults();
    float top_k = (float)s.top_k, last_n = (float)s.penalty_last_n;

    recommended(g, "general.sampling.temp", 0.0F, 10.0F, &s.temperature);
    recommended(g, "general.sampling.top_k", 0.0F, 1e6F, &top_k);
    recommended(g, "general.sampling.top_p", 0.0F, 1.0F, &s.top_p);
    recommended(g, "general.sampling.min_p", 0.0F, 1.0F, &s.min_p);
    recommended(g, "general.sampling.penalty_repeat", 0.01F, 10.0F, &s.repeat_penalty);
    recommended(g, "general.sampling.penalty_last_n", 0.0F, 65536.0F, &last_n);
    s.top_k = (int32_t)top_k;
    s.penalty_last_n = (int32_t)last_n;
    return s;
}

uint32_t engine_n_ctx(const struct engine *g)
{
    return g->sched.p.n_ctx;
}

uint32_t engine_n_seq(const struct engine *g)
{
    return g->p.n_seq;
}

uint32_t engine_n_batch(const struct engine *g)
{
    return g->p.n_batch;
}

uint32_t engine_n_row(const struct engine *g)
{
    return g->plan->output.width;
}

void engine_device(const struct engine *g, struct device_info *out)
{
    g->ops->describe(g->device, out);
}

uint32_t engine_cache_miss(const struct engine *g, const int32_t *tokens, uint32_t n_tok)
{
    return prefix_miss(&g->sched.prefix, tokens, n_tok);
}

void engine_stats(const struct engine *g, struct engine_stats *out)
{
    sched_stats(&g->sched, out);
    out->kv_bytes = g->ops->kv_page_bytes(g->device, &g->kv_params) * g->p.n_page +
                    g->ops->state_slot_bytes(g->device, &g->kv_params) * g->kv_params.n_state_slot;
    out->scratch_bytes = mem_in_use(MEM_SCRATCH);
}

const char *finish_name(enum finish f)
{
    switch (f) {
    case FINISH_EOS:
        return "eosFound";
    case FINISH_STOP:
        return "stopStringFound";
    case FINISH_LENGTH:
        return "maxPredictedTokensReached";
    case FINISH_CONTEXT:
        return "contextLengthReached";
    case FINISH_CANCELLED:
        return "userStopped";
    case FINISH_ERROR:
        break;
    }
    return "failed";
}

/* ---- work ---- */

/* The vocabulary's index is made when the first grammar comes: most engines never need it. */
static enum err_code find_gvocab(struct engine *g, const struct gvocab **out, struct err *e)
{
    enum err_code rc = ERR_OK;

    lock_take(&g->gvocab_lock);
    if (!g->gvocab)
        rc = gvocab_of_tok(&g->gvocab, g->tok, e);
    *out = g->gvocab;
    lock_give(&g->gvocab_lock);
    return rc;
}

enum err_code engine_learn_grammar(struct engine *g, const struct grammar *grammar, struct err *e)
{
    const struct gvocab *v = NULL;
    enum err_code rc = g->tok ? find_gvocab(g, &v, e) : ERR_OK;

    return rc || !v ? rc : gvocab_learn(v, grammar, e);
}

enum err_code engine_submit(struct engine *g, const struct engine_request *r, uint64_t *id,
                            struct err *e)
{
    if (r->grammar && g->tok) {
        enum err_code rc = find_gvocab(g, &g->sched.p.gvocab, e);

        if (rc)
            return rc;
    }
    return sched_submit(&g->sched, r, id, e);
}

void engine_cancel(struct engine *g, uint64_t id)
{
    sched_cancel(&g->sched, id);
}

void engine_stop(struct engine *g)
{
    sched_stop(&g->sched);
}

enum err_code engine_step(struct engine *g, bool *busy, struct err *e)
{
    return sched_step(&g->sched, busy, e);
}

enum err_code engine_run(struct engine *g, struct err *e)
{
    enum err_code rc = ERR_OK;

    for (bool busy = true; busy && !rc;)
        rc = engine_step(g, &busy, e);
    return rc;
}

enum err_code engine_score(struct engine *g, const struct score_params *p,
                           bool (*row)(void *arg, uint32_t i, const float *logits), void *arg,
                           struct err *e)
{
    return sched_score(&g->sched, p, row, arg, e);
}

enum err_code engine_score_texts(struct engine *g, const struct score_text *texts, uint32_t n_text,
                                 score_row_fn row, void *arg, uint32_t *n_done, struct err *e)
{
    return sched_score_texts(&g->sched, texts, n_text, row, arg, n_done, e);
}

void engine_cache_clear(struct engine *g)
{
    sched_cache_clear(&g->sched);
}
