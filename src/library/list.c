/* The list: from facts and places to names that are unique, sorted, one variant of each selected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library/library_int.h"

#define LIST_BLOCK    ((size_t)64 * 1024)
#define BITS_WANTED   4.85 /* of Q4_K_M: what a bare key means, or what comes nearest */
#define OWN_PUBLISHER "hearth"
#define NO_PUBLISHER  "local"

static enum err_code no_memory(struct err *e)
{
    return err_set(e, ERR_OOM, "no memory for the list of models");
}

static enum err_code stopped(struct err *e)
{
    return err_set(e, ERR_CANCELLED, "the search for models was stopped");
}

/* A copy in the list's memory; NULL also sets *failed. */
static const char *keep(struct catalog *c, bool *failed, const char *text)
{
    const char *copy = arena_strndup(&c->arena, text, strlen(text));

    *failed = *failed || !copy;
    return copy;
}

/* ---- one model ---- */

/* 4 for "Q4_K_M", 16 for "BF16": the first number of the name; without one, the measured bits. */
static uint32_t bits_of(const char *quant, double measured)
{
    uint32_t n = 0;

    for (quant += strcspn(quant, "0123456789"); *quant >= '0' && *quant <= '9' && n < 100; quant++)
        n = n * 10 + (uint32_t)(*quant - '0');
    return n ? n : (uint32_t)(measured + 0.5);
}

static void fill_numbers(struct library_model *m, const struct listed *item)
{
    const struct facts *f = item->facts;

    m->type = f->type;
    m->tool_use = f->tool_use;
    m->reasons = f->reasons;
    m->reasons_switch = f->reasons_switch;
    m->reasons_levels = f->reasons_levels;
    m->n_ctx_max = f->n_ctx_max;
    m->n_expert = f->n_expert;
    m->n_expert_used = f->n_expert_used;
    m->n_layer = f->n_layer;
    m->n_embd = f->n_embd;
    m->n_vocab = f->n_vocab;
    m->kv_token_bytes = f->kv_token_bytes;
    m->state_bytes = f->state_bytes;
    m->bits = f->n_param ? (double)f->weight_bytes * 8.0 / (double)f->n_param : 0;
    m->quant_bits = bits_of(f->quant, m->bits);
    m->is_asset = item->candidate == NULL;
    m->size_bytes = item->candidate ? item->candidate->size : item->asset_size;
    m->modified_unix_s =
        item->candidate ? item->candidate->mtime_ns / 1000000000 : item->asset_unix_s;
}

static enum err_code fill(struct catalog *c, struct library_model *m, const struct listed *item,
                          struct err *e)
{
    const struct candidate *of = item->candidate;
    const struct facts *f = item->facts;
    const char *publisher = of ? of->publisher : OWN_PUBLISHER;
    const char *name = of ? (of->model[0] ? of->model : of->stem) : item->asset;
    char text[NAME_BYTES], short_key[NAME_BYTES], key[2 * NAME_BYTES];
    bool failed = false;

    fill_numbers(m, item);
    publisher = publisher[0] ? publisher : NO_PUBLISHER;
    name_short(short_key, name, f->quant);
    name_lower(text, publisher);
    (void)snprintf(key, sizeof(key), "%s/%s", text, short_key);
    m->key = keep(c, &failed, key);
    m->short_key = keep(c, &failed, short_key);
    m->publisher = keep(c, &failed, publisher);
    m->quant = keep(c, &failed, f->quant);
    m->arch = keep(c, &failed, f->arch);
    m->display_name = keep(c, &failed, f->name[0] ? f->name : name);
    m->path = keep(c, &failed, of ? of->path : item->asset);
    m->shown_path = keep(c, &failed, of ? of->shown : item->asset);
    m->why = keep(c, &failed, f->why);
    name_arch(text, f->arch);
    m->arch_name = keep(c, &failed, text);
    name_params(text, f);
    m->params = keep(c, &failed, text);
    name_lower(text, f->quant[0] ? f->quant : of ? of->stem : item->asset);
    m->variant = keep(c, &failed, text);
    return failed ? no_memory(e) : ERR_OK;
}

/* ---- the order ---- */

struct place {
    struct library_model m;
    uint32_t i_item; /* decides between equals: roots come in order */
};

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int d = strcmp(x->m.key, y->m.key);

    if (!d)
        d = strcmp(x->m.variant, y->m.variant);
    return d ? d : (x->i_item > y->i_item) - (x->i_item < y->i_item);
}

/* ---- names of variants ---- */

/* The names of one key's variants by open addressing; the hash need not withstand anybody, as
 * LIBRARY_MODELS_MAX names are few. */
struct name {
    const char *text; /* NULL: free */
    uint32_t next;    /* number of the next variant that is called so */
};
struct names {
    struct name *at;
    uint32_t cap; /* a power of two, at least twice the names */
};

static struct name *names_find(const struct names *s, const char *text)
{
    uint32_t hash = 2166136261U, i;

