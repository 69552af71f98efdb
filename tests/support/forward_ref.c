/* A transformer in double precision, as plainly as it can be written: every token of the sequence
 * at once, no cache, no fused steps. Shares nothing with the product but the description. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "support/tiny.h"

struct ref {
    const struct tiny *t;
    uint32_t n, il;
};

static void *need(size_t n, size_t size)
{
    void *p = mem_alloc_n(MEM_OTHER, n, size);

    CHECK(p);
    return p;
}

static void layer_name(const struct ref *r, const char *stem, char out[96])
{
    (void)snprintf(out, 96, "blk.%u.%s", r->il, stem);
}

/* Row `row` of a matrix with rows of n_in (of all its n_row rows). */
static float *matrix(const char *name, size_t n_in, size_t n_row)
{
    float *w = need(n_in * n_row, sizeof(*w));

    tiny_fill(name, n_in * n_row, (uint32_t)n_in, w);
    return w;
}

/* y[i] = W x[i] for all n rows; W's rows from `first`. */
static double *product(const float *w, const double *x, uint32_t n, uint32_t n_in, uint32_t n_out)
{
    double *y = need((size_t)n * n_out, sizeof(*y));

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t o = 0; o < n_out; o++)
            for (uint32_t c = 0; c < n_in; c++)
                y[(size_t)i * n_out + o] +=
                    (double)w[(size_t)o * n_in + c] * x[(size_t)i * n_in + c];
    return y;
}

static void add_bias(const char *name, double *y, uint32_t n, uint32_t n_out)
{
    float *b = need(n_out, sizeof(*b));

    tiny_fill(name, n_out, n_out, b);
    for (size_t i = 0; i < (size_t)n * n_out; i++)
        y[i] += (double)b[i % n_out];
    mem_free(b);
}

static void norm(const struct ref *r, const char *stem, double *x, size_t n_group, uint32_t group)
{
    char name[112];
    float *w = need(group, sizeof(*w)), *b = need(group, sizeof(*b));

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    tiny_fill(name, group, group, w);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    if (r->t->layer_norm)
        tiny_fill(name, group, group, b);
    for (uint32_t c = 0; c < group && r->t->layout == TINY_WEIGHTLESS; c++) {
        w[c] = 1.0F;
        b[c] = 0.0F;
    }
    for (size_t g = 0; g < n_group; g++) {
        double *v = x + g * group, mean = 0.0, square = 0.0;

        for (uint32_t c = 0; c < group && r->t->layer_norm; c++)
            mean += v[c] / group;
        for (uint32_t c = 0; c < group; c++)
            square += (v[c] - mean) * (v[c] - mean) / group;
        for (uint32_t c = 0; c < group; c++)
            v[c] = (v[c] - mean) / sqrt(square + r->t->eps) * (double)w[c] + (double)b[c];
    }
    mem_free(w);
    mem_free(b);
}

static bool has_window(const struct ref *r)
{
    return r->t->window && (!r->t->period || r->il % r->t->period != r->t->period - 1);
}

/* The angle of pair i at position 1. */
static double frequency(const struct ref *r, uint32_t i)
{
    const struct tiny *t = r->t;
    bool plain = has_window(r) && t->window_unscaled;
    double base = has_window(r) && t->base_swa > 0.0 ? t->base_swa : t->base;
    double f = pow(base, -2.0 * i / t->n_rot), lo, hi, part;

    if (t->factor == 0.0 || plain)
        return f;
    if (!t->yarn)
        return f / t->factor;
    /* Pairs that turn more than 32 times in the original context keep their pace, those that turn
     * less than once are stretched, whole pairs are the borders. */
    lo = floor(t->n_rot * log(t->n_ctx_orig / (32.0 * 2.0 * 3.14159265358979)) / (2.0 * log(base)));
    hi = ceil(t->n_rot * log(t->n_ctx_orig / (2.0 * 3.14159265358979)) / (2.0 * log(base)));
    lo = lo < 0.0 ? 0.0 : lo;
    hi = hi > t->n_rot - 1 ? t->n_rot - 1 : hi;
    part = (i - lo) / (hi - lo > 0.001 ? hi - lo : 0.001);
    part = part < 0.0 ? 0.0 : part > 1.0 ? 1.0 : part;
    return f * (1.0 - part) + f / t->factor * part;
}

