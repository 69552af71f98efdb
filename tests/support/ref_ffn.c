/* The reference: feed-forward parts, dense and of experts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/ref_int.h"

/* Names and sizes of one feed-forward part. */
struct part {
    const char *suffix; /* "", "_exps", "_shexp" */
    uint32_t n_ff, n_expert;
    bool gated, fused, biased;
};

struct part_weights {
    float *gate, *up, *down, *gate_b, *up_b, *down_b;
};

static float *tensor(const struct ref *r, const struct part *p, const char *which,
                     const char *ending, size_t n_in, size_t n_row)
{
    char stem[64];

    (void)snprintf(stem, sizeof(stem), "ffn_%s%s.%s", which, p->suffix, ending);
    return ref_of_layer(r, stem, n_in, n_row * (p->n_expert ? p->n_expert : 1));
}

static struct part_weights weights_of(const struct ref *r, const struct part *p)
{
    const char *both = p->n_expert ? "gate_up" : "up";
    uint32_t n = r->t->n_embd;
    struct part_weights w = { 0 };

    w.gate = tensor(r, p, p->fused ? both : "gate", "weight", n, p->fused ? 2 * p->n_ff : p->n_ff);
    w.up = tensor(r, p, p->fused ? both : "up", "weight", n, p->fused ? 2 * p->n_ff : p->n_ff);
    w.down = tensor(r, p, "down", "weight", p->n_ff, n);
    w.gate_b = tensor(r, p, "gate", "bias", p->n_ff, 1);
    w.up_b = tensor(r, p, "up", "bias", p->n_ff, 1);
    w.down_b = tensor(r, p, "down", "bias", n, 1);
    return w;
}

static void free_weights(struct part_weights *w)
{
    float *all[] = { w->gate, w->up, w->down, w->gate_b, w->up_b, w->down_b };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        mem_free(all[i]);
}

static double dot(const float *w, const double *x, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t c = 0; c < n; c++)
        sum += (double)w[c] * x[c];
    return sum;
}

static double hidden(const struct ref *r, const struct part *p, double gate, double up)
{
    if (!p->gated)
        return ref_act(r->t, up);
    if (r->t->act != TINY_CLAMPED)
        return ref_act(r->t, gate) * up;
    gate = fmin(gate, 7.0);
    up = fmin(7.0, fmax(-7.0, up));
    return gate * ref_sigmoid(1.702 * gate) * (up + 1.0);
}

/* y += weight * part(x) of expert e, one row. */
static void add_one(const struct ref *r, const struct part *p, const struct part_weights *w,
                    uint32_t e, const double *x, double weight, double *y)
{
    uint32_t n = r->t->n_embd, n_up = p->fused ? 2 * p->n_ff : p->n_ff;
    double *h = ref_need(p->n_ff, sizeof(*h));

    for (uint32_t f = 0; f < p->n_ff; f++) {
        size_t gate_row = (size_t)e * n_up + f, up_row = gate_row + (p->fused ? p->n_ff : 0);
        double gate = dot(w->gate + gate_row * n, x, n), up = dot(w->up + up_row * n, x, n);

        if (p->biased) {
            gate += (double)w->gate_b[(size_t)e * p->n_ff + f];
            up += (double)w->up_b[(size_t)e * p->n_ff + f];
        }
        h[f] = hidden(r, p, gate, up);
    }
    for (uint32_t c = 0; c < n; c++)
        y[c] += weight * (dot(w->down + ((size_t)e * n + c) * p->n_ff, h, p->n_ff) +
                          (p->biased ? (double)w->down_b[(size_t)e * n + c] : 0.0));
    mem_free(h);
}

static double *dense(const struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    struct part p = { .suffix = "",
                      .n_ff = tiny_n_ff(t, r->il),
                      .gated = !t->ungated,
                      .fused = t->fused_up,
                      .biased = t->ffn_bias };
    struct part_weights w = weights_of(r, &p);
    double *y = ref_need((size_t)r->n * t->n_embd, sizeof(*y));

    for (uint32_t i = 0; i < r->n; i++)
        add_one(r, &p, &w, 0, x + (size_t)i * t->n_embd, 1.0, y + (size_t)i * t->n_embd);
    free_weights(&w);
    return y;
}

