/* GGUF v2 and v3, little-endian: bytes -> checked views; split files; a writer.
 *
 * Everything the reader hands out points into the file's bytes, mapped or read, or into its own
 * tables and lives until gguf_close. After gguf_open succeeded, every view is in bounds, every
 * string's length is checked, every tensor's bytes lie inside its file, aligned, not overlapping
 * another tensor. Immutable after opening: any thread may read. Format:
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
#ifndef FORMATS_GGUF_H
#define FORMATS_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/dtype.h"

#define GGUF_DIMS_MAX       4U
#define GGUF_NAME_BYTES_MAX 64U /* a tensor's name with its NUL */
#define GGUF_KEY_BYTES_MAX  65535U
#define GGUF_TENSORS_MAX    1000000U
#define GGUF_KEYS_MAX       1000000U
#define GGUF_SPLITS_MAX     1000U
#define GGUF_HEAD_BYTES_MAX (128U << 20) /* of one file opened by gguf_open_head */

enum gguf_type {
    GGUF_U8,
    GGUF_I8,
    GGUF_U16,
    GGUF_I16,
    GGUF_U32,
    GGUF_I32,
    GGUF_F32,
    GGUF_BOOL,
    GGUF_STR,
    GGUF_ARR,
    GGUF_U64,
    GGUF_I64,
    GGUF_F64,
    GGUF_TYPE_COUNT
};

/* A string inside the file: not NUL-terminated, any bytes. */
struct gguf_str {
    const char *s;
    size_t len;
};

struct gguf;

struct gguf_tensor {
    const char *name;           /* NUL-terminated */
    uint32_t type;              /* enum dtype */
    uint32_t n_dims;            /* 1 .. 4; missing dimensions are 1 */
    uint64_t ne[GGUF_DIMS_MAX]; /* fastest first, all >= 1 */
    uint64_t bytes;
    uint64_t offset;     /* of its first byte in its file */
    uint32_t i_file;     /* which split */
    const uint8_t *data; /* NULL: only the head was opened */
};

/* One key with its value; arrays by gguf_arr_*. */
struct gguf_kv {
    struct gguf_str key;
    enum gguf_type type;
    enum gguf_type arr_type; /* of a GGUF_ARR (never GGUF_ARR itself: nested arrays are refused) */
    uint64_t n;              /* elements of an array, else 1 */
    const uint8_t *data;     /* raw value bytes */
    uint32_t i_first;        /* private: index of string arrays */
};

/* Opens a file; for NAME-00001-of-0000N.gguf all N parts beside it (any part may be named; the rest
 * are found). Errors: ERR_NOT_FOUND, ERR_IO, ERR_FORMAT (with byte offset or name), ERR_UNSUPPORTED
 * (version, big-endian), ERR_LIMIT, ERR_OOM. Memory used is a small multiple of the headers' bytes.
 */
enum err_code gguf_open(struct gguf **out, const char *path, struct err *e);

/* The same without the tensors' data: keys and the table of tensors are read into memory of our own
 * and nothing is mapped, so that whoever shortens the file meanwhile harms nobody. For programs
 * that must outlive any file. Further error: ERR_LIMIT, a head of more than GGUF_HEAD_BYTES_MAX. */
enum err_code gguf_open_head(struct gguf **out, const char *path, struct err *e);

/* As gguf_open, from memory that the caller keeps alive (tests, fuzzing, the embedded model).
 * ERR_ARG unless data is aligned to 8 bytes, as the tensors then are. A part of a split model is
 * refused.
 */
enum err_code gguf_open_memory(struct gguf **out, const void *data, size_t size, const char *name,
                               struct err *e);
void gguf_close(struct gguf *g); /* NULL is fine */

uint32_t gguf_version(const struct gguf *g);
const char *gguf_path(const struct gguf *g);
uint32_t gguf_n_files(const struct gguf *g);
uint64_t gguf_bytes(const struct gguf *g);      /* of all files */
uint64_t gguf_data_start(const struct gguf *g); /* offset of the first file's tensor data */
uint32_t gguf_alignment(const struct gguf *g);

size_t gguf_n_kv(const struct gguf *g);
const struct gguf_kv *gguf_kv_at(const struct gguf *g, size_t i);
const struct gguf_kv *gguf_find(const struct gguf *g, const char *key); /* NULL when absent */
size_t gguf_n_tensor(const struct gguf *g);
const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i);
const struct gguf_tensor *gguf_tensor(const struct gguf *g,
                                      const char *name); /* NULL when absent */

