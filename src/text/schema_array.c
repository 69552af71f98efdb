/* Arrays: a prefix of items with schemas of their own, then equal ones with counts; with `contains`
 * a grid of how many items came and how many of them match each. */
#include "text/schema_int.h"

#define GRID_MAX     20000U
#define CONTAINS_MAX 5U

struct sarr {
    struct sctx *c;
    const struct sflat *f;
    bool canonical, inner, unique;
    uint32_t min, max, prefix, close;
};

static void find_limits(struct sarr *a)
{
    a->max = SCHEMA_NO_MAX;
    for (uint32_t i = 0; i < a->f->n; i++) {
        const struct sch *s = a->f->atom[i];

        a->min = s->min_items > a->min ? s->min_items : a->min;
        a->max = s->max_items < a->max ? s->max_items : a->max;
        a->prefix = s->prefix.n > a->prefix ? s->prefix.n : a->prefix;
        a->unique = a->unique || s->unique;
    }
}

/* One item of this rule, with a comma before it unless it is the first. */
static uint32_t item(struct sarr *a, uint32_t rule, bool first, uint32_t next)
{
    struct gbuild *b = &a->c->b;
    uint32_t at;

    if (a->unique)
        next = gb_node(b, GN_U_DONE, next, 0);
    at = gb_call(b, rule, next);
    if (a->unique)
        at = gb_node(b, GN_U_ITEM, at, 0);
    at = sc_ws(a->c, a->canonical, at);
    if (first)
        return at;
    at = gb_lit(b, ",", at);
    return a->unique && at != GNODE_FAIL ? gb_node(b, GN_U_MORE, at, rule) : at;
}

/* How many different values an item can take, when that is few. */
static uint32_t count_values(struct sctx *c, const struct schs *list)
{
    struct sflats flats = { 0 };
    uint32_t sum = 0, n;

    if (!sc_expand(c, list, &flats))
        return SCHEMA_NO_MAX;
    for (uint32_t i = 0; i < flats.n; i++) {
        const struct sflat *f = &flats.at[i];

        if (sflat_has_enum(f)) {
            (void)sflat_values(c, f, &n);
            sum += n;
        } else if (f->types & ~(ST_NULL | ST_TRUE | ST_FALSE)) {
            return SCHEMA_NO_MAX;
        } else {
            sum += !!(f->types & ST_NULL) + !!(f->types & ST_TRUE) + !!(f->types & ST_FALSE);
        }
    }
    return sum;
}

/* Items from index `prefix` on: all alike. */
static uint32_t rest(struct sarr *a)
{
    struct gbuild *b = &a->c->b;
    uint32_t lo = a->min > a->prefix ? a->min - a->prefix : 0, hi = SCHEMA_NO_MAX, rule, more, loop;
    struct schs list = { 0 };
    bool first = a->prefix == 0;

    if (a->max != SCHEMA_NO_MAX)
        hi = a->max > a->prefix ? a->max - a->prefix : 0;
    if (!sflat_item(a->c, a->f, a->prefix, &list))
        hi = 0;
    if (a->unique && hi) {
        uint32_t n = count_values(a->c, &list);

        hi = n < hi ? n : hi;
    }
    if (lo > hi)
        return GNODE_FAIL;
    if (hi == 0)
        return a->close;
    rule = sc_rule(a->c, &list, a->inner);
    more = gb_rule(b);
    gb_rule_set(b, more, item(a, rule, false, GNODE_RET));
    if (hi == SCHEMA_NO_MAX) {
        loop = gb_node(b, GN_SPLIT, GNODE_FAIL, a->close);
        (void)sc_set_next(a->c, loop, gb_call(b, more, loop));
        if (lo > first)
            loop = gb_rep(b, more, lo - first, lo - first, loop);
    } else {
        loop = gb_rep(b, more, lo > first ? lo - first : 0, hi - first, a->close);
    }
    if (first)
        loop = gb_split(b, lo == 0 ? a->close : GNODE_FAIL, item(a, rule, true, loop));
    if (a->unique && lo > 1 && loop != GNODE_FAIL)
        loop = gb_node(b, GN_U_NEED, loop, gb_rep_add(b, rule, lo, lo));
    return loop;
}

static uint32_t tuple(struct sarr *a)
{
    struct gbuild *b = &a->c->b;
    uint32_t at = rest(a);

    for (uint32_t i = a->prefix; i-- > 0 && !b->rc;) {
        struct schs list = { 0 };
        uint32_t one = GNODE_FAIL;

        if (i < a->max && sflat_item(a->c, a->f, i, &list))
            one = item(a, sc_rule(a->c, &list, a->inner), i == 0, at);
        at = gb_split(b, i >= a->min ? a->close : GNODE_FAIL, one);
    }
    return at;
}

/* ---- contains ---- */

struct scount {
    struct sch *contains;
    uint32_t from, min, max, columns; /* items that match are counted up to columns - 1 */
};

struct sgrid {
    struct sarr *a;
    struct scount count[CONTAINS_MAX];
    uint32_t n_count, rows, columns; /* columns: of all counts together */
    uint32_t *node;                  /* [rows][columns] */
};

static bool has_max(const struct scount *k)
{
    return k->max != SCHEMA_NO_MAX;
}

