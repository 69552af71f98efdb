/* Inside store/ only: making and checking the secrets of API keys. */
#ifndef STORE_KEYS_INT_H
#define STORE_KEYS_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/db_int.h"

#define KEY_ID_CHARS     8U
#define KEY_SECRET_CHARS 20U

/* Draws id, secret and salt; text[64] gets "sk-lm-ID:SECRET". ERR_IO: the system has no randomness.
 */
enum err_code key_make(struct db_key *k, char *text, const char *name, unsigned scopes,
                       struct err *e);

/* Where the id (KEY_ID_CHARS) and the secret (KEY_SECRET_CHARS) are in a key's text; false: it has
 * not the form. */
bool key_parts(const char *text, size_t len, const char **id, const char **secret);

/* Whether it is this key's secret, in a time that does not depend on either. */
bool key_matches(const struct db_key *k, const char *secret);

#endif
