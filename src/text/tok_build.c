/* Builds the tables of a vocabulary: checks, defaults of each kind, what the keys override. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/tok_int.h"

void tok_vocab_init(struct tok_vocab *v)
{
    *v = (struct tok_vocab){ .cls = -1,
                             .add_bos = -1,
                             .add_eos = -1,
                             .add_sep = -1,
                             .add_space_prefix = -1,
                             .remove_extra_spaces = -1,
                             .lowercase = -1,
                             .strip_accents = -1 };
    for (unsigned i = 0; i < SPECIAL_COUNT; i++)
        v->special[i] = -1;
}

static bool is(const struct gguf_str *s, const char *name)
{
    return s->len == strlen(name) && memcmp(s->s, name, s->len) == 0;
}

/* A name from a file, short enough for a message. */
static int name_len(const struct gguf_str *s)
{
    return s->len < 64 ? (int)s->len : 64;
}

struct kind {
    const char *name;
    enum tok_model model;
    /* Ids that hold when the file does not name them, -1: none. */
    int32_t bos, eos, unk, sep, pad, mask;
    bool add_space_prefix, clean_spaces, add_bos, add_eos, add_sep, escape_spaces;
};

/* clang-format off */
static const struct kind kinds[] = {
    /*                    bos eos unk  sep pad mask prefix clean  bos    eos    sep    escape */
    { "llama",  TOK_SPM,    1,  2,   0, -1, -1,  -1, true,  false, true,  false, false, true  },
    { "gpt2",   TOK_BPE,   11, 11,  -1, -1, -1,  -1, false, true,  false, false, false, false },
    { "gemma4", TOK_BPE,   -1, -1,  -1, -1, -1,  -1, false, true,  false, false, false, true  },
    { "bert",   TOK_WPM,  101, -1, 100, 102, 0, 103, false, true,  true,  false, true,  true  },
    { "t5",     TOK_UGM,   -1,  1,   2, -1,  0,  -1, false, false, false, true,  false, true  },
    { "rwkv",   TOK_RWKV,  -1, -1,  -1, -1, -1,  -1, false, false, false, false, false, true  },
};
/* clang-format on */

static const struct kind *kind_of(const struct gguf_str *model)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (is(model, kinds[i].name))
            return &kinds[i];
    }
    return NULL;
}

/* A file's flag, where it has one. */
static bool flag(int8_t given, bool otherwise)
{
    return given < 0 ? otherwise : given != 0;
}

static enum err_code set_pre(struct tok *t, const struct tok_vocab *v, const struct kind *k,
                             struct err *e)
{
    static const struct gguf_str gemma4 = { "gemma4", 6 }, standard = { "default", 7 };
    const struct gguf_str *pre = is(&v->model, "gemma4") ? &gemma4
                                 : v->pre.len            ? &v->pre
                                                         : &standard;

    t->clean_spaces = k->clean_spaces;
    t->escape_spaces = k->escape_spaces;
    t->add_bos = k->add_bos;
    t->add_sep = k->add_sep;
    if (k->model == TOK_BPE) {
        t->pre_def = pre_find(pre->s, pre->len);
        if (!t->pre_def)
            return err_set(e, ERR_UNSUPPORTED, "tokenizer.ggml.pre: unknown pre-tokenizer \"%.*s\"",
                           name_len(pre), pre->s);
        t->ignore_merges = (t->pre_def->flags & PRE_IGNORE_MERGES) != 0;
        t->clean_spaces = !(t->pre_def->flags & PRE_KEEP_SPACES);
        t->add_bos = (t->pre_def->flags & PRE_ADD_BOS) != 0;
        t->add_sep = (t->pre_def->flags & PRE_ADD_SEP) != 0;
        t->is_raw = t->escape_spaces = (t->pre_def->flags & PRE_RAW) != 0;
    }
    t->pre = mem_strndup(MEM_MODEL, k->model == TOK_BPE ? pre->s : v->pre.s,
                         k->model == TOK_BPE ? pre->len : v->pre.len);
    t->kind = mem_strndup(MEM_MODEL, k->model == TOK_BPE ? "gpt2" : k->name,
                          k->model == TOK_BPE ? 4 : strlen(k->name));
    return t->pre && t->kind ? ERR_OK : err_set(e, ERR_OOM, "tokenizer: no memory for its name");
}

