/* Proves: each kind's rules on vocabularies small enough to follow by hand, and that no vocabulary,
 * text or lack of memory breaks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "tok_small.h"

#define SP "\xE2\x96\x81"

static struct small small;

static void expect(const struct tok *t, const char *text, struct tok_params p, const char *want)
{
    struct ids ids;
    struct buf got;

    ids_init(&ids);
    buf_init(&got, MEM_OTHER, 65536);
    assert_int_equal(tok_encode(t, text, strlen(text), p, &ids, NULL), ERR_OK);
    for (size_t i = 0; i < ids.n; i++) {
        size_t len;
        const char *s = tok_spelling(t, ids.at[i], &len);

        buf_addf(&got, "%s%.*s", i ? "|" : "", (int)len, s);
    }
    assert_string_equal(buf_str(&got), want);
    buf_finish(&got);
    ids_finish(&ids);
}

static const struct tok_params plain = { 0 },
                               special = { .add_special = true, .parse_special = true };

/* Proves: score order, space prefix, bytes as a last resort, special tokens only when asked for. */
static void spm_follows_scores(void **state)
{
    struct tok *t = small_kind(&small, 0);

    (void)state;
    expect(t, "the", plain, SP "the");
    expect(t, "a the", plain, SP "a|" SP "the");
    expect(t, "", special, "<s>");
    expect(t, "ab", special, "<s>|" SP "a|b");
    expect(t, "the<s>the", special, "<s>|" SP "the|<s>|" SP "the");
    expect(t, "<user>b", plain, "<user>|" SP "|b");
    expect(t, "\xF0\x9F\x98\x80", plain, SP "|<0xF0>|<0x9F>|<0x98>|<0x80>");
    expect(t, "b  b", plain, SP "|b|" SP SP "|b");
    tok_close(t);
}

/* Proves: merges by rank, whole pieces only inside the pre-tokenizer's cuts. */
static void bpe_follows_merges(void **state)
{
    struct tok *t = small_kind(&small, 1);

    (void)state;
    expect(t, "the the", special, "<s>|the|\xC4\xA0the");
    expect(t, "abab", plain, "ab|ab");
    expect(t, "a b", plain, "a|\xC4\xA0|b");
    expect(t, "\xC3\xA9", plain, "\xC3\x83\xC2\xA9");
    expect(t, "\xFF", plain, "\xC3\xAF|\xC2\xBF|\xC2\xBD");
    tok_close(t);
}

/* Proves: BPE on UTF-8: spaces spelled out, bytes as a last resort, lines cut apart. */
static void raw_bpe_spells_spaces(void **state)
{
    struct tok *t = small_kind(&small, 5);

    (void)state;
    expect(t, "the the", plain, "the|" SP "the");
    expect(t, "a\nb", plain, "a|<0x0A>|b");
    expect(t, "\xE4\xBD\xA0", plain, "<0xE4>|<0xBD>|<0xA0>");
    tok_close(t);
}

/* Proves: lower case, accents, punctuation alone, longest match, unknown words as a whole. */
static void wpm_cuts_words(void **state)
{
    struct tok *t;

    (void)state;
    small_init(&small, "bert", "");
    small_add(&small, "[CLS]", TOK_CONTROL, 0);
    small_add(&small, "[SEP]", TOK_CONTROL, 0);
    small_add(&small, "[UNK]", TOK_CONTROL, 0);
    small_add(&small, SP "hello", TOK_NORMAL, 0);
    small_add(&small, SP "he", TOK_NORMAL, 0);
    small_add(&small, "ly", TOK_NORMAL, 0);
    small_add(&small, SP ",", TOK_NORMAL, 0);
    small_add(&small, SP "\xE4\xB8\xAD", TOK_NORMAL, 0);
    small.v.cls = 0;
    small.v.special[SPECIAL_SEP] = 1;
    small.v.special[SPECIAL_UNK] = 2;
    t = small_build(&small);
    expect(t, "H\xC3\x89llo,hely", special, "[CLS]|" SP "hello|" SP ",|" SP "he|ly|[SEP]");
    expect(t, "\xE4\xB8\xAD\xE4\xB8\xAD hex", plain, SP "\xE4\xB8\xAD|" SP "\xE4\xB8\xAD|[UNK]");
    expect(t, " \t\x01", special, "[CLS]|[SEP]");
    tok_close(t);
}

