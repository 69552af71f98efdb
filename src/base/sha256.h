/* SHA-256 (FIPS 180-4), for hashes of keys and of files. Not for passwords: it is fast. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES     32U
#define SHA256_HEX_BYTES 65U

struct sha256 {
    uint32_t _h[8];
    uint64_t _n; /* bytes so far */
    uint8_t _block[64];
};

/* init, any number of adds, end; then init again. */
void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

/* Lower-case hexadecimal text of a hash. */
void sha256_hex(const uint8_t hash[SHA256_BYTES], char out[SHA256_HEX_BYTES]);

#endif
