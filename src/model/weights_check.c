/* What a layer must have and must not have. Norms follow the row's layout exactly: a file that lost
 * one would otherwise run and talk nonsense. Optional weights (Q/K norms, biases, sinks) must be in
 * all layers of a model or in none. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/mixer.h"
#include "model/weights.h"

static bool has(const struct layer_weights *w, enum weight_role r)
{
    return layer_weight(w, r)->w != NULL;
}

enum err_code weights_missing(enum weight_role r, uint32_t il, const char *why, struct err *e)
{
    return err_set(e, ERR_FORMAT, "tensor blk.%u.%s%s is missing: %s", il, weight_role_stem(r),
                   weight_role_ending(r), why);
}

enum err_code weights_unexpected(enum weight_role r, uint32_t il, const char *why, struct err *e)
{
    return err_set(e, ERR_FORMAT, "tensor blk.%u.%s%s was not expected: %s", il,
                   weight_role_stem(r), weight_role_ending(r), why);
}

/* The norms that the layout asks for, as bits; *may: also allowed. */
static uint64_t wanted_norms(const struct arch_traits *t, bool has_ffn, uint64_t *may)
{
    uint64_t ffn = ROLE_BIT(t->ffn_norm_is_post ? W_ATTN_POST_NORM : W_FFN_NORM), want = 0;

    *may = t->second_norm ? ROLE_BIT(W_ATTN_NORM_2) : 0;
    switch (t->layout) {
    case LAYOUT_BEFORE:
        want = ROLE_BIT(W_ATTN_NORM) | ffn;
        break;
    case LAYOUT_AROUND:
        want = ROLE_BIT(W_ATTN_NORM) | ROLE_BIT(W_ATTN_POST_NORM) | ffn | ROLE_BIT(W_FFN_POST_NORM);
        break;
    case LAYOUT_ON_OUTPUT:
        want = ROLE_BIT(W_ATTN_POST_NORM) | ROLE_BIT(W_FFN_POST_NORM);
        break;
    case LAYOUT_AFTER_ADD:
        want = ROLE_BIT(W_ATTN_OUT_NORM) | ROLE_BIT(W_LAYER_OUT_NORM);
        break;
    case LAYOUT_WEIGHTLESS:
        break;
    case LAYOUT_SHARED:
    case LAYOUT_SINGLE:
        want = ROLE_BIT(W_ATTN_NORM);
        break;
    }
    if (!has_ffn)
        want &= ~(ffn | ROLE_BIT(W_FFN_POST_NORM) | ROLE_BIT(W_LAYER_OUT_NORM));
    return want;
}

static bool has_ffn(const struct layer_weights *w)
{
    for (enum weight_role r = W_FFN_GATE; r <= W_SHEXP_ROUTER; r++)
        if (has(w, r))
            return true;
    return false;
}

static enum err_code check_norms(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    uint64_t may, want = wanted_norms(&hp->t, has_ffn(w), &may);

    for (enum weight_role r = W_ATTN_NORM; r <= W_LAYER_OUT_NORM; r++) {
        if (!has(w, r) && (want & ROLE_BIT(r)))
            return weights_missing(r, il, "every layer of this architecture has this norm", e);
        if (has(w, r) && !((want | may) & ROLE_BIT(r)))
            return weights_unexpected(r, il, "layers of this architecture do not have this norm",
                                      e);
        if (has(w, r) && layer_weight(w, r)->b && hp->t.norm == NORM_L2)
            return weights_unexpected(r, il, "this kind of norm has no bias", e);
    }
    return ERR_OK;
}

static enum err_code check_mixer(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    const struct mixer_ops *m = mixer_of(w);
    enum err_code rc = m->check ? m->check(w, hp, il, e) : ERR_OK;
    bool attends = m == &mixer_attention || m == &mixer_latent;
    char why[80];

    if (m == &mixer_none)
        return hp->t.layout == LAYOUT_SINGLE
                   ? ERR_OK
                   : weights_missing(W_ATTN_OUT, il, "attention needs it", e);
    if (hp->t.layout == LAYOUT_SINGLE && has_ffn(w))
        return weights_unexpected(has(w, W_ROUTER) ? W_ROUTER : W_FFN_UP, il,
                                  "a layer of this architecture has one part, and this has a mixer",
                                  e);

    if (!rc && hp->recurrent && hp->recurrent[il] == attends)
        return err_set(e, ERR_FORMAT,
                       "layer %u: the keys attention.recurrent_layers or full_attention_interval "
                       "call it %s, but its tensors are those of %s",
                       il, attends ? "recurrent" : "attention", m->name);

    (void)snprintf(why, sizeof(why), "%s needs it", m->name);
    for (enum weight_role r = W_ATTN_Q; r <= W_SSM_OUT && !rc; r++) {
        if (!has(w, r) && (m->needs & ROLE_BIT(r)))
            rc = weights_missing(r, il, why, e);
        else if (has(w, r) && !((m->needs | m->may) & ROLE_BIT(r)))
            rc = weights_unexpected(r, il, "the layer's other tensors are of another kind", e);
    }
    return rc;
}