/* A normalization table with one rule: 'A' becomes "b b". */
static size_t charsmap(uint8_t *out)
{
    static uint32_t unit[1024];
    uint32_t bytes = sizeof(unit);

    memset(unit, 0, sizeof(unit));
    unit[0] = 256U << 10;
    unit[256 ^ 'A'] = 512U << 10 | 1U << 8 | 'A';
    unit[256 ^ 'A' ^ 512] = 1U << 31;
    memcpy(out, &bytes, 4);
    memcpy(out + 4, unit, bytes);
    memcpy(out + 4 + bytes, "b b", 4);
    return 4 + bytes + 4;
}

/* Proves: the best sum wins, unknown runs are one token, normalization and spaces as the model
 * asks.
 */
static void ugm_takes_best_path(void **state)
{
    static uint8_t map[8192];
    struct tok *t;

    (void)state;
    small_init(&small, "t5", "");
    small_add(&small, "<pad>", TOK_CONTROL, 0);
    small_add(&small, "</s>", TOK_CONTROL, 0);
    small_add(&small, "<unk>", TOK_UNKNOWN, 0);
    small_add(&small, SP, TOK_NORMAL, -2);
    small_add(&small, "a", TOK_NORMAL, -3);
    small_add(&small, "b", TOK_NORMAL, -3);
    small_add(&small, "ab", TOK_NORMAL, -5);
    small_add(&small, SP "ab", TOK_NORMAL, -8);
    small_add(&small, "aba", TOK_NORMAL, -9.5F);
    small.v.charsmap = map;
    small.v.charsmap_len = charsmap(map);
    small.v.add_space_prefix = small.v.remove_extra_spaces = 1;
    t = small_build(&small);
    expect(t, "ab", special, SP "|ab|</s>");
    expect(t, "aba", plain, SP "|ab|a");
    expect(t, "  a   b ", plain, SP "|a|" SP "|b");
    expect(t, "xyz", plain, SP "|<unk>");
    expect(t, "A", plain, SP "|b|" SP "|b");
    tok_close(t);
    for (size_t i = 0; i < 4 + 1024 * 4; i += 97) { /* a broken table may not be followed outside */
        map[i] ^= 0xFF;
        if (tok_build(&t, &small.v, NULL) == ERR_OK) {
            struct ids ids;

            ids_init(&ids);
            tok_encode(t, "AAxA\xFF", 5, plain, &ids, NULL);
            ids_finish(&ids);
            tok_close(t);
        }
        map[i] ^= 0xFF;
    }
}

/* Proves: RWKV's escapes and longest match. */
static void rwkv_takes_longest(void **state)
{
    struct tok *t;

    (void)state;
    small_init(&small, "rwkv", "");
    small_add(&small, "a", TOK_NORMAL, 0);
    small_add(&small, "aa", TOK_NORMAL, 0);
    small_add(&small, "a\\n", TOK_NORMAL, 0);
    small_add(&small, "\\xff", TOK_NORMAL, 0);
    t = small_build(&small);
    expect(t, "aaa\n\xFF", plain, "aa|a\\n|\\xff");
    tok_close(t);
}

/* ---- against plain implementations ---- */

static uint64_t seed = 7;

/* Joins, again and again, the best pair by looking at all of them. */
static void naive_merge(char parts[][8], size_t *n, const struct small *s, bool by_score)
{
    for (;;) {
        size_t at = SIZE_MAX;
        float best = 0;

        for (size_t i = 0; i + 1 < *n; i++) {
            char both[17];
            float rank = -1e9F;

            snprintf(both, sizeof(both), by_score ? "%s%s" : "%s %s", parts[i], parts[i + 1]);
            for (uint32_t k = 0; k < (by_score ? s->v.n : s->v.n_merge); k++) {
                const struct gguf_str *x = by_score ? &s->tokens[k] : &s->merges[k];
                float r = by_score ? s->scores[k] : -(float)k;

                if (x->len == strlen(both) && memcmp(x->s, both, x->len) == 0 && r > rank)
                    rank = r;
            }
            if (rank > -1e9F && (at == SIZE_MAX || rank > best)) {
                at = i;
                best = rank;
            }
        }
        if (at == SIZE_MAX)
            return;
        memcpy(parts[at] + strlen(parts[at]), parts[at + 1], strlen(parts[at + 1]) + 1);
        --*n;
        for (size_t i = at + 1; i < *n; i++)
            memcpy(parts[i], parts[i + 1], 8);
    }
}

