/* Equality, order, membership and sorting, as Python defines them. */
#include "text/jinja_int.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

static int sign(int64_t x)
{
    return (x > 0) - (x < 0);
}

static bool is_seq(const struct jval *v)
{
    return v->kind == JV_LIST || v->kind == JV_TUPLE;
}

static bool list_eq(struct jrun *r, const struct jlist *a, const struct jlist *b)
{
    bool eq = a->n == b->n;

    if (!eq || a == b || !jr_nest(r))
        return eq;
    for (size_t i = 0; eq && i < a->n; i++)
        eq = jr_step(r, 0) && jv_eq(r, &a->at[i], &b->at[i]);
    jr_unnest(r);
    return eq;
}

static bool dict_eq(struct jrun *r, const struct jdict *a, const struct jdict *b)
{
    bool eq = a->n == b->n;

    if (!eq || a == b || !jr_nest(r))
        return eq;
    for (size_t i = 0; eq && i < a->n; i++) {
        const struct jval *other = jr_step(r, 0) ? jdict_get(r, b, &a->at[i].key) : NULL;

        eq = other && jv_eq(r, &a->at[i].value, other);
    }
    jr_unnest(r);
    return eq;
}

/* Exact also where a double cannot hold the integer. */
static int num_cmp(const struct jval *a, const struct jval *b)
{
    double x, y;

    if (jv_is_intlike(a) && jv_is_intlike(b))
        return jint_cmp(a, b);
    x = jv_num(a);
    y = jv_num(b);
    return (x > y) - (x < y);
}

static bool num_eq(const struct jval *a, const struct jval *b)
{
    if (jv_is_intlike(a) && jv_is_intlike(b))
        return jint_cmp(a, b) == 0;
    return jv_num(a) == jv_num(b);
}

bool jv_eq(struct jrun *r, const struct jval *a, const struct jval *b)
{
    if (jv_is_num(a) && jv_is_num(b))
        return num_eq(a, b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case JV_UNDEF:
    case JV_NONE:
        return true;
    case JV_STR:
        if (a->len != b->len)
            return false;
        return a->u.s == b->u.s || (jr_step(r, a->len) && memcmp(a->u.s, b->u.s, a->len) == 0);
    case JV_LIST:
    case JV_TUPLE:
        return list_eq(r, a->u.list, b->u.list);
    case JV_DICT:
        return dict_eq(r, a->u.dict, b->u.dict);
    case JV_RANGE:
        return a->u.range->n == b->u.range->n &&
               (a->u.range->n == 0 ||
                (a->u.range->start == b->u.range->start &&
                 (a->u.range->n == 1 || a->u.range->step == b->u.range->step)));
    default:
        return a->u.s == b->u.s; /* the same object */
    }
}

static int str_cmp(const struct jval *a, const struct jval *b)
{
    int c = min_size(a->len, b->len) ? memcmp(a->u.s, b->u.s, min_size(a->len, b->len)) : 0;

    return c ? c : (a->len > b->len) - (a->len < b->len);
}

static bool seq_order(struct jrun *r, const struct jval *a, const struct jval *b, enum jop op,
                      int *cmp)
{
    const struct jlist *x = a->u.list, *y = b->u.list;
    size_t i = 0, n = min_size(x->n, y->n);
    bool ok = true;

    if (!jr_nest(r))
        return false;
    while (i < n && jr_step(r, 0) && jv_eq(r, &x->at[i], &y->at[i]))
        i++;
    if (i < n)
        ok = jv_order(r, &x->at[i], &y->at[i], op, cmp);
    else
        *cmp = sign((int64_t)x->n - (int64_t)y->n);
    jr_unnest(r);
    return ok && !r->rc;
}

