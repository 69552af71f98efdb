/* The store: a thread that owns the database, and the loop's side of it.
 *
 * A call is one block of memory: what was asked, copied, and room for the answer. It goes to the
 * thread through one mailbox and comes back through another, which the loop watches. The keys
 * themselves are kept on the loop's side, so that a request's key is checked without any call; and
 * calls that change them are done before all that waits about responses, which may be large. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/file.h"
#include "os/mailbox.h"
#include "os/path.h"
#include "os/sys.h"
#include "os/thread.h"
#include "store/db_int.h"
#include "store/keys_int.h"

#define ROOM           "store"
#define USED_STEP_S    60 /* how finely the last use of a key is noted */
#define ASIDE_TRIES    100U
#define CHAIN_BLOCK    ((size_t)64 * 1024)
#define NAME_BYTES_MAX 256U /* of family and model */

enum call_kind {
    CALL_PUT,
    CALL_CHAIN,
    CALL_DELETE,
    CALL_KEY_PUT,
    CALL_KEY_DELETE,
    CALL_KEY_USED,
    CALL_KEYS_KNOWN, /* a new database need not be told any key: there are none */
    CALL_QUIT
};

struct call {
    struct msg msg; /* first */
    enum call_kind kind;
    size_t size; /* of this block */

    struct store_response put;
    char id[STORE_ID_BYTES];
    struct db_key key;
    char secret[64]; /* of a key that is being made, else "" */
    int64_t unix_s;

    store_done_fn done;
    store_chain_fn on_chain;
    store_key_fn on_key;
    void *arg;

    enum err_code rc;
    struct err err;
    struct arena arena;
    struct store_response *chain;
    uint32_t n_chain;
    bool was_reset; /* the database was damaged or gone, and was made anew */
};

struct store {
    struct loop *loop;
    struct loop_watch watch;
    struct mailbox in, out;
    struct thread thread;

    /* the loop's side */
    struct db_key keys[STORE_KEYS_MAX];
    uint32_t n_key, n_making;
    bool keys_lost, is_closing;
    uint32_t n_waiting;
    uint64_t waiting_bytes;

    /* the thread's side */
    struct db *db; /* NULL: it could not be made anew */
    char path[PATH_BYTES_MAX];
    double opened_s; /* clock_s() and the wall clock at opening: age does not follow later jumps */
    int64_t opened_unix_s;
};

/* ---- damage ---- */

static bool is_taken(const char *path)
{
    uint64_t size;

    return file_size(path, &size, NULL) != ERR_NOT_FOUND;
}

/* Renames the file with its log to NAME.damaged-DATE; aside gets the new path. */
static enum err_code set_aside(const char *path, char *aside, struct err *e)
{
    static const char *const tails[] = { "", "-wal", "-shm" };
    char from[PATH_BYTES_MAX + 8], to[PATH_BYTES_MAX + 8], date[32];
    time_t now = (time_t)clock_unix_s();
    struct tm tm = { 0 };

    (void)gmtime_r(&now, &tm);
    (void)strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &tm);
    for (unsigned i = 0; i < ASIDE_TRIES; i++) {
        int n = i ? snprintf(aside, PATH_BYTES_MAX, "%s.damaged-%s-%u", path, date, i + 1)
                  : snprintf(aside, PATH_BYTES_MAX, "%s.damaged-%s", path, date);

        if (n < 0 || (size_t)n >= PATH_BYTES_MAX)
            return err_set(e, ERR_LIMIT, "the store's path is too long");
        if (!is_taken(aside))
            break;
    }
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        (void)snprintf(from, sizeof(from), "%s%s", path, tails[i]);
        (void)snprintf(to, sizeof(to), "%s%s", aside, tails[i]);
        if (rename(from, to) != 0 && i == 0)
            return err_set(e, ERR_IO, "cannot set aside %s, which is damaged", path);
    }
    return ERR_OK;
}

/* Opens; a damaged file is set aside and a new one made. */
static enum err_code open_or_renew(struct db **out, const char *path, char *aside, struct err *e)
{
    bool is_damaged;
    enum err_code rc = db_open(out, path, &is_damaged, e);

    aside[0] = '\0';
    if (!rc || !is_damaged)
        return rc;
    rc = set_aside(path, aside, e);
    if (rc) {
        aside[0] = '\0';
        return rc;
    }
    return db_open(out, path, &is_damaged, e);
}

