/* One request that a model answers: submitting, events, ends. */
#include <stdio.h>
#include <string.h>

#include "os/sys.h"
#include "serve/exchange_int.h"

#define EXCHANGE_ARENA_BLOCK (4U << 10)

struct exchange_task { /* one job of an exchange */
    struct exchange *x;
    uint64_t id; /* 0: it has ended */
    uint32_t first_choice, n_choice;
};

static void exchange_free(struct exchange *x)
{
    if (x->ops->finish)
        x->ops->finish(x);
    answer_finish(&x->answer);
    request_finish(&x->request);
    js_close(x->body);
    buf_finish(&x->out);
    arena_finish(&x->arena);
    mem_free(x);
}

void exchange_hold(struct exchange *x)
{
    x->_n_hold++;
}

void exchange_drop(struct exchange *x)
{
    x->_n_hold--;
    if (x->_over && x->_n_hold == 0)
        exchange_free(x);
}

bool exchange_is_over(const struct exchange *x)
{
    return x->_over;
}

/* Nothing comes any more: neither to the client nor from jobs. Callers hold x. */
static void over(struct exchange *x)
{
    x->q = NULL;
    x->_over = true;
    for (uint32_t i = 0; i < x->_n_task; i++) {
        if (x->_tasks[i].id)
            runtime_cancel(x->app->runtime, x->_tasks[i].id);
        x->_tasks[i].id = 0;
    }
}

static void on_gone(void *arg)
{
    struct exchange *x = arg;

    exchange_hold(x);
    over(x);
    exchange_drop(x);
}

static void on_item(void *arg, struct answer_choice *c, struct answer_item *it, enum item_step step,
                    const char *text, size_t len)
{
    struct exchange *x = arg;

    if (x->ops->item)
        x->ops->item(x, c, it, step, text, len);
}

struct exchange *exchange_open(struct app *app, struct http_req *q, const struct exchange_ops *ops)
{
    struct http_error bad = { .status = 400, .code = "invalid_json" };
    struct exchange *x = mem_alloc_zero(MEM_REQUEST, ops->bytes);
    struct err e = { ERR_OK, "" };
    const char *text;
    size_t len;

    if (!x) {
        http_reply_error(q, &(struct http_error){ .status = 500, .text = "out of memory" });
        return NULL;
    }
    x->app = app;
    x->q = q;
    x->ops = ops;
    x->created_unix_s = clock_unix_s();
    arena_init(&x->arena, MEM_REQUEST, EXCHANGE_ARENA_BLOCK, JOB_BYTES_MAX);
    buf_init(&x->out, MEM_REQUEST, JOB_BYTES_MAX);
    request_init(&x->request);
    read_init(&x->reader, &x->arena);
    text = http_body(q, &len);
    if (js_parse(&x->body, text, len, &e))
        bad.text = e.text;
    else if (js_kind(x->body) != JS_OBJ)
        bad.text = "the body must be a JSON object";
    if (bad.text) {
        http_reply_error(q, &bad);
        exchange_free(x);
        return NULL;
    }
    http_on_gone(q, on_gone, x);
    return x;
}

void exchange_refuse(struct exchange *x)
{
    exchange_fail(x, &x->reader.error);
}

void exchange_fail(struct exchange *x, const struct http_error *error)
{
    struct http_req *q = x->q;

    if (x->_over)
        return;
    exchange_hold(x);
    if (x->_begun && x->ops->fail) {
        x->ops->fail(x, error);
    } else {
        over(x);
        http_reply_error(q, error);
    }
    exchange_drop(x);
}

struct jsonw exchange_write(struct exchange *x)
{
    struct jsonw w;

    buf_clear(&x->out);
    jsonw_init(&w, &x->out);
    return w;
}

void exchange_reply(struct exchange *x, int status)
{
    struct http_req *q = x->q;

    if (x->_over)
        return;
    if (x->out.failed) {
        exchange_fail(x, &(struct http_error){ .status = 500, .text = "the answer is too large" });
        return;
    }
    exchange_hold(x);
    over(x);
    http_reply_json(q, status, &x->out);
    exchange_drop(x);
}

/* A record that could not be written makes the stream a failed one: none is left out silently. */
void exchange_record(struct exchange *x, const char *name)
{
    if (x->out.failed)
        x->answer.failed = true;
    else if (!x->_over)
        (void)http_stream_event(x->q, name, x->out.data, x->out.len);
}

void exchange_record_text(struct exchange *x, const char *name, const char *data)
{
    if (!x->_over && !x->answer.failed)
        (void)http_stream_event(x->q, name, data, strlen(data));
}

void exchange_stream_end(struct exchange *x)
{
    struct http_req *q = x->q;

    if (x->_over)
        return;
    exchange_hold(x);
    over(x);
    http_stream_end(q);
    exchange_drop(x);
}

