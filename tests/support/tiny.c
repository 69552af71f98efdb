/* Writes miniature models: what holds of their layers, their tensors and numbers. */
#include "support/tiny.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/fixtures.h"
#include "support/tiny_int.h"

char tiny_mixer(const struct tiny *t, uint32_t il)
{
    return t->mixers ? t->mixers[il % strlen(t->mixers)] : 'a';
}

bool tiny_windowed(const struct tiny *t, uint32_t il)
{
    return t->window && (!t->period || il % t->period != t->period - 1);
}

bool tiny_rotated(const struct tiny *t, uint32_t il)
{
    if (t->no_rope || (t->rope_skip && (il + 1) % t->rope_skip == 0))
        return false;
    return !t->rope_windowed || tiny_windowed(t, il);
}

bool tiny_has_experts(const struct tiny *t, uint32_t il)
{
    if (!t->n_expert || il < t->n_dense)
        return false;
    return !t->every || il % t->every == t->every - 1;
}

bool tiny_owns_kv(const struct tiny *t, uint32_t il)
{
    return il + t->n_shared_kv < t->n_layer;
}

uint32_t tiny_head(const struct tiny *t, uint32_t il)
{
    return t->head_swa && tiny_windowed(t, il) ? t->head_swa : t->head;
}

uint32_t tiny_head_kv(const struct tiny *t, uint32_t il)
{
    return t->n_head_kv_swa && tiny_windowed(t, il) ? t->n_head_kv_swa : t->n_head_kv;
}

uint32_t tiny_n_rot(const struct tiny *t, uint32_t il)
{
    return t->n_rot_swa && tiny_windowed(t, il) ? t->n_rot_swa : t->n_rot;
}

uint32_t tiny_n_ff_exp(const struct tiny *t)
{
    return t->n_ff_exp ? t->n_ff_exp : t->n_ff;
}

uint32_t tiny_n_ff(const struct tiny *t, uint32_t il)
{
    return t->n_ff + il * t->n_ff_step;
}

uint32_t tiny_n_head(const struct tiny *t, uint32_t il)
{
    return t->n_head + il * t->n_head_step;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

/* Numbers between a and b. */
struct span {
    float a, b;
};

static struct span span_of(const char *name, uint32_t n_in)
{
    float side = sqrtf(3.0F / (float)n_in);

    if (ends_with(name, ".ssm_a"))
        return (struct span){ -1.1F, -0.1F };
    if (strncmp(name, "rope_f", 6) == 0) /* divisors */
        return (struct span){ 0.5F, 4.0F };
    if (strstr(name, "attn_sinks"))
        return (struct span){ -1.0F, 3.0F };
    if (ends_with(name, ".scale") || strstr(name, "layer_output_scale"))
        return (struct span){ 0.4F, 1.2F };
    if (strstr(name, "norm") && ends_with(name, ".weight"))
        return (struct span){ 0.75F, 1.25F };
    if (ends_with(name, ".bias"))
        side = 0.3F;
    if (strcmp(name, "token_embd.weight") == 0)
        side = 0.5F;
    return (struct span){ -side, side };
}

void tiny_fill(const char *name, size_t n, uint32_t n_in, float *out)
{
    struct span s = span_of(name, n_in);
    uint64_t state = 1469598103934665603U;

    for (const char *p = name; *p; p++)
        state = (state ^ (unsigned char)*p) * 1099511628211U;
    for (size_t i = 0; i < n; i++)
        out[i] = 0.5F * (s.a + s.b) + 0.5F * (s.b - s.a) * test_uniform(&state);
}

static bool is_lost(const struct tiny *t, const char *name)
{
    for (const char *const *p = t->lost; p && *p; p++)
        if (strcmp(*p, name) == 0)
            return true;
    return false;
}

/* One tensor: declared in the first round, written in the second. */
static void put(struct tiny_writer *w, const char *name, uint32_t n0, uint32_t n1, uint32_t n2)
{
    uint64_t ne[4] = { n0, n1 ? n1 : 1, n2 ? n2 : 1, 1 };
    size_t n = (size_t)(ne[0] * ne[1] * ne[2]);
    bool half = n1 == 0 ? w->t->half_vectors : w->t->half_matrices;
    float *v;

    if (w->rc || is_lost(w->t, name))
        return;
    if (w->t->bad_tensor && strcmp(w->t->bad_tensor, name) == 0) {
        ne[w->t->bad_dim]++;
        n = (size_t)(ne[0] * ne[1] * ne[2]);
        n1 = ne[1] > 1 ? (uint32_t)ne[1] : n1;
        n2 = ne[2] > 1 ? (uint32_t)ne[2] : n2;
    }
    if (!w->data) {
        w->rc = gguf_out_tensor(w->o, name, half ? DT_F16 : DT_F32, n2 ? 3 : n1 ? 2 : 1, ne, w->e);
        return;
    }
    v = mem_alloc_n(MEM_OTHER, n, sizeof(*v));
    if (v) {
        tiny_fill(name, n, n0, v);
        if (ends_with(name, "attn_q.scale"))
            v[0] = w->t->q_scale;
        if (w->t->nan_tensor && strcmp(w->t->nan_tensor, name) == 0)
            v[n - 1] = (float)NAN;
        for (size_t i = 0; half && i < n; i++)
            ((uint16_t *)(void *)v)[i] = f32_to_f16(v[i]);
        w->rc = gguf_out_data(w->o, v, n * (half ? sizeof(uint16_t) : sizeof(float)), w->e);
    } else {
        w->rc = err_set(w->e, ERR_OOM, "no memory for %s", name);
    }
    mem_free(v);
}

static void put_layer(struct tiny_writer *w, uint32_t il, const char *stem, uint32_t n0,
                      uint32_t n1)
{
    char name[128];

    (void)snprintf(name, sizeof(name), "blk.%u.%s", il, stem);
    put(w, name, n0, n1, 0);
}

/* A matrix `stem`.weight, and `stem`.bias. */
static void put_biased(struct tiny_writer *w, uint32_t il, const char *stem, uint32_t n0,
                       uint32_t n1, bool biased)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    put_layer(w, il, name, n0, n1);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    if (biased)
        put_layer(w, il, name, n1, 0);
}

