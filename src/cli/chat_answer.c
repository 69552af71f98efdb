/* One answer: generated, streamed, remembered. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/utf8.h"
#include "cli/chat.h"
#include "cli/progress.h"
#include "os/file.h"
#include "os/sys.h"

#define DIM   "\033[2m"
#define PLAIN "\033[0m"

struct answering {
    struct chat *chat;
    uint64_t request;
    struct dialect_stream *parser; /* NULL: all is the answer */
    struct shape *shape;           /* NULL: free */
    bool in_thought;               /* the prompt ends within one */
    struct buf shown;              /* work space */
    struct progress bar;
    struct err err; /* of output or request */
    bool begun, thinking, is_done;
};

void chat_safe_text(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(text + i, len - i, &cp);

        if (!n || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0))
            (void)buf_adds(out, "\xEF\xBF\xBD");
        else
            (void)buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

/* Writing fails when the reader has gone: then there is nobody left to answer. */
static void show(struct answering *a, const char *text, size_t len)
{
    struct chat *c = a->chat;

    if (c->o->json || a->err.code)
        return;
    progress_end(&a->bar);
    if (!a->begun && c->format.is_plain) {
        while (len && *text == ' ') { /* "Assistant:" is followed by a blank */
            text++;
            len--;
        }
    }
    a->begun = a->begun || len;
    buf_clear(&a->shown);
    if (c->to_terminal)
        chat_safe_text(text, len, &a->shown);
    else
        (void)buf_add(&a->shown, text, len);
    if (stdout_write(buf_str(&a->shown), a->shown.len, &a->err))
        engine_cancel(c->g, a->request);
}

/* Thoughts are shown dimmed and are no part of the answer that is remembered; without colours,
 * where they could not be told from it, they are left out. */
static void on_piece(void *arg, const struct dialect_event *ev)
{
    struct answering *a = arg;
    struct chat *c = a->chat;
    bool thinks = ev->kind == DIALECT_REASONING;

    if (!thinks && ev->kind != DIALECT_CONTENT) {
        chat_on_call(c, ev);
        return;
    }
    if (!ev->len || (thinks && !c->color))
        return;
    if (thinks != a->thinking && !c->o->json && !a->err.code)
        if (stdout_write(thinks ? DIM : PLAIN "\n\n", strlen(thinks ? DIM : PLAIN "\n\n"), &a->err))
            engine_cancel(c->g, a->request);
    a->thinking = thinks;
    if (!thinks)
        (void)buf_add(&c->answer, ev->text, ev->len);
    show(a, ev->text, ev->len);
}

/* A piece of the model's text, or its end. */
static void take_text(struct answering *a, const struct engine_event *ev)
{
    struct chat *c = a->chat;
    struct err e = { 0 };

    if (!a->parser) {
        (void)buf_add(&c->answer, ev->text, ev->len);
        show(a, ev->text, ev->len);
    } else if (dialect_feed(a->parser, ev->text, ev->len, &e) && !a->err.code) {
        a->err = e;
    }
}

static void end_text(struct answering *a, enum finish finish)
{
    struct err e = { 0 };

    if (a->parser && dialect_end(a->parser, finish != FINISH_EOS, &e) && !a->err.code)
        a->err = e;
    if (a->thinking && !a->chat->o->json)
        (void)stdout_write(PLAIN, strlen(PLAIN), NULL);
    a->thinking = false;
}

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answering *a = ev->arg ? ev->arg : arg;
    struct chat *c = a->chat;

    if (ev->kind == EV_PROMPT)
        progress_show(&a->bar, ev->n_total ? (float)ev->n_done / (float)ev->n_total : 1.0F);
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
    struct buf prompt;
    enum err_code rc;

    buf_init(&prompt, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    rc = chat_render(c, &prompt, e);
    p.prompt = buf_str(&prompt);
    p.prompt_len = prompt.len;
    a->in_thought = reasoning_is_open(&c->format.dialect.reasoning, p.prompt, p.prompt_len);
    if (!rc && needs_parser(c))
        rc = dialect_stream_open(&a->parser, &p, e);
    if (!rc)
        rc = chat_shape(c, &prompt, &a->shape, e);
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

enum err_code chat_answer(struct chat *c, struct err *e)
{
    struct answering a = { .chat = c };
    enum err_code rc;

    buf_clear(&c->answer);
    c->n_call = 0;
    c->has_timing = false;
    buf_init(&a.shown, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    progress_begin(&a.bar, "Reading", "the prompt", c->o->json || !c->to_terminal);
    interrupt_watch(true);
    rc = open_parser(&a, e);
    if (!rc)
        rc = submit(&a, e);
    if (!rc)
        rc = run(&a, e);
    interrupt_watch(false);
    (void)interrupt_seen(true);
    progress_end(&a.bar);
    if (!rc && a.err.code) {
        rc = a.err.code;
        if (e)
            *e = a.err;
    }
    if (!rc)
        rc = buf_check(&c->answer, "the answer", e);
    if (!rc)
        rc = chat_add(c, "assistant", buf_str(&c->answer), c->answer.len, e);
    if (!rc && c->n_call)
        rc = keep_calls(c, e);
    dialect_stream_close(a.parser);
    shape_close(a.shape);
    buf_finish(&a.shown);
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
