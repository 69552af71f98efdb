/* Finds the model's tensors through the role table, checks type and shape, and turns what devices
 * want as f32 vectors into such. */
#include "model/weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "formats/dtype.h"

/* What stands in a shape. D_ONE is 1; the lower case part of a name says which weights use it. */
enum dim {
    D_ONE = 0,
    D_EMBD,
    D_VOCAB,
    D_ANY,    /* whatever the file has                                              */
    D_Q,      /* n_head * head_k                                                    */
    D_K,      /* n_head_kv * head_k                                                 */
    D_V,      /* n_head_kv * head_v                                                 */
    D_QKV,    /* the three together                                                 */
    D_O,      /* n_head * head_v                                                    */
    D_HEADS,  /* n_head                                                             */
    D_Q_NORM, /* head_k, or [head_k, n_head], or n_head * head_k: see norm_shape    */
    D_K_NORM, /* the same with n_head_kv                                            */
    D_ROT,    /* n_rot / 2                                                          */
    D_FF,
    D_FF_UP, /* n_ff, or twice that with the gate in the first half                */
    D_FF_EXP,
    D_FF_EXP2, /* twice n_ff_exp                                                     */
    D_FF_SHEXP,
    D_FF_SHEXP_UP, /* the same, or twice that with the gate in the first half      */
    D_EXPERT,
    D_Q_GATED, /* D_Q, or twice that with a gate behind each head's query          */
    D_MLA_KV,  /* r_kv + n_rot                                                     */
    D_MLA_NOPE,
    D_MLA_KV_B, /* n_head * (nope + head_v)                                         */
    D_HEAD_V,
    D_R_Q,
    D_R_KV,
    D_EMBD3, /* three times n_embd                                               */
    D_TAPS,
    D_CONV,
    D_SSM_INNER,
    D_SSM_STATE,
    D_SSM_RANK,
    D_SSM_IN,
    D_SSM_X,
    D_SSM_DT,
    D_SSM_DT2, /* twice that                                                       */
    D_SSM_A,   /* of Mamba-1 the state size, else 1 or missing                    */
    D_SSM_D,   /* 1 or missing                                                     */
    D_SSM_NORM,
    D_SSM_GROUP,
    D_PLE,
    D_PLE_ALL
};

enum role_kind {
    R_MATRIX,
    R_VECTOR,
    R_BIAS, /* a vector that ends in .bias                      */
    R_BARE, /* a vector without ending                          */
    R_SCALE /* a vector that ends in .scale: not one element    */
};

struct role_row {
    const char *stem;
    enum role_kind kind;
    enum dim ne[3];
};