static void put_norm(struct tiny_writer *w, uint32_t il, const char *stem)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    put_layer(w, il, name, w->t->n_embd, 0);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    if (w->t->norm_bias)
        put_layer(w, il, name, w->t->n_embd, 0);
}

static void put_qk_norms(struct tiny_writer *w, uint32_t il, uint32_t head)
{
    const struct tiny *t = w->t;

    for (int k = 0; k < 2; k++) {
        const char *name = k ? "attn_k_norm.weight" : "attn_q_norm.weight";
        uint32_t n = k ? tiny_head_kv(t, il) : tiny_n_head(t, il);

        if (k && !tiny_owns_kv(t, il))
            break;
        if (t->qk_norm == TINY_QK_HEAD)
            put_layer(w, il, name, head, 0);
        if (t->qk_norm == TINY_QK_EACH_HEAD)
            put_layer(w, il, name, head, n);
        if (t->qk_norm == TINY_QK_ROW)
            put_layer(w, il, name, head * n, 0);
    }
}

static void put_attention(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    uint32_t head = tiny_head(t, il), head_v = t->head_v ? t->head_v : head, n = t->n_embd;
    uint32_t n_q = tiny_n_head(t, il) * head, n_k = tiny_head_kv(t, il) * head;
    uint32_t n_v = tiny_head_kv(t, il) * head_v;

    if (t->fused_qkv) {
        put_biased(w, il, "attn_qkv", n, n_q + n_k + n_v, t->qkv_bias);
    } else {
        put_biased(w, il, "attn_q", n, t->gated ? 2 * n_q : n_q, t->qkv_bias);
        if (tiny_owns_kv(t, il))
            put_biased(w, il, "attn_k", n, n_k, t->qkv_bias);
        if (tiny_owns_kv(t, il) && !(t->k_is_v && !tiny_windowed(t, il)))
            put_biased(w, il, "attn_v", n, n_v, t->qkv_bias);
    }
    if (t->q_scale != 0.0F)
        put_layer(w, il, "attn_q.scale", 1, 0);
    put_qk_norms(w, il, head);
    if (t->sinks)
        put_layer(w, il, "attn_sinks.weight", tiny_n_head(t, il), 0);
    put_biased(w, il, "attn_output", tiny_n_head(t, il) * head_v, n, t->out_bias);
}

