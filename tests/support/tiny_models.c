/* How far a computed miniature is from its description, and descriptions with other sizes. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "support/fixtures.h"
#include "support/mini.h"
#include "support/tiny.h"

#define ROW_SHRINK 1024U /* of windows that a row knows: too long for a miniature */

/* The reference's results for the descriptions that were asked last: it is slow, and rows are
 * flipped many times over the same ones. */
static const float *expected(const struct tiny *t, const int32_t *tokens, size_t n)
{
    static struct {
        struct tiny t;
        float *values;
    } known[8];
    static uint32_t next;
    double *ref;

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i].values && memcmp(&known[i].t, t, sizeof(*t)) == 0)
            return known[i].values;
    next = (next + 1) % COUNT_OF(known);
    mem_free(known[next].values);
    known[next].t = *t;
    known[next].values = mem_alloc_n(MEM_OTHER, n, sizeof(float));
    CHECK(known[next].values);
    ref = forward_ref(t, tokens, TINY_TOK);
    for (size_t i = 0; i < n; i++)
        known[next].values[i] = (float)ref[i];
    mem_free(ref);
    return known[next].values;
}

static double compare(struct mini *r, const struct tiny *t, uint32_t chunk, struct err *e)
{
    uint32_t width = t->headless ? t->n_embd : t->n_vocab;
    size_t n = (size_t)TINY_TOK * width;
    float *got = mem_alloc_n(MEM_OTHER, n, sizeof(*got));
    int32_t tokens[TINY_TOK];
    uint64_t state = 5;
    double error = (double)INFINITY;

    CHECK(got);
    for (uint32_t i = 0; i < TINY_TOK; i++)
        tokens[i] = (int32_t)(test_random(&state) % t->n_vocab);
    if (r->width == width && model_info(r->m)->has_logits == !t->headless &&
        !mini_run(r, tokens, TINY_TOK, chunk, got, e))
        error = nmse(got, expected(t, tokens, n), n);
    mem_free(got);
    return error;
}

double tiny_error(const struct tiny *t, uint32_t chunk, const struct arch_traits *row,
                  struct err *e)
{
    const struct arch_traits *own = arch_find(t->arch, strlen(t->arch));
    struct mini_params p = {
        .n_tok_max = TINY_TOK, .kv = KV_F32, .embeddings = t->headless, .row = row
    };
    struct arch_traits small;
    double error = (double)INFINITY;
    struct mini r = { 0 };
    char path[TINY_PATH_BYTES];

    if (t->by_row && (row || own)) {
        small = row ? *row : *own;
        small.window.n_default /= ROW_SHRINK;
        small.temp.len /= ROW_SHRINK;
        p.row = &small;
    }
    if (!tiny_write(t, tiny_path(path, "tiny"), e) && !mini_open(&r, path, &p, e))
        error = compare(&r, t, chunk, e);
    mini_close(&r);
    (void)unlink(path);
    return error;
}

/* ---- other sizes ---- */

static uint32_t between(uint64_t *state, uint32_t from, uint32_t to)
{
    return from + (uint32_t)(test_random(state) % (to - from + 1));
}

static void vary_heads(struct tiny *t, uint64_t *state)
{
    uint32_t per = between(state, 1, 3);

    t->n_head_kv = between(state, 1, 3);
    if (t->n_head_kv_swa)
        t->n_head_kv_swa = t->n_head_kv; /* both must divide n_head */
    t->n_head = t->r_kv ? between(state, 1, 5) : t->n_head_kv * per;
    t->head = between(state, 3, 20) * 2;
    if (t->head_v)
        t->head_v = between(state, 3, 37);
    if (t->r_kv) {
        t->r_kv = between(state, 3, 30);
        t->r_q = t->r_q ? between(state, 2, 25) : 0;
    }
    t->n_head_step = t->n_head_step ? t->n_head_kv * between(state, 1, 2) : 0;
    t->n_rot = between(state, 1, t->head / 2 - (t->r_kv ? 1 : 0)) * 2;
    if (t->head_swa) {
        t->head_swa = between(state, 2, 20) * 2;
        t->n_rot_swa = between(state, 1, t->head_swa / 2) * 2;
    }
}

static void vary_experts(struct tiny *t, uint64_t *state)
{
    if (!t->n_expert)
        return;
    if (t->n_group > 1) {
        t->n_group = between(state, 2, 4);
        t->n_group_used = between(state, 1, t->n_group - 1);
        t->n_expert = t->n_group * between(state, 1, 3);
        t->n_used = between(state, 1, t->n_expert / t->n_group * t->n_group_used);
    } else {
        t->n_expert = between(state, 2, 11);
        t->n_used = between(state, 1, t->n_expert);
    }
    if (t->n_ff_exp)
        t->n_ff_exp = between(state, 5, 70);
    if (t->n_ff_shared)
        t->n_ff_shared = t->shared_gate ? between(state, 5, 70)
                         : t->n_ff_exp  ? t->n_ff_exp
                                        : t->n_ff;
    if (t->weight_scale > 0.0)
        t->weight_scale = 0.5 + between(state, 0, 20) / 8.0;
}

static void vary_rope(struct tiny *t, uint64_t *state)
{
    t->base = between(state, 1, 40) * 500.0;
    if (t->base_swa > 0.0 && !t->swa_by_row)
        t->base_swa = between(state, 1, 40) * 300.0;
    if (t->factor > 0.0)
        t->factor = 1.0 + between(state, 1, 60) / 4.0;
    if (t->n_ctx_orig && t->longrope)
        t->n_ctx_orig = between(state, 60, 200);
    else if (t->n_ctx_orig)
        t->n_ctx_orig = between(state, 7, 90);
    if (t->temp_len && !t->by_row)
        t->temp_len = t->n_ctx_orig;
    if (t->log_multiplier > 0.0)
        t->log_multiplier = between(state, 1, 12) / 8.0;
}

struct tiny tiny_varied(const struct tiny *t, uint64_t seed)
{
    struct tiny v = *t;
    uint64_t state = seed * 7919 + 1;

    v.n_embd = between(&state, 9, 70);
    v.n_ff_step = v.n_ff_step ? between(&state, 1, 9) : 0;
    v.n_vocab = between(&state, 7, 130);
    if (v.n_ff)
        v.n_ff = between(&state, 5, 90);
    if (v.n_layer < 6) /* else it says which model this is, or rounding grows from layer to layer */
        v.n_layer = between(&state, v.n_layer, v.n_layer + 2);
    v.eps = between(&state, 1, 200) * 1e-5;
    if (v.window && !v.by_row)
        v.window = between(&state, 1, TINY_TOK + 10);
    if (v.period && (v.period_key || v.by_layer))
        v.period = between(&state, 1, 4);
    if (v.n_shared_kv)
        v.period = t->period; /* which layers are the last of their kind depends on it */
    if (v.n_shared_kv)
        v.n_layer = t->n_layer;
    if (v.n_ple)
        v.n_ple = between(&state, 3, 20);
    vary_heads(&v, &state);
    vary_experts(&v, &state);
    vary_rope(&v, &state);
    if (strcmp(v.arch, "minicpm") == 0) {
        v.residual_scale = 1.4 / sqrt((double)v.n_layer);
        v.logit_div = 256.0 / v.n_embd;
    }
    if (v.n_layer >= 16 && v.attn_scale > 0.0)
        v.attn_scale = 1.0 / sqrt((double)(v.n_embd / v.n_head));
    return v;
}
