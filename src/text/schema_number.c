/* Numbers: bounds and multipleOf as an automaton over decimal digits.
 *
 * Sign, integer part and fraction are read from the left; a state remembers how many digits of the
 * integer part came (to compare with a bound of another length), how what was read compares with
 * each bound, and the remainder for multipleOf. Comparisons are exact: bounds are decimal texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "text/schema_int.h"

/* Most programs read numbers as doubles: what has more digits could be rounded across a bound or
 * off a multiple. More are written only where the bounds themselves have more. */
#define DIGITS           15U
#define STATES_MAX       60000U
#define REST_MAX         1000U /* of remainders that are followed */
#define NO_MULTIPLES_MAX 8U
#define MULTIPLE_MAX     1000000000000000U /* beyond that, multiples are listed */
#define LISTED_MAX       256U
#define LISTED_SCALE_MAX 15U
#define STATE_BUCKET     4096U

/* A magnitude: digits before and after the point, without leading or trailing zeros ("0" is empty).
 */
struct decimal {
    bool neg;
    char whole[SCHEMA_DIGITS_MAX], frac[SCHEMA_DIGITS_MAX];
    uint32_t n_whole, n_frac;
};

static void set_point(struct decimal *d, const char *digit, int n, int point)
{
    for (int i = 0; i < point && d->n_whole < SCHEMA_DIGITS_MAX; i++) {
        char c = i < n ? digit[i] : '0';

        if (d->n_whole || c != '0')
            d->whole[d->n_whole++] = c;
    }
    for (int i = point; i < n && d->n_frac < SCHEMA_DIGITS_MAX; i++)
        d->frac[d->n_frac++] = i < 0 ? '0' : digit[i];
    while (d->n_frac && d->frac[d->n_frac - 1] == '0')
        d->n_frac--;
}

static void decimal_of(const struct js *v, struct decimal *d)
{
    char text[64], digit[64];
    int n = 0, point = 0;
    const char *e;

    *d = (struct decimal){ 0 };
    if (js_kind(v) == JS_INT) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)js_int(v));
    } else {
        for (int precision = 15; precision <= 17; precision++) {
            (void)snprintf(text, sizeof(text), "%.*e", precision - 1, js_num(v));
            if (strtod(text, NULL) == js_num(v))
                break;
        }
    }
    d->neg = text[0] == '-';
    e = strchr(text, 'e');
    for (const char *s = text; *s && s != e; s++) {
        if (*s >= '0' && *s <= '9')
            digit[n++] = *s;
    }
    point = e ? 1 + (int)strtol(e + 1, NULL, 10) : n;
    set_point(d, digit, n, point);
    d->neg = d->neg && (d->n_whole || d->n_frac);
}

/* Magnitudes. */
static int compare_mag(const struct decimal *a, const struct decimal *b)
{
    uint32_t n = a->n_frac < b->n_frac ? a->n_frac : b->n_frac;
    int r;

    if (a->n_whole != b->n_whole)
        return a->n_whole < b->n_whole ? -1 : 1;
    r = memcmp(a->whole, b->whole, a->n_whole);
    r = r ? r : memcmp(a->frac, b->frac, n);
    if (r)
        return r < 0 ? -1 : 1;
    return a->n_frac < b->n_frac ? -1 : a->n_frac > b->n_frac;
}

static int compare(const struct decimal *a, const struct decimal *b)
{
    if (a->neg != b->neg)
        return a->neg ? -1 : 1;
    return a->neg ? compare_mag(b, a) : compare_mag(a, b);
}

int sc_compare(const struct js *a, const struct js *b)
{
    struct decimal x, y;

    decimal_of(a, &x);
    decimal_of(b, &y);
    return compare(&x, &y);
}

size_t sc_number_text(const struct js *v, char *out, size_t cap)
{
    struct decimal d;

    decimal_of(v, &d);
    return (size_t)snprintf(out, cap, "%s%.*s%s%.*s", d.neg ? "-" : "",
                            d.n_whole ? (int)d.n_whole : 1, d.n_whole ? d.whole : "0",
                            d.n_frac ? "." : "", (int)d.n_frac, d.frac);
}

