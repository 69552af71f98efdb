/* From keys, tensors and traits to the plan of one layer. */
#include "model/layer_plan.h"

#include <math.h>
#include <stdio.h>

#include "model/mixer.h"

#define STATE_FLOATS_MAX (1U << 28) /* of one layer and sequence: 1 GiB */

/* A tensor of a layer; NULL when it is not there. */
static const struct gguf_tensor *layer_tensor(const struct gguf *g, uint32_t il, const char *name)
{
    char full[GGUF_NAME_BYTES_MAX];

    (void)snprintf(full, sizeof(full), "blk.%u.%s", il, name);
    return gguf_tensor(g, full);
}

/* A width that no key gives is the one the tensor has. */
static uint32_t width_of_tensor(const struct gguf *g, uint32_t il, const char *name)
{
    const struct gguf_tensor *t = layer_tensor(g, il, name);

    return t && t->ne[0] <= MODEL_FF_MAX ? (uint32_t)t->ne[0] : 0;
}

static enum err_code missing_key(const struct hparams *hp, uint32_t il, const char *which,
                                 struct err *e)
{
    return err_set(e, ERR_FORMAT, "layer %u: the keys %s.%s do not fit its tensors or each other",
                   il, hp->t.name, which);
}

static enum err_code mla_dims(struct weight_dims *d, const struct hparams *hp, uint32_t il,
                              struct err *e)
{
    d->r_q = hp->mla.r_q;
    d->r_kv = hp->mla.r_kv;
    d->head_k = hp->mla.head_k;
    d->head_v = hp->mla.head_v;
    d->n_head_kv = 1;
    if (!d->n_head || !d->r_kv || !d->head_v || d->n_rot >= d->head_k)
        return missing_key(hp, il, "attention.*_mla, *_lora_rank and rope.dimension_count", e);
    return ERR_OK;
}

/* Gated delta net: the state size is a head, the rank counts value heads, the groups key heads. */
static enum err_code delta_dims(struct weight_dims *d, const struct hparams *hp, uint32_t il,
                                struct err *e)
{
    uint64_t inner = (uint64_t)hp->ssm.n_rank * hp->ssm.n_state;
    uint64_t conv = inner + 2ULL * hp->ssm.n_group * hp->ssm.n_state;

    if (!hp->ssm.n_group || !inner || hp->ssm.n_rank % hp->ssm.n_group != 0 || !hp->ssm.n_tap ||
        conv > MODEL_FF_MAX || inner * hp->ssm.n_state > STATE_FLOATS_MAX ||
        (hp->ssm.n_inner && hp->ssm.n_inner != inner))
        return missing_key(hp, il, "ssm.*", e);
    d->ssm_inner = (uint32_t)inner;
    d->ssm_dt = hp->ssm.n_rank;
    d->ssm_norm = hp->ssm.n_state;
    d->ssm_norm_rows = 1;
    d->conv_width = d->n_qkv = (uint32_t)conv;
    return ERR_OK;
}

static enum err_code mamba_dims(struct weight_dims *d, const struct hparams *hp, uint32_t il,
                                struct err *e)
{
    uint64_t bc = 2ULL * hp->ssm.n_state;
    uint32_t n_inner = hp->ssm.n_inner, n_group = hp->ssm.n_group ? hp->ssm.n_group : 1;

    if (!n_inner || !hp->ssm.n_state || !hp->ssm.n_rank || !hp->ssm.n_tap ||
        (uint64_t)n_inner * hp->ssm.n_state > STATE_FLOATS_MAX)
        return missing_key(hp, il, "ssm.*", e);
    d->ssm_inner = n_inner;
    d->ssm_state = hp->ssm.n_state;
    if (d->is_mamba1) {
        d->ssm_rank = hp->ssm.n_rank;
        d->ssm_dt = d->conv_width = n_inner;
        d->ssm_in = 2 * n_inner;
        d->ssm_x = d->ssm_rank + (uint32_t)bc;
        return ERR_OK;
    }
    bc *= n_group;
    if (n_inner % hp->ssm.n_rank != 0 || hp->ssm.n_rank % n_group != 0 || bc > MODEL_FF_MAX)
        return missing_key(hp, il, "ssm.*", e);
    d->ssm_dt = hp->ssm.n_rank;
    d->conv_width = n_inner + (uint32_t)bc;
    d->ssm_in = d->conv_width + n_inner + d->ssm_dt;
    d->ssm_norm = n_inner / n_group;
    d->ssm_norm_rows = n_group;
    return ERR_OK;
}

