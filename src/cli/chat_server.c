/* Answers of a server: the daemon's or one elsewhere. The conversation is sent with every question,
 * to the chat route that also tells statistics; the server's cache knows most of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/chat_place.h"
#include "cli/loading.h"
#include "cli/pick.h"
#include "cli/remote.h"

#define CHAT_ROUTE "/api/v0/chat/completions"

/* ---- the model ---- */

/* What of the list has this identifier, or is of this model; NULL: it is not loaded. */
static const struct js *find(const struct js *list, const char *model)
{
    static const char *const members[] = { "identifier", "modelKey" };

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < js_len(list); i++) {
            const char *name = js_str(js_get(js_at(list, i), members[k]), NULL);

            if (name && strcmp(name, model) == 0)
                return js_at(list, i);
        }
    return NULL;
}

static void take(struct chat *c, const struct js *instance)
{
    const char *key = js_str(js_get(instance, "modelKey"), NULL);
    int64_t n_ctx = js_int(js_get(instance, "contextLength"));

    (void)snprintf(c->model, sizeof(c->model), "%s", load_identifier(instance));
    (void)snprintf(c->key, sizeof(c->key), "%s", key ? key : c->model);
    c->n_ctx = n_ctx > 0 && n_ctx <= UINT32_MAX ? (uint32_t)n_ctx : 0;
}

/* identifier: NULL for one that the server chooses. */
static enum err_code load(struct chat *c, const char *model, const char *identifier, struct err *e)
{
    struct load_wish wish = { .model = model,
                              .identifier = identifier,
                              .ttl_s = c->o->ttl_s ? c->o->ttl_s : CHAT_TTL_S };
    struct js *instance = NULL, *list = NULL;
    enum err_code rc = load_instance(c->server, &wish, &instance, e);

    if (!rc) /* elsewhere the answer tells the identifier alone */
        rc = instances_of(c->server, &list, e);
    if (!rc && find(list, load_identifier(instance)))
        take(c, find(list, load_identifier(instance)));
    else if (!rc)
        rc = err_set(e, ERR_NOT_FOUND, "%.200s was loaded, and has gone again", model);
    js_close(list);
    js_close(instance);
    return rc;
}

enum err_code chat_server_use(struct chat *c, const char *model, struct err *e)
{
    struct js *list = NULL;
    const struct js *instance;
    enum err_code rc = instances_of(c->server, &list, e);

    instance = rc ? NULL : find(list, model);
    if (instance)
        take(c, instance);
    js_close(list);
    if (rc || instance)
        return rc;
    /* A list of what is loaded does not tell variants: the identifier does. */
    return load(c, model, strchr(model, '@') ? model : NULL, e);
}

/* ---- the request ---- */

static void number(struct jsonw *w, const char *key, bool given, double value)
{
    if (!given)
        return;
    jsonw_key(w, key);
    jsonw_num(w, value);
}

static bool differs(float a, float b)
{
    return fabsf(a - b) > 0.0F;
}

static void write_sampling(struct jsonw *w, const struct chat_opts *o)
{
    const struct sampling *s = &o->sampling, usual = sampling_defaults();

    number(w, "temperature", o->given.temp, (double)s->temperature);
    number(w, "top_p", o->given.top_p, (double)s->top_p);
    number(w, "min_p", o->given.min_p, (double)s->min_p);
    number(w, "repeat_penalty", o->given.repeat, (double)s->repeat_penalty);
    number(w, "typical_p", differs(s->typical_p, usual.typical_p), (double)s->typical_p);
    number(w, "frequency_penalty", differs(s->frequency_penalty, 0.0F),
           (double)s->frequency_penalty);
    number(w, "presence_penalty", differs(s->presence_penalty, 0.0F), (double)s->presence_penalty);
    if (o->given.top_k) {
        jsonw_key(w, "top_k");
        jsonw_int(w, s->top_k);
    }
    if (s->has_seed) {
        jsonw_key(w, "seed");
        jsonw_int(w, (int64_t)s->seed);
    }
    if (o->n_predict) {
        jsonw_key(w, "max_tokens");
        jsonw_uint(w, o->n_predict);
    }
    if (o->stops.n) {
        jsonw_key(w, "stop");
        jsonw_arr(w);
        for (uint32_t i = 0; i < o->stops.n; i++)
            jsonw_str(w, o->stops.at[i]);
        jsonw_arr_end(w);
    }
}

