/* Objects: the listed properties in the schema's order, each present or (unless required) absent,
 * then others, whose names are split by which of the patterns they match.
 *
 * Where a property must exist that no name is known of (struct ssome), a set says which of these
 * wants have been met; a property is read as one that meets some of them, or none. */
#include "text/schema_int.h"

#define OBJ_PATTERNS_MAX 8U
#define OBJ_SOME_MAX     4U
#define OBJ_STATES_MAX   100000U

struct sobj {
    struct sctx *c;
    const struct sflat *f;
    bool canonical, closed;
    const struct sstyle *style; /* NULL: JSON */
    struct skey *key;
    /* [n_key][n_set] rule of the value that meets a set, with a style of the member; UINT32_MAX:
     * forbidden */
    uint32_t *pair;
    bool *required;
    uint32_t n_key, min, max, cap; /* properties are counted up to cap */
    struct skey pattern[OBJ_PATTERNS_MAX];
    uint32_t n_pattern;
    const struct sch *closed_by; /* nothing but its properties is allowed; NULL: none */
    struct sprop *forced;        /* properties that must be, with such values */
    uint32_t n_forced;
    bool hopeless; /* a want that nothing can meet */
    const struct ssome *some[OBJ_SOME_MAX];
    uint32_t n_some, n_set;             /* n_set: 1 << n_some */
    uint32_t extra[1U << OBJ_SOME_MAX]; /* [n_set] rule of one other property, UINT32_MAX: none */
    uint32_t close;
    bool distinct; /* names of others must differ, so that they can be counted */
};

static void add_key(struct sobj *o, struct skey k)
{
    for (uint32_t i = 0; i < o->n_key; i++) {
        if (skey_eq(o->key[i], k))
            return;
    }
    o->key[o->n_key++] = k;
}

/* Names that propertyNames lists, where they are counted: as keys none is asked for that is used
 * up. */
static void find_listed(struct sobj *o, struct svalues *out)
{
    struct sctx *c = o->c;
    struct schs *list = sc_new(c, 1, sizeof(*list));

    for (uint32_t i = 0; list && i < o->f->n; i++) {
        if (o->f->atom[i]->names)
            sc_add(c, list, o->f->atom[i]->names);
    }
    if (list && list->n && (o->min || o->n_some))
        (void)sc_values(c, list, out);
    if (!out->known)
        out->n = 0;
}

static void find_keys(struct sobj *o)
{
    struct svalues listed = { 0 };
    size_t n = 0;

    find_listed(o, &listed);
    n += listed.n;

    for (uint32_t i = 0; i < o->f->n; i++)
        n += o->f->atom[i]->n_prop + o->f->atom[i]->n_required;
    for (uint32_t j = 0; j < o->n_some; j++)
        n += o->some[j]->n_key;
    o->key = sc_new(o->c, n, sizeof(*o->key));
    o->pair = sc_new(o->c, n * o->n_set, sizeof(*o->pair));
    o->required = sc_new(o->c, n, sizeof(*o->required));
    if (o->c->b.rc || !sc_work(o->c, n * n / 16))
        return;
    for (uint32_t i = 0; i < o->f->n; i++) {
        for (uint32_t k = 0; k < o->f->atom[i]->n_prop; k++)
            add_key(o, o->f->atom[i]->prop[k].key);
    }
    for (uint32_t i = 0; i < o->f->n; i++) {
        for (uint32_t k = 0; k < o->f->atom[i]->n_required; k++)
            add_key(o, o->f->atom[i]->required[k]);
    }
    for (uint32_t j = 0; j < o->n_some; j++) {
        for (uint32_t k = 0; k < o->some[j]->n_key; k++)
            add_key(o, o->some[j]->key[k].key);
    }
    for (uint32_t i = 0; i < listed.n; i++) {
        struct skey k;

        k.s = js_str(listed.v[i], &k.len);
        if (k.s)
            add_key(o, k);
    }
}

static void add_pattern(struct sobj *o, const struct sch *s, struct skey text)
{
    for (uint32_t j = 0; j < o->n_pattern; j++) {
        if (skey_eq(o->pattern[j], text))
            return;
    }
    if (o->n_pattern == OBJ_PATTERNS_MAX)
        (void)sc_fail(o->c, ERR_LIMIT, s->ptr, "more than %u patternProperties", OBJ_PATTERNS_MAX);
    else
        o->pattern[o->n_pattern++] = text;
}

