/* One request: its memory, its draw, its events. */
#include "engine/seq_int.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "os/sys.h"

/* A token's text is at most the longest spelling in a vocabulary. */
#define PIECE_BYTES_MAX ((size_t)1 << 24)

static enum err_code check_request(const struct sched_params *p, const struct engine_request *r,
                                   struct err *e)
{
    if (!p->has_logits)
        return err_set(e, ERR_UNSUPPORTED, "this model gives embeddings, it cannot answer");
    if (!r->on_event)
        return err_set(e, ERR_ARG, "a request needs somebody to tell its events to");
    if (r->n_tok == 0)
        return err_set(e, ERR_ARG, "the prompt is empty, at least one token is needed");
    if (r->n_tok >= p->n_ctx)
        return err_set(e, ERR_LIMIT,
                       "the prompt has %u tokens, the context holds %u with at least one of the "
                       "answer",
                       r->n_tok, p->n_ctx);
    for (uint32_t i = 0; i < r->n_tok; i++)
        if (r->tokens[i] < 0 || (uint32_t)r->tokens[i] >= p->n_vocab)
            return err_set(e, ERR_ARG, "token %u of the prompt is %d, the vocabulary has %u", i,
                           r->tokens[i], p->n_vocab);
    if (r->n_top > SEQ_TOP_MAX)
        return err_set(e, ERR_ARG, "%u alternatives a token, limit %u", r->n_top, SEQ_TOP_MAX);
    if (r->n_stop && !p->tok)
        return err_set(e, ERR_UNSUPPORTED, "stop strings need a tokenizer, and the model has none");
    return ERR_OK;
}

static enum err_code seq_fill(struct seq *q, const struct sched_params *p,
                              const struct engine_request *r, struct err *e)
{
    struct sampling defaults = sampling_defaults();
    enum err_code rc;

    q->n_predict = r->n_predict;
    q->cap = r->n_predict ? min_u32(p->n_ctx - r->n_tok, r->n_predict) + r->n_tok : p->n_ctx;
    q->token = mem_alloc_n(MEM_REQUEST, q->cap, sizeof(*q->token));
    q->pages.cap = pages_for(q->cap);
    q->pages.state = q->pages.state_next = PAGE_NONE;
    q->pages.at = mem_alloc_n(MEM_REQUEST, q->pages.cap, sizeof(*q->pages.at));
    if (!q->token || !q->pages.at)
        return err_set(e, ERR_OOM, "no memory for a request of %u tokens", q->cap);
    memcpy(q->token, r->tokens, r->n_tok * sizeof(*q->token));
    q->n_tok = q->n_prompt = r->n_tok;
    rc = sampler_for(&q->sampler, r->sampling ? r->sampling : &defaults, p->n_sample, e);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < r->n_tok; i++)
        sampler_accept(q->sampler, r->tokens[i]);
    rc = seq_grammar_open(q, p, r->grammar, e);
    if (!rc)
        rc = seq_thought_open(q, p, &r->thought, e);
    if (rc)
        return rc;
    return r->n_stop ? stops_create(&q->stops, r->stops, r->n_stop, e) : ERR_OK;
}

enum err_code seq_create(struct seq **out, const struct sched_params *p,
                         const struct engine_request *r, struct err *e)
{
    struct seq *q;
    enum err_code rc;

    *out = NULL;
    rc = check_request(p, r, e);
    if (rc)
        return rc;
    q = mem_alloc_zero(MEM_REQUEST, sizeof(*q));
    if (!q)
        return err_set(e, ERR_OOM, "no memory for a request");
    buf_init(&q->text, MEM_REQUEST, PIECE_BYTES_MAX);
    q->n_top = r->n_top;
    q->n_score = r->n_top && r->score_prompt ? r->n_tok - 1 : 0;
    q->ignore_eos = r->ignore_eos;
    q->no_cache = r->no_cache;
    q->special = r->special;
    q->rolls = r->rolls;
    q->n_keep = min_u32(min_u32(r->n_keep, r->n_tok), p->n_ctx / 2);
    q->on_event = r->on_event;
    q->arg = r->arg;
    q->stream = (struct tok_stream){ .tok = p->tok, .special = r->special, .raw = true };
    q->t_submit = clock_s();
    q->timing.n_prompt = r->n_tok;
    rc = seq_fill(q, p, r, e);
    if (rc) {
        seq_destroy(q);
        return rc;
    }
    *out = q;
    return ERR_OK;
}

