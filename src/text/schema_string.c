/* Strings: free ones as a repeated character, constrained ones as an automaton whose characters are
 * spelled in one way (escaped only where they must be); and values given literally. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "text/schema_int.h"

bool sflat_strings(struct sctx *c, const struct sflat *f, struct rx_set *s, uint32_t len[2])
{
    for (uint32_t i = 0; i < f->n && !c->b.rc; i++) {
        const struct sch *a = f->atom[i];
        struct err e;

        len[0] = a->min_len > len[0] ? a->min_len : len[0];
        len[1] = a->max_len < len[1] ? a->max_len : len[1];
        for (uint32_t k = 0; k < a->n_pattern && !c->b.rc; k++) {
            enum err_code rc =
                rx_add(s, a->pattern[k].text.s, a->pattern[k].text.len, a->pattern[k].negated, &e);

            if (rc)
                (void)sc_fail(c, rc, a->ptr, "%s", e.text);
        }
        for (uint32_t k = 0; k < a->n_not_in && !c->b.rc; k++) {
            enum err_code rc = rx_add_not_in(s, &a->not_in[k].s, &a->not_in[k].len, 1, &e);

            if (rc)
                (void)sc_fail(c, rc, a->ptr, "%s", e.text);
        }
    }
    return c->b.rc == ERR_OK;
}

size_t sc_plain_chars(const struct sctx *c, struct cp_range *out)
{
    struct cp_range never[] = {
        { 0, 0x1F }, { '"', '"' }, { '\\', '\\' }, { (uint8_t)c->escape, (uint8_t)c->escape }
    };

    return cp_ranges_invert(never, cp_ranges_tidy(never, 4), out);
}

/* What stands behind the backslash for one character that must be escaped. */
static void escape_text(uint32_t cp, char out[8])
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *k = cp ? strchr(from, (int)cp) : NULL;

    if (k)
        (void)snprintf(out, 8, "%c", to[k - from]);
    else
        (void)snprintf(out, 8, "u%04x", (unsigned)cp & 0xFFFFU);
}

static uint32_t escape_of(struct sctx *c, uint32_t cp, uint32_t next)
{
    char text[8];

    escape_text(cp, text);
    return gb_lit(&c->b, text, next);
}

/* ---- automata ---- */

static const struct cp_range raw_chars[] = { { '\t', '\n' }, { 0x20, 0x7E }, { 0xA0, 0x10FFFF } };

/* What an automaton's state is spelled with. */
struct spell {
    bool raw;                     /* as it is, not within quotes */
    struct cp_range *plain, *set; /* characters that stand for themselves; room for a set of them */
    size_t n_plain;
    struct rx_edge *edge; /* room for a state's edges */
};

