/* GBNF: a grammar notation of rules `name ::= alternatives` over characters and tokens.
 *
 *   "text" [a-z] [^a-z] .   characters, escapes \n \t \r \\ \" \[ \] \xHH \uHHHH \UHHHHHHHH
 *   <[id]> !<[id]>          this token, any other token
 *   ( ... ) | * + ? {m} {m,} {m,n}
 *
 * A line break ends a rule unless it stands within parentheses or next to a `|`; # begins a
 * comment. The text is parsed to a tree first, and the tree emitted back to front. */
#include <string.h>

#include "base/utf8.h"
#include "text/grammar_int.h"

#define GBNF_DEPTH_MAX  200U
#define GBNF_NAMES_MAX  20000U
#define GBNF_MEMORY_MAX ((size_t)256 << 20)
#define GBNF_NO_MAX     UINT32_MAX

enum bkind { BK_CLASS, BK_NAME, BK_TOKEN, BK_ALT };

/* An element of a sequence with its repetition; ALT holds alternatives of sequences. */
struct bitem {
    enum bkind kind;
    uint32_t min, max;
    struct bitem *after; /* in the sequence */
    bool negated;
    struct cp_range *range;
    size_t n_range;
    uint32_t id; /* rule or token */
    struct balt *alt;
};

struct balt {
    struct bitem *first, *last;
    struct balt *other;
};

struct bname {
    const char *s;
    size_t len;
    uint32_t rule;
    struct balt *body; /* NULL: not defined yet */
    bool is_defined;
    size_t at;
    struct bname *chain;
};

struct gbnf {
    struct gbuild b;
    struct arena a;
    const char *s;
    size_t len, i;
    unsigned depth;
    struct bname **bucket; /* [1024] */
    struct bname **names;
    uint32_t n_name;
};

static void bad(struct gbnf *p, const char *what)
{
    size_t line = 1, column = 1;

    for (size_t k = 0; k < p->i && k < p->len; k++) {
        column = p->s[k] == '\n' ? 1 : column + 1;
        line += p->s[k] == '\n';
    }
    (void)gb_fail(&p->b, ERR_FORMAT, "GBNF line %zu column %zu: %s", line, column, what);
}

static void *fresh(struct gbnf *p, size_t n, size_t size)
{
    void *at = arena_new_n(&p->a, n, size);

    if (!at && arena_starved(&p->a))
        (void)gb_fail(&p->b, ERR_OOM, "no memory to read the GBNF text");
    else if (!at)
        (void)gb_fail(&p->b, ERR_LIMIT, "the GBNF text needs more than %zu bytes to read",
                      GBNF_MEMORY_MAX);
    return at;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static char peek(const struct gbnf *p)
{
    return p->i < p->len ? p->s[p->i] : '\0';
}

static bool at_end(const struct gbnf *p)
{
    return p->i >= p->len;
}

static void skip_blank(struct gbnf *p, bool lines)
{
    while (!at_end(p)) {
        char c = peek(p);

        if (c == '#') {
            while (!at_end(p) && peek(p) != '\n')
                p->i++;
        } else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
            p->i++;
        } else {
            return;
        }
    }
}

static struct bname *name_of(struct gbnf *p, const char *s, size_t len)
{
    uint32_t h = 5381;
    struct bname *n;

    for (size_t k = 0; k < len; k++)
        h = h * 33 + (uint8_t)s[k];
    for (n = p->bucket[h % 1024]; n; n = n->chain) {
        if (n->len == len && memcmp(n->s, s, len) == 0)
            return n;
    }
    if (p->n_name == GBNF_NAMES_MAX) {
        (void)gb_fail(&p->b, ERR_LIMIT, "GBNF: more than %u rules", GBNF_NAMES_MAX);
        return NULL;
    }
    n = fresh(p, 1, sizeof(*n));
    if (!n)
        return NULL;
    *n = (struct bname){ .s = s, .len = len, .at = p->i, .chain = p->bucket[h % 1024] };
    n->rule = len == 4 && memcmp(s, "root", 4) == 0 ? 0 : gb_rule(&p->b);
    p->bucket[h % 1024] = n;
    p->names[p->n_name++] = n;
    return n;
}