static void scores(const struct tiny *t, const double *logits, double *p)
{
    double sum = 0.0;

    for (uint32_t e = 0; e < t->n_expert; e++) {
        switch (t->score) {
        case TINY_SOFTMAX:
            p[e] = exp(logits[e]);
            break;
        case TINY_SIGMOID:
            p[e] = ref_sigmoid(logits[e]);
            break;
        case TINY_OF_CHOSEN:
            p[e] = logits[e];
            break;
        case TINY_SOFTPLUS:
            p[e] = sqrt(ref_softplus(logits[e]));
            break;
        }
        sum += p[e];
    }
    for (uint32_t e = 0; t->score == TINY_SOFTMAX && e < t->n_expert; e++)
        p[e] /= sum;
}

/* Which experts may be chosen: those of the groups whose two best sum up highest. */
static void allow(const struct tiny *t, const double *select, bool *allowed)
{
    uint32_t size = t->n_group > 1 ? t->n_expert / t->n_group : t->n_expert;

    for (uint32_t e = 0; e < t->n_expert; e++)
        allowed[e] = t->n_group <= 1;
    for (uint32_t k = 0; t->n_group > 1 && k < t->n_group_used; k++) {
        uint32_t best = t->n_group;
        double best_sum = 0.0;

        for (uint32_t g = 0; g < t->n_group; g++) {
            double first = -(double)INFINITY, second = -(double)INFINITY, sum;

            for (uint32_t e = g * size; e < (g + 1) * size; e++) {
                second = fmax(second, fmin(first, select[e]));
                first = fmax(first, select[e]);
            }
            sum = size > 1 ? first + second : first;
            if (!allowed[g * size] && (best == t->n_group || sum > best_sum)) {
                best = g;
                best_sum = sum;
            }
        }
        for (uint32_t e = best * size; e < (best + 1) * size; e++)
            allowed[e] = true;
    }
}

/* Each expert's weight; 0 for those that are not chosen. */
static void choose(const struct ref *r, const double *logits, double *weight)
{
    const struct tiny *t = r->t;
    double *p = ref_need(t->n_expert, sizeof(*p)), *select = ref_need(t->n_expert, sizeof(*p));
    bool *allowed = ref_need(t->n_expert, sizeof(*allowed));
    float *bias = ref_of_layer(r, "exp_probs_b.bias", t->n_expert, 1);
    double sum = 0.0;

    memset(weight, 0, t->n_expert * sizeof(*weight));
    scores(t, logits, p);
    for (uint32_t e = 0; e < t->n_expert; e++)
        select[e] = p[e] + (t->select_bias ? (double)bias[e] : 0.0);
    allow(t, select, allowed);
    for (uint32_t k = 0; k < t->n_used; k++) {
        uint32_t best = t->n_expert;

        for (uint32_t e = 0; e < t->n_expert; e++)
            if (allowed[e] && (best == t->n_expert || select[e] > select[best]))
                best = e;
        CHECK(best < t->n_expert);
        allowed[best] = false;
        weight[best] = t->score == TINY_OF_CHOSEN ? exp(p[best]) : p[best];
        sum += weight[best];
    }
    for (uint32_t e = 0; e < t->n_expert; e++) {
        if (!t->keep_weights || t->score == TINY_OF_CHOSEN)
            weight[e] /= sum;
        weight[e] *= t->weight_scale > 0.0 ? t->weight_scale : 1.0;
    }
    mem_free(p);
    mem_free(select);
    mem_free(allowed);
    mem_free(bias);
}

