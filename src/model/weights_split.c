/* Old files of latent attention hold the two matrices behind the latent as one: rows of head after
 * head, of each first those of K, then those of V. The absorbed form wants K's transposed. */
#include <string.h>

#include "formats/dtype.h"
#include "model/weights.h"

/* Head by head: `n` rows of r_kv, from `first` on of each head's `per` rows. */
struct piece {
    uint32_t n_head, per, first, n;
};

/* V: rows that are stored as they are needed. */
static uint8_t *copy_rows(const struct weight *from, const struct piece *p, struct arena *a)
{
    size_t bytes = p->n * from->row_bytes;
    uint8_t *out = arena_new_n(a, p->n_head, bytes);

    for (uint32_t h = 0; out && h < p->n_head; h++)
        memcpy(out + h * bytes, from->data + ((size_t)h * p->per + p->first) * from->row_bytes,
               bytes);
    return out;
}

/* K: a row for each of the r_kv columns, in f32. */
static uint8_t *transpose(const struct weight *from, const struct piece *p, struct arena *a)
{
    size_t r = (size_t)from->ne[0];
    float *row = arena_new_n(a, r, sizeof(*row));
    float *out = arena_new_n(a, p->n_head * r, p->n * sizeof(*out));

    for (uint32_t h = 0; row && out && h < p->n_head; h++) {
        for (uint32_t i = 0; i < p->n; i++) {
            dtype_info(from->type)
                ->dequantize(r, from->data + ((size_t)h * p->per + p->first + i) * from->row_bytes,
                             row);
            for (size_t c = 0; c < r; c++)
                out[(h * r + c) * p->n + i] = row[c];
        }
    }
    return row ? (uint8_t *)(void *)out : NULL;
}

/* has_data: the file has, so that a part without it lacks memory. */
static enum err_code add_part(struct stored *s, const struct weight *like, bool has_data,
                              struct arena *a, struct err *e)
{
    struct weight *w = arena_new(a, sizeof(*w));

    if (!w || (has_data && !like->data))
        return err_set(e, ERR_OOM,
                       "no memory to split tensor %s; convert the model again to get it split",
                       like->name);
    *w = *like;
    s->w = w;
    s->scale = 1.0F;
    return ERR_OK;
}

enum err_code weights_split_kv_b(struct layer_weights *w, const struct weight_dims *d,
                                 struct arena *a, struct err *e)
{
    const struct stored *both = layer_weight(w, W_MLA_KV_B);
    const struct weight *from = both->w;
    struct stored *k = &w->at[W_MLA_K_B - W_GLOBAL_COUNT];
    struct stored *v = &w->at[W_MLA_V_B - W_GLOBAL_COUNT];
    uint32_t plain = d->head_k - d->n_rot;
    struct piece p = { .n_head = d->n_head, .per = plain + d->head_v, .n = plain };
    struct weight part;

    if (k->w || v->w)
        return err_set(e, ERR_FORMAT, "tensor %s was not expected: its parts are there too",
                       from->name);
    if (both->b || both->scale != 1.0F)
        return err_set(e, ERR_UNSUPPORTED, "tensor %s: a bias or scale of it is not supported",
                       from->name);
    part = *from;
    part.type = DT_F32;
    part.row_bytes = plain * sizeof(float);
    part.ne[0] = plain;
    part.ne[1] = from->ne[0];
    part.ne[2] = d->n_head;
    part.data = from->data ? transpose(from, &p, a) : NULL;
    if (add_part(k, &part, from->data != NULL, a, e))
        return ERR_OOM;
    p.first = plain;
    p.n = d->head_v;
    part = *from;
    part.ne[1] = d->head_v;
    part.ne[2] = d->n_head;
    part.data = from->data ? copy_rows(from, &p, a) : NULL;
    return add_part(v, &part, from->data != NULL, a, e);
}