static void set_flags(struct tok *t, const struct tok_vocab *v, const struct kind *k)
{
    t->add_space_prefix = flag(v->add_space_prefix, k->add_space_prefix);
    t->remove_extra_spaces = flag(v->remove_extra_spaces, false);
    t->add_bos = flag(v->add_bos, t->add_bos);
    t->add_eos = flag(v->add_eos, k->add_eos);
    t->add_sep = flag(v->add_sep, t->add_sep);
    t->lowercase = flag(v->lowercase, true);
    t->strip_accents = flag(v->strip_accents, t->lowercase);
    /* Files of this family say false and mean true. */
    if (t->is_raw && !(t->pre_def->flags & PRE_KEEP_SPACES))
        t->add_bos = true;
}

/* Ids out of range in a file do not count: many files carry such leftovers. */
static void set_ids(struct tok *t, const struct tok_vocab *v, const struct kind *k)
{
    bool no_bos = t->pre_def && (t->pre_def->flags & PRE_NO_BOS);
    int64_t bos = k->model == TOK_WPM && v->cls >= 0 ? v->cls : no_bos ? -1 : k->bos;

    for (unsigned i = 0; i < SPECIAL_COUNT; i++)
        t->special[i] = TOK_NONE;
    t->special[SPECIAL_BOS] = (int32_t)(bos < t->n_vocab ? bos : k->bos);
    t->special[SPECIAL_EOS] = k->eos;
    t->special[SPECIAL_UNK] = k->unk;
    t->special[SPECIAL_SEP] = k->sep;
    t->special[SPECIAL_PAD] = k->pad;
    t->special[SPECIAL_MASK] = k->mask;
    for (unsigned i = 0; i < SPECIAL_COUNT; i++) {
        if (t->special[i] >= 0 && (uint32_t)t->special[i] >= t->n_vocab)
            t->special[i] = TOK_NONE;
        if (v->special[i] >= 0 && v->special[i] < t->n_vocab)
            t->special[i] = (int32_t)v->special[i];
    }
}

static uint8_t bit_of(int32_t type)
{
    switch (type) {
    case TOK_NORMAL:
        return BIT_NORMAL;
    case TOK_UNKNOWN:
        return BIT_UNKNOWN;
    case TOK_CONTROL:
        return BIT_CONTROL;
    case TOK_USER_DEFINED:
        return BIT_USER;
    case TOK_UNUSED:
        return BIT_UNUSED;
    case TOK_BYTE:
        return BIT_BYTE;
    default:
        return 0;
    }
}

static enum err_code copy_tokens(struct tok *t, const struct tok_vocab *v, struct err *e)
{
    t->bits = mem_alloc_n(MEM_MODEL, v->n, sizeof(*t->bits));
    t->score = mem_alloc_n(MEM_MODEL, v->n, sizeof(*t->score));
    if (!t->bits || !t->score || !strs_init(&t->spell, v->n))
        return err_set(e, ERR_OOM, "tokenizer: no memory for %u tokens", v->n);
    t->n_vocab = v->n;
    for (uint32_t i = 0; i < v->n; i++) {
        size_t len = v->tokens[i].len;

        if (len > TOK_TOKEN_BYTES_MAX)
            return err_set(e, ERR_LIMIT, "tokenizer: token %u has %zu bytes, limit %u", i, len,
                           TOK_TOKEN_BYTES_MAX);
        if (!strs_push(&t->spell, v->tokens[i].s, len))
            return err_set(e, ERR_OOM, "tokenizer: no memory for the text of %u tokens", v->n);
        if (len > t->max_len)
            t->max_len = (uint32_t)len;
        t->bits[i] = v->types ? bit_of(v->types[i]) : BIT_NORMAL;
        t->score[i] = v->scores && !isnan(v->scores[i]) ? v->scores[i] : 0;
    }
    return ERR_OK;
}

/* ---- SentencePiece ---- */

struct scored {
    float score;
    uint32_t id;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Equal scores share a rank: then the place in the text decides. */
static enum err_code build_spm(struct tok *t, struct err *e)
{
    struct scored *s = mem_alloc_n(MEM_OTHER, t->n_vocab, sizeof(*s));

