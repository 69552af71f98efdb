/* Reading regular expressions: text to tree to nodes, built back to front.
 *
 * ECMA-262 with code points as characters. \d and \w are ASCII, \s is white space of Unicode,
 * \p{L} and its like know the one-letter categories. */
#include <string.h>

#include "base/utf8.h"
#include "text/regex_int.h"
#include "text/unicode.h"

#define RX_DEPTH_MAX  100U
#define RX_REPEAT_MAX 5000U

enum rkind { RK_CLASS, RK_SEQ, RK_ALT, RK_REPEAT, RK_BEGIN, RK_END };

struct rtree {
    enum rkind kind;
    uint32_t min, max;
    struct cp_range *range;
    size_t n_range;
    struct rtree *kid, *after; /* first child; next sibling */
};

struct rparse {
    struct rx_set *s;
    const char *text;
    size_t len, i;
    unsigned depth;
    uint8_t id;
    enum err_code rc;
    struct err *e;
};

static void refuse(struct rparse *p, enum err_code rc, const char *what)
{
    if (p->rc)
        return;
    if (arena_starved(p->s->a)) {
        rc = ERR_OOM;
        what = "no memory";
    }
    p->rc = err_set(p->e, rc, "regular expression, byte %zu: %s", p->i, what);
}

static struct rtree *tree(struct rparse *p, enum rkind kind)
{
    struct rtree *t = arena_new(p->s->a, sizeof(*t));

    if (!t)
        refuse(p, ERR_LIMIT, "too long");
    else
        t->kind = kind;
    return p->rc ? NULL : t;
}

static char peek(const struct rparse *p)
{
    return p->i < p->len ? p->text[p->i] : '\0';
}

static bool more(const struct rparse *p)
{
    return p->i < p->len && !p->rc;
}

static bool take(struct rparse *p, char c)
{
    if (p->i >= p->len || p->text[p->i] != c)
        return false;
    p->i++;
    return true;
}

/* ---- classes: a growing list of ranges ---- */

struct rclass {
    struct cp_range *at;
    size_t n, cap;
};

static void add_range(struct rparse *p, struct rclass *c, uint32_t from, uint32_t to)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 8;
        struct cp_range *at = arena_new_n(p->s->a, cap, sizeof(*at));

        if (!at) {
            refuse(p, ERR_LIMIT, "too many ranges");
            return;
        }
        if (c->n)
            memcpy(at, c->at, c->n * sizeof(*at));
        c->at = at;
        c->cap = cap;
    }
    c->at[c->n++] = (struct cp_range){ from, to };
}

static void invert(struct rparse *p, struct rclass *c)
{
    struct cp_range *at;

    c->n = cp_ranges_tidy(c->at, c->n);
    at = arena_new_n(p->s->a, c->n + 1, sizeof(*at));
    if (!at) {
        refuse(p, ERR_LIMIT, "too many ranges");
        return;
    }
    c->cap = c->n + 1;
    c->n = cp_ranges_invert(c->at, c->n, at);
    c->at = at;
}

static void add_class(struct rparse *p, struct rclass *to, struct rclass *c, bool inverted)
{
    if (inverted)
        invert(p, c);
    for (size_t i = 0; i < c->n && !p->rc; i++)
        add_range(p, to, c->at[i].from, c->at[i].to);
}

static void add_shorthand(struct rparse *p, struct rclass *to, char which)
{
    static const struct cp_range space[] = { { 9, 13 },          { 32, 32 },
                                             { 0xA0, 0xA0 },     { 0x1680, 0x1680 },
                                             { 0x2000, 0x200A }, { 0x2028, 0x2029 },
                                             { 0x202F, 0x202F }, { 0x205F, 0x205F },
                                             { 0x3000, 0x3000 }, { 0xFEFF, 0xFEFF } };
    struct rclass c = { 0 };

    if (which == 'd' || which == 'D' || which == 'w' || which == 'W')
        add_range(p, &c, '0', '9');
    if (which == 'w' || which == 'W') {
        add_range(p, &c, 'a', 'z');
        add_range(p, &c, 'A', 'Z');
        add_range(p, &c, '_', '_');
    }
    if (which == 's' || which == 'S') {
        for (size_t i = 0; i < sizeof(space) / sizeof(space[0]); i++)
            add_range(p, &c, space[i].from, space[i].to);
    }
    add_class(p, to, &c, which == 'D' || which == 'W' || which == 'S');
}

