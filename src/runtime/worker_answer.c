/* One choice: the engine's events become the job's, through the dialect's parser. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "runtime/worker_int.h"

static void send(struct answer *a, struct job_event *ev)
{
    struct task *t = a->task;

    if (t->err.code || atomic_load(&t->cancel) != TASK_RUNS)
        return; /* nothing comes before the last event any more */
    ev->choice = a->index;
    if (!outbox_event(&t->w->engine_out, t->id, ev)) {
        struct err e;

        (void)err_set(&e, ERR_OOM, "no memory for a part of the answer");
        task_fail(t, JOB_ERR_INTERNAL, &e);
    }
}

/* The whole task fails: its other choices end as soon as they can. */
static void fail(struct answer *a, const struct err *e)
{
    struct task *t = a->task;

    task_fail(t, JOB_ERR_COUNT, e);
    task_stop(t);
}

/* ---- text ---- */

static void send_text(struct answer *a, enum job_event_kind kind, const char *text, size_t len)
{
    struct job_event ev = { .kind = kind, .text = text, .len = len };

    if (a->task->w->format.is_plain && a->task->job.kind == JOB_CHAT && !a->has_begun) {
        while (ev.len && *ev.text == ' ') { /* "Assistant:" is followed by a blank */
            ev.text++;
            ev.len--;
        }
    }
    if (!ev.len)
        return;
    a->has_begun = true;
    send(a, &ev);
}

static void on_piece(void *arg, const struct dialect_event *d)
{
    static const enum job_event_kind kinds[] = {
        [DIALECT_REASONING] = JOB_EV_REASONING,   [DIALECT_CONTENT] = JOB_EV_CONTENT,
        [DIALECT_CALL_BEGIN] = JOB_EV_CALL_BEGIN, [DIALECT_CALL_ARGS] = JOB_EV_CALL_ARGS,
        [DIALECT_CALL_END] = JOB_EV_CALL_END,     [DIALECT_CALL_CUT] = JOB_EV_CALL_CUT,
        [DIALECT_CALL_DROP] = JOB_EV_CALL_DROP,
    };
    struct answer *a = arg;
    struct job_event ev = { .kind = kinds[d->kind],
                            .call = d->index,
                            .name = d->name,
                            .id = d->id,
                            .text = d->text,
                            .len = d->len };

    if (d->kind == DIALECT_REASONING || d->kind == DIALECT_CONTENT) {
        send_text(a, ev.kind, d->text, d->len);
        return;
    }
    a->n_call += d->kind == DIALECT_CALL_END;
    send(a, &ev);
}

static void take_text(struct answer *a, const char *text, size_t len)
{
    struct err e = { 0 };

    if (!len)
        return;
    if (!a->stream)
        send_text(a, JOB_EV_CONTENT, text, len);
    else if (dialect_feed(a->stream, text, len, &e))
        fail(a, &e);
}

/* ---- log probabilities ---- */

struct spelled {
    struct job_prob at[JOB_TOP_MAX + 1];
    size_t begin[JOB_TOP_MAX + 1];
    uint32_t n;
    struct buf text;
};

static void spell(struct spelled *s, const struct tok *tok, int32_t id, float logprob)
{
    size_t begin = s->text.len;

    if (tok)
        (void)tok_piece(tok, id, &s->text, NULL);
    s->begin[s->n] = begin;
    s->at[s->n++] =
        (struct job_prob){ .id = id, .logprob = logprob, .len = (uint32_t)(s->text.len - begin) };
}

