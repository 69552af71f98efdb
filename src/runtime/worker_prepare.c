/* The preparing thread: jobs become tokens and grammars; those that need no engine end here. */
#include <string.h>

#include "base/check.h"
#include "runtime/worker_int.h"

static enum err_code parse(struct js **out, struct job_str text, const char *what, struct err *e)
{
    struct err why = { 0 };
    enum err_code rc;

    if (!text.s)
        return ERR_OK;
    rc = js_parse(out, text.s, text.len, &why);
    return rc ? err_set(e, rc, "%s: %.400s", what, why.text) : ERR_OK;
}

static enum err_code parse_texts(struct task *t, struct err *e)
{
    const struct job *job = &t->job;
    enum err_code rc;

    t->part = JOB_PART_PROMPT;
    rc = parse(&t->messages, job->messages, "messages", e);
    if (rc)
        return rc;
    t->part = JOB_PART_TOOLS;
    rc = parse(&t->tools, job->tools, "tools", e);
    if (!rc && t->tools && js_kind(t->tools) != JS_ARR)
        rc = err_set(e, ERR_FORMAT, "tools: expected a list, found %s",
                     js_kind_name(js_kind(t->tools)));
    if (rc)
        return rc;
    t->part = JOB_PART_VARIABLES;
    rc = parse(&t->kwargs, job->template_kwargs, "template variables", e);
    if (!rc)
        rc = prompt_check_variables(t->kwargs, e);
    if (rc)
        return rc;
    t->part = JOB_PART_SHAPE;
    return parse(&t->schema, job->schema, "schema", e);
}

/* ---- sampling and stops ---- */

static void override(struct sampling *s, const struct job_sampling *given)
{
    unsigned has = given->given;

    if (has & JOB_HAS_TEMPERATURE)
        s->temperature = (float)given->temperature;
    if (has & JOB_HAS_TOP_K)
        s->top_k = given->top_k > 0 ? given->top_k : 0;
    if (has & JOB_HAS_TOP_P)
        s->top_p = (float)given->top_p;
    if (has & JOB_HAS_MIN_P)
        s->min_p = (float)given->min_p;
    if (has & JOB_HAS_TYPICAL)
        s->typical_p = (float)given->typical;
    if (has & JOB_HAS_REPEAT)
        s->repeat_penalty = (float)given->repeat;
    if (has & JOB_HAS_PRESENCE)
        s->presence_penalty = (float)given->presence;
    if (has & JOB_HAS_FREQUENCY)
        s->frequency_penalty = (float)given->frequency;
    s->has_seed = (has & JOB_HAS_SEED) != 0;
    s->seed = given->seed;
    s->bias = given->bias;
    s->n_bias = given->n_bias;
}

static enum err_code prepare_sampling(struct task *t, struct err *e)
{
    const struct job_sampling *given = &t->job.sampling;
    uint32_t n_vocab = engine_model(t->w->g)->n_vocab;

    t->part = JOB_PART_BIAS;
    for (uint32_t i = 0; i < given->n_bias; i++)
        if (given->bias[i].id < 0 || (uint32_t)given->bias[i].id >= n_vocab)
            return err_set(e, ERR_ARG, "logit_bias: token %d, the vocabulary has %u",
                           given->bias[i].id, n_vocab);
    t->sampling = engine_sampling(t->w->g);
    override(&t->sampling, given);
    return ERR_OK;
}

static enum err_code prepare_stops(struct task *t, struct err *e)
{
    bool is_plain = t->job.kind == JOB_CHAT && t->w->format.is_plain;
    uint32_t n = t->job.n_stop;

    t->part = JOB_PART_STOPS;
    t->stops = arena_new_n(&t->arena, n + 1U, sizeof(*t->stops));
    if (!t->stops)
        return err_set(e, ERR_OOM, "no memory for stop strings");
    for (uint32_t i = 0; i < n; i++) {
        const struct job_str *s = &t->job.stops[i];

        if (memchr(s->s, '\0', s->len))
            return err_set(e, ERR_ARG, "stop string %u contains the character NUL", i);
        t->stops[i] = arena_strndup(&t->arena, s->s, s->len);
        if (!t->stops[i])
            return err_set(e, ERR_OOM, "no memory for stop strings");
    }
    t->n_stop = n;
    /* A base model goes on with the user's part of the dialogue. */
    if (is_plain && n < ENGINE_STOPS_MAX)
        t->stops[t->n_stop++] = "\nUser:";
    return ERR_OK;
}

