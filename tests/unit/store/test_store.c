/* Proves: responses and their chains survive, leave in order, and never silently; keys are checked
 * by their hashes; and neither damage nor a full disk loses more than it must. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sys.h"
#include "store/db_int.h"
#include "store/store.h"

#define SEEN_MAX   2048U
#define DAMAGE_MAX 3000000U

struct rig {
    char folder[64], path[96], aside[4096];
    struct loop *loop;
    struct store *store;
    uint32_t n_open; /* callbacks that are still to come */
    enum err_code code[SEEN_MAX];
    uint32_t n_seen;
    char text[ERR_TEXT_BYTES];
    char ids[STORE_CHAIN_MAX][STORE_ID_BYTES];
    char first_body[64], last_model[64];
    uint32_t n_chain;
};

static int make_rig(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));

    (void)snprintf(r->folder, sizeof(r->folder), "/tmp/hearth-store-XXXXXX");
    if (!mkdtemp(r->folder) || loop_open(&r->loop, NULL))
        return -1;
    (void)snprintf(r->path, sizeof(r->path), "%s/hearth.db", r->folder);
    *state = r;
    return 0;
}

static uint32_t count_files(const struct rig *r, const char *part, bool removes)
{
    DIR *dir = opendir(r->folder);
    struct dirent *entry;
    uint32_t n = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[400];

        if (entry->d_name[0] == '.' || !strstr(entry->d_name, part))
            continue;
        n++;
        (void)snprintf(path, sizeof(path), "%s/%s", r->folder, entry->d_name);
        if (removes)
            (void)remove(path);
    }
    (void)closedir(dir);
    return n;
}

static int drop_rig(void **state)
{
    struct rig *r = *state;

    store_close(r->store);
    loop_close(r->loop);
    (void)count_files(r, "", true);
    (void)rmdir(r->folder);
    free(r);
    return 0;
}

static void open_store(struct rig *r)
{
    const struct store_params p = { .loop = r->loop, .path = r->path };
    struct err e = { 0 };

    if (store_open(&r->store, &p, r->aside, &e))
        fail_msg("%s", e.text);
}

static void close_store(struct rig *r)
{
    store_close(r->store);
    r->store = NULL;
}

static void note(struct rig *r, const struct err *err)
{
    assert_true(r->n_seen < SEEN_MAX);
    r->code[r->n_seen++] = err ? err->code : ERR_OK;
    (void)snprintf(r->text, sizeof(r->text), "%s", err ? err->text : "");
    if (--r->n_open == 0)
        loop_stop(r->loop);
}

static void on_done(void *arg, const struct err *err)
{
    note(arg, err);
}

static void on_chain(void *arg, const struct store_response *chain, uint32_t n,
                     const struct err *err)
{
    struct rig *r = arg;

    assert_true(err ? n == 0 : n > 0);
    r->n_chain = n;
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(r->ids[i], STORE_ID_BYTES, "%s", chain[i].id);
        assert_int_equal(strlen(chain[i].body), chain[i].body_len);
    }
    if (n > 0) {
        (void)snprintf(r->first_body, sizeof(r->first_body), "%s", chain[0].body);
        (void)snprintf(r->last_model, sizeof(r->last_model), "%s", chain[n - 1].model);
        assert_string_equal(chain[0].family, "openai");
    }
    note(r, err);
}

static void finish_calls(struct rig *r)
{
    if (r->n_open > 0)
        assert_int_equal(loop_run(r->loop, NULL), ERR_OK);
}

static enum err_code put(struct rig *r, const char *id, const char *previous, const char *body,
                         size_t len)
{
    const struct store_response resp = { .id = id,
                                         .previous_id = previous,
                                         .family = "openai",
                                         .model = "a/b",
                                         .body = body,
                                         .body_len = len,
                                         .stored_unix_s = 1 }; /* set by the store; else too old */
    enum err_code rc = store_response_put(r->store, &resp, on_done, r, NULL);

    r->n_open += rc == ERR_OK;
    return rc;
}

