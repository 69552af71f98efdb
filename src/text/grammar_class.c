/* Tokens by classes of characters: most of what a mask lets through is a run of characters that the
 * grammar treats alike, and comes from a table instead of a walk. Tables are made when a grammar
 * first needs them and kept with the vocabulary for others. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "os/thread.h"
#include "text/grammar_mask_int.h"

#define KEPT_MAX  48U   /* tables that nobody uses are kept up to this number */
#define BELOW_MIN 3000U /* nodes below a first byte for which a table of their own is worth it */
#define RUNS_MAX  16U   /* of one grammar */
#define DEPTH_MAX (GTOKEN_BYTES_MAX + 1U)

struct gclasses {
    struct lock lock;
    struct gclass *first;
    uint32_t n;
    uint64_t clock;
};

/* ---- making a table ---- */

/* An exit on its way into the order: path, shape | n_path, alone, n_char, node. */
struct found {
    uint64_t alike, rest;
};

struct scan {
    const struct gvocab *v;
    struct gclass *c;
    struct found *at;
    uint32_t n, cap;
    struct gexit *pure; /* [n_pure] nodes of pure tokens */
    uint32_t n_pure, cap_pure;
    bool failed;
};

static bool holds(const struct gclass *c, uint32_t cp)
{
    size_t i = cp_ranges_find(c->range, c->n_range, cp);

    return i < c->n_range && c->range[i].from <= cp;
}

static bool room(struct scan *s, void **at, uint32_t n, uint32_t *cap, size_t size)
{
    uint32_t more = *cap ? *cap * 2 : 1024;
    void *p;

    if (n < *cap)
        return true;
    p = mem_realloc(MEM_MODEL, *at, (size_t)more * size);
    if (!p) {
        s->failed = true;
        return false;
    }
    *at = p;
    *cap = more;
    return true;
}

static void add_exit(struct scan *s, uint32_t node, const uint8_t *path, uint32_t n_path,
                     uint32_t n_char, bool alone)
{
    uint64_t key = 0;

    if (!room(s, (void **)&s->at, s->n, &s->cap, sizeof(*s->at)))
        return;
    for (uint32_t i = 0; i < 4; i++)
        key = key << 8 | (i < n_path ? path[i] : 0U);
    s->at[s->n++] = (struct found){ .alike = key << 32 | (alone ? 0U : s->v->shape[node]),
                                    .rest = (uint64_t)(n_path * 2 + alone) << 48 |
                                            (uint64_t)n_char << 32 | node };
}

static void add_part(struct scan *s, uint32_t node, uint32_t n_char)
{
    struct gclass *c = s->c;

    if (room(s, (void **)&c->part, c->n_part, &c->cap_part, sizeof(*c->part)))
        c->part[c->n_part++] = (struct gexit){ node, n_char };
}

static void add_pure(struct scan *s, uint32_t node, uint32_t n_char)
{
    if (room(s, (void **)&s->pure, s->n_pure, &s->cap_pure, sizeof(*s->pure)))
        s->pure[s->n_pure++] = (struct gexit){ node, n_char };
    if (n_char > s->c->n_upto)
        s->c->n_upto = n_char;
}

/* Of the characters that begin with these bytes: whether all are in the class, or at least one. */
static void begun(const struct gclass *c, const uint8_t *s, uint32_t n, bool *all, bool *any)
{
    uint32_t len = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4, lo = s[0] & (0x7FU >> len), hi, k = 0;

    for (uint32_t i = 1; i < n; i++)
        lo = lo << 6 | (s[i] & 0x3FU);
    hi = lo;
    for (uint32_t i = n; i < len; i++) {
        lo <<= 6;
        hi = hi << 6 | 0x3FU;
    }
    lo = max_u32(lo, len == 2 ? 0x80 : len == 3 ? 0x800 : 0x10000);
    hi = min_u32(hi, 0x10FFFFU);
    while (k < c->n_range && c->range[k].to < lo)
        k++;
    *any = lo <= hi && k < c->n_range && c->range[k].from <= hi;
    *all = *any && c->range[k].from <= lo && c->range[k].to >= hi;
}

/* A token that ends within a character. */
static void add_begun(struct scan *s, uint32_t node, const uint8_t *path, uint32_t n_path,
                      uint32_t n_char)
{
    bool all = false, any = false;

    if (n_char < GCLASS_MAX)
        begun(s->c, path, n_path, &all, &any);
    if (any)
        add_part(s, node, n_char);
    if (!all)
        add_exit(s, node, path, n_path, n_char, true);
}

