/* Models by a part of their name, and the question which one of several. */
#include "cli/choose.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/pick.h"
#include "cli/remote.h"
#include "cli/units.h"
#include "library/library.h"
#include "os/sys.h"
#include "serve/folders.h"

#define NAMED_MAX  5U
#define NAMES_SIZE 400U
#define NOTE_BYTES 32U

/* One of the models at hand, here or elsewhere. */
struct option {
    const char *key;
    uint64_t size_bytes;
    uint32_t n_ctx_max;
    bool is_llm;
};

struct options {
    struct library *library; /* own the texts: one of the two */
    struct js *remote;
    struct option *at;
    uint32_t n;
};

static enum err_code options_here(struct options *o, struct err *e)
{
    enum err_code rc = library_here(&o->library, e);
    uint32_t n = rc ? 0 : library_n(o->library);

    if (rc)
        return rc;
    o->at = mem_alloc_zero(MEM_OTHER, (n + 1) * sizeof(*o->at));
    if (!o->at)
        return err_set(e, ERR_OOM, "no memory for the list of models");
    for (uint32_t i = 0; i < n; i++) {
        const struct library_model *m = library_at(o->library, i);

        if (m->type != MODEL_UNUSABLE && m->is_selected)
            o->at[o->n++] =
                (struct option){ m->key, m->size_bytes, m->n_ctx_max, m->type == MODEL_LLM };
    }
    return ERR_OK;
}

static enum err_code options_there(struct options *o, const struct client *c, struct err *e)
{
    enum err_code rc = remote_models(c, &o->remote, e);
    size_t n = rc ? 0 : js_len(o->remote);

    if (rc)
        return rc;
    o->at = mem_alloc_zero(MEM_OTHER, (n + 1) * sizeof(*o->at));
    if (!o->at || n > UINT32_MAX)
        return err_set(e, ERR_OOM, "no memory for the list of models");
    for (size_t i = 0; i < n; i++) {
        const struct js *m = js_at(o->remote, i);
        const char *type = js_str(js_get(m, "type"), NULL);
        int64_t n_ctx = js_int(js_get(m, "maxContextLength"));

        o->at[o->n++] = (struct option){ js_str(js_get(m, "modelKey"), NULL),
                                         (uint64_t)js_int(js_get(m, "sizeBytes")),
                                         n_ctx > 0 && n_ctx < UINT32_MAX ? (uint32_t)n_ctx : 0,
                                         type && strcmp(type, "llm") == 0 };
    }
    return ERR_OK;
}

/* ---- names ---- */

static void take(struct chosen *out, const struct option *o, const char *name)
{
    (void)snprintf(out->key, sizeof(out->key), "%s", name);
    out->n_ctx_max = o->n_ctx_max;
    out->is_llm = o->is_llm;
}

static bool is_same(const char *a, const char *b, size_t len_b)
{
    return strlen(a) == len_b && strncasecmp(a, b, len_b) == 0;
}

/* A key, key@variant, or the last part of a key. What cannot be used counts: the load says why. */
static bool take_named(struct chosen *out, const struct options *o, const char *word)
{
    const struct library_model *m = o->library ? library_find(o->library, word) : NULL;
    size_t len = strcspn(word, "@");

    if (m) {
        take(out, &(struct option){ m->key, 0, m->n_ctx_max, m->type == MODEL_LLM }, m->key);
        if (word[len])
            (void)snprintf(out->key, sizeof(out->key), "%s@%s", m->key, m->variant);
    }
    for (uint32_t i = 0; i < o->n && !o->library; i++) {
        const char *key = o->at[i].key, *slash = strrchr(key, '/');

        if (!is_same(key, word, len) && !(slash && is_same(slash + 1, word, len)))
            continue;
        take(out, &o->at[i], key);
        if (word[len])
            (void)snprintf(out->key, sizeof(out->key), "%s%s", key, word + len);
        return true;
    }
    return m != NULL;
}

/* By the whole key or by what follows its slash. */
static const char *near_to(const struct options *o, const char *word)
{
    const char **names, *near = NULL;
    uint32_t n = 0;

    if (!word || o->library)
        return word ? library_near(o->library, word) : NULL;
    names = mem_alloc(MEM_OTHER, (2 * (size_t)o->n + 1) * sizeof(*names));
    for (uint32_t i = 0; names && i < o->n; i++) {
        const char *slash = strrchr(o->at[i].key, '/');

        names[n++] = o->at[i].key;
        names[n++] = slash ? slash + 1 : o->at[i].key;
    }
    if (names)
        near = nearest(word, names, n);
    mem_free(names);
    return near;
}

static enum err_code no_such(const struct options *o, const char *word, struct err *e)
{
    const char *near = near_to(o, word);

    if (!word)
        return err_set(e, ERR_NOT_FOUND, "there are no models to choose from");
    if (near)
        return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'; did you mean '%.200s'?", word,
                       near);
    return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'; `hearth ls` lists those at hand",
                   word);
}

/* ---- several ---- */

