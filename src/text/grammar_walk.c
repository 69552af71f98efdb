/* Walking the trie of a vocabulary along a grammar's positions, with short cuts where any character
 * of a class may come. */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_mask_int.h"

void gw_set_tokens(const struct gvocab *v, uint32_t first, uint64_t *bits)
{
    for (; first != GVOCAB_NONE; first = v->same[first])
        bits[first / 64] |= (uint64_t)1 << (first % 64);
}

static enum err_code note_escape(struct gwalk *w, struct gescape x)
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
static enum err_code step(struct gwalk *w, uint32_t *at, uint8_t byte)
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
static struct ghit met(struct gwalk *w, uint32_t pos)
{
    const struct gpos *p = &w->m->pos[pos];
    struct ghit h = { 0, !w->local || p->n, w->local && p->may_end };

    if (h.escapes)
        w->local->uses_uniq |= p->met_uniq;
    return h;
}

static enum err_code arrive(struct gwalk *w, struct ghit h, uint32_t node)
{
    if (h.is_set)
        gw_set_tokens(w->v, w->v->node[node].first, w->bits);
    return h.escapes ? note_escape(w, (struct gescape){ .node = node }) : ERR_OK;
}

/* ---- runs ---- */

/* The set whose table serves a thread; 0: none. */
static uint32_t run_set(const struct gmatch *m, const struct gthread *t)
{
    uint32_t set = m->g->node[t->node].set;

    return m->runs->of[set] ? set : m->runs->nearly[set];
}

static bool same_run(const struct gmatch *m, const struct gthread *a, const struct gthread *b)
{
    const struct gnode *x = &m->g->node[a->node], *y = &m->g->node[b->node];

    return x->set == y->set && x->alt == y->alt && a->frame == b->frame;
}

enum way {
    WAY_NONE, /* no character of the class can come            */
    WAY_ONE,  /* any of them, and all lead to the same position */
    WAY_MIXED
};

static enum way way_on(const struct gmatch *m, uint32_t pos, uint32_t set, struct gthread *out)
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
            others = others || (one && !c->sample && !same_run(m, one, &t[i]));
            one = &t[i]; /* of several, each reads the whole class */
            continue;
        }
        for (unsigned b = n->lo; b <= n->hi && !others; b++)
            others = c->begins[b];
    }
    if (one)
        *out = *one;
    return others ? WAY_MIXED : one ? WAY_ONE : WAY_NONE;
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

    while (n < AHEAD_MANY && way_on(w->m, at, set, &t) == WAY_ONE && !rc) {
        uint32_t from = at;
        const struct gpos *p;

        rc = step(w, &at, c->sample);
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

        if (t[i].height < ahead.n && is_pure(ahead.c, i, t[i].end)) {
            for (uint32_t stop = t[i].end; i < stop; i++)
                gw_set_tokens(w->v, t[i].first, w->bits);
            continue;
        }
        rc = step(w, &to, t[i].byte);
        if (rc || !to) {
            i = t[i].end;
            continue;
        }
        w->pos[depth] = to;
        w->ahead[depth].n = 0;
        if (t[i].end - i > AHEAD_MIN && !w->no_runs)
            rc = look_ahead(w, to, &w->ahead[depth]);
        if (!rc)
            rc = arrive(w, met(w, to), i);
        i = w->m->pos[to].n ? i + 1 : t[i].end;
    }
    return rc;
}

/* The bytes that a position reads, but for those of characters that are all of a set (0: none):
 * reads[256]. */
static void add_reads(const struct gmatch *m, uint32_t pos, uint32_t but, bool *reads)
{
    const struct gpos *p = &m->pos[pos];

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[m->thread[p->first + i].node];

        if (n->op == GN_BYTE && !(but && n->set && (m->runs->within[n->set] >> but & 1)))
            memset(reads + n->lo, 1, n->hi - n->lo + 1U);
    }
}

/* The whole trie: first bytes that cannot come are not even looked at. */
static enum err_code walk_root(struct gwalk *w, uint32_t pos)
{
    bool reads[256] = { false };
    enum err_code rc = ERR_OK;

    add_reads(w->m, pos, 0, reads);
    w->pos[0] = pos;
    w->ahead[0].n = 0;
    for (unsigned b = 0; b < 256 && !rc; b++) {
        uint32_t i = w->v->root[b];

        if (reads[b] && i != GVOCAB_NONE)
            rc = walk(w, i, w->v->node[i].end);
    }
    return rc;
}