static struct bname *parse_name(struct gbnf *p)
{
    size_t from = p->i;

    while (!at_end(p) && is_word(peek(p)))
        p->i++;
    if (p->i == from) {
        bad(p, "expected the name of a rule");
        return NULL;
    }
    return name_of(p, p->s + from, p->i - from);
}

static uint32_t parse_hex(struct gbnf *p, unsigned n)
{
    uint32_t v = 0;

    for (; n; n--, p->i++) {
        char c = peek(p);
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 16;

        if (d == 16) {
            bad(p, "expected a hexadecimal digit");
            return 0;
        }
        v = v << 4 | d;
    }
    return v;
}

/* One character of a literal or class, with escapes. */
static uint32_t parse_char(struct gbnf *p)
{
    uint32_t cp = 0;
    unsigned n;

    if (peek(p) != '\\') {
        n = at_end(p) ? 0 : utf8_decode(p->s + p->i, p->len - p->i, &cp);
        if (n == 0)
            bad(p, at_end(p) ? "the text ends within a literal" : "invalid UTF-8");
        p->i += n;
        return cp;
    }
    p->i++;
    switch (p->i++, p->i <= p->len ? p->s[p->i - 1] : '\0') {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '\\':
    case '"':
    case '[':
    case ']':
        return (uint32_t)(uint8_t)p->s[p->i - 1];
    case 'x':
        return parse_hex(p, 2);
    case 'u':
        return parse_hex(p, 4);
    case 'U':
        cp = parse_hex(p, 8);
        break;
    default:
        p->i--;
        bad(p, "unknown escape");
    }
    if (cp > 0x10FFFFU)
        bad(p, "beyond U+10FFFF");
    return cp;
}

static struct bitem *item_new(struct gbnf *p, enum bkind kind)
{
    struct bitem *it = fresh(p, 1, sizeof(*it));

    if (it)
        *it = (struct bitem){ .kind = kind, .min = 1, .max = 1 };
    return it;
}

static struct bitem *char_item(struct gbnf *p, uint32_t from, uint32_t to)
{
    struct bitem *it = item_new(p, BK_CLASS);

    if (it)
        it->range = fresh(p, 1, sizeof(*it->range));
    if (!it || !it->range)
        return NULL;
    it->range[it->n_range++] = (struct cp_range){ from, to };
    return it;
}

static void add_item(struct balt *alt, struct bitem *it)
{
    if (!it)
        return;
    if (alt->last)
        alt->last->after = it;
    else
        alt->first = it;
    alt->last = it;
}

/* "text" as an ALT of one sequence, so that a repetition means all of it. */
static struct bitem *parse_literal(struct gbnf *p)
{
    struct bitem *it = item_new(p, BK_ALT);

    if (!it)
        return NULL;
    it->alt = fresh(p, 1, sizeof(*it->alt));
    p->i++;
    while (it->alt && !p->b.rc && peek(p) != '"') {
        uint32_t cp = parse_char(p);

        if (!p->b.rc)
            add_item(it->alt, char_item(p, cp, cp));
    }
    p->i++;
    return it;
}

static struct bitem *parse_class(struct gbnf *p)
{
    struct bitem *it = item_new(p, BK_CLASS);
    size_t cap = 0, from = p->i;

    for (size_t k = from; k < p->len && p->s[k] != ']'; k += p->s[k] == '\\' ? 2 : 1)
        cap++;
    if (!it)
        return NULL;
    it->range = fresh(p, cap + 1, sizeof(*it->range));
    p->i++;
    if (peek(p) == '^') {
        it->negated = true;
        p->i++;
    }
    while (it->range && !p->b.rc && peek(p) != ']') {
        uint32_t a = parse_char(p), c = a;

        if (peek(p) == '-' && p->i + 1 < p->len && p->s[p->i + 1] != ']') {
            p->i++;
            c = parse_char(p);
        }
        if (c < a)
            bad(p, "a range runs backwards");
        if (!p->b.rc)
            it->range[it->n_range++] = (struct cp_range){ a, c };
    }
    p->i++;
    return it;
}