/* On the thread: after a call that met damage. */
static void renew(struct store *s)
{
    char aside[PATH_BYTES_MAX];
    struct err e = { 0 };
    bool is_damaged;

    db_close(s->db);
    s->db = NULL;
    if (set_aside(s->path, aside, &e) || db_open(&s->db, s->path, &is_damaged, &e) ||
        db_keys_lost_set(s->db, true, &e)) /* until the loop's side has told it the keys */
        log_error(ROOM, "%s", e.text);
    else
        log_warn(ROOM, "%s was damaged: it is now %s, and a new one was made", s->path, aside);
}

/* On the thread, before something is written: into the file that is in its place, perhaps anew. */
static void follow(struct store *s, struct call *c)
{
    char aside[PATH_BYTES_MAX];
    struct err e = { 0 };

    if (s->db && !db_has_moved(s->db))
        return;
    if (s->db)
        log_warn(ROOM, "%s has gone from its place", s->path);
    db_close(s->db);
    s->db = NULL;
    if (open_or_renew(&s->db, s->path, aside, &e) || db_keys_lost_set(s->db, true, &e))
        return; /* as in renew */
    c->was_reset = true;
    log_warn(ROOM, "%s was made anew", s->path);
}

/* ---- the thread ---- */

static int64_t age_clock(const struct store *s)
{
    return s->opened_unix_s + (int64_t)(clock_s() - s->opened_s);
}

static enum err_code work(struct store *s, struct call *c)
{
    struct err *e = &c->err;

    if (c->kind == CALL_PUT || c->kind == CALL_KEY_PUT)
        follow(s, c);
    if (!s->db)
        return err_set(e, ERR_IO, "the store %s is lost and could not be made anew", s->path);
    switch (c->kind) {
    case CALL_PUT:
        c->put.stored_unix_s = age_clock(s);
        return db_response_put(s->db, &c->put, age_clock(s), e);
    case CALL_CHAIN:
        return db_response_chain(s->db, c->id, &c->arena, &c->chain, &c->n_chain, e);
    case CALL_DELETE:
        return db_response_delete(s->db, c->id, e);
    case CALL_KEY_PUT:
        return db_key_put(s->db, &c->key, e);
    case CALL_KEY_DELETE:
        return db_key_delete(s->db, c->id, e);
    case CALL_KEY_USED:
        return db_key_used(s->db, c->id, c->unix_s, e);
    case CALL_KEYS_KNOWN:
        return db_keys_lost_set(s->db, false, e);
    case CALL_QUIT:
        break;
    }
    return ERR_OK;
}

static bool is_about_keys(const struct call *c)
{
    return c->kind >= CALL_KEY_PUT && c->kind <= CALL_KEYS_KNOWN;
}

/* The next of those that wait: about keys before others, else in their order. */
static struct call *next_call(struct msg **todo)
{
    struct msg **at = todo;
    struct msg *m;

    while (*at && !is_about_keys((struct call *)(void *)*at))
        at = &(*at)->next;
    if (!*at)
        at = todo;
    m = *at;
    *at = m->next;
    return (struct call *)(void *)m;
}

static void thread_main(void *arg)
{
    struct store *s = arg;
    struct msg *todo = NULL;
    struct call *c;

    for (;;) {
        struct msg **end = &todo;

        while (*end)
            end = &(*end)->next;
        *end = todo ? mailbox_take(&s->in) : mailbox_wait(&s->in, UINT32_MAX);
        if (!todo)
            continue;
        c = next_call(&todo);
        if (c->kind == CALL_QUIT) /* the last there is */
            return;
        c->rc = work(s, c);
        if (s->db && db_is_damaged(s->db)) {
            renew(s);
            c->was_reset = true;
        }
        CHECK(mailbox_post(&s->out, &c->msg)); /* it holds all that can be waiting */
    }
}

/* ---- the loop's side: calls ---- */

static void call_free(struct store *s, struct call *c)
{
    s->n_waiting--;
    s->waiting_bytes -= c->size;
    arena_finish(&c->arena);
    memset(c->secret, 0, sizeof(c->secret));
    mem_free(c);
}

/* A call with room for extra bytes behind it; counted. */
static enum err_code call_new(struct store *s, struct call **out, enum call_kind kind, size_t extra,
                              struct err *e)
{
    size_t size = sizeof(struct call) + extra;
    struct call *c;

