/* The reference: attention and latent attention. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/ref_int.h"

/* What this layer's attention reads; rows of k are n_kv * head wide, of v n_kv * head_v. */
struct heads {
    uint32_t n_kv, head, head_v;
    double scale;
    const double *k, *v;
    const float *sinks; /* or NULL */
};

/* Divisors of the angles, or NULL. */
static float *divisors(const struct ref *r, bool windowed)
{
    const struct tiny *t = r->t;
    uint32_t n = tiny_n_rot(t, r->il) / 2;

    if (t->longrope)
        return ref_matrix(t->n_ctx > t->n_ctx_orig ? "rope_factors_long.weight"
                                                   : "rope_factors_short.weight",
                          n, 1);
    return t->freqs && !(windowed && t->full_freqs) ? ref_matrix("rope_freqs.weight", n, 1) : NULL;
}

/* The angle of pair i at position 1. */
static double frequency(const struct ref *r, uint32_t i, double divisor)
{
    const struct tiny *t = r->t;
    bool windowed = tiny_windowed(t, r->il), plain = windowed && t->window_unscaled;
    uint32_t n_rot = tiny_n_rot(t, r->il);
    double base = windowed && t->base_swa > 0.0 ? t->base_swa : t->base;
    double f = pow(base, -2.0 * i / n_rot) / divisor, lo, hi, part;
    double fast = t->beta_fast > 0.0 ? t->beta_fast : 32.0;
    double slow = t->beta_slow > 0.0 ? t->beta_slow : 1.0;

    if (t->factor == 0.0 || t->no_scaling || plain)
        return f;
    if (!t->yarn)
        return f / t->factor;
    /* Pairs that turn more often than that in the original context keep their pace, those that turn
     * less often are stretched, whole pairs are the borders. */
    lo = floor(n_rot * log(t->n_ctx_orig / (fast * 2.0 * 3.14159265358979)) / (2.0 * log(base)));
    hi = ceil(n_rot * log(t->n_ctx_orig / (slow * 2.0 * 3.14159265358979)) / (2.0 * log(base)));
    lo = lo < 0.0 ? 0.0 : lo;
    hi = hi > n_rot - 1 ? n_rot - 1 : hi;
    part = (i - lo) / (hi - lo > 0.001 ? hi - lo : 0.001);
    part = part < 0.0 ? 0.0 : part > 1.0 ? 1.0 : part;
    return f * (1.0 - part) + f / t->factor * part;
}

/* How the rotated part grows under YaRN. */
static double magnitude(const struct tiny *t)
{
    double whole = 1.0 + 0.1 * log(t->factor > 1.0 ? t->factor : 1.0);
    double part = 1.0 + 0.1 * t->log_multiplier * log(t->factor > 1.0 ? t->factor : 1.0);

    return t->log_multiplier > 0.0 ? whole / part : whole;
}

/* In place: n_rot elements from `offset` on of every head. */
static void rotate(const struct ref *r, double *x, uint32_t n_head, uint32_t head, uint32_t offset)
{
    const struct tiny *t = r->t;
    bool windowed = tiny_windowed(t, r->il);
    bool plain = t->factor == 0.0 || !t->yarn || t->r_kv || (windowed && t->window_unscaled);
    bool adjacent = t->adjacent && !t->sections;
    uint32_t n_rot = tiny_n_rot(t, r->il);
    double mag = plain ? 1.0 : magnitude(t);
    double grown = t->attn_factor > 0.0 && !(windowed && t->window_unscaled) ? t->attn_factor : 1.0;
    float *div = divisors(r, windowed);

    mag *= grown;
    for (uint32_t at = 0; at < r->n * n_head; at++) {
        double *v = x + (size_t)at * head + offset;

        for (uint32_t i = 0; i < n_rot / 2; i++) {
            uint32_t a = adjacent ? 2 * i : i, b = adjacent ? a + 1 : i + n_rot / 2;
            double angle = at / n_head * frequency(r, i, div ? (double)div[i] : 1.0);
            double u = v[a], w = v[b];

            v[a] = mag * (u * cos(angle) - w * sin(angle));
            v[b] = mag * (u * sin(angle) + w * cos(angle));
        }
    }
    mem_free(div);
}

/* ALiBi: heads beyond the greatest power of two take the slopes between. */
static double slope_of(const struct tiny *t, uint32_t h)
{
    uint32_t p = 1;

    while (2 * p <= t->n_head)
        p *= 2;
    if (t->alibi == 0.0)
        return 0.0;
    return h < p ? pow(2.0, -t->alibi * (h + 1) / p)
                 : pow(2.0, -t->alibi * (2.0 * (h - p) + 1.0) / (2.0 * p));
}