/* Activations that no model uses without a gate. */
static bool is_gated(const struct hparams *hp)
{
    return hp->t.act == ACT_SILU || hp->t.act == ACT_SWIGLU_CLAMP;
}

static enum err_code check_dense(const struct layer_weights *w, const struct hparams *hp,
                                 uint32_t il, struct err *e)
{
    uint32_t n_ff = hp->n_ff[il];
    bool fused;

    if (!has(w, W_FFN_UP))
        return weights_missing(W_FFN_UP, il, "the feed-forward part needs it", e);
    if (!has(w, W_FFN_DOWN))
        return weights_missing(W_FFN_DOWN, il, "the feed-forward part needs it", e);
    fused = layer_weight(w, W_FFN_UP)->w->ne[1] != n_ff;
    if (has(w, W_FFN_GATE) && fused)
        return weights_unexpected(W_FFN_GATE, il, "ffn_up is wide enough to hold the gate already",
                                  e);
    if (!has(w, W_FFN_GATE) && !fused && is_gated(hp))
        return weights_missing(W_FFN_GATE, il, "the feed-forward part needs it", e);
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
        return weights_missing(W_EXPS_DOWN, il, "the layer has a router", e);
    if (!has(w, W_EXPS_GATE_UP) && !has(w, W_EXPS_UP))
        return weights_missing(W_EXPS_UP, il, "the layer has a router", e);
    if (!has(w, W_EXPS_GATE_UP) && !has(w, W_EXPS_GATE) && is_gated(hp))
        return weights_missing(W_EXPS_GATE, il, "the layer has a router", e);
    if (has(w, W_EXPS_GATE_UP) && (has(w, W_EXPS_UP) || has(w, W_EXPS_GATE)))
        return weights_unexpected(W_EXPS_GATE_UP, il, "the layer has separate expert tensors too",
                                  e);
    for (enum weight_role r = W_FFN_GATE; r <= W_FFN_DOWN && !has(w, W_EXPS_NORM); r++)
        if (has(w, r))
            return weights_unexpected(r, il, "the layer has a router, so its experts are stacked",
                                      e);
    if (shared != has(w, W_SHEXP_DOWN) || (has(w, W_SHEXP_GATE) && !shared))
        return weights_missing(shared ? W_SHEXP_DOWN : W_SHEXP_UP, il, "the shared expert needs it",
                               e);
    if (shared && !has(w, W_SHEXP_GATE) && is_gated(hp) &&
        layer_weight(w, W_SHEXP_UP)->w->ne[1] == layer_weight(w, W_SHEXP_DOWN)->w->ne[0])
        return weights_missing(W_SHEXP_GATE, il, "the shared expert needs it", e);
    if (shared && has(w, W_SHEXP_GATE) &&
        layer_weight(w, W_SHEXP_UP)->w->ne[1] != layer_weight(w, W_SHEXP_GATE)->w->ne[1])
        return weights_unexpected(W_SHEXP_GATE, il,
                                  "ffn_up_shexp is wide enough to hold the gate already", e);
    if (hp->n_expert_used[il] == 0)
        return err_set(e, ERR_FORMAT,
                       "layer %u has %u experts but expert_used_count says that none is used", il,
                       hp->n_expert);
    return ERR_OK;
}

/* Experts beside a dense part: three more norms, and the router has its own input. */
static enum err_code check_beside(const struct layer_weights *w, uint32_t il, struct err *e)
{
    static const enum weight_role all[] = { W_EXPS_NORM, W_ROUTER_SCALE, W_FFN_POST_NORM_1,
                                            W_FFN_POST_NORM_2, W_FFN_UP };
    bool beside = has(w, W_ROUTER) && has(w, W_EXPS_NORM);

    for (uint32_t i = 0; i < COUNT_OF(all); i++) {
        if (beside && !has(w, all[i]))
            return weights_missing(all[i], il, "the layer has experts beside a dense part", e);
        if (!beside && has(w, all[i]) && all[i] != W_FFN_UP)
            return weights_unexpected(all[i], il, "the layer has no experts beside a dense part",
                                      e);
    }
    return ERR_OK;
}