    *out = NULL;
    if (s->n_waiting >= STORE_CALLS_MAX || s->waiting_bytes + size > STORE_WAITING_MAX)
        return err_set(e, ERR_LIMIT, "the store is busy: %u calls with %llu bytes wait",
                       s->n_waiting, (unsigned long long)s->waiting_bytes);
    c = mem_alloc(MEM_OTHER, size);
    if (!c)
        return err_set(e, ERR_OOM, "no memory for a call to the store");
    memset(c, 0, sizeof(*c));
    c->kind = kind;
    c->size = size;
    arena_init(&c->arena, MEM_OTHER, CHAIN_BLOCK, STORE_ANSWER_MAX);
    s->n_waiting++;
    s->waiting_bytes += size;
    *out = c;
    return ERR_OK;
}

/* Room for every counted call and CALL_QUIT: never full. */
static void call_send(struct store *s, struct call *c)
{
    CHECK(mailbox_post(&s->in, &c->msg));
}

static void save_again(struct store *s, enum call_kind kind, const struct db_key *k)
{
    struct call *c;
    struct err e;

    if (call_new(s, &c, kind, 0, &e)) {
        log_error(ROOM, "the API keys are not stored: %s", e.text);
        return;
    }
    if (k)
        c->key = *k;
    call_send(s, c);
}

/* The new database believes that keys were lost: tell it those in memory, or that there are none.
 */
static void save_keys_again(struct store *s)
{
    for (uint32_t i = 0; i < s->n_key; i++)
        save_again(s, CALL_KEY_PUT, &s->keys[i]);
    if (s->n_key == 0 && !s->keys_lost)
        save_again(s, CALL_KEYS_KNOWN, NULL);
}

static void key_made(struct store *s, struct call *c, const struct err *err)
{
    s->n_making--;
    if (!err) {
        s->keys[s->n_key++] = c->key;
        s->keys_lost = false;
    }
    if (c->on_key)
        c->on_key(c->arg, err ? NULL : c->secret, err ? NULL : &c->key.shown, err);
}

static void key_deleted(struct store *s, struct call *c, const struct err *err)
{
    if (err && err->code == ERR_NOT_FOUND) /* gone already: another process deleted it */
        err = NULL;
    if (err && s->n_key + s->n_making < STORE_KEYS_MAX)
        s->keys[s->n_key++] = c->key;
    if (c->on_key)
        c->on_key(c->arg, NULL, NULL, err);
}

static void deliver(struct store *s, struct call *c)
{
    const struct err *err = c->rc ? &c->err : NULL;

    if (c->was_reset && !s->is_closing)
        save_keys_again(s);
    if (c->secret[0])
        key_made(s, c, err);
    else if (c->kind == CALL_KEY_DELETE)
        key_deleted(s, c, err);
    else if (c->done)
        c->done(c->arg, err);
    else if (c->on_chain)
        c->on_chain(c->arg, c->chain, c->n_chain, err);
    else if (err)
        log_warn(ROOM, "%s", err->text);
}

static void on_answers(struct loop_watch *w, unsigned events)
{
    struct store *s = w->arg;
    struct msg *m = mailbox_take(&s->out);

    (void)events;
    while (m) {
        struct call *c = (struct call *)(void *)m;

        m = m->next;
        deliver(s, c);
        call_free(s, c);
    }
}

/* ---- opening and closing ---- */

/* From the damaged file into the new one, which believes that there were keys until it is known. */
static enum err_code take_over_keys(struct store *s, const char *aside, struct err *e)
{
    enum err_code rc = db_keys_lost_set(s->db, true, e);
    bool all = db_keys_salvage(aside, s->keys, &s->n_key);

    for (uint32_t i = 0; i < s->n_key && !rc; i++)
        rc = db_key_put(s->db, &s->keys[i], e);
    if (!rc && all && s->n_key == 0)
        rc = db_keys_lost_set(s->db, false, e);
    return rc;
}

/* aside: where the old file is, "" = there is none. */
static enum err_code start(struct store *s, const char *aside, struct err *e)
{
    enum err_code rc = mailbox_init(&s->in, STORE_CALLS_MAX + 1, e);