enum err_code gw_below(struct gwalk *w, uint32_t node)
{
    w->ahead[w->v->node[node].depth].n = 0;
    return walk(w, node + 1, w->v->node[node].end);
}

/* ---- tails ---- */

static enum err_code add_hit(struct gwalk *w, uint32_t at, uint32_t pos)
{
    if (w->n_hit == w->cap_hit) {
        uint32_t cap = w->cap_hit ? w->cap_hit * 2 : 256;
        struct ghit *more = mem_realloc(MEM_REQUEST, w->hit, cap * sizeof(*more));

        if (!more)
            return err_set(w->e, ERR_OOM, "no memory for a mask");
        w->hit = more;
        w->cap_hit = cap;
    }
    w->hit[w->n_hit] = met(w, pos);
    w->hit[w->n_hit++].at = at;
    return ERR_OK;
}

/* What may come at a tail's node whose position is known, noted for all its exits. */
static enum err_code try_tail(struct gwalk *w, const struct gtail *x, uint32_t node, uint32_t pos)
{
    const struct gtrie *t = w->v->node;
    uint32_t end = x->alone || !w->m->pos[pos].n ? node + 1 : t[node].end;
    enum err_code rc = add_hit(w, 0, pos);

    w->pos[t[node].depth] = pos;
    for (uint32_t i = node + 1; i < end && !rc;) {
        uint32_t to = w->pos[t[i].depth - 1];

        rc = step(w, &to, t[i].byte);
        if (rc || !to) {
            i = t[i].end;
            continue;
        }
        w->pos[t[i].depth] = to;
        if (t[i].first != GVOCAB_NONE || w->local)
            rc = add_hit(w, i - node, to);
        i = w->m->pos[to].n ? i + 1 : t[i].end;
    }
    return rc;
}

static enum err_code take_hits(struct gwalk *w, uint32_t node)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < w->n_hit && !rc; i++)
        rc = arrive(w, w->hit[i], node + w->hit[i].at);
    return rc;
}

/* Whether a token begins with a character that the run does not have. */
static bool is_except(const struct gwalk *w, uint32_t node)
{
    bool any = false;

    for (uint32_t i = 0; i < w->n_except && !any; i++) {
        uint32_t root = w->v->root[w->except[i]];

        any = root != GVOCAB_NONE && node >= root && node < w->v->node[root].end;
    }
    return any;
}

/* at[k]: the position behind k characters of the class, 0 for none. only_last: of exits behind
 * GCLASS_MAX characters, which may go on in the class. */
static enum err_code one_tail(struct gwalk *w, const struct gclass *c, const struct gtail *x,
                              const uint32_t *at, bool only_last)
{
    uint32_t from = 0, to = 0, tried = 0; /* the hits are those from position `tried` on */
    enum err_code rc = ERR_OK;

    w->n_hit = 0;
    for (uint32_t i = x->first; i < x->first + x->n && !rc; i++) {
        const struct gexit *y = &c->exit[i];

        if (only_last && y->n_char < GCLASS_MAX)
            continue;
        if (w->n_except && is_except(w, y->node))
            continue;
        if (at[y->n_char] != from) {
            from = to = at[y->n_char];
            for (uint32_t k = 0; k < x->n_path && to && !rc; k++)
                rc = step(w, &to, x->path[k]);
        }
        if (!to || rc)
            continue;
        if (to != tried) {
            w->n_hit = 0;
            tried = to;
            rc = try_tail(w, x, y->node, to);
        }
        if (!rc)
            rc = take_hits(w, y->node);
    }
    return rc;
}

/* `set` is that of the class. What leaves the class is not read by threads that are in it. */
static enum err_code all_tails(struct gwalk *w, uint32_t set, const uint32_t *at)
{
    const struct gclass *c = w->m->runs->of[set];
    bool reads[256] = { false }, last[256] = { false };
    enum err_code rc = ERR_OK;

    for (uint32_t k = 0; k <= GCLASS_MAX; k++) {
        if (at[k] && (k == 0 || at[k] != at[k - 1]))
            add_reads(w->m, at[k], set, reads);
    }
    if (at[GCLASS_MAX])
        add_reads(w->m, at[GCLASS_MAX], 0, last);
    for (unsigned b = 0; b < 256 && !rc; b++) {
        for (uint32_t i = c->by_byte[b]; (reads[b] || last[b]) && i < c->by_byte[b + 1] && !rc; i++)
            rc = one_tail(w, c, &c->tail[i], at, !reads[b]);
    }
    return rc;
}