static void add_property(struct rparse *p, struct rclass *to, bool inverted)
{
    static const struct {
        const char *name;
        uint8_t bits;
    } names[] = { { "L", UC_LETTER }, { "Letter", UC_LETTER },
                  { "N", UC_NUMBER }, { "Number", UC_NUMBER },
                  { "M", UC_MARK },   { "Mark", UC_MARK },
                  { "P", UC_PUNCT },  { "Punctuation", UC_PUNCT },
                  { "S", UC_SYMBOL }, { "Symbol", UC_SYMBOL } };
    size_t from = ++p->i, n;
    uint8_t bits = 0;
    struct rclass c = { 0 };

    while (more(p) && peek(p) != '}')
        p->i++;
    n = p->i - from;
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        if (strlen(names[k].name) == n && memcmp(names[k].name, p->text + from, n) == 0)
            bits = names[k].bits;
    }
    if (!bits || !take(p, '}')) {
        refuse(p, ERR_UNSUPPORTED, "this property of characters cannot be enforced");
        return;
    }
    for (uint32_t cp = 0, start = 0, in = 0; cp <= 0x110000U; cp++) {
        bool has = cp <= 0x10FFFFU && (unicode_class(cp) & bits);

        if (has && !in)
            start = cp;
        if (!has && in)
            add_range(p, &c, start, cp - 1);
        in = has;
    }
    add_class(p, to, &c, inverted);
}