/* clang-format off */
static const struct role_row roles[W_COUNT] = {
    [W_TOKEN_EMBD]      = { "token_embd",          R_MATRIX, { D_EMBD, D_VOCAB } },
    [W_TOKEN_EMBD_NORM] = { "token_embd_norm",     R_VECTOR, { D_EMBD } },
    [W_TOKEN_TYPES]     = { "token_types",         R_MATRIX, { D_EMBD, D_ANY } },
    [W_POSITION_EMBD]   = { "position_embd",       R_MATRIX, { D_EMBD, D_ANY } },
    [W_OUTPUT_NORM]     = { "output_norm",         R_VECTOR, { D_EMBD } },
    [W_OUTPUT]          = { "output",              R_MATRIX, { D_EMBD, D_VOCAB } },
    [W_ROPE_FREQS]      = { "rope_freqs",          R_VECTOR, { D_ROT } },
    [W_ROPE_LONG]       = { "rope_factors_long",   R_VECTOR, { D_ROT } },
    [W_ROPE_SHORT]      = { "rope_factors_short",  R_VECTOR, { D_ROT } },
    [W_CLS]             = { "cls",                 R_MATRIX, { D_EMBD, D_ANY } },
    [W_CLS_OUTPUT]      = { "cls.output",          R_MATRIX, { D_ANY, D_ANY } },
    [W_CLS_NORM]        = { "cls.norm",            R_VECTOR, { D_ANY } },
    [W_DENSE_2]         = { "dense_2",             R_MATRIX, { D_ANY, D_ANY } },
    [W_DENSE_3]         = { "dense_3",             R_MATRIX, { D_ANY, D_ANY } },
    [W_PLE_EMBD]        = { "per_layer_token_embd", R_MATRIX, { D_PLE_ALL, D_VOCAB } },
    [W_PLE_MODEL_PROJ]  = { "per_layer_model_proj", R_MATRIX, { D_EMBD, D_PLE_ALL } },
    [W_PLE_PROJ_NORM]   = { "per_layer_proj_norm", R_VECTOR, { D_PLE } },

    [W_ATTN_NORM]       = { "attn_norm",           R_VECTOR, { D_EMBD } },
    [W_ATTN_NORM_2]     = { "attn_norm_2",         R_VECTOR, { D_EMBD } },
    [W_ATTN_POST_NORM]  = { "post_attention_norm", R_VECTOR, { D_EMBD } },
    [W_ATTN_OUT_NORM]   = { "attn_output_norm",    R_VECTOR, { D_EMBD } },
    [W_FFN_NORM]        = { "ffn_norm",            R_VECTOR, { D_EMBD } },
    [W_FFN_POST_NORM]   = { "post_ffw_norm",       R_VECTOR, { D_EMBD } },
    [W_LAYER_OUT_NORM]  = { "layer_output_norm",   R_VECTOR, { D_EMBD } },

    [W_ATTN_Q]          = { "attn_q",              R_MATRIX, { D_EMBD, D_Q_GATED } },
    [W_ATTN_K]          = { "attn_k",              R_MATRIX, { D_EMBD, D_K } },
    [W_ATTN_V]          = { "attn_v",              R_MATRIX, { D_EMBD, D_V } },
    [W_ATTN_QKV]        = { "attn_qkv",            R_MATRIX, { D_EMBD, D_QKV } },
    [W_ATTN_OUT]        = { "attn_output",         R_MATRIX, { D_O, D_EMBD } },
    [W_ATTN_Q_NORM]     = { "attn_q_norm",         R_VECTOR, { D_Q_NORM } },
    [W_ATTN_K_NORM]     = { "attn_k_norm",         R_VECTOR, { D_K_NORM } },
    [W_ATTN_SINKS]      = { "attn_sinks",          R_VECTOR, { D_HEADS } },

    [W_MLA_Q_A]         = { "attn_q_a",            R_MATRIX, { D_EMBD, D_R_Q } },
    [W_MLA_Q_A_NORM]    = { "attn_q_a_norm",       R_VECTOR, { D_R_Q } },
    [W_MLA_Q_B]         = { "attn_q_b",            R_MATRIX, { D_R_Q, D_Q } },
    [W_MLA_KV_A]        = { "attn_kv_a_mqa",       R_MATRIX, { D_EMBD, D_MLA_KV } },
    [W_MLA_KV_A_NORM]   = { "attn_kv_a_norm",      R_VECTOR, { D_R_KV } },
    [W_MLA_K_B]         = { "attn_k_b",            R_MATRIX, { D_MLA_NOPE, D_R_KV, D_HEADS } },
    [W_MLA_V_B]         = { "attn_v_b",            R_MATRIX, { D_R_KV, D_HEAD_V, D_HEADS } },
    [W_MLA_KV_B]        = { "attn_kv_b",           R_MATRIX, { D_R_KV, D_MLA_KV_B } },

    [W_SHORTCONV_IN]    = { "shortconv.in_proj",   R_MATRIX, { D_EMBD, D_EMBD3 } },
    [W_SHORTCONV]       = { "shortconv.conv",      R_VECTOR, { D_TAPS, D_EMBD } },
    [W_SHORTCONV_OUT]   = { "shortconv.out_proj",  R_MATRIX, { D_EMBD, D_EMBD } },
    [W_ATTN_GATE]       = { "attn_gate",           R_MATRIX, { D_EMBD, D_SSM_INNER } },
    [W_SSM_IN]          = { "ssm_in",              R_MATRIX, { D_EMBD, D_SSM_IN } },
    [W_SSM_CONV]        = { "ssm_conv1d",          R_VECTOR, { D_TAPS, D_CONV } },
    [W_SSM_X]           = { "ssm_x",               R_MATRIX, { D_SSM_INNER, D_SSM_X } },
    [W_SSM_DT]          = { "ssm_dt",              R_MATRIX, { D_SSM_RANK, D_SSM_DT } },
    [W_SSM_DT_BIAS]     = { "ssm_dt",              R_BIAS,   { D_SSM_DT } },
    [W_SSM_A]           = { "ssm_a",               R_BARE,   { D_SSM_A, D_SSM_DT } },
    [W_SSM_D]           = { "ssm_d",               R_BARE,   { D_SSM_D, D_SSM_DT } },
    [W_SSM_NORM]        = { "ssm_norm",            R_VECTOR, { D_SSM_NORM, D_SSM_GROUP } },
    [W_SSM_DT_NORM]     = { "ssm_dt_norm",         R_VECTOR, { D_SSM_RANK } },
    [W_SSM_B_NORM]      = { "ssm_b_norm",          R_VECTOR, { D_SSM_STATE } },
    [W_SSM_C_NORM]      = { "ssm_c_norm",          R_VECTOR, { D_SSM_STATE } },
    [W_SSM_BETA]        = { "ssm_beta",            R_MATRIX, { D_EMBD, D_SSM_DT } },
    [W_SSM_ALPHA]       = { "ssm_alpha",           R_MATRIX, { D_EMBD, D_SSM_DT } },
    [W_SSM_BA]          = { "ssm_ba",              R_MATRIX, { D_EMBD, D_SSM_DT2 } },
    [W_SSM_OUT]         = { "ssm_out",             R_MATRIX, { D_SSM_INNER, D_EMBD } },

    [W_FFN_GATE]        = { "ffn_gate",            R_MATRIX, { D_EMBD, D_FF } },
    [W_FFN_UP]          = { "ffn_up",              R_MATRIX, { D_EMBD, D_FF_UP } },
    [W_FFN_DOWN]        = { "ffn_down",            R_MATRIX, { D_FF, D_EMBD } },
    [W_ROUTER]          = { "ffn_gate_inp",        R_MATRIX, { D_EMBD, D_EXPERT } },
    [W_SELECT_BIAS]     = { "exp_probs_b",         R_BIAS,   { D_EXPERT } },
    [W_EXPS_GATE]       = { "ffn_gate_exps",       R_MATRIX, { D_EMBD, D_FF_EXP, D_EXPERT } },
    [W_EXPS_UP]         = { "ffn_up_exps",         R_MATRIX, { D_EMBD, D_FF_EXP, D_EXPERT } },
    [W_EXPS_DOWN]       = { "ffn_down_exps",       R_MATRIX, { D_FF_EXP, D_EMBD, D_EXPERT } },
    [W_EXPS_GATE_UP]    = { "ffn_gate_up_exps",    R_MATRIX, { D_EMBD, D_FF_EXP2, D_EXPERT } },
    [W_SHEXP_GATE]      = { "ffn_gate_shexp",      R_MATRIX, { D_EMBD, D_FF_SHEXP } },
    [W_SHEXP_UP]        = { "ffn_up_shexp",        R_MATRIX, { D_EMBD, D_FF_SHEXP_UP } },
    [W_SHEXP_DOWN]      = { "ffn_down_shexp",      R_MATRIX, { D_FF_SHEXP, D_EMBD } },
    [W_SHEXP_ROUTER]    = { "ffn_gate_inp_shexp",  R_MATRIX, { D_EMBD } },
    [W_ROUTER_SCALE]    = { "ffn_gate_inp",        R_SCALE,  { D_EMBD } },
    [W_EXPS_NORM]       = { "pre_ffw_norm_2",      R_VECTOR, { D_EMBD } },
    [W_FFN_POST_NORM_1] = { "post_ffw_norm_1",     R_VECTOR, { D_EMBD } },
    [W_FFN_POST_NORM_2] = { "post_ffw_norm_2",     R_VECTOR, { D_EMBD } },
    [W_PLE_GATE]        = { "inp_gate",            R_MATRIX, { D_EMBD, D_PLE } },
    [W_PLE_PROJ]        = { "proj",                R_MATRIX, { D_PLE, D_EMBD } },
    [W_PLE_POST_NORM]   = { "post_norm",           R_VECTOR, { D_EMBD } },
    [W_LAYER_SCALE]     = { "layer_output_scale",  R_VECTOR, { D_ONE } },
};
/* clang-format on */

