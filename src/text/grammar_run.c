/* Following a text through the automaton, a byte or a token at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "text/grammar_run_int.h"

bool gm_grow(struct gmatch *m, void **at, uint32_t n, uint32_t *cap, size_t size)
{
    uint32_t more = *cap ? *cap * 2 : 64;
    void *p;

    if (n < *cap)
        return true;
    if (m->rc)
        return false;
    if (more < *cap || m->bytes + (size_t)(more - *cap) * size > m->bytes_max) {
        m->rc = ERR_LIMIT;
        return false;
    }
    p = mem_realloc(MEM_REQUEST, *at, (size_t)more * size);
    if (!p) {
        m->rc = ERR_OOM;
        return false;
    }
    m->bytes += (size_t)(more - *cap) * size;
    *at = p;
    *cap = more;
    return true;
}

/* Makes room for one more; hash_at gives the hash of what index i stands for. */
static bool table_room(struct gmatch *m, struct gtable *t,
                       uint64_t (*hash_at)(const struct gmatch *m, uint32_t i))
{
    uint32_t cap = t->cap ? t->cap * 2 : 256, *at;

    if (t->cap && t->n < t->cap / 2)
        return true;
    if (m->rc || m->bytes + (size_t)(cap - t->cap) * sizeof(*at) > m->bytes_max) {
        m->rc = m->rc ? m->rc : ERR_LIMIT;
        return false;
    }
    at = mem_alloc_n(MEM_REQUEST, cap, sizeof(*at));
    if (!at) {
        m->rc = ERR_OOM;
        return false;
    }
    for (uint32_t k = 0; k < t->cap; k++) {
        uint32_t i = t->at[k], slot;

        if (!i)
            continue;
        slot = (uint32_t)hash_at(m, i) & (cap - 1);
        while (at[slot])
            slot = (slot + 1) & (cap - 1);
        at[slot] = i;
    }
    m->bytes += (size_t)(cap - t->cap) * sizeof(*at);
    mem_free(t->at);
    t->at = at;
    t->cap = cap;
    return true;
}

static uint64_t cell_hash(const struct gcell *c)
{
    uint64_t h = gm_mix(c->kind, (uint64_t)c->v[0] << 32 | c->v[1]);

    h = gm_mix(h, (uint64_t)c->v[2] << 32 | c->v[3]);
    return gm_mix(h, c->v[4]) >> 7;
}

static uint64_t cell_hash_at(const struct gmatch *m, uint32_t i)
{
    return cell_hash(&m->cell[i]);
}

uint32_t gm_cell(struct gmatch *m, enum gcell_kind kind, const uint32_t v[5])
{
    struct gcell c = { (uint32_t)kind, { v[0], v[1], v[2], v[3], v[4] } };
    uint32_t slot;

    if (!table_room(m, &m->cells, cell_hash_at) ||
        !gm_grow(m, (void **)&m->cell, m->n_cell, &m->cap_cell, sizeof(*m->cell)))
        return 0;
    slot = (uint32_t)cell_hash(&c) & (m->cells.cap - 1);
    for (; m->cells.at[slot]; slot = (slot + 1) & (m->cells.cap - 1)) {
        if (memcmp(&m->cell[m->cells.at[slot]], &c, sizeof(c)) == 0)
            return m->cells.at[slot];
    }
    m->cell[m->n_cell] = c;
    m->cells.at[slot] = m->n_cell;
    m->cells.n++;
    return m->n_cell++;
}

static uint64_t pos_hash(const struct gthread *t, uint32_t n, bool may_end)
{
    uint64_t h = gm_mix(n, may_end);

    for (uint32_t i = 0; i < n; i++) {
        h = gm_mix(h, (uint64_t)t[i].node << 32 | t[i].frame);
        h = gm_mix(h, t[i].uniq);
    }
    return h >> 7;
}

