/* Keys for tests of the HTTP server, in place of the store. */
#include <string.h>

#include "store/store.h"
#include "unit/serve/rig.h"

_Atomic unsigned rig_n_key;
_Atomic bool rig_keys_lost;

uint32_t store_n_key(const struct store *s)
{
    (void)s;
    return rig_n_key;
}

bool store_keys_lost(const struct store *s)
{
    (void)s;
    return rig_keys_lost;
}

unsigned store_key_check(struct store *s, const char *secret, size_t len, char id[9])
{
    (void)s;
    if (rig_n_key == 0)
        return 0;
    if (len == 3 && memcmp(secret, "all", 3) == 0) {
        memcpy(id, "AAAAAAAA", 9);
        return KEY_SCOPES_ALL;
    }
    if (len == 4 && memcmp(secret, "read", 4) == 0) {
        memcpy(id, "RRRRRRRR", 9);
        return KEY_MODELS_READ;
    }
    return 0;
}
