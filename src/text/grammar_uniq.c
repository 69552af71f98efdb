/* Arrays of distinct items: what a thread remembers of the items it has read.
 *
 * The compiler spells each value of such an array in one way only, so that equal values are equal
 * bytes; a thread hashes the bytes of the item it reads and dies at the end of one whose hash it
 * has seen. Two different items with equal hashes would only refuse a valid text. */
#include "text/grammar_run_int.h"

#define UNIQ_ITEMS_MAX 4096U

uint64_t gm_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ULL;
    return h ^ h >> 29;
}

static uint64_t hash_of(const uint32_t v[5])
{
    return (uint64_t)v[1] << 32 | v[0];
}

uint32_t gm_uniq_byte(struct gmatch *m, uint32_t uniq, uint8_t byte)
{
    uint32_t v[5], parent;
    uint64_t h;

    if (!uniq)
        return 0;
    for (unsigned k = 0; k < 5; k++)
        v[k] = m->cell[uniq].v[k];
    parent = gm_uniq_byte(m, v[3], byte); /* an item's items: as deep as schemas are nested */
    if (v[4]) {
        h = gm_mix(hash_of(v), (uint64_t)byte + 1);
        v[0] = (uint32_t)h;
        v[1] = (uint32_t)(h >> 32);
    }
    v[3] = parent;
    return gm_cell(m, GC_UNIQ, v);
}

bool gm_uniq_has(const struct gmatch *m, uint32_t uniq, const uint8_t *s, uint32_t n)
{
    const uint32_t *v = m->cell[uniq].v;
    uint64_t h = hash_of(v);

    if (!v[4]) /* between items */
        return false;
    for (uint32_t k = 0; k < n; k++)
        h = gm_mix(h, (uint64_t)s[k] + 1);
    for (uint32_t i = v[2]; i; i = m->cell[i].v[2]) {
        if (hash_of(m->cell[i].v) == h)
            return true;
    }
    return v[2] && m->cell[v[2]].v[3] >= UNIQ_ITEMS_MAX;
}

static bool add_item(struct gmatch *m, uint32_t v[5])
{
    uint32_t item[5] = { v[0], v[1], v[2], 1, 0 };

    for (uint32_t i = v[2]; i; i = m->cell[i].v[2]) {
        if (m->cell[i].v[0] == v[0] && m->cell[i].v[1] == v[1])
            return false;
    }
    if (v[2])
        item[3] = m->cell[v[2]].v[3] + 1;
    if (item[3] > UNIQ_ITEMS_MAX)
        return false;
    v[2] = gm_cell(m, GC_LIST, item);
    return true;
}

bool gm_uniq_node(struct gmatch *m, enum gop op, uint32_t *uniq)
{
    uint32_t v[5] = { 0, 0, 0, *uniq, 0 };

    if (op != GN_U_OPEN) {
        for (unsigned k = 0; k < 5; k++)
            v[k] = m->cell[*uniq].v[k];
    }
    if (op == GN_U_CLOSE) {
        *uniq = v[3];
        return true;
    }
    if (op == GN_U_DONE && !add_item(m, v))
        return false;
    v[0] = v[1] = 0;
    v[4] = op == GN_U_ITEM;
    *uniq = gm_cell(m, GC_UNIQ, v);
    return true;
}
