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
    struct svalues *place; /* [prefix + 1] with unique: of each item, and of those behind */
    uint32_t n_apart;      /* items of the prefix that take none of the values behind it */
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

#define NO_RULE UINT32_MAX

/* One item of this rule, with a comma before it unless it is the first; the comma comes while rule
 * `count` (NO_RULE: any time) has more values than there are items. */
static uint32_t item(struct sarr *a, uint32_t rule, uint32_t count, bool first, uint32_t next)
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
    return a->unique && count != NO_RULE && at != GNODE_FAIL ? gb_node(b, GN_U_MORE, at, count)
                                                             : at;
}

/* ---- distinct items ---- */

#define APART_MAX 200U

static bool find_places(struct sarr *a)
{
    struct sctx *c = a->c;

    a->place = sc_new(c, a->prefix + 1U, sizeof(*a->place));
    for (uint32_t i = 0; a->place && i <= a->prefix; i++) {
        struct schs *list = sc_new(c, 1, sizeof(*list));

        if (!list || (sflat_item(c, a->f, i, list) && !sc_values(c, list, &a->place[i])))
            return false;
    }
    for (uint32_t i = 0; a->place && i < a->prefix && !c->b.rc; i++)
        a->n_apart += !sc_may_meet(c, &a->place[a->prefix], &a->place[i]);
    return c->b.rc == ERR_OK;
}

/* A rule with as many values as the items behind the prefix can have together with those items of
 * the prefix that take none of theirs. */
static uint32_t counting_rule(struct sarr *a, uint32_t rule)
{
    struct gbuild *b = &a->c->b;
    uint32_t counting, entry;

    if (!a->unique || !a->n_apart)
        return rule;
    counting = gb_rule(b);
    entry = gb_call(b, rule, GNODE_RET);
    for (uint32_t i = 0; i < a->n_apart && i < APART_MAX; i++) /* never read, only counted */
        entry = gb_split(b, gb_byte(b, (uint8_t)i, (uint8_t)i, GNODE_RET), entry);
    gb_rule_set(b, counting, entry);
    return counting;
}

/* Whether item i of the prefix may come; with too few values for sure that cannot be told. */
static bool is_possible(struct sarr *a, uint32_t i)
{
    enum stuple place = a->unique ? sc_tuple_place(a->c, a->place, i) : STUPLE_ALWAYS;

    if (place == STUPLE_UNSURE && i < a->min)
        (void)sc_fail(a->c, ERR_UNSUPPORTED, a->f->atom[0]->ptr,
                      "\"uniqueItems\" over item %u, whose few values others may take, cannot be "
                      "enforced",
                      i);
    return place == STUPLE_ALWAYS && !a->c->b.rc;
}

/* How many items may come behind the prefix, and what they are. False: too few values. */
static bool rest_bounds(struct sarr *a, struct schs *list, uint32_t *lo, uint32_t *hi)
{
    const struct svalues *v = a->unique ? &a->place[a->prefix] : NULL;
    uint32_t taken = a->unique ? a->prefix - a->n_apart : 0, left; /* as many values may be gone */

    *lo = a->min > a->prefix ? a->min - a->prefix : 0;
    *hi = SCHEMA_NO_MAX;
    if (a->max != SCHEMA_NO_MAX)
        *hi = a->max > a->prefix ? a->max - a->prefix : 0;
    if (!sflat_item(a->c, a->f, a->prefix, list))
        *hi = 0;
    if (!v || !*hi || !v->known)
        return *lo <= *hi;
    if (*lo && *lo <= v->count && *lo + taken > v->count)
        (void)sc_fail(a->c, ERR_UNSUPPORTED, a->f->atom[0]->ptr,
                      "\"uniqueItems\" over items whose few values \"prefixItems\" may take "
                      "cannot be enforced");
    left = v->count > taken ? v->count - taken : 0;
    *hi = left < *hi ? left : *hi;
    return *lo <= *hi;
}

/* `at`, where lo items of the rule are to come behind the prefix: if it has as many values. */
static uint32_t needs(struct sarr *a, uint32_t rule, uint32_t lo, uint32_t at)
{
    struct gbuild *b = &a->c->b;
    uint32_t n = a->unique && lo ? lo + a->prefix - a->n_apart : 0;

    return n > 1 && at != GNODE_FAIL ? gb_node(b, GN_U_NEED, at, gb_rep_add(b, rule, n, n)) : at;
}

