/* Walking the trie of a vocabulary along a grammar's positions, with short cuts below nodes where
 * any character of a class may come. */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_mask_int.h"

void gw_set_tokens(const struct gvocab *v, uint32_t first, uint64_t *bits)
{
    for (; first != GVOCAB_NONE; first = v->same[first])
        bits[first / 64] |= (uint64_t)1 << (first % 64);
}

enum err_code gw_note_escape(struct gwalk *w, struct gescape x)
{
    struct gmask *k = w->local;

    if (k->n_escape == k->cap_escape) {
        uint32_t cap = k->cap_escape ? k->cap_escape * 2 : 64;
        struct gescape *at = mem_realloc(MEM_REQUEST, k->escape, cap * sizeof(*at));

        if (!at)
            return err_set(w->e, ERR_OOM, "no memory for a mask");
        k->escape = at;
        k->cap_escape = cap;
    }
    k->escape[k->n_escape++] = x;
    return ERR_OK;
}

/* The position behind a byte; 0: none. */
enum err_code gw_step(struct gwalk *w, uint32_t *at, uint8_t byte)
{
    const struct gmatch *m = w->m;
    uint32_t row = m->pos[*at].row;
    uint32_t known = row == GMATCH_UNKNOWN ? row : m->row[(size_t)row * 256 + byte];

    if (known == GMATCH_UNKNOWN)
        return gmatch_byte(w->m, at, byte, w->e);
    *at = known;
    return ERR_OK;
}

/* What it means to come to a position: tokens that end here may come; the rule may end here. */
struct ghit gw_met(struct gwalk *w, uint32_t pos)
{
    const struct gpos *p = &w->m->pos[pos];
    struct ghit h = { 0, !w->local || p->n, w->local && p->may_end };

    if (h.escapes)
        w->local->uses_uniq |= p->met_uniq;
    return h;
}

enum err_code gw_arrive(struct gwalk *w, struct ghit h, uint32_t node)
{
    if (h.is_set)
        gw_set_tokens(w->v, w->v->node[node].first, w->bits);
    return h.escapes ? gw_note_escape(w, (struct gescape){ .node = node }) : ERR_OK;
}

/* ---- characters of a class ---- */

bool gw_same_run(const struct gmatch *m, const struct gthread *a, const struct gthread *b)
{
    const struct gnode *x = &m->g->node[a->node], *y = &m->g->node[b->node];

    return x->set == y->set && x->alt == y->alt && a->frame == b->frame;
}

enum gway gw_way_on(const struct gmatch *m, uint32_t pos, uint32_t set, struct gthread *out)
{
    const struct gpos *p = &m->pos[pos];
    const struct gthread *t = m->thread + p->first, *one = NULL;
    const struct gclass *c = m->runs->of[set];
    bool others = false;

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[t[i].node];

        if (n->op != GN_BYTE)
            continue;
        if (n->set && (m->runs->within[set] >> n->set & 1)) {
            others = others || (one && !c->sample && !gw_same_run(m, one, &t[i]));
            one = &t[i]; /* of several, each reads the whole class */
            continue;
        }
        for (unsigned b = n->lo; b <= n->hi && !others; b++)
            others = c->begins[b];
    }
    if (one)
        *out = *one;
    return others ? GWAY_MIXED : one ? GWAY_ONE : GWAY_NONE;
}

/* ---- somewhere in a token ---- */

#define AHEAD_MANY 200U /* no token's rest is longer: height is 255 at most */

/* How many characters of a set may come in a row behind a position, each leading to one position
 * alone; remembered there. In a rule alone: as long as it does not end. */
static enum err_code count_ahead(struct gwalk *w, uint32_t pos, uint32_t set)
{
    const struct gclass *c = w->m->runs->of[set];
    struct gthread t;
    uint32_t at = pos, n = 0;
    enum err_code rc = ERR_OK;

    while (n < AHEAD_MANY && gw_way_on(w->m, at, set, &t) == GWAY_ONE && !rc) {
        uint32_t from = at;
        const struct gpos *p;

        rc = gw_step(w, &at, c->sample);
        p = &w->m->pos[at];
        if (rc || (w->local && (p->may_end || p->met_uniq)))
            break;
        n++;
        if (at == from)
            n = AHEAD_MANY;
        else if (p->ahead_known && p->set_ahead == set) {
            n += p->ahead;
            break;
        }
    }
    w->m->pos[pos].ahead = (uint8_t)(n < AHEAD_MANY ? n : AHEAD_MANY);
    w->m->pos[pos].set_ahead = (uint8_t)set;
    w->m->pos[pos].ahead_known = true;
    return rc;
}

