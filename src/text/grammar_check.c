/* What is known of a grammar before any text: which nodes can still lead to an end (the others are
 * never entered, so that a mask never opens a dead end), which rules may be empty, and that no rule
 * calls itself without reading anything, which would never stop. */
#include "base/mem.h"
#include "text/grammar_int.h"

static bool node_live(const struct grammar *g, const struct gnode *n)
{
    switch ((enum gop)n->op) {
    case GN_FAIL:
        return false;
    case GN_RET:
        return true;
    case GN_SPLIT:
        return g->node[n->next].live || g->node[n->alt].live;
    case GN_CALL:
        return g->rule[n->alt].live && g->node[n->next].live;
    case GN_REP:
        return (g->rep[n->alt].lo == 0 || g->rule[g->rep[n->alt].rule].live) &&
               g->node[n->next].live;
    case GN_U_NEED:
        return g->rule[g->rep[n->alt].rule].n_text >= g->rep[n->alt].lo && g->node[n->next].live;
    default:
        return g->node[n->next].live;
    }
}

/* One look at the nodes of rest[n], which are not live yet, in their order; those that stay so are
 * left there, in the opposite order. Returns how many. */
static uint32_t look_at(struct grammar *g, uint32_t *rest, uint32_t n)
{
    uint32_t left = 0;

    for (uint32_t k = 0; k < n; k++) {
        struct gnode *node = &g->node[rest[k]];

        node->live = node_live(g, node);
        if (!node->live)
            rest[left++] = rest[k];
    }
    for (uint32_t k = 0; k < left / 2; k++) {
        uint32_t other = rest[left - 1 - k];

        rest[left - 1 - k] = rest[k];
        rest[k] = other;
    }
    return left;
}

/* Passes up and down over what is not live until nothing changes; a bound keeps hostile orders
 * within a second. rest has room for all nodes. */
static bool find_live(struct grammar *g, struct gcost *cost, uint32_t *rest)
{
    uint64_t work = 0;
    uint32_t n = g->n_node, left;

    for (uint32_t k = 0; k < n; k++)
        rest[k] = k;
    for (bool changed = true, up = true; changed; up = !up) {
        work += n + g->n_rule;
        if (work > 200000000U || !gcost_add(cost, n + g->n_rule))
            return false;
        left = look_at(g, rest, n);
        changed = left < n;
        n = left;
        for (uint32_t k = 0; k < g->n_rule; k++) {
            struct grule *r = &g->rule[up ? k : g->n_rule - 1 - k];

            if (!r->live && g->node[r->entry].live)
                r->live = changed = true;
        }
    }
    return true;
}

/* Walks what a rule can reach without reading. */
struct walk {
    struct grammar *g;
    struct gcost *cost;
    uint32_t *stack, *seen, n, mark;
};

static void push(struct walk *w, uint32_t i)
{
    if (w->seen[i] == w->mark || !w->g->node[i].live)
        return;
    w->seen[i] = w->mark;
    w->stack[w->n++] = i;
}

/* Visits the node on top; *called is the rule it calls, or UINT32_MAX. True at a RET. */
static bool step(struct walk *w, uint32_t *called)
{
    const struct gnode *n = &w->g->node[w->stack[--w->n]];
    const struct grep *r;

    *called = UINT32_MAX;
    switch ((enum gop)n->op) {
    case GN_RET:
        return true;
    case GN_SPLIT:
        push(w, n->alt);
        push(w, n->next);
        return false;
    case GN_CALL:
        *called = n->alt;
        if (w->g->rule[n->alt].nullable)
            push(w, n->next);
        return false;
    case GN_REP:
        r = &w->g->rep[n->alt];
        *called = r->rule;
        if (r->lo == 0 || w->g->rule[r->rule].nullable)
            push(w, n->next);
        return false;
    case GN_TEXT:
    case GN_U_OPEN:
    case GN_U_ITEM:
    case GN_U_DONE:
    case GN_U_CLOSE:
    case GN_U_MORE:
    case GN_U_NEED:
        push(w, n->next);
        return false;
    default:
        return false;
    }
}

