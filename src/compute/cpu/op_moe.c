/* Choosing experts, and adding up what they said (architectures.md 6.6, steps 2 to 7). */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "compute/cpu/exec.h"

/* Scores the router's logits, in place. */
static void score(enum router_score kind, uint32_t n, float *p)
{
    double sum = 0.0;
    float max = p[0];

    switch (kind) {
    case SCORE_SOFTMAX:
        for (uint32_t i = 1; i < n; i++)
            max = p[i] > max ? p[i] : max;
        for (uint32_t i = 0; i < n; i++) {
            p[i] = expf(p[i] - max);
            sum += (double)p[i];
        }
        for (uint32_t i = 0; i < n; i++)
            p[i] = (float)((double)p[i] / sum);
        break;
    case SCORE_SIGMOID:
        for (uint32_t i = 0; i < n; i++)
            p[i] = 1.0F / (1.0F + expf(-p[i]));
        break;
    case SCORE_SQRT_SOFTPLUS:
        for (uint32_t i = 0; i < n; i++)
            p[i] = sqrtf(p[i] > 20.0F ? p[i] : log1pf(expf(p[i])));
        break;
    case SCORE_SOFTMAX_OF_CHOSEN:
        break;
    }
}

/* Index of the greatest entry; the lowest index among equals; NaN never wins unless all are. */
static uint32_t best_of(const float *s, uint32_t n)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < n; i++) {
        if (s[i] > s[best] || (isnan(s[best]) && !isnan(s[i])))
            best = i;
    }
    return best;
}

/* Leaves only the experts of the n_group_used best groups; a group's score is the sum of its two
 * best. */
static void keep_groups(const struct op_moe_route *o, float *select)
{
    uint32_t size = o->n_expert / o->n_group;
    float group[MOE_GROUPS_MAX];

    CHECK(o->n_group <= MOE_GROUPS_MAX);
    for (uint32_t g = 0; g < o->n_group; g++) {
        float first = -INFINITY, second = -INFINITY;

        for (uint32_t i = 0; i < size; i++) {
            float s = select[g * size + i];

            if (s > first) {
                second = first;
                first = s;
            } else if (s > second) {
                second = s;
            }
        }
        group[g] = size > 1 ? first + second : first;
    }
    for (uint32_t kept = 0; kept < o->n_group_used; kept++)
        group[best_of(group, o->n_group)] = NAN; /* NaN marks what stays */
    for (uint32_t g = 0; g < o->n_group; g++) {
        if (isnan(group[g]))
            continue;
        for (uint32_t i = 0; i < size; i++)
            select[g * size + i] = -INFINITY;
    }
}

static void weigh(const struct op_moe_route *o, float *w)
{
    float sum = 0.0F;

    if (o->score == SCORE_SOFTMAX_OF_CHOSEN)
        score(SCORE_SOFTMAX, o->n_used, w);
    if (o->renormalise) {
        for (uint32_t k = 0; k < o->n_used; k++)
            sum += w[k];
        sum = sum > 6.1e-5F ? sum : 6.1e-5F; /* smallest normal half: the field's usual floor */
        for (uint32_t k = 0; k < o->n_used; k++)
            w[k] /= sum;
    }
    for (uint32_t k = 0; o->weight_scale != 0.0F && k < o->n_used; k++)
        w[k] *= o->weight_scale;
}

static void route_row(const struct exec *x, uint32_t t, float *p, float *select)
{
    const struct op_moe_route *o = &x->op->moe_route;
    const float *bias = weight_f32(o->select_bias);
    float *ids = exec_row(x, x->op->dst, t), *w = exec_row(x, x->op->dst2, t);

    memcpy(p, exec_row(x, x->op->src, t), o->n_expert * sizeof(*p));
    score(o->score, o->n_expert, p);
    for (uint32_t i = 0; i < o->n_expert; i++)
        select[i] = p[i] + (bias ? bias[i] : 0.0F);
    if (o->n_group > 1)
        keep_groups(o, select);
    for (uint32_t k = 0; k < o->n_used; k++) {
        uint32_t best = best_of(select, o->n_expert);
        int32_t id = (int32_t)best;

        memcpy(ids + k, &id, sizeof(id));
        w[k] = p[best];
        select[best] = NAN; /* taken; never chosen again, as fewer are used than there are */
    }
    weigh(o, w);
}

void exec_moe_route(const struct exec *x)
{
    float *p = (float *)(void *)x->scratch;
    uint32_t n = exec_rows(x, x->op->dst), t;

    while (exec_share(x, 0, n, &t))
        route_row(x, t, p, p + x->op->moe_route.n_expert);
}

void exec_moe_weigh(const struct exec *x)
{
    uint32_t n_used = x->op->moe_weigh.n_used, width = x->op->dst.width;
    uint32_t n = exec_rows(x, x->op->dst), i;

    while (exec_share(x, 0, n, &i)) {
        float *dst = exec_row(x, x->op->dst, i);

        memcpy(dst, exec_row(x, x->op->src, i / n_used), width * sizeof(*dst));
        x->k->scale(width, exec_row(x, x->op->src2, i / n_used)[i % n_used], dst);
    }
}

void exec_moe_sum(const struct exec *x)
{
    const struct op_moe_sum *o = &x->op->moe_sum;
    uint32_t n = exec_rows(x, x->op->dst), width = x->op->dst.width, t;

    while (exec_share(x, 0, n, &t)) {
        const float *w = operand_present(x->op->src2) ? exec_row(x, x->op->src2, t) : NULL;
        float *dst = exec_row(x, x->op->dst, t);

        memset(dst, 0, width * sizeof(*dst));
        for (uint32_t k = 0; k < o->n_used; k++)
            x->k->add(width, dst, exec_row(x, x->op->src, (size_t)t * o->n_used + k),
                      w ? w[k] : 1.0F, dst);
        if (o->scale != 1.0F)
            x->k->scale(width, o->scale, dst);
        if (operand_present(o->add))
            x->k->add(width, exec_row(x, o->add, t), dst, 1.0F, dst);
    }
}