/* Items from index `prefix` on: all alike. */
static uint32_t rest(struct sarr *a)
{
    struct gbuild *b = &a->c->b;
    uint32_t lo, hi, rule, more, loop;
    struct schs list = { 0 };
    bool first = a->prefix == 0;

    if (!rest_bounds(a, &list, &lo, &hi))
        return GNODE_FAIL;
    if (hi == 0)
        return a->close;
    rule = sc_rule(a->c, &list, a->inner);
    more = gb_rule(b);
    gb_rule_set(b, more, item(a, rule, counting_rule(a, rule), false, GNODE_RET));
    if (hi == SCHEMA_NO_MAX) {
        loop = gb_node(b, GN_SPLIT, GNODE_FAIL, a->close);
        (void)sc_set_next(a->c, loop, gb_call(b, more, loop));
        if (lo > first)
            loop = gb_rep(b, more, lo - first, lo - first, loop);
    } else {
        loop = gb_rep(b, more, lo > first ? lo - first : 0, hi - first, a->close);
    }
    if (first)
        loop = gb_split(b, lo == 0 ? a->close : GNODE_FAIL, item(a, rule, NO_RULE, true, loop));
    return needs(a, rule, lo, loop);
}

static uint32_t tuple(struct sarr *a)
{
    struct gbuild *b = &a->c->b;
    uint32_t at = rest(a);

    for (uint32_t i = a->prefix; i-- > 0 && !b->rc;) {
        struct schs list = { 0 };
        uint32_t one = GNODE_FAIL;

        if (i < a->max && sflat_item(a->c, a->f, i, &list) && is_possible(a, i))
            one = item(a, sc_rule(a->c, &list, a->inner), NO_RULE, i == 0, at);
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
    uint32_t count_rule;             /* of items behind the prefix that are distinct */
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
    bool more = (a->max == SCHEMA_NO_MAX || i < a->max) && (i >= a->prefix || is_possible(a, i));

    for (uint32_t set = 0; set < 1U << g->n_count && more && !b->rc; set++) {
        uint32_t right = grid_right(g, i, column, set), rule;

        if (right == UINT32_MAX)
            continue;
        rule = grid_rule(g, i, set);
        if (rule != UINT32_MAX)
            at = gb_split(b, at,
                          item(a, rule, i < a->prefix ? NO_RULE : g->count_rule, i == 0,
                               g->node[down * g->columns + right]));
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

/* The values of item i that match (or do not); with no item i there are none. */
static bool matching(struct sgrid *g, uint32_t i, struct sch *contains, struct svalues *out)
{
    struct schs *list = sc_new(g->a->c, 1, sizeof(*list));

    *out = (struct svalues){ .known = true };
    if (!list || !sflat_item(g->a->c, g->a->f, i, list))
        return list != NULL;
    sc_add(g->a->c, list, contains);
    return sc_values(g->a->c, list, out);
}

/* Distinct items: no more can match than there are values that do; and where only so many may, the
 * others must have values enough. False: there are too few. */
static bool fit_values(struct sgrid *g, struct scount *k)
{
    struct sarr *a = g->a;
    uint32_t n_place = 0, taken = a->prefix - a->n_apart, left;
    struct schs all = { .at = &k->contains, .n = 1, .cap = 1 };
    struct svalues yes, no;

    if (!sc_values(a->c, &all, &yes) || yes.count < k->min)
        return false;
    if (yes.known && a->prefix && k->min > 1)
        (void)sc_fail(a->c, ERR_UNSUPPORTED, a->f->atom[0]->ptr,
                      "\"minContains\" of few distinct values beside \"prefixItems\" cannot be "
                      "enforced");
    for (uint32_t i = 0; i < a->prefix; i++) {
        if (!matching(g, i, k->contains, &yes))
            return false;
        n_place += yes.count > 0;
    }
    if (!matching(g, a->prefix, k->contains, &yes))
        return false;
    if (yes.known && yes.count + n_place < k->min)
        return false;
    if (!has_max(k))
        return true;
    if (!matching(g, a->prefix, sc_not(a->c, k->contains), &no))
        return false;
    if (!no.known || yes.count <= k->max)
        return true;
    left = (k->max > n_place ? k->max - n_place : 0) + (no.count > taken ? no.count - taken : 0);
    if (a->max == SCHEMA_NO_MAX || a->max > a->prefix + left)
        a->max = a->prefix + left;
    return a->max >= a->min;
}

static uint32_t grid(struct sgrid *g)
{
    struct sarr *a = g->a;
    struct sctx *c = a->c;
    uint64_t rows = a->prefix > a->min ? a->prefix : a->min, cells;
    struct schs list = { 0 };
    uint32_t lo, hi, rule = NO_RULE;

    for (uint32_t j = 0; j < g->n_count && a->unique; j++) {
        if (!fit_values(g, &g->count[j]))
            return GNODE_FAIL;
    }
    if (!rest_bounds(a, &list, &lo, &hi))
        return GNODE_FAIL;
    if (hi != SCHEMA_NO_MAX && (a->max == SCHEMA_NO_MAX || a->max > a->prefix + hi))
        a->max = a->prefix + hi;
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
    g->count_rule = NO_RULE;
    if (a->unique && hi) {
        rule = sc_rule(c, &list, a->inner);
        g->count_rule = counting_rule(a, rule);
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
    if (!g->node)
        return GNODE_FAIL;
    return rule == NO_RULE ? g->node[0] : needs(a, rule, lo, g->node[0]);
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
    if (a.min > a.max || b->rc || (a.unique && !find_places(&a)))
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
