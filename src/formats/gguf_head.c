/* The bytes of one file: mapped whole, or its head alone read into memory of ours.
 *
 * How long a head is only reading it shows. It is read from the start with more and more bytes
 * until it ends inside them: what was understood before is worth little, as its pointers go with
 * the memory that has become too small. */
#include "base/mem.h"
#include "base/num.h"
#include "formats/gguf_int.h"

#define HEAD_BYTES_FIRST (256U << 10)
#define HEAD_GROWTH      4U

static enum err_code map_part(struct gguf_part *p, struct err *e)
{
    enum err_code c = file_map(&p->map, p->path, e);

    if (c)
        return c;
    p->base = p->map.base;
    p->size = p->n_have = p->map.size;
    return gguf_part_read(p, e);
}

/* The first n bytes of the file; fewer when somebody has shortened it. */
static enum err_code fetch(struct gguf_part *p, const struct file_in *f, uint64_t n, struct err *e)
{
    uint8_t *larger = mem_realloc(MEM_MODEL, p->head, max_size((size_t)n, 1));
    size_t got;
    enum err_code c;

    if (!larger)
        return err_set(e, ERR_OOM, "%s: no memory for a head of %llu bytes", p->path,
                       (unsigned long long)n);
    p->head = larger;
    p->base = larger;
    c = file_in_read(f, p->n_have, larger + p->n_have, (size_t)(n - p->n_have), &got, e);
    p->n_have += got;
    if (p->n_have < n)
        p->size = p->n_have;
    return c;
}

static enum err_code read_head(struct gguf_part *p, const struct file_in *f, struct err *e)
{
    const uint64_t most = f->size < GGUF_HEAD_BYTES_MAX ? f->size : GGUF_HEAD_BYTES_MAX;
    uint64_t n = HEAD_BYTES_FIRST;
    enum err_code c;

    p->size = f->size;
    for (;;) {
        n = n < most ? n : most;
        c = fetch(p, f, n, e);
        if (c)
            return c;
        p->n_want = 0;
        c = gguf_part_read(p, e);
        if (!c || !p->n_want)
            return c;
        if (p->n_want > most)
            return err_set(e, ERR_LIMIT, "%s: its head has %llu bytes or more, limit %u", p->path,
                           (unsigned long long)p->n_want, GGUF_HEAD_BYTES_MAX);
        gguf_part_forget(p);
        n = n * HEAD_GROWTH > p->n_want ? n * HEAD_GROWTH : p->n_want;
    }
}

enum err_code gguf_part_open(struct gguf_part *p, bool head_only, struct err *e)
{
    struct file_in f;
    enum err_code c;

    if (!head_only)
        return map_part(p, e);
    c = file_in_open(&f, p->path, e);
    if (c)
        return c;
    c = read_head(p, &f, e);
    file_in_close(&f);
    return c;
}