static void rotate(const struct ref *r, double *x, uint32_t n_head)
{
    const struct tiny *t = r->t;
    bool plain = t->factor == 0.0 || !t->yarn || (has_window(r) && t->window_unscaled);
    double mag = plain ? 1.0 : 1.0 + 0.1 * log(t->factor);

    for (uint32_t p = 0; p < r->n; p++) {
        for (uint32_t h = 0; h < n_head; h++) {
            double *v = x + ((size_t)p * n_head + h) * t->head;

            for (uint32_t i = 0; i < t->n_rot / 2; i++) {
                uint32_t a = t->adjacent ? 2 * i : i, b = t->adjacent ? a + 1 : i + t->n_rot / 2;
                double angle = p * frequency(r, i), u = v[a], w = v[b];

                v[a] = mag * (u * cos(angle) - w * sin(angle));
                v[b] = mag * (u * sin(angle) + w * cos(angle));
            }
        }
    }
}

/* ALiBi for a number of heads that is a power of two. */
static double slope_of(const struct tiny *t, uint32_t h)
{
    return t->alibi > 0.0 ? pow(2.0, -t->alibi * (h + 1) / t->n_head) : 0.0;
}

/* One head of one token against all it may see. */
static void look_back(const struct ref *r, uint32_t p, double slope, const double *q,
                      const double *k, const double *v, double *out)
{
    const struct tiny *t = r->t;
    uint32_t first = has_window(r) && p + 1 > t->window ? p + 1 - t->window : 0;
    size_t stride = (size_t)t->n_head_kv * t->head;
    double sum = 0.0;

    for (uint32_t j = first; j <= p; j++) {
        double s = 0.0;

        for (uint32_t c = 0; c < t->head; c++)
            s += q[c] * k[j * stride + c];
        s /= sqrt((double)t->head);
        s -= slope * (p - j);
        if (t->cap_attn > 0.0)
            s = t->cap_attn * tanh(s / t->cap_attn);
        sum += exp(s);
        for (uint32_t c = 0; c < t->head; c++)
            out[c] += exp(s) * v[j * stride + c];
    }
    for (uint32_t c = 0; c < t->head; c++)
        out[c] /= sum;
}

static double *projected(const struct ref *r, const char *which, const double *x, uint32_t n_out,
                         uint32_t row)
{
    const struct tiny *t = r->t;
    uint32_t n_all = (t->n_head + 2 * t->n_head_kv) * t->head;
    char stem[32], name[96];
    double *y;
    float *w;

    (void)snprintf(stem, sizeof(stem), "attn_%s.weight", t->fused_qkv ? "qkv" : which);
    layer_name(r, stem, name);
    w = matrix(name, t->n_embd, t->fused_qkv ? n_all : n_out);
    y = product(t->fused_qkv ? w + (size_t)row * t->n_embd : w, x, r->n, t->n_embd, n_out);
    mem_free(w);
    for (size_t i = 0; which[0] == 'q' && t->q_scale != 0.0F && i < (size_t)r->n * n_out; i++)
        y[i] *= (double)t->q_scale;
    (void)snprintf(stem, sizeof(stem), "attn_%s.bias", which);
    layer_name(r, stem, name);
    if (t->qkv_bias)
        add_bias(name, y, r->n, n_out);
    for (size_t i = 0; t->clamp > 0.0 && i < (size_t)r->n * n_out; i++)
        y[i] = fmin(t->clamp, fmax(-t->clamp, y[i]));
    return y;
}