/* ---- bounds of a conjunction ---- */

struct bound {
    const struct js *v; /* NULL: none */
    bool open;          /* the value itself is out */
};

static void tighten(struct bound *b, const struct js *v, bool open, int better)
{
    int r;

    if (!v)
        return;
    r = b->v ? sc_compare(v, b->v) : better;
    if (r == better || (r == 0 && open))
        *b = (struct bound){ v, open };
}

static void find_bounds(const struct sflat *f, struct bound *lo, struct bound *hi)
{
    *lo = *hi = (struct bound){ 0 };
    for (uint32_t i = 0; i < f->n; i++) {
        tighten(lo, f->atom[i]->min, false, 1);
        tighten(lo, f->atom[i]->above, true, 1);
        tighten(hi, f->atom[i]->max, false, -1);
        tighten(hi, f->atom[i]->below, true, -1);
    }
}

bool sflat_range_empty(const struct sflat *f)
{
    struct bound lo, hi;
    int r;

    find_bounds(f, &lo, &hi);
    if (!lo.v || !hi.v)
        return false;
    r = sc_compare(lo.v, hi.v);
    return r > 0 || (r == 0 && (lo.open || hi.open));
}

/* ---- the automaton ---- */

enum phase { AT_START, AT_WHOLE, AT_POINT, AT_FRAC };

struct nstate {
    uint8_t phase, zero; /* zero: the integer part is "0" */
    int8_t lo, hi;       /* what was read against the bound's digits */
    uint16_t n;          /* digits read of this part */
    uint16_t n_whole;    /* behind the point: of the integer part, where that matters */
    bool nonzero, last_nonzero, frac_nonzero;
    uint32_t rest;
};

struct nitem {
    struct nstate s;
    uint32_t node, end; /* entry; where the number's end is linked */
    struct nitem *chain, *todo;
};

/* One sign's numbers. */
struct nums {
    struct sctx *c;
    struct decimal lo, hi;                           /* magnitudes */
    bool has_lo, has_hi, open_lo, open_hi, positive; /* positive: zero is out */
    uint8_t types;
    bool canonical;
    uint64_t mod;  /* 1: no multipleOf; of all that follow */
    uint64_t must; /* numbers are multiples of it, in units of the last digit */
    uint64_t must_not[NO_MULTIPLES_MAX];
    uint32_t n_must_not;
    uint32_t scale; /* digits of the fraction that multipleOf allows */
    bool has_mod;
    uint32_t whole_max, frac_max, digits_max;
    struct nitem **bucket, *todo, **todo_end;
    uint32_t n_item;
    uint32_t next;
};

static struct nitem *item_of(struct nums *x, const struct nstate *s)
{
    uint64_t h = (uint64_t)s->phase * 31 + s->n;
    struct nitem *it;

    h = h * 131 + (uint64_t)(s->lo + 2) * 5 + (uint64_t)(s->hi + 2);
    h = (h * 131 + s->rest * 8U + s->nonzero * 4U + s->last_nonzero * 2U + s->frac_nonzero) *
        0x9E3779B97F4A7C15ULL;
    h = ((h >> 40) + s->n_whole) % STATE_BUCKET;
    for (it = x->bucket[h]; it; it = it->chain) {
        const struct nstate *t = &it->s;

        if (t->phase == s->phase && t->zero == s->zero && t->lo == s->lo && t->hi == s->hi &&
            t->n == s->n && t->n_whole == s->n_whole && t->nonzero == s->nonzero &&
            t->last_nonzero == s->last_nonzero && t->frac_nonzero == s->frac_nonzero &&
            t->rest == s->rest)
            return it;
    }
    it = x->n_item < STATES_MAX ? sc_new(x->c, 1, sizeof(*it)) : NULL;
    if (!it) {
        (void)sc_fail(x->c, ERR_LIMIT, "",
                      "bounds and multipleOf of a number need too many states");
        return NULL;
    }
    *it = (struct nitem){ .s = *s, .chain = x->bucket[h] };
    it->node = gb_node(&x->c->b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL);
    x->bucket[h] = it;
    x->n_item++;
    *x->todo_end = it;
    x->todo_end = &it->todo;
    return it;
}

