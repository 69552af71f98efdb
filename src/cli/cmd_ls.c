/* hearth ls: the models on disk. Looks for itself; a running daemon only adds what is loaded. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/units.h"
#include "library/element.h"
#include "library/library.h"
#include "os/file.h"
#include "serve/folders.h"

#define JSON_BYTES (64U << 20)

struct ls {
    bool llm, embedding, variants, json;
    const char *key;
    struct library *library;
    struct js *loaded; /* of the daemon; NULL: none runs */
};

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

static uint32_t n_loaded(const struct ls *o, const struct library_model *m)
{
    uint32_t n = 0;

    for (size_t i = 0; i < js_len(o->loaded); i++) {
        const char *key = js_str(js_get(js_at(o->loaded, i), "modelKey"), NULL);

        n += key && strcmp(key, m->key) == 0;
    }
    return n;
}

static void row(const struct ls *o, struct table *t, const struct library_model *m)
{
    uint32_t n = n_loaded(o, m);
    char size[32];

    units_bytes(size, sizeof(size), m->size_bytes);
    if (o->key || (o->variants && m->n_variant > 1))
        table_cell(t, "%s%s@%s", m->is_selected ? " * " : "   ", m->key, m->variant);
    else if (m->n_variant > 1)
        table_cell(t, "%s (%u variants)", m->key, m->n_variant);
    else
        table_cell(t, "%s", m->key);
    table_cell(t, "%s", m->params);
    table_cell(t, "%s", m->arch_name);
    table_cell(t, "%s", size);
    table_cell(t, "Local");
    if (n > 1)
        table_cell(t, "\xE2\x9C\x93 LOADED (%u)", n);
    else
        table_cell(t, "%s", n ? "\xE2\x9C\x93 LOADED" : "");
}

static void print_kind(const struct ls *o, const char *heading, bool llm)
{
    const char *const headings[] = { heading, "PARAMS", "ARCH", "SIZE", "DEVICE", "" };
    struct table t;
    uint32_t n = 0;

    table_begin(&t, headings, COUNT_OF(headings));
    for (uint32_t i = 0; i < library_n(o->library); i++) {
        const struct library_model *m = library_at(o->library, i);

        if (!is_wanted(o, m) || (m->type == MODEL_LLM) != llm)
            continue;
        row(o, &t, m);
        n++;
    }
    if (n) {
        (void)puts("");
        table_print(&t);
    }
    table_end(&t);
}

static void print_plain(const struct ls *o)
{
    uint64_t bytes = 0;
    uint32_t n = 0;
    char size[32];

    for (uint32_t i = 0; i < library_n(o->library); i++) {
        const struct library_model *m = library_at(o->library, i);

        if (!is_wanted(o, m))
            continue;
        bytes += m->size_bytes;
        n++;
    }
    if (!n) {
        (void)puts("No models of this kind are on disk.");
        return;
    }
    units_bytes(size, sizeof(size), bytes);
    (void)printf("\n%u model%s on disk, %s in total\n", n, n == 1 ? "" : "s", size);
    print_kind(o, "LLM", true);
    print_kind(o, "EMBEDDING", false);
    for (uint32_t i = 0; i < library_n(o->library); i++) {
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

static enum err_code run(struct ls *o, struct err *e)
{
    struct client c;
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
    if (client_find(&c, NULL) == ERR_OK)
        (void)client_call(&c, "GET", "/hearth/ps", NULL, &o->loaded, NULL);
    if (o->json)
        return print_json(o, e);
    print_plain(o);
    return ERR_OK;
}

int cmd_ls(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[MODEL]",
        .summary = "List the models on disk",
        .details = "With MODEL: its variants. Models lie in ~/.hearth/models/PUBLISHER/MODEL/.",
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
    rc = run(&o, &e) ? fail(&e) : EXIT_DONE;
    js_close(o.loaded);
    library_close(o.library);
    return rc;
}
