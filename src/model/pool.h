/* From the hidden states of a sequence to one vector, or to the scores of a reranker; on the host,
 * in f32 with double sums. Shared by whatever shows embeddings. */
#ifndef MODEL_POOL_H
#define MODEL_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"

struct pool_params {
    enum pooling pooling;
    bool normalise; /* to length 1; scores of a reranker are left alone */
};

/* The model's own way; for models that name none the last token if it has seen all the others,
 * else the mean. */
enum pooling model_pooling(const struct model *m);

/* Values a vector: the width of the last dense head or n_embd; of POOL_RANK the number of labels,
 * 0 when the model cannot rank. */
uint32_t model_pool_width(const struct model *m, enum pooling pooling);

/* rows: final hidden states [n_tok][n_embd] of one sequence, n_tok > 0. out: one vector of
 * model_pool_width values; of POOL_NONE one for each token. Embeddings go through the model's dense
 * heads (dense_2, dense_3) before they are normalised; POOL_RANK through its classifier, which
 * gives one raw score, or in causal models the probability of each label. ERR_UNSUPPORTED: the
 * model has no classifier; ERR_OOM. Any thread. */
enum err_code model_pool(const struct model *m, const struct pool_params *p, const float *rows,
                         uint32_t n_tok, float *out, struct err *e);

#endif
