/* Models as JSON objects. */
#include "library/element.h"

#include <string.h>

#include "base/buf.h"

#define KEY_BYTES 1024U

static void text(struct jsonw *w, const char *key, const char *value)
{
    jsonw_key(w, key);
    jsonw_str(w, value);
}

static void variant_key(struct jsonw *w, const struct library_model *m)
{
    struct buf name;

    buf_init(&name, MEM_REQUEST, KEY_BYTES);
    (void)buf_addf(&name, "%s@%s", m->key, m->variant);
    jsonw_strn(w, buf_str(&name), name.len);
    buf_finish(&name);
}

static void variants(struct jsonw *w, const struct library *l, const struct library_model *m)
{
    const struct library_model *selected = m;

    jsonw_key(w, "variants");
    jsonw_arr(w);
    for (uint32_t i = 0; i < library_n(l); i++) {
        const struct library_model *v = library_at(l, i);

        if (strcmp(v->key, m->key) != 0)
            continue;
        if (v->is_selected)
            selected = v;
        variant_key(w, v);
    }
    jsonw_arr_end(w);
    jsonw_key(w, "selectedVariant");
    variant_key(w, selected);
}

void library_element_write(struct jsonw *w, const struct library *library,
                           const struct library_model *m)
{
    text(w, "type",
         m->type == MODEL_LLM        ? "llm"
         : m->type == MODEL_RERANKER ? "reranker"
                                     : "embedding");
    text(w, "modelKey", m->key);
    text(w, "format", "gguf");
    text(w, "displayName", m->display_name);
    text(w, "publisher", m->publisher);
    text(w, "path", m->shown_path);
    jsonw_key(w, "sizeBytes");
    jsonw_uint(w, m->size_bytes);
    text(w, "indexedModelIdentifier", m->key);
    jsonw_key(w, "deviceIdentifier");
    jsonw_null(w);
    if (m->params[0])
        text(w, "paramsString", m->params);
    if (m->arch[0])
        text(w, "architecture", m->arch);
    if (m->quant[0]) {
        jsonw_key(w, "quantization");
        jsonw_obj(w);
        text(w, "name", m->quant);
        jsonw_key(w, "bits");
        jsonw_uint(w, m->quant_bits);
        jsonw_obj_end(w);
    }
    if (library && m->n_variant > 1)
        variants(w, library, m);
    if (m->type == MODEL_LLM) {
        jsonw_key(w, "vision");
        jsonw_bool(w, false);
        jsonw_key(w, "trainedForToolUse");
        jsonw_bool(w, m->tool_use);
    }
    jsonw_key(w, "maxContextLength");
    jsonw_uint(w, m->n_ctx_max);
}
