/* Arena allocation in growing blocks. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"

#define ARENA_ALIGN 16U

struct arena_block {
    struct arena_block *older;
    size_t size;
};

#define BLOCK_HEAD ((sizeof(struct arena_block) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN)

void arena_init(struct arena *a, enum mem_kind kind, size_t block_bytes, size_t bytes_max)
{
    *a = (struct arena){ ._block_bytes = block_bytes, ._bytes_max = bytes_max, ._kind = kind };
}

void arena_finish(struct arena *a)
{
    struct arena_block *b = a->_block;

    while (b) {
        struct arena_block *older = b->older;

        mem_free(b);
        b = older;
    }
    a->_block = NULL;
    a->_used = 0;
    a->_total = 0;
}

static bool grow(struct arena *a, size_t size)
{
    size_t want = max_size(size, a->_block_bytes), total, bytes;
    struct arena_block *b;

    if (add_size(a->_total, size, &total) || total > a->_bytes_max)
        return false;
    want = min_size(want, a->_bytes_max - a->_total);
    if (add_size(want, BLOCK_HEAD, &bytes))
        return false;
    b = mem_alloc_zero(a->_kind, bytes);
    if (!b) {
        a->_starved = true;
        return false;
    }
    b->older = a->_block;
    b->size = want;
    a->_block = b;
    a->_used = 0;
    a->_total += want;
    return true;
}

void *arena_new(struct arena *a, size_t size)
{
    unsigned char *p;

    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = round_up(size ? size : 1, ARENA_ALIGN);
    if ((!a->_block || size > a->_block->size - a->_used) && !grow(a, size))
        return NULL;
    p = (unsigned char *)a->_block + BLOCK_HEAD + a->_used;
    a->_used += size;
    return p;
}

void *arena_new_n(struct arena *a, size_t n, size_t size)
{
    size_t total;

    if (mul_size(n, size, &total))
        return NULL;
    return arena_new(a, total);
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *copy;

    if (len == SIZE_MAX)
        return NULL;
    copy = arena_new(a, len + 1);
    if (copy && len)
        memcpy(copy, s, len);
    return copy;
}

bool arena_starved(const struct arena *a)
{
    return a->_starved;
}

size_t arena_bytes(const struct arena *a)
{
    return a->_total;
}
