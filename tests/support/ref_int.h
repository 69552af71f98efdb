/* Between the files of the reference: a transformer in double precision, as plainly as it can be
 * written, every token of the sequence at once, no cache, no fused steps. It shares nothing with
 * the product but the description. */
#ifndef TESTS_SUPPORT_REF_INT_H
#define TESTS_SUPPORT_REF_INT_H

#include "base/check.h"
#include "base/mem.h"
#include "support/tiny.h"

struct ref {
    const struct tiny *t;
    uint32_t n, il;
    const int32_t *tokens;
    double *k[TINY_LAYERS_MAX], *v[TINY_LAYERS_MAX]; /* of layers that have them */
    double *ple;                                     /* [n][n_layer * n_ple] or NULL */
};

void *ref_need(size_t n, size_t size); /* zeros */

/* A tensor of the file, by its full name, and one of the present layer. Freed with mem_free. */
float *ref_matrix(const char *name, size_t n_in, size_t n_row);
float *ref_of_layer(const struct ref *r, const char *stem, size_t n_in, size_t n_row);

/* y[i] = W x[i] for n rows. */
double *ref_product(const float *w, const double *x, uint32_t n, uint32_t n_in, uint32_t n_out);

/* The same with a layer's tensor `stem`.weight and, where biased, `stem`.bias. */
double *ref_applied(const struct ref *r, const char *stem, const double *x, uint32_t n_in,
                    uint32_t n_out, bool biased);

/* In place: groups of `group` columns with the weights of `name` (rows of them, one for each of
 * `n_weight` groups in turn; 0: no weight). */
void ref_norm(const struct tiny *t, const char *name, double *x, size_t n_group, uint32_t group,
              uint32_t n_weight);
void ref_norm_layer(const struct ref *r, const char *stem, double *x, size_t n_group,
                    uint32_t group);

double ref_act(const struct tiny *t, double x);
double ref_silu(double x);
double ref_softplus(double x);
double ref_sigmoid(double x);

/* ---- parts of a layer: x [n][n_embd] -> a new [n][n_embd] ---- */
double *ref_attention(struct ref *r, const double *x);
double *ref_latent(struct ref *r, const double *x);
double *ref_short_conv(const struct ref *r, const double *x);
double *ref_delta_net(const struct ref *r, const double *x);
double *ref_scan(const struct ref *r, const double *x);
double *ref_mamba(const struct ref *r, const double *x);

/* y: the residual stream before the norm that gave x. */
double *ref_ffn(const struct ref *r, const double *x, const double *y);

#endif
