/* Writes the metadata of miniature models. */
#include <stdio.h>
#include <string.h>

#include "support/tiny_int.h"

static const char *named(const struct tiny_writer *w, const char *suffix, char out[96])
{
    (void)snprintf(out, 96, "%s.%s", w->t->arch, suffix);
    return out;
}

static bool is_bad(const struct tiny_writer *w, const char *suffix)
{
    return w->t->bad_key && strcmp(w->t->bad_key, suffix) == 0;
}

/* 0: the key is left out. */
static void key_u32(struct tiny_writer *w, const char *suffix, uint32_t v)
{
    char name[96];

    if (v && is_bad(w, suffix)) {
        if (!w->rc)
            w->rc = gguf_out_u32(w->o, named(w, suffix, name), (uint32_t)w->t->bad_value, w->e);
        return;
    }

    if (!w->rc && v)
        w->rc = gguf_out_u32(w->o, named(w, suffix, name), v, w->e);
}

static void key_f32(struct tiny_writer *w, const char *suffix, double v)
{
    char name[96];
    bool there = v != 0.0;

    if (there && is_bad(w, suffix))
        v = w->t->bad_value;
    if (!w->rc && there)
        w->rc = gguf_out_f32(w->o, named(w, suffix, name), (float)v, w->e);
}

static void key_bool(struct tiny_writer *w, const char *suffix, bool there, bool v)
{
    char name[96];

    if (!w->rc && there)
        w->rc = gguf_out_bool(w->o, named(w, suffix, name), v, w->e);
}

static void key_str(struct tiny_writer *w, const char *suffix, const char *v)
{
    char name[96];

    if (!w->rc && v)
        w->rc = gguf_out_str(w->o, named(w, suffix, name), v, strlen(v), w->e);
}

static void key_layers(struct tiny_writer *w, const char *suffix, const uint32_t *v)
{
    char name[96];

    if (!w->rc)
        w->rc = gguf_out_arr_u32(w->o, named(w, suffix, name), v,
                                 w->t->n_layer + w->t->n_nextn + is_bad(w, suffix), w->e);
}

/* Layers without attention have no heads for K and V. */
static void head_keys(struct tiny_writer *w)
{
    const struct tiny *t = w->t;
    uint32_t n_head_kv[2 * TINY_LAYERS_MAX] = { 0 }, n_head[2 * TINY_LAYERS_MAX] = { 0 };
    bool attends = !t->mixers || strchr(t->mixers, 'a');

    for (uint32_t il = 0; il < t->n_layer; il++)
        n_head[il] = tiny_n_head(t, il);
    if (t->n_head_step)
        key_layers(w, "attention.head_count", n_head);
    else
        key_u32(w, "attention.head_count", attends ? t->n_head : 0);
    for (uint32_t il = 0; il < t->n_layer; il++)
        n_head_kv[il] = tiny_mixer(t, il) == 'a' ? tiny_head_kv(t, il) : 0;
    if (t->mixers || t->n_head_kv_swa)
        key_layers(w, "attention.head_count_kv", n_head_kv);
    else
        key_u32(w, "attention.head_count_kv", t->r_kv ? 1 : t->n_head_kv);
    if (t->r_kv) {
        key_u32(w, "attention.q_lora_rank", t->r_q);
        key_u32(w, "attention.kv_lora_rank", t->r_kv);
        key_u32(w, "attention.key_length", t->r_kv + t->n_rot);
        key_u32(w, "attention.value_length", t->r_kv);
        key_u32(w, "attention.key_length_mla", t->head);
        key_u32(w, "attention.value_length_mla", t->head_v);
    } else if (attends) {
        key_u32(w, "attention.key_length", t->head);
        key_u32(w, "attention.value_length", t->head_v ? t->head_v : t->head);
    }
    key_u32(w, "attention.key_length_swa", t->head_swa);
    key_u32(w, "attention.value_length_swa", t->head_swa);
    key_u32(w, "attention.shared_kv_layers", t->n_shared_kv);
}

