/* The paged cache in memory: for every kv layer, pages of [n_head][KV_PAGE_TOK][head] elements, K
 * and V apart (or V inside K), so that one head of one page is one contiguous block. And the slots
 * of recurrent state: in each, the states of all layers one after another. */
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "compute/cpu/exec.h"

static enum dtype dtype_of(enum kv_type t)
{
    static const enum dtype types[] = {
        [KV_F16] = DT_F16,   [KV_F32] = DT_F32,   [KV_BF16] = DT_BF16,
        [KV_Q8_0] = DT_Q8_0, [KV_Q4_0] = DT_Q4_0,
    };

    return types[t];
}

size_t kv_row_bytes(enum kv_type t, uint32_t head)
{
    const struct dtype_info *info = dtype_info((uint32_t)dtype_of(t));

    return (size_t)head / info->block_n * info->block_bytes;
}

void kv_row_store(const struct cpu_kernels *k, enum kv_type t, uint32_t head, const float *x,
                  void *row)
{
    if (t == KV_F16)
        k->f32_to_f16_row(head, x, row);
    else
        dtype_info((uint32_t)dtype_of(t))->quantize(head, x, NULL, row);
}

void kv_rows_load(enum kv_type t, uint32_t head, uint32_t n, const void *rows, float *out)
{
    dtype_info((uint32_t)dtype_of(t))->dequantize((size_t)n * head, rows, out);
}

static size_t page_bytes(const struct kv_layer *l, enum kv_type t, uint32_t head)
{
    return round_up((size_t)l->n_head * KV_PAGE_TOK * kv_row_bytes(t, head), 64);
}

size_t cpu_kv_page_bytes(const struct device *d, const struct kv_params *p)
{
    size_t sum = 0;

    (void)d;
    for (uint32_t i = 0; i < p->n_layer; i++) {
        sum += page_bytes(&p->layers[i], p->type_k, p->layers[i].head_k);
        if (!p->layers[i].v_in_k)
            sum += page_bytes(&p->layers[i], p->type_v, p->layers[i].head_v);
    }
    return sum;
}

/* Floats of a layer's state in a slot: whole cache lines, so that no two threads share one. */
static size_t state_floats(const struct state_layer *l)
{
    return round_up(l->n_float, 16);
}

size_t cpu_state_slot_bytes(const struct device *d, const struct kv_params *p)
{
    size_t n = 0;

    (void)d;
    for (uint32_t i = 0; i < p->n_state; i++)
        n += state_floats(&p->states[i]);
    return n * sizeof(float);
}

static enum err_code alloc_states(struct kv_store *kv, const struct kv_params *p, struct err *e)
{
    size_t slot = cpu_state_slot_bytes(NULL, p);

    kv->n_state = p->n_state;
    kv->n_state_slot = p->n_state_slot;
    kv->state_at = mem_alloc_n(MEM_KV, (size_t)p->n_state + 1, sizeof(*kv->state_at));
    kv->slot_use = mem_alloc_n(MEM_KV, p->n_state_slot, sizeof(*kv->slot_use));
    kv->states = mem_alloc_n(MEM_KV, p->n_state_slot, slot);
    if (!kv->state_at || !kv->slot_use || !kv->states)
        return err_set(e, ERR_OOM, "no memory for %u recurrent states of %zu bytes",
                       p->n_state_slot, slot);
    for (uint32_t i = 0; i < p->n_state; i++)
        kv->state_at[i + 1] = kv->state_at[i] + state_floats(&p->states[i]);
    return ERR_OK;
}

enum slot_use { SLOT_UNUSED, SLOT_READ, SLOT_WRITTEN };

void kv_check_slots(struct kv_store *kv, const struct batch *b, const struct seq_run *runs,
                    uint32_t n_run)
{
    for (uint32_t i = 0; i < n_run; i++) {
        uint32_t in = b->seqs[runs[i].seq].state_in;

        CHECK(in == STATE_NONE || in < kv->n_state_slot);
        if (in != STATE_NONE)
            kv->slot_use[in] = SLOT_READ;
    }
    for (uint32_t i = 0; i < n_run; i++) {
        uint32_t out = b->seqs[runs[i].seq].state_out;

        CHECK(out < kv->n_state_slot && kv->slot_use[out] == SLOT_UNUSED);
        kv->slot_use[out] = SLOT_WRITTEN; /* a sequence of two runs is caught here, too */
    }
    for (uint32_t i = 0; i < n_run; i++) {
        const struct batch_seq *s = &b->seqs[runs[i].seq];

        if (s->state_in != STATE_NONE)
            kv->slot_use[s->state_in] = SLOT_UNUSED;
        kv->slot_use[s->state_out] = SLOT_UNUSED;
    }
}

static enum err_code check_type(enum kv_type t, uint32_t head, const char *what, struct err *e)
{
    uint32_t block = dtype_info((uint32_t)dtype_of(t))->block_n;

