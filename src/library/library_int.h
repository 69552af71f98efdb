/* Inside library/ only: from folders to candidates, to facts, to the list. */
#ifndef LIBRARY_LIBRARY_INT_H
#define LIBRARY_LIBRARY_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "library/library.h"
#include "os/path.h"

#define NAME_BYTES          256U  /* of a part of a key; longer names are cut */
#define FACT_BYTES          128U  /* of a name or type inside a file */
#define FOLDER_ENTRIES_MAX  8192U /* in one folder; fuller ones are passed over */
#define FOLDERS_VISITED_MAX 16384U
#define SCAN_BYTES_MAX      (64U << 20) /* memory of a list */
#define CACHE_BYTES_MAX     (32U << 20)
#define SETTINGS_BYTES_MAX  (1U << 20)

/* What a file says about itself: everything that reading it teaches, and nothing about where it is.
 * Kept in the cache. */
struct facts {
    bool is_left_out; /* a GGUF file, but no model: projector, adapter, importance matrix */
    enum model_type type;
    char arch[FACT_BYTES], name[FACT_BYTES], quant[FACT_BYTES], size_label[FACT_BYTES];
    bool tool_use, reasons, reasons_switch, reasons_levels;
    uint32_t n_ctx_max, n_expert, n_expert_used, n_layer, n_embd, n_vocab;
    uint64_t n_param, n_active, weight_bytes, kv_token_bytes, state_bytes;
    char why[ERR_TEXT_BYTES]; /* MODEL_UNUSABLE */
};

/* A file, or all parts of one model that are there, found in a folder. Strings in the arena. */
struct candidate {
    const char *path;              /* of the first part that is there */
    const char *shown;             /* relative to the models folder */
    const char *publisher, *model; /* as the folders are called, "" = not from a folder */
    const char *stem;              /* the file's name without .gguf and the number of its part */
    uint32_t n_part, n_part_found; /* 1 and 1 unless split */
    uint32_t i_root;
    uint64_t size;
    int64_t mtime_ns; /* of the youngest part */
};

/* ---- places.c: where to look ---- */
struct roots {
    char at[LIBRARY_FOLDERS_MAX + 4][PATH_BYTES_MAX];
    uint32_t n;
};
/* Own models folder, the configured ones, LM Studio's. Missing folders are no matter. */
void roots_find(struct roots *r, const char *const *folders, uint32_t n_folder, bool no_foreign);
/* The absolute downloadsFolder of LM Studio's settings.json into out[PATH_BYTES_MAX]; false: none.
 */
bool settings_downloads(const char *text, size_t len, char *out);

/* ---- walk.c: what is there ---- */
struct found {
    struct candidate *at;
    uint32_t n, cap;
    bool is_cut; /* more than LIBRARY_MODELS_MAX */
};
/* Every GGUF model below the roots, each once, in the order of roots and names. The array is the
 * caller's to free with mem_free. ERR_OOM, ERR_CANCELLED. */
enum err_code walk(struct found *out, const struct roots *r, struct arena *a,
                   const atomic_bool *stop, struct err *e);

/* ---- inspect.c: what a file is ---- */
void inspect_file(struct facts *f, const struct candidate *c);
void inspect_memory(struct facts *f, const void *data, size_t size, const char *name);

/* ---- cache.c: what was learned before ---- */
struct cache_entry {
    const char *path;
    uint64_t size;
    int64_t mtime_ns;
    struct facts facts;
};
struct cache {
    struct arena arena;
    struct cache_entry *at; /* sorted by path */
    uint32_t n;
};
/* Any bytes: entries that make no sense are dropped, a text that is none of ours gives an empty
 * cache. cache_close in any case. */
void cache_parse(struct cache *c, const char *text, size_t len);
void cache_close(struct cache *c);
const struct facts *cache_find(const struct cache *c, const struct candidate *of);
/* A text that begins with cache_begin, then entries, then cache_end, is what cache_parse reads. */
void cache_begin(struct buf *out);
void cache_add(struct buf *out, bool is_first, const struct candidate *c, const struct facts *f);
void cache_end(struct buf *out);

/* ---- names.c: what things are called ---- */
/* "Qwen3-8B-Q4_K_M-GGUF" -> "qwen3-8b": lower case, without the parts that name the format or the
 * given quantization. Never empty unless name is. */
void name_short(char out[NAME_BYTES], const char *name, const char *quant);
void name_lower(char out[NAME_BYTES], const char *name);
/* "qwen3moe" -> "Qwen3 MoE". */
void name_arch(char out[NAME_BYTES], const char *arch);
/* "8B", "1.2B", "137M", "26B-A4B": the file's own label when it is one, else by counting. */
void name_params(char out[NAME_BYTES], const struct facts *f);

/* ---- list.c: the list ---- */
struct catalog {
    struct arena arena;
    struct library_model *at; /* sorted by key, then variant */
    uint32_t n;
};
struct listed {
    const struct candidate *candidate; /* NULL: built in */
    const char *asset;
    uint64_t asset_size;
    int64_t asset_unix_s;
    const struct facts *facts;
};
/* Names and sorts; ERR_OOM, ERR_CANCELLED. catalog_close in any case. */
enum err_code catalog_build(struct catalog *c, const struct listed *items, uint32_t n,
                            const atomic_bool *stop, struct err *e);
void catalog_close(struct catalog *c);

/* ---- scan.c: all of it ---- */
struct scan_params {
    const char *const *folders;
    uint32_t n_folder;
    bool no_assets, no_foreign;
    const atomic_bool *stop;
};
/* Looks through everything, using and renewing the cache. */
enum err_code scan(struct catalog *out, const struct scan_params *p, struct err *e);

#endif
