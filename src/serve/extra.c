/* POST /v1/rerank, /tokenize and /detokenize: what other servers of models offer as well. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "serve/exchange_int.h"
#include "serve/write_int.h"

/* ---- ranking ---- */
struct ranked {
    uint32_t index;
    float score;
};

struct rerank {
    struct exchange x;
    char id[40];
    bool with_documents;
    uint32_t n_top;
    struct ranked *scores; /* by document until the end, then best first */
    uint64_t n_tok;
};

static struct rerank *rerank_of(struct exchange *x)
{
    return (struct rerank *)x; /* its first member */
}

static void on_score(struct exchange *x, const struct job_event *ev)
{
    struct rerank *self = rerank_of(x);

    if (ev->kind != JOB_EV_VECTOR || ev->input >= x->request.job.n_input || !ev->n_vector)
        return;
    /* one that is no number comes last, and does not confuse the order */
    self->scores[ev->input].score = isnan(ev->vector[0]) ? -INFINITY : ev->vector[0];
    self->n_tok += ev->n_input_tok;
}

static int by_score(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return left->index < right->index ? -1 : 1; /* as they came */
}

static void write_ranked(struct jsonw *w, const struct rerank *self, const struct ranked *at)
{
    jsonw_obj(w);
    jsonw_key_uint(w, "index", at->index);
    jsonw_key(w, "relevance_score");
    jsonw_float(w, at->score);
    if (self->with_documents) {
        jsonw_key(w, "document");
        jsonw_obj(w);
        jsonw_key(w, "text");
        jsonw_job_str(w, self->x.request.job.inputs[at->index].text);
        jsonw_obj_end(w);
    }
    jsonw_obj_end(w);
}

static void on_ranked(struct exchange *x)
{
    struct rerank *self = rerank_of(x);
    uint32_t n = x->request.job.n_input;
    struct jsonw w = exchange_write(x);

    qsort(self->scores, n, sizeof(*self->scores), by_score);
    jsonw_obj(&w);
    jsonw_key_str(&w, "id", self->id);
    jsonw_key_str(&w, "object", "list");
    jsonw_key_str(&w, "model", x->model);
    jsonw_key(&w, "results");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < n && i < self->n_top; i++)
        write_ranked(&w, self, &self->scores[i]);
    jsonw_arr_end(&w);
    jsonw_total_usage(&w, self->n_tok);
    jsonw_obj_end(&w);
    exchange_reply(x, 200);
}

static const char *const rerank_fields[JOB_PART_COUNT] = { [JOB_PART_PROMPT] = "documents" };
static const struct exchange_ops rerank_ops = {
    .bytes = sizeof(struct rerank), .fields = rerank_fields, .event = on_score, .end = on_ranked
};

/* Documents are texts, or objects with a text. */
static void read_documents(struct rerank *self)
{
    struct reader *r = &self->x.reader;
    const struct js *list = read_list(r, self->x.body, "documents", READ_REQUIRED);
    size_t mark = read_enter(r, "documents"), n = js_len(list);
    struct job_input *inputs = NULL;

    if (read_ok(r) && (n == 0 || n > JOB_INPUTS_MAX))
        read_fail(r, "invalid_value", NULL, "'documents': expected 1 to %u, found %zu",
                  JOB_INPUTS_MAX, n);
    if (read_ok(r)) {
        inputs = arena_new_n(r->arena, n, sizeof(*inputs));
        self->scores = arena_new_n(r->arena, n, sizeof(*self->scores));
        if (!inputs || !self->scores)
            read_fail_memory(r);
    }
    for (size_t i = 0; i < n && read_ok(r); i++) {
        const struct js *v = js_at(list, i);
        struct job_str text = { NULL, 0 };
        size_t in = read_enter_at(r, i);

        text.s = js_str(v, &text.len);
        if (!text.s && read_is(r, v, JS_OBJ))
            (void)read_str(r, v, "text", READ_REQUIRED, &text);
        inputs[i].text = read_ok(r) ? read_keep(r, text.s, text.len) : text;
        self->scores[i].index = (uint32_t)i;
        read_leave(r, in);
    }
    read_leave(r, mark);
    self->x.request.job.inputs = inputs;
    self->x.request.job.n_input = (uint32_t)n;
}

