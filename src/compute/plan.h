/* Plans: what a model asks of a device, as an array of fat ops over virtual tensors.
 *
 * A plan is built once for a model and is valid for every batch: shapes are known but for the
 * number of rows, which a batch brings. It names no device, and no architecture. Immutable once
 * built.
 *
 * Values are f32 matrices (row-major) whose rows belong to tokens; an operand is a range of a
 * value's columns, so that fused projections are split without copying. Ops run in order.
 *
 * Law 4 (design.md): an op's result for one row depends only on that row and on the cache, never on
 * the other rows of the batch, on their number, or on the number of threads: bit for bit. Layers
 * with a recurrent state walk the tokens of a sequence strictly in order, so that the same holds
 * for any cut of a prompt into batches.
 */
#ifndef COMPUTE_PLAN_H
#define COMPUTE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define KV_PAGE_TOK     64U /* tokens a cache page */
#define PLAN_OPS_MAX    65536U
#define PLAN_VALUES_MAX 65536U
#define MOE_GROUPS_MAX  256U /* groups of experts */

/* A stored tensor: checked by the model, in the mapped file. A device may import it in its own
 * layout, keyed by this struct's address. A linear weight has ne = { n_in, n_out, n_expert }. */
struct weight {
    const char *name;
    uint32_t type; /* enum dtype */
    uint64_t ne[4];
    size_t row_bytes; /* bytes of ne[0] elements */
    const uint8_t *data;
};

/* How many rows a value has in a batch: a multiple of one of these counts. */
enum value_rows {
    ROWS_TOK, /* tokens of the batch                        */
    ROWS_OUT, /* tokens of the batch that ask for an output */
};

struct value {
    uint32_t width; /* columns */
    enum value_rows rows;
    uint32_t rows_mul; /* rows = count * rows_mul (chosen experts), usually 1 */
};

#define VALUE_NONE UINT32_MAX

/* Columns [col, col + width) of a value; value = VALUE_NONE: absent. */
struct operand {
    uint32_t value, col, width;
};

enum op_kind {
    OP_EMBED,
    OP_NORM,
    OP_LINEAR,
    OP_ROPE,
    OP_KV_WRITE,
    OP_ATTENTION,
    OP_GLU,
    OP_MOE_ROUTE,
    OP_MOE_LINEAR,
    OP_MOE_WEIGH,
    OP_MOE_SUM,
    OP_ADD,
    OP_MUL,
    OP_SCALE,
    OP_SOFTCAP,
    OP_CLAMP,
    OP_GATHER_ROWS,
    OP_CONV1D,
    OP_SSM_SCAN,
    OP_DELTA_RULE,
    OP_HEAD_LINEAR,
    OP_COPY_HEADS,
    OP_KIND_COUNT
};

enum norm_kind { NORM_RMS, NORM_LAYER, NORM_L2 };
enum act_kind {
    ACT_SILU,
    ACT_GELU_TANH,
    ACT_GELU_ERF,
    ACT_RELU,
    ACT_RELU_SQ,
    ACT_SIGMOID,
    ACT_SWIGLU_CLAMP, /* gated only: g = min(gate, 7), u = clamp(up, -7, 7): g sigmoid(1.702 g) (u +
                         1) */
};
enum rope_pairing { ROPE_HALVES, ROPE_ADJACENT };
enum window_kind { WINDOW_NONE, WINDOW_CAUSAL, WINDOW_CHUNK, WINDOW_SYMMETRIC };
enum router_score { SCORE_SOFTMAX, SCORE_SIGMOID, SCORE_SOFTMAX_OF_CHOSEN, SCORE_SQRT_SOFTPLUS };
enum ssm_kind { SSM_MAMBA1, SSM_MAMBA2 };
enum key_head_map { KEY_HEAD_MOD, KEY_HEAD_DIV }; /* of value head h: h mod hk, or h / (hv / hk) */

/* dst = scale * row token of w [width, n_vocab]; the batch's token ids choose the rows.
 * With by_pos the position chooses the row instead (learned positions); with row_0 always row 0. */
struct op_embed {
    const struct weight *w;
    float scale;
    bool by_pos, row_0;
};

/* Normalises each group of `group` columns of src alone: dst = add + norm(src) * w + b.
 * rms: x / sqrt(mean(x^2) + eps); layer: (x - mean) / sqrt(var + eps); l2: x / sqrt(sum(x^2) +
 * eps). w, b: f32 of `group` elements used by every group, or of all columns when w_per_column;
 * NULL: none. src and dst may be the same. */
struct op_norm {
    enum norm_kind kind;
    uint32_t group;
    float eps;
    const struct weight *w, *b;
    bool w_per_column;
    struct operand add; /* optional residual, added last */
};

/* dst = add + scale * (w * src + b). w: [src.width, dst.width]; b: f32 [dst.width] or NULL. */
struct op_linear {
    const struct weight *w, *b;
    float scale;
    struct operand add; /* optional residual */
};

