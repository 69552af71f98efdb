/* Tokens that begin with characters of a class, from tables: those that are nothing else, and those
 * that leave the class, which are tried in groups that go on alike. */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_mask_int.h"

/* The set whose table serves a thread; 0: none. */
static uint32_t run_set(const struct gmatch *m, const struct gthread *t)
{
    uint32_t set = m->g->node[t->node].set;

    return m->runs->of[set] ? set : m->runs->nearly[set];
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
    w->hit[w->n_hit] = gw_met(w, pos);
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

        rc = gw_step(w, &to, t[i].byte);
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
        rc = gw_arrive(w, w->hit[i], node + w->hit[i].at);
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

/* Bytes of an escape or exit: of some token at or below it. */
const uint8_t *gw_node_bytes(const struct gvocab *v, uint32_t node)
{
    while (v->node[node].first == GVOCAB_NONE)
        node++;
    return v->bytes + v->from[v->node[node].first];
}

/* The position behind the characters of the class. */
static enum err_code leaves_at(struct gwalk *w, const struct gleave *l, const struct gtail *x,
                               const struct gexit *y, uint32_t *pos)
{
    const struct gvocab *v = w->v;
    uint32_t k = l->c->root == GVOCAB_NONE ? 0 : v->node[l->c->root].depth;
    uint32_t end = v->node[y->node].depth - x->n_path;
    const uint8_t *s;
    enum err_code rc = ERR_OK;

    if (l->at || y->n_char == 0) {
        *pos = l->at ? l->at[y->n_char] : l->from;
        return ERR_OK;
    }
    s = gw_node_bytes(v, y->node);
    for (*pos = l->from; k < end && *pos && !rc; k++)
        rc = gw_step(w, pos, s[k]);
    return rc;
}

/* only_last: of exits behind GCLASS_MAX characters, which may go on in the class. */
static enum err_code one_tail(struct gwalk *w, const struct gleave *l, const struct gtail *x,
                              bool only_last)
{
    uint32_t from = 0, at = 0, to = 0, tried = 0; /* the hits are those from position `tried` on */
    enum err_code rc = ERR_OK;
    bool done = false;

    w->n_hit = 0;
    for (uint32_t i = x->first; i < x->first + x->n && !rc; i++) {
        const struct gexit *y = &l->c->exit[i];

        if ((only_last && y->n_char < GCLASS_MAX) || (w->n_except && is_except(w, y->node)))
            continue;
        rc = leaves_at(w, l, x, y, &at);
        if (at != from) {
            from = to = at;
            for (uint32_t k = 0; k < x->n_path && to && !rc; k++)
                rc = gw_step(w, &to, x->path[k]);
        }
        if (!to || rc)
            continue;
        if (x->n == 1 && w->v->node[y->node].depth == 1)
            rc = gw_front_below(w, y->node, to, &done);
        if (done) {
            rc = rc ? rc : gw_arrive(w, gw_met(w, to), y->node);
            continue;
        }
        if (to != tried && !rc) {
            w->n_hit = 0;
            tried = to;
            rc = try_tail(w, x, y->node, to);
        }
        if (!rc)
            rc = take_hits(w, y->node);
    }
    return rc;
}

enum err_code gw_tails(struct gwalk *w, const struct gleave *l)
{
    const struct gclass *c = l->c;
    enum err_code rc = ERR_OK;

    for (unsigned b = 0; b < 256 && !rc; b++) {
        for (uint32_t i = c->by_byte[b];
             (l->reads[b] || l->last[b]) && i < c->by_byte[b + 1] && !rc; i++)
            rc = one_tail(w, l, &c->tail[i], !l->reads[b]);
    }
    return rc;
}

/* at[k]: the position behind k characters of the class, 0 for none. What leaves the class is not
 * read by threads that are in it. */
static enum err_code tails_at(struct gwalk *w, const struct gclass *c, uint32_t set,
                              const uint32_t *at)
{
    struct gleave l = { .c = c, .at = at };

    for (uint32_t k = 0; k <= GCLASS_MAX; k++) {
        if (at[k] && (k == 0 || at[k] != at[k - 1]))
            gw_reads(w->m, at[k], set, l.reads);
    }
    if (at[GCLASS_MAX])
        gw_reads(w->m, at[GCLASS_MAX], 0, l.last);
    return gw_tails(w, &l);
}

/* ---- runs at the front ---- */

/* The positions behind 1 .. GCLASS_MAX characters of a class, of which t begins one. False in *ok:
 * not all of them lead to the same one. */
static enum err_code follow(struct gwalk *w, uint32_t like, struct gthread t, uint32_t set,
                            uint32_t *at, bool *ok)
{
    const struct gclass *c = w->m->runs->of[set];
    enum err_code rc = ERR_OK;
    enum gway way = GWAY_ONE;

    memset(at + 1, 0, GCLASS_MAX * sizeof(*at));
    for (uint32_t k = 1; k <= GCLASS_MAX && way == GWAY_ONE && !rc; k++) {
        if (k > 2 && at[k - 1] == at[k - 2]) {
            at[k] = at[k - 1]; /* a loop */
            continue;
        }
        at[k] = at[k - 1];
        rc = c->sample && k > 1
                 ? gw_step(w, &at[k], c->sample)
                 : gm_behind(w->m, like, w->m->g->node[t.node].alt, t.frame, &at[k], w->e);
        if (rc)
            break;
        if (at[k] && w->local && w->m->pos[at[k]].met_uniq)
            way = GWAY_MIXED;
        else
            way = at[k] ? gw_way_on(w->m, at[k], set, &t) : GWAY_NONE;
    }
    *ok = way != GWAY_MIXED;
    return rc;
}

/* Pure tokens of at most n characters. */
enum err_code gw_pure(struct gwalk *w, const struct gclass *c, uint32_t n)
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

/* Tokens that end within one more character of the class; up to n may come. */
void gw_parts(struct gwalk *w, const struct gclass *c, uint32_t n)
{
    for (uint32_t i = 0; i < c->n_part; i++) {
        const struct gexit *x = &c->part[i];

        if (x->n_char < n && !(w->n_except && is_except(w, x->node)))
            gw_set_tokens(w->v, w->v->node[x->node].first, w->bits);
    }
}

/* Threads that begin a run of one class. root: below that node alone, or GVOCAB_NONE. c is the
 * class of their set or of one that is nearly the same. */
static enum err_code one_run(struct gwalk *w, uint32_t like, const struct gthread *t, uint32_t n,
                             const struct gclass *c)
{
    uint32_t own = w->m->g->node[t->node].set, set = run_set(w->m, t);
    uint32_t at[GCLASS_MAX + 1], n_pure = 0, n_at = 0;
    uint64_t escapes = 0;
    bool ok;
    enum err_code rc = gm_like_pos(w->m, like, t, n, &at[0], w->e);

    if (!rc)
        rc = follow(w, like, *t, set, at, &ok);
    if (rc)
        return rc;
    for (uint32_t k = 1; k <= GCLASS_MAX && at[k] && ok; k++) {
        struct ghit h = gw_met(w, at[k]);

        n_at = k;
        n_pure = h.is_set ? k : n_pure;
        escapes |= (uint64_t)h.escapes << k;
    }
    if (!ok || (own != set && escapes))
        return c->root == GVOCAB_NONE ? gw_root(w, at[0]) : gw_walk_below(w, c->root, at[0]);
    w->except = w->m->runs->except[own];
    w->n_except = own != set ? w->m->runs->n_except[own] : 0;
    if (n_pure)
        rc = gw_pure(w, c, n_pure);
    gw_parts(w, c, n_at);
    if (escapes && !rc)
        rc = gw_note_escape(w, (struct gescape){ .c = c, .set = set, .n_char = escapes });
    if (!rc)
        rc = tails_at(w, c, set, at);
    w->n_except = 0;
    return rc;
}

/* The threads of the same run as t[i], taken out of the n into run. */
static uint32_t take_run(const struct gmatch *m, struct gthread *t, uint32_t i, uint32_t n,
                         struct gthread *run)
{
    uint32_t n_run = 0;

    for (uint32_t k = i; k < n; k++) {
        if (t[k].node == GNODE_FAIL || (k > i && !gw_same_run(m, &t[i], &t[k])))
            continue;
        run[n_run++] = t[k];
        if (k > i)
            t[k].node = GNODE_FAIL;
    }
    return n_run;
}

/* The table of a set below a first byte, or NULL. */
static const struct gclass *class_below(const struct gmatch *m, uint32_t node, uint32_t set)
{
    const struct gruns *r = m->runs;

    for (uint32_t i = 0; i < r->n_below; i++) {
        if (set && r->below[i].set == set && r->below[i].c->root == node)
            return r->below[i].c;
    }
    return NULL;
}

enum err_code gw_front_below(struct gwalk *w, uint32_t node, uint32_t pos, bool *done)
{
    struct gmatch *m = w->m;
    uint32_t n = m->pos[pos].n, n_rest = 0, rest_pos, n_except = w->n_except;
    struct gthread *t, *run, *rest;
    enum err_code rc = ERR_OK;

    *done = false;
    for (uint32_t i = 0; i < n && !*done; i++)
        *done = class_below(m, node, m->g->node[m->thread[m->pos[pos].first + i].node].set);
    if (!*done)
        return ERR_OK;
    t = mem_alloc_n(MEM_REQUEST, 3 * (size_t)n, sizeof(*t));
    if (!t)
        return err_set(w->e, ERR_OOM, "no memory for a mask");
    run = t + n;
    rest = run + n;
    memcpy(t, m->thread + m->pos[pos].first, n * sizeof(*t));
    w->n_except = 0;
    for (uint32_t i = 0; i < n && !rc; i++) {
        const struct gclass *c = class_below(m, node, m->g->node[t[i].node].set);

        if (t[i].node != GNODE_FAIL && c)
            rc = one_run(w, pos, run, take_run(m, t, i, n, run), c);
        else if (t[i].node != GNODE_FAIL)
            rest[n_rest++] = t[i];
    }
    if (!rc && n_rest) {
        rc = gm_like_pos(m, pos, rest, n_rest, &rest_pos, w->e);
        if (!rc && rest_pos)
            rc = gw_walk_below(w, node, rest_pos);
    }
    w->n_except = n_except;
    mem_free(t);
    return rc;
}

void gw_keep(struct gwalk *w, const struct gwalk *inner)
{
    w->hit = inner->hit;
    w->scratch = inner->scratch;
    w->cap_hit = inner->cap_hit;
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
        rc = gw_root(&inner, pos);
        gw_keep(w, &inner);
    }
    for (uint32_t i = 0; i < w->v->n_word && !rc; i++)
        w->bits[i] |= k->bits[i];
    for (uint32_t i = 0; i < k->n_escape && !rc; i++)
        rc = gw_note_escape(w, k->escape[i]);
    if (w->local)
        w->local->uses_uniq |= k->uses_uniq;
    return rc;
}

