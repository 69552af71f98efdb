/* Building the automaton: nodes, rules, repetitions, characters as UTF-8 byte sequences. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "text/grammar_int.h"

enum err_code gb_fail(struct gbuild *b, enum err_code rc, const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list ap;

    if (b->rc)
        return b->rc;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    b->rc = err_set(b->e, rc, "%s", text);
    return b->rc;
}

bool gcost_add(struct gcost *c, uint64_t n)
{
    if (!c)
        return true;
    c->n += n;
    if (c->stop && !c->is_stopped && c->n - c->n_asked >= GRAMMAR_COST_ASK) {
        c->n_asked = c->n;
        c->is_stopped = stop_asked(c->stop);
    }
    return !c->is_stopped && c->n <= GRAMMAR_COST_MAX;
}

enum err_code gcost_error(const struct gcost *c, struct err *e)
{
    if (c->is_stopped)
        return err_set(e, ERR_CANCELLED, "compiling was stopped");
    return err_set(e, ERR_LIMIT, "compiling takes more than %u steps: make it smaller",
                   GRAMMAR_COST_MAX);
}

bool gb_spend(struct gbuild *b, uint64_t n)
{
    if (!gcost_add(b->cost, n) && !b->rc)
        b->rc = gcost_error(b->cost, b->e);
    return !b->rc;
}

/* One more element at the end of an array, or SIZE_MAX-like failure reported as false. */
static bool grow(struct gbuild *b, void **at, uint32_t n, uint32_t *cap, size_t size)
{
    uint32_t more = *cap ? *cap * 2 : 256;
    void *p;

    if (n < *cap)
        return true;
    p = mem_realloc(MEM_REQUEST, *at, (size_t)more * size);
    if (!p) {
        (void)gb_fail(b, ERR_OOM, "no memory for a grammar of %u nodes", n);
        return false;
    }
    *at = p;
    *cap = more;
    return true;
}

uint32_t gb_node(struct gbuild *b, enum gop op, uint32_t next, uint32_t alt)
{
    struct grammar *g = b->g;

    if (b->rc || !gb_spend(b, 1))
        return GNODE_FAIL;
    if (g->n_node >= GRAMMAR_NODE_MAX) {
        (void)gb_fail(b, ERR_LIMIT, "the grammar needs more than %u nodes", GRAMMAR_NODE_MAX);
        return GNODE_FAIL;
    }
    if (!grow(b, (void **)&g->node, g->n_node, &g->cap_node, sizeof(*g->node)))
        return GNODE_FAIL;
    g->node[g->n_node] = (struct gnode){ .op = (uint8_t)op, .next = next, .alt = alt };
    return g->n_node++;
}

uint32_t gb_rule(struct gbuild *b)
{
    struct grammar *g = b->g;

    if (b->rc)
        return 0;
    if (g->n_rule >= GRAMMAR_RULE_MAX) {
        (void)gb_fail(b, ERR_LIMIT, "the grammar needs more than %u rules", GRAMMAR_RULE_MAX);
        return 0;
    }
    if (!grow(b, (void **)&g->rule, g->n_rule, &g->cap_rule, sizeof(*g->rule)))
        return 0;
    g->rule[g->n_rule] = (struct grule){ .entry = GNODE_FAIL };
    return g->n_rule++;
}

void gb_rule_set(struct gbuild *b, uint32_t rule, uint32_t entry)
{
    if (!b->rc)
        b->g->rule[rule].entry = entry;
}

uint32_t gb_byte(struct gbuild *b, uint8_t lo, uint8_t hi, uint32_t next)
{
    uint32_t i = next == GNODE_FAIL ? GNODE_FAIL : gb_node(b, GN_BYTE, next, 0);

    if (i != GNODE_FAIL) {
        b->g->node[i].lo = lo;
        b->g->node[i].hi = hi;
    }
    return i;
}

uint32_t gb_split(struct gbuild *b, uint32_t a, uint32_t c)
{
    if (a == GNODE_FAIL || a == c)
        return c;
    return c == GNODE_FAIL ? a : gb_node(b, GN_SPLIT, a, c);
}

