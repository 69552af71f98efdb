/* Any bytes: the UTF-8 functions agree with each other and never look beyond the end. */
#include "base/check.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data;
    size_t whole = utf8_whole_bytes(s, size), n = 0;
    bool valid = true;

    CHECK(whole <= size && size - whole <= 3);
    for (size_t i = 0; i < size; n++) {
        char again[UTF8_BYTES_MAX];
        uint32_t cp;
        unsigned len = utf8_decode(s + i, size - i, &cp);

        valid = valid && len;
        CHECK(len <= size - i);
        CHECK(len == 0 || utf8_encode(cp, again) == len);
        i += len ? len : 1;
    }
    CHECK(n == utf8_count(s, size));
    CHECK(valid == utf8_valid(s, size));
    CHECK(!valid || whole == size);
    return 0;
}
