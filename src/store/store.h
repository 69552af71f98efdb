/* The store: what the daemon remembers in $HEARTH_HOME/hearth.db (SQLite).
 *
 * All work happens on one thread of the store's own; answers come back as callbacks on the loop's
 * thread, in the order of the calls, but calls about keys overtake those about responses. A damaged
 * database is set aside (hearth.db.damaged-DATE) and a new one made: store_open says so, later
 * damage is logged and costs the call that met it. API keys outlive that where they can be read;
 * where they cannot, that is remembered until a key is made (store_keys_lost), so that a damaged
 * file opens no doors. A full disk is an error of that call and nothing else is lost. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "os/loop.h"

#define STORE_ID_BYTES       64U
#define STORE_RESPONSE_MAX   (64U << 20) /* bytes of one stored response */
#define STORE_RESPONSES_MAX  10000U      /* the oldest leave first */
#define STORE_BYTES_MAX      (4LL << 30) /* of all responses, likewise */
#define STORE_AGE_MAX_S      (30LL * 86400)
#define STORE_CHAIN_MAX      512U /* responses that one conversation goes back */
#define STORE_KEY_NAME_BYTES 128U
#define STORE_KEYS_MAX       256U

struct store;

struct store_params {
    struct loop *loop;
    const char *path; /* hearth.db; ":memory:" for tests */
};

/* *aside (at least 4096 bytes, may be NULL): where a damaged database was put, "" = it was fine. */
enum err_code store_open(struct store **out, const struct store_params *p, char *aside,
                         struct err *e);
/* Finishes what was asked for, without callbacks but those about keys; not from inside one. NULL is
 * fine. */
void store_close(struct store *s);

/* ---- stored responses ---- */
/* One turn: what came in and what went out, each as JSON text whose form is the caller's. */
struct store_response {
    const char *id, *previous_id; /* previous_id: "" = none */
    const char *family;           /* "openai", "native": whose form it is */
    const char *model;
    const char *body; /* NUL-terminated JSON text */
    size_t body_len;
    /* By the store's own clock, which sets it: the wall clock at opening and the time since. What
     * is stored while the wall clock is wrong is neither too old at once nor the first to leave. */
    int64_t stored_unix_s;
};

/* err: NULL = it went well. */
typedef void (*store_done_fn)(void *arg, const struct err *err);
/* chain: the response and its ancestors, oldest first, valid during the call. n == 0 with an error:
 * ERR_NOT_FOUND when it or one of its ancestors is not stored (a conversation is never cut
 * silently), ERR_LIMIT when they are more than STORE_CHAIN_MAX. */
typedef void (*store_chain_fn)(void *arg, const struct store_response *chain, uint32_t n,
                               const struct err *err);

/* Each returns ERR_OOM or ERR_LIMIT (too much is waiting, too long) at once, or calls back later.
 * put replaces a response of the same id; delete: ERR_NOT_FOUND. done may be NULL. */
enum err_code store_response_put(struct store *s, const struct store_response *r,
                                 store_done_fn done, void *arg, struct err *e);
enum err_code store_response_chain(struct store *s, const char *id, store_chain_fn done, void *arg,
                                   struct err *e);
enum err_code store_response_delete(struct store *s, const char *id, store_done_fn done, void *arg,
                                    struct err *e);

/* ---- API keys: the table is small and kept in memory; only its hashes are stored ---- */
enum key_scope {
    KEY_INFERENCE = 1U,
    KEY_MODELS_READ = 2U,
    KEY_MODELS_LOAD = 4U,
    KEY_MODELS_DOWNLOAD = 8U,
    KEY_ADMIN = 16U, /* settings and keys */
};
#define KEY_SCOPES_ALL 31U
const char *key_scope_name(unsigned one); /* "inference", "models.read", …; NULL: no such */
unsigned key_scope_named(const char *name, size_t len); /* 0: no such */

struct store_key {
    char id[9];
    char name[STORE_KEY_NAME_BYTES];
    unsigned scopes;
    int64_t created_unix_s, used_unix_s;
};

/* err NULL: it is on the disk for good. secret: the key's text
 * "sk-lm-XXXXXXXX:YYYYYYYYYYYYYYYYYYYY", shown only now, and key; both NULL after a deletion or an
 * error. Valid during the call. */
typedef void (*store_key_fn)(void *arg, const char *secret, const struct store_key *key,
                             const struct err *err);

/* Makes a key, which is valid from the callback on. At once: ERR_ARG, ERR_LIMIT, ERR_OOM, ERR_IO
 * (no randomness). done may be NULL. */
enum err_code store_key_create(struct store *s, const char *name, unsigned scopes,
                               store_key_fn done, void *arg, struct err *e);
/* The key is nobody's from now on; if the disk then refuses, it is valid again and done is told. At
 * once: ERR_NOT_FOUND, ERR_LIMIT, ERR_OOM. done may be NULL. */
enum err_code store_key_delete(struct store *s, const char *id, store_key_fn done, void *arg,
                               struct err *e);
/* There are no keys, but there may have been: they could not be read in a damaged database. Until
 * the next key is made, across restarts. */
bool store_keys_lost(const struct store *s);
uint32_t store_n_key(const struct store *s);
void store_key_at(const struct store *s, uint32_t i, struct store_key *out);
/* Whose secret this is, in constant time per key; scopes of it, 0 = nobody's. *id (9 bytes). */
unsigned store_key_check(struct store *s, const char *secret, size_t len, char id[9]);

#endif