static void send_probs(struct answer *a, struct token_prob self, const struct token_prob *top,
                       uint32_t n_top)
{
    const struct tok *tok = engine_tok(a->task->w->g);
    struct job_event out = { .kind = JOB_EV_TOKENS, .n_token = 1 };
    struct job_token token = { .n_top = n_top };
    struct spelled s = { .n = 0 };

    buf_init(&s.text, MEM_REQUEST, WIRE_BODY_MAX / 2);
    spell(&s, tok, self.id, self.logprob);
    for (uint32_t i = 0; i < n_top; i++)
        spell(&s, tok, top[i].id, top[i].logprob);
    for (uint32_t i = 0; i < s.n; i++)
        s.at[i].text = buf_str(&s.text) + s.begin[i];
    token.self = s.at[0];
    token.top = s.at + 1;
    out.tokens = &token;
    send(a, &out);
    buf_finish(&s.text);
}

/* The prompt comes first; with probabilities, its text comes behind all of its tokens'. Nothing
 * stands before the first one: its probability is NAN. */
static void begin_echo(struct answer *a)
{
    const struct task *t = a->task;

    a->owes_prompt = true;
    if (t->job.logprobs)
        send_probs(a, (struct token_prob){ t->ids.at[0], NAN }, NULL, 0);
}

static void end_echo(struct answer *a)
{
    const struct task *t = a->task;

    if (a->owes_prompt)
        send_text(a, JOB_EV_CONTENT, buf_str(&t->prompt), t->prompt.len);
    a->owes_prompt = false;
}

/* ---- the end ---- */

static enum job_finish finish_of(const struct answer *a, enum finish f)
{
    switch (f) {
    case FINISH_STOP:
        return JOB_END_STOP;
    case FINISH_LENGTH:
        return JOB_END_LENGTH;
    case FINISH_CONTEXT:
        return JOB_END_CONTEXT;
    case FINISH_CANCELLED:
        return JOB_END_CANCELLED;
    default:
        return a->n_call ? JOB_END_TOOL_CALLS : JOB_END_EOS;
    }
}

static void add_timing(struct answer *a, const struct engine_timing *t)
{
    struct job_done *d = &a->done;

    d->n_prompt = t->n_prompt;
    d->n_cached = t->n_cached;
    d->queue_s += t->queue_s;
    d->prompt_s = t->prompt_s;
    d->generate_s = t->generate_s;
    d->first_token_s = t->first_token_s;
}

static void end(struct answer *a, const struct engine_event *ev)
{
    struct task *t = a->task;
    struct job_event out = { .kind = JOB_EV_DONE, .done = &a->done };
    struct err e = { 0 };

    a->is_over = true;
    t->n_over++;
    if (a->stream && dialect_end(a->stream, ev->finish != FINISH_EOS, &e))
        fail(a, &e);
    if (ev->finish == FINISH_ERROR)
        fail(a, ev->err);
    a->done.finish = finish_of(a, ev->finish);
    if (ev->finish == FINISH_EOS && ev->token != TOK_NONE)
        a->done.n_generated++; /* the end token had no event */
    if (ev->finish == FINISH_STOP && ev->stop < t->job.n_stop)
        a->done.stop = t->job.stops[ev->stop];
    else if (ev->finish == FINISH_STOP)
        a->done.finish = JOB_END_EOS; /* a stop of ours: the end of a turn in plain words */
    out.is_last = t->n_over == t->n_answer;
    send(a, &out);
    engine_answer_over(a);
}

static void on_token(struct answer *a, const struct engine_event *ev)
{
    bool thinking = a->stream && dialect_is_thinking(a->stream);

    a->done.n_generated++;
    end_echo(a);
    if (a->task->job.logprobs)
        send_probs(a, (struct token_prob){ ev->token, ev->logprob }, ev->top,
                   min_u32(a->task->job.n_top, ev->n_top));
    take_text(a, ev->text, ev->len);
    if (a->stream && (thinking || dialect_is_thinking(a->stream)))
        a->done.n_reasoning++;
}

static void on_done(struct answer *a, const struct engine_event *ev)
{
    end_echo(a);
    take_text(a, ev->text, ev->len);
    add_timing(a, ev->timing);
    atomic_store(&a->task->request[a->index], 0);
    end(a, ev);
}