    if (!rc)
        rc = mailbox_init(&s->out, STORE_CALLS_MAX + 1, e);
    if (!rc)
        rc = loop_watch(s->loop, &s->watch, s->out.wake_fd, LOOP_IN, on_answers, s, e);
    if (!rc)
        rc = aside[0] ? take_over_keys(s, aside, e) : db_keys_read(s->db, s->keys, &s->n_key, e);
    if (!rc && s->n_key == 0)
        rc = db_keys_lost(s->db, &s->keys_lost, e);
    return rc ? rc : thread_start(&s->thread, "store", thread_main, s, e);
}

static void finish(struct store *s)
{
    loop_unwatch(s->loop, &s->watch);
    mailbox_finish(&s->in);
    mailbox_finish(&s->out);
    db_close(s->db);
    mem_free(s);
}

enum err_code store_open(struct store **out, const struct store_params *p, char *aside,
                         struct err *e)
{
    struct store *s = mem_alloc_zero(MEM_OTHER, sizeof(*s));
    char where[PATH_BYTES_MAX] = "";
    enum err_code rc = ERR_OK;

    *out = NULL;
    if (aside)
        aside[0] = '\0';
    if (!s)
        return err_set(e, ERR_OOM, "no memory for the store");
    s->loop = p->loop;
    s->in.wake_fd = s->out.wake_fd = -1;
    s->opened_s = clock_s();
    s->opened_unix_s = clock_unix_s();
    rc = path_join(s->path, "", p->path, e);
    if (!rc)
        rc = open_or_renew(&s->db, s->path, where, e);
    if (!rc)
        rc = start(s, where, e);
    if (rc) {
        finish(s);
        return rc;
    }
    if (aside)
        (void)snprintf(aside, PATH_BYTES_MAX, "%s", where);
    *out = s;
    return ERR_OK;
}

void store_close(struct store *s)
{
    struct call quit = { .kind = CALL_QUIT };
    struct msg *m;

    if (!s)
        return;
    s->is_closing = true;
    call_send(s, &quit);
    thread_join(&s->thread);
    m = mailbox_take(&s->out);
    while (m) {
        struct call *c = (struct call *)(void *)m;

        m = m->next;
        if (is_about_keys(c))
            deliver(s, c);
        call_free(s, c);
    }
    finish(s);
}

/* ---- responses ---- */

static enum err_code check_id(const char *id, bool may_be_empty, struct err *e)
{
    size_t len = strlen(id);

    if (len >= STORE_ID_BYTES || (len == 0 && !may_be_empty))
        return err_set(e, ERR_LIMIT, "a response's id has 1 to %u characters, this has %zu",
                       STORE_ID_BYTES - 1U, len);
    return ERR_OK;
}

/* Copies text into the block's tail. */
static const char *put_text(char **at, const char *text, size_t len)
{
    char *to = *at;

    memcpy(to, text, len);
    to[len] = '\0';
    *at += len + 1;
    return to;
}

enum err_code store_response_put(struct store *s, const struct store_response *r,
                                 store_done_fn done, void *arg, struct err *e)
{
    size_t n_family = strlen(r->family), n_model = strlen(r->model);
    enum err_code rc = check_id(r->id, false, e);
    struct call *c;
    char *at;

    if (!rc)
        rc = check_id(r->previous_id, true, e);
    if (rc)
        return rc;
    if (r->body_len > STORE_RESPONSE_MAX || n_family > NAME_BYTES_MAX || n_model > PATH_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "response %s has %zu bytes, at most %u can be stored", r->id,
                       r->body_len, STORE_RESPONSE_MAX);
    rc = call_new(s, &c, CALL_PUT,
                  2 * (size_t)STORE_ID_BYTES + n_family + n_model + r->body_len + 5, e);
    if (rc)
        return rc;
    at = (char *)(c + 1);
    c->put = *r;
    c->put.id = put_text(&at, r->id, strlen(r->id));
    c->put.previous_id = put_text(&at, r->previous_id, strlen(r->previous_id));
    c->put.family = put_text(&at, r->family, n_family);
    c->put.model = put_text(&at, r->model, n_model);
    c->put.body = put_text(&at, r->body, r->body_len);
    c->done = done;
    c->arg = arg;
    call_send(s, c);
    return ERR_OK;
}

/* The call about one response, or NULL with rc. */
static struct call *call_about(struct store *s, enum call_kind kind, const char *id, void *arg,
                               enum err_code *rc, struct err *e)
{
    struct call *c = NULL;

    *rc = check_id(id, false, e);
    if (!*rc)
        *rc = call_new(s, &c, kind, 0, e);
    if (*rc)
        return NULL;
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    c->arg = arg;
    return c;
}

