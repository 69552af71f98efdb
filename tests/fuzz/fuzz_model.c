/* Any bytes as a model: what loads must compute four tokens. */
#include "fuzz/fuzz.h"
#include "support/mini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int32_t tokens[] = { 1, 4, 5, 6 };
    const struct mini_params p = { .n_ctx = 16, .n_tok_max = 4, .kv = KV_F16 };
    struct err e = { 0 };
    struct gguf *g;
    struct mini r = { 0 };
    float *out;

    if (gguf_open_memory(&g, data, size, "fuzz", &e) != ERR_OK)
        return 0;
    if (mini_begin(&r, g, &p, &e) == ERR_OK && model_info(r.m)->n_vocab > 6 && r.width < 65536) {
        out = mem_alloc_n(MEM_OTHER, 4U * r.width, sizeof(float));
        if (out)
            (void)mini_run(&r, tokens, 4, 0, out, &e);
        mem_free(out);
    }
    mini_close(&r);
    return 0;
}
