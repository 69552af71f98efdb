/* POST /v1/completions: text continued, without a chat template. */
#include <string.h>

#include "base/utf8.h"
#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

#define COMPLETIONS_PROMPTS_MAX 64U

struct completion {
    struct exchange x;
    bool v0;
    char id[40];
    const struct job_input *prompts;
    uint32_t n_prompt;
    size_t *n_char_told; /* per choice: characters before the tokens that are told next */
};

static struct completion *completion_of(struct exchange *x)
{
    return (struct completion *)x; /* its first member */
}

static void write_top(struct jsonw *w, const struct answer_choice *c, size_t i)
{
    const struct answer_prob *p = answer_prob(c, i);

    jsonw_obj(w);
    for (uint32_t k = 1; k <= p->n_top && i + k < answer_n_prob(c); k++) {
        const struct answer_prob *top = answer_prob(c, i + k);

        jsonw_strn(w, c->prob_text.data + top->text_at, top->len);
        (void)buf_addc(w->out, ':');
        w->_need_comma = false;
        jsonw_float(w, top->logprob);
    }
    jsonw_obj_end(w);
}

enum column { COLUMN_TOKENS, COLUMN_LOGPROBS, COLUMN_TOP, COLUMN_OFFSETS, N_COLUMN };

static void write_column(struct jsonw *w, const struct answer_choice *c, enum column column,
                         size_t *n_char)
{
    size_t n = answer_n_prob(c), at = *n_char;

    jsonw_arr(w);
    for (size_t i = c->n_prob_told; i < n; i += 1 + answer_prob(c, i)->n_top) {
        const struct answer_prob *p = answer_prob(c, i);
        const char *s = c->prob_text.data + p->text_at;

        if (column == COLUMN_TOKENS)
            jsonw_strn(w, s, p->len);
        else if (column == COLUMN_LOGPROBS)
            jsonw_float(w, p->logprob);
        else if (column == COLUMN_TOP)
            write_top(w, c, i);
        else
            jsonw_uint(w, at);
        at += utf8_count(s, p->len);
    }
    jsonw_arr_end(w);
    if (column == COLUMN_OFFSETS)
        *n_char = at;
}

static void write_probs(struct jsonw *w, struct exchange *x, struct answer_choice *c)
{
    static const char *const names[] = { "tokens", "token_logprobs", "top_logprobs",
                                         "text_offset" };

    jsonw_key(w, "logprobs");
    if (!x->request.job.logprobs) {
        jsonw_null(w);
        return;
    }
    jsonw_obj(w);
    for (enum column i = COLUMN_TOKENS; i < N_COLUMN; i++) {
        jsonw_key(w, names[i]);
        write_column(w, c, i, &completion_of(x)->n_char_told[c->index]);
    }
    c->n_prob_told = answer_n_prob(c);
    jsonw_obj_end(w);
}

static void write_choice(struct jsonw *w, struct exchange *x, struct answer_choice *c,
                         const char *text, size_t len, const char *finish)
{
    jsonw_obj(w);
    jsonw_key_uint(w, "index", c->index);
    jsonw_key(w, "text");
    jsonw_strn(w, text, len);
    write_probs(w, x, c);
    jsonw_key_str(w, "finish_reason", finish);
    jsonw_obj_end(w);
}

static void reply(struct exchange *x)
{
    struct completion *self = completion_of(x);
    struct jsonw w = exchange_write(x);
    struct buf text;

    buf_init(&text, MEM_REQUEST, ANSWER_ITEM_BYTES_MAX);
    jsonw_obj(&w);
    openai_write_head(&w, x, self->id, "text_completion");
    jsonw_key(&w, "choices");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < x->answer.n_choice; i++) {
        struct answer_choice *c = &x->answer.choices[i];

        buf_clear(&text);
        answer_join(c, ITEM_TEXT, &text);
        write_choice(&w, x, c, buf_str(&text), text.len, openai_finish(c->done.finish));
    }
    jsonw_arr_end(&w);
    openai_write_usage(&w, x);
    openai_write_stats(&w, x, self->v0);
    jsonw_obj_end(&w);
    if (text.failed)
        x->out.failed = true;
    buf_finish(&text);
    exchange_reply(x, 200);
}

