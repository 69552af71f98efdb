/* Files of a published shape with random weights, for measuring speed without a download.
 *
 * Every tensor of a type is cut from one pool of random blocks at random places, so that gigabytes
 * are written as fast as the disk takes them. The values are small (normal, deviation 0.02), so
 * that activations stay sane through any number of layers. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "formats/dtype.h"
#include "model/arch_shapes.h"
#include "model/make_tok.h"
#include "model/model.h"

#define POOL_VALUES    ((size_t)1 << 18) /* a multiple of every block */
#define WEIGHT_STD     0.02
#define TOK_BYTES_MAX  ((size_t)256 << 20)
#define FILL_BYTES_MAX ((size_t)1 << 20)

/* What a file type means for the tensors of a mixture. */
struct mixture {
    const char *name;
    uint32_t file_type;
    enum dtype base, finer, output, embd, expert;
};

/* clang-format off */
static const struct mixture mixtures[] = {
    { "Q4_K_M", 15, DT_Q4_K,  DT_Q6_K,  DT_Q6_K, DT_Q4_K,  DT_Q4_K  },
    { "Q4_K_S", 14, DT_Q4_K,  DT_Q5_K,  DT_Q6_K, DT_Q4_K,  DT_Q4_K  },
    { "Q5_K_M", 17, DT_Q5_K,  DT_Q6_K,  DT_Q6_K, DT_Q5_K,  DT_Q5_K  },
    { "Q5_K_S", 16, DT_Q5_K,  DT_Q5_K,  DT_Q6_K, DT_Q5_K,  DT_Q5_K  },
    { "Q3_K_M", 12, DT_Q3_K,  DT_Q4_K,  DT_Q6_K, DT_Q3_K,  DT_Q3_K  },
    { "Q2_K",   10, DT_Q2_K,  DT_Q4_K,  DT_Q6_K, DT_Q2_K,  DT_Q2_K  },
    { "Q4_0",    2, DT_Q4_0,  DT_Q4_0,  DT_Q6_K, DT_Q4_0,  DT_Q4_0  },
    { "Q6_K",   18, DT_Q6_K,  DT_Q6_K,  DT_Q6_K, DT_Q6_K,  DT_Q6_K  },
    { "Q8_0",    7, DT_Q8_0,  DT_Q8_0,  DT_Q8_0, DT_Q8_0,  DT_Q8_0  },
    { "F16",     1, DT_F16,   DT_F16,   DT_F16,  DT_F16,   DT_F16   },
    { "BF16",   32, DT_BF16,  DT_BF16,  DT_BF16, DT_BF16,  DT_BF16  },
    { "F32",     0, DT_F32,   DT_F32,   DT_F32,  DT_F32,   DT_F32   },
    { "MXFP4",  38, DT_Q8_0,  DT_Q8_0,  DT_Q8_0, DT_Q8_0,  DT_MXFP4 },
};
/* clang-format on */

struct maker {
    const struct shape *s;
    uint32_t n_layer;
    struct mixture mix;
    struct gguf_out *o;
    uint64_t random, done, total;
    bool (*progress)(void *arg, uint64_t done, uint64_t total);
    void *arg;
    float *values;           /* the pool as numbers */
    uint8_t *pool[DT_LIMIT]; /* and in each type used so far */
};

