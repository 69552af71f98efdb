/* Any bytes as a model: what loads must compute four tokens; encoders their hidden states, and a
 * vector from them. */
#include "fuzz/fuzz.h"
#include "model/pool.h"
#include "support/mini.h"

#define N_TOK     4U
#define WIDTH_MAX 65536U

static bool has_logits(const struct gguf *g)
{
    struct model *m = NULL;
    struct err e = { 0 };
    bool has = model_open(&m, g, &e) == ERR_OK && model_info(m)->has_logits;

    model_close(m);
    return has;
}

static void pool(const struct mini *r, const float *rows)
{
    struct pool_params p = { .pooling = model_pooling(r->m), .normalise = true };
    uint32_t width = model_pool_width(r->m, p.pooling);
    float *out = width ? mem_alloc_n(MEM_OTHER, (size_t)width * N_TOK, sizeof(*out)) : NULL;
    struct err e = { 0 };

    if (out)
        (void)model_pool(r->m, &p, rows, N_TOK, out, &e);
    mem_free(out);
}

static void compute(struct mini *r, bool hidden)
{
    static const int32_t tokens[N_TOK] = { 1, 4, 5, 6 };
    struct err e = { 0 };
    float *out = mem_alloc_n(MEM_OTHER, (size_t)N_TOK * r->width, sizeof(*out));

    if (out && mini_run(r, tokens, N_TOK, 0, out, &e) == ERR_OK && hidden)
        pool(r, out);
    mem_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mini_params p = { .n_ctx = 16, .n_tok_max = N_TOK, .kv = KV_F16 };
    struct err e = { 0 };
    struct gguf *g;
    struct mini r = { 0 };

    if (gguf_open_memory(&g, data, size, "fuzz", &e) != ERR_OK)
        return 0;
    p.embeddings = !has_logits(g);
    if (mini_begin(&r, g, &p, &e) == ERR_OK && model_info(r.m)->n_vocab > 6 &&
        model_info(r.m)->n_ctx_train >= N_TOK && r.width < WIDTH_MAX)
        compute(&r, p.embeddings);
    mini_close(&r);
    return 0;
}