/* A walk through the trie as long as it stays in the class. */
static void scan_trie(struct scan *s)
{
    const struct gtrie *below = s->c->root == GVOCAB_NONE ? NULL : s->v->node + s->c->root;
    const struct gexit root = { below ? below->depth : 0, 0 };
    uint32_t end = below ? below->end : s->v->n_node;
    struct gexit *at = mem_alloc_n(MEM_MODEL, DEPTH_MAX, sizeof(*at)); /* node: the depth where */
    uint8_t *byte = mem_alloc(MEM_MODEL, DEPTH_MAX);                   /* a character began    */

    s->failed = !at || !byte;
    for (uint32_t i = below ? s->c->root + 1 : 0; i < end && !s->failed;) {
        const struct gtrie *t = &s->v->node[i];
        struct gexit up = t->depth > root.node + 1 ? at[t->depth - 1U] : root;
        uint32_t n = t->depth - up.node, cp = 0;
        const uint8_t *path = byte + up.node + 1;

        byte[t->depth] = t->byte;
        if (utf8_decode((const char *)path, n, &cp) == n) {
            if (up.n_char < GCLASS_MAX && holds(s->c, cp)) {
                s->c->begins[path[0]] = true;
                s->c->sample = n == 1 ? path[0] : s->c->sample;
                at[t->depth] = (struct gexit){ t->depth, up.n_char + 1 };
                if (t->first != GVOCAB_NONE)
                    add_pure(s, i, up.n_char + 1);
                i++;
                continue;
            }
        } else if (utf8_whole_bytes((const char *)path, n) == 0) { /* not yet whole */
            at[t->depth] = up;
            if (t->first != GVOCAB_NONE)
                add_begun(s, i, path, n, up.n_char);
            i++;
            continue;
        }
        add_exit(s, i, path, n, up.n_char, false);
        i = t->end;
    }
    mem_free(at);
    mem_free(byte);
}

static int by_value(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    if (x->alike != y->alike)
        return x->alike < y->alike ? -1 : 1;
    return x->rest < y->rest ? -1 : x->rest > y->rest;
}

static bool new_tail(const struct scan *s, uint32_t i)
{
    return i == 0 || s->at[i].alike != s->at[i - 1].alike ||
           s->at[i].rest >> 48 != s->at[i - 1].rest >> 48;
}

static void fill_tails(struct scan *s)
{
    struct gclass *c = s->c;
    uint32_t n = 0, byte = 0;

    for (uint32_t i = 0; i < s->n; i++)
        n += new_tail(s, i);
    c->exit = mem_alloc_n(MEM_MODEL, s->n + 1U, sizeof(*c->exit));
    c->tail = mem_alloc_n(MEM_MODEL, n + 1U, sizeof(*c->tail));
    if (!c->exit || !c->tail) {
        s->failed = true;
        return;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        const struct found *x = &s->at[i];
        uint32_t how = (uint32_t)(x->rest >> 48);

        if (new_tail(s, i)) {
            struct gtail *t = &c->tail[c->n_tail++];

            *t = (struct gtail){ .first = i, .n_path = (uint8_t)(how / 2), .alone = how % 2 };
            for (unsigned k = 0; k < 4; k++)
                t->path[k] = (uint8_t)(x->alike >> (56 - 8 * k));
            while (byte <= t->path[0])
                c->by_byte[byte++] = c->n_tail - 1;
        }
        c->tail[c->n_tail - 1].n++;
        c->exit[i] = (struct gexit){ (uint32_t)x->rest, (uint32_t)(x->rest >> 32) & 0xFFFFU };
    }
    c->n_exit = s->n;
    while (byte <= 256)
        c->by_byte[byte++] = c->n_tail;
}

static void fill_pure(struct scan *s)
{
    const struct gvocab *v = s->v;
    struct gclass *c = s->c;

    c->upto = mem_alloc_zero(MEM_MODEL, sizeof(*c->upto) * v->n_word * (c->n_upto + 1U));
    s->failed = !c->upto;
    for (uint32_t i = 0; i < s->n_pure && !s->failed; i++)
        gw_set_tokens(v, v->node[s->pure[i].node].first,
                      c->upto + (size_t)s->pure[i].n_char * v->n_word);
    for (size_t i = v->n_word; !s->failed && i < (size_t)v->n_word * (c->n_upto + 1U); i++)
        c->upto[i] |= c->upto[i - v->n_word];
}