void exchange_begin(struct exchange *x)
{
    if (x->_begun || x->_over || !x->request.stream)
        return;
    x->_begun = true;
    http_stream_begin(x->q, true);
    if (x->ops->begin)
        x->ops->begin(x);
}

static void on_begin(struct exchange *x, const struct job_event *ev)
{
    const struct reasoning_row *row = NULL;
    struct instance_info info;

    if (ev->instance)
        (void)snprintf(x->model, sizeof(x->model), "%s", ev->instance);
    if (runtime_find(x->app->runtime, x->model, &info) && info.state == INSTANCE_READY)
        row = reasoning_named(info.ready.reasoning);
    x->harmony = row && row->harmony;
    x->load_s = ev->load_s > x->load_s ? ev->load_s : x->load_s;
}

static void on_failed(struct exchange *x, const struct job_event *ev)
{
    struct http_error error;
    char *text = arena_strndup(&x->arena, ev->text ? ev->text : "", ev->text ? ev->len : 0);

    memset(&error, 0, sizeof(error));
    http_error_of_job(&error, ev->error, text ? text : "the request failed", ev->retry_after_s);
    if (!error.param && error.status == 400 && x->ops->fields)
        error.param = ev->part == JOB_PART_MODEL ? "model" : x->ops->fields[ev->part];
    exchange_fail(x, &error);
}

/* Text of an answer, and the end of a choice. */
static void on_answer(struct exchange_task *t, const struct job_event *ev)
{
    struct exchange *x = t->x;
    struct answer_choice *c;

    exchange_begin(x);
    if (ev->choice >= t->n_choice)
        return;
    c = &x->answer.choices[t->first_choice + ev->choice];
    answer_feed(&x->answer, c, ev);
    if (x->answer.failed)
        exchange_fail(x, &(struct http_error){ .status = 500, .text = "the answer is too large" });
    else if (ev->kind == JOB_EV_DONE && x->ops->choice_end && !x->_over)
        x->ops->choice_end(x, c);
}

static void on_prompt(struct exchange *x, const struct job_event *ev)
{
    if (!x->n_prompt) {
        x->n_prompt = ev->n_total;
        x->n_cached = ev->n_done;
    }
    exchange_begin(x);
}

static void on_event(void *arg, const struct job_event *ev)
{
    struct exchange_task *t = arg;
    struct exchange *x = t->x;

    if (x->_over)
        return;
    exchange_hold(x);
    if (ev->is_last)
        t->id = 0;
    switch (ev->kind) {
    case JOB_EV_BEGIN:
        on_begin(x, ev);
        break;
    case JOB_EV_PROMPT:
        on_prompt(x, ev);
        break;
    case JOB_EV_FAILED:
        on_failed(x, ev);
        break;
    case JOB_EV_LOADING:
    case JOB_EV_IDS:
    case JOB_EV_TEXT:
        if (ev->instance)
            (void)snprintf(x->model, sizeof(x->model), "%s", ev->instance);
        break;
    case JOB_EV_VECTOR:
        break;
    default:
        on_answer(t, ev);
        break;
    }
    if (x->ops->event && !x->_over)
        x->ops->event(x, ev);
    if (ev->is_last && !x->_over && --x->_n_open == 0)
        x->ops->end(x);
    exchange_drop(x);
}

static bool submit(struct exchange *x, const struct job_input *inputs, uint32_t n)
{
    struct job job = x->request.job;
    uint32_t n_choice = job.n_choice ? job.n_choice : 1;
    struct err e;

    x->_tasks = arena_new_n(&x->arena, n, sizeof(*x->_tasks));
    if (!x->_tasks || !answer_init(&x->answer, &x->arena, n * n_choice))
        return false;
    x->answer.listener = (struct answer_listener){ on_item, x };
    x->_n_open = n;
    for (uint32_t i = 0; i < n; i++) {
        struct exchange_task *t = &x->_tasks[i];

        *t = (struct exchange_task){ x, 0, i * n_choice, n_choice };
        if (inputs) {
            job.inputs = &inputs[i];
            job.n_input = 1;
        }
        x->_n_task = i + 1;
        if (runtime_submit(x->app->runtime, &x->request.target, &job, on_event, t, &t->id, &e))
            return false;
    }
    return true;
}

void exchange_submit_each(struct exchange *x, const struct job_input *inputs, uint32_t n)
{
    if (!read_ok(&x->reader)) {
        exchange_refuse(x);
        return;
    }
    x->request.job.tenant = http_tenant(x->q);
    if (!submit(x, inputs, n)) {
        exchange_fail(x, &(struct http_error){ .status = 500, .text = "out of memory" });
        return;
    }
    /* the jobs have copies: what is large goes now, the answer may take long */
    js_close(x->body);
    x->body = NULL;
    request_finish(&x->request);
    x->request.job.messages = (struct job_str){ NULL, 0 };
}

void exchange_submit(struct exchange *x)
{
    exchange_submit_each(x, NULL, 1);
}
