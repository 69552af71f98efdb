/* Opening models for commands: paths and built-in names, progress on the terminal, common options.
 */
#ifndef CLI_OPEN_H
#define CLI_OPEN_H

#include "base/err.h"
#include "cli/args.h"
#include "engine/engine.h"

/* What the options of every command that loads a model say. */
struct engine_opts {
    const char *device;
    uint32_t n_thread, n_ctx, n_batch, gpu_layers;
    struct opt_list loras; /* FILE or FILE:scale */
    uint32_t n_seq;        /* sequences at once, 0 = 1; not an option */
    const char *kv_type;
    bool quiet; /* no progress */
};

/* Rows for --device, --gpu-layers, --threads, --context, --batch, --kv-type, --lora, to append to a
 * table.
 */
#define ENGINE_OPTS_ROWS 7U
void engine_opts_rows(struct engine_opts *o, struct opt *rows);

/* A model named on the command line: a file, the name of a built-in one, or a key of `hearth ls`,
 * whose path goes to path[PATH_BYTES_MAX]. */
enum err_code source_of(const char *model, struct engine_source *src, char *path, struct err *e);

/* Opens with a progress bar on standard error when that is a terminal. */
enum err_code open_engine(struct engine **out, const char *model, const struct engine_opts *o,
                          bool embeddings, struct err *e);

/* Only the file: for inspecting. */
enum err_code open_gguf(struct gguf **out, const char *model, struct err *e);

#endif
