/* Any bytes as a GGUF file: what opens must be safe to read to the last byte of every view. */
#include "formats/gguf.h"
#include "fuzz/fuzz.h"

static void touch(const void *data, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++)
        (void)((const volatile uint8_t *)data)[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gguf *g;

    if (gguf_open_memory(&g, data, size, "fuzz", NULL) != ERR_OK)
        return 0;
    for (size_t i = 0; i < gguf_n_kv(g); i++) {
        const struct gguf_kv *kv = gguf_kv_at(g, i);
        struct gguf_str s;

        touch(kv->key.s, kv->key.len);
        for (uint64_t k = 0; gguf_elem_str(g, kv, k, &s, NULL) == ERR_OK; k++)
            touch(s.s, s.len);
    }
    for (size_t i = 0; i < gguf_n_tensor(g); i++)
        touch(gguf_tensor_at(g, i)->data, gguf_tensor_at(g, i)->bytes);
    gguf_close(g);
    return 0;
}
