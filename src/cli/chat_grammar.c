/* --schema, --grammar and --tools: what answers are held to. */
#include <string.h>

#include "base/json.h"
#include "cli/chat.h"
#include "os/file.h"

static enum err_code at_place(const char *path, const struct grammar_place *place, enum err_code rc,
                              const struct err *why, struct err *e)
{
    return err_set(e, rc, "%s: %.300s%s%s", path, why->text, *place->pointer ? ", at " : "",
                   place->pointer);
}

static enum err_code load_json(struct js **out, const char *path, struct buf *text, struct err *e)
{
    struct err why = { 0 };
    enum err_code rc = file_read(text, path, e);

    if (rc)
        return rc;
    rc = js_parse(out, buf_str(text), text->len, &why);
    return rc ? err_set(e, rc, "%s: %.300s", path, why.text) : ERR_OK;
}

/* Refused now, not when the first answer is due. */
static enum err_code try_schema(struct chat *c, struct err *e)
{
    const char *path = c->o->schema_path;
    struct grammar_place place = { "" };
    struct grammar *g = NULL;
    struct err why = { 0 };
    struct buf text;
    enum err_code rc;

    buf_init(&text, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    rc = load_json(&c->schema, path, &text, e);
    buf_finish(&text);
    if (rc)
        return rc;
    rc = grammar_of_schema(&g, c->schema, &place, &why);
    grammar_close(g);
    return rc ? at_place(path, &place, rc, &why, e) : ERR_OK;
}

static enum err_code try_gbnf(struct chat *c, struct err *e)
{
    struct grammar *g = NULL;
    struct err why = { 0 };
    enum err_code rc = file_read(&c->gbnf, c->o->grammar_path, e);

    if (rc)
        return rc;
    rc = grammar_of_gbnf(&g, buf_str(&c->gbnf), c->gbnf.len, NULL, &why);
    grammar_close(g);
    return rc ? err_set(e, rc, "%s: %.400s", c->o->grammar_path, why.text) : ERR_OK;
}

static enum err_code load_tools(struct chat *c, struct err *e)
{
    enum err_code rc = load_json(&c->tools, c->o->tools_path, &c->tools_text, e);

    if (rc)
        return rc;
    if (js_kind(c->tools) != JS_ARR || !js_len(c->tools))
        return err_set(e, ERR_FORMAT, "%s: expected a list of tools", c->o->tools_path);
    for (size_t i = 0; i < js_len(c->tools); i++)
        if (!js_str(js_get(js_get(js_at(c->tools, i), "function"), "name"), NULL))
            return err_set(e, ERR_FORMAT,
                           "%s: tool %zu must be {\"type\":\"function\",\"function\":{\"name\":…}}",
                           c->o->tools_path, i);
    return ERR_OK;
}

enum err_code chat_load_shapes(struct chat *c, struct err *e)
{
    enum err_code rc = ERR_OK;

    buf_init(&c->gbnf, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    buf_init(&c->tools_text, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    if (c->o->schema_path)
        rc = try_schema(c, e);
    if (!rc && c->o->grammar_path)
        rc = try_gbnf(c, e);
    if (!rc && c->o->tools_path)
        rc = load_tools(c, e);
    return rc;
}

void chat_free_shapes(struct chat *c)
{
    js_close(c->schema);
    js_close(c->tools);
    buf_finish(&c->gbnf);
    buf_finish(&c->tools_text);
}

bool chat_offers_tools(const struct chat *c)
{
    return c->tools && strcmp(c->o->tool_choice, "none") != 0;
}

enum err_code chat_shape(const struct chat *c, const struct buf *prompt, struct shape **out,
                         struct err *e)
{
    const char *choice = c->round && chat_offers_tools(c) ? "auto" : c->o->tool_choice;
    struct shape_spec p = { .dialect = &c->format.dialect,
                            .tok = engine_tok(c->g),
                            .tools = c->tools,
                            .one_call = c->o->one_call,
                            .schema = c->schema,
                            .gbnf = c->gbnf.len ? buf_str(&c->gbnf) : NULL,
                            .gbnf_len = c->gbnf.len,
                            .reasoning = chat_reasoning(c).mode != REASONING_OFF,
                            .prompt = buf_str(prompt),
                            .prompt_len = prompt->len };
    struct grammar_place place = { "" };
    struct err why = { 0 };
    enum err_code rc;

    p.choice = strcmp(choice, "auto") == 0       ? SHAPE_AUTO
               : strcmp(choice, "none") == 0     ? SHAPE_NONE
               : strcmp(choice, "required") == 0 ? SHAPE_REQUIRED
                                                 : SHAPE_NAMED;
    p.name = p.choice == SHAPE_NAMED ? choice : NULL;
    rc = shape_open(out, &p, &place, &why);
    return rc ? at_place(c->tools ? c->o->tools_path : "the answer's form", &place, rc, &why, e)
              : ERR_OK;
}