static void norm_heads(const struct ref *r, double *q, double *k)
{
    char name[96];

    layer_name(r, "attn_q_norm", name);
    norm(r, name, q, (size_t)r->n * r->t->n_head, r->t->head);
    layer_name(r, "attn_k_norm", name);
    norm(r, name, k, (size_t)r->n * r->t->n_head_kv, r->t->head);
}

static double silu(double x)
{
    return x / (1.0 + exp(-x));
}

static double softplus(double x)
{
    return log1p(exp(x));
}

/* W x of this layer. */
static double *applied(const struct ref *r, const char *stem, const double *x, uint32_t n_in,
                       uint32_t n_out)
{
    char name[96];
    double *y;
    float *w;

    layer_name(r, stem, name);
    w = matrix(name, n_in, n_out);
    y = product(w, x, r->n, n_in, n_out);
    mem_free(w);
    return y;
}

static float *vector(const struct ref *r, const char *stem, uint32_t n)
{
    char name[96];

    layer_name(r, stem, name);
    return matrix(name, n, 1);
}

/* In place, over time; columns [first, first + n) of rows of `width`. */
static void convolve(const struct ref *r, const char *stem, double *x, uint32_t width,
                     uint32_t first, uint32_t n, bool biased)
{
    char name[96];
    float *w, *b = need(n, sizeof(*b));

    (void)snprintf(name, sizeof(name), "blk.%u.%s.weight", r->il, stem);
    w = matrix(name, TINY_TAPS, n);
    (void)snprintf(name, sizeof(name), "blk.%u.%s.bias", r->il, stem);
    if (biased)
        tiny_fill(name, n, n, b);
    for (uint32_t t = r->n; t-- > 0;)
        for (uint32_t c = 0; c < n; c++) {
            double sum = (double)b[c];

            for (uint32_t k = 0; k < TINY_TAPS; k++)
                if (t + k + 1 >= TINY_TAPS)
                    sum += (double)w[c * TINY_TAPS + k] *
                           x[(size_t)(t + k + 1 - TINY_TAPS) * width + first + c];
            x[(size_t)t * width + first + c] = sum;
        }
    mem_free(w);
    mem_free(b);
}

static double *short_conv(const struct ref *r, const double *x)
{
    uint32_t n = r->t->n_embd;
    double *all = applied(r, "shortconv.in_proj.weight", x, n, 3 * n), *y;
    double *u = need((size_t)r->n * n, sizeof(*u));

    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < n; c++)
            u[(size_t)t * n + c] = all[(size_t)t * 3 * n + c] * all[(size_t)t * 3 * n + 2 * n + c];
    convolve(r, "shortconv.conv", u, n, 0, n, false);
    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < n; c++)
            u[(size_t)t * n + c] *= all[(size_t)t * 3 * n + n + c];
    y = applied(r, "shortconv.out_proj.weight", u, n, n);
    mem_free(all);
    mem_free(u);
    return y;
}

/* One value head of the delta net through all tokens. qkv: rows of `width`, ba: of 2 * heads. */
static void delta_head(const struct ref *r, uint32_t h, const double *qkv, uint32_t width,
                       const double *ba, double *out)
{
    uint32_t d = TINY_STATE, per = TINY_HEADS / TINY_GROUP, key = h / per;
    float *a = vector(r, "ssm_a", TINY_HEADS), *dt = vector(r, "ssm_dt.bias", TINY_HEADS);
    double s[TINY_STATE][TINY_STATE] = { { 0 } };

    for (uint32_t t = 0; t < r->n; t++) {
        const double *q = qkv + (size_t)t * width + key * d, *k = q + TINY_GROUP * d;
        const double *v = qkv + (size_t)t * width + (2 * TINY_GROUP + h) * d;
        const double *row = ba + (size_t)t * 2 * TINY_HEADS + key * 2 * per + h % per;
        double beta = 1.0 / (1.0 + exp(-row[0])), qq = r->t->eps, kk = r->t->eps;
        double decay = exp(softplus(row[per] + (double)dt[h]) * (double)a[h]);

        for (uint32_t i = 0; i < d; i++) {
            qq += q[i] * q[i];
            kk += k[i] * k[i];
        }
        for (uint32_t j = 0; j < d; j++) {
            double seen = 0.0, sum = 0.0;

            for (uint32_t i = 0; i < d; i++) {
                s[i][j] *= decay;
                seen += s[i][j] * k[i] / sqrt(kk);
            }
            for (uint32_t i = 0; i < d; i++) {
                s[i][j] += k[i] / sqrt(kk) * beta * (v[j] - seen);
                sum += s[i][j] * q[i] / sqrt(qq) / sqrt((double)d);
            }
            out[((size_t)t * TINY_HEADS + h) * d + j] = sum;
        }
    }
    mem_free(a);
    mem_free(dt);
}

