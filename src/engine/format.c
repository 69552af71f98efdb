/* How a loaded model writes conversations. */
#include "engine/engine.h"

enum err_code engine_format(const struct engine *g, const struct tmpl *own,
                            const struct buf *own_text, const char *dialect,
                            struct prompt_format *out, struct err *e)
{
    struct prompt_source s = { .tok = engine_tok(g),
                               .tmpl = own ? own : engine_template(g),
                               .dialect = dialect };
    struct gguf_str source = { "", 0 };
    bool found = false;

    if (own && own_text) {
        s.source = buf_str(own_text);
        s.source_len = own_text->len;
    }
    if (!own && !gguf_get_str(engine_gguf(g), "tokenizer.chat_template", &source, &found, NULL) &&
        found) {
        s.source = source.s;
        s.source_len = source.len;
    }
    return prompt_format_open(out, &s, e);
}