struct loader {
    const struct gguf *g;
    struct arena *a;
    const struct weight_dims *d;
    struct err *e;
    char prefix[24]; /* "" or "blk.N." */
};

const char *weight_role_stem(enum weight_role r)
{
    return roles[r].stem;
}

const char *weight_role_ending(enum weight_role r)
{
    static const char *const endings[] = { [R_MATRIX] = ".weight",
                                           [R_VECTOR] = ".weight",
                                           [R_BIAS] = ".bias",
                                           [R_BARE] = "",
                                           [R_SCALE] = ".scale" };

    return endings[roles[r].kind];
}

bool weight_role_is_product(enum weight_role r)
{
    return roles[r].kind == R_MATRIX && r != W_MLA_K_B && r != W_MLA_V_B && r != W_MLA_KV_B;
}

/* Of latent attention, layers with a state and per-layer embeddings. */
static uint64_t mixer_dim_value(const struct weight_dims *d, enum dim dim)
{
    switch (dim) {
    case D_MLA_KV:
        return (uint64_t)d->r_kv + d->n_rot;
    case D_MLA_NOPE:
        return d->head_k - d->n_rot;
    case D_MLA_KV_B:
        return (uint64_t)d->n_head * (d->head_k - d->n_rot + d->head_v);
    case D_HEAD_V:
        return d->head_v;
    case D_R_Q:
        return d->r_q;
    case D_R_KV:
        return d->r_kv;
    case D_EMBD3:
        return 3ULL * d->n_embd;
    case D_TAPS:
        return d->conv_taps;
    case D_CONV:
        return d->conv_width;
    case D_SSM_INNER:
        return d->ssm_inner;
    case D_SSM_STATE:
        return d->ssm_state;
    case D_SSM_RANK:
        return d->ssm_rank;
    case D_SSM_IN:
        return d->ssm_in;
    case D_SSM_X:
        return d->ssm_x;
    case D_SSM_DT:
        return d->ssm_dt;
    case D_SSM_DT2:
        return 2ULL * d->ssm_dt;
    case D_SSM_A:
        return d->is_mamba1 ? d->ssm_state : 1;
    case D_SSM_D:
        return 1;
    case D_SSM_NORM:
        return d->ssm_norm;
    case D_SSM_GROUP:
        return d->ssm_norm_rows;
    case D_PLE:
        return d->n_ple;
    case D_PLE_ALL:
        return d->n_ple_all;
    default:
        CHECK(false);
    }
}