enum err_code prepare_generation(struct task *t, struct err *e)
{
    enum err_code rc = prepare_sampling(t, e);

    if (!rc)
        rc = prepare_stops(t, e);
    if (!rc)
        rc = prepare_shape(t, e);
    if (rc)
        return rc;
    t->part = JOB_PART_NONE;
    for (uint32_t i = 0; !rc && i < t->n_answer; i++)
        rc = answer_open(&t->answers[i], e);
    return rc;
}

/* ---- kinds ---- */

static void tell_begin(struct task *t)
{
    struct job_event ev = { .kind = JOB_EV_BEGIN, .instance = "" };

    if (t->job.want_prompt) {
        ev.text = buf_str(&t->prompt);
        ev.len = t->prompt.len;
    }
    if (!outbox_event(&t->w->prepare_out, t->id, &ev)) {
        ev.text = NULL; /* for a log only: the job goes on without */
        ev.len = 0;
        (void)outbox_event(&t->w->prepare_out, t->id, &ev);
    }
}

static enum err_code check_kind(struct task *t, struct err *e)
{
    const struct worker *w = t->w;
    enum job_kind kind = t->job.kind;
    bool generates = kind == JOB_CHAT || kind == JOB_TEXT;

    t->part = JOB_PART_MODEL;
    if (!engine_tok(w->g) && kind != JOB_TEXT && kind != JOB_EMBED)
        return err_set(e, ERR_UNSUPPORTED, "the model has no tokenizer: it only works on tokens");
    if (generates && (w->open.embeddings || !engine_model(w->g)->has_logits))
        return err_set(e, ERR_UNSUPPORTED,
                       "the model is loaded for embeddings, it cannot generate text");
    if ((kind == JOB_CHAT || kind == JOB_COUNT) && !w->has_format)
        return err_set(e, ERR_UNSUPPORTED, "the model has no tokenizer, so no conversations");
    if (kind == JOB_EMBED && !w->open.embeddings && engine_model(w->g)->has_logits)
        return err_set(e, ERR_UNSUPPORTED,
                       "the model is loaded for text, it cannot give embeddings");
    if (kind == JOB_RERANK && !engine_model(w->g)->n_label)
        return err_set(e, ERR_UNSUPPORTED, "the model has no classifier, it cannot rank");
    if ((kind == JOB_TEXT || kind == JOB_TOKENIZE || kind == JOB_DETOKENIZE) && t->job.n_input != 1)
        return err_set(e, ERR_ARG, "%u inputs, expected exactly one", t->job.n_input);
    return ERR_OK;
}

static enum err_code tokenize(struct task *t, struct err *e)
{
    const struct job_input *in = &t->job.inputs[0];
    struct job_event ev = { .kind = JOB_EV_IDS };
    enum err_code rc = ERR_OK;

    if (in->text.s)
        rc = tok_encode(engine_tok(t->w->g), in->text.s, in->text.len,
                        (struct tok_params){ .add_special = t->job.add_special,
                                             .parse_special = t->job.parse_special,
                                             .stop = &t->stop },
                        &t->ids, e);
    if (rc)
        return rc;
    if (t->ids.n > WIRE_BODY_MAX / sizeof(int32_t) - 16)
        return err_set(e, ERR_LIMIT, "the text has %zu tokens, too many for one answer", t->ids.n);
    ev.ids = in->text.s ? t->ids.at : in->tokens;
    ev.n_id = in->text.s ? (uint32_t)t->ids.n : in->n_tok;
    if (!outbox_event(&t->w->prepare_out, t->id, &ev))
        return err_set(e, ERR_OOM, "no memory for %u tokens", ev.n_id);
    task_tell_done(t, &t->w->prepare_out, ev.n_id);
    return ERR_OK;
}

static enum err_code detokenize(struct task *t, struct err *e)
{
    const struct job_input *in = &t->job.inputs[0];
    struct job_event ev = { .kind = JOB_EV_TEXT };
    enum err_code rc = tok_decode(engine_tok(t->w->g), in->tokens, in->n_tok, true, &t->prompt, e);

    if (rc)
        return rc;
    ev.text = buf_str(&t->prompt);
    ev.len = t->prompt.len;
    if (!outbox_event(&t->w->prepare_out, t->id, &ev))
        return err_set(e, ERR_OOM, "no memory for a text of %zu bytes", ev.len);
    task_tell_done(t, &t->w->prepare_out, in->n_tok);
    return ERR_OK;
}