static void window_keys(struct tiny_writer *w)
{
    const struct tiny *t = w->t;
    uint32_t windowed[2 * TINY_LAYERS_MAX] = { 0 };
    char name[96];

    if (t->wrong_window_key)
        key_u32(w, "attention.sliding_window", 3);
    else if (!t->by_row)
        key_u32(w, "attention.sliding_window", t->window);
    if (t->zero_window_key && !w->rc)
        w->rc = gguf_out_u32(w->o, named(w, "attention.sliding_window", name), 0, w->e);
    for (uint32_t il = 0; il < t->n_layer; il++)
        windowed[il] = tiny_windowed(t, il);
    if (t->window && t->by_layer)
        key_layers(w, "attention.sliding_window_pattern", windowed);
    else if (t->window && t->period_key)
        key_u32(w, "attention.sliding_window_pattern", t->period);
}

static void rope_keys(struct tiny_writer *w)
{
    static const uint32_t sections[] = { 2, 3, 3, 0 };
    const struct tiny *t = w->t;
    char name[96];

    key_u32(w, "rope.dimension_count", t->no_rope ? 0 : t->n_rot);
    key_u32(w, "rope.dimension_count_swa", t->n_rot_swa);
    key_f32(w, "rope.freq_base", t->base);
    key_f32(w, "rope.freq_base_swa", t->swa_by_row ? 0.0 : t->base_swa);
    key_f32(w, t->old_factor_key ? "rope.scale_linear" : "rope.scaling.factor", t->factor);
    key_f32(w, "rope.scaling.attn_factor", t->attn_factor);
    key_f32(w, "rope.scaling.yarn_beta_fast", t->beta_fast);
    key_f32(w, "rope.scaling.yarn_beta_slow", t->beta_slow);
    key_bool(w, "attention.causal", t->causal_key, !t->sees_all);
    key_u32(w, "rope.scaling.original_context_length", t->n_ctx_orig);
    key_f32(w, "rope.scaling.yarn_log_multiplier",
            t->r_kv ? t->log_multiplier / 10.0 : t->log_multiplier);
    key_bool(w, "rope.scaling.finetuned", t->untuned, false);
    if (t->longrope || t->no_scaling)
        key_str(w, "rope.scaling.type", t->no_scaling ? "none" : "longrope");
    else if (t->factor != 0.0 && !t->old_factor_key)
        key_str(w, "rope.scaling.type", t->yarn ? "yarn" : "linear");
    if (t->sections && !w->rc)
        w->rc =
            gguf_out_arr_u32(w->o, named(w, "rope.dimension_sections", name), sections, 4, w->e);
    if (t->temp_len && !t->temp_unrotated)
        key_f32(w, "attention.temperature_scale", t->temp);
}

static void expert_keys(struct tiny_writer *w)
{
    static const uint32_t codes[] = {
        [TINY_SOFTMAX] = 1, [TINY_SIGMOID] = 2, [TINY_OF_CHOSEN] = 3, [TINY_SOFTPLUS] = 4
    };
    const struct tiny *t = w->t;

    key_u32(w, "expert_count", t->n_expert);
    key_u32(w, "expert_used_count", t->n_used);
    key_u32(w, "expert_feed_forward_length", t->n_ff_exp);
    if (t->n_ff_shared != tiny_n_ff_exp(t))
        key_u32(w, "expert_shared_feed_forward_length", t->n_ff_shared);
    else
        key_u32(w, "expert_shared_count", t->n_ff_shared ? 1 : 0);
    key_u32(w, "leading_dense_block_count", t->n_dense);
    key_u32(w, "expert_group_count", t->n_group);
    key_u32(w, "expert_group_used_count", t->n_group_used);
    if (t->score_key)
        key_u32(w, "expert_gating_func", codes[t->score]);
    key_bool(w, "expert_weights_norm", t->norm_key, true);
    key_f32(w, "expert_weights_scale", t->weight_scale);
}