static void put_latent(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    char name[64];

    if (t->r_q) {
        put_layer(w, il, "attn_q_a.weight", t->n_embd, t->r_q);
        put_layer(w, il, "attn_q_a_norm.weight", t->r_q, 0);
        put_layer(w, il, "attn_q_b.weight", t->r_q, t->n_head * t->head);
    } else {
        put_layer(w, il, "attn_q.weight", t->n_embd, t->n_head * t->head);
    }
    put_layer(w, il, "attn_kv_a_mqa.weight", t->n_embd, t->r_kv + t->n_rot);
    put_layer(w, il, "attn_kv_a_norm.weight", t->r_kv, 0);
    (void)snprintf(name, sizeof(name), "blk.%u.attn_k_b.weight", il);
    put(w, name, t->head - t->n_rot, t->r_kv, t->n_head);
    (void)snprintf(name, sizeof(name), "blk.%u.attn_v_b.weight", il);
    put(w, name, t->r_kv, t->head_v, t->n_head);
    put_layer(w, il, "attn_output.weight", t->n_head * t->head_v, t->n_embd);
}

static void put_delta(struct tiny_writer *w, uint32_t il)
{
    uint32_t n_embd = w->t->n_embd, n = TINY_HEADS * TINY_STATE;
    uint32_t conv = n + 2 * TINY_GROUP * TINY_STATE;

    put_layer(w, il, "attn_qkv.weight", n_embd, conv);
    put_layer(w, il, "ssm_conv1d.weight", TINY_TAPS, conv);
    if (w->t->mod_heads) {
        put_layer(w, il, "ssm_beta.weight", n_embd, TINY_HEADS);
        put_layer(w, il, "ssm_alpha.weight", n_embd, TINY_HEADS);
    } else {
        put_layer(w, il, "ssm_ba.weight", n_embd, 2 * TINY_HEADS);
    }
    put_layer(w, il, "ssm_dt.bias", TINY_HEADS, 0);
    put_layer(w, il, "ssm_a", TINY_HEADS, 0);
    put_layer(w, il, "ssm_norm.weight", TINY_STATE, 0);
    put_layer(w, il, "attn_gate.weight", n_embd, n);
    put_layer(w, il, "ssm_out.weight", n, n_embd);
}

static void put_mamba(struct tiny_writer *w, uint32_t il)
{
    bool first = tiny_mixer(w->t, il) == 'm';
    uint32_t n_embd = w->t->n_embd;
    uint32_t conv = first ? TINY_INNER : TINY_INNER + 2 * TINY_GROUP * TINY_STATE;

    put_layer(w, il, "ssm_in.weight", n_embd,
              first ? 2 * TINY_INNER : TINY_INNER + conv + TINY_HEADS);
    put_layer(w, il, "ssm_conv1d.weight", TINY_TAPS, conv);
    put_layer(w, il, "ssm_conv1d.bias", conv, 0);
    if (first) {
        put_layer(w, il, "ssm_x.weight", TINY_INNER, TINY_RANK + 2 * TINY_STATE);
        put_layer(w, il, "ssm_dt.weight", TINY_RANK, TINY_INNER);
        if (w->t->dt_norms) {
            put_layer(w, il, "ssm_dt_norm.weight", TINY_RANK, 0);
            put_layer(w, il, "ssm_b_norm.weight", TINY_STATE, 0);
            put_layer(w, il, "ssm_c_norm.weight", TINY_STATE, 0);
        }
        put_layer(w, il, "ssm_dt.bias", TINY_INNER, 0);
        put_layer(w, il, "ssm_a", TINY_STATE, TINY_INNER);
        put_layer(w, il, "ssm_d", TINY_INNER, 0);
    } else {
        put_layer(w, il, "ssm_dt.bias", TINY_HEADS, 0);
        put_layer(w, il, "ssm_a", 1, TINY_HEADS);
        put_layer(w, il, "ssm_d", TINY_HEADS, 0);
        put_layer(w, il, "ssm_norm.weight", TINY_INNER / TINY_GROUP, TINY_GROUP);
    }
    put_layer(w, il, "ssm_out.weight", TINY_INNER, n_embd);
}