/* Puts and waits; the outcome. */
static enum err_code put_now(struct rig *r, const char *id, const char *previous, const char *body)
{
    assert_int_equal(put(r, id, previous, body, strlen(body)), ERR_OK);
    finish_calls(r);
    return r->code[r->n_seen - 1];
}

static enum err_code chain_now(struct rig *r, const char *id)
{
    assert_int_equal(store_response_chain(r->store, id, on_chain, r, NULL), ERR_OK);
    r->n_open++;
    finish_calls(r);
    return r->code[r->n_seen - 1];
}

static enum err_code delete_now(struct rig *r, const char *id)
{
    assert_int_equal(store_response_delete(r->store, id, on_done, r, NULL), ERR_OK);
    r->n_open++;
    finish_calls(r);
    return r->code[r->n_seen - 1];
}

/* Proves: a chain comes back oldest first, also after the store was closed; ids are replaced and
 * deleted; a chain with a hole is an error that names it. The file is private. */
static void chains_survive(void **state)
{
    struct rig *r = *state;
    struct stat st;

    open_store(r);
    assert_string_equal(r->aside, "");
    assert_int_equal(put_now(r, "resp_1", "", "{\"n\":1}"), ERR_OK);
    assert_int_equal(put_now(r, "resp_2", "resp_1", "{\"n\":2}"), ERR_OK);
    assert_int_equal(put_now(r, "resp_3", "resp_2", "{\"n\":3}"), ERR_OK);
    close_store(r);
    assert_int_equal(stat(r->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    open_store(r);
    assert_string_equal(r->aside, "");
    assert_int_equal(chain_now(r, "resp_3"), ERR_OK);
    assert_int_equal(r->n_chain, 3);
    assert_string_equal(r->ids[0], "resp_1");
    assert_string_equal(r->ids[2], "resp_3");
    assert_string_equal(r->first_body, "{\"n\":1}");
    assert_string_equal(r->last_model, "a/b");
    assert_int_equal(put_now(r, "resp_1", "", "new"), ERR_OK);
    assert_int_equal(chain_now(r, "resp_2"), ERR_OK);
    assert_int_equal(r->n_chain, 2);
    assert_string_equal(r->first_body, "new");
    assert_int_equal(chain_now(r, "resp_9"), ERR_NOT_FOUND);
    assert_int_equal(delete_now(r, "resp_1"), ERR_OK);
    assert_int_equal(delete_now(r, "resp_1"), ERR_NOT_FOUND);
    assert_int_equal(chain_now(r, "resp_3"), ERR_NOT_FOUND);
    assert_non_null(strstr(r->text, "resp_1"));
}

/* Proves: answers come in the order of the calls, and calls that nobody waits for are still done
 * when the store closes. */
static void answers_in_order(void **state)
{
    struct rig *r = *state;
    char id[16];

    open_store(r);
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(id, sizeof(id), "r%u", i);
        assert_int_equal(put(r, id, "", "x", 1), ERR_OK);
        assert_int_equal(store_response_chain(r->store, i % 2 ? id : "none", on_chain, r, NULL),
                         ERR_OK);
        r->n_open++;
    }
    finish_calls(r);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(r->code[2 * i], ERR_OK);
        assert_int_equal(r->code[2 * i + 1], i % 2 ? ERR_OK : ERR_NOT_FOUND);
    }
    assert_int_equal(put(r, "last", "", "x", 1), ERR_OK);
    close_store(r);
    r->n_open = 0;
    open_store(r);
    assert_int_equal(chain_now(r, "last"), ERR_OK);
}

/* Proves: long chains up to the limit come whole, beyond it they are refused; a response that names
 * itself as its own ancestor ends too. */
