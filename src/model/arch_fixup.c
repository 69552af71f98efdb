/* History: facts that only odd combinations of keys and tensors tell. One short function a case;
 * each may change the model's own copy of its row (architectures.md, sections 1, 7 and 8). */
#include <math.h>
#include <stdio.h>

#include "model/arch.h"
#include "model/hparams.h"

/* The 27-billion members of the family, known by their layer count alone, scale the query by the
 * width that the heads would have if they filled n_embd. */
enum err_code fix_gemma_27b(struct hparams *hp, const struct gguf *g, struct err *e)
{
    uint32_t n_big = hp->t.window.period == 2 ? 46 : 62;

    (void)g;
    (void)e;
    if (hp->n_layer == n_big && hp->n_head[0])
        hp->attn_scale = 1.0F / sqrtf((float)(hp->n_embd / hp->n_head[0]));
    return ERR_OK;
}

/* The key's meaning elsewhere is "the model was trained with the scaling"; here false means that
 * the model has no rotation at all. */
enum err_code fix_granite(struct hparams *hp, const struct gguf *g, struct err *e)
{
    bool finetuned = true;
    char name[64];
    enum err_code rc;

    (void)snprintf(name, sizeof(name), "%s.rope.scaling.finetuned", hp->t.name);
    rc = gguf_get_bool(g, name, &finetuned, NULL, e);
    if (!rc && !finetuned)
        hp->t.rope.layers = ROPE_NO_LAYER;
    return rc;
}

/* The file holds a tenth of the multiplier. The magnitude of YaRN is not put on the rotated part:
 * its square is in the scale of all scores. Files that name no gating function are older than the
 * sigmoid, but for one family that is known by its size. */
enum err_code fix_deepseek2(struct hparams *hp, const struct gguf *g, struct err *e)
{
    double l = (double)hp->rope.log_multiplier * 10.0, m = 1.0;

    (void)e;
    if (hp->rope.scaling == RSCALE_YARN && hp->rope.factor > 1.0F)
        m = 0.1 * l * log((double)hp->rope.factor) + 1.0;
    hp->rope.in_attn_scale = true;
    if (hp->mla.head_k)
        hp->attn_scale = (float)(m * m / sqrt((double)hp->mla.head_k));
    if (!gguf_find(g, "deepseek2.expert_gating_func") && hp->n_vocab == 154880 &&
        (hp->n_layer == 47 || hp->n_layer == 48))
        hp->score = SCORE_SIGMOID;
    return ERR_OK;
}

/* Vision variants: their converter reordered Q and K for pairs of halves. */
enum err_code fix_glm4(struct hparams *hp, const struct gguf *g, struct err *e)
{
    (void)e;
    if (gguf_find(g, "glm4.rope.dimension_sections"))
        hp->t.rope.pairing = ROPE_HALVES;
    return ERR_OK;
}

/* The 12B files are parallel blocks; their use_parallel_residual key cannot be trusted, the missing
 * FFN norm can. */
enum err_code fix_stablelm(struct hparams *hp, const struct gguf *g, struct err *e)
{
    (void)e;
    if (!gguf_tensor(g, "blk.0.ffn_norm.weight"))
        hp->t.layout = LAYOUT_SHARED;
    return ERR_OK;
}

enum err_code fix_gptneox(struct hparams *hp, const struct gguf *g, struct err *e)
{
    bool found;
    enum err_code rc =
        gguf_get_bool(g, "gptneox.use_parallel_residual", &hp->t.parallel, &found, e);

    if (!rc && !found)
        rc = err_set(e, ERR_FORMAT,
                     "key gptneox.use_parallel_residual is missing: expected a boolean");
    return rc;
}

/* The 32B model, known by its layer count: windows, and rotation only inside them. */
enum err_code fix_exaone4(struct hparams *hp, const struct gguf *g, struct err *e)
{
    (void)g;
    (void)e;
    if (hp->n_layer == 64) {
        hp->t.window.kind = WINDOW_CAUSAL;
        hp->t.window.period = 4;
        hp->t.window.n_default = 4096;
        hp->t.rope.layers = ROPE_WINDOWED_ONLY;
    }
    return ERR_OK;
}

/* A window of 0 stands for models that attend to everything and rotate in every layer; any other
 * number is not the chunk's. The member with 128 experts was trained without norms of Q and K. */
enum err_code fix_llama4(struct hparams *hp, const struct gguf *g, struct err *e)
{
    uint32_t n_window = 1;
    enum err_code rc = gguf_get_u32(g, "llama4.attention.sliding_window", &n_window, NULL, e);

    if (n_window == 0) {
        hp->t.window.kind = WINDOW_NONE;
        hp->t.window.n_default = 0;
        hp->t.rope.layers = ROPE_EVERY_LAYER;
        hp->t.temp.scale = 0.0F;
    }
    if (hp->n_expert == 128)
        hp->t.qk_bare_norm = false;
    return rc;
}

/* Older files lack the three scales. */
enum err_code fix_minicpm(struct hparams *hp, const struct gguf *g, struct err *e)
{
    (void)g;
    (void)e;
    if (hp->embd_scale == 0.0F)
        hp->embd_scale = 12.0F;
    if (hp->residual_scale == 0.0F)
        hp->residual_scale = 1.4F / sqrtf((float)hp->n_layer);
    if (hp->logit_scale == 0.0F)
        hp->logit_scale = 256.0F / (float)hp->n_embd;
    return ERR_OK;
}