static uint64_t dim_value(const struct weight_dims *d, enum dim dim)
{
    switch (dim) {
    case D_ONE:
    case D_ANY:
        return 1;
    case D_EMBD:
        return d->n_embd;
    case D_VOCAB:
        return d->n_vocab;
    case D_Q:
    case D_Q_NORM:
    case D_Q_GATED:
        return (uint64_t)d->n_head * d->head_k;
    case D_K:
    case D_K_NORM:
        return (uint64_t)d->n_head_kv * d->head_k;
    case D_V:
        return (uint64_t)d->n_head_kv * d->head_v;
    case D_QKV:
        return d->n_qkv;
    case D_O:
        return (uint64_t)d->n_head * d->head_v;
    case D_HEADS:
        return d->n_head;
    case D_ROT:
        return d->n_rot / 2;
    case D_FF:
    case D_FF_UP:
        return d->n_ff;
    case D_FF_EXP:
        return d->n_ff_exp;
    case D_FF_EXP2:
        return 2ULL * d->n_ff_exp;
    case D_FF_SHEXP:
    case D_FF_SHEXP_UP:
        return d->n_ff_shexp;
    case D_EXPERT:
        return d->n_expert;
    default:
        return mixer_dim_value(d, dim);
    }
}

static void shape_text(char *out, size_t cap, const uint64_t ne[GGUF_DIMS_MAX])
{
    size_t len = 0;
    uint32_t n = GGUF_DIMS_MAX;

    while (n > 1 && ne[n - 1] == 1)
        n--;
    for (uint32_t i = 0; i < n && len < cap; i++)
        len += (size_t)snprintf(out + len, cap - len, "%s%llu", i ? ", " : "",
                                (unsigned long long)ne[i]);
}

