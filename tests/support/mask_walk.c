/* Vocabularies made of pieces, and walks along a grammar that compare masks with acceptance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "support/mask_walk.h"

#define MATCH_BYTES ((size_t)512 << 20)

/* What JSON and its like are made of. */
static const char *const parts[] = { "\"",   "\"",  "name", "true", "false", "st",     "nul",
                                     "kind", "ing", ",",    ":",    "{",     "}",      "[",
                                     "]",    " ",   "\n",   "a",    "e",     "1",      "0",
                                     "7",    ".",   "-",    "l",    "\\",    "x",      "b",
                                     "v",    "2",   "u00",  "tion", "or",    "\": \"", "\", \"" };
/* Characters of several bytes, and parts of them. */
static const char *const wide[] = { "\xC3\xA9", "\xC3",         "\xA9",     "\xD0\xB4",
                                    "\xD0",     "\xB5",         "\xE4\xB8", "\xE4\xB8\xAD",
                                    "\xAD",     "\xEF\xBC\x8C", "\xF0",     "\xF0\x9D",
                                    "be\xD0" };

struct vocab vocab_make(uint32_t n, uint64_t seed, bool dense)
{
    static const char firsts[] = " ._/";
    struct vocab out = { .n = n };

    out.tok = mem_alloc_n(MEM_OTHER, n, sizeof(*out.tok));
    out.text = mem_alloc_n(MEM_OTHER, n, 64);
    assert_non_null(out.tok);
    assert_non_null(out.text);
    for (uint32_t i = 0; i < n; i++) {
        char *s = out.text + (size_t)i * 64;
        unsigned k = 1 + (unsigned)(test_random(&seed) % 4);

        out.tok[i] = (struct gtoken){ s, 1, GTOKEN_TEXT };
        if (i < 256) {
            s[0] = (char)i;
            continue;
        }
        out.tok[i].len = 0;
        if (i < 258) {
            out.tok[i].kind = i == 256 ? GTOKEN_END : GTOKEN_OTHER;
            continue;
        }
        if (i % 16 == 0) { /* long ones, of letters */
            for (k = 12 + (unsigned)(test_random(&seed) % 21); k; k--)
                s[out.tok[i].len++] = "abest 1."[test_random(&seed) % (i % 32 ? 8 : 4)];
        }
        if (dense && i % 8)
            s[out.tok[i].len++] = firsts[i % 4];
        for (; k && out.tok[i].len < 50; k--) {
            const char *p = test_random(&seed) % 4
                                ? parts[test_random(&seed) % (sizeof(parts) / sizeof(parts[0]))]
                                : wide[test_random(&seed) % (sizeof(wide) / sizeof(wide[0]))];

            memcpy(s + out.tok[i].len, p, strlen(p));
            out.tok[i].len += strlen(p);
            if (n > 10000) /* letters in between, so that a large vocabulary is not all alike */
                s[out.tok[i].len++] = (char)('a' + test_random(&seed) % 26);
        }
    }
    assert_int_equal(gvocab_create(&out.v, out.tok, n, NULL), ERR_OK);
    return out;
}

void vocab_drop(struct vocab *v)
{
    gvocab_destroy(v->v);
    mem_free(v->tok);
    mem_free(v->text);
}

static bool has(const uint64_t *mask, uint32_t id)
{
    return mask[id / 64] >> (id % 64) & 1;
}

int32_t vocab_choose(const uint64_t *mask, uint32_t n, uint64_t *seed)
{
    uint32_t from = (uint32_t)(test_random(seed) % n);

    if (has(mask, 256) && test_random(seed) % 2)
        return 256;
    for (uint32_t k = 0; k < n; k++) {
        if (has(mask, (from + k) % n))
            return (int32_t)((from + k) % n);
    }
    return -1;
}

void vocab_walk(const struct grammar *g, const struct vocab *v, uint64_t seed, bool is_exact)
{
    uint64_t *mask = mem_alloc_n(MEM_OTHER, v->n / 64 + 1, sizeof(*mask));
    struct gmatch *m;
    uint32_t at;

    assert_int_equal(gmatch_open(&m, g, false, MATCH_BYTES, NULL), ERR_OK);
    at = gmatch_start(m);
    for (unsigned step = 0; step < 40; step++) {
        int32_t id;

        assert_int_equal(gmatch_mask(m, v->v, at, mask, NULL), ERR_OK);
        for (uint32_t i = 0; i < v->n; i++) {
            uint32_t to = at;

            assert_int_equal(gmatch_accept(m, v->v, &to, (int32_t)i, NULL), ERR_OK);
            if (has(mask, i) ? !to : to && is_exact)
                fail_msg("step %u: token %u \"%.*s\" is %s", step, i, (int)v->tok[i].len,
                         v->tok[i].s, to ? "accepted, not in the mask" : "in the mask, refused");
        }
        id = vocab_choose(mask, v->n, &seed);
        if (id < 0 || id == 256)
            break;
        assert_int_equal(gmatch_accept(m, v->v, &at, id, NULL), ERR_OK);
        if (step % 8 == 7)
            assert_int_equal(gmatch_compact(m, &at, NULL), ERR_OK);
    }
    gmatch_close(m);
    mem_free(mask);
}
