/* hearth ls: the models on disk. Looks for itself; a running daemon only adds what is loaded. With
 * --host: those of a server elsewhere. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "cli/units.h"
#include "library/element.h"
#include "library/library.h"
#include "os/file.h"
#include "serve/folders.h"

#define JSON_BYTES     (64U << 20)
#define THERE_ROWS_MAX 8192U

struct ls {
    bool llm, embedding, variants, json;
    const char *key; /* as it was typed, then the model's own; NULL: all */
    struct client client;
    struct library *library; /* of this machine; NULL: a server elsewhere is asked */
    struct js *loaded;       /* of the daemon; NULL: none runs */
    struct js *remote;       /* models of the server elsewhere */
};

/* What a row of the table shows. */
struct row {
    const char *key, *variant, *params, *arch, *device;
    uint64_t size_bytes; /* 0: unknown */
    uint32_t n_variant, n_loaded;
    bool is_selected, is_llm;
};

/* ---- rows ---- */

static bool is_variant_row(const struct ls *o, const struct row *r)
{
    return o->key || (o->variants && r->n_variant > 1);
}

static void print_row(const struct ls *o, struct table *t, const struct row *r)
{
    if (is_variant_row(o, r))
        table_cell(t, "%s%s@%s", r->is_selected ? " * " : "   ", r->key, r->variant);
    else if (r->n_variant > 1)
        table_cell(t, "%s (%u variants)", r->key, r->n_variant);
    else
        table_cell(t, "%s", r->key);
    table_cell(t, "%s", r->params);
    table_cell(t, "%s", r->arch);
    table_size(t, r->size_bytes);
    table_cell(t, "%s", r->device);
    if (r->n_loaded > 1)
        table_cell(t, "\xE2\x9C\x93 LOADED (%u)", r->n_loaded);
    else
        table_cell(t, "%s", r->n_loaded ? "\xE2\x9C\x93 LOADED" : "");
    table_color(t, "\033[32m");
}

/* A model with variants stands alone above them (cli.md 2.5). */
static void print_group(const struct ls *o, struct table *t, const struct row *r)
{
    if (!o->variants || o->key || r->n_variant < 2)
        return;
    table_cell(t, "%s", r->key);
    for (uint32_t i = 1; i < t->n_column; i++)
        table_cell(t, "%s", "");
}

static void print_rows(const struct ls *o, const struct row *rows, uint32_t n, bool llm)
{
    const char *const headings[] = {
        llm ? "LLM" : "EMBEDDING", "PARAMS", "ARCH", "SIZE", "DEVICE", ""
    };
    const char *group = "";
    struct table t;
    uint32_t n_shown = 0;

    table_begin(&t, headings, COUNT_OF(headings));
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].is_llm != llm)
            continue;
        if (strcmp(group, rows[i].key) != 0)
            print_group(o, &t, &rows[i]);
        group = rows[i].key;
        print_row(o, &t, &rows[i]);
        n_shown++;
    }
    if (n_shown) {
        (void)puts("");
        table_print(&t);
    }
    table_end(&t);
}

static void print_plain(const struct ls *o, const struct row *rows, uint32_t n)
{
    uint64_t bytes = 0;
    char size[32];

    if (!n && o->client.host)
        (void)printf("%s has no models%s.\n", o->client.base,
                     o->llm != o->embedding ? " of this kind" : "");
    else if (!n)
        (void)puts(o->llm != o->embedding
                       ? "No models of this kind are on disk."
                       : "No models are on disk; they go to ~/.hearth/models/PUBLISHER/MODEL/.");
    if (!n)
        return;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].size_bytes;
    units_bytes(size, sizeof(size), bytes);
    if (o->key)
        (void)printf("\n%s: %u variant%s, %s in total\n", o->key, n, n == 1 ? "" : "s", size);
    else
        (void)printf("\n%u model%s%s, %s in total\n", n, n == 1 ? "" : "s",
                     o->client.host ? "" : " on disk", size);
    print_rows(o, rows, n, true);
    print_rows(o, rows, n, false);
}

/* ---- this machine's models ---- */

static bool is_wanted(const struct ls *o, const struct library_model *m)
{
    if (m->type == MODEL_UNUSABLE)
        return false;
    if (o->key)
        return strcmp(o->key, m->key) == 0;
    if (o->llm != o->embedding && (m->type == MODEL_LLM) != o->llm)
        return false;
    return m->is_selected || o->variants;
}

/* Of this variant where variants have rows of their own, else of the key. */
static uint32_t n_loaded(const struct ls *o, const struct library_model *m)
{
    bool is_row = o->key || o->variants;
    uint32_t n = 0;

    for (size_t i = 0; i < js_len(o->loaded); i++) {
        const char *name = js_str(js_get(js_at(o->loaded, i), is_row ? "path" : "modelKey"), NULL);

        n += name && strcmp(name, is_row ? m->shown_path : m->key) == 0;
    }
    return n;
}

