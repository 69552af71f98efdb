/* One answer: generated, streamed, remembered. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/chat.h"
#include "cli/chat_place.h"
#include "os/sys.h"

#define DIM   "\033[2m"
#define PLAIN "\033[0m"

struct answering {
    struct chat *chat;
    struct chat_out *out;
    uint64_t request;
    struct dialect_stream *parser; /* NULL: all is the answer */
    struct shape *shape;           /* NULL: free */
    bool in_thought;               /* the prompt ends within one */
    struct err err;
    bool is_done;
};

/* Writing fails when the reader has gone: then there is nobody left to answer. */
static void show(struct answering *a, const char *text, size_t len, bool is_thought)
{
    if (a->out->err.code)
        return;
    chat_out_text(a->out, text, len, is_thought);
    if (a->out->err.code)
        engine_cancel(a->chat->g, a->request);
}

static void on_piece(void *arg, const struct dialect_event *ev)
{
    struct answering *a = arg;

    if (ev->kind == DIALECT_REASONING || ev->kind == DIALECT_CONTENT)
        show(a, ev->text, ev->len, ev->kind == DIALECT_REASONING);
    else
        chat_on_call(a->chat, ev);
}

/* A piece of the model's text, or its end. */
static void take_text(struct answering *a, const struct engine_event *ev)
{
    struct err e = { 0 };

    if (!a->parser)
        show(a, ev->text, ev->len, false);
    else if (dialect_feed(a->parser, ev->text, ev->len, &e) && !a->err.code)
        a->err = e;
}

static void end_text(struct answering *a, enum finish finish)
{
    struct err e = { 0 };

    if (a->parser && dialect_end(a->parser, finish != FINISH_EOS, &e) && !a->err.code)
        a->err = e;
    chat_out_end(a->out);
}

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answering *a = ev->arg ? ev->arg : arg;
    struct chat *c = a->chat;

    if (ev->kind == EV_PROMPT)
        progress_show(&a->out->bar, ev->n_total ? (float)ev->n_done / (float)ev->n_total : 1.0F);
    if (ev->text && ev->len)
        take_text(a, ev);
    if (ev->kind != EV_DONE)
        return;
    end_text(a, ev->finish);
    a->is_done = true;
    c->finish = ev->finish;
    c->has_timing = ev->timing != NULL;
    if (ev->timing)
        c->timing = *ev->timing;
    if (ev->finish == FINISH_ERROR && ev->err && !a->err.code)
        a->err = *ev->err;
}

static enum err_code run(struct answering *a, struct err *e)
{
    bool busy = true, cancelled = false;

    while (busy && !a->is_done) {
        enum err_code rc = engine_step(a->chat->g, &busy, e);

        if (rc)
            return rc;
        if (!cancelled && interrupt_seen(false)) {
            engine_cancel(a->chat->g, a->request);
            cancelled = true;
        }
    }
    return ERR_OK;
}

/* Models that think aloud, call tools or write headers need a parser; the end of the prompt may
 * have opened a thought or a call. */
static bool needs_parser(const struct chat *c)
{
    return c->format.dialect.reasoning.row || chat_offers_tools(c) ||
           c->format.dialect.row->kind == DIALECT_HARMONY ||
           (c->format.dialect.row->flags & DIALECT_ALL_TEXT);
}

static enum err_code open_parser(struct answering *a, struct err *e)
{
    struct chat *c = a->chat;
    struct dialect_params p = { .dialect = &c->format.dialect,
                                .calls = chat_offers_tools(c),
                                .reasoning = true,
                                .tools = c->tools,
                                .on_event = on_piece,
                                .arg = a };
    struct prompt_bars bars = { 0 };
    struct buf prompt;
    enum err_code rc;

    buf_init(&prompt, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    rc = chat_render(c, &prompt, &bars, e);
    p.prompt = buf_str(&prompt);
    p.prompt_len = prompt.len;
    a->in_thought = reasoning_is_open(&c->format.dialect.reasoning, p.prompt, p.prompt_len);
    if (!rc && needs_parser(c))
        rc = dialect_stream_open(&a->parser, &p, e);
    if (!rc)
        rc = chat_shape(c, &prompt, &a->shape, e);
    prompt_bars_finish(&bars);
    buf_finish(&prompt);
    return rc;
}

static enum err_code submit(struct answering *a, struct err *e)
{
    struct chat *c = a->chat;
    const char *stops[OPT_LIST_MAX + 1];
    struct engine_request r = { .n_predict = c->o->n_predict,
                                .sampling = &c->sampling,
                                .grammar = a->shape ? shape_grammar(a->shape) : NULL,
                                .thought = { .dialect = &c->format.dialect,
                                             .is_open = a->in_thought,
                                             .budget = c->o->reasoning_budget },
                                .stops = stops,
                                .on_event = on_event,
                                .arg = a };
    struct ids ids;
    enum err_code rc;