/* Once more through the trie, for walks that come to the class somewhere in a token. */
static void fill_impure(struct scan *s)
{
    const struct gvocab *v = s->v;

    s->c->impure = mem_alloc_zero(MEM_MODEL, sizeof(*s->c->impure) * (v->n_node / 64U + 1U));
    s->failed = !s->c->impure;
    for (uint32_t i = 0; i < v->n_node && !s->failed; i++) {
        if (v->node[i].byte >= 0x80 || !s->c->begins[v->node[i].byte])
            s->c->impure[i / 64] |= (uint64_t)1 << (i % 64);
    }
}

static void drop(struct gclass *c)
{
    if (!c)
        return;
    mem_free(c->impure);
    mem_free(c->range);
    mem_free(c->upto);
    mem_free(c->part);
    mem_free(c->exit);
    mem_free(c->tail);
    mem_free(c);
}

static struct gclass *make(const struct gvocab *v, const struct cp_range *r, uint32_t n,
                           uint32_t root)
{
    struct scan s = { .v = v, .c = mem_alloc_zero(MEM_MODEL, sizeof(*s.c)) };

    if (!s.c)
        return NULL;
    s.c->range = mem_alloc_n(MEM_MODEL, n, sizeof(*r));
    s.failed = !s.c->range;
    if (!s.failed) {
        memcpy(s.c->range, r, n * sizeof(*r));
        s.c->n_range = n;
        s.c->root = root;
        scan_trie(&s);
    }
    if (!s.failed && s.n)
        qsort(s.at, s.n, sizeof(*s.at), by_value);
    if (!s.failed)
        fill_tails(&s);
    if (!s.failed)
        fill_pure(&s);
    if (!s.failed && root == GVOCAB_NONE)
        fill_impure(&s);
    mem_free(s.at);
    mem_free(s.pure);
    if (!s.failed)
        return s.c;
    drop(s.c);
    return NULL;
}

/* ---- tables that are kept ---- */

enum err_code gclasses_create(struct gclasses **out, struct err *e)
{
    *out = mem_alloc_zero(MEM_MODEL, sizeof(**out));
    if (!*out)
        return err_set(e, ERR_OOM, "no memory for a vocabulary's classes");
    lock_init(&(*out)->lock);
    return ERR_OK;
}

void gclasses_destroy(struct gclasses *s)
{
    if (!s)
        return;
    for (struct gclass *c = s->first, *after; c; c = after) {
        after = c->next;
        drop(c);
    }
    lock_finish(&s->lock);
    mem_free(s);
}

/* With the lock: the class, which is then used once more. */
static struct gclass *find(struct gclasses *s, const struct cp_range *r, uint32_t n, uint32_t root)
{
    struct gclass *c = s->first;

    while (c && (c->root != root || c->n_range != n || memcmp(c->range, r, n * sizeof(*r)) != 0))
        c = c->next;
    if (c) {
        c->n_ref++;
        c->used = ++s->clock;
    }
    return c;
}

/* With the lock: takes out the one that has not been used for the longest time. */
static struct gclass *oldest(struct gclasses *s)
{
    struct gclass **best = NULL, *c;

    for (struct gclass **k = &s->first; *k; k = &(*k)->next) {
        if (!(*k)->n_ref && (!best || (*k)->used < (*best)->used))
            best = k;
    }
    c = best ? *best : NULL;
    if (c) {
        *best = c->next;
        s->n--;
    }
    return c;
}

static const struct gclass *get(const struct gvocab *v, const struct grammar *g, uint32_t set,
                                uint32_t root)
{
    const struct cp_range *r = g->range + g->set[set].first;
    uint32_t n = g->set[set].n;
    struct gclasses *s = v->classes;
    struct gclass *c, *made, *gone = NULL;

    lock_take(&s->lock);
    c = find(s, r, n, root);
    lock_give(&s->lock);
    if (c)
        return c;
    made = make(v, r, n, root); /* not under the lock: others have masks to make */
    lock_take(&s->lock);
    c = find(s, r, n, root);
    if (!c && made) {
        gone = s->n >= KEPT_MAX ? oldest(s) : NULL;
        made->next = s->first;
        s->first = made;
        s->n++;
        c = find(s, r, n, root);
        made = NULL;
    }
    lock_give(&s->lock);
    drop(made);
    drop(gone);
    return c;
}

static void put(const struct gvocab *v, const struct gclass *c)
{
    lock_take(&v->classes->lock);
    ((struct gclass *)c)->n_ref--;
    lock_give(&v->classes->lock);
}

/* ---- the sets of a grammar ---- */

static bool covers(const struct cp_range *a, uint32_t n_a, const struct cp_range *b, uint32_t n_b)
{
    uint32_t k = 0;

    for (uint32_t i = 0; i < n_b; i++) {
        while (k < n_a && a[k].to < b[i].from)
            k++;
        if (k == n_a || a[k].from > b[i].from || a[k].to < b[i].to)
            return false;
    }
    return true;
}

