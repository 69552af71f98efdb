/* Operators: arithmetic, subscripts, slices and attributes. */
#include "text/jinja_int.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

static struct jval refuse(struct jrun *r, enum jop op, const struct jval *a, const struct jval *b)
{
    static const char *const ops[] = { "+", "-", "*", "/", "//", "%", "** or pow()" };

    if (a->kind == JV_UNDEF || b->kind == JV_UNDEF)
        jr_fail_undef(r, a->kind == JV_UNDEF ? *a : *b);
    else if (op == JO_ADD && (a->kind == JV_STR || a->kind == JV_LIST || a->kind == JV_TUPLE))
        jr_fail(r, "can only concatenate %s (not \"%s\") to %s", jv_type(a), jv_type(b),
                jv_type(a));
    else
        jr_fail(r, "unsupported operand type(s) for %s: '%s' and '%s'", ops[op], jv_type(a),
                jv_type(b));
    return jv_none();
}

static double float_mod(double a, double b)
{
    double m = fmod(a, b);

    if (m == 0.0)
        return copysign(0.0, b);
    return (m < 0) != (b < 0) ? m + b : m;
}

static struct jval float_math(struct jrun *r, enum jop op, double a, double b)
{
    double f;

    switch (op) {
    case JO_ADD:
        return jv_float(a + b);
    case JO_SUB:
        return jv_float(a - b);
    case JO_MUL:
        return jv_float(a * b);
    case JO_POW:
        if (a == 0.0 && b < 0) {
            jr_fail(r, "0.0 cannot be raised to a negative power");
            return jv_none();
        }
        f = pow(a, b);
        if (isinf(f) && isfinite(a) && isfinite(b))
            jr_fail(r, "the result of ** is too large");
        else if (isnan(f) && !isnan(a) && !isnan(b))
            jr_fail(r, "the result of ** is not a real number");
        return jv_float(f);
    default:
        break;
    }
    if (b == 0.0) {
        jr_fail(r, op == JO_DIV ? "float division by zero" : "float floor division by zero");
        return jv_none();
    }
    if (op == JO_DIV)
        return jv_float(a / b);
    if (op == JO_MOD)
        return jv_float(float_mod(a, b));
    f = (a - float_mod(a, b)) / b;
    if (f - floor(f) > 0.5) /* the subtraction has rounded */
        f = floor(f) + 1.0;
    return jv_float(floor(f));
}

static struct jval int_math(struct jrun *r, enum jop op, const struct jval *a, const struct jval *b)
{
    struct jval q, m;

    switch (op) {
    case JO_ADD:
    case JO_SUB:
        return jint_add(r, a, b, op == JO_SUB);
    case JO_MUL:
        return jint_mul(r, a, b);
    case JO_POW:
        if (jv_num(b) < 0)
            return float_math(r, op, jv_num(a), jv_num(b));
        if (b->kind == JV_BIG && fabs(jv_num(a)) > 1.0) {
            jr_limit(r, "the result of ** is too large");
            return jv_none();
        }
        return jint_pow(r, a, b->kind == JV_BOOL ? b->u.b : b->kind == JV_BIG ? 2 : b->u.i);
    default:
        break;
    }
    if (jv_num(b) == 0.0) {
        jr_fail(r, op == JO_DIV ? "division by zero" : "integer division or modulo by zero");
        return jv_none();
    }
    if (op == JO_DIV)
        return jv_float(jv_num(a) / jv_num(b));
    jint_divmod(r, a, b, &q, &m);
    return op == JO_MOD ? m : q;
}

static struct jval list_repeat(struct jrun *r, struct jval list, int64_t n)
{
    struct jvec v = { 0 };
    const struct jlist *l = list.u.list;

    for (int64_t i = 0; i < n && l->n && !r->rc; i++) {
        for (size_t k = 0; k < l->n && jr_step(r, 0); k++)
            (void)jvec_add(r, &v, l->at[k]);
    }
    return jv_list(r, v.at, v.n, list.kind);
}

static bool is_seq(const struct jval *v)
{
    return v->kind == JV_STR || v->kind == JV_LIST || v->kind == JV_TUPLE;
}

