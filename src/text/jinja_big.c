/* Integers: 64 bits where they fit, else sign and magnitude of up to BIG_LIMB_MAX limbs of 32 bits.
 * Schoolbook arithmetic is enough for what templates count. */
#include "text/jinja_int.h"

#include <math.h>
#include <string.h>

#define BIG_LIMB_MAX 512U /* 16384 bits */

struct work {
    bool is_neg, is_over; /* is_over: more limbs than there may be */
    uint32_t n;
    uint32_t limb[BIG_LIMB_MAX + 2];
};

static void trim(struct work *w)
{
    while (w->n && w->limb[w->n - 1] == 0)
        w->n--;
    if (w->n == 0)
        w->is_neg = false;
    if (w->n > BIG_LIMB_MAX)
        w->is_over = true;
}

static void load(struct work *w, const struct jval *v)
{
    int64_t i = v->kind == JV_BOOL ? v->u.b : v->u.i;
    uint64_t m = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

    w->is_over = false;
    if (v->kind == JV_BIG) {
        w->is_neg = v->u.big->is_neg;
        w->n = v->u.big->n;
        memcpy(w->limb, v->u.big->limb, w->n * sizeof(uint32_t));
        return;
    }
    w->is_neg = i < 0;
    w->n = 2;
    w->limb[0] = (uint32_t)m;
    w->limb[1] = (uint32_t)(m >> 32);
    trim(w);
}

/* False: over the limit or out of memory. */
static bool store_in(struct arena *a, const struct work *w, struct jval *out)
{
    uint64_t m = (w->n > 0 ? w->limb[0] : 0) | (uint64_t)(w->n > 1 ? w->limb[1] : 0) << 32;
    struct jbig *b;

    *out = jv_int(0);
    if (w->is_over)
        return false;
    if (w->n <= 2 && m <= (uint64_t)INT64_MAX + (w->is_neg ? 1U : 0U)) {
        *out = jv_int(w->is_neg ? (int64_t)(0 - m) : (int64_t)m);
        return true;
    }
    b = arena_new(a, sizeof(*b) + w->n * sizeof(uint32_t));
    if (!b)
        return false;
    b->is_neg = w->is_neg;
    b->n = w->n;
    memcpy(b->limb, w->limb, w->n * sizeof(uint32_t));
    *out = (struct jval){ .kind = JV_BIG, .u.big = b };
    return true;
}

static struct jval store(struct jrun *r, const struct work *w)
{
    struct jval v;

    if (!jr_step(r, w->n * 4) || !store_in(&r->arena, w, &v)) {
        jr_limit(r, "an integer of more than %u bits", BIG_LIMB_MAX * 32);
        return jv_int(0);
    }
    return v;
}

static int cmp_mag(const struct work *a, const struct work *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = a->n; i-- > 0;) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

static uint32_t limb_of(const struct work *w, uint32_t i)
{
    return i < w->n ? w->limb[i] : 0;
}