static uint64_t pos_hash_at(const struct gmatch *m, uint32_t i)
{
    const struct gpos *p = &m->pos[i];

    return pos_hash(m->thread + p->first, p->n, p->may_end);
}

/* ---- closure: everything reachable without reading ---- */

static bool same(const struct gthread *a, const struct gthread *b)
{
    return a->node == b->node && a->frame == b->frame && a->uniq == b->uniq;
}

static uint32_t seen_slot(const struct gthread *t, uint32_t cap)
{
    return (uint32_t)(gm_mix(gm_mix(t->node, t->frame), t->uniq) >> 9) & (cap - 1);
}

/* More slots, with what this closure has met. Most closures are small, and a small table stays in
 * the cache. */
static bool more_seen(struct gmatch *m)
{
    uint32_t cap = m->cap_seen * 8;
    struct gseen *at;

    if (m->rc || cap > GMATCH_SEEN_SLOTS) {
        m->rc = m->rc ? m->rc : ERR_LIMIT;
        return false;
    }
    at = mem_alloc_n(MEM_REQUEST, cap, sizeof(*at));
    if (!at) {
        m->rc = ERR_OOM;
        return false;
    }
    for (uint32_t i = 0; i < m->cap_seen; i++) {
        uint32_t slot = seen_slot(&m->seen[i].t, cap);

        if (m->seen[i].mark != m->mark)
            continue;
        while (at[slot].mark == m->mark)
            slot = (slot + 1) & (cap - 1);
        at[slot] = m->seen[i];
    }
    m->bytes += (cap - m->cap_seen) * sizeof(*at);
    mem_free(m->seen);
    m->seen = at;
    m->cap_seen = cap;
    return true;
}

/* True when the thread is new in this closure. seen has cap_seen slots. */
static bool mark_seen(struct gmatch *m, const struct gthread *t)
{
    uint32_t slot;

    if (m->n_seen >= m->cap_seen / 2 && !more_seen(m))
        return false;
    slot = seen_slot(t, m->cap_seen);
    for (; m->seen[slot].mark == m->mark; slot = (slot + 1) & (m->cap_seen - 1)) {
        if (same(&m->seen[slot].t, t))
            return false;
    }
    m->seen[slot] = (struct gseen){ *t, m->mark };
    m->n_seen++;
    return true;
}

static void add_work(struct gmatch *m, uint32_t node, uint32_t frame, uint32_t uniq)
{
    struct gthread t = { node, frame, uniq };

    if (m->rc || !m->g->node[node].live)
        return;
    if (m->g->node[node].op != GN_BYTE && !mark_seen(m, &t))
        return;
    if (gm_grow(m, (void **)&m->work, m->n_work, &m->cap_work, sizeof(*m->work)))
        m->work[m->n_work++] = t;
}

static void add_out(struct gmatch *m, const struct gthread *t)
{
    if (gm_grow(m, (void **)&m->out, m->n_out, &m->cap_out, sizeof(*m->out)))
        m->out[m->n_out++] = *t;
}

/* lo..hi more rounds of the repetition at `node`. */
static void enter_rep(struct gmatch *m, const struct gthread *t, uint32_t node, uint32_t lo,
                      uint32_t hi)
{
    const struct gnode *n = &m->g->node[node];
    const struct grule *r = &m->g->rule[m->g->rep[n->alt].rule];
    uint32_t v[5] = { n->next, t->frame, node, lo, hi };

    if (lo == 0)
        add_work(m, n->next, t->frame, t->uniq);
    if (hi && r->live) {
        uint32_t frame = gm_cell(m, GC_FRAME, v);

        if (frame)
            add_work(m, r->entry, frame, t->uniq);
    }
}

static void leave_rule(struct gmatch *m, const struct gthread *t)
{
    struct gcell f;
    struct gthread outer;

    if (!t->frame || m->cell[t->frame].kind == GC_BOTTOM) {
        m->may_end = true;
        return;
    }
    f = m->cell[t->frame];
    outer = (struct gthread){ f.v[0], f.v[1], t->uniq };
    if (f.v[2])
        enter_rep(m, &outer, f.v[2], f.v[3] ? f.v[3] - 1 : 0, f.v[4] - 1);
    else
        add_work(m, f.v[0], f.v[1], t->uniq);
}