/* How many of the properties that are allowed at all may meet the want; *one is the last. */
static uint32_t n_meeting(struct sobj *o, const struct ssome *some, const struct sprop **one)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < o->closed_by->n_prop && !o->c->b.rc; i++) {
        const struct sprop *p = &o->closed_by->prop[i];

        if (p->value == o->c->none || !sc_may_be_some(o->c, some, p->key, ""))
            continue;
        *one = p;
        n++;
    }
    return n;
}

/* Of a closed object a want may be met by one property only, which then must be there, or by just
 * those that meet another one. */
static bool is_settled(struct sobj *o, const struct ssome *some)
{
    const struct sprop *one = NULL;
    uint32_t n = n_meeting(o, some, &one);
    bool same;

    o->hopeless = o->hopeless || n == 0;
    if (n == 1)
        o->forced[o->n_forced++] = (struct sprop){ one->key, some->value };
    for (uint32_t j = 0; j < o->n_some && n > 1; j++) {
        same = o->some[j]->value == some->value;
        for (uint32_t i = 0; i < o->closed_by->n_prop && same; i++) {
            struct skey key = o->closed_by->prop[i].key;

            same = sc_may_be_some(o->c, some, key, "") == sc_may_be_some(o->c, o->some[j], key, "");
        }
        if (same)
            return true;
    }
    return n < 2;
}

static void add_some(struct sobj *o, const struct sch *s)
{
    if (o->closed_by && is_settled(o, s->some))
        return;
    if (o->n_some == OBJ_SOME_MAX) {
        (void)sc_fail(o->c, ERR_LIMIT, s->ptr,
                      "more than %u negated additionalProperties at one place", OBJ_SOME_MAX);
        return;
    }
    for (uint32_t i = 0; i < s->some->n_avoid; i++)
        add_pattern(o, s, s->some->avoid[i].key);
    if (s->some->match)
        add_pattern(o, s, *s->some->match);
    o->some[o->n_some++] = s->some;
}

static void find_limits(struct sobj *o)
{
    o->max = SCHEMA_NO_MAX;
    o->forced = sc_new(o->c, o->f->n, sizeof(*o->forced));
    for (uint32_t i = 0; i < o->f->n && !o->closed_by; i++) {
        const struct sch *s = o->f->atom[i];

        o->closed_by = s->additional == o->c->none && !s->n_by_pattern ? s : NULL;
    }
    for (uint32_t i = 0; i < o->f->n; i++) {
        const struct sch *s = o->f->atom[i];

        o->min = s->min_props > o->min ? s->min_props : o->min;
        o->max = s->max_props < o->max ? s->max_props : o->max;
        for (uint32_t k = 0; k < s->n_by_pattern && !o->c->b.rc; k++)
            add_pattern(o, s, s->by_pattern[k].key);
        if (s->some && !o->c->b.rc)
            add_some(o, s);
    }
    o->n_set = 1U << o->n_some;
}

static uint32_t colon(struct sobj *o, uint32_t rule, uint32_t next)
{
    struct gbuild *b = &o->c->b;

    return gb_lit(b, ":", sc_ws(o->c, o->canonical, gb_call(b, rule, next)));
}

/* The rule of a listed property that meets the wants of the set. */
static uint32_t pair_of(struct sobj *o, struct skey key, uint32_t set)
{
    struct gbuild *b = &o->c->b;
    struct schs value = { 0 };
    uint32_t at, rule;

    for (uint32_t j = 0; j < o->n_some && !b->rc; j++) {
        if (!(set >> j & 1))
            continue;
        if (!sc_may_be_some(o->c, o->some[j], key, ""))
            return UINT32_MAX;
        sc_add(o->c, &value, o->some[j]->value);
    }
    for (uint32_t j = 0; j < o->n_forced; j++) {
        if (skey_eq(o->forced[j].key, key))
            sc_add(o->c, &value, o->forced[j].value);
    }
    if (!sflat_key(o->c, o->f, key, &value))
        return UINT32_MAX;
    if (!o->style)
        return sc_rule(o->c, &value, o->canonical);
    at = o->style->pair(o->style->arg, o->c, key, &value, GNODE_RET);
    if (at == GNODE_FAIL)
        return UINT32_MAX;
    rule = gb_rule(b);
    gb_rule_set(b, rule, at);
    return rule;
}

static void find_pairs(struct sobj *o)
{
    for (uint32_t i = 0; i < o->n_key && !o->c->b.rc; i++) {
        o->required[i] = sflat_requires(o->f, o->key[i]);
        for (uint32_t j = 0; j < o->n_forced; j++)
            o->required[i] = o->required[i] || skey_eq(o->forced[j].key, o->key[i]);
        for (uint32_t set = 0; set < o->n_set && !o->c->b.rc; set++)
            o->pair[i * o->n_set + set] = pair_of(o, o->key[i], set);
    }
}