uint32_t gb_call(struct gbuild *b, uint32_t rule, uint32_t next)
{
    return next == GNODE_FAIL ? GNODE_FAIL : gb_node(b, GN_CALL, next, rule);
}

uint32_t gb_rep_add(struct gbuild *b, uint32_t rule, uint32_t lo, uint32_t hi)
{
    struct grammar *g = b->g;

    if (g->n_rep >= GRAMMAR_REP_MAX) {
        (void)gb_fail(b, ERR_LIMIT, "the grammar has more than %u repetitions", GRAMMAR_REP_MAX);
        return 0;
    }
    if (!grow(b, (void **)&g->rep, g->n_rep, &g->cap_rep, sizeof(*g->rep)))
        return 0;
    g->rep[g->n_rep] = (struct grep){ rule, lo, hi };
    return g->n_rep++;
}

uint32_t gb_rep(struct gbuild *b, uint32_t rule, uint32_t lo, uint32_t hi, uint32_t next)
{
    uint32_t rep;

    if (b->rc || next == GNODE_FAIL || lo > hi)
        return GNODE_FAIL;
    if (hi == 0)
        return next;
    if (lo == 1 && hi == 1)
        return gb_call(b, rule, next);
    rep = gb_rep_add(b, rule, lo, hi);
    return gb_node(b, GN_REP, next, rep);
}

uint32_t gb_bytes(struct gbuild *b, const char *s, size_t len, uint32_t next)
{
    for (size_t i = len; i-- > 0;)
        next = gb_byte(b, (uint8_t)s[i], (uint8_t)s[i], next);
    return next;
}

uint32_t gb_lit(struct gbuild *b, const char *s, uint32_t next)
{
    return gb_bytes(b, s, strlen(s), next);
}

/* ---- characters ---- */

/* A set of characters on its way to bytes. What is the same behind two bytes is made once, so that
 * one byte leads one way: positions have few threads, however ragged the set. */
struct spelling {
    struct gbuild *b;
    const struct cp_range *r; /* of characters with one number of bytes */
    size_t n;
    uint32_t next, any[4]; /* behind a byte; any[k]: any k more bytes */
    struct {
        uint64_t bits;
        uint32_t node;
    } last[64]; /* sets of last bytes, the latest that were met */
    uint32_t n_last;
};

static uint32_t any_bytes(struct spelling *x, unsigned n)
{
    if (n == 0)
        return x->next;
    if (!x->any[n])
        x->any[n] = gb_byte(x->b, 0x80, 0xBF, any_bytes(x, n - 1));
    return x->any[n];
}

static uint32_t last_byte(struct spelling *x, uint32_t base)
{
    uint32_t entry = GNODE_FAIL, slot;
    uint64_t bits = 0;

    for (size_t k = cp_ranges_find(x->r, x->n, base); k < x->n && x->r[k].from < base + 64; k++)
        for (uint32_t cp = max_u32(x->r[k].from, base); cp <= x->r[k].to && cp < base + 64; cp++)
            bits |= (uint64_t)1 << (cp - base);
    for (uint32_t i = 0; i < 64 && i < x->n_last; i++) {
        if (x->last[i].bits == bits)
            return x->last[i].node;
    }
    for (unsigned lo = 0, hi; lo < 64; lo = hi + 1) {
        for (hi = lo; hi < 63 && (bits >> hi & 1) == (bits >> (hi + 1) & 1);)
            hi++;
        if (bits >> lo & 1)
            entry = gb_split(x->b, entry,
                             gb_byte(x->b, (uint8_t)(0x80 + lo), (uint8_t)(0x80 + hi), x->next));
    }
    slot = x->n_last++ % 64;
    x->last[slot].bits = bits;
    x->last[slot].node = entry;
    return entry;
}