/* ---- runs at the front ---- */

/* The positions behind 1 .. GCLASS_MAX characters of a class, of which t begins one. False in *ok:
 * not all of them lead to the same one. */
static enum err_code follow(struct gwalk *w, uint32_t like, struct gthread t, uint32_t set,
                            uint32_t *at, bool *ok)
{
    const struct gclass *c = w->m->runs->of[set];
    enum err_code rc = ERR_OK;
    enum way way = WAY_ONE;

    memset(at + 1, 0, GCLASS_MAX * sizeof(*at));
    for (uint32_t k = 1; k <= GCLASS_MAX && way == WAY_ONE && !rc; k++) {
        if (k > 2 && at[k - 1] == at[k - 2]) {
            at[k] = at[k - 1]; /* a loop */
            continue;
        }
        at[k] = at[k - 1];
        rc = c->sample && k > 1
                 ? step(w, &at[k], c->sample)
                 : gm_behind(w->m, like, w->m->g->node[t.node].alt, t.frame, &at[k], w->e);
        if (rc)
            break;
        if (at[k] && w->local && w->m->pos[at[k]].met_uniq)
            way = WAY_MIXED;
        else
            way = at[k] ? way_on(w->m, at[k], set, &t) : WAY_NONE;
    }
    *ok = way != WAY_MIXED;
    return rc;
}

/* Pure tokens of at most n characters. */
static enum err_code add_pure(struct gwalk *w, const struct gclass *c, uint32_t n)
{
    const struct gvocab *v = w->v;
    const uint64_t *from = c->upto + (size_t)(n < c->n_upto ? n : c->n_upto) * v->n_word;

    if (w->n_except && !w->scratch) {
        w->scratch = mem_alloc_n(MEM_REQUEST, v->n_word, sizeof(*w->scratch));
        if (!w->scratch)
            return err_set(w->e, ERR_OOM, "no memory for a mask");
    }
    if (w->n_except) {
        memcpy(w->scratch, from, v->n_word * sizeof(*from));
        from = w->scratch;
    }
    for (uint32_t k = 0; k < w->n_except; k++) {
        uint32_t root = v->root[w->except[k]];

        for (uint32_t i = root; root != GVOCAB_NONE && i < v->node[root].end; i++)
            for (uint32_t t = v->node[i].first; t != GVOCAB_NONE; t = v->same[t])
                w->scratch[t / 64] &= ~((uint64_t)1 << (t % 64));
    }
    for (uint32_t i = 0; i < v->n_word; i++)
        w->bits[i] |= from[i];
    return ERR_OK;
}

/* Tokens that end within one more character of the class. */
static void add_parts(struct gwalk *w, const struct gclass *c, const uint32_t *at)
{
    for (uint32_t i = 0; i < c->n_part; i++) {
        const struct gexit *x = &c->part[i];

        if (at[x->n_char + 1] && !(w->n_except && is_except(w, x->node)))
            gw_set_tokens(w->v, w->v->node[x->node].first, w->bits);
    }
}

/* Threads that begin a run of one class. */
static enum err_code one_run(struct gwalk *w, uint32_t like, const struct gthread *t, uint32_t n)
{
    uint32_t own = w->m->g->node[t->node].set, set = run_set(w->m, t);
    const struct gclass *c = w->m->runs->of[set];
    uint32_t at[GCLASS_MAX + 1], n_pure = 0;
    uint64_t escapes = 0;
    bool ok;
    enum err_code rc = gm_like_pos(w->m, like, t, n, &at[0], w->e);

    if (!rc)
        rc = follow(w, like, *t, set, at, &ok);
    if (rc)
        return rc;
    for (uint32_t k = 1; k <= GCLASS_MAX && at[k] && ok; k++) {
        struct ghit h = met(w, at[k]);

        n_pure = h.is_set ? k : n_pure;
        escapes |= (uint64_t)h.escapes << k;
    }
    if (!ok || (own != set && escapes))
        return walk_root(w, at[0]);
    w->except = w->m->runs->except[own];
    w->n_except = own != set ? w->m->runs->n_except[own] : 0;
    if (n_pure)
        rc = add_pure(w, c, n_pure);
    add_parts(w, c, at);
    if (escapes && !rc)
        rc = note_escape(w, (struct gescape){ .set = set, .n_char = escapes });
    if (!rc)
        rc = all_tails(w, set, at);
    w->n_except = 0;
    return rc;
}

#define PART_MIN 200U /* nodes for which remembering costs less than walking again */

