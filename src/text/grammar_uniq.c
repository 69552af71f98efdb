/* Arrays of distinct items: what a thread remembers of the items it has read.
 *
 * The compiler spells each value of such an array in one way only, so that equal values are equal
 * bytes. A thread dies at the end of an item that was there before, and already where nothing but
 * such an end could follow. */
#include <string.h>

#include "base/mem.h"
#include "text/grammar_run_int.h"

#define UNIQ_ITEMS_MAX 4096U
#define SEARCH_MAX     2000U

/* Texts that may end the present item, shortest first. */
struct gsearch {
    struct {
        uint32_t pos, before; /* the step before: its index here */
        uint8_t byte;
    } at[SEARCH_MAX];
    uint8_t text[SEARCH_MAX];
};

uint64_t gm_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ULL;
    return h ^ h >> 29;
}

static uint32_t text_len(const struct gmatch *m, uint32_t text)
{
    return text ? m->cell[text].v[2] : 0;
}

uint32_t gm_uniq_byte(struct gmatch *m, uint32_t uniq, uint8_t byte)
{
    uint32_t v[5];

    if (!uniq)
        return 0;
    for (unsigned k = 0; k < 5; k++)
        v[k] = m->cell[uniq].v[k];
    v[3] = gm_uniq_byte(m, v[3], byte); /* an item's items: as deep as schemas are nested */
    if (v[4]) {
        uint32_t text[5] = { v[0], byte, text_len(m, v[0]) + 1, 0, 0 };

        v[0] = gm_cell(m, GC_TEXT, text);
    }
    return gm_cell(m, GC_UNIQ, v);
}

/* Whether the text goes on from another one, with exactly n bytes s unless s is NULL. */
static bool goes_on(const struct gmatch *m, uint32_t text, uint32_t from, const uint8_t *s,
                    uint32_t n)
{
    uint32_t len = text_len(m, text), base = text_len(m, from);

    if (len < base || (s && len != base + n))
        return false;
    for (uint32_t k = len; k > base; k--) {
        if (s && (uint8_t)m->cell[text].v[1] != s[k - base - 1])
            return false;
        text = m->cell[text].v[0];
    }
    return text == from;
}

uint32_t gm_uniq_n_item(const struct gmatch *m, uint32_t uniq)
{
    uint32_t list = uniq ? m->cell[uniq].v[2] : 0;

    return list ? m->cell[list].v[3] : 0;
}

bool gm_uniq_has(const struct gmatch *m, uint32_t uniq, const uint8_t *s, uint32_t n)
{
    const uint32_t *v = m->cell[uniq].v;

    if (!v[4]) /* between items */
        return false;
    for (uint32_t i = v[2]; i; i = m->cell[i].v[2]) {
        if (goes_on(m, m->cell[i].v[0], v[0], s, n))
            return true;
    }
    return gm_uniq_n_item(m, uniq) >= UNIQ_ITEMS_MAX;
}

static bool add_item(struct gmatch *m, uint32_t v[5])
{
    uint32_t item[5] = { v[0], 0, v[2], 1, 0 };

    for (uint32_t i = v[2]; i; i = m->cell[i].v[2]) {
        if (m->cell[i].v[0] == v[0])
            return false;
    }
    if (v[2])
        item[3] = m->cell[v[2]].v[3] + 1;
    if (item[3] > UNIQ_ITEMS_MAX)
        return false;
    v[2] = gm_cell(m, GC_LIST, item);
    return true;
}

bool gm_uniq_node(struct gmatch *m, const struct gnode *n, uint32_t *uniq)
{
    uint32_t v[5] = { 0, 0, 0, *uniq, 0 };
    enum gop op = (enum gop)n->op;

    if (op == GN_U_NEED)
        return true;
    if (op == GN_U_MORE)
        return gm_uniq_n_item(m, *uniq) < m->g->rule[n->alt].n_text;
    if (op != GN_U_OPEN) {
        for (unsigned k = 0; k < 5; k++)
            v[k] = m->cell[*uniq].v[k];
    }
    if (op == GN_U_CLOSE) {
        *uniq = v[3];
        return true;
    }
    if (op == GN_U_DONE && !add_item(m, v))
        return false;
    v[0] = 0;
    v[4] = op == GN_U_ITEM;
    *uniq = gm_cell(m, GC_UNIQ, v);
    return true;
}

/* ---- dead ends ---- */

/* Whether the search's i-th step, as the end of the item, makes a new one. */
static bool is_new(struct gmatch *m, uint32_t uniq, uint32_t i)
{
    struct gsearch *s = m->search;
    uint32_t n = 0, k;

    for (k = i; k; k = s->at[k].before)
        n++;
    k = n;
    for (; i; i = s->at[i].before)
        s->text[--k] = s->at[i].byte;
    return !gm_uniq_has(m, uniq, s->text, n);
}

