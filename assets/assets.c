/* The table of embedded files; models.S holds their bytes. */
#include "assets/assets.h"

#include <string.h>

#include "base/attr.h"

extern const unsigned char hearth_guide_begin[], hearth_guide_end[];
extern const unsigned char hearth_guide_draft_begin[], hearth_guide_draft_end[];

static const struct {
    const char *name;
    const unsigned char *begin, *end;
} files[] = {
    { ASSET_GUIDE, hearth_guide_begin, hearth_guide_end },
    { ASSET_GUIDE_DRAFT, hearth_guide_draft_begin, hearth_guide_draft_end },
};

bool asset_find(const char *name, struct asset *out)
{
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (strcmp(files[i].name, name) != 0)
            continue;
        *out = (struct asset){ files[i].name, files[i].begin,
                               (size_t)(files[i].end - files[i].begin) };
        return true;
    }
    return false;
}