static void long_and_round_chains(void **state)
{
    struct rig *r = *state;
    char id[16] = "", previous[16] = "";

    open_store(r);
    for (unsigned i = 0; i <= STORE_CHAIN_MAX; i++) {
        (void)snprintf(id, sizeof(id), "r%u", i);
        assert_int_equal(put(r, id, previous, "{}", 2), ERR_OK);
        if (i == STORE_CHAIN_MAX - 1) {
            assert_int_equal(chain_now(r, id), ERR_OK);
            assert_int_equal(r->n_chain, STORE_CHAIN_MAX);
            assert_string_equal(r->ids[0], "r0");
            assert_string_equal(r->ids[STORE_CHAIN_MAX - 1], id);
        }
        memcpy(previous, id, sizeof(id));
    }
    assert_int_equal(chain_now(r, id), ERR_LIMIT);
    assert_int_equal(put_now(r, "self", "self", "{}"), ERR_OK);
    assert_int_equal(chain_now(r, "self"), ERR_LIMIT);
}

/* Proves: the oldest leave when there are too many, and what is past its age. */
static void old_ones_leave(void **state)
{
    const int64_t now = clock_unix_s();
    struct db *db;
    struct arena a;
    bool is_damaged;

    (void)state;
    assert_int_equal(db_open(&db, ":memory:", &is_damaged, NULL), ERR_OK);
    /* the last ones replace: they push nobody out */
    for (uint32_t i = 0; i < STORE_RESPONSES_MAX + 20 + 5; i++) {
        char id[16];
        struct store_response resp = { .id = id,
                                       .previous_id = "",
                                       .family = "openai",
                                       .model = "m",
                                       .body = "x",
                                       .body_len = 1,
                                       .stored_unix_s = now - 1000 };

        (void)snprintf(id, sizeof(id), "r%u",
                       i < STORE_RESPONSES_MAX + 20 ? i : STORE_RESPONSES_MAX);
        assert_int_equal(db_response_put(db, &resp, now, NULL), ERR_OK);
    }
    for (uint32_t i = 0; i < 40; i++) {
        struct store_response *rows;
        uint32_t n;
        char id[16];

        arena_init(&a, MEM_OTHER, 65536, 1U << 20);
        (void)snprintf(id, sizeof(id), "r%u", i);
        assert_int_equal(db_response_chain(db, id, &a, &rows, &n, NULL),
                         i < 20 ? ERR_NOT_FOUND : ERR_OK);
        arena_finish(&a);
    }
    {
        struct store_response resp = { .id = "late",
                                       .previous_id = "",
                                       .family = "openai",
                                       .model = "m",
                                       .body = "x",
                                       .body_len = 1,
                                       .stored_unix_s = now + STORE_AGE_MAX_S };

        assert_int_equal(db_response_put(db, &resp, now + STORE_AGE_MAX_S, NULL), ERR_OK);
    }
    assert_int_equal(db_response_delete(db, "r50", NULL), ERR_NOT_FOUND);
    assert_int_equal(db_response_delete(db, "late", NULL), ERR_OK);
    db_close(db);
}

/* Proves: what is too long, and more calls than can wait, are refused at once. */
static void refused_at_once(void **state)
{
    struct rig *r = *state;
    char long_id[STORE_ID_BYTES + 1];
    enum err_code rc = ERR_OK;
    uint32_t n = 0;
    char *big;

    open_store(r);
    memset(long_id, 'a', STORE_ID_BYTES);
    long_id[STORE_ID_BYTES] = '\0';
    assert_int_equal(put(r, long_id, "", "x", 1), ERR_LIMIT);
    assert_int_equal(put(r, "", "", "x", 1), ERR_LIMIT);
    assert_int_equal(put(r, "a", long_id, "x", 1), ERR_LIMIT);
    assert_int_equal(store_response_chain(r->store, long_id, on_chain, r, NULL), ERR_LIMIT);
    big = calloc(1, (size_t)STORE_RESPONSE_MAX + 2);
    assert_non_null(big);
    assert_int_equal(put(r, "a", "", big, (size_t)STORE_RESPONSE_MAX + 1), ERR_LIMIT);
    while (n < 10 && (rc = put(r, "a", "", big, STORE_RESPONSE_MAX)) == ERR_OK)
        n++;
    assert_int_equal(rc, ERR_LIMIT);
    assert_true(n > 0 && n < 10);
    finish_calls(r);
    free(big);
}