/* The rule of item i, of which the counts in `set` count and the others do not. */
static uint32_t grid_rule(struct sgrid *g, uint32_t i, uint32_t set)
{
    struct sctx *c = g->a->c;
    struct schs list = { 0 };

    if (!sflat_item(c, g->a->f, i, &list))
        return UINT32_MAX;
    for (uint32_t j = 0; j < g->n_count; j++) {
        const struct scount *k = &g->count[j];

        if (set >> j & 1)
            sc_add(c, &list, k->contains);
        else if (has_max(k) && i >= k->from) /* otherwise it may match as well */
            sc_add(c, &list, sc_not(c, k->contains));
    }
    return sc_rule(c, &list, g->a->inner);
}

/* The cell behind item i at `column` when the counts in `set` count; UINT32_MAX: they cannot. */
static uint32_t grid_right(const struct sgrid *g, uint32_t i, uint32_t column, uint32_t set)
{
    uint32_t right = column, unit = 1;

    for (uint32_t j = 0; j < g->n_count; j++) {
        const struct scount *k = &g->count[j];
        uint32_t at = column / unit % k->columns;

        if (set >> j & 1) {
            if (i < k->from || (has_max(k) ? at >= k->max : at + 1 == k->columns))
                return UINT32_MAX;
            right += unit;
        }
        unit *= k->columns;
    }
    return right;
}

static bool grid_may_end(const struct sgrid *g, uint32_t i, uint32_t column)
{
    if (i < g->a->min)
        return false;
    for (uint32_t j = 0; j < g->n_count; j++) {
        if (column % g->count[j].columns < g->count[j].min)
            return false;
        column /= g->count[j].columns;
    }
    return true;
}

static void fill_cell(struct sgrid *g, uint32_t i, uint32_t column)
{
    struct sarr *a = g->a;
    struct gbuild *b = &a->c->b;
    uint32_t down = i + 1 < g->rows ? i + 1 : i;
    uint32_t at = grid_may_end(g, i, column) ? a->close : GNODE_FAIL;
    bool more = a->max == SCHEMA_NO_MAX || i < a->max;

    for (uint32_t set = 0; set < 1U << g->n_count && more && !b->rc; set++) {
        uint32_t right = grid_right(g, i, column, set), rule;

        if (right == UINT32_MAX)
            continue;
        rule = grid_rule(g, i, set);
        if (rule != UINT32_MAX)
            at = gb_split(b, at, item(a, rule, i == 0, g->node[down * g->columns + right]));
    }
    (void)sc_set_next(a->c, g->node[i * g->columns + column], at);
}

/* Every atom's contains with its counts. */
static bool find_counts(struct sgrid *g)
{
    const struct sflat *f = g->a->f;

    for (uint32_t i = 0; i < f->n; i++) {
        const struct sch *s = f->atom[i];
        struct scount k = { s->contains, s->contains_from, s->min_contains, s->max_contains, 0 };

        if (!k.contains || (k.min == 0 && !has_max(&k)))
            continue;
        if (g->n_count == CONTAINS_MAX) {
            (void)sc_fail(g->a->c, ERR_LIMIT, s->ptr, "more than %u \"contains\" at one place",
                          CONTAINS_MAX);
            return false;
        }
        k.columns = (has_max(&k) && k.max > k.min ? k.max : k.min);
        k.columns += k.columns < GRID_MAX; /* more is too much anyway */
        g->count[g->n_count++] = k;
    }
    return g->n_count > 0;
}

static uint32_t grid(struct sgrid *g)
{
    struct sarr *a = g->a;
    struct sctx *c = a->c;
    uint64_t rows = a->prefix > a->min ? a->prefix : a->min, cells;

    if (a->max != SCHEMA_NO_MAX && a->max > rows)
        rows = a->max;
    rows = rows ? rows : 1; /* the first item has no comma */
    for (uint32_t j = 0; j < g->n_count; j++)
        rows = g->count[j].from > rows ? g->count[j].from : rows;
    cells = ++rows;
    for (uint32_t j = 0; j < g->n_count && cells <= GRID_MAX; j++)
        cells *= g->count[j].columns;
    if (cells > GRID_MAX) {
        (void)sc_fail(c, ERR_LIMIT, a->f->atom[0]->ptr,
                      "\"contains\" with these counts needs too many states");
        return GNODE_FAIL;
    }
    g->rows = (uint32_t)rows;
    g->columns = (uint32_t)(cells / rows);
    g->node = sc_new(c, cells, sizeof(*g->node));
    for (uint32_t i = 0; g->node && i < cells; i++)
        g->node[i] = gb_node(&c->b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL);
    for (uint32_t i = 0; g->node && i < g->rows; i++) {
        for (uint32_t k = 0; k < g->columns && !c->b.rc; k++)
            fill_cell(g, i, k);
    }
    return g->node ? g->node[0] : GNODE_FAIL;
}

uint32_t sc_array(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next)
{
    struct gbuild *b = &c->b;
    struct sarr a = { .c = c, .f = f };
    struct sgrid g = { .a = &a };
    uint32_t at;
    bool counted;

    find_limits(&a);
    counted = find_counts(&g);
    if (a.min > a.max || b->rc)
        return GNODE_FAIL;
    a.canonical = canonical;
    a.inner = canonical || a.unique;
    a.close = gb_lit(b, "]", next);
    if (a.unique)
        a.close = gb_node(b, GN_U_CLOSE, a.close, 0);
    a.close = sc_ws(c, canonical, a.close);
    at = counted ? grid(&g) : tuple(&a);
    if (a.unique)
        at = gb_node(b, GN_U_OPEN, at, 0);
    return gb_lit(b, "[", at);
}
