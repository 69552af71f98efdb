/* API keys: names of scopes, secrets and their hashes.
 *
 * A secret is 20 letters and digits drawn evenly: 119 bits. Nobody can try that many, so that one
 * SHA-256 with a salt keeps it as safe as a slow hash for passwords would, and costs a request
 * nothing. The id in front is no secret: it finds the key, and only then is a hash compared. */
#include "store/keys_int.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "os/sys.h"

#define KEY_PREFIX "sk-lm-"
#define KEY_CHARS  (sizeof(KEY_PREFIX) - 1 + KEY_ID_CHARS + 1 + KEY_SECRET_CHARS)

static const struct {
    enum key_scope scope;
    const char *name;
} scopes[] = {
    { KEY_INFERENCE, "inference" },
    { KEY_MODELS_READ, "models.read" },
    { KEY_MODELS_LOAD, "models.load" },
    { KEY_MODELS_DOWNLOAD, "models.download" },
    { KEY_ADMIN, "admin" },
};

const char *key_scope_name(unsigned one)
{
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (scopes[i].scope == one)
            return scopes[i].name;
    }
    return NULL;
}

unsigned key_scope_named(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (strlen(scopes[i].name) == len && memcmp(scopes[i].name, name, len) == 0)
            return scopes[i].scope;
    }
    return 0;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#define N_LETTER (sizeof(letters) - 1)

/* n letters and digits, all equally likely: bytes beyond a multiple of their number are drawn anew.
 */
static bool draw(char *to, size_t n)
{
    const unsigned limit = 256U / N_LETTER * N_LETTER;

    while (n > 0) {
        uint8_t byte;

        if (!random_bytes(&byte, 1))
            return false;
        if (byte >= limit)
            continue;
        *to++ = letters[byte % N_LETTER];
        n--;
    }
    return true;
}

static void hash_secret(const uint8_t salt[DB_SALT_BYTES], const char *secret,
                        uint8_t out[SHA256_BYTES])
{
    struct sha256 s;

    sha256_init(&s);
    sha256_add(&s, salt, DB_SALT_BYTES);
    sha256_add(&s, secret, KEY_SECRET_CHARS);
    sha256_end(&s, out);
}

enum err_code key_make(struct db_key *k, char *text, const char *name, unsigned wanted,
                       struct err *e)
{
    char secret[KEY_SECRET_CHARS + 1] = { 0 };

    *k = (struct db_key){ 0 };
    if (!draw(k->shown.id, KEY_ID_CHARS) || !draw(secret, KEY_SECRET_CHARS) ||
        !random_bytes(k->salt, sizeof(k->salt)))
        return err_set(e, ERR_IO, "the system has no randomness for an API key");
    (void)snprintf(k->shown.name, sizeof(k->shown.name), "%s", name);
    k->shown.scopes = wanted;
    k->shown.created_unix_s = clock_unix_s();
    hash_secret(k->salt, secret, k->hash);
    (void)snprintf(text, 64, KEY_PREFIX "%s:%s", k->shown.id, secret);
    return ERR_OK;
}

bool key_parts(const char *text, size_t len, const char **id, const char **secret)
{
    size_t n_prefix = sizeof(KEY_PREFIX) - 1;

    if (len != KEY_CHARS || memcmp(text, KEY_PREFIX, n_prefix) != 0 ||
        text[n_prefix + KEY_ID_CHARS] != ':')
        return false;
    *id = text + n_prefix;
    *secret = text + n_prefix + KEY_ID_CHARS + 1;
    return true;
}

bool key_matches(const struct db_key *k, const char *secret)
{
    uint8_t hash[SHA256_BYTES];
    volatile unsigned differs = 0; /* looked at in full, whatever the first difference */

    hash_secret(k->salt, secret, hash);
    for (size_t i = 0; i < sizeof(hash); i++)
        differs |= (unsigned)(hash[i] ^ k->hash[i]);
    return differs == 0;
}