static void put_mixer(struct tiny_writer *w, uint32_t il)
{
    uint32_t n = w->t->n_embd;

    switch (tiny_mixer(w->t, il)) {
    case 'c':
        put_layer(w, il, "shortconv.in_proj.weight", n, 3 * n);
        put_layer(w, il, "shortconv.conv.weight", TINY_TAPS, n);
        put_layer(w, il, "shortconv.out_proj.weight", n, n);
        break;
    case 'd':
        put_delta(w, il);
        break;
    case 's':
    case 'm':
        put_mamba(w, il);
        break;
    default:
        if (w->t->r_kv)
            put_latent(w, il);
        else
            put_attention(w, il);
        break;
    }
}

/* Stacked: `which`_exps. */
static void put_stack(struct tiny_writer *w, uint32_t il, const char *which, uint32_t n0,
                      uint32_t n1)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "blk.%u.ffn_%s_exps.weight", il, which);
    put(w, name, n0, n1, w->t->n_expert);
    (void)snprintf(name, sizeof(name), "blk.%u.ffn_%s_exps.bias", il, which);
    if (w->t->expert_bias)
        put(w, name, n1, w->t->n_expert, 0);
}

static void put_experts(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    uint32_t n = t->n_embd, n_ff = tiny_n_ff_exp(t);

    put_biased(w, il, "ffn_gate_inp", n, t->n_expert, t->router_bias);
    if (t->select_bias)
        put_layer(w, il, "exp_probs_b.bias", t->n_expert, 0);
    if (t->fused_exps) {
        put_stack(w, il, "gate_up", n, 2 * n_ff);
    } else {
        if (!t->ungated)
            put_stack(w, il, "gate", n, n_ff);
        put_stack(w, il, "up", n, n_ff);
    }
    put_stack(w, il, "down", n_ff, n);
    if (t->expert_scale)
        put_layer(w, il, "ffn_down_exps.scale", t->n_expert, 0);
    if (!t->n_ff_shared)
        return;
    if (!t->ungated)
        put_layer(w, il, "ffn_gate_shexp.weight", n, t->n_ff_shared);
    put_layer(w, il, "ffn_up_shexp.weight", n, t->n_ff_shared);
    put_layer(w, il, "ffn_down_shexp.weight", t->n_ff_shared, n);
    if (t->shared_gate)
        put_layer(w, il, "ffn_gate_inp_shexp.weight", n, 0);
}

static void put_dense(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    uint32_t n_ff = tiny_n_ff(t, il);

    if (!t->fused_up && !t->ungated)
        put_biased(w, il, "ffn_gate", t->n_embd, n_ff, t->ffn_bias);
    put_biased(w, il, "ffn_up", t->n_embd, t->fused_up ? 2 * n_ff : n_ff, t->ffn_bias);
    put_biased(w, il, "ffn_down", n_ff, t->n_embd, t->ffn_bias);
}

static void put_ffn(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    bool experts = tiny_has_experts(t, il);

    if (experts)
        put_experts(w, il);
    if (t->n_ff && (!experts || t->beside))
        put_dense(w, il);
    if (experts && t->beside) {
        put_layer(w, il, "ffn_gate_inp.scale", t->n_embd, 0);
        put_layer(w, il, "pre_ffw_norm_2.weight", t->n_embd, 0);
        put_layer(w, il, "post_ffw_norm_1.weight", t->n_embd, 0);
        put_layer(w, il, "post_ffw_norm_2.weight", t->n_embd, 0);
    }
    if (t->n_ple) {
        put_layer(w, il, "inp_gate.weight", t->n_embd, t->n_ple);
        put_layer(w, il, "proj.weight", t->n_ple, t->n_embd);
        put_layer(w, il, "post_norm.weight", t->n_embd, 0);
    }
    if (t->layer_scale)
        put_layer(w, il, "layer_output_scale.weight", 1, 0);
}

