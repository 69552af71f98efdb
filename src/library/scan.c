/* A scan: folders, cache, files that are new, built-in models, and the list of it all. */
#include <string.h>

#include "assets/assets.h"
#include "base/attr.h"
#include "base/log.h"
#include "library/library_int.h"
#include "os/file.h"
#include "os/sys.h"

#define ROOM       "library"
#define SCAN_BLOCK ((size_t)64 * 1024)
#define CACHE_DIR  "cache"
#define CACHE_FILE "models.json"

static const char *const assets[] = { ASSET_GUIDE, ASSET_GUIDE_DRAFT };

#define N_ASSET COUNT_OF(assets)

struct scanner {
    const struct scan_params *p;
    struct arena arena;
    struct found found;
    struct cache cache;
    struct facts *facts; /* of found.at[i], then of the assets */
    struct listed *listed;
    uint32_t n_listed;
    uint32_t n_fresh, n_kept; /* looked at now, of them fit for the cache or taken from it */
};

static bool cache_path(char dir[PATH_BYTES_MAX], char path[PATH_BYTES_MAX])
{
    char home[PATH_BYTES_MAX];

    return path_home(home, NULL) == ERR_OK && path_join(dir, home, CACHE_DIR, NULL) == ERR_OK &&
           path_join(path, dir, CACHE_FILE, NULL) == ERR_OK;
}

static void read_cache(struct scanner *s)
{
    char dir[PATH_BYTES_MAX], path[PATH_BYTES_MAX];
    struct buf text;

    buf_init(&text, MEM_OTHER, CACHE_BYTES_MAX);
    if (cache_path(dir, path) && file_exists(path))
        (void)file_read(&text, path, NULL);
    cache_parse(&s->cache, buf_str(&text), text.failed ? 0 : text.len);
    buf_finish(&text);
}

/* A cache that cannot be written costs time at the next start, nothing else. */
static void write_cache(struct scanner *s)
{
    char dir[PATH_BYTES_MAX], path[PATH_BYTES_MAX];
    bool is_first = true;
    struct buf text;
    struct err e;

    if ((s->n_fresh == 0 && s->n_kept == s->cache.n) || !cache_path(dir, path))
        return;
    buf_init(&text, MEM_OTHER, CACHE_BYTES_MAX);
    cache_begin(&text);
    for (uint32_t i = 0; i < s->found.n; i++) {
        if (s->facts[i].type == MODEL_UNUSABLE)
            continue;
        cache_add(&text, is_first, &s->found.at[i], &s->facts[i]);
        is_first = false;
    }
    cache_end(&text);
    if (buf_check(&text, "the cache of models", &e) || dir_create(dir, &e) ||
        file_write(path, text.data, text.len, &e))
        log_info(ROOM, "%s", e.text);
    buf_finish(&text);
}

static enum err_code look_at_files(struct scanner *s, struct err *e)
{
    for (uint32_t i = 0; i < s->found.n; i++) {
        const struct candidate *c = &s->found.at[i];
        const struct facts *known = cache_find(&s->cache, c);

        if (atomic_load(s->p->stop))
            return err_set(e, ERR_CANCELLED, "the search for models was stopped");
        if (known) {
            s->facts[i] = *known;
        } else {
            inspect_file(&s->facts[i], c);
            s->n_fresh += s->facts[i].type != MODEL_UNUSABLE;
        }
        s->n_kept += s->facts[i].type != MODEL_UNUSABLE;
        if (!s->facts[i].is_left_out)
            s->listed[s->n_listed++] = (struct listed){ .candidate = c, .facts = &s->facts[i] };
    }
    return ERR_OK;
}

static void look_at_assets(struct scanner *s)
{
    const int64_t written = program_unix_s(); /* the models came with it */

    for (uint32_t i = 0; i < N_ASSET && !s->p->no_assets; i++) {
        struct facts *f = &s->facts[s->found.n + i];
        struct asset a;

        if (!asset_find(assets[i], &a) || a.size == 0)
            continue;
        inspect_memory(f, a.data, a.size, a.name);
        s->listed[s->n_listed++] =
            (struct listed){ .asset = a.name,
                             .asset_size = a.size,
                             .asset_unix_s = written ? written : clock_unix_s(),
                             .facts = f };
    }
}

static enum err_code scan_all(struct scanner *s, struct catalog *out, struct err *e)
{
    struct roots *roots = arena_new(&s->arena, sizeof(*roots));
    enum err_code rc;

    if (!roots)
        return err_set(e, ERR_OOM, "no memory to look for models");
    roots_find(roots, s->p->folders, s->p->n_folder, s->p->no_foreign);
    rc = walk(&s->found, roots, &s->arena, s->p->stop, e);
    if (rc)
        return rc;
    s->facts = mem_alloc_n(MEM_OTHER, s->found.n + N_ASSET, sizeof(*s->facts));
    s->listed = mem_alloc_n(MEM_OTHER, s->found.n + N_ASSET, sizeof(*s->listed));
    if (!s->facts || !s->listed)
        return err_set(e, ERR_OOM, "no memory for what %u files say", s->found.n);
    read_cache(s);
    rc = look_at_files(s, e);
    if (rc)
        return rc;
    write_cache(s);
    look_at_assets(s);
    return catalog_build(out, s->listed, s->n_listed, s->p->stop, e);
}

enum err_code scan(struct catalog *out, const struct scan_params *p, struct err *e)
{
    struct scanner s = { .p = p };
    enum err_code rc;

    *out = (struct catalog){ 0 };
    arena_init(&s.arena, MEM_OTHER, SCAN_BLOCK, SCAN_BYTES_MAX);
    rc = scan_all(&s, out, e);
    cache_close(&s.cache);
    mem_free(s.listed);
    mem_free(s.facts);
    mem_free(s.found.at);
    arena_finish(&s.arena);
    if (rc)
        catalog_close(out);
    return rc;
}