/* ---- keys ---- */

struct made {
    struct rig *r;
    char *secret;
    struct store_key *key;
    bool stops; /* the loop */
};

static void on_key(void *arg, const char *secret, const struct store_key *key,
                   const struct err *err)
{
    const struct made *m = arg;

    if (m->secret && secret)
        (void)snprintf(m->secret, 64, "%s", secret);
    if (m->key && key)
        *m->key = *key;
    assert_true((secret == NULL) == (key == NULL));
    note(m->r, err);
    if (m->stops)
        loop_stop(m->r->loop);
}

/* Makes a key and waits; the outcome. */
static enum err_code make_key(struct rig *r, const char *name, unsigned scopes, char secret[64],
                              struct store_key *key)
{
    struct made m = { r, secret, key, false };
    enum err_code rc = store_key_create(r->store, name, scopes, on_key, &m, NULL);

    if (rc)
        return rc;
    r->n_seen = 0;
    r->n_open++;
    finish_calls(r);
    return r->code[r->n_seen - 1];
}

static enum err_code drop_key(struct rig *r, const char *id)
{
    struct made m = { .r = r };
    enum err_code rc = store_key_delete(r->store, id, on_key, &m, NULL);

    if (rc)
        return rc;
    r->n_open++;
    finish_calls(r);
    return r->code[r->n_seen - 1];
}

/* Proves: a key's text has its form, gives its scopes and no others', survives reopening, and is
 * nobody's when anything in it is changed or it was deleted. The file holds no secret. */
static void keys_are_checked(void **state)
{
    struct rig *r = *state;
    char one[64], two[64], id[9], wrong[64];
    struct store_key k, k2;
    struct buf file;

    open_store(r);
    assert_int_equal(make_key(r, "laptop", KEY_INFERENCE | KEY_MODELS_READ, one, &k), ERR_OK);
    assert_int_equal(make_key(r, "all", KEY_SCOPES_ALL, two, &k2), ERR_OK);
    assert_int_equal(strlen(one), 35);
    assert_memory_equal(one, "sk-lm-", 6);
    assert_memory_equal(one + 6, k.id, 8);
    assert_int_equal(one[14], ':');
    for (unsigned pass = 0; pass < 2; pass++) {
        assert_int_equal(store_n_key(r->store), 2);
        assert_int_equal(store_key_check(r->store, one, 35, id), KEY_INFERENCE | KEY_MODELS_READ);
        assert_string_equal(id, k.id);
        assert_int_equal(store_key_check(r->store, two, 35, id), KEY_SCOPES_ALL);
        for (size_t i = 0; i < 35; i++) {
            memcpy(wrong, one, sizeof(one));
            wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
            assert_int_equal(store_key_check(r->store, wrong, 35, id), 0);
            assert_int_equal(store_key_check(r->store, one, i, id), 0);
        }
        memcpy(wrong, one, sizeof(one)); /* one's id, two's secret */
        memcpy(wrong + 15, two + 15, 20);
        assert_int_equal(store_key_check(r->store, wrong, 35, id), 0);
        close_store(r);
        open_store(r);
    }
    store_key_at(r->store, 0, &k2);
    assert_string_equal(k2.name, "laptop");
    assert_true(k2.used_unix_s > 0);
    assert_int_equal(drop_key(r, k.id), ERR_OK);
    assert_int_equal(drop_key(r, k.id), ERR_NOT_FOUND);
    assert_int_equal(drop_key(r, ""), ERR_NOT_FOUND);
    assert_int_equal(store_key_check(r->store, one, 35, id), 0);
    close_store(r);
    open_store(r);
    assert_int_equal(store_n_key(r->store), 1);
    close_store(r);
    buf_init(&file, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&file, r->path, NULL), ERR_OK);
    assert_null(memmem(file.data, file.len, two + 15, 20));
    assert_non_null(memmem(file.data, file.len, two + 6, 8));
    buf_finish(&file);
}

