/* The reference: embedding, the block, the head, and what its parts share. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/ref_int.h"

void *ref_need(size_t n, size_t size)
{
    void *p = mem_alloc_n(MEM_OTHER, n, size);

    CHECK(p);
    return p;
}

float *ref_matrix(const char *name, size_t n_in, size_t n_row)
{
    float *w = ref_need(n_in * n_row, sizeof(*w));

    tiny_fill(name, n_in * n_row, (uint32_t)n_in, w);
    return w;
}

float *ref_of_layer(const struct ref *r, const char *stem, size_t n_in, size_t n_row)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "blk.%u.%s", r->il, stem);
    return ref_matrix(name, n_in, n_row);
}

double *ref_product(const float *w, const double *x, uint32_t n, uint32_t n_in, uint32_t n_out)
{
    double *y = ref_need((size_t)n * n_out, sizeof(*y));

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t o = 0; o < n_out; o++)
            for (uint32_t c = 0; c < n_in; c++)
                y[(size_t)i * n_out + o] +=
                    (double)w[(size_t)o * n_in + c] * x[(size_t)i * n_in + c];
    return y;
}

double *ref_applied(const struct ref *r, const char *stem, const double *x, uint32_t n_in,
                    uint32_t n_out, bool biased)
{
    char name[96];
    float *w, *b;
    double *y;

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    w = ref_of_layer(r, name, n_in, n_out);
    y = ref_product(w, x, r->n, n_in, n_out);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    b = ref_of_layer(r, name, n_out, 1);
    for (size_t i = 0; biased && i < (size_t)r->n * n_out; i++)
        y[i] += (double)b[i % n_out];
    mem_free(w);
    mem_free(b);
    return y;
}

void ref_norm(const struct tiny *t, const char *name, double *x, size_t n_group, uint32_t group,
              uint32_t n_weight)
{
    char full[112];
    float *w = NULL;

    (void)snprintf(full, sizeof(full), "%s.weight", name);
    if (n_weight)
        w = ref_matrix(full, group, n_weight);
    for (size_t g = 0; g < n_group; g++) {
        double *v = x + g * group, mean = 0.0, square = 0.0;

        for (uint32_t c = 0; c < group && t->layer_norm; c++)
            mean += v[c] / group;
        for (uint32_t c = 0; c < group; c++)
            square += (v[c] - mean) * (v[c] - mean) / group;
        for (uint32_t c = 0; c < group; c++)
            v[c] = (v[c] - mean) / sqrt(square + t->eps) *
                   (w ? (double)w[g % n_weight * group + c] : 1.0);
    }
    mem_free(w);
}

/* A norm of whole rows, with the model's bias. */
static void norm_rows(const struct tiny *t, const char *name, double *x, uint32_t n)
{
    bool bare = t->layout == TINY_WEIGHTLESS;
    char full[112];
    float *b;

    ref_norm(t, name, x, n, t->n_embd, bare ? 0 : 1);
    if (bare || !t->norm_bias)
        return;
    (void)snprintf(full, sizeof(full), "%s.bias", name);
    b = ref_matrix(full, t->n_embd, 1);
    for (size_t i = 0; i < (size_t)n * t->n_embd; i++)
        x[i] += (double)b[i % t->n_embd];
    mem_free(b);
}

void ref_norm_layer(const struct ref *r, const char *stem, double *x, size_t n_group,
                    uint32_t group)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "blk.%u.%s", r->il, stem);
    ref_norm(r->t, name, x, n_group, group, 1);
}

double ref_sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

double ref_silu(double x)
{
    return x * ref_sigmoid(x);
}

double ref_softplus(double x)
{
    return log1p(exp(x));
}

