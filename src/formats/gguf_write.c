/* Writing GGUF v3. Keys and tensor infos are collected in memory, because the header begins with
 * their numbers; the header goes out before the first byte of tensor data. The file appears under
 * its name only when it is complete. */
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "formats/gguf_int.h"

#define VERSION        3U
#define HEAD_BYTES_MAX ((size_t)2 << 30)

struct gguf_out {
    struct file_out *file;
    struct buf keys, infos;
    uint64_t n_kv, n_tensor;
    uint32_t alignment;
    struct buf sizes;  /* uint64_t per tensor: bytes without padding */
    uint64_t data_end; /* of the tensors declared so far, from the data's start */
    bool head_written;
    uint64_t i_now, n_now; /* tensor whose data comes next, bytes of it written */
};

enum err_code gguf_out_open(struct gguf_out **out, const char *path, struct err *e)
{
    struct gguf_out *o = mem_alloc_zero(MEM_OTHER, sizeof(*o));
    enum err_code c;

    *out = NULL;
    if (!o)
        return err_set(e, ERR_OOM, "%s: no memory to write it", path);
    buf_init(&o->keys, MEM_OTHER, HEAD_BYTES_MAX);
    buf_init(&o->infos, MEM_OTHER, HEAD_BYTES_MAX);
    buf_init(&o->sizes, MEM_OTHER, GGUF_TENSORS_MAX * sizeof(uint64_t));
    o->alignment = GGUF_ALIGN_USUAL;
    c = file_out_open(&o->file, path, e);
    if (c) {
        gguf_out_abandon(o);
        return c;
    }
    *out = o;
    return ERR_OK;
}

void gguf_out_abandon(struct gguf_out *o)
{
    if (!o)
        return;
    file_out_abandon(o->file);
    buf_finish(&o->keys);
    buf_finish(&o->infos);
    buf_finish(&o->sizes);
    mem_free(o);
}

static void add_str(struct buf *b, const char *s, size_t len)
{
    uint64_t n = len;

    (void)buf_add(b, &n, sizeof(n));
    (void)buf_add(b, s, len);
}

/* Key and type; the value follows. */
static enum err_code begin_key(struct gguf_out *o, const char *key, size_t len, enum gguf_type type,
                               struct err *e)
{
    uint32_t t = type;

    if (o->n_tensor || o->head_written)
        return err_set(e, ERR_ARG, "key %s comes after the first tensor", key);
    if (len == 0 || len > GGUF_KEY_BYTES_MAX)
        return err_set(e, ERR_ARG, "a key of %zu bytes, expected 1 to %u", len, GGUF_KEY_BYTES_MAX);
    add_str(&o->keys, key, len);
    (void)buf_add(&o->keys, &t, sizeof(t));
    o->n_kv++;
    return ERR_OK;
}

static enum err_code scalar(struct gguf_out *o, const char *key, enum gguf_type type,
                            const void *value, struct err *e)
{
    enum err_code c = begin_key(o, key, strlen(key), type, e);

    if (c)
        return c;
    (void)buf_add(&o->keys, value, gguf_type_bytes(type));
    return buf_check(&o->keys, "the keys of a GGUF file", e);
}

static enum err_code set_alignment(struct gguf_out *o, uint32_t v, struct err *e)
{
    if (v < GGUF_ALIGN_MIN || v & (v - 1))
        return err_set(e, ERR_ARG, "%s is %u, expected a power of two, 8 or more", GGUF_ALIGN_KEY,
                       v);
    o->alignment = v;
    return ERR_OK;
}

enum err_code gguf_out_u16(struct gguf_out *o, const char *key, uint16_t v, struct err *e)
{
    return scalar(o, key, GGUF_U16, &v, e);
}

enum err_code gguf_out_u32(struct gguf_out *o, const char *key, uint32_t v, struct err *e)
{
    enum err_code c = strcmp(key, GGUF_ALIGN_KEY) == 0 ? set_alignment(o, v, e) : ERR_OK;

    return c ? c : scalar(o, key, GGUF_U32, &v, e);
}

enum err_code gguf_out_u64(struct gguf_out *o, const char *key, uint64_t v, struct err *e)
{
    return scalar(o, key, GGUF_U64, &v, e);
}

enum err_code gguf_out_i32(struct gguf_out *o, const char *key, int32_t v, struct err *e)
{
    return scalar(o, key, GGUF_I32, &v, e);
}

enum err_code gguf_out_f32(struct gguf_out *o, const char *key, float v, struct err *e)
{
    return scalar(o, key, GGUF_F32, &v, e);
}

enum err_code gguf_out_bool(struct gguf_out *o, const char *key, bool v, struct err *e)
{
    uint8_t byte = v;