/* a = |a| + |b| */
static void add_mag(struct work *a, const struct work *b)
{
    uint32_t n = a->n > b->n ? a->n : b->n;
    uint64_t carry = 0;

    for (uint32_t i = 0; i < n; i++) {
        carry += (uint64_t)limb_of(a, i) + limb_of(b, i);
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    a->limb[n] = (uint32_t)carry;
    a->n = n + 1;
    trim(a);
}

/* a = |a| - |b| where |a| >= |b| */
static void sub_mag(struct work *a, const struct work *b)
{
    uint64_t borrow = 0;

    for (uint32_t i = 0; i < a->n; i++) {
        uint64_t d = (uint64_t)a->limb[i] - limb_of(b, i) - borrow;

        a->limb[i] = (uint32_t)d;
        borrow = d >> 63;
    }
    trim(a);
}

static void add(struct work *a, struct work *b)
{
    if (a->is_neg == b->is_neg) {
        add_mag(a, b);
    } else if (cmp_mag(a, b) >= 0) {
        sub_mag(a, b);
    } else {
        struct work t = *b;

        sub_mag(&t, a);
        *a = t;
    }
}

static void mul(struct work *out, const struct work *a, const struct work *b)
{
    memset(out->limb, 0, sizeof(out->limb));
    out->is_neg = a->is_neg != b->is_neg;
    out->is_over = a->n + b->n > BIG_LIMB_MAX + 1;
    out->n = out->is_over ? 0 : a->n + b->n;
    for (uint32_t i = 0; !out->is_over && i < a->n; i++) {
        uint64_t carry = 0;

        for (uint32_t k = 0; k < b->n; k++) {
            carry += (uint64_t)a->limb[i] * b->limb[k] + out->limb[i + k];
            out->limb[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        out->limb[i + b->n] = (uint32_t)carry;
    }
    trim(out);
}

static uint32_t div_small(struct work *a, uint32_t d)
{
    uint64_t rest = 0;

    for (uint32_t i = a->n; i-- > 0;) {
        rest = rest << 32 | a->limb[i];
        a->limb[i] = (uint32_t)(rest / d);
        rest %= d;
    }
    trim(a);
    return (uint32_t)rest;
}

static void mul_small(struct work *a, uint32_t m, uint32_t plus)
{
    uint64_t carry = plus;

    for (uint32_t i = 0; i < a->n; i++) {
        carry += (uint64_t)a->limb[i] * m;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        a->limb[a->n++] = (uint32_t)carry;
    if (a->n > BIG_LIMB_MAX)
        a->is_over = true;
}

bool jbig_parse(struct arena *a, const char *digits, size_t len, unsigned base, bool is_neg,
                struct jval *out)
{
    struct work w = { .n = 0 };

    for (size_t i = 0; i < len && !w.is_over; i++) {
        uint32_t d = (unsigned char)digits[i];

        mul_small(&w, base, d <= '9' ? d - '0' : (d | 32) - 'a' + 10);
    }
    w.is_neg = is_neg;
    if (!w.is_over)
        trim(&w);
    return store_in(a, &w, out);
}

static bool is_small(const struct jval *v, int64_t limit, int64_t *i)
{
    if (v->kind == JV_BIG)
        return false;
    *i = v->kind == JV_BOOL ? v->u.b : v->u.i;
    return *i >= -limit && *i <= limit;
}

struct jval jint_add(struct jrun *r, const struct jval *a, const struct jval *b, bool is_sub)
{
    const int64_t limit = (int64_t)1 << 62;
    struct work x, y;
    int64_t i, k;

    if (is_small(a, limit - 1, &i) && is_small(b, limit - 1, &k))
        return jv_int(is_sub ? i - k : i + k);
    load(&x, a);
    load(&y, b);
    if (is_sub)
        y.is_neg = !y.is_neg && y.n;
    add(&x, &y);
    return store(r, &x);
}

struct jval jint_mul(struct jrun *r, const struct jval *a, const struct jval *b)
{
    struct work x, y, z;
    int64_t i, k;

    if (is_small(a, INT32_MAX, &i) && is_small(b, INT32_MAX, &k))
        return jv_int(i * k);
    load(&x, a);
    load(&y, b);
    if (!jr_step(r, (size_t)x.n * y.n * 4))
        return jv_int(0);
    mul(&z, &x, &y);
    return store(r, &z);
}

/* Long division bit by bit: q = |a| / |b|, a = the rest. */
static void divmod_mag(struct work *a, const struct work *b, struct work *q)
{
    struct work rest = { .n = 0 };

    memset(q, 0, sizeof(*q));
    q->n = a->n;
    for (uint32_t i = a->n * 32; i-- > 0;) {
        mul_small(&rest, 2, a->limb[i / 32] >> (i % 32) & 1);
        if (cmp_mag(&rest, b) >= 0) {
            sub_mag(&rest, b);
            q->limb[i / 32] |= (uint32_t)1 << (i % 32);
        }
    }
    trim(q);
    *a = rest;
}

void jint_divmod(struct jrun *r, const struct jval *a, const struct jval *b, struct jval *q,
                 struct jval *m)
{
    struct work x, y, z, one = { .n = 1, .limb = { 1 } };
    int64_t i, k;
    bool is_mixed;

    *q = *m = jv_int(0);
    if (is_small(a, INT64_MAX, &i) && is_small(b, INT64_MAX, &k)) {
        int64_t rest = i % k;
        bool down = rest != 0 && (rest < 0) != (k < 0);

        *q = jv_int(i / k - down);
        *m = jv_int(down ? rest + k : rest);
        return;
    }
    load(&x, a);
    load(&y, b);
    if (!jr_step(r, (size_t)x.n * x.n * 256))
        return;
    is_mixed = x.is_neg != y.is_neg;
    divmod_mag(&x, &y, &z);
    z.is_neg = is_mixed && z.n;
    if (is_mixed && x.n) { /* towards minus infinity */
        struct work t = y;

        one.is_neg = true;
        add(&z, &one);
        sub_mag(&t, &x);
        x = t;
    }
    x.is_neg = y.is_neg && x.n;
    *q = store(r, &z);
    *m = store(r, &x);
}

struct jval jint_pow(struct jrun *r, const struct jval *a, int64_t n)
{
    struct jval result = jv_int(1), base = *a;

    while (n > 0 && !r->rc) {
        if (n & 1)
            result = jint_mul(r, &result, &base);
        n >>= 1;
        if (n)
            base = jint_mul(r, &base, &base);
    }
    return result;
}

int jint_cmp(const struct jval *a, const struct jval *b)
{
    struct work x, y;
    int64_t i, k;

    if (is_small(a, INT64_MAX, &i) && is_small(b, INT64_MAX, &k))
        return (i > k) - (i < k);
    load(&x, a);
    load(&y, b);
    if (x.is_neg != y.is_neg)
        return x.is_neg ? -1 : 1;
    return x.is_neg ? cmp_mag(&y, &x) : cmp_mag(&x, &y);
}

double jbig_num(const struct jval *v)
{
    const struct jbig *b = v->u.big;
    double f = 0.0;

    for (uint32_t i = b->n; i-- > 0;)
        f = f * 4294967296.0 + b->limb[i];
    return b->is_neg ? -f : f;
}

struct jval jint_from_float(struct jrun *r, double f)
{
    struct work w = { .n = 0 };
    int exp;
    double m;

    if (!isfinite(f)) {
        jr_fail(r, "cannot convert float %s to integer", isnan(f) ? "NaN" : "infinity");
        return jv_int(0);
    }
    f = trunc(f);
    if (fabs(f) < 9.2e18)
        return jv_int((int64_t)f);
    m = frexp(fabs(f), &exp); /* f = m * 2^exp, at most 2^1024 */
    for (int i = 0; i < 53; i++) {
        m *= 2;
        mul_small(&w, 2, m >= 1.0);
        m -= m >= 1.0;
    }
    for (int i = 53; i < exp; i++)
        mul_small(&w, 2, 0);
    w.is_neg = f < 0;
    return store(r, &w);
}

void jbig_write(struct jrun *r, const struct jval *v)
{
    char text[BIG_LIMB_MAX * 10 + 2];
    size_t at = sizeof(text);
    struct work w;

    load(&w, v);
    if (!jr_step(r, (size_t)w.n * w.n * 4))
        return;
    do {
        uint32_t part = div_small(&w, 1000000000U);

        for (int i = 0; i < 9 && (w.n || part || i == 0); i++) {
            text[--at] = (char)('0' + part % 10);
            part /= 10;
        }
    } while (w.n);
    if (v->kind == JV_BIG ? v->u.big->is_neg : v->u.i < 0)
        text[--at] = '-';
    jr_write(r, text + at, sizeof(text) - at);
}
