/* Inside store/ only: the database as a few calls. One thread at a time; every call may wait for
 * the disk. */
#ifndef STORE_DB_INT_H
#define STORE_DB_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "store/store.h"

#define DB_SALT_BYTES     16U
#define STORE_ANSWER_MAX  (256U << 20)   /* bytes of one chain */
#define STORE_CALLS_MAX   1024U          /* waiting for the disk or for their callbacks */
#define STORE_WAITING_MAX (256ULL << 20) /* bytes of them */

struct db;

struct db_key {
    struct store_key shown;
    uint8_t salt[DB_SALT_BYTES], hash[SHA256_BYTES];
};

/* Opens or creates. *is_damaged (also with an error): what is there is no whole database of ours;
 * it may be set aside. ERR_UNSUPPORTED: a newer program made it. */
enum err_code db_open(struct db **out, const char *path, bool *is_damaged, struct err *e);
void db_close(struct db *d); /* NULL is fine */

/* Whether a call since opening has met damage. */
bool db_is_damaged(const struct db *d);
/* Its file was removed or renamed, or another one has taken its place: what is written into it is
 * lost when it is closed. */
bool db_has_moved(struct db *d);

/* Replaces a response of the same id; the oldest leave when there are too many or when they are
 * older than STORE_AGE_MAX_S at now_unix_s. ERR_IO (disk full: nothing has changed), ERR_OOM. */
enum err_code db_response_put(struct db *d, const struct store_response *r, int64_t now_unix_s,
                              struct err *e);
/* *out and its strings in the arena, oldest first. ERR_NOT_FOUND: it or an ancestor is not there;
 * ERR_LIMIT: more than STORE_CHAIN_MAX, or bytes. */
enum err_code db_response_chain(struct db *d, const char *id, struct arena *a,
                                struct store_response **out, uint32_t *n, struct err *e);
enum err_code db_response_delete(struct db *d, const char *id, struct err *e);

/* keys[STORE_KEYS_MAX], in the order of their making. */
enum err_code db_keys_read(struct db *d, struct db_key *keys, uint32_t *n, struct err *e);
/* The same of a damaged file, as far as its keys can still be read. False: there may be others. */
bool db_keys_salvage(const char *path, struct db_key *keys, uint32_t *n);
/* Whether keys were lost with a damaged file; remembered until it is set anew or a key is put. */
enum err_code db_keys_lost(struct db *d, bool *lost, struct err *e);
enum err_code db_keys_lost_set(struct db *d, bool lost, struct err *e);
/* Returns when it is on the disk for good, deleting too. */
enum err_code db_key_put(struct db *d, const struct db_key *k, struct err *e);
enum err_code db_key_delete(struct db *d, const char *id, struct err *e);
enum err_code db_key_used(struct db *d, const char *id, int64_t unix_s, struct err *e);

#endif
