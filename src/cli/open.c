/* Opening models for commands. */
#include "cli/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assets/assets.h"
#include "cli/progress.h"
#include "config.h"
#include "library/library.h"
#include "os/file.h"
#include "os/path.h"
#include "os/sys.h"
#include "serve/folders.h"

void engine_opts_rows(struct engine_opts *o, struct opt *rows)
{
    const struct opt mine[ENGINE_OPTS_ROWS] = {
        { .name = "device",
          .kind = OPT_STR,
          .to = &o->device,
          .arg = "NAME",
          .help = "compute device, e.g. cpu" },
        { .name = "gpu-layers",
          .kind = OPT_U32,
          .to = &o->gpu_layers,
          .arg = "N",
          .help = "layers on the GPU (this build computes on the CPU: 0)" },
        { .letter = 't',
          .name = "threads",
          .kind = OPT_U32,
          .to = &o->n_thread,
          .arg = "N",
          .max = 256,
          .help = "threads; default: the physical cores" },
        { .letter = 'c',
          .name = "context",
          .kind = OPT_U32,
          .to = &o->n_ctx,
          .arg = "N",
          .max = MODEL_CTX_MAX,
          .help = "context size in tokens" },
        { .name = "batch",
          .kind = OPT_U32,
          .to = &o->n_batch,
          .arg = "N",
          .min = 1,
          .max = ENGINE_BATCH_MAX,
          .help = "tokens computed in one step" },
        { .name = "kv-type",
          .kind = OPT_CHOICE,
          .to = &o->kv_type,
          .arg = "TYPE",
          .choices = "f32|f16|bf16|q8_0|q4_0",
          .help = "type of the cache" },
        { .name = "lora",
          .kind = OPT_LIST,
          .to = &o->loras,
          .arg = "FILE[:SCALE]",
          .help = "lay a LoRA adapter (GGUF) over the model; may be repeated" },
    };

    memcpy(rows, mine, sizeof(mine));
}

/* A key of the library; ERR_NOT_FOUND. */
static enum err_code find_in_library(const char *model, struct engine_source *src, char *path,
                                     struct err *e)
{
#if HEARTH_HAVE_SERVER
    struct library *library = NULL;
    const struct library_model *m = NULL;
    struct asset a;
    enum err_code rc = library_here(&library, NULL);

    if (!rc)
        m = library_find(library, model);
    if (m && m->type == MODEL_UNUSABLE)
        rc = err_set(e, ERR_UNSUPPORTED, "%.200s cannot be loaded: %.250s", m->key, m->why);
    else if (m && m->is_asset && asset_find(m->path, &a))
        *src = (struct engine_source){ .path = a.name, .data = a.data, .size = a.size };
    else if (m && strlen(m->path) < PATH_BYTES_MAX)
        src->path = memcpy(path, m->path, strlen(m->path) + 1);
    else
        m = NULL;
    library_close(library);
    if (m)
        return rc;
#else
    (void)src;
    (void)path;
#endif
    return err_set(e, ERR_NOT_FOUND,
                   "%s: no such file or model; give the path of a .gguf file%s, or '%s' for the "
                   "built-in model",
                   model, HEARTH_HAVE_SERVER ? ", a key of `hearth ls`" : "", ASSET_GUIDE);
}

enum err_code source_of(const char *model, struct engine_source *src, char *path, struct err *e)
{
    struct asset a;

    *src = (struct engine_source){ .path = model };
    if (file_exists(model))
        return ERR_OK;
    if (!asset_find(model, &a)) {
        uint64_t size;
        enum err_code rc = file_size(model, &size, e); /* tells a directory from what is missing */

        return rc && rc != ERR_NOT_FOUND ? rc : find_in_library(model, src, path, e);
    }
    if (!a.size)
        return err_set(e, ERR_NOT_FOUND,
                       "this build carries no model '%s'; give the path of a .gguf file", model);
    src->data = a.data;
    src->size = a.size;
    return ERR_OK;
}

/* FILE or FILE:SCALE; a colon that no number follows belongs to the name. */
static enum err_code read_lora(const char *arg, struct engine_lora *out, char *path, struct err *e)
{
    const char *colon = strrchr(arg, ':');
    char *end = NULL;
    double scale = colon ? strtod(colon + 1, &end) : 1.0;
    bool scaled = colon && end != colon + 1 && *end == '\0';
    size_t len = scaled ? (size_t)(colon - arg) : strlen(arg);

    if (!len || len >= PATH_BYTES_MAX)
        return err_set(e, ERR_ARG, "--lora %s: expected FILE or FILE:SCALE", arg);
    memcpy(path, arg, len);
    path[len] = '\0';
    *out = (struct engine_lora){ path, scaled ? (float)scale : 1.0F };
    return ERR_OK;
}

struct lora_args {
    struct engine_lora at[ENGINE_LORAS_MAX];
    char paths[ENGINE_LORAS_MAX][PATH_BYTES_MAX];
};

static enum err_code read_loras(const struct opt_list *list, struct lora_args *out, struct err *e)
{
    if (list->n > ENGINE_LORAS_MAX)
        return err_set(e, ERR_ARG, "--lora may be given %u times at most", ENGINE_LORAS_MAX);
    for (uint32_t i = 0; i < list->n; i++) {
        enum err_code rc = read_lora(list->at[i], &out->at[i], out->paths[i], e);

        if (rc)
            return rc;
    }
    return ERR_OK;
}

static bool on_progress(void *arg, float share)
{
    progress_show(arg, share);
    return !interrupt_seen(false);
}

enum err_code open_engine(struct engine **out, const char *model, const struct engine_opts *o,
                          bool embeddings, struct err *e)
{
    struct engine_params p = { .device = o->device,
                               .n_thread = o->n_thread,
                               .n_ctx = o->n_ctx,
                               .n_batch = o->n_batch,
                               .n_seq = o->n_seq ? o->n_seq : 1,
                               .embeddings = embeddings };
    struct engine_source src;
    struct lora_args loras;
    struct progress bar;
    char path[PATH_BYTES_MAX];
    enum err_code rc = read_loras(&o->loras, &loras, e);

    *out = NULL;
    if (rc)
        return rc;
    p.loras = loras.at;
    p.n_lora = o->loras.n;
    if (o->gpu_layers)
        return err_set(e, ERR_UNSUPPORTED, "--gpu-layers %u: this build has no GPU device",
                       o->gpu_layers);
    if (o->kv_type) {
        (void)kv_type_by_name(o->kv_type, &p.type_k);
        p.type_v = p.type_k;
    }
    rc = source_of(model, &src, path, e);
    if (rc)
        return rc;
    progress_begin(&bar, "Loading", src.path, o->quiet);
    interrupt_watch(true);
    rc = engine_open(out, &src, &p, on_progress, &bar, e);
    interrupt_watch(false);
    progress_end(&bar);
    return rc;
}

enum err_code open_gguf(struct gguf **out, const char *model, struct err *e)
{
    struct engine_source src;
    char path[PATH_BYTES_MAX];
    enum err_code rc = source_of(model, &src, path, e);

    *out = NULL;
    if (rc)
        return rc;
    if (src.data)
        return gguf_open_memory(out, src.data, src.size, src.path, e);
    return gguf_open(out, src.path, e);
}