enum err_code store_response_chain(struct store *s, const char *id, store_chain_fn done, void *arg,
                                   struct err *e)
{
    enum err_code rc;
    struct call *c = call_about(s, CALL_CHAIN, id, arg, &rc, e);

    if (c) {
        c->on_chain = done;
        call_send(s, c);
    }
    return rc;
}

enum err_code store_response_delete(struct store *s, const char *id, store_done_fn done, void *arg,
                                    struct err *e)
{
    enum err_code rc;
    struct call *c = call_about(s, CALL_DELETE, id, arg, &rc, e);

    if (c) {
        c->done = done;
        call_send(s, c);
    }
    return rc;
}

/* ---- keys ---- */

static uint32_t find_key(const struct store *s, const char *id)
{
    uint32_t i = 0;

    while (i < s->n_key && strncmp(s->keys[i].shown.id, id, KEY_ID_CHARS) != 0)
        i++;
    return i;
}

enum err_code store_key_create(struct store *s, const char *name, unsigned scopes,
                               store_key_fn done, void *arg, struct err *e)
{
    enum err_code rc;
    struct call *c;

    if (strlen(name) >= STORE_KEY_NAME_BYTES || scopes == 0 || (scopes & ~KEY_SCOPES_ALL))
        return err_set(e, ERR_ARG, "an API key has a name of at most %u bytes and known scopes",
                       STORE_KEY_NAME_BYTES - 1U);
    if (s->n_key + s->n_making >= STORE_KEYS_MAX)
        return err_set(e, ERR_LIMIT, "there are %u API keys already: delete one", STORE_KEYS_MAX);
    rc = call_new(s, &c, CALL_KEY_PUT, 0, e);
    if (rc)
        return rc;
    do {
        rc = key_make(&c->key, c->secret, name, scopes, e);
    } while (!rc && find_key(s, c->key.shown.id) < s->n_key);
    if (rc) {
        call_free(s, c);
        return rc;
    }
    c->on_key = done;
    c->arg = arg;
    s->n_making++;
    call_send(s, c);
    return ERR_OK;
}

enum err_code store_key_delete(struct store *s, const char *id, store_key_fn done, void *arg,
                               struct err *e)
{
    uint32_t i = strlen(id) == KEY_ID_CHARS ? find_key(s, id) : s->n_key;
    enum err_code rc;
    struct call *c;

    if (i == s->n_key)
        return err_set(e, ERR_NOT_FOUND, "there is no API key %.16s", id);
    rc = call_new(s, &c, CALL_KEY_DELETE, 0, e);
    if (rc)
        return rc;
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    c->key = s->keys[i];
    c->on_key = done;
    c->arg = arg;
    memmove(&s->keys[i], &s->keys[i + 1], (s->n_key - i - 1) * sizeof(s->keys[0]));
    s->n_key--;
    call_send(s, c);
    return ERR_OK;
}

bool store_keys_lost(const struct store *s)
{
    return s->keys_lost;
}

uint32_t store_n_key(const struct store *s)
{
    return s->n_key;
}

void store_key_at(const struct store *s, uint32_t i, struct store_key *out)
{
    CHECK(i < s->n_key);
    *out = s->keys[i].shown;
}

/* Notes the use, now and then; it is no matter when that fails. */
static void note_use(struct store *s, struct db_key *k)
{
    int64_t now = clock_unix_s();
    struct call *c;

    if (now - k->shown.used_unix_s < USED_STEP_S && now >= k->shown.used_unix_s)
        return;
    k->shown.used_unix_s = now;
    if (call_new(s, &c, CALL_KEY_USED, 0, NULL))
        return;
    (void)snprintf(c->id, sizeof(c->id), "%s", k->shown.id);
    c->unix_s = now;
    call_send(s, c);
}

unsigned store_key_check(struct store *s, const char *secret, size_t len, char id[9])
{
    const char *key_id, *key_secret;
    uint32_t i;

    id[0] = '\0';
    if (!key_parts(secret, len, &key_id, &key_secret))
        return 0;
    i = find_key(s, key_id);
    if (i == s->n_key || !key_matches(&s->keys[i], key_secret))
        return 0;
    note_use(s, &s->keys[i]);
    (void)snprintf(id, 9, "%s", s->keys[i].shown.id);
    return s->keys[i].shown.scopes;
}