/* Whether a thread reads one byte below which there is much. */
static bool is_part(const struct gwalk *w, const struct gthread *t)
{
    const struct gnode *n = &w->m->g->node[t->node];
    uint32_t i = w->v->root[n->lo];

    return n->op == GN_BYTE && n->lo == n->hi && i != GVOCAB_NONE &&
           w->v->node[i].end - i > PART_MIN;
}

/* Such a thread is often one of many positions: the end of a string, whatever may still come. */
static enum err_code one_part(struct gwalk *w, uint32_t like, const struct gthread *t)
{
    struct gmask *k;
    uint32_t pos;
    enum err_code rc = gm_like_pos(w->m, like, t, 1, &pos, w->e);

    if (rc)
        return rc;
    k = gm_find_mask(w->m, pos, true);
    if (!k) {
        struct gwalk inner = *w;

        k = gm_new_mask(w->m, w->v, pos, true, w->e);
        if (!k)
            return ERR_OOM;
        inner.bits = k->bits;
        inner.local = w->local ? k : NULL;
        rc = walk_root(&inner, pos);
    }
    for (uint32_t i = 0; i < w->v->n_word && !rc; i++)
        w->bits[i] |= k->bits[i];
    for (uint32_t i = 0; i < k->n_escape && !rc; i++)
        rc = note_escape(w, k->escape[i]);
    if (w->local)
        w->local->uses_uniq |= k->uses_uniq;
    return rc;
}

enum err_code gw_all(struct gwalk *w, uint32_t pos)
{
    struct gmatch *m = w->m;
    uint32_t n = m->pos[pos].n, n_rest = 0;
    struct gthread *t = mem_alloc_n(MEM_REQUEST, 3 * (size_t)n, sizeof(*t));
    struct gthread *run = t + n, *rest = run + n;
    enum err_code rc = t ? ERR_OK : err_set(w->e, ERR_OOM, "no memory for a mask");
    uint32_t rest_pos = pos;

    if (t)
        memcpy(t, m->thread + m->pos[pos].first, n * sizeof(*t));
    for (uint32_t i = 0; i < n && !rc; i++) {
        uint32_t n_run = 0;

        if (t[i].node == GNODE_FAIL)
            continue; /* taken */
        if (is_part(w, &t[i]) && (w->no_runs || !run_set(m, &t[i]))) {
            rc = one_part(w, pos, &t[i]);
            continue;
        }
        if (w->no_runs || !run_set(m, &t[i])) {
            rest[n_rest++] = t[i];
            continue;
        }
        for (uint32_t k = i; k < n; k++) {
            if (t[k].node == GNODE_FAIL || (k > i && !same_run(m, &t[i], &t[k])))
                continue;
            run[n_run++] = t[k];
            if (k > i)
                t[k].node = GNODE_FAIL;
        }
        rc = one_run(w, pos, run, n_run);
    }
    if (!rc && n_rest && n_rest < n) /* threads of runs and of parts are done */
        rc = gm_like_pos(m, pos, rest, n_rest, &rest_pos, w->e);
    if (!rc && n_rest)
        rc = walk_root(w, rest_pos);
    mem_free(t);
    return rc;
}

enum err_code gw_leave(struct gwalk *w, const struct gescape *x, uint32_t pos, bool *done)
{
    uint32_t at[GCLASS_MAX + 1] = { 0 };
    const struct gclass *c = w->m->runs->of[x->set];
    const struct gpos *p = &w->m->pos[pos];
    size_t n_word = w->v->n_word;

    *done = true;
    for (uint32_t i = 0; i < p->n && *done; i++) {
        const struct gnode *n = &w->m->g->node[w->m->thread[p->first + i].node];

        for (unsigned b = n->lo; n->op == GN_BYTE && b <= n->hi && *done; b++)
            *done = !c->begins[b];
    }
    if (!*done)
        return ERR_OK;
    for (uint32_t k = 1; k <= GCLASS_MAX; k++) {
        uint32_t last = k;

        if (!(x->n_char >> k & 1))
            continue;
        while (last < GCLASS_MAX && (x->n_char >> (last + 1) & 1))
            last++;
        for (uint32_t i = k; i <= last; i++)
            at[i] = pos;
        for (size_t i = 0; i < n_word && k <= c->n_upto; i++)
            w->bits[i] |= c->upto[(last < c->n_upto ? last : c->n_upto) * n_word + i] &
                          ~c->upto[(k - 1) * n_word + i];
        k = last;
    }
    return all_tails(w, x->set, at);
}