/* splitmix64. */
static uint64_t next_random(struct maker *m)
{
    uint64_t z = m->random += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static double uniform(struct maker *m)
{
    return ((double)(next_random(m) >> 11) + 0.5) / 9007199254740992.0;
}

static void fill_normal(struct maker *m)
{
    for (size_t i = 0; i < POOL_VALUES; i += 2) {
        double r = WEIGHT_STD * sqrt(-2.0 * log(uniform(m)));
        double a = 6.283185307179586 * uniform(m);

        m->values[i] = (float)(r * cos(a));
        m->values[i + 1] = (float)(r * sin(a));
    }
}

static enum err_code mixture_of(struct mixture *mix, const char *name, struct err *e)
{
    enum dtype type;

    for (size_t i = 0; i < COUNT_OF(mixtures); i++) {
        if (strcasecmp(mixtures[i].name, name) == 0) {
            *mix = mixtures[i];
            return ERR_OK;
        }
    }
    if (!dtype_by_name(name, &type) || !dtype_info(type)->quantize)
        return err_set(e, ERR_ARG, "type \"%s\" is neither a file type nor a writable tensor type",
                       name);
    *mix = (struct mixture){ name, UINT32_MAX, type, type, type, type, type };
    return ERR_OK;
}

/* A smaller block for rows that the type's blocks do not divide. */
static enum dtype fitting(enum dtype type, uint64_t n)
{
    if (n % dtype_info(type)->block_n == 0)
        return type;
    type = type == DT_Q5_K ? DT_Q5_1 : type == DT_Q6_K ? DT_Q8_0 : DT_Q5_0;
    return n % dtype_info(type)->block_n == 0 ? type : DT_F16;
}

/* The layers whose value and down projections mixtures keep finer: the first and last eighth, and
 * every third between. */
static bool is_finer(uint32_t il, uint32_t n)
{
    return il < n / 8 || il >= 7 * n / 8 || (il - n / 8) % 3 == 2;
}

static enum dtype type_of(const struct maker *m, const struct shape_tensor *t)
{
    bool finer = is_finer(t->il, m->n_layer);

    switch (t->use) {
    case USE_EMBD:
        return fitting(m->mix.embd, t->ne[0]);
    case USE_OUTPUT:
        return fitting(m->mix.output, t->ne[0]);
    case USE_MATRIX:
        return fitting(m->mix.base, t->ne[0]);
    case USE_V:
    case USE_DOWN:
        return fitting(finer ? m->mix.finer : m->mix.base, t->ne[0]);
    case USE_EXPERT:
        return fitting(m->mix.expert, t->ne[0]);
    case USE_EXPERT_DOWN:
        return fitting(finer && m->mix.expert == m->mix.base ? m->mix.finer : m->mix.expert,
                       t->ne[0]);
    default:
        return DT_F32;
    }
}

static uint64_t tensor_bytes(const struct maker *m, const struct shape_tensor *t)
{
    const struct dtype_info *type = dtype_info(type_of(m, t));

    return t->ne[0] / type->block_n * type->block_bytes * t->ne[1] * t->ne[2];
}

static enum err_code declare(void *arg, const struct shape_tensor *t, struct err *e)
{
    struct maker *m = arg;

    m->total += tensor_bytes(m, t);
    return gguf_out_tensor(m->o, t->name, type_of(m, t), t->n_dims, t->ne, e);
}

/* The pool in one type. */
static enum err_code need_pool(struct maker *m, enum dtype type, struct err *e)
{
    const struct dtype_info *d = dtype_info(type);

    if (m->pool[type])
        return ERR_OK;
    m->pool[type] = mem_alloc(MEM_OTHER, POOL_VALUES / d->block_n * d->block_bytes);
    if (!m->pool[type])
        return err_set(e, ERR_OOM, "no memory for random blocks of type %s", d->name);
    for (size_t at = 0; at < POOL_VALUES; at += 1024)
        d->quantize(1024, m->values + at, NULL, m->pool[type] + at / d->block_n * d->block_bytes);
    return ERR_OK;
}

static enum err_code write_piece(struct maker *m, const void *data, size_t len, struct err *e)
{
    enum err_code rc = gguf_out_data(m->o, data, len, e);

    m->done += len;
    if (!rc && m->progress && !m->progress(m->arg, m->done, m->total))
        rc = err_set(e, ERR_CANCELLED, "interrupted");
    return rc;
}

static enum err_code write_random(struct maker *m, enum dtype type, uint64_t bytes, struct err *e)
{
    const struct dtype_info *d = dtype_info(type);
    uint64_t n_block = POOL_VALUES / d->block_n, left = bytes;
    enum err_code rc = need_pool(m, type, e);

    while (left && !rc) {
        uint64_t from = next_random(m) % (n_block / 2);
        uint64_t len = (n_block - from) * d->block_bytes;

        if (len > left)
            len = left;
        rc = write_piece(m, m->pool[type] + from * d->block_bytes, (size_t)len, e);
        left -= len;
    }
    return rc;
}

static enum err_code write_vector(struct maker *m, const struct shape_tensor *t, struct err *e)
{
    uint64_t bytes = tensor_bytes(m, t);
    size_t n = (size_t)(bytes / sizeof(float));
    float *v = bytes <= FILL_BYTES_MAX ? mem_alloc_n(MEM_OTHER, n, sizeof(*v)) : NULL;
    enum err_code rc;

    if (!v)
        return err_set(e, ERR_OOM, "no memory for tensor %s", t->name);
    for (size_t i = 0; i < n; i++)
        v[i] = 1.0F;
    if (t->use == USE_FREQS)
        shape_freqs(m->s, (uint32_t)n, v);
    rc = write_piece(m, v, (size_t)bytes, e);
    mem_free(v);
    return rc;
}

static enum err_code write_tensor(void *arg, const struct shape_tensor *t, struct err *e)
{
    struct maker *m = arg;

    if (t->use == USE_ONES || t->use == USE_FREQS)
        return write_vector(m, t, e);
    return write_random(m, type_of(m, t), tensor_bytes(m, t), e);
}

static enum err_code write_keys(struct maker *m, struct err *e)
{
    struct arena a;
    enum err_code rc = shape_keys(m->s, m->n_layer, m->o, e);

    arena_init(&a, MEM_OTHER, (size_t)1 << 20, TOK_BYTES_MAX);
    if (!rc && m->mix.file_type != UINT32_MAX)
        rc = gguf_out_u32(m->o, "general.file_type", m->mix.file_type, e);
    if (!rc)
        rc = gguf_out_u32(m->o, "general.quantization_version", 2, e);
    if (!rc)
        rc = make_tok(m->o, m->s->n_vocab, &a, e);
    arena_finish(&a);
    return rc;
}

static enum err_code write_file(struct maker *m, const char *path, struct err *e)
{
    enum err_code rc = gguf_out_open(&m->o, path, e);

    if (rc)
        return rc;
    rc = write_keys(m, e);
    if (!rc)
        rc = shape_walk(m->s, m->n_layer, declare, m, e);
    if (!rc)
        rc = shape_walk(m->s, m->n_layer, write_tensor, m, e);
    if (!rc)
        return gguf_out_commit(m->o, e);
    gguf_out_abandon(m->o);
    return rc;
}

enum err_code model_make_shape(const char *path, const struct shape_params *p,
                               bool (*progress)(void *arg, uint64_t done, uint64_t total),
                               void *arg, struct err *e)
{
    struct maker m = { .random = p->seed, .progress = progress, .arg = arg };
    enum err_code rc;

    m.s = shape_find(p->shape);
    if (!m.s)
        return err_set(e, ERR_NOT_FOUND, "no shape is called \"%s\"", p->shape);
    m.n_layer = p->n_layer ? p->n_layer : m.s->n_layer;
    if (m.n_layer > MODEL_LAYERS_MAX)
        return err_set(e, ERR_ARG, "%u layers: at most %u are possible", m.n_layer,
                       MODEL_LAYERS_MAX);
    rc = mixture_of(&m.mix, p->type, e);
    if (rc)
        return rc;
    m.values = mem_alloc_n(MEM_OTHER, POOL_VALUES, sizeof(*m.values));
    if (!m.values)
        return err_set(e, ERR_OOM, "no memory for random weights");
    fill_normal(&m);
    rc = write_file(&m, path, e);
    for (size_t i = 0; i < DT_LIMIT; i++)
        mem_free(m.pool[i]);
    mem_free(m.values);
    return rc;
}