    return scalar(o, key, GGUF_BOOL, &byte, e);
}

enum err_code gguf_out_str(struct gguf_out *o, const char *key, const char *s, size_t len,
                           struct err *e)
{
    enum err_code c = begin_key(o, key, strlen(key), GGUF_STR, e);

    if (c)
        return c;
    add_str(&o->keys, s, len);
    return buf_check(&o->keys, "the keys of a GGUF file", e);
}

static enum err_code begin_array(struct gguf_out *o, const char *key, enum gguf_type type, size_t n,
                                 struct err *e)
{
    enum err_code c = begin_key(o, key, strlen(key), GGUF_ARR, e);
    uint32_t t = type;
    uint64_t count = n;

    if (c)
        return c;
    (void)buf_add(&o->keys, &t, sizeof(t));
    (void)buf_add(&o->keys, &count, sizeof(count));
    return ERR_OK;
}

/* An array whose elements lie in memory as they do in the file. */
static enum err_code plain_array(struct gguf_out *o, const char *key, enum gguf_type type,
                                 const struct gguf_str *bytes, struct err *e)
{
    enum err_code c = begin_array(o, key, type, bytes->len / gguf_type_bytes(type), e);

    if (c)
        return c;
    (void)buf_add(&o->keys, bytes->s, bytes->len);
    return buf_check(&o->keys, "the keys of a GGUF file", e);
}

enum err_code gguf_out_arr_i32(struct gguf_out *o, const char *key, const int32_t *v, size_t n,
                               struct err *e)
{
    struct gguf_str bytes = { (const char *)v, n * sizeof(*v) };

    return plain_array(o, key, GGUF_I32, &bytes, e);
}

enum err_code gguf_out_arr_u32(struct gguf_out *o, const char *key, const uint32_t *v, size_t n,
                               struct err *e)
{
    struct gguf_str bytes = { (const char *)v, n * sizeof(*v) };

    return plain_array(o, key, GGUF_U32, &bytes, e);
}

enum err_code gguf_out_arr_f32(struct gguf_out *o, const char *key, const float *v, size_t n,
                               struct err *e)
{
    struct gguf_str bytes = { (const char *)v, n * sizeof(*v) };

    return plain_array(o, key, GGUF_F32, &bytes, e);
}

enum err_code gguf_out_arr_bool(struct gguf_out *o, const char *key, const bool *v, size_t n,
                                struct err *e)
{
    enum err_code c = begin_array(o, key, GGUF_BOOL, n, e);

    for (size_t i = 0; !c && i < n; i++)
        (void)buf_addc(&o->keys, (char)v[i]);
    return c ? c : buf_check(&o->keys, "the keys of a GGUF file", e);
}

enum err_code gguf_out_arr_str(struct gguf_out *o, const char *key, const struct gguf_str *v,
                               size_t n, struct err *e)
{
    enum err_code c = begin_array(o, key, GGUF_STR, n, e);

    for (size_t i = 0; !c && i < n; i++)
        add_str(&o->keys, v[i].s, v[i].len);
    return c ? c : buf_check(&o->keys, "the keys of a GGUF file", e);
}

/* Where the value of an open file's key ends. */
static const uint8_t *value_end(const struct gguf *g, const struct gguf_kv *kv)
{
    struct gguf_str last;

    if (kv->arr_type != GGUF_STR)
        return kv->data + kv->n * gguf_type_bytes(kv->arr_type);
    if (kv->n == 0 || gguf_elem_str(g, kv, kv->n - 1, &last, NULL))
        return kv->data;
    return (const uint8_t *)last.s + last.len;
}

enum err_code gguf_out_copy(struct gguf_out *o, const struct gguf *g, const struct gguf_kv *kv,
                            struct err *e)
{
    uint32_t arr_type = kv->arr_type, alignment;
    enum err_code c = ERR_OK;

    if (kv->key.len == strlen(GGUF_ALIGN_KEY) &&
        memcmp(kv->key.s, GGUF_ALIGN_KEY, kv->key.len) == 0) {
        memcpy(&alignment, kv->data, sizeof(alignment)); /* the reader made sure of its type */
        c = set_alignment(o, alignment, e);
    }
    if (!c)
        c = begin_key(o, kv->key.s, kv->key.len, kv->type, e);
    if (c)
        return c;
    if (kv->type == GGUF_ARR) {
        (void)buf_add(&o->keys, &arr_type, sizeof(arr_type));
        (void)buf_add(&o->keys, &kv->n, sizeof(kv->n));
    }
    (void)buf_add(&o->keys, kv->data, (size_t)(value_end(g, kv) - kv->data));
    return buf_check(&o->keys, "the keys of a GGUF file", e);
}

