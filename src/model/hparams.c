/* Reads and checks the metadata keys; derives what a key may leave out. Keys and defaults:
 * architectures.md, section 2. */
#include "model/hparams.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/keys.h"
#include "model/weights.h"

static void read_sizes(struct keys *k, struct hparams *hp)
{
    uint32_t n_nextn = 0, n_vocab = 0;
    const struct gguf_kv *tokens;

    if (!keys_u32(k, "block_count", 1, MODEL_LAYERS_MAX, &hp->n_layer_all))
        keys_missing(k, "block_count", "the number of layers");
    if (!keys_u32(k, "embedding_length", 1, MODEL_EMBD_MAX, &hp->n_embd))
        keys_missing(k, "embedding_length", "the width of the model");
    if (!keys_u32(k, "context_length", 1, MODEL_CTX_MAX, &hp->n_ctx_train))
        keys_missing(k, "context_length", "the trained context");
    if (k->rc)
        return;
    (void)keys_u32(k, "nextn_predict_layers", 0, hp->n_layer_all - 1, &n_nextn);
    hp->n_layer = hp->n_layer_all - n_nextn;

    /* The token list decides: vocab_size is stale in many files. */
    (void)keys_u32(k, "vocab_size", 1, HPARAMS_ROWS_MAX, &n_vocab);
    tokens = gguf_find(k->g, "tokenizer.ggml.tokens");
    if (tokens && tokens->type == GGUF_ARR && tokens->n <= HPARAMS_ROWS_MAX)
        n_vocab = (uint32_t)tokens->n;
    if (!k->rc && n_vocab == 0)
        k->rc = err_set(k->e, ERR_FORMAT,
                        "the vocabulary is empty: expected tokenizer.ggml.tokens or %s.vocab_size",
                        k->arch);
    hp->n_vocab = n_vocab;
}

static enum err_code new_arrays(struct hparams *hp, struct arena *a, struct err *e)
{
    uint32_t n = hp->n_layer_all;

    hp->n_head = arena_new_n(a, n, sizeof(*hp->n_head));
    hp->n_head_kv = arena_new_n(a, n, sizeof(*hp->n_head_kv));
    hp->n_ff = arena_new_n(a, n, sizeof(*hp->n_ff));
    hp->n_ff_exp = arena_new_n(a, n, sizeof(*hp->n_ff_exp));
    hp->n_expert_used = arena_new_n(a, n, sizeof(*hp->n_expert_used));
    hp->windowed = arena_new_n(a, n, sizeof(*hp->windowed));
    hp->rotated = arena_new_n(a, n, sizeof(*hp->rotated));
    if (!hp->n_head || !hp->n_head_kv || !hp->n_ff || !hp->n_ff_exp || !hp->n_expert_used ||
        !hp->windowed || !hp->rotated)
        return err_set(e, ERR_OOM, "no memory for the tables of %u layers", n);
    return ERR_OK;
}

/* Head counts and sizes. The default head size is n_embd / n_head of the first layer with heads. */
static void read_heads(struct keys *k, struct hparams *hp)
{
    uint32_t n = hp->n_layer_all, n_head = 0, def = 0;
    bool k_found, v_found;

    (void)keys_u32_layers(k, "attention.head_count", n, MODEL_HEADS_MAX, hp->n_head);
    memcpy(hp->n_head_kv, hp->n_head, n * sizeof(*hp->n_head_kv));
    (void)keys_u32_layers(k, "attention.head_count_kv", n, MODEL_HEADS_MAX, hp->n_head_kv);
    for (uint32_t il = 0; il < n && !n_head; il++)
        n_head = hp->n_head[il];
    if (n_head && hp->n_embd % n_head == 0)
        def = hp->n_embd / n_head;
    hp->head_k = hp->head_v = def;
    k_found = keys_u32(k, "attention.key_length", 1, HPARAMS_HEAD_MAX, &hp->head_k);
    v_found = keys_u32(k, "attention.value_length", 1, HPARAMS_HEAD_MAX, &hp->head_v);
    if (!k->rc && n_head && !def && (!k_found || !v_found))
        k->rc = err_set(k->e, ERR_FORMAT,
                        "key %s.attention.head_count: %u heads do not divide embedding_length %u, "
                        "and key_length or value_length is missing",
                        k->arch, n_head, hp->n_embd);
    hp->head_k_swa = hp->head_k;
    hp->head_v_swa = hp->head_v;
    (void)keys_u32(k, "attention.key_length_swa", 1, HPARAMS_HEAD_MAX, &hp->head_k_swa);
    (void)keys_u32(k, "attention.value_length_swa", 1, HPARAMS_HEAD_MAX, &hp->head_v_swa);
}

