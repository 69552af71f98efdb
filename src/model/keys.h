/* Typed reads of "<architecture>.<suffix>" keys with ranges. The first failure sticks: later reads
 * do nothing, the caller looks at `rc` once. */
#ifndef MODEL_KEYS_H
#define MODEL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/gguf.h"

#define KEYS_NAME_BYTES 160U

struct keys {
    const struct gguf *g;
    char arch[64];
    struct err *e;
    enum err_code rc;
};

/* general.architecture. */
enum err_code keys_begin(struct keys *k, const struct gguf *g, struct err *e);

void keys_name(const struct keys *k, const char *suffix, char out[KEYS_NAME_BYTES]);
const struct gguf_kv *keys_find(const struct keys *k, const char *suffix);

/* Each returns whether the key is there; absent: *out keeps its value. */
bool keys_u32(struct keys *k, const char *suffix, uint32_t min, uint32_t max, uint32_t *out);
bool keys_bool(struct keys *k, const char *suffix, bool *out);

/* Finite and min <= value (use keys_positive for > 0). */
bool keys_f32(struct keys *k, const char *suffix, float min, float *out);
bool keys_positive(struct keys *k, const char *suffix, float *out);

/* One value for all n entries, or an array of exactly n. */
bool keys_u32_layers(struct keys *k, const char *suffix, uint32_t n, uint32_t max, uint32_t *out);
bool keys_bool_layers(struct keys *k, const char *suffix, uint32_t n, bool *out);

/* A refusal; the first one wins. */
void keys_missing(struct keys *k, const char *suffix, const char *expected);

#endif
