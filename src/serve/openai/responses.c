/* /v1/responses: answers that are kept and can be continued. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "os/sys.h"
#include "serve/openai/responses_int.h"
#include "serve/write_int.h"

static struct response *self_of(struct exchange *x)
{
    return (struct response *)x; /* its first member */
}

static void on_begin(struct exchange *x)
{
    response_stream_begin(self_of(x));
}

static void name_item(struct answer_choice *c, struct answer_item *it)
{
    static const char *const prefixes[] = { "rs_", "msg_", "fc_" };

    new_hex(it->item_id, sizeof(it->item_id), prefixes[it->kind], 32);
    it->prob_from = c->n_prob_told;
    if (it->kind != ITEM_CALL)
        return;
    while (!it->id[0] || answer_id_is_taken(c, it))
        new_id(it->id, sizeof(it->id), "call_", 24);
}

static void on_item(struct exchange *x, struct answer_choice *c, struct answer_item *it,
                    enum item_step step, const char *text, size_t len)
{
    if (step == ITEM_BEGIN)
        name_item(c, it);
    if (step == ITEM_END)
        it->prob_end = answer_n_prob(c);
    if (x->request.stream)
        response_stream_item(self_of(x), c, it, step, text, len);
    if (step == ITEM_END || (step == ITEM_DELTA && x->request.stream))
        c->n_prob_told = answer_n_prob(c);
}

/* ---- the end: kept first, then told ---- */
static void tell(struct response *s)
{
    struct jsonw w;

    if (s->x.request.stream) {
        response_stream_end(s);
        return;
    }
    w = exchange_write(&s->x);
    response_write(&w, s, response_status(s), NULL);
    exchange_reply(&s->x, 200);
}

static void on_stored(struct exchange *x, bool is_stored)
{
    self_of(x)->store = is_stored; /* else it is said that it cannot be continued */
    tell(self_of(x));
}

static void on_end(struct exchange *x)
{
    struct response *s = self_of(x);
    struct jsonw w;

    s->completed_unix_s = clock_unix_s();
    if (!s->store) {
        tell(s);
        return;
    }
    w = exchange_write(x);
    response_write_stored(&w, s);
    exchange_store(x, s->id, s->previous_id.s, "openai", on_stored);
}

static void on_fail(struct exchange *x, const struct http_error *error)
{
    response_stream_fail(self_of(x), error);
}

static const char *const fields[JOB_PART_COUNT] = {
    [JOB_PART_PROMPT] = "input",
    [JOB_PART_TOOLS] = "tools",
    [JOB_PART_SHAPE] = "text.format",
    [JOB_PART_BIAS] = "logit_bias",
};

static const struct exchange_ops ops = {
    .bytes = sizeof(struct response),
    .fields = fields,
    .begin = on_begin,
    .item = on_item,
    .end = on_end,
    .fail = on_fail,
};

/* ---- the begin: earlier turns are fetched first ---- */
static void on_chain(struct exchange *x, const struct store_response *chain, uint32_t n)
{
    response_parse_input(self_of(x), chain, n);
    exchange_submit(x);
}

static void create(struct http_req *q, void *arg)
{
    struct exchange *x = exchange_open(arg, q, &ops);
    struct response *s;

    if (!x)
        return;
    s = self_of(x);
    new_hex(s->id, sizeof(s->id), "resp_", 48);
    response_parse(s);
    if (read_ok(&x->reader) && s->previous_id.s)
        exchange_chain(x, s->previous_id.s, "openai", 400, on_chain);
    else
        on_chain(x, NULL, 0);
}

/* ---- stored ones: read and deleted ---- */
struct lookup {
    struct http_req *q; /* NULL: the client is gone */
    char *id;
};

static void lookup_gone(void *arg)
{
    struct lookup *l = arg;

    l->q = NULL; /* the store calls back all the same */
}

static void lookup_end(struct lookup *l, int status, const struct buf *body)
{
    struct http_error error = { .status = status, .code = "response_not_found" };
    char text[160];

    (void)snprintf(text, sizeof(text), "no response '%.80s' is stored here", l->id);
    error.text = text;
    if (l->q && body)
        http_reply_json(l->q, status, body);
    else if (l->q)
        http_reply_error(l->q, &error);
    mem_free(l->id);
    mem_free(l);
}

static struct lookup *lookup_begin(struct http_req *q)
{
    struct lookup *l = mem_alloc_zero(MEM_REQUEST, sizeof(*l));

    if (l)
        l->id = mem_strndup(MEM_REQUEST, http_rest(q), strlen(http_rest(q)));
    if (!l || !l->id) {
        mem_free(l);
        http_reply_error(q, &(struct http_error){ .status = 500, .text = "out of memory" });
        return NULL;
    }
    l->q = q;
    http_on_gone(q, lookup_gone, l);
    http_answers_soon(q);
    return l;
}

static void on_found(void *arg, const struct store_response *chain, uint32_t n,
                     const struct err *err)
{
    struct js *body = NULL;
    struct jsonw w;
    struct buf b;

    if (err || n == 0 || strcmp(chain[n - 1].family, "openai") != 0 ||
        js_parse(&body, chain[n - 1].body, chain[n - 1].body_len, NULL)) {
        lookup_end(arg, 404, NULL);
        return;
    }
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_js(&w, js_get(body, "response"));
    lookup_end(arg, 200, &b);
    buf_finish(&b);
    js_close(body);
}

static void on_deleted(void *arg, const struct err *err)
{
    struct lookup *l = arg;
    struct jsonw w;
    struct buf b;

    if (err) {
        lookup_end(l, err->code == ERR_NOT_FOUND ? 404 : 500, NULL);
        return;
    }
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key_str(&w, "id", l->id);
    jsonw_key_str(&w, "object", "response");
    jsonw_key_bool(&w, "deleted", true);
    jsonw_obj_end(&w);
    lookup_end(l, 200, &b);
    buf_finish(&b);
}

static void retrieve(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct lookup *l = lookup_begin(q);

    if (l && store_response_chain(app->store, l->id, on_found, l, NULL))
        lookup_end(l, 503, NULL);
}

static void discard(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct lookup *l = lookup_begin(q);

    if (l && store_response_delete(app->store, l->id, on_deleted, l, NULL))
        lookup_end(l, 503, NULL);
}

static const struct http_route routes[] = {
    { HTTP_POST, "/v1/responses", create, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT, false },
    { HTTP_GET, "/v1/responses/*", retrieve, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
    { HTTP_DELETE, "/v1/responses/*", discard, FAMILY_OPENAI, KEY_INFERENCE, 0, false },
};
const struct route_table routes_responses = { routes, COUNT_OF(routes) };