static void read_norms(struct keys *k, struct hparams *hp)
{
    const char *name = hp->t.norm == NORM_RMS ? "attention.layer_norm_rms_epsilon"
                                              : "attention.layer_norm_epsilon";

    if (!keys_positive(k, name, &hp->eps))
        keys_missing(k, name, "a small number");
    (void)keys_f32(k, "attention.scale", 0.0F, &hp->attn_scale);
    (void)keys_f32(k, "embedding_scale", 0.0F, &hp->embd_scale);
    (void)keys_f32(k, "residual_scale", 0.0F, &hp->residual_scale);
    (void)keys_f32(k, "logit_scale", 0.0F, &hp->logit_scale);
    hp->cap_attn = hp->t.cap_attn;
    hp->cap_final = hp->t.cap_final;
    hp->alibi = hp->t.alibi;
    (void)keys_f32(k, "attn_logit_softcapping", 0.0F, &hp->cap_attn);
    (void)keys_f32(k, "final_logit_softcapping", 0.0F, &hp->cap_final);
    (void)keys_f32(k, "attention.max_alibi_bias", 0.0F, &hp->alibi);
    (void)keys_f32(k, "attention.temperature_scale", 0.0F, &hp->temp);
    (void)keys_f32(k, "attention.clamp_kqv", 0.0F, &hp->clamp_qkv);
}

static void read_scaling_type(struct keys *k, struct hparams *hp)
{
    static const char *const types[] = { "none", "linear", "yarn", "longrope" };
    struct gguf_str s = { "linear", 6 };
    char name[KEYS_NAME_BYTES];

    if (k->rc)
        return;
    keys_name(k, "rope.scaling.type", name);
    k->rc = gguf_get_str(k->g, name, &s, NULL, k->e);
    if (k->rc)
        return;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (strlen(types[i]) == s.len && memcmp(types[i], s.s, s.len) == 0) {
            hp->rope.scaling = (enum rope_scaling)i;
            return;
        }
    }
    k->rc = err_set(k->e, ERR_UNSUPPORTED,
                    "key %s: expected none, linear, yarn or longrope, found \"%.*s\"", name,
                    (int)(s.len < 40 ? s.len : 40), s.s);
}

static void read_rope(struct keys *k, struct hparams *hp)
{
    float factor = 0.0F;

    hp->n_rot = hp->head_k;
    (void)keys_u32(k, "rope.dimension_count", 0, hp->head_k ? hp->head_k : HPARAMS_HEAD_MAX,
                   &hp->n_rot);
    hp->n_rot_swa = hp->head_k_swa < hp->n_rot ? hp->head_k_swa : hp->n_rot;
    (void)keys_u32(k, "rope.dimension_count_swa", 0, hp->head_k_swa, &hp->n_rot_swa);
    hp->rope.base = 10000.0F;
    (void)keys_positive(k, "rope.freq_base", &hp->rope.base);
    hp->rope.base_swa = hp->t.window.freq_base > 0.0F ? hp->t.window.freq_base : hp->rope.base;
    (void)keys_positive(k, "rope.freq_base_swa", &hp->rope.base_swa);

    read_scaling_type(k, hp);
    if (!keys_f32(k, "rope.scaling.factor", 0.0F, &factor))
        (void)keys_f32(k, "rope.scale_linear", 0.0F, &factor);
    hp->rope.factor = factor > 0.0F && hp->rope.scaling != RSCALE_NONE ? factor : 1.0F;
    hp->rope.n_ctx_orig = 0;
    (void)keys_u32(k, "rope.scaling.original_context_length", 0, MODEL_CTX_MAX,
                   &hp->rope.n_ctx_orig);
    if (hp->rope.n_ctx_orig == 0)
        hp->rope.n_ctx_orig = hp->n_ctx_train;
    hp->rope.attn_factor = 1.0F;
    hp->rope.beta_fast = 32.0F;
    hp->rope.beta_slow = 1.0F;
    (void)keys_positive(k, "rope.scaling.attn_factor", &hp->rope.attn_factor);
    (void)keys_positive(k, "rope.scaling.yarn_beta_fast", &hp->rope.beta_fast);
    (void)keys_positive(k, "rope.scaling.yarn_beta_slow", &hp->rope.beta_slow);
    (void)keys_f32(k, "rope.scaling.yarn_log_multiplier", 0.0F, &hp->rope.log_multiplier);
}

