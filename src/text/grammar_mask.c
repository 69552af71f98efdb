/* Masks. Threads with the same stack are taken together: what their own rule lets through does not
 * depend on the stack and is remembered for the rule's position alone (a walk over the trie); only
 * behind the trie's nodes where the rule may end, the walk goes on in what called it.
 *
 * Inside strings most tokens are plain and go on whatever they are: these come from tables by their
 * number of characters, and only the trie of the others is walked. Counts of a repetition that no
 * token can exhaust are taken as equal, so that long bounded strings share one mask.
 *
 * In arrays of distinct items no token reaches into the item after the next: a few tokens that
 * would be possible are left out there, none is let through that is not. */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "text/grammar_mask_int.h"
#include "text/grammar_run_int.h"

#define MASKS_MAX 1024U
#define COUNT_MAX GVOCAB_LONG /* counts beyond are taken as equal */

struct walk {
    struct gmatch *m;
    const struct gvocab *v;
    uint64_t *bits;
    uint32_t *pos;       /* [len_max + 1] by depth */
    struct gmask *local; /* where escapes are noted, or NULL */
    struct err *e;
};

static void set_tokens(const struct gvocab *v, uint32_t first, uint64_t *bits)
{
    for (; first != GVOCAB_NONE; first = v->same[first])
        bits[first / 64] |= (uint64_t)1 << (first % 64);
}

static enum err_code note_escape(struct walk *w, uint32_t node)
{
    struct gmask *k = w->local;

    if (k->n_escape == k->cap_escape) {
        uint32_t cap = k->cap_escape ? k->cap_escape * 2 : 64;
        uint32_t *at = mem_realloc(MEM_REQUEST, k->escape, cap * sizeof(*at));

        if (!at)
            return err_set(w->e, ERR_OOM, "no memory for a mask");
        k->escape = at;
        k->cap_escape = cap;
    }
    k->escape[k->n_escape++] = node;
    return ERR_OK;
}

/* The position behind a byte; 0: none. */
static enum err_code step(struct walk *w, uint32_t *at, uint8_t byte)
{
    const struct gmatch *m = w->m;
    uint32_t row = m->pos[*at].row;
    uint32_t known = row == GMATCH_UNKNOWN ? row : m->row[(size_t)row * 256 + byte];

    if (known == GMATCH_UNKNOWN)
        return gmatch_byte(w->m, at, byte, w->e);
    *at = known;
    return ERR_OK;
}

/* Node `full` of the trie leads to position `to`; tokens from `first` on end there. */
static enum err_code arrive(struct walk *w, uint32_t full, uint32_t first, uint32_t to)
{
    const struct gpos *p = &w->m->pos[to];

    if (!w->local || p->n)
        set_tokens(w->v, first, w->bits);
    if (!w->local || !p->may_end)
        return ERR_OK;
    w->local->uses_uniq |= p->met_uniq;
    return note_escape(w, full);
}

/* Nodes first..end of the odd trie, children of ones whose position is pos[depth of first - 1]. */
static enum err_code walk_odd(struct walk *w, uint32_t first, uint32_t end)
{
    const struct godd *t = w->v->odd;
    enum err_code rc = ERR_OK;

    for (uint32_t i = first; i < end && !rc;) {
        uint32_t to = w->pos[t[i].depth - 1];

        rc = step(w, &to, t[i].byte);
        if (rc || !to) {
            i = t[i].end;
            continue;
        }
        w->pos[t[i].depth] = to;
        rc = arrive(w, t[i].full, t[i].first, to);
        i = w->m->pos[to].n ? i + 1 : t[i].end;
    }
    return rc;
}

static uint32_t first_at_least(const uint32_t *at, uint32_t n, uint32_t value)
{
    uint32_t lo = 0;

    while (lo < n) {
        uint32_t mid = lo + (n - lo) / 2;

        if (at[mid] < value)
            lo = mid + 1;
        else
            n = mid;
    }
    return lo;
}

