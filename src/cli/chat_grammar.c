/* --schema and --grammar: answers of a given form. */
#include "base/json.h"
#include "cli/chat.h"
#include "os/file.h"

static enum err_code of_schema(struct grammar **out, const char *path, const struct buf *text,
                               struct err *e)
{
    struct grammar_place place = { "" };
    struct js *schema = NULL;
    struct err why = { 0 };
    enum err_code rc = js_parse(&schema, buf_str(text), text->len, &why);

    if (!rc)
        rc = grammar_of_schema(out, schema, &place, &why);
    js_close(schema);
    if (rc)
        return err_set(e, rc, "%s: %.300s%s%s", path, why.text, *place.pointer ? ", at " : "",
                       place.pointer);
    return ERR_OK;
}

enum err_code chat_load_grammar(struct chat *c, struct err *e)
{
    const char *path = c->o->schema_path ? c->o->schema_path : c->o->grammar_path;
    struct err why = { 0 };
    struct buf text;
    enum err_code rc;

    if (!path)
        return ERR_OK;
    buf_init(&text, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    rc = file_read(&text, path, e);
    if (!rc && c->o->schema_path) {
        rc = of_schema(&c->grammar, path, &text, e);
    } else if (!rc) {
        rc = grammar_of_gbnf(&c->grammar, buf_str(&text), text.len, &why);
        if (rc)
            (void)err_set(e, rc, "%s: %.400s", path, why.text);
    }
    buf_finish(&text);
    return rc;
}