static struct jval repeat(struct jrun *r, const struct jval *a, const struct jval *b)
{
    const struct jval *seq = is_seq(a) ? a : b, *n = is_seq(a) ? b : a;
    uint8_t flag = seq->flag;
    struct jval v;
    int64_t times;

    if (!jv_to_int(r, n, 0, &times))
        return jv_none();
    if (seq->kind != JV_STR)
        return list_repeat(r, *seq, times);
    v = jv_repeat(r, *seq, times);
    v.flag = flag;
    return v;
}

static struct jval add_seq(struct jrun *r, struct jval a, struct jval b)
{
    struct jval v;

    if (a.kind != JV_STR)
        return jv_list_concat(r, a, b);
    if ((a.flag | b.flag) & JF_MARKUP) {
        a = jv_escape(r, a);
        b = jv_escape(r, b);
    }
    v = jv_concat(r, a, b);
    v.flag = a.flag | b.flag;
    return v;
}

struct jval jop_math(struct jrun *r, enum jop op, struct jval a, struct jval b)
{
    if (r->rc)
        return jv_none();
    if (jv_is_num(&a) && jv_is_num(&b)) {
        if (a.kind == JV_FLOAT || b.kind == JV_FLOAT)
            return float_math(r, op, jv_num(&a), jv_num(&b));
        return int_math(r, op, &a, &b);
    }
    if (op == JO_ADD && is_seq(&a) && a.kind == b.kind)
        return add_seq(r, a, b);
    if (op == JO_MUL && ((is_seq(&a) && jv_is_intlike(&b)) || (jv_is_intlike(&a) && is_seq(&b))))
        return repeat(r, &a, &b);
    if (op == JO_MOD && a.kind == JV_STR)
        return jstr_percent(r, a, b);
    return refuse(r, op, &a, &b);
}

struct jval jop_neg(struct jrun *r, struct jval a, bool is_neg)
{
    struct jval zero = jv_int(0);

    if (r->rc)
        return jv_none();
    if (jv_is_intlike(&a))
        return jint_add(r, &zero, &a, is_neg);
    if (a.kind == JV_FLOAT)
        return jv_float(is_neg ? -a.u.f : a.u.f);
    if (a.kind == JV_UNDEF)
        jr_fail_undef(r, a);
    else
        jr_fail(r, "bad operand type for unary %c: '%s'", is_neg ? '-' : '+', jv_type(&a));
    return jv_none();
}

/* ---- subscripts ---- */

static struct jval char_at(const struct jval *s, size_t i)
{
    size_t from = jstr_offset(s, i), to = from;
    struct jval v;

    (void)jchar_next(s->u.s, s->len, &to);
    v = jv_strn(s->u.s + from, to - from);
    v.flag = s->flag;
    return v;
}

/* Element i of a sequence; false when it is out of range. */
static bool element(struct jrun *r, const struct jval *obj, int64_t i, struct jval *out)
{
    size_t n;

    if (!jv_len(obj, &n))
        return false;
    if (obj->kind == JV_STR && !jr_step(r, obj->len))
        return false;
    if (i < 0)
        i += (int64_t)n;
    if (i < 0 || (uint64_t)i >= n)
        return false;
    if (obj->kind == JV_STR)
        *out = char_at(obj, (size_t)i);
    else if (obj->kind == JV_RANGE)
        *out = jv_int(obj->u.range->start + i * obj->u.range->step);
    else
        *out = obj->u.list->at[i];
    return true;
}

static bool has_elements(const struct jval *v)
{
    return is_seq(v) || v->kind == JV_RANGE;
}

struct jval jop_item(struct jrun *r, struct jval obj, struct jval key)
{
    struct jval v = jv_none();

    if (r->rc)
        return v;
    if (obj.kind == JV_UNDEF) {
        jr_fail_undef(r, obj);
        return v;
    }
    if (obj.kind == JV_DICT && key.kind != JV_LIST && key.kind != JV_DICT) {
        const struct jval *found = jdict_get(r, obj.u.dict, &key);

        if (found)
            return *found;
    }
    if (has_elements(&obj) && (key.kind == JV_INT || key.kind == JV_BOOL) &&
        element(r, &obj, key.kind == JV_INT ? key.u.i : key.u.b, &v))
        return v;
    if (key.kind == JV_STR && obj.kind == JV_DICT)
        return jop_attr_only(r, obj, key);
    if (key.kind == JV_STR)
        return jop_attr(r, obj, key);
    return jv_undef_attr(r, obj, key, false);
}

