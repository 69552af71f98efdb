/* Reading one GGUF file: header, keys, tensor infos. No byte is trusted: each count is held against
 * the bytes that are left before anything is allocated, so that memory stays a small multiple of
 * the file, and every message names the place. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "formats/gguf_int.h"

/* The least that a key (length, one byte, type, value) and a tensor (length, one byte, number of
 * dimensions, one dimension, type, offset) take. */
#define KEY_BYTES_MIN    14U
#define TENSOR_BYTES_MIN 33U
#define NAMES_BYTES_MAX  ((size_t)256 << 20)

struct reader {
    struct gguf_part *part;
    uint64_t at;
    struct err *e;
};

static unsigned long long ull(uint64_t x)
{
    return (unsigned long long)x;
}

static enum err_code need(struct reader *r, uint64_t n, const char *what)
{
    uint64_t left = r->part->size - r->at;

    if (n <= left && r->at + n <= r->part->n_have)
        return ERR_OK;
    if (n <= left) { /* it is in the file, but not here yet */
        r->part->n_want = r->at + n;
        return err_set(r->e, ERR_LIMIT, "%s: %s at byte %llu lies beyond the %llu bytes read",
                       r->part->path, what, ull(r->at), ull(r->part->n_have));
    }
    return err_set(r->e, ERR_FORMAT,
                   "%s: the file ends inside %s at byte %llu, which needs %llu bytes but %llu are "
                   "left",
                   r->part->path, what, ull(r->at), ull(n), ull(left));
}

static enum err_code take(struct reader *r, void *out, size_t n, const char *what)
{
    enum err_code c = need(r, n, what);

    if (c)
        return c;
    memcpy(out, r->part->base + r->at, n);
    r->at += n;
    return ERR_OK;
}

static enum err_code take_str(struct reader *r, struct gguf_str *s, const char *what)
{
    uint64_t len;
    enum err_code c = take(r, &len, sizeof(len), what);

    if (!c)
        c = need(r, len, what);
    if (c)
        return c;
    s->s = (const char *)r->part->base + r->at;
    s->len = (size_t)len;
    r->at += len;
    return ERR_OK;
}

/* ---- keys ---- */

static enum err_code str_index_grow(struct reader *r, uint64_t more)
{
    struct gguf_part *p = r->part;
    size_t want = p->n_str + (size_t)more;
    uint32_t *grown;

    if (want > UINT32_MAX)
        return err_set(r->e, ERR_LIMIT, "%s: more than %u strings", p->path, UINT32_MAX);
    if (want <= p->cap_str)
        return ERR_OK;
    want = max_size(want, p->cap_str + p->cap_str / 2);
    grown = mem_realloc(MEM_MODEL, p->str_at, want * sizeof(*grown));
    if (!grown)
        return err_set(r->e, ERR_OOM, "%s: no memory to index %zu strings", p->path, want);
    p->str_at = grown;
    p->cap_str = want;
    return ERR_OK;
}

static enum err_code read_str_array(struct reader *r, struct gguf_kv *kv)
{
    struct gguf_part *p = r->part;
    uint64_t first = r->at, bytes;
    struct gguf_str s;
    enum err_code c = ERR_FORMAT;

    if (mul_u64(kv->n, sizeof(uint64_t), &bytes) || (c = need(r, bytes, "an array of strings")))
        return err_set(r->e, c, "%s: an array of %llu strings at byte %llu is longer than the file",
                       p->path, ull(kv->n), ull(first));
    c = str_index_grow(r, kv->n);
    kv->i_first = (uint32_t)p->n_str;
    for (uint64_t i = 0; !c && i < kv->n; i++) {
        if (r->at - first > UINT32_MAX)
            return err_set(r->e, ERR_LIMIT, "%s: the array of strings at byte %llu is over 4 GiB",
                           p->path, ull(first));
        p->str_at[p->n_str++] = (uint32_t)(r->at - first);
        c = take_str(r, &s, "an array of strings");
    }
    return c;
}