static double *delta_net(const struct ref *r, const double *x)
{
    uint32_t n = TINY_HEADS * TINY_STATE, width = n + 2 * TINY_GROUP * TINY_STATE;
    uint32_t n_embd = r->t->n_embd;
    double *qkv = applied(r, "attn_qkv.weight", x, n_embd, width), *y;
    double *ba = applied(r, "ssm_ba.weight", x, n_embd, 2 * TINY_HEADS);
    double *z = applied(r, "attn_gate.weight", x, n_embd, n);
    double *o = need((size_t)r->n * n, sizeof(*o));
    char name[96];

    convolve(r, "ssm_conv1d", qkv, width, 0, width, false);
    for (size_t i = 0; i < (size_t)r->n * width; i++)
        qkv[i] = silu(qkv[i]);
    for (uint32_t h = 0; h < TINY_HEADS; h++)
        delta_head(r, h, qkv, width, ba, o);
    layer_name(r, "ssm_norm", name);
    norm(r, name, o, (size_t)r->n * TINY_HEADS, TINY_STATE);
    for (size_t i = 0; i < (size_t)r->n * n; i++)
        o[i] *= silu(z[i]);
    y = applied(r, "ssm_out.weight", o, n, n_embd);
    mem_free(qkv);
    mem_free(ba);
    mem_free(z);
    mem_free(o);
    return y;
}

/* One channel of the scan through all tokens: rows z | x | B | C | dt. */
static void scan_channel(const struct ref *r, uint32_t c, const double *all, uint32_t width,
                         double *out)
{
    uint32_t h = c / (TINY_INNER / TINY_HEADS), g = h / (TINY_HEADS / TINY_GROUP);
    float *a = vector(r, "ssm_a", TINY_HEADS), *dt = vector(r, "ssm_dt.bias", TINY_HEADS);
    float *d = vector(r, "ssm_d", TINY_HEADS);
    double s[TINY_STATE] = { 0 };

    for (uint32_t t = 0; t < r->n; t++) {
        const double *row = all + (size_t)t * width, *b = row + 2 * TINY_INNER + g * TINY_STATE;
        double x = row[TINY_INNER + c], sum = x * (double)d[h];
        double step = softplus(row[width - TINY_HEADS + h] + (double)dt[h]);

        for (uint32_t i = 0; i < TINY_STATE; i++) {
            s[i] = s[i] * exp(step * (double)a[h]) + step * x * b[i];
            sum += s[i] * b[TINY_GROUP * TINY_STATE + i];
        }
        out[(size_t)t * TINY_INNER + c] = sum * silu(row[c]);
    }
    mem_free(a);
    mem_free(dt);
    mem_free(d);
}

