/* Iterating over values, ranges and generators. */
#include "text/jinja_int.h"

#include <string.h>

#define RANGE_MAX 100000 /* the sandbox's own limit */

bool jiter_open(struct jrun *r, struct jiter *it, struct jval src)
{
    *it = (struct jiter){ .src = src };
    switch (src.kind) {
    case JV_UNDEF:
    case JV_STR:
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT:
    case JV_VIEW:
    case JV_RANGE:
    case JV_GEN:
    case JV_LOOP:
        return !r->rc;
    default:
        jr_fail(r, "'%s' object is not iterable", jv_type(&src));
        return false;
    }
}

static bool next_char(struct jiter *it, struct jval *out)
{
    size_t from = it->i_byte;

    if (from >= it->src.len)
        return false;
    (void)jchar_next(it->src.u.s, it->src.len, &it->i_byte);
    *out = jv_strn(it->src.u.s + from, it->i_byte - from);
    return true;
}

static bool next_pair(struct jrun *r, struct jiter *it, struct jval *out)
{
    const struct jdict *d = it->src.u.dict;
    const struct jpair *p;

    if (it->i >= d->n)
        return false;
    p = &d->at[it->i++];
    if (it->src.kind == JV_DICT || it->src.flag == JF_VIEW_KEYS)
        *out = p->key;
    else
        *out = it->src.flag == JF_VIEW_VALUES ? p->value : jv_pair(r, p->key, p->value);
    return true;
}

static bool next_gen(struct jrun *r, struct jgen *g, struct jval *out)
{
    if (g->is_done)
        return false;
    if (!jr_nest(r))
        return false;
    g->is_done = !g->next(r, g, out);
    jr_unnest(r);
    return !g->is_done;
}

static bool next_in_loop(struct jrun *r, struct jloop *l, struct jval *out);

bool jiter_next(struct jrun *r, struct jiter *it, struct jval *out)
{
    if (!jr_step(r, 0))
        return false;
    switch (it->src.kind) {
    case JV_STR:
        return next_char(it, out);
    case JV_LIST:
    case JV_TUPLE:
        if (it->i >= it->src.u.list->n)
            return false;
        *out = it->src.u.list->at[it->i++];
        return true;
    case JV_DICT:
    case JV_VIEW:
        return next_pair(r, it, out) && !r->rc;
    case JV_RANGE:
        if (it->i >= it->src.u.range->n)
            return false;
        *out = jv_int(it->src.u.range->start + (int64_t)it->i++ * it->src.u.range->step);
        return true;
    case JV_GEN:
        return next_gen(r, it->src.u.gen, out) && !r->rc;
    case JV_LOOP:
        return next_in_loop(r, it->src.u.loop, out) && !r->rc;
    default:
        return false;
    }
}

/* A template that iterates over its own loop gets pairs of item and loop, as in jinja2. */
static bool next_in_loop(struct jrun *r, struct jloop *l, struct jval *out)
{
    struct jval v;

    if (!jr_nest(r))
        return false;
    if (!jloop_next(r, l, &v)) {
        jr_unnest(r);
        return false;
    }
    jr_unnest(r);
    *out = jv_pair(r, v, (struct jval){ .kind = JV_LOOP, .u.loop = l });
    return true;
}

struct jval jv_to_list(struct jrun *r, struct jval src, enum jkind kind)
{
    struct jvec v = { 0 };
    struct jiter it;
    struct jval x;

    if (!jiter_open(r, &it, src))
        return jv_none();
    while (jiter_next(r, &it, &x)) {
        if (!jvec_add(r, &v, x))
            break;
    }
    return jv_list(r, v.at, v.n, kind);
}

struct jval jv_range(struct jrun *r, const struct jargs *a)
{
    int64_t x[3] = { 0, 0, 1 };
    struct jrange *range = jr_new(r, 1, sizeof(*range));
    uint64_t span, step;

    if (!range)
        return jv_none();
    if (a->n_key || a->n_pos < 1 || a->n_pos > 3) {
        jr_fail(r, "range expected 1 to 3 arguments, got %zu", a->n_pos + a->n_key);
        return jv_none();
    }
    for (size_t i = 0; i < a->n_pos; i++) {
        if (a->pos[i].kind == JV_NONE) {
            jr_fail(r, "'NoneType' object cannot be interpreted as an integer");
            return jv_none();
        }
        if (!jv_to_int(r, &a->pos[i], 0, &x[a->n_pos == 1 ? 1 : i]))
            return jv_none();
    }
    if (x[2] == 0) {
        jr_fail(r, "range() arg 3 must not be zero");
        return jv_none();
    }
    *range = (struct jrange){ .start = x[0], .stop = x[1], .step = x[2] };
    if (x[2] > 0 ? x[0] < x[1] : x[0] > x[1]) {
        span = x[2] > 0 ? (uint64_t)x[1] - (uint64_t)x[0] : (uint64_t)x[0] - (uint64_t)x[1];
        step = x[2] > 0 ? (uint64_t)x[2] : 0 - (uint64_t)x[2];
        range->n = (size_t)((span - 1) / step + 1);
    }
    if (range->n > RANGE_MAX)
        jr_fail(r, "range too big: the sandbox blocks ranges larger than %d", RANGE_MAX);
    return (struct jval){ .kind = JV_RANGE, .u.range = range };
}

struct jval jv_gen(struct jrun *r, struct jgen **g, struct jval in)
{
    *g = jr_new(r, 1, sizeof(**g));
    if (!*g)
        return jv_none();
    (*g)->in = in;
    (*g)->type = "generator";
    return (struct jval){ .kind = JV_GEN, .u.gen = *g };
}
