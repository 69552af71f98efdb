/* What a load would take. Weights as they lie in the file, the cache of the sequences that may be
 * full at once, work buffers. */
#include "base/num.h"
#include "engine/engine.h"
#include "os/cpu.h"
#include "runtime/runtime_int.h"

#define PROCESS_BYTES ((uint64_t)24 << 20)
#define SCRATCH_ROWS  24U /* activations alive at once, in rows of n_embd, by measurement */

/* A file may say what it likes: no more than fits in a sum. */
static uint64_t to_bytes(double n)
{
    return n < 1e18 ? (uint64_t)n : (uint64_t)1e18;
}

static double type_share(enum kv_type t)
{
    switch (t) {
    case KV_F32:
        return 2.0;
    case KV_Q8_0:
        return 34.0 / 64.0;
    case KV_Q4_0:
        return 18.0 / 64.0;
    default:
        return 1.0;
    }
}

void rt_estimate(const struct library_model *m, const struct load_options *o,
                 struct load_estimate *out)
{
    uint32_t n_seq = o->n_parallel ? o->n_parallel : ENGINE_SEQS_DEFAULT;
    uint32_t n_batch = o->n_batch ? o->n_batch : ENGINE_BATCH_DEFAULT;
    uint32_t n_max = m->n_ctx_max ? m->n_ctx_max : ENGINE_CTX_DEFAULT;
    /* What is asked for is what the engine takes, even beyond what the model was made for. */
    uint32_t n_ctx = o->n_ctx ? o->n_ctx : min_u32(n_max, ENGINE_CTX_DEFAULT);
    double kv = (double)m->kv_token_bytes * (double)engine_cache_tokens(n_ctx, n_seq);
    double row = (double)m->n_embd * SCRATCH_ROWS * sizeof(float);

    if (o->has_kv_type)
        kv *= (type_share(o->type_k) + type_share(o->type_v)) / 2.0;
    *out = (struct load_estimate){ .weight_bytes = m->size_bytes, .n_ctx = n_ctx };
    out->cache_bytes = to_bytes(kv + (double)m->state_bytes * n_seq * 2.0);
    out->scratch_bytes =
        PROCESS_BYTES + to_bytes(row * n_batch + (double)m->n_vocab * n_seq * sizeof(float));
    out->total_bytes = out->weight_bytes + out->cache_bytes + out->scratch_bytes;
    out->free_bytes = ram_available_now();
}

enum err_code runtime_estimate(struct runtime *r, const char *model, const struct load_options *o,
                               struct load_estimate *out, struct err *e)
{
    const struct library_model *m = library_find(r->library, model);

    if (!m)
        return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'", model);
    rt_estimate(m, o, out);
    out->fits = r->settings.guardrail == GUARD_OFF || out->total_bytes <= rt_room(r, NULL);
    return ERR_OK;
}