static bool find_nullable(struct walk *w)
{
    struct grammar *g = w->g;
    uint64_t work = 0, told = 0;

    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = g->n_rule; i-- > 0;) {
            uint32_t called;

            if (g->rule[i].nullable)
                continue;
            w->mark++;
            w->n = 0;
            push(w, g->rule[i].entry);
            while (w->n && !g->rule[i].nullable) {
                g->rule[i].nullable = step(w, &called);
                if (++work > 100000000U)
                    return false;
            }
            changed = changed || g->rule[i].nullable;
            if (!gcost_add(w->cost, work - told))
                return false;
            told = work;
        }
    }
    return true;
}

/* Depth first over "calls before reading", with an explicit stack: state 1 = open, 2 = done. The
 * calls of a rule are found again whenever it is on top, a rule is left when none is new. */
static enum err_code find_left_recursion(struct walk *w, uint8_t *state, uint32_t *path,
                                         struct err *e)
{
    struct grammar *g = w->g;
    uint64_t work = 0, told = 0;

    for (uint32_t root = 0; root < g->n_rule; root++) {
        uint32_t depth = 0;

        if (state[root] || !g->rule[root].live)
            continue;
        path[depth++] = root;
        state[root] = 1;
        while (depth) {
            uint32_t top = path[depth - 1], called, fresh = UINT32_MAX;

            w->mark++;
            w->n = 0;
            push(w, g->rule[top].entry);
            while (w->n && fresh == UINT32_MAX) {
                (void)step(w, &called);
                if (++work > 100000000U)
                    return err_set(e, ERR_LIMIT, "the grammar's rules call each other too often");
                if (called == UINT32_MAX || !g->rule[called].live || state[called] == 2)
                    continue;
                if (state[called] == 1)
                    return err_set(e, ERR_UNSUPPORTED, "left recursion: a rule begins with itself");
                fresh = called;
            }
            if (!gcost_add(w->cost, work - told))
                return gcost_error(w->cost, e);
            told = work;
            if (fresh == UINT32_MAX) {
                state[top] = 2;
                depth--;
            } else {
                state[fresh] = 1;
                path[depth++] = fresh;
            }
        }
    }
    return ERR_OK;
}

/* A repetition of something that may be empty would be entered again and again without reading. */
static enum err_code check_reps(const struct grammar *g, struct err *e)
{
    for (uint32_t i = 0; i < g->n_rep; i++) {
        if (g->rule[g->rep[i].rule].nullable && g->rep[i].hi > 64)
            return err_set(e, ERR_UNSUPPORTED,
                           "a part that may be empty is repeated up to %u times: at most 64",
                           g->rep[i].hi);
    }
    return ERR_OK;
}

enum err_code grammar_check(struct grammar *g, struct gcost *cost, struct err *e)
{
    struct walk w = { .g = g, .cost = cost };
    uint32_t *path = mem_alloc_n(MEM_REQUEST, g->n_rule + 1U, sizeof(*path));
    uint8_t *state = mem_alloc_zero(MEM_REQUEST, g->n_rule + 1U);
    enum err_code rc = grammar_count(g, e);

    w.stack = mem_alloc_n(MEM_REQUEST, g->n_node, sizeof(*w.stack));
    w.seen = mem_alloc_n(MEM_REQUEST, g->n_node, sizeof(*w.seen));
    if (!rc && (!path || !state || !w.stack || !w.seen))
        rc = err_set(e, ERR_OOM, "no memory to check a grammar of %u nodes", g->n_node);
    if (!rc && (!find_live(g, cost, w.stack) || !find_nullable(&w)))
        rc = gcost_add(cost, 0)
                 ? err_set(e, ERR_LIMIT, "the grammar's rules depend on each other too deeply")
                 : gcost_error(cost, e);
    if (!rc && !g->rule[0].live)
        rc = err_set(e, ERR_ARG, "no text can satisfy these constraints");
    if (!rc)
        rc = find_left_recursion(&w, state, path, e);
    if (!rc)
        rc = check_reps(g, e);
    grammar_sets(g);
    mem_free(path);
    mem_free(state);
    mem_free(w.stack);
    mem_free(w.seen);
    return rc;
}