static enum err_code refuse(const struct options *o, const char *word, const uint32_t *found,
                            uint32_t n, struct err *e)
{
    char names[NAMES_SIZE] = "";
    size_t len = 0;

    if (!word)
        return err_set(e, ERR_NOT_FOUND, "which model? `hearth ls` lists those at hand");
    for (uint32_t i = 0; i < n && i < NAMED_MAX; i++) {
        int m = snprintf(names + len, sizeof(names) - len, "%s%.70s", i ? ", " : "",
                         o->at[found[i]].key);

        len += m > 0 ? (size_t)m : 0;
    }
    return err_set(e, ERR_NOT_FOUND, "'%.200s' could be any of %u models: %s%s; name one", word, n,
                   names, n > NAMED_MAX ? ", …" : "");
}

/* The one in use comes first. */
static void put_first(const struct options *o, const char *current, uint32_t *found, uint32_t n)
{
    for (uint32_t i = 1; current && i < n; i++) {
        uint32_t it = found[i];

        if (strcmp(o->at[it].key, current) != 0)
            continue;
        memmove(found + 1, found, i * sizeof(*found));
        found[0] = it;
    }
}

static enum err_code ask(const struct options *o, const struct choosing *p, uint32_t *found,
                         uint32_t n, uint32_t *which, struct err *e)
{
    struct pick_item *items = mem_alloc_zero(MEM_OTHER, n * sizeof(*items));
    char(*notes)[NOTE_BYTES] = mem_alloc_zero(MEM_OTHER, (size_t)n * NOTE_BYTES);
    enum err_code rc = ERR_OK;

    if (!items || !notes)
        rc = err_set(e, ERR_OOM, "no memory for the list of models");
    put_first(o, p->current, found, n);
    for (uint32_t i = 0; !rc && i < n; i++) {
        bool is_used = p->current && strcmp(o->at[found[i]].key, p->current) == 0;
        char size[NOTE_BYTES / 2];

        units_memory(size, sizeof(size), o->at[found[i]].size_bytes);
        (void)snprintf(notes[i], NOTE_BYTES, "%s%s", size, is_used ? ", in use" : "");
        items[i] = (struct pick_item){ o->at[found[i]].key, notes[i] };
    }
    if (!rc)
        rc = pick_one("Which model?", items, n, which, e);
    mem_free(items);
    mem_free(notes);
    return rc == ERR_NOT_FOUND ? err_set(e, rc, "no model was chosen") : rc;
}

static uint32_t collect(const struct options *o, const char *word, enum fit want, uint32_t *found)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < o->n; i++)
        if (!word || fit_of(o->at[i].key, word) >= want)
            found[n++] = i;
    return n;
}

/* Sets *which to one of the options. found has room for all. */
static enum err_code settle(const struct options *o, const struct choosing *p, uint32_t *found,
                            uint32_t *which, struct err *e)
{
    uint32_t n = collect(o, p->word, FIT_PART, found), i = 0;
    bool by_letters = !n;
    enum err_code rc = ERR_OK;

    if (!n)
        n = collect(o, p->word, FIT_LETTERS, found);
    if (!n)
        return no_such(o, p->word, e);
    if ((n > 1 || !p->word) && p->take_first)
        (void)fprintf(stderr, "warning: %u models fit; taking %s\n", n, o->at[found[0]].key);
    else if ((n > 1 || !p->word) && !pick_can_ask()) /* letters in order may as well be a slip */
        return by_letters ? no_such(o, p->word, e) : refuse(o, p->word, found, n, e);
    else if (n > 1 || !p->word)
        rc = ask(o, p, found, n, &i, e);
    else if (by_letters)
        (void)fprintf(stderr, "note: '%.200s' is taken for %s\n", p->word, o->at[found[0]].key);
    *which = found[i];
    return rc;
}

/* The path of a file below its models folder, as `hearth ls --json` has it. */
static enum err_code take_exact(struct chosen *out, const struct options *o, const char *path,
                                struct err *e)
{
    for (uint32_t i = 0; i < library_n(o->library); i++) {
        const struct library_model *m = library_at(o->library, i);

        if (strcmp(m->shown_path, path) != 0 || m->type == MODEL_UNUSABLE)
            continue;
        (void)snprintf(out->key, sizeof(out->key), "%s@%s", m->key, m->variant);
        out->n_ctx_max = m->n_ctx_max;
        out->is_llm = m->type == MODEL_LLM;
        return ERR_OK;
    }
    return err_set(e, ERR_NOT_FOUND,
                   "no model's file is '%.300s'; `hearth ls --json` has the paths", path);
}

enum err_code choose_model(struct chosen *out, const struct choosing *p, struct err *e)
{
    struct options o = { 0 };
    uint32_t *found = NULL, which = 0;
    enum err_code rc;

    if (p->word && strlen(p->word) >= CHOICE_BYTES_MAX)
        return err_set(e, ERR_ARG, "a model's name may have %u bytes", CHOICE_BYTES_MAX - 1U);
    rc = p->there ? options_there(&o, p->there, e) : options_here(&o, e);
    if (!rc && p->exact) {
        rc = take_exact(out, &o, p->word, e);
    } else if (!rc && !(p->word && take_named(out, &o, p->word))) {
        found = mem_alloc(MEM_OTHER, (o.n + 1) * sizeof(*found));
        rc = found ? settle(&o, p, found, &which, e)
                   : err_set(e, ERR_OOM, "no memory for the list of models");
        if (!rc)
            take(out, &o.at[which], o.at[which].key);
    }
    mem_free(found);
    mem_free(o.at);
    js_close(o.remote);
    library_close(o.library);
    return rc;
}
