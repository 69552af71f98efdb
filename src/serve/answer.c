/* An answer as it grows: events of a job become items of choices. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "serve/answer_int.h"
#include "serve/write_int.h"

bool answer_init(struct answer *a, struct arena *arena, uint32_t n_choice)
{
    memset(a, 0, sizeof(*a));
    a->arena = arena;
    a->choices = arena_new_n(arena, n_choice, sizeof(*a->choices));
    if (!a->choices)
        return false;
    a->n_choice = n_choice;
    for (uint32_t i = 0; i < n_choice; i++) {
        a->choices[i].index = i;
        buf_init(&a->choices[i].probs, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
        buf_init(&a->choices[i].prob_text, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    }
    return true;
}

void answer_finish(struct answer *a)
{
    for (uint32_t i = 0; i < a->n_choice; i++) {
        struct answer_choice *c = &a->choices[i];

        for (struct answer_item *it = c->first; it; it = it->next)
            buf_finish(&it->text);
        buf_finish(&c->probs);
        buf_finish(&c->prob_text);
    }
    memset(a, 0, sizeof(*a));
}

static void tell(struct answer *a, struct answer_choice *c, struct answer_item *it,
                 enum item_step step, const char *text, size_t len)
{
    if (a->listener.item)
        a->listener.item(a->listener.arg, c, it, step, text, len);
}

/* A worker may have been taken over: what it sends fills no memory without end. */
static void add_bytes(struct answer *a, struct buf *to, const void *data, size_t len)
{
    a->n_byte += len;
    if (a->n_byte > ANSWER_BYTES_MAX || !buf_add(to, data, len))
        a->failed = true;
}

/* Tells what is whole of the text that was not told yet, or all of it. */
static void tell_text(struct answer *a, struct answer_choice *c, struct answer_item *it, bool all)
{
    size_t n = it->text.len - it->_n_told;
    const char *s = it->text.data + it->_n_told;

    if (n && !all)
        n = utf8_whole_bytes(s, n);
    if (!n)
        return;
    it->_n_told += n;
    tell(a, c, it, ITEM_DELTA, s, n);
}

static void item_end(struct answer *a, struct answer_choice *c, struct answer_item *it)
{
    if (!it || !it->is_open)
        return;
    tell_text(a, c, it, true);
    it->is_open = false;
    tell(a, c, it, ITEM_END, "", 0);
}

static struct answer_item *item_begin(struct answer *a, struct answer_choice *c,
                                      enum item_kind kind, const struct job_event *ev)
{
    struct answer_item *it;

