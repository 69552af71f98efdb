/* Scores: a row of logits for every position, batch by batch, beside the requests. */
#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "engine/sched_int.h"

struct scoring {
    struct sched *s;
    const struct score_params *p;
    struct pages_held pages;
    uint32_t n_past; /* positions that are done, those pretended too */
    uint64_t serial;
};

enum err_code sched_check_score(const struct sched *s, const struct score_params *p, struct err *e)
{
    uint64_t n = (uint64_t)p->n_tok + p->n_past;

    if (p->n_tok == 0)
        return err_set(e, ERR_ARG, "nothing to score: no tokens");
    if (n > s->p.n_ctx)
        return err_set(e, ERR_LIMIT, "%llu tokens do not fit into a context of %u",
                       (unsigned long long)n, s->p.n_ctx);
    if (!s->p.is_causal && (n > s->p.n_batch || p->use_cache))
        return err_set(e, ERR_LIMIT,
                       "a text of %llu tokens without causal mask does not fit into a batch of %u",
                       (unsigned long long)n, s->p.n_batch);
    if (p->n_past && p->use_cache)
        return err_set(e, ERR_ARG, "pretended positions have no cached prefix");
    for (uint32_t i = 0; i < p->n_tok; i++)
        if (p->tokens[i] < 0 || (uint32_t)p->tokens[i] >= s->p.n_vocab)
            return err_set(e, ERR_ARG, "token %u is %d, the vocabulary has %u", i, p->tokens[i],
                           s->p.n_vocab);
    return ERR_OK;
}

/* The next batch: n tokens, and which of their rows are wanted. */
static void pack_score(struct scoring *g, struct batch_seq *seq, uint32_t n)
{
    struct sched *s = g->s;
    uint32_t i0 = g->n_past - g->p->n_past;
    bool is_last = i0 + n == g->p->n_tok;
    struct batch *b = &s->batch;

    *seq = sched_batch_seq(s, &g->pages, g->n_past + n);
    *b = (struct batch){ .n_tok = n,
                         .token = g->p->tokens + i0,
                         .pos = s->pos,
                         .seq = s->row_seq,
                         .seqs = seq,
                         .n_seq = 1,
                         .out = s->out_row,
                         .cancel = &s->interrupt };
    for (uint32_t i = 0; i < n; i++) {
        s->pos[i] = g->n_past + i;
        s->row_seq[i] = 0;
        if (!g->p->last_only || (is_last && i + 1 == n))
            s->out_row[b->n_out++] = i;
    }
}

/* Hands out the rows of the batch; false when the taker has enough. */
static bool give_rows(const struct scoring *g, bool (*row)(void *, uint32_t, const float *),
                      void *arg)
{
    const struct sched *s = g->s;
    const float *rows = s->p.ops->output(s->p.program);
    uint32_t i0 = g->n_past - g->p->n_past;

    for (uint32_t k = 0; k < s->batch.n_out; k++) {
        uint32_t i = s->batch.out[k], at = s->p.rows_per_token ? i : k;

        if (!row(arg, i0 + i, rows + (size_t)at * s->p.row_width))
            return false;
    }
    return true;
}

static enum err_code score_all(struct scoring *g, bool (*row)(void *, uint32_t, const float *),
                               void *arg, struct err *e)
{
    struct sched *s = g->s;
    uint32_t n_end = g->p->n_past + g->p->n_tok, n_max = s->p.n_batch;
    struct batch_seq seq;

    if (g->p->n_batch && s->p.is_causal)
        n_max = min_u32(n_max, g->p->n_batch);
    if (!g->p->last_only && !s->p.rows_per_token)
        n_max = min_u32(n_max, s->p.n_out_max);
    while (g->n_past < n_end) {
        uint32_t n = min_u32(n_max, n_end - g->n_past);
        enum err_code rc;

        atomic_store(&s->interrupt, false);
        if (atomic_load(&s->stop_serial) > g->serial)
            return err_set(e, ERR_CANCELLED, "scoring was stopped");
        pack_score(g, &seq, n);
        rc = s->p.ops->run(s->p.program, s->p.kv, &s->batch, e);
        sched_batch_done(s, &g->pages, rc == ERR_OK);
        /* A request that was cancelled meanwhile ended the batch: it is computed again. */
        if (rc == ERR_CANCELLED && atomic_load(&s->stop_serial) <= g->serial)
            continue;
        if (rc)
            return rc;
        if (!give_rows(g, row, arg))
            return err_set(e, ERR_CANCELLED, "scoring was stopped");
        g->n_past += n;
    }
    return ERR_OK;
}

enum err_code sched_score(struct sched *s, const struct score_params *p,
                          bool (*row)(void *arg, uint32_t i, const float *logits), void *arg,
                          struct err *e)
{
    struct scoring g = { .s = s, .p = p };
    struct hold_params h = { .token = p->tokens, .n_tok = p->n_tok, .use_cache = p->use_cache };
    enum err_code rc = sched_check_score(s, p, e);

    if (rc)
        return rc;
    h.n_want = g.pages.cap = pages_for(p->n_tok + p->n_past);
    g.pages.state = g.pages.state_next = PAGE_NONE;
    g.serial = atomic_fetch_add(&s->serial, 1);
    g.pages.at = mem_alloc_n(MEM_REQUEST, g.pages.cap, sizeof(*g.pages.at));
    if (!g.pages.at)
        return err_set(e, ERR_OOM, "no memory to score %u tokens", p->n_tok);
    if (!sched_hold(s, &g.pages, &h, &g.n_past)) {
        rc = err_set(e, ERR_LIMIT, "%u cache pages are needed, running requests leave fewer",
                     h.n_want);
        goto done;
    }
    g.n_past += p->n_past;
    rc = score_all(&g, row, arg, e);
    sched_release(s, &g.pages, p->tokens, g.n_past, p->use_cache && rc == ERR_OK);
done:
    mem_free(g.pages.at);
    return rc;
}
