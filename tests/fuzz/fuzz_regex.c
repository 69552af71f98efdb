/* Any text as a regular expression: refused, or an automaton that agrees with the step-by-step
 * match of the expression's own text. */
#include "base/check.h"
#include "base/num.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "text/regex_int.h"

static bool dfa_accepts(const struct rx_dfa *d, const char *s, size_t len)
{
    uint32_t at = 0;

    for (size_t i = 0; i < len;) {
        const struct rx_state *x = &d->state[at];
        uint32_t cp, k = 0;

        i += utf8_decode(s + i, len - i, &cp);
        while (k < x->n_edge && (cp < x->edge[k].from || cp > x->edge[k].to))
            k++;
        if (k == x->n_edge)
            return false;
        at = x->edge[k].target;
    }
    return d->state[at].accepts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data;
    size_t n = min_size(size, 64);
    struct rx_set set;
    struct rx_dfa d;
    struct arena a;

    arena_init(&a, MEM_OTHER, 4096, (size_t)64 << 20);
    rx_init(&set, &a, NULL);
    if (size < 512 && rx_add(&set, s, size, false, NULL) == ERR_OK &&
        rx_compile(&set, 0, REGEX_NO_MAX, &d, NULL) == ERR_OK && utf8_valid(s, n) && d.n_state)
        CHECK(dfa_accepts(&d, s, n) == rx_matches(&set, s, n));
    arena_finish(&a);
    return 0;
}