/* Proves: bad names and scopes and too many keys are refused; scopes have names. */
static void key_limits(void **state)
{
    struct rig *r = *state;
    char secret[64] = "", long_name[STORE_KEY_NAME_BYTES + 1];
    struct store_key k;

    (void)snprintf(r->path, sizeof(r->path), ":memory:");
    open_store(r);
    memset(long_name, 'n', STORE_KEY_NAME_BYTES);
    long_name[STORE_KEY_NAME_BYTES] = '\0';
    assert_int_equal(make_key(r, long_name, 1, secret, &k), ERR_ARG);
    assert_int_equal(make_key(r, "x", 0, secret, &k), ERR_ARG);
    assert_int_equal(make_key(r, "x", 64, secret, &k), ERR_ARG);
    assert_string_equal(secret, "");
    for (unsigned i = 0; i < STORE_KEYS_MAX; i++)
        assert_int_equal(make_key(r, "x", 1, secret, NULL), ERR_OK);
    assert_int_equal(make_key(r, "x", 1, secret, NULL), ERR_LIMIT);
    for (unsigned one = 1; one <= KEY_ADMIN; one <<= 1) {
        const char *name = key_scope_name(one);

        assert_int_equal(key_scope_named(name, strlen(name)), one);
        assert_int_equal(key_scope_named(name, strlen(name) - 1), 0);
    }
    assert_null(key_scope_name(3));
    assert_null(key_scope_name(64));
}

/* Proves: checking keys, and making and deleting them, waits for no response that is being stored:
 * the calls return at once, and are done before what waits. */
static void keys_overtake(void **state)
{
    struct rig *r = *state;
    char secret[64] = "", id[9], *body = malloc(DAMAGE_MAX + 1);
    struct made gone = { .r = r }, made = { r, secret, NULL, true };
    struct store_key k;

    assert_non_null(body);
    memset(body, 'b', DAMAGE_MAX);
    body[DAMAGE_MAX] = '\0';
    open_store(r);
    assert_int_equal(make_key(r, "old", 1, secret, &k), ERR_OK);
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(r->ids[0], STORE_ID_BYTES, "r%u", i);
        assert_int_equal(put(r, r->ids[0], "", body, DAMAGE_MAX), ERR_OK);
    }
    assert_int_equal(store_key_check(r->store, secret, 35, id), 1);
    assert_int_equal(store_key_delete(r->store, k.id, on_key, &gone, NULL), ERR_OK);
    r->n_open++;
    assert_int_equal(store_key_check(r->store, secret, 35, id), 0); /* at once */
    secret[0] = '\0';
    assert_int_equal(store_key_create(r->store, "new", 2, on_key, &made, NULL), ERR_OK);
    r->n_open++;
    r->n_seen = 0;
    assert_int_equal(loop_run(r->loop, NULL), ERR_OK); /* until the key is there */
    assert_true(r->n_seen < 22);
    assert_int_equal(store_key_check(r->store, secret, 35, id), 2);
    finish_calls(r);
    assert_int_equal(r->n_seen, 22);
    for (uint32_t i = 0; i < 22; i++)
        assert_int_equal(r->code[i], ERR_OK);
    free(body);
}

/* ---- damage ---- */

