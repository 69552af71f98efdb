/* Ids that nobody can guess: who knows the id of a stored response may go on with it. */
#include "base/check.h"
#include "os/sys.h"
#include "serve/app_int.h"

#define CHARS_PER_SEED 12U /* 36^12 < 2^64: so many characters are drawn from one number */

static void fill(char *out, size_t cap, const char *prefix, uint32_t n, uint32_t n_symbol)
{
    static const char symbols[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t seed = 0;
    size_t at = 0;

    for (; prefix[at]; at++) {
        CHECK(at + 1 < cap);
        out[at] = prefix[at];
    }
    CHECK(n < cap - at);
    for (uint32_t i = 0; i < n; i++) {
        if (i % CHARS_PER_SEED == 0)
            seed = random_seed();
        out[at++] = symbols[seed % n_symbol];
        seed /= n_symbol;
    }
    out[at] = '\0';
}

void new_id(char *out, size_t cap, const char *prefix, uint32_t n)
{
    fill(out, cap, prefix, n, 36);
}

void new_hex(char *out, size_t cap, const char *prefix, uint32_t n)
{
    fill(out, cap, prefix, n, 16);
}
