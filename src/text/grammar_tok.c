/* A tokenizer's vocabulary for masks: control tokens stand only where a grammar names them. */
#include "base/mem.h"
#include "text/grammar_mask.h"

#define PIECES_BYTES_MAX ((size_t)1 << 30)

static enum gtoken_kind kind_of(const struct tok *t, int32_t id)
{
    enum tok_attr attr = tok_attr(t, id);

    if (tok_is_end(t, id))
        return GTOKEN_END;
    return attr == TOK_NORMAL || attr == TOK_USER_DEFINED || attr == TOK_BYTE ? GTOKEN_TEXT
                                                                              : GTOKEN_OTHER;
}

enum err_code gvocab_of_tok(struct gvocab **out, const struct tok *t, struct err *e)
{
    uint32_t n = tok_n_vocab(t);
    struct gtoken *at = mem_alloc_n(MEM_MODEL, n, sizeof(*at));
    struct buf text;
    enum err_code rc = at ? ERR_OK : err_set(e, ERR_OOM, "no memory for %u tokens", n);

    *out = NULL;
    buf_init(&text, MEM_MODEL, PIECES_BYTES_MAX);
    for (uint32_t i = 0; i < n && !rc; i++) {
        size_t from = text.len;

        at[i].kind = kind_of(t, (int32_t)i);
        rc = at[i].kind == GTOKEN_TEXT ? tok_piece(t, (int32_t)i, &text, e) : ERR_OK;
        at[i].len = text.len - from;
    }
    for (size_t i = 0, from = 0; i < n && !rc; from += at[i++].len)
        at[i].s = buf_str(&text) + from; /* only now: the buffer moves while it grows */
    if (!rc)
        rc = gvocab_create(out, at, n, e);
    buf_finish(&text);
    mem_free(at);
    return rc;
}