bool jv_order(struct jrun *r, const struct jval *a, const struct jval *b, enum jop op, int *cmp)
{
    static const char *const ops[] = { "<", "<=", ">", ">=" };

    *cmp = 0;
    if (jv_is_num(a) && jv_is_num(b)) {
        *cmp = num_cmp(a, b);
        return true;
    }
    if (a->kind == JV_STR && b->kind == JV_STR) {
        *cmp = str_cmp(a, b);
        return jr_step(r, min_size(a->len, b->len));
    }
    if (is_seq(a) && a->kind == b->kind)
        return seq_order(r, a, b, op, cmp);
    if (a->kind == JV_UNDEF || b->kind == JV_UNDEF)
        jr_fail_undef(r, a->kind == JV_UNDEF ? *a : *b);
    else
        jr_fail(r, "'%s' not supported between instances of '%s' and '%s'", ops[op - JO_LT],
                jv_type(a), jv_type(b));
    return false;
}

static bool range_has(const struct jrange *range, const struct jval *x)
{
    double f = jv_num(x);
    int64_t i;

    if (!jv_is_num(x) || f != floor(f) || fabs(f) > 9e15 || range->n == 0)
        return false;
    i = (int64_t)f;
    if (range->step > 0 ? i < range->start || i >= range->stop
                        : i > range->start || i <= range->stop)
        return false;
    return (i - range->start) % range->step == 0;
}

static bool iter_has(struct jrun *r, const struct jval *x, const struct jval *in)
{
    struct jiter it;
    struct jval v;

    if (!jiter_open(r, &it, *in))
        return false;
    while (jiter_next(r, &it, &v)) {
        if (jv_eq(r, &v, x))
            return true;
    }
    return false;
}

bool jv_in(struct jrun *r, const struct jval *x, const struct jval *in)
{
    switch (in->kind) {
    case JV_STR:
        if (x->kind == JV_STR)
            return jr_step(r, in->len) && jstr_find(in, x, 0) != SIZE_MAX;
        if (x->kind == JV_UNDEF)
            jr_fail_undef(r, *x);
        else
            jr_fail(r, "'in <string>' requires string as left operand, not %s", jv_type(x));
        return false;
    case JV_DICT:
        return jdict_get(r, in->u.dict, x) != NULL;
    case JV_VIEW:
        if (in->flag == JF_VIEW_KEYS)
            return jdict_get(r, in->u.dict, x) != NULL;
        return iter_has(r, x, in);
    case JV_RANGE:
        return range_has(in->u.range, x);
    case JV_UNDEF:
    case JV_LIST:
    case JV_TUPLE:
    case JV_GEN:
    case JV_LOOP:
        return iter_has(r, x, in);
    default:
        jr_fail(r, "argument of type '%s' is not iterable", jv_type(in));
        return false;
    }
}

/* One merge step; reverse keeps equal items in their order, as Python's sort does. */
static void merge(struct jrun *r, struct jpair *at, struct jpair *tmp, size_t bounds[3],
                  bool is_reverse)
{
    size_t i = bounds[0], k = bounds[1], n = bounds[0];
    int cmp;

    while (i < bounds[1] && k < bounds[2]) {
        if (!jr_step(r, 0) || !jv_order(r, &at[k].key, &at[i].key, JO_LT, &cmp))
            return;
        tmp[n++] = (is_reverse ? cmp > 0 : cmp < 0) ? at[k++] : at[i++];
    }
    while (i < bounds[1])
        tmp[n++] = at[i++];
    while (k < bounds[2])
        tmp[n++] = at[k++];
    memcpy(at + bounds[0], tmp + bounds[0], (bounds[2] - bounds[0]) * sizeof(*at));
}

void jv_sort(struct jrun *r, struct jpair *at, size_t n, bool is_reverse)
{
    struct jpair *tmp = n > 1 ? jr_new(r, n, sizeof(*tmp)) : NULL;

    if (!tmp)
        return;
    for (size_t width = 1; width < n && !r->rc; width *= 2) {
        for (size_t from = 0; from + width < n && !r->rc; from += 2 * width)
            merge(r, at, tmp, (size_t[3]){ from, from + width, min_size(from + 2 * width, n) },
                  is_reverse);
    }
}
