/* Reading folders. */
#include "os/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "os/os_int.h"

#define ENTRIES_MIN 64U

/* Grows by doubling in memory of its own; the arena gets the result. */
struct list {
    struct dir_entry *at;
    uint32_t n, cap;
};

static bool fill(struct dir_entry *d, const struct stat *st)
{
    d->is_folder = S_ISDIR(st->st_mode);
    d->size = d->is_folder || st->st_size < 0 ? 0 : (uint64_t)st->st_size;
    d->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    d->device = (uint64_t)st->st_dev;
    d->number = (uint64_t)st->st_ino;
    return d->is_folder || S_ISREG(st->st_mode);
}

static bool push(struct list *l, const struct dir_entry *d)
{
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? 2 * l->cap : ENTRIES_MIN;
        struct dir_entry *at = mem_realloc(MEM_OTHER, l->at, cap * sizeof(*at));

        if (!at)
            return false;
        l->at = at;
        l->cap = cap;
    }
    l->at[l->n++] = *d;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct dir_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static enum err_code read_all(struct list *l, struct arena *a, DIR *dir, const char *path,
                              uint32_t n_max, struct err *e)
{
    for (;;) {
        struct dir_entry d = { 0 };
        struct dirent *entry;
        struct stat st;

        errno = 0;
        entry = readdir(dir);
        if (!entry)
            return errno ? os_fail(e, errno, "read folder", path) : ERR_OK;
        if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, 0) != 0 ||
            !fill(&d, &st))
            continue;
        if (l->n == n_max)
            return err_set(e, ERR_LIMIT, "folder %s has more than %u entries", path, n_max);
        d.name = arena_strndup(a, entry->d_name, strlen(entry->d_name));
        if (!d.name || !push(l, &d))
            return err_set(e, ERR_OOM, "no memory for the names in folder %s", path);
    }
}

enum err_code dir_list(struct arena *a, const char *path, uint32_t n_max, struct dir_entry **out,
                       uint32_t *n, struct err *e)
{
    DIR *dir = opendir(path);
    struct list l = { 0 };
    enum err_code rc;

    *out = NULL;
    *n = 0;
    if (!dir)
        return os_fail(e, errno, "read folder", path);
    rc = read_all(&l, a, dir, path, n_max, e);
    (void)closedir(dir);
    if (!rc && l.n > 0) {
        *out = arena_new_n(a, l.n, sizeof(**out));
        if (!*out)
            rc = err_set(e, ERR_OOM, "no memory for the names in folder %s", path);
    }
    if (!rc && l.n > 0) {
        memcpy(*out, l.at, l.n * sizeof(*l.at));
        qsort(*out, l.n, sizeof(**out), by_name);
        *n = l.n;
    }
    mem_free(l.at);
    return rc;
}

bool dir_look(const char *path, struct dir_entry *out)
{
    struct stat st;

    *out = (struct dir_entry){ .name = path };
    return stat(path, &st) == 0 && fill(out, &st);
}