/* The integer part is complete: a shorter one is smaller. */
static int whole_result(const struct decimal *b, const struct nstate *s)
{
    uint32_t n = s->zero ? 0 : s->n;

    if (n != b->n_whole)
        return n < b->n_whole ? -1 : 1;
    return n ? s->lo : 0;
}

static int8_t whole_cmp(const struct decimal *b, const struct nstate *s, int8_t so_far)
{
    struct nstate t = *s;

    t.lo = so_far;
    return (int8_t)whole_result(b, &t);
}

/* One more digit against digit i of the bound. */
static int8_t digit_cmp(int8_t so_far, const char *digit, uint32_t n, uint32_t i, char c)
{
    char d = i < n ? digit[i] : '0';

    if (so_far)
        return so_far;
    return (int8_t)(c < d ? -1 : c > d);
}

/* A fraction that ends at digit i, equal so far: smaller when the bound goes on. */
static int frac_result(int8_t so_far, const struct decimal *b, uint32_t i)
{
    return so_far ? so_far : i < b->n_frac ? -1 : 0;
}

static bool may_end(const struct nums *x, const struct nstate *s)
{
    uint32_t i = s->phase == AT_FRAC ? s->n : 0;
    int8_t lo = s->lo, hi = s->hi;
    uint64_t rest = s->rest;
    int r;

    if (s->phase != AT_WHOLE && s->phase != AT_FRAC)
        return false;
    if (s->phase == AT_WHOLE) {
        lo = whole_cmp(&x->lo, s, lo);
        hi = whole_cmp(&x->hi, s, hi);
    }
    r = frac_result(lo, &x->lo, i);
    if (x->has_lo && (r < 0 || (r == 0 && x->open_lo)))
        return false;
    r = frac_result(hi, &x->hi, i);
    if (x->has_hi && (r > 0 || (r == 0 && x->open_hi)))
        return false;
    if (x->positive && !s->nonzero)
        return false;
    if (!(x->types & (s->frac_nonzero ? ST_FRAC : ST_INT)))
        return false;
    if (x->canonical && s->phase == AT_FRAC && !s->last_nonzero)
        return false;
    for (uint32_t k = i; x->has_mod && k < x->scale; k++)
        rest = rest * 10 % x->mod;
    for (uint32_t k = 0; k < x->n_must_not; k++) {
        if (rest % x->must_not[k] == 0)
            return false;
    }
    return !x->has_mod || rest % x->must == 0;
}

/* The state after digit c; false when it cannot come. */
static bool after_digit(const struct nums *x, const struct nstate *s, char c, struct nstate *t)
{
    bool frac = s->phase == AT_POINT || s->phase == AT_FRAC;

    *t = *s; /* what nothing depends on stays as it is: fewer states */
    t->nonzero = x->positive && (s->nonzero || c != '0');
    if (x->has_mod)
        t->rest = (uint32_t)(((uint64_t)s->rest * 10 + (uint64_t)(c - '0')) % x->mod);
    if (!frac) {
        if (s->zero || (s->phase == AT_WHOLE && s->n >= x->whole_max))
            return false;
        t->phase = AT_WHOLE;
        t->zero = s->phase == AT_START && c == '0';
        t->lo = x->has_lo ? digit_cmp(s->lo, x->lo.whole, x->lo.n_whole, s->n, c) : 0;
        t->hi = x->has_hi ? digit_cmp(s->hi, x->hi.whole, x->hi.n_whole, s->n, c) : 0;
        t->n = (uint16_t)(s->n + 1);
        return true;
    }
    if (s->n >= x->frac_max || s->n + s->n_whole >= x->digits_max)
        return false;
    t->phase = AT_FRAC;
    t->lo = x->has_lo ? digit_cmp(s->lo, x->lo.frac, x->lo.n_frac, s->n, c) : 0;
    t->hi = x->has_hi ? digit_cmp(s->hi, x->hi.frac, x->hi.n_frac, s->n, c) : 0;
    t->last_nonzero = x->canonical && c != '0';
    t->frac_nonzero = (x->types & ST_NUM) != ST_NUM && (s->frac_nonzero || c != '0');
    t->n = (uint16_t)(s->n + 1);
    return true;
}

