/* The reference: layers with a state. */
#include <math.h>
#include <stdio.h>

#include "support/ref_int.h"

/* In place, over time; columns [first, first + n) of rows of `width`. Models that see both ways
 * put the taps around the token. */
static void convolve(const struct ref *r, const char *stem, double *x, uint32_t width,
                     uint32_t first, uint32_t n, bool biased)
{
    uint32_t before = r->t->sees_all ? TINY_TAPS / 2 : TINY_TAPS - 1;
    double *y = ref_need((size_t)r->n * n, sizeof(*y));
    char name[96];
    float *w, *b;

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    w = ref_of_layer(r, name, TINY_TAPS, n);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    b = ref_of_layer(r, name, n, 1);
    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < n; c++) {
            double *sum = &y[(size_t)t * n + c];

            *sum = biased ? (double)b[c] : 0.0;
            for (uint32_t k = 0; k < TINY_TAPS; k++)
                if (t + k >= before && t + k - before < r->n)
                    *sum += (double)w[c * TINY_TAPS + k] *
                            x[(size_t)(t + k - before) * width + first + c];
        }
    for (size_t i = 0; i < (size_t)r->n * n; i++)
        x[i / n * width + first + i % n] = y[i];
    mem_free(y);
    mem_free(w);
    mem_free(b);
}

double *ref_short_conv(const struct ref *r, const double *x)
{
    uint32_t n = r->t->n_embd;
    double *all = ref_applied(r, "shortconv.in_proj", x, n, 3 * n, false), *y;
    double *u = ref_need((size_t)r->n * n, sizeof(*u));

    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < n; c++)
            u[(size_t)t * n + c] = all[(size_t)t * 3 * n + c] * all[(size_t)t * 3 * n + 2 * n + c];
    convolve(r, "shortconv.conv", u, n, 0, n, false);
    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = 0; c < n; c++)
            u[(size_t)t * n + c] *= all[(size_t)t * 3 * n + n + c];
    y = ref_applied(r, "shortconv.out_proj", u, n, n, false);
    mem_free(all);
    mem_free(u);
    return y;
}

/* Raw beta and alpha of all value heads: [n][heads] each, however the file holds them. */
static void betas_and_alphas(const struct ref *r, const double *x, double **beta, double **alpha)
{
    uint32_t n = r->t->n_embd, per = TINY_HEADS / TINY_GROUP;
    double *both;

    if (r->t->mod_heads) {
        *beta = ref_applied(r, "ssm_beta", x, n, TINY_HEADS, false);
        *alpha = ref_applied(r, "ssm_alpha", x, n, TINY_HEADS, false);
        return;
    }
    both = ref_applied(r, "ssm_ba", x, n, 2 * TINY_HEADS, false);
    *beta = ref_need((size_t)r->n * TINY_HEADS, sizeof(**beta));
    *alpha = ref_need((size_t)r->n * TINY_HEADS, sizeof(**alpha));
    for (size_t i = 0; i < (size_t)r->n * TINY_HEADS; i++) {
        const double *row = both + i / TINY_HEADS * 2 * TINY_HEADS;
        size_t h = i % TINY_HEADS;

        (*beta)[i] = row[h / per * 2 * per + h % per];
        (*alpha)[i] = row[h / per * 2 * per + per + h % per];
    }
    mem_free(both);
}

/* One value head of the delta net through all tokens. qkv: rows of `width`. */
static void delta_head(const struct ref *r, uint32_t h, const double *qkv, uint32_t width,
                       const double *beta, const double *alpha, double *out)
{
    uint32_t d = TINY_STATE;
    uint32_t key = r->t->mod_heads ? h % TINY_GROUP : h / (TINY_HEADS / TINY_GROUP);
    float *a = ref_of_layer(r, "ssm_a", TINY_HEADS, 1);
    float *dt = ref_of_layer(r, "ssm_dt.bias", TINY_HEADS, 1);
    double s[TINY_STATE][TINY_STATE] = { { 0 } };

    for (uint32_t t = 0; t < r->n; t++) {
        const double *q = qkv + (size_t)t * width + key * d, *k = q + TINY_GROUP * d;
        const double *v = qkv + (size_t)t * width + (2 * TINY_GROUP + h) * d;
        double open = ref_sigmoid(beta[(size_t)t * TINY_HEADS + h]);
        double step = ref_softplus(alpha[(size_t)t * TINY_HEADS + h] + (double)dt[h]);
        double decay = exp(step * (double)a[h]), qq = r->t->eps, kk = r->t->eps;

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
                s[i][j] += k[i] / sqrt(kk) * open * (v[j] - seen);
                sum += s[i][j] * q[i] / sqrt(qq) / sqrt((double)d);
            }
            out[((size_t)t * TINY_HEADS + h) * d + j] = sum;
        }
    }
    mem_free(a);
    mem_free(dt);
}

