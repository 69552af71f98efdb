/* An open GGUF model: opening, closing, lookups. gguf_read.c checks the bytes of one file,
 * gguf_split.c joins several, gguf_get.c converts values. */
#include "formats/gguf.h"

#include <stdlib.h>
#include <string.h>

#include "formats/gguf_int.h"

#define MEMORY_ALIGN 8U /* of a model in memory: GGUF aligns its tensors within the file only */

const char *gguf_shown(char out[SHOWN_BYTES], const char *s, size_t len)
{
    size_t n = len < SHOWN_BYTES - 1 ? len : SHOWN_BYTES - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
    out[n] = '\0';
    if (n < len)
        memcpy(out + n - 3, "...", 3);
    return out;
}

static int compare(const char *a, size_t len_a, const char *b, size_t len_b)
{
    if (len_a != len_b)
        return len_a < len_b ? -1 : 1;
    return len_a ? memcmp(a, b, len_a) : 0;
}

static int by_name(const void *a, const void *b)
{
    const struct gguf_name *x = a, *y = b;

    return compare(x->s, x->len, y->s, y->len);
}

bool gguf_index_sort(struct gguf_name *index, size_t n, uint32_t *a, uint32_t *b)
{
    qsort(index, n, sizeof(*index), by_name);
    for (size_t i = 1; i < n; i++) {
        if (by_name(&index[i - 1], &index[i]) == 0) {
            *a = index[i - 1].i;
            *b = index[i].i;
            return true;
        }
    }
    return false;
}

int64_t gguf_index_find(const struct gguf_name *index, size_t n, const char *name)
{
    size_t len = strlen(name), low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;
        int order = compare(index[middle].s, index[middle].len, name, len);

        if (order == 0)
            return index[middle].i;
        if (order < 0)
            low = middle + 1;
        else
            n = middle;
    }
    return -1;
}

const struct gguf_kv *gguf_part_find(const struct gguf_part *part, const char *key)
{
    int64_t i = gguf_index_find(part->kv_index, part->n_kv, key);

    return i < 0 ? NULL : &part->kv[i];
}

/* All parts' tensors in one array, the first part's first, and their index. */
static enum err_code join_tensors(struct gguf *g, struct err *e)
{
    uint32_t a, b;

    for (uint32_t i = 0; i < g->n_part; i++)
        g->n_tensor += g->parts[i].n_tensor;
    g->tensors = mem_alloc_n(MEM_MODEL, g->n_tensor, sizeof(*g->tensors));
    g->tensor_index = mem_alloc_n(MEM_MODEL, g->n_tensor, sizeof(*g->tensor_index));
    if (!g->tensors || !g->tensor_index)
        return err_set(e, ERR_OOM, "%s: no memory for %zu tensors", g->path, g->n_tensor);

    for (uint32_t i = 0, n = 0; i < g->n_part; i++) {
        struct gguf_part *p = &g->parts[i];

        for (size_t k = 0; k < p->n_tensor; k++, n++) {
            g->tensors[n] = p->tensors[k];
            g->tensors[n].i_file = i;
            g->tensor_index[n] =
                (struct gguf_name){ p->tensors[k].name, (uint32_t)strlen(p->tensors[k].name), n };
        }
        mem_free(p->tensors);
        p->tensors = NULL;
    }
    if (gguf_index_sort(g->tensor_index, g->n_tensor, &a, &b))
        return err_set(e, ERR_FORMAT, "%s: tensor %s appears twice, as number %u and %u", g->path,
                       g->tensors[a].name, a, b);
    return ERR_OK;
}

static struct gguf *new_gguf(const char *path)
{
    struct gguf *g = mem_alloc_zero(MEM_MODEL, sizeof(*g));

    if (!g)
        return NULL;
    g->path = mem_strndup(MEM_MODEL, path, strlen(path));
    g->parts = mem_alloc_zero(MEM_MODEL, sizeof(*g->parts));
    if (g->path && g->parts) {
        g->n_part = 1;
        g->parts[0].path = g->path;
        return g;
    }
    mem_free(g->path);
    mem_free(g->parts);
    mem_free(g);
    return NULL;
}

