/* Prompts of jobs: rendered, tokenised, and cut to the context as the job allows. */
#include <string.h>

#include "base/num.h"
#include "os/sys.h"
#include "runtime/worker_int.h"

#define KEEP_BYTES_MIN 64U
/* Bytes that a token hardly ever exceeds in sum: where the search for a cut begins. */
#define TOKEN_BYTES 16U

static struct prompt_params params_of(const struct task *t)
{
    const struct job *job = &t->job;
    struct prompt_params p = { .messages = t->messages,
                               .tools = job->tool_choice == JOB_TOOLS_NONE ? NULL : t->tools,
                               .kwargs = t->kwargs,
                               .reasoning = { .mode = job->reasoning,
                                              .effort = job->effort.s,
                                              .budget = job->reasoning_budget },
                               .continue_last = job->continue_last,
                               .volatile_lines = t->w->open.volatile_lines,
                               .stop = &t->stop,
                               .unix_s = clock_unix_s() };

    p.zone_s = clock_zone_s(p.unix_s);
    return p;
}

#define TOLD_TOK 32768U /* so far beyond the context a prompt is told with its number of tokens */

size_t prompt_worth(const struct task *t)
{
    return (size_t)engine_n_ctx(t->w->g) + TOLD_TOK;
}

static enum err_code render(struct task *t, const struct prompt_params *p, struct err *e)
{
    enum err_code rc;

    buf_clear(&t->prompt);
    t->ids.n = 0;
    if (atomic_load(&t->cancel) != TASK_RUNS) /* cutting renders many times */
        return err_set(e, ERR_CANCELLED, "the job was cancelled");
    rc = prompt_render(&t->w->format, p, &t->prompt, &t->bars, e);
    if (!rc)
        rc = prompt_tokens(&t->w->format, buf_str(&t->prompt), t->prompt.len, &t->bars,
                           t->job.kind == JOB_CHAT ? prompt_worth(t) : 0, &t->stop, &t->ids, e);
    if (!rc && t->ids.n == 0)
        rc = err_set(e, ERR_ARG, "the prompt is empty");
    return rc;
}

/* ---- what does not fit ---- */

static enum err_code too_long(struct task *t, size_t n_tok, struct err *e)
{
    (void)err_set(
        e, ERR_LIMIT,
        "the prompt has %s%zu tokens, the context holds %u with at least one of the answer: "
        "send less, or load the model with a longer context",
        n_tok > prompt_worth(t) ? "more than " : "", min_size(n_tok, prompt_worth(t)),
        engine_n_ctx(t->w->g));
    task_fail(t, JOB_ERR_CONTEXT, e);
    return ERR_LIMIT;
}

/* Tokens that a prompt may have when it is cut anyway: some are left for the answer. */
static uint32_t room(const struct task *t)
{
    uint32_t n_ctx = engine_n_ctx(t->w->g), n_answer = t->job.n_predict;

    if (!n_answer || n_answer > n_ctx / 2)
        n_answer = max_u32(n_ctx / 4, 1);
    return max_u32(n_ctx - n_answer, 2) - 1;
}

static bool is_role(const struct js *message, const char *role)
{
    const char *r = js_str(js_get(message, "role"), NULL);

    return r && strcmp(r, role) == 0;
}

static uint32_t n_leading_system(const struct js *messages)
{
    uint32_t n = 0;

    while (n < js_len(messages) && is_role(js_at(messages, n), "system"))
        n++;
    return n;
}

/* Where turns begin behind the system's messages: at the user's. list NULL: counts only. */
static uint32_t turn_starts(const struct js *messages, uint32_t *list)
{
    uint32_t n = 0;

    for (uint32_t i = n_leading_system(messages); i < js_len(messages); i++) {
        if (!is_role(js_at(messages, i), "user"))
            continue;
        if (list)
            list[n] = i;
        n++;
    }
    return n;
}

/* Drops as few of the oldest turns as will do; *fits tells whether the newest alone does. */
static enum err_code drop_turns(struct task *t, struct prompt_params *p, bool *fits, struct err *e)
{
    uint32_t n = turn_starts(t->messages, NULL), low = 1, high = n;
    uint32_t *starts = arena_new_n(&t->arena, max_u32(n, 1), sizeof(*starts));
    enum err_code rc = ERR_OK;