static int by_target(const void *a, const void *b)
{
    const struct rx_edge *x = a, *y = b;

    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* The characters of n edges that stand for themselves, into p->set. */
static size_t plain_of(const struct spell *p, const struct rx_edge *edge, uint32_t n)
{
    size_t n_out = 0, i = 0;

    for (uint32_t k = 0; k < n; k++) {
        while (i < p->n_plain && p->plain[i].to < edge[k].from)
            i++;
        for (size_t j = i; j < p->n_plain && p->plain[j].from <= edge[k].to; j++)
            p->set[n_out++] = (struct cp_range){ max_u32(edge[k].from, p->plain[j].from),
                                                 min_u32(edge[k].to, p->plain[j].to) };
    }
    return cp_ranges_tidy(p->set, n_out);
}

/* Characters of an edge that must be escaped. */
static uint32_t escapes_of(struct sctx *c, const struct rx_edge *x, uint32_t next)
{
    const uint32_t others[] = { '"', '\\', (uint8_t)c->escape };
    struct gbuild *b = &c->b;
    uint32_t entry = GNODE_FAIL;

    for (uint32_t cp = x->from; cp <= x->to && cp < 0x20; cp++)
        entry = gb_split(b, entry, escape_of(c, cp, next));
    for (unsigned i = 0; i < 3; i++)
        if (others[i] && x->from <= others[i] && x->to >= others[i])
            entry = gb_split(b, entry, escape_of(c, others[i], next));
    return entry;
}

/* The ways on from a state. */
static uint32_t edges(struct sctx *c, const struct rx_dfa *d, const struct rx_state *x,
                      const struct spell *p, const uint32_t *node, uint32_t entry)
{
    struct gbuild *b = &c->b;
    uint32_t n = 0, escapes = GNODE_FAIL;

    for (uint32_t k = 0; k < x->n_edge; k++) {
        if (d->state[x->edge[k].target].live)
            p->edge[n++] = x->edge[k];
    }
    if (n)
        qsort(p->edge, n, sizeof(*p->edge), by_target);
    for (uint32_t k = 0, end = 0; k < n && gb_spend(b, n); k = end) {
        uint32_t target = node[p->edge[k].target], chars;
        size_t n_set;

        for (end = k; end < n && p->edge[end].target == p->edge[k].target; end++) {
            if (!p->raw)
                escapes = gb_split(b, escapes, escapes_of(c, &p->edge[end], target));
        }
        n_set = plain_of(p, p->edge + k, end - k);
        chars = gb_ranges(b, p->set, n_set, target);
        gb_run(b, chars, p->set, n_set, target);
        entry = gb_split(b, entry, chars);
    }
    return gb_split(b, entry, gb_byte(b, '\\', '\\', escapes));
}

/* Room for the largest of an automaton's states. */
static bool spell_open(struct sctx *c, const struct rx_dfa *d, bool raw, struct spell *p)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < d->n_state; i++)
        n = max_u32(n, d->state[i].n_edge);
    *p = (struct spell){ .raw = raw };
    p->plain = sc_new(c, SCHEMA_PLAIN_MAX, sizeof(*p->plain));
    p->set = sc_new(c, n + SCHEMA_PLAIN_MAX, sizeof(*p->set));
    p->edge = sc_new(c, n + 1U, sizeof(*p->edge));
    if (!p->plain || !p->set || !p->edge)
        return false;
    if (!raw) {
        p->n_plain = sc_plain_chars(c, p->plain);
        return true;
    }
    p->n_plain = sizeof(raw_chars) / sizeof(*raw_chars);
    memcpy(p->plain, raw_chars, sizeof(raw_chars));
    return true;
}

#define WHOLE_MAX  16U      /* unions that are looked at */
#define WHOLE_WORK 4000000U /* edges that are looked at */

/* Characters that may come at states, wherever they lead. */
struct whole {
    struct {
        struct cp_range *r;
        size_t n;
    } of[WHOLE_MAX];
    uint8_t *is, *ok[2]; /* [n_state] index + 1; whether it goes on so for a number of characters:
                            ok[0] in the end for GRAMMAR_NEAR */
    uint32_t n;
};

static bool is_plain(const struct spell *p, const struct rx_edge *x)
{
    size_t i = 0;

    while (i < p->n_plain && p->plain[i].to < x->from)
        i++;
    return i < p->n_plain && p->plain[i].from <= x->to;
}

static uint8_t whole_of(struct sctx *c, struct whole *x, const struct spell *p, size_t n)
{
    size_t bytes = n * sizeof(*p->set);

    for (uint32_t i = 0; i < x->n; i++) {
        if (x->of[i].n == n && memcmp(x->of[i].r, p->set, bytes) == 0)
            return (uint8_t)(i + 1);
    }
    if (x->n == WHOLE_MAX || n == 0)
        return 0;
    x->of[x->n].r = sc_new(c, n, sizeof(*p->set));
    if (!x->of[x->n].r)
        return 0;
    memcpy(x->of[x->n].r, p->set, bytes);
    x->of[x->n].n = n;
    return (uint8_t)++x->n;
}

/* One character more: what was true of all that follows is true here. */
static bool goes_on(const struct rx_dfa *d, const struct spell *p, const struct whole *x,
                    uint32_t i, const uint8_t *ok)
{
    const struct rx_state *s = &d->state[i];

    for (uint32_t k = 0; k < s->n_edge; k++) {
        uint32_t to = s->edge[k].target;

        if (d->state[to].live && is_plain(p, &s->edge[k]) && (!ok[to] || x->is[to] != x->is[i]))
            return false;
    }
    return x->is[i] != 0;
}