static uint32_t first_odd(const struct gvocab *v, uint32_t full)
{
    uint32_t lo = 0, hi = v->n_odd;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (v->odd[mid].full < full)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Below a node where any plain characters may follow: all plain tokens, and a walk to the others.
 */
static enum err_code plain_below(struct walk *w, uint32_t node)
{
    const struct gvocab *v = w->v;
    uint32_t end = v->node[node].end;

    for (uint32_t i = first_at_least(v->plain_node, v->n_plain, node + 1);
         i < v->n_plain && v->plain_node[i] < end; i++)
        w->bits[v->plain_id[i] / 64] |= (uint64_t)1 << (v->plain_id[i] % 64);
    return walk_odd(w, first_odd(v, node + 1), first_odd(v, end));
}

#define BELOW_MIN 64U /* nodes for which asking costs less than walking */

static enum err_code walk(struct walk *w, uint32_t first, uint32_t end);

/* What is below a node, whose own position is pos[its depth]. */
static enum err_code below(struct walk *w, uint32_t node)
{
    const struct gtrie *t = &w->v->node[node];
    uint32_t reach = 0;
    enum err_code rc = ERR_OK;

    if (t->end - node > BELOW_MIN)
        rc = gm_reach(w->m, w->pos[t->depth], &reach, w->e);
    if (rc)
        return rc;
    return reach == GREACH_ANY ? plain_below(w, node) : walk(w, node + 1, t->end);
}

/* Nodes first..end of the trie, children of one whose position is pos[depth of first - 1]. */
static enum err_code walk(struct walk *w, uint32_t first, uint32_t end)
{
    const struct gtrie *t = w->v->node;
    enum err_code rc = ERR_OK;

    for (uint32_t i = first; i < end && !rc;) {
        uint32_t to = w->pos[t[i].depth - 1], reach = 0;

        rc = step(w, &to, t[i].byte);
        if (rc || !to) {
            i = t[i].end;
            continue;
        }
        w->pos[t[i].depth] = to;
        rc = arrive(w, i, t[i].first, to);
        if (!rc && t[i].end - i > BELOW_MIN)
            rc = gm_reach(w->m, to, &reach, w->e);
        if (!rc && reach == GREACH_ANY)
            rc = plain_below(w, i);
        i = reach < GREACH_ANY && w->m->pos[to].n ? i + 1 : t[i].end;
    }
    return rc;
}

static bool reads_plain(const struct gnode *n)
{
    for (unsigned c = n->lo < 0x20 ? 0x20 : n->lo; c <= n->hi && c < 0x7F; c++) {
        if (c != '"' && c != '\\' && c != '<' && c != '[')
            return true;
    }
    return n->hi >= 0xC2;
}

/* The threads that let plain tokens through beside the one that lets any of them through. */
static uint32_t other_threads(const struct gmatch *m, uint32_t pos, struct gthread *out)
{
    const struct gpos *p = &m->pos[pos];
    const struct gthread *t = m->thread + p->first, *any = NULL;
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n && !any; i++) {
        if (m->g->node[t[i].node].is_char)
            any = &t[i];
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *k = &m->g->node[t[i].node];
        bool same = any && t[i].frame == any->frame &&
                    (k->lo >= 0x80 || k->next == m->g->node[any->node].next);

        if (k->op == GN_BYTE && !same && reads_plain(k))
            out[n++] = t[i];
    }
    return n;
}

/* The whole vocabulary from a position. */
static enum err_code walk_all(struct walk *w, uint32_t pos)
{
    const struct gvocab *v = w->v;
    struct gthread *others;
    uint32_t reach, n;
    enum err_code rc = gm_reach(w->m, pos, &reach, w->e);

    w->pos[0] = pos;
    if (rc || !reach)
        return rc ? rc : walk(w, 0, v->n_node);
    for (uint32_t i = 0; i < v->n_word; i++)
        w->bits[i] |= v->plain[(size_t)reach * v->n_word + i];
    rc = walk_odd(w, 0, v->n_odd);
    if (rc || reach == GREACH_ANY)
        return rc;
    others = mem_alloc_n(MEM_REQUEST, w->m->pos[pos].n, sizeof(*others));
    if (!others)
        return err_set(w->e, ERR_OOM, "no memory for a mask");
    n = other_threads(w->m, pos, others);
    if (n) {
        rc = gm_like_pos(w->m, pos, others, n, &pos, w->e);
        w->pos[0] = pos;
        if (!rc)
            rc = walk(w, 0, v->n_node);
    }
    mem_free(others);
    return rc;
}

/* ---- what is remembered ---- */

static struct gmask *find_mask(const struct gmatch *m, uint32_t pos)
{
    struct gmask *k = m->mask ? m->mask[pos % GMATCH_MASK_BUCKETS] : NULL;

