/* The model's inside, shared by the files of this room. */
#ifndef MODEL_PRIV_H
#define MODEL_PRIV_H

#include "base/arena.h"
#include "model/hparams.h"
#include "model/layer_plan.h"
#include "model/model.h"
#include "model/weights.h"

#define MODEL_TABLE_BYTES_MAX ((size_t)1 << 30) /* tables and converted vectors */

struct model {
    const struct gguf *g;
    struct arena arena;
    struct hparams hp;
    struct weights w;
    struct rope_tables rope;
    struct layer_plan *layers; /* n_layer */
    struct model_info info;
};

/* model_open with a given row instead of the file's own (the test that flips rows); NULL: its own.
 */
enum err_code model_open_as(struct model **out, const struct gguf *g, const struct arch_traits *row,
                            struct err *e);

/* info.c */
enum err_code model_info_build(struct model *m, struct err *e);

#endif