static struct bitem *parse_token(struct gbnf *p)
{
    struct bitem *it = item_new(p, BK_TOKEN);
    uint64_t id = 0;
    size_t from;

    if (it && peek(p) == '!') {
        it->negated = true;
        p->i++;
    }
    if (p->len - p->i < 3 || p->s[p->i] != '<' || p->s[p->i + 1] != '[') {
        bad(p, "expected a token like <[12]>");
        return NULL;
    }
    p->i += 2;
    for (from = p->i; peek(p) >= '0' && peek(p) <= '9' && id < INT32_MAX; p->i++)
        id = id * 10 + (uint64_t)(peek(p) - '0');
    if (p->i == from || id > INT32_MAX || p->len - p->i < 2 || p->s[p->i] != ']' ||
        p->s[p->i + 1] != '>')
        bad(p, "expected a token like <[12]>");
    p->i += 2;
    if (it)
        it->id = (uint32_t)id;
    p->b.g->has_tokens = true;
    return it;
}

static uint32_t parse_count(struct gbnf *p)
{
    uint64_t v = 0;
    size_t from = p->i;

    for (; peek(p) >= '0' && peek(p) <= '9' && v <= GRAMMAR_COUNT_MAX; p->i++)
        v = v * 10 + (uint64_t)(peek(p) - '0');
    if (p->i == from || v > GRAMMAR_COUNT_MAX)
        bad(p, "expected a number of repetitions");
    return (uint32_t)v;
}

static void parse_repeat(struct gbnf *p, struct bitem *it)
{
    uint32_t min = 0, max = GBNF_NO_MAX;

    switch (peek(p)) {
    case '*':
        break;
    case '+':
        min = 1;
        break;
    case '?':
        max = 1;
        break;
    case '{':
        p->i++;
        skip_blank(p, false);
        min = max = parse_count(p);
        skip_blank(p, false);
        if (peek(p) == ',') {
            p->i++;
            skip_blank(p, false);
            max = peek(p) == '}' ? GBNF_NO_MAX : parse_count(p);
            skip_blank(p, false);
        }
        if (peek(p) != '}' || max < min)
            bad(p, max < min ? "the maximum is below the minimum" : "expected }");
        break;
    default:
        return;
    }
    p->i++;
    it->min = min;
    it->max = max;
}

static struct balt *parse_alts(struct gbnf *p, bool nested);

static struct bitem *parse_group(struct gbnf *p)
{
    struct bitem *it = item_new(p, BK_ALT);

    p->i++;
    if (!it)
        return NULL;
    it->alt = parse_alts(p, true);
    if (peek(p) != ')')
        bad(p, "expected )");
    p->i++;
    return it;
}

static struct bitem *parse_primary(struct gbnf *p)
{
    struct bitem *it;
    struct bname *name;

    switch (peek(p)) {
    case '"':
        return parse_literal(p);
    case '[':
        return parse_class(p);
    case '(':
        return parse_group(p);
    case '<':
    case '!':
        return parse_token(p);
    case '.':
        p->i++;
        return char_item(p, 0, 0x10FFFFU);
    default:
        name = parse_name(p);
        it = item_new(p, BK_NAME);
        if (it && name)
            it->id = name->rule;
        return it;
    }
}

static bool begins_item(char c)
{
    return c == '"' || c == '[' || c == '(' || c == '<' || c == '!' || c == '.' || is_word(c);
}

