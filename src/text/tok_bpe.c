/* BPE by merges ("gpt2"): byte-level with a pre-tokenizer, or on UTF-8 with bytes as a last resort
 * (Gemma 4).
 *
 * Byte-level vocabularies are kept as the bytes their tokens stand for, so that the text needs no
 * detour through GPT-2's alphabet. */
#include <string.h>

#include "base/utf8.h"
#include "text/tok_int.h"
#include "text/unicode.h"

#define MERGE_FREE UINT64_MAX

static uint32_t merge_place(const struct tok *t, uint64_t pair)
{
    uint64_t h = pair * 0x9E3779B97F4A7C15ULL;

    return (uint32_t)(h >> 32) & t->merge_mask;
}

uint32_t tok_merge_find(const struct tok *t, uint32_t left, uint32_t right, uint32_t *rank)
{
    uint64_t pair = (uint64_t)left << 32 | right;

    for (uint32_t k = merge_place(t, pair);; k = (k + 1) & t->merge_mask) {
        const struct merge *m = &t->merge[k];

        if (m->pair == pair) {
            *rank = m->rank;
            return m->sym;
        }
        if (m->pair == MERGE_FREE) {
            *rank = TOK_RANK_NONE;
            return TOK_SYM_NONE;
        }
    }
}

/* The first of equal merges counts. */
static void merge_add(struct tok *t, uint32_t left, uint32_t right, uint32_t rank, uint32_t sym)
{
    uint64_t pair = (uint64_t)left << 32 | right;
    uint32_t k = merge_place(t, pair);

    while (t->merge[k].pair != MERGE_FREE) {
        if (t->merge[k].pair == pair)
            return;
        k = (k + 1) & t->merge_mask;
    }
    t->merge[k] = (struct merge){ .pair = pair, .rank = rank, .sym = sym };
}

/* Appends the bytes that a spelling in GPT-2's alphabet stands for; false when it is not in it. */
static bool add_bytes(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        int byte;

        i += unicode_decode(s + i, len - i, &cp);
        byte = tok_char_byte(cp);
        if (byte < 0)
            return false;
        buf_addc(out, (char)byte);
    }
    return true;
}

static bool add_raw_tokens(struct tok *t, struct buf *tmp)
{
    if (!strs_init(&t->raw, t->n_vocab + 512))
        return false;
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);
        bool is_bytes;

        buf_clear(tmp);
        is_bytes = add_bytes(s, len, tmp);
        if (tmp->failed || !strs_push(&t->raw, tmp->data, is_bytes ? tmp->len : 0))
            return false;
    }
    for (unsigned b = 0; b < 256; b++) {
        char c = (char)b;

        if (!strs_intern(&t->raw, &c, 1, &t->byte_sym[b]))
            return false;
    }
    return true;
}

/* One line of the merges: two spellings with a space between, the first at least one byte. Lines
 * that no text can reach are passed over. */
static bool add_merge(struct tok *t, const struct gguf_str *m, uint32_t rank, struct buf *tmp)
{
    struct strs *names = t->is_raw ? &t->spell : &t->raw;
    const char *space = m->len > 1 ? memchr(m->s + 1, ' ', m->len - 1) : NULL;
    size_t cut, n_left;
    uint32_t left, right, both;

    if (!space)
        return true;
    cut = (size_t)(space - m->s);
    buf_clear(tmp);
    if (t->is_raw)
        buf_add(tmp, m->s, cut);
    else if (!add_bytes(m->s, cut, tmp))
        return !tmp->failed;
    n_left = tmp->len;
    if (t->is_raw)
        buf_add(tmp, space + 1, m->len - cut - 1);
    else if (!add_bytes(space + 1, m->len - cut - 1, tmp))
        return !tmp->failed;
    if (tmp->failed)
        return false;
    if (n_left == 0 || tmp->len == n_left)
        return true;
    if (!strs_intern(names, tmp->data, n_left, &left) ||
        !strs_intern(names, tmp->data + n_left, tmp->len - n_left, &right) ||
        !strs_intern(names, tmp->data, tmp->len, &both))
        return false;
    merge_add(t, left, right, rank, both);
    return true;
}

static bool merge_table(struct tok *t, size_t n)
{
    uint32_t cap = 64;

    while (cap / 2 < n)
        cap *= 2;
    t->merge = mem_alloc(MEM_MODEL, (size_t)cap * sizeof(*t->merge));
    t->merge_mask = cap - 1;
    for (uint32_t k = 0; t->merge && k < cap; k++)
        t->merge[k].pair = MERGE_FREE;
    return t->merge != NULL;
}

enum err_code tok_build_bpe(struct tok *t, const struct tok_vocab *v, struct err *e)
{
    struct buf tmp;
    bool ok;

