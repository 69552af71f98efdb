/* GGUF, private to formats/: one file of a model, and the model that may have several. */
#ifndef FORMATS_GGUF_INT_H
#define FORMATS_GGUF_INT_H

#include "base/arena.h"
#include "formats/gguf.h"
#include "os/file.h"

/* A sorted index of names: nothing in a hostile file can make it slow, as it could a hash table. */
struct gguf_name {
    const char *s;
    uint32_t len;
    uint32_t i; /* of the key or tensor */
};

/* One file. Everything below points into base, or is owned here. */
struct gguf_part {
    struct file_map map; /* zeroed when the bytes are the caller's, or only the head is here */
    uint8_t *head;       /* the first n_have bytes, read by gguf_head.c; else NULL */
    const uint8_t *base;
    uint64_t size;   /* of the file */
    uint64_t n_have; /* of them at base: all, but for a head */
    uint64_t n_want; /* after a failed reading: so many were needed; 0 = it would not have helped */
    const char *path; /* for messages; the caller's */

    uint32_t version, alignment;
    uint64_t data_start;
    struct gguf_kv *kv;
    size_t n_kv;
    struct gguf_name *kv_index;
    struct gguf_tensor *tensors;
    size_t n_tensor;
    struct arena names; /* of tensors, NUL-terminated */

    /* Offset of every element of every string array from its array's first element. */
    uint32_t *str_at;
    size_t n_str, cap_str;
};

struct gguf {
    char *path;
    struct gguf_part *parts;
    uint32_t n_part;
    bool is_file;                /* not the caller's memory */
    bool head_only;              /* tensors have no data */
    struct gguf_tensor *tensors; /* of all parts */
    size_t n_tensor;
    struct gguf_name *tensor_index;
};

#define GGUF_MAGIC       "GGUF"
#define GGUF_ALIGN_KEY   "general.alignment"
#define GGUF_ALIGN_USUAL 32U
#define GGUF_ALIGN_MIN   8U

/* A name from a file as printable ASCII, shortened, for messages. */
#define SHOWN_BYTES 80U
const char *gguf_shown(char out[SHOWN_BYTES], const char *s, size_t len);

/* Bytes of a scalar; 0 for strings and arrays. */
size_t gguf_type_bytes(enum gguf_type type);

/* Reads and checks part->base/size/path into the other fields; the caller finishes the part, also
 * after a failure. */
enum err_code gguf_part_read(struct gguf_part *part, struct err *e);
void gguf_part_drop_keys(struct gguf_part *part);
/* All that gguf_part_read made. */
void gguf_part_forget(struct gguf_part *part);
void gguf_part_finish(struct gguf_part *part); /* a zeroed part is fine */

/* Sorts index[n] and finds two equal names: their places in *a and *b. */
bool gguf_index_sort(struct gguf_name *index, size_t n, uint32_t *a, uint32_t *b);
/* The place of a name in what was indexed, or -1. */
int64_t gguf_index_find(const struct gguf_name *index, size_t n, const char *name);

const struct gguf_kv *gguf_part_find(const struct gguf_part *part, const char *key);

/* part->path -> bytes -> fields: maps the file, or reads no more of it than its head. The caller
 * finishes the part, also after a failure. ERR_LIMIT: a head of more than GGUF_HEAD_BYTES_MAX. */
enum err_code gguf_part_open(struct gguf_part *part, bool head_only, struct err *e);

/* Number of parts that g->parts[0], the only one so far, says the model has: opens the others. */
enum err_code gguf_split_open(struct gguf *g, struct err *e);

#endif