static uint32_t exponent(struct nums *x)
{
    struct gbuild *b = &x->c->b;
    uint32_t digits = gb_range(b, '0', '9', gb_split(b, x->next, gb_range(b, '0', '9', x->next)));
    uint32_t sign =
        gb_split(b, digits, gb_split(b, gb_lit(b, "+", digits), gb_lit(b, "-", digits)));

    return gb_split(b, gb_lit(b, "e", sign), gb_lit(b, "E", sign));
}

static void expand_item(struct nums *x, const struct nitem *it, uint32_t exp)
{
    struct gbuild *b = &x->c->b;
    const struct nstate *s = &it->s;
    const struct nitem *last = NULL;
    uint32_t entry = GNODE_FAIL;
    struct nstate t;

    for (char c = '0', from = c; c <= '9' && !b->rc; c++) { /* digits with one target at once */
        const struct nitem *to = after_digit(x, s, c, &t) ? item_of(x, &t) : NULL;

        if (to != last && last)
            entry = gb_split(b, entry, gb_byte(b, (uint8_t)from, (uint8_t)(c - 1), last->node));
        from = to != last ? c : from;
        last = to;
        if (to && c == '9')
            entry = gb_split(b, entry, gb_byte(b, (uint8_t)from, '9', to->node));
    }
    if (s->phase == AT_WHOLE && x->frac_max && !b->rc) {
        t = *s;
        t.phase = AT_POINT;
        t.lo = x->has_lo ? whole_cmp(&x->lo, s, s->lo) : 0;
        t.hi = x->has_hi ? whole_cmp(&x->hi, s, s->hi) : 0;
        t.n_whole = x->whole_max + x->frac_max > x->digits_max && !s->zero ? s->n : 0;
        t.zero = 0;
        t.n = 0;
        if (item_of(x, &t))
            entry = gb_split(b, entry, gb_byte(b, '.', '.', item_of(x, &t)->node));
    }
    if (may_end(x, s)) {
        entry = gb_split(b, entry, x->next);
        if (exp != GNODE_FAIL)
            entry = gb_split(b, entry, exp);
    }
    (void)sc_set_next(x->c, it->node, entry);
}

static void set_lengths(struct nums *x)
{
    uint32_t lo = x->has_lo ? x->lo.n_whole : 0, hi = x->has_hi ? x->hi.n_whole : 0;

    x->whole_max = max_u32(x->canonical || x->has_mod ? DIGITS : DIGITS + 1, lo + 1);
    if (x->has_hi && hi < x->whole_max)
        x->whole_max = max_u32(hi, 1);
    x->frac_max = x->types & ST_FRAC ? DIGITS : 0;
    if (x->frac_max && x->has_lo && x->lo.n_frac >= x->frac_max)
        x->frac_max = x->lo.n_frac + 1;
    if (x->frac_max && x->has_hi && x->hi.n_frac >= x->frac_max)
        x->frac_max = x->hi.n_frac + 1;
    if (x->has_mod && x->frac_max > x->scale)
        x->frac_max = x->scale;
    x->digits_max = DIGITS;
    if (x->has_lo)
        x->digits_max = max_u32(x->digits_max, lo + x->lo.n_frac + 1);
    if (x->has_hi)
        x->digits_max = max_u32(x->digits_max, hi + x->hi.n_frac + 1);
}