static void read_experts(struct keys *k, struct hparams *hp)
{
    uint32_t n = hp->n_layer_all, score = 0;
    char name[KEYS_NAME_BYTES];
    bool by_key = false;

    (void)keys_u32(k, "expert_count", 0, MODEL_EXPERTS_MAX, &hp->n_expert);
    (void)keys_u32_layers(k, "expert_used_count", n, MODEL_EXPERTS_MAX, hp->n_expert_used);
    for (uint32_t il = 0; il < n && !k->rc; il++) {
        keys_name(k, "expert_used_count", name);
        if (hp->n_expert_used[il] > hp->n_expert)
            k->rc = err_set(k->e, ERR_FORMAT, "key %s: expected at most expert_count %u, found %u",
                            name, hp->n_expert, hp->n_expert_used[il]);
    }
    (void)keys_u32_layers(k, "feed_forward_length", n, MODEL_FF_MAX, hp->n_ff);
    (void)keys_u32_layers(k, "expert_feed_forward_length", n, MODEL_FF_MAX, hp->n_ff_exp);
    (void)keys_u32(k, "expert_shared_count", 0, MODEL_EXPERTS_MAX, &hp->n_expert_shared);
    (void)keys_u32(k, "expert_shared_feed_forward_length", 0, MODEL_FF_MAX, &hp->n_ff_shexp);

    hp->score = hp->t.moe.score;
    if (keys_u32(k, "expert_gating_func", 0, 4, &score) && score > 0)
        hp->score = score == 1   ? SCORE_SOFTMAX
                    : score == 2 ? SCORE_SIGMOID
                    : score == 3 ? SCORE_SOFTMAX_OF_CHOSEN
                                 : SCORE_SQRT_SOFTPLUS;
    (void)keys_bool(k, "expert_weights_norm", &by_key);
    hp->renormalise = hp->t.moe.norm == RNORM_ALWAYS || (hp->t.moe.norm == RNORM_KEY && by_key);
    (void)keys_f32(k, "expert_weights_scale", 0.0F, &hp->expert_scale);
    (void)keys_u32(k, "leading_dense_block_count", 0, n, &hp->n_dense_lead);
    (void)keys_u32(k, "expert_group_count", 0, MOE_GROUPS_MAX, &hp->n_expert_group);
    (void)keys_u32(k, "expert_group_used_count", 0, MODEL_EXPERTS_MAX, &hp->n_expert_group_used);
    if (!k->rc && hp->n_expert_group > 1 &&
        (hp->n_expert % hp->n_expert_group != 0 || hp->n_expert_group_used == 0 ||
         hp->n_expert_group_used > hp->n_expert_group))
        k->rc = err_set(k->e, ERR_FORMAT,
                        "key %s.expert_group_count: %u groups, %u used, do not fit %u experts",
                        k->arch, hp->n_expert_group, hp->n_expert_group_used, hp->n_expert);
}