static enum err_code check_own_embedding(const struct layer_weights *w, const struct hparams *hp,
                                         uint32_t il, struct err *e)
{
    for (enum weight_role r = W_PLE_GATE; r <= W_PLE_POST_NORM; r++) {
        if (hp->n_ple && !has(w, r))
            return weights_missing(r, il, "layers have embeddings of their own", e);
        if (!hp->n_ple && has(w, r))
            return weights_unexpected(r, il, "layers have no embeddings of their own", e);
    }
    return ERR_OK;
}

enum err_code weights_check_layer(const struct layer_weights *w, const struct hparams *hp,
                                  const struct gguf *g, uint32_t il, struct err *e)
{
    enum err_code rc = check_norms(w, hp, il, e);

    if (!rc)
        rc = check_mixer(w, hp, il, e);
    if (!rc)
        rc = check_beside(w, il, e);
    if (!rc)
        rc = check_own_embedding(w, hp, il, e);
    if (rc)
        return rc;
    if (has(w, W_ROUTER) && il < hp->n_dense_lead)
        return weights_unexpected(
            W_ROUTER, il, "leading_dense_block_count says that the layer has no experts", e);
    if (has(w, W_ROUTER)) {
        rc = check_experts(w, hp, g, il, e);
        return rc || !has(w, W_EXPS_NORM) ? rc : check_dense(w, hp, il, e);
    }
    for (enum weight_role r = W_SELECT_BIAS; r <= W_SHEXP_ROUTER; r++)
        if (has(w, r))
            return weights_missing(W_ROUTER, il, "the layer has experts", e);
    if (!has_ffn(w) && (hp->n_ff[il] == 0 || hp->t.layout == LAYOUT_SINGLE))
        return ERR_OK; /* a mixer alone */
    return check_dense(w, hp, il, e);
}

/* A bias or an optional weight that only some layers have was lost in the others. */
static enum err_code check_pair(const struct layer_weights *a, const struct layer_weights *b,
                                enum weight_role r, const uint32_t il[2], struct err *e)
{
    const struct stored *sa = layer_weight(a, r), *sb = layer_weight(b, r);
    bool in_first = !sa->w != !sb->w ? sa->w != NULL : sa->b != NULL;

    if (!sa->w == !sb->w && !sa->b == !sb->b)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "tensor blk.%u.%s%s is missing: layer %u has it",
                   in_first ? il[1] : il[0], weight_role_stem(r),
                   !sa->w != !sb->w ? weight_role_ending(r) : ".bias", in_first ? il[0] : il[1]);
}

/* The first layer with the same mixer; where layers may share or lack keys, of the same kind. */
static uint32_t first_like(const struct weights *w, const struct hparams *hp, uint32_t il)
{
    bool by_kind = hp->t.v_norm || hp->n_shared_kv;
    uint32_t n_own = hp->n_layer - hp->n_shared_kv, i = 0;

    while (mixer_of(&w->layers[i]) != mixer_of(&w->layers[il]) ||
           (by_kind && (hp->windowed[i] != hp->windowed[il] || (i < n_own) != (il < n_own))))
        i++;
    return i;
}

static enum err_code check_mixers_agree(const struct weights *w, const struct hparams *hp,
                                        struct err *e)
{
    enum err_code rc = ERR_OK;

    for (uint32_t il = 1; il < hp->n_layer; il++) {
        uint32_t pair[2] = { first_like(w, hp, il), il };
        const struct layer_weights *a = &w->layers[pair[0]], *b = &w->layers[il];

        for (enum weight_role r = W_ATTN_NORM; r <= W_SSM_OUT && !rc; r++) {
            bool parts = r >= W_ATTN_Q && r <= W_ATTN_QKV; /* fused here, separate there */

            if (r == W_MLA_KV_B || (parts && has(a, W_ATTN_QKV) != has(b, W_ATTN_QKV)))
                continue;
            if (r > W_LAYER_OUT_NORM || has_ffn(b))
                rc = check_pair(a, b, r, pair, e);
        }
        if (rc)
            return rc;
    }
    return ERR_OK;
}

/* Dense parts among each other, and experts. */
static enum err_code check_ffns_agree(const struct weights *w, const struct hparams *hp,
                                      struct err *e)
{
    enum err_code rc = ERR_OK;