/* Python's slice.indices: bounds made to fit a sequence of n. */
static void fit(int64_t n, int64_t step, const struct jval *v, bool is_start, int64_t *x)
{
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;

    if (v->kind == JV_NONE || v->kind == JV_UNSET) {
        *x = is_start == (step > 0) ? low : high;
        return;
    }
    if (*x < 0)
        *x = *x < -n ? low : *x + n;
    if (*x < low)
        *x = low;
    if (*x > high)
        *x = high;
}

static struct jval slice_str(struct jrun *r, struct jval s, const int64_t x[3], size_t n)
{
    size_t from, count, out_n = 0, *at;
    char *out;

    if (!jr_step(r, s.len))
        return s;
    if (n == 0) {
        s.len = 0;
        return s;
    }
    if (x[2] == 1) {
        from = jstr_offset(&s, (size_t)x[0]);
        s.u.s += from;
        s.len -= from;
        s.len = jstr_offset(&s, n);
        return s;
    }
    count = jstr_count(&s);
    out = jr_new(r, s.len, 1);
    at = jr_new(r, count + 1, sizeof(*at));
    if (!out || !at)
        return s;
    for (size_t i = 0, k = 0; i < count; at[++i] = k)
        (void)jchar_next(s.u.s, s.len, &k);
    for (int64_t k = x[0]; n > 0; n--, k += x[2]) {
        memcpy(out + out_n, s.u.s + at[k], at[k + 1] - at[k]);
        out_n += at[k + 1] - at[k];
    }
    s.u.s = out;
    s.len = out_n;
    s.own = NULL;
    return s;
}

static struct jval slice_list(struct jrun *r, const struct jval *obj, const int64_t x[3], size_t n)
{
    const struct jlist *l = obj->u.list;
    struct jval *at;

    if (x[2] == 1)
        return jv_list(r, n ? l->at + x[0] : NULL, n, obj->kind);
    at = jr_new(r, n, sizeof(*at));
    for (size_t i = 0; at && i < n && jr_step(r, 0); i++)
        at[i] = l->at[x[0] + (int64_t)i * x[2]];
    return jv_list(r, at, at ? n : 0, obj->kind);
}

static struct jval slice_range(struct jrun *r, const struct jrange *range, const int64_t x[3],
                               size_t n)
{
    struct jrange *part = jr_new(r, 1, sizeof(*part));

    if (!part)
        return jv_none();
    part->start = range->start + x[0] * range->step;
    part->step = range->step * x[2];
    part->stop = range->start + x[1] * range->step;
    part->n = n;
    return (struct jval){ .kind = JV_RANGE, .u.range = part };
}

static bool slice_bound(struct jrun *r, const struct jval *v, int64_t preset, int64_t *x)
{
    if (v->kind == JV_BIG) { /* beyond any sequence */
        *x = v->u.big->is_neg ? INT64_MIN / 2 : INT64_MAX / 2;
        return true;
    }
    if (v->kind == JV_NONE || jv_is_intlike(v))
        return jv_to_int(r, v, preset, x);
    jr_fail(r, "slice indices must be integers or None");
    return false;
}

struct jval jop_slice(struct jrun *r, struct jval obj, const struct jval bound[3])
{
    int64_t x[3], n;
    size_t len, out_n = 0;