double *ref_delta_net(const struct ref *r, const double *x)
{
    uint32_t n = TINY_HEADS * TINY_STATE, width = n + 2 * TINY_GROUP * TINY_STATE;
    uint32_t n_embd = r->t->n_embd;
    double *qkv = ref_applied(r, "attn_qkv", x, n_embd, width, false), *y;
    double *z = ref_applied(r, "attn_gate", x, n_embd, n, false);
    double *o = ref_need((size_t)r->n * n, sizeof(*o)), *beta, *alpha;

    betas_and_alphas(r, x, &beta, &alpha);
    convolve(r, "ssm_conv1d", qkv, width, 0, width, false);
    for (size_t i = 0; i < (size_t)r->n * width; i++)
        qkv[i] = ref_silu(qkv[i]);
    for (uint32_t h = 0; h < TINY_HEADS; h++)
        delta_head(r, h, qkv, width, beta, alpha, o);
    ref_norm_layer(r, "ssm_norm", o, (size_t)r->n * TINY_HEADS, TINY_STATE);
    for (size_t i = 0; i < (size_t)r->n * n; i++)
        o[i] *= ref_silu(z[i]);
    y = ref_applied(r, "ssm_out", o, n, n_embd, false);
    mem_free(qkv);
    mem_free(beta);
    mem_free(alpha);
    mem_free(z);
    mem_free(o);
    return y;
}

/* One channel of the scan through all tokens: rows z | x | B | C | dt. */
static void scan_channel(const struct ref *r, uint32_t c, const double *all, uint32_t width,
                         double *out)
{
    uint32_t h = c / (TINY_INNER / TINY_HEADS), g = h / (TINY_HEADS / TINY_GROUP);
    float *a = ref_of_layer(r, "ssm_a", TINY_HEADS, 1);
    float *dt = ref_of_layer(r, "ssm_dt.bias", TINY_HEADS, 1);
    float *d = ref_of_layer(r, "ssm_d", TINY_HEADS, 1);
    double s[TINY_STATE] = { 0 };

    for (uint32_t t = 0; t < r->n; t++) {
        const double *row = all + (size_t)t * width, *b = row + 2 * TINY_INNER + g * TINY_STATE;
        double x = row[TINY_INNER + c], sum = x * (double)d[h];
        double step = ref_softplus(row[width - TINY_HEADS + h] + (double)dt[h]);

        for (uint32_t i = 0; i < TINY_STATE; i++) {
            s[i] = s[i] * exp(step * (double)a[h]) + step * x * b[i];
            sum += s[i] * b[TINY_GROUP * TINY_STATE + i];
        }
        out[(size_t)t * TINY_INNER + c] = sum * ref_silu(row[c]);
    }
    mem_free(a);
    mem_free(dt);
    mem_free(d);
}

double *ref_scan(const struct ref *r, const double *x)
{
    uint32_t conv = TINY_INNER + 2 * TINY_GROUP * TINY_STATE, group = TINY_INNER / TINY_GROUP;
    uint32_t width = TINY_INNER + conv + TINY_HEADS;
    double *all = ref_applied(r, "ssm_in", x, r->t->n_embd, width, false), *y;
    double *o = ref_need((size_t)r->n * TINY_INNER, sizeof(*o));
    char name[96];

    convolve(r, "ssm_conv1d", all, width, TINY_INNER, conv, true);
    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t c = TINY_INNER; c < TINY_INNER + conv; c++)
            all[(size_t)t * width + c] = ref_silu(all[(size_t)t * width + c]);
    for (uint32_t c = 0; c < TINY_INNER; c++)
        scan_channel(r, c, all, width, o);
    (void)snprintf(name, sizeof(name), "blk.%u.ssm_norm", r->il);
    ref_norm(r->t, name, o, (size_t)r->n * TINY_GROUP, group, TINY_GROUP);
    y = ref_applied(r, "ssm_out", o, TINY_INNER, r->t->n_embd, false);
    mem_free(all);
    mem_free(o);
    return y;
}

