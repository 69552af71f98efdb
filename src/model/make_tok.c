/* The tokenizer of files with random weights. Tokens are spelled as byte-level BPE does: a byte
 * that is no printable Latin-1 character becomes the next free character from U+0100 on. */
#include "model/make_tok.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/utf8.h"
#include "model/arch_shapes.h"

#define TYPE_NORMAL  1
#define TYPE_CONTROL 3

/* U+0120 stands for a space. */
static const char *const merges[] = { "\xC4\xA0 t", "h e",          "i n", "r e", "\xC4\xA0 a",
                                      "o n",        "\xC4\xA0t he", "e r", "a t", "\xC4\xA0 s" };

static bool is_printable(uint32_t byte)
{
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

static struct gguf_str byte_token(struct arena *a, uint32_t byte)
{
    char text[8];
    uint32_t n_before = 0;
    unsigned len;

    for (uint32_t i = 0; i < byte; i++)
        n_before += !is_printable(i);
    len = utf8_encode(is_printable(byte) ? byte : 0x100 + n_before, text);
    return (struct gguf_str){ arena_strndup(a, text, len), len };
}

/* The token of a merge: its two halves joined. */
static struct gguf_str merged(struct arena *a, const char *merge)
{
    const char *space = strchr(merge, ' ');
    char text[32];
    int n = snprintf(text, sizeof(text), "%.*s%s", (int)(space - merge), merge, space + 1);

    return (struct gguf_str){ arena_strndup(a, text, (size_t)n), (size_t)n };
}

static struct gguf_str spelled(struct arena *a, uint32_t id, uint32_t n_vocab)
{
    char text[32];
    int n;

    if (id < 256)
        return byte_token(a, id);
    if (id < 256 + COUNT_OF(merges))
        return merged(a, merges[id - 256]);
    if (id == n_vocab - 2)
        n = snprintf(text, sizeof(text), "<|begin|>");
    else if (id == n_vocab - 1)
        n = snprintf(text, sizeof(text), "<|end|>");
    else
        n = snprintf(text, sizeof(text), "<f%u>", id);
    return (struct gguf_str){ arena_strndup(a, text, (size_t)n), (size_t)n };
}

static enum err_code write_ids(struct gguf_out *o, uint32_t n_vocab, struct err *e)
{
    enum err_code rc = gguf_out_u32(o, "tokenizer.ggml.bos_token_id", n_vocab - 2, e);

    if (!rc)
        rc = gguf_out_u32(o, "tokenizer.ggml.eos_token_id", n_vocab - 1, e);
    return rc ? rc : gguf_out_bool(o, "tokenizer.ggml.add_bos_token", false, e);
}

enum err_code make_tok(struct gguf_out *o, uint32_t n_vocab, struct arena *a, struct err *e)
{
    struct gguf_str *tokens = arena_new_n(a, n_vocab, sizeof(*tokens)), m[COUNT_OF(merges)];
    int32_t *types = arena_new_n(a, n_vocab, sizeof(*types));
    enum err_code rc;

    CHECK(n_vocab >= 512);
    for (uint32_t i = 0; tokens && types && i < n_vocab; i++) {
        tokens[i] = spelled(a, i, n_vocab);
        types[i] = i + 2 >= n_vocab ? TYPE_CONTROL : TYPE_NORMAL;
        if (!tokens[i].s)
            return err_set(e, ERR_OOM, "no memory for %u tokens", n_vocab);
    }
    if (!tokens || !types)
        return err_set(e, ERR_OOM, "no memory for %u tokens", n_vocab);
    for (size_t i = 0; i < COUNT_OF(merges); i++)
        m[i] = (struct gguf_str){ merges[i], strlen(merges[i]) };
    rc = gguf_out_str(o, "tokenizer.ggml.model", shape_tok_kind, strlen(shape_tok_kind), e);
    if (!rc)
        rc = gguf_out_str(o, "tokenizer.ggml.pre", "gpt-2", 5, e);
    if (!rc)
        rc = gguf_out_arr_str(o, "tokenizer.ggml.tokens", tokens, n_vocab, e);
    if (!rc)
        rc = gguf_out_arr_i32(o, "tokenizer.ggml.token_type", types, n_vocab, e);
    if (!rc)
        rc = gguf_out_arr_str(o, "tokenizer.ggml.merges", m, COUNT_OF(merges), e);
    return rc ? rc : write_ids(o, n_vocab, e);
}
