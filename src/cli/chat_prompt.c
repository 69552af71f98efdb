/* From messages to the tokens of a prompt. */
#include <stdio.h>
#include <string.h>

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
    struct buf text;
    enum err_code rc;

    buf_init(&text, MEM_REQUEST, TMPL_SOURCE_BYTES_MAX);
    rc = file_read(&text, c->o->template_path, e);
    if (!rc)
        rc = tmpl_open(&c->own_template, buf_str(&text), text.len, e);
    buf_finish(&text);
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

static void write_message(struct jsonw *w, const char *role, const char *a, const char *b)
{
    struct buf joined;

    buf_init(&joined, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    if (a)
        (void)buf_addf(&joined, "%s\n\n", a);
    (void)buf_adds(&joined, b);
    jsonw_obj(w);
    jsonw_key(w, "role");
    jsonw_str(w, role);
    jsonw_key(w, "content");
    jsonw_strn(w, buf_str(&joined), joined.len);
    jsonw_obj_end(w);
    w->out->failed = w->out->failed || joined.failed;
    buf_finish(&joined);
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
                                                                       : REASONING_AUTO };
}

/* merge: the system prompt goes into the first user message, for templates that refuse the role. */
static void write_context(const struct chat *c, bool merge, struct buf *out)
{
    struct reasoning_request q;
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "messages");
    jsonw_arr(&w);
    if (c->system && !merge)
        write_message(&w, "system", NULL, c->system);
    for (uint32_t i = 0; i < c->n_message; i++)
        write_message(&w, c->messages[i].role, merge && i == 0 ? c->system : NULL,
                      c->messages[i].text);
    jsonw_arr_end(&w);
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

    if (rc == ERR_TEMPLATE && c->system && c->n_message) {
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
