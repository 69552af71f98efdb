/* Marks, and free text between them: a small deterministic automaton over bytes and control tokens
 * that knows at each point which marks may have begun. */
#include <string.h>

#include "text/shape_int.h"

#define SYM_TOKEN  256U
#define STATES_MAX 8192U
#define ITEMS_MAX  64U
#define WAYS_MAX   64U

/* A mark as symbols: bytes, and control tokens as SYM_TOKEN + their place among s->mark. */
struct syms {
    uint16_t at[SHAPE_MARK_MAX];
    uint32_t n;
};

/* A control token whose text stands at the start of text. */
static int32_t token_at(const struct sbuild *s, const char *text, size_t *len)
{
    size_t rest = strlen(text);

    for (*len = s->p->tok ? rest : 0; *len > 1; (*len)--) {
        int32_t id = tok_find(s->p->tok, text, *len);

        if (id != TOK_NONE && (tok_is_end(s->p->tok, id) || tok_attr(s->p->tok, id) == TOK_CONTROL))
            return id;
    }
    return TOK_NONE;
}

static uint32_t place_of(const struct sbuild *s, int32_t id)
{
    uint32_t i = 0;

    while (i < s->n_mark && s->mark[i] != id)
        i++;
    return i;
}

void sh_know(struct sbuild *s, const char *mark)
{
    while (mark && *mark) {
        size_t len;
        int32_t id = token_at(s, mark, &len);

        if (id != TOK_NONE && place_of(s, id) == s->n_mark) {
            if (s->n_mark == SHAPE_MARKS_MAX) {
                (void)gb_fail(&s->c.b, ERR_LIMIT, "more than %u control tokens in a dialect",
                              SHAPE_MARKS_MAX);
                return;
            }
            s->mark[s->n_mark++] = id;
        }
        mark += id != TOK_NONE ? len : 1;
    }
}

static void symbols(const struct sbuild *s, const char *mark, bool tokens, struct syms *out)
{
    out->n = 0;
    while (*mark && out->n < SHAPE_MARK_MAX) {
        size_t len = 1;
        int32_t id = tokens ? token_at(s, mark, &len) : TOK_NONE;
        uint32_t i = id == TOK_NONE ? s->n_mark : place_of(s, id);

        if (i < s->n_mark) {
            out->at[out->n++] = (uint16_t)(SYM_TOKEN + i);
            mark += len;
        } else {
            out->at[out->n++] = (uint8_t)*mark++;
        }
    }
}

bool sh_is_token(const struct sbuild *s, const char *mark)
{
    size_t len;

    return mark && token_at(s, mark, &len) != TOK_NONE;
}

uint32_t sh_mark(struct sbuild *s, const char *mark, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    struct syms y;

    if (!mark)
        return next;
    symbols(s, mark, true, &y);
    while (y.n-- > 0 && next != GNODE_FAIL) {
        int32_t id;

        if (y.at[y.n] < SYM_TOKEN) {
            next = gb_byte(b, (uint8_t)y.at[y.n], (uint8_t)y.at[y.n], next);
            continue;
        }
        id = s->mark[y.at[y.n] - SYM_TOKEN];
        next = tok_is_end(s->p->tok, id) ? GNODE_RET : gb_node(b, GN_TOK, next, (uint32_t)id);
    }
    return next;
}

uint32_t sh_lay(struct sbuild *s, uint32_t next)
{
    return gb_call(&s->c.b, s->rule_lay, next);
}

/* ---- free text ---- */

/* One spelling of a mark. */
struct way {
    struct syms y;
    const struct smark *mark;
};

struct item {
    uint16_t way, n; /* symbols read */
};

struct state {
    uint8_t at; /* enum smark_at of what has been read so far: which marks may begin */
    uint32_t n, node;
    struct item item[ITEMS_MAX];
};

struct automaton {
    struct sbuild *s;
    struct way *way;
    uint32_t n_way;
    struct state **state; /* [STATES_MAX] */
    uint32_t n_state, end;
};

