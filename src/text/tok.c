/* The tokenizer's door: encoding, lists of ids, facts. */
#include "text/tok.h"

#include <string.h>

#include "base/check.h"
#include "text/tok_int.h"

void ids_init(struct ids *v)
{
    *v = (struct ids){ 0 };
}

void ids_finish(struct ids *v)
{
    mem_free(v->at);
    *v = (struct ids){ 0 };
}

bool ids_add(struct ids *v, int32_t id)
{
    if (v->n == v->cap) {
        size_t cap = v->cap + v->cap / 2 + 64;
        int32_t *at = mem_realloc(MEM_REQUEST, v->at, cap * sizeof(*at));

        if (!at)
            return false;
        v->at = at;
        v->cap = cap;
    }
    v->at[v->n++] = id;
    return true;
}

void tok_close(struct tok *t)
{
    if (!t)
        return;
    strs_finish(&t->spell);
    strs_finish(&t->raw);
    trie_finish(&t->trie);
    trie_finish(&t->user);
    mem_free(t->kind);
    mem_free(t->pre);
    mem_free(t->bits);
    mem_free(t->score);
    mem_free(t->rank);
    mem_free(t->is_end);
    mem_free(t->is_control);
    trie_finish(&t->control);
    mem_free(t->merge);
    mem_free(t->xcda);
    mem_free(t->replacement);
    mem_free(t->marks[0].group);
    mem_free(t->marks[1].group);
    mem_free(t);
}

/* ---- encoding ---- */

bool work_need(struct tok_work *w, void **at, size_t *cap, size_t n, size_t bytes)
{
    size_t new_cap;
    void *p;

    if (n <= *cap)
        return true;
    new_cap = n + n / 2 + 64;
    p = mem_realloc(MEM_REQUEST, *at, new_cap * bytes);
    if (!p) {
        w->is_oom = true;
        return false;
    }
    *at = p;
    *cap = new_cap;
    return true;
}

bool work_id(struct tok_work *w, int32_t id)
{
    w->is_full = w->out->n >= w->n_stop;
    if (w->is_full)
        return false;
    if (ids_add(w->out, id))
        return true;
    w->is_oom = true;
    return false;
}

/* More ids than are wanted: so many, whichever. */
static enum err_code fill_up(struct tok_work *w, struct err *e)
{
    while (w->out->n < w->n_stop) {
        if (!ids_add(w->out, 0))
            return err_set(e, ERR_OOM, "no memory for %zu tokens", w->n_stop);
    }
    return ERR_OK;
}

bool work_ask(struct tok_work *w)
{
    w->n_work = 0;
    w->is_stopped = w->is_stopped || stop_asked(w->stop);
    return !w->is_stopped;
}

static bool encode_text(struct tok_work *w, const char *text, size_t len, bool space_first)
{
    switch (w->t->model) {
    case TOK_SPM:
        return tok_encode_spm(w, text, len, space_first);
    case TOK_BPE:
        return tok_encode_bpe(w, text, len);
    case TOK_WPM:
        return tok_encode_wpm(w, text, len);
    case TOK_UGM:
        return tok_encode_ugm(w, text, len);
    case TOK_RWKV:
        return tok_encode_rwkv(w, text, len);
    }
    return false;
}

/* SentencePiece puts a space before text at the start and behind special tokens. */
static bool encode_frags(struct tok_work *w, const char *text)
{
    bool after_special = true;

    for (size_t i = 0; i < w->n_frag; i++) {
        const struct frag *f = &w->frag[i];
        bool ok = f->id != TOK_NONE ? work_id(w, f->id)
                                    : encode_text(w, text + f->start, f->len,
                                                  after_special && w->t->add_space_prefix);

        if (!ok || !work_goes_on(w, 1))
            return false;
        after_special = f->id != TOK_NONE;
    }
    return true;
}

static bool add_if(struct tok_work *w, bool wanted, enum tok_special which)
{
    return !wanted || w->t->special[which] == TOK_NONE || work_id(w, w->t->special[which]);
}

