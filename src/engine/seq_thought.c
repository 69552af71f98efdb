/* Thoughts within an answer: which tokens belong to them, and their end when a budget is spent. */
#include "engine/seq_int.h"

#include <string.h>

static void on_event(void *arg, const struct dialect_event *ev)
{
    (void)arg;
    (void)ev;
}

enum err_code seq_thought_open(struct seq *q, const struct sched_params *p,
                               const struct engine_thought *t, struct err *e)
{
    const struct reasoning_row *row = t->dialect ? t->dialect->reasoning.row : NULL;
    struct dialect_params d = {
        .dialect = t->dialect, .reasoning = true, .on_event = on_event, .arg = q
    };

    if (!row || !p->tok)
        return ERR_OK;
    if (t->is_open) {
        d.prompt = row->open;
        d.prompt_len = strlen(row->open);
    }
    q->thought.row = row;
    q->thought.budget.n_max = t->budget;
    ids_init(&q->thought.forced);
    return dialect_stream_open(&q->thought.stream, &d, e);
}

void seq_thought_close(struct seq *q)
{
    dialect_stream_close(q->thought.stream);
    if (q->thought.row)
        ids_finish(&q->thought.forced);
    q->thought = (struct seq_thought){ 0 };
}

int32_t seq_thought_forced(struct seq *q)
{
    struct seq_thought *t = &q->thought;

    return t->i_forced < t->forced.n ? t->forced.at[t->i_forced++] : TOK_NONE;
}

void seq_thought_unforce(struct seq *q)
{
    q->thought.i_forced = q->thought.forced.n;
}

enum err_code seq_thought_accept(struct seq *q, const struct sched_params *p, int32_t token,
                                 struct err *e)
{
    struct seq_thought *t = &q->thought;
    struct tok_params enc = { .parse_special = true };
    enum err_code rc;
    bool before, after;

    if (!t->stream)
        return ERR_OK;
    before = dialect_is_thinking(t->stream);
    buf_clear(&q->text);
    rc = tok_piece(p->tok, token, &q->text, e);
    if (!rc)
        rc = dialect_feed(t->stream, buf_str(&q->text), q->text.len, e);
    if (rc)
        return rc;
    after = dialect_is_thinking(t->stream);
    q->timing.n_thought += before || after;
    if (!reasoning_budget_spent(&t->budget, after))
        return ERR_OK;
    t->i_forced = t->forced.n = 0;
    return tok_encode(p->tok, t->row->end_text, strlen(t->row->end_text), enc, &t->forced, e);
}