    *fits = false;
    if (!starts)
        return err_set(e, ERR_OOM, "no memory for %u turns", n);
    if (n < 2)
        return ERR_OK;
    (void)turn_starts(t->messages, starts);
    p->cut.from = n_leading_system(t->messages);
    /* starts[high] on fits, or high is n: nothing is known to fit. */
    while (!rc && low < high) {
        uint32_t middle = low + (high - low) / 2;

        p->cut.n = starts[middle] - p->cut.from;
        rc = render(t, p, e);
        if (t->ids.n <= room(t))
            high = middle;
        else
            low = middle + 1;
    }
    *fits = high < n;
    p->cut.n = starts[min_u32(high, n - 1)] - p->cut.from;
    return rc ? rc : render(t, p, e);
}

/* Of what is left, the message with the longest text. */
static uint32_t longest(const struct js *messages, const struct prompt_cut *cut, size_t *len)
{
    uint32_t best = 0;

    *len = 0;
    for (uint32_t i = 0; i < js_len(messages); i++) {
        const struct js *content = js_get(js_at(messages, i), "content");
        size_t n = 0, part;

        if (i >= cut->from && i - cut->from < cut->n)
            continue;
        (void)js_str(content, &n);
        if (js_kind(content) != JS_STR)
            n = 0;
        for (size_t k = 0; js_kind(content) == JS_ARR && k < js_len(content); k++)
            n += js_str(js_get(js_at(content, k), "text"), &part) ? part : 0;
        if (n > *len) {
            *len = n;
            best = i;
        }
    }
    return best;
}

/* Cuts the middle out of the longest text, as little as will do. */
static enum err_code drop_middle(struct task *t, struct prompt_params *p, struct err *e)
{
    size_t low = 0, high, n_before = t->ids.n;
    enum err_code rc = ERR_OK;

    p->cut.text = longest(t->messages, &p->cut, &high);
    p->cut.in_text = true;
    high = min_size(high, (size_t)room(t) * TOKEN_BYTES);
    while (!rc && high - low > KEEP_BYTES_MIN) {
        p->cut.keep = low + (high - low) / 2;
        rc = render(t, p, e);
        if (t->ids.n <= room(t))
            low = p->cut.keep;
        else
            high = p->cut.keep;
    }
    p->cut.keep = low;
    if (!rc)
        rc = render(t, p, e);
    if (!rc && t->ids.n > room(t))
        rc = too_long(t, n_before, e);
    return rc;
}

static enum err_code fit(struct task *t, struct prompt_params *p, struct err *e)
{
    size_t n_before = t->ids.n;
    bool fits;
    enum err_code rc;

    if (t->job.overflow == JOB_OVERFLOW_ERROR)
        return too_long(t, n_before, e);
    rc = drop_turns(t, p, &fits, e);
    if (!rc && !fits)
        rc = drop_middle(t, p, e);
    if (!rc)
        outbox_log(&t->w->prepare_out, 3,
                   "job %llu: the prompt was cut from %zu to %zu tokens, %u messages left out%s",
                   (unsigned long long)t->id, n_before, t->ids.n, p->cut.n,
                   p->cut.in_text ? ", the middle of a text too" : "");
    return rc;
}

/* ---- the rolling window ---- */

static uint32_t n_common(const struct ids *a, const struct ids *b)
{
    uint32_t n = 0;

    while (n < a->n && n < b->n && a->at[n] == b->at[n])
        n++;
    return n;
}

/* What stays at the beginning when the window rolls: all before the turns, or the prompt itself
 * when there is one turn only. Never more than half of the context. */
static enum err_code find_keep(struct task *t, const struct prompt_params *p, struct err *e)
{
    uint32_t n_max = engine_n_ctx(t->w->g) / 2, n = turn_starts(t->messages, NULL);
    struct prompt_params q = *p;
    struct ids whole = t->ids;
    struct buf text = t->prompt;
    struct prompt_bars bars = t->bars;
    enum err_code rc;

    t->n_keep = min_u32((uint32_t)t->ids.n, n_max);
    if (n < 2 || p->cut.n)
        return ERR_OK;
    buf_init(&t->prompt, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    ids_init(&t->ids);
    t->bars = (struct prompt_bars){ 0 };
    q.cut.from = n_leading_system(t->messages);
    q.cut.n = (uint32_t)js_len(t->messages) - 1 - q.cut.from;
    rc = render(t, &q, e);
    if (!rc)
        t->n_keep = min_u32(n_common(&whole, &t->ids), n_max);
    buf_finish(&t->prompt);
    prompt_bars_finish(&t->bars);
    ids_finish(&t->ids);
    t->prompt = text;
    t->bars = bars;
    t->ids = whole;
    /* A template may refuse so short a conversation; then a part of the prompt does. */
    return rc == ERR_OOM ? rc : ERR_OK;
}

enum err_code prepare_chat(struct task *t, struct err *e)
{
    struct prompt_params p = params_of(t);
    enum err_code rc;

