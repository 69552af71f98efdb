/* Masks. Threads with the same stack are taken together: what their own rule lets through does not
 * depend on the stack and is remembered for the rule's position alone (a walk over the trie); only
 * behind the trie's nodes where the rule may end, the walk goes on in what called it.
 *
 * Where characters of one class may come in a row, tokens come from tables (grammar_class.c); only
 * what follows such a run is walked. Counts of a repetition that no token can exhaust are taken as
 * equal, so that long bounded strings share one mask.
 *
 * In arrays of distinct items no token reaches into the item after the next: a few tokens that
 * would be possible are left out there, none is let through that is not. */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_mask_int.h"

#define MASKS_MAX 1024U
#define COUNT_MAX GVOCAB_LONG /* counts beyond are taken as equal */

/* ---- what is remembered ---- */

struct gmask *gm_find_mask(const struct gmatch *m, uint32_t pos, bool part)
{
    struct gmask *k = m->mask ? m->mask[pos % GMATCH_MASK_BUCKETS] : NULL;

    while (k && (k->pos != pos || k->part != part))
        k = k->chain;
    return k;
}

void gm_drop_masks(struct gmatch *m)
{
    for (uint32_t i = 0; m->mask && i < GMATCH_MASK_BUCKETS; i++) {
        for (struct gmask *k = m->mask[i], *after; k; k = after) {
            after = k->chain;
            mem_free(k->escape);
            mem_free(k->bits);
            mem_free(k);
        }
        m->mask[i] = NULL;
    }
    m->n_mask = 0;
}

struct gmask *gm_new_mask(struct gmatch *m, const struct gvocab *v, uint32_t pos, bool part,
                          struct err *e)
{
    struct gmask *k;

    if (!m->mask)
        m->mask = mem_alloc_n(MEM_REQUEST, GMATCH_MASK_BUCKETS, sizeof(struct gmask *));
    k = m->mask ? mem_alloc_zero(MEM_REQUEST, sizeof(*k)) : NULL;
    if (k)
        k->bits = mem_alloc_n(MEM_REQUEST, v->n_word, sizeof(*k->bits));
    if (!k || !k->bits) {
        mem_free(k);
        (void)err_set(e, ERR_OOM, "no memory for a mask");
        return NULL;
    }
    k->pos = pos;
    k->part = part;
    k->chain = m->mask[pos % GMATCH_MASK_BUCKETS];
    m->mask[pos % GMATCH_MASK_BUCKETS] = k;
    m->n_mask++;
    return k;
}

/* ---- one group of threads ---- */

static bool has_runs(const struct gmask *k)
{
    bool any = false;

    for (uint32_t i = 0; i < k->n_escape; i++)
        any = any || k->escape[i].c;
    return any;
}

static enum err_code local_mask(struct gwalk *w, uint32_t pos, struct gmask **out)
{
    struct gmatch *m = w->m;
    struct gwalk inner = *w;
    enum err_code rc;

    *out = gm_find_mask(m, pos, false);
    if (*out)
        return ERR_OK;
    inner.local = gm_new_mask(m, w->v, pos, false, w->e);
    if (!inner.local)
        return ERR_OOM;
    inner.bits = inner.local->bits;
    rc = gw_all(&inner, pos);
    if (!rc && inner.local->uses_uniq && has_runs(inner.local)) {
        inner.local->n_escape = 0;
        inner.no_runs = true; /* what was set stays */
        rc = gw_all(&inner, pos);
    }
    gw_keep(w, &inner);
    if (rc)
        gm_drop_masks(m);
    else
        *out = inner.local;
    return rc;
}

/* Behind an escape: `outer` is where the caller goes on. */
static enum err_code plain_escapes(struct gwalk *w, const struct gmask *local, uint32_t outer,
                                   bool *done)
{
    enum err_code rc = ERR_OK;

    *done = true;
    for (uint32_t i = 0; i < local->n_escape && outer && *done && !rc; i++) {
        const struct gescape *x = &local->escape[i];
        const struct gtrie *t = &w->v->node[x->node];

        if (x->c) {
            rc = gw_leave(w, x, outer, done);
            continue;
        }
        gw_set_tokens(w->v, t->first, w->bits);
        rc = gw_below(w, x->node, outer);
    }
    return rc;
}

