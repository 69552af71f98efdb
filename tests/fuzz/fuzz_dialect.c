/* Any answer in any dialect: the first byte chooses the row, the second one thoughts and the size
 * of the pieces. Whole calls must have a name and an object of arguments. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "text/dialect.h"

static void on_event(void *arg, const struct dialect_event *ev)
{
    struct buf *args = arg;

    if (ev->kind == DIALECT_CALL_BEGIN) {
        CHECK(ev->name[0]);
        buf_clear(args);
    }
    if (ev->kind == DIALECT_CALL_ARGS)
        (void)buf_add(args, ev->text, ev->len);
    if (ev->kind == DIALECT_CALL_END)
        CHECK(args->len >= 2 && args->data[0] == '{');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_row, n_think, piece;
    const struct dialect_row *rows = dialect_rows(&n_row);
    const struct reasoning_row *thinks = reasoning_rows(&n_think);
    struct dialect d = { 0 };
    struct dialect_params p = { .dialect = &d, .calls = true, .reasoning = true };
    struct dialect_stream *s;
    struct buf args;

    if (size < 2)
        return 0;
    d.row = &rows[data[0] % n_row];
    d.reasoning.row = &thinks[data[1] % n_think];
    piece = 1U + data[1] / 16U;
    buf_init(&args, MEM_OTHER, 64U << 20);
    p.on_event = on_event;
    p.arg = &args;
    CHECK(dialect_stream_open(&s, &p, NULL) == ERR_OK);
    for (size_t i = 2; i < size; i += piece)
        CHECK(dialect_feed(s, (const char *)data + i, size - i < piece ? size - i : piece, NULL) ==
              ERR_OK);
    CHECK(dialect_end(s, data[1] & 1, NULL) == ERR_OK);
    dialect_stream_close(s);
    buf_finish(&args);
    return 0;
}