    if (r->rc)
        return jv_none();
    if (obj.kind == JV_UNDEF) {
        jr_fail_undef(r, obj);
        return jv_none();
    }
    if (!has_elements(&obj) || !jv_len(&obj, &len)) {
        if (obj.kind == JV_DICT)
            jr_fail(r, "unhashable type: 'slice'");
        else
            jr_fail(r, "'%s' object is not subscriptable", jv_type(&obj));
        return jv_none();
    }
    for (int i = 0; i < 3; i++) {
        if (!slice_bound(r, &bound[i], i == 2, &x[i]))
            return jv_none();
    }
    if (x[2] == 0) {
        jr_fail(r, "slice step cannot be zero");
        return jv_none();
    }
    n = (int64_t)len;
    if (x[2] > n + 1 || x[2] < -n - 1)
        x[2] = x[2] > 0 ? n + 1 : -n - 1;
    fit(n, x[2], &bound[0], true, &x[0]);
    fit(n, x[2], &bound[1], false, &x[1]);
    if (x[2] > 0 ? x[0] < x[1] : x[0] > x[1])
        out_n =
            (size_t)((x[2] > 0 ? x[1] - x[0] - 1 : x[0] - x[1] - 1) / (x[2] > 0 ? x[2] : -x[2])) +
            1;
    if (obj.kind == JV_STR)
        return slice_str(r, obj, x, out_n);
    return obj.kind == JV_RANGE ? slice_range(r, obj.u.range, x, out_n)
                                : slice_list(r, &obj, x, out_n);
}

/* ---- attributes ---- */

static struct jval method(struct jrun *r, const struct jval *obj, const struct jmethod_def *def)
{
    struct jmethod *m = jr_new(r, 1, sizeof(*m));

    if (!m)
        return jv_none();
    m->self = *obj;
    m->def = def;
    return (struct jval){ .kind = JV_METHOD, .u.method = m };
}

/* What Python's getattr would find; UNSET when there is nothing. */
static struct jval own_attr(struct jrun *r, const struct jval *obj, const struct jval *name)
{
    bool is_unsafe = false;
    const struct jmethod_def *def;

    if (obj->kind == JV_NS) {
        const struct jval *found = jdict_get(r, &obj->u.ns->d, name);

        return found ? *found : jv_unset();
    }
    if (obj->kind == JV_LOOP)
        return jloop_attr(r, obj->u.loop, name);
    if (obj->kind == JV_MACRO)
        return jmacro_attr(r, obj->u.macro, name);
    if (obj->kind == JV_CYCLER && jv_is(name, "current")) {
        const struct jcycler *c = obj->u.cycler;

        return c->items->at[c->pos];
    }
    if (obj->kind == JV_TUPLE && (obj->flag & JF_GROUP) && jv_is(name, "grouper"))
        return obj->u.list->at[0];
    if (obj->kind == JV_TUPLE && (obj->flag & JF_GROUP) && jv_is(name, "list"))
        return obj->u.list->at[1];
    if (obj->kind == JV_RANGE && jv_is(name, "start"))
        return jv_int(obj->u.range->start);
    if (obj->kind == JV_RANGE && jv_is(name, "stop"))
        return jv_int(obj->u.range->stop);
    if (obj->kind == JV_RANGE && jv_is(name, "step"))
        return jv_int(obj->u.range->step);
    if (jv_is_num(obj) && (jv_is(name, "real") || (jv_is_intlike(obj) && jv_is(name, "numerator"))))
        return *obj;
    if (jv_is_num(obj) && jv_is(name, "imag"))
        return obj->kind == JV_FLOAT ? jv_float(0.0) : jv_int(0);
    if (jv_is_intlike(obj) && jv_is(name, "denominator"))
        return jv_int(1);
    def = jmethod_find(obj, name, &is_unsafe);
    if (is_unsafe || (name->len > 2 && name->u.s[0] == '_' && name->u.s[1] == '_'))
        return jv_undef_attr(r, *obj, *name, true);
    return def ? method(r, obj, def) : jv_unset();
}

struct jval jop_attr_only(struct jrun *r, struct jval obj, struct jval name)
{
    struct jval v = r->rc ? jv_none() : own_attr(r, &obj, &name);

    return v.kind == JV_UNSET ? jv_undef_attr(r, obj, name, false) : v;
}

struct jval jop_attr(struct jrun *r, struct jval obj, struct jval name)
{
    struct jval v;

    if (r->rc)
        return jv_none();
    if (obj.kind == JV_UNDEF) {
        jr_fail_undef(r, obj);
        return jv_none();
    }
    v = own_attr(r, &obj, &name);
    if (v.kind == JV_UNSET && obj.kind == JV_DICT) {
        const struct jval *found = jdict_get(r, obj.u.dict, &name);

        if (found)
            return *found;
    }
    return v.kind == JV_UNSET ? jv_undef_attr(r, obj, name, false) : v;
}