static bool same_shape(const uint64_t a[GGUF_DIMS_MAX], const uint64_t b[GGUF_DIMS_MAX])
{
    return memcmp(a, b, GGUF_DIMS_MAX * sizeof(*a)) == 0;
}

/* Q and K norms: one for all heads, one per head, or one over the whole row. */
static bool norm_shape(const struct weight_dims *d, enum dim dim, const uint64_t ne[GGUF_DIMS_MAX])
{
    uint64_t n = dim == D_Q_NORM ? d->n_head : d->n_head_kv;

    if (ne[2] != 1 || ne[3] != 1)
        return false;
    return (ne[0] == d->head_k && (ne[1] == 1 || ne[1] == n)) ||
           (ne[0] == n * d->head_k && ne[1] == 1);
}

/* A feed-forward gate in the same matrix, or the gates of attention. */
static bool may_be_double(const struct weight_dims *d, enum dim dim)
{
    return dim == D_FF_UP || dim == D_FF_SHEXP_UP ||
           (dim == D_Q_GATED && !d->r_kv && d->head_k == d->head_v);
}

static enum err_code check_shape(const struct loader *l, const struct role_row *row,
                                 const struct gguf_tensor *t)
{
    uint64_t want[GGUF_DIMS_MAX] = { 1, 1, 1, 1 };
    char expected[96], found[96];
    bool fits = true;

    for (uint32_t i = 0; i < COUNT_OF(row->ne); i++) {
        want[i] = dim_value(l->d, row->ne[i]);
        if (row->ne[i] == D_ANY)
            want[i] = t->ne[i];
        if (may_be_double(l->d, row->ne[i]) && t->ne[i] == 2 * want[i])
            want[i] = t->ne[i];
    }
    if (want[0] == 1 && (row->ne[0] == D_SSM_A || row->ne[0] == D_SSM_D) && t->ne[1] == 1) {
        want[0] = want[1]; /* one dimension instead of [1, n] */
        want[1] = 1;
    }
    if (row->ne[0] == D_Q_NORM || row->ne[0] == D_K_NORM)
        fits = norm_shape(l->d, row->ne[0], t->ne);
    else
        fits = same_shape(want, t->ne);
    if (fits)
        return ERR_OK;
    shape_text(expected, sizeof(expected), want);
    shape_text(found, sizeof(found), t->ne);
    return err_set(l->e, ERR_FORMAT, "tensor %s: expected shape [%s], found [%s]", t->name,
                   expected, found);
}

static struct weight *new_weight(const struct loader *l, const struct gguf_tensor *t)
{
    struct weight *w = arena_new(l->a, sizeof(*w));
    uint64_t row_bytes = 0;

    if (!w || dtype_bytes(t->type, t->ne[0], &row_bytes, l->e)) {
        err_set(l->e, ERR_OOM, "no memory for the table of tensor %s", t->name);
        return NULL;
    }
    w->name = t->name;
    w->type = t->type;
    memcpy(w->ne, t->ne, sizeof(w->ne));
    w->row_bytes = (size_t)row_bytes;
    w->data = t->data;
    return w;
}

static enum err_code check_type(const struct loader *l, const struct gguf_tensor *t)
{
    const struct dtype_info *type = dtype_info(t->type);

    if (!type || !type->dequantize)
        return err_set(l->e, ERR_UNSUPPORTED, "tensor %s: weights of type %s are not supported",
                       t->name, type ? type->name : "unknown");
    return ERR_OK;
}

static enum err_code load_matrix(const struct loader *l, const struct gguf_tensor *t,
                                 const struct weight **out)
{
    if (check_type(l, t))
        return ERR_UNSUPPORTED;
    *out = new_weight(l, t);
    return *out ? ERR_OK : ERR_OOM;
}

/* One value that is none makes all results so, and nobody would see where it came from. Biases may
 * hide what they belong to behind an infinity. */