static void put_block(struct tiny_writer *w, uint32_t il)
{
    const struct tiny *t = w->t;
    bool before = t->layout == TINY_BEFORE || t->layout == TINY_AROUND;
    bool ffn = t->n_ff || t->n_expert;

    if (before || t->layout == TINY_SHARED || t->layout == TINY_SINGLE)
        put_norm(w, il, "attn_norm");
    if (t->layout == TINY_SINGLE) {
        if (tiny_mixer(t, il) == 'f')
            put_ffn(w, il);
        else
            put_mixer(w, il);
        return;
    }
    if (t->norm_2)
        put_norm(w, il, "attn_norm_2");
    if (before && ffn)
        put_norm(w, il, t->ffn_norm_is_post ? "post_attention_norm" : "ffn_norm");
    if (t->layout == TINY_ON_OUTPUT || t->layout == TINY_AROUND) {
        put_norm(w, il, "post_attention_norm");
        put_norm(w, il, "post_ffw_norm");
    }
    if (t->layout == TINY_AFTER_ADD) {
        put_norm(w, il, "attn_output_norm");
        put_norm(w, il, "layer_output_norm");
    }
    put_mixer(w, il);
    put_ffn(w, il);
}

static void put_whole_norm(struct tiny_writer *w, const char *stem)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "%s.weight", stem);
    put(w, name, w->t->n_embd, 0, 0);
    (void)snprintf(name, sizeof(name), "%s.bias", stem);
    if (w->t->norm_bias)
        put(w, name, w->t->n_embd, 0, 0);
}

static void put_whole(struct tiny_writer *w)
{
    const struct tiny *t = w->t;

    put(w, "token_embd.weight", t->n_embd, t->n_vocab, 0);
    if (t->positions)
        put(w, "position_embd.weight", t->n_embd, t->n_ctx, 0);
    if (t->types)
        put(w, "token_types.weight", t->n_embd, 2, 0);
    if (t->embd_norm)
        put_whole_norm(w, "token_embd_norm");
    if (t->layout != TINY_WEIGHTLESS && t->layout != TINY_AFTER_ADD)
        put_whole_norm(w, t->out_is_embd ? "token_embd_norm" : "output_norm");
    if (!t->tied && !t->headless)
        put(w, "output.weight", t->n_embd, t->n_vocab, 0);
    if (t->head_bias)
        put(w, "output.bias", t->n_vocab, 0, 0);
    if (t->freqs)
        put(w, "rope_freqs.weight", t->n_rot / 2, 0, 0);
    if (t->longrope) {
        put(w, "rope_factors_long.weight", t->n_rot / 2, 0, 0);
        put(w, "rope_factors_short.weight", t->n_rot / 2, 0, 0);
    }
    if (t->n_cls) {
        put(w, "cls.weight", t->n_embd, t->n_embd, 0);
        put(w, "cls.bias", t->n_embd, 0, 0);
        put_whole_norm(w, "cls.norm");
        put(w, "cls.output.weight", t->n_embd, t->n_cls, 0);
        put(w, "cls.output.bias", t->n_cls, 0, 0);
    }
    if (t->n_dense_head) {
        put(w, "dense_2.weight", t->n_embd, t->n_dense_head, 0);
        put(w, "dense_3.weight", t->n_dense_head, t->n_embd, 0);
    }
    if (!t->n_ple)
        return;
    put(w, "per_layer_token_embd.weight", t->n_ple * t->n_layer, t->n_vocab, 0);
    put(w, "per_layer_model_proj.weight", t->n_embd, t->n_ple * t->n_layer, 0);
    put(w, "per_layer_proj_norm.weight", t->n_ple, 0, 0);
}

static void put_all(struct tiny_writer *w)
{
    const struct tiny *t = w->t;

    put_whole(w);
    for (uint32_t il = 0; il < t->n_layer; il++)
        put_block(w, il);
    for (uint32_t il = t->n_layer; il < t->n_layer + t->n_nextn; il++)
        put_layer(w, il, "nextn.eh_proj.weight", 2 * t->n_embd, t->n_embd);
    if (t->extra)
        put(w, t->extra, t->n_embd, 0, 0);
}

const char *tiny_path(char out[TINY_PATH_BYTES], const char *name)
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    (void)snprintf(out, TINY_PATH_BYTES, "%s/hearth-%s-%ld.gguf", folder, name, (long)getpid());
    return out;
}

enum err_code tiny_write(const struct tiny *t, const char *path, struct err *e)
{
    struct tiny_writer w = { .t = t, .e = e };

    w.rc = gguf_out_open(&w.o, path, e);
    if (w.rc)
        return w.rc;
    tiny_keys(&w);
    put_all(&w);
    w.data = true;
    put_all(&w);
    if (!w.rc)
        return gguf_out_commit(w.o, e);
    gguf_out_abandon(w.o);
    return w.rc;
}
