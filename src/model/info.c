/* What a model is, for people: names, sizes, counts. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "formats/dtype.h"
#include "model/mixer.h"
#include "model/pool.h"
#include "model/priv.h"

/* general.file_type: numbers that converters agreed on. */
static const char *file_type_name(uint32_t type)
{
    static const char *const names[] = {
        [0] = "F32",      [1] = "F16",      [2] = "Q4_0",    [3] = "Q4_1",    [7] = "Q8_0",
        [8] = "Q5_0",     [9] = "Q5_1",     [10] = "Q2_K",   [11] = "Q3_K_S", [12] = "Q3_K_M",
        [13] = "Q3_K_L",  [14] = "Q4_K_S",  [15] = "Q4_K_M", [16] = "Q5_K_S", [17] = "Q5_K_M",
        [18] = "Q6_K",    [19] = "IQ2_XXS", [20] = "IQ2_XS", [21] = "Q2_K_S", [22] = "IQ3_XS",
        [23] = "IQ3_XXS", [24] = "IQ1_S",   [25] = "IQ4_NL", [26] = "IQ3_S",  [27] = "IQ3_M",
        [28] = "IQ2_S",   [29] = "IQ2_M",   [30] = "IQ4_XS", [31] = "IQ1_M",  [32] = "BF16",
        [36] = "TQ1_0",   [37] = "TQ2_0",   [38] = "MXFP4",  [39] = "NVFP4",
    };

    return type < COUNT_OF(names) ? names[type] : NULL;
}

/* The type that holds most elements. */
static const char *commonest_type(const struct gguf *g)
{
    uint64_t n[DT_LIMIT] = { 0 };
    uint32_t best = DT_F32;

    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        if (t->type < DT_LIMIT)
            n[t->type] += t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
    }
    for (uint32_t type = 0; type < DT_LIMIT; type++)
        if (n[type] > n[best])
            best = type;
    return dtype_info(best)->name;
}

static enum err_code type_name(struct model *m, struct err *e)
{
    uint32_t type = 0;
    bool found = false;
    const char *name = NULL;
    enum err_code rc = gguf_get_u32(m->g, "general.file_type", &type, &found, e);

    if (rc)
        return rc;
    if (found)
        name = file_type_name(type);
    (void)snprintf(m->info.type_name, sizeof(m->info.type_name), "%s",
                   name ? name : commonest_type(m->g));
    return ERR_OK;
}

/* A tensor's elements that one token reads. */
static uint64_t active(const struct model *m, const struct gguf_tensor *t, uint64_t n)
{
    uint32_t n_used = m->info.n_expert_used, n_expert = m->info.n_expert;

    if (n_expert && strstr(t->name, "_exps.") && t->ne[2] == n_expert)
        return n / n_expert * n_used;
    if (t->name == m->w.global[W_TOKEN_EMBD].w->name && m->w.global[W_OUTPUT].w)
        return t->ne[0]; /* one row */
    return n;
}

static void count(struct model *m)
{
    m->info.n_param = m->info.n_active = m->info.weight_bytes = 0;
    for (size_t i = 0; i < gguf_n_tensor(m->g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(m->g, i);
        uint64_t n = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];

        m->info.n_param += n;
        m->info.n_active += active(m, t, n);
        m->info.weight_bytes += t->bytes;
    }
}

/* Names in files may be any bytes: what is not text becomes '?'. */
static void copy_name(char *out, size_t cap, struct gguf_str s)
{
    size_t len = 0;
    uint32_t cp;

    for (size_t i = 0; i < s.len;) {
        unsigned n = utf8_decode(s.s + i, s.len - i, &cp);

        if (len + (n ? n : 1) >= cap)
            break;
        if (n && cp >= 0x20 && cp != 0x7F)
            memcpy(out + len, s.s + i, n);
        else
            out[len] = '?';
        len += n && cp >= 0x20 && cp != 0x7F ? n : 1;
        i += n ? n : 1;
    }
    out[len] = '\0';
}

/* The first layer that attends; the first of all in models without. */
static const struct layer_plan *first_attention(const struct model *m)
{
    for (uint32_t il = 0; il < m->hp.n_layer; il++)
        if (m->layers[il].mixer == &mixer_attention || m->layers[il].mixer == &mixer_latent)
            return &m->layers[il];
    return &m->layers[0];
}

enum err_code model_info_build(struct model *m, struct err *e)
{
    struct model_info *info = &m->info;
    struct gguf_str name = { "", 0 };
    const struct hparams *hp = &m->hp;
    const struct layer_plan *l = first_attention(m);
    enum err_code rc = gguf_get_str(m->g, "general.name", &name, NULL, e);

    if (!rc)
        rc = type_name(m, e);
    if (rc)
        return rc;
    (void)snprintf(info->arch, sizeof(info->arch), "%s", hp->t.name);
    copy_name(info->name, sizeof(info->name), name);
    info->n_layer = hp->n_layer;
    info->n_embd = hp->n_embd;
    info->n_vocab = hp->n_vocab;
    info->n_ctx_train = hp->n_ctx_train;
    info->n_ctx_max = MODEL_CTX_MAX;
    if (m->w.global[W_POSITION_EMBD].w && m->w.global[W_POSITION_EMBD].w->ne[1] < MODEL_CTX_MAX)
        info->n_ctx_max = (uint32_t)m->w.global[W_POSITION_EMBD].w->ne[1];
    info->n_ctx_train = min_u32(info->n_ctx_train, info->n_ctx_max);
    info->n_head = l->n_head;
    info->n_head_kv = l->n_head_kv;
    info->head_k = l->head_k;
    info->head_v = l->head_v;
    info->n_ff = l->n_ff;
    info->n_expert = hp->n_expert;
    for (uint32_t il = 0; il < hp->n_layer; il++)
        if (hp->n_expert_used[il] > info->n_expert_used)
            info->n_expert_used = hp->n_expert_used[il];
    info->is_causal = hp->causal;
    info->has_logits = !hp->t.headless;
    info->pooling = hp->pooling;
    info->n_label = model_pool_width(m, POOL_RANK);
    count(m);
    return ERR_OK;
}

enum err_code model_use_experts(struct model *m, uint32_t n, struct err *e)
{
    const struct hparams *hp = &m->hp;
    uint32_t n_max = hp->n_expert;

    if (hp->n_expert_group > 1)
        n_max = hp->n_expert / hp->n_expert_group * hp->n_expert_group_used;
    if (!m->info.n_expert_used)
        return err_set(e, ERR_ARG, "%u experts are asked for, the model has none", n);
    if (n == 0 || n > n_max)
        return err_set(e, ERR_ARG, "%u experts a token, expected 1 to %u", n, n_max);
    for (uint32_t il = 0; il < hp->n_layer; il++) {
        if (!hp->n_expert_used[il])
            continue;
        hp->n_expert_used[il] = n;
        m->layers[il].n_expert_used = n;
    }
    m->info.n_expert_used = n;
    count(m);
    return ERR_OK;
}