static bool in_set(const struct grammar *g, uint32_t set, uint32_t cp)
{
    const struct cp_range *r = g->range + g->set[set].first;
    size_t i = cp_ranges_find(r, g->set[set].n, cp);

    return i < g->set[set].n && r[i].from <= cp;
}

/* Characters of set b that a does not have. False: too many, or not of one byte. */
static bool difference(struct gruns *r, const struct grammar *g, uint32_t a, uint32_t b)
{
    const struct cp_range *x = g->range + g->set[b].first;
    uint32_t n = 0, n_a = 0, n_b = 0;

    for (uint32_t i = 0; i < g->set[a].n; i++)
        n_a += g->range[g->set[a].first + i].to - g->range[g->set[a].first + i].from + 1U;
    for (uint32_t i = 0; i < g->set[b].n; i++)
        n_b += x[i].to - x[i].from + 1U;
    for (uint32_t cp = 0; cp < 0x80; cp++) {
        if (!in_set(g, b, cp) || in_set(g, a, cp))
            continue;
        if (n == GEXCEPT_MAX)
            return false;
        r->except[a][n++] = (uint8_t)cp;
    }
    r->n_except[a] = (uint8_t)n;
    return n_b - n_a == n;
}

static void find_nearly(struct gruns *r, const struct grammar *g)
{
    for (uint32_t a = 1; a <= g->n_set; a++) {
        for (uint32_t b = 1; b <= g->n_set && !r->of[a] && !r->nearly[a]; b++) {
            if (r->of[b] && r->of[b]->sample && (r->within[a] >> b & 1) && difference(r, g, a, b))
                r->nearly[a] = (uint8_t)b;
        }
    }
}

static void find_below(struct gruns *r, const struct grammar *g, const struct gvocab *v)
{
    for (uint32_t b = 0; b < 0x80; b++) {
        uint32_t root = v->root[b];

        if (!g->behind[b] || root == GVOCAB_NONE || v->node[root].end - root < BELOW_MIN)
            continue;
        for (uint32_t i = 1; i <= g->n_set && r->n_below < GBELOW_MAX; i++) {
            const struct gclass *c =
                (g->behind[b] >> i & 1) && r->of[i] ? get(v, g, i, root) : NULL;

            if (!c)
                continue;
            r->below[r->n_below].byte = (uint8_t)b;
            r->below[r->n_below].set = (uint8_t)i;
            r->below[r->n_below++].c = c;
        }
    }
}

static void fill_runs(struct gruns *r, const struct grammar *g, const struct gvocab *v)
{
    uint32_t n = 0;

    r->v = v;
    for (uint32_t i = 1; i <= g->n_set; i++) {
        if ((g->set[i].in_row || g->set[i].whole) && n++ < RUNS_MAX)
            r->of[i] = get(v, g, i, GVOCAB_NONE); /* NULL: walked instead */
    }
    find_below(r, g, v);
    for (uint32_t i = 1; i <= g->n_set; i++) {
        for (uint32_t k = 1; k <= g->n_set; k++) {
            if (covers(g->range + g->set[k].first, g->set[k].n, g->range + g->set[i].first,
                       g->set[i].n))
                r->within[i] |= (uint64_t)1 << k;
        }
    }
    find_nearly(r, g);
}

static void drop_runs(struct gruns *r)
{
    for (uint32_t i = 0; i <= GRAMMAR_SETS_MAX; i++) {
        if (r->of[i])
            put(r->v, r->of[i]);
    }
    for (uint32_t i = 0; i < r->n_below; i++)
        put(r->v, r->below[i].c);
    mem_free(r);
}

enum err_code gm_find_runs(struct gmatch *m, const struct gvocab *v, struct err *e)
{
    if (m->runs)
        return ERR_OK;
    m->runs = mem_alloc_zero(MEM_REQUEST, sizeof(*m->runs));
    if (!m->runs)
        return err_set(e, ERR_OOM, "no memory for a mask");
    fill_runs(m->runs, m->g, v);
    return ERR_OK;
}

void gm_drop_runs(struct gmatch *m)
{
    if (m->runs)
        drop_runs(m->runs);
    m->runs = NULL;
}

enum err_code gvocab_learn(const struct gvocab *v, const struct grammar *g, struct err *e)
{
    struct gruns *r = mem_alloc_zero(MEM_REQUEST, sizeof(*r));

    if (!r)
        return err_set(e, ERR_OOM, "no memory for a vocabulary's classes");
    fill_runs(r, g, v);
    drop_runs(r);
    return ERR_OK;
}
