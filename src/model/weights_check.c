/* What a layer must have and must not have. Norms follow the row's layout exactly: a file that lost
 * one would otherwise run and talk nonsense. Optional weights (Q/K norms, biases, sinks) must be in
 * all layers of a model or in none. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/weights.h"

static bool has(const struct layer_weights *w, enum weight_role r)
{
    return layer_weight(w, r)->w != NULL;
}

static enum err_code missing(enum weight_role r, uint32_t il, const char *why, struct err *e)
{
    return err_set(e, ERR_FORMAT, "tensor blk.%u.%s.%s is missing: %s", il, weight_role_stem(r),
                   weight_role_is_bias(r) ? "bias" : "weight", why);
}

static enum err_code unexpected(enum weight_role r, uint32_t il, const char *why, struct err *e)
{
    return err_set(e, ERR_FORMAT, "tensor blk.%u.%s.weight was not expected: %s", il,
                   weight_role_stem(r), why);
}

static uint32_t bit(enum weight_role r)
{
    return 1U << (r - W_GLOBAL_COUNT);
}

/* The norms that the layout asks for, as bits; *may: also allowed. */
static uint32_t wanted_norms(const struct arch_traits *t, bool has_ffn, uint32_t *may)
{
    uint32_t ffn = bit(t->ffn_norm_is_post ? W_ATTN_POST_NORM : W_FFN_NORM), want = 0;

    *may = t->second_norm ? bit(W_ATTN_NORM_2) : 0;
    switch (t->layout) {
    case LAYOUT_BEFORE:
        want = bit(W_ATTN_NORM) | ffn;
        break;
    case LAYOUT_AROUND:
        want = bit(W_ATTN_NORM) | bit(W_ATTN_POST_NORM) | ffn | bit(W_FFN_POST_NORM);
        break;
    case LAYOUT_ON_OUTPUT:
        want = bit(W_ATTN_POST_NORM) | bit(W_FFN_POST_NORM);
        break;
    case LAYOUT_AFTER_ADD:
        want = bit(W_ATTN_OUT_NORM) | bit(W_LAYER_OUT_NORM);
        break;
    case LAYOUT_SHARED:
        want = bit(W_ATTN_NORM);
        break;
    }
    if (!has_ffn)
        want &= ~(ffn | bit(W_FFN_POST_NORM) | bit(W_LAYER_OUT_NORM));
    return want;
}

static enum err_code check_norms(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    bool has_ffn = false;
    uint32_t may, want;

    for (enum weight_role r = W_FFN_GATE; r <= W_SHEXP_ROUTER; r++)
        has_ffn |= has(w, r);
    want = wanted_norms(&hp->t, has_ffn, &may);
    for (enum weight_role r = W_ATTN_NORM; r <= W_LAYER_OUT_NORM; r++) {
        if (!has(w, r) && (want & bit(r)))
            return missing(r, il, "every layer of this architecture has this norm", e);
        if (has(w, r) && !((want | may) & bit(r)))
            return unexpected(r, il, "layers of this architecture do not have this norm", e);
        if (has(w, r) && layer_weight(w, r)->b && hp->t.norm == NORM_L2)
            return unexpected(r, il, "this kind of norm has no bias", e);
    }
    return ERR_OK;
}

static enum err_code check_attention(const struct layer_weights *w, uint32_t il, struct err *e)
{
    if (!has(w, W_ATTN_QKV)) {
        for (enum weight_role r = W_ATTN_Q; r <= W_ATTN_V; r++)
            if (!has(w, r))
                return missing(r, il, "attention needs it, or a fused attn_qkv", e);
    } else if (has(w, W_ATTN_Q) || has(w, W_ATTN_K) || has(w, W_ATTN_V)) {
        return unexpected(W_ATTN_QKV, il, "the layer has separate projections too", e);
    }
    if (!has(w, W_ATTN_OUT))
        return missing(W_ATTN_OUT, il, "attention needs it", e);
    if (has(w, W_ATTN_Q_NORM) != has(w, W_ATTN_K_NORM))
        return missing(has(w, W_ATTN_Q_NORM) ? W_ATTN_K_NORM : W_ATTN_Q_NORM, il,
                       "Q and K are normalised together or not at all", e);
    return ERR_OK;
}

static enum err_code check_dense(const struct layer_weights *w, uint32_t n_ff, uint32_t il,
                                 struct err *e)
{
    bool fused;

