/* Writes miniature models. */
#include "support/tiny.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "formats/gguf.h"
#include "support/fixtures.h"

struct writer {
    const struct tiny *t;
    struct gguf_out *o;
    struct err *e;
    enum err_code rc;
    bool data; /* second round: the numbers */
};

void tiny_fill(const char *name, size_t n, uint32_t n_in, float *out)
{
    uint64_t state = 1469598103934665603U;
    bool is_norm = strstr(name, "norm.weight") != NULL, is_bias = strstr(name, ".bias") != NULL;
    size_t len = strlen(name);
    bool is_decay = len > 6 && strcmp(name + len - 6, ".ssm_a") == 0;
    float scale = is_bias ? 0.3F : sqrtf(3.0F / (float)n_in);

    for (const char *p = name; *p; p++)
        state = (state ^ (unsigned char)*p) * 1099511628211U;
    if (strcmp(name, "token_embd.weight") == 0)
        scale = 0.5F;
    for (size_t i = 0; i < n && is_decay; i++)
        out[i] = -0.6F - 0.5F * test_uniform(&state);
    for (size_t i = 0; i < n && !is_decay; i++)
        out[i] = is_norm ? 1.0F + 0.25F * test_uniform(&state) : scale * test_uniform(&state);
}

char tiny_mixer(const struct tiny *t, uint32_t il)
{
    return t->mixers ? t->mixers[il % strlen(t->mixers)] : 'a';
}

static void key_u32(struct writer *w, const char *suffix, uint32_t v)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s.%s", w->t->arch, suffix);
    if (!w->rc && v)
        w->rc = gguf_out_u32(w->o, name, v, w->e);
}

static void key_f32(struct writer *w, const char *suffix, double v)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s.%s", w->t->arch, suffix);
    if (!w->rc && v != 0.0)
        w->rc = gguf_out_f32(w->o, name, (float)v, w->e);
}

/* Layers without attention have no heads for K and V. */
static void mixer_keys(struct writer *w)
{
    const struct tiny *t = w->t;
    uint32_t n_head_kv[16];
    char name[96];
    bool delta = strchr(t->mixers, 'd') != NULL;

    for (uint32_t il = 0; il < t->n_layer && il < 16; il++)
        n_head_kv[il] = tiny_mixer(t, il) == 'a' ? t->n_head_kv : 0;
    (void)snprintf(name, sizeof(name), "%s.attention.head_count_kv", t->arch);
    if (!w->rc)
        w->rc = gguf_out_arr_u32(w->o, name, n_head_kv, t->n_layer, w->e);
    key_u32(w, "shortconv.l_cache", TINY_TAPS);
    key_u32(w, "ssm.conv_kernel", TINY_TAPS);
    key_u32(w, "ssm.state_size", TINY_STATE);
    key_u32(w, "ssm.time_step_rank", TINY_HEADS);
    key_u32(w, "ssm.group_count", TINY_GROUP);
    key_u32(w, "ssm.inner_size", delta ? TINY_HEADS * TINY_STATE : TINY_INNER);
}

static void write_keys(struct writer *w)
{
    const struct tiny *t = w->t;
    char name[96];

    w->rc = gguf_out_str(w->o, "general.architecture", t->arch, strlen(t->arch), w->e);
    key_u32(w, "context_length", t->n_ctx);
    key_u32(w, "embedding_length", t->n_embd);
    key_u32(w, "block_count", t->n_layer);
    key_u32(w, "feed_forward_length", t->n_ff);
    key_u32(w, "attention.head_count", t->n_head);
    if (t->mixers)
        mixer_keys(w);
    else
        key_u32(w, "attention.head_count_kv", t->n_head_kv);
    key_f32(w, "attention.clamp_kqv", t->clamp);
    if (t->logit_key)
        key_f32(w, "logit_scale", t->logit_div);
    key_u32(w, "attention.key_length", t->head);
    key_u32(w, "attention.value_length", t->head);
    key_u32(w, "rope.dimension_count", t->n_rot);
    key_u32(w, "vocab_size", t->n_vocab);
    key_u32(w, "expert_count", t->n_expert);
    key_u32(w, "expert_used_count", t->n_used);
    key_u32(w, "attention.sliding_window", t->window);
    key_u32(w, "attention.sliding_window_pattern", t->window ? t->period : 0);
    key_f32(w, t->layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
            t->eps);
    key_f32(w, "rope.freq_base", t->base);
    key_f32(w, "rope.freq_base_swa", t->base_swa);
    key_f32(w, "attn_logit_softcapping", t->cap_attn);
    key_f32(w, "final_logit_softcapping", t->cap_final);
    key_f32(w, "rope.scaling.factor", t->factor);
    key_u32(w, "rope.scaling.original_context_length", t->n_ctx_orig);
    (void)snprintf(name, sizeof(name), "%s.rope.scaling.type", t->arch);
    if (!w->rc && t->factor != 0.0)
        w->rc = gguf_out_str(w->o, name, t->yarn ? "yarn" : "linear", t->yarn ? 4 : 6, w->e);
}