/* Typed reads. Absent: *out keeps its value, *found (may be NULL) = false, ERR_OK.
 * Present with another kind, or out of the target's range: ERR_FORMAT naming key, expected and
 * found. Any integer width is accepted for integers, integers 0/1 for booleans, f32/f64/integers
 * for floats. */
enum err_code gguf_get_u32(const struct gguf *g, const char *key, uint32_t *out, bool *found,
                           struct err *e);
enum err_code gguf_get_u64(const struct gguf *g, const char *key, uint64_t *out, bool *found,
                           struct err *e);
enum err_code gguf_get_i32(const struct gguf *g, const char *key, int32_t *out, bool *found,
                           struct err *e);
enum err_code gguf_get_f32(const struct gguf *g, const char *key, float *out, bool *found,
                           struct err *e);
enum err_code gguf_get_bool(const struct gguf *g, const char *key, bool *out, bool *found,
                            struct err *e);
enum err_code gguf_get_str(const struct gguf *g, const char *key, struct gguf_str *out, bool *found,
                           struct err *e);

/* Element i < kv->n of a value (i = 0 for scalars), converted under the same rules; booleans, which
 * have no function of their own here, are the integers 0 and 1. */
enum err_code gguf_elem_u64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            uint64_t *out, struct err *e);
enum err_code gguf_elem_i64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            int64_t *out, struct err *e);
enum err_code gguf_elem_f64(const struct gguf *g, const struct gguf_kv *kv, uint64_t i, double *out,
                            struct err *e);
enum err_code gguf_elem_str(const struct gguf *g, const struct gguf_kv *kv, uint64_t i,
                            struct gguf_str *out, struct err *e);

const char *gguf_type_name(enum gguf_type type);

/* Hints for a mapped model: read ahead, or give pages back. Nothing happens for memory. */
void gguf_will_need(const struct gguf *g, const struct gguf_tensor *t);
void gguf_dont_need(const struct gguf *g, const struct gguf_tensor *t);

/* ---- writer: keys first, then tensor declarations, then their data in the same order ---- */
struct gguf_out;

enum err_code gguf_out_open(struct gguf_out **out, const char *path, struct err *e);
enum err_code gguf_out_u16(struct gguf_out *o, const char *key, uint16_t v, struct err *e);
enum err_code gguf_out_u32(struct gguf_out *o, const char *key, uint32_t v, struct err *e);
enum err_code gguf_out_u64(struct gguf_out *o, const char *key, uint64_t v, struct err *e);
enum err_code gguf_out_i32(struct gguf_out *o, const char *key, int32_t v, struct err *e);
enum err_code gguf_out_f32(struct gguf_out *o, const char *key, float v, struct err *e);
enum err_code gguf_out_bool(struct gguf_out *o, const char *key, bool v, struct err *e);
enum err_code gguf_out_str(struct gguf_out *o, const char *key, const char *s, size_t len,
                           struct err *e);
enum err_code gguf_out_arr_i32(struct gguf_out *o, const char *key, const int32_t *v, size_t n,
                               struct err *e);
enum err_code gguf_out_arr_u32(struct gguf_out *o, const char *key, const uint32_t *v, size_t n,
                               struct err *e);
enum err_code gguf_out_arr_f32(struct gguf_out *o, const char *key, const float *v, size_t n,
                               struct err *e);
enum err_code gguf_out_arr_bool(struct gguf_out *o, const char *key, const bool *v, size_t n,
                                struct err *e);
enum err_code gguf_out_arr_str(struct gguf_out *o, const char *key, const struct gguf_str *v,
                               size_t n, struct err *e);
/* Copies a key of an open file as it is. */
enum err_code gguf_out_copy(struct gguf_out *o, const struct gguf *g, const struct gguf_kv *kv,
                            struct err *e);
enum err_code gguf_out_tensor(struct gguf_out *o, const char *name, uint32_t type, uint32_t n_dims,
                              const uint64_t *ne, struct err *e);
/* Data of the declared tensors, in order, in pieces of any size; padding is added by the writer. */
enum err_code gguf_out_data(struct gguf_out *o, const void *data, size_t len, struct err *e);
/* Ends the file: ERR_ARG when tensor bytes are missing. Frees o, also on failure. */
enum err_code gguf_out_commit(struct gguf_out *o, struct err *e);
void gguf_out_abandon(struct gguf_out *o); /* NULL is fine */

#endif