/* After the fixup: which layers are windowed, and which rotate. */
static void derive_windows(struct keys *k, struct hparams *hp)
{
    uint32_t n = hp->n_layer_all, n_window = hp->t.window.n_default, period = hp->t.window.period;
    const struct gguf_kv *kv;
    bool by_layer = false;

    (void)keys_u32(k, "attention.sliding_window", 0, UINT32_MAX, &n_window);
    if (hp->t.ignore_window && n_window != hp->t.window.n_default) {
        log_warn("model",
                 "%s.attention.sliding_window = %u is ignored: converters wrote it, but %s",
                 k->arch, n_window,
                 hp->t.window.n_default ? "these models always have the same window"
                                        : "these models attend to everything");
        n_window = hp->t.window.n_default;
    }
    if (k->rc || hp->t.window.kind == WINDOW_NONE || n_window == 0)
        return;
    hp->n_window = n_window;
    kv = keys_find(k, "attention.sliding_window_pattern");
    if (kv && kv->type == GGUF_ARR)
        by_layer = keys_bool_layers(k, "attention.sliding_window_pattern", n, hp->windowed);
    else
        (void)keys_u32(k, "attention.sliding_window_pattern", 0, MODEL_LAYERS_MAX, &period);
    for (uint32_t il = 0; il < n && !by_layer; il++)
        hp->windowed[il] = period == 0 || il % period < period - 1;
}

static void derive_rotation(struct keys *k, struct hparams *hp)
{
    for (uint32_t il = 0; il < hp->n_layer_all; il++) {
        switch (hp->t.rope.layers) {
        case ROPE_EVERY_LAYER:
            hp->rotated[il] = true;
            break;
        case ROPE_SKIP_EACH_NTH:
            hp->rotated[il] = (il + 1) % hp->t.rope.nth != 0;
            break;
        case ROPE_WINDOWED_ONLY:
            hp->rotated[il] = hp->windowed[il];
            break;
        case ROPE_NO_LAYER:
            break;
        }
    }
    if (hp->t.rope.layers != ROPE_NO_LAYER)
        (void)keys_bool_layers(k, "attention.rope_pattern", hp->n_layer_all, hp->rotated);
    for (uint32_t il = 0; il < hp->n_layer && !k->rc; il++) {
        uint32_t n_rot = hp->windowed[il] ? hp->n_rot_swa : hp->n_rot;

        if (hp->rotated[il] && n_rot % 2 != 0)
            k->rc = err_set(k->e, ERR_FORMAT,
                            "key %s.rope.dimension_count: expected an even number, found %u",
                            k->arch, n_rot);
    }
}

static void read_mixers(struct keys *k, struct hparams *hp)
{
    (void)keys_u32(k, "attention.q_lora_rank", 0, HPARAMS_HEAD_MAX, &hp->mla.r_q);
    (void)keys_u32(k, "attention.kv_lora_rank", 0, HPARAMS_HEAD_MAX, &hp->mla.r_kv);
    hp->mla.head_k = hp->head_k; /* old files: these are the true sizes */
    hp->mla.head_v = hp->head_v;
    (void)keys_u32(k, "attention.key_length_mla", 1, HPARAMS_HEAD_MAX, &hp->mla.head_k);
    (void)keys_u32(k, "attention.value_length_mla", 1, HPARAMS_HEAD_MAX, &hp->mla.head_v);
    (void)keys_u32(k, "ssm.conv_kernel", 1, CONV_TAPS_MAX, &hp->ssm.n_tap);
    (void)keys_u32(k, "ssm.inner_size", 1, MODEL_EMBD_MAX, &hp->ssm.n_inner);
    (void)keys_u32(k, "ssm.state_size", 1, HPARAMS_SSM_MAX, &hp->ssm.n_state);
    (void)keys_u32(k, "ssm.time_step_rank", 1, HPARAMS_SSM_MAX, &hp->ssm.n_rank);
    (void)keys_u32(k, "ssm.group_count", 0, HPARAMS_SSM_MAX, &hp->ssm.n_group);
    (void)keys_bool(k, "ssm.dt_b_c_rms", &hp->ssm.norm_dt_b_c);
    (void)keys_u32(k, "shortconv.l_cache", 1, CONV_TAPS_MAX, &hp->ssm.n_short_tap);
    (void)keys_u32(k, "attention.shared_kv_layers", 0, hp->n_layer - 1, &hp->n_shared_kv);
    (void)keys_u32(k, "embedding_length_per_layer_input", 0, HPARAMS_SSM_MAX, &hp->n_ple);
}