static enum err_code read_array(struct reader *r, struct gguf_kv *kv)
{
    uint32_t type;
    uint64_t bytes;
    enum err_code c = take(r, &type, sizeof(type), "an array's type");

    if (!c)
        c = take(r, &kv->n, sizeof(kv->n), "an array's length");
    if (c)
        return c;
    if (type == GGUF_ARR)
        return err_set(r->e, ERR_UNSUPPORTED, "%s: an array of arrays before byte %llu",
                       r->part->path, ull(r->at));
    if (type >= GGUF_TYPE_COUNT)
        return err_set(r->e, ERR_FORMAT, "%s: unknown array type %u before byte %llu",
                       r->part->path, type, ull(r->at));
    kv->arr_type = (enum gguf_type)type;
    kv->data = r->part->base + r->at;
    if (type == GGUF_STR)
        return read_str_array(r, kv);
    if (mul_u64(kv->n, gguf_type_bytes(kv->arr_type), &bytes))
        return err_set(r->e, ERR_FORMAT, "%s: an array of %llu elements before byte %llu",
                       r->part->path, ull(kv->n), ull(r->at));
    c = need(r, bytes, "an array");
    if (!c)
        r->at += bytes;
    return c;
}

static enum err_code read_value(struct reader *r, struct gguf_kv *kv)
{
    struct gguf_str s;
    enum err_code c;

    kv->n = 1;
    kv->arr_type = kv->type;
    kv->data = r->part->base + r->at;
    if (kv->type == GGUF_ARR)
        return read_array(r, kv);
    if (kv->type == GGUF_STR)
        return take_str(r, &s, "a string");
    c = need(r, gguf_type_bytes(kv->type), "a value");
    if (!c)
        r->at += gguf_type_bytes(kv->type);
    return c;
}

static enum err_code read_kv(struct reader *r, struct gguf_kv *kv)
{
    char shown[SHOWN_BYTES];
    uint64_t start = r->at;
    uint32_t type;
    enum err_code c = take_str(r, &kv->key, "a key");

    if (c)
        return c;
    if (kv->key.len == 0)
        return err_set(r->e, ERR_FORMAT, "%s: empty key at byte %llu", r->part->path, ull(start));
    if (kv->key.len > GGUF_KEY_BYTES_MAX)
        return err_set(r->e, ERR_LIMIT, "%s: a key of %zu bytes at byte %llu, limit %u",
                       r->part->path, kv->key.len, ull(start), GGUF_KEY_BYTES_MAX);
    c = take(r, &type, sizeof(type), "a value's type");
    if (!c && type >= GGUF_TYPE_COUNT)
        c = err_set(r->e, ERR_FORMAT, "%s: key %s has unknown type %u", r->part->path,
                    gguf_shown(shown, kv->key.s, kv->key.len), type);
    if (c)
        return c;
    kv->type = (enum gguf_type)type;
    return read_value(r, kv);
}

static enum err_code index_keys(struct reader *r)
{
    struct gguf_part *p = r->part;
    char shown[SHOWN_BYTES];
    uint32_t a, b;

    p->kv_index = mem_alloc_n(MEM_MODEL, p->n_kv, sizeof(*p->kv_index));
    if (!p->kv_index)
        return err_set(r->e, ERR_OOM, "%s: no memory for %zu keys", p->path, p->n_kv);
    for (size_t i = 0; i < p->n_kv; i++)
        p->kv_index[i] =
            (struct gguf_name){ p->kv[i].key.s, (uint32_t)p->kv[i].key.len, (uint32_t)i };
    if (gguf_index_sort(p->kv_index, p->n_kv, &a, &b))
        return err_set(r->e, ERR_FORMAT, "%s: key %s appears twice, as number %u and %u", p->path,
                       gguf_shown(shown, p->kv[a].key.s, p->kv[a].key.len), a, b);
    return ERR_OK;
}