/* Where distinct items begin or end within the rule itself, a token goes as far as the escape, and
 * is followed in earnest. */
static enum err_code strict_escapes(struct gwalk *w, const struct gmask *local, uint32_t pos)
{
    const struct gvocab *v = w->v;
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < local->n_escape && !rc; i++) {
        const struct gtrie *t = &v->node[local->escape[i].node];
        const uint8_t *s = gw_node_bytes(v, local->escape[i].node);
        uint32_t at = pos;

        for (uint32_t d = 0; d < t->depth && at && t->first != GVOCAB_NONE && !rc; d++)
            rc = gmatch_byte(w->m, &at, s[d], w->e);
        if (at)
            gw_set_tokens(v, t->first, w->bits);
    }
    return rc;
}

/* Inside an array of distinct items: as if nothing was known of them. Repetitions are taken out at
 * the end (try_repeats). Arrays within arrays stop at the end of an item. */
static enum err_code item_mask(struct gwalk *w, const struct gthread *t, uint32_t n)
{
    struct gmatch *m = w->m;
    const struct gcell *u = &m->cell[t->uniq];
    uint32_t pass = u->v[3] ? 0 : 1 + gm_uniq_n_item(m, t->uniq) + (u->v[4] != 0), pos;
    struct gmask *k;
    enum err_code rc = gm_inner_pos(m, t, n, pass, &pos, w->e);

    if (rc)
        return rc;
    k = gm_find_mask(m, pos, false);
    if (!k) {
        struct gwalk inner = *w;

        k = gm_new_mask(m, w->v, pos, false, w->e);
        if (!k)
            return ERR_OOM;
        inner.bits = k->bits;
        inner.local = NULL;
        rc = gw_all(&inner, pos);
        gw_keep(w, &inner);
        if (rc)
            gm_drop_masks(m);
    }
    for (uint32_t i = 0; i < w->v->n_word && !rc; i++)
        w->bits[i] |= k->bits[i];
    return rc;
}

/* A counted character: how many more may come depends on the stack. */
static bool is_counted(const struct gmatch *m, const struct gthread *t, uint32_t n)
{
    bool any = false;

    for (uint32_t i = 0; i < n; i++)
        any = any || m->g->node[t[i].node].set;
    return any && t->frame && m->cell[t->frame].kind == GC_FRAME && m->cell[t->frame].v[2];
}

static enum err_code group_mask(struct gwalk *w, const struct gthread *t, uint32_t n)
{
    struct gmatch *m = w->m;
    struct gmask *local;
    uint32_t pos, outer;
    enum err_code rc;
    bool done;

    if (t->uniq)
        return item_mask(w, t, n);
    if (is_counted(m, t, n)) {
        rc = gm_pos(m, t, n, &pos, w->e);
        return rc ? rc : gw_all(w, pos);
    }
    rc = gm_local_pos(m, t, n, &pos, w->e);
    if (!rc)
        rc = local_mask(w, pos, &local);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < w->v->n_word; i++)
        w->bits[i] |= local->bits[i];
    if (local->n_escape == 0)
        return ERR_OK;
    if (local->uses_uniq) {
        rc = gm_pos(m, t, n, &pos, w->e);
        return rc ? rc : strict_escapes(w, local, pos);
    }
    rc = gm_outer_pos(m, t, &outer, w->e);
    if (!rc)
        rc = plain_escapes(w, local, outer, &done);
    if (rc || done)
        return rc;
    rc = gm_pos(m, t, n, &pos, w->e);
    return rc ? rc : gw_all(w, pos);
}