static double *selective_scan(const struct ref *r, const double *x)
{
    uint32_t conv = TINY_INNER + 2 * TINY_GROUP * TINY_STATE, group = TINY_INNER / TINY_GROUP;
    uint32_t width = TINY_INNER + conv + TINY_HEADS;
    double *all = applied(r, "ssm_in.weight", x, r->t->n_embd, width), *y;
    double *o = need((size_t)r->n * TINY_INNER, sizeof(*o));
    char name[96];
    float *w;

    convolve(r, "ssm_conv1d", all, width, TINY_INNER, conv, true);
    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < conv; c++)
            all[(size_t)t * width + TINY_INNER + c] = silu(all[(size_t)t * width + TINY_INNER + c]);
    for (uint32_t c = 0; c < TINY_INNER; c++)
        scan_channel(r, c, all, width, o);
    layer_name(r, "ssm_norm.weight", name);
    w = matrix(name, group, TINY_GROUP);
    for (size_t g = 0; g < (size_t)r->n * TINY_GROUP; g++) {
        double *v = o + g * group, square = 0.0;

        for (uint32_t c = 0; c < group; c++)
            square += v[c] * v[c] / group;
        for (uint32_t c = 0; c < group; c++)
            v[c] *= (double)w[g % TINY_GROUP * group + c] / sqrt(square + r->t->eps);
    }
    y = applied(r, "ssm_out.weight", o, TINY_INNER, r->t->n_embd);
    mem_free(w);
    mem_free(all);
    mem_free(o);
    return y;
}

/* attn_q with a gate: q gets the queries, the gates are returned. */
static double *split_gates(const struct ref *r, const double *both, double *q)
{
    uint32_t head = r->t->head;
    size_t n = (size_t)r->n * r->t->n_head * head;
    double *gate = need(n, sizeof(*gate));

    for (size_t i = 0; i < n; i++) {
        q[i] = both[i / head * 2 * head + i % head];
        gate[i] = both[i / head * 2 * head + head + i % head];
    }
    return gate;
}

static double *attention(const struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    uint32_t n_q = t->n_head * t->head, n_k = t->n_head_kv * t->head;
    double *q = projected(r, "q", x, t->gated ? 2 * n_q : n_q, 0), *gate = NULL,
           *k = projected(r, "k", x, n_k, n_q);
    double *v = projected(r, "v", x, n_k, n_q + n_k), *o = need((size_t)r->n * n_q, sizeof(*o)), *y;
    char name[96];
    float *w;

    if (t->gated) {
        double *both = q;

        q = need((size_t)r->n * n_q, sizeof(*q));
        gate = split_gates(r, both, q);
        mem_free(both);
    }
    if (t->qk_norm && !t->qk_late)
        norm_heads(r, q, k);
    if (!t->no_rope) {
        rotate(r, q, t->n_head);
        rotate(r, k, t->n_head_kv);
    }
    if (t->qk_norm && t->qk_late)
        norm_heads(r, q, k);
    for (uint32_t p = 0; p < r->n; p++)
        for (uint32_t h = 0; h < t->n_head; h++) {
            size_t kv = (size_t)(h / (t->n_head / t->n_head_kv)) * t->head;
            size_t at = (size_t)p * n_q + (size_t)h * t->head;

            look_back(r, p, slope_of(t, h), q + at, k + kv, v + kv, o + at);
        }
    for (size_t i = 0; gate && i < (size_t)r->n * n_q; i++)
        o[i] /= 1.0 + exp(-gate[i]);
    mem_free(gate);
    layer_name(r, "attn_output.weight", name);
    w = matrix(name, n_q, t->n_embd);
    y = product(w, o, r->n, n_q, t->n_embd);
    mem_free(w);
    mem_free(q);
    mem_free(k);
    mem_free(v);
    mem_free(o);
    return y;
}

