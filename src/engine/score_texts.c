/* Rows of several short texts from one batch: each has pages of its own and sees itself alone. */
#include "base/mem.h"
#include "base/num.h"
#include "engine/sched_int.h"

struct together {
    struct sched *s;
    const struct score_text *texts;
    uint32_t n; /* texts that have their pages */
    struct pages_held *held;
    uint64_t serial;
};

/* How many of the texts fit into one batch; 0: not even the first. */
static uint32_t n_that_fit(const struct sched *s, const struct score_text *texts, uint32_t n_text)
{
    uint32_t n_max = s->p.rows_per_token ? s->p.n_batch : min_u32(s->p.n_batch, s->p.n_out_max);
    uint32_t n = 0, left = n_max;

    for (; n < min_u32(n_text, s->p.n_seq) && texts[n].n_tok <= left; n++)
        left -= texts[n].n_tok;
    return n;
}

/* Pages for the first n texts, or for fewer when there are not so many; at least for one. */
static enum err_code hold_all(struct together *g, uint32_t n, uint32_t *at, struct err *e)
{
    for (; g->n < n; g->n++) {
        const struct score_text *t = &g->texts[g->n];
        struct pages_held *h = &g->held[g->n];
        struct hold_params p = { .token = t->tokens,
                                 .n_tok = t->n_tok,
                                 .n_want = pages_for(t->n_tok) };
        uint32_t n_past;

        *h = (struct pages_held){
            .at = at, .cap = p.n_want, .state = PAGE_NONE, .state_next = PAGE_NONE
        };
        at += p.n_want;
        if (sched_hold(g->s, h, &p, &n_past))
            continue;
        if (g->n)
            return ERR_OK;
        return err_set(e, ERR_LIMIT, "%u cache pages are needed, running requests leave fewer",
                       p.n_want);
    }
    return ERR_OK;
}

static void pack(struct together *g)
{
    struct sched *s = g->s;
    struct batch *b = &s->batch;

    *b = (struct batch){ .token = s->token,
                         .pos = s->pos,
                         .seq = s->row_seq,
                         .seqs = s->batch_seqs,
                         .n_seq = g->n,
                         .out = s->out_row,
                         .cancel = &s->interrupt };
    for (uint32_t i = 0; i < g->n; i++) {
        s->batch_seqs[i] = sched_batch_seq(s, &g->held[i], g->texts[i].n_tok);
        for (uint32_t k = 0; k < g->texts[i].n_tok; k++) {
            s->token[b->n_tok] = g->texts[i].tokens[k];
            s->pos[b->n_tok] = k;
            s->row_seq[b->n_tok] = i;
            s->out_row[b->n_tok] = b->n_tok;
            b->n_tok++;
        }
    }
    b->n_out = b->n_tok;
}

static enum err_code compute(struct together *g, struct err *e)
{
    struct sched *s = g->s;
    enum err_code rc = ERR_CANCELLED;

    /* A request that is cancelled meanwhile ends the batch: it is computed again. */
    while (rc == ERR_CANCELLED) {
        atomic_store(&s->interrupt, false);
        if (atomic_load(&s->stop_serial) > g->serial)
            return err_set(e, ERR_CANCELLED, "scoring was stopped");
        pack(g);
        rc = s->p.ops->run(s->p.program, s->p.kv, &s->batch, e);
        for (uint32_t i = 0; i < g->n; i++)
            sched_batch_done(s, &g->held[i], rc == ERR_OK);
    }
    return rc;
}

static enum err_code give(const struct together *g, score_row_fn row, void *arg, struct err *e)
{
    const struct sched *s = g->s;
    const float *at = s->p.ops->output(s->p.program);

    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < g->texts[i].n_tok; k++, at += s->p.row_width)
            if (!row(arg, i, k, at))
                return err_set(e, ERR_CANCELLED, "scoring was stopped");
    return ERR_OK;
}

static enum err_code score_together(struct together *g, uint32_t n, score_row_fn row, void *arg,
                                    struct err *e)
{
    uint32_t n_page = 0, *at;
    enum err_code rc;

    for (uint32_t i = 0; i < n; i++)
        n_page += pages_for(g->texts[i].n_tok);
    g->held = mem_alloc_n(MEM_REQUEST, n, sizeof(*g->held));
    at = mem_alloc_n(MEM_REQUEST, n_page, sizeof(*at));
    rc = g->held && at ? hold_all(g, n, at, e)
                       : err_set(e, ERR_OOM, "no memory to score %u texts", n);
    if (!rc)
        rc = compute(g, e);
    if (!rc)
        rc = give(g, row, arg, e);
    for (uint32_t i = 0; i < g->n; i++)
        sched_release(g->s, &g->held[i], NULL, 0, false);
    mem_free(at);
    mem_free(g->held);
    return rc;
}

/* One text that is longer than a batch. */
struct alone {
    score_row_fn row;
    void *arg;
};

static bool row_alone(void *arg, uint32_t i, const float *row)
{
    const struct alone *a = arg;

    return a->row(a->arg, 0, i, row);
}

enum err_code sched_score_texts(struct sched *s, const struct score_text *texts, uint32_t n_text,
                                score_row_fn row, void *arg, uint32_t *n_done, struct err *e)
{
    struct together g = { .s = s, .texts = texts };
    struct alone a = { row, arg };
    uint32_t n = n_that_fit(s, texts, n_text);
    struct score_params first = { .tokens = texts[0].tokens, .n_tok = texts[0].n_tok };
    enum err_code rc = ERR_OK;

    *n_done = 0;
    if (!n) {
        rc = sched_score(s, &first, row_alone, &a, e);
        *n_done = rc == ERR_OK;
        return rc;
    }
    for (uint32_t i = 0; !rc && i < n; i++)
        rc = sched_check_score(
            s, &(struct score_params){ .tokens = texts[i].tokens, .n_tok = texts[i].n_tok }, e);
    if (rc)
        return rc;
    g.serial = atomic_fetch_add(&s->serial, 1);
    rc = score_together(&g, n, row, arg, e);
    *n_done = rc ? 0 : g.n;
    return rc;
}