static bool matches_only(const struct sobj *o, uint32_t mask, const struct ssome *some)
{
    bool match = !some->match;

    for (uint32_t j = 0; j < o->n_pattern; j++) {
        if (!(mask >> j & 1))
            continue;
        match = match || skey_eq(o->pattern[j], *some->match);
        for (uint32_t i = 0; i < some->n_avoid; i++) {
            if (skey_eq(o->pattern[j], some->avoid[i].key))
                return false;
        }
    }
    return match;
}

/* What the values of names must satisfy that match exactly the patterns of `mask` and meet `set`.
 */
static bool extra_value(struct sobj *o, uint32_t mask, uint32_t set, struct schs *out)
{
    const struct spatterns matches = { o->pattern, o->n_pattern, mask };

    for (uint32_t j = 0; j < o->n_some; j++) {
        if (!(set >> j & 1))
            continue;
        if (!matches_only(o, mask, o->some[j]))
            return false;
        sc_add(o->c, out, o->some[j]->value);
    }
    for (uint32_t i = 0; i < o->f->n; i++) {
        struct sch *s = o->f->atom[i];
        bool known = false;

        for (uint32_t k = 0; k < s->n_by_pattern; k++) {
            for (uint32_t j = 0; j < o->n_pattern; j++) {
                if ((mask >> j & 1) && skey_eq(o->pattern[j], s->by_pattern[k].key)) {
                    sc_add(o->c, out, s->by_pattern[k].value);
                    known = true;
                }
            }
        }
        if (!known && s->additional)
            sc_add(o->c, out, s->additional);
        if (s->unev_props && sflat_unevaluated(o->c, o->f, s, (struct skey){ NULL, 0 }, &matches))
            sc_add(o->c, out, s->unev_props);
    }
    for (uint32_t i = 0; i < out->n; i++) {
        if (out->at[i] == o->c->none)
            return false;
    }
    return true;
}

static bool add_expr(struct sobj *o, struct rx_set *set, struct skey text, bool negated)
{
    struct err e;
    enum err_code rc = rx_add(set, text.s, text.len, negated, &e);

    if (rc)
        (void)sc_fail(o->c, rc, o->f->atom[0]->ptr, "%s", e.text);
    return !rc;
}

/* Names of other properties: match the patterns of `mask` and no other, are not listed, and satisfy
 * one alternative of propertyNames. */
static uint32_t extra_name(struct sobj *o, uint32_t mask, const struct sflat *names, uint32_t next)
{
    struct sctx *c = o->c;
    struct rx_set set;
    uint32_t len[2] = { 0, SCHEMA_NO_MAX };
    const char **text = sc_new(c, o->n_key, sizeof(char *));
    size_t *text_len = sc_new(c, o->n_key, sizeof(*text_len));
    struct err e;
    enum err_code rc;

    rx_init(&set, &c->a, c->b.cost);
    if (!text || !text_len)
        return GNODE_FAIL;
    for (uint32_t j = 0; j < o->n_pattern; j++) {
        if (!add_expr(o, &set, o->pattern[j], !(mask >> j & 1)))
            return GNODE_FAIL;
    }
    for (uint32_t i = 0; i < o->n_key; i++) {
        text[i] = o->key[i].s;
        text_len[i] = o->key[i].len;
    }
    rc = rx_add_not_in(&set, text, text_len, o->n_key, &e);
    if (rc) {
        (void)sc_fail(c, rc, o->f->atom[0]->ptr, "%s", e.text);
        return GNODE_FAIL;
    }
    if (names && !sflat_strings(c, names, &set, len))
        return GNODE_FAIL;
    return len[0] > len[1] ? GNODE_FAIL : sc_quoted(c, &set, len[0], len[1], next);
}

/* The same for names that propertyNames lists one by one. */
static uint32_t listed_names(struct sobj *o, uint32_t mask, const struct sflat *names,
                             uint32_t next)
{
    struct sctx *c = o->c;
    uint32_t n, entry = GNODE_FAIL;
    const struct js **v = sflat_values(c, names, &n);

    for (uint32_t i = 0; i < n && !c->b.rc; i++) {
        struct skey k;
        uint32_t has = 0;
        bool known = false;

        k.s = js_str(v[i], &k.len);
        for (uint32_t j = 0; k.s && j < o->n_pattern; j++)
            has |= (uint32_t)sc_matches(c, o->pattern[j], k, "") << j;
        for (uint32_t j = 0; k.s && j < o->n_key; j++)
            known = known || skey_eq(o->key[j], k);
        if (k.s && has == mask && !known)
            entry = gb_split(&c->b, entry, sc_quoted_text(c, k, next));
    }
    return entry;
}