void seq_destroy(struct seq *q)
{
    if (!q)
        return;
    CHECK(q->pages.n == 0);
    sampler_destroy(q->sampler);
    seq_grammar_close(q);
    seq_thought_close(q);
    stops_destroy(q->stops);
    buf_finish(&q->text);
    mem_free(q->pages.at);
    mem_free(q->token);
    mem_free(q);
}

/* ---- events ---- */

static struct engine_event event(const struct seq *q, enum engine_event_kind kind)
{
    return (struct engine_event){ .kind = kind,
                                  .request = q->id,
                                  .arg = q->arg,
                                  .n_done = min_u32(q->n_past, q->n_prompt),
                                  .n_total = q->n_prompt,
                                  .token = TOK_NONE,
                                  .text = "" };
}

void seq_tell_prompt(struct seq *q)
{
    struct engine_event ev = event(q, EV_PROMPT);

    q->on_event(q->arg, &ev);
}

void seq_tell_scores(struct seq *q, const struct sched_params *p, const float *rows)
{
    struct token_prob top[SEQ_TOP_MAX];

    for (uint32_t k = 0; k < q->n_score_row; k++) {
        const float *row = rows + (size_t)(q->score_row + k) * p->row_width;
        struct engine_event ev = event(q, EV_SCORE);

        ev.token = q->token[++q->n_scored];
        ev.n_top = engine_chances(row, p->n_sample, ev.token, q->n_top, &ev.logprob, top);
        ev.top = top;
        q->on_event(q->arg, &ev);
    }
}

/* What tokenizer and stop strings still hold back. */
static enum err_code flush_text(struct seq *q, struct engine_event *ev, struct err *e)
{
    struct stops_text rest = { .at = "" };
    enum err_code rc;

    if (!q->stream.tok)
        return ERR_OK;
    buf_clear(&q->text);
    rc = tok_stream_end(&q->stream, &q->text, e);
    if (!rc && q->stops)
        rc = stops_feed(q->stops, buf_str(&q->text), q->text.len, &rest, e);
    if (!rc && !q->stops)
        rest = (struct stops_text){ .at = buf_str(&q->text), .len = q->text.len };
    if (!rc && q->stops && !rest.found) {
        /* Shown or held back, it comes now: both parts lie one behind the other. */
        struct stops_text held;
        size_t n = rest.len;

        buf_clear(&q->text);
        (void)buf_add(&q->text, rest.at, n);
        stops_end(q->stops, &held);
        (void)buf_add(&q->text, held.at, held.len);
        rest = (struct stops_text){ .at = buf_str(&q->text), .len = q->text.len };
        rc = buf_check(&q->text, "the end of the text", e);
    }
    if (rc)
        return rc;
    ev->text = rest.at;
    ev->len = rest.len;
    return ERR_OK;
}

void seq_tell_done(struct seq *q, enum finish finish, int32_t token, const struct err *err)
{
    struct engine_event ev = event(q, EV_DONE);
    double now = clock_s();
    struct err e;

    if (finish != FINISH_STOP && finish != FINISH_ERROR && flush_text(q, &ev, &e)) {
        finish = FINISH_ERROR;
        err = &e;
    }
    if (!q->was_admitted)
        q->timing.queue_s = now - q->t_submit;
    else if (q->t_first == 0)
        q->timing.prompt_s = now - q->t_admit;
    else
        q->timing.generate_s = now - q->t_first;
    ev.finish = finish;
    ev.stop = q->stop;
    ev.token = token;
    ev.err = err;
    ev.timing = &q->timing;
    q->on_event(q->arg, &ev);
}

