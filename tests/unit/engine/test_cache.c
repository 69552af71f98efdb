/* Proves: pages and the tree of prefixes agree with a plain list of remembered texts, whatever is
 * matched, added, released and evicted in whatever order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/num.h"
#include "engine/cache_int.h"
#include "engine/engine.h"
#include "support/fixtures.h"

#define N_PAGE 40U
#define N_TEXT 300U /* tokens */

static uint64_t seed = 5;

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(test_random(&seed) % n);
}

/* A pretended cache: which token every place of every page was computed for, and what stood before
 * it. */
struct shadow {
    int32_t token[N_PAGE][KV_PAGE_TOK];
    uint64_t before[N_PAGE][KV_PAGE_TOK];
};

struct holder {
    uint32_t page[N_TEXT / KV_PAGE_TOK + 1], n;
    int32_t token[N_TEXT];
    uint32_t n_tok;
};

static uint64_t mix(uint64_t h, int32_t token)
{
    return (h ^ (uint64_t)(uint32_t)token) * 0x9E3779B97F4A7C15U + 1;
}

/* Long common beginnings, then a few kinds of continuations. */
static void random_text(struct holder *h)
{
    uint32_t kind = rnd(3), fork = rnd(N_TEXT);

    h->n_tok = 1 + rnd(N_TEXT);
    for (uint32_t i = 0; i < h->n_tok; i++)
        h->token[i] = (int32_t)(i < fork ? i * 7 % 5 : i * 3 % 7 + kind);
}

/* Everything the hit promises really is in the pages. */
static void check_hit(const struct shadow *sh, const struct holder *h, struct prefix_hit hit)
{
    uint64_t before = 0;
    uint32_t n = hit.n_full * KV_PAGE_TOK + hit.n_partial;

    assert_true(n <= h->n_tok);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t page = i / KV_PAGE_TOK < hit.n_full ? h->page[i / KV_PAGE_TOK] : hit.partial;

        assert_int_equal(sh->token[page][i % KV_PAGE_TOK], h->token[i]);
        assert_true(sh->before[page][i % KV_PAGE_TOK] == before);
        before = mix(before, h->token[i]);
    }
}

static bool start(struct prefix *t, struct shadow *sh, struct holder *h)
{
    struct prefix_hit hit;
    uint64_t before = 0;

    random_text(h);
    hit = prefix_match(t, h->token, h->n_tok, h->page);
    check_hit(sh, h, hit);
    if (hit.partial != PAGE_NONE)
        page_drop(t->pages, hit.partial);
    h->n = hit.n_full;
    while (h->n < pages_for(h->n_tok)) {
        uint32_t page = page_take(t->pages);

        if (page == PAGE_NONE) {
            if (prefix_evict(t))
                continue;
            for (uint32_t i = 0; i < h->n; i++)
                page_drop(t->pages, h->page[i]);
            h->n = 0;
            return false;
        }
        h->page[h->n++] = page;
    }
    for (uint32_t i = 0; i < h->n_tok; i++) {
        if (i >= hit.n_full * KV_PAGE_TOK) {
            sh->token[h->page[i / KV_PAGE_TOK]][i % KV_PAGE_TOK] = h->token[i];
            sh->before[h->page[i / KV_PAGE_TOK]][i % KV_PAGE_TOK] = before;
        }
        before = mix(before, h->token[i]);
    }
    return true;
}

static void end(struct prefix *t, struct holder *h)
{
    uint32_t parent = PAGE_NONE;

    for (uint32_t i = 0; i < h->n; i++) {
        uint32_t n = min_u32(KV_PAGE_TOK, h->n_tok - i * KV_PAGE_TOK);
        uint32_t page = prefix_add(t, parent, h->token + i * KV_PAGE_TOK, n, h->page[i]);

        if (n < KV_PAGE_TOK)
            break;
        if (page != h->page[i]) {
            page_ref(t->pages, page);
            page_drop(t->pages, h->page[i]);
            h->page[i] = page;
        }
        parent = page;
    }
    for (uint32_t i = 0; i < h->n; i++)
        page_drop(t->pages, h->page[i]);
    h->n = 0;
}

