/* Any schema or GBNF with masks over a small vocabulary: the first byte chooses the walk. What a
 * mask lets through is accepted. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "text/grammar_mask.h"

#define N_BYTE  256U
#define N_STEP  12U
#define N_TOKEN (N_BYTE + 1U + N_PIECE * (N_PIECE + 1U))
#define END     N_BYTE

static const char *const piece[] = { "\"", "\", \"",   "\": ",     "{\"", "}",    "[",
                                     "]",  " ",        "\n",       "a",   "name", "ing",
                                     "st", "12",       "0",        "-",   "true", "null",
                                     "\\", "\xC3\xA9", "\xD0\xB4", "\xD0" };
#define N_PIECE (sizeof(piece) / sizeof(piece[0]))

static struct gvocab *vocab;

/* Bytes, the end, pieces and pairs of them. */
static void make_vocab(void)
{
    static char text[N_TOKEN][16];
    static struct gtoken tok[N_TOKEN];
    size_t n = 0;

    for (; n < N_BYTE; n++) {
        text[n][0] = (char)n;
        tok[n] = (struct gtoken){ text[n], 1, GTOKEN_TEXT };
    }
    tok[n] = (struct gtoken){ "", 0, GTOKEN_END };
    for (size_t i = 0; i < N_PIECE; i++) {
        for (size_t k = 0; k <= N_PIECE; k++) {
            const char *after = k < N_PIECE ? piece[k] : "";
            size_t len = strlen(piece[i]);

            memcpy(text[++n], piece[i], len);
            memcpy(text[n] + len, after, strlen(after));
            tok[n] = (struct gtoken){ text[n], len + strlen(after), GTOKEN_TEXT };
        }
    }
    if (gvocab_create(&vocab, tok, N_TOKEN, NULL))
        abort();
}

static bool has(const uint64_t *mask, uint32_t id)
{
    return mask[id / 64] >> (id % 64) & 1;
}

static void walk(const struct grammar *g, uint32_t seed)
{
    static uint64_t mask[N_TOKEN / 64 + 1];
    struct gmatch *m;
    uint32_t at;

    if (gmatch_open(&m, g, false, (size_t)16 << 20, NULL))
        return;
    at = gmatch_start(m);
    for (unsigned step = 0; step < N_STEP && !gmatch_mask(m, vocab, at, mask, NULL); step++) {
        uint32_t id = N_TOKEN;

        for (uint32_t i = 0; i < N_TOKEN; i++) {
            uint32_t k = (i + seed) % N_TOKEN, to = at;
            enum err_code rc =
                has(mask, k) ? gmatch_accept(m, vocab, &to, (int32_t)k, NULL) : ERR_OK;

            if (!rc && !to)
                abort();
            id = id == N_TOKEN && has(mask, k) && k != END ? k : id;
        }
        if (id == N_TOKEN || gmatch_accept(m, vocab, &at, (int32_t)id, NULL))
            break;
        seed = seed * 2654435761U + 12345U;
    }
    gmatch_close(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct js *schema = NULL;
    struct grammar *g = NULL;
    enum err_code rc;

    if (!vocab)
        make_vocab();
    if (size < 2)
        return 0;
    if (js_parse(&schema, (const char *)data + 1, size - 1, NULL) == ERR_OK)
        rc = grammar_of_schema(&g, schema, NULL, NULL);
    else
        rc = grammar_of_gbnf(&g, (const char *)data + 1, size - 1, NULL, NULL);
    if (!rc)
        walk(g, data[0] * 7919U);
    grammar_close(g);
    js_close(schema);
    return 0;
}
