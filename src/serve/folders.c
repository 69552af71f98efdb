/* The library without a daemon. */
#include "serve/folders.h"

#include "os/path.h"
#include "serve/config_int.h"

enum err_code library_here(struct library **out, struct err *e)
{
    char home[PATH_BYTES_MAX];
    const char *folders[LIBRARY_FOLDERS_MAX];
    struct config config = { 0 };
    struct library_params p = { .folders = folders };
    enum err_code rc = path_home(home, e);

    *out = NULL;
    if (!rc)
        rc = config_open(&config, home, e);
    if (rc)
        return rc;
    for (; p.n_folder < config.n_folder; p.n_folder++)
        folders[p.n_folder] = config.folders[p.n_folder];
    rc = library_open(out, &p, e);
    if (!rc)
        rc = library_scan(*out, NULL, NULL, e);
    config_close(&config);
    if (rc) {
        library_close(*out);
        *out = NULL;
    }
    return rc;
}