/* Every control token but those that the grammar knows. */
static void control_tokens(const struct grammar *g, const struct gvocab *v, uint64_t *mask)
{
    size_t n_word = v->n_word;
    uint64_t known;

    for (size_t i = 0; i < n_word; i++) {
        known = 0;
        for (uint32_t k = 0; k < g->n_mark; k++)
            if ((uint32_t)g->mark[k] / 64 == i)
                known |= (uint64_t)1 << ((uint32_t)g->mark[k] % 64);
        mask[i] |= v->control[i] & ~known;
    }
}

static void token_threads(const struct gmatch *m, const struct gvocab *v, uint32_t at,
                          uint64_t *mask)
{
    const struct gpos *p = &m->pos[at];
    size_t n_word = v->n_word;

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[m->thread[p->first + i].node];
        bool had = n->alt < v->n_token && (mask[n->alt / 64] >> (n->alt % 64) & 1);
        uint64_t bit = (uint64_t)1 << (n->alt % 64);

        if (n->op == GN_TOK && n->alt < v->n_token)
            mask[n->alt / 64] |= bit;
        if (n->op == GN_CTRL)
            control_tokens(m->g, v, mask);
        if (n->op != GN_NTOK)
            continue;
        memset(mask, 0xFF, n_word * sizeof(*mask));
        if (v->n_token % 64)
            mask[n_word - 1] = ((uint64_t)1 << (v->n_token % 64)) - 1;
        if (n->alt < v->n_token && !had)
            mask[n->alt / 64] &= ~bit;
        for (uint32_t k = 0; k < v->n_end; k++)
            mask[v->end[k] / 64] &= ~((uint64_t)1 << (v->end[k] % 64));
    }
    for (uint32_t k = 0; k < v->n_end && p->may_end; k++)
        mask[v->end[k] / 64] |= (uint64_t)1 << (v->end[k] % 64);
}

static bool grouped(const struct gthread *a, const struct gthread *b)
{
    return a->frame == b->frame && a->uniq == b->uniq;
}

static enum err_code byte_threads(struct gwalk *w, uint32_t at)
{
    struct gmatch *m = w->m;
    uint32_t n = m->pos[at].n;
    struct gthread *t, *group;
    enum err_code rc = ERR_OK;

    if (n == 0)
        return ERR_OK;
    t = mem_alloc_n(MEM_REQUEST, 2 * (size_t)n, sizeof(*t));
    group = t + n;
    if (!t)
        return err_set(w->e, ERR_OOM, "no memory for a mask");
    memcpy(t, m->thread + m->pos[at].first, n * sizeof(*t));
    for (uint32_t i = 0; i < n && !rc; i++) {
        uint32_t n_group = 0;

        if (m->g->node[t[i].node].op != GN_BYTE)
            continue;
        for (uint32_t k = i; k < n; k++) {
            if (m->g->node[t[k].node].op != GN_BYTE || !grouped(&t[k], &t[i]))
                continue;
            group[n_group++] = t[k];
            if (k > i)
                t[k].node = GNODE_FAIL; /* taken */
        }
        rc = group_mask(w, group, n_group);
    }
    mem_free(t);
    return rc;
}

/* The child of a trie's node (of the root: GVOCAB_NONE) for a byte, or GVOCAB_NONE. */
static uint32_t child_of(const struct gvocab *v, uint32_t node, uint8_t byte)
{
    uint32_t i = node == GVOCAB_NONE ? 0 : node + 1;
    uint32_t end = node == GVOCAB_NONE ? v->n_node : v->node[node].end;

    while (i < end && v->node[i].byte != byte)
        i = v->node[i].end;
    return i < end ? i : GVOCAB_NONE;
}

static void take_out(struct gwalk *w, uint32_t first)
{
    for (; first != GVOCAB_NONE; first = w->v->same[first])
        w->bits[first / 64] &= ~((uint64_t)1 << (first % 64));
}

/* An item that was there before, against what was read of the present one. */
struct repeat {
    uint32_t at;    /* the position itself */
    uint32_t inner; /* inside the item, whatever was read of it; 0: not to be asked */
    uint32_t uniq, n_rest;
};