static void chunk(struct exchange *x, struct answer_choice *c, const char *text, size_t len,
                  const char *finish)
{
    struct completion *self = completion_of(x);
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    openai_write_head(&w, x, self->id, "text_completion");
    jsonw_key(&w, "choices");
    jsonw_arr(&w);
    write_choice(&w, x, c, text, len, finish);
    jsonw_arr_end(&w);
    if (x->request.include_usage)
        jsonw_key_null(&w, "usage");
    if (finish && self->v0)
        openai_write_stats(&w, x, true);
    jsonw_obj_end(&w);
    exchange_record(x, NULL);
}

static void on_item(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                    enum item_step step, const char *text, size_t len)
{
    if (x->request.stream && step == ITEM_DELTA && it->kind == ITEM_TEXT)
        chunk(x, c, text, len, NULL);
}

static void on_choice_end(struct exchange *x, struct answer_choice *c)
{
    if (x->request.stream)
        chunk(x, c, "", 0, openai_finish(c->done.finish));
}

static void on_end(struct exchange *x)
{
    if (x->request.stream)
        openai_stream_end(x, completion_of(x)->id, "text_completion");
    else
        reply(x);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "prompt",
    [JOB_PART_BIAS] = "logit_bias",
    [JOB_PART_STOPS] = "stop",
};

static const struct exchange_ops ops = {
    .bytes = sizeof(struct completion),
    .fields = fields,
    .item = on_item,
    .choice_end = on_choice_end,
    .end = on_end,
    .fail = openai_stream_fail,
};

static void parse(struct completion *self)
{
    struct reader *r = &self->x.reader;
    const struct js *body = self->x.body;
    struct request *q = &self->x.request;
    struct job_str suffix = { NULL, 0 };
    int64_t n = 0;

    request_generation(r, body, REQUEST_HEAT_MAX, q);
    request_stops(r, body, "stop", q);
    request_limit(r, body, "max_tokens", q);
    self->prompts = request_inputs(r, body, "prompt", COMPLETIONS_PROMPTS_MAX, &self->n_prompt);
    (void)read_bool(r, body, "echo", &q->job.echo);
    if (read_str(r, body, "suffix", READ_OPTIONAL, &suffix) && suffix.len)
        read_fail(r, "unsupported_parameter", "suffix", "'suffix' is not supported");
    if (read_int(r, body, "logprobs", 0, JOB_TOP_MAX, &n)) {
        q->job.logprobs = true;
        q->job.n_top = (uint32_t)n;
    }
    n = 1;
    if (read_int(r, body, "n", 1, JOB_CHOICES_MAX, &n))
        q->job.n_choice = (uint32_t)n;
    if (read_int(r, body, "best_of", 1, JOB_CHOICES_MAX, &n) &&
        n != (q->job.n_choice ? q->job.n_choice : 1))
        read_fail(r, "unsupported_parameter", "best_of", "'best_of' must be equal to 'n'");
    q->job.kind = JOB_TEXT;
    q->job.parse_special = true; /* callers apply templates of their own here */
    if (read_ok(r)) {
        self->n_char_told =
            arena_new_n(&self->x.arena, self->n_prompt * (q->job.n_choice ? q->job.n_choice : 1U),
                        sizeof(*self->n_char_told));
        if (!self->n_char_told)
            read_fail_memory(r);
    }
}

void openai_completions(struct http_req *q, struct app *app, bool v0)
{
    struct exchange *x = exchange_open(app, q, &ops);

    if (!x)
        return;
    completion_of(x)->v0 = v0;
    new_id(completion_of(x)->id, sizeof(completion_of(x)->id), "cmpl-", 21);
    parse(completion_of(x));
    exchange_submit_each(x, completion_of(x)->prompts, completion_of(x)->n_prompt);
}
