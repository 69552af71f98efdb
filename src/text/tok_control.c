/* Control tokens in texts that are not all trusted: which tokens these are, where a text spells
 * one, and the bars that keep it from becoming one. */
#include <string.h>

#include "text/tok_int.h"

/* What opens or closes a turn, or a part of one, whatever type the file gives it. */
static const char *const names_frame[] = {
    "<|im_start|>",
    "<|im_end|>",
    "<|im_sep|>",
    "<|start|>",
    "<|end|>",
    "<|channel|>",
    "<|message|>",
    "<|constrain|>",
    "<|return|>",
    "<|call|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<|turn>",
    "<turn|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|System|>",
    "<|User|>",
    "<|Assistant|>",
    "<\xEF\xBD\x9CUser\xEF\xBD\x9C>",
    "<\xEF\xBD\x9C"
    "Assistant\xEF\xBD\x9C>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    NULL,
};

enum err_code tok_note_control(struct tok *t, struct err *e)
{
    t->is_control = mem_alloc_n(MEM_MODEL, t->n_vocab, 1);
    if (!t->is_control)
        return err_set(e, ERR_OOM, "tokenizer: no memory for %u tokens", t->n_vocab);
    for (uint32_t i = 0; i < t->n_vocab; i++)
        t->is_control[i] = (t->bits[i] & (BIT_CONTROL | BIT_UNKNOWN)) != 0;
    return ERR_OK;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Bytes of the character at s, at most len; whatever is broken is one byte. */
static size_t char_len(const char *s, size_t len)
{
    size_t n = 1;

    while (n < len && ((unsigned char)s[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static bool add_spelling(struct tok *t, uint32_t id)
{
    char text[TOK_MARK_BYTES_MAX];
    size_t len;
    const char *s = strs_at(&t->spell, id, &len);

    if (len > sizeof(text) || len <= char_len(s, len)) /* tok_build_marks refuses longer ones */
        return true;
    for (size_t i = 0; i < len; i++)
        text[i] = small(s[i]);
    return trie_add(&t->control, text, len, id);
}

enum err_code tok_build_control(struct tok *t, struct err *e)
{
    bool ok = trie_init(&t->control);

    for (const char *const *name = names_frame; *name; name++) {
        int32_t id = tok_find(t, *name, strlen(*name));

        if (id != TOK_NONE)
            t->is_control[id] = 1;
    }
    for (uint32_t i = 0; ok && i < t->n_vocab; i++) {
        t->is_control[i] |= (t->bits[i] & BIT_CONTROL) != 0; /* found by its spelling */
        if (t->is_control[i])
            ok = add_spelling(t, i);
    }
    return ok ? ERR_OK : err_set(e, ERR_OOM, "tokenizer: no memory for its control tokens");
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (small(c) >= 'a' && small(c) <= 'z');
}

static bool is_rest_blank(const char *text, size_t len, size_t from)
{
    while (from < len && is_blank(text[from]))
        from++;
    return from == len;
}

/* A spelling begins at i: whole, or cut off by the text's end. (Blanks are looked at only where one
 * is cut off, so that the whole search stays linear.) */
static bool begins(const struct trie *t, const char *text, size_t len, size_t i, bool at_end)
{
    uint32_t node = 0;
    size_t k = i;

    for (; k < len; k++) {
        node = trie_step(t, node, (unsigned char)small(text[k]));
        if (node == TRIE_NONE)
            break;
        if (t->value[node])
            return true;
    }
    return at_end && k > i && !is_word(text[i]) && is_rest_blank(text, len, k);
}

size_t tok_control_next(const struct tok *t, const char *text, size_t len, size_t from, bool at_end)
{
    for (size_t i = from; i < len; i++) {
        if (begins(&t->control, text, len, i, at_end))
            return i;
    }
    return len;
}

/* The first bar beyond at. */
bool tok_is_barred(const struct tok_work *w, int32_t id, size_t at, size_t len)
{
    size_t low = 0, high = w->n_bar;

    if (!high || !w->t->is_control[id])
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (w->bars[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low < w->n_bar && w->bars[low] < at + len;
}
