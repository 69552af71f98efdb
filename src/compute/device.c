/* The list of backends, and names that all of them share. */
#include "compute/device.h"

#include <string.h>
#include <strings.h>

static const struct device_ops *const devices[] = { &cpu_device_ops, NULL };

const struct device_ops *const *device_all(void)
{
    return devices;
}

const struct device_ops *device_by_name(const char *name)
{
    for (size_t i = 0; devices[i]; i++) {
        if (strcasecmp(devices[i]->name, name) == 0)
            return devices[i];
    }
    return NULL;
}

static const char *const kv_names[] = {
    [KV_F16] = "f16", [KV_F32] = "f32", [KV_BF16] = "bf16", [KV_Q8_0] = "q8_0", [KV_Q4_0] = "q4_0",
};

bool kv_type_by_name(const char *name, enum kv_type *type)
{
    for (size_t i = 0; i < COUNT_OF(kv_names); i++) {
        if (strcasecmp(kv_names[i], name) == 0) {
            *type = (enum kv_type)i;
            return true;
        }
    }
    return false;
}

const char *kv_type_name(enum kv_type type)
{
    return (size_t)type < COUNT_OF(kv_names) ? kv_names[type] : "unknown";
}
