/* Any text as config.json: what is accepted is written as something that is accepted again, and
 * then written as the same. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "serve/config_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c, again;
    struct buf text, text_again;

    if (config_read(&c, (const char *)data, size, NULL) != ERR_OK)
        return 0;
    buf_init(&text, MEM_OTHER, SIZE_MAX / 2);
    buf_init(&text_again, MEM_OTHER, SIZE_MAX / 2);
    config_write(&c, &text);
    CHECK(config_read(&again, text.data, text.len, NULL) == ERR_OK);
    config_write(&again, &text_again);
    CHECK(text.len == text_again.len && memcmp(text.data, text_again.data, text.len) == 0);
    config_close(&c);
    config_close(&again);
    buf_finish(&text);
    buf_finish(&text_again);
    return 0;
}
