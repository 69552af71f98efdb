/* Any JSON as a schema: it compiles or is refused, and what compiles reads the schema's own text.
 */
#include "fuzz/fuzz.h"
#include "text/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct js *schema;
    struct grammar_place place;
    struct grammar *g;
    struct gmatch *m;

    if (js_parse(&schema, (const char *)data, size, NULL) != ERR_OK)
        return 0;
    if (grammar_of_schema(&g, schema, &place, NULL) == ERR_OK) {
        if (gmatch_open(&m, g, true, (size_t)16 << 20, NULL) == ERR_OK) {
            uint32_t at = gmatch_start(m);

            for (size_t i = 0; i < size && at; i++) {
                if (gmatch_byte(m, &at, data[i], NULL) != ERR_OK)
                    break;
            }
            gmatch_close(m);
        }
        grammar_close(g);
    }
    js_close(schema);
    return 0;
}
