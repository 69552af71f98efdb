/* From messages to the tokens of a prompt. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "cli/chat.h"
#include "cli/now.h"
#include "os/file.h"

/* For files without a template whose vocabulary has ChatML's marks. */
static const char chatml[] =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/* For base models: a dialogue in plain words, which they continue. */
static const char plain[] = "{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n"
                            "{% else %}{{ 'User' if m.role == 'user' else 'Assistant' }}: {{ "
                            "m.content }}\n{% endif %}{% endfor %}"
                            "{% if add_generation_prompt %}Assistant:{% endif %}";

static enum err_code template_file(struct chat *c, struct err *e)
{
    enum err_code rc;

    buf_init(&c->template_text, MEM_REQUEST, TMPL_SOURCE_BYTES_MAX);
    rc = file_read(&c->template_text, c->o->template_path, e);
    if (!rc)
        rc = tmpl_open(&c->own_template, buf_str(&c->template_text), c->template_text.len, e);
    return rc;
}

enum err_code chat_pick_template(struct chat *c, struct err *e)
{
    const struct err *why = engine_template_error(c->g);
    const char *fallback = plain;

    if (c->o->template_path)
        return template_file(c, e);
    if (engine_template(c->g))
        return ERR_OK;
    if (tok_find(engine_tok(c->g), "<|im_start|>", strlen("<|im_start|>")) != TOK_NONE)
        fallback = chatml;
    c->is_plain = fallback == plain;
    if (why && why->code && why->code != ERR_NOT_FOUND)
        (void)fprintf(stderr,
                      "warning: the model's chat template cannot be used (%s); using %s instead\n",
                      why->text, c->is_plain ? "a plain dialogue" : "ChatML");
    else if (c->is_plain)
        (void)fprintf(
            stderr, "note: this model has no chat template and may be a base model: it continues a "
                    "plain dialogue\n");
    return tmpl_open(&c->own_template, fallback, strlen(fallback), e);
}

