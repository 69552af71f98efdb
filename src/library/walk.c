/* From folders to candidates: GGUF files, the parts of a split model as one.
 *
 * Trees are hostile: links may lead in circles or out of the tree, names may be any bytes, folders
 * may be huge. Every folder and every file is taken once, by its identity; depth and numbers are
 * bounded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "library/library_int.h"
#include "os/dir.h"

#define ROOM      "library"
#define TAIL      ".gguf"
#define TAIL_LEN  (sizeof(TAIL) - 1)
#define PART_LEN  15U    /* of "-00001-of-00003" */
#define PARTS_MAX 99999U /* five digits */
#define SET_MIN   1024U
#define FILES_MAX (16U * LIBRARY_MODELS_MAX) /* parts of models included */

struct identity {
    uint64_t device, number;
};

/* A set of identities by open addressing. */
struct seen {
    struct identity *at; /* number 0 of device 0: free (no file has it) */
    uint32_t n, cap;
};

struct walker {
    struct found *out;
    struct arena *a;
    struct seen folders, files;
    const char *root;
    uint32_t i_root;
    const atomic_bool *stop;
};

/* ---- identities ---- */

static uint32_t slot_of(const struct seen *s, struct identity id)
{
    uint64_t h = (id.number * 0x9E3779B97F4A7C15U) ^ (id.device * 0xC2B2AE3D27D4EB4FU);
    uint32_t i = (uint32_t)(h >> 32) & (s->cap - 1);

    while ((s->at[i].number || s->at[i].device) &&
           (s->at[i].number != id.number || s->at[i].device != id.device))
        i = (i + 1) & (s->cap - 1);
    return i;
}

static enum err_code seen_grow(struct seen *s, struct err *e)
{
    struct seen larger = { .cap = s->cap ? 2 * s->cap : SET_MIN };

    larger.at = mem_alloc_n(MEM_OTHER, larger.cap, sizeof(*larger.at));
    if (!larger.at)
        return err_set(e, ERR_OOM, "no memory to look for models");
    for (uint32_t i = 0; i < s->cap; i++) {
        if (s->at[i].number || s->at[i].device)
            larger.at[slot_of(&larger, s->at[i])] = s->at[i];
    }
    larger.n = s->n;
    mem_free(s->at);
    *s = larger;
    return ERR_OK;
}

/* *is_new: it was not there; n_max: then it is not taken, and not new either. */
static enum err_code seen_add(struct seen *s, const struct dir_entry *d, uint32_t n_max,
                              bool *is_new, struct err *e)
{
    const struct identity id = { d->device, d->number };
    enum err_code rc = ERR_OK;
    uint32_t i;

    *is_new = false;
    if (2 * s->n >= s->cap)
        rc = seen_grow(s, e);
    if (rc)
        return rc;
    i = slot_of(s, id);
    if (s->at[i].number || s->at[i].device || s->n >= n_max)
        return ERR_OK;
    s->at[i] = id;
    s->n++;
    *is_new = true;
    return ERR_OK;
}

/* ---- names ---- */

/* Length of a model file's name without its tail; 0: it is none. */
static size_t stem_len(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < TAIL_LEN; i++) {
        if (len <= TAIL_LEN || (name[len - TAIL_LEN + i] | 0x20) != (TAIL[i] | 0x20))
            return 0;
    }
    return len - TAIL_LEN;
}

static bool five_digits(const char *s, uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < 5; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *out = *out * 10 + (uint32_t)(s[i] - '0');
    }
    return true;
}

/* Whether the stem ends in "-00001-of-00003"; *len is then shortened by that. */
static bool part_of(const char *name, size_t *len, uint32_t *no, uint32_t *count)
{
    const char *s = name + *len - PART_LEN;

    if (*len <= PART_LEN || s[0] != '-' || !five_digits(s + 1, no) ||
        memcmp(s + 6, "-of-", 4) != 0 || !five_digits(s + 10, count) || *count == 0 || *no == 0 ||
        *no > *count)
        return false;
    *len -= PART_LEN;
    return true;
}

/* Text for lists and JSON: what is not UTF-8 becomes '?', so do control characters. */
static char *clean(struct arena *a, const char *s, size_t len)
{
    char *out = arena_strndup(a, s, len);

    for (size_t i = 0; out && i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(s + i, len - i, &cp);

        if (n == 0 || cp < 0x20 || cp == 0x7F)
            out[i] = '?';
        i += n ? n : 1;
    }
    return out;
}

/* ---- candidates ---- */

static enum err_code no_memory(struct err *e)
{
    return err_set(e, ERR_OOM, "no memory for the list of models");
}

static enum err_code push(struct found *f, const struct candidate *c, struct err *e)
{
    if (f->n == f->cap) {
        uint32_t cap = f->cap ? 2 * f->cap : 64;
        struct candidate *at = mem_realloc(MEM_OTHER, f->at, cap * sizeof(*at));

        if (!at)
            return no_memory(e);
        f->at = at;
        f->cap = cap;
    }
    f->at[f->n++] = *c;
    return ERR_OK;
}

/* The first components of a path below the root: folders only. */
static enum err_code name_by_folders(struct walker *w, struct candidate *c, const char *below,
                                     struct err *e)
{
    const char *first = strchr(below, '/'), *second = first ? strchr(first + 1, '/') : NULL;

    c->publisher = clean(w->a, below, first ? (size_t)(first - below) : 0);
    c->model = second ? clean(w->a, first + 1, (size_t)(second - first - 1)) : clean(w->a, "", 0);
    return c->publisher && c->model ? ERR_OK : no_memory(e);
}