/* Entry of the numbers of one sign, after it. */
static uint32_t build(struct nums *x)
{
    struct nstate start = { .phase = AT_START };
    bool free_form = !x->has_lo && !x->has_hi && !x->has_mod && !x->positive && !x->canonical &&
                     (x->types & ST_NUM) == ST_NUM;
    uint32_t exp = free_form ? exponent(x) : GNODE_FAIL;
    const struct nitem *first;

    if (!x->c->number_states)
        x->c->number_states = sc_new(x->c, STATE_BUCKET, sizeof(struct nitem *));
    x->bucket = x->c->number_states;
    if (!x->bucket)
        return GNODE_FAIL;
    memset(x->bucket, 0, STATE_BUCKET * sizeof(struct nitem *));
    x->todo = NULL;
    x->todo_end = &x->todo;
    set_lengths(x);
    first = item_of(x, &start);
    for (struct nitem *it = x->todo; it && !x->c->b.rc; it = it->todo)
        expand_item(x, it, exp);
    return first ? first->node : GNODE_FAIL;
}

/* ---- multipleOf ---- */

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t r = a % b;

        a = b;
        b = r;
    }
    return a;
}

/* d as a whole number of units 10^-scale; 0 when it is too large. */
static uint64_t units(const struct decimal *d, uint32_t scale)
{
    uint64_t v = 0;

    for (uint32_t i = 0; i < d->n_whole + scale && v <= MULTIPLE_MAX; i++) {
        char c = i < d->n_whole               ? d->whole[i]
                 : i - d->n_whole < d->n_frac ? d->frac[i - d->n_whole]
                                              : '0';

        v = v * 10 + (uint64_t)(c - '0');
    }
    return v <= MULTIPLE_MAX ? v : 0;
}

/* One more number that a state's remainder must tell the multiples of. */
static bool add_multiple(struct nums *x, const struct sch *s, bool is_not)
{
    struct decimal d;
    uint64_t u;

    decimal_of(is_not ? s->no_multiple : s->multiple, &d);
    u = units(&d, x->scale);
    if (u == 0 || mul_u64(x->mod / gcd(x->mod, u), u, &x->mod) || x->mod > MULTIPLE_MAX ||
        (x->mod > REST_MAX && x->scale > LISTED_SCALE_MAX) ||
        (is_not && x->n_must_not == NO_MULTIPLES_MAX)) {
        (void)sc_fail(x->c, ERR_UNSUPPORTED, s->ptr,
                      "multipleOf with this many digits cannot be enforced");
        return false;
    }
    if (is_not)
        x->must_not[x->n_must_not++] = u;
    else
        x->must = x->mod;
    return true;
}

/* How many digits of a fraction matter: what is no multiple may have one more. */
static void find_scale(struct nums *x, const struct sch *s)
{
    struct decimal d;

    if (s->multiple) {
        decimal_of(s->multiple, &d);
        x->scale = max_u32(x->scale, d.n_frac);
        x->has_mod = true;
    }
    if (s->no_multiple) {
        decimal_of(s->no_multiple, &d);
        x->scale = max_u32(x->scale, d.n_frac + (x->types & ST_FRAC ? 1U : 0U));
        x->has_mod = true;
    }
}

static bool find_multiple(struct nums *x, const struct sflat *f)
{
    x->mod = x->must = 1;
    for (uint32_t i = 0; i < f->n; i++)
        find_scale(x, f->atom[i]);
    for (uint32_t i = 0; i < f->n; i++) { /* first these: must is then theirs alone */
        if (f->atom[i]->multiple && !add_multiple(x, f->atom[i], false))
            return false;
    }
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->atom[i]->no_multiple && !add_multiple(x, f->atom[i], true))
            return false;
    }
    if (x->n_must_not && x->mod > REST_MAX) {
        (void)sc_fail(x->c, ERR_UNSUPPORTED, f->atom[0]->ptr,
                      "multipleOf within \"not\" with this many digits cannot be enforced");
        return false;
    }
    return true;
}