    if (head % block)
        return err_set(e, ERR_UNSUPPORTED,
                       "a %s cache for %s needs heads in multiples of %u, this model's have %u",
                       kv_type_name(t), what, block, head);
    return ERR_OK;
}

static enum err_code alloc_layers(struct kv_store *kv, struct err *e)
{
    for (uint32_t i = 0; i < kv->n_layer; i++) {
        const struct kv_layer *l = &kv->layers[i];
        enum err_code rc = check_type(kv->type_k, l->head_k, "K", e);

        if (!rc && !l->v_in_k)
            rc = check_type(kv->type_v, l->head_v, "V", e);
        if (rc)
            return rc;
        kv->page_k[i] = page_bytes(l, kv->type_k, l->head_k);
        kv->k[i] = mem_alloc_n(MEM_KV, kv->n_page, kv->page_k[i]);
        if (!l->v_in_k) {
            kv->page_v[i] = page_bytes(l, kv->type_v, l->head_v);
            kv->v[i] = mem_alloc_n(MEM_KV, kv->n_page, kv->page_v[i]);
        }
        if (!kv->k[i] || (!kv->v[i] && !l->v_in_k))
            return err_set(e, ERR_OOM, "no memory for a cache of %u pages of %u tokens", kv->n_page,
                           KV_PAGE_TOK);
    }
    return ERR_OK;
}

enum err_code cpu_kv_create(struct device *d, const struct kv_params *p, struct kv_store **out,
                            struct err *e)
{
    struct kv_store *kv = mem_alloc_zero(MEM_KV, sizeof(*kv));
    size_t n = p->n_layer ? p->n_layer : 1;
    enum err_code rc;

    (void)d;
    *out = NULL;
    if (!kv)
        return err_set(e, ERR_OOM, "no memory for the cache's tables");
    kv->n_layer = p->n_layer;
    kv->n_page = p->n_page;
    kv->type_k = p->type_k;
    kv->type_v = p->type_v;
    kv->layers = mem_alloc_n(MEM_KV, n, sizeof(*kv->layers));
    kv->page_k = mem_alloc_n(MEM_KV, n, sizeof(*kv->page_k));
    kv->page_v = mem_alloc_n(MEM_KV, n, sizeof(*kv->page_v));
    kv->k = mem_alloc_n(MEM_KV, n, sizeof(*kv->k));
    kv->v = mem_alloc_n(MEM_KV, n, sizeof(*kv->v));
    if (!kv->layers || !kv->page_k || !kv->page_v || !kv->k || !kv->v) {
        kv->n_layer = 0;
        cpu_kv_destroy(kv);
        return err_set(e, ERR_OOM, "no memory for the cache's tables");
    }
    if (p->n_layer)
        memcpy(kv->layers, p->layers, p->n_layer * sizeof(*kv->layers));
    rc = alloc_layers(kv, e);
    if (!rc)
        rc = alloc_states(kv, p, e);
    if (rc) {
        cpu_kv_destroy(kv);
        return rc;
    }
    *out = kv;
    return ERR_OK;
}

void cpu_kv_destroy(struct kv_store *kv)
{
    if (!kv)
        return;
    for (uint32_t i = 0; i < kv->n_layer; i++) {
        mem_free(kv->k[i]);
        mem_free(kv->v[i]);
    }
    mem_free(kv->layers);
    mem_free(kv->page_k);
    mem_free(kv->page_v);
    mem_free(kv->k);
    mem_free(kv->v);
    mem_free(kv->state_at);
    mem_free(kv->slot_use);
    mem_free(kv->states);
    mem_free(kv);
}

/* The first n_tok rows of every head of a page. */
static void copy_rows(uint8_t *pages, size_t page, uint32_t src, uint32_t dst, uint32_t n_head,
                      size_t row_bytes, uint32_t n_tok)
{
    for (uint32_t h = 0; h < n_head; h++) {
        size_t at = (size_t)h * KV_PAGE_TOK * row_bytes;

        memcpy(pages + dst * page + at, pages + src * page + at, n_tok * row_bytes);
    }
}

void cpu_kv_copy_page(struct kv_store *kv, uint32_t src, uint32_t dst, uint32_t n_tok)
{
    CHECK(src < kv->n_page && dst < kv->n_page && src != dst && n_tok <= KV_PAGE_TOK);
    for (uint32_t i = 0; i < kv->n_layer; i++) {
        const struct kv_layer *l = &kv->layers[i];

        copy_rows(kv->k[i], kv->page_k[i], src, dst, l->n_head, kv_row_bytes(kv->type_k, l->head_k),
                  n_tok);
        if (!l->v_in_k)
            copy_rows(kv->v[i], kv->page_v[i], src, dst, l->n_head,
                      kv_row_bytes(kv->type_v, l->head_v), n_tok);
    }
}