/* The bytes that a position reads; returns how many, or some number beyond `enough`. */
static uint32_t read_bytes(const struct gmatch *m, uint32_t pos, uint32_t enough, bool reads[256])
{
    const struct gpos *p = &m->pos[pos];
    uint32_t n = 0;

    memset(reads, 0, 256 * sizeof(*reads));
    for (uint32_t i = 0; i < p->n && n <= enough; i++) {
        const struct gnode *k = &m->g->node[m->thread[p->first + i].node];

        for (unsigned c = k->lo; k->op == GN_BYTE && c <= k->hi; c++) {
            n += !reads[c];
            reads[c] = true;
        }
    }
    return n;
}

bool gm_uniq_is_open(const struct gmatch *m, uint32_t uniq, uint32_t pos, uint32_t n_rest)
{
    bool reads[256];
    uint32_t n = m->pos[pos].may_end;

    n += read_bytes(m, pos, n_rest, reads);
    return n > n_rest && gm_uniq_n_item(m, uniq) < UNIQ_ITEMS_MAX;
}

uint32_t gm_uniq_n_rest(const struct gmatch *m, uint32_t uniq)
{
    const uint32_t *v = m->cell[uniq].v;
    uint32_t n = 0;

    for (uint32_t i = v[4] ? v[2] : 0; i; i = m->cell[i].v[2])
        n += goes_on(m, m->cell[i].v[0], v[0], NULL, 0);
    return n;
}

/* Whether a thread inside an item can still make it a new one. What takes too long to find out is
 * taken for granted: then there are very many ways on. */
static bool finds_new(struct gmatch *m, const struct gthread *t, struct err *e, enum err_code *rc)
{
    struct gsearch *s = m->search;
    bool reads[256];
    uint32_t n = 1;

    *rc = gm_inner_pos(m, t, 1, 0, &s->at[0].pos, e);
    if (!*rc && gm_uniq_is_open(m, t->uniq, s->at[0].pos, gm_uniq_n_rest(m, t->uniq)))
        return true;
    for (uint32_t i = 0; i < n && !*rc; i++) {
        if (m->pos[s->at[i].pos].may_end && is_new(m, t->uniq, i))
            return true;
        (void)read_bytes(m, s->at[i].pos, 256, reads);
        for (unsigned c = 0; c < 256 && !*rc; c++) {
            uint32_t to = s->at[i].pos;

            if (!reads[c])
                continue;
            *rc = gmatch_byte(m, &to, (uint8_t)c, e);
            if (!to)
                continue;
            if (n == SEARCH_MAX)
                return true;
            s->at[n].pos = to;
            s->at[n].before = i;
            s->at[n++].byte = (uint8_t)c;
        }
    }
    return false;
}

static bool at_risk(const struct gmatch *m, uint32_t uniq)
{
    const uint32_t *v = uniq ? m->cell[uniq].v : NULL;

    if (!v || !v[4])
        return false;
    for (uint32_t i = v[2]; i; i = m->cell[i].v[2]) {
        if (goes_on(m, m->cell[i].v[0], v[0], NULL, 0))
            return true;
    }
    return false;
}

enum err_code gm_uniq_prune(struct gmatch *m, uint32_t *pos, struct err *e)
{
    struct gpos p = m->pos[*pos];
    struct gthread *kept;
    enum err_code rc = ERR_OK;
    uint32_t n = 0;
    bool risk = false;

    for (uint32_t i = 0; i < p.n && !risk; i++)
        risk = at_risk(m, m->thread[p.first + i].uniq);
    if (!risk || p.local)
        return ERR_OK;
    if (!m->search)
        m->search = mem_alloc_zero(MEM_REQUEST, sizeof(*m->search));
    kept = mem_alloc_n(MEM_REQUEST, p.n, sizeof(*kept));
    if (!m->search || !kept)
        rc = err_set(e, ERR_OOM, "no memory to follow a grammar");
    for (uint32_t i = 0; i < p.n && !rc; i++) {
        struct gthread t = m->thread[p.first + i];

        if (!at_risk(m, t.uniq) || finds_new(m, &t, e, &rc))
            kept[n++] = t;
    }
    if (!rc && n < p.n)
        rc = gm_kept_pos(m, kept, n, p.may_end, pos, e);
    mem_free(kept);
    return rc;
}

bool gm_uniq_rest(const struct gmatch *m, uint32_t uniq, uint32_t *i, uint8_t *s, uint32_t cap,
                  uint32_t *n)
{
    const uint32_t *v = m->cell[uniq].v;
    uint32_t list = v[2], text, base = text_len(m, v[0]);

    for (uint32_t k = 0; list && k < *i; k++)
        list = m->cell[list].v[2];
    for (; list; list = m->cell[list].v[2]) {
        (*i)++;
        text = m->cell[list].v[0];
        if (!v[4] || !goes_on(m, text, v[0], NULL, 0))
            continue;
        *n = text_len(m, text) - base;
        for (uint32_t k = *n; k > 0; k--, text = m->cell[text].v[0]) {
            if (k <= cap)
                s[k - 1] = (uint8_t)m->cell[text].v[1];
        }
        *n = *n < cap ? *n : cap;
        return true;
    }
    return false;
}
