/* Adapters: pairs of small matrices beside a model's own (Hu et al. 2021, low-rank adaptation):
 * W x becomes W x + scale * alpha / rank * B (A x). The files are GGUF with general.type "adapter",
 * and tensors named after the weight they belong to. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/dtype.h"
#include "model/priv.h"

struct lora_file {
    struct model *m;
    const struct gguf *g;
    float alpha, scale;
    struct err *e;
};

static enum err_code want_str(const struct lora_file *f, const char *key, const char *want)
{
    struct gguf_str s = { "", 0 };
    enum err_code rc = gguf_get_str(f->g, key, &s, NULL, f->e);

    if (rc)
        return rc;
    if (s.len == strlen(want) && memcmp(s.s, want, s.len) == 0)
        return ERR_OK;
    return err_set(f->e, ERR_FORMAT, "the adapter's key %s: expected \"%s\", found \"%.*s\"", key,
                   want, (int)(s.len < 40 ? s.len : 40), s.s);
}

static enum err_code read_keys(struct lora_file *f)
{
    enum err_code rc = want_str(f, "general.type", "adapter");

    if (!rc)
        rc = want_str(f, "adapter.type", "lora");
    if (!rc)
        rc = want_str(f, "general.architecture", f->m->hp.t.name);
    if (!rc && gguf_find(f->g, "adapter.alora.invocation_tokens"))
        rc = err_set(f->e, ERR_UNSUPPORTED,
                     "adapters that wait for an invocation (adapter.alora) are not supported");
    if (!rc)
        rc = gguf_get_f32(f->g, "adapter.lora.alpha", &f->alpha, NULL, f->e);
    if (!rc && !(isfinite(f->alpha) && isfinite(f->scale)))
        rc = err_set(f->e, ERR_FORMAT, "the adapter's alpha %g or scale %g is not a number",
                     (double)f->alpha, (double)f->scale);
    return rc;
}

/* The model's matrix of this name; NULL when it has none, or one that is not a plain product. */
static struct stored *find_matrix(struct model *m, const char *name, size_t len)
{
    static const enum weight_role global[] = { W_OUTPUT, W_PLE_MODEL_PROJ };

    for (size_t i = 0; i < COUNT_OF(global); i++) {
        struct stored *s = &m->w.global[global[i]];

        if (s->w && strlen(s->w->name) == len && memcmp(s->w->name, name, len) == 0)
            return s;
    }
    for (uint32_t il = 0; il < m->hp.n_layer; il++) {
        for (uint32_t r = 0; r < W_LAYER_COUNT; r++) {
            struct stored *s = &m->w.layers[il].at[r];

            if (s->w && weight_role_is_product((enum weight_role)(r + W_GLOBAL_COUNT)) &&
                s->w->ne[2] == 1 && strlen(s->w->name) == len && memcmp(s->w->name, name, len) == 0)
                return s;
        }
    }
    return NULL;
}

static const struct weight *new_weight(const struct lora_file *f, const struct gguf_tensor *t)
{
    const struct dtype_info *type = dtype_info(t->type);
    struct weight *w = arena_new(&f->m->arena, sizeof(*w));
    uint64_t row_bytes;

    if (!type || !type->dequantize) {
        err_set(f->e, ERR_UNSUPPORTED, "tensor %s: weights of type %s are not supported", t->name,
                type ? type->name : "unknown");
        return NULL;
    }
    if (!w || dtype_bytes(t->type, t->ne[0], &row_bytes, f->e)) {
        err_set(f->e, ERR_OOM, "no memory for the table of tensor %s", t->name);
        return NULL;
    }
    *w = (struct weight){
        .name = t->name, .type = t->type, .row_bytes = (size_t)row_bytes, .data = t->data
    };
    memcpy(w->ne, t->ne, sizeof(w->ne));
    return w;
}

static enum err_code add_pair(const struct lora_file *f, struct stored *s,
                              const struct gguf_tensor *a, const struct gguf_tensor *b)
{
    struct lora *l;

    if (a->ne[0] != s->w->ne[0] || b->ne[1] != s->w->ne[1] || a->ne[1] != b->ne[0] ||
        a->ne[2] != 1 || b->ne[2] != 1 || a->ne[3] != 1 || b->ne[3] != 1)
        return err_set(f->e, ERR_FORMAT,
                       "tensors %s [%llu, %llu] and lora_b [%llu, %llu] do not fit each other and "
                       "the model's weight [%llu, %llu]",
                       a->name, (unsigned long long)a->ne[0], (unsigned long long)a->ne[1],
                       (unsigned long long)b->ne[0], (unsigned long long)b->ne[1],
                       (unsigned long long)s->w->ne[0], (unsigned long long)s->w->ne[1]);
    l = arena_new(&f->m->arena, sizeof(*l));
    if (!l)
        return err_set(f->e, ERR_OOM, "no memory for the adapter's tables");
    l->a = new_weight(f, a);
    l->b = l->a ? new_weight(f, b) : NULL;
    if (!l->b)
        return f->e->code;
    l->scale = f->alpha != 0.0F ? f->scale * f->alpha / (float)a->ne[1] : f->scale;
    l->next = s->lora;
    s->lora = l;
    return ERR_OK;
}

/* "NAME.lora_a" with its "NAME.lora_b"; every other name is refused. */
static enum err_code add_tensor(const struct lora_file *f, const struct gguf_tensor *t, bool attach)
{
    size_t len = strlen(t->name), stem = len > 7 ? len - 7 : 0;
    bool is_a = stem && strcmp(t->name + stem, ".lora_a") == 0;
    const struct gguf_tensor *other;
    char name[GGUF_NAME_BYTES_MAX];
    struct stored *s;

    if (!is_a && !(stem && strcmp(t->name + stem, ".lora_b") == 0))
        return err_set(f->e, ERR_FORMAT, "tensor %s was not expected in an adapter", t->name);
    (void)snprintf(name, sizeof(name), "%.*s.lora_%c", (int)stem, t->name, is_a ? 'b' : 'a');
    other = gguf_tensor(f->g, name);
    if (!other)
        return err_set(f->e, ERR_FORMAT, "tensor %s is missing: %s is there", name, t->name);
    s = find_matrix(f->m, t->name, stem);
    if (!s)
        return err_set(f->e, ERR_UNSUPPORTED,
                       "tensor %s: the model has no matrix of that name that an adapter can change",
                       t->name);
    return is_a && attach ? add_pair(f, s, t, other) : ERR_OK;
}

enum err_code model_add_lora(struct model *m, const struct gguf *adapter, float scale,
                             struct err *e)
{
    struct err local = { 0 };
    struct lora_file f = { .m = m, .g = adapter, .scale = scale, .e = e ? e : &local };
    enum err_code rc = read_keys(&f);

    if (!rc && gguf_n_tensor(adapter) == 0)
        rc = err_set(f.e, ERR_FORMAT, "the adapter has no tensors");
    for (int round = 0; round < 2 && !rc; round++)
        for (size_t i = 0; i < gguf_n_tensor(adapter) && !rc; i++)
            rc = add_tensor(&f, gguf_tensor_at(adapter, i), round == 1);
    return rc;
}