static void call_rule(struct gmatch *m, const struct gthread *t, const struct gnode *n)
{
    uint32_t v[5] = { n->next, t->frame, 0, 0, 0 }, frame = t->frame;

    if (!m->g->rule[n->alt].live)
        return;
    if (m->g->node[n->next].op != GN_RET) { /* nothing to come back to otherwise */
        frame = gm_cell(m, GC_FRAME, v);
        if (!frame)
            return;
    }
    add_work(m, m->g->rule[n->alt].entry, frame, t->uniq);
}

static void close_thread(struct gmatch *m, struct gthread t)
{
    const struct gnode *n = &m->g->node[t.node];
    const struct grep *r;

    switch ((enum gop)n->op) {
    case GN_FAIL:
        return;
    case GN_BYTE:
    case GN_TOK:
    case GN_NTOK:
    case GN_CTRL:
        add_out(m, &t);
        return;
    case GN_SPLIT:
        add_work(m, n->next, t.frame, t.uniq);
        add_work(m, n->alt, t.frame, t.uniq);
        return;
    case GN_TEXT:
        if (m->text_only)
            add_work(m, n->next, t.frame, t.uniq);
        return;
    case GN_CALL:
        call_rule(m, &t, n);
        return;
    case GN_RET:
        leave_rule(m, &t);
        return;
    case GN_REP:
        r = &m->g->rep[n->alt];
        enter_rep(m, &t, t.node, r->lo, r->hi);
        return;
    default:
        if (m->local) { /* nothing is known of the items: stop where it would matter */
            if (n->op == GN_U_CLOSE || n->op == GN_U_NEED || (n->op == GN_U_DONE && m->pass) ||
                (n->op == GN_U_MORE && m->pass && m->pass - 1 < m->g->rule[n->alt].n_text))
                add_work(m, n->next, t.frame, 0);
            else
                m->may_end = m->met_uniq = true;
            return;
        }
        if (gm_uniq_node(m, n, &t.uniq))
            add_work(m, n->next, t.frame, t.uniq);
    }
}

static int by_value(const void *a, const void *b)
{
    const struct gthread *x = a, *y = b;

    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return x->uniq < y->uniq ? -1 : x->uniq > y->uniq;
}

#define FEW 32U /* threads that are quicker sorted by hand */

static void sort_out(struct gmatch *m)
{
    if (m->n_out > FEW) {
        qsort(m->out, m->n_out, sizeof(*m->out), by_value);
        return;
    }
    for (uint32_t i = 1; i < m->n_out; i++) {
        struct gthread t = m->out[i];
        uint32_t k = i;

        for (; k && by_value(&m->out[k - 1], &t) > 0; k--)
            m->out[k] = m->out[k - 1];
        m->out[k] = t;
    }
}

static bool all_free(const struct gmatch *m, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!m->g->node[m->out[i].node].is_free)
            return false;
    }
    return n > 0;
}

