/* What a model file is: by its keys and tensors, never by its size or its name alone. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "compute/plan.h"
#include "formats/gguf.h"
#include "library/library_int.h"
#include "model/model.h"
#include "text/dialect.h"
#include "text/template.h"

#define F16_BYTES 2U
#define F32_BYTES 4U

/* A string of the file as text of at most FACT_BYTES - 1 bytes. */
static void take_str(char out[FACT_BYTES], struct gguf_str s)
{
    size_t len = 0;

    for (size_t i = 0; i < s.len;) {
        uint32_t cp;
        unsigned n = utf8_decode(s.s + i, s.len - i, &cp), step = n ? n : 1;
        bool is_text = n && cp >= 0x20 && cp != 0x7F;

        if (len + step >= FACT_BYTES)
            break;
        if (is_text) {
            memcpy(out + len, s.s + i, n);
            len += n;
        } else {
            out[len++] = '?';
        }
        i += step;
    }
    out[len] = '\0';
}

static void read_str(const struct gguf *g, const char *key, char out[FACT_BYTES])
{
    struct gguf_str s = { "", 0 };

    if (gguf_get_str(g, key, &s, NULL, NULL) != ERR_OK)
        s = (struct gguf_str){ "", 0 };
    take_str(out, s);
}

/* Lower-case text contains a word of lower case. */
static bool contains(const char *text, const char *word)
{
    char low[NAME_BYTES];

    name_lower(low, text);
    return strstr(low, word) != NULL;
}

/* Files that belong to models but are none. */
static bool is_no_model(const struct gguf *g, const char *arch, const char *stem)
{
    char type[FACT_BYTES], low[NAME_BYTES];

    read_str(g, "general.type", type);
    name_lower(low, stem);
    return (type[0] && strcmp(type, "model") != 0) || strcmp(arch, "clip") == 0 ||
           strncmp(low, "mmproj", 6) == 0;
}

/* Encoders, and models that name a pooling, embed; names are asked only where nothing else tells:
 * several embedding models are plain decoders without a pooling. */
static enum model_type type_of(const struct model_info *info, const char *stem)
{
    if (info->pooling == POOL_RANK && info->n_label > 0)
        return MODEL_RERANKER;
    if (!info->has_logits || !info->is_causal || info->pooling != POOL_NONE ||
        contains(stem, "embed") || contains(info->name, "embed"))
        return MODEL_EMBEDDING;
    return MODEL_LLM;
}

/* What a token and a sequence cost in memory. */
static enum err_code cost(struct facts *f, const struct model *m, struct err *e)
{
    const struct model_plan_params p = { .embeddings = !model_info(m)->has_logits };
    struct plan *plan;
    enum err_code rc = model_plan(m, &p, &plan, e);

    if (rc)
        return rc;
    for (uint32_t i = 0; i < plan->n_kv_layer; i++) {
        const struct kv_layer *l = &plan->kv_layers[i];

        f->kv_token_bytes += (uint64_t)l->n_head * ((uint64_t)l->head_k + l->head_v) * F16_BYTES;
    }
    for (uint32_t i = 0; i < plan->n_state; i++)
        f->state_bytes += (uint64_t)plan->states[i].n_float * F32_BYTES;
    plan_destroy(plan);
    return ERR_OK;
}

/* What the chat template shows: tools, thoughts, and whether these can be switched. ERR_OOM only.
 */
static enum err_code read_template(struct facts *f, const struct gguf *g, struct err *e)
{
    struct gguf_str source = { "", 0 };
    struct tmpl *t = NULL;
    struct dialect d;
    enum err_code rc;
    bool found = false;

    if (gguf_get_str(g, "tokenizer.chat_template", &source, &found, NULL) != ERR_OK || !found ||
        source.len > TMPL_SOURCE_BYTES_MAX)
        return ERR_OK;
    if (tmpl_open(&t, source.s, source.len, e) != ERR_OK) /* one that is broken shows nothing */
        return e->code == ERR_OOM ? ERR_OOM : ERR_OK;
    rc = dialect_find(&d, t, source.s, source.len, e);
    tmpl_close(t);
    if (rc)
        return rc;
    f->tool_use = d.native;
    f->reasons = d.reasoning.row != NULL;
    f->reasons_switch = f->reasons && (d.reasoning.vars & REASONING_SWITCHES) != 0;
    f->reasons_levels = f->reasons && (d.reasoning.vars & REASONING_LEVELS) != 0;
    return ERR_OK;
}

static enum err_code read_model(struct facts *f, const struct gguf *g, const char *stem,
                                struct err *e)
{
    const struct model_info *info;
    struct model *m;
    enum err_code rc = model_open(&m, g, e);

    if (rc)
        return rc;
    info = model_info(m);
    f->type = type_of(info, stem);
    (void)snprintf(f->name, sizeof(f->name), "%s", info->name);
    (void)snprintf(f->quant, sizeof(f->quant), "%s", info->type_name);
    f->n_ctx_max = info->n_ctx_train;
    f->n_expert = info->n_expert;
    f->n_expert_used = info->n_expert_used;
    f->n_layer = info->n_layer;
    f->n_embd = info->n_embd;
    f->n_vocab = info->n_vocab;
    f->n_param = info->n_param;
    f->n_active = info->n_active;
    f->weight_bytes = info->weight_bytes;
    rc = cost(f, m, e);
    model_close(m);
    return !rc && f->type == MODEL_LLM ? read_template(f, g, e) : rc;
}

static void read_gguf(struct facts *f, const struct gguf *g, const char *stem)
{
    struct err e = { 0 };

    read_str(g, "general.architecture", f->arch);
    read_str(g, "general.name", f->name);
    read_str(g, "general.size_label", f->size_label);
    if (is_no_model(g, f->arch, stem)) {
        f->is_left_out = true;
    } else if (read_model(f, g, stem, &e) != ERR_OK) {
        f->type = MODEL_UNUSABLE;
        (void)snprintf(f->why, sizeof(f->why), "%s", e.text);
    }
}

static void unusable(struct facts *f, const char *why)
{
    f->type = MODEL_UNUSABLE;
    (void)snprintf(f->why, sizeof(f->why), "%s", why);
}

void inspect_file(struct facts *f, const struct candidate *c)
{
    struct gguf *g;
    struct err e = { 0 };

    *f = (struct facts){ 0 };
    if (c->n_part_found < c->n_part) {
        (void)err_set(&e, ERR_FORMAT, "%u of %u parts are there: the model is not fully downloaded",
                      c->n_part_found, c->n_part);
        unusable(f, e.text);
    } else if (gguf_open_head(&g, c->path, &e) != ERR_OK) {
        unusable(f, e.text);
    } else {
        read_gguf(f, g, c->stem);
        gguf_close(g);
    }
}

void inspect_memory(struct facts *f, const void *data, size_t size, const char *name)
{
    struct gguf *g;
    struct err e = { 0 };

    *f = (struct facts){ 0 };
    if (gguf_open_memory(&g, data, size, name, &e) != ERR_OK) {
        unusable(f, e.text);
        return;
    }
    read_gguf(f, g, name);
    gguf_close(g);
}
