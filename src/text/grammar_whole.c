/* Masks where every character of a set may come many times in a row, and it matters which: an
 * expression that may match anywhere. The tokens that are nothing else may all come; only what
 * leaves the set is followed from where its own characters lead. */
#include "base/utf8.h"
#include "text/grammar_mask_int.h"

#define POS_MAX 512U /* positions that are looked at */

/* Positions that characters of a set lead to. */
struct spread {
    struct gwalk *w;
    uint32_t set, pos[POS_MAX], n;
    uint32_t last;   /* where the last character from the same position led; 0: none */
    uint32_t n_char; /* so many may come in a row, whatever they are */
    bool ok;         /* so far */
    bool apart;      /* some lead to different positions: no run of one class */
    enum err_code rc;
};

/* The bytes that a position reads by themselves: false: of characters of more bytes, too. */
static bool lone_bytes(const struct gmatch *m, uint32_t pos, uint64_t lone[2])
{
    const struct gpos *p = &m->pos[pos];

    lone[0] = lone[1] = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[m->thread[p->first + i].node];

        if (n->op != GN_BYTE || n->set)
            continue;
        if (n->hi >= 0x80)
            return false;
        for (unsigned b = n->lo; b <= n->hi; b++)
            lone[b / 64] |= (uint64_t)1 << (b % 64);
    }
    return true;
}

/* Where some character leads, or a position that is near: no more characters matter than it is near
 * for. */
static void spread_to(struct spread *s, uint32_t at, const char *text, size_t len)
{
    struct gmatch *m = s->w->m;

    for (size_t i = 0; i < len && at && !s->rc; i++)
        s->rc = gw_step(s->w, &at, (uint8_t)text[i]);
    if (at && !s->rc)
        s->rc = gm_clamped_pos(m, GVOCAB_LONG, &at, s->w->e);
    if (s->rc || !at || (s->w->local && (m->pos[at].may_end || m->pos[at].met_uniq))) {
        s->ok = false;
        return;
    }
    s->apart = s->apart || (s->last && s->last != at);
    s->last = at;
    if (m->pos[at].spread == m->spread)
        return;
    if (s->n == POS_MAX) {
        s->ok = false;
        return;
    }
    m->pos[at].spread = m->spread;
    s->pos[s->n++] = at;
}

/* One character of each kind: those that a thread reads by themselves, and one of the others. */
static void spread_atom(struct spread *s, uint32_t at, const struct gatom *x,
                        const uint64_t lone[2])
{
    bool others = false;
    char text[UTF8_BYTES_MAX];

    for (unsigned b = 0; b < 0x80 && s->ok; b++) {
        uint64_t bit = (uint64_t)1 << (b % 64);

        text[0] = (char)b;
        if (!(x->ascii[b / 64] & bit) || (others && !(lone[b / 64] & bit)))
            continue;
        others = others || !(lone[b / 64] & bit);
        spread_to(s, at, text, 1);
    }
    if (!others && x->sample && s->ok)
        spread_to(s, at, text, utf8_encode(x->sample, text));
}

/* Character by character, until there is nothing new. */
static void spread_from(struct spread *s, uint32_t pos)
{
    struct gmatch *m = s->w->m;
    uint64_t lone[2];

    m->spread++;
    s->pos[0] = pos;
    s->n = 1;
    s->n_char = 0;
    s->ok = true;
    s->apart = false;
    m->pos[pos].spread = m->spread;
    for (uint32_t i = 0, end = 1; s->n_char < GCLASS_MAX; end = s->n) {
        for (; i < end && s->ok; i++) {
            s->last = 0;
            s->ok = lone_bytes(m, s->pos[i], lone);
            for (uint32_t k = 0; k < m->g->n_atom && s->ok; k++) {
                if (m->g->atom[k].in >> s->set & 1)
                    spread_atom(s, s->pos[i], &m->g->atom[k], lone);
            }
        }
        if (!s->ok)
            return;
        s->n_char = s->n == end ? GCLASS_MAX : s->n_char + 1;
    }
}

static enum err_code take_whole(struct gwalk *w, const struct spread *s)
{
    struct gleave l = { .c = w->m->runs->of[s->set], .from = s->pos[0] };
    enum err_code rc = gw_pure(w, l.c, GCLASS_MAX);

    gw_parts(w, l.c, GCLASS_MAX);
    for (uint32_t i = 0; i < s->n; i++) {
        gw_reads(w->m, s->pos[i], s->set, l.reads);
        gw_reads(w->m, s->pos[i], 0, l.last);
    }
    return rc ? rc : gw_tails(w, &l);
}

/* Whether each thread is where all of some set may come. */
static bool is_whole(const struct gmatch *m, uint32_t pos)
{
    const struct gpos *p = &m->pos[pos];
    bool some = false;

    for (uint32_t i = 0; i < p->n; i++) {
        const struct gnode *n = &m->g->node[m->thread[p->first + i].node];

        if (n->op == GN_BYTE && n->set && !n->whole)
            return false;
        some = some || n->whole;
    }
    return some;
}

enum err_code gw_whole(struct gwalk *w, uint32_t pos, bool *done)
{
    struct gmatch *m = w->m;
    const struct gruns *r = m->runs;
    struct spread s = { .w = w };

    *done = false;
    if (m->pos[pos].not_whole || !m->g->n_atom || !is_whole(m, pos))
        return ERR_OK;
    for (s.set = 1; s.set <= m->g->n_set && !s.rc; s.set++) {
        if (!m->g->set[s.set].whole || !r->of[s.set])
            continue;
        spread_from(&s, pos);
        if (s.rc || !s.apart || s.n_char < GCLASS_MAX)
            continue;
        *done = true;
        return take_whole(w, &s);
    }
    m->pos[pos].not_whole = true;
    return s.rc;
}
