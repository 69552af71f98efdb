/* Strings: free ones as a repeated character, constrained ones as an automaton whose characters are
 * spelled in one way (escaped only where they must be); and values given literally. */
#include <stdio.h>
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

/* Characters that an automaton's state takes to one target and that stand for themselves. */
#define SET_EDGES_MAX 64U /* a state of more is not looked at */
struct tset {
    struct cp_range r[SET_EDGES_MAX * SCHEMA_PLAIN_MAX];
    size_t n;
};

/* One character of from..to within quotes; of `set` are those that lead to next. */
static uint32_t quoted_range(struct sctx *c, struct cp_range x, const struct tset *set,
                             uint32_t next)
{
    const uint32_t others[] = { '"', '\\', (uint8_t)c->escape };
    struct cp_range plain[SCHEMA_PLAIN_MAX];
    struct gbuild *b = &c->b;
    uint32_t entry = GNODE_FAIL, escapes = GNODE_FAIL;
    size_t n = sc_plain_chars(c, plain);

    for (size_t i = 0; i < n; i++) {
        uint32_t lo = max_u32(x.from, plain[i].from), hi = min_u32(x.to, plain[i].to);

        if (lo <= hi)
            entry = gb_split(b, entry, gb_range(b, lo, hi, next));
    }
    gb_run(b, entry, set->r, set->n, next);
    for (uint32_t cp = x.from; cp <= x.to && cp < 0x20; cp++)
        escapes = gb_split(b, escapes, escape_of(c, cp, next));
    for (unsigned i = 0; i < 3; i++)
        if (others[i] && x.from <= others[i] && x.to >= others[i])
            escapes = gb_split(b, escapes, escape_of(c, others[i], next));
    return gb_split(b, entry, gb_byte(b, '\\', '\\', escapes));
}

static const struct cp_range raw_chars[] = { { '\t', '\n' }, { 0x20, 0x7E }, { 0xA0, 0x10FFFF } };

/* One character of from..to as itself. */
static uint32_t raw_range(struct sctx *c, struct cp_range x, const struct tset *set, uint32_t next)
{
    uint32_t entry = GNODE_FAIL;

    for (unsigned i = 0; i < 3; i++) {
        uint32_t lo = max_u32(x.from, raw_chars[i].from), hi = min_u32(x.to, raw_chars[i].to);

        if (lo <= hi)
            entry = gb_split(&c->b, entry, gb_range(&c->b, lo, hi, next));
    }
    gb_run(&c->b, entry, set->r, set->n, next);
    return entry;
}

static void chars_to(const struct sctx *c, const struct rx_state *x, uint32_t target, bool raw,
                     struct tset *out)
{
    struct cp_range quoted[SCHEMA_PLAIN_MAX];
    size_t n = raw ? 3 : sc_plain_chars(c, quoted);
    const struct cp_range *plain = raw ? raw_chars : quoted;

    out->n = 0;
    for (uint32_t k = 0; k < x->n_edge && x->n_edge <= SET_EDGES_MAX; k++) {
        for (size_t i = 0; i < n && x->edge[k].target == target; i++) {
            struct cp_range r = { max_u32(x->edge[k].from, plain[i].from),
                                  min_u32(x->edge[k].to, plain[i].to) };

            if (r.from <= r.to)
                out->r[out->n++] = r;
        }
    }
    out->n = cp_ranges_tidy(out->r, out->n);
}

/* The ways on from a state. */
static uint32_t edges(struct sctx *c, const struct rx_dfa *d, const struct rx_state *x, bool raw,
                      const uint32_t *node, uint32_t entry)
{
    struct gbuild *b = &c->b;
    struct tset set;

    for (uint32_t k = 0; k < x->n_edge && !b->rc; k++) {
        const struct rx_edge *y = &x->edge[k];
        struct cp_range r = { y->from, y->to };

        if (!d->state[y->target].live)
            continue;
        chars_to(c, x, y->target, raw, &set);
        entry = gb_split(b, entry,
                         raw ? raw_range(c, r, &set, node[y->target])
                             : quoted_range(c, r, &set, node[y->target]));
    }
    return entry;
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
    struct err e;
    uint32_t *node;
    enum err_code rc = automaton(s, len, &d, &e);

    if (rc)
        (void)sc_fail(c, rc, "", "%s", e.text);
    if (b->rc || d.n_state == 0 || !d.state[0].live)
        return GNODE_FAIL;
    node = sc_new(c, d.n_state, sizeof(*node));
    if (!node)
        return GNODE_FAIL;
    for (uint32_t i = 0; i < d.n_state; i++)
        node[i] = d.state[i].live ? gb_node(b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL) : GNODE_FAIL;
    for (uint32_t i = 0; i < d.n_state && !b->rc; i++) {
        if (!d.state[i].live)
            continue;
        (void)sc_set_next(
            c, node[i],
            edges(c, &d, &d.state[i], raw, node, d.state[i].accepts ? close : GNODE_FAIL));
    }
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