void answer_event(void *arg, const struct engine_event *ev)
{
    struct answer *a = ev->arg ? ev->arg : arg;
    struct job_event out = { .kind = JOB_EV_PROMPT, .n_done = ev->n_done, .n_total = ev->n_total };

    switch (ev->kind) {
    case EV_PROMPT:
        a->task->was_admitted = true;
        send(a, &out);
        break;
    case EV_SCORE:
        send_probs(a, (struct token_prob){ ev->token, ev->logprob }, ev->top,
                   min_u32(a->task->job.n_top, ev->n_top));
        break;
    case EV_TOKEN:
        on_token(a, ev);
        break;
    case EV_DONE:
        on_done(a, ev);
        break;
    }
}

/* ---- open and close ---- */

enum err_code answer_open(struct answer *a, struct err *e)
{
    struct task *t = a->task;
    const struct job *job = &t->job;
    const struct dialect_params p = { .dialect = &t->w->format.dialect,
                                      .calls = t->tools && job->tool_choice != JOB_TOOLS_NONE,
                                      .reasoning = !job->keep_reasoning,
                                      .tools = t->tools,
                                      .prompt = buf_str(&t->prompt),
                                      .prompt_len = t->prompt.len,
                                      .on_event = on_piece,
                                      .arg = a };

    if (job->kind != JOB_CHAT)
        return ERR_OK;
    return dialect_stream_open(&a->stream, &p, e);
}

void answer_close(struct answer *a)
{
    dialect_stream_close(a->stream);
}

static enum err_code submit(struct answer *a, struct err *e)
{
    struct task *t = a->task;
    const struct job *job = &t->job;
    struct sampling sampling = t->sampling;
    struct engine_request r = { .tokens = t->ids.at,
                                .n_tok = (uint32_t)t->ids.n,
                                .n_predict = job->n_predict,
                                .rolls = job->overflow == JOB_OVERFLOW_ROLLING_WINDOW,
                                .n_keep = t->n_keep,
                                .sampling = &sampling,
                                .stops = t->stops,
                                .n_stop = t->n_stop,
                                .grammar = t->shape ? shape_grammar(t->shape) : t->grammar,
                                .n_top = job->logprobs ? max_u32(job->n_top, 1) : 0,
                                .score_prompt = job->echo,
                                .no_cache = job->no_cache,
                                .tenant = job->tenant,
                                .special = job->kind == JOB_CHAT,
                                .on_event = answer_event,
                                .arg = a };
    uint64_t id = 0;
    enum err_code rc;

    sampling.seed += a->index; /* each choice has its own luck */
    if (job->kind == JOB_CHAT && job->reasoning_budget) {
        const struct dialect *d = &t->w->format.dialect;

        r.thought.dialect = d;
        r.thought.budget = job->reasoning_budget;
        r.thought.is_open = reasoning_is_open(&d->reasoning, buf_str(&t->prompt), t->prompt.len);
    }
    rc = engine_submit(t->w->g, &r, &id, e);
    if (rc)
        return rc;
    atomic_store(&t->request[a->index], id);
    if (atomic_load(&t->cancel) != TASK_RUNS) /* the I/O thread may have looked before */
        engine_cancel(t->w->g, id);
    return ERR_OK;
}

enum err_code answer_submit(struct answer *a, struct err *e)
{
    struct task *t = a->task;
    struct worker *w = t->w;

    if (!t->job.no_cache) {
        uint32_t miss_at = engine_cache_miss(w->g, t->ids.at, (uint32_t)t->ids.n);

        if (t->job.report_miss)
            a->done.miss_at = miss_at;
        if (miss_at != ENGINE_NO_MISS)
            outbox_log(
                &w->engine_out, 4,
                "job %llu: token %u of %zu is the first that differs from the nearest cached "
                "prefix",
                (unsigned long long)t->id, miss_at, t->ids.n);
    }
    if (t->job.echo)
        begin_echo(a);
    if (!t->job.logprobs)
        end_echo(a);
    return submit(a, e);
}