/* ---- the draw ---- */

struct chances {
    float chosen;
    struct token_prob top[SEQ_TOP_MAX];
    uint32_t n;
};

static enum err_code tell_token(struct seq *q, int32_t token, const struct chances *c, bool *found,
                                struct err *e)
{
    struct engine_event ev = event(q, EV_TOKEN);
    enum err_code rc;

    *found = false;
    buf_clear(&q->text);
    if (q->stream.tok) {
        rc = tok_stream_next(&q->stream, token, &q->text, e);
        if (rc)
            return rc;
    }
    ev.text = buf_str(&q->text);
    ev.len = q->text.len;
    if (q->stops) {
        struct stops_text shown;

        rc = stops_feed(q->stops, ev.text, ev.len, &shown, e);
        if (rc)
            return rc;
        ev.text = shown.at;
        ev.len = shown.len;
        *found = shown.found;
        q->stop = shown.which;
    }
    ev.token = token;
    if (q->n_top) {
        ev.logprob = c->chosen;
        ev.top = c->top;
        ev.n_top = c->n;
    }
    q->on_event(q->arg, &ev);
    return ERR_OK;
}

static void note_time(struct seq *q)
{
    double now = clock_s();

    q->timing.n_generated++;
    if (q->t_first > 0)
        return;
    q->t_first = now;
    q->timing.prompt_s = now - q->t_admit;
    q->timing.first_token_s = now - q->t_submit;
}

enum err_code seq_draw(struct seq *q, const struct sched_params *p, const float *logits,
                       struct seq_drawn *out, struct err *e)
{
    struct chances c;
    enum err_code rc;
    int32_t token;
    bool found, must_end;

    *out = (struct seq_drawn){ .token = TOK_NONE };
    rc = seq_sample(q, p, logits, &token, e);
    if (rc)
        return rc;
    note_time(q);
    if (!q->ignore_eos && p->tok && tok_is_end(p->tok, token)) {
        *out = (struct seq_drawn){ .is_over = true, .finish = FINISH_EOS, .token = token };
        return ERR_OK;
    }
    if (q->n_top)
        c.n = engine_chances(logits, p->n_sample, token, q->n_top, &c.chosen, c.top);
    sampler_accept(q->sampler, token);
    rc = seq_grammar_accept(q, p, token, &must_end, e);
    if (rc)
        return rc;
    CHECK(q->n_tok < q->cap);
    q->token[q->n_tok++] = token;
    rc = seq_thought_accept(q, p, token, e);
    if (!rc)
        rc = tell_token(q, token, &c, &found, e);
    if (rc)
        return rc;
    out->is_over = true;
    if (found)
        out->finish = FINISH_STOP;
    else if (must_end)
        out->finish = FINISH_EOS;
    else if (q->n_predict && q->timing.n_generated >= q->n_predict)
        out->finish = FINISH_LENGTH;
    else if (q->n_tok >= p->n_ctx && !q->rolls)
        out->finish = FINISH_CONTEXT;
    else
        out->is_over = false;
    out->is_full = !out->is_over && q->n_tok >= p->n_ctx;
    return ERR_OK;
}

/* ---- the rolling window ---- */

/* Half a context is left for what comes; a long beginning takes of that, but never all. */
void seq_roll(struct seq *q, const struct sched_params *p)
{
    uint32_t n_tail = max_u32(p->n_ctx / 2 - q->n_keep, p->n_ctx / 4);

    n_tail = min_u32(max_u32(n_tail, 1), p->n_ctx - 1 - q->n_keep);
    n_tail = min_u32(n_tail, q->n_tok - q->n_keep);
    memmove(q->token + q->n_keep, q->token + q->n_tok - n_tail, n_tail * sizeof(*q->token));
    q->n_tok = q->n_prompt = q->n_keep + n_tail;
}