static enum err_code read_keys(struct reader *r, uint64_t n)
{
    struct gguf_part *p = r->part;
    enum err_code c = ERR_OK;

    if (n > (p->size - r->at) / KEY_BYTES_MIN)
        return err_set(r->e, ERR_FORMAT, "%s: %llu keys cannot fit in the %llu bytes after them",
                       p->path, ull(n), ull(p->size - r->at));
    if (n > GGUF_KEYS_MAX)
        return err_set(r->e, ERR_LIMIT, "%s: %llu keys, limit %u", p->path, ull(n), GGUF_KEYS_MAX);
    p->kv = mem_alloc_n(MEM_MODEL, (size_t)n, sizeof(*p->kv));
    if (!p->kv)
        return err_set(r->e, ERR_OOM, "%s: no memory for %llu keys", p->path, ull(n));
    for (; !c && p->n_kv < n; p->n_kv++)
        c = read_kv(r, &p->kv[p->n_kv]);
    return c ? c : index_keys(r);
}

static enum err_code read_alignment(struct reader *r)
{
    struct gguf_part *p = r->part;
    const struct gguf_kv *kv = gguf_part_find(p, GGUF_ALIGN_KEY);

    p->alignment = GGUF_ALIGN_USUAL;
    if (!kv)
        return ERR_OK;
    if (kv->type != GGUF_U32)
        return err_set(r->e, ERR_FORMAT, "%s: %s must be a u32, found %s", p->path, GGUF_ALIGN_KEY,
                       gguf_type_name(kv->type));
    memcpy(&p->alignment, kv->data, sizeof(p->alignment));
    if (p->alignment < GGUF_ALIGN_MIN || p->alignment & (p->alignment - 1))
        return err_set(r->e, ERR_FORMAT, "%s: %s is %u, expected a power of two, 8 or more",
                       p->path, GGUF_ALIGN_KEY, p->alignment);
    return ERR_OK;
}

/* ---- tensors ---- */

static enum err_code read_dims(struct reader *r, struct gguf_tensor *t)
{
    uint64_t elements = 1;
    enum err_code c = take(r, &t->n_dims, sizeof(t->n_dims), "a tensor's number of dimensions");

    if (c)
        return c;
    if (t->n_dims < 1 || t->n_dims > GGUF_DIMS_MAX)
        return err_set(r->e, ERR_FORMAT, "%s: tensor %s has %u dimensions, expected 1 to %u",
                       r->part->path, t->name, t->n_dims, GGUF_DIMS_MAX);
    for (uint32_t i = 0; i < GGUF_DIMS_MAX; i++) {
        t->ne[i] = 1;
        if (i < t->n_dims)
            c = take(r, &t->ne[i], sizeof(t->ne[i]), "a tensor's dimensions");
        if (c)
            return c;
        if (t->ne[i] == 0 || mul_u64(elements, t->ne[i], &elements) || elements > INT64_MAX)
            return err_set(r->e, ERR_FORMAT,
                           "%s: dimension %u of tensor %s is %llu: zero, or too large together",
                           r->part->path, i, t->name, ull(t->ne[i]));
    }
    return ERR_OK;
}

static enum err_code read_tensor_name(struct reader *r, struct gguf_tensor *t)
{
    char shown[SHOWN_BYTES];
    struct gguf_str s;
    uint64_t start = r->at;
    enum err_code c = take_str(r, &s, "a tensor's name");

    if (c)
        return c;
    if (s.len == 0 || s.len >= GGUF_NAME_BYTES_MAX)
        return err_set(r->e, ERR_FORMAT,
                       "%s: the tensor name at byte %llu has %zu bytes, expected 1 to %u",
                       r->part->path, ull(start), s.len, GGUF_NAME_BYTES_MAX - 1);
    if (memchr(s.s, 0, s.len))
        return err_set(r->e, ERR_FORMAT, "%s: tensor name %s contains a zero byte", r->part->path,
                       gguf_shown(shown, s.s, s.len));
    t->name = arena_strndup(&r->part->names, s.s, s.len);
    if (!t->name)
        return err_set(r->e, ERR_OOM, "%s: no memory for tensor names", r->part->path);
    return ERR_OK;
}

