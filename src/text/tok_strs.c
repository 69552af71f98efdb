/* Byte strings numbered in the order they were added, found again by an open-addressing table. */
#include <string.h>

#include "text/tok_int.h"

#define HASH_K 0x9E3779B97F4A7C15ULL

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * HASH_K;
    return h ^ h >> 29;
}

static uint64_t load(const char *s, size_t n)
{
    uint64_t v = 0;
    uint32_t a, b;

    if (n == 8) {
        memcpy(&v, s, 8);
        return v;
    }
    if (n >= 4) {
        memcpy(&a, s, 4);
        memcpy(&b, s + n - 4, 4);
        return (uint64_t)a << 32 | b;
    }
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)s[i];
    return v;
}

static uint64_t hash(const char *s, size_t n)
{
    uint64_t h = mix(HASH_K, n);

    for (; n > 8; s += 8, n -= 8)
        h = mix(h, load(s, 8));
    h = mix(h, load(s, n));
    return h ^ h >> 32;
}

static bool table_new(struct strs *s, uint32_t n)
{
    uint32_t cap = 64;

    while (cap / 2 < n)
        cap *= 2;
    s->slot = mem_alloc_n(MEM_MODEL, cap, sizeof(*s->slot));
    s->mask = cap - 1;
    return s->slot != NULL;
}

bool strs_init(struct strs *s, uint32_t n)
{
    *s = (struct strs){ 0 };
    if (n > (1U << 30) || !table_new(s, n))
        return false;
    s->n_cap = n + 1;
    s->start = mem_alloc_n(MEM_MODEL, (size_t)s->n_cap + 1, sizeof(*s->start));
    return s->start != NULL;
}

void strs_finish(struct strs *s)
{
    mem_free(s->data);
    mem_free(s->start);
    mem_free(s->slot);
    *s = (struct strs){ 0 };
}

/* The slot that holds this text, or the free one where it belongs. */
static struct strs_slot *slot_of(const struct strs *s, const char *text, size_t len, uint64_t h)
{
    uint32_t tag = (uint32_t)(h >> 32);

    for (uint32_t k = (uint32_t)h & s->mask;; k = (k + 1) & s->mask) {
        struct strs_slot *slot = &s->slot[k];
        size_t have;
        const char *at;

        if (!slot->i_one)
            return slot;
        if (slot->tag != tag)
            continue;
        at = strs_at(s, slot->i_one - 1, &have);
        if (have == len && memcmp(at, text, len) == 0)
            return slot;
    }
}

static bool room(struct strs *s, size_t len)
{
    if (len > TOK_TEXT_TOTAL - s->len || s->n >= (1U << 30))
        return false;
    if (s->len + len > s->cap) {
        size_t cap = s->len + len + s->cap / 2 + 4096;
        char *data = mem_realloc(MEM_MODEL, s->data, cap);

        if (!data)
            return false;
        s->data = data;
        s->cap = cap;
    }
    if (s->n + 1 > s->n_cap) {
        uint32_t cap = s->n_cap + s->n_cap / 2 + 64;
        uint32_t *start = mem_realloc(MEM_MODEL, s->start, ((size_t)cap + 1) * sizeof(*start));

        if (!start)
            return false;
        s->start = start;
        s->n_cap = cap;
    }
    return true;
}

static bool rehash(struct strs *s)
{
    struct strs_slot *old = s->slot;
    uint32_t n_old = s->mask + 1;

    if (!table_new(s, n_old)) {
        s->slot = old;
        s->mask = n_old - 1;
        return false;
    }
    for (uint32_t k = 0; k < n_old; k++) {
        size_t len;
        const char *text;

        if (!old[k].i_one)
            continue;
        text = strs_at(s, old[k].i_one - 1, &len);
        *slot_of(s, text, len, hash(text, len)) = old[k];
    }
    mem_free(old);
    return true;
}

bool strs_push(struct strs *s, const char *text, size_t len)
{
    uint64_t h = hash(text, len);
    struct strs_slot *slot;

    if (!room(s, len) || (s->n >= s->mask / 2 && !rehash(s)))
        return false;
    if (len > 0)
        memcpy(s->data + s->len, text, len);
    s->len += len;
    s->start[s->n + 1] = (uint32_t)s->len;
    if (len > 0) {
        slot = slot_of(s, text, len, h);
        slot->tag = (uint32_t)(h >> 32);
        slot->i_one = s->n + 1;
    }
    s->n++;
    return true;
}

uint32_t strs_find(const struct strs *s, const char *text, size_t len)
{
    const struct strs_slot *slot;

    if (len == 0)
        return TOK_SYM_NONE;
    slot = slot_of(s, text, len, hash(text, len));
    return slot->i_one ? slot->i_one - 1 : TOK_SYM_NONE;
}

bool strs_intern(struct strs *s, const char *text, size_t len, uint32_t *i)
{
    *i = strs_find(s, text, len);
    if (*i != TOK_SYM_NONE)
        return true;
    *i = s->n;
    return strs_push(s, text, len);
}