    if (!has(w, W_FFN_UP))
        return missing(W_FFN_UP, il, "the feed-forward part needs it", e);
    if (!has(w, W_FFN_DOWN))
        return missing(W_FFN_DOWN, il, "the feed-forward part needs it", e);
    fused = layer_weight(w, W_FFN_UP)->w->ne[1] != n_ff;
    if (has(w, W_FFN_GATE) && fused)
        return unexpected(W_FFN_GATE, il, "ffn_up is wide enough to hold the gate already", e);
    return ERR_OK;
}

static enum err_code check_experts(const struct layer_weights *w, const struct hparams *hp,
                                   const struct gguf *g, uint32_t il, struct err *e)
{
    char name[GGUF_NAME_BYTES_MAX];
    bool shared = has(w, W_SHEXP_UP);

    (void)snprintf(name, sizeof(name), "blk.%u.ffn_down.0.weight", il);
    if (gguf_tensor(g, name))
        return err_set(e, ERR_UNSUPPORTED,
                       "tensor %s: files with one tensor per expert are not supported; convert the "
                       "model again to get stacked experts",
                       name);
    if (!has(w, W_EXPS_DOWN))
        return missing(W_EXPS_DOWN, il, "the layer has a router", e);
    if (!has(w, W_EXPS_GATE_UP) && !has(w, W_EXPS_UP))
        return missing(W_EXPS_UP, il, "the layer has a router", e);
    if (has(w, W_EXPS_GATE_UP) && (has(w, W_EXPS_UP) || has(w, W_EXPS_GATE)))
        return unexpected(W_EXPS_GATE_UP, il, "the layer has separate expert tensors too", e);
    for (enum weight_role r = W_FFN_GATE; r <= W_FFN_DOWN; r++)
        if (has(w, r))
            return unexpected(r, il, "the layer has a router, so its experts are stacked", e);
    if (shared != has(w, W_SHEXP_DOWN) || (has(w, W_SHEXP_GATE) && !shared))
        return missing(shared ? W_SHEXP_DOWN : W_SHEXP_UP, il, "the shared expert needs it", e);
    if (hp->n_expert_used[il] == 0)
        return err_set(e, ERR_FORMAT,
                       "layer %u has %u experts but expert_used_count says that none is used", il,
                       hp->n_expert);
    return ERR_OK;
}

enum err_code weights_check_layer(const struct layer_weights *w, const struct hparams *hp,
                                  const struct gguf *g, uint32_t il, struct err *e)
{
    enum err_code rc = check_norms(w, hp, il, e);

    if (!rc)
        rc = check_attention(w, il, e);
    if (rc)
        return rc;
    if (has(w, W_ROUTER))
        return check_experts(w, hp, g, il, e);
    for (enum weight_role r = W_SELECT_BIAS; r <= W_SHEXP_ROUTER; r++)
        if (has(w, r))
            return missing(W_ROUTER, il, "the layer has experts", e);
    return check_dense(w, hp->n_ff[il], il, e);
}

/* A bias or an optional weight that only some layers have was lost in the others. */
static enum err_code check_agreement(const struct weights *w, const struct hparams *hp,
                                     struct err *e)
{
    for (uint32_t il = 1; il < hp->n_layer; il++) {
        for (enum weight_role r = W_ATTN_NORM; r <= W_ATTN_SINKS; r++) {
            const struct stored *a = layer_weight(&w->layers[0], r);
            const struct stored *b = layer_weight(&w->layers[il], r);
            const char *ending = !a->w != !b->w ? "weight" : "bias";
            bool in_first = !a->w != !b->w ? a->w != NULL : a->b != NULL;

            if (!a->w == !b->w && !a->b == !b->b)
                continue;
            if (r >= W_ATTN_Q && r <= W_ATTN_QKV && !a->w != !b->w)
                continue; /* fused here, separate there: both are complete */
            return err_set(e, ERR_FORMAT, "tensor blk.%u.%s.%s is missing: layer %u has it",
                           in_first ? il : 0, weight_role_stem(r), ending, in_first ? 0 : il);
        }
    }
    return ERR_OK;
}

static enum err_code check_rope_factors(const struct weights *w, const struct hparams *hp,
                                        struct err *e)
{
    bool is_long = w->global[W_ROPE_LONG].w != NULL, is_short = w->global[W_ROPE_SHORT].w != NULL;

    if (is_long != is_short || (hp->rope.scaling == RSCALE_LONGROPE && !is_long))
        return err_set(e, ERR_FORMAT,
                       "tensor rope_factors_%s.weight is missing: LongRoPE needs "
                       "both",
                       is_long ? "short" : "long");
    return ERR_OK;
}

