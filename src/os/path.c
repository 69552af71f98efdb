/* Paths as text. Nothing here looks at the disk. */
#include "os/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err_code path_join(char *out, const char *dir, const char *name, struct err *e)
{
    size_t n_dir = strlen(dir);
    const char *slash = n_dir == 0 || dir[n_dir - 1] == '/' ? "" : "/";
    int n = snprintf(out, PATH_BYTES_MAX, "%s%s%s", dir, slash, name);

    if (n < 0 || (size_t)n >= PATH_BYTES_MAX) {
        out[0] = '\0';
        return err_set(e, ERR_LIMIT, "a path of %zu bytes is longer than %u",
                       n_dir + strlen(name) + 1, PATH_BYTES_MAX - 1U);
    }
    return ERR_OK;
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

enum err_code path_home(char *out, struct err *e)
{
    const char *own = getenv("HEARTH_HOME"), *home = getenv("HOME");

    if (own && own[0])
        return path_join(out, "", own, e);
    if (home && home[0])
        return path_join(out, home, ".hearth", e);
    out[0] = '\0';
    return err_set(e, ERR_NOT_FOUND, "neither HEARTH_HOME nor HOME is set");
}