static bool sees(const struct ref *r, uint32_t i, uint32_t j)
{
    const struct tiny *t = r->t;
    uint32_t apart = i > j ? i - j : j - i;

    if (j > i && !t->sees_all)
        return false;
    if (!tiny_windowed(t, r->il))
        return true;
    switch (t->mask) {
    case TINY_CAUSAL:
        return j > i || apart < t->window;
    case TINY_CHUNK:
        return j / t->window >= i / t->window;
    case TINY_SYMMETRIC:
        return apart <= t->window / 2;
    }
    return false;
}

/* Head h of token i against all it may see. */
static void look(const struct ref *r, const struct heads *a, uint32_t i, uint32_t h,
                 const double *q, double *out)
{
    const struct tiny *t = r->t;
    uint32_t of = h / (tiny_n_head(t, r->il) / a->n_kv);
    double *s = ref_need(r->n, sizeof(*s)), sum = 0.0, max = -(double)INFINITY;

    for (uint32_t j = 0; j < r->n; j++) {
        const double *k = a->k + ((size_t)j * a->n_kv + of) * a->head;

        for (uint32_t c = 0; c < a->head; c++)
            s[j] += q[c] * k[c];
        s[j] = s[j] * a->scale - slope_of(t, h) * fabs((double)i - (double)j);
        if (t->cap_attn > 0.0)
            s[j] = t->cap_attn * tanh(s[j] / t->cap_attn);
        if (sees(r, i, j))
            max = fmax(max, s[j]);
    }
    if (a->sinks) {
        max = fmax(max, (double)a->sinks[h]);
        sum = exp((double)a->sinks[h] - max);
    }
    for (uint32_t j = 0; j < r->n; j++)
        sum += sees(r, i, j) ? exp(s[j] - max) : 0.0;
    for (uint32_t j = 0; j < r->n; j++)
        for (uint32_t c = 0; c < a->head_v && sees(r, i, j); c++)
            out[c] += exp(s[j] - max) / sum * a->v[((size_t)j * a->n_kv + of) * a->head_v + c];
    mem_free(s);
}

static double *attend(const struct ref *r, const struct heads *a, const double *q)
{
    uint32_t n_head = tiny_n_head(r->t, r->il);
    double *o = ref_need((size_t)r->n * n_head * a->head_v, sizeof(*o));

    for (uint32_t at = 0; at < r->n * n_head; at++)
        look(r, a, at / n_head, at % n_head, q + (size_t)at * a->head, o + (size_t)at * a->head_v);
    return o;
}

/* Columns [from, from + width) of rows of `all`. */
static double *columns(const struct ref *r, const double *x, uint32_t all, uint32_t from,
                       uint32_t width)
{
    double *y = ref_need((size_t)r->n * width, sizeof(*y));

    for (uint32_t i = 0; i < r->n; i++)
        memcpy(y + (size_t)i * width, x + (size_t)i * all + from, width * sizeof(*y));
    return y;
}

static void clamp(const struct tiny *t, double *x, size_t n)
{
    for (size_t i = 0; x && t->clamp > 0.0 && i < n; i++)
        x[i] = fmin(t->clamp, fmax(-t->clamp, x[i]));
}

struct qkv {
    double *q, *k, *v, *gate;
    uint32_t n_q, n_k, n_v;
};

static void project_fused(const struct ref *r, const double *x, struct qkv *p)
{
    uint32_t all = p->n_q + p->n_k + p->n_v;
    double *y = ref_applied(r, "attn_qkv", x, r->t->n_embd, all, r->t->qkv_bias);

    p->q = columns(r, y, all, 0, p->n_q);
    p->k = columns(r, y, all, p->n_q, p->n_k);
    p->v = columns(r, y, all, p->n_q + p->n_k, p->n_v);
    mem_free(y);
}

/* attn_q: with a factor on the product, and a gate behind each head's query. */
static void project_query(const struct ref *r, const double *x, struct qkv *p, uint32_t head)
{
    const struct tiny *t = r->t;
    uint32_t width = t->gated ? 2 * p->n_q : p->n_q;
    double *plain = ref_applied(r, "attn_q", x, t->n_embd, width, false);
    double *y = ref_applied(r, "attn_q", x, t->n_embd, width, t->qkv_bias);

    for (size_t i = 0; t->q_scale != 0.0F && i < (size_t)r->n * width; i++)
        y[i] += plain[i] * ((double)t->q_scale - 1.0);
    mem_free(plain);
    p->q = y;
    if (!t->gated)
        return;
    p->q = ref_need((size_t)r->n * p->n_q, sizeof(*y));
    p->gate = ref_need((size_t)r->n * p->n_q, sizeof(*y));
    for (size_t i = 0; i < (size_t)r->n * p->n_q; i++) {
        p->q[i] = y[i / head * 2 * head + i % head];
        p->gate[i] = y[i / head * 2 * head + head + i % head];
    }
    mem_free(y);
}