    while (k && k->pos != pos)
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

static struct gmask *new_mask(struct gmatch *m, const struct gvocab *v, uint32_t pos, struct err *e)
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
    k->chain = m->mask[pos % GMATCH_MASK_BUCKETS];
    m->mask[pos % GMATCH_MASK_BUCKETS] = k;
    m->n_mask++;
    return k;
}

/* ---- one group of threads ---- */

static enum err_code local_mask(struct walk *w, uint32_t pos, struct gmask **out)
{
    struct gmatch *m = w->m;
    struct walk inner = *w;
    enum err_code rc;

    *out = find_mask(m, pos);
    if (*out)
        return ERR_OK;
    inner.local = new_mask(m, w->v, pos, w->e);
    if (!inner.local)
        return ERR_OOM;
    inner.bits = inner.local->bits;
    rc = walk_all(&inner, pos);
    if (rc)
        gm_drop_masks(m);
    else
        *out = inner.local;
    return rc;
}

/* Behind an escape: `outer` is where the caller goes on. */
static enum err_code plain_escapes(struct walk *w, const struct gmask *local, uint32_t outer)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < local->n_escape && outer && !rc; i++) {
        const struct gtrie *t = &w->v->node[local->escape[i]];

        set_tokens(w->v, t->first, w->bits);
        w->pos[t->depth] = outer;
        rc = below(w, local->escape[i]);
    }
    return rc;
}

/* Bytes of an escape: of some token at or below it. */
static const uint8_t *escape_bytes(const struct gvocab *v, uint32_t node)
{
    while (v->node[node].first == GVOCAB_NONE)
        node++;
    return v->bytes + v->from[v->node[node].first];
}

/* Where distinct items begin or end within the rule itself, a token goes as far as the escape, and
 * is followed in earnest. */
static enum err_code strict_escapes(struct walk *w, const struct gmask *local, uint32_t pos)
{
    const struct gvocab *v = w->v;
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < local->n_escape && !rc; i++) {
        const struct gtrie *t = &v->node[local->escape[i]];
        const uint8_t *s = escape_bytes(v, local->escape[i]);
        uint32_t at = pos;

        for (uint32_t d = 0; d < t->depth && at && t->first != GVOCAB_NONE && !rc; d++)
            rc = gmatch_byte(w->m, &at, s[d], w->e);
        if (at)
            set_tokens(v, t->first, w->bits);
    }
    return rc;
}

/* Inside an array of distinct items: as if nothing was known of them. Repetitions are taken out at
 * the end (try_repeats). Arrays within arrays stop at the end of an item. */
static enum err_code item_mask(struct walk *w, const struct gthread *t, uint32_t n)
{
    struct gmatch *m = w->m;
    const struct gcell *u = &m->cell[t->uniq];
    uint32_t pass = u->v[3] ? 0 : 1 + gm_uniq_n_item(m, t->uniq) + (u->v[4] != 0), pos;
    struct gmask *k;
    enum err_code rc = gm_inner_pos(m, t, n, pass, &pos, w->e);

    if (rc)
        return rc;
    k = find_mask(m, pos);
    if (!k) {
        struct walk inner = *w;

        k = new_mask(m, w->v, pos, w->e);
        if (!k)
            return ERR_OOM;
        inner.bits = k->bits;
        inner.local = NULL;
        rc = walk_all(&inner, pos);
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
        any = any || m->g->node[t[i].node].is_char;
    return any && t->frame && m->cell[t->frame].kind == GC_FRAME && m->cell[t->frame].v[2];
}

static enum err_code group_mask(struct walk *w, const struct gthread *t, uint32_t n)
{
    struct gmatch *m = w->m;
    struct gmask *local;
    uint32_t pos, outer;
    enum err_code rc;