    t->rank = mem_alloc_n(MEM_MODEL, t->n_vocab, sizeof(*t->rank));
    if (!s || !t->rank) {
        mem_free(s);
        return err_set(e, ERR_OOM, "tokenizer: no memory for %u scores", t->n_vocab);
    }
    for (uint32_t i = 0; i < t->n_vocab; i++)
        s[i] = (struct scored){ .score = t->score[i], .id = i };
    qsort(s, t->n_vocab, sizeof(*s), by_score);
    for (uint32_t i = 0, rank = 0; i < t->n_vocab; i++) {
        if (i > 0 && s[i].score != s[i - 1].score)
            rank = i;
        t->rank[s[i].id] = rank;
    }
    mem_free(s);
    return ERR_OK;
}

static void find_byte_tokens(struct tok *t)
{
    static const char hex[] = "0123456789ABCDEF";

    for (unsigned b = 0; b < 256; b++) {
        char name[6] = { '<', '0', 'x', hex[b >> 4], hex[b & 15], '>' }, c = (char)b;
        uint32_t id = strs_find(&t->spell, name, sizeof(name));

        if (id == TOK_SYM_NONE && t->model == TOK_SPM)
            id = strs_find(&t->spell, &c, 1);
        t->byte_sym[b] = id < t->n_vocab ? id : TOK_SYM_NONE;
    }
}

static void find_cuts(struct tok *t)
{
    memset(t->cut_after, 1, sizeof(t->cut_after));
    for (uint32_t i = 0; i < t->spell.n; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);

        for (size_t k = 1; k + TOK_SPACE_LEN <= len; k++) {
            if (memcmp(s + k, TOK_SPACE, TOK_SPACE_LEN) == 0)
                t->cut_after[(unsigned char)s[k - 1]] = false;
        }
    }
}

/* ---- tries ---- */

static enum err_code build_trie(struct tok *t, struct err *e)
{
    struct buf b;
    bool ok = trie_init(&t->trie);

    buf_init(&b, MEM_OTHER, TOK_TEXT_TOTAL);
    for (uint32_t i = 0; ok && i < t->n_vocab; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);

        if (t->model == TOK_RWKV) {
            buf_clear(&b);
            tok_unescape(s, len, &b);
            ok = !b.failed;
            s = b.data;
            len = b.len;
        }
        ok = ok && trie_add(&t->trie, s, len, i);
    }
    buf_finish(&b);
    return ok ? ERR_OK
              : err_set(e, ERR_OOM, "tokenizer: no memory for a trie of %u tokens", t->n_vocab);
}

static enum err_code build_model(struct tok *t, const struct tok_vocab *v, struct err *e)
{
    enum err_code rc = ERR_OK;

    switch (t->model) {
    case TOK_SPM:
        rc = build_spm(t, e);
        break;
    case TOK_BPE:
        rc = tok_build_bpe(t, v, e);
        break;
    case TOK_UGM:
        return tok_build_ugm(t, v, e);
    case TOK_WPM:
    case TOK_RWKV:
        return build_trie(t, e);
    }
    if (!rc && (t->model == TOK_SPM || t->is_raw)) {
        find_byte_tokens(t);
        find_cuts(t);
    }
    return rc;
}

enum err_code tok_build(struct tok **out, const struct tok_vocab *v, struct err *e)
{
    const struct kind *k = kind_of(&v->model);
    struct tok *t = NULL;
    enum err_code rc;

    *out = NULL;
    if (!k)
        return err_set(e, ERR_UNSUPPORTED, "tokenizer.ggml.model: unknown tokenizer \"%.*s\"",
                       name_len(&v->model), v->model.s);
    if (v->n == 0 || v->n > TOK_VOCAB_MAX)
        return err_set(e, ERR_FORMAT, "tokenizer.ggml.tokens: %u tokens, expected 1 to %u", v->n,
                       TOK_VOCAB_MAX);
    if (k->model == TOK_BPE && !v->has_merges && !is(&v->pre, "kimi-k2"))
        return err_set(e, ERR_FORMAT, "tokenizer.ggml.merges is missing");
    t = mem_alloc_zero(MEM_MODEL, sizeof(*t));
    if (!t)
        return err_set(e, ERR_OOM, "tokenizer: no memory for its tables");
    t->model = k->model;
    rc = set_pre(t, v, k, e);
    if (!rc)
        rc = copy_tokens(t, v, e);
    if (!rc)
        rc = build_model(t, v, e);
    if (!rc) {
        set_flags(t, v, k);
        set_ids(t, v, k);
        rc = tok_note_control(t, e);
    }
    if (!rc)
        rc = tok_detect_special(t, e);
    if (!rc)
        rc = tok_build_control(t, e);
    if (!rc) {
        rc = tok_build_marks(t, e);
        tok_set_strip(t, v);
    }
    if (!rc) {
        *out = t;
        t = NULL;
    }
    tok_close(t);
    return rc;
}