static void print_here(const struct ls *o)
{
    uint32_t n_all = library_n(o->library), n = 0;
    struct row *rows = mem_alloc_zero(MEM_OTHER, (n_all + 1) * sizeof(*rows));

    for (uint32_t i = 0; rows && i < n_all; i++) {
        const struct library_model *m = library_at(o->library, i);

        if (is_wanted(o, m))
            rows[n++] = (struct row){ .key = m->key,
                                      .variant = m->variant,
                                      .params = m->params,
                                      .arch = m->arch_name,
                                      .device = "Local",
                                      .size_bytes = m->size_bytes,
                                      .n_variant = m->n_variant,
                                      .n_loaded = n_loaded(o, m),
                                      .is_selected = m->is_selected,
                                      .is_llm = m->type == MODEL_LLM };
    }
    print_plain(o, rows, n);
    mem_free(rows);
    for (uint32_t i = 0; i < n_all && !o->key; i++) {
        const struct library_model *m = library_at(o->library, i);

        if (m->type == MODEL_UNUSABLE)
            (void)fprintf(stderr, "note: %s cannot be used: %s\n", m->shown_path, m->why);
    }
}

static void write_element(const struct ls *o, struct jsonw *w, const struct library_model *m)
{
    jsonw_obj(w);
    library_element_write(w, o->library, m);
    jsonw_obj_end(w);
}

/* A model and its variants; only those that have several. */
static void write_with_variants(const struct ls *o, struct jsonw *w, const struct library_model *m)
{
    if (!m->is_selected || m->n_variant < 2)
        return;
    jsonw_obj(w);
    jsonw_key(w, "model");
    write_element(o, w, m);
    jsonw_key(w, "variants");
    jsonw_arr(w);
    for (uint32_t i = 0; i < library_n(o->library); i++) {
        if (strcmp(library_at(o->library, i)->key, m->key) == 0)
            write_element(o, w, library_at(o->library, i));
    }
    jsonw_arr_end(w);
    jsonw_obj_end(w);
}

static enum err_code print_json(const struct ls *o, struct err *e)
{
    struct jsonw w;
    struct buf b;
    enum err_code rc;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    jsonw_init(&w, &b);
    jsonw_arr(&w);
    for (uint32_t i = 0; i < library_n(o->library); i++) {
        if (!is_wanted(o, library_at(o->library, i)))
            continue;
        if (o->variants)
            write_with_variants(o, &w, library_at(o->library, i));
        else
            write_element(o, &w, library_at(o->library, i));
    }
    jsonw_arr_end(&w);
    (void)buf_addc(&b, '\n');
    rc = buf_check(&b, "the list", e);
    if (!rc)
        rc = stdout_write(buf_str(&b), b.len, e);
    buf_finish(&b);
    return rc;
}

static enum err_code run_here(struct ls *o, struct err *e)
{
    enum err_code rc = library_here(&o->library, e);

    if (rc)
        return rc;
    if (o->key) {
        const struct library_model *m = library_find(o->library, o->key);
        const char *near = m ? NULL : library_near(o->library, o->key);

        if (!m)
            return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'%s%.200s%s", o->key,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        o->key = m->key;
    }
    if (client_find(&o->client, NULL) == ERR_OK)
        (void)client_call(&o->client, "GET", "/hearth/ps", NULL, &o->loaded, NULL);
    if (o->json)
        return print_json(o, e);
    print_here(o);
    return ERR_OK;
}

/* ---- a server's elsewhere: it tells one entry a key, and the names of its variants ---- */

static const char *text_of(const struct js *m, const char *key)
{
    const char *s = js_str(js_get(m, key), NULL);

    return s ? s : "";
}

static bool is_wanted_there(const struct ls *o, const struct js *m)
{
    bool is_llm = strcmp(text_of(m, "type"), "llm") == 0;

    if (o->key)
        return strcmp(text_of(m, "modelKey"), o->key) == 0;
    return o->llm == o->embedding || is_llm == o->llm;
}

static struct row row_there(const struct ls *o, const struct js *m)
{
    const struct js *variants = js_get(m, "variants");

    return (struct row){ .key = text_of(m, "modelKey"),
                         .params = text_of(m, "paramsString"),
                         .arch = text_of(m, "architecture"),
                         .device = o->client.host,
                         .size_bytes = (uint64_t)js_int(js_get(m, "sizeBytes")),
                         .n_variant = js_len(variants) ? (uint32_t)js_len(variants) : 1,
                         .n_loaded = (uint32_t)js_int(js_get(m, "loadedInstances")),
                         .is_selected = true,
                         .is_llm = strcmp(text_of(m, "type"), "llm") == 0 };
}

