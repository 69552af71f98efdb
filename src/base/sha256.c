/* SHA-256 as FIPS 180-4 section 6.2 describes it. */
#include "base/sha256.h"

#include <string.h>

#define BLOCK_BYTES 64U
#define ROUNDS      64U

/* The first 32 bits of the fractions of the cube roots of the first 64 primes (section 4.2.2). */
static const uint32_t round_constant[ROUNDS] = {
    0x428a2f98U, 0x71374491U, 0xb5c0fbcfU, 0xe9b5dba5U, 0x3956c25bU, 0x59f111f1U, 0x923f82a4U,
    0xab1c5ed5U, 0xd807aa98U, 0x12835b01U, 0x243185beU, 0x550c7dc3U, 0x72be5d74U, 0x80deb1feU,
    0x9bdc06a7U, 0xc19bf174U, 0xe49b69c1U, 0xefbe4786U, 0x0fc19dc6U, 0x240ca1ccU, 0x2de92c6fU,
    0x4a7484aaU, 0x5cb0a9dcU, 0x76f988daU, 0x983e5152U, 0xa831c66dU, 0xb00327c8U, 0xbf597fc7U,
    0xc6e00bf3U, 0xd5a79147U, 0x06ca6351U, 0x14292967U, 0x27b70a85U, 0x2e1b2138U, 0x4d2c6dfcU,
    0x53380d13U, 0x650a7354U, 0x766a0abbU, 0x81c2c92eU, 0x92722c85U, 0xa2bfe8a1U, 0xa81a664bU,
    0xc24b8b70U, 0xc76c51a3U, 0xd192e819U, 0xd6990624U, 0xf40e3585U, 0x106aa070U, 0x19a4c116U,
    0x1e376c08U, 0x2748774cU, 0x34b0bcb5U, 0x391c0cb3U, 0x4ed8aa4aU, 0x5b9cca4fU, 0x682e6ff3U,
    0x748f82eeU, 0x78a5636fU, 0x84c87814U, 0x8cc70208U, 0x90befffaU, 0xa4506cebU, 0xbef9a3f7U,
    0xc67178f2U,
};

static uint32_t turn(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store(uint8_t *p, uint32_t x)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static void mix_block(uint32_t h[8], const uint8_t *block)
{
    uint32_t w[ROUNDS], v[8];

    for (unsigned t = 0; t < 16; t++)
        w[t] = load(block + 4 * (size_t)t);
    for (unsigned t = 16; t < ROUNDS; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];

        w[t] = (turn(b, 17) ^ turn(b, 19) ^ b >> 10) + w[t - 7] +
               (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[t - 16];
    }
    memcpy(v, h, sizeof(v));
    for (unsigned t = 0; t < ROUNDS; t++) {
        uint32_t a = v[0], e = v[4];
        uint32_t t1 = v[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & v[5]) ^ (~e & v[6])) +
                      round_constant[t] + w[t];
        uint32_t t2 =
            (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] += v[i];
}

void sha256_init(struct sha256 *s)
{
    /* the same of the square roots of the first 8 primes (section 5.3.3) */
    static const uint32_t start[8] = { 0x6a09e667U, 0xbb67ae85U, 0x3c6ef372U, 0xa54ff53aU,
                                       0x510e527fU, 0x9b05688cU, 0x1f83d9abU, 0x5be0cd19U };

    memcpy(s->_h, start, sizeof(start));
    s->_n = 0;
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
    const uint8_t *p = data;

    while (len > 0) {
        size_t at = (size_t)(s->_n % BLOCK_BYTES), n = BLOCK_BYTES - at;

        n = n < len ? n : len;
        memcpy(s->_block + at, p, n);
        s->_n += n;
        p += n;
        len -= n;
        if (at + n == BLOCK_BYTES)
            mix_block(s->_h, s->_block);
    }
}

void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES])
{
    static const uint8_t pad[BLOCK_BYTES] = { 0x80 };
    const uint64_t n_bit = s->_n * 8;
    size_t at = (size_t)(s->_n % BLOCK_BYTES);
    uint8_t count[8];

    sha256_add(s, pad, (at < 56 ? 56 : 120) - at);
    store(count, (uint32_t)(n_bit >> 32));
    store(count + 4, (uint32_t)n_bit);
    sha256_add(s, count, sizeof(count));
    for (unsigned i = 0; i < 8; i++)
        store(out + 4 * (size_t)i, s->_h[i]);
}

void sha256_hex(const uint8_t hash[SHA256_BYTES], char out[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * SHA256_BYTES] = '\0';
}