static void random_vocab(struct small *s, bool by_score)
{
    small_init(s, by_score ? "llama" : "gpt2", by_score ? "" : "gpt-2");
    s->v.add_space_prefix = 0;
    for (unsigned i = 0; i < 3; i++)
        small_add(s, (char[2]){ "abc"[i], 0 }, TOK_NORMAL, -10);
    for (unsigned i = 0; i < 40; i++) {
        char text[8] = "";
        size_t len = 2 + test_random(&seed) % 4, cut = 1 + test_random(&seed) % (len - 1);
        bool known = false;

        for (size_t k = 0; k < len; k++)
            text[k] = "abc"[test_random(&seed) % 3];
        for (uint32_t k = 0; k < s->v.n; k++)
            known |= s->tokens[k].len == len && memcmp(s->tokens[k].s, text, len) == 0;
        if (!known)
            small_add(s, text, TOK_NORMAL, -(float)(test_random(&seed) % 8));
        if (!by_score) {
            char line[10];

            snprintf(line, sizeof(line), "%.*s %s", (int)cut, text, text + cut);
            small_merge(s, line);
        }
    }
}

static void compare_naive(bool by_score, size_t len)
{
    static char parts[400][8], text[401];
    size_t n = len;
    struct buf want;
    struct tok *t;

    random_vocab(&small, by_score);
    t = small_build(&small);
    for (size_t i = 0; i < len; i++) {
        text[i] = "abc"[test_random(&seed) % 3];
        parts[i][0] = text[i];
        parts[i][1] = 0;
    }
    text[len] = 0;
    naive_merge(parts, &n, &small, by_score);
    buf_init(&want, MEM_OTHER, 65536);
    for (size_t i = 0; i < n; i++)
        buf_addf(&want, "%s%s", i ? "|" : "", parts[i]);
    expect(t, text, plain, buf_str(&want));
    buf_finish(&want);
    tok_close(t);
}

/* Proves: short and long pieces merge in the same order as the definition says. */
static void merging_equals_definition(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        compare_naive(round & 1, 1 + test_random(&seed) % 30);
        if (round % 8 == 0)
            compare_naive(round & 8, 300);
    }
}

/* Proves: cutting at spaces changes nothing: the same texts as one long piece. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 6; k += 5) {
        struct tok *a = small_kind(&small, k), *b = small_kind(&small, k);

        assert_true(a->cut_after['a']);
        assert_false(a->cut_after[0x81]);
        memset(b->cut_after, 0, sizeof(b->cut_after));
        for (unsigned round = 0; round < 200; round++) {
            char text[200];
            struct ids x, y;

            for (size_t i = 0; i < sizeof(text); i++)
                text[i] = "the abc \n\xE2"[test_random(&seed) % 10];
            ids_init(&x);
            ids_init(&y);
            assert_int_equal(tok_encode(a, text, sizeof(text), plain, &x, NULL), ERR_OK);
            assert_int_equal(tok_encode(b, text, sizeof(text), plain, &y, NULL), ERR_OK);
            assert_int_equal(x.n, y.n);
            assert_memory_equal(x.at, y.at, x.n * sizeof(*x.at));
            ids_finish(&x);
            ids_finish(&y);
        }
        tok_close(a);
        tok_close(b);
    }
}

/* ---- what must be refused, and what must not break anything ---- */