static enum err_code look_ahead(struct gwalk *w, uint32_t pos, struct gahead *out)
{
    const struct gpos *p = &w->m->pos[pos];
    enum err_code rc = ERR_OK;

    if (!p->ahead_known) {
        uint32_t set = 0;

        for (uint32_t i = 0; i < p->n; i++) {
            uint32_t k = w->m->g->node[w->m->thread[p->first + i].node].set;

            if (w->m->runs->of[k] && w->m->runs->of[k]->sample)
                set = k;
        }
        if (set)
            rc = count_ahead(w, pos, set);
        else
            w->m->pos[pos].ahead_known = true;
        p = &w->m->pos[pos];
    }
    *out = (struct gahead){ w->m->runs->of[p->set_ahead], p->ahead };
    return rc;
}

static bool is_pure(const struct gclass *c, uint32_t first, uint32_t end)
{
    uint64_t word = c->impure[first / 64] >> (first % 64);

    if (first / 64 == end / 64)
        return !(word & (((uint64_t)1 << (end - first)) - 1));
    if (word)
        return false;
    for (uint32_t i = first / 64 + 1; i < end / 64; i++) {
        if (c->impure[i])
            return false;
    }
    return !(c->impure[end / 64] & (((uint64_t)1 << (end % 64)) - 1));
}

#define AHEAD_MIN 12U /* nodes for which looking ahead costs less than walking */

/* Nodes first..end of the trie, children of ones whose position is pos[depth of first - 1]. */
static enum err_code walk(struct gwalk *w, uint32_t first, uint32_t end)
{
    const struct gtrie *t = w->v->node;
    enum err_code rc = ERR_OK;

    for (uint32_t i = first; i < end && !rc;) {
        uint32_t depth = t[i].depth, to = w->pos[depth - 1];
        struct gahead ahead = w->ahead[depth - 1];
        bool done = false;

        if (t[i].height < ahead.n && is_pure(ahead.c, i, t[i].end)) {
            for (uint32_t stop = t[i].end; i < stop; i++)
                gw_set_tokens(w->v, t[i].first, w->bits);
            continue;
        }
        rc = gw_step(w, &to, t[i].byte);
        if (rc || !to) {
            i = t[i].end;
            continue;
        }
        w->pos[depth] = to;
        w->ahead[depth].n = 0;
        if (t[i].end - i > AHEAD_MIN && !w->no_runs)
            rc = look_ahead(w, to, &w->ahead[depth]);
        if (!rc)
            rc = gw_arrive(w, gw_met(w, to), i);
        if (!rc && depth == 1 && !w->no_runs)
            rc = gw_front_below(w, i, to, &done);
        i = w->m->pos[to].n && !done ? i + 1 : t[i].end;
    }
    return rc;
}

/* The bytes that a position reads, but for those of characters that are all of a set (0: none):
 * reads[256]. */
void gw_reads(const struct gmatch *m, uint32_t pos, uint32_t but, bool *reads)
{
    const struct gpos *p = &m->pos[pos];

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[m->thread[p->first + i].node];

        if (n->op == GN_BYTE && !(but && n->set && (m->runs->within[n->set] >> but & 1)))
            memset(reads + n->lo, 1, n->hi - n->lo + 1U);
    }
}

/* The whole trie: first bytes that cannot come are not even looked at. */
enum err_code gw_root(struct gwalk *w, uint32_t pos)
{
    bool reads[256] = { false };
    enum err_code rc = ERR_OK;

    gw_reads(w->m, pos, 0, reads);
    w->pos[0] = pos;
    w->ahead[0].n = 0;
    for (unsigned b = 0; b < 256 && !rc; b++) {
        uint32_t i = w->v->root[b];

        if (reads[b] && i != GVOCAB_NONE)
            rc = walk(w, i, w->v->node[i].end);
    }
    return rc;
}

enum err_code gw_walk_below(struct gwalk *w, uint32_t node, uint32_t pos)
{
    uint32_t depth = w->v->node[node].depth;

    w->pos[depth] = pos;
    w->ahead[depth].n = 0;
    return walk(w, node + 1, w->v->node[node].end);
}

enum err_code gw_below(struct gwalk *w, uint32_t node, uint32_t pos)
{
    enum err_code rc = ERR_OK;
    bool done = false;

    if (w->v->node[node].depth == 1 && !w->no_runs)
        rc = gw_front_below(w, node, pos, &done);
    return rc || done ? rc : gw_walk_below(w, node, pos);
}