static uint32_t state_of(struct automaton *a, const struct state *x)
{
    struct state *fresh;

    for (uint32_t i = 0; i < a->n_state; i++) {
        if (a->state[i]->at == x->at && a->state[i]->n == x->n &&
            memcmp(a->state[i]->item, x->item, x->n * sizeof(x->item[0])) == 0)
            return a->state[i]->node;
    }
    fresh = a->n_state < STATES_MAX ? sc_new(&a->s->c, 1, sizeof(*fresh)) : NULL;
    if (!fresh) {
        (void)gb_fail(&a->s->c.b, ERR_LIMIT, "the marks of a dialect are too many");
        return GNODE_FAIL;
    }
    *fresh = *x;
    fresh->node = gb_node(&a->s->c.b, GN_SPLIT, GNODE_FAIL, a->end);
    a->state[a->n_state++] = fresh;
    return fresh->node;
}

/* Where a symbol leads: behind the mark that is complete with it (of several the longest), or on in
 * the text. */
static uint32_t step(struct automaton *a, const struct state *x, uint32_t sym)
{
    bool blank = sym < SYM_TOKEN && ds_is_blank((char)sym);
    struct state to = { .at = !blank                 ? SMARK_ANYWHERE
                              : x->at == SMARK_START ? SMARK_START
                                                     : SMARK_LINE };
    const struct way *done = NULL;
    uint32_t longest = 0;

    for (uint32_t i = 0; i < x->n + a->n_way; i++) {
        struct item k = i < x->n ? x->item[i] : (struct item){ (uint16_t)(i - x->n), 0 };
        const struct way *w = &a->way[k.way];

        if (w->y.at[k.n] != sym || (k.n == 0 && w->mark->at > x->at))
            continue;
        k.n++;
        if (k.n == w->y.n && k.n > longest) {
            longest = k.n;
            done = w;
        } else if (k.n < w->y.n && to.n < ITEMS_MAX) {
            to.item[to.n++] = k;
        }
    }
    return done ? done->mark->to : state_of(a, &to);
}

static uint32_t free_node(struct automaton *a, uint32_t node, uint32_t entry)
{
    if (node != GNODE_FAIL)
        a->s->c.b.g->node[node].is_free = true;
    return gb_split(&a->s->c.b, entry, node);
}

/* The ways on from state i. */
static void expand(struct automaton *a, uint32_t i)
{
    struct gbuild *b = &a->s->c.b;
    struct state x = *a->state[i];
    uint32_t entry = GNODE_FAIL, from = 0, to = step(a, &x, 0);

    for (uint32_t c = 1; c <= 256 && !b->rc; c++) {
        uint32_t at = c < 256 ? step(a, &x, c) : GNODE_FAIL;

        if (c < 256 && at == to)
            continue;
        entry = free_node(a, gb_byte(b, (uint8_t)from, (uint8_t)(c - 1), to), entry);
        from = c;
        to = at;
    }
    for (uint32_t k = 0; k < a->s->n_mark && !b->rc; k++) {
        to = step(a, &x, SYM_TOKEN + k);
        if (to != GNODE_FAIL && !tok_is_end(a->s->p->tok, a->s->mark[k]))
            entry = free_node(a, gb_node(b, GN_TOK, to, (uint32_t)a->s->mark[k]), entry);
    }
    if (a->s->p->tok && !b->rc) {
        to = state_of(a, &(struct state){ .at = SMARK_ANYWHERE });
        entry = free_node(a, gb_node(b, GN_CTRL, to, 0), entry);
    }
    (void)sc_set_next(&a->s->c, x.node, entry);
}

uint32_t sh_text(struct sbuild *s, const struct smark *mark, uint32_t n, uint32_t end)
{
    struct automaton a = { .s = s, .end = end };
    uint32_t start;

    a.way = sc_new(&s->c, WAYS_MAX, sizeof(*a.way));
    a.state = sc_new(&s->c, STATES_MAX, sizeof(struct state *));
    if (!a.way || !a.state)
        return GNODE_FAIL;
    for (uint32_t i = 0; i < n && a.n_way + 2 <= WAYS_MAX; i++) {
        if (!mark[i].text || !*mark[i].text)
            continue;
        for (unsigned tokens = 0; tokens < 1U + sh_is_token(s, mark[i].text); tokens++) {
            a.way[a.n_way].mark = &mark[i];
            symbols(s, mark[i].text, tokens == 1, &a.way[a.n_way++].y);
        }
    }
    start = state_of(&a, &(struct state){ .at = SMARK_START });
    for (uint32_t i = 0; i < a.n_state && !s->c.b.rc; i++)
        expand(&a, i);
    return start;
}