    for (; r.n_stop < c->o->stops.n; r.n_stop++)
        stops[r.n_stop] = c->o->stops.at[r.n_stop];
    if (c->format.is_plain)
        stops[r.n_stop++] = "\nUser:";
    r.special = a->parser != NULL; /* marks of thoughts are control tokens in most families */
    ids_init(&ids);
    rc = chat_tokens(c, &ids, e);
    r.tokens = ids.at;
    r.n_tok = (uint32_t)ids.n;
    if (!rc)
        rc = engine_submit(c->g, &r, &a->request, e);
    ids_finish(&ids);
    return rc;
}

/* The message just added remembers what it called. */
static enum err_code keep_calls(struct chat *c, struct err *e)
{
    struct message *m = &c->messages[c->n_message - 1];
    struct buf text;
    struct jsonw w;

    buf_init(&text, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    jsonw_init(&w, &text);
    chat_write_calls(c, &w);
    m->calls = text.failed ? NULL : mem_strndup(MEM_REQUEST, buf_str(&text), text.len);
    buf_finish(&text);
    return m->calls ? ERR_OK : err_set(e, ERR_OOM, "no memory for the calls of an answer");
}

/* By the engine of this process. */
static enum err_code answer_here(struct chat *c, struct chat_out *out, struct err *e)
{
    struct answering a = { .chat = c, .out = out };
    enum err_code rc;

    interrupt_watch(true);
    rc = open_parser(&a, e);
    if (!rc)
        rc = submit(&a, e);
    if (!rc)
        rc = run(&a, e);
    interrupt_watch(false);
    (void)interrupt_seen(true);
    if (!rc && a.err.code) {
        rc = a.err.code;
        if (e)
            *e = a.err;
    }
    dialect_stream_close(a.parser);
    shape_close(a.shape);
    return rc;
}

enum err_code chat_answer(struct chat *c, struct err *e)
{
    struct chat_out out;
    enum err_code rc;

    buf_clear(&c->answer);
    c->n_call = 0;
    c->has_timing = false;
    chat_out_begin(&out, c);
    if (c->server)
        rc = chat_server_answer(c, &out, e);
    else
        rc = answer_here(c, &out, e);
    chat_out_end(&out);
    if (!rc && out.err.code) {
        rc = out.err.code;
        if (e)
            *e = out.err;
    }
    chat_out_finish(&out);
    if (!rc)
        rc = buf_check(&c->answer, "the answer", e);
    if (!rc)
        rc = chat_add(c, "assistant", buf_str(&c->answer), c->answer.len, e);
    if (!rc && c->n_call)
        rc = keep_calls(c, e);
    return rc;
}

void chat_print_stats(const struct chat *c, FILE *to)
{
    const struct engine_timing *t = &c->timing;
    double seconds = t->generate_s;

    if (!c->has_timing)
        return;
    (void)fprintf(to, "%s", c->color ? DIM : "");
    (void)fprintf(to, "stop reason        %s\n", finish_name(c->finish));
    (void)fprintf(to, "tokens/second      %.2f\n",
                  seconds > 0.0 && t->n_generated > 1 ? (double)(t->n_generated - 1) / seconds
                                                      : 0.0);
    (void)fprintf(to, "first token        %.3f s\n", t->first_token_s);
    (void)fprintf(to, "prompt tokens      %u (%u from the cache)\n", t->n_prompt, t->n_cached);
    (void)fprintf(to, "predicted tokens   %u\n", t->n_generated);
    if (t->n_thought)
        (void)fprintf(to, "of thoughts        %u\n", t->n_thought);
    (void)fprintf(to, "total tokens       %u\n", t->n_prompt + t->n_generated);
    if (t->grammar_s > 0.0 && seconds > 0.0)
        (void)fprintf(to, "grammar            %.1f %% of the answer's time, %.0f us a token\n",
                      100.0 * t->grammar_s / seconds, 1e6 * t->grammar_s / t->n_generated);
    (void)fprintf(to, "%s", c->color ? PLAIN : "");
}