/* Each thread by its own. */
static enum err_code by_threads(struct gwalk *w, uint32_t pos)
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
        bool runs = !w->no_runs && run_set(m, &t[i]);

        if (t[i].node == GNODE_FAIL)
            continue; /* taken */
        if (runs)
            rc = one_run(w, pos, run, take_run(m, t, i, n, run), m->runs->of[run_set(m, &t[i])]);
        else if (is_part(w, &t[i]))
            rc = one_part(w, pos, &t[i]);
        else
            rest[n_rest++] = t[i];
    }
    if (!rc && n_rest && n_rest < n) /* threads of runs and of parts are done */
        rc = gm_like_pos(m, pos, rest, n_rest, &rest_pos, w->e);
    if (!rc && n_rest)
        rc = gw_root(w, rest_pos);
    mem_free(t);
    return rc;
}

enum err_code gw_all(struct gwalk *w, uint32_t pos)
{
    bool done = false;
    enum err_code rc = w->no_runs ? ERR_OK : gw_whole(w, pos, &done);

    return rc || done ? rc : by_threads(w, pos);
}

enum err_code gw_leave(struct gwalk *w, const struct gescape *x, uint32_t pos, bool *done)
{
    uint32_t at[GCLASS_MAX + 1] = { 0 };
    const struct gclass *c = x->c, *whole = w->m->runs->of[x->set];
    const struct gpos *p = &w->m->pos[pos];
    size_t n_word = w->v->n_word;

    *done = true;
    for (uint32_t i = 0; i < p->n && *done; i++) {
        const struct gnode *n = &w->m->g->node[w->m->thread[p->first + i].node];

        for (unsigned b = n->lo; n->op == GN_BYTE && b <= n->hi && *done; b++)
            *done = !whole->begins[b];
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
    return tails_at(w, c, x->set, at);
}