static bool is_lost(const struct tiny *t, const char *name)
{
    for (const char *const *p = t->lost; p && *p; p++)
        if (strcmp(*p, name) == 0)
            return true;
    return false;
}

/* One tensor: declared in the first round, written in the second. */
static void put(struct writer *w, const char *name, uint32_t n0, uint32_t n1, uint32_t n2)
{
    uint64_t ne[4] = { n0, n1 ? n1 : 1, n2 ? n2 : 1, 1 };
    size_t n = (size_t)(ne[0] * ne[1] * ne[2]);
    bool half = w->t->half_vectors && n1 == 0;
    float *v;

    if (w->rc || is_lost(w->t, name))
        return;
    if (!w->data) {
        w->rc = gguf_out_tensor(w->o, name, half ? DT_F16 : DT_F32, n2 ? 3 : n1 ? 2 : 1, ne, w->e);
        return;
    }
    v = mem_alloc_n(MEM_OTHER, n, sizeof(*v));
    if (v) {
        tiny_fill(name, n, n0, v);
        if (strstr(name, ".scale"))
            v[0] = w->t->q_scale;
        for (size_t i = 0; half && i < n; i++)
            ((uint16_t *)(void *)v)[i] = f32_to_f16(v[i]);
        w->rc = gguf_out_data(w->o, v, n * (half ? sizeof(uint16_t) : sizeof(float)), w->e);
    } else {
        w->rc = err_set(w->e, ERR_OOM, "no memory for %s", name);
    }
    mem_free(v);
}

static void put_layer(struct writer *w, uint32_t il, const char *stem, uint32_t n0, uint32_t n1)
{
    char name[128];

    (void)snprintf(name, sizeof(name), "blk.%u.%s", il, stem);
    put(w, name, n0, n1, 0);
}

static void put_norm(struct writer *w, uint32_t il, const char *stem, uint32_t n)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    put_layer(w, il, name, n, 0);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    if (w->t->layer_norm)
        put_layer(w, il, name, n, 0);
}

static void put_attention(struct writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    uint32_t n_q = t->n_head * t->head, n_k = t->n_head_kv * t->head;

    if (t->fused_qkv) {
        put_layer(w, il, "attn_qkv.weight", t->n_embd, n_q + 2 * n_k);
    } else {
        put_layer(w, il, "attn_q.weight", t->n_embd, t->gated ? 2 * n_q : n_q);
        put_layer(w, il, "attn_k.weight", t->n_embd, n_k);
        put_layer(w, il, "attn_v.weight", t->n_embd, n_k);
    }
    if (t->q_scale != 0.0F)
        put_layer(w, il, "attn_q.scale", 1, 0);
    if (t->qkv_bias) {
        put_layer(w, il, "attn_q.bias", n_q, 0);
        put_layer(w, il, "attn_k.bias", n_k, 0);
        put_layer(w, il, "attn_v.bias", n_k, 0);
    }
    if (t->qk_norm) {
        put_layer(w, il, "attn_q_norm.weight", t->head, 0);
        put_layer(w, il, "attn_k_norm.weight", t->head, 0);
    }
    put_layer(w, il, "attn_output.weight", n_q, t->n_embd);
}

