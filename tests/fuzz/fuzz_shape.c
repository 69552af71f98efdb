/* Any list of tools in any dialect: the first byte chooses the row, the second one choice and
 * thoughts. It is refused or becomes a grammar, which then follows the text itself. */
#include "fuzz/fuzz.h"
#include "text/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_row, n_think;
    const struct dialect_row *rows = dialect_rows(&n_row);
    const struct reasoning_row *thinks = reasoning_rows(&n_think);
    struct dialect d = { 0 };
    struct shape_spec p = { .dialect = &d };
    struct shape *s = NULL;
    struct js *tools = NULL;
    struct gmatch *m = NULL;

    if (size < 2 || js_parse(&tools, (const char *)data + 2, size - 2, NULL) != ERR_OK)
        return 0;
    d.row = &rows[data[0] % n_row];
    d.reasoning.row = data[1] & 8 ? &thinks[(data[1] >> 4) % n_think] : NULL;
    p.choice = data[1] & 1 ? SHAPE_REQUIRED : SHAPE_AUTO;
    p.one_call = data[1] & 2;
    p.reasoning = data[1] & 8;
    p.tools = tools;
    p.schema = data[1] & 4 ? js_at(tools, 1) : NULL;
    if (shape_open(&s, &p, NULL, NULL) == ERR_OK && shape_grammar(s) &&
        gmatch_open(&m, shape_grammar(s), true, (size_t)16 << 20, NULL) == ERR_OK) {
        uint32_t at = gmatch_start(m);

        for (size_t i = 2; i < size && at; i++) {
            if (gmatch_byte(m, &at, data[i], NULL) != ERR_OK)
                break;
        }
    }
    gmatch_close(m);
    shape_close(s);
    js_close(tools);
    return 0;
}
