/* What masks want to know of a grammar's sets of characters: which come in a row, which begin
 * behind a byte, and which characters are alike to all of them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "text/grammar_int.h"

#define LOOK_MAX   64U /* nodes that are looked at from one */
#define BOUNDS_MAX 16384U

/* Whether a node, or one that it leads to without reading, begins a character of the set, or ends
 * the rule of one character. */
static bool leads_to(const struct grammar *g, uint32_t at, uint32_t set, unsigned depth)
{
    for (; depth < 64 && g->node[at].op == GN_SPLIT; at = g->node[at].next) {
        if (leads_to(g, g->node[at].alt, set, ++depth))
            return true;
    }
    return g->node[at].op == GN_RET || (g->node[at].op == GN_BYTE && g->node[at].set == set);
}

static void find_rows(struct grammar *g)
{
    for (uint32_t i = 0; i < g->n_node; i++) {
        const struct gnode *n = &g->node[i];

        if (n->set && !g->set[n->set].in_row)
            g->set[n->set].in_row = leads_to(g, n->alt, n->set, 0);
    }
}

/* The sets that begin at a node, or at one that it leads to without reading. */
static uint64_t begun(const struct grammar *g, uint32_t at, uint32_t *left)
{
    uint64_t sets = 0;

    while (*left) {
        const struct gnode *n = &g->node[at];

        (*left)--;
        switch ((enum gop)n->op) {
        case GN_BYTE:
            return sets | (uint64_t)(n->set != 0) << n->set;
        case GN_SPLIT:
            sets |= begun(g, n->alt, left);
            at = n->next;
            break;
        case GN_CALL:
            at = g->rule[n->alt].entry;
            break;
        case GN_REP:
            sets |= begun(g, g->rule[g->rep[n->alt].rule].entry, left);
            at = n->next;
            break;
        default:
            return sets;
        }
    }
    return sets;
}

/* Many bytes lead to the same node: the latest answers are remembered. */
static void find_behind(struct grammar *g)
{
    struct {
        uint64_t sets;
        uint32_t at;
    } known[256] = { { 0 } };

    for (uint32_t i = 0; i < g->n_node && g->n_set; i++) {
        const struct gnode *n = &g->node[i];
        uint32_t left = LOOK_MAX, k = n->next % 256;

        if (n->op != GN_BYTE || n->set || n->lo != n->hi || n->lo >= 0x80)
            continue;
        if (known[k].at != n->next) {
            known[k].at = n->next;
            known[k].sets = begun(g, n->next, &left);
        }
        g->behind[n->lo] |= known[k].sets;
    }
}

/* ---- atoms ---- */

static int by_value(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static struct gatom *atom_of(struct grammar *g, uint64_t in)
{
    for (uint32_t i = 0; i < g->n_atom; i++) {
        if (g->atom[i].in == in)
            return &g->atom[i];
    }
    if (g->n_atom == GRAMMAR_ATOMS_MAX)
        return NULL;
    g->atom[g->n_atom] = (struct gatom){ .in = in };
    return &g->atom[g->n_atom++];
}

/* Characters from..to, which are in the same sets. */
static bool add_stretch(struct grammar *g, uint64_t in, uint32_t from, uint32_t to)
{
    struct gatom *x = atom_of(g, in);

    for (; x && from <= to && from < 0x80; from++)
        x->ascii[from / 64] |= (uint64_t)1 << (from % 64);
    if (from >= 0xD800 && from <= 0xDFFF)
        from = 0xE000;
    if (x && from <= to && !x->sample)
        x->sample = from;
    return x;
}

/* bound[n]: where some set begins, or ends before. */
static bool fill_atoms(struct grammar *g, const uint32_t *bound, uint32_t n)
{
    uint32_t at[GRAMMAR_SETS_MAX + 1U] = { 0 };

    for (uint32_t i = 0; i + 1 < n; i++) {
        uint64_t in = 0;

        for (uint32_t k = 1; k <= g->n_set; k++) {
            const struct cp_range *r = g->range + g->set[k].first;

            while (at[k] < g->set[k].n && r[at[k]].to < bound[i])
                at[k]++;
            in |= (uint64_t)(at[k] < g->set[k].n && r[at[k]].from <= bound[i]) << k;
        }
        if (in && bound[i] < bound[i + 1] && !add_stretch(g, in, bound[i], bound[i + 1] - 1))
            return false;
    }
    return true;
}

/* Nothing is known when it would be too much. */
static void find_atoms(struct grammar *g)
{
    uint32_t n = 0, *bound;
    bool wanted = false;

    for (uint32_t i = 1; i <= g->n_set; i++)
        wanted = wanted || g->set[i].whole;
    if (!wanted || g->n_range > BOUNDS_MAX / 2)
        return;
    bound = mem_alloc_n(MEM_REQUEST, 2 * g->n_range, sizeof(*bound));
    g->atom = mem_alloc_n(MEM_REQUEST, GRAMMAR_ATOMS_MAX, sizeof(*g->atom));
    for (uint32_t i = 0; bound && i < g->n_range; i++) {
        bound[n++] = g->range[i].from;
        bound[n++] = g->range[i].to + 1;
    }
    if (n)
        qsort(bound, n, sizeof(*bound), by_value);
    if (!g->atom || !fill_atoms(g, bound, n))
        g->n_atom = 0;
    mem_free(bound);
}

void grammar_sets(struct grammar *g)
{
    find_rows(g);
    find_behind(g);
    find_atoms(g);
}