/* The position of the threads in m->out. */
static uint32_t find_pos(struct gmatch *m)
{
    uint32_t n = 0, slot;

    sort_out(m);
    for (uint32_t i = 0; i < m->n_out; i++) {
        if (n == 0 || !same(&m->out[n - 1], &m->out[i]))
            m->out[n++] = m->out[i];
    }
    if (n == 0 && !m->may_end)
        return 0;
    if (!table_room(m, &m->poss, pos_hash_at) ||
        !gm_grow(m, (void **)&m->pos, m->n_pos, &m->cap_pos, sizeof(*m->pos)))
        return 0;
    slot = (uint32_t)pos_hash(m->out, n, m->may_end) & (m->poss.cap - 1);
    for (; m->poss.at[slot]; slot = (slot + 1) & (m->poss.cap - 1)) {
        const struct gpos *p = &m->pos[m->poss.at[slot]];

        if (p->n == n && p->may_end == m->may_end && p->local == m->local && p->pass == m->pass &&
            (n == 0 || memcmp(m->thread + p->first, m->out, n * sizeof(*m->out)) == 0)) {
            m->pos[m->poss.at[slot]].met_uniq |= m->met_uniq;
            return m->poss.at[slot];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!gm_grow(m, (void **)&m->thread, m->n_thread + i, &m->cap_thread, sizeof(*m->thread)))
            return 0;
        m->thread[m->n_thread + i] = m->out[i];
    }
    m->pos[m->n_pos] = (struct gpos){ .first = m->n_thread,
                                      .n = n,
                                      .row = GMATCH_UNKNOWN,
                                      .may_end = m->may_end,
                                      .pass = m->pass,
                                      .local = m->local,
                                      .met_uniq = m->met_uniq,
                                      .is_free = all_free(m, n) };
    m->n_thread += n;
    m->poss.at[slot] = m->n_pos;
    m->poss.n++;
    return m->n_pos++;
}

static void begin_closure(struct gmatch *m)
{
    if (++m->mark == 0) { /* after 2^32 closures the marks start over */
        memset(m->seen, 0, m->cap_seen * sizeof(*m->seen));
        m->mark = 1;
    }
    m->n_work = m->n_out = m->n_seen = 0;
    m->may_end = m->local = m->met_uniq = false;
    m->pass = 0;
}

static enum err_code end_closure(struct gmatch *m, uint32_t *at, struct err *e)
{
    enum err_code rc;

    while (m->n_work && !m->rc) {
        struct gthread t = m->work[--m->n_work];

        close_thread(m, t);
    }
    *at = m->rc ? 0 : find_pos(m);
    rc = m->rc;
    m->rc = ERR_OK;
    if (rc == ERR_LIMIT)
        return err_set(e, rc, "the grammar is too ambiguous here: too many readings of one text");
    return rc ? err_set(e, rc, "no memory to follow a grammar") : ERR_OK;
}

static enum err_code step_byte(struct gmatch *m, uint32_t *at, uint8_t byte, struct err *e)
{
    struct gpos p = m->pos[*at];
    enum err_code rc;

    begin_closure(m);
    m->local = p.local;
    m->pass = p.pass;
    for (uint32_t i = 0; i < p.n; i++) {
        struct gthread t = m->thread[p.first + i];
        const struct gnode *n = &m->g->node[t.node];

        if (n->op == GN_BYTE && byte >= n->lo && byte <= n->hi)
            add_work(m, n->next, t.frame, gm_uniq_byte(m, t.uniq, byte));
    }
    rc = end_closure(m, at, e);
    return rc || !*at ? rc : gm_uniq_prune(m, at, e);
}

/* Remembers a step, for all bytes around this one that the position's threads read alike. */
static void remember(struct gmatch *m, uint32_t from, uint32_t row, uint8_t byte, uint32_t to)
{
    const struct gpos *p = &m->pos[from];
    unsigned lo = 0, hi = 255;

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gthread *t = &m->thread[p->first + i];
        const struct gnode *n = &m->g->node[t->node];

        if (t->uniq)
            lo = hi = byte; /* it keeps the byte itself */
        if (n->op != GN_BYTE)
            continue;
        if (n->hi < byte)
            lo = lo > n->hi ? lo : n->hi + 1U;
        else if (n->lo > byte)
            hi = hi < n->lo ? hi : n->lo - 1U;
        else {
            lo = lo > n->lo ? lo : n->lo;
            hi = hi < n->hi ? hi : n->hi;
        }
    }
    for (; lo <= hi; lo++)
        m->row[(size_t)row * 256 + lo] = to;
}

enum err_code gmatch_byte(struct gmatch *m, uint32_t *at, uint8_t byte, struct err *e)
{
    uint32_t from = *at, row;
    enum err_code rc;

