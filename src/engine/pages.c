/* Pages of the cache: a free list and reference counts. */
#include "base/check.h"
#include "base/mem.h"
#include "engine/cache_int.h"

enum err_code pages_init(struct pages *p, uint32_t n, struct err *e)
{
    *p = (struct pages){ .n = n, .n_free = n };
    CHECK(n <= PAGES_MAX);
    p->free_list = mem_alloc_n(MEM_KV, n, sizeof(*p->free_list));
    p->n_ref = mem_alloc_n(MEM_KV, n, sizeof(*p->n_ref));
    if (!p->free_list || !p->n_ref) {
        pages_finish(p);
        return err_set(e, ERR_OOM, "no memory for the tables of %u cache pages", n);
    }
    for (uint32_t i = 0; i < n; i++)
        p->free_list[i] = n - 1 - i;
    return ERR_OK;
}

void pages_finish(struct pages *p)
{
    mem_free(p->free_list);
    mem_free(p->n_ref);
    *p = (struct pages){ 0 };
}

uint32_t page_take(struct pages *p)
{
    uint32_t page;

    if (p->n_free == 0)
        return PAGE_NONE;
    page = p->free_list[--p->n_free];
    CHECK(p->n_ref[page] == 0);
    p->n_ref[page] = 1;
    return page;
}

void page_ref(struct pages *p, uint32_t page)
{
    CHECK(page < p->n && p->n_ref[page] > 0);
    p->n_ref[page]++;
}

void page_drop(struct pages *p, uint32_t page)
{
    CHECK(page < p->n && p->n_ref[page] > 0);
    if (--p->n_ref[page] == 0)
        p->free_list[p->n_free++] = page;
}
