/* POST /v1/embeddings. */
#include <string.h>

#include "base/attr.h"
#include "serve/openai/openai_int.h"
#include "serve/write_int.h"

struct embedding {
    const float *v;
    uint32_t n;
};

struct embeddings {
    struct exchange x;
    bool base64;
    struct embedding *at; /* n of them, by input */
    uint32_t n;
    uint64_t n_tok;
};

static struct embeddings *self_of(struct exchange *x)
{
    return (struct embeddings *)x; /* its first member */
}

static void on_event(struct exchange *x, const struct job_event *ev)
{
    struct embeddings *self = self_of(x);
    float *copy;

    if (ev->kind != JOB_EV_VECTOR || ev->input >= self->n || self->at[ev->input].v)
        return;
    copy = arena_new_n(&x->arena, ev->n_vector ? ev->n_vector : 1, sizeof(*copy));
    if (!copy) {
        exchange_fail(x, &(struct http_error){ .status = 500, .text = "out of memory" });
        return;
    }
    memcpy(copy, ev->vector, ev->n_vector * sizeof(*copy));
    self->at[ev->input] = (struct embedding){ copy, ev->n_vector };
    self->n_tok += ev->n_input_tok;
}

static void write_one(struct jsonw *w, const struct embeddings *self, uint32_t i)
{
    const struct embedding *e = &self->at[i];

    jsonw_obj(w);
    jsonw_key_str(w, "object", "embedding");
    jsonw_key_uint(w, "index", i);
    jsonw_key(w, "embedding");
    if (self->base64) {
        jsonw_base64_floats(w, e->v, e->n);
    } else {
        jsonw_arr(w);
        for (uint32_t k = 0; k < e->n; k++)
            jsonw_float(w, e->v[k]);
        jsonw_arr_end(w);
    }
    jsonw_obj_end(w);
}

static void on_end(struct exchange *x)
{
    const struct embeddings *self = self_of(x);
    struct jsonw w = exchange_write(x);

    jsonw_obj(&w);
    jsonw_key_str(&w, "object", "list");
    jsonw_key(&w, "data");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < self->n; i++)
        write_one(&w, self, i);
    jsonw_arr_end(&w);
    jsonw_key_str(&w, "model", x->model);
    jsonw_total_usage(&w, self->n_tok);
    jsonw_obj_end(&w);
    exchange_reply(x, 200);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "input",
    [JOB_PART_DIMENSION] = "dimensions",
};

static const struct exchange_ops ops = {
    .bytes = sizeof(struct embeddings), .fields = fields, .event = on_event, .end = on_end
};

static void parse(struct embeddings *self)
{
    static const char *const formats[] = { "float", "base64" };
    struct reader *r = &self->x.reader;
    const struct js *body = self->x.body;
    struct request *q = &self->x.request;
    int64_t n = 0;

    request_model(r, body, q);
    q->job.inputs = request_inputs(r, body, "input", JOB_INPUTS_MAX, &self->n);
    q->job.n_input = self->n;
    self->base64 =
        read_choice(r, body, "encoding_format", READ_OPTIONAL, formats, COUNT_OF(formats)) == 1;
    if (read_int(r, body, "dimensions", 1, INT32_MAX, &n))
        q->job.n_dimension = (uint32_t)n;
    q->job.kind = JOB_EMBED;
    q->target.wants_embeddings = true;
    if (read_ok(r)) {
        self->at = arena_new_n(&self->x.arena, self->n, sizeof(*self->at));
        if (!self->at)
            read_fail_memory(r);
    }
}

void openai_embeddings(struct http_req *q, struct app *app)
{
    struct exchange *x = exchange_open(app, q, &ops);

    if (!x)
        return;
    parse(self_of(x));
    exchange_submit(x);
}
