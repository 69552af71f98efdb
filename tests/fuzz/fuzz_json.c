/* Any text: parsing never fails badly, and every string that was read survives quoting. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct js *root, *again;
    struct buf text;
    size_t len, len_again;
    const char *s;

    if (js_parse(&root, (const char *)data, size, NULL) != ERR_OK)
        return 0;
    s = js_str(js_len(root) ? js_at(root, 0) : root, &len);
    buf_init(&text, MEM_OTHER, SIZE_MAX / 2);
    if (s) {
        jsonw_quote(&text, s, len);
        CHECK(js_parse(&again, text.data, text.len, NULL) == ERR_OK);
        CHECK(memcmp(js_str(again, &len_again), s, len) == 0 && len == len_again);
        js_close(again);
    }
    buf_finish(&text);
    js_close(root);
    return 0;
}