static struct qkv project(const struct ref *r, const double *x, const struct heads *a)
{
    const struct tiny *t = r->t;
    bool no_v = t->k_is_v && !tiny_windowed(t, r->il);
    struct qkv p = { .n_q = tiny_n_head(t, r->il) * a->head,
                     .n_k = a->n_kv * a->head,
                     .n_v = a->n_kv * a->head_v };

    if (t->fused_qkv) {
        project_fused(r, x, &p);
    } else {
        project_query(r, x, &p, a->head);
        if (tiny_owns_kv(t, r->il)) {
            p.k = ref_applied(r, "attn_k", x, t->n_embd, p.n_k, t->qkv_bias);
            p.v = no_v ? columns(r, p.k, p.n_k, 0, p.n_k)
                       : ref_applied(r, "attn_v", x, t->n_embd, p.n_v, t->qkv_bias);
        }
    }
    clamp(t, p.q, (size_t)r->n * p.n_q);
    clamp(t, p.k, (size_t)r->n * p.n_k);
    clamp(t, p.v, (size_t)r->n * p.n_v);
    if (t->v_norm && p.v)
        ref_norm(t, "", p.v, (size_t)r->n * a->n_kv, a->head_v, 0);
    return p;
}

static void norm_heads(const struct ref *r, const char *stem, double *x, uint32_t n_head,
                       uint32_t head)
{
    const struct tiny *t = r->t;
    char name[96];

    (void)snprintf(name, sizeof(name), "blk.%u.%s", r->il, stem);
    if (!x || t->qk_norm == TINY_QK_NONE || (t->qk_norm == TINY_QK_BARE && !tiny_rotated(t, r->il)))
        return;
    if (t->qk_norm == TINY_QK_ROW)
        ref_norm(t, name, x, r->n, n_head * head, 1);
    else
        ref_norm(t, name, x, (size_t)r->n * n_head, head,
                 t->qk_norm == TINY_QK_EACH_HEAD ? n_head
                 : t->qk_norm == TINY_QK_BARE    ? 0
                                                 : 1);
}

/* Multiplies the queries by what their position says. */
static void warm(const struct ref *r, double *q, uint32_t n_q)
{
    const struct tiny *t = r->t;

    if (t->temp == 0.0 || (t->temp_unrotated && tiny_rotated(t, r->il)))
        return;
    for (size_t i = 0; i < (size_t)r->n * n_q; i++) {
        double steps = floor(((double)(i / n_q) + t->temp_offset) / t->temp_len);

        q[i] *= 1.0 + t->temp * log(1.0 + steps);
    }
}

static void rotate_and_norm(const struct ref *r, struct qkv *p, const struct heads *a)
{
    const struct tiny *t = r->t;

    for (int step = 0; step < 2; step++) {
        if ((step == 1) == t->qk_late) {
            norm_heads(r, "attn_q_norm", p->q, tiny_n_head(t, r->il), a->head);
            norm_heads(r, "attn_k_norm", p->k, a->n_kv, a->head);
        } else if (tiny_rotated(t, r->il)) {
            rotate(r, p->q, tiny_n_head(t, r->il), a->head, 0);
            if (p->k)
                rotate(r, p->k, a->n_kv, a->head, 0);
        }
    }
    warm(r, p->q, p->n_q);
}

/* Of the layers that have keys of their own the last, or for windowed layers the one before. */
static uint32_t source_of(const struct ref *r)
{
    uint32_t n_own = r->t->n_layer - r->t->n_shared_kv;

    if (tiny_owns_kv(r->t, r->il))
        return r->il;
    return tiny_windowed(r->t, r->il) ? n_own - 2 : n_own - 1;
}

