/* How many texts a rule has, as far as that matters: an array of distinct items cannot have more
 * items than its items have values. Two readings of one text count twice: too many is the harmless
 * side. */
#include "base/mem.h"
#include "base/num.h"
#include "text/grammar_int.h"

#define DEPTH_MAX 3000U
#define UNKNOWN   UINT32_MAX
#define UNDER_WAY (UINT32_MAX - 1U)

struct count {
    const struct grammar *g;
    uint32_t *node, *rule; /* counts, UNKNOWN, or UNDER_WAY: a circle */
    uint32_t depth;
};

static uint32_t times(uint32_t a, uint32_t b)
{
    return a > GRAMMAR_MANY || b > GRAMMAR_MANY ? GRAMMAR_MANY : min_u32(a * b, GRAMMAR_MANY);
}

static uint32_t count_node(struct count *c, uint32_t i);

static uint32_t count_rule(struct count *c, uint32_t i)
{
    if (c->rule[i] == UNKNOWN) {
        c->rule[i] = UNDER_WAY;
        c->rule[i] = count_node(c, c->g->rule[i].entry);
    }
    return min_u32(c->rule[i], GRAMMAR_MANY);
}

static uint32_t count_rep(struct count *c, const struct grep *r)
{
    uint32_t one = count_rule(c, r->rule), power = 1, sum = 0;

    if (one > 1 && r->hi > 12)
        return GRAMMAR_MANY; /* 2^13 already is */
    if (one == 1 && r->hi > r->lo + GRAMMAR_MANY)
        return GRAMMAR_MANY;
    if (one == 1)
        return min_u32(r->hi - r->lo + 1U, GRAMMAR_MANY);
    for (uint32_t k = 0; k <= r->hi && power; k++) {
        if (k >= r->lo)
            sum = min_u32(sum + power, GRAMMAR_MANY);
        power = times(power, one);
    }
    return sum;
}

static uint32_t fresh_count(struct count *c, const struct gnode *n)
{
    switch ((enum gop)n->op) {
    case GN_FAIL:
        return 0;
    case GN_RET:
        return 1;
    case GN_BYTE:
        return times(n->hi - n->lo + 1U, count_node(c, n->next));
    case GN_SPLIT:
        return min_u32(count_node(c, n->next) + count_node(c, n->alt), GRAMMAR_MANY);
    case GN_CALL:
        return times(count_rule(c, n->alt), count_node(c, n->next));
    case GN_REP:
        return times(count_rep(c, &c->g->rep[n->alt]), count_node(c, n->next));
    case GN_TEXT:
    case GN_TOK:
        return count_node(c, n->next);
    default:
        return GRAMMAR_MANY; /* arrays of distinct items within items: not worth it */
    }
}

static uint32_t count_node(struct count *c, uint32_t i)
{
    uint32_t n;

    if (c->node[i] == UNDER_WAY || c->depth > DEPTH_MAX)
        return GRAMMAR_MANY;
    if (c->node[i] != UNKNOWN)
        return c->node[i];
    c->node[i] = UNDER_WAY;
    c->depth++;
    n = fresh_count(c, &c->g->node[i]);
    c->depth--;
    c->node[i] = n;
    return n;
}

enum err_code grammar_count(struct grammar *g, struct err *e)
{
    struct count c = { .g = g };
    bool wanted = false;

    for (uint32_t i = 0; i < g->n_node && !wanted; i++)
        wanted = g->node[i].op == GN_U_MORE || g->node[i].op == GN_U_NEED;
    if (!wanted)
        return ERR_OK;
    c.node = mem_alloc_n(MEM_REQUEST, g->n_node, sizeof(*c.node));
    c.rule = mem_alloc_n(MEM_REQUEST, g->n_rule, sizeof(*c.rule));
    for (uint32_t i = 0; c.node && i < g->n_node; i++)
        c.node[i] = UNKNOWN;
    for (uint32_t i = 0; c.rule && i < g->n_rule; i++)
        c.rule[i] = UNKNOWN;
    for (uint32_t i = 0; c.node && c.rule && i < g->n_node; i++) {
        const struct gnode *n = &g->node[i];

        if (n->op == GN_U_MORE)
            g->rule[n->alt].n_text = count_rule(&c, n->alt);
        if (n->op == GN_U_NEED)
            g->rule[g->rep[n->alt].rule].n_text = count_rule(&c, g->rep[n->alt].rule);
    }
    mem_free(c.node);
    mem_free(c.rule);
    return c.node && c.rule ? ERR_OK : err_set(e, ERR_OOM, "no memory to check a grammar");
}