enum err_code gguf_out_tensor(struct gguf_out *o, const char *name, uint32_t type, uint32_t n_dims,
                              const uint64_t *ne, struct err *e)
{
    uint64_t elements = 1, bytes, offset;
    size_t len = strlen(name);
    enum err_code c;

    if (o->head_written)
        return err_set(e, ERR_ARG, "tensor %s is declared after the first data", name);
    if (len == 0 || len >= GGUF_NAME_BYTES_MAX || n_dims < 1 || n_dims > GGUF_DIMS_MAX)
        return err_set(e, ERR_ARG, "tensor %s: a name of %zu bytes, %u dimensions", name, len,
                       n_dims);
    for (uint32_t i = 0; i < n_dims; i++) {
        if (ne[i] == 0 || mul_u64(elements, ne[i], &elements))
            return err_set(e, ERR_ARG, "tensor %s: dimension %u is zero or too large", name, i);
    }
    c = dtype_bytes(type, ne[0], &bytes, e);
    if (!c)
        c = dtype_bytes(type, elements, &bytes, e);
    if (c)
        return c;
    if (align_up_u64(o->data_end, o->alignment, &offset) || add_u64(offset, bytes, &o->data_end))
        return err_set(e, ERR_ARG, "tensor %s: the file's size overflows", name);
    add_str(&o->infos, name, len);
    (void)buf_add(&o->infos, &n_dims, sizeof(n_dims));
    (void)buf_add(&o->infos, ne, n_dims * sizeof(*ne));
    (void)buf_add(&o->infos, &type, sizeof(type));
    (void)buf_add(&o->infos, &offset, sizeof(offset));
    (void)buf_add(&o->sizes, &bytes, sizeof(bytes));
    o->n_tensor++;
    c = buf_check(&o->sizes, "the tensors of a GGUF file", e);
    return c ? c : buf_check(&o->infos, "the tensors of a GGUF file", e);
}

/* Zeros up to the next multiple of the alignment. */
static enum err_code pad(struct gguf_out *o, struct err *e)
{
    static const uint8_t zeros[64];
    uint64_t at = file_out_bytes(o->file), up = at;
    enum err_code c = ERR_OK;

    if (align_up_u64(at, o->alignment, &up))
        return err_set(e, ERR_ARG, "the file's size overflows");
    while (!c && at < up) {
        size_t n = up - at < sizeof(zeros) ? (size_t)(up - at) : sizeof(zeros);

        c = file_out_write(o->file, zeros, n, e);
        at += n;
    }
    return c;
}

static enum err_code write_head(struct gguf_out *o, struct err *e)
{
    uint8_t head[24];
    uint32_t version = VERSION;
    enum err_code c;

    memcpy(head, GGUF_MAGIC, 4);
    memcpy(head + 4, &version, 4);
    memcpy(head + 8, &o->n_tensor, 8);
    memcpy(head + 16, &o->n_kv, 8);
    o->head_written = true;
    c = file_out_write(o->file, head, sizeof(head), e);
    if (!c && o->keys.len)
        c = file_out_write(o->file, o->keys.data, o->keys.len, e);
    if (!c && o->infos.len)
        c = file_out_write(o->file, o->infos.data, o->infos.len, e);
    return c ? c : pad(o, e);
}

enum err_code gguf_out_data(struct gguf_out *o, const void *data, size_t len, struct err *e)
{
    const uint8_t *at = data;
    enum err_code c = o->head_written ? ERR_OK : write_head(o, e);

    while (!c && len) {
        uint64_t bytes;
        size_t n;

        if (o->i_now >= o->n_tensor)
            return err_set(e, ERR_ARG, "%zu bytes more than the tensors have", len);
        memcpy(&bytes, o->sizes.data + o->i_now * sizeof(bytes), sizeof(bytes));
        n = bytes - o->n_now < len ? (size_t)(bytes - o->n_now) : len;
        c = file_out_write(o->file, at, n, e);
        at += n;
        len -= n;
        o->n_now += n;
        if (!c && o->n_now == bytes) {
            o->i_now++;
            o->n_now = 0;
            c = pad(o, e);
        }
    }
    return c;
}

enum err_code gguf_out_commit(struct gguf_out *o, struct err *e)
{
    enum err_code c = o->head_written ? ERR_OK : write_head(o, e);

    if (!c && o->i_now != o->n_tensor)
        c = err_set(e, ERR_ARG, "%llu of %llu tensors have data", (unsigned long long)o->i_now,
                    (unsigned long long)o->n_tensor);
    if (!c) {
        c = file_out_commit(o->file, e);
        o->file = NULL;
    }
    gguf_out_abandon(o);
    return c;
}