    if (t->uniq)
        return item_mask(w, t, n);
    if (is_counted(m, t, n)) {
        rc = gm_pos(m, t, n, &pos, w->e);
        return rc ? rc : walk_all(w, pos);
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
    return rc ? rc : plain_escapes(w, local, outer);
}

/* Every control token but those that the grammar knows. */
static void control_tokens(const struct grammar *g, const struct gvocab *v, uint64_t *mask)
{
    size_t n_word = ((size_t)v->n_token + 63) / 64;
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
    size_t n_word = ((size_t)v->n_token + 63) / 64;

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

static enum err_code byte_threads(struct walk *w, uint32_t at)
{
    struct gmatch *m = w->m;
    uint32_t n = m->pos[at].n;
    struct gthread *t = mem_alloc_n(MEM_REQUEST, 2 * (size_t)n, sizeof(*t)), *group = t + n;
    enum err_code rc = ERR_OK;

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

static void take_out(struct walk *w, uint32_t first)
{
    for (; first != GVOCAB_NONE; first = w->v->same[first])
        w->bits[first / 64] &= ~((uint64_t)1 << (first % 64));
}

/* Along an item that was there before: tokens that end where only its end can follow, or that hold
 * the end itself. */
static enum err_code take_repeat(struct walk *w, uint32_t at, const uint8_t *rest, uint32_t n)
{
    const struct gvocab *v = w->v;
    uint32_t node = GVOCAB_NONE;
    enum err_code rc = ERR_OK;

    for (uint32_t k = 0; k < n && !rc; k++) {
        node = child_of(v, node, rest[k]);
        if (node == GVOCAB_NONE)
            return ERR_OK;
        rc = gmatch_byte(w->m, &at, rest[k], w->e);
        if (!at)
            take_out(w, v->node[node].first);
    }
    for (uint32_t i = at || rc || node == GVOCAB_NONE ? 1 : node + 1;
         !at && !rc && node != GVOCAB_NONE && i < v->node[node].end; i++)
        take_out(w, v->node[i].first);
    return rc;
}

static enum err_code try_repeats(struct walk *w, uint32_t at, uint32_t uniq)
{
    struct gmatch *m = w->m;
    uint8_t *rest = mem_alloc(MEM_REQUEST, w->v->len_max + 1U);
    enum err_code rc = rest ? ERR_OK : err_set(w->e, ERR_OOM, "no memory for a mask");
    uint32_t i = 0, n;

    for (; uniq && !rc; uniq = m->cell[uniq].v[3], i = 0) {
        while (!rc && gm_uniq_rest(m, uniq, &i, rest, w->v->len_max + 1U, &n))
            rc = take_repeat(w, at, rest, n);
    }
    mem_free(rest);
    return rc;
}

static enum err_code distinct_threads(struct walk *w, uint32_t at)
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
    size_t bytes = ((size_t)v->n_token + 63) / 64 * sizeof(*mask);
    struct walk w = { .m = m, .v = v, .bits = mask, .e = e };
    uint32_t pos = at;
    struct gmask *k;
    enum err_code rc = gm_clamped_pos(m, COUNT_MAX, &pos, e);

    memset(mask, 0, bytes);
    if (rc || !at)
        return rc;
    k = find_mask(m, pos);
    if (k) {
        memcpy(mask, k->bits, bytes);
        return ERR_OK;
    }
    if (m->n_mask >= MASKS_MAX)
        gm_drop_masks(m);
    w.pos = mem_alloc_n(MEM_REQUEST, v->len_max + 1U, sizeof(*w.pos));
    rc = w.pos ? byte_threads(&w, pos) : err_set(e, ERR_OOM, "no memory for a mask");
    if (!rc)
        rc = distinct_threads(&w, pos);
    for (uint32_t i = 0; i < v->n_long && pos != at; i++) /* they might go beyond the count */
        mask[v->longer[i] / 64] &= ~((uint64_t)1 << (v->longer[i] % 64));
    if (!rc)
        token_threads(m, v, pos, mask);
    k = rc ? NULL : new_mask(m, v, pos, e);
    if (k)
        memcpy(k->bits, mask, bytes);
    mem_free(w.pos);
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
        rc = m->g->has_tokens ? gm_token(m, &by_token, id, false, e) : ERR_OK;
        *at = m->pos[from].may_end ? from : m->g->has_tokens ? by_token : 0;
        return rc;
    }
    if (v->kind[id] != GTOKEN_TEXT || v->from[id] == v->from[id + 1])
        to = 0;
    for (uint32_t k = v->from[id]; k < v->from[id + 1] && to && !rc; k++)
        rc = gmatch_byte(m, &to, v->bytes[k], e);
    if (!rc && m->g->has_tokens) {
        by_token = from;
        rc = gm_token(m, &by_token, id, v->kind[id] == GTOKEN_OTHER, e);
        if (!rc)
            rc = gm_union_pos(m, to, by_token, &to, e);
    }
    *at = rc ? 0 : to;
    return rc;
}
