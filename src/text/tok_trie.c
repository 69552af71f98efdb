/* A trie whose edges live in one hash table: no pointers, memory linear in the strings. */
#include "text/tok_int.h"

#define HASH_K 0x9E3779B97F4A7C15ULL

static uint64_t place(const struct trie *t, uint64_t key)
{
    uint64_t h = key * HASH_K;

    return (h ^ h >> 32) & t->mask;
}

bool trie_init(struct trie *t)
{
    *t = (struct trie){ 0 };
    t->mask = 255;
    t->n_cap = 256;
    t->edge = mem_alloc_n(MEM_MODEL, t->mask + 1, sizeof(*t->edge));
    t->value = mem_alloc_n(MEM_MODEL, t->n_cap, sizeof(*t->value));
    t->n_node = 1;
    return t->edge && t->value;
}

void trie_finish(struct trie *t)
{
    mem_free(t->edge);
    mem_free(t->value);
    *t = (struct trie){ 0 };
}

static struct trie_edge *edge_of(const struct trie *t, uint32_t node, unsigned char c)
{
    uint64_t key = ((uint64_t)node << 8 | c) + 1;

    for (uint64_t k = place(t, key);; k = (k + 1) & t->mask) {
        if (!t->edge[k].key || t->edge[k].key == key)
            return &t->edge[k];
    }
}

/* Every node but the root has one edge, so the nodes count them. */
static bool grow(struct trie *t)
{
    struct trie_edge *old = t->edge;
    uint64_t n_old = t->mask + 1;

    t->edge = mem_alloc_n(MEM_MODEL, n_old * 2, sizeof(*t->edge));
    if (!t->edge) {
        t->edge = old;
        return false;
    }
    t->mask = n_old * 2 - 1;
    for (uint64_t k = 0; k < n_old; k++) {
        if (old[k].key) {
            uint64_t from = old[k].key - 1;

            *edge_of(t, (uint32_t)(from >> 8), (unsigned char)from) = old[k];
        }
    }
    mem_free(old);
    return true;
}

static bool node_new(struct trie *t, uint32_t *node)
{
    if (t->n_node == t->n_cap) {
        uint32_t cap = t->n_cap * 2;
        uint32_t *value = mem_realloc(MEM_MODEL, t->value, (size_t)cap * sizeof(*value));

        if (!value)
            return false;
        t->value = value;
        t->n_cap = cap;
    }
    *node = t->n_node++;
    t->value[*node] = 0;
    return true;
}

bool trie_add(struct trie *t, const char *text, size_t len, uint32_t value)
{
    uint32_t node = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        struct trie_edge *e;

        if ((uint64_t)t->n_node * 3 / 2 > t->mask && !grow(t))
            return false;
        e = edge_of(t, node, c);
        if (!e->key) {
            uint32_t to;

            if (!node_new(t, &to))
                return false;
            e->key = ((uint64_t)node << 8 | c) + 1;
            e->node = to;
        }
        node = e->node;
    }
    if (len > 0)
        t->value[node] = value + 1;
    return true;
}

uint32_t trie_step(const struct trie *t, uint32_t node, unsigned char c)
{
    const struct trie_edge *e = edge_of(t, node, c);

    return e->key ? e->node : TRIE_NONE;
}
