/* Arena: many small objects that die together. One owner thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct arena_block;

struct arena {
    struct arena_block *_block; /* newest block */
    size_t _used;               /* in the newest block */
    size_t _total;              /* bytes of all blocks */
    size_t _block_bytes, _bytes_max;
    enum mem_kind _kind;
    bool _starved;
};

/* Memory comes in blocks of at least block_bytes; never more than bytes_max in sum. */
void arena_init(struct arena *a, enum mem_kind kind, size_t block_bytes, size_t bytes_max);

/* Frees everything; a zeroed arena is fine. */
void arena_finish(struct arena *a);

/* Zeroed memory aligned to 16 bytes, valid until arena_finish; NULL beyond bytes_max or out of
 * memory. */
void *arena_new(struct arena *a, size_t size);

/* n * size zeroed bytes; NULL also when the product overflows. */
void *arena_new_n(struct arena *a, size_t n, size_t size);

/* A NUL-terminated copy of len bytes. */
char *arena_strndup(struct arena *a, const char *s, size_t len);

/* Was NULL given since arena_init because the system had no memory, not because of bytes_max? */
bool arena_starved(const struct arena *a);

/* Bytes handed out and reserved so far. */
size_t arena_bytes(const struct arena *a);

#endif
