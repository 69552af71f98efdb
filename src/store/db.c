/* The database: the only file that knows SQLite. Owns the tables and every statement.
 *
 * Write-ahead log; statements are prepared once. What is read back is checked like any other input:
 * the file may have been changed by anybody. */
#include "store/db_int.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/file.h"

#define APPLICATION_ID  0x48525448 /* "HRTH" in the file's head */
#define SCHEMA_VERSION  1
#define BUSY_MS         5000 /* another process holds the file: a command beside the daemon */
#define ROW_BYTES_MAX   ((int)STORE_RESPONSE_MAX + (1 << 20))
#define STATE_LOST      "keys_lost"
#define CHECK_BYTES_MAX (4U << 20) /* files up to this are checked whole when opened */

enum statement {
    S_BEGIN,
    S_COMMIT,
    S_ROLLBACK,
    S_PUT,
    S_DELETE,
    S_CHAIN,
    S_SUM,
    S_DELETE_OLDEST,
    S_DELETE_OLD,
    S_KEYS,
    S_KEY_PUT,
    S_KEY_DELETE,
    S_KEY_USED,
    S_STATE,
    S_STATE_PUT,
    STATEMENT_COUNT
};

static const char *const sql[STATEMENT_COUNT] = {
    [S_BEGIN] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_ROLLBACK] = "ROLLBACK",
    [S_PUT] =
        "INSERT OR REPLACE INTO response(id, previous_id, family, model, created, bytes, body)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [S_DELETE] = "DELETE FROM response WHERE id = ?1 RETURNING bytes",
    [S_CHAIN] = "WITH RECURSIVE chain(at, depth) AS (SELECT ?1, 0 UNION ALL"
                " SELECT r.previous_id, c.depth + 1 FROM chain c JOIN response r ON r.id = c.at"
                " WHERE r.previous_id <> '' AND c.depth < ?2)"
                " SELECT r.id, r.previous_id, r.family, r.model, r.created, r.body"
                " FROM chain c JOIN response r ON r.id = c.at ORDER BY c.depth",
    [S_SUM] = "SELECT count(*), ifnull(sum(bytes), 0) FROM response",
    [S_DELETE_OLDEST] = "DELETE FROM response WHERE seq ="
                        " (SELECT seq FROM response ORDER BY created, seq LIMIT 1) RETURNING bytes",
    [S_DELETE_OLD] = "DELETE FROM response WHERE created < ?1 RETURNING bytes",
    [S_KEYS] = "SELECT id, name, scopes, created, used, salt, hash FROM api_key"
               " ORDER BY created, rowid LIMIT ?1",
    [S_KEY_PUT] = "INSERT OR REPLACE INTO api_key(id, name, scopes, created, used, salt, hash)"
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [S_KEY_DELETE] = "DELETE FROM api_key WHERE id = ?1",
    [S_KEY_USED] = "UPDATE api_key SET used = ?2 WHERE id = ?1",
    [S_STATE] = "SELECT value FROM state WHERE name = ?1",
    [S_STATE_PUT] = "INSERT OR REPLACE INTO state(name, value) VALUES(?1, ?2)",
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS response(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " previous_id TEXT NOT NULL, family TEXT NOT NULL, model TEXT NOT NULL,"
    " created INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS response_age ON response(created, bytes);"
    "CREATE TABLE IF NOT EXISTS api_key(id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " scopes INTEGER NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL,"
    " salt BLOB NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS state(name TEXT NOT NULL UNIQUE, value INTEGER NOT NULL);"
    "PRAGMA application_id = 1213355080;" /* APPLICATION_ID */
    "PRAGMA user_version = 1;"            /* SCHEMA_VERSION */
    "COMMIT;";

/* A file that was tampered with can run nothing and mislead nothing; few pages are kept. */
static const char settings[] =
    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -1024;"
    "PRAGMA journal_size_limit = 67108864; PRAGMA synchronous = NORMAL;"
    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;";

/* How many responses there are; only this process makes and removes them. */
struct tally {
    int64_t n, bytes;
};

struct db {
    sqlite3 *sq;
    sqlite3_stmt *stmt[STATEMENT_COUNT];
    struct tally tally;
    bool is_damaged;
    char path[4096];
};

/* ---- errors ---- */

/* rc: SQLite's. Remembers damage. */
static enum err_code fail(struct db *d, int rc, const char *what, struct err *e)
{
    switch (rc & 0xFF) {
    case SQLITE_NOMEM:
        return err_set(e, ERR_OOM, "no memory to %s", what);
    case SQLITE_FULL:
        return err_set(e, ERR_IO, "cannot %s: no space is left for %s", what, d->path);
    case SQLITE_TOOBIG:
        return err_set(e, ERR_LIMIT, "cannot %s: more than %d bytes", what, ROW_BYTES_MAX);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        d->is_damaged = true;
        return err_set(e, ERR_IO, "cannot %s: %s is damaged", what, d->path);
    default:
        return err_set(e, ERR_IO, "cannot %s in %s: %s", what, d->path,
                       d->sq ? sqlite3_errmsg(d->sq) : sqlite3_errstr(rc));
    }
}

/* ---- statements ---- */

/* Runs a statement that gives no rows; returns SQLite's code, SQLITE_OK when done. */
static int run(struct db *d, enum statement s)
{
    int rc;

    do {
        rc = sqlite3_step(d->stmt[s]);
    } while (rc == SQLITE_ROW);
    (void)sqlite3_reset(d->stmt[s]);
    (void)sqlite3_clear_bindings(d->stmt[s]);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A text argument; it lives until the statement has run. */
static int bind_text(struct db *d, enum statement s, int i, const char *text)
{
    return sqlite3_bind_text(d->stmt[s], i, text, -1, SQLITE_STATIC);
}

/* One number of a statement of one row and column, made for the occasion; -1: failed. */
static int64_t ask_number(struct db *d, const char *text)
{
    sqlite3_stmt *st = NULL;
    int64_t value = -1;

    if (sqlite3_prepare_v2(d->sq, text, -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        value = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return value;
}

/* ---- opening ---- */

static enum err_code open_file(struct db *d, struct err *e)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int rc = sqlite3_open_v2(d->path, &d->sq, flags, NULL);

    if (rc)
        return fail(d, rc, "open the store", e);
    (void)sqlite3_extended_result_codes(d->sq, 1);
    (void)sqlite3_busy_timeout(d->sq, BUSY_MS);
    (void)sqlite3_limit(d->sq, SQLITE_LIMIT_LENGTH, ROW_BYTES_MAX);
    (void)sqlite3_limit(d->sq, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_db_config(d->sq, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = sqlite3_exec(d->sq, settings, NULL, NULL, NULL);
    if (!rc)
        rc = sqlite3_exec(d->sq, "PRAGMA journal_mode = WAL;", NULL, NULL, NULL);
    return rc ? fail(d, rc, "open the store", e) : ERR_OK;
}

/* Whole databases of ours only; large ones are trusted until a call meets damage. */
static enum err_code check_file(struct db *d, struct err *e)
{
    int64_t version = ask_number(d, "PRAGMA user_version");
    int64_t application = ask_number(d, "PRAGMA application_id");
    int64_t n_table = ask_number(d, "SELECT count(*) FROM sqlite_schema");
    int64_t n_page = ask_number(d, "PRAGMA page_count");
    int64_t page_bytes = ask_number(d, "PRAGMA page_size");
    sqlite3_stmt *st = NULL;
    bool is_whole = false;

    if (version < 0 || application < 0 || n_table < 0)
        return fail(d, sqlite3_errcode(d->sq), "read the store", e);
    if (application == APPLICATION_ID && version > SCHEMA_VERSION)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s has version %lld, this program knows up to %d: use a newer hearth",
                       d->path, (long long)version, SCHEMA_VERSION);
    if (n_table > 0 && (application != APPLICATION_ID || version != SCHEMA_VERSION))
        return fail(d, SQLITE_NOTADB, "read the store", e);
    if (n_page * page_bytes > (int64_t)CHECK_BYTES_MAX)
        return ERR_OK;
    if (sqlite3_prepare_v2(d->sq, "PRAGMA quick_check(1)", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        is_whole = strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;
    (void)sqlite3_finalize(st);
    return is_whole ? ERR_OK : fail(d, SQLITE_CORRUPT, "read the store", e);
}

/* Once; later changes are counted as they are made. */
static int count_all(struct db *d)
{
    int rc = sqlite3_step(d->stmt[S_SUM]);

    if (rc == SQLITE_ROW) {
        d->tally.n = sqlite3_column_int64(d->stmt[S_SUM], 0);
        d->tally.bytes = sqlite3_column_int64(d->stmt[S_SUM], 1);
        rc = SQLITE_OK;
    }
    (void)sqlite3_reset(d->stmt[S_SUM]);
    return rc;
}

static enum err_code prepare_all(struct db *d, struct err *e)
{
    int rc = sqlite3_exec(d->sq, schema, NULL, NULL, NULL);

    if (rc)
        (void)sqlite3_exec(d->sq, "ROLLBACK", NULL, NULL, NULL);
    for (unsigned i = 0; i < STATEMENT_COUNT && !rc; i++) {
        rc = sqlite3_prepare_v3(d->sq, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &d->stmt[i], NULL);
        if (rc == SQLITE_ERROR) /* tables of our names with other columns */
            rc = SQLITE_CORRUPT;
    }
    if (!rc)
        rc = count_all(d);
    return rc ? fail(d, rc, "prepare the store", e) : ERR_OK;
}

enum err_code db_open(struct db **out, const char *path, bool *is_damaged, struct err *e)
{
    struct db *d = mem_alloc_zero(MEM_OTHER, sizeof(*d));
    bool in_memory = strcmp(path, ":memory:") == 0;
    enum err_code rc = ERR_OK;

    *out = NULL;
    *is_damaged = false;
    if (!d)
        return err_set(e, ERR_OOM, "no memory to open the store");
    if (strlen(path) >= sizeof(d->path)) {
        mem_free(d);
        return err_set(e, ERR_LIMIT, "the store's path is longer than %zu bytes", sizeof(d->path));
    }
    (void)snprintf(d->path, sizeof(d->path), "%s", path);
    if (!in_memory)
        rc = file_make_private(path, e);
    if (!rc)
        rc = open_file(d, e);
    if (!rc)
        rc = check_file(d, e);
    if (!rc)
        rc = prepare_all(d, e);
    *is_damaged = d->is_damaged;
    if (rc) {
        db_close(d);
        return rc;
    }
    *out = d;
    return ERR_OK;
}

void db_close(struct db *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(d->stmt[i]);
    (void)sqlite3_close(d->sq);
    mem_free(d);
}

bool db_has_moved(struct db *d)
{
    int has_moved = 0;

    return sqlite3_file_control(d->sq, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) == SQLITE_OK &&
           has_moved;
}

bool db_is_damaged(const struct db *d)
{
    return d->is_damaged;
}

/* ---- responses ---- */

/* Runs a statement that removes responses and gives their sizes; t loses them. */
static int run_removal(struct db *d, enum statement s, struct tally *t)
{
    int rc;

    while ((rc = sqlite3_step(d->stmt[s])) == SQLITE_ROW) {
        t->n--;
        t->bytes -= sqlite3_column_int64(d->stmt[s], 0);
    }
    (void)sqlite3_reset(d->stmt[s]);
    (void)sqlite3_clear_bindings(d->stmt[s]);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Makes room: the old ones leave, then the oldest. */
static int prune(struct db *d, int64_t now_unix_s, struct tally *t)
{
    int64_t n_before;
    int rc = sqlite3_bind_int64(d->stmt[S_DELETE_OLD], 1, now_unix_s - STORE_AGE_MAX_S);

    if (!rc)
        rc = run_removal(d, S_DELETE_OLD, t);
    do {
        n_before = t->n;
        if (!rc && (t->n > (int64_t)STORE_RESPONSES_MAX || t->bytes > STORE_BYTES_MAX))
            rc = run_removal(d, S_DELETE_OLDEST, t);
    } while (!rc && t->n < n_before);
    return rc;
}

static int put_row(struct db *d, const struct store_response *r)
{
    int rc = bind_text(d, S_PUT, 1, r->id);

    if (!rc)
        rc = bind_text(d, S_PUT, 2, r->previous_id);
    if (!rc)
        rc = bind_text(d, S_PUT, 3, r->family);
    if (!rc)
        rc = bind_text(d, S_PUT, 4, r->model);
    if (!rc)
        rc = sqlite3_bind_int64(d->stmt[S_PUT], 5, r->stored_unix_s);
    if (!rc)
        rc = sqlite3_bind_int64(d->stmt[S_PUT], 6, (int64_t)r->body_len);
    if (!rc)
        rc = sqlite3_bind_blob64(d->stmt[S_PUT], 7, r->body_len ? r->body : "", r->body_len,
                                 SQLITE_STATIC);
    if (rc) {
        (void)sqlite3_clear_bindings(d->stmt[S_PUT]);
        return rc;
    }
    return run(d, S_PUT);
}

enum err_code db_response_put(struct db *d, const struct store_response *r, int64_t now_unix_s,
                              struct err *e)
{
    struct tally t = d->tally;
    enum err_code code;
    int rc = run(d, S_BEGIN);

    if (rc)
        return fail(d, rc, "store a response", e);
    rc = bind_text(d, S_DELETE, 1, r->id);
    if (!rc)
        rc = run_removal(d, S_DELETE, &t);
    if (!rc)
        rc = put_row(d, r);
    t.n++;
    t.bytes += (int64_t)r->body_len;
    if (!rc)
        rc = prune(d, now_unix_s, &t);
    if (!rc)
        rc = run(d, S_COMMIT);
    if (!rc) {
        d->tally = t;
        return ERR_OK;
    }
    code = fail(d, rc, "store a response", e);
    if (!sqlite3_get_autocommit(d->sq)) /* some errors have rolled back already */
        (void)run(d, S_ROLLBACK);
    return code;
}

/* Bytes of a column as text; 0 also for NULL. */
static size_t n_byte(sqlite3_stmt *st, int i)
{
    int n = sqlite3_column_blob(st, i) ? sqlite3_column_bytes(st, i) : 0;

    return n > 0 ? (size_t)n : 0;
}

static char *take_text(struct arena *a, sqlite3_stmt *st, int i)
{
    size_t n = n_byte(st, i);

    return arena_strndup(a, n ? sqlite3_column_blob(st, i) : "", n);
}

static bool take_row(struct arena *a, sqlite3_stmt *st, struct store_response *r)
{
    r->id = take_text(a, st, 0);
    r->previous_id = take_text(a, st, 1);
    r->family = take_text(a, st, 2);
    r->model = take_text(a, st, 3);
    r->stored_unix_s = sqlite3_column_int64(st, 4);
    r->body = take_text(a, st, 5);
    r->body_len = n_byte(st, 5);
    return r->id && r->previous_id && r->family && r->model && r->body;
}

/* Youngest first into rows; returns SQLite's code. */
static int read_chain(struct db *d, const char *id, struct arena *a, struct store_response *rows,
                      uint32_t *n, bool *is_full)
{
    sqlite3_stmt *st = d->stmt[S_CHAIN];
    int rc = bind_text(d, S_CHAIN, 1, id);

    if (!rc)
        rc = sqlite3_bind_int(st, 2, (int)STORE_CHAIN_MAX - 1);
    while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        *is_full = *n == STORE_CHAIN_MAX || !take_row(a, st, &rows[*n]);
        if (*is_full)
            break;
        ++*n;
        rc = SQLITE_OK;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || *is_full ? SQLITE_OK : rc;
}

enum err_code db_response_chain(struct db *d, const char *id, struct arena *a,
                                struct store_response **out, uint32_t *n, struct err *e)
{
    struct store_response *rows = arena_new_n(a, STORE_CHAIN_MAX, sizeof(*rows));
    uint32_t n_row = 0;
    bool is_full = false;
    int rc;

    *out = NULL;
    *n = 0;
    if (!rows)
        return err_set(e, ERR_OOM, "no memory to read response %s", id);
    rc = read_chain(d, id, a, rows, &n_row, &is_full);
    if (rc)
        return fail(d, rc, "read a response", e);
    if (is_full)
        return err_set(e, ERR_LIMIT, "the conversation that ends with %s is too long to read", id);
    if (n_row == 0)
        return err_set(e, ERR_NOT_FOUND, "response %s is not stored", id);
    if (rows[n_row - 1].previous_id[0])
        return n_row == STORE_CHAIN_MAX
                   ? err_set(e, ERR_LIMIT, "more than %u responses precede %s", STORE_CHAIN_MAX, id)
                   : err_set(e, ERR_NOT_FOUND, "response %s, which %s continues, is not stored",
                             rows[n_row - 1].previous_id, rows[n_row - 1].id);
    for (uint32_t i = 0; i < n_row / 2; i++) {
        struct store_response other = rows[i];

        rows[i] = rows[n_row - 1 - i];
        rows[n_row - 1 - i] = other;
    }
    *out = rows;
    *n = n_row;
    return ERR_OK;
}

enum err_code db_response_delete(struct db *d, const char *id, struct err *e)
{
    struct tally t = d->tally;
    int rc = bind_text(d, S_DELETE, 1, id);

    if (!rc)
        rc = run_removal(d, S_DELETE, &t);
    if (rc)
        return fail(d, rc, "delete a response", e);
    if (t.n == d->tally.n)
        return err_set(e, ERR_NOT_FOUND, "response %s is not stored", id);
    d->tally = t;
    return ERR_OK;
}

/* ---- keys ---- */

static bool take_bytes(sqlite3_stmt *st, int i, void *to, size_t len)
{
    const void *data = sqlite3_column_blob(st, i);

    if (!data || sqlite3_column_bytes(st, i) != (int)len)
        return false;
    memcpy(to, data, len);
    return true;
}

/* A row that is no key of ours is left out: its hash could match nothing. */
static bool take_key(sqlite3_stmt *st, struct db_key *k)
{
    const char *name = (const char *)sqlite3_column_text(st, 1);

    *k = (struct db_key){ 0 };
    (void)snprintf(k->shown.name, sizeof(k->shown.name), "%s", name ? name : "");
    k->shown.scopes = (unsigned)sqlite3_column_int64(st, 2) & KEY_SCOPES_ALL;
    k->shown.created_unix_s = sqlite3_column_int64(st, 3);
    k->shown.used_unix_s = sqlite3_column_int64(st, 4);
    return take_bytes(st, 0, k->shown.id, sizeof(k->shown.id) - 1) &&
           take_bytes(st, 5, k->salt, sizeof(k->salt)) &&
           take_bytes(st, 6, k->hash, sizeof(k->hash));
}

enum err_code db_keys_read(struct db *d, struct db_key *keys, uint32_t *n, struct err *e)
{
    sqlite3_stmt *st = d->stmt[S_KEYS];
    int rc = sqlite3_bind_int(st, 1, (int)STORE_KEYS_MAX);

    *n = 0;
    while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (*n < STORE_KEYS_MAX && take_key(st, &keys[*n]))
            ++*n;
        rc = SQLITE_OK;
    }
    (void)sqlite3_reset(st);
    return rc == SQLITE_DONE ? ERR_OK : fail(d, rc, "read the API keys", e);
}

bool db_keys_salvage(const char *path, struct db_key *keys, uint32_t *n)
{
    struct db d = { 0 };
    bool is_whole = false;

    *n = 0;
    if (strlen(path) < sizeof(d.path)) {
        (void)snprintf(d.path, sizeof(d.path), "%s", path);
        if (open_file(&d, NULL) == ERR_OK &&
            sqlite3_prepare_v2(d.sq, sql[S_KEYS], -1, &d.stmt[S_KEYS], NULL) == SQLITE_OK)
            is_whole = db_keys_read(&d, keys, n, NULL) == ERR_OK;
    }
    (void)sqlite3_finalize(d.stmt[S_KEYS]);
    (void)sqlite3_close(d.sq);
    return is_whole;
}

enum err_code db_keys_lost(struct db *d, bool *lost, struct err *e)
{
    int rc = bind_text(d, S_STATE, 1, STATE_LOST);

    *lost = false;
    if (!rc)
        rc = sqlite3_step(d->stmt[S_STATE]);
    if (rc == SQLITE_ROW)
        *lost = sqlite3_column_int64(d->stmt[S_STATE], 0) != 0;
    (void)sqlite3_reset(d->stmt[S_STATE]);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK : fail(d, rc, "read the API keys", e);
}

static int put_lost(struct db *d, bool lost)
{
    int rc = bind_text(d, S_STATE_PUT, 1, STATE_LOST);

    if (!rc)
        rc = sqlite3_bind_int(d->stmt[S_STATE_PUT], 2, lost);
    return rc ? rc : run(d, S_STATE_PUT);
}

/* Until the log is copied into the file and both are synced, a power failure could undo it. */
static int make_last(struct db *d)
{
    int rc = sqlite3_wal_checkpoint_v2(d->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    return (rc & 0xFF) == SQLITE_BUSY || (rc & 0xFF) == SQLITE_LOCKED ? SQLITE_OK : rc;
}

enum err_code db_keys_lost_set(struct db *d, bool lost, struct err *e)
{
    int rc = put_lost(d, lost);

    if (!rc)
        rc = make_last(d);
    return rc ? fail(d, rc, "note that API keys were lost", e) : ERR_OK;
}

enum err_code db_key_put(struct db *d, const struct db_key *k, struct err *e)
{
    sqlite3_stmt *st = d->stmt[S_KEY_PUT];
    int rc = bind_text(d, S_KEY_PUT, 1, k->shown.id);

    if (!rc)
        rc = bind_text(d, S_KEY_PUT, 2, k->shown.name);
    if (!rc)
        rc = sqlite3_bind_int64(st, 3, k->shown.scopes);
    if (!rc)
        rc = sqlite3_bind_int64(st, 4, k->shown.created_unix_s);
    if (!rc)
        rc = sqlite3_bind_int64(st, 5, k->shown.used_unix_s);
    if (!rc)
        rc = sqlite3_bind_blob(st, 6, k->salt, sizeof(k->salt), SQLITE_STATIC);
    if (!rc)
        rc = sqlite3_bind_blob(st, 7, k->hash, sizeof(k->hash), SQLITE_STATIC);
    if (!rc)
        rc = run(d, S_KEY_PUT);
    if (!rc)
        rc = put_lost(d, false);
    if (!rc)
        rc = make_last(d);
    return rc ? fail(d, rc, "store an API key", e) : ERR_OK;
}

enum err_code db_key_delete(struct db *d, const char *id, struct err *e)
{
    int rc = bind_text(d, S_KEY_DELETE, 1, id);

    if (!rc)
        rc = run(d, S_KEY_DELETE);
    if (rc)
        return fail(d, rc, "delete an API key", e);
    if (sqlite3_changes(d->sq) == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no API key %s", id);
    rc = make_last(d);
    return rc ? fail(d, rc, "delete an API key", e) : ERR_OK;
}

enum err_code db_key_used(struct db *d, const char *id, int64_t unix_s, struct err *e)
{
    int rc = bind_text(d, S_KEY_USED, 1, id);

    if (!rc)
        rc = sqlite3_bind_int64(d->stmt[S_KEY_USED], 2, unix_s);
    if (!rc)
        rc = run(d, S_KEY_USED);
    return rc ? fail(d, rc, "note the use of an API key", e) : ERR_OK;
}