/* What depends on the kind of layer, which its tensors tell. */
static enum err_code mixer_dims(struct weight_dims *d, const struct hparams *hp,
                                const struct gguf *g, uint32_t il, struct err *e)
{
    uint64_t n_qkv = (uint64_t)d->n_head * d->head_k +
                     (uint64_t)d->n_head_kv * ((uint64_t)d->head_k + d->head_v);

    d->conv_taps = hp->ssm.n_tap;
    d->n_qkv = n_qkv <= UINT32_MAX ? (uint32_t)n_qkv : 0;
    d->is_mamba1 = layer_tensor(g, il, "ssm_x.weight") != NULL;
    if (layer_tensor(g, il, "shortconv.conv.weight")) {
        d->conv_taps = hp->ssm.n_short_tap;
        return d->conv_taps ? ERR_OK : missing_key(hp, il, "shortconv.l_cache", e);
    }
    if (layer_tensor(g, il, "attn_kv_a_mqa.weight"))
        return mla_dims(d, hp, il, e);
    if (d->is_mamba1 || layer_tensor(g, il, "ssm_in.weight"))
        return mamba_dims(d, hp, il, e);
    if (layer_tensor(g, il, "ssm_conv1d.weight"))
        return delta_dims(d, hp, il, e);
    if (hp->t.layout == LAYOUT_SINGLE && !layer_tensor(g, il, "attn_output.weight"))
        return ERR_OK; /* a feed-forward part alone */
    if (!d->n_head || !d->n_head_kv || d->n_head % d->n_head_kv != 0)
        return err_set(e, ERR_FORMAT,
                       "layer %u: expected attention.head_count to be a multiple of "
                       "head_count_kv, both above 0, found %u and %u",
                       il, d->n_head, d->n_head_kv);
    return ERR_OK;
}

enum err_code layer_dims(struct weight_dims *d, const struct hparams *hp, const struct gguf *g,
                         uint32_t il, struct err *e)
{
    bool windowed = hp->windowed[il];

    *d = (struct weight_dims){
        .n_embd = hp->n_embd,
        .n_vocab = hp->n_vocab,
        .n_head = hp->n_head[il],
        .n_head_kv = hp->n_head_kv[il],
        .head_k = windowed ? hp->head_k_swa : hp->head_k,
        .head_v = windowed ? hp->head_v_swa : hp->head_v,
        .n_rot = hp->n_rot,
        .n_ff = hp->n_ff[il],
        .n_ff_exp = hp->n_ff_exp[il],
        .n_ff_shexp = hp->n_ff_shexp,
        .n_expert = hp->n_expert,
        .n_ple = hp->n_ple,
        .n_ple_all = hp->n_ple * hp->n_layer,
    };
    if (!d->n_ff_exp)
        d->n_ff_exp = width_of_tensor(g, il, "ffn_down_exps.weight");
    if (!d->n_ff_exp)
        d->n_ff_exp = d->n_ff;
    if (!d->n_ff_shexp && (uint64_t)hp->n_expert_shared * d->n_ff_exp <= MODEL_FF_MAX)
        d->n_ff_shexp = hp->n_expert_shared * d->n_ff_exp;
    /* Several shared experts are one wide one; the key may give the width of one of them. */
    if (!d->n_ff_shexp || (uint64_t)d->n_ff_shexp * hp->n_expert_shared ==
                              width_of_tensor(g, il, "ffn_down_shexp.weight"))
        d->n_ff_shexp = width_of_tensor(g, il, "ffn_down_shexp.weight");
    return mixer_dims(d, hp, g, il, e);
}

/* YaRN (Peng et al. 2023): the pairs lo .. hi go over from kept to interpolated angles. */
struct yarn_ramp {
    double lo, hi;
};

static struct yarn_ramp yarn_ramp(const struct hparams *hp, double base, uint32_t n_rot)
{
    const double two_pi = 6.283185307179586;
    double n = n_rot, o = hp->rope.n_ctx_orig, per = 2.0 * log(base);
    struct yarn_ramp r;

    r.lo = floor(n * log(o / (two_pi * (double)hp->rope.beta_fast)) / per);
    r.hi = ceil(n * log(o / (two_pi * (double)hp->rope.beta_slow)) / per);
    r.lo = fmax(0.0, r.lo);
    r.hi = fmin(n - 1.0, r.hi);
    return r;
}

static double yarn_mag(double factor, double m)
{
    return factor <= 1.0 ? 1.0 : 0.1 * m * log(factor) + 1.0;
}

static float rope_mag(const struct hparams *hp)
{
    double f = (double)hp->rope.factor, l = (double)hp->rope.log_multiplier, mag = 1.0;

    if (hp->rope.scaling == RSCALE_YARN && !hp->rope.in_attn_scale)
        mag = l == 0.0 ? yarn_mag(f, 1.0) : yarn_mag(f, 1.0) / yarn_mag(f, l);
    return (float)(mag * (double)hp->rope.attn_factor);
}

/* divisors: f32 [n_rot / 2] or NULL. scaled: do the context-extension factors apply? */
static void rope_theta(const struct hparams *hp, double base, uint32_t n_rot, const float *div,
                       bool scaled, float *theta)
{
    double factor = scaled ? (double)hp->rope.factor : 1.0;
    bool yarn = scaled && hp->rope.scaling == RSCALE_YARN;
    struct yarn_ramp r = yarn_ramp(hp, base, n_rot);

    for (uint32_t i = 0; i < n_rot / 2; i++) {
        double kept = pow(base, -2.0 * i / n_rot) / (div ? (double)div[i] : 1.0);
        double interpolated = kept / factor, ramp = 0.0;

        if (yarn)
            ramp = 1.0 - fmin(1.0, fmax(0.0, (i - r.lo) / fmax(0.001, r.hi - r.lo)));
        theta[i] = (float)(interpolated * (1.0 - ramp) + kept * ramp);
    }
}

