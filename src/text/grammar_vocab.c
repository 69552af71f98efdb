/* A vocabulary as a trie of the tokens' bytes, laid out in the order of a walk from the root: a
 * node's subtree is the stretch behind it, so that skipping what cannot match is one jump. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "text/grammar_mask_int.h"

struct entry {
    const uint8_t *s;
    uint32_t len, id;
};

static int by_bytes(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int r = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

    if (r)
        return r;
    return x->len < y->len ? -1 : x->len > y->len;
}

static uint32_t common(const struct entry *a, const struct entry *b)
{
    uint32_t n = 0;

    while (n < a->len && n < b->len && a->s[n] == b->s[n])
        n++;
    return n;
}

/* Nodes for sorted entries; path[d] is the open node of depth d. */
static void fill(struct gvocab *v, const struct entry *at, uint32_t n, uint32_t *path)
{
    uint32_t depth = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t keep = i ? common(&at[i - 1], &at[i]) : 0;

        for (; depth > keep; depth--)
            v->node[path[depth]].end = v->n_node;
        for (; depth < at[i].len; v->n_node++) {
            v->node[v->n_node] = (struct gtrie){ .byte = at[i].s[depth], .first = GVOCAB_NONE };
            depth++;
            v->node[v->n_node].depth = (uint16_t)depth;
            path[depth] = v->n_node;
        }
        v->same[at[i].id] = v->node[path[depth]].first;
        v->node[path[depth]].first = at[i].id;
    }
    for (; depth > 0; depth--)
        v->node[path[depth]].end = v->n_node;
}

static enum err_code build(struct gvocab *v, const struct gtoken *tok, struct err *e)
{
    struct entry *at = mem_alloc_n(MEM_MODEL, v->n_token, sizeof(*at));
    uint32_t n = 0, *path = mem_alloc_n(MEM_MODEL, GTOKEN_BYTES_MAX + 1U, sizeof(*path));
    size_t n_byte = 0;

    for (uint32_t i = 0; at && i < v->n_token; i++) {
        v->kind[i] = (uint8_t)tok[i].kind;
        if (tok[i].kind != GTOKEN_TEXT || tok[i].len == 0 || tok[i].len > GTOKEN_BYTES_MAX)
            continue;
        at[n++] = (struct entry){ (const uint8_t *)tok[i].s, (uint32_t)tok[i].len, i };
        n_byte += tok[i].len;
        if (tok[i].len > v->len_max)
            v->len_max = (uint32_t)tok[i].len;
    }
    v->node =
        at && path && n_byte < UINT32_MAX ? mem_alloc_n(MEM_MODEL, n_byte, sizeof(*v->node)) : NULL;
    v->bytes = mem_alloc(MEM_MODEL, n_byte);
    v->from = mem_alloc_n(MEM_MODEL, v->n_token + 1U, sizeof(*v->from));
    if (v->node && v->bytes && v->from) {
        n_byte = 0;
        for (uint32_t i = 0, k = 0; i < v->n_token; i++) {
            v->from[i] = (uint32_t)n_byte;
            if (k < n && at[k].id == i) {
                memcpy(v->bytes + n_byte, at[k].s, at[k].len);
                n_byte += at[k++].len;
            }
        }
        v->from[v->n_token] = (uint32_t)n_byte;
        qsort(at, n, sizeof(*at), by_bytes);
        fill(v, at, n, path);
    }
    mem_free(at);
    mem_free(path);
    if (!v->node || !v->bytes || !v->from)
        return err_set(e, ERR_OOM, "no memory for a trie of %u tokens", v->n_token);
    return ERR_OK;
}

/* ---- shapes ---- */

static bool same_below(const struct gvocab *v, uint32_t a, uint32_t b)
{
    const struct gtrie *t = v->node;
    uint32_t i = a + 1, k = b + 1;

    if ((t[a].first == GVOCAB_NONE) != (t[b].first == GVOCAB_NONE) || t[a].end - a != t[b].end - b)
        return false;
    for (; i < t[a].end && t[i].byte == t[k].byte && v->shape[i] == v->shape[k]; i = t[i].end)
        k = t[k].end;
    return i == t[a].end;
}

/* From the last node back, so that children have theirs first. */
static enum err_code find_shapes(struct gvocab *v, struct err *e)
{
    uint32_t cap = 1024, *at;

