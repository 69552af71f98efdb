/* Any text as GBNF: it compiles or is refused, and what compiles follows the text itself. */
#include "fuzz/fuzz.h"
#include "text/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct grammar *g;
    struct gmatch *m;

    if (grammar_of_gbnf(&g, (const char *)data, size, NULL, NULL) != ERR_OK)
        return 0;
    if (gmatch_open(&m, g, true, (size_t)16 << 20, NULL) == ERR_OK) {
        uint32_t at = gmatch_start(m);

        for (size_t i = 0; i < size && at; i++) {
            if (gmatch_byte(m, &at, data[i], NULL) != ERR_OK)
                break;
        }
        gmatch_close(m);
    }
    grammar_close(g);
    return 0;
}
