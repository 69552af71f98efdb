/* SentencePiece BPE ("llama"): spaces spelled U+2581, characters merged by the tokens' scores, what
 * is no token in the end goes out byte by byte. */
#include <string.h>

#include "text/tok_int.h"

static bool emit(struct tok_work *w, const char *piece, const struct sym *s)
{
    const struct tok *t = w->t;

    if (s->sym != TOK_SYM_NONE)
        return work_id(w, (int32_t)s->sym);
    for (uint32_t i = 0; i < s->len; i++) {
        uint32_t id = t->byte_sym[(unsigned char)piece[s->at + i]];
        int32_t out = id != TOK_SYM_NONE ? (int32_t)id : t->special[SPECIAL_UNK];

        if (out != TOK_NONE && !work_id(w, out))
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

/* Length by the first byte alone: broken UTF-8 becomes odd symbols, and those become bytes. */
static size_t char_len(char c)
{
    static const uint8_t len[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4 };

    return len[(unsigned char)c >> 4];
}

static bool is_space(const char *s, size_t len)
{
    return len >= TOK_SPACE_LEN && memcmp(s, TOK_SPACE, TOK_SPACE_LEN) == 0;
}

/* No merge crosses a place where cut_after holds, so the text falls apart there into words. */
static bool encode_words(struct tok_work *w, const char *s, size_t len)
{
    size_t n = 0, from = 0;

    for (size_t i = 0; i < len;) {
        size_t k = char_len(s[i]);
        struct sym *y;

        if (!work_goes_on(w, 1))
            return false;
        if (k > len - i)
            k = len - i;
        if (n > 0 && is_space(s + i, len - i) && w->t->cut_after[(unsigned char)s[i - 1]]) {
            if (!flush(w, s + from, n))
                return false;
            n = 0;
            from = i;
        }
        if (!work_need(w, (void **)&w->sym, &w->sym_cap, n + 1, sizeof(*w->sym)))
            return false;
        y = &w->sym[n++];
        y->at = (uint32_t)(i - from);
        y->len = (uint32_t)k;
        y->sym = strs_find(&w->t->spell, s + i, k);
        i += k;
    }
    return flush(w, s + from, n);
}

bool tok_encode_spm(struct tok_work *w, const char *text, size_t len, bool space_first)
{
    buf_clear(&w->text);
    if (space_first)
        buf_add(&w->text, TOK_SPACE, TOK_SPACE_LEN);
    for (size_t i = 0; i < len;) {
        const char *space = memchr(text + i, ' ', len - i);
        size_t n = space ? (size_t)(space - text) - i : len - i;

        if (!work_goes_on(w, 1))
            return false;
        buf_add(&w->text, text + i, n);
        i += n;
        if (space) {
            buf_add(&w->text, TOK_SPACE, TOK_SPACE_LEN);
            i++;
        }
    }
    if (w->text.failed) {
        w->is_oom = true;
        return false;
    }
    return encode_words(w, w->text.data, w->text.len);
}
