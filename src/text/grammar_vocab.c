/* A vocabulary as a trie of the tokens' bytes, laid out in the order of a walk from the root: a
 * node's subtree is the stretch behind it, so that skipping what cannot match is one jump. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
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

/* ---- plain tokens ---- */

/* How many characters, or 0 when the token is not plain. */
static uint32_t plain_len(const uint8_t *s, uint32_t len)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < len; n++) {
        uint32_t cp;
        unsigned bytes = utf8_decode((const char *)s + i, len - i, &cp);

        if (!bytes || cp < 0x20 || cp == '"' || cp == '\\' || cp == '<' || cp == '[' ||
            (cp >= 0x7F && cp < 0xA0) || n == GPLAIN_MAX)
            return 0;
        i += bytes;
    }
    return n;
}

static void add_plain(struct gvocab *v, uint32_t node, uint32_t id, uint32_t n)
{
    v->plain_id[v->n_plain] = id;
    v->plain_node[v->n_plain++] = node;
    for (uint32_t k = n; k <= GPLAIN_MAX; k++)
        v->plain[(size_t)k * v->n_word + id / 64] |= (uint64_t)1 << (id % 64);
}

/* kept[i]: below node i (1), or there (2), ends a token that is not plain. */
static void find_odd(struct gvocab *v, uint8_t *kept, uint32_t *path)
{
    for (uint32_t i = 0; i < v->n_node; i++) {
        const struct gtrie *t = &v->node[i];
        uint32_t id = t->first, n;

        path[t->depth] = i;
        if (id == GVOCAB_NONE)
            continue;
        n = plain_len(v->bytes + v->from[id], v->from[id + 1] - v->from[id]);
        for (; n && id != GVOCAB_NONE; id = v->same[id])
            add_plain(v, i, id, n);
        if (n)
            continue;
        kept[i] |= 2;
        for (uint32_t d = t->depth; d > 0 && !(kept[path[d]] & 1); d--)
            kept[path[d]] |= 1;
    }
}

static void fill_odd(struct gvocab *v, const uint8_t *kept, uint32_t *at)
{
    for (uint32_t i = 0, n = 0; i <= v->n_node; i++) {
        at[i] = n;
        n += i < v->n_node && kept[i];
    }
    for (uint32_t i = 0; i < v->n_node; i++) {
        const struct gtrie *t = &v->node[i];

        if (kept[i])
            v->odd[at[i]] = (struct godd){ .end = at[t->end],
                                           .first = kept[i] & 2 ? t->first : GVOCAB_NONE,
                                           .full = i,
                                           .depth = t->depth,
                                           .byte = t->byte };
    }
    v->n_odd = at[v->n_node];
}

static enum err_code sort_tokens(struct gvocab *v, struct err *e)
{
    uint8_t *kept = mem_alloc_zero(MEM_MODEL, v->n_node + 1U);
    uint32_t *path = mem_alloc_n(MEM_MODEL, GTOKEN_BYTES_MAX + 1U, sizeof(*path)), n = 0;
    uint32_t *at = mem_alloc_n(MEM_MODEL, v->n_node + 1U, sizeof(*at));

    v->n_word = v->n_token / 64U + 1U;
    v->plain = mem_alloc_zero(MEM_MODEL, sizeof(*v->plain) * v->n_word * (GPLAIN_MAX + 1U));
    v->plain_id = mem_alloc_n(MEM_MODEL, v->n_token, sizeof(*v->plain_id));
    v->plain_node = mem_alloc_n(MEM_MODEL, v->n_token, sizeof(*v->plain_node));
    v->longer = mem_alloc_n(MEM_MODEL, v->n_token, sizeof(*v->longer));
    if (kept && path && at && v->plain && v->plain_id && v->plain_node && v->longer) {
        for (uint32_t i = 0; i < v->n_token; i++)
            if (v->from[i + 1] - v->from[i] > GVOCAB_LONG)
                v->longer[v->n_long++] = i;
        find_odd(v, kept, path);
        for (uint32_t i = 0; i < v->n_node; i++)
            n += kept[i] != 0;
        v->odd = mem_alloc_n(MEM_MODEL, n + 1U, sizeof(*v->odd));
        if (v->odd)
            fill_odd(v, kept, at);
    }
    mem_free(kept);
    mem_free(path);
    mem_free(at);
    return v->odd ? ERR_OK : err_set(e, ERR_OOM, "no memory for a trie of %u tokens", v->n_token);
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
    v->same = mem_alloc_n(MEM_MODEL, n, sizeof(*v->same));
    v->kind = mem_alloc_zero(MEM_MODEL, n);
    v->end = mem_alloc_n(MEM_MODEL, n, sizeof(*v->end));
    v->control = mem_alloc_zero(MEM_MODEL, (n / 64U + 1U) * sizeof(*v->control));
    for (uint32_t i = 0; v->end && v->control && i < n; i++) {
        if (tok[i].kind == GTOKEN_END)
            v->end[v->n_end++] = i;
        if (tok[i].kind == GTOKEN_OTHER)
            v->control[i / 64] |= (uint64_t)1 << (i % 64);
    }
    rc = v->same && v->kind && v->end && v->control
             ? build(v, tok, e)
             : err_set(e, ERR_OOM, "no memory for a trie of %u tokens", n);
    if (!rc)
        rc = sort_tokens(v, e);
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
    mem_free(v->odd);
    mem_free(v->plain);
    mem_free(v->plain_id);
    mem_free(v->plain_node);
    mem_free(v->longer);
    mem_free(v->bytes);
    mem_free(v->from);
    mem_free(v);
}