    if (!from)
        return ERR_OK;
    CHECK(from < m->n_pos);
    row = m->pos[from].row;
    if (row != GMATCH_UNKNOWN && m->row[(size_t)row * 256 + byte] != GMATCH_UNKNOWN) {
        *at = m->row[(size_t)row * 256 + byte];
        return ERR_OK;
    }
    rc = step_byte(m, at, byte, e);
    if (rc)
        return rc;
    if (row == GMATCH_UNKNOWN) {
        if (!gm_grow(m, (void **)&m->row, m->n_row, &m->cap_row, 256 * sizeof(*m->row))) {
            m->rc = ERR_OK; /* the step is only not remembered */
            return ERR_OK;
        }
        row = m->pos[from].row = m->n_row++;
        memset(m->row + (size_t)row * 256, 0xFF, 256 * sizeof(*m->row));
    }
    remember(m, from, row, byte, *at);
    return ERR_OK;
}

bool grammar_has_mark(const struct grammar *g, int32_t id)
{
    for (uint32_t i = 0; i < g->n_mark; i++)
        if (g->mark[i] == id)
            return true;
    return false;
}

enum err_code gm_token(struct gmatch *m, uint32_t *at, int32_t id, enum gtoken_kind kind,
                       struct err *e)
{
    bool is_other = kind == GTOKEN_OTHER && !grammar_has_mark(m->g, id);
    struct gpos p = m->pos[*at];

    begin_closure(m);
    for (uint32_t i = 0; i < p.n; i++) {
        struct gthread t = m->thread[p.first + i];
        const struct gnode *n = &m->g->node[t.node];

        if ((n->op == GN_TOK && n->alt == (uint32_t)id) ||
            (n->op == GN_NTOK && n->alt != (uint32_t)id && kind != GTOKEN_END) ||
            (n->op == GN_CTRL && is_other))
            add_work(m, n->next, t.frame, t.uniq);
    }
    return end_closure(m, at, e);
}

enum err_code gmatch_token(struct gmatch *m, uint32_t *at, int32_t id, struct err *e)
{
    return gm_token(m, at, id, GTOKEN_TEXT, e);
}

/* ---- positions made of others, for masks ---- */

enum err_code gm_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t *pos,
                     struct err *e)
{
    begin_closure(m);
    for (uint32_t i = 0; i < n; i++)
        add_out(m, &t[i]);
    return end_closure(m, pos, e);
}

enum err_code gm_local_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t *pos,
                           struct err *e)
{
    static const uint32_t zero[5] = { 0 };
    uint32_t bottom;

    begin_closure(m);
    m->local = true;
    bottom = gm_cell(m, GC_BOTTOM, zero);
    for (uint32_t i = 0; i < n && bottom; i++)
        add_out(m, &(struct gthread){ t[i].node, bottom, 0 });
    return end_closure(m, pos, e);
}

enum err_code gm_inner_pos(struct gmatch *m, const struct gthread *t, uint32_t n, uint32_t pass,
                           uint32_t *pos, struct err *e)
{
    begin_closure(m);
    m->local = true;
    m->pass = pass;
    for (uint32_t i = 0; i < n; i++)
        add_out(m, &(struct gthread){ t[i].node, t[i].frame, 0 });
    return end_closure(m, pos, e);
}

enum err_code gm_like_pos(struct gmatch *m, uint32_t like, const struct gthread *t, uint32_t n,
                          uint32_t *pos, struct err *e)
{
    begin_closure(m);
    m->local = m->pos[like].local;
    m->pass = m->pos[like].pass;
    for (uint32_t i = 0; i < n; i++)
        add_out(m, &t[i]);
    return end_closure(m, pos, e);
}

enum err_code gm_behind(struct gmatch *m, uint32_t like, uint32_t node, uint32_t frame,
                        uint32_t *pos, struct err *e)
{
    begin_closure(m);
    m->local = m->pos[like].local;
    m->pass = m->pos[like].pass;
    add_work(m, node, frame, 0);
    return end_closure(m, pos, e);
}

