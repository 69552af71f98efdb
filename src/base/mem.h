/* Heap memory, counted by what it is for. The only caller of malloc in the tree.
 *
 * Every function returns NULL when the system (or a test) refuses; nothing aborts. Any thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

enum mem_kind {
    MEM_MODEL,   /* tables of a loaded model, tokenizers, templates */
    MEM_WEIGHTS, /* repacked or uploaded weights                    */
    MEM_KV,      /* caches and recurrent state                      */
    MEM_SCRATCH, /* activations and work buffers                    */
    MEM_REQUEST, /* one question                                    */
    MEM_OTHER,
    MEM_KIND_COUNT
};

#define MEM_ALIGN 64U /* every block starts on a cache line: vectors never straddle its start */

/* size bytes (0 gives a valid, unreadable pointer), uninitialised, aligned to MEM_ALIGN. */
void *mem_alloc(enum mem_kind kind, size_t size);

/* The same, zeroed. Large blocks come as untouched pages. */
void *mem_alloc_zero(enum mem_kind kind, size_t size);

/* n * size zeroed bytes, or NULL when the product overflows. */
void *mem_alloc_n(enum mem_kind kind, size_t n, size_t size);

/* Grows or shrinks ptr (NULL allocates); on NULL the old block stays valid. */
void *mem_realloc(enum mem_kind kind, void *ptr, size_t size);

/* A NUL-terminated copy of len bytes. */
char *mem_strndup(enum mem_kind kind, const char *s, size_t len);

/* NULL is fine. */
void mem_free(void *ptr);

/* Bytes in use now, and the most since start. */
size_t mem_in_use(enum mem_kind kind);
const char *mem_kind_name(enum mem_kind kind);

/* For wrapped libraries that make many tiny blocks: the plain heap, without head and count, but
 * refused when tests say so. */
void *mem_plain_alloc(size_t size);
void mem_plain_free(void *ptr);

/* Tests: fails the n-th allocation from now (1 = the next) and every one after it when `all_after`;
 * 0 switches it off. Returns how many allocations were made since the last call. */
uint64_t mem_fail_at(uint64_t n, int all_after);

#endif