/* Whether a new item can still come behind a byte of the repeated one. Most often the position
 * inside the item tells; if not, the text is followed in earnest, from its beginning. */
static enum err_code is_open(struct gwalk *w, struct repeat *r, const uint8_t *rest, uint32_t k,
                             bool *open)
{
    uint32_t at = r->at;
    enum err_code rc = ERR_OK;

    if (r->inner)
        rc = gmatch_byte(w->m, &r->inner, rest[k], w->e);
    *open = r->inner && w->m->pos[r->inner].n && !rc &&
            gm_uniq_is_open(w->m, r->uniq, r->inner, r->n_rest);
    if (*open || rc)
        return rc;
    for (uint32_t i = 0; i <= k && at && !rc; i++)
        rc = gmatch_byte(w->m, &at, rest[i], w->e);
    *open = at != 0;
    return rc;
}

/* The repeated item has been read and may go on as another one (a number): takes out what is below
 * the node and does not. */
static enum err_code take_below(struct gwalk *w, uint32_t at, const uint8_t *rest, uint32_t n,
                                uint32_t node)
{
    const struct gtrie *t = w->v->node;
    enum err_code rc = ERR_OK;

    for (uint32_t k = 0; k < n && !rc; k++)
        rc = gmatch_byte(w->m, &at, rest[k], w->e);
    w->pos[t[node].depth] = at;
    for (uint32_t i = node + 1; i < t[node].end && !rc;) {
        uint32_t to = w->pos[t[i].depth - 1];

        rc = gw_step(w, &to, t[i].byte);
        w->pos[t[i].depth] = to;
        if (to) {
            i++;
            continue;
        }
        for (uint32_t stop = t[i].end; i < stop; i++)
            take_out(w, t[i].first);
    }
    return rc;
}

/* Takes out tokens that end where only the end of the repeated item can follow, or that hold the
 * end itself. */
static enum err_code take_repeat(struct gwalk *w, struct repeat r, const uint8_t *rest, uint32_t n)
{
    const struct gvocab *v = w->v;
    uint32_t node = GVOCAB_NONE;
    enum err_code rc = ERR_OK;
    bool open = true;

    for (uint32_t k = 0; k < n && !rc; k++) {
        node = child_of(v, node, rest[k]);
        if (node == GVOCAB_NONE)
            return ERR_OK;
        rc = is_open(w, &r, rest, k, &open);
        if (!open && !rc)
            take_out(w, v->node[node].first);
    }
    if (open && n && !rc)
        return take_below(w, r.at, rest, n, node);
    for (uint32_t i = node + 1; !open && !rc && i < v->node[node].end; i++)
        take_out(w, v->node[i].first);
    return rc;
}

/* The position inside the item, of all threads that are in it. */
static enum err_code inside(struct gwalk *w, struct repeat *r)
{
    struct gmatch *m = w->m;
    const struct gpos p = m->pos[r->at];
    struct gthread *t;
    enum err_code rc;
    uint32_t n = 0;

    if (m->cell[r->uniq].v[3]) /* an array in an array: what is outside matters as well */
        return ERR_OK;
    t = mem_alloc_n(MEM_REQUEST, p.n, sizeof(*t));
    if (!t)
        return err_set(w->e, ERR_OOM, "no memory for a mask");
    for (uint32_t i = 0; i < p.n; i++) {
        if (m->thread[p.first + i].uniq == r->uniq)
            t[n++] = m->thread[p.first + i];
    }
    rc = gm_inner_pos(m, t, n, 0, &r->inner, w->e);
    r->n_rest = gm_uniq_n_rest(m, r->uniq);
    mem_free(t);
    return rc;
}

static enum err_code try_repeats(struct gwalk *w, uint32_t at, uint32_t uniq)
{
    struct gmatch *m = w->m;
    struct repeat r = { .at = at, .uniq = uniq };
    uint8_t *rest = mem_alloc(MEM_REQUEST, w->v->len_max + 1U);
    enum err_code rc = rest ? ERR_OK : err_set(w->e, ERR_OOM, "no memory for a mask");
    uint32_t i = 0, n;

