/* Texts of which one comes next, as one automaton: where several begin alike, they are read
 * together, and a position has one thread instead of one for each text.
 *
 * A trie is immutable; adding makes a new one that shares what it can with the old one. So the
 * properties that may follow each property of an object cost little more than one trie of all. */
#include "text/schema_int.h"

struct slink {
    const struct strie *to;
    struct slink *after;
    uint32_t entry; /* node that reads this link's byte or that of one behind it; FAIL: not made */
    uint8_t byte;
};

struct strie {
    struct slink *first;
    uint32_t leaf; /* what follows a text that ends here; FAIL: none */
};

/* The list with one link for `byte` to `to`; what stands behind the old one is shared. */
static struct slink *with_link(struct sctx *c, struct slink *list, uint8_t byte,
                               const struct strie *to)
{
    struct slink *at = sc_new(c, 1, sizeof(*at)), *old = list, **end;

    while (old && old->byte != byte)
        old = old->after;
    if (!at)
        return NULL;
    *at = (struct slink){ .to = to, .byte = byte, .after = old ? old->after : list };
    end = &at->after;
    for (struct slink *k = list; old && k != old; k = k->after) {
        struct slink *copy = sc_new(c, 1, sizeof(*copy));

        if (!copy)
            return NULL;
        *copy = (struct slink){ .to = k->to, .byte = k->byte, .after = *end };
        *end = copy;
        end = &copy->after;
    }
    return at;
}

static const struct strie *child(const struct strie *t, uint8_t byte)
{
    const struct slink *k = t ? t->first : NULL;

    while (k && k->byte != byte)
        k = k->after;
    return k ? k->to : NULL;
}

const struct strie *strie_add(struct sctx *c, const struct strie *t, struct skey text,
                              uint32_t leaf)
{
    const struct strie **way = sc_new(c, text.len + 1, sizeof(struct strie *));
    struct strie *at = NULL;

    if (!way || leaf == GNODE_FAIL)
        return t;
    way[0] = t;
    for (size_t i = 0; i < text.len; i++)
        way[i + 1] = child(way[i], (uint8_t)text.s[i]);
    for (size_t i = text.len + 1; i-- > 0;) {
        struct strie *up = sc_new(c, 1, sizeof(*up));

        if (!up)
            return t;
        if (way[i])
            *up = *way[i];
        if (i == text.len)
            up->leaf = gb_split(&c->b, leaf, up->leaf);
        else
            up->first = with_link(c, up->first, (uint8_t)text.s[i], at);
        at = up;
    }
    return at;
}

static uint32_t entry_of(struct sctx *c, const struct strie *t);

static uint32_t links_entry(struct sctx *c, struct slink *k)
{
    uint32_t after;

    if (!k || k->entry)
        return k ? k->entry : GNODE_FAIL;
    after = links_entry(c, k->after); /* 256 links at most */
    k->entry = gb_split(&c->b, gb_byte(&c->b, k->byte, k->byte, entry_of(c, k->to)), after);
    return k->entry;
}

static bool is_straight(const struct strie *t)
{
    return t->leaf == GNODE_FAIL && t->first && !t->first->after && !t->first->entry;
}

/* Goes down alone only where texts part, so that a long text is no deep recursion. */
static uint32_t entry_of(struct sctx *c, const struct strie *t)
{
    const struct strie *x = t;
    struct slink **way;
    uint32_t n = 0, at;

    for (; is_straight(x); x = x->first->to)
        n++;
    way = sc_new(c, n, sizeof(struct slink *));
    if (!way || ++c->depth > SCHEMA_PARTS_MAX) {
        if (way)
            (void)sc_fail(c, ERR_LIMIT, "", "more than %u texts begin with each other",
                          SCHEMA_PARTS_MAX);
        return GNODE_FAIL;
    }
    at = gb_split(&c->b, links_entry(c, x->first), x->leaf);
    c->depth--;
    for (x = t, n = 0; is_straight(x); x = x->first->to)
        way[n++] = x->first;
    while (n-- > 0)
        at = way[n]->entry = gb_byte(&c->b, way[n]->byte, way[n]->byte, at);
    return at;
}

uint32_t strie_entry(struct sctx *c, const struct strie *t)
{
    return t && !c->b.rc ? entry_of(c, t) : GNODE_FAIL;
}