static void overwrite(const struct rig *r, const void *data, size_t len)
{
    FILE *f = fopen(r->path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    (void)fclose(f);
}

/* Proves: random bytes, other programs' databases and cut-off files are set aside whole, with
 * their logs, and a new store works; an empty file simply becomes one. */
static void damaged_files_are_set_aside(void **state)
{
    static unsigned char noise[20000];
    struct rig *r = *state;
    struct buf whole;

    open_store(r);
    for (unsigned i = 0; i < 50; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "r%u", i);
        assert_int_equal(put_now(r, id, "", "some text that fills pages of the file"), ERR_OK);
    }
    close_store(r);
    buf_init(&whole, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&whole, r->path, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (unsigned char)(i * 7919 >> 3);
    for (unsigned kind = 0; kind < 5; kind++) {
        if (kind == 0)
            overwrite(r, noise, sizeof(noise));
        else if (kind == 1)
            overwrite(r, whole.data, whole.len / 2);
        else if (kind == 2)
            overwrite(r, whole.data, 100); /* the head alone */
        else if (kind == 3) {              /* the version of another program */
            whole.data[60 + 3] = 9;
            whole.data[68] = 'X';
            overwrite(r, whole.data, whole.len);
            whole.data[60 + 3] = 1;
            whole.data[68] = 'H';
        } else { /* damage within the pages */
            memset(whole.data + 4096 + 100, 0x55, whole.len - 4096 - 100);
            overwrite(r, whole.data, whole.len);
        }
        open_store(r);
        assert_non_null(strstr(r->aside, "hearth.db.damaged-"));
        assert_true(file_exists(r->aside));
        assert_int_equal(put_now(r, "after", "", "x"), ERR_OK);
        assert_int_equal(chain_now(r, "after"), ERR_OK);
        assert_int_equal(chain_now(r, "r1"), ERR_NOT_FOUND);
        close_store(r);
        assert_true(count_files(r, "", true) >= 2);
    }
    overwrite(r, "", 0);
    open_store(r);
    assert_string_equal(r->aside, "");
    assert_int_equal(put_now(r, "after", "", "x"), ERR_OK);
    buf_finish(&whole);
}

/* Proves: a folder in the file's place, and a file of a newer version, are errors; nothing is
 * moved.
 */
static void not_ours_to_move(void **state)
{
    struct rig *r = *state;
    const struct store_params p = { .loop = r->loop, .path = r->path };
    struct err e = { 0 };
    FILE *f;

    assert_int_equal(mkdir(r->path, 0700), 0);
    assert_int_equal(store_open(&r->store, &p, r->aside, &e), ERR_IO);
    assert_null(r->store);
    assert_int_equal(count_files(r, "damaged", false), 0);
    assert_int_equal(rmdir(r->path), 0);
    open_store(r);
    close_store(r);
    f = fopen(r->path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 60 + 3, SEEK_SET), 0); /* user_version, big-endian */
    assert_int_equal(fputc(2, f), 2);
    (void)fclose(f);
    assert_int_equal(store_open(&r->store, &p, r->aside, &e), ERR_UNSUPPORTED);
    assert_int_equal(count_files(r, "damaged", false), 0);
}

/* Proves: keys are read from a file that is damaged elsewhere: it opens no doors. */
static void keys_outlive_damage(void **state)
{
    struct rig *r = *state;
    char secret[64], id[9];
    struct buf whole;

    open_store(r);
    assert_int_equal(make_key(r, "k", 1, secret, NULL), ERR_OK);
    for (unsigned i = 0; i < 200; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "r%u", i);
        assert_int_equal(put_now(r, name, "", "some text that fills pages of the file"), ERR_OK);
    }
    close_store(r);
    buf_init(&whole, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&whole, r->path, NULL), ERR_OK);
    memset(whole.data + whole.len - 4096, 0x55, 4096); /* a page of responses */
    overwrite(r, whole.data, whole.len);
    buf_finish(&whole);
    open_store(r);
    assert_true(r->aside[0]);
    assert_int_equal(store_key_check(r->store, secret, 35, id), 1);
    close_store(r);
    open_store(r);
    assert_int_equal(store_key_check(r->store, secret, 35, id), 1);
}

/* Proves: when a damaged file does not tell its keys, that is known, also after further starts,
 * until a key is made; a damaged file that tells that it had none is no matter. */