    if (!rc)
        rc = inside(w, &r);
    for (; uniq && !rc; uniq = m->cell[uniq].v[3], i = 0) {
        while (!rc && gm_uniq_rest(m, uniq, &i, rest, w->v->len_max + 1U, &n))
            rc = take_repeat(w, r, rest, n);
    }
    mem_free(rest);
    return rc;
}

static enum err_code distinct_threads(struct gwalk *w, uint32_t at)
{
    struct gmatch *m = w->m;
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < m->pos[at].n && !rc; i++) {
        uint32_t uniq = m->thread[m->pos[at].first + i].uniq;

        if (uniq && (i == 0 || m->thread[m->pos[at].first + i - 1].uniq != uniq))
            rc = try_repeats(w, at, uniq);
    }
    return rc;
}

enum err_code gmatch_mask(struct gmatch *m, const struct gvocab *v, uint32_t at, uint64_t *mask,
                          struct err *e)
{
    size_t bytes = v->n_word * sizeof(*mask);
    struct gwalk w = { .m = m, .v = v, .bits = mask, .e = e };
    uint32_t pos = at;
    struct gmask *k;
    enum err_code rc = gm_clamped_pos(m, COUNT_MAX, &pos, e);

    memset(mask, 0, bytes);
    if (rc || !at)
        return rc;
    k = gm_find_mask(m, pos, false);
    if (k) {
        memcpy(mask, k->bits, bytes);
        return ERR_OK;
    }
    if (m->n_mask >= MASKS_MAX)
        gm_drop_masks(m);
    rc = gm_find_runs(m, v, e);
    if (rc)
        return rc;
    w.pos = mem_alloc_n(MEM_REQUEST, v->len_max + 1U, sizeof(*w.pos));
    w.ahead = mem_alloc_n(MEM_REQUEST, v->len_max + 1U, sizeof(*w.ahead));
    rc = w.pos && w.ahead ? byte_threads(&w, pos) : err_set(e, ERR_OOM, "no memory for a mask");
    if (!rc)
        rc = distinct_threads(&w, pos);
    for (uint32_t i = 0; i < v->n_long && pos != at; i++) /* they might go beyond the count */
        mask[v->longer[i] / 64] &= ~((uint64_t)1 << (v->longer[i] % 64));
    if (!rc)
        token_threads(m, v, pos, mask);
    k = rc ? NULL : gm_new_mask(m, v, pos, false, e);
    if (k)
        memcpy(k->bits, mask, bytes);
    if (rc)
        gm_drop_masks(m); /* one of them may be half made */
    mem_free(w.pos);
    mem_free(w.ahead);
    mem_free(w.hit);
    mem_free(w.scratch);
    return rc;
}

enum err_code gmatch_accept(struct gmatch *m, const struct gvocab *v, uint32_t *at, int32_t id,
                            struct err *e)
{
    uint32_t from = *at, by_token, to = from;
    enum err_code rc = ERR_OK;

    *at = 0;
    if (id < 0 || (uint32_t)id >= v->n_token || !from)
        return ERR_OK;
    if (v->kind[id] == GTOKEN_END) {
        by_token = from;
        rc = m->g->has_tokens ? gm_token(m, &by_token, id, GTOKEN_END, e) : ERR_OK;
        *at = m->pos[from].may_end ? from : m->g->has_tokens ? by_token : 0;
        return rc;
    }
    if (v->kind[id] != GTOKEN_TEXT || v->from[id] == v->from[id + 1])
        to = 0;
    for (uint32_t k = v->from[id]; k < v->from[id + 1] && to && !rc; k++)
        rc = gmatch_byte(m, &to, v->bytes[k], e);
    if (!rc && m->g->has_tokens) {
        by_token = from;
        rc = gm_token(m, &by_token, id, (enum gtoken_kind)v->kind[id], e);
        if (!rc)
            rc = gm_union_pos(m, to, by_token, &to, e);
    }
    *at = rc ? 0 : to;
    return rc;
}