static uint32_t one_extra(struct sobj *o, uint32_t mask, uint32_t set, const struct sflats *names)
{
    struct gbuild *b = &o->c->b;
    struct schs value = { 0 };
    uint32_t at, entry = GNODE_FAIL;

    if (!extra_value(o, mask, set, &value))
        return GNODE_FAIL;
    at = colon(o, sc_rule(o->c, &value, o->canonical), GNODE_RET);
    if (o->distinct)
        at = gb_node(b, GN_U_DONE, at, 0);
    if (!names) {
        entry = extra_name(o, mask, NULL, at);
    }
    for (uint32_t i = 0; names && i < names->n && !b->rc; i++) {
        const struct sflat *f = &names->at[i];

        if (!(f->types & ST_STR))
            continue;
        entry =
            gb_split(b, entry,
                     sflat_has_enum(f) ? listed_names(o, mask, f, at) : extra_name(o, mask, f, at));
    }
    if (o->distinct && entry != GNODE_FAIL)
        entry = gb_node(b, GN_U_ITEM, entry, 0);
    return entry;
}

/* The rule of one property more that meets the wants of the set. */
static uint32_t extra_of(struct sobj *o, uint32_t set)
{
    struct sctx *c = o->c;
    struct schs list = { 0 };
    struct sflats names = { 0 };
    uint32_t entry = GNODE_FAIL, rule;

    for (uint32_t i = 0; i < o->f->n; i++) {
        if (o->f->atom[i]->names)
            sc_add(c, &list, o->f->atom[i]->names);
    }
    for (uint32_t j = 0; j < o->n_some; j++) {
        if ((set >> j & 1) && o->some[j]->names)
            sc_add(c, &list, o->some[j]->names);
    }
    if (list.n && !sc_expand(c, &list, &names))
        return UINT32_MAX;
    for (uint32_t mask = 0; mask < 1U << o->n_pattern && !c->b.rc; mask++)
        entry = gb_split(&c->b, entry, one_extra(o, mask, set, list.n ? &names : NULL));
    if (entry == GNODE_FAIL)
        return UINT32_MAX;
    rule = gb_rule(&c->b);
    gb_rule_set(&c->b, rule, entry);
    return rule;
}

static void find_extra(struct sobj *o)
{
    /* canonical: one value in two orders */
    bool none = o->canonical || o->closed || o->style;

    for (uint32_t set = 0; set < o->n_set && !o->c->b.rc; set++)
        o->extra[set] = none ? UINT32_MAX : extra_of(o, set);
}

static uint32_t counted(const struct sobj *o, uint32_t n)
{
    return n < o->cap ? n + 1 : o->cap;
}

static bool room(const struct sobj *o, uint32_t n)
{
    return o->max == SCHEMA_NO_MAX || n < o->max;
}

/* What may follow n properties that have met some wants: the end, or one more. */
struct stage {
    uint32_t at;             /* before the comma */
    const struct strie *key; /* behind it: names that are listed */
    uint32_t others, stop;   /* other members; the object's end */
};

static uint32_t one_more(struct sobj *o, uint32_t n, uint32_t member)
{
    uint32_t at = member == GNODE_FAIL ? member : sc_ws(o->c, o->canonical, member);

    return n == 0 ? at : gb_lit(&o->c->b, o->style ? o->style->comma : ",", at);
}

static struct stage *stage(const struct sobj *o, struct stage *x, uint32_t n, uint32_t met)
{
    return &x[(size_t)n * o->n_set + met];
}

static void wrap_distinct(struct sobj *o, struct stage *x)
{
    struct gbuild *b = &o->c->b;

    x->at = gb_node(b, GN_U_OPEN, x->at, 0);
    if (x->others != GNODE_FAIL)
        x->others = gb_node(b, GN_U_OPEN, x->others, 0);
    if (x->stop != GNODE_FAIL)
        x->stop = gb_node(b, GN_U_OPEN, x->stop, 0);
}