    while (cap < v->n_node && cap < 1U << 30)
        cap *= 2;
    cap *= 2;
    at = mem_alloc_n(MEM_MODEL, cap, sizeof(*at));
    v->shape = mem_alloc_n(MEM_MODEL, v->n_node + 1U, sizeof(*v->shape));
    for (uint32_t i = 0; at && i < cap; i++)
        at[i] = GVOCAB_NONE;
    for (uint32_t i = v->n_node; at && v->shape && i-- > 0;) {
        uint64_t h = v->node[i].first == GVOCAB_NONE;
        uint32_t slot;

        for (uint32_t k = i + 1; k < v->node[i].end; k = v->node[k].end)
            h = gm_mix(h, (uint64_t)v->node[k].byte << 32 | v->shape[k]);
        slot = (uint32_t)(gm_mix(h, 1) >> 9) & (cap - 1);
        while (at[slot] != GVOCAB_NONE && !same_below(v, i, at[slot]))
            slot = (slot + 1) & (cap - 1);
        if (at[slot] == GVOCAB_NONE)
            at[slot] = i;
        v->shape[i] = at[slot];
    }
    mem_free(at);
    return at && v->shape ? ERR_OK
                          : err_set(e, ERR_OOM, "no memory for a trie of %u tokens", v->n_token);
}

static void find_root(struct gvocab *v)
{
    for (unsigned b = 0; b < 256; b++)
        v->root[b] = GVOCAB_NONE;
    for (uint32_t i = 0; i < v->n_node; i = v->node[i].end)
        v->root[v->node[i].byte] = i;
}

static void find_heights(struct gvocab *v)
{
    for (uint32_t i = v->n_node; i-- > 0;) {
        uint32_t height = 0;

        for (uint32_t k = i + 1; k < v->node[i].end; k = v->node[k].end)
            height = max_u32(height, v->node[k].height + 1U);
        v->node[i].height = (uint8_t)min_u32(height, 255);
    }
}

static enum err_code find_longer(struct gvocab *v, struct err *e)
{
    v->longer = mem_alloc_n(MEM_MODEL, v->n_token, sizeof(*v->longer));
    if (!v->longer)
        return err_set(e, ERR_OOM, "no memory for a trie of %u tokens", v->n_token);
    for (uint32_t i = 0; i < v->n_token; i++)
        if (v->from[i + 1] - v->from[i] > GVOCAB_LONG)
            v->longer[v->n_long++] = i;
    return ERR_OK;
}

enum err_code gvocab_create(struct gvocab **out, const struct gtoken *tok, uint32_t n,
                            struct err *e)
{
    struct gvocab *v = mem_alloc_zero(MEM_MODEL, sizeof(*v));
    enum err_code rc;

    *out = NULL;
    if (!v)
        return err_set(e, ERR_OOM, "no memory for a trie of %u tokens", n);
    v->n_token = n;
    v->n_word = (n + 63U) / 64U;
    v->same = mem_alloc_n(MEM_MODEL, n, sizeof(*v->same));
    v->kind = mem_alloc_zero(MEM_MODEL, n);
    v->end = mem_alloc_n(MEM_MODEL, n, sizeof(*v->end));
    v->control = mem_alloc_zero(MEM_MODEL, v->n_word * sizeof(*v->control));
    for (uint32_t i = 0; v->end && v->control && i < n; i++) {
        if (tok[i].kind == GTOKEN_END)
            v->end[v->n_end++] = i;
        if (tok[i].kind == GTOKEN_OTHER)
            v->control[i / 64] |= (uint64_t)1 << (i % 64);
    }
    rc = v->same && v->kind && v->end && v->control
             ? build(v, tok, e)
             : err_set(e, ERR_OOM, "no memory for a trie of %u tokens", n);
    if (!rc) {
        find_root(v);
        find_heights(v);
        rc = find_shapes(v, e);
    }
    if (!rc)
        rc = find_longer(v, e);
    if (!rc)
        rc = gclasses_create(&v->classes, e);
    if (rc)
        gvocab_destroy(v);
    else
        *out = v;
    return rc;
}

void gvocab_destroy(struct gvocab *v)
{
    if (!v)
        return;
    mem_free(v->node);
    mem_free(v->same);
    mem_free(v->end);
    mem_free(v->kind);
    mem_free(v->control);
    mem_free(v->shape);
    mem_free(v->longer);
    gclasses_destroy(v->classes);
    mem_free(v->bytes);
    mem_free(v->from);
    mem_free(v);
}
