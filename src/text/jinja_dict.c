/* Dictionaries: pairs in order of insertion, with a hash index once there are many. Keys are equal
 * as in Python: 1, 1.0 and True are one key. */
#include "text/jinja_int.h"

#include <math.h>
#include <string.h>

#define PLAIN_MAX 8U /* up to so many pairs are searched one by one */

struct jval jv_dict(struct jrun *r, struct jdict **d)
{
    *d = jr_new(r, 1, sizeof(**d));
    return *d ? (struct jval){ .kind = JV_DICT, .u.dict = *d } : jv_none();
}

static uint32_t mix(uint32_t h, const void *data, size_t len)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 16777619U;
    return h;
}

static uint32_t hash_num(const struct jval *v)
{
    double f = jv_num(v);

    if (f == 0.0)
        f = 0.0; /* -0.0 too */
    return mix(2166136261U, &f, sizeof(f));
}

uint32_t jv_hash(struct jrun *r, const struct jval *v)
{
    uint32_t h = 2166136261U;

    switch (v->kind) {
    case JV_STR:
        return jr_step(r, v->len) ? mix(h, v->u.s, v->len) : 0;
    case JV_BOOL:
    case JV_INT:
    case JV_BIG:
    case JV_FLOAT:
        return hash_num(v);
    case JV_TUPLE:
        if (!jr_nest(r))
            return 0;
        for (size_t i = 0; i < v->u.list->n && jr_step(r, 0); i++) {
            uint32_t part = jv_hash(r, &v->u.list->at[i]);

            h = mix(h, &part, sizeof(part));
        }
        jr_unnest(r);
        return h;
    case JV_LIST:
    case JV_DICT:
    case JV_VIEW:
        jr_fail(r, "unhashable type: '%s'", jv_type(v));
        return 0;
    case JV_UNDEF:
    case JV_NONE:
        return v->kind;
    default:
        return mix(h, &v->u.s, sizeof(v->u.s));
    }
}

/* Index of the slot that holds key or is free for it. */
static size_t probe(struct jrun *r, const struct jdict *d, const struct jval *key)
{
    size_t k = jv_hash(r, key) & (d->n_slot - 1);

    while (d->slot[k] && !jv_eq(r, &d->at[d->slot[k] - 1].key, key)) {
        if (!jr_step(r, 0))
            break;
        k = (k + 1) & (d->n_slot - 1);
    }
    return k;
}

static bool reindex(struct jrun *r, struct jdict *d)
{
    size_t n = d->cap * 2;
    uint32_t *slot = jr_new(r, n, sizeof(*slot));

    if (!slot)
        return false;
    d->slot = slot;
    d->n_slot = n;
    for (size_t i = 0; i < d->n && !r->rc; i++)
        slot[probe(r, d, &d->at[i].key)] = (uint32_t)i + 1;
    return !r->rc;
}

static bool grow(struct jrun *r, struct jdict *d)
{
    size_t cap = d->cap ? d->cap * 2 : 4;
    struct jpair *at = cap < UINT32_MAX ? jr_new(r, cap, sizeof(*at)) : NULL;

    if (!at)
        return false;
    if (d->n)
        memcpy(at, d->at, d->n * sizeof(*at));
    d->at = at;
    d->cap = cap;
    return cap <= PLAIN_MAX || reindex(r, d);
}

static struct jpair *find(struct jrun *r, const struct jdict *d, const struct jval *key)
{
    if (d->slot) {
        uint32_t i = d->slot[probe(r, d, key)];

        return i && !r->rc ? &d->at[i - 1] : NULL;
    }
    if (key->kind != JV_STR)
        (void)jv_hash(r, key); /* refuses what cannot be a key */
    for (size_t i = 0; i < d->n && !r->rc; i++) {
        if (jv_eq(r, &d->at[i].key, key))
            return &d->at[i];
    }
    return NULL;
}

bool jdict_set(struct jrun *r, struct jdict *d, struct jval key, struct jval value)
{
    struct jpair *old = find(r, d, &key);

    if (r->rc)
        return false;
    if (old) {
        old->value = value;
        return true;
    }
    if (d->n == d->cap && !grow(r, d))
        return false;
    d->at[d->n++] = (struct jpair){ .key = key, .value = value };
    if (d->slot)
        d->slot[probe(r, d, &key)] = (uint32_t)d->n;
    return !r->rc;
}

const struct jval *jdict_get(struct jrun *r, const struct jdict *d, const struct jval *key)
{
    struct jpair *p = find(r, d, key);

    return p ? &p->value : NULL;
}