static void lost_keys_stay_lost(void **state)
{
    struct rig *r = *state;
    char secret[64];
    struct store_key k;
    struct buf whole;

    open_store(r);
    assert_false(store_keys_lost(r->store));
    close_store(r);
    overwrite(r, "no database at all, but some bytes", 34);
    for (unsigned pass = 0; pass < 3; pass++) {
        open_store(r);
        assert_true((r->aside[0] != '\0') == (pass == 0));
        assert_true(store_keys_lost(r->store));
        close_store(r);
    }
    open_store(r);
    assert_int_equal(make_key(r, "k", 1, secret, &k), ERR_OK);
    assert_false(store_keys_lost(r->store));
    assert_int_equal(drop_key(r, k.id), ERR_OK);
    assert_false(store_keys_lost(r->store));
    for (unsigned i = 0; i < 200; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "r%u", i);
        assert_int_equal(put_now(r, name, "", "some text that fills pages of the file"), ERR_OK);
    }
    close_store(r);
    buf_init(&whole, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&whole, r->path, NULL), ERR_OK);
    memset(whole.data + whole.len - 4096, 0x55, 4096); /* a page of responses */
    overwrite(r, whole.data, whole.len);
    buf_finish(&whole);
    open_store(r);
    assert_true(r->aside[0]);
    assert_false(store_keys_lost(r->store));
}

/* Proves: damage met while running changes nothing about what is known of keys: lost ones stay so,
 * and where there were none there are none. */
static void lost_while_running(void **state)
{
    struct rig *r = *state;
    char *body = malloc(DAMAGE_MAX + 1);

    assert_non_null(body);
    memset(body, 'b', DAMAGE_MAX);
    body[DAMAGE_MAX] = '\0';
    for (unsigned pass = 0; pass < 2; pass++) {
        struct buf whole;

        if (pass)
            overwrite(r, "no database at all, but some bytes", 34);
        open_store(r);
        assert_int_equal(put_now(r, "other", "", body), ERR_OK); /* too large to be checked whole */
        assert_int_equal(put_now(r, "big", "", body), ERR_OK);
        close_store(r);
        buf_init(&whole, MEM_OTHER, 1U << 24);
        assert_int_equal(file_read(&whole, r->path, NULL), ERR_OK);
        memset(whole.data + whole.len / 2, 0x55, whole.len / 4);
        overwrite(r, whole.data, whole.len);
        buf_finish(&whole);
        open_store(r);
        assert_true(store_keys_lost(r->store) == (pass == 1));
        assert_string_equal(r->aside, "");
        assert_int_equal(delete_now(r, "big"), ERR_IO);
        assert_int_equal(put_now(r, "after", "", "x"), ERR_OK);
        close_store(r);
        open_store(r);
        assert_true(store_keys_lost(r->store) == (pass == 1));
        assert_string_equal(r->aside, "");
        close_store(r);
        (void)count_files(r, "", true);
    }
    free(body);
}

/* Proves: damage met while running costs the call that met it; the file is set aside, the next call
 * works in a new one, and keys stay. */
static void damage_while_running(void **state)
{
    struct rig *r = *state;
    char secret[64], id[9], *body = malloc(DAMAGE_MAX + 1);
    struct buf whole;

    assert_non_null(body);
    memset(body, 'b', DAMAGE_MAX);
    body[DAMAGE_MAX] = '\0';
    open_store(r);
    assert_int_equal(make_key(r, "k", 1, secret, NULL), ERR_OK);
    assert_int_equal(put_now(r, "big1", "", body), ERR_OK);
    assert_int_equal(put_now(r, "big2", "", body), ERR_OK);
    close_store(r);
    buf_init(&whole, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&whole, r->path, NULL), ERR_OK);
    memset(whole.data + whole.len / 2, 0x55, whole.len / 4); /* long texts are chains of pages */
    overwrite(r, whole.data, whole.len);
    buf_finish(&whole);
    open_store(r);
    assert_string_equal(r->aside, "");
    assert_int_equal(delete_now(r, "big2"), ERR_IO);
    assert_int_equal(count_files(r, "damaged", false) > 0, 1);
    assert_int_equal(put_now(r, "after", "", "x"), ERR_OK);
    assert_int_equal(chain_now(r, "after"), ERR_OK);
    close_store(r);
    open_store(r);
    assert_int_equal(store_key_check(r->store, secret, 35, id), 1);
    free(body);
}

/* Proves: when the file is removed, or its folder, nothing is said to be stored that is not; once
 * there is a folder again it is, and keys are written anew. */
