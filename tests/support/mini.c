/* A model, a device and one sequence, without an engine. */
#include "support/mini.h"

#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "model/pool.h"

enum err_code mini_begin(struct mini *r, struct gguf *g, const struct mini_params *p, struct err *e)
{
    struct device_params dp = { .n_thread = p->n_thread ? p->n_thread : 1 };
    struct model_plan_params mp = { .n_ctx = p->n_ctx, .embeddings = p->embeddings };
    struct kv_params kp = { .type_k = p->kv, .type_v = p->kv };
    enum err_code rc;

    memset(r, 0, sizeof(*r));
    r->g = g;
    r->ops = &cpu_device_ops;
    r->n_page = (p->n_tok_max + KV_PAGE_TOK - 1) / KV_PAGE_TOK;
    rc = model_open_as(&r->m, r->g, p->row, e);
    if (!rc && p->lora)
        rc = model_add_lora(r->m, p->lora, p->lora_scale, e);
    if (!rc && mp.n_ctx > model_info(r->m)->n_ctx_train)
        mp.n_ctx = model_info(r->m)->n_ctx_train;
    if (!rc)
        rc = model_plan(r->m, &mp, &r->plan, e);
    if (!rc)
        rc = r->ops->open(&r->dev, &dp, e);
    for (uint32_t i = 0; !rc && i < r->plan->n_op; i++)
        if (!r->ops->can(r->dev, &r->plan->ops[i], e))
            rc = e ? e->code : ERR_UNSUPPORTED;
    if (!rc)
        rc = r->ops->compile(r->dev, r->plan, p->n_tok_max, p->n_tok_max, &r->prog, e);
    if (rc)
        return rc;
    kp.layers = r->plan->kv_layers;
    kp.n_layer = r->plan->n_kv_layer;
    kp.n_page = r->n_page;
    kp.states = r->plan->states;
    kp.n_state = r->plan->n_state;
    kp.n_state_slot = MINI_STATE_SLOTS;
    r->width = r->plan->output.width;
    return r->ops->kv_create(r->dev, &kp, &r->kv, e);
}

enum err_code mini_open(struct mini *r, const char *path, const struct mini_params *p,
                        struct err *e)
{
    struct gguf *g;
    enum err_code rc;

    memset(r, 0, sizeof(*r));
    rc = gguf_open(&g, path, e);
    return rc ? rc : mini_begin(r, g, p, e);
}

void mini_close(struct mini *r)
{
    if (r->ops) {
        r->ops->kv_destroy(r->kv);
        r->ops->program_destroy(r->prog);
        r->ops->close(r->dev);
    }
    plan_destroy(r->plan);
    model_close(r->m);
    gguf_close(r->g);
    memset(r, 0, sizeof(*r));
}

enum err_code mini_run(struct mini *r, const int32_t *tokens, uint32_t n, uint32_t chunk,
                       float *out, struct err *e)
{
    uint32_t *pos = mem_alloc_n(MEM_OTHER, n, sizeof(*pos));
    uint32_t *rows = mem_alloc_n(MEM_OTHER, n, sizeof(*rows));
    uint32_t *seq = mem_alloc_n(MEM_OTHER, n, sizeof(*seq));
    uint32_t *pages = mem_alloc_n(MEM_OTHER, r->n_page, sizeof(*pages));
    enum err_code rc = pos && rows && seq && pages ? ERR_OK : err_set(e, ERR_OOM, "no memory");

    for (uint32_t i = 0; !rc && i < n; i++) {
        pos[i] = i;
        rows[i] = i;
    }
    for (uint32_t i = 0; !rc && i < r->n_page; i++)
        pages[i] = i;
    if (chunk == 0)
        chunk = n;
    for (uint32_t at = 0; !rc && at < n; at += chunk) {
        uint32_t n_tok = n - at < chunk ? n - at : chunk;
        uint32_t n_batch = at / chunk; /* the states go to and fro between two slots */
        struct batch_seq s = { .pages = pages,
                               .n_kv = at + n_tok,
                               .state_in = at ? (n_batch - 1) % MINI_STATE_SLOTS : STATE_NONE,
                               .state_out = n_batch % MINI_STATE_SLOTS };
        struct batch b = { .n_tok = n_tok,
                           .token = tokens + at,
                           .pos = pos + at,
                           .seq = seq,
                           .seqs = &s,
                           .n_seq = 1,
                           .out = rows,
                           .n_out = n_tok };

        rc = r->ops->run(r->prog, r->kv, &b, e);
        if (!rc)
            memcpy(out + (size_t)at * r->width, r->ops->output(r->prog),
                   (size_t)n_tok * r->width * sizeof(float));
    }
    mem_free(pos);
    mem_free(rows);
    mem_free(seq);
    mem_free(pages);
    return rc;
}

uint32_t mini_pool(const struct mini *r, const char *how, const float *rows, uint32_t n, float *out)
{
    static const char *const names[] = { "none", "mean", "cls", "last", "rank" };
    struct pool_params p = { 0 };
    struct err e = { 0 };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i], how) == 0)
            p.pooling = (enum pooling)i;
    CHECK(!model_pool(r->m, &p, rows, n, out, &e));
    return model_pool_width(r->m, p.pooling);
}