/* Which layers are recurrent their tensors tell; what the keys say must agree. */
static void read_recurrent(struct keys *k, struct hparams *hp, struct arena *a)
{
    uint32_t interval = 0, n = hp->n_layer_all;
    bool *r = arena_new_n(a, n, sizeof(*r));

    if (!k->rc && !r)
        k->rc = err_set(k->e, ERR_OOM, "no memory for the tables of %u layers", n);
    if (keys_bool_layers(k, "attention.recurrent_layers", n, r)) {
        hp->recurrent = r;
    } else if (keys_u32(k, "full_attention_interval", 1, MODEL_LAYERS_MAX, &interval)) {
        for (uint32_t il = 0; il < n; il++)
            r[il] = (il + 1) % interval != 0;
        hp->recurrent = r;
    }
}

static void read_pooling(struct keys *k, struct hparams *hp)
{
    uint32_t pooling = 0;
    char name[32];
    const struct gguf_kv *labels;

    hp->causal = !hp->t.bidirectional;
    (void)keys_bool(k, "attention.causal", &hp->causal);
    (void)keys_u32(k, "pooling_type", 0, POOL_RANK, &pooling);
    hp->pooling = (enum pooling)pooling;
    for (uint32_t i = 0; i < 2; i++) {
        (void)snprintf(name, sizeof(name), "dense_%u_feat_in", i + 2);
        (void)keys_u32(k, name, 1, MODEL_EMBD_MAX, &hp->dense_in[i]);
        (void)snprintf(name, sizeof(name), "dense_%u_feat_out", i + 2);
        (void)keys_u32(k, name, 1, MODEL_EMBD_MAX, &hp->dense_out[i]);
    }
    (void)keys_u32(k, "embedding_length_out", 0, MODEL_EMBD_MAX, &hp->n_embd_out);
    labels = keys_find(k, "classifier.output_labels");
    if (labels && labels->type == GGUF_ARR && labels->n <= MODEL_EMBD_MAX)
        hp->n_label = (uint32_t)labels->n;
    if (!k->rc)
        k->rc =
            gguf_get_u32(k->g, "tokenizer.ggml.token_type_count", &hp->n_token_type, NULL, k->e);
}

/* Says what is missing, as far as the tensors tell. */
static enum err_code refuse_architecture(const struct keys *k)
{
    const char *unknown = weights_first_unknown(k->g);

    if (unknown)
        return err_set(
            k->e, ERR_UNSUPPORTED,
            "architecture \"%s\" is not supported: nothing here computes with its tensor "
            "%s",
            k->arch, unknown);
    return err_set(
        k->e, ERR_UNSUPPORTED,
        "architecture \"%s\" is not supported: its tensors are of known kinds, but how it "
        "puts them together is not known",
        k->arch);
}

enum err_code hparams_read(struct hparams *hp, const struct gguf *g, const struct arch_traits *row,
                           struct arena *a, struct err *e)
{
    struct keys k;

    memset(hp, 0, sizeof(*hp));
    if (keys_begin(&k, g, e))
        return k.rc;
    if (!row)
        row = arch_find(k.arch, strlen(k.arch));
    if (!row)
        return refuse_architecture(&k);
    hp->t = *row;
    read_sizes(&k, hp);
    if (k.rc || (k.rc = new_arrays(hp, a, e)) != ERR_OK)
        return k.rc;
    read_heads(&k, hp);
    read_norms(&k, hp);
    read_rope(&k, hp);
    read_experts(&k, hp);
    read_mixers(&k, hp);
    read_recurrent(&k, hp, a);
    read_pooling(&k, hp);
    if (!k.rc && hp->t.fixup)
        k.rc = hp->t.fixup(hp, g, e);
    derive_windows(&k, hp);
    derive_rotation(&k, hp);
    return k.rc;
}