/* One channel of Mamba-1 through all tokens: rows x | z, and rows dt | B | C of steps. */
static void mamba_channel(const struct ref *r, uint32_t c, const double *all, const double *dt,
                          const double *bc, double *out)
{
    uint32_t width = TINY_RANK + 2 * TINY_STATE;
    float *a = ref_of_layer(r, "ssm_a", TINY_STATE, TINY_INNER);
    float *d = ref_of_layer(r, "ssm_d", TINY_INNER, 1);
    double s[TINY_STATE] = { 0 };

    for (uint32_t t = 0; t < r->n; t++) {
        const double *row = all + (size_t)t * 2 * TINY_INNER;
        const double *b = bc + (size_t)t * width + TINY_RANK;
        double x = row[c], sum = x * (double)d[c];
        double step = ref_softplus(dt[(size_t)t * TINY_INNER + c]);

        for (uint32_t i = 0; i < TINY_STATE; i++) {
            s[i] = s[i] * exp(step * (double)a[c * TINY_STATE + i]) + step * x * b[i];
            sum += s[i] * b[TINY_STATE + i];
        }
        out[(size_t)t * TINY_INNER + c] = sum * ref_silu(row[TINY_INNER + c]);
    }
    mem_free(a);
    mem_free(d);
}

/* dt, B and C, each normalised; mostly without a weight. */
static void norm_pieces(const struct ref *r, double *bc)
{
    static const char *const stems[3] = { "ssm_dt_norm", "ssm_b_norm", "ssm_c_norm" };
    const uint32_t n[3] = { TINY_RANK, TINY_STATE, TINY_STATE };
    char name[96];

    for (uint32_t t = 0; t < r->n; t++)
        for (uint32_t k = 0; k < 3; bc += n[k++]) {
            (void)snprintf(name, sizeof(name), "blk.%u.%s", r->il, stems[k]);
            ref_norm(r->t, name, bc, 1, n[k], r->t->dt_norms);
        }
}

double *ref_mamba(const struct ref *r, const double *x)
{
    uint32_t width = TINY_RANK + 2 * TINY_STATE, n = r->n;
    double *all = ref_applied(r, "ssm_in", x, r->t->n_embd, 2 * TINY_INNER, false), *bc, *dt, *y;
    double *inner = ref_need((size_t)n * TINY_INNER, sizeof(*inner));
    double *low = ref_need((size_t)n * TINY_RANK, sizeof(*low));

    convolve(r, "ssm_conv1d", all, 2 * TINY_INNER, 0, TINY_INNER, true);
    for (size_t i = 0; i < (size_t)n * TINY_INNER; i++) {
        double *v = &all[i / TINY_INNER * 2 * TINY_INNER + i % TINY_INNER];

        inner[i] = *v = ref_silu(*v);
    }
    bc = ref_applied(r, "ssm_x", inner, TINY_INNER, width, false);
    if (r->t->norm_dt_b_c || r->t->dt_norms)
        norm_pieces(r, bc);
    for (size_t i = 0; i < (size_t)n * TINY_RANK; i++)
        low[i] = bc[i / TINY_RANK * width + i % TINY_RANK];
    dt = ref_applied(r, "ssm_dt", low, TINY_RANK, TINY_INNER, true);
    for (uint32_t c = 0; c < TINY_INNER; c++)
        mamba_channel(r, c, all, dt, bc, inner);
    y = ref_applied(r, "ssm_out", inner, TINY_INNER, r->t->n_embd, false);
    mem_free(all);
    mem_free(bc);
    mem_free(dt);
    mem_free(low);
    mem_free(inner);
    return y;
}