static double act(const struct ref *r, double x)
{
    if (r->t->act == TINY_GELU)
        return 0.5 * x * (1.0 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
    if (r->t->act == TINY_RELU_SQ)
        return x > 0.0 ? x * x : 0.0;
    return x / (1.0 + exp(-x));
}

/* down(act(gate x) * up x) with given matrices, for n rows. */
static double *gated(const struct ref *r, const float *const w[3], const double *x, uint32_t n)
{
    const struct tiny *t = r->t;
    double *g = product(w[0], x, n, t->n_embd, t->n_ff);
    double *u = product(w[1], x, n, t->n_embd, t->n_ff), *y;

    for (size_t i = 0; i < (size_t)n * t->n_ff; i++)
        g[i] = t->ungated ? act(r, u[i]) : act(r, g[i]) * u[i];
    y = product(w[2], g, n, t->n_ff, t->n_embd);
    mem_free(g);
    mem_free(u);
    return y;
}

static double *dense(const struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    char name[96];
    float *gate, *up, *down;
    double *y;

    layer_name(r, "ffn_gate.weight", name);
    gate = matrix(name, t->n_embd, t->n_ff);
    layer_name(r, "ffn_up.weight", name);
    up = matrix(name, t->n_embd, t->fused_up ? 2 * t->n_ff : t->n_ff);
    layer_name(r, "ffn_down.weight", name);
    down = matrix(name, t->n_ff, t->n_embd);
    y = gated(r,
              (const float *const[3]){ t->fused_up ? up : gate,
                                       t->fused_up ? up + (size_t)t->n_ff * t->n_embd : up, down },
              x, r->n);
    mem_free(gate);
    mem_free(up);
    mem_free(down);
    return y;
}

/* Softmax over all experts, the best n_used, mostly renormalised. */
static void choose(const struct tiny *t, const double *logits, double *weight)
{
    double sum = 0.0;

    memset(weight, 0, t->n_expert * sizeof(*weight));
    for (uint32_t k = 0; k < t->n_used; k++) {
        uint32_t best = t->n_expert;

        for (uint32_t x = 0; x < t->n_expert; x++)
            if (weight[x] == 0.0 && (best == t->n_expert || logits[x] > logits[best]))
                best = x;
        weight[best] = t->sigmoid ? 1.0 / (1.0 + exp(-logits[best])) : exp(logits[best]);
        sum += weight[best];
    }
    if (t->sigmoid && t->keep_weights)
        return;
    for (uint32_t x = 0; x < t->n_expert && t->keep_weights; x++)
        sum += weight[x] == 0.0 ? exp(logits[x]) : 0.0;
    for (uint32_t x = 0; x < t->n_expert; x++)
        weight[x] /= sum;
}

static double *experts(const struct ref *r, const double *x)
{
    static const char *const stems[] = { "ffn_gate_exps.weight", "ffn_up_exps.weight",
                                         "ffn_down_exps.weight" };
    const struct tiny *t = r->t;
    size_t per = (size_t)t->n_embd * t->n_ff;
    double *y = need((size_t)r->n * t->n_embd, sizeof(*y)), *logits;
    double *weight = need(t->n_expert, sizeof(*weight));
    float *w[3], *router;
    char name[96];

    for (int i = 0; i < 3; i++) {
        layer_name(r, stems[i], name);
        w[i] = matrix(name, i == 2 ? t->n_ff : t->n_embd,
                      (size_t)t->n_expert * (i == 2 ? t->n_embd : t->n_ff));
    }
    layer_name(r, "ffn_gate_inp.weight", name);
    router = matrix(name, t->n_embd, t->n_expert);
    logits = product(router, x, r->n, t->n_embd, t->n_expert);
    for (uint32_t p = 0; p < r->n; p++) {
        choose(t, logits + (size_t)p * t->n_expert, weight);
        for (uint32_t k = 0; k < t->n_expert; k++) {
            const float *const one[3] = { w[0] + k * per, w[1] + k * per, w[2] + k * per };
            double *f = gated(r, one, x + (size_t)p * t->n_embd, 1);

            for (uint32_t c = 0; c < t->n_embd; c++)
                y[(size_t)p * t->n_embd + c] += weight[k] * f[c];
            mem_free(f);
        }
    }
    for (int i = 0; i < 3; i++)
        mem_free(w[i]);
    mem_free(router);
    mem_free(logits);
    mem_free(weight);
    return y;
}

/* A copy of x, normalised unless the layout has no such norm. */
static double *normed(const struct ref *r, const char *stem, const double *x, bool there)
{
    size_t n = (size_t)r->n * r->t->n_embd;
    double *y = need(n, sizeof(*y));
    char name[96];

    memcpy(y, x, n * sizeof(*y));
    layer_name(r, stem, name);
    if (there)
        norm(r, name, y, r->n, r->t->n_embd);
    return y;
}

/* x += norm(part) */
static void join(const struct ref *r, double *x, double *part, const char *stem, bool there)
{
    double *y = normed(r, stem, part, there);

    for (size_t i = 0; i < (size_t)r->n * r->t->n_embd; i++)
        x[i] += y[i] * (r->t->residual_scale > 0.0 ? r->t->residual_scale : 1.0);
    mem_free(y);
    mem_free(part);
}

static double *mixed(const struct ref *r, const double *x)
{
    switch (tiny_mixer(r->t, r->il)) {
    case 'c':
        return short_conv(r, x);
    case 'd':
        return delta_net(r, x);
    case 's':
        return selective_scan(r, x);
    default:
        return attention(r, x);
    }
}

static void layer(const struct ref *r, double *x)
{
    enum tiny_layout l = r->t->layout;
    bool before = l == TINY_BEFORE || l == TINY_AROUND || l == TINY_WEIGHTLESS;
    bool after = l == TINY_AROUND || l == TINY_ON_OUTPUT;
    double *a = normed(r, "attn_norm", x, l != TINY_ON_OUTPUT), *b;

    join(r, x, mixed(r, a), "post_attention_norm", after);
    b = l == TINY_SHARED
            ? a
            : normed(r, r->t->ffn_norm_is_post ? "post_attention_norm" : "ffn_norm", x, before);
    join(r, x, r->t->n_expert ? experts(r, b) : dense(r, b), "post_ffw_norm", after);
    mem_free(a);
    if (b != a)
        mem_free(b);
}

static void add_positions(const struct tiny *t, double *x, uint32_t n)
{
    float *w = matrix("position_embd.weight", t->n_embd, t->n_ctx);

    for (size_t i = 0; i < (size_t)n * t->n_embd; i++)
        x[i] += (double)w[i];
    mem_free(w);
}

double *forward_ref(const struct tiny *t, const int32_t *tokens, uint32_t n)
{
    struct ref r = { .t = t, .n = n };
    float *embd = matrix("token_embd.weight", t->n_embd, t->n_vocab);
    float *head = t->tied ? NULL : matrix("output.weight", t->n_embd, t->n_vocab);
    double *x = need((size_t)n * t->n_embd, sizeof(*x)), *y;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < t->n_embd; c++)
            x[(size_t)i * t->n_embd + c] = (double)embd[(size_t)tokens[i] * t->n_embd + c] *
                                           (t->embd_sqrt ? sqrt((double)t->n_embd) : 1.0);
    for (size_t i = 0; i < (size_t)n * t->n_embd && t->embd_scale > 0.0; i++)
        x[i] *= t->embd_scale;
    if (t->positions)
        add_positions(t, x, n);
    if (t->embd_norm)
        norm(&r, "token_embd_norm", x, n, t->n_embd);
    for (r.il = 0; r.il < t->n_layer; r.il++)
        layer(&r, x);
    norm(&r, t->out_is_embd ? "token_embd_norm" : "output_norm", x, n, t->n_embd);
    y = product(head ? head : embd, x, n, t->n_embd, t->n_vocab);
    for (size_t i = 0; i < (size_t)n * t->n_vocab && t->logit_div > 0.0; i++)
        y[i] /= t->logit_div;
    for (size_t i = 0; i < (size_t)n * t->n_vocab && t->cap_final > 0.0; i++)
        y[i] = t->cap_final * tanh(y[i] / t->cap_final);
    mem_free(embd);
    mem_free(head);
    mem_free(x);
    return y;
}