static enum err_code check_numbers(const struct loader *l, const struct weight *w, uint64_t n)
{
    const float *v = (const float *)(const void *)w->data;
    const char *ending = strrchr(w->name, '.');
    bool bias = ending && strcmp(ending, ".bias") == 0;

    for (uint64_t i = 0; v && i < n; i++)
        if (!isfinite(v[i]) && !(bias && isinf(v[i])))
            return err_set(l->e, ERR_FORMAT, "tensor %s: expected numbers, element %llu is %g",
                           w->name, (unsigned long long)i, (double)v[i]);
    return ERR_OK;
}

/* A vector as f32: mapped if it is stored so, else a converted copy. Without data in either case
 * when the file has none. */
static enum err_code load_vector(const struct loader *l, const struct gguf_tensor *t,
                                 struct weight **out)
{
    uint64_t n = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
    float *copy;

    if (check_type(l, t))
        return ERR_UNSUPPORTED;
    *out = new_weight(l, t);
    if (!*out)
        return ERR_OOM;
    if (t->type == DT_F32)
        return check_numbers(l, *out, n);
    (*out)->type = DT_F32;
    (*out)->row_bytes = (size_t)t->ne[0] * sizeof(float);
    if (!t->data)
        return ERR_OK;
    copy = arena_new_n(l->a, (size_t)n, sizeof(float));
    if (!copy)
        return err_set(l->e, ERR_OOM, "no memory to convert tensor %s", t->name);
    dtype_info(t->type)->dequantize((size_t)n, t->data, copy);
    (*out)->data = (const uint8_t *)copy;
    return check_numbers(l, *out, n);
}

static const struct gguf_tensor *find(const struct loader *l, const char *stem, const char *ending)
{
    char name[GGUF_NAME_BYTES_MAX];
    int n = snprintf(name, sizeof(name), "%s%s%s", l->prefix, stem, ending);

    return n > 0 && (size_t)n < sizeof(name) ? gguf_tensor(l->g, name) : NULL;
}

static enum err_code load_bias(const struct loader *l, const struct role_row *row, struct stored *s)
{
    const struct gguf_tensor *t = find(l, row->stem, ".bias");
    uint64_t want[GGUF_DIMS_MAX] = { 1, 1, 1, 1 };
    char expected[96], found[96];
    struct weight *b = NULL;
    enum err_code rc;

    if (!t)
        return ERR_OK;
    if (row->kind == R_MATRIX || row->ne[0] == D_TAPS) { /* the result's shape */
        want[0] = s->w->ne[1];
        want[1] = s->w->ne[2];
    } else {
        memcpy(want, s->w->ne, sizeof(want));
    }
    if (!same_shape(want, t->ne)) {
        shape_text(expected, sizeof(expected), want);
        shape_text(found, sizeof(found), t->ne);
        return err_set(l->e, ERR_FORMAT, "tensor %s: expected shape [%s], found [%s]", t->name,
                       expected, found);
    }
    rc = load_vector(l, t, &b);
    s->b = b;
    return rc;
}

/* b / scale, so that scale * (w x + b') is what the file means: scale * (w x) + b. */
static enum err_code divide_bias(const struct loader *l, struct stored *s, const float *scale,
                                 uint64_t n_scale)
{
    uint64_t per = s->b->ne[0] * s->b->ne[1] / n_scale;
    const float *from = (const float *)(const void *)s->b->data;
    struct weight *b = arena_new(l->a, sizeof(*b));
    float *to = arena_new_n(l->a, (size_t)(per * n_scale), sizeof(float));

    if (!b || !to)
        return err_set(l->e, ERR_OOM, "no memory for the scaled bias of %s", s->b->name);
    for (uint64_t i = 0; i < per * n_scale; i++)
        to[i] = from[i] / scale[i / per];
    *b = *s->b;
    b->data = (const uint8_t *)to;
    s->b = b;
    return ERR_OK;
}

/* The optional ".scale" of newly quantised files: one value, or one per expert. */
static enum err_code load_scale(const struct loader *l, const struct role_row *row,
                                struct stored *s)
{
    const struct gguf_tensor *t = find(l, row->stem, ".scale");
    bool experts = row->ne[2] == D_EXPERT;
    uint64_t n = experts ? s->w->ne[2] : 1;
    const float *v;
    struct weight *scale = NULL;
    enum err_code rc;