static uint32_t hex(struct rparse *p, unsigned min, unsigned max)
{
    uint32_t v = 0;
    unsigned n = 0;

    for (; n < max && more(p); n++, p->i++) {
        char c = peek(p);

        if (c >= '0' && c <= '9')
            v = v * 16 + (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            v = v * 16 + (uint32_t)((c | 32) - 'a' + 10);
        else
            break;
    }
    if (n < min || v > 0x10FFFFU)
        refuse(p, ERR_FORMAT, "bad hexadecimal escape");
    return v;
}

static uint32_t unicode_escape(struct rparse *p)
{
    uint32_t v, w;
    size_t kept;

    if (take(p, '{')) {
        v = hex(p, 1, 6);
        if (!take(p, '}'))
            refuse(p, ERR_FORMAT, "expected }");
        return v;
    }
    v = hex(p, 4, 4);
    kept = p->i;
    if (v >= 0xD800 && v < 0xDC00 && take(p, '\\') && take(p, 'u')) {
        w = hex(p, 4, 4);
        if (w >= 0xDC00 && w < 0xE000)
            return 0x10000 + ((v - 0xD800) << 10) + (w - 0xDC00);
        p->i = kept;
    }
    if (v >= 0xD800 && v < 0xE000)
        refuse(p, ERR_UNSUPPORTED, "a lone surrogate cannot be enforced");
    return v;
}

/* What follows a backslash. True: one character, in *cp; false: a class, added to c. */
static bool parse_escape(struct rparse *p, struct rclass *c, bool in_class, uint32_t *cp)
{
    static const char from[] = "tnvfr0", to[] = "\t\n\v\f\r";
    char e = peek(p);
    const char *k = e ? strchr(from, e) : NULL;

    *cp = (uint8_t)e;
    if (!more(p)) {
        refuse(p, ERR_FORMAT, "a backslash at the end");
        return true;
    }
    if ((uint8_t)e >= 0x80) {
        p->i += utf8_decode(p->text + p->i, p->len - p->i, cp);
        return true;
    }
    p->i++;
    if (k) {
        *cp = e == '0' ? 0 : (uint8_t)to[k - from];
        if (e == '0' && peek(p) >= '0' && peek(p) <= '9')
            refuse(p, ERR_UNSUPPORTED, "octal escapes cannot be enforced");
        return true;
    }
    if (e && strchr("dDwWsS", e)) {
        add_shorthand(p, c, e);
        return false;
    }
    if ((e == 'p' || e == 'P') && peek(p) == '{') {
        add_property(p, c, e == 'P');
        return false;
    }
    if (e == 'x')
        *cp = hex(p, 2, 2);
    else if (e == 'u')
        *cp = unicode_escape(p);
    else if (e == 'b' && in_class)
        *cp = 8;
    else if (e == 'c' && (peek(p) | 32) >= 'a' && (peek(p) | 32) <= 'z')
        *cp = (uint32_t)(p->text[p->i++] & 31);
    else if (e == 'b' || e == 'B' || e == 'k' || (e >= '1' && e <= '9'))
        refuse(p, ERR_UNSUPPORTED, "word borders and backreferences cannot be enforced");
    else if ((e >= 'a' && e <= 'z') || (e >= 'A' && e <= 'Z'))
        refuse(p, ERR_FORMAT, "unknown escape");
    return true;
}

static uint32_t plain_char(struct rparse *p)
{
    uint32_t cp = 0;
    unsigned n = more(p) ? utf8_decode(p->text + p->i, p->len - p->i, &cp) : 0;

    if (!n)
        refuse(p, ERR_FORMAT, "the expression ends too early");
    p->i += n;
    return cp;
}

/* One member of a class: true for a single character. */
static bool class_member(struct rparse *p, struct rclass *c, uint32_t *cp)
{
    if (take(p, '\\'))
        return parse_escape(p, c, true, cp);
    *cp = plain_char(p);
    return true;
}

static void parse_class(struct rparse *p, struct rclass *c)
{
    bool inverted = take(p, '^');

    while (more(p) && peek(p) != ']') {
        uint32_t a, z;
        bool single = class_member(p, c, &a);

        if (peek(p) == '-' && p->i + 1 < p->len && p->text[p->i + 1] != ']') {
            p->i++;
            if (!single || !class_member(p, c, &z)) {
                refuse(p, ERR_FORMAT, "a range ends in a class");
                return;
            }
            if (z < a)
                refuse(p, ERR_FORMAT, "a range runs backwards");
            add_range(p, c, a, z);
        } else if (single) {
            add_range(p, c, a, a);
        }
    }
    if (!take(p, ']'))
        refuse(p, ERR_FORMAT, "expected ]");
    if (inverted)
        invert(p, c);
}

/* ---- tree ---- */

static struct rtree *parse_alt(struct rparse *p);

static struct rtree *parse_group(struct rparse *p)
{
    struct rtree *t;

    if (take(p, '?') && !take(p, ':')) {
        bool named = peek(p) == '<' && p->i + 1 < p->len && !strchr("=!", p->text[p->i + 1]);

        if (!named) {
            refuse(p, ERR_UNSUPPORTED, "look-around can be enforced at the start only");
            return NULL;
        }
        while (more(p) && peek(p) != '>')
            p->i++;
        (void)take(p, '>');
    }
    t = parse_alt(p);
    if (!take(p, ')'))
        refuse(p, ERR_FORMAT, "expected )");
    return t;
}

static struct rtree *parse_atom(struct rparse *p)
{
    struct rclass c = { 0 };
    struct rtree *t;
    uint32_t cp;

    if (take(p, '('))
        return parse_group(p);
    if (take(p, '^'))
        return tree(p, RK_BEGIN);
    if (take(p, '$'))
        return tree(p, RK_END);
    if (peek(p) && strchr("*+?)", peek(p))) {
        refuse(p, ERR_FORMAT, "nothing to repeat, or an unbalanced parenthesis");
        return NULL;
    }
    if (take(p, '[')) {
        parse_class(p, &c);
    } else if (take(p, '.')) {
        add_range(p, &c, '\n', '\n');
        add_range(p, &c, '\r', '\r');
        add_range(p, &c, 0x2028, 0x2029);
        invert(p, &c);
    } else if (take(p, '\\')) {
        if (parse_escape(p, &c, false, &cp))
            add_range(p, &c, cp, cp);
    } else {
        cp = plain_char(p);
        add_range(p, &c, cp, cp);
    }
    t = tree(p, RK_CLASS);
    if (t) {
        t->n_range = cp_ranges_tidy(c.at, c.n);
        t->range = c.at;
    }
    return t;
}

/* A number within braces; false when this is no quantifier, but a plain brace. */
static bool braces(struct rparse *p, uint32_t *min, uint32_t *max)
{
    size_t kept = p->i++;
    uint32_t v[2] = { 0, REGEX_NO_MAX };
    unsigned k = 0;
    bool digits = false;

    for (; more(p) && peek(p) != '}'; p->i++) {
        char c = peek(p);

        if (c == ',' && k == 0 && digits) {
            k = 1;
            digits = false;
        } else if (c >= '0' && c <= '9') {
            v[k] = digits ? v[k] * 10 : 0;
            v[k] += (uint32_t)(c - '0');
            digits = true;
            if (v[k] > 100000U)
                refuse(p, ERR_LIMIT, "too many repetitions");
        } else {
            break;
        }
    }
    if ((k == 0 && !digits) || !take(p, '}')) {
        p->i = kept;
        return false;
    }
    *min = v[0];
    *max = k ? v[1] : v[0];
    if (*max < *min)
        refuse(p, ERR_FORMAT, "the maximum is below the minimum");
    return true;
}

static struct rtree *parse_repeat(struct rparse *p)
{
    struct rtree *t = parse_atom(p), *r;
    uint32_t min = 0, max = REGEX_NO_MAX;

    if (!t || !more(p))
        return t;
    if (take(p, '+'))
        min = 1;
    else if (take(p, '?'))
        max = 1;
    else if (!take(p, '*') && (peek(p) != '{' || !braces(p, &min, &max)))
        return t;
    (void)take(p, '?'); /* lazy: the same strings */
    r = tree(p, RK_REPEAT);
    if (!r)
        return NULL;
    r->kid = t;
    r->min = min;
    r->max = max;
    return r;
}

static struct rtree *parse_seq(struct rparse *p)
{
    struct rtree *seq = tree(p, RK_SEQ), **to = seq ? &seq->kid : NULL;

    while (more(p) && peek(p) != '|' && peek(p) != ')') {
        struct rtree *t = parse_repeat(p);

        if (!t)
            return NULL;
        *to = t;
        to = &t->after;
    }
    return seq;
}

static struct rtree *parse_alt(struct rparse *p)
{
    struct rtree *alt, **to;

    if (++p->depth > RX_DEPTH_MAX) {
        refuse(p, ERR_LIMIT, "parentheses are nested too deeply");
        return NULL;
    }
    alt = tree(p, RK_ALT);
    if (!alt)
        return NULL;
    to = &alt->kid;
    do {
        *to = parse_seq(p);
        if (!*to)
            return NULL;
        to = &(*to)->after;
    } while (take(p, '|'));
    p->depth--;
    return alt;
}

/* ---- nodes ---- */

uint32_t rx_node(struct rx_set *s, struct rx_node n)
{
    if (s->n_node == s->cap_node) {
        uint32_t cap = s->cap_node ? s->cap_node * 2 : 64;
        struct rx_node *at = cap > 2 * REGEX_NODES_MAX ? NULL : arena_new_n(s->a, cap, sizeof(*at));

        if (!at)
            return UINT32_MAX;
        if (s->n_node)
            memcpy(at, s->node, s->n_node * sizeof(*at));
        s->node = at;
        s->cap_node = cap;
    }
    if (s->n_node >= REGEX_NODES_MAX)
        return UINT32_MAX;
    s->node[s->n_node] = n;
    return s->n_node++;
}

static uint32_t put(struct rparse *p, enum rx_op op, uint32_t next, uint32_t alt)
{
    uint32_t i =
        rx_node(p->s, (struct rx_node){ .op = (uint8_t)op, .id = p->id, .next = next, .alt = alt });

    if (i == UINT32_MAX)
        refuse(p, ERR_LIMIT, "too many states");
    return p->rc ? 0 : i;
}

static uint32_t emit(struct rparse *p, const struct rtree *t, uint32_t next);

static uint32_t emit_seq(struct rparse *p, const struct rtree *t, uint32_t next)
{
    size_t n = 0;
    const struct rtree **at;

    for (const struct rtree *k = t->kid; k; k = k->after)
        n++;
    at = arena_new_n(p->s->a, n, sizeof(*at));
    if (!at) {
        refuse(p, ERR_LIMIT, "too long");
        return 0;
    }
    n = 0;
    for (const struct rtree *k = t->kid; k; k = k->after)
        at[n++] = k;
    while (n && !p->rc)
        next = emit(p, at[--n], next);
    return next;
}

static uint32_t emit_repeat(struct rparse *p, const struct rtree *t, uint32_t next)
{
    uint32_t skip = next;

    if (t->min > RX_REPEAT_MAX || (t->max != REGEX_NO_MAX && t->max > RX_REPEAT_MAX))
        refuse(p, ERR_LIMIT, "too many repetitions");
    if (t->max == REGEX_NO_MAX) {
        uint32_t loop = put(p, RX_SPLIT, next, next), body = emit(p, t->kid, loop);

        if (!p->rc)
            p->s->node[loop].alt = body;
        next = loop;
    } else {
        for (uint32_t k = t->min; k < t->max && !p->rc; k++)
            next = put(p, RX_SPLIT, emit(p, t->kid, next), skip);
    }
    for (uint32_t k = 0; k < t->min && !p->rc; k++)
        next = emit(p, t->kid, next);
    return next;
}

static uint32_t emit(struct rparse *p, const struct rtree *t, uint32_t next)
{
    uint32_t entry = UINT32_MAX;

    if (p->rc)
        return 0;
    switch (t->kind) {
    case RK_CLASS:
        entry = put(p, RX_CHAR, next, 0);
        if (!p->rc) {
            p->s->node[entry].range = t->range;
            p->s->node[entry].n_range = (uint32_t)t->n_range;
        }
        return entry;
    case RK_SEQ:
        return emit_seq(p, t, next);
    case RK_REPEAT:
        return emit_repeat(p, t, next);
    case RK_BEGIN:
        return put(p, RX_BEGIN, next, 0);
    case RK_END:
        return put(p, RX_END, next, 0);
    default:
        for (const struct rtree *k = t->kid; k; k = k->after) {
            uint32_t one = emit(p, k, next);

            entry = entry == UINT32_MAX ? one : put(p, RX_SPLIT, one, entry);
        }
        return entry;
    }
}

void rx_init(struct rx_set *s, struct arena *a, struct gcost *cost)
{
    *s = (struct rx_set){ .a = a, .cost = cost };
}

static enum err_code add_expression(struct rx_set *s, const char *pattern, size_t len, bool negated,
                                    struct err *e)
{
    struct rparse p = { .s = s, .text = pattern, .len = len, .id = (uint8_t)s->n, .e = e };
    struct rtree *t;
    uint32_t end;

    if (s->n == REGEX_SET_MAX)
        return err_set(e, ERR_LIMIT, "more than %u regular expressions at one place",
                       REGEX_SET_MAX);
    t = parse_alt(&p);
    if (!p.rc && p.i < len)
        refuse(&p, ERR_FORMAT, "an unbalanced parenthesis");
    if (!p.rc) {
        end = put(&p, RX_MATCH, 0, 0);
        s->start[s->n] = emit(&p, t, end);
    }
    if (p.rc)
        return p.rc;
    s->negated |= (uint64_t)negated << s->n;
    s->n++;
    return ERR_OK;
}

/* The length of the look-ahead group at the start of `s` after ^, 0 when there is none: "(?=...)"
 * or "(?!...)". */
static size_t lookahead(const char *s, size_t len)
{
    size_t depth = 0;
    bool in_class = false;

    if (len < 4 || s[0] != '(' || s[1] != '?' || (s[2] != '=' && s[2] != '!'))
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\\')
            i++;
        else if (s[i] == '[')
            in_class = true;
        else if (s[i] == ']')
            in_class = false;
        else if (s[i] == '(' && !in_class)
            depth++;
        else if (s[i] == ')' && !in_class && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* ^(?!x)y says: y matches from the start and x does not. Only where nothing stands beside it: an
 * alternative would come without the condition. */
static bool has_top_alternative(const char *s, size_t len)
{
    size_t depth = 0;
    bool in_class = false;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\\')
            i++;
        else if (s[i] == '[')
            in_class = true;
        else if (s[i] == ']')
            in_class = false;
        else if (!in_class && s[i] == '(')
            depth++;
        else if (!in_class && s[i] == ')' && depth)
            depth--;
        else if (!in_class && s[i] == '|' && depth == 0)
            return true;
    }
    return false;
}

/* "^(?:" inner ")" or "^" rest, in the arena. */
static enum err_code add_from_start(struct rx_set *s, const char *inner, size_t len, bool negated,
                                    struct err *e)
{
    char *text = arena_new(s->a, len + 6);

    if (!text && arena_starved(s->a))
        return err_set(e, ERR_OOM, "no memory for a regular expression of %zu bytes", len);
    if (!text)
        return err_set(e, ERR_LIMIT, "a regular expression is too long");
    memcpy(text, "^(?:", 4);
    memcpy(text + 4, inner, len);
    text[4 + len] = ')';
    return add_expression(s, text, len + 5, negated, e);
}

enum err_code rx_add(struct rx_set *s, const char *pattern, size_t len, bool negated, struct err *e)
{
    size_t i = 1, n = 0;
    enum err_code rc;

    if (negated || len < 5 || pattern[0] != '^' || !lookahead(pattern + 1, len - 1) ||
        has_top_alternative(pattern, len))
        return add_expression(s, pattern, len, negated, e);
    for (; (n = lookahead(pattern + i, len - i)) != 0; i += n) {
        rc = add_from_start(s, pattern + i + 3, n - 4, pattern[i + 2] == '!', e);
        if (rc)
            return rc;
    }
    return add_from_start(s, pattern + i, len - i, false, e);
}

enum err_code rx_add_not_in(struct rx_set *s, const char *const *text, const size_t *len, size_t n,
                            struct err *e)
{
    struct rparse p = { .s = s, .id = (uint8_t)s->n, .e = e };
    uint32_t end, entry = UINT32_MAX;

    if (s->n == REGEX_SET_MAX)
        return err_set(e, ERR_LIMIT, "more than %u regular expressions at one place",
                       REGEX_SET_MAX);
    end = put(&p, RX_END, put(&p, RX_MATCH, 0, 0), 0);
    for (size_t k = 0; k < n && !p.rc; k++) {
        uint32_t next = end, one;

        /* back to front over whole characters */
        for (size_t i = len[k]; i > 0 && !p.rc;) {
            struct cp_range *r = arena_new(s->a, sizeof(*r));

            do
                i--;
            while (i > 0 && ((uint8_t)text[k][i] & 0xC0) == 0x80);
            if (!r || !utf8_decode(text[k] + i, len[k] - i, &r->from))
                refuse(&p, ERR_FORMAT, "invalid UTF-8 or too long");
            next = put(&p, RX_CHAR, next, 0);
            if (p.rc)
                return p.rc;
            r->to = r->from;
            s->node[next].range = r;
            s->node[next].n_range = 1;
        }
        one = put(&p, RX_BEGIN, next, 0);
        entry = entry == UINT32_MAX ? one : put(&p, RX_SPLIT, one, entry);
    }
    if (p.rc || n == 0)
        return p.rc;
    s->start[s->n] = entry;
    s->negated |= (uint64_t)1 << s->n;
    s->n++;
    return ERR_OK;
}