double *ref_attention(struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    struct heads a = { .head = tiny_head(t, r->il) };
    struct qkv p;
    double *o, *y;
    float *sinks = ref_of_layer(r, "attn_sinks.weight", tiny_n_head(t, r->il), 1);

    a.n_kv = tiny_head_kv(t, source_of(r));
    a.head_v = t->head_v ? t->head_v : a.head;
    a.scale = t->attn_scale > 0.0 ? t->attn_scale : 1.0 / sqrt((double)a.head);
    a.sinks = t->sinks ? sinks : NULL;
    p = project(r, x, &a);
    rotate_and_norm(r, &p, &a);
    r->k[r->il] = p.k;
    r->v[r->il] = p.v;
    a.k = r->k[source_of(r)];
    a.v = r->v[source_of(r)];
    o = attend(r, &a, p.q);
    for (size_t i = 0; p.gate && i < (size_t)r->n * p.n_q; i++)
        o[i] *= ref_sigmoid(p.gate[i]);
    y = ref_applied(r, "attn_output", o, tiny_n_head(t, r->il) * a.head_v, t->n_embd, t->out_bias);
    mem_free(p.q);
    mem_free(p.gate);
    mem_free(o);
    mem_free(sinks);
    return y;
}

/* ---- latent attention, as it was published: keys and values of every head are computed ---- */

static double *latent_query(const struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    uint32_t n_q = tiny_n_head(t, r->il) * t->head;
    double *low, *q;

    if (!t->r_q)
        return ref_applied(r, "attn_q", x, t->n_embd, n_q, false);
    low = ref_applied(r, "attn_q_a", x, t->n_embd, t->r_q, false);
    ref_norm_layer(r, "attn_q_a_norm", low, r->n, t->r_q);
    q = ref_applied(r, "attn_q_b", low, t->r_q, n_q, false);
    mem_free(low);
    return q;
}

/* Keys [plain | rotated] and values of all heads from rows [latent | rotated]. */
static void expand(const struct ref *r, const double *c, double *k, double *v)
{
    const struct tiny *t = r->t;
    uint32_t plain = t->head - t->n_rot, width = t->r_kv + t->n_rot;
    float *k_b = ref_of_layer(r, "attn_k_b.weight", plain, (size_t)t->r_kv * tiny_n_head(t, r->il));
    float *v_b =
        ref_of_layer(r, "attn_v_b.weight", t->r_kv, (size_t)t->head_v * tiny_n_head(t, r->il));

    for (uint32_t at = 0; at < r->n * tiny_n_head(t, r->il); at++) {
        const double *row = c + (size_t)(at / tiny_n_head(t, r->il)) * width;
        size_t h = at % tiny_n_head(t, r->il);

        for (uint32_t l = 0; l < t->r_kv; l++) {
            for (uint32_t i = 0; i < plain; i++)
                k[(size_t)at * t->head + i] += (double)k_b[(h * t->r_kv + l) * plain + i] * row[l];
            for (uint32_t i = 0; i < t->head_v; i++)
                v[(size_t)at * t->head_v + i] +=
                    (double)v_b[(h * t->head_v + i) * t->r_kv + l] * row[l];
        }
        memcpy(k + (size_t)at * t->head + plain, row + t->r_kv, t->n_rot * sizeof(*k));
    }
    mem_free(k_b);
    mem_free(v_b);
}

double *ref_latent(struct ref *r, const double *x)
{
    const struct tiny *t = r->t;
    uint32_t width = t->r_kv + t->n_rot;
    double *q = latent_query(r, x), *o, *y, grow = 1.0;
    double *both = ref_applied(r, "attn_kv_a_mqa", x, t->n_embd, width, false);
    double *latent = columns(r, both, width, 0, t->r_kv);
    double *k = ref_need((size_t)r->n * tiny_n_head(t, r->il) * t->head, sizeof(*k));
    double *v = ref_need((size_t)r->n * tiny_n_head(t, r->il) * t->head_v, sizeof(*v));
    struct heads a = {
        .n_kv = tiny_n_head(t, r->il), .head = t->head, .head_v = t->head_v, .k = k, .v = v
    };

    if (t->yarn && t->factor > 1.0)
        grow = 1.0 + 0.1 * t->log_multiplier * log(t->factor);
    a.scale = grow * grow / sqrt((double)t->head);
    ref_norm_layer(r, "attn_kv_a_norm", latent, r->n, t->r_kv);
    rotate(r, both, 1, width, t->r_kv);
    for (uint32_t i = 0; i < r->n; i++)
        memcpy(both + (size_t)i * width, latent + (size_t)i * t->r_kv, t->r_kv * sizeof(*both));
    rotate(r, q, tiny_n_head(t, r->il), t->head, t->head - t->n_rot);
    expand(r, both, k, v);
    o = attend(r, &a, q);
    y = ref_applied(r, "attn_output", o, tiny_n_head(t, r->il) * t->head_v, t->n_embd, false);
    mem_free(q);
    mem_free(both);
    mem_free(latent);
    mem_free(k);
    mem_free(v);
    mem_free(o);
    return y;
}