/* A message's members up to its text: a, an empty line and b. */
static void begin_message(struct jsonw *w, const char *role, const char *a, const char *b)
{
    struct buf joined;

    buf_init(&joined, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    if (a && *a)
        (void)buf_addf(&joined, "%s\n\n", a);
    (void)buf_adds(&joined, b);
    jsonw_obj(w);
    jsonw_key(w, "role");
    jsonw_str(w, role);
    jsonw_key(w, "content");
    jsonw_strn(w, buf_str(&joined), joined.len);
    w->out->failed = w->out->failed || joined.failed;
    buf_finish(&joined);
}

/* Calls as members of a message, with arguments as the template wants them. */
static void write_calls(const struct chat *c, struct jsonw *w, const char *calls)
{
    struct js *list = NULL;

    if (!c->dialect.args_text || js_parse(&list, calls, strlen(calls), NULL)) {
        jsonw_raw(w, calls, strlen(calls));
        return;
    }
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

/* For templates that know nothing of tools: the generic form, in plain text. */
static void write_plain_calls(struct jsonw *w, const struct message *m)
{
    struct js *list = NULL;
    struct buf text;

    buf_init(&text, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    if (m->calls && js_parse(&list, m->calls, strlen(m->calls), NULL))
        list = NULL;
    for (size_t i = 0; i < js_len(list); i++) {
        const struct js *call = js_at(list, i);

        (void)buf_adds(&text, i ? "\n[TOOL_REQUEST]{\"name\":" : "[TOOL_REQUEST]{\"name\":");
        jsonw_quote(&text, js_str(js_get(js_get(call, "function"), "name"), NULL),
                    strlen(js_str(js_get(js_get(call, "function"), "name"), NULL)));
        (void)buf_addf(&text, ",\"arguments\":%s}[END_TOOL_REQUEST]",
                       js_str(js_get(call, "text"), NULL));
    }
    begin_message(w, m->role, m->text, buf_str(&text));
    jsonw_obj_end(w);
    js_close(list);
    w->out->failed = w->out->failed || text.failed;
    buf_finish(&text);
}

/* The results that stand together from message i on become one message of the user; how many. */
static uint32_t write_plain_results(const struct chat *c, struct jsonw *w, uint32_t i)
{
    struct buf text;
    uint32_t n = 0;

    buf_init(&text, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    for (; i + n < c->n_message && strcmp(c->messages[i + n].role, "tool") == 0; n++)
        (void)buf_addf(&text, "%s[TOOL_RESULT]%s[END_TOOL_RESULT]", n ? "\n" : "",
                       c->messages[i + n].text);
    begin_message(w, "user", NULL, buf_str(&text));
    jsonw_obj_end(w);
    w->out->failed = w->out->failed || text.failed;
    buf_finish(&text);
    return n;
}

/* Message i, behind the system prompt `lead`; how many messages that were. */
static uint32_t write_message(const struct chat *c, struct jsonw *w, uint32_t i, const char *lead)
{
    const struct message *m = &c->messages[i];
    bool native = c->dialect.native;

    if (!native && m->id)
        return write_plain_results(c, w, i);
    if (!native && m->calls) {
        write_plain_calls(w, m);
        return 1;
    }
    begin_message(w, m->role, lead, m->text);
    if (m->calls) {
        jsonw_key(w, "tool_calls");
        write_calls(c, w, m->calls);
    }
    if (m->id) {
        jsonw_key(w, "name");
        jsonw_str(w, m->name);
        jsonw_key(w, "tool_call_id");
        jsonw_str(w, m->id);
    }
    jsonw_obj_end(w);
    return 1;
}

/* The system prompt, and where the template cannot show tools, these. */
static void system_text(const struct chat *c, struct buf *out)
{
    if (c->system)
        (void)buf_adds(out, c->system);
    if (!chat_offers_tools(c) || c->dialect.native)
        return;
    (void)buf_adds(out, out->len ? "\n\n" : "");
    (void)dialect_generic_prompt(out, buf_str(&c->tools_text), c->tools_text.len);
}

static void write_token(struct jsonw *w, const struct tok *t, const char *key, int32_t id)
{
    size_t len = 0;
    const char *s = id == TOK_NONE ? "" : tok_spelling(t, id, &len);

    jsonw_key(w, key);
    jsonw_strn(w, s, len);
}

struct reasoning_request chat_reasoning(const struct chat *c)
{
    const char *r = c->o->reasoning;

    return (struct reasoning_request){ .mode = strcmp(r, "on") == 0    ? REASONING_ON
                                               : strcmp(r, "off") == 0 ? REASONING_OFF
                                                                       : REASONING_AUTO,
                                       .budget = c->o->reasoning_budget };
}

/* merge: the system prompt goes into the first user message, for templates that refuse the role. */
static void write_context(const struct chat *c, bool merge, struct buf *out)
{
    struct reasoning_request q;
    struct buf system;
    struct jsonw w;

    buf_init(&system, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    system_text(c, &system);
    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "messages");
    jsonw_arr(&w);
    if (system.len && !merge) {
        begin_message(&w, "system", NULL, buf_str(&system));
        jsonw_obj_end(&w);
    }
    for (uint32_t i = 0; i < c->n_message;)
        i += write_message(c, &w, i, merge && i == 0 ? buf_str(&system) : NULL);
    jsonw_arr_end(&w);
    out->failed = out->failed || system.failed;
    buf_finish(&system);
    if (chat_offers_tools(c) && c->dialect.native) {
        jsonw_key(&w, "tools");
        jsonw_raw(&w, buf_str(&c->tools_text), c->tools_text.len);
    }
    jsonw_key(&w, "add_generation_prompt");
    jsonw_bool(&w, true);
    q = chat_reasoning(c);
    reasoning_write(&c->dialect.reasoning, &q, &w);
    write_token(&w, engine_tok(c->g), "bos_token", tok_bos(engine_tok(c->g)));
    write_token(&w, engine_tok(c->g), "eos_token", tok_eos(engine_tok(c->g)));
    jsonw_obj_end(&w);
}

static enum err_code render_with(const struct chat *c, bool merge, struct buf *out, struct err *e)
{
    const struct tmpl *t = c->own_template ? c->own_template : engine_template(c->g);
    struct now now = now_local();
    struct buf json;
    struct js *context = NULL;
    enum err_code rc;

    buf_init(&json, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    write_context(c, merge, &json);
    rc = buf_check(&json, "the conversation", e);
    if (!rc)
        rc = js_parse(&context, buf_str(&json), json.len, e);
    if (!rc)
        rc = tmpl_render(t, context, now.unix_s, now.zone_s, NULL, out, e);
    js_close(context);
    buf_finish(&json);
    return rc;
}

enum err_code chat_render(const struct chat *c, struct buf *out, struct err *e)
{
    struct err first = { 0 };
    enum err_code rc = render_with(c, false, out, &first);

    if (rc == ERR_TEMPLATE && c->n_message && (c->system || chat_offers_tools(c))) {
        buf_clear(out);
        rc = render_with(c, true, out, e);
    }
    if (rc == ERR_TEMPLATE)
        return err_set(e, ERR_TEMPLATE, "the chat template refuses this conversation: %.300s",
                       first.text);
    if (rc && first.code && e)
        *e = first;
    return rc;
}

/* Templates often write the begin-of-text token themselves: it must not come twice. */
static bool begins_with_bos(const struct tok *t, const struct buf *text)
{
    size_t len;
    const char *bos;

    if (tok_bos(t) == TOK_NONE)
        return false;
    bos = tok_spelling(t, tok_bos(t), &len);
    return len && text->len >= len && memcmp(buf_str(text), bos, len) == 0;
}

enum err_code chat_tokens(const struct chat *c, struct ids *out, struct err *e)
{
    const struct tok *t = engine_tok(c->g);
    struct tok_params p = { .parse_special = true };
    struct buf text;
    enum err_code rc;

    buf_init(&text, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    rc = chat_render(c, &text, e);
    p.add_special = !begins_with_bos(t, &text) && !tok_adds_eos(t);
    if (!rc)
        rc = tok_encode(t, buf_str(&text), text.len, p, out, e);
    buf_finish(&text);
    return rc;
}
