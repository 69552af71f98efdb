/* What was learned of files before: a JSON text of path, size, time and facts.
 *
 * It holds successes alone: a file that could not be used is looked at again. The text carries the
 * program's version, as another version may see more in the same file. Read like anything from
 * outside: the file may have been changed by anybody. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "config.h"
#include "library/library_int.h"

#define FORM            1 /* of the text; another one is not read */
#define CACHE_BLOCK     ((size_t)64 * 1024)
#define CACHE_ENTRY_MAX (4U * LIBRARY_MODELS_MAX)

/* The facts by name: where in the struct, and what. */
enum fact_kind { FACT_TEXT, FACT_BOOL, FACT_U32, FACT_U64 };

static const struct {
    const char *name;
    enum fact_kind kind;
    size_t at;
} rows[] = {
    { "left_out", FACT_BOOL, offsetof(struct facts, is_left_out) },
    { "arch", FACT_TEXT, offsetof(struct facts, arch) },
    { "name", FACT_TEXT, offsetof(struct facts, name) },
    { "quant", FACT_TEXT, offsetof(struct facts, quant) },
    { "size_label", FACT_TEXT, offsetof(struct facts, size_label) },
    { "tool_use", FACT_BOOL, offsetof(struct facts, tool_use) },
    { "reasons", FACT_BOOL, offsetof(struct facts, reasons) },
    { "reasons_switch", FACT_BOOL, offsetof(struct facts, reasons_switch) },
    { "reasons_levels", FACT_BOOL, offsetof(struct facts, reasons_levels) },
    { "n_ctx_max", FACT_U32, offsetof(struct facts, n_ctx_max) },
    { "n_expert", FACT_U32, offsetof(struct facts, n_expert) },
    { "n_expert_used", FACT_U32, offsetof(struct facts, n_expert_used) },
    { "n_layer", FACT_U32, offsetof(struct facts, n_layer) },
    { "n_embd", FACT_U32, offsetof(struct facts, n_embd) },
    { "n_vocab", FACT_U32, offsetof(struct facts, n_vocab) },
    { "n_param", FACT_U64, offsetof(struct facts, n_param) },
    { "n_active", FACT_U64, offsetof(struct facts, n_active) },
    { "weight_bytes", FACT_U64, offsetof(struct facts, weight_bytes) },
    { "kv_token_bytes", FACT_U64, offsetof(struct facts, kv_token_bytes) },
    { "state_bytes", FACT_U64, offsetof(struct facts, state_bytes) },
};

static const char *const type_names[] = {
    [MODEL_LLM] = "llm", [MODEL_EMBEDDING] = "embedding", [MODEL_RERANKER] = "reranker"
};

/* ---- reading ---- */

/* A whole number from 0 on; false: it is none. */
static bool take_number(const struct js *v, uint64_t max, uint64_t *out)
{
    if (!v || js_kind(v) != JS_INT || js_int(v) < 0 || (uint64_t)js_int(v) > max)
        return false;
    *out = (uint64_t)js_int(v);
    return true;
}

static bool take_text(const struct js *v, char *out, size_t cap)
{
    size_t len = 0;
    const char *s = v ? js_str(v, &len) : NULL;

    if (!s || len >= cap || strlen(s) != len)
        return false;
    memcpy(out, s, len + 1);
    return true;
}

static bool take_facts(struct facts *f, const struct js *v)
{
    char type[16];
    bool has_type = false;

    *f = (struct facts){ 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct js *one = js_get(v, rows[i].name);
        char *to = (char *)f + rows[i].at;
        uint64_t n;
        bool b;

        if (rows[i].kind == FACT_TEXT) {
            if (!take_text(one, to, FACT_BYTES))
                return false;
        } else if (rows[i].kind == FACT_BOOL) {
            if (!one || js_kind(one) != JS_BOOL)
                return false;
            b = js_bool(one);
            memcpy(to, &b, sizeof(b));
        } else {
            uint32_t n32;

            if (!take_number(one, rows[i].kind == FACT_U32 ? UINT32_MAX : INT64_MAX, &n))
                return false;
            n32 = (uint32_t)n;
            if (rows[i].kind == FACT_U32)
                memcpy(to, &n32, sizeof(n32));
            else
                memcpy(to, &n, sizeof(n));
        }
    }
    if (!take_text(js_get(v, "type"), type, sizeof(type)))
        return false;
    for (unsigned t = 0; t < COUNT_OF(type_names); t++) {
        if (strcmp(type, type_names[t]) == 0) {
            f->type = (enum model_type)t;
            has_type = true;
        }
    }
    return has_type;
}