/* n more bytes, for the characters from base on that they spell; base is the first of these. */
static uint32_t more_bytes(struct spelling *x, uint32_t base, unsigned n)
{
    uint32_t size = 1U << 6 * n, entry = GNODE_FAIL, child = GNODE_FAIL;
    size_t k = cp_ranges_find(x->r, x->n, base);

    if (k == x->n || x->r[k].from >= base + size || !gb_spend(x->b, 1))
        return GNODE_FAIL;
    if (n == 0 || (x->r[k].from <= base && x->r[k].to >= base + size - 1))
        return any_bytes(x, n);
    if (n == 1)
        return last_byte(x, base);
    for (unsigned lo = 0, i = 0; i <= 64; i++) {
        uint32_t after = i < 64 ? more_bytes(x, base + (i << 6 * (n - 1)), n - 1) : GNODE_FAIL;

        if (after == child)
            continue;
        if (child != GNODE_FAIL)
            entry = gb_split(x->b, entry,
                             gb_byte(x->b, (uint8_t)(0x80 + lo), (uint8_t)(0x7F + i), child));
        child = after;
        lo = i;
    }
    return entry;
}

/* Characters of n bytes: by their first one, first + i for i < count. */
static uint32_t lead_bytes(struct spelling *x, unsigned first, unsigned count, unsigned n)
{
    uint32_t entry = GNODE_FAIL, child = GNODE_FAIL;

    for (unsigned lo = 0, i = 0; i <= count; i++) {
        uint32_t after = i < count ? more_bytes(x, i << 6 * (n - 1), n - 1) : GNODE_FAIL;

        if (after == child)
            continue;
        if (child != GNODE_FAIL)
            entry = gb_split(x->b, entry,
                             gb_byte(x->b, (uint8_t)(first + lo), (uint8_t)(first + i - 1), child));
        child = after;
        lo = i;
    }
    return entry;
}

/* The parts of tidy ranges within lo..hi, behind those that are there. */
static size_t clip(const struct cp_range *r, size_t n, uint32_t lo, uint32_t hi,
                   struct cp_range *out, size_t n_out)
{
    for (size_t i = 0; i < n; i++) {
        struct cp_range x = { max_u32(r[i].from, lo), min_u32(r[i].to, hi) };

        if (x.from <= x.to)
            out[n_out++] = x;
    }
    return n_out;
}

uint32_t gb_ranges(struct gbuild *b, const struct cp_range *r, size_t n, uint32_t next)
{
    static const struct {
        uint32_t lo, hi;
        uint8_t first, count;
    } by_len[] = { { 0, 0x7F, 0, 0x80 },
                   { 0x80, 0x7FF, 0xC0, 0x20 },
                   { 0x800, 0xFFFF, 0xE0, 0x10 },
                   { 0x10000, 0x10FFFF, 0xF0, 0x08 } };
    struct cp_range *part;
    uint32_t entry = GNODE_FAIL;

    if (n == 0 || next == GNODE_FAIL || b->rc)
        return GNODE_FAIL;
    part = mem_alloc_n(MEM_REQUEST, n + 1, sizeof(*part));
    if (!part) {
        (void)gb_fail(b, ERR_OOM, "no memory for a set of characters");
        return GNODE_FAIL;
    }
    for (unsigned k = 0; k < 4; k++) {
        struct spelling x = { .b = b, .r = part, .next = next };

        x.n = clip(r, n, by_len[k].lo, k == 2 ? 0xD7FF : by_len[k].hi, part, 0);
        if (k == 2)
            x.n = clip(r, n, 0xE000, 0xFFFF, part, x.n);
        if (x.n)
            entry = gb_split(b, entry, lead_bytes(&x, by_len[k].first, by_len[k].count, k + 1));
    }
    mem_free(part);
    return entry;
}

uint32_t gb_range(struct gbuild *b, uint32_t from, uint32_t to, uint32_t next)
{
    const struct cp_range one = { from, to };

    return gb_ranges(b, &one, from <= to, next);
}

/* The set of these ranges; 0: not worth it, or one too many. */
static uint32_t set_of(struct gbuild *b, const struct cp_range *r, size_t n)
{
    struct grammar *g = b->g;
    uint32_t n_char = 0;

    for (size_t i = 0; i < n; i++)
        n_char += r[i].to - r[i].from + 1U;
    if (n_char < GRAMMAR_SET_MIN)
        return 0;
    for (uint32_t i = 1; i <= g->n_set; i++) {
        if (g->set[i].n == n && memcmp(g->range + g->set[i].first, r, n * sizeof(*r)) == 0)
            return i;
    }
    if (g->n_set == GRAMMAR_SETS_MAX)
        return 0;
    g->set[g->n_set + 1] = (struct gset){ .first = g->n_range, .n = (uint32_t)n };
    for (size_t i = 0; i < n; i++) {
        if (!grow(b, (void **)&g->range, g->n_range, &g->cap_range, sizeof(*g->range)))
            return 0;
        g->range[g->n_range++] = r[i];
    }
    return ++g->n_set;
}

