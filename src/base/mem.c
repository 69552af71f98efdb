/* Counted allocation. A 64-byte head in front of each block keeps its size and kind, so that the
 * block itself stays aligned to a cache line. */
#include "base/mem.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"

struct head {
    void *start; /* what malloc gave */
    size_t size;
    uint32_t kind;
    uint32_t guard; /* catches a foreign or doubly freed pointer */
};

#define HEAD_GUARD 0x48656172U
static_assert(sizeof(struct head) <= MEM_ALIGN, "the head must fit in front of a block");

static atomic_size_t in_use[MEM_KIND_COUNT];
static atomic_ullong fail_count, fail_at;
static atomic_int fail_all_after;

static bool told_to_fail(void)
{
    unsigned long long n = atomic_fetch_add(&fail_count, 1) + 1;
    unsigned long long at = atomic_load(&fail_at);

    return at && (n == at || (n > at && atomic_load(&fail_all_after)));
}

uint64_t mem_fail_at(uint64_t n, int all_after)
{
    uint64_t made = atomic_exchange(&fail_count, 0);

    atomic_store(&fail_at, n);
    atomic_store(&fail_all_after, all_after);
    return made;
}

static struct head *head_of(void *ptr)
{
    struct head *h = (struct head *)(void *)((unsigned char *)ptr - MEM_ALIGN);

    CHECK(h->guard == HEAD_GUARD);
    return h;
}

static void *block_at(void *start, size_t size, enum mem_kind kind)
{
    uintptr_t at = ((uintptr_t)start + MEM_ALIGN + MEM_ALIGN - 1) / MEM_ALIGN * MEM_ALIGN;
    unsigned char *block = (unsigned char *)start + (at - (uintptr_t)start);
    struct head *h = (struct head *)(void *)(block - MEM_ALIGN);

    *h = (struct head){ .start = start, .size = size, .kind = kind, .guard = HEAD_GUARD };
    atomic_fetch_add(&in_use[kind], size);
    return block;
}

static void *alloc(enum mem_kind kind, size_t size, bool zero)
{
    size_t total;
    void *start;

    CHECK((unsigned)kind < MEM_KIND_COUNT);
    if (told_to_fail() || add_size(size, 2 * MEM_ALIGN, &total))
        return NULL;
    start = zero ? calloc(1, total) : malloc(total);
    return start ? block_at(start, size, kind) : NULL;
}

void *mem_alloc(enum mem_kind kind, size_t size)
{
    return alloc(kind, size, false);
}

void *mem_alloc_zero(enum mem_kind kind, size_t size)
{
    return alloc(kind, size, true);
}

void *mem_alloc_n(enum mem_kind kind, size_t n, size_t size)
{
    size_t total;

    if (mul_size(n, size, &total))
        return NULL;
    return alloc(kind, total, true);
}

void *mem_realloc(enum mem_kind kind, void *ptr, size_t size)
{
    void *grown = alloc(kind, size, false);

    if (!grown || !ptr)
        return grown;
    memcpy(grown, ptr, min_size(size, head_of(ptr)->size));
    mem_free(ptr);
    return grown;
}

char *mem_strndup(enum mem_kind kind, const char *s, size_t len)
{
    char *copy;

    if (len == SIZE_MAX)
        return NULL;
    copy = mem_alloc(kind, len + 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

void mem_free(void *ptr)
{
    struct head *h;

    if (!ptr)
        return;
    h = head_of(ptr);
    atomic_fetch_sub(&in_use[h->kind], h->size);
    h->guard = 0;
    free(h->start);
}

void *mem_plain_alloc(size_t size)
{
    return told_to_fail() ? NULL : malloc(size ? size : 1);
}

void mem_plain_free(void *ptr)
{
    free(ptr);
}

size_t mem_in_use(enum mem_kind kind)
{
    return atomic_load(&in_use[kind]);
}

const char *mem_kind_name(enum mem_kind kind)
{
    static const char *const names[MEM_KIND_COUNT] = {
        [MEM_MODEL] = "model",     [MEM_WEIGHTS] = "weights", [MEM_KV] = "kv",
        [MEM_SCRATCH] = "scratch", [MEM_REQUEST] = "request", [MEM_OTHER] = "other",
    };

    return names[kind];
}