    if (!t->messages)
        return err_set(e, ERR_FORMAT, "messages: there are none");
    if (t->job.effort.s && strlen(t->job.effort.s) != t->job.effort.len)
        return err_set(e, ERR_ARG, "the reasoning effort contains the character NUL");
    rc = render(t, &p, e);
    if (!rc && t->job.kind == JOB_CHAT && t->ids.n >= engine_n_ctx(t->w->g))
        rc = fit(t, &p, e);
    if (!rc && t->job.kind == JOB_CHAT && t->job.overflow == JOB_OVERFLOW_ROLLING_WINDOW)
        rc = find_keep(t, &p, e);
    return rc;
}

/* ---- plain texts ---- */

/* The middle goes, as many tokens as do not fit. */
static void cut_tokens(struct task *t)
{
    size_t n_max = room(t), head = n_max / 2, tail = n_max - head;

    if (t->ids.n <= n_max)
        return;
    memmove(t->ids.at + head, t->ids.at + t->ids.n - tail, tail * sizeof(*t->ids.at));
    t->ids.n = n_max;
}

static enum err_code add_tokens(struct task *t, const struct job_input *in, struct err *e)
{
    uint32_t n_vocab = engine_model(t->w->g)->n_vocab;

    for (uint32_t i = 0; i < in->n_tok; i++) {
        if (in->tokens[i] < 0 || (uint32_t)in->tokens[i] >= n_vocab)
            return err_set(e, ERR_ARG, "token %u of the prompt is %d, the vocabulary has %u", i,
                           in->tokens[i], n_vocab);
        if (!ids_add(&t->ids, in->tokens[i]))
            return err_set(e, ERR_OOM, "no memory for a prompt of %u tokens", in->n_tok);
    }
    return ERR_OK;
}

/* The prompt as text: to be repeated, and for logs. */
static enum err_code prompt_text(struct task *t, const struct job_input *in, struct err *e)
{
    const struct tok *tok = engine_tok(t->w->g);

    if (in->text.s && !buf_add(&t->prompt, in->text.s, in->text.len))
        return buf_check(&t->prompt, "the prompt", e);
    if (!in->text.s && tok)
        return tok_decode(tok, in->tokens, in->n_tok, true, &t->prompt, e);
    return ERR_OK;
}

enum err_code prepare_text(struct task *t, struct err *e)
{
    const struct job_input *in = &t->job.inputs[0];
    const struct tok *tok = engine_tok(t->w->g);
    struct tok_params p = { .stop = &t->stop,
                            .n_max = t->job.overflow == JOB_OVERFLOW_ERROR ? prompt_worth(t) : 0,
                            .add_special = tok && !tok_adds_eos(tok),
                            .parse_special = t->job.parse_special };
    enum err_code rc;

    if (in->text.s && !tok)
        return err_set(e, ERR_UNSUPPORTED, "the model has no tokenizer: send token ids");
    rc = in->text.s ? tok_encode(tok, in->text.s, in->text.len, p, &t->ids, e)
                    : add_tokens(t, in, e);
    /* An empty prompt is the beginning of a text. */
    if (!rc && !t->ids.n && tok && tok_bos(tok) != TOK_NONE && !ids_add(&t->ids, tok_bos(tok)))
        rc = err_set(e, ERR_OOM, "no memory for a prompt");
    if (!rc && !t->ids.n)
        rc = err_set(e, ERR_ARG, "the prompt is empty, at least one token is needed");
    if (!rc)
        rc = prompt_text(t, in, e);
    if (!rc && t->ids.n >= engine_n_ctx(t->w->g)) {
        if (t->job.overflow == JOB_OVERFLOW_ERROR)
            return too_long(t, t->ids.n, e);
        cut_tokens(t);
    }
    t->n_keep = min_u32((uint32_t)t->ids.n, engine_n_ctx(t->w->g) / 4);
    return rc;
}