    if (v->n_merge > TOK_VOCAB_MAX)
        return err_set(e, ERR_LIMIT, "tokenizer: %zu merges, limit %u", v->n_merge, TOK_VOCAB_MAX);
    buf_init(&tmp, MEM_OTHER, TOK_TEXT_TOTAL);
    buf_reserve(&tmp, 256);
    ok = merge_table(t, v->n_merge) && (t->is_raw || add_raw_tokens(t, &tmp));
    for (size_t i = 0; ok && i < v->n_merge; i++)
        ok = add_merge(t, &v->merges[i], (uint32_t)i, &tmp);
    buf_finish(&tmp);
    return ok ? ERR_OK : err_set(e, ERR_OOM, "tokenizer: no memory for %zu merges", v->n_merge);
}

/* ---- encoding ---- */

static bool emit(struct tok_work *w, const char *piece, const struct sym *s)
{
    const struct tok *t = w->t;

    if (s->sym < t->n_vocab)
        return work_id(w, (int32_t)s->sym);
    for (uint32_t i = 0; i < s->len; i++) {
        uint32_t id = t->byte_sym[(unsigned char)piece[s->at + i]];

        if (id < t->n_vocab && !work_id(w, (int32_t)id))
            return false;
    }
    return true;
}

static bool flush(struct tok_work *w, const char *piece, size_t n)
{
    if (n == 0)
        return true;
    if (!tok_merge(w, piece, n))
        return false;
    for (uint32_t i = 0; i != UINT32_MAX; i = w->sym[i].next) {
        if (!emit(w, piece, &w->sym[i]))
            return false;
    }
    return true;
}

static bool encode_bytes(struct tok_work *w, const char *s, size_t len)
{
    const struct tok *t = w->t;

    if (t->ignore_merges || len == 1) {
        uint32_t id = strs_find(&t->raw, s, len);

        if (id < t->n_vocab && (len == 1 || work_may_make(w, id)))
            return work_id(w, (int32_t)id);
    }
    if (!work_need(w, (void **)&w->sym, &w->sym_cap, len, sizeof(*w->sym)))
        return false;
    for (size_t i = 0; i < len; i++) {
        struct sym *y = &w->sym[i];

        y->at = (uint32_t)i;
        y->len = 1;
        y->sym = t->byte_sym[(unsigned char)s[i]];
    }
    return flush(w, s, len);
}

static bool is_newlines(const char *s, size_t len)
{
    while (len > 0 && s[len - 1] == '\n')
        len--;
    return len == 0;
}

/* Characters of one line; no merge crosses a place where cut_after holds. */
static bool encode_chars(struct tok_work *w, const char *s, size_t len)
{
    const struct tok *t = w->t;
    size_t n = 0, from = 0;

    if (is_newlines(s, len)) {
        uint32_t id = strs_find(&t->spell, s, len);

        if (id < t->n_vocab)
            return work_id(w, (int32_t)id);
    }
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned k = unicode_decode(s + i, len - i, &cp);
        struct sym *y;

        if (!work_goes_on(w, 1))
            return false;
        if (n > 0 && cp == 0x2581 && t->cut_after[(unsigned char)s[i - 1]]) {
            if (!flush(w, s + from, n))
                return false;
            n = 0;
            from = i;
        }
        if (!work_need(w, (void **)&w->sym, &w->sym_cap, n + 1, sizeof(*w->sym)))
            return false;
        y = &w->sym[n++];
        y->at = (uint32_t)(i - from);
        y->len = k;
        y->sym = strs_find(&t->spell, s + i, k);
        i += k;
    }
    return flush(w, s + from, n);
}

/* Pieces are written out from their characters: broken UTF-8 has become U+FFFD there. */
static bool encode_piece(struct tok_work *w, size_t from, size_t to)
{
    struct buf *b = &w->text;

    buf_clear(b);
    if (!buf_reserve(b, (to - from) * UTF8_BYTES_MAX)) {
        w->is_oom = true;
        return false;
    }
    for (size_t i = from; i < to; i++) {
        uint32_t cp = w->pre.cp[i];

        if (cp < 0x80)
            b->data[b->len++] = (char)cp;
        else
            b->len += utf8_encode(cp, b->data + b->len);
    }
    return w->t->is_raw ? encode_chars(w, b->data, b->len) : encode_bytes(w, b->data, b->len);
}

bool tok_encode_bpe(struct tok_work *w, const char *text, size_t len)
{
    size_t from = 0;

    if (!pre_cut(&w->pre, w->t->pre_def, text, len)) {
        w->is_oom = !w->pre.is_stopped;
        return false;
    }
    for (size_t i = 0; w->t->is_raw && i < w->pre.n; i++) {
        if (w->pre.cp[i] == ' ')
            w->pre.cp[i] = 0x2581;
    }
    for (size_t i = 0; i < w->pre.n_end; i++) {
        if (!encode_piece(w, from, w->pre.end[i]) || !work_goes_on(w, 4))
            return false;
        from = w->pre.end[i];
    }
    return true;
}
