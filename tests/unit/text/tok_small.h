/* Small vocabularies written in the test itself. */
#ifndef TESTS_TOK_SMALL_H
#define TESTS_TOK_SMALL_H

#include <string.h>

#include "base/attr.h"
#include "text/tok_int.h"

#define SMALL_MAX 600U

struct small {
    struct tok_vocab v;
    struct gguf_str tokens[SMALL_MAX], merges[SMALL_MAX];
    float scores[SMALL_MAX];
    int32_t types[SMALL_MAX];
    char text[65536];
    size_t used;
};

static inline struct gguf_str small_str(struct small *s, const char *text, size_t len)
{
    char *at = s->text + s->used;

    assert_true(s->used + len <= sizeof(s->text));
    memcpy(at, text, len);
    s->used += len;
    return (struct gguf_str){ .s = at, .len = len };
}

static inline void small_init(struct small *s, const char *model, const char *pre)
{
    memset(s, 0, sizeof(*s));
    tok_vocab_init(&s->v);
    s->v.model = small_str(s, model, strlen(model));
    s->v.pre = small_str(s, pre, strlen(pre));
    s->v.name = s->v.arch = (struct gguf_str){ .s = "" };
    s->v.tokens = s->tokens;
    s->v.scores = s->scores;
    s->v.types = s->types;
    s->v.merges = s->merges;
    s->v.has_merges = true;
}

static inline void small_add(struct small *s, const char *text, int32_t type, float score)
{
    assert_true(s->v.n < SMALL_MAX);
    s->tokens[s->v.n] = small_str(s, text, strlen(text));
    s->types[s->v.n] = type;
    s->scores[s->v.n++] = score;
}

static inline void small_merge(struct small *s, const char *line)
{
    assert_true(s->v.n_merge < SMALL_MAX);
    s->merges[s->v.n_merge++] = small_str(s, line, strlen(line));
}

/* The 256 byte tokens: <0xXX>, or GPT-2's alphabet. */
static inline void small_add_bytes(struct small *s, bool is_alphabet)
{
    for (unsigned b = 0; b < 256; b++) {
        char text[8];
        uint32_t cp = tok_byte_char(b);

        if (!is_alphabet)
            snprintf(text, sizeof(text), "<0x%02X>", b);
        else if (cp < 0x80)
            snprintf(text, sizeof(text), "%c", (int)cp);
        else
            snprintf(text, sizeof(text), "%c%c", (int)(0xC0 | cp >> 6), (int)(0x80 | (cp & 63)));
        small_add(s, text, is_alphabet ? TOK_NORMAL : TOK_BYTE, 0);
    }
}

static inline struct tok *small_build(const struct small *s)
{
    struct tok *t;
    struct err e = { 0 };

    if (tok_build(&t, &s->v, &e) != ERR_OK)
        fail_msg("%s", e.text);
    return t;
}

/* One of each kind, with all bytes where the kind has them: 0 .. SMALL_KINDS - 1. */
#define SMALL_KINDS 6U

static inline struct tok *small_kind(struct small *s, unsigned k)
{
    static const char *const models[SMALL_KINDS] = {
        "llama", "gpt2", "bert", "t5", "rwkv", "gemma4"
    };
    static const char *const words[] = { "\xE2\x96\x81",
                                         "\xE2\x96\x81the",
                                         "the",
                                         "th",
                                         "\xE2\x96\x81\x61",
                                         "a",
                                         "b",
                                         "ab",
                                         "\xC3\xA9",
                                         "\xE2\x96\x81\xE4\xBD\xA0",
                                         ".",
                                         "'",
                                         "s",
                                         "\xE2\x96\x81'",
                                         "\xE2\x96\x81.",
                                         "t",
                                         "h",
                                         "e",
                                         "?",
                                         "\xE2\x96\x81\xE2\x96\x81",
                                         "re",
                                         "[UNK]" };

    small_init(s, models[k], "default");
    small_add(s, "<unk>", TOK_UNKNOWN, 0);
    small_add(s, "<s>", TOK_CONTROL, 0);
    small_add(s, "</s>", TOK_CONTROL, 0);
    small_add(s, "<user>", TOK_USER_DEFINED, 0);
    s->v.special[SPECIAL_BOS] = 1;
    s->v.special[SPECIAL_EOS] = s->v.special[SPECIAL_SEP] = 2;
    s->v.special[SPECIAL_UNK] = 0;
    s->v.add_bos = 1;
    if (k != 2 && k != 4)
        small_add_bytes(s, k == 1);
    for (size_t i = 0; k != 1 && i < COUNT_OF(words); i++)
        small_add(s, words[i], TOK_NORMAL, -(float)i);
    if (k == 1) {
        static const char *const more[] = { "th", "the", "\xC4\xA0the", "\xC3\x83\xC2\xA9", "ab" };

        for (size_t i = 0; i < COUNT_OF(more); i++)
            small_add(s, more[i], TOK_NORMAL, 0);
        small_merge(s, "t h");
        small_merge(s, "th e");
        small_merge(s, "\xC4\xA0 the");
        small_merge(s, "\xC3\x83 \xC2\xA9");
        small_merge(s, "a b");
    } else {
        small_merge(s, "t h");
        small_merge(s, "th e");
        small_merge(s, "\xE2\x96\x81 the");
        small_merge(s, "a b");
    }
    return small_build(s);
}

#endif