static enum err_code check_divisors(const struct weight *w, struct err *e)
{
    const float *v = (const float *)(const void *)w->data;

    for (uint64_t i = 0; v && i < w->ne[0]; i++)
        if (!isfinite(v[i]) || v[i] <= 0.0F)
            return err_set(e, ERR_FORMAT, "tensor %s: expected divisors > 0, found %g", w->name,
                           (double)v[i]);
    return ERR_OK;
}

static enum err_code build_table(struct rope_table *t, const struct hparams *hp,
                                 const struct weight *div, bool windowed, struct arena *a,
                                 struct err *e)
{
    uint32_t n_rot = windowed ? hp->n_rot_swa : hp->n_rot;
    bool scaled = !windowed || hp->t.window.rope == WROPE_SAME;
    double base = (double)(windowed ? hp->rope.base_swa : hp->rope.base);
    float *theta = arena_new_n(a, n_rot / 2 + 1U, sizeof(*theta));

    if (!theta)
        return err_set(e, ERR_OOM, "no memory for rotation tables of %u", n_rot);
    /* A base of 1 has no logarithm to divide by: every pair turns alike, and YaRN is undefined. */
    if (base <= 1.0 && hp->rope.scaling == RSCALE_YARN)
        return err_set(e, ERR_FORMAT, "rope.freq_base: expected more than 1 with YaRN, found %g",
                       base);
    if (div && div->ne[0] != n_rot / 2)
        div = NULL;
    if (div && check_divisors(div, e))
        return ERR_FORMAT;
    rope_theta(hp, base, n_rot, div ? (const float *)(const void *)div->data : NULL, scaled, theta);
    t->theta = theta;
    t->mag = scaled ? rope_mag(hp) : 1.0F;
    return ERR_OK;
}

enum err_code rope_tables_build(struct rope_tables *r, const struct hparams *hp,
                                const struct weights *w, struct arena *a, struct err *e)
{
    const struct weight *by_len[2] = { w->global[W_ROPE_SHORT].w, w->global[W_ROPE_LONG].w };
    enum err_code rc = ERR_OK;

    r->n_ctx_short = by_len[1] ? hp->rope.n_ctx_orig : UINT32_MAX;
    for (uint32_t i = 0; i < 4 && !rc; i++) {
        bool windowed = i / 2 != 0, is_long = i % 2 != 0;
        const struct weight *div = by_len[is_long];

        if (!div && !(windowed && hp->t.rope.div_full_only))
            div = w->global[W_ROPE_FREQS].w;
        if (is_long && !by_len[1])
            r->at[windowed][1] = r->at[windowed][0];
        else
            rc = build_table(&r->at[windowed][is_long], hp, div, windowed, a, e);
    }
    return rc;
}

uint32_t kv_source(const struct hparams *hp, uint32_t il)
{
    uint32_t n_own = hp->n_layer - hp->n_shared_kv;

    if (il < n_own)
        return il;
    return hp->windowed[il] && n_own > 1 ? n_own - 2 : n_own - 1;
}

void layer_plan_build(struct layer_plan *l, const struct hparams *hp, const struct weight_dims *d,
                      const struct weights *w, const struct rope_tables *r, uint32_t il)
{
    bool windowed = hp->windowed[il];
    float scale = hp->t.attn_scale != 0.0F ? hp->t.attn_scale : hp->attn_scale;

    *l = (struct layer_plan){
        .mixer = mixer_of(&w->layers[il]),
        .dims = *d,
        .kv_from = kv_source(hp, il),
        .n_head = d->n_head,
        .n_head_kv = d->n_head_kv,
        .head_k = d->head_k,
        .head_v = d->head_v,
        .n_rot = windowed ? hp->n_rot_swa : hp->n_rot,
        .rotate = hp->rotated[il],
        .rope = r->at[windowed],
        .attn_scale = scale != 0.0F ? scale : 1.0F / sqrtf((float)d->head_k),
        .attn_cap = hp->cap_attn,
        .alibi = hp->alibi,
        .causal = hp->causal,
        .window = windowed ? hp->t.window.kind : WINDOW_NONE,
        .n_window = windowed ? hp->n_window : 0,
        .temp = hp->temp,
        .temp_len = hp->rope.n_ctx_orig,
        .is_moe = layer_weight(&w->layers[il], W_ROUTER)->w != NULL,
        .n_ff = d->n_ff,
        .n_ff_exp = d->n_ff_exp,
        .n_ff_shexp = d->n_ff_shexp,
        .n_expert_used = hp->n_expert_used[il],
    };
    if (hp->t.temp.scale != 0.0F && !l->rotate) {
        l->temp = hp->t.temp.scale;
        l->temp_len = hp->t.temp.len;
        l->temp_offset = hp->t.temp.offset;
    }
    l->rotate = l->rotate && l->n_rot > 0;
    if (l->kv_from != il)
        l->n_head_kv = hp->n_head_kv[l->kv_from];
}