/* The offset stays relative to the data until place_tensors. */
static enum err_code read_tensor(struct reader *r, struct gguf_tensor *t)
{
    const struct dtype_info *info;
    enum err_code c = read_tensor_name(r, t);

    if (!c)
        c = read_dims(r, t);
    if (!c)
        c = take(r, &t->type, sizeof(t->type), "a tensor's type");
    if (!c)
        c = take(r, &t->offset, sizeof(t->offset), "a tensor's offset");
    if (c)
        return c;
    info = dtype_info(t->type);
    if (!info)
        return err_set(r->e, ERR_UNSUPPORTED, "%s: tensor %s has unknown type %u", r->part->path,
                       t->name, t->type);
    if (t->ne[0] % info->block_n)
        return err_set(r->e, ERR_FORMAT,
                       "%s: rows of tensor %s have %llu elements, no multiple of %s's block of %u",
                       r->part->path, t->name, ull(t->ne[0]), info->name, info->block_n);
    return dtype_bytes(t->type, t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3], &t->bytes, r->e);
}

static enum err_code read_tensors(struct reader *r, uint64_t n)
{
    struct gguf_part *p = r->part;
    enum err_code c = ERR_OK;

    if (n > (p->size - r->at) / TENSOR_BYTES_MIN)
        return err_set(r->e, ERR_FORMAT, "%s: %llu tensors cannot fit in the %llu bytes after them",
                       p->path, ull(n), ull(p->size - r->at));
    if (n > GGUF_TENSORS_MAX)
        return err_set(r->e, ERR_LIMIT, "%s: %llu tensors, limit %u", p->path, ull(n),
                       GGUF_TENSORS_MAX);
    p->tensors = mem_alloc_n(MEM_MODEL, (size_t)n, sizeof(*p->tensors));
    if (!p->tensors)
        return err_set(r->e, ERR_OOM, "%s: no memory for %llu tensors", p->path, ull(n));
    for (; !c && p->n_tensor < n; p->n_tensor++)
        c = read_tensor(r, &p->tensors[p->n_tensor]);
    return c;
}

static enum err_code place_tensor(struct reader *r, struct gguf_tensor *t)
{
    struct gguf_part *p = r->part;
    uint64_t end;

    if (t->offset % p->alignment)
        return err_set(r->e, ERR_FORMAT, "%s: tensor %s has offset %llu, no multiple of %u",
                       p->path, t->name, ull(t->offset), p->alignment);
    if (add_u64(t->offset, p->data_start, &t->offset) || add_u64(t->offset, t->bytes, &end))
        return err_set(r->e, ERR_FORMAT, "%s: the offset of tensor %s overflows", p->path, t->name);
    if (end > p->size)
        return err_set(r->e, ERR_FORMAT,
                       "%s: tensor %s ends at byte %llu, but the file has %llu bytes: it is cut "
                       "off or not fully downloaded",
                       p->path, t->name, ull(end), ull(p->size));
    t->data = p->head ? NULL : p->base + t->offset;
    return ERR_OK;
}