static void write_tools(struct jsonw *w, const struct chat *c)
{
    const char *choice = c->round ? "auto" : c->o->tool_choice;
    bool is_mode = strcmp(choice, "auto") == 0 || strcmp(choice, "none") == 0 ||
                   strcmp(choice, "required") == 0;

    if (!chat_offers_tools(c))
        return;
    jsonw_key(w, "tools");
    jsonw_js(w, c->tools);
    jsonw_key(w, "tool_choice");
    if (is_mode) {
        jsonw_str(w, choice);
    } else {
        jsonw_obj(w);
        jsonw_key(w, "type");
        jsonw_str(w, "function");
        jsonw_key(w, "function");
        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_str(w, choice);
        jsonw_obj_end(w);
        jsonw_obj_end(w);
    }
    if (!c->o->one_call)
        return;
    jsonw_key(w, "parallel_tool_calls");
    jsonw_bool(w, false);
}

static void write_schema(struct jsonw *w, const struct chat *c)
{
    if (!c->schema)
        return;
    jsonw_key(w, "response_format");
    jsonw_obj(w);
    jsonw_key(w, "type");
    jsonw_str(w, "json_schema");
    jsonw_key(w, "json_schema");
    jsonw_obj(w);
    jsonw_key(w, "name");
    jsonw_str(w, "answer");
    jsonw_key(w, "strict");
    jsonw_bool(w, true);
    jsonw_key(w, "schema");
    jsonw_js(w, c->schema);
    jsonw_obj_end(w);
    jsonw_obj_end(w);
}

static void write_request(struct jsonw *w, const struct chat *c)
{
    enum reasoning_mode mode = chat_reasoning(c).mode;

    jsonw_obj(w);
    jsonw_key(w, "model");
    jsonw_str(w, c->model);
    jsonw_key(w, "messages");
    chat_write_messages(c, w);
    jsonw_key(w, "stream");
    jsonw_bool(w, true);
    jsonw_key(w, "stream_options");
    jsonw_obj(w);
    jsonw_key(w, "include_usage");
    jsonw_bool(w, true);
    jsonw_obj_end(w);
    jsonw_key(w, "ttl");
    jsonw_uint(w, c->o->ttl_s ? c->o->ttl_s : CHAT_TTL_S);
    if (mode != REASONING_AUTO) {
        jsonw_key(w, "reasoning_effort");
        jsonw_str(w, mode == REASONING_OFF ? "none" : "medium");
    }
    write_sampling(w, c->o);
    write_tools(w, c);
    write_schema(w, c);
    jsonw_obj_end(w);
}

/* ---- the answer ---- */

struct listening {
    struct chat *chat;
    struct chat_out *out;
    struct err err;
    bool begun, ended; /* a record came; the whole answer did */
};

static const char *text_of(const struct js *v, const char *key)
{
    const char *s = js_str(js_get(v, key), NULL);

    return s ? s : "";
}