static bool encode_all(struct tok_work *w, const char *text, size_t len, struct tok_params p)
{
    const struct tok *t = w->t;
    bool is_wpm = t->model == TOK_WPM, has_ends = p.add_special && t->model != TOK_RWKV;

    return tok_partition(w, text, len, p.parse_special) &&
           add_if(w, has_ends && (t->add_bos || is_wpm), SPECIAL_BOS) && encode_frags(w, text) &&
           add_if(w, has_ends && t->add_eos && !is_wpm, SPECIAL_EOS) &&
           add_if(w, has_ends && is_wpm, SPECIAL_SEP);
}

static enum err_code failed(const struct tok_work *w, size_t len, struct err *e)
{
    enum err_code rc = buf_check(&w->text, "normalized text", e);

    if (!rc && (w->is_stopped || w->pre.is_stopped))
        return err_set(e, ERR_CANCELLED, "the tokenizing was given up");
    return rc ? rc : err_set(e, ERR_OOM, "no memory to tokenize %zu bytes", len);
}

enum err_code tok_encode(const struct tok *t, const char *text, size_t len, struct tok_params p,
                         struct ids *out, struct err *e)
{
    struct tok_work w = { .t = t, .out = out, .bars = p.bars, .stop = p.stop };
    size_t n_before = out->n;
    enum err_code rc = ERR_OK;

    if (len > TOK_TEXT_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "text of %zu bytes, limit %llu", len, TOK_TEXT_BYTES_MAX);
    w.n_bar = p.parse_special ? p.n_bar : 0;
    w.n_stop = p.n_max ? n_before + p.n_max + 1 : SIZE_MAX;
    w.pre.stop = p.stop;
    /* Normalization may lengthen a text, but a hostile table must not blow it up. */
    buf_init(&w.text, MEM_REQUEST, 64 * len + 4096);
    if (!encode_all(&w, text, len, p))
        rc = w.is_full ? fill_up(&w, e) : failed(&w, len, e);
    if (rc)
        out->n = n_before;
    buf_finish(&w.text);
    mem_free(w.frag);
    mem_free(w.frag_new);
    mem_free(w.sym);
    mem_free(w.heap);
    mem_free(w.best);
    pre_finish(&w.pre);
    return rc;
}

/* ---- facts ---- */

uint32_t tok_n_vocab(const struct tok *t)
{
    return t->n_vocab;
}

const char *tok_kind(const struct tok *t)
{
    return t->kind;
}

const char *tok_pre(const struct tok *t)
{
    return t->pre;
}

enum tok_attr tok_attr(const struct tok *t, int32_t id)
{
    uint8_t bits = id >= 0 && (uint32_t)id < t->n_vocab ? t->bits[id] : 0;

    if (bits & BIT_CONTROL)
        return TOK_CONTROL;
    if (bits & BIT_UNKNOWN)
        return TOK_UNKNOWN;
    if (bits & BIT_USER)
        return TOK_USER_DEFINED;
    if (bits & BIT_BYTE)
        return TOK_BYTE;
    return bits & BIT_NORMAL ? TOK_NORMAL : TOK_UNUSED;
}

const char *tok_spelling(const struct tok *t, int32_t id, size_t *len)
{
    *len = 0;
    if (id < 0 || (uint32_t)id >= t->n_vocab)
        return "";
    return strs_at(&t->spell, (uint32_t)id, len);
}

int32_t tok_find(const struct tok *t, const char *s, size_t len)
{
    uint32_t id = strs_find(&t->spell, s, len);

    return id < t->n_vocab ? (int32_t)id : TOK_NONE;
}

int32_t tok_bos(const struct tok *t)
{
    return t->special[SPECIAL_BOS];
}

int32_t tok_eos(const struct tok *t)
{
    return t->special[SPECIAL_EOS];
}

int32_t tok_unk(const struct tok *t)
{
    return t->special[SPECIAL_UNK];
}

int32_t tok_pad(const struct tok *t)
{
    return t->special[SPECIAL_PAD];
}

int32_t tok_mask(const struct tok *t)
{
    return t->special[SPECIAL_MASK];
}

bool tok_adds_bos(const struct tok *t)
{
    return t->add_bos && t->model != TOK_RWKV && t->special[SPECIAL_BOS] != TOK_NONE;
}

bool tok_adds_eos(const struct tok *t)
{
    return t->add_eos && t->model != TOK_RWKV && t->special[SPECIAL_EOS] != TOK_NONE;
}

bool tok_is_end(const struct tok *t, int32_t id)
{
    return id >= 0 && (uint32_t)id < t->n_vocab && t->is_end[id];
}
