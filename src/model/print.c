/* One line per layer, for people and for golden tests of the loader. */
#include "model/mixer.h"
#include "model/priv.h"

static const char *norm_name(enum norm_kind k)
{
    return k == NORM_RMS ? "rms" : k == NORM_LAYER ? "layer" : "l2";
}

static const char *act_name(enum act_kind k)
{
    static const char *const names[] = {
        [ACT_SILU] = "silu",
        [ACT_GELU_TANH] = "gelu",
        [ACT_GELU_ERF] = "gelu-erf",
        [ACT_RELU] = "relu",
        [ACT_RELU_SQ] = "relu2",
        [ACT_SIGMOID] = "sigmoid",
        [ACT_SWIGLU_CLAMP] = "swiglu-clamped",
    };

    return names[k];
}

static const char *score_name(enum router_score s)
{
    static const char *const names[] = { [SCORE_SOFTMAX] = "softmax",
                                         [SCORE_SIGMOID] = "sigmoid",
                                         [SCORE_SOFTMAX_OF_CHOSEN] = "softmax-of-chosen",
                                         [SCORE_SQRT_SOFTPLUS] = "sqrt-softplus" };

    return names[s];
}

static void print_rope(const struct model *m, const struct layer_plan *l, struct buf *out)
{
    uint32_t last = l->n_rot / 2;

    if (!l->rotate) {
        (void)buf_adds(out, " rope none");
        return;
    }
    (void)buf_addf(out, " rope %s %u", m->hp.t.rope.pairing == ROPE_HALVES ? "halves" : "adjacent",
                   l->n_rot);
    for (int i = 0; i < (m->rope.n_ctx_short == UINT32_MAX ? 1 : 2); i++)
        (void)buf_addf(out, "%s theta %.4g..%.4g mag %.4g", i ? " long" : "",
                       (double)l->rope[i].theta[0], (double)l->rope[i].theta[last - 1],
                       (double)l->rope[i].mag);
}

/* Layers with a state. */
static void print_state(const struct layer_plan *l, struct buf *out)
{
    if (l->mixer == &mixer_none) {
        (void)buf_adds(out, "no mixer");
        return;
    }
    (void)buf_addf(out, "%s taps %u", l->mixer->name, l->dims.conv_taps);
    if (l->dims.ssm_inner)
        (void)buf_addf(out, " width %u heads %u", l->dims.ssm_inner, l->dims.ssm_dt);
}

static void print_attention(const struct model *m, uint32_t il, struct buf *out)
{
    const struct layer_plan *l = &m->layers[il];
    static const char *const windows[] = { [WINDOW_NONE] = "none",
                                           [WINDOW_CAUSAL] = "causal",
                                           [WINDOW_CHUNK] = "chunk",
                                           [WINDOW_SYMMETRIC] = "symmetric" };

    (void)buf_addf(out, "%s heads %u/%u of %u/%u", l->mixer->name, l->n_head, l->n_head_kv,
                   l->head_k, l->head_v);
    if (l->dims.r_kv)
        (void)buf_addf(out, " rank %u", l->dims.r_kv);
    if (l->kv_from != il)
        (void)buf_addf(out, " keys of layer %u", l->kv_from);
    print_rope(m, l, out);
    (void)buf_addf(out, " scale %.4g", (double)l->attn_scale);
    if (l->attn_cap != 0.0F)
        (void)buf_addf(out, " cap %.4g", (double)l->attn_cap);
    if (l->alibi != 0.0F)
        (void)buf_addf(out, " alibi %.4g", (double)l->alibi);
    if (l->temp != 0.0F)
        (void)buf_addf(out, " temp %.4g per %u", (double)l->temp, l->temp_len);
    (void)buf_addf(out, " window %s", windows[l->window]);
    if (l->window != WINDOW_NONE)
        (void)buf_addf(out, " %u", l->n_window);
    if (!l->causal)
        (void)buf_adds(out, " bidirectional");
}

static void print_ffn(const struct model *m, const struct layer_plan *l,
                      const struct layer_weights *w, struct buf *out)
{
    bool gated =
        layer_weight(w, W_FFN_GATE)->w || layer_weight(w, W_EXPS_GATE)->w ||
        layer_weight(w, W_EXPS_GATE_UP)->w ||
        (layer_weight(w, W_FFN_UP)->w && layer_weight(w, W_FFN_UP)->w->ne[1] == 2ULL * l->n_ff);

    if (!l->is_moe && !layer_weight(w, W_FFN_UP)->w)
        return;
    if (l->is_moe && layer_weight(w, W_FFN_UP)->w)
        (void)buf_addf(out, " | ffn %u beside", l->n_ff);
    (void)buf_addf(out, " | ffn %u %s%s", l->is_moe ? l->n_ff_exp : l->n_ff, act_name(m->hp.t.act),
                   gated ? " gated" : "");
    if (!l->is_moe)
        return;
    (void)buf_addf(out, " experts %u of %u %s%s", l->n_expert_used, m->hp.n_expert,
                   score_name(m->hp.score), m->hp.renormalise ? " renormalised" : "");
    if (layer_weight(w, W_SHEXP_UP)->w)
        (void)buf_addf(out, " shared %u%s", l->n_ff_shexp,
                       layer_weight(w, W_SHEXP_ROUTER)->w ? " gated" : "");
}

static void print_norms(const struct model *m, const struct layer_weights *w, struct buf *out)
{
    static const char letters[] = { 'A', '2', 'a', 'r', 'F', 'f', 'R' };

    (void)buf_addf(out, " | norm %s ", norm_name(m->hp.t.norm));
    for (enum weight_role r = W_ATTN_NORM; r <= W_LAYER_OUT_NORM; r++)
        if (layer_weight(w, r)->w)
            (void)buf_addc(out, r == W_ATTN_POST_NORM && m->hp.t.ffn_norm_is_post
                                    ? 'F'
                                    : letters[r - W_ATTN_NORM]);
    if (layer_weight(w, W_ATTN_Q_NORM)->w)
        (void)buf_adds(out, m->hp.t.qk_norm_late ? " qk late" : " qk");
    if (m->hp.t.parallel || m->hp.t.layout == LAYOUT_SHARED)
        (void)buf_adds(out, " parallel");
    (void)buf_addf(out, " eps %.4g", (double)m->hp.eps);
}

void model_print_layers(const struct model *m, struct buf *out)
{
    for (uint32_t il = 0; il < m->hp.n_layer; il++) {
        (void)buf_addf(out, "layer %u: ", il);
        if (m->layers[il].mixer == &mixer_attention || m->layers[il].mixer == &mixer_latent)
            print_attention(m, il, out);
        else
            print_state(&m->layers[il], out);
        print_ffn(m, &m->layers[il], &m->w.layers[il], out);
        print_norms(m, &m->w.layers[il], out);
        (void)buf_addc(out, '\n');
    }
}