static bool within(const struct decimal *d, const struct bound *lo, const struct bound *hi)
{
    struct decimal b;
    int r;

    if (lo->v) {
        decimal_of(lo->v, &b);
        r = compare(d, &b);
        if (r < 0 || (r == 0 && lo->open))
            return false;
    }
    if (hi->v) {
        decimal_of(hi->v, &b);
        r = compare(d, &b);
        if (r > 0 || (r == 0 && hi->open))
            return false;
    }
    return true;
}

/* The multiple of `units`, as a number and as its text; false: it is out of bounds or has or lacks
 * a fraction against the types. */
static bool multiple_text(const struct nums *x, uint64_t units, bool neg, const struct bound b[2],
                          char text[64])
{
    char digit[32];
    int n = snprintf(digit, sizeof(digit), "%0*llu", (int)x->scale + 1, (unsigned long long)units);
    struct decimal d = { 0 };

    set_point(&d, digit, n, n - (int)x->scale);
    d.neg = neg && units;
    if (!(x->types & (d.n_frac ? ST_FRAC : ST_INT)) || !within(&d, &b[0], &b[1]))
        return false;
    (void)snprintf(text, 64, "%s%.*s%s%.*s", d.neg ? "-" : "", d.n_whole ? (int)d.n_whole : 1,
                   d.n_whole ? d.whole : "0", d.n_frac ? "." : "", (int)d.n_frac, d.frac);
    return true;
}

/* Remainders of a large number would need too many states: its first multiples within the bounds,
 * on both sides of 0, are listed instead. */
static uint32_t listed(struct nums *x, const struct bound b[2])
{
    struct gbuild *g = &x->c->b;
    uint32_t entry = GNODE_FAIL;
    uint64_t pow = 1, step = x->mod;

    for (uint32_t i = 0; i < x->scale; i++)
        pow *= 10;
    if ((x->types & ST_NUM) == ST_INT && mul_u64(step / gcd(step, pow), pow, &step))
        return GNODE_FAIL;
    for (unsigned neg = 0; neg < 2; neg++) {
        const struct bound *inner = &b[neg];
        double from = inner->v ? js_num(inner->v) * (neg ? -1.0 : 1.0) * (double)pow : 0;
        uint64_t k = from > 0 && from < 9e18 ? (uint64_t)(from / (double)step) : 0, units;

        k = k > 1 ? k - 1 : neg; /* the division may have been rounded up */
        for (uint32_t n = 0; n < LISTED_MAX && !mul_u64(k, step, &units) && !g->rc; n++, k++) {
            char text[64];

            if (multiple_text(x, units, neg == 1, b, text))
                entry = gb_split(g, entry, gb_lit(g, text, x->next));
        }
    }
    return entry;
}

uint32_t sc_number(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next)
{
    struct bound lo, hi;
    struct decimal a = { 0 }, z = { 0 };
    struct nums x = { .c = c, .types = f->types, .canonical = canonical, .next = next };
    uint32_t plus = GNODE_FAIL, minus = GNODE_FAIL;

    find_bounds(f, &lo, &hi);
    if (!find_multiple(&x, f))
        return GNODE_FAIL;
    if (x.mod > REST_MAX)
        return listed(&x, (struct bound[2]){ lo, hi });
    if (lo.v)
        decimal_of(lo.v, &a);
    if (hi.v)
        decimal_of(hi.v, &z);
    if (!hi.v || !z.neg) { /* from max(lo, 0) to hi */
        x.has_lo = lo.v && !a.neg;
        x.lo = a;
        x.open_lo = lo.open;
        x.has_hi = hi.v != NULL;
        x.hi = z;
        x.open_hi = hi.open;
        plus = build(&x);
    }
    if (!lo.v || a.neg) { /* magnitudes from max(-hi, 0) to -lo */
        x.has_lo = hi.v && z.neg;
        x.lo = z;
        x.open_lo = hi.open;
        x.has_hi = lo.v != NULL;
        x.hi = a;
        x.open_hi = lo.open;
        x.positive = canonical || lo.v || hi.v || (x.types & ST_NUM) != ST_NUM || x.has_mod;
        minus = gb_byte(&c->b, '-', '-', build(&x));
    }
    return gb_split(&c->b, plus, minus);
}
