/* Models that the binary carries. */
#ifndef ASSETS_ASSETS_H
#define ASSETS_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#define ASSET_GUIDE       "hearth-guide"
#define ASSET_GUIDE_DRAFT "hearth-guide-draft"

struct asset {
    const char *name;
    const void *data; /* 64-byte aligned */
    size_t size;      /* 0 when this build was made without the file */
};

/* False when no asset has this name. */
bool asset_find(const char *name, struct asset *out);

#endif
