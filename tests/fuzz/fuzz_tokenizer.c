/* Any bytes as a model file's vocabulary, and the same bytes as text to cut into its tokens. */
#include "base/num.h"
#include "fuzz/fuzz.h"
#include "text/tok.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gguf *g;
    struct tok *t;
    struct ids ids;
    struct buf text;

    if (gguf_open_memory(&g, data, size, "fuzz", NULL) != ERR_OK)
        return 0;
    if (tok_open(&t, g, NULL) == ERR_OK) {
        struct tok_params p = { .add_special = size % 2, .parse_special = size % 3 };

        ids_init(&ids);
        buf_init(&text, MEM_OTHER, 1U << 20);
        if (tok_encode(t, (const char *)data, min_size(size, 4096), p, &ids, NULL) == ERR_OK)
            (void)tok_decode(t, ids.at, ids.n, size % 5, &text, NULL);
        buf_finish(&text);
        ids_finish(&ids);
        tok_close(t);
    }
    gguf_close(g);
    return 0;
}