/* Proves: typed errors that name the culprit. */
static void bad_vocabularies_are_refused(void **state)
{
    struct err e = { 0 };
    struct tok *t;

    (void)state;
    tok_close(small_kind(&small, 1));
    small.v.pre = (struct gguf_str){ .s = "no-such-pre", .len = 11 };
    assert_int_equal(tok_build(&t, &small.v, &e), ERR_UNSUPPORTED);
    assert_non_null(strstr(e.text, "no-such-pre"));
    small.v.pre.len = 0;
    small.v.model = (struct gguf_str){ .s = "magic", .len = 5 };
    assert_int_equal(tok_build(&t, &small.v, &e), ERR_UNSUPPORTED);
    assert_non_null(strstr(e.text, "magic"));
    small.v.model = (struct gguf_str){ .s = "gpt2", .len = 4 };
    small.v.has_merges = false;
    assert_int_equal(tok_build(&t, &small.v, &e), ERR_FORMAT);
    small.v.has_merges = true;
    small.v.n = 0;
    assert_int_equal(tok_build(&t, &small.v, &e), ERR_FORMAT);
    assert_null(t);
}

/* Proves: duplicates, empty tokens, merges that lead nowhere and ids out of range are harmless. */
static void odd_vocabularies_are_safe(void **state)
{
    struct tok *t;

    (void)state;
    small_init(&small, "gpt2", "gpt-2");
    small_add(&small, "a", TOK_NORMAL, 0);
    small_add(&small, "b", TOK_NORMAL, 0);
    small_add(&small, "a", TOK_NORMAL, 0);
    small_add(&small, "", TOK_USER_DEFINED, 0);
    small_merge(&small, "a b");
    small_merge(&small, "ab ab");
    small_merge(&small, "ab a");
    small_merge(&small, "a b");
    small_merge(&small, "ab");
    small_merge(&small, " ");
    small_merge(&small, "");
    small_merge(&small, "\xFF \xFE");
    small.v.special[SPECIAL_BOS] = 1000000;
    small.v.add_bos = 1;
    t = small_build(&small);
    expect(t, "ababc", special, "a|b|a|b");
    tok_close(t);
}

static void encode_decode(const struct tok *t, const char *text, size_t len)
{
    struct tok_params p = { .add_special = true, .parse_special = true };
    struct ids ids;
    struct buf out;
    struct err e = { 0 };

    ids_init(&ids);
    buf_init(&out, MEM_OTHER, 1U << 26);
    assert_int_equal(tok_encode(t, text, len, p, &ids, &e), ERR_OK);
    for (size_t i = 0; i < ids.n; i++)
        assert_true(ids.at[i] >= 0 && (uint32_t)ids.at[i] < tok_n_vocab(t));
    assert_int_equal(tok_decode(t, ids.at, ids.n, true, &out, &e), ERR_OK);
    ids_finish(&ids);
    buf_finish(&out);
}

/* Proves: random bytes and a megabyte of one character go through every kind. */
static void hostile_texts_are_safe(void **state)
{
    static const char one[] = { 'a', 't', ' ', '\n', '<', '\xC3', '\xE2', '\xFF', '\0' };
    static char text[1000000];

    (void)state;
    for (unsigned k = 0; k < SMALL_KINDS; k++) {
        struct tok *t = small_kind(&small, k);

        for (unsigned round = 0; round < 300; round++) {
            size_t len = test_random(&seed) % 200;

            for (size_t i = 0; i < len; i++)
                text[i] = round & 1 ? (char)(test_random(&seed) >> 8)
                                    : "<user>\xE2\x96\x81 th\xF0"[test_random(&seed) % 13];
            encode_decode(t, text, len);
        }
        for (size_t i = 0; i < sizeof(one); i++) {
            memset(text, one[i], sizeof(text));
            encode_decode(t, text, sizeof(text));
        }
        tok_close(t);
    }
}

struct patience {
    uint32_t n_asked, n_max;
};

static bool is_over(void *arg)
{
    struct patience *p = arg;

    return ++p->n_asked > p->n_max;
}

/* Proves: whoever tokenizes a megabyte asks often whether it is still wanted, gives up when told
 * so, wherever that is, and leaves nothing behind; never told, the ids are the same. */