    if (!t || (row == &roles[W_ROUTER] && t->ne[0] != 1))
        return ERR_OK; /* a vector is the role W_ROUTER_SCALE */
    if (t->ne[0] != n || t->ne[1] != 1 || t->ne[2] != 1 || t->ne[3] != 1)
        return err_set(l->e, ERR_FORMAT, "tensor %s: expected shape [%llu], found [%llu, %llu]",
                       t->name, (unsigned long long)n, (unsigned long long)t->ne[0],
                       (unsigned long long)t->ne[1]);
    rc = load_vector(l, t, &scale);
    if (rc)
        return rc;
    v = (const float *)(const void *)scale->data;
    for (uint64_t i = 0; v && i < n; i++)
        if (!isfinite(v[i]) || v[i] == 0.0F)
            return err_set(l->e, ERR_FORMAT,
                           "tensor %s: expected finite scales other than 0, "
                           "found %g",
                           t->name, (double)v[i]);
    if (experts)
        s->e_scale = scale;
    else if (v)
        s->scale = v[0];
    return s->b && v ? divide_bias(l, s, v, n) : ERR_OK;
}

static enum err_code load_role(const struct loader *l, enum weight_role r, struct stored *s)
{
    const struct role_row *row = &roles[r];
    const struct gguf_tensor *t = find(l, row->stem, weight_role_ending(r));
    struct weight *vector = NULL;
    enum err_code rc;

    s->scale = 1.0F;
    if (!t || (row->kind == R_SCALE && t->ne[0] == 1))
        return ERR_OK; /* one element scales the product: load_scale */
    rc = check_shape(l, row, t);
    if (rc)
        return rc;
    if (row->kind == R_MATRIX)
        return (rc = load_matrix(l, t, &s->w)) || (rc = load_bias(l, row, s)) ||
                       (rc = load_scale(l, row, s))
                   ? rc
                   : ERR_OK;
    rc = load_vector(l, t, &vector);
    s->w = vector;
    return rc || row->kind != R_VECTOR ? rc : load_bias(l, row, s);
}

enum err_code weights_load(struct weights *w, const struct hparams *hp,
                           const struct weight_dims *dims, const struct gguf *g, struct arena *a,
                           struct err *e)
{
    struct loader l = { .g = g, .a = a, .d = dims, .e = e };
    enum err_code rc = ERR_OK;

    w->layers = arena_new_n(a, hp->n_layer, sizeof(*w->layers));
    if (!w->layers)
        return err_set(e, ERR_OOM, "no memory for the weight tables of %u layers", hp->n_layer);
    for (uint32_t r = 0; r < W_GLOBAL_COUNT && !rc; r++)
        rc = load_role(&l, (enum weight_role)r, &w->global[r]);
    w->global[W_OUTPUT_NORM].weightless = hp->t.layout == LAYOUT_WEIGHTLESS;
    for (uint32_t il = 0; il < hp->n_layer && !rc; il++) {
        l.d = &dims[il];
        (void)snprintf(l.prefix, sizeof(l.prefix), "blk.%u.", il);
        for (uint32_t r = W_GLOBAL_COUNT; r < W_COUNT && !rc; r++)
            rc = load_role(&l, (enum weight_role)r, &w->layers[il].at[r - W_GLOBAL_COUNT]);
        if (hp->t.layout == LAYOUT_WEIGHTLESS) {
            w->layers[il].at[W_ATTN_NORM - W_GLOBAL_COUNT].weightless = true;
            w->layers[il].at[W_FFN_NORM - W_GLOBAL_COUNT].weightless = true;
        }
        if (!rc && layer_weight(&w->layers[il], W_MLA_KV_B)->w)
            rc = weights_split_kv_b(&w->layers[il], l.d, a, e);
        if (!rc)
            rc = weights_check_layer(&w->layers[il], hp, g, il, e);
    }
    if (!rc)
        rc = weights_check_model(w, hp, e);
    return rc ? rc : weights_check_claimed(hp, g, e);
}