enum err_code gm_kept_pos(struct gmatch *m, const struct gthread *t, uint32_t n, bool may_end,
                          uint32_t *pos, struct err *e)
{
    begin_closure(m);
    m->may_end = may_end;
    for (uint32_t i = 0; i < n; i++)
        add_out(m, &t[i]);
    return end_closure(m, pos, e);
}

enum err_code gm_outer_pos(struct gmatch *m, const struct gthread *t, uint32_t *pos, struct err *e)
{
    begin_closure(m);
    leave_rule(m, &(struct gthread){ t->node, t->frame, 0 });
    return end_closure(m, pos, e);
}

enum err_code gm_union_pos(struct gmatch *m, uint32_t a, uint32_t b, uint32_t *pos, struct err *e)
{
    const uint32_t both[2] = { a, b };

    begin_closure(m);
    for (unsigned k = 0; k < 2; k++) {
        struct gpos p = m->pos[both[k]];

        m->may_end = m->may_end || p.may_end;
        for (uint32_t i = 0; i < p.n; i++)
            add_out(m, &m->thread[p.first + i]);
    }
    return end_closure(m, pos, e);
}

enum err_code gm_clamped_pos(struct gmatch *m, uint32_t len, uint32_t *pos, struct err *e)
{
    struct gpos p = m->pos[*pos];
    bool changed = false;

    begin_closure(m);
    m->local = p.local;
    m->pass = p.pass;
    m->may_end = p.may_end;
    m->met_uniq = p.met_uniq;
    for (uint32_t i = 0; i < p.n; i++) {
        struct gthread t = m->thread[p.first + i];
        const struct gcell *f = &m->cell[t.frame];
        uint32_t near = len < GRAMMAR_NEAR ? m->g->node[t.node].near : 0;

        if (t.frame && f->kind == GC_FRAME && f->v[2] && (f->v[3] > len + 1 || f->v[4] > len + 1)) {
            uint32_t v[5] = { f->v[0], f->v[1], f->v[2], f->v[3], f->v[4] };

            v[3] = v[3] > len + 1 ? len + 1 : v[3];
            v[4] = v[4] > len + 1 ? len + 1 : v[4];
            t.frame = gm_cell(m, GC_FRAME, v);
            changed = true;
        }
        changed = changed || near;
        if (near)
            add_work(m, near, t.frame, t.uniq);
        else
            add_out(m, &t);
    }
    return changed || m->rc ? end_closure(m, pos, e) : ERR_OK;
}

bool gmatch_may_end(const struct gmatch *m, uint32_t at)
{
    return m->pos[at].may_end;
}

bool gmatch_must_end(const struct gmatch *m, uint32_t at)
{
    return m->pos[at].may_end && m->pos[at].n == 0;
}

bool gmatch_is_free(const struct gmatch *m, uint32_t at)
{
    return m->pos[at].is_free;
}

uint32_t gmatch_start(const struct gmatch *m)
{
    return m->start;
}

size_t gmatch_bytes(const struct gmatch *m)
{
    return m->bytes;
}

static void drop_tables(struct gmatch *m)
{
    mem_free(m->cell);
    mem_free(m->thread);
    mem_free(m->pos);
    mem_free(m->row);
    mem_free(m->cells.at);
    mem_free(m->poss.at);
    mem_free(m->work);
    mem_free(m->out);
}

static enum err_code begin(struct gmatch *m, struct err *e)
{
    m->n_cell = 1;
    m->n_pos = 1;
    if (!gm_grow(m, (void **)&m->cell, 1, &m->cap_cell, sizeof(*m->cell)) ||
        !gm_grow(m, (void **)&m->pos, 1, &m->cap_pos, sizeof(*m->pos)))
        return err_set(e, ERR_OOM, "no memory to follow a grammar");
    m->cell[0] = (struct gcell){ 0 };
    m->pos[0] = (struct gpos){ .row = GMATCH_UNKNOWN };
    begin_closure(m);
    add_work(m, m->g->rule[0].entry, 0, 0);
    return end_closure(m, &m->start, e);
}