static bool leads_apart(const struct rx_dfa *d, const struct spell *p, uint32_t i)
{
    const struct rx_state *s = &d->state[i];
    uint32_t first = UINT32_MAX;

    for (uint32_t k = 0; k < s->n_edge; k++) {
        uint32_t to = s->edge[k].target;

        if (!d->state[to].live || !is_plain(p, &s->edge[k]))
            continue;
        if (first != UINT32_MAX && first != to)
            return true;
        first = to;
    }
    return false;
}

/* The unions of states; false: too many states, or no memory. */
static bool find_unions(struct sctx *c, const struct rx_dfa *d, const struct spell *p,
                        struct whole *x)
{
    uint64_t work = 0;

    for (uint32_t i = 0; i < d->n_state; i++)
        work += d->state[i].n_edge;
    if (work * GRAMMAR_NEAR > WHOLE_WORK || !gb_spend(&c->b, work * GRAMMAR_NEAR / 4))
        return false;
    for (uint32_t i = 0; i < d->n_state; i++) {
        const struct rx_state *s = &d->state[i];
        uint32_t n = 0;

        for (uint32_t k = 0; k < s->n_edge; k++)
            if (d->state[s->edge[k].target].live)
                p->edge[n++] = s->edge[k];
        x->is[i] = s->live ? whole_of(c, x, p, plain_of(p, p->edge, n)) : 0;
        x->ok[0][i] = x->is[i] != 0;
    }
    return !c->b.rc;
}

/* Tells the grammar of characters that may come many times in a row whatever they are, though they
 * lead to different states: an expression that may match anywhere. */
static void find_wholes(struct sctx *c, const struct rx_dfa *d, const struct spell *p,
                        struct whole *x)
{
    *x = (struct whole){ .is = sc_new(c, d->n_state, 1) };
    for (unsigned k = 0; k < 2; k++)
        x->ok[k] = sc_new(c, d->n_state, 1);
    if (!x->is || !x->ok[0] || !x->ok[1] || !find_unions(c, d, p, x))
        return;
    for (unsigned k = 0; k < GRAMMAR_NEAR + GRAMMAR_NEAR % 2; k++)
        for (uint32_t i = 0; i < d->n_state; i++)
            x->ok[(k + 1) % 2][i] = goes_on(d, p, x, i, x->ok[k % 2]);
    for (uint32_t i = 0; i < d->n_state && !c->b.rc; i++) {
        if (x->ok[0][i] && leads_apart(d, p, i))
            gb_whole(&c->b, x->of[x->is[i] - 1].r, x->of[x->is[i] - 1].n);
    }
}

/* The nodes of states: node[n_state], and behind it the states that are near (rx_near). Those that
 * are the same are spelled once. */
static void spell_states(struct sctx *c, const struct rx_dfa *d, const struct spell *p,
                         uint32_t *node, bool exact, uint32_t close)
{
    const uint32_t *near = node + d->n_state;
    struct gbuild *b = &c->b;
    struct whole whole;

    find_wholes(c, d, p, &whole);
    for (uint32_t i = 0; i < d->n_state; i++) {
        bool is_same = exact && near[i] < i;

        node[i] = !d->state[i].live ? GNODE_FAIL
                  : is_same         ? node[near[i]]
                                    : gb_node(b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL);
    }
    for (uint32_t i = 0; i < d->n_state && !b->rc; i++) {
        const struct rx_state *x = &d->state[i];

        if (!x->live || (exact && near[i] < i))
            continue;
        (void)sc_set_next(c, node[i], edges(c, d, x, p, node, x->accepts ? close : GNODE_FAIL));
        gb_state(b, node[i], close, near[i] < i ? node[near[i]] : 0, whole.ok[0] && whole.ok[0][i]);
    }
}

/* Every length has states of its own: where these would be too many, longer texts are left out. */
#define LEN_FREE 100U /* not looked at below that */
static enum err_code automaton(const struct rx_set *s, const uint32_t len[2], struct rx_dfa *out,
                               struct err *e)
{
    uint32_t max = len[1], shortest, room;
    enum err_code rc;

