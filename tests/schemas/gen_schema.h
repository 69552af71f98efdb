/* Random JSON schemas over all keywords that can be enforced. */
#ifndef SCHEMAS_GEN_SCHEMA_H
#define SCHEMAS_GEN_SCHEMA_H

#include <stdint.h>

#include "base/buf.h"

struct gen {
    uint64_t seed;
    struct buf *out;
};

uint32_t gen_below(struct gen *g, uint32_t n); /* 0 .. n - 1 */
/* Writes one schema; it may contradict itself. */
void gen_schema(struct gen *g);

#endif
