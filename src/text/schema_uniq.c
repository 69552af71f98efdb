/* Arrays of distinct items whose places ask for different things: which values a place can take, so
 * that an array is not begun that cannot go on. */
#include "text/schema_int.h"

#define LITS         (ST_NULL | ST_TRUE | ST_FALSE)
#define COMPARED_MAX 100U /* values that are told apart: of more, equal ones count twice */

static uint32_t n_lits(uint8_t types)
{
    return !!(types & ST_NULL) + !!(types & ST_TRUE) + !!(types & ST_FALSE);
}

static bool is_among(const struct svalues *s, const struct js *v)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (sc_equal(s->v[i], v))
            return true;
    }
    return false;
}

bool sc_values(struct sctx *c, const struct schs *list, struct svalues *out)
{
    struct sflats flats = { 0 };
    uint32_t n, room = 0;

    *out = (struct svalues){ .list = list, .known = true };
    if (!sc_expand(c, list, &flats))
        return false;
    for (uint32_t i = 0; i < flats.n; i++) {
        out->types |= flats.at[i].types;
        if (!sflat_has_enum(&flats.at[i]) && (flats.at[i].types & ~LITS))
            out->known = false;
        else if (!sflat_has_enum(&flats.at[i]))
            out->lits |= flats.at[i].types & LITS;
    }
    for (uint32_t i = 0; i < flats.n && out->known && !c->b.rc; i++) {
        const struct js **v =
            sflat_has_enum(&flats.at[i]) ? sflat_values(c, &flats.at[i], &n) : NULL;

        if (v && out->n + n > room) {
            const struct js **at = sc_new(c, room = 2 * (out->n + n), sizeof(*at));

            for (uint32_t k = 0; at && k < out->n; k++)
                at[k] = out->v[k];
            out->v = at;
        }
        for (uint32_t k = 0; v && out->v && k < n; k++) {
            if (out->n > COMPARED_MAX || !is_among(out, v[k]))
                out->v[out->n++] = v[k];
        }
    }
    out->count = out->known ? out->n + n_lits(out->lits) : SCHEMA_NO_MAX;
    return c->b.rc == ERR_OK;
}

static bool satisfies(struct sctx *c, const struct schs *list, const struct js *v)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (!sc_valid(c, list->at[i], v))
            return false;
    }
    return true;
}

bool sc_may_meet(struct sctx *c, const struct svalues *a, const struct svalues *b)
{
    if (!a->known && b->known)
        return sc_may_meet(c, b, a);
    if (!(a->types & b->types) || !sc_work(c, 1 + a->n))
        return false;
    if (!a->known || (a->lits & b->types))
        return true;
    for (uint32_t i = 0; i < a->n; i++) {
        if (satisfies(c, b->list, a->v[i]))
            return true;
    }
    return false;
}

enum stuple sc_tuple_place(struct sctx *c, const struct svalues *places, uint32_t i)
{
    const struct svalues *own = &places[i];
    uint32_t n = 0;
    bool same = false;

    for (uint32_t k = 0; k < i && own->known && !c->b.rc; k++) {
        if (!sc_may_meet(c, own, &places[k]))
            continue;
        n++;
        same = same || (own->count == 1 && places[k].count == 1);
    }
    if (same)
        return STUPLE_NEVER;
    return own->known && own->count <= n ? STUPLE_UNSURE : STUPLE_ALWAYS;
}