    item_end(a, c, c->last);
    it = c->n_item < ANSWER_ITEMS_MAX ? arena_new(a->arena, sizeof(*it)) : NULL;
    if (!it) {
        a->failed = true;
        return NULL;
    }
    buf_init(&it->text, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    it->kind = kind;
    it->index = c->n_item++;
    it->is_open = true;
    if (kind == ITEM_CALL) {
        it->i_call = c->n_call++;
        it->_call = ev->call;
        if (ev->id)
            (void)snprintf(it->id, sizeof(it->id), "%s", ev->id);
        it->name =
            arena_strndup(a->arena, ev->name ? ev->name : "", ev->name ? strlen(ev->name) : 0);
        if (!it->name) {
            a->failed = true;
            it->name = "";
        }
    }
    if (c->last)
        c->last->next = it;
    else
        c->first = it;
    c->last = it;
    tell(a, c, it, ITEM_BEGIN, "", 0);
    return it;
}

static void add_text(struct answer *a, struct answer_choice *c, enum item_kind kind,
                     const struct job_event *ev)
{
    struct answer_item *it = c->last;

    if (!ev->len)
        return;
    if (!it || !it->is_open || it->kind != kind)
        it = item_begin(a, c, kind, ev);
    if (!it)
        return;
    add_bytes(a, &it->text, ev->text, ev->len);
    tell_text(a, c, it, false);
}

static void add_args(struct answer *a, struct answer_choice *c, const struct job_event *ev)
{
    struct answer_item *it = c->last;

    if (!it || !it->is_open || it->kind != ITEM_CALL || it->_call != ev->call || !ev->len)
        return;
    add_bytes(a, &it->text, ev->text, ev->len);
    tell_text(a, c, it, false);
}

static void end_call(struct answer *a, struct answer_choice *c, const struct job_event *ev)
{
    struct answer_item *it = c->last;

    if (!it || it->kind != ITEM_CALL || it->_call != ev->call)
        return;
    it->is_cut = ev->kind == JOB_EV_CALL_CUT;
    it->is_dropped = ev->kind == JOB_EV_CALL_DROP;
    item_end(a, c, it);
}

static void add_prob(struct answer *a, struct answer_choice *c, const struct job_prob *p,
                     uint32_t n_top)
{
    struct answer_prob entry = { p->id, p->logprob, (uint32_t)c->prob_text.len, p->len, n_top };

    add_bytes(a, &c->prob_text, p->text, p->len);
    add_bytes(a, &c->probs, &entry, sizeof(entry));
}

static void add_tokens(struct answer *a, struct answer_choice *c, const struct job_event *ev)
{
    for (uint32_t i = 0; i < ev->n_token; i++) {
        const struct job_token *t = &ev->tokens[i];

        add_prob(a, c, &t->self, t->n_top);
        for (uint32_t k = 0; k < t->n_top; k++)
            add_prob(a, c, &t->top[k], 0);
    }
}

/* Tokens come before the text that they became: only then is it known whether they were thoughts,
 * whose probabilities are nobody's business. */
static void settle_probs(struct answer_choice *c, bool keep)
{
    if (!keep)
        c->probs.len = c->_n_prob_sure;
    c->_n_prob_sure = c->probs.len;
}

static void end_choice(struct answer *a, struct answer_choice *c, const struct job_event *ev)
{
    const struct job_done *d = ev->done;
    bool has_call = false;

    if (c->last && c->last->is_open)
        c->last->is_cut = d->finish == JOB_END_LENGTH || d->finish == JOB_END_CONTEXT;
    item_end(a, c, c->last);
    for (struct answer_item *it = c->first; it; it = it->next)
        has_call = has_call || (it->kind == ITEM_CALL && !it->is_dropped && !it->is_cut);
    c->done = *d;
    c->stop = arena_strndup(a->arena, d->stop.s ? d->stop.s : "", d->stop.s ? d->stop.len : 0);
    c->done.stop = (struct job_str){ NULL, 0 };
    if (!c->stop) {
        a->failed = true;
        return;
    }
    c->done.stop = (struct job_str){ c->stop, strlen(c->stop) };
    if (has_call && (d->finish == JOB_END_EOS || d->finish == JOB_END_STOP))
        c->done.finish = JOB_END_TOOL_CALLS;
    else if (!has_call && d->finish == JOB_END_TOOL_CALLS)
        c->done.finish = JOB_END_EOS;
    settle_probs(c, true);
    c->is_done = true;
}

void answer_feed(struct answer *a, struct answer_choice *c, const struct job_event *ev)
{
    if (a->failed || c->is_done)
        return;
    switch (ev->kind) {
    case JOB_EV_TOKENS:
        add_tokens(a, c, ev);
        break;
    case JOB_EV_REASONING:
        settle_probs(c, false);
        add_text(a, c, ITEM_REASONING, ev);
        break;
    case JOB_EV_CONTENT:
        settle_probs(c, true);
        add_text(a, c, ITEM_TEXT, ev);
        break;
    case JOB_EV_CALL_BEGIN:
        settle_probs(c, true);
        (void)item_begin(a, c, ITEM_CALL, ev);
        break;
    case JOB_EV_CALL_ARGS:
        settle_probs(c, true);
        add_args(a, c, ev);
        break;
    case JOB_EV_CALL_END:
    case JOB_EV_CALL_CUT:
    case JOB_EV_CALL_DROP:
        end_call(a, c, ev);
        break;
    case JOB_EV_DONE:
        end_choice(a, c, ev);
        break;
    default:
        break;
    }
}

void answer_break(struct answer *a)
{
    for (uint32_t i = 0; i < a->n_choice; i++) {
        struct answer_choice *c = &a->choices[i];

        if (c->last && c->last->is_open)
            c->last->is_cut = true;
        item_end(a, c, c->last);
    }
}

bool answer_has(const struct answer_choice *c, enum item_kind kind)
{
    for (const struct answer_item *it = c->first; it; it = it->next) {
        if (it->kind == kind && !it->is_dropped)
            return true;
    }
    return false;
}

void answer_join(const struct answer_choice *c, enum item_kind kind, struct buf *out)
{
    for (const struct answer_item *it = c->first; it; it = it->next) {
        if (it->kind == kind)
            (void)buf_add(out, it->text.data, it->text.len);
    }
}

bool answer_id_is_taken(const struct answer_choice *c, const struct answer_item *it)
{
    for (const struct answer_item *other = c->first; other && other != it; other = other->next) {
        if (strcmp(other->id, it->id) == 0)
            return true;
    }
    return false;
}

void answer_usage(const struct answer *a, uint32_t n_per_prompt, struct answer_usage *out)
{
    memset(out, 0, sizeof(*out));
    out->miss_at = JOB_MISS_NONE;
    for (uint32_t i = 0; i < a->n_choice; i++) {
        const struct job_done *d = &a->choices[i].done;

        out->n_generated += d->n_generated;
        out->n_reasoning += d->n_reasoning;
        if (d->generate_s > out->generate_s)
            out->generate_s = d->generate_s; /* choices grow side by side */
        if (i % n_per_prompt != 0)
            continue;
        out->n_prompt += d->n_prompt;
        out->n_cached += d->n_cached;
        if (i == 0) {
            out->miss_at = d->miss_at;
            out->first_token_s = d->first_token_s > d->queue_s ? d->first_token_s - d->queue_s : 0;
        }
    }
    if (out->generate_s > 0)
        out->tokens_per_s = (double)out->n_generated / out->generate_s;
}

size_t answer_n_prob(const struct answer_choice *c)
{
    return c->_n_prob_sure / sizeof(struct answer_prob);
}

const struct answer_prob *answer_prob(const struct answer_choice *c, size_t i)
{
    return (const struct answer_prob *)(const void *)c->probs.data + i;
}

static void write_prob(struct jsonw *w, const struct answer_choice *c, const struct answer_prob *p)
{
    const char *s = c->prob_text.data + p->text_at;

    jsonw_key(w, "token");
    jsonw_strn(w, s, p->len);
    jsonw_key(w, "logprob");
    jsonw_float(w, p->logprob);
    jsonw_key(w, "bytes");
    jsonw_arr(w);
    for (uint32_t i = 0; i < p->len; i++)
        jsonw_uint(w, (unsigned char)s[i]);
    jsonw_arr_end(w);
}

void answer_write_probs(struct jsonw *w, const struct answer_choice *c, size_t from, size_t n)
{
    jsonw_arr(w);
    for (size_t i = from; i < n; i++) {
        const struct answer_prob *p = answer_prob(c, i);

        jsonw_obj(w);
        write_prob(w, c, p);
        jsonw_key(w, "top_logprobs");
        jsonw_arr(w);
        for (uint32_t k = p->n_top; k > 0 && i + 1 < n; k--) {
            jsonw_obj(w);
            write_prob(w, c, answer_prob(c, ++i));
            jsonw_obj_end(w);
        }
        jsonw_arr_end(w);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}