    for (uint32_t il = 1; il < hp->n_layer; il++) {
        uint32_t pair[2] = { 0, il };
        const struct layer_weights *b = &w->layers[il];

        while (has(&w->layers[pair[0]], W_ROUTER) != has(b, W_ROUTER) ||
               has_ffn(&w->layers[pair[0]]) != has_ffn(b))
            pair[0]++;
        for (enum weight_role r = W_FFN_GATE; r < W_COUNT && !rc; r++)
            rc = check_pair(&w->layers[pair[0]], b, r, pair, e);
        if (rc)
            return rc;
    }
    return ERR_OK;
}

/* Layers that read another's K and V must have heads of the same shape. */
static enum err_code check_shared_kv(const struct weights *w, const struct hparams *hp,
                                     struct err *e)
{
    for (uint32_t il = hp->n_layer - hp->n_shared_kv; il < hp->n_layer; il++) {
        uint32_t from = kv_source(hp, il);

        if (mixer_of(&w->layers[from]) != &mixer_attention ||
            mixer_of(&w->layers[il]) != &mixer_attention ||
            hp->windowed[from] != hp->windowed[il] || hp->n_head[il] % hp->n_head_kv[from] != 0 ||
            layer_weight(&w->layers[il], W_ATTN_QKV)->w)
            return err_set(e, ERR_FORMAT,
                           "layer %u has no keys of its own, and layer %u, whose keys it would "
                           "read, is of another kind",
                           il, from);
        if (has(&w->layers[from], W_ATTN_Q_NORM) != has(&w->layers[il], W_ATTN_Q_NORM))
            return weights_missing(W_ATTN_Q_NORM, has(&w->layers[il], W_ATTN_Q_NORM) ? from : il,
                                   "the other layer that reads the same keys has it", e);
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

/* What keys say of tensors whose shape nothing else tells. */
static enum err_code check_said(const struct weights *w, const struct hparams *hp, struct err *e)
{
    uint64_t n_out = hp->n_embd;
    const enum weight_role last = w->global[W_CLS_OUTPUT].w ? W_CLS_OUTPUT : W_CLS;
    const struct {
        enum weight_role role;
        uint32_t dim, said;
        const char *key;
    } all[] = {
        { W_DENSE_2, 0, hp->dense_in[0], "dense_2_feat_in" },
        { W_DENSE_2, 1, hp->dense_out[0], "dense_2_feat_out" },
        { W_DENSE_3, 0, hp->dense_in[1], "dense_3_feat_in" },
        { W_DENSE_3, 1, hp->dense_out[1], "dense_3_feat_out" },
        { last, 1, hp->n_label, "classifier.output_labels" },
        { W_TOKEN_TYPES, 1, hp->n_token_type, "tokenizer.ggml.token_type_count" },
    };

    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const struct weight *t = w->global[all[i].role].w;

        if (t && all[i].said && t->ne[all[i].dim] != all[i].said)
            return err_set(e, ERR_FORMAT,
                           "tensor %s: expected %u by the key %s, found [%llu, %llu]", t->name,
                           all[i].said, all[i].key, (unsigned long long)t->ne[0],
                           (unsigned long long)t->ne[1]);
    }
    for (enum weight_role r = W_DENSE_2; r <= W_DENSE_3; r++)
        n_out = w->global[r].w ? w->global[r].w->ne[1] : n_out;
    if (hp->n_embd_out && hp->n_embd_out != n_out)
        return err_set(e, ERR_FORMAT,
                       "key embedding_length_out: %u, but the tensors give vectors of %llu",
                       hp->n_embd_out, (unsigned long long)n_out);
    return ERR_OK;
}

/* Heads behind the pooled vector: each reads what the one before it gives. */
static enum err_code check_heads(const struct weights *w, const struct hparams *hp, struct err *e)
{
    const struct weight *cls = w->global[W_CLS].w, *norm = w->global[W_CLS_NORM].w;
    enum err_code rc;
    static const enum weight_role heads[2][2] = { { W_DENSE_2, W_DENSE_3 },
                                                  { W_CLS, W_CLS_OUTPUT } };