static void mark_run(struct grammar *g, uint32_t at, uint32_t set, uint32_t next)
{
    for (; g->node[at].op == GN_SPLIT; at = g->node[at].next)
        mark_run(g, g->node[at].alt, set, next); /* gb_ranges nests to the other side */
    if (g->node[at].op == GN_BYTE) {
        g->node[at].set = set & GRAMMAR_SETS_MAX;
        g->node[at].alt = next;
    }
}

void gb_run(struct gbuild *b, uint32_t entry, const struct cp_range *r, size_t n, uint32_t next)
{
    uint32_t set = b->rc || entry == GNODE_FAIL ? 0 : set_of(b, r, n);

    if (set)
        mark_run(b->g, entry, set, next);
}

void gb_state(struct gbuild *b, uint32_t entry, uint32_t close, uint32_t near, bool whole)
{
    struct gnode *node = b->g->node;

    if (b->rc)
        return;
    for (; entry != close && node[entry].op == GN_SPLIT; entry = node[entry].next)
        gb_state(b, node[entry].alt, close, near, whole);
    if (entry == close || node[entry].op != GN_BYTE)
        return;
    node[entry].near = near & GRAMMAR_NODE_MASK;
    node[entry].whole = whole;
}

void gb_whole(struct gbuild *b, const struct cp_range *r, size_t n)
{
    uint32_t set = b->rc ? 0 : set_of(b, r, n);

    if (set)
        b->g->set[set].whole = true;
}

static int by_from(const void *a, const void *c)
{
    const struct cp_range *x = a, *y = c;

    return x->from < y->from ? -1 : x->from > y->from;
}

size_t cp_ranges_tidy(struct cp_range *r, size_t n)
{
    size_t n_out = 0;

    if (n)
        qsort(r, n, sizeof(*r), by_from);
    for (size_t i = 0; i < n; i++) {
        if (n_out && r[i].from <= r[n_out - 1].to + 1) {
            r[n_out - 1].to = max_u32(r[n_out - 1].to, r[i].to);
            continue;
        }
        r[n_out++] = r[i];
    }
    return n_out;
}

size_t cp_ranges_find(const struct cp_range *r, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (r[mid].to < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t cp_ranges_invert(const struct cp_range *r, size_t n, struct cp_range *out)
{
    uint32_t from = 0;
    size_t n_out = 0;

    for (size_t i = 0; i < n; i++) {
        if (r[i].from > from)
            out[n_out++] = (struct cp_range){ from, r[i].from - 1 };
        from = r[i].to + 1;
    }
    if (from <= 0x10FFFFU)
        out[n_out++] = (struct cp_range){ from, 0x10FFFFU };
    return n_out;
}

enum err_code gb_begin(struct gbuild *b, struct gcost *cost, struct err *e)
{
    *b = (struct gbuild){ .cost = cost, .e = e };
    b->g = mem_alloc_zero(MEM_REQUEST, sizeof(*b->g));
    if (!b->g)
        return gb_fail(b, ERR_OOM, "no memory for a grammar");
    (void)gb_node(b, GN_FAIL, 0, 0);
    (void)gb_node(b, GN_RET, 0, 0);
    (void)gb_rule(b);
    return b->rc;
}

enum err_code gb_end(struct gbuild *b, struct grammar **out)
{
    enum err_code rc = b->rc;

    *out = NULL;
    if (rc)
        grammar_close(b->g);
    else
        *out = b->g;
    b->g = NULL;
    return rc;
}

void grammar_close(struct grammar *g)
{
    if (!g)
        return;
    mem_free(g->node);
    mem_free(g->rule);
    mem_free(g->rep);
    mem_free(g->mark);
    mem_free(g->range);
    mem_free(g->atom);
    mem_free(g);
}