/* After parts[0] was read, with c. */
static enum err_code finish_open(struct gguf **out, struct gguf *g, enum err_code c, struct err *e)
{
    if (!c)
        c = gguf_split_open(g, e);
    if (!c)
        c = join_tensors(g, e);
    if (c) {
        gguf_close(g);
        return c;
    }
    *out = g;
    return ERR_OK;
}

static enum err_code open_file(struct gguf **out, const char *path, bool head_only, struct err *e)
{
    struct gguf *g = new_gguf(path);
    enum err_code c;

    *out = NULL;
    if (!g)
        return err_set(e, ERR_OOM, "%s: no memory to open it", path);
    g->is_file = true;
    g->head_only = head_only;
    c = gguf_part_open(&g->parts[0], head_only, e);
    return finish_open(out, g, c, e);
}

enum err_code gguf_open(struct gguf **out, const char *path, struct err *e)
{
    return open_file(out, path, false, e);
}

enum err_code gguf_open_head(struct gguf **out, const char *path, struct err *e)
{
    return open_file(out, path, true, e);
}

enum err_code gguf_open_memory(struct gguf **out, const void *data, size_t size, const char *name,
                               struct err *e)
{
    struct gguf *g;

    *out = NULL;
    if ((uintptr_t)data % MEMORY_ALIGN)
        return err_set(e, ERR_ARG, "%s: a model in memory must be aligned to %u bytes", name,
                       MEMORY_ALIGN);
    g = new_gguf(name);
    if (!g)
        return err_set(e, ERR_OOM, "%s: no memory to open it", name);
    g->parts[0].base = data;
    g->parts[0].size = g->parts[0].n_have = size;
    return finish_open(out, g, gguf_part_read(&g->parts[0], e), e);
}

void gguf_close(struct gguf *g)
{
    if (!g)
        return;
    for (uint32_t i = 0; i < g->n_part; i++)
        gguf_part_finish(&g->parts[i]);
    mem_free(g->parts);
    mem_free(g->tensors);
    mem_free(g->tensor_index);
    mem_free(g->path);
    mem_free(g);
}

uint32_t gguf_version(const struct gguf *g)
{
    return g->parts[0].version;
}

const char *gguf_path(const struct gguf *g)
{
    return g->path;
}

uint32_t gguf_n_files(const struct gguf *g)
{
    return g->n_part;
}

uint64_t gguf_bytes(const struct gguf *g)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < g->n_part; i++)
        bytes += g->parts[i].size;
    return bytes;
}

uint64_t gguf_data_start(const struct gguf *g)
{
    return g->parts[0].data_start;
}

uint32_t gguf_alignment(const struct gguf *g)
{
    return g->parts[0].alignment;
}

size_t gguf_n_kv(const struct gguf *g)
{
    return g->parts[0].n_kv;
}

const struct gguf_kv *gguf_kv_at(const struct gguf *g, size_t i)
{
    return i < g->parts[0].n_kv ? &g->parts[0].kv[i] : NULL;
}

const struct gguf_kv *gguf_find(const struct gguf *g, const char *key)
{
    return gguf_part_find(&g->parts[0], key);
}

size_t gguf_n_tensor(const struct gguf *g)
{
    return g->n_tensor;
}

const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i)
{
    return i < g->n_tensor ? &g->tensors[i] : NULL;
}

const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name)
{
    int64_t i = gguf_index_find(g->tensor_index, g->n_tensor, name);

    return i < 0 ? NULL : &g->tensors[i];
}

void gguf_will_need(const struct gguf *g, const struct gguf_tensor *t)
{
    const struct gguf_part *p = &g->parts[t->i_file];

    if (p->map.base)
        file_map_will_need(&p->map, (size_t)t->offset, (size_t)t->bytes);
}

void gguf_dont_need(const struct gguf *g, const struct gguf_tensor *t)
{
    const struct gguf_part *p = &g->parts[t->i_file];

    if (p->map.base)
        file_map_dont_need(&p->map, (size_t)t->offset, (size_t)t->bytes);
}