static enum err_code count(struct task *t, struct err *e)
{
    enum err_code rc = prepare_chat(t, e);

    if (!rc)
        task_tell_done(t, &t->w->prepare_out, (uint32_t)t->ids.n);
    return rc;
}

/* *to_engine: it goes on there. */
static enum err_code prepare(struct task *t, bool *to_engine, struct err *e)
{
    enum err_code rc = task_read(t, e);

    *to_engine = false;
    if (!rc)
        rc = check_kind(t, e);
    if (!rc)
        rc = parse_texts(t, e);
    if (rc)
        return rc;
    t->part = JOB_PART_PROMPT;
    switch (t->job.kind) {
    case JOB_CHAT:
        rc = prepare_chat(t, e);
        break;
    case JOB_TEXT:
        rc = prepare_text(t, e);
        break;
    case JOB_EMBED:
    case JOB_RERANK:
        *to_engine = true;
        return prepare_inputs(t, e);
    case JOB_TOKENIZE:
        return tokenize(t, e);
    case JOB_DETOKENIZE:
        return detokenize(t, e);
    default:
        return count(t, e);
    }
    *to_engine = true;
    return rc ? rc : prepare_generation(t, e);
}

static void prepare_task(struct task *t)
{
    struct worker *w = t->w;
    bool begun = false, to_engine = false;
    struct err e = { 0 };

    if (atomic_load(&t->cancel) == TASK_RUNS && !t->err.code) {
        begun = true;
        if (prepare(t, &to_engine, &e))
            task_fail(t, JOB_ERR_COUNT, &e);
    }
    if (!begun || t->err.code || (to_engine && atomic_load(&t->cancel) != TASK_RUNS)) {
        (void)task_tell_failure(t, &w->prepare_out);
    } else if (to_engine) {
        tell_begin(t);
        outbox_post(&w->prepare_out);
        CHECK(mailbox_post(&w->to_engine, &t->note.msg));
        return;
    }
    task_over(t, &w->prepare_out);
}

/* ---- whose turn it is ----
 *
 * One tenant's heavy schemas hold up no other tenant's requests for longer than one of them takes.
 * A task that comes gets the turn behind the last one of its tenant that waits, and no earlier one
 * than is being served; within a turn they are served as they came. */
struct waiting {
    struct task *first, *last; /* in order of arrival */
    uint64_t turn, tenant;     /* that are served */
};

static void wait_add(struct waiting *q, struct task *t)
{
    t->turn = q->turn + (t->tenant == q->tenant);
    t->next_waiting = NULL;
    for (const struct task *other = q->first; other; other = other->next_waiting) {
        if (other->tenant == t->tenant && other->turn >= t->turn)
            t->turn = other->turn + 1;
    }
    if (q->last)
        q->last->next_waiting = t;
    else
        q->first = t;
    q->last = t;
}

/* What was cancelled costs nothing and goes first. NULL: nobody waits. */
static struct task *wait_take(struct waiting *q)
{
    struct task *best = NULL, *before_best = NULL, *before = NULL;

    for (struct task *t = q->first; t; before = t, t = t->next_waiting) {
        const bool is_over = task_is_cancelled(t);

        if (!best || t->turn < best->turn || is_over) {
            best = t;
            before_best = before;
        }
        if (is_over)
            break;
    }
    if (!best)
        return NULL;
    if (before_best)
        before_best->next_waiting = best->next_waiting;
    else
        q->first = best->next_waiting;
    if (q->last == best)
        q->last = before_best;
    if (!task_is_cancelled(best)) {
        q->turn = best->turn;
        q->tenant = best->tenant;
    }
    return best;
}

void prepare_main(void *arg)
{
    struct worker *w = arg;
    struct waiting q = { 0 };

    for (;;) {
        struct msg *next,
            *m = q.first ? mailbox_take(&w->to_prepare) : mailbox_wait(&w->to_prepare, UINT32_MAX);
        struct task *t;

        for (; m; m = next) {
            struct note *note = (struct note *)m;

            next = m->next;
            if (note->kind == NOTE_STOP)
                return; /* tasks that are left are the I/O thread's */
            wait_add(&q, (struct task *)m);
        }
        t = wait_take(&q);
        if (t)
            prepare_task(t);
    }
}