static bool take_entry(struct cache *c, struct cache_entry *out, const struct js *v)
{
    size_t len = 0;
    const char *path = js_str(js_get(v, "path"), &len);
    uint64_t mtime;

    if (js_kind(v) != JS_OBJ || !path || len == 0 || len >= PATH_BYTES_MAX || strlen(path) != len ||
        !take_number(js_get(v, "size"), INT64_MAX, &out->size) ||
        !take_number(js_get(v, "mtime_ns"), INT64_MAX, &mtime) || !take_facts(&out->facts, v))
        return false;
    out->mtime_ns = (int64_t)mtime;
    out->path = arena_strndup(&c->arena, path, len);
    return out->path != NULL;
}

static int by_path(const void *a, const void *b)
{
    const struct cache_entry *x = a, *y = b;

    return strcmp(x->path, y->path);
}

void cache_parse(struct cache *c, const char *text, size_t len)
{
    const struct js *version, *files;
    struct js *root;
    size_t n;

    *c = (struct cache){ 0 };
    arena_init(&c->arena, MEM_OTHER, CACHE_BLOCK, SCAN_BYTES_MAX);
    if (js_parse(&root, text, len, NULL) != ERR_OK)
        return;
    version = js_get(root, "version");
    files = js_get(root, "files");
    n = files && js_kind(files) == JS_ARR ? js_len(files) : 0;
    if (js_kind(root) == JS_OBJ && js_int(js_get(root, "form")) == FORM && version &&
        js_kind(version) == JS_STR && strcmp(js_str(version, NULL), HEARTH_VERSION) == 0 &&
        n <= CACHE_ENTRY_MAX)
        c->at = arena_new_n(&c->arena, n, sizeof(*c->at));
    for (size_t i = 0; c->at && i < n; i++)
        c->n += take_entry(c, &c->at[c->n], js_at(files, i));
    if (c->n > 1)
        qsort(c->at, c->n, sizeof(*c->at), by_path);
    js_close(root);
}

void cache_close(struct cache *c)
{
    arena_finish(&c->arena);
    c->at = NULL;
    c->n = 0;
}

const struct facts *cache_find(const struct cache *c, const struct candidate *of)
{
    struct cache_entry key = { .path = of->path };
    const struct cache_entry *e = c->n ? bsearch(&key, c->at, c->n, sizeof(*c->at), by_path) : NULL;

    return e && e->size == of->size && e->mtime_ns == of->mtime_ns ? &e->facts : NULL;
}

/* ---- writing ---- */

void cache_begin(struct buf *out)
{
    (void)buf_addf(out, "{\"form\":%d,\"version\":\"%s\",\"files\":[", FORM, HEARTH_VERSION);
}

void cache_add(struct buf *out, bool is_first, const struct candidate *c, const struct facts *f)
{
    struct jsonw w;

    (void)buf_adds(out, is_first ? "\n" : ",\n");
    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "path");
    jsonw_str(&w, c->path);
    jsonw_key(&w, "size");
    jsonw_uint(&w, c->size);
    jsonw_key(&w, "mtime_ns");
    jsonw_int(&w, c->mtime_ns);
    jsonw_key(&w, "type");
    jsonw_str(&w, type_names[f->type]);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *from = (const char *)f + rows[i].at;
        uint64_t n = 0;
        uint32_t n32;
        bool b;

        jsonw_key(&w, rows[i].name);
        if (rows[i].kind == FACT_TEXT) {
            jsonw_str(&w, from);
        } else if (rows[i].kind == FACT_BOOL) {
            memcpy(&b, from, sizeof(b));
            jsonw_bool(&w, b);
        } else {
            memcpy(&n32, from, sizeof(n32));
            if (rows[i].kind == FACT_U64)
                memcpy(&n, from, sizeof(n));
            jsonw_uint(&w, rows[i].kind == FACT_U64 ? n : n32);
        }
    }
    jsonw_obj_end(&w);
}

void cache_end(struct buf *out)
{
    (void)buf_adds(out, "\n]}\n");
}