static void long_texts_can_be_given_up(void **state)
{
    static const char *const words[] = { "a", "the ab ", "<user>", "\xC3\xA9" };
    static char text[1000000];

    (void)state;
    for (unsigned k = 0; k < SMALL_KINDS * COUNT_OF(words); k++) {
        const char *word = words[k / SMALL_KINDS];
        struct patience p = { .n_max = UINT32_MAX };
        const struct stop_ask stop = { is_over, &p };
        struct tok_params params = { .parse_special = true };
        struct tok *t = small_kind(&small, k % SMALL_KINDS);
        struct ids alone, asked;
        uint32_t n_asked;

        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = word[i % strlen(word)];
        ids_init(&alone);
        ids_init(&asked);
        assert_int_equal(tok_encode(t, text, sizeof(text), params, &alone, NULL), ERR_OK);
        params.stop = &stop;
        assert_int_equal(tok_encode(t, text, sizeof(text), params, &asked, NULL), ERR_OK);
        assert_int_equal(asked.n, alone.n);
        assert_memory_equal(asked.at, alone.at, alone.n * sizeof(*alone.at));
        n_asked = p.n_asked;
        assert_true(n_asked > 10);
        for (uint32_t n = 0; n < 5; n++) {
            p = (struct patience){ .n_max = n * (n_asked - 1) / 4 };
            assert_true(p.n_max < n_asked);
            asked.n = 3;
            assert_int_equal(tok_encode(t, text, sizeof(text), params, &asked, NULL),
                             ERR_CANCELLED);
            assert_int_equal(asked.n, 3);
            assert_true(p.n_asked <= p.n_max + 2);
        }
        ids_finish(&alone);
        ids_finish(&asked);
        tok_close(t);
    }
}

/* Proves: of a text with more ids than are wanted exactly one more comes, behind what was there;
 * where there are no more, they are the same as without a limit. */
static void no_more_than_wanted(void **state)
{
    static const char *const words[] = { "a", "the ab ", "<user>", "\xC3\xA9" };
    static char text[20000];

    (void)state;
    for (unsigned k = 0; k < SMALL_KINDS * COUNT_OF(words); k++) {
        const char *word = words[k / SMALL_KINDS];
        struct tok_params params = { .parse_special = true };
        struct tok *t = small_kind(&small, k % SMALL_KINDS);
        struct ids all, some;

        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = word[i % strlen(word)];
        ids_init(&all);
        ids_init(&some);
        assert_int_equal(tok_encode(t, text, sizeof(text), params, &all, NULL), ERR_OK);
        for (size_t n = 1; n <= all.n + 1; n = n * 3 / 2 + 1) {
            some.n = 0;
            assert_true(ids_add(&some, 7));
            params.n_max = n;
            assert_int_equal(tok_encode(t, text, sizeof(text), params, &some, NULL), ERR_OK);
            assert_int_equal(some.at[0], 7);
            assert_int_equal(some.n, 1 + (n < all.n ? n + 1 : all.n));
        }
        params.n_max = all.n;
        some.n = 0;
        assert_int_equal(tok_encode(t, text, sizeof(text), params, &some, NULL), ERR_OK);
        assert_int_equal(some.n, all.n);
        assert_memory_equal(some.at, all.at, all.n * sizeof(*all.at));
        ids_finish(&all);
        ids_finish(&some);
        tok_close(t);
    }
}

/* Proves: each allocation may fail: an error, nothing appended, nothing leaked. */
static void memory_failures_are_errors(void **state)
{
    static const char text[] = "the <user> ab, b\xC3\xA9 the ' . and more of the same ab";

    (void)state;
    for (unsigned k = 0; k < SMALL_KINDS; k++) {
        enum err_code rc = ERR_OOM;

        for (uint64_t n = 1; rc != ERR_OK; n++) {
            struct tok *t = NULL;
            struct ids ids;

            assert_true(n < 5000);
            tok_close(small_kind(&small, k));
            ids_init(&ids);
            mem_fail_at(n, 1);
            rc = tok_build(&t, &small.v, NULL);
            if (!rc)
                rc = tok_encode(t, text, sizeof(text) - 1, special, &ids, NULL);
            mem_fail_at(0, 0);
            if (rc)
                assert_int_equal(ids.n, 0);
            ids_finish(&ids);
            tok_close(t);
        }
    }
}