enum err_code weights_check_model(const struct weights *w, const struct hparams *hp, struct err *e)
{
    const struct arch_traits *t = &hp->t;
    bool embd_norm = t->embd_norm || t->out_norm_is_embd;
    bool out_norm = !t->out_norm_is_embd && t->layout != LAYOUT_AFTER_ADD;
    bool by_position = t->rope.layers == ROPE_NO_LAYER && hp->alibi == 0.0F;
    static const char text[] = "tensor %s.weight is missing: this architecture needs it";
    static const char more[] = "tensor %s.weight was not expected in this architecture";

    if (!w->global[W_TOKEN_EMBD].w)
        return err_set(e, ERR_FORMAT, text, "token_embd");
    if (embd_norm != (w->global[W_TOKEN_EMBD_NORM].w != NULL))
        return err_set(e, ERR_FORMAT, embd_norm ? text : more, "token_embd_norm");
    if (out_norm != (w->global[W_OUTPUT_NORM].w != NULL))
        return err_set(e, ERR_FORMAT, out_norm ? text : more, "output_norm");
    if (by_position && !t->fixup && !w->global[W_POSITION_EMBD].w)
        return err_set(e, ERR_FORMAT, text, "position_embd");
    if (check_rope_factors(w, hp, e))
        return ERR_FORMAT;
    return check_agreement(w, hp, e);
}

/* Tensors that no forward pass here reads and whose absence changes nothing. */
static bool is_known_extra(const char *stem, size_t len, const char *ending)
{
    static const char *const stems[] = { "rope_freqs", "attn_rot_embd", "rope_inv_freq" };

    if (strcmp(ending, "input_scale") == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(stems); i++)
        if (strlen(stems[i]) == len && memcmp(stems[i], stem, len) == 0)
            return true;
    return false;
}

/* "blk.12.attn_q.weight" -> layer 12, what is behind the second dot. NULL: not of that form. */
static const char *layer_of(const char *name, uint32_t *il)
{
    const char *p = name + 4;

    if (strncmp(name, "blk.", 4) != 0 || *p < '0' || *p > '9')
        return NULL;
    for (*il = 0; *p >= '0' && *p <= '9'; p++) {
        if (*il > MODEL_LAYERS_MAX)
            return NULL;
        *il = *il * 10 + (uint32_t)(*p - '0');
    }
    return *p == '.' ? p + 1 : NULL;
}

/* A bias or a scale belongs to a weight of the same stem. */
static bool has_weight(const struct gguf *g, const char *name, const char *dot)
{
    char of[GGUF_NAME_BYTES_MAX];
    int n = snprintf(of, sizeof(of), "%.*s.weight", (int)(dot - name), name);

    return n > 0 && (size_t)n < sizeof(of) && gguf_tensor(g, of) != NULL;
}

static bool is_claimed(const struct hparams *hp, const struct gguf *g, const char *name,
                       bool *extra)
{
    uint32_t il = 0;
    const char *stem = layer_of(name, &il), *dot;
    bool in_layer = stem != NULL;
    enum weight_role r;

    if (in_layer && il >= hp->n_layer && il < hp->n_layer_all)
        return true; /* a prediction block behind the executed layers */
    if (in_layer && il >= hp->n_layer)
        return false;
    if (!in_layer)
        stem = name;
    dot = strrchr(stem, '.');
    if (!dot)
        return false;
    r = weight_role_find(stem, (size_t)(dot - stem), in_layer);
    if (r != W_COUNT && weight_role_is_bias(r))
        return strcmp(dot, ".bias") == 0;
    if (r != W_COUNT && strcmp(dot, ".weight") == 0)
        return true;
    if (r != W_COUNT && (strcmp(dot, ".bias") == 0 || strcmp(dot, ".scale") == 0))
        return has_weight(g, name, dot);
    *extra = is_known_extra(stem, (size_t)(dot - stem), dot + 1);
    return *extra;
}

enum err_code weights_check_claimed(const struct hparams *hp, const struct gguf *g, struct err *e)
{
    uint32_t n_extra = 0;
    const char *example = "";

    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        bool extra = false;

        if (!is_claimed(hp, g, t->name, &extra))
            return err_set(e, ERR_FORMAT,
                           "tensor %s was not expected: nothing in architecture \"%s\" uses it",
                           t->name, hp->t.name);
        if (extra && n_extra++ == 0)
            example = t->name;
    }
    if (n_extra)
        log_warn("model", "%u tensors are not needed and ignored, the first is %s", n_extra,
                 example);
    return ERR_OK;
}
