/* Models on disk: what is there, under which names, and what each can do.
 *
 * Looks through $HEARTH_HOME/models/<publisher>/<model>/, the folders named in the configuration
 * and LM Studio's own (read in place, never written), and adds the built-in models. Reading a
 * file's head is slow work: it happens on a thread of the library's own, and what was learned is
 * kept in $HEARTH_HOME/cache/models.json by path, size and time. The list itself belongs to the
 * loop's thread. Projectors, adapters and unfinished downloads are no models; what is broken or
 * unknown is listed as MODEL_UNUSABLE with the reason. Each file counts once, whatever links lead
 * to it. */
#ifndef LIBRARY_LIBRARY_H
#define LIBRARY_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "os/loop.h"

#define LIBRARY_MODELS_MAX  4096U
#define LIBRARY_FOLDERS_MAX 32U
#define LIBRARY_DEPTH_MAX   6U

struct library;

enum model_type { MODEL_LLM, MODEL_EMBEDDING, MODEL_RERANKER, MODEL_UNUSABLE };

/* One file (or set of split files). Strings are never NULL. Valid until the next scan has ended. */
struct library_model {
    const char *key;       /* "publisher/model", unique after "@variant" where needed  */
    const char *short_key; /* the model's folder or file name alone                    */
    const char *variant;   /* "q4_k_m": the quantization, lower case                   */
    const char *publisher, *display_name, *arch, *arch_name; /* arch_name: for people: "Qwen3" */
    const char *quant;      /* "Q4_K_M"                                                 */
    const char *params;     /* "8B", "" = unknown                                       */
    const char *path;       /* of the first file, or the name of a built-in model       */
    const char *shown_path; /* relative to its models folder                            */
    const char *why;        /* MODEL_UNUSABLE: one sentence                             */
    enum model_type type;
    bool is_asset;
    bool is_selected; /* of several variants of one key: the one that the bare key means */
    bool tool_use, reasons, reasons_switch; /* reasons_switch: thoughts can be turned off and on */
    bool reasons_levels;                    /* "low", "medium" and "high" make a difference */
    uint32_t n_variant;                     /* of this key, itself included */
    uint32_t n_ctx_max, n_expert, n_expert_used;
    uint32_t quant_bits;     /* as the quantization's name has it: 4 for Q4_K_M */
    double bits;             /* per weight, measured */
    uint64_t size_bytes;     /* all parts */
    int64_t modified_unix_s; /* of a built-in model: when the program's file was written */
    /* For estimates. */
    uint64_t kv_token_bytes; /* of one token in f16, all layers, K and V */
    uint64_t state_bytes;    /* recurrent state of one sequence */
    uint32_t n_layer, n_embd, n_vocab;
};

struct library_params {
    struct loop *loop;          /* NULL: no thread; library_scan does the work itself */
    const char *const *folders; /* further ones, absolute; n_folder of them */
    uint32_t n_folder;
    bool no_assets, no_foreign; /* tests: without built-in models, without ~/.lmstudio/models */
};

enum err_code library_open(struct library **out, const struct library_params *p, struct err *e);
void library_close(struct library *l); /* NULL is fine */

/* Looks again; done (may be NULL) is called on the loop's thread when the new list is in place, or
 * when that failed and the old one stays (logged). A scan under way is joined. Without a loop it
 * happens here and now: ERR_OOM. ERR_LIMIT: too many wait. */
enum err_code library_scan(struct library *l, void (*done)(void *arg), void *arg, struct err *e);

/* The first look with a loop is still under way: what is not listed may be there all the same. */
bool library_is_new(const struct library *l);

uint32_t library_n(const struct library *l); /* sorted by key, then variant */
const struct library_model *library_at(const struct library *l, uint32_t i);

/* By key, key@variant, short key, short key@variant (case does not count), or a path that is in
 * the list; a folder's name with "-GGUF" behind it will do for a key. Several that a short key
 * could mean: the first. NULL: no such. It may be a model that cannot be used (type). */
const struct library_model *library_find(const struct library *l, const char *name);
/* What comes near to a name that is not there, for error messages; NULL: nothing does. */
const char *library_near(const struct library *l, const char *name);

#endif
