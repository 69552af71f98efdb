/* WordPiece ("bert"): words cut at white space, punctuation and Chinese characters; each spelled
 * with the fewest longest tokens, or as one unknown word. Vocabularies in GGUF spell the start of a
 * word with U+2581 and leave out the ## of continuations. */
#include <string.h>

#include "base/utf8.h"
#include "text/tok_int.h"
#include "text/unicode.h"

/* The longest token at the start of s; returns its length, 0 for none. */
static size_t longest(const struct trie *t, const char *s, size_t len, uint32_t *id)
{
    uint32_t node = 0;
    size_t best = 0;

    for (size_t i = 0; i < len; i++) {
        node = trie_step(t, node, (unsigned char)s[i]);
        if (node == TRIE_NONE)
            break;
        if (t->value[node]) {
            best = i + 1;
            *id = t->value[node] - 1;
        }
    }
    return best;
}

/* w->text holds one word behind its U+2581; cleared for the next. */
static bool end_word(struct tok_work *w)
{
    size_t n_before = w->out->n;

    for (size_t i = 0; i < w->text.len;) {
        uint32_t id = 0;
        size_t n = longest(&w->t->trie, w->text.data + i, w->text.len - i, &id);

        if (n == 0) {
            w->out->n = n_before;
            break;
        }
        if (!work_id(w, (int32_t)id))
            return false;
        i += n;
    }
    buf_clear(&w->text);
    if (w->out->n == n_before && w->t->special[SPECIAL_UNK] != TOK_NONE)
        return work_id(w, w->t->special[SPECIAL_UNK]);
    return true;
}

static void add_char(struct tok_work *w, uint32_t cp)
{
    char utf8[UTF8_BYTES_MAX];

    if (w->text.len == 0)
        buf_add(&w->text, TOK_SPACE, TOK_SPACE_LEN);
    buf_add(&w->text, utf8, utf8_encode(cp, utf8));
}

static bool is_alone(uint32_t cp, uint8_t cls)
{
    return (cls & UC_PUNCT) || (cp < 0x7F && (cls & UC_SYMBOL)) || unicode_is_cjk_bert(cp);
}

bool tok_encode_wpm(struct tok_work *w, const char *text, size_t len)
{
    const struct tok *t = w->t;

    buf_clear(&w->text);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        uint8_t cls;
        bool alone;

        if (!work_goes_on(w, 1))
            return false;
        i += unicode_decode(text + i, len - i, &cp);
        if (t->strip_accents)
            cp = unicode_base_char(cp);
        cls = unicode_class(cp);
        alone = is_alone(cp, cls);
        if (((cls & UC_SPACE) || alone) && w->text.len > 0 && !end_word(w))
            return false;
        if ((cls & (UC_SPACE | UC_CONTROL)) || cp == UTF8_REPLACEMENT ||
            (t->strip_accents && (cls & UC_MARK)))
            continue;
        add_char(w, t->lowercase ? unicode_to_lower(cp) : cp);
        if (alone && !end_word(w))
            return false;
        if (w->text.failed) {
            w->is_oom = true;
            return false;
        }
    }
    return w->text.len == 0 || end_word(w);
}