    if (s->n == 0 || max == SCHEMA_NO_MAX || max <= LEN_FREE)
        return rx_compile(s, len[0], max, out, e);
    rc = rx_compile(s, len[0], SCHEMA_NO_MAX, out, e);
    if (rc)
        return rc;
    room = RX_STATES_MAX / (out->n_state ? out->n_state : 1);
    shortest = rx_shortest(s, out);
    if (max > room && shortest < max)
        max = shortest > room / 2 ? shortest : room / 2;
    return rx_compile(s, len[0], max, out, e);
}

/* The strings of an automaton, then close. */
static uint32_t text_of(struct sctx *c, const struct rx_set *s, const uint32_t len[2], bool raw,
                        uint32_t close)
{
    struct gbuild *b = &c->b;
    struct rx_dfa d;
    struct spell p;
    struct err e;
    uint32_t *node;
    bool exact;
    enum err_code rc = automaton(s, len, &d, &e);

    if (rc)
        (void)sc_fail(c, rc, "", "%s", e.text);
    if (b->rc || d.n_state == 0 || !d.state[0].live)
        return GNODE_FAIL;
    node = sc_new(c, 2 * (size_t)d.n_state, sizeof(*node));
    if (!node || !spell_open(c, &d, raw, &p))
        return GNODE_FAIL;
    if (rx_near(&d, GRAMMAR_NEAR, b->cost, node + d.n_state, &exact))
        (void)gb_fail(b, ERR_OOM, "no memory for an automaton");
    spell_states(c, &d, &p, node, exact, close);
    return node[0];
}

uint32_t sc_quoted(struct sctx *c, const struct rx_set *s, uint32_t min, uint32_t max,
                   uint32_t next)
{
    const uint32_t len[2] = { min, max };

    return gb_lit(&c->b, "\"", text_of(c, s, len, false, gb_lit(&c->b, "\"", next)));
}

uint32_t sc_raw(struct sctx *c, const struct rx_set *s, uint32_t min, uint32_t max, uint32_t next)
{
    const uint32_t len[2] = { min, max };

    return text_of(c, s, len, true, next);
}

struct skey sc_quoted_bytes(struct sctx *c, struct skey text)
{
    size_t cap = text.len * 6 + 3, n = 0;
    char *out = sc_new(c, cap, 1), escape[8];

    if (!out)
        return (struct skey){ "", 0 };
    out[n++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = (uint8_t)text.s[i];

        if (ch >= 0x20 && ch != '"' && ch != '\\' && (!c->escape || text.s[i] != c->escape)) {
            out[n++] = text.s[i];
            continue;
        }
        escape_text(ch, escape);
        n += (size_t)snprintf(out + n, cap - n, "\\%s", escape);
    }
    out[n++] = '"';
    return (struct skey){ out, n };
}

uint32_t sc_quoted_text(struct sctx *c, struct skey text, uint32_t next)
{
    struct skey k = sc_quoted_bytes(c, text);

    return gb_bytes(&c->b, k.s, k.len, next);
}

/* min..max characters, all spellings unless canonical. */
static uint32_t free_string(struct sctx *c, uint32_t min, uint32_t max, uint32_t next)
{
    struct gbuild *b = &c->b;
    uint32_t close, loop;

    if (min == 0 && max == SCHEMA_NO_MAX)
        return gb_call(b, c->rule_string, next);
    close = gb_lit(b, "\"", next);
    if (max != SCHEMA_NO_MAX)
        return gb_lit(b, "\"", gb_rep(b, c->rule_char, min, max, close));
    loop = gb_node(b, GN_SPLIT, GNODE_FAIL, close);
    (void)sc_set_next(c, loop, gb_call(b, c->rule_char, loop));
    return gb_lit(b, "\"", min ? gb_rep(b, c->rule_char, min, min, loop) : loop);
}