static void rerank(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &rerank_ops);
    struct rerank *self;
    int64_t n = 0;

    if (!x)
        return;
    self = rerank_of(x);
    new_id(self->id, sizeof(self->id), "rerank-", 21);
    request_model(&x->reader, x->body, &x->request);
    (void)read_str(&x->reader, x->body, "query", READ_REQUIRED, &x->request.job.query);
    read_documents(self);
    (void)read_bool(&x->reader, x->body, "return_documents", &self->with_documents);
    self->n_top = UINT32_MAX;
    if (read_int(&x->reader, x->body, "top_n", 1, INT32_MAX, &n))
        self->n_top = (uint32_t)n;
    x->request.job.kind = JOB_RERANK;
    x->request.target.wants_ranking = true;
    exchange_submit(x);
}

/* ---- tokens ---- */
static void on_tokens(struct exchange *x, const struct job_event *ev)
{
    struct jsonw w;

    if (ev->kind != JOB_EV_IDS)
        return;
    w = exchange_write(x);
    jsonw_obj(&w);
    jsonw_key(&w, "tokens");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < ev->n_id; i++)
        jsonw_int(&w, ev->ids[i]);
    jsonw_arr_end(&w);
    jsonw_key_uint(&w, "count", ev->n_id);
    jsonw_key_str(&w, "model", x->model);
    jsonw_obj_end(&w);
}

static void on_text(struct exchange *x, const struct job_event *ev)
{
    struct jsonw w;

    if (ev->kind != JOB_EV_TEXT)
        return;
    w = exchange_write(x);
    jsonw_obj(&w);
    jsonw_key(&w, "content");
    jsonw_strn(&w, ev->text, ev->len);
    jsonw_key_str(&w, "model", x->model);
    jsonw_obj_end(&w);
}

static void on_written(struct exchange *x)
{
    if (!x->out.len)
        exchange_fail(x, &(struct http_error){ .status = 500, .text = "the model gave nothing" });
    else
        exchange_reply(x, 200);
}

static const char *const tokenize_fields[JOB_PART_COUNT] = { [JOB_PART_PROMPT] = "content" };
static const struct exchange_ops tokenize_ops = { .bytes = sizeof(struct exchange),
                                                  .fields = tokenize_fields,
                                                  .event = on_tokens,
                                                  .end = on_written };
static const char *const detokenize_fields[JOB_PART_COUNT] = { [JOB_PART_PROMPT] = "tokens" };
static const struct exchange_ops detokenize_ops = { .bytes = sizeof(struct exchange),
                                                    .fields = detokenize_fields,
                                                    .event = on_text,
                                                    .end = on_written };

static void tokenize(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &tokenize_ops);
    struct job_input *input;

    if (!x)
        return;
    request_model(&x->reader, x->body, &x->request);
    input = arena_new(&x->arena, sizeof(*input));
    if (!input)
        read_fail_memory(&x->reader);
    else
        (void)read_str(&x->reader, x->body, "content", READ_REQUIRED, &input->text);
    x->request.job.inputs = input;
    x->request.job.n_input = 1;
    x->request.job.parse_special = true;
    (void)read_bool(&x->reader, x->body, "add_special", &x->request.job.add_special);
    (void)read_bool(&x->reader, x->body, "parse_special", &x->request.job.parse_special);
    x->request.job.kind = JOB_TOKENIZE;
    x->request.target.any_type = true;
    exchange_submit(x);
}

static void detokenize(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &detokenize_ops);
    struct job_input *input;

    if (!x)
        return;
    request_model(&x->reader, x->body, &x->request);
    input = arena_new(&x->arena, sizeof(*input));
    if (!input)
        read_fail_memory(&x->reader);
    else
        request_tokens(&x->reader, x->body, "tokens", input);
    x->request.job.inputs = input;
    x->request.job.n_input = 1;
    x->request.job.kind = JOB_DETOKENIZE;
    x->request.target.any_type = true;
    exchange_submit(x);
}

static const struct http_route routes[] = {
    { HTTP_POST, "/v1/rerank", rerank, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT, false },
    { HTTP_POST, "/tokenize", tokenize, FAMILY_PLAIN, KEY_INFERENCE, ROUTE_BODY_CHAT, false },
    { HTTP_POST, "/detokenize", detokenize, FAMILY_PLAIN, KEY_INFERENCE, ROUTE_BODY_CHAT, false },
};
const struct route_table routes_extra = { routes, COUNT_OF(routes) };