static void put_mixer(struct writer *w, uint32_t il)
{
    uint32_t n_embd = w->t->n_embd, n_delta = TINY_HEADS * TINY_STATE;
    uint32_t conv = n_delta + 2 * TINY_GROUP * TINY_STATE;

    switch (tiny_mixer(w->t, il)) {
    case 'c':
        put_layer(w, il, "shortconv.in_proj.weight", n_embd, 3 * n_embd);
        put_layer(w, il, "shortconv.conv.weight", TINY_TAPS, n_embd);
        put_layer(w, il, "shortconv.out_proj.weight", n_embd, n_embd);
        break;
    case 'd':
        put_layer(w, il, "attn_qkv.weight", n_embd, conv);
        put_layer(w, il, "ssm_conv1d.weight", TINY_TAPS, conv);
        put_layer(w, il, "ssm_ba.weight", n_embd, 2 * TINY_HEADS);
        put_layer(w, il, "ssm_dt.bias", TINY_HEADS, 0);
        put_layer(w, il, "ssm_a", TINY_HEADS, 0);
        put_layer(w, il, "ssm_norm.weight", TINY_STATE, 0);
        put_layer(w, il, "attn_gate.weight", n_embd, n_delta);
        put_layer(w, il, "ssm_out.weight", n_delta, n_embd);
        break;
    case 's':
        conv = TINY_INNER + 2 * TINY_GROUP * TINY_STATE;
        put_layer(w, il, "ssm_in.weight", n_embd, TINY_INNER + conv + TINY_HEADS);
        put_layer(w, il, "ssm_conv1d.weight", TINY_TAPS, conv);
        put_layer(w, il, "ssm_conv1d.bias", conv, 0);
        put_layer(w, il, "ssm_dt.bias", TINY_HEADS, 0);
        put_layer(w, il, "ssm_a", 1, TINY_HEADS);
        put_layer(w, il, "ssm_d", TINY_HEADS, 0);
        put_layer(w, il, "ssm_norm.weight", TINY_INNER / TINY_GROUP, TINY_GROUP);
        put_layer(w, il, "ssm_out.weight", TINY_INNER, n_embd);
        break;
    default:
        put_attention(w, il);
        break;
    }
}

static void put_experts(struct writer *w, uint32_t il)
{
    static const char *const stems[] = { "gate", "up", "down" };
    const struct tiny *t = w->t;
    char name[96];

    put_layer(w, il, "ffn_gate_inp.weight", t->n_embd, t->n_expert);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof(name), "blk.%u.ffn_%s_exps.weight", il, stems[i]);
        put(w, name, i == 2 ? t->n_ff : t->n_embd, i == 2 ? t->n_embd : t->n_ff, t->n_expert);
    }
}

static void put_block(struct writer *w, uint32_t il)
{
    const struct tiny *t = w->t;

    if (t->layout != TINY_ON_OUTPUT && t->layout != TINY_WEIGHTLESS)
        put_norm(w, il, "attn_norm", t->n_embd);
    if (t->layout == TINY_BEFORE || t->layout == TINY_AROUND)
        put_norm(w, il, t->ffn_norm_is_post ? "post_attention_norm" : "ffn_norm", t->n_embd);
    if (t->layout == TINY_ON_OUTPUT || t->layout == TINY_AROUND) {
        put_norm(w, il, "post_attention_norm", t->n_embd);
        put_norm(w, il, "post_ffw_norm", t->n_embd);
    }
    put_mixer(w, il);
    if (t->n_expert) {
        put_experts(w, il);
        return;
    }
    if (!t->fused_up && !t->ungated)
        put_layer(w, il, "ffn_gate.weight", t->n_embd, t->n_ff);
    put_layer(w, il, "ffn_up.weight", t->n_embd, t->fused_up ? 2 * t->n_ff : t->n_ff);
    put_layer(w, il, "ffn_down.weight", t->n_ff, t->n_embd);
}

static void put_all(struct writer *w)
{
    const struct tiny *t = w->t;

    put(w, "token_embd.weight", t->n_embd, t->n_vocab, 0);
    if (t->positions)
        put(w, "position_embd.weight", t->n_embd, t->n_ctx, 0);
    if (t->embd_norm) {
        put(w, "token_embd_norm.weight", t->n_embd, 0, 0);
        put(w, "token_embd_norm.bias", t->n_embd, 0, 0);
    }
    if (t->layout != TINY_WEIGHTLESS) {
        put(w, t->out_is_embd ? "token_embd_norm.weight" : "output_norm.weight", t->n_embd, 0, 0);
        if (t->layer_norm)
            put(w, "output_norm.bias", t->n_embd, 0, 0);
    }
    if (!t->tied)
        put(w, "output.weight", t->n_embd, t->n_vocab, 0);
    for (uint32_t il = 0; il < t->n_layer; il++)
        put_block(w, il);
    if (t->extra)
        put(w, t->extra, t->n_embd, 0, 0);
}

enum err_code tiny_write(const struct tiny *t, const char *path, struct err *e)
{
    struct writer w = { .t = t, .e = e };

    w.rc = gguf_out_open(&w.o, path, e);
    if (w.rc)
        return w.rc;
    write_keys(&w);
    put_all(&w);
    w.data = true;
    put_all(&w);
    if (!w.rc)
        return gguf_out_commit(w.o, e);
    gguf_out_abandon(w.o);
    return w.rc;
}