/* Proves: what a match promises is in the pages, no page is lost or used twice, and everything can
 * be evicted in the end. */
static void random_use_keeps_the_tree_true(void **state)
{
    static struct shadow sh;
    static struct holder holders[6];
    struct pages pages;
    struct prefix t;
    uint32_t n_started = 0, n_hit = 0;

    (void)state;
    assert_int_equal(pages_init(&pages, N_PAGE, NULL), ERR_OK);
    assert_int_equal(prefix_init(&t, &pages, NULL, NULL), ERR_OK);
    for (unsigned round = 0; round < 20000; round++) {
        struct holder *h = &holders[rnd(6)];
        uint32_t n_held = 0, n_ref = 0;

        if (h->n)
            end(&t, h);
        else
            n_started += start(&t, &sh, h);
        for (uint32_t i = 0; i < N_PAGE; i++) {
            n_held += pages.n_ref[i] > 0;
            n_ref += pages.n_ref[i] - (t.node[i].n_tok > 0);
        }
        assert_int_equal(n_held + pages.n_free, N_PAGE);
        for (uint32_t i = 0; i < 6; i++)
            n_ref -= holders[i].n;
        assert_int_equal(n_ref, 0);
    }
    for (uint32_t i = 0; i < 6; i++)
        end(&t, &holders[i]);
    assert_int_equal(pages.n_free + prefix_n_idle(&t), N_PAGE);
    while (prefix_evict(&t))
        n_hit++;
    assert_true(n_hit > 0 && n_started > 1000);
    assert_int_equal(pages.n_free, N_PAGE);
    assert_int_equal(t.first_root, PAGE_NONE);
    prefix_finish(&t);
    pages_finish(&pages);
}

/* Proves: the least recently used leaf goes first, and a longer end replaces a shorter one. */
static void oldest_leaf_goes_first(void **state)
{
    int32_t a[KV_PAGE_TOK] = { 1 }, b[KV_PAGE_TOK] = { 2 };
    uint32_t got[2];
    struct pages pages;
    struct prefix t;
    struct prefix_hit hit;
    uint32_t pa, pb, pc;

    (void)state;
    assert_int_equal(pages_init(&pages, 3, NULL), ERR_OK);
    assert_int_equal(prefix_init(&t, &pages, NULL, NULL), ERR_OK);
    pa = page_take(&pages);
    pb = page_take(&pages);
    pc = page_take(&pages);
    assert_int_equal(prefix_add(&t, PAGE_NONE, a, KV_PAGE_TOK, pa), pa);
    assert_int_equal(prefix_add(&t, PAGE_NONE, b, 10, pb), pb);
    page_drop(&pages, pa);
    page_drop(&pages, pb);
    assert_int_equal(prefix_add(&t, PAGE_NONE, b, 20, pc), pc);
    page_drop(&pages, pc);
    assert_int_equal(pages.n_free, 1);
    hit = prefix_match(&t, a, KV_PAGE_TOK, got);
    assert_int_equal(hit.n_full, 1);
    page_drop(&pages, pa);
    assert_true(prefix_evict(&t));
    assert_int_equal(pages.n_ref[pc], 0);
    assert_int_equal(pages.n_ref[pa], 1);
    prefix_finish(&t);
    pages_finish(&pages);
}

/* Proves: by default four sequences can be full, and all of many can hold a conversation. */
static void default_cache_holds_all_sequences(void **state)
{
    (void)state;
    assert_int_equal(engine_cache_tokens(8192, 1), 8192);
    assert_int_equal(engine_cache_tokens(8192, 4), 4 * 8192);
    assert_int_equal(engine_cache_tokens(8192, 16), 4 * 8192);
    assert_int_equal(engine_cache_tokens(8192, 64), 64 * 1024);
    assert_int_equal(engine_cache_tokens(512, 64), 64 * 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_use_keeps_the_tree_true),
        cmocka_unit_test(oldest_leaf_goes_first),
        cmocka_unit_test(default_cache_holds_all_sequences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