/* One row a variant; only the size of the one in use is known. */
static uint32_t add_variants(const struct ls *o, const struct js *m, struct row *rows, uint32_t cap)
{
    const struct js *variants = js_get(m, "variants");
    const struct row one = row_there(o, m);
    uint32_t n = 0;

    for (size_t i = 0; i < js_len(variants) && n < cap; i++) {
        const char *name = js_str(js_at(variants, i), NULL), *at = name ? strchr(name, '@') : NULL;

        if (!at)
            continue;
        rows[n] = one;
        rows[n].variant = at + 1;
        rows[n].is_selected = strcmp(name, text_of(m, "selectedVariant")) == 0;
        if (!rows[n].is_selected) {
            rows[n].size_bytes = 0;
            rows[n].n_loaded = 0;
        }
        n++;
    }
    if (!n && cap) {
        const struct js *quant = js_get(m, "quantization");

        rows[n] = one;
        rows[n++].variant = text_of(quant, "name");
    }
    return n;
}

static void print_there(const struct ls *o)
{
    struct row *rows = mem_alloc_zero(MEM_OTHER, THERE_ROWS_MAX * sizeof(*rows));
    uint32_t n = 0;

    for (size_t i = 0; rows && i < js_len(o->remote) && n < THERE_ROWS_MAX; i++) {
        const struct js *m = js_at(o->remote, i);

        if (!is_wanted_there(o, m))
            continue;
        if (o->key || (o->variants && js_len(js_get(m, "variants")) > 1))
            n += add_variants(o, m, rows + n, THERE_ROWS_MAX - n);
        else
            rows[n++] = row_there(o, m);
    }
    print_plain(o, rows, n);
    mem_free(rows);
}

static enum err_code json_there(const struct ls *o, struct err *e)
{
    struct jsonw w;
    struct buf b;
    enum err_code rc;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    jsonw_init(&w, &b);
    jsonw_arr(&w);
    for (size_t i = 0; i < js_len(o->remote); i++)
        if (is_wanted_there(o, js_at(o->remote, i)))
            jsonw_js(&w, js_at(o->remote, i));
    jsonw_arr_end(&w);
    (void)buf_addc(&b, '\n');
    rc = buf_check(&b, "the list", e);
    if (!rc)
        rc = stdout_write(buf_str(&b), b.len, e);
    buf_finish(&b);
    return rc;
}

static enum err_code run_there(struct ls *o, struct err *e)
{
    bool found = !o->key;
    enum err_code rc;

    if (o->json && (o->variants || o->key))
        return err_set(e, ERR_UNSUPPORTED,
                       "a server elsewhere tells the names of variants, no more: leave out --json");
    rc = remote_models(&o->client, &o->remote, e);
    for (size_t i = 0; !rc && !found && i < js_len(o->remote); i++)
        found = is_wanted_there(o, js_at(o->remote, i));
    if (!rc && !found)
        rc = err_set(e, ERR_NOT_FOUND, "%s has no model '%.200s'", o->client.base, o->key);
    if (rc)
        return rc;
    if (o->json)
        return json_there(o, e);
    print_there(o);
    return ERR_OK;
}

int cmd_ls(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[MODEL]",
        .summary = "List the models on disk",
        .details = "With MODEL: its variants. Models lie in ~/.hearth/models/PUBLISHER/MODEL/.",
        .takes_host = true,
    };
    struct ls o = { 0 };
    const struct opt rows[] = {
        { .name = "llm", .kind = OPT_FLAG, .to = &o.llm, .help = "only models that write text" },
        { .name = "embedding",
          .kind = OPT_FLAG,
          .to = &o.embedding,
          .help = "only embedding models and rerankers" },
        { .name = "variants",
          .kind = OPT_FLAG,
          .to = &o.variants,
          .help = "every variant (quantization) of a model" },
        { .name = "json", .kind = OPT_FLAG, .to = &o.json, .help = "one JSON array" },
    };
    struct positionals rest;
    struct err e = { 0 };
    int rc = args_begin(argc, argv, "hearth ls", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (rest.n > 1)
        return usage("hearth ls takes one model at most");
    if (rest.n && o.variants)
        return usage("hearth ls MODEL lists its variants already: leave out --variants");
    o.key = rest.n ? rest.at[0] : NULL;
    if (client_is_elsewhere(&rest)) {
        client_at(&o.client, &rest);
        rc = run_there(&o, &e) ? fail(&e) : EXIT_DONE;
    } else {
        rc = run_here(&o, &e) ? fail(&e) : EXIT_DONE;
    }
    js_close(o.remote);
    js_close(o.loaded);
    library_close(o.library);
    return rc;
}
