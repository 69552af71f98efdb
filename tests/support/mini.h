/* The shortest way from a model file to logits: one sequence, pages in order, every row's output.
 * For tests of the model and of devices; the engine does this properly. */
#ifndef TESTS_SUPPORT_MINI_H
#define TESTS_SUPPORT_MINI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "compute/device.h"
#include "formats/gguf.h"
#include "model/model.h"
#include "model/priv.h"

#define MINI_STATE_SLOTS 2U /* for recurrent layers */

struct mini_params {
    uint32_t n_ctx;     /* of the plan; 0 = trained */
    uint32_t n_tok_max; /* longest sequence */
    enum kv_type kv;
    bool embeddings;
    uint32_t n_thread;             /* 0 = 1 */
    const struct arch_traits *row; /* instead of the file's own; NULL: its own */
    const struct gguf *lora;       /* an adapter, or NULL                      */
    float lora_scale;
};

struct mini {
    struct gguf *g;
    struct model *m;
    struct plan *plan;
    const struct device_ops *ops;
    struct device *dev;
    struct program *prog;
    struct kv_store *kv;
    uint32_t n_page, width; /* columns of the output */
};

/* mini_close also after a failure. */
enum err_code mini_open(struct mini *r, const char *path, const struct mini_params *p,
                        struct err *e);
/* The same with a file that is open already; it is closed with the rest. */
enum err_code mini_begin(struct mini *r, struct gguf *g, const struct mini_params *p,
                         struct err *e);
void mini_close(struct mini *r);

/* Computes n tokens from position 0 in batches of `chunk` (0 = all at once): n x width floats. */
enum err_code mini_run(struct mini *r, const int32_t *tokens, uint32_t n, uint32_t chunk,
                       float *out, struct err *e);

/* One vector from a sequence's n hidden states, not normalised: how = "mean", "cls", "last" or
 * "rank". Returns its width. */
uint32_t mini_pool(const struct mini *r, const char *how, const float *rows, uint32_t n,
                   float *out);

#endif