/* Proves: of the bad files, those whose tokenizer is at fault are refused; none does harm. */
static void bad_files_are_safe(void **state)
{
    static const char *const refused[] = {
        "tokenizer-missing.gguf",    "tokenizer-model-unknown.gguf",
        "token-types-short.gguf",    "tokens-wrong-type.gguf",
        "tokens-empty.gguf",         "merges-missing.gguf",
        "pre-tokenizer-unknown.gguf"
    };
    static const char *const read[] = { "valid.gguf", "tokens-duplicate.gguf",
                                        "bos-out-of-range.gguf", "token-invalid-utf8.gguf",
                                        "merges-cyclic.gguf" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused) + COUNT_OF(read); i++) {
        bool is_bad = i < COUNT_OF(refused);
        const char *name = is_bad ? refused[i] : read[i - COUNT_OF(refused)];
        char path[FIXTURE_PATH_BYTES];
        struct buf b;
        struct gguf *g;
        struct tok *t;
        struct err e = { 0 };

        fixture_path(path, "bad-gguf", name);
        b = fixture_read("bad-gguf", name);
        if (gguf_open_memory(&g, b.data, b.len, name, &e) == ERR_OK) {
            enum err_code rc = tok_open(&t, g, &e);

            if (is_bad ? !rc : rc)
                fail_msg("%s: %s", name, rc ? e.text : "accepted");
            if (!rc)
                encode_decode(t, "abab <s> \xFF", 11);
            tok_close(t);
            gguf_close(g);
        } else {
            assert_true(is_bad);
        }
        buf_finish(&b);
    }
}

/* Proves: end tokens by key and by spelling; facts of ids out of range are harmless. */
static void facts_are_found(void **state)
{
    struct tok *t;
    size_t len;

    (void)state;
    tok_close(small_kind(&small, 0));
    small_add(&small, "<|im_end|>", TOK_USER_DEFINED, 0);
    small_add(&small, "<|return|>", TOK_CONTROL, 0);
    small_add(&small, "<|call|>", TOK_CONTROL, 0);
    small_add(&small, "<|end|>", TOK_CONTROL, 0);
    small_add(&small, "<|observation|>", TOK_CONTROL, 0);
    t = small_build(&small);
    assert_true(tok_is_end(t, tok_eos(t)));
    assert_true(tok_is_end(t, tok_find(t, "<|observation|>", 15)));
    assert_true(tok_is_end(t, tok_find(t, "<|im_end|>", 10)));
    assert_int_equal(tok_attr(t, tok_find(t, "<|im_end|>", 10)), TOK_CONTROL);
    assert_false(tok_is_end(t, tok_find(t, "<|end|>", 7)));
    assert_false(tok_is_end(t, -1));
    assert_false(tok_is_end(t, 1 << 30));
    assert_int_equal(tok_find(t, "no", 2), TOK_NONE);
    assert_string_equal(tok_spelling(t, -5, &len), "");
    assert_string_equal(tok_kind(t), "llama");
    assert_true(tok_adds_bos(t));
    assert_false(tok_adds_eos(t));
    tok_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spm_follows_scores),
        cmocka_unit_test(bpe_follows_merges),
        cmocka_unit_test(raw_bpe_spells_spaces),
        cmocka_unit_test(wpm_cuts_words),
        cmocka_unit_test(ugm_takes_best_path),
        cmocka_unit_test(rwkv_takes_longest),
        cmocka_unit_test(merging_equals_definition),
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(bad_vocabularies_are_refused),
        cmocka_unit_test(odd_vocabularies_are_safe),
        cmocka_unit_test(hostile_texts_are_safe),
        cmocka_unit_test(long_texts_can_be_given_up),
        cmocka_unit_test(no_more_than_wanted),
        cmocka_unit_test(memory_failures_are_errors),
        cmocka_unit_test(bad_files_are_safe),
        cmocka_unit_test(facts_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