/* Files d[0 .. n) are one model (n > 1: parts); `stem` bytes of the first one's name. */
static enum err_code take(struct walker *w, const char *dir, const struct dir_entry *d, uint32_t n,
                          size_t stem, uint32_t n_part, struct err *e)
{
    struct candidate c = { .n_part = n_part, .n_part_found = n, .i_root = w->i_root };
    const char *below = dir + strlen(w->root);
    char path[PATH_BYTES_MAX], shown[PATH_BYTES_MAX];
    enum err_code rc;

    if (w->out->n == LIBRARY_MODELS_MAX) {
        w->out->is_cut = true;
        return ERR_OK;
    }
    while (*below == '/')
        below++;
    if (path_join(path, dir, d[0].name, NULL) || path_join(shown, below, d[0].name, NULL))
        return ERR_OK; /* nobody could open it either */
    for (uint32_t i = 0; i < n; i++) {
        c.size += d[i].size > UINT64_MAX - c.size ? 0 : d[i].size;
        c.mtime_ns = d[i].mtime_ns > c.mtime_ns ? d[i].mtime_ns : c.mtime_ns;
    }
    c.path = arena_strndup(w->a, path, strlen(path));
    c.shown = clean(w->a, shown, strlen(shown));
    c.stem = clean(w->a, d[0].name, stem);
    if (!c.path || !c.shown || !c.stem)
        return no_memory(e);
    rc = name_by_folders(w, &c, shown, e);
    return rc ? rc : push(w->out, &c, e);
}

/* How many of the entries from d[0] on are parts of the same model; names are sorted, so that they
 * stand together. */
static uint32_t n_together(const struct dir_entry *d, uint32_t n, size_t stem, uint32_t count)
{
    uint32_t i = 1;

    for (; i < n; i++) {
        size_t len = stem_len(d[i].name);
        uint32_t no, other;

        if (d[i].is_folder || !len || !part_of(d[i].name, &len, &no, &other) || len != stem ||
            other != count || memcmp(d[i].name, d[0].name, stem) != 0)
            break;
    }
    return i;
}

static enum err_code take_files(struct walker *w, const char *dir, const struct dir_entry *d,
                                uint32_t n, struct err *e)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < n && !rc;) {
        size_t stem = stem_len(d[i].name);
        uint32_t no, count = 1, n_file = 1;
        bool is_new = false;

        if (!d[i].is_folder && stem) {
            if (part_of(d[i].name, &stem, &no, &count))
                n_file = n_together(d + i, n - i, stem, count);
            for (uint32_t k = 0; k < n_file && !rc; k++) {
                bool one_new;

                rc = seen_add(&w->files, &d[i + k], FILES_MAX, &one_new, e);
                is_new = is_new || one_new;
            }
            if (!rc && is_new)
                rc = take(w, dir, d + i, n_file, stem, count, e);
        }
        i += n_file;
    }
    return rc;
}

/* Recursion is bounded by LIBRARY_DEPTH_MAX. */
static enum err_code enter(struct walker *w, const char *dir, unsigned depth, struct err *e)
{
    struct dir_entry *d;
    enum err_code rc;
    struct err why;
    uint32_t n;

    if (atomic_load(w->stop))
        return err_set(e, ERR_CANCELLED, "the search for models was stopped");
    rc = dir_list(w->a, dir, FOLDER_ENTRIES_MAX, &d, &n, &why);
    if (rc == ERR_OOM)
        return err_set(e, rc, "%s", why.text);
    if (rc) { /* a folder that cannot be read hides no other */
        if (rc != ERR_NOT_FOUND)
            log_warn(ROOM, "%s", why.text);
        return ERR_OK;
    }
    rc = take_files(w, dir, d, n, e);
    for (uint32_t i = 0; i < n && depth < LIBRARY_DEPTH_MAX && !rc; i++) {
        char path[PATH_BYTES_MAX];
        bool is_new;

        if (!d[i].is_folder)
            continue;
        rc = seen_add(&w->folders, &d[i], FOLDERS_VISITED_MAX, &is_new, e);
        if (!rc && is_new && path_join(path, dir, d[i].name, NULL) == ERR_OK)
            rc = enter(w, path, depth + 1, e);
    }
    return rc;
}

enum err_code walk(struct found *out, const struct roots *r, struct arena *a,
                   const atomic_bool *stop, struct err *e)
{
    struct walker w = { .out = out, .a = a, .stop = stop };
    enum err_code rc = ERR_OK;

    *out = (struct found){ 0 };
    for (uint32_t i = 0; i < r->n && !rc; i++) {
        struct dir_entry d;
        bool is_new;

        if (!dir_look(r->at[i], &d) || !d.is_folder)
            continue;
        rc = seen_add(&w.folders, &d, FOLDERS_VISITED_MAX, &is_new, e);
        w.root = r->at[i];
        w.i_root = i;
        if (!rc && is_new)
            rc = enter(&w, r->at[i], 0, e);
    }
    if (out->is_cut || w.files.n >= FILES_MAX || w.folders.n >= FOLDERS_VISITED_MAX)
        log_warn(ROOM, "more than %u models or %u folders: the rest is left out",
                 LIBRARY_MODELS_MAX, FOLDERS_VISITED_MAX);
    mem_free(w.folders.at);
    mem_free(w.files.at);
    return rc;
}
