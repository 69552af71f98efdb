/* Where models lie: our own folder, the configured ones, and LM Studio's, which is only read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "library/library_int.h"
#include "os/file.h"

#define POINTER_FILE ".lmstudio-home-pointer" /* holds the path of LM Studio's home */

static void add(struct roots *r, const char *dir, const char *name)
{
    if (r->n == sizeof(r->at) / sizeof(r->at[0]) ||
        path_join(r->at[r->n], dir, name, NULL) != ERR_OK)
        return;
    for (uint32_t i = 0; i < r->n; i++) {
        if (strcmp(r->at[i], r->at[r->n]) == 0)
            return;
    }
    r->n++;
}

bool settings_downloads(const char *text, size_t len, char *out)
{
    const char *folder;
    struct js *root;
    size_t n;
    bool is_good;

    out[0] = '\0';
    if (js_parse(&root, text, len, NULL) != ERR_OK)
        return false;
    folder = js_str(js_get(root, "downloadsFolder"), &n);
    is_good = folder && n > 0 && n < PATH_BYTES_MAX && folder[0] == '/' && strlen(folder) == n;
    if (is_good)
        memcpy(out, folder, n + 1);
    js_close(root);
    return is_good;
}

/* The whole of a small file; false when it cannot be read. */
static bool small_file(struct buf *b, const char *dir, const char *name)
{
    char path[PATH_BYTES_MAX];

    buf_init(b, MEM_OTHER, SETTINGS_BYTES_MAX);
    /* a pipe in its place would be waited for */
    return path_join(path, dir, name, NULL) == ERR_OK && file_exists(path) &&
           file_read(b, path, NULL) == ERR_OK;
}

/* LM Studio's home: where its pointer says, else the folder of its newer versions. */
static bool foreign_home(char *out, const char *home)
{
    struct buf b;
    bool has_pointer = small_file(&b, home, POINTER_FILE);
    const char *text = buf_str(&b);
    size_t n = strcspn(text, "\r\n");

    has_pointer = has_pointer && text[0] == '/' && n < PATH_BYTES_MAX;
    if (has_pointer) {
        memcpy(out, text, n);
        out[n] = '\0';
    }
    buf_finish(&b);
    return has_pointer || path_join(out, home, ".lmstudio", NULL) == ERR_OK;
}

static void add_foreign(struct roots *r)
{
    char other[PATH_BYTES_MAX], downloads[PATH_BYTES_MAX];
    const char *home = getenv("HOME");
    struct buf b;

    if (!home || home[0] != '/' || !foreign_home(other, home))
        return;
    add(r, other, "models");
    if (small_file(&b, other, "settings.json") && settings_downloads(buf_str(&b), b.len, downloads))
        add(r, "", downloads);
    buf_finish(&b);
}

void roots_find(struct roots *r, const char *const *folders, uint32_t n_folder, bool no_foreign)
{
    char home[PATH_BYTES_MAX];

    r->n = 0;
    if (path_home(home, NULL) == ERR_OK)
        add(r, home, "models");
    for (uint32_t i = 0; i < n_folder && i < LIBRARY_FOLDERS_MAX; i++)
        add(r, "", folders[i]);
    if (!no_foreign)
        add_foreign(r);
}