static void gone_while_running(void **state)
{
    struct rig *r = *state;
    char secret[64], id[9], away[sizeof(r->folder) + 8];

    open_store(r);
    assert_int_equal(make_key(r, "k", 1, secret, NULL), ERR_OK);
    assert_int_equal(put_now(r, "a", "", "x"), ERR_OK);
    assert_int_equal(remove(r->path), 0);
    assert_int_equal(put_now(r, "b", "", "x"), ERR_OK);
    assert_int_equal(chain_now(r, "b"), ERR_OK);
    assert_int_equal(chain_now(r, "a"), ERR_NOT_FOUND);
    (void)snprintf(away, sizeof(away), "%s.away", r->folder);
    assert_int_equal(rename(r->folder, away), 0);
    assert_int_equal(put_now(r, "c", "", "x"), ERR_IO);
    assert_int_equal(chain_now(r, "b"), ERR_IO);
    assert_int_equal(rename(away, r->folder), 0);
    assert_int_equal(put_now(r, "d", "", "x"), ERR_OK);
    close_store(r);
    open_store(r);
    assert_int_equal(chain_now(r, "d"), ERR_OK);
    assert_int_equal(store_key_check(r->store, secret, 35, id), 1);
}

/* Proves: a disk that takes no more is an error of the call; what was stored is there, and storing
 * goes on once there is room. A limit on file sizes stands for the disk's. */
static void full_disk(void **state)
{
    struct rig *r = *state;
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    char *body = malloc(DAMAGE_MAX + 1);
    struct rlimit old, limit;

    assert_non_null(body);
    memset(body, 'b', DAMAGE_MAX);
    body[DAMAGE_MAX] = '\0';
    open_store(r);
    assert_int_equal(put_now(r, "one", "", "x"), ERR_OK);
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = (struct rlimit){ 1U << 20, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(put_now(r, "big", "one", body), ERR_IO);
        assert_int_equal(chain_now(r, "one"), ERR_OK);
        assert_int_equal(chain_now(r, "big"), ERR_NOT_FOUND);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
    assert_int_equal(put_now(r, "big", "one", body), ERR_OK);
    close_store(r);
    open_store(r);
    assert_string_equal(r->aside, "");
    assert_int_equal(chain_now(r, "big"), ERR_OK);
    assert_int_equal(r->n_chain, 2);
    free(body);
}

/* Proves: whichever allocation of ours fails, calls end with an error at once or later, and nothing
 * leaks. */
static void short_of_memory(void **state)
{
    struct rig *r = *state;
    const struct store_params p = { .loop = r->loop, .path = ":memory:" };
    size_t before = mem_in_use(MEM_OTHER);
    bool all = false;

    for (uint64_t n = 1; n < 100 && !all; n++) {
        char secret[64];
        enum err_code rc;

        (void)mem_fail_at(n, 1);
        rc = store_open(&r->store, &p, NULL, NULL);
        if (!rc && !put(r, "a", "", "x", 1) &&
            !store_response_chain(r->store, "a", on_chain, r, NULL)) {
            r->n_open++;
            finish_calls(r);
            rc = make_key(r, "k", 1, secret, NULL);
        }
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        finish_calls(r);
        all = mem_fail_at(0, 0) < n;
        close_store(r);
        assert_int_equal(mem_in_use(MEM_OTHER), before);
    }
    assert_true(all);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_rig, drop_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chains_survive),
        TEST(answers_in_order),
        TEST(long_and_round_chains),
        TEST(old_ones_leave),
        TEST(refused_at_once),
        TEST(keys_are_checked),
        TEST(key_limits),
        TEST(damaged_files_are_set_aside),
        TEST(not_ours_to_move),
        TEST(keys_outlive_damage),
        TEST(damage_while_running),
        TEST(gone_while_running),
        TEST(full_disk),
        TEST(keys_overtake),
        TEST(lost_keys_stay_lost),
        TEST(lost_while_running),
        TEST(short_of_memory),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