    for (const char *p = text; *p; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619U;
    i = (hash ^ hash >> 15) & (s->cap - 1);
    while (s->at[i].text && strcmp(s->at[i].text, text) != 0)
        i = (i + 1) & (s->cap - 1);
    return &s->at[i];
}

static void names_add(const struct names *s, const char *text)
{
    *names_find(s, text) = (struct name){ .text = text, .next = 2 };
}

/* All names of a group, with room for as many new ones. */
static bool names_open(struct names *s, const struct place *group, uint32_t n)
{
    s->cap = 8;
    while (s->cap < 4 * n)
        s->cap *= 2;
    s->at = mem_alloc_n(MEM_OTHER, s->cap, sizeof(*s->at));
    for (uint32_t i = 0; s->at && i < n; i++)
        names_add(s, group[i].m.variant);
    return s->at != NULL;
}

/* Another name for a variant that has the same as one before: the file's, then with a number. What
 * was tried for one is not tried again for the next, so that all together cost one try each and one
 * for each name met. */
static enum err_code rename_variant(struct catalog *c, const struct names *names, struct place *p,
                                    const struct listed *items, struct err *e)
{
    const struct candidate *of = items[p->i_item].candidate;
    char stem[NAME_BYTES], text[NAME_BYTES + 16];
    bool failed = false;
    struct name *same;

    name_lower(stem, of ? of->stem : items[p->i_item].asset);
    (void)snprintf(text, sizeof(text), "%s", stem);
    same = names_find(names, stem);
    while (same->text && names_find(names, text)->text)
        (void)snprintf(text, sizeof(text), "%s-%u", stem, same->next++);
    p->m.variant = keep(c, &failed, text);
    if (failed)
        return no_memory(e);
    names_add(names, p->m.variant);
    return ERR_OK;
}

static enum err_code rename_same(struct catalog *c, struct place *group, uint32_t n,
                                 const struct listed *items, const atomic_bool *stop, struct err *e)
{
    const char *before = group[0].m.variant; /* as it was called: they are sorted */
    struct names names = { 0 };
    enum err_code rc = ERR_OK;

    for (uint32_t i = 1; i < n && !rc; i++) {
        const char *own = group[i].m.variant;

        if (atomic_load(stop))
            rc = stopped(e);
        else if (strcmp(own, before) == 0 && !names.at && !names_open(&names, group, n))
            rc = no_memory(e);
        else if (strcmp(own, before) == 0)
            rc = rename_variant(c, &names, &group[i], items, e);
        before = own;
    }
    mem_free(names.at);
    return rc;
}

static double distance(const struct library_model *m)
{
    double d = m->bits - BITS_WANTED;

    if (m->type == MODEL_UNUSABLE)
        return 1e9;
    return d < 0 ? -d : d;
}

/* One key's models: unique variants, their number, and the one that the bare key means. */
static enum err_code settle(struct catalog *c, struct place *group, uint32_t n,
                            const struct listed *items, const atomic_bool *stop, struct err *e)
{
    enum err_code rc = rename_same(c, group, n, items, stop, e);
    uint32_t best = 0;

    if (rc)
        return rc;
    for (uint32_t i = 0; i < n; i++) {
        group[i].m.n_variant = n;
        if (distance(&group[i].m) < distance(&group[best].m))
            best = i;
    }
    group[best].m.is_selected = true;
    return ERR_OK;
}

static enum err_code settle_all(struct catalog *c, struct place *p, uint32_t n,
                                const struct listed *items, const atomic_bool *stop, struct err *e)
{
    enum err_code rc = ERR_OK;

    qsort(p, n, sizeof(*p), by_key);
    for (uint32_t i = 0, end; i < n && !rc; i = end) {
        for (end = i + 1; end < n && strcmp(p[end].m.key, p[i].m.key) == 0; end++) {
        }
        rc = settle(c, p + i, end - i, items, stop, e);
    }
    qsort(p, n, sizeof(*p), by_key);
    return rc;
}

enum err_code catalog_build(struct catalog *c, const struct listed *items, uint32_t n,
                            const atomic_bool *stop, struct err *e)
{
    struct place *places;
    enum err_code rc = ERR_OK;

    *c = (struct catalog){ 0 };
    arena_init(&c->arena, MEM_OTHER, LIST_BLOCK, SCAN_BYTES_MAX);
    if (n == 0)
        return ERR_OK;
    places = mem_alloc_n(MEM_OTHER, n, sizeof(*places));
    c->at = arena_new_n(&c->arena, n, sizeof(*c->at));
    if (!places || !c->at)
        rc = no_memory(e);
    for (uint32_t i = 0; i < n && !rc; i++) {
        places[i].i_item = i;
        rc = atomic_load(stop) ? stopped(e) : fill(c, &places[i].m, &items[i], e);
    }
    if (!rc)
        rc = settle_all(c, places, n, items, stop, e);
    for (uint32_t i = 0; i < n && !rc; i++)
        c->at[i] = places[i].m;
    c->n = rc ? 0 : n;
    mem_free(places);
    return rc;
}

void catalog_close(struct catalog *c)
{
    arena_finish(&c->arena);
    c->at = NULL;
    c->n = 0;
}