/* A name that is followed by ::= begins the next rule. */
static bool begins_rule(struct gbnf *p)
{
    size_t kept = p->i;
    bool is_rule;

    while (!at_end(p) && is_word(peek(p)))
        p->i++;
    is_rule = p->i > kept;
    skip_blank(p, false);
    is_rule = is_rule && p->len - p->i >= 3 && memcmp(p->s + p->i, "::=", 3) == 0;
    p->i = kept;
    return is_rule;
}

static void parse_seq(struct gbnf *p, struct balt *alt, bool nested)
{
    struct bitem *it, *outer;

    for (;;) {
        skip_blank(p, nested);
        if (p->b.rc || !begins_item(peek(p)) || begins_rule(p))
            return;
        it = parse_primary(p);
        if (!it || p->b.rc)
            return;
        for (;;) { /* a* + is allowed: each repetition wraps what stands before it */
            skip_blank(p, nested);
            if (!peek(p) || !strchr("*+?{", peek(p)) || p->b.rc)
                break;
            if (it->min != 1 || it->max != 1) {
                outer = item_new(p, BK_ALT);
                if (!outer)
                    return;
                outer->alt = fresh(p, 1, sizeof(*outer->alt));
                if (outer->alt)
                    add_item(outer->alt, it);
                it = outer;
            }
            parse_repeat(p, it);
        }
        add_item(alt, it);
    }
}

static struct balt *parse_alts(struct gbnf *p, bool nested)
{
    struct balt *first = NULL, **to = &first;

    if (++p->depth > GBNF_DEPTH_MAX)
        bad(p, "parentheses are nested too deeply");
    while (!p->b.rc) {
        struct balt *alt = fresh(p, 1, sizeof(*alt));
        size_t kept;

        if (!alt)
            break;
        *to = alt;
        to = &alt->other;
        parse_seq(p, alt, nested);
        kept = p->i;
        skip_blank(p, true);
        if (peek(p) != '|') {
            p->i = nested ? p->i : kept;
            break;
        }
        p->i++;
        skip_blank(p, true);
    }
    p->depth--;
    return first;
}

static void parse_rule(struct gbnf *p)
{
    struct bname *n = parse_name(p);

    skip_blank(p, false);
    if (!n || p->b.rc)
        return;
    if (p->len - p->i < 3 || memcmp(p->s + p->i, "::=", 3) != 0) {
        bad(p, "expected ::=");
        return;
    }
    p->i += 3;
    skip_blank(p, true);
    n->is_defined = true;
    n->body = parse_alts(p, false);
    skip_blank(p, false);
    if (!p->b.rc && !at_end(p) && peek(p) != '\n')
        bad(p, "unexpected character");
}

/* ---- tree to nodes ---- */

static uint32_t emit_alts(struct gbnf *p, const struct balt *alt, uint32_t next);

static uint32_t emit_class(struct gbnf *p, const struct bitem *it, uint32_t next)
{
    size_t n = cp_ranges_tidy(it->range, it->n_range);
    struct cp_range *set = it->range;
    uint32_t entry;

    if (it->negated) {
        set = fresh(p, n + 1, sizeof(*set));
        if (!set)
            return GNODE_FAIL;
        n = cp_ranges_invert(it->range, n, set);
    }
    entry = gb_ranges(&p->b, set, n, next);
    gb_run(&p->b, entry, set, n, next);
    return entry;
}

static uint32_t emit_one(struct gbnf *p, const struct bitem *it, uint32_t next)
{
    uint32_t text;

    switch (it->kind) {
    case BK_CLASS:
        return emit_class(p, it, next);
    case BK_NAME:
        return gb_call(&p->b, it->id, next);
    case BK_ALT:
        return emit_alts(p, it->alt, next);
    default:
        if (!it->negated)
            return gb_node(&p->b, GN_TOK, next, it->id);
        text = gb_node(&p->b, GN_TEXT, gb_range(&p->b, 0, 0x10FFFFU, next), 0);
        return gb_split(&p->b, gb_node(&p->b, GN_NTOK, next, it->id), text);
    }
}

