/* Inside serve/ only: $HEARTH_HOME/config.json, read at start and written whole when it changes.
 * Unknown members are kept as they are. */
#ifndef SERVE_CONFIG_INT_H
#define SERVE_CONFIG_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "library/library.h"
#include "runtime/runtime.h"

#define CONFIG_TEXT_BYTES 1024U
#define CONFIG_MODELS_MAX 256U

/* Defaults of the user's for one model: below what a request says. */
struct model_defaults {
    char key[RUNTIME_ID_BYTES];
    struct load_options load; /* identifier is NULL */
    struct job_sampling sampling;
};

struct config {
    char address[64]; /* "server": {"address","port","cors","requireKey","origins","hosts"} */
    uint16_t port;
    bool cors, require_key;
    char origins[CONFIG_TEXT_BYTES], hosts[CONFIG_TEXT_BYTES];
    bool log_prompts; /* "log": {"prompts"}: off by default */
    struct runtime_settings
        runtime; /* "models": {"jit","jitTtlSeconds","keepLast","guardrail",…} */
    char folders[LIBRARY_FOLDERS_MAX][CONFIG_TEXT_BYTES]; /* "modelFolders" */
    uint32_t n_folder;
    struct model_defaults *models; /* "modelDefaults": {KEY: {...}} */
    uint32_t n_model;
    struct js *_file;
};

/* A missing file is all defaults. ERR_FORMAT names member and what was expected. */
enum err_code config_open(struct config *c, const char *home, struct err *e);
/* The same from text; NULL: all defaults. */
enum err_code config_read(struct config *c, const char *text, size_t len, struct err *e);
void config_close(struct config *c);
void config_write(const struct config *c, struct buf *out);
enum err_code config_save(struct config *c, const char *home, struct err *e);
/* Fills members of *s that are not given. */
void config_sampling(const struct model_defaults *d, struct job_sampling *s);
const struct model_defaults *config_model(const struct config *c, const char *key); /* or NULL */

#endif
