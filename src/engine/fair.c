/* Tenants and what they have been charged. */
#include "base/check.h"
#include "engine/share_int.h"

/* A place for a tenant that is not listed: a new one, else that of who has been away for longest.
 */
static uint32_t place_for(struct fair *f)
{
    uint32_t best = TENANTS_MAX;

    if (f->n < TENANTS_MAX)
        return f->n++;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->at[i].n_live == 0 &&
            (best == TENANTS_MAX || f->at[i].last_use < f->at[best].last_use))
            best = i;
    }
    CHECK(best < TENANTS_MAX);
    return best;
}

uint32_t fair_enter(struct fair *f, uint64_t id)
{
    uint32_t place = 0;

    while (place < f->n && f->at[place].id != id)
        place++;
    if (place == f->n) {
        place = place_for(f);
        f->at[place] = (struct tenant){ .id = id };
    }
    f->at[place].n_live++;
    f->at[place].last_use = ++f->tick;
    return place;
}

void fair_leave(struct fair *f, uint32_t place)
{
    CHECK(place < f->n && f->at[place].n_live);
    f->at[place].n_live--;
    f->at[place].last_use = ++f->tick;
}

/* The best of those with work goes to 0, all others with it; credit is never kept. */
static void shift(struct fair *f)
{
    int64_t best = INT64_MIN;

    for (uint32_t i = 0; i < f->n; i++) {
        if (f->at[i].n_live && f->at[i].balance > best)
            best = f->at[i].balance;
    }
    if (best == INT64_MIN)
        return;
    for (uint32_t i = 0; i < f->n; i++) {
        int64_t *b = &f->at[i].balance;

        *b -= best;
        if (*b > 0)
            *b = 0;
        if (*b < -TENANT_DEBT_MAX)
            *b = -TENANT_DEBT_MAX;
    }
}

void fair_charge(struct fair *f, uint32_t place, uint32_t n_tok)
{
    CHECK(place < f->n);
    f->at[place].balance -= n_tok;
    shift(f);
}

int64_t fair_balance(const struct fair *f, uint32_t place)
{
    CHECK(place < f->n);
    return f->at[place].balance;
}