    for (uint32_t kind = 0; kind < 2; kind++) {
        uint64_t n = hp->n_embd;

        for (uint32_t i = 0; i < 2; i++) {
            const struct weight *head = w->global[heads[kind][i]].w;

            if (head && (head->ne[0] != n || head->ne[1] > MODEL_EMBD_MAX))
                return err_set(e, ERR_FORMAT,
                               "tensor %s: expected rows of %llu, found [%llu, %llu]", head->name,
                               (unsigned long long)n, (unsigned long long)head->ne[0],
                               (unsigned long long)head->ne[1]);
            n = head ? head->ne[1] : n;
        }
    }
    rc = check_said(w, hp, e);
    if (rc)
        return rc;
    if (norm && (!cls || norm->ne[0] != cls->ne[1] || norm->ne[1] != 1))
        return err_set(e, ERR_FORMAT,
                       "tensor %s: expected shape [%llu], what the first part of the classifier "
                       "gives, found [%llu, %llu]",
                       norm->name, (unsigned long long)(cls ? cls->ne[1] : 0),
                       (unsigned long long)norm->ne[0], (unsigned long long)norm->ne[1]);
    return ERR_OK;
}

enum err_code weights_check_model(const struct weights *w, const struct hparams *hp, struct err *e)
{
    const struct arch_traits *t = &hp->t;
    bool embd_norm = t->embd_norm || t->out_norm_is_embd;
    bool out_norm =
        !t->out_norm_is_embd && t->layout != LAYOUT_AFTER_ADD && t->layout != LAYOUT_WEIGHTLESS;
    bool by_position = t->rope.layers == ROPE_NO_LAYER && hp->alibi == 0.0F;
    enum err_code rc;
    static const char text[] = "tensor %s.weight is missing: this architecture needs it";
    static const char more[] = "tensor %s.weight was not expected in this architecture";

    if (!w->global[W_TOKEN_EMBD].w)
        return err_set(e, ERR_FORMAT, text, "token_embd");
    if (embd_norm != (w->global[W_TOKEN_EMBD_NORM].w != NULL))
        return err_set(e, ERR_FORMAT, embd_norm ? text : more, "token_embd_norm");
    if (out_norm != (w->global[W_OUTPUT_NORM].w != NULL))
        return err_set(e, ERR_FORMAT, out_norm ? text : more, "output_norm");
    if (by_position && !t->fixup && mixer_of(&w->layers[0]) == &mixer_attention &&
        !w->global[W_POSITION_EMBD].w)
        return err_set(e, ERR_FORMAT, text, "position_embd");
    for (enum weight_role r = W_PLE_EMBD; r <= W_PLE_PROJ_NORM; r++)
        if ((w->global[r].w != NULL) != (hp->n_ple != 0))
            return err_set(e, ERR_FORMAT, hp->n_ple ? text : more, weight_role_stem(r));
    if (check_rope_factors(w, hp, e) || check_shared_kv(w, hp, e))
        return ERR_FORMAT;
    rc = check_heads(w, hp, e);
    if (!rc)
        rc = check_mixers_agree(w, hp, e);
    return rc ? rc : check_ffns_agree(w, hp, e);
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

/* Is "stem" + "ending" the tensor of a role, or a bias or scale of one that is there? */
static bool is_claimed_by(const struct gguf *g, enum weight_role r, const char *name,
                          const char *rest)
{
    size_t n = strlen(weight_role_stem(r));
    char of[GGUF_NAME_BYTES_MAX];

    if (strncmp(rest, weight_role_stem(r), n) != 0)
        return false;
    if (strcmp(rest + n, weight_role_ending(r)) == 0)
        return true;
    if (strcmp(weight_role_ending(r), ".weight") != 0 ||
        (strcmp(rest + n, ".bias") != 0 && strcmp(rest + n, ".scale") != 0))
        return false;
    (void)snprintf(of, sizeof(of), "%.*s.weight", (int)(rest + n - name), name);
    return gguf_tensor(g, of) != NULL;
}

static bool is_claimed(const struct hparams *hp, const struct gguf *g, const char *name,
                       bool *extra)
{
    uint32_t il = 0;
    const char *stem = layer_of(name, &il), *dot;
    bool in_layer = stem != NULL;

    if (in_layer && il >= hp->n_layer && il < hp->n_layer_all)
        return true; /* a prediction block behind the executed layers */
    if (in_layer && il >= hp->n_layer)
        return false;
    if (!in_layer)
        stem = name;
    for (uint32_t r = in_layer ? W_GLOBAL_COUNT : 0; r < (in_layer ? W_COUNT : W_GLOBAL_COUNT); r++)
        if (is_claimed_by(g, (enum weight_role)r, name, stem))
            return true;
    dot = strrchr(stem, '.');
    *extra = dot && is_known_extra(stem, (size_t)(dot - stem), dot + 1);
    return *extra;
}

const char *weights_first_unknown(const struct gguf *g)
{
    struct hparams all = { .n_layer = UINT32_MAX, .n_layer_all = UINT32_MAX };
    bool extra = false;

    for (size_t i = 0; i < gguf_n_tensor(g); i++)
        if (!is_claimed(&all, g, gguf_tensor_at(g, i)->name, &extra))
            return gguf_tensor_at(g, i)->name;
    return NULL;
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