/* Rotates, in place, `n_rot` elements of each of n_head heads (head_dim apart) of dst, the first
 * one `offset` elements into the head. Angle of pair i: pos * theta[i]; the rotated pair is
 * multiplied by mag. Before that, all head_dim elements are multiplied by 1 + temp * ln(1 +
 * floor((pos + temp_offset) / temp_len)) when temp != 0. theta == NULL: only the temperature. */
struct op_rope {
    enum rope_pairing pairing;
    uint32_t n_head, head_dim, offset, n_rot;
    const float *theta; /* [n_rot / 2], lives as long as the plan; equal tables share the pointer */
    float mag;
    float temp;
    uint32_t temp_len, temp_offset;
};

/* Appends K (src) and V (src2, absent in layers with v_in_k) of every token to the cache of kv
 * layer `layer` at its position. */
struct op_kv_write {
    uint32_t layer;
};

/* dst[head h] = softmax over the cached positions j that token i may see of
 * (cap(scale * q_h . k_j) - slope_h |i - j|) . v_j. Query head h reads head h / (n_head /
 * n_head_kv). causal: j <= i. window: causal i - j < n_window; chunk j >= floor(i / n) n; symmetric
 * |i - j| <= floor(n / 2). cap != 0: cap * tanh(s / cap), before the mask. sinks: f32 [n_head],
 * takes part in the softmax's maximum and sum, not in the values. alibi: greatest slope, 0 = none.
 */
struct op_attention {
    uint32_t layer, n_head, n_head_kv, head_k, head_v;
    float scale, cap, alibi;
    bool causal;
    enum window_kind window;
    uint32_t n_window;
    const struct weight *sinks;
};

/* dst = act(src) * src2, or act(src) when src2 is absent. */
struct op_glu {
    enum act_kind act;
};

/* Chooses experts: src = router logits [n_expert]; dst = ids (int32 in the value's words) [n_used];
 * dst2 = weights [n_used]. Steps 2 to 6 of architectures.md 6.6; equal scores go to the lower
 * index. The chosen are in order of falling selection score. */
struct op_moe_route {
    uint32_t n_expert, n_used, n_group, n_group_used; /* n_group <= 1: no groups */
    enum router_score score;
    bool renormalise;
    float weight_scale;               /* 0 = none */
    const struct weight *select_bias; /* f32 [n_expert] or NULL */
};

/* dst row (t, k) = e_scale[e] * (w[e] * src row + b[e]), e = ids[t][k] from src2; src has the
 * tokens' rows (read by all k) or rows_mul = n_used rows a token. w: [in, out, n_expert]; b: f32
 * [out, n_expert]. */
struct op_moe_linear {
    const struct weight *w, *b, *e_scale;
    uint32_t n_used, n_expert;
};

/* dst[(t, k)] = src2[t][k] * src[t]: the input of each chosen expert, weighed. */
struct op_moe_weigh {
    uint32_t n_used;
};

/* dst[t] = add[t] + scale * sum over k (in order) of src2[t][k] * src[(t, k)]; src2 absent: of
 * src[(t, k)] alone. */
struct op_moe_sum {
    uint32_t n_used;
    float scale;
    struct operand add;
};

/* OP_ADD: dst = src + scale * src2; OP_MUL: dst = src * src2 (a width-1 src2 is broadcast over
 * columns); OP_SCALE: dst = scale * src; OP_SOFTCAP: dst = scale * tanh(src / scale); OP_CLAMP:
 * dst = src, but at least -scale and at most scale. */
struct op_scalar {
    float scale;
};

/* ---- layers with a state: src and dst have ROWS_TOK rows, rows_mul 1, and differ. Each state
 * (plan_state) belongs to one op. All weights are F32. ---- */

#define STATE_NONE    UINT32_MAX /* an op without state; no slot yet (device.h) */
#define CONV_TAPS_MAX 64U

/* Depthwise convolution over the tokens of a sequence: dst[t][c] = act(b[c] + sum over k of w[c][k]
 * * x[t - (taps - 1) + k][c]), what precedes the batch from the state. centred: x[t + k - taps /
 * 2], zero outside of the sequence's tokens in this batch, without state: for models that see both
 * ways. w: [taps, channels], taps <= CONV_TAPS_MAX; b: [channels] or NULL. silu: act is SiLU, else
 * none. State: (taps - 1) * channels; STATE_NONE when centred or of one tap. */
struct op_conv1d {
    const struct weight *w, *b;
    bool silu, centred;
    uint32_t state;
};

/* Selective scan (architectures.md 6.5). src: x [d_inner], src2: dt, b and c: [n_group * n_state],
 * dst: y [d_inner]. dt' = softplus(dt + dt_bias). Head dimension: d_inner / n_head; head h reads
 * group h / (n_head / n_group) of b and c.
 * Mamba-1: n_head = d_inner, dt: [d_inner], a: [n_state, d_inner]:
 *   S[c][n] = S[c][n] exp(dt'[c] a[c][n]) + dt'[c] x[c] B[n].
 * Mamba-2: dt: [n_head], a: n_head elements; channel c of head h:
 *   S[c][n] = S[c][n] exp(dt'[h] a[h]) + dt'[h] x[c] B[n].
 * y[c] = sum over n of S[c][n] C[n] + d * x[c]; d, dt_bias: as many elements as dt has columns, or
 * NULL. State: d_inner * n_state. */
