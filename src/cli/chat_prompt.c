/* From messages to the tokens of a prompt. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/chat.h"
#include "cli/now.h"
#include "os/file.h"

static enum err_code template_file(struct chat *c, struct err *e)
{
    enum err_code rc;

    buf_init(&c->template_text, MEM_REQUEST, TMPL_SOURCE_BYTES_MAX);
    rc = file_read(&c->template_text, c->o->template_path, e);
    if (!rc)
        rc = tmpl_open(&c->own_template, buf_str(&c->template_text), c->template_text.len, e);
    return rc;
}

static void warn_of_fallback(const struct chat *c)
{
    const struct err *why = engine_template_error(c->g);
    bool is_plain = c->format.is_plain;

    if (why && why->code && why->code != ERR_NOT_FOUND)
        (void)fprintf(stderr,
                      "warning: the model's chat template cannot be used (%s); using %s instead\n",
                      why->text, is_plain ? "a plain dialogue" : "ChatML");
    else if (is_plain)
        (void)fprintf(
            stderr, "note: this model has no chat template and may be a base model: it continues a "
                    "plain dialogue\n");
}

enum err_code chat_pick_template(struct chat *c, struct err *e)
{
    enum err_code rc = c->o->template_path ? template_file(c, e) : ERR_OK;

    if (!rc)
        rc = engine_format(c->g, c->own_template, &c->template_text, c->o->dialect, &c->format, e);
    if (!rc && c->format.is_fallback)
        warn_of_fallback(c);
    return rc;
}

/* The calls of a past answer, in the shape of an API: arguments as text. */
static void write_calls(struct jsonw *w, const char *calls)
{
    struct js *list = NULL;

    if (js_parse(&list, calls, strlen(calls), NULL))
        return;
    jsonw_key(w, "tool_calls");
    jsonw_arr(w);
    for (size_t i = 0; i < js_len(list); i++) {
        const struct js *call = js_at(list, i), *f = js_get(call, "function");

        jsonw_obj(w);
        jsonw_key(w, "id");
        jsonw_str(w, js_str(js_get(call, "id"), NULL));
        jsonw_key(w, "type");
        jsonw_str(w, "function");
        jsonw_key(w, "function");
        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_str(w, js_str(js_get(f, "name"), NULL));
        jsonw_key(w, "arguments");
        jsonw_str(w, js_str(js_get(call, "text"), NULL));
        jsonw_obj_end(w);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
    js_close(list);
}

static void write_message(struct jsonw *w, const struct message *m)
{
    jsonw_obj(w);
    jsonw_key(w, "role");
    jsonw_str(w, m->role);
    jsonw_key(w, "content");
    jsonw_str(w, m->text);
    if (m->calls)
        write_calls(w, m->calls);
    if (m->id) {
        jsonw_key(w, "name");
        jsonw_str(w, m->name);
        jsonw_key(w, "tool_call_id");
        jsonw_str(w, m->id);
    }
    jsonw_obj_end(w);
}

void chat_write_messages(const struct chat *c, struct jsonw *w)
{
    jsonw_arr(w);
    if (c->system)
        write_message(w, &(struct message){ .role = "system", .text = c->system });
    for (uint32_t i = 0; i < c->n_message; i++)
        write_message(w, &c->messages[i]);
    jsonw_arr_end(w);
}

struct reasoning_request chat_reasoning(const struct chat *c)
{
    const char *r = c->reasoning;

    return (struct reasoning_request){ .mode = strcmp(r, "on") == 0    ? REASONING_ON
                                               : strcmp(r, "off") == 0 ? REASONING_OFF
                                                                       : REASONING_AUTO,
                                       .budget = c->o->reasoning_budget };
}

enum err_code chat_render(const struct chat *c, struct buf *out, struct prompt_bars *bars,
                          struct err *e)
{
    struct now now = now_local();
    struct prompt_params p = { .tools = chat_offers_tools(c) ? c->tools : NULL,
                               .reasoning = chat_reasoning(c),
                               .unix_s = now.unix_s,
                               .zone_s = now.zone_s };
    struct js *messages = NULL;
    struct jsonw w;
    struct buf json;
    enum err_code rc;

    buf_init(&json, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    jsonw_init(&w, &json);
    chat_write_messages(c, &w);
    rc = buf_check(&json, "the conversation", e);
    if (!rc)
        rc = js_parse(&messages, buf_str(&json), json.len, e);
    p.messages = messages;
    if (!rc)
        rc = prompt_render(&c->format, &p, out, bars, e);
    js_close(messages);
    buf_finish(&json);
    return rc;
}

enum err_code chat_tokens(const struct chat *c, struct ids *out, struct err *e)
{
    struct prompt_bars bars = { 0 };
    struct buf text;
    enum err_code rc;

    buf_init(&text, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    rc = chat_render(c, &text, &bars, e);
    if (!rc)
        rc = prompt_tokens(&c->format, buf_str(&text), text.len, &bars, 0, NULL, out, e);
    prompt_bars_finish(&bars);
    buf_finish(&text);
    return rc;
}