enum err_code gmatch_open(struct gmatch **out, const struct grammar *g, bool text_only,
                          size_t bytes_max, struct err *e)
{
    struct gmatch *m = mem_alloc_zero(MEM_REQUEST, sizeof(*m));
    enum err_code rc;

    *out = NULL;
    if (!m)
        return err_set(e, ERR_OOM, "no memory to follow a grammar");
    *m = (struct gmatch){ .g = g, .text_only = text_only, .bytes_max = bytes_max };
    m->cap_seen = GMATCH_SEEN_FEW;
    m->seen = mem_alloc_n(MEM_REQUEST, m->cap_seen, sizeof(*m->seen));
    m->bytes = m->cap_seen * sizeof(*m->seen);
    rc = m->seen ? begin(m, e) : err_set(e, ERR_OOM, "no memory to follow a grammar");
    if (rc)
        gmatch_close(m);
    else
        *out = m;
    return rc;
}

void gmatch_close(struct gmatch *m)
{
    if (!m)
        return;
    gm_drop_masks(m);
    gm_drop_runs(m);
    mem_free(m->mask);
    mem_free(m->search);
    drop_tables(m);
    mem_free(m->seen);
    mem_free(m);
}

/* The cell of another match, and what it refers to, in this one. Stacks may be long: the chain is
 * turned round first. */
static uint32_t move_chain(struct gmatch *m, const struct gmatch *old, uint32_t i, unsigned link)
{
    uint32_t n = 0, *path, to = 0;

    for (uint32_t k = i; k; k = old->cell[k].v[link])
        n++;
    path = mem_alloc_n(MEM_REQUEST, n, sizeof(*path));
    if (!path) {
        m->rc = ERR_OOM;
        return 0;
    }
    for (uint32_t k = i, at = n; k; k = old->cell[k].v[link])
        path[--at] = k;
    for (uint32_t k = 0; k < n && !m->rc; k++) {
        struct gcell c = old->cell[path[k]];

        c.v[link] = to;
        if (c.kind == GC_UNIQ) /* one level: a LIST holds no UNIQ, a TEXT nothing */
            c.v[2] = move_chain(m, old, c.v[2], 2);
        if (c.kind == GC_UNIQ || c.kind == GC_LIST)
            c.v[0] = move_chain(m, old, c.v[0], 0);
        to = gm_cell(m, (enum gcell_kind)c.kind, c.v);
    }
    mem_free(path);
    return to;
}

enum err_code gmatch_compact(struct gmatch *m, uint32_t *at, struct err *e)
{
    struct gmatch old = *m;
    struct gpos p = old.pos[*at];
    enum err_code rc;

    gm_drop_masks(m);
    m->cell = NULL;
    m->thread = NULL;
    m->pos = NULL;
    m->row = NULL;
    m->work = m->out = NULL;
    m->n_thread = m->n_row = m->n_work = m->n_out = 0;
    m->cap_cell = m->cap_thread = m->cap_pos = m->cap_row = m->cap_work = m->cap_out = 0;
    m->cells = m->poss = (struct gtable){ 0 };
    m->bytes = m->cap_seen * sizeof(*m->seen);
    rc = begin(m, e);
    if (!rc && *at) {
        begin_closure(m);
        m->may_end = p.may_end;
        for (uint32_t i = 0; i < p.n; i++) {
            struct gthread t = old.thread[p.first + i];

            t.frame = move_chain(m, &old, t.frame, 1);
            t.uniq = move_chain(m, &old, t.uniq, 3);
            add_out(m, &t);
        }
        rc = end_closure(m, at, e);
    }
    drop_tables(&old);
    return rc;
}