static uint32_t count_of(const struct js *v, const char *key)
{
    int64_t n = js_int(js_get(v, key));

    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void take_call(struct listening *l, const struct js *piece)
{
    const struct js *f = js_get(piece, "function");
    struct chat *c = l->chat;
    uint32_t index = count_of(piece, "index");
    size_t len = 0;
    const char *args = js_str(js_get(f, "arguments"), &len), *id = text_of(piece, "id");

    if (index == c->n_call && index < CHAT_CALLS_MAX && text_of(f, "name")[0]) {
        struct chat_call *call = &c->calls[c->n_call++];

        buf_finish(&call->args);
        buf_init(&call->args, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
        (void)snprintf(call->name, sizeof(call->name), "%s", text_of(f, "name"));
        (void)snprintf(call->id, sizeof(call->id), "%s", id);
        c->n_call_ever++;
    }
    if (index < c->n_call && args)
        (void)buf_add(&c->calls[index].args, args, len);
}

/* What belongs to one choice: text, thoughts, calls, the reason for its end. */
static void take_choice(struct listening *l, const struct js *choice)
{
    const struct js *delta = js_get(choice, "delta"), *calls = js_get(delta, "tool_calls");
    const char *text;
    size_t len = 0;

    text = js_str(js_get(delta, "reasoning_content"), &len);
    if (text)
        chat_out_text(l->out, text, len, true);
    text = js_str(js_get(delta, "content"), &len);
    if (text)
        chat_out_text(l->out, text, len, false);
    for (size_t i = 0; i < js_len(calls); i++)
        take_call(l, js_at(calls, i));
    if (!js_str(js_get(choice, "finish_reason"), NULL))
        return;
    l->ended = true;
    l->chat->finish =
        strcmp(text_of(choice, "finish_reason"), "length") == 0 ? FINISH_LENGTH : FINISH_EOS;
}

static void take_stats(struct chat *c, const struct js *stats)
{
    if (!text_of(stats, "stop_reason")[0])
        return;
    for (int f = FINISH_EOS; f < FINISH_ERROR; f++)
        if (strcmp(finish_name((enum finish)f), text_of(stats, "stop_reason")) == 0)
            c->finish = (enum finish)f;
    c->timing.first_token_s = js_num(js_get(stats, "time_to_first_token"));
    c->timing.generate_s = js_num(js_get(stats, "generation_time"));
}

static void take_usage(struct chat *c, const struct js *usage)
{
    if (js_kind(usage) != JS_OBJ)
        return;
    c->has_timing = true;
    c->timing.n_prompt = count_of(usage, "prompt_tokens");
    c->timing.n_generated = count_of(usage, "completion_tokens");
    c->timing.n_cached = count_of(js_get(usage, "prompt_tokens_details"), "cached_tokens");
    c->timing.n_thought = count_of(js_get(usage, "completion_tokens_details"), "reasoning_tokens");
}

static bool on_event(void *arg, const char *name, const struct js *data)
{
    struct listening *l = arg;
    const struct js *error = js_get(data, "error");

    (void)name;
    l->begun = true;
    if (error) {
        (void)err_set(&l->err, ERR_ARG, "%.500s",
                      js_str(error, NULL) ? js_str(error, NULL) : text_of(error, "message"));
        return false;
    }
    take_choice(l, js_at(js_get(data, "choices"), 0));
    if (js_get(data, "stats"))
        take_stats(l->chat, js_get(data, "stats"));
    if (js_get(data, "usage"))
        take_usage(l->chat, js_get(data, "usage"));
    return !l->out->err.code;
}

/* Arguments that were cut off are no JSON: such a call was not made. */
static void drop_cut_calls(struct chat *c)
{
    for (uint32_t i = 0; i < c->n_call; i++) {
        const struct buf *args = &c->calls[i].args;
        struct js *v = NULL;

        if (args->failed || js_parse(&v, buf_str(args), args->len, NULL))
            c->n_call = i; /* only the last one can be */
        js_close(v);
    }
}

static enum err_code ask(struct listening *l, struct err *e)
{
    struct chat *c = l->chat;
    struct jsonw w;
    struct buf body;
    enum err_code rc;

    buf_init(&body, MEM_REQUEST, 4ULL * CHAT_TEXT_BYTES_MAX);
    jsonw_init(&w, &body);
    write_request(&w, c);
    rc = buf_check(&body, "the conversation", e);
    if (!rc)
        rc = client_stream(c->server, "POST", CHAT_ROUTE, &body, on_event, l, e);
    buf_finish(&body);
    if (rc == ERR_CANCELLED) { /* what was said so far stays */
        c->finish = FINISH_CANCELLED;
        return ERR_OK;
    }
    if (!rc && l->err.code) {
        *e = l->err;
        return e->code;
    }
    if (!rc && !l->ended && !l->out->err.code)
        rc = err_set(e, ERR_IO, "the server went away in the middle of its answer");
    return rc;
}

/* It may have been unloaded since, and only what was loaded under its own name is loaded by a
 * question. */
static bool load_again(struct chat *c, struct err *e)
{
    char question[CHAT_MODEL_BYTES + 64];
    char model[CHAT_MODEL_BYTES], key[CHAT_MODEL_BYTES];

    (void)snprintf(question, sizeof(question), "%s is no longer loaded. Load it again?", c->model);
    if (c->is_once || !pick_yes(question))
        return false;
    memcpy(model, c->model, sizeof(model));
    memcpy(key, c->key, sizeof(key));
    return load(c, key, strcmp(key, model) == 0 ? NULL : model, e) == ERR_OK;
}

enum err_code chat_server_answer(struct chat *c, struct chat_out *out, struct err *e)
{
    struct listening l = { .chat = c, .out = out };
    enum err_code rc;

    c->timing = (struct engine_timing){ .n_prompt = 0 };
    rc = ask(&l, e);
    if (rc == ERR_NOT_FOUND && !l.begun && load_again(c, e))
        rc = ask(&l, e);
    drop_cut_calls(c);
    return rc;
}
