/* Proves: SHA-256 gives the published hashes, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sha256.h"

static void expect(const char *text, size_t n_times, size_t step, const char *hex)
{
    uint8_t hash[SHA256_BYTES];
    char got[SHA256_HEX_BYTES];
    size_t len = strlen(text);
    struct sha256 s;

    sha256_init(&s);
    for (size_t k = 0; k < n_times; k++) {
        for (size_t i = 0; i < len; i += step)
            sha256_add(&s, text + i, len - i < step ? len - i : step);
    }
    sha256_end(&s, hash);
    sha256_hex(hash, got);
    assert_string_equal(got, hex);
}

/* Proves: the examples of FIPS 180-4 (one block, two blocks, a million letters) and the empty text.
 */
static void published_hashes(void **state)
{
    static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    const char *two_hex = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

    (void)state;
    expect("", 1, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect("abc", 1, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (size_t step = 1; step <= sizeof(two); step++)
        expect(two, 1, step, two_hex);
    expect("aaaaaaaaaa", 100000, 7,
           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(published_hashes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