/* After all listed properties, for every count. */
static void tail(struct sobj *o, struct stage *x)
{
    struct gbuild *b = &o->c->b;

    for (uint32_t n = o->cap + 1; n-- > 0 && !b->rc;) {
        for (uint32_t met = o->n_set; met-- > 0;) {
            struct stage *at = stage(o, x, n, met);

            at->stop = n >= o->min && met == o->n_set - 1 ? o->close : GNODE_FAIL;
            at->at = gb_node(b, GN_SPLIT, GNODE_FAIL, at->stop);
            for (uint32_t set = 0; set < o->n_set && room(o, n); set++) {
                if (o->extra[set] != UINT32_MAX && !(set & met))
                    at->others = gb_split(
                        b, at->others,
                        gb_call(b, o->extra[set], stage(o, x, counted(o, n), met | set)->at));
            }
            (void)sc_set_next(o->c, at->at, one_more(o, n, at->others));
        }
    }
    for (uint32_t i = 0; i < (o->cap + 1) * o->n_set && o->distinct && !b->rc; i++)
        wrap_distinct(o, &x[i]);
}

/* Adds property i, behind n others, to what may come before the properties after it. */
static void add_member(struct sobj *o, struct stage *x, uint32_t i, uint32_t n, uint32_t met)
{
    struct gbuild *b = &o->c->b;
    struct stage *to = stage(o, x, n, met);
    uint32_t leaf = GNODE_FAIL, next[1U << OBJ_SOME_MAX];

    for (uint32_t set = 0; set < o->n_set; set++)
        next[set] = stage(o, x, counted(o, n), met | set)->at;
    if (o->required[i])
        *to = (struct stage){ .at = GNODE_FAIL };
    for (uint32_t set = 0; set < o->n_set && room(o, n); set++) {
        uint32_t pair = o->pair[i * o->n_set + set];

        if (pair == UINT32_MAX || (set & met) || next[set] == GNODE_FAIL)
            continue;
        if (o->style)
            to->others = gb_split(b, gb_call(b, pair, next[set]), to->others);
        else
            leaf = gb_split(b, leaf, colon(o, pair, next[set]));
    }
    if (leaf != GNODE_FAIL)
        to->key = strie_add(o->c, to->key, sc_quoted_bytes(o->c, o->key[i]), leaf);
    to->at =
        gb_split(b, one_more(o, n, gb_split(b, strie_entry(o->c, to->key), to->others)), to->stop);
}

static uint32_t members(struct sobj *o)
{
    struct stage *x = sc_new(o->c, ((size_t)o->cap + 1) * o->n_set, sizeof(*x));

    if (!x)
        return GNODE_FAIL;
    tail(o, x);
    for (uint32_t i = o->n_key; i-- > 0 && !o->c->b.rc;) {
        for (uint32_t n = 0; n <= o->cap && n <= i; n++) { /* n + 1 is still what follows i */
            for (uint32_t met = 0; met < o->n_set; met++)  /* and so is what meets more */
                add_member(o, x, i, n, met);
        }
    }
    return x[0].at;
}

static uint32_t object(struct sobj *o, uint32_t next)
{
    struct gbuild *b = &o->c->b;
    uint32_t n_required = 0;

    find_limits(o);
    if (b->rc || o->min > o->max || o->hopeless)
        return GNODE_FAIL;
    find_keys(o);
    find_pairs(o);
    for (uint32_t i = 0; i < o->n_key; i++)
        n_required += o->required[i];
    if (o->min <= n_required)
        o->min = 0;
    o->distinct = (o->min > 0 || o->n_some) && !o->canonical;
    o->cap = o->min > 1 ? o->min : 1;
    if (o->max != SCHEMA_NO_MAX && o->max > o->cap)
        o->cap = o->max;
    if ((o->cap + 1ULL) * (o->n_key + 1ULL) * o->n_set > OBJ_STATES_MAX) {
        (void)sc_fail(o->c, ERR_LIMIT, o->f->n ? o->f->atom[0]->ptr : "",
                      "minProperties and maxProperties this large cannot be enforced");
        return GNODE_FAIL;
    }
    find_extra(o);
    o->close = gb_lit(b, o->style ? o->style->close : "}", next);
    if (o->distinct)
        o->close = gb_node(b, GN_U_CLOSE, o->close, 0);
    o->close = sc_ws(o->c, o->canonical, o->close);
    return gb_lit(b, o->style ? o->style->open : "{", members(o));
}

uint32_t sc_object(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next)
{
    struct sobj o = { .c = c, .f = f, .canonical = canonical };

    return object(&o, next);
}

uint32_t sc_arguments(struct sctx *c, const struct sflat *f, const struct sstyle *style,
                      uint32_t next)
{
    struct sobj o = { .c = c, .f = f, .style = style, .closed = true };

    for (uint32_t i = 0; i < f->n; i++) {
        const struct sch *s = f->atom[i];

        if (s->additional || s->n_by_pattern || s->names || s->some || s->min_props > s->n_prop)
            o.closed = false;
    }
    return object(&o, next);
}
