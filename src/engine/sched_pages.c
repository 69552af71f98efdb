/* Pages for a timeline of tokens: what is known already is shared, the rest is taken new. */
#include "base/check.h"
#include "base/num.h"
#include "engine/sched_int.h"

uint32_t sched_page_take(struct sched *s)
{
    uint32_t page = page_take(&s->pages);

    if (page == PAGE_NONE && prefix_evict(&s->prefix))
        page = page_take(&s->pages);
    return page;
}

static void drop_all(struct sched *s, struct pages_held *h)
{
    for (uint32_t i = 0; i < h->n; i++)
        page_drop(&s->pages, h->at[i]);
    h->n = 0;
    h->n_known = 0;
    if (h->state != PAGE_NONE)
        page_drop(&s->states, h->state);
    if (h->state_next != PAGE_NONE)
        page_drop(&s->states, h->state_next);
    h->state = h->state_next = PAGE_NONE;
}

struct batch_seq sched_batch_seq(struct sched *s, struct pages_held *h, uint32_t n_kv)
{
    if (s->p.n_state_slot) {
        CHECK(h->state_next == PAGE_NONE);
        h->state_next = page_take(&s->states);
        if (h->state_next == PAGE_NONE && prefix_evict_state(&s->prefix))
            h->state_next = page_take(&s->states);
        CHECK(h->state_next != PAGE_NONE);
    }
    return (struct batch_seq){
        .pages = h->at, .n_kv = n_kv, .state_in = h->state, .state_out = h->state_next
    };
}

void sched_batch_done(struct sched *s, struct pages_held *h, bool good)
{
    uint32_t old = good ? h->state : h->state_next;

    if (!s->p.n_state_slot)
        return;
    if (good)
        h->state = h->state_next;
    h->state_next = PAGE_NONE;
    if (old != PAGE_NONE)
        page_drop(&s->states, old);
}

uint32_t sched_keep_at(const struct sched *s, uint32_t n_tok)
{
    return s->p.n_state_slot ? (n_tok - 1) / KV_PAGE_TOK * KV_PAGE_TOK : 0;
}

/* Not enough pages beside what is known: tries again without it. */
static bool give_up(struct sched *s, struct pages_held *h, const struct hold_params *p,
                    uint32_t *n_past)
{
    struct hold_params without = *p;

    drop_all(s, h);
    without.use_cache = false;
    return sched_hold(s, h, &without, n_past);
}

bool sched_hold(struct sched *s, struct pages_held *h, const struct hold_params *p,
                uint32_t *n_past)
{
    struct prefix_hit hit = { .partial = PAGE_NONE, .state = PAGE_NONE };
    uint32_t n_new;

    CHECK(h->n == 0 && p->n_want <= h->cap && p->n_tok > 0);
    *n_past = 0;
    /* The last token is always computed: its logits are wanted. */
    if (p->use_cache)
        hit = prefix_match(&s->prefix, p->token, p->n_tok - 1, h->at);
    h->n = h->n_known = hit.n_full;
    h->state = hit.state;
    h->state_next = PAGE_NONE;
    n_new = p->n_want - min_u32(p->n_want, h->n);
    if ((uint64_t)n_new + p->n_spare > (uint64_t)s->pages.n_free + prefix_n_idle(&s->prefix)) {
        /* The partly fitting page may itself be the one that has to go. (A state belongs to the
         * whole hit.) */
        if (hit.partial != PAGE_NONE)
            page_drop(&s->pages, hit.partial);
        if (hit.partial != PAGE_NONE && hit.state != PAGE_NONE)
            return give_up(s, h, p, n_past);
        hit.partial = PAGE_NONE;
        if ((uint64_t)n_new + p->n_spare > (uint64_t)s->pages.n_free + prefix_n_idle(&s->prefix)) {
            drop_all(s, h);
            return false;
        }
    }
    while (h->n < p->n_want) {
        uint32_t page = sched_page_take(s);

        CHECK(page != PAGE_NONE);
        h->at[h->n++] = page;
    }
    *n_past = hit.n_full * KV_PAGE_TOK;
    if (hit.partial != PAGE_NONE) {
        s->p.ops->kv_copy_page(s->p.kv, hit.partial, h->at[hit.n_full], hit.n_partial);
        page_drop(&s->pages, hit.partial);
        *n_past += hit.n_partial;
    }
    return true;
}

void sched_publish(struct sched *s, struct pages_held *h, const int32_t *token, uint32_t n_past)
{
    while (h->n_known < n_past / KV_PAGE_TOK) {
        uint32_t i = h->n_known++;
        uint32_t parent = i ? h->at[i - 1] : PAGE_NONE;
        uint32_t page =
            prefix_add(&s->prefix, parent, token + (size_t)i * KV_PAGE_TOK, KV_PAGE_TOK, h->at[i]);

        /* Somebody else computed the same (law 4: the same bytes). Their page is used from now on,
         * so that holding a page always means holding all above it. */
        if (page != h->at[i]) {
            page_ref(&s->pages, page);
            page_drop(&s->pages, h->at[i]);
            h->at[i] = page;
        }
    }
    if (h->state != PAGE_NONE && n_past && n_past % KV_PAGE_TOK == 0)
        prefix_keep_state(&s->prefix, h->at[n_past / KV_PAGE_TOK - 1], h->state);
}

void sched_release(struct sched *s, struct pages_held *h, const int32_t *token, uint32_t n_past,
                   bool keep)
{
    uint32_t n_full = n_past / KV_PAGE_TOK, n_rest = n_past % KV_PAGE_TOK;

    if (keep && h->n) {
        sched_publish(s, h, token, n_past);
        if (n_rest) {
            uint32_t page = prefix_add(&s->prefix, n_full ? h->at[n_full - 1] : PAGE_NONE,
                                       token + (size_t)n_full * KV_PAGE_TOK, n_rest, h->at[n_full]);

            if (h->state != PAGE_NONE)
                prefix_keep_state(&s->prefix, page, h->state);
        }
    }
    drop_all(s, h);
}