static uint32_t emit_item(struct gbnf *p, const struct bitem *it, uint32_t next)
{
    struct gbuild *b = &p->b;
    uint32_t loop = next, rule, bound = it->max;

    if (it->min == 1 && it->max == 1)
        return emit_one(p, it, next);
    if (it->min == 0 && it->max == 1)
        return gb_split(b, emit_one(p, it, next), next);
    if (it->max == GBNF_NO_MAX) {
        loop = gb_node(b, GN_SPLIT, GNODE_FAIL, next);
        if (!b->rc) {
            uint32_t body = emit_one(p, it, loop);

            if (!b->rc)
                b->g->node[loop].next = body;
        }
        bound = it->min;
        if (it->min == 1)
            return emit_one(p, it, loop);
    }
    if (bound == 0)
        return loop;
    rule = gb_rule(b);
    gb_rule_set(b, rule, emit_one(p, it, GNODE_RET));
    return gb_rep(b, rule, it->min, bound, loop);
}

static uint32_t emit_seq(struct gbnf *p, const struct bitem *first, uint32_t next)
{
    size_t n = 0, k = 0;
    const struct bitem **at;

    for (const struct bitem *it = first; it; it = it->after)
        n++;
    at = fresh(p, n, sizeof(*at));
    if (!at)
        return GNODE_FAIL;
    for (const struct bitem *it = first; it; it = it->after)
        at[k++] = it;
    while (k && !p->b.rc)
        next = emit_item(p, at[--k], next);
    return next;
}

static uint32_t emit_alts(struct gbnf *p, const struct balt *alt, uint32_t next)
{
    uint32_t entry = GNODE_FAIL;

    for (; alt && !p->b.rc; alt = alt->other)
        entry = gb_split(&p->b, entry, emit_seq(p, alt->first, next));
    return entry;
}

static void emit_rules(struct gbnf *p)
{
    bool has_root = false;

    for (uint32_t i = 0; i < p->n_name && !p->b.rc; i++) {
        const struct bname *n = p->names[i];

        if (!n->is_defined) {
            p->i = n->at;
            (void)gb_fail(&p->b, ERR_FORMAT, "GBNF: rule \"%.*s\" is not defined",
                          (int)(n->len > 100 ? 100 : n->len), n->s);
            return;
        }
        has_root = has_root || n->rule == 0;
        gb_rule_set(&p->b, n->rule, emit_alts(p, n->body, GNODE_RET));
    }
    if (!has_root)
        (void)gb_fail(&p->b, ERR_FORMAT, "GBNF: there is no rule \"root\"");
}

enum err_code gbnf_compile(struct grammar **out, const char *source, size_t len, struct gcost *cost,
                           struct err *e)
{
    struct gbnf p = { .s = source, .len = len };
    enum err_code rc;

    *out = NULL;
    if (len > GRAMMAR_SOURCE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "a GBNF text of %zu bytes: at most %u", len,
                       GRAMMAR_SOURCE_BYTES_MAX);
    rc = gb_begin(&p.b, cost, e);
    if (rc)
        return gb_end(&p.b, out);
    arena_init(&p.a, MEM_REQUEST, 64U * 1024U, GBNF_MEMORY_MAX);
    p.bucket = fresh(&p, 1024, sizeof(struct bname *));
    p.names = fresh(&p, GBNF_NAMES_MAX, sizeof(struct bname *));
    for (skip_blank(&p, true); !p.b.rc && !at_end(&p); skip_blank(&p, true))
        parse_rule(&p);
    if (!p.b.rc)
        emit_rules(&p);
    if (!p.b.rc)
        p.b.rc = grammar_check(p.b.g, cost, e);
    arena_finish(&p.a);
    return gb_end(&p.b, out);
}

enum err_code grammar_of_gbnf(struct grammar **out, const char *source, size_t len,
                              const struct stop_ask *stop, struct err *e)
{
    struct gcost cost = { .stop = stop };

    return gbnf_compile(out, source, len, &cost, e);
}