static void state_keys(struct tiny_writer *w)
{
    const struct tiny *t = w->t;
    bool delta = t->mixers && strchr(t->mixers, 'd');

    if (!t->mixers)
        return;
    key_u32(w, "shortconv.l_cache", TINY_TAPS);
    key_u32(w, "ssm.conv_kernel", TINY_TAPS);
    key_u32(w, "ssm.state_size", TINY_STATE);
    key_u32(w, "ssm.time_step_rank", strchr(t->mixers, 'm') ? TINY_RANK : TINY_HEADS);
    key_u32(w, "ssm.group_count", strchr(t->mixers, 'm') ? 0 : TINY_GROUP);
    key_u32(w, "ssm.inner_size", delta ? TINY_HEADS * TINY_STATE : TINY_INNER);
    key_bool(w, "ssm.dt_b_c_rms", t->norm_dt_b_c, true);
    key_u32(w, "full_attention_interval", delta ? (uint32_t)strlen(t->mixers) : 0);
}

static void head_of_pool_keys(struct tiny_writer *w)
{
    static const struct gguf_str labels[] = { { "a", 1 }, { "b", 1 }, { "c", 1 }, { "d", 1 } };
    const struct tiny *t = w->t;
    char name[96];

    if (t->n_cls && t->n_cls < 4 && !w->rc)
        w->rc = gguf_out_arr_str(w->o, named(w, "classifier.output_labels", name), labels,
                                 t->n_cls + is_bad(w, "classifier.output_labels"), w->e);
    if (t->n_dense_head) {
        key_u32(w, "dense_2_feat_in", t->n_embd);
        key_u32(w, "dense_2_feat_out", t->n_dense_head);
        key_u32(w, "dense_3_feat_in", t->n_dense_head);
        key_u32(w, "dense_3_feat_out", t->n_embd);
        key_u32(w, "embedding_length_out", t->n_embd);
    }
    if (t->types && !w->rc)
        w->rc = gguf_out_u32(w->o, "tokenizer.ggml.token_type_count", 2, w->e);
}

/* Where layers are of one part, mixers have no feed-forward part. */
static void ffn_keys(struct tiny_writer *w)
{
    uint32_t n_ff[2 * TINY_LAYERS_MAX] = { 0 };

    for (uint32_t il = 0; il < w->t->n_layer; il++)
        n_ff[il] = w->t->n_ff_step || tiny_mixer(w->t, il) == 'f' ? tiny_n_ff(w->t, il) : 0;
    key_layers(w, "feed_forward_length", n_ff);
}

void tiny_keys(struct tiny_writer *w)
{
    const struct tiny *t = w->t;

    w->rc = gguf_out_str(w->o, "general.architecture", t->arch, strlen(t->arch), w->e);
    key_u32(w, "context_length", t->n_ctx);
    key_u32(w, "embedding_length", t->n_embd);
    key_u32(w, "block_count", t->n_layer + t->n_nextn);
    key_u32(w, "nextn_predict_layers", t->n_nextn);
    if (t->layout == TINY_SINGLE || t->n_ff_step)
        ffn_keys(w);
    else
        key_u32(w, "feed_forward_length", t->n_ff);
    key_u32(w, "vocab_size", t->n_vocab);
    key_u32(w, "embedding_length_per_layer_input", t->n_ple);
    key_f32(w, t->layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
            t->eps);
    key_f32(w, "attention.clamp_kqv", t->clamp);
    key_f32(w, "attn_logit_softcapping", t->caps_by_row ? 0.0 : t->cap_attn);
    key_f32(w, "final_logit_softcapping", t->caps_by_row ? 0.0 : t->cap_final);
    if (t->scale_keys) {
        key_f32(w, "logit_scale", t->logit_mul > 0.0 ? t->logit_mul : t->logit_div);
        key_f32(w, "embedding_scale", t->embd_scale);
        key_f32(w, "residual_scale", t->residual_scale);
        key_f32(w, "attention.scale", t->attn_scale);
    }
    key_bool(w, "use_parallel_residual", strcmp(t->arch, "gptneox") == 0, t->parallel);
    head_keys(w);
    window_keys(w);
    rope_keys(w);
    expert_keys(w);
    state_keys(w);
    head_of_pool_keys(w);
}