uint32_t sc_string(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next)
{
    struct rx_set set;
    uint32_t len[2] = { 0, SCHEMA_NO_MAX };

    rx_init(&set, &c->a, c->b.cost);
    if (!sflat_strings(c, f, &set, len) || len[0] > len[1])
        return GNODE_FAIL;
    if (set.n == 0 && !canonical)
        return free_string(c, len[0], len[1], next);
    if (set.n == 0 && len[1] != SCHEMA_NO_MAX && len[1] > 5000)
        len[1] = SCHEMA_NO_MAX - 1 > 5000 ? 5000 : len[1]; /* a subset is fine, states are not */
    return sc_quoted(c, &set, len[0], len[1], next);
}

/* ---- values given literally ---- */

static uint32_t literal_array(struct sctx *c, const struct js *v, bool canonical, uint32_t next)
{
    struct gbuild *b = &c->b;
    uint32_t at = sc_ws(c, canonical, gb_lit(b, "]", next));

    for (size_t i = js_len(v); i-- > 0 && !b->rc;) {
        at = sc_literal(c, js_at(v, i), canonical, at);
        at = i ? gb_lit(b, ",", sc_ws(c, canonical, at)) : sc_ws(c, canonical, at);
    }
    return gb_lit(b, "[", at);
}

static uint32_t literal_object(struct sctx *c, const struct js *v, bool canonical, uint32_t next)
{
    struct gbuild *b = &c->b;
    uint32_t at = sc_ws(c, canonical, gb_lit(b, "}", next));
    void **its = sc_new(c, js_len(v), sizeof(void *));
    size_t n = 0;

    for (void *it = its ? js_first(v) : NULL; it; it = js_next(v, it))
        its[n++] = it;
    while (n-- > 0 && !b->rc) {
        struct skey k;

        k.s = js_key(its[n], &k.len);
        at = sc_literal(c, js_value(its[n]), canonical, at);
        at = sc_quoted_text(c, k, gb_lit(b, ":", sc_ws(c, canonical, at)));
        at = n ? gb_lit(b, ",", sc_ws(c, canonical, at)) : sc_ws(c, canonical, at);
    }
    return gb_lit(b, "{", at);
}

/* The text of a value without parts; {NULL}: it has some. */
static struct skey plain_text(struct sctx *c, const struct js *v)
{
    struct skey k = { NULL, 0 };
    char *text;

    switch (js_kind(v)) {
    case JS_STR:
        k.s = js_str(v, &k.len);
        return sc_quoted_bytes(c, k);
    case JS_INT:
    case JS_REAL:
        text = sc_new(c, 2 * SCHEMA_DIGITS_MAX + 8, 1);
        if (!text)
            return (struct skey){ "", 0 };
        (void)sc_number_text(v, text, 2 * SCHEMA_DIGITS_MAX + 8);
        return (struct skey){ text, strlen(text) };
    case JS_ARR:
    case JS_OBJ:
        return k;
    default:
        k.s = js_kind(v) == JS_NULL ? "null" : js_bool(v) ? "true" : "false";
        k.len = strlen(k.s);
        return k;
    }
}

uint32_t sc_literal(struct sctx *c, const struct js *v, bool canonical, uint32_t next)
{
    struct skey k;
    uint32_t at;

    if (++c->depth > SCHEMA_DEPTH_MAX) {
        (void)sc_fail(c, ERR_LIMIT, "", "a value is nested more than %u deep", SCHEMA_DEPTH_MAX);
        return GNODE_FAIL;
    }
    if (js_kind(v) == JS_ARR) {
        at = literal_array(c, v, canonical, next);
    } else if (js_kind(v) == JS_OBJ) {
        at = literal_object(c, v, canonical, next);
    } else {
        k = plain_text(c, v);
        at = gb_bytes(&c->b, k.s, k.len, next);
    }
    c->depth--;
    return at;
}

uint32_t sc_literals(struct sctx *c, const struct js *const *v, uint32_t n, bool canonical,
                     uint32_t next)
{
    const struct strie *t = NULL;
    uint32_t entry = GNODE_FAIL;

    for (uint32_t i = 0; i < n && !c->b.rc; i++) {
        struct skey k = plain_text(c, v[i]);

        if (k.s)
            t = strie_add(c, t, k, next);
        else
            entry = gb_split(&c->b, entry, sc_literal(c, v[i], canonical, next));
    }
    return gb_split(&c->b, strie_entry(c, t), entry);
}