struct op_ssm_scan {
    enum ssm_kind kind;
    uint32_t n_head, n_group, n_state, state;
    struct operand b, c;
    const struct weight *a, *d, *dt_bias;
};

/* Gated delta rule (architectures.md 6.4, steps 2 to 4). src: q [n_head_k * head_dim], src2: k the
 * same, v and dst: [n_head_v * head_dim], beta and alpha, raw: [n_head_v]. q and k of a head are
 * divided by sqrt(sum x^2 + eps), q also by sqrt(head_dim). beta' = sigmoid(beta), decay =
 * exp(softplus(alpha + dt_bias) * a). Per value head: S = decay S; S += k (x) beta' (v - S^T k);
 * dst = S^T q. a: n_head_v elements; dt_bias: the same or NULL. State: n_head_v * head_dim^2. */
struct op_delta_rule {
    uint32_t head_dim, n_head_k, n_head_v, state;
    enum key_head_map key_head;
    float eps;
    struct operand v, beta, alpha;
    const struct weight *a, *dt_bias;
};

/* ---- latent attention ---- */

/* A small matrix per head: dst columns [h * dst_stride, + out) = w[h] * src columns
 * [h * src_stride, + in). w: [in, out, n_head], any type. Columns of dst between the heads keep
 * what they hold. */
struct op_head_linear {
    const struct weight *w;
    uint32_t n_head, src_stride, dst_stride;
};

/* dst columns [h * dst_stride, + n_col) = src columns [h * src_stride, + n_col) for n_head heads.
 * src_stride = 0: one head is copied to all. src and dst are different values. */
struct op_copy_heads {
    uint32_t n_head, n_col, src_stride, dst_stride;
};

struct op {
    enum op_kind kind;
    uint16_t layer; /* for progress, cancelling and printing; UINT16_MAX outside of layers */
    struct operand dst, dst2, src, src2;
    union {
        struct op_embed embed;
        struct op_norm norm;
        struct op_linear linear;
        struct op_rope rope;
        struct op_kv_write kv_write;
        struct op_attention attention;
        struct op_glu glu;
        struct op_moe_route moe_route;
        struct op_moe_linear moe_linear;
        struct op_moe_weigh moe_weigh;
        struct op_moe_sum moe_sum;
        struct op_scalar scalar;
        struct op_conv1d conv1d;
        struct op_ssm_scan ssm_scan;
        struct op_delta_rule delta_rule;
        struct op_head_linear head_linear;
        struct op_copy_heads copy_heads;
    };
};

/* What a kv layer stores per token: n_head rows of head_k and head_v elements. v_in_k: V is the
 * first head_v elements of K's row and is not stored again. */
struct kv_layer {
    uint32_t n_head, head_k, head_v;
    bool v_in_k;
};

/* What a recurrent layer keeps of a sequence, however long it is: n_float f32 in the device's own
 * order, all zero before the first token. */
struct state_layer {
    uint32_t n_float;
};

struct plan {
    struct op *ops;
    uint32_t n_op;
    struct value *values;
    uint32_t n_value;
    struct kv_layer *kv_layers;
    uint32_t n_kv_layer;
    struct state_layer *states;
    uint32_t n_state;
    uint32_t n_embd, n_vocab;
    struct operand output; /* ROWS_OUT x n_vocab logits, or ROWS_TOK x n_embd hidden states */
};

/* ---- building (one thread; arrays grow, so keep no pointers into them) ---- */
struct plan_builder {
    struct plan plan;
    uint32_t _op_cap, _value_cap, _kv_cap, _state_cap;
    uint16_t layer; /* stamped on every op */
    bool failed;    /* out of memory or beyond a limit: look once at the end */
};

void plan_begin(struct plan_builder *b);
/* Checks every operand against its value and every op's shapes (CHECK: our own bugs), gives the
 * plan. */
enum err_code plan_end(struct plan_builder *b, struct plan **out, struct err *e);
void plan_abandon(struct plan_builder *b);
void plan_destroy(struct plan *p); /* NULL is fine */

struct operand plan_value(struct plan_builder *b, enum value_rows rows, uint32_t rows_mul,
                          uint32_t width);
struct operand operand_cols(struct operand o, uint32_t col, uint32_t width);
struct operand operand_none(void);
bool operand_present(struct operand o);
void plan_add(struct plan_builder *b, const struct op *op);
uint32_t plan_kv_layer(struct plan_builder *b, struct kv_layer l);
uint32_t plan_state(struct plan_builder *b, uint32_t n_float); /* n_float > 0 */

/* Where each value lives in one scratch block of `bytes`, 64-byte aligned, values of disjoint
 * lifetimes sharing memory; row counts at their maximum. offsets: n_value entries from the arena.
 */
struct plan_layout {
    size_t *offsets;
    size_t bytes;
};
enum err_code plan_layout(const struct plan *p, uint32_t n_tok_max, uint32_t n_out_max,
                          struct arena *a, struct plan_layout *out, struct err *e);

/* One line per op, for `inspect` and golden tests. */
const char *op_name(enum op_kind kind);

#endif