/* x: what the experts read; in: what the router reads. */
static double *experts(const struct ref *r, const double *x, const double *in)
{
    const struct tiny *t = r->t;
    struct part p = { .suffix = "_exps",
                      .n_ff = tiny_n_ff_exp(t),
                      .n_expert = t->n_expert,
                      .gated = !t->ungated,
                      .fused = t->fused_exps,
                      .biased = t->expert_bias };
    struct part_weights w = weights_of(r, &p);
    double *y = ref_need((size_t)r->n * t->n_embd, sizeof(*y));
    double *weight = ref_need(t->n_expert, sizeof(*weight));
    double *logits = ref_applied(r, "ffn_gate_inp", in, t->n_embd, t->n_expert, t->router_bias);
    double *input = ref_need(t->n_embd, sizeof(*input));
    float *scale = ref_of_layer(r, "ffn_down_exps.scale", t->n_expert, 1);

    for (uint32_t i = 0; i < r->n; i++) {
        choose(r, logits + (size_t)i * t->n_expert, weight);
        for (uint32_t e = 0; e < t->n_expert; e++) {
            double of = t->weigh_input ? 1.0 : weight[e];

            if (weight[e] == 0.0)
                continue;
            for (uint32_t c = 0; c < t->n_embd; c++)
                input[c] = x[(size_t)i * t->n_embd + c] * (t->weigh_input ? weight[e] : 1.0);
            of *= t->expert_scale ? (double)scale[e] : 1.0;
            add_one(r, &p, &w, e, input, of, y + (size_t)i * t->n_embd);
        }
    }
    free_weights(&w);
    mem_free(weight);
    mem_free(logits);
    mem_free(input);
    mem_free(scale);
    return y;
}

static void add_shared(const struct ref *r, const double *x, double *y)
{
    const struct tiny *t = r->t;
    struct part p = { .suffix = "_shexp", .n_ff = t->n_ff_shared, .gated = !t->ungated };
    struct part_weights w;
    float *gate;

    if (!t->n_ff_shared)
        return;
    w = weights_of(r, &p);
    gate = ref_of_layer(r, "ffn_gate_inp_shexp.weight", t->n_embd, 1);
    for (uint32_t i = 0; i < r->n; i++) {
        const double *row = x + (size_t)i * t->n_embd;
        double open = t->shared_gate ? ref_sigmoid(dot(gate, row, t->n_embd)) : 1.0;

        add_one(r, &p, &w, 0, row, open, y + (size_t)i * t->n_embd);
    }
    mem_free(gate);
    free_weights(&w);
}

static double *copy(const struct ref *r, const double *x)
{
    size_t n = (size_t)r->n * r->t->n_embd;
    double *y = ref_need(n, sizeof(*y));

    memcpy(y, x, n * sizeof(*y));
    return y;
}

/* The dense part and the experts, each through a norm of its own; both the experts and the router
 * read the residual stream. */
static double *beside(const struct ref *r, const double *x, const double *residual)
{
    const struct tiny *t = r->t;
    double *in = copy(r, residual), *to = copy(r, residual), *sum = dense(r, x), *more;
    float *scale = ref_of_layer(r, "ffn_gate_inp.scale", t->n_embd, 1);

    ref_norm(t, "", in, r->n, t->n_embd, 0);
    for (size_t i = 0; i < (size_t)r->n * t->n_embd; i++)
        in[i] *= (double)scale[i % t->n_embd] / sqrt((double)t->n_embd);
    ref_norm_layer(r, "pre_ffw_norm_2", to, r->n, t->n_embd);
    more = experts(r, to, in);
    ref_norm_layer(r, "post_ffw_norm_1", sum, r->n, t->n_embd);
    ref_norm_layer(r, "post_ffw_norm_2", more, r->n, t->n_embd);
    for (size_t i = 0; i < (size_t)r->n * t->n_embd; i++)
        sum[i] += more[i];
    mem_free(in);
    mem_free(to);
    mem_free(more);
    mem_free(scale);
    return sum;
}

double *ref_ffn(const struct ref *r, const double *x, const double *y)
{
    double *f;

    if (!tiny_has_experts(r->t, r->il))
        return dense(r, x);
    if (r->t->beside)
        return beside(r, x, y);
    f = experts(r, x, x);
    add_shared(r, x, f);
    return f;
}
