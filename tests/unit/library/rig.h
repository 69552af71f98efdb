/* A temporary home with models in it, for tests of the library. */
#ifndef TESTS_UNIT_LIBRARY_RIG_H
#define TESTS_UNIT_LIBRARY_RIG_H

#include <stddef.h>
#include <stdint.h>

#include "library/library.h"

#define RIG_PATH_BYTES 512U

struct rig {
    char home[64];             /* HOME; HEARTH_HOME is home/own */
    char base[RIG_PATH_BYTES]; /* a miniature model file, outside of every models folder */
    struct library *library;
};

/* cmocka's set-up and tear-down: *state is the rig. */
int rig_make(void **state);
int rig_drop(void **state);

/* home/name, its folders made; valid until the next call but seven. */
const char *rig_path(const struct rig *r, const char *name);

/* One more string key for a copy of the base model. */
struct rig_key {
    const char *key, *value; /* NULL key: end */
};
/* Writes the base model with keys added or replaced to home/name. */
void rig_model(const struct rig *r, const char *name, const struct rig_key *keys);
/* The same with general.file_type, so that the file says its quantization. */
void rig_quant(const struct rig *r, const char *name, uint32_t file_type);
/* One part of the base model split in two: no 0 or 1. */
void rig_part(const struct rig *r, const char *name, uint32_t no);
void rig_text(const struct rig *r, const char *name, const void *data, size_t len);

/* Opens a library without a loop, without LM Studio's folders and without built-in models unless
 * `all`, and looks. */
void rig_open(struct rig *r, bool all);

/* The model of that key@variant, which must be there. */
const struct library_model *rig_find(const struct rig *r, const char *name);

#endif