double ref_act(const struct tiny *t, double x)
{
    switch (t->act) {
    case TINY_GELU:
        return 0.5 * x * (1.0 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
    case TINY_GELU_ERF:
        return 0.5 * x * (1.0 + erf(x / sqrt(2.0)));
    case TINY_RELU_SQ:
        return x > 0.0 ? x * x : 0.0;
    default:
        return ref_silu(x);
    }
}

static size_t n_row_values(const struct ref *r)
{
    return (size_t)r->n * r->t->n_embd;
}

/* A copy of x, normalised unless the layout has no such norm. */
static double *normed(const struct ref *r, const char *stem, const double *x, bool there)
{
    double *y = ref_need(n_row_values(r), sizeof(*y));
    char name[96];

    memcpy(y, x, n_row_values(r) * sizeof(*y));
    (void)snprintf(name, sizeof(name), "blk.%u.%s", r->il, stem);
    if (there)
        norm_rows(r->t, name, y, r->n);
    return y;
}

/* x += norm(part), which is freed. */
static void join(const struct ref *r, double *x, double *part, const char *stem, bool there)
{
    double *y = normed(r, stem, part, there);

    for (size_t i = 0; i < n_row_values(r); i++)
        x[i] += y[i] * (r->t->residual_scale > 0.0 ? r->t->residual_scale : 1.0);
    mem_free(y);
    mem_free(part);
}

/* In place. */
static void renorm(const struct ref *r, double *x, const char *stem)
{
    double *y = normed(r, stem, x, true);

    memcpy(x, y, n_row_values(r) * sizeof(*x));
    mem_free(y);
}

static double *mixed(struct ref *r, const double *x)
{
    switch (tiny_mixer(r->t, r->il)) {
    case 'c':
        return ref_short_conv(r, x);
    case 'd':
        return ref_delta_net(r, x);
    case 's':
        return ref_scan(r, x);
    case 'm':
        return ref_mamba(r, x);
    default:
        return r->t->r_kv ? ref_latent(r, x) : ref_attention(r, x);
    }
}

/* The layer's own embedding, let through by a gate. */
static void add_own(const struct ref *r, double *x)
{
    uint32_t d = r->t->n_ple, all = d * r->t->n_layer;
    double *g, *y;

    if (!d)
        return;
    g = ref_applied(r, "inp_gate", x, r->t->n_embd, d, false);
    for (size_t i = 0; i < (size_t)r->n * d; i++)
        g[i] = ref_act(r->t, g[i]) * r->ple[i / d * all + r->il * d + i % d];
    y = ref_applied(r, "proj", g, d, r->t->n_embd, false);
    renorm(r, y, "post_norm");
    for (size_t i = 0; i < n_row_values(r); i++)
        x[i] += y[i];
    mem_free(g);
    mem_free(y);
}

/* The part behind the mixer; x is the residual stream. */
static void second_half(struct ref *r, double *x)
{
    enum tiny_layout l = r->t->layout;
    bool before = l == TINY_BEFORE || l == TINY_AROUND || l == TINY_WEIGHTLESS;
    const char *stem = r->t->ffn_norm_is_post ? "post_attention_norm" : "ffn_norm";
    double *b = normed(r, stem, x, before);

    join(r, x, ref_ffn(r, b, x), "post_ffw_norm", l == TINY_AROUND || l == TINY_ON_OUTPUT);
    if (l == TINY_AFTER_ADD)
        renorm(r, x, "layer_output_norm");
    mem_free(b);
    add_own(r, x);
    if (r->t->layer_scale) {
        float *s = ref_of_layer(r, "layer_output_scale.weight", 1, 1);

        for (size_t i = 0; i < n_row_values(r); i++)
            x[i] *= (double)s[0];
        mem_free(s);
    }
}

static void layer(struct ref *r, double *x)
{
    const struct tiny *t = r->t;
    enum tiny_layout l = t->layout;
    bool shared = l == TINY_SHARED, after = l == TINY_AROUND || l == TINY_ON_OUTPUT;
    double *first = normed(r, "attn_norm", x, l != TINY_ON_OUTPUT && l != TINY_AFTER_ADD);
    double *second = normed(r, "attn_norm_2", x, shared && t->norm_2);
    double *own = normed(r, "ffn_norm", x, t->parallel), *input = normed(r, "", x, false);
    bool alone = tiny_mixer(t, r->il) == 'f';
    double *m = alone ? ref_ffn(r, first, x) : mixed(r, shared && t->norm_2 ? second : first);

    join(r, x, m, "post_attention_norm", after);
    if (l == TINY_SINGLE) {
        /* that was all */
    } else if (shared || t->parallel) {
        join(r, x, ref_ffn(r, t->parallel ? own : first, x), "", false);
    } else if (t->n_ff || t->n_expert) {
        if (l == TINY_AFTER_ADD)
            renorm(r, x, "attn_output_norm");
        for (size_t i = 0; t->norm_2 && i < n_row_values(r); i++)
            x[i] += input[i];
        if (t->norm_2)
            renorm(r, x, "attn_norm_2");
        second_half(r, x);
    }
    mem_free(first);
    mem_free(second);
    mem_free(own);
    mem_free(input);
}

/* Adds row i, or row 0 to all. */
static void add_table(const struct ref *r, const char *name, uint32_t n_row, bool first_only,
                      double *x)
{
    float *w = ref_matrix(name, r->t->n_embd, n_row);

    for (size_t i = 0; i < n_row_values(r); i++)
        x[i] += (double)w[first_only ? i % r->t->n_embd : i];
    mem_free(w);
}

/* The embeddings of all layers of each token, from its scaled embedding and a table. */
static void own_embeddings(struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    uint32_t d = t->n_ple, all = d * t->n_layer;
    float *proj, *table;

    if (!d)
        return;
    proj = ref_matrix("per_layer_model_proj.weight", t->n_embd, all);
    table = ref_matrix("per_layer_token_embd.weight", all, t->n_vocab);
    r->ple = ref_product(proj, x, r->n, t->n_embd, all);
    for (size_t i = 0; i < (size_t)r->n * all; i++)
        r->ple[i] /= sqrt((double)t->n_embd);
    ref_norm(t, "per_layer_proj_norm", r->ple, (size_t)r->n * t->n_layer, d, 1);
    for (size_t i = 0; i < (size_t)r->n * all; i++)
        r->ple[i] = (r->ple[i] +
                     sqrt((double)d) * (double)table[(size_t)r->tokens[i / all] * all + i % all]) /
                    sqrt(2.0);
    mem_free(proj);
    mem_free(table);
}

static double *embed(struct ref *r, const float *embd)
{
    const struct tiny *t = r->t;
    double *x = ref_need(n_row_values(r), sizeof(*x));
    double scale = t->embd_sqrt ? sqrt((double)t->n_embd) : 1.0;

    if (t->embd_scale > 0.0)
        scale = t->embd_scale;
    for (size_t i = 0; i < n_row_values(r); i++)
        x[i] = scale * (double)embd[(size_t)r->tokens[i / t->n_embd] * t->n_embd + i % t->n_embd];
    own_embeddings(r, x);
    if (t->types)
        add_table(r, "token_types.weight", 2, true, x);
    if (t->positions)
        add_table(r, "position_embd.weight", t->n_ctx, false, x);
    if (t->embd_norm)
        norm_rows(t, "token_embd_norm", x, r->n);
    return x;
}

/* From the last hidden states to logits. */
static double *head(const struct ref *r, const float *embd, double *x)
{
    const struct tiny *t = r->t;
    size_t n = (size_t)r->n * t->n_vocab;
    float *w = ref_matrix("output.weight", t->n_embd, t->n_vocab);
    float *b = ref_matrix("output.bias", t->n_vocab, 1);
    double *y = ref_product(t->tied ? embd : w, x, r->n, t->n_embd, t->n_vocab);

    for (size_t i = 0; i < n; i++) {
        y[i] += t->head_bias ? (double)b[i % t->n_vocab] : 0.0;
        y[i] *= t->logit_mul > 0.0 ? t->logit_mul : 1.0;
        y[i] /= t->logit_div > 0.0 ? t->logit_div : 1.0;
        if (t->cap_final > 0.0)
            y[i] = t->cap_final * tanh(y[i] / t->cap_final);
    }
    mem_free(w);
    mem_free(b);
    mem_free(x);
    return y;
}

double *forward_ref(const struct tiny *t, const int32_t *tokens, uint32_t n)
{
    struct ref r = { .t = t, .n = n, .tokens = tokens };
    float *embd = ref_matrix("token_embd.weight", t->n_embd, t->n_vocab);
    double *x = embed(&r, embd);

    CHECK(t->n_layer <= TINY_LAYERS_MAX);
    for (r.il = 0; r.il < t->n_layer; r.il++)
        layer(&r, x);
    if (t->layout != TINY_AFTER_ADD)
        norm_rows(t, t->out_is_embd ? "token_embd_norm" : "output_norm", x, n);
    if (!t->headless)
        x = head(&r, embd, x);
    for (uint32_t il = 0; il < t->n_layer; il++) {
        mem_free(r.k[il]);
        mem_free(r.v[il]);
    }
    mem_free(r.ple);
    mem_free(embd);
    return x;
}
