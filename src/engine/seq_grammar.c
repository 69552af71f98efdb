/* Holding an answer to a grammar: before each draw the tokens that may come, after it the next
 * position. */
#include "base/num.h"
#include "engine/seq_int.h"
#include "os/sys.h"

/* What a match may remember; beyond half of it, all but the present position is forgotten. */
#define MATCH_BYTES_MAX ((size_t)64 << 20)

enum err_code seq_grammar_open(struct seq *q, const struct sched_params *p, const struct grammar *g,
                               struct err *e)
{
    size_t n_word;
    enum err_code rc;

    if (!g)
        return ERR_OK;
    if (!p->gvocab)
        return err_set(e, ERR_UNSUPPORTED, "a grammar needs a tokenizer, and the model has none");
    n_word = (max_u32(p->n_sample, tok_n_vocab(p->tok)) + 63U) / 64U;
    q->mask = mem_alloc_n(MEM_REQUEST, n_word, sizeof(*q->mask));
    if (!q->mask)
        return err_set(e, ERR_OOM, "no memory for a mask of %zu tokens", n_word * 64);
    rc = gmatch_open(&q->match, g, false, MATCH_BYTES_MAX, e);
    if (!rc)
        q->match_at = gmatch_start(q->match);
    return rc;
}

void seq_grammar_close(struct seq *q)
{
    gmatch_close(q->match);
    mem_free(q->mask);
    q->match = NULL;
    q->mask = NULL;
}

/* Whether a token may come at the present position. */
static enum err_code fits(struct seq *q, const struct sched_params *p, int32_t token, bool *ok,
                          struct err *e)
{
    uint32_t at = q->match_at;
    double from = clock_s();
    enum err_code rc = gmatch_accept(q->match, p->gvocab, &at, token, e);

    q->timing.grammar_s += clock_s() - from;
    *ok = at != 0;
    return rc;
}

static enum err_code make_mask(struct seq *q, const struct sched_params *p, struct err *e)
{
    double from = clock_s();
    enum err_code rc = gmatch_mask(q->match, p->gvocab, q->match_at, q->mask, e);

    q->timing.grammar_s += clock_s() - from;
    return rc;
}

enum err_code seq_sample(struct seq *q, const struct sched_params *p, const float *logits,
                         int32_t *token, struct err *e)
{
    int32_t forced = seq_thought_forced(q);
    enum err_code rc = ERR_OK;
    bool ok = true;

    if (forced != TOK_NONE && q->match)
        rc = fits(q, p, forced, &ok, e);
    if (rc)
        return rc;
    *token = forced;
    if (forced != TOK_NONE && ok)
        return ERR_OK;
    seq_thought_unforce(q); /* the grammar knows another way on */
    if (!q->match)
        return sampler_sample(q->sampler, logits, NULL, token, e);
    if (gmatch_is_free(q->match, q->match_at)) { /* most often no mask is needed */
        rc = sampler_sample(q->sampler, logits, NULL, token, e);
        if (!rc)
            rc = fits(q, p, *token, &ok, e);
        if (rc || ok)
            return rc;
    }
    rc = make_mask(q, p, e);
    return rc ? rc : sampler_sample(q->sampler, logits, q->mask, token, e);
}

enum err_code seq_grammar_accept(struct seq *q, const struct sched_params *p, int32_t token,
                                 bool *must_end, struct err *e)
{
    double from;
    enum err_code rc;

    *must_end = false;
    if (!q->match)
        return ERR_OK;
    from = clock_s();
    rc = gmatch_accept(q->match, p->gvocab, &q->match_at, token, e);
    if (!rc && !q->match_at)
        rc = err_set(e, ERR_FORMAT, "token %d does not fit the grammar", token);
    if (!rc)
        *must_end = gmatch_must_end(q->match, q->match_at);
    if (!rc && gmatch_bytes(q->match) > MATCH_BYTES_MAX / 2)
        rc = gmatch_compact(q->match, &q->match_at, e);
    q->timing.grammar_s += clock_s() - from;
    return rc;
}