static int by_offset(const void *a, const void *b)
{
    const struct gguf_tensor *x = *(const struct gguf_tensor *const *)a;
    const struct gguf_tensor *y = *(const struct gguf_tensor *const *)b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static enum err_code check_overlap(struct reader *r)
{
    struct gguf_part *p = r->part;
    const struct gguf_tensor **sorted = mem_alloc_n(MEM_MODEL, p->n_tensor, sizeof(void *));
    enum err_code c = ERR_OK;

    if (!sorted)
        return err_set(r->e, ERR_OOM, "%s: no memory for %zu tensors", p->path, p->n_tensor);
    for (size_t i = 0; i < p->n_tensor; i++)
        sorted[i] = &p->tensors[i];
    qsort(sorted, p->n_tensor, sizeof(void *), by_offset);
    for (size_t i = 1; !c && i < p->n_tensor; i++) {
        if (sorted[i]->offset < sorted[i - 1]->offset + sorted[i - 1]->bytes)
            c = err_set(r->e, ERR_FORMAT, "%s: tensors %s and %s overlap at byte %llu", p->path,
                        sorted[i - 1]->name, sorted[i]->name, ull(sorted[i]->offset));
    }
    mem_free(sorted);
    return c;
}

static enum err_code place_tensors(struct reader *r)
{
    struct gguf_part *p = r->part;
    enum err_code c = ERR_OK;

    /* Writers leave the padding away when nothing follows it. */
    if (align_up_u64(r->at, p->alignment, &p->data_start) || p->data_start > p->size)
        p->data_start = p->size;
    if (p->n_tensor && p->data_start % p->alignment)
        return err_set(r->e, ERR_FORMAT,
                       "%s: the file ends at byte %llu, where tensor data should begin: it is cut "
                       "off or not fully downloaded",
                       p->path, ull(p->size));
    for (size_t i = 0; !c && i < p->n_tensor; i++)
        c = place_tensor(r, &p->tensors[i]);
    return c ? c : check_overlap(r);
}

/* ---- the whole ---- */

static enum err_code read_version(struct reader *r)
{
    struct gguf_part *p = r->part;
    enum err_code c;

    if (p->size == 0)
        return err_set(r->e, ERR_FORMAT, "%s: the file is empty", p->path);
    c = need(r, 4, "the magic");
    if (c)
        return c;
    if (memcmp(p->base, GGUF_MAGIC, 4) != 0)
        return err_set(r->e, ERR_FORMAT, "%s: not a GGUF file: it begins with %02x %02x %02x %02x",
                       p->path, p->base[0], p->base[1], p->base[2], p->base[3]);
    r->at = 4;
    c = take(r, &p->version, sizeof(p->version), "the version");
    if (c || p->version == 2 || p->version == 3)
        return c;
    if ((p->version & 0xFFFF) == 0 && p->version)
        return err_set(r->e, ERR_UNSUPPORTED, "%s: a big-endian GGUF file", p->path);
    return err_set(r->e, ERR_UNSUPPORTED, "%s: GGUF version %u, expected 2 or 3", p->path,
                   p->version);
}

enum err_code gguf_part_read(struct gguf_part *part, struct err *e)
{
    struct reader r = { .part = part, .e = e };
    uint64_t n_tensor = 0, n_kv = 0;
    enum err_code c;

    arena_init(&part->names, MEM_MODEL, 4096, NAMES_BYTES_MAX);
    c = read_version(&r);
    if (!c)
        c = take(&r, &n_tensor, sizeof(n_tensor), "the number of tensors");
    if (!c)
        c = take(&r, &n_kv, sizeof(n_kv), "the number of keys");
    if (!c)
        c = read_keys(&r, n_kv);
    if (!c)
        c = read_alignment(&r);
    if (!c)
        c = read_tensors(&r, n_tensor);
    return c ? c : place_tensors(&r);
}

void gguf_part_drop_keys(struct gguf_part *part)
{
    mem_free(part->kv);
    mem_free(part->kv_index);
    mem_free(part->str_at);
    part->kv = NULL;
    part->kv_index = NULL;
    part->str_at = NULL;
    part->n_kv = part->n_str = part->cap_str = 0;
}

void gguf_part_forget(struct gguf_part *part)
{
    gguf_part_drop_keys(part);
    mem_free(part->tensors);
    part->tensors = NULL;
    part->n_tensor = 0;
    arena_finish(&part->names);
}

void gguf_part_finish(struct gguf_part *part)
{
    gguf_part_forget(part);
    mem_free(part->head);
    file_unmap(&part->map);
    memset(part, 0, sizeof(*part));
}
